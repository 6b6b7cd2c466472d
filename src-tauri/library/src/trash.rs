//! The trash. What lies there is in no list, album or link, and can be taken
//! back for [`TRASH_DAYS`]. Emptying it deletes for good: rows first, in one
//! commit with the intent to remove the files, then the files.

use std::fs;
use std::path::PathBuf;

use rusqlite::OptionalExtension;

use crate::asset::check_own;
use crate::catalog::Write;
use crate::lock::SEEN;
use crate::original::{self, Original, remove_if_there, sync_folder};
use crate::request::{do_at_home, switch};
use crate::time::DAY_MS;
use crate::undo::photos;
use crate::wire::WishOf;
use crate::{AssetId, Change, Library, LibraryError, Shift, share, watch};

/// How long the trash keeps, in days.
pub const TRASH_DAYS: i64 = 30;
/// How many assets are deleted in one commit.
const AT_ONCE: usize = 200;

/// What emptying the trash did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Emptied {
    /// Assets that are gone for good.
    pub assets: u64,
    /// Bytes of their originals that were freed.
    pub bytes: u64,
    /// The user's own files, referred to in place, that were left where they are.
    pub left: Vec<PathBuf>,
}

/// A file that goes with a deleted asset.
pub(crate) struct Doomed {
    file: Original,
    name: String,
}

impl Library {
    /// Moves assets to the trash.
    pub fn trash(&self, assets: &[AssetId]) -> Result<Shift, LibraryError> {
        self.shift_trash(assets, true)
    }

    /// Takes assets back out of the trash, to where they were.
    pub fn restore(&self, assets: &[AssetId]) -> Result<Shift, LibraryError> {
        self.shift_trash(assets, false)
    }

    fn shift_trash(&self, assets: &[AssetId], into: bool) -> Result<Shift, LibraryError> {
        let assets = assets.to_vec();
        self.catalog.write(move |write| {
            let told = |count| told(count, into);
            let wish = |ids: &[AssetId]| WishOf::Trash(switch(ids, into));
            let here = |here: &[AssetId]| shift(write, here, into);
            let (mut shift, away) = do_at_home(write, &assets, told, wish, here)?;
            shift.changed.extend(away.into_values().flatten());
            Ok(shift)
        })
    }

    /// Deletes for good what lies in the trash: these assets, or all of it. The
    /// library's own copies of the originals go with them; files referred to in
    /// place stay, unless `files_too` is asked for and they are as they were.
    ///
    /// # Errors
    /// [`LibraryError::Wrong`] for an asset that is not in the trash.
    pub fn empty_trash(
        &self,
        assets: Option<&[AssetId]>,
        files_too: bool,
    ) -> Result<Emptied, LibraryError> {
        let assets = match assets {
            Some(assets) => assets.to_vec(),
            None => self.trashed_before(i64::MAX, SEEN)?,
        };
        self.catalog.read(|conn| {
            let mut ids = assets.iter();
            ids.try_for_each(|id| check_own(conn, *id))
        })?;
        self.delete(&assets, files_too)
    }

    /// Deletes what has been in the trash for longer than [`TRASH_DAYS`].
    pub fn sweep_trash(&self) -> Result<Emptied, LibraryError> {
        let end = self.clock.now_ms() - TRASH_DAYS * DAY_MS;
        let assets = self.trashed_before(end, "1")?;
        self.delete(&assets, false)
    }

    fn trashed_before(&self, end: i64, which: &str) -> Result<Vec<AssetId>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&format!(
                    "SELECT id FROM asset WHERE trashed_at < ?1 AND {which} ORDER BY seq"
                ))?
                .query_map([end], |row| row.get(0))?
                .collect::<Result<_, _>>()?)
        })
    }

    pub(crate) fn delete(
        &self,
        assets: &[AssetId],
        files_too: bool,
    ) -> Result<Emptied, LibraryError> {
        let mut emptied = Emptied::default();
        for some in assets.chunks(AT_ONCE) {
            let ids = some.to_vec();
            let doomed = self.catalog.write(move |write| {
                let mut doomed = Vec::new();
                for id in ids {
                    doomed.extend(delete_rows(write, id)?);
                }
                let theirs = doomed.iter().filter(|doomed| doomed.file.is_in_place());
                for left in theirs.filter(|_| !files_too) {
                    watch::note_left(write, &left.file)?;
                }
                Ok(doomed)
            })?;
            for doomed in &doomed {
                self.forget_derived(&doomed.file.hash);
                match self.remove_file(doomed, files_too)? {
                    None => emptied.bytes += doomed.file.bytes,
                    Some(left) => emptied.left.push(left),
                }
            }
            emptied.assets += some.len() as u64;
            let removed: Vec<String> = doomed
                .iter()
                .filter_map(|doomed| doomed.file.copied().map(str::to_owned))
                .collect();
            self.catalog.write(move |write| {
                for path in removed {
                    write
                        .conn()
                        .prepare_cached("DELETE FROM intent WHERE temp = ?1")?
                        .execute([path])?;
                }
                Ok(())
            })?;
        }
        Ok(emptied)
    }

    /// Removes a file; answers with its path when it is the user's and stays.
    fn remove_file(
        &self,
        Doomed { file, name }: &Doomed,
        files_too: bool,
    ) -> Result<Option<PathBuf>, LibraryError> {
        let Some(path) = file.copied() else {
            let path = self.place_of(file);
            let as_it_was = self.open_file(file, name);
            if files_too && as_it_was.is_ok() && fs::remove_file(&path).is_ok() {
                return Ok(None);
            }
            return Ok(path.exists().then_some(path));
        };
        let path = self.originals().join(path);
        remove_if_there(&path)?;
        if let Some(folder) = path.parent().filter(|folder| folder.is_dir()) {
            sync_folder(folder)?;
        }
        Ok(None)
    }
}

