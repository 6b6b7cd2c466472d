//! The `albumen` command: a node without a window. Each subcommand is one of
//! the node's commands, run here or handed to the node that holds the library;
//! `serve` is the node itself, running until it is told to stop.

mod log;
mod progress;
mod serve;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Arg, ArgAction, ArgMatches, Command};
use node::command::{COMMANDS, Declared, Outcome};
use node::config::Config;
use node::{Node, NodeError, control};
use serde_json::{Value, json};

use progress::Bar;

/// All of it was done.
const DONE: u8 = 0;
/// It failed.
const FAILED: u8 = 1;
/// It was called wrongly.
const USAGE: u8 = 2;
/// Some of it was done.
const IN_PART: u8 = 3;
/// How long another process may hold the library without answering.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is looked whether it still does.
const TURN: Duration = Duration::from_millis(50);
/// The id of the argument that asks for a PIN on standard input.
const PIN: &str = "pin_stdin";

fn main() -> ExitCode {
    media::run_worker_if_asked();
    let arguments: Vec<_> = std::env::args_os().collect();
    let wants_json = arguments.iter().any(|argument| argument == "--json");
    let matches = match command_line().try_get_matches_from(&arguments) {
        Ok(matches) => matches,
        Err(error) if error.use_stderr() && wants_json => {
            return fail(&NodeError::new("usage", error.to_string()), true);
        }
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { USAGE } else { DONE });
        }
    };
    match run(&matches) {
        Ok(code) => ExitCode::from(code),
        Err(error) => fail(&error, wants_json),
    }
}

fn fail(error: &NodeError, json: bool) -> ExitCode {
    let text = if json {
        json!({ "error": error }).to_string()
    } else {
        error.message.trim_end().to_owned()
    };
    let _ = writeln!(std::io::stderr(), "{text}");
    ExitCode::from(if error.code == "usage" { USAGE } else { FAILED })
}

/// The whole command line, made from the list of commands.
fn command_line() -> Command {
    let root = Command::new("albumen")
        .about("A photo library for a household: manage, share at home, share with anyone")
        .version(env!("CARGO_PKG_VERSION"))
        .long_version(concat!(
            env!("CARGO_PKG_VERSION"),
            "\nNames of places: GeoNames (https://www.geonames.org), CC BY 4.0"
        ))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(
            Arg::new("library")
                .long("library")
                .global(true)
                .value_name("DIR")
                .env("ALBUMEN_LIBRARY")
                .value_parser(clap::value_parser!(PathBuf))
                .help("The library's folder"),
        )
        .arg(
            Arg::new("json")
                .long("json")
                .global(true)
                .action(ArgAction::SetTrue)
                .help("Answer with one JSON document"),
        )
        .subcommand(serve::arguments())
        .subcommand(
            Command::new("bindings")
                .hide(true)
                .about("Write the TypeScript types of all commands into a folder")
                .arg(
                    Arg::new("folder")
                        .required(true)
                        .value_parser(clap::value_parser!(PathBuf)),
                ),
        );
    COMMANDS.iter().fold(root, with_command)
}

/// Adds a command: `album.create` becomes `create` under `album`, and `trash.empty`
/// under `trash`, which is a command itself.
fn with_command(root: Command, declared: &Declared) -> Command {
    place_command(root, declared.name, declared)
}

/// The same, by what is left of its name below this one.
fn place_command(parent: Command, name: &'static str, declared: &Declared) -> Command {
    let Some((group, rest)) = name.split_once('.') else {
        let leaf = (declared.arguments)(Command::new(name)).about(declared.about);
        let asks = |leaf: &Command| leaf.get_arguments().any(|one| one.get_id() == PIN);
        let leaf = match asks(&leaf) {
            true => leaf,
            false => leaf.arg(
                Arg::new(PIN)
                    .long("pin-stdin")
                    .action(ArgAction::SetTrue)
                    .help("See locked photos, too, by the PIN on standard input"),
            ),
        };
        return parent.subcommand(match declared.name == name {
            true => leaf
                .args_conflicts_with_subcommands(true)
                .subcommand_negates_reqs(true),
            false => leaf,
        });
    };
    match parent.find_subcommand(group) {
        None => parent.subcommand(place_command(
            Command::new(group)
                .about(format!("Commands for {group}"))
                .subcommand_required(true)
                .arg_required_else_help(true),
            rest,
            declared,
        )),
        Some(_) => parent.mut_subcommand(group, |command| place_command(command, rest, declared)),
    }
}

