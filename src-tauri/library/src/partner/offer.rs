//! The owner's side: to whom the library is shown, by which rules, and what of it they
//! are told.

use prost::Message;
use rusqlite::{Connection, OptionalExtension, Row};

use super::{PartnerCopy, PartnerEdit, PartnerOffer, PartnerRules, PartnerState, sees};
use crate::asset::find_any;
use crate::catalog::Write;
use crate::feed::{Space, album_row, close_space, shared_row};
use crate::kept::{KeptWhat, told_parts};
use crate::notice::called;
use crate::wire::PartnerRow;
use crate::{AlbumId, AssetId, Change, DeviceId, Library, LibraryError, PersonId};

/// Fails with a sentence where another machine of one's own decides.
fn check_here(conn: &Connection, person: PersonId) -> Result<PartnerState, LibraryError> {
    let found: Option<(String, Option<String>)> = conn
        .prepare_cached(
            "SELECT partner.state, iif(partner.home IS NULL, NULL, coalesce(device.name, ''))
               FROM partner LEFT JOIN device ON device.id = partner.home
              WHERE partner.person = ?1",
        )?
        .query_row([person], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match found {
        None => Err(LibraryError::wrong(
            "Your library is not shown to this person.",
        )),
        Some((_, Some(machine))) => Err(LibraryError::wrong(format!(
            "That was decided on your machine «{machine}»; change it there."
        ))),
        Some((state, None)) => Ok(PartnerState::of(&state)),
    }
}

/// How many photos somebody may see by these rules, and the bytes of their originals, with
/// the further files that go with those.
fn extent(conn: &Connection, rules: &PartnerRules) -> Result<(u64, u64), LibraryError> {
    const SEEN: &str = "via IS NULL AND shelf = 'timeline' AND trashed_at IS NULL
                        AND (?1 IS NULL OR sorted_at >= ?1)";
    let (count, originals): (u64, u64) = conn
        .prepare_cached(&format!(
            "SELECT count(*), coalesce(sum(bytes), 0) FROM asset WHERE {SEEN}"
        ))?
        .query_row([rules.since], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let further: u64 = conn
        .prepare_cached(&format!(
            "SELECT coalesce(sum(bytes), 0) FROM (
                 SELECT DISTINCT file.asset, file.hash, file.bytes
                   FROM original AS file JOIN asset ON asset.id = file.asset
                  WHERE file.part <> 'whole' AND (?2 OR file.part = 'live') AND {SEEN})"
        ))?
        .query_row((rules.since, rules.captions), |row| row.get(0))?;
    Ok((count, originals + further))
}

fn rules(row: &Row<'_>) -> rusqlite::Result<PartnerRules> {
    Ok(PartnerRules {
        since: row.get("since")?,
        captions: row.get("captions")?,
        albums: row.get("albums")?,
    })
}

/// By which rules the library is shown to somebody, as they and one's own machines are
/// told.
pub(crate) fn told_rules(
    conn: &Connection,
    person: PersonId,
) -> Result<Option<Vec<u8>>, LibraryError> {
    let found = conn
        .prepare_cached(
            "SELECT state, since, captions, albums, asked_at, decided_at,
                    coalesce(home, (SELECT device FROM library)) AS decides
               FROM partner WHERE person = ?1",
        )?
        .query_row([person], |row| {
            let rules = rules(row)?;
            let row = PartnerRow {
                state: PartnerState::of(&row.get::<_, String>("state")?).number(),
                since: rules.since,
                captions: rules.captions,
                albums: rules.albums,
                asked_at: row.get("asked_at")?,
                decided_at: row.get("decided_at")?,
                decides: row.get::<_, DeviceId>("decides")?.bytes().to_vec(),
                ..PartnerRow::default()
            };
            Ok((row, rules))
        })
        .optional()?;
    let Some((mut row, rules)) = found else {
        return Ok(None);
    };
    (row.count, row.bytes) = extent(conn, &rules)?;
    Ok(Some(row.encode_to_vec()))
}

/// A photo as a partner is told of it.
pub(crate) fn told_asset(
    conn: &Connection,
    person: PersonId,
    id: AssetId,
) -> Result<Option<Vec<u8>>, LibraryError> {
    if !sees(conn, person, id)? {
        return Ok(None);
    }
    let (captions, albums): (bool, bool) = conn
        .prepare_cached("SELECT captions, albums FROM partner WHERE person = ?1")?
        .query_row([person], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut row = shared_row(&find_any(conn, id)?);
    // Whose it is, is who tells.
    (row.home, row.contributor) = (None, None);
    if !captions {
        (row.title, row.description) = (None, None);
        row.tags.clear();
    }
    // A sidecar says what captions say.
    row.parts = told_parts(conn, id, captions)?;
    if albums {
        row.albums = conn
            .prepare_cached(
                "SELECT album.id FROM album_asset JOIN album ON album.id = album_asset.album
                  WHERE album_asset.asset = ?1 AND album.owner IS NULL ORDER BY album.id LIMIT 1000",
            )?
            .query_map([id], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
    }
    Ok(Some(row.encode_to_vec()))
}

/// Whether a partner may have these bytes of a photo that they see.
pub(crate) fn may_have(
    conn: &Connection,
    person: PersonId,
    id: AssetId,
    what: KeptWhat,
) -> Result<bool, LibraryError> {
    let KeptWhat::Part(hash) = what else {
        return Ok(true);
    };
    let captions: bool = conn
        .prepare_cached("SELECT captions FROM partner WHERE person = ?1")?
        .query_row([person], |row| row.get(0))?;
    let told = told_parts(conn, id, captions)?;
    Ok(told.iter().any(|part| part.hash == hash))
}

/// An album that has photos which a partner sees.
pub(crate) fn told_album(
    conn: &Connection,
    person: PersonId,
    id: AlbumId,
) -> Result<Option<Vec<u8>>, LibraryError> {
    let is_told = conn
        .prepare_cached(
            "SELECT 1 FROM partner_told_album WHERE space = ?1 AND album = ?2 AND NOT removed",
        )?
        .exists((Space::Partner(person).name(), id))?;
    if !is_told {
        return Ok(None);
    }
    let Some(mut row) = album_row(conn, id)? else {
        return Ok(None);
    };
    let captions: bool = conn
        .prepare_cached("SELECT captions FROM partner WHERE person = ?1")?
        .query_row([person], |row| row.get(0))?;
    (row.everyone, row.keeping) = (0, None);
    if !captions {
        row.description.clear();
    }
    let cover = row.cover.as_deref().and_then(|cover| cover.try_into().ok());
    if let Some(cover) = cover.map(AssetId::from_bytes)
        && !sees(conn, person, cover)?
    {
        row.cover = None;
    }
    Ok(Some(row.encode_to_vec()))
}

/// Tells a partner what is otherwise by new rules: all of it, or what comes and goes.
pub(super) fn tell_anew(
    write: &Write<'_>,
    person: PersonId,
    all: bool,
) -> Result<(), LibraryError> {
    let (conn, space) = (write.conn(), Space::Partner(person).name());
    conn.prepare_cached(
        "INSERT INTO fed SELECT space, 1, asset, removed FROM partner_told
          WHERE space = ?1
            AND (?2 OR removed OR NOT EXISTS (
                 SELECT 1 FROM feed WHERE feed.space = ?1 AND feed.kind = 1
                    AND feed.row = partner_told.asset AND feed.removed = 0))",
    )?
    .execute((&space, all))?;
    conn.prepare_cached(
        "INSERT INTO fed SELECT space, 2, row, 1 FROM feed
          WHERE space = ?1 AND kind = 2 AND removed = 0
            AND NOT EXISTS (SELECT 1 FROM partner_told_album
                             WHERE partner_told_album.space = ?1
                               AND partner_told_album.album = feed.row
                               AND NOT partner_told_album.removed)",
    )?
    .execute([&space])?;
    conn.prepare_cached(
        "INSERT INTO fed SELECT space, 2, album, 0 FROM partner_told_album
          WHERE space = ?1 AND NOT removed",
    )?
    .execute([&space])?;
    Ok(())
}

/// Ends a partnership here: from now on nothing more is told, and no bytes leave.
pub(super) fn close(
    write: &Write<'_>,
    person: PersonId,
    state: PartnerState,
) -> Result<(), LibraryError> {
    write
        .conn()
        .prepare_cached("UPDATE partner SET state = ?2, decided_at = ?3 WHERE person = ?1")?
        .execute((person, state.name(), write.now_ms))?;
    close_space(write, Space::Partner(person))?;
    write.announce(Change::Partners);
    Ok(())
}

impl Library {
    /// To whom the library is shown, those who see it first.
    pub fn partners(&self) -> Result<Vec<PartnerOffer>, LibraryError> {
        self.catalog.read(|conn| {
            let mut offers: Vec<PartnerOffer> = conn
                .prepare_cached(
                    "SELECT person.id, person.name, partner.state, partner.since, partner.captions,
                            partner.albums, partner.asked_at, partner.decided_at, partner.home,
                            (SELECT name FROM device WHERE device.id = partner.home)
                       FROM partner JOIN person ON person.id = partner.person
                      ORDER BY partner.state <> 'accepted', partner.state, person.name, person.id",
                )?
                .query_map([], |row| {
                    let home: Option<DeviceId> = row.get(8)?;
                    let name: Option<String> = row.get(9)?;
                    Ok(PartnerOffer {
                        person: row.get(0)?,
                        name: row.get(1)?,
                        state: PartnerState::of(&row.get::<_, String>(2)?),
                        rules: rules(row)?,
                        asked_at: row.get(6)?,
                        decided_at: row.get(7)?,
                        count: 0,
                        bytes: 0,
                        decided_on: home.map(|home| (home, name.unwrap_or_default())),
                        copies: Vec::new(),
                    })
                })?
                .collect::<Result<_, _>>()?;
            for offer in &mut offers {
                (offer.count, offer.bytes) = extent(conn, &offer.rules)?;
                offer.copies = conn
                    .prepare_cached(
                        "SELECT device.id, device.name, partner_copy.since, partner_copy.dropped_at
                           FROM partner_copy JOIN device ON device.id = partner_copy.device
                          WHERE partner_copy.person = ?1 ORDER BY device.name, device.id",
                    )?
                    .query_map([offer.person], |row| {
                        Ok(PartnerCopy {
                            device: row.get(0)?,
                            name: row.get(1)?,
                            since: row.get(2)?,
                            dropped_at: row.get(3)?,
                        })
                    })?
                    .collect::<Result<_, _>>()?;
            }
            Ok(offers)
        })
    }

    fn partner(&self, person: PersonId) -> Result<PartnerOffer, LibraryError> {
        let mut offers = self.partners()?;
        offers.retain(|offer| offer.person == person);
        offers.pop().ok_or_else(|| LibraryError::Unknown {
            noun: "partner",
            id: person.to_string(),
        })
    }

    /// Offers all of the library to somebody; they see it once they said yes.
    ///
    /// # Errors
    /// For somebody whose machine is not known, and to whom it is offered already.
    pub fn offer_library(
        &self,
        person: PersonId,
        rules: PartnerRules,
    ) -> Result<PartnerOffer, LibraryError> {
        self.catalog.write(move |write| {
            let conn = write.conn();
            let name: Option<String> = conn
                .prepare_cached(
                    "SELECT name FROM person
                      WHERE id = ?1 AND card IS NOT NULL AND id <> (SELECT person FROM library)",
                )?
                .query_row([person], |row| row.get(0))
                .optional()?;
            let Some(name) = name else {
                return Err(LibraryError::wrong(
                    "A library is shown to people whose machines are known; connect one of \
                     theirs first.",
                ));
            };
            let offered = conn
                .prepare_cached(
                    "INSERT INTO partner (person, state, since, captions, albums, asked_at)
                     VALUES (?1, 'asked', ?2, ?3, ?4, ?5)
                     ON CONFLICT (person) DO UPDATE SET home = NULL, state = 'asked',
                         since = excluded.since, captions = excluded.captions,
                         albums = excluded.albums, decided_at = NULL,
                         asked_at = max(excluded.asked_at, asked_at + 1)
                      WHERE state IN ('declined', 'ended')",
                )?
                .execute((
                    person,
                    rules.since,
                    rules.captions,
                    rules.albums,
                    write.now_ms,
                ))?;
            if offered == 0 {
                return Err(LibraryError::wrong(format!(
                    "Your library is offered to {} already; change its rules instead.",
                    called(&name)
                )));
            }
            conn.prepare_cached("DELETE FROM partner_copy WHERE person = ?1")?
                .execute([person])?;
            write.announce(Change::Partners);
            Ok(())
        })?;
        self.partner(person)
    }

    /// Changes the rules by which somebody sees the library; what they may not see any
    /// more is gone at their machines as soon as those are reached.
    pub fn edit_partner(
        &self,
        person: PersonId,
        edit: PartnerEdit,
    ) -> Result<PartnerOffer, LibraryError> {
        self.catalog.write(move |write| {
            let conn = write.conn();
            let state = check_here(conn, person)?;
            if matches!(state, PartnerState::Declined | PartnerState::Ended) {
                return Err(LibraryError::wrong(
                    "This person does not see your library; offer it anew.",
                ));
            }
            conn.prepare_cached(
                "UPDATE partner SET since = iif(?2, ?3, since), captions = coalesce(?4, captions),
                        albums = coalesce(?5, albums)
                  WHERE person = ?1",
            )?
            .execute((
                person,
                edit.since.is_some(),
                edit.since.flatten(),
                edit.captions,
                edit.albums,
            ))?;
            let all = edit.captions.is_some() || edit.albums.is_some();
            tell_anew(write, person, all)?;
            write.announce(Change::Partners);
            Ok(())
        })?;
        self.partner(person)
    }

    /// Shows somebody the library no more, or takes an offer back. Their machines are
    /// told, drop what they have of it, and confirm it; what was copied out of Albumen
    /// cannot be called back.
    pub fn end_partner(&self, person: PersonId) -> Result<PartnerOffer, LibraryError> {
        self.catalog.write(move |write| {
            check_here(write.conn(), person)?;
            close(write, person, PartnerState::Ended)
        })?;
        self.partner(person)
    }

    /// Puts away an offer that has ended, once each machine has confirmed it.
    ///
    /// # Errors
    /// While one has not, and for one that has not ended.
    pub fn forget_partner(&self, person: PersonId) -> Result<(), LibraryError> {
        let offer = self.partner(person)?;
        if matches!(offer.state, PartnerState::Asked | PartnerState::Accepted) {
            return Err(LibraryError::wrong(
                "This person sees your library, or is asked to; end that first.",
            ));
        }
        if let Some(copy) = offer.copies.iter().find(|copy| copy.dropped_at.is_none()) {
            return Err(LibraryError::wrong(format!(
                "{} has not confirmed yet that nothing of it is left. Put it away once it has, \
                 or remove that machine.",
                called(&copy.name)
            )));
        }
        self.catalog.write(move |write| {
            let conn = write.conn();
            check_here(conn, person)?;
            conn.prepare_cached("DELETE FROM partner WHERE person = ?1")?
                .execute([person])?;
            write.announce(Change::Partners);
            Ok(())
        })
    }

    /// Notes that all machines of a person who are known may be told of the library from
    /// now on.
    pub(crate) fn note_copies(&self, person: PersonId) -> Result<(), LibraryError> {
        let devices: Vec<DeviceId> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached("SELECT id FROM device WHERE person = ?1")?
                .query_map([person], |row| row.get(0))?
                .collect::<Result<_, _>>()?)
        })?;
        devices
            .into_iter()
            .try_for_each(|device| self.note_copy(person, device))
    }

    /// Notes that a machine is told of the library from now on.
    pub(crate) fn note_copy(&self, person: PersonId, device: DeviceId) -> Result<(), LibraryError> {
        let is_noted = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT 1 FROM partner_copy
                      WHERE person = ?1 AND device = ?2 AND dropped_at IS NULL",
                )?
                .exists((person, device))?)
        })?;
        if is_noted {
            return Ok(());
        }
        self.catalog.write(move |write| {
            write
                .conn()
                .prepare_cached(
                    "INSERT INTO partner_copy (person, device, since)
                     SELECT person, ?2, ?3 FROM partner WHERE person = ?1 AND state = 'accepted'
                     ON CONFLICT (person, device) DO UPDATE SET dropped_at = NULL",
                )?
                .execute((person, device, write.now_ms))?;
            write.announce(Change::Partners);
            Ok(())
        })
    }
}
