//! Copies of bytes whose home is another machine: what the user wants kept, and
//! what was looked at lately, the oldest of which make room for others. A copy that
//! has not arrived whole is a file ending in `.part`, whose length is how far it got.

mod give;

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use media::Rendition;
use rusqlite::OptionalExtension;

use crate::original::{remove_if_there, sync_folder};
use crate::peer::Keep;
use crate::room::Room;
use crate::wire::AssetRow;
use crate::{Asset, AssetId, DeviceId, Library, LibraryError, make_private_folder};

pub use give::{Given, GivenOriginal};

/// Bytes that what was looked at lately may take.
const LATELY_BYTES: u64 = 2 << 30;
/// How exactly it is noted when a copy was last looked at.
const NOTED_MS: i64 = 60 * 60 * 1_000;

/// Which bytes of a photo are kept or fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeptWhat {
    /// Its thumbnail.
    Thumbnail,
    /// Its preview.
    Preview,
    /// Its original.
    Original,
}

impl KeptWhat {
    /// As a word.
    pub fn name(self) -> &'static str {
        match self {
            KeptWhat::Thumbnail => "thumbnail",
            KeptWhat::Preview => "preview",
            KeptWhat::Original => "original",
        }
    }

    /// The copy that a rendition is kept as.
    pub(crate) fn of(rendition: Rendition) -> Option<KeptWhat> {
        match rendition {
            Rendition::Thumbnail | Rendition::First => Some(KeptWhat::Thumbnail),
            Rendition::Preview => Some(KeptWhat::Preview),
            Rendition::Card => None,
        }
    }

    fn rendition(self) -> Option<Rendition> {
        match self {
            KeptWhat::Thumbnail => Some(Rendition::Thumbnail),
            KeptWhat::Preview => Some(Rendition::Preview),
            KeptWhat::Original => None,
        }
    }
}

impl Library {
    /// A photo as the machine tells of it that it is known by.
    ///
    /// # Errors
    /// [`LibraryError::Unknown`].
    pub fn known_elsewhere(&self, via: DeviceId, asset: AssetId) -> Result<Asset, LibraryError> {
        match self.any_asset(asset) {
            Ok(found) if found.via == Some(via) => Ok(found),
            Ok(_) | Err(LibraryError::Unknown { .. }) => {
                self.remote_asset(via, asset).map(|remote| remote.asset)
            }
            Err(error) => Err(error),
        }
    }

