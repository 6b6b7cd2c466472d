//! The catalog on its way to the store: one snapshot of it, compressed, behind the library's
//! secret. Sealed by the recovery key, it is all that an empty machine needs to begin with.

use std::collections::HashSet;
use std::fs::File;
use std::io::{Cursor, Read};

use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};

use crate::catalog::copy;
use crate::{Library, LibraryError, backup, secret};

/// How many of the newest are kept whatever their day.
const NEWEST: usize = 4;

/// A snapshot of the catalog, in a file that goes with it.
pub struct Snapshot {
    /// What it is called at the store: the moment it was made, in UTC.
    pub name: String,
    /// That moment, milliseconds since 1970.
    pub made_at: i64,
    /// Bytes of the catalog, before they are compressed.
    pub bytes: u64,
    secret: [u8; 32],
    file: tempfile::NamedTempFile,
}

impl Snapshot {
    /// Its bytes, to be sealed: the secret, then the catalog, compressed.
    pub fn read(&self) -> Result<impl Read + use<>, LibraryError> {
        let packed = DeflateEncoder::new(self.file.reopen()?, Compression::fast());
        Ok(Cursor::new(self.secret).chain(packed))
    }
}

/// Takes apart what [`Snapshot::read`] gave: writes the catalog into a file and answers with
/// the secret.
pub(super) fn unpack(mut from: impl Read, to: &mut File) -> Result<[u8; 32], LibraryError> {
    let mut root = [0; 32];
    from.read_exact(&mut root)?;
    std::io::copy(&mut DeflateDecoder::new(from), to)?;
    to.sync_all()?;
    Ok(root)
}

/// Those of the snapshots that the store need not keep: all but the newest few, and the newest
/// of each of the last days, weeks and months that have any.
pub fn outlived(names: &[String]) -> Vec<String> {
    let mut newest: Vec<(i64, &String)> = names
        .iter()
        .filter_map(|name| Some((snapshot_moment(name)?, name)))
        .collect();
    newest.sort_unstable_by(|a, b| b.cmp(a));
    let mut kept: HashSet<&String> = newest.iter().take(NEWEST).map(|(_, name)| *name).collect();
    let moments: Vec<i64> = newest.iter().map(|(at, _)| *at).collect();
    let lasting = backup::lasting(&moments);
    kept.extend(
        newest
            .iter()
            .filter(|(at, _)| lasting.contains(at))
            .map(|(_, name)| *name),
    );
    let known = newest.iter().map(|(_, name)| *name);
    known.filter(|name| !kept.contains(name)).cloned().collect()
}

/// When a snapshot of this name was made, milliseconds since 1970; `None` for what is none.
pub fn snapshot_moment(name: &str) -> Option<i64> {
    backup::moment_of(name.strip_prefix("catalogs/")?.as_ref())
}

impl Library {
    /// Makes a snapshot of the catalog as it is now.
    ///
    /// # Errors
    /// For a damaged catalog, which is never copied, and a full disk.
    pub fn offsite_snapshot(&self) -> Result<Snapshot, LibraryError> {
        let _turn = self.backing_up.lock();
        let made_at = self.clock.now_ms();
        let file = tempfile::Builder::new().tempfile_in(self.unfinished())?;
        self.catalog.read(|conn| copy(conn, file.path()))?;
        let secret = std::fs::read(self.folder.join(secret::FILE))?;
        Ok(Snapshot {
            name: format!("catalogs/{}", backup::moment_name(made_at)),
            made_at,
            bytes: file.as_file().metadata()?.len(),
            secret: secret
                .try_into()
                .map_err(|_| LibraryError::Secret(self.folder.join(secret::FILE)))?,
            file,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::DAY_MS;

    #[test]
    fn the_newest_few_and_one_a_day_are_kept_and_what_is_foreign_is_left_alone() {
        let minute = 60_000;
        // 2026-05-03T12:00:00Z.
        let noon = 1_777_809_600_000;
        let mut names: Vec<String> = (0..3)
            .flat_map(|day| (0..8).map(move |turn| noon + day * DAY_MS + turn * 15 * minute))
            .map(|at| format!("catalogs/{}", backup::moment_name(at)))
            .collect();
        names.push("catalogs/holiday".to_owned());
        let gone = outlived(&names);
        names.retain(|name| !gone.contains(name));
        assert_eq!(
            names,
            [
                "catalogs/2026-05-03T13-45-00Z",
                "catalogs/2026-05-04T13-45-00Z",
                "catalogs/2026-05-05T13-00-00Z",
                "catalogs/2026-05-05T13-15-00Z",
                "catalogs/2026-05-05T13-30-00Z",
                "catalogs/2026-05-05T13-45-00Z",
                "catalogs/holiday",
            ]
        );
    }
}
