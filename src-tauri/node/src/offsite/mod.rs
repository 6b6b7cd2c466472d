//! The off-site copy of a running node: it is kept up by itself once it is set. Originals are
//! copied when something changed and it is quiet again; the catalog besides, at most once in
//! as many minutes as are set. What fails is tried again, later and later. What the store holds
//! then makes room here, where that is set.

mod bring;
mod check;
mod copy;
mod local;
mod reading;
mod store;
mod told;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use library::{Change, Library, Offsite, OffsiteLogin, OffsitePlace};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::{Event, Node, NodeError, Noun};
use copy::Copying;
use store::Patience;

pub(crate) use bring::{BroughtBack, bring};
pub(crate) use check::{Checked, check};
pub(crate) use copy::Copied;
pub(crate) use store::Store;

/// How often it is looked whether something is due.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// After this long without a change it is quiet.
const QUIET: Duration = Duration::from_secs(5);
/// Changes that do not end are copied after this long all the same.
const LONGEST_CHANGE: Duration = Duration::from_secs(10 * 60);
/// The first pause after a failure; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);

/// How the off-site copy stands.
#[derive(Default)]
pub(crate) struct Standing {
    /// Cancelled when the node ends.
    stop: CancellationToken,
    /// One run at a time.
    turn: Mutex<()>,
    now: Mutex<Now>,
    /// Originals that go from here and come back.
    local: local::Local,
}

#[derive(Default)]
struct Now {
    /// When the last change was, and the first that was not looked at.
    changed: Option<(Instant, Instant)>,
    /// The catalog is another than the one that was copied last.
    stale: bool,
    /// Why the last run failed.
    trouble: Option<NodeError>,
    pause: Duration,
    /// Not before then is it tried again.
    next: Option<Instant>,
}

/// What a run copied.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ran {
    pub originals: Copied,
    /// Bytes of the catalog at the store, where it was copied.
    pub catalog: Option<u64>,
}

impl Standing {
    /// Takes note of a change in the library.
    pub fn hear(&self, change: Change) {
        if let Ok(mut now) = self.now.lock()
            && change != Change::Offsite
        {
            let moment = Instant::now();
            let since = now.changed.map_or(moment, |(_, since)| since);
            now.changed = Some((moment, since));
            now.stale = true;
        }
    }

    /// Waits until no run goes on, and keeps others off until the answer is dropped.
    pub fn turn(&self) -> Option<MutexGuard<'_, ()>> {
        self.turn.lock().ok()
    }

    /// Ends what goes on, because the node does.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Why the last run failed, if it did.
    pub fn trouble(&self) -> Option<NodeError> {
        self.now.lock().ok()?.trouble.clone()
    }

    /// Whether originals may be waiting and it is quiet enough to look.
    fn is_due(&self) -> bool {
        self.now.lock().is_ok_and(|now| {
            let waits = now.next.is_some_and(|next| Instant::now() < next);
            let quiet = now.changed.is_none_or(|(last, since)| {
                last.elapsed() >= QUIET || since.elapsed() >= LONGEST_CHANGE
            });
            !waits && quiet && (now.changed.is_some() || now.stale)
        })
    }

    fn begins(&self) -> bool {
        self.now
            .lock()
            .is_ok_and(|mut now| now.changed.take().is_some())
    }

    fn is_stale(&self) -> bool {
        self.now.lock().is_ok_and(|now| now.stale)
    }

    fn set_stale(&self, stale: bool) {
        if let Ok(mut now) = self.now.lock() {
            now.stale = stale;
        }
    }

    /// Notes how a run ended; true when that is news.
    fn note(&self, failed: Option<NodeError>) -> bool {
        let Ok(mut now) = self.now.lock() else {
            return false;
        };
        match &failed {
            Some(_) => {
                now.pause = (now.pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
                now.next = Some(Instant::now() + now.pause);
                // All of it is looked at again then.
                let moment = Instant::now();
                now.changed.get_or_insert((moment, moment));
                now.stale = true;
            }
            None => {
                now.pause = Duration::ZERO;
                now.next = None;
            }
        }
        let news = now.trouble != failed;
        now.trouble = failed;
        news
    }
}

/// The off-site copy, or that there is none.
pub(crate) fn needed(library: &Library) -> Result<Offsite, NodeError> {
    library.offsite()?.ok_or_else(|| {
        NodeError::new(
            "wrong",
            "There is no off-site copy yet; `albumen offsite set` begins one.",
        )
    })
}

/// The store of an off-site copy, for someone who waits for the answer.
pub(crate) fn store_at(
    place: &OffsitePlace,
    login: &OffsiteLogin,
    folder: &str,
    runtime: &Handle,
) -> Result<Store, NodeError> {
    let stop = CancellationToken::new();
    Store::new(place, login, folder, Patience::Little, runtime, stop)
}

