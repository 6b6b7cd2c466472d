//! The whole way from a file's bytes to its facts and renditions.
//!
//! Runs inside the worker. One decode, one downscale to the largest rendition
//! that is wanted, and everything else from that: colours and orientation are
//! put right on the small picture, where they cost little.

use crate::container::jpeg as segments;
use crate::decode;
use crate::metadata::exif::ExifFacts;
use crate::metadata::xmp;
use crate::rendition::thumbhash;
use crate::{Facts, Format, MediaError, Metadata, Rendition, Sniff, sniff};

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

/// Reads the facts of `bytes`, and makes the renditions in `want`.
pub(crate) fn develop(bytes: &[u8], want: &[Rendition]) -> Result<Picture, MediaError> {
    let format = picture_format(bytes)?;
    let opened = decode::open(format, bytes)?;
    let (exif, metadata) = read(format, bytes);
    let orientation = opened.orientation(exif.orientation());
    let (width, height) = orientation.upright_size(opened.stated);
    let facts = Facts {
        format,
        width,
        height,
        duration_ms: None,
        metadata,
        motion: None,
    };
    let Some(largest) = largest_size(opened.size, want) else {
        return Ok(Picture {
            facts,
            thumbhash: Vec::new(),
            renditions: Vec::new(),
        });
    };
    let stored = opened.size;
    let (decoded, colour) = opened.decode(largest)?;
    // What is smaller than was hoped for is not enlarged.
    let (stored, largest) = if decoded.width < largest.0 || decoded.height < largest.1 {
        let size = (decoded.width, decoded.height);
        (size, largest_size(size, want).unwrap_or(size))
    } else {
        (stored, largest)
    };
    let colour = colour.or_by_exif(&exif);
    let small = decoded.at(largest)?.into_owned();
    drop(decoded);
    let pixels = orientation.apply(colour.to_srgb(small));
    let upright = orientation.upright_size(stored);
    let thumbnail = pixels.at(Rendition::Thumbnail.size_of(upright))?;
    let mut renditions = Vec::with_capacity(want.len());
    for rendition in want {
        let bytes = match rendition {
            Rendition::Thumbnail => rendition.encode(&thumbnail)?,
            _ => rendition.encode(&pixels.at(rendition.size_of(upright))?)?,
        };
        renditions.push((*rendition, bytes));
    }
    Ok(Picture {
        facts,
        thumbhash: thumbhash(&thumbnail)?,
        renditions,
    })
}

/// What the file says about itself.
fn read(format: Format, bytes: &[u8]) -> (ExifFacts, Metadata) {
    if format == Format::Jpeg {
        let segments = segments::walk(bytes);
        let exif = ExifFacts::from_segment(segments.exif);
        let metadata = metadata(&exif, segments.xmp);
        return (exif, metadata);
    }
    let exif = ExifFacts::from_file(bytes);
    let metadata = metadata(&exif, None);
    (exif, metadata)
}

/// The format of `bytes`, or why they are no picture for us.
pub(crate) fn picture_format(bytes: &[u8]) -> Result<Format, MediaError> {
    match sniff(bytes) {
        Sniff::Media(format) => Ok(format),
        Sniff::NotYet(name) => Err(MediaError::NotYet(name)),
        Sniff::Unknown => Err(MediaError::NotAPicture),
    }
}

fn metadata(exif: &ExifFacts, xmp: Option<&[u8]>) -> Metadata {
    Metadata {
        taken: exif.taken().or_else(|| xmp::taken(xmp?)),
        place: exif.place(),
        camera_make: exif.camera_make(),
        camera_model: exif.camera_model(),
        lens: exif.lens(),
        f_number: exif.f_number(),
        exposure_time: exif.exposure_time(),
        iso: exif.iso(),
        focal_length: exif.focal_length(),
        ..Metadata::default()
    }
}

/// The largest size that `want` needs, or `None` when nothing is wanted. A
/// thumbnail is made from what the preview is made from, never from less.
fn largest_size(stored: (u32, u32), want: &[Rendition]) -> Option<(u32, u32)> {
    want.iter()
        .map(|rendition| rendition.size_of(stored))
        .max_by_key(|(width, height)| u64::from(*width) * u64::from(*height))
}
