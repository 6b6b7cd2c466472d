//! How much a library holds, as its status tells.

use super::Catalog;
use crate::{LibraryError, link};

/// How many of each noun a library holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Photos and videos of the timeline.
    pub assets: u64,
    /// Photos and videos in the archive.
    pub archived: u64,
    /// Photos and videos in the trash.
    pub trashed: u64,
    /// Albums.
    pub albums: u64,
    /// Links that are neither revoked nor expired.
    pub links: u64,
}

impl Catalog {
    /// How many of each noun there are now.
    pub fn counts(&self) -> Result<Counts, LibraryError> {
        let now = self.clock.now_ms();
        self.read(|conn| {
            Ok(conn
                .prepare_cached(&format!(
                    "SELECT (SELECT coalesce(sum(count), 0) FROM month_count),
                            (SELECT count(*) FROM asset
                              WHERE shelf = 'archive' AND trashed_at IS NULL),
                            (SELECT count(*) FROM asset WHERE trashed_at IS NOT NULL
                                AND via IS NULL AND (shelf <> 'locked' OR shows_locked())),
                            (SELECT count(*) FROM album),
                            (SELECT count(*) FROM link
                              WHERE home = (SELECT device FROM library) AND {})",
                    link::opens("?1")
                ))?
                .query_row([now], |row| {
                    Ok(Counts {
                        assets: row.get(0)?,
                        archived: row.get(1)?,
                        trashed: row.get(2)?,
                        albums: row.get(3)?,
                        links: row.get(4)?,
                    })
                })?)
        })
    }
}
