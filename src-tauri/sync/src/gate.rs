//! Who comes in at all. A machine that is not known is refused right after the
//! handshake has proved its key, before anything of it is read or kept.

use std::collections::HashSet;
use std::sync::{Arc, RwLock};
use std::time::Instant;

use iroh::endpoint::{AfterHandshakeOutcome, Connection, EndpointHooks, Side, VarInt};

use subtle::ConstantTimeEq;

use crate::protocol::{ALPN, PAIRING};

/// The code by which an unknown machine is turned away.
pub(crate) const UNKNOWN: u32 = 1;

/// Whose keys are known, and whether anyone is invited.
#[derive(Debug, Default)]
pub(crate) struct Gate {
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

    fn admits(&self, key: &[u8; 32], protocol: &[u8]) -> bool {
        match protocol {
            PAIRING => self
                .inviting
                .read()
                .is_ok_and(|inviting| inviting.is_some()),
            ALPN => self.known.read().is_ok_and(|known| known.contains(key)),
            _ => false,
        }
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
}
