//! What an owner changes of a link. Whoever has it open is asked again within a
//! second.

use rusqlite::Connection;

use super::{Download, Link, LinkEdit, make, unknown};
use crate::asset::checked_text;
use crate::catalog::Write;
use crate::lock::SEEN;
use crate::undo::photos;
use crate::{AlbumId, AssetId, Change, Library, LibraryError, LinkId, Shift, Uploads, hex};
use crate::{seat, unlock};

impl Library {
    /// Edits a link. Whoever has it open is asked again within a second.
    pub fn edit_link(&self, id: LinkId, edit: LinkEdit) -> Result<Link, LibraryError> {
        checked_text("label", 255, edit.label.as_deref())?;
        checked_text("description", 16 * 1024, edit.description.as_deref())?;
        seat::check_people(edit.people.flatten())?;
        let password = match edit.password.as_deref() {
            None => None,
            Some("") => Some(None),
            Some(password) => Some(Some(unlock::hash(password)?)),
        };
        let name = match &edit.name {
            Some(Some(name)) => Some(Some(make::checked_name(name)?)),
            Some(None) => Some(None),
            None => None,
        };
        self.change_link(id, move |write| {
            let conn = write.conn();
            check_alive(conn, id)?;
            if let Some(name) = name {
                if let Some(name) = &name {
                    make::check_free(conn, name, id)?;
                }
                conn.execute("UPDATE link SET name = ?2 WHERE id = ?1", (id, name))?;
            }
            if let Some(password_hash) = password {
                conn.execute(
                    "UPDATE link SET password_hash = ?2, password_version = password_version + 1,
                            guessed_at = NULL
                      WHERE id = ?1",
                    (id, password_hash),
                )?;
            }
            if let Some(expires_at) = edit.expires_at {
                conn.execute(
                    "UPDATE link SET expires_at = ?2 WHERE id = ?1",
                    (id, expires_at),
                )?;
            }
            if let Some(people) = edit.people {
                conn.execute("UPDATE link SET people = ?2 WHERE id = ?1", (id, people))?;
            }
            conn.execute(
                "UPDATE link SET label = coalesce(?2, label),
                        description = coalesce(?3, description),
                        download = coalesce(?4, download),
                        show_metadata = coalesce(?5, show_metadata),
                        guessable = coalesce(?6, guessable),
                        paused = coalesce(?7, paused),
                        upload = coalesce(?8, upload),
                        auto_accept = coalesce(?9, auto_accept),
                        upload_files = coalesce(?10, upload_files),
                        upload_bytes = coalesce(?11, upload_bytes),
                        comments = coalesce(?12, comments)
                  WHERE id = ?1",
                (
                    id,
                    edit.label,
                    edit.description,
                    edit.download.map(Download::name),
                    edit.show_metadata,
                    edit.guessable,
                    edit.paused,
                    edit.upload.map(Uploads::name),
                    edit.auto_accept,
                    edit.upload_files,
                    edit.upload_bytes,
                    edit.comments,
                ),
            )?;
            let (named, has_password, guessable) = conn.query_row(
                "SELECT name IS NOT NULL, password_hash IS NOT NULL, guessable FROM link
                  WHERE id = ?1",
                [id],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )?;
            make::check_guess(named, has_password, guessable)
        })?;
        self.link(id)
    }

    /// Gives a link a new key: its old address opens nothing any more, and who had a
    /// seat takes one anew at the new one.
    pub fn renew_link(&self, id: LinkId) -> Result<Link, LibraryError> {
        let key: [u8; 32] = rand::random();
        let (key_hash, key_sealed) = (self.secret.lookup(&key), self.secret.seal(&key)?);
        self.change_link(id, move |write| {
            let conn = write.conn();
            check_alive(conn, id)?;
            conn.execute(
                "UPDATE link SET key_hash = ?2, key_sealed = ?3, guessed_at = NULL WHERE id = ?1",
                (id, key_hash, key_sealed),
            )?;
            seat::free(conn, id)
        })?;
        self.link(id)
    }

    /// Frees all seats of a link that is for so many people: whoever had one must take
    /// another.
    pub fn free_seats(&self, id: LinkId) -> Result<Link, LibraryError> {
        self.change_link(id, move |write| {
            check_alive(write.conn(), id)?;
            seat::free(write.conn(), id)
        })?;
        self.link(id)
    }

    /// Adds assets at the end of what a link of chosen photos shows; can be undone.
    ///
    /// # Errors
    /// When it follows an album, or was ended.
    pub fn add_to_link(&self, id: LinkId, assets: Vec<AssetId>) -> Result<Shift, LibraryError> {
        self.change_link(id, move |write| {
            record_choice(write, id, &assets, "added to")?;
            let shift = make::show(write.conn(), id, &assets)?;
            rise_when_undone(write, id, &shift)?;
            Ok(shift)
        })
    }

