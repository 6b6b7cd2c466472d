//! Albums: a title and the assets put into it.

pub(crate) mod order;

use rusqlite::{Connection, OptionalExtension, Row};

pub use self::order::AlbumOrder;
use crate::activity::Counted;
use crate::asset::{check_own as check_asset_own, checked_text};
use crate::catalog::Write;
use crate::lock::SEEN;
use crate::shelf::AT_HAND;
use crate::undo::photos;
use crate::{AlbumId, AssetId, Change, Library, LibraryError, Sharing, TakenAt, link, share};

/// An album.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Album {
    /// Its id.
    pub id: AlbumId,
    /// Title.
    pub title: String,
    /// Description; empty when there is none.
    pub description: String,
    /// How many assets it holds.
    pub count: u64,
    /// In which order they stand.
    pub order: AlbumOrder,
    /// The asset shown for it: the chosen one, else the first.
    pub cover: Option<AssetId>,
    /// When it was made, milliseconds since 1970.
    pub created_at: i64,
    /// When its earliest asset was taken.
    pub first_at: Option<TakenAt>,
    /// When its latest asset was taken.
    pub last_at: Option<TakenAt>,
    /// How many open links show it.
    pub links: u64,
    /// What was said of it and of its photos.
    pub said: Counted,
    /// How it is shared with others.
    pub sharing: Sharing,
}

/// Edits to an album; what is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct AlbumEdit {
    /// Title.
    pub title: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// The asset shown for it; it must be in the album.
    pub cover: Option<AssetId>,
    /// In which order its assets stand.
    pub order: Option<AlbumOrder>,
}

/// Which of the assets of an add or a removal changed something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shift {
    /// Added, or removed.
    pub changed: Vec<AssetId>,
    /// Were there already, or were not there.
    pub unchanged: Vec<AssetId>,
}

impl Shift {
    pub(crate) fn note(&mut self, asset: AssetId, changed: bool) {
        if changed {
            self.changed.push(asset);
        } else {
            self.unchanged.push(asset);
        }
    }
}

