//! HEIC, HEIF and AVIF by libheif: grids, rotations, alpha and ten bits are put
//! together by the library; what comes out stands upright.

use std::io::Cursor;

use libheif_rs::{
    ColorSpace, DecodingOptions, HeifContext, HeifError, HeifErrorCode, HeifErrorSubCode,
    ImageHandle, LibHeif, RgbChroma, SecurityLimits, StreamReader,
};

use super::aperture::{Aperture, cut};
use super::colour::Colour;
use super::ground::{on_ground, premultiplied_on_ground};
use crate::Origin;
use crate::worker::limits::{MAX_DECODED, check_size};
use crate::{Format, MediaError};
use pixels::{Ink, Pixels};

/// Tiles that a grid may have; a phone's have about fifty.
const MOST_TILES: u64 = 4_096;

/// A picture whose boxes have been read.
pub(crate) struct Opened<'a> {
    /// What the handle points into.
    _context: HeifContext<'a>,
    handle: ImageHandle,
    /// Size in pixels, upright.
    pub(crate) size: (u32, u32),
    /// What is shown of what the library decodes, when that is not all.
    shown: Option<Aperture>,
    colour: Colour,
}

/// Reads the boxes of `bytes` and finds the primary picture.
pub(crate) fn open(format: Format, bytes: &[u8]) -> Result<Opened<'_>, MediaError> {
    let refused = |error| refusal(&error, format);
    let mut context = HeifContext::new().map_err(refused)?;
    let mut limits = SecurityLimits::new();
    limits.set_max_image_size_pixels(Origin::Owner.most_pixels());
    limits.set_max_number_of_tiles(MOST_TILES);
    limits.set_max_memory_block_size(MAX_DECODED);
    limits.set_max_total_memory(2 * MAX_DECODED);
    context.set_security_limits(&limits).map_err(refused)?;
    // The worker is one of several; more threads would only crowd the cores.
    context.set_max_decoding_threads(0);
    let part = match cut(bytes) {
        Some(cut) => {
            let length = cut.whole.len() as u64;
            let reader = StreamReader::new(Cursor::new(cut.whole), length);
            context.read_reader(Box::new(reader)).map_err(refused)?;
            Some((cut.size, cut.shown))
        }
        None => {
            context.read_bytes(bytes).map_err(refused)?;
            None
        }
    };
    let handle = context.primary_image_handle().map_err(refused)?;
    let size = (handle.width(), handle.height());
    if size.0 == 0 || size.1 == 0 {
        return Err(MediaError::Damaged("it is zero pixels wide or high".into()));
    }
    let shown = match part {
        Some((whole, shown)) if whole == size => Some(shown),
        Some(_) => return Err(MediaError::Damaged("its crop is of another size".into())),
        None => None,
    };
    // Interleaved RGB, and its planes before that.
    let pixels = u64::from(size.0) * u64::from(size.1);
    check_size(size.0, size.1, pixels.saturating_mul(4))?;
    Ok(Opened {
        size: shown.map_or(size, |shown| (shown.width, shown.height)),
        shown,
        colour: colour(&handle),
        handle,
        _context: context,
    })
}

impl Opened<'_> {
    /// Decodes to eight-bit RGB at full size, upright.
    pub(crate) fn decode(self, format: Format) -> Result<(Pixels, Colour), MediaError> {
        let refused = |error| refusal(&error, format);
        let broken = || MediaError::Damaged("the decoder gave no pixels".into());
        let alpha = self.handle.has_alpha_channel();
        let chroma = if alpha {
            RgbChroma::Rgba
        } else {
            RgbChroma::Rgb
        };
        let mut options = DecodingOptions::new().ok_or_else(broken)?;
        options.set_convert_hdr_to_8bit(true);
        options.set_num_codec_threads(1);
        // The picture's own colours come out; `colour` is what turns them to sRGB.
        options.set_output_image_nclx_profile_passthrough(true);
        let image = LibHeif::new()
            .decode(&self.handle, ColorSpace::Rgb(chroma), Some(options))
            .map_err(refused)?;
        let plane = image.planes().interleaved.ok_or_else(broken)?;
        let channels = if alpha { 4 } else { 3 };
        let (whole, rows) = (plane.width as usize * channels, plane.height as usize);
        if whole == 0 || plane.stride < whole {
            return Err(broken());
        }
        let shown = self.shown.unwrap_or(Aperture {
            left: 0,
            top: 0,
            width: plane.width,
            height: plane.height,
        });
        let (left, row) = (
            shown.left as usize * channels,
            shown.width as usize * channels,
        );
        let (top, height) = (shown.top as usize, shown.height as usize);
        if left + row > whole || top + height > rows {
            return Err(broken());
        }
        let mut bytes = Vec::with_capacity(row * height);
        for line in plane.data.chunks(plane.stride).skip(top).take(height) {
            bytes.extend_from_slice(line.get(left..left + row).ok_or_else(broken)?);
        }
        if alpha && image.is_premultiplied_alpha() {
            bytes = premultiplied_on_ground(bytes);
        } else if alpha {
            bytes = on_ground(bytes);
        }
        let pixels = Pixels {
            width: shown.width,
            height: shown.height,
            bytes,
            ink: Ink::Rgb,
        };
        Ok((pixels, self.colour))
    }
}

/// An ICC profile before code points, as ISO/IEC 23008-12 has it.
fn colour(handle: &ImageHandle) -> Colour {
    if let Some(profile) = handle.color_profile_raw() {
        return Colour::Profile(profile.data);
    }
    handle
        .color_profile_nclx()
        .map_or(Colour::Unstated, |nclx| Colour::Coded {
            primaries: nclx.color_primaries() as u32,
            transfer: nclx.transfer_characteristics() as u32,
        })
}

fn refusal(error: &HeifError, format: Format) -> MediaError {
    match (error.code, error.sub_code) {
        (_, HeifErrorSubCode::EndOfData) => MediaError::Truncated,
        (HeifErrorCode::UnsupportedFileType | HeifErrorCode::UnsupportedFeature, _) => {
            MediaError::NotYet(rare(format))
        }
        _ => MediaError::Damaged(error.message.clone()),
    }
}

fn rare(format: Format) -> &'static str {
    match format {
        Format::Avif => crate::sniff::RARE_AVIF,
        _ => crate::sniff::RARE_HEIF,
    }
}
