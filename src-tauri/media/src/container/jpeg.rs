//! A JPEG as a row of marker segments (ITU T.81, annex B).
//!
//! Read by hand, because libjpeg refuses a file for faults in segments that do
//! not matter to its pixels, and does not say whether the end is missing.

/// What a decoder needs of a JPEG's segments.
pub(crate) struct Segments<'a> {
    /// The frame header, when there is one.
    pub(crate) frame: Option<Frame>,
    /// Whether Adobe's segment is there: its inks are stored inverted.
    pub(crate) adobe: bool,
    /// Whether the picture comes in several scans, so that its coefficients are
    /// all held in memory at once.
    pub(crate) several_scans: bool,
    /// Whether the end of the picture is in the file.
    pub(crate) ended: bool,
    /// What a decoder needs of all to the header of the first scan: tables, the frame
    /// header, and what says how its colours are meant.
    pub(crate) head: Vec<u8>,
    /// What follows, to the end marker: one scan, or all with what is between them.
    pub(crate) scan: &'a [u8],
}

/// A JPEG's frame header.
#[derive(Clone, Copy)]
pub(crate) struct Frame {
    /// Bits per sample.
    pub(crate) precision: u8,
    /// Stored width in pixels.
    pub(crate) width: u16,
    /// Stored height in pixels.
    pub(crate) height: u16,
    /// Samples of all components, per 16 pixels; 48 without subsampling.
    pub(crate) samples_per_16_pixels: u32,
    components: u8,
    progressive: bool,
    lossless: bool,
}

const START: [u8; 2] = [0xff, 0xd8];
const END: [u8; 2] = [0xff, 0xd9];

/// The plainest JFIF segment: version 1.02, square pixels. It only says that
/// three components are YCbCr.
const JFIF: [u8; 18] = *b"\xff\xe0\0\x10JFIF\0\x01\x02\0\0\x01\0\x01\0\0";

/// Adobe's segment (TN 5116): the last byte is how colours were transformed,
/// which libjpeg refuses to read when it does not fit the number of components.
fn adobe(transform: u8, components: u8) -> [u8; 16] {
    let fitting = match (components, transform) {
        (_, 0) => 0,
        (4, _) => 2,
        _ => 1,
    };
    let mut segment = *b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0";
    if let Some(last) = segment.last_mut() {
        *last = fitting;
    }
    segment
}

/// Walks over the markers of `bytes`; what is not understood is left out.
pub(crate) fn walk(bytes: &[u8]) -> Segments<'_> {
    let mut found = Segments {
        frame: None,
        adobe: false,
        several_scans: false,
        ended: bytes.ends_with(&END),
        head: START.to_vec(),
        scan: &[],
    };
    let (mut jfif, mut transform) = (false, None);
    let mut at = 2;
    while let Some((marker, body, next)) = segment_after(bytes, at) {
        let from = next - body.len() - 4;
        let mut needed = false;
        match marker {
            0xee if body.starts_with(b"Adobe") => {
                transform = body.get(11).copied();
                found.adobe = true;
            }
            0xe0 => jfif |= body.starts_with(b"JFIF\0"),
            0xc4 | 0xcc | 0xdb | 0xdd => needed = true,
            0xc0..=0xcf => {
                needed = true;
                found.frame = Frame::read(marker, body);
            }
            0xda => {
                needed = true;
                let end = end_of_scans(bytes, next);
                found.ended |= end.is_some();
                found.several_scans = found.frame.is_some_and(|frame| {
                    frame.progressive || body.first().is_some_and(|n| *n < frame.components)
                });
                if jfif {
                    found.head.extend_from_slice(&JFIF);
                }
                if let (Some(transform), Some(frame)) = (transform, found.frame) {
                    let adobe = adobe(transform, frame.components);
                    found.head.extend_from_slice(&adobe);
                }
                let scan = bytes.get(next..end.unwrap_or(bytes.len()));
                found.scan = scan.unwrap_or_default();
            }
            _ => {}
        }
        if needed {
            let segment = bytes.get(from..next).unwrap_or_default();
            found.head.extend_from_slice(segment);
        }
        if marker == 0xda {
            break;
        }
        at = next;
    }
    found
}

/// The frame header of a stream, without looking at its pixels.
pub(crate) fn frame(bytes: &[u8]) -> Option<Frame> {
    segments(bytes)
        .find(|(marker, _)| matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc))
        .and_then(|(marker, body)| Frame::read(marker, body))
}

