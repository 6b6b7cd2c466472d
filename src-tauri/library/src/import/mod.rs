//! Bringing files into the library: the walk over what was ordered, the threads
//! that take one file each, and the report. What cannot be imported is named
//! with a sentence, and the rest goes on.

mod again;
mod file;
mod order;
mod patience;
mod read;
pub(crate) mod walk;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::original::Location;
use crate::{AssetId, Library, LibraryError, Shelf, Template, album, asset};

pub use order::Order;

pub(crate) use file::{find_twin, hash_of};

use again::Held;

/// The code of a file that the system does not let us read.
const UNREADABLE: &str = "unreadable";

/// A file that was not imported, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The file.
    pub path: PathBuf,
    /// A stable word for programs.
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
}

/// How far an import is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Files found so far.
    pub found: u64,
    /// Files dealt with.
    pub done: u64,
    /// Files taken in; the two of a live photo are one asset.
    pub imported: u64,
    /// Files whose bytes the library already has.
    pub duplicates: u64,
    /// Files passed over in silence: hidden ones, links, and sidecars, which are
    /// read with their photos.
    pub skipped: u64,
    /// Files that could not be imported.
    pub failed: u64,
    /// Files that were opened and read.
    pub read: u64,
    /// The file last begun.
    pub current: Option<PathBuf>,
    /// Why it waits, when it does.
    pub waits: Option<String>,
}

/// What an import did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The counts at its end.
    pub progress: Progress,
    /// The new assets.
    pub assets: Vec<AssetId>,
    /// The assets of duplicates, as far as they may be seen.
    pub known: Vec<AssetId>,
    /// How many photos of watched folders have new bytes.
    pub(crate) edited: u64,
    /// What was not imported, and why.
    pub failures: Vec<Failure>,
    /// It was stopped before its end; importing again does the rest.
    pub cancelled: bool,
}

enum Outcome {
    Imported(AssetId),
    /// The other half of a live photo, which is this asset now.
    Joined {
        photo: AssetId,
        /// The half that was an asset until now.
        gone: Option<AssetId>,
    },
    Duplicate(AssetId),
    /// The asset's file was edited; these were its bytes.
    Edited {
        before: [u8; 32],
    },
    /// A photo of these bytes was deleted for good, and its file left.
    Deleted([u8; 32]),
    Failed(Failure),
}

impl Library {
    /// Imports files. `watch` hears of progress after each file, from several
    /// threads, and answers whether to go on.
    ///
    /// # Errors
    /// Only for an unknown album. What is wrong with a file is in the report,
    /// and so is what ended the import early, such as a full disk.
    pub fn import(
        &self,
        order: &Order,
        watch: &(dyn Fn(&Progress) -> bool + Sync),
    ) -> Result<Report, LibraryError> {
        if let Some(album) = order.album {
            self.catalog.read(|conn| album::check_known(conn, album))?;
        }
        self.run_import(order, From::Outside, watch)
    }

    /// Takes files in that stand under `originals/` already, where they stand; the
    /// sidecars among them with their photos.
    pub(crate) fn take_in(
        &self,
        paths: Vec<PathBuf>,
        watch: &(dyn Fn(&Progress) -> bool + Sync),
    ) -> Result<Report, LibraryError> {
        let order = Order {
            paths,
            ..Order::default()
        };
        let report = self.run_import(&order, From::Originals, watch)?;
        self.adopt_sides(&order.paths)?;
        Ok(report)
    }

    /// Takes in files of a watched folder, new or changed, where they stand.
    /// `before` says of some where they may have been until now.
    pub(crate) fn follow(
        &self,
        order: &Order,
        before: HashMap<PathBuf, Location>,
        watch: &(dyn Fn(&Progress) -> bool + Sync),
    ) -> Result<Report, LibraryError> {
        self.run_import(order, From::Watched(before), watch)
    }

