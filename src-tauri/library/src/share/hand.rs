//! Handing an album over: its owner names a member, who takes it over; from then on it
//! lives at their machine, and its owner of before is an editor. The home of before
//! answers once more who takes it over, and then is a member like the others. So an album
//! also comes to live on a server of its owner's, and back (`lodge`): then it stays theirs.

use rusqlite::{Connection, OptionalExtension};

use super::decide::Asker;
use super::{check_lives_here, check_own, home_of_others, lodge, rule};
use crate::catalog::Write;
use crate::feed::{self, Space};
use crate::notice::{self, NoticeKind};
use crate::request::{album_id, enqueue};
use crate::wire::TakeOver;
use crate::{AlbumId, Change, DeviceId, Library, LibraryError, LinkId, PersonId, RequestId};

impl Library {
    /// Names the member who is to take an album over; `None` takes that back.
    pub fn hand_over(&self, album: AlbumId, heir: Option<PersonId>) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            let conn = write.conn();
            check_own(conn, album)?;
            check_lives_here(conn, album)?;
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
            lodge::stay(write, album)?;
            conn.prepare_cached("UPDATE album SET heir = ?2 WHERE id = ?1")?
                .execute((album, heir))?;
            tell_members(conn, album)?;
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
            let wish = lodge::take_over(conn, home, album)?;
            enqueue(write, home, wish, "an album taken over".to_owned())
        })
    }
}

/// How an album comes to live elsewhere.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Passing {
    /// It is another person's from now on.
    Handed,
    /// It stays its owner's, and lives on a server.
    Lodged,
    /// It comes from there to its owner's machine.
    Returned,
    /// As that, from one that is gone.
    Reclaimed,
}

/// Tells anew who is in an album, and each of them.
pub(super) fn tell_members(conn: &Connection, album: AlbumId) -> Result<(), LibraryError> {
    conn.prepare_cached("UPDATE member SET role = role WHERE album = ?1")?
        .execute([album])?;
    Ok(())
}

/// How an album that lives here goes to who asks for it.
fn passing(conn: &Connection, album: AlbumId, asker: Asker) -> Result<Passing, LibraryError> {
    if rule::owns(conn, album, asker.person)? {
        return Ok(Passing::Returned);
    }
    let bound: Option<Option<DeviceId>> = conn
        .prepare_cached(
            "SELECT bound_for FROM album WHERE id = ?1 AND heir = ?2 AND owner IS NULL",
        )?
        .query_row((album, asker.person), |row| row.get(0))
        .optional()?;
    match bound {
        Some(None) => Ok(Passing::Handed),
        Some(Some(device)) if device == asker.device => Ok(Passing::Lodged),
        _ => Err(LibraryError::wrong(
            "This album is not handed over to you, or not any more.",
        )),
    }
}

/// At the home of before: the album lives at the asker's machine from now on. Where it is
/// another's then, the owner of before is an editor of it, and public links end; those that
/// editors made on a server end with its stay there.
pub(super) fn give(write: &Write<'_>, asker: Asker, wish: &TakeOver) -> Result<(), LibraryError> {
    let conn = write.conn();
    let album = album_id(&wish.album)?;
    let passing = passing(conn, album, asker)?;
    check_all_told(conn, album, wish)?;
    let is_lodged = passing == Passing::Lodged;
    if passing == Passing::Handed {
        notice::note(write, NoticeKind::Moved, album, asker.person, None, "")?;
    }
    if !is_lodged {
        end_links(write, album)?;
    }
    // First those who were in it, while it still is this library's: each is told that it
    // has moved.
    conn.prepare_cached(
        "UPDATE album SET owner = iif(?4, (SELECT person FROM library), ?2), home = ?3,
                role = 'editor', owns = ?4, lent = ?4, everyone = iif(?4, everyone, NULL),
                heir = NULL, bound_for = NULL
          WHERE id = ?1",
    )?
    .execute((album, asker.person, asker.device, is_lodged))?;
    conn.prepare_cached(
        "INSERT INTO moved (album, title, home) SELECT id, title, home FROM album WHERE id = ?1
         ON CONFLICT (album) DO UPDATE SET title = excluded.title, home = excluded.home",
    )?
    .execute([album])?;
    conn.prepare_cached(
        "INSERT INTO fed SELECT 'shared:' || lower(hex(person)), 7, album, 0 FROM member
          WHERE album = ?1",
    )?
    .execute([album])?;
    // The machine that it leaves is told of it for a while yet, and no word of that's end.
    let lodge = if passing == Passing::Returned { 3 } else { 0 };
    conn.prepare_cached(
        "INSERT INTO offer (album, home, title, role, state, count, asked_at, owns, lodge)
         SELECT id, ?2, title, 'editor', 'joined', 0, ?3, ?4, ?5 FROM album WHERE id = ?1
         ON CONFLICT (album) DO UPDATE SET home = excluded.home, state = 'joined',
             owns = excluded.owns, lodge = excluded.lodge",
    )?
    .execute((album, asker.device, write.now_ms, is_lodged, lodge))?;
    conn.prepare_cached(
        "UPDATE album_asset
            SET given = 1,
                person = iif(person IS NULL, (SELECT person FROM library), nullif(person, ?2))
          WHERE album = ?1",
    )?
    .execute((album, (passing == Passing::Handed).then_some(asker.person)))?;
    conn.prepare_cached("UPDATE activity SET home = ?2 WHERE album = ?1")?
        .execute((album, asker.device))?;
    conn.prepare_cached("DELETE FROM member WHERE album = ?1")?
        .execute([album])?;
    feed::close_space(write, Space::Album(album))?;
    write.announce(Change::Album(album));
    write.announce(Change::Peers);
    Ok(())
}

