//! The `moov` box of a video or an image sequence (ISO/IEC 14496-12, QuickTime
//! File Format): pictures and sound with their times, edits, turns and colours.
//! Tracks of telemetry, timecode, text and chapters go with all their bytes.

use super::Withheld;
use super::iso::{Contents, all_atoms, clean_references};
use super::patch::Patches;
use super::samples::{Chunks, chunks};
use crate::container::bmff::Atom;

/// Tracks more than this are taken for damage.
const MOST_TRACKS: usize = 256;
/// Chunks of all tracks together: many hours, each picture on its own.
const MOST_CHUNKS: usize = 1 << 22;
/// The name by which an alpha plane of an image sequence goes (MIAF).
const ALPHA: &[u8] = b"auxid:1\0";
const ALPHA_OF_AV1: &[u8] = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0";

/// Sample groups that say which samples can be sought to or shown.
const GROUPS: &[&[u8; 4]] = &[
    b"roll", b"rap ", b"prol", b"sync", b"refs", b"tele", b"tsas", b"stsa",
];

/// Boxes of a visual sample entry that decoders read.
const VISUAL: &[&[u8; 4]] = &[
    b"avcC", b"hvcC", b"lhvC", b"hvcE", b"vvcC", b"av1C", b"vpcC", b"dvcC", b"dvvC", b"dvwC",
    b"esds", b"d263", b"glbl", b"colr", b"pasp", b"clap", b"fiel", b"gama", b"btrt", b"mdcv",
    b"clli", b"SmDm", b"CoLL", b"chrm", b"amve", b"cclv", b"ccst", b"auxi",
];

/// Boxes of an audio sample entry that decoders read.
const AUDIO: &[&[u8; 4]] = &[
    b"esds", b"wave", b"chan", b"chnl", b"srat", b"btrt", b"damr", b"dac3", b"dec3", b"dac4",
    b"dOps", b"dfLa", b"alac", b"pcmC", b"dmlp", b"ddts",
];

/// Boxes of QuickTime's `wave`; the last has no name.
const WAVE: &[&[u8; 4]] = &[
    b"frma",
    b"mp4a",
    b"enda",
    b"esds",
    b"alac",
    b"chan",
    b"damr",
    b"ac-3",
    b"\0\0\0\0",
];

/// Plans what of `moov` to write over, and notes which bytes of the file its
/// tracks need and which they do not.
pub(super) fn clean(
    moov: &Atom,
    patches: &mut Patches,
    contents: &mut Contents,
) -> Result<(), Withheld> {
    let boxes = all_atoms(moov.body, moov.body_start())?;
    let mut tracks = Vec::new();
    let mut headers = 0;
    for found in &boxes {
        match &found.kind {
            b"mvhd" => {
                headers += 1;
                // After times, rate and volume: reserved; after the matrix:
                // where QuickTime's player stood.
                let rate = zero_times(found, patches)?;
                zero(found, rate + 6, 10, patches)?;
                zero(found, rate + 52, 24, patches)?;
            }
            b"trak" if tracks.len() < MOST_TRACKS => tracks.push(Track::read(found)?),
            b"mvex" => return Err(Withheld::Scattered),
            _ => free(found, patches),
        }
    }
    let chapters: Vec<u32> = tracks
        .iter()
        .flat_map(|track| track.chapters.clone())
        .collect();
    for track in &mut tracks {
        track.shown &= !chapters.contains(&track.id);
    }
    let count: usize = tracks.iter().map(|track| track.chunks.count()).sum();
    if count > MOST_CHUNKS {
        return Err(Withheld::TooIntricate);
    }
    let mut starts: Vec<u64> = tracks
        .iter()
        .flat_map(|track| track.chunks.starts())
        .collect();
    starts.sort_unstable();
    for track in &tracks {
        let spans = track.chunks.spans(&starts)?;
        if track.shown {
            contents.kept.extend(spans);
            clean_track(&track.atom, patches)?;
        } else {
            contents.private.extend(spans);
            free(&track.atom, patches);
        }
    }
    if headers != 1 || !tracks.iter().any(|track| track.shown) {
        return Err(Withheld::Malformed);
    }
    Ok(())
}

