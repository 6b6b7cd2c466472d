//! RAW pictures by the JPEG previews that cameras leave inside them.
//!
//! Each maker hides its previews elsewhere: in directories, in maker notes, in
//! boxes of its own. All are whole JPEG streams, so they are looked for as such
//! in the whole file, and the largest that decodes is shown. What a TIFF calls
//! sensor readings is passed over, for those may be coded as JPEG tiles, too.
//! Where no preview is worth showing, [`sensor`](super::sensor) develops them.

use memchr::memmem;

use crate::container::bmff::atoms;
use crate::container::jpeg::{self as segments, Frame};
use crate::container::tiff::{Entry, Tiff};
use crate::metadata::packets::CANON_UUID;
use crate::worker::limits::check_size;
use crate::{Format, MediaError, Span};

/// Previews that are looked at; cameras leave two to four.
const MOST_PREVIEWS: usize = 32;
/// A preview whose short side is less shows nothing.
pub(crate) const WORTH_A_LOOK: u32 = 100;
/// A preview whose long side is at least this is shown, even where more is wanted:
/// it is what the camera made of the scene, and costs a hundredth.
const GOOD_ENOUGH: u32 = 1000;
/// Directories that are looked at.
const MOST_DIRECTORIES: usize = 64;
/// Tags whose values are directories (TIFF 6.0, supplement 1; EXIF 2.32).
const SUB_DIRECTORIES: u16 = 330;
const EXIF: u16 = 34_665;
const GPS: u16 = 34_853;
const INTEROPERABILITY: u16 = 40_965;
/// The sides of a directory's picture in pixels (TIFF 6.0, section 8).
const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;

/// A JPEG stream inside a RAW file.
pub(crate) struct Preview<'a> {
    /// Its stored size in pixels.
    pub(crate) size: (u32, u32),
    /// From its first byte to the end of the file.
    pub(crate) bytes: &'a [u8],
}

impl Preview<'_> {
    /// Whether it is worth showing, of whatever size it is wanted.
    pub(crate) fn is_good(&self) -> bool {
        self.size.0.max(self.size.1) >= GOOD_ENOUGH
    }

    /// Whether it need not be enlarged to cover `target`.
    pub(crate) fn covers(&self, target: (u32, u32)) -> bool {
        self.size.0 >= target.0 && self.size.1 >= target.1
    }
}

/// The previews inside a RAW file, largest first.
pub(crate) fn previews(bytes: &[u8]) -> Vec<Preview<'_>> {
    let sensor = Tiff::of_any_maker(bytes).map_or(Vec::new(), sensor_spans);
    let inside = |at: usize| {
        let at = at as u64;
        sensor
            .iter()
            .any(|span| at >= span.start && at - span.start < span.length)
    };
    let mut found: Vec<Preview> = memmem::find_iter(bytes, b"\xff\xd8\xff")
        .filter(|at| !inside(*at))
        .filter_map(|at| {
            let bytes = bytes.get(at..)?;
            let frame = segments::frame(bytes).filter(Frame::is_shown)?;
            let size = (u32::from(frame.width), u32::from(frame.height));
            (size.0 > 0 && size.1 > 0).then_some(Preview { size, bytes })
        })
        .take(MOST_PREVIEWS)
        .collect();
    found.sort_by_key(|preview| {
        std::cmp::Reverse(u64::from(preview.size.0) * u64::from(preview.size.1))
    });
    found
}

/// The size of the sensor's picture, as its directories state it: the largest
/// that any of them has (DNG 1.7: tags 256 and 257, or the default crop), or
/// Panasonic's borders of the sensor (tags 4 to 7).
pub(crate) fn stated_size(format: Format, bytes: &[u8]) -> Option<(u32, u32)> {
    let tiff = match format {
        // Canon's third version keeps its first directory in a box.
        Format::Cr3 => Tiff::new(first_directory_box(bytes)?)?,
        _ => Tiff::of_any_maker(bytes)?,
    };
    directories(tiff, &[SUB_DIRECTORIES])
        .0
        .into_iter()
        .filter_map(|directory| {
            let (entries, _) = tiff.entries_at(directory);
            let size = match format {
                Format::Rw2 => within_borders(tiff, &entries),
                _ => size_in(tiff, &entries),
            }?;
            Some((u32::try_from(size.0).ok()?, u32::try_from(size.1).ok()?))
        })
        .max_by_key(|size| u64::from(size.0) * u64::from(size.1))
        .filter(|size| size.0 > 0 && size.1 > 0)
}

