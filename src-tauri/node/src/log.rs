//! What `serve` says while it runs, on standard error: lines for people, or JSON for
//! programs. It tells what the node does, and never of whom or of what: no keys, passwords,
//! names of files, or addresses of visitors are ever put into an event, and what the crates
//! below say by themselves is left out, for they do.

use std::io::IsTerminal;

use clap::{Arg, ArgMatches};
use tracing::Level;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The arguments that say how.
pub fn arguments() -> [Arg; 2] {
    [
        Arg::new("log")
            .long("log")
            .value_name("human|json")
            .value_parser(["human", "json"])
            .default_value("human")
            .help("How the log is written, on standard error"),
        Arg::new("log-level")
            .long("log-level")
            .value_name("LEVEL")
            .env("ALBUMEN_LOG")
            .value_parser(["off", "error", "warn", "info", "debug"])
            .default_value("info")
            .help("What is worth a line of it"),
    ]
}

/// Writes down events from now on.
pub fn begin(arguments: &ArgMatches) {
    let text = |name: &str| arguments.get_one::<String>(name).map_or("", String::as_str);
    let level = match text("log-level") {
        "off" => return,
        "error" => Level::ERROR,
        "warn" => Level::WARN,
        "debug" => Level::DEBUG,
        _ => Level::INFO,
    };
    let own = filter_fn(move |event| {
        event.target() == node::EVENTS && event.level() <= &level && event.is_event()
    });
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal());
    let registry = tracing_subscriber::registry();
    // The journal knows when.
    let has_journal = std::env::var_os("JOURNAL_STREAM").is_some();
    match (text("log"), has_journal) {
        ("json", _) => registry
            .with(lines.json().flatten_event(true).with_filter(own))
            .init(),
        (_, true) => registry.with(lines.without_time().with_filter(own)).init(),
        (_, false) => registry.with(lines.with_filter(own)).init(),
    }
}
