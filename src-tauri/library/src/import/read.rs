//! Reading one file for import: what it is, and its bytes once.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use media::{Kind, MediaError, Sniff};

use super::{Failure, unreadable};
use crate::original::{inode, modified_ms, open_plain};

/// The code of a file that was still being written.
pub(crate) const CHANGING: &str = "changing";
/// Enough of a file to tell its format.
const HEAD: u64 = 4_096;

/// A file that may become an original.
pub(super) struct Found {
    /// Its bytes.
    pub(super) content: Content,
    /// How many there are.
    pub(super) bytes: u64,
    /// The file's own time, milliseconds since 1970.
    pub(super) modified_ms: i64,
    /// Its number in its file system.
    pub(super) inode: Option<i64>,
}

/// Where the bytes are meanwhile.
pub(super) enum Content {
    /// A picture's, in memory to be hashed and copied; a worker reads the file.
    Picture(Vec<u8>, File),
    /// A video's, still in the file.
    Film(File),
}

/// Opens a file and reads it whole if it is a picture.
pub(super) fn read(path: &Path) -> Result<Found, Failure> {
    let failed = |error: std::io::Error| unreadable(path, &error);
    let mut file = open_plain(path).map_err(failed)?;
    let before = file.metadata().map_err(failed)?;
    if !before.is_file() {
        return Err(Failure {
            path: path.to_owned(),
            code: "not_a_file",
            message: "This is no ordinary file, so there is nothing to import.".to_owned(),
        });
    }
    let mut bytes = Vec::new();
    (&mut file)
        .take(HEAD)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.is_empty() {
        return Err(Failure {
            path: path.to_owned(),
            code: "empty",
            message: "The file is empty; copy it again from where it came from.".to_owned(),
        });
    }
    let format = match media::sniff(&bytes) {
        Sniff::Media(format) => format,
        Sniff::NotYet(what) => return Err(refused(path, &MediaError::NotYet(what))),
        Sniff::Unknown => return Err(refused(path, &MediaError::NotAPicture)),
    };
    if format.kind() == Kind::Video {
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        return Ok(Found {
            content: Content::Film(file),
            bytes: before.len(),
            modified_ms: modified_ms(&before),
            inode: inode(&before),
        });
    }
    if before.len() > media::MAX_INPUT {
        let bytes = before.len();
        return Err(refused(path, &MediaError::TooManyBytes { bytes }));
    }
    bytes.reserve_exact(
        usize::try_from(before.len())
            .unwrap_or(0)
            .saturating_sub(bytes.len()),
    );
    (&mut file)
        .take(media::MAX_INPUT)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    let found = Found {
        bytes: bytes.len() as u64,
        content: Content::Picture(bytes, file),
        modified_ms: modified_ms(&before),
        inode: inode(&before),
    };
    still_the_same(path, &found)?;
    Ok(found)
}

/// Fails when a file was written to since it was opened.
pub(super) fn still_the_same(path: &Path, found: &Found) -> Result<(), Failure> {
    let (Content::Picture(_, file) | Content::Film(file)) = &found.content;
    let after = file.metadata().map_err(|error| unreadable(path, &error))?;
    if found.bytes == after.len() && found.modified_ms == modified_ms(&after) {
        return Ok(());
    }
    Err(Failure {
        path: path.to_owned(),
        code: CHANGING,
        message: "The file was still being written; import it again when that is done.".to_owned(),
    })
}

/// A file that `media` refuses, in its words.
pub(super) fn refused(path: &Path, error: &MediaError) -> Failure {
    Failure {
        path: path.to_owned(),
        code: error.code(),
        message: error.to_string(),
    }
}
