//! Albums as their homes offer them: taken up, told anew, and let go of; and one's own
//! that live elsewhere.

use rusqlite::{Connection, OptionalExtension};

use super::take::Effects;
use super::told::let_go;
use super::{MemberState, Role, hand, lodge};
use crate::catalog::Write;
use crate::feed::Space;
use crate::notice::{self, NoticeKind};
use crate::wire::{OfferRow, Row};
use crate::{AlbumId, AssetId, Change, DeviceId, LibraryError, PersonId};

/// An album is offered, or not any more, or one is in it.
pub(super) fn take_offer(
    write: &Write<'_>,
    home: DeviceId,
    album: AlbumId,
    row: &Row,
    effects: &mut Effects,
) -> Result<bool, LibraryError> {
    let conn = write.conn();
    let known: Option<(DeviceId, String)> = conn
        .prepare_cached("SELECT home, state FROM offer WHERE album = ?1")?
        .query_row([album], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let told = match row.body.as_deref().map(OfferRow::read).transpose() {
        Ok(told) => told,
        Err(_) => return Ok(false),
    };
    if known.as_ref().is_some_and(|(teller, _)| *teller != home) {
        // Its home of before may say so later: it is asked for again until then.
        return match told {
            Some(told) if !told.moved => Err(LibraryError::NotShared),
            _ => Ok(true),
        };
    }
    let was_heir = conn
        .prepare_cached("SELECT 1 FROM offer WHERE album = ?1 AND heir")?
        .exists([album])?;
    let owner: PersonId = conn
        .prepare_cached("SELECT person FROM device WHERE id = ?1")?
        .query_row([home], |row| row.get(0))?;
    let before = known.map(|(_, state)| MemberState::of(&state));
    let here: DeviceId = conn.query_row("SELECT device FROM library", [], |row| row.get(0))?;
    let told = match told {
        Some(told) if !told.moved => told,
        // To this machine, which hears so by the answer to what it asked, or will.
        Some(moved) if moved.home.as_deref() == Some(&here.bytes()) => return Ok(true),
        Some(moved) => {
            remember_given(write, album, &moved)?;
            effects.gone.extend(drop_album(write, album)?);
            return Ok(true);
        }
        // Its home lost it, or does not want it: it is nobody else's.
        None if is_lent(conn, album)? => {
            hand::reclaim(write, home, album)?;
            return Ok(true);
        }
        None => {
            let is_passing = conn
                .prepare_cached("SELECT 1 FROM offer WHERE album = ?1 AND lodge > 0")?
                .exists([album])?;
            if !is_passing && before == Some(MemberState::Joined) {
                notice::note(write, NoticeKind::Removed, album, owner, None, "")?;
            }
            effects.gone.extend(drop_album(write, album)?);
            return Ok(true);
        }
    };
    let is_bound_here = told.lodge.as_deref() == Some(&here.bytes());
    if told.owns && !lodge::is_trusted(conn, home)?
        || told.lodge.is_some() && !(is_bound_here && lodge::takes_in(conn, home)?)
    {
        return Ok(false);
    }
    let is_taken = conn
        .prepare_cached("SELECT 1 FROM album WHERE id = ?1 AND home <> ?2")?
        .exists((album, home))?;
    if is_taken {
        return Ok(false);
    }
    let (role, state) = (
        Role::of_number(told.role),
        MemberState::of_number(told.state),
    );
    anew(conn, home, album, told.moves)?;
    if let Some(owner) = &told.owner {
        conn.prepare_cached(
            "INSERT INTO person (id, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )?
        .execute((owner, &told.owner_name))?;
    }
    conn.prepare_cached(
        "INSERT INTO offer (album, home, title, role, state, count, asked_at, heir, owns, owner,
             lodge, moves)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, iif(?11, 1, iif(?12, 3, 0)), ?13)
         ON CONFLICT (album) DO UPDATE SET title = excluded.title, role = excluded.role,
             state = excluded.state, count = excluded.count, asked_at = excluded.asked_at,
             heir = excluded.heir, owns = excluded.owns, owner = excluded.owner,
             lodge = iif(excluded.owns OR excluded.lodge = 1 AND lodge = 2, lodge, excluded.lodge),
             moves = excluded.moves",
    )?
    .execute((
        album,
        home,
        &told.title,
        role.name(),
        state.name(),
        told.count,
        told.asked_at,
        told.heir,
        told.owns,
        &told.owner,
        is_bound_here,
        told.passing,
        told.moves,
    ))?;
    if is_bound_here {
        lodge::proceed(write, home, album)?;
    }
    if told.heir && !was_heir {
        notice::note(write, NoticeKind::Heir, album, owner, None, "")?;
    }
    conn.prepare_cached(
        "UPDATE album SET role = ?2, owns = ?3 WHERE id = ?1 AND owner IS NOT NULL",
    )?
    .execute((album, role.name(), told.owns))?;
    match state {
        MemberState::Asked if before != Some(MemberState::Asked) => {
            notice::note(write, NoticeKind::Asked, album, owner, None, "")?;
        }
        MemberState::Declined => effects.gone.extend(drop_album_rows(write, album)?),
        _ => {}
    }
    write.announce(Change::Album(album));
    Ok(true)
}