/// A query of albums; `?1` is the time now. `rest` follows its FROM.
fn select(rest: &str) -> String {
    let held = format!(
        "FROM album_asset JOIN asset ON asset.id = album_asset.asset
          WHERE album_asset.album = album.id AND {AT_HAND}"
    );
    let first = |order: AlbumOrder| {
        let by = order.of_assets();
        format!("(SELECT asset.id {held} ORDER BY {by} LIMIT 1)")
    };
    format!(
        "SELECT album.id, album.title, album.description, album.created_at, album.sort_order,
           (SELECT count(*) {held}) AS count,
           coalesce((SELECT asset.id {held} AND asset.id = album.cover),
               iif(album.sort_order = 'newest', {}, {})) AS shown,
           (SELECT min(asset.taken_local) {held}) AS first_at,
           (SELECT max(asset.taken_local) {held}) AS last_at,
           (SELECT count(*) FROM link WHERE link.album = album.id AND {}) AS links,
           {}, {}
      FROM album {rest}",
        first(AlbumOrder::Newest),
        first(AlbumOrder::Oldest),
        link::opens("?1"),
        Counted::columns("activity.album = album.id"),
        Sharing::columns()
    )
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Album> {
    let taken = |column: &str| -> rusqlite::Result<Option<TakenAt>> {
        Ok(row.get::<_, Option<i64>>(column)?.map(|local_ms| TakenAt {
            local_ms,
            offset_minutes: None,
        }))
    };
    Ok(Album {
        id: row.get("id")?,
        title: row.get("title")?,
        description: row.get("description")?,
        count: row.get("count")?,
        order: AlbumOrder::of(row)?,
        cover: row.get("shown")?,
        created_at: row.get("created_at")?,
        first_at: taken("first_at")?,
        last_at: taken("last_at")?,
        links: row.get("links")?,
        said: Counted::of(row)?,
        sharing: Sharing::of(row)?,
    })
}

/// Fails with a sentence when no album has this id.
pub(crate) fn check_known(conn: &Connection, id: AlbumId) -> Result<(), LibraryError> {
    conn.prepare_cached("SELECT 1 FROM album WHERE id = ?1")?
        .query_row([id], |_| Ok(()))
        .optional()?
        .ok_or_else(|| unknown(id))
}

/// The title of the album with this id, for the words of an undo.
fn title_of(conn: &Connection, id: AlbumId) -> Result<String, LibraryError> {
    conn.prepare_cached("SELECT title FROM album WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?
        .ok_or_else(|| unknown(id))
}

fn unknown(id: AlbumId) -> LibraryError {
    LibraryError::Unknown {
        noun: "album",
        id: id.to_string(),
    }
}

/// Puts an asset into an album; false when it was there, or the album is gone.
pub(crate) fn insert(
    write: &Write<'_>,
    album: AlbumId,
    asset: AssetId,
) -> Result<bool, LibraryError> {
    if let Some(home) = share::home_of_others(write.conn(), album)? {
        let shift = share::add(write, home, album, &[asset])?;
        return Ok(!shift.changed.is_empty());
    }
    let added = write
        .conn()
        .prepare_cached(
            "INSERT INTO album_asset (album, asset, added_at)
             SELECT id, ?2, ?3 FROM album WHERE id = ?1
             ON CONFLICT (album, asset) DO NOTHING",
        )?
        .execute((album, asset, write.now_ms))?;
    write.announce(Change::Album(album));
    Ok(added > 0)
}

impl Library {
    /// Makes an album.
    pub fn create_album(&self, title: &str) -> Result<Album, LibraryError> {
        let title = title.to_owned();
        let id = self.catalog.write(move |write| {
            let id = AlbumId::new(write.now_ms);
            make(write, id, &title)?;
            Ok(id)
        })?;
        self.album(id)
    }

    /// All albums, newest first.
    pub fn albums(&self) -> Result<Vec<Album>, LibraryError> {
        let now = self.clock.now_ms();
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&select("ORDER BY album.created_at DESC, album.id"))?
                .query_map([now], from_row)?
                .collect::<Result<_, _>>()?)
        })
    }

    /// The album with this id.
    pub fn album(&self, id: AlbumId) -> Result<Album, LibraryError> {
        let now = self.clock.now_ms();
        self.catalog.read(|conn| {
            conn.prepare_cached(&select("WHERE album.id = ?2"))?
                .query_row((now, id), from_row)
                .optional()?
                .ok_or_else(|| unknown(id))
        })
    }

    /// Edits an album.
    pub fn edit_album(&self, id: AlbumId, edit: AlbumEdit) -> Result<Album, LibraryError> {
        let edit = edit.checked()?;
        self.catalog.write(
            move |write| match share::home_of_others(write.conn(), id)? {
                Some(home) => share::edit(write, home, id, &edit),
                None => self::edit(write, id, &edit),
            },
        )?;
        self.album(id)
    }

    /// Deletes an album and its links; its photos stay.
    pub fn delete_album(&self, id: AlbumId) -> Result<(), LibraryError> {
        let gone = self.catalog.write(move |write| {
            share::check_own(write.conn(), id)?;
            match share::home_of_others(write.conn(), id)? {
                Some(home) => share::ask_delete(write, home, id),
                None => delete_rows(write, id).map(|()| Vec::new()),
            }
        })?;
        self.drop_kept(&gone)
    }

    /// Puts assets into an album.
    pub fn add_to_album(&self, id: AlbumId, assets: &[AssetId]) -> Result<Shift, LibraryError> {
        let assets = assets.to_vec();
        self.catalog.write(
            move |write| match share::home_of_others(write.conn(), id)? {
                Some(home) => share::add(write, home, id, &assets),
                None => add(write, id, &assets),
            },
        )
    }

    /// Takes assets out of an album; they stay in the library.
    pub fn remove_from_album(
        &self,
        id: AlbumId,
        assets: &[AssetId],
    ) -> Result<Shift, LibraryError> {
        let assets = assets.to_vec();
        self.catalog.write(
            move |write| match share::home_of_others(write.conn(), id)? {
                Some(home) => share::remove(write, home, id, &assets),
                None => remove(write, id, &assets),
            },
        )
    }

    /// The ids of an album's assets, in its order.
    pub fn album_assets(&self, id: AlbumId) -> Result<Vec<AssetId>, LibraryError> {
        self.catalog.read(|conn| {
            check_known(conn, id)?;
            Ok(conn
                .prepare_cached(&format!(
                    "SELECT asset.id FROM album_asset JOIN asset ON asset.id = album_asset.asset
                      WHERE album_asset.album = ?1 AND {AT_HAND}
                      ORDER BY {}",
                    order::of_album(conn, id)?.of_assets()
                ))?
                .query_map([id], |row| row.get(0))?
                .collect::<Result<_, _>>()?)
        })
    }
}

impl AlbumEdit {
    pub(crate) fn checked(mut self) -> Result<AlbumEdit, LibraryError> {
        self.title = self.title.as_deref().map(checked_title).transpose()?;
        checked_text("description", 16 * 1024, self.description.as_deref())?;
        Ok(self)
    }
}

