//! Bringing a library back from a backup: into a new folder, on a new machine
//! say, or over a catalog that is damaged or gone. Nothing is deleted: what a
//! restored file replaces is moved aside, and photos that the backup knows and
//! that are not there are named and stay in the catalog.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::catalog::{self, Condition, condition, open_kept};
use crate::original::{Original, TEMPORARY, copy_and_hash, remove_if_there, sync_folder};
use crate::time::civil;
use crate::verify;
use crate::{
    CATALOG, Clock, LibraryError, Progress, backup, make_private_folder, offsite, rfc3339, secret,
    take_lock,
};

/// What a catalog being restored is called until it is whole.
const UNFINISHED: &str = ".restoring.sqlite";

/// What to restore, and where to.
#[derive(Clone, Debug)]
pub struct RestoreOrder {
    /// The backup's folder.
    pub backup: PathBuf,
    /// The library's folder, made where there is none.
    pub library: PathBuf,
    /// Whether a catalog that is there is moved aside; otherwise it is left
    /// alone and nothing is restored.
    pub over: bool,
    /// A folder laid out as a library's `originals/`, to copy those from that
    /// the library's own folder lacks.
    pub originals: Option<PathBuf>,
}

/// A photo of the backup whose file is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lacking {
    /// Its name.
    pub name: String,
    /// Where its file should be.
    pub path: PathBuf,
}

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The library's folder, absolute.
    pub library: PathBuf,
    /// When the backup was made, where its name tells, milliseconds since 1970.
    pub made_at: Option<i64>,
    /// Where the files went that stood in the way.
    pub aside: Option<PathBuf>,
    /// How many files of photos the catalog knows.
    pub files: u64,
    /// How many of them were copied from the folder given.
    pub copied: u64,
    /// How many of them are not there, and were at the off-site store when the backup was made:
    /// they come back from it.
    pub away: u64,
    /// Those that are in neither.
    pub lacking: Vec<Lacking>,
    /// How many links the backup holds that open again.
    pub links: u64,
    /// Whether the backup holds the secret that its links are sealed with, or
    /// the library still had it.
    pub secret: bool,
}

/// Restores a library from a backup. `watch` hears how many files are dealt
/// with.
///
/// # Errors
/// For a backup that is not whole, a library that is open, a catalog in the way
/// unless it may be moved aside, a full disk, and when `watch` says stop.
/// Restoring again does the rest.
pub fn restore(
    order: &RestoreOrder,
    clock: &Clock,
    watch: &dyn Fn(&Progress) -> bool,
) -> Result<Restored, LibraryError> {
    check_backup(&order.backup)?;
    make_private_folder(&order.library)?;
    let library = fs::canonicalize(&order.library)?;
    let _lock = take_lock(&library)?;
    let in_the_way = library.join(CATALOG).exists();
    if in_the_way && !order.over {
        return Err(LibraryError::wrong(format!(
            "There is a library in {} already; choose a new folder, or restore over it with \
             `albumen --library {} restore`, which moves its catalog aside.",
            library.display(),
            library.display()
        )));
    }
    let unfinished = library.join(UNFINISHED);
    let restored = restore_by(&unfinished, order, library, clock, watch);
    if restored.is_err() {
        // The error of the restore is the one to tell; the next begins anew.
        let _ = remove_if_there(&unfinished);
    }
    restored
}

/// Restores by way of a copy at `unfinished`, brought up to date before it is read: the
/// backup may be of an earlier Albumen.
fn restore_by(
    unfinished: &Path,
    order: &RestoreOrder,
    library: PathBuf,
    clock: &Clock,
    watch: &dyn Fn(&Progress) -> bool,
) -> Result<Restored, LibraryError> {
    remove_if_there(unfinished)?;
    catalog::copy(&open_kept(&order.backup.join(CATALOG))?, unfinished)?;
    catalog::bring_up(unfinished)?;
    let copy = open_kept(unfinished)?;
    let mut restored = Restored {
        made_at: backup::moment_of(&order.backup),
        aside: None,
        files: verify::count(&copy)?,
        copied: 0,
        away: 0,
        lacking: Vec::new(),
        links: catalog::open_links(&copy, clock.now_ms())?,
        secret: true,
        library,
    };
    // The photos first: a catalog that is there means that it is done.
    let from = order.originals.as_deref();
    fetch(&copy, from, &mut restored, watch)?;
    drop(copy);

    let secret = order.backup.join(secret::FILE);
    let secret = secret.exists().then(|| fs::read(secret)).transpose()?;
    let mut going = ["", "-wal", "-shm", "-journal"]
        .map(|end| format!("{CATALOG}{end}"))
        .to_vec();
    let own = fs::read(restored.library.join(secret::FILE)).ok();
    if secret.is_some() && own != secret {
        going.push(secret::FILE.to_owned());
    }
    let going: Vec<&str> = going.iter().map(String::as_str).collect();
    restored.aside = move_aside(&restored.library, &going, clock)?;
    let has_one = restored.library.join(secret::FILE).exists();
    match secret {
        Some(bytes) if !has_one => secret::keep(&restored.library, &bytes)?,
        Some(_) => {}
        None => restored.secret = has_one,
    }
    fs::rename(unfinished, restored.library.join(CATALOG))?;
    sync_folder(&restored.library)?;
    Ok(restored)
}

