//! Locked photos: the PIN, what is locked, and opening the shelf they lie on.

use std::sync::Arc;

use clap::Args;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::album::Shift;
use super::{Command, ids};
use crate::{Node, NodeError};

/// Arguments of `lock pin`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct SetPin {
    /// Read the PIN from standard input; for a change, the old one on a line before it
    #[arg(long)]
    #[serde(skip)]
    #[ts(skip)]
    pin_stdin: bool,
    /// The PIN there is.
    #[arg(skip)]
    old: Option<String>,
    /// The new one.
    #[arg(skip)]
    pin: String,
}

/// Arguments of `lock open`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct OpenLocked {
    /// Read the PIN from standard input
    #[arg(long)]
    #[serde(skip)]
    #[ts(skip)]
    pin_stdin: bool,
    /// The PIN.
    #[arg(skip)]
    pin: String,
}

/// Arguments of `lock close`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct CloseLocked {}

/// Arguments of `lock show`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ShowLock {}

/// Arguments of `lock add`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct Lock {
    /// The photos' ids
    #[arg(required = true)]
    assets: Vec<String>,
}

/// Arguments of `lock remove`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct Unlock {
    /// The photos' ids
    #[arg(required = true)]
    assets: Vec<String>,
}

/// Answer to `lock show`, `lock pin`, `lock open` and `lock close`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct LockState {
    /// Whether a PIN was chosen.
    has_pin: bool,
    /// Whether locked photos can be seen now.
    open: bool,
    /// When it closes by itself, in milliseconds, unless it is looked at.
    closes_in_ms: u64,
}

impl LockState {
    fn of(node: &Node) -> Result<LockState, NodeError> {
        let state = node.library.lock_state()?;
        Ok(LockState {
            has_pin: state.has_pin,
            open: state.open_ms.is_some(),
            closes_in_ms: state.open_ms.unwrap_or(0).unsigned_abs(),
        })
    }

    fn text(self) -> String {
        match self {
            LockState { has_pin: false, .. } => "No PIN was chosen yet.".to_owned(),
            LockState { open: false, .. } => "Locked photos are closed.".to_owned(),
            LockState { closes_in_ms, .. } => format!(
                "Locked photos are open in this node, for {} s more.",
                closes_in_ms.div_ceil(1_000)
            ),
        }
    }
}

/// The lines of standard input.
///
/// # Errors
/// A sentence, when no PIN came.
pub fn pins_on_stdin(is_asked: bool) -> Result<Vec<String>, NodeError> {
    let mut pins = Vec::new();
    if is_asked {
        for line in std::io::stdin().lines().take(2) {
            pins.push(line?.trim_end_matches('\r').to_owned());
        }
        pins.retain(|pin| !pin.is_empty());
    }
    match pins.is_empty() {
        true => Err(NodeError::new(
            "usage",
            "Give the PIN on standard input, with --pin-stdin.",
        )),
        false => Ok(pins),
    }
}

impl Command for SetPin {
    const NAME: &'static str = "lock.pin";
    const ABOUT: &'static str = "Choose the PIN that opens locked photos, or change it";
    type Reply = LockState;

    fn prepare(mut self) -> Result<Self, NodeError> {
        let mut pins = pins_on_stdin(self.pin_stdin)?;
        self.pin = pins.pop().unwrap_or_default();
        self.old = pins.pop();
        Ok(self)
    }

    fn run(self, node: &Arc<Node>) -> Result<LockState, NodeError> {
        node.library.set_pin(self.old.as_deref(), &self.pin)?;
        LockState::of(node)
    }

    fn text(_: &LockState) -> String {
        "The PIN is set. Locked photos are hidden with it, not encrypted: whoever can read \
         the library's folder can read their files."
            .to_owned()
    }
}

impl Command for OpenLocked {
    const NAME: &'static str = "lock.open";
    const ABOUT: &'static str = "Open the locked photos for some minutes, in a running node";
    type Reply = LockState;

    fn prepare(mut self) -> Result<Self, NodeError> {
        self.pin = pins_on_stdin(self.pin_stdin)?.pop().unwrap_or_default();
        Ok(self)
    }

    fn run(self, node: &Arc<Node>) -> Result<LockState, NodeError> {
        node.library.open_locked(&self.pin)?;
        LockState::of(node)
    }

    fn text(reply: &LockState) -> String {
        reply.text()
    }
}

impl Command for CloseLocked {
    const NAME: &'static str = "lock.close";
    const ABOUT: &'static str = "Close the locked photos now";
    type Reply = LockState;

    fn run(self, node: &Arc<Node>) -> Result<LockState, NodeError> {
        node.library.close_locked();
        LockState::of(node)
    }

    fn text(reply: &LockState) -> String {
        reply.text()
    }
}

impl Command for ShowLock {
    const NAME: &'static str = "lock.show";
    const ABOUT: &'static str = "Show whether a PIN was chosen, and whether locked photos are open";
    type Reply = LockState;

    fn run(self, node: &Arc<Node>) -> Result<LockState, NodeError> {
        LockState::of(node)
    }

    fn text(reply: &LockState) -> String {
        reply.text()
    }
}

impl Command for Lock {
    const NAME: &'static str = "lock.add";
    const ABOUT: &'static str = "Hide photos everywhere until the PIN is given";
    type Reply = Shift;

    fn run(self, node: &Arc<Node>) -> Result<Shift, NodeError> {
        Ok(node.library.set_locked(&ids(&self.assets)?, true)?.into())
    }

    fn text(reply: &Shift) -> String {
        format!("{} locked.", reply.changed())
    }
}

impl Command for Unlock {
    const NAME: &'static str = "lock.remove";
    const ABOUT: &'static str = "Bring locked photos back into the timeline";
    type Reply = Shift;

    fn run(self, node: &Arc<Node>) -> Result<Shift, NodeError> {
        Ok(node.library.set_locked(&ids(&self.assets)?, false)?.into())
    }

    fn text(reply: &Shift) -> String {
        format!("{} brought back into the timeline.", reply.changed())
    }
}
