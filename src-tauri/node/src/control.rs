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
        let _ = std::fs::remove_file(path(node.folder()));
        interprocess::os::unix::local_socket::ListenerOptionsExt::mode(options, 0o600)
    };
    let listener = options.create_sync()?;
    let node = Arc::downgrade(node);
    std::thread::Builder::new()
        .name("control".to_owned())
        .spawn(move || {
            for stream in listener.incoming().flatten() {
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
            // A caller who went away is noticed at the last line.
            let _ = send(stream, &Answer::Job(job.clone()));
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

/// Runs a command in this process, telling `on_job` how its jobs go on. Blocks.
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
                            Ok(Event::Job(job)) => on_job(&job),
                            Ok(Event::Change { .. }) | Err(RecvError::Lagged(_)) => {}
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
/// long for a socket, in the folder for temporary files.
fn path(folder: &Path) -> PathBuf {
    let inside = folder.join("control.sock");
    if inside.as_os_str().len() <= LONGEST_PATH {
        inside
    } else {
        std::env::temp_dir().join(format!("albumen-{:016x}.sock", hash(folder)))
    }
}

fn name(folder: &Path) -> io::Result<Name<'static>> {
    // Both processes must mean the same folder by the same name.
    let folder = std::fs::canonicalize(folder)?;
    if cfg!(windows) {
        format!("albumen-{:016x}", hash(&folder)).to_ns_name::<GenericNamespaced>()
    } else {
        path(&folder).to_fs_name::<GenericFilePath>()
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