/// Keeps the off-site copy up from now on, until the node is gone.
pub(crate) fn begin(node: &Arc<Node>) {
    // What changed while nobody looked is not known.
    node.offsite.hear(Change::Everything);
    let runtime = node.runtime.clone();
    let node = Arc::downgrade(node);
    runtime.clone().spawn(async move {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let Some(held) = node.upgrade() else { return };
            // What fails is told by `offsite status`, and tried again.
            let _ = runtime.spawn_blocking(move || held.keep_up_offsite()).await;
        }
    });
}

impl Node {
    /// Copies what is due, and makes room.
    fn keep_up_offsite(&self) -> Result<(), NodeError> {
        // An import waits until it is whole; but it may wait itself for the room that is made
        // by copying.
        let waits = || -> Result<bool, NodeError> {
            Ok(self.jobs.is_importing() && self.library.keep_local()?.is_none())
        };
        if self.offsite.is_due() && !waits()? {
            self.copy_due()?;
        }
        if self.offsite.local.was_crowded()
            && let Some(set) = self.library.offsite()?
            && let Err(error) = self.make_room_now(&set)
            && self.offsite.note(Some(error))
        {
            self.tell(Event::of(Noun::Offsite));
        }
        Ok(())
    }

    fn copy_due(&self) -> Result<(), NodeError> {
        let Some(set) = self.library.offsite()? else {
            self.offsite.begins();
            self.offsite.set_stale(false);
            return Ok(());
        };
        let last = self.library.offsite_catalog_at()?;
        let pause = i64::try_from(set.every.saturating_mul(60_000)).unwrap_or(i64::MAX);
        let now = library::Clock::system().now_ms();
        // A clock that was put back is no reason to wait.
        let due = last.is_none_or(|last| now - last >= pause || now < last);
        let stale = self.offsite.is_stale() && due;
        if self.offsite.begins() || stale {
            self.copy_offsite(&set, stale, Patience::Much)?;
        }
        Ok(())
    }

    /// Copies originals, and the catalog where that is wanted, as a job that can be seen and
    /// cancelled; someone waits for it.
    pub(crate) fn copy_offsite_now(&self, set: &Offsite) -> Result<Ran, NodeError> {
        self.copy_offsite(set, true, Patience::Little)
    }

    fn copy_offsite(
        &self,
        set: &Offsite,
        catalog: bool,
        patience: Patience,
    ) -> Result<Ran, NodeError> {
        let _turn = self.offsite.turn();
        let waits = self.library.offsite_waiting(None, 1)?;
        // A job of nothing would only flicker; a failure is found out by the catalog.
        if waits.is_empty() && !catalog {
            return Ok(Ran::default());
        }
        let keys = set.key.keys();
        let store = Store::new(
            &set.place,
            &set.login,
            keys.folder(),
            patience,
            &self.runtime,
            self.offsite.stop.clone(),
        )?;
        let job = self.jobs.begin("offsite");
        let go_on = |progress: &library::Progress| job.go_on(progress);
        let copying = Copying {
            library: &self.library,
            store: &store,
            keys: &keys,
            go_on: &go_on,
            told: Mutex::default(),
        };
        let ran = self.copy_all(&copying, catalog).and_then(|ran| {
            self.make_room(&store, &keys)?;
            Ok(ran)
        });
        self.jobs.finish(&job, None);
        if self.offsite.note(ran.as_ref().err().cloned()) {
            self.tell(Event::of(Noun::Offsite));
        }
        ran
    }

    fn copy_all(&self, copying: &Copying<'_>, catalog: bool) -> Result<Ran, NodeError> {
        let mut ran = Ran {
            originals: copying.originals()?,
            catalog: None,
        };
        if catalog && !ran.originals.cancelled {
            // What changes from here on is in the next one.
            self.offsite.set_stale(false);
            ran.catalog = Some(copying.catalog()?);
            copying.sweep()?;
        }
        Ok(ran)
    }

    /// Checks the store's folder, as a job that can be seen and cancelled.
    pub(crate) fn check_offsite(
        &self,
        set: &Offsite,
        read_data: bool,
    ) -> Result<Checked, NodeError> {
        let _turn = self.offsite.turn();
        let keys = set.key.keys();
        let store = store_at(&set.place, &set.login, keys.folder(), &self.runtime)?;
        let job = self.jobs.begin("verify");
        let go_on = |progress: &library::Progress| job.go_on(progress);
        let checked = check(&self.library, &store, &keys, read_data, &go_on);
        self.jobs.finish(&job, None);
        checked
    }
}
