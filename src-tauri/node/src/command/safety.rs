//! Where originals are among your own machines, and what would be lost with one of them.

use std::sync::Arc;

use clap::Args;
use library::{Missing, Progress, rfc3339};
use serde::{Deserialize, Serialize};
use sync::Wanted;
use ts_rs::TS;

use super::asset::{Asset, AssetList, row};
use super::import::ImportFailure;
use super::library::Named;
use super::{Command, Outcome, id};
use crate::{Node, NodeError};

/// Photos that are listed where no number is given.
const LISTED: u32 = 100;

/// Arguments of `safety show`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ShowSafety {}

/// Arguments of `safety alone`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct ListAlone {
    /// At most this many, up to 1000
    #[arg(long)]
    limit: Option<u32>,
}

/// Arguments of `safety promise`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct PromiseTwo {
    /// Whether every original is to be on two of your machines, true or false
    #[arg(action = clap::ArgAction::Set, value_parser = clap::builder::BoolishValueParser::new(), value_name = "on|off")]
    on: bool,
}

/// Arguments of `safety adopt`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct AdoptMachine {
    /// The id of the machine of yours that is lost for good
    machine: String,
}

/// Arguments of `safety fetch`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct FetchMissing {}

/// One of your machines, and what is on it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MachineSafety {
    machine: Named,
    /// Whether it is this one.
    is_here: bool,
    /// Photos and videos that were imported there.
    photos: u64,
    /// How many of them are nowhere else: they would be lost with it.
    alone: u64,
    /// Bytes of those.
    alone_bytes: u64,
    /// Originals of other machines that it keeps.
    holds: u64,
    /// Up to when it is known here what it has; null for this machine, and before it has
    /// told all.
    known_at: Option<String>,
    /// Whether it is reached now; this machine always is.
    is_online: bool,
}

/// Answer to `safety show`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Safety {
    /// Whether every original is to be on two machines.
    promise: bool,
    /// This machine first.
    machines: Vec<MachineSafety>,
}

/// Answer to `safety adopt`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AdoptReport {
    /// Photos and videos that are your own here now.
    photos: u64,
    /// Those whose original is not on this machine.
    lacking: u64,
    /// Albums.
    albums: u64,
    /// It was stopped before its end.
    cancelled: bool,
}

/// Answer to `safety fetch`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FetchReport {
    /// Originals that are here again.
    fetched: u64,
    /// Those that none of your machines has, or none that is reached.
    lacking: Vec<ImportFailure>,
    /// It was stopped before its end.
    cancelled: bool,
}

impl FetchReport {
    fn note(&mut self, missing: &Missing, error: &NodeError) {
        self.lacking.push(ImportFailure {
            path: missing.asset.name.clone(),
            code: error.code.clone(),
            message: error.message.clone(),
        });
    }
}

/// Brings one file back.
fn fetch(node: &Arc<Node>, missing: &Missing) -> Result<(), NodeError> {
    let wanted = Wanted {
        home: node.library.identity()?.device,
        asset: missing.asset.id,
        what: missing.what,
    };
    node.fetch(wanted, (missing.bytes, missing.hash))?;
    Ok(node.library.put_back(missing.asset.id, missing.what)?)
}

fn safety(node: &Node) -> Result<Safety, NodeError> {
    let found = node.library.safety()?;
    let is_online = |device| {
        node.peers_now()
            .is_some_and(|peers| peers.presence(device).route.is_some())
    };
    Ok(Safety {
        promise: found.promise,
        machines: found
            .machines
            .into_iter()
            .map(|machine| MachineSafety {
                is_online: machine.is_here || is_online(machine.device),
                machine: Named::new(machine.device, machine.name),
                is_here: machine.is_here,
                photos: machine.photos,
                alone: machine.alone,
                alone_bytes: machine.alone_bytes,
                holds: machine.holds,
                known_at: machine.known_at.map(rfc3339),
            })
            .collect(),
    })
}

fn safety_text(reply: &Safety) -> String {
    let promise = match reply.promise {
        true => "Every original is to be on two of your machines.",
        false => "Nothing is copied between your machines for safety.",
    };
    let rows = reply.machines.iter().map(|machine| {
        let here = if machine.is_here {
            " (this machine)"
        } else {
            ""
        };
        format!(
            "{}{here}: {} photos, {} of them nowhere else; keeps {} originals of others",
            machine.machine.shown(),
            machine.photos,
            machine.alone,
            machine.holds
        )
    });
    let lines: Vec<String> = std::iter::once(promise.to_owned()).chain(rows).collect();
    lines.join("\n")
}

