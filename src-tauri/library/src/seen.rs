//! Files that were looked at and are no photos of the library: what they were
//! like then, and why not. While a file stays as it was it need not be read
//! again. Local to this machine.

use std::path::PathBuf;

use rusqlite::{Connection, OptionalExtension};

use crate::LibraryError;
use crate::catalog::Write;
use crate::original::Original;

/// Of a file whose photo was deleted from the library for good, while the file
/// was left where it is.
pub(crate) const DELETED: &str = "deleted";
/// The same for people.
pub(crate) const DELETED_SENTENCE: &str = "This was deleted from the library for good, and its file left \
     here; import it to have it back.";

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

/// What came of a file when it was like this; `None` when it was not looked at,
/// or has changed since.
pub(crate) fn code_of(
    conn: &Connection,
    path: &str,
    (bytes, modified_ms): (u64, i64),
) -> Result<Option<String>, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT code FROM seen WHERE path = ?1 AND bytes = ?2 AND modified_ms = ?3",
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
              WHERE path > ?1 AND path < ?2 AND code NOT IN ('deleted', 'not_a_picture')
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
