//! One run of `ffmpeg` or `ffprobe`: started, listened to, ended.
//!
//! What it writes is bounded, what it says is kept short, and it never outlives
//! its time, its caller's patience, or its caller.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};

use crate::MediaError;

/// The most that is read of a program's output, in bytes: a poster has 6 MiB.
const MAX_OUTPUT: u64 = 32 << 20;
/// The most that is kept of a program's complaints, in bytes.
const MAX_COMPLAINT: usize = 1 << 10;
/// The longest line that is understood, in bytes.
const MAX_LINE: u64 = 4 << 10;
/// How often the caller is asked whether to go on.
const HEARTBEAT: Duration = Duration::from_millis(200);

/// Runs `command` to its end and returns what it wrote to stdout (nothing, when
/// that is a file), up to 32 MiB.
///
/// `heed` is told the position in microseconds that `-progress pipe:2` reports,
/// or `None` when there is no news, five times a second; it answers whether to
/// go on.
///
/// # Errors
/// [`MediaError::TimedOut`] after `wall` or the granted processor time,
/// [`MediaError::Cancelled`] when `heed` says so, [`MediaError::WorkerDied`]
/// when the program crashed, otherwise what the program complained of.
pub(super) fn run(
    mut command: Command,
    wall: Duration,
    heed: &mut dyn FnMut(Option<u64>) -> bool,
) -> Result<Vec<u8>, MediaError> {
    let deadline = Instant::now().checked_add(wall);
    let spawned = command.stderr(Stdio::piped()).spawn();
    let mut running = Running(spawned.map_err(|source| MediaError::WorkerMissing {
        program: Path::new(command.get_program()).to_owned(),
        source,
    })?);
    // It holds our end of a file's descriptor, which must not stay open.
    drop(command);
    let child = &mut running.0;
    let (output, complaints) = (child.stdout.take(), child.stderr.take());
    let (teller, told) = unbounded();
    thread::scope(|scope| {
        let read = move || output.map_or(Ok(Vec::new()), read_output);
        let output = thread::Builder::new().spawn_scoped(scope, read)?;
        let listen = move || complaints.map_or_else(String::new, |pipe| listen(pipe, &teller));
        let complaint = thread::Builder::new().spawn_scoped(scope, listen)?;
        let ended = attend(child, deadline, &told, heed);
        if ended.is_err() {
            // Ends both pipes too, and so both threads.
            let _gone = child.kill();
        }
        // Neither thread panics; a lost word is as good as none.
        let complaint = complaint.join().unwrap_or_default();
        let output = output.join().unwrap_or_else(|_| Ok(Vec::new()));
        judge(ended?, &complaint)?;
        Ok(output?)
    })
}

/// A process that does not outlive this value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _status = self.0.wait();
    }
}

/// Waits until the process has ended.
fn attend(
    child: &mut Child,
    deadline: Option<Instant>,
    told: &Receiver<u64>,
    heed: &mut dyn FnMut(Option<u64>) -> bool,
) -> Result<ExitStatus, MediaError> {
    loop {
        let news = match told.recv_timeout(HEARTBEAT) {
            Ok(position) => Some(position),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                if let Some(status) = child.try_wait()? {
                    return Ok(status);
                }
                // It has said its last word and is about to end.
                thread::sleep(Duration::from_millis(2));
                None
            }
        };
        if deadline.is_none_or(|deadline| Instant::now() > deadline) {
            return Err(MediaError::TimedOut);
        }
        if !heed(news) {
            return Err(MediaError::Cancelled);
        }
    }
}

fn read_output(pipe: impl Read) -> io::Result<Vec<u8>> {
    let mut output = Vec::new();
    pipe.take(MAX_OUTPUT).read_to_end(&mut output)?;
    Ok(output)
}

/// Sends on the positions that the program reports, and returns the end of what
/// else it said.
fn listen(pipe: impl Read, teller: &Sender<u64>) -> String {
    let mut pipe = BufReader::new(pipe);
    let mut complaint = String::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        match pipe.by_ref().take(MAX_LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return complaint,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line);
        match text.trim().split_once('=') {
            Some(("out_time_us", position)) => {
                if let Ok(position) = position.trim().parse() {
                    // Whoever has stopped listening is about to kill it.
                    let _late = teller.send(position);
                }
            }
            Some((key, _)) if is_progress(key) => {}
            _ if complaint.len() < MAX_COMPLAINT => complaint.push_str(&text),
            _ => {}
        }
    }
}

/// Whether `key` belongs to the report of `-progress`.
fn is_progress(key: &str) -> bool {
    const KEYS: &[&str] = &[
        "frame",
        "fps",
        "bitrate",
        "total_size",
        "out_time_ms",
        "out_time",
        "dup_frames",
        "drop_frames",
        "speed",
        "progress",
    ];
    KEYS.contains(&key) || key.starts_with("stream_")
}

/// What an end says about the video.
fn judge(status: ExitStatus, complaint: &str) -> Result<(), MediaError> {
    if status.success() {
        return Ok(());
    }
    match status.code() {
        #[cfg(target_os = "linux")]
        Some(super::confine::NOT_CONFINED) => Err(MediaError::FilmNotConfined),
        #[cfg(target_os = "linux")]
        Some(super::confine::NOT_STARTED) => {
            Err(io::Error::other(complaint.trim().to_owned()).into())
        }
        // A recording that was cut off has no index yet.
        Some(_) if complaint.contains("moov atom not found") => Err(MediaError::Truncated),
        Some(_) => Err(MediaError::Damaged(complaint.trim().to_owned())),
        None if was_killed(status) => Err(MediaError::TimedOut),
        None => Err(MediaError::WorkerDied),
    }
}

/// Whether the kernel ended it because its processor time was used up; `ffmpeg`
/// handles the gentler signal itself, so only this one tells.
#[cfg(unix)]
fn was_killed(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    const SIGKILL: i32 = 9;
    status.signal() == Some(SIGKILL)
}

/// Elsewhere a process always ends with a code.
#[cfg(not(unix))]
fn was_killed(_status: ExitStatus) -> bool {
    false
}
