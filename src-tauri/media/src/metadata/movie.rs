//! What a QuickTime or MPEG-4 file says about itself (ISO/IEC 14496-12; Apple's
//! QuickTime File Format): read from its `moov` box alone, never from its pictures.

use std::io::{Read, Seek, SeekFrom};

use crate::container::bmff::{Atom, atoms};
use crate::metadata::packets::XMP_UUID;
use crate::metadata::quicktime;
use crate::metadata::taken::of_utc;
use crate::metadata::xmp::Xmp;
use crate::{Facts, Format, Metadata, Taken, TakenFrom};

/// A header larger than this is not read; that of ten hours has about 20 MiB.
const MOST_HEADER: u64 = 64 << 20;
/// A box of XMP or of Sony's XML larger than this is not read.
const MOST_PACKET: u64 = 4 << 20;
/// Boxes at the top of a file more than this are not looked at.
const MOST_BOXES: usize = 1_024;

/// Seconds from 1904, where these files count from, to 1970.
const SECONDS_TO_1970: u64 = 2_082_844_800;

/// What is known of a video without decoding it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VideoMetadata {
    /// What its metadata says.
    pub metadata: Metadata,
    /// Width in pixels as seen, after turning.
    pub width: Option<u32>,
    /// Height in pixels as seen, after turning.
    pub height: Option<u32>,
    /// Degrees that the stored pictures are turned clockwise to be seen: 0, 90,
    /// 180 or 270.
    pub turned: u16,
    /// Length in milliseconds.
    pub duration_ms: Option<u64>,
}

impl VideoMetadata {
    /// The same as facts of the library; an unknown size is 0 × 0.
    pub(crate) fn facts(self, format: Format) -> Facts {
        Facts {
            format,
            width: self.width.unwrap_or(0),
            height: self.height.unwrap_or(0),
            duration_ms: self.duration_ms,
            metadata: self.metadata,
            motion: None,
            plays: false,
        }
    }
}

/// Reads the header of an MP4, MOV or 3GP; of other formats nothing is known
/// here. Never fails: what cannot be read is unknown.
pub fn read_video<R: Read + Seek>(format: Format, mut file: R) -> VideoMetadata {
    let mut found = VideoMetadata::default();
    if !matches!(format, Format::Mp4 | Format::Mov | Format::ThreeGp) {
        return found;
    }
    let (mut clock, mut beside) = (None, Metadata::default());
    let mut at = 0_u64;
    for _ in 0..MOST_BOXES {
        let Some((kind, header, length)) = box_at(&mut file, at) else {
            break;
        };
        match &kind {
            b"moov" => {
                if let Some(body) = body_at(&mut file, at + header, length, MOST_HEADER) {
                    (found, clock) = read_header(&body);
                }
            }
            b"meta" => {
                let body = body_at(&mut file, at + header, length, MOST_PACKET);
                let said = body.as_deref().map(quicktime::sony);
                beside = beside.or(said.unwrap_or_default());
            }
            b"uuid" => {
                let body = body_at(&mut file, at + header, length, MOST_PACKET);
                let xmp = body.and_then(|body| Xmp::read(body.strip_prefix(XMP_UUID)?));
                let said = xmp.map(|xmp| xmp.metadata());
                beside = beside.or(said.unwrap_or_default());
            }
            // The fragments of a stream: its header stands before them.
            b"moof" => break,
            _ => {}
        }
        let next = at.checked_add(header).and_then(|at| at.checked_add(length));
        let Some(next) = next else { break };
        at = next;
    }
    found.metadata = found.metadata.or(beside);
    // The header's clock comes last: it knows the instant, not the zone.
    let taken = found.metadata.taken.or(clock);
    found.metadata.taken = taken;
    found
}

/// The kind of the box at `at`, the bytes of its header, and those of its body.
fn box_at(file: &mut (impl Read + Seek), at: u64) -> Option<([u8; 4], u64, u64)> {
    file.seek(SeekFrom::Start(at)).ok()?;
    let mut head = [0; 8];
    file.read_exact(&mut head).ok()?;
    let (short, kind) = head.split_first_chunk::<4>()?;
    let kind = *kind.first_chunk::<4>()?;
    let (header, length) = match u32::from_be_bytes(*short) {
        0 => (8, file.seek(SeekFrom::End(0)).ok()?.checked_sub(at)?),
        1 => {
            let mut long = [0; 8];
            file.read_exact(&mut long).ok()?;
            (16, u64::from_be_bytes(long))
        }
        length => (8, u64::from(length)),
    };
    Some((kind, header, length.checked_sub(header)?))
}

/// The body of a box, as much of it as is there; `None` when it is too large.
fn body_at(file: &mut (impl Read + Seek), at: u64, length: u64, most: u64) -> Option<Vec<u8>> {
    if length > most {
        return None;
    }
    file.seek(SeekFrom::Start(at)).ok()?;
    let mut body = Vec::new();
    file.take(length).read_to_end(&mut body).ok()?;
    Some(body)
}

