//! Public links of an album that its editors make, where its owner lets them: each
//! lives at the album's home as all its links do, the owner sees and can end it, and
//! its editor is told its address.

use prost::Message;
use rusqlite::{Connection, OptionalExtension};

use super::decide::{Asker, must_edit};
use super::{home_of_others, rule};
use crate::asset::checked_text;
use crate::catalog::Write;
use crate::link::{Key, insert, key_text};
use crate::request::{album_id, enqueue};
use crate::secret::Secret;
use crate::wire::{EndLink, LinkRow, MakeLink, WishOf};
use crate::{
    AlbumId, Change, Download, Library, LibraryError, LinkId, LinkOf, NewLink, PersonId, Setting,
    UPLOAD_BYTES, UPLOAD_FILES, Uploads,
};

/// A link that one made of another's album.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditorLink {
    /// Its id.
    pub id: LinkId,
    /// For whom it is.
    pub label: String,
    /// The whole address; `None` until the album's home has made it.
    pub address: Option<String>,
    /// When it ends, milliseconds since 1970; never when `None`.
    pub expires_at: Option<i64>,
}

/// What an editor says of a link; passwords and uploads are the owner's to add.
#[derive(Clone, Debug)]
pub struct EditorTerms {
    /// For whom it is.
    pub label: String,
    /// When it ends, milliseconds since 1970; never when `None`.
    pub expires_at: Option<i64>,
    /// What visitors may download.
    pub download: Download,
    /// Show names, times, places and cameras.
    pub show_metadata: bool,
}

/// Makes a link for an editor.
pub(super) fn make(
    write: &Write<'_>,
    asker: Asker,
    secret: &Secret,
    wish: &MakeLink,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    let album = album_id(&wish.album)?;
    must_edit(conn, album, asker)?;
    let links: bool = conn
        .prepare_cached("SELECT linking FROM album WHERE id = ?1")?
        .query_row([album], |row| row.get(0))?;
    if !links && !rule::owns(conn, album, asker.person)? {
        return Err(LibraryError::wrong(
            "The album's owner keeps it to themselves to make public links of it.",
        ));
    }
    checked_text("label", 255, Some(&wish.label))?;
    let download = Download::from_name(&wish.download)
        .ok_or_else(|| LibraryError::wrong("The link is to allow what no link does."))?;
    let id = link_id(&wish.id)?;
    let is_taken = conn
        .prepare_cached("SELECT 1 FROM link WHERE id = ?1")?
        .exists([id])?;
    if is_taken {
        return Err(LibraryError::wrong("There is such a link already."));
    }
    let new = NewLink {
        of: LinkOf::Album(album),
        label: wish.label.clone(),
        description: String::new(),
        password: None,
        expires_at: wish.expires_at,
        download,
        show_metadata: wish.show_metadata,
        comments: false,
        name: None,
        guessable: false,
        upload: Uploads::None,
        auto_accept: false,
        upload_files: UPLOAD_FILES,
        upload_bytes: UPLOAD_BYTES,
        people: None,
    };
    let key = Key::random(secret, wish.label.clone())?;
    insert(write, id, &new, &key, None)?;
    conn.prepare_cached("UPDATE link SET person = ?2 WHERE id = ?1")?
        .execute((id, asker.person))?;
    Ok(())
}

/// Ends a link for the editor who made it.
pub(super) fn end(write: &Write<'_>, asker: Asker, wish: &EndLink) -> Result<(), LibraryError> {
    let (album, id) = (album_id(&wish.album)?, link_id(&wish.link)?);
    let is_owner = rule::owns(write.conn(), album, asker.person)?;
    let ended = write
        .conn()
        .prepare_cached(
            "UPDATE link SET revoked_at = coalesce(revoked_at, ?4), generation = generation + 1
              WHERE id = ?1 AND album = ?2 AND (?5 OR person = ?3)",
        )?
        .execute((id, album, asker.person, write.now_ms, is_owner))?;
    if ended == 0 {
        return Err(LibraryError::wrong(
            "Only who made a link and the album's owner may end it.",
        ));
    }
    write.announce(Change::Link(id));
    write.announce(Change::Album(album));
    Ok(())
}

