//! The SQLite file, and the only module that opens it. One thread writes: the
//! closures sent to it while the last commit was reaching the disk are gathered
//! into the next one (group commit), each in its own savepoint, and each caller
//! hears back only after its commit is durable. Readers run beside it, one
//! connection each, kept in a pool.

mod copy;
mod count;

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use crate::change::Announcer;
use crate::lock::Door;
use crate::migration::{self, VERSION};
use crate::{Change, Clock, LibraryError, undo};

pub use copy::Condition;
#[cfg(test)]
pub(crate) use copy::begin_anew;
pub(crate) use copy::{
    any_sealed_key, bring_up, condition, copy, open_arriving, open_kept, open_links,
};
pub use count::Counts;

/// "Albm" in ASCII: tells `file` and us whose database this is.
const APPLICATION_ID: i64 = 0x416c_626d;
/// SQLite before this had a WAL corruption race.
const OLDEST_SQLITE: i32 = 3_053_002;
/// What the writer holds of the catalog in memory, in KiB, so that a long transaction is written once.
const WRITER_CACHE: i64 = 16 * 1024;
/// After so long without a write it holds nothing.
const QUIET: Duration = Duration::from_secs(10);
/// How long one commit may gather writes.
const GATHER: Duration = Duration::from_millis(50);

/// How many connections for reading are kept open while nobody reads.
const IDLE_READERS: usize = 8;

type Reply = Box<dyn FnOnce(Result<(), LibraryError>) + Send>;
/// Runs in the transaction, or is told that none could begin.
type Job = Box<dyn FnOnce(Option<&Write<'_>>) -> Reply + Send>;

/// The open catalog.
pub(crate) struct Catalog {
    path: PathBuf,
    clock: Clock,
    door: Arc<Door>,
    readers: Mutex<Vec<Connection>>,
    announcer: Arc<Announcer>,
    jobs: Option<Sender<Job>>,
    writer: Option<JoinHandle<()>>,
}

/// A write transaction in the making, lent to a closure by [`Catalog::write`].
pub(crate) struct Write<'a> {
    conn: &'a Connection,
    changes: RefCell<Vec<Change>>,
    /// Whether what follows can be undone.
    pub(crate) recording: Cell<bool>,
    /// Whether a change of it did not fit on the disk.
    full: Cell<bool>,
    /// When the transaction began, milliseconds since 1970.
    pub now_ms: i64,
}

impl Write<'_> {
    /// The connection, inside the transaction.
    pub fn conn(&self) -> &Connection {
        self.conn
    }

    /// Notes what this write changes; heard by listeners after the commit.
    pub fn announce(&self, change: Change) {
        let mut changes = self.changes.borrow_mut();
        if !changes.contains(&change) {
            changes.push(change);
        }
    }
}

impl Catalog {
    /// Opens the catalog, making it when there is none.
    pub fn open(path: &Path, clock: Clock) -> Result<Catalog, LibraryError> {
        if rusqlite::version_number() < OLDEST_SQLITE {
            return Err(LibraryError::OldSqlite(rusqlite::version()));
        }
        create_private(path)?;
        let conn = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        conn.pragma_update(None, "cache_size", -WRITER_CACHE)?;
        prepare(&conn, path, &clock)?;
        let door = Arc::new(Door::new(clock.clone()));
        let conn = door.attach(conn)?;
        conn.execute_batch(&undo::triggers())?;
        let announcer = Arc::new(Announcer::default());
        let (jobs, received) = unbounded();
        let writer = std::thread::Builder::new()
            .name("catalog-writer".to_owned())
            .spawn({
                let (clock, announcer) = (clock.clone(), Arc::clone(&announcer));
                move || write_until_closed(&conn, &received, &clock, &announcer)
            })?;
        Ok(Catalog {
            path: path.to_owned(),
            clock,
            door,
            readers: Mutex::new(Vec::new()),
            announcer,
            jobs: Some(jobs),
            writer: Some(writer),
        })
    }

