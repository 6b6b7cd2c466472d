//! Public links: what each shows, to whom, until when, and what a visitor may
//! do. The owner's side; what a visitor sees is in `access`.

mod change;
mod make;

pub(crate) use make::{Key, check_free, insert, is_name, show};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::activity::Counted;
use crate::secret::Secret;
use crate::shelf::AT_HAND;
use crate::{AlbumId, AssetId, Library, LibraryError, LinkId, Uploads, asset};

/// What visitors may download.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

    /// As it is told to other machines.
    pub(crate) fn number(self) -> u32 {
        match self {
            Download::None => 0,
            Download::Screen => 1,
            Download::Original => 2,
        }
    }

    /// As another machine told.
    pub(crate) fn of_number(number: u32) -> Download {
        match number {
            2 => Download::Original,
            1 => Download::Screen,
            _ => Download::None,
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
    /// Its owner lets it rest.
    Paused,
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
    /// Let visitors comment and like.
    pub comments: bool,
    /// A readable name, for `/s/<name>`.
    pub name: Option<String>,
    /// That name may go without a password, though it can be guessed.
    pub guessable: bool,
    /// Whether visitors may add photos.
    pub upload: Uploads,
    /// What they send is taken in unasked.
    pub auto_accept: bool,
    /// The most files they may send.
    pub upload_files: u64,
    /// The most bytes of them together.
    pub upload_bytes: u64,
    /// For how many people it is; any number when `None`.
    pub people: Option<u32>,
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
    /// Let visitors comment and like.
    pub comments: Option<bool>,
    /// A readable name; `Some(None)` for none.
    pub name: Option<Option<String>>,
    /// The readable name may go without a password.
    pub guessable: Option<bool>,
    /// It opens nothing until this is taken back.
    pub paused: Option<bool>,
    /// Whether visitors may add photos.
    pub upload: Option<Uploads>,
    /// What they send is taken in unasked.
    pub auto_accept: Option<bool>,
    /// The most files they may send.
    pub upload_files: Option<u64>,
    /// The most bytes of them together.
    pub upload_bytes: Option<u64>,
    /// For how many people it is; `Some(None)` for any number. Who has a seat keeps it.
    pub people: Option<Option<u32>>,
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
    /// Whether visitors may comment and like.
    pub comments: bool,
    /// The readable name.
    pub name: Option<String>,
    /// Whether that may go without a password.
    pub guessable: bool,
    /// For how many people it is; any number when `None`.
    pub people: Option<u32>,
    /// How many of them have come.
    pub seats: u32,
    /// When more than a hundred passwords were wrong within an hour, the last time;
    /// milliseconds since 1970.
    pub guessed_at: Option<i64>,
    /// When it was made, milliseconds since 1970.
    pub created_at: i64,
    /// The name of the editor of the album who made it; `None` for the owner.
    pub maker: Option<String>,
    /// When it was revoked, milliseconds since 1970.
    pub revoked_at: Option<i64>,
    /// Whether it opens now.
    pub state: LinkState,
    /// How many assets it shows.
    pub count: u64,
    /// How often people opened it.
    pub visits: u64,
    /// How many files they downloaded.
    pub downloads: u64,
    /// When someone was there last, milliseconds since 1970.
    pub visited_at: Option<i64>,
    /// Whether visitors may add photos.
    pub upload: Uploads,
    /// Whether what they send is taken in unasked.
    pub auto_accept: bool,
    /// The most files they may send.
    pub upload_files: u64,
    /// The most bytes of them together.
    pub upload_bytes: u64,
    /// How many of their files wait in the inbox.
    pub waiting: u64,
    /// What its visitors said.
    pub said: Counted,
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
           link.expires_at, link.download, link.show_metadata, link.comments, link.name,
           link.guessable, link.people, link.seats, link.guessed_at,
           (SELECT name FROM person WHERE person.id = link.person) AS maker,
           link.created_at, link.revoked_at, link.paused,
           link.upload, link.auto_accept, link.upload_files, link.upload_bytes,
           (SELECT count(*) FROM upload WHERE upload.link = link.id AND upload.state = 'waiting')
               AS waiting,
           (SELECT coalesce(sum(visits), 0) FROM link_day WHERE link_day.link = link.id) AS visits,
           (SELECT coalesce(sum(downloads), 0) FROM link_day WHERE link_day.link = link.id)
               AS downloads,
           (SELECT max(last_at) FROM link_visit WHERE link_visit.link = link.id) AS visited_at,
           {},
           CASE WHEN link.album IS NULL
                THEN {} AND part.link = link.id)
                ELSE {} AND part.album = link.album)
           END AS count
      FROM link LEFT JOIN album ON album.id = link.album {rest}",
        Counted::columns("activity.through = link.id"),
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

/// The condition that a link opens, in SQL; `now` is the parameter that tells when.
pub(crate) fn opens(now: &str) -> String {
    format!(
        "link.revoked_at IS NULL AND link.paused = 0
         AND (link.expires_at IS NULL OR link.expires_at > {now})"
    )
}

