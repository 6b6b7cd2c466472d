//! The files that an asset has: its own bytes, its live part's, and what came
//! beside it. Copies lie under `originals/` and are the library's own; files in
//! place are the user's and never touched. The same bytes may lie in several
//! places, and any of them will do.

mod name;
mod write;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::asset::check_known;
use crate::catalog::Write;
use crate::kept::KeptWhat;
use crate::offsite::{Bytes, Spot};
use crate::{Asset, AssetId, Library, LibraryError, damage, offsite};

pub(crate) use name::{cut, safe_name};
pub(crate) use write::{Incoming, Placed, TEMPORARY, copy_and_hash, remove_if_there, sync_folder};

/// What of an asset a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The asset's own bytes.
    Whole,
    /// Its live part, a file of its own.
    Live,
    /// What came beside it, such as an `.xmp`.
    Side,
}

impl Part {
    const ALL: [Part; 3] = [Part::Whole, Part::Live, Part::Side];

    fn name(self) -> &'static str {
        match self {
            Part::Whole => "whole",
            Part::Live => "live",
            Part::Side => "side",
        }
    }
}

impl ToSql for Part {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl FromSql for Part {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Part> {
        let name = value.as_str()?;
        let mut all = Part::ALL.into_iter();
        all.find(|part| part.name() == name)
            .ok_or(FromSqlError::InvalidType)
    }
}

/// A file's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    /// Copied into the library; under `originals/`.
    Copied(String),
    /// The user's own file, absolute. Never written to.
    InPlace(String),
}

impl Location {
    fn is_in_place(&self) -> bool {
        matches!(self, Location::InPlace(_))
    }

    /// The path as the catalog has it: under `originals/`, or absolute.
    pub(crate) fn path(&self) -> &str {
        match self {
            Location::Copied(path) | Location::InPlace(path) => path,
        }
    }
}

/// A file that an asset has, or is to have.
#[derive(Clone, Debug)]
pub(crate) struct Original {
    /// Where it lies.
    pub location: Location,
    /// BLAKE3 of its bytes.
    pub hash: [u8; 32],
    /// How many there are.
    pub bytes: u64,
    /// The file's own time when it was read, milliseconds since 1970.
    pub modified_ms: i64,
    /// Its number in the file system, where it is the user's own file and the
    /// system numbers them.
    pub inode: Option<i64>,
}

/// Where a file of an asset is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its path, absolute.
    pub path: PathBuf,
    /// Whether it is the user's own file rather than the library's copy.
    pub in_place: bool,
    /// What it holds: `whole`, `live`, or `side`.
    pub part: &'static str,
}

/// The columns of an [`Original`].
pub(crate) const COLUMNS: &str = "original.in_place, original.path, original.hash, \
     original.bytes, original.modified_ms, original.inode";

impl Original {
    /// Of a row with [`COLUMNS`].
    pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Original> {
        let path = row.get("path")?;
        let in_place: bool = row.get("in_place")?;
        Ok(Original {
            location: match in_place {
                true => Location::InPlace(path),
                false => Location::Copied(path),
            },
            hash: row.get("hash")?,
            bytes: row.get("bytes")?,
            modified_ms: row.get("modified_ms")?,
            inode: row.get("inode")?,
        })
    }

    /// Whether it is the user's own file.
    pub(crate) fn is_in_place(&self) -> bool {
        self.location.is_in_place()
    }

    /// Its path as the catalog has it: under `originals/`, or absolute.
    pub(crate) fn path(&self) -> &str {
        self.location.path()
    }

    /// Its path under `originals/`, when it is the library's own.
    pub(crate) fn copied(&self) -> Option<&str> {
        (!self.is_in_place()).then_some(self.path())
    }
}

/// Whose file the catalog has in this place, and what of it.
pub(crate) fn at(
    conn: &Connection,
    location: &Location,
) -> Result<Option<(AssetId, Part)>, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT asset, part FROM original WHERE in_place = ?1 AND path = ?2")?
        .query_row((location.is_in_place(), location.path()), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?)
}

