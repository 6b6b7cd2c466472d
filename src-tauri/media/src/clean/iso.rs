//! ISO base media files: HEIC and AVIF, MP4, MOV and 3GP. Pictures and sound
//! stay where they are, so that no offset changes; every byte of the file that
//! none of them needs becomes a zero, and every box that is not known, `free`.

use std::io::{Read, Seek, SeekFrom};

use super::patch::{Patches, lies_within, touches, united};
use super::{Recipe, Withheld, items, movie};
use crate::container::bmff::{Atom, atoms};
use crate::{Format, MediaError, Span};

/// A box at the top of a file.
pub(super) struct TopBox {
    pub(super) kind: [u8; 4],
    pub(super) start: u64,
    /// Bytes of its header, 8 or 16.
    pub(super) header: u64,
    /// Bytes of the whole box.
    pub(super) length: u64,
}

impl TopBox {
    pub(super) fn body(&self) -> Span {
        Span {
            start: self.start + self.header,
            length: self.length - self.header,
        }
    }
}

/// What the tables of a file say about the bytes outside of them.
#[derive(Default)]
pub(super) struct Contents {
    /// Bytes that the picture or the sound needs.
    pub(super) kept: Vec<Span>,
    /// Bytes that hold metadata. When these are also kept, nobody can tell
    /// what they are.
    pub(super) private: Vec<Span>,
}

const MOST_BOXES: usize = 1 << 16;
/// The most bytes of a video's tables that are read.
pub(super) const MOST_OF_MOVIE: u64 = 256 << 20;
/// The most bytes of a picture's tables that are read.
const MOST_OF_META: u64 = 16 << 20;

/// The boxes at the top of a file. A file may end in bytes that are no box:
/// the list ends before them.
pub(super) fn top_level<R: Read + Seek>(file: &mut R) -> Result<Vec<TopBox>, MediaError> {
    let end = file.seek(SeekFrom::End(0))?;
    let mut found = Vec::new();
    let mut start = 0;
    while end - start >= 8 {
        if found.len() == MOST_BOXES {
            return Err(Withheld::TooIntricate.into());
        }
        file.seek(SeekFrom::Start(start))?;
        let mut short = [0; 4];
        let mut kind = [0; 4];
        file.read_exact(&mut short)?;
        file.read_exact(&mut kind)?;
        let (header, length) = match u32::from_be_bytes(short) {
            0 => (8, end - start),
            1 if end - start >= 16 => {
                let mut long = [0; 8];
                file.read_exact(&mut long)?;
                (16, u64::from_be_bytes(long))
            }
            length => (8, u64::from(length)),
        };
        if length < header || length > end - start {
            break;
        }
        found.push(TopBox {
            kind,
            start,
            header,
            length,
        });
        start += length;
    }
    Ok(found)
}

/// The clean copy of an ISO base media file.
pub(super) fn clean<R: Read + Seek>(format: Format, file: &mut R) -> Result<Recipe, MediaError> {
    let picture = matches!(format, Format::Heif | Format::Avif);
    let boxes = top_level(file)?;
    let mut patches = Patches::default();
    let mut contents = Contents::default();
    let mut media = Vec::new();
    let mut end = 0;
    let (mut movies, mut metas) = (0, 0);
    for found in &boxes {
        let kept = match &found.kind {
            b"ftyp" => found.start == 0 && found.length <= 1_024,
            // By this an old QuickTime file is known.
            b"wide" => found.length == 8,
            b"mdat" => {
                media.push(found.body());
                true
            }
            b"moov" => {
                movies += 1;
                let bytes = read(file, found, MOST_OF_MOVIE)?;
                let moov = only_box(&bytes, found.start)?;
                movie::clean(&moov, &mut patches, &mut contents)?;
                true
            }
            b"meta" if picture => {
                metas += 1;
                let bytes = read(file, found, MOST_OF_META)?;
                let meta = only_box(&bytes, found.start)?;
                let cleaned = items::clean(&meta, &mut contents)?;
                patches.write(found.start, &cleaned);
                true
            }
            b"moof" | b"styp" | b"sidx" => return Err(Withheld::Scattered.into()),
            _ => false,
        };
        if kept {
            end = found.start + found.length;
        } else {
            patches.free(found.start, found.header, found.length);
        }
    }
    if metas > 1 || movies > 1 || metas + movies == 0 {
        return Err(Withheld::Malformed.into());
    }
    let (kept, media_united) = (united(contents.kept), united(media.clone()));
    let reachable = kept.iter().all(|span| {
        // Neighbouring media boxes have headers between them, so that kept
        // stretches never reach from one into the next.
        lies_within(span, &media_united)
    });
    if !reachable || contents.private.iter().any(|span| touches(span, &kept)) {
        return Err(Withheld::Malformed.into());
    }
    for stretch in media {
        patches.zero_between(stretch, &kept);
    }
    Ok(patches.over(end)?)
}

fn read<R: Read + Seek>(file: &mut R, found: &TopBox, most: u64) -> Result<Vec<u8>, MediaError> {
    if found.length > most {
        return Err(Withheld::TooIntricate.into());
    }
    file.seek(SeekFrom::Start(found.start))?;
    let mut bytes = Vec::new();
    file.take(found.length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn only_box(bytes: &[u8], start: u64) -> Result<Atom<'_>, Withheld> {
    atoms(bytes, start).next().ok_or(Withheld::Malformed)
}

/// The boxes that `bytes` are, to the last byte but for zeros at the end,
/// which QuickTime puts there.
pub(super) fn all_atoms(bytes: &[u8], base: u64) -> Result<Vec<Atom<'_>>, Withheld> {
    let found: Vec<Atom> = atoms(bytes, base).take(MOST_BOXES).collect();
    let end = found
        .last()
        .map_or(base, |last| last.body_start() + last.body.len() as u64);
    let rest = usize::try_from(end - base)
        .ok()
        .and_then(|at| bytes.get(at..));
    match rest {
        Some(rest) if rest.iter().all(|byte| *byte == 0) => Ok(found),
        _ => Err(Withheld::Malformed),
    }
}

/// Checks that a `dinf` box says that everything is in this file, and writes
/// over what else it says: QuickTime keeps paths of the machine there.
pub(super) fn clean_references(dinf: &Atom, patches: &mut Patches) -> Result<(), Withheld> {
    for dref in all_atoms(dinf.body, dinf.body_start())? {
        if dref.kind != *b"dref" {
            patches.free(
                dref.start,
                dref.header as u64,
                (dref.header + dref.body.len()) as u64,
            );
            continue;
        }
        let entries = dref.body.get(8..).ok_or(Withheld::Malformed)?;
        for entry in all_atoms(entries, dref.body_start() + 8)? {
            if entry
                .body
                .get(..4)
                .is_none_or(|flags| !matches!(flags, [.., 1]))
            {
                return Err(Withheld::Scattered);
            }
            let words = entry.body.len().saturating_sub(4) as u64;
            patches.zero(entry.body_start() + 4, words);
        }
    }
    Ok(())
}
