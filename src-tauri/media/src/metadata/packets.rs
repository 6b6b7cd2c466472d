//! Where each format keeps what it says about itself: EXIF, XMP, IPTC-IIM and a
//! colour profile, as the bytes they are.

use std::borrow::Cow;
use std::io::Read;

use crate::Format;
use crate::container::{bmff, heif, jpeg, png, riff};
use crate::metadata::xmp::MOST_BYTES;
use crate::metadata::{gif, iptc};

/// The packets of a file. Those that stand in its TIFF structure are left there.
#[derive(Default)]
pub(crate) struct Packets<'a> {
    /// A TIFF structure with EXIF's directories.
    pub(crate) exif: Option<Cow<'a, [u8]>>,
    /// The structures of the exposure and of GPS, where they stand apart (CR3).
    pub(crate) apart: (Option<&'a [u8]>, Option<&'a [u8]>),
    /// The XMP packet.
    pub(crate) xmp: Option<Cow<'a, [u8]>>,
    /// Extended XMP, by the 32 letters that its first packet names it by.
    pub(crate) extended_xmp: Vec<(&'a [u8], Vec<u8>)>,
    /// IPTC-IIM records.
    pub(crate) iptc: Option<Vec<u8>>,
    /// The colour profile.
    pub(crate) icc: Option<Vec<u8>>,
}

/// Compressed chunks and boxes more than this are not unpacked: each may hold a
/// thousand times its length.
const MOST_PACKED: usize = 8;

const EXIF_HEAD: &[u8] = b"Exif\0\0";
const XMP_HEAD: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const EXTENDED_HEAD: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";

/// The UUID of boxes with XMP (XMP specification, part 3).
pub(crate) const XMP_UUID: &[u8; 16] =
    b"\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac";
/// The UUID of the box in which Canon's CR3 keeps its directories.
pub(crate) const CANON_UUID: &[u8; 16] =
    b"\x85\xc0\xb6\x87\x82\x0f\x11\xe0\x81\x11\xf4\xce\x46\x2b\x6a\x48";

/// Finds the packets of a picture.
pub(crate) fn find(format: Format, bytes: &[u8]) -> Packets<'_> {
    use Format::*;
    match format {
        Jpeg => of_jpeg(bytes),
        Png => of_png(bytes),
        WebP => of_webp(bytes),
        Gif => Packets {
            xmp: gif::xmp(bytes).map(Cow::Borrowed),
            ..Packets::default()
        },
        Heif | Avif => of_heif(bytes),
        Jxl => of_jxl(bytes),
        Tiff | Dng | Cr2 | Nef | Arw | Orf | Rw2 | Pef | Srw => Packets {
            exif: Some(Cow::Borrowed(bytes)),
            ..Packets::default()
        },
        Cr3 => of_cr3(bytes),
        Raf => fuji_jpeg(bytes).map(of_jpeg).unwrap_or_default(),
        Bmp | Mp4 | Mov | WebM | Mkv | Avi | ThreeGp => Packets::default(),
    }
}

/// The JPEG in a Fujifilm RAF, at the place that its header states.
fn fuji_jpeg(bytes: &[u8]) -> Option<&[u8]> {
    let field = |at: usize| {
        let field = bytes.get(at..)?.first_chunk::<4>()?;
        usize::try_from(u32::from_be_bytes(*field)).ok()
    };
    let start = field(84)?;
    bytes.get(start..start.checked_add(field(88)?)?)
}

fn of_jpeg(bytes: &[u8]) -> Packets<'_> {
    let mut found = Packets::default();
    let (mut profile, mut photoshop, mut extended) = (Vec::new(), Vec::new(), Vec::new());
    for (marker, body) in jpeg::segments(bytes) {
        match marker {
            0xe1 => {
                if let (None, Some(tiff)) = (&found.exif, body.strip_prefix(b"Exif\0")) {
                    found.exif = tiff.get(1..).map(Cow::Borrowed);
                } else if let (None, Some(packet)) = (&found.xmp, body.strip_prefix(XMP_HEAD)) {
                    found.xmp = Some(Cow::Borrowed(packet));
                } else if let Some(piece) = body.strip_prefix(EXTENDED_HEAD) {
                    extended.push(piece);
                }
            }
            0xe2 => profile.extend(body.strip_prefix(b"ICC_PROFILE\0")),
            0xed => {
                let resources = body.strip_prefix(b"Photoshop 3.0\0");
                photoshop.extend_from_slice(resources.unwrap_or_default());
            }
            _ => {}
        }
    }
    found.icc = jpeg::join_profile(profile);
    found.iptc = iptc::in_photoshop(&photoshop).map(<[u8]>::to_vec);
    found.extended_xmp = join_extended(extended);
    found
}