/// Whose file the catalog has in this place, and what the file was like.
pub(crate) fn file_at(
    conn: &Connection,
    location: &Location,
) -> Result<Option<(AssetId, Original)>, LibraryError> {
    Ok(conn
        .prepare_cached(&format!(
            "SELECT {COLUMNS}, asset FROM original WHERE in_place = ?1 AND path = ?2"
        ))?
        .query_row((location.is_in_place(), location.path()), |row| {
            Ok((row.get("asset")?, Original::from_row(row)?))
        })
        .optional()?)
}

/// Whose copy is the first with a path from `from` on and before `to`.
pub(crate) fn first_between(
    conn: &Connection,
    from: &str,
    to: &str,
) -> Result<Option<AssetId>, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT asset FROM original
              WHERE in_place = 0 AND path >= ?1 AND path < ?2 AND part <> 'side'
              ORDER BY path LIMIT 1",
        )?
        .query_row((from, to), |row| row.get(0))
        .optional()?)
}

/// The files that hold a part of an asset, the library's own first.
fn files_of(conn: &Connection, asset: AssetId, part: Part) -> Result<Vec<Original>, LibraryError> {
    Ok(conn
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM original WHERE asset = ?1 AND part = ?2 ORDER BY in_place, path"
        ))?
        .query_map((asset, part), Original::from_row)?
        .collect::<Result<_, _>>()?)
}

/// Records a file of an asset, in the transaction that ends the intent of one
/// that was placed. Whatever was recorded of this path before is no longer so.
pub(crate) fn record(
    write: &Write<'_>,
    asset: AssetId,
    part: Part,
    file: &Original,
    placed: Option<&Placed>,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    conn.prepare_cached(
        "INSERT OR REPLACE INTO original (in_place, path, asset, part, hash, bytes, modified_ms, inode)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute((
        file.is_in_place(),
        file.path(),
        asset,
        part,
        file.hash,
        file.bytes,
        file.modified_ms,
        file.inode,
    ))?;
    damage::unmark(conn, file.path())?;
    if !file.is_in_place() {
        offsite::note_here(conn, &file.hash)?;
    }
    if let Some(placed) = placed {
        placed.end(write)?;
    }
    Ok(())
}

/// Forgets where a part of an asset lay: all of it in place, or all copies.
pub(crate) fn forget(
    write: &Write<'_>,
    asset: AssetId,
    part: Part,
    in_place: bool,
) -> Result<(), LibraryError> {
    write
        .conn()
        .prepare_cached("DELETE FROM original WHERE asset = ?1 AND part = ?2 AND in_place = ?3")?
        .execute((asset, part, in_place))?;
    Ok(())
}

impl Library {
    /// The files that hold a part of an asset, the library's own first.
    pub(crate) fn files(&self, asset: AssetId, part: Part) -> Result<Vec<Original>, LibraryError> {
        self.catalog.read(|conn| files_of(conn, asset, part))
    }

    /// Where all files of an asset are.
    pub fn places(&self, asset: AssetId) -> Result<Vec<Place>, LibraryError> {
        self.catalog.read(|conn| check_known(conn, asset))?;
        let mut places = Vec::new();
        for part in Part::ALL {
            for file in self.files(asset, part)? {
                places.push(Place {
                    path: self.place_of(&file),
                    in_place: file.is_in_place(),
                    part: part.name(),
                });
            }
        }
        Ok(places)
    }

    /// Whether the library has the bytes of a part of an asset: at hand or at the
    /// store, and, when `own` is asked for, in a copy of its own.
    pub(crate) fn holds(
        &self,
        asset: AssetId,
        part: Part,
        own: bool,
    ) -> Result<bool, LibraryError> {
        let files = self.files(asset, part)?;
        Ok(files
            .iter()
            .any(|file| !(own && file.is_in_place()) && self.find_file(file, "").is_ok()))
    }

    /// Opens an asset's original for reading. A file in place that has changed
    /// since it was imported is no longer this asset's original.
    pub(crate) fn open_original(&self, asset: &Asset) -> Result<File, LibraryError> {
        self.open_bytes(self.find_original(asset)?)
    }

