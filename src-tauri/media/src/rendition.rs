//! The smaller pictures that are made of every picture.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::MediaError;
use crate::decode::jpeg;
use pixels::{Pixels, short_side, within};
use webp::WebPConfig;

/// A smaller picture made of an original: upright, in sRGB, never enlarged, and
/// without any metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Rendition {
    /// What is seen until the thumbnail is made: WebP of the small picture that
    /// the camera left inside, where it shows the same. The only one that may be
    /// missing from an answer.
    First,
    /// For grids: WebP with a short side of at most 250 pixels, and no longer
    /// than a preview, so that a panorama stays small.
    Thumbnail,
    /// For one picture on a screen: JPEG with a long side of at most 1440 pixels.
    Preview,
    /// For the card that a messenger shows for a link: JPEG with a long side of
    /// at most 1200 pixels and fewer than 300,000 bytes.
    Card,
}

const THUMBNAIL_SHORT: u32 = 250;
const THUMBNAIL_QUALITY: f32 = 82.0;
/// libwebp's effort, 0 to 6. Its default, 4, takes four times as long as 1 and
/// makes a thumbnail of the same likeness a tenth smaller.
const THUMBNAIL_EFFORT: i32 = 1;
const PREVIEW_LONG: u32 = 1440;
const PREVIEW_QUALITY: u8 = 82;
/// A small picture's few pixels are seen one by one, and cost nothing.
const ICON_LONG: u32 = 512;
const ICON_QUALITY: u8 = 97;
/// A thumbhash has at most seven waves across. It may be made of 100 pixels, which
/// costs nine times as much and looks the same.
const THUMBHASH_LONG: u32 = 32;
const CARD_LONG: u32 = 1200;
const CARD_BYTES: usize = 300_000;
const CARD_QUALITIES: [u8; 6] = [82, 74, 66, 56, 46, 36];

impl Rendition {
    /// The name it has in addresses, folders and commands.
    pub fn name(self) -> &'static str {
        match self {
            Rendition::First => "first",
            Rendition::Thumbnail => "thumbnail",
            Rendition::Preview => "preview",
            Rendition::Card => "card",
        }
    }

    /// The media type of its bytes.
    pub fn mime(self) -> &'static str {
        match self {
            Rendition::First | Rendition::Thumbnail => "image/webp",
            Rendition::Preview | Rendition::Card => "image/jpeg",
        }
    }

    /// The file name extension of its bytes, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Rendition::First | Rendition::Thumbnail => "webp",
            Rendition::Preview | Rendition::Card => "jpg",
        }
    }

    /// The size it has, of an original of `size` pixels.
    pub(crate) fn size_of(self, size: (u32, u32)) -> (u32, u32) {
        match self {
            Rendition::First | Rendition::Thumbnail => {
                short_side(within(size, PREVIEW_LONG), THUMBNAIL_SHORT)
            }
            Rendition::Preview => within(size, PREVIEW_LONG),
            Rendition::Card => within(size, CARD_LONG),
        }
    }

    /// Makes the bytes from pixels that have its size.
    pub(crate) fn encode(self, pixels: &Pixels) -> Result<Vec<u8>, MediaError> {
        match self {
            Rendition::First | Rendition::Thumbnail => thumbnail(pixels),
            Rendition::Preview if pixels.width.max(pixels.height) <= ICON_LONG => {
                jpeg::encode(pixels, ICON_QUALITY)
            }
            Rendition::Preview => jpeg::encode(pixels, PREVIEW_QUALITY),
            Rendition::Card => card(pixels),
        }
    }
}

fn thumbnail(pixels: &Pixels) -> Result<Vec<u8>, MediaError> {
    let encoder = webp::Encoder::from_rgb(&pixels.bytes, pixels.width, pixels.height);
    let mut config = WebPConfig::new()
        .map_err(|()| MediaError::Damaged("the WebP encoder is of another version".into()))?;
    config.quality = THUMBNAIL_QUALITY;
    config.method = THUMBNAIL_EFFORT;
    let bytes = encoder
        .encode_advanced(&config)
        .map_err(|error| MediaError::Damaged(format!("{error:?}")))?;
    Ok(bytes.to_vec())
}

/// Lowers the quality until the card is small enough for every messenger, and
/// after that the size.
fn card(pixels: &Pixels) -> Result<Vec<u8>, MediaError> {
    let mut pixels = Cow::Borrowed(pixels);
    loop {
        for quality in CARD_QUALITIES {
            let bytes = jpeg::encode(&pixels, quality)?;
            if bytes.len() < CARD_BYTES {
                return Ok(bytes);
            }
        }
        let smaller = pixels.width.max(pixels.height) * 3 / 4;
        let size = within((pixels.width, pixels.height), smaller.max(1));
        pixels = Cow::Owned(pixels.at(size)?.into_owned());
    }
}

/// The thumbhash of a picture, about 25 bytes (evanw/thumbhash).
pub(crate) fn thumbhash(pixels: &Pixels) -> Result<Vec<u8>, MediaError> {
    let size = within((pixels.width, pixels.height), THUMBHASH_LONG);
    let small = pixels.rgb_at(size)?;
    let mut rgba = Vec::with_capacity(small.bytes.len() / 3 * 4);
    for pixel in small.bytes.chunks_exact(3) {
        rgba.extend_from_slice(pixel);
        rgba.push(255);
    }
    let (width, height) = (small.width as usize, small.height as usize);
    Ok(thumbhash::rgba_to_thumb_hash(width, height, &rgba))
}
