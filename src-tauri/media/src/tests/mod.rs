//! Stories of pictures: made by a camera of our own, developed, and looked at.

mod accepted;
mod agreement;
mod broken;
mod camera;
mod clean;
mod clean_boxes;
mod clean_exiftool;
mod clean_fixtures;
mod clean_mutations;
mod clean_pictures;
mod colours;
#[cfg(target_os = "linux")]
mod confined;
mod dng;
mod facts;
mod films;
mod fixtures;
mod formats;
mod mutations;
mod packets;
mod rare;
mod raws;
mod upright;
mod wire;
mod words;

use image::RgbImage;

use crate::{MediaError, Picture, Rendition, Turn, picture};

const ALL: [Rendition; 3] = [Rendition::Thumbnail, Rendition::Preview, Rendition::Card];

/// Numbers as if by chance, the same ones in each run (xorshift, Marsaglia 2003).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).unwrap()
    }
}

/// Develops `bytes`, which nobody turned.
fn develop(bytes: &[u8], want: &[Rendition]) -> Result<Picture, MediaError> {
    picture::develop(bytes, want, Turn::None)
}

/// Develops `bytes` with all renditions.
fn developed(bytes: &[u8]) -> Picture {
    develop(bytes, &ALL).unwrap()
}

/// The decoded pixels of a rendition.
fn shown(picture: &Picture, rendition: Rendition) -> RgbImage {
    let found = picture
        .renditions
        .iter()
        .find(|made| made.0 == rendition)
        .unwrap();
    image::load_from_memory(&found.1).unwrap().into_rgb8()
}

/// Asserts that a pixel has a colour, give or take what compression does to it.
#[track_caller]
fn assert_colour(found: [u8; 3], wanted: [u8; 3], tolerance: u8) {
    let close = found
        .iter()
        .zip(wanted)
        .all(|(a, b)| a.abs_diff(b) <= tolerance);
    assert!(close, "{found:?} is not {wanted:?}");
}
