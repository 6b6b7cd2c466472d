//! Work that takes a while: it shows how far it is and can be cancelled.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use library::Progress;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use tracing::debug;
use ts_rs::TS;

use crate::{EVENTS, Event, NodeError};

/// How often a job tells how far it is.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// Why a job waits that its owner paused.
const PAUSED: &str = "Paused; it goes on when you resume it.";

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// It goes on.
    Running,
    /// It waits: for its owner to resume it, or for room on the disk.
    Paused,
    /// It was broken off, by a crash or a quit, and can be resumed.
    Interrupted,
    /// It was stopped by someone.
    Cancelled,
    /// It ended.
    Done,
}

/// A piece of work that takes a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// What it does: `import`, `place`, `render`, `compare`, `convert`, `sum`, `receive`, `accept`, `inspect`,
    /// `verify`, `repair`, `restore`, `adopt`, `fetch`, `move` or `offsite`.
    pub kind: String,
    /// Files found so far.
    pub total: u64,
    /// Files dealt with.
    pub done: u64,
    /// Files taken in.
    pub imported: u64,
    /// Files the library already had.
    pub duplicates: u64,
    /// Files passed over.
    pub skipped: u64,
    /// Files that could not be imported.
    pub failed: u64,
    /// The file last begun.
    pub current: Option<String>,
    /// How it stands.
    pub state: JobState,
    /// Why it stands so, in a sentence, where there is something to say.
    pub why: Option<String>,
    /// Whether it waits for `job resume`; a job that waits for room goes on by
    /// itself.
    pub resumable: bool,
}

impl Job {
    fn new(id: String, kind: &str) -> Job {
        Job {
            id,
            kind: kind.to_owned(),
            total: 0,
            done: 0,
            imported: 0,
            duplicates: 0,
            skipped: 0,
            failed: 0,
            current: None,
            state: JobState::Running,
            why: None,
            resumable: false,
        }
    }

    /// An import that was broken off.
    pub(crate) fn interrupted(id: String, why: String) -> Job {
        Job {
            state: JobState::Interrupted,
            why: Some(why),
            resumable: true,
            ..Job::new(id, "import")
        }
    }

    /// An import that was broken off, and given up.
    pub(crate) fn given_up(id: String) -> Job {
        Job {
            state: JobState::Cancelled,
            ..Job::new(id, "import")
        }
    }

    /// Tells how work goes on that no node runs; it cannot be cancelled.
    pub(crate) fn telling(kind: &str, tell: &dyn Fn(&Job)) -> impl Fn(&Progress) -> bool {
        move |progress| {
            let mut job = Job::new(String::new(), kind);
            job.set(progress);
            if progress.done == progress.found {
                job.state = JobState::Done;
            }
            tell(&job);
            true
        }
    }

    fn set(&mut self, progress: &Progress) {
        self.total = progress.found;
        self.done = progress.done;
        self.imported = progress.imported;
        self.duplicates = progress.duplicates;
        self.skipped = progress.skipped;
        self.failed = progress.failed;
        self.current = progress
            .current
            .as_ref()
            .map(|path| path.display().to_string());
        self.stand(match progress.waits {
            Some(_) => JobState::Paused,
            None => JobState::Running,
        });
        self.why.clone_from(&progress.waits);
    }

    fn stand(&mut self, state: JobState) {
        self.state = state;
        self.why = None;
        self.resumable = false;
    }

    /// Its owner has paused it.
    fn pause(&mut self) {
        self.state = JobState::Paused;
        self.why = Some(PAUSED.to_owned());
        self.resumable = true;
    }
}

/// The jobs that run.
pub(crate) struct Jobs {
    next: AtomicU64,
    running: Mutex<Vec<Arc<RunningJob>>>,
    /// Which thread began which job last.
    begun: Mutex<HashMap<ThreadId, String>>,
    events: broadcast::Sender<Event>,
}

/// A job under way. Finished with [`Jobs::finish`].
pub(crate) struct RunningJob {
    id: String,
    wish: Mutex<Wish>,
    wished: Condvar,
    shown: Mutex<(Job, Instant)>,
    events: broadcast::Sender<Event>,
}

/// What shall become of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    /// It goes on.
    GoOn,
    /// It waits until it is resumed.
    Pause,
    /// Someone stops it.
    Cancel,
    /// The node ends, and the job with it.
    BreakOff,
}

impl Jobs {
    pub fn new(events: broadcast::Sender<Event>) -> Jobs {
        Jobs {
            next: AtomicU64::new(1),
            running: Mutex::default(),
            begun: Mutex::default(),
            events,
        }
    }

    pub fn begin(&self, kind: &str) -> Arc<RunningJob> {
        let id = self.next.fetch_add(1, Ordering::Relaxed).to_string();
        self.begin_as(id, kind)
    }

    /// Begins a job whose id outlives it.
    pub fn begin_as(&self, id: String, kind: &str) -> Arc<RunningJob> {
        if let Ok(mut begun) = self.begun.lock() {
            begun.insert(thread::current().id(), id.clone());
        }
        let job = Job::new(id.clone(), kind);
        let _ = self.events.send(Event::Job(job.clone()));
        let running = Arc::new(RunningJob {
            id,
            wish: Mutex::new(Wish::GoOn),
            wished: Condvar::new(),
            shown: Mutex::new((job, Instant::now())),
            events: self.events.clone(),
        });
        if let Ok(mut jobs) = self.running.lock() {
            jobs.push(Arc::clone(&running));
        }
        running
    }

