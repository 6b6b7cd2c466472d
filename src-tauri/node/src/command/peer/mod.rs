//! Other machines: who they are, how they are reached, what is kept of them.

mod pairing;
mod serving;
mod settings;

use std::sync::Arc;

use clap::Args;
use library::{Keep, Peer, rfc3339};
use serde::{Deserialize, Serialize};
use sync::Route;
use ts_rs::TS;

use super::library::Named;
use super::share::picture;
use super::{Command, id};
use crate::{Node, NodeError};
pub use pairing::{ConfirmPairing, DeclinePairing, InvitePeer, JoinPeer, UninvitePeer};
use pairing::{Invite, Pairing};
pub use serving::{HostPeer, ServeByPeer};
use serving::{HostedLinks, ServedLinks};
pub use settings::SetPeers;

/// Arguments of `peer list`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ListPeers {}

/// Arguments of `peer remove`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct RemovePeer {
    /// The id of a machine of yours, or of a person with all of theirs
    id: String,
}

/// What is kept here of another machine's photos.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KeepName {
    /// What was looked at lately.
    Nothing,
    /// Thumbnails and previews.
    Previews,
    /// Those, and originals.
    Originals,
}

impl From<Keep> for KeepName {
    fn from(keep: Keep) -> KeepName {
        match keep {
            Keep::Nothing => KeepName::Nothing,
            Keep::Previews => KeepName::Previews,
            Keep::Originals => KeepName::Originals,
        }
    }
}

impl From<KeepName> for Keep {
    fn from(name: KeepName) -> Keep {
        match name {
            KeepName::Nothing => Keep::Nothing,
            KeepName::Previews => Keep::Previews,
            KeepName::Originals => Keep::Originals,
        }
    }
}

/// Arguments of `peer keep`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct KeepOfPeer {
    /// The machine's id
    machine: String,
    /// What is kept here of its photos
    what: KeepName,
}

/// Arguments of `peer timeline`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ShowMachine {
    /// The machine's id
    machine: String,
    /// Whether its photos show in your timeline, true or false
    #[arg(action = clap::ArgAction::Set, value_parser = clap::builder::BoolishValueParser::new(), value_name = "on|off")]
    show: bool,
}

/// Arguments of `peer address`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct AddressPeer {
    /// The machine's id
    machine: String,
    /// Where it is looked for besides, like nas.local:8478; empty: nowhere
    address: String,
}

/// Answer to `peer list`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PeerList {
    /// Whose library this is.
    person: Named,
    /// This machine.
    device: Named,
    /// Everyone known; oneself first, with one's further machines.
    people: Vec<PeerPerson>,
    /// Pairings of late.
    pairings: Vec<Pairing>,
    /// The invitation that is open.
    invite: Option<Invite>,
    /// How many machines with Albumen are on this network, known or not.
    nearby: u32,
}

/// Somebody and their machines.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PeerPerson {
    id: String,
    /// Empty until given.
    name: String,
    /// Whether that is the library's own person.
    is_own: bool,
    /// A small picture, as a `data:` address.
    picture: Option<String>,
    machines: Vec<Machine>,
}

/// By which way a machine is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PeerPath {
    /// On this network.
    Local,
    /// Through the internet.
    Direct,
    /// Through a relay of one's own.
    Relay,
}

/// Another machine.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Machine {
    id: String,
    /// Empty until given.
    name: String,
    is_online: bool,
    /// How it is reached now.
    path: Option<PeerPath>,
    /// Where it is reached now.
    address: Option<String>,
    /// Whether originals come from it over TCP, which takes less work.
    lanes: bool,
    /// When it was last in contact.
    seen_at: Option<String>,
    /// Names of the other machines known here that hand on what it shows while it is away,
    /// as it said.
    mirrors: Vec<String>,
    /// The name of the one of them that does now.
    spoken_for: Option<String>,
    /// Where it is looked for besides.
    typed: Option<String>,
    keep: KeepName,
    /// Whether its photos show among those of this machine.
    in_timeline: bool,
    /// How many of its photos are known here.
    assets: u64,
    /// How many previews of them are here.
    previews: u64,
    /// How many originals.
    originals: u64,
    /// What those take, in bytes.
    kept_bytes: u64,
    /// How much asked of it waits.
    waiting: u64,
    /// Rows it told that cannot be.
    refused: u64,
    /// When all that it tells was known here, last.
    complete_at: Option<String>,
    /// How it serves this machine's links; null: it does not.
    serves: Option<ServedLinks>,
    /// What this machine serves for it; null: nothing.
    hosts: Option<HostedLinks>,
    /// Why it is not reached, or why what it tells cannot be taken over here.
    trouble: Option<String>,
}

