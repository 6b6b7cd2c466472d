//! `albumen serve`: the node itself, until it is told to stop.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Arg, ArgMatches, Command};
use node::config::Config;
use node::{EVENTS, NodeError};
use serde_json::json;
use tracing::info;

use crate::Opened;

/// How long the end waits for what cannot be broken off, as a name that nobody answers for.
const FAREWELL: Duration = Duration::from_secs(1);

/// The arguments of `serve`.
pub fn arguments() -> Command {
    Command::new("serve")
        .about("Run the node: serve links and answer other commands, until stopped")
        .arg(
            Arg::new("listen")
                .long("listen")
                .value_name("ADDR:PORT")
                .value_parser(clap::value_parser!(SocketAddr))
                .help("The listener's address; this machine alone unless sharing is on"),
        )
        .arg(
            Arg::new("public-url")
                .long("public-url")
                .value_name("URL")
                .value_parser(public_url)
                .help("The address by which others reach this listener"),
        )
        .arg(
            Arg::new("metrics")
                .long("metrics")
                .value_name("ADDR:PORT")
                .value_parser(own_address)
                .help("Tell how the node is at /healthz and /metrics, for this machine alone"),
        )
        .args(crate::log::arguments())
}

fn own_address(text: &str) -> Result<SocketAddr, String> {
    let address = text.parse().ok();
    address
        .filter(|address: &SocketAddr| address.ip().is_loopback())
        .ok_or_else(|| "write an address of this machine alone, like 127.0.0.1:8479".to_owned())
}

fn public_url(text: &str) -> Result<String, String> {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    match host {
        Some(host) if !host.trim_matches('/').is_empty() => Ok(text.to_owned()),
        _ => Err("write it whole, like https://photos.example.org".to_owned()),
    }
}

/// Serves; the first line of standard output says where.
pub fn run(library: Option<PathBuf>, arguments: &ArgMatches) -> Result<u8, NodeError> {
    let mut config = Config::new(library)?;
    if let Some(listen) = arguments.get_one::<SocketAddr>("listen") {
        config.listen = Some(*listen);
    }
    config.metrics = arguments.get_one::<SocketAddr>("metrics").copied();
    config.public_url = arguments.get_one::<String>("public-url").cloned();
    let runtime = crate::runtime()?;
    let ended = runtime.block_on(async {
        let node = match crate::open(&config)? {
            Opened::Here(node) => node,
            Opened::Elsewhere(held) => return Err(held),
        };
        let (listen, url) = node.serve().await?;
        // What keeps it from beginning is said once, by the error that it ends with.
        crate::log::begin(arguments);
        let version = env!("CARGO_PKG_VERSION");
        info!(target: EVENTS, version, address = %listen, "Albumen begins, and serves links");
        // Heeded from before anyone can know that we run.
        let told = until_told()?;
        let mut out = std::io::stdout();
        writeln!(out, "{}", json!({ "listen": listen, "url": url }))?;
        out.flush()?;
        node.start().await?;
        tell_system(Moment::Runs);
        told.await;
        info!(target: EVENTS, "Albumen ends");
        tell_system(Moment::Ends);
        node.stop().await;
        info!(target: EVENTS, "Albumen has ended");
        Ok(crate::DONE)
    });
    // Whatever it breaks off is taken up by the next start, as after a loss of power.
    runtime.shutdown_timeout(FAREWELL);
    ended
}

/// What a system that began this program as a service is told.
enum Moment {
    /// Links are served, and other commands answered.
    Runs,
    /// It was told to stop, and does.
    Ends,
}

/// Tells systemd, where it is the one that began us and waits for it (sd_notify(3)).
fn tell_system(moment: Moment) {
    #[cfg(target_os = "linux")]
    {
        let state = match moment {
            Moment::Runs => sd_notify::NotifyState::Ready,
            Moment::Ends => sd_notify::NotifyState::Stopping,
        };
        if let Err(error) = sd_notify::notify(&[state]) {
            tracing::warn!(target: EVENTS, %error, "the system that began this could not be told");
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = moment;
}

/// Ends at Ctrl-C, or at the signal by which a system ends a program; both are
/// listened for from this call on.
fn until_told() -> Result<impl Future<Output = ()>, NodeError> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupted = signal(SignalKind::interrupt())?;
        let mut ended = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = ended.recv() => {}
            }
        })
    }
    #[cfg(windows)]
    {
        let mut interrupted = tokio::signal::windows::ctrl_c()?;
        Ok(async move {
            interrupted.recv().await;
        })
    }
}
