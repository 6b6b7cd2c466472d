//! Assets: photos and videos, one for each sequence of bytes.

use rusqlite::{Connection, OptionalExtension, Row};

use media::{Kind, Turn};

use crate::catalog::Write;
use crate::lock::SEEN;
use crate::original::Location;
use crate::shelf::Shelf;
use crate::time::TakenAt;
use crate::{AssetId, Change, DeviceId, Library, LibraryError, MotionId, place, twin};

/// A photo or a video. What is not known is `None`, never a guess.
#[derive(Clone, Debug, PartialEq)]
pub struct Asset {
    /// Its id.
    pub id: AssetId,
    /// The device whose library it was imported into.
    pub home: DeviceId,
    /// The device that told of it; `None` for the library's own.
    pub via: Option<DeviceId>,
    /// Whether it is the library's person's own, on this machine or on another of theirs.
    pub is_mine: bool,
    /// BLAKE3 of the original.
    pub hash: [u8; 32],
    /// `photo` or `video`.
    pub kind: String,
    /// The file's name when it was imported.
    pub name: String,
    /// Size of the original.
    pub bytes: u64,
    /// Media type of the original.
    pub mime: String,
    /// Pixels across, as seen upright.
    pub width: u32,
    /// Pixels down, as seen upright.
    pub height: u32,
    /// Length of a video, milliseconds.
    pub duration_ms: Option<u64>,
    /// When it was taken.
    pub taken_at: Option<TakenAt>,
    /// What that is known from: `exif`, `xmp`, `quicktime`, `gps`, `name`, or
    /// `owner` when the owner said so.
    pub taken_from: Option<String>,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// Metres above the sea.
    pub altitude: Option<f64>,
    /// The nearest town, its region and country.
    pub place: Option<String>,
    /// Maker of the camera.
    pub camera_make: Option<String>,
    /// Model of the camera.
    pub camera_model: Option<String>,
    /// Lens.
    pub lens: Option<String>,
    /// Aperture as an f-number.
    pub f_number: Option<f64>,
    /// Seconds.
    pub exposure_time: Option<f64>,
    /// ISO speed.
    pub iso: Option<u32>,
    /// Millimetres.
    pub focal_length: Option<f64>,
    /// 0 to 5 stars.
    pub rating: Option<u8>,
    /// Title the owner gave.
    pub title: Option<String>,
    /// Description the owner gave.
    pub description: Option<String>,
    /// Keywords, in the order of its file.
    pub tags: Vec<String>,
    /// Marked by the owner as a favourite.
    pub favorite: bool,
    /// What it is sorted by: when it was taken, else the file's own time;
    /// milliseconds of wall clock.
    pub sorted_at: i64,
    /// Thumbhash; empty until the renditions are made.
    pub thumbhash: Vec<u8>,
    /// The id of its live part, when it has one.
    pub motion: Option<MotionId>,
    /// Whether browsers play its original, or its live part, as it is.
    pub plays: bool,
    /// Why it cannot be previewed, as a stable word.
    pub unseen: Option<String>,
    /// The name of the visitor who sent it.
    pub contributor: Option<String>,
    /// How the owner turned it, after its file's own orientation.
    pub turn: Turn,
    /// Where it lies.
    pub shelf: Shelf,
    /// Whether it is locked, also in the trash.
    pub(crate) is_locked: bool,
    pub(crate) seq: i64,
}

pub(crate) const COLUMNS: &str = "asset.seq, asset.id, asset.home, asset.via, \
     (asset.via IS NULL OR asset.partner IS (SELECT person FROM library)) AS is_mine, asset.hash, asset.kind, asset.name, \
     asset.bytes, asset.mime, asset.width, asset.height, asset.duration_ms, asset.taken_local, \
     asset.taken_offset, asset.latitude, asset.longitude, asset.altitude, nullif(asset.place, '') AS place, asset.camera_make, \
     asset.camera_model, asset.lens, asset.f_number, asset.exposure_time, asset.iso, \
     asset.focal_length, asset.rating, asset.title, asset.description, asset.favorite, \
     asset.sorted_at, asset.thumbhash, asset.taken_from, asset.unseen, asset.contributor, asset.turn, asset.shelf, \
     asset.trashed_at IS NOT NULL AS trashed, \
     coalesce((SELECT plays FROM motion WHERE motion.asset = asset.id), asset.plays) AS plays, \
     (SELECT id FROM motion WHERE motion.asset = asset.id) AS motion, \
     (SELECT group_concat(tag, char(31)) FROM (SELECT tag FROM asset_tag \
       WHERE asset_tag.asset = asset.id ORDER BY position)) AS tags";

/// Stands between tags where a row has all of them in one text.
pub(crate) const TAG_MARK: char = '\u{1f}';

pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Asset> {
    let taken_local: Option<i64> = row.get("taken_local")?;
    let offset_minutes: Option<i16> = row.get("taken_offset")?;
    let tags: Option<String> = row.get("tags")?;
    Ok(Asset {
        id: row.get("id")?,
        home: row.get("home")?,
        via: row.get("via")?,
        is_mine: row.get("is_mine")?,
        hash: row.get("hash")?,
        kind: row.get("kind")?,
        name: row.get("name")?,
        bytes: row.get("bytes")?,
        mime: row.get("mime")?,
        width: row.get("width")?,
        height: row.get("height")?,
        duration_ms: row.get("duration_ms")?,
        taken_at: taken_local.map(|local_ms| TakenAt {
            local_ms,
            offset_minutes,
        }),
        taken_from: row.get("taken_from")?,
        latitude: row.get("latitude")?,
        longitude: row.get("longitude")?,
        altitude: row.get("altitude")?,
        place: row.get("place")?,
        camera_make: row.get("camera_make")?,
        camera_model: row.get("camera_model")?,
        lens: row.get("lens")?,
        f_number: row.get("f_number")?,
        exposure_time: row.get("exposure_time")?,
        iso: row.get("iso")?,
        focal_length: row.get("focal_length")?,
        rating: row.get("rating")?,
        title: row.get("title")?,
        description: row.get("description")?,
        tags: tags.map_or(Vec::new(), |tags| {
            tags.split(TAG_MARK).map(str::to_owned).collect()
        }),
        favorite: row.get("favorite")?,
        sorted_at: row.get("sorted_at")?,
        thumbhash: row.get("thumbhash")?,
        motion: row.get("motion")?,
        plays: row.get("plays")?,
        unseen: row.get("unseen")?,
        contributor: row.get("contributor")?,
        turn: Turn::of_quarters(row.get("turn")?),
        shelf: Shelf::of(&row.get::<_, String>("shelf")?, row.get("trashed")?),
        is_locked: row.get::<_, String>("shelf")? == "locked",
        seq: row.get("seq")?,
    })
}

/// The asset with this id, where the owner may see it now.
pub(crate) fn find(conn: &Connection, id: AssetId) -> Result<Asset, LibraryError> {
    select(conn, id, &format!("AND {SEEN}"))
}

/// The asset with this id, also while it is locked: for what the library does by
/// itself, and tells nobody.
pub(crate) fn find_any(conn: &Connection, id: AssetId) -> Result<Asset, LibraryError> {
    select(conn, id, "")
}

fn select(conn: &Connection, id: AssetId, condition: &str) -> Result<Asset, LibraryError> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM asset WHERE id = ?1 {condition}"
    ))?
    .query_row([id], from_row)
    .optional()?
    .ok_or_else(|| unknown(id))
}

/// The asset with these bytes, if the library has them.
pub(crate) fn find_by_hash(
    conn: &Connection,
    hash: &[u8; 32],
) -> Result<Option<AssetId>, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT id FROM asset WHERE hash = ?1 AND via IS NULL")?
        .query_row([hash], |row| row.get(0))
        .optional()?)
}

/// Whether any original or live part has this length.
pub(crate) fn has_length(conn: &Connection, bytes: u64) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM asset WHERE kind = 'video' AND bytes = ?1)
                 OR EXISTS (SELECT 1 FROM motion WHERE bytes = ?1)",
        )?
        .query_row([bytes], |row| row.get(0))?)
}

/// Fails with a sentence when no asset has this id that the owner may see now.
pub(crate) fn check_known(conn: &Connection, id: AssetId) -> Result<(), LibraryError> {
    conn.prepare_cached(&format!("SELECT 1 FROM asset WHERE id = ?1 AND {SEEN}"))?
        .query_row([id], |_| Ok(()))
        .optional()?
        .ok_or_else(|| unknown(id))
}

/// Fails with a sentence when an asset is not the library's own to change.
pub(crate) fn check_own(conn: &Connection, id: AssetId) -> Result<(), LibraryError> {
    let (is_own, name, machine): (bool, String, Option<String>) = conn
        .prepare_cached(&format!(
            "SELECT via IS NULL, name,
                    (SELECT device.name FROM device JOIN library ON library.person = asset.partner
                      WHERE device.id = via)
               FROM asset WHERE id = ?1 AND {SEEN}"
        ))?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?
        .ok_or_else(|| unknown(id))?;
    match machine {
        _ if is_own => Ok(()),
        Some(machine) => Err(LibraryError::Elsewhere { name, machine }),
        None => Err(LibraryError::Others { name }),
    }
}

fn unknown(id: AssetId) -> LibraryError {
    LibraryError::Unknown {
        noun: "photo",
        id: id.to_string(),
    }
}