    /// Where an asset's original is: on this machine, or at the store.
    pub(crate) fn find_original(&self, asset: &Asset) -> Result<Bytes, LibraryError> {
        let Some(via) = asset.via else {
            return self.find_part(asset.id, Part::Whole, &asset.name);
        };
        if self.has_original(asset.id)? {
            return self.find_part(asset.id, Part::Whole, &asset.name);
        }
        self.find_kept(via, asset.id, KeptWhat::Original)?
            .ok_or_else(|| asset.not_here(via, KeptWhat::Original))
    }

    /// Fails where the bytes of somebody else's photo are not here. What is made of an
    /// original is found by its hash, and anyone can say that their photo has the hash of
    /// another's: so nothing that was made is read before the bytes are here and right. What
    /// went from here to the store was.
    pub(crate) fn check_bytes_here(&self, asset: &Asset) -> Result<(), LibraryError> {
        match asset.via {
            None => Ok(()),
            Some(_) => self.find_original(asset).map(|_| ()),
        }
    }

    /// Whether an asset has a file of its own here: those of others often have none.
    pub(crate) fn has_original(&self, asset: AssetId) -> Result<bool, LibraryError> {
        Ok(!self.files(asset, Part::Whole)?.is_empty())
    }

    /// Opens a part of an asset, from the first of its places where it is at
    /// hand.
    pub(crate) fn open_part(
        &self,
        asset: AssetId,
        part: Part,
        name: &str,
    ) -> Result<File, LibraryError> {
        self.open_bytes(self.find_part(asset, part, name)?)
    }

    fn find_part(&self, asset: AssetId, part: Part, name: &str) -> Result<Bytes, LibraryError> {
        let files = self.files(asset, part)?;
        // What is told is the trouble with the first: the library's own, if it has one.
        let (mut away, mut trouble) = (None, None);
        for file in &files {
            match self.find_file(file, name) {
                Ok(here @ Bytes::Here(..)) => return Ok(here),
                Ok(absent) => {
                    away.get_or_insert(absent);
                }
                Err(error) => {
                    trouble.get_or_insert(error);
                }
            }
        }
        away.ok_or_else(|| {
            trouble.unwrap_or_else(|| LibraryError::OriginalMissing {
                name: name.to_owned(),
            })
        })
    }

    /// Opens a file where it was left, if it still is what it was.
    pub(crate) fn open_file(&self, known: &Original, name: &str) -> Result<File, LibraryError> {
        self.open_bytes(self.find_file(known, name)?)
    }

    /// Where a file is: where it was left, if it still is what it was, or at the store.
    pub(crate) fn find_file(&self, known: &Original, name: &str) -> Result<Bytes, LibraryError> {
        self.refuse_damaged(known.path(), name)?;
        let missing = || LibraryError::OriginalMissing {
            name: name.to_owned(),
        };
        let own = known.copied().map(|_| known.hash);
        let file = match File::open(self.place_of(known)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound && own.is_some() => {
                let spot = Spot::Copied(known.clone());
                let absent = self.absent(spot, (known.hash, known.bytes), name)?;
                return absent.map(Bytes::Away).ok_or_else(missing);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing()),
            Err(error) => return Err(error.into()),
        };
        let metadata = file.metadata()?;
        let touched = known.is_in_place() && modified_ms(&metadata) != known.modified_ms;
        if metadata.len() != known.bytes || touched {
            return Err(missing());
        }
        Ok(Bytes::Here(file, own))
    }

    /// Where a file was left.
    pub(crate) fn place_of(&self, file: &Original) -> PathBuf {
        match &file.location {
            Location::InPlace(path) => PathBuf::from(path),
            Location::Copied(path) => self.originals().join(path),
        }
    }
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

/// A file's number in its file system, where the system numbers them.
pub(crate) fn inode(metadata: &fs::Metadata) -> Option<i64> {
    #[cfg(unix)]
    {
        Some(std::os::unix::fs::MetadataExt::ino(metadata).cast_signed())
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        None
    }
}

/// Opens a file for reading; never through a link that took its place since it
/// was found, and without waiting at a pipe.
pub(crate) fn open_plain(path: &Path) -> io::Result<File> {
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
