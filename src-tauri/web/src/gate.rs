//! Few password checks at once: each takes 19 MiB and a tenth of a second by
//! design. The permit travels with the work, so a visitor who hangs up does not
//! free a place while their check still runs.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
    time::Duration,
};

use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

/// How many may wait for a place.
const QUEUE: usize = 64;
/// How long one may wait for a place.
const PATIENCE: Duration = Duration::from_secs(2);

/// The places, and the queue before them.
pub(crate) struct Gate {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// No place was free in time.
#[derive(Debug)]
pub(crate) struct Busy;

impl Gate {
    /// As many places as there are cores, four at most.
    pub(crate) fn new() -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self {
            places: Arc::new(Semaphore::new(cores.min(4))),
            waiting: AtomicUsize::new(0),
        }
    }

    /// Runs `work` on a blocking thread once there is a place.
    ///
    /// # Errors
    /// [`Busy`] when the queue is full, no place came free in time, or the work died.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let queued = Queued::enter(&self.waiting)?;
        let place = timeout(PATIENCE, Arc::clone(&self.places).acquire_owned()).await;
        drop(queued);
        let Ok(Ok(place)) = place else {
            return Err(Busy);
        };
        spawn_blocking(move || {
            let _place = place;
            work()
        })
        .await
        .map_err(|_| Busy)
    }
}

struct Queued<'a>(&'a AtomicUsize);

impl<'a> Queued<'a> {
    fn enter(waiting: &'a AtomicUsize) -> Result<Self, Busy> {
        let queued = Self(waiting);
        // Counted before the look, so that two who come at once cannot both take
        // the last place in the queue; dropping `queued` takes the count back.
        match waiting.fetch_add(1, Ordering::AcqRel) {
            ahead if ahead < QUEUE => Ok(queued),
            _ => Err(Busy),
        }
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[tokio::test]
    async fn a_visitor_who_hangs_up_keeps_the_place_until_the_work_ends() {
        let gate = Arc::new(Gate {
            places: Arc::new(Semaphore::new(1)),
            waiting: AtomicUsize::new(0),
        });
        let (finish, wait) = mpsc::channel::<()>();
        let (started, running) = tokio::sync::oneshot::channel();
        let first = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move {
                gate.run(move || {
                    let _ = started.send(());
                    let _ = wait.recv();
                })
                .await
            }
        });
        running.await.unwrap();
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        assert_eq!(
            gate.places.available_permits(),
            0,
            "the place is still taken"
        );
        finish.send(()).unwrap();
        let _place = gate.places.acquire().await.unwrap();
        assert_eq!(gate.waiting.load(Ordering::Acquire), 0);
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once() {
        let gate = Gate {
            places: Arc::new(Semaphore::new(1)),
            waiting: AtomicUsize::new(QUEUE),
        };
        assert!(gate.run(|| ()).await.is_err());
        assert_eq!(gate.waiting.load(Ordering::Acquire), QUEUE);
    }
}
