//! Cards: what a person says of itself, its name and its machines, signed by its
//! own key. Whoever knows the person takes the card of the highest version, from
//! whomever it comes, and so hears of a new machine without pairing again.

use std::sync::Arc;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use prost::Message;
use rusqlite::{Connection, OptionalExtension};

use crate::catalog::Write;
use crate::secret::Secret;
use crate::time::DAY_MS;
use crate::wire::{Card, CardDevice, RemovedDevice, SignedCard};
use crate::{Change, DeviceId, Library, LibraryError, PersonId, share};

/// The most machines of one person.
const MOST_DEVICES: usize = 100;
/// The most bytes of a name.
const LONGEST_NAME: usize = 255;
/// The most bytes of a person's picture.
pub(crate) const LARGEST_PICTURE: usize = 32 * 1024;

/// A card whose signature is right, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduction {
    /// Whose it is.
    pub person: PersonId,
    /// The person's public key.
    pub key: [u8; 32],
    /// Of several the highest is true.
    pub version: u64,
    /// The person's name; may be empty.
    pub name: String,
    /// A small picture of the person, WebP.
    picture: Option<Vec<u8>>,
    /// The person's machines.
    pub devices: Vec<IntroducedDevice>,
    /// Machines that are the person's no more, and since when.
    removed: Vec<(DeviceId, i64)>,
    /// The card as it came.
    signed: Vec<u8>,
}

/// A machine on a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntroducedDevice {
    /// Its id.
    pub id: DeviceId,
    /// Its public key.
    pub key: [u8; 32],
    /// Its name; may be empty.
    pub name: String,
    /// When it was paired, last; milliseconds since 1970.
    pub since: i64,
}

impl Introduction {
    /// Reads a card and checks that its person signed it.
    ///
    /// # Errors
    /// [`LibraryError::Wrong`] for one that cannot be.
    pub fn read(signed: &[u8]) -> Result<Introduction, LibraryError> {
        read(signed).ok_or_else(|| {
            LibraryError::wrong(
                "The other machine's card is not signed as it should be; nothing was changed.",
            )
        })
    }

    /// When a machine was removed, where it was.
    pub(crate) fn removed_at(&self, device: DeviceId) -> Option<i64> {
        let gone = self.removed.iter().find(|(gone, _)| *gone == device);
        gone.map(|(_, at)| *at)
    }

    /// Whether one of the machines has this key.
    pub fn has(&self, key: &[u8; 32]) -> bool {
        self.devices.iter().any(|device| device.key == *key)
    }
}

fn read(bytes: &[u8]) -> Option<Introduction> {
    if bytes.len() > 64 * 1024 {
        return None;
    }
    let signed = SignedCard::decode(bytes).ok()?;
    let card = Card::decode(signed.card.as_slice()).ok()?;
    let key: [u8; 32] = card.key.as_slice().try_into().ok()?;
    let signature = Signature::from_slice(&signed.signature).ok()?;
    VerifyingKey::from_bytes(&key)
        .ok()?
        .verify_strict(&signed.card, &signature)
        .ok()?;
    let named = |name: &str| name.len() <= LONGEST_NAME && !name.contains(char::is_control);
    if !named(&card.name) || card.devices.len() > MOST_DEVICES || card.version > 1 << 62 {
        return None;
    }
    let devices: Option<Vec<IntroducedDevice>> = card
        .devices
        .into_iter()
        .map(|device| {
            Some(IntroducedDevice {
                id: DeviceId::from_bytes(device.device.as_slice().try_into().ok()?),
                key: device.key.as_slice().try_into().ok()?,
                name: Some(device.name).filter(|name| named(name))?,
                since: device.since,
            })
        })
        .collect();
    // What is no small WebP picture is left out.
    let picture = card.picture.filter(|picture| {
        picture.len() <= LARGEST_PICTURE
            && picture.starts_with(b"RIFF")
            && picture.get(8..12) == Some(b"WEBP")
    });
    let removed: Option<Vec<(DeviceId, i64)>> = card
        .removed
        .iter()
        .take(MOST_DEVICES)
        .map(|gone| {
            let id = gone.device.as_slice().try_into().ok()?;
            Some((DeviceId::from_bytes(id), gone.at))
        })
        .collect();
    Some(Introduction {
        person: PersonId::from_bytes(card.person.as_slice().try_into().ok()?),
        key,
        version: card.version,
        name: card.name,
        picture,
        devices: devices?,
        removed: removed?,
        signed: bytes.to_vec(),
    })
}

impl Library {
    /// The secret key of this machine, by which peers know it; derived from the
    /// library's secret file.
    pub fn device_key(&self) -> [u8; 32] {
        self.secret.device_key()
    }

