//! The UI's packages and its build, each done only when something changed.

use crate::process::{self, Done};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Installs the UI's packages exactly as the lock file has them, when the
/// installed ones are older than it.
///
/// # Errors
/// A sentence, when npm is missing or fails.
pub fn packages() -> Done {
    let ui = process::root().join("ui");
    let wanted = changed(&ui.join("package-lock.json"));
    let present = changed(&ui.join("node_modules").join(".package-lock.json"));
    if wanted.is_none() {
        return Err("ui/package-lock.json is missing; the clone is not whole.".to_owned());
    }
    if present > wanted {
        return Ok(());
    }
    process::run(&mut process::npm(&["ci", "--no-audit", "--no-fund"]))
}

/// Builds ui/dist, which the window embeds, when a source is newer than it.
///
/// # Errors
/// A sentence, when the build fails.
pub fn build() -> Done {
    let ui = process::root().join("ui");
    // A placeholder ui/dist (made by the window's build script) has no assets,
    // and the build itself empties the folder: so the mark stands elsewhere.
    let mark = process::target().join("xtask-ui-built");
    if ui.join("dist").join("assets").is_dir() && changed(&mark) > newest(&ui) {
        return Ok(());
    }
    process::run(&mut process::npm(&["run", "build"]))?;
    fs::write(&mark, "").map_err(|error| format!("{} cannot be written: {error}.", mark.display()))
}

/// When a file was last changed; nothing when it is absent.
fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

/// The newest change among the UI's sources, end-to-end tests aside.
fn newest(ui: &Path) -> Option<SystemTime> {
    let mut latest = None;
    let mut folders: Vec<PathBuf> = vec![ui.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let skipped = ["node_modules", "dist", "e2e", "test-results", "paraglide"];
            if skipped.iter().any(|skip| name == *skip) {
                continue;
            }
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            } else {
                latest = latest.max(changed(&entry.path()));
            }
        }
    }
    latest
}
