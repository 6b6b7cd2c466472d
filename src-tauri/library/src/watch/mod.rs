//! Watched folders: folders of the user's whose photos are in the library while
//! they stay where they are. Nothing is ever written into one. What a folder
//! holds is found by looking it through (`look`); someone who hears of changes
//! there says when, but only a look decides what has happened.

mod look;

use std::fs;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use rusqlite::{OptionalExtension, Row};

use crate::catalog::Write;
use crate::original::{Original, inode};
use crate::seen::{self, Refused};
use crate::{AssetId, Change, Library, LibraryError, Shift, WatchId};

pub use look::{Look, Looking};

/// How a watched folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchState {
    /// It was not looked through yet.
    New,
    /// It is there, and followed.
    Here,
    /// It is not there, or another folder is in its place: its drive is away,
    /// say. Its photos stay in the library.
    Away,
    /// So many of its files were gone at once that the user is asked first
    /// whether they are to leave the library.
    Held,
}

impl WatchState {
    const ALL: [WatchState; 4] = [
        WatchState::New,
        WatchState::Here,
        WatchState::Away,
        WatchState::Held,
    ];

    /// Its stable word.
    pub fn name(self) -> &'static str {
        match self {
            WatchState::New => "new",
            WatchState::Here => "here",
            WatchState::Away => "away",
            WatchState::Held => "held",
        }
    }
}

/// A folder that is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedFolder {
    /// Its id.
    pub id: WatchId,
    /// Where it is, absolute.
    pub path: PathBuf,
    /// How it is.
    pub state: WatchState,
    /// How many files wait for the user's word, while it is held.
    pub gone: u64,
    /// How many photos and videos have a file there.
    pub assets: u64,
    /// When it was last looked through whole, milliseconds since 1970.
    pub looked_at: Option<i64>,
    /// What its drive and folder were known by when it was last here.
    volume: String,
}

const COLUMNS: &str = "id, path, state, gone, looked_at, volume,
    (SELECT count(DISTINCT asset) FROM original
      WHERE in_place = 1 AND original.path > watched.path || ?1
        AND original.path < watched.path || ?2
        AND EXISTS (SELECT 1 FROM asset WHERE asset.id = original.asset
                       AND (asset.shelf <> 'locked' OR shows_locked()))) AS assets";

impl WatchedFolder {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<WatchedFolder> {
        let state: String = row.get("state")?;
        let mut states = WatchState::ALL.into_iter();
        Ok(WatchedFolder {
            id: row.get("id")?,
            path: PathBuf::from(row.get::<_, String>("path")?),
            state: states
                .find(|one| one.name() == state)
                .unwrap_or(WatchState::New),
            gone: row.get("gone")?,
            assets: row.get("assets")?,
            looked_at: row.get("looked_at")?,
            volume: row.get("volume")?,
        })
    }
}

/// The path of every file below a folder is greater than the first of these and
/// less than the second.
fn bounds(folder: &str) -> (String, String) {
    let (after, before) = ends();
    (format!("{folder}{after}"), format!("{folder}{before}"))
}

/// What a folder's path is followed by in those of its files, and the next
/// letter after that.
fn ends() -> (&'static str, &'static str) {
    match MAIN_SEPARATOR {
        '\\' => ("\\", "]"),
        _ => ("/", "0"),
    }
}

/// What a folder and its drive can be told by. It need not be the same when a
/// drive comes back; then its photos tell.
fn volume_of(folder: &Path) -> std::io::Result<String> {
    let inode = inode(&fs::metadata(folder)?).unwrap_or_default();
    #[cfg(unix)]
    let drive = rustix::fs::statvfs(folder)?.f_fsid;
    #[cfg(not(unix))]
    let drive = 0;
    Ok(format!("{drive:x}:{inode}"))
}

/// Notes of a file whose photo was deleted for good and that was left in a
/// watched folder: it does not come back from there.
pub(crate) fn note_left(write: &Write<'_>, file: &Original) -> Result<(), LibraryError> {
    let (after, before) = ends();
    let watched = write
        .conn()
        .prepare_cached("SELECT 1 FROM watched WHERE ?1 > path || ?2 AND ?1 < path || ?3")?
        .exists((file.path(), after, before))?;
    if watched {
        seen::note_deleted(write, file)?;
    }
    Ok(())
}

