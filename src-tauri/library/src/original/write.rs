//! How a file gets under `originals/`, so that it is there whole or not at all
//! after a crash: an intent in the catalog → a new temporary file in the target's
//! folder → every byte, then fsync → rename without replacing → fsync of the
//! folder → the row that makes it an asset's, which also ends the intent.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use super::name::{free_target, safe_name};
use crate::catalog::Write;
use crate::{Library, LibraryError};

/// What the name of a file in the making begins with.
pub(crate) const TEMPORARY: &str = ".albumen-";

/// A file that stands under `originals/` but that no asset owns yet.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    intent: i64,
    /// Under `originals/`, with `/` between folders.
    pub target: String,
    /// BLAKE3 of its bytes.
    pub hash: [u8; 32],
    /// How many there are.
    pub bytes: u64,
}

impl Placed {
    /// Ends the intent, in the transaction that makes the file someone's.
    pub(crate) fn end(&self, write: &Write<'_>) -> Result<(), LibraryError> {
        write
            .conn()
            .prepare_cached("DELETE FROM intent WHERE id = ?1")?
            .execute([self.intent])?;
        Ok(())
    }
}

/// The bytes of a new original.
pub(crate) enum Incoming<'a> {
    /// Read and hashed already.
    Bytes(&'a [u8], [u8; 32]),
    /// Too long for memory: hashed while it is copied. Stands at its start.
    File(&'a mut File),
}

/// What is about to be written, and where.
struct Aim<'a> {
    intent: i64,
    /// Under `originals/`.
    folder: &'a str,
    name: &'a str,
    temp_name: &'a str,
    /// As the intent has them.
    target: String,
    hash: [u8; 32],
}

impl Library {
    /// Writes an original into a folder under `originals/`, under a name like
    /// `name`.
    pub(crate) fn place_original(
        &self,
        incoming: Incoming,
        folder: &str,
        name: &str,
    ) -> Result<Placed, LibraryError> {
        let directory = self.originals().join(folder);
        self.make_folder(folder)?;
        let name = safe_name(name);
        let temp_name = format!("{TEMPORARY}{:016x}", rand::random::<u64>());
        let temp_path = format!("{folder}/{temp_name}");
        // Until the hash is known, only the temporary file is ours.
        let (target, hash) = match &incoming {
            Incoming::Bytes(_, hash) => (free_target(&directory, folder, &name), *hash),
            Incoming::File(_) => (temp_path.clone(), [0; 32]),
        };
        let noted = target.clone();
        let given_up = self.given_up.lock().map_or(Vec::new(), |ids| ids.clone());
        let ended = given_up.clone();
        let intent = self.catalog.write(move |write| {
            let conn = write.conn();
            for id in ended {
                conn.prepare_cached("DELETE FROM intent WHERE id = ?1")?
                    .execute([id])?;
            }
            conn.prepare_cached("INSERT INTO intent (temp, target, hash) VALUES (?1, ?2, ?3)")?
                .execute((temp_path, noted, hash))?;
            Ok(conn.last_insert_rowid())
        })?;
        if let Ok(mut ids) = self.given_up.lock() {
            ids.retain(|id| !given_up.contains(id));
        }
        let aim = Aim {
            intent,
            folder,
            name: &name,
            temp_name: &temp_name,
            target,
            hash,
        };
        let placed = self.write_to(aim, incoming);
        if placed.is_err() {
            self.give_up(intent, &directory.join(&temp_name));
        }
        let placed = placed?;
        // Should this fail, the next start clears up.
        sync_folder(&directory)?;
        Ok(placed)
    }

