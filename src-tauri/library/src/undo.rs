//! Undo. While a command is recorded, temporary triggers write down the
//! statements that change each row back (the way of
//! <https://sqlite.org/undoredo.html>); undoing runs them, last first. They are
//! kept in the catalog, so that undo outlives a restart.

use rusqlite::{Connection, OptionalExtension};

use crate::catalog::Write;
use crate::{Change, Library, LibraryError, request};

/// How many commands can be undone, newest first.
const KEPT: i64 = 100;

/// What is written down: after which change, and the statement that changes the
/// row back. An asset or an album that is gone for good is passed over when it is
/// put back.
const STEPS: [(&str, &str); 19] = [
    (
        "AFTER UPDATE OF favorite, rating, title, description, taken_local, taken_offset,
        taken_from, sorted_at, latitude, longitude, altitude, place, shelf, trashed_at,
        turn, width, height, thumbhash
        ON main.asset",
        "printf('UPDATE asset SET favorite = %d, rating = %s, title = %s, description = %s,
                          taken_local = %s, taken_offset = %s, taken_from = %s, sorted_at = %d,
                          latitude = %s, longitude = %s, altitude = %s, place = %s,
                          shelf = %s, trashed_at = %s, turn = %d, width = %d, height = %d,
                          thumbhash = %s WHERE id = %s',
                      OLD.favorite, quote(OLD.rating), quote(OLD.title), quote(OLD.description),
                      quote(OLD.taken_local), quote(OLD.taken_offset), quote(OLD.taken_from),
                      OLD.sorted_at, quote(OLD.latitude), quote(OLD.longitude),
                      quote(OLD.altitude), quote(OLD.place), quote(OLD.shelf),
                      quote(OLD.trashed_at), OLD.turn, OLD.width, OLD.height,
                      quote(OLD.thumbhash), quote(OLD.id))",
    ),
    (
        "AFTER INSERT ON main.asset_tag",
        "printf('DELETE FROM asset_tag WHERE asset = %s AND position = %d',
                      quote(NEW.asset), NEW.position)",
    ),
    (
        "AFTER DELETE ON main.asset_tag",
        "printf('INSERT OR IGNORE INTO asset_tag (asset, position, tag)
                       SELECT id, %d, %s FROM asset WHERE id = %s',
                      OLD.position, quote(OLD.tag), quote(OLD.asset))",
    ),
    (
        "AFTER UPDATE OF bytes ON main.likeness",
        "printf('UPDATE likeness SET bytes = %s WHERE asset = %s',
                      quote(OLD.bytes), quote(OLD.asset))",
    ),
    (
        "AFTER INSERT ON main.link_asset",
        "printf('DELETE FROM link_asset WHERE link = %s AND asset = %s',
                      quote(NEW.link), quote(NEW.asset))",
    ),
    (
        "AFTER DELETE ON main.link_asset",
        "printf('INSERT OR IGNORE INTO link_asset (link, asset, position)
                       SELECT link.id, asset.id, %d FROM link, asset
                        WHERE link.id = %s AND asset.id = %s AND link.revoked_at IS NULL',
                      OLD.position, quote(OLD.link), quote(OLD.asset))",
    ),
    (
        "AFTER UPDATE OF state ON main.upload",
        "printf('UPDATE upload SET state = %s, decided_at = %s WHERE id = %s',
                      quote(OLD.state), quote(OLD.decided_at), quote(OLD.id))",
    ),
    (
        "AFTER UPDATE OF state, asset ON main.upload",
        "printf('UPDATE asset SET trashed_at = %d WHERE id = %s AND trashed_at IS NULL AND %d',
                      NEW.decided_at, quote(NEW.asset), NEW.fresh AND NEW.state = 'accepted')",
    ),
    (
        "AFTER UPDATE OF contributor ON main.asset",
        "printf('UPDATE asset SET contributor = %s WHERE id = %s',
                      quote(OLD.contributor), quote(OLD.id))",
    ),
    (
        "AFTER UPDATE OF apart_for_good ON main.twin",
        "printf('UPDATE twin SET apart_for_good = %d WHERE one = %s AND other = %s',
                      OLD.apart_for_good, quote(OLD.one), quote(OLD.other))",
    ),
    (
        "AFTER INSERT ON main.album",
        "printf('DELETE FROM album WHERE id = %s', quote(NEW.id))",
    ),
    (
        "AFTER UPDATE ON main.album",
        "printf('UPDATE album SET title = %s, description = %s, sort_order = %s,
                          cover = (SELECT id FROM asset WHERE id = %s) WHERE id = %s',
                      quote(OLD.title), quote(OLD.description), quote(OLD.sort_order),
                      quote(OLD.cover), quote(OLD.id))",
    ),
    (
        "AFTER DELETE ON main.album",
        "printf('INSERT INTO album (id, home, title, description, cover, created_at, everyone,
                           originals, linking, keeping, talking, quiet, sort_order)
                       VALUES (%s, %s, %s, %s, (SELECT id FROM asset WHERE id = %s), %d, %s,
                           %d, %d, %d, %d, %d, %s)',
                      quote(OLD.id), quote(OLD.home), quote(OLD.title), quote(OLD.description),
                      quote(OLD.cover), OLD.created_at, quote(OLD.everyone), OLD.originals,
                      OLD.linking, OLD.keeping, OLD.talking, OLD.quiet,
                      quote(OLD.sort_order))",
    ),
    (
        "AFTER DELETE ON main.member",
        "printf('INSERT OR IGNORE INTO member (album, person, role, state, asked_at, decided_at)
                       SELECT album.id, person.id, %s, %s, %d, %s FROM album, person
                        WHERE album.id = %s AND person.id = %s',
                      quote(OLD.role), quote(OLD.state), OLD.asked_at, quote(OLD.decided_at),
                      quote(OLD.album), quote(OLD.person))",
    ),
    (
        "AFTER INSERT ON main.album_asset",
        "printf('DELETE FROM album_asset WHERE album = %s AND asset = %s',
                      quote(NEW.album), quote(NEW.asset))",
    ),
    (
        "AFTER DELETE ON main.album_asset",
        "printf('INSERT OR IGNORE INTO album_asset (album, asset, added_at, person)
                       SELECT album.id, asset.id, %d, %s FROM album, asset
                        WHERE album.id = %s AND asset.id = %s AND album.owner IS NULL',
                      OLD.added_at, quote(OLD.person), quote(OLD.album), quote(OLD.asset))",
    ),
    (
        "AFTER DELETE ON main.link",
        "printf('INSERT INTO link (id, home, key_hash, key_sealed, name, album, label,
                           description, password_hash, password_version, expires_at, download,
                           show_metadata, generation, created_at, revoked_at, guessable, paused,
                           comments, upload, auto_accept, upload_files, upload_bytes, people,
                           seats, seat_version, guessed_at)
                       VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %d, %s, %s, %d, %d, %d, %s,
                           %d, %d, %d, %s, %d, %d, %d, %s, %d, %d, %s)',
                      quote(OLD.id), quote(OLD.home), quote(OLD.key_hash), quote(OLD.key_sealed),
                      quote(OLD.name), quote(OLD.album), quote(OLD.label), quote(OLD.description),
                      quote(OLD.password_hash), OLD.password_version, quote(OLD.expires_at),
                      quote(OLD.download), OLD.show_metadata, OLD.generation + 1, OLD.created_at,
                      quote(OLD.revoked_at), OLD.guessable, OLD.paused, OLD.comments,
                      quote(OLD.upload), OLD.auto_accept, OLD.upload_files, OLD.upload_bytes,
                      quote(OLD.people), OLD.seats, OLD.seat_version, quote(OLD.guessed_at))",
    ),
    (
        "AFTER DELETE ON main.activity",
        "printf('INSERT OR IGNORE INTO activity (id, home, album, link, asset, kind, text, person,
                           name, through, mark, proof, made_at)
                       SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s,
                              (SELECT id FROM link WHERE id = %s), %s, %s, %d
                        WHERE NOT EXISTS (SELECT 1 FROM album WHERE id = %s AND owner IS NOT NULL)
                          AND (%s IS NULL
                           OR EXISTS (SELECT 1 FROM album_asset WHERE album = %s AND asset = %s)
                           OR EXISTS (SELECT 1 FROM link_asset WHERE link = %s AND asset = %s))',
                      quote(OLD.id), quote(OLD.home), quote(OLD.album), quote(OLD.link),
                      quote(OLD.asset), quote(OLD.kind), quote(OLD.text), quote(OLD.person),
                      quote(OLD.name), quote(OLD.through), quote(OLD.mark), quote(OLD.proof),
                      OLD.made_at, quote(OLD.album), quote(OLD.asset), quote(OLD.album),
                      quote(OLD.asset), quote(OLD.link), quote(OLD.asset))",
    ),
    (
        "AFTER UPDATE OF asset ON main.activity",
        "printf('UPDATE OR IGNORE activity SET asset = %s WHERE id = %s',
                      quote(OLD.asset), quote(OLD.id))",
    ),
];

