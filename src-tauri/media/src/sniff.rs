//! What a file is, by its first bytes alone; its name is never believed.
//!
//! Formats that come later are known by name already, so that a person reads
//! "HEIC picture" and not "unknown".

use crate::Format;
use crate::container::tiff::{Entry, Tiff};

/// What the first bytes of a file say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sniff {
    /// A picture or a video.
    Media(Format),
    /// Something a photo library will hold one day, by its name.
    NotYet(&'static str),
    /// Nothing we know.
    Unknown,
}

/// A JPEG of more than eight bits a channel; found by the decoder, not by sniffing.
pub(crate) const DEEP_JPEG: &str = "JPEG picture with more than 8 bits per channel";
/// A TIFF whose compression or layout the decoder does not know.
pub(crate) const RARE_TIFF: &str = "TIFF picture of this rare kind";

/// A HEIC whose picture is coded in a way that no decoder here knows.
pub(crate) const RARE_HEIF: &str = "HEIC picture of this rare kind";
/// An AVIF whose picture is coded in a way that no decoder here knows.
pub(crate) const RARE_AVIF: &str = "AVIF picture of this rare kind";

/// Formats told apart by the bytes at a fixed place.
const BY_MAGIC: &[(usize, &[u8], Sniff)] = &[
    (0, b"\xff\xd8\xff", Sniff::Media(Format::Jpeg)),
    (0, b"\x89PNG\r\n\x1a\n", Sniff::Media(Format::Png)),
    (0, b"GIF87a", Sniff::Media(Format::Gif)),
    (0, b"GIF89a", Sniff::Media(Format::Gif)),
    (8, b"CR\x02", Sniff::Media(Format::Cr2)),
    (0, b"IIRO", Sniff::Media(Format::Orf)),
    (0, b"IIRS", Sniff::Media(Format::Orf)),
    (0, b"MMOR", Sniff::Media(Format::Orf)),
    (0, b"IIU\0", Sniff::Media(Format::Rw2)),
    (0, b"FUJIFILMCCD-RAW", Sniff::Media(Format::Raf)),
    (6, b"HEAPCCDR", Sniff::NotYet("RAW picture (CRW)")),
    (0, b"\0MRM", Sniff::NotYet("RAW picture (MRW)")),
    (0, b"FOVb", Sniff::NotYet("RAW picture (X3F)")),
    (0, b"\xff\x0a", Sniff::Media(Format::Jxl)),
    (0, b"\0\0\0\x0cJXL ", Sniff::Media(Format::Jxl)),
    (0, b"\0\0\0\x0cjP  ", Sniff::NotYet("JPEG 2000 picture")),
    (0, b"\xff\x4f\xff\x51", Sniff::NotYet("JPEG 2000 picture")),
    (0, b"8BPS", Sniff::NotYet("Photoshop document")),
    (0, b"<svg", Sniff::NotYet("SVG drawing")),
    (0, b"%PDF-", Sniff::NotYet("PDF document")),
    (0, b"FLV\x01", Sniff::NotYet("FLV video")),
    (0, b"\x00\x00\x01\xba", Sniff::NotYet("MPEG video")),
    (0, b"\x00\x00\x01\xb3", Sniff::NotYet("MPEG video")),
    (
        0,
        b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
        Sniff::NotYet("WMV video"),
    ),
];

/// Brands of an ISO base media file (ISO/IEC 14496-12), most telling first;
/// audio is none of ours.
const BY_BRAND: &[(&[u8], Option<Format>)] = &[
    (b"crx ", Some(Format::Cr3)),
    (b"avif", Some(Format::Avif)),
    (b"avis", Some(Format::Avif)),
    (b"heic", Some(Format::Heif)),
    (b"heix", Some(Format::Heif)),
    (b"heim", Some(Format::Heif)),
    (b"heis", Some(Format::Heif)),
    (b"hevc", Some(Format::Heif)),
    (b"hevx", Some(Format::Heif)),
    (b"hevm", Some(Format::Heif)),
    (b"hevs", Some(Format::Heif)),
    (ANY_HEIF, Some(Format::Heif)),
    (b"msf1", Some(Format::Heif)),
    (b"qt  ", Some(Format::Mov)),
    (b"3gp", Some(Format::ThreeGp)),
    (b"3g2", Some(Format::ThreeGp)),
    (b"M4A ", None),
    (b"M4B ", None),
];

