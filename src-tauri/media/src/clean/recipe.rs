//! A clean copy as a list of what to keep of the original and what to put
//! between: nothing is copied to disk, the picture's bytes are the original's
//! own, and lengths and ranges are known before a byte is read.

use std::io::{self, Read, Seek, SeekFrom};

use serde::{Deserialize, Serialize};

use super::Withheld;
use crate::{Format, MediaError, Span, Turn};

/// A recipe has at most this many parts: a camera's video that mixes pictures
/// with telemetry has one or two for each second.
pub const MOST_PARTS: usize = 1 << 18;

/// The new bytes of a recipe are at most this many.
pub const MOST_PUT: usize = 32 << 20;

/// One stretch of a clean copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// Bytes of the original, unchanged.
    Keep(Span),
    /// Bytes that are not the original's.
    Put(Vec<u8>),
    /// So many zeros, where something was taken out of a file whose other
    /// bytes must not move.
    Zeros(u64),
}

impl Part {
    /// How many bytes of the clean copy it makes.
    pub fn length(&self) -> u64 {
        match self {
            Part::Keep(span) => span.length,
            Part::Put(bytes) => bytes.len() as u64,
            Part::Zeros(length) => *length,
        }
    }
}

/// How a clean copy is made of its original. It crosses the worker's pipe, so
/// what is read back is held to the same bounds ([`MOST_PARTS`], [`MOST_PUT`]).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Part>", into = "Vec<Part>")]
pub struct Recipe {
    parts: Vec<Part>,
    length: u64,
    put: usize,
}

impl Recipe {
    /// All of a file of this many bytes, as it is.
    pub fn whole(length: u64) -> Recipe {
        Recipe::part(Span { start: 0, length })
    }

    /// One run of a file's bytes, as they are.
    pub fn part(span: Span) -> Recipe {
        Recipe {
            parts: vec![Part::Keep(span)],
            length: span.length,
            put: 0,
        }
    }

    /// As bytes, to be kept in a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = postcard::to_stdvec(self).unwrap_or_default();
        let check = crc32fast::hash(&bytes);
        bytes.extend(check.to_le_bytes());
        bytes
    }

    /// From bytes that were kept; `None` when they are not what was written.
    pub fn from_bytes(bytes: &[u8]) -> Option<Recipe> {
        let (bytes, check) = bytes.split_last_chunk::<4>()?;
        if crc32fast::hash(bytes).to_le_bytes() != *check {
            return None;
        }
        postcard::from_bytes(bytes).ok()
    }

    /// The length of the clean copy in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Its parts, in the order of the clean copy; none is empty.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Where the kept bytes end in the original, which must be at least that long.
    fn needs(&self) -> u64 {
        let ends = self.parts.iter().map(|part| match part {
            Part::Keep(span) => span.start.saturating_add(span.length),
            _ => 0,
        });
        ends.max().unwrap_or(0)
    }

    pub(super) fn keep(&mut self, start: u64, length: u64) -> Result<(), Withheld> {
        start.checked_add(length).ok_or(Withheld::Malformed)?;
        if let Some(Part::Keep(last)) = self.parts.last_mut()
            && last.start + last.length == start
        {
            last.length += length;
            return self.grow(length);
        }
        self.push(Part::Keep(Span { start, length }))
    }

    /// Keeps bytes at a place in a slice that begins where the file does.
    pub(super) fn keep_range(&mut self, start: usize, end: usize) -> Result<(), Withheld> {
        let length = end.checked_sub(start).ok_or(Withheld::Malformed)?;
        self.keep(start as u64, length as u64)
    }

    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<(), Withheld> {
        self.put = self.put.saturating_add(bytes.len());
        if self.put > MOST_PUT {
            return Err(Withheld::TooIntricate);
        }
        if let Some(Part::Put(last)) = self.parts.last_mut() {
            last.extend_from_slice(bytes);
            return self.grow(bytes.len() as u64);
        }
        self.push(Part::Put(bytes.to_vec()))
    }

    pub(super) fn zeros(&mut self, length: u64) -> Result<(), Withheld> {
        if let Some(Part::Zeros(last)) = self.parts.last_mut() {
            *last = last.saturating_add(length);
            return self.grow(length);
        }
        self.push(Part::Zeros(length))
    }

    /// Appends another recipe over the same file, whose offsets count from `base`.
    pub(super) fn append(&mut self, other: &Recipe, base: u64) -> Result<(), Withheld> {
        for part in &other.parts {
            match part {
                Part::Keep(span) => {
                    let start = span.start.checked_add(base).ok_or(Withheld::Malformed)?;
                    self.keep(start, span.length)?;
                }
                Part::Put(bytes) => self.put(bytes)?,
                Part::Zeros(length) => self.zeros(*length)?,
            }
        }
        Ok(())
    }

    /// The same with stretches of what comes out written over; these are sorted, do not
    /// overlap, and lie within it.
    pub(super) fn written_over<const N: usize>(
        &self,
        stretches: &[(u64, [u8; N])],
    ) -> Result<Recipe, Withheld> {
        let mut recipe = Recipe::default();
        let mut at = 0;
        for (start, bytes) in stretches {
            recipe.append_stretch(self, at, *start)?;
            recipe.put(bytes)?;
            at = start + N as u64;
        }
        recipe.append_stretch(self, at, self.length)?;
        Ok(recipe)
    }

    /// Appends what another recipe gives out from one place up to another.
    fn append_stretch(&mut self, other: &Recipe, from: u64, to: u64) -> Result<(), Withheld> {
        let mut start = 0;
        for part in &other.parts {
            let end = start + part.length();
            let (first, last) = (from.max(start), to.min(end));
            if first < last {
                let (skipped, length) = (first - start, last - first);
                match part {
                    Part::Keep(span) => self.keep(span.start + skipped, length)?,
                    Part::Zeros(_) => self.zeros(length)?,
                    Part::Put(bytes) => {
                        let kept = bytes
                            .iter()
                            .skip(usize::try_from(skipped).unwrap_or(usize::MAX));
                        let length = usize::try_from(length).unwrap_or(usize::MAX);
                        self.put(&kept.take(length).copied().collect::<Vec<u8>>())?;
                    }
                }
            }
            start = end;
        }
        Ok(())
    }

    fn push(&mut self, part: Part) -> Result<(), Withheld> {
        let length = part.length();
        if length == 0 {
            return Ok(());
        }
        if self.parts.len() >= MOST_PARTS {
            return Err(Withheld::TooIntricate);
        }
        self.parts.push(part);
        self.grow(length)
    }

    fn grow(&mut self, length: u64) -> Result<(), Withheld> {
        self.length = self
            .length
            .checked_add(length)
            .filter(|length| i64::try_from(*length).is_ok())
            .ok_or(Withheld::Malformed)?;
        Ok(())
    }
}