/// A link as the editor who made it is told of it, and the album's owner; `whose` is that
/// editor's alone.
pub(crate) fn told_link(
    conn: &Connection,
    secret: &Secret,
    (album, id): (AlbumId, LinkId),
    whose: Option<PersonId>,
) -> Result<Option<Vec<u8>>, LibraryError> {
    let whose = match whose {
        Some(person) if rule::owns(conn, album, person)? => None,
        whose => whose,
    };
    let base: Option<String> = conn
        .prepare_cached("SELECT value FROM setting WHERE name = ?1")?
        .query_row([Setting::LinkBase.name()], |row| row.get(0))
        .optional()?;
    let link: Option<(Vec<u8>, String, Option<i64>, PersonId)> = conn
        .prepare_cached(
            "SELECT key_sealed, label, expires_at, person FROM link
              WHERE id = ?1 AND person = coalesce(?2, person) AND revoked_at IS NULL",
        )?
        .query_row((id, whose), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    Ok(link.and_then(|(sealed, label, expires_at, person)| {
        let key = key_text(secret, &sealed)?;
        let row = LinkRow {
            address: format!("{}/share/{key}", base.unwrap_or_default()),
            label,
            expires_at,
            person: whose.is_none().then(|| person.bytes().to_vec()),
        };
        Some(row.encode_to_vec())
    }))
}

/// Takes over what an album's home tells of a link that one made.
pub(super) fn take(
    write: &Write<'_>,
    album: AlbumId,
    id: LinkId,
    body: Option<&[u8]>,
) -> Result<bool, LibraryError> {
    let conn = write.conn();
    match body.map(LinkRow::read) {
        None => {
            conn.prepare_cached("DELETE FROM editor_link WHERE id = ?1 AND album = ?2")?
                .execute((id, album))?;
        }
        Some(Err(_)) => return Ok(false),
        Some(Ok(told)) => {
            conn.prepare_cached(
                "INSERT INTO editor_link (id, album, label, address, expires_at)
                 VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (id) DO UPDATE SET label = excluded.label,
                     address = excluded.address, expires_at = excluded.expires_at
                  WHERE editor_link.album = excluded.album",
            )?
            .execute((id, album, told.label, told.address, told.expires_at))?;
        }
    }
    Ok(true)
}

fn link_id(id: &[u8]) -> Result<LinkId, LibraryError> {
    id.try_into()
        .map(LinkId::from_bytes)
        .map_err(|_| LibraryError::wrong("A link is named that cannot be."))
}

impl Library {
    /// Asks for a public link of another's album.
    ///
    /// # Errors
    /// When its owner lets nobody else make links.
    pub fn ask_link(&self, album: AlbumId, terms: EditorTerms) -> Result<LinkId, LibraryError> {
        self.catalog.write(move |write| {
            let conn = write.conn();
            let Some(home) = home_of_others(conn, album)? else {
                return Err(LibraryError::wrong(
                    "This album is your own; make its links with `link create`.",
                ));
            };
            let may: bool = conn
                .prepare_cached("SELECT linking AND role = 'editor' FROM album WHERE id = ?1")?
                .query_row([album], |row| row.get(0))?;
            if !may {
                return Err(LibraryError::wrong(
                    "The album's owner keeps it to themselves to make public links of it.",
                ));
            }
            checked_text("label", 255, Some(&terms.label))?;
            let id = LinkId::new(write.now_ms);
            conn.prepare_cached(
                "INSERT INTO editor_link (id, album, label, expires_at) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute((id, album, &terms.label, terms.expires_at))?;
            let wish = WishOf::MakeLink(MakeLink {
                album: album.bytes().to_vec(),
                id: id.bytes().to_vec(),
                label: terms.label,
                expires_at: terms.expires_at,
                download: terms.download.name().to_owned(),
                show_metadata: terms.show_metadata,
            });
            enqueue(write, home, wish, "a public link made".to_owned())?;
            write.announce(Change::Album(album));
            Ok(id)
        })
    }

    /// Asks to end a link that one made of another's album.
    pub fn end_editor_link(&self, id: LinkId) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            let conn = write.conn();
            let album: Option<AlbumId> = conn
                .prepare_cached("DELETE FROM editor_link WHERE id = ?1 RETURNING album")?
                .query_row([id], |row| row.get(0))
                .optional()?;
            let Some(album) = album else {
                return Err(LibraryError::Unknown {
                    noun: "link",
                    id: id.to_string(),
                });
            };
            if let Some(home) = home_of_others(conn, album)? {
                let wish = WishOf::EndLink(EndLink {
                    album: album.bytes().to_vec(),
                    link: id.bytes().to_vec(),
                });
                enqueue(write, home, wish, "a public link ended".to_owned())?;
            }
            write.announce(Change::Album(album));
            Ok(())
        })
    }

    /// The links that one made of another's album, newest first.
    pub fn editor_links(&self, album: AlbumId) -> Result<Vec<EditorLink>, LibraryError> {
        self.catalog.read(|conn| {
            crate::album::check_known(conn, album)?;
            Ok(conn
                .prepare_cached(
                    "SELECT id, label, address, expires_at FROM editor_link
                      WHERE album = ?1 ORDER BY id DESC",
                )?
                .query_map([album], |row| {
                    Ok(EditorLink {
                        id: row.get(0)?,
                        label: row.get(1)?,
                        address: row.get(2)?,
                        expires_at: row.get(3)?,
                    })
                })?
                .collect::<Result<_, _>>()?)
        })
    }
}
