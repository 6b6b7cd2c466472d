//! What somebody asks of a machine that is away, left with another that is there: one of
//! the same person, or one that may speak for it. It is handed on as soon as that is back,
//! and the answer waits for whoever asked. The two need never be there at once; and as
//! each errand is signed by the machine that asks, who carries it can change nothing.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use rusqlite::OptionalExtension;

use crate::peer::{self, Guest};
use crate::request::LARGEST_WISH;
use crate::{Change, DeviceId, Library, LibraryError, Outgoing, RequestId, hosting, parcel};

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
    /// Its machine's signature.
    pub signature: Vec<u8>,
}

/// What is signed of an errand, so that it is good for this home and this once.
fn signed(home: DeviceId, id: RequestId, wish: &[u8]) -> Vec<u8> {
    [
        b"albumen-errand",
        home.bytes().as_slice(),
        &id.bytes(),
        wish,
    ]
    .concat()
}

fn is_signed(key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    match (
        VerifyingKey::from_bytes(key),
        Signature::from_slice(signature),
    ) {
        (Ok(key), Ok(signature)) => key.verify_strict(message, &signature).is_ok(),
        _ => false,
    }
}

impl Guest {
    /// Takes what this machine asks of another that is away: of the library's person's, or
    /// whose links are served here. Asked again, it tells what became of it.
    ///
    /// # Errors
    /// [`LibraryError::NotShared`] for a home that is no such machine, an id of somebody
    /// else's, and what this machine did not sign; with a sentence, when too much waits.
    pub fn leave(
        &self,
        id: RequestId,
        home: DeviceId,
        wish: &[u8],
        signature: &[u8],
    ) -> Result<ErrandState, LibraryError> {
        if !is_signed(self.key(), &signed(home, id, wish), signature) {
            return Err(LibraryError::NotShared);
        }
        let (guest, wish, signature) = (self.clone(), wish.to_vec(), signature.to_vec());
        let (state, gone) = self.library.catalog.write(move |write| {
            let conn = write.conn();
            guest.check(conn)?;
            let is_taken = peer::is_own(conn, home).unwrap_or(false) || hosting::hosts(conn, home)?;
            if wish.len() > LARGEST_WISH || !is_taken {
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
                Some((_, Some(_), refusal)) => {
                    return Ok((ErrandState::Decided(refusal), Vec::new()));
                }
                Some(_) => return Ok((ErrandState::Waiting, Vec::new())),
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
                "INSERT INTO errand (id, asker, home, wish, made_at, signature)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute((id, guest.device(), home, &wish, write.now_ms, &signature))?;
            write.announce(Change::Outbox);
            let gone = parcel::take(write, &guest, (home, id), &wish)?;
            Ok((ErrandState::Waiting, gone))
        })?;
        self.library.let_go_of(gone)?;
        Ok(state)
    }

    /// Decides what this machine hands on for another, as that one's.
    ///
    /// # Errors
    /// As [`Guest::ask`]; [`LibraryError::NotShared`] when this machine is neither one's own
    /// nor serves one's links.
    pub fn ask_for(
        &self,
        from: DeviceId,
        id: RequestId,
        wish: &[u8],
        signature: &[u8],
    ) -> Result<Option<String>, LibraryError> {
        let hands_on = self.library.catalog.read(|conn| {
            self.check(conn)?;
            Ok(self.is_own() || hosting::serves(conn, self.device())?)
        })?;
        if !hands_on {
            return Err(LibraryError::NotShared);
        }
        let home = self.library.identity()?.device;
        let asker = match self.library.peer(from) {
            Ok(peer) => self.library.admit_peer(&peer.key)?,
            Err(LibraryError::Unknown { .. }) => None,
            Err(error) => return Err(error),
        };
        match asker {
            Some(asker) if !is_signed(asker.key(), &signed(home, id, wish), signature) => Ok(Some(
                "It is not what that machine asked for; nothing was changed.".to_owned(),
            )),
            Some(asker) => {
                let refusal = asker.ask(id, wish)?;
                if refusal.is_none() {
                    let (carrier, wish) = (self.device(), wish.to_vec());
                    self.library
                        .catalog
                        .write(move |write| parcel::note_carrier(write, carrier, from, &wish))?;
                }
                Ok(refusal)
            }
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
                    "SELECT id, asker, wish, signature FROM errand
                      WHERE home = ?1 AND decided_at IS NULL ORDER BY seq LIMIT 100",
                )?
                .query_map([home], |row| {
                    Ok(Errand {
                        id: row.get(0)?,
                        from: row.get(1)?,
                        wish: row.get(2)?,
                        signature: row.get(3)?,
                    })
                })?
                .collect::<Result<_, _>>()?)
        })
    }

    /// Notes a home's answer, for whoever asked to fetch.
    pub fn note_errand(&self, id: RequestId, refusal: Option<String>) -> Result<(), LibraryError> {
        let gone = self.catalog.write(move |write| {
            let conn = write.conn();
            conn.execute(
                "UPDATE errand SET decided_at = ?2, refusal = ?3, wish = x''
                  WHERE id = ?1 AND decided_at IS NULL",
                (id, write.now_ms, &refusal),
            )?;
            write.announce(Change::Outbox);
            match refusal {
                Some(_) => parcel::refused(conn, id),
                None => Ok(Vec::new()),
            }
        })?;
        self.let_go_of(gone)
    }

    /// A signature of this machine under what it asks of a home, for whoever carries it.
    pub fn sign_errand(&self, home: DeviceId, id: RequestId, wish: &[u8]) -> Vec<u8> {
        SigningKey::from_bytes(&self.device_key())
            .sign(&signed(home, id, wish))
            .to_bytes()
            .to_vec()
    }

    /// What waits here for other machines of a machine's person, or for which it may speak,
    /// oldest first: it may be left with that one.
    pub fn outgoing_by(&self, device: DeviceId) -> Result<Vec<(DeviceId, Outgoing)>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT outbox.home, outbox.id, outbox.wish
                       FROM outbox JOIN device AS home ON home.id = outbox.home
                            JOIN device AS other ON other.id = ?1
                      WHERE outbox.state = 'waiting' AND outbox.home <> ?1
                        AND (home.person = other.person OR EXISTS (
                             SELECT 1 FROM mirror
                              WHERE mirror.home = home.id AND mirror.device = other.id))
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
