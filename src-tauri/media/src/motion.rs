//! Where the video of a motion photo hides: behind the picture in the same file.
//!
//! Google says so in XMP, counting from the end; Samsung in a directory at the
//! end; HEIC files hold it in a box. A claim counts only where a video begins.

use crate::container::bmff::{Atom, atoms};
use crate::metadata::xmp::{Xmp, space};
use crate::{Format, Kind, Sniff, Span, sniff};

/// The type of Samsung's block with the video.
const SAMSUNG_MOTION: u16 = 0x0a30;
/// Blocks of Samsung's directory more than this are not looked at.
const MOST_BLOCKS: usize = 256;

/// The video inside a motion photo, when there is one.
pub(crate) fn motion(bytes: &[u8], xmp: Option<&Xmp>) -> Option<Span> {
    let by_xmp = xmp.and_then(|xmp| by_container(bytes, xmp).or_else(|| by_offset(bytes, xmp)));
    by_xmp
        .or_else(|| by_samsung(bytes))
        .or_else(|| in_box(bytes))
}

/// Whether browsers play the MP4 that lies at `span`: H.264, with AAC or silent.
pub(crate) fn plays_as_it_is(bytes: &[u8], span: Span) -> bool {
    let codecs = || {
        let start = usize::try_from(span.start).ok()?;
        let end = start.checked_add(usize::try_from(span.length).ok()?)?;
        let moov = atoms(bytes.get(start..end)?, 0).find_kind(b"moov")?;
        let tracks = moov.children().filter(|atom| atom.kind == *b"trak");
        Some(tracks.filter_map(|track| codec(&track)).collect::<Vec<_>>())
    };
    let codecs = codecs().unwrap_or_default();
    let video = |kind: &[u8; 4]| matches!(kind, b"avc1" | b"avc3");
    codecs.iter().any(video)
        && codecs
            .iter()
            .all(|kind| video(kind) || matches!(kind, b"mp4a" | b"mett" | b"mebx" | b"camm"))
}

/// The type of a track's first sample entry.
fn codec(track: &Atom) -> Option<[u8; 4]> {
    let table = ["mdia", "minf", "stbl", "stsd"]
        .iter()
        .try_fold(*track, |atom, kind| {
            atom.children().find(|child| child.kind == kind.as_bytes())
        })?;
    Some(table.children_after(8).next()?.kind)
}

/// Google's second format (Motion Photo 1.0): the lengths of all that follows
/// the picture, in the order of the file.
fn by_container(bytes: &[u8], xmp: &Xmp) -> Option<Span> {
    let at = xmp
        .parts
        .iter()
        .position(|part| part.semantic == "MotionPhoto")?;
    let mut after = xmp.parts.iter().skip(at);
    let length = after.next()?.length?;
    let mut from_end = length;
    for part in after {
        from_end = from_end
            .checked_add(part.length?)?
            .checked_add(part.padding)?;
    }
    video_at(bytes, length_of(bytes).checked_sub(from_end)?, length)
}

/// Google's first format, and Vivo's: how far the video begins before the end.
fn by_offset(bytes: &[u8], xmp: &Xmp) -> Option<Span> {
    ["MicroVideoOffset", "MotionPhotoOffset"]
        .into_iter()
        .find_map(|name| {
            let length = xmp.value(space::CAMERA, name)?.trim().parse().ok()?;
            video_at(bytes, length_of(bytes).checked_sub(length)?, length)
        })
}

/// Samsung's trailer: blocks, a directory `SEFH` of them, its length, `SEFT`.
/// Places count backwards from the directory.
fn by_samsung(bytes: &[u8]) -> Option<Span> {
    let (rest, length) = bytes.strip_suffix(b"SEFT")?.split_last_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let start = rest.len().checked_sub(length)?;
    let directory = rest.get(start..)?.strip_prefix(b"SEFH")?;
    let (entries, _) = directory.get(8..)?.as_chunks::<12>();
    entries.iter().take(MOST_BLOCKS).find_map(|entry| {
        let &[
            _,
            _,
            kind0,
            kind1,
            back0,
            back1,
            back2,
            back3,
            size0,
            size1,
            size2,
            size3,
        ] = entry;
        if u16::from_le_bytes([kind0, kind1]) != SAMSUNG_MOTION {
            return None;
        }
        let back = usize::try_from(u32::from_le_bytes([back0, back1, back2, back3])).ok()?;
        let size = usize::try_from(u32::from_le_bytes([size0, size1, size2, size3])).ok()?;
        let block = start.checked_sub(back)?;
        // Its type again, then the length of its name, "MotionPhoto_Data".
        let head = bytes.get(block..block.checked_add(size)?)?.get(4..)?;
        let (name, _) = head.split_first_chunk::<4>()?;
        let head = usize::try_from(u32::from_le_bytes(*name))
            .ok()?
            .checked_add(8)?;
        let video = block.checked_add(head)?;
        let length = size.checked_sub(head)?;
        video_at(
            bytes,
            u64::try_from(video).ok()?,
            u64::try_from(length).ok()?,
        )
    })
}

/// The `mpvd` box of a HEIC.
fn in_box(bytes: &[u8]) -> Option<Span> {
    let held = atoms(bytes, 0).find_kind(b"mpvd")?;
    let length = u64::try_from(held.body.len()).ok()?;
    video_at(bytes, held.body_start(), length)
}

