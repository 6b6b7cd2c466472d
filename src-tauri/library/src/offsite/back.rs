//! Originals that the store alone has: each is brought back where somebody opens it, checked
//! against its BLAKE3 before a byte of it is handed out, and stays here until others need the
//! room. What is not on the disk and is at the store is there; so a catalog that was restored
//! finds also what it did not know to be away.

use std::fs::{self, File};
use std::io::{self, Read, Seek as _, Write};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use rusqlite::OptionalExtension;

use super::restoring::{Brought, take_in};
use crate::elsewhere::Elsewhere;
use crate::kept::KeptWhat;
use crate::original::{Original, TEMPORARY, sync_folder};
use crate::room::Room;
use crate::{AssetId, Change, DeviceId, Library, LibraryError, Setting};

/// How exactly it is noted when an original was last read.
const NOTED_MS: i64 = 60 * 60 * 1_000;

/// The bytes of a file.
pub(crate) enum Bytes {
    /// Open, at their start; and their BLAKE3, where it is noted when they were read.
    Here(File, Option<[u8; 32]>),
    /// At the store alone.
    Away(Absent),
}

/// Where a file of the library's own belongs.
#[derive(Clone, Debug)]
pub(crate) enum Spot {
    /// Under `originals/`.
    Copied(Original),
    /// Among the copies of other machines' photos.
    Kept(DeviceId, AssetId, KeptWhat),
}

/// A file that the store alone has.
pub(crate) struct Absent {
    spot: Spot,
    hash: [u8; 32],
    bytes: u64,
    /// The time that the file had, nanoseconds since 1970.
    modified_ns: Option<i64>,
    /// Of the photo, for people.
    name: String,
}

impl Absent {
    /// The time that the file had and will have again, nanoseconds since 1970; `None` where
    /// that is not known.
    pub fn modified_ns(&self) -> Option<i64> {
        self.modified_ns
    }
}

/// An original that is coming back.
pub struct Returning {
    hash: [u8; 32],
    bytes: u64,
    file: File,
}

impl Returning {
    /// BLAKE3 of it.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// Bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes it, opened already; what came of an earlier try is dropped.
    ///
    /// # Errors
    /// Those of reading and writing it.
    pub fn take(&self, from: impl Read) -> Result<Brought, LibraryError> {
        let mut to = &self.file;
        to.set_len(0)?;
        to.rewind()?;
        take_in(from, &mut to as &mut dyn Write, &self.hash)
    }
}

