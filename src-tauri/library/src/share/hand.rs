//! Handing an album over: its owner names a member, who takes it over; from then on it
//! lives at their machine, and its owner of before is an editor. The home of before
//! answers once more who takes it over, and then is a member like the others.

use rusqlite::OptionalExtension;

use super::decide::Asker;
use super::{check_own, home_of_others};
use crate::catalog::Write;
use crate::feed::{self, Space};
use crate::notice::{self, NoticeKind};
use crate::request::{album_id, enqueue};
use crate::wire::{TakeOver, WishOf};
use crate::{AlbumId, Change, DeviceId, Library, LibraryError, LinkId, PersonId, RequestId};

impl Library {
    /// Names the member who is to take an album over; `None` takes that back.
    pub fn hand_over(&self, album: AlbumId, heir: Option<PersonId>) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            let conn = write.conn();
            check_own(conn, album)?;
            if let Some(heir) = heir {
                let joined = conn
                    .prepare_cached(
                        "SELECT 1 FROM member WHERE album = ?1 AND person = ?2 AND state = 'joined'",
                    )?
                    .exists((album, heir))?;
                if !joined {
                    return Err(LibraryError::wrong(
                        "An album is handed over to somebody who is in it.",
                    ));
                }
            }
            conn.prepare_cached("UPDATE album SET heir = ?2 WHERE id = ?1")?
                .execute((album, heir))?;
            // Whom it concerns is told anew.
            conn.prepare_cached("UPDATE member SET role = role WHERE album = ?1")?
                .execute([album])?;
            write.announce(Change::Album(album));
            Ok(())
        })
    }

    /// Takes over an album that is handed over to one; its home answers.
    pub fn take_over_album(&self, album: AlbumId) -> Result<RequestId, LibraryError> {
        self.catalog.write(move |write| {
            let conn = write.conn();
            let heir: Option<bool> = conn
                .prepare_cached("SELECT heir FROM offer WHERE album = ?1")?
                .query_row([album], |row| row.get(0))
                .optional()?;
            let home = home_of_others(conn, album)?;
            let (Some(true), Some(home)) = (heir, home) else {
                return Err(LibraryError::wrong(
                    "This album is not handed over to you; its owner has to do that first.",
                ));
            };
            let wish = WishOf::TakeOver(TakeOver {
                album: album.bytes().to_vec(),
            });
            enqueue(write, home, wish, "an album taken over".to_owned())
        })
    }
}

/// At the home of before: the album is another's from now on, and the owner of before
/// an editor of it. Public links end with it.
pub(super) fn give(write: &Write<'_>, asker: Asker, wish: &TakeOver) -> Result<(), LibraryError> {
    let conn = write.conn();
    let album = album_id(&wish.album)?;
    let is_heir = conn
        .prepare_cached("SELECT 1 FROM album WHERE id = ?1 AND heir = ?2 AND owner IS NULL")?
        .exists((album, asker.person))?;
    if !is_heir {
        return Err(LibraryError::wrong(
            "This album is not handed over to you, or not any more.",
        ));
    }
    note_given(write, album, asker.person)?;
    let links: Vec<LinkId> = conn
        .prepare_cached(
            "UPDATE link SET revoked_at = ?2, generation = generation + 1
              WHERE album = ?1 AND revoked_at IS NULL RETURNING id",
        )?
        .query_map((album, write.now_ms), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for link in links {
        write.announce(Change::Link(link));
    }
    // First those who were in it, while it still is this library's: each is told that it
    // has moved.
    conn.prepare_cached(
        "UPDATE album SET owner = ?2, home = ?3, role = 'editor', everyone = NULL, heir = NULL
          WHERE id = ?1",
    )?
    .execute((album, asker.person, asker.device))?;
    conn.prepare_cached(
        "INSERT INTO fed SELECT 'shared:' || lower(hex(person)), 7, album, 0 FROM member
          WHERE album = ?1",
    )?
    .execute([album])?;
    conn.prepare_cached(
        "INSERT INTO offer (album, home, title, role, state, count, asked_at)
         SELECT id, ?2, title, 'editor', 'joined', 0, ?3 FROM album WHERE id = ?1
         ON CONFLICT (album) DO UPDATE SET home = excluded.home, state = 'joined'",
    )?
    .execute((album, asker.device, write.now_ms))?;
    conn.prepare_cached(
        "UPDATE album_asset
            SET given = 1,
                person = iif(person IS NULL, (SELECT person FROM library), nullif(person, ?2))
          WHERE album = ?1",
    )?
    .execute((album, asker.person))?;
    conn.prepare_cached("UPDATE activity SET home = ?2 WHERE album = ?1")?
        .execute((album, asker.device))?;
    conn.prepare_cached("DELETE FROM member WHERE album = ?1")?
        .execute([album])?;
    feed::close_space(write, Space::Album(album))?;
    write.announce(Change::Album(album));
    write.announce(Change::Peers);
    Ok(())
}

fn note_given(write: &Write<'_>, album: AlbumId, heir: PersonId) -> Result<(), LibraryError> {
    notice::note(write, NoticeKind::Moved, album, heir, None, "")
}

/// At the heir's machine, once the home of before has said yes: what was a replica is
/// the album.
pub(super) fn receive(
    write: &Write<'_>,
    home: DeviceId,
    album: AlbumId,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    let before: PersonId = conn
        .prepare_cached("SELECT person FROM device WHERE id = ?1")?
        .query_row([home], |row| row.get(0))?;
    let taken = conn
        .prepare_cached(
            "UPDATE album SET owner = NULL, role = NULL, in_timeline = 0,
                    home = (SELECT device FROM library)
              WHERE id = ?1 AND home = ?2",
        )?
        .execute((album, home))?;
    if taken == 0 {
        return Ok(());
    }
    conn.prepare_cached("DELETE FROM offer WHERE album = ?1")?
        .execute([album])?;
    // What was told of it so far was what waited; from now on it is all of it.
    feed::close_space(write, Space::Album(album))?;
    for table in ["replica", "cursor"] {
        conn.prepare_cached(&format!("DELETE FROM {table} WHERE space = ?1"))?
            .execute([Space::Album(album).name()])?;
    }
    conn.prepare_cached(
        "DELETE FROM member WHERE album = ?1 AND person = (SELECT person FROM library)",
    )?
    .execute([album])?;
    conn.prepare_cached(
        "INSERT INTO member (album, person, role, state, asked_at, decided_at)
         VALUES (?1, ?2, 'editor', 'joined', ?3, ?3)
         ON CONFLICT (album, person) DO UPDATE SET role = 'editor', state = 'joined'",
    )?
    .execute((album, before, write.now_ms))?;
    // What was known by the home of before is told by this one now.
    conn.prepare_cached("UPDATE member SET role = role WHERE album = ?1")?
        .execute([album])?;
    conn.prepare_cached(
        "UPDATE album_asset SET waits = 0,
                person = iif(person IS NULL, ?2, nullif(person, (SELECT person FROM library)))
          WHERE album = ?1",
    )?
    .execute((album, before))?;
    conn.prepare_cached(
        "UPDATE activity SET home = (SELECT device FROM library), waits = 0 WHERE album = ?1",
    )?
    .execute([album])?;
    conn.prepare_cached("DELETE FROM editor_link WHERE album = ?1")?
        .execute([album])?;
    write.announce(Change::Album(album));
    write.announce(Change::Activity);
    write.announce(Change::Contributions(home));
    write.announce(Change::Peers);
    Ok(())
}
