//! Real photos beside the repository, when they are there: damaged files must
//! neither crash nor hang, and what others show is shown.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::ALL;
use super::develop;
use crate::MediaError;

/// The folder of fixtures, or `None` after saying that `test` is skipped.
pub(super) fn fixtures(test: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: {test} needs the folder of fixtures beside the repository");
    None
}

/// All files below `folder`, in order.
pub(super) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[test]
fn damaged_files_cost_at_most_themselves() {
    let Some(folder) = fixtures("damaged_files_cost_at_most_themselves") else {
        return;
    };
    let mut outcomes: BTreeMap<&'static str, u32> = BTreeMap::new();
    for file in files_below(&folder.join("damaged")) {
        let bytes = std::fs::read(&file).unwrap();
        let outcome = match develop(&bytes, &ALL) {
            Ok(_) => "shown",
            Err(error) => error.code(),
        };
        *outcomes.entry(outcome).or_default() += 1;
    }
    eprintln!("{outcomes:?}");
    assert!(outcomes.values().sum::<u32>() > 0);
}

#[test]
fn what_other_decoders_show_is_shown_or_named() {
    let Some(folder) = fixtures("what_other_decoders_show_is_shown_or_named") else {
        return;
    };
    let expected = std::fs::read_to_string(folder.join("DECODERS.json")).unwrap();
    let expected: BTreeMap<String, Value> = serde_json::from_str(&expected).unwrap();
    let mut refused = Vec::new();
    let mut shown = 0;
    for (file, others) in &expected {
        let Ok(bytes) = std::fs::read(folder.join(file)) else {
            continue;
        };
        let valid = others["pillow"] == true && others["vips"] == true;
        match develop(&bytes, &ALL) {
            Ok(_) => shown += 1,
            Err(MediaError::NotYet(_) | MediaError::NotAPicture | MediaError::NoPreview) => {}
            Err(error) if valid => refused.push(format!("{file}: {error}")),
            Err(_) => {}
        }
    }
    eprintln!("{shown} of {} shown", expected.len());
    assert!(refused.is_empty(), "{refused:#?}");
}
