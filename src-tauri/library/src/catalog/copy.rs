//! Whole copies of a catalog, and whether one is sound. A copy is made by
//! SQLite's online backup from one snapshot, so writers go on meanwhile; it is
//! a single file without a journal, complete before anyone sees it.

use std::path::Path;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::{APPLICATION_ID, Catalog, connect, create_private};
use crate::LibraryError;
use crate::migration::{self, VERSION};

/// Pages copied at a time.
const PAGES: i32 = 1_024;
/// How long to wait where another connection is in the way.
const BUSY: Duration = Duration::from_millis(20);
/// How many complaints of one check are kept.
const COMPLAINTS: usize = 20;

/// What a file that should be a catalog is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It opens and every page of it is sound.
    Sound,
    /// There is none, or an empty file.
    Missing,
    /// Some of it cannot be read, for these reasons.
    Damaged(Vec<String>),
    /// It is another program's.
    Foreign,
    /// It is of this version, which is newer than this program knows.
    Newer(i64),
}

/// Copies the catalog behind `from` into a new file at `to`, and answers only
/// when that file is on the disk and was found sound. The copy has no intents:
/// what was being written then is no longer, and must never be cleared up by
/// them. Nor has it begun imports, which would go on where it is restored. Its feed
/// begins another life: what is changed there has no revision of here. And it knows
/// nothing of partners' photos: they are told anew, or are not any more.
pub(crate) fn copy(from: &Connection, to: &Path) -> Result<(), LibraryError> {
    create_private(to)?;
    let mut target = connect(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // One snapshot: without it, each commit would begin the copy anew.
    let snapshot = from.unchecked_transaction()?;
    snapshot.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    copy_pages(&snapshot, &mut target)?;
    drop(snapshot);
    target.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    target.execute_batch("DELETE FROM intent")?;
    // A catalog that is about to be brought up to date has no such table yet.
    if target.table_exists(None, "import")? {
        target.execute_batch("DELETE FROM import")?;
    }
    if target.table_exists(None, "feed_state")? {
        begin_anew(&target)?;
    }
    if target.table_exists(None, "partner_album")? {
        leave_partners_out(&target)?;
    }
    if target.table_exists(None, "mirrored")? {
        leave_out(&target, &["mirrored", "mirrored_space"])?;
    }
    if target.table_exists(None, "parcel")? {
        leave_out(&target, &["parcel"])?;
    }
    let complaints = complaints(&target)?;
    if !complaints.is_empty() {
        return Err(LibraryError::CatalogDamaged(complaints.join("; ")));
    }
    target.close().map_err(|(_, error)| error)?;
    std::fs::File::open(to)?.sync_all()?;
    Ok(())
}

/// Takes what partners told of their libraries out of a copy, byte for byte: what is shown
/// no more is not to be found in a backup either.
fn leave_partners_out(conn: &Connection) -> rusqlite::Result<()> {
    const THEIRS: &str = "SELECT id FROM asset WHERE partner IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM album_asset WHERE album_asset.asset = asset.id)";
    conn.execute_batch("PRAGMA secure_delete = ON; BEGIN")?;
    conn.execute(&format!("DELETE FROM kept WHERE asset IN ({THEIRS})"), [])?;
    let gone = conn.execute(&format!("DELETE FROM asset WHERE id IN ({THEIRS})"), [])?;
    conn.execute_batch(
        "DELETE FROM partner_album;
         DELETE FROM part WHERE asset IN (
             SELECT asset.id FROM asset, library WHERE asset.partner <> library.person);
         DELETE FROM replica WHERE space LIKE 'partner:%';
         DELETE FROM cursor WHERE space LIKE 'partner:%';",
    )?;
    if gone > 0 {
        // The index forgets words only when it is put together anew.
        conn.execute_batch("INSERT INTO search (search) VALUES ('optimize')")?;
    }
    conn.execute_batch("COMMIT")
}

/// Takes what is here for other homes out of a copy: it is told again.
fn leave_out(conn: &Connection, tables: &[&str]) -> rusqlite::Result<()> {
    conn.execute_batch("PRAGMA secure_delete = ON; BEGIN")?;
    for table in tables {
        conn.execute(&format!("DELETE FROM {table}"), [])?;
    }
    conn.execute_batch("COMMIT")
}

/// Begins another life of the catalog, in which its revisions are not those of
/// before: for one that was brought back from a backup.
pub(crate) fn begin_anew(conn: &Connection) -> Result<(), LibraryError> {
    conn.execute(
        "UPDATE feed_state SET epoch = random() & 0x7fffffffffffffff",
        [],
    )?;
    Ok(())
}

fn copy_pages(from: &Connection, target: &mut Connection) -> rusqlite::Result<()> {
    let backup = Backup::new(from, target)?;
    loop {
        match backup.step(PAGES)? {
            StepResult::Done => return Ok(()),
            StepResult::Busy | StepResult::Locked => std::thread::sleep(BUSY),
            _ => {}
        }
    }
}

/// Opens a catalog that nobody has open, to read from.
pub(crate) fn open_kept(path: &Path) -> Result<Connection, LibraryError> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// Makes a copy of a catalog, which an earlier Albumen may have made, one of today's.
pub(crate) fn bring_up(copy: &Path) -> Result<(), LibraryError> {
    let conn = connect(copy, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let found = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    migration::bring_up_copy(&conn, found)?;
    conn.close().map_err(|(_, error)| error)?;
    std::fs::File::open(copy)?.sync_all()?;
    Ok(())
}

/// Opens a catalog that nobody has open, to make it ready for another machine.
pub(crate) fn open_arriving(path: &Path) -> Result<Connection, LibraryError> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
}

/// What is wrong with a catalog's pages and rows, in SQLite's words; empty when
/// it is sound.
pub(crate) fn complaints(conn: &Connection) -> Result<Vec<String>, LibraryError> {
    let mut all: Vec<String> = conn
        .prepare("PRAGMA integrity_check")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    all.retain(|line| line != "ok");
    let astray: Vec<String> = conn
        .prepare("PRAGMA foreign_key_check")?
        .query_map([], |row| {
            let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
            Ok(format!(
                "a row of {table} refers to a row of {parent} that is not there"
            ))
        })?
        .collect::<Result<_, _>>()?;
    all.extend(astray);
    all.dedup();
    all.truncate(COMPLAINTS);
    Ok(all)
}

/// Looks at a catalog that nobody has open. Changes nothing.
pub(crate) fn condition(path: &Path) -> Result<Condition, LibraryError> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Condition::Missing);
        }
        Err(error) => return Err(error.into()),
        Ok(metadata) if metadata.len() == 0 => return Ok(Condition::Missing),
        Ok(_) => {}
    }
    match look(path) {
        Ok(condition) => Ok(condition),
        Err(LibraryError::CatalogDamaged(reason)) => Ok(Condition::Damaged(vec![reason])),
        Err(error) => Err(error),
    }
}

