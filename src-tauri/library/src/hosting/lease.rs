//! For how long links of other homes are served here: as long as their home is heard
//! of, for a while without a word of it, and for longer when it said that it rests. So
//! what was ended there ends here, too, at the latest with the lease.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use crate::peer::Guest;
use crate::{DeviceId, Library, LibraryError};

/// What is known of a home.
#[derive(Clone, Copy)]
struct Lease {
    lease_ms: i64,
    rest_ms: i64,
    heard_at: i64,
    rests: bool,
}

impl Lease {
    fn until(&self) -> i64 {
        let term = if self.rests {
            self.rest_ms
        } else {
            self.lease_ms
        };
        self.heard_at.saturating_add(term)
    }
}

/// The leases of all homes whose links are served here. Asked at each byte of theirs,
/// and renewed every two seconds, so they are in memory; in the catalog is when contact
/// began or ended.
#[derive(Default)]
pub(crate) struct Leases(Mutex<HashMap<DeviceId, Lease>>);

impl Leases {
    /// As the catalog has them.
    pub(crate) fn read(conn: &Connection) -> Result<Leases, LibraryError> {
        let all = conn
            .prepare("SELECT home, lease_ms, rest_ms, heard_at, rests FROM hosting WHERE asked")?
            .query_map([], |row| {
                let lease = Lease {
                    lease_ms: row.get(1)?,
                    rest_ms: row.get(2)?,
                    heard_at: row.get(3)?,
                    rests: row.get(4)?,
                };
                Ok((row.get(0)?, lease))
            })?
            .collect::<Result<_, _>>()?;
        Ok(Leases(Mutex::new(all)))
    }

    fn all(&self) -> MutexGuard<'_, HashMap<DeviceId, Lease>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a home's links may be served now.
    pub(crate) fn hold(&self, home: DeviceId, now_ms: i64) -> bool {
        self.all()
            .get(&home)
            .is_some_and(|lease| lease.until() > now_ms)
    }

    /// Until when they may, if nothing more is heard; `now_ms` for one that is unknown.
    pub(super) fn until(&self, home: DeviceId, now_ms: i64) -> i64 {
        self.all().get(&home).map_or(now_ms, Lease::until)
    }
}

impl Library {
    /// Notes that a home whose links are served here was heard of now, all that it has to
    /// tell of them being known; `rests`, as it says of itself: it is about to.
    pub fn renew_lease(&self, home: DeviceId, rests: bool) {
        if let Some(lease) = self.leases.all().get_mut(&home) {
            lease.heard_at = self.clock.now_ms();
            lease.rests = rests;
        }
    }

    /// Whether what a home shows to others may be handed on now.
    pub(crate) fn hands_on(&self, home: DeviceId) -> bool {
        self.leases.hold(home, self.clock.now_ms())
    }

    /// Whether links of this home are served here, as it asked.
    pub fn is_host_of(&self, home: DeviceId) -> bool {
        self.leases.all().contains_key(&home)
    }

    /// Whether links of any other machine are served here.
    pub fn is_host(&self) -> bool {
        !self.leases.all().is_empty()
    }

    /// Keeps over a restart when a home was last heard of: as contact with it begins, and
    /// as it ends.
    ///
    /// # Errors
    /// When the catalog cannot be written.
    pub fn keep_lease(&self, home: DeviceId) -> Result<(), LibraryError> {
        let Some(lease) = self.leases.all().get(&home).copied() else {
            return Ok(());
        };
        self.catalog.write(move |write| {
            write.conn().execute(
                "UPDATE hosting SET heard_at = ?2, rests = ?3 WHERE home = ?1",
                (home, lease.heard_at, lease.rests),
            )?;
            Ok(())
        })
    }

    /// Takes over which homes have their links served here, and on which terms.
    pub(crate) fn take_leases(&self) -> Result<(), LibraryError> {
        let Leases(read) = self.catalog.read(Leases::read)?;
        let mut read = read.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut all = self.leases.all();
        for (home, lease) in &mut read {
            // What was heard since stands in no row.
            if let Some(known) = all
                .get(home)
                .filter(|known| known.heard_at > lease.heard_at)
            {
                (lease.heard_at, lease.rests) = (known.heard_at, known.rests);
            }
        }
        *all = read;
        Ok(())
    }
}

impl Guest {
    /// Hears that this machine rests: its links are served for as long as it allowed for
    /// that.
    ///
    /// # Errors
    /// When it is not known any more, or the catalog cannot be written.
    pub fn rests(&self) -> Result<(), LibraryError> {
        self.library.catalog.read(|conn| self.check(conn))?;
        self.library.renew_lease(self.device(), true);
        self.library.keep_lease(self.device())
    }
}
