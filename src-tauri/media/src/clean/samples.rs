//! Where the samples of a track are (ISO/IEC 14496-12, section 8.7): the chunks
//! it names, each as long as the samples in it.

use super::Withheld;
use crate::Span;
use crate::container::bmff::Atom;

/// The chunks of one track, as its tables have them.
pub(super) struct Chunks<'a> {
    /// Offsets of four or eight bytes.
    offsets: &'a [u8],
    wide: bool,
    /// Entries of 12 bytes: first chunk from 1, samples in each, description.
    runs: &'a [u8],
    sizes: Sizes<'a>,
}

enum Sizes<'a> {
    /// All samples have the same size; how many there are; and, of sound, how
    /// many bytes so many samples take (QuickTime counts channels apart).
    Same {
        size: u64,
        count: u64,
        packets: Option<(u64, u64)>,
    },
    /// Each has its own, in so many bits.
    Each {
        bits: usize,
        table: &'a [u8],
        count: usize,
    },
}

/// Reads the tables of an `stbl`.
pub(super) fn chunks<'a>(table: &[Atom<'a>], audio: bool) -> Result<Chunks<'a>, Withheld> {
    let body = |kind: &[u8; 4]| {
        let mut found = table.iter().filter(|atom| atom.kind == *kind);
        let first = found.next().map(|atom| atom.body);
        // A second table would be another opinion on what is picture.
        found
            .next()
            .is_none()
            .then_some(first)
            .ok_or(Withheld::Malformed)
    };
    let (offsets, wide) = match (body(b"stco")?, body(b"co64")?) {
        (Some(short), None) => (short, false),
        (None, Some(long)) => (long, true),
        _ => return Err(Withheld::Malformed),
    };
    let packets = match body(b"stsd")? {
        Some(entries) if audio => packets(entries),
        _ => None,
    };
    let sizes = match (body(b"stsz")?, body(b"stz2")?) {
        (Some(sizes), None) => {
            let (size, count) = (long(sizes, 4)?, long(sizes, 8)?);
            if size > 0 {
                let (size, count) = (u64::from(size), u64::from(count));
                Sizes::Same {
                    size,
                    count,
                    packets,
                }
            } else {
                each(sizes, 32, count)?
            }
        }
        (None, Some(sizes)) => {
            let bits = usize::try_from(long(sizes, 4)? & 0xff).unwrap_or(0);
            if !matches!(bits, 4 | 8 | 16) {
                return Err(Withheld::Malformed);
            }
            each(sizes, bits, long(sizes, 8)?)?
        }
        _ => return Err(Withheld::Malformed),
    };
    let runs = body(b"stsc")?.ok_or(Withheld::Malformed)?;
    Ok(Chunks {
        offsets: rows(offsets, if wide { 8 } else { 4 })?,
        wide,
        runs: rows(runs, 12)?,
        sizes,
    })
}

fn each(body: &[u8], bits: usize, count: u32) -> Result<Sizes<'_>, Withheld> {
    let count = usize::try_from(count).map_err(|_| Withheld::Malformed)?;
    let length = count
        .checked_mul(bits)
        .ok_or(Withheld::Malformed)?
        .div_ceil(8);
    let table = body.get(12..).and_then(|table| table.get(..length));
    Ok(Sizes::Each {
        bits,
        table: table.ok_or(Withheld::Malformed)?,
        count,
    })
}

/// The rows of a full box: a count after version and flags, then as many.
fn rows(body: &[u8], length: usize) -> Result<&[u8], Withheld> {
    let count = usize::try_from(long(body, 4)?).map_err(|_| Withheld::Malformed)?;
    let bytes = count.checked_mul(length).ok_or(Withheld::Malformed)?;
    let rows = body.get(8..).and_then(|rows| rows.get(..bytes));
    rows.ok_or(Withheld::Malformed)
}

