//! Certificates by host name, put in and replaced while a listener serves them; and the
//! proof that a name leads here, for the authority that is asked for one (tls-alpn-01,
//! RFC 8737). Who asks for no name, or for another, is shown no certificate: so whoever
//! tries addresses does not learn the names behind them.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use rcgen::{CertificateParams, CustomExtension, KeyPair};
use tokio_rustls::rustls::{
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use crate::certificate::{Certificate, CertificateError, Validity};

/// The protocol by which an authority asks for the proof.
pub(crate) const PROVING: &[u8] = b"acme-tls/1";

/// The certificates of a listener's names.
#[derive(Debug, Default)]
pub struct Keyring {
    /// In their order: the first is the one that links begin with.
    names: Vec<String>,
    held: RwLock<Held>,
}

#[derive(Debug, Default)]
struct Held {
    certificates: HashMap<String, (Arc<CertifiedKey>, Validity)>,
    proofs: HashMap<String, Arc<CertifiedKey>>,
}

/// Answers the authority for one name, until it is dropped.
#[derive(Debug)]
pub struct Proof {
    keyring: Arc<Keyring>,
    name: String,
}

impl Drop for Proof {
    fn drop(&mut self) {
        self.keyring.write().proofs.remove(&self.name);
    }
}

impl Keyring {
    /// For these host names, in lower case; none has a certificate yet.
    pub fn new(names: Vec<String>) -> Arc<Self> {
        Arc::new(Self {
            names,
            held: RwLock::default(),
        })
    }

    /// The host names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Serves `name` by the certificate and the key that stand in `pem`; `path` is where
    /// they are kept, for what is said of them.
    ///
    /// # Errors
    /// [`CertificateError`] when they are no pair.
    pub fn put(&self, name: &str, pem: &[u8], path: &Path) -> Result<Validity, CertificateError> {
        let files = Certificate {
            chain: path.to_owned(),
            key: path.to_owned(),
        };
        let key = files.pair(pem, pem)?;
        let validity = key.cert.first().and_then(Validity::of);
        let validity = validity.ok_or(CertificateError::NoCertificate(files.chain))?;
        let mut held = self.write();
        held.certificates
            .insert(name.to_owned(), (Arc::new(key), validity));
        Ok(validity)
    }

    /// How long the certificate of `name` holds; `None` while it has none.
    pub fn validity(&self, name: &str) -> Option<Validity> {
        let held = self.read();
        held.certificates.get(name).map(|(_, validity)| *validity)
    }

    /// The certificate of `name` itself, without those it builds on.
    pub fn certificate(&self, name: &str) -> Option<CertificateDer<'static>> {
        let held = self.read();
        let (key, _) = held.certificates.get(name)?;
        Some(key.cert.first()?.clone().into_owned())
    }

    /// Proves to an authority that `name` leads here, for as long as the proof is held;
    /// `digest` is the SHA-256 of the key authorization (RFC 8555, section 8.1).
    ///
    /// # Errors
    /// A clause, when no certificate can be made for such a name.
    pub fn prove(self: &Arc<Self>, name: &str, digest: &[u8; 32]) -> Result<Proof, String> {
        let made = proving(name, digest);
        let key = made.map_err(|error| format!("no proof can be made for it: {error}"))?;
        self.write().proofs.insert(name.to_owned(), Arc::new(key));
        Ok(Proof {
            keyring: Arc::clone(self),
            name: name.to_owned(),
        })
    }

    fn read(&self) -> RwLockReadGuard<'_, Held> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Held> {
        self.held.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The certificate that proves it: of the name, with the digest in it, vouching for itself.
fn proving(
    name: &str,
    digest: &[u8; 32],
) -> Result<CertifiedKey, Box<dyn std::error::Error + Send + Sync>> {
    let mut wanted = CertificateParams::new([name.to_owned()])?;
    wanted.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let pair = KeyPair::generate()?;
    let made = wanted.self_signed(&pair)?;
    let key = PrivateKeyDer::try_from(pair.serialize_der())?;
    let chain = vec![made.der().clone()];
    // Not `from_der`, which tries the pair: it does not know the digest's extension, and
    // that has to be marked as critical.
    let signing = aws_lc_rs::default_provider()
        .key_provider
        .load_private_key(key)?;
    Ok(CertifiedKey::new(chain, signing))
}

impl ResolvesServerCert for Keyring {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name()?.to_ascii_lowercase();
        let held = self.read();
        let proves = hello
            .alpn()
            .is_some_and(|mut all| all.any(|one| one == PROVING));
        match proves {
            true => held.proofs.get(&name).cloned(),
            false => held.certificates.get(&name).map(|(key, _)| Arc::clone(key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "anna.example.org";

    #[test]
    fn a_certificate_is_kept_by_its_name_and_replaced() {
        let keyring = Keyring::new(vec![NAME.to_owned()]);
        assert_eq!(keyring.validity(NAME), None);
        let pem = || {
            let made = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap();
            made.signing_key.serialize_pem() + &made.cert.pem()
        };
        let put = |pem: &str| keyring.put(NAME, pem.as_bytes(), Path::new("kept"));
        let validity = put(&pem()).unwrap();
        assert!(validity.self_made && validity.from < validity.until);
        assert!(validity.from < validity.due() && validity.due() < validity.latest());
        assert!(validity.latest() < validity.until);
        let first = keyring.certificate(NAME).unwrap();
        put(&pem()).unwrap();
        assert_ne!(keyring.certificate(NAME).unwrap(), first);
        assert!(put("half of it").is_err());
        assert_eq!(keyring.certificate("ben.example.org"), None);
    }

    #[test]
    fn a_proof_stands_as_long_as_it_is_held() {
        let keyring = Keyring::new(vec![NAME.to_owned()]);
        let proof = keyring.prove(NAME, &[7; 32]).unwrap();
        assert_eq!(keyring.read().proofs.len(), 1);
        drop(proof);
        assert!(keyring.read().proofs.is_empty());
    }
}