    /// The card of the library's person, as it is signed now.
    pub fn card(&self) -> Result<Vec<u8>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached("SELECT card FROM person WHERE id = (SELECT person FROM library)")?
                .query_row([], |row| row.get(0))?)
        })
    }

    /// The person's secret key, to be handed to another machine of the same
    /// person, over a channel that both have confirmed.
    pub fn person_key(&self) -> Result<[u8; 32], LibraryError> {
        self.catalog
            .read(|conn| Ok(person_key(conn, &self.secret)?.to_bytes()))
    }

    /// Gives the person and the device their keys, where they have none or where
    /// the secret file is another, and signs the card.
    pub(crate) fn ensure_keys(&self) -> Result<(), LibraryError> {
        let secret = Arc::clone(&self.secret);
        let device = SigningKey::from_bytes(&secret.device_key()).verifying_key();
        let sound = self.catalog.read(|conn| {
            let known: Option<Vec<u8>> = conn.query_row(
                "SELECT key FROM device WHERE id = (SELECT device FROM library)",
                [],
                |row| row.get(0),
            )?;
            Ok(known.as_deref() == Some(device.as_bytes()) && person_key(conn, &secret).is_ok())
        })?;
        if sound {
            return Ok(());
        }
        self.catalog.write(move |write| {
            let conn = write.conn();
            if person_key(conn, &secret).is_err() {
                let key = SigningKey::from_bytes(&rand::random());
                conn.execute(
                    "UPDATE library SET person_key = ?1",
                    [secret.seal(&key.to_bytes())?],
                )?;
                conn.execute(
                    "UPDATE person SET key = ?1 WHERE id = (SELECT person FROM library)",
                    [key.verifying_key().as_bytes()],
                )?;
            }
            conn.execute(
                "UPDATE device SET key = ?1 WHERE id = (SELECT device FROM library)",
                [device.as_bytes()],
            )?;
            sign(write, &secret)
        })
    }
}

fn person_key(conn: &Connection, secret: &Secret) -> Result<SigningKey, LibraryError> {
    let sealed: Option<Vec<u8>> =
        conn.query_row("SELECT person_key FROM library", [], |row| row.get(0))?;
    sealed
        .and_then(|sealed| secret.unseal(&sealed))
        .and_then(|key| <[u8; 32]>::try_from(key.as_slice()).ok())
        .map(|key| SigningKey::from_bytes(&key))
        .ok_or_else(|| LibraryError::wrong("The person's key cannot be read."))
}