/// An album that was elsewhere meanwhile is heard of from the beginning, as in another life
/// of its home: what went then is told by nobody.
fn anew(conn: &Connection, home: DeviceId, album: AlbumId, moves: u32) -> Result<(), LibraryError> {
    let was_away = conn
        .prepare_cached("SELECT 1 FROM offer WHERE album = ?1 AND home = ?2 AND moves <> ?3")?
        .exists((album, home, moves))?;
    if was_away {
        let space = Space::Album(album).name();
        conn.prepare_cached(
            "UPDATE cursor SET epoch = 0, revision = 0, complete_at = NULL
              WHERE home = ?1 AND space = ?2",
        )?
        .execute((home, &space))?;
        conn.prepare_cached("UPDATE replica SET epoch = 0 WHERE home = ?1 AND space = ?2")?
            .execute((home, &space))?;
    }
    Ok(())
}

/// Whether an album of one's own lives elsewhere that was moved there from here.
fn is_lent(conn: &Connection, album: AlbumId) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT 1 FROM album WHERE id = ?1 AND owner IS NOT NULL AND owns AND lent",
        )?
        .exists([album])?)
}

/// Keeps in mind which of one's own photos were put into an album that has moved: its new
/// home may have them, as the one before.
fn remember_given(write: &Write<'_>, album: AlbumId, moved: &OfferRow) -> Result<(), LibraryError> {
    let Some(home) = &moved.home else {
        return Ok(());
    };
    write
        .conn()
        .prepare_cached(
            "INSERT INTO given (album, asset, home)
             SELECT album, asset, ?2 FROM album_asset WHERE album = ?1 AND given
             ON CONFLICT (album, asset) DO UPDATE SET home = excluded.home",
        )?
        .execute((album, home))?;
    Ok(())
}

/// Forgets an album of another home, and what came by it; answers with the photos that
/// are gone.
pub(crate) fn drop_album(
    write: &Write<'_>,
    album: AlbumId,
) -> Result<Vec<(DeviceId, AssetId)>, LibraryError> {
    let gone = drop_album_rows(write, album)?;
    write
        .conn()
        .prepare_cached("DELETE FROM offer WHERE album = ?1")?
        .execute([album])?;
    Ok(gone)
}

/// As [`drop_album`], but that it stays offered.
fn drop_album_rows(
    write: &Write<'_>,
    album: AlbumId,
) -> Result<Vec<(DeviceId, AssetId)>, LibraryError> {
    let conn = write.conn();
    let space = Space::Album(album).name();
    let assets: Vec<AssetId> = conn
        .prepare_cached(
            "SELECT asset FROM album_asset JOIN album ON album.id = album_asset.album
              WHERE album = ?1 AND owner IS NOT NULL",
        )?
        .query_map([album], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    conn.prepare_cached("DELETE FROM album WHERE id = ?1 AND owner IS NOT NULL")?
        .execute([album])?;
    for table in ["replica", "cursor"] {
        conn.prepare_cached(&format!("DELETE FROM {table} WHERE space = ?1"))?
            .execute([&space])?;
    }
    write.announce(Change::Album(album));
    let mut gone = Vec::new();
    for asset in assets {
        gone.extend(let_go(write, asset)?);
    }
    Ok(gone)
}
