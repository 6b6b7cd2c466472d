//! Photos whose home is another machine of one's own, read from its replica, with what
//! waits for that home.

mod album;
mod among;

use std::collections::BTreeSet;

use media::Turn;
use rusqlite::{Connection, OptionalExtension};

use crate::wire::{AssetRow, WishOf};
use crate::{
    AlbumId, Asset, AssetId, DeviceId, Library, LibraryError, MotionId, Shelf, TakenAt, request,
};

pub use album::RemoteAlbum;
pub(crate) use among::{refresh, refresh_wished, split, waiting_away};

/// A photo whose home is elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoteAsset {
    /// What its home says of it, with what waits for that.
    pub asset: Asset,
    /// Whether something asked of its home waits.
    pub waits: bool,
}

/// Which photos of a home.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RemoteWhich {
    /// Those of this album.
    pub album: Option<AlbumId>,
    /// Those that lie there; without, all that are not in the trash.
    pub shelf: Option<Shelf>,
}

/// After which photo a list goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemoteCursor {
    /// What it is sorted by.
    pub sorted_at: i64,
    /// Its id.
    pub id: AssetId,
}

impl Library {
    /// Photos of a home, newest first; with the place to go on from, where there may be
    /// more. One whose time is to be changed keeps its place until its home has done it.
    ///
    /// # Errors
    /// For an album that the home does not have.
    pub fn remote_assets(
        &self,
        home: DeviceId,
        which: RemoteWhich,
        after: Option<RemoteCursor>,
        limit: usize,
    ) -> Result<(Vec<RemoteAsset>, Option<RemoteCursor>), LibraryError> {
        self.catalog.read(|conn| {
            let waiting = request::waiting(conn, home)?;
            let is_mine = is_mine(conn, home)?;
            let within: Option<BTreeSet<AssetId>> = which
                .album
                .map(|album| {
                    Ok::<_, LibraryError>(album::held(conn, home, album, &waiting)?.assets)
                })
                .transpose()?;
            let (before, id) = after.map_or((i64::MAX, AssetId::from_bytes([0xff; 16])), |after| {
                (after.sorted_at, after.id)
            });
            let mut found = conn.prepare_cached(
                "SELECT row, body, sorted_at FROM replica
                  WHERE home = ?1 AND space = 'library' AND sorted_at IS NOT NULL
                    AND (sorted_at, row) < (?2, ?3)
                  ORDER BY sorted_at DESC, row DESC",
            )?;
            let mut rows = found.query((home, before, id))?;
            let mut assets = Vec::new();
            let mut last = None;
            while let Some(row) = rows.next()? {
                let id = row.get(0)?;
                if within.as_ref().is_some_and(|within| !within.contains(&id)) {
                    continue;
                }
                if assets.len() >= limit {
                    return Ok((assets, last));
                }
                let remote = remote(home, is_mine, id, &row.get::<_, Vec<u8>>(1)?, &waiting)?;
                let lies = remote.asset.shelf;
                if which
                    .shelf
                    .map_or(lies != Shelf::Trash, |shelf| shelf == lies)
                {
                    assets.push(remote);
                    let sorted_at = row.get(2)?;
                    last = Some(RemoteCursor { sorted_at, id });
                }
            }
            Ok((assets, None))
        })
    }

    /// A photo of a home.
    pub fn remote_asset(&self, home: DeviceId, id: AssetId) -> Result<RemoteAsset, LibraryError> {
        self.catalog.read(|conn| {
            let body = body_of(conn, home, id)?.ok_or_else(|| LibraryError::Unknown {
                noun: "photo of that machine",
                id: id.to_string(),
            })?;
            let is_mine = is_mine(conn, home)?;
            remote(home, is_mine, id, &body, &request::waiting(conn, home)?)
        })
    }
}

/// Whether a machine is one of one's own, and known.
fn is_mine(conn: &Connection, home: DeviceId) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM device JOIN library USING (person) WHERE device.id = ?1")?
        .exists([home])?)
}

/// What a home told of a photo.
fn body_of(
    conn: &Connection,
    home: DeviceId,
    id: AssetId,
) -> Result<Option<Vec<u8>>, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT body FROM replica
              WHERE home = ?1 AND space = 'library' AND kind = 1 AND row = ?2",
        )?
        .query_row((home, id), |row| row.get(0))
        .optional()?)
}

fn remote(
    home: DeviceId,
    is_mine: bool,
    id: AssetId,
    body: &[u8],
    waiting: &[WishOf],
) -> Result<RemoteAsset, LibraryError> {
    let (row, waits) = foreseen(id, body, waiting)?;
    Ok(RemoteAsset {
        asset: asset_of(home, is_mine, id, row),
        waits,
    })
}

/// A photo of a home, with what waits for that.
pub(crate) fn row_of(
    conn: &Connection,
    home: DeviceId,
    id: AssetId,
    waiting: &[WishOf],
) -> Result<Option<AssetRow>, LibraryError> {
    body_of(conn, home, id)?
        .map(|body| foreseen(id, &body, waiting).map(|(row, _)| row))
        .transpose()
}

/// What a home told of a photo, with what waits for that; and whether anything does.
fn foreseen(
    id: AssetId,
    body: &[u8],
    waiting: &[WishOf],
) -> Result<(AssetRow, bool), LibraryError> {
    let mut row = AssetRow::read(body).map_err(LibraryError::wrong)?;
    let waits = waiting
        .iter()
        .filter(|wish| request::foresee(wish, id, &mut row))
        .count()
        > 0;
    Ok((row, waits))
}

/// A photo as its home tells of it.
pub(crate) fn asset_of(home: DeviceId, is_mine: bool, id: AssetId, row: AssetRow) -> Asset {
    let shelf = match (row.trashed, row.archived) {
        (true, _) => Shelf::Trash,
        (false, true) => Shelf::Archive,
        (false, false) => Shelf::Timeline,
    };
    Asset {
        id,
        home,
        via: Some(home),
        is_mine,
        hash: row.hash.first_chunk().copied().unwrap_or_default(),
        kind: if row.is_video { "video" } else { "photo" }.to_owned(),
        name: row.name,
        bytes: row.bytes,
        mime: row.mime,
        width: row.width,
        height: row.height,
        duration_ms: row.duration_ms,
        taken_at: row.taken_local.map(|local_ms| TakenAt {
            local_ms,
            offset_minutes: row.taken_offset.and_then(|east| i16::try_from(east).ok()),
        }),
        taken_from: None,
        latitude: row.latitude,
        longitude: row.longitude,
        altitude: row.altitude,
        place: row.place,
        camera_make: row.camera_make,
        camera_model: row.camera_model,
        lens: row.lens,
        f_number: row.f_number,
        exposure_time: row.exposure_time,
        iso: row.iso,
        focal_length: row.focal_length,
        rating: row.rating.and_then(|stars| u8::try_from(stars).ok()),
        title: row.title,
        description: row.description,
        tags: row.tags,
        favorite: row.favorite,
        sorted_at: row.sorted_at,
        thumbhash: row.thumbhash,
        motion: row
            .motion
            .and_then(|id| id.first_chunk().copied())
            .map(MotionId::from_bytes),
        plays: row.plays,
        unseen: row.unseen,
        contributor: row.contributor,
        turn: Turn::of_quarters(i64::from(row.turn)),
        shelf,
        is_locked: false,
        seq: 0,
    }
}
