//! Importing: what comes in, what is told, and what is left untouched.

use crate::desk::{Desk, is_sentence, text};
use camera::{Exif, jpeg, plain, quadrants};
use image::ImageFormat;
use serde_json::Value;
use std::ffi::OsStr;

fn full_exif() -> Exif {
    Exif {
        orientation: 1,
        taken: "2026:05:03 14:22:10".to_owned(),
        offset: "+02:00".to_owned(),
        place: Some((-33.8568, 151.2153, 12.5)),
        make: "Albumen".to_owned(),
        model: "Test camera".to_owned(),
        lens: "35 mm f/2".to_owned(),
        aperture_tenths: Some(28),
        exposure_per_second: Some(250),
        iso: Some(400),
        focal_length: Some(35),
        ..Exif::default()
    }
}

#[test]
fn every_format_is_imported_with_what_the_camera_noted() {
    let desk = Desk::new();
    desk.put(
        "a.jpg",
        &jpeg(&quadrants(640, 480), 90, &full_exif()).unwrap(),
    );
    for (name, format) in [
        ("b.png", ImageFormat::Png),
        ("c.webp", ImageFormat::WebP),
        ("d.gif", ImageFormat::Gif),
        ("e.tiff", ImageFormat::Tiff),
    ] {
        desk.put(name, &plain(&quadrants(400, 300), format).unwrap());
    }
    let report = desk.tell(&[OsStr::new("import"), desk.photos().as_os_str()]);
    assert_eq!(report["imported"], 5, "{report}");
    assert_eq!(report["failed"].as_array().unwrap().len(), 0, "{report}");

    let assets = desk.assets();
    let photo = assets
        .iter()
        .find(|asset| asset["name"] == "a.jpg")
        .unwrap();
    assert_eq!(photo["width"], 640);
    assert_eq!(photo["height"], 480);
    assert_eq!(photo["mime"], "image/jpeg");
    assert_eq!(photo["taken_at"], "2026-05-03T14:22:10+02:00");
    assert_eq!(photo["camera_make"], "Albumen");
    assert_eq!(photo["camera_model"], "Test camera");
    assert_eq!(photo["lens"], "35 mm f/2");
    assert_eq!(photo["iso"].as_f64(), Some(400.0));
    for (field, wanted) in [
        ("latitude", -33.8568),
        ("longitude", 151.2153),
        ("altitude", 12.5),
        ("f_number", 2.8),
        ("exposure_time", 0.004),
        ("focal_length", 35.0),
    ] {
        let seen = photo[field].as_f64().unwrap();
        assert!((seen - wanted).abs() < 1e-4, "{field}: {seen}");
    }

    let bare = assets
        .iter()
        .find(|asset| asset["name"] == "b.png")
        .unwrap();
    for field in ["taken_at", "latitude", "camera_make", "iso", "lens"] {
        assert!(bare[field].is_null(), "{field} is a guess: {}", bare[field]);
    }
    let months = desk.tell(&["timeline"]);
    assert!(
        months["months"]
            .as_array()
            .unwrap()
            .iter()
            .any(|month| { month["month"] == "2026-05" && month["count"] == 1 }),
        "{months}"
    );
}

#[test]
fn a_second_import_finds_only_duplicates_and_originals_are_the_same_bytes() {
    let desk = Desk::new();
    for number in 0..6 {
        let exif = Exif {
            caption: format!("number {number}"),
            ..full_exif()
        };
        desk.put(
            &format!("roll/{number}.jpg"),
            &jpeg(&quadrants(320, 240), 90, &exif).unwrap(),
        );
    }
    assert_eq!(desk.import().len(), 6);
    let again = desk.tell(&[OsStr::new("import"), desk.photos().as_os_str()]);
    assert_eq!(again["imported"], 0, "{again}");
    assert_eq!(again["duplicates"], 6, "{again}");

    for asset in desk.assets() {
        let source = desk.photos().join("roll").join(text(&asset["name"]));
        let bytes = std::fs::read(source).unwrap();
        assert_eq!(asset["hash"], blake3::hash(&bytes).to_hex().as_str());
        let copy = desk.path().join("copy.jpg");
        desk.tell(&[
            "asset",
            "write",
            &text(&asset["id"]),
            "--rendition",
            "original",
            "--to",
            copy.to_str().unwrap(),
        ]);
        assert_eq!(std::fs::read(&copy).unwrap(), bytes);
        std::fs::remove_file(&copy).unwrap();
    }
}

#[test]
fn a_photo_whose_bytes_are_away_is_taken_in_again() {
    let desk = Desk::new();
    let bytes = jpeg(&quadrants(320, 240), 90, &full_exif()).unwrap();
    let path = desk.put("away.jpg", &bytes);
    let photos = desk.photos();
    let import = |option: &[&str]| {
        let mut arguments = vec![OsStr::new("import"), photos.as_os_str()];
        arguments.extend(option.iter().map(OsStr::new));
        desk.tell(&arguments)
    };
    assert_eq!(import(&["--in-place"])["imported"], 1);
    assert_eq!(import(&["--in-place"])["duplicates"], 1);
    assert_eq!(crate::durability::originals(&desk).len(), 0);

    // A copying import of what is only referred to makes the copy.
    assert_eq!(import(&[])["duplicates"], 1);
    let originals = crate::durability::originals(&desk);
    assert_eq!(originals.len(), 1);
    assert_eq!(std::fs::read(&originals[0]).unwrap(), bytes);

    // An original that was lost comes back with the next import.
    std::fs::remove_file(&originals[0]).unwrap();
    assert_eq!(import(&[])["duplicates"], 1);
    assert_eq!(crate::durability::originals(&desk).len(), 1);
    std::fs::remove_file(&path).unwrap();
    let id = text(&desk.assets()[0]["id"]);
    let copy = desk.path().join("copy.jpg");
    let to = copy.to_str().unwrap();
    desk.tell(&["asset", "write", &id, "--rendition", "original", "--to", to]);
    assert_eq!(std::fs::read(&copy).unwrap(), bytes);
    let again = ["asset", "write", &id, "--rendition", "preview", "--to", to];
    assert_eq!(desk.ask(&again).code, Some(1));
    desk.tell(&[&again[..], &["--replace"]].concat());
    assert_ne!(std::fs::read(&copy).unwrap(), bytes);
}

