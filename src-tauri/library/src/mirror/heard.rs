//! At somebody who is shown something: which machines may speak for its home.

use crate::feed::{Page, Space};
use crate::{Change, DeviceId, Library, LibraryError};

/// The most machines that may speak for one home.
const MOST: usize = 8;

impl Library {
    /// Keeps which machines a home says may speak for it while it is away; true when that
    /// is new.
    ///
    /// # Errors
    /// When the catalog cannot be written.
    pub fn note_mirrors(&self, home: DeviceId, mirrors: &[DeviceId]) -> Result<bool, LibraryError> {
        let mut said: Vec<DeviceId> = mirrors.iter().copied().take(MOST).collect();
        said.sort_unstable();
        said.dedup();
        let known: Vec<DeviceId> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached("SELECT device FROM mirror WHERE home = ?1 ORDER BY device")?
                .query_map([home], |row| row.get(0))?
                .collect::<Result<_, _>>()?)
        })?;
        if known == said {
            return Ok(false);
        }
        self.catalog.write(move |write| {
            let conn = write.conn();
            conn.prepare_cached("DELETE FROM mirror WHERE home = ?1")?
                .execute([home])?;
            for mirror in said {
                conn.prepare_cached(
                    "INSERT INTO mirror (home, device) SELECT id, ?2 FROM device WHERE id = ?1",
                )?
                .execute((home, mirror))?;
            }
            write.announce(Change::Peers);
            Ok(true)
        })
    }

    /// The machines that may speak for a home: all that it named; for one of one's own
    /// alone those that are one's own, too.
    pub fn mirrors_of(&self, home: DeviceId) -> Result<Vec<DeviceId>, LibraryError> {
        self.believed("mirror.device", "mirror.home", home)
    }

    /// The homes for which a machine may speak.
    pub fn mirrored_by(&self, mirror: DeviceId) -> Result<Vec<DeviceId>, LibraryError> {
        self.believed("mirror.home", "mirror.device", mirror)
    }

    fn believed(
        &self,
        wanted: &str,
        of: &str,
        device: DeviceId,
    ) -> Result<Vec<DeviceId>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&format!(
                    "SELECT {wanted} FROM library, mirror
                            JOIN device AS home ON home.id = mirror.home
                            JOIN device AS other ON other.id = mirror.device
                      WHERE {of} = ?1
                        AND (home.person <> library.person OR other.person = library.person)
                      ORDER BY 1"
                ))?
                .query_map([device], |row| row.get(0))?
                .collect::<Result<_, _>>()?)
        })
    }

    /// Takes over a page of a home's feed as a mirror of it passes it on.
    ///
    /// # Errors
    /// As [`Library::receive`]; [`LibraryError::NotShared`] for a machine that may not speak
    /// for that home, as somebody else's never does for one's own, for what only homes tell,
    /// and for another life of the home than is known: that begins with a word of itself.
    pub fn receive_by(
        &self,
        mirror: DeviceId,
        home: DeviceId,
        space: Space,
        page: Page,
    ) -> Result<u64, LibraryError> {
        if !self.mirrors_of(home)?.contains(&mirror) {
            return Err(LibraryError::NotShared);
        }
        let is_own = self.peer(home)?.is_own;
        let known = self.feed_cursor(home, space)?;
        let is_same = known.epoch == 0 || known.epoch == page.epoch;
        if !is_same || !space.is_handed_on(is_own) {
            return Err(LibraryError::NotShared);
        }
        self.receive(home, space, page)
    }
}
