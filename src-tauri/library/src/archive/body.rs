//! An archive's bytes, from any place in it: headers are written where they are
//! read, and each file is opened when its turn comes and checked to be the one
//! that was announced. One that is not breaks the reading off.

use std::io::{self, Read, Seek, SeekFrom};

use super::Archive;
use crate::Reading;

/// Reads an archive. Seek to the start of a range, then read.
pub struct ArchiveBody {
    archive: Archive,
    at: u64,
    /// The file under way, by its number.
    open: Option<(usize, Reading)>,
}

impl ArchiveBody {
    pub(super) fn new(archive: Archive) -> ArchiveBody {
        ArchiveBody {
            archive,
            at: 0,
            open: None,
        }
    }

    /// Reads from one file, or from what stands before it.
    fn read_member(&mut self, number: usize, start: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(member) = self.archive.members.get(number) else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        let within = self.at - start;
        let header = member.header_length() as u64;
        if within < header {
            return Ok(copy(&member.header(), within, buffer));
        }
        let within = within - header;
        if self.archive.files.get(number).is_none() {
            return Ok(copy(&self.archive.sums, within, buffer));
        }
        let left = usize::try_from(member.bytes - within).unwrap_or(usize::MAX);
        let most = left.min(buffer.len());
        let body = match &mut self.open {
            Some((open, body)) if *open == number => body,
            open => {
                let body = self.archive.open(number).map_err(io::Error::other)?;
                &mut open.insert((number, body)).1
            }
        };
        if body.stream_position()? != within {
            body.seek(SeekFrom::Start(within))?;
        }
        match body.read(buffer.get_mut(..most).unwrap_or_default())? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => Ok(read),
        }
    }
}

impl Read for ArchiveBody {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() || self.at >= self.archive.length() {
            return Ok(0);
        }
        let read = if self.at >= self.archive.directory_at {
            let within = self.at - self.archive.directory_at;
            copy(&self.archive.directory, within, buffer)
        } else {
            // What has no bytes stands nowhere, but its header does.
            let number = self
                .archive
                .starts
                .partition_point(|start| *start <= self.at)
                - 1;
            let start = self.archive.starts.get(number).copied().unwrap_or_default();
            self.read_member(number, start, buffer)?
        };
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for ArchiveBody {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::Current(by) => (self.at, by),
            SeekFrom::End(by) => (self.archive.length(), by),
        };
        self.at = from
            .checked_add_signed(by)
            .ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// As many bytes as fit, from `at` on.
fn copy(from: &[u8], at: u64, to: &mut [u8]) -> usize {
    let rest = usize::try_from(at)
        .ok()
        .and_then(|at| from.get(at..))
        .unwrap_or_default();
    let most = rest.len().min(to.len());
    if let (Some(to), Some(from)) = (to.get_mut(..most), rest.get(..most)) {
        to.copy_from_slice(from);
    }
    most
}
