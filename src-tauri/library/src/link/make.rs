//! New links.

use rusqlite::{Connection, OptionalExtension};

use super::{Link, LinkOf, NewLink};
use crate::asset::{self, checked_text};
use crate::catalog::Write;
use crate::secret::Secret;
use crate::time::{DAY_MS, parse_end};
use crate::{AssetId, Change, Library, LibraryError, LinkId, Shift, seat, share, unlock};

/// So many links are made at once.
const MOST: usize = 500;

impl Library {
    /// Reads an expiry as people write it: `30d`, `12h`, `never`, a date, or a
    /// time in RFC 3339. Milliseconds since 1970; `None` for never.
    pub fn expiry(&self, text: &str) -> Result<Option<i64>, LibraryError> {
        let text = text.trim();
        if text == "never" {
            return Ok(None);
        }
        let now = self.clock.now_ms();
        let span = |suffix: char, unit: i64| -> Option<i64> {
            let count: i64 = text.strip_suffix(suffix)?.parse().ok()?;
            (0..=36_500).contains(&count).then(|| now + count * unit)
        };
        span('d', DAY_MS)
            .or_else(|| span('h', DAY_MS / 24))
            .or_else(|| parse_end(text))
            .map(Some)
            .ok_or_else(|| {
                LibraryError::wrong(format!(
                    "«{text}» is no expiry; write 30d, 12h, 2026-12-31, a time such as \
                     2026-12-31T18:00:00Z, or never."
                ))
            })
    }

    /// Makes a link with a new random key.
    pub fn create_link(&self, new: NewLink) -> Result<Link, LibraryError> {
        let label = new.label.clone();
        let mut made = self.create_links(new, vec![label])?;
        made.pop()
            .ok_or_else(|| LibraryError::wrong("No link was made."))
    }

    /// Makes a link for each of these labels, alike but for their keys: one per
    /// person, so that each can be ended by itself.
    ///
    /// # Errors
    /// When there is no label or there are more than 500; no link is made then.
    pub fn create_links(
        &self,
        new: NewLink,
        labels: Vec<String>,
    ) -> Result<Vec<Link>, LibraryError> {
        if labels.is_empty() || labels.len() > MOST {
            return Err(LibraryError::wrong(format!(
                "Name the people to make links for, one to {MOST} of them."
            )));
        }
        if new.name.is_some() && labels.len() > 1 {
            return Err(LibraryError::wrong(
                "Only one link can have a readable name; leave the name out.",
            ));
        }
        for label in &labels {
            checked_text("label", 255, Some(label))?;
        }
        checked_text("description", 16 * 1024, Some(&new.description))?;
        seat::check_people(new.people)?;
        let password_hash = new.password.as_deref().map(unlock::hash).transpose()?;
        let name = new.name.as_deref().map(checked_name).transpose()?;
        check_guess(name.is_some(), password_hash.is_some(), new.guessable)?;
        let keys = labels
            .into_iter()
            .map(|label| Key::random(&self.secret, label))
            .collect::<Result<Vec<_>, LibraryError>>()?;
        let made = self.catalog.write(move |write| {
            let mut made = Vec::new();
            for key in keys {
                let conn = write.conn();
                let id = LinkId::new(write.now_ms);
                match &new.of {
                    LinkOf::Album(id) => share::check_own(conn, *id)?,
                    LinkOf::Assets(assets) if assets.is_empty() => {
                        return Err(LibraryError::wrong(
                            "A link needs something to show: name an album or at least one photo.",
                        ));
                    }
                    LinkOf::Assets(_) => {}
                }
                if let Some(name) = &name {
                    check_free(conn, name, id)?;
                }
                let checked = Checked {
                    name: name.as_deref(),
                    password_hash: password_hash.as_deref(),
                };
                insert(write, id, &new, &key, Some(checked))?;
                made.push(id);
            }
            Ok(made)
        })?;
        made.into_iter().map(|id| self.link(id)).collect()
    }
}

/// A new link's key, as the catalog has it, and for whom the link is.
pub(crate) struct Key {
    label: String,
    hash: [u8; 32],
    sealed: Vec<u8>,
}

impl Key {
    pub(crate) fn random(secret: &Secret, label: String) -> Result<Key, LibraryError> {
        let key: [u8; 32] = rand::random();
        Ok(Key {
            label,
            hash: secret.lookup(&key),
            sealed: secret.seal(&key)?,
        })
    }
}

