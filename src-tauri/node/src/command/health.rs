//! Whether the library is as it should be, and mending what can be mended.

use std::sync::Arc;

use clap::Args;
use library::{Clock, Diagnosis, Problem, Verification, Verify, rfc3339};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::backup::{Backup, BackupPlace};
use super::import::ImportFailure;
use super::{Command, Outcome, counted};
use crate::config::Config;
use crate::{Job, Node, NodeError};

/// How many findings are shown to a person.
const SHOWN: usize = 40;

/// Arguments of `verify`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct VerifyLibrary {
    /// Read every original through, too, and compare it with what was imported
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    read_data: bool,
}

/// Arguments of `doctor`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct Doctor {
    /// Mend what can be mended
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    repair: bool,
}

/// One thing that is wrong.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Finding {
    /// `catalog`, `missing`, `away`, `changed`, `damaged`, `unreadable`,
    /// `unknown` or `unfinished`.
    problem: String,
    /// Whose file it is, where it is someone's.
    asset: Option<String>,
    path: String,
    /// What it is and what to do: a sentence.
    message: String,
}

/// Answer to `verify`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct VerifyReport {
    /// Files of photos that were looked for.
    files: u64,
    /// Those that were read through.
    read: u64,
    /// Those at the off-site store alone, which `offsite verify` checks.
    away: u64,
    findings: Vec<Finding>,
    /// It was stopped before its end.
    cancelled: bool,
}

/// Answer to `doctor`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct DoctorReport {
    /// Nothing is wrong, or nothing any more.
    well: bool,
    /// Whether the library can be opened.
    opens: bool,
    /// What is wrong and what can be done, a sentence each.
    wrong: Vec<String>,
    /// What was mended, a sentence each.
    repaired: Vec<String>,
    /// What is wrong with which file.
    findings: Vec<Finding>,
    /// What could not be mended.
    failed: Vec<ImportFailure>,
    /// The newest backup.
    backup: Option<Backup>,
    /// When originals were last read through: RFC 3339.
    verified_at: Option<String>,
}

impl From<&library::Finding> for Finding {
    fn from(finding: &library::Finding) -> Finding {
        Finding {
            problem: finding.problem.code().to_owned(),
            asset: finding.asset.map(|id| id.to_string()),
            path: finding.path.display().to_string(),
            message: finding.message.clone(),
        }
    }
}

impl VerifyReport {
    fn of(found: Verification) -> VerifyReport {
        VerifyReport {
            files: found.files,
            read: found.read,
            away: found.away,
            findings: found.findings.iter().map(Finding::from).collect(),
            cancelled: found.cancelled,
        }
    }
}

fn lines(findings: &[Finding]) -> Vec<String> {
    let mut lines: Vec<String> = findings
        .iter()
        .take(SHOWN)
        .map(|finding| format!("  {}\n    {}", finding.path, finding.message))
        .collect();
    if findings.len() > SHOWN {
        lines.push(format!("  and {} more", findings.len() - SHOWN));
    }
    lines
}

impl Command for VerifyLibrary {
    const NAME: &'static str = "verify";
    const ABOUT: &'static str =
        "Check the catalog and that every original is there; changes no file";
    type Reply = VerifyReport;

    fn run(self, node: &Arc<Node>) -> Result<VerifyReport, NodeError> {
        let what = if self.read_data {
            Verify::ReadAll
        } else {
            Verify::Structure
        };
        let job = node.jobs.begin("verify");
        let found = node.library.verify(what, &|progress| job.go_on(progress));
        node.jobs.finish(&job, None);
        Ok(VerifyReport::of(found?))
    }

    fn text(reply: &VerifyReport) -> String {
        let files = counted(reply.files, "file", "files");
        let mut said = vec![match (reply.findings.len(), reply.read) {
            (0, 0) => format!("The catalog is sound, and {files} of photos are in their places."),
            (0, read) => format!(
                "The catalog is sound, {files} of photos are in their places, and {read} of them \
                 were read and are what was imported."
            ),
            (count, _) => {
                let wrong = counted(count as u64, "thing is wrong", "things are wrong");
                format!("{wrong}; {files} of photos were looked for.")
            }
        }];
        if reply.cancelled {
            said.push("It was stopped before its end.".to_owned());
        }
        said.extend(lines(&reply.findings));
        said.join("\n")
    }

    fn outcome(reply: &VerifyReport) -> Outcome {
        if !reply.findings.is_empty() {
            Outcome::Failed
        } else if reply.cancelled {
            Outcome::InPart
        } else {
            Outcome::Done
        }
    }
}

