//! How a catalog of an earlier version becomes one of today's: numbered steps,
//! each one transaction, never changed once released. A backup of the catalog as
//! it was comes first.

use std::path::Path;

use rusqlite::Connection;

use crate::backup::{self, Occasion};
use crate::{Clock, LibraryError};

/// The tables as a new catalog has them.
pub(crate) const SCHEMA: &str = include_str!("schema.sql");

/// What leads from each version to the next, beginning with version 1.
pub(crate) const STEPS: &[&str] = &[
    include_str!("migrations/2.sql"),
    include_str!("migrations/3.sql"),
    include_str!("migrations/4.sql"),
    include_str!("migrations/5.sql"),
    include_str!("migrations/6.sql"),
    include_str!("migrations/7.sql"),
    include_str!("migrations/8.sql"),
    include_str!("migrations/9.sql"),
    include_str!("migrations/10.sql"),
    include_str!("migrations/11.sql"),
    include_str!("migrations/12.sql"),
    include_str!("migrations/13.sql"),
    include_str!("migrations/14.sql"),
    include_str!("migrations/15.sql"),
    include_str!("migrations/16.sql"),
    include_str!("migrations/17.sql"),
];

/// The version of today's catalog.
pub(crate) const VERSION: i64 = 1 + STEPS.len() as i64;

/// Brings the catalog of the library in `folder` from version `found` up to
/// today's, after a backup of it as it is.
pub(crate) fn bring_up(
    conn: &Connection,
    folder: &Path,
    found: i64,
    clock: &Clock,
) -> Result<(), LibraryError> {
    if found == VERSION {
        return Ok(());
    }
    let occasion = Occasion::BeforeUpdate(found);
    backup::make(&backup::own_place(folder), conn, folder, clock, occasion)?;
    bring_up_copy(conn, found)
}

/// The same with a copy of a catalog, which is kept as it is where it was copied from.
pub(crate) fn bring_up_copy(conn: &Connection, found: i64) -> Result<(), LibraryError> {
    // A step that makes a table anew must not take along what refers to it, nor look
    // into views and triggers that are whole again only at its end.
    conn.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON;")?;
    let brought = bring_up_steps(conn, found);
    conn.execute_batch("PRAGMA legacy_alter_table = OFF; PRAGMA foreign_keys = ON;")?;
    brought
}

fn bring_up_steps(conn: &Connection, found: i64) -> Result<(), LibraryError> {
    for (step, version) in STEPS.iter().zip(2..) {
        if version > found {
            conn.execute_batch(&format!(
                "BEGIN IMMEDIATE;
                 {step}
                 PRAGMA user_version = {version};
                 COMMIT;"
            ))
            .inspect_err(|_| {
                // The step's own error is the one to tell.
                let _ = conn.execute_batch("ROLLBACK");
            })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = include_str!("migrations/1.sql");

    /// Every column, index and trigger, in an order that does not depend on
    /// when it was made.
    fn shape(conn: &Connection) -> Vec<String> {
        let mut rows: Vec<String> = conn
            .prepare(
                "SELECT s.name || '.' || c.name || ' ' || c.type || ' ' || c.\"notnull\" || ' '
                        || coalesce(c.dflt_value, '')
                   FROM sqlite_schema AS s, pragma_table_info(s.name) AS c
                  WHERE s.type = 'table'
                  UNION ALL
                 SELECT type || ' ' || sql FROM sqlite_schema WHERE type IN ('index', 'trigger')",
            )
            .unwrap()
            .query_map([], |row| row.get::<_, Option<String>>(0))
            .unwrap()
            .filter_map(|row| row.unwrap())
            .collect();
        rows.sort();
        rows
    }

    #[test]
    fn the_steps_lead_to_the_schema() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.sqlite");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(FIRST).unwrap();
        old.execute_batch("INSERT INTO setting (name, value) VALUES ('kept', 'yes')")
            .unwrap();
        let clock = Clock::new(|| 0);
        bring_up(&old, folder.path(), 1, &clock).unwrap();
        let new = Connection::open_in_memory().unwrap();
        new.execute_batch(SCHEMA).unwrap();
        assert_eq!(shape(&old), shape(&new));
        let version: i64 = old
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .unwrap();
        assert_eq!(version, VERSION);

        let backups = backup::list(&backup::own_place(folder.path())).unwrap();
        assert_eq!(backups.len(), 1);
        assert_eq!(backups[0].occasion, Occasion::BeforeUpdate(1));
        let copy = Connection::open(backups[0].folder.join(crate::CATALOG)).unwrap();
        let kept: String = copy
            .query_row("SELECT value FROM setting", [], |row| row.get(0))
            .unwrap();
        assert_eq!(kept, "yes", "the catalog as it was is kept");
    }
}
