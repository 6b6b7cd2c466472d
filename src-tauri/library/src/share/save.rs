//! Copies of others' photos taken into one's own library, with all that is known of them.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Seek, SeekFrom};

use rusqlite::OptionalExtension;

use crate::asset::{find_any, find_by_hash};
use crate::catalog::Write;
use crate::import::hash_of;
use crate::kept::{KeptWhat, ToldPart, told_parts_of};
use crate::original::Part;
use crate::{Asset, AssetId, DeviceId, Library, LibraryError, Shelf, motion, sidecar};

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
        let own = match self.own_copy(&asset)? {
            Some(own) => {
                self.take_out_of_trash(own)?;
                own
            }
            None => self.copy_in(&mut self.open_original(&asset)?, &asset, Shelf::Timeline)?,
        };
        if let Some(via) = asset.via {
            self.take_parts(own, (via, id), Shelf::Timeline)?;
        }
        Ok(own)
    }

    /// Gives a copy the further files of what it is a copy of, as far as they are here and
    /// are what they were.
    pub(crate) fn take_parts(
        &self,
        own: AssetId,
        (home, id): (DeviceId, AssetId),
        shelf: Shelf,
    ) -> Result<(), LibraryError> {
        for part in self.catalog.read(|conn| told_parts_of(conn, home, id))? {
            let Some(mut file) = self.open_kept(home, id, KeptWhat::Part(part.hash))? else {
                continue;
            };
            if hash_of(&mut file)? != part.hash {
                continue;
            }
            match part.part {
                Part::Whole => {}
                Part::Live => self.take_live(own, &mut file, &part, shelf)?,
                Part::Side => {
                    let photo = self.any_asset(own)?.name;
                    let now = self.clock.now_ms();
                    if let Some(side) = sidecar::arrived(&mut file, &part.name, &photo, now)? {
                        self.take_side(own, &side)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn take_live(
        &self,
        own: AssetId,
        file: &mut File,
        part: &ToldPart,
        shelf: Shelf,
    ) -> Result<(), LibraryError> {
        let hash = part.hash;
        // What moves already, and a video that is here by itself, are left as they are.
        let is_there = self.catalog.read(|conn| {
            let moves = conn
                .prepare_cached("SELECT 1 FROM motion WHERE asset = ?1 OR hash = ?2")?
                .exists((own, hash))?;
            Ok(moves || find_by_hash(conn, &hash)?.is_some())
        })?;
        if is_there {
            return Ok(());
        }
        self.take_file(file, &part.name, shelf)?;
        self.catalog.write(move |write| {
            // By its name and its moment it may have found its photo by itself.
            let video = find_by_hash(write.conn(), &hash)?;
            let video = video
                .map(|video| find_any(write.conn(), video))
                .transpose()?;
            match video.filter(|video| video.kind == "video") {
                Some(video) => motion::attach_asset(write, own, video.id),
                None => Ok(()),
            }
        })
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
        self.take_file(file, &asset.name, shelf)?;
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

    /// As a visitor's file: read by a decoder that sees nothing else.
    fn take_file(&self, file: &mut File, name: &str, shelf: Shelf) -> Result<(), LibraryError> {
        file.seek(SeekFrom::Start(0))?;
        let folder = tempfile::tempdir_in(self.unfinished())?;
        let path = folder.path().join("file");
        io::copy(file, &mut File::create(&path)?)?;
        let names = HashMap::from([(path, name.to_owned())]);
        let report = self.take_from_inbox(names, shelf, &|_| true)?;
        match report.failures.first() {
            Some(failure) => Err(LibraryError::wrong(failure.message.clone())),
            None => Ok(()),
        }
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
