//! Albums shared with people of the household. An album has one home, its owner's
//! machine, which decides who is in it and takes what others ask; members' machines
//! hold a replica of it (`take`), put their own photos there by asking (`ask`), and
//! what may be asked by whom stands in `decide`.

mod album;
mod ask;
mod contribution;
mod decide;
mod hand;
mod join;
mod link;
mod lodge;
mod offered;
mod rule;
mod said;
mod save;
mod take;
mod tell;
mod told;

use rusqlite::{Connection, OptionalExtension, Row};

use crate::catalog::Write;
use crate::notice::{self, NoticeKind};
use crate::{AlbumId, Change, DeviceId, Library, LibraryError, PersonId};

use album::set_sharing;

pub use album::{Sharing, SharingEdit};
pub use join::AlbumOffer;
pub use link::{EditorLink, EditorTerms};

pub(crate) use ask::{
    TAKEN_BACK, add, answered, edit, remove, say, take_back, tell_anew, unsay, withdraw,
};
pub(crate) use contribution::{ASKED_FOR, is_adopted};
pub(crate) use decide::{Asker, decide, is_any_member};
pub(crate) use hand::reclaim_all;
pub(crate) use link::told_link;
pub(crate) use lodge::proceed;
pub(crate) use rule::ask_delete;
pub(crate) use take::{Effects, settle, take};
pub(crate) use tell::{may_have, told_asset, told_member, told_offer, told_said};
pub(crate) use told::{Known, Told, known, let_go, upsert};

/// What a member may do in an album.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Add own photos, take those away, and edit the album's words.
    Editor,
    /// See, and talk where that is allowed.
    Viewer,
}

/// Whether somebody who was asked into an album is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberState {
    /// Was asked, and has not answered.
    Asked,
    /// Is in it.
    Joined,
    /// Does not want to be.
    Declined,
}

/// Somebody with whom an album is shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub person: PersonId,
    /// Their name; may be empty.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether they are in it.
    pub state: MemberState,
    /// How many photos they put there.
    pub count: u64,
    /// When they were asked, milliseconds since 1970.
    pub asked_at: i64,
    /// Whether it is the library's own person.
    pub is_me: bool,
}

impl Role {
    /// As a word.
    pub fn name(self) -> &'static str {
        match self {
            Role::Editor => "editor",
            Role::Viewer => "viewer",
        }
    }

    /// By its word.
    pub fn of(name: &str) -> Option<Role> {
        [Role::Editor, Role::Viewer]
            .into_iter()
            .find(|role| role.name() == name)
    }

    /// As the number that is told.
    fn number(self) -> u32 {
        match self {
            Role::Editor => 1,
            Role::Viewer => 2,
        }
    }

    pub(crate) fn of_number(number: u32) -> Role {
        match number {
            1 => Role::Editor,
            _ => Role::Viewer,
        }
    }
}

impl MemberState {
    /// As a word.
    pub fn name(self) -> &'static str {
        match self {
            MemberState::Asked => "asked",
            MemberState::Joined => "joined",
            MemberState::Declined => "declined",
        }
    }

    fn of(name: &str) -> MemberState {
        match name {
            "joined" => MemberState::Joined,
            "declined" => MemberState::Declined,
            _ => MemberState::Asked,
        }
    }

    /// As the number that is told.
    fn number(self) -> u32 {
        match self {
            MemberState::Asked => 1,
            MemberState::Joined => 2,
            MemberState::Declined => 3,
        }
    }

    pub(crate) fn of_number(number: u32) -> MemberState {
        match number {
            2 => MemberState::Joined,
            3 => MemberState::Declined,
            _ => MemberState::Asked,
        }
    }
}

/// A role in a row.
fn role_of(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Role>> {
    Ok(row
        .get::<_, Option<String>>(column)?
        .and_then(|role| Role::of(&role)))
}

/// An album's home, where that is another machine.
pub(crate) fn home_of_others(
    conn: &Connection,
    album: AlbumId,
) -> Result<Option<DeviceId>, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT home FROM album WHERE id = ?1 AND owner IS NOT NULL")?
        .query_row([album], |row| row.get(0))
        .optional()?)
}