    /// Runs `read` on a connection that sees the last commit.
    pub fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, LibraryError>,
    ) -> Result<T, LibraryError> {
        let idle = self.readers.lock().ok().and_then(|mut pool| pool.pop());
        let conn = match idle {
            Some(conn) => conn,
            None => self
                .door
                .attach(connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?)?,
        };
        let answer = read(&conn);
        if let Ok(mut pool) = self.readers.lock()
            && pool.len() < IDLE_READERS
        {
            pool.push(conn);
        }
        answer
    }

    /// Runs `write` in a transaction and returns when it is on the disk. When
    /// the closure fails, nothing of it is kept and nothing is announced.
    pub fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Write<'_>) -> Result<T, LibraryError> + Send + 'static,
    ) -> Result<T, LibraryError> {
        let (answer, answered) = bounded(1);
        let job: Job = Box::new(move |transaction| {
            let result = match transaction {
                Some(transaction) => in_savepoint(transaction, write),
                None => Err(LibraryError::Closing),
            };
            Box::new(move |committed| {
                // A caller that stopped waiting needs no answer.
                // The job's own failure says more than that of the commit.
                let _ = answer.send(result.and_then(|value| committed.map(|()| value)));
            })
        });
        self.jobs
            .as_ref()
            .and_then(|jobs| jobs.send(job).ok())
            .ok_or(LibraryError::Closing)?;
        answered.recv().map_err(|_| LibraryError::Closing)?
    }

    /// Whether locked photos are to be seen.
    pub fn door(&self) -> &Door {
        &self.door
    }

    /// Tells of a change that is in no row.
    pub fn tell(&self, change: Change) {
        self.announcer.announce(&[change]);
    }

    pub fn changes(&self) -> Receiver<Change> {
        self.announcer.listen()
    }

    /// How many commits there were since it was opened.
    pub fn commits(&self) -> u64 {
        self.announcer.commits()
    }
}

