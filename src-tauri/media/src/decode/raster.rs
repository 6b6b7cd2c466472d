//! PNG, WebP, GIF, TIFF and BMP by the `image` crate, with explicit limits.
//!
//! Transparency is laid on a light grey ([`GROUND`]), which suits a light page
//! and a dark one; of an animation the first frame is read.

use std::io::{Cursor, ErrorKind};

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use crate::container::tiff::Tiff;
use crate::sniff::RARE_TIFF;
use crate::worker::limits::{MAX_DECODED, check_size};
use crate::{Format, MediaError};
use pixels::{Ink, Pixels};

/// The grey, in all three channels, that shows through transparent pixels.
pub(crate) const GROUND: u8 = 0xf4;

/// A picture whose header has been read.
pub(crate) struct Opened<'a> {
    decoder: Box<dyn ImageDecoder + 'a>,
    format: Format,
    bytes: &'a [u8],
    /// Stored size in pixels.
    pub(crate) size: (u32, u32),
    /// The embedded colour profile; a TIFF's is among its tags instead.
    pub(crate) icc: Option<Vec<u8>>,
}

/// Reads the header of `bytes`, and refuses what would not fit into memory.
pub(crate) fn open(format: Format, bytes: &[u8]) -> Result<Opened<'_>, MediaError> {
    let kind = match format {
        Format::Png => ImageFormat::Png,
        Format::WebP => ImageFormat::WebP,
        Format::Gif => ImageFormat::Gif,
        Format::Tiff => ImageFormat::Tiff,
        Format::Bmp => ImageFormat::Bmp,
        other => return Err(MediaError::NotYet(other.name())),
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), kind);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_DECODED);
    reader.limits(limits);
    let mut decoder = reader
        .into_decoder()
        .map_err(|error| refusal(error, format, bytes, (0, 0)))?;
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
    let icc = decoder.icc_profile().ok().flatten();
    Ok(Opened {
        decoder: Box::new(decoder),
        format,
        bytes,
        size,
        icc,
    })
}

impl Opened<'_> {
    /// Decodes to eight-bit RGB at full size.
    pub(crate) fn decode(self) -> Result<Pixels, MediaError> {
        let (width, height) = self.size;
        let decoded = DynamicImage::from_decoder(self.decoder)
            .map_err(|error| refusal(error, self.format, self.bytes, self.size))?;
        let bytes = if decoded.color().has_alpha() {
            on_ground(decoded.into_rgba8().into_raw())
        } else {
            decoded.into_rgb8().into_raw()
        };
        Ok(Pixels {
            width,
            height,
            bytes,
            ink: Ink::Rgb,
        })
    }
}

/// Lays RGBA pixels on the ground, in their own memory.
fn on_ground(mut rgba: Vec<u8>) -> Vec<u8> {
    let (mut from, mut to) = (0, 0);
    while let Some(&[red, green, blue, alpha]) = rgba.get(from..from + 4) {
        let mixed = |channel: u8| {
            let sum =
                u16::from(channel) * u16::from(alpha) + u16::from(GROUND) * u16::from(255 - alpha);
            u8::try_from((sum + 127) / 255).unwrap_or(u8::MAX)
        };
        if let Some(pixel) = rgba.get_mut(to..to + 3) {
            pixel.copy_from_slice(&[mixed(red), mixed(green), mixed(blue)]);
        }
        from += 4;
        to += 3;
    }
    rgba.truncate(to);
    rgba
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