impl DoctorReport {
    fn of(diagnosis: Diagnosis) -> DoctorReport {
        DoctorReport {
            well: diagnosis.wrong.is_empty(),
            wrong: diagnosis.wrong,
            repaired: diagnosis.repaired,
            backup: diagnosis.backup.map(Backup::from),
            ..DoctorReport::default()
        }
    }
}

impl Command for Doctor {
    const NAME: &'static str = "doctor";
    const ABOUT: &'static str =
        "Explain what is wrong with the library, and mend what can be mended";
    type Reply = DoctorReport;

    fn without_node(
        self,
        config: &Config,
        _watch: &dyn Fn(&Job),
    ) -> Result<Option<DoctorReport>, NodeError> {
        let found = if self.repair {
            library::mend(&config.library, &Clock::system())?
        } else {
            library::diagnose(&config.library)?
        };
        Ok(found.map(DoctorReport::of))
    }

    fn run(self, node: &Arc<Node>) -> Result<DoctorReport, NodeError> {
        let job = node
            .jobs
            .begin(if self.repair { "repair" } else { "verify" });
        let report = self.check(node, &|progress| job.go_on(progress));
        node.jobs.finish(&job, None);
        report
    }

    fn text(reply: &DoctorReport) -> String {
        let mut said = reply.repaired.clone();
        said.extend(reply.wrong.iter().cloned());
        said.extend(lines(&reply.findings));
        for failure in &reply.failed {
            said.push(failure.text());
        }
        if reply.well {
            said.push("The library is well.".to_owned());
        }
        if let Some(backup) = &reply.backup {
            said.push(format!("The newest backup is of {}.", backup.made_at));
        }
        said.join("\n")
    }

    fn outcome(reply: &DoctorReport) -> Outcome {
        match (reply.well, reply.opens) {
            (true, _) => Outcome::Done,
            (false, true) if !reply.repaired.is_empty() => Outcome::InPart,
            (false, _) => Outcome::Failed,
        }
    }
}

impl Doctor {
    fn check(
        &self,
        node: &Node,
        watch: &(dyn Fn(&library::Progress) -> bool + Sync),
    ) -> Result<DoctorReport, NodeError> {
        let library = &node.library;
        let mut found = library.check_up(watch)?;
        let mut report = DoctorReport {
            opens: true,
            ..DoctorReport::default()
        };
        if self.repair && !found.verification.cancelled {
            let done = library.repair(&found, watch)?;
            if done.removed > 0 {
                let files = counted(done.removed, "unfinished file was", "unfinished files were");
                report.repaired.push(format!("{files} removed."));
            }
            if done.taken_in > 0 {
                let files = counted(done.taken_in, "unknown file was", "unknown files were");
                report.repaired.push(format!("{files} taken in as photos."));
            }
            if done.duplicates > 0 {
                let files = counted(done.duplicates, "unknown file is", "unknown files are");
                report.wrong.push(format!(
                    "{files} of photos that the library has already; they stay where they are, \
                     and you may remove them."
                ));
            }
            if done.rendered > 0 {
                let photos = counted(done.rendered, "photo was", "photos were");
                report
                    .repaired
                    .push(format!("What is shown of {photos} made again."));
            }
            if done.backed_up {
                report
                    .repaired
                    .push("A backup was made, for there was none.".to_owned());
            }
            report.failed = done.failures.into_iter().map(ImportFailure::from).collect();
            found = library.check_up(watch)?;
        }
        report.findings = found
            .verification
            .findings
            .iter()
            .map(Finding::from)
            .collect();
        let damaged = found
            .verification
            .findings
            .iter()
            .any(|finding| finding.problem == Problem::Catalog);
        if damaged {
            report.wrong.push(
                "The catalog is damaged while the library is open. Close Albumen, and ask again: \
                 `albumen doctor` then says which backup can be restored."
                    .to_owned(),
            );
        }
        if found.lost_renditions > 0 {
            let photos = counted(found.lost_renditions, "photo is", "photos are");
            report.wrong.push(format!(
                "What is shown of {photos} gone; it is made again when it is looked at, or all at \
                 once by `albumen doctor --repair`."
            ));
        }
        if found.backup.is_none() {
            report.wrong.push(
                "There is no backup yet; the window and `albumen serve` make one a day, and \
                 `albumen backup create` makes one now."
                    .to_owned(),
            );
        }
        let place = BackupPlace::of(found.place);
        report.wrong.extend(place.problem());
        report.backup = found.backup.map(Backup::from);
        report.verified_at = library.verified_at()?.map(rfc3339);
        report.well =
            report.wrong.is_empty() && report.findings.is_empty() && report.failed.is_empty();
        Ok(report)
    }
}
