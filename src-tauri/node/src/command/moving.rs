//! A whole library that moves to another machine of yours.

use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use library::{DeviceId, KeptWhat, Moving, Progress, RequestState, fetched_as};
use serde::{Deserialize, Serialize};
use sync::Wanted;
use ts_rs::TS;

use super::library::Named;
use super::{Command, Done, Outcome, id};
use crate::{Node, NodeError};

/// How long the old machine may take to hear that all has arrived.
const PATIENCE: Duration = Duration::from_secs(60);

/// Arguments of `move show`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ShowMove {}

/// Arguments of `move out`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct MoveOut {
    /// The id of the machine of yours that the library is to live on
    machine: String,
}

/// Arguments of `move stay`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct Stay {}

/// Arguments of `move in`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct MoveIn {
    /// The id of the machine whose library moves here; needed where several do
    machine: Option<String>,
    /// End the move though the old machine does not have all of its files any more
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    anyway: bool,
}

/// A library that moves.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MovingLibrary {
    /// To which machine, or from which.
    machine: Named,
    /// Files of photos.
    files: u64,
    /// Bytes of those.
    bytes: u64,
}

/// Answer to `move show`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Moves {
    /// Where this library is about to move.
    out: Option<MovingLibrary>,
    /// The name of the machine it has moved to.
    moved_to: Option<String>,
    /// Libraries of your other machines that are about to move here.
    here: Vec<MovingLibrary>,
}

/// Answer to `move in`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MovedIn {
    /// Files of photos that are here now.
    files: u64,
    /// Names of those the old machine does not give: they are gone or damaged there, or on
    /// a drive that is away.
    lacking: Vec<String>,
    /// Whether all of it is here: the next start opens it.
    complete: bool,
}

fn told(node: &Node, moving: &Moving) -> Result<MovingLibrary, NodeError> {
    let name = node.library.peer(moving.device)?.name;
    Ok(MovingLibrary {
        machine: Named::new(moving.device, name),
        files: moving.files,
        bytes: moving.bytes,
    })
}

fn text_of(moving: &MovingLibrary) -> String {
    format!("{} files, {} bytes", moving.files, moving.bytes)
}

impl Command for ShowMove {
    const NAME: &'static str = "move.show";
    const ABOUT: &'static str = "Tell whether a library moves from here or to here";
    type Reply = Moves;

    fn run(self, node: &Arc<Node>) -> Result<Moves, NodeError> {
        let out = node.library.moving_to()?;
        let here = node.library.moving_here()?;
        Ok(Moves {
            out: out.as_ref().map(|moving| told(node, moving)).transpose()?,
            moved_to: node.library.moved_to()?,
            here: here
                .iter()
                .map(|moving| told(node, moving))
                .collect::<Result<_, _>>()?,
        })
    }

    fn text(reply: &Moves) -> String {
        if let Some(name) = &reply.moved_to {
            return format!("This library has moved to «{name}».");
        }
        let out = reply.out.iter().map(|moving| {
            let to = moving.machine.shown();
            format!(
                "This library is ready to move to «{to}»: {}",
                text_of(moving)
            )
        });
        let here = reply.here.iter().map(|moving| {
            let from = moving.machine.shown();
            format!("The library of «{from}» can move here: {}", text_of(moving))
        });
        let lines: Vec<String> = out.chain(here).collect();
        match lines.is_empty() {
            true => "No library moves.".to_owned(),
            false => lines.join("\n"),
        }
    }
}

impl Command for MoveOut {
    const NAME: &'static str = "move.out";
    const ABOUT: &'static str = "Let all of this library move to another machine of yours";
    type Reply = MovingLibrary;

    fn run(self, node: &Arc<Node>) -> Result<MovingLibrary, NodeError> {
        told(node, &node.library.move_out(id(&self.machine)?)?)
    }

    fn text(reply: &MovingLibrary) -> String {
        format!(
            "Ready: {}. Change nothing here from now on, and say `albumen move in` on «{}».",
            text_of(reply),
            reply.machine.shown()
        )
    }
}

impl Command for Stay {
    const NAME: &'static str = "move.stay";
    const ABOUT: &'static str = "Let the library live on this machine, and not move";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        node.library.stay()?;
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        "The library lives on this machine.".to_owned()
    }
}

