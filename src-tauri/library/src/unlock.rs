//! Passwords of links: how they are kept (argon2id), how often a wrong one may
//! be tried, and the pass a visitor carries after the right one.

use std::net::{IpAddr, Ipv6Addr};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::{Connection, OptionalExtension};
use unicode_normalization::UnicodeNormalization;

use crate::{Library, LibraryError, LinkId, LockedLink};

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

/// What a password did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unlock {
    /// It was right.
    Opened(Pass),
    /// It was wrong.
    Wrong,
    /// Too many were wrong; the next may be tried after this time.
    Wait {
        /// Seconds, at least 1.
        seconds: u64,
    },
}

/// Proof that a visitor knew the password, to be kept in a cookie. Bound to the
/// link and to the password it was given for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// The cookie's value: base64url.
    pub value: String,
    /// How long it is good.
    pub max_age_seconds: u64,
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
    /// Tries a password. Takes a tenth of a second of processor and 19 MiB, so
    /// callers bound how many run at once.
    pub fn unlock(
        &self,
        locked: &LockedLink,
        password: &str,
        from: IpAddr,
    ) -> Result<Unlock, LibraryError> {
        let (link, network) = (locked.link, network(from));
        if let Some(seconds) = self.count_try(link, &network)? {
            return Ok(Unlock::Wait { seconds });
        }
        let right = password.len() <= 1_024 && is_hash_of(&locked.password_hash, password);
        if !right {
            return Ok(Unlock::Wrong);
        }
        self.catalog.write(move |write| {
            write.conn().execute(
                "DELETE FROM wrong_password WHERE link = ?1 AND network = ?2",
                (link, network),
            )?;
            Ok(())
        })?;
        Ok(Unlock::Opened(Pass {
            value: self.pass(link, locked.password_version, self.clock.now_ms() + PASS_MS),
            max_age_seconds: PASS_MS.unsigned_abs() / 1_000,
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