#[test]
fn photos_left_in_place_are_neither_copied_nor_touched() {
    let desk = Desk::new();
    let bytes = jpeg(&quadrants(320, 240), 90, &full_exif()).unwrap();
    let path = desk.put("kept.jpg", &bytes);
    let before = std::fs::metadata(&path).unwrap();
    let report = desk.tell(&[
        OsStr::new("import"),
        OsStr::new("--in-place"),
        desk.photos().as_os_str(),
    ]);
    assert_eq!(report["imported"], 1, "{report}");
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    let after = std::fs::metadata(&path).unwrap();
    assert_eq!(before.modified().unwrap(), after.modified().unwrap());
    assert_eq!(before.permissions(), after.permissions());
    assert_eq!(crate::durability::originals(&desk).len(), 0);
    let ids: Vec<String> = desk
        .assets()
        .iter()
        .map(|asset| text(&asset["id"]))
        .collect();
    let copy = desk.path().join("copy.jpg");
    desk.tell(&[
        "asset",
        "write",
        &ids[0],
        "--rendition",
        "original",
        "--to",
        copy.to_str().unwrap(),
    ]);
    assert_eq!(std::fs::read(copy).unwrap(), bytes);
}

#[test]
fn an_import_goes_into_an_album_when_asked() {
    let desk = Desk::new();
    desk.put(
        "a.jpg",
        &jpeg(&quadrants(320, 240), 90, &full_exif()).unwrap(),
    );
    let album = text(&desk.tell(&["album", "create", "Sydney"])["id"]);
    desk.tell(&[
        OsStr::new("import"),
        OsStr::new("--album"),
        OsStr::new(&album),
        desk.photos().as_os_str(),
    ]);
    let shown = desk.tell(&["album", "show", &album]);
    assert_eq!(shown["album"]["count"], 1, "{shown}");
    assert_eq!(shown["assets"].as_array().unwrap().len(), 1, "{shown}");
}

#[test]
fn a_command_ends_with_the_code_that_says_how_it_went() {
    let desk = Desk::new();
    desk.put(
        "good.jpg",
        &jpeg(&quadrants(320, 240), 90, &full_exif()).unwrap(),
    );
    let nowhere = desk.path().join("nowhere");

    let partly = desk.ask(&[
        OsStr::new("import"),
        desk.photos().as_os_str(),
        nowhere.as_os_str(),
    ]);
    assert_eq!(partly.code, Some(3), "{partly:?}");
    assert_eq!(partly.said["imported"], 1);

    let failed = desk.ask(&[OsStr::new("import"), nowhere.as_os_str()]);
    assert_eq!(failed.code, Some(1), "{failed:?}");

    let wrong = desk.ask(&["import"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    let wrong = desk.ask(&["link", "create"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");

    let absent = desk.ask(&["asset", "show", "0198c000-0000-7000-8000-000000000000"]);
    assert_eq!(absent.code, Some(1), "{absent:?}");
    assert!(is_sentence(&absent.error()["message"]), "{absent:?}");
    assert!(absent.error()["code"].is_string(), "{absent:?}");
    assert!(absent.said.is_null(), "{absent:?}");
}

#[test]
fn a_name_with_a_date_tells_when_nothing_else_does() {
    let desk = Desk::new();
    let bare = |side| plain(&quadrants(side, 120), ImageFormat::Jpeg).unwrap();
    desk.put("IMG_20240413_203800.jpg", &bare(160));
    desk.put("Screenshot 2024-04-13 at 20.38.01.png", &bare(161));
    desk.put("holiday.jpg", &bare(162));
    // Its camera knows better than its name.
    let exif = jpeg(&quadrants(163, 120), 90, &full_exif()).unwrap();
    desk.put("IMG_20240413_203802.jpg", &exif);
    assert_eq!(desk.import().len(), 4);
    let assets = desk.assets();
    let told = |name: &str| {
        let asset = assets.iter().find(|asset| asset["name"] == name).unwrap();
        (asset["taken_at"].clone(), asset["taken_from"].clone())
    };
    assert_eq!(
        told("IMG_20240413_203800.jpg"),
        ("2024-04-13T20:38:00".into(), "name".into())
    );
    assert_eq!(
        told("Screenshot 2024-04-13 at 20.38.01.png"),
        ("2024-04-13T20:38:01".into(), "name".into())
    );
    assert_eq!(told("holiday.jpg"), (Value::Null, Value::Null));
    assert_eq!(
        told("IMG_20240413_203802.jpg"),
        ("2026-05-03T14:22:10+02:00".into(), "exif".into())
    );
}
