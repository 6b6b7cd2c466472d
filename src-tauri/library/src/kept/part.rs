//! Further files of photos among machines: a live part that is a file of its own, and
//! sidecars. Each is fetched by its hash; it goes where its photo's original goes.

use rusqlite::{Connection, OptionalExtension, Row};

use super::KeptWhat;
use crate::catalog::Write;
use crate::original::{Part, cut};
use crate::wire::{MOST_PARTS, PartRow};
use crate::{AssetId, DeviceId, Library, LibraryError, sidecar};

/// A further file of a photo that another machine told of.
#[derive(Clone, Debug)]
pub(crate) struct ToldPart {
    /// What it is of the photo.
    pub part: Part,
    /// BLAKE3 of its bytes.
    pub hash: [u8; 32],
    /// As it is called beside the photo.
    pub name: String,
}

fn number(part: Part) -> u32 {
    match part {
        Part::Whole => 0,
        Part::Live => 1,
        Part::Side => 2,
    }
}

/// Further files of one of the library's own photos, as others are told of them; `all` of
/// them, or its live part alone.
pub(crate) fn told_parts(
    conn: &Connection,
    asset: AssetId,
    all: bool,
) -> Result<Vec<PartRow>, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT original.part, original.hash, original.bytes, original.path, asset.name,
                    (SELECT name FROM motion WHERE motion.asset = asset.id),
                    EXISTS (SELECT 1 FROM original AS photo
                             WHERE photo.asset = asset.id AND photo.part <> 'side'
                               AND substr(original.path, 1, length(photo.path) + 1) = photo.path || '.')
               FROM original JOIN asset ON asset.id = original.asset
              WHERE original.asset = ?1 AND original.part <> 'whole'
                AND (?2 OR original.part = 'live')
              GROUP BY original.hash ORDER BY original.part, original.hash LIMIT ?3",
        )?
        .query_map((asset, all, MOST_PARTS), |row| {
            let (part, photo): (Part, String) = (row.get(0)?, row.get(4)?);
            let name = match part {
                Part::Whole | Part::Live => row.get::<_, Option<String>>(5)?.unwrap_or_default(),
                Part::Side => sidecar::name_beside(&photo, &row.get::<_, String>(3)?, row.get(6)?),
            };
            Ok(PartRow {
                part: number(part),
                hash: row.get(1)?,
                bytes: row.get(2)?,
                name: cut(&name, 255).to_owned(),
            })
        })?
        .collect::<Result<_, _>>()?)
}

/// Notes which further files a machine tells of for a photo; true when there were others,
/// whose copies go.
pub(crate) fn note_parts(
    write: &Write<'_>,
    home: DeviceId,
    asset: AssetId,
    told: &[PartRow],
) -> Result<bool, LibraryError> {
    let conn = write.conn();
    let mut others = false;
    let known: Vec<Vec<u8>> = conn
        .prepare_cached("SELECT hash FROM part WHERE home = ?1 AND asset = ?2")?
        .query_map((home, asset), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for hash in known {
        if !told.iter().any(|row| row.hash == hash) {
            conn.prepare_cached("DELETE FROM part WHERE home = ?1 AND asset = ?2 AND hash = ?3")?
                .execute((home, asset, hash))?;
            others = true;
        }
    }
    for row in told {
        // What a later program tells of, this one leaves alone.
        let kinds = [Part::Live, Part::Side];
        let Some(part) = kinds.into_iter().find(|part| number(*part) == row.part) else {
            continue;
        };
        conn.prepare_cached(
            "INSERT INTO part (home, asset, hash, part, name, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (home, asset, hash) DO UPDATE SET part = excluded.part,
                 name = excluded.name, bytes = excluded.bytes",
        )?
        .execute((home, asset, &row.hash, part, &row.name, row.bytes))?;
    }
    Ok(others)
}

/// The further files that a machine told of for a photo.
pub(crate) fn told_parts_of(
    conn: &Connection,
    home: DeviceId,
    asset: AssetId,
) -> Result<Vec<ToldPart>, LibraryError> {
    let read = |row: &Row<'_>| {
        Ok(ToldPart {
            part: row.get(0)?,
            hash: row.get(1)?,
            name: row.get(2)?,
        })
    };
    Ok(conn
        .prepare_cached(
            "SELECT part, hash, name FROM part WHERE home = ?1 AND asset = ?2 ORDER BY part, hash",
        )?
        .query_map((home, asset), read)?
        .collect::<Result<_, _>>()?)
}

impl Library {
    /// Length and hash of a file of a photo, as the machine tells that it is known by.
    ///
    /// # Errors
    /// [`LibraryError::Unknown`].
    pub fn told_file(
        &self,
        via: DeviceId,
        id: AssetId,
        what: KeptWhat,
    ) -> Result<(u64, [u8; 32]), LibraryError> {
        let asset = self.known_elsewhere(via, id)?;
        let KeptWhat::Part(hash) = what else {
            return Ok((asset.bytes, asset.hash));
        };
        let bytes: Option<u64> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT bytes FROM part WHERE home = ?1 AND asset = ?2 AND hash = ?3",
                )?
                .query_row((via, id, hash), |row| row.get(0))
                .optional()?)
        })?;
        match bytes {
            Some(bytes) => Ok((bytes, hash)),
            None => Err(LibraryError::Unknown {
                noun: "file of a photo",
                id: id.to_string(),
            }),
        }
    }

    /// The further files of a photo that another machine told of.
    pub fn further_files(&self, via: DeviceId, id: AssetId) -> Result<Vec<KeptWhat>, LibraryError> {
        let told = self.catalog.read(|conn| told_parts_of(conn, via, id))?;
        Ok(told
            .into_iter()
            .map(|part| KeptWhat::Part(part.hash))
            .collect())
    }

    /// Further files of a home's photos that are not here yet, though the photo's original
    /// is kept by wish.
    pub fn lacking_parts(
        &self,
        home: DeviceId,
        limit: usize,
    ) -> Result<Vec<(AssetId, KeptWhat)>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT part.asset, part.hash
                       FROM part JOIN kept ON kept.home = part.home AND kept.asset = part.asset
                            AND kept.what = 'original' AND kept.wanted = 1
                      WHERE part.home = ?1
                        AND NOT EXISTS (SELECT 1 FROM kept AS own
                                         WHERE own.home = part.home AND own.asset = part.asset
                                           AND own.what = 'part-' || lower(hex(part.hash)))
                      ORDER BY part.asset DESC, part.hash LIMIT ?2",
                )?
                .query_map((home, limit), |row| {
                    Ok((row.get(0)?, KeptWhat::Part(row.get(1)?)))
                })?
                .collect::<Result<_, _>>()?)
        })
    }
}
