//! Whether a library is as it should be: the catalog sound, every original in
//! its place with its length, every file under `originals/` known, and, where
//! they are read, the bytes those that were imported. A check changes no file.
//! What it finds damaged is marked, and is not read for anything from then on.

mod standing;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::damage::is_damaged;
use crate::offsite::Bytes;
use crate::original::{self, Original, copy_and_hash, modified_ms};
use crate::{AssetId, CATALOG, Library, LibraryError, Progress, Setting};

pub(crate) use standing::inner_path;

/// In how many parts the originals are read, one a day.
const PARTS: u8 = 30;

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verify {
    /// The catalog, and which files there are.
    Structure,
    /// Also the bytes of every original.
    ReadAll,
    /// Also the bytes of the thirtieth of the originals whose turn it is.
    ReadNext,
}

/// What may be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Problem {
    /// The catalog's pages or rows.
    Catalog,
    /// An original in the library's folder is gone.
    Missing,
    /// A file that was left in place is not there; its drive may be away.
    Away,
    /// A file has another length or, left in place, another time than when it
    /// was imported.
    Changed,
    /// A file's bytes are others than were imported.
    Damaged,
    /// A file could not be read.
    Unreadable,
    /// A file under `originals/` that no photo knows.
    Unknown,
    /// A file under `originals/` that was being written when something broke
    /// off.
    Unfinished,
}