/// Joins the pieces of extended XMP (XMP specification, part 3, 1.1.3.1): 32
/// letters, the length of the whole, where the piece belongs, and the piece.
fn join_extended(pieces: Vec<&[u8]>) -> Vec<(&[u8], Vec<u8>)> {
    let mut pieces: Vec<_> = pieces
        .into_iter()
        .filter_map(|piece| {
            let (name, rest) = piece.split_at_checked(32)?;
            let (length, rest) = rest.split_first_chunk::<4>()?;
            let (at, body) = rest.split_first_chunk::<4>()?;
            Some((
                name,
                u32::from_be_bytes(*at),
                u32::from_be_bytes(*length),
                body,
            ))
        })
        .collect();
    pieces.sort_by_key(|(name, at, ..)| (*name, *at));
    pieces
        .chunk_by(|one, other| one.0 == other.0)
        .filter_map(|of_one| {
            let (name, _, length, _) = of_one.first()?;
            let mut joined = Vec::new();
            for (_, at, _, body) in of_one {
                if usize::try_from(*at).ok()? != joined.len() || joined.len() > MOST_BYTES {
                    return None;
                }
                joined.extend_from_slice(body);
            }
            (usize::try_from(*length).ok()? == joined.len()).then_some((*name, joined))
        })
        .collect()
}

fn of_png(bytes: &[u8]) -> Packets<'_> {
    const XMP_CHUNK: &[u8] = b"XML:com.adobe.xmp\0";
    const RAW_CHUNK: &[u8] = b"Raw profile type ";
    let mut found = Packets::default();
    let mut profiles = 0;
    for chunk in png::chunks(bytes) {
        match &chunk.kind {
            b"eXIf" => found.exif = Some(Cow::Borrowed(chunk.body)),
            b"iTXt" => {
                if let Some(text) = chunk.body.strip_prefix(XMP_CHUNK)
                    && profiles < MOST_PACKED
                {
                    profiles += 1;
                    found.xmp = found.xmp.or_else(|| international_text(text));
                }
            }
            b"tEXt" | b"zTXt" => {
                if let Some(profile) = chunk.body.strip_prefix(RAW_CHUNK)
                    && profiles < MOST_PACKED
                {
                    profiles += 1;
                    let packed = chunk.kind == *b"zTXt";
                    let Some((name, hex)) = raw_profile(profile, packed) else {
                        continue;
                    };
                    found.take_raw_profile(name, &hex);
                }
            }
            _ => {}
        }
    }
    found
}

/// The text of an `iTXt` chunk after its keyword: whether it is compressed and
/// how, a language and a translated keyword, then the text.
fn international_text(body: &[u8]) -> Option<Cow<'_, [u8]>> {
    let (&[compressed, _], rest) = body.split_first_chunk()?;
    let text = rest.splitn(3, |byte| *byte == 0).nth(2)?;
    match compressed {
        0 => Some(Cow::Borrowed(text)),
        _ => inflate(text).map(Cow::Owned),
    }
}

/// The kind and the text of a profile that ImageMagick wrote in hexadecimals,
/// after "Raw profile type ".
fn raw_profile(body: &[u8], compressed: bool) -> Option<(&str, Vec<u8>)> {
    let end = body.iter().position(|byte| *byte == 0)?;
    let name = std::str::from_utf8(body.get(..end)?).ok()?;
    let text = body.get(end + 1..)?;
    let text = match compressed {
        true => inflate(text.get(1..)?)?,
        false => text.to_vec(),
    };
    Some((name, text))
}

impl Packets<'_> {
    fn take_raw_profile(&mut self, name: &str, text: &[u8]) {
        let Some(profile) = hexadecimals(text) else {
            return;
        };
        let exif = profile.strip_prefix(EXIF_HEAD);
        let xmp = profile.strip_prefix(XMP_HEAD);
        match (name, exif, xmp) {
            ("exif" | "APP1", Some(tiff), _) if self.exif.is_none() => {
                self.exif = Some(Cow::Owned(tiff.to_vec()));
            }
            ("APP1", None, Some(packet)) if self.xmp.is_none() => {
                self.xmp = Some(Cow::Owned(packet.to_vec()));
            }
            ("xmp", ..) if self.xmp.is_none() => self.xmp = Some(Cow::Owned(profile)),
            ("iptc" | "8bim", ..) if self.iptc.is_none() => {
                self.iptc = match iptc::in_photoshop(&profile) {
                    Some(records) => Some(records.to_vec()),
                    None => profile.starts_with(b"\x1c").then_some(profile),
                };
            }
            _ => {}
        }
    }
}