/// Whether a link opens at `now`: of its `revoked_at`, `expires_at` and `paused`.
pub(crate) fn state(row: &Row<'_>, now: i64) -> rusqlite::Result<LinkState> {
    let (revoked_at, expires_at): (Option<i64>, Option<i64>) =
        (row.get("revoked_at")?, row.get("expires_at")?);
    Ok(if revoked_at.is_some() {
        LinkState::Revoked
    } else if expires_at.is_some_and(|end| end <= now) {
        LinkState::Expired
    } else if row.get("paused")? {
        LinkState::Paused
    } else {
        LinkState::Open
    })
}

fn unknown(id: LinkId) -> LibraryError {
    LibraryError::Unknown {
        noun: "link",
        id: id.to_string(),
    }
}

/// A link's key as its address has it; `None` when the library's secret was replaced.
pub(crate) fn key_text(secret: &Secret, sealed: &[u8]) -> Option<String> {
    let key = secret.unseal(sealed)?;
    Some(URL_SAFE_NO_PAD.encode(key))
}

impl Library {
    /// All links, newest first; those of one album when given.
    pub fn links(&self, album: Option<AlbumId>) -> Result<Vec<Link>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&select(
                    "WHERE link.home = (SELECT device FROM library)
                        AND (?1 IS NULL OR link.album = ?1)
                      ORDER BY link.created_at DESC, link.id DESC",
                ))?
                .query_map([album], |row| self.link_from_row(row))?
                .collect::<Result<_, _>>()?)
        })
    }

    /// The links that are not ended and show this asset, newest first.
    pub fn links_showing(&self, asset: AssetId) -> Result<Vec<Link>, LibraryError> {
        self.catalog.read(|conn| {
            asset::find(conn, asset)?;
            let shows = select(
                "WHERE link.home = (SELECT device FROM library) AND link.revoked_at IS NULL AND EXISTS (
                     SELECT 1 FROM asset
                      WHERE asset.id = ?1 AND {AT_HAND} AND (
                          asset.id IN (SELECT part.asset FROM album_asset AS part
                                        WHERE part.album = link.album)
                          OR asset.id IN (SELECT part.asset FROM link_asset AS part
                                           WHERE part.link = link.id)))
                 ORDER BY link.created_at DESC, link.id DESC",
            );
            Ok(conn
                .prepare_cached(&shows.replace("{AT_HAND}", AT_HAND))?
                .query_map([asset], |row| self.link_from_row(row))?
                .collect::<Result<_, _>>()?)
        })
    }

    /// The link with this id.
    pub fn link(&self, id: LinkId) -> Result<Link, LibraryError> {
        self.catalog.read(|conn| {
            let own = "WHERE link.id = ?1 AND link.home = (SELECT device FROM library)";
            conn.prepare_cached(&select(own))?
                .query_row([id], |row| self.link_from_row(row))
                .optional()?
                .ok_or_else(|| unknown(id))
        })
    }

    /// What a link of this machine's is to: the album that it follows, or its chosen photos.
    pub fn link_of(&self, id: LinkId) -> Result<LinkOf, LibraryError> {
        if let Some(album) = self.link(id)?.album {
            return Ok(LinkOf::Album(album));
        }
        self.catalog.read(|conn| {
            let assets = conn
                .prepare_cached("SELECT asset FROM link_asset WHERE link = ?1 ORDER BY position")?
                .query_map([id], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            Ok(LinkOf::Assets(assets))
        })
    }

    fn link_from_row(&self, row: &Row<'_>) -> rusqlite::Result<Link> {
        let sealed: Vec<u8> = row.get("key_sealed")?;
        let album: Option<AlbumId> = row.get("album")?;
        let (download, upload): (String, String) = (row.get("download")?, row.get("upload")?);
        Ok(Link {
            id: row.get("id")?,
            key: key_text(&self.secret, &sealed),
            kind: match album {
                Some(_) => LinkKind::Album,
                None => LinkKind::Selection,
            },
            album,
            title: row.get("title")?,
            label: row.get("label")?,
            description: row.get("description")?,
            has_password: row.get("has_password")?,
            expires_at: row.get("expires_at")?,
            download: Download::from_name(&download).unwrap_or(Download::None),
            show_metadata: row.get("show_metadata")?,
            comments: row.get("comments")?,
            name: row.get("name")?,
            guessable: row.get("guessable")?,
            people: row.get("people")?,
            seats: row.get("seats")?,
            guessed_at: row.get("guessed_at")?,
            created_at: row.get("created_at")?,
            maker: row.get("maker")?,
            revoked_at: row.get("revoked_at")?,
            state: state(row, self.clock.now_ms())?,
            count: row.get("count")?,
            visits: row.get("visits")?,
            downloads: row.get("downloads")?,
            visited_at: row.get("visited_at")?,
            upload: Uploads::from_name(&upload).unwrap_or(Uploads::None),
            auto_accept: row.get("auto_accept")?,
            upload_files: row.get("upload_files")?,
            upload_bytes: row.get("upload_bytes")?,
            waiting: row.get("waiting")?,
            said: Counted::of(row)?,
        })
    }
}