/// Refuses what would take too much to unpack, and what the file does not hold:
/// `rawler` allocates what directories say, and goes on with zeros after the end.
/// An allocation that fails ends the worker, where a panic would not; and it
/// follows directories for ever where one leads back to another.
pub(crate) fn check_readings(format: Format, bytes: &[u8]) -> Result<(), MediaError> {
    const TILE_WIDTH: u16 = 322;
    const TILE_HEIGHT: u16 = 323;
    const SAMPLES: u16 = 277;
    /// Two bytes, and as much again where readings are put in order or cropped.
    const BYTES_A_READING: u64 = 4;
    let Some(tiff) = Tiff::of_any_maker(bytes) else {
        let (width, height) = stated_size(format, bytes).unwrap_or_default();
        let readings = u64::from(width) * u64::from(height);
        return check_size(width, height, readings * BYTES_A_READING);
    };
    let end = bytes.len() as u64;
    let below = [SUB_DIRECTORIES, EXIF, GPS, INTEROPERABILITY];
    let (directories, is_tree) = directories(tiff, &below);
    if !is_tree {
        return Err(MediaError::Damaged("its directories go round".into()));
    }
    for directory in directories {
        let (entries, _) = tiff.entries_at(directory);
        if entries.iter().any(|entry| entry.length() > bytes.len()) {
            return Err(MediaError::Truncated);
        }
        let number = |tag| first_number(tiff, &entries, tag);
        let size = match format {
            Format::Rw2 => within_borders(tiff, &entries),
            _ => number(WIDTH).zip(number(HEIGHT)),
        };
        let Some((width, height)) = size else {
            continue;
        };
        let padded = |length: usize, tile: Option<usize>| {
            length.next_multiple_of(tile.unwrap_or(1).clamp(1, usize::from(u16::MAX))) as u64
        };
        let readings = padded(width, number(TILE_WIDTH))
            .saturating_mul(padded(height, number(TILE_HEIGHT)))
            .saturating_mul(number(SAMPLES).unwrap_or(1) as u64);
        let side = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let cost = readings.saturating_mul(BYTES_A_READING);
        check_size(side(width), side(height), cost)?;
    }
    let holds = |span: &Span| span.start <= end && span.length <= end - span.start;
    match sensor_spans(tiff).iter().all(holds) {
        true => Ok(()),
        false => Err(MediaError::Truncated),
    }
}

fn size_in(tiff: Tiff, entries: &[Entry]) -> Option<(usize, usize)> {
    const DEFAULT_CROP: u16 = 50_720;
    let crop = entries
        .iter()
        .find(|entry| entry.tag == DEFAULT_CROP)
        .map(|entry| tiff.numbers(*entry));
    match crop.as_deref() {
        Some(&[width, height]) if width > 0 && height > 0 => Some((width, height)),
        _ => Some((
            first_number(tiff, entries, WIDTH)?,
            first_number(tiff, entries, HEIGHT)?,
        )),
    }
}

fn within_borders(tiff: Tiff, entries: &[Entry]) -> Option<(usize, usize)> {
    let border = |tag| first_number(tiff, entries, tag);
    let (top, left, bottom, right) = (border(4)?, border(5)?, border(6)?, border(7)?);
    Some((right.checked_sub(left)?, bottom.checked_sub(top)?))
}

/// The `CMT1` box of a CR3: a TIFF of its own.
fn first_directory_box(bytes: &[u8]) -> Option<&[u8]> {
    let moov = atoms(bytes, 0).find_kind(b"moov")?;
    let canon = moov
        .children()
        .find(|atom| atom.kind == *b"uuid" && atom.body.starts_with(CANON_UUID))?;
    Some(
        canon
            .children_after(CANON_UUID.len())
            .find_kind(b"CMT1")?
            .body,
    )
}

/// Where the sensor's readings are: strips and tiles of directories whose
/// photometric interpretation is CFA or LinearRaw.
fn sensor_spans(tiff: Tiff) -> Vec<Span> {
    const PHOTOMETRIC: u16 = 262;
    const CFA: usize = 32_803;
    const LINEAR_RAW: usize = 34_892;
    let mut spans = Vec::new();
    for directory in directories(tiff, &[SUB_DIRECTORIES]).0 {
        let (entries, _) = tiff.entries_at(directory);
        let photometric = first_number(tiff, &entries, PHOTOMETRIC);
        if !matches!(photometric, Some(CFA | LINEAR_RAW)) {
            continue;
        }
        for (offsets, lengths) in [(273, 279), (324, 325)] {
            let numbers = |tag: u16| {
                let entry = entries.iter().find(|entry| entry.tag == tag);
                entry.map_or(Vec::new(), |entry| tiff.numbers(*entry))
            };
            let pairs = numbers(offsets).into_iter().zip(numbers(lengths));
            spans.extend(pairs.map(|(start, length)| Span {
                start: start as u64,
                length: length as u64,
            }));
        }
    }
    spans
}

/// Every directory: those in a row, and those that tags in `below` point to; and
/// whether none of them is met twice, and none left out.
fn directories(tiff: Tiff, below: &[u16]) -> (Vec<usize>, bool) {
    let mut known = Vec::new();
    let mut is_tree = true;
    let mut waiting = vec![(tiff.first(), true)];
    while let Some((directory, in_row)) = waiting.pop() {
        if directory == 0 {
            continue;
        }
        if known.contains(&directory) || known.len() >= MOST_DIRECTORIES {
            is_tree = false;
            continue;
        }
        known.push(directory);
        if in_row {
            waiting.extend(tiff.next(directory).map(|next| (next, true)));
        }
        let (entries, _) = tiff.entries_at(directory);
        for entry in entries.iter().filter(|entry| below.contains(&entry.tag)) {
            // Cameras leave anything behind a directory of EXIF.
            let in_row = entry.tag == SUB_DIRECTORIES;
            let starts = tiff.numbers(*entry).into_iter().take(MOST_DIRECTORIES);
            waiting.extend(starts.map(|start| (start, in_row)));
        }
    }
    (known, is_tree)
}

fn first_number(tiff: Tiff, entries: &[Entry], tag: u16) -> Option<usize> {
    let entry = entries.iter().find(|entry| entry.tag == tag)?;
    tiff.numbers(*entry).first().copied()
}
