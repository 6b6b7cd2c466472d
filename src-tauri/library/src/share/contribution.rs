//! Photos that members put into an album of the library's own. Their rows come with
//! the request; their pictures and originals are fetched from the member's machine
//! and stay here, so that the album works while that sleeps.

use std::fs::File;
use std::io::{Seek, SeekFrom};

use media::extension_of;
use rusqlite::{Connection, OptionalExtension};

use super::decide::{Asker, note_asset};
use super::rule;
use super::told::{self, Known, Told, upsert};
use crate::catalog::Write;
use crate::kept::KeptWhat;
use crate::notice::NoticeKind;
use crate::original::{Incoming, Location, Original, Part, record};
use crate::peer::Keep;
use crate::request::ids;
use crate::time::DAY_MS;
use crate::wire::Contribute;
use crate::{
    AlbumId, AssetId, Change, DeviceId, Library, LibraryError, PersonId, TRASH_DAYS, peer,
};

/// Where originals of others lie, under `originals/`.
const FOLDER: &str = "shared";
/// Photos an album may have.
const MOST: i64 = 500_000;

/// Whether a copy of a photo of others, a row of `asset`, is to be fetched for an album here
/// and lacks: `?2` is which, and `?3` whether it is a picture. An original that is here for
/// another reason is to be adopted, unless it is of another machine of one's own.
pub(crate) const ASKED_FOR: &str = "trashed_at IS NULL
    AND (NOT EXISTS (SELECT 1 FROM kept WHERE kept.home = asset.via
                        AND kept.asset = asset.id AND kept.what = ?2)
         OR ?2 = 'original'
            AND NOT EXISTS (SELECT 1 FROM device JOIN library USING (person)
                             WHERE device.id = asset.home))
    AND EXISTS (SELECT 1 FROM album_asset JOIN album ON album.id = album_asset.album
                 WHERE album_asset.asset = asset.id AND album.owner IS NULL
                   AND (?3 OR album.keeping))";

/// Whether the photo of this column, of the machine `?1`, has been adopted: it is a file of the
/// library's own.
pub(crate) fn is_adopted(column: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM asset JOIN original ON original.asset = asset.id
                  WHERE asset.id = {column} AND asset.via = ?1 AND original.part = 'whole')"
    )
}

