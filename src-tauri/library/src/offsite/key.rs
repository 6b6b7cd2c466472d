//! The recovery key: 16 random bytes that a person can write down as twelve words. All that
//! names and seals the off-site copy is derived from it, so it alone brings a library back.

use std::io::Read;

use bip39::{Language, Mnemonic};

use super::seal::{Opening, Sealing};
use crate::{LibraryError, hex};

/// Bytes of a recovery key: as many as twelve words hold.
const LENGTH: usize = 16;

/// What opens an off-site copy when nothing else is left.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryKey([u8; LENGTH]);

impl std::fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryKey")
    }
}

impl RecoveryKey {
    /// A new one.
    pub fn make() -> RecoveryKey {
        RecoveryKey(rand::random())
    }

    pub(super) fn bytes(&self) -> [u8; LENGTH] {
        self.0
    }

    pub(super) fn from_bytes(bytes: [u8; LENGTH]) -> RecoveryKey {
        RecoveryKey(bytes)
    }

    /// As a person writes it down: twelve English words (BIP 39).
    ///
    /// # Errors
    /// None that can occur: sixteen bytes always have words.
    pub fn words(&self) -> Result<String, LibraryError> {
        let words = Mnemonic::from_entropy_in(Language::English, &self.0)
            .map_err(|error| LibraryError::wrong(format!("{error}.")))?;
        Ok(words.words().collect::<Vec<_>>().join(" "))
    }

    /// Reads what a person typed: the words, however they are spaced.
    ///
    /// # Errors
    /// [`LibraryError::Wrong`] for words that are none, or of which one is mistaken.
    pub fn parse(text: &str) -> Result<RecoveryKey, LibraryError> {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let (count, words) = (words.len(), words.join(" "));
        if count != 12 {
            return Err(LibraryError::wrong(format!(
                "A recovery key has twelve words, and these are {count}."
            )));
        }
        let read = Mnemonic::parse_in_normalized(Language::English, &words);
        let entropy = read.map_err(|error| match error {
            bip39::Error::UnknownWord(at) => LibraryError::wrong(format!(
                "Word {} is not one of a recovery key's; look how it was written down.",
                at + 1
            )),
            _ => LibraryError::wrong(
                "These twelve words are no recovery key: one of them is another, or they stand \
                 in another order.",
            ),
        })?;
        let (bytes, length) = entropy.to_entropy_array();
        match bytes.first_chunk() {
            Some(bytes) if length == LENGTH => Ok(RecoveryKey(*bytes)),
            _ => Err(LibraryError::wrong("These words are no recovery key.")),
        }
    }

    /// What is derived from it.
    pub fn keys(&self) -> OffsiteKeys {
        let folder = blake3::derive_key("albumen 2026 off-site folder", &self.0);
        OffsiteKeys {
            names: blake3::derive_key("albumen 2026 off-site names", &self.0),
            bodies: blake3::derive_key("albumen 2026 off-site bodies", &self.0),
            folder: format!(
                "albumen-{}",
                hex(folder.first_chunk::<8>().unwrap_or(&[0; 8]))
            ),
        }
    }
}

/// Names and seals what is at the store.
#[derive(Clone)]
pub struct OffsiteKeys {
    names: [u8; 32],
    bodies: [u8; 32],
    folder: String,
}

impl OffsiteKeys {
    /// The folder at the store that all of this key's is in.
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// What an original is called in that folder, by its BLAKE3: a keyed hash of it, that
    /// tells nothing to who has not the key.
    pub fn name_of(&self, hash: &[u8; 32]) -> String {
        let name = blake3::keyed_hash(&self.names, hash);
        format!("originals/{}", hex(name.as_bytes()))
    }

    /// Seals what is read, to be kept under this name and no other.
    ///
    /// # Errors
    /// None before it is read; then those of what it is read from.
    pub fn seal<R: Read>(&self, name: &str, from: R) -> Sealing<R> {
        let salt: [u8; 32] = rand::random();
        Sealing::new(&self.body(name, &salt), salt, from)
    }

    /// Opens what was sealed to be kept under this name.
    ///
    /// # Errors
    /// [`std::io::ErrorKind::InvalidData`] at its beginning or later, where it is not what
    /// was sealed, or was sealed by another key or for another name.
    pub fn open<R: Read>(&self, name: &str, from: R) -> std::io::Result<Opening<R>> {
        Opening::new(from, |salt| self.body(name, salt))
    }

    /// The key of one body. The salt is another each time, so each key seals one body.
    fn body(&self, name: &str, salt: &[u8; 32]) -> [u8; 32] {
        let mut key = blake3::Hasher::new_keyed(&self.bodies);
        key.update(salt).update(name.as_bytes());
        *key.finalize().as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_back_to_the_key_and_mistakes_are_told() {
        let key = RecoveryKey::make();
        let words = key.words().unwrap();
        assert_eq!(words.split(' ').count(), 12);
        let typed = format!("  {}\n", words.to_uppercase().replace(' ', "\n "));
        assert_eq!(RecoveryKey::parse(&typed).unwrap(), key);
        for (wrong, told) in [
            ("abandon ability", "these are 2"),
            (
                &words.replacen(words.split(' ').next().unwrap(), "albumen", 1),
                "Word 1",
            ),
            (&"zoo ".repeat(12), "no recovery key"),
        ] {
            let error = RecoveryKey::parse(wrong).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn names_tell_nothing_and_are_the_same_each_time() {
        let (one, two) = (RecoveryKey([1; 16]), RecoveryKey([2; 16]));
        let hash = [7; 32];
        assert_eq!(one.keys().name_of(&hash), one.keys().name_of(&hash));
        assert_ne!(one.keys().name_of(&hash), two.keys().name_of(&hash));
        assert_ne!(one.keys().folder(), two.keys().folder());
        assert!(!one.keys().name_of(&hash).contains(&hex(&hash)));
    }
}
