//! JPEG: the tables, the frame and the scans to the byte; of all other segments
//! only what decides on colours and on which way is up, written anew.
//!
//! Stricter than a decoder: a segment that is longer than its contents, or a
//! scan that meets an unknown marker, may hide something and is refused.

use super::profile::{Profile, without_private_tags};
use super::{Recipe, Withheld, exif};
use crate::Turn;

const START: &[u8] = b"\xff\xd8";
const END: &[u8] = b"\xff\xd9";
const PROFILE: &[u8] = b"ICC_PROFILE\0";
/// The bytes of a profile that fit into one segment (ICC.1, annex B.4).
const MOST_OF_PROFILE: usize = 65_519;

/// A segment: its marker, where it begins, and its body.
struct Segment<'a> {
    marker: u8,
    start: usize,
    body: &'a [u8],
}

impl Segment<'_> {
    fn end(&self) -> usize {
        self.start + 4 + self.body.len()
    }
}

/// What the segments outside of the picture say that matters to it.
#[derive(Default)]
struct Around<'a> {
    density: Option<[u8; 5]>,
    transform: Option<u8>,
    exif: Option<&'a [u8]>,
    profile: Vec<Segment<'a>>,
}

/// The clean copy of a JPEG file, which says that it is to be seen turned.
pub(super) fn clean(bytes: &[u8], turn: Turn) -> Result<Recipe, Withheld> {
    let (around, coded) = walk(bytes, true)?;
    let mut recipe = Recipe::default();
    recipe.put(START)?;
    if let Some(density) = around.density {
        recipe.put(b"\xff\xe0\0\x10JFIF\0\x01\x02")?;
        recipe.put(&density)?;
        recipe.put(&[0, 0])?;
    }
    if let Some(tiff) = exif::minimal_turned(around.exif, turn) {
        put_segment(&mut recipe, 0xe1, &[b"Exif\0\0", tiff.as_slice()])?;
    }
    if let Some(transform) = around.transform {
        put_segment(&mut recipe, 0xee, &[b"Adobe\0\x64\0\0\0\0", &[transform]])?;
    }
    put_profile(&mut recipe, around.profile)?;
    recipe.append(&coded, 0)?;
    recipe.put(END)?;
    Ok(recipe)
}

/// The clean copy of a JPEG inside of a TIFF (TIFF Technical Note 2): tables
/// alone, or a picture whose tables may be elsewhere. Colours are stated by the
/// TIFF, so nothing but tables and scans is kept.
pub(super) fn clean_abbreviated(bytes: &[u8], tables_alone: bool) -> Result<Recipe, Withheld> {
    let (_, coded) = walk(bytes, !tables_alone)?;
    let mut recipe = Recipe::default();
    recipe.put(START)?;
    recipe.append(&coded, 0)?;
    recipe.put(END)?;
    Ok(recipe)
}

/// Walks to the end marker. Gives what is around the picture, and the picture.
fn walk(bytes: &[u8], picture: bool) -> Result<(Around<'_>, Recipe), Withheld> {
    if !bytes.starts_with(START) {
        return Err(Withheld::Malformed);
    }
    let mut around = Around::default();
    let mut coded = Recipe::default();
    let (mut frames, mut scans) = (0, 0);
    let mut at = START.len();
    loop {
        let (marker, start) = marker_after(bytes, at).ok_or(Withheld::Malformed)?;
        if marker == 0xd9 {
            break;
        }
        let segment = segment(bytes, marker, start).ok_or(Withheld::Malformed)?;
        at = segment.end();
        match marker {
            0xe0..=0xef | 0xfe if scans == 0 => around.note(segment),
            0xe0..=0xef | 0xfe => {}
            0xc4 | 0xcc | 0xdb | 0xdc | 0xdd => {
                check_table(&segment)?;
                coded.keep_range(start, at)?;
            }
            // Hierarchical frames (ITU T.81, annex J) have several of these.
            0xc0..=0xc3 | 0xc9..=0xcb if picture && frames == 0 => {
                let components = segment.body.get(5).copied().map_or(0, usize::from);
                if segment.body.len() != 6 + 3 * components {
                    return Err(Withheld::Malformed);
                }
                frames = 1;
                coded.keep_range(start, at)?;
            }
            0xda if frames == 1 => {
                let components = segment.body.first().copied().map_or(0, usize::from);
                if segment.body.len() != 4 + 2 * components {
                    return Err(Withheld::Malformed);
                }
                at = scan_end(bytes, at).ok_or(Withheld::Malformed)?;
                scans += 1;
                coded.keep_range(start, at)?;
            }
            0xc5..=0xcf => return Err(Withheld::Rare),
            _ => return Err(Withheld::Malformed),
        }
    }
    if picture && scans == 0 {
        return Err(Withheld::Malformed);
    }
    Ok((around, coded))
}

