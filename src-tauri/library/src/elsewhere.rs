//! Bytes that are not here: on another machine, or at the off-site store alone. They are
//! brought while somebody waits for them, where somebody said how.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, OnceLock};

use crate::kept::KeptWhat;
use crate::offsite::{Brought, Returning};
use crate::{Asset, AssetId, DeviceId, Library, LibraryError};

/// How many may wait for bytes from elsewhere at once: each holds a thread.
const WAITING: usize = 64;

/// Where bytes are that somebody waits for.
pub enum Elsewhere<'a> {
    /// On another machine; they become a copy that is kept here.
    Machine {
        /// The machine that told of the photo.
        home: DeviceId,
        /// The photo.
        asset: AssetId,
        /// What of it.
        what: KeptWhat,
    },
    /// At the off-site store.
    Store(&'a Returning),
}

/// Brings bytes here, or says in a sentence why they cannot be had. Blocks.
type Bring = Box<dyn Fn(Elsewhere<'_>) -> Result<Brought, String> + Send + Sync>;

/// How bytes are brought.
#[derive(Default)]
pub(crate) struct Bringer {
    bring: OnceLock<Bring>,
    waiting: AtomicUsize,
    /// Originals that are on their way from the store.
    coming: Mutex<HashSet<[u8; 32]>>,
    came: Condvar,
}

/// An original that nobody else brings meanwhile.
pub(crate) struct Coming<'a> {
    bringer: &'a Bringer,
    hash: [u8; 32],
}

impl Bringer {
    pub fn bring(&self, from: Elsewhere<'_>) -> Result<Brought, String> {
        let Some(bring) = self.bring.get() else {
            return Err("Nothing is brought here now.".to_owned());
        };
        let is_free = self.waiting.fetch_add(1, Ordering::AcqRel) < WAITING;
        let brought = match is_free {
            true => bring(from),
            false => Err("Many are being brought just now; try again in a moment.".to_owned()),
        };
        self.waiting.fetch_sub(1, Ordering::AcqRel);
        brought
    }

    /// Waits until nobody brings this original from the store, and keeps others from it
    /// until the answer is dropped.
    pub fn alone(&self, hash: [u8; 32]) -> Coming<'_> {
        if let Ok(coming) = self.coming.lock()
            && let Ok(mut coming) = self.came.wait_while(coming, |all| all.contains(&hash))
        {
            coming.insert(hash);
        }
        Coming {
            bringer: self,
            hash,
        }
    }
}

impl Drop for Coming<'_> {
    fn drop(&mut self) {
        if let Ok(mut coming) = self.bringer.coming.lock() {
            coming.remove(&self.hash);
        }
        self.bringer.came.notify_all();
    }
}

impl Asset {
    /// That what of it is wanted is on the machine that tells of it.
    pub(crate) fn not_here(&self, via: DeviceId, what: KeptWhat) -> LibraryError {
        LibraryError::NotHere {
            via,
            what,
            name: self.name.clone(),
        }
    }
}

impl Library {
    /// Says how bytes are brought here that are wanted and are elsewhere; the first that is
    /// said holds.
    pub fn bring_by(
        &self,
        bring: impl Fn(Elsewhere<'_>) -> Result<Brought, String> + Send + Sync + 'static,
    ) {
        let _ = self.bringer.bring.set(Box::new(bring));
    }

    /// Reads for a visitor, and once more after bringing what another machine has.
    pub(crate) fn or_bring<T>(
        &self,
        asset: AssetId,
        read: impl Fn() -> Result<T, LibraryError>,
    ) -> Result<T, LibraryError> {
        match read() {
            Err(LibraryError::NotHere { via, what, name }) => {
                let from = Elsewhere::Machine {
                    home: via,
                    asset,
                    what,
                };
                match self.bringer.bring(from) {
                    Ok(_) => read(),
                    Err(_) => Err(LibraryError::NotHere { via, what, name }),
                }
            }
            served => served,
        }
    }
}
