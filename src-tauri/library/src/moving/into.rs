//! The machine that a library moves to: what has arrived is gathered in a folder beside
//! this machine's own library, which is empty, until nothing is lacking.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Component, Path};

use super::{ASKED, COMPLETE, IN_PLACE, MovedFile, Moving, OF, fetched_as};
use crate::card::{remove, sign};
use crate::catalog::open_arriving;
use crate::kept::KeptWhat;
use crate::original::{copy_and_hash, safe_name, sync_folder};
use crate::request::enqueue;
use crate::wire::{Moved, MovingRow, RowKind, WishOf};
use crate::{
    CATALOG, DeviceId, Library, LibraryError, RequestId, Setting, from_hex, hex,
    make_private_folder, offsite, secret,
};

impl Library {
    /// Libraries of one's own other machines that are about to move here.
    pub fn moving_here(&self) -> Result<Vec<Moving>, LibraryError> {
        self.catalog.read(|conn| {
            let told: Vec<(DeviceId, Vec<u8>)> = conn
                .prepare_cached(
                    "SELECT replica.home, replica.body FROM replica, library
                      WHERE replica.space = 'library' AND replica.kind = ?1
                        AND replica.row = library.device",
                )?
                .query_map([RowKind::Moving as u32], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?
                .collect::<Result<_, _>>()?;
            Ok(told
                .into_iter()
                .filter_map(|(device, body)| {
                    let row = MovingRow::read(&body).ok()?;
                    Some(Moving {
                        device,
                        files: row.files,
                        bytes: row.bytes,
                        length: row.length,
                        hash: row.hash.try_into().ok()?,
                    })
                })
                .collect())
        })
    }

    /// Begins to take a library in, or goes on with that.
    ///
    /// # Errors
    /// While this machine has photos, albums or links of its own: they would be hidden
    /// behind the library that arrives.
    pub fn begin_move_in(&self, moving: &Moving) -> Result<(), LibraryError> {
        let home = moving.device;
        self.catalog.write(move |write| {
            let conn = write.conn();
            let has_own: bool = conn.query_row(
                "SELECT EXISTS (SELECT 1 FROM asset WHERE via IS NULL)
                     OR EXISTS (SELECT 1 FROM album) OR EXISTS (SELECT 1 FROM link)",
                [],
                |row| row.get(0),
            )?;
            if has_own {
                return Err(LibraryError::wrong(
                    "This library has photos or albums already; a library moves into an empty \
                     one. Copy photos between machines with `albumen safety promise on` instead.",
                ));
            }
            conn.prepare_cached("INSERT OR REPLACE INTO setting (name, value) VALUES (?1, ?2)")?
                .execute((Setting::MovingFrom.name(), hex(&home.bytes())))?;
            Ok(())
        })
    }

    /// Unpacks the bundle, which has arrived; answers with the files that are to follow.
    pub fn unpack_moving(&self, moving: &Moving) -> Result<Vec<MovedFile>, LibraryError> {
        let folder = self.arriving();
        make_private_folder(&folder)?;
        let of = hex(&moving.hash);
        if fs::read_to_string(folder.join(OF)).ok().as_deref() != Some(&of) {
            // What arrived by an earlier bundle, or of another machine, is of another catalog.
            fs::remove_dir_all(&folder)?;
            make_private_folder(&folder)?;
            note(&folder.join(OF), &of)?;
        }
        let path = folder.join(CATALOG);
        if !path.exists() {
            let id = fetched_as(&moving.hash);
            let Some(mut bundle) = self.open_kept(moving.device, id, KeptWhat::Original)? else {
                return Err(LibraryError::wrong(
                    "The catalog of the library that moves has not arrived.",
                ));
            };
            let mut root = [0; 32];
            bundle.read_exact(&mut root)?;
            secret::keep(&folder, &root)?;
            let unfinished = folder.join(".catalog");
            let mut whole = File::create(&unfinished)?;
            io::copy(&mut bundle, &mut whole)?;
            whole.sync_all()?;
            fs::rename(&unfinished, &path)?;
        }
        let device = self.identity()?.device;
        let files = plan(&path, Some(device))?;
        sync_folder(&folder)?;
        Ok(files)
    }

    /// Whether a file is where it belongs already.
    pub fn has_moved(&self, file: &MovedFile) -> bool {
        let path = self.arriving().join("originals").join(&file.path);
        fs::metadata(path).is_ok_and(|held| held.len() == file.bytes)
    }

    /// Puts a file that has arrived where it belongs.
    pub fn take_moved(&self, home: DeviceId, file: &MovedFile) -> Result<(), LibraryError> {
        let id = fetched_as(&file.hash);
        let Some(mut from) = self.open_kept(home, id, KeptWhat::Original)? else {
            return Err(LibraryError::OriginalMissing {
                name: file.path.clone(),
            });
        };
        let path = self.arriving().join("originals").join(&file.path);
        let parent = path.parent().unwrap_or(&path).to_owned();
        make_private_folder(&parent)?;
        let unfinished = parent.join(format!(".{id}"));
        let mut to = File::create(&unfinished)?;
        let (hash, _) = copy_and_hash(&mut from, &mut to)?;
        if hash != file.hash {
            return Err(LibraryError::OriginalDamaged {
                name: file.path.clone(),
            });
        }
        to.sync_all()?;
        fs::rename(&unfinished, &path)?;
        sync_folder(&parent)?;
        self.drop_kept(&[(home, id)])
    }

    /// Tells the old machine that all of it is here; from then on the library lives here.
    /// One that was told before, and may have answered, is not asked anew.
    pub fn ask_moved(&self, home: DeviceId) -> Result<RequestId, LibraryError> {
        let path = self.arriving().join(ASKED);
        let before = fs::read_to_string(&path)
            .ok()
            .and_then(|noted| noted.parse().ok());
        if let Some(before) = before
            && self.request(before).is_ok()
        {
            return Ok(before);
        }
        let id = self.catalog.write(move |write| {
            let wish = WishOf::Moved(Moved {});
            enqueue(write, home, wish, "the library has moved here".to_owned())
        })?;
        note(&path, &id.to_string())?;
        Ok(id)
    }

    /// Lets the two libraries change places at the next start.
    pub fn complete_move(&self) -> Result<(), LibraryError> {
        note(&self.arriving().join(COMPLETE), "")?;
        sync_folder(&self.arriving())?;
        Ok(())
    }
}

/// Makes a catalog that has arrived one of this machine: each file of a photo once, and
/// under `originals/`; nothing of the old machine's own folders. `moved_in` is the machine that
/// this was until then, where it was one.
pub(crate) fn plan(
    path: &Path,
    moved_in: Option<DeviceId>,
) -> Result<Vec<MovedFile>, LibraryError> {
    type Row = (bool, String, Vec<u8>, String, [u8; 32], u64);
    let conn = open_arriving(path)?;
    let change = conn.unchecked_transaction()?;
    let rows: Vec<Row> = change
        .prepare(
            "SELECT in_place, path, asset, part, hash, bytes FROM original
              ORDER BY asset, part, hash, in_place, path",
        )?
        .query_map([], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                row.get(5)?,
            ))
        })?
        .collect::<Result<_, _>>()?;
    let mut known = HashSet::new();
    let mut files = Vec::new();
    for (in_place, old, asset, part, hash, bytes) in rows {
        if !known.insert((asset, part, hash)) {
            change
                .prepare_cached("DELETE FROM original WHERE in_place = ?1 AND path = ?2")?
                .execute((in_place, &old))?;
            continue;
        }
        let path = match in_place {
            // Nothing is written but below `originals/`, whatever the other machine says.
            false if is_inner(&old) => old,
            false => {
                return Err(LibraryError::wrong(
                    "The library that arrives names files outside of it; it is not taken in.",
                ));
            }
            true => {
                let name = old.rsplit(['/', '\\']).next().unwrap_or_default();
                let mark = hex(hash.first_chunk::<8>().unwrap_or(&[0; 8]));
                let path = format!("{IN_PLACE}/{mark}-{}", safe_name(name));
                change
                    .prepare_cached(
                        "UPDATE original SET in_place = 0, path = ?3, inode = NULL
                          WHERE in_place = ?1 AND path = ?2",
                    )?
                    .execute((in_place, &old, &path))?;
                path
            }
        };
        files.push(MovedFile { hash, bytes, path });
    }
    change.execute_batch("DELETE FROM watched; DELETE FROM seen WHERE code <> 'deleted';")?;
    offsite::arrive(&change)?;
    if let Some(device) = moved_in {
        change
            .prepare_cached("INSERT OR REPLACE INTO setting (name, value) VALUES (?1, ?2)")?
            .execute((Setting::MovedIn.name(), hex(&device.bytes())))?;
    }
    change.commit()?;
    conn.close().map_err(|(_, error)| error)?;
    Ok(files)
}

