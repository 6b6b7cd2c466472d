//! Live and motion photos: two files, or one with a film inside, become one photo
//! that moves, whatever the order they come in.

use crate::desk::{Desk, text, until};
use crate::durability::originals;
use crate::fixtures::fixtures;
use crate::programs::{codecs, exiftool, film, have, played};
use camera::{Exif, jpeg, quadrants};
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

fn import(desk: &Desk, paths: &[&Path], option: &[&str]) -> Value {
    let mut words = vec![OsStr::new("import")];
    words.extend(option.iter().map(OsStr::new));
    words.extend(paths.iter().map(|path| path.as_os_str()));
    desk.tell(&words)
}

/// The desk's one asset, a photo whose moving part plays.
pub(crate) fn is_one_that_moves(desk: &Desk, name: &str) -> Value {
    let assets = desk.assets();
    assert_eq!(assets.len(), 1, "{assets:?}");
    let asset = assets[0].clone();
    assert_eq!(asset["kind"], "photo", "{asset}");
    assert_eq!(asset["name"], name, "{asset}");
    assert!(asset["motion"].is_string(), "{asset}");
    assert_eq!(desk.tell(&["grid"])["motions"], json!([0]));

    // Browsers do not play a MOV; a node that runs makes an MP4 of it.
    let _serving = desk.serve();
    moves(desk, &text(&asset["id"]));
    for size in ["thumbnail", "preview"] {
        image::load_from_memory(&desk.bytes_of(&asset, size)).unwrap();
    }
    asset
}

/// The moving part of a photo as it plays on a desk whose node runs, in time.
pub(crate) fn moves(desk: &Desk, id: &str) -> Vec<u8> {
    plays(desk, id, "motion")
}

/// What of an asset plays on a desk whose node runs, in time.
pub(crate) fn plays(desk: &Desk, id: &str, rendition: &str) -> Vec<u8> {
    let part = desk.path().join("part.mp4");
    let to = part.to_str().unwrap();
    let words = ["asset", "write", id, "--rendition", rendition, "--to", to];
    until("it plays", || {
        let answer = desk.ask(&words);
        (answer.code == Some(0)).then_some(())
    });
    let played = played(&part);
    assert!(text(&played["format"]["format_name"]).contains("mp4"));
    let (picture, _) = codecs(&played);
    assert_eq!(picture, "h264");
    let bytes = std::fs::read(&part).unwrap();
    std::fs::remove_file(&part).unwrap();
    bytes
}

/// Both files again, in both orders: the library has them.
fn are_known(desk: &Desk, photo: &Path, part: &Path, option: &[&str]) {
    let before = desk.assets();
    for path in [part, photo] {
        let again = import(desk, &[path], option);
        assert_eq!(again["duplicates"], 1, "{again}");
        assert_eq!(again["imported"], 0, "{again}");
        assert_eq!(again["assets"], json!([]), "{again}");
    }
    assert_eq!(desk.assets(), before);
}

/// The pair in each order, and at once; copied and in place.
fn in_every_order(photo: &Path, part: &Path) {
    let name = photo.file_name().and_then(OsStr::to_str).unwrap();
    let orders: [&[&[&Path]]; 4] = [
        &[&[photo], &[part]],
        &[&[part], &[photo]],
        &[&[photo, part]],
        &[&[part, photo]],
    ];
    for option in [&[][..], &["--in-place"]] {
        for (number, order) in orders.iter().enumerate() {
            let desk = Desk::new();
            let mut told = Vec::new();
            for paths in *order {
                let report = import(&desk, paths, option);
                told.push(report["assets"].clone());
            }
            let asset = is_one_that_moves(&desk, name);
            assert_eq!(
                told.last(),
                Some(&json!([asset["id"]])),
                "order {number} {option:?} tells of the photo and of nothing that is gone"
            );
            assert_eq!(
                desk.bytes_of(&asset, "original"),
                std::fs::read(photo).unwrap()
            );
            let kept = if option.is_empty() { 2 } else { 0 };
            assert_eq!(originals(&desk).len(), kept, "order {number}");
            are_known(&desk, photo, part, option);
            assert_eq!(originals(&desk).len(), kept, "order {number}, again");
        }
    }
}

