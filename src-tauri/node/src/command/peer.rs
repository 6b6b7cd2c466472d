//! Other machines: inviting and joining, who they are, what is kept of them.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use clap::Args;
use library::{Keep, Peer, Setting, rfc3339};
use qrcode::{EcLevel, QrCode};
use serde::{Deserialize, Serialize};
use sync::{PairingState, Route};
use ts_rs::TS;

use super::library::Named;
use super::{Command, Done, id};
use crate::{Node, NodeError};

/// Arguments of `peer list`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ListPeers {}

/// Arguments of `peer invite`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct Invite {
    /// For another machine of yours, which then has your whole library
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    own: bool,
    /// With a code to be spoken, for a machine on the same network
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    code: bool,
    /// Take in whoever comes with it, without comparing the words
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    yes: bool,
}

/// Arguments of `peer uninvite`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct Uninvite {}

/// Arguments of `peer join`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct Join {
    /// The invitation, or its code
    invitation: String,
    /// Say yes to the words, and wait for the other side
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    yes: bool,
}

/// Arguments of `peer confirm`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ConfirmPairing {
    /// The pairing's number
    #[ts(type = "number")]
    id: u64,
}

/// Arguments of `peer decline`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct DeclinePairing {
    /// The pairing's number
    #[ts(type = "number")]
    id: u64,
}

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

/// Arguments of `peer keep`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct KeepOfPeer {
    /// The machine's id
    machine: String,
    /// What is kept here of its photos
    what: KeepName,
}

/// Arguments of `peer address`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct AddressPeer {
    /// The machine's id
    machine: String,
    /// Where it is looked for besides, like nas.local:8478; empty: nowhere
    address: String,
}

/// Arguments of `peer set`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct SetPeers {
    /// Tell of this machine on its network and look for others, from the next start on
    #[arg(long, value_name = "on|off", value_parser = ["on", "off"])]
    lan: Option<String>,
    /// A relay of your own, like https://relay.example.org, from the next start on;
    /// empty: none
    #[arg(long, value_name = "URL")]
    relay: Option<String>,
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
    invite: Option<OpenInvite>,
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
    machines: Vec<Machine>,
}

/// By which way a machine is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Path {
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
    path: Option<Path>,
    /// Where it is reached now.
    address: Option<String>,
    /// When it was last in contact.
    seen_at: Option<String>,
    /// Where it is looked for besides.
    typed: Option<String>,
    keep: KeepName,
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
    /// Why it is not reached.
    trouble: Option<String>,
}

/// How far a pairing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PairingStateName {
    /// Nobody here has answered.
    Asking,
    /// Here it was yes; the other side has not answered.
    Waiting,
    /// Both know each other.
    Done,
    /// It came to nothing.
    Failed,
}

/// Two machines about to know each other.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Pairing {
    #[ts(type = "number")]
    id: u64,
    /// The other machine's name.
    machine: String,
    /// Its person's name; empty until given.
    person: String,
    /// Four words, the same on both screens.
    words: Vec<String>,
    /// Whether both are to be machines of one person.
    is_own: bool,
    state: PairingStateName,
    /// Why it came to nothing.
    reason: Option<String>,
}

/// An invitation.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OpenInvite {
    /// To be pasted on the other machine.
    ticket: String,
    /// The same as an address that opens Albumen.
    address: String,
    /// To be spoken, on the same network.
    code: Option<String>,
    /// The address as a QR code, an SVG picture.
    qr: String,
    expires_at: String,
    /// Whether it is for another machine of one's own.
    is_own: bool,
}

/// Answer to `peer remove`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PeersRemoved {
    /// Names of the machines that are not known any more.
    machines: Vec<String>,
}

/// Answer to `peer set`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PeerSettings {
    lan: bool,
    relay: Option<String>,
}

impl From<sync::Pairing> for Pairing {
    fn from(pairing: sync::Pairing) -> Pairing {
        let (state, reason) = match pairing.state {
            PairingState::Asking => (PairingStateName::Asking, None),
            PairingState::Waiting => (PairingStateName::Waiting, None),
            PairingState::Done => (PairingStateName::Done, None),
            PairingState::Failed(reason) => (PairingStateName::Failed, Some(reason)),
        };
        Pairing {
            id: pairing.id,
            machine: pairing.machine,
            person: pairing.person,
            words: pairing.words,
            is_own: pairing.is_own,
            state,
            reason,
        }
    }
}

