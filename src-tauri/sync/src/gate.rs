//! Who comes in at all. A machine that is not known is refused right after the
//! handshake has proved its key, before anything of it is read or kept. The network itself
//! remembers each that finished a handshake for a minute, so only so many of one
//! address are heard out.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use iroh::endpoint::{AfterHandshakeOutcome, Connection, EndpointHooks, Side, VarInt};

use subtle::ConstantTimeEq;

use crate::locked;
use crate::protocol::{ALPN, PAIRING};

/// The code by which an unknown machine is turned away.
pub(crate) const UNKNOWN: u32 = 1;

/// How long the network remembers whoever finished a handshake.
const REMEMBERED: Duration = Duration::from_secs(60);
/// How many unknown machines of one address are heard out in that time.
const HEARD_OUT: u32 = 256;
/// Of how many addresses it is noted.
const ADDRESSES: usize = 4_096;

/// Whose keys are known, and whether anyone is invited.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    /// Since when how many unknown machines came from an address.
    turned_away: Mutex<HashMap<IpAddr, (Instant, u32)>>,
    known: RwLock<HashSet<[u8; 32]>>,
    inviting: RwLock<Option<Inviting>>,
}

/// What of an invitation is asked at doors.
#[derive(Debug)]
pub(crate) struct Inviting {
    /// By which somebody comes through a relay.
    pub token: String,
    /// When it is over.
    pub ends: Instant,
}

/// As the endpoint holds it.
#[derive(Clone, Debug)]
pub(crate) struct Doorkeeper(pub Arc<Gate>);

impl Gate {
    /// From now on these are known, and nobody else.
    pub fn let_in(&self, keys: HashSet<[u8; 32]>) {
        if let Ok(mut known) = self.known.write() {
            *known = keys;
        }
    }

    /// Whether somebody unknown may come to pair.
    pub fn invite(&self, invited: Option<Inviting>) {
        if let Ok(mut inviting) = self.inviting.write() {
            *inviting = invited;
        }
    }

    /// Whether this is the token of the invitation that is open.
    pub fn invites(&self, token: &str) -> bool {
        self.inviting.read().is_ok_and(|inviting| {
            inviting.as_ref().is_some_and(|open| {
                Instant::now() < open.ends && open.token.as_bytes().ct_eq(token.as_bytes()).into()
            })
        })
    }

    /// Somebody unknown was turned away who came from here.
    pub fn note_unknown(&self, from: IpAddr) {
        let from = from.to_canonical();
        let mut noted = locked(&self.turned_away);
        if noted.len() >= ADDRESSES {
            noted.retain(|_, (since, _)| since.elapsed() < REMEMBERED);
        }
        let is_room = noted.len() < ADDRESSES;
        match noted.get_mut(&from) {
            Some((since, count)) if since.elapsed() < REMEMBERED => *count += 1,
            None if !is_room => {}
            _ => {
                noted.insert(from, (Instant::now(), 1));
            }
        }
    }

    /// Whether so many unknown machines came from here lately that nobody is heard out.
    pub fn is_weary_of(&self, from: IpAddr) -> bool {
        locked(&self.turned_away)
            .get(&from.to_canonical())
            .is_some_and(|(since, count)| *count >= HEARD_OUT && since.elapsed() < REMEMBERED)
    }

    fn admits(&self, key: &[u8; 32], protocol: &[u8]) -> bool {
        match protocol {
            PAIRING => self
                .inviting
                .read()
                .is_ok_and(|inviting| inviting.is_some()),
            ALPN => self.knows(key),
            _ => false,
        }
    }

    /// Whether this is the key of a machine that is known.
    pub fn knows(&self, key: &[u8; 32]) -> bool {
        self.known.read().is_ok_and(|known| known.contains(key))
    }
}

impl EndpointHooks for Doorkeeper {
    async fn after_handshake<'a>(&'a self, conn: &'a Connection) -> AfterHandshakeOutcome {
        // Whom this side called, it wanted to call.
        let called = conn.side() == Side::Client;
        if called || self.0.admits(conn.remote_id().as_bytes(), conn.alpn()) {
            return AfterHandshakeOutcome::accept();
        }
        AfterHandshakeOutcome::Reject {
            error_code: VarInt::from_u32(UNKNOWN),
            reason: b"unknown".to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_known_keys_come_in_and_only_the_invited_pair() {
        let gate = Gate::default();
        assert!(!gate.admits(&[1; 32], ALPN));
        assert!(!gate.admits(&[1; 32], PAIRING));
        gate.let_in(HashSet::from([[1; 32]]));
        assert!(gate.admits(&[1; 32], ALPN));
        assert!(!gate.admits(&[2; 32], ALPN));
        assert!(!gate.admits(&[1; 32], b"h3"));
        let inviting = |lasts| Inviting {
            token: "token".to_owned(),
            ends: Instant::now() + lasts,
        };
        gate.invite(Some(inviting(Duration::from_secs(60))));
        assert!(gate.admits(&[2; 32], PAIRING));
        assert!(gate.invites("token") && !gate.invites("other") && !gate.invites(""));
        gate.invite(Some(inviting(Duration::ZERO)));
        assert!(!gate.invites("token"), "it is over");
        gate.invite(None);
        assert!(!gate.invites("token") && !gate.admits(&[2; 32], PAIRING));
        gate.let_in(HashSet::new());
        assert!(!gate.admits(&[1; 32], ALPN));
    }

    #[test]
    fn one_address_is_heard_out_only_so_often() {
        let gate = Gate::default();
        let from = |text: &str| text.parse::<IpAddr>().unwrap();
        for _ in 0..HEARD_OUT {
            assert!(!gate.is_weary_of(from("192.0.2.1")));
            gate.note_unknown(from("192.0.2.1"));
            gate.note_unknown(from("2001:db8::1"));
        }
        assert!(gate.is_weary_of(from("192.0.2.1")));
        assert!(gate.is_weary_of(from("::ffff:192.0.2.1")));
        assert!(!gate.is_weary_of(from("192.0.2.2")));
        assert!(gate.is_weary_of(from("2001:db8::1")));
        assert!(!gate.is_weary_of(from("2001:db8::2")));
    }
}
