//! Turning the listener on and off.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use clap::Args;
use library::Setting;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Command;
use crate::event::{Event, Noun};
use crate::{Node, NodeError, Sharing};

/// Arguments of `sharing show`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ShowSharing {}

/// Arguments of `sharing set`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct SetSharing {
    /// `on`: serve links to the local network; `off`: to no one
    #[arg(value_parser = on_or_off, action = clap::ArgAction::Set)]
    on: bool,
}

fn on_or_off(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("write on or off".to_owned()),
    }
}

impl Command for ShowSharing {
    const NAME: &'static str = "sharing.show";
    const ABOUT: &'static str = "Show whether and where links are served";
    type Reply = Sharing;

    fn run(self, node: &Arc<Node>) -> Result<Sharing, NodeError> {
        node.runtime.block_on(node.listener.show(&node.library))
    }

    fn text(reply: &Sharing) -> String {
        match (&reply.address, &reply.problem) {
            (Some(address), _) => format!("Sharing is on, at {address}."),
            (None, Some(problem)) => format!("Sharing is off: {problem}"),
            (None, None) if reply.wanted => {
                "Sharing begins when Albumen runs: open the window, or `albumen serve`.".to_owned()
            }
            (None, None) => "Sharing is off.".to_owned(),
        }
    }
}

impl Command for SetSharing {
    const NAME: &'static str = "sharing.set";
    const ABOUT: &'static str = "Serve links to the local network, or stop";
    type Reply = Sharing;

    fn run(self, node: &Arc<Node>) -> Result<Sharing, NodeError> {
        let value = if self.on { "on" } else { "off" };
        node.library.set_setting(Setting::Sharing, value)?;
        // A command on its own ends at once, and a listener with it.
        let listens = self.on && node.stays.load(Ordering::Relaxed);
        let begun = node.runtime.block_on(async {
            node.listener.stop().await;
            if listens {
                node.listener.listen(&node.library).await.map(|_| ())
            } else {
                Ok(())
            }
        });
        node.tell(Event::of(Noun::Sharing));
        begun?;
        ShowSharing {}.run(node)
    }

    fn text(reply: &Sharing) -> String {
        ShowSharing::text(reply)
    }
}
