//! What the owner decides of an album that lives on a server: done at once here, so that
//! it is seen, and asked of the machine that the album lives on, which decides for all.

use rusqlite::Connection;

use super::decide::Asker;
use super::offered::drop_album;
use super::take::take_again;
use super::{Role, home_of_others, invite, part, set_role, set_sharing};
use crate::catalog::Write;
use crate::feed::Space;
use crate::request::{album_id, enqueue};
use crate::wire::{DeleteAlbum, EditSharing, Invite, Part, SetRole, WishOf};
use crate::{AlbumId, AssetId, Change, DeviceId, LibraryError, PersonId, SharingEdit, album};

/// Whether an album that lives here is this person's, who is not the library's.
pub(super) fn owns(
    conn: &Connection,
    album: AlbumId,
    person: PersonId,
) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT 1 FROM member JOIN album ON album.id = member.album
              WHERE member.album = ?1 AND member.person = ?2 AND member.owns
                AND album.owner IS NULL",
        )?
        .exists((album, person))?)
}

fn must_own(conn: &Connection, album: &[u8], asker: Asker) -> Result<AlbumId, LibraryError> {
    let album = album_id(album)?;
    match owns(conn, album, asker.person)? {
        true => Ok(album),
        false => Err(LibraryError::wrong(
            "Only its owner may do that: the album is not yours, or lives elsewhere now.",
        )),
    }
}

fn person_id(id: &[u8]) -> Result<PersonId, LibraryError> {
    id.try_into()
        .map(PersonId::from_bytes)
        .map_err(|_| LibraryError::wrong("Somebody is named who cannot be."))
}

/// What is asked of the home of an album of one's own, where that is not this machine.
fn ask(
    write: &Write<'_>,
    album: AlbumId,
    told: &str,
    wish: impl FnOnce(Vec<u8>) -> WishOf,
) -> Result<(), LibraryError> {
    match home_of_others(write.conn(), album)? {
        Some(home) => {
            let wish = wish(album.bytes().to_vec());
            enqueue(write, home, wish, told.to_owned()).map(|_| ())
        }
        None => Ok(()),
    }
}

/// Asks that people be asked in.
pub(super) fn ask_invite(
    write: &Write<'_>,
    album: AlbumId,
    people: &[PersonId],
    role: Role,
) -> Result<(), LibraryError> {
    ask(write, album, "people asked into an album", |album| {
        WishOf::Invite(Invite {
            album,
            people: people.iter().map(|id| id.bytes().to_vec()).collect(),
            role: role.number(),
        })
    })
}

/// Asks that somebody may do otherwise.
pub(super) fn ask_role(
    write: &Write<'_>,
    album: AlbumId,
    person: PersonId,
    role: Role,
) -> Result<(), LibraryError> {
    ask(write, album, "what somebody may do in an album", |album| {
        WishOf::SetRole(SetRole {
            album,
            person: person.bytes().to_vec(),
            role: role.number(),
        })
    })
}

/// Asks that somebody be taken out.
pub(super) fn ask_part(
    write: &Write<'_>,
    album: AlbumId,
    person: PersonId,
    take: bool,
) -> Result<(), LibraryError> {
    ask(write, album, "somebody taken out of an album", |album| {
        WishOf::Part(Part {
            album,
            person: person.bytes().to_vec(),
            take,
        })
    })
}

/// Asks that it be shared otherwise.
pub(super) fn ask_sharing(
    write: &Write<'_>,
    album: AlbumId,
    edit: &SharingEdit,
) -> Result<(), LibraryError> {
    ask(write, album, "how an album is shared", |album| {
        WishOf::EditSharing(EditSharing {
            album,
            everyone: edit.everyone.map(|role| role.map_or(0, Role::number)),
            originals: edit.originals,
            linking: edit.linking,
            talking: edit.talking,
            keeping: edit.keeping,
        })
    })
}

/// Asks that an album of one's own be deleted that lives elsewhere; here it is gone at
/// once. Answers with the photos that are.
pub(crate) fn ask_delete(
    write: &Write<'_>,
    home: DeviceId,
    album: AlbumId,
) -> Result<Vec<(DeviceId, AssetId)>, LibraryError> {
    let title: String = write
        .conn()
        .prepare_cached("SELECT title FROM album WHERE id = ?1")?
        .query_row([album], |row| row.get(0))?;
    let wish = WishOf::DeleteAlbum(DeleteAlbum {
        album: album.bytes().to_vec(),
    });
    enqueue(write, home, wish, format!("the album «{title}» deleted"))?;
    drop_album(write, album)
}

/// Does at the album's home what its owner asks.
pub(super) fn decide(write: &Write<'_>, asker: Asker, wish: &WishOf) -> Result<(), LibraryError> {
    let conn = write.conn();
    let role = |number: u32| match number {
        1 => Ok(Role::Editor),
        2 => Ok(Role::Viewer),
        _ => Err(LibraryError::wrong("A role is named that there is not.")),
    };
    let album = match wish {
        WishOf::Invite(wish) => {
            let album = must_own(conn, &wish.album, asker)?;
            for person in &wish.people {
                invite(write, album, person_id(person)?, role(wish.role)?)?;
            }
            album
        }
        WishOf::SetRole(wish) => {
            let album = must_own(conn, &wish.album, asker)?;
            set_role(write, album, person_id(&wish.person)?, role(wish.role)?)?;
            album
        }
        WishOf::Part(wish) => {
            let album = must_own(conn, &wish.album, asker)?;
            part(write, album, person_id(&wish.person)?, wish.take)?;
            album
        }
        WishOf::EditSharing(wish) => {
            let album = must_own(conn, &wish.album, asker)?;
            let everyone = match wish.everyone {
                None => None,
                Some(0) => Some(None),
                Some(number) => Some(Some(role(number)?)),
            };
            let edit = SharingEdit {
                everyone,
                originals: wish.originals,
                linking: wish.linking,
                talking: wish.talking,
                keeping: wish.keeping,
                ..SharingEdit::default()
            };
            set_sharing(write, album, &edit)?;
            album
        }
        WishOf::DeleteAlbum(wish) => {
            let album = must_own(conn, &wish.album, asker)?;
            return album::delete_rows(write, album);
        }
        _ => {
            return Err(LibraryError::wrong(
                "That is not for an album's owner to ask.",
            ));
        }
    };
    write.announce(Change::Album(album));
    Ok(())
}

/// Shows an album as its home told of it last, for that did not do what was asked.
pub(super) fn refused(
    write: &Write<'_>,
    home: DeviceId,
    album: AlbumId,
) -> Result<(), LibraryError> {
    write
        .conn()
        .prepare_cached(
            "DELETE FROM member WHERE album = ?1 AND NOT EXISTS (SELECT 1 FROM replica
                WHERE home = ?2 AND space = ?3 AND kind = 5 AND row = member.person)",
        )?
        .execute((album, home, Space::Album(album).name()))?;
    take_again(write, home, album, "1")
}