/// The triggers that record, on the writer's connection only. `recording` has one
/// row while a command is recorded: its number.
pub(crate) fn triggers() -> String {
    let mut sql = "CREATE TEMP TABLE recording (undo INTEGER NOT NULL);".to_owned();
    for (number, (change, step)) in STEPS.iter().enumerate() {
        sql.push_str(&format!(
            "CREATE TEMP TRIGGER undo_{number} {change}
             WHEN EXISTS (SELECT 1 FROM temp.recording) BEGIN
                 INSERT INTO undo_step (undo, position, sql)
                 SELECT undo, (SELECT coalesce(max(step.position) + 1, 0) FROM undo_step AS step
                                WHERE step.undo = recording.undo), {step}
                   FROM temp.recording;
             END;"
        ));
    }
    sql
}

/// A command that can be undone, or was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undo {
    /// What was done, in words: `3 photos moved to the trash`.
    pub command: String,
    /// When, milliseconds since 1970.
    pub made_at: i64,
}

impl Write<'_> {
    /// Records what follows in this write as one command that can be undone.
    /// `command` says what was done.
    pub(crate) fn record_undo(&self, command: &str) -> Result<(), LibraryError> {
        let conn = self.conn();
        conn.prepare_cached("INSERT INTO undo (command, made_at) VALUES (?1, ?2)")?
            .execute((command, self.now_ms))?;
        let undo = conn.last_insert_rowid();
        conn.prepare_cached("INSERT INTO temp.recording (undo) VALUES (?1)")?
            .execute([undo])?;
        self.recording.set(true);
        conn.prepare_cached("DELETE FROM undo WHERE id <= ?1 - ?2")?
            .execute([undo, KEPT])?;
        Ok(())
    }

    /// Adds a statement to what undoes the command that is recorded.
    pub(crate) fn undo_by(&self, sql: &str) -> Result<(), LibraryError> {
        self.conn()
            .prepare_cached(
                "INSERT INTO undo_step (undo, position, sql)
                 SELECT undo, (SELECT coalesce(max(step.position) + 1, 0) FROM undo_step AS step
                                WHERE step.undo = recording.undo), ?1
                   FROM temp.recording",
            )?
            .execute([sql])?;
        Ok(())
    }

    /// Ends the recording; a command that changed nothing leaves none.
    pub(crate) fn end_recording(&self) -> Result<(), LibraryError> {
        if !self.recording.replace(false) {
            return Ok(());
        }
        let conn = self.conn();
        conn.prepare_cached(
            "DELETE FROM undo WHERE id = (SELECT undo FROM temp.recording)
                AND NOT EXISTS (SELECT 1 FROM undo_step WHERE undo_step.undo = undo.id)",
        )?
        .execute([])?;
        conn.prepare_cached("DELETE FROM temp.recording")?
            .execute([])?;
        Ok(())
    }
}

