//! What partners tell of their libraries, made rows among one's own: marked with whose
//! they are, never changed here, and in the timeline only where that is wished.

use rusqlite::OptionalExtension;

use super::PartnerState;
use super::settle::{close, doom_files, leave_to_albums, place};
use crate::catalog::Write;
use crate::kept::note_parts;
use crate::notice::{NoticeKind, note_library};
use crate::share::{Effects, Known, Told, known, upsert};
use crate::wire::{AlbumRow, AssetRow, PartnerRow, Row, RowKind};
use crate::{AlbumId, AlbumOrder, AssetId, Change, DeviceId, LibraryError, PersonId};

/// A library is shown, or by other rules, or not any more; false for a row that cannot
/// be.
pub(crate) fn take_library(
    write: &Write<'_>,
    home: DeviceId,
    row: &Row,
    effects: &mut Effects,
) -> Result<bool, LibraryError> {
    let conn = write.conn();
    let (me, person): (PersonId, PersonId) = conn
        .prepare_cached(
            "SELECT library.person, device.person FROM library, device WHERE device.id = ?1",
        )?
        .query_row([home], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if row.row != me.bytes() || person == me {
        return Ok(false);
    }
    let told = match row.body.as_deref().map(PartnerRow::read).transpose() {
        Ok(told) => told,
        Err(_) => return Ok(false),
    };
    let known: Option<i64> = conn
        .prepare_cached("SELECT asked_at FROM partner_library WHERE home = ?1")?
        .query_row([home], |row| row.get(0))
        .optional()?;
    write.announce(Change::Partners);
    let Some(told) = told else {
        let was_seen = conn
            .prepare_cached("SELECT 1 FROM partner_library WHERE home = ?1 AND consent")?
            .exists([home])?;
        if was_seen {
            note_library(write, NoticeKind::LibraryEnded, person)?;
        }
        return let_go(write, home, PartnerState::Ended, effects).map(|()| true);
    };
    if known.is_some_and(|asked_at| asked_at != told.asked_at) {
        // Another offer than that which was accepted.
        close(write, home)?;
        effects.ended.push(home);
    }
    let state = PartnerState::of_number(told.state);
    let is_known = conn
        .prepare_cached("SELECT 1 FROM partner_library WHERE person = ?1 AND asked_at = ?2")?
        .exists((person, told.asked_at))?;
    if state == PartnerState::Asked && !is_known {
        note_library(write, NoticeKind::LibraryOffered, person)?;
    }
    conn.prepare_cached(
        "INSERT INTO partner_library (home, person, decides, state, since, captions, albums,
             asked_at, count, bytes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (home) DO UPDATE SET decides = excluded.decides, state = excluded.state,
             since = excluded.since, captions = excluded.captions, albums = excluded.albums,
             count = excluded.count, bytes = excluded.bytes, asked_at = excluded.asked_at",
    )?
    .execute((
        home,
        person,
        told.decides,
        state.name(),
        told.since,
        told.captions,
        told.albums,
        told.asked_at,
        told.count,
        told.bytes,
    ))?;
    match state {
        PartnerState::Declined | PartnerState::Ended => let_go(write, home, state, effects)?,
        // Whoever accepted a library on one of its machines has accepted it on all.
        PartnerState::Asked | PartnerState::Accepted => {
            conn.prepare_cached(
                "UPDATE partner_library SET (consent, in_timeline, keep) = (
                     SELECT other.consent, other.in_timeline, other.keep
                       FROM partner_library AS other
                      WHERE other.decides = partner_library.decides
                        AND other.person = partner_library.person
                        AND other.asked_at = partner_library.asked_at
                        AND other.consent AND other.home <> partner_library.home)
                  WHERE home = ?1 AND NOT consent AND EXISTS (
                     SELECT 1 FROM partner_library AS other
                      WHERE other.decides = partner_library.decides
                        AND other.person = partner_library.person
                        AND other.asked_at = partner_library.asked_at
                        AND other.consent AND other.home <> ?1)",
            )?
            .execute([home])?;
        }
    }
    Ok(true)
}

