//! All eight orientations end upright, in every format that can state one.

use std::io::{Cursor, Read};

use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ImageEncoder, RgbImage};
use turbojpeg::Subsamp;

use super::camera::{
    BLUE, GREEN, RED, YELLOW, jpeg_of, orientation, quadrants, stored, tiff_with_orientation,
    with_exif,
};
use super::{ALL, assert_colour, developed, shown};
use crate::clean::clean_turned;
use crate::{CleanReader, Format, Recipe, Rendition, Turn, picture};

/// Asserts that all renditions show [`quadrants`] of 640 × 400 upright.
#[track_caller]
fn assert_upright(bytes: &[u8], of: &str) {
    let picture = developed(bytes);
    let size = (picture.facts.width, picture.facts.height);
    assert_eq!(size, (640, 400), "{of}");
    for rendition in ALL {
        let image = shown(&picture, rendition);
        let (width, height) = image.dimensions();
        assert!(width > height, "{of}: {rendition:?}");
        let at = |x: u32, y: u32| image.get_pixel(width * x / 4, height * y / 4).0;
        for (colour, place) in [
            (RED, at(1, 1)),
            (GREEN, at(3, 1)),
            (BLUE, at(1, 3)),
            (YELLOW, at(3, 3)),
        ] {
            assert_colour(place, colour, 12);
        }
    }
}

fn held(way: u8) -> RgbImage {
    stored(&quadrants(640, 400), way)
}

#[test]
fn jpeg_stands_upright_all_eight_ways() {
    for way in 1..=8 {
        let bytes = with_exif(&jpeg_of(&held(way)), &orientation(way.into()));
        assert_upright(&bytes, &format!("JPEG {way}"));
    }
}

#[test]
fn an_orientation_that_is_none_means_upright() {
    for way in [0, 9, 65535] {
        let bytes = with_exif(&jpeg_of(&held(1)), &orientation(way));
        assert_upright(&bytes, &format!("JPEG {way}"));
    }
}

#[test]
fn png_webp_and_tiff_stand_upright_all_eight_ways() {
    for way in 1..=8 {
        let image = held(way);
        let tags = orientation(way.into());
        let (width, height) = image.dimensions();
        let colour = image::ExtendedColorType::Rgb8;

        let mut png = Cursor::new(Vec::new());
        let mut encoder = PngEncoder::new(&mut png);
        encoder.set_exif_metadata(tags.clone()).unwrap();
        encoder.write_image(&image, width, height, colour).unwrap();
        assert_upright(png.get_ref(), &format!("PNG {way}"));

        let mut webp = Cursor::new(Vec::new());
        let mut encoder = WebPEncoder::new_lossless(&mut webp);
        encoder.set_exif_metadata(tags).unwrap();
        encoder.write_image(&image, width, height, colour).unwrap();
        assert_upright(webp.get_ref(), &format!("WebP {way}"));

        let tiff = tiff_with_orientation(&image, way.into());
        assert_upright(&tiff, &format!("TIFF {way}"));
    }
}

/// A JPEG whose colours are shared among pixels in this way.
fn sharing(image: &RgbImage, subsamp: Subsamp) -> Vec<u8> {
    let source = turbojpeg::Image {
        pixels: image.as_raw().as_slice(),
        width: image.width() as usize,
        pitch: image.width() as usize * 3,
        height: image.height() as usize,
        format: turbojpeg::PixelFormat::RGB,
    };
    turbojpeg::compress(source, 95, subsamp).unwrap().to_vec()
}

#[test]
fn shared_colours_stay_where_they_belong_whatever_the_size() {
    let ways = [
        Subsamp::None,
        Subsamp::Sub2x1,
        Subsamp::Sub2x2,
        Subsamp::Sub1x2,
        Subsamp::Sub4x1,
        Subsamp::Gray,
    ];
    // At its own size, and made smaller; sides that no block divides.
    for (width, height) in [(301, 201), (1439, 1001), (3001, 2003)] {
        let scene = quadrants(width, height);
        for (subsamp, way) in ways.into_iter().zip([1, 2, 6, 3, 8, 5]) {
            let jpeg = with_exif(
                &sharing(&stored(&scene, way), subsamp),
                &orientation(way.into()),
            );
            let picture = developed(&jpeg);
            let seen = shown(&picture, Rendition::Preview);
            let of = format!("{subsamp:?} of {width} × {height}, held {way}");
            let scale = f64::from(seen.width()) / f64::from(width);
            let expected = (f64::from(height) * scale).round() as u32;
            assert_eq!(seen.height(), expected, "{of}");
            if subsamp == Subsamp::Gray {
                continue;
            }
            // A few pixels from every seam and edge, so that a shift shows.
            let (across, down) = (seen.width(), seen.height());
            let near = [(3, 3), (across / 2 - 6, down / 2 - 6)];
            for (x, y) in near {
                let at = |x: u32, y: u32| seen.get_pixel(x, y).0;
                assert_colour(at(x, y), RED, 24);
                assert_colour(at(across - 1 - x, y), GREEN, 24);
                assert_colour(at(x, down - 1 - y), BLUE, 24);
                assert_colour(at(across - 1 - x, down - 1 - y), YELLOW, 24);
            }
        }
    }
}

/// Stored pixels that stand upright after this turn.
fn before(turn: Turn) -> RgbImage {
    let upright = quadrants(640, 400);
    match turn {
        Turn::None => upright,
        Turn::Quarter => image::imageops::rotate270(&upright),
        Turn::Half => image::imageops::rotate180(&upright),
        Turn::ThreeQuarters => image::imageops::rotate90(&upright),
    }
}

fn copied(bytes: &[u8], recipe: Recipe) -> Vec<u8> {
    let mut copy = Vec::new();
    let mut reader = CleanReader::new(Cursor::new(bytes), recipe).unwrap();
    reader.read_to_end(&mut copy).unwrap();
    copy
}

#[test]
fn what_its_owner_turned_is_developed_turned_and_a_clean_jpeg_says_so() {
    for quarters in 0..4 {
        let turn = Turn::of_quarters(quarters);
        let plain = jpeg_of(&before(turn));
        // Also one that its camera held otherwise, and that says so.
        let tagged = with_exif(&jpeg_of(&stored(&before(turn), 6)), &orientation(6));
        for bytes in [plain, tagged] {
            let picture = picture::develop(&bytes, &ALL, turn).unwrap();
            assert_eq!((picture.facts.width, picture.facts.height), (640, 400));
            let preview = shown(&picture, Rendition::Preview);
            assert_colour(preview.get_pixel(160, 100).0, RED, 12);
            assert_colour(preview.get_pixel(480, 300).0, YELLOW, 12);
            let recipe = clean_turned(Format::Jpeg, &mut Cursor::new(&bytes), turn).unwrap();
            assert_upright(&copied(&bytes, recipe), &format!("{turn:?}"));
        }
    }
}
