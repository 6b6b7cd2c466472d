//! What a person does when something breaks: looks, restores, and goes on. By
//! the command alone, also where the library cannot be opened any more.

use crate::desk::{Answer, Desk, is_sentence, text, until};
use crate::durability::originals;
use camera::{Exif, jpeg, quadrants};
use serde_json::Value;
use std::ffi::OsStr;
use std::path::Path;
use std::time::SystemTime;

fn photo(caption: &str) -> Vec<u8> {
    let exif = Exif {
        caption: caption.to_owned(),
        ..Exif::default()
    };
    jpeg(&quadrants(320, 240), 90, &exif).unwrap()
}

/// A desk with three photos, an album and an open link; returns the link's path.
fn shared() -> (Desk, String) {
    let desk = Desk::new();
    for name in ["one", "two", "three"] {
        desk.put(&format!("{name}.jpg"), &photo(name));
    }
    let assets = desk.import();
    let album = desk.album("Summer", &assets);
    let link = desk.link(&[
        "--album",
        &album,
        "--download",
        "original",
        "--show-metadata",
    ]);
    (desk, text(&link["path"]))
}

fn sentences(list: &Value) -> String {
    let all: Vec<String> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|sentence| {
            assert!(is_sentence(sentence), "{sentence}");
            text(sentence)
        })
        .collect();
    all.join(" ")
}

fn status_of(desk: &Desk, path: &str) -> u16 {
    let serving = desk.serve();
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let url = format!("{}{path}", serving.url());
    agent.get(&url).call().unwrap().status().as_u16()
}

