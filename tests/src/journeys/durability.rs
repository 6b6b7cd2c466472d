//! `kill -9` in the middle of an import: each file is whole or absent, nothing
//! half-written stays, and importing again completes the rest.

use crate::desk::{Desk, text, until};
use crate::programs::{film, have};
use camera::{Exif, jpeg, quadrants};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

const PHOTOS: usize = 200;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    // A folder may go while it is listed; then it holds nothing.
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Every file among the library's own originals, temporary ones too.
pub fn originals(desk: &Desk) -> Vec<PathBuf> {
    files(&desk.library().join("originals"))
}

fn hash(path: &Path) -> String {
    blake3::hash(&std::fs::read(path).unwrap())
        .to_hex()
        .to_string()
}

/// The invariant after every fault (docs/security.md): the catalog is sound,
/// every row's original is there with its hash, and every file has a row.
fn check(desk: &Desk, sources: &BTreeSet<String>) -> usize {
    let assets = desk.assets();
    let rows: BTreeSet<String> = assets.iter().map(|asset| text(&asset["hash"])).collect();
    assert_eq!(rows.len(), assets.len(), "a hash stands once");
    assert!(rows.is_subset(sources), "only what was there was imported");
    let kept = originals(desk);
    let on_disk: BTreeSet<String> = kept.iter().map(|path| hash(path)).collect();
    assert_eq!(on_disk, rows, "originals and rows differ: {kept:?}");
    assert_eq!(kept.len(), rows.len(), "an original stands once: {kept:?}");

    let catalog = desk.library().join("albumen.sqlite");
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let catalog = rusqlite::Connection::open_with_flags(catalog, flags).unwrap();
    let sound: String = catalog
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(sound, "ok");
    let mut foreign = catalog.prepare("PRAGMA foreign_key_check").unwrap();
    assert!(!foreign.exists([]).unwrap(), "a row refers to nothing");
    let intents: u64 = catalog
        .query_row("SELECT count(*) FROM intent", [], |row| row.get(0))
        .unwrap();
    assert_eq!(intents, 0, "the start replays what was intended");
    rows.len()
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
    let sources: BTreeSet<String> = files(&desk.photos())
        .iter()
        .map(|path| hash(path))
        .collect();
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
    let untouched: BTreeSet<String> = files(&desk.photos())
        .iter()
        .map(|path| hash(path))
        .collect();
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
    let sources: BTreeSet<String> = files(&desk.photos())
        .iter()
        .map(|path| hash(path))
        .collect();
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
