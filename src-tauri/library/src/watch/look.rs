//! Looking through a watched folder: what is there is compared with what the
//! catalog knows of it. A file is the same while its length and time are; what
//! is new or changed is read, once it has come to rest; what has moved is known by its
//! number in the file system, or else by its bytes. Only then is a file gone,
//! and its photo, if it lies nowhere else, goes to the trash, to be found again
//! should the file come back.

use std::collections::{HashMap, HashSet};
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use super::{WatchState, WatchedFolder, bounds, volume_of};
use crate::import::{Failure, Order, walk};
use crate::original::{self, Location, Original, Part, inode, modified_ms};
use crate::{AssetId, Change, Library, LibraryError, Progress, WatchId, asset, seen};

/// A file that was written to this lately may still be on its way, milliseconds.
const REST_MS: i64 = 2_000;
/// More files than this, gone at once, wait for the user's word.
const MANY: u64 = 500;
/// So does more than a tenth of a folder, from this many on.
const A_TENTH_FROM: u64 = 10;
/// How many rows are changed in one commit.
const AT_ONCE: usize = 500;

/// How a watched folder is looked through.
#[derive(Clone, Debug, Default)]
pub struct Looking {
    /// Only these folders within it; all of it when there are none.
    pub within: Vec<PathBuf>,
    /// The user's word that what is gone was meant to go.
    pub sure: bool,
    /// Leave thumbnails and previews for later.
    pub without_renditions: bool,
}

/// What a look found.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Photos and videos that came.
    pub imported: u64,
    /// Those whose files were edited.
    pub edited: u64,
    /// Files that have another name or folder now, or a second one.
    pub moved: u64,
    /// Files that are gone.
    pub gone: u64,
    /// Files that are gone but wait for the user's word.
    pub held: u64,
    /// Files that may still be written to, and want another look.
    pub unsettled: u64,
    /// What could not be taken in, and why.
    pub failures: Vec<Failure>,
    /// It was stopped before its end; the next look does the rest.
    pub cancelled: bool,
}

/// A file that the catalog has in a folder.
struct Known {
    asset: AssetId,
    part: Part,
    file: Original,
}

/// What stands in a folder, compared with what is known of it.
#[derive(Default)]
struct Standing {
    /// How many files are as they were.
    same: u64,
    /// Files that the catalog does not know.
    new: Vec<(PathBuf, Metadata)>,
    /// Files that are no longer what they were, and whose they were.
    changed: Vec<(PathBuf, AssetId)>,
    unsettled: u64,
    /// Folders and files that could not be read: what is below them is not gone.
    closed: Vec<PathBuf>,
    failures: Vec<Failure>,
}

