//! PNG, WebP, GIF, TIFF and BMP by the `image` crate, and JPEG XL by jxl-oxide
//! through the same door, with explicit limits. Of an animation the first frame
//! is read.

use std::borrow::Cow;
use std::io::{Cursor, ErrorKind};

use jxl_oxide::JxlThreadPool;
use jxl_oxide::integration::JxlDecoder;

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use super::colour::Colour;
use super::ground::{on_ground, premultiplied_on_ground};
use super::{bmp, png, ycbcr};
use crate::container::tiff::Tiff;
use crate::sniff::RARE_TIFF;
use crate::worker::limits::{MAX_DECODED, check_size};
use crate::{Format, MediaError};
use pixels::{Ink, Pixels};

/// A picture whose header has been read.
pub(crate) struct Opened<'a> {
    decoder: Box<dyn ImageDecoder + 'a>,
    format: Format,
    bytes: &'a [u8],
    /// Stored size in pixels.
    pub(crate) size: (u32, u32),
    /// Where its colours are defined.
    colour: Colour,
}

/// Reads the header of `bytes`, and refuses what would not fit into memory.
pub(crate) fn open(format: Format, bytes: &[u8]) -> Result<Opened<'_>, MediaError> {
    if format == Format::Jxl {
        let decoder = JxlDecoder::with_thread_pool(bytes, JxlThreadPool::none())
            .map_err(|error| refusal(error, format, bytes, (0, 0)))?;
        return opened(decoder, format, bytes);
    }
    if format == Format::Tiff
        && let Some(decoder) = ycbcr::open(bytes)
    {
        return opened(decoder, format, bytes);
    }
    let kind = match format {
        Format::Png => ImageFormat::Png,
        Format::WebP => ImageFormat::WebP,
        Format::Gif => ImageFormat::Gif,
        Format::Tiff => ImageFormat::Tiff,
        Format::Bmp => ImageFormat::Bmp,
        other => return Err(MediaError::NotYet(other.name())),
    };
    let readable = match format {
        Format::Bmp => bmp::for_windows(bytes)?,
        _ => Cow::Borrowed(bytes),
    };
    let mut reader = ImageReader::with_format(Cursor::new(readable), kind);
    reader.limits(limits());
    let decoder = reader
        .into_decoder()
        .map_err(|error| refusal(error, format, bytes, (0, 0)))?;
    opened(decoder, format, bytes)
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_DECODED);
    limits
}

fn opened<'a>(
    mut decoder: impl ImageDecoder + 'a,
    format: Format,
    bytes: &'a [u8],
) -> Result<Opened<'a>, MediaError> {
    let size = decoder.dimensions();
    if size.0 == 0 || size.1 == 0 {
        return Err(MediaError::Damaged("it is zero pixels wide or high".into()));
    }
    let (pixels, colours) = (u64::from(size.0) * u64::from(size.1), decoder.color_type());
    // What is not eight-bit RGB is converted, and both are held meanwhile.
    let converted = match (colours.has_alpha(), colours) {
        (true, _) => pixels * 4,
        (false, image::ColorType::Rgb8) => 0,
        (false, _) => pixels * 3,
    };
    check_size(
        size.0,
        size.1,
        decoder.total_bytes().saturating_add(converted),
    )?;
    decoder
        .set_limits(limits())
        .map_err(|error| refusal(error, format, bytes, size))?;
    let icc = decoder.icc_profile().ok().flatten();
    let colour = match format {
        Format::Png => png::colour(bytes, icc),
        _ => Colour::of_profile(icc),
    };
    Ok(Opened {
        decoder: Box::new(decoder),
        format,
        bytes,
        size,
        colour,
    })
}

impl Opened<'_> {
    /// Decodes to eight-bit RGB at full size.
    pub(crate) fn decode(self) -> Result<(Pixels, Colour), MediaError> {
        let (width, height) = self.size;
        let decoded = DynamicImage::from_decoder(self.decoder)
            .map_err(|error| refusal(error, self.format, self.bytes, self.size))?;
        let bytes = if decoded.color().has_alpha() {
            let rgba = decoded.into_rgba8().into_raw();
            if self.format == Format::Tiff && is_multiplied(self.bytes) {
                premultiplied_on_ground(rgba)
            } else {
                on_ground(rgba)
            }
        } else {
            decoded.into_rgb8().into_raw()
        };
        let pixels = Pixels {
            width,
            height,
            bytes,
            ink: Ink::Rgb,
        };
        Ok((pixels, self.colour))
    }
}

/// Whether a TIFF's colours are multiplied by their alpha already: associated
/// alpha (TIFF 6.0, section 18, tag 338).
fn is_multiplied(bytes: &[u8]) -> bool {
    const EXTRA_SAMPLES: u16 = 338;
    const ASSOCIATED: usize = 1;
    Tiff::new(bytes).is_some_and(|tiff| {
        let (entries, _) = tiff.entries();
        entries
            .iter()
            .filter(|entry| entry.tag == EXTRA_SAMPLES)
            .any(|entry| tiff.numbers(*entry).first() == Some(&ASSOCIATED))
    })
}

fn refusal(error: ImageError, format: Format, bytes: &[u8], size: (u32, u32)) -> MediaError {
    match error {
        ImageError::Limits(_) => MediaError::TooLarge {
            width: size.0,
            height: size.1,
        },
        ImageError::Unsupported(_) if format == Format::Tiff => MediaError::NotYet(RARE_TIFF),
        error if ends_early(&error) || lacks_end(format, bytes) => MediaError::Truncated,
        error => MediaError::Damaged(error.to_string()),
    }
}

/// Whether a reader wanted more bytes than there are.
fn ends_early(error: &ImageError) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<std::io::Error>()
            && error.kind() == ErrorKind::UnexpectedEof
        {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Whether the mark that closes a whole file of this format is missing.
fn lacks_end(format: Format, bytes: &[u8]) -> bool {
    match format {
        Format::Png => !bytes.windows(4).rev().any(|window| window == b"IEND"),
        Format::Gif => !bytes.ends_with(b"\x3b"),
        Format::WebP => bytes
            .get(4..8)
            .and_then(|length| length.try_into().ok())
            .is_some_and(|length| u64::from(u32::from_le_bytes(length)) + 8 > bytes.len() as u64),
        Format::Tiff => Tiff::new(bytes).is_some_and(Tiff::ends_early),
        _ => false,
    }
}
