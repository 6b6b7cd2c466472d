//! RAW pictures without a preview worth showing: developed, and in their colours.

use std::path::Path;

use image::imageops::{FilterType, resize};
use image::{GrayImage, Rgb, RgbImage};
use rawler::imgop::srgb::srgb_apply_gamma;

use super::camera::{BLUE, GREEN, RED, YELLOW, jpeg_of, stored};
use super::dng::{Dng, Mosaic, filtered};
use super::fixtures::{files_below, fixtures};
use super::{ALL, assert_colour, develop, developed, shown};
use crate::{Format, MediaError, Rendition};

const WHITE: [u8; 3] = [255; 3];
const GREY: [u8; 3] = [120; 3];
/// What a developed patch may be beside its colour: eight bits of JPEG, and a
/// gain by the brightest hundredth.
const CLOSE: u8 = 8;

/// Six patches, three above three.
const PATCHES: [[u8; 3]; 6] = [RED, WHITE, GREEN, BLUE, GREY, YELLOW];

fn patches(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let patch = (y * 2 / height) * 3 + x * 3 / width;
        Rgb(PATCHES[patch as usize])
    })
}

/// Asserts that `found` shows the patches, at the middle of each.
#[track_caller]
fn assert_patches(found: &RgbImage, patches: [[u8; 3]; 6]) {
    let (width, height) = found.dimensions();
    for (n, wanted) in (0..).zip(patches) {
        let (x, y) = (width * (n % 3 * 2 + 1) / 6, height * (n / 3 * 2 + 1) / 4);
        assert_colour(found.get_pixel(x, y).0, wanted, CLOSE);
    }
}

/// The file with a preview behind it.
fn with_preview(dng: &Dng, preview: &RgbImage) -> Vec<u8> {
    [dng.bytes(), jpeg_of(preview)].concat()
}

#[test]
fn a_raw_without_preview_stands_upright_in_its_colours() {
    let scene = patches(192, 128);
    for way in 1..=8 {
        let sensor = stored(&scene, way);
        let dng = Dng {
            orientation: way.into(),
            ..Dng::of(&sensor)
        };
        let picture = developed(&dng.bytes());
        assert_eq!(picture.facts.format, Format::Dng);
        assert_eq!((picture.facts.width, picture.facts.height), (192, 128));
        for rendition in ALL {
            let found = shown(&picture, rendition);
            assert_eq!(found.dimensions(), (192, 128), "orientation {way}");
            assert_patches(&found, PATCHES);
        }
    }
}

#[test]
fn every_mosaic_and_packing_is_developed() {
    let scene = patches(190, 126);
    // Grey is what passes the green filter.
    let greys = PATCHES.map(|colour| {
        let [_, light, _] = filtered(Rgb(colour));
        [(srgb_apply_gamma(light) * 255.0).round() as u8; 3]
    });
    let bayer = [[0, 1, 1, 2], [2, 1, 1, 0], [1, 0, 2, 1], [1, 2, 0, 1]].map(Mosaic::Bayer);
    for mosaic in bayer.into_iter().chain([Mosaic::Undone, Mosaic::Grey]) {
        let wanted = match mosaic {
            Mosaic::Grey => greys,
            _ => PATCHES,
        };
        for packed in [false, true] {
            let dng = Dng {
                mosaic,
                packed,
                ..Dng::of(&scene)
            };
            let found = shown(&developed(&dng.bytes()), Rendition::Preview);
            assert_eq!(found.dimensions(), (190, 126));
            assert_patches(&found, wanted);
        }
    }
}

#[test]
fn a_large_sensor_is_averaged_to_what_is_wanted() {
    let scene = patches(3000, 2000);
    let bytes = Dng::of(&scene).bytes();
    let picture = developed(&bytes);
    assert_eq!((picture.facts.width, picture.facts.height), (3000, 2000));
    for (rendition, size) in [
        (Rendition::Preview, (1440, 960)),
        (Rendition::Thumbnail, (375, 250)),
    ] {
        let alone = develop(&bytes, &[rendition]).unwrap();
        for picture in [&picture, &alone] {
            let found = shown(picture, rendition);
            assert_eq!(found.dimensions(), size);
            assert_patches(&found, PATCHES);
        }
    }
}

#[test]
fn a_dark_picture_is_made_two_stops_brighter_and_no_more() {
    let scene = patches(192, 128);
    for (light, wanted) in [(0.25, 255), (0.0625, 137)] {
        let dng = Dng {
            light,
            ..Dng::of(&scene)
        };
        let found = shown(&developed(&dng.bytes()), Rendition::Preview);
        assert_colour(found.get_pixel(96, 32).0, [wanted; 3], CLOSE);
    }
}

#[test]
fn a_small_preview_is_shown_where_it_is_enough() {
    let scene = patches(600, 400);
    let dng = Dng::of(&scene);
    let pink = [250, 130, 200];
    let preview = |width, height| RgbImage::from_pixel(width, height, Rgb(pink));
    let preview_seen = |bytes: &[u8], want: &[Rendition]| {
        let picture = develop(bytes, want).unwrap();
        assert_eq!((picture.facts.width, picture.facts.height), (600, 400));
        let found = shown(&picture, want[0]);
        let seen = found.get_pixel(found.width() / 2, found.height() / 4).0;
        seen.iter().zip(pink).all(|(a, b)| a.abs_diff(b) < 12)
    };
    let tiny = with_preview(&dng, &preview(160, 106));
    assert!(!preview_seen(&tiny, &[Rendition::Thumbnail]));
    assert!(!preview_seen(&tiny, &ALL));
    // Nothing is developed for the first sight of it.
    assert!(preview_seen(&tiny, &[Rendition::First]));
    let middling = with_preview(&dng, &preview(480, 320));
    assert!(preview_seen(&middling, &[Rendition::Thumbnail]));
    assert!(!preview_seen(
        &middling,
        &[Rendition::Preview, Rendition::Thumbnail]
    ));
    // The camera's own picture goes before ours.
    let good = with_preview(&dng, &preview(1000, 667));
    assert!(preview_seen(&good, &ALL));
    assert!(
        develop(&dng.bytes(), &[Rendition::First])
            .unwrap()
            .renditions
            .is_empty()
    );
}

