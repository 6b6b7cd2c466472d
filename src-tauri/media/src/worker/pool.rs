//! A pool of decode workers: started when needed, reused, replaced when they
//! die or hang.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::picture::picture_format;
use crate::worker::limits::{MAX_INPUT, WALL_TIME};
use crate::worker::protocol::{read_answer, write_request};
use crate::{MediaError, Picture, Rendition, WORKER_ARGUMENT};

/// Makes pictures in worker processes. Clones share the same workers; when the
/// last clone is dropped, the workers end.
#[derive(Clone)]
pub struct Decoder {
    program: Arc<PathBuf>,
    /// One place per worker, taken while it works; `None` where none runs yet.
    places: Sender<Option<Worker>>,
    free: Receiver<Option<Worker>>,
}

/// A running worker process.
struct Worker {
    child: Child,
    requests: ChildStdin,
    answers: ChildStdout,
}

/// How a conversation with a worker ended, when not with an answer.
enum Loss {
    Died,
    TimedOut,
    Broken(io::Error),
}

impl Decoder {
    /// A pool of at most `workers` (at least one) processes that run
    /// `program decode-worker`; none is started yet.
    pub fn new(program: PathBuf, workers: usize) -> Decoder {
        let (places, free) = bounded(workers.max(1));
        for _ in 0..workers.max(1) {
            // The channel has room for exactly these.
            let _full = places.try_send(None);
        }
        Decoder {
            program: Arc::new(program),
            places,
            free,
        }
    }

    /// Reads the facts of a file's `bytes` and makes the renditions in `want`.
    ///
    /// Blocks until a worker is free and has answered, for at most 30 seconds
    /// of work. The thumbhash is empty when `want` is.
    pub fn picture(&self, bytes: &[u8], want: &[Rendition]) -> Result<Picture, MediaError> {
        picture_format(bytes)?;
        if bytes.len() as u64 > MAX_INPUT {
            let bytes = bytes.len() as u64;
            return Err(MediaError::TooManyBytes { bytes });
        }
        let place = self.free.recv();
        // A worker that died while it was idle says nothing about these bytes.
        let mut worker = place.ok().flatten();
        if worker.as_mut().is_some_and(Worker::has_ended) {
            worker = None;
        }
        let answer = self.ask(&mut worker, bytes, want);
        let _full = self.places.try_send(worker);
        answer
    }

    /// Asks `worker`, or a new one, and once more a new one if that died. Leaves
    /// in `worker` what can be asked again.
    fn ask(
        &self,
        worker: &mut Option<Worker>,
        bytes: &[u8],
        want: &[Rendition],
    ) -> Result<Picture, MediaError> {
        for _ in 0..2 {
            let asked = match worker.take() {
                Some(running) => running,
                None => Worker::start(&self.program)?,
            };
            match asked.exchange(bytes, want) {
                Ok((answer, running)) => {
                    *worker = Some(running);
                    return answer;
                }
                Err(Loss::Died) => {}
                Err(Loss::TimedOut) => return Err(MediaError::TimedOut),
                Err(Loss::Broken(error)) => return Err(MediaError::Io(error)),
            }
        }
        Err(MediaError::WorkerDied)
    }
}

impl Worker {
    fn start(program: &Path) -> Result<Worker, MediaError> {
        let mut command = Command::new(program);
        command
            .arg(WORKER_ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        #[cfg(windows)]
        {
            use std::os::windows::process::CommandExt;
            const CREATE_NO_WINDOW: u32 = 0x0800_0000;
            command.creation_flags(CREATE_NO_WINDOW);
        }
        let mut child = command
            .spawn()
            .map_err(|source| MediaError::WorkerMissing {
                program: program.to_owned(),
                source,
            })?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(requests), Some(answers)) => Ok(Worker {
                child,
                requests,
                answers,
            }),
            _ => Err(io::Error::from(io::ErrorKind::BrokenPipe).into()),
        }
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends one request and waits for its answer, each for as long as the wall
    /// limit allows. A worker that did not answer is gone afterwards.
    fn exchange(
        mut self,
        bytes: &[u8],
        want: &[Rendition],
    ) -> Result<(Result<Picture, MediaError>, Worker), Loss> {
        let (teller, told) = bounded(1);
        let (requests, answers) = (&mut self.requests, &mut self.answers);
        let child = &mut self.child;
        let spoken = thread::scope(|scope| {
            let conversation = move || {
                let spoken =
                    write_request(requests, bytes, want).and_then(|()| read_answer(answers, want));
                // Nobody listens any more once the time is over.
                let _late = teller.send(spoken);
            };
            if let Err(error) = thread::Builder::new().spawn_scoped(scope, conversation) {
                return Err(Loss::Broken(error));
            }
            told.recv_timeout(WALL_TIME).map_err(|_| {
                // Ends the conversation's pipes too, and so its thread.
                let _gone = child.kill();
                Loss::TimedOut
            })
        })?;
        match spoken {
            Ok(answer) => Ok((answer, self)),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(Loss::Broken(error)),
            Err(_) => {
                // One that is dying already keeps its own cause of death.
                let _gone = self.child.kill();
                Err(match self.child.wait() {
                    Ok(status) if ran_out_of_time(status) => Loss::TimedOut,
                    _ => Loss::Died,
                })
            }
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It holds nothing that could be lost, and must not stay as a zombie.
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Whether the kernel ended the worker for using too much processor time.
#[cfg(target_os = "linux")]
fn ran_out_of_time(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    status.signal() == Some(rustix::process::Signal::XCPU.as_raw())
}

/// Elsewhere only the wall clock limits a worker.
#[cfg(not(target_os = "linux"))]
fn ran_out_of_time(_status: ExitStatus) -> bool {
    false
}
