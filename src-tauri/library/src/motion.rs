//! Live and motion photos: one asset whose picture has a moving part. Apple
//! leaves that part in a file of its own, others inside the picture's.
//!
//! The two files of a pair come in any order: whichever is second finds the
//! first by the content identifier that Apple writes into both, or else by the
//! same name and the same moment.

use std::fs::File;

use media::{CleanReader, Kind, Recipe};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::asset::NewAsset;
use crate::catalog::Write;
use crate::original::{self, Original, Part, Placed};
use crate::{Asset, AssetId, Change, Library, LibraryError, MotionId};

/// The two parts of a pair are begun within this many milliseconds.
const APART_MS: i64 = 3_000;
/// A live part is at most this long.
const LONGEST_MS: u64 = 6_000;

/// The moving part of a photo.
pub(crate) struct Motion {
    /// BLAKE3 of its own file; `None` inside the photo's original.
    pub(crate) hash: Option<[u8; 32]>,
    /// The name of the file it is in.
    pub(crate) name: String,
    /// Media type.
    pub(crate) mime: String,
    /// Whether browsers play it as it is.
    pub(crate) plays: bool,
    start: u64,
    bytes: u64,
}

/// The asset whose live part has these bytes.
pub(crate) fn find_by_hash(
    conn: &Connection,
    hash: &[u8; 32],
) -> Result<Option<AssetId>, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT asset FROM motion WHERE hash = ?1")?
        .query_row([hash], |row| row.get(0))
        .optional()?)
}

/// The asset that `new` makes a pair with, when it is the other half of one.
pub(crate) fn find_other_half(
    conn: &Connection,
    new: &NewAsset,
) -> Result<Option<AssetId>, LibraryError> {
    let kind = new.facts.format.kind();
    let wanted = match kind {
        Kind::Video => "photo",
        Kind::Photo | Kind::Raw => "video",
    };
    if let Some(live) = &new.facts.metadata.live {
        let found = conn
            .prepare_cached(
                "SELECT id FROM asset WHERE live = ?1 AND kind = ?2 AND trashed_at IS NULL AND via IS NULL
                    AND NOT EXISTS (SELECT 1 FROM motion WHERE motion.asset = asset.id)",
            )?
            .query_row((live, wanted), |row| row.get(0))
            .optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    let short = |length: Option<u64>| length.is_some_and(|length| length <= LONGEST_MS);
    let (Some(taken), Some((stem, _))) = (new.facts.metadata.taken, new.name.rsplit_once('.'))
    else {
        return Ok(None);
    };
    if kind == Kind::Video && !short(new.facts.duration_ms) {
        return Ok(None);
    }
    // «IMG_1.» up to «IMG_1/»: the same name with any ending.
    let (from, to) = (format!("{stem}."), format!("{stem}/"));
    let mut same_name = conn.prepare_cached(
        "SELECT id, name, taken_local, taken_offset, duration_ms, live FROM asset
          WHERE name >= ?1 AND name < ?2 AND kind = ?3 AND taken_local IS NOT NULL
            AND trashed_at IS NULL AND via IS NULL
            AND NOT EXISTS (SELECT 1 FROM motion WHERE motion.asset = asset.id)",
    )?;
    let mut rows = same_name.query((&from, &to, wanted))?;
    while let Some(row) = rows.next()? {
        let name: String = row.get("name")?;
        let (local_ms, offset): (i64, Option<i16>) =
            (row.get("taken_local")?, row.get("taken_offset")?);
        let apart = match (taken.offset_minutes, offset) {
            (Some(ours), Some(theirs)) => {
                let utc = |local: i64, offset: i16| local - i64::from(offset) * 60_000;
                utc(taken.local_ms, ours) - utc(local_ms, theirs)
            }
            _ => taken.local_ms - local_ms,
        };
        let live: Option<String> = row.get("live")?;
        // Two identifiers that differ are two pairs.
        let strangers = live.is_some() && new.facts.metadata.live.is_some();
        let length: Option<u64> = row.get("duration_ms")?;
        let whole_name = name
            .rsplit_once('.')
            .is_some_and(|(theirs, _)| theirs == stem);
        if whole_name
            && !strangers
            && apart.abs() <= APART_MS
            && (kind == Kind::Video || short(length))
        {
            return Ok(Some(row.get("id")?));
        }
    }
    Ok(None)
}

/// Records a new file as the live part of `photo`.
pub(crate) fn attach_new(
    write: &Write<'_>,
    photo: AssetId,
    new: &NewAsset,
    file: &Original,
    placed: Option<&Placed>,
) -> Result<(), LibraryError> {
    write
        .conn()
        .prepare_cached(
            "INSERT INTO motion (asset, id, hash, name, start, bytes, mime, plays)
             VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7)",
        )?
        .execute(rusqlite::params![
            photo,
            MotionId::new(write.now_ms),
            new.hash,
            new.name,
            new.bytes,
            new.facts.format.mime(),
            new.facts.plays
        ])?;
    original::record(write, photo, Part::Live, file, placed)?;
    crate::share::tell_anew(write, photo)?;
    write.announce(Change::Asset(photo));
    Ok(())
}

