//! Turning the listener on and off.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use clap::Args;
use library::Setting;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Command;
use crate::event::{Event, Noun};
use crate::{Node, NodeError, Sharing, sharing};

/// Arguments of `sharing show`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ShowSharing {}

/// Arguments of `sharing set`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct SetSharing {
    /// `on`: serve links to the local network; `off`: to no one
    #[arg(value_parser = on_or_off, action = clap::ArgAction::Set)]
    on: Option<bool>,
    /// The address and port to listen at, like 0.0.0.0:8477; empty: the usual
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<String>,
    /// The address links are written with, like https://photos.example.org;
    /// empty: this machine's own
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
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
            (Some(address), _) => {
                let visitors = match reply.visitors {
                    0 => String::new(),
                    1 => " One visitor is connected.".to_owned(),
                    several => format!(" {several} visitors are connected."),
                };
                format!("Sharing is on, at {address}.{visitors}")
            }
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
    const ABOUT: &'static str =
        "Serve links to the local network, or stop, and say at which address";
    type Reply = Sharing;

    fn run(self, node: &Arc<Node>) -> Result<Sharing, NodeError> {
        if let Some(address) = &self.listen {
            sharing::check_listen(address)?;
        }
        if let Some(url) = &self.public_url {
            sharing::check_public_url(url)?;
        }
        let wishes = [
            (
                Setting::Sharing,
                self.on.map(|on| if on { "on" } else { "off" }.to_owned()),
            ),
            (Setting::Listen, self.listen),
            (Setting::PublicUrl, self.public_url),
        ];
        for (setting, wish) in wishes {
            if let Some(value) = wish {
                node.library.set_setting(setting, value.trim())?;
            }
        }
        // A command on its own ends at once, and a listener with it.
        let listens = node.stays.load(Ordering::Relaxed)
            && node.library.setting(Setting::Sharing)?.as_deref() == Some("on");
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
