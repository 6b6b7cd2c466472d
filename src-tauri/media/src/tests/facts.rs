//! What is read from EXIF, and what is not believed.

use exif::{Tag, Value};

use super::camera::{exif, jpeg_of, quadrants, rationals, text, with_exif, with_segment};
use super::develop;
use crate::{Facts, Place, Taken, TakenFrom};

fn facts(tags: Vec<(Tag, Value)>) -> Facts {
    facts_of(&exif(tags))
}

fn facts_of(tiff: &[u8]) -> Facts {
    let jpeg = jpeg_of(&quadrants(64, 48));
    develop(&with_exif(&jpeg, tiff), &[]).unwrap().facts
}

fn place(north: Value, north_ref: &str, east: Value, east_ref: &str) -> Option<Place> {
    facts(vec![
        (Tag::GPSLatitude, north),
        (Tag::GPSLatitudeRef, text(north_ref)),
        (Tag::GPSLongitude, east),
        (Tag::GPSLongitudeRef, text(east_ref)),
    ])
    .metadata
    .place
}

#[test]
fn a_photo_says_when_where_and_how_it_was_taken() {
    let facts = facts(vec![
        (Tag::Make, text("FUJIFILM  ")),
        (Tag::Model, text("X100V")),
        (Tag::LensModel, text("XF23mmF2")),
        (Tag::DateTimeOriginal, text("2024:05:17 18:30:05")),
        (Tag::SubSecTimeOriginal, text("25")),
        (Tag::OffsetTimeOriginal, text("+02:00")),
        (Tag::FNumber, rationals([(28, 10)])),
        (Tag::ExposureTime, rationals([(1, 250)])),
        (Tag::PhotographicSensitivity, Value::Short(vec![640])),
        (Tag::FocalLength, rationals([(23, 1)])),
        (Tag::GPSLatitude, rationals([(51, 1), (2, 1), (30, 1)])),
        (Tag::GPSLatitudeRef, text("S")),
        (Tag::GPSLongitude, rationals([(13, 1), (44, 1), (0, 1)])),
        (Tag::GPSLongitudeRef, text("E")),
        (Tag::GPSAltitude, rationals([(1125, 10)])),
        (Tag::GPSAltitudeRef, Value::Byte(vec![1])),
    ]);
    assert_eq!(facts.metadata.camera_make.as_deref(), Some("FUJIFILM"));
    assert_eq!(facts.metadata.camera_model.as_deref(), Some("X100V"));
    assert_eq!(facts.metadata.lens.as_deref(), Some("XF23mmF2"));
    let taken = Taken {
        local_ms: 1_715_970_605_250,
        offset_minutes: Some(120),
        from: TakenFrom::Exif,
    };
    assert_eq!(facts.metadata.taken, Some(taken));
    assert_eq!(facts.metadata.f_number, Some(2.8));
    assert_eq!(facts.metadata.exposure_time, Some(0.004));
    assert_eq!(facts.metadata.iso, Some(640));
    assert_eq!(facts.metadata.focal_length, Some(23.0));
    let place = facts.metadata.place.unwrap();
    assert!((place.latitude + 51.041_666_7).abs() < 1e-6);
    assert!((place.longitude - 13.733_333_3).abs() < 1e-6);
    assert_eq!(place.altitude, Some(-112.5));
}

#[test]
fn the_scan_stands_in_for_the_exposure_and_the_last_change_does_not() {
    let scanned = facts(vec![
        (Tag::DateTimeDigitized, text("2001:02:03 04:05:06")),
        (Tag::OffsetTimeOriginal, text("+09:00")),
        (Tag::DateTime, text("2020:01:01 00:00:00")),
    ]);
    let taken = Taken {
        local_ms: 981_173_106_000,
        offset_minutes: None,
        from: TakenFrom::Exif,
    };
    assert_eq!(scanned.metadata.taken, Some(taken));
    let edited = facts(vec![(Tag::DateTime, text("2020:01:01 00:00:00"))]);
    assert_eq!(edited.metadata.taken, None);
}