/// Fails with a sentence when an album is not known whole to who asks for it: what lacks
/// would be lost.
fn check_all_told(conn: &Connection, album: AlbumId, wish: &TakeOver) -> Result<(), LibraryError> {
    let newest: u64 = conn
        .prepare_cached("SELECT coalesce(max(revision), 0) FROM feed WHERE space = ?1")?
        .query_row([Space::Album(album).name()], |row| row.get(0))?;
    let now: u64 = conn.query_row("SELECT epoch FROM feed_state", [], |row| row.get(0))?;
    let is_whole = wish
        .epoch
        .is_none_or(|epoch| epoch == now && newest > 0 && newest <= wish.revision);
    match is_whole {
        true => Ok(()),
        false => Err(LibraryError::wrong(
            "More came to the album meanwhile; take it over again in a moment.",
        )),
    }
}

fn end_links(write: &Write<'_>, album: AlbumId) -> Result<(), LibraryError> {
    let links: Vec<LinkId> = write
        .conn()
        .prepare_cached(
            "UPDATE link SET revoked_at = ?2, generation = generation + 1
              WHERE album = ?1 AND revoked_at IS NULL RETURNING id",
        )?
        .query_map((album, write.now_ms), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for link in links {
        write.announce(Change::Link(link));
    }
    Ok(())
}

/// At the machine that asked, once the home of before has said yes: what was a replica is
/// the album.
pub(super) fn receive(
    write: &Write<'_>,
    home: DeviceId,
    album: AlbumId,
) -> Result<(), LibraryError> {
    let passing: Option<Passing> = write
        .conn()
        .prepare_cached(
            "SELECT album.owns, offer.lodge FROM album JOIN offer ON offer.album = album.id
              WHERE album.id = ?1 AND album.home = ?2 AND album.owner IS NOT NULL",
        )?
        .query_row((album, home), |row| {
            let (owns, lodge): (bool, i64) = (row.get(0)?, row.get(1)?);
            Ok(match (owns, lodge) {
                (true, _) => Passing::Returned,
                (false, 0) => Passing::Handed,
                (false, _) => Passing::Lodged,
            })
        })
        .optional()?;
    match passing {
        Some(passing) => become_home(write, home, album, passing),
        None => Ok(()),
    }
}

/// Has an album live here whose home is gone, or knows nothing of it any more.
pub(super) fn reclaim(
    write: &Write<'_>,
    home: DeviceId,
    album: AlbumId,
) -> Result<(), LibraryError> {
    become_home(write, home, album, Passing::Reclaimed)
}

/// Has the albums live here that live on a machine that is about to be forgotten.
pub(crate) fn reclaim_all(write: &Write<'_>, home: DeviceId) -> Result<(), LibraryError> {
    let albums: Vec<AlbumId> = write
        .conn()
        .prepare_cached("SELECT id FROM album WHERE home = ?1 AND owner IS NOT NULL AND owns")?
        .query_map([home], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for album in albums {
        reclaim(write, home, album)?;
        // From now on it is their contributors' machines that have them.
        write
            .conn()
            .prepare_cached(
                "UPDATE asset SET via = home
                  WHERE via = ?1 AND partner IS NULL AND home IN (SELECT device FROM peer)
                    AND id IN (SELECT asset FROM album_asset WHERE album = ?2)",
            )?
            .execute((home, album))?;
    }
    Ok(())
}

fn become_home(
    write: &Write<'_>,
    home: DeviceId,
    album: AlbumId,
    passing: Passing,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    let before: PersonId = conn
        .prepare_cached("SELECT person FROM device WHERE id = ?1")?
        .query_row([home], |row| row.get(0))?;
    conn.prepare_cached(
        "UPDATE album SET owner = NULL, role = NULL, in_timeline = 0, owns = 0, lent = 0,
                home = (SELECT device FROM library),
                moves = 1 + coalesce((SELECT moves FROM offer WHERE album = ?1), moves)
          WHERE id = ?1",
    )?
    .execute([album])?;
    for table in ["offer", "moved", "given"] {
        conn.prepare_cached(&format!("DELETE FROM {table} WHERE album = ?1"))?
            .execute([album])?;
    }
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
    if passing != Passing::Reclaimed {
        let role = match passing {
            Passing::Returned => "viewer",
            _ => "editor",
        };
        let (owns, lodging) = (passing == Passing::Lodged, passing == Passing::Returned);
        conn.prepare_cached(
            "INSERT INTO member (album, person, role, state, asked_at, decided_at, owns, lodging)
             VALUES (?1, ?2, ?3, 'joined', ?4, ?4, ?5, ?6)
             ON CONFLICT (album, person) DO UPDATE SET role = excluded.role, state = 'joined',
                 owns = excluded.owns, lodging = excluded.lodging",
        )?
        .execute((album, before, role, write.now_ms, owns, lodging))?;
    }
    // What was known by the home of before is told by this one now.
    tell_members(conn, album)?;
    // Where the album's owner is the library's person, nobody is named as who put it there.
    conn.prepare_cached(
        "UPDATE album_asset SET waits = 0,
                person = iif(person IS NULL, ?2, nullif(person, (SELECT person FROM library
                    WHERE ?3)))
          WHERE album = ?1",
    )?
    .execute((album, before, passing != Passing::Lodged))?;
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
