//! Duplicates: photos that look the same though their bytes differ. They are listed,
//! and merged only when the user says so.

use std::sync::Arc;

use clap::Args;
use library::{Cursor, Reason};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::asset::{Asset, row};
use super::{Command, Done, id, ids};
use crate::{Node, NodeError};

/// Arguments of `duplicates list`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct ListDuplicates {
    /// At most so many groups, 1 to 500; 100 unless said otherwise
    #[arg(long)]
    limit: Option<u32>,
    /// Go on after this place, as «next» said
    #[arg(long)]
    after: Option<String>,
}

/// Arguments of `duplicates merge`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct MergeDuplicates {
    /// The id of the photo to keep
    #[arg(long)]
    keep: String,
    /// The ids of its duplicates, which go to the trash
    #[arg(required = true)]
    assets: Vec<String>,
}

/// Arguments of `duplicates dismiss`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct DismissDuplicates {
    /// The ids of the photos of a group
    #[arg(required = true, num_args = 2..)]
    assets: Vec<String>,
}

/// Photos that look the same.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DuplicateGroup {
    /// The one to keep first.
    assets: Vec<Asset>,
    /// Why that one, as a sentence.
    why: String,
}

/// Answer to `duplicates list`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DuplicateList {
    /// Newest first.
    groups: Vec<DuplicateGroup>,
    /// What to give as `after` for the next page.
    next: Option<String>,
    /// How many photos are not compared with the others yet.
    waiting: u64,
}

fn why(reason: Reason) -> &'static str {
    match reason {
        Reason::Pixels => "It has more pixels.",
        Reason::Raw => "It is the RAW file.",
        Reason::Live => "It has its live part.",
        Reason::Time => "It knows when it was taken.",
        Reason::Place => "It knows where it was taken.",
        Reason::Bytes => "Its file is larger, so it lost less to compression.",
        Reason::First => "It came first.",
    }
}

impl Command for ListDuplicates {
    const NAME: &'static str = "duplicates.list";
    const ABOUT: &'static str = "List photos that look the same, in groups, the one to keep first";
    type Reply = DuplicateList;

    fn run(self, node: &Arc<Node>) -> Result<DuplicateList, NodeError> {
        node.compare_here()?;
        let after = self
            .after
            .map(|after| after.parse::<Cursor>())
            .transpose()?;
        let page = node.library.twins(self.limit.unwrap_or(100), after)?;
        let groups = page.groups.into_iter().map(|group| DuplicateGroup {
            assets: group.assets.into_iter().map(Asset::from).collect(),
            why: why(group.reason).to_owned(),
        });
        Ok(DuplicateList {
            groups: groups.collect(),
            next: page.next.map(|next| next.to_string()),
            waiting: node.library.twins_waiting()?,
        })
    }

    fn text(reply: &DuplicateList) -> String {
        let mut lines = Vec::new();
        for group in &reply.groups {
            lines.push(format!("Keep the first. {}", group.why));
            lines.extend(group.assets.iter().map(|asset| format!("  {}", row(asset))));
        }
        if reply.groups.is_empty() {
            lines.push("No photos look the same.".to_owned());
        }
        if reply.waiting > 0 {
            lines.push(format!("{} photos are not compared yet.", reply.waiting));
        }
        if let Some(next) = &reply.next {
            lines.push(format!("There are more: --after {next}"));
        }
        lines.join("\n")
    }
}

impl Command for MergeDuplicates {
    const NAME: &'static str = "duplicates.merge";
    const ABOUT: &'static str =
        "Keep one photo, with the albums and ratings of its duplicates, which go to the trash";
    type Reply = Asset;

    fn run(self, node: &Arc<Node>) -> Result<Asset, NodeError> {
        let kept = node
            .library
            .merge_twins(id(&self.keep)?, &ids(&self.assets)?)?;
        Ok(kept.into())
    }

    fn text(reply: &Asset) -> String {
        format!("Kept:\n{}\nThe others are in the trash.", row(reply))
    }
}

impl Command for DismissDuplicates {
    const NAME: &'static str = "duplicates.dismiss";
    const ABOUT: &'static str = "Note for good that photos are no duplicates of each other";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        node.library.tell_apart(&ids(&self.assets)?)?;
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        "They are not listed as duplicates any more.".to_owned()
    }
}
