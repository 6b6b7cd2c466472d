//! Bringing a library back from the store into an empty folder, by the recovery key alone. It
//! can be broken off at any moment and goes on where it was.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc;

use library::{
    Brought, LibraryError, MovedFile, OffsiteKeys, Progress, Restoring, snapshot_moment,
};

use super::store::Store;
use crate::NodeError;

/// How many files are fetched at once.
const LANES: usize = 4;
/// How often a file is tried whose way broke off.
const TRIES: usize = 3;

/// What came back.
#[derive(Debug, Default)]
pub(crate) struct BroughtBack {
    /// The library's folder, absolute.
    pub folder: PathBuf,
    /// When its catalog was copied, milliseconds since 1970.
    pub made_at: Option<i64>,
    /// Files of photos that are here.
    pub files: u64,
    /// Those of them that were here already.
    pub before: u64,
    /// Bytes of those that were fetched.
    pub bytes: u64,
    /// Names of photos whose files the store does not hold.
    pub missing: Vec<String>,
    /// Names of photos whose files are not as they were given to the store.
    pub damaged: Vec<String>,
}

/// What became of a file.
enum Fate {
    Before,
    Fetched(u64),
    Missing(String),
    Damaged(String),
}

/// Brings all of a library back. `at` names a snapshot; else it is the newest. `keep_local` says
/// how many bytes of originals stay on this machine, where not all are to.
///
/// # Errors
/// What the store complains of, a key of which there is nothing, and a folder with another
/// library. Bringing it back again goes on.
pub(crate) fn bring(
    store: &Store,
    keys: &OffsiteKeys,
    into: &Path,
    (at, keep_local): (Option<&str>, Option<u64>),
    watch: &dyn Fn(&Progress) -> bool,
) -> Result<BroughtBack, NodeError> {
    let mut names = snapshots(store)?;
    if let Some(at) = at {
        names.retain(|name| name.strip_prefix("catalogs/") == Some(at));
    }
    let Some(newest) = names.last() else {
        return Err(match at {
            Some(at) => NodeError::new(
                "wrong",
                format!("The store holds no catalog of {at}; leave --at out for the newest."),
            ),
            None => NodeError::new(
                "offsite_key",
                "Nothing in this bucket was copied with this recovery key; look at the words, the \
                 bucket and the prefix.",
            ),
        });
    };
    let mut restoring = Restoring::begin(into, keys.folder())?;
    if let (Some(_), Some(begun)) = (at, restoring.snapshot())
        && begun != newest
    {
        return Err(NodeError::new(
            "wrong",
            format!(
                "This folder was begun with the catalog of {}; leave --at out to go on with it, or \
                 choose a new folder.",
                shown(begun)
            ),
        ));
    }
    if restoring.snapshot().is_none() {
        let opened = keys.open(newest, store.read(newest)?);
        let taken = opened
            .map_err(LibraryError::from)
            .and_then(|body| restoring.take_snapshot(newest, body));
        taken.map_err(|error| match error {
            LibraryError::Io(error) if error.kind() == io::ErrorKind::InvalidData => NodeError::new(
                "wrong",
                format!(
                    "The catalog {} was changed at the store; restore an earlier one with --at: \
                     {}.",
                    shown(newest),
                    names.iter().map(|name| shown(name)).collect::<Vec<_>>().join(", ")
                ),
            ),
            LibraryError::Io(error) => store.told_reading(error),
            error => error.into(),
        })?;
    }
    let mut back = BroughtBack {
        folder: restoring.folder().to_owned(),
        made_at: restoring.snapshot().and_then(snapshot_moment),
        ..BroughtBack::default()
    };
    let files = restoring.files(keep_local)?;
    let all = Fetching {
        store,
        keys,
        restoring: &restoring,
        next: Mutex::new(files.iter()),
    };
    all.fetch(files.len() as u64, &mut back, watch)?;
    restoring.finish()?;
    Ok(back)
}

