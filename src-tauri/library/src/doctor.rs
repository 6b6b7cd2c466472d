//! What is wrong with a library, and what of it can be mended: from its folder
//! alone when it cannot be opened, and from within when it can. A repair only
//! adds; of files it removes those alone that an import of ours left unfinished.

use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::backup::{self, Backup};
use crate::catalog::{any_sealed_key, condition, open_kept};
use crate::import::Failure;
use crate::original::remove_if_there;
use crate::secret::{self, Secret};
use crate::verify::{Problem, Verification, Verify};
use crate::{
    BackupPlace, CATALOG, Clock, Condition, Library, LibraryError, Progress, restore, take_lock,
};

/// Why a library cannot be opened, or should not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// Its folder.
    pub library: PathBuf,
    /// How its catalog is; `Missing`, too, where there never was a library.
    pub catalog: Condition,
    /// What is wrong and what can be done about it, a sentence each.
    pub wrong: Vec<String>,
    /// What was mended, a sentence each.
    pub repaired: Vec<String>,
    /// The newest whole backup in the library's folder.
    pub backup: Option<Backup>,
}

/// How an open library is.
#[derive(Debug)]
pub struct CheckUp {
    /// What the check of its structure found.
    pub verification: Verification,
    /// How many photos lack thumbnails or previews that were made once.
    pub lost_renditions: u64,
    /// The newest backup.
    pub backup: Option<Backup>,
    /// The other place for backups, if one is chosen.
    pub place: Option<BackupPlace>,
}

/// What a repair did.
#[derive(Debug, Default)]
pub struct Repaired {
    /// Unfinished files removed.
    pub removed: u64,
    /// Unknown files that are photos of the library now.
    pub taken_in: u64,
    /// Unknown files whose photos the library has already; they stay.
    pub duplicates: u64,
    /// Photos whose thumbnails and previews were made again.
    pub rendered: u64,
    /// Whether a backup was made, for there was none.
    pub backed_up: bool,
    /// What could not be mended, and why.
    pub failures: Vec<Failure>,
}

/// Whether this is the folder of a library that lost its catalog, rather than
/// one where none was made yet.
pub(crate) fn lost_its_catalog(folder: &Path) -> Result<bool, LibraryError> {
    let size = fs::metadata(folder.join(CATALOG)).map_or(0, |found| found.len());
    if size > 0 {
        return Ok(false);
    }
    let has_originals = WalkDir::new(folder.join("originals"))
        .into_iter()
        .flatten()
        .any(|entry| entry.file_type().is_file());
    Ok(has_originals || !backup::list(&backup::own_place(folder))?.is_empty())
}

/// Looks at a library from outside; `None` when nothing keeps it from being
/// opened, or a process has it open and can be asked.
///
/// # Errors
/// When the folder cannot be read.
pub fn diagnose(folder: &Path) -> Result<Option<Diagnosis>, LibraryError> {
    examine(folder, None)
}

/// As [`diagnose`], mending what can be mended without asking: a secret that is
/// gone or another's is brought back from a backup.
///
/// # Errors
/// As [`diagnose`].
pub fn mend(folder: &Path, clock: &Clock) -> Result<Option<Diagnosis>, LibraryError> {
    examine(folder, Some(clock))
}

