//! Each format, its odd kinds of pixels, and the sizes of what is made of it.

use std::io::Cursor;

use image::codecs::gif::GifEncoder;
use image::{
    DynamicImage, Frame, GrayAlphaImage, ImageBuffer, ImageFormat, Luma, LumaA, Rgb, RgbImage,
    Rgba, RgbaImage,
};

use super::camera::{BLUE, RED, jpeg_of, noise, quadrants};
use super::{ALL, assert_colour, develop, developed, shown};
use crate::decode::ground::GROUND;
use crate::{Format, Rendition};

fn written(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[test]
fn every_format_is_shown_in_its_colours() {
    let scene = quadrants(320, 200);
    for (kind, format) in [
        (ImageFormat::Png, Format::Png),
        (ImageFormat::WebP, Format::WebP),
        (ImageFormat::Gif, Format::Gif),
        (ImageFormat::Tiff, Format::Tiff),
        (ImageFormat::Jpeg, Format::Jpeg),
    ] {
        let picture = developed(&written(scene.clone(), kind));
        assert_eq!(picture.facts.format, format);
        assert_eq!((picture.facts.width, picture.facts.height), (320, 200));
        let preview = shown(&picture, Rendition::Preview);
        assert_eq!(preview.dimensions(), (320, 200), "never enlarged");
        assert_colour(preview.get_pixel(80, 50).0, RED, 14);
        assert_colour(preview.get_pixel(80, 150).0, BLUE, 14);
    }
}

#[test]
fn sizes_are_as_promised() {
    let picture = developed(&jpeg_of(&quadrants(3000, 2000)));
    assert_eq!(
        shown(&picture, Rendition::Thumbnail).dimensions(),
        (375, 250)
    );
    assert_eq!(
        shown(&picture, Rendition::Preview).dimensions(),
        (1440, 960)
    );
    assert_eq!(shown(&picture, Rendition::Card).dimensions(), (1200, 800));
    assert!((15..=40).contains(&picture.thumbhash.len()));

    let panorama = developed(&jpeg_of(&quadrants(8000, 400)));
    assert_eq!(
        shown(&panorama, Rendition::Preview).dimensions(),
        (1440, 72)
    );
    assert_eq!(
        shown(&panorama, Rendition::Thumbnail).dimensions(),
        (1440, 72)
    );

    let dot = developed(&written(quadrants(1, 1), ImageFormat::Png));
    assert_eq!(shown(&dot, Rendition::Thumbnail).dimensions(), (1, 1));
}

#[test]
fn one_rendition_alone_is_the_same_size_as_among_others() {
    for size in [(3000, 2000), (2000, 3000), (700, 5000), (260, 255)] {
        let bytes = jpeg_of(&quadrants(size.0, size.1));
        let all = developed(&bytes);
        for rendition in ALL {
            let alone = develop(&bytes, &[rendition]).unwrap();
            assert_eq!(
                shown(&alone, rendition).dimensions(),
                shown(&all, rendition).dimensions()
            );
        }
    }
}

#[test]
fn a_card_is_small_whatever_it_shows() {
    let picture = developed(&jpeg_of(&noise(1600, 1600)));
    let (_, card) = picture.renditions.last().unwrap();
    assert!(card.len() < 300_000, "{} bytes", card.len());
}

#[test]
fn transparency_lies_on_light_grey() {
    let clear = RgbaImage::from_pixel(40, 40, Rgba([200, 0, 0, 0]));
    let half = GrayAlphaImage::from_pixel(40, 40, LumaA([0, 128]));
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Tiff] {
        let picture = developed(&written(clear.clone(), format));
        let found = shown(&picture, Rendition::Preview).get_pixel(20, 20).0;
        assert_colour(found, [GROUND; 3], 2);
    }
    let picture = developed(&written(half, ImageFormat::Png));
    let found = shown(&picture, Rendition::Preview).get_pixel(20, 20).0;
    assert_colour(found, [GROUND / 2; 3], 3);
}

#[test]
fn sixteen_bits_and_grey_keep_their_brightness() {
    let deep = ImageBuffer::from_pixel(40, 40, Rgb([0x40ff_u16, 0x8000, 0xfffe]));
    let deep_clear = ImageBuffer::from_pixel(40, 40, Rgba([0x8000_u16, 0, 0xffff, 0xffff]));
    let grey = ImageBuffer::from_pixel(40, 40, Luma([0x6060_u16]));
    for (image, wanted) in [
        (DynamicImage::ImageRgb16(deep), [0x41, 0x80, 0xff]),
        (DynamicImage::ImageRgba16(deep_clear), [0x80, 0, 0xff]),
        (DynamicImage::ImageLuma16(grey), [0x60; 3]),
    ] {
        for format in [ImageFormat::Png, ImageFormat::Tiff] {
            let picture = developed(&written(image.clone(), format));
            let found = shown(&picture, Rendition::Preview).get_pixel(20, 20).0;
            assert_colour(found, wanted, 5);
        }
    }
    let grey_jpeg = written(
        image::GrayImage::from_pixel(40, 40, Luma([77])),
        ImageFormat::Jpeg,
    );
    let found = shown(&developed(&grey_jpeg), Rendition::Preview)
        .get_pixel(9, 9)
        .0;
    assert_colour(found, [77; 3], 3);
}

#[test]
fn the_first_frame_of_an_animation_is_shown() {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for colour in [RED, BLUE] {
        let frame = RgbImage::from_pixel(32, 32, Rgb(colour));
        let frame = DynamicImage::ImageRgb8(frame).into_rgba8();
        encoder.encode_frame(Frame::new(frame)).unwrap();
    }
    drop(encoder);
    let picture = developed(&bytes);
    assert_colour(
        shown(&picture, Rendition::Preview).get_pixel(16, 16).0,
        RED,
        8,
    );
}

#[test]
fn no_rendition_carries_metadata() {
    use super::camera::{exif, text, with_exif, with_segment};
    let tags = exif(vec![(exif::Tag::Model, text("SecretCamera 1"))]);
    let bytes = with_exif(&jpeg_of(&quadrants(2000, 1500)), &tags);
    let bytes = with_segment(&bytes, 0xfe, b"a secret comment");
    let icc = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let bytes = with_segment(
        &bytes,
        0xe2,
        &[b"ICC_PROFILE\0\x01\x01", icc.as_slice()].concat(),
    );
    let picture = developed(&bytes);
    assert_eq!(
        picture.facts.metadata.camera_model.as_deref(),
        Some("SecretCamera 1")
    );
    for (rendition, bytes) in &picture.renditions {
        let words: [&[u8]; 8] = [
            b"Exif", b"EXIF", b"ICC", b"XMP", b"http://", b"Secret", b"secret", b"libjpeg",
        ];
        for word in words {
            let found = bytes.windows(word.len()).any(|window| window == word);
            assert!(!found, "{rendition:?} holds {}", word.escape_ascii());
        }
    }
}
