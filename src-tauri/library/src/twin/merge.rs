//! Twins become one: the one that is kept gains what the owner gave the others, and
//! those go to the trash. One command, which can be undone.

use super::is_twin_of_any;
use crate::asset::{self, Asset};
use crate::catalog::Write;
use crate::shelf::Shelf;
use crate::undo::photos;
use crate::{AlbumId, AssetId, Change, Library, LibraryError, LinkId, activity, trash};

impl Library {
    /// Keeps one of several twins: it comes into the albums and links of the others,
    /// is a favourite if any was, has the best rating and all keywords, and the title,
    /// description, time and place that it lacks. The others go to the trash.
    ///
    /// # Errors
    /// [`LibraryError::Wrong`] for what is in the trash, or no twin of any of them.
    pub fn merge_twins(&self, keep: AssetId, others: &[AssetId]) -> Result<Asset, LibraryError> {
        let mut others = others.to_vec();
        others.retain(|other| *other != keep);
        if others.is_empty() {
            return Err(LibraryError::wrong(
                "Name the photo to keep, and at least one duplicate of it.",
            ));
        }
        self.catalog.write(move |write| {
            let all: Vec<AssetId> = others.iter().copied().chain([keep]).collect();
            check_twins(write, &all)?;
            write.record_undo(&format!("{} merged into one", photos(all.len())))?;
            for other in others {
                take_over(write, keep, other)?;
                trash::put(write, other, true)?;
            }
            write.announce(Change::Asset(keep));
            write.announce(Change::Twins);
            Ok(())
        })?;
        self.asset(keep)
    }
}

/// Fails with a sentence when these are not twins at hand.
fn check_twins(write: &Write<'_>, all: &[AssetId]) -> Result<(), LibraryError> {
    for id in all {
        let asset = asset::find(write.conn(), *id)?;
        let first = match asset.shelf {
            Shelf::Timeline | Shelf::Archive => None,
            Shelf::Trash => Some("is in the trash; restore it first"),
            Shelf::Locked => Some("is locked; unlock it first"),
            Shelf::Album => Some("is another person's"),
        };
        if let Some(first) = first {
            return Err(LibraryError::wrong(format!("«{}» {first}.", asset.name)));
        }
        let of: Vec<AssetId> = all.iter().copied().filter(|other| other != id).collect();
        if !is_twin_of_any(write, *id, &of)? {
            return Err(LibraryError::wrong(format!(
                "«{}» is not listed as a duplicate of the others, so it was not merged with them.",
                asset.name
            )));
        }
    }
    Ok(())
}

/// Gives one asset what the owner gave another.
fn take_over(write: &Write<'_>, keep: AssetId, other: AssetId) -> Result<(), LibraryError> {
    let conn = write.conn();
    conn.prepare_cached(
        "UPDATE asset SET
             favorite = max(asset.favorite, o.favorite),
             rating = CASE WHEN asset.rating IS NULL THEN o.rating
                           ELSE max(asset.rating, coalesce(o.rating, 0)) END,
             title = coalesce(asset.title, o.title),
             description = coalesce(asset.description, o.description),
             taken_offset = iif(asset.taken_local IS NULL, o.taken_offset, asset.taken_offset),
             taken_from = iif(asset.taken_local IS NULL, o.taken_from, asset.taken_from),
             sorted_at = iif(asset.taken_local IS NULL AND o.taken_local IS NOT NULL,
                             o.taken_local, asset.sorted_at),
             taken_local = coalesce(asset.taken_local, o.taken_local),
             place = iif(asset.latitude IS NULL, o.place, asset.place),
             longitude = iif(asset.latitude IS NULL, o.longitude, asset.longitude),
             altitude = iif(asset.latitude IS NULL, o.altitude, asset.altitude),
             latitude = coalesce(asset.latitude, o.latitude)
           FROM asset AS o WHERE asset.id = ?1 AND o.id = ?2",
    )?
    .execute((keep, other))?;
    conn.prepare_cached(
        "INSERT INTO asset_tag (asset, position, tag)
         SELECT ?1, position + 1 + (SELECT coalesce(max(position), -1) FROM asset_tag WHERE asset = ?1),
                tag
           FROM asset_tag WHERE asset = ?2
            AND tag NOT IN (SELECT tag FROM asset_tag WHERE asset = ?1)",
    )?
    .execute((keep, other))?;
    let albums: Vec<AlbumId> = conn
        .prepare_cached("SELECT album FROM album_asset WHERE asset = ?1")?
        .query_map([other], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for album in albums {
        conn.prepare_cached(
            "INSERT OR IGNORE INTO album_asset (album, asset, added_at)
             SELECT album, ?1, added_at FROM album_asset WHERE asset = ?2 AND album = ?3",
        )?
        .execute((keep, other, album))?;
        conn.prepare_cached("UPDATE album SET cover = ?1 WHERE id = ?3 AND cover = ?2")?
            .execute((keep, other, album))?;
        write.announce(Change::Album(album));
    }
    let links: Vec<LinkId> = conn
        .prepare_cached("SELECT link FROM link_asset WHERE asset = ?1")?
        .query_map([other], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for link in links {
        conn.prepare_cached(
            "INSERT OR IGNORE INTO link_asset (link, asset, position)
             SELECT link, ?1, position FROM link_asset WHERE asset = ?2 AND link = ?3",
        )?
        .execute((keep, other, link))?;
        write.announce(Change::Link(link));
    }
    activity::take_over(write, keep, other)
}
