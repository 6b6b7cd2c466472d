//! What of the originals is at the store, and what is not yet: the library's own, and copies of
//! other machines' that are kept here by wish. A row is written only when the store has said
//! that it holds all of a body; what stands there without a row is copied again, over itself.

use std::fs::File;

use rusqlite::{Connection, Row};

use super::back::Spot;
use crate::kept::KeptWhat;
use crate::original::{COLUMNS, Original};
use crate::time::DAY_MS;
use crate::{AssetId, Change, DeviceId, Library, LibraryError};

/// How many days an original stays at the store that no photo has any more: so long, a catalog
/// of before brings it back.
const GONE_DAYS: i64 = 30;

/// Every file that the store is to hold; a query's table.
const FILES: &str = "(SELECT hash, bytes FROM original
     UNION ALL SELECT hash, bytes FROM kept WHERE what NOT IN ('thumbnail', 'preview', 'motion', 'film') AND wanted = 1)";

/// A file that is not at the store yet.
#[derive(Clone, Debug)]
pub struct OffsiteFile {
    spot: Spot,
    hash: [u8; 32],
    bytes: u64,
}

impl OffsiteFile {
    /// BLAKE3 of it.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// Bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// What the store holds for an original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsiteCopy {
    /// BLAKE3 of the original.
    pub hash: [u8; 32],
    /// Bytes of the original.
    pub bytes: u64,
    /// Bytes at the store, and the mark it gave them; `None` where it is not copied yet.
    pub held: Option<(u64, Option<String>)>,
    /// Whether it is at the store alone, or was when it was looked last.
    pub is_away: bool,
    /// The name of one of its photos, unless that is locked; of what no photo has, none.
    pub name: Option<String>,
}

/// How much of the library is at the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OffsiteCounts {
    /// Originals, each once.
    pub files: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Those at the store.
    pub copied: u64,
    /// Bytes of those, as they are here.
    pub copied_bytes: u64,
    /// Those at the store alone.
    pub away: u64,
    /// Bytes of those.
    pub away_bytes: u64,
    /// Those that are not here, and that the store did not hold any more when it was looked.
    pub lost: u64,
    /// Bytes that the store holds for originals, also for those that are gone here.
    pub stored: u64,
}

impl Library {
    /// Files that are not at the store, in the order of their places, from after one of them
    /// on.
    pub fn offsite_waiting(
        &self,
        after: Option<&OffsiteFile>,
        most: u64,
    ) -> Result<Vec<OffsiteFile>, LibraryError> {
        let mut waiting = match after.map(|file| &file.spot) {
            None => self.catalog.read(|conn| own_waiting(conn, None, most))?,
            Some(Spot::Copied(file)) => self
                .catalog
                .read(|conn| own_waiting(conn, Some(file), most))?,
            Some(Spot::Kept(..)) => Vec::new(),
        };
        let after = match after.map(|file| &file.spot) {
            Some(Spot::Kept(home, asset, what)) => Some((*home, *asset, what.name().into_owned())),
            _ => None,
        };
        let left = most.saturating_sub(waiting.len() as u64);
        waiting.extend(self.catalog.read(|conn| kept_waiting(conn, after, left))?);
        Ok(waiting)
    }

    /// Opens a file that is to be copied.
    ///
    /// # Errors
    /// [`LibraryError::OriginalMissing`] and [`LibraryError::OriginalDamaged`]; neither names
    /// it, for it may be a locked photo's.
    pub fn open_offsite(&self, file: &OffsiteFile) -> Result<File, LibraryError> {
        const NAME: &str = "a photo";
        match &file.spot {
            Spot::Copied(original) => self.open_file(original, NAME),
            Spot::Kept(home, asset, what) => {
                self.open_kept(*home, *asset, *what)?
                    .ok_or_else(|| LibraryError::OriginalMissing {
                        name: NAME.to_owned(),
                    })
            }
        }
    }

