//! `kill -9` in the middle of an import: each file is whole or absent, nothing
//! half-written stays, and importing again completes the rest.

use crate::desk::{Desk, text, until};
use crate::invariant::{self, files, hashes};
use crate::programs::{film, have};
use camera::{Exif, jpeg, quadrants};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Stdio;

const PHOTOS: usize = 200;

/// Every file among the library's own originals, temporary ones too.
pub fn originals(desk: &Desk) -> Vec<PathBuf> {
    files(&desk.library().join("originals"))
}

/// What must hold after every fault; answers with how many photos there are.
fn check(desk: &Desk, sources: &BTreeSet<String>) -> usize {
    // The next start clears up.
    let assets = desk.assets();
    let kept = invariant::check(&desk.library(), sources).unwrap();
    let told: BTreeSet<String> = assets.iter().map(|asset| text(&asset["hash"])).collect();
    assert_eq!(told, kept, "the list tells what is there");
    kept.len()
}

#[test]
fn an_import_killed_at_any_moment_leaves_files_whole_or_absent() {
    let desk = Desk::new();
    let picture = quadrants(480, 320);
    for number in 0..PHOTOS {
        let exif = Exif {
            taken: format!(
                "2026:{:02}:{:02} 10:00:00",
                number % 12 + 1,
                number % 28 + 1
            ),
            caption: format!("number {number}"),
            ..Exif::default()
        };
        desk.put(
            &format!("IMG_{number:04}.jpg"),
            &jpeg(&picture, 80, &exif).unwrap(),
        );
    }
    let sources = hashes(&desk.photos()).unwrap();
    assert_eq!(sources.len(), PHOTOS);

    let mut known = 0;
    // Right at the start, at the first file, and ever later.
    for moment in [0, 1, 15, 60, 110, 160] {
        let mut import = desk
            .command(&[OsStr::new("import"), desk.photos().as_os_str()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        until("the import has come that far", || {
            let ended = import.try_wait().unwrap().is_some();
            (ended || originals(&desk).len() >= moment.max(known + usize::from(moment > 0)))
                .then_some(())
        });
        assert!(
            import.try_wait().unwrap().is_none(),
            "killed too late, at {moment}"
        );
        import.kill().unwrap();
        import.wait().unwrap();
        let now = check(&desk, &sources);
        assert!(now >= known, "{known} were there, and {now} are left");
        known = now;
    }
    assert!(known < PHOTOS, "every kill came too late");

    let rest = desk.tell(&[OsStr::new("import"), desk.photos().as_os_str()]);
    assert_eq!(rest["duplicates"], known, "{rest}");
    assert_eq!(rest["imported"], PHOTOS - known, "{rest}");
    assert_eq!(check(&desk, &sources), PHOTOS);
    let untouched = hashes(&desk.photos()).unwrap();
    assert_eq!(untouched, sources, "the photos themselves");
    for asset in desk.assets() {
        assert!(
            desk.ask(&[
                "asset",
                "write",
                &text(&asset["id"]),
                "--rendition",
                "thumbnail",
                "--to",
                desk.path().join(text(&asset["id"])).to_str().unwrap(),
            ])
            .code
                == Some(0),
            "{} has no thumbnail",
            asset["name"]
        );
    }
}

#[test]
fn an_import_killed_over_a_film_leaves_it_whole_or_absent() {
    if !have("an_import_killed_over_a_film", &["ffmpeg", "ffprobe"]) {
        return;
    }
    let desk = Desk::new();
    // Without compression to speak of, so that copying it takes a moment.
    let words = ["-c:v", "mpeg4", "-q:v", "1", "-c:a", "pcm_s16le"];
    film(&desk.photos().join("long.mov"), "1280x720", 8.0, &words);
    let sources = hashes(&desk.photos()).unwrap();
    let length = std::fs::metadata(desk.photos().join("long.mov"))
        .unwrap()
        .len();
    let mut halfway = 0;
    // Before its first byte, in its middle, and at its end.
    for share in [0, 1, 2, 3, 4] {
        let mut import = desk
            .command(&[OsStr::new("import"), desk.photos().as_os_str()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut written = 0;
        until("the import has come that far", || {
            let ended = import.try_wait().unwrap().is_some();
            written = originals(&desk)
                .iter()
                .filter_map(|path| Some(std::fs::metadata(path).ok()?.len()))
                .sum();
            let far = originals(&desk).len() == 1 && written >= length * share / 4;
            (ended || far).then_some(())
        });
        import.kill().unwrap();
        import.wait().unwrap();
        halfway += usize::from(written < length);
        if check(&desk, &sources) == 1 {
            break;
        }
        assert_eq!(originals(&desk), Vec::<PathBuf>::new());
    }
    assert!(halfway > 0, "every kill came too late");
    let rest = desk.tell(&[OsStr::new("import"), desk.photos().as_os_str()]);
    assert_eq!(rest["failed"], serde_json::json!([]), "{rest}");
    assert_eq!(check(&desk, &sources), 1);
    let film = desk.assets().pop().unwrap();
    image::load_from_memory(&desk.bytes_of(&film, "thumbnail")).unwrap();
}