/// Answer to `peer remove`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PeersRemoved {
    /// Names of the machines that are not known any more.
    machines: Vec<String>,
}

pub(super) fn machine(node: &Node, peer: &Peer) -> Result<Machine, NodeError> {
    let presence = node
        .peers_now()
        .map(|peers| peers.presence(peer.device))
        .unwrap_or_default();
    let totals = node.library.replica_totals(peer.device)?;
    let mirrors = node.library.mirrors_of(peer.device)?;
    let known = node.library.peers()?.into_iter();
    let mirrors = known.filter(|known| mirrors.contains(&known.device));
    let mirror = match node.peers_now() {
        Some(peers) if presence.route.is_none() => peers.speaks_for(peer.device)?,
        _ => None,
    };
    Ok(Machine {
        id: peer.device.to_string(),
        name: peer.name.clone(),
        is_online: presence.route.is_some(),
        path: presence.route.map(|route| match route {
            Route::Local => PeerPath::Local,
            Route::Direct => PeerPath::Direct,
            Route::Relay => PeerPath::Relay,
        }),
        address: presence.address,
        lanes: presence.lanes,
        seen_at: peer.seen_at.map(rfc3339),
        mirrors: mirrors.map(|mirror| mirror.name).collect(),
        spoken_for: mirror
            .map(|mirror| node.library.peer(mirror))
            .transpose()?
            .map(|mirror| mirror.name),
        typed: peer.typed.clone(),
        keep: peer.keep.into(),
        in_timeline: node.library.shows_machine(peer.device)?,
        assets: totals.assets,
        previews: totals.previews,
        originals: totals.originals,
        kept_bytes: totals.bytes,
        waiting: totals.waiting,
        refused: totals.refused,
        complete_at: totals.complete_at.map(rfc3339),
        serves: serving::served(node, peer.device)?,
        hosts: serving::hosted(node, peer.device)?,
        trouble: presence.trouble,
    })
}

impl Command for ListPeers {
    const NAME: &'static str = "peer.list";
    const ABOUT: &'static str =
        "List your other machines and the people you know, and how they are reached";
    type Reply = PeerList;

    fn run(self, node: &Arc<Node>) -> Result<PeerList, NodeError> {
        let (person, device) = super::library::named(node.library.identity()?);
        let mut people: Vec<PeerPerson> = Vec::new();
        for peer in node.library.peers()? {
            let found = machine(node, &peer)?;
            let id = peer.person.to_string();
            match people.iter_mut().find(|person| person.id == id) {
                Some(person) => person.machines.push(found),
                None => people.push(PeerPerson {
                    id,
                    name: peer.person_name,
                    is_own: peer.is_own,
                    picture: picture(node, peer.person)?,
                    machines: vec![found],
                }),
            }
        }
        let peers = node.peers_now();
        Ok(PeerList {
            person,
            device,
            people,
            pairings: peers.map_or_else(Vec::new, |peers| {
                peers.pairings().into_iter().map(Pairing::from).collect()
            }),
            invite: peers
                .and_then(sync::Peers::invitation)
                .map(|open| Invite::of(&open))
                .transpose()?,
            nearby: peers.map_or(0, |peers| u32::try_from(peers.nearby()).unwrap_or(u32::MAX)),
        })
    }

