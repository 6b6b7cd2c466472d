//! JPEG by libjpeg-turbo, decoded no larger than it will be shown; what cameras
//! write and is shown at half its size or less, by [`baseline`].

use std::borrow::Cow;

use turbojpeg::{
    Colorspace, Compressor, DecompressHeader, Decompressor, Image, PixelFormat, ScalingFactor,
    Subsamp, YuvImage,
};

use super::baseline;
use crate::MediaError;
use crate::container::jpeg::Segments;
use crate::sniff::DEEP_JPEG;
use crate::worker::limits::check_size;
use pixels::{Ink, Pixels, plane_sizes};

/// The most scans a progressive JPEG may have; real ones have about ten, and a
/// few hundred thousand in one file would keep a processor busy for hours.
const MOST_SCANS: u32 = 100;

/// Inverse transforms that exist as SIMD code, smallest picture first.
const SCALES: [ScalingFactor; 4] = [
    ScalingFactor::ONE_EIGHTH,
    ScalingFactor::ONE_QUARTER,
    ScalingFactor::ONE_HALF,
    ScalingFactor::ONE,
];

/// The stored size, by the frame header.
pub(crate) fn size(segments: &Segments) -> Result<(u32, u32), MediaError> {
    let frame = segments
        .frame
        .ok_or_else(|| missing_part(segments, "it has no frame header"))?;
    if frame.precision != 8 {
        return Err(MediaError::NotYet(DEEP_JPEG));
    }
    let (width, height) = (u32::from(frame.width), u32::from(frame.height));
    if width == 0 || height == 0 {
        return Err(MediaError::Damaged("it is zero pixels wide or high".into()));
    }
    check_size(width, height, 0)?;
    Ok((width, height))
}

/// Decodes at the smallest scale that is still at least `target` in width and
/// height: of the eighths up to a half, or of [`SCALES`].
pub(crate) fn decode(segments: &Segments, target: (u32, u32)) -> Result<Pixels, MediaError> {
    let (width, height) = size(segments)?;
    if segments.several_scans {
        // All coefficients of all scans are held at once, two bytes each.
        let samples = segments
            .frame
            .map_or(0, |frame| frame.samples_per_16_pixels);
        let coefficients = u64::from(width) * u64::from(height) * u64::from(samples) / 8;
        check_size(width, height, coefficients)?;
    }
    let mut decoder = Decompressor::new().map_err(|error| refusal(&error))?;
    decoder
        .set_scan_limit(MOST_SCANS)
        .map_err(|error| refusal(&error))?;
    let header = decoder
        .read_header(&segments.head)
        .map_err(|error| match segments.ended {
            true => refusal(&error),
            false => MediaError::Truncated,
        })?;
    if let Some(pixels) = by_baseline(segments, &header, target) {
        return Ok(pixels);
    }
    by_libjpeg(segments, &mut decoder, &header, target)
}

/// Decodes at the smallest number of eighths that covers `target`, where the
/// stream is plain and whole and a half is enough.
fn by_baseline(
    segments: &Segments,
    header: &DecompressHeader,
    target: (u32, u32),
) -> Option<Pixels> {
    let block = block_of(header).filter(|_| segments.ended)?;
    let whole = size(segments).ok()?;
    let covers = |eighths: &u32| {
        let (width, height) = baseline::scaled(whole, *eighths);
        width >= target.0 && height >= target.1
    };
    let eighths = (1..=baseline::MOST_EIGHTHS).find(covers)?;
    let (width, height) = baseline::scaled(whole, eighths);
    // Three planes, and the bits of the scan.
    let memory = width as usize * height as usize * 3 + segments.scan.len() * 3;
    check_memory(segments, memory).ok()?;
    let bytes = baseline::decode(&segments.head, segments.scan, eighths, block)?;
    Some(Pixels {
        width,
        height,
        bytes,
        ink: Ink::Ycbcr { block },
    })
}

/// Decodes at the smallest of [`SCALES`] that covers `target`.
fn by_libjpeg(
    segments: &Segments,
    decoder: &mut Decompressor,
    header: &DecompressHeader,
    target: (u32, u32),
) -> Result<Pixels, MediaError> {
    let (width, height) = (header.width, header.height);
    let covers = |scale: &ScalingFactor| {
        scale.scale(width) >= target.0 as usize && scale.scale(height) >= target.1 as usize
    };
    let scale = SCALES
        .into_iter()
        .find(|scale| !header.is_lossless && covers(scale))
        .unwrap_or(ScalingFactor::ONE);
    decoder
        .set_scaling_factor(scale)
        .map_err(|error| refusal(&error))?;
    let scaled = header.scaled(scale);
    // A JPEG's sides have 16 bits.
    let size = (scaled.width as u32, scaled.height as u32);
    let (bytes, ink) = match block_of(header) {
        Some(block) => {
            let bytes = decode_planes(decoder, segments, &scaled)?;
            let padded = padded_sizes(size, block);
            let bytes = reframed(bytes, padded, plane_sizes(size, block));
            (bytes, Ink::Ycbcr { block })
        }
        None => decode_interleaved(decoder, segments, &scaled)?,
    };
    Ok(Pixels {
        width: size.0,
        height: size.1,
        bytes,
        ink,
    })
}

