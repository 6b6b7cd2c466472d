//! Letting go of copies: of what is not shown any more, what is not wanted any more, and
//! what was looked at longest ago. With an original goes what was made of it here.

use std::collections::HashSet;
use std::fs;

use rusqlite::{Connection, Row};

use super::{AT_ONCE, KNOWN, KeptWhat, LATELY_BYTES, WANTED};
use crate::catalog::Write;
use crate::original::remove_if_there;
use crate::wire::AssetRow;
use crate::{AssetId, Change, DeviceId, Library, LibraryError};

/// Up to how many photos their copies are looked for one by one.
const FEW: usize = 100;

/// A copy, as its row is named.
type Copy = (DeviceId, AssetId, String);

/// Forgets copies; answers with the originals among them whose bytes are nowhere else
/// here.
fn forget(write: &Write<'_>, copies: &[Copy]) -> Result<Vec<[u8; 32]>, LibraryError> {
    let conn = write.conn();
    let mut gone = conn.prepare_cached(
        "DELETE FROM kept WHERE home = ?1 AND asset = ?2 AND what = ?3
         RETURNING hash, what = 'original', what GLOB 'part-*'",
    )?;
    let mut hashes: Vec<[u8; 32]> = Vec::new();
    for (home, asset, what) in copies {
        let mut rows = gone.query((home, asset, what))?;
        while let Some(row) = rows.next()? {
            let hash = row.get(0)?;
            if row.get(1)? {
                hashes.push(hash);
            }
            if row.get(2)? {
                // Where it is of use to another file, it is made again.
                conn.prepare_cached("DELETE FROM outboard WHERE hash = ?1")?
                    .execute([hash])?;
                write.announce(Change::Safety);
            }
        }
    }
    let mut elsewhere = conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM asset WHERE hash = ?1 AND via IS NULL)
             OR EXISTS (SELECT 1 FROM original WHERE hash = ?1)
             OR EXISTS (SELECT 1 FROM kept JOIN asset ON asset.id = kept.asset
                         WHERE asset.hash = ?1 AND asset.via = kept.home
                           AND kept.what = 'original')",
    )?;
    let mut last = Vec::new();
    if !hashes.is_empty() {
        write.announce(Change::Safety);
    }
    for hash in hashes {
        if !elsewhere.query_row([hash], |row| row.get::<_, bool>(0))? {
            conn.prepare_cached("DELETE FROM outboard WHERE hash = ?1")?
                .execute([hash])?;
            last.push(hash);
        }
    }
    Ok(last)
}

/// Forgets copies of a photo that is told of otherwise now: what was made of it where it
/// looks otherwise, and all of them where it is another file. They are fetched anew.
pub(crate) fn forget_outdated(
    conn: &Connection,
    (home, asset): (DeviceId, AssetId),
    before: &AssetRow,
    now: &AssetRow,
) -> Result<(), LibraryError> {
    let is_other = before.hash != now.hash;
    let looks_otherwise = before.turn != now.turn || before.thumbhash != now.thumbhash;
    if is_other || looks_otherwise {
        conn.prepare_cached(
            "DELETE FROM kept
              WHERE home = ?1 AND asset = ?2
                AND (?3 AND (what <> 'original' OR hash <> ?4)
                     OR what IN ('thumbnail', 'preview', 'motion'))",
        )?
        .execute((home, asset, is_other, &now.hash))?;
    }
    Ok(())
}

/// Further files of photos that are kept here of a home.
const PARTS: &str = "SELECT home, asset, what FROM kept WHERE home = ?1 AND what GLOB 'part-*'";

/// Which copies are not made of an original, but files themselves.
const LARGE: &str = "what NOT IN ('thumbnail', 'preview', 'motion', 'film')";

/// Notes of copies of a home's photos, or of one of them, whether they are wanted now.
pub(crate) fn want_anew(
    conn: &Connection,
    home: DeviceId,
    asset: Option<AssetId>,
) -> Result<(), LibraryError> {
    // Each in words of its own, so that the index is used whole.
    let which = match asset {
        Some(_) => "home = ?1 AND asset = ?2",
        None => "home = ?1 AND ?2 IS NULL",
    };
    conn.prepare_cached(&format!(
        "UPDATE kept SET wanted = {WANTED} WHERE {which} AND wanted <> {WANTED}"
    ))?
    .execute((home, asset))?;
    Ok(())
}

