//! Bringing files into the library. Each file is read once: its bytes are
//! hashed, looked up, examined in the decode worker and written as the
//! original, all from the same memory. What cannot be imported is named with a
//! sentence, and the rest goes on.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::{Receiver, Sender, bounded};
use media::{Input, MediaError, Origin, Sniff};
use walkdir::WalkDir;

use crate::asset::{self, NewAsset};
use crate::original::{self, Location, modified_ms};
use crate::{AlbumId, AssetId, Change, Library, LibraryError, album, rendition};

/// Enough of a file to tell its format.
const HEAD: u64 = 4_096;

/// What to import, and how.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// Files and folders; folders are walked whole.
    pub paths: Vec<PathBuf>,
    /// Refer to the files where they are instead of copying them.
    pub in_place: bool,
    /// Add what is imported, or already there, to this album.
    pub album: Option<AlbumId>,
    /// Leave thumbnails and previews for later.
    pub without_renditions: bool,
}

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
    /// New assets.
    pub imported: u64,
    /// Files whose bytes the library already has.
    pub duplicates: u64,
    /// Files passed over in silence: hidden ones, and links.
    pub skipped: u64,
    /// Files that could not be imported.
    pub failed: u64,
    /// The file last begun.
    pub current: Option<PathBuf>,
}

/// What an import did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The counts at its end.
    pub progress: Progress,
    /// The new assets.
    pub assets: Vec<AssetId>,
    /// What was not imported, and why.
    pub failures: Vec<Failure>,
    /// It was stopped before its end; importing again does the rest.
    pub cancelled: bool,
}

/// Where the bytes are now, and the intent to end when they were copied.
type Located = (Location, Option<original::Placed>);

enum Outcome {
    Imported(AssetId),
    Duplicate,
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
        let run = Run {
            library: self,
            order,
            watch,
            report: Mutex::default(),
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
        let mut report = run.report.into_inner().unwrap_or_default();
        report.failures.sort_by(|a, b| a.path.cmp(&b.path));
        report.assets.sort();
        Ok(report)
    }
}

/// One import under way.
struct Run<'a> {
    library: &'a Library,
    order: &'a Order,
    watch: &'a (dyn Fn(&Progress) -> bool + Sync),
    report: Mutex<Report>,
    stopped: AtomicBool,
}

