//! Copies of others' photos taken into one's own library, with all that is known of them.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Seek, SeekFrom};

use rusqlite::OptionalExtension;

use crate::asset::find_by_hash;
use crate::catalog::Write;
use crate::{Asset, AssetId, Library, LibraryError, Shelf};

impl Library {
    /// Takes a copy of another person's photo into the library, or finds the one that is
    /// there; answers with its id. One's own is its own copy.
    ///
    /// # Errors
    /// [`LibraryError::NotHere`] while the original is on another machine.
    pub fn save_copy(&self, id: AssetId) -> Result<AssetId, LibraryError> {
        let asset = self.asset(id)?;
        if asset.via.is_none() {
            return Ok(id);
        }
        if let Some(own) = self.own_copy(&asset)? {
            self.take_out_of_trash(own)?;
            return Ok(own);
        }
        self.copy_in(&mut self.open_original(&asset)?, &asset, Shelf::Timeline)
    }

    /// Takes a file that is a copy of `asset` into the library, with what is known of it,
    /// and where it belongs.
    pub(crate) fn copy_in(
        &self,
        file: &mut File,
        asset: &Asset,
        shelf: Shelf,
    ) -> Result<AssetId, LibraryError> {
        if let Some(own) = self.own_copy(asset)? {
            if shelf != Shelf::Trash {
                self.take_out_of_trash(own)?;
            }
            return Ok(own);
        }
        file.seek(SeekFrom::Start(0))?;
        // As a visitor's file: read by a decoder that sees nothing else.
        let folder = tempfile::tempdir_in(self.unfinished())?;
        let path = folder.path().join(asset.id.to_string());
        io::copy(file, &mut File::create(&path)?)?;
        let names = HashMap::from([(path, asset.name.clone())]);
        let report = self.take_from_inbox(names, shelf, &|_| true)?;
        if let Some(failure) = report.failures.first() {
            return Err(LibraryError::wrong(failure.message.clone()));
        }
        let own = self
            .own_copy(asset)?
            .ok_or_else(|| LibraryError::OriginalDamaged {
                name: asset.name.clone(),
            })?;
        let asset = asset.clone();
        self.catalog
            .write(move |write| describe(write, own, &asset))?;
        Ok(own)
    }

    /// What is wanted again does not go with the trash.
    fn take_out_of_trash(&self, own: AssetId) -> Result<(), LibraryError> {
        let asset = self.any_asset(own)?;
        if asset.shelf == Shelf::Trash && !asset.is_locked {
            self.restore(&[own])?;
        }
        Ok(())
    }

    fn own_copy(&self, asset: &Asset) -> Result<Option<AssetId>, LibraryError> {
        self.catalog.read(|conn| find_by_hash(conn, &asset.hash))
    }

    /// Whose a photo is that another machine told of; empty where the name is not known.
    pub fn owner_of(&self, id: AssetId) -> Result<Option<String>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT coalesce(
                                (SELECT name FROM person WHERE id = asset.partner),
                                (SELECT person.name FROM album_asset
                                   JOIN person ON person.id = album_asset.person
                                  WHERE album_asset.asset = asset.id LIMIT 1),
                                (SELECT person.name FROM album_asset
                                   JOIN album ON album.id = album_asset.album
                                   JOIN person ON person.id = album.owner
                                  WHERE album_asset.asset = asset.id
                                    AND album_asset.person IS NULL LIMIT 1),
                                '')
                       FROM asset
                      WHERE id = ?1 AND via IS NOT NULL
                        AND partner IS NOT (SELECT person FROM library)",
                )?
                .query_row([id], |row| row.get(0))
                .optional()?)
        })
    }
}

/// Gives a copy the words of what it is a copy of, and its place where its file tells
/// none.
fn describe(write: &Write<'_>, own: AssetId, asset: &Asset) -> Result<(), LibraryError> {
    let conn = write.conn();
    conn.prepare_cached(
        "UPDATE asset SET title = coalesce(?2, title), description = coalesce(?3, description),
                latitude = coalesce(latitude, ?4), longitude = coalesce(longitude, ?5),
                place = iif(latitude IS NULL, NULL, place), turn = ?6,
                rating = coalesce(?7, rating), favorite = favorite OR ?8
          WHERE id = ?1",
    )?
    .execute((
        own,
        &asset.title,
        &asset.description,
        asset.latitude,
        asset.longitude,
        asset.turn.quarters(),
        asset.rating,
        asset.favorite,
    ))?;
    for tag in &asset.tags {
        conn.prepare_cached(
            "INSERT INTO asset_tag (asset, position, tag)
             SELECT ?1, (SELECT coalesce(max(position), -1) + 1 FROM asset_tag WHERE asset = ?1), ?2
              WHERE NOT EXISTS (SELECT 1 FROM asset_tag WHERE asset = ?1 AND tag = ?2)",
        )?
        .execute((own, tag))?;
    }
    Ok(())
}
