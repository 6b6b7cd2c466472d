//! Originals that are missing here, or damaged, brought back from another of one's own
//! machines that keeps them.

use std::io::{Seek, SeekFrom};

use rusqlite::OptionalExtension;

use crate::kept::KeptWhat;
use crate::lock::SEEN;
use crate::offsite::Bytes;
use crate::original::{Incoming, Location, Original, Part, record};
use crate::{Asset, AssetId, Change, Library, LibraryError, asset};

/// The file of the photo `?1` that has the hash `?2`, or where there is none its original.
const THIS_FILE: &str = "asset = ?1 AND in_place = 0
     AND iif(?2 IS NULL, part = 'whole', part <> 'whole' AND hash = ?2)";

/// A file of a photo that cannot be read here.
#[derive(Clone, Debug)]
pub struct Missing {
    /// The photo.
    pub asset: Asset,
    /// Its original, or a further file of it.
    pub what: KeptWhat,
    /// How many bytes it had.
    pub bytes: u64,
    /// BLAKE3 of them.
    pub hash: [u8; 32],
}

impl Library {
    /// Originals and further files of photos that should be among the library's own files
    /// and cannot be read there, newest first.
    pub fn missing_originals(&self) -> Result<Vec<Missing>, LibraryError> {
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
        let lacks = |asset: &Asset| match self.find_original(asset) {
            Ok(Bytes::Here(file, _)) => {
                file.metadata().map(|held| held.len()).ok() != Some(asset.bytes)
            }
            Ok(Bytes::Away(_)) => false,
            Err(_) => true,
        };
        let originals = all.into_iter().filter(lacks).map(|asset| Missing {
            what: KeptWhat::Original,
            bytes: asset.bytes,
            hash: asset.hash,
            asset,
        });
        Ok(originals.chain(self.missing_parts()?).collect())
    }

    fn missing_parts(&self) -> Result<Vec<Missing>, LibraryError> {
        let parts: Vec<(Missing, Part)> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&format!(
                    "SELECT {}, original.part, original.hash AS file, max(original.bytes) AS length
                       FROM original JOIN asset ON asset.id = original.asset
                      WHERE asset.via IS NULL AND {SEEN} AND original.part <> 'whole'
                        AND original.in_place = 0
                      GROUP BY asset.id, original.part, original.hash
                      ORDER BY asset.sorted_at DESC, asset.seq DESC",
                    asset::COLUMNS
                ))?
                .query_map([], |row| {
                    let hash = row.get("file")?;
                    let missing = Missing {
                        asset: asset::from_row(row)?,
                        what: KeptWhat::Part(hash),
                        bytes: row.get("length")?,
                        hash,
                    };
                    Ok((missing, row.get("part")?))
                })?
                .collect::<Result<_, _>>()?)
        })?;
        let mut missing = Vec::new();
        for (one, part) in parts {
            let files = self.files(one.asset.id, part)?;
            let mut same = files.iter().filter(|file| file.hash == one.hash);
            if !same.any(|file| self.find_file(file, "").is_ok()) {
                missing.push(one);
            }
        }
        Ok(missing)
    }

    /// Makes a file that was brought back one of the library's own again.
    ///
    /// # Errors
    /// [`LibraryError::OriginalDamaged`] where it is not what was imported.
    pub fn put_back(&self, id: AssetId, what: KeptWhat) -> Result<(), LibraryError> {
        let asset = self.any_asset(id)?;
        let home = self.identity()?.device;
        let Some(mut file) = self.open_kept(home, id, what)? else {
            return Err(LibraryError::OriginalMissing { name: asset.name });
        };
        file.seek(SeekFrom::Start(0))?;
        // An original is known by being the whole, whatever bytes it was found with.
        let (hash, of_part) = match what {
            KeptWhat::Part(hash) => (hash, Some(hash)),
            _ => (asset.hash, None),
        };
        let before: Option<(String, Part)> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&format!(
                    "SELECT path, part FROM original WHERE {THIS_FILE} ORDER BY path"
                ))?
                .query_row((id, of_part), |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?)
        })?;
        let part = before.as_ref().map_or(Part::Whole, |(_, part)| *part);
        let (folder, name) = before
            .as_ref()
            .and_then(|(path, _)| path.rsplit_once('/'))
            .unwrap_or(("returned", &asset.name));
        let placed = self.place_original(Incoming::File(&mut file), folder, name)?;
        if placed.hash != hash {
            return Err(LibraryError::OriginalDamaged { name: asset.name });
        }
        let now = self.clock.now_ms();
        self.catalog.write(move |write| {
            // A file that was found damaged stays where it is; it is the photo's no more.
            write
                .conn()
                .prepare_cached(&format!("DELETE FROM original WHERE {THIS_FILE}"))?
                .execute((id, of_part))?;
            let original = Original {
                location: Location::Copied(placed.target.clone()),
                hash: placed.hash,
                bytes: placed.bytes,
                modified_ms: now,
                inode: None,
            };
            record(write, id, part, &original, Some(&placed))?;
            write.announce(Change::Asset(id));
            Ok(())
        })?;
        self.drop_kept(&[(home, id)])
    }
}