impl Library {
    /// What can be undone, newest first.
    pub fn undoable(&self) -> Result<Vec<Undo>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached("SELECT command, made_at FROM undo ORDER BY id DESC")?
                .query_map([], |row| {
                    Ok(Undo {
                        command: row.get(0)?,
                        made_at: row.get(1)?,
                    })
                })?
                .collect::<Result<_, _>>()?)
        })
    }

    /// Undoes the last command that can be undone; answers with what it was.
    ///
    /// # Errors
    /// [`LibraryError::Wrong`] when there is none, or when all that it changed is
    /// gone for good.
    pub fn undo(&self) -> Result<Undo, LibraryError> {
        let (undo, rows) = self.catalog.write(|write| {
            let conn = write.conn();
            let (id, undo) = conn
                .query_row(
                    "SELECT id, command, made_at FROM undo ORDER BY id DESC LIMIT 1",
                    [],
                    |row| {
                        let undo = Undo {
                            command: row.get(1)?,
                            made_at: row.get(2)?,
                        };
                        Ok((row.get::<_, i64>(0)?, undo))
                    },
                )
                .optional()?
                .ok_or_else(|| LibraryError::wrong("There is nothing to undo."))?;
            let steps: Vec<String> = conn
                .prepare_cached("SELECT sql FROM undo_step WHERE undo = ?1 ORDER BY position DESC")?
                .query_map([id], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            let locked = locked_and_closed(conn)?;
            let waited = request::all_waiting(conn)?;
            let mut rows = 0;
            for step in steps {
                rows += conn.execute(&step, [])?;
            }
            // Undoing shows nothing that the PIN would have been asked for.
            if locked_and_closed(conn)? < locked {
                return Err(LibraryError::wrong(
                    "This was done to locked photos; open those with your PIN, and undo it then.",
                ));
            }
            request::asked_since(write, &waited)?;
            conn.execute("DELETE FROM undo WHERE id = ?1", [id])?;
            write.announce(Change::Everything);
            Ok((undo, rows))
        })?;
        match rows {
            0 => Err(LibraryError::wrong(format!(
                "This cannot be undone any more, for what it changed is gone for good: {}.",
                undo.command
            ))),
            _ => Ok(undo),
        }
    }
}

/// How many assets are locked and not to be seen.
fn locked_and_closed(conn: &Connection) -> Result<i64, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT count(*) FROM asset WHERE shelf = 'locked' AND NOT shows_locked()")?
        .query_row([], |row| row.get(0))?)
}

/// `1 photo`, `12 photos`; videos are counted among them.
pub(crate) fn photos(count: usize) -> String {
    match count {
        1 => "1 photo".to_owned(),
        count => format!("{count} photos"),
    }
}