impl Library {
    /// Looks through a watched folder, and takes in what has happened there.
    /// `watch` hears of progress while files are read, and answers whether to go
    /// on.
    ///
    /// # Errors
    /// [`LibraryError::Unknown`] for a folder that is not watched; otherwise only
    /// what concerns all of it, such as a full disk. What is wrong with a file is
    /// in the answer.
    pub fn look_through(
        &self,
        id: WatchId,
        how: &Looking,
        watch: &(dyn Fn(&Progress) -> bool + Sync),
    ) -> Result<Look, LibraryError> {
        // One at a time: two would take in the same files.
        let _looking = self.looking.lock();
        let folder = self.watched_folder(id)?;
        let Ok(volume) = volume_of(&folder.path) else {
            return self.note_away(&folder);
        };
        if fs::read_dir(&folder.path).is_err() {
            return self.note_away(&folder);
        }
        let is_strange = volume != folder.volume;
        let whole = how.within.is_empty() || is_strange || folder.state == WatchState::New;
        let scope: Vec<PathBuf> = match whole {
            true => vec![folder.path.clone()],
            false => how.within.clone(),
        };
        let mut known = self.known_within(&scope)?;
        let mut standing = self.standing_in(&scope, &mut known)?;
        known.retain(|path, _| is_gone(path, &standing.closed));
        let (moved, before) = moves(&mut standing.new, &mut known);
        if is_strange && standing.same + moved.len() as u64 == 0 && folder.assets > 0 {
            return self.note_away(&folder);
        }
        let mut look = Look {
            moved: moved.len() as u64,
            unsettled: standing.unsettled,
            failures: standing.failures,
            ..Look::default()
        };
        self.note_moves(moved)?;
        let changed: Vec<AssetId> = standing.changed.iter().map(|(_, asset)| *asset).collect();
        let new = standing.new.into_iter().map(|(path, _)| path);
        let paths: Vec<PathBuf> = new
            .chain(standing.changed.into_iter().map(|(path, _)| path))
            .collect();
        if !paths.is_empty() {
            let order = Order {
                paths,
                without_renditions: how.without_renditions,
                ..Order::default()
            };
            let report = self.follow(&order, before, watch)?;
            look.imported = report.progress.imported;
            look.edited = report.edited;
            look.moved += report.progress.duplicates;
            // Someone's letters beside the photos are no failure.
            let failures = report.failures.into_iter();
            look.failures
                .extend(failures.filter(|failure| failure.code != "not_a_picture"));
            look.cancelled = report.cancelled;
            if look.cancelled {
                return Ok(look);
            }
        }
        let gone = self.not_moved(known)?;
        let (gone, elsewhere) = self.gone_for_sure(&folder.path, gone)?;
        look.unsettled += elsewhere;
        let count = gone.len() as u64;
        let total = folder.assets.max(count);
        let many = count > MANY || (count >= A_TENTH_FROM && count * 10 > total);
        let waits =
            !how.sure && (many || (folder.state == WatchState::Held && !whole && count > 0));
        if waits {
            look.held = count;
            self.lose(Vec::new(), changed)?;
        } else {
            look.gone = count;
            self.lose(gone, changed)?;
        }
        self.note_looked(&folder, &look, whole.then_some(volume))?;
        Ok(look)
    }

    fn note_away(&self, folder: &WatchedFolder) -> Result<Look, LibraryError> {
        let id = folder.id;
        if folder.state != WatchState::Away {
            self.catalog.write(move |write| {
                write
                    .conn()
                    .execute("UPDATE watched SET state = 'away' WHERE id = ?1", [id])?;
                write.announce(Change::Watched);
                Ok(())
            })?;
        }
        Ok(Look::default())
    }

    fn note_looked(
        &self,
        folder: &WatchedFolder,
        look: &Look,
        volume: Option<String>,
    ) -> Result<(), LibraryError> {
        let (id, held) = (folder.id, look.held);
        let state = match (held > 0, &volume) {
            (true, _) => WatchState::Held,
            (false, Some(_)) => WatchState::Here,
            // What is held stays so until all of it was looked through.
            (false, None) => folder.state,
        };
        let count = if volume.is_some() || held > folder.gone {
            held
        } else {
            folder.gone
        };
        let counted_anew = look.imported + look.moved + look.gone > 0;
        if volume.is_none() && state == folder.state && count == folder.gone && !counted_anew {
            return Ok(());
        }
        self.catalog.write(move |write| {
            write.conn().execute(
                "UPDATE watched SET state = ?2, gone = ?3, volume = coalesce(?4, volume),
                        looked_at = CASE WHEN ?4 IS NULL THEN looked_at ELSE ?5 END
                  WHERE id = ?1",
                (id, state.name(), count, volume, write.now_ms),
            )?;
            write.announce(Change::Watched);
            Ok(())
        })
    }

