//! What visitors send at this machine through another's link: it waits here, in nobody's
//! inbox, until the link's home has fetched it and says so.

use std::fs::File;

use rusqlite::OptionalExtension;

use crate::catalog::Write;
use crate::kept::GivenOriginal;
use crate::original::remove_if_there;
use crate::peer::Guest;
use crate::request::{WISHED, enqueue};
use crate::upload::forget_outboard;
use crate::wire::{TakeUpload, UploadTaken, WishOf, WithdrawUpload};
use crate::{Change, DeviceId, Library, LibraryError, UploadId};

/// How many are asked for anew at once.
const AT_ONCE: usize = 1_000;

/// Asks a link's home to take a file, all of which is here now.
pub(crate) fn pass_on(write: &Write<'_>, home: DeviceId, id: UploadId) -> Result<(), LibraryError> {
    let wish = write
        .conn()
        .prepare_cached(
            "SELECT link, visitor, visitor_name, name, bytes, hash, received_at FROM upload
              WHERE id = ?1 AND home = ?2 AND state = 'waiting'",
        )?
        .query_row((id, home), |row| {
            Ok(TakeUpload {
                id: id.bytes().to_vec(),
                link: row.get(0)?,
                visitor: row.get(1)?,
                visitor_name: row.get(2)?,
                name: row.get(3)?,
                bytes: row.get(4)?,
                hash: row.get(5)?,
                received_at: row.get(6)?,
            })
        })?;
    enqueue(write, home, WishOf::TakeUpload(wish), String::new()).map(|_| ())
}

/// A visitor takes back a file that its home knows of by now: it is forgotten here, and there
/// as soon as that hears of it.
pub(crate) fn ask_back(
    write: &Write<'_>,
    home: DeviceId,
    id: UploadId,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    let hash: Option<[u8; 32]> = conn
        .prepare_cached("DELETE FROM upload WHERE id = ?1 AND home = ?2 RETURNING hash")?
        .query_row((id, home), |row| row.get(0))
        .optional()?;
    let Some(hash) = hash else {
        return Ok(());
    };
    forget_outboard(conn, &hash)?;
    let wish = WithdrawUpload {
        id: id.bytes().to_vec(),
    };
    enqueue(write, home, WishOf::WithdrawUpload(wish), String::new()).map(|_| ())
}

/// Hears from a link's home that a file is there, or will not be; what is here of it goes.
pub(crate) fn hear_taken(
    write: &Write<'_>,
    home: DeviceId,
    wish: &UploadTaken,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    let hash: Option<[u8; 32]> = conn
        .prepare_cached(
            "UPDATE upload SET state = ?3, decided_at = ?4
              WHERE id = ?1 AND home = ?2 AND state = 'waiting' RETURNING hash",
        )?
        .query_row(
            (
                &wish.id,
                home,
                match wish.refusal {
                    None => "accepted",
                    Some(_) => "rejected",
                },
                write.now_ms,
            ),
            |row| row.get(0),
        )
        .optional()?;
    if let Some(hash) = hash {
        forget_outboard(conn, &hash)?;
        write.announce(Change::Outbox);
    }
    Ok(())
}

impl Library {
    /// Removes the bytes of a file that was passed on, or was not taken; of another's that
    /// still waits, or of the library's own, nothing.
    pub(crate) fn remove_passed(&self, id: &[u8]) -> Result<(), LibraryError> {
        let Ok(id) = id.try_into().map(UploadId::from_bytes) else {
            return Ok(());
        };
        let is_passed = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT 1 FROM upload WHERE id = ?1 AND home IS NOT NULL
                        AND state IN ('accepted', 'rejected')",
                )?
                .exists([id])?)
        })?;
        match is_passed {
            true => remove_if_there(&self.upload_path(id)),
            false => Ok(()),
        }
    }

    /// Asks a home once more to take what waits here for it, where nothing is on its way to
    /// it: it may have been restored from a backup since it said that it would.
    ///
    /// # Errors
    /// When the catalog cannot be read or written.
    pub fn pass_on_again(&self, home: DeviceId) -> Result<(), LibraryError> {
        let waiting: Vec<UploadId> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&format!(
                    "SELECT id FROM upload WHERE home = ?1 AND state = 'waiting'
                        AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.home = ?1
                                           AND outbox.state = 'waiting' AND NOT {WISHED})
                      ORDER BY received_at, id LIMIT ?2"
                ))?
                .query_map((home, AT_ONCE), |row| row.get(0))?
                .collect::<Result<_, _>>()?)
        })?;
        if waiting.is_empty() {
            return Ok(());
        }
        self.catalog.write(move |write| {
            for id in waiting {
                let waits = write
                    .conn()
                    .prepare_cached("SELECT 1 FROM upload WHERE id = ?1 AND state = 'waiting'")?
                    .exists([id])?;
                if waits {
                    pass_on(write, home, id)?;
                }
            }
            Ok(())
        })
    }
}

impl Guest {
    /// Opens a file that a visitor sent here through a link of this machine's.
    ///
    /// # Errors
    /// [`LibraryError::NotShared`] for one that does not wait for it.
    pub fn open_upload(&self, id: UploadId) -> Result<GivenOriginal, LibraryError> {
        let (length, hash): (u64, [u8; 32]) = self.library.catalog.read(|conn| {
            self.check(conn)?;
            conn.prepare_cached(
                "SELECT bytes, hash FROM upload
                  WHERE id = ?1 AND home = ?2 AND state = 'waiting'",
            )?
            .query_row((id, self.device()), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?
            .ok_or(LibraryError::NotShared)
        })?;
        let file = File::open(self.library.upload_path(id))?;
        Ok(GivenOriginal {
            file,
            length,
            hash,
            outboard: self.library.outboard(&hash)?,
            is_made: false,
        })
    }

    /// Whether such a file still waits for it: asked again while much is sent.
    pub fn waits_for(&self, id: UploadId) -> bool {
        let waits = self.library.catalog.read(|conn| {
            self.check(conn)?;
            Ok(conn
                .prepare_cached(
                    "SELECT 1 FROM upload WHERE id = ?1 AND home = ?2 AND state = 'waiting'",
                )?
                .exists((id, self.device()))?)
        });
        waits.unwrap_or(false)
    }
}
