//! What to import, and how; kept in the catalog from when an import begins until
//! it ends, so that one which a crash or a quit broke off can be taken up again.

use std::path::{Path, PathBuf};

use rusqlite::OptionalExtension;

use crate::{AlbumId, ImportId, Library, LibraryError, Shelf, Template};

/// What to import, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// Files and folders; folders are walked whole.
    pub paths: Vec<PathBuf>,
    /// Refer to the files where they are instead of copying them.
    pub in_place: bool,
    /// Add what is imported, or already there, to this album.
    pub album: Option<AlbumId>,
    /// Where what is new goes at once, where not into the timeline: the archive, or the trash.
    pub shelf: Shelf,
    /// Leave thumbnails and previews for later.
    pub without_renditions: bool,
    /// Where copies go below `originals/`; as the library is set when none is
    /// named.
    pub template: Option<Template>,
    /// Wait for room where the disk is full, instead of ending there.
    pub waits_for_room: bool,
}

impl Order {
    /// The first of the paths that is not there now.
    pub fn missing(&self) -> Option<&Path> {
        let gone = |path: &&PathBuf| std::fs::symlink_metadata(path).is_err();
        self.paths.iter().find(gone).map(PathBuf::as_path)
    }
}

impl Library {
    /// Keeps an order until [`Library::end_import`].
    pub fn begin_import(&self, order: &Order) -> Result<ImportId, LibraryError> {
        let order = order.clone();
        self.catalog.write(move |write| {
            let id = ImportId::new(write.now_ms);
            let conn = write.conn();
            conn.prepare_cached(
                "INSERT INTO import (id, in_place, album, template, begun_at)
                 VALUES (?1, ?2, (SELECT id FROM album WHERE id = ?3), ?4, ?5)",
            )?
            .execute((
                id,
                order.in_place,
                order.album,
                order.template.map(|template| template.to_string()),
                write.now_ms,
            ))?;
            for (position, path) in order.paths.iter().enumerate() {
                conn.prepare_cached(
                    "INSERT INTO import_path (import, position, path) VALUES (?1, ?2, ?3)",
                )?
                .execute((id, position, bytes_of(path)))?;
            }
            Ok(id)
        })
    }

    /// Forgets an order whose import has ended.
    pub fn end_import(&self, id: ImportId) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            write
                .conn()
                .execute("DELETE FROM import WHERE id = ?1", [id])?;
            Ok(())
        })
    }

    /// The orders whose imports have not ended, oldest first: under way, or
    /// broken off.
    pub fn begun_imports(&self) -> Result<Vec<(ImportId, Order)>, LibraryError> {
        self.catalog.read(|conn| {
            let ids: Vec<ImportId> = conn
                .prepare_cached("SELECT id FROM import ORDER BY id")?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            let mut begun = Vec::new();
            for id in ids {
                begun.extend(find(conn, id)?.map(|order| (id, order)));
            }
            Ok(begun)
        })
    }

    /// The order of an import that has not ended.
    pub fn begun_import(&self, id: ImportId) -> Result<Option<Order>, LibraryError> {
        self.catalog.read(|conn| find(conn, id))
    }
}

fn find(conn: &rusqlite::Connection, id: ImportId) -> Result<Option<Order>, LibraryError> {
    let row = conn
        .prepare_cached("SELECT in_place, album, template FROM import WHERE id = ?1")?
        .query_row([id], |row| {
            let template: Option<String> = row.get(2)?;
            Ok((row.get(0)?, row.get(1)?, template))
        })
        .optional()?;
    let Some((in_place, album, template)) = row else {
        return Ok(None);
    };
    let paths = conn
        .prepare_cached("SELECT path FROM import_path WHERE import = ?1 ORDER BY position")?
        .query_map([id], |row| row.get::<_, Vec<u8>>(0))?
        .map(|bytes| bytes.map(path_of))
        .collect::<Result<_, _>>()?;
    Ok(Some(Order {
        paths,
        in_place,
        album,
        template: template.map(|text| text.parse()).transpose()?,
        ..Order::default()
    }))
}

/// A path as the catalog keeps it, whatever its letters are.
pub(super) fn bytes_of(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

#[cfg(unix)]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(<std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes))
}

#[cfg(not(unix))]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
}
