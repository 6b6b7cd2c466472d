//! The whole way from a file's bytes to its facts and renditions.
//!
//! Runs inside the worker. One decode, one downscale to the largest rendition
//! that is wanted, and everything else from that: colours and orientation are
//! put right on the small picture, where they cost little.

use crate::decode::orientation::Orientation;
use crate::decode::{self, Decoded, Opened, decode_small};
use crate::metadata;
use crate::motion::plays_as_it_is;
use crate::rendition::thumbhash;
use crate::writing::{is_written, may_be_written};
use crate::{Facts, Format, Likeness, MediaError, Rendition, Sniff, Turn, sniff};

/// How much the ratios of two pictures of the same may differ: a thumbnail's few
/// pixels are rounded.
const MOST_DISTORTION: f64 = 0.02;

/// What was made of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// What the picture says about itself.
    pub facts: Facts,
    /// About 25 bytes that stand for the picture until it is there; empty when
    /// no rendition was asked for.
    pub thumbhash: Vec<u8>,
    /// What it looks like, where a thumbhash is: `None` when it is too plain to be told
    /// from others.
    pub likeness: Option<Likeness>,
    /// Whether it looks like a page of writing, where a thumbhash is.
    pub is_written: bool,
    /// The renditions that were asked for, in that order.
    pub renditions: Vec<(Rendition, Vec<u8>)>,
}

/// Reads the facts of `bytes`, and makes the renditions in `want`, all as seen after
/// this turn.
pub(crate) fn develop(bytes: &[u8], want: &[Rendition], turn: Turn) -> Result<Picture, MediaError> {
    let format = picture_format(bytes)?;
    let opened = decode::open(format, bytes)?;
    let said = metadata::read(format, bytes);
    let orientation = said.orientation.then(turn);
    let (width, height) = orientation.upright_size(opened.stated);
    let facts = Facts {
        format,
        width,
        height,
        duration_ms: None,
        metadata: said.metadata,
        motion: said.motion,
        plays: said.motion.is_some_and(|span| plays_as_it_is(bytes, span)),
    };
    let mut renditions = Vec::with_capacity(want.len());
    if want.contains(&Rendition::First)
        && let Some(first) = first_sight(&opened, said.thumbnail.as_deref(), orientation)
    {
        renditions.push((Rendition::First, first));
    }
    let want: Vec<Rendition> = want
        .iter()
        .copied()
        .filter(|rendition| *rendition != Rendition::First)
        .collect();
    if want.is_empty() {
        return Ok(Picture {
            facts,
            thumbhash: Vec::new(),
            likeness: None,
            is_written: false,
            renditions,
        });
    }
    let Decoded {
        pixels: decoded,
        colour,
        whole,
    } = opened.decode(|size| largest_size(size, &want))?;
    let colour = colour.or_stated(said.icc, said.is_adobe_rgb);
    let largest = largest_size(whole, &want);
    // What is smaller than was hoped for is not enlarged.
    let (stored, largest) = if decoded.width < largest.0 || decoded.height < largest.1 {
        let size = (decoded.width, decoded.height);
        (size, largest_size(size, &want))
    } else {
        (whole, largest)
    };
    let small = decoded.at(largest)?.into_owned();
    drop(decoded);
    let pixels = orientation.apply(colour.to_srgb(small));
    let upright = orientation.upright_size(stored);
    let thumbnail = pixels.rgb_at(Rendition::Thumbnail.size_of(upright))?;
    for rendition in want {
        let bytes = match rendition {
            Rendition::Thumbnail => rendition.encode(&thumbnail)?,
            _ => {
                let sized = pixels.at(rendition.size_of(upright))?;
                rendition.encode(&sized)?
            }
        };
        renditions.push((rendition, bytes));
    }
    let thumbhash = thumbhash(&thumbnail)?;
    Ok(Picture {
        facts,
        is_written: may_be_written(&thumbhash) && is_written(&thumbnail)?,
        thumbhash,
        likeness: Likeness::of(&thumbnail)?,
        renditions,
    })
}

/// The small picture inside a file, upright, if it shows the same as the large
/// one: programs that crop or turn a picture often leave the old one there.
fn first_sight(
    opened: &Opened,
    thumbnail: Option<&[u8]>,
    orientation: Orientation,
) -> Option<Vec<u8>> {
    let small = opened.smallest_preview(thumbnail)?;
    let (pixels, colour) = decode_small(small).ok()?;
    let ratio = |(width, height): (u32, u32)| f64::from(width) / f64::from(height.max(1));
    let (ours, whole) = (ratio((pixels.width, pixels.height)), ratio(opened.size));
    if (ours / whole - 1.0).abs() > MOST_DISTORTION {
        return None;
    }
    let upright = orientation.apply(colour.to_srgb(pixels));
    let size = Rendition::First.size_of((upright.width, upright.height));
    let small = upright.rgb_at(size).ok()?;
    Rendition::First.encode(&small).ok()
}

/// The format of `bytes`, or why they are no picture for us.
pub(crate) fn picture_format(bytes: &[u8]) -> Result<Format, MediaError> {
    match sniff(bytes) {
        Sniff::Media(format) => Ok(format),
        Sniff::NotYet(name) => Err(MediaError::NotYet(name)),
        Sniff::Unknown => Err(MediaError::NotAPicture),
    }
}

/// The largest size that `want` needs. A thumbnail is made from what the preview
/// is made from, never from less.
fn largest_size(stored: (u32, u32), want: &[Rendition]) -> (u32, u32) {
    want.iter()
        .map(|rendition| rendition.size_of(stored))
        .max_by_key(|(width, height)| u64::from(*width) * u64::from(*height))
        .unwrap_or(stored)
}
