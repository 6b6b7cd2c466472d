//! Links that one machine serves for another.

use std::sync::Arc;

use clap::Args;
use library::{DeviceId, Keep, rfc3339};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{KeepName, Machine, machine};
use crate::command::{Command, id};
use crate::{Node, NodeError};

/// Arguments of `peer serve`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct ServeByPeer {
    /// The machine's id
    machine: String,
    /// Whether it serves your public links, too, true or false
    #[arg(action = clap::ArgAction::Set, value_parser = clap::builder::BoolishValueParser::new(), value_name = "on|off")]
    on: bool,
    /// For how long it does without a word of this machine, like 10m; what you end reaches it
    /// within that
    #[arg(long, value_name = "TIME")]
    lease: Option<String>,
    /// For how long after this machine was shut down in order, like 30d
    #[arg(long, value_name = "TIME")]
    asleep: Option<String>,
}

/// Arguments of `peer host`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct HostPeer {
    /// The machine's id
    machine: String,
    /// What is kept here of the photos that its links show; nothing: they are not served
    what: KeepName,
}

/// How a machine serves this one's links.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ServedLinks {
    /// What their addresses begin with there; null until it told, or while its own sharing
    /// is off.
    address: Option<String>,
    /// For how many seconds without a word of this machine.
    lease_seconds: u32,
    /// For how many seconds after this machine was shut down in order.
    asleep_seconds: u32,
}

/// What this machine serves for another.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct HostedLinks {
    /// Whether that machine asked for it; else it only may.
    asked: bool,
    /// What is kept here of the photos that they show.
    keep: KeepName,
    /// How many links.
    links: u64,
    /// How many photos they show.
    photos: u64,
    /// How many of those have their original here.
    originals: u64,
    /// How many files that visitors sent wait here for that machine.
    pub(super) uploads: u64,
    /// How many photos that members put into its albums do.
    pub(super) parcels: u64,
    /// Until when, if nothing more is heard of it.
    until: String,
}

pub(super) fn served(node: &Node, device: DeviceId) -> Result<Option<ServedLinks>, NodeError> {
    let seconds = |ms: i64| u32::try_from(ms / 1_000).unwrap_or(u32::MAX);
    let servers = node.library.servers()?.into_iter();
    let mut found = servers.filter(|server| server.device == device);
    Ok(found.next().map(|server| ServedLinks {
        address: server.address,
        lease_seconds: seconds(server.lease_ms),
        asleep_seconds: seconds(server.rest_ms),
    }))
}

pub(super) fn hosted(node: &Node, home: DeviceId) -> Result<Option<HostedLinks>, NodeError> {
    let all = node.library.hostings()?.into_iter();
    let mut found = all.filter(|hosting| hosting.home == home);
    Ok(found.next().map(|hosting| HostedLinks {
        asked: hosting.asked,
        keep: hosting.keep.into(),
        links: hosting.links,
        photos: hosting.photos,
        originals: hosting.originals,
        uploads: hosting.uploads,
        parcels: hosting.parcels,
        until: rfc3339(hosting.until_ms),
    }))
}

/// Milliseconds of `30s`, `10m`, `12h` or `30d`; at least ten seconds, for a machine says
/// every two that it is there.
fn length(text: &str) -> Result<i64, NodeError> {
    let wrong = || {
        NodeError::new(
            "usage",
            format!("«{text}» is no length of time; write it like 10m, 12h or 30d."),
        )
    };
    let text = text.trim();
    let (number, seconds) = match text.char_indices().last() {
        Some((end, 's')) => (text.get(..end), 1),
        Some((end, 'm')) => (text.get(..end), 60),
        Some((end, 'h')) => (text.get(..end), 60 * 60),
        Some((end, 'd')) => (text.get(..end), 24 * 60 * 60),
        _ => return Err(wrong()),
    };
    let number: u32 = number
        .and_then(|number| number.parse().ok())
        .ok_or_else(wrong)?;
    match i64::from(number) * seconds * 1_000 {
        10_000.. => Ok(i64::from(number) * seconds * 1_000),
        _ => Err(NodeError::new(
            "usage",
            "A machine says every two seconds that it is there; allow at least ten seconds.",
        )),
    }
}

impl Command for ServeByPeer {
    const NAME: &'static str = "peer.serve";
    const ABOUT: &'static str =
        "Have a machine that is always on serve your public links, too, or no more";
    type Reply = Machine;

    fn run(self, node: &Arc<Node>) -> Result<Machine, NodeError> {
        let device = id(&self.machine)?;
        let lease = self.lease.as_deref().map(length).transpose()?;
        let asleep = self.asleep.as_deref().map(length).transpose()?;
        node.library.set_server(device, self.on)?;
        if self.on && (lease.is_some() || asleep.is_some()) {
            node.library.set_lease(device, lease, asleep)?;
        }
        machine(node, &node.library.peer(device)?)
    }

    fn text(reply: &Machine) -> String {
        let name = &reply.name;
        match &reply.serves {
            None => format!("«{name}» does not serve your links, once it has heard so."),
            Some(ServedLinks {
                address: Some(address),
                ..
            }) => format!("«{name}» serves your links at {address}."),
            Some(ServedLinks { address: None, .. }) => format!(
                "«{name}» is asked to serve your links; they begin with its address once it has \
                 answered. Its own sharing has to be on."
            ),
        }
    }
}

impl Command for HostPeer {
    const NAME: &'static str = "peer.host";
    const ABOUT: &'static str =
        "Say whether another machine's public links are served here, and what of them is kept";
    type Reply = Machine;

    fn run(self, node: &Arc<Node>) -> Result<Machine, NodeError> {
        let device = id(&self.machine)?;
        node.library.set_hosting(device, Keep::from(self.what))?;
        machine(node, &node.library.peer(device)?)
    }

    fn text(reply: &Machine) -> String {
        let name = &reply.name;
        match &reply.hosts {
            None => format!("Links of «{name}» are not served here."),
            Some(hosted) if hosted.asked => format!(
                "Links of «{name}» are served here: {} links to {} photos.",
                hosted.links, hosted.photos
            ),
            Some(_) => format!("Links of «{name}» are served here once it asks for that."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn lengths_of_time_are_read() {
        assert_eq!(length("10s").unwrap(), 10_000);
        assert_eq!(length("10m").unwrap(), 600_000);
        assert_eq!(length(" 2h ").unwrap(), 7_200_000);
        assert_eq!(length("30d").unwrap(), 2_592_000_000);
        for wrong in [
            "",
            "m",
            "10",
            "-1m",
            "1.5h",
            "ten",
            "9999999999d",
            "5µ",
            "9s",
            "0d",
        ] {
            assert_eq!(length(wrong).unwrap_err().code, "usage", "{wrong}");
        }
    }
}
