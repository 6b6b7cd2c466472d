//! A camera for tests: real pictures in every format we import, with real EXIF,
//! drawn rather than photographed, so no test depends on a file it did not make.

mod exif;
mod frame;
mod scene;
mod seed;

pub use exif::Exif;
pub use frame::{QUADRANTS, is_upright, quadrants, turned};
pub use scene::{Scene, draw};
pub use seed::{Seeded, seeded};

use image::codecs::jpeg::JpegEncoder;
use image::{ImageFormat, RgbImage};
use std::io::Cursor;

/// Why a picture could not be encoded.
pub type Failure = image::ImageError;

/// A JPEG with the given EXIF, as a camera writes it: the APP1 segment stands
/// first. `quality` is 1 to 100.
///
/// # Errors
/// When the picture is larger than JPEG allows, 65,535 pixels a side.
pub fn jpeg(picture: &RgbImage, quality: u8, exif: &Exif) -> Result<Vec<u8>, Failure> {
    let mut plain = Vec::new();
    JpegEncoder::new_with_quality(&mut plain, quality).encode_image(picture)?;
    Ok(with_exif(&plain, exif))
}

/// A JPEG that has no EXIF yet, with the given one in its first segment.
pub fn with_exif(jpeg: &[u8], exif: &Exif) -> Vec<u8> {
    let mut payload = b"Exif\0\0".to_vec();
    payload.extend(exif.tiff());
    with_segment(jpeg, 0xE1, &payload)
}

/// The same JPEG with one more marker segment right after its start.
pub(crate) fn with_segment(jpeg: &[u8], marker: u8, payload: &[u8]) -> Vec<u8> {
    let (start, rest) = jpeg.split_at(2.min(jpeg.len()));
    // A segment's length counts its own two bytes; a payload that does not fit
    // is cut, for EXIF of that size is no camera's.
    let length = u16::try_from(payload.len() + 2).unwrap_or(u16::MAX);
    let mut bytes = start.to_vec();
    bytes.extend([0xFF, marker]);
    bytes.extend(length.to_be_bytes());
    bytes.extend(payload.iter().take(usize::from(length) - 2));
    bytes.extend(rest);
    bytes
}

/// A picture without metadata in any format that `image` writes.
///
/// # Errors
/// When the format cannot hold the picture.
pub fn plain(picture: &RgbImage, format: ImageFormat) -> Result<Vec<u8>, Failure> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format)?;
    Ok(bytes.into_inner())
}

/// A PNG of a few bytes that claims to be `width` × `height` pixels: what a
/// decompression bomb looks like before it is opened.
pub fn png_claiming(width: u32, height: u32) -> Vec<u8> {
    let mut header = Vec::new();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    // Eight bits, RGB, and the only compression, filter and no interlacing.
    header.extend([8, 2, 0, 0, 0]);
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    // An empty deflate stream: its pixels are missing, not merely many.
    let parts: [(&[u8; 4], &[u8]); 3] = [
        (b"IHDR", &header),
        (b"IDAT", &[0x78, 0x9C, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01]),
        (b"IEND", &[]),
    ];
    for (kind, body) in parts {
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        bytes.extend(length.to_be_bytes());
        let named: Vec<u8> = kind.iter().chain(body).copied().collect();
        bytes.extend(&named);
        bytes.extend(crc(&named).to_be_bytes());
    }
    bytes
}

/// CRC-32 as PNG has it (ISO 3309).
fn crc(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xEDB8_8320
            } else {
                crc >> 1
            };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jpeg_carries_its_exif_and_still_decodes() {
        let exif = Exif {
            model: "Test camera".to_owned(),
            ..Exif::default()
        };
        let bytes = jpeg(&quadrants(64, 48), 90, &exif).unwrap();
        assert!(bytes.windows(11).any(|part| part == b"Test camera"));
        let decoded = image::load_from_memory(&bytes).unwrap().to_rgb8();
        assert_eq!(decoded.dimensions(), (64, 48));
        is_upright(&decoded).unwrap();
    }

    #[test]
    fn the_claiming_png_has_a_header_that_decoders_believe() {
        let reader = image::ImageReader::new(Cursor::new(png_claiming(60_000, 60_000)))
            .with_guessed_format()
            .unwrap();
        assert_eq!(reader.into_dimensions().unwrap(), (60_000, 60_000));
    }

    #[test]
    fn every_format_is_written() {
        for format in [
            ImageFormat::Jpeg,
            ImageFormat::Png,
            ImageFormat::WebP,
            ImageFormat::Gif,
            ImageFormat::Tiff,
        ] {
            let bytes = plain(&quadrants(40, 30), format).unwrap();
            assert_eq!(image::guess_format(&bytes).unwrap(), format);
        }
    }
}
