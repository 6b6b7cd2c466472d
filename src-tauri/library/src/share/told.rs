//! Photos of others, as rows among one's own: seen in albums, and never changed here.

use rusqlite::{Connection, OptionalExtension};

use crate::catalog::Write;
use crate::wire::AssetRow;
use crate::{
    AlbumId, AssetId, Change, DeviceId, LibraryError, MotionId, PersonId, hosting, partner,
};

/// A photo as another machine tells of it.
pub(crate) struct Told<'a> {
    pub id: AssetId,
    /// The machine that tells.
    pub via: DeviceId,
    /// The machine it was imported on.
    pub home: DeviceId,
    pub row: &'a AssetRow,
    /// Whether it is seen in the timeline, too.
    pub in_timeline: bool,
    /// Whose library it is of, where all of that is shown.
    pub partner: Option<PersonId>,
}

/// Whose an asset of this id is, where there is one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// The library's own, imported on this device.
    Own(DeviceId),
    /// Told by this machine, imported on that.
    Told(DeviceId, DeviceId),
}

pub(crate) fn known(conn: &Connection, id: AssetId) -> Result<Option<Known>, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT via, home FROM asset WHERE id = ?1")?
        .query_row([id], |row| {
            let home = row.get(1)?;
            Ok(match row.get::<_, Option<DeviceId>>(0)? {
                Some(via) => Known::Told(via, home),
                None => Known::Own(home),
            })
        })
        .optional()?)
}

/// Takes over what is told of a photo; true when it looks otherwise than before.
pub(crate) fn upsert(write: &Write<'_>, told: &Told<'_>) -> Result<bool, LibraryError> {
    let conn = write.conn();
    let row = told.row;
    let before: Option<Before> = conn
        .prepare_cached(
            "SELECT turn, thumbhash, hash,
                    (SELECT id FROM motion WHERE motion.asset = asset.id)
               FROM asset WHERE id = ?1",
        )?
        .query_row([told.id], |row| {
            Ok(Before {
                turn: row.get(0)?,
                thumbhash: row.get(1)?,
                hash: row.get(2)?,
                motion: row.get(3)?,
            })
        })
        .optional()?;
    conn.prepare_cached(
        "INSERT INTO asset (id, home, via, hash, kind, name, bytes, mime, width, height,
             duration_ms, taken_local, taken_offset, sorted_at, latitude, longitude, altitude,
             place, camera_make, camera_model, lens, f_number, exposure_time, iso, focal_length,
             title, description, plays, unseen, thumbhash, turn, contributor, partner, shelf, imported_at)
         VALUES (:id, :home, :via, :hash, :kind, :name, :bytes, :mime, :width, :height,
             :duration_ms, :taken_local, :taken_offset, :sorted_at, :latitude, :longitude,
             :altitude, :place, :camera_make, :camera_model, :lens, :f_number, :exposure_time,
             :iso, :focal_length, :title, :description, :plays, :unseen, :thumbhash, :turn,
             :contributor, :partner, iif(:in_timeline, 'timeline', 'album'), :now)
         ON CONFLICT (id) DO UPDATE SET
             via = iif(partner IS NULL OR excluded.partner IS NOT NULL, excluded.via, via),
             partner = coalesce(excluded.partner, partner), home = excluded.home,
             hash = excluded.hash, kind = excluded.kind, name = excluded.name,
             bytes = excluded.bytes, mime = excluded.mime, width = excluded.width,
             height = excluded.height, duration_ms = excluded.duration_ms,
             taken_local = excluded.taken_local, taken_offset = excluded.taken_offset,
             sorted_at = excluded.sorted_at, latitude = excluded.latitude,
             longitude = excluded.longitude, altitude = excluded.altitude,
             place = excluded.place, camera_make = excluded.camera_make,
             camera_model = excluded.camera_model, lens = excluded.lens,
             f_number = excluded.f_number, exposure_time = excluded.exposure_time,
             iso = excluded.iso, focal_length = excluded.focal_length, title = excluded.title,
             description = excluded.description, plays = excluded.plays,
             unseen = excluded.unseen, thumbhash = excluded.thumbhash, turn = excluded.turn,
             contributor = excluded.contributor, trashed_at = NULL
          WHERE asset.via IS NOT NULL",
    )?
    .execute(rusqlite::named_params! {
        ":id": told.id,
        ":home": told.home,
        ":via": told.via,
        ":hash": row.hash,
        ":kind": if row.is_video { "video" } else { "photo" },
        ":name": row.name,
        ":bytes": row.bytes,
        ":mime": row.mime,
        ":width": row.width,
        ":height": row.height,
        ":duration_ms": row.duration_ms,
        ":taken_local": row.taken_local,
        ":taken_offset": row.taken_offset,
        ":sorted_at": row.sorted_at,
        ":latitude": row.latitude,
        ":longitude": row.longitude,
        ":altitude": row.altitude,
        ":place": row.place.as_deref().unwrap_or_default(),
        ":camera_make": row.camera_make,
        ":camera_model": row.camera_model,
        ":lens": row.lens,
        ":f_number": row.f_number,
        ":exposure_time": row.exposure_time,
        ":iso": row.iso,
        ":focal_length": row.focal_length,
        ":title": row.title,
        ":description": row.description,
        ":plays": row.plays,
        ":unseen": row.unseen,
        ":thumbhash": row.thumbhash,
        ":turn": row.turn,
        ":contributor": row.contributor,
        ":partner": told.partner,
        ":in_timeline": told.in_timeline,
        ":now": write.now_ms,
    })?;
    tag(conn, told.id, &row.tags)?;
    let motion = before.as_ref().and_then(|before| before.motion.as_ref());
    if motion != row.motion.as_ref() {
        note_motion(write, told.id, row)?;
    }
    if before
        .as_ref()
        .is_some_and(|before| before.hash != row.hash)
    {
        conn.prepare_cached("DELETE FROM kept WHERE asset = ?1 AND what IN ('motion', 'film')")?
            .execute([told.id])?;
    }
    write.announce(Change::Asset(told.id));
    Ok(before.is_some_and(|before| {
        before.turn != i64::from(row.turn) || before.thumbhash != row.thumbhash
    }))
}