    /// What the catalog has below these folders, by path.
    fn known_within(&self, folders: &[PathBuf]) -> Result<HashMap<String, Known>, LibraryError> {
        let mut all = HashMap::new();
        for folder in folders {
            let (from, to) = bounds(&folder.to_string_lossy());
            self.catalog.read(|conn| {
                let mut statement = conn.prepare_cached(&format!(
                    "SELECT {}, asset, part FROM original
                      WHERE in_place = 1 AND path > ?1 AND path < ?2",
                    original::COLUMNS
                ))?;
                let mut rows = statement.query((from, to))?;
                while let Some(row) = rows.next()? {
                    let file = Original::from_row(row)?;
                    let known = Known {
                        asset: row.get("asset")?,
                        part: row.get("part")?,
                        file,
                    };
                    all.insert(known.file.path().to_owned(), known);
                }
                Ok(())
            })?;
        }
        Ok(all)
    }

    /// Walks the folders; what is found there is taken out of `known`.
    fn standing_in(
        &self,
        folders: &[PathBuf],
        known: &mut HashMap<String, Known>,
    ) -> Result<Standing, LibraryError> {
        let mut standing = Standing::default();
        let now = self.clock.now_ms();
        for folder in folders {
            for met in walk::below(folder, &self.folder) {
                let path = match met {
                    walk::Met::File(path) => path,
                    walk::Met::PassedOver => continue,
                    walk::Met::Unreadable(path, error) => {
                        if error.kind() != std::io::ErrorKind::NotFound {
                            standing.closed.push(path);
                        }
                        continue;
                    }
                };
                // What went meanwhile is gone; the next look sees it, too.
                let Ok(metadata) = fs::symlink_metadata(&path) else {
                    continue;
                };
                let Some(text) = path.to_str() else {
                    standing.failures.push(Failure {
                        code: "name",
                        message: "The file's name is not valid Unicode, so it cannot be followed; \
                                  rename it."
                            .to_owned(),
                        path,
                    });
                    continue;
                };
                let like = (metadata.len(), modified_ms(&metadata));
                let at_rest = now.abs_diff(like.1) >= REST_MS.unsigned_abs();
                match known.remove(text) {
                    Some(known) if like == (known.file.bytes, known.file.modified_ms) => {
                        standing.same += 1;
                    }
                    Some(known) if at_rest => standing.changed.push((path, known.asset)),
                    None if self
                        .catalog
                        .read(|conn| seen::code_of(conn, text, like))?
                        .is_some() => {}
                    None if at_rest => standing.new.push((path, metadata)),
                    _ => standing.unsettled += 1,
                }
            }
        }
        Ok(standing)
    }

