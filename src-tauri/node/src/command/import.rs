//! Bringing photos in, and the jobs that do it.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use library::{AlbumId, Failure, Order, Refused};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Command, Done, Outcome, id};
use crate::{Job, Node, NodeError};

/// Arguments of `import`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct Import {
    /// Files and folders
    #[arg(required = true)]
    #[ts(as = "Vec<String>")]
    paths: Vec<PathBuf>,
    /// Refer to the files where they are instead of copying them
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    in_place: bool,
    /// Put the photos into this album
    #[arg(long)]
    album: Option<String>,
    /// Return once catalogued; thumbnails and previews are made later
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    no_wait: bool,
}

/// Arguments of `jobs`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct Jobs {}

/// Arguments of `job cancel`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct CancelJob {
    /// The job's id
    id: String,
}

/// A file that was not imported, and why.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ImportFailure {
    path: String,
    /// A stable word.
    code: String,
    /// A sentence.
    message: String,
}

impl From<Failure> for ImportFailure {
    fn from(failure: Failure) -> ImportFailure {
        ImportFailure {
            path: failure.path.display().to_string(),
            code: failure.code.to_owned(),
            message: failure.message,
        }
    }
}

impl From<Refused> for ImportFailure {
    fn from(refused: Refused) -> ImportFailure {
        ImportFailure {
            path: refused.path.display().to_string(),
            code: refused.code,
            message: refused.message,
        }
    }
}

impl ImportFailure {
    /// Its path, and below it why.
    pub(super) fn text(&self) -> String {
        format!("  {}\n    {}", self.path, self.message)
    }
}

/// Answer to `import`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ImportReport {
    /// Files taken in; the two of a live photo are one asset.
    imported: u64,
    /// Files whose bytes the library already had.
    duplicates: u64,
    /// Sidecars, which are read with their photos, hidden files and links.
    skipped: u64,
    failed: Vec<ImportFailure>,
    /// The new assets.
    assets: Vec<String>,
    /// It was stopped before its end.
    cancelled: bool,
}

/// Answer to `jobs`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct JobList {
    jobs: Vec<Job>,
}

impl Command for Import {
    const NAME: &'static str = "import";
    const ABOUT: &'static str = "Bring photos into the library";
    type Reply = ImportReport;

    fn prepare(mut self) -> Result<Self, NodeError> {
        for path in &mut self.paths {
            *path = std::path::absolute(&*path)?;
        }
        Ok(self)
    }

    fn run(self, node: &Arc<Node>) -> Result<ImportReport, NodeError> {
        let order = Order {
            paths: self.paths,
            in_place: self.in_place,
            album: self.album.as_deref().map(id::<AlbumId>).transpose()?,
            without_renditions: self.no_wait,
        };
        let job = node.jobs.begin("import");
        let result = node.library.import(&order, &|progress| job.go_on(progress));
        node.jobs
            .finish(&job, result.as_ref().ok().map(|report| &report.progress));
        let report = result?;
        if order.without_renditions || node.stays() {
            node.render_waiting();
        }
        Ok(ImportReport {
            imported: report.progress.imported,
            duplicates: report.progress.duplicates,
            skipped: report.progress.skipped,
            failed: report
                .failures
                .into_iter()
                .map(ImportFailure::from)
                .collect(),
            assets: report.assets.iter().map(ToString::to_string).collect(),
            cancelled: report.cancelled,
        })
    }

    fn text(reply: &ImportReport) -> String {
        let mut lines = vec![format!(
            "{} imported, {} already there, {} could not be imported.",
            reply.imported,
            reply.duplicates,
            reply.failed.len(),
        )];
        if reply.skipped > 0 {
            lines.push(format!(
                "{} sidecars, hidden files and links were passed over.",
                reply.skipped
            ));
        }
        if reply.cancelled {
            lines.push("It was stopped; importing again does the rest.".to_owned());
        }
        for failure in &reply.failed {
            lines.push(failure.text());
        }
        lines.join("\n")
    }

    fn outcome(reply: &ImportReport) -> Outcome {
        if reply.failed.is_empty() && !reply.cancelled {
            Outcome::Done
        } else if reply.imported + reply.duplicates > 0 {
            Outcome::InPart
        } else {
            Outcome::Failed
        }
    }
}

impl Command for Jobs {
    const NAME: &'static str = "jobs";
    const ABOUT: &'static str = "List the work that is going on";
    type Reply = JobList;

    fn run(self, node: &Arc<Node>) -> Result<JobList, NodeError> {
        Ok(JobList {
            jobs: node.jobs.list(),
        })
    }

    fn text(reply: &JobList) -> String {
        if reply.jobs.is_empty() {
            return "Nothing is going on.".to_owned();
        }
        let rows: Vec<String> = reply
            .jobs
            .iter()
            .map(|job| format!("{}  {}  {} of {}", job.id, job.kind, job.done, job.total))
            .collect();
        rows.join("\n")
    }
}

impl Command for CancelJob {
    const NAME: &'static str = "job.cancel";
    const ABOUT: &'static str = "Stop a job; what it has done stays done";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        node.jobs.cancel(&self.id)?;
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        "It is being stopped.".to_owned()
    }
}