    /// Takes in what visitors sent, each file under the name that was given for it.
    pub(crate) fn take_from_inbox(
        &self,
        names: HashMap<PathBuf, String>,
        shelf: Shelf,
        watch: &(dyn Fn(&Progress) -> bool + Sync),
    ) -> Result<Report, LibraryError> {
        let order = Order {
            paths: names.keys().cloned().collect(),
            shelf,
            ..Order::default()
        };
        self.run_import(&order, From::Inbox(names), watch)
    }

    fn run_import(
        &self,
        order: &Order,
        from: From,
        watch: &(dyn Fn(&Progress) -> bool + Sync),
    ) -> Result<Report, LibraryError> {
        let run = Run {
            library: self,
            order,
            template: match &order.template {
                Some(template) => template.clone(),
                None => self.template()?,
            },
            from,
            watch,
            report: Mutex::default(),
            gone: Mutex::default(),
            held: Mutex::default(),
            stopped: AtomicBool::new(false),
        };
        let threads = std::thread::available_parallelism().map_or(2, usize::from) + 2;
        let (sender, receiver) = bounded(256);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                let receiver = receiver.clone();
                scope.spawn(|| run.work(receiver));
            }
            run.walk(&sender);
            drop(sender);
        });
        // What cannot be noted is read again.
        let _ = run.end_noting();
        let mut report = run.report.into_inner().unwrap_or_default();
        let gone = run.gone.into_inner().unwrap_or_default();
        report.assets.retain(|id| !gone.contains(id));
        report.failures.sort_by(|a, b| a.path.cmp(&b.path));
        for ids in [&mut report.assets, &mut report.known] {
            ids.sort();
            ids.dedup();
        }
        self.catalog.read(|conn| {
            report
                .known
                .retain(|id| asset::check_known(conn, *id).is_ok());
            Ok(())
        })?;
        Ok(report)
    }
}

/// Where the files of an import are.
#[derive(PartialEq, Eq)]
enum From {
    Outside,
    /// Under `originals/`, where they stay.
    Originals,
    /// In a watched folder, where they stay, and where some may have been.
    Watched(HashMap<PathBuf, Location>),
    /// Sent by visitors, under the names they gave.
    Inbox(HashMap<PathBuf, String>),
}

/// One import under way.
struct Run<'a> {
    library: &'a Library,
    order: &'a Order,
    template: Template,
    from: From,
    watch: &'a (dyn Fn(&Progress) -> bool + Sync),
    report: Mutex<Report>,
    /// Videos that became the live part of a photo. One may still be noted as
    /// new after that, for it was another thread that imported it.
    gone: Mutex<HashSet<AssetId>>,
    /// Files to note with the next write.
    held: Mutex<Vec<Held>>,
    stopped: AtomicBool,
}

