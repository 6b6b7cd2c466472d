//! A pool of decode workers: started when needed, reused, replaced when they
//! die or hang.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::picture::picture_format;
use crate::worker::limits::Origin;
use crate::worker::process::{Loss, Worker};
use crate::worker::protocol::{Answer, Ask};
use crate::{Confinement, Input, MediaError, Picture, Rendition};

/// Makes pictures in worker processes. Clones share the same workers; when the
/// last clone is dropped, the workers end.
#[derive(Clone)]
pub struct Decoder {
    /// One place per worker, taken while it works; `None` where none runs yet.
    places: Sender<Option<Worker>>,
    free: Receiver<Option<Worker>>,
    house: Arc<House>,
}

/// What all workers of a pool have in common.
struct House {
    program: PathBuf,
    confinement: OnceLock<Confinement>,
    died: AtomicU64,
    timed_out: AtomicU64,
}

/// How many workers a [`Decoder`] has lost over the files they were given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// Ended by a crash, or by the kernel for taking too much memory. A file
    /// that crashes two counts twice.
    pub died: u64,
    /// Ended for taking too long.
    pub timed_out: u64,
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
        let house = House {
            program,
            confinement: OnceLock::new(),
            died: AtomicU64::new(0),
            timed_out: AtomicU64::new(0),
        };
        Decoder {
            places,
            free,
            house: Arc::new(house),
        }
    }

    /// Reads the facts of a file, and makes the renditions in `want`.
    ///
    /// Blocks until a worker is free and has answered, for at most 30 seconds
    /// of work. The thumbhash is empty when `want` is.
    ///
    /// # Errors
    /// What is wrong with the file; [`MediaError::NotConfined`] for a visitor's
    /// file where nothing would hold its worker; that the worker died twice over
    /// it, took too long, or could not be started.
    pub fn picture(
        &self,
        input: &Input,
        want: &[Rendition],
        origin: Origin,
    ) -> Result<Picture, MediaError> {
        input.check_length()?;
        picture_format(&input.head()?)?;
        let want = want.to_vec();
        let turn = input.turn();
        let Answer::Picture(picture) = self.ask(&Ask::Picture { want, turn }, input, origin)?;
        Ok(picture)
    }

    /// What holds the workers, by what one of them says; starts one when none
    /// has run yet.
    ///
    /// # Errors
    /// That no worker could be started.
    pub fn confinement(&self) -> Result<Confinement, MediaError> {
        if let Some(known) = self.house.confinement.get() {
            return Ok(*known);
        }
        self.with_place(|worker| {
            let running = self.house.start()?;
            let confinement = running.confinement();
            *worker = Some(running);
            Ok(confinement)
        })
    }

    /// The program that workers run.
    pub(crate) fn program(&self) -> &Path {
        &self.house.program
    }

    /// How many workers were lost so far.
    pub fn losses(&self) -> Losses {
        Losses {
            died: self.house.died.load(Ordering::Relaxed),
            timed_out: self.house.timed_out.load(Ordering::Relaxed),
        }
    }

    fn ask(&self, ask: &Ask, input: &Input, origin: Origin) -> Result<Answer, MediaError> {
        self.with_place(|worker| {
            // A visitor's file shares a worker with no other, before or after:
            // had it taken over the worker, it could show what it found there.
            if origin == Origin::Visitor {
                *worker = None;
            }
            let answer = self.house.ask(worker, ask, input, origin);
            if origin == Origin::Visitor {
                *worker = None;
            }
            answer
        })
    }

    /// Waits for a free place, and gives it back with what `work` leaves there.
    fn with_place<T>(&self, work: impl FnOnce(&mut Option<Worker>) -> T) -> T {
        // A worker that died while it was idle says nothing about any file.
        let mut worker = self.free.recv().ok().flatten();
        if worker.as_mut().is_some_and(Worker::has_ended) {
            worker = None;
        }
        let done = work(&mut worker);
        let _full = self.places.try_send(worker);
        done
    }
}

impl House {
    /// Asks `worker`, or a new one, and once more a new one if that died. Leaves
    /// in `worker` what can be asked again.
    fn ask(
        &self,
        worker: &mut Option<Worker>,
        ask: &Ask,
        input: &Input,
        origin: Origin,
    ) -> Result<Answer, MediaError> {
        for _ in 0..2 {
            let asked = match worker.take().map_or_else(|| self.start(), Ok) {
                Ok(running) => running,
                Err(MediaError::WorkerDied) => continue,
                Err(error) => return Err(error),
            };
            let confinement = asked.confinement();
            if origin == Origin::Visitor && !confinement.is_full() {
                return Err(MediaError::NotConfined(confinement));
            }
            match asked.exchange(ask, input, origin) {
                Ok((answer, running)) => {
                    *worker = Some(running);
                    return answer;
                }
                Err(loss) => match self.counted(loss) {
                    MediaError::WorkerDied => {}
                    error => return Err(error),
                },
            }
        }
        Err(MediaError::WorkerDied)
    }

    fn start(&self) -> Result<Worker, MediaError> {
        let started = Worker::start(&self.program).map_err(|loss| self.counted(loss))?;
        let _known = self.confinement.set(started.confinement());
        Ok(started)
    }

    fn counted(&self, loss: Loss) -> MediaError {
        match loss {
            Loss::Died => {
                self.died.fetch_add(1, Ordering::Relaxed);
                MediaError::WorkerDied
            }
            Loss::TimedOut => {
                self.timed_out.fetch_add(1, Ordering::Relaxed);
                MediaError::TimedOut
            }
            Loss::Broken(error) => error,
        }
    }
}