impl Drop for Catalog {
    fn drop(&mut self) {
        // The writer goes last: it alone may tidy the journal into the catalog,
        // which then is a single file.
        if let Ok(mut readers) = self.readers.lock() {
            readers.clear();
        }
        // Closing the channel ends the writer after what it was given.
        self.jobs.take();
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

fn in_savepoint<T>(
    transaction: &Write<'_>,
    write: impl FnOnce(&Write<'_>) -> Result<T, LibraryError>,
) -> Result<T, LibraryError> {
    let conn = transaction.conn;
    let announced = transaction.changes.borrow().len();
    conn.execute_batch("SAVEPOINT job")?;
    let result = write(transaction).and_then(|value| {
        transaction.end_recording()?;
        Ok(value)
    });
    if result.is_err() {
        transaction.recording.set(false);
        transaction.changes.borrow_mut().truncate(announced);
        if conn.is_autocommit() {
            // A full disk: SQLite has rolled the whole transaction back.
            transaction
                .full
                .set(matches!(result, Err(LibraryError::DiskFull)));
            return result;
        }
        conn.execute_batch("ROLLBACK TO job")?;
    }
    conn.execute_batch("RELEASE job")?;
    result
}

/// Why a transaction was lost, for all who shared it.
enum Lost {
    NoRoom,
    For(String),
}

/// The next write, as soon as there is one; `None` when there will be none.
fn next(conn: &Connection, jobs: &Receiver<Job>) -> Option<Job> {
    let first = jobs.recv_timeout(QUIET).or_else(|_| {
        let _ = conn.execute_batch("PRAGMA shrink_memory");
        jobs.recv()
    });
    first.ok()
}

fn write_until_closed(
    conn: &Connection,
    jobs: &Receiver<Job>,
    clock: &Clock,
    announcer: &Announcer,
) {
    while let Some(first) = next(conn, jobs) {
        let began = Instant::now();
        let write = Write {
            conn,
            changes: RefCell::default(),
            recording: Cell::new(false),
            full: Cell::new(false),
            now_ms: clock.now_ms(),
        };
        let told = |error: rusqlite::Error| match LibraryError::from(error) {
            LibraryError::DiskFull => Lost::NoRoom,
            error => Lost::For(error.to_string()),
        };
        let mut outcome = conn.execute_batch("BEGIN IMMEDIATE").map_err(told);
        let mut replies = Vec::new();
        let mut next = Some(first);
        while let Some(job) = next {
            let begun = outcome.is_ok().then_some(&write);
            match catch_unwind(AssertUnwindSafe(|| job(begun))) {
                Ok(reply) => replies.push(reply),
                // Its caller hears that nothing was changed; nor is it, for
                // whoever shares the transaction.
                Err(_) => outcome = Err(Lost::For("a change broke off".to_owned())),
            }
            if outcome.is_ok() && conn.is_autocommit() {
                outcome = Err(match write.full.get() {
                    true => Lost::NoRoom,
                    false => Lost::For("the disk refused one of the changes".to_owned()),
                });
            }
            next = (outcome.is_ok() && began.elapsed() < GATHER)
                .then(|| jobs.try_recv().ok())
                .flatten();
        }
        if outcome.is_ok() {
            outcome = conn.execute_batch("COMMIT").map_err(told);
        }
        if outcome.is_err() && !conn.is_autocommit() {
            // Nothing of it may stay; the next BEGIN would tell if it did.
            let _ = conn.execute_batch("ROLLBACK");
        }
        if outcome.is_ok() {
            announcer.announce(&write.changes.take());
        }
        for reply in replies {
            reply(match &outcome {
                Ok(()) => Ok(()),
                Err(Lost::NoRoom) => Err(LibraryError::DiskFull),
                Err(Lost::For(reason)) => Err(LibraryError::Commit(reason.clone())),
            });
        }
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, LibraryError> {
    let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(Duration::from_secs(5))?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // Else many statements are planned anew whenever a value in them changes.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_prepared_statement_cache_capacity(128);
    conn.execute_batch(
        "PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;
         PRAGMA mmap_size = 0;
         PRAGMA synchronous = FULL;",
    )?;
    Ok(conn)
}

/// Makes the tables of a new catalog, and refuses one that is not ours to use.
fn prepare(conn: &Connection, path: &Path, clock: &Clock) -> Result<(), LibraryError> {
    let pragma = |name: &str| -> Result<i64, LibraryError> {
        Ok(conn.pragma_query_value(None, name, |row| row.get(0))?)
    };
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 && pragma("application_id")? != APPLICATION_ID {
        return Err(LibraryError::ForeignCatalog(path.to_owned()));
    }
    let found = pragma("user_version")?;
    if found > VERSION {
        return Err(LibraryError::NewerCatalog {
            found,
            known: VERSION,
        });
    }
    conn.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))
        .optional()?;
    conn.query_row("PRAGMA journal_size_limit = 67108864", [], |_| Ok(()))
        .optional()?;
    if tables == 0 {
        conn.execute_batch(&format!(
            "BEGIN IMMEDIATE;
             {}
             PRAGMA application_id = {APPLICATION_ID};
             PRAGMA user_version = {VERSION};
             COMMIT;",
            migration::SCHEMA
        ))?;
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    migration::bring_up(conn, folder, found, clock)
}

/// Makes an empty file that only its owner may read, unless it is there. SQLite
/// gives its journal the same mode.
fn create_private(path: &Path) -> Result<(), LibraryError> {
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog(folder: &Path) -> Catalog {
        Catalog::open(&folder.join("c.sqlite"), Clock::new(|| 0)).unwrap()
    }

    fn set(name: &'static str) -> impl FnOnce(&Write<'_>) -> Result<(), LibraryError> + Send {
        move |write| {
            write
                .conn()
                .execute("INSERT INTO setting (name, value) VALUES (?1, 'x')", [name])?;
            write.announce(Change::Identity);
            Ok(())
        }
    }

    fn settings(catalog: &Catalog) -> i64 {
        catalog
            .read(|conn| Ok(conn.query_row("SELECT count(*) FROM setting", [], |r| r.get(0))?))
            .unwrap()
    }

    #[test]
    fn a_failed_write_keeps_and_announces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = catalog(folder.path());
        let heard = catalog.changes();
        catalog.write(set("a")).unwrap();
        assert!(catalog.write(set("a")).is_err());
        assert_eq!(settings(&catalog), 1);
        assert_eq!(heard.try_iter().count(), 1);
    }

    #[test]
    fn a_transaction_that_was_lost_is_told_to_all_who_shared_it() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = catalog(folder.path());
        // What SQLite does by itself when the disk is full.
        let lost = catalog.write(|write| -> Result<(), LibraryError> {
            write.conn().execute_batch("ROLLBACK")?;
            Err(LibraryError::wrong("the disk is full"))
        });
        assert_eq!(lost.err().unwrap().to_string(), "the disk is full");
        catalog.write(set("after")).unwrap();
        assert_eq!(settings(&catalog), 1);
    }

    #[test]
    fn a_write_that_panics_changes_nothing_and_the_next_one_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = catalog(folder.path());
        let broken = catalog.write(|write| -> Result<(), LibraryError> {
            set("never")(write)?;
            panic!("on purpose");
        });
        assert!(broken.is_err());
        catalog.write(set("after")).unwrap();
        assert_eq!(settings(&catalog), 1);
    }

    #[test]
    fn writes_of_many_threads_all_arrive() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = catalog(folder.path());
        let names: Vec<&'static str> = (0..64)
            .map(|n| &*Box::leak(n.to_string().into_boxed_str()))
            .collect();
        std::thread::scope(|scope| {
            for name in &names {
                scope.spawn(|| catalog.write(set(name)).unwrap());
            }
        });
        assert_eq!(settings(&catalog), 64);
    }

