//! A certificate and its key: read from PEM, tried against each other, and how long it
//! holds.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio_rustls::rustls::{
    self,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
    sign::CertifiedKey,
};
use x509_parser::parse_x509_certificate;

/// Where the owner's certificate and its key are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The certificate, and those it builds on, in PEM.
    pub chain: PathBuf,
    /// Its key, in PEM.
    pub key: PathBuf,
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read.
    #[error("{path} cannot be read: {source}. Check that it is there and that you may read it.")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The first file holds none.
    #[error(
        "{0} holds no certificate; it must be a PEM file with BEGIN CERTIFICATE in it, often \
         named fullchain.pem."
    )]
    NoCertificate(PathBuf),
    /// The second file holds none.
    #[error(
        "{0} holds no private key without a passphrase; it must be a PEM file with BEGIN PRIVATE \
         KEY in it, often named privkey.pem."
    )]
    NoKey(PathBuf),
    /// They are not of each other.
    #[error("The key in {key} is not the one of the certificate in {chain}; choose a pair.")]
    NoPair {
        /// The certificate's file.
        chain: PathBuf,
        /// The key's.
        key: PathBuf,
    },
    /// They are of a kind that TLS does not know.
    #[error("The certificate in {path} cannot be used: {source}.")]
    Unusable {
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        source: rustls::Error,
    },
    /// This program cannot speak TLS as it is built.
    #[error("HTTPS cannot be spoken here: {0}.")]
    Tls(rustls::Error),
}

/// From when until when a certificate holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// It does not hold before.
    pub from: SystemTime,
    /// Nor after.
    pub until: SystemTime,
    /// Whether it vouches for itself, which no browser believes.
    pub self_made: bool,
}

impl Validity {
    /// Of a certificate as TLS sends it; `None` for bytes that are none.
    pub fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, parsed) = parse_x509_certificate(certificate).ok()?;
        let moment = |seconds: i64| {
            let seconds = u64::try_from(seconds).ok()?;
            UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
        };
        Some(Self {
            from: moment(parsed.validity().not_before.timestamp())?,
            until: moment(parsed.validity().not_after.timestamp())?,
            self_made: parsed.issuer() == parsed.subject(),
        })
    }

    /// When it should be replaced: two thirds of its time have passed then.
    pub fn due(&self) -> SystemTime {
        let whole = self.until.duration_since(self.from).unwrap_or_default();
        self.from + whole * 2 / 3
    }

    /// When it has to be replaced at the latest: a sixth of its time is left then, for an
    /// authority that does not answer.
    pub fn latest(&self) -> SystemTime {
        let whole = self.until.duration_since(self.from).unwrap_or_default();
        self.from + whole * 5 / 6
    }
}

impl Certificate {
    /// Reads both files and tries the one against the other.
    ///
    /// # Errors
    /// [`CertificateError`]
    pub fn check(&self) -> Result<(), CertificateError> {
        self.read().map(|_| ())
    }

    /// Reads both files. Blocks.
    pub(crate) fn read(&self) -> Result<CertifiedKey, CertificateError> {
        let text = |path: &Path| {
            fs::read(path).map_err(|source| CertificateError::Unreadable {
                path: path.to_owned(),
                source,
            })
        };
        let (chain, key) = (text(&self.chain)?, text(&self.key)?);
        self.pair(&chain, &key)
    }

    /// Puts together what stands in the two files.
    pub(crate) fn pair(&self, chain: &[u8], key: &[u8]) -> Result<CertifiedKey, CertificateError> {
        let chain: Result<Vec<_>, pem::Error> = CertificateDer::pem_slice_iter(chain).collect();
        let chain = chain
            .ok()
            .filter(|chain| !chain.is_empty())
            .ok_or_else(|| CertificateError::NoCertificate(self.chain.clone()))?;
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|_| CertificateError::NoKey(self.key.clone()))?;
        CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).map_err(|source| {
            match source {
                rustls::Error::InconsistentKeys(_) => CertificateError::NoPair {
                    chain: self.chain.clone(),
                    key: self.key.clone(),
                },
                source => CertificateError::Unusable {
                    path: self.chain.clone(),
                    source,
                },
            }
        })
    }

    /// By what it is told that the files changed.
    pub(crate) fn stamp(&self) -> [Option<(SystemTime, u64)>; 2] {
        [&self.chain, &self.key].map(|path| {
            let facts = fs::metadata(path).ok()?;
            Some((facts.modified().ok()?, facts.len()))
        })
    }
}