fn examine(folder: &Path, mend: Option<&Clock>) -> Result<Option<Diagnosis>, LibraryError> {
    let mut found = Diagnosis {
        library: folder.to_owned(),
        catalog: Condition::Missing,
        wrong: Vec::new(),
        repaired: Vec::new(),
        backup: None,
    };
    if !folder.is_dir() {
        found.wrong.push(format!(
            "There is no library in {}; its drive may be away, or it is elsewhere: say where with \
             --library. `albumen init` makes a new one.",
            folder.display()
        ));
        return Ok(Some(found));
    }
    let _lock = match take_lock(folder) {
        Ok(lock) => lock,
        Err(LibraryError::Held { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    found.catalog = condition(&folder.join(CATALOG))?;
    let mut backups = Vec::new();
    for backup in backup::list(&backup::own_place(folder))? {
        if condition(&backup.folder.join(CATALOG))? == Condition::Sound {
            backups.push(backup);
        } else {
            found.wrong.push(format!(
                "The backup {} is damaged and cannot be restored.",
                backup.name
            ));
        }
    }
    let whole = found.catalog == Condition::Sound
        || found.catalog == Condition::Missing && !lost_its_catalog(folder)?;
    let secret = of_secret(folder, &found.catalog, &backups, mend)?;
    if whole && matches!(secret, Mending::Well) {
        return Ok(None);
    }
    if !whole {
        found.wrong.push(of_catalog(folder, &found.catalog));
        found.wrong.push(match backups.first() {
            Some(newest) => format!(
                "The newest backup is {name}. To restore it: `albumen backup restore {name}`. What stands \
                 in the way is moved aside, and nothing is deleted; photos that came since then \
                 are found again by `albumen doctor --repair`.",
                name = newest.name
            ),
            None => "There is no whole backup in the library's own folder; if copies are kept on \
                     another drive, restore one by its path: `albumen backup restore FOLDER`."
                .to_owned(),
        });
    }
    match secret {
        Mending::Well => {}
        Mending::Wrong(sentence) => found.wrong.push(sentence),
        Mending::Mended(sentence) => found.repaired.push(sentence),
    }
    found.backup = backups.into_iter().next();
    Ok(Some(found))
}

fn of_catalog(folder: &Path, catalog: &Condition) -> String {
    let path = folder.join(CATALOG);
    let path = path.display();
    match catalog {
        Condition::Sound => String::new(),
        Condition::Missing => format!(
            "The catalog {path} is gone or empty. The photos are there, but not what the library \
             knows of them."
        ),
        Condition::Damaged(complaints) => format!(
            "The catalog {path} is damaged: {}. The photos are files of their own and are not \
             touched.",
            complaints.join("; ")
        ),
        Condition::Foreign => format!(
            "{path} is a database of another program. If the library's own catalog was here, it \
             was replaced."
        ),
        Condition::Newer(version) => format!(
            "The catalog {path} is of version {version}, which a newer Albumen made. Update \
             Albumen to open it: nothing of it is damaged. Restoring a backup instead loses what \
             came since."
        ),
    }
}

enum Mending {
    Well,
    Wrong(String),
    Mended(String),
}

/// How the secret is: links can be opened only with the one they were made with.
fn of_secret(
    folder: &Path,
    catalog: &Condition,
    backups: &[Backup],
    mend: Option<&Clock>,
) -> Result<Mending, LibraryError> {
    if *catalog != Condition::Sound {
        return Ok(Mending::Well);
    }
    let Some(sealed) = any_sealed_key(&open_kept(&folder.join(CATALOG))?)? else {
        return Ok(Mending::Well);
    };
    let fits = |folder: &Path| {
        Secret::open(folder)
            .ok()
            .flatten()
            .is_some_and(|secret| secret.unseal(&sealed).is_some())
    };
    if fits(folder) {
        return Ok(Mending::Well);
    }
    let path = folder.join(secret::FILE);
    let Some(backup) = backups.iter().find(|backup| fits(&backup.folder)) else {
        return Ok(Mending::Wrong(format!(
            "The secret {} is gone or not the one that the links were made with, and no backup \
             here has it. Bring the file back from elsewhere; otherwise these links stay closed, \
             and new ones have to be made.",
            path.display()
        )));
    };
    let Some(clock) = mend else {
        return Ok(Mending::Wrong(format!(
            "The secret {} is gone or not the one that the links were made with. The backup {} \
             has it: `albumen doctor --repair` brings it back.",
            path.display(),
            backup.name
        )));
    };
    let bytes = fs::read(backup.folder.join(secret::FILE))?;
    restore::move_aside(folder, &[secret::FILE], clock)?;
    secret::keep(folder, &bytes)?;
    Ok(Mending::Mended(format!(
        "The secret was brought back from the backup {}; links open again.",
        backup.name
    )))
}

impl Library {
    /// Looks for what is wrong in an open library.
    ///
    /// # Errors
    /// As [`Library::verify`].
    pub fn check_up(&self, watch: &dyn Fn(&Progress) -> bool) -> Result<CheckUp, LibraryError> {
        let verification = self.verify(Verify::Structure, watch)?;
        let well = verification
            .findings
            .iter()
            .all(|finding| finding.problem != Problem::Catalog);
        Ok(CheckUp {
            lost_renditions: if well {
                self.lost_renditions()?.len() as u64
            } else {
                0
            },
            backup: self.backups()?.into_iter().next(),
            place: self.backup_place()?,
            verification,
        })
    }

    /// Mends what a check found and can be mended: removes unfinished files,
    /// takes unknown ones in, makes lost renditions again, and a backup where there
    /// is none.
    ///
    /// # Errors
    /// What concerns all of it: a full disk, the catalog.
    pub fn repair(
        &self,
        found: &CheckUp,
        watch: &(dyn Fn(&Progress) -> bool + Sync),
    ) -> Result<Repaired, LibraryError> {
        let mut done = Repaired::default();
        let with = |problem: Problem| {
            let findings = found.verification.findings.iter();
            findings
                .filter(move |finding| finding.problem == problem)
                .map(|finding| finding.path.clone())
        };
        // An import at work has an intent for each of its own.
        for path in with(Problem::Unfinished) {
            remove_if_there(&path)?;
            done.removed += 1;
        }
        let report = self.take_in(with(Problem::Unknown).collect(), watch)?;
        done.taken_in = report.progress.imported;
        done.duplicates = report.progress.duplicates;
        done.failures = report.failures;
        let mut progress = Progress::default();
        let lost = self.lost_renditions()?;
        progress.found = lost.len() as u64;
        for id in lost {
            if !watch(&progress) {
                break;
            }
            match self.render_again(id) {
                Ok(()) => done.rendered += 1,
                Err(error @ (LibraryError::DiskFull | LibraryError::CatalogDamaged(_))) => {
                    return Err(error);
                }
                Err(error) => done.failures.push(Failure {
                    path: match self.any_asset(id)? {
                        asset if asset.is_locked => self.originals(),
                        asset => asset.name.into(),
                    },
                    code: error.code(),
                    message: error.to_string(),
                }),
            }
            progress.done += 1;
        }
        if found.backup.is_none() {
            self.back_up()?;
            done.backed_up = true;
        }
        Ok(done)
    }
}
