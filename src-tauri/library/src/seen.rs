//! Files that were looked at: what they were like then, and what came of it: the
//! library has their bytes, or they are no photos of the library, and why not.
//! While a file stays as it was it need not be read again. Local to this machine.

use rusqlite::{Connection, OptionalExtension};

use crate::LibraryError;
use crate::catalog::Write;
use crate::original::Original;
use crate::time::DAY_MS;

/// Of a file whose photo was deleted from the library for good, while the file
/// was left where it is.
pub(crate) const DELETED: &str = "deleted";
/// Of a file whose bytes the library had when it was imported.
const HELD: &str = "held";
/// How long after its last change a file's time is trusted, milliseconds: FAT
/// counts in steps of two seconds, and within one a file may change unseen.
const TRUSTED_AFTER: u64 = 3_000;
/// How long a file that is held is remembered.
const HELD_MS: i64 = 366 * DAY_MS;
/// How many of them at most.
const MOST_HELD: i64 = 500_000;

/// Notes what came of a file.
pub(crate) fn note(
    write: &Write<'_>,
    path: &str,
    (bytes, modified_ms): (u64, i64),
    code: &str,
    hash: Option<[u8; 32]>,
) -> Result<(), LibraryError> {
    write
        .conn()
        .prepare_cached(
            "INSERT OR REPLACE INTO seen (path, bytes, modified_ms, code, hash, seen_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((path, bytes, modified_ms, code, hash, write.now_ms))?;
    Ok(())
}

/// Notes of a file that its photo was deleted for good.
pub(crate) fn note_deleted(write: &Write<'_>, file: &Original) -> Result<(), LibraryError> {
    let like = (file.bytes, file.modified_ms);
    note(write, file.path(), like, DELETED, Some(file.hash))
}

/// Notes of a file that the library has its bytes, unless its time is too young
/// to tell it from what it may yet become.
pub(crate) fn note_held(
    write: &Write<'_>,
    path: &str,
    like: (u64, i64),
    hash: [u8; 32],
) -> Result<(), LibraryError> {
    if write.now_ms.abs_diff(like.1) <= TRUSTED_AFTER {
        return Ok(());
    }
    note(write, path, like, HELD, Some(hash))
}

/// The hash of a file's bytes, where the library had them when it was like this.
pub(crate) fn held(
    conn: &Connection,
    path: &str,
    (bytes, modified_ms): (u64, i64),
) -> Result<Option<[u8; 32]>, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT hash FROM seen
              WHERE path = ?1 AND bytes = ?2 AND modified_ms = ?3 AND code = 'held'",
        )?
        .query_row((path, bytes, modified_ms), |row| row.get(0))
        .optional()?)
}

/// Forgets of which files the library had the bytes long ago, and the oldest of
/// too many.
pub(crate) fn forget_held(write: &Write<'_>) -> Result<(), LibraryError> {
    write.conn().execute(
        "DELETE FROM seen WHERE code = 'held'
            AND seen_at < max(?1, coalesce((SELECT seen_at FROM seen WHERE code = 'held'
                                             ORDER BY seen_at DESC LIMIT 1 OFFSET ?2), ?1))",
        (write.now_ms - HELD_MS, MOST_HELD),
    )?;
    Ok(())
}

/// Why a file was not taken in when it was like this; `None` when it was not
/// looked at, has changed since, or is the library's.
pub(crate) fn code_of(
    conn: &Connection,
    path: &str,
    (bytes, modified_ms): (u64, i64),
) -> Result<Option<String>, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT code FROM seen
              WHERE path = ?1 AND bytes = ?2 AND modified_ms = ?3 AND code <> 'held'",
        )?
        .query_row((path, bytes, modified_ms), |row| row.get(0))
        .optional()?)
}

/// Whether a photo of these bytes was deleted for good while a file of it was
/// left.
pub(crate) fn is_deleted(conn: &Connection, hash: &[u8; 32]) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM seen WHERE hash = ?1 AND code = 'deleted'")?
        .exists([hash])?)
}

/// Whether a photo of this length was.
pub(crate) fn has_deleted_length(conn: &Connection, bytes: u64) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM seen WHERE code = 'deleted' AND bytes = ?1")?
        .exists([bytes])?)
}

/// Forgets that photos of these bytes were deleted: the user wants one again.
pub(crate) fn want_again(write: &Write<'_>, hash: &[u8; 32]) -> Result<(), LibraryError> {
    write
        .conn()
        .prepare_cached("DELETE FROM seen WHERE hash = ?1 AND code = 'deleted'")?
        .execute([hash])?;
    Ok(())
}

/// Forgets everything below a folder that is followed no longer.
pub(crate) fn forget_below(write: &Write<'_>, from: &str, to: &str) -> Result<(), LibraryError> {
    write
        .conn()
        .prepare_cached("DELETE FROM seen WHERE path >= ?1 AND path < ?2")?
        .execute((from, to))?;
    Ok(())
}