/// Makes `video`, an asset so far, the live part of `photo`. Albums that held
/// the video hold the photo instead, and what the owner said of it goes over.
pub(crate) fn attach_asset(
    write: &Write<'_>,
    photo: AssetId,
    video: AssetId,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    conn.prepare_cached(
        "INSERT INTO motion (asset, id, hash, name, start, bytes, mime, plays)
         SELECT ?1, ?2, hash, name, 0, bytes, mime, plays FROM asset WHERE id = ?3",
    )?
    .execute((photo, MotionId::new(write.now_ms), video))?;
    conn.prepare_cached(
        "UPDATE original SET asset = ?1, part = CASE part WHEN 'whole' THEN 'live' ELSE part END
          WHERE asset = ?2",
    )?
    .execute((photo, video))?;
    let albums: Vec<crate::AlbumId> = conn
        .prepare_cached("SELECT album FROM album_asset WHERE asset = ?1")?
        .query_map([video], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for album in albums {
        crate::album::insert(write, album, photo)?;
        write.announce(Change::Album(album));
    }
    conn.prepare_cached("UPDATE album SET cover = ?1 WHERE cover = ?2")?
        .execute((photo, video))?;
    conn.prepare_cached(
        "UPDATE asset SET
             favorite = max(asset.favorite, film.favorite),
             rating = coalesce(asset.rating, film.rating),
             title = coalesce(asset.title, film.title),
             description = coalesce(asset.description, film.description)
           FROM asset AS film WHERE asset.id = ?1 AND film.id = ?2",
    )?
    .execute((photo, video))?;
    conn.prepare_cached("UPDATE OR IGNORE link_asset SET asset = ?1 WHERE asset = ?2")?
        .execute((photo, video))?;
    conn.prepare_cached("DELETE FROM asset WHERE id = ?1")?
        .execute([video])?;
    crate::share::tell_anew(write, photo)?;
    write.announce(Change::Asset(video));
    write.announce(Change::Asset(photo));
    Ok(())
}

/// Records the video inside a motion photo's own original.
pub(crate) fn attach_inside(
    write: &Write<'_>,
    photo: AssetId,
    new: &NewAsset,
) -> Result<(), LibraryError> {
    let Some(span) = new.facts.motion else {
        return Ok(());
    };
    write
        .conn()
        .prepare_cached(
            "INSERT INTO motion (asset, id, name, start, bytes, mime, plays)
             VALUES (?1, ?2, ?3, ?4, ?5, 'video/mp4', ?6)",
        )?
        .execute((
            photo,
            MotionId::new(write.now_ms),
            &new.name,
            span.start,
            span.length,
            new.facts.plays,
        ))?;
    Ok(())
}

impl Motion {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Motion> {
        Ok(Motion {
            hash: row.get("hash")?,
            name: row.get("name")?,
            mime: row.get("mime")?,
            plays: row.get("plays")?,
            start: row.get("start")?,
            bytes: row.get("bytes")?,
        })
    }
}

impl Library {
    /// The live part of an asset.
    ///
    /// # Errors
    /// [`LibraryError::Wrong`] when it has none.
    pub(crate) fn motion(&self, asset: &Asset) -> Result<Motion, LibraryError> {
        self.catalog
            .read(|conn| {
                Ok(conn
                    .prepare_cached(
                        "SELECT hash, name, mime, plays, start, bytes FROM motion WHERE asset = ?1",
                    )?
                    .query_row([asset.id], Motion::from_row)
                    .optional()?)
            })?
            .ok_or_else(|| LibraryError::wrong("This photo has no live part."))
    }

    /// Opens a live part's bytes.
    pub(crate) fn open_motion(
        &self,
        asset: &Asset,
        motion: &Motion,
    ) -> Result<CleanReader<File>, LibraryError> {
        let (file, span) = match &motion.hash {
            Some(_) => {
                let file = self.open_part(asset.id, Part::Live, &motion.name)?;
                (file, Recipe::whole(motion.bytes))
            }
            None => {
                let span = media::Span {
                    start: motion.start,
                    length: motion.bytes,
                };
                (self.open_original(asset)?, Recipe::part(span))
            }
        };
        Ok(CleanReader::new(file, span)?)
    }
}