#[test]
fn an_iphones_pair_becomes_one_photo_in_every_order() {
    let test = "an_iphones_pair_becomes_one_photo";
    let Some(fixtures) = fixtures(test) else {
        return;
    };
    if !have(test, &["ffmpeg", "ffprobe"]) {
        return;
    }
    let folder = fixtures.join("motion-live");
    in_every_order(&folder.join("train.jpg"), &folder.join("train.mov"));
}

/// A pair of our own: the same name and the same moment.
pub(crate) fn pair(desk: &Desk) -> (PathBuf, PathBuf) {
    let exif = Exif {
        taken: "2026:05:03 14:22:10".to_owned(),
        offset: "+02:00".to_owned(),
        ..Exif::default()
    };
    let photo = desk.put(
        "IMG_0001.JPG",
        &jpeg(&quadrants(640, 480), 90, &exif).unwrap(),
    );
    let part = desk.photos().join("IMG_0001.MOV");
    let moment = ["-metadata", "creation_time=2026-05-03T12:22:11Z"];
    let words = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"];
    film(&part, "320x240", 2.0, &[&words[..], &moment].concat());
    (photo, part)
}

#[test]
fn a_pairs_sidecar_is_kept_once_in_every_order() {
    if !have("a_pairs_sidecar_is_kept_once", &["ffmpeg", "ffprobe"]) {
        return;
    }
    let desk = Desk::new();
    let (photo, part) = pair(&desk);
    desk.put("IMG_0001.AAE", b"<plist>adjusted</plist>");
    let orders: [&[&Path]; 3] = [&[&photo, &part], &[&part, &photo], &[&desk.photos()]];
    for (number, order) in orders.iter().enumerate() {
        let other = Desk::new();
        for path in *order {
            import(&other, &[path], &[]);
        }
        let mut endings: Vec<String> = originals(&other)
            .iter()
            .map(|path| path.extension().unwrap().to_string_lossy().into_owned())
            .collect();
        endings.sort();
        assert_eq!(endings, ["AAE", "JPG", "MOV"], "order {number}");
        let report = other.tell(&["verify", "--read-data"]);
        assert_eq!(report["findings"], json!([]), "order {number}");
    }
}

#[test]
fn a_pair_of_the_same_name_and_moment_becomes_one_photo() {
    if !have("a_pair_of_the_same_name_and_moment", &["ffmpeg", "ffprobe"]) {
        return;
    }
    let desk = Desk::new();
    let (photo, part) = pair(&desk);
    in_every_order(&photo, &part);
}

#[test]
fn what_was_done_to_the_film_goes_to_the_photo_it_belongs_to() {
    if !have("what_was_done_to_the_film", &["ffmpeg", "ffprobe"]) {
        return;
    }
    let desk = Desk::new();
    let (photo, part) = pair(&desk);
    let film = import(&desk, &[&part], &[])["assets"][0].clone();
    let album = desk.album("Spring", &[text(&film)]);
    let edit = [
        "asset",
        "edit",
        &text(&film),
        "--favorite",
        "true",
        "--title",
        "The train",
    ];
    desk.tell(&edit);
    import(&desk, &[&photo], &[]);
    let asset = is_one_that_moves(&desk, "IMG_0001.JPG");
    assert_eq!(asset["favorite"], true, "{asset}");
    assert_eq!(asset["title"], "The train", "{asset}");
    let shown = desk.tell(&["album", "show", &album]);
    assert_eq!(shown["assets"], json!([asset["id"]]), "{shown}");
}

