//! A camera for tests: real files with real metadata, of known pixels.

use std::io::Cursor;

use exif::experimental::Writer;
use exif::{Field, In, Tag, Value};
use image::{Rgb, RgbImage};

use crate::decode::jpeg;
use pixels::{Ink, Pixels};

pub(super) const RED: [u8; 3] = [220, 30, 40];
pub(super) const GREEN: [u8; 3] = [40, 180, 60];
pub(super) const BLUE: [u8; 3] = [30, 60, 200];
pub(super) const YELLOW: [u8; 3] = [240, 220, 40];

/// Red and green above blue and yellow.
pub(super) fn quadrants(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb(match (x < width / 2, y < height / 2) {
            (true, true) => RED,
            (false, true) => GREEN,
            (true, false) => BLUE,
            (false, false) => YELLOW,
        })
    })
}

/// The pixels as a camera held in `orientation` would store them, by the words
/// of EXIF: which side of the scene is in row 0, and which in column 0.
pub(super) fn stored(scene: &RgbImage, orientation: u8) -> RgbImage {
    let (width, height) = scene.dimensions();
    let (columns, rows) = if orientation >= 5 {
        (height, width)
    } else {
        (width, height)
    };
    RgbImage::from_fn(columns, rows, |column, row| {
        let (x, y) = match orientation {
            1 => (column, row),                          // top, left
            2 => (width - 1 - column, row),              // top, right
            3 => (width - 1 - column, height - 1 - row), // bottom, right
            4 => (column, height - 1 - row),             // bottom, left
            5 => (row, column),                          // left, top
            6 => (width - 1 - row, column),              // right, top
            7 => (width - 1 - row, height - 1 - column), // right, bottom
            8 => (row, height - 1 - column),             // left, bottom
            _ => unreachable!(),
        };
        *scene.get_pixel(x, y)
    })
}

/// A picture nobody can compress: every pixel differs from its neighbours.
pub(super) fn noise(width: u32, height: u32) -> RgbImage {
    let mut state = 0x2545_f491_u32;
    RgbImage::from_fn(width, height, |_, _| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let [a, b, c, _] = state.to_le_bytes();
        Rgb([a, b, c])
    })
}

/// A baseline JPEG of high quality, without metadata.
pub(super) fn jpeg_of(image: &RgbImage) -> Vec<u8> {
    let pixels = Pixels {
        width: image.width(),
        height: image.height(),
        bytes: image.as_raw().clone(),
        ink: Ink::Rgb,
    };
    jpeg::encode(&pixels, 95).unwrap()
}

/// `jpeg` with one more segment right after its start.
pub(super) fn with_segment(jpeg: &[u8], marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, body, &jpeg[2..]].concat()
}

/// `jpeg` with the TIFF structure `tiff` in an Exif segment.
pub(super) fn with_exif(jpeg: &[u8], tiff: &[u8]) -> Vec<u8> {
    with_segment(jpeg, 0xe1, &[b"Exif\0\0", tiff].concat())
}

/// A TIFF structure of these EXIF tags.
pub(super) fn exif(tags: Vec<(Tag, Value)>) -> Vec<u8> {
    let fields: Vec<Field> = tags
        .into_iter()
        .map(|(tag, value)| Field {
            tag,
            ifd_num: In::PRIMARY,
            value,
        })
        .collect();
    let mut writer = Writer::new();
    for field in &fields {
        writer.push_field(field);
    }
    let mut bytes = Cursor::new(Vec::new());
    writer.write(&mut bytes, true).unwrap();
    bytes.into_inner()
}

/// A TIFF structure that says nothing but an orientation.
pub(super) fn orientation(value: u16) -> Vec<u8> {
    exif(vec![(Tag::Orientation, Value::Short(vec![value]))])
}

/// A text as EXIF holds it.
pub(super) fn text(text: &str) -> Value {
    Value::Ascii(vec![text.as_bytes().to_vec()])
}

/// Rationals as EXIF holds them.
pub(super) fn rationals<const N: usize>(parts: [(u32, u32); N]) -> Value {
    Value::Rational(parts.map(exif::Rational::from).to_vec())
}

/// An uncompressed little-endian TIFF with an orientation tag, by hand.
pub(super) fn tiff_with_orientation(image: &RgbImage, orientation: u32) -> Vec<u8> {
    let entries: [(u16, u32); 9] = [
        (256, image.width()),
        (257, image.height()),
        (258, 8),
        (259, 1),
        (262, 2),
        (273, 8 + 2 + 9 * 12 + 4),
        (274, orientation),
        (277, 3),
        (279, u32::try_from(image.as_raw().len()).unwrap()),
    ];
    let mut bytes = b"II*\0\x08\0\0\0\x09\0".to_vec();
    for (tag, value) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(4_u16.to_le_bytes());
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend([0; 4]);
    bytes.extend(image.as_raw());
    bytes
}
