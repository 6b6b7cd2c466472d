//! Work that takes a while: it shows how far it is and can be cancelled.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use library::Progress;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use ts_rs::TS;

use crate::{Event, NodeError};

/// How often a job tells how far it is.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// It goes on.
    Running,
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
    /// What it does: `import`, `place`, `render`, `compare`, `convert`, `verify`, `repair` or
    /// `restore`.
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
    cancelled: AtomicBool,
    shown: Mutex<(Job, Instant)>,
    events: broadcast::Sender<Event>,
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
        if let Ok(mut begun) = self.begun.lock() {
            begun.insert(thread::current().id(), id.clone());
        }
        let job = Job::new(id.clone(), kind);
        let _ = self.events.send(Event::Job(job.clone()));
        let running = Arc::new(RunningJob {
            id,
            cancelled: AtomicBool::new(false),
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
            shown.0.state = if ended.cancelled.load(Ordering::Relaxed) {
                JobState::Cancelled
            } else {
                JobState::Done
            };
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
        let found = self
            .running
            .lock()
            .ok()
            .and_then(|jobs| jobs.iter().find(|job| job.id == id).cloned());
        match found {
            Some(job) => {
                job.cancelled.store(true, Ordering::Relaxed);
                Ok(())
            }
            None => Err(NodeError::new(
                "not_found",
                format!("No job {id} is running; it may have ended by itself."),
            )),
        }
    }

    pub fn cancel_all(&self) {
        if let Ok(jobs) = self.running.lock() {
            for job in jobs.iter() {
                job.cancelled.store(true, Ordering::Relaxed);
            }
        }
    }
}

impl RunningJob {
    /// Takes note of progress; false when the job should stop.
    pub fn go_on(&self, progress: &Progress) -> bool {
        if let Ok(mut shown) = self.shown.lock() {
            shown.0.set(progress);
            if shown.1.elapsed() >= TELL_EVERY {
                shown.1 = Instant::now();
                let _ = self.events.send(Event::Job(shown.0.clone()));
            }
        }
        !self.cancelled.load(Ordering::Relaxed)
    }
}