#[test]
fn a_receiver_without_a_fix_is_nowhere() {
    let dms = |degrees, minutes, seconds| rationals([(degrees, 1), (minutes, 1), (seconds, 1)]);
    assert!(place(dms(51, 2, 0), "N", dms(13, 4, 0), "W").is_some());
    assert!(place(dms(0, 0, 0), "N", dms(13, 4, 0), "W").is_some());
    assert_eq!(place(dms(0, 0, 0), "N", dms(0, 0, 0), "E"), None);
    assert_eq!(place(dms(51, 2, 0), "", dms(13, 4, 0), "W"), None);
    assert_eq!(place(dms(91, 2, 0), "N", dms(13, 4, 0), "W"), None);
    assert_eq!(place(dms(51, 2, 0), "N", dms(181, 0, 0), "E"), None);
    let nothing = rationals([(0, 0), (0, 0), (0, 0)]);
    assert_eq!(place(nothing.clone(), "N", nothing, "E"), None);
}

#[test]
fn absurd_values_are_unknown() {
    let facts = facts(vec![
        (Tag::Make, text("\u{0}\u{0}   ")),
        (Tag::Model, text("")),
        (Tag::LensModel, text("----")),
        (Tag::DateTimeOriginal, text("0000:00:00 00:00:00")),
        (Tag::FNumber, rationals([(0, 0)])),
        (Tag::ExposureTime, rationals([(0, 1)])),
        (Tag::FocalLength, rationals([(0, 10)])),
        (Tag::PhotographicSensitivity, Value::Short(vec![65_535])),
    ]);
    assert_eq!(facts.metadata.camera_make, None);
    assert_eq!(facts.metadata.camera_model, None);
    assert_eq!(facts.metadata.lens, None);
    assert_eq!(facts.metadata.taken, None);
    assert_eq!(facts.metadata.f_number, None);
    assert_eq!(facts.metadata.exposure_time, None);
    assert_eq!(facts.metadata.focal_length, None);
    assert_eq!(facts.metadata.iso, None);
}

#[test]
fn a_sensitivity_beyond_16_bits_is_found() {
    let facts = facts(vec![
        (Tag::PhotographicSensitivity, Value::Short(vec![65_535])),
        (Tag::RecommendedExposureIndex, Value::Long(vec![102_400])),
    ]);
    assert_eq!(facts.metadata.iso, Some(102_400));
}

#[test]
fn names_may_be_in_utf_8_or_latin_1_and_are_cut_when_endless() {
    let latin = facts(vec![(
        Tag::Model,
        Value::Ascii(vec![b"Cam\xe9ra".to_vec()]),
    )]);
    assert_eq!(latin.metadata.camera_model.as_deref(), Some("Caméra"));
    let utf = facts(vec![(Tag::Model, text("Caméra"))]);
    assert_eq!(utf.metadata.camera_model.as_deref(), Some("Caméra"));
    let endless = facts(vec![(Tag::Model, text(&"x".repeat(10_000)))]);
    assert_eq!(endless.metadata.camera_model.unwrap().len(), 256);
}

#[test]
fn broken_exif_costs_only_itself() {
    let whole = exif(vec![
        (Tag::Make, text("Canon")),
        (Tag::DateTimeOriginal, text("2024:05:17 18:30:05")),
    ]);
    for length in 0..whole.len() {
        let facts = facts_of(&whole[..length]);
        assert_eq!((facts.width, facts.height), (64, 48));
    }
    for at in 0..whole.len() {
        for bits in [0xff, 0x01, 0x80] {
            let mut mutated = whole.clone();
            mutated[at] ^= bits;
            facts_of(&mutated);
        }
    }
    // The first Exif segment counts; one after it is an editor's leftover.
    let jpeg = with_exif(
        &jpeg_of(&quadrants(64, 48)),
        &exif(vec![(Tag::Make, text("Old"))]),
    );
    let jpeg = with_exif(&jpeg, &whole);
    let jpeg = with_segment(&jpeg, 0xe1, b"http://ns.adobe.com/xap/1.0/\0<x/>");
    let found = develop(&jpeg, &[]).unwrap().facts;
    assert_eq!(found.metadata.camera_make.as_deref(), Some("Canon"));
}
