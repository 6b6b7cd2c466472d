//! The walk over a folder that may hold photos: without what systems leave lying
//! about, without links, and never into the library itself.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::sidecar::is_sidecar;

/// What a walk comes by.
pub(crate) enum Met {
    /// A file that may be a photo or a video.
    File(PathBuf),
    /// Nothing that anyone means to import: a hidden file, a link, a sidecar.
    PassedOver,
    /// A file or folder that cannot be read.
    Unreadable(PathBuf, io::Error),
}

/// Everything below a folder, or the one file that `root` is.
pub(crate) fn below(root: &Path, library: &Path) -> impl Iterator<Item = Met> {
    let (root, library) = (root.to_owned(), library.to_owned());
    let mut walk = WalkDir::new(&root).sort_by_file_name().into_iter();
    std::iter::from_fn(move || {
        loop {
            match walk.next()? {
                Ok(entry) if entry.depth() > 0 && is_unwanted(&entry) => {
                    if entry.file_type().is_dir() {
                        walk.skip_current_dir();
                        continue;
                    }
                    return Some(Met::PassedOver);
                }
                Ok(entry) if entry.file_type().is_dir() => {
                    if entry.path() == library {
                        walk.skip_current_dir();
                    }
                }
                Ok(entry) if is_sidecar(entry.path()) => return Some(Met::PassedOver),
                Ok(entry) => return Some(Met::File(entry.into_path())),
                Err(error) => {
                    let path = error.path().unwrap_or(&root).to_owned();
                    return Some(Met::Unreadable(path, error.into()));
                }
            }
        }
    })
}

fn is_unwanted(entry: &DirEntry) -> bool {
    is_litter(entry.file_name()) || entry.path_is_symlink()
}

/// Files that systems leave lying about; no one means to import them.
fn is_litter(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with('.') || ["thumbs.db", "desktop.ini"].contains(&name.to_lowercase().as_str())
}
