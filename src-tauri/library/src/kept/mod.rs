//! Copies of bytes whose home is another machine: what the user wants kept, and
//! what was looked at lately, the oldest of which make room for others. A copy that
//! has not arrived whole is a file ending in `.part`, whose length is how far it got.

mod drop;
mod give;
mod part;
mod what;

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use rusqlite::OptionalExtension;

use crate::offsite::{Bytes, Spot, note_here};
use crate::original::{remove_if_there, sync_folder};
use crate::peer::Keep;
use crate::remote::asset_of;
use crate::room::Room;
use crate::wire::AssetRow;
use crate::{
    Asset, AssetId, Change, DeviceId, Library, LibraryError, make_private_folder, mirror, parcel,
};

pub(crate) use drop::{forget_outdated, want_anew};
pub use give::{Given, GivenOriginal};
pub(crate) use part::{ToldPart, note_parts, told_parts, told_parts_of};
pub use what::KeptWhat;

/// Bytes that what was looked at lately may take.
const LATELY_BYTES: u64 = 2 << 30;
/// How exactly it is noted when a copy was last looked at.
const NOTED_MS: i64 = 60 * 60 * 1_000;
/// Photos whose copies are removed in one commit.
const AT_ONCE: usize = 1_000;
/// Whether the machine `?1` shows the photo `?2`; this one, what is brought back to it.
pub(crate) const KNOWN: &str = "(EXISTS (SELECT 1 FROM asset, library WHERE asset.id = ?2
                                 AND coalesce(asset.via, library.device) = ?1)
     OR EXISTS (SELECT 1 FROM setting WHERE name = 'moving_from' AND value = lower(hex(?1)))
     OR EXISTS (SELECT 1 FROM replica WHERE replica.home = ?1 AND replica.space = 'library'
                   AND replica.kind = 1 AND replica.row = ?2)
     OR EXISTS (SELECT 1 FROM mirrored INDEXED BY mirrored_photo WHERE mirrored.home = ?1 AND mirrored.row = ?2
                   AND mirrored.kind = 1 AND mirrored.body IS NOT NULL
                   AND mirrored.space <> 'library')
     OR EXISTS (SELECT 1 FROM parcel WHERE parcel.device = ?1 AND parcel.asset = ?2))";
/// Whether a row of `kept` is what the user wants kept: of a partner's library, and of links
/// that are served here, with what is handed on to others, as is said of those, of all else as of its machine; of albums
/// that live here; what goes with an errand; and of one's own machines what was promised, and
/// what such a one does not know any more since it was restored from a backup.
const WANTED: &str = "(kept.what NOT IN ('thumbnail', 'preview', 'motion', 'film')
        AND EXISTS (SELECT 1 FROM setting WHERE name = 'two_copies' AND value = 'on')
        AND EXISTS (SELECT 1 FROM device JOIN library ON library.person = device.person
                     WHERE device.id = kept.home)
     OR kept.what NOT IN ('thumbnail', 'preview', 'motion', 'film') AND kept.wanted = 1
        AND EXISTS (SELECT 1 FROM replica JOIN cursor ON cursor.home = replica.home
                       AND cursor.space = replica.space AND cursor.epoch <> replica.epoch
                     WHERE replica.home = kept.home AND replica.space = 'library'
                       AND replica.kind = 1 AND replica.row = kept.asset)
     OR EXISTS (SELECT 1 FROM peer WHERE peer.device = kept.home
            AND (peer.keep = 'originals' OR peer.keep = 'previews' AND kept.what IN ('thumbnail', 'preview')))
        AND NOT EXISTS (SELECT 1 FROM asset, library
            WHERE asset.id = kept.asset AND asset.partner <> library.person
            AND NOT EXISTS (SELECT 1 FROM album_asset WHERE album_asset.asset = asset.id))
     OR EXISTS (SELECT 1 FROM asset JOIN album_asset ON album_asset.asset = asset.id
            JOIN album ON album.id = album_asset.album AND album.owner IS NULL
          WHERE asset.id = kept.asset AND asset.via = kept.home
            AND (album.keeping OR kept.what IN ('thumbnail', 'preview')))
     OR EXISTS (SELECT 1 FROM asset JOIN partner_library ON partner_library.home = asset.via
          WHERE asset.id = kept.asset AND asset.via = kept.home AND asset.partner IS NOT NULL
            AND (partner_library.keep = 'originals'
                 OR partner_library.keep = 'previews' AND kept.what IN ('thumbnail', 'preview')))
     OR EXISTS (SELECT 1 FROM hosting JOIN replica ON replica.home = hosting.home
          WHERE hosting.home = kept.home AND hosting.asked AND replica.space = 'links'
            AND replica.kind = 1 AND replica.row = kept.asset
            AND (hosting.keep = 'originals' OR kept.what IN ('thumbnail', 'preview')))
     OR EXISTS (SELECT 1 FROM hosting JOIN mirrored INDEXED BY mirrored_photo ON mirrored.home = hosting.home
          WHERE hosting.home = kept.home AND hosting.asked AND mirrored.row = kept.asset
            AND mirrored.kind = 1 AND mirrored.body IS NOT NULL AND mirrored.space <> 'library'
            AND (kept.what IN ('thumbnail', 'preview')
                 OR hosting.keep = 'originals' AND mirrored.space GLOB 'album:*'))
     OR EXISTS (SELECT 1 FROM parcel WHERE parcel.device = kept.home AND parcel.asset = kept.asset))";