struct Track<'a> {
    atom: Atom<'a>,
    id: u32,
    /// Whether it holds what is seen or heard.
    shown: bool,
    /// The tracks that it names as its chapters.
    chapters: Vec<u32>,
    chunks: Chunks<'a>,
}

impl<'a> Track<'a> {
    fn read(trak: &Atom<'a>) -> Result<Track<'a>, Withheld> {
        let find = |atoms: &[Atom<'a>], kind: &[u8; 4]| {
            let mut found = atoms.iter().filter(|atom| atom.kind == *kind);
            let first = found.next().copied().ok_or(Withheld::Malformed);
            if found.next().is_some() {
                return Err(Withheld::Malformed);
            }
            first
        };
        let inside = |atom: &Atom<'a>| all_atoms(atom.body, atom.body_start());
        let boxes = inside(trak)?;
        let header = find(&boxes, b"tkhd")?;
        let media = inside(&find(&boxes, b"mdia")?)?;
        let handler = find(&media, b"hdlr")?;
        let handler = handler.body.get(8..12).ok_or(Withheld::Malformed)?;
        let table = inside(&find(&media, b"minf")?)?;
        let table = inside(&find(&table, b"stbl")?)?;
        let entries = find(&table, b"stsd")?;
        let at = if header.body.first() == Some(&1) {
            20
        } else {
            12
        };
        let id = header
            .body
            .get(at..at + 4)
            .and_then(|id| id.try_into().ok());
        let names = |name: &[u8]| {
            entries
                .body
                .windows(name.len())
                .any(|window| window == name)
        };
        let mut chapters = Vec::new();
        let mut thumbnail = false;
        for references in boxes.iter().filter(|atom| atom.kind == *b"tref") {
            for reference in inside(references)? {
                thumbnail |= reference.kind == *b"thmb";
                if reference.body.len() > 4 * MOST_TRACKS {
                    return Err(Withheld::Malformed);
                }
                if reference.kind == *b"chap" {
                    let ids = reference.body.chunks_exact(4);
                    chapters.extend(
                        ids.filter_map(|id| id.try_into().ok())
                            .map(u32::from_be_bytes),
                    );
                }
            }
        }
        Ok(Track {
            atom: *trak,
            id: id.map(u32::from_be_bytes).ok_or(Withheld::Malformed)?,
            shown: !thumbnail
                && match handler {
                    b"vide" | b"soun" | b"pict" => true,
                    b"auxv" => names(ALPHA) || names(ALPHA_OF_AV1),
                    _ => false,
                },
            chapters,
            chunks: chunks(&table, handler == b"soun")?,
        })
    }
}

/// A track that stays: its own boxes, one level after the other.
fn clean_track(trak: &Atom, patches: &mut Patches) -> Result<(), Withheld> {
    for found in all_atoms(trak.body, trak.body_start())? {
        match &found.kind {
            b"tkhd" => {
                zero_times(&found, patches)?;
            }
            b"mdia" => clean_media(&found, patches)?,
            b"edts" => keep_only(&found, &[b"elst"], patches)?,
            b"tapt" => keep_only(&found, &[b"clef", b"prof", b"enof"], patches)?,
            b"tref" => keep_only(&found, &[b"auxl", b"prem"], patches)?,
            _ => free(&found, patches),
        }
    }
    Ok(())
}

fn clean_media(mdia: &Atom, patches: &mut Patches) -> Result<(), Withheld> {
    let boxes = all_atoms(mdia.body, mdia.body_start())?;
    let handler = boxes.iter().find(|found| found.kind == *b"hdlr");
    let audio = handler.is_some_and(|handler| handler.body.get(8..12) == Some(b"soun"));
    for found in boxes {
        match &found.kind {
            b"mdhd" => {
                zero_times(&found, patches)?;
            }
            b"hdlr" => zero_after(&found, 12, patches),
            b"minf" => clean_tables(&found, audio, patches)?,
            _ => free(&found, patches),
        }
    }
    Ok(())
}

fn clean_tables(minf: &Atom, audio: bool, patches: &mut Patches) -> Result<(), Withheld> {
    for found in all_atoms(minf.body, minf.body_start())? {
        match &found.kind {
            b"vmhd" | b"smhd" | b"nmhd" if found.body.len() <= 16 => {}
            b"hdlr" => zero_after(&found, 12, patches),
            b"dinf" => clean_references(&found, patches)?,
            b"stbl" => {
                for table in all_atoms(found.body, found.body_start())? {
                    match &table.kind {
                        b"stsd" => clean_entries(&table, audio, patches)?,
                        b"stts" | b"ctts" | b"cslg" | b"stss" | b"stps" | b"sdtp" | b"stsc"
                        | b"stsz" | b"stz2" | b"stco" | b"co64" => {}
                        b"sgpd" | b"sbgp" if is_known_group(&table) => {}
                        _ => free(&table, patches),
                    }
                }
            }
            _ => free(&found, patches),
        }
    }
    Ok(())
}

fn is_known_group(table: &Atom) -> bool {
    let name = table.body.get(4..8).unwrap_or_default();
    GROUPS.iter().any(|known| name == *known)
}

/// The sample entries: what decoders read of them, without the names of the
/// encoder and of its maker.
fn clean_entries(stsd: &Atom, audio: bool, patches: &mut Patches) -> Result<(), Withheld> {
    let version = stsd.body.first().copied();
    let entries = stsd.body.get(8..).ok_or(Withheld::Malformed)?;
    for entry in all_atoms(entries, stsd.body_start() + 8)? {
        if matches!(&entry.kind, b"encv" | b"enca" | b"drmi" | b"drms") {
            return Err(Withheld::Protected);
        }
        zero(&entry, 12, 4, patches)?;
        let (fields, known) = if audio {
            let layout = entry.body.get(8..10).ok_or(Withheld::Malformed)?;
            let fields = match (version, layout) {
                (Some(1), _) | (_, [0, 0]) => 28,
                (_, [0, 1]) => 44,
                (_, [0, 2]) => 64,
                _ => return Err(Withheld::Malformed),
            };
            (fields, AUDIO)
        } else {
            zero(&entry, 42, 32, patches)?;
            (78, VISUAL)
        };
        let inside = entry.body.get(fields..).ok_or(Withheld::Malformed)?;
        for found in all_atoms(inside, entry.body_start() + fields as u64)? {
            match &found.kind {
                b"sinf" => return Err(Withheld::Protected),
                b"wave" if audio => keep_only(&found, WAVE, patches)?,
                b"damr" | b"d263" => zero(&found, 0, 4, patches)?,
                kind if known.contains(&kind) => {}
                _ => free(&found, patches),
            }
        }
    }
    Ok(())
}

fn keep_only(atom: &Atom, known: &[&[u8; 4]], patches: &mut Patches) -> Result<(), Withheld> {
    for found in all_atoms(atom.body, atom.body_start())? {
        if !known.contains(&&found.kind) {
            free(&found, patches);
        }
    }
    Ok(())
}

fn free(atom: &Atom, patches: &mut Patches) {
    let length = (atom.header + atom.body.len()) as u64;
    patches.free(atom.start, atom.header as u64, length);
}

/// Zeros over the creation and modification times after version and flags.
/// Gives where the rate, which is after the duration, begins in an `mvhd`.
fn zero_times(header: &Atom, patches: &mut Patches) -> Result<usize, Withheld> {
    let (times, rate) = match header.body.first() {
        Some(0) => (8, 20),
        Some(1) => (16, 32),
        _ => return Err(Withheld::Malformed),
    };
    zero(header, 4, times, patches)?;
    Ok(rate)
}

fn zero(atom: &Atom, at: usize, length: usize, patches: &mut Patches) -> Result<(), Withheld> {
    atom.body.get(at..at + length).ok_or(Withheld::Malformed)?;
    patches.zero(atom.body_start() + at as u64, length as u64);
    Ok(())
}

fn zero_after(atom: &Atom, at: usize, patches: &mut Patches) {
    let length = atom.body.len().saturating_sub(at);
    patches.zero(atom.body_start() + at as u64, length as u64);
}
