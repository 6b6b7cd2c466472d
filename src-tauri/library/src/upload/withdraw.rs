//! Visitors take back what they sent.

use rusqlite::OptionalExtension;

use super::{Onward, UploadError};
use crate::catalog::Write;
use crate::{Access, Change, LibraryError, UploadId, hosting, trash};

impl Access {
    /// Takes back what a visitor sent, also when its owner took it in: then it goes
    /// to the trash there, unless it was in the library before.
    ///
    /// # Errors
    /// [`UploadError::TooLate`] after twelve hours; the same for what was never sent.
    pub fn withdraw(&self, item: &str) -> Result<(), LibraryError> {
        let library = self.library();
        let Some(sent) = self.find_sent(item)? else {
            return Err(UploadError::TooLate.into());
        };
        if !sent.is_withdrawable(library.clock.now_ms()) {
            return Err(UploadError::TooLate.into());
        }
        library.catalog.write(move |write| match sent.home {
            None => take_out(write, sent.id),
            // It may be on its way there already.
            Some(home) if matches!(sent.onward, Some(Onward::Waits | Onward::Taken)) => {
                hosting::ask_back(write, home, sent.id)
            }
            Some(_) => Ok(()),
        })?;
        library.remove_uploads(vec![sent.id])
    }
}

/// A photo that came by this upload leaves the library for the trash.
pub(crate) fn take_out(write: &Write<'_>, id: UploadId) -> Result<(), LibraryError> {
    let conn = write.conn();
    let came = conn
        .prepare_cached(
            "SELECT upload.asset FROM upload JOIN asset ON asset.id = upload.asset
              WHERE upload.id = ?1 AND upload.fresh AND asset.trashed_at IS NULL",
        )?
        .query_row([id], |row| row.get(0))
        .optional()?;
    match came {
        Some(asset) => {
            // Of what is locked nobody is told.
            if !crate::asset::find_any(conn, asset)?.is_locked {
                write.announce(Change::Withdrawn(asset));
            }
            trash::put_away(write, asset)
        }
        None => Ok(()),
    }
}
