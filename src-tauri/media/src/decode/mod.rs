//! Bytes to pixels: one module for each decoder, and what is done to pixels
//! afterwards so that they stand upright in sRGB.

mod aperture;
mod bmp;
pub(crate) mod colour;
pub(crate) mod ground;
mod heif;
pub(crate) mod jpeg;
pub(crate) mod orientation;
mod png;
mod raster;
mod raw;
mod ycbcr;

use crate::container::jpeg::{self as segments, Segments};
use crate::{Format, Kind, MediaError};
use colour::Colour;
use pixels::Pixels;

/// A file whose headers have been read, and that can be decoded.
pub(crate) struct Opened<'a> {
    /// Stored size in pixels, as the file states it; of a RAW, the sensor's.
    pub(crate) stated: (u32, u32),
    /// Size of what can be decoded; of a RAW, its largest preview's.
    pub(crate) size: (u32, u32),
    format: Format,
    source: Source<'a>,
}

enum Source<'a> {
    Jpeg(Segments),
    Raster(raster::Opened<'a>),
    Heif(heif::Opened<'a>),
    /// The previews inside a RAW file, largest first.
    Raw(Vec<raw::Preview<'a>>),
}

/// Reads the headers of a picture.
pub(crate) fn open(format: Format, bytes: &[u8]) -> Result<Opened<'_>, MediaError> {
    let (size, source) = match (format.kind(), format) {
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
    let stated = match format.kind() {
        Kind::Raw => raw::stated_size(format, bytes).unwrap_or(size),
        _ => size,
    };
    Ok(Opened {
        stated,
        size,
        format,
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

    /// Decodes, where that is cheaper no larger than needed to cover `target`,
    /// and says how the colours are meant.
    pub(crate) fn decode(self, target: (u32, u32)) -> Result<(Pixels, Colour), MediaError> {
        match self.source {
            Source::Jpeg(segments) => decode_jpeg(&segments, target),
            Source::Raster(opened) => opened.decode(),
            Source::Heif(opened) => opened.decode(self.format),
            Source::Raw(previews) => previews
                .iter()
                .map(|preview| decode_jpeg(&segments::walk(preview.bytes), target))
                .find(Result::is_ok)
                .unwrap_or(Err(MediaError::NoPreview)),
        }
    }
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