impl Run<'_> {
    /// Sends every file below the ordered paths to the workers.
    fn walk(&self, files: &Sender<PathBuf>) {
        for path in &self.order.paths {
            let sent = match &self.from {
                // The folder was walked already.
                From::Watched(_) | From::Inbox(_) => self.send(files, path.clone()),
                From::Outside | From::Originals => self.walk_below(files, path),
            };
            if sent.is_none() {
                return;
            }
        }
    }

    /// `None` when no one waits for files any more.
    fn walk_below(&self, files: &Sender<PathBuf>, path: &Path) -> Option<()> {
        let root = match fs::canonicalize(path) {
            Ok(root) => root,
            Err(error) => {
                self.note(|report| report.progress.found += 1);
                self.finish(Outcome::Failed(unreadable(path, &error)));
                return Some(());
            }
        };
        if self.from == From::Outside && root.starts_with(self.library.folder()) {
            self.note(|report| report.progress.found += 1);
            self.finish(Outcome::Failed(Failure {
                path: path.to_owned(),
                code: "inside_library",
                message: "This is inside the library itself; choose the folder the photos came \
                          from."
                    .to_owned(),
            }));
            return Some(());
        }
        for met in walk::below(&root, self.library.folder()) {
            match met {
                walk::Met::File(file) => self.send(files, file)?,
                walk::Met::PassedOver => self.note(|report| report.progress.skipped += 1),
                walk::Met::Unreadable(path, error) => {
                    self.note(|report| report.progress.found += 1);
                    self.finish(Outcome::Failed(unreadable(&path, &error)));
                }
            }
        }
        Some(())
    }

    fn send(&self, files: &Sender<PathBuf>, file: PathBuf) -> Option<()> {
        if self.stopped.load(Ordering::Relaxed) {
            return None;
        }
        self.note(|report| report.progress.found += 1);
        files.send(file).ok()
    }

    fn work(&self, files: Receiver<PathBuf>) {
        for path in files {
            if self.stopped.load(Ordering::Relaxed) {
                continue;
            }
            self.note(|report| report.progress.current = Some(path.clone()));
            match self.take_patiently(&path) {
                Ok(outcome) => self.finish(outcome),
                // It was stopped while it waited; the file is as it was.
                Err(LibraryError::Cancelled) => {}
                Err(error) => {
                    self.stopped.store(true, Ordering::Relaxed);
                    self.finish(Outcome::Failed(Failure {
                        path,
                        code: error.code(),
                        message: format!(
                            "{error} The import stopped here; importing again does the rest."
                        ),
                    }));
                }
            }
        }
    }

    fn take(&self, path: &Path) -> Result<Outcome, LibraryError> {
        match &self.from {
            From::Watched(_) => self.follow_file(path),
            From::Outside | From::Originals | From::Inbox(_) => self.import_file(path),
        }
    }

    /// What a file is called: by the visitor who sent it, else as it lies there.
    pub(super) fn name_of(&self, path: &Path) -> String {
        match &self.from {
            From::Inbox(names) => names.get(path).cloned().unwrap_or_default(),
            From::Outside | From::Originals | From::Watched(_) => path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
        }
    }

    fn note(&self, change: impl FnOnce(&mut Report)) {
        if let Ok(mut report) = self.report.lock() {
            change(&mut report);
        }
    }

    fn finish(&self, outcome: Outcome) {
        let mut progress = Progress::default();
        self.note(|report| {
            report.progress.done += 1;
            report.progress.waits = None;
            match outcome {
                Outcome::Imported(id) => {
                    report.progress.imported += 1;
                    report.assets.push(id);
                }
                Outcome::Joined { photo, gone } => {
                    report.progress.imported += 1;
                    report.assets.push(photo);
                    if let Ok(mut all) = self.gone.lock() {
                        all.extend(gone);
                    }
                }
                Outcome::Duplicate(id) => {
                    report.progress.duplicates += 1;
                    report.known.push(id);
                }
                Outcome::Edited { .. } => report.edited += 1,
                Outcome::Deleted(_) => report.progress.skipped += 1,
                Outcome::Failed(failure) => {
                    report.progress.failed += 1;
                    report.failures.push(failure);
                }
            }
            progress = report.progress.clone();
        });
        self.tell(&progress);
    }

    /// Tells how far it is; false when it shall end.
    fn tell(&self, progress: &Progress) -> bool {
        let goes_on = (self.watch)(progress);
        if !goes_on {
            self.stopped.store(true, Ordering::Relaxed);
            self.note(|report| report.cancelled = true);
        }
        goes_on
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    let (code, message) = match error.kind() {
        std::io::ErrorKind::NotFound => (
            "missing",
            "There is nothing at this path; check its spelling, or whether its drive is connected."
                .to_owned(),
        ),
        std::io::ErrorKind::PermissionDenied => (
            UNREADABLE,
            "Albumen is not allowed to read this; give yourself the right to, and import again."
                .to_owned(),
        ),
        _ => (UNREADABLE, format!("This could not be read: {error}.")),
    };
    Failure {
        path: path.to_owned(),
        code,
        message,
    }
}
