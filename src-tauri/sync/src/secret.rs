//! The one secret of a pairing: that both sides know it is proved by a PAKE
//! (SPAKE2), so that whoever listens or stands between learns nothing, and each
//! wrong guess costs a try. The proof covers both machines' keys and the very
//! connection it is given on, so it is good nowhere else.

use iroh::EndpointId;
use iroh::endpoint::Connection;
use spake2::{Ed25519Group, Identity, Password, Spake2};
use subtle::ConstantTimeEq;

use crate::SyncError;

/// Half-way through a proof.
pub(crate) struct Proving {
    spake: Spake2<Ed25519Group>,
    joiner: EndpointId,
    inviter: EndpointId,
}

/// What both sides know in the end.
pub(crate) struct Proof {
    joiner: [u8; 32],
    inviter: [u8; 32],
    words: [u8; 32],
}

/// Which side one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Joiner,
    Inviter,
}

impl Proving {
    /// Begins; the answer is what to send.
    pub fn begin(
        part: Part,
        secret: &[u8],
        joiner: EndpointId,
        inviter: EndpointId,
    ) -> (Proving, Vec<u8>) {
        let password = Password::new(secret);
        let ids = (
            Identity::new(joiner.as_bytes()),
            Identity::new(inviter.as_bytes()),
        );
        let (spake, message) = match part {
            Part::Joiner => Spake2::<Ed25519Group>::start_a(&password, &ids.0, &ids.1),
            Part::Inviter => Spake2::<Ed25519Group>::start_b(&password, &ids.0, &ids.1),
        };
        let proving = Proving {
            spake,
            joiner,
            inviter,
        };
        (proving, message)
    }

    /// Ends with what the other side sent.
    ///
    /// # Errors
    /// For a message that is none. A wrong secret is told by the proof alone.
    pub fn end(self, message: &[u8], conn: &Connection) -> Result<Proof, SyncError> {
        let mut channel = [0_u8; 32];
        conn.export_keying_material(&mut channel, b"albumen pairing", b"")
            .map_err(|_| SyncError::Broken)?;
        self.end_on(message, &channel)
    }

    fn end_on(self, message: &[u8], channel: &[u8; 32]) -> Result<Proof, SyncError> {
        let key = self
            .spake
            .finish(message)
            .map_err(|_| SyncError::WrongInvitation)?;
        let mut bound = blake3::Hasher::new_derive_key("albumen 2026 pairing");
        for part in [
            key.as_slice(),
            self.joiner.as_bytes(),
            self.inviter.as_bytes(),
            channel,
        ] {
            bound.update(&(part.len() as u64).to_be_bytes());
            bound.update(part);
        }
        let bound = *bound.finalize().as_bytes();
        let derive = |purpose: &str| blake3::derive_key(purpose, &bound);
        Ok(Proof {
            joiner: derive("albumen 2026 pairing: the joiner knows"),
            inviter: derive("albumen 2026 pairing: the inviter knows"),
            words: derive("albumen 2026 pairing: words"),
        })
    }
}

impl Proof {
    /// What a side sends to show that it knows the secret.
    pub fn of(&self, part: Part) -> &[u8; 32] {
        match part {
            Part::Joiner => &self.joiner,
            Part::Inviter => &self.inviter,
        }
    }

    /// Whether the other side has shown it.
    pub fn is_shown(&self, part: Part, shown: &[u8]) -> bool {
        self.of(part).as_slice().ct_eq(shown).into()
    }

    /// Four words that are the same on both screens: eleven bits each, of the word
    /// list of BIP 39.
    pub fn words(&self) -> Vec<String> {
        let list = bip39::Language::English.word_list();
        self.words
            .chunks_exact(2)
            .take(4)
            .filter_map(|two| {
                let number = two
                    .iter()
                    .fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
                list.get(number % list.len())
            })
            .map(|word| (*word).to_owned())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iroh::SecretKey;

    fn ids() -> (EndpointId, EndpointId) {
        (
            SecretKey::from_bytes(&[1; 32]).public(),
            SecretKey::from_bytes(&[2; 32]).public(),
        )
    }

    /// Both sides of a pairing, each with the secret, the ids and the channel that it
    /// believes in.
    fn pair(secrets: [&[u8]; 2], channels: [[u8; 32]; 2], meet: [EndpointId; 2]) -> (Proof, Proof) {
        let (joiner, inviter) = ids();
        let (a, to_inviter) = Proving::begin(Part::Joiner, secrets[0], joiner, meet[1]);
        let (b, to_joiner) = Proving::begin(Part::Inviter, secrets[1], meet[0], inviter);
        (
            a.end_on(&to_joiner, &channels[0]).unwrap(),
            b.end_on(&to_inviter, &channels[1]).unwrap(),
        )
    }

    fn agree((a, b): &(Proof, Proof)) -> bool {
        a.is_shown(Part::Inviter, b.of(Part::Inviter))
            && b.is_shown(Part::Joiner, a.of(Part::Joiner))
    }

    #[test]
    fn both_know_the_secret_and_see_the_same_words() {
        let (joiner, inviter) = ids();
        let pair = pair([b"code", b"code"], [[7; 32]; 2], [joiner, inviter]);
        assert!(agree(&pair));
        assert_eq!(pair.0.words(), pair.1.words());
        assert_eq!(pair.0.words().len(), 4);
        assert!(!pair.0.is_shown(Part::Joiner, pair.0.of(Part::Inviter)));
    }

    #[test]
    fn another_secret_another_channel_and_another_machine_are_told() {
        let (joiner, inviter) = ids();
        let other = SecretKey::from_bytes(&[3; 32]).public();
        let right = [joiner, inviter];
        assert!(!agree(&pair([b"code", b"c0de"], [[7; 32]; 2], right)));
        assert!(!agree(&pair([b"code"; 2], [[7; 32], [8; 32]], right)));
        assert!(!agree(&pair([b"code"; 2], [[7; 32]; 2], [other, inviter])));
        assert!(!agree(&pair([b"code"; 2], [[7; 32]; 2], [joiner, other])));
    }
}