    /// Whether this is the job that the thread began last.
    pub fn began_by(&self, thread: ThreadId, id: &str) -> bool {
        self.begun
            .lock()
            .is_ok_and(|begun| begun.get(&thread).is_some_and(|begun| begun == id))
    }

    /// Ends a job and tells of its end, with its last counts where it has any.
    pub fn finish(&self, ended: &RunningJob, last: Option<&Progress>) {
        if let Ok(mut jobs) = self.running.lock() {
            jobs.retain(|job| job.id != ended.id);
        }
        if let Ok(mut shown) = ended.shown.lock() {
            if let Some(progress) = last {
                shown.0.set(progress);
            }
            shown.0.stand(match ended.wish() {
                Wish::Cancel => JobState::Cancelled,
                Wish::BreakOff => JobState::Interrupted,
                Wish::GoOn | Wish::Pause => JobState::Done,
            });
            let (job, state) = (&shown.0, shown.0.state);
            let (done, failed) = (job.done, job.failed);
            debug!(target: EVENTS, kind = job.kind, ?state, done, failed, "work ended");
            let _ = self.events.send(Event::Job(shown.0.clone()));
        }
    }

    pub fn list(&self) -> Vec<Job> {
        self.running.lock().map_or(Vec::new(), |jobs| {
            jobs.iter()
                .filter_map(|job| job.shown.lock().ok().map(|shown| shown.0.clone()))
                .collect()
        })
    }

    pub fn cancel(&self, id: &str) -> Result<(), NodeError> {
        self.find(id)?.wish_for(Wish::Cancel);
        Ok(())
    }

    /// Lets a job wait. Only an import looks for that at each file.
    pub fn pause(&self, id: &str) -> Result<(), NodeError> {
        let job = self.find(id)?;
        if !job.is("import") {
            return Err(NodeError::new(
                "cannot_pause",
                "Only an import can be paused; other work can be stopped, and begins again by \
                 itself.",
            ));
        }
        if job.wish_for(Wish::Pause) {
            job.show(Job::pause);
        }
        Ok(())
    }

    /// Lets a job that waits go on.
    pub fn resume(&self, id: &str) -> Result<(), NodeError> {
        let job = self.find(id)?;
        if job.wish_for(Wish::GoOn) {
            job.show(|shown| shown.stand(JobState::Running));
        }
        Ok(())
    }

    /// Whether an import goes on, rather than waiting.
    pub fn is_importing(&self) -> bool {
        let goes_on = |job: &Job| job.kind == "import" && job.state == JobState::Running;
        self.list().iter().any(goes_on)
    }

    pub fn is_running(&self, id: &str) -> bool {
        self.find(id).is_ok()
    }

    fn find(&self, id: &str) -> Result<Arc<RunningJob>, NodeError> {
        self.running
            .lock()
            .ok()
            .and_then(|jobs| jobs.iter().find(|job| job.id == id).cloned())
            .ok_or_else(|| {
                NodeError::new(
                    "not_found",
                    format!("No job {id} is running; it may have ended by itself."),
                )
            })
    }

    pub fn cancel_all(&self) {
        self.wish_for_all(Wish::Cancel);
    }

    /// Ends all that runs because the node ends.
    pub fn break_off_all(&self) {
        self.wish_for_all(Wish::BreakOff);
    }

    fn wish_for_all(&self, wish: Wish) {
        if let Ok(jobs) = self.running.lock() {
            for job in jobs.iter() {
                job.wish_for(wish);
            }
        }
    }
}

impl RunningJob {
    /// Takes note of progress, and waits while it is paused; false when the job
    /// should stop.
    pub fn go_on(&self, progress: &Progress) -> bool {
        if let Ok(mut shown) = self.shown.lock() {
            shown.0.set(progress);
            if self.wish() == Wish::Pause {
                shown.0.pause();
            }
            if shown.1.elapsed() >= TELL_EVERY {
                shown.1 = Instant::now();
                let _ = self.events.send(Event::Job(shown.0.clone()));
            }
        }
        let Ok(wish) = self.wish.lock() else {
            return false;
        };
        self.wished
            .wait_while(wish, |wish| *wish == Wish::Pause)
            .is_ok_and(|wish| *wish == Wish::GoOn)
    }

    /// Whether it ends only because the node does.
    pub fn is_broken_off(&self) -> bool {
        self.wish() == Wish::BreakOff
    }

    fn is(&self, kind: &str) -> bool {
        self.shown.lock().is_ok_and(|shown| shown.0.kind == kind)
    }

    fn wish(&self) -> Wish {
        self.wish.lock().map_or(Wish::Cancel, |wish| *wish)
    }

    /// False when an end was wished for, which is not taken back.
    fn wish_for(&self, wish: Wish) -> bool {
        let Ok(mut now) = self.wish.lock() else {
            return false;
        };
        let goes = matches!(*now, Wish::GoOn | Wish::Pause);
        if goes {
            *now = wish;
        }
        self.wished.notify_all();
        goes
    }

    fn show(&self, change: impl FnOnce(&mut Job)) {
        if let Ok(mut shown) = self.shown.lock() {
            change(&mut shown.0);
            let _ = self.events.send(Event::Job(shown.0.clone()));
        }
    }
}
