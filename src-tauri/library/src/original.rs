//! Originals on disk, and the durable way they get there: an intent in the
//! catalog → a new temporary file in the target's folder → every byte, then
//! fsync → rename without replacing → fsync of the folder → the asset's row,
//! which also ends the intent. At each step a crash leaves the file whole or
//! absent, and the next start clears up.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::{Connection, Row};
use unicode_normalization::UnicodeNormalization;

use crate::catalog::Write;
use crate::time::civil;
use crate::{Asset, AssetId, Library, LibraryError, damage};

/// What the name of a file in the making begins with.
pub(crate) const TEMPORARY: &str = ".albumen-";

/// A file that stands under `originals/` but that no asset owns yet.
pub(crate) struct Placed {
    intent: i64,
    /// Under `originals/`, with `/` between folders.
    pub target: String,
    /// BLAKE3 of its bytes.
    pub hash: [u8; 32],
    /// How many there are.
    pub bytes: u64,
}

/// Where an asset's bytes are.
pub(crate) enum Location {
    /// Copied into the library; under `originals/`.
    Copied(String),
    /// The user's own file, absolute. Never written to.
    InPlace(String),
}

impl Location {
    /// Whether it is the user's own file, and its path as the catalog has it.
    pub(crate) fn parts(&self) -> (bool, &str) {
        match self {
            Location::Copied(path) => (false, path),
            Location::InPlace(path) => (true, path),
        }
    }
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

/// Where a file was left.
pub(crate) struct Resting {
    in_place: bool,
    /// As the catalog has it: under `originals/`, or absolute.
    pub path: String,
    /// The file's time then.
    pub modified_ms: i64,
}

impl Resting {
    /// Whether it is the user's own file.
    pub(crate) fn is_in_place(&self) -> bool {
        self.in_place
    }

    /// Its path under `originals/`, when it is the library's own.
    pub(crate) fn copied(&self) -> Option<&str> {
        (!self.in_place).then_some(&self.path)
    }

