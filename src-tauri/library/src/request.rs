//! What one node asks of another about rows whose home that is. A request has an id,
//! so that a repeat does nothing twice; it waits in the outbox until the home has
//! answered, and ends as done or refused, with the reason.

mod ask;
mod back;
mod decide;
mod edit;
mod foresee;

use std::collections::BTreeSet;

use prost::Message;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::catalog::Write;
use crate::wire::{Wish, WishOf};
use crate::{
    AlbumId, AssetId, Change, DeviceId, Library, LibraryError, RequestId, parcel, remote, share,
};

pub(crate) use ask::{do_at_home, switch};
pub(crate) use edit::{album_edit, wish_of, wish_of_album};
pub(crate) use foresee::{Held, foresee, foresee_albums, touched};

/// The most bytes of a wish.
pub const LARGEST_WISH: usize = 512 * 1024;
/// How many may wait for one home.
const MOST_WAITING: i64 = 100_000;
/// How long an answer is remembered, in days, here and there.
const REMEMBERED_DAYS: i64 = 90;

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestState {
    /// Its home has not answered.
    Waiting,
    /// It was done.
    Done,
    /// It was refused, and why, in a sentence.
    Refused(String),
}

/// Something asked of another home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// Of which machine it is asked.
    pub home: DeviceId,
    /// What is wished, in words.
    pub told: String,
    /// What became of it.
    pub state: RequestState,
    /// When it was asked, milliseconds since 1970.
    pub made_at: i64,
    /// When its home answered.
    pub decided_at: Option<i64>,
}

/// A request on its way to its home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Its id.
    pub id: RequestId,
    /// The wish as it is sent.
    pub wish: Vec<u8>,
}

/// A query of requests.
fn select(rest: &str) -> String {
    format!("SELECT id, home, told, state, reason, made_at, decided_at FROM outbox {rest}")
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Request> {
    let state: String = row.get(3)?;
    Ok(Request {
        id: row.get(0)?,
        home: row.get(1)?,
        told: row.get(2)?,
        state: match state.as_str() {
            "done" => RequestState::Done,
            "refused" => RequestState::Refused(row.get(4)?),
            _ => RequestState::Waiting,
        },
        made_at: row.get(5)?,
        decided_at: row.get(6)?,
    })
}

/// Whether a row of `outbox` is somebody's wish: the library's own, such as what became of
/// visitors' files, are told to nobody and forgotten with their answer.
pub(crate) const WISHED: &str = "told <> ''";

/// Puts a wish into the outbox; one that is told in no words is the library's own.
pub(crate) fn enqueue(
    write: &Write<'_>,
    home: DeviceId,
    of: WishOf,
    told: String,
) -> Result<RequestId, LibraryError> {
    let asked = Wish { of: Some(of) };
    let wish = asked.encode_to_vec();
    if wish.len() > LARGEST_WISH {
        return Err(LibraryError::wrong(
            "That is too much to ask at once; ask for some of it.",
        ));
    }
    let conn = write.conn();
    let (waiting, last): (i64, Option<i64>) = conn
        .prepare_cached(
            "SELECT count(*), max(made_at) FROM outbox WHERE home = ?1 AND state = 'waiting'",
        )?
        .query_row([home], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if waiting >= MOST_WAITING {
        return Err(LibraryError::wrong(
            "Too much waits for that machine already; let it be online first.",
        ));
    }
    let id = RequestId::new(write.now_ms);
    // They are asked in this order, also those of one moment: an album, then its photos.
    let made_at = last.map_or(write.now_ms, |last| write.now_ms.max(last + 1));
    conn.prepare_cached(
        "INSERT INTO outbox (id, home, wish, told, made_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((id, home, wish, told, made_at))?;
    if let Some(of) = &asked.of {
        remote::refresh_wished(write, home, of)?;
    }
    write.announce(Change::Outbox);
    write.announce(Change::Replica(home));
    Ok(id)
}

impl Library {
    /// What was asked of other homes, newest first.
    pub fn outbox(&self) -> Result<Vec<Request>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&select(&format!(
                    "WHERE {WISHED} ORDER BY made_at DESC, id DESC"
                )))?
                .query_map([], from_row)?
                .collect::<Result<_, _>>()?)
        })
    }

    /// The request with this id.
    pub fn request(&self, id: RequestId) -> Result<Request, LibraryError> {
        self.catalog.read(|conn| {
            conn.prepare_cached(&select(&format!("WHERE id = ?1 AND {WISHED}")))?
                .query_row([id], from_row)
                .optional()?
                .ok_or_else(|| LibraryError::Unknown {
                    noun: "request",
                    id: id.to_string(),
                })
        })
    }

    /// What waits for a home, oldest first.
    pub fn outgoing(&self, home: DeviceId) -> Result<Vec<Outgoing>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT id, wish FROM outbox WHERE home = ?1 AND state = 'waiting'
                      ORDER BY made_at, id LIMIT 100",
                )?
                .query_map([home], |row| {
                    Ok(Outgoing {
                        id: row.get(0)?,
                        wish: row.get(1)?,
                    })
                })?
                .collect::<Result<_, _>>()?)
        })
    }

    /// Notes a home's answer: `None` when it did what was asked.
    pub fn note_answer(&self, id: RequestId, refusal: Option<String>) -> Result<(), LibraryError> {
        let passed = self.catalog.write(move |write| {
            let asked: Option<(DeviceId, Vec<u8>)> = write
                .conn()
                .query_row(
                    "UPDATE outbox SET state = iif(?2 IS NULL, 'done', 'refused'),
                            reason = coalesce(?2, ''), decided_at = ?3
                      WHERE id = ?1 AND state = 'waiting' RETURNING home, wish",
                    (id, &refusal, write.now_ms),
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()?;
            write.conn().execute(
                &format!(
                    "DELETE FROM outbox WHERE id = ?1 AND state <> 'waiting' AND NOT {WISHED}"
                ),
                [id],
            )?;
            let mut passed = None;
            if let Some((home, wish)) = asked {
                if let Some(wish) = Wish::decode(wish.as_slice()).ok().and_then(|wish| wish.of) {
                    share::answered(write, home, &wish, refusal.as_deref())?;
                    if let (WishOf::TakeUpload(wish), true) = (&wish, refusal.is_some()) {
                        passed = Some(wish.id.clone());
                    }
                    // What was done is told anew by its home.
                    if refusal.is_some() {
                        remote::refresh_wished(write, home, &wish)?;
                    }
                }
                write.announce(Change::Outbox);
                write.announce(Change::Replica(home));
            }
            Ok(passed)
        })?;
        match passed {
            Some(upload) => self.remove_passed(&upload),
            None => Ok(()),
        }
    }

    /// Takes back what a home has not answered, or puts away what it refused; false
    /// for what was done.
    pub fn withdraw(&self, id: RequestId) -> Result<bool, LibraryError> {
        self.catalog.write(move |write| {
            let asked: Option<(DeviceId, Vec<u8>, bool)> = write
                .conn()
                .query_row(
                    &format!(
                        "DELETE FROM outbox WHERE id = ?1 AND state <> 'done' AND {WISHED}
                         RETURNING home, wish, state = 'waiting'"
                    ),
                    [id],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
                )
                .optional()?;
            let was_asked = asked.is_some();
            if let Some((home, wish, waited)) = asked {
                let wish = Wish::decode(wish.as_slice()).ok().and_then(|wish| wish.of);
                if let Some(wish) = wish.filter(|_| waited) {
                    share::answered(write, home, &wish, Some(share::TAKEN_BACK))?;
                    share::take_back(write, home, id, &wish)?;
                    remote::refresh_wished(write, home, &wish)?;
                }
                write.announce(Change::Outbox);
                write.announce(Change::Replica(home));
            }
            Ok(was_asked)
        })
    }

    /// Forgets answers of long ago, and errands.
    pub fn sweep_requests(&self) -> Result<(), LibraryError> {
        let gone = self.catalog.write(|write| {
            let before = write.now_ms - REMEMBERED_DAYS * crate::time::DAY_MS;
            let conn = write.conn();
            let gone = parcel::drop_before(conn, before)?;
            conn.execute("DELETE FROM outbox WHERE decided_at < ?1", [before])?;
            conn.execute("DELETE FROM decided WHERE decided_at < ?1", [before])?;
            conn.execute("DELETE FROM errand WHERE made_at < ?1", [before])?;
            Ok(gone)
        })?;
        self.let_go_of(gone)
    }
}

