//! The machine that a library moves away from.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;

use prost::Message;
use rusqlite::{Connection, OptionalExtension};

use super::{Moving, bundle, fetched_as};
use crate::catalog::{self, Write};
use crate::kept::GivenOriginal;
use crate::original::Original;
use crate::peer::Guest;
use crate::wire::MovingRow;
use crate::{
    AssetId, Change, DeviceId, Library, LibraryError, Setting, from_hex, hex, make_private_folder,
    secret,
};

/// Files of a library that moves, by the ids they are fetched by; the same bytes may lie in
/// several places.
pub(crate) type Files = HashMap<AssetId, Vec<Original>>;

/// To which machine the library moves, as is noted.
fn target(conn: &Connection) -> Result<Option<Moving>, LibraryError> {
    let noted: Option<String> = conn
        .prepare_cached("SELECT value FROM setting WHERE name = ?1")?
        .query_row([Setting::MovingTo.name()], |row| row.get(0))
        .optional()?;
    Ok(noted.and_then(|noted| {
        let parts: Vec<&str> = noted.split(' ').collect();
        let [device, files, bytes, length, hash] = parts.as_slice() else {
            return None;
        };
        Some(Moving {
            device: DeviceId::from_bytes(from_hex(device)?),
            files: files.parse().ok()?,
            bytes: bytes.parse().ok()?,
            length: length.parse().ok()?,
            hash: from_hex(hash)?,
        })
    }))
}

/// What is told of a move, to the machine it is to; `None` is one that tells that machine
/// alone of it.
pub(crate) fn told_moving(
    conn: &Connection,
    guest: Option<DeviceId>,
    row: &[u8],
) -> Result<Option<Vec<u8>>, LibraryError> {
    let moving = target(conn)?.filter(|moving| {
        row == moving.device.bytes() && guest.is_none_or(|guest| guest == moving.device)
    });
    Ok(moving.map(|moving| {
        MovingRow {
            files: moving.files,
            bytes: moving.bytes,
            length: moving.length,
            hash: moving.hash.to_vec(),
        }
        .encode_to_vec()
    }))
}

/// Whether the library is about to move, or has moved: what is asked of it meanwhile would
/// be lost, so it is answered by the machine that it moves to.
pub(crate) fn is_leaving(conn: &Connection) -> Result<bool, LibraryError> {
    Ok(target(conn)?.is_some())
}

/// The other machine has all of it: from now on the library lives there.
pub(crate) fn moved(write: &Write<'_>, by: DeviceId) -> Result<(), LibraryError> {
    let conn = write.conn();
    if target(conn)?.is_none_or(|moving| moving.device != by) {
        return Err(LibraryError::wrong(
            "This library is not moving to that machine, or not any more.",
        ));
    }
    let name: String = conn
        .prepare_cached("SELECT name FROM device WHERE id = ?1")?
        .query_row([by], |row| row.get(0))?;
    conn.prepare_cached("INSERT OR REPLACE INTO setting (name, value) VALUES (?1, ?2)")?
        .execute((Setting::MovedTo.name(), name))?;
    write.announce(Change::Moved);
    Ok(())
}