    /// Writes down where moved files are now.
    fn note_moves(&self, moved: Vec<(Known, PathBuf)>) -> Result<(), LibraryError> {
        let mut moved = moved.into_iter().peekable();
        while moved.peek().is_some() {
            let some: Vec<(Known, PathBuf)> = moved.by_ref().take(AT_ONCE).collect();
            self.catalog.write(move |write| {
                for (known, path) in some {
                    write
                        .conn()
                        .prepare_cached(
                            "UPDATE OR REPLACE original SET path = ?2
                              WHERE in_place = 1 AND path = ?1",
                        )?
                        .execute((known.file.path(), path.to_string_lossy()))?;
                    if let (Part::Whole, Some(name)) = (known.part, path.file_name()) {
                        asset::rename(write, known.asset, &name.to_string_lossy())?;
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Those of the files that the catalog still has in their place: what moved
    /// is known by its new one by now.
    fn not_moved(&self, gone: HashMap<String, Known>) -> Result<Vec<Known>, LibraryError> {
        self.catalog.read(|conn| {
            let mut still = Vec::new();
            for known in gone.into_values() {
                let at = original::at(conn, &known.file.location)?;
                if at.is_some_and(|(asset, _)| asset == known.asset) {
                    still.push(known);
                }
            }
            Ok(still)
        })
    }

    /// Of files that are gone, those that no new file of the folder may be: what
    /// moved while it was looked for is found by the next look. Also how many
    /// others there are.
    fn gone_for_sure(
        &self,
        folder: &Path,
        gone: Vec<Known>,
    ) -> Result<(Vec<Known>, u64), LibraryError> {
        let numbers: HashSet<i64> = gone.iter().filter_map(|known| known.file.inode).collect();
        if numbers.is_empty() {
            return Ok((gone, 0));
        }
        let mut standing = HashSet::new();
        for met in walk::below(folder, &self.folder) {
            let walk::Met::File(path) = met else { continue };
            let number = fs::symlink_metadata(&path)
                .ok()
                .and_then(|found| inode(&found));
            if let (Some(number), Some(path)) = (number, path.to_str())
                && numbers.contains(&number)
            {
                let location = Location::InPlace(path.to_owned());
                let known = self.catalog.read(|conn| original::at(conn, &location))?;
                if known.is_none() {
                    standing.insert(number);
                }
            }
        }
        let (moved, gone): (Vec<Known>, Vec<Known>) = gone.into_iter().partition(|known| {
            known
                .file
                .inode
                .is_some_and(|number| standing.contains(&number))
        });
        Ok((gone, moved.len() as u64))
    }

    /// Forgets files that are gone. Those photos go to the trash that lie nowhere
    /// any more; also of `others`, whose files hold something else now.
    fn lose(&self, gone: Vec<Known>, others: Vec<AssetId>) -> Result<(), LibraryError> {
        let mut assets: HashSet<AssetId> = others.into_iter().collect();
        assets.extend(gone.iter().map(|known| known.asset));
        for some in gone.chunks(AT_ONCE) {
            let paths: Vec<String> = some
                .iter()
                .map(|known| known.file.path().to_owned())
                .collect();
            self.catalog.write(move |write| {
                for path in paths {
                    write
                        .conn()
                        .prepare_cached("DELETE FROM original WHERE in_place = 1 AND path = ?1")?
                        .execute([path])?;
                }
                Ok(())
            })?;
        }
        let assets: Vec<AssetId> = assets.into_iter().collect();
        for some in assets.chunks(AT_ONCE) {
            let some = some.to_vec();
            self.catalog.write(move |write| {
                for asset in some {
                    let lost = write
                        .conn()
                        .prepare_cached(
                            "UPDATE asset SET lost = 1, trashed_at = ?2
                              WHERE id = ?1 AND trashed_at IS NULL
                                AND NOT EXISTS (SELECT 1 FROM original
                                                 WHERE asset = ?1 AND part = 'whole')",
                        )?
                        .execute((asset, write.now_ms))?;
                    if lost > 0 {
                        write.announce(Change::Asset(asset));
                        crate::trash::tell_albums(write, asset)?;
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// Whether a file is not there any more, as far as can be told.
fn is_gone(path: &str, closed: &[PathBuf]) -> bool {
    let path = Path::new(path);
    if closed.iter().any(|closed| path.starts_with(closed)) {
        return false;
    }
    match fs::symlink_metadata(path) {
        Ok(found) => !found.is_file(),
        Err(error) => matches!(
            error.kind(),
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
        ),
    }
}

/// Takes the moves out of what is new and what is gone: the same file by its
/// number, length and time, at another path. Also says of what is new where it
/// may have been, as another file of that number was; it may have been edited.
fn moves(
    new: &mut Vec<(PathBuf, Metadata)>,
    gone: &mut HashMap<String, Known>,
) -> (Vec<(Known, PathBuf)>, HashMap<PathBuf, Location>) {
    let mut by_inode: HashMap<i64, String> = gone
        .iter()
        .filter_map(|(path, known)| Some((known.file.inode?, path.clone())))
        .collect();
    let (mut moved, mut before) = (Vec::new(), HashMap::new());
    new.retain(|(path, metadata)| {
        let was = inode(metadata).and_then(|number| by_inode.remove(&number));
        let Some(known) = was.and_then(|was| gone.remove(&was)) else {
            return true;
        };
        let like = (metadata.len(), modified_ms(metadata));
        if like == (known.file.bytes, known.file.modified_ms) {
            moved.push((known, path.clone()));
            return false;
        }
        before.insert(path.clone(), known.file.location.clone());
        gone.insert(known.file.path().to_owned(), known);
        true
    });
    (moved, before)
}