impl Command for ShowSafety {
    const NAME: &'static str = "safety.show";
    const ABOUT: &'static str = "Tell what would be lost if one of your machines died";
    type Reply = Safety;

    fn run(self, node: &Arc<Node>) -> Result<Safety, NodeError> {
        safety(node)
    }

    fn text(reply: &Safety) -> String {
        safety_text(reply)
    }
}

impl Command for ListAlone {
    const NAME: &'static str = "safety.alone";
    const ABOUT: &'static str = "List the photos whose original is on this machine alone";
    type Reply = AssetList;

    fn run(self, node: &Arc<Node>) -> Result<AssetList, NodeError> {
        let limit = self.limit.unwrap_or(LISTED).clamp(1, 1_000);
        let alone = node.library.alone(limit)?;
        Ok(AssetList {
            assets: alone.into_iter().map(Asset::from).collect(),
            next: None,
        })
    }

    fn text(reply: &AssetList) -> String {
        match reply.assets.is_empty() {
            true => "Every original is on another machine of yours, too.".to_owned(),
            false => reply.assets.iter().map(row).collect::<Vec<_>>().join("\n"),
        }
    }
}

impl Command for PromiseTwo {
    const NAME: &'static str = "safety.promise";
    const ABOUT: &'static str = "Keep every original on two of your machines, or do not";
    type Reply = Safety;

    fn run(self, node: &Arc<Node>) -> Result<Safety, NodeError> {
        node.library.set_promise(self.on)?;
        safety(node)
    }

    fn text(reply: &Safety) -> String {
        safety_text(reply)
    }
}

impl Command for AdoptMachine {
    const NAME: &'static str = "safety.adopt";
    const ABOUT: &'static str =
        "Take over what is kept here of a machine of yours that is lost for good";
    type Reply = AdoptReport;

    fn run(self, node: &Arc<Node>) -> Result<AdoptReport, NodeError> {
        let machine = id(&self.machine)?;
        let is_there = node
            .peers_now()
            .is_some_and(|peers| peers.presence(machine).route.is_some());
        if is_there {
            return Err(NodeError::new(
                "wrong",
                "This machine is here now, and not lost: it keeps its photos itself.",
            ));
        }
        let job = node.jobs.begin("adopt");
        let adopted = node
            .library
            .adopt_machine(machine, &|progress: &Progress| job.go_on(progress));
        node.jobs.finish(&job, None);
        let adopted = adopted?;
        Ok(AdoptReport {
            photos: adopted.photos,
            lacking: adopted.lacking,
            albums: adopted.albums,
            cancelled: adopted.cancelled,
        })
    }

    fn text(reply: &AdoptReport) -> String {
        format!(
            "{} photos and {} albums are yours here now; the originals of {} photos are not on \
             this machine.",
            reply.photos, reply.albums, reply.lacking
        )
    }
}

impl Command for FetchMissing {
    const NAME: &'static str = "safety.fetch";
    const ABOUT: &'static str =
        "Bring originals that are missing or damaged here back from your other machines";
    type Reply = FetchReport;

    fn run(self, node: &Arc<Node>) -> Result<FetchReport, NodeError> {
        let missing = node.library.missing_originals()?;
        let job = node.jobs.begin("fetch");
        let mut progress = Progress {
            found: missing.len() as u64,
            ..Progress::default()
        };
        let mut report = FetchReport {
            fetched: 0,
            lacking: Vec::new(),
            cancelled: false,
        };
        for one in &missing {
            match fetch(node, one) {
                Ok(()) => report.fetched += 1,
                Err(error) => report.note(one, &error),
            }
            progress.done += 1;
            if !job.go_on(&progress) {
                report.cancelled = true;
                break;
            }
        }
        node.jobs.finish(&job, None);
        Ok(report)
    }

    fn text(reply: &FetchReport) -> String {
        match (reply.fetched, reply.lacking.len()) {
            (0, 0) => "No original is missing here.".to_owned(),
            (fetched, lacking) => format!(
                "{fetched} originals are here again; {lacking} could not be had: their machine is \
                 away, or none has them."
            ),
        }
    }

    fn outcome(reply: &FetchReport) -> Outcome {
        match (reply.fetched, reply.lacking.len()) {
            (_, 0) => Outcome::Done,
            (0, _) => Outcome::Failed,
            _ => Outcome::InPart,
        }
    }
}