/// What was written need not stay in memory, where nobody looks at it now: a library that
/// comes here whole would drive all else out.
#[cfg(target_os = "linux")]
fn let_go_of(file: &File) {
    // That is a hint, and no more.
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
}

#[cfg(not(target_os = "linux"))]
fn let_go_of(_: &File) {}

impl Library {
    /// A photo as the machine tells of it that it is known by.
    ///
    /// # Errors
    /// [`LibraryError::Unknown`].
    pub fn known_elsewhere(&self, via: DeviceId, asset: AssetId) -> Result<Asset, LibraryError> {
        match self.any_asset(asset) {
            Ok(found) if found.via == Some(via) => Ok(found),
            Ok(_) | Err(LibraryError::Unknown { .. }) => self.handed_on(via, asset),
            Err(error) => Err(error),
        }
    }

    fn handed_on(&self, via: DeviceId, asset: AssetId) -> Result<Asset, LibraryError> {
        match self.remote_asset(via, asset) {
            Ok(remote) => Ok(remote.asset),
            Err(error @ LibraryError::Unknown { .. }) => self
                .catalog
                .read(|conn| match mirror::photo(conn, via, asset)? {
                    Some(row) => Ok(Some(row)),
                    None => parcel::photo(conn, via, asset),
                })?
                .map(|row| asset_of(via, false, asset, row))
                .ok_or(error),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn outboard(&self, hash: &[u8; 32]) -> Result<Option<Vec<u8>>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached("SELECT bytes FROM outboard WHERE hash = ?1")?
                .query_row([hash], |row| row.get(0))
                .optional()?)
        })
    }

    /// Keeps the inner hashes of an original, so that it is not read for them again.
    pub fn keep_outboard(&self, hash: [u8; 32], bytes: Vec<u8>) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            write.conn().execute(
                "INSERT INTO outboard (hash, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                (hash, bytes),
            )?;
            Ok(())
        })
    }

    /// Where copies of a home's bytes are.
    pub(crate) fn kept_of(&self, home: DeviceId) -> PathBuf {
        self.folder.join("kept").join(home.to_string())
    }

    /// Removes every copy of what a machine had that is not known any more.
    pub(crate) fn drop_all_kept(&self, home: DeviceId) {
        // What cannot be removed now is never shown: no row speaks of it.
        let _ = fs::remove_dir_all(self.kept_of(home));
    }

    pub(crate) fn kept_path(&self, home: DeviceId, asset: AssetId, what: KeptWhat) -> PathBuf {
        self.kept_of(home).join(format!("{asset}-{}", what.name()))
    }

    /// A copy that is kept here, open; `None` when there is none. What the store alone has
    /// is brought back.
    pub fn open_kept(
        &self,
        home: DeviceId,
        asset: AssetId,
        what: KeptWhat,
    ) -> Result<Option<File>, LibraryError> {
        let found = self.find_kept(home, asset, what)?;
        found.map(|bytes| self.open_bytes(bytes)).transpose()
    }

    /// Where a copy is that is kept here; `None` when there is none.
    pub(crate) fn find_kept(
        &self,
        home: DeviceId,
        asset: AssetId,
        what: KeptWhat,
    ) -> Result<Option<Bytes>, LibraryError> {
        let known: Option<(i64, u64, [u8; 32])> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT used_at, bytes, hash FROM kept
                      WHERE home = ?1 AND asset = ?2 AND what = ?3",
                )?
                .query_row((home, asset, what.name()), |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })
                .optional()?)
        })?;
        let Some((used, bytes, hash)) = known else {
            return Ok(None);
        };
        let file = match File::open(self.kept_path(home, asset, what)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return self.find_kept_away((home, asset, what), (hash, bytes));
            }
            Err(error) => return Err(error.into()),
        };
        if file.metadata()?.len() != bytes {
            // A power cut came between the file and its bytes.
            self.forget_kept(home, asset, what)?;
            return Ok(None);
        }
        if self.clock.now_ms() - used > NOTED_MS {
            self.catalog.write(move |write| {
                write.conn().execute(
                    "UPDATE kept SET used_at = ?4 WHERE home = ?1 AND asset = ?2 AND what = ?3",
                    (home, asset, what.name(), write.now_ms),
                )?;
                Ok(())
            })?;
        }
        Ok(Some(Bytes::Here(file, (!what.is_made()).then_some(hash))))
    }

    fn find_kept_away(
        &self,
        (home, asset, what): (DeviceId, AssetId, KeptWhat),
        file: ([u8; 32], u64),
    ) -> Result<Option<Bytes>, LibraryError> {
        let known = self.known_elsewhere(home, asset);
        let name = known.map_or_else(|_| "a photo".to_owned(), |asset| asset.name);
        let absent = match what.is_made() {
            true => None,
            false => self.absent(Spot::Kept(home, asset, what), file, &name)?,
        };
        if absent.is_none() {
            // A restored catalog knows copies that are not there.
            self.forget_kept(home, asset, what)?;
        }
        Ok(absent.map(Bytes::Away))
    }

    fn forget_kept(
        &self,
        home: DeviceId,
        asset: AssetId,
        what: KeptWhat,
    ) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            write.conn().execute(
                "DELETE FROM kept WHERE home = ?1 AND asset = ?2 AND what = ?3",
                (home, asset, what.name()),
            )?;
            Ok(())
        })
    }

    /// Whether a copy is here.
    pub fn is_kept(
        &self,
        home: DeviceId,
        asset: AssetId,
        what: KeptWhat,
    ) -> Result<bool, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM kept WHERE home = ?1 AND asset = ?2 AND what = ?3)",
                )?
                .query_row((home, asset, what.name()), |row| row.get(0))?)
        })
    }

    /// The file in which a copy arrives, made where there is none; its length is how
    /// far it got.
    ///
    /// # Errors
    /// [`LibraryError::DiskFull`] when so many bytes would leave no room.
    pub fn open_arriving(
        &self,
        home: DeviceId,
        asset: AssetId,
        what: KeptWhat,
        length: u64,
    ) -> Result<File, LibraryError> {
        make_private_folder(&self.kept_of(home))?;
        let path = self.kept_path(home, asset, what).with_extension("part");
        let mut options = File::options();
        options.create(true).truncate(false).read(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        let have = file.metadata()?.len();
        let (room, more) = (Room::of(&self.folder)?, length.saturating_sub(have));
        // What others send for somebody else leaves as much free as what visitors send.
        let is_parcel = || self.catalog.read(|conn| parcel::is_held(conn, home, asset));
        let has_room = room.lacks(more) == 0
            && (what.is_picture() || room.takes_of_visitors(more) || !is_parcel()?);
        if !has_room {
            return Err(LibraryError::DiskFull);
        }
        Ok(file)
    }

    /// Makes a copy that arrived whole one that is kept: for good where the user wants
    /// that now, and else for a while.
    pub fn finish_arriving(
        &self,
        home: DeviceId,
        asset: AssetId,
        what: KeptWhat,
        part: &File,
        hash: [u8; 32],
    ) -> Result<(), LibraryError> {
        let path = self.kept_path(home, asset, what);
        let bytes = part.metadata()?.len();
        if !what.is_picture() {
            part.sync_all()?;
        }
        fs::rename(path.with_extension("part"), &path)?;
        if !what.is_picture() {
            sync_folder(&self.kept_of(home))?;
        }
        let kept = self.catalog.write(move |write| {
            let conn = write.conn();
            let noted = conn
                .prepare_cached(&format!(
                    "INSERT INTO kept (home, asset, what, hash, bytes, used_at, wanted)
                     SELECT ?1, ?2, ?3, ?4, ?5, ?6, 0 WHERE {KNOWN}
                     ON CONFLICT (home, asset, what) DO UPDATE SET hash = excluded.hash,
                         bytes = excluded.bytes, used_at = excluded.used_at"
                ))?
                .execute((home, asset, what.name(), hash, bytes, write.now_ms))?;
            let is_wanted = conn
                .prepare_cached(&format!(
                    "UPDATE kept SET wanted = {WANTED} WHERE home = ?1 AND asset = ?2 AND what = ?3
                     RETURNING wanted"
                ))?
                .query_row((home, asset, what.name()), |row| row.get(0))
                .optional()?;
            if !what.is_made() {
                note_here(conn, &hash)?;
                // One's own other machines are told of it.
                write.announce(Change::Safety);
            }
            match noted {
                0 => Err(LibraryError::NotShared),
                _ => Ok(is_wanted.unwrap_or(false)),
            }
        });
        match kept {
            Ok(true) if !what.is_picture() => let_go_of(part),
            Ok(_) => {}
            // It is not shown any more since it was asked for.
            Err(_) => remove_if_there(&path)?,
        }
        kept?;
        let was_edited = what == KeptWhat::Original
            && self
                .told_file(home, asset, what)
                .is_ok_and(|(_, told)| told != hash);
        if was_edited {
            // Since it was asked for; what it is now comes anew.
            self.forget_kept(home, asset, what)?;
        }
        Ok(())
    }

    /// Whether a photo's bytes are here already: as a copy, or as a file of the library's own.
    pub fn has_come(
        &self,
        home: DeviceId,
        asset: AssetId,
        what: KeptWhat,
    ) -> Result<bool, LibraryError> {
        Ok(self.open_kept(home, asset, what)?.is_some()
            || what == KeptWhat::Original && self.has_adopted(home, asset)?)
    }

    /// Throws away what has arrived of a copy that turned out wrong.
    pub fn drop_arriving(
        &self,
        home: DeviceId,
        asset: AssetId,
        what: KeptWhat,
    ) -> Result<(), LibraryError> {
        remove_if_there(&self.kept_path(home, asset, what).with_extension("part"))
    }

    /// Removes what was made of a photo that looks otherwise at its home now.
    pub(crate) fn drop_pictures(&self, home: DeviceId, asset: AssetId) -> Result<(), LibraryError> {
        for what in [KeptWhat::Thumbnail, KeptWhat::Preview, KeptWhat::Motion] {
            self.forget_kept(home, asset, what)?;
            remove_if_there(&self.kept_path(home, asset, what))?;
        }
        Ok(())
    }

    /// Photos of a home that lack a copy which the user wants kept, newest first. A live
    /// part that is a file of its own comes as that.
    pub fn lacking(
        &self,
        home: DeviceId,
        keep: Keep,
        limit: usize,
    ) -> Result<Vec<(AssetId, KeptWhat)>, LibraryError> {
        self.catalog.read(|conn| {
            let of_partner: Option<String> = conn
                .prepare_cached(
                    "SELECT keep FROM partner_library, library
                      WHERE home = ?1 AND consent AND partner_library.person <> library.person",
                )?
                .query_row([home], |row| row.get(0))
                .optional()?;
            let of_partner = of_partner.and_then(|keep| Keep::of(&keep));
            let mut lacking = Vec::new();
            for what in KeptWhat::EACH {
                let wants = (
                    what.is_in(keep),
                    of_partner.is_some_and(|keep| what.is_in(keep)),
                );
                if wants == (false, false) {
                    continue;
                }
                let shown: Vec<AssetId> = conn
                    .prepare_cached(&format!(
                        "SELECT id FROM asset
                          WHERE via = ?1 AND trashed_at IS NULL
                            AND (?4 AND (partner IS NULL OR EXISTS (
                                     SELECT 1 FROM album_asset WHERE album_asset.asset = asset.id))
                                 OR ?5 AND partner IS NOT NULL)
                            AND {}
                            AND (?2 <> 'motion' OR NOT EXISTS (
                                    SELECT 1 FROM part WHERE part.home = ?1
                                       AND part.asset = asset.id AND part.part = 'live'))
                            AND NOT EXISTS (SELECT 1 FROM kept WHERE kept.home = ?1
                                              AND kept.asset = asset.id AND kept.what = ?2)
                          ORDER BY sorted_at DESC LIMIT ?3",
                        what.there_is()
                    ))?
                    .query_map(
                        (
                            home,
                            what.name(),
                            limit.saturating_sub(lacking.len()),
                            wants.0,
                            wants.1,
                        ),
                        |row| row.get(0),
                    )?
                    .collect::<Result<_, _>>()?;
                lacking.extend(shown.into_iter().map(|asset| (asset, what)));
                // Of machines whose photos are told of only here, originals are enough.
                if !wants.0 || what.is_film() {
                    continue;
                }
                let mut found = conn.prepare_cached(
                    "SELECT row, body FROM replica
                      WHERE home = ?1 AND space = 'library' AND sorted_at IS NOT NULL
                        AND NOT EXISTS (SELECT 1 FROM kept WHERE kept.home = ?1
                                          AND kept.asset = replica.row AND kept.what = ?2)
                      ORDER BY sorted_at DESC, row DESC",
                )?;
                let mut rows = found.query((home, what.name()))?;
                while let Some(row) = rows.next()? {
                    if lacking.len() >= limit {
                        return Ok(lacking);
                    }
                    let read = AssetRow::read(&row.get::<_, Vec<u8>>(1)?);
                    if read.is_ok_and(|asset| !asset.trashed && what.is_told(&asset)) {
                        lacking.push((row.get(0)?, what));
                    }
                }
            }
            Ok(lacking)
        })
    }
}