impl TryFrom<Vec<Part>> for Recipe {
    type Error = Withheld;

    fn try_from(parts: Vec<Part>) -> Result<Recipe, Withheld> {
        let mut recipe = Recipe::default();
        let read = Recipe {
            parts,
            ..Recipe::default()
        };
        recipe.append(&read, 0)?;
        Ok(recipe)
    }
}

impl From<Recipe> for Vec<Part> {
    fn from(recipe: Recipe) -> Vec<Part> {
        recipe.parts
    }
}

/// A clean copy's bytes, read from the original by its recipe. Seek to the
/// start of a range, then read; nothing before it is touched.
#[derive(Debug)]
pub struct CleanReader<R> {
    file: R,
    recipe: Recipe,
    /// Where each part begins in the clean copy.
    starts: Vec<u64>,
    at: u64,
}

impl<R: Read + Seek> CleanReader<R> {
    /// A reader at the start of the clean copy of `file`.
    ///
    /// # Errors
    /// When `file` cannot be read, or is too short to be the file that the
    /// recipe was made for.
    pub fn new(mut file: R, recipe: Recipe) -> io::Result<CleanReader<R>> {
        if file.seek(SeekFrom::End(0))? < recipe.needs() {
            return Err(changed());
        }
        let starts = recipe
            .parts
            .iter()
            .scan(0, |next, part| {
                let start = *next;
                *next += part.length();
                Some(start)
            })
            .collect();
        Ok(CleanReader {
            file,
            recipe,
            starts,
            at: 0,
        })
    }

    /// The length of the clean copy in bytes.
    pub fn length(&self) -> u64 {
        self.recipe.length
    }