fn look(path: &Path) -> Result<Condition, LibraryError> {
    let conn = open_kept(path)?;
    let number =
        |name: &str| -> rusqlite::Result<i64> { conn.pragma_query_value(None, name, |r| r.get(0)) };
    if number("application_id")? != APPLICATION_ID {
        return Ok(Condition::Foreign);
    }
    let version = number("user_version")?;
    if version > VERSION {
        return Ok(Condition::Newer(version));
    }
    let complaints = complaints(&conn)?;
    Ok(if complaints.is_empty() {
        Condition::Sound
    } else {
        Condition::Damaged(complaints)
    })
}

impl Catalog {
    /// What is wrong with the open catalog; see [`complaints`]. Asked on a connection of its
    /// own: on one that looked for words before, SQLite checks the index of words by what it
    /// remembers of it, and takes what was merged since for damage (3.54.1).
    pub fn complaints(&self) -> Result<Vec<String>, LibraryError> {
        let fresh = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY);
        let asked = fresh
            .and_then(|conn| self.door.attach(conn))
            .and_then(|conn| complaints(&conn));
        match asked {
            Err(LibraryError::CatalogDamaged(reason)) => Ok(vec![reason]),
            answer => answer,
        }
    }
}

/// Any link's sealed key, to try a secret on.
pub(crate) fn any_sealed_key(conn: &Connection) -> Result<Option<Vec<u8>>, LibraryError> {
    Ok(conn
        .query_row("SELECT key_sealed FROM link LIMIT 1", [], |row| row.get(0))
        .optional()?)
}

/// How many links of a catalog open at this time.
pub(crate) fn open_links(conn: &Connection, now_ms: i64) -> Result<u64, LibraryError> {
    Ok(conn.query_row(
        "SELECT count(*) FROM link
          WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?1)",
        [now_ms],
        |row| row.get(0),
    )?)
}
