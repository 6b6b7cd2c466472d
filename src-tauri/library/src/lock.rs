//! Locked photos. They are seen nowhere until the shelf they lie on is opened with a
//! PIN, and then only on that shelf; it closes by itself. They are hidden, not
//! encrypted: their files lie among the other originals.
//!
//! The door is one: the SQL function `shows_locked()`, which every connection of the
//! catalog has. [`SEEN`] asks it, and `asset::find` and `asset::check_own`, by which
//! every command comes to an asset, ask [`SEEN`].

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OptionalExtension};

use crate::asset::check_own;
use crate::trash::tell_albums;
use crate::undo::photos;
use crate::unlock::{hash_of, is_hash_of};
use crate::{AssetId, Change, Clock, Library, LibraryError, LinkId, Shift, share};

/// The condition for what the owner may see now.
pub(crate) const SEEN: &str = "(asset.shelf <> 'locked' OR shows_locked())";

/// How long the shelf stays open after it was last looked at.
const OPEN_MS: i64 = 5 * 60 * 1_000;
/// Wrong PINs that cost nothing.
const FREE_TRIES: u32 = 5;
/// The longest wait between two tries.
const LONGEST_WAIT_MS: i64 = 60_000;

/// Whether locked photos are to be seen, and until when. It is kept in memory alone:
/// a restart closes it.
pub(crate) struct Door {
    until: AtomicI64,
    clock: Clock,
}

impl Door {
    pub fn new(clock: Clock) -> Door {
        Door {
            until: AtomicI64::new(0),
            clock,
        }
    }

    /// Milliseconds for which it stays open. A clock that was set back closes it.
    fn left(&self) -> Option<i64> {
        let left = self.until.load(Ordering::Relaxed) - self.clock.now_ms();
        (1..=OPEN_MS).contains(&left).then_some(left)
    }

    fn open(&self) {
        self.until
            .store(self.clock.now_ms() + OPEN_MS, Ordering::Relaxed);
    }

    fn close(&self) {
        self.until.store(0, Ordering::Relaxed);
    }

    /// Gives a connection the function that [`SEEN`] asks.
    pub fn attach(self: &Arc<Door>, conn: Connection) -> Result<Connection, LibraryError> {
        let door = Arc::clone(self);
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
        conn.create_scalar_function("shows_locked", 0, flags, move |_| Ok(door.left().is_some()))?;
        Ok(conn)
    }
}

/// How the locked shelf stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockState {
    /// Whether a PIN was chosen.
    pub has_pin: bool,
    /// For how long it stays open, milliseconds; `None` while it is closed.
    pub open_ms: Option<i64>,
}

impl Library {
    /// How the locked shelf stands.
    pub fn lock_state(&self) -> Result<LockState, LibraryError> {
        Ok(LockState {
            has_pin: self.pin()?.is_some(),
            open_ms: self.door().left(),
        })
    }

    /// Sets the PIN, or changes it; a change needs the old one. The shelf is open
    /// afterwards.
    ///
    /// # Errors
    /// [`LibraryError::WrongPin`], [`LibraryError::PinWait`], and
    /// [`LibraryError::Wrong`] for a PIN that is too short.
    pub fn set_pin(&self, old: Option<&str>, new: &str) -> Result<(), LibraryError> {
        if self.pin()?.is_some() {
            self.try_pin(old.unwrap_or_default())?;
        }
        if new.chars().count() < 4 || new.len() > 1_024 {
            return Err(LibraryError::wrong(
                "A PIN has at least 4 characters and at most 1 KiB.",
            ));
        }
        let hash = hash_of(new)?;
        self.catalog.write(move |write| {
            write.conn().execute(
                "INSERT INTO pin (only, hash) VALUES (1, ?1)
                 ON CONFLICT (only) DO UPDATE SET hash = excluded.hash, tries = 0, wait_to = 0",
                [hash],
            )?;
            write.announce(Change::Locked);
            Ok(())
        })?;
        self.door().open();
        Ok(())
    }

    /// Opens the locked shelf for some minutes.
    ///
    /// # Errors
    /// [`LibraryError::WrongPin`], [`LibraryError::PinWait`], and
    /// [`LibraryError::Wrong`] while no PIN was chosen.
    pub fn open_locked(&self, pin: &str) -> Result<(), LibraryError> {
        if self.pin()?.is_none() {
            return Err(no_pin());
        }
        self.try_pin(pin)?;
        self.door().open();
        self.catalog.tell(Change::Locked);
        Ok(())
    }

