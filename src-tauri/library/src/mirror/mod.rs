//! What a home shows to others, handed on while it is away. A machine that serves a
//! home's links is its mirror, too: it follows what each person is shown there (`take`),
//! keeps those rows as they came, with the home's own revisions, and passes them on to
//! the machines of that person alone (`give`). A cursor is good at the home and at its
//! mirrors, so what was told by one goes on at the other. Which machines may speak for a
//! home, that home says itself (`heard`). Nothing is decided here, and nothing of it is
//! seen by the mirror's own person.
//!
//! The same for the machines of one person: a mirror that is one of them hands the whole
//! library on to the others. What it sees of that itself is its replica, which knows
//! neither revisions nor what is gone, so the rows are kept here besides. Which copies are
//! kept of it has nothing to do with these.

mod give;
mod heard;
mod take;

use rusqlite::{Connection, OptionalExtension};

use crate::feed::Space;
use crate::partner::PartnerState;
use crate::share::{MemberState, Role};
use crate::wire::{AssetRow, MemberRow, OfferRow, PartnerRow, RowKind};
use crate::{AlbumId, AssetId, DeviceId, LibraryError, PersonId, hosting, peer};

pub(crate) use take::{drop_home, lacking};

/// What is to be followed of a home for others: the library where there is a third machine
/// of its person; and what each person who is known here is shown there, and of that the
/// albums and the library they see.
fn spaces(conn: &Connection, home: DeviceId) -> Result<Vec<Space>, LibraryError> {
    if !hosting::hosts(conn, home)? {
        return Ok(Vec::new());
    }
    let people: Vec<PersonId> = conn
        .prepare_cached(
            "SELECT id FROM person WHERE card IS NOT NULL
                AND id <> (SELECT person FROM device WHERE id = ?1) ORDER BY id",
        )?
        .query_map([home], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut spaces = Vec::new();
    if peer::is_own(conn, home)? && has_third(conn, home)? {
        spaces.push(Space::Library);
    }
    for person in people {
        let shared = Space::Shared(person);
        spaces.push(shared);
        let told = conn
            .prepare_cached(
                "SELECT kind, row FROM mirrored
                  WHERE home = ?1 AND space = ?2 AND body IS NOT NULL ORDER BY kind, row",
            )?
            .query_map((home, shared.name()), |row| {
                Ok((row.get::<_, u32>(0)?, row.get::<_, Vec<u8>>(1)?))
            })?
            .collect::<Result<Vec<_>, _>>()?;
        for (kind, row) in told {
            let album = row.first_chunk().copied().map(AlbumId::from_bytes);
            let space = match (RowKind::of(kind), album) {
                (Some(RowKind::Offer), Some(album)) => Space::Album(album),
                (Some(RowKind::Partner), _) => Space::Partner(person),
                _ => continue,
            };
            if !spaces.contains(&space) && sees(conn, home, person, space)? {
                spaces.push(space);
            }
        }
    }
    Ok(spaces)
}

/// Whether the library's person has a machine besides this one and another.
fn has_third(conn: &Connection, other: DeviceId) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT 1 FROM device JOIN library ON library.person = device.person
              WHERE device.key IS NOT NULL AND device.id NOT IN (library.device, ?1)",
        )?
        .exists([other])?)
}

/// Whether a home shows this to somebody, as it told last.
fn sees(
    conn: &Connection,
    home: DeviceId,
    person: PersonId,
    space: Space,
) -> Result<bool, LibraryError> {
    let shared = Space::Shared(person);
    Ok(match space {
        // To the library's own person, whose both machines are.
        Space::Library => conn
            .prepare_cached(
                "SELECT 1 FROM library JOIN device ON device.person = library.person
                  WHERE device.id = ?1 AND library.person = ?2",
            )?
            .exists((home, person))?,
        Space::Shared(whom) => whom == person,
        Space::Album(album) => told(conn, home, shared, RowKind::Offer, &album.bytes())?
            .and_then(|body| OfferRow::read(&body).ok())
            .is_some_and(|offer| {
                !offer.moved && MemberState::of_number(offer.state) == MemberState::Joined
            }),
        Space::Partner(whom) if whom == person => {
            told(conn, home, shared, RowKind::Partner, &person.bytes())?
                .and_then(|body| PartnerRow::read(&body).ok())
                .is_some_and(|row| PartnerState::of_number(row.state) == PartnerState::Accepted)
        }
        _ => false,
    })
}

/// Whether somebody may change an album of a home, as that told last.
pub(crate) fn is_editor(
    conn: &Connection,
    home: DeviceId,
    album: AlbumId,
    person: PersonId,
) -> Result<bool, LibraryError> {
    let space = Space::Album(album);
    let member = told(conn, home, space, RowKind::Member, &person.bytes())?;
    Ok(member
        .and_then(|body| MemberRow::read(&body).ok())
        .is_some_and(|member| {
            Role::of_number(member.role) == Role::Editor
                && MemberState::of_number(member.state) == MemberState::Joined
        }))
}

/// What a home told of a row, where it stands.
fn told(
    conn: &Connection,
    home: DeviceId,
    space: Space,
    kind: RowKind,
    row: &[u8],
) -> Result<Option<Vec<u8>>, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT body FROM mirrored
              WHERE home = ?1 AND space = ?2 AND kind = ?3 AND row = ?4",
        )?
        .query_row((home, space.name(), kind as u32, row), |row| row.get(0))
        .optional()?
        .flatten())
}

/// What a home told of a photo that is handed on here.
pub(crate) fn photo(
    conn: &Connection,
    home: DeviceId,
    id: AssetId,
) -> Result<Option<AssetRow>, LibraryError> {
    let body: Option<Vec<u8>> = conn
        .prepare_cached(
            "SELECT body FROM mirrored INDEXED BY mirrored_photo
              WHERE home = ?1 AND row = ?2 AND kind = 1 AND body IS NOT NULL LIMIT 1",
        )?
        .query_row((home, id), |row| row.get(0))
        .optional()?;
    Ok(body.and_then(|body| AssetRow::read(&body).ok()))
}
