//! Who comes in at all. A machine that is not known is refused right after the
//! handshake has proved its key, before anything of it is read or kept.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};

use iroh::endpoint::{AfterHandshakeOutcome, Connection, EndpointHooks, Side, VarInt};

use crate::protocol::{ALPN, PAIRING};

/// The code by which an unknown machine is turned away.
pub(crate) const UNKNOWN: u32 = 1;

/// Whose keys are known, and whether anyone is invited.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    known: RwLock<HashSet<[u8; 32]>>,
    inviting: AtomicBool,
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
    pub fn invite(&self, inviting: bool) {
        self.inviting.store(inviting, Ordering::Release);
    }

    fn admits(&self, key: &[u8; 32], protocol: &[u8]) -> bool {
        match protocol {
            PAIRING => self.inviting.load(Ordering::Acquire),
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
        gate.invite(true);
        assert!(gate.admits(&[2; 32], PAIRING));
        gate.let_in(HashSet::new());
        assert!(!gate.admits(&[1; 32], ALPN));
    }
}