/// How QuickTime's sound descriptions lay out samples that have no sizes of
/// their own: (samples in a packet, bytes of a packet for all channels).
fn packets(stsd: &[u8]) -> Option<(u64, u64)> {
    // After version, flags and count: the entry's size and type, then its body.
    let entry = stsd.get(16..)?;
    let version = short(entry, 8)?;
    let (channels, bits) = (short(entry, 16)?, short(entry, 18)?);
    match version {
        0 => Some((1, u64::from(channels) * u64::from(bits / 8))),
        1 => {
            let samples = long(entry, 28).ok()?;
            let bytes = long(entry, 36).ok()?;
            Some((u64::from(samples), u64::from(bytes)))
        }
        _ => None,
    }
    .filter(|(samples, bytes)| *samples > 0 && *bytes > 0)
}

impl Chunks<'_> {
    /// How many chunks there are.
    pub(super) fn count(&self) -> usize {
        self.offsets.len() / if self.wide { 8 } else { 4 }
    }

    /// Where the chunks begin in the file.
    pub(super) fn starts(&self) -> impl Iterator<Item = u64> {
        let wide = self.wide;
        self.offsets
            .chunks_exact(if wide { 8 } else { 4 })
            .map(move |offset| {
                offset
                    .iter()
                    .fold(0, |all, byte| all << 8 | u64::from(*byte))
            })
    }

    /// The chunks as stretches of the file. `starts` are those of all tracks,
    /// sorted: where the size of a chunk is in doubt, it ends before the next.
    pub(super) fn spans(&self, starts: &[u64]) -> Result<Vec<Span>, Withheld> {
        let mut runs = self.runs.chunks_exact(12).map(|run| {
            let number = |at| long(run, at).map(u64::from);
            Ok::<_, Withheld>((number(0)?, number(4)?))
        });
        let mut samples = 0;
        let mut next = runs.next().transpose()?;
        let mut taken = 0_u64;
        let mut spans = Vec::new();
        for (start, chunk) in self.starts().zip(1..) {
            while let Some((first, count)) = next
                && first <= chunk
            {
                samples = count;
                next = runs.next().transpose()?;
            }
            let length = self.length(taken, samples, start, starts)?;
            taken = taken.saturating_add(samples);
            start.checked_add(length).ok_or(Withheld::Malformed)?;
            spans.push(Span { start, length });
        }
        Ok(spans)
    }

    /// The bytes of `samples` samples after the first `taken` ones.
    fn length(
        &self,
        taken: u64,
        samples: u64,
        start: u64,
        starts: &[u64],
    ) -> Result<u64, Withheld> {
        match &self.sizes {
            Sizes::Same {
                size,
                count,
                packets,
            } => {
                let samples = samples.min(count.saturating_sub(taken));
                let stated = size.checked_mul(samples).ok_or(Withheld::Malformed)?;
                let packed = packets.map_or(0, |(each, bytes)| {
                    samples.div_ceil(each).saturating_mul(bytes)
                });
                if packed <= stated {
                    return Ok(stated);
                }
                let next = starts.partition_point(|other| *other <= start);
                let room = starts.get(next).map_or(u64::MAX, |next| next - start);
                Ok(packed.min(room).max(stated))
            }
            Sizes::Each { bits, table, count } => {
                let from = usize::try_from(taken).unwrap_or(usize::MAX).min(*count);
                let many = usize::try_from(samples).unwrap_or(usize::MAX);
                let to = from.saturating_add(many).min(*count);
                let sizes = (from..to).map(|index| size_at(table, *bits, index));
                Ok(sizes.sum())
            }
        }
    }
}

fn size_at(table: &[u8], bits: usize, index: usize) -> u64 {
    if bits == 4 {
        let byte = table.get(index / 2).copied().unwrap_or(0);
        return u64::from(if index.is_multiple_of(2) {
            byte >> 4
        } else {
            byte & 15
        });
    }
    let bytes = bits / 8;
    let number = table.get(index * bytes..(index + 1) * bytes);
    let number = number.unwrap_or_default().iter();
    number.fold(0, |all, byte| all << 8 | u64::from(*byte))
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(u16::from_be_bytes(two))
}

fn long(bytes: &[u8], at: usize) -> Result<u32, Withheld> {
    let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
    four.map(u32::from_be_bytes).ok_or(Withheld::Malformed)
}