    #[test]
    fn foreign_and_newer_catalogs_are_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.sqlite");
        drop(catalog(folder.path()));
        Connection::open(&path)
            .unwrap()
            .pragma_update(None, "user_version", VERSION + 1)
            .unwrap();
        let before = std::fs::read(&path).unwrap();
        let newer = Catalog::open(&path, Clock::new(|| 0)).err().unwrap();
        assert_eq!(newer.code(), "newer_catalog");
        assert_eq!(std::fs::read(&path).unwrap(), before);

        let foreign = folder.path().join("other.sqlite");
        Connection::open(&foreign)
            .unwrap()
            .execute_batch("CREATE TABLE theirs (x)")
            .unwrap();
        let before = std::fs::read(&foreign).unwrap();
        let refused = Catalog::open(&foreign, Clock::new(|| 0)).err().unwrap();
        assert_eq!(refused.code(), "foreign_catalog");
        assert_eq!(std::fs::read(&foreign).unwrap(), before);
    }

    #[test]
    fn the_catalog_is_as_durable_as_promised() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = catalog(folder.path());
        catalog
            .write(|write| {
                let text = |name: &str| -> String {
                    write
                        .conn()
                        .pragma_query_value(None, name, |row| {
                            row.get::<_, rusqlite::types::Value>(0)
                        })
                        .map(|value| match value {
                            rusqlite::types::Value::Integer(n) => n.to_string(),
                            rusqlite::types::Value::Text(text) => text,
                            other => format!("{other:?}"),
                        })
                        .unwrap()
                };
                assert_eq!(text("journal_mode"), "wal");
                assert_eq!(text("synchronous"), "2");
                assert_eq!(text("foreign_keys"), "1");
                assert_eq!(text("trusted_schema"), "0");
                assert_eq!(text("cell_size_check"), "1");
                Ok(())
            })
            .unwrap();
    }
}
