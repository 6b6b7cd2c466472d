//! Invitations: a ticket that names the inviting machine and carries a secret, for a
//! QR code or a message, and a code of eleven digits, for the voice. Three of those
//! say which machine on this network invites; the rest is the secret.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iroh::{EndpointAddr, EndpointId, TransportAddr};
use prost::Message;

use crate::SyncError;
use crate::detour::Told;

/// How long one holds.
pub const LASTS: Duration = Duration::from_secs(10 * 60);
/// How many wrong proofs end one.
const TRIES: u8 = 3;
/// What a ticket begins with, as an address that opens the program.
pub const SCHEME: &str = "albumen://pair/";

/// An invitation of this machine, until it is used, over or withdrawn.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Whether it is for another machine of the same person.
    pub is_own: bool,
    /// Whether whoever comes with it is taken in without a question.
    pub unasked: bool,
    /// The ticket.
    pub ticket: String,
    /// The code, where one was asked for.
    pub code: Option<String>,
    /// When it ends.
    pub ends: Instant,
    secret: [u8; 16],
    tries: u8,
}

/// What a ticket says.
#[derive(Clone, PartialEq, Message)]
struct Ticket {
    #[prost(bytes = "vec", tag = "1")]
    id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    secret: Vec<u8>,
    #[prost(string, repeated, tag = "3")]
    addresses: Vec<String>,
    #[prost(string, optional, tag = "4")]
    relay: Option<String>,
}

/// What somebody typed or pasted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Typed {
    /// A ticket: the machine it is from, and the secret.
    Ticket(EndpointAddr, Vec<u8>),
    /// A code: the number of the invitation, and the secret.
    Code(String, Vec<u8>),
}

impl Invitation {
    /// A new one of the machine at `address`, which is met at a relay, too.
    pub(crate) fn new(
        address: &EndpointAddr,
        relay: Option<&Told>,
        is_own: bool,
        code: bool,
        unasked: bool,
    ) -> Invitation {
        let secret: [u8; 16] = rand::random();
        let ticket = Ticket {
            id: address.id.as_bytes().to_vec(),
            secret: secret.to_vec(),
            addresses: address.ip_addrs().map(ToString::to_string).collect(),
            relay: relay.map(|relay| match relay.is_ours {
                // Ours lets nobody in but who is known, or has this.
                true => relay.with_token(&token(&secret)).to_string(),
                false => relay.url.to_string(),
            }),
        };
        let digits = || rand::random_range(0..10_000_u32);
        Invitation {
            is_own,
            unasked,
            ticket: URL_SAFE_NO_PAD.encode(ticket.encode_to_vec()),
            code: code.then(|| {
                let number = rand::random_range(0..1_000_u32);
                format!("{number:03}-{:04}-{:04}", digits(), digits())
            }),
            ends: Instant::now() + LASTS,
            secret,
            tries: TRIES,
        }
    }

    /// What tells this network that the machine invites; `None` without a code.
    pub(crate) fn number(&self) -> Option<&str> {
        self.code.as_deref()?.split('-').next()
    }

    /// What lets whoever has the ticket into the relay that this machine serves.
    pub(crate) fn relay_token(&self) -> String {
        token(&self.secret)
    }

    /// The secret by which a joiner of this kind proves that it was invited.
    pub(crate) fn secret(&self, by_code: bool) -> Option<Vec<u8>> {
        match by_code {
            true => self.code.as_deref().map(digits),
            false => Some(self.secret.to_vec()),
        }
    }

    /// Notes a wrong proof; false when it was the last.
    pub(crate) fn goes_on(&mut self) -> bool {
        self.tries = self.tries.saturating_sub(1);
        self.tries > 0
    }

    /// Whether its time is over.
    pub(crate) fn is_over(&self) -> bool {
        Instant::now() >= self.ends
    }
}

/// It says nothing of the secret: on its way to a relay others may read it.
fn token(secret: &[u8; 16]) -> String {
    let token = blake3::derive_key(
        "Albumen 2026-11 token for the relay of an invitation",
        secret,
    );
    URL_SAFE_NO_PAD.encode(token.first_chunk::<16>().unwrap_or(&[0; 16]))
}

fn digits(code: &str) -> Vec<u8> {
    code.bytes().filter(u8::is_ascii_digit).collect()
}