    fn text(reply: &PeerList) -> String {
        let mut lines = Vec::new();
        for person in &reply.people {
            let name = match (person.is_own, person.name.is_empty()) {
                (true, _) => "You",
                (false, true) => "Somebody",
                (false, false) => &person.name,
            };
            lines.push(format!("{name}  {}", person.id));
            lines.extend(
                person
                    .machines
                    .iter()
                    .map(|machine| format!("  {}", row(machine))),
            );
        }
        lines.extend(reply.pairings.iter().filter_map(Pairing::question));
        match lines.is_empty() {
            true => "No other machine is known; `albumen peer invite` begins.".to_owned(),
            false => lines.join("\n"),
        }
    }
}

fn row(machine: &Machine) -> String {
    let how = match (machine.path, &machine.seen_at) {
        (Some(PeerPath::Local), _) => "on this network".to_owned(),
        (Some(PeerPath::Direct), _) => "through the internet".to_owned(),
        (Some(PeerPath::Relay), _) => "through the relay".to_owned(),
        (None, Some(seen)) => format!("last seen {seen}"),
        (None, None) => "not seen yet".to_owned(),
    };
    let how = match &machine.spoken_for {
        Some(mirror) => format!("{how}; «{mirror}» stands in for it"),
        None => how,
    };
    let waiting = machine.hosts.as_ref().map_or_else(String::new, |hosts| {
        let of = |count: u64, whose: &str| match count {
            0 => String::new(),
            count => format!("; {count} {whose} wait here for it"),
        };
        of(hosts.uploads, "files of visitors") + &of(hosts.parcels, "photos for its albums")
    });
    let trouble = machine
        .trouble
        .as_ref()
        .map_or_else(String::new, |trouble| format!("\n    {trouble}"));
    format!(
        "{}  {}  {how}; {} photos known, {} previews and {} originals here{waiting}{trouble}",
        machine.id, machine.name, machine.assets, machine.previews, machine.originals
    )
}

impl Command for RemovePeer {
    const NAME: &'static str = "peer.remove";
    const ABOUT: &'static str = "Forget a machine or a person, and all that is kept of them here";
    type Reply = PeersRemoved;

    fn run(self, node: &Arc<Node>) -> Result<PeersRemoved, NodeError> {
        let gone = node.library.forget(&self.id)?;
        if let Some(peers) = node.peers_now() {
            node.runtime.block_on(peers.known_changed())?;
        }
        Ok(PeersRemoved {
            machines: gone.into_iter().map(|peer| peer.name).collect(),
        })
    }

    fn text(reply: &PeersRemoved) -> String {
        format!(
            "Not known any more: {}. What they have copied stays with them.",
            reply.machines.join(", ")
        )
    }
}

impl Command for KeepOfPeer {
    const NAME: &'static str = "peer.keep";
    const ABOUT: &'static str = "Say what is kept here of another machine's photos";
    type Reply = Machine;

    fn run(self, node: &Arc<Node>) -> Result<Machine, NodeError> {
        let device = id(&self.machine)?;
        node.library.set_peer_keep(device, self.what.into())?;
        machine(node, &node.library.peer(device)?)
    }

    fn text(reply: &Machine) -> String {
        row(reply)
    }
}

impl Command for ShowMachine {
    const NAME: &'static str = "peer.timeline";
    const ABOUT: &'static str =
        "Show the photos of another machine of yours in your timeline, or on its page alone";
    type Reply = Machine;

    fn run(self, node: &Arc<Node>) -> Result<Machine, NodeError> {
        let device = id(&self.machine)?;
        node.library.show_machine(device, self.show)?;
        machine(node, &node.library.peer(device)?)
    }

    fn text(reply: &Machine) -> String {
        match reply.in_timeline {
            true => format!("Photos of «{}» show in your timeline.", reply.name),
            false => format!("Photos of «{}» show on its page alone.", reply.name),
        }
    }
}

impl Command for AddressPeer {
    const NAME: &'static str = "peer.address";
    const ABOUT: &'static str = "Say where another machine is looked for besides";
    type Reply = Machine;

    fn run(self, node: &Arc<Node>) -> Result<Machine, NodeError> {
        let device = id(&self.machine)?;
        node.library.set_peer_address(device, &self.address)?;
        machine(node, &node.library.peer(device)?)
    }

    fn text(reply: &Machine) -> String {
        row(reply)
    }
}