impl OpenInvite {
    fn of(invitation: &sync::Invitation) -> Result<OpenInvite, NodeError> {
        let address = format!("{}{}", sync::SCHEME, invitation.ticket);
        let code = QrCode::with_error_correction_level(&address, EcLevel::L)
            .map_err(|error| NodeError::new("qr", format!("No code was made: {error}.")))?;
        let left = invitation.ends.saturating_duration_since(Instant::now());
        let ends = SystemTime::now() + left;
        let ends = ends.duration_since(SystemTime::UNIX_EPOCH);
        let ends = ends.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0));
        Ok(OpenInvite {
            ticket: invitation.ticket.clone(),
            qr: super::link::plain_qr(&code, ""),
            address,
            code: invitation.code.clone(),
            expires_at: rfc3339(ends),
            is_own: invitation.is_own,
        })
    }
}

pub(super) fn machine(node: &Node, peer: &Peer) -> Result<Machine, NodeError> {
    let presence = node
        .peers_now()
        .map(|peers| peers.presence(peer.device))
        .unwrap_or_default();
    let totals = node.library.replica_totals(peer.device)?;
    Ok(Machine {
        id: peer.device.to_string(),
        name: peer.name.clone(),
        is_online: presence.route.is_some(),
        path: presence.route.map(|route| match route {
            Route::Local => Path::Local,
            Route::Direct => Path::Direct,
            Route::Relay => Path::Relay,
        }),
        address: presence.address,
        seen_at: peer.seen_at.map(rfc3339),
        typed: peer.typed.clone(),
        keep: match peer.keep {
            Keep::Nothing => KeepName::Nothing,
            Keep::Previews => KeepName::Previews,
            Keep::Originals => KeepName::Originals,
        },
        assets: totals.assets,
        previews: totals.previews,
        originals: totals.originals,
        kept_bytes: totals.bytes,
        waiting: totals.waiting,
        refused: totals.refused,
        complete_at: totals.complete_at.map(rfc3339),
        trouble: presence.trouble,
    })
}

/// Fails where nobody would be there any more when the other side answers.
fn must_stay(node: &Node) -> Result<(), NodeError> {
    match node.stays() {
        true => Ok(()),
        false => Err(NodeError::new(
            "not_running",
            "For this, Albumen has to be running: open its window, or start `albumen serve`, and \
             try again.",
        )),
    }
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
                .map(|open| OpenInvite::of(&open))
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
        for pairing in &reply.pairings {
            if pairing.state == PairingStateName::Asking {
                lines.push(format!(
                    "«{}» would like to know this machine; its words are: {}. Answer with `albumen \
                     peer confirm {}` or `decline`.",
                    pairing.machine,
                    pairing.words.join(" "),
                    pairing.id
                ));
            }
        }
        match lines.is_empty() {
            true => "No other machine is known; `albumen peer invite` begins.".to_owned(),
            false => lines.join("\n"),
        }
    }
}

fn row(machine: &Machine) -> String {
    let how = match (machine.path, &machine.seen_at) {
        (Some(Path::Local), _) => "on this network".to_owned(),
        (Some(Path::Direct), _) => "through the internet".to_owned(),
        (Some(Path::Relay), _) => "through the relay".to_owned(),
        (None, Some(seen)) => format!("last seen {seen}"),
        (None, None) => "not seen yet".to_owned(),
    };
    format!(
        "{}  {}  {how}; {} photos known, {} previews and {} originals here",
        machine.id, machine.name, machine.assets, machine.previews, machine.originals
    )
}

impl Command for Invite {
    const NAME: &'static str = "peer.invite";
    const ABOUT: &'static str = "Invite another machine: yours, or somebody else's";
    type Reply = OpenInvite;

    fn run(self, node: &Arc<Node>) -> Result<OpenInvite, NodeError> {
        must_stay(node)?;
        let peers = node.runtime.block_on(node.peers())?;
        OpenInvite::of(&peers.invite(self.own, self.code, self.yes))
    }

    fn text(reply: &OpenInvite) -> String {
        let code = reply.code.as_ref().map_or_else(String::new, |code| {
            format!("\nOr, on the same network, its code: {code}")
        });
        format!(
            "On the other machine: albumen peer join {}{code}\nIt holds once, until {}.",
            reply.ticket, reply.expires_at
        )
    }
}

