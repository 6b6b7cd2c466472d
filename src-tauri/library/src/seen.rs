//! Files that were looked at: what they were like then, and what came of it: the
//! library has their bytes, or they are no photos of the library, and why not.
//! While a file stays as it was it need not be read again. Local to this machine.

use std::path::PathBuf;

use rusqlite::{Connection, OptionalExtension};

use crate::LibraryError;
use crate::catalog::Write;
use crate::original::Original;
use crate::time::DAY_MS;

/// Of a file whose photo was deleted from the library for good, while the file
/// was left where it is.
pub(crate) const DELETED: &str = "deleted";
/// The same for people.
pub(crate) const DELETED_SENTENCE: &str = "This was deleted from the library for good, and its file left \
     here; import it to have it back.";
/// Of a file whose bytes the library had when it was imported.
const HELD: &str = "held";
/// How long after its last change a file's time is trusted, milliseconds: FAT
/// counts in steps of two seconds, and within one a file may change unseen.
const TRUSTED_AFTER: u64 = 3_000;
/// How long a file that is held is remembered.
const HELD_MS: i64 = 366 * DAY_MS;
/// How many of them at most.
const MOST_HELD: i64 = 500_000;

/// A file of a watched folder that could not be taken in, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The file.
    pub path: PathBuf,
    /// A stable word for programs.
    pub code: String,
    /// A sentence for people.
    pub message: String,
}

/// What came of a file.
pub(crate) struct Seen {
    /// Where it is, absolute.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Its own time, milliseconds since 1970.
    pub modified_ms: i64,
    /// A stable word.
    pub code: &'static str,
    /// A sentence.
    pub message: String,
    /// BLAKE3 of its bytes, when all were read.
    pub hash: Option<[u8; 32]>,
}

/// Notes what came of a file.
pub(crate) fn note(write: &Write<'_>, seen: &Seen) -> Result<(), LibraryError> {
    write
        .conn()
        .prepare_cached(
            "INSERT OR REPLACE INTO seen (path, bytes, modified_ms, code, message, hash, seen_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            &seen.path,
            seen.bytes,
            seen.modified_ms,
            seen.code,
            &seen.message,
            seen.hash,
            write.now_ms,
        ))?;
    Ok(())
}

/// Notes of a file that its photo was deleted for good.
pub(crate) fn note_deleted(write: &Write<'_>, file: &Original) -> Result<(), LibraryError> {
    let seen = Seen {
        path: file.path().to_owned(),
        bytes: file.bytes,
        modified_ms: file.modified_ms,
        code: DELETED,
        message: DELETED_SENTENCE.to_owned(),
        hash: Some(file.hash),
    };
    note(write, &seen)
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
    let seen = Seen {
        path: path.to_owned(),
        bytes: like.0,
        modified_ms: like.1,
        code: HELD,
        message: String::new(),
        hash: Some(hash),
    };
    note(write, &seen)
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

/// The files between two paths that ought to be photos and could not be taken in.
pub(crate) fn refused_between(
    conn: &Connection,
    from: &str,
    to: &str,
) -> Result<Vec<Refused>, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT path, code, message FROM seen
              WHERE path > ?1 AND path < ?2 AND code NOT IN ('held', 'deleted', 'not_a_picture')
              ORDER BY path",
        )?
        .query_map((from, to), |row| {
            Ok(Refused {
                path: PathBuf::from(row.get::<_, String>(0)?),
                code: row.get(1)?,
                message: row.get(2)?,
            })
        })?
        .collect::<Result<_, _>>()?)
}