    /// Closes the locked shelf now.
    pub fn close_locked(&self) {
        self.door().close();
        self.catalog.tell(Change::Locked);
    }

    /// Locks assets, or takes them back into the timeline, for which the shelf must be
    /// open. What visitors have open of a locked one ends within a second.
    pub fn set_locked(&self, assets: &[AssetId], locked: bool) -> Result<Shift, LibraryError> {
        if self.pin()?.is_none() {
            return Err(no_pin());
        }
        if !locked {
            self.check_open()?;
        }
        let assets = assets.to_vec();
        let (shelf, way) = match locked {
            true => ("locked", "locked"),
            false => ("timeline", "unlocked"),
        };
        self.catalog.write(move |write| {
            write.record_undo(&format!("{} {way}", photos(assets.len())))?;
            let conn = write.conn();
            let mut shift = Shift::default();
            for asset in assets {
                check_own(conn, asset)?;
                let changed = conn
                    .prepare_cached(
                        "UPDATE asset SET shelf = ?2
                          WHERE id = ?1 AND (shelf = 'locked') <> (?2 = 'locked')",
                    )?
                    .execute((asset, shelf))?;
                shift.note(asset, changed > 0);
                if locked {
                    share::withdraw(write, asset)?;
                }
                write.announce(Change::Asset(asset));
                tell_albums(write, asset)?;
                for link in links_of(conn, asset)? {
                    conn.prepare_cached(
                        "UPDATE link SET generation = generation + 1 WHERE id = ?1",
                    )?
                    .execute([link])?;
                    write.announce(Change::Link(link));
                }
            }
            Ok(shift)
        })
    }

    /// Fails with a sentence while the locked shelf is closed; else it stays open for
    /// longer.
    pub(crate) fn check_open(&self) -> Result<(), LibraryError> {
        match self.door().left() {
            Some(_) => {
                self.door().open();
                Ok(())
            }
            None => Err(LibraryError::Locked),
        }
    }

    /// The locked assets, while they are not to be seen.
    pub(crate) fn hidden(&self) -> Result<HashSet<AssetId>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT id FROM asset WHERE shelf = 'locked' AND NOT shows_locked()",
                )?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?)
        })
    }

    fn door(&self) -> &Door {
        self.catalog.door()
    }

    fn pin(&self) -> Result<Option<String>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached("SELECT hash FROM pin")?
                .query_row([], |row| row.get(0))
                .optional()?)
        })
    }

    /// Takes a tenth of a second of processor and 19 MiB.
    fn try_pin(&self, pin: &str) -> Result<(), LibraryError> {
        let kept = self.count_pin_try()?;
        if pin.len() > 1_024 || !is_hash_of(&kept, pin) {
            return Err(LibraryError::WrongPin);
        }
        self.catalog.write(|write| {
            write
                .conn()
                .execute("UPDATE pin SET tries = 0, wait_to = 0", [])?;
            Ok(())
        })
    }

    /// Counts a try before it is made, so that many at once are counted too; answers
    /// with what the PIN is checked against.
    fn count_pin_try(&self) -> Result<String, LibraryError> {
        self.catalog.write(|write| {
            let (conn, now) = (write.conn(), write.now_ms);
            let (kept, tries, wait_to): (String, u32, i64) =
                conn.query_row("SELECT hash, tries, wait_to FROM pin", [], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })?;
            // A clock that was set back makes no wait longer.
            let wait = (wait_to - now).min(LONGEST_WAIT_MS);
            if wait > 0 {
                return Err(LibraryError::PinWait {
                    seconds: wait.unsigned_abs().div_ceil(1_000),
                });
            }
            let tries = tries.saturating_add(1);
            let wait = match tries.checked_sub(FREE_TRIES) {
                None => 0,
                Some(over) => (1_000 << over.min(6)).min(LONGEST_WAIT_MS),
            };
            conn.execute(
                "UPDATE pin SET tries = ?1, wait_to = ?2",
                (tries, now + wait),
            )?;
            Ok(kept)
        })
    }
}

fn no_pin() -> LibraryError {
    LibraryError::wrong("No PIN was chosen yet; choose one first, with `albumen lock pin`.")
}

/// The links that show an asset, by themselves or by its albums.
fn links_of(conn: &Connection, asset: AssetId) -> Result<Vec<LinkId>, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT link FROM link_asset WHERE asset = ?1
             UNION SELECT link.id FROM link JOIN album_asset ON album_asset.album = link.album
                    WHERE album_asset.asset = ?1",
        )?
        .query_map([asset], |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}
