//! Albums whose home is another machine of one's own, with what waits for that home.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::{body_of, remote};
use crate::request::{Held, foresee_albums, waiting};
use crate::wire::{AlbumRow, RowKind, WishOf};
use crate::{AlbumId, AlbumOrder, Asset, AssetId, DeviceId, Library, LibraryError, Shelf, TakenAt};

/// An album whose home is elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteAlbum {
    /// Its id.
    pub id: AlbumId,
    /// Title.
    pub title: String,
    /// Description; empty when there is none.
    pub description: String,
    /// How many assets it holds, without those in the trash.
    pub count: u64,
    /// In which order they stand there.
    pub order: AlbumOrder,
    /// The asset shown for it: the chosen one, else the first.
    pub cover: Option<AssetId>,
    /// When it was made, milliseconds since 1970.
    pub created_at: i64,
    /// When its earliest asset was taken.
    pub first_at: Option<TakenAt>,
    /// When its latest asset was taken.
    pub last_at: Option<TakenAt>,
    /// Whether something asked of its home waits.
    pub waits: bool,
}

impl Library {
    /// The albums of a home, newest first.
    pub fn remote_albums(&self, home: DeviceId) -> Result<Vec<RemoteAlbum>, LibraryError> {
        self.catalog.read(|conn| {
            let waiting = waiting(conn, home)?;
            let mut albums = all_held(conn, home, &waiting)?
                .into_iter()
                .map(|(id, held)| album_of(conn, home, id, held, &waiting))
                .collect::<Result<Vec<_>, _>>()?;
            albums.sort_by_key(|album| (std::cmp::Reverse(album.created_at), album.id));
            Ok(albums)
        })
    }

    /// The title of an album of a home; its photos are not read.
    pub(crate) fn remote_title(&self, home: DeviceId, id: AlbumId) -> Result<String, LibraryError> {
        self.catalog.read(|conn| {
            let waiting = waiting(conn, home)?;
            Ok(held(conn, home, id, &waiting)?.row.title)
        })
    }
}

/// An album of a home and what is in it, as it will be.
pub(super) fn held(
    conn: &Connection,
    home: DeviceId,
    id: AlbumId,
    waiting: &[WishOf],
) -> Result<Held, LibraryError> {
    all_held(conn, home, waiting)?
        .remove(&id)
        .ok_or_else(|| LibraryError::Unknown {
            noun: "album of that machine",
            id: id.to_string(),
        })
}

/// All albums of a home. Photos are told of other people's albums, too, whose rows are
/// not: those are in none of these.
fn all_held(
    conn: &Connection,
    home: DeviceId,
    waiting: &[WishOf],
) -> Result<BTreeMap<AlbumId, Held>, LibraryError> {
    let mut told = conn.prepare_cached(
        "SELECT row, body FROM replica WHERE home = ?1 AND space = 'library' AND kind = ?2",
    )?;
    let mut albums = told
        .query_map((home, RowKind::Album as u32), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .map(|row| {
            let (id, body): (AlbumId, Vec<u8>) = row?;
            let held = Held {
                row: AlbumRow::read(&body).map_err(LibraryError::wrong)?,
                ..Held::default()
            };
            Ok((id, held))
        })
        .collect::<Result<BTreeMap<_, _>, LibraryError>>()?;
    let mut rows = told.query((home, RowKind::AlbumAsset as u32))?;
    while let Some(row) = rows.next()? {
        let both: [u8; 32] = row.get(0)?;
        let (album, asset) = both.split_at(16);
        if let (Some(album), Some(asset)) = (album.first_chunk(), asset.first_chunk())
            && let Some(held) = albums.get_mut(&AlbumId::from_bytes(*album))
        {
            held.assets.insert(AssetId::from_bytes(*asset));
        }
    }
    foresee_albums(waiting, &mut albums);
    // One's own that lives there is among those of this machine.
    let mut lodged =
        conn.prepare_cached("SELECT id FROM album WHERE home = ?1 AND owner IS NOT NULL")?;
    for id in lodged.query_map([home], |row| row.get(0))? {
        albums.remove(&id?);
    }
    Ok(albums)
}

fn album_of(
    conn: &Connection,
    home: DeviceId,
    id: AlbumId,
    held: Held,
    waiting: &[WishOf],
) -> Result<RemoteAlbum, LibraryError> {
    let mut assets: Vec<Asset> = Vec::new();
    for asset in held.assets {
        if let Some(body) = body_of(conn, home, asset)? {
            let asset = remote(home, true, asset, &body, waiting)?.asset;
            assets.extend(Some(asset).filter(|asset| asset.shelf != Shelf::Trash));
        }
    }
    let order = AlbumOrder::of_number(held.row.order);
    assets.sort_by_key(|asset| (asset.sorted_at, asset.id));
    if order == AlbumOrder::Newest {
        assets.reverse();
    }
    let chosen = held.row.cover.as_deref().and_then(|id| id.try_into().ok());
    let chosen = chosen.map(AssetId::from_bytes);
    let is_there = |id: &AssetId| assets.iter().any(|asset| asset.id == *id);
    // As of an album of one's own, without a zone: photos of several may be in it.
    let times = || {
        assets
            .iter()
            .filter_map(|asset| Some(asset.taken_at?.local_ms))
    };
    let at = |local_ms| TakenAt {
        local_ms,
        offset_minutes: None,
    };
    Ok(RemoteAlbum {
        id,
        title: held.row.title,
        description: held.row.description,
        count: assets.len() as u64,
        order,
        cover: chosen
            .filter(is_there)
            .or_else(|| assets.first().map(|asset| asset.id)),
        created_at: held.row.created_at,
        first_at: times().min().map(at),
        last_at: times().max().map(at),
        waits: held.waits,
    })
}
