//! One directory of a TIFF structure, and its values whatever type the writer
//! chose for them. Borrowed from the file: a RAW picture of 100 MB is not copied
//! to read its shutter speed.

use crate::container::tiff::{Entry, Tiff};
use crate::metadata::text;

/// Entries more than this are left out; cameras write fewer than a hundred.
const MOST_ENTRIES: usize = 1_024;

/// A directory's entries, and the bytes that they point into.
#[derive(Clone)]
pub(crate) struct Directory<'a> {
    tiff: Tiff<'a>,
    bytes: &'a [u8],
    entries: Vec<Entry>,
}

impl<'a> Directory<'a> {
    /// The directory at `at`, which offsets in it count from the start of
    /// `bytes` like.
    pub(crate) fn read(bytes: &'a [u8], tiff: Tiff<'a>, at: usize) -> Directory<'a> {
        let (mut entries, _) = tiff.entries_at(at);
        entries.truncate(MOST_ENTRIES);
        Directory {
            tiff,
            bytes,
            entries,
        }
    }

    /// The directory that the entry `tag` points to.
    pub(crate) fn below(&self, tag: u16) -> Option<Directory<'a>> {
        let at = usize::try_from(self.unsigned(tag)?).ok()?;
        Some(Directory::read(self.bytes, self.tiff, at))
    }

    /// The bytes of an entry's values.
    pub(crate) fn bytes(&self, tag: u16) -> Option<&'a [u8]> {
        self.bytes_of(self.entry(tag)?)
    }

    /// A run of bytes of the structure that this directory speaks of.
    pub(crate) fn run(&self, start: u16, length: u16) -> Option<&'a [u8]> {
        let start = usize::try_from(self.unsigned(start)?).ok()?;
        let length = usize::try_from(self.unsigned(length)?).ok()?;
        self.bytes.get(start..start.checked_add(length)?)
    }

    /// The first whole number of an entry.
    pub(crate) fn unsigned(&self, tag: u16) -> Option<u32> {
        let entry = self.entry(tag)?;
        let bytes = self.bytes_of(entry)?;
        match entry.kind {
            1 => bytes.first().map(|byte| u32::from(*byte)),
            3 => self.short(bytes, 0).map(u32::from),
            4 | 13 => self.long(bytes, 0),
            _ => None,
        }
    }

    /// An entry's number at `index`, when it is a finite one.
    pub(crate) fn number(&self, tag: u16, index: usize) -> Option<f64> {
        let entry = self.entry(tag)?;
        let bytes = self.bytes_of(entry)?;
        let long = |at| self.long(bytes, at);
        let signed = |at| self.long(bytes, at).map(u32::cast_signed).map(f64::from);
        let number = match entry.kind {
            1 => f64::from(*bytes.get(index)?),
            3 => f64::from(self.short(bytes, index)?),
            4 | 13 => f64::from(long(index)?),
            5 => f64::from(long(index * 2)?) / f64::from(long(index * 2 + 1)?),
            8 => f64::from(self.short(bytes, index)?.cast_signed()),
            9 => signed(index)?,
            10 => signed(index * 2)? / signed(index * 2 + 1)?,
            11 => f64::from(f32::from_bits(long(index)?)),
            12 => {
                let (first, second) =
                    (u64::from(long(index * 2)?), u64::from(long(index * 2 + 1)?));
                f64::from_bits(match self.tiff.is_big_endian() {
                    true => first << 32 | second,
                    false => second << 32 | first,
                })
            }
            _ => return None,
        };
        number.is_finite().then_some(number)
    }

    /// A text: EXIF says ASCII, cameras write UTF-8 or Latin-1, and pad it with
    /// zeros on either side.
    pub(crate) fn text(&self, tag: u16) -> Option<String> {
        let entry = self.entry(tag)?;
        if !matches!(entry.kind, 1 | 2 | 7 | 129) {
            return None;
        }
        let mut parts = self.bytes_of(entry)?.split(|byte| *byte == 0);
        parts.find(|part| !part.is_empty()).map(text::of_bytes)
    }

    fn entry(&self, tag: u16) -> Option<Entry> {
        self.entries.iter().copied().find(|entry| entry.tag == tag)
    }

    fn bytes_of(&self, entry: Entry) -> Option<&'a [u8]> {
        self.bytes
            .get(entry.at..entry.at.checked_add(entry.length())?)
    }

    fn short(&self, bytes: &[u8], index: usize) -> Option<u16> {
        let pair = *bytes.as_chunks::<2>().0.get(index)?;
        Some(match self.tiff.is_big_endian() {
            true => u16::from_be_bytes(pair),
            false => u16::from_le_bytes(pair),
        })
    }

    fn long(&self, bytes: &[u8], index: usize) -> Option<u32> {
        let four = *bytes.as_chunks::<4>().0.get(index)?;
        Some(match self.tiff.is_big_endian() {
            true => u32::from_be_bytes(four),
            false => u32::from_le_bytes(four),
        })
    }
}
