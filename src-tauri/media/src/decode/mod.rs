//! Bytes to pixels: one module for each decoder, and what is done to pixels
//! afterwards so that they stand upright in sRGB.

mod aperture;
mod baseline;
mod bmp;
pub(crate) mod colour;
pub(crate) mod ground;
mod heif;
pub(crate) mod jpeg;
mod mosaic;
pub(crate) mod orientation;
mod png;
mod raster;
mod raw;
mod sensor;
mod ycbcr;

use crate::container::jpeg::{self as segments, Segments};
use crate::{Format, Kind, MediaError};
use colour::Colour;
use pixels::Pixels;
use raw::Preview;

/// A file whose headers have been read, and that can be decoded.
pub(crate) struct Opened<'a> {
    /// Stored size in pixels, as the file states it; of a RAW, the sensor's.
    pub(crate) stated: (u32, u32),
    /// Size of what can be decoded; of a RAW, its largest preview's, or the
    /// sensor's where no preview is good.
    pub(crate) size: (u32, u32),
    format: Format,
    bytes: &'a [u8],
    source: Source<'a>,
}

/// Stored pixels that still lie as the camera held them.
pub(crate) struct Decoded {
    pub(crate) pixels: Pixels,
    pub(crate) colour: Colour,
    /// The size they would have, had no decoder made them fewer on the way.
    pub(crate) whole: (u32, u32),
}

enum Source<'a> {
    Jpeg(Segments<'a>),
    Raster(raster::Opened<'a>),
    Heif(heif::Opened<'a>),
    /// The previews inside a RAW file, largest first.
    Raw(Vec<Preview<'a>>),
}

/// Reads the headers of a picture.
pub(crate) fn open(format: Format, bytes: &[u8]) -> Result<Opened<'_>, MediaError> {
    let (mut size, source) = match (format.kind(), format) {
        (_, Format::Jpeg) => {
            let segments = segments::walk(bytes);
            (jpeg::size(&segments)?, Source::Jpeg(segments))
        }
        (_, Format::Heif | Format::Avif) => {
            let opened = heif::open(format, bytes)?;
            (opened.size, Source::Heif(opened))
        }
        (Kind::Photo, _) => {
            let opened = raster::open(format, bytes)?;
            (opened.size, Source::Raster(opened))
        }
        (Kind::Raw, _) => {
            let previews = raw::previews(bytes);
            let largest = previews.first().map(|preview| preview.size);
            (largest.unwrap_or_default(), Source::Raw(previews))
        }
        (Kind::Video, _) => return Err(MediaError::NotYet(format.name())),
    };
    let mut stated = size;
    if let Source::Raw(previews) = &source {
        stated = raw::stated_size(format, bytes).unwrap_or(size);
        if !previews.first().is_some_and(Preview::is_good) {
            size = stated;
        }
    }
    Ok(Opened {
        stated,
        size,
        format,
        bytes,
        source,
    })
}

impl<'a> Opened<'a> {
    /// The smallest JPEG inside that is worth a look: the EXIF thumbnail, or of a
    /// RAW its smallest preview.
    pub(crate) fn smallest_preview<'b>(&self, thumbnail: Option<&'b [u8]>) -> Option<&'b [u8]>
    where
        'a: 'b,
    {
        match &self.source {
            Source::Raw(previews) => previews
                .iter()
                .rev()
                .find(|preview| preview.size.0.min(preview.size.1) >= raw::WORTH_A_LOOK)
                .map(|preview| preview.bytes),
            _ => thumbnail,
        }
    }

    /// Decodes, where that is cheaper no larger than needed to cover what `target`
    /// makes of the whole size, and says how the colours are meant.
    pub(crate) fn decode(
        self,
        target: impl Fn((u32, u32)) -> (u32, u32),
    ) -> Result<Decoded, MediaError> {
        let whole = self.size;
        let (pixels, colour) = match self.source {
            Source::Jpeg(segments) => decode_jpeg(&segments, target(whole))?,
            Source::Raster(opened) => opened.decode()?,
            Source::Heif(opened) => opened.decode(self.format)?,
            Source::Raw(previews) => {
                // A preview that need not be enlarged, or is good all the same.
                let wanted = target(whole);
                let is_enough = |preview: &&Preview| preview.is_good() || preview.covers(wanted);
                let enough = previews.iter().filter(is_enough);
                return by_preview(enough, &target)
                    .or_else(|_| sensor::develop(self.format, self.bytes, &target))
                    .or_else(|_| by_preview(previews.iter(), &target));
            }
        };
        Ok(Decoded {
            pixels,
            colour,
            whole,
        })
    }
}

/// A RAW picture by the first preview that can be decoded.
fn by_preview<'a>(
    mut previews: impl Iterator<Item = &'a Preview<'a>>,
    target: impl Fn((u32, u32)) -> (u32, u32),
) -> Result<Decoded, MediaError> {
    let decoded = |preview: &Preview| {
        let segments = segments::walk(preview.bytes);
        let (pixels, colour) = decode_jpeg(&segments, target(preview.size)).ok()?;
        Some(Decoded {
            pixels,
            colour,
            whole: preview.size,
        })
    };
    previews.find_map(decoded).ok_or(MediaError::NoPreview)
}

/// Decodes a small JPEG that was found inside another file.
pub(crate) fn decode_small(jpeg: &[u8]) -> Result<(Pixels, Colour), MediaError> {
    const COVER: (u32, u32) = (320, 240);
    decode_jpeg(&segments::walk(jpeg), COVER)
}

fn decode_jpeg(segments: &Segments, target: (u32, u32)) -> Result<(Pixels, Colour), MediaError> {
    let pixels = jpeg::decode(segments, target)?;
    Ok((pixels, Colour::Unstated))
}
