//! Importing again, from cards and phones, and to folders of one's choice.

use crate::desk::{Desk, is_sentence, text, texts};
use camera::{Exif, jpeg, quadrants};
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// A photo of its own.
pub fn photo(number: usize) -> Vec<u8> {
    let exif = Exif {
        taken: format!("2026:05:{:02} 14:22:10", number % 28 + 1),
        caption: format!("number {number}"),
        make: "Albumen".to_owned(),
        model: "Test camera".to_owned(),
        ..Exif::default()
    };
    jpeg(&quadrants(320, 240), 85, &exif).unwrap()
}

/// Says that a file was last written to so many seconds ago.
pub fn age(path: &Path, seconds: u64) {
    let then = SystemTime::now() - Duration::from_secs(seconds);
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(then).unwrap();
}

fn import(desk: &Desk, options: &[&str]) -> Value {
    let photos = desk.photos();
    let mut words = vec![OsStr::new("import"), photos.as_os_str()];
    words.extend(options.iter().map(OsStr::new));
    desk.tell(&words)
}

fn counts(report: &Value) -> [u64; 3] {
    ["read", "imported", "duplicates"].map(|count| report[count].as_u64().unwrap())
}

#[test]
fn what_was_imported_is_not_read_again_while_it_stays_as_it_was() {
    let desk = Desk::new();
    for number in 0..5 {
        let path = desk.put(&format!("roll/{number}.jpg"), &photo(number));
        age(&path, 3_600);
    }
    assert_eq!(counts(&import(&desk, &[])), [5, 5, 0]);
    assert_eq!(counts(&import(&desk, &[])), [0, 0, 5]);
    let album = text(&desk.tell(&["album", "create", "Again"])["id"]);
    assert_eq!(counts(&import(&desk, &["--album", &album])), [0, 0, 5]);
    assert_eq!(desk.tell(&["album", "show", &album])["album"]["count"], 5);

    // Another time, or other bytes of the same length: it is read.
    age(&desk.photos().join("roll/0.jpg"), 1_800);
    assert_eq!(counts(&import(&desk, &[])), [1, 0, 5]);
    assert_eq!(counts(&import(&desk, &[])), [0, 0, 5]);

    // What was deleted for good comes again; what lies in the trash does not.
    let ids: Vec<String> = desk
        .assets()
        .iter()
        .map(|asset| text(&asset["id"]))
        .collect();
    desk.tell(&["trash", &ids[0], &ids[1]]);
    assert_eq!(counts(&import(&desk, &[])), [0, 0, 5]);
    desk.tell(&["trash", "empty", &ids[0]]);
    assert_eq!(counts(&import(&desk, &[])), [1, 1, 4]);

    // An original that was lost is fetched again.
    let originals = crate::durability::originals(&desk);
    fs::remove_file(&originals[0]).unwrap();
    assert_eq!(counts(&import(&desk, &[])), [1, 0, 5]);
    assert_eq!(crate::durability::originals(&desk).len(), 5);
}

#[test]
fn a_file_that_was_written_a_moment_ago_is_read_again() {
    let desk = Desk::new();
    let path = desk.put("young.jpg", &photo(1));
    age(&path, 0);
    assert_eq!(counts(&import(&desk, &[])), [1, 1, 0]);
    age(&path, 0);
    assert_eq!(counts(&import(&desk, &[])), [1, 0, 1]);
}

