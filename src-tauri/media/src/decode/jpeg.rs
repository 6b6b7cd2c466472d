//! JPEG by libjpeg-turbo, decoded no larger than it will be shown.

use turbojpeg::{Colorspace, Compressor, Decompressor, Image, PixelFormat, ScalingFactor, Subsamp};

use crate::MediaError;
use crate::container::jpeg::Segments;
use crate::sniff::DEEP_JPEG;
use crate::worker::limits::check_size;
use pixels::{Ink, Pixels};

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

/// Decodes at the smallest of [`SCALES`] that is still at least `target` in
/// width and height.
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
        .read_header(&segments.bare)
        .map_err(|error| match segments.ended {
            true => refusal(&error),
            false => MediaError::Truncated,
        })?;
    let covers = |scale: &ScalingFactor| {
        scale.scale(width as usize) >= target.0 as usize
            && scale.scale(height as usize) >= target.1 as usize
    };
    let scale = SCALES
        .into_iter()
        .find(|scale| !header.is_lossless && covers(scale))
        .unwrap_or(ScalingFactor::ONE);
    let scaled = header.scaled(scale);
    let inks = matches!(header.colorspace, Colorspace::CMYK | Colorspace::YCCK);
    let format = if inks {
        PixelFormat::CMYK
    } else {
        PixelFormat::RGB
    };
    let pitch = scaled.width * format.size();
    let length = pitch as u64 * scaled.height as u64;
    check_size(width, height, length)?;
    decoder
        .set_scaling_factor(scale)
        .map_err(|error| refusal(&error))?;
    let mut bytes = vec![0; pitch * scaled.height];
    let image = Image {
        pixels: bytes.as_mut_slice(),
        width: scaled.width,
        pitch,
        height: scaled.height,
        format,
    };
    if let Err(error) = decoder.decompress(&segments.bare, image) {
        judge(&error, segments)?;
    }
    if inks && segments.adobe {
        bytes.iter_mut().for_each(|ink| *ink = 255 - *ink);
    }
    Ok(Pixels {
        width: u32::try_from(scaled.width).unwrap_or(width),
        height: u32::try_from(scaled.height).unwrap_or(height),
        bytes,
        ink: if inks { Ink::Cmyk } else { Ink::Rgb },
    })
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
    let image = Image {
        pixels: pixels.bytes.as_slice(),
        width: pixels.width as usize,
        pitch: pixels.width as usize * pixels.channels(),
        height: pixels.height as usize,
        format: PixelFormat::RGB,
    };
    let colours = if quality > ALL_COLOURS_ABOVE {
        Subsamp::None
    } else {
        Subsamp::Sub2x2
    };
    let mut encoder = Compressor::new().map_err(|error| refusal(&error))?;
    encoder
        .set_quality(i32::from(quality))
        .and_then(|()| encoder.set_subsamp(colours))
        .and_then(|()| encoder.compress_to_vec(image))
        .map_err(|error| refusal(&error))
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