/// What import knows of a new asset.
pub(crate) struct NewAsset {
    pub hash: [u8; 32],
    pub name: String,
    pub bytes: u64,
    pub facts: media::Facts,
    pub thumbhash: Vec<u8>,
    /// What it looks like, where there is a thumbhash.
    pub likeness: Option<media::Likeness>,
    /// Why it cannot be previewed, as a stable word.
    pub unseen: Option<&'static str>,
    /// The file's own time, for sorting what has no time of its own.
    pub modified_ms: i64,
}

fn kind_of(new: &NewAsset) -> &'static str {
    match new.facts.format.kind() {
        Kind::Photo | Kind::Raw => "photo",
        Kind::Video => "video",
    }
}

/// Adds an asset to the catalog.
pub(crate) fn insert(write: &Write<'_>, new: &NewAsset) -> Result<AssetId, LibraryError> {
    let id = AssetId::new(write.now_ms);
    let (facts, words) = (&new.facts, &new.facts.metadata);
    let taken = words.taken.as_ref();
    let spot = words.place.as_ref();
    write
        .conn()
        .prepare_cached(
            "INSERT INTO asset (id, home, hash, kind, name, bytes, mime, width, height,
                 duration_ms, taken_local, taken_offset, taken_from, sorted_at, latitude,
                 longitude, altitude, place, camera_make, camera_model, lens, f_number, exposure_time,
                 iso, focal_length, rating, title, description, live, plays, unseen, thumbhash,
                 imported_at)
             VALUES (:id, (SELECT device FROM library), :hash, :kind, :name, :bytes, :mime,
                 :width, :height, :duration_ms, :taken_local, :taken_offset, :taken_from,
                 :sorted_at, :latitude, :longitude, :altitude, :place, :camera_make, :camera_model,
                 :lens, :f_number, :exposure_time, :iso, :focal_length, :rating, :title,
                 :description, :live, :plays, :unseen, :thumbhash, :imported_at)",
        )?
        .execute(rusqlite::named_params! {
            ":id": id,
            ":hash": new.hash,
            ":kind": kind_of(new),
            ":name": new.name,
            ":bytes": new.bytes,
            ":mime": facts.format.mime(),
            ":width": facts.width,
            ":height": facts.height,
            ":duration_ms": facts.duration_ms,
            ":taken_local": taken.map(|taken| taken.local_ms),
            ":taken_offset": taken.and_then(|taken| taken.offset_minutes),
            ":taken_from": taken.map(|taken| taken.from.name()),
            ":sorted_at": taken.map_or(new.modified_ms, |taken| taken.local_ms),
            ":latitude": spot.map(|spot| spot.latitude),
            ":longitude": spot.map(|spot| spot.longitude),
            ":altitude": spot.and_then(|spot| spot.altitude),
            ":place": spot.map(|spot| {
                place::name(spot.latitude, spot.longitude).unwrap_or_default()
            }),
            ":camera_make": words.camera_make,
            ":camera_model": words.camera_model,
            ":lens": words.lens,
            ":f_number": words.f_number,
            ":exposure_time": words.exposure_time,
            ":iso": words.iso,
            ":focal_length": words.focal_length,
            ":rating": words.rating,
            ":title": words.title,
            ":description": words.description,
            ":live": words.live,
            ":plays": facts.plays,
            ":unseen": new.unseen,
            ":thumbhash": new.thumbhash,
            ":imported_at": write.now_ms,
        })?;
    for (tag, position) in words.tags.iter().zip(0_i64..) {
        write
            .conn()
            .prepare_cached("INSERT INTO asset_tag (asset, position, tag) VALUES (?1, ?2, ?3)")?
            .execute((id, position, tag.replace(TAG_MARK, " ")))?;
    }
    if !new.thumbhash.is_empty() {
        twin::liken(write, id, new.likeness)?;
    }
    write.announce(Change::Asset(id));
    Ok(id)
}

