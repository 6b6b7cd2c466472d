//! Files that end too early, lie about themselves, or are no pictures at all.

use std::io::Cursor;

use image::ImageFormat;

use super::ALL;
use super::camera::{jpeg_of, noise, orientation, quadrants, with_exif, with_segment};
use super::develop;
use crate::{MediaError, Picture};

fn code(bytes: &[u8]) -> &'static str {
    develop(bytes, &ALL).unwrap_err().code()
}

fn png_of(size: u32) -> Vec<u8> {
    let mut png = Cursor::new(Vec::new());
    quadrants(size, size)
        .write_to(&mut png, ImageFormat::Png)
        .unwrap();
    png.into_inner()
}

#[test]
fn a_jpeg_cut_anywhere_is_truncated() {
    let whole = with_exif(&jpeg_of(&noise(300, 200)), &orientation(6));
    for percent in [1, 2, 5, 30, 60, 95, 99] {
        let cut = &whole[..whole.len() * percent / 100];
        assert_eq!(code(cut), "truncated", "{percent} %");
    }
    assert_eq!(code(&whole[..3]), "truncated");
    // All pixels are there, only the end mark is not: that is no loss.
    let picture = develop(&whole[..whole.len() - 2], &ALL).unwrap();
    assert_eq!(picture, develop(&whole, &ALL).unwrap());
}

#[test]
fn a_progressive_jpeg_cut_within_a_scan_is_truncated() {
    let image = noise(300, 200);
    let mut encoder = turbojpeg::Compressor::new().unwrap();
    encoder.set_progressive(true).unwrap();
    let whole = encoder
        .compress_to_vec(turbojpeg::Image {
            pixels: image.as_raw().as_slice(),
            width: 300,
            pitch: 900,
            height: 200,
            format: turbojpeg::PixelFormat::RGB,
        })
        .unwrap();
    develop(&whole, &ALL).unwrap();
    for percent in [30, 60, 95] {
        assert_eq!(code(&whole[..whole.len() * percent / 100]), "truncated");
    }
}

#[test]
fn a_jpeg_with_oddities_is_still_shown() {
    let plain = jpeg_of(&quadrants(200, 100));
    let shown = |bytes: &[u8]| -> Picture { develop(bytes, &ALL).unwrap() };
    let wanted = shown(&plain);
    // Bytes between segments, a second start, something after the end, a bad
    // profile, an unknown JFIF version: each makes libjpeg warn or refuse.
    let between = [&plain[..20], b"stray bytes", &plain[20..]].concat();
    let after = [&plain, b"....a motion photo's video....".as_slice()].concat();
    let profile = with_segment(&plain, 0xe2, b"ICC_PROFILE\0\x09\x01rubbish");
    let mut version = plain.clone();
    version[11] = 9;
    for bytes in [between, after, profile, version] {
        assert_eq!(shown(&bytes).renditions, wanted.renditions);
    }
}

#[test]
fn a_jpeg_with_flipped_bits_is_shown_as_far_as_it_goes() {
    let mut bytes = jpeg_of(&noise(300, 200));
    let length = bytes.len();
    for at in (length / 2..length / 2 + 40).step_by(3) {
        bytes[at] ^= 0x55;
    }
    develop(&bytes, &ALL).unwrap();
}

#[test]
fn other_formats_cut_short_are_truncated() {
    let scene = noise(120, 90);
    for format in [
        ImageFormat::Png,
        ImageFormat::WebP,
        ImageFormat::Gif,
        ImageFormat::Tiff,
    ] {
        let mut whole = Cursor::new(Vec::new());
        image::DynamicImage::ImageRgb8(scene.clone())
            .write_to(&mut whole, format)
            .unwrap();
        let whole = whole.into_inner();
        develop(&whole, &ALL).unwrap();
        for percent in [30, 60, 95] {
            let cut = &whole[..whole.len() * percent / 100];
            assert_eq!(code(cut), "truncated", "{format:?} at {percent} %");
        }
    }
}

#[test]
fn a_png_of_60000_by_60000_is_refused_by_its_header() {
    let mut bytes = png_of(8);
    bytes.splice(16..24, [0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let checksum = crc32(&bytes[12..29]).to_be_bytes();
    bytes.splice(29..33, checksum);
    let error = develop(&bytes, &ALL).unwrap_err();
    assert!(
        matches!(
            error,
            MediaError::TooLarge {
                width: 60_000,
                height: 60_000
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("60000 × 60000"));
}

#[test]
fn a_gif_and_a_jpeg_that_claim_65535_pixels_cost_nothing() {
    let mut gif = Cursor::new(Vec::new());
    image::DynamicImage::ImageRgb8(quadrants(8, 8))
        .write_to(&mut gif, ImageFormat::Gif)
        .unwrap();
    let mut gif = gif.into_inner();
    gif.splice(6..10, [0xff; 4]);
    assert_eq!(code(&gif), "too_large");

    let mut jpeg = jpeg_of(&quadrants(8, 8));
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    jpeg.splice(frame + 5..frame + 9, [0xff, 0xdc, 0xff, 0xdc]);
    assert_eq!(code(&jpeg), "too_large");
}

#[test]
fn what_is_no_picture_says_so() {
    assert_eq!(
        code(b"Dear diary, this is a text named .jpg"),
        "not_a_picture"
    );
    assert_eq!(code(b""), "not_a_picture");
    assert_eq!(code(&[0; 5000]), "not_a_picture");
    let error = develop(b"\0MRM a RAW of a maker that is gone", &ALL).unwrap_err();
    assert!(error.to_string().contains("RAW picture (MRW)"), "{error}");
    assert_eq!(code(b"\xff\xd8\xff\xd9"), "damaged");

    let mut deep = jpeg_of(&quadrants(8, 8));
    let frame = deep.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    deep[frame + 4] = 12;
    assert_eq!(code(&deep), "not_supported_yet");
}

#[test]
fn every_error_is_a_sentence() {
    let errors = [
        MediaError::NotAPicture,
        MediaError::NotYet("RAW picture (MRW)"),
        MediaError::Truncated,
        MediaError::TooLarge {
            width: 1,
            height: 1,
        },
        MediaError::TooManyBytes { bytes: 1 },
        MediaError::Damaged("bad zlib stream".into()),
        MediaError::CannotClean(crate::clean::Withheld::Raw),
        MediaError::WorkerDied,
        MediaError::TimedOut,
        MediaError::NotConfined(crate::Confinement {
            landlock: None,
            seccomp: false,
        }),
        MediaError::Io(std::io::Error::other("pipe")),
    ];
    for error in errors {
        let sentence = error.to_string();
        assert!(sentence.ends_with('.') && sentence.len() > 40, "{sentence}");
    }
}

/// The checksum of PNG's chunks (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg())
        })
    })
}
