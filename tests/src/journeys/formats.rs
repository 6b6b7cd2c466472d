//! Every format that phones, cameras and people's folders hold: what comes in
//! has facts and a picture, and what does not is named with a sentence.

use crate::desk::{Desk, is_sentence, text};
use crate::fixtures::{files, fixtures};
use crate::programs::have;
use serde_json::Value;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// What every import of pictures and videos promises of each asset.
fn has_facts(asset: &Value) {
    assert!(["photo", "video"].contains(&text(&asset["kind"]).as_str()));
    if asset["unseen"].is_null() {
        for side in ["width", "height"] {
            assert!(asset[side].as_u64().unwrap() > 0, "{asset}");
        }
    } else {
        assert!(is_sentence(&asset["unseen"]), "{asset}");
    }
    if asset["kind"] == "video" {
        assert!(asset["duration_ms"].as_u64().is_some(), "{asset}");
        assert!(text(&asset["mime"]).starts_with("video/"), "{asset}");
    }
}

/// A thumbnail and a preview where they are promised, and a sentence elsewhere.
fn is_shown(desk: &Desk, asset: &Value) {
    for size in ["thumbnail", "preview"] {
        if asset["unseen"].is_null() {
            let picture = image::load_from_memory(&desk.bytes_of(asset, size))
                .unwrap_or_else(|error| panic!("{} {size}: {error}", asset["name"]));
            let (wide, high) = (picture.width(), picture.height());
            let turned = asset["width"].as_u64() >= asset["height"].as_u64();
            assert_eq!(
                wide >= high,
                turned,
                "{} {size} {wide}×{high}",
                asset["name"]
            );
        } else {
            desk.refusal_of(asset, size);
        }
    }
}

#[test]
fn every_fixture_is_imported_or_named_and_the_second_time_known() {
    let test = "every_fixture_is_imported";
    let Some(fixtures) = fixtures(test) else {
        return;
    };
    if !have(test, &["ffmpeg", "ffprobe"]) {
        return;
    }
    let folders = [
        "formats",
        "motion-live",
        "video",
        "sidecar-xmp",
        "captions-tags",
    ];
    let folders: Vec<PathBuf> = folders.iter().map(|name| fixtures.join(name)).collect();
    let all: Vec<PathBuf> = folders.iter().flat_map(|folder| files(folder)).collect();
    let desk = Desk::new();
    let mut words: Vec<OsString> = vec!["import".into()];
    words.extend(folders.iter().map(|folder| folder.clone().into_os_string()));
    let first = desk.ask(&words).said;
    let count =
        |report: &Value, field: &str| usize::try_from(report[field].as_u64().unwrap()).unwrap();

    // Every file is accounted for, once.
    let failed = first["failed"].as_array().unwrap();
    let known = count(&first, "imported") + count(&first, "duplicates");
    let sum = known + count(&first, "skipped") + failed.len();
    assert_eq!(sum, all.len(), "{first}");
    let sidecars = all.iter().filter(|path| ends_in(path, &["xmp"])).count();
    assert_eq!(count(&first, "skipped"), sidecars, "{first}");

    // Texts are named, and of the pictures only those that are broken.
    let mut broken = BTreeSet::new();
    for failure in failed {
        assert!(is_sentence(&failure["message"]), "{failure}");
        assert!(failure["code"].is_string(), "{failure}");
        let path = text(&failure["path"]);
        if !ends_in(Path::new(&path), &["json", "txt"]) {
            broken.insert(path.rsplit('/').next().unwrap_or_default().to_owned());
        }
    }
    for name in &broken {
        assert!(BROKEN.contains(&name.as_str()), "{name} was refused");
    }

    let assets = desk.assets();
    let listed = first["assets"].as_array().unwrap().len();
    assert_eq!(listed, assets.len(), "each new asset is listed once");
    for asset in &assets {
        has_facts(asset);
        is_shown(&desk, asset);
    }
    let films = assets.iter().filter(|asset| asset["kind"] == "video");
    let wanted = all.iter().filter(|path| ends_in(path, FILMS)).count();
    assert_eq!(
        films.count() + broken_films(&broken),
        wanted - 1,
        "one is a live part"
    );

    let second = desk.ask(&words).said;
    assert_eq!(count(&second, "imported"), 0, "{second}");
    assert_eq!(count(&second, "duplicates"), known, "{second}");
    assert_eq!(second["failed"], first["failed"]);
    assert_eq!(desk.assets(), assets, "nothing changed");
}

/// Files that are not taken in: a motion photo of which only the metadata is left.
const BROKEN: &[&str] = &["motion_photo_pixel_synth.jpg"];
const FILMS: &[&str] = &["mp4", "mov", "webm", "mkv", "avi", "3gp"];

fn broken_films(broken: &BTreeSet<String>) -> usize {
    broken
        .iter()
        .filter(|name| ends_in(Path::new(name), FILMS))
        .count()
}

fn ends_in(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    endings.contains(&ending.to_lowercase().as_str())
}

/// A Canon RAW (CR2) with its maker, model, time and size, and no picture that
/// could be shown: what is left of a card that was recovered.
fn raw_without_preview() -> Vec<u8> {
    let (make, model) = (b"Canon\0", b"Canon EOS 5D\0");
    let taken = b"2026:05:03 14:22:10\0";
    let mut bytes = b"II*\0\x10\0\0\0CR\x02\0\0\0\0\0".to_vec();
    let after = 16 + 2 + 5 * 12 + 4;
    let mut rest: Vec<u8> = Vec::new();
    let mut word = |tag: u16, text: &[u8]| {
        let at = after + u32::try_from(rest.len()).unwrap();
        rest.extend(text);
        (tag, 2_u16, u32::try_from(text.len()).unwrap(), at)
    };
    let words = [word(271, make), word(272, model), word(306, taken)];
    let entries = [(256, 4, 1, 4368), (257, 4, 1, 2912)]
        .into_iter()
        .chain(words);
    bytes.extend(5_u16.to_le_bytes());
    for (tag, kind, count, value) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend([0; 4]);
    bytes.extend(rest);
    bytes
}

#[test]
fn a_raw_without_a_preview_is_kept_and_says_why_it_is_not_shown() {
    let desk = Desk::new();
    let bytes = raw_without_preview();
    desk.put("IMG_0001.CR2", &bytes);
    let report = desk.tell(&[OsStr::new("import"), desk.photos().as_os_str()]);
    assert_eq!(report["imported"], 1, "{report}");
    let asset = desk.assets().pop().unwrap();
    assert_eq!(asset["kind"], "photo", "{asset}");
    assert_eq!(asset["camera_model"], "Canon EOS 5D", "{asset}");
    assert_eq!(
        (&asset["width"], &asset["height"]),
        (&4368.into(), &2912.into())
    );
    assert!(is_sentence(&asset["unseen"]), "{asset}");
    assert!(text(&asset["unseen"]).contains("no preview"), "{asset}");
    assert_eq!(
        desk.refusal_of(&asset, "thumbnail")["code"],
        "cannot_be_previewed"
    );
    assert_eq!(desk.bytes_of(&asset, "original"), bytes);
    let grid = desk.tell(&["grid"]);
    assert_eq!(grid["unseen"], serde_json::json!([0]), "{grid}");
}
