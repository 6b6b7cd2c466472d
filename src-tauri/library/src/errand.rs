//! What somebody asks of a machine that is away, left with another of the same person
//! that is there: it is handed on as soon as that is back, and the answer waits for
//! whoever asked. The two need never be there at once.

use rusqlite::OptionalExtension;

use crate::peer::{self, Guest};
use crate::request::LARGEST_WISH;
use crate::{Change, DeviceId, Library, LibraryError, Outgoing, RequestId};

/// How many of one machine may wait here.
const MOST: i64 = 1_000;

/// What became of an errand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrandState {
    /// It waits here for its home.
    Waiting,
    /// Its home has decided: `None` when it did what was asked, and else why not.
    Decided(Option<String>),
}

/// Something that another machine asked of a home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    /// The request's id.
    pub id: RequestId,
    /// The machine that asked.
    pub from: DeviceId,
    /// The wish as it is sent.
    pub wish: Vec<u8>,
}

impl Guest {
    /// Takes what this machine asks of another of the library's person's, which is away;
    /// asked again, it tells what became of it.
    ///
    /// # Errors
    /// [`LibraryError::NotShared`] for a home that is no such machine, and an id of
    /// somebody else's; with a sentence, when too much waits.
    pub fn leave(
        &self,
        id: RequestId,
        home: DeviceId,
        wish: &[u8],
    ) -> Result<ErrandState, LibraryError> {
        let (guest, wish) = (self.clone(), wish.to_vec());
        self.library.catalog.write(move |write| {
            let conn = write.conn();
            guest.check(conn)?;
            if wish.len() > LARGEST_WISH || !peer::is_own(conn, home).unwrap_or(false) {
                return Err(LibraryError::NotShared);
            }
            let known: Option<(DeviceId, Option<i64>, Option<String>)> = conn
                .prepare_cached("SELECT asker, decided_at, refusal FROM errand WHERE id = ?1")?
                .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .optional()?;
            match known {
                Some((asker, ..)) if asker != guest.device() => {
                    return Err(LibraryError::NotShared);
                }
                Some((_, Some(_), refusal)) => return Ok(ErrandState::Decided(refusal)),
                Some(_) => return Ok(ErrandState::Waiting),
                None => {}
            }
            let waiting: i64 = conn
                .prepare_cached(
                    "SELECT count(*) FROM errand WHERE asker = ?1 AND decided_at IS NULL",
                )?
                .query_row([guest.device()], |row| row.get(0))?;
            if waiting >= MOST {
                return Err(LibraryError::wrong(
                    "Too much waits here already; let the other machine be online first.",
                ));
            }
            conn.prepare_cached(
                "INSERT INTO errand (id, asker, home, wish, made_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute((id, guest.device(), home, &wish, write.now_ms))?;
            write.announce(Change::Outbox);
            Ok(ErrandState::Waiting)
        })
    }

    /// Decides what this machine of one's own hands on for another, as that one's.
    ///
    /// # Errors
    /// As [`Guest::ask`]; [`LibraryError::NotShared`] when this is not one's own machine.
    pub fn ask_for(
        &self,
        from: DeviceId,
        id: RequestId,
        wish: &[u8],
    ) -> Result<Option<String>, LibraryError> {
        if !self.is_own() {
            return Err(LibraryError::NotShared);
        }
        self.library.catalog.read(|conn| self.check(conn))?;
        let asker = match self.library.peer(from) {
            Ok(peer) => self.library.admit_peer(&peer.key)?,
            Err(LibraryError::Unknown { .. }) => None,
            Err(error) => return Err(error),
        };
        match asker {
            Some(asker) => asker.ask(id, wish),
            None => Ok(Some(
                "You are not known there, or not any more; nothing was changed.".to_owned(),
            )),
        }
    }
}

impl Library {
    /// What others left here for a home, in the order in which it came.
    pub fn errands(&self, home: DeviceId) -> Result<Vec<Errand>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT id, asker, wish FROM errand
                      WHERE home = ?1 AND decided_at IS NULL ORDER BY seq LIMIT 100",
                )?
                .query_map([home], |row| {
                    Ok(Errand {
                        id: row.get(0)?,
                        from: row.get(1)?,
                        wish: row.get(2)?,
                    })
                })?
                .collect::<Result<_, _>>()?)
        })
    }

    /// Notes a home's answer, for whoever asked to fetch.
    pub fn note_errand(&self, id: RequestId, refusal: Option<String>) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            write.conn().execute(
                "UPDATE errand SET decided_at = ?2, refusal = ?3, wish = x''
                  WHERE id = ?1 AND decided_at IS NULL",
                (id, write.now_ms, &refusal),
            )?;
            write.announce(Change::Outbox);
            Ok(())
        })
    }

    /// What waits here for other machines of a machine's person, oldest first: it may be
    /// left with that one.
    pub fn outgoing_by(&self, device: DeviceId) -> Result<Vec<(DeviceId, Outgoing)>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT outbox.home, outbox.id, outbox.wish
                       FROM outbox JOIN device AS home ON home.id = outbox.home
                            JOIN device AS other ON other.id = ?1
                      WHERE outbox.state = 'waiting' AND outbox.home <> ?1
                        AND home.person = other.person
                      ORDER BY outbox.made_at, outbox.id LIMIT 100",
                )?
                .query_map([device], |row| {
                    let id = row.get(1)?;
                    Ok((
                        row.get(0)?,
                        Outgoing {
                            id,
                            wish: row.get(2)?,
                        },
                    ))
                })?
                .collect::<Result<_, _>>()?)
        })
    }
}