/// The span, when it lies in the file and a video begins there.
fn video_at(bytes: &[u8], start: u64, length: u64) -> Option<Span> {
    let from = usize::try_from(start).ok()?;
    let end = from.checked_add(usize::try_from(length).ok()?)?;
    let video = bytes.get(from..end)?;
    let is_video = video.get(4..8) == Some(b"ftyp")
        && matches!(sniff(video), Sniff::Media(format) if is_film(format));
    is_video.then_some(Span { start, length })
}

fn is_film(format: Format) -> bool {
    format.kind() == Kind::Video
}

fn length_of(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIDEO: &[u8] = b"\0\0\0\x14ftypmp42\0\0\0\0isom\0\0\0\x08free";

    fn xmp(properties: &str) -> Xmp {
        let packet = format!(
            "<x:xmpmeta xmlns:x='adobe:ns:meta/' \
             xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#' \
             xmlns:G='http://ns.google.com/photos/1.0/camera/' \
             xmlns:C='http://ns.google.com/photos/1.0/container/' \
             xmlns:I='http://ns.google.com/photos/1.0/container/item/'>\
             <r:RDF><r:Description {properties}</r:Description></r:RDF></x:xmpmeta>"
        );
        Xmp::read(packet.as_bytes()).unwrap()
    }

    fn file(after: &[u8]) -> (Vec<u8>, Span) {
        let picture = b"\xff\xd8\xff a picture \xff\xd9";
        let span = Span {
            start: picture.len() as u64,
            length: VIDEO.len() as u64,
        };
        ([picture, VIDEO, after].concat(), span)
    }

    #[test]
    fn googles_first_format_counts_from_the_end() {
        let (bytes, span) = file(b"");
        for name in ["MicroVideoOffset", "MotionPhotoOffset"] {
            let says = |offset: usize| xmp(&format!("G:MicroVideo='1' G:{name}='{offset}'>"));
            assert_eq!(motion(&bytes, Some(&says(VIDEO.len()))), Some(span));
            for lie in [0, 1, VIDEO.len() - 1, VIDEO.len() + 1, 1 << 40] {
                assert_eq!(motion(&bytes, Some(&says(lie))), None, "{lie}");
            }
        }
        assert_eq!(motion(&bytes, None), None);
    }

    #[test]
    fn googles_second_format_lists_what_follows() {
        let (bytes, span) = file(b"...a gain map");
        let length = VIDEO.len();
        let attributes = xmp(&format!(
            "G:MotionPhoto='1'><C:Directory><r:Seq>\
             <r:li r:parseType='Resource'><C:Item I:Semantic='Primary' I:Mime='image/jpeg'/></r:li>\
             <r:li r:parseType='Resource'>\
             <C:Item I:Semantic='MotionPhoto' I:Length='{length}' I:Padding='0'/></r:li>\
             <r:li r:parseType='Resource'>\
             <C:Item I:Semantic='GainMap' I:Length='10' I:Padding='3'/></r:li>\
             </r:Seq></C:Directory>"
        ));
        assert_eq!(motion(&bytes, Some(&attributes)), Some(span));
        let elements = xmp(&format!(
            "><C:Directory><r:Seq><r:li><r:Description>\
             <I:Semantic>MotionPhoto</I:Semantic><I:Length>{length}</I:Length>\
             </r:Description></r:li></r:Seq></C:Directory>"
        ));
        let (bytes, span) = file(b"");
        assert_eq!(motion(&bytes, Some(&elements)), Some(span));
        assert_eq!(motion(&bytes[..bytes.len() - 1], Some(&elements)), None);
    }

    #[test]
    fn samsungs_trailer_is_read_from_its_end() {
        let name = b"MotionPhoto_Data";
        let block = [
            &b"\0\0\x30\x0a"[..],
            &(name.len() as u32).to_le_bytes(),
            name,
            VIDEO,
        ]
        .concat();
        let directory = [
            &b"SEFH\x6b\0\0\0\x01\0\0\0\0\0\x30\x0a"[..],
            &(block.len() as u32).to_le_bytes(),
            &(block.len() as u32).to_le_bytes(),
        ]
        .concat();
        let length = (directory.len() as u32).to_le_bytes();
        let picture = b"\xff\xd8\xff a picture \xff\xd9";
        let bytes = [picture, &block[..], &directory, &length, b"SEFT"].concat();
        let span = motion(&bytes, None).unwrap();
        let start = span.start as usize;
        assert_eq!(&bytes[start..start + span.length as usize], VIDEO);
        for cut in 0..bytes.len() {
            assert_eq!(motion(&bytes[..cut], None), None);
            assert_eq!(motion(&bytes[cut + 1..], None).is_some(), cut < 16, "{cut}");
        }
    }

    #[test]
    fn a_heic_holds_its_video_in_a_box() {
        let head = b"\0\0\0\x10ftypheic\0\0\0\0";
        let length = (VIDEO.len() as u32 + 8).to_be_bytes();
        let bytes = [&head[..], &length, b"mpvd", VIDEO].concat();
        let span = Span {
            start: 24,
            length: VIDEO.len() as u64,
        };
        assert_eq!(motion(&bytes, None), Some(span));
        let picture = [&head[..], b"\0\0\0\x18mpvd", head].concat();
        assert_eq!(motion(&picture, None), None, "a picture is no video");
    }
}
