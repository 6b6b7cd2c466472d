//! Public links: what each shows, to whom, until when, and what a visitor may
//! do. The owner's side; what a visitor sees is in `access`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::asset::checked_text;
use crate::shelf::AT_HAND;
use crate::time::{DAY_MS, parse_end};
use crate::{AlbumId, AssetId, Change, Library, LibraryError, LinkId, album, asset, unlock};

/// What visitors may download.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Download {
    /// Nothing: they may look.
    None,
    /// A copy at screen size.
    Screen,
    /// The original; while metadata is hidden, without its metadata.
    Original,
}

impl Download {
    /// The word for it: `none`, `screen` or `original`.
    pub fn name(self) -> &'static str {
        match self {
            Download::None => "none",
            Download::Screen => "screen",
            Download::Original => "original",
        }
    }

    /// The download of this name.
    pub fn from_name(name: &str) -> Option<Download> {
        [Download::None, Download::Screen, Download::Original]
            .into_iter()
            .find(|download| download.name() == name)
    }
}

/// What a link is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkOf {
    /// Follows the album.
    Album(AlbumId),
    /// These assets, in this order.
    Assets(Vec<AssetId>),
}

/// Whether a link follows an album or shows a fixed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// Follows an album.
    Album,
    /// A fixed list.
    Selection,
}

/// What happens when a link is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// It opens.
    Open,
    /// Its time is over.
    Expired,
    /// Its owner ended it.
    Revoked,
}

/// A new link.
#[derive(Clone, Debug)]
pub struct NewLink {
    /// What it shows.
    pub of: LinkOf,
    /// For whom it is: the owner's own note, never shown to visitors.
    pub label: String,
    /// Shown to visitors.
    pub description: String,
    /// Asked of visitors.
    pub password: Option<String>,
    /// When it ends, milliseconds since 1970; never when `None`.
    pub expires_at: Option<i64>,
    /// What visitors may download.
    pub download: Download,
    /// Show names, times, places and cameras.
    pub show_metadata: bool,
    /// A readable name, for `/s/<name>`.
    pub name: Option<String>,
}

/// Edits to a link; what is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct LinkEdit {
    /// The owner's own note.
    pub label: Option<String>,
    /// Shown to visitors.
    pub description: Option<String>,
    /// A new password; empty for none.
    pub password: Option<String>,
    /// When it ends; `Some(None)` for never.
    pub expires_at: Option<Option<i64>>,
    /// What visitors may download.
    pub download: Option<Download>,
    /// Show names, times, places and cameras.
    pub show_metadata: Option<bool>,
}

/// A link, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// The secret in its address, base64url; `None` when the library's secret
    /// was replaced since.
    pub key: Option<String>,
    /// Whether it follows an album.
    pub kind: LinkKind,
    /// The album it follows.
    pub album: Option<AlbumId>,
    /// The album's title; empty for a selection.
    pub title: String,
    /// The owner's own note.
    pub label: String,
    /// Shown to visitors.
    pub description: String,
    /// Whether it asks for a password.
    pub has_password: bool,
    /// When it ends, milliseconds since 1970.
    pub expires_at: Option<i64>,
    /// What visitors may download.
    pub download: Download,
    /// Whether names, times, places and cameras are shown.
    pub show_metadata: bool,
    /// The readable name.
    pub name: Option<String>,
    /// When it was made, milliseconds since 1970.
    pub created_at: i64,
    /// When it was revoked, milliseconds since 1970.
    pub revoked_at: Option<i64>,
    /// Whether it opens now.
    pub state: LinkState,
    /// How many assets it shows.
    pub count: u64,
}

/// A query of links. `rest` follows its FROM.
fn select(rest: &str) -> String {
    let shown = |table: &str| {
        format!(
            "(SELECT count(*) FROM {table} AS part JOIN asset ON asset.id = part.asset WHERE {AT_HAND}"
        )
    };
    format!(
        "SELECT link.id, link.key_sealed, link.album, coalesce(album.title, '') AS title,
           link.label, link.description, link.password_hash IS NOT NULL AS has_password,
           link.expires_at, link.download, link.show_metadata, link.name, link.created_at,
           link.revoked_at,
           CASE WHEN link.album IS NULL
                THEN {} AND part.link = link.id)
                ELSE {} AND part.album = link.album)
           END AS count
      FROM link LEFT JOIN album ON album.id = link.album {rest}",
        shown("link_asset"),
        shown("album_asset"),
    )
}

