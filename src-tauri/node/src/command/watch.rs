//! Watched folders: photos that stay where they are, in folders that are
//! followed.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use library::{Look, Looking, WatchId, WatchState, WatchedFolder, rfc3339};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::album::Shift;
use super::import::ImportFailure;
use super::{Command, Outcome, counted};
use crate::{Node, NodeError};

/// How long a command waits for files that are still being written.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How often it looks whether they are.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Arguments of `watch add`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct WatchFolder {
    /// The folder
    #[ts(as = "String")]
    folder: PathBuf,
    /// Return once catalogued; thumbnails and previews are made later
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    no_wait: bool,
}

/// Arguments of `watch list`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ListWatched {}

/// Arguments of `watch show`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ShowWatched {
    /// The folder, or its id
    folder: String,
}

/// Arguments of `watch look`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct LookThrough {
    /// The folder, or its id
    folder: String,
}

/// Arguments of `watch confirm`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ConfirmGone {
    /// The folder, or its id
    folder: String,
}

/// Arguments of `watch remove`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct UnwatchFolder {
    /// The folder, or its id
    folder: String,
    /// Move its photos to the trash, too; the files stay where they are
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    trash: bool,
}

/// How a watched folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WatchStateName {
    /// It was not looked through yet.
    New,
    /// It is there, and followed.
    Here,
    /// It is not there, or another folder is in its place.
    Away,
    /// So much was gone at once that you are asked first.
    Held,
}

impl From<WatchState> for WatchStateName {
    fn from(state: WatchState) -> WatchStateName {
        match state {
            WatchState::New => WatchStateName::New,
            WatchState::Here => WatchStateName::Here,
            WatchState::Away => WatchStateName::Away,
            WatchState::Held => WatchStateName::Held,
        }
    }
}

/// A folder that is followed.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Watched {
    id: String,
    path: String,
    state: WatchStateName,
    /// How many photos and videos have a file there.
    assets: u64,
    /// How many files are gone and wait for your word, while it is held.
    gone: u64,
    /// When it was last looked through whole.
    looked_at: Option<String>,
    /// Files that could not be taken in.
    failed: Vec<ImportFailure>,
}

/// Answer to `watch list`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct WatchedList {
    folders: Vec<Watched>,
}

/// Answer to `watch add`, `watch look` and `watch confirm`: what was found.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LookReport {
    folder: Watched,
    /// Photos and videos that came.
    imported: u64,
    /// Those whose files were edited.
    edited: u64,
    /// Files that have another name or folder now, or a second one.
    moved: u64,
    /// Files that are gone.
    gone: u64,
    /// Files that may still be written to; they come once they are whole.
    unsettled: u64,
    /// What could not be taken in this time.
    failed: Vec<ImportFailure>,
    /// It was stopped before its end.
    cancelled: bool,
}

fn shown(node: &Node, folder: WatchedFolder) -> Result<Watched, NodeError> {
    let refused = node.library.refused_files(folder.id)?;
    Ok(Watched {
        id: folder.id.to_string(),
        path: folder.path.display().to_string(),
        state: folder.state.into(),
        assets: folder.assets,
        gone: folder.gone,
        looked_at: folder.looked_at.map(rfc3339),
        failed: refused.into_iter().map(ImportFailure::from).collect(),
    })
}

/// The watched folder of this id or path.
fn find(node: &Node, named: &str) -> Result<WatchId, NodeError> {
    let folders = node.library.watched_folders()?;
    let path = std::fs::canonicalize(named).unwrap_or_else(|_| PathBuf::from(named));
    let found = folders
        .iter()
        .find(|folder| folder.id.to_string() == named || folder.path == path);
    found.map(|folder| folder.id).ok_or_else(|| {
        NodeError::new(
            "not_found",
            format!("{named} is not watched; `albumen watch list` says which folders are."),
        )
    })
}

/// As it was typed, for another process, whose folder is another.
fn absolute(named: String) -> Result<String, NodeError> {
    if named.parse::<WatchId>().is_ok() {
        return Ok(named);
    }
    Ok(std::path::absolute(named)?.display().to_string())
}

