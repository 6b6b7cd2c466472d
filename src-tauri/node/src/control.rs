//! The control socket: how a second process hands its command to the node that
//! holds the library. Parties: that node, and any process of the same user, let
//! in by the file system alone (the socket lies in the library's folder, 0700,
//! and is 0600 itself; on Windows a named pipe of the user's). The bytes: one
//! JSON document a line. The caller sends `{"command", "payload"}`; the node
//! answers any number of `{"job"}` lines and one `{"reply"}` or `{"error"}`.

use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use interprocess::local_socket::prelude::*;
use interprocess::local_socket::{GenericFilePath, GenericNamespaced, ListenerOptions, Name};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::broadcast::error::RecvError;

use crate::{Event, Job, Node, NodeError, command};

/// The longest line that is read: an import of many thousand paths fits.
const LONGEST_LINE: u64 = 16 << 20;
/// Socket paths longer than this do not fit the system's address.
const LONGEST_PATH: usize = 100;

#[derive(Serialize, Deserialize)]
struct Question {
    command: String,
    payload: Value,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Job(Job),
    Reply(Value),
    Error(NodeError),
}

/// Answers other processes from now on, on threads of their own.
pub(crate) fn answer(node: &Arc<Node>) -> Result<(), NodeError> {
    let options = ListenerOptions::new().name(name(node.folder())?);
    #[cfg(unix)]
    let options = {
        // This process holds the library's lock, so a socket there is stale.
        let _ = std::fs::remove_file(path(node.folder())?);
        interprocess::os::unix::local_socket::ListenerOptionsExt::mode(options, 0o600)
    };
    let listener = options.create_sync()?;
    let node = Arc::downgrade(node);
    std::thread::Builder::new()
        .name("control".to_owned())
        .spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else {
                    // Out of descriptors: others must end before we go on.
                    std::thread::sleep(std::time::Duration::from_millis(100));
                    continue;
                };
                let Some(node) = node.upgrade() else {
                    return;
                };
                std::thread::spawn(move || {
                    // The caller went away: nobody is left to tell.
                    let _ = answer_one(&node, &stream);
                });
            }
        })?;
    Ok(())
}

fn answer_one(node: &Arc<Node>, stream: &LocalSocketStream) -> io::Result<()> {
    let mut line = String::new();
    BufReader::new(io::Read::take(stream, LONGEST_LINE)).read_line(&mut line)?;
    let result = match serde_json::from_str::<Question>(&line) {
        Ok(question) => call(node, &question.command, question.payload, |job| {
            // The caller went away, by Ctrl-C say: what it began ends.
            if send(stream, &Answer::Job(job.clone())).is_err() {
                let _ = node.jobs.cancel(&job.id);
            }
        }),
        Err(error) => Err(NodeError::new("usage", format!("{error}."))),
    };
    send(
        stream,
        &match result {
            Ok(reply) => Answer::Reply(reply),
            Err(error) => Answer::Error(error),
        },
    )
}

fn send(mut stream: &LocalSocketStream, answer: &Answer) -> io::Result<()> {
    let mut line = serde_json::to_vec(answer)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    stream.flush()
}

/// Runs a command in this process, telling `on_job` how the job it begins goes
/// on. Blocks.
///
/// # Errors
/// The command's own.
pub fn call(
    node: &Arc<Node>,
    command: &str,
    payload: Value,
    on_job: impl Fn(&Job) + Send + Sync,
) -> Result<Value, NodeError> {
    let mut events = node.events();
    let here = std::thread::current().id();
    let (done, mut is_done) = tokio::sync::oneshot::channel::<()>();
    std::thread::scope(|scope| {
        let runtime = node.runtime.clone();
        let on_job = &on_job;
        scope.spawn(move || {
            runtime.block_on(async {
                loop {
                    tokio::select! {
                        _ = &mut is_done => break,
                        event = events.recv() => match event {
                            Ok(Event::Job(job)) if node.jobs.began_by(here, &job.id) => {
                                on_job(&job);
                            }
                            Ok(Event::Job(_) | Event::Change { .. }) | Err(RecvError::Lagged(_)) => {}
                            Err(RecvError::Closed) => break,
                        }
                    }
                }
            });
        });
        let result = command::run(node, command, payload);
        let _ = done.send(());
        result
    })
}

/// Whether a node answers for the library in `folder`.
pub fn is_answered(folder: &Path) -> bool {
    name(folder).is_ok_and(|name| LocalSocketStream::connect(name).is_ok())
}

/// Hands a command to the node that holds the library in `folder`. `None` when
/// no node answers there.
///
/// # Errors
/// The command's own, or that the node went away in the middle of it.
pub fn ask(
    folder: &Path,
    command: &str,
    payload: Value,
    on_job: impl Fn(&Job),
) -> Option<Result<Value, NodeError>> {
    let mut stream = LocalSocketStream::connect(name(folder).ok()?).ok()?;
    let question = Question {
        command: command.to_owned(),
        payload,
    };
    Some((|| {
        let mut line =
            serde_json::to_vec(&question).map_err(|e| NodeError::new("usage", e.to_string()))?;
        line.push(b'\n');
        stream.write_all(&line)?;
        for line in BufReader::new(&stream).lines() {
            match serde_json::from_str(&line?) {
                Ok(Answer::Job(job)) => on_job(&job),
                Ok(Answer::Reply(reply)) => return Ok(reply),
                Ok(Answer::Error(error)) => return Err(error),
                Err(error) => return Err(NodeError::new("control", format!("{error}."))),
            }
        }
        Err(NodeError::new(
            "control",
            "The running Albumen stopped before it answered; try again.",
        ))
    })())
}

/// Where the socket lies: in the library's folder, or, when that path is too
/// long for a socket, in a folder that is the user's alone.
fn path(folder: &Path) -> io::Result<PathBuf> {
    let inside = folder.join("control.sock");
    if inside.as_os_str().len() <= LONGEST_PATH {
        return Ok(inside);
    }
    Ok(private_folder()?.join(format!("albumen-{:016x}.sock", hash(folder))))
}

/// A folder for sockets that no other user can enter or have made.
#[cfg(unix)]
fn private_folder() -> io::Result<PathBuf> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt};
    let user = rustix::process::getuid().as_raw();
    let folder = std::env::temp_dir().join(format!("albumen-{user}"));
    match std::fs::DirBuilder::new().mode(0o700).create(&folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let made = std::fs::symlink_metadata(&folder)?;
    if made.is_dir() && made.uid() == user && made.mode() & 0o077 == 0 {
        Ok(folder)
    } else {
        Err(io::Error::other(format!(
            "{} belongs to someone else; remove it, or give the library a shorter path",
            folder.display()
        )))
    }
}

#[cfg(not(unix))]
fn private_folder() -> io::Result<PathBuf> {
    Ok(std::env::temp_dir())
}

fn name(folder: &Path) -> io::Result<Name<'static>> {
    // Both processes must mean the same folder by the same name.
    let folder = std::fs::canonicalize(folder)?;
    if cfg!(windows) {
        format!("albumen-{:016x}", hash(&folder)).to_ns_name::<GenericNamespaced>()
    } else {
        path(&folder)?.to_fs_name::<GenericFilePath>()
    }
}

/// FNV-1a: the same in every process and version.
fn hash(folder: &Path) -> u64 {
    folder
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
}