#[test]
fn the_same_bytes_under_two_names_are_one_photo_in_two_places() {
    let desk = Desk::new();
    let (first, second) = (
        desk.put("2026/a.jpg", &photo(1)),
        desk.put("backup/b.jpg", &photo(1)),
    );
    age(&first, 3_600);
    age(&second, 3_600);
    let report = import(&desk, &["--in-place"]);
    assert_eq!(counts(&report), [2, 1, 1], "{report}");
    let id = text(&desk.assets()[0]["id"]);
    let places = || desk.tell(&["asset", "show", &id])["places"].clone();
    let place = |path: &Path| json!({"path": path, "in_place": true, "part": "whole"});
    assert_eq!(places(), json!([place(&first), place(&second)]));
    assert_eq!(counts(&import(&desk, &["--in-place"])), [0, 0, 2]);

    // Either will do.
    fs::remove_file(&first).unwrap();
    let asset = desk.assets().pop().unwrap();
    assert_eq!(desk.bytes_of(&asset, "original"), photo(1));
    // A copy is a third.
    assert_eq!(counts(&import(&desk, &[])), [1, 0, 1]);
    let shown = places();
    assert_eq!(shown.as_array().unwrap().len(), 3, "{shown}");
    assert_eq!(shown[0]["in_place"], false, "{shown}");
    assert!(Path::new(&text(&shown[0]["path"])).starts_with(desk.library()));
}

#[test]
fn copies_go_where_the_template_says() {
    let desk = Desk::new();
    desk.put("a.jpg", &photo(1));
    desk.put(
        "plain.png",
        &camera::plain(&quadrants(80, 60), image::ImageFormat::Png).unwrap(),
    );
    let usual = desk.tell(&["import", "template"]);
    assert_eq!(usual, json!({"template": "{year}/{year}-{month}"}));
    import(&desk, &["--template", "{camera}/{year}"]);
    let originals = desk.library().join("originals");
    assert!(originals.join("Albumen Test camera/2026/a.jpg").exists());
    assert!(originals.join("unknown camera/undated/plain.png").exists());

    desk.tell(&["import", "template", "by day/{year}{month}{day}"]);
    desk.put("b.jpg", &photo(2));
    import(&desk, &[]);
    assert!(originals.join("by day/20260503/b.jpg").exists());

    for bad in ["../out", "{yaer}", "/etc", ""] {
        let refused = desk.ask(&["import", "template", bad]);
        assert_eq!(refused.code, Some(1), "{refused:?}");
        let message = refused.error()["message"].clone();
        assert!(is_sentence(&message), "{message}");
        assert!(text(&message).contains("{camera}"), "{message}");
        let photos = desk.photos();
        let words = [OsStr::new("import"), photos.as_os_str()];
        let option = ["--template", bad].map(OsStr::new);
        assert_eq!(desk.ask(&[&words[..], &option].concat()).code, Some(1));
    }
    let kept = desk.tell(&["import", "template"]);
    assert_eq!(kept["template"], "by day/{year}{month}{day}");
    assert!(!desk.library().join("out").exists());
}

#[test]
fn cards_and_phones_are_listed_and_imported() {
    let desk = Desk::new();
    let mounts = desk.path().join("mounts");
    let put = |name: &str, number: usize| {
        let path = mounts.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, photo(number)).unwrap();
    };
    put("mira/EOS_DIGITAL/DCIM/100CANON/IMG_0001.JPG", 1);
    put(
        "gvfs/mtp:host=Google_Pixel_7_2B231FDH2003XY/Internal storage/DCIM/Camera/PXL_1.jpg",
        2,
    );
    put("mira/Documents/letter.jpg", 3);
    let found = desk.tell(&[
        OsStr::new("sources"),
        OsStr::new("--under"),
        mounts.as_os_str(),
    ]);
    let sources = found["sources"].as_array().unwrap();
    let told: Vec<(String, String)> = sources
        .iter()
        .map(|source| (text(&source["name"]), text(&source["kind"])))
        .collect();
    let wanted = [("EOS_DIGITAL", "card"), ("Google Pixel 7", "phone")];
    assert_eq!(told, wanted.map(|(a, b)| (a.to_owned(), b.to_owned())));
    // Both at once.
    let mut words = vec!["import".to_owned()];
    words.extend(sources.iter().map(|source| text(&source["path"])));
    assert_eq!(counts(&desk.tell(&words)), [2, 2, 0]);

    let nothing = desk.path().join("nothing");
    let none = desk.tell(&[
        OsStr::new("sources"),
        OsStr::new("--under"),
        nothing.as_os_str(),
    ]);
    assert_eq!(texts(&none["sources"]), Vec::<String>::new());
}
