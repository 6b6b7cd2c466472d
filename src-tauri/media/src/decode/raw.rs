//! RAW pictures by the JPEG previews that cameras leave inside them.
//!
//! Each maker hides its previews elsewhere: in directories, in maker notes, in
//! boxes of its own. All are whole JPEG streams, so they are looked for as such
//! in the whole file, and the largest that decodes is shown. What a TIFF calls
//! sensor readings is passed over, for those may be coded as JPEG tiles, too.

use memchr::memmem;

use crate::container::jpeg::{self as segments, Frame};
use crate::container::tiff::{Entry, Tiff};
use crate::{MediaError, Span};

/// Previews that are looked at; cameras leave two to four.
const MOST_PREVIEWS: usize = 32;
/// Directories that are looked at.
const MOST_DIRECTORIES: usize = 64;

/// A JPEG stream inside a RAW file.
pub(crate) struct Preview<'a> {
    /// Its stored size in pixels.
    pub(crate) size: (u32, u32),
    /// From its first byte to the end of the file.
    pub(crate) bytes: &'a [u8],
}

/// The previews inside a RAW file, largest first.
pub(crate) fn previews(bytes: &[u8]) -> Vec<Preview<'_>> {
    let sensor = Tiff::new(bytes).map_or(Vec::new(), sensor_spans);
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
/// that any of them has (DNG 1.7: tags 256 and 257, or the default crop).
pub(crate) fn stated_size(bytes: &[u8]) -> Option<(u32, u32)> {
    const WIDTH: u16 = 256;
    const HEIGHT: u16 = 257;
    const DEFAULT_CROP: u16 = 50_720;
    let tiff = Tiff::new(bytes)?;
    directories(tiff)
        .into_iter()
        .filter_map(|directory| {
            let (entries, _) = tiff.entries_at(directory);
            let first = |tag: u16| first_number(tiff, &entries, tag);
            let crop = entries
                .iter()
                .find(|entry| entry.tag == DEFAULT_CROP)
                .map(|entry| tiff.numbers(*entry));
            let size = match crop.as_deref() {
                Some(&[width, height]) if width > 0 && height > 0 => (width, height),
                _ => (first(WIDTH)?, first(HEIGHT)?),
            };
            Some((u32::try_from(size.0).ok()?, u32::try_from(size.1).ok()?))
        })
        .max_by_key(|size| u64::from(size.0) * u64::from(size.1))
        .filter(|size| size.0 > 0 && size.1 > 0)
}

/// Where the sensor's readings are: strips and tiles of directories whose
/// photometric interpretation is CFA or LinearRaw.
fn sensor_spans(tiff: Tiff) -> Vec<Span> {
    const PHOTOMETRIC: u16 = 262;
    const CFA: usize = 32_803;
    const LINEAR_RAW: usize = 34_892;
    let mut spans = Vec::new();
    for directory in directories(tiff) {
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

/// Every directory: those in a row, and those below them (tag 330, SubIFDs).
fn directories(tiff: Tiff) -> Vec<usize> {
    const SUB_DIRECTORIES: u16 = 330;
    let mut known = Vec::new();
    let mut waiting = vec![tiff.first()];
    while let Some(directory) = waiting.pop() {
        if directory == 0 || known.contains(&directory) || known.len() >= MOST_DIRECTORIES {
            continue;
        }
        known.push(directory);
        waiting.extend(tiff.next(directory));
        let (entries, _) = tiff.entries_at(directory);
        let below = entries.iter().find(|entry| entry.tag == SUB_DIRECTORIES);
        if let Some(below) = below {
            waiting.extend(tiff.numbers(*below).into_iter().take(MOST_DIRECTORIES));
        }
    }
    known
}

fn first_number(tiff: Tiff, entries: &[Entry], tag: u16) -> Option<usize> {
    let entry = entries.iter().find(|entry| entry.tag == tag)?;
    tiff.numbers(*entry).first().copied()
}

/// Why a RAW file without a preview is not shown.
pub(crate) fn nothing_to_show() -> MediaError {
    MediaError::Damaged("the camera left no preview inside it".into())
}
