//! Albums that others share with the library's person: accepted or not, and left.

use rusqlite::OptionalExtension;

use super::offered::drop_album;
use super::{MemberState, Role, home_of_others, role_of};
use crate::feed::Space;
use crate::request::enqueue;
use crate::wire::{AnswerOffer, LeaveAlbum, WishOf};
use crate::{AlbumId, Change, DeviceId, Library, LibraryError, PersonId, RequestId, hosting};

/// An album that somebody shares with the library's person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlbumOffer {
    /// The album.
    pub album: AlbumId,
    /// The machine it lives on.
    pub home: DeviceId,
    /// Whose it is.
    pub owner: PersonId,
    /// Their name; may be empty.
    pub owner_name: String,
    /// Its title.
    pub title: String,
    /// What one may do in it.
    pub role: Role,
    /// Whether one is in it.
    pub state: MemberState,
    /// How many photos are in it.
    pub count: u64,
    /// When it was offered, milliseconds since 1970.
    pub asked_at: i64,
    /// Whether its owner hands it over to the library's person.
    pub heir: bool,
}

impl Library {
    /// Albums that others share with the library's person, those without an answer
    /// first, newest first.
    pub fn offers(&self) -> Result<Vec<AlbumOffer>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT offer.album, offer.home, person.id, person.name, offer.title,
                            offer.role AS role, offer.state, offer.count, offer.asked_at, offer.heir
                       FROM offer JOIN device ON device.id = offer.home
                            JOIN person ON person.id = coalesce(offer.owner, device.person)
                      WHERE NOT offer.owns AND offer.lodge = 0
                      ORDER BY offer.state <> 'asked', offer.asked_at DESC, offer.album",
                )?
                .query_map([], |row| {
                    Ok(AlbumOffer {
                        album: row.get(0)?,
                        home: row.get(1)?,
                        owner: row.get(2)?,
                        owner_name: row.get(3)?,
                        title: row.get(4)?,
                        role: role_of(row, "role")?.unwrap_or(Role::Viewer),
                        state: MemberState::of(&row.get::<_, String>(6)?),
                        count: row.get(7)?,
                        asked_at: row.get(8)?,
                        heir: row.get(9)?,
                    })
                })?
                .collect::<Result<_, _>>()?)
        })
    }

    /// Accepts an album that is offered, or does not; its home hears of it.
    pub fn answer_offer(&self, album: AlbumId, accept: bool) -> Result<RequestId, LibraryError> {
        self.catalog.write(move |write| {
            let conn = write.conn();
            let offer: Option<(DeviceId, String)> = conn
                .prepare_cached("SELECT home, title FROM offer WHERE album = ?1")?
                .query_row([album], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let Some((home, title)) = offer else {
                return Err(LibraryError::Unknown {
                    noun: "album that is offered",
                    id: album.to_string(),
                });
            };
            let (state, way) = match accept {
                true => (MemberState::Joined, "accepted"),
                false => (MemberState::Declined, "declined"),
            };
            conn.prepare_cached("UPDATE offer SET state = ?2 WHERE album = ?1")?
                .execute((album, state.name()))?;
            let wish = WishOf::AnswerOffer(AnswerOffer {
                album: album.bytes().to_vec(),
                accept,
            });
            let id = enqueue(write, home, wish, format!("the album «{title}» {way}"))?;
            write.announce(Change::Album(album));
            Ok(id)
        })
    }

    /// Leaves another's album, with one's own photos or without; what came by it is gone
    /// here at once.
    pub fn leave_album(&self, album: AlbumId, take: bool) -> Result<RequestId, LibraryError> {
        let (id, gone) = self.catalog.write(move |write| {
            let conn = write.conn();
            let Some(home) = home_of_others(conn, album)? else {
                crate::album::check_known(conn, album)?;
                return Err(LibraryError::wrong(
                    "This album is your own; delete it, or take people out of it.",
                ));
            };
            let title: String = conn
                .prepare_cached("SELECT title FROM album WHERE id = ?1")?
                .query_row([album], |row| row.get(0))?;
            let wish = WishOf::LeaveAlbum(LeaveAlbum {
                album: album.bytes().to_vec(),
                take,
            });
            let id = enqueue(write, home, wish, format!("the album «{title}» left"))?;
            Ok((id, drop_album(write, album)?))
        })?;
        self.drop_kept(&gone)?;
        Ok(id)
    }

    /// What to follow of a machine: of one's own the library, of another person's what is
    /// shared with the library's person, albums both are in, and the whole library where it
    /// is shown.
    pub fn spaces_of(&self, device: DeviceId) -> Result<Vec<Space>, LibraryError> {
        self.catalog.read(|conn| {
            let (me, is_own): (PersonId, bool) = conn
                .prepare_cached(
                    "SELECT library.person, device.person = library.person FROM device, library
                      WHERE device.id = ?1",
                )?
                .query_row([device], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?
                .ok_or(LibraryError::NotShared)?;
            let mut spaces = match is_own {
                true => vec![Space::Cards, Space::Library, Space::Shared(me)],
                false => vec![Space::Cards, Space::Shared(me)],
            };
            // Of its home all of an album; of others who may add to it, what waits.
            let albums: Vec<AlbumId> = conn
                .prepare_cached(
                    "SELECT album FROM offer WHERE home = ?1 AND state = 'joined'
                     UNION
                     SELECT member.album FROM member
                       JOIN device ON device.person = member.person AND device.id = ?1
                       JOIN album ON album.id = member.album
                      WHERE member.state = 'joined' AND member.role = 'editor'
                        AND album.owner IS NOT NULL AND album.home <> ?1 AND NOT ?2",
                )?
                .query_map((device, is_own), |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            spaces.extend(albums.into_iter().map(Space::Album));
            let is_partner = conn
                .prepare_cached(
                    "SELECT 1 FROM partner_library
                      WHERE home = ?1 AND consent AND NOT dropping AND NOT ?2
                        AND state IN ('asked', 'accepted')",
                )?
                .exists((device, is_own))?;
            spaces.extend(is_partner.then_some(Space::Partner(me)));
            spaces.extend(hosting::hosts(conn, device)?.then_some(Space::Links));
            Ok(spaces)
        })
    }
}