/// Whose the album of a row of `album` is that is not the library's person's: one that
/// lives elsewhere, or here for somebody else.
const OWNER_ELSE: &str = "iif(album.owns, NULL, coalesce(album.owner,
    (SELECT member.person FROM member WHERE member.album = album.id AND member.owns
        AND member.person <> (SELECT person FROM library))))";

/// Fails with a sentence when an album is another person's.
pub(crate) fn check_own(conn: &Connection, album: AlbumId) -> Result<(), LibraryError> {
    let owner: Option<String> = conn
        .prepare_cached(&format!(
            "SELECT person.name FROM album JOIN person ON person.id = {OWNER_ELSE}
              WHERE album.id = ?1"
        ))?
        .query_row([album], |row| row.get(0))
        .optional()?;
    match owner {
        None => crate::album::check_known(conn, album),
        Some(name) => Err(LibraryError::wrong(format!(
            "Only its owner may do that: the album is {}'s.",
            notice::called(&name)
        ))),
    }
}

/// Fails with a sentence when an album lives on another machine.
fn check_lives_here(conn: &Connection, album: AlbumId) -> Result<(), LibraryError> {
    crate::album::check_known(conn, album)?;
    match home_of_others(conn, album)? {
        None => Ok(()),
        Some(_) => Err(LibraryError::wrong(
            "This album lives on another machine; bring it back here first.",
        )),
    }
}

/// Whether anybody else is in an album of the library's own, or was asked to be.
pub(crate) fn is_shared(conn: &Connection, album: AlbumId) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT 1 FROM member JOIN album ON album.id = member.album
              WHERE member.album = ?1 AND album.owner IS NULL",
        )?
        .exists([album])?)
}

/// Whether somebody is in an album of the library's own, and as what.
fn role_in(
    conn: &Connection,
    album: AlbumId,
    person: PersonId,
) -> Result<Option<Role>, LibraryError> {
    let role: Option<String> = conn
        .prepare_cached(
            "SELECT member.role FROM member JOIN album ON album.id = member.album
              WHERE album = ?1 AND person = ?2 AND state = 'joined' AND owner IS NULL",
        )?
        .query_row((album, person), |row| row.get(0))
        .optional()?;
    Ok(role.and_then(|role| Role::of(&role)))
}

/// Asks somebody into an album.
fn invite(
    write: &Write<'_>,
    album: AlbumId,
    person: PersonId,
    role: Role,
) -> Result<(), LibraryError> {
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
            "Albums are shared with people whose machines are known; connect one of theirs first.",
        ));
    };
    let asked = conn
        .prepare_cached(
            "INSERT INTO member (album, person, role, state, asked_at) VALUES (?1, ?2, ?3, 'asked', ?4)
             ON CONFLICT (album, person) DO UPDATE SET role = excluded.role, state = 'asked',
                 asked_at = excluded.asked_at, decided_at = NULL
              WHERE state = 'declined'",
        )?
        .execute((album, person, role.name(), write.now_ms))?;
    match asked {
        0 => Err(LibraryError::wrong(format!(
            "{} is in this album already; change what they may do instead.",
            notice::called(&name)
        ))),
        _ => Ok(()),
    }
}

/// Asks somebody who has come to be known into the albums that are everyone's.
pub(crate) fn welcome(write: &Write<'_>, person: PersonId) -> Result<(), LibraryError> {
    write
        .conn()
        .prepare_cached(
            "INSERT INTO member (album, person, role, state, asked_at)
             SELECT id, ?1, everyone, 'asked', ?2 FROM album
              WHERE everyone IS NOT NULL AND owner IS NULL
             ON CONFLICT (album, person) DO NOTHING",
        )?
        .execute((person, write.now_ms))?;
    Ok(())
}

/// Changes what somebody in an album may do.
fn set_role(
    write: &Write<'_>,
    album: AlbumId,
    person: PersonId,
    role: Role,
) -> Result<(), LibraryError> {
    let changed = write
        .conn()
        .prepare_cached(
            "UPDATE member SET role = ?3
              WHERE album = ?1 AND person = ?2 AND NOT owns AND NOT lodging",
        )?
        .execute((album, person, role.name()))?;
    write.announce(Change::Album(album));
    known_member(changed, person)
}