#[test]
fn what_cannot_be_developed_is_shown_by_a_small_preview_or_kept() {
    let scene = patches(192, 128);
    let whole = Dng::of(&scene).bytes();
    let is_kept = |bytes: &[u8]| {
        let facts = develop(bytes, &[]).unwrap().facts;
        assert_eq!(facts.format, Format::Dng);
        matches!(develop(bytes, &ALL), Err(MediaError::NoPreview))
    };
    assert!(is_kept(&whole[..whole.len() - 1000]));
    let with = |tag: u16, value: u32| {
        let mut bytes = whole.clone();
        let entry = (10..)
            .step_by(12)
            .find(|at| bytes[*at..*at + 2] == tag.to_le_bytes());
        let at = entry.unwrap() + 8;
        bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        bytes
    };
    let (width, compression, strip) = (256, 259, 273);
    assert!(is_kept(&with(width, 400_000)));
    assert!(is_kept(&with(width, u32::MAX)));
    assert!(is_kept(&with(compression, 9)));
    assert!(is_kept(&with(strip, u32::MAX)));
    // A directory that follows itself, and text longer than the file.
    let after = 10 + 12 * usize::from(u16::from_le_bytes([whole[8], whole[9]]));
    assert_eq!(whole[after..after + 4], [0; 4]);
    let mut round = whole.clone();
    round[after] = 8;
    assert!(is_kept(&round));
    let mut endless = whole.clone();
    let model = (10..)
        .step_by(12)
        .find(|at| endless[*at..*at + 2] == [16, 1]);
    endless[model.unwrap() + 7] = 0x7f;
    assert!(is_kept(&endless));
    // Readings that are all the same were never there.
    let mut blank = whole.clone();
    let (width, height) = (192 + 17, 128 + 11);
    let readings = blank.len() - width * height * 2;
    blank[readings..].fill(0);
    assert!(is_kept(&blank));

    let preview = jpeg_of(&RgbImage::from_pixel(160, 107, Rgb(RED)));
    let small = [with(compression, 9), preview].concat();
    let found = shown(&develop(&small, &ALL).unwrap(), Rendition::Preview);
    assert_eq!(found.dimensions(), (160, 107), "never enlarged");
    assert_colour(found.get_pixel(80, 50).0, RED, CLOSE);
}

/// How much two pictures of one size have in common, from -1 to 1, and how much
/// brighter the first is.
fn likeness(one: &GrayImage, other: &GrayImage) -> (f64, f64) {
    let of = |image: &GrayImage| {
        image
            .pixels()
            .map(|luma| f64::from(luma.0[0]))
            .collect::<Vec<_>>()
    };
    let (one, other) = (of(one), of(other));
    let mean = |all: &[f64]| all.iter().sum::<f64>() / all.len() as f64;
    let (mean_one, mean_other) = (mean(&one), mean(&other));
    let shared = |a: &[f64], mean_a: f64, b: &[f64], mean_b: f64| {
        a.iter()
            .zip(b)
            .map(|(a, b)| (a - mean_a) * (b - mean_b))
            .sum::<f64>()
    };
    let own =
        shared(&one, mean_one, &one, mean_one) * shared(&other, mean_other, &other, mean_other);
    (
        shared(&one, mean_one, &other, mean_other) / own.sqrt(),
        mean_one - mean_other,
    )
}

#[test]
fn real_photos_come_through_a_sensor_as_they_were() {
    let Some(folder) = fixtures("real_photos_come_through_a_sensor_as_they_were") else {
        return;
    };
    let mut seen = 0;
    for path in files_below(&folder.join("photos")) {
        let Ok(photo) = image::open(&path) else {
            continue;
        };
        // Once demosaiced place by place, and once averaged.
        for size in [(900, 600), (2904, 1936)] {
            let scene = photo
                .resize_exact(size.0, size.1, FilterType::Triangle)
                .into_rgb8();
            let found = shown(&developed(&Dng::of(&scene).bytes()), Rendition::Preview);
            let wanted = resize(&scene, found.width(), found.height(), FilterType::Triangle);
            let luma = |image: &RgbImage| image::imageops::grayscale(image);
            let (alike, brighter) = likeness(&luma(&found), &luma(&wanted));
            eprintln!("{}: {alike:.4}, {brighter:+.1}", path.display());
            assert!(alike > 0.98, "{}: {alike}", path.display());
            assert!(
                (-2.0..20.0).contains(&brighter),
                "{}: {brighter}",
                path.display()
            );
        }
        seen += 1;
        if seen == 6 {
            break;
        }
    }
    assert!(seen > 0);
}

#[test]
fn raws_whose_readings_were_taken_out_are_kept() {
    let Some(folder) = fixtures("raws_whose_readings_were_taken_out_are_kept") else {
        return;
    };
    for name in ["CanonRaw.cr2", "DNG.dng", "Nikon.nef"] {
        let bytes = std::fs::read(Path::new(&folder).join("formats/raw").join(name)).unwrap();
        let outcome = develop(&bytes, &ALL).map(|_| ());
        assert!(
            matches!(outcome, Err(MediaError::NoPreview)),
            "{name}: {outcome:?}"
        );
    }
}
