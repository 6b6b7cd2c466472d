//! All of a library on its way back into an empty folder: its catalog first, aside, then each
//! original by its hash, and only when nothing is left to fetch does the catalog get its name.
//! So a folder is a library or goes on becoming one, whenever it is broken off.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use super::local::arrive_in_part;
use super::snapshot::unpack;
use crate::catalog::{Condition, bring_up, condition, open_arriving};
use crate::moving::{MovedFile, plan};
use crate::original::{TEMPORARY, remove_if_there, sync_folder};
use crate::{CATALOG, LibraryError, make_private_folder, secret, take_lock};

/// The catalog until all is here.
const CATALOG_ASIDE: &str = ".restoring.sqlite";
/// The secret until then.
const SECRET_ASIDE: &str = ".restoring.secret";
/// Of which key's which snapshot it is.
const OF: &str = ".restoring";

/// A library that is being brought back.
pub struct Restoring {
    folder: PathBuf,
    /// What names the copy it is of, and the snapshot, once that is here.
    of: String,
    _lock: File,
}

/// What became of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brought {
    /// It is in its place.
    Here,
    /// What came is not what was imported.
    Damaged,
    /// The store does not hold it.
    Gone,
}

impl Restoring {
    /// Begins to bring a library back into a folder, or goes on with it. `copy` names the copy
    /// it is of: what was begun of another is not gone on with.
    ///
    /// # Errors
    /// [`LibraryError::Wrong`] where a library is, or another one is being brought back.
    pub fn begin(folder: &Path, copy: &str) -> Result<Restoring, LibraryError> {
        make_private_folder(folder)?;
        let folder = fs::canonicalize(folder)?;
        let lock = take_lock(&folder)?;
        let shown = folder.display();
        let of = fs::read_to_string(folder.join(OF)).ok();
        match &of {
            Some(of) if of.lines().next() != Some(copy) => {
                return Err(LibraryError::wrong(format!(
                    "Another library is being restored into {shown}, from another off-site copy; \
                     choose a new folder."
                )));
            }
            None if folder.join(CATALOG).exists() => {
                return Err(LibraryError::wrong(format!(
                    "There is a library in {shown} already; choose a new folder."
                )));
            }
            _ => {}
        }
        let restoring = Restoring {
            of: of.unwrap_or_else(|| copy.to_owned()),
            folder,
            _lock: lock,
        };
        note(&restoring.folder.join(OF), restoring.of.as_bytes())?;
        Ok(restoring)
    }

    /// The folder, absolute.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The snapshot whose catalog is here already, by its name.
    pub fn snapshot(&self) -> Option<&str> {
        let here = self.aside(CATALOG_ASIDE).exists() || self.aside(CATALOG).exists();
        self.of.lines().nth(1).filter(|_| here)
    }

    /// Takes a snapshot in, opened already.
    ///
    /// # Errors
    /// Those of reading it, and for a catalog that is damaged or a newer Albumen's.
    pub fn take_snapshot(&mut self, name: &str, from: impl Read) -> Result<(), LibraryError> {
        let mut temporary = tempfile::Builder::new()
            .prefix(TEMPORARY)
            .tempfile_in(&self.folder)?;
        let root = unpack(from, temporary.as_file_mut())?;
        match condition(temporary.path())? {
            Condition::Sound => {}
            Condition::Newer(found) => {
                return Err(LibraryError::NewerCatalog {
                    found,
                    known: crate::migration::VERSION,
                });
            }
            _ => {
                return Err(LibraryError::wrong(
                    "The catalog in this snapshot is damaged; restore an earlier one with --at.",
                ));
            }
        }
        bring_up(temporary.path())?;
        note(&self.aside(SECRET_ASIDE), &root)?;
        let copy = self.of.lines().next().unwrap_or_default().to_owned();
        self.of = format!("{copy}\n{name}");
        note(&self.aside(OF), self.of.as_bytes())?;
        temporary
            .persist(self.aside(CATALOG_ASIDE))
            .map_err(|error| error.error)?;
        sync_folder(&self.folder)?;
        Ok(())
    }

