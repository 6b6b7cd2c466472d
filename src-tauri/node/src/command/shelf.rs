//! Where photos lie: the trash and the archive; and undo.

use std::sync::Arc;

use clap::Args;
use library::{Shelf, TRASH_DAYS, rfc3339};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::album::Shift;
use super::{Command, ids};
use crate::{Node, NodeError};

/// A place to look for photos in.
#[derive(Clone, Copy, Debug, clap::ValueEnum, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ShelfName {
    /// What the timeline shows.
    Timeline,
    /// Out of the timeline.
    Archive,
    /// To be deleted for good.
    Trash,
    /// Seen only here, while it is open.
    Locked,
}

impl From<ShelfName> for Shelf {
    fn from(name: ShelfName) -> Shelf {
        match name {
            ShelfName::Timeline => Shelf::Timeline,
            ShelfName::Archive => Shelf::Archive,
            ShelfName::Trash => Shelf::Trash,
            ShelfName::Locked => Shelf::Locked,
        }
    }
}

/// Arguments of `trash`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct MoveToTrash {
    /// The photos' ids
    #[arg(required = true)]
    assets: Vec<String>,
}

/// Arguments of `restore`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct RestoreFromTrash {
    /// The photos' ids
    #[arg(required = true)]
    assets: Vec<String>,
}

/// Arguments of `trash empty`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct EmptyTrash {
    /// Only these photos; all of the trash when none is named
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    assets: Vec<String>,
    /// Delete your own files, too, where photos are referred to in place
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    delete_files: bool,
}

/// Arguments of `archive add`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct Archive {
    /// The photos' ids
    #[arg(required = true)]
    assets: Vec<String>,
}

/// Arguments of `archive remove`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct Unarchive {
    /// The photos' ids
    #[arg(required = true)]
    assets: Vec<String>,
}

/// Arguments of `undo`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct UndoLast {}

/// Arguments of `undo list`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ListUndo {}

/// Answer to `trash empty`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Emptied {
    /// Photos that are gone for good.
    assets: u64,
    /// Bytes that were freed.
    bytes: u64,
    /// Your own files that were left where they are.
    left: Vec<String>,
}

/// A command that can be undone, or was.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Undo {
    /// What was done, in words.
    command: String,
    /// When.
    made_at: String,
}

/// Answer to `undo list`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct UndoList {
    /// Newest first: `undo` begins with the first.
    commands: Vec<Undo>,
}

impl From<library::Undo> for Undo {
    fn from(undo: library::Undo) -> Undo {
        Undo {
            command: undo.command,
            made_at: rfc3339(undo.made_at),
        }
    }
}

impl Command for MoveToTrash {
    const NAME: &'static str = "trash";
    const ABOUT: &'static str = "Move photos to the trash";
    type Reply = Shift;

    fn run(self, node: &Arc<Node>) -> Result<Shift, NodeError> {
        Ok(node.library.trash(&ids(&self.assets)?)?.into())
    }

    fn text(reply: &Shift) -> String {
        format!(
            "{} moved to the trash, where they stay for {TRASH_DAYS} days.",
            reply.changed()
        )
    }
}

impl Command for RestoreFromTrash {
    const NAME: &'static str = "restore";
    const ABOUT: &'static str = "Take photos back out of the trash";
    type Reply = Shift;

    fn run(self, node: &Arc<Node>) -> Result<Shift, NodeError> {
        Ok(node.library.restore(&ids(&self.assets)?)?.into())
    }

    fn text(reply: &Shift) -> String {
        format!("{} taken back from the trash.", reply.changed())
    }
}

impl Command for EmptyTrash {
    const NAME: &'static str = "trash.empty";
    const ABOUT: &'static str = "Delete for good what is in the trash";
    type Reply = Emptied;

    fn run(self, node: &Arc<Node>) -> Result<Emptied, NodeError> {
        let assets = ids(&self.assets)?;
        let some = (!assets.is_empty()).then_some(assets.as_slice());
        let emptied = node.library.empty_trash(some, self.delete_files)?;
        Ok(Emptied {
            assets: emptied.assets,
            bytes: emptied.bytes,
            left: emptied
                .left
                .iter()
                .map(|path| path.display().to_string())
                .collect(),
        })
    }

    fn text(reply: &Emptied) -> String {
        let mut text = format!(
            "{} deleted for good; {:.1} MB are free again.",
            reply.assets,
            reply.bytes as f64 / 1e6
        );
        if !reply.left.is_empty() {
            text.push_str("\nYour own files stay where they are:\n");
            text.push_str(&reply.left.join("\n"));
        }
        text
    }
}

impl Command for Archive {
    const NAME: &'static str = "archive.add";
    const ABOUT: &'static str = "Move photos out of the timeline; albums keep them";
    type Reply = Shift;

    fn run(self, node: &Arc<Node>) -> Result<Shift, NodeError> {
        Ok(node.library.archive(&ids(&self.assets)?, true)?.into())
    }

    fn text(reply: &Shift) -> String {
        format!("{} archived.", reply.changed())
    }
}

impl Command for Unarchive {
    const NAME: &'static str = "archive.remove";
    const ABOUT: &'static str = "Bring photos back into the timeline";
    type Reply = Shift;

    fn run(self, node: &Arc<Node>) -> Result<Shift, NodeError> {
        Ok(node.library.archive(&ids(&self.assets)?, false)?.into())
    }

    fn text(reply: &Shift) -> String {
        format!("{} brought back into the timeline.", reply.changed())
    }
}

impl Command for UndoLast {
    const NAME: &'static str = "undo";
    const ABOUT: &'static str = "Undo the last change to photos or albums";
    type Reply = Undo;

    fn run(self, node: &Arc<Node>) -> Result<Undo, NodeError> {
        Ok(node.library.undo()?.into())
    }

    fn text(reply: &Undo) -> String {
        format!("Undone: {}.", reply.command)
    }
}

impl Command for ListUndo {
    const NAME: &'static str = "undo.list";
    const ABOUT: &'static str = "List what can be undone, the last first";
    type Reply = UndoList;

    fn run(self, node: &Arc<Node>) -> Result<UndoList, NodeError> {
        let commands = node.library.undoable()?;
        Ok(UndoList {
            commands: commands.into_iter().map(Undo::from).collect(),
        })
    }

    fn text(reply: &UndoList) -> String {
        if reply.commands.is_empty() {
            return "There is nothing to undo.".to_owned();
        }
        let rows: Vec<String> = reply
            .commands
            .iter()
            .map(|undo| format!("{}  {}", undo.made_at, undo.command))
            .collect();
        rows.join("\n")
    }
}