/// One picture by both decoders at an eighth, where the first decodes it at all.
#[cfg(fuzzing)]
pub(crate) fn by_both(segments: &Segments) -> Option<(Pixels, Result<Pixels, MediaError>)> {
    let mut decoder = Decompressor::new().ok()?;
    let header = decoder.read_header(&segments.head).ok()?;
    let whole = size(segments).ok()?;
    let eighth = baseline::scaled(whole, 1);
    let ours = by_baseline(segments, &header, eighth)?;
    let theirs = by_libjpeg(segments, &mut decoder, &header, eighth);
    Some((ours, theirs))
}

fn decode_planes(
    decoder: &mut Decompressor,
    segments: &Segments,
    scaled: &DecompressHeader,
) -> Result<Vec<u8>, MediaError> {
    let (width, height, subsamp) = (scaled.width, scaled.height, scaled.subsamp);
    let length = turbojpeg::yuv_pixels_len(width, ALIGNMENT, height, subsamp)
        .map_err(|error| refusal(&error))?;
    check_memory(segments, length)?;
    let mut bytes = vec![0; length];
    let image = YuvImage {
        pixels: bytes.as_mut_slice(),
        width,
        align: ALIGNMENT,
        height,
        subsamp,
    };
    if let Err(error) = decoder.decompress_to_yuv(&segments.bare(), image) {
        judge(&error, segments)?;
    }
    Ok(bytes)
}

fn decode_interleaved(
    decoder: &mut Decompressor,
    segments: &Segments,
    scaled: &DecompressHeader,
) -> Result<(Vec<u8>, Ink), MediaError> {
    let (format, ink) = match scaled.colorspace {
        Colorspace::CMYK | Colorspace::YCCK => (PixelFormat::CMYK, Ink::Cmyk),
        _ => (PixelFormat::RGB, Ink::Rgb),
    };
    let pitch = scaled.width * format.size();
    check_memory(segments, pitch * scaled.height)?;
    let mut bytes = vec![0; pitch * scaled.height];
    let image = Image {
        pixels: bytes.as_mut_slice(),
        width: scaled.width,
        pitch,
        height: scaled.height,
        format,
    };
    if let Err(error) = decoder.decompress(&segments.bare(), image) {
        judge(&error, segments)?;
    }
    if ink == Ink::Cmyk && segments.adobe {
        bytes.iter_mut().for_each(|ink| *ink = 255 - *ink);
    }
    Ok((bytes, ink))
}

/// Refuses what would not fit into a worker.
fn check_memory(segments: &Segments, length: usize) -> Result<(), MediaError> {
    let (width, height) = size(segments)?;
    check_size(width, height, length as u64)
}

/// Rows of planes follow each other without a gap.
const ALIGNMENT: usize = 1;

/// How colours are shared among pixels, across and down, and what it is called.
pub(super) const SHARED: [((u32, u32), Subsamp); 4] = [
    ((1, 1), Subsamp::None),
    ((2, 1), Subsamp::Sub2x1),
    ((2, 2), Subsamp::Sub2x2),
    ((1, 2), Subsamp::Sub1x2),
];

/// The pixels that share a colour, if the picture can be decoded to planes.
fn block_of(header: &DecompressHeader) -> Option<(u32, u32)> {
    let planes = header.colorspace == Colorspace::YCbCr && !header.is_lossless;
    let mut known = SHARED.iter().filter(|_| planes);
    let (block, _) = known.find(|(_, subsamp)| *subsamp == header.subsamp)?;
    Some(*block)
}

/// Planes as libjpeg-turbo has them: whole blocks, also at the edges.
fn padded_sizes((width, height): (u32, u32), block: (u32, u32)) -> [(u32, u32); 3] {
    let whole = (
        width.next_multiple_of(block.0),
        height.next_multiple_of(block.1),
    );
    plane_sizes(whole, block)
}

