//! The library's secret: 32 random bytes in a file of their own (0600), beside
//! the catalog but never in it, so that the catalog file alone opens no link.
//! Each use has a key derived for it.

use std::fs;
use std::io::Write;
use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::LibraryError;

/// The file's name, in a library's folder and in a backup.
pub(crate) const FILE: &str = "secret";
/// How many bytes it has.
const LENGTH: usize = 32;
/// Bytes of the random nonce before a sealed text.
const NONCE: usize = 24;

/// Keys derived from the secret file.
pub(crate) struct Secret {
    lookup: [u8; 32],
    seal: [u8; 32],
    pass: [u8; 32],
    seat: [u8; 32],
    device: [u8; 32],
}

impl Secret {
    /// Reads the secret of the library in `folder`; `None` when it has none.
    pub fn open(folder: &Path) -> Result<Option<Secret>, LibraryError> {
        let path = folder.join(FILE);
        match fs::read(&path) {
            Ok(bytes) => <[u8; LENGTH]>::try_from(bytes.as_slice())
                .map(|root| Some(Secret::derive(&root)))
                .map_err(|_| LibraryError::Secret(path)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes the secret of a library that has none.
    pub fn make(folder: &Path) -> Result<Secret, LibraryError> {
        let root: [u8; LENGTH] = rand::random();
        keep(folder, &root)?;
        Ok(Secret::derive(&root))
    }

    fn derive(root: &[u8; LENGTH]) -> Secret {
        Secret {
            lookup: blake3::derive_key("albumen 2026 link key look-up", root),
            seal: blake3::derive_key("albumen 2026 link key sealing", root),
            pass: blake3::derive_key("albumen 2026 link password pass", root),
            seat: blake3::derive_key("albumen 2026 link seat", root),
            device: blake3::derive_key("albumen 2026 device key", root),
        }
    }

    /// What a link's key is found by.
    pub fn lookup(&self, key: &[u8]) -> [u8; 32] {
        *blake3::keyed_hash(&self.lookup, key).as_bytes()
    }

    /// What an address is found by: its kind, and what it says.
    pub fn lookup_address(&self, kind: &[u8; 4], said: &[u8]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(&self.lookup);
        hasher.update(kind).update(said);
        *hasher.finalize().as_bytes()
    }

    /// Signs what a visitor's pass says.
    pub fn sign_pass(&self, said: &[u8]) -> blake3::Hash {
        blake3::keyed_hash(&self.pass, said)
    }

    /// Signs the number of a visitor's seat.
    pub fn sign_seat(&self, said: &[u8]) -> blake3::Hash {
        blake3::keyed_hash(&self.seat, said)
    }

    /// The Ed25519 secret key by which peers know this machine.
    pub fn device_key(&self) -> [u8; 32] {
        self.device
    }

    /// Encrypts a link's key for «copy link» (XChaCha20-Poly1305).
    pub fn seal(&self, key: &[u8]) -> Result<Vec<u8>, LibraryError> {
        let nonce: [u8; NONCE] = rand::random();
        let sealed = self
            .cipher()
            .encrypt(&XNonce::from(nonce), key)
            .map_err(|_| LibraryError::wrong("The link's key could not be sealed."))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Decrypts what [`Secret::seal`] made; `None` when another secret made it.
    pub fn unseal(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.split_first_chunk::<NONCE>()?;
        self.cipher().decrypt(&XNonce::from(*nonce), text).ok()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.seal.into())
    }
}

/// Writes a secret file where there is none: whole or absent, also after a
/// power cut, for it is written aside first.
pub(crate) fn keep(folder: &Path, bytes: &[u8]) -> Result<(), LibraryError> {
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(folder.join(FILE))
        .map_err(|e| e.error)?;
    crate::original::sync_folder(folder)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_key_opens_only_with_its_own_secret() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mine = Secret::make(one.path()).unwrap();
        let other = Secret::make(two.path()).unwrap();
        let sealed = mine.seal(b"the key").unwrap();
        let again = Secret::open(one.path()).unwrap().unwrap();
        assert_eq!(again.unseal(&sealed).as_deref(), Some(&b"the key"[..]));
        assert_eq!(other.unseal(&sealed), None);
        assert_eq!(mine.unseal(b"short"), None);
        assert!(!sealed.windows(7).any(|part| part == b"the key"));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_the_secret() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        Secret::make(folder.path()).unwrap();
        let mode = fs::metadata(folder.path().join("secret"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
