//! New links.

use rusqlite::{Connection, OptionalExtension};

use super::{Link, LinkOf, NewLink};
use crate::asset::{self, checked_text};
use crate::time::{DAY_MS, parse_end};
use crate::{AssetId, Change, Library, LibraryError, LinkId, seat, share, unlock};

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
        let keys = labels.into_iter().map(|label| {
            let key: [u8; 32] = rand::random();
            Ok((label, self.secret.lookup(&key), self.secret.seal(&key)?))
        });
        let keys = keys.collect::<Result<Vec<_>, LibraryError>>()?;
        let made = self.catalog.write(move |write| {
            let mut made = Vec::new();
            for (label, key_hash, key_sealed) in keys {
                let conn = write.conn();
                let id = LinkId::new(write.now_ms);
                let (followed, assets) = match &new.of {
                    LinkOf::Album(id) => {
                        share::check_own(conn, *id)?;
                        (Some(*id), &[][..])
                    }
                    LinkOf::Assets(assets) if assets.is_empty() => {
                        return Err(LibraryError::wrong(
                            "A link needs something to show: name an album or at least one photo.",
                        ));
                    }
                    LinkOf::Assets(assets) => (None, assets.as_slice()),
                };
                if let Some(name) = &name {
                    check_free(conn, name, id)?;
                }
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
                        ":key_hash": key_hash,
                        ":key_sealed": key_sealed,
                        ":name": name,
                        ":guessable": new.guessable,
                        ":album": followed,
                        ":label": label,
                        ":description": new.description,
                        ":password_hash": password_hash,
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
                made.push(id);
            }
            Ok(made)
        })?;
        made.into_iter().map(|id| self.link(id)).collect()
    }
}

/// Adds assets at the end of a selection; how many it did not show before.
pub(crate) fn show(
    conn: &Connection,
    link: LinkId,
    assets: &[AssetId],
) -> Result<usize, LibraryError> {
    let mut added = 0;
    for shown in assets {
        asset::check_own(conn, *shown)?;
        if asset::find(conn, *shown)?.is_locked {
            return Err(LibraryError::wrong(
                "Locked photos are shown by no link; unlock them first.",
            ));
        }
        added += conn
            .prepare_cached(
                "INSERT INTO link_asset (link, asset, position)
                 VALUES (?1, ?2, (SELECT coalesce(max(position) + 1, 0) FROM link_asset
                                   WHERE link = ?1))
                 ON CONFLICT (link, asset) DO NOTHING",
            )?
            .execute((link, shown))?;
    }
    Ok(added)
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

/// A readable name: 3 to 64 of a–z, 0–9 and hyphens.
pub(super) fn checked_name(name: &str) -> Result<String, LibraryError> {
    let fits = (3..=64).contains(&name.len())
        && name
            .bytes()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-');
    fits.then(|| name.to_owned()).ok_or_else(|| {
        LibraryError::wrong(
            "A readable name has 3 to 64 small letters, digits and hyphens, like summer-2026.",
        )
    })
}

pub(super) fn check_free(conn: &Connection, name: &str, link: LinkId) -> Result<(), LibraryError> {
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
