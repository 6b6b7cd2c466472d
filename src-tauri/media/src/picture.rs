//! The whole way from a file's bytes to its facts and renditions.
//!
//! Runs inside the worker. One decode, one downscale to the largest rendition
//! that is wanted, and everything else from that: colours and orientation are
//! put right on the small picture, where they cost little.

use crate::container::jpeg::{self as segments, Segments};
use crate::decode::colour::Colour;
use crate::decode::orientation::Orientation;
use crate::decode::{jpeg, raster};
use crate::metadata;
use crate::rendition::thumbhash;
use crate::{Facts, Format, MediaError, Rendition, Sniff, sniff};
use pixels::Pixels;

/// What was made of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// What the picture says about itself.
    pub facts: Facts,
    /// About 25 bytes that stand for the picture until it is there; empty when
    /// no rendition was asked for.
    pub thumbhash: Vec<u8>,
    /// The renditions that were asked for, in that order.
    pub renditions: Vec<(Rendition, Vec<u8>)>,
}

/// A file whose headers have been read.
enum Source<'a> {
    Jpeg(Segments),
    Raster(raster::Opened<'a>),
}

/// Reads the facts of `bytes`, and makes the renditions in `want`.
pub(crate) fn develop(bytes: &[u8], want: &[Rendition]) -> Result<Picture, MediaError> {
    let format = picture_format(bytes)?;
    let source = match format {
        Format::Jpeg => Source::Jpeg(segments::walk(bytes)),
        _ => Source::Raster(raster::open(format, bytes)?),
    };
    let stored = match &source {
        Source::Jpeg(segments) => jpeg::size(segments)?,
        Source::Raster(opened) => opened.size,
    };
    let said = metadata::read(format, bytes);
    let orientation = said.orientation;
    let (width, height) = orientation.upright_size(stored);
    let facts = Facts {
        format,
        width,
        height,
        duration_ms: None,
        metadata: said.metadata,
        motion: said.motion,
    };
    let Some(largest) = largest_size(stored, want) else {
        return Ok(Picture {
            facts,
            thumbhash: Vec::new(),
            renditions: Vec::new(),
        });
    };
    let colour = match said.icc {
        Some(icc) => Colour::Profile(icc),
        None if said.is_adobe_rgb => Colour::AdobeRgb,
        None => Colour::Unstated,
    };
    let pixels = upright_srgb(source, largest, orientation, colour)?;
    let upright = (facts.width, facts.height);
    let mut renditions = Vec::with_capacity(want.len());
    for rendition in want {
        let sized = pixels.clone().resized(rendition.size_of(upright))?;
        renditions.push((*rendition, rendition.encode(sized)?));
    }
    let thumbnail = pixels.resized(Rendition::Thumbnail.size_of(upright))?;
    Ok(Picture {
        facts,
        thumbhash: thumbhash(thumbnail)?,
        renditions,
    })
}

/// The format of `bytes`, or why they are no picture for us.
pub(crate) fn picture_format(bytes: &[u8]) -> Result<Format, MediaError> {
    match sniff(bytes) {
        Sniff::Media(format) => Ok(format),
        Sniff::NotYet(name) => Err(MediaError::NotYet(name)),
        Sniff::Unknown => Err(MediaError::NotAPicture),
    }
}

/// The largest size that `want` needs, or `None` when nothing is wanted. A
/// thumbnail is made from what the preview is made from, never from less.
fn largest_size(stored: (u32, u32), want: &[Rendition]) -> Option<(u32, u32)> {
    want.iter()
        .map(|rendition| rendition.size_of(stored))
        .max_by_key(|(width, height)| u64::from(*width) * u64::from(*height))
}

fn upright_srgb(
    source: Source,
    size: (u32, u32),
    orientation: Orientation,
    stated: Colour,
) -> Result<Pixels, MediaError> {
    let (decoded, colour) = match source {
        Source::Jpeg(segments) => (jpeg::decode(&segments, size)?, stated),
        Source::Raster(mut opened) => {
            let own = opened.icc.take().map(Colour::Profile);
            (opened.decode()?, own.unwrap_or(stated))
        }
    };
    let small = decoded.resized(size)?;
    Ok(orientation.apply(colour.to_srgb(small)))
}
