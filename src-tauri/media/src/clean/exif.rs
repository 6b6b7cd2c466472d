//! What of EXIF a picture cannot be shown without: its orientation, and the
//! mark of Adobe RGB where a camera writes that instead of a colour profile.

use crate::Turn;
use crate::container::tiff::{Entry, Tiff};
use crate::decode::orientation::Orientation;

const ORIENTATION: u16 = 274;
const EXIF_DIRECTORY: u16 = 34_665;
const INTEROPERABILITY_DIRECTORY: u16 = 40_965;
const INTEROPERABILITY_INDEX: u16 = 1;
const COLOUR_SPACE: u16 = 40_961;

/// A minimal TIFF structure (Exif 3.0) that shows a picture as `original`
/// does, or `None` when nothing need be said.
pub(super) fn minimal(original: &[u8]) -> Option<Vec<u8>> {
    minimal_turned(Some(original), Turn::None)
}

/// The same of a picture that is to be seen turned, and may have no EXIF.
pub(super) fn minimal_turned(original: Option<&[u8]>, turn: Turn) -> Option<Vec<u8>> {
    let tiff = original.and_then(Tiff::new);
    let first = tiff.map_or(Vec::new(), |tiff| tiff.entries().0);
    let stored = tiff
        .and_then(|tiff| number(tiff, &first, ORIENTATION))
        .and_then(|way| u32::try_from(way).ok())
        .map_or(Orientation::UPRIGHT, Orientation::from_exif);
    let orientation = stored.then(turn);
    let adobe = tiff.is_some_and(|tiff| is_adobe_rgb(tiff, &first));
    if orientation == Orientation::UPRIGHT && !adobe {
        return None;
    }
    let mut entries = Vec::new();
    if orientation != Orientation::UPRIGHT {
        entries.push(short(ORIENTATION, orientation.exif()));
    }
    let mut exif = Vec::new();
    if adobe {
        let start = 8 + 2 + (entries.len() as u32 + 1) * 12 + 4;
        entries.push(pointer(EXIF_DIRECTORY, start));
        exif = directory(&[
            short(COLOUR_SPACE, u16::MAX),
            pointer(INTEROPERABILITY_DIRECTORY, start + 2 + 2 * 12 + 4),
        ]);
        exif.extend(directory(&[entry(INTEROPERABILITY_INDEX, 2, 4, *b"R03\0")]));
    }
    let mut bytes = b"MM\0*\0\0\0\x08".to_vec();
    bytes.extend(directory(&entries));
    bytes.extend(exif);
    Some(bytes)
}

/// Whether the camera says so as DCF 2.0 has it: no colour space of EXIF's own,
/// and the index "R03".
fn is_adobe_rgb(tiff: Tiff, first: &[Entry]) -> bool {
    let within = |entries: &[Entry], tag| {
        number(tiff, entries, tag).map_or(Vec::new(), |at| tiff.entries_at(at).0)
    };
    let exif = within(first, EXIF_DIRECTORY);
    let index = within(&exif, INTEROPERABILITY_DIRECTORY)
        .into_iter()
        .find(|entry| entry.tag == INTEROPERABILITY_INDEX)
        .and_then(|entry| tiff.start_of(entry, 3));
    number(tiff, &exif, COLOUR_SPACE) == Some(usize::from(u16::MAX)) && index == Some(b"R03")
}

fn number(tiff: Tiff, entries: &[Entry], tag: u16) -> Option<usize> {
    let entry = entries.iter().find(|entry| entry.tag == tag)?;
    let one = Entry { count: 1, ..*entry };
    tiff.numbers(one)
        .first()
        .copied()
        .filter(|_| entry.count > 0)
}

fn directory(entries: &[[u8; 12]]) -> Vec<u8> {
    let mut bytes = (entries.len() as u16).to_be_bytes().to_vec();
    bytes.extend(entries.iter().flatten());
    bytes.extend([0; 4]);
    bytes
}

fn short(tag: u16, value: u16) -> [u8; 12] {
    let [high, low] = value.to_be_bytes();
    entry(tag, 3, 1, [high, low, 0, 0])
}

fn pointer(tag: u16, to: u32) -> [u8; 12] {
    entry(tag, 4, 1, to.to_be_bytes())
}

fn entry(tag: u16, kind: u8, count: u8, value: [u8; 4]) -> [u8; 12] {
    let [t0, t1] = tag.to_be_bytes();
    let [v0, v1, v2, v3] = value;
    [t0, t1, 0, kind, 0, 0, 0, count, v0, v1, v2, v3]
}