impl MoveIn {
    fn choose(&self, node: &Node) -> Result<Moving, NodeError> {
        let here = node.library.moving_here()?;
        let device: Option<DeviceId> = self.machine.as_deref().map(id).transpose()?;
        let mut chosen = here
            .into_iter()
            .filter(|moving| device.is_none_or(|device| device == moving.device));
        match (chosen.next(), chosen.next()) {
            (Some(moving), None) => Ok(moving),
            (None, _) => Err(NodeError::new(
                "wrong",
                "No library is ready to move here; say `albumen move out` on the old machine first, \
                 which must be yours and on the network.",
            )),
            (Some(_), Some(_)) => Err(NodeError::new(
                "usage",
                "Several libraries are ready to move here; say which by its machine's id.",
            )),
        }
    }
}

/// Fetches a file of the old machine, unless it is here.
fn fetch(node: &Arc<Node>, moving: &Moving, hash: [u8; 32], bytes: u64) -> Result<(), NodeError> {
    let wanted = Wanted {
        home: moving.device,
        asset: fetched_as(&hash),
        what: KeptWhat::Original,
    };
    match node
        .library
        .is_kept(wanted.home, wanted.asset, wanted.what)?
    {
        true => Ok(()),
        false => node.fetch(wanted, (bytes, hash)),
    }
}

/// Waits until the old machine knows that its library lives here.
fn hand_over(node: &Node, moving: &Moving) -> Result<(), NodeError> {
    let request = node.library.ask_moved(moving.device)?;
    let began = Instant::now();
    loop {
        match node.library.request(request)?.state {
            RequestState::Done => return Ok(()),
            RequestState::Refused(why) => return Err(NodeError::new("refused", why)),
            RequestState::Waiting if began.elapsed() > PATIENCE => {
                node.library.withdraw(request)?;
                return Err(NodeError::new(
                    "away",
                    "All of it is here, but the old machine cannot be reached to end the move; \
                     try again when it is there.",
                ));
            }
            RequestState::Waiting => std::thread::sleep(Duration::from_millis(100)),
        }
    }
}

impl Command for MoveIn {
    const NAME: &'static str = "move.in";
    const ABOUT: &'static str =
        "Take all of the library in that another machine of yours lets move here";
    type Reply = MovedIn;

    fn run(self, node: &Arc<Node>) -> Result<MovedIn, NodeError> {
        let moving = self.choose(node)?;
        let job = node.jobs.begin("move");
        let taken = take(node, &moving, self.anyway, &|progress| job.go_on(progress));
        node.jobs.finish(&job, None);
        taken
    }

    fn text(reply: &MovedIn) -> String {
        let lacking = match reply.lacking.len() {
            0 => String::new(),
            count => format!(" The old machine did not have {count} files any more."),
        };
        match reply.complete {
            false if !reply.lacking.is_empty() => format!(
                "{} files are here; the old machine does not give {}: {}. Connect the drive they \
                 are on there and say `albumen move in` again, or end the move without them by \
                 `albumen move in --anyway`.",
                reply.files,
                reply.lacking.len(),
                reply.lacking.join(", ")
            ),
            true => format!(
                "All {} files are here.{lacking} Close Albumen and open it again: it opens the \
                 library that has moved, with its albums and links.",
                reply.files
            ),
            false => format!(
                "{} files are here so far; `albumen move in` goes on.",
                reply.files
            ),
        }
    }

    fn outcome(reply: &MovedIn) -> Outcome {
        match reply.complete && reply.lacking.is_empty() {
            true => Outcome::Done,
            false => Outcome::InPart,
        }
    }
}

fn take(
    node: &Arc<Node>,
    moving: &Moving,
    anyway: bool,
    watch: &dyn Fn(&Progress) -> bool,
) -> Result<MovedIn, NodeError> {
    node.library.begin_move_in(moving)?;
    fetch(node, moving, moving.hash, moving.length)?;
    let files = node.library.unpack_moving(moving)?;
    let mut progress = Progress {
        found: files.len() as u64,
        ..Progress::default()
    };
    let mut moved = MovedIn {
        files: 0,
        lacking: Vec::new(),
        complete: false,
    };
    for file in &files {
        if !node.library.has_moved(file) {
            match fetch(node, moving, file.hash, file.bytes) {
                Ok(()) => node.library.take_moved(moving.device, file)?,
                // What is damaged or gone there is lacking here, too.
                Err(error) if error.code == "refused" => moved.lacking.push(file.name().to_owned()),
                Err(error) => return Err(error),
            }
        }
        moved.files += 1;
        progress.done += 1;
        if !watch(&progress) {
            return Ok(moved);
        }
    }
    moved.files -= moved.lacking.len() as u64;
    if !moved.lacking.is_empty() && !anyway {
        return Ok(moved);
    }
    hand_over(node, moving)?;
    node.library.complete_move()?;
    moved.complete = true;
    Ok(moved)
}
