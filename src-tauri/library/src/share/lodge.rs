//! An album on a server. Its owner moves it to a machine that serves their links, or to
//! another of their own, and back; it stays theirs meanwhile, and they decide of it by
//! asking (`rule`). It moves as an album is handed over (`hand`): that machine follows
//! all of it first, then takes it over, and the owner's is a member like the others.

use rusqlite::{Connection, OptionalExtension};

use super::decide::Asker;
use super::{check_lives_here, check_own, hand};
use crate::catalog::Write;
use crate::feed::Space;
use crate::notice::{self, NoticeKind};
use crate::request::{album_id, enqueue};
use crate::time::DAY_MS;
use crate::wire::{CannotLodge, TakeOver, WishOf};
use crate::{
    AlbumId, Change, DeviceId, Library, LibraryError, PersonId, TRASH_DAYS, hosting, peer,
};

impl Library {
    /// Has an album live on a machine that serves the library's links, or on another of
    /// the owner's, as soon as that has all of it.
    ///
    /// # Errors
    /// For an album that lives elsewhere, and a machine that does neither.
    pub fn move_album(&self, album: AlbumId, to: DeviceId) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            let conn = write.conn();
            check_own(conn, album)?;
            check_lives_here(conn, album)?;
            let there = peer::find(conn, to)?;
            if !there.is_own && !hosting::serves(conn, to)? {
                return Err(LibraryError::wrong(
                    "An album moves to another machine of yours, or to one that stands in for \
                     this one; have it do that first.",
                ));
            }
            stay(write, album)?;
            conn.prepare_cached(
                "INSERT INTO member (album, person, role, state, asked_at, lodging)
                 VALUES (?1, ?2, 'viewer', 'joined', ?3, 1)
                 ON CONFLICT (album, person) DO UPDATE SET state = 'joined'",
            )?
            .execute((album, there.person, write.now_ms))?;
            conn.prepare_cached("UPDATE album SET heir = ?2, bound_for = ?3 WHERE id = ?1")?
                .execute((album, there.person, to))?;
            hand::tell_members(conn, album)?;
            write.announce(Change::Album(album));
            write.announce(Change::Peers);
            Ok(())
        })
    }

    /// Brings an album of one's own back to this machine, or has it stay here. `lost`: the
    /// machine that it lives on is gone for good, and what is known here is the album from
    /// now on; else that machine answers.
    ///
    /// # Errors
    /// For an album that lives here, or is another's.
    pub fn bring_album_home(&self, album: AlbumId, lost: bool) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            let conn = write.conn();
            check_own(conn, album)?;
            let (home, owns, is_bound): (DeviceId, bool, bool) = conn
                .prepare_cached(
                    "SELECT home, owns, bound_for IS NOT NULL FROM album WHERE id = ?1",
                )?
                .query_row([album], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            match (owns, is_bound) {
                (true, _) if lost => hand::reclaim(write, home, album),
                (true, _) => {
                    conn.prepare_cached(
                        "UPDATE offer SET lodge = 1 WHERE album = ?1 AND lodge = 0",
                    )?
                    .execute([album])?;
                    proceed(write, home, album)
                }
                (false, true) => stay(write, album),
                (false, false) => Err(LibraryError::wrong("This album lives here already.")),
            }
        })
    }

    /// Lets go of the machines from which albums came back, once all that those had of
    /// them is here, or did not come within a month.
    pub fn settle_lodgings(&self) -> Result<(), LibraryError> {
        let settled = "lodging AND EXISTS (SELECT 1 FROM album
                WHERE album.id = member.album AND album.owner IS NULL AND album.bound_for IS NULL)
            AND (asked_at < ?1 OR NOT EXISTS (
                SELECT 1 FROM album_asset JOIN asset ON asset.id = album_asset.asset
                       JOIN album ON album.id = album_asset.album
                       JOIN device ON device.id = asset.via AND device.person = member.person
                 WHERE album_asset.album = member.album
                   AND NOT EXISTS (SELECT 1 FROM original WHERE original.asset = asset.id)
                   AND NOT EXISTS (SELECT 1 FROM kept
                        WHERE kept.home = asset.via AND kept.asset = asset.id
                          AND kept.what = iif(album.keeping, 'original', 'preview'))))";
        let since = self.clock.now_ms() - TRASH_DAYS * DAY_MS;
        let waits = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&format!("SELECT 1 FROM member WHERE {settled}"))?
                .exists([since])?)
        })?;
        if !waits {
            return Ok(());
        }
        self.catalog.write(move |write| {
            let albums: Vec<AlbumId> = write
                .conn()
                .prepare_cached(&format!(
                    "DELETE FROM member WHERE {settled} RETURNING album"
                ))?
                .query_map([since], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            for album in albums {
                write.announce(Change::Album(album));
            }
            Ok(())
        })
    }
}

