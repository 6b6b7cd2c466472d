//! How much of this machine's disk originals may take. What the store holds for certain need
//! not be here besides: the longest unread goes, and comes back when somebody opens it
//! (`back`). It is noted first that an original is at the store alone, and then its file is
//! removed; so a crash in between leaves one more than is counted, which a look at the files
//! (`settle_offsite`) finds.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use rusqlite::{Connection, Row};

use super::OffsiteCopy;
use super::back::Spot;
use super::ledger::kept_spot;
use crate::moving::MovedFile;
use crate::original::{Location, Original, remove_if_there, sync_folder};
use crate::{Change, Library, LibraryError, Progress, Setting};

/// How many notes are written in one commit.
const AT_ONCE: usize = 1_000;

/// How many originals make room in one go at most.
const IN_ONE_GO: usize = 10_000;

/// Files of the library's own that may make room, a query's table: those in place are the user's.
const MOVABLE: &str = "(SELECT hash, bytes, path, NULL AS home, NULL AS asset, NULL AS what
      FROM original WHERE in_place = 0
     UNION ALL SELECT hash, bytes, NULL, home, asset, what
      FROM kept WHERE what NOT IN ('thumbnail', 'preview', 'motion', 'film') AND wanted = 1)";

/// The columns of one, for [`spot`].
const SPOT: &str = "home, asset, what, hash, bytes, path";

/// An original that is to make room.
#[derive(Clone, Debug)]
pub struct Excess {
    /// As the store is to hold it.
    pub copy: OffsiteCopy,
    /// Its files here.
    spots: Vec<Spot>,
}

/// Of a row with the columns [`SPOT`].
fn spot(row: &Row<'_>) -> rusqlite::Result<Spot> {
    match row.get::<_, Option<String>>(5)? {
        None => kept_spot(row),
        Some(path) => Ok(Spot::Copied(Original {
            location: Location::Copied(path),
            hash: row.get(3)?,
            bytes: row.get(4)?,
            modified_ms: 0,
            inode: None,
        })),
    }
}

/// Notes that the bytes of an original have come here by another way.
pub(crate) fn note_here(conn: &Connection, hash: &[u8; 32]) -> Result<(), LibraryError> {
    // What the store has lost is to be copied there again.
    conn.prepare_cached("DELETE FROM offsite_copy WHERE hash = ?1 AND place = 'lost'")?
        .execute([hash])?;
    conn.prepare_cached(
        "UPDATE offsite_copy SET place = 'here' WHERE hash = ?1 AND place = 'away'",
    )?
    .execute([hash])?;
    Ok(())
}

/// Whether a catalog that was not brought up yet has notes of where originals are.
fn knows_places(conn: &Connection) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare("SELECT 1 FROM pragma_table_info('offsite_copy') WHERE name = 'place'")?
        .exists([])?)
}

