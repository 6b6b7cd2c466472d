//! Backups: making and listing them, where copies go, and restoring one.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use library::{Clock, Occasion, RestoreOrder, rfc3339};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Command, Outcome, counted};
use crate::config::Config;
use crate::{Job, Node, NodeError};

/// How many photos that are not there are named to a person.
const NAMED: usize = 20;

/// Arguments of `backup create`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct CreateBackup {}

/// Arguments of `backup list`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ListBackups {}

/// Arguments of `backup place`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct PlaceBackups {
    /// A folder, on another drive say, that gets a copy of each backup
    #[ts(as = "Option<String>")]
    folder: Option<PathBuf>,
    /// Keep copies nowhere else any more
    #[arg(long, conflicts_with = "folder")]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    none: bool,
}

/// Arguments of `restore`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct RestoreBackup {
    /// The backup's name, as `backup list` gives it, or its folder
    #[ts(as = "String")]
    backup: PathBuf,
    /// Restore into this new folder, instead of over the library's catalog
    #[arg(long, value_name = "FOLDER")]
    #[ts(as = "Option<String>")]
    into: Option<PathBuf>,
    /// Copy photos that are not there from this folder, laid out like
    /// `originals`
    #[arg(long, value_name = "FOLDER")]
    #[ts(as = "Option<String>")]
    originals: Option<PathBuf>,
}

/// A backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Backup {
    name: String,
    /// Its folder.
    path: String,
    /// RFC 3339.
    pub(super) made_at: String,
    bytes: u64,
    /// The version of the catalog that a newer Albumen was about to change;
    /// null for any other backup.
    before_update_of: Option<i64>,
}

/// Where copies of the backups go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BackupPlace {
    /// The folder chosen; null for none.
    folder: Option<String>,
    /// Whether it can be reached now.
    at_hand: bool,
}

/// Answer to `backup create`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct BackedUp {
    backup: Backup,
    /// Its copy in the other place.
    copy: Option<Backup>,
    /// Why there is no copy though there should be: a sentence.
    problem: Option<String>,
}

/// Answer to `backup list`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct BackupList {
    /// Newest first.
    backups: Vec<Backup>,
    place: BackupPlace,
}

/// A photo whose file is not there.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LackingFile {
    name: String,
    path: String,
}

/// Answer to `restore`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RestoredLibrary {
    /// The library's folder.
    library: String,
    /// When the backup was made; null where its name does not tell.
    made_at: Option<String>,
    /// Where the files went that stood in the way.
    aside: Option<String>,
    /// Files of photos that the catalog knows.
    files: u64,
    /// Those that were copied from the folder given.
    copied: u64,
    /// Those that are at the off-site store alone, and come back from it.
    away: u64,
    /// Those that are not there.
    missing: Vec<LackingFile>,
    /// Links that open again.
    links: u64,
    /// What to know of them: a sentence; null without links.
    about_links: Option<String>,
}

impl From<library::Backup> for Backup {
    fn from(backup: library::Backup) -> Backup {
        Backup {
            name: backup.name,
            path: backup.folder.display().to_string(),
            made_at: rfc3339(backup.made_at),
            bytes: backup.bytes,
            before_update_of: match backup.occasion {
                Occasion::Ordinary => None,
                Occasion::BeforeUpdate(version) => Some(version),
            },
        }
    }
}

impl BackupPlace {
    pub(super) fn of(place: Option<library::BackupPlace>) -> BackupPlace {
        BackupPlace {
            at_hand: place.as_ref().is_some_and(|place| place.at_hand),
            folder: place.map(|place| place.folder.display().to_string()),
        }
    }

    /// That it cannot be reached, as a sentence.
    pub(super) fn problem(&self) -> Option<String> {
        (self.folder.is_some() && !self.at_hand).then(|| self.text())
    }

    fn text(&self) -> String {
        match &self.folder {
            None => "Copies are kept nowhere else; `albumen backup place FOLDER` chooses a folder \
                     on another drive."
                .to_owned(),
            Some(folder) if self.at_hand => format!("Copies go to {folder}."),
            Some(folder) => {
                format!("Copies go to {folder}, which is not there now; connect its drive.")
            }
        }
    }

    fn read(node: &Node) -> Result<BackupPlace, NodeError> {
        Ok(BackupPlace::of(node.library.backup_place()?))
    }
}

impl Command for CreateBackup {
    const NAME: &'static str = "backup.create";
    const ABOUT: &'static str = "Back up the catalog and its secret now; photos are not copied";
    type Reply = BackedUp;

    fn run(self, node: &Arc<Node>) -> Result<BackedUp, NodeError> {
        let made = node.library.back_up()?;
        let (copy, problem) = match made.copy {
            None => (None, None),
            Some(Ok(copy)) => (Some(copy.into()), None),
            Some(Err(error)) => (None, Some(error.to_string())),
        };
        Ok(BackedUp {
            backup: made.backup.into(),
            copy,
            problem,
        })
    }

    fn text(reply: &BackedUp) -> String {
        let mut lines = vec![format!("Backed up to {}.", reply.backup.path)];
        lines.extend(
            reply
                .copy
                .as_ref()
                .map(|copy| format!("A copy is in {}.", copy.path)),
        );
        lines.extend(reply.problem.clone());
        lines.push("It holds the catalog and the secret of the links, not the photos.".to_owned());
        lines.join("\n")
    }