/// Says only "some HEIF"; the compatible brands say which.
const ANY_HEIF: &[u8] = b"mif1";

/// Tells what `head` is the beginning of, by magic bytes only.
///
/// Give it at least 64 bytes; RAW pictures that pose as TIFF are told from real
/// ones only when their first directory lies within `head` (4 KiB suffice for
/// the usual cameras).
pub fn sniff(head: &[u8]) -> Sniff {
    for (at, magic, answer) in BY_MAGIC {
        if bytes_at(head, *at, magic.len()) == Some(*magic) {
            return *answer;
        }
    }
    sniff_riff(head)
        .or_else(|| sniff_iso_media(head))
        .or_else(|| sniff_tiff(head))
        .or_else(|| sniff_rest(head))
        .unwrap_or(Sniff::Unknown)
}

/// The name in this file that equals `name`, so that names can cross a pipe.
pub(crate) fn known_name(name: &str) -> &'static str {
    [DEEP_JPEG, RARE_TIFF, RARE_HEIF, RARE_AVIF]
        .into_iter()
        .find(|known| *known == name)
        .unwrap_or("picture of this kind")
}

fn bytes_at(head: &[u8], at: usize, length: usize) -> Option<&[u8]> {
    head.get(at..at.checked_add(length)?)
}

fn sniff_riff(head: &[u8]) -> Option<Sniff> {
    if !head.starts_with(b"RIFF") {
        return None;
    }
    match bytes_at(head, 8, 4)? {
        b"WEBP" => Some(Sniff::Media(Format::WebP)),
        b"AVI " => Some(Sniff::Media(Format::Avi)),
        _ => None,
    }
}

fn sniff_iso_media(head: &[u8]) -> Option<Sniff> {
    match bytes_at(head, 4, 4)? {
        b"ftyp" => {}
        // QuickTime files from before the brand box was invented.
        b"moov" | b"mdat" | b"wide" | b"pnot" => return Some(Sniff::Media(Format::Mov)),
        _ => return None,
    }
    let length: [u8; 4] = bytes_at(head, 0, 4)?.try_into().ok()?;
    let end = usize::try_from(u32::from_be_bytes(length)).ok()?;
    let major = bytes_at(head, 8, 4)?;
    let named = |brand: &[u8]| {
        BY_BRAND
            .iter()
            .find(|(known, _)| brand.starts_with(known))
            .map(|(_, name)| *name)
    };
    let compatible = head
        .get(16..end.min(head.len()))
        .unwrap_or_default()
        .chunks_exact(4);
    let format = match named(major) {
        Some(Some(Format::Heif)) if major == ANY_HEIF => compatible
            .filter_map(named)
            .flatten()
            .find(|format| *format == Format::Avif)
            .or(Some(Format::Heif)),
        Some(format) => format,
        None => Some(Format::Mp4),
    };
    format.map(Sniff::Media)
}

fn sniff_tiff(head: &[u8]) -> Option<Sniff> {
    if head.starts_with(b"II+\0") || head.starts_with(b"MM\0+") {
        return Some(Sniff::Media(Format::Tiff));
    }
    Some(match raw_in_tiff(Tiff::new(head)?) {
        Some(Ok(format)) => Sniff::Media(format),
        Some(Err(name)) => Sniff::NotYet(name),
        None => Sniff::Media(Format::Tiff),
    })
}