    /// Whether an original is at the store.
    pub fn is_offsite(&self, hash: [u8; 32]) -> Result<bool, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached("SELECT 1 FROM offsite_copy WHERE hash = ?1")?
                .exists([hash])?)
        })
    }

    /// Notes that the store holds all of an original, in so many bytes and under this mark of
    /// its own.
    pub fn note_offsite(
        &self,
        hash: [u8; 32],
        stored: u64,
        tag: Option<String>,
    ) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            write
                .conn()
                .prepare_cached(
                    "INSERT OR REPLACE INTO offsite_copy (hash, stored, tag, copied_at)
                     VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute((hash, stored, tag, write.now_ms))?;
            write.announce(Change::Offsite);
            Ok(())
        })
    }

    /// Forgets that originals are at the store: they are not, or not as they should be.
    pub fn unnote_offsite(&self, hashes: Vec<[u8; 32]>) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            let conn = write.conn();
            for hash in hashes {
                conn.prepare_cached("DELETE FROM offsite_copy WHERE hash = ?1")?
                    .execute([hash])?;
            }
            write.announce(Change::Offsite);
            Ok(())
        })
    }

    /// Notes an upload in parts that is about to be made, so that it can be ended at the store
    /// if this program cannot end it.
    pub fn begin_offsite(&self, upload: &str, name: &str) -> Result<(), LibraryError> {
        let (upload, name) = (upload.to_owned(), name.to_owned());
        self.catalog.write(move |write| {
            write
                .conn()
                .prepare_cached(
                    "INSERT OR REPLACE INTO offsite_begun (upload, name) VALUES (?1, ?2)",
                )?
                .execute((upload, name))?;
            Ok(())
        })
    }

    /// Notes that an upload in parts has ended, whichever way.
    pub fn end_offsite_upload(&self, upload: &str) -> Result<(), LibraryError> {
        let upload = upload.to_owned();
        self.catalog.write(move |write| {
            write
                .conn()
                .prepare_cached("DELETE FROM offsite_begun WHERE upload = ?1")?
                .execute([upload])?;
            Ok(())
        })
    }

    /// Uploads in parts that were begun and have not ended: the store's id, and the name.
    pub fn offsite_begun(&self) -> Result<Vec<(String, String)>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached("SELECT upload, name FROM offsite_begun")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?)
        })
    }

    /// Notes which originals no photo has any more, and answers with those that have been gone
    /// for long enough to be removed from the store.
    pub fn offsite_outlived(&self) -> Result<Vec<[u8; 32]>, LibraryError> {
        const GONE: &str = "NOT EXISTS (SELECT 1 FROM known WHERE known.hash = offsite_copy.hash)";
        self.catalog.write(|write| {
            let conn = write.conn();
            let known = format!("WITH known AS MATERIALIZED (SELECT DISTINCT hash FROM {FILES})");
            conn.prepare_cached(&format!(
                "{known} UPDATE offsite_copy SET gone_at = iif({GONE}, ?1, NULL)
                  WHERE (gone_at IS NULL) = ({GONE})"
            ))?
            .execute([write.now_ms])?;
            Ok(conn
                .prepare_cached("SELECT hash FROM offsite_copy WHERE gone_at <= ?1")?
                .query_map([write.now_ms - GONE_DAYS * DAY_MS], |row| row.get(0))?
                .collect::<Result<_, _>>()?)
        })
    }

    /// How much of the library is at the store.
    pub fn offsite_counts(&self) -> Result<OffsiteCounts, LibraryError> {
        self.catalog.read(|conn| {
            let stored = conn
                .prepare_cached("SELECT coalesce(sum(stored), 0) FROM offsite_copy")?
                .query_row([], |row| row.get(0))?;
            Ok(conn
                .prepare_cached(&format!(
                    "SELECT count(*), coalesce(sum(bytes), 0), count(copy),
                            coalesce(sum(iif(copy IS NULL, 0, bytes)), 0),
                            count(nullif(place = 'away', 0)),
                            coalesce(sum(iif(place = 'away', bytes, 0)), 0),
                            count(nullif(place = 'lost', 0))
                       FROM (SELECT max(bytes) AS bytes, max(offsite_copy.copied_at) AS copy,
                                    max(place) AS place
                               FROM {FILES} LEFT JOIN offsite_copy USING (hash) GROUP BY hash)"
                ))?
                .query_row([], |row| {
                    Ok(OffsiteCounts {
                        files: row.get(0)?,
                        bytes: row.get(1)?,
                        copied: row.get(2)?,
                        copied_bytes: row.get(3)?,
                        away: row.get(4)?,
                        away_bytes: row.get(5)?,
                        lost: row.get(6)?,
                        stored,
                    })
                })?)
        })
    }

    /// Every original of the library and whatever else the store is to hold, each once.
    pub fn offsite_copies(&self) -> Result<Vec<OffsiteCopy>, LibraryError> {
        self.catalog.read(|conn| {
            let mut all = conn
                .prepare(
                    "SELECT file.hash, max(file.bytes), offsite_copy.stored, offsite_copy.tag,
                            max(file.name), coalesce(max(place), 'here') <> 'here'
                       FROM (SELECT original.hash, original.bytes,
                                    iif(shelf = 'locked' AND NOT shows_locked(), NULL, name) AS name
                               FROM original JOIN asset ON asset.id = original.asset
                              UNION ALL
                             SELECT kept.hash, kept.bytes,
                                    coalesce(asset.name, 'a photo of another machine')
                               FROM kept LEFT JOIN asset ON asset.id = kept.asset
                              WHERE what NOT IN ('thumbnail', 'preview', 'motion', 'film') AND wanted = 1) AS file
                       LEFT JOIN offsite_copy USING (hash)
                      GROUP BY file.hash",
                )?
                .query_map([], copy_of)?
                .collect::<Result<Vec<_>, _>>()?;
            all.extend(gone(conn)?);
            Ok(all)
        })
    }
}

