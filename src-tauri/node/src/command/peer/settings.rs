//! How other machines are looked for, and the relays by which they are met.

use std::sync::Arc;

use clap::Args;
use library::Setting;
use serde::{Deserialize, Serialize};
use sync::RelayServed;
use ts_rs::TS;

use crate::command::Command;
use crate::peers::relay_address;
use crate::{Event, Node, NodeError, Noun};

/// Arguments of `peer set`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct SetPeers {
    /// Tell of this machine on its network and look for others, from the next start on
    #[arg(long, value_name = "on|off", value_parser = ["on", "off"])]
    lan: Option<String>,
    /// A relay of your own where this machine is met, like https://relay.example.org;
    /// empty: the one that another machine of yours tells of, or none, from the next
    /// start on
    #[arg(long, value_name = "URL")]
    relay: Option<String>,
    /// Serve a relay at this address of this machine, to machines that it knows; with
    /// the certificate of links where there is one
    #[arg(long, value_name = "ADDRESS:PORT|off")]
    serve_relay: Option<String>,
}

/// Answer to `peer set`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PeerSettings {
    lan: bool,
    /// The relay where this machine is met.
    relay: Option<String>,
    /// Where this machine is to serve one.
    serve_relay: Option<String>,
    /// Where it serves one now, like `https://0.0.0.0:3340`.
    relay_served: Option<String>,
    /// Why it does not.
    relay_trouble: Option<String>,
}

impl Command for SetPeers {
    const NAME: &'static str = "peer.set";
    const ABOUT: &'static str = "Say how other machines are looked for, and at which relay met";
    type Reply = PeerSettings;

    fn run(self, node: &Arc<Node>) -> Result<PeerSettings, NodeError> {
        let relay = self.relay.as_deref().map(str::trim);
        if relay.is_some_and(|relay| !relay.is_empty() && !sync::is_relay(relay)) {
            return Err(NodeError::new(
                "wrong",
                "A relay has an address like https://relay.example.org.",
            ));
        }
        let serve = self.serve_relay.as_deref().map(str::trim);
        let serve = serve.map(|serve| if serve == "off" { "" } else { serve });
        if let Some(address) = serve.filter(|serve| !serve.is_empty()) {
            relay_address(address)?;
        }
        let wishes = [
            (Setting::PeerLan, self.lan.as_deref()),
            (Setting::PeerRelay, relay),
            (Setting::PeerServeRelay, serve),
        ];
        for (setting, wish) in wishes {
            if let Some(value) = wish {
                node.library.set_setting(setting, value)?;
            }
        }
        // A command on its own ends at once, and a relay with it.
        if node.stays() {
            node.runtime.block_on(apply(node, relay, serve))?;
        }
        show(node)
    }

    fn text(reply: &PeerSettings) -> String {
        let mut said = vec![match reply.lan {
            true => "Machines on this network are looked for.".to_owned(),
            false => "This machine tells nobody of itself.".to_owned(),
        }];
        said.extend(
            reply
                .relay
                .as_ref()
                .map(|relay| format!("The relay is {relay}.")),
        );
        let wanted = &reply.serve_relay;
        said.extend(match (&reply.relay_served, &reply.relay_trouble) {
            (Some(served), _) => Some(format!(
                "A relay is served at {served}, to machines that are known here."
            )),
            (None, Some(trouble)) => Some(trouble.clone()),
            (None, None) => wanted.as_ref().map(|address| {
                format!("A relay is served at {address} once Albumen runs and knows a machine.")
            }),
        });
        said.join(" ")
    }
}

/// Does what was said in the node that runs.
async fn apply(
    node: &Arc<Node>,
    relay: Option<&str>,
    serve: Option<&str>,
) -> Result<(), NodeError> {
    if serve.is_some_and(|serve| !serve.is_empty()) {
        node.peers().await?;
    }
    if let Some(peers) = node.peers_now() {
        if let Some(relay) = relay {
            peers.use_relay(relay.parse().ok()).await?;
        }
        if serve.is_some() {
            let served = node.serve_relay().await;
            node.tell(Event::of(Noun::Peers));
            served?;
        }
    }
    Ok(())
}

fn show(node: &Node) -> Result<PeerSettings, NodeError> {
    let set = |setting| -> Result<Option<String>, NodeError> {
        let value = node.library.setting(setting)?;
        Ok(value.filter(|value| !value.is_empty()))
    };
    let RelayServed { at, trouble } = node
        .peers_now()
        .map(sync::Peers::relay_served)
        .unwrap_or_default();
    Ok(PeerSettings {
        lan: set(Setting::PeerLan)?.as_deref() != Some("off"),
        relay: set(Setting::PeerRelay)?,
        serve_relay: set(Setting::PeerServeRelay)?,
        relay_served: at,
        relay_trouble: trouble,
    })
}
