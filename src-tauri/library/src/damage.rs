//! Files that were found to hold other bytes than were imported. They are noted
//! by their path, and from then on are read for nothing: not shown, not copied,
//! not shared. Another copy of the photo that is imported takes their place.

use rusqlite::Connection;

use crate::{AssetId, Change, Library, LibraryError};

/// Whether the file at this path, as the catalog has it, was found damaged.
pub(crate) fn is_damaged(conn: &Connection, path: &str) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM setting WHERE name = ?1")?
        .exists([mark(path)])?)
}

/// Forgets that the file at this path was damaged: other bytes are there now.
pub(crate) fn unmark(conn: &Connection, path: &str) -> Result<(), LibraryError> {
    conn.prepare_cached("DELETE FROM setting WHERE name = ?1")?
        .execute([mark(path)])?;
    Ok(())
}

fn mark(path: &str) -> String {
    format!("damaged: {path}")
}

impl Library {
    /// How many files are marked as damaged.
    pub fn damaged_files(&self) -> Result<u64, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT count(*) FROM setting
                      WHERE name GLOB 'damaged: *'
                        AND EXISTS (SELECT 1 FROM original
                                     WHERE in_place IN (0, 1) AND path = substr(name, 10))",
                )?
                .query_row([], |row| row.get(0))?)
        })
    }

    /// Fails for a file whose bytes were found to be others than were imported.
    pub(crate) fn refuse_damaged(&self, path: &str, name: &str) -> Result<(), LibraryError> {
        if self.catalog.read(|conn| is_damaged(conn, path))? {
            return Err(LibraryError::OriginalDamaged {
                name: name.to_owned(),
            });
        }
        Ok(())
    }

    /// Notes of a file that it was found damaged.
    pub(crate) fn mark_damaged(&self, asset: AssetId, path: String) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            write.conn().execute(
                "INSERT OR IGNORE INTO setting (name, value) VALUES (?1, 'yes')",
                [mark(&path)],
            )?;
            write.announce(Change::Asset(asset));
            Ok(())
        })
    }

    /// Forgets it: the file was read, and is what was imported.
    pub(crate) fn unmark_damaged(&self, asset: AssetId, path: String) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            unmark(write.conn(), &path)?;
            write.announce(Change::Asset(asset));
            Ok(())
        })
    }
}