impl Library {
    /// Makes ready for all of this library to move to another of one's own machines, which
    /// then fetches it. What is changed here from now on does not go along.
    ///
    /// # Errors
    /// For a machine that is not one's own; when the disk has no room for a copy of the
    /// catalog.
    pub fn move_out(&self, to: DeviceId) -> Result<Moving, LibraryError> {
        if !self.peer(to)?.is_own {
            return Err(LibraryError::wrong(
                "A library moves to a machine of one's own; pair it as yours first.",
            ));
        }
        let waiting: Option<bool> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT max(home IS NULL) FROM upload WHERE state IN ('arriving', 'waiting')",
                )?
                .query_row([], |row| row.get(0))?)
        })?;
        match waiting {
            None => {}
            Some(true) => {
                return Err(LibraryError::wrong(
                    "Photos that visitors sent wait in the inbox; accept or reject them first, \
                     for the inbox stays on its machine.",
                ));
            }
            Some(false) => {
                return Err(LibraryError::wrong(
                    "Photos that visitors sent wait here for another machine whose links are \
                     served here; let it be online first.",
                ));
            }
        }
        self.stay()?;
        let path = bundle(&self.folder);
        let folder = path.parent().unwrap_or(&self.folder).to_owned();
        make_private_folder(&folder)?;
        let copy = folder.join(crate::CATALOG);
        self.catalog.read(|conn| catalog::copy(conn, &copy))?;
        let mut options = File::options();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut whole = options.open(&path)?;
        io::copy(&mut File::open(self.folder.join(secret::FILE))?, &mut whole)?;
        io::copy(&mut File::open(&copy)?, &mut whole)?;
        whole.sync_all()?;
        fs::remove_file(&copy)?;
        let mut hasher = blake3::Hasher::new();
        let length = io::copy(&mut File::open(&path)?, &mut hasher)?;
        let hash = *hasher.finalize().as_bytes();
        let moving = self.catalog.write(move |write| {
            let conn = write.conn();
            let (files, bytes) = conn.query_row(
                "SELECT count(*), coalesce(sum(bytes), 0) FROM original",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            let moving = Moving {
                device: to,
                files,
                bytes,
                length,
                hash,
            };
            let noted = format!(
                "{} {files} {bytes} {length} {}",
                hex(&to.bytes()),
                hex(&hash)
            );
            conn.prepare_cached("INSERT OR REPLACE INTO setting (name, value) VALUES (?1, ?2)")?
                .execute((Setting::MovingTo.name(), noted))?;
            conn.prepare_cached("INSERT INTO fed VALUES ('library', 11, ?1, 0)")?
                .execute([to])?;
            write.announce(Change::Moved);
            Ok(moving)
        })?;
        Ok(moving)
    }

    /// Lets the library stay, where it was about to move.
    pub fn stay(&self) -> Result<(), LibraryError> {
        if let Ok(mut files) = self.moving.lock() {
            *files = None;
        }
        self.catalog.write(|write| {
            let conn = write.conn();
            if let Some(moving) = target(conn)? {
                conn.prepare_cached("INSERT INTO fed VALUES ('library', 11, ?1, 1)")?
                    .execute([moving.device])?;
            }
            conn.prepare_cached("DELETE FROM setting WHERE name IN (?1, ?2)")?
                .execute((Setting::MovingTo.name(), Setting::MovedTo.name()))?;
            write.announce(Change::Moved);
            Ok(())
        })?;
        match fs::remove_dir_all(self.folder.join("moving")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// To which machine the library is about to move.
    pub fn moving_to(&self) -> Result<Option<Moving>, LibraryError> {
        self.catalog.read(target)
    }

    /// The name of the machine to which the library has moved; empty where it has none.
    pub fn moved_to(&self) -> Result<Option<String>, LibraryError> {
        self.setting(Setting::MovedTo)
    }
}

impl Guest {
    /// A file of a library that moves to this peer; `None` where it does not.
    pub(crate) fn open_moving(&self, id: AssetId) -> Result<Option<GivenOriginal>, LibraryError> {
        let library = &self.library;
        let moving = library.catalog.read(|conn| {
            self.check(conn)?;
            target(conn)
        })?;
        let Some(moving) = moving.filter(|moving| moving.device == self.device()) else {
            return Ok(None);
        };
        if id == fetched_as(&moving.hash) {
            return Ok(Some(GivenOriginal {
                file: File::open(bundle(&library.folder))?,
                length: moving.length,
                hash: moving.hash,
                outboard: None,
                is_made: false,
            }));
        }
        // What is at the store is brought back meanwhile, and that takes its time.
        let files = library.moving_files(id)?;
        let mut trouble = None;
        for original in &files {
            match library.open_file(original, "") {
                Ok(file) => {
                    return Ok(Some(GivenOriginal {
                        length: file.metadata()?.len(),
                        file,
                        hash: original.hash,
                        outboard: library.outboard(&original.hash)?,
                        is_made: false,
                    }));
                }
                Err(error) => trouble = Some(error),
            }
        }
        trouble.map_or(Ok(None), Err)
    }
}

impl Library {
    /// The files that are fetched by this id.
    fn moving_files(&self, id: AssetId) -> Result<Vec<Original>, LibraryError> {
        let mut files = self
            .moving
            .lock()
            .map_err(|_| LibraryError::wrong("The move broke off; begin it anew."))?;
        if files.is_none() {
            *files = Some(self.catalog.read(all_files)?);
        }
        let files = files.as_ref().and_then(|files| files.get(&id));
        Ok(files.cloned().unwrap_or_default())
    }
}

fn all_files(conn: &Connection) -> Result<Files, LibraryError> {
    let mut files = Files::new();
    let mut found = conn.prepare(&format!(
        "SELECT {} FROM original ORDER BY in_place",
        crate::original::COLUMNS
    ))?;
    for original in found.query_map([], Original::from_row)? {
        let original = original?;
        let id = fetched_as(&original.hash);
        files.entry(id).or_default().push(original);
    }
    Ok(files)
}
