//! What no one comes back for: uploads that stand still or whose link has ended, what
//! the owner did not want, and bytes that belong to no upload.

use std::collections::HashSet;
use std::fs;

use super::{PATIENCE_MS, file_name};
use crate::original::remove_if_there;
use crate::time::DAY_MS;
use crate::{Library, LibraryError, UploadId, link};

/// Whether an upload has its bytes here: of what was passed on to another home, its visitor's
/// receipt alone stays.
const HAS_BYTES: &str = "(home IS NULL OR state IN ('arriving', 'waiting'))";
/// How long what was not wanted can be taken back.
const REGRET_MS: i64 = 7 * DAY_MS;

impl Library {
    /// Removes uploads that nobody will go on with, and files without one; how many.
    pub fn reap_uploads(&self) -> Result<u64, LibraryError> {
        let now = self.clock.now_ms();
        let (waiting, known): (Vec<UploadId>, HashSet<String>) = self.catalog.read(|conn| {
            let over = conn
                .prepare_cached(&format!(
                    "SELECT id FROM upload WHERE state = 'arriving' AND via IS NULL
                         AND (moved_at <= ?1 OR NOT EXISTS (SELECT 1 FROM link WHERE link.id = upload.link
                             AND link.upload <> 'none' AND (link.paused OR {})))
                     UNION ALL
                     SELECT id FROM upload WHERE state = 'rejected' AND decided_at <= ?2
                     UNION ALL
                     SELECT id FROM upload WHERE state = 'accepted' AND home IS NOT NULL
                        AND NOT EXISTS (SELECT 1 FROM link WHERE link.id = upload.link)",
                    link::opens("?3")
                ))?
                .query_map((now - PATIENCE_MS, now - REGRET_MS, now), |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            let known = conn
                .prepare_cached(&format!("SELECT id FROM upload WHERE {HAS_BYTES}"))?
                .query_map([], |row| row.get(0).map(file_name))?
                .collect::<Result<_, _>>()?;
            Ok((over, known))
        })?;
        let mut reaped = waiting.len() as u64;
        self.remove_uploads(waiting)?;
        let Ok(files) = fs::read_dir(self.inbox_folder()) else {
            return Ok(reaped);
        };
        for file in files.flatten() {
            let name = file.file_name();
            let Some(name) = name.to_str().filter(|name| is_ours(name)) else {
                continue;
            };
            if !known.contains(name) && self.is_orphan(name)? {
                remove_if_there(&file.path())?;
                reaped += 1;
            }
        }
        Ok(reaped)
    }

    /// Whether no upload has this name, also none that began meanwhile.
    fn is_orphan(&self, name: &str) -> Result<bool, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&format!(
                    "SELECT NOT EXISTS (SELECT 1 FROM upload WHERE id = unhex(?1) AND {HAS_BYTES})"
                ))?
                .query_row([name], |row| row.get(0))?)
        })
    }
}

fn is_ours(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|c| c.is_ascii_hexdigit())
}