impl Run<'_> {
    /// Sends every file below the ordered paths to the workers.
    fn walk(&self, files: &Sender<PathBuf>) {
        for path in &self.order.paths {
            let root = match fs::canonicalize(path) {
                Ok(root) => root,
                Err(error) => {
                    self.note(|report| report.progress.found += 1);
                    self.finish(Outcome::Failed(unreadable(path, &error)));
                    continue;
                }
            };
            if root.starts_with(self.library.folder()) {
                self.note(|report| report.progress.found += 1);
                self.finish(Outcome::Failed(Failure {
                    path: path.clone(),
                    code: "inside_library",
                    message: "This is inside the library itself; choose the folder the photos \
                              came from."
                        .to_owned(),
                }));
                continue;
            }
            let walk = WalkDir::new(&root).sort_by_file_name().into_iter();
            let entries = walk.filter_entry(|entry| {
                let wanted = entry.depth() == 0
                    || (!is_litter(entry.file_name()) && !entry.path_is_symlink());
                if !wanted && !entry.file_type().is_dir() {
                    self.note(|report| report.progress.skipped += 1);
                }
                wanted && entry.path() != self.library.folder()
            });
            for entry in entries {
                if self.stopped.load(Ordering::Relaxed) {
                    return;
                }
                match entry {
                    Ok(entry) if entry.file_type().is_dir() => {}
                    Ok(entry) => {
                        self.note(|report| report.progress.found += 1);
                        if files.send(entry.into_path()).is_err() {
                            return;
                        }
                    }
                    Err(error) => {
                        let path = error.path().unwrap_or(&root).to_owned();
                        self.note(|report| report.progress.found += 1);
                        self.finish(Outcome::Failed(unreadable(&path, &error.into())));
                    }
                }
            }
        }
    }

    fn work(&self, files: Receiver<PathBuf>) {
        for path in files {
            if self.stopped.load(Ordering::Relaxed) {
                continue;
            }
            self.note(|report| report.progress.current = Some(path.clone()));
            match self.import_file(&path) {
                Ok(outcome) => self.finish(outcome),
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

    fn note(&self, change: impl FnOnce(&mut Report)) {
        if let Ok(mut report) = self.report.lock() {
            change(&mut report);
        }
    }

    fn finish(&self, outcome: Outcome) {
        let mut progress = Progress::default();
        self.note(|report| {
            report.progress.done += 1;
            match outcome {
                Outcome::Imported(id) => {
                    report.progress.imported += 1;
                    report.assets.push(id);
                }
                Outcome::Duplicate => report.progress.duplicates += 1,
                Outcome::Failed(failure) => {
                    report.progress.failed += 1;
                    report.failures.push(failure);
                }
            }
            progress = report.progress.clone();
        });
        if !(self.watch)(&progress) {
            self.stopped.store(true, Ordering::Relaxed);
            self.note(|report| report.cancelled = true);
        }
    }

    /// Imports one file; an `Err` ends the import.
    fn import_file(&self, path: &Path) -> Result<Outcome, LibraryError> {
        let library = self.library;
        let (bytes, modified_ms) = match read_picture(path) {
            Ok(read) => read,
            Err(failure) => return Ok(Outcome::Failed(failure)),
        };
        let hash = *blake3::hash(&bytes).as_bytes();
        let known = library
            .catalog
            .read(|conn| asset::find_by_hash(conn, &hash))?;
        if let Some(id) = known {
            if !library.holds_original(id, !self.order.in_place)? {
                return self.hold_again(id, path, &bytes, hash, modified_ms);
            }
            self.add_to_album(id)?;
            return Ok(Outcome::Duplicate);
        }
        let wanted: &[media::Rendition] = if self.order.without_renditions {
            &[]
        } else {
            &rendition::AT_IMPORT
        };
        let input = Input::of_bytes(&bytes);
        let picture = match library.decoder.picture(&input, wanted, Origin::Owner) {
            Ok(picture) => picture,
            Err(error @ MediaError::WorkerMissing { .. }) => return Err(error.into()),
            Err(error) => return Ok(Outcome::Failed(refused(path, &error))),
        };
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let taken = picture
            .facts
            .metadata
            .taken
            .as_ref()
            .map(|taken| taken.local_ms);
        let (location, placed) = match self.locate(path, &bytes, hash, &name, taken)? {
            Ok(located) => located,
            Err(failure) => return Ok(Outcome::Failed(failure)),
        };
        library.store_renditions(&hash, &picture.renditions)?;
        let new = NewAsset {
            hash,
            name,
            bytes: bytes.len() as u64,
            facts: picture.facts,
            thumbhash: picture.thumbhash,
            modified_ms,
        };
        self.commit(new, location, placed)
    }

    /// Copies the bytes into the library, or refers to the file in its place.
    fn locate(
        &self,
        path: &Path,
        bytes: &[u8],
        hash: [u8; 32],
        name: &str,
        taken_local_ms: Option<i64>,
    ) -> Result<Result<Located, Failure>, LibraryError> {
        if !self.order.in_place {
            let placed = self
                .library
                .place_original(bytes, hash, name, taken_local_ms)?;
            let location = Location::Copied(placed.target.clone());
            return Ok(Ok((location, Some(placed))));
        }
        Ok(match path.to_str() {
            Some(path) => Ok((Location::InPlace(path.to_owned()), None)),
            None => Err(Failure {
                path: path.to_owned(),
                code: "name",
                message: "The file's name is not valid Unicode, so it cannot be referred to in \
                          place; import a copy, or rename it."
                    .to_owned(),
            }),
        })
    }

    /// The library knows the photo but has its bytes no longer, or only in a
    /// place that is not its own: here they are again.
    fn hold_again(
        &self,
        id: AssetId,
        path: &Path,
        bytes: &[u8],
        hash: [u8; 32],
        modified_ms: i64,
    ) -> Result<Outcome, LibraryError> {
        let asset = self.library.asset(id)?;
        let taken = asset.taken_at.map(|taken| taken.local_ms);
        let (location, placed) = match self.locate(path, bytes, hash, &asset.name, taken)? {
            Ok(located) => located,
            Err(failure) => return Ok(Outcome::Failed(failure)),
        };
        self.library.catalog.write(move |write| {
            original::record(write, id, &location, modified_ms, placed.as_ref())?;
            write.announce(Change::Asset(id));
            Ok(())
        })?;
        self.add_to_album(id)?;
        Ok(Outcome::Duplicate)
    }

    /// Adds the asset's rows, unless a twin from the same import was quicker.
    fn commit(
        &self,
        new: NewAsset,
        location: Location,
        placed: Option<original::Placed>,
    ) -> Result<Outcome, LibraryError> {
        let album = self.order.album;
        let (outcome, placed) = self.library.catalog.write(move |write| {
            if let Some(twin) = asset::find_by_hash(write.conn(), &new.hash)? {
                if let Some(album) = album {
                    album::insert(write, album, twin)?;
                }
                return Ok((Outcome::Duplicate, placed));
            }
            let id = asset::insert(write, &new)?;
            original::record(write, id, &location, new.modified_ms, placed.as_ref())?;
            if let Some(album) = album {
                album::insert(write, album, id)?;
            }
            Ok((Outcome::Imported(id), None))
        })?;
        if let Some(placed) = placed {
            self.library.discard_placed(&placed)?;
        }
        Ok(outcome)
    }

    fn add_to_album(&self, id: AssetId) -> Result<(), LibraryError> {
        match self.order.album {
            None => Ok(()),
            Some(album) => self
                .library
                .catalog
                .write(move |write| album::insert(write, album, id).map(|_| ())),
        }
    }
}

/// Reads a file whole if it is a picture, with its own time in milliseconds.
fn read_picture(path: &Path) -> Result<(Vec<u8>, i64), Failure> {
    let failed = |error: std::io::Error| unreadable(path, &error);
    let mut file = open_plain(path).map_err(failed)?;
    let before = file.metadata().map_err(failed)?;
    if !before.is_file() {
        return Err(Failure {
            path: path.to_owned(),
            code: "not_a_file",
            message: "This is no ordinary file, so there is nothing to import.".to_owned(),
        });
    }
    let mut bytes = Vec::new();
    (&mut file)
        .take(HEAD)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.is_empty() {
        return Err(Failure {
            path: path.to_owned(),
            code: "empty",
            message: "The file is empty; copy it again from where it came from.".to_owned(),
        });
    }
    match media::sniff(&bytes) {
        Sniff::Media(_) => {}
        Sniff::NotYet(what) => return Err(refused(path, &MediaError::NotYet(what))),
        Sniff::Unknown => return Err(refused(path, &MediaError::NotAPicture)),
    }
    if before.len() > media::MAX_INPUT {
        let bytes = before.len();
        return Err(refused(path, &MediaError::TooManyBytes { bytes }));
    }
    bytes.reserve_exact(
        usize::try_from(before.len())
            .unwrap_or(0)
            .saturating_sub(bytes.len()),
    );
    (&mut file)
        .take(media::MAX_INPUT)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    let after = file.metadata().map_err(failed)?;
    if bytes.len() as u64 != after.len() || modified_ms(&before) != modified_ms(&after) {
        return Err(Failure {
            path: path.to_owned(),
            code: "changing",
            message: "The file was still being written; import it again when that is done."
                .to_owned(),
        });
    }
    Ok((bytes, modified_ms(&after)))
}

/// Opens a file for reading; never through a link that took its place since it
/// was found, and without waiting at a pipe.
fn open_plain(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits().cast_signed());
    }
    options.open(path)
}

/// Files that systems leave lying about; no one means to import them.
fn is_litter(name: &std::ffi::OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with('.') || ["thumbs.db", "desktop.ini"].contains(&name.to_lowercase().as_str())
}

fn refused(path: &Path, error: &MediaError) -> Failure {
    Failure {
        path: path.to_owned(),
        code: error.code(),
        message: error.to_string(),
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
            "unreadable",
            "Albumen is not allowed to read this; give yourself the right to, and import again."
                .to_owned(),
        ),
        _ => ("unreadable", format!("This could not be read: {error}.")),
    };
    Failure {
        path: path.to_owned(),
        code,
        message,
    }
}
