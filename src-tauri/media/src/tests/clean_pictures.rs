//! Pictures whose every corner holds a string: the clean copies hold none, and
//! decode to the same pixels, upright and in the same colours.

use std::io::Cursor;

use exif::Tag;
use image::{DynamicImage, ImageEncoder, ImageFormat};

use super::ALL;
use super::camera::{exif, jpeg_of, noise, orientation, text, with_segment};
use super::clean::{assert_same_pixels, cleaned, seeds, without_seeds};
use super::develop;
use crate::container::png::checksum;
use crate::{Format, MediaError};

/// The seeds from `first` on, as bytes.
fn seed(number: usize) -> Vec<u8> {
    seeds()[number].clone().into_bytes()
}

/// All forty in a row.
fn every_seed() -> Vec<u8> {
    seeds().join(" ").into_bytes()
}

/// A TIFF structure with a camera's name and an orientation.
fn camera_exif(way: u16) -> Vec<u8> {
    exif(vec![
        (Tag::Model, text(&seeds()[1])),
        (Tag::Artist, text(&seeds()[2])),
        (Tag::Orientation, exif::Value::Short(vec![way])),
    ])
}

fn p3() -> Vec<u8> {
    moxcms::ColorProfile::new_display_p3().encode().unwrap()
}

#[track_caller]
fn assert_developed_alike(original: &[u8], clean: &[u8]) {
    let [original, clean] = [original, clean].map(|bytes| develop(bytes, &ALL).unwrap());
    assert_eq!(original.renditions, clean.renditions);
    assert_eq!(original.facts.width, clean.facts.width);
    assert_eq!(clean.facts.metadata, Default::default());
}

/// A progressive JPEG with segments of all kinds, before, between and after.
fn stuffed_jpeg() -> Vec<u8> {
    let image = noise(60, 40);
    let mut encoder = turbojpeg::Compressor::new().unwrap();
    encoder.set_progressive(true).unwrap();
    let mut jpeg = encoder
        .compress_to_vec(turbojpeg::Image {
            pixels: image.as_raw().as_slice(),
            width: 60,
            pitch: 180,
            height: 40,
            format: turbojpeg::PixelFormat::RGB,
        })
        .unwrap();
    let last_scan = jpeg
        .windows(2)
        .rposition(|two| two == [0xff, 0xda])
        .unwrap();
    let between = with_segment(&[0xff, 0xd8], 0xfe, &every_seed());
    jpeg.splice(last_scan..last_scan, between[2..].iter().copied());
    for (number, start) in [
        &b"JFXX\0\x10"[..],
        b"http://ns.adobe.com/xap/1.0/\0",
        b"http://ns.adobe.com/xmp/extension/\0",
        b"MPF\0",
        b"Photoshop 3.0\x008BIM",
        b"Ducky",
        b"",
    ]
    .into_iter()
    .enumerate()
    {
        let marker = [0xe0, 0xe1, 0xe1, 0xe2, 0xed, 0xec, 0xef][number];
        jpeg = with_segment(
            &jpeg,
            marker,
            &[start, &seed(number + 3), &every_seed()].concat(),
        );
    }
    let profile = [b"ICC_PROFILE\0\x01\x01", p3().as_slice()].concat();
    jpeg = with_segment(&jpeg, 0xe2, &profile);
    jpeg = with_segment(
        &jpeg,
        0xe1,
        &[b"Exif\0\0", camera_exif(6).as_slice()].concat(),
    );
    // Stray bytes between segments, and a motion photo's video after the end.
    let second = 4 + usize::from(u16::from_be_bytes([jpeg[4], jpeg[5]]));
    jpeg.splice(second..second, seed(20));
    jpeg.extend(every_seed());
    jpeg
}

#[test]
fn a_jpeg_keeps_its_picture_its_colours_and_its_way_up() {
    let original = stuffed_jpeg();
    let clean = without_seeds(Format::Jpeg, &original, 40);
    assert_same_pixels(&original, &clean);
    assert_developed_alike(&original, &clean);
    let holds = |bytes: &[u8]| clean.windows(bytes.len()).any(|window| window == bytes);
    assert!(holds(&p3()), "the profile stays as it is");
}

#[test]
fn a_jpeg_in_adobe_rgb_stays_in_it() {
    let space = |index: &str| {
        exif(vec![
            (Tag::Model, text(&seeds()[0])),
            (Tag::ColorSpace, exif::Value::Short(vec![0xffff])),
            (Tag::InteroperabilityIndex, text(index)),
        ])
    };
    let plain = jpeg_of(&noise(40, 30));
    let original = super::camera::with_exif(&plain, &space("R03"));
    let clean = without_seeds(Format::Jpeg, &original, 1);
    assert_developed_alike(&original, &clean);
    let [adobe, srgb] = [&clean, &plain].map(|bytes| develop(bytes, &ALL).unwrap().renditions);
    assert_ne!(adobe, srgb, "the colours are not those without the mark");
    let original = super::camera::with_exif(&plain, &space("R98"));
    let clean = without_seeds(Format::Jpeg, &original, 1);
    assert!(!clean.windows(4).any(|window| window == b"Exif"));
}