#[test]
fn a_live_part_that_is_away_is_taken_in_again() {
    if !have("a_live_part_that_is_away", &["ffmpeg", "ffprobe"]) {
        return;
    }
    let desk = Desk::new();
    let (photo, part) = pair(&desk);
    let both: [&Path; 2] = [&photo, &part];
    import(&desk, &both, &["--in-place"]);
    // A copying import copies both halves of what was only referred to.
    assert_eq!(import(&desk, &both, &[])["duplicates"], 2);
    assert_eq!(originals(&desk).len(), 2);
    // A half that was lost comes back with the next import.
    let lost = originals(&desk);
    let lost = lost
        .iter()
        .find(|path| path.extension() == Some(OsStr::new("MOV")));
    std::fs::remove_file(lost.unwrap()).unwrap();
    let bytes = std::fs::read(&part).unwrap();
    std::fs::remove_file(&part).unwrap();
    let asset = desk.assets().pop().unwrap();
    assert_eq!(
        desk.refusal_of(&asset, "motion")["code"],
        "original_missing"
    );
    std::fs::write(&part, bytes).unwrap();
    assert_eq!(import(&desk, &both, &[])["duplicates"], 2);
    std::fs::remove_file(&photo).unwrap();
    std::fs::remove_file(&part).unwrap();
    is_one_that_moves(&desk, "IMG_0001.JPG");
    assert_eq!(originals(&desk).len(), 2);
}

#[test]
fn films_and_photos_that_only_share_a_name_stay_two() {
    if !have(
        "films_and_photos_that_only_share_a_name",
        &["ffmpeg", "ffprobe"],
    ) {
        return;
    }
    let desk = Desk::new();
    let (photo, part) = pair(&desk);
    let words = ["-c:v", "libx264", "-pix_fmt", "yuv420p"];
    // An hour later, and one too long to be a part.
    let moment = ["-metadata", "creation_time=2026-05-03T13:22:11Z"];
    film(&part, "320x240", 2.0, &[&words[..], &moment].concat());
    import(&desk, &[&photo, &part], &[]);
    assert_eq!(desk.assets().len(), 2);
    let long = desk.photos().join("IMG_0001.MP4");
    let moment = ["-metadata", "creation_time=2026-05-03T12:22:11Z"];
    film(&long, "320x240", 9.0, &[&words[..], &moment].concat());
    import(&desk, &[&long], &[]);
    assert_eq!(desk.assets().len(), 3);
    assert!(desk.assets().iter().all(|asset| asset["motion"].is_null()));
}

/// A JPEG whose XMP counts `film`'s bytes from its end, and the film itself.
fn motion_photo(desk: &Desk, name: &str, film: &[u8]) -> PathBuf {
    let path = desk.put(
        name,
        &jpeg(&quadrants(640, 480), 90, &Exif::default()).unwrap(),
    );
    exiftool(&[
        "-q",
        "-overwrite_original",
        "-XMP-GCamera:MicroVideo=1",
        "-XMP-GCamera:MicroVideoVersion=1",
        &format!("-XMP-GCamera:MicroVideoOffset={}", film.len()),
        path.to_str().unwrap(),
    ]);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend(film);
    desk.put(name, &bytes)
}

#[test]
fn a_motion_photo_moves_whatever_its_film_is_made_of() {
    let test = "a_motion_photo_moves";
    if !have(test, &["ffmpeg", "ffprobe", "exiftool"]) {
        return;
    }
    for option in [&[][..], &["--in-place"]] {
        let desk = Desk::new();
        let inside = desk.path().join("inside.mp4");
        let words = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"];
        film(&inside, "320x240", 1.5, &words);
        let inside = std::fs::read(&inside).unwrap();
        let path = motion_photo(&desk, "MVIMG_1.jpg", &inside);
        import(&desk, &[&path], option);
        let asset = is_one_that_moves(&desk, "MVIMG_1.jpg");
        // Byte for byte, for browsers play it as it is.
        assert_eq!(desk.bytes_of(&asset, "motion"), inside);
        let clean = desk.bytes_of(&asset, "clean");
        assert!(clean.len() + inside.len() <= std::fs::read(&path).unwrap().len());
    }
}

#[test]
fn an_offset_that_leads_to_no_film_is_no_motion() {
    let test = "an_offset_that_leads_to_no_film";
    if !have(test, &["exiftool"]) {
        return;
    }
    let desk = Desk::new();
    let path = motion_photo(
        &desk,
        "MVIMG_1.jpg",
        b"These are words, and no film at all.",
    );
    import(&desk, &[&path], &[]);
    let asset = desk.assets().pop().unwrap();
    assert_eq!(asset["motion"], Value::Null, "{asset}");
    desk.refusal_of(&asset, "motion");
}
