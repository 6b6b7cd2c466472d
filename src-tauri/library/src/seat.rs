//! Links for so many people: a seat is taken by a gesture at the door, and a visitor
//! carries it as a signed number. Fetching takes none, so a messenger's preview burns
//! nothing; who has one comes in again for nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::{Connection, OptionalExtension};

use crate::catalog::Write;
use crate::time::DAY_MS;
use crate::{Change, Library, LibraryError, LinkId};

/// The most people that a link can be for.
pub const MOST_PEOPLE: u32 = 10_000;
/// How long a seat is kept for who took it.
pub(crate) const SEAT_MS: i64 = 180 * DAY_MS;

/// What became of the wish for a seat.
pub(crate) enum Seating {
    /// This one was taken.
    Taken { number: u32, version: i64 },
    /// The link is for any number of people now.
    Unneeded,
    /// All are taken.
    Full,
}

/// Fails for a number of people that no link can be for.
pub(crate) fn check_people(people: Option<u32>) -> Result<(), LibraryError> {
    match people {
        None | Some(1..=MOST_PEOPLE) => Ok(()),
        Some(_) => Err(LibraryError::wrong(format!(
            "A link is for 1 to {MOST_PEOPLE} people, or for any number of them."
        ))),
    }
}

/// Takes a seat of a link, if one is free. Only the catalog's one writer does this, so
/// of two who want the last one, one gets it.
pub(crate) fn take(write: &Write<'_>, link: LinkId) -> Result<Seating, LibraryError> {
    let taken = write
        .conn()
        .query_row(
            "UPDATE link SET seats = seats + 1 WHERE id = ?1 AND seats < people
             RETURNING seats, seat_version",
            [link],
            |row| {
                Ok(Seating::Taken {
                    number: row.get(0)?,
                    version: row.get(1)?,
                })
            },
        )
        .optional()?;
    if let Some(taken) = taken {
        write.announce(Change::Link(link));
        return Ok(taken);
    }
    let is_for_all: bool = write.conn().query_row(
        "SELECT people IS NULL FROM link WHERE id = ?1",
        [link],
        |row| row.get(0),
    )?;
    Ok(match is_for_all {
        true => Seating::Unneeded,
        false => Seating::Full,
    })
}

/// Frees all seats of a link: who had one must take another.
pub(crate) fn free(conn: &Connection, link: LinkId) -> Result<(), LibraryError> {
    conn.execute(
        "UPDATE link SET seats = 0, seat_version = seat_version + 1 WHERE id = ?1",
        [link],
    )?;
    Ok(())
}

impl Library {
    /// `base64url(number ‖ end of validity ‖ signature)`.
    pub(crate) fn seat(&self, link: LinkId, version: i64, number: u32) -> String {
        let until_ms = self.clock.now_ms() + SEAT_MS;
        let said = [&number.to_be_bytes()[..], &until_ms.to_be_bytes()].concat();
        let signature = self.secret.sign_seat(&seat_text(link, version, &said));
        URL_SAFE_NO_PAD.encode([&said[..], signature.as_bytes()].concat())
    }

    /// Whether what a visitor carries is a seat of this link, and still kept for them.
    pub(crate) fn is_seat(&self, value: &str, link: LinkId, version: i64) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(value) else {
            return false;
        };
        let Some((said, signature)) = bytes.split_first_chunk::<12>() else {
            return false;
        };
        let [_, _, _, _, until @ ..] = *said;
        let expected = self.secret.sign_seat(&seat_text(link, version, said));
        // blake3::Hash compares in constant time.
        <[u8; 32]>::try_from(signature).is_ok_and(|given| expected == given)
            && i64::from_be_bytes(until) > self.clock.now_ms()
    }
}

fn seat_text(link: LinkId, version: i64, said: &[u8]) -> Vec<u8> {
    [&link.bytes()[..], &version.to_be_bytes(), said].concat()
}
