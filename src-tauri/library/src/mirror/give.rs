//! At a mirror: rows and bytes of a home that is away, for those to whom it shows them.

use crate::feed::{Filling, Page, Space};
use crate::peer::Guest;
use crate::wire::{AlbumRow, LinkRow, Row, RowKind};
use crate::{AssetId, DeviceId, KeptWhat, LibraryError, parcel};
use rusqlite::Connection;

impl Guest {
    /// What is newer in a space of another home than revision `after` of `epoch`, for as
    /// long as that may be handed on: of the space all that is known here, once that was
    /// whole. One's own machines are told of a library for as long as they are that, and
    /// links are served: what they may see does not end, so neither does it with the lease.
    ///
    /// # Errors
    /// [`LibraryError::NotShared`] for a space that is not for this peer, or not known here
    /// in that life of its home.
    pub fn feed_of(
        &self,
        home: DeviceId,
        space: Space,
        epoch: u64,
        after: u64,
    ) -> Result<Page, LibraryError> {
        self.library.catalog.read(|conn| {
            // One moment for the whole page: the revision it ends at is that of its rows.
            let moment = conn.unchecked_transaction()?;
            self.check(&moment)?;
            let may = space == Space::Library || self.library.hands_on(home);
            let shown = may && super::sees(&moment, home, self.person(), space)?;
            let known = super::take::whole(&moment, home, space)?
                .filter(|known| shown && (epoch == 0 || known.epoch == epoch))
                .ok_or(LibraryError::NotShared)?;
            let after = if epoch == 0 { 0 } else { after };
            let mut filling = Filling::begin(known.epoch, known.revision.max(after));
            let mut found = moment.prepare_cached(
                "SELECT kind, row, revision, body FROM mirrored
                  WHERE home = ?1 AND space = ?2 AND revision > ?3 ORDER BY revision",
            )?;
            let mut rows = found.query((home, space.name(), after))?;
            while let Some(row) = rows.next()? {
                let mut told = Row {
                    kind: row.get(0)?,
                    row: row.get(1)?,
                    revision: row.get(2)?,
                    body: row.get(3)?,
                };
                let is_for_this = |body: &Vec<u8>| match RowKind::of(told.kind) {
                    Some(RowKind::Link) => self.made(body),
                    Some(RowKind::Moving) => told.row == self.device().bytes(),
                    _ => true,
                };
                told.body = told.body.filter(is_for_this);
                if !filling.take(told, after) {
                    break;
                }
            }
            Ok(filling.page)
        })
    }

    /// Whether a link is this peer's, of those that editors made.
    fn made(&self, body: &[u8]) -> bool {
        LinkRow::read(body).is_ok_and(|link| link.person.as_deref() == Some(&self.person().bytes()))
    }

    /// Whether this peer may have bytes of another home's photo that is handed on here: of
    /// a library that is shown to its person, and of albums as their home says.
    pub(crate) fn may_have_of(
        &self,
        conn: &Connection,
        home: DeviceId,
        asset: AssetId,
        what: KeptWhat,
    ) -> Result<bool, LibraryError> {
        if parcel::is_for(conn, self.device(), (home, asset, what))? {
            return Ok(true);
        }
        if !self.library.hands_on(home) || matches!(what, KeptWhat::Part(_)) {
            return Ok(false);
        }
        let spaces: Vec<String> = conn
            .prepare_cached(
                "SELECT space FROM mirrored INDEXED BY mirrored_photo
                  WHERE home = ?1 AND row = ?2 AND kind = 1 AND body IS NOT NULL",
            )?
            .query_map((home, asset), |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for space in spaces {
            let Some(space) = Space::of(&space) else {
                continue;
            };
            if super::sees(conn, home, self.person(), space)?
                && (what != KeptWhat::Original || self.may_keep(conn, home, space)?)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether originals are for this peer, too, in a space that it sees.
    fn may_keep(
        &self,
        conn: &Connection,
        home: DeviceId,
        space: Space,
    ) -> Result<bool, LibraryError> {
        let Space::Album(album) = space else {
            return Ok(true);
        };
        let allows = super::told(conn, home, space, RowKind::Album, &album.bytes())?
            .and_then(|body| AlbumRow::read(&body).ok())
            .is_some_and(|album| album.originals);
        Ok(allows || super::is_editor(conn, home, album, self.person())?)
    }
}