fn png_chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&length, &kind[..], body, &checksum(&[kind, body])].concat()
}

#[test]
fn a_png_keeps_its_picture_its_colours_and_its_way_up() {
    let image = noise(40, 30);
    let mut png = Cursor::new(Vec::new());
    let mut encoder = image::codecs::png::PngEncoder::new(&mut png);
    encoder.set_icc_profile(p3()).unwrap();
    let kind = image::ExtendedColorType::Rgb8;
    encoder.write_image(&image, 40, 30, kind).unwrap();
    let mut original = png.into_inner();
    // The profile's name, which is free text.
    let name = original
        .windows(4)
        .position(|window| window == b"iCCP")
        .unwrap();
    let length = u32::from_be_bytes(original[name - 4..name].try_into().unwrap()) as usize;
    let body = original[name + 4..name + 4 + length].to_vec();
    let end = body.iter().position(|byte| *byte == 0).unwrap();
    let named = png_chunk(b"iCCP", &[&seed(5), &body[end..]].concat());
    original.splice(name - 4..name + 8 + length, named);
    let mut extras = Vec::new();
    extras.extend(png_chunk(b"eXIf", &camera_exif(8)));
    extras.extend(png_chunk(b"tEXt", &every_seed()));
    extras.extend(png_chunk(b"iTXt", &seed(6)));
    extras.extend(png_chunk(b"tIME", b"\x07\xe3\x03\x04\x05\x06\x07"));
    extras.extend(png_chunk(b"prVt", &seed(7)));
    // Longer than it may be, so that something could hide in it.
    extras.extend(png_chunk(b"pHYs", &[seed(8), seed(9)].concat()));
    original.splice(33..33, extras);
    original.extend(every_seed());
    let clean = without_seeds(Format::Png, &original, 40);
    assert_same_pixels(&original, &clean);
    assert_developed_alike(&original, &clean);

    let broken = [
        &original[..33],
        &png_chunk(b"CgBI", b"1234"),
        &original[33..],
    ]
    .concat();
    let error = cleaned(Format::Png, &broken).unwrap_err();
    assert!(matches!(error, MediaError::CannotClean(_)), "{error}");
}

#[test]
fn a_webp_keeps_its_picture_its_colours_and_its_way_up() {
    let image = noise(41, 31);
    let mut webp = Cursor::new(Vec::new());
    let mut encoder = image::codecs::webp::WebPEncoder::new_lossless(&mut webp);
    encoder.set_icc_profile(p3()).unwrap();
    encoder.set_exif_metadata(camera_exif(5)).unwrap();
    let kind = image::ExtendedColorType::Rgb8;
    encoder.write_image(&image, 41, 31, kind).unwrap();
    let mut original = webp.into_inner();
    for kind in [b"XMP ", b"SEED"] {
        let mut body = every_seed();
        body.resize(body.len().next_multiple_of(2), b' ');
        original.extend(kind);
        original.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
        original.extend(body);
    }
    let length = u32::try_from(original.len() - 8).unwrap().to_le_bytes();
    original[4..8].copy_from_slice(&length);
    original.extend(every_seed());
    let clean = without_seeds(Format::WebP, &original, 40);
    assert_same_pixels(&original, &clean);
    assert_developed_alike(&original, &clean);
}

#[test]
fn a_gif_keeps_its_frames_and_how_often_they_repeat() {
    use image::codecs::gif::{GifDecoder, GifEncoder, Repeat};
    let mut original = Vec::new();
    let mut encoder = GifEncoder::new(&mut original);
    encoder.set_repeat(Repeat::Finite(7)).unwrap();
    for size in [20, 24] {
        let frame = DynamicImage::ImageRgb8(noise(size, 24)).into_rgba8();
        encoder.encode_frame(image::Frame::new(frame)).unwrap();
    }
    drop(encoder);
    let after = crate::container::gif::blocks_start(&original).unwrap();
    let words = |label: u8| {
        let seeds = every_seed();
        let pieces = seeds
            .chunks(200)
            .map(|piece| [&[piece.len() as u8], piece].concat());
        [
            &[0x21, label][..],
            &pieces.collect::<Vec<_>>().concat(),
            &[0],
        ]
        .concat()
    };
    let xmp = [b"\x21\xff\x0bXMP DataXMP", &words(0xfe)[2..]].concat();
    original.splice(after..after, [words(0xfe), words(0x01), xmp].concat());
    original.extend(every_seed());
    let clean = without_seeds(Format::Gif, &original, 39);
    let frames = |bytes: &[u8]| -> Vec<_> {
        let decoder = GifDecoder::new(Cursor::new(bytes.to_vec())).unwrap();
        let frames = image::AnimationDecoder::into_frames(decoder)
            .collect_frames()
            .unwrap();
        frames
            .into_iter()
            .map(|frame| (frame.delay(), frame.into_buffer()))
            .collect()
    };
    assert!(frames(&original) == frames(&clean));
    assert_eq!(frames(&clean).len(), 2);
    let repeats = b"NETSCAPE2.0\x03\x01\x07\0\0";
    assert!(clean.windows(repeats.len()).any(|window| window == repeats));
}