/// Makes an album of this id, as a command that can be undone.
pub(crate) fn make(write: &Write<'_>, id: AlbumId, title: &str) -> Result<(), LibraryError> {
    let title = checked_title(title)?;
    write.record_undo(&format!("the album «{title}» made"))?;
    let made = write.conn().execute(
        "INSERT INTO album (id, home, title, created_at)
         SELECT ?1, device, ?2, ?3 FROM library WHERE true ON CONFLICT (id) DO NOTHING",
        (id, title, write.now_ms),
    )?;
    write.announce(Change::Album(id));
    match made {
        0 => Err(LibraryError::wrong("There is an album of this id already.")),
        _ => Ok(()),
    }
}

/// Deletes an album and its links, as a command that can be undone.
pub(crate) fn delete(write: &Write<'_>, id: AlbumId) -> Result<(), LibraryError> {
    share::check_own(write.conn(), id)?;
    delete_rows(write, id)
}

/// Deletes an album, whoever's it is that lives here.
pub(crate) fn delete_rows(write: &Write<'_>, id: AlbumId) -> Result<(), LibraryError> {
    let conn = write.conn();
    let title = title_of(conn, id)?;
    write.record_undo(&format!("the album «{title}» deleted"))?;
    for link in link::of_album(conn, id)? {
        write.announce(Change::Link(link));
    }
    // First of all, so that it is undone last: what it refers to is there again then.
    conn.execute("DELETE FROM activity WHERE album = ?1", [id])?;
    conn.execute("DELETE FROM member WHERE album = ?1", [id])?;
    conn.execute("DELETE FROM album WHERE id = ?1", [id])?;
    write.announce(Change::Album(id));
    write.announce(Change::Activity);
    Ok(())
}

/// Edits an album, as a command that can be undone.
pub(crate) fn edit(write: &Write<'_>, id: AlbumId, edit: &AlbumEdit) -> Result<(), LibraryError> {
    let conn = write.conn();
    let title_now = title_of(conn, id)?;
    share::check_own(conn, id)?;
    write.record_undo(&format!("the album «{title_now}» edited"))?;
    edit_rows(write, id, edit)
}

/// Edits an album, whoever asked for it.
pub(crate) fn edit_rows(
    write: &Write<'_>,
    id: AlbumId,
    edit: &AlbumEdit,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    if let Some(cover) = edit.cover {
        conn.query_row(
            &format!(
                "SELECT 1 FROM album_asset JOIN asset ON asset.id = album_asset.asset
                  WHERE album = ?1 AND asset = ?2 AND {SEEN}"
            ),
            (id, cover),
            |_| Ok(()),
        )
        .optional()?
        .ok_or_else(|| LibraryError::wrong("The cover must be a photo of the album."))?;
    }
    conn.execute(
        "UPDATE album SET title = coalesce(?2, title),
                description = coalesce(?3, description), cover = coalesce(?4, cover),
                sort_order = coalesce(?5, sort_order)
          WHERE id = ?1",
        (
            id,
            &edit.title,
            &edit.description,
            edit.cover,
            edit.order.map(AlbumOrder::name),
        ),
    )?;
    write.announce(Change::Album(id));
    Ok(())
}

/// Puts assets into an album, as a command that can be undone.
pub(crate) fn add(
    write: &Write<'_>,
    id: AlbumId,
    assets: &[AssetId],
) -> Result<Shift, LibraryError> {
    let title = title_of(write.conn(), id)?;
    share::check_own(write.conn(), id)?;
    write.record_undo(&format!("{} added to «{title}»", photos(assets.len())))?;
    let mut shift = Shift::default();
    for asset in assets {
        check_asset_own(write.conn(), *asset)?;
        shift.note(*asset, insert(write, id, *asset)?);
    }
    Ok(shift)
}

/// Takes assets out of an album, as a command that can be undone.
pub(crate) fn remove(
    write: &Write<'_>,
    id: AlbumId,
    assets: &[AssetId],
) -> Result<Shift, LibraryError> {
    let conn = write.conn();
    let title = title_of(conn, id)?;
    share::check_own(conn, id)?;
    write.record_undo(&format!("{} taken out of «{title}»", photos(assets.len())))?;
    let mut shift = Shift::default();
    for asset in assets {
        let removed = conn
            .prepare_cached(&format!(
                "DELETE FROM album_asset WHERE album = ?1 AND asset IN
                     (SELECT id FROM asset WHERE id = ?2 AND {SEEN})"
            ))?
            .execute((id, asset))?;
        conn.prepare_cached("UPDATE album SET cover = NULL WHERE id = ?1 AND cover = ?2")?
            .execute((id, asset))?;
        shift.note(*asset, removed > 0);
    }
    write.announce(Change::Album(id));
    Ok(shift)
}

fn checked_title(title: &str) -> Result<String, LibraryError> {
    let title = title.trim();
    if title.is_empty() {
        return Err(LibraryError::wrong("An album needs a title."));
    }
    checked_text("title", 512, Some(title))?;
    Ok(title.to_owned())
}