/// The originals that the store was known to hold by a catalog of whatever version.
pub(crate) fn held_in(conn: &Connection) -> Result<HashSet<[u8; 32]>, LibraryError> {
    let is_there = conn
        .prepare("SELECT 1 FROM sqlite_schema WHERE name = 'offsite_copy'")?
        .exists([])?;
    if !is_there {
        return Ok(HashSet::new());
    }
    let held = match knows_places(conn)? {
        true => "SELECT hash FROM offsite_copy WHERE place <> 'lost'",
        false => "SELECT hash FROM offsite_copy",
    };
    Ok(conn
        .prepare(held)?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}

/// Makes a catalog ready for a machine to which all of its library's own files come. Of the
/// copies of others' only what the store holds comes along, and stays there; how much of all
/// that stays on the machine is its own affair.
pub(crate) fn arrive(conn: &Connection) -> Result<(), LibraryError> {
    if !knows_places(conn)? {
        conn.execute_batch("DELETE FROM kept;")?;
        return Ok(());
    }
    conn.execute_batch(
        "DELETE FROM kept WHERE what IN ('thumbnail', 'preview', 'motion', 'film') OR wanted = 0 OR NOT EXISTS
             (SELECT 1 FROM offsite_copy WHERE offsite_copy.hash = kept.hash AND place <> 'lost');
         UPDATE offsite_copy SET place = 'here' WHERE place = 'away';
         UPDATE offsite_copy SET place = 'away'
          WHERE place = 'here' AND hash IN (SELECT hash FROM kept)
            AND hash NOT IN (SELECT hash FROM original);
         DELETE FROM setting WHERE name = 'offsite_keep_local';",
    )?;
    Ok(())
}

/// Of the files of a catalog that was made ready, those that come to the machine where so
/// many bytes are to stay there: what the store is not known to hold, and the newest.
pub(super) fn arrive_in_part(
    conn: &Connection,
    files: Vec<MovedFile>,
    most: u64,
) -> Result<Vec<MovedFile>, LibraryError> {
    conn.prepare("INSERT OR REPLACE INTO setting (name, value) VALUES (?1, ?2)")?
        .execute((Setting::OffsiteKeepLocal.name(), most.to_string()))?;
    // An earlier version's is set right once it is brought up (`settle_offsite`).
    let mut known = conn.prepare(match knows_places(conn)? {
        true => "UPDATE offsite_copy SET place = 'away' WHERE hash = ?1 RETURNING 1",
        false => "SELECT 1 FROM offsite_copy WHERE hash = ?1",
    })?;
    let mut left = most;
    let mut coming = Vec::new();
    for file in files.into_iter().rev() {
        let fits = left.checked_sub(file.bytes);
        if fits.is_none() && known.query([file.hash])?.next()?.is_some() {
            continue;
        }
        left = fits.unwrap_or(left);
        coming.push(file);
    }
    Ok(coming)
}

/// The originals here that are read least, and at the store: so many that they have as many
/// bytes as are too many.
fn oldest(conn: &Connection, excess: u64) -> Result<HashMap<[u8; 32], Excess>, LibraryError> {
    let mut found = HashMap::new();
    let mut left = excess;
    // What was found damaged here is left for `doctor` to tell of.
    let mut oldest = conn.prepare_cached(&format!(
        "SELECT hash, sum(bytes), stored, tag FROM offsite_copy JOIN {MOVABLE} USING (hash)
          WHERE place = 'here'
            AND (path IS NULL
                 OR NOT EXISTS (SELECT 1 FROM setting WHERE name = 'damaged: ' || path))
          GROUP BY hash ORDER BY max(used_at, copied_at), hash"
    ))?;
    let mut rows = oldest.query([])?;
    while left > 0
        && found.len() < IN_ONE_GO
        && let Some(row) = rows.next()?
    {
        let copy = OffsiteCopy {
            hash: row.get(0)?,
            bytes: row.get(1)?,
            held: Some((row.get(2)?, row.get(3)?)),
            is_away: false,
            name: None,
        };
        left = left.saturating_sub(copy.bytes);
        let spots = Vec::new();
        found.insert(copy.hash, Excess { copy, spots });
    }
    let mut files = conn.prepare_cached(&format!("SELECT {SPOT} FROM {MOVABLE}"))?;
    let mut rows = files.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(excess) = found.get_mut(&row.get::<_, [u8; 32]>(3)?) {
            excess.spots.push(spot(row)?);
        }
    }
    Ok(found)
}

impl Library {
    /// How many bytes of originals stay on this machine once the store has them; `None` for
    /// all.
    pub fn keep_local(&self) -> Result<Option<u64>, LibraryError> {
        let kept = self.setting(Setting::OffsiteKeepLocal)?;
        Ok(kept.and_then(|bytes| bytes.parse().ok()))
    }

    /// Sets how many bytes of originals stay on this machine once the store has them; `None`
    /// for all. Nothing is removed or brought back by this alone.
    pub fn set_keep_local(&self, bytes: Option<u64>) -> Result<(), LibraryError> {
        let bytes = bytes.map(|bytes| bytes.to_string()).unwrap_or_default();
        self.set_setting(Setting::OffsiteKeepLocal, &bytes)
    }

    /// The originals that are to make room, those that are read least: so many that the rest
    /// takes no more than it may. None while the library moves.
    pub fn offsite_excess(&self) -> Result<Vec<Excess>, LibraryError> {
        let Some(most) = self.keep_local()? else {
            return Ok(Vec::new());
        };
        for moves in [Setting::MovingTo, Setting::MovedTo] {
            if self.setting(moves)?.is_some() {
                return Ok(Vec::new());
            }
        }
        self.catalog.read(|conn| {
            let here: u64 = conn
                .prepare_cached(&format!(
                    "SELECT coalesce(sum(bytes), 0) FROM {MOVABLE} LEFT JOIN offsite_copy USING (hash)
                      WHERE place IS NULL OR place = 'here'"
                ))?
                .query_row([], |row| row.get(0))?;
            match here.saturating_sub(most) {
                0 => Ok(Vec::new()),
                excess => Ok(oldest(conn, excess)?.into_values().collect()),
            }
        })
    }

    /// Removes this machine's files of an original that the store was just seen to hold as
    /// it was given; answers with the bytes freed. The user's own files stay.
    pub fn let_go(&self, excess: &Excess) -> Result<u64, LibraryError> {
        let Some((stored, tag)) = excess.copy.held.clone() else {
            return Ok(0);
        };
        let hash = excess.copy.hash;
        let _turn = self.letting_go.lock();
        let files: Vec<PathBuf> = excess.spots.iter().map(|spot| self.path_of(spot)).collect();
        let time = files.iter().find_map(|path| {
            let modified = fs::metadata(path).ok()?.modified().ok()?;
            let since = modified.duration_since(UNIX_EPOCH).ok()?;
            i64::try_from(since.as_nanos()).ok()
        });
        let goes = self.catalog.write(move |write| {
            let noted = write
                .conn()
                .prepare_cached(
                    "UPDATE offsite_copy SET place = 'away', modified_ns = coalesce(?4, modified_ns)
                      WHERE hash = ?1 AND place = 'here' AND stored = ?2 AND tag IS ?3",
                )?
                .execute((hash, stored, tag, time))?;
            write.announce(Change::Offsite);
            Ok(noted > 0)
        })?;
        let mut freed = 0;
        for path in files.into_iter().filter(|_| goes) {
            freed += fs::metadata(&path).map_or(0, |file| file.len());
            remove_if_there(&path)?;
            if let Some(folder) = path.parent().filter(|folder| folder.is_dir()) {
                sync_folder(folder)?;
            }
        }
        Ok(freed)
    }