fn run(matches: &ArgMatches) -> Result<u8, NodeError> {
    let library = matches.get_one::<PathBuf>("library").cloned();
    let json = matches.get_flag("json");
    match matches.subcommand() {
        Some(("serve", arguments)) => serve::run(library, arguments),
        Some(("bindings", arguments)) => {
            let folder = arguments.get_one::<PathBuf>("folder");
            node::command::write_bindings(folder.map_or("".as_ref(), PathBuf::as_path))?;
            Ok(DONE)
        }
        Some((group, mut arguments)) => {
            let mut name = group.to_owned();
            while let Some((next, inner)) = arguments.subcommand() {
                name = format!("{name}.{next}");
                arguments = inner;
            }
            let declared = COMMANDS
                .iter()
                .find(|declared| declared.name == name)
                .ok_or_else(|| NodeError::new("usage", format!("There is no command {name}.")))?;
            let payload = (declared.payload)(arguments)?;
            let asks_itself = declared.name.starts_with("lock.");
            let pin = match !asks_itself && arguments.get_flag(PIN) {
                true => node::command::pins_on_stdin(true)?.pop(),
                false => None,
            };
            let reply = call(&Config::new(library)?, declared, payload, pin)?;
            answer(declared, reply, json)
        }
        None => Err(NodeError::new("usage", "Name a command; see --help.")),
    }
}

/// Runs a command on the folder alone where it is one for that, else here, or in
/// the node that holds the library.
fn call(
    config: &Config,
    declared: &Declared,
    payload: Value,
    pin: Option<String>,
) -> Result<Value, NodeError> {
    let bar = Bar::new();
    let alone = (declared.without_node)(config, payload.clone(), &|job| bar.show(job))?;
    if let Some(reply) = alone {
        return Ok(reply);
    }
    let runtime = runtime()?;
    let _entered = runtime.enter();
    match open(config)? {
        Opened::Here(node) => {
            cancel_on_interrupt(&runtime, &node);
            with_pin(pin, declared.name, payload, &|name, payload| {
                control::call(&node, name, payload, |job| bar.show(job))
            })
        }
        Opened::Elsewhere(held) => with_pin(pin, declared.name, payload, &|name, payload| {
            control::ask(&config.library, name, payload, |job| bar.show(job))
                .unwrap_or_else(|| Err(held.clone()))
        }),
    }
}

/// Where a library is open.
enum Opened {
    /// In this process.
    Here(Arc<Node>),
    /// In a node that answers, with the error that says so.
    Elsewhere(NodeError),
}

/// Opens the library. Another process that holds it and does not answer is beginning, or at
/// the end of one command: it is waited for a while.
fn open(config: &Config) -> Result<Opened, NodeError> {
    let end = Instant::now() + PATIENCE;
    loop {
        match Node::open(config) {
            Ok(node) => return Ok(Opened::Here(node)),
            Err(held) if held.code == "held" => {
                if control::is_answered(&config.library) {
                    return Ok(Opened::Elsewhere(held));
                }
                if Instant::now() >= end {
                    return Err(held);
                }
                std::thread::sleep(TURN);
            }
            Err(error) => return Err(error),
        }
    }
}

/// Asks a node one thing; with a PIN, while it shows locked photos. One that showed
/// them before goes on doing so.
fn with_pin(
    pin: Option<String>,
    name: &str,
    payload: Value,
    ask: &dyn Fn(&str, Value) -> Result<Value, NodeError>,
) -> Result<Value, NodeError> {
    let Some(pin) = pin else {
        return ask(name, payload);
    };
    let before = ask("lock.show", json!({}))?;
    let was_open = before.get("open").and_then(Value::as_bool) == Some(true);
    ask("lock.open", json!({ "pin": pin }))?;
    let reply = ask(name, payload);
    if !was_open {
        ask("lock.close", json!({}))?;
    }
    reply
}

fn runtime() -> Result<tokio::runtime::Runtime, NodeError> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?)
}

/// The first Ctrl-C ends the work at the next file; the second ends the
/// process, which is safe too.
fn cancel_on_interrupt(runtime: &tokio::runtime::Runtime, node: &Arc<Node>) {
    let node = Arc::downgrade(node);
    runtime.spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok()
            && let Some(node) = node.upgrade()
        {
            node.cancel_jobs();
        }
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(130);
        }
    });
}

fn answer(declared: &Declared, reply: Value, json: bool) -> Result<u8, NodeError> {
    let document = json.then(|| reply.to_string());
    let (text, outcome) = (declared.show)(reply)?;
    let text = document.unwrap_or(text);
    let mut out = std::io::stdout();
    if !text.is_empty() {
        writeln!(out, "{text}")?;
    }
    Ok(match outcome {
        Outcome::Done => DONE,
        Outcome::InPart => IN_PART,
        Outcome::Failed => FAILED,
    })
}

/// Whether a person watches the errors.
fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}