/// Nothing of a home's library is seen any more.
pub(super) fn let_go(
    write: &Write<'_>,
    home: DeviceId,
    state: PartnerState,
    effects: &mut Effects,
) -> Result<(), LibraryError> {
    close(write, home)?;
    write
        .conn()
        .prepare_cached("UPDATE partner_library SET state = ?2 WHERE home = ?1")?
        .execute((home, state.name()))?;
    effects.ended.push(home);
    write.announce(Change::Partners);
    Ok(())
}

/// Takes over a row of a library; false for one that cannot be.
///
/// # Errors
/// [`LibraryError::NotShared`] for a library that is not, or not any more, seen here.
pub(crate) fn take(
    write: &Write<'_>,
    home: DeviceId,
    kind: RowKind,
    row: &Row,
    effects: &mut Effects,
) -> Result<bool, LibraryError> {
    let person: Option<PersonId> = write
        .conn()
        .prepare_cached(
            "SELECT person FROM partner_library
              WHERE home = ?1 AND consent AND NOT dropping AND state IN ('asked', 'accepted')",
        )?
        .query_row([home], |row| row.get(0))
        .optional()?;
    let (Some(person), Some(id)) = (person, row.row.first_chunk::<16>().copied()) else {
        return Err(LibraryError::NotShared);
    };
    let body = row.body.as_deref();
    match kind {
        RowKind::Asset => {
            let teller = Teller {
                write,
                home,
                person,
            };
            let id = AssetId::from_bytes(id);
            match body.map(AssetRow::read).transpose() {
                Ok(Some(told)) => teller.show(id, &told, effects),
                Ok(None) => teller.forget(id, effects).map(|()| true),
                Err(_) => Ok(false),
            }
        }
        RowKind::Album => take_album(write, home, AlbumId::from_bytes(id), body),
        _ => Ok(body.is_none()),
    }
}

/// A machine whose library is seen here.
pub(crate) struct Teller<'a, 'w> {
    pub write: &'a Write<'w>,
    pub home: DeviceId,
    /// Whose library it is.
    pub person: PersonId,
}

impl Teller<'_, '_> {
    /// Shows a photo as it is told; false for one whose id is another's here.
    pub fn show(
        &self,
        id: AssetId,
        told: &AssetRow,
        effects: &mut Effects,
    ) -> Result<bool, LibraryError> {
        let conn = self.write.conn();
        let before = match known(conn, id)? {
            None => None,
            // An id is one photo's for good.
            Some(Known::Told(via, from)) if from == self.home => Some(via),
            Some(_) => return Ok(false),
        };
        if before.is_some_and(|via| via != self.home) {
            effects.gone.extend(before.map(|via| (via, id)));
        }
        let in_album = before.is_some()
            && conn
                .prepare_cached("SELECT 1 FROM album_asset WHERE asset = ?1")?
                .exists([id])?;
        if in_album {
            // What an album shows of it is what is shown.
            conn.prepare_cached("UPDATE asset SET partner = ?2, via = ?3 WHERE id = ?1")?
                .execute((id, self.person, self.home))?;
        } else if self.upsert(id, told)? {
            effects.stale.push((self.home, id));
        }
        if before.is_some() {
            place(self.write, id)?;
        }
        effects.has_untold |= note_parts(self.write, self.home, id, &told.parts)?;
        conn.prepare_cached("DELETE FROM partner_album_asset WHERE asset = ?1")?
            .execute([id])?;
        for album in &told.albums {
            conn.prepare_cached(
                "INSERT OR IGNORE INTO partner_album_asset (album, asset) VALUES (?1, ?2)",
            )?
            .execute((album, id))?;
        }
        Ok(true)
    }