/// What of a new link was checked, and hashed, beforehand.
pub(crate) struct Checked<'a> {
    name: Option<&'a str>,
    password_hash: Option<&'a str>,
}

/// Writes a new link down.
pub(crate) fn insert(
    write: &Write<'_>,
    id: LinkId,
    new: &NewLink,
    key: &Key,
    checked: Option<Checked<'_>>,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    let (followed, assets) = match &new.of {
        LinkOf::Album(album) => (Some(*album), &[][..]),
        LinkOf::Assets(assets) => (None, assets.as_slice()),
    };
    conn.execute(
        "INSERT INTO link (id, home, key_hash, key_sealed, name, guessable, album,
             label, description, password_hash, expires_at, download, show_metadata,
             comments, upload, auto_accept, upload_files, upload_bytes, people,
             created_at)
         VALUES (:id, (SELECT device FROM library), :key_hash, :key_sealed, :name,
             :guessable, :album, :label, :description, :password_hash, :expires_at,
             :download, :show_metadata, :comments, :upload, :auto_accept,
             :upload_files, :upload_bytes, :people, :created_at)",
        rusqlite::named_params! {
            ":id": id,
            ":key_hash": key.hash,
            ":key_sealed": key.sealed,
            ":name": checked.as_ref().and_then(|checked| checked.name),
            ":guessable": new.guessable,
            ":album": followed,
            ":label": key.label,
            ":description": new.description,
            ":password_hash": checked.as_ref().and_then(|checked| checked.password_hash),
            ":expires_at": new.expires_at,
            ":download": new.download.name(),
            ":show_metadata": new.show_metadata,
            ":upload": new.upload.name(),
            ":auto_accept": new.auto_accept,
            ":upload_files": new.upload_files,
            ":upload_bytes": new.upload_bytes,
            ":comments": new.comments,
            ":people": new.people,
            ":created_at": write.now_ms,
        },
    )?;
    show(conn, id, assets)?;
    write.announce(Change::Link(id));
    if let Some(followed) = followed {
        write.announce(Change::Album(followed));
    }
    Ok(())
}

/// Adds assets at the end of a selection; which of them it did not show before.
pub(crate) fn show(
    conn: &Connection,
    link: LinkId,
    assets: &[AssetId],
) -> Result<Shift, LibraryError> {
    let mut shift = Shift::default();
    for shown in assets {
        asset::check_own(conn, *shown)?;
        if asset::find(conn, *shown)?.is_locked {
            return Err(LibraryError::wrong(
                "Locked photos are shown by no link; unlock them first.",
            ));
        }
        let added = conn
            .prepare_cached(
                "INSERT INTO link_asset (link, asset, position)
                 VALUES (?1, ?2, (SELECT coalesce(max(position) + 1, 0) FROM link_asset
                                   WHERE link = ?1))
                 ON CONFLICT (link, asset) DO NOTHING",
            )?
            .execute((link, shown))?;
        shift.note(*shown, added > 0);
    }
    Ok(shift)
}

/// Fails when people could guess their way in and the owner did not say that
/// this may be.
pub(super) fn check_guess(
    named: bool,
    has_password: bool,
    guessable: bool,
) -> Result<(), LibraryError> {
    if named && !has_password && !guessable {
        return Err(LibraryError::wrong(
            "A readable name can be guessed, so such a link needs a password; add one, leave the \
             name out, or say that anyone may guess it.",
        ));
    }
    Ok(())
}

/// Whether it can be a readable name: 3 to 64 of a–z, 0–9 and hyphens.
pub(crate) fn is_name(name: &str) -> bool {
    (3..=64).contains(&name.len())
        && name
            .bytes()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
}

/// A readable name, where it can be.
pub(super) fn checked_name(name: &str) -> Result<String, LibraryError> {
    is_name(name).then(|| name.to_owned()).ok_or_else(|| {
        LibraryError::wrong(
            "A readable name has 3 to 64 small letters, digits and hyphens, like summer-2026.",
        )
    })
}

pub(crate) fn check_free(conn: &Connection, name: &str, link: LinkId) -> Result<(), LibraryError> {
    let taken = conn
        .query_row(
            "SELECT 1 FROM link WHERE name = ?1 AND id <> ?2",
            (name, link),
            |_| Ok(()),
        )
        .optional()?;
    match taken {
        None => Ok(()),
        Some(()) => Err(LibraryError::wrong(format!(
            "The name «{name}» is taken by another link; choose another."
        ))),
    }
}
