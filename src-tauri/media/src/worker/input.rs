//! A file as it is handed to a worker: by its descriptor, so that its bytes are
//! copied once and only by the process that decodes them; or as bytes, when the
//! caller has read them for a purpose of its own.

use std::fs::File;
use std::io;
#[cfg(not(unix))]
use std::io::Read;

use crate::worker::limits::MAX_INPUT;
use crate::{MediaError, Turn};

/// How much of a file its format is told from, in bytes.
const HEAD: u64 = 4 << 10;

/// A picture's file, to be asked about as often as one likes.
pub struct Input<'bytes> {
    pub(super) source: Source<'bytes>,
    pub(super) turn: Turn,
}

/// Where the bytes are.
pub(super) enum Source<'bytes> {
    /// In a file.
    File(File),
    /// In the caller's memory, sent through the pipe.
    Bytes(&'bytes [u8]),
}

impl<'bytes> Input<'bytes> {
    /// An ordinary file, open for reading. Its bytes never enter the caller's
    /// memory, and its own reading position stays where it is (but on Windows,
    /// where descriptors cannot be handed over: there it is read and sent).
    pub fn of_file(file: File) -> Input<'static> {
        Input::of(Source::File(file))
    }

    /// Bytes that were read already; each question sends them.
    ///
    /// Putting them into sealed memory (memfd) to hand over was tried: filling it
    /// took four times as long as sending them.
    pub fn of_bytes(bytes: &'bytes [u8]) -> Input<'bytes> {
        Input::of(Source::Bytes(bytes))
    }

    fn of(source: Source<'_>) -> Input<'_> {
        Input {
            source,
            turn: Turn::None,
        }
    }

    /// The same, to be seen turned: its sizes and renditions are as after the turn.
    pub fn turned(self, turn: Turn) -> Input<'bytes> {
        Input { turn, ..self }
    }

    /// How it is to be seen.
    pub(crate) fn turn(&self) -> Turn {
        self.turn
    }

    /// The first bytes, by which a format is known.
    ///
    /// # Errors
    /// What the system says of a file that cannot be read.
    pub(crate) fn head(&self) -> Result<Vec<u8>, MediaError> {
        Ok(match &self.source {
            Source::File(file) => read_at_most(file, HEAD)?,
            Source::Bytes(bytes) => bytes.iter().take(HEAD as usize).copied().collect(),
        })
    }

    /// Fails for what no worker would accept.
    ///
    /// # Errors
    /// [`MediaError::TooManyBytes`]; a file that is no ordinary one.
    pub(super) fn check_length(&self) -> Result<(), MediaError> {
        let bytes = match &self.source {
            Source::File(file) => {
                let facts = file.metadata()?;
                if !facts.is_file() {
                    return Err(io::Error::other("it is no ordinary file").into());
                }
                facts.len()
            }
            Source::Bytes(bytes) => bytes.len() as u64,
        };
        match bytes > MAX_INPUT {
            true => Err(MediaError::TooManyBytes { bytes }),
            false => Ok(()),
        }
    }

    /// The file, for programs that want one.
    ///
    /// # Errors
    /// `Unsupported` for bytes that are in no file.
    pub(crate) fn file(&self) -> io::Result<&File> {
        match &self.source {
            Source::File(file) => Ok(file),
            Source::Bytes(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

/// Reads a whole file, of at most [`MAX_INPUT`] bytes.
///
/// # Errors
/// `FileTooLarge` beyond that, and whatever the system says.
pub(super) fn read_whole(file: &File) -> io::Result<Vec<u8>> {
    // Refused by its stated length where that is enough, before it costs memory.
    if stated_length(file)? <= MAX_INPUT {
        let bytes = read_at_most(file, MAX_INPUT + 1)?;
        if bytes.len() as u64 <= MAX_INPUT {
            return Ok(bytes);
        }
    }
    Err(io::ErrorKind::FileTooLarge.into())
}

/// The length that the system states, by the one call a locked worker may ask.
#[cfg(unix)]
fn stated_length(file: &File) -> io::Result<u64> {
    let stated = rustix::fs::fstat(file)?.st_size;
    Ok(u64::try_from(stated).unwrap_or(0))
}

/// The length that the system states.
#[cfg(not(unix))]
fn stated_length(file: &File) -> io::Result<u64> {
    Ok(file.metadata()?.len())
}

/// Reads a file from its start without moving its position, and believes its
/// length only as a hint: a file may grow or shrink meanwhile.
#[cfg(unix)]
fn read_at_most(file: &File, most: u64) -> io::Result<Vec<u8>> {
    use rustix::buffer::spare_capacity;

    // One more than is there, so that the end is seen without growing.
    let hint = stated_length(file)?.saturating_add(1);
    let mut bytes = Vec::new();
    reserve(&mut bytes, hint.min(most))?;
    loop {
        let left = most - bytes.len() as u64;
        if left == 0 {
            return Ok(bytes);
        }
        if bytes.len() == bytes.capacity() {
            reserve(&mut bytes, left.min(1 << 20))?;
        }
        let offset = bytes.len() as u64;
        match rustix::io::pread(file, spare_capacity(&mut bytes), offset) {
            Ok(0) => return Ok(bytes),
            Ok(_) => bytes.truncate(usize::try_from(most).unwrap_or(usize::MAX)),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(unix)]
fn reserve(bytes: &mut Vec<u8>, more: u64) -> io::Result<()> {
    let more = usize::try_from(more).map_err(|_| io::ErrorKind::OutOfMemory)?;
    bytes
        .try_reserve_exact(more)
        .map_err(|_| io::ErrorKind::OutOfMemory.into())
}

/// Reads a file from its start; here its position moves, and is its owner's alone.
#[cfg(not(unix))]
fn read_at_most(mut file: &File, most: u64) -> io::Result<Vec<u8>> {
    use std::io::{Read, Seek, SeekFrom};

    file.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
