//! Checking that the store holds what it is to hold.

use std::sync::Arc;

use clap::Args;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{named, needed};
use crate::command::{Command, Outcome};
use crate::{Node, NodeError};

/// Arguments of `offsite verify`.
#[derive(Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct VerifyOffsite {
    /// Also read everything back and compare it with what was imported
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    read_data: bool,
}

/// Answer to `offsite verify`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OffsiteChecked {
    /// Originals that are to be at the store.
    files: u64,
    /// Catalogs that are there.
    catalogs: u64,
    /// Bodies that were read back.
    read: u64,
    /// Originals that are not copied yet.
    waiting: u64,
    /// Photos whose originals the store does not hold; null for a locked one.
    missing: Vec<Option<String>>,
    /// Photos whose originals are other than were given to the store.
    wrong: Vec<Option<String>>,
    /// Of those two, the ones that are not on this machine either; null for a locked one.
    lost: Vec<Option<String>>,
    /// Catalogs that do not open.
    wrong_catalogs: Vec<String>,
    /// Names at the store that nothing of this library has.
    foreign: Vec<String>,
    cancelled: bool,
}

impl Command for VerifyOffsite {
    const NAME: &'static str = "offsite.verify";
    const ABOUT: &'static str = "Check that the off-site store holds what it is to hold";
    type Reply = OffsiteChecked;

    fn run(self, node: &Arc<Node>) -> Result<OffsiteChecked, NodeError> {
        let checked = node.check_offsite(&needed(&node.library)?, self.read_data)?;
        Ok(OffsiteChecked {
            files: checked.files,
            catalogs: checked.catalogs,
            read: checked.read,
            waiting: checked.waiting,
            missing: checked.missing,
            wrong: checked.wrong,
            lost: checked.lost,
            wrong_catalogs: checked.wrong_catalogs,
            foreign: checked.foreign,
            cancelled: checked.cancelled,
        })
    }

    fn text(reply: &OffsiteChecked) -> String {
        let mut lines = vec![format!(
            "{} originals and {} catalogs are looked for at the store; {} were read back.",
            reply.files, reply.catalogs, reply.read
        )];
        let photos = |names: &[Option<String>]| {
            let shown = |name: &Option<String>| name.clone().unwrap_or("a locked photo".to_owned());
            named(names.iter().map(shown))
        };
        if reply.waiting > 0 {
            lines.push(format!("{} originals are not copied yet.", reply.waiting));
        }
        let (missing, wrong) = (reply.missing.len(), reply.wrong.len());
        if missing > 0 {
            let names = photos(&reply.missing);
            lines.push(format!("{missing} originals are missing there: {names}."));
        }
        if wrong > 0 {
            let names = photos(&reply.wrong);
            lines.push(format!(
                "{wrong} are not as they were given to it: {names}."
            ));
        }
        let lost = reply.lost.len();
        if missing + wrong > lost {
            lines.push("The next run copies again what is on this machine.".to_owned());
        }
        if lost > 0 {
            let names = photos(&reply.lost);
            lines.push(format!(
                "LOST, for they are not on this machine either: {lost} originals, {names}. Import \
                 another copy of each, or bring it back from another machine of yours with \
                 `albumen safety fetch`, and it is whole again."
            ));
        }
        if !reply.wrong_catalogs.is_empty() {
            let names = named(reply.wrong_catalogs.iter().cloned());
            lines.push(format!("These catalogs do not open: {names}."));
        }
        if !reply.foreign.is_empty() {
            let names = named(reply.foreign.iter().cloned());
            lines.push(format!("Nothing here knows of: {names}."));
        }
        if reply.is_right() {
            lines.push("All is as it should be.".to_owned());
        }
        lines.join("\n")
    }

    fn outcome(reply: &OffsiteChecked) -> Outcome {
        match (reply.is_right(), reply.cancelled) {
            (false, _) => Outcome::Failed,
            (true, true) => Outcome::InPart,
            (true, false) => Outcome::Done,
        }
    }
}

impl OffsiteChecked {
    fn is_right(&self) -> bool {
        self.missing.is_empty() && self.wrong.is_empty() && self.wrong_catalogs.is_empty()
    }
}