    /// Corrects what is noted of where originals are, by a look at their files: after a
    /// crash, and where the catalog is an older one.
    pub fn settle_offsite(&self) -> Result<(), LibraryError> {
        // Files of the same bytes one after another: any of them will do.
        let mut last: Option<([u8; 32], bool, bool)> = None;
        let mut wrong = Vec::new();
        let mut judge = |last: Option<([u8; 32], bool, bool)>| {
            if let Some((hash, _, is_here)) = last.filter(|(_, noted, is_here)| noted != is_here) {
                wrong.push((hash, if is_here { "here" } else { "away" }));
            }
        };
        self.catalog.read(|conn| {
            let mut files = conn.prepare_cached(&format!(
                "SELECT {SPOT}, place = 'here' FROM {MOVABLE} JOIN offsite_copy USING (hash)
                  WHERE place <> 'lost' ORDER BY hash"
            ))?;
            let mut rows = files.query([])?;
            while let Some(row) = rows.next()? {
                let hash = row.get(3)?;
                let is_here = self.path_of(&spot(row)?).exists();
                match &mut last {
                    Some((before, _, found)) if *before == hash => *found |= is_here,
                    _ => judge(last.replace((hash, row.get(6)?, is_here))),
                }
            }
            Ok(())
        })?;
        judge(last);
        self.place_offsite(&wrong)
    }

    /// Notes what a check found of originals that are not here: whether the store holds
    /// them as it was given them.
    pub fn note_offsite_held(&self, found: &[([u8; 32], bool)]) -> Result<(), LibraryError> {
        let places: Vec<_> = found
            .iter()
            .map(|(hash, held)| (*hash, if *held { "away" } else { "lost" }))
            .collect();
        self.place_offsite(&places)
    }

    fn place_offsite(&self, places: &[([u8; 32], &'static str)]) -> Result<(), LibraryError> {
        for some in places.chunks(AT_ONCE) {
            let some = some.to_vec();
            self.catalog.write(move |write| {
                for (hash, place) in some {
                    write
                        .conn()
                        .prepare_cached("UPDATE offsite_copy SET place = ?2 WHERE hash = ?1")?
                        .execute((hash, place))?;
                }
                write.announce(Change::Offsite);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Brings back every original that the store alone has, for as long as `watch` says so;
    /// answers with whether it came to the end. What the store does not give back is passed
    /// over.
    ///
    /// # Errors
    /// What hinders all of it: the store cannot be reached, the disk is full.
    pub fn bring_all_back(
        &self,
        watch: &(dyn Fn(&Progress) -> bool + Sync),
    ) -> Result<bool, LibraryError> {
        self.settle_offsite()?;
        let away: Vec<Spot> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&format!(
                    "SELECT {SPOT} FROM {MOVABLE} JOIN offsite_copy USING (hash)
                      WHERE place = 'away'"
                ))?
                .query_map([], spot)?
                .collect::<Result<_, _>>()?)
        })?;
        self.work_through(&away, away.len() as u64, watch, |spot| {
            let opened = match spot {
                Spot::Copied(file) => self.open_file(file, "a photo").map(Some),
                Spot::Kept(home, asset, what) => self.open_kept(*home, *asset, *what),
            };
            match opened {
                Ok(_)
                | Err(
                    LibraryError::LostAtStore { .. }
                    | LibraryError::OriginalMissing { .. }
                    | LibraryError::OriginalDamaged { .. },
                ) => Ok(1),
                Err(error) => Err(error),
            }
        })
    }

    /// Fails while the store alone has originals: what knows of it must not be forgotten.
    pub(super) fn check_none_away(&self) -> Result<(), LibraryError> {
        self.settle_offsite()?;
        match self.offsite_counts()?.away {
            0 => Ok(()),
            away => Err(LibraryError::wrong(format!(
                "{away} originals are at the store alone; bring them back first with `albumen \
                 offsite keep-local all`."
            ))),
        }
    }

    /// The store and the bucket, as an address for people.
    pub(super) fn offsite_address(&self) -> Result<String, LibraryError> {
        let endpoint = self.setting(Setting::OffsiteEndpoint)?.unwrap_or_default();
        let bucket = self.setting(Setting::OffsiteBucket)?.unwrap_or_default();
        Ok(format!("s3://{bucket} ({endpoint})"))
    }

    fn path_of(&self, spot: &Spot) -> PathBuf {
        match spot {
            Spot::Copied(file) => self.place_of(file),
            Spot::Kept(home, asset, what) => self.kept_path(*home, *asset, *what),
        }
    }
}