fn copy(row: &Row<'_>) -> rusqlite::Result<Copy> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

/// Photos of a home of which copies are noted here.
fn noted(conn: &Connection, home: DeviceId) -> Result<Vec<AssetId>, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT DISTINCT asset FROM kept WHERE home = ?1")?
        .query_map([home], |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}

impl Library {
    fn remove_copies(&self, copies: Vec<Copy>) -> Result<(), LibraryError> {
        for (home, asset, what) in &copies {
            let path = self.kept_of(*home).join(format!("{asset}-{what}"));
            remove_if_there(&path)?;
            remove_if_there(&path.with_extension("part"))?;
        }
        let last = self.catalog.write(move |write| forget(write, &copies))?;
        for hash in last {
            self.forget_derived(&hash);
        }
        Ok(())
    }

    /// Removes every copy of photos that their homes do not show any more.
    pub(crate) fn drop_kept(&self, gone: &[(DeviceId, AssetId)]) -> Result<(), LibraryError> {
        let copies = match gone.len() > FEW {
            true => self.copies_there_are(gone)?,
            false => self.copies_there_may_be(gone)?,
        };
        for some in copies.chunks(AT_ONCE) {
            self.remove_copies(some.to_vec())?;
        }
        Ok(())
    }

    /// Of a few photos: each copy, whether it is there or not.
    fn copies_there_may_be(&self, gone: &[(DeviceId, AssetId)]) -> Result<Vec<Copy>, LibraryError> {
        let mut copies: Vec<Copy> = gone
            .iter()
            .flat_map(|(home, asset)| {
                KeptWhat::EACH.map(|what| (*home, *asset, what.name().into()))
            })
            .collect();
        self.catalog.read(|conn| {
            let mut parts = conn.prepare_cached(&format!("{PARTS} AND asset = ?2"))?;
            for pair in gone {
                for part in parts.query_map(*pair, copy)? {
                    copies.push(part?);
                }
            }
            Ok(copies)
        })
    }

    /// Of many photos: what stands on the disk of them, or is noted.
    fn copies_there_are(&self, gone: &[(DeviceId, AssetId)]) -> Result<Vec<Copy>, LibraryError> {
        let all: HashSet<(DeviceId, AssetId)> = gone.iter().copied().collect();
        let homes: HashSet<DeviceId> = gone.iter().map(|(home, _)| *home).collect();
        let mut copies: HashSet<Copy> = HashSet::new();
        self.catalog.read(|conn| {
            let mut noted =
                conn.prepare_cached("SELECT home, asset, what FROM kept WHERE home = ?1")?;
            for home in homes {
                copies.extend(self.files_kept_of(home));
                for found in noted.query_map([home], copy)? {
                    copies.insert(found?);
                }
            }
            Ok(())
        })?;
        copies.retain(|(home, asset, _)| all.contains(&(*home, *asset)));
        Ok(copies.into_iter().collect())
    }

    /// Removes the copies of a photo whose original is one of the library's own files now:
    /// the rest is made of that here, but for its live part, which is made at its home.
    pub(crate) fn drop_made_here(
        &self,
        home: DeviceId,
        asset: AssetId,
    ) -> Result<(), LibraryError> {
        let made = KeptWhat::EACH.into_iter();
        let made = made.filter(|what| *what != KeptWhat::Motion);
        self.remove_copies(made.map(|what| (home, asset, what.name().into())).collect())
    }

    /// Removes copies of further files of a home's photos that it does not tell of any
    /// more.
    pub(crate) fn drop_parts(&self, home: DeviceId) -> Result<(), LibraryError> {
        if home == self.identity()?.device {
            return Ok(());
        }
        let mut copies: HashSet<Copy> = self.files_kept_of(home).into_iter().collect();
        copies.retain(|(_, _, what)| what.starts_with("part-"));
        self.catalog
            .read(|conn| {
                for row in conn.prepare_cached(PARTS)?.query_map([home], copy)? {
                    copies.insert(row?);
                }
                let mut told = conn.prepare_cached(
                    "SELECT 1 FROM part
                  WHERE home = ?1 AND asset = ?2 AND 'part-' || lower(hex(hash)) = ?3",
                )?;
                let mut untold = Vec::new();
                for copy in copies {
                    if !told.exists((copy.0, copy.1, &copy.2))? {
                        untold.push(copy);
                    }
                }
                Ok(untold)
            })
            .and_then(|untold| self.remove_copies(untold))
    }

    /// What stands on the disk of a home's photos, whole or arriving.
    fn files_kept_of(&self, home: DeviceId) -> Vec<Copy> {
        fs::read_dir(self.kept_of(home))
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|file| {
                let name = file.file_name().into_string().ok()?;
                let (asset, what) = name.split_at_checked(36)?;
                let what = what.strip_prefix('-')?.trim_end_matches(".part");
                Some((home, asset.parse().ok()?, what.to_owned()))
            })
            .collect()
    }

    /// Removes every copy of a home's photos, with what was made of them here.
    pub(crate) fn drop_kept_of(&self, home: DeviceId) -> Result<(), LibraryError> {
        let kept = self.catalog.read(|conn| noted(conn, home))?;
        let kept: Vec<_> = kept.into_iter().map(|asset| (home, asset)).collect();
        self.drop_kept(&kept)
    }

    /// Removes copies of a home's photos that it does not show, or not any more: what a
    /// crash left between the rows and the files.
    pub(crate) fn drop_unknown(&self, home: DeviceId) -> Result<(), LibraryError> {
        let mut files = self.files_kept_of(home);
        let mut copies: HashSet<AssetId> = files.iter().map(|(_, asset, _)| *asset).collect();
        let unknown: HashSet<(DeviceId, AssetId)> = self.catalog.read(|conn| {
            copies.extend(noted(conn, home)?);
            let mut known = conn.prepare_cached(&format!("SELECT 1 WHERE {KNOWN}"))?;
            let mut unknown = HashSet::new();
            for id in copies {
                if !known.exists((home, id))? {
                    unknown.insert((home, id));
                }
            }
            Ok(unknown)
        })?;
        files.retain(|(home, asset, _)| unknown.contains(&(*home, *asset)));
        self.remove_copies(files)?;
        self.drop_kept(&unknown.into_iter().collect::<Vec<_>>())?;
        self.drop_parts(home)
    }

    /// The same of every machine that is known.
    pub(crate) fn drop_all_unknown(&self) -> Result<(), LibraryError> {
        for peer in self.peers()? {
            self.drop_unknown(peer.device)?;
        }
        Ok(())
    }

    /// Keeps for good what the user wants kept now, also what was only looked at before,
    /// and lets go of originals that are not wanted any more.
    pub fn keep_as_wanted(&self, home: DeviceId) -> Result<(), LibraryError> {
        let unwanted = self.catalog.write(move |write| {
            let conn = write.conn();
            want_anew(conn, home, None)?;
            Ok(conn
                .prepare_cached(&format!(
                    "SELECT home, asset, what FROM kept WHERE home = ?1 AND NOT wanted AND {LARGE}"
                ))?
                .query_map([home], copy)?
                .collect::<Result<_, _>>()?)
        })?;
        self.remove_copies(unwanted)
    }

    /// Removes copies of photos that a home does not show any more; of those that are known
    /// for another reason, what that asks for stays, and pictures.
    pub(crate) fn let_go_of(&self, gone: Vec<(DeviceId, AssetId)>) -> Result<(), LibraryError> {
        if gone.is_empty() {
            return Ok(());
        }
        let (known, unknown): (Vec<_>, Vec<_>) = self.catalog.read(|conn| {
            let mut known = conn.prepare_cached(&format!("SELECT 1 WHERE {KNOWN}"))?;
            let mut sorted = (Vec::new(), Vec::new());
            for copy in gone {
                match known.exists(copy)? {
                    true => sorted.0.push(copy),
                    false => sorted.1.push(copy),
                }
            }
            Ok(sorted)
        })?;
        self.drop_kept(&unknown)?;
        self.remove_doomed()?;
        let unwanted = self.catalog.write(move |write| {
            let conn = write.conn();
            let mut looked_at = conn.prepare_cached(&format!(
                "SELECT home, asset, what FROM kept
                  WHERE home = ?1 AND asset = ?2 AND NOT wanted AND {LARGE}"
            ))?;
            let mut unwanted = Vec::new();
            for photo in known {
                want_anew(conn, photo.0, Some(photo.1))?;
                for original in looked_at.query_map(photo, copy)? {
                    unwanted.push(original?);
                }
            }
            Ok(unwanted)
        })?;
        self.remove_copies(unwanted)
    }

    /// Removes what was looked at longest ago, until the rest takes no more than it
    /// may; and copies that nothing speaks of any more.
    pub fn sweep_kept(&self) -> Result<(), LibraryError> {
        let peers = self.peers()?;
        let mut known: Vec<String> = peers.iter().map(|peer| peer.device.to_string()).collect();
        // Originals of this machine's own that are being brought back.
        known.push(self.identity()?.device.to_string());
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
        self.drop_all_unknown()?;
        let old: Vec<Copy> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT home, asset, what FROM (
                         SELECT home, asset, what,
                                sum(bytes) OVER (ORDER BY used_at DESC, home, asset, what) AS upto
                           FROM kept WHERE wanted = 0)
                      WHERE upto > ?1",
                )?
                .query_map([LATELY_BYTES], copy)?
                .collect::<Result<_, _>>()?)
        })?;
        self.remove_copies(old)
    }
}