/// The snapshots at the store, oldest first.
fn snapshots(store: &Store) -> Result<Vec<String>, NodeError> {
    let mut names = Vec::new();
    store.list("catalogs/", |held| names.push(held.name))?;
    names.retain(|name| snapshot_moment(name).is_some());
    names.sort_unstable();
    Ok(names)
}

fn shown(name: &str) -> &str {
    name.strip_prefix("catalogs/").unwrap_or(name)
}

struct Fetching<'a> {
    store: &'a Store,
    keys: &'a OffsiteKeys,
    restoring: &'a Restoring,
    next: Mutex<std::slice::Iter<'a, MovedFile>>,
}

impl Fetching<'_> {
    /// Fetches what is lacking, and notes what became of each.
    fn fetch(
        &self,
        found: u64,
        back: &mut BroughtBack,
        watch: &dyn Fn(&Progress) -> bool,
    ) -> Result<(), NodeError> {
        let mut progress = Progress {
            found,
            ..Progress::default()
        };
        // Progress is told by this thread; lanes end when nobody hears them any more.
        std::thread::scope(|scope| {
            let (tell, told) = mpsc::channel();
            for _ in 0..LANES {
                let tell = tell.clone();
                scope.spawn(move || {
                    while let Some(file) = self.take() {
                        let fate = self.one(file);
                        let failed = fate.is_err();
                        if tell.send(fate).is_err() || failed {
                            return;
                        }
                    }
                });
            }
            drop(tell);
            for fate in told {
                match fate? {
                    Fate::Before => back.before += 1,
                    Fate::Fetched(bytes) => back.bytes += bytes,
                    Fate::Missing(name) => back.missing.push(name),
                    Fate::Damaged(name) => back.damaged.push(name),
                }
                progress.done += 1;
                progress.failed = (back.missing.len() + back.damaged.len()) as u64;
                back.files = progress.done - progress.failed;
                if !watch(&progress) {
                    return Err(LibraryError::Cancelled.into());
                }
            }
            Ok(())
        })
    }

    fn take(&self) -> Option<&MovedFile> {
        self.next.lock().ok()?.next()
    }

    fn one(&self, file: &MovedFile) -> Result<Fate, NodeError> {
        if self.restoring.has(file) {
            return Ok(Fate::Before);
        }
        let fetched = fetch(self.store, self.keys, &file.hash, |body| {
            self.restoring.take(file, body)
        })?;
        Ok(match fetched {
            Brought::Here => Fate::Fetched(file.bytes),
            Brought::Damaged => Fate::Damaged(file.name().to_owned()),
            Brought::Gone => Fate::Missing(file.name().to_owned()),
        })
    }
}

/// Fetches an original from the store, opened for `take`, which may be asked again.
///
/// # Errors
/// What the store complains of, and what `take` does.
pub(super) fn fetch(
    store: &Store,
    keys: &OffsiteKeys,
    hash: &[u8; 32],
    take: impl Fn(&mut dyn Read) -> Result<Brought, LibraryError>,
) -> Result<Brought, NodeError> {
    let name = keys.name_of(hash);
    let mut tries = 0;
    loop {
        tries += 1;
        let body = match store.read(&name) {
            Ok(body) => body,
            Err(error) if error.code == "not_found" => return Ok(Brought::Gone),
            Err(error) => return Err(error),
        };
        let taken = match keys.open(&name, body) {
            Ok(mut body) => take(&mut body),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Brought::Damaged),
            Err(error) => Err(error.into()),
        };
        match taken {
            Ok(brought) => return Ok(brought),
            // The way to the store broke off; what is the disk's own is told at once.
            Err(LibraryError::Io(error)) if tries < TRIES && error.get_ref().is_some() => {}
            Err(LibraryError::Io(error)) => return Err(store.told_reading(error)),
            Err(error) => return Err(error.into()),
        }
    }
}