/// The library's own files that are not at the store, after one of them.
fn own_waiting(
    conn: &Connection,
    after: Option<&Original>,
    most: u64,
) -> Result<Vec<OffsiteFile>, LibraryError> {
    let after = after.map(|file| (file.is_in_place(), file.path()));
    let (in_place, path) = after.unwrap_or_default();
    Ok(conn
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM original
              WHERE (in_place, path) > (?1, ?2)
                AND NOT EXISTS (SELECT 1 FROM offsite_copy
                                 WHERE offsite_copy.hash = original.hash)
              ORDER BY in_place, path LIMIT ?3"
        ))?
        .query_map((in_place, path, most), |row| {
            let original = Original::from_row(row)?;
            Ok(OffsiteFile {
                hash: original.hash,
                bytes: original.bytes,
                spot: Spot::Copied(original),
            })
        })?
        .collect::<Result<_, _>>()?)
}

/// Copies of others' that are not at the store, after one of them.
fn kept_waiting(
    conn: &Connection,
    after: Option<(DeviceId, AssetId, String)>,
    most: u64,
) -> Result<Vec<OffsiteFile>, LibraryError> {
    let (home, asset, what) = match after {
        Some((home, asset, what)) => (home.bytes().to_vec(), asset.bytes().to_vec(), what),
        None => Default::default(),
    };
    Ok(conn
        .prepare_cached(
            "SELECT home, asset, what, hash, bytes FROM kept
              WHERE (home, asset, what) > (?1, ?2, ?3)
                AND what NOT IN ('thumbnail', 'preview', 'motion', 'film') AND wanted = 1
                AND NOT EXISTS (SELECT 1 FROM offsite_copy WHERE offsite_copy.hash = kept.hash)
              ORDER BY home, asset, what LIMIT ?4",
        )?
        .query_map((home, asset, what, most), |row| {
            Ok(OffsiteFile {
                spot: kept_spot(row)?,
                hash: row.get(3)?,
                bytes: row.get(4)?,
            })
        })?
        .collect::<Result<_, _>>()?)
}

/// Of a row that begins with a copy's `home`, `asset`, `what` and `hash`.
pub(super) fn kept_spot(row: &Row<'_>) -> rusqlite::Result<Spot> {
    let what = match row.get::<_, String>(2)?.as_str() {
        "original" => KeptWhat::Original,
        _ => KeptWhat::Part(row.get(3)?),
    };
    Ok(Spot::Kept(row.get(0)?, row.get(1)?, what))
}

/// What the store still holds of photos that are gone.
fn gone(conn: &Connection) -> rusqlite::Result<Vec<OffsiteCopy>> {
    conn.prepare(&format!(
        "WITH known AS MATERIALIZED (SELECT DISTINCT hash FROM {FILES})
         SELECT hash, 0, stored, tag, NULL, 0 FROM offsite_copy
          WHERE NOT EXISTS (SELECT 1 FROM known WHERE known.hash = offsite_copy.hash)"
    ))?
    .query_map([], copy_of)?
    .collect()
}

fn copy_of(row: &Row<'_>) -> rusqlite::Result<OffsiteCopy> {
    let stored: Option<u64> = row.get(2)?;
    let tag = row.get(3)?;
    Ok(OffsiteCopy {
        hash: row.get(0)?,
        bytes: row.get(1)?,
        held: stored.map(|stored| (stored, tag)),
        name: row.get(4)?,
        is_away: row.get(5)?,
    })
}