    /// Takes assets out of what a link of chosen photos shows; can be undone.
    ///
    /// # Errors
    /// When it follows an album, or was ended.
    pub fn remove_from_link(
        &self,
        id: LinkId,
        assets: Vec<AssetId>,
    ) -> Result<Shift, LibraryError> {
        self.change_link(id, move |write| {
            record_choice(write, id, &assets, "taken out of")?;
            let mut shift = Shift::default();
            for shown in assets {
                let removed = write
                    .conn()
                    .prepare_cached(&format!(
                        "DELETE FROM link_asset WHERE link = ?1 AND asset IN
                             (SELECT id FROM asset WHERE id = ?2 AND {SEEN})"
                    ))?
                    .execute((id, shown))?;
                shift.note(shown, removed > 0);
            }
            rise_when_undone(write, id, &shift)?;
            Ok(shift)
        })
    }

    /// Ends a link for good.
    pub fn revoke_link(&self, id: LinkId) -> Result<Link, LibraryError> {
        let now = self.clock.now_ms();
        self.change_link(id, move |write| {
            write.conn().execute(
                "UPDATE link SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1",
                (id, now),
            )?;
            Ok(())
        })?;
        self.link(id)
    }

    /// Ends every link for good; how many were not ended yet.
    pub fn revoke_all_links(&self) -> Result<u64, LibraryError> {
        self.catalog.write(|write| {
            let conn = write.conn();
            let ended: Vec<(LinkId, Option<AlbumId>)> = conn
                .prepare(
                    "UPDATE link SET revoked_at = ?1, generation = generation + 1
                      WHERE revoked_at IS NULL AND home = (SELECT device FROM library)
                     RETURNING id, album",
                )?
                .query_map([write.now_ms], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            for (link, album) in &ended {
                write.announce(Change::Link(*link));
                if let Some(album) = album {
                    write.announce(Change::Album(*album));
                }
            }
            Ok(u64::try_from(ended.len()).unwrap_or(u64::MAX))
        })
    }

    fn change_link<T: Send + 'static>(
        &self,
        id: LinkId,
        change: impl FnOnce(&Write<'_>) -> Result<T, LibraryError> + Send + 'static,
    ) -> Result<T, LibraryError> {
        self.catalog.write(move |write| {
            let conn = write.conn();
            let known = conn.execute(
                "UPDATE link SET generation = generation + 1
                  WHERE id = ?1 AND home = (SELECT device FROM library)",
                [id],
            )?;
            if known == 0 {
                return Err(unknown(id));
            }
            let changed = change(write)?;
            write.announce(Change::Link(id));
            let followed: Option<AlbumId> =
                conn.query_row("SELECT album FROM link WHERE id = ?1", [id], |row| {
                    row.get(0)
                })?;
            if let Some(followed) = followed {
                write.announce(Change::Album(followed));
            }
            Ok(changed)
        })
    }
}

/// Records what is about to be done with a link of chosen photos, so that it can be undone.
fn record_choice(
    write: &Write<'_>,
    id: LinkId,
    assets: &[AssetId],
    did: &str,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    check_alive(conn, id)?;
    check_selection(conn, id)?;
    let label: String = conn.query_row("SELECT label FROM link WHERE id = ?1", [id], |row| {
        row.get(0)
    })?;
    let whose = match label.is_empty() {
        true => "a link".to_owned(),
        false => format!("the link for {label}"),
    };
    write.record_undo(&format!("{} {did} {whose}", photos(assets.len())))
}

/// Whoever has a link open is asked again as well when what was changed is undone.
fn rise_when_undone(write: &Write<'_>, id: LinkId, shift: &Shift) -> Result<(), LibraryError> {
    if shift.changed.is_empty() {
        return Ok(());
    }
    write.undo_by(&format!(
        "UPDATE link SET generation = generation + 1 WHERE id = x'{}' AND revoked_at IS NULL",
        hex(&id.bytes())
    ))
}

fn check_alive(conn: &Connection, id: LinkId) -> Result<(), LibraryError> {
    let ended: bool = conn.query_row(
        "SELECT revoked_at IS NOT NULL FROM link WHERE id = ?1",
        [id],
        |row| row.get(0),
    )?;
    match ended {
        true => Err(LibraryError::wrong(
            "This link was revoked and stays so; make a new one.",
        )),
        false => Ok(()),
    }
}

fn check_selection(conn: &Connection, id: LinkId) -> Result<(), LibraryError> {
    let follows: bool = conn.query_row(
        "SELECT album IS NOT NULL FROM link WHERE id = ?1",
        [id],
        |row| row.get(0),
    )?;
    match follows {
        true => Err(LibraryError::wrong(
            "This link follows an album and shows what that has; change the album instead.",
        )),
        false => Ok(()),
    }
}
