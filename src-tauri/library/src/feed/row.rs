//! Photos and albums as rows that are told.

use rusqlite::{Connection, OptionalExtension};

use crate::asset::Asset;
use crate::original::cut;
use crate::wire::{AlbumRow, AssetRow};
use crate::{AlbumId, AlbumOrder, LibraryError, Shelf, TakenAt};

/// What there is to tell of an album of the library's own.
pub(crate) fn album_row(conn: &Connection, id: AlbumId) -> Result<Option<AlbumRow>, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT title, description, cover, created_at, originals, linking, talking,
                    coalesce(iif(everyone = 'editor', 1, iif(everyone = 'viewer', 2, 0)), 0), keeping,
                    sort_order
               FROM album WHERE id = ?1 AND owner IS NULL",
        )?
        .query_row([id], |row| {
            Ok(AlbumRow {
                title: row.get(0)?,
                description: row.get(1)?,
                cover: row.get(2)?,
                created_at: row.get(3)?,
                originals: row.get(4)?,
                linking: row.get(5)?,
                talking: row.get(6)?,
                everyone: row.get(7)?,
                keeping: row.get(8)?,
                order: AlbumOrder::of(row)?.number(),
            })
        })
        .optional()?)
}

/// A photo as the members of an album are told of it: without what its owner alone
/// says of it.
pub(crate) fn shared_row(asset: &Asset) -> AssetRow {
    AssetRow {
        rating: None,
        favorite: false,
        archived: false,
        trashed: false,
        home: Some(asset.home.bytes().to_vec()),
        ..asset_row(asset)
    }
}

/// A photo as one's own machines are told of it.
pub(super) fn asset_row(asset: &Asset) -> AssetRow {
    let short = |text: &Option<String>| text.as_deref().map(|text| cut(text, 255).to_owned());
    AssetRow {
        hash: asset.hash.to_vec(),
        is_video: asset.kind == "video",
        name: cut(&asset.name, 255).to_owned(),
        bytes: asset.bytes,
        mime: asset.mime.clone(),
        width: asset.width,
        height: asset.height,
        duration_ms: asset.duration_ms,
        taken_local: asset.taken_at.map(|taken| taken.local_ms),
        taken_offset: asset
            .taken_at
            .and_then(|taken: TakenAt| taken.offset_minutes)
            .map(i32::from),
        sorted_at: asset.sorted_at,
        latitude: asset.latitude,
        longitude: asset.longitude,
        altitude: asset.altitude,
        place: short(&asset.place),
        camera_make: short(&asset.camera_make),
        camera_model: short(&asset.camera_model),
        lens: short(&asset.lens),
        f_number: asset.f_number,
        exposure_time: asset.exposure_time,
        iso: asset.iso,
        focal_length: asset.focal_length,
        rating: asset.rating.map(u32::from),
        title: asset.title.as_deref().map(|text| cut(text, 512).to_owned()),
        description: asset
            .description
            .as_deref()
            .map(|text| cut(text, 16 * 1024).to_owned()),
        tags: asset
            .tags
            .iter()
            .take(1_000)
            .map(|tag| cut(tag, 255).to_owned())
            .collect(),
        favorite: asset.favorite,
        thumbhash: asset.thumbhash.clone(),
        motion: asset.motion.map(|id| id.bytes().to_vec()),
        plays: asset.plays,
        unseen: asset.unseen.clone(),
        contributor: short(&asset.contributor),
        turn: u32::from(asset.turn.quarters()),
        archived: asset.shelf == Shelf::Archive,
        trashed: asset.shelf == Shelf::Trash,
        ..AssetRow::default()
    }
}