    /// Writes down what is told; true when it looks otherwise than before.
    fn upsert(&self, id: AssetId, row: &AssetRow) -> Result<bool, LibraryError> {
        let in_timeline = self
            .write
            .conn()
            .prepare_cached(
                "SELECT in_timeline
                        AND NOT EXISTS (SELECT 1 FROM asset WHERE hash = ?2 AND via IS NULL
                                           AND trashed_at IS NULL)
                        AND NOT EXISTS (SELECT 1 FROM asset WHERE hash = ?2 AND via IS NOT NULL
                                           AND partner IS NOT NULL AND shelf = 'timeline')
                   FROM partner_library WHERE home = ?1",
            )?
            .query_row((self.home, &row.hash), |row| row.get(0))?;
        let told = Told {
            id,
            via: self.home,
            home: self.home,
            row,
            in_timeline,
            partner: Some(self.person),
        };
        upsert(self.write, &told)
    }

    /// A photo is not shown any more; one that an album shows stays there.
    pub fn forget(&self, id: AssetId, effects: &mut Effects) -> Result<(), LibraryError> {
        let conn = self.write.conn();
        let stays = leave_to_albums(self.write, self.home, id)?;
        if let Some(via) = stays {
            if via != self.home {
                effects.gone.push((self.home, id));
            }
        } else {
            doom_files(conn, self.home, "asset.id = ?2", id)?;
            let gone = conn
                .prepare_cached(
                    "DELETE FROM asset WHERE id = ?1 AND via = ?2 AND partner IS NOT NULL",
                )?
                .execute((id, self.home))?;
            if gone > 0 {
                effects.gone.push((self.home, id));
            }
        }
        self.write.announce(Change::Asset(id));
        Ok(())
    }
}

fn take_album(
    write: &Write<'_>,
    home: DeviceId,
    id: AlbumId,
    body: Option<&[u8]>,
) -> Result<bool, LibraryError> {
    let conn = write.conn();
    write.announce(Change::Partners);
    let Some(body) = body else {
        conn.prepare_cached("DELETE FROM partner_album WHERE home = ?1 AND id = ?2")?
            .execute((home, id))?;
        conn.prepare_cached(
            "DELETE FROM partner_album_asset
              WHERE album = ?2 AND asset IN (SELECT id FROM asset WHERE via = ?1)",
        )?
        .execute((home, id))?;
        return Ok(true);
    };
    let Ok(told) = AlbumRow::read(body) else {
        return Ok(false);
    };
    conn.prepare_cached(
        "INSERT INTO partner_album (home, id, title, description, cover, created_at, sort_order)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (home, id) DO UPDATE SET title = excluded.title,
             description = excluded.description, cover = excluded.cover,
             created_at = excluded.created_at, sort_order = excluded.sort_order",
    )?
    .execute((
        home,
        id,
        told.title,
        told.description,
        told.cover,
        told.created_at,
        AlbumOrder::of_number(told.order).name(),
    ))?;
    Ok(true)
}

/// A photo of a partner's, or of another machine of one's own, that no album shows any
/// more is what that library tells of it.
pub(crate) fn show_again(write: &Write<'_>, id: AssetId) -> Result<(), LibraryError> {
    let conn = write.conn();
    let of: Option<(DeviceId, PersonId, Vec<u8>)> = conn
        .prepare_cached(
            "SELECT asset.via, asset.partner, replica.body
               FROM asset, library JOIN replica ON replica.home = asset.via
                    AND replica.space IN (?2 || lower(hex(library.person)), 'library')
                    AND replica.kind = ?3 AND replica.row = asset.id
              WHERE asset.id = ?1 AND asset.partner IS NOT NULL",
        )?
        .query_row((id, PARTNER, RowKind::Asset as u32), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    if let Some((home, person, body)) = of
        && let Ok(told) = AssetRow::read(&body)
    {
        let teller = Teller {
            write,
            home,
            person,
        };
        teller.upsert(id, &told)?;
    }
    place(write, id)
}

/// What the names of those spaces begin with, as `Space::name` writes them.
const PARTNER: &str = "partner:";
