//! The machines that may speak to this one, and the right in hand that each of them
//! has: a [`Guest`] is what `Library::admit_peer` gives for a key that is known, and
//! everything a peer gets or asks goes through one. Each use asks the catalog again
//! whether the machine is still known.

use std::sync::Arc;

use ed25519_dalek::SigningKey;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::card::{Introduction, remove, sign, take_over};
use crate::catalog::Write;
use crate::feed::{Space, close_space};
use crate::{Change, DeviceId, Library, LibraryError, PersonId, safe, share};

/// How many addresses of a machine are remembered, the last ones.
const MOST_ADDRESSES: usize = 6;

/// What is kept here of the photos whose home a machine is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// Nothing but what was looked at lately.
    #[default]
    Nothing,
    /// Every thumbnail and preview.
    Previews,
    /// Those, and every original.
    Originals,
}

impl Keep {
    /// As a word.
    pub fn name(self) -> &'static str {
        match self {
            Keep::Nothing => "nothing",
            Keep::Previews => "previews",
            Keep::Originals => "originals",
        }
    }

    /// By its word.
    pub fn of(name: &str) -> Option<Keep> {
        [Keep::Nothing, Keep::Previews, Keep::Originals]
            .into_iter()
            .find(|keep| keep.name() == name)
    }
}

/// Another machine that is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its id.
    pub device: DeviceId,
    /// Its name; may be empty.
    pub name: String,
    /// Its public key.
    pub key: [u8; 32],
    /// Whose it is.
    pub person: PersonId,
    /// That person's name; may be empty.
    pub person_name: String,
    /// Whether it is another machine of the library's own person.
    pub is_own: bool,
    /// Where it was met, last first; before those, at which relay it says it is.
    pub addresses: Vec<String>,
    /// An address that the user typed.
    pub typed: Option<String>,
    /// What is kept here of its photos.
    pub keep: Keep,
    /// When it became known, milliseconds since 1970.
    pub known_at: i64,
    /// When it was last in contact.
    pub seen_at: Option<i64>,
}

impl Peer {
    /// At which relay it is met, as it told.
    pub fn relay(&self) -> Option<&str> {
        self.addresses
            .iter()
            .map(String::as_str)
            .find(|at| is_relay(at))
    }
}

/// Whether an address is one of a relay: all others are numbers.
fn is_relay(address: &str) -> bool {
    address.starts_with("http")
}

/// A peer's right to what the library shares with it.
#[derive(Clone)]
pub struct Guest {
    pub(crate) library: Arc<Library>,
    device: DeviceId,
    key: [u8; 32],
    person: PersonId,
    is_own: bool,
}

