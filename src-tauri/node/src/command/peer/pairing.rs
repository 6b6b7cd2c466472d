//! Inviting another machine, joining one, and the question that both people answer.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use clap::Args;
use library::rfc3339;
use qrcode::{EcLevel, QrCode};
use serde::{Deserialize, Serialize};
use sync::PairingState;
use ts_rs::TS;

use crate::command::{Command, Done, link};
use crate::{Node, NodeError};

/// Arguments of `peer invite`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct InvitePeer {
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
pub struct UninvitePeer {}

/// Arguments of `peer join`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct JoinPeer {
    /// The invitation, or its code
    invitation: String,
    /// Make this machine one of the inviting person's, if that is what the invitation is for
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    own: bool,
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

/// How far a pairing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "PairingState")]
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
pub struct Invite {
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

impl Pairing {
    /// What the person here is asked, while nobody has answered.
    pub(super) fn question(&self) -> Option<String> {
        (self.state == PairingStateName::Asking).then(|| {
            format!(
                "«{}» would like to know this machine; its words are: {}.{} Answer with `albumen \
                 peer confirm {}` or `decline`.",
                self.machine,
                self.words.join(" "),
                self.consequence(),
                self.id
            )
        })
    }
}

impl Pairing {
    /// What a yes means, where that is more than to know each other.
    fn consequence(&self) -> &'static str {
        match self.is_own {
            true => " Both become machines of one person, each with the whole library.",
            false => "",
        }
    }
}

impl Invite {
    pub(super) fn of(invitation: &sync::Invitation) -> Result<Invite, NodeError> {
        let address = format!("{}{}", sync::SCHEME, invitation.ticket);
        let code = QrCode::with_error_correction_level(&address, EcLevel::L)
            .map_err(|error| NodeError::new("qr", format!("No code was made: {error}.")))?;
        let left = invitation.ends.saturating_duration_since(Instant::now());
        let ends = SystemTime::now() + left;
        let ends = ends.duration_since(SystemTime::UNIX_EPOCH);
        let ends = ends.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0));
        Ok(Invite {
            ticket: invitation.ticket.clone(),
            qr: link::plain_qr(&code, ""),
            address,
            code: invitation.code.clone(),
            expires_at: rfc3339(ends),
            is_own: invitation.is_own,
        })
    }
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

impl Command for InvitePeer {
    const NAME: &'static str = "peer.invite";
    const ABOUT: &'static str = "InvitePeer another machine: yours, or somebody else's";
    type Reply = Invite;

    fn run(self, node: &Arc<Node>) -> Result<Invite, NodeError> {
        must_stay(node)?;
        let peers = node.runtime.block_on(node.peers())?;
        Invite::of(&peers.invite(self.own, self.code, self.yes))
    }

    fn text(reply: &Invite) -> String {
        let code = reply.code.as_ref().map_or_else(String::new, |code| {
            format!("\nOr, on the same network, its code: {code}")
        });
        format!(
            "On the other machine: albumen peer join {}{code}\nIt holds once, until {}.",
            reply.ticket, reply.expires_at
        )
    }
}

impl Command for UninvitePeer {
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

impl Command for JoinPeer {
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
            if pairing.is_own && !self.own {
                peers.answer(pairing.id, false)?;
                return Err(NodeError::new(
                    "own",
                    "This invitation makes this machine one of the inviting person's, with the \
                     whole of its library; say --own if that is what you want.",
                ));
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
            "Both screens must show: {words}.{}\nIf they do: albumen peer confirm {}",
            pairing.consequence(),
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