    /// The clean copy of what this reader gives out, a film within another file say.
    ///
    /// # Errors
    /// As [`super::clean_turned`].
    pub fn cleaned(mut self, format: Format, turn: Turn) -> Result<CleanReader<R>, MediaError> {
        let plan = super::clean_turned(format, &mut self, turn)?;
        let mut recipe = Recipe::default();
        for part in plan.parts {
            match part {
                Part::Keep(span) => {
                    let end = span.start.checked_add(span.length);
                    let end = end.ok_or(Withheld::Malformed)?;
                    recipe.append_stretch(&self.recipe, span.start, end)?;
                }
                Part::Put(bytes) => recipe.put(&bytes)?,
                Part::Zeros(length) => recipe.zeros(length)?,
            }
        }
        Ok(CleanReader::new(self.file, recipe)?)
    }

    /// The file that is read.
    pub fn file(&self) -> &R {
        &self.file
    }

    pub(super) fn into_parts(self) -> (R, Recipe) {
        (self.file, self.recipe)
    }
}

impl<R: Read + Seek> Read for CleanReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.recipe.length || buffer.is_empty() {
            return Ok(0);
        }
        let index = self.starts.partition_point(|start| *start <= self.at) - 1;
        let (Some(part), Some(start)) = (self.recipe.parts.get(index), self.starts.get(index))
        else {
            return Ok(0);
        };
        let within = self.at - start;
        let left = usize::try_from(part.length() - within).unwrap_or(usize::MAX);
        let most = left.min(buffer.len());
        let wanted = buffer.get_mut(..most).unwrap_or_default();
        let read = match part {
            Part::Keep(span) => {
                self.file.seek(SeekFrom::Start(span.start + within))?;
                match self.file.read(wanted)? {
                    0 => return Err(changed()),
                    read => read,
                }
            }
            Part::Put(bytes) => {
                let rest = usize::try_from(within).ok().and_then(|at| bytes.get(at..));
                rest.unwrap_or_default().read(wanted)?
            }
            Part::Zeros(_) => {
                wanted.fill(0);
                most
            }
        };
        self.at += read as u64;
        Ok(read)
    }
}

impl<R: Read + Seek> Seek for CleanReader<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.recipe.length.checked_add_signed(by),
        };
        self.at = place.ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                "a place before the start of the clean copy was asked for",
            )
        })?;
        Ok(self.at)
    }
}

fn changed() -> io::Error {
    io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "the original has become shorter since its clean copy was planned",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn recipe() -> Recipe {
        let mut recipe = Recipe::default();
        recipe.put(b"head").unwrap();
        recipe.keep(2, 3).unwrap();
        recipe.keep(5, 1).unwrap();
        recipe.zeros(2).unwrap();
        recipe.keep(0, 1).unwrap();
        recipe
    }

    #[test]
    fn a_clean_copy_is_read_whole_and_in_ranges() {
        let recipe = recipe();
        assert_eq!(recipe.parts().len(), 4, "neighbours are one part");
        let mut reader = CleanReader::new(Cursor::new(b"abcdefgh"), recipe).unwrap();
        let mut whole = Vec::new();
        reader.read_to_end(&mut whole).unwrap();
        assert_eq!(whole, b"headcdef\0\0a");
        assert_eq!(reader.length(), 11);
        for from in 0..=11_usize {
            for to in from..=11 {
                reader.seek(SeekFrom::Start(from as u64)).unwrap();
                let mut range = vec![7; to - from];
                reader.read_exact(&mut range).unwrap();
                assert_eq!(range, whole[from..to]);
            }
        }
        assert_eq!(reader.seek(SeekFrom::End(-1)).unwrap(), 10);
        assert!(reader.seek(SeekFrom::Current(-11)).is_err());
    }

    #[test]
    fn a_file_that_shrank_is_an_error_and_never_a_short_copy() {
        let error = CleanReader::new(Cursor::new(b"abcde"), recipe()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_recipe_from_a_pipe_is_held_to_its_bounds() {
        let bytes = postcard::to_stdvec(&recipe()).unwrap();
        assert_eq!(postcard::from_bytes::<Recipe>(&bytes).unwrap(), recipe());
        let keep = |start, length| Part::Keep(Span { start, length });
        for lie in [
            vec![keep(u64::MAX, 2)],
            vec![Part::Zeros(u64::MAX)],
            vec![Part::Zeros(i64::MAX as u64), keep(0, 9)],
            vec![
                Part::Put(vec![1; MOST_PUT]),
                Part::Zeros(1),
                Part::Put(vec![1]),
            ],
            (0..=MOST_PARTS as u64).map(|at| keep(at * 2, 1)).collect(),
        ] {
            let bytes = postcard::to_stdvec(&lie).unwrap();
            assert!(postcard::from_bytes::<Recipe>(&bytes).is_err());
        }
    }
}