fn known_member(found: usize, person: PersonId) -> Result<(), LibraryError> {
    match found {
        0 => Err(LibraryError::Unknown {
            noun: "member of this album",
            id: person.to_string(),
        }),
        _ => Ok(()),
    }
}

/// Takes somebody out of an album of the library's own; with what they put there, or
/// not.
fn part(
    write: &Write<'_>,
    album: AlbumId,
    person: PersonId,
    with_photos: bool,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    let was = conn
        .prepare_cached(
            "DELETE FROM member
              WHERE album = ?1 AND person = ?2 AND NOT owns AND NOT lodging",
        )?
        .execute((album, person))?;
    known_member(was, person)?;
    if with_photos {
        conn.prepare_cached("DELETE FROM album_asset WHERE album = ?1 AND person = ?2")?
            .execute((album, person))?;
    }
    write.announce(Change::Album(album));
    Ok(())
}

impl Library {
    /// Asks people into an album of one's own.
    ///
    /// # Errors
    /// For somebody whom this library does not know, or who is in it; then nobody is asked.
    pub fn share_album(
        &self,
        album: AlbumId,
        people: &[PersonId],
        role: Role,
    ) -> Result<Vec<Member>, LibraryError> {
        let people = people.to_vec();
        self.catalog.write(move |write| {
            check_own(write.conn(), album)?;
            for person in &people {
                invite(write, album, *person, role)?;
            }
            rule::ask_invite(write, album, &people, role)?;
            write.announce(Change::Album(album));
            Ok(())
        })?;
        self.members(album)
    }

    /// Changes what a member may do.
    pub fn set_role(
        &self,
        album: AlbumId,
        person: PersonId,
        role: Role,
    ) -> Result<Vec<Member>, LibraryError> {
        self.catalog.write(move |write| {
            check_own(write.conn(), album)?;
            set_role(write, album, person, role)?;
            rule::ask_role(write, album, person, role)
        })?;
        self.members(album)
    }

    /// Takes somebody out of an album of one's own; their photos stay in it unless
    /// `with_photos`.
    pub fn unshare_album(
        &self,
        album: AlbumId,
        person: PersonId,
        with_photos: bool,
    ) -> Result<Vec<Member>, LibraryError> {
        self.catalog.write(move |write| {
            check_own(write.conn(), album)?;
            part(write, album, person, with_photos)?;
            rule::ask_part(write, album, person, with_photos)
        })?;
        self.members(album)
    }

    /// With whom an album is shared, those who are in it first.
    pub fn members(&self, album: AlbumId) -> Result<Vec<Member>, LibraryError> {
        self.catalog.read(|conn| {
            crate::album::check_known(conn, album)?;
            Ok(conn
                .prepare_cached(
                    "SELECT person.id, person.name, member.role, member.state, member.asked_at,
                            (SELECT count(*) FROM album_asset
                              WHERE album_asset.album = member.album
                                AND album_asset.person = member.person) AS count,
                            person.id = library.person AS is_me
                       FROM member JOIN person ON person.id = member.person, library
                      WHERE member.album = ?1 AND NOT member.owns AND NOT member.lodging
                      ORDER BY member.state <> 'joined', member.state, person.name, person.id",
                )?
                .query_map([album], |row| {
                    Ok(Member {
                        person: row.get("id")?,
                        name: row.get("name")?,
                        role: role_of(row, "role")?.unwrap_or(Role::Viewer),
                        state: MemberState::of(&row.get::<_, String>("state")?),
                        count: row.get("count")?,
                        asked_at: row.get("asked_at")?,
                        is_me: row.get("is_me")?,
                    })
                })?
                .collect::<Result<_, _>>()?)
        })
    }
}

/// Notes what a member did, for the album's owner.
fn note(
    write: &Write<'_>,
    kind: NoticeKind,
    album: AlbumId,
    person: PersonId,
) -> Result<(), LibraryError> {
    notice::note(write, kind, album, person, None, "")
}