/// The segments before the first scan, where metadata stands: each one's marker
/// and body.
pub(crate) fn segments(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    all_segments(bytes).take_while(|(marker, _)| *marker != 0xda)
}

fn all_segments(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut at = 2;
    std::iter::from_fn(move || {
        let (marker, body, next) = segment_after(bytes, at)?;
        at = next;
        Some((marker, body))
    })
}

/// The header of the first scan.
pub(crate) fn scan_header(bytes: &[u8]) -> Option<&[u8]> {
    let mut all = all_segments(bytes);
    all.find_map(|(marker, body)| (marker == 0xda).then_some(body))
}

impl Segments<'_> {
    /// A stream with nothing but what a decoder needs, and an end.
    pub(crate) fn bare(&self) -> Vec<u8> {
        [&self.head, self.scan, &END].concat()
    }
}

impl Frame {
    /// Whether it is a picture to look at: eight bits, and not the lossless kind
    /// that RAW files keep a sensor's readings in.
    pub(crate) fn is_shown(&self) -> bool {
        self.precision == 8 && !self.lossless && matches!(self.components, 1 | 3)
    }

    fn read(marker: u8, body: &[u8]) -> Option<Frame> {
        let (&[precision, h1, h0, w1, w0, components], rest) = body.split_first_chunk()?;
        let factors: Vec<(u32, u32)> = rest
            .chunks_exact(3)
            .take(usize::from(components))
            .filter_map(|component| component.get(1))
            .map(|factor| (u32::from(factor >> 4), u32::from(factor & 15)))
            .collect();
        let widest = factors.iter().map(|f| f.0).max()?.max(1);
        let tallest = factors.iter().map(|f| f.1).max()?.max(1);
        let samples = factors.iter().map(|f| f.0 * f.1).sum::<u32>();
        Some(Frame {
            precision,
            width: u16::from_be_bytes([w1, w0]),
            height: u16::from_be_bytes([h1, h0]),
            samples_per_16_pixels: (samples * 16).div_ceil(widest * tallest),
            components,
            progressive: matches!(marker, 0xc2 | 0xc6 | 0xca | 0xce),
            lossless: matches!(marker, 0xc3 | 0xc7 | 0xcb | 0xcf),
        })
    }
}

/// The next segment with a body from `at` on: its marker, its body, and where
/// it ends. Bytes between segments are skipped, as every reader does.
fn segment_after(bytes: &[u8], mut at: usize) -> Option<(u8, &[u8], usize)> {
    loop {
        let &[first, marker] = bytes.get(at..at.checked_add(2)?)? else {
            return None;
        };
        match (first, marker) {
            (0xff, 0xd9) => return None,
            (0xff, 0x00 | 0x01 | 0xd0..=0xd8 | 0xff) => at += 1,
            (0xff, _) => {
                let length: [u8; 2] = bytes.get(at + 2..at + 4)?.try_into().ok()?;
                let end = at + 2 + usize::from(u16::from_be_bytes(length)).max(2);
                return Some((marker, bytes.get(at + 4..end)?, end));
            }
            _ => at += 1,
        }
    }
}

/// Where the scans that begin at `at` meet the end marker, or `None` when the
/// file stops before. Segments between scans are stepped over, for their bodies
/// may hold anything; unknown markers are taken for damage and walked through.
fn end_of_scans(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let rest = bytes.get(at..)?;
        at += memchr::memchr(0xff, rest)?;
        at += match *bytes.get(at + 1)? {
            0xd9 => return Some(at),
            0xff => 1,
            0xc4 | 0xcc | 0xda..=0xdd | 0xe0..=0xef | 0xfe => {
                let length: [u8; 2] = bytes.get(at + 2..at + 4)?.try_into().ok()?;
                2 + usize::from(u16::from_be_bytes(length))
            }
            _ => 2,
        };
    }
}

/// Joins the chunks of a profile (ICC.1, annex B.4): one byte for the number of
/// the chunk, one for how many there are, then the bytes.
pub(crate) fn join_profile(mut chunks: Vec<&[u8]>) -> Option<Vec<u8>> {
    chunks.sort_by_key(|chunk| chunk.first().copied());
    let of = usize::from(*chunks.first()?.get(1)?);
    if of != chunks.len() {
        return None;
    }
    let bodies: Option<Vec<&[u8]>> = chunks.iter().map(|chunk| chunk.get(2..)).collect();
    Some(bodies?.concat())
}
