//! What an authority gave, kept in the library's folder: the account's key and each name's
//! certificate with its key, in `certificates/`, a folder for each authority. Only the
//! library's owner can read them, like the secret beside them. Backups leave them out:
//! another machine asks for its own.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use instant_acme::AccountCredentials;
use serde::{Deserialize, Serialize};

/// The folder's name in the library's.
const FOLDER: &str = "certificates";
/// The account's file.
const ACCOUNT: &str = "account.json";

/// Where what one authority gave is kept.
pub(super) struct Store {
    folder: PathBuf,
}

/// An account as it is kept.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    /// The mail address that the authority was told.
    pub contact: Option<String>,
    pub credentials: AccountCredentials,
}

impl Store {
    /// In the library's folder, for the authority whose directory this is.
    pub fn new(library: &Path, directory: &str) -> Store {
        let bare = directory.trim_start_matches("https://");
        let name: String = bare
            .chars()
            .map(|one| {
                if one.is_ascii_alphanumeric() {
                    one
                } else {
                    '-'
                }
            })
            .take(100)
            .collect();
        Store {
            folder: library.join(FOLDER).join(name),
        }
    }

    /// The account, if one is kept and can be read.
    pub fn account(&self) -> Option<Kept> {
        let text = fs::read(self.folder.join(ACCOUNT)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    pub fn keep_account(&self, kept: &Kept) -> io::Result<()> {
        self.keep(ACCOUNT, &serde_json::to_vec(kept)?)
    }

    pub fn keep_contact(&self, contact: Option<&str>) -> io::Result<()> {
        match self.account() {
            Some(kept) => self.keep_account(&Kept {
                contact: contact.map(str::to_owned),
                ..kept
            }),
            None => Ok(()),
        }
    }

    /// The authority does not know it any more.
    pub fn forget_account(&self) {
        // One that stays is asked for again, and is unknown again.
        let _ = fs::remove_file(self.folder.join(ACCOUNT));
    }

    /// Where the certificate of `name` is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.pem"))
    }

    /// The certificate of `name` and its key, in PEM.
    pub fn certificate(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.path(name)).ok()
    }

    pub fn keep_certificate(&self, name: &str, pem: &str) -> io::Result<()> {
        self.keep(&format!("{name}.pem"), pem.as_bytes())
    }

    /// Writes a file whole, or not at all, that its owner alone can read.
    fn keep(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut folder = fs::DirBuilder::new();
        folder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.create(&self.folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(self.folder.join(name))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_the_owners_alone_and_each_authoritys() {
        let library = tempfile::tempdir().unwrap();
        let one = Store::new(library.path(), "https://one.example/dir");
        let two = Store::new(library.path(), "https://one.example/dir/other");
        one.keep_certificate("anna.example.org", "pem").unwrap();
        assert_eq!(one.certificate("anna.example.org").unwrap(), b"pem");
        assert_eq!(two.certificate("anna.example.org"), None);
        assert!(one.account().is_none());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            let file = one.path("anna.example.org");
            assert_eq!(mode(&file), 0o600);
            assert_eq!(mode(file.parent().unwrap()), 0o700);
            assert_eq!(mode(&library.path().join(FOLDER)), 0o700);
        }
    }
}
