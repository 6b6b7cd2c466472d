//! One worker process as its caller sees it: started, spoken to within a limit
//! of time, and ended.

use std::io;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;

use crossbeam_channel::bounded;

use crate::worker::limits::{Origin, WALL_TIME};
use crate::worker::protocol::{Answer, Ask, read_answer, read_hello};
use crate::worker::requests::{Line, send};
use crate::{Confinement, Input, MediaError, WORKER_ARGUMENT};

/// A running worker process. Dropping it ends it.
pub(super) struct Worker {
    child: Child,
    line: Line,
    answers: ChildStdout,
    confinement: Confinement,
}

/// How a conversation with a worker ended, when not with an answer.
pub(super) enum Loss {
    /// The worker is gone.
    Died,
    /// The worker took too long, and was ended.
    TimedOut,
    /// The worker could not be started, or spoke nonsense.
    Broken(MediaError),
}

/// Tells glibc's allocator (the variable is nobody else's) to keep up to 64 MiB
/// of what a picture took for the next one. By itself it gives back everything,
/// and a sixth of a photo's time goes into page faults.
const KEEP_MEMORY: (&str, &str) = (
    "GLIBC_TUNABLES",
    "glibc.malloc.mmap_threshold=33554432:glibc.malloc.trim_threshold=67108864",
);

impl Worker {
    /// Starts `program decode-worker`, and hears what holds it.
    ///
    /// # Errors
    /// [`MediaError::WorkerMissing`] when there is no such program.
    pub(super) fn start(program: &Path) -> Result<Worker, Loss> {
        let mut command = Command::new(program);
        command
            .arg(WORKER_ARGUMENT)
            .env(KEEP_MEMORY.0, KEEP_MEMORY.1)
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        #[cfg(windows)]
        {
            use std::os::windows::process::CommandExt;
            const CREATE_NO_WINDOW: u32 = 0x0800_0000;
            command.creation_flags(CREATE_NO_WINDOW);
        }
        #[cfg(unix)]
        let line = {
            let (ours, theirs) = Line::pair()?;
            command.stdin(Stdio::from(std::os::fd::OwnedFd::from(theirs)));
            Some(ours)
        };
        #[cfg(not(unix))]
        command.stdin(Stdio::piped());
        let mut child = command.spawn().map_err(|source| {
            Loss::Broken(MediaError::WorkerMissing {
                program: program.to_owned(),
                source,
            })
        })?;
        // It still holds the worker's end of the line, which must close with
        // the worker alone.
        drop(command);
        #[cfg(not(unix))]
        let line = child.stdin.take();
        let (Some(line), Some(answers)) = (line, child.stdout.take()) else {
            return Err(io::Error::from(io::ErrorKind::BrokenPipe).into());
        };
        let started = Worker {
            child,
            line,
            answers,
            confinement: Confinement {
                landlock: None,
                seccomp: false,
            },
        };
        let (confinement, mut started) = started.converse(|_, answers| read_hello(answers))?;
        started.confinement = confinement;
        Ok(started)
    }

    /// What holds it, by its own word, given before it saw any file.
    pub(super) fn confinement(&self) -> Confinement {
        self.confinement
    }

    /// Whether it is gone already.
    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends one request and waits for its answer. A worker that did not answer
    /// is gone afterwards.
    pub(super) fn exchange(
        self,
        ask: &Ask,
        input: &Input,
        origin: Origin,
    ) -> Result<(Result<Answer, MediaError>, Worker), Loss> {
        self.converse(|line, answers| {
            send(line, ask, origin, input)?;
            read_answer(answers, ask)
        })
    }

    /// Speaks with it for as long as the wall limit allows.
    fn converse<T: Send>(
        mut self,
        speak: impl FnOnce(&mut Line, &mut ChildStdout) -> io::Result<T> + Send,
    ) -> Result<(T, Worker), Loss> {
        let (teller, told) = bounded(1);
        let (line, answers) = (&mut self.line, &mut self.answers);
        let child = &mut self.child;
        let spoken = thread::scope(|scope| {
            let conversation = move || {
                // Nobody listens any more once the time is over.
                let _late = teller.send(speak(line, answers));
            };
            thread::Builder::new().spawn_scoped(scope, conversation)?;
            told.recv_timeout(WALL_TIME).map_err(|_| {
                // Ends the conversation's pipes too, and so its thread.
                let _gone = child.kill();
                Loss::TimedOut
            })
        })?;
        match spoken {
            Ok(said) => Ok((said, self)),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(error.into()),
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

impl From<io::Error> for Loss {
    fn from(error: io::Error) -> Loss {
        Loss::Broken(error.into())
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
