//! The doors of links: how passwords are kept (argon2id), how often a wrong one may
//! be tried, when the owner is to know, and what a visitor carries afterwards.

use std::net::{IpAddr, Ipv6Addr};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::{Connection, OptionalExtension};
use unicode_normalization::UnicodeNormalization;

use crate::seat::{self, SEAT_MS, Seating};
use crate::visit::Carried;
use crate::{Change, Library, LibraryError, LinkId, LockedLink};

/// Wrong passwords an hour that cost nothing, per link and network.
const FREE_TRIES: u32 = 10;
/// Tries an hour on one link, by all networks together, that cost newcomers nothing.
const FREE_FOR_ALL: u32 = 100;
/// Networks a minute that may begin to try a link's password beyond that.
const NEWCOMERS: u32 = 10;
const MINUTE_MS: i64 = 60_000;
/// The longest wait between two tries.
const LONGEST_WAIT_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * 60 * 1_000;
/// How long a pass lasts.
const PASS_MS: i64 = 12 * HOUR_MS;

/// What an answer at a door did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unlock {
    /// It was right.
    Opened(Pass),
    /// As many people as the link is for have opened it.
    Full,
    /// It was wrong.
    Wrong,
    /// Too many were wrong; the next may be tried after this time.
    Wait {
        /// Seconds, at least 1.
        seconds: u64,
    },
}

/// Proof that a visitor knew the password, and has a seat, to be kept in a cookie.
/// Bound to the link, to the password it was given for, and to the seats as they were
/// given out last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// The cookie's value: base64url, and a dot between the two.
    pub value: String,
    /// How long it is good.
    pub max_age_seconds: u64,
}

impl Pass {
    /// A pass inside ends by itself, however long a seat keeps the cookie.
    fn of(Carried { pass, seat }: Carried) -> Pass {
        let (value, lasts_ms) = match seat {
            None => (pass.unwrap_or_default(), PASS_MS),
            Some(seat) => (format!("{}.{seat}", pass.unwrap_or_default()), SEAT_MS),
        };
        Pass {
            value,
            max_age_seconds: lasts_ms.unsigned_abs() / 1_000,
        }
    }
}

/// Hashes a new password, after checking that it has at least 8 characters and at most 1 KiB.
pub(crate) fn hash(password: &str) -> Result<String, LibraryError> {
    let password = normal(password);
    if password.chars().count() < 8 || password.len() > 1_024 {
        return Err(LibraryError::wrong(
            "A password has at least 8 characters and at most 1 KiB.",
        ));
    }
    hash_of(&password)
}

/// How a password or a PIN is kept (argon2id, 19 MiB, two passes).
pub(crate) fn hash_of(secret: &str) -> Result<String, LibraryError> {
    let hash: PasswordHash = hasher()?
        .hash_password(normal(secret).as_bytes())
        .map_err(|error| LibraryError::wrong(format!("It was not taken: {error}.")))?;
    Ok(hash.to_string())
}

/// Whether this is what was kept so.
pub(crate) fn is_hash_of(kept: &str, secret: &str) -> bool {
    PasswordHash::new(kept).is_ok_and(|kept| {
        hasher().is_ok_and(|hasher| {
            hasher
                .verify_password(normal(secret).as_bytes(), &kept)
                .is_ok()
        })
    })
}

