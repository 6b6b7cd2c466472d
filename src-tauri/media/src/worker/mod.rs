//! The process that decodes: one request at a time, until its caller is gone.
//!
//! Every program of ours is also its own decode worker, so nothing has to be
//! installed beside it; the first line of its `main` is [`run_worker_if_asked`].

pub(crate) mod limits;
mod pool;
pub(crate) mod protocol;

pub use pool::Decoder;

use std::io::{self, BufWriter, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::picture::develop;
use crate::video::become_tool_if_asked;
use crate::{MediaError, Picture, Rendition};
use limits::{confine_memory, grant_processor_time};
use protocol::{read_request, write_answer};

/// The argument that makes a program of ours a decode worker.
pub const WORKER_ARGUMENT: &str = "decode-worker";

/// Call this first in every `main`: when the program was started as a worker,
/// it serves stdin and stdout until stdin ends, and then ends the process; when
/// it was started to read a video, it becomes `ffmpeg` or `ffprobe`, confined.
pub fn run_worker_if_asked() {
    become_tool_if_asked(std::env::args_os().skip(1));
    let asked = std::env::args_os().nth(1);
    if asked.is_none_or(|argument| argument != WORKER_ARGUMENT) {
        return;
    }
    confine_memory();
    let answers = BufWriter::new(io::stdout().lock());
    let served = serve(io::stdin().lock(), answers);
    std::process::exit(i32::from(served.is_err()));
}

/// Answers requests until there are no more.
pub(crate) fn serve(mut requests: impl Read, mut answers: impl Write) -> io::Result<()> {
    while let Some((bytes, want)) = read_request(&mut requests)? {
        grant_processor_time();
        let answer = develop_whatever_happens(&bytes, &want);
        drop(bytes);
        write_answer(&mut answers, &answer)?;
    }
    Ok(())
}

/// A decoder that panics has met damage it did not expect; the worker keeps no
/// state between pictures, so it can go on with the next.
fn develop_whatever_happens(bytes: &[u8], want: &[Rendition]) -> Result<Picture, MediaError> {
    catch_unwind(AssertUnwindSafe(|| develop(bytes, want)))
        .unwrap_or_else(|_| Err(MediaError::Damaged("the decoder gave up on it".into())))
}
