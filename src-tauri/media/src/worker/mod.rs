//! The process that decodes: one request at a time, until its caller is gone.
//!
//! Every program of ours is also its own decode worker, so nothing has to be
//! installed beside it; the first line of its `main` is [`run_worker_if_asked`].

pub(crate) mod confinement;
mod input;
pub(crate) mod limits;
mod pool;
mod process;
pub(crate) mod protocol;
pub(crate) mod requests;

pub use confinement::Confinement;
pub use input::Input;
pub use limits::Origin;
pub use pool::{Decoder, Losses};

use std::io::{self, BufWriter, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::MediaError;
use crate::picture::develop;
use crate::video::become_tool_if_asked;
use confinement::confine;
use limits::{confine_memory, grant_processor_time, hold_to};
use protocol::{Answer, Ask, Asked, read_request, write_answer, write_hello};
use requests::Requests;

/// The argument that makes a program of ours a decode worker.
pub const WORKER_ARGUMENT: &str = "decode-worker";

/// What sees a file's bytes before any decoder does, and may answer instead.
type Probe = fn(&[u8]) -> Option<MediaError>;

/// Call this first in every `main`: when the program was started as a worker,
/// it serves stdin and stdout until stdin ends, and then ends the process; when
/// it was started to read a video, it becomes `ffmpeg` or `ffprobe`, confined.
pub fn run_worker_if_asked() {
    run_probed_worker_if_asked(|_| None);
}

/// As [`run_worker_if_asked`], but `probe` sees the bytes of each request before
/// any decoder does, and may answer with an error instead.
///
/// This is how our tests have a worker try what it must not, confined by the
/// same steps as every other; a program without tests in it has no such probe.
#[doc(hidden)]
pub fn run_probed_worker_if_asked(probe: Probe) {
    become_tool_if_asked(std::env::args_os().skip(1));
    let asked = std::env::args_os().nth(1);
    if asked.is_none_or(|argument| argument != WORKER_ARGUMENT) {
        return;
    }
    stay_on_this_thread();
    // What is still to be read from /proc is read before the locks close.
    confine_memory();
    let confinement = confine();
    #[cfg(unix)]
    let requests = requests::Socket::new(io::stdin());
    #[cfg(not(unix))]
    let requests = requests::Pipe(io::stdin().lock());
    let mut answers = BufWriter::new(io::stdout().lock());
    let served =
        write_hello(&mut answers, &confinement).and_then(|()| serve(requests, answers, probe));
    std::process::exit(i32::from(served.is_err()));
}

/// Has rayon, which decoders of RAW and JPEG XL share out their work with, do all
/// of it here: there are as many workers as processors already, and a thread's
/// stack and heap would count against the memory of each.
fn stay_on_this_thread() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1);
    // Refused only when there is a pool already, and nothing here makes one.
    let _refused = pool.use_current_thread().build_global();
}

/// Answers requests until there are no more.
pub(crate) fn serve(
    mut requests: impl Requests,
    mut answers: impl Write,
    probe: Probe,
) -> io::Result<()> {
    while let Some(asked) = read_request(&mut requests)? {
        grant_processor_time();
        hold_to(asked.origin);
        write_answer(&mut answers, &answer_whatever_happens(asked, probe))?;
    }
    Ok(())
}

/// A decoder that panics has met damage it did not expect; the worker keeps no
/// state between files, so it can go on with the next.
fn answer_whatever_happens(asked: Asked, probe: Probe) -> Result<Answer, MediaError> {
    let bytes = asked.file?;
    catch_unwind(AssertUnwindSafe(|| match (probe(&bytes), &asked.ask) {
        (Some(error), _) => Err(error),
        (None, Ask::Picture { want, turn }) => develop(&bytes, want, *turn).map(Answer::Picture),
    }))
    .unwrap_or_else(|_| Err(MediaError::Damaged("the decoder gave up on it".into())))
}
