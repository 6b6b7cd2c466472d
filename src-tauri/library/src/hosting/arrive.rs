//! What visitors sent at a machine that serves the library's links: it is fetched from there
//! and then waits in the inbox, as if it had been sent here. That machine hears of it once it
//! is here, or why it will not be.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use rusqlite::{Connection, OptionalExtension};

use crate::catalog::Write;
use crate::original::{remove_if_there, sync_folder};
use crate::request::enqueue;
use crate::room::Room;
use crate::upload::{HEAD, UploadError, check_takes, make_file, most, sums, take_out};
use crate::wire::{TakeUpload, UploadTaken, WishOf, WithdrawUpload};
use crate::{
    Change, DeviceId, Library, LibraryError, LinkId, UploadId, make_private_folder, peer, tally,
};

/// A file on its way here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// Its id.
    pub id: UploadId,
    /// How many bytes it has.
    pub bytes: u64,
    /// BLAKE3 of all of it.
    pub hash: [u8; 32],
}

/// Decides whether a file is taken that a visitor sent at this machine; then it is fetched.
pub(crate) fn hear_upload(
    write: &Write<'_>,
    by: DeviceId,
    wish: &TakeUpload,
) -> Result<(), LibraryError> {
    let (conn, wish) = (write.conn(), wish.checked()?);
    let known: Option<String> = conn
        .prepare_cached("SELECT state FROM upload WHERE id = ?1")?
        .query_row([&wish.id], |row| row.get(0))
        .optional()?;
    match known.as_deref() {
        Some("arriving") => return Ok(()),
        // It was here before, and that machine does not know so.
        Some(_) => return answer(write, by, &wish.id, None),
        None => {}
    }
    // One's own may have got it before it was to serve no more.
    if !super::serves(conn, by)? && !peer::is_own(conn, by)? {
        return Err(LibraryError::wrong(
            "Your machine does not serve those links any more; the file was not taken.",
        ));
    }
    let received_at = wish.received_at.min(write.now_ms);
    let link = link_of(conn, &wish.link, received_at)?;
    check_takes(conn, link, wish.bytes)?;
    conn.prepare_cached(
        "INSERT INTO upload (id, link, visitor, visitor_name, name, bytes, hash, received_at,
             moved_at, via)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute((
        &wish.id,
        link,
        &wish.visitor,
        &wish.visitor_name,
        &wish.name,
        wish.bytes,
        &wish.hash,
        received_at,
        write.now_ms,
        by,
    ))?;
    write.announce(Change::Outbox);
    Ok(())
}

/// The link of this id, if visitors could send photos by it then.
fn link_of(conn: &Connection, link: &[u8], at: i64) -> Result<LinkId, LibraryError> {
    conn.prepare_cached(
        "SELECT id FROM link
          WHERE id = ?1 AND home = (SELECT device FROM library) AND revoked_at IS NULL
            AND upload <> 'none' AND (expires_at IS NULL OR expires_at > ?2)",
    )?
    .query_row((link, at), |row| row.get(0))
    .optional()?
    .ok_or_else(|| LibraryError::wrong("The link takes no photos any more."))
}

/// Tells a machine that a file is here, or why it will not be.
fn answer(
    write: &Write<'_>,
    by: DeviceId,
    id: &[u8],
    refusal: Option<String>,
) -> Result<(), LibraryError> {
    let wish = UploadTaken {
        id: id.to_vec(),
        refusal,
    };
    enqueue(write, by, WishOf::UploadTaken(wish), String::new()).map(|_| ())
}

/// Hears that a visitor took back what they sent at this machine. What remains of it is
/// removed by [`Library::remove_withdrawn`], or with what is reaped.
pub(crate) fn hear_withdrawn(
    write: &Write<'_>,
    by: DeviceId,
    wish: &WithdrawUpload,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    let known: Option<UploadId> = conn
        .prepare_cached("SELECT id FROM upload WHERE id = ?1 AND via = ?2")?
        .query_row((&wish.id, by), |row| row.get(0))
        .optional()?;
    let Some(id) = known else {
        return Ok(());
    };
    take_out(write, id)?;
    conn.prepare_cached("UPDATE upload SET state = 'rejected', decided_at = 0 WHERE id = ?1")?
        .execute([id])?;
    write.announce(Change::Inbox);
    Ok(())
}