impl Problem {
    /// A stable word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Problem::Catalog => "catalog",
            Problem::Missing => "missing",
            Problem::Away => "away",
            Problem::Changed => "changed",
            Problem::Damaged => "damaged",
            Problem::Unreadable => "unreadable",
            Problem::Unknown => "unknown",
            Problem::Unfinished => "unfinished",
        }
    }

    fn sentence(self, name: &str, detail: &str) -> String {
        match self {
            Problem::Catalog => format!("The catalog is damaged: {detail}."),
            Problem::Missing => format!(
                "The original of {name} is gone. Import another copy of it, and it is whole again."
            ),
            Problem::Away => format!(
                "The file of {name} is not in its place; connect its drive, or import it from \
                 where it is now."
            ),
            Problem::Changed => format!(
                "The file of {name} is not the one that was imported; it was changed since. \
                 Import a copy of the one it was."
            ),
            Problem::Damaged => format!(
                "The original of {name} is damaged: its bytes are not those that were imported. \
                 Backups hold no photos; import another copy of it, and it is whole again."
            ),
            Problem::Unreadable => format!("The file of {name} could not be read: {detail}."),
            Problem::Unknown => {
                "No photo of the library knows this file; `albumen doctor --repair` takes it in."
                    .to_owned()
            }
            Problem::Unfinished => {
                "This was being written when something broke off; `albumen doctor --repair` \
                 removes it."
                    .to_owned()
            }
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub problem: Problem,
    /// Whose file it is.
    pub asset: Option<AssetId>,
    /// Which file.
    pub path: PathBuf,
    /// What it is and what to do, for people.
    pub message: String,
}

impl Finding {
    fn new(problem: Problem, path: PathBuf, name: &str, detail: &str) -> Finding {
        Finding {
            problem,
            asset: None,
            path,
            message: problem.sentence(name, detail),
        }
    }

    /// The same of a locked photo, without its name.
    fn hidden(self, folder: PathBuf) -> Finding {
        Finding {
            message: self.problem.sentence("a locked photo", ""),
            path: folder,
            ..self
        }
    }
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// How many files of photos were looked for.
    pub files: u64,
    /// How many of them were read through.
    pub read: u64,
    /// How many of them are at the off-site store alone, and not looked at there.
    pub away: u64,
    /// What is wrong. The files of a folder that is not there are one finding.
    pub findings: Vec<Finding>,
    /// It was stopped before its end.
    pub cancelled: bool,
}

/// A file that the catalog knows.
pub(crate) struct Known {
    pub asset: AssetId,
    pub name: String,
    pub file: Original,
}

impl Known {
    /// By which they are in order.
    fn key(&self) -> (bool, &str) {
        (self.file.is_in_place(), self.file.path())
    }

    /// In which part of the originals it is read.
    fn part(&self) -> u8 {
        let [first, second, ..] = self.file.hash;
        // Below PARTS, so it fits.
        (u16::from_be_bytes([first, second]) % u16::from(PARTS)) as u8
    }
}

/// How many files are held in memory at once.
const AT_ONCE: usize = if cfg!(test) { 7 } else { 1_000 };

/// The next files that a catalog knows, as they lie on the disk; after none, the first.
pub(crate) fn known(
    conn: &Connection,
    after: Option<&Original>,
) -> Result<Vec<Known>, LibraryError> {
    let (in_place, path) = after.map_or((-1, ""), |file| {
        (i64::from(file.is_in_place()), file.path())
    });
    Ok(conn
        .prepare_cached(&format!(
            "SELECT {}, asset.id, asset.name
               FROM original CROSS JOIN asset ON asset.id = original.asset
              WHERE (original.in_place, original.path) > (?1, ?2)
              ORDER BY original.in_place, original.path LIMIT ?3",
            original::COLUMNS
        ))?
        .query_map((in_place, path, AT_ONCE as i64), |row| {
            Ok(Known {
                asset: row.get("id")?,
                name: row.get("name")?,
                file: Original::from_row(row)?,
            })
        })?
        .collect::<Result<_, _>>()?)
}

/// How many files that are.
pub(crate) fn count(conn: &Connection) -> Result<u64, LibraryError> {
    Ok(conn.query_row(
        "SELECT count(*) FROM original JOIN asset ON asset.id = original.asset",
        (),
        |row| row.get(0),
    )?)
}

impl Library {
    /// Checks the library. `watch` hears of progress and answers whether to go
    /// on.
    ///
    /// # Errors
    /// Only when the check itself cannot be made; what is wrong is in the
    /// answer.
    pub fn verify(
        &self,
        what: Verify,
        watch: &dyn Fn(&Progress) -> bool,
    ) -> Result<Verification, LibraryError> {
        let mut findings = Vec::new();
        let done = self.check(what, watch, &mut |finding| findings.push(finding))?;
        Ok(Verification { findings, ..done })
    }

    /// The same; `found` takes what is wrong, for it may be every photo.
    fn check(
        &self,
        what: Verify,
        watch: &dyn Fn(&Progress) -> bool,
        found: &mut dyn FnMut(Finding),
    ) -> Result<Verification, LibraryError> {
        let (mut done, mut away) = (Verification::default(), Away::default());
        let catalog = self.folder.join(CATALOG);
        let complaints = self.catalog.complaints()?;
        for complaint in &complaints {
            found(Finding::new(
                Problem::Catalog,
                catalog.clone(),
                "",
                complaint,
            ));
        }
        match self.check_files(what, watch, (&mut done, &mut away), found) {
            Ok(()) => {}
            // The files cannot be judged without it.
            Err(LibraryError::CatalogDamaged(reason)) if complaints.is_empty() => {
                found(Finding::new(Problem::Catalog, catalog, "", &reason));
            }
            Err(LibraryError::CatalogDamaged(_)) => {}
            Err(error) => return Err(error),
        }
        away.into_findings().for_each(found);
        Ok(done)
    }

    fn check_files(
        &self,
        what: Verify,
        watch: &dyn Fn(&Progress) -> bool,
        (done, away): (&mut Verification, &mut Away),
        found: &mut dyn FnMut(Finding),
    ) -> Result<(), LibraryError> {
        let mut progress = Progress {
            found: self.catalog.read(count)?,
            ..Progress::default()
        };
        self.unknown_files(found)?;
        self.settle_offsite()?;
        let part = self.next_part()?;
        let read = |known: &Known| match what {
            Verify::Structure => false,
            Verify::ReadAll => true,
            Verify::ReadNext => known.part() == part,
        };
        let mut page = self.catalog.read(|conn| known(conn, None))?;
        while let Some(last) = page.last() {
            let hidden = self.hidden()?;
            for known in &page {
                let is_hidden = hidden.contains(&known.asset);
                progress.current = (!is_hidden).then(|| self.place_of(&known.file));
                if !watch(&progress) {
                    done.cancelled = true;
                    return Ok(());
                }
                done.files += 1;
                if let Some(finding) = self.check_file(known, read(known), done)? {
                    progress.failed += 1;
                    match is_hidden {
                        true => found(finding.hidden(self.originals())),
                        false => away.or_else(finding).map_or((), &mut *found),
                    }
                }
                progress.done += 1;
            }
            let next = self.catalog.read(|conn| known(conn, Some(&last.file)))?;
            if next.last().is_some_and(|next| next.key() <= last.key()) {
                let reason = "its originals are out of order".to_owned();
                return Err(LibraryError::CatalogDamaged(reason));
            }
            page = next;
        }
        watch(&progress);
        if what != Verify::Structure {
            let next = match what {
                Verify::ReadNext => (part + 1) % PARTS,
                _ => part,
            };
            self.set_setting(Setting::VerifyNext, &next.to_string())?;
            self.set_setting(Setting::VerifiedAt, &self.clock.now_ms().to_string())?;
        }
        Ok(())
    }

    /// Reads the next thirtieth of the originals through, once a day; `None`
    /// when that was done today. What is damaged is marked; the findings are not kept.
    pub fn verify_if_due(
        &self,
        watch: &dyn Fn(&Progress) -> bool,
    ) -> Result<Option<Verification>, LibraryError> {
        if !self.verify_is_due()? {
            return Ok(None);
        }
        self.check(Verify::ReadNext, watch, &mut drop).map(Some)
    }

    /// Whether originals were not read through yet today.
    pub fn verify_is_due(&self) -> Result<bool, LibraryError> {
        Ok(!self.verified_at()?.is_some_and(|at| self.is_today(at)))
    }

    /// When originals were last read through, milliseconds since 1970.
    pub fn verified_at(&self) -> Result<Option<i64>, LibraryError> {
        Ok(self
            .setting(Setting::VerifiedAt)?
            .and_then(|text| text.parse().ok()))
    }

    fn next_part(&self) -> Result<u8, LibraryError> {
        Ok(self
            .setting(Setting::VerifyNext)?
            .and_then(|text| text.parse().ok())
            .filter(|part| *part < PARTS)
            .unwrap_or(0))
    }

    /// What is wrong with one file, if anything.
    fn check_file(
        &self,
        known: &Known,
        read: bool,
        done: &mut Verification,
    ) -> Result<Option<Finding>, LibraryError> {
        let path = self.place_of(&known.file);
        let found = |problem: Problem, detail: &str| {
            Some(Finding {
                asset: Some(known.asset),
                ..Finding::new(problem, path.clone(), &known.name, detail)
            })
        };
        let (problem, detail) = match look(&path, known, read) {
            Ok(Look::Same) => {
                let marked = self
                    .catalog
                    .read(|conn| is_damaged(conn, known.file.path()))?;
                if read && marked {
                    self.unmark_damaged(known.asset, known.file.path().to_owned())?;
                }
                done.read += u64::from(read);
                return Ok(if marked && !read {
                    found(Problem::Damaged, "")
                } else {
                    None
                });
            }
            Ok(Look::Other) => {
                done.read += 1;
                self.mark_damaged(known.asset, known.file.path().to_owned())?;
                (Problem::Damaged, String::new())
            }
            Ok(Look::Changed) => (Problem::Changed, String::new()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let at_store = matches!(self.find_file(&known.file, ""), Ok(Bytes::Away(_)));
                done.away += u64::from(at_store);
                if at_store || !self.still_known(known)? {
                    return Ok(None);
                }
                let away = known.file.is_in_place();
                let problem = if away {
                    Problem::Away
                } else {
                    Problem::Missing
                };
                (problem, String::new())
            }
            Err(error) => (Problem::Unreadable, error.to_string()),
        };
        Ok(found(problem, &detail))
    }

    /// Whether the catalog still has this file: it may have been deleted since
    /// it was asked.
    fn still_known(&self, known: &Known) -> Result<bool, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT 1 FROM original WHERE in_place = ?1 AND path = ?2 AND asset = ?3",
                )?
                .exists((known.file.is_in_place(), known.file.path(), known.asset))?)
        })
    }
}