/// A TIFF with words, directories of metadata, and a reduced page.
fn stuffed_tiff() -> Vec<u8> {
    let image = noise(32, 8);
    let words = every_seed();
    let words_at = 8;
    let pixels_at = words_at + words.len() as u32;
    let length = image.as_raw().len() as u32;
    let first = pixels_at + length;
    let page = |kind: u32, next: u32| {
        let entries: [(u16, u16, u32, u32); 13] = [
            (254, 4, 1, kind),
            (256, 4, 1, 32),
            (257, 4, 1, 8),
            (258, 3, 1, 8),
            (259, 3, 1, 1),
            (262, 3, 1, 2),
            (270, 2, words.len() as u32, words_at),
            (273, 4, 1, pixels_at),
            (274, 3, 1, 3),
            (277, 3, 1, 3),
            (279, 4, 1, length),
            (700, 1, words.len() as u32, words_at),
            (34_665, 4, 1, words_at),
        ];
        let mut bytes = 13_u16.to_le_bytes().to_vec();
        for (tag, kind, count, value) in entries {
            bytes.extend(tag.to_le_bytes());
            bytes.extend(kind.to_le_bytes());
            bytes.extend(count.to_le_bytes());
            bytes.extend(value.to_le_bytes());
        }
        bytes.extend(next.to_le_bytes());
        bytes
    };
    let size = page(0, 0).len() as u32;
    let mut bytes = b"II*\0".to_vec();
    bytes.extend(first.to_le_bytes());
    bytes.extend(&words);
    bytes.extend(image.as_raw());
    bytes.extend(page(0, first + size));
    bytes.extend(page(1, first + 2 * size));
    bytes.extend(page(2, 0));
    bytes.extend(&words);
    bytes
}

#[test]
fn a_tiff_keeps_its_pages_and_not_its_thumbnail() {
    let original = stuffed_tiff();
    let clean = without_seeds(Format::Tiff, &original, 40);
    assert_same_pixels(&original, &clean);
    assert_developed_alike(&original, &clean);
    let pixels = noise(32, 8).into_raw();
    let pages = clean
        .windows(pixels.len())
        .filter(|window| *window == pixels);
    assert_eq!(pages.count(), 2, "the reduced page is gone");
}

#[test]
fn a_bitmap_keeps_nothing_between_and_after() {
    let mut bmp = Cursor::new(Vec::new());
    let scene = DynamicImage::ImageRgb8(noise(31, 9));
    scene.write_to(&mut bmp, ImageFormat::Bmp).unwrap();
    let mut original = bmp.into_inner();
    let gap = every_seed();
    let pixels = u32::from_le_bytes(original[10..14].try_into().unwrap());
    original.splice(pixels as usize..pixels as usize, gap.iter().copied());
    let moved = pixels + gap.len() as u32;
    original[10..14].copy_from_slice(&moved.to_le_bytes());
    original.extend(every_seed());
    let clean = without_seeds(Format::Bmp, &original, 40);
    assert_same_pixels(&original, &clean);
}

#[test]
fn what_cannot_be_cleaned_says_so() {
    for format in [
        Format::Dng,
        Format::Cr3,
        Format::Mkv,
        Format::Avi,
        Format::Jpeg,
        Format::Mp4,
    ] {
        let error = cleaned(format, &every_seed()).unwrap_err();
        assert_eq!(error.code(), "cannot_clean");
        assert!(error.to_string().contains("screen-size copy"), "{error}");
    }
    assert!(cleaned(Format::Tiff, b"II*\0\0\0\0\0 without a page").is_err());
    let cut = jpeg_of(&noise(40, 30));
    assert!(cleaned(Format::Jpeg, &cut[..cut.len() - 2]).is_err());
    let upright = super::camera::with_exif(&cut, &orientation(1));
    assert!(cleaned(Format::Jpeg, &upright).unwrap().len() <= cut.len());
}

/// Files of all kinds of pictures, for those who change them.
pub(super) fn stuffed_pictures() -> Vec<(Format, Vec<u8>)> {
    let written = |format| {
        let mut bytes = Cursor::new(Vec::new());
        let scene = DynamicImage::ImageRgb8(noise(16, 8));
        scene.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    };
    vec![
        (Format::Jpeg, stuffed_jpeg()),
        (Format::Png, written(ImageFormat::Png)),
        (Format::WebP, written(ImageFormat::WebP)),
        (Format::Gif, written(ImageFormat::Gif)),
        (Format::Tiff, stuffed_tiff()),
        (Format::Bmp, written(ImageFormat::Bmp)),
    ]
}