impl Library {
    /// Removes what a visitor took back at a machine that serves the library's links.
    pub(crate) fn remove_withdrawn(&self, id: &[u8]) -> Result<(), LibraryError> {
        let withdrawn: Option<UploadId> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT id FROM upload WHERE id = ?1 AND via IS NOT NULL
                        AND state = 'rejected' AND decided_at = 0",
                )?
                .query_row([id], |row| row.get(0))
                .optional()?)
        })?;
        self.remove_uploads(withdrawn.into_iter().collect())
    }

    /// What is to be fetched from a machine that serves the library's links, in the order in
    /// which it was sent there.
    pub fn awaited_uploads(&self, by: DeviceId) -> Result<Vec<Awaited>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT id, bytes, hash FROM upload
                      WHERE via = ?1 AND state = 'arriving' AND hash IS NOT NULL
                      ORDER BY received_at, id LIMIT 1000",
                )?
                .query_map([by], |row| {
                    Ok(Awaited {
                        id: row.get(0)?,
                        bytes: row.get(1)?,
                        hash: row.get(2)?,
                    })
                })?
                .collect::<Result<_, _>>()?)
        })
    }

    /// The file in which an upload arrives, locked for as long as it is open; its length is how
    /// far it got.
    ///
    /// # Errors
    /// [`UploadError::NoRoom`] when so many bytes would leave too little room,
    /// [`UploadError::Expired`] when it is not awaited any more.
    pub fn open_awaited(&self, awaited: &Awaited) -> Result<File, LibraryError> {
        make_private_folder(&self.inbox_folder())?;
        let file = make_file(&self.upload_path(awaited.id))?;
        // What a line brought that broke off may be looked through at this moment.
        file.try_lock().map_err(io::Error::from)?;
        let is_awaited = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT 1 FROM upload
                      WHERE id = ?1 AND state = 'arriving' AND via IS NOT NULL",
                )?
                .exists([awaited.id])?)
        })?;
        if !is_awaited {
            return Err(UploadError::Expired.into());
        }
        let have = file.metadata()?.len();
        let room = Room::of(&self.inbox_folder())?;
        match room.takes_of_visitors(awaited.bytes.saturating_sub(have)) {
            true => Ok(file),
            false => Err(UploadError::NoRoom.into()),
        }
    }

    /// All of an upload has arrived in its file: it is read once more and waits in the inbox,
    /// and the machine it came from hears so.
    ///
    /// # Errors
    /// [`UploadError::Checksum`] when it is not what was sent: then it is fetched anew.
    pub fn finish_awaited(&self, awaited: &Awaited, mut file: File) -> Result<(), LibraryError> {
        let (id, path) = (awaited.id, self.upload_path(awaited.id));
        file.sync_all()?;
        let (hash, sha) = sums(&mut file)?;
        if hash != awaited.hash || file.metadata()?.len() != awaited.bytes {
            file.set_len(0)?;
            return Err(UploadError::Checksum.into());
        }
        let mut head = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        (&file).take(HEAD as u64).read_to_end(&mut head)?;
        let kind = match most(&head) {
            None => Err(UploadError::Kind),
            Some(most) if awaited.bytes > most => Err(UploadError::TooLarge(most)),
            Some(_) => Ok(()),
        };
        sync_folder(&self.inbox_folder())?;
        let is_here = self.catalog.write(move |write| {
            let conn = write.conn();
            let known: Option<(DeviceId, Vec<u8>, i64)> = conn
                .prepare_cached(
                    "SELECT via, link, received_at FROM upload
                      WHERE id = ?1 AND state = 'arriving' AND via IS NOT NULL",
                )?
                .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .optional()?;
            // It was taken back meanwhile.
            let Some((by, link, at)) = known else {
                return Ok(false);
            };
            let taken = kind
                .map_err(LibraryError::from)
                .and_then(|()| link_of(conn, &link, at));
            let link = match taken {
                Ok(link) => link,
                Err(error) if error.concerns_all() => return Err(error),
                Err(error) => {
                    conn.prepare_cached("DELETE FROM upload WHERE id = ?1")?
                        .execute([id])?;
                    answer(write, by, &id.bytes(), Some(error.to_string()))?;
                    return Ok(false);
                }
            };
            conn.prepare_cached(
                "UPDATE upload SET state = 'waiting', received = bytes, sha256 = ?2,
                     moved_at = ?3 WHERE id = ?1",
            )?
            .execute((id, sha, write.now_ms))?;
            tally::count_upload(write, link, at)?;
            write.announce(Change::Inbox);
            answer(write, by, &id.bytes(), None)?;
            Ok(true)
        })?;
        match is_here {
            true => Ok(()),
            false => remove_if_there(&path),
        }
    }
}
