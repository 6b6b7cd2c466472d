//! The library's secret: 32 random bytes in a file of their own (0600), beside
//! the catalog but never in it, so that the catalog file alone opens no link.
//! Each use has a key derived for it.

use std::fs;
use std::io::Write;
use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::LibraryError;

/// Bytes of the random nonce before a sealed text.
const NONCE: usize = 24;

/// Keys derived from the secret file.
pub(crate) struct Secret {
    lookup: [u8; 32],
    seal: [u8; 32],
    pass: [u8; 32],
}

impl Secret {
    /// Reads the secret of the library in `folder`, or makes one.
    pub fn open_or_make(folder: &Path) -> Result<Secret, LibraryError> {
        let path = folder.join("secret");
        match fs::read(&path) {
            Ok(bytes) => <[u8; 32]>::try_from(bytes.as_slice())
                .map(|root| Secret::derive(&root))
                .map_err(|_| LibraryError::Secret(path)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let root: [u8; 32] = rand::random();
                // Whole or absent, also after a power cut: written aside first.
                let mut file = tempfile::NamedTempFile::new_in(folder)?;
                file.write_all(&root)?;
                file.as_file().sync_all()?;
                file.persist_noclobber(&path).map_err(|e| e.error)?;
                crate::original::sync_folder(folder)?;
                Ok(Secret::derive(&root))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn derive(root: &[u8; 32]) -> Secret {
        Secret {
            lookup: blake3::derive_key("albumen 2026 link key look-up", root),
            seal: blake3::derive_key("albumen 2026 link key sealing", root),
            pass: blake3::derive_key("albumen 2026 link password pass", root),
        }
    }

    /// What a link's key is found by.
    pub fn lookup(&self, key: &[u8]) -> [u8; 32] {
        *blake3::keyed_hash(&self.lookup, key).as_bytes()
    }

    /// Signs what a visitor's pass says.
    pub fn sign_pass(&self, said: &[u8]) -> blake3::Hash {
        blake3::keyed_hash(&self.pass, said)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_key_opens_only_with_its_own_secret() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mine = Secret::open_or_make(one.path()).unwrap();
        let other = Secret::open_or_make(two.path()).unwrap();
        let sealed = mine.seal(b"the key").unwrap();
        let again = Secret::open_or_make(one.path()).unwrap();
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
        Secret::open_or_make(folder.path()).unwrap();
        let mode = fs::metadata(folder.path().join("secret"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