    /// Of a row with these three columns.
    pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Resting> {
        Ok(Resting {
            in_place: row.get("in_place")?,
            path: row.get("path")?,
            modified_ms: row.get("modified_ms")?,
        })
    }
}

/// The bytes of a new original.
pub(crate) enum Incoming<'a> {
    /// Read and hashed already.
    Bytes(&'a [u8], [u8; 32]),
    /// Too long for memory: hashed while it is copied. Stands at its start.
    File(&'a mut File),
}

impl Library {
    /// Writes an original under `originals/`, in the folder of the month it was
    /// taken, under a name like `name`.
    pub(crate) fn place_original(
        &self,
        incoming: Incoming,
        name: &str,
        taken_local_ms: Option<i64>,
    ) -> Result<Placed, LibraryError> {
        let folder = dated_folder(taken_local_ms);
        let directory = self.originals().join(&folder);
        self.make_dated_folder(&folder)?;
        let name = safe_name(name);
        let temp_name = format!("{TEMPORARY}{:016x}", rand::random::<u64>());
        let temp_path = format!("{folder}/{temp_name}");
        let mut target = free_target(&directory, &folder, &name);
        // Until the hash is known, only the temporary file is ours.
        let (noted, known) = match &incoming {
            Incoming::Bytes(_, hash) => (target.clone(), *hash),
            Incoming::File(_) => (temp_path.clone(), [0; 32]),
        };
        let intent = self.catalog.write(move |write| {
            write
                .conn()
                .prepare_cached("INSERT INTO intent (temp, target, hash) VALUES (?1, ?2, ?3)")?
                .execute((temp_path, noted, known))?;
            Ok(write.conn().last_insert_rowid())
        })?;
        let aim = |target: &str, hash: [u8; 32]| {
            let target = target.to_owned();
            self.catalog.write(move |write| {
                write
                    .conn()
                    .prepare_cached("UPDATE intent SET target = ?1, hash = ?2 WHERE id = ?3")?
                    .execute((target, hash, intent))?;
                Ok(())
            })
        };
        let mut temp = tempfile::Builder::new()
            .prefix(&temp_name)
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
        if known != hash {
            aim(&target, hash)?;
        }
        loop {
            match temp.persist_noclobber(self.originals().join(&target)) {
                Ok(_) => break,
                Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                    // Another file took the name meanwhile: note the next one
                    // before taking it.
                    temp = error.file;
                    target = free_target(&directory, &folder, &name);
                    aim(&target, hash)?;
                }
                Err(error) => return Err(error.error.into()),
            }
        }
        sync_folder(&directory)?;
        Ok(Placed {
            intent,
            target,
            hash,
            bytes,
        })
    }

    /// Removes a placed file that no asset came to own, and its intent.
    pub(crate) fn discard_placed(&self, placed: &Placed) -> Result<(), LibraryError> {
        remove_if_there(&self.originals().join(&placed.target))?;
        let intent = placed.intent;
        self.catalog.write(move |write| {
            write
                .conn()
                .execute("DELETE FROM intent WHERE id = ?1", [intent])?;
            Ok(())
        })
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
                    "WITH owned (path) AS (
                         SELECT path FROM original WHERE in_place = 0
                          UNION ALL SELECT path FROM motion WHERE in_place = 0)
                     SELECT id, temp, target, hash,
                            EXISTS (SELECT 1 FROM owned WHERE path = intent.temp),
                            EXISTS (SELECT 1 FROM owned WHERE path = intent.target)
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

    /// Whether the library has an asset's bytes: at hand, and, when `own` is
    /// asked for, in a copy of its own.
    pub(crate) fn holds_original(&self, id: AssetId, own: bool) -> Result<bool, LibraryError> {
        if self.open_original(&self.asset(id)?).is_err() {
            return Ok(false);
        }
        self.catalog.read(|conn| {
            let in_place: bool = conn
                .prepare_cached("SELECT in_place FROM original WHERE asset = ?1")?
                .query_row([id], |row| row.get(0))?;
            Ok(!(own && in_place))
        })
    }

    /// Opens an asset's original for reading. A file in place that has changed
    /// since it was imported is no longer this asset's original.
    pub(crate) fn open_original(&self, asset: &Asset) -> Result<File, LibraryError> {
        let resting = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT in_place, path, modified_ms FROM original WHERE asset = ?1",
                )?
                .query_row([asset.id], Resting::from_row)?)
        })?;
        self.open_resting(&resting, asset.bytes, &asset.name)
    }

    /// Opens a file where it was left, if it still is what it was.
    pub(crate) fn open_resting(
        &self,
        resting: &Resting,
        bytes: u64,
        name: &str,
    ) -> Result<File, LibraryError> {
        self.refuse_damaged(resting, name)?;
        let missing = || LibraryError::OriginalMissing {
            name: name.to_owned(),
        };
        let file = match File::open(self.place_of(resting)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing()),
            Err(error) => return Err(error.into()),
        };
        let metadata = file.metadata()?;
        let touched = resting.in_place && modified_ms(&metadata) != resting.modified_ms;
        if metadata.len() != bytes || touched {
            return Err(missing());
        }
        Ok(file)
    }

    /// Where a file was left.
    pub(crate) fn place_of(&self, resting: &Resting) -> PathBuf {
        if resting.in_place {
            PathBuf::from(&resting.path)
        } else {
            self.originals().join(&resting.path)
        }
    }

    /// Makes `originals/2026/2026-05`, durably: whoever made a folder, its
    /// parent is synced once before a file in it is acknowledged.
    fn make_dated_folder(&self, folder: &str) -> Result<(), LibraryError> {
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

/// Records where an asset's bytes are, now or again, ending the intent of a
/// placed file.
pub(crate) fn record(
    write: &Write<'_>,
    asset: AssetId,
    location: &Location,
    modified_ms: i64,
    placed: Option<&Placed>,
) -> Result<(), LibraryError> {
    let (in_place, path) = location.parts();
    let conn: &Connection = write.conn();
    conn.prepare_cached(
        "INSERT INTO original (asset, in_place, path, modified_ms) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (asset) DO UPDATE SET in_place = excluded.in_place,
             path = excluded.path, modified_ms = excluded.modified_ms",
    )?
    .execute((asset, in_place, path, modified_ms))?;
    damage::unmark(conn, path)?;
    if let Some(placed) = placed {
        placed.end(write)?;
    }
    Ok(())
}

/// A file's own time, milliseconds since 1970.
pub(crate) fn modified_ms(metadata: &fs::Metadata) -> i64 {
    metadata
        .modified()
        .ok()
        .and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok())
        .map_or(0, |since| {
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
}

/// `2026/2026-05`, or `undated`.
fn dated_folder(taken_local_ms: Option<i64>) -> String {
    match taken_local_ms {
        None => "undated".to_owned(),
        Some(ms) => {
            let date = civil(ms).date();
            format!("{0:04}/{0:04}-{1:02}", date.year(), date.month())
        }
    }
}

/// A name that every file system of a household takes: no separators, no
/// control characters, no reserved Windows names, at most 200 bytes.
pub(crate) fn safe_name(name: &str) -> String {
    const RESERVED: [&str; 22] = [
        "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
        "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
    ];
    let name: String = name
        .nfc()
        .map(|c| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            c if c.is_control() => '_',
            c => c,
        })
        .collect();
    let name = name.trim_matches([' ', '.']);
    let (stem, extension) = split_name(name);
    let extension = cut(extension, 20);
    let stem = cut(stem, 200 - extension.len());
    let stem = match stem.trim_end_matches([' ', '.']) {
        "" => "photo",
        stem => stem,
    };
    let reserved = stem
        .split('.')
        .next()
        .is_some_and(|first| RESERVED.contains(&first.to_lowercase().as_str()));
    let mark = if reserved { "_" } else { "" };
    format!("{mark}{stem}{extension}")
}

/// The stem, and the extension with its dot.
fn split_name(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 => name.split_at(dot),
        _ => (name, ""),
    }
}

fn cut(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

/// The first of `a.jpg`, `a (2).jpg`, `a (3).jpg` … that is not taken.
fn free_target(directory: &Path, folder: &str, name: &str) -> String {
    let (stem, extension) = split_name(name);
    (1..)
        .map(|count| match count {
            1 => name.to_owned(),
            count => format!("{stem} ({count}){extension}"),
        })
        .find(|name| fs::symlink_metadata(directory.join(name)).is_err())
        .map(|name| format!("{folder}/{name}"))
        .unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_every_file_system() {
        assert_eq!(safe_name("IMG_1.JPG"), "IMG_1.JPG");
        assert_eq!(safe_name("../../etc/passwd"), "_._etc_passwd");
        assert_eq!(safe_name("a:b?.jpg"), "a_b_.jpg");
        assert_eq!(safe_name("con.jpg"), "_con.jpg");
        assert_eq!(safe_name(" .. "), "photo");
        assert_eq!(safe_name(".jpg"), "jpg");
        let long = safe_name(&format!("{}.jpeg", "ü".repeat(300)));
        assert!(long.len() <= 200 && long.ends_with(".jpeg"));
    }

    #[test]
    fn months_make_folders() {
        assert_eq!(dated_folder(None), "undated");
        assert_eq!(dated_folder(Some(0)), "1970/1970-01");
    }
}