/// Writes a word about what arrives, for good.
fn note(path: &Path, word: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(word.as_bytes())?;
    file.sync_all()
}

fn is_inner(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    !path.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
}

/// Begins the life of a library that has just moved in: the machine that this was while it
/// came is none any more.
pub(crate) fn greet(library: &Library) -> Result<(), LibraryError> {
    let was = library.setting(Setting::MovedIn)?;
    let Some(device) = was.and_then(|was| from_hex(&was)).map(DeviceId::from_bytes) else {
        return Ok(());
    };
    let secret = std::sync::Arc::clone(&library.secret);
    library.catalog.write(move |write| {
        let conn = write.conn();
        remove(write, device, write.now_ms)?;
        conn.execute("DELETE FROM device WHERE id = ?1", [device])?;
        conn.execute(
            "DELETE FROM setting WHERE name = ?1",
            [Setting::MovedIn.name()],
        )?;
        sign(write, &secret)
    })
}

#[cfg(test)]
mod tests {
    use super::is_inner;

    #[test]
    fn only_what_lies_within_is_inner() {
        for path in ["a.jpg", "2026/2026-05/a.jpg", "moved/..a.jpg"] {
            assert!(is_inner(path), "{path}");
        }
        for path in ["", "/etc/passwd", "../a.jpg", "2026/../../a.jpg", "./a.jpg"] {
            assert!(!is_inner(path), "{path}");
        }
    }
}