/// What is done to so many, in words.
pub(crate) fn told(count: usize, into: bool) -> String {
    let way = match into {
        true => "moved to the trash",
        false => "taken back from the trash",
    };
    format!("{} {way}", photos(count))
}

/// Moves assets of this machine to the trash or back.
pub(crate) fn shift(
    write: &Write<'_>,
    assets: &[AssetId],
    into: bool,
) -> Result<Shift, LibraryError> {
    let mut shift = Shift::default();
    for asset in assets {
        shift.note(*asset, put(write, *asset, into)?);
    }
    Ok(shift)
}

/// Puts an asset into the trash or takes it out; false when that is where it was.
pub(crate) fn put(write: &Write<'_>, asset: AssetId, into: bool) -> Result<bool, LibraryError> {
    let conn = write.conn();
    check_own(conn, asset)?;
    let changed = conn
        .prepare_cached(
            "UPDATE asset SET trashed_at = CASE WHEN ?2 THEN ?3 END, lost = 0
              WHERE id = ?1 AND (trashed_at IS NULL) = ?2",
        )?
        .execute((asset, into, write.now_ms))?;
    write.announce(Change::Asset(asset));
    tell_albums(write, asset)?;
    if into && changed > 0 {
        share::withdraw(write, asset)?;
    }
    Ok(changed > 0)
}

/// Moves an asset to the trash for someone who must not be told whether it is there.
pub(crate) fn put_away(write: &Write<'_>, asset: AssetId) -> Result<(), LibraryError> {
    write
        .conn()
        .prepare_cached("UPDATE asset SET trashed_at = ?2, lost = 0 WHERE id = ?1")?
        .execute((asset, write.now_ms))?;
    write.announce(Change::Asset(asset));
    share::withdraw(write, asset)?;
    tell_albums(write, asset)
}

/// Deletes the rows of an asset in the trash, and notes the intent to remove the
/// library's own files of it; answers with all its files.
pub(crate) fn delete_rows(write: &Write<'_>, id: AssetId) -> Result<Vec<Doomed>, LibraryError> {
    let conn = write.conn();
    let trashed: Option<bool> = conn
        .prepare_cached("SELECT trashed_at IS NOT NULL FROM asset WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    if trashed != Some(true) {
        check_own(conn, id)?;
        return Err(LibraryError::wrong(format!(
            "The photo {id} is not in the trash; move it there first."
        )));
    }
    let doomed: Vec<Doomed> = conn
        .prepare_cached(&format!(
            "SELECT {}, asset.name FROM original JOIN asset ON asset.id = original.asset
              WHERE asset = ?1",
            original::COLUMNS
        ))?
        .query_map([id], |row| {
            Ok(Doomed {
                file: Original::from_row(row)?,
                name: row.get("name")?,
            })
        })?
        .collect::<Result<_, _>>()?;
    for path in doomed.iter().filter_map(|doomed| doomed.file.copied()) {
        conn.prepare_cached(
            "INSERT INTO intent (temp, target, hash) VALUES (?1, ?1, zeroblob(32))",
        )?
        .execute([path])?;
    }
    tell_albums(write, id)?;
    conn.prepare_cached("DELETE FROM asset WHERE id = ?1")?
        .execute([id])?;
    write.announce(Change::Asset(id));
    Ok(doomed)
}

/// Says that the albums that hold an asset have changed.
pub(crate) fn tell_albums(write: &Write<'_>, asset: AssetId) -> Result<(), LibraryError> {
    let albums: Vec<crate::AlbumId> = write
        .conn()
        .prepare_cached("SELECT album FROM album_asset WHERE asset = ?1")?
        .query_map([asset], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for album in albums {
        write.announce(Change::Album(album));
    }
    Ok(())
}
