//! Real cameras' files, where they are at hand: beside the repository, in
//! ../shared/fixtures. Without them these tests are skipped by name.

use crate::desk::{Desk, is_sentence};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The folder of fixtures, or `None` after saying that `test` is skipped.
pub fn fixtures(test: &str) -> Option<PathBuf> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let folder = repository.parent()?.join("shared").join("fixtures");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped {test}: there are no fixtures beside the repository");
    None
}

/// All files below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn real_cameras_files_are_imported_and_the_others_named() {
    let Some(fixtures) = fixtures("real_cameras_files") else {
        return;
    };
    let folders = ["photos", "orientation", "exif"].map(|name| fixtures.join(name));
    let all: Vec<PathBuf> = folders.iter().flat_map(|folder| files(folder)).collect();
    let pictures = all.iter().filter(|path| {
        let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        ["jpg", "jpeg"].contains(&extension.to_lowercase().as_str())
    });
    let pictures = pictures.count();

    let desk = Desk::new();
    let mut words: Vec<OsString> = vec!["import".into()];
    words.extend(folders.iter().map(|folder| folder.clone().into_os_string()));
    let first = desk.ask(&words);
    let failed = first.said["failed"].as_array().unwrap().clone();
    assert_eq!(
        first.code,
        Some(if failed.is_empty() { 0 } else { 3 }),
        "{first:?}"
    );
    for failure in &failed {
        assert!(is_sentence(&failure["message"]), "{failure}");
    }
    let count = |report: &serde_json::Value, field: &str| {
        usize::try_from(report[field].as_u64().unwrap()).unwrap()
    };
    let known = count(&first.said, "imported") + count(&first.said, "duplicates");
    assert_eq!(
        known, pictures,
        "every picture of these folders is whole: {failed:?}"
    );
    assert_eq!(failed.len(), all.len() - pictures, "{failed:?}");

    let second = desk.ask(&words);
    assert_eq!(second.said["imported"], 0, "{:?}", second.said);
    assert_eq!(count(&second.said, "duplicates"), pictures);
    assert_eq!(second.code, first.code);
}

#[test]
fn damaged_and_hostile_files_end_in_sentences_and_the_node_lives() {
    let Some(fixtures) = fixtures("damaged_and_hostile_files") else {
        return;
    };
    let desk = Desk::new();
    let folder = fixtures.join("damaged");
    let answer = desk.ask(&[OsStr::new("import"), folder.as_os_str()]);
    assert!(matches!(answer.code, Some(0 | 1 | 3)), "{answer:?}");
    for failure in answer.said["failed"].as_array().unwrap() {
        assert!(is_sentence(&failure["message"]), "{failure}");
    }
    let imported = answer.said["imported"].as_u64().unwrap();
    assert_eq!(desk.assets().len() as u64, imported);
}