/// Takes a member's photos into an album, or hears anew of those that are there.
pub(super) fn take_in(
    write: &Write<'_>,
    asker: Asker,
    album: AlbumId,
    wish: &Contribute,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    let (count, in_timeline): (i64, bool) = conn
        .prepare_cached(
            "SELECT (SELECT count(*) FROM album_asset WHERE album = ?1), in_timeline
               FROM album WHERE id = ?1",
        )?
        .query_row([album], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if count > MOST {
        return Err(LibraryError::wrong(
            "This album is full; make another one for more photos.",
        ));
    }
    for told in &wish.assets {
        let cannot = || LibraryError::wrong("A photo is told of that cannot be.");
        let [id] = ids(std::slice::from_ref(&told.id))?[..] else {
            return Err(cannot());
        };
        let row = told.row.clone().ok_or_else(cannot)?;
        let row = row.checked().map_err(|_| cannot())?;
        let home = match row.home.as_deref().and_then(|home| home.try_into().ok()) {
            Some(home) => DeviceId::from_bytes(home),
            None => asker.device,
        };
        let is_theirs = conn
            .prepare_cached("SELECT 1 FROM device WHERE id = ?1 AND person = ?2")?
            .exists((home, asker.person))?;
        let known = told::known(conn, id)?;
        let is_free = match known {
            None => true,
            Some(Known::Own(_)) => false,
            Some(Known::Told(_, from)) => from == home,
        };
        if !is_theirs || !is_free {
            return Err(LibraryError::wrong(
                "Only one's own photos can be put into an album.",
            ));
        }
        let is_in = conn
            .prepare_cached("SELECT 1 FROM album_asset WHERE album = ?1 AND asset = ?2")?
            .exists((album, id))?;
        // The same bytes are in an album once.
        let is_twice = !is_in
            && conn
                .prepare_cached(
                    "SELECT 1 FROM album_asset JOIN asset ON asset.id = album_asset.asset
                      WHERE album_asset.album = ?1 AND asset.hash = ?2
                        AND asset.trashed_at IS NULL",
                )?
                .exists((album, &row.hash))?;
        if is_twice || wish.anew && !is_in {
            continue;
        }
        let before: Option<Vec<u8>> = conn
            .prepare_cached("SELECT hash FROM asset WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        if before.is_some_and(|before| before != row.hash) {
            // Its file was edited where it lives: other bytes are fetched.
            conn.prepare_cached(
                "INSERT INTO intent (temp, target, hash)
                 SELECT path, path, zeroblob(32) FROM original WHERE asset = ?1 AND in_place = 0",
            )?
            .execute([id])?;
            conn.prepare_cached("DELETE FROM original WHERE asset = ?1")?
                .execute([id])?;
            conn.prepare_cached("DELETE FROM kept WHERE asset = ?1")?
                .execute([id])?;
        }
        let told = Told {
            id,
            via: asker.device,
            home,
            row: &row,
            in_timeline,
            partner: None,
        };
        if upsert(write, &told)? {
            // It looks otherwise now: what was made of it is fetched anew.
            conn.prepare_cached(
                "DELETE FROM kept
                  WHERE asset = ?1 AND what IN ('thumbnail', 'preview', 'motion')",
            )?
            .execute([id])?;
        }
        if !is_in {
            conn.prepare_cached(
                "INSERT INTO album_asset (album, asset, added_at, person) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute((album, id, write.now_ms, asker.person))?;
            if !rule::owns(conn, album, asker.person)? {
                note_asset(write, NoticeKind::Added, album, asker, id)?;
            }
        }
    }
    write.announce(Change::Album(album));
    write.announce(Change::Contributions(asker.device));
    Ok(())
}

/// Takes a member's own photos out of an album.
pub(super) fn take_out(
    write: &Write<'_>,
    asker: Asker,
    album: AlbumId,
    assets: &[AssetId],
) -> Result<(), LibraryError> {
    let conn = write.conn();
    let is_owner = rule::owns(conn, album, asker.person)?;
    for asset in assets {
        let person: Option<Option<PersonId>> = conn
            .prepare_cached("SELECT person FROM album_asset WHERE album = ?1 AND asset = ?2")?
            .query_row((album, asset), |row| row.get(0))
            .optional()?;
        match person {
            // What is not there is out of it.
            None => {}
            Some(person) if is_owner || Some(asker.person) == person => {
                conn.prepare_cached("DELETE FROM album_asset WHERE album = ?1 AND asset = ?2")?
                    .execute((album, asset))?;
                if !is_owner {
                    note_asset(write, NoticeKind::Taken, album, asker, *asset)?;
                }
            }
            Some(_) => {
                return Err(LibraryError::wrong(
                    "Only who put a photo there and the album's owner may take it out.",
                ));
            }
        }
    }
    write.announce(Change::Album(album));
    Ok(())
}

fn is_adopted_now(conn: &Connection, via: DeviceId, id: AssetId) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached(&format!("SELECT 1 WHERE {}", is_adopted("?2")))?
        .exists((via, id))?)
}

impl Library {
    /// What of a machine's contributions is not here yet, pictures first, newest first.
    pub fn lacking_contributions(
        &self,
        device: DeviceId,
        limit: usize,
    ) -> Result<Vec<(AssetId, KeptWhat)>, LibraryError> {
        self.catalog.read(|conn| {
            let mut lacking = Vec::new();
            // Of most machines there is nothing, and of a partner's there may be very many photos.
            for any in [
                "SELECT 1 FROM asset WHERE via = ?1",
                "SELECT 1 FROM album
                        CROSS JOIN album_asset ON album_asset.album = album.id
                        CROSS JOIN asset ON asset.id = album_asset.asset AND asset.via = ?1
                  WHERE album.owner IS NULL",
            ] {
                if !conn.prepare_cached(any)?.exists([device])? {
                    return Ok(lacking);
                }
            }
            // A film is made here, of the original.
            for what in KeptWhat::EACH
                .into_iter()
                .filter(|what| *what != KeptWhat::Film)
            {
                let is_seen = what.is_in(Keep::Previews);
                let rest = limit.saturating_sub(lacking.len());
                let some: Vec<AssetId> = conn
                    .prepare_cached(&format!(
                        "SELECT id FROM asset
                          WHERE via = ?1 AND {ASKED_FOR} AND {}
                          ORDER BY sorted_at DESC LIMIT ?4",
                        what.there_is()
                    ))?
                    .query_map((device, what.name(), is_seen, rest), |row| row.get(0))?
                    .collect::<Result<_, _>>()?;
                lacking.extend(some.into_iter().map(|asset| (asset, what)));
            }
            Ok(lacking)
        })
    }