/// The links that follow an album.
pub(crate) fn of_album(conn: &Connection, album: AlbumId) -> Result<Vec<LinkId>, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT id FROM link WHERE album = ?1")?
        .query_map([album], |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}

/// Whether a link opens at `now`.
pub(crate) fn state(revoked_at: Option<i64>, expires_at: Option<i64>, now: i64) -> LinkState {
    if revoked_at.is_some() {
        LinkState::Revoked
    } else if expires_at.is_some_and(|end| end <= now) {
        LinkState::Expired
    } else {
        LinkState::Open
    }
}

fn unknown(id: LinkId) -> LibraryError {
    LibraryError::Unknown {
        noun: "link",
        id: id.to_string(),
    }
}

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
        checked_text("label", 255, Some(&new.label))?;
        checked_text("description", 16 * 1024, Some(&new.description))?;
        let password_hash = new.password.as_deref().map(unlock::hash).transpose()?;
        let name = new.name.as_deref().map(checked_name).transpose()?;
        if name.is_some() && password_hash.is_none() {
            return Err(LibraryError::wrong(
                "A readable name can be guessed, so such a link needs a password; add one, or \
                 leave the name out.",
            ));
        }
        let key: [u8; 32] = rand::random();
        let (key_hash, key_sealed) = (self.secret.lookup(&key), self.secret.seal(&key)?);
        let id = self.catalog.write(move |write| {
            let conn = write.conn();
            let id = LinkId::new(write.now_ms);
            let (followed, assets) = match &new.of {
                LinkOf::Album(id) => {
                    album::check_known(conn, *id)?;
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
                check_free(conn, name)?;
            }
            conn.execute(
                "INSERT INTO link (id, home, key_hash, key_sealed, name, album, label,
                     description, password_hash, expires_at, download, show_metadata, created_at)
                 VALUES (:id, (SELECT device FROM library), :key_hash, :key_sealed, :name, :album,
                     :label, :description, :password_hash, :expires_at, :download,
                     :show_metadata, :created_at)",
                rusqlite::named_params! {
                    ":id": id,
                    ":key_hash": key_hash,
                    ":key_sealed": key_sealed,
                    ":name": name,
                    ":album": followed,
                    ":label": new.label,
                    ":description": new.description,
                    ":password_hash": password_hash,
                    ":expires_at": new.expires_at,
                    ":download": new.download.name(),
                    ":show_metadata": new.show_metadata,
                    ":created_at": write.now_ms,
                },
            )?;
            for (position, shown) in assets.iter().enumerate() {
                if asset::find(conn, *shown)?.is_locked {
                    return Err(LibraryError::wrong(
                        "Locked photos are shown by no link; unlock them first.",
                    ));
                }
                conn.prepare_cached(
                    "INSERT INTO link_asset (link, asset, position) VALUES (?1, ?2, ?3)
                     ON CONFLICT (link, asset) DO NOTHING",
                )?
                .execute((
                    id,
                    shown,
                    i64::try_from(position).unwrap_or(i64::MAX),
                ))?;
            }
            write.announce(Change::Link(id));
            if let Some(followed) = followed {
                write.announce(Change::Album(followed));
            }
            Ok(id)
        })?;
        self.link(id)
    }

    /// All links, newest first; those of one album when given.
    pub fn links(&self, album: Option<AlbumId>) -> Result<Vec<Link>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&select(
                    "WHERE ?1 IS NULL OR link.album = ?1
                      ORDER BY link.created_at DESC, link.id DESC",
                ))?
                .query_map([album], |row| self.link_from_row(row))?
                .collect::<Result<_, _>>()?)
        })
    }

    /// The link with this id.
    pub fn link(&self, id: LinkId) -> Result<Link, LibraryError> {
        self.catalog.read(|conn| {
            conn.prepare_cached(&select("WHERE link.id = ?1"))?
                .query_row([id], |row| self.link_from_row(row))
                .optional()?
                .ok_or_else(|| unknown(id))
        })
    }

    /// Edits a link. Whoever has it open is asked again within a second.
    pub fn edit_link(&self, id: LinkId, edit: LinkEdit) -> Result<Link, LibraryError> {
        checked_text("label", 255, edit.label.as_deref())?;
        checked_text("description", 16 * 1024, edit.description.as_deref())?;
        let password = match edit.password.as_deref() {
            None => None,
            Some("") => Some(None),
            Some(password) => Some(Some(unlock::hash(password)?)),
        };
        self.change_link(id, move |conn| {
            let (name, revoked_at): (Option<String>, Option<i64>) = conn.query_row(
                "SELECT name, revoked_at FROM link WHERE id = ?1",
                [id],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            if revoked_at.is_some() {
                return Err(LibraryError::wrong(
                    "This link was revoked and stays so; make a new one.",
                ));
            }
            if name.is_some() && password == Some(None) {
                return Err(LibraryError::wrong(
                    "This link has a readable name, which can be guessed, so it needs its \
                     password.",
                ));
            }
            if let Some(password_hash) = password {
                conn.execute(
                    "UPDATE link SET password_hash = ?2, password_version = password_version + 1
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
            conn.execute(
                "UPDATE link SET label = coalesce(?2, label),
                        description = coalesce(?3, description),
                        download = coalesce(?4, download),
                        show_metadata = coalesce(?5, show_metadata)
                  WHERE id = ?1",
                (
                    id,
                    edit.label,
                    edit.description,
                    edit.download.map(Download::name),
                    edit.show_metadata,
                ),
            )?;
            Ok(())
        })
    }

    /// Ends a link for good.
    pub fn revoke_link(&self, id: LinkId) -> Result<Link, LibraryError> {
        let now = self.clock.now_ms();
        self.change_link(id, move |conn| {
            conn.execute(
                "UPDATE link SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1",
                (id, now),
            )?;
            Ok(())
        })
    }

    fn change_link(
        &self,
        id: LinkId,
        change: impl FnOnce(&Connection) -> Result<(), LibraryError> + Send + 'static,
    ) -> Result<Link, LibraryError> {
        self.catalog.write(move |write| {
            let conn = write.conn();
            let known = conn.execute(
                "UPDATE link SET generation = generation + 1 WHERE id = ?1",
                [id],
            )?;
            if known == 0 {
                return Err(unknown(id));
            }
            change(conn)?;
            write.announce(Change::Link(id));
            let followed: Option<AlbumId> =
                conn.query_row("SELECT album FROM link WHERE id = ?1", [id], |row| {
                    row.get(0)
                })?;
            if let Some(followed) = followed {
                write.announce(Change::Album(followed));
            }
            Ok(())
        })?;
        self.link(id)
    }

    fn link_from_row(&self, row: &Row<'_>) -> rusqlite::Result<Link> {
        let sealed: Vec<u8> = row.get("key_sealed")?;
        let album: Option<AlbumId> = row.get("album")?;
        let download: String = row.get("download")?;
        let (expires_at, revoked_at) = (row.get("expires_at")?, row.get("revoked_at")?);
        Ok(Link {
            id: row.get("id")?,
            key: self
                .secret
                .unseal(&sealed)
                .map(|key| URL_SAFE_NO_PAD.encode(key)),
            kind: match album {
                Some(_) => LinkKind::Album,
                None => LinkKind::Selection,
            },
            album,
            title: row.get("title")?,
            label: row.get("label")?,
            description: row.get("description")?,
            has_password: row.get("has_password")?,
            expires_at,
            download: Download::from_name(&download).unwrap_or(Download::None),
            show_metadata: row.get("show_metadata")?,
            name: row.get("name")?,
            created_at: row.get("created_at")?,
            revoked_at,
            state: state(revoked_at, expires_at, self.clock.now_ms()),
            count: row.get("count")?,
        })
    }
}

/// A readable name: 3 to 64 of a–z, 0–9 and hyphens.
fn checked_name(name: &str) -> Result<String, LibraryError> {
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

fn check_free(conn: &Connection, name: &str) -> Result<(), LibraryError> {
    let taken = conn
        .query_row("SELECT 1 FROM link WHERE name = ?1", [name], |_| Ok(()))
        .optional()?;
    match taken {
        None => Ok(()),
        Some(()) => Err(LibraryError::wrong(format!(
            "The name «{name}» is taken by another link; choose another."
        ))),
    }
}
