//! How much a link takes of its visitors.

use rusqlite::Connection;

use super::{MOST_PHOTO, MOST_VIDEO, UploadError};
use crate::{Access, LibraryError, LinkId};

/// How much a link still takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadRoom {
    /// Files.
    pub files: u64,
    /// Bytes of them together.
    pub bytes: u64,
    /// The most bytes of a photo.
    pub photo: u64,
    /// The most bytes of a video.
    pub video: u64,
}

impl Access {
    /// Fails when more was announced than the link takes, since its owner lowered that.
    pub(super) fn check_full(&self, conn: &Connection) -> Result<(), LibraryError> {
        let (most, taken) = (limits(conn, self.link())?, taken(conn, self.link())?);
        check_room(most, taken)
    }

    /// How much the link still takes.
    pub fn upload_room(&self) -> Result<UploadRoom, LibraryError> {
        let link = self.link();
        self.library().catalog.read(|conn| {
            self.may_upload(conn)?;
            let (most, taken) = (limits(conn, link)?, taken(conn, link)?);
            Ok(UploadRoom {
                files: most.0.saturating_sub(taken.0),
                bytes: most.1.saturating_sub(taken.1),
                photo: MOST_PHOTO,
                video: MOST_VIDEO,
            })
        })
    }
}

/// Fails unless a link takes one more file of so many bytes.
pub(crate) fn check_takes(conn: &Connection, link: LinkId, bytes: u64) -> Result<(), LibraryError> {
    let (most, (files, all)) = (limits(conn, link)?, taken(conn, link)?);
    check_room(most, (files + 1, all.saturating_add(bytes)))
}

fn check_room(most: (u64, u64), wanted: (u64, u64)) -> Result<(), LibraryError> {
    if wanted.0 > most.0 {
        return Err(UploadError::TooMany(most.0).into());
    }
    if wanted.1 > most.1 {
        return Err(UploadError::TooMuch(most.1).into());
    }
    Ok(())
}

/// The most files of a link, and bytes of them together.
fn limits(conn: &Connection, link: LinkId) -> Result<(u64, u64), LibraryError> {
    Ok(conn
        .prepare_cached("SELECT upload_files, upload_bytes FROM link WHERE id = ?1")?
        .query_row([link], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// How many files came through a link or are on their way, and their bytes; what
/// its owner did not want makes room again.
fn taken(conn: &Connection, link: LinkId) -> Result<(u64, u64), LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT count(*), coalesce(sum(bytes), 0) FROM upload
              WHERE link = ?1 AND state <> 'rejected'",
        )?
        .query_row([link], |row| Ok((row.get(0)?, row.get(1)?)))?)
}