    /// Makes a member's original that has arrived one of the library's own files, where
    /// it is of an album here; it stays when the member's machine is gone.
    pub fn adopt_contribution(&self, device: DeviceId, id: AssetId) -> Result<(), LibraryError> {
        let asset = match self.any_asset(id) {
            // What is only told of, or handed on, is of no album here.
            Err(LibraryError::Unknown { .. }) => return Ok(()),
            asset => asset?,
        };
        let is_here = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT 1 FROM album_asset JOIN album ON album.id = album_asset.album
                      WHERE album_asset.asset = ?1 AND album.owner IS NULL",
                )?
                .exists([id])?)
        })?;
        if self.has_adopted(device, id)? {
            // It came twice, at once.
            return self.drop_made_here(device, id);
        }
        let Some(file) = self.open_kept(device, id, KeptWhat::Original)? else {
            return Ok(());
        };
        // One's own photos are kept as copies of the machine that they live on.
        let is_own = self
            .catalog
            .read(|conn| Ok(peer::is_own(conn, asset.home).unwrap_or(false)))?;
        if !is_here || is_own || asset.via != Some(device) {
            return Ok(());
        }
        let mut file: File = file;
        file.seek(SeekFrom::Start(0))?;
        // No name that another machine sent reaches the disk.
        let name = format!("{id}.{}", extension_of(&asset.mime));
        let placed = self.place_original(Incoming::File(&mut file), FOLDER, &name)?;
        if placed.hash != asset.hash {
            return Err(LibraryError::OriginalDamaged { name: asset.name });
        }
        let now = self.clock.now_ms();
        let unused = self.catalog.write(move |write| {
            if is_adopted_now(write.conn(), device, id)? {
                return Ok(Some(placed));
            }
            let original = Original {
                location: Location::Copied(placed.target.clone()),
                hash: placed.hash,
                bytes: placed.bytes,
                modified_ms: now,
                inode: None,
            };
            record(write, id, Part::Whole, &original, Some(&placed))?;
            write.announce(Change::Asset(id));
            if asset.kind == "video" {
                write.announce(Change::Films);
            }
            Ok(None)
        })?;
        if let Some(unused) = unused {
            self.discard_placed(&unused)?;
        }
        // From now on pictures are made of it.
        self.drop_made_here(device, id)
    }

    /// Whether the original of a machine's photo has been adopted.
    pub(crate) fn has_adopted(&self, via: DeviceId, id: AssetId) -> Result<bool, LibraryError> {
        self.catalog.read(|conn| is_adopted_now(conn, via, id))
    }

    /// Lets go of members' photos that no album shows any more: thirty days later, so
    /// that taking one out can be undone.
    pub fn sweep_contributions(&self) -> Result<(), LibraryError> {
        let doomed: Vec<AssetId> = self.catalog.write(|write| {
            let conn = write.conn();
            conn.execute(
                "UPDATE asset SET trashed_at = ?1
                  WHERE via IS NOT NULL AND partner IS NULL AND trashed_at IS NULL
                    AND NOT EXISTS (SELECT 1 FROM album_asset WHERE asset = asset.id)
                    AND NOT EXISTS (SELECT 1 FROM link_asset WHERE asset = asset.id)",
                [write.now_ms],
            )?;
            conn.execute(
                "UPDATE asset SET trashed_at = NULL WHERE via IS NOT NULL AND trashed_at IS NOT NULL
                    AND EXISTS (SELECT 1 FROM album_asset WHERE asset = asset.id)",
                [],
            )?;
            Ok(conn
                .prepare("SELECT id FROM asset WHERE via IS NOT NULL AND trashed_at < ?1")?
                .query_map([write.now_ms - TRASH_DAYS * DAY_MS], |row| row.get(0))?
                .collect::<Result<_, _>>()?)
        })?;
        self.delete(&doomed, false).map(|_| ())
    }
}
