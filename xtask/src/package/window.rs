//! The window's packages, by Tauri's own bundler. It is handed a program that is
//! built already: so the window and the node are compiled in one go.

use super::{Order, libraries, unwritable};
use crate::process;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Makes the bundles and copies them to `folder`.
///
/// # Errors
/// A sentence with what is missing or what failed.
pub fn bundle(order: &Order, folder: &Path) -> Result<Vec<PathBuf>, String> {
    if let Some(binary) = &order.window_binary {
        hand_over(binary)?;
    }
    crate::ui::packages()?;
    let made = process::target().join("release").join("bundle");
    if made.exists() {
        // Of an earlier version nothing must be taken for this one's.
        fs::remove_dir_all(&made).map_err(unwritable(&made))?;
    }
    let bundles = order.bundles.as_deref().unwrap_or(usual());
    let mut tauri = tauri();
    tauri.args(["bundle", "--ci", "--bundles", bundles]);
    if bundles.split(',').any(|bundle| bundle == "deb") {
        // Of another Debian than tauri.conf.json was written for, its libraries' names.
        let libraries = libraries(&process::built("release", "albumen-desktop"))?;
        tauri.args(["--config", &with_libraries(&libraries)]);
    }
    process::run(&mut tauri)?;
    let mut copied = Vec::new();
    for path in files(&made)? {
        let Some(name) = path.file_name().filter(|_| is_package(&path)) else {
            continue;
        };
        let to = folder.join(name);
        fs::copy(&path, &to).map_err(unwritable(&to))?;
        copied.push(to);
    }
    match copied.is_empty() {
        true => Err(format!("Tauri made no package of «{bundles}».")),
        false => Ok(copied),
    }
}

/// What people of this system install.
const fn usual() -> &'static str {
    if cfg!(target_os = "macos") {
        "app,dmg"
    } else if cfg!(windows) {
        "nsis,msi"
    } else {
        "deb"
    }
}

/// Puts a program where the bundler looks for it. The one there is a second name
/// of a file that cargo keeps, so it is removed rather than written over.
fn hand_over(binary: &Path) -> Result<(), String> {
    let place = process::built("release", "albumen-desktop");
    if place.exists() {
        fs::remove_file(&place).map_err(unwritable(&place))?;
    }
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder).map_err(unwritable(folder))?;
    }
    fs::copy(binary, &place)
        .map(|_| ())
        .map_err(|error| format!("{} cannot be copied: {error}.", binary.display()))
}

/// Tauri's command, of the UI's packages; it wants to be run from the root.
fn tauri() -> Command {
    let script = process::root().join("ui/node_modules/@tauri-apps/cli/tauri.js");
    let mut command = Command::new("node");
    command.arg(script).current_dir(process::root());
    command
}

/// Configuration that names what the window's package needs.
fn with_libraries(libraries: &[String]) -> String {
    let quoted: Vec<String> = ["ffmpeg".to_owned()]
        .iter()
        .chain(libraries)
        .map(|name| format!("\"{name}\""))
        .collect();
    let depends = quoted.join(",");
    format!("{{\"bundle\":{{\"linux\":{{\"deb\":{{\"depends\":[{depends}]}}}}}}}}")
}

fn is_package(path: &Path) -> bool {
    let kinds = ["deb", "rpm", "AppImage", "dmg", "exe", "msi"];
    let extension = path.extension();
    kinds
        .iter()
        .any(|kind| extension.is_some_and(|it| it == *kind))
}

/// The files below two folders: the bundler has a folder for each kind. A Mac's
/// `.app` is a folder itself, and comes within its `.dmg`.
fn files(made: &Path) -> Result<Vec<PathBuf>, String> {
    let listed = |folder: &Path| {
        let entries = fs::read_dir(folder)
            .map_err(|error| format!("{} cannot be read: {error}.", folder.display()))?;
        let paths = entries.flatten().map(|entry| entry.path());
        Ok::<Vec<PathBuf>, String>(paths.collect())
    };
    let mut files = Vec::new();
    for kind in listed(made)?.iter().filter(|path| path.is_dir()) {
        files.extend(listed(kind)?.into_iter().filter(|path| path.is_file()));
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configuration_names_ffmpeg_and_every_library() {
        let libraries = ["libc6 (>= 2.36)", "libgtk-3-0"].map(str::to_owned);
        assert_eq!(
            with_libraries(&libraries),
            r#"{"bundle":{"linux":{"deb":{"depends":["ffmpeg","libc6 (>= 2.36)","libgtk-3-0"]}}}}"#
        );
    }

    #[test]
    fn packages_are_told_from_what_the_bundler_leaves_beside_them() {
        for name in [
            "Albumen_0.1.0_amd64.deb",
            "Albumen.dmg",
            "Albumen-setup.exe",
        ] {
            assert!(is_package(Path::new(name)), "{name}");
        }
        for name in ["bundle_dmg.sh", "data.tar.gz", "Albumen"] {
            assert!(!is_package(Path::new(name)), "{name}");
        }
    }
}