impl Library {
    /// A file that is not on the disk, as the store has it; `None` where that has it not.
    pub(crate) fn absent(
        &self,
        spot: Spot,
        (hash, bytes): ([u8; 32], u64),
        name: &str,
    ) -> Result<Option<Absent>, LibraryError> {
        let found = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT modified_ns FROM offsite_copy WHERE hash = ?1 AND place <> 'lost'",
                )?
                .query_row([hash], |row| row.get(0))
                .optional()?)
        })?;
        Ok(found.map(|modified_ns| Absent {
            spot,
            hash,
            bytes,
            modified_ns,
            name: name.to_owned(),
        }))
    }

    /// Opens the bytes of a file. What the store alone has is brought back; that blocks.
    ///
    /// # Errors
    /// [`LibraryError::AtStore`] while it cannot be had from there, and
    /// [`LibraryError::LostAtStore`] where the store does not give it back as it was.
    pub(crate) fn open_bytes(&self, bytes: Bytes) -> Result<File, LibraryError> {
        match bytes {
            Bytes::Here(file, read) => {
                if let Some(hash) = read {
                    self.note_read(hash)?;
                }
                Ok(file)
            }
            Bytes::Away(absent) => self.bring_back(&absent),
        }
    }

    /// Notes that an original is read, where it matters which were not for long.
    fn note_read(&self, hash: [u8; 32]) -> Result<(), LibraryError> {
        let before = self.clock.now_ms() - NOTED_MS;
        let matters = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT 1 FROM offsite_copy, setting
                      WHERE hash = ?1 AND used_at < ?2 AND name = ?3 AND value <> ''",
                )?
                .exists((hash, before, Setting::OffsiteKeepLocal.name()))?)
        })?;
        if !matters {
            return Ok(());
        }
        self.catalog.write(move |write| {
            write
                .conn()
                .prepare_cached("UPDATE offsite_copy SET used_at = ?2 WHERE hash = ?1")?
                .execute((hash, write.now_ms))?;
            Ok(())
        })
    }

    /// One at a time brings what many wait for; the others find it here.
    fn bring_back(&self, absent: &Absent) -> Result<File, LibraryError> {
        let _alone = self.bringer.alone(absent.hash);
        if let Some(file) = self.came_back(&absent.spot)? {
            return Ok(file);
        }
        match &absent.spot {
            Spot::Copied(original) => self.return_original(original.path(), absent)?,
            Spot::Kept(home, asset, what) => self.return_kept((*home, *asset, *what), absent)?,
        }
        self.came_back(&absent.spot)?
            .ok_or_else(|| LibraryError::OriginalMissing {
                name: absent.name.clone(),
            })
    }

    fn came_back(&self, spot: &Spot) -> Result<Option<File>, LibraryError> {
        let found = match spot {
            Spot::Copied(original) => Some(self.find_file(original, "")?),
            Spot::Kept(home, asset, what) => self.find_kept(*home, *asset, *what)?,
        };
        Ok(match found {
            Some(Bytes::Here(file, _)) => Some(file),
            _ => None,
        })
    }

    /// Writes an original where it was: under an intent until it has its name.
    fn return_original(&self, path: &str, absent: &Absent) -> Result<(), LibraryError> {
        let (folder, _) = path.rsplit_once('/').unwrap_or_default();
        let directory = self.originals().join(folder);
        self.make_folder(folder)?;
        let room = Room::of(&directory)?;
        if !room.takes(absent.bytes) {
            return Err(LibraryError::NoRoom {
                complaint: room.complaint(&directory, absent.bytes),
            });
        }
        let temp_name = format!("{TEMPORARY}{:016x}", rand::random::<u64>());
        let temp = Path::new(folder).join(&temp_name);
        let (noted, hash) = (temp.to_string_lossy().into_owned(), absent.hash);
        let intent = self.catalog.write(move |write| {
            let conn = write.conn();
            conn.prepare_cached("INSERT INTO intent (temp, target, hash) VALUES (?1, ?1, ?2)")?
                .execute((noted, hash))?;
            Ok(conn.last_insert_rowid())
        })?;
        let returned = self.return_as(&temp_name, path, intent, absent);
        if returned.is_err() {
            self.give_up(intent, &directory.join(&temp_name));
        }
        returned
    }

    fn return_as(
        &self,
        temp_name: &str,
        path: &str,
        intent: i64,
        absent: &Absent,
    ) -> Result<(), LibraryError> {
        let target = self.originals().join(path);
        let directory = target.parent().unwrap_or(&target);
        let file = tempfile::Builder::new()
            .prefix(temp_name)
            .rand_bytes(0)
            .tempfile_in(directory)?;
        self.fetch_absent(absent, file.as_file().try_clone()?)?;
        let _turn = self.letting_go.lock();
        match file.persist_noclobber(&target) {
            Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(error.error.into());
            }
            _ => {}
        }
        sync_folder(directory)?;
        self.note_back(absent.hash, Some(intent))
    }

    /// Writes a copy of another machine's file where it was kept.
    fn return_kept(
        &self,
        (home, asset, what): (DeviceId, AssetId, KeptWhat),
        absent: &Absent,
    ) -> Result<(), LibraryError> {
        let file = self.open_arriving(home, asset, what, absent.bytes)?;
        if let Err(error) = self.fetch_absent(absent, file) {
            self.drop_arriving(home, asset, what)?;
            return Err(error);
        }
        let _turn = self.letting_go.lock();
        let path = self.kept_path(home, asset, what);
        fs::rename(path.with_extension("part"), &path)?;
        sync_folder(&self.kept_of(home))?;
        if !self.is_kept(home, asset, what)? {
            // It was let go of for good meanwhile.
            fs::remove_file(&path)?;
            return Ok(());
        }
        self.note_back(absent.hash, None)
    }

    /// Has a file fetched from the store, down to the disk and with its time.
    fn fetch_absent(&self, absent: &Absent, file: File) -> Result<(), LibraryError> {
        let returning = Returning {
            hash: absent.hash,
            bytes: absent.bytes,
            file,
        };
        let name = || absent.name.clone();
        match self.bringer.bring(Elsewhere::Store(&returning)) {
            Ok(Brought::Here) => {}
            Ok(Brought::Damaged | Brought::Gone) => {
                return Err(LibraryError::LostAtStore {
                    name: name(),
                    place: self.offsite_address()?,
                });
            }
            Err(why) => {
                return Err(LibraryError::AtStore {
                    name: name(),
                    place: self.offsite_address()?,
                    why,
                });
            }
        }
        // An archive that was told of this file goes on with it.
        if let Some(since) = absent.modified_ns.and_then(|ns| u64::try_from(ns).ok()) {
            let time = UNIX_EPOCH + Duration::from_nanos(since);
            returning.file.set_modified(time)?;
        }
        returning.file.sync_all()?;
        Ok(())
    }

    fn note_back(&self, hash: [u8; 32], intent: Option<i64>) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            let conn = write.conn();
            conn.prepare_cached(
                "UPDATE offsite_copy SET place = 'here', used_at = ?2 WHERE hash = ?1",
            )?
            .execute((hash, write.now_ms))?;
            if let Some(intent) = intent {
                conn.prepare_cached("DELETE FROM intent WHERE id = ?1")?
                    .execute([intent])?;
            }
            write.announce(Change::Offsite);
            Ok(())
        })
    }
}