/// Looks through a folder, and again while files in it are being written.
fn look_through(node: &Arc<Node>, id: WatchId, how: &Looking) -> Result<LookReport, NodeError> {
    let job = node.jobs.begin("watch");
    let begun = Instant::now();
    let mut all = Look::default();
    let mut look = || -> Result<(), NodeError> {
        loop {
            let watch = |progress: &library::Progress| job.go_on(progress);
            let look = node.library.look_through(id, how, &watch)?;
            all.imported += look.imported;
            all.edited += look.edited;
            all.moved += look.moved;
            all.gone += look.gone;
            all.unsettled = look.unsettled;
            all.cancelled = look.cancelled || !job.go_on(&library::Progress::default());
            all.failures.extend(look.failures);
            if all.unsettled == 0 || all.cancelled || begun.elapsed() > LONGEST_WAIT {
                return Ok(());
            }
            std::thread::sleep(LOOK_EVERY);
        }
    };
    let looked = look();
    node.jobs.finish(&job, None);
    looked?;
    if how.without_renditions || node.stays() {
        node.render_waiting();
    }
    let folder = node.library.watched_folder(id)?;
    Ok(LookReport {
        folder: shown(node, folder)?,
        imported: all.imported,
        edited: all.edited,
        moved: all.moved,
        gone: all.gone,
        unsettled: all.unsettled,
        failed: all.failures.into_iter().map(ImportFailure::from).collect(),
        cancelled: all.cancelled,
    })
}

impl Watched {
    /// How it is, and how many files could not be taken in.
    fn text(&self) -> String {
        let state = match self.state {
            WatchStateName::New => "not looked through yet".to_owned(),
            WatchStateName::Here => "followed".to_owned(),
            WatchStateName::Away => {
                "away: connect its drive; its photos stay in the library".to_owned()
            }
            WatchStateName::Held => format!(
                "{} files are gone at once. If they were deleted, say so with `albumen watch \
                 confirm {}`; if not, bring them back. Until then their photos stay.",
                self.gone, self.id
            ),
        };
        let mut lines = vec![
            format!(
                "{}  {}",
                self.path,
                counted(self.assets, "photo or video", "photos and videos")
            ),
            format!("  {}  {state}", self.id),
        ];
        if !self.failed.is_empty() {
            lines.push(format!(
                "  {} could not be taken in; `albumen watch show {}` says why.",
                counted(self.failed.len() as u64, "file", "files"),
                self.id
            ));
        }
        lines.join("\n")
    }
}

impl LookReport {
    fn text(&self) -> String {
        let mut lines = vec![format!(
            "{} came, {} edited, {} moved, {} gone.",
            self.imported, self.edited, self.moved, self.gone
        )];
        if self.unsettled > 0 {
            lines.push(format!(
                "{} still being written; what is whole comes by itself.",
                counted(self.unsettled, "file is", "files are")
            ));
        }
        if self.cancelled {
            lines.push("It was stopped; the next look does the rest.".to_owned());
        }
        lines.extend(self.failed.iter().map(ImportFailure::text));
        lines.push(self.folder.text());
        lines.join("\n")
    }

    fn outcome(&self) -> Outcome {
        let left = self.cancelled
            || self.unsettled > 0
            || !self.failed.is_empty()
            || self.folder.state != WatchStateName::Here;
        if left { Outcome::InPart } else { Outcome::Done }
    }
}

impl Command for WatchFolder {
    const NAME: &'static str = "watch.add";
    const ABOUT: &'static str = "Follow a folder: its photos are in the library and stay there";
    type Reply = LookReport;

    fn prepare(mut self) -> Result<Self, NodeError> {
        self.folder = std::path::absolute(&self.folder)?;
        Ok(self)
    }

    fn run(self, node: &Arc<Node>) -> Result<LookReport, NodeError> {
        let folder = node.library.watch_folder(&self.folder)?;
        let how = Looking {
            without_renditions: self.no_wait,
            ..Looking::default()
        };
        look_through(node, folder.id, &how)
    }