/// Calls off that an album moves, where it is about to.
pub(super) fn stay(write: &Write<'_>, album: AlbumId) -> Result<(), LibraryError> {
    let conn = write.conn();
    conn.prepare_cached("DELETE FROM member WHERE album = ?1 AND lodging")?
        .execute([album])?;
    conn.prepare_cached(
        "UPDATE album SET heir = NULL, bound_for = NULL WHERE id = ?1 AND bound_for IS NOT NULL",
    )?
    .execute([album])?;
    hand::tell_members(conn, album)?;
    write.announce(Change::Album(album));
    Ok(())
}

/// Whether an album of another machine may come to live here: of one's own, and of those
/// whose links are served.
pub(super) fn takes_in(conn: &Connection, home: DeviceId) -> Result<bool, LibraryError> {
    Ok(peer::is_own(conn, home)? || hosting::hosts(conn, home)?)
}

/// Whether albums of the library's person may live on a machine, as that says: one that
/// serves the library's links, or those of another of their machines, or is their own.
pub(super) fn is_trusted(conn: &Connection, home: DeviceId) -> Result<bool, LibraryError> {
    let stands_in = conn
        .prepare_cached(
            "SELECT 1 FROM mirror JOIN device ON device.id = mirror.home
               JOIN library ON library.person = device.person WHERE mirror.device = ?1",
        )?
        .exists([home])?;
    Ok(stands_in || peer::is_own(conn, home)? || hosting::serves(conn, home)?)
}

/// Asks to take an album over, of which so much is known.
pub(super) fn take_over(
    conn: &Connection,
    home: DeviceId,
    album: AlbumId,
) -> Result<WishOf, LibraryError> {
    let known: Option<(u64, u64)> = conn
        .prepare_cached("SELECT epoch, revision FROM cursor WHERE home = ?1 AND space = ?2")?
        .query_row((home, Space::Album(album).name()), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let (epoch, revision) = known.unwrap_or_default();
    Ok(WishOf::TakeOver(TakeOver {
        album: album.bytes().to_vec(),
        epoch: Some(epoch),
        revision,
    }))
}

/// At the machine that an album is to live on, once it has all of it: takes it over, or
/// says whom of those in it it does not know.
pub(crate) fn proceed(
    write: &Write<'_>,
    home: DeviceId,
    album: AlbumId,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    let title: Option<String> = conn
        .prepare_cached(
            "UPDATE offer SET lodge = 2
              WHERE album = ?1 AND home = ?2 AND lodge = 1 AND state = 'joined'
                AND EXISTS (SELECT 1 FROM cursor WHERE cursor.home = ?2 AND space = ?3
                              AND complete_at IS NOT NULL)
             RETURNING title",
        )?
        .query_row((album, home, Space::Album(album).name()), |row| row.get(0))
        .optional()?;
    let Some(title) = title else { return Ok(()) };
    let strangers: Vec<PersonId> = conn
        .prepare_cached(
            "SELECT member.person FROM member JOIN person ON person.id = member.person
               JOIN album ON album.id = member.album AND NOT album.owns
              WHERE member.album = ?1 AND member.state <> 'declined' AND person.card IS NULL",
        )?
        .query_map([album], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let (wish, told) = match strangers.as_slice() {
        [] => (
            take_over(conn, home, album)?,
            format!("the album «{title}» taken in"),
        ),
        strangers => (
            WishOf::CannotLodge(CannotLodge {
                album: album.bytes().to_vec(),
                people: strangers.iter().map(|id| id.bytes().to_vec()).collect(),
            }),
            format!("the album «{title}» not taken in"),
        ),
    };
    enqueue(write, home, wish, told).map(|_| ())
}

/// Notes that an album's home did not let it go; true where it is asked again, once more
/// is known of it.
pub(super) fn asks_again(write: &Write<'_>, album: AlbumId) -> Result<bool, LibraryError> {
    let again = write
        .conn()
        .prepare_cached("UPDATE offer SET lodge = 1 WHERE album = ?1 AND lodge = 2")?
        .execute([album])?;
    Ok(again > 0)
}

/// At its home: an album stays, for the machine that it was to live on does not know
/// everyone in it.
pub(super) fn cannot(
    write: &Write<'_>,
    asker: Asker,
    wish: &CannotLodge,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    let album = album_id(&wish.album)?;
    let is_bound = conn
        .prepare_cached("SELECT 1 FROM album WHERE id = ?1 AND bound_for = ?2 AND owner IS NULL")?
        .exists((album, asker.device))?;
    if !is_bound {
        return Ok(());
    }
    stay(write, album)?;
    let mut names = conn.prepare_cached("SELECT name FROM person WHERE id = ?1")?;
    let mut unknown = Vec::new();
    for id in &wish.people {
        let name: Option<String> = names.query_row([id], |row| row.get(0)).optional()?;
        unknown.extend(name.map(|name| notice::called(&name).to_owned()));
    }
    let names = unknown.join(", ");
    notice::note(write, NoticeKind::Stays, album, asker.person, None, &names)
}
