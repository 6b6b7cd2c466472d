//! Reading one file for import: what it is, its bytes once, and the sidecar that
//! an editor may have left beside it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use media::{Kind, MediaError, Metadata, Sniff};

use super::{Failure, unreadable};
use crate::original::{inode, modified_ms};

/// The code of a file that was still being written.
pub(crate) const CHANGING: &str = "changing";
/// Enough of a file to tell its format.
const HEAD: u64 = 4_096;
/// The longest sidecar that is read, in bytes.
const LONGEST_SIDECAR: u64 = 8 << 20;

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

/// What a sidecar beside the file says: `a.jpg.xmp`, or else `a.xmp`.
pub(super) fn sidecar(path: &Path) -> Option<Metadata> {
    let mut longer = path.as_os_str().to_owned();
    longer.push(".xmp");
    let mut loud = path.as_os_str().to_owned();
    loud.push(".XMP");
    let names = [
        PathBuf::from(longer),
        PathBuf::from(loud),
        path.with_extension("xmp"),
        path.with_extension("XMP"),
    ];
    names.iter().find_map(|name| {
        let file = open_plain(name).ok()?;
        if !file.metadata().ok()?.is_file() {
            return None;
        }
        let mut xml = Vec::new();
        file.take(LONGEST_SIDECAR).read_to_end(&mut xml).ok()?;
        media::sidecar(&xml)
    })
}

/// Whether a file is one that says something about a photo beside it.
pub(super) fn is_sidecar(path: &Path) -> bool {
    path.extension().is_some_and(|ending| {
        ending.eq_ignore_ascii_case("xmp") || ending.eq_ignore_ascii_case("aae")
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

/// Opens a file for reading; never through a link that took its place since it
/// was found, and without waiting at a pipe.
fn open_plain(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits().cast_signed());
    }
    options.open(path)
}