impl<'a> Around<'a> {
    fn note(&mut self, segment: Segment<'a>) {
        let body = segment.body;
        match segment.marker {
            0xe0 if self.density.is_none() => {
                let rest = body.strip_prefix(b"JFIF\0").and_then(|rest| rest.get(2..7));
                self.density = rest.and_then(|five| five.try_into().ok());
            }
            0xe1 if self.exif.is_none() => {
                let tiff = body.strip_prefix(b"Exif\0");
                self.exif = tiff.and_then(|tiff| tiff.get(1..));
            }
            0xe2 if body.starts_with(PROFILE) => self.profile.push(segment),
            0xee if body.starts_with(b"Adobe") && self.transform.is_none() => {
                self.transform = body.get(11).copied();
            }
            _ => {}
        }
    }
}

/// The next marker from `at` on, and where it begins. Bytes between segments,
/// fill bytes and markers without a body are skipped, and so left out.
fn marker_after(bytes: &[u8], mut at: usize) -> Option<(u8, usize)> {
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == 0xff)?;
        match *bytes.get(at + 1)? {
            0x00 | 0x01 | 0xd0..=0xd8 | 0xff => at += 1,
            marker => return Some((marker, at)),
        }
    }
}

fn segment(bytes: &[u8], marker: u8, start: usize) -> Option<Segment<'_>> {
    let length: [u8; 2] = bytes.get(start + 2..start + 4)?.try_into().ok()?;
    let length = usize::from(u16::from_be_bytes(length)).checked_sub(2)?;
    Some(Segment {
        marker,
        start,
        body: bytes.get(start + 4..start + 4 + length)?,
    })
}

/// Where the entropy-coded bytes that begin at `at` meet a marker that is no
/// restart (ITU T.81, B.1.1.2).
fn scan_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == 0xff)?;
        match *bytes.get(at + 1)? {
            0x00 | 0xd0..=0xd7 => at += 2,
            0xff => at += 1,
            _ => return Some(at),
        }
    }
}

/// Tables have the length of what they define, to the byte (ITU T.81, B.2.4).
fn check_table(segment: &Segment) -> Result<(), Withheld> {
    let mut rest = segment.body;
    let fits = match segment.marker {
        0xdd | 0xdc => rest.len() == 2,
        0xcc => rest.len().is_multiple_of(2),
        0xdb => loop {
            let Some(first) = rest.first() else {
                break true;
            };
            let table = if first >> 4 == 0 { 65 } else { 129 };
            match rest.get(table..) {
                Some(after) => rest = after,
                None => break false,
            }
        },
        _ => loop {
            let Some(counts) = rest.get(1..17) else {
                break rest.is_empty();
            };
            let codes: usize = counts.iter().copied().map(usize::from).sum();
            match rest.get(17 + codes..) {
                Some(after) => rest = after,
                None => break false,
            }
        },
    };
    fits.then_some(()).ok_or(Withheld::Malformed)
}

/// Keeps the segments of a whole profile as they are, or puts what is left of
/// it without private tags. Readers ignore a profile that lacks a chunk.
fn put_profile(recipe: &mut Recipe, mut chunks: Vec<Segment>) -> Result<(), Withheld> {
    let number = |chunk: &Segment, at: usize| chunk.body.get(PROFILE.len() + at).copied();
    chunks.sort_by_key(|chunk| number(chunk, 0));
    let count = chunks.len();
    let whole = chunks.iter().zip(1..).all(|(chunk, index)| {
        number(chunk, 0).map(usize::from) == Some(index)
            && number(chunk, 1).map(usize::from) == Some(count)
    });
    let bodies = chunks
        .iter()
        .filter_map(|chunk| chunk.body.get(PROFILE.len() + 2..));
    if chunks.is_empty() || !whole {
        return Ok(());
    }
    match without_private_tags(&bodies.flatten().copied().collect::<Vec<u8>>()) {
        Profile::Drop => {}
        Profile::AsItIs => {
            for chunk in chunks {
                recipe.keep_range(chunk.start, chunk.end())?;
            }
        }
        Profile::Without(profile) => {
            let pieces = profile.chunks(MOST_OF_PROFILE);
            let count = u8::try_from(pieces.len()).map_err(|_| Withheld::TooIntricate)?;
            for (piece, index) in pieces.zip(1..) {
                put_segment(recipe, 0xe2, &[PROFILE, &[index, count], piece])?;
            }
        }
    }
    Ok(())
}

fn put_segment(recipe: &mut Recipe, marker: u8, bodies: &[&[u8]]) -> Result<(), Withheld> {
    let body = bodies.concat();
    let length = u16::try_from(body.len() + 2).map_err(|_| Withheld::TooIntricate)?;
    recipe.put(&[0xff, marker])?;
    recipe.put(&length.to_be_bytes())?;
    recipe.put(&body)
}