impl Library {
    /// Follows a folder from now on; [`Library::look_through`] brings its photos.
    ///
    /// # Errors
    /// [`LibraryError::Wrong`] for what is no folder, and for one that is inside
    /// the library or overlaps one that is followed already.
    pub fn watch_folder(&self, path: &Path) -> Result<WatchedFolder, LibraryError> {
        let path = fs::canonicalize(path).map_err(|source| LibraryError::Folder {
            folder: path.to_owned(),
            source,
        })?;
        if !path.is_dir() {
            return Err(LibraryError::wrong(format!(
                "{} is no folder; choose the folder that the photos are in.",
                path.display()
            )));
        }
        if path.starts_with(&self.folder) {
            return Err(LibraryError::wrong(
                "This is inside the library itself, where nothing comes from outside; choose the \
                 folder that the photos are in.",
            ));
        }
        for other in self.watched_folders()? {
            if path == other.path {
                return Ok(other);
            }
            if path.starts_with(&other.path) || other.path.starts_with(&path) {
                return Err(LibraryError::wrong(format!(
                    "{} is watched already, and one of the two is inside the other. Stop watching \
                     that one first.",
                    other.path.display()
                )));
            }
        }
        let volume = volume_of(&path)?;
        let Some(text) = path.to_str().filter(|_| path.parent().is_some()) else {
            return Err(LibraryError::wrong(
                "This folder cannot be watched: it is a whole file system, or its name is not \
                 valid Unicode. Choose a folder inside it, or rename it.",
            ));
        };
        let text = text.to_owned();
        let id = self.catalog.write(move |write| {
            let id = WatchId::new(write.now_ms);
            write.conn().execute(
                "INSERT INTO watched (id, path, volume, state, added_at)
                 VALUES (?1, ?2, ?3, 'new', ?4)",
                (id, text, volume, write.now_ms),
            )?;
            write.announce(Change::Watched);
            Ok(id)
        })?;
        self.watched_folder(id)
    }

    /// The folders that are followed, the first first.
    pub fn watched_folders(&self) -> Result<Vec<WatchedFolder>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM watched ORDER BY added_at, id"
                ))?
                .query_map(ends(), WatchedFolder::from_row)?
                .collect::<Result<_, _>>()?)
        })
    }

    /// One of them.
    pub fn watched_folder(&self, id: WatchId) -> Result<WatchedFolder, LibraryError> {
        let (after, before) = ends();
        self.catalog
            .read(|conn| {
                Ok(conn
                    .prepare_cached(&format!("SELECT {COLUMNS} FROM watched WHERE id = ?3"))?
                    .query_row((after, before, id), WatchedFolder::from_row)
                    .optional()?)
            })?
            .ok_or_else(|| LibraryError::Unknown {
                noun: "watched folder",
                id: id.to_string(),
            })
    }

    /// What a folder and its drive are known by now; `None` when it is not there.
    /// When that changes, its drive went or came back.
    pub fn presence_of(folder: &WatchedFolder) -> Option<String> {
        volume_of(&folder.path).ok()
    }

    /// The files of a folder that could not be taken in, and why.
    pub fn refused_files(&self, id: WatchId) -> Result<Vec<Refused>, LibraryError> {
        let folder = self.watched_folder(id)?;
        let (from, to) = bounds(&folder.path.to_string_lossy());
        self.catalog
            .read(|conn| seen::refused_between(conn, &from, &to))
    }

    /// Follows a folder no longer. Its photos stay in the library, where they
    /// are; or, when `trash` is asked for, those go to the trash that have no file
    /// elsewhere, and are not hidden now. The files themselves are not touched.
    pub fn unwatch_folder(&self, id: WatchId, trash: bool) -> Result<Shift, LibraryError> {
        let folder = self.watched_folder(id)?;
        let (from, to) = bounds(&folder.path.to_string_lossy());
        let only_here: Vec<AssetId> = self.catalog.read(|conn| {
            Ok(conn
                .prepare(
                    "SELECT DISTINCT original.asset FROM original
                       JOIN asset ON asset.id = original.asset
                      WHERE in_place = 1 AND path > ?1 AND path < ?2 AND part = 'whole'
                        AND (asset.shelf <> 'locked' OR shows_locked())
                        AND NOT EXISTS (SELECT 1 FROM original AS other
                                         WHERE other.asset = original.asset
                                           AND other.part = 'whole'
                                           AND NOT (other.in_place = 1 AND other.path > ?1
                                                    AND other.path < ?2))",
                )?
                .query_map((&from, &to), |row| row.get(0))?
                .collect::<Result<_, _>>()?)
        })?;
        self.catalog.write(move |write| {
            write
                .conn()
                .execute("DELETE FROM watched WHERE id = ?1", [id])?;
            seen::forget_below(write, &from, &to)?;
            write.announce(Change::Watched);
            Ok(())
        })?;
        match trash && !only_here.is_empty() {
            true => self.trash(&only_here),
            false => Ok(Shift::default()),
        }
    }
}
