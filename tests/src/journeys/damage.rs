//! Input that is broken, hostile or simply absent: a sentence for each, and the
//! rest is imported.

use crate::desk::{Desk, is_sentence};
use camera::{Exif, jpeg, png_claiming, quadrants};
use serde_json::Value;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

fn photo(caption: &str) -> Vec<u8> {
    let exif = Exif {
        caption: caption.to_owned(),
        ..Exif::default()
    };
    jpeg(&quadrants(640, 480), 90, &exif).unwrap()
}

fn complaint<'a>(report: &'a Value, path: &Path) -> Option<&'a Value> {
    report["failed"]
        .as_array()
        .unwrap()
        .iter()
        .find(|failed| failed["path"].as_str() == path.to_str())
}

#[test]
fn each_bad_file_has_its_sentence_and_the_rest_is_imported() {
    let desk = Desk::new();
    desk.put("first.jpg", &photo("first"));
    desk.put("in a folder.jpg/second.jpg", &photo("second"));
    let whole = photo("cut");
    let bad = [
        desk.put("text.jpg", b"Dear diary, this is not a picture at all.\n"),
        desk.put("empty.jpg", b""),
        desk.put("cut.jpg", &whole[..whole.len() / 3]),
        desk.put("bomb.png", &png_claiming(60_000, 60_000)),
        desk.put("notes.txt", b"Shopping: eggs.\n"),
        desk.path().join("nowhere"),
    ];
    desk.put("last.jpg", &photo("last"));
    let answer = desk.ask(&[
        OsStr::new("import"),
        desk.photos().as_os_str(),
        desk.path().join("nowhere").as_os_str(),
    ]);
    assert_eq!(answer.code, Some(3), "{answer:?}");
    let report = answer.said;
    for path in &bad {
        let complaint = complaint(&report, path)
            .unwrap_or_else(|| panic!("{} is not named: {report}", path.display()));
        assert!(is_sentence(&complaint["message"]), "{complaint}");
        assert!(complaint["code"].is_string(), "{complaint}");
    }
    assert_eq!(
        report["failed"].as_array().unwrap().len(),
        bad.len(),
        "{report}"
    );
    assert_eq!(report["imported"], 3, "{report}");
    assert_eq!(desk.assets().len(), 3);
}

#[test]
fn a_name_that_is_markup_or_another_alphabet_comes_through_unchanged() {
    let desk = Desk::new();
    let names = [
        "<script>alert(1)</script>.jpg",
        "夏の海 🌊.jpg",
        "a'b\"c & d.jpg",
    ];
    for name in names {
        // The slash of the closing tag would be a folder.
        desk.put(&name.replace('/', "⁄"), &photo(name));
    }
    assert_eq!(desk.import().len(), 3);
    let mut seen: Vec<String> = desk
        .assets()
        .iter()
        .map(|asset| asset["name"].as_str().unwrap().to_owned())
        .collect();
    seen.sort();
    let mut wanted: Vec<String> = names.iter().map(|name| name.replace('/', "⁄")).collect();
    wanted.sort();
    assert_eq!(seen, wanted);
}

#[test]
fn a_pipe_named_like_a_photo_does_not_hold_up_the_import() {
    let desk = Desk::new();
    desk.put("good.jpg", &photo("good"));
    let pipe = desk.photos().join("pipe.jpg");
    if !Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .is_ok_and(|status| status.success())
    {
        eprintln!("skipped a_pipe_named_like_a_photo: this system has no mkfifo");
        return;
    }
    let answer = desk.ask(&[OsStr::new("import"), desk.photos().as_os_str()]);
    assert_eq!(answer.said["imported"], 1, "{answer:?}");
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_in_circles_ends() {
    let desk = Desk::new();
    desk.put("good.jpg", &photo("good"));
    std::os::unix::fs::symlink(desk.photos(), desk.photos().join("again")).unwrap();
    let answer = desk.ask(&[OsStr::new("import"), desk.photos().as_os_str()]);
    assert_eq!(answer.said["imported"], 1, "{answer:?}");
    assert_eq!(desk.assets().len(), 1);
}