/// Planes of other sizes: what is too much at the right and below is cut, and
/// what is missing repeats the edge.
fn reframed(bytes: Vec<u8>, from: [(u32, u32); 3], to: [(u32, u32); 3]) -> Vec<u8> {
    if from == to {
        return bytes;
    }
    let mut framed = Vec::with_capacity(bytes.len());
    let mut rest = bytes.as_slice();
    for (from, to) in from.into_iter().zip(to) {
        let (width, wanted) = (from.0 as usize, to.0 as usize);
        let (plane, after) = rest.split_at(width * from.1 as usize);
        let rows = plane.chunks_exact(width);
        let last = rows.clone().next_back();
        let rows = rows.chain(std::iter::repeat_n(last.unwrap_or_default(), 1));
        for row in rows.take(to.1 as usize) {
            let edge = row.last().copied().unwrap_or_default();
            let length = framed.len() + wanted;
            framed.extend(row.iter().take(wanted));
            framed.resize(length, edge);
        }
        rest = after;
    }
    framed
}

/// Above this quality every pixel keeps its colour (4:4:4).
const ALL_COLOURS_ABOVE: u8 = 90;

/// Encodes baseline at a quality of 1 to 100, without any metadata; 4:2:0 up to
/// a quality of 90.
///
/// Not progressive, which would cost three times the encoding and make a preview
/// a tenth smaller; and with the standard's own Huffman tables, for fitted ones
/// cost as much as all the rest and make it less than a hundredth smaller.
pub(crate) fn encode(pixels: &Pixels, quality: u8) -> Result<Vec<u8>, MediaError> {
    let mut encoder = Compressor::new().map_err(|error| refusal(&error))?;
    encoder
        .set_quality(i32::from(quality))
        .map_err(|error| refusal(&error))?;
    let all_colours = quality > ALL_COLOURS_ABOVE;
    let encoded = match pixels.ink {
        Ink::Ycbcr { block } if !all_colours || block == (1, 1) => {
            encode_planes(&mut encoder, pixels, block)
        }
        _ => {
            let rgb = pixels.rgb_at((pixels.width, pixels.height))?;
            let image = Image {
                pixels: rgb.bytes.as_slice(),
                width: rgb.width as usize,
                pitch: rgb.width as usize * 3,
                height: rgb.height as usize,
                format: PixelFormat::RGB,
            };
            let colours = match all_colours {
                true => Subsamp::None,
                false => Subsamp::Sub2x2,
            };
            encoder
                .set_subsamp(colours)
                .and_then(|()| encoder.compress_to_vec(image))
        }
    };
    encoded.map_err(|error| refusal(&error))
}

fn encode_planes(
    encoder: &mut Compressor,
    pixels: &Pixels,
    block: (u32, u32),
) -> turbojpeg::Result<Vec<u8>> {
    let size = (pixels.width, pixels.height);
    let (own, padded) = (plane_sizes(size, block), padded_sizes(size, block));
    let whole = match own == padded {
        true => Cow::Borrowed(&pixels.bytes),
        false => Cow::Owned(reframed(pixels.bytes.clone(), own, padded)),
    };
    let known = SHARED.iter().find(|(shared, _)| *shared == block);
    encoder.compress_yuv_to_vec(YuvImage {
        pixels: whole.as_slice(),
        width: pixels.width as usize,
        align: ALIGNMENT,
        height: pixels.height as usize,
        subsamp: known.map_or(Subsamp::Unknown, |(_, subsamp)| *subsamp),
    })
}

/// libjpeg reports warnings like errors, but has decoded all the same. Old and
/// odd cameras earn warnings, so they are no fault as long as the file has its
/// end; without it, a warning means that the pixels ran out.
fn judge(error: &turbojpeg::Error, segments: &Segments) -> Result<(), MediaError> {
    let text = error.to_string();
    let text = text.trim_start_matches("TurboJPEG error: ");
    let warning = [
        "Corrupt JPEG data",
        "Premature end",
        "Inconsistent progression",
    ]
    .iter()
    .chain(&[
        "Warning",
        "Unknown Adobe",
        "Invalid SOS parameters for sequential",
    ])
    .any(|beginning| text.starts_with(beginning));
    match (warning, segments.ended) {
        (_, false) => Err(MediaError::Truncated),
        (true, true) => Ok(()),
        (false, true) => Err(refusal(error)),
    }
}

fn refusal(error: &turbojpeg::Error) -> MediaError {
    let text = error.to_string();
    let reason = text.trim_start_matches("TurboJPEG error: ");
    let reason = reason.split_once("(): ").map_or(reason, |(_, rest)| rest);
    MediaError::Damaged(reason.to_owned())
}

fn missing_part(segments: &Segments, reason: &str) -> MediaError {
    match segments.ended {
        true => MediaError::Damaged(reason.to_owned()),
        false => MediaError::Truncated,
    }
}