/// Signs the card of the library's person as it is now: whoever changes its name or
/// its machines calls this in the same write.
pub(crate) fn sign(write: &Write<'_>, secret: &Secret) -> Result<(), LibraryError> {
    let conn = write.conn();
    let key = person_key(conn, secret)?;
    let (person, name, version, picture) = conn.query_row(
        "SELECT id, name, version, picture FROM person WHERE id = (SELECT person FROM library)",
        [],
        |row| {
            Ok((
                row.get::<_, PersonId>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, i64>(2)?,
                row.get::<_, Option<Vec<u8>>>(3)?,
            ))
        },
    )?;
    // Two machines of a person may sign at a time; the later one is the truer.
    let version = (version + 1).max(write.now_ms);
    let devices = conn
        .prepare_cached(
            "SELECT id, key, name, since FROM device WHERE person = ?1 AND key IS NOT NULL",
        )?
        .query_map([person], |row| {
            Ok(CardDevice {
                device: row.get::<_, DeviceId>(0)?.bytes().to_vec(),
                key: row.get(1)?,
                name: row.get(2)?,
                since: row.get(3)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    let removed = conn
        .prepare_cached(
            "SELECT device, removed_at FROM removed ORDER BY removed_at DESC LIMIT 100",
        )?
        .query_map([], |row| {
            Ok(RemovedDevice {
                device: row.get::<_, DeviceId>(0)?.bytes().to_vec(),
                at: row.get(1)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    let card = Card {
        person: person.bytes().to_vec(),
        key: key.verifying_key().to_bytes().to_vec(),
        version: version.unsigned_abs(),
        name,
        devices,
        removed,
        picture,
    }
    .encode_to_vec();
    let signed = SignedCard {
        signature: key.sign(&card).to_bytes().to_vec(),
        card,
    };
    conn.execute(
        "UPDATE person SET card = ?2, version = ?3, key = ?4 WHERE id = ?1",
        (
            person,
            signed.encode_to_vec(),
            version,
            key.verifying_key().as_bytes(),
        ),
    )?;
    write.announce(Change::Peers);
    Ok(())
}

/// Takes over what a card says, where it is newer than what is known of its person.
/// Somebody new is met by pairing, or told by another machine of one's own: only
/// these `introduce`. True when anything changed.
///
/// # Errors
/// [`LibraryError::Wrong`] when the person is known by another key, or a machine as
/// somebody else's; [`LibraryError::NotShared`] for somebody whom nobody introduced.
pub(crate) fn take_over(
    write: &Write<'_>,
    secret: &Secret,
    card: &Introduction,
    introduce: bool,
) -> Result<bool, LibraryError> {
    let conn = write.conn();
    let (own_person, own_device) =
        conn.query_row("SELECT person, device FROM library", [], |row| {
            Ok((row.get::<_, PersonId>(0)?, row.get::<_, DeviceId>(1)?))
        })?;
    let known = conn
        .prepare_cached("SELECT key, version FROM person WHERE id = ?1")?
        .query_row([card.person], |row| {
            Ok((row.get::<_, Option<Vec<u8>>>(0)?, row.get::<_, i64>(1)?))
        })
        .optional()?;
    let version = i64::try_from(card.version).unwrap_or(i64::MAX);
    // Nobody signs ahead of all who come after.
    if version > write.now_ms.saturating_add(DAY_MS) {
        return Err(LibraryError::wrong(format!(
            "The clock of one of the machines of «{}» is wrong; set it right, and try again.",
            card.name
        )));
    }
    match known {
        Some((Some(key), _)) if key != card.key => {
            return Err(LibraryError::wrong(format!(
                "«{}» is known by another key. Remove that person, and pair again, if you \
                 trust this machine.",
                card.name
            )));
        }
        Some((Some(_), known)) if known >= version => return Ok(false),
        // Also somebody of whom only the name is known.
        None | Some((None, _)) if !introduce => return Err(LibraryError::NotShared),
        _ => {}
    }
    for device in &card.devices {
        let owner: Option<(PersonId, Option<Vec<u8>>)> = conn
            .prepare_cached("SELECT person, key FROM device WHERE id = ?1 OR key = ?2")?
            .query_row((device.id, &device.key), |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        if let Some((owner, key)) = owner
            && (owner != card.person || key.is_some_and(|key| key != device.key))
        {
            return Err(LibraryError::wrong(format!(
                "The machine «{}» is known as another already; remove that one first.",
                device.name
            )));
        }
    }
    conn.execute(
        "INSERT INTO person (id, name, key, card, version, picture)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, key = excluded.key,
             card = excluded.card, version = excluded.version, picture = excluded.picture",
        (
            card.person,
            &card.name,
            &card.key,
            &card.signed,
            version,
            &card.picture,
        ),
    )?;
    let is_own = card.person == own_person;
    if !is_own && !matches!(known, Some((Some(_), _))) {
        share::welcome(write, card.person)?;
    }
    if is_own {
        for (device, at) in &card.removed {
            remove(write, *device, *at)?;
        }
    }
    let mut is_news = false;
    for device in &card.devices {
        if is_own && is_removed(conn, device.id, device.since)? {
            is_news = true;
            continue;
        }
        conn.execute(
            "INSERT INTO device (id, person, name, key, since) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, key = excluded.key,
                 since = max(since, excluded.since)",
            (
                device.id,
                card.person,
                &device.name,
                &device.key,
                device.since,
            ),
        )?;
        if device.id != own_device {
            conn.execute(
                "INSERT INTO peer (device, known_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                (device.id, write.now_ms),
            )?;
        }
    }
    let here: Vec<(DeviceId, i64)> = conn
        .prepare_cached("SELECT id, since FROM device WHERE person = ?1")?
        .query_map([card.person], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (device, since) in here {
        let is_listed = card.devices.iter().any(|listed| listed.id == device);
        // Of one's own, which one knows oneself, only those go that were removed.
        let goes = match is_own {
            true => device != own_device && is_removed(conn, device, since)?,
            false => !is_listed,
        };
        if goes {
            conn.execute("DELETE FROM device WHERE id = ?1", [device])?;
        } else if is_own && !is_listed {
            is_news = true;
        }
    }
    if is_news {
        sign(write, secret)?;
    }
    write.announce(Change::Peers);
    Ok(true)
}

/// Notes that a machine of one's own is none any more.
pub(crate) fn remove(write: &Write<'_>, device: DeviceId, at: i64) -> Result<(), LibraryError> {
    write.conn().execute(
        "INSERT INTO removed (device, removed_at) VALUES (?1, ?2)
         ON CONFLICT (device) DO UPDATE SET removed_at = max(removed_at, excluded.removed_at)",
        (device, at),
    )?;
    Ok(())
}

/// Whether a machine was removed after it was paired.
fn is_removed(conn: &Connection, device: DeviceId, since: i64) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM removed WHERE device = ?1 AND removed_at >= ?2)",
        )?
        .query_row((device, since), |row| row.get(0))?)
}