/// The bytes of a raw profile: a line with its name, one with its length, and
/// lines of hexadecimals.
fn hexadecimals(text: &[u8]) -> Option<Vec<u8>> {
    let mut lines = text.trim_ascii_start().splitn(3, |byte| *byte == b'\n');
    let digits: Option<Vec<u8>> = lines
        .nth(2)?
        .iter()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| {
            let digit = char::from(*byte).to_digit(16)?;
            u8::try_from(digit).ok()
        })
        .collect();
    let (pairs, _) = digits.as_deref()?.as_chunks::<2>();
    Some(pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

fn inflate(zlib: &[u8]) -> Option<Vec<u8>> {
    miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(zlib, MOST_BYTES).ok()
}

fn of_webp(bytes: &[u8]) -> Packets<'_> {
    let mut found = Packets::default();
    for chunk in riff::chunks(bytes) {
        match &chunk.kind {
            // Some write the head of a JPEG's segment too.
            b"EXIF" => {
                let tiff = chunk.body.strip_prefix(EXIF_HEAD).unwrap_or(chunk.body);
                found.exif = Some(Cow::Borrowed(tiff));
            }
            b"XMP " => found.xmp = Some(Cow::Borrowed(chunk.body)),
            b"ICCP" => found.icc = Some(chunk.body.to_vec()),
            _ => {}
        }
    }
    found
}

fn of_heif(bytes: &[u8]) -> Packets<'_> {
    let items = heif::items(bytes);
    let joined = |item: &heif::Item| {
        let lengths = item.extents.iter().map(|extent| extent.length);
        let length = lengths.fold(0, u64::saturating_add);
        usize::try_from(length)
            .is_ok_and(|length| length <= MOST_BYTES)
            .then(|| item.bytes(bytes))?
    };
    let exif = items.iter().find(|item| item.kind == *b"Exif");
    let xmp = items.iter().find(|item| item.is_xmp());
    Packets {
        exif: exif.and_then(joined).and_then(counted_tiff).map(Cow::Owned),
        xmp: xmp.and_then(joined).map(Cow::Owned),
        ..Packets::default()
    }
}

/// The TIFF structure after a number that says how many bytes to skip to it
/// (ISO/IEC 23008-12, annex A.2.1).
fn counted_tiff(mut item: Vec<u8>) -> Option<Vec<u8>> {
    let skip = usize::try_from(u32::from_be_bytes(*item.first_chunk()?)).ok()?;
    let start = skip.checked_add(4).filter(|start| *start < item.len())?;
    item.drain(..start);
    Some(item)
}

fn of_jxl(bytes: &[u8]) -> Packets<'_> {
    let mut found = Packets::default();
    let mut unpacked = 0;
    for atom in bmff::atoms(bytes, 0) {
        let (kind, body) = match atom.kind {
            // A box compressed by Brotli: the kind it has, then its body.
            [b'b', b'r', b'o', b'b'] => match atom.body.split_first_chunk::<4>() {
                Some((kind @ (b"Exif" | b"xml "), packed)) if unpacked < MOST_PACKED => {
                    unpacked += 1;
                    (*kind, unbrotli(packed))
                }
                _ => continue,
            },
            kind => (kind, Some(Cow::Borrowed(atom.body))),
        };
        match &kind {
            b"Exif" => {
                let whole = body.map(Cow::into_owned);
                found.exif = whole.and_then(counted_tiff).map(Cow::Owned);
            }
            b"xml " => found.xmp = body,
            _ => {}
        }
    }
    found
}

fn unbrotli(packed: &[u8]) -> Option<Cow<'static, [u8]>> {
    let mut whole = Vec::new();
    let most = u64::try_from(MOST_BYTES).ok()?;
    brotli_decompressor::Decompressor::new(packed, 4096)
        .take(most)
        .read_to_end(&mut whole)
        .ok()?;
    Some(Cow::Owned(whole))
}

fn of_cr3(bytes: &[u8]) -> Packets<'_> {
    let mut found = Packets::default();
    for atom in bmff::atoms(bytes, 0) {
        match &atom.kind {
            b"uuid" => {
                if let Some(packet) = atom.body.strip_prefix(XMP_UUID) {
                    found.xmp = Some(Cow::Borrowed(packet));
                }
            }
            b"moov" => {
                let canon = atom
                    .children()
                    .filter(|child| child.kind == *b"uuid" && child.body.starts_with(CANON_UUID));
                for directory in canon.flat_map(|canon| canon.children_after(16)) {
                    match &directory.kind {
                        b"CMT1" => found.exif = Some(Cow::Borrowed(directory.body)),
                        b"CMT2" => found.apart.0 = Some(directory.body),
                        b"CMT4" => found.apart.1 = Some(directory.body),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    found
}