/// A query of peers.
fn select(condition: &str) -> String {
    format!(
        "SELECT device.id, device.name, device.key, person.id, person.name,
                person.id = library.person, peer.addresses, peer.typed, peer.keep, peer.known_at,
                peer.seen_at
           FROM peer JOIN device ON device.id = peer.device
                JOIN person ON person.id = device.person, library
          WHERE device.key IS NOT NULL AND device.id <> library.device AND {condition}
          ORDER BY person.id <> library.person, person.name, device.name, device.id"
    )
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Peer> {
    let keep: String = row.get(8)?;
    let typed: String = row.get(7)?;
    Ok(Peer {
        device: row.get(0)?,
        name: row.get(1)?,
        key: row.get(2)?,
        person: row.get(3)?,
        person_name: row.get(4)?,
        is_own: row.get(5)?,
        addresses: row
            .get::<_, String>(6)?
            .lines()
            .map(str::to_owned)
            .collect(),
        typed: Some(typed).filter(|typed| !typed.is_empty()),
        keep: Keep::of(&keep).unwrap_or_default(),
        known_at: row.get(9)?,
        seen_at: row.get(10)?,
    })
}

/// Whether a machine that is known is the library's own person's.
pub(crate) fn is_own(conn: &Connection, device: DeviceId) -> Result<bool, LibraryError> {
    find(conn, device).map(|peer| peer.is_own)
}

/// Forgets a person whom another machine of the owner's removed; answers with the
/// machines that are not known any more.
pub(crate) fn drop_person(
    write: &Write<'_>,
    person: PersonId,
) -> Result<Vec<DeviceId>, LibraryError> {
    let conn = write.conn();
    let others = "person = ?1 AND person <> (SELECT person FROM library)";
    let gone: Vec<DeviceId> = conn
        .prepare_cached(&format!("SELECT id FROM device WHERE {others}"))?
        .query_map([person], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for device in &gone {
        share::reclaim_all(write, *device)?;
    }
    conn.execute(&format!("DELETE FROM device WHERE {others}"), [person])?;
    conn.execute(
        "DELETE FROM member WHERE person = ?1
            AND album IN (SELECT id FROM album WHERE owner IS NULL)",
        [person],
    )?;
    conn.execute(
        "DELETE FROM partner WHERE person = ?1 AND person <> (SELECT person FROM library)",
        [person],
    )?;
    close_space(write, Space::Partner(person))?;
    conn.execute("DELETE FROM partner_library WHERE person = ?1", [person])?;
    write.announce(Change::Partners);
    // The name stays beside what the person said, and put into albums.
    conn.execute(
        "UPDATE person SET key = NULL, card = NULL, version = 0
          WHERE id = ?1 AND id <> (SELECT person FROM library)",
        [person],
    )?;
    conn.execute(
        "DELETE FROM person WHERE id = ?1 AND id <> (SELECT person FROM library)
            AND NOT EXISTS (SELECT 1 FROM activity WHERE activity.person = ?1)
            AND NOT EXISTS (SELECT 1 FROM member WHERE member.person = ?1)
            AND NOT EXISTS (SELECT 1 FROM album WHERE album.owner = ?1)
            AND NOT EXISTS (SELECT 1 FROM album_asset WHERE album_asset.person = ?1)",
        [person],
    )?;
    write.announce(Change::Peers);
    Ok(gone)
}

pub(crate) fn find(conn: &Connection, id: DeviceId) -> Result<Peer, LibraryError> {
    conn.prepare_cached(&select("device.id = ?1"))?
        .query_row([id], from_row)
        .optional()?
        .ok_or_else(|| LibraryError::Unknown {
            noun: "machine",
            id: id.to_string(),
        })
}

impl Library {
    /// All other machines that are known: one's own first, then by person.
    pub fn peers(&self) -> Result<Vec<Peer>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&select("1"))?
                .query_map([], from_row)?
                .collect::<Result<_, _>>()?)
        })
    }

    /// The machine with this id.
    pub fn peer(&self, id: DeviceId) -> Result<Peer, LibraryError> {
        self.catalog.read(|conn| find(conn, id))
    }

    /// The right of the machine with this key; `None` when it is not known.
    pub fn admit_peer(self: &Arc<Library>, key: &[u8; 32]) -> Result<Option<Guest>, LibraryError> {
        let known = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&select("device.key = ?1"))?
                .query_row([key], from_row)
                .optional()?)
        })?;
        Ok(known.map(|peer| Guest {
            library: Arc::clone(self),
            device: peer.device,
            key: peer.key,
            person: peer.person,
            is_own: peer.is_own,
        }))
    }

    /// Comes to know a person, whose machine has proved that it has `key`.
    ///
    /// # Errors
    /// For a card that does not name that machine, or contradicts what is known.
    pub fn meet(&self, card: Introduction, key: &[u8; 32]) -> Result<(), LibraryError> {
        if !card.has(key) {
            return Err(LibraryError::wrong(
                "The other machine's card does not name it; nothing was changed.",
            ));
        }
        let secret = Arc::clone(&self.secret);
        self.catalog.write(move |write| {
            take_over(write, &secret, &card, true)?;
            let devices = card.devices.iter().map(|device| device.id);
            devices
                .into_iter()
                .try_for_each(|device| safe::tell_promise(write, device))
        })
    }

    /// Becomes a machine of the person whose secret key and card another machine
    /// handed over.
    ///
    /// # Errors
    /// When this library knows people already: they know it as somebody else.
    pub fn join_person(&self, card: Introduction, key: &[u8; 32]) -> Result<(), LibraryError> {
        let own = SigningKey::from_bytes(key);
        if own.verifying_key().to_bytes() != card.key {
            return Err(LibraryError::wrong(
                "The key that was handed over is not that of the card; nothing was changed.",
            ));
        }
        if !self.peers()?.is_empty() {
            return Err(LibraryError::wrong(
                "This machine knows other machines already; remove those first, and then make it \
                 a machine of yours.",
            ));
        }
        let (secret, key) = (Arc::clone(&self.secret), *key);
        self.catalog.write(move |write| {
            let conn = write.conn();
            let old: PersonId =
                conn.query_row("SELECT person FROM library", [], |row| row.get(0))?;
            conn.execute(
                // What is handed over is the truth, whatever this machine signed before.
                "INSERT INTO person (id, name, key) VALUES (?1, ?2, ?3)
                 ON CONFLICT (id) DO UPDATE SET version = 0, key = excluded.key",
                (card.person, &card.name, &card.key),
            )?;
            // Whom this machine removed is not its business any more; and it is paired now,
            // later than it was removed itself.
            conn.execute("DELETE FROM removed", [])?;
            let own: DeviceId =
                conn.query_row("SELECT device FROM library", [], |row| row.get(0))?;
            let since = card
                .removed_at(own)
                .map_or(write.now_ms, |at| write.now_ms.max(at + 1));
            conn.execute(
                "UPDATE device SET person = ?1, since = ?2 WHERE id = ?3",
                (card.person, since, own),
            )?;
            conn.execute(
                "UPDATE library SET person = ?1, person_key = ?2",
                (card.person, secret.seal(&key)?),
            )?;
            conn.execute(
                "UPDATE activity SET person = ?1 WHERE person = ?2",
                (card.person, old),
            )?;
            if old != card.person {
                conn.execute("DELETE FROM person WHERE id = ?1", [old])?;
            }
            // The card does not name this machine yet: taking it over signs one that does.
            take_over(write, &secret, &card, true)?;
            write.announce(Change::Identity);
            Ok(())
        })
    }

    /// Forgets a machine of one's own, or a person with all machines, and everything
    /// that is kept of them here. Answers with the machines that are not known any more.
    ///
    /// # Errors
    /// For an id of neither, and for one of several machines of somebody else.
    pub fn forget(&self, id: &str) -> Result<Vec<Peer>, LibraryError> {
        let peers = self.peers()?;
        let named: Vec<Peer> = peers
            .iter()
            .filter(|peer| peer.device.to_string() == id || peer.person.to_string() == id)
            .cloned()
            .collect();
        let Some(first) = named.first().cloned() else {
            return Err(LibraryError::Unknown {
                noun: "machine or person",
                id: id.to_owned(),
            });
        };
        let of_person = peers.iter().filter(|peer| peer.person == first.person);
        if !first.is_own && of_person.count() > named.len() {
            return Err(LibraryError::wrong(format!(
                "«{}» is one of several machines of {}, who alone can take it away; or remove {} \
                 with all of them.",
                first.name, first.person_name, first.person_name
            )));
        }
        for peer in &named {
            // What was made of their originals here goes with them.
            self.drop_kept_of(peer.device)?;
            self.drop_parcels(peer.device)?;
        }
        let secret = Arc::clone(&self.secret);
        let gone = named.clone();
        self.catalog.write(move |write| {
            for peer in &gone {
                share::reclaim_all(write, peer.device)?;
                if peer.is_own {
                    remove(write, peer.device, write.now_ms)?;
                }
                write
                    .conn()
                    .execute("DELETE FROM device WHERE id = ?1", [peer.device])?;
            }
            match first.is_own {
                true => sign(write, &secret),
                false => drop_person(write, first.person).map(|_| ()),
            }
        })?;
        for peer in &named {
            self.drop_all_kept(peer.device);
        }
        Ok(named)
    }

    /// Notes that a machine is in contact, or was until now, and where it was met.
    pub fn note_seen(&self, id: DeviceId, met_at: &[String]) -> Result<(), LibraryError> {
        let met_at = met_at.to_vec();
        self.catalog.write(move |write| {
            let conn = write.conn();
            let Ok(known) = find(conn, id) else {
                return Ok(());
            };
            let mut addresses = met_at;
            for old in known.addresses {
                if !addresses.contains(&old) {
                    addresses.push(old);
                }
            }
            // Of a relay it told itself: that is not pushed out by where it was met.
            addresses.sort_by_key(|address| !is_relay(address));
            addresses.truncate(MOST_ADDRESSES);
            conn.execute(
                "UPDATE peer SET seen_at = ?2, addresses = ?3 WHERE device = ?1",
                (id, write.now_ms, addresses.join("\n")),
            )?;
            Ok(())
        })
    }

    /// Keeps at which relay a machine is met, as it tells; true when that is new.
    ///
    /// # Errors
    /// When the catalog cannot be written.
    pub fn note_relay(&self, id: DeviceId, relay: Option<&str>) -> Result<bool, LibraryError> {
        let Some(known) = self.peers()?.into_iter().find(|peer| peer.device == id) else {
            return Ok(false);
        };
        if known.relay() == relay {
            return Ok(false);
        }
        let relay = relay.map(str::to_owned);
        self.catalog.write(move |write| {
            let conn = write.conn();
            let Ok(known) = find(conn, id) else {
                return Ok(());
            };
            let met_at = known.addresses.into_iter();
            let met_at = met_at.filter(|address| !is_relay(address));
            let mut addresses: Vec<String> = relay.into_iter().chain(met_at).collect();
            addresses.truncate(MOST_ADDRESSES);
            conn.execute(
                "UPDATE peer SET addresses = ?2 WHERE device = ?1",
                (id, addresses.join("\n")),
            )?;
            Ok(())
        })?;
        Ok(true)
    }

    /// Where a machine is looked for besides; empty: nowhere else.
    pub fn set_peer_address(&self, id: DeviceId, address: &str) -> Result<(), LibraryError> {
        let address = address.trim().to_owned();
        let is_one = address
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
        if !address.is_empty() && !is_one {
            return Err(LibraryError::wrong(
                "Write a name or an address, and the port, like nas.local:8478.",
            ));
        }
        self.change_peer(id, move |write| {
            write.conn().execute(
                "UPDATE peer SET typed = ?2 WHERE device = ?1",
                (id, address),
            )?;
            Ok(())
        })
    }

    /// What is to be kept here of a machine's photos. Originals that are not to be any
    /// more are removed; pictures stay for as long as those looked at lately do.
    pub fn set_peer_keep(&self, id: DeviceId, keep: Keep) -> Result<(), LibraryError> {
        self.change_peer(id, move |write| {
            write.conn().execute(
                "UPDATE peer SET keep = ?2 WHERE device = ?1",
                (id, keep.name()),
            )?;
            Ok(())
        })?;
        self.keep_as_wanted(id)
    }

    fn change_peer(
        &self,
        id: DeviceId,
        change: impl FnOnce(&Write<'_>) -> Result<(), LibraryError> + Send + 'static,
    ) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            find(write.conn(), id)?;
            change(write)?;
            write.announce(Change::Peers);
            Ok(())
        })
    }
}

impl Guest {
    /// The machine.
    pub fn device(&self) -> DeviceId {
        self.device
    }

    /// Its public key.
    pub(crate) fn key(&self) -> &[u8; 32] {
        &self.key
    }

    /// Whose it is.
    pub(crate) fn person(&self) -> PersonId {
        self.person
    }

    /// Whether it is another machine of the library's own person.
    pub(crate) fn is_own(&self) -> bool {
        self.is_own
    }

    /// Fails when the machine is not known any more, or is somebody else's now.
    pub(crate) fn check(&self, conn: &Connection) -> Result<(), LibraryError> {
        let holds = conn
            .prepare_cached(
                "SELECT device.person FROM device WHERE device.id = ?1 AND device.key = ?2",
            )?
            .query_row((self.device, &self.key), |row| row.get::<_, PersonId>(0))
            .optional()?;
        match holds == Some(self.person) {
            true => Ok(()),
            false => Err(LibraryError::Refused),
        }
    }
}
