//! At the start: a library that has arrived whole takes the place of the one that was
//! there, which is moved aside. Each step can be taken again after a crash.

use std::fs::{self, File};
use std::path::Path;

use super::{ARRIVING, ASKED, COMPLETE, OF};
use crate::original::sync_folder;
use crate::{LibraryError, make_private_folder};

/// In `arriving/`, once what was there before is aside.
const PLACED: &str = "placed";
/// What stays where it is; certificates are of the machine's names, not of the library.
const STAYS: [&str; 5] = [ARRIVING, "aside", "certificates", "lock", "control.sock"];

/// Lets a library that has arrived take its place, where one has.
pub(crate) fn settle(folder: &Path) -> Result<(), LibraryError> {
    let arriving = folder.join(ARRIVING);
    if arriving.join(COMPLETE).exists() {
        let aside = folder.join("aside").join("before-move");
        make_private_folder(&aside)?;
        for name in names(folder)? {
            if !STAYS.contains(&name.as_str()) {
                fs::rename(folder.join(&name), free(&aside, &name))?;
            }
        }
        sync_folder(folder)?;
        File::create(arriving.join(PLACED))?.sync_all()?;
        fs::remove_file(arriving.join(COMPLETE))?;
        sync_folder(&arriving)?;
    }
    if !arriving.join(PLACED).exists() {
        return Ok(());
    }
    for name in names(&arriving)? {
        match name.as_str() {
            PLACED => {}
            OF | ASKED => fs::remove_file(arriving.join(&name))?,
            _ => fs::rename(arriving.join(&name), folder.join(&name))?,
        }
    }
    sync_folder(folder)?;
    fs::remove_file(arriving.join(PLACED))?;
    fs::remove_dir(&arriving)?;
    Ok(())
}

fn names(folder: &Path) -> Result<Vec<String>, LibraryError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}

/// A name that is not taken: of an earlier move, say.
fn free(folder: &Path, name: &str) -> std::path::PathBuf {
    let mut path = folder.join(name);
    let mut number = 1;
    while path.exists() {
        number += 1;
        path = folder.join(format!("{name}-{number}"));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(folder: &Path) -> Vec<String> {
        let mut all = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(one) = folders.pop() {
            for name in names(&one).unwrap() {
                let path = one.join(&name);
                match path.is_dir() {
                    true => folders.push(path),
                    false => all.push(path.strip_prefix(folder).unwrap().display().to_string()),
                }
            }
        }
        all.sort();
        all
    }

    fn arrived() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for path in ["albumen.sqlite", "secret", "lock", "originals/a"] {
            write(folder.path(), path, "old");
        }
        for path in [
            "arriving/albumen.sqlite",
            "arriving/secret",
            "arriving/originals/b",
            "arriving/of",
            "arriving/asked",
        ] {
            write(folder.path(), path, "new");
        }
        folder
    }

    fn write(folder: &Path, path: &str, text: &str) {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    const AFTER: [&str; 7] = [
        "albumen.sqlite",
        "aside/before-move/albumen.sqlite",
        "aside/before-move/originals/a",
        "aside/before-move/secret",
        "lock",
        "originals/b",
        "secret",
    ];

    #[test]
    fn a_library_takes_its_place_once_it_is_whole() {
        let folder = arrived();
        let before = tree(folder.path());
        settle(folder.path()).unwrap();
        assert_eq!(tree(folder.path()), before, "something is lacking yet");
        write(folder.path(), "arriving/complete", "");
        settle(folder.path()).unwrap();
        assert_eq!(tree(folder.path()), AFTER);
        assert_eq!(fs::read(folder.path().join("secret")).unwrap(), b"new");
        settle(folder.path()).unwrap();
        assert_eq!(tree(folder.path()), AFTER);
    }

    #[test]
    fn what_a_crash_left_half_done_is_done() {
        // While what was there is moved aside.
        let folder = arrived();
        write(folder.path(), "arriving/complete", "");
        fs::create_dir_all(folder.path().join("aside/before-move")).unwrap();
        let aside = folder.path().join("aside/before-move/secret");
        fs::rename(folder.path().join("secret"), aside).unwrap();
        settle(folder.path()).unwrap();
        assert_eq!(tree(folder.path()), AFTER);
        // While what has arrived takes its place.
        let folder = tempfile::tempdir().unwrap();
        for path in [
            "arriving/placed",
            "arriving/secret",
            "albumen.sqlite",
            "lock",
        ] {
            write(folder.path(), path, "new");
        }
        settle(folder.path()).unwrap();
        assert_eq!(tree(folder.path()), ["albumen.sqlite", "lock", "secret"]);
    }
}