/// Asks on another library than the desk's.
fn ask_at(desk: &Desk, library: &Path, words: &[&str]) -> Answer {
    let all: Vec<&OsStr> = [OsStr::new("--library"), library.as_os_str()]
        .into_iter()
        .chain(words.iter().map(OsStr::new))
        .collect();
    let output = std::process::Command::new(crate::desk::program("albumen"))
        .arg("--json")
        .args(all)
        .env("HOME", desk.path())
        .output()
        .unwrap();
    Answer {
        code: output.status.code(),
        said: serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
        complained: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn a_damaged_catalog_is_explained_and_restored_over() {
    let (desk, link) = shared();
    let backup = text(&desk.tell(&["backup", "create"])["backup"]["name"]);
    desk.put("later.jpg", &photo("later"));
    assert_eq!(desk.import().len(), 1);
    assert_eq!(desk.tell(&["doctor"])["well"], true);
    let catalog = desk.library().join("albumen.sqlite");
    let mut bytes = std::fs::read(&catalog).unwrap();
    bytes[..8_192].fill(0x5a);
    std::fs::write(&catalog, &bytes).unwrap();

    let refused = desk.ask(&["assets"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert_eq!(refused.error()["code"], "catalog_damaged");
    assert!(is_sentence(&refused.error()["message"]), "{refused:?}");
    let told = desk.ask(&["doctor"]);
    assert_eq!(told.code, Some(1), "{told:?}");
    let words = sentences(&told.said["wrong"]);
    assert!(
        words.contains(&format!("albumen backup restore {backup}")),
        "{words}"
    );
    assert_eq!(std::fs::read(&catalog).unwrap(), bytes, "left as it is");

    let restored = desk.tell(&["backup", "restore", &backup]);
    assert_eq!(restored["missing"], serde_json::json!([]), "{restored}");
    let aside = text(&restored["aside"]);
    let moved = std::fs::read(Path::new(&aside).join("albumen.sqlite")).unwrap();
    assert_eq!(moved, bytes, "moved aside, not deleted");
    assert_eq!(desk.assets().len(), 3);
    assert_eq!(status_of(&desk, &link), 200);

    // The photo that came after the backup is on the disk, and comes back.
    let found = desk.ask(&["doctor"]);
    assert_eq!(found.code, Some(1), "{found:?}");
    assert_eq!(found.said["findings"][0]["problem"], "unknown", "{found:?}");
    let mended = desk.tell(&["doctor", "--repair"]);
    assert_eq!(mended["well"], true, "{mended}");
    assert_eq!(desk.assets().len(), 4);
    assert_eq!(originals(&desk).len(), 4);
}

#[test]
fn a_catalog_that_is_gone_is_not_replaced_by_an_empty_one() {
    let (desk, _) = shared();
    desk.tell(&["backup", "create"]);
    for file in ["albumen.sqlite", "albumen.sqlite-wal", "albumen.sqlite-shm"] {
        std::fs::remove_file(desk.library().join(file)).ok();
    }
    for words in [&["status"] as &[&str], &["import", "/"], &["serve"]] {
        let refused = desk.ask(words);
        assert_eq!(refused.error()["code"], "catalog_missing", "{refused:?}");
    }
    assert!(!desk.library().join("albumen.sqlite").exists());
    assert_eq!(desk.ask(&["doctor"]).said["opens"], false);
}

#[test]
fn a_new_machine_gets_the_library_from_the_other_drive() {
    let (desk, link) = shared();
    let drive = desk.path().join("drive");
    std::fs::create_dir(&drive).unwrap();
    desk.tell(&["backup", "place", drive.to_str().unwrap()]);
    let made = desk.tell(&["backup", "create"]);
    let copy = text(&made["copy"]["path"]);
    assert!(Path::new(&copy).starts_with(std::fs::canonicalize(&drive).unwrap()));
    assert_eq!(
        desk.tell(&["backup", "list"])["backups"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let gone = originals(&desk).pop().unwrap();
    std::fs::remove_file(&gone).unwrap();
    let old = desk.path().join("old");
    std::fs::rename(desk.library(), &old).unwrap();

    // Nothing is made by looking.
    assert_eq!(desk.ask(&["doctor"]).code, Some(1));
    assert!(!desk.library().exists());
    let restored = desk.ask(&[
        "backup",
        "restore",
        &copy,
        "--into",
        desk.library().to_str().unwrap(),
        "--originals",
        old.join("originals").to_str().unwrap(),
    ]);
    assert_eq!(restored.code, Some(3), "{restored:?}");
    assert_eq!(restored.said["copied"], 2, "{restored:?}");
    assert_eq!(restored.said["links"], 1);
    let missing = restored.said["missing"].as_array().unwrap();
    assert_eq!(missing.len(), 1, "{restored:?}");
    assert_eq!(status_of(&desk, &link), 200);
    assert_eq!(desk.assets().len(), 3, "what is missing is not forgotten");
    // Importing it again makes it whole.
    desk.import();
    let whole = desk.tell(&["verify", "--read-data"]);
    assert_eq!((&whole["files"], &whole["read"]), (&3.into(), &3.into()));

    let again = ask_at(
        &desk,
        &old,
        &[
            "backup",
            "restore",
            &copy,
            "--into",
            desk.library().to_str().unwrap(),
        ],
    );
    assert_eq!(again.code, Some(1), "{again:?}");
    assert!(is_sentence(&again.error()["message"]), "{again:?}");
    assert_eq!(desk.assets().len(), 3);
}

#[test]
fn a_flipped_byte_is_found_told_and_healed_by_another_copy() {
    let (desk, _) = shared();
    let path = originals(&desk).pop().unwrap();
    let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    std::fs::write(&path, &bytes).unwrap();
    touch(&path, modified);

    assert_eq!(desk.tell(&["verify"])["findings"], serde_json::json!([]));
    let found = desk.ask(&["verify", "--read-data"]);
    assert_eq!(found.code, Some(1), "{found:?}");
    let finding = &found.said["findings"][0];
    assert_eq!(finding["problem"], "damaged", "{found:?}");
    assert!(is_sentence(&finding["message"]), "{finding}");
    assert_eq!(desk.tell(&["status"])["damaged"], 1);
    let id = text(&finding["asset"]);
    let asset = desk.tell(&["asset", "show", &id]);
    for rendition in ["original", "clean"] {
        let refused = desk.refusal_of(&asset, rendition);
        assert_eq!(refused["code"], "original_damaged", "{refused}");
    }
    // The camera's card still has it.
    desk.import();
    assert_eq!(
        desk.bytes_of(&asset, "original"),
        std::fs::read(desk.photos().join(text(&asset["name"]))).unwrap()
    );
    let whole = desk.tell(&["verify", "--read-data"]);
    assert_eq!(whole["read"], 3, "{whole}");
    assert_eq!(std::fs::read(&path).unwrap(), bytes, "kept as it is");
    assert_eq!(
        desk.ask(&["doctor"]).code,
        Some(1),
        "there is no backup yet"
    );
    let mended = desk.tell(&["doctor", "--repair"]);
    assert_eq!(mended["findings"], serde_json::json!([]));
    let status = desk.tell(&["status"]);
    assert_eq!(status["damaged"], 0, "{status}");
    assert_eq!(status["backed_up_at"], mended["backup"]["made_at"]);
    assert!(mended["backup"]["name"].is_string(), "{mended}");
}

fn touch(path: &Path, modified: SystemTime) {
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_modified(modified).unwrap();
}

#[test]
fn a_node_that_runs_backs_up_by_itself() {
    let (desk, _) = shared();
    let _serving = desk.serve();
    until("a backup is made", || {
        let list = desk.tell(&["backup", "list"]);
        (!list["backups"].as_array().unwrap().is_empty()).then_some(())
    });
    until("a part of the originals is read", || {
        desk.tell(&["doctor"])["verified_at"]
            .is_string()
            .then_some(())
    });
    // The library is open: it is restored elsewhere, or when it is closed.
    let list = desk.tell(&["backup", "list"]);
    let name = text(&list["backups"][0]["name"]);
    let refused = desk.ask(&["backup", "restore", &name]);
    assert_eq!(refused.error()["code"], "held", "{refused:?}");
    let elsewhere = desk.path().join("elsewhere");
    let made = desk.ask(&[
        "backup",
        "restore",
        &name,
        "--into",
        elsewhere.to_str().unwrap(),
    ]);
    assert_eq!(made.code, Some(3), "no photo is there: {made:?}");
    assert_eq!(made.said["missing"].as_array().unwrap().len(), 3);
}
