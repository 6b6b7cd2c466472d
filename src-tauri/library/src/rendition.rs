//! Renditions on disk: a cache beside the originals that may be deleted at any
//! time and is made again from them.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use media::{Facts, Input, Origin, Rendition, Turn};

use crate::catalog::Write;
use crate::kept::KeptWhat;
use crate::{Asset, AssetId, Change, Library, LibraryError, Progress, twin};

/// What an import makes that leaves the rest for later.
pub(crate) const AT_ONCE: [Rendition; 1] = [Rendition::First];

/// What is made of every asset.
pub(crate) const AT_IMPORT: [Rendition; 2] = [Rendition::Thumbnail, Rendition::Preview];

impl Library {
    /// Makes the renditions of every asset that lacks them, on all cores, for as
    /// long as `watch` says so. An asset whose original cannot be read now is
    /// passed over.
    ///
    /// # Errors
    /// What concerns them all: a full disk, the catalog.
    pub fn render_waiting(
        &self,
        watch: &(dyn Fn(&Progress) -> bool + Sync),
    ) -> Result<(), LibraryError> {
        let waiting: Vec<AssetId> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT id FROM asset
                      WHERE thumbhash = x'' AND via IS NULL
                        AND (unseen IS NULL OR unseen = ?1)
                      ORDER BY sorted_at DESC, seq DESC",
                )?
                .query_map([media::NO_FFMPEG], |row| row.get(0))?
                .collect::<Result<_, _>>()?)
        })?;
        let found = waiting.len() as u64;
        self.work_through(&waiting, found, watch, |id| {
            let made = self
                .any_asset(*id)
                .and_then(|asset| self.render(&asset, &AT_IMPORT));
            match made {
                Err(error) if error.concerns_all() => Err(error),
                _ => Ok(1),
            }
        })?;
        Ok(())
    }

    /// Does `work` on each of these, on all cores, until it fails or `watch` says no;
    /// answers with whether all was done. `work` says how many of the `found` it did.
    pub(crate) fn work_through<T: Sync>(
        &self,
        waiting: &[T],
        found: u64,
        watch: &(dyn Fn(&Progress) -> bool + Sync),
        work: impl Fn(&T) -> Result<u64, LibraryError> + Sync,
    ) -> Result<bool, LibraryError> {
        let progress = Progress {
            found,
            ..Progress::default()
        };
        let state = Mutex::new((progress, Ok(true)));
        let next = AtomicUsize::new(0);
        let worker = || {
            while let Some(one) = waiting.get(next.fetch_add(1, Ordering::Relaxed)) {
                let done = work(one);
                let Ok(mut state) = state.lock() else { return };
                match done {
                    Ok(done) => {
                        state.0.done += done;
                        if watch(&state.0) {
                            continue;
                        }
                        if state.1.is_ok() {
                            state.1 = Ok(false);
                        }
                    }
                    Err(error) => state.1 = Err(error),
                }
                next.store(waiting.len(), Ordering::Relaxed);
            }
        };
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..threads.min(waiting.len()) {
                scope.spawn(worker);
            }
        });
        state.into_inner().map_or(Ok(true), |(_, result)| result)
    }

    /// Whether any asset waits for its renditions and could have them now.
    pub fn has_renditions_waiting(&self) -> Result<bool, LibraryError> {
        let (some, films) = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM asset WHERE thumbhash = x'' AND unseen IS NULL
                                     AND via IS NULL),
                            EXISTS (SELECT 1 FROM asset WHERE thumbhash = x'' AND unseen = ?1
                                     AND via IS NULL)",
                )?
                .query_row([media::NO_FFMPEG], |row| Ok((row.get(0)?, row.get(1)?)))?)
        })?;
        Ok(some || films && self.decoder.reads_videos().is_ok())
    }

    /// The assets that had renditions whose files are gone.
    pub(crate) fn lost_renditions(&self) -> Result<Vec<AssetId>, LibraryError> {
        let all: Vec<(AssetId, [u8; 32], Turn)> = self.catalog.read(|conn| {
            Ok(conn
                .prepare("SELECT id, hash, turn FROM asset WHERE thumbhash <> x'' AND via IS NULL")?
                .query_map([], |row| {
                    Ok((row.get(0)?, row.get(1)?, Turn::of_quarters(row.get(2)?)))
                })?
                .collect::<Result<_, _>>()?)
        })?;
        let lacks = |hash: &[u8; 32], turn: Turn| {
            AT_IMPORT
                .iter()
                .any(|rendition| !self.rendition_path(hash, *rendition, turn).exists())
        };
        Ok(all
            .into_iter()
            .filter(|(_, hash, turn)| lacks(hash, *turn))
            .map(|(id, ..)| id)
            .collect())
    }

    /// Makes what an asset lacks of its renditions.
    pub(crate) fn render_again(&self, id: AssetId) -> Result<(), LibraryError> {
        let asset = self.any_asset(id)?;
        for rendition in AT_IMPORT {
            self.open_rendition(&asset, rendition)?;
        }
        Ok(())
    }

    /// Opens what is seen of an asset until its thumbnail is made, if there is
    /// such a thing.
    pub(crate) fn open_first_sight(
        &self,
        asset: &Asset,
    ) -> Result<Option<(File, u64)>, LibraryError> {
        if !asset.thumbhash.is_empty() || asset.turn != Turn::None || asset.via.is_some() {
            return Ok(None);
        }
        let path = self.rendition_path(&asset.hash, Rendition::First, Turn::None);
        open_whole(&path, Rendition::First)
    }

    /// Opens a rendition, making it first when it is not there.
    pub(crate) fn open_rendition(
        &self,
        asset: &Asset,
        rendition: Rendition,
    ) -> Result<(File, u64), LibraryError> {
        if let Some(via) = asset.via
            && let Some(kept) = KeptWhat::of(rendition)
            && let Some(file) = self.open_kept(via, asset.id, kept)?
        {
            let length = file.metadata()?.len();
            return Ok((file, length));
        }
        self.check_bytes_here(asset).map_err(|error| match error {
            LibraryError::NotHere { via, what, name } => LibraryError::NotHere {
                via,
                what: KeptWhat::of(rendition).unwrap_or(what),
                name,
            },
            other => other,
        })?;
        let path = self.rendition_path(&asset.hash, rendition, asset.turn);
        if let Some(found) = open_whole(&path, rendition)? {
            return Ok(found);
        }
        // One at a time makes what many ask for at once; the others find it made.
        let [place, ..] = asset.hash;
        let lane = self
            .rendering
            .get(usize::from(place) % self.rendering.len());
        let _turn = lane.and_then(|lane| lane.lock().ok());
        if let Some(found) = open_whole(&path, rendition)? {
            return Ok(found);
        }
        self.render(asset, &[rendition])?;
        open_whole(&path, rendition)?.ok_or(LibraryError::Io(std::io::ErrorKind::NotFound.into()))
    }

    fn render(&self, asset: &Asset, renditions: &[Rendition]) -> Result<(), LibraryError> {
        let input = Input::of_file(self.open_original(asset)?).turned(asset.turn);
        let examined = self.decoder.examine(&input, renditions, Origin::Owner)?;
        let picture = examined.picture;
        self.store_renditions(&asset.hash, asset.turn, &picture.renditions)?;
        let seen = !picture.thumbhash.is_empty() && asset.thumbhash.is_empty();
        if seen || asset.unseen.as_deref() != examined.unseen {
            let (id, plays) = (asset.id, picture.facts.plays);
            let facts = (asset.unseen.as_deref() == Some(media::NO_FFMPEG)
                && examined.unseen != Some(media::NO_FFMPEG))
            .then_some(picture.facts);
            let likeness = picture.likeness;
            self.catalog.write(move |write| {
                if let Some(facts) = facts {
                    learn(write, id, &facts)?;
                }
                if seen {
                    twin::liken(write, id, likeness)?;
                }
                write
                    .conn()
                    .prepare_cached(
                        "UPDATE asset SET unseen = ?2, plays = ?3,
                             thumbhash = CASE WHEN ?4 = x'' THEN thumbhash ELSE ?4 END
                         WHERE id = ?1",
                    )?
                    .execute((id, examined.unseen, plays, picture.thumbhash))?;
                write.announce(Change::Asset(id));
                Ok(())
            })?;
        }
        match examined.unseen {
            Some(code) if picture.renditions.is_empty() => {
                Err(LibraryError::Unseen(code.to_owned()))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn store_renditions(
        &self,
        hash: &[u8; 32],
        turn: Turn,
        renditions: &[(Rendition, Vec<u8>)],
    ) -> Result<(), LibraryError> {
        for (rendition, bytes) in renditions {
            self.keep_derived(&self.rendition_path(hash, *rendition, turn), bytes)?;
        }
        Ok(())
    }

    /// Makes an empty folder for renditions being written, dropping what a
    /// crash left in it.
    pub(crate) fn clear_unfinished(&self) -> Result<(), LibraryError> {
        match fs::remove_dir_all(self.unfinished()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        crate::make_private_folder(&self.unfinished())
    }

    pub(crate) fn unfinished(&self) -> PathBuf {
        self.renditions().join("unfinished")
    }

    pub(crate) fn rendition_path(
        &self,
        hash: &[u8; 32],
        rendition: Rendition,
        turn: Turn,
    ) -> PathBuf {
        self.derived_path(
            hash,
            &turned_name(rendition.name(), turn),
            rendition.extension(),
        )
    }

    /// Where something made of an original is kept: `renditions/ab/abcd….name.ext`.
    pub(crate) fn derived_path(&self, hash: &[u8; 32], name: &str, extension: &str) -> PathBuf {
        let hex = blake3::Hash::from_bytes(*hash).to_hex();
        self.renditions()
            .join(hex.get(..2).unwrap_or(""))
            .join(format!("{hex}.{name}.{extension}"))
    }

    /// Removes all that was made of an original that is gone. What cannot be
    /// removed is a cache's, and no harm.
    pub(crate) fn forget_derived(&self, hash: &[u8; 32]) {
        let renditions = [
            Rendition::First,
            Rendition::Thumbnail,
            Rendition::Preview,
            Rendition::Card,
        ]
        .map(|rendition| (rendition.name(), rendition.extension()));
        let films = ["video", "motion"].map(|name| (name, "mp4"));
        let made = renditions
            .iter()
            .chain(&films)
            .chain(&[("clean", "recipe")]);
        for (name, extension) in made {
            for turn in (0..4).map(Turn::of_quarters) {
                let path = self.derived_path(hash, &turned_name(name, turn), extension);
                let _ = fs::remove_file(path);
            }
        }
    }

    /// Keeps bytes at a path of the cache: whole, or not at all.
    pub(crate) fn keep_derived(&self, path: &Path, bytes: &[u8]) -> Result<(), LibraryError> {
        fs::create_dir_all(self.unfinished())?;
        let mut file = tempfile::NamedTempFile::new_in(self.unfinished())?;
        file.write_all(bytes)?;
        self.settle(&file.into_temp_path(), path)
    }

    /// Moves a finished file of the cache to its place.
    pub(crate) fn settle(&self, finished: &Path, path: &Path) -> Result<(), LibraryError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(fs::rename(finished, path)?)
    }
}

/// What something made of an original is called when it is seen turned.
pub(crate) fn turned_name(name: &str, turn: Turn) -> String {
    match turn {
        Turn::None => name.to_owned(),
        _ => format!("{name}-{}", turn.quarters()),
    }
}

/// Adds what only the programs for videos could tell of one that was imported
/// without them. A time that the file states is better than one in its name.
fn learn(write: &Write<'_>, id: AssetId, facts: &Facts) -> Result<(), LibraryError> {
    let conn = write.conn();
    conn.prepare_cached(
        "UPDATE asset SET width = ?2, height = ?3, duration_ms = coalesce(?4, duration_ms)
          WHERE id = ?1",
    )?
    .execute((id, facts.width, facts.height, facts.duration_ms))?;
    if let Some(taken) = facts.metadata.taken {
        conn.prepare_cached(
            "UPDATE asset SET taken_local = ?2, sorted_at = ?2, taken_offset = ?3, taken_from = ?4
              WHERE id = ?1 AND (taken_local IS NULL OR taken_from = 'name')",
        )?
        .execute((id, taken.local_ms, taken.offset_minutes, taken.from.name()))?;
    }
    Ok(())
}

/// Opens a rendition unless a power cut left it short: renditions are not
/// synced, so each is checked to end as its format does.
pub(crate) fn open_whole(
    path: &Path,
    rendition: Rendition,
) -> Result<Option<(File, u64)>, LibraryError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let length = file.metadata()?.len();
    let whole = match rendition {
        Rendition::First | Rendition::Thumbnail => {
            // RIFF: the length of what follows stands at byte 4.
            let mut head = [0; 8];
            length >= 12 && file.read_exact(&mut head).is_ok() && {
                let [.., a, b, c, d] = head;
                u64::from(u32::from_le_bytes([a, b, c, d])) + 8 == length
            }
        }
        Rendition::Preview | Rendition::Card => {
            // JPEG: ends with the marker EOI.
            let mut tail = [0; 2];
            length >= 4
                && file.seek(SeekFrom::End(-2)).is_ok()
                && file.read_exact(&mut tail).is_ok()
                && tail == [0xff, 0xd9]
        }
    };
    file.seek(SeekFrom::Start(0))?;
    Ok(whole.then_some((file, length)))
}