/// RAW formats built on TIFF: DNG says so (tag 50706); the others have a first
/// directory that is marked as a reduced picture (tag 254) and points to the
/// real one by SubIFDs (tag 330). The maker (tag 271) names the kind.
fn raw_in_tiff(tiff: Tiff) -> Option<Result<Format, &'static str>> {
    let (entries, _) = tiff.entries();
    let find = |tag| {
        entries
            .iter()
            .copied()
            .find(|entry: &Entry| entry.tag == tag)
    };
    if find(50706).is_some() {
        return Some(Ok(Format::Dng));
    }
    let kind = tiff.numbers(find(254)?);
    let reduced = kind.first().is_some_and(|kind| kind & 1 == 1);
    if !reduced || find(330).is_none() {
        return None;
    }
    Some(match find(271).and_then(|maker| tiff.start_of(maker, 5)) {
        Some(b"NIKON") => Ok(Format::Nef),
        Some(b"SONY " | b"SONY\0") => Ok(Format::Arw),
        Some(b"PENTA") => Ok(Format::Pef),
        Some(b"SAMSU") => Ok(Format::Srw),
        _ => Err("RAW picture"),
    })
}

fn sniff_rest(head: &[u8]) -> Option<Sniff> {
    // "BM" alone begins many texts: the header must be of one of the sizes that
    // exist, and of one plane, where OS/2 may keep the hot spot of a pointer.
    if head.starts_with(b"BM")
        && let [length @ (12 | 16 | 40 | 52 | 56 | 64 | 108 | 124), 0, 0, 0] =
            bytes_at(head, 14, 4)?
    {
        let planes = bytes_at(head, if *length == 12 { 22 } else { 26 }, 2)?;
        if bytes_at(head, 6, 4)? == [0; 4] || planes == [1, 0] {
            return Some(Sniff::Media(Format::Bmp));
        }
    }
    if head.starts_with(b"\x1a\x45\xdf\xa3") {
        let web = head.windows(4).take(64).any(|window| window == b"webm");
        let format = if web { Format::WebM } else { Format::Mkv };
        return Some(Sniff::Media(format));
    }
    // MPEG transport streams repeat their sync byte every 188 (or 192) bytes.
    let repeats = |first: usize, step: usize| {
        (0..3).all(|packet| head.get(first + packet * step) == Some(&0x47))
    };
    (repeats(0, 188) || repeats(4, 192)).then_some(Sniff::NotYet("MPEG video"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_known_by_their_bytes() {
        assert_eq!(sniff(b"\xff\xd8\xff\xe0"), Sniff::Media(Format::Jpeg));
        assert_eq!(sniff(b"GIF89a...."), Sniff::Media(Format::Gif));
        assert_eq!(sniff(b"RIFF\x10\0\0\0WEBPVP8 "), Sniff::Media(Format::WebP));
        assert_eq!(sniff(b"II*\0\x08\0\0\0\0\0"), Sniff::Media(Format::Tiff));
        assert_eq!(
            sniff(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf"),
            Sniff::Media(Format::Avif)
        );
        assert_eq!(
            sniff(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
            Sniff::Media(Format::Heif)
        );
        assert_eq!(
            sniff(b"\0\0\0\x18ftypisom\0\0\0\0isomavc1"),
            Sniff::Media(Format::Mp4)
        );
        assert_eq!(
            sniff(b"II*\0\x10\0\0\0CR\x02\0...."),
            Sniff::Media(Format::Cr2)
        );
    }

    #[test]
    fn text_and_nothing_are_unknown() {
        assert_eq!(sniff(b""), Sniff::Unknown);
        assert_eq!(
            sniff(b"BMW is a maker of cars, not a bitmap"),
            Sniff::Unknown
        );
        assert_eq!(
            sniff(b"Dear diary, today I renamed a text to .jpg"),
            Sniff::Unknown
        );
        for length in 0..64 {
            sniff(&vec![0xff; length]);
            sniff(&vec![0; length]);
        }
    }
}
