//! `cargo xtask bindings`: the UI's TypeScript types, written by the node from
//! its own commands, so the two cannot drift apart.

use crate::process::{self, Done};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Writes ui/src/bindings anew.
///
/// # Errors
/// A sentence, when the node does not build or a file cannot be written.
pub fn write() -> Done {
    build()?;
    generate(&committed())
}

/// Fails when the committed bindings are not what the node writes.
///
/// # Errors
/// A sentence that names the files and the chore that mends them.
pub fn check() -> Done {
    build()?;
    compare()
}

/// With all members and targets chosen, as everywhere: with one alone, cargo
/// picks other features for shared crates and compiles them anew.
fn build() -> Done {
    process::run(&mut process::cargo(&[
        "build",
        "--workspace",
        "--all-targets",
    ]))
}

/// The comparison alone, with the node that is already built.
///
/// # Errors
/// As [`check`].
pub fn compare() -> Done {
    let fresh = process::target().join("xtask-bindings");
    generate(&fresh)?;
    let (fresh, committed) = (read(&fresh)?, read(&committed())?);
    let differing: Vec<&str> = fresh
        .keys()
        .chain(committed.keys())
        .filter(|name| fresh.get(*name) != committed.get(*name))
        .map(String::as_str)
        .collect();
    if differing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "the UI's types are not the node's ({}). Run `cargo xtask bindings` and commit what it writes.",
        differing.join(", ")
    ))
}

fn committed() -> PathBuf {
    process::root().join("ui").join("src").join("bindings")
}

fn generate(folder: &Path) -> Done {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .map_err(|error| format!("{} cannot be emptied: {error}.", folder.display()))?;
    }
    process::run(
        Command::new(process::built("debug", "albumen"))
            .arg("bindings")
            .arg(folder),
    )
}

/// Every file directly in the folder, by name; line ends as git may have
/// changed them do not count.
fn read(folder: &Path) -> Result<BTreeMap<String, String>, String> {
    let unreadable =
        |error: std::io::Error| format!("{} cannot be read: {error}.", folder.display());
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let text = fs::read_to_string(entry.path()).map_err(unreadable)?;
        files.insert(
            entry.file_name().to_string_lossy().into_owned(),
            text.replace("\r\n", "\n"),
        );
    }
    Ok(files)
}