/// The folders that are not there, with how many files each had.
#[derive(Default)]
struct Away(BTreeMap<PathBuf, u64>);

impl Away {
    /// Counts a file to the folder that went with it; gives back what has none.
    fn or_else(&mut self, finding: Finding) -> Option<Finding> {
        let gone = match finding.problem {
            Problem::Away => folder_gone(&finding.path),
            _ => None,
        };
        match gone {
            Some(folder) => *self.0.entry(folder.to_owned()).or_default() += 1,
            None => return Some(finding),
        }
        None
    }

    fn into_findings(self) -> impl Iterator<Item = Finding> {
        self.0.into_iter().map(|(path, files)| {
            let files = match files {
                1 => "1 file".to_owned(),
                _ => format!("{files} files"),
            };
            let message = format!(
                "This folder is not there, and with it {files} of photos; connect its drive, or \
                 import them from where they are now."
            );
            Finding {
                problem: Problem::Away,
                asset: None,
                path,
                message,
            }
        })
    }
}

/// The topmost folder above a path that is not there.
fn folder_gone(path: &Path) -> Option<&Path> {
    path.ancestors()
        .skip(1)
        .take_while(|folder| fs::symlink_metadata(folder).is_err())
        .last()
}

enum Look {
    Same,
    Changed,
    Other,
}

/// Compares a file with what the catalog says of it.
fn look(path: &Path, known: &Known, read: bool) -> io::Result<Look> {
    let metadata = fs::metadata(path)?;
    let touched = known.file.is_in_place() && modified_ms(&metadata) != known.file.modified_ms;
    if metadata.len() != known.file.bytes || touched || !metadata.is_file() {
        return Ok(Look::Changed);
    }
    if !read {
        return Ok(Look::Same);
    }
    let (hash, _) = copy_and_hash(&mut File::open(path)?, &mut io::sink())?;
    Ok(if hash == known.file.hash {
        Look::Same
    } else {
        Look::Other
    })
}