    /// The files that are to come. Those that lay in folders of the user's go under
    /// `originals/moved`. `keep_local` says how many bytes of originals stay on this machine;
    /// others then stay at the store.
    pub fn files(&self, keep_local: Option<u64>) -> Result<Vec<MovedFile>, LibraryError> {
        let catalog = self.aside(CATALOG_ASIDE);
        if self.aside(CATALOG).exists() {
            // It was broken off after the last file.
            return Ok(Vec::new());
        }
        let files = plan(&catalog, None)?;
        let Some(most) = keep_local else {
            return Ok(files);
        };
        let conn = open_arriving(&catalog)?;
        let change = conn.unchecked_transaction()?;
        let coming = arrive_in_part(&change, files, most)?;
        change.commit()?;
        conn.close().map_err(|(_, error)| error)?;
        Ok(coming)
    }

    /// Whether a file is in its place already: none gets its name before it is whole.
    pub fn has(&self, file: &MovedFile) -> bool {
        fs::metadata(self.place_of(file)).is_ok_and(|held| held.len() == file.bytes)
    }

    /// Puts a file in its place, opened already, if it is what was imported.
    ///
    /// # Errors
    /// Those of reading and writing it; a body that was changed at the store is
    /// [`Brought::Damaged`].
    pub fn take(&self, file: &MovedFile, from: impl Read) -> Result<Brought, LibraryError> {
        let place = self.place_of(file);
        let folder = place.parent().unwrap_or(&self.folder).to_owned();
        make_private_folder(&folder)?;
        let mut temporary = tempfile::Builder::new()
            .prefix(TEMPORARY)
            .tempfile_in(&folder)?;
        let taken = take_in(from, temporary.as_file_mut(), &file.hash)?;
        if taken != Brought::Here {
            return Ok(taken);
        }
        temporary.as_file().sync_all()?;
        temporary.persist(&place).map_err(|error| error.error)?;
        sync_folder(&folder)?;
        Ok(Brought::Here)
    }

    /// Makes the folder a library. Files that were not to be had stay in its catalog.
    pub fn finish(self) -> Result<(), LibraryError> {
        sweep(&self.folder.join("originals"))?;
        if !self.aside(CATALOG).exists() {
            let root = fs::read(self.aside(SECRET_ASIDE))?;
            // It may have been broken off right here.
            if fs::read(self.aside(secret::FILE)).ok().as_ref() != Some(&root) {
                secret::keep(&self.folder, &root)?;
            }
            fs::rename(self.aside(CATALOG_ASIDE), self.aside(CATALOG))?;
            sync_folder(&self.folder)?;
        }
        for left in [SECRET_ASIDE, OF] {
            remove_if_there(&self.aside(left))?;
        }
        sweep(&self.folder)
    }

    fn aside(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn place_of(&self, file: &MovedFile) -> PathBuf {
        self.folder.join("originals").join(&file.path)
    }
}

/// Writes what is read, and says whether it has this BLAKE3.
///
/// # Errors
/// Those of reading and writing it; a body that was changed at the store is
/// [`Brought::Damaged`].
pub(super) fn take_in(
    from: impl Read,
    to: &mut dyn io::Write,
    hash: &[u8; 32],
) -> Result<Brought, LibraryError> {
    let mut hashed = Hashed(from, blake3::Hasher::new());
    match io::copy(&mut hashed, to) {
        Ok(_) if hashed.1.finalize().as_bytes() == hash => Ok(Brought::Here),
        Ok(_) => Ok(Brought::Damaged),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Brought::Damaged),
        Err(error) => Err(error.into()),
    }
}

/// What is read, hashed on its way.
struct Hashed<R>(R, blake3::Hasher);

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(to)?;
        self.1.update(to.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// Removes what was being written when an earlier try broke off.
fn sweep(folder: &Path) -> Result<(), LibraryError> {
    let within = walkdir::WalkDir::new(folder).into_iter().flatten();
    for entry in within.filter(|entry| entry.file_type().is_file()) {
        if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Writes a small file, whole or not at all.
fn note(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    let mut file = tempfile::Builder::new()
        .prefix(TEMPORARY)
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
