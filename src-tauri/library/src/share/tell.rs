//! What an album's home tells its members, row by row; and what a member's machine
//! tells the others while that is away.

use prost::Message;
use rusqlite::{Connection, OptionalExtension};

use super::{MemberState, Role, role_of};
use crate::asset::find_any;
use crate::feed::shared_row;
use crate::kept::KeptWhat;
use crate::original::cut;
use crate::shelf::AT_HAND;
use crate::wire::{MemberRow, OfferRow, SaidRow};
use crate::{ActivityId, AlbumId, AssetId, DeviceId, LibraryError, PersonId};

/// A photo of an album; of another's album only one's own that waits for its home.
pub(crate) fn told_asset(
    conn: &Connection,
    album: AlbumId,
    id: AssetId,
) -> Result<Option<Vec<u8>>, LibraryError> {
    let placed: Option<(Option<PersonId>, i64)> = conn
        .prepare_cached(&format!(
            "SELECT album_asset.person, album_asset.added_at
               FROM album_asset JOIN album ON album.id = album_asset.album
                    JOIN asset ON asset.id = album_asset.asset
              WHERE album_asset.album = ?1 AND album_asset.asset = ?2 AND {AT_HAND}
                AND (album.owner IS NULL OR album_asset.waits = 1 AND asset.via IS NULL)"
        ))?
        .query_row((album, id), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((person, added_at)) = placed else {
        return Ok(None);
    };
    let mut row = shared_row(&find_any(conn, id)?);
    row.person = person.map(|person| person.bytes().to_vec());
    row.added_at = added_at;
    Ok(Some(row.encode_to_vec()))
}

/// Somebody in an album.
pub(crate) fn told_member(
    conn: &Connection,
    album: AlbumId,
    person: PersonId,
) -> Result<Option<Vec<u8>>, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT person.name, member.role, member.state, member.asked_at
               FROM member JOIN person ON person.id = member.person
                    JOIN album ON album.id = member.album
              WHERE member.album = ?1 AND member.person = ?2 AND album.owner IS NULL
                AND NOT member.owns AND NOT member.lodging",
        )?
        .query_row((album, person), |row| {
            Ok(MemberRow {
                name: cut(&row.get::<_, String>(0)?, 255).to_owned(),
                role: role_of(row, "role")?.map_or(2, Role::number),
                state: MemberState::of(&row.get::<_, String>(2)?).number(),
                asked_at: row.get(3)?,
            })
        })
        .optional()?
        .map(|row| row.encode_to_vec()))
}

/// A comment or a like.
pub(crate) fn told_said(
    conn: &Connection,
    id: ActivityId,
) -> Result<Option<Vec<u8>>, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT activity.asset, iif(activity.kind = 'comment', activity.text, NULL),
                    activity.person, coalesce(person.name, activity.name), activity.made_at,
                    activity.edited_at
               FROM activity LEFT JOIN person ON person.id = activity.person
                    JOIN album ON album.id = activity.album
              WHERE activity.id = ?1 AND album.owner IS NULL",
        )?
        .query_row([id], |row| {
            Ok(SaidRow {
                asset: row.get(0)?,
                text: row.get(1)?,
                person: row.get(2)?,
                name: cut(&row.get::<_, String>(3)?, 255).to_owned(),
                made_at: row.get(4)?,
                edited_at: row.get(5)?,
                mark: None,
            })
        })
        .optional()?
        .map(|row| row.encode_to_vec()))
}

/// An album as whom it is shared with is told of it.
pub(crate) fn told_offer(
    conn: &Connection,
    person: PersonId,
    album: AlbumId,
) -> Result<Option<Vec<u8>>, LibraryError> {
    Ok(conn
        .prepare_cached(&format!(
            "SELECT album.title, member.role, member.state, member.asked_at,
                    member.person IS album.heir AND album.bound_for IS NULL,
                    (SELECT count(*) FROM album_asset JOIN asset ON asset.id = album_asset.asset
                      WHERE album_asset.album = album.id AND {AT_HAND}),
                    member.owns, iif(member.person IS album.heir, album.bound_for, NULL),
                    member.lodging, owner.person, person.name, album.moves
               FROM member JOIN album ON album.id = member.album
                    LEFT JOIN member AS owner ON owner.album = album.id AND owner.owns
                    LEFT JOIN person ON person.id = owner.person
              WHERE member.album = ?1 AND member.person = ?2 AND album.owner IS NULL"
        ))?
        .query_row((album, person), |row| {
            Ok(OfferRow {
                title: row.get(0)?,
                role: role_of(row, "role")?.map_or(2, Role::number),
                state: MemberState::of(&row.get::<_, String>(2)?).number(),
                asked_at: row.get(3)?,
                heir: row.get(4)?,
                count: row.get(5)?,
                moved: false,
                owns: row.get(6)?,
                lodge: row.get(7)?,
                passing: row.get(8)?,
                owner: row.get(9)?,
                owner_name: cut(&row.get::<_, Option<String>>(10)?.unwrap_or_default(), 255)
                    .to_owned(),
                home: None,
                moves: row.get(11)?,
            })
        })
        .optional()?
        .or(moved(conn, album)?)
        .map(|row| row.encode_to_vec()))
}

/// What is told of an album that lived here, and was handed over.
fn moved(conn: &Connection, album: AlbumId) -> Result<Option<OfferRow>, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT title, home FROM album WHERE id = ?1 AND owner IS NOT NULL
              UNION ALL SELECT title, home FROM moved WHERE album = ?1 LIMIT 1",
        )?
        .query_row([album], |row| {
            Ok(OfferRow {
                title: row.get(0)?,
                home: row.get(1)?,
                role: 2,
                state: 2,
                moved: true,
                ..OfferRow::default()
            })
        })
        .optional()?)
}

/// Whether somebody else's machine may have bytes of a photo: in one of the library's
/// own albums its members, viewers originals as the album says; of one's own photos that
/// were put into another's album here that album's home and who may speak for it (after it was handed over also what others put there),
/// and while they wait for it its members pictures.
pub(crate) fn may_have(
    conn: &Connection,
    (person, device): (PersonId, DeviceId),
    asset: AssetId,
    what: KeptWhat,
) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached(&format!(
            "SELECT 1 FROM album_asset
               JOIN album ON album.id = album_asset.album
               JOIN asset ON asset.id = album_asset.asset
               LEFT JOIN member ON member.album = album.id AND member.person = ?2
                    AND member.state = 'joined'
              WHERE album_asset.asset = ?1 AND {AT_HAND}
                AND CASE WHEN album.owner IS NULL
                    THEN member.person IS NOT NULL
                         AND (NOT ?4 OR member.role = 'editor' OR album.originals)
                    ELSE album_asset.given AND (album.home = ?3 OR EXISTS (
                             SELECT 1 FROM mirror
                              WHERE mirror.home = album.home AND mirror.device = ?3))
                         OR asset.via IS NULL AND album_asset.given AND NOT ?4
                            AND member.person IS NOT NULL AND album_asset.waits > 0
                    END"
        ))?
        .exists((asset, person, device, what == KeptWhat::Original))?)
}
