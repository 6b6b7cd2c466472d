//! Originals that the store alone has: they are fetched while somebody waits for them, and
//! make room here once the store was just seen to hold them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use library::{Brought, Elsewhere, Excess, Library, Offsite, OffsiteKeys, Returning};
use sync::Wanted;
use tokio::sync::Semaphore;

use super::bring::fetch;
use super::store::{Patience, Store};
use crate::{Node, NodeError};

/// How many originals are fetched, or looked at, at once.
const LANES: usize = 4;

/// What is brought back, and what makes room.
pub(super) struct Local {
    /// The store that is read from, and what it was made of.
    store: Mutex<Option<(Offsite, Store)>>,
    lanes: Arc<Semaphore>,
    /// More may be here than is to be.
    crowded: AtomicBool,
    /// It was looked where originals are, since the start.
    settled: AtomicBool,
}

impl Default for Local {
    fn default() -> Local {
        Local {
            store: Mutex::default(),
            lanes: Arc::new(Semaphore::new(LANES)),
            crowded: AtomicBool::new(true),
            settled: AtomicBool::new(false),
        }
    }
}

impl Local {
    /// Notes that more may be here than is to be.
    pub fn crowd(&self) {
        self.crowded.store(true, Ordering::Relaxed);
    }

    /// Whether more may be here than is to be, since this was asked last.
    pub fn was_crowded(&self) -> bool {
        self.crowded.swap(false, Ordering::Relaxed)
    }
}

impl Node {
    /// Brings what is wanted here and is elsewhere, for as long as this node is there.
    pub(crate) fn bring_what_is_elsewhere(self: &Arc<Node>) {
        let node = Arc::downgrade(self);
        self.library.bring_by(move |from| {
            let node = node.upgrade().ok_or("Albumen is closing.")?;
            let brought = match from {
                Elsewhere::Machine { home, asset, what } => node
                    .bring(Wanted { home, asset, what })
                    .map(|_| Brought::Here),
                Elsewhere::Store(returning) => node.fetch_from_store(returning),
            };
            brought.map_err(|error| error.message)
        });
    }

    fn fetch_from_store(&self, returning: &Returning) -> Result<Brought, NodeError> {
        let set = super::needed(&self.library)?;
        let keys = set.key.keys();
        let store = self.store_to_read(&set, &keys)?;
        let _lane = store.permit(&self.offsite.local.lanes)?;
        let brought = fetch(&store, &keys, &returning.hash(), |body| {
            returning.take(body)
        })?;
        self.offsite.local.crowd();
        Ok(brought)
    }

    /// The store, so that its connections are used again.
    fn store_to_read(&self, set: &Offsite, keys: &OffsiteKeys) -> Result<Store, NodeError> {
        let same = |was: &Offsite| was.place == set.place && was.login == set.login;
        let mut made = self.offsite.local.store.lock();
        if let Ok(Some((was, store))) = made.as_deref()
            && same(was)
        {
            return Ok(store.clone());
        }
        let store = Store::new(
            &set.place,
            &set.login,
            keys.folder(),
            Patience::Little,
            &self.runtime,
            self.offsite.stop.clone(),
        )?;
        if let Ok(made) = made.as_deref_mut() {
            *made = Some((set.clone(), store.clone()));
        }
        Ok(store)
    }

    /// Lets originals go from this machine that it is not to keep; answers with the bytes
    /// freed. The caller has the turn.
    pub(super) fn make_room(&self, store: &Store, keys: &OffsiteKeys) -> Result<u64, NodeError> {
        let local = &self.offsite.local;
        local.was_crowded();
        if self.library.keep_local()?.is_none() {
            return Ok(0);
        }
        if !local.settled.load(Ordering::Relaxed) {
            self.library.settle_offsite()?;
            local.settled.store(true, Ordering::Relaxed);
        }
        let excess = self.library.offsite_excess()?;
        let freed = AtomicU64::new(0);
        let next = Mutex::new(excess.iter());
        let failed = Mutex::new(None);
        std::thread::scope(|scope| {
            for _ in 0..LANES.min(excess.len()) {
                scope.spawn(|| {
                    while let Some(one) = next.lock().ok().and_then(|mut next| next.next()) {
                        match let_go(&self.library, store, keys, one) {
                            Ok(bytes) => {
                                freed.fetch_add(bytes, Ordering::Relaxed);
                            }
                            Err(error) => {
                                if let Ok(mut failed) = failed.lock() {
                                    *failed = Some(error);
                                }
                                return;
                            }
                        }
                    }
                });
            }
        });
        match failed.into_inner().unwrap_or_default() {
            Some(error) => Err(error),
            None => Ok(freed.into_inner()),
        }
    }

    /// Lets originals go that this machine is not to keep, where any may be.
    pub(crate) fn make_room_now(&self, set: &Offsite) -> Result<u64, NodeError> {
        let _turn = self.offsite.turn();
        let keys = set.key.keys();
        self.make_room(&self.store_to_read(set, &keys)?, &keys)
    }

    /// Brings all back that the store alone has, as a job that can be seen and cancelled;
    /// answers with whether it came to its end.
    pub(crate) fn bring_all_back(&self) -> Result<bool, NodeError> {
        let job = self.jobs.begin("fetch");
        let back = self
            .library
            .bring_all_back(&|progress: &library::Progress| job.go_on(progress));
        self.jobs.finish(&job, None);
        Ok(back?)
    }
}

/// Lets one original go, if the store holds it as it was given; else it is to be copied
/// again.
fn let_go(
    library: &Library,
    store: &Store,
    keys: &OffsiteKeys,
    excess: &Excess,
) -> Result<u64, NodeError> {
    let copy = &excess.copy;
    let held = store.look(&keys.name_of(&copy.hash))?;
    match held.is_some_and(|held| held.is_as_noted(copy)) {
        true => Ok(library.let_go(excess)?),
        false => {
            library.unnote_offsite(vec![copy.hash])?;
            Ok(0)
        }
    }
}