/// The asset whose file in this place was edited and is `new` now. A file that was
/// taken at another time is another photo under an old name, and so is one whose
/// asset has its bytes elsewhere, too. A file that was in the place `before` is
/// known by the moment it was taken alone.
pub(crate) fn find_edited(
    conn: &Connection,
    now: &Location,
    before: Option<&Location>,
    new: &NewAsset,
) -> Result<Option<AssetId>, LibraryError> {
    let taken = new.facts.metadata.taken.map(|taken| taken.local_ms);
    let mut edited = conn.prepare_cached(
        "SELECT asset.id FROM original JOIN asset ON asset.id = original.asset
          WHERE in_place = 1 AND path = ?1 AND part = 'whole' AND kind = ?2
            AND (taken_local = ?3
                 OR ?4 AND (taken_local IS NULL OR ?3 IS NULL OR taken_from = 'owner'))
            AND NOT EXISTS (SELECT 1 FROM original AS other
                             WHERE other.asset = asset.id AND other.part = 'whole'
                               AND (other.in_place, other.path) <> (1, ?1))",
    )?;
    for (location, is_here) in [(Some(now), true), (before, false)] {
        let Some(location) = location else { continue };
        let found = edited
            .query_row((location.path(), kind_of(new), taken, is_here), |row| {
                row.get(0)
            })
            .optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Gives an asset new bytes, and what they say of themselves; answers with the
/// hash of those it had. What the owner said of it stays.
pub(crate) fn rewrite(
    write: &Write<'_>,
    id: AssetId,
    new: &NewAsset,
) -> Result<[u8; 32], LibraryError> {
    let conn = write.conn();
    let Asset {
        hash: before, turn, ..
    } = find_any(conn, id)?;
    let fresh = insert(write, new)?;
    conn.prepare_cached("UPDATE asset SET hash = randomblob(32) WHERE id = ?1")?
        .execute([fresh])?;
    conn.prepare_cached(
        "UPDATE asset SET
             hash = ?3, name = f.name, bytes = f.bytes, mime = f.mime,
             width = iif(asset.turn % 2, f.height, f.width),
             height = iif(asset.turn % 2, f.width, f.height), duration_ms = f.duration_ms,
             latitude = f.latitude, longitude = f.longitude, altitude = f.altitude,
             place = f.place, camera_make = f.camera_make, camera_model = f.camera_model,
             lens = f.lens, f_number = f.f_number, exposure_time = f.exposure_time, iso = f.iso,
             focal_length = f.focal_length, live = f.live, plays = f.plays, unseen = f.unseen,
             thumbhash = ?4,
             rating = coalesce(asset.rating, f.rating),
             title = coalesce(asset.title, f.title),
             description = coalesce(asset.description, f.description),
             taken_local = iif(asset.taken_from = 'owner', asset.taken_local, f.taken_local),
             taken_offset = iif(asset.taken_from = 'owner', asset.taken_offset, f.taken_offset),
             sorted_at = iif(asset.taken_from = 'owner', asset.sorted_at, f.sorted_at),
             taken_from = iif(asset.taken_from = 'owner', asset.taken_from, f.taken_from)
           FROM asset AS f WHERE asset.id = ?1 AND f.id = ?2",
    )?
    .execute((
        id,
        fresh,
        new.hash,
        media::turned_thumbhash(&new.thumbhash, turn),
    ))?;
    conn.prepare_cached("DELETE FROM asset_tag WHERE asset = ?1")?
        .execute([id])?;
    conn.prepare_cached("UPDATE asset_tag SET asset = ?1 WHERE asset = ?2")?
        .execute((id, fresh))?;
    twin::forget(write, id, fresh)?;
    twin::turn(write, id, turn)?;
    // A live part inside the file goes with the bytes it was in.
    conn.prepare_cached("DELETE FROM motion WHERE asset = ?1 AND hash IS NULL")?
        .execute([id])?;
    conn.prepare_cached("DELETE FROM asset WHERE id = ?1")?
        .execute([fresh])?;
    write.announce(Change::Asset(id));
    Ok(before)
}

/// Names an asset after its file, which has another name now.
pub(crate) fn rename(write: &Write<'_>, id: AssetId, name: &str) -> Result<(), LibraryError> {
    write
        .conn()
        .prepare_cached("UPDATE asset SET name = ?2 WHERE id = ?1 AND name <> ?2")?
        .execute((id, name))?;
    write.announce(Change::Asset(id));
    Ok(())
}

/// Takes an asset that was lost with its file back out of the trash.
pub(crate) fn find_again(write: &Write<'_>, id: AssetId) -> Result<(), LibraryError> {
    write
        .conn()
        .prepare_cached("UPDATE asset SET lost = 0, trashed_at = NULL WHERE id = ?1 AND lost = 1")?
        .execute([id])?;
    write.announce(Change::Asset(id));
    Ok(())
}

impl Library {
    /// The asset with this id.
    ///
    /// # Errors
    /// [`LibraryError::Unknown`] also for a locked one, while those are not to be seen.
    pub fn asset(&self, id: AssetId) -> Result<Asset, LibraryError> {
        self.catalog.read(|conn| find(conn, id))
    }

    /// As [`find_any`].
    pub(crate) fn any_asset(&self, id: AssetId) -> Result<Asset, LibraryError> {
        self.catalog.read(|conn| find_any(conn, id))
    }
}

/// Fails with a sentence when a text is longer than `most` bytes.
pub(crate) fn checked_text(
    noun: &str,
    most: usize,
    text: Option<&str>,
) -> Result<(), LibraryError> {
    match text {
        Some(text) if text.len() > most => Err(LibraryError::wrong(format!(
            "The {noun} is too long; it may have {most} bytes."
        ))),
        _ => Ok(()),
    }
}