fn hasher() -> Result<Argon2<'static>, LibraryError> {
    let params = Params::new(19_456, 2, 1, None)
        .map_err(|error| LibraryError::wrong(format!("argon2: {error}.")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// One spelling for one password, however the keyboard composes it (NFC).
fn normal(password: &str) -> String {
    password.nfc().collect()
}

impl Library {
    /// Answers at a door: tries the password where one is asked for, then takes a seat
    /// where one is wanted. A password takes a tenth of a second of processor and
    /// 19 MiB, so callers bound how many are tried at once.
    pub fn unlock(
        &self,
        locked: &LockedLink,
        password: &str,
        from: IpAddr,
    ) -> Result<Unlock, LibraryError> {
        let (link, network) = (locked.link, network(from));
        if let Some(kept) = &locked.password_hash {
            if let Some(seconds) = self.count_try(link, &network)? {
                return Ok(Unlock::Wait { seconds });
            }
            if password.len() > 1_024 || !is_hash_of(kept, password) {
                return Ok(Unlock::Wrong);
            }
        }
        let wants_seat = locked.wants_seat;
        let seating = self.catalog.write(move |write| {
            write.conn().execute(
                "DELETE FROM wrong_password WHERE link = ?1 AND network = ?2",
                (link, network),
            )?;
            match wants_seat {
                true => seat::take(write, link),
                false => Ok(Seating::Unneeded),
            }
        })?;
        let mut carried = locked.carried.clone();
        match seating {
            Seating::Full => return Ok(Unlock::Full),
            Seating::Unneeded => {}
            Seating::Taken { number, version } => {
                carried.seat = Some(self.seat(link, version, number));
            }
        }
        if locked.asks_password() {
            let until_ms = self.clock.now_ms() + PASS_MS;
            carried.pass = Some(self.pass(link, locked.password_version, until_ms));
        }
        Ok(Unlock::Opened(Pass::of(carried)))
    }

    /// What a visitor carries who was let in, for the owner's own look at what such a
    /// one gets; it takes no seat.
    pub fn own_pass(&self, link: LinkId) -> Result<Pass, LibraryError> {
        let (password_version, seat_version) = self.catalog.read(|conn| {
            Ok(conn.query_row(
                "SELECT password_version, seat_version FROM link WHERE id = ?1",
                [link],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?)
        })?;
        let until_ms = self.clock.now_ms() + PASS_MS;
        Ok(Pass::of(Carried {
            pass: Some(self.pass(link, password_version, until_ms)),
            seat: Some(self.seat(link, seat_version, 0)),
        }))
    }

    /// Counts a try before it is made, so that many at once are counted too.
    /// `Some(seconds)`: it must wait.
    fn count_try(&self, link: LinkId, network: &str) -> Result<Option<u64>, LibraryError> {
        let network = network.to_owned();
        self.catalog.write(move |write| {
            let (conn, now) = (write.conn(), write.now_ms);
            conn.execute(
                "DELETE FROM wrong_password WHERE since <= ?1",
                [now - HOUR_MS],
            )?;
            let known: Option<(u32, i64)> = conn
                .query_row(
                    "SELECT tries, wait_to FROM wrong_password WHERE link = ?1 AND network = ?2",
                    (link, &network),
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()?;
            if known.is_none()
                && let Some(seconds) = newcomers_wait(conn, link, now)?
            {
                return Ok(Some(seconds));
            }
            if is_guessed(conn, link, now)? {
                write.announce(Change::Link(link));
            }
            let (tries, wait_to) = known.unwrap_or((0, 0));
            if wait_to > now {
                return Ok(Some((wait_to - now).unsigned_abs().div_ceil(1_000)));
            }
            let tries = tries.saturating_add(1);
            let wait = match tries.checked_sub(FREE_TRIES) {
                None => 0,
                Some(over) => (1_000 << over.min(6)).min(LONGEST_WAIT_MS),
            };
            conn.execute(
                "INSERT INTO wrong_password (link, network, tries, since, wait_to)
                 VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (link, network) DO UPDATE
                    SET tries = excluded.tries, wait_to = excluded.wait_to",
                (link, &network, tries, now, now + wait),
            )?;
            Ok(None)
        })
    }

    /// `base64url(end of validity ‖ signature)`.
    fn pass(&self, link: LinkId, password_version: i64, until_ms: i64) -> String {
        let signature = self
            .secret
            .sign_pass(&pass_text(link, password_version, until_ms));
        URL_SAFE_NO_PAD.encode([&until_ms.to_be_bytes()[..], signature.as_bytes()].concat())
    }

    /// Whether a cookie's value is a pass for this link and password, and still
    /// good.
    pub(crate) fn is_pass(&self, value: &str, link: LinkId, password_version: i64) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(value) else {
            return false;
        };
        let Some((until, signature)) = bytes.split_first_chunk::<8>() else {
            return false;
        };
        let until_ms = i64::from_be_bytes(*until);
        let expected = self
            .secret
            .sign_pass(&pass_text(link, password_version, until_ms));
        // blake3::Hash compares in constant time.
        <[u8; 32]>::try_from(signature).is_ok_and(|given| expected == given)
            && until_ms > self.clock.now_ms()
    }
}

/// How long a network waits that has not tried this link's password before: guessing
/// from very many addresses is slow, too, and their rows are few.
fn newcomers_wait(conn: &Connection, link: LinkId, now: i64) -> Result<Option<u64>, LibraryError> {
    let (tries, new, oldest): (u32, u32, Option<i64>) = conn.query_row(
        "SELECT coalesce(sum(tries), 0), count(*) FILTER (WHERE since > ?2),
                min(since) FILTER (WHERE since > ?2)
           FROM wrong_password WHERE link = ?1",
        (link, now - MINUTE_MS),
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let waits = tries >= FREE_FOR_ALL && new >= NEWCOMERS;
    Ok(oldest.filter(|_| waits).map(|oldest| {
        let left = oldest + MINUTE_MS - now;
        left.unsigned_abs().div_ceil(1_000).max(1)
    }))
}

/// Notes that more than a hundred passwords were wrong within an hour, for the link's
/// owner; whether that is to be told now: once an hour at most.
fn is_guessed(conn: &Connection, link: LinkId, now: i64) -> Result<bool, LibraryError> {
    let noted = conn.execute(
        "UPDATE link SET guessed_at = ?2
          WHERE id = ?1 AND coalesce(guessed_at, 0) <= ?3
            AND (SELECT sum(tries) FROM wrong_password WHERE link = ?1) > ?4",
        (link, now, now - HOUR_MS, FREE_FOR_ALL),
    )?;
    Ok(noted > 0)
}

fn pass_text(link: LinkId, password_version: i64, until_ms: i64) -> Vec<u8> {
    [
        &link.bytes()[..],
        &password_version.to_be_bytes(),
        &until_ms.to_be_bytes(),
    ]
    .concat()
}

/// The network a visitor counts as: the address for IPv4, the /64 for IPv6.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}