impl Typed {
    /// Reads what somebody typed.
    ///
    /// # Errors
    /// [`SyncError::NoInvitation`] for what is neither.
    pub fn read(text: &str) -> Result<Typed, SyncError> {
        let text = text.trim();
        let is_code = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b" -".contains(&byte));
        if is_code {
            let secret = digits(text);
            let number = secret.first_chunk::<3>().filter(|_| secret.len() == 11);
            let number = number.ok_or(SyncError::NoInvitation)?;
            return Ok(Typed::Code(
                String::from_utf8_lossy(number).into_owned(),
                secret,
            ));
        }
        Typed::ticket(text.strip_prefix(SCHEME).unwrap_or(text)).ok_or(SyncError::NoInvitation)
    }

    fn ticket(text: &str) -> Option<Typed> {
        let ticket = Ticket::decode(URL_SAFE_NO_PAD.decode(text).ok()?.as_slice()).ok()?;
        let id = EndpointId::from_bytes(ticket.id.as_slice().try_into().ok()?).ok()?;
        let direct = ticket
            .addresses
            .iter()
            .filter_map(|address| address.parse().ok().map(TransportAddr::Ip));
        let relay = ticket
            .relay
            .and_then(|relay| relay.parse().ok().map(TransportAddr::Relay));
        let address = EndpointAddr::from_parts(id, direct.chain(relay));
        (ticket.secret.len() == 16).then_some(Typed::Ticket(address, ticket.secret))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iroh::SecretKey;

    fn invitation() -> (EndpointAddr, Invitation) {
        let id = SecretKey::from_bytes(&[1; 32]).public();
        let address = EndpointAddr::new(id).with_ip_addr("192.0.2.7:4433".parse().unwrap());
        let invitation = Invitation::new(&address, None, true, true, false);
        (address, invitation)
    }

    #[test]
    fn a_ticket_is_read_as_it_was_written() {
        let (address, invitation) = invitation();
        let secret = invitation.secret(false).unwrap();
        let read = Typed::Ticket(address, secret);
        assert_eq!(Typed::read(&invitation.ticket).unwrap(), read);
        let pasted = format!(" {SCHEME}{}\n", invitation.ticket);
        assert_eq!(Typed::read(&pasted).unwrap(), read);
    }

    #[test]
    fn a_ticket_leads_through_a_relay_and_into_ours_by_a_token() {
        let (address, _) = invitation();
        let mut told = Told {
            url: "https://relay.example.org".parse().unwrap(),
            is_ours: false,
        };
        let relay_of = |told: &Told| {
            let invitation = Invitation::new(&address, Some(told), false, false, false);
            let Typed::Ticket(read, _) = Typed::read(&invitation.ticket).unwrap() else {
                panic!("it is a ticket");
            };
            let url = read.relay_urls().next().unwrap().to_string();
            (url, invitation.relay_token())
        };
        assert_eq!(relay_of(&told).0, "https://relay.example.org/");
        told.is_ours = true;
        let (url, token) = relay_of(&told);
        assert_eq!(url, format!("https://relay.example.org/?token={token}"));
        assert_ne!(relay_of(&told).1, token, "each has its own");
    }

    #[test]
    fn a_code_is_read_however_it_is_spaced() {
        let (_, invitation) = invitation();
        let code = invitation.code.clone().unwrap();
        let secret = invitation.secret(true).unwrap();
        let number = invitation.number().unwrap().to_owned();
        for typed in [code.clone(), code.replace('-', " "), code.replace('-', "")] {
            let read = Typed::read(&typed).unwrap();
            assert_eq!(read, Typed::Code(number.clone(), secret.clone()));
        }
    }

    #[test]
    fn what_is_neither_is_told() {
        for text in [
            "",
            "123",
            "123-4567-89012",
            "hello",
            "albumen://pair/",
            "AAAA",
        ] {
            let error = Typed::read(text).unwrap_err();
            assert_eq!(error.code(), "no_invitation", "{text}");
        }
    }

    #[test]
    fn three_wrong_proofs_end_it() {
        let (_, mut invitation) = invitation();
        assert!(invitation.goes_on());
        assert!(invitation.goes_on());
        assert!(!invitation.goes_on());
    }
}