/// Wishes that wait for a home, oldest first.
pub(crate) fn waiting(conn: &Connection, home: DeviceId) -> Result<Vec<WishOf>, LibraryError> {
    let wishes: Vec<Vec<u8>> = conn
        .prepare_cached(
            "SELECT wish FROM outbox WHERE home = ?1 AND state = 'waiting' ORDER BY made_at, id",
        )?
        .query_map([home], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(wishes
        .iter()
        .filter_map(|wish| Wish::decode(wish.as_slice()).ok()?.of)
        .collect())
}

/// Which requests wait, of all homes.
pub(crate) fn all_waiting(conn: &Connection) -> Result<BTreeSet<RequestId>, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT id FROM outbox WHERE state = 'waiting'")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}

/// Sees to what was put into the outbox since those waited.
pub(crate) fn asked_since(
    write: &Write<'_>,
    before: &BTreeSet<RequestId>,
) -> Result<(), LibraryError> {
    for id in all_waiting(write.conn())?.difference(before) {
        let (home, wish): (DeviceId, Vec<u8>) = write
            .conn()
            .prepare_cached("SELECT home, wish FROM outbox WHERE id = ?1")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if let Some(wish) = Wish::decode(wish.as_slice()).ok().and_then(|wish| wish.of) {
            remote::refresh_wished(write, home, &wish)?;
        }
        write.announce(Change::Outbox);
        write.announce(Change::Replica(home));
    }
    Ok(())
}

pub(crate) fn bytes(assets: &[AssetId]) -> Vec<Vec<u8>> {
    assets.iter().map(|id| id.bytes().to_vec()).collect()
}

pub(crate) fn ids(assets: &[Vec<u8>]) -> Result<Vec<AssetId>, LibraryError> {
    assets
        .iter()
        .map(|id| id.as_slice().try_into().map(AssetId::from_bytes))
        .collect::<Result<_, _>>()
        .map_err(|_| LibraryError::wrong("A photo is named that cannot be."))
}

pub(crate) fn album_id(id: &[u8]) -> Result<AlbumId, LibraryError> {
    id.try_into()
        .map(AlbumId::from_bytes)
        .map_err(|_| LibraryError::wrong("An album is named that cannot be."))
}