    fn text(reply: &LookReport) -> String {
        reply.text()
    }

    fn outcome(reply: &LookReport) -> Outcome {
        reply.outcome()
    }
}

impl Command for ListWatched {
    const NAME: &'static str = "watch.list";
    const ABOUT: &'static str = "List the folders that are followed, and how they are";
    type Reply = WatchedList;

    fn run(self, node: &Arc<Node>) -> Result<WatchedList, NodeError> {
        let folders = node.library.watched_folders()?;
        let folders = folders.into_iter().map(|folder| shown(node, folder));
        Ok(WatchedList {
            folders: folders.collect::<Result<_, _>>()?,
        })
    }

    fn text(reply: &WatchedList) -> String {
        if reply.folders.is_empty() {
            return "No folder is watched. `albumen watch add FOLDER` follows one.".to_owned();
        }
        let rows: Vec<String> = reply.folders.iter().map(Watched::text).collect();
        rows.join("\n")
    }
}

impl Command for ShowWatched {
    const NAME: &'static str = "watch.show";
    const ABOUT: &'static str = "Show one watched folder, and what could not be taken in";
    type Reply = Watched;

    fn prepare(self) -> Result<Self, NodeError> {
        Ok(ShowWatched {
            folder: absolute(self.folder)?,
        })
    }

    fn run(self, node: &Arc<Node>) -> Result<Watched, NodeError> {
        let id = find(node, &self.folder)?;
        shown(node, node.library.watched_folder(id)?)
    }

    fn text(reply: &Watched) -> String {
        let failed = reply.failed.iter().map(ImportFailure::text);
        let lines: Vec<String> = [reply.text()].into_iter().chain(failed).collect();
        lines.join("\n")
    }
}

impl Command for LookThrough {
    const NAME: &'static str = "watch.look";
    const ABOUT: &'static str = "Look through a watched folder now";
    type Reply = LookReport;

    fn prepare(self) -> Result<Self, NodeError> {
        Ok(LookThrough {
            folder: absolute(self.folder)?,
        })
    }

    fn run(self, node: &Arc<Node>) -> Result<LookReport, NodeError> {
        look_through(node, find(node, &self.folder)?, &Looking::default())
    }

    fn text(reply: &LookReport) -> String {
        reply.text()
    }

    fn outcome(reply: &LookReport) -> Outcome {
        reply.outcome()
    }
}

impl Command for ConfirmGone {
    const NAME: &'static str = "watch.confirm";
    const ABOUT: &'static str = "Say that the files gone from a watched folder were meant to go";
    type Reply = LookReport;

    fn prepare(self) -> Result<Self, NodeError> {
        Ok(ConfirmGone {
            folder: absolute(self.folder)?,
        })
    }

    fn run(self, node: &Arc<Node>) -> Result<LookReport, NodeError> {
        let how = Looking {
            sure: true,
            ..Looking::default()
        };
        look_through(node, find(node, &self.folder)?, &how)
    }

    fn text(reply: &LookReport) -> String {
        reply.text()
    }

    fn outcome(reply: &LookReport) -> Outcome {
        reply.outcome()
    }
}

impl Command for UnwatchFolder {
    const NAME: &'static str = "watch.remove";
    const ABOUT: &'static str = "Follow a folder no longer; its photos stay in the library";
    type Reply = Shift;

    fn prepare(self) -> Result<Self, NodeError> {
        Ok(UnwatchFolder {
            folder: absolute(self.folder)?,
            ..self
        })
    }

    fn run(self, node: &Arc<Node>) -> Result<Shift, NodeError> {
        let id = find(node, &self.folder)?;
        Ok(node.library.unwatch_folder(id, self.trash)?.into())
    }

    fn text(reply: &Shift) -> String {
        format!(
            "The folder is followed no longer; {} of its photos moved to the trash.",
            reply.changed()
        )
    }
}