    fn outcome(reply: &BackedUp) -> Outcome {
        match reply.problem {
            None => Outcome::Done,
            Some(_) => Outcome::InPart,
        }
    }
}

impl Command for ListBackups {
    const NAME: &'static str = "backup.list";
    const ABOUT: &'static str = "List the backups, newest first";
    type Reply = BackupList;

    fn run(self, node: &Arc<Node>) -> Result<BackupList, NodeError> {
        let backups = node.library.backups()?;
        Ok(BackupList {
            backups: backups.into_iter().map(Backup::from).collect(),
            place: BackupPlace::read(node)?,
        })
    }

    fn text(reply: &BackupList) -> String {
        let mut lines: Vec<String> = reply
            .backups
            .iter()
            .map(|backup| format!("{}  {:>12}  {}", backup.name, backup.bytes, backup.path))
            .collect();
        if lines.is_empty() {
            lines.push("There is no backup yet; `albumen backup create` makes one.".to_owned());
        }
        lines.push(reply.place.text());
        lines.join("\n")
    }
}

impl Command for PlaceBackups {
    const NAME: &'static str = "backup.place";
    const ABOUT: &'static str = "Show or choose where copies of the backups go";
    type Reply = BackupPlace;

    fn prepare(mut self) -> Result<Self, NodeError> {
        self.folder = self.folder.map(std::path::absolute).transpose()?;
        Ok(self)
    }

    fn run(self, node: &Arc<Node>) -> Result<BackupPlace, NodeError> {
        if self.none {
            node.library.choose_backup_place(None)?;
        } else if let Some(folder) = &self.folder {
            node.library.choose_backup_place(Some(folder))?;
        }
        BackupPlace::read(node)
    }

    fn text(reply: &BackupPlace) -> String {
        reply.text()
    }
}

impl Command for RestoreBackup {
    const NAME: &'static str = "backup.restore";
    const ABOUT: &'static str =
        "Restore a library from a backup, in its place or into a new folder";
    type Reply = RestoredLibrary;

    fn run(self, node: &Arc<Node>) -> Result<RestoredLibrary, NodeError> {
        if self.into.is_none() {
            return Err(NodeError::new(
                "held",
                "This library is open; close Albumen, then restore it with `albumen backup restore`, or \
                 restore into another folder with --into.",
            ));
        }
        let job = node.jobs.begin("restore");
        let restored = self.restore(node.folder(), &|progress| job.go_on(progress));
        node.jobs.finish(&job, None);
        restored
    }

    fn without_node(
        self,
        config: &Config,
        watch: &dyn Fn(&Job),
    ) -> Result<Option<RestoredLibrary>, NodeError> {
        let told = Job::telling("restore", watch);
        self.restore(&config.library, &told).map(Some)
    }

    fn text(reply: &RestoredLibrary) -> String {
        let mut lines = vec![format!("The library is restored in {}.", reply.library)];
        if let Some(made_at) = &reply.made_at {
            lines.push(format!("It is as it was at {made_at}."));
        }
        if let Some(aside) = &reply.aside {
            lines.push(format!("What stood in the way is in {aside}."));
        }
        if reply.copied > 0 {
            lines.push(format!(
                "{} copied.",
                counted(reply.copied, "original was", "originals were")
            ));
        }
        if reply.away > 0 {
            lines.push(format!(
                "{} are at the off-site store and come back from it when they are opened.",
                reply.away
            ));
        }
        let (missing, files) = (reply.missing.len(), reply.files);
        if missing > 0 {
            lines.push(format!(
                "{missing} of {files} files of photos are not there; they stay in the library, \
                 and importing copies of them brings them back:"
            ));
            for file in reply.missing.iter().take(NAMED) {
                lines.push(format!("  {}", file.path));
            }
            if missing > NAMED {
                lines.push(format!("  and {} more", missing - NAMED));
            }
        }
        lines.extend(reply.about_links.clone());
        lines.push("`albumen doctor` looks for photos that came after the backup.".to_owned());
        lines.join("\n")
    }

    fn outcome(reply: &RestoredLibrary) -> Outcome {
        if reply.missing.is_empty() {
            Outcome::Done
        } else {
            Outcome::InPart
        }
    }

    fn prepare(mut self) -> Result<Self, NodeError> {
        self.into = self.into.map(std::path::absolute).transpose()?;
        self.originals = self.originals.map(std::path::absolute).transpose()?;
        Ok(self)
    }
}

impl RestoreBackup {
    fn restore(
        self,
        library: &std::path::Path,
        watch: &dyn Fn(&library::Progress) -> bool,
    ) -> Result<RestoredLibrary, NodeError> {
        let order = RestoreOrder {
            backup: library::find_backup(library, &self.backup)?,
            over: self.into.is_none(),
            library: self.into.unwrap_or_else(|| library.to_owned()),
            originals: self.originals,
        };
        let restored = library::restore(&order, &Clock::system(), watch)?;
        Ok(RestoredLibrary {
            about_links: restored.of_links(),
            library: restored.library.display().to_string(),
            made_at: restored.made_at.map(rfc3339),
            aside: restored.aside.map(|aside| aside.display().to_string()),
            files: restored.files,
            copied: restored.copied,
            away: restored.away,
            missing: restored
                .lacking
                .into_iter()
                .map(|lacking| LackingFile {
                    name: lacking.name,
                    path: lacking.path.display().to_string(),
                })
                .collect(),
            links: restored.links,
        })
    }
}
