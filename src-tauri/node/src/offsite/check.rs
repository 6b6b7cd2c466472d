//! Whether the store holds what it is to hold: by its list, and, where that is asked for, by
//! reading everything back. What is missing or wrong is forgotten here, so that the next run
//! copies it again.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use library::{Library, OffsiteCopy, OffsiteKeys, Progress, snapshot_moment};

use super::store::Store;
use crate::NodeError;

/// How many bodies are read at once.
const LANES: usize = 4;

/// What a check found.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// Originals that are to be at the store.
    pub files: u64,
    /// Snapshots of the catalog that are there.
    pub catalogs: u64,
    /// Bodies that were read back.
    pub read: u64,
    /// Originals that are not copied yet.
    pub waiting: u64,
    /// What the store does not hold: originals, by the name of a photo where it may be told.
    pub missing: Vec<Option<String>>,
    /// What it holds, but not as it was given.
    pub wrong: Vec<Option<String>>,
    /// Of those two, the ones that are not here either: nothing copies them again.
    pub lost: Vec<Option<String>>,
    /// Snapshots of the catalog that do not open.
    pub wrong_catalogs: Vec<String>,
    /// Names in the folder that nothing here knows.
    pub foreign: Vec<String>,
    /// It was stopped before its end.
    pub cancelled: bool,
}

/// Checks the store's folder.
///
/// # Errors
/// What the store complains of.
pub(crate) fn check(
    library: &Library,
    store: &Store,
    keys: &OffsiteKeys,
    read_data: bool,
    go_on: &(dyn Fn(&Progress) -> bool + Sync),
) -> Result<Checked, NodeError> {
    library.settle_offsite()?;
    let mut known: HashMap<String, OffsiteCopy> = library
        .offsite_copies()?
        .into_iter()
        .map(|copy| (keys.name_of(&copy.hash), copy))
        .collect();
    let mut done = Checked::default();
    let (mut found, mut catalogs, mut not_there) = (Vec::new(), Vec::new(), Vec::new());
    store.list("", |held| match known.remove(&held.name) {
        Some(copy) => match &copy.held {
            // It was copied, and only the note of it is missing: the next run writes that.
            None => done.waiting += 1,
            Some(_) => {
                done.files += 1;
                match held.is_as_noted(&copy) {
                    true => found.push((held.name, copy)),
                    false => {
                        done.wrong.push(copy.name.clone());
                        not_there.push(copy);
                    }
                }
            }
        },
        None if snapshot_moment(&held.name).is_some() => catalogs.push(held.name),
        None => done.foreign.push(held.name),
    })?;
    for copy in known.into_values() {
        match copy.held {
            None => done.waiting += 1,
            Some(_) => {
                done.files += 1;
                done.missing.push(copy.name.clone());
                not_there.push(copy);
            }
        }
    }
    done.catalogs = catalogs.len() as u64;
    let reading = Reading {
        store,
        keys,
        next: AtomicUsize::new(0),
        found: &found,
        catalogs: &catalogs,
        outcome: Mutex::default(),
    };
    if read_data {
        reading.all(go_on);
    }
    let mut outcome = reading.outcome.into_inner().unwrap_or_default();
    let read_wrong: HashSet<usize> = std::mem::take(&mut outcome.wrong).into_iter().collect();
    let mut away = Vec::new();
    for (at, (_, copy)) in found.into_iter().enumerate() {
        if read_wrong.contains(&at) {
            done.wrong.push(copy.name.clone());
            not_there.push(copy);
        } else if copy.is_away {
            away.push((copy.hash, true));
        }
    }
    // What is here is copied again by the next run; of what is not, the note stays.
    let (lost, forgotten): (Vec<_>, Vec<_>) = not_there.into_iter().partition(|copy| copy.is_away);
    away.extend(lost.iter().map(|copy| (copy.hash, false)));
    done.lost = lost.into_iter().map(|copy| copy.name).collect();
    library.note_offsite_held(&away)?;
    if !forgotten.is_empty() {
        library.unnote_offsite(forgotten.into_iter().map(|copy| copy.hash).collect())?;
    }
    if let Some(error) = outcome.error.take() {
        return Err(error);
    }
    done.read = outcome.read;
    done.cancelled = outcome.cancelled;
    done.wrong_catalogs = outcome.wrong_catalogs;
    Ok(done)
}

/// Everything that is read back, and how far that is.
struct Reading<'a> {
    store: &'a Store,
    keys: &'a OffsiteKeys,
    next: AtomicUsize,
    found: &'a [(String, OffsiteCopy)],
    catalogs: &'a [String],
    outcome: Mutex<Outcome>,
}

#[derive(Default)]
struct Outcome {
    read: u64,
    /// Places in `found`.
    wrong: Vec<usize>,
    wrong_catalogs: Vec<String>,
    cancelled: bool,
    error: Option<NodeError>,
}

impl Reading<'_> {
    fn all(&self, go_on: &(dyn Fn(&Progress) -> bool + Sync)) {
        std::thread::scope(|scope| {
            for _ in 0..LANES {
                scope.spawn(|| while self.one(go_on) {});
            }
        });
    }

    /// Reads the next body; false when that was the last, or is to be.
    fn one(&self, go_on: &(dyn Fn(&Progress) -> bool + Sync)) -> bool {
        let at = self.next.fetch_add(1, Ordering::Relaxed);
        let original = self.found.get(at);
        let catalog = self.catalogs.get(at.wrapping_sub(self.found.len()));
        let read = match (original, catalog) {
            (Some((name, copy)), _) => self.hash_of(name).map(|hash| hash == Some(copy.hash)),
            (None, Some(name)) => self.hash_of(name).map(|hash| hash.is_some()),
            (None, None) => return false,
        };
        let Ok(mut outcome) = self.outcome.lock() else {
            return false;
        };
        match read {
            Ok(right) => {
                outcome.read += 1;
                match (right, catalog) {
                    (true, _) => {}
                    (false, None) => outcome.wrong.push(at),
                    (false, Some(name)) => outcome.wrong_catalogs.push(name.clone()),
                }
            }
            Err(error) => outcome.error = Some(error),
        }
        let goes_on = go_on(&Progress {
            found: (self.found.len() + self.catalogs.len()) as u64,
            done: outcome.read,
            failed: (outcome.wrong.len() + outcome.wrong_catalogs.len()) as u64,
            ..Progress::default()
        });
        outcome.cancelled |= !goes_on;
        goes_on && outcome.error.is_none()
    }

    /// The BLAKE3 of what a body holds; `None` for one that does not open.
    fn hash_of(&self, name: &str) -> Result<Option<[u8; 32]>, NodeError> {
        let mut hash = blake3::Hasher::new();
        let read = self
            .keys
            .open(name, self.store.read(name)?)
            .and_then(|body| hash.update_reader(body).map(|_| ()));
        match read {
            Ok(()) => Ok(Some(*hash.finalize().as_bytes())),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(None),
            Err(error) => Err(self.store.told_reading(error)),
        }
    }
}
