//! Originals that are missing here, or damaged, brought back from another of one's own
//! machines that keeps them.

use std::io::{Seek, SeekFrom};

use rusqlite::OptionalExtension;

use crate::kept::KeptWhat;
use crate::lock::SEEN;
use crate::original::{Incoming, Location, Original, Part, record};
use crate::{Asset, AssetId, Change, Library, LibraryError, asset};

impl Library {
    /// Photos and videos whose original should be among the library's own files and cannot
    /// be read there, newest first.
    pub fn missing_originals(&self) -> Result<Vec<Asset>, LibraryError> {
        let all: Vec<Asset> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&format!(
                    "SELECT {} FROM asset
                      WHERE asset.via IS NULL AND {SEEN}
                        AND EXISTS (SELECT 1 FROM original WHERE original.asset = asset.id
                                       AND original.part = 'whole' AND original.in_place = 0)
                      ORDER BY asset.sorted_at DESC, asset.seq DESC",
                    asset::COLUMNS
                ))?
                .query_map([], asset::from_row)?
                .collect::<Result<_, _>>()?)
        })?;
        let lacks = |asset: &Asset| match self.open_original(asset) {
            Ok(file) => file.metadata().map(|held| held.len()).ok() != Some(asset.bytes),
            Err(_) => true,
        };
        Ok(all.into_iter().filter(lacks).collect())
    }

    /// Makes an original that was brought back one of the library's own files again.
    ///
    /// # Errors
    /// [`LibraryError::OriginalDamaged`] where it is not what was imported.
    pub fn put_back(&self, id: AssetId) -> Result<(), LibraryError> {
        let asset = self.any_asset(id)?;
        let home = self.identity()?.device;
        let Some(mut file) = self.open_kept(home, id, KeptWhat::Original)? else {
            return Err(LibraryError::OriginalMissing { name: asset.name });
        };
        file.seek(SeekFrom::Start(0))?;
        let before: Option<String> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT path FROM original
                      WHERE asset = ?1 AND part = 'whole' AND in_place = 0 ORDER BY path",
                )?
                .query_row([id], |row| row.get(0))
                .optional()?)
        })?;
        let (folder, name) = before
            .as_deref()
            .and_then(|path| path.rsplit_once('/'))
            .unwrap_or(("returned", &asset.name));
        let placed = self.place_original(Incoming::File(&mut file), folder, name)?;
        if placed.hash != asset.hash {
            return Err(LibraryError::OriginalDamaged { name: asset.name });
        }
        let now = self.clock.now_ms();
        self.catalog.write(move |write| {
            // A file that was found damaged stays where it is; it is the photo's no more.
            write
                .conn()
                .prepare_cached(
                    "DELETE FROM original WHERE asset = ?1 AND part = 'whole' AND in_place = 0",
                )?
                .execute([id])?;
            let original = Original {
                location: Location::Copied(placed.target.clone()),
                hash: placed.hash,
                bytes: placed.bytes,
                modified_ms: now,
                inode: None,
            };
            record(write, id, Part::Whole, &original, Some(&placed))?;
            write.announce(Change::Asset(id));
            Ok(())
        })?;
        self.drop_kept(&[(home, id)])
    }
}