impl Command for Uninvite {
    const NAME: &'static str = "peer.uninvite";
    const ABOUT: &'static str = "End the invitation that is open";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        if let Some(peers) = node.peers_now() {
            peers.uninvite();
        }
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        "No invitation is open.".to_owned()
    }
}

impl Command for Join {
    const NAME: &'static str = "peer.join";
    const ABOUT: &'static str = "Come to know the machine that invited";
    type Reply = Pairing;

    fn run(self, node: &Arc<Node>) -> Result<Pairing, NodeError> {
        if !self.yes {
            must_stay(node)?;
        }
        node.runtime.block_on(async {
            let peers = node.peers().await?;
            let pairing = peers.join(&self.invitation).await?;
            if !self.yes {
                return Ok(pairing.into());
            }
            peers.answer(pairing.id, true)?;
            let ended: Pairing = peers.ended(pairing.id).await?.into();
            match ended.reason {
                Some(reason) => Err(NodeError::new("pairing", reason)),
                None => Ok(ended),
            }
        })
    }

    fn text(reply: &Pairing) -> String {
        pairing_text(reply)
    }
}

fn pairing_text(pairing: &Pairing) -> String {
    let words = pairing.words.join(" ");
    match pairing.state {
        PairingStateName::Asking => format!(
            "Both screens must show: {words}\nIf they do: albumen peer confirm {}",
            pairing.id
        ),
        PairingStateName::Waiting => {
            format!("«{}» has yet to answer; it shows: {words}", pairing.machine)
        }
        PairingStateName::Done => {
            format!("This machine and «{}» know each other.", pairing.machine)
        }
        PairingStateName::Failed => pairing.reason.clone().unwrap_or_default(),
    }
}

fn answer(node: &Node, number: u64, yes: bool) -> Result<Pairing, NodeError> {
    let peers = node
        .peers_now()
        .ok_or_else(|| NodeError::from(sync::SyncError::NoPairing))?;
    Ok(peers.answer(number, yes)?.into())
}

impl Command for ConfirmPairing {
    const NAME: &'static str = "peer.confirm";
    const ABOUT: &'static str = "Say that both screens show the same words";
    type Reply = Pairing;

    fn run(self, node: &Arc<Node>) -> Result<Pairing, NodeError> {
        answer(node, self.id, true)
    }

    fn text(reply: &Pairing) -> String {
        pairing_text(reply)
    }
}

impl Command for DeclinePairing {
    const NAME: &'static str = "peer.decline";
    const ABOUT: &'static str = "Say no to a machine that would like to know this one";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        answer(node, self.id, false).map(|_| Done {})
    }

    fn text(_: &Done) -> String {
        "Nothing was shared.".to_owned()
    }
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
        let keep = match self.what {
            KeepName::Nothing => Keep::Nothing,
            KeepName::Previews => Keep::Previews,
            KeepName::Originals => Keep::Originals,
        };
        node.library.set_peer_keep(device, keep)?;
        machine(node, &node.library.peer(device)?)
    }

    fn text(reply: &Machine) -> String {
        row(reply)
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

impl Command for SetPeers {
    const NAME: &'static str = "peer.set";
    const ABOUT: &'static str = "Say how other machines are looked for";
    type Reply = PeerSettings;

    fn run(self, node: &Arc<Node>) -> Result<PeerSettings, NodeError> {
        if let Some(lan) = &self.lan {
            node.library.set_setting(Setting::PeerLan, lan)?;
        }
        if let Some(relay) = &self.relay {
            if !relay.is_empty() && !sync::is_relay(relay) {
                return Err(NodeError::new(
                    "wrong",
                    "A relay has an address like https://relay.example.org.",
                ));
            }
            node.library.set_setting(Setting::PeerRelay, relay)?;
        }
        Ok(PeerSettings {
            lan: node.library.setting(Setting::PeerLan)?.as_deref() != Some("off"),
            relay: node
                .library
                .setting(Setting::PeerRelay)?
                .filter(|relay| !relay.is_empty()),
        })
    }

    fn text(reply: &PeerSettings) -> String {
        let lan = match reply.lan {
            true => "Machines on this network are looked for.",
            false => "This machine tells nobody of itself.",
        };
        match &reply.relay {
            Some(relay) => format!("{lan} The relay is {relay}."),
            None => lan.to_owned(),
        }
    }
}