/// Reads a `moov` box: what it says, and the clock of its `mvhd`.
fn read_header(moov: &[u8]) -> (VideoMetadata, Option<Taken>) {
    let boxes = atoms(moov, 0);
    let mvhd = boxes.clone().find_kind(b"mvhd");
    let tracks = boxes
        .filter(|atom| atom.kind == *b"trak")
        .filter(is_video)
        .filter_map(|track| Some((track, Shape::read(&track)?)));
    // Tracks that are switched off hold covers and alternatives.
    let (track, shape) = tracks
        .take(64)
        .max_by_key(|(_, shape)| shape.is_enabled)
        .unzip();
    let metadata = quicktime::metadata(moov, track.as_ref());
    let found = VideoMetadata {
        metadata,
        width: shape.map(|shape| shape.upright().0),
        height: shape.map(|shape| shape.upright().1),
        turned: shape.map_or(0, |shape| shape.turned),
        duration_ms: mvhd.and_then(|mvhd| duration_ms(mvhd.body, moov)),
    };
    (found, mvhd.and_then(|mvhd| clock(mvhd.body)))
}

fn is_video(track: &Atom) -> bool {
    let handler = media(track).and_then(|media| media.children().find_kind(b"hdlr"));
    handler.and_then(|handler| handler.body.get(8..12)) == Some(b"vide")
}

fn media<'a>(track: &Atom<'a>) -> Option<Atom<'a>> {
    track.children().find_kind(b"mdia")
}

/// The size of a track's pictures as they are stored, and how they are turned.
#[derive(Clone, Copy)]
struct Shape {
    width: u32,
    height: u32,
    turned: u16,
    is_enabled: bool,
}

impl Shape {
    /// Reads a `tkhd` box, or of the size the first sample description where
    /// that has none.
    fn read(track: &Atom) -> Option<Shape> {
        let tkhd = track.children().find_kind(b"tkhd")?.body;
        let matrix = if tkhd.first() == Some(&1) { 52 } else { 40 };
        let signed = |index: usize| long(tkhd, matrix + index * 4).map(u32::cast_signed);
        let whole = |index: usize| long(tkhd, matrix + index * 4).map(|fixed| fixed >> 16);
        let (width, height) = match (whole(9)?, whole(10)?) {
            (0, _) | (_, 0) => stored_size(track)?,
            size => size,
        };
        let (across, down) = (signed(0)?, signed(1)?);
        Some(Shape {
            width,
            height,
            turned: match (across.signum(), down.signum()) {
                (0, 1) => 90,
                (-1, 0) => 180,
                (0, -1) => 270,
                _ => 0,
            },
            is_enabled: tkhd.get(3).is_some_and(|flags| flags & 1 == 1),
        })
    }

    fn upright(&self) -> (u32, u32) {
        match self.turned {
            90 | 270 => (self.height, self.width),
            _ => (self.width, self.height),
        }
    }
}

/// Width and height of a track's first sample description.
fn stored_size(track: &Atom) -> Option<(u32, u32)> {
    let tables = media(track)?
        .children()
        .find_kind(b"minf")?
        .children()
        .find_kind(b"stbl")?;
    let descriptions = tables.children().find_kind(b"stsd")?;
    let first = descriptions.children_after(8).next()?.body;
    let size = long(first, 24)?;
    let (width, height) = (size >> 16, size & 0xffff);
    (width > 0 && height > 0).then_some((width, height))
}

/// The length of the film: of its header, or else of all fragments together.
fn duration_ms(mvhd: &[u8], moov: &[u8]) -> Option<u64> {
    let (scale, ticks) = match mvhd.first()? {
        1 => (long(mvhd, 20)?, long_long(mvhd, 24)?),
        _ => (long(mvhd, 12)?, u64::from(long(mvhd, 16)?)),
    };
    let unknown = ticks == 0 || ticks == u64::MAX || ticks == u64::from(u32::MAX);
    let ticks = match unknown {
        false => ticks,
        true => {
            let extends = atoms(moov, 0).find_kind(b"mvex")?;
            let mehd = extends.children().find_kind(b"mehd")?.body;
            match mehd.first()? {
                1 => long_long(mehd, 4)?,
                _ => u64::from(long(mehd, 4)?),
            }
        }
    };
    let ms = u128::from(ticks) * 1000 / u128::from(scale).max(1);
    u64::try_from(ms).ok().filter(|ms| *ms > 0 && scale > 0)
}

/// The time when the file was made, in UTC. Some cameras count from 1970, which
/// makes dates before the first of them.
fn clock(mvhd: &[u8]) -> Option<Taken> {
    let seconds = match mvhd.first()? {
        1 => long_long(mvhd, 4)?,
        _ => u64::from(long(mvhd, 4)?),
    };
    let since_1970 = match seconds.checked_sub(SECONDS_TO_1970) {
        Some(since_1970) => since_1970,
        None => seconds,
    };
    // Before 1980 no camera wrote such a file; after 2100 the clock is unset.
    (315_532_800..4_102_444_800)
        .contains(&since_1970)
        .then(|| i64::try_from(since_1970).ok())
        .flatten()
        .map(|seconds| of_utc(seconds * 1000, TakenFrom::QuickTime))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_be_bytes(*four))
}

fn long_long(bytes: &[u8], at: usize) -> Option<u64> {
    let eight = bytes.get(at..)?.first_chunk::<8>()?;
    Some(u64::from_be_bytes(*eight))
}