    /// Writes a temporary file and gives it its name.
    fn write_to(&self, mut aim: Aim<'_>, incoming: Incoming) -> Result<Placed, LibraryError> {
        let directory = self.originals().join(aim.folder);
        let take_aim = |target: &str, hash: [u8; 32]| {
            let (target, intent) = (target.to_owned(), aim.intent);
            self.catalog.write(move |write| {
                write
                    .conn()
                    .prepare_cached("UPDATE intent SET target = ?1, hash = ?2 WHERE id = ?3")?
                    .execute((target, hash, intent))?;
                Ok(())
            })
        };
        let mut temp = tempfile::Builder::new()
            .prefix(aim.temp_name)
            .rand_bytes(0)
            .tempfile_in(&directory)?;
        let (hash, bytes) = match incoming {
            Incoming::Bytes(bytes, hash) => {
                temp.write_all(bytes)?;
                (hash, bytes.len() as u64)
            }
            Incoming::File(file) => copy_and_hash(file, temp.as_file_mut())?,
        };
        temp.as_file().sync_all()?;
        if aim.hash != hash {
            aim.target = free_target(&directory, aim.folder, aim.name);
            take_aim(&aim.target, hash)?;
        }
        loop {
            match temp.persist_noclobber(self.originals().join(&aim.target)) {
                Ok(_) => break,
                Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                    // Another file took the name meanwhile: note the next one
                    // before taking it.
                    temp = error.file;
                    aim.target = free_target(&directory, aim.folder, aim.name);
                    take_aim(&aim.target, hash)?;
                }
                Err(error) => return Err(error.error.into()),
            }
        }
        Ok(Placed {
            intent: aim.intent,
            target: aim.target,
            hash,
            bytes,
        })
    }

    /// Ends the intent of a file that could not be written, if nothing is left of
    /// it.
    pub(crate) fn give_up(&self, intent: i64, temp: &Path) {
        if fs::symlink_metadata(temp).is_err() {
            self.end_intent(intent);
        }
    }

    /// Removes a placed file that no asset came to own, and its intent.
    pub(crate) fn discard_placed(&self, placed: &Placed) -> Result<(), LibraryError> {
        remove_if_there(&self.originals().join(&placed.target))?;
        self.end_intent(placed.intent);
        Ok(())
    }

    /// Removes the files that were placed for a write which did not fit on the
    /// disk. Any other failure leaves it open whether the write is on the disk after
    /// all; then the next start clears up.
    pub(crate) fn unless_full<T>(
        &self,
        written: Result<T, LibraryError>,
        placed: &[Placed],
    ) -> Result<T, LibraryError> {
        if matches!(written, Err(LibraryError::DiskFull)) {
            for placed in placed {
                self.discard_placed(placed)?;
            }
        }
        written
    }

    /// Ends an intent of which nothing is left to clear up. Where the catalog has
    /// no room even for that, it is ended with the next one.
    fn end_intent(&self, intent: i64) {
        let ended = self.catalog.write(move |write| {
            write
                .conn()
                .execute("DELETE FROM intent WHERE id = ?1", [intent])?;
            Ok(())
        });
        if ended.is_err()
            && let Ok(mut ids) = self.given_up.lock()
        {
            ids.push(intent);
        }
    }

    /// Clears up what a crash left: temporary files, and files of deleted assets,
    /// unless an asset owns what has their name now; a target only when it is
    /// ours, byte for byte or empty, and no asset owns it.
    pub(crate) fn replay_intents(&self) -> Result<(), LibraryError> {
        struct Intent {
            id: i64,
            temp: String,
            target: String,
            hash: [u8; 32],
            owns_temp: bool,
            owned: bool,
        }
        let intents = self.catalog.read(|conn| {
            Ok(conn
                .prepare(
                    "SELECT id, temp, target, hash,
                            EXISTS (SELECT 1 FROM original WHERE in_place = 0 AND path = temp),
                            EXISTS (SELECT 1 FROM original WHERE in_place = 0 AND path = target)
                       FROM intent",
                )?
                .query_map([], |row| {
                    Ok(Intent {
                        id: row.get(0)?,
                        temp: row.get(1)?,
                        target: row.get(2)?,
                        hash: row.get(3)?,
                        owns_temp: row.get(4)?,
                        owned: row.get(5)?,
                    })
                })?
                .collect::<Result<Vec<_>, _>>()?)
        })?;
        for intent in intents {
            if !intent.owns_temp {
                remove_if_there(&self.originals().join(&intent.temp))?;
            }
            let target = self.originals().join(&intent.target);
            if !intent.owned && is_ours(&target, &intent.hash)? {
                remove_if_there(&target)?;
            }
            self.catalog.write(move |write| {
                write
                    .conn()
                    .execute("DELETE FROM intent WHERE id = ?1", [intent.id])?;
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Removes files of others' photos that went with their rows, unless an asset owns
    /// what has their name now. What is being written at this moment stays.
    pub fn remove_doomed(&self) -> Result<(), LibraryError> {
        let doomed: Vec<(i64, String)> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT id, target FROM intent
                      WHERE temp = target AND hash = zeroblob(32) AND target NOT GLOB ?1
                        AND NOT EXISTS (SELECT 1 FROM original WHERE in_place = 0 AND path = target)",
                )?
                .query_map([format!("*/{TEMPORARY}*")], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?
                .collect::<Result<_, _>>()?)
        })?;
        for (intent, target) in doomed {
            remove_if_there(&self.originals().join(target))?;
            self.end_intent(intent);
        }
        Ok(())
    }

    /// Makes `originals/2026/2026-05`, durably: whoever made a folder, its
    /// parent is synced once before a file in it is acknowledged.
    pub(crate) fn make_folder(&self, folder: &str) -> Result<(), LibraryError> {
        let known = self.synced.lock();
        if known.is_ok_and(|synced| synced.contains(folder))
            && self.originals().join(folder).is_dir()
        {
            return Ok(());
        }
        let mut path = self.originals();
        for part in folder.split('/') {
            let parent = path.clone();
            path.push(part);
            crate::make_private_folder(&path)?;
            sync_folder(&parent)?;
        }
        if let Ok(mut synced) = self.synced.lock() {
            synced.insert(folder.to_owned());
        }
        Ok(())
    }
}

/// Whether a file is what an intent was about to write: empty, or its bytes.
fn is_ours(path: &Path, hash: &[u8; 32]) -> Result<bool, LibraryError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    let mut hasher = blake3::Hasher::new();
    let length = io::copy(&mut file, &mut hasher)?;
    Ok(length == 0 || hasher.finalize().as_bytes() == hash)
}

/// Copies a file from where it stands; answers with the BLAKE3 of what was
/// copied, and its length.
pub(crate) fn copy_and_hash(
    from: &mut File,
    to: &mut impl io::Write,
) -> io::Result<([u8; 32], u64)> {
    let mut hasher = blake3::Hasher::new();
    let mut piece = vec![0; 1 << 20];
    let mut length = 0;
    loop {
        let read = match from.read(&mut piece) {
            Ok(0) => return Ok((*hasher.finalize().as_bytes(), length)),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let bytes = piece.get(..read).unwrap_or_default();
        hasher.update(bytes);
        to.write_all(bytes)?;
        length += read as u64;
    }
}

pub(crate) fn remove_if_there(path: &Path) -> Result<(), LibraryError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Makes a rename in a folder durable. Windows keeps that promise by itself.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