    fn outboard(&self, hash: &[u8; 32]) -> Result<Option<Vec<u8>>, LibraryError> {
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

    fn kept_path(&self, home: DeviceId, asset: AssetId, what: KeptWhat) -> PathBuf {
        self.kept_of(home).join(format!("{asset}-{}", what.name()))
    }

    /// A copy that is here, open; `None` when there is none.
    pub fn open_kept(
        &self,
        home: DeviceId,
        asset: AssetId,
        what: KeptWhat,
    ) -> Result<Option<File>, LibraryError> {
        let known: Option<(i64, u64)> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT used_at, bytes FROM kept
                      WHERE home = ?1 AND asset = ?2 AND what = ?3",
                )?
                .query_row((home, asset, what.name()), |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .optional()?)
        })?;
        let Some((used, bytes)) = known else {
            return Ok(None);
        };
        let file = match File::open(self.kept_path(home, asset, what)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // A restored catalog knows copies that are not there.
                self.forget_kept(home, asset, what)?;
                return Ok(None);
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
        Ok(Some(file))
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
        if Room::of(&self.folder)?.lacks(length.saturating_sub(have)) > 0 {
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
        if what == KeptWhat::Original {
            part.sync_all()?;
        }
        fs::rename(path.with_extension("part"), &path)?;
        if what == KeptWhat::Original {
            sync_folder(&self.kept_of(home))?;
        }
        self.catalog.write(move |write| {
            write.conn().execute(
                "INSERT INTO kept (home, asset, what, hash, bytes, used_at, wanted)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6,
                     (SELECT keep = 'originals' OR (keep = 'previews' AND ?3 <> 'original')
                        FROM peer WHERE device = ?1))
                 ON CONFLICT (home, asset, what) DO UPDATE SET hash = excluded.hash,
                     bytes = excluded.bytes, used_at = excluded.used_at,
                     wanted = excluded.wanted",
                (home, asset, what.name(), hash, bytes, write.now_ms),
            )?;
            Ok(())
        })
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

    /// Removes pictures of a photo that looks otherwise at its home now.
    pub(crate) fn drop_pictures(&self, home: DeviceId, asset: AssetId) -> Result<(), LibraryError> {
        for what in [KeptWhat::Thumbnail, KeptWhat::Preview] {
            self.forget_kept(home, asset, what)?;
            remove_if_there(&self.kept_path(home, asset, what))?;
        }
        Ok(())
    }

    /// Removes every copy of a photo that its home does not show any more.
    pub(crate) fn drop_kept(&self, home: DeviceId, asset: AssetId) -> Result<(), LibraryError> {
        for what in [KeptWhat::Thumbnail, KeptWhat::Preview, KeptWhat::Original] {
            remove_if_there(&self.kept_path(home, asset, what))?;
            self.drop_arriving(home, asset, what)?;
        }
        self.catalog.write(move |write| {
            write.conn().execute(
                "DELETE FROM kept WHERE home = ?1 AND asset = ?2",
                (home, asset),
            )?;
            Ok(())
        })
    }

    /// Photos of a home that lack a copy which the user wants kept, newest first.
    pub fn lacking(
        &self,
        home: DeviceId,
        keep: Keep,
        limit: usize,
    ) -> Result<Vec<(AssetId, KeptWhat)>, LibraryError> {
        let wanted: &[KeptWhat] = match keep {
            Keep::Nothing => &[],
            Keep::Previews => &[KeptWhat::Thumbnail, KeptWhat::Preview],
            Keep::Originals => &[KeptWhat::Thumbnail, KeptWhat::Preview, KeptWhat::Original],
        };
        self.catalog.read(|conn| {
            let mut lacking = Vec::new();
            for what in wanted {
                let shown: Vec<AssetId> = conn
                    .prepare_cached(
                        "SELECT id FROM asset
                          WHERE via = ?1 AND trashed_at IS NULL
                            AND (?2 = 'original' OR unseen IS NULL AND thumbhash <> x'')
                            AND NOT EXISTS (SELECT 1 FROM original WHERE original.asset = asset.id)
                            AND NOT EXISTS (SELECT 1 FROM kept WHERE kept.home = ?1
                                              AND kept.asset = asset.id AND kept.what = ?2)
                          ORDER BY sorted_at DESC LIMIT ?3",
                    )?
                    .query_map(
                        (home, what.name(), limit.saturating_sub(lacking.len())),
                        |row| row.get(0),
                    )?
                    .collect::<Result<_, _>>()?;
                lacking.extend(shown.into_iter().map(|asset| (asset, *what)));
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
                    let there = read.is_ok_and(|asset| {
                        !asset.trashed
                            && (*what == KeptWhat::Original
                                || asset.unseen.is_none() && !asset.thumbhash.is_empty())
                    });
                    if there {
                        lacking.push((row.get(0)?, *what));
                    }
                }
            }
            Ok(lacking)
        })
    }

    /// Keeps for good what the user wants kept now, also what was only looked at before,
    /// and lets go of originals that are not wanted any more.
    pub(crate) fn keep_as_wanted(&self, home: DeviceId, keep: Keep) -> Result<(), LibraryError> {
        let what = KeptWhat::Original;
        if keep != Keep::Originals {
            let originals: Vec<AssetId> = self.catalog.read(|conn| {
                Ok(conn
                    .prepare_cached("SELECT asset FROM kept WHERE home = ?1 AND what = ?2")?
                    .query_map((home, what.name()), |row| row.get(0))?
                    .collect::<Result<_, _>>()?)
            })?;
            for asset in originals {
                remove_if_there(&self.kept_path(home, asset, what))?;
            }
        }
        self.catalog.write(move |write| {
            let conn = write.conn();
            if keep != Keep::Originals {
                conn.execute(
                    "DELETE FROM kept WHERE home = ?1 AND what = ?2",
                    (home, what.name()),
                )?;
            }
            conn.execute(
                "UPDATE kept SET wanted = (SELECT keep = 'originals'
                         OR (keep = 'previews' AND what <> 'original') FROM peer WHERE device = home)
                  WHERE home = ?1",
                [home],
            )?;
            Ok(())
        })
    }

    /// Removes what was looked at longest ago, until the rest takes no more than it
    /// may.
    pub fn sweep_kept(&self) -> Result<(), LibraryError> {
        let known: Vec<String> = self
            .peers()?
            .iter()
            .map(|peer| peer.device.to_string())
            .collect();
        // Copies of machines that are not known any more, whoever removed them.
        for folder in fs::read_dir(self.folder.join("kept"))
            .into_iter()
            .flatten()
            .flatten()
        {
            if !known.contains(&folder.file_name().to_string_lossy().into_owned()) {
                let _ = fs::remove_dir_all(folder.path());
            }
        }
        let old: Vec<(DeviceId, AssetId, String)> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT home, asset, what FROM (
                         SELECT home, asset, what,
                                sum(bytes) OVER (ORDER BY used_at DESC, home, asset, what) AS upto
                           FROM kept WHERE wanted = 0)
                      WHERE upto > ?1",
                )?
                .query_map([LATELY_BYTES], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })?
                .collect::<Result<_, _>>()?)
        })?;
        for (home, asset, what) in &old {
            remove_if_there(&self.kept_of(*home).join(format!("{asset}-{what}")))?;
        }
        self.catalog.write(move |write| {
            let mut gone = write.conn().prepare_cached(
                "DELETE FROM kept WHERE home = ?1 AND asset = ?2 AND what = ?3 AND wanted = 0",
            )?;
            old.iter().try_for_each(|(home, asset, what)| {
                gone.execute((home, asset, what)).map(|_| ())
            })?;
            Ok(())
        })
    }
}
