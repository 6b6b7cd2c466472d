//! What an operator's programs are told of a node, at addresses that this machine alone
//! reaches: `/healthz`, whether it is well, and `/metrics`, its figures.

mod health;
mod metrics;

use std::net::SocketAddr;
use std::sync::{Arc, Weak};

use library::Setting;
use tracing::info;

use crate::{EVENTS, Node, NodeError, sharing};

/// The media type of OpenMetrics, which Prometheus asks for and writes down.
const FIGURES: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Answers from now on, where that is wished: at `given`, else where it was set.
///
/// # Errors
/// When the address is one that others reach, or cannot be had.
pub(crate) async fn begin(
    node: &Arc<Node>,
    given: Option<SocketAddr>,
) -> Result<Option<web::Listening>, NodeError> {
    let set = node.library.setting(Setting::MetricsListen)?;
    let set = set.filter(|address| !address.is_empty());
    let address = match (given, set) {
        (Some(given), _) => given,
        (None, Some(set)) => sharing::parsed(&set)?,
        (None, None) => return Ok(None),
    };
    let node = Arc::downgrade(node);
    let begun = web::look_out(address, move |path| tell(&node, path)).await;
    let lookout = begun.map_err(|error| NodeError::new("metrics", error.to_string()))?;
    let address = lookout.address();
    info!(target: EVENTS, %address, "this machine may look how the node is");
    Ok(Some(lookout))
}

/// Fails for an address that does not do; nothing is none.
pub(crate) fn check_listen(address: &str) -> Result<(), NodeError> {
    match address.trim() {
        "" => Ok(()),
        address => {
            let address = sharing::parsed(address)?;
            match address.ip().is_loopback() {
                true => Ok(()),
                false => Err(NodeError::new(
                    "metrics",
                    web::ListenError::NotAlone(address).to_string(),
                )),
            }
        }
    }
}

/// Blocks.
fn tell(node: &Weak<Node>, path: &str) -> Option<web::Told> {
    let node = node.upgrade()?;
    match path {
        "/healthz" => Some(health::tell(&node)),
        "/metrics" => Some(match metrics::of(&node) {
            Ok(text) => web::Told {
                well: true,
                kind: FIGURES,
                text,
            },
            Err(error) => sentence(false, &error.message),
        }),
        _ => None,
    }
}

fn sentence(well: bool, text: &str) -> web::Told {
    web::Told {
        well,
        kind: "text/plain; charset=utf-8",
        text: format!("{text}\n"),
    }
}