/// What is to be seen of a photo, before it is told anew.
struct Before {
    turn: i64,
    thumbhash: Vec<u8>,
    hash: Vec<u8>,
    motion: Option<Vec<u8>>,
}

/// Notes whether a photo has a live part; its bytes are asked of who tells of it.
fn note_motion(write: &Write<'_>, id: AssetId, row: &AssetRow) -> Result<(), LibraryError> {
    let conn = write.conn();
    conn.prepare_cached("DELETE FROM motion WHERE asset = ?1")?
        .execute([id])?;
    conn.prepare_cached("DELETE FROM kept WHERE asset = ?1 AND what = 'motion'")?
        .execute([id])?;
    let Some(told) = &row.motion else {
        return Ok(());
    };
    let mut note = conn.prepare_cached(
        "INSERT OR IGNORE INTO motion (asset, id, name, start, bytes, mime, plays)
         VALUES (?1, ?2, ?3, 0, 0, 'video/mp4', 1)",
    )?;
    if note.execute((id, told, &row.name))? == 0 {
        // Its id is another photo's here already, whoever told of that.
        note.execute((id, MotionId::new(write.now_ms), &row.name))?;
    }
    Ok(())
}

fn tag(conn: &Connection, id: AssetId, tags: &[String]) -> Result<(), LibraryError> {
    let before: Vec<String> = conn
        .prepare_cached("SELECT tag FROM asset_tag WHERE asset = ?1 ORDER BY position")?
        .query_map([id], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    if before == tags {
        return Ok(());
    }
    conn.prepare_cached("DELETE FROM asset_tag WHERE asset = ?1")?
        .execute([id])?;
    for (tag, position) in tags.iter().zip(0_i64..) {
        conn.prepare_cached("INSERT INTO asset_tag (asset, position, tag) VALUES (?1, ?2, ?3)")?
            .execute((id, position, tag))?;
    }
    Ok(())
}

/// Lets go of a photo of others that no album and no link shows any more; answers with who told of
/// it, where it went. One that another album shows is known by that from now on.
pub(crate) fn let_go(
    write: &Write<'_>,
    id: AssetId,
) -> Result<Option<(DeviceId, AssetId)>, LibraryError> {
    let conn = write.conn();
    let Some(Known::Told(via, _)) = known(conn, id)? else {
        return Ok(None);
    };
    let other: Option<(Option<DeviceId>, AlbumId)> = conn
        .prepare_cached(
            "SELECT iif(album.owner IS NULL, NULL, album.home), album.id
               FROM album_asset JOIN album ON album.id = album_asset.album
              WHERE album_asset.asset = ?1 ORDER BY album.owner IS NOT NULL LIMIT 1",
        )?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let is_partners = conn
        .prepare_cached("SELECT 1 FROM asset WHERE id = ?1 AND partner IS NOT NULL")?
        .exists([id])?;
    match other {
        None if is_partners => {
            partner::show_again(write, id)?;
            Ok(None)
        }
        Some(_) if is_partners => Ok(None),
        Some((Some(home), _)) => {
            conn.prepare_cached("UPDATE asset SET via = ?2 WHERE id = ?1")?
                .execute((id, home))?;
            Ok(None)
        }
        Some((None, _)) => Ok(None),
        // Told by the home of the links that show it, from now on.
        None if hosting::is_hosted(conn, id)? => {
            conn.prepare_cached(
                "UPDATE asset SET via = (SELECT link.home FROM link_asset
                       JOIN link ON link.id = link_asset.link
                      WHERE link_asset.asset = ?1 AND link.home <> (SELECT device FROM library)
                      ORDER BY link.home <> asset.via LIMIT 1)
                  WHERE id = ?1",
            )?
            .execute([id])?;
            Ok(None)
        }
        None => {
            // A file that was adopted while the album lived here goes, too: `remove_doomed`.
            conn.prepare_cached(
                "INSERT INTO intent (temp, target, hash)
                 SELECT path, path, zeroblob(32) FROM original WHERE asset = ?1 AND in_place = 0",
            )?
            .execute([id])?;
            conn.prepare_cached("DELETE FROM asset WHERE id = ?1")?
                .execute([id])?;
            write.announce(Change::Asset(id));
            Ok(Some((via, id)))
        }
    }
}
