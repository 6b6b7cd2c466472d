//! Few password checks at once: each takes 19 MiB and a tenth of a second by
//! design. The permit travels with the work, so a visitor who hangs up does not
//! free a place while their check still runs. They have threads of their own, for the
//! allocator keeps what a thread once took: on the many of the runtime, five hundred
//! checks held 700 MB.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread::{self, available_parallelism},
    time::Duration,
};

use tokio::{
    sync::{Semaphore, oneshot},
    time::timeout,
};

/// How many may wait for a place.
const QUEUE: usize = 64;
/// How long one may wait for a place.
const PATIENCE: Duration = Duration::from_secs(2);

/// The places, and the queue before them.
pub(crate) struct Gate {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// Heard by one thread for each place; they end with it.
    checks: mpsc::Sender<Check>,
}

type Check = Box<dyn FnOnce() + Send>;

/// No place was free in time.
#[derive(Debug)]
pub(crate) struct Busy;

impl Gate {
    /// As many places as there are cores, four at most.
    pub(crate) fn new() -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self::of(cores.min(4))
    }

    fn of(places: usize) -> Self {
        let (checks, waiting) = mpsc::channel::<Check>();
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..places {
            let waiting = Arc::clone(&waiting);
            let check = move || loop {
                let next = waiting
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .recv();
                let Ok(check) = next else { return };
                // Whoever waits for it hears that it died.
                let _ = catch_unwind(AssertUnwindSafe(check));
            };
            // Without any thread each check finds the gate busy.
            let _ = thread::Builder::new()
                .name("password".to_owned())
                .spawn(check);
        }
        Self {
            places: Arc::new(Semaphore::new(places)),
            waiting: AtomicUsize::new(0),
            checks,
        }
    }

    /// Runs `work` on a thread of the gate once there is a place.
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
        let (tell, told) = oneshot::channel();
        let check = Box::new(move || {
            let _place = place;
            // A visitor who hung up hears nothing.
            let _ = tell.send(work());
        });
        self.checks.send(check).map_err(|_| Busy)?;
        told.await.map_err(|_| Busy)
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
        let gate = Arc::new(Gate::of(1));
        let (finish, wait) = mpsc::channel::<()>();
        let (started, running) = oneshot::channel();
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
    async fn a_check_that_dies_leaves_its_place_to_the_next() {
        let gate = Gate::of(1);
        assert!(gate.run(|| panic!("on purpose")).await.is_err());
        assert_eq!(gate.run(|| 7).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once() {
        let gate = Gate::of(1);
        gate.waiting.store(QUEUE, Ordering::Release);
        assert!(gate.run(|| ()).await.is_err());
        assert_eq!(gate.waiting.load(Ordering::Acquire), QUEUE);
    }
}