/// Fails, with a sentence, unless the backup can be restored by this program.
fn check_backup(folder: &Path) -> Result<(), LibraryError> {
    let path = folder.join(CATALOG);
    let shown = folder.display();
    match condition(&path)? {
        Condition::Sound => Ok(()),
        Condition::Missing => Err(LibraryError::wrong(format!(
            "There is no backup in {shown}; `albumen backup list` names those there are."
        ))),
        Condition::Damaged(complaints) => Err(LibraryError::wrong(format!(
            "The backup in {shown} is damaged itself ({}); nothing was changed. Restore an \
             earlier one.",
            complaints.join("; ")
        ))),
        Condition::Foreign => Err(LibraryError::ForeignCatalog(path)),
        Condition::Newer(found) => Err(LibraryError::NewerCatalog {
            found,
            known: crate::migration::VERSION,
        }),
    }
}

/// Copies what the library's folder lacks from the one given, and notes what is
/// in neither.
fn fetch(
    copy: &Connection,
    from: Option<&Path>,
    restored: &mut Restored,
    watch: &dyn Fn(&Progress) -> bool,
) -> Result<(), LibraryError> {
    let originals = restored.library.join("originals");
    let mut progress = Progress {
        found: restored.files,
        ..Progress::default()
    };
    let held = offsite::held_in(copy)?;
    let mut page = verify::known(copy, None)?;
    while let Some(last) = page.last() {
        for known in &page {
            let file = &known.file;
            let in_place = file.is_in_place();
            let path = if in_place {
                PathBuf::from(file.path())
            } else {
                originals.join(file.path())
            };
            progress.current = Some(path.clone());
            if !watch(&progress) {
                return Err(LibraryError::Cancelled);
            }
            let there = fs::metadata(&path).is_ok_and(|found| found.len() == file.bytes);
            if !there {
                let copied = match from {
                    Some(from) if !in_place => fetch_one(file, &from.join(file.path()), &path)?,
                    _ => false,
                };
                if copied {
                    restored.copied += 1;
                } else if !in_place && held.contains(&file.hash) {
                    restored.away += 1;
                } else {
                    progress.failed += 1;
                    restored.lacking.push(Lacking {
                        name: known.name.clone(),
                        path,
                    });
                }
            }
            progress.done += 1;
        }
        page = verify::known(copy, Some(&last.file))?;
    }
    watch(&progress);
    Ok(())
}

/// Copies one original, if the file it is copied from is what was imported;
/// damaged bytes are left where they are.
fn fetch_one(file: &Original, from: &Path, to: &Path) -> Result<bool, LibraryError> {
    let Ok(mut source) = File::open(from) else {
        return Ok(false);
    };
    let Some(folder) = to.parent() else {
        return Ok(false);
    };
    make_private_folder(folder)?;
    let mut temporary = tempfile::Builder::new()
        .prefix(TEMPORARY)
        .tempfile_in(folder)?;
    let (hash, _) = match copy_and_hash(&mut source, temporary.as_file_mut()) {
        Ok(copied) => copied,
        Err(error) => match LibraryError::from(error) {
            LibraryError::DiskFull => return Err(LibraryError::DiskFull),
            _ => return Ok(false),
        },
    };
    if hash != file.hash {
        return Ok(false);
    }
    temporary.as_file().sync_all()?;
    match temporary.persist_noclobber(to) {
        Ok(_) => {
            sync_folder(folder)?;
            Ok(true)
        }
        // A file of another length is there; it is not ours to replace.
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error.into()),
    }
}

/// Moves those of these files that a library has into a folder of their own.
pub(crate) fn move_aside(
    library: &Path,
    names: &[&str],
    clock: &Clock,
) -> Result<Option<PathBuf>, LibraryError> {
    let going: Vec<&&str> = names
        .iter()
        .filter(|name| library.join(name).exists())
        .collect();
    if going.is_empty() {
        return Ok(None);
    }
    let mut now = clock.now_ms();
    let aside = loop {
        let name = civil(now).strftime("%Y-%m-%dT%H-%M-%SZ");
        let folder = library.join("aside").join(name.to_string());
        if !folder.exists() {
            break folder;
        }
        now += 1_000;
    };
    make_private_folder(&aside)?;
    // All of them before a new catalog comes: beside a journal that is not its
    // own it would be damaged.
    for name in going {
        fs::rename(library.join(name), aside.join(name))?;
    }
    sync_folder(&aside)?;
    sync_folder(library)?;
    Ok(Some(aside))
}

impl Restored {
    /// What to say of links, when there are any.
    pub fn of_links(&self) -> Option<String> {
        if self.links == 0 {
            return None;
        }
        Some(if self.secret {
            format!(
                "Links are as they were{}: one that was revoked or given a password since then \
                 opens as before. Look through `albumen link list`.",
                self.made_at
                    .map(|at| format!(" at {}", rfc3339(at)))
                    .unwrap_or_default()
            )
        } else {
            "The backup holds no secret, so its links do not open.".to_owned()
        })
    }
}
