//! HTTPS with a certificate of the owner's: two PEM files, read at the start and again
//! whenever they change. Who speaks plain HTTP to the same port is led to https.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock, Weak},
    time::{Duration, SystemTime},
};

use tokio::{
    net::TcpStream,
    task::spawn_blocking,
    time::{sleep, timeout},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
    server::TlsStream,
};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(10);

/// The first byte of a TLS connection: a record of the handshake.
const HANDSHAKE: u8 = 22;

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
}

impl Certificate {
    /// Reads both files and tries the one against the other.
    ///
    /// # Errors
    /// [`CertificateError`]
    pub fn check(&self) -> Result<(), CertificateError> {
        self.read().map(|_| ())
    }

    /// What another server of this machine seals its connections by. Must be called in a
    /// runtime, where the files are looked at now and then for as long as it is used.
    ///
    /// # Errors
    /// [`CertificateError`]
    pub fn server_config(&self) -> Result<Arc<ServerConfig>, CertificateError> {
        let (config, held) = hold(self.clone())?;
        tokio::spawn(look_after(Arc::downgrade(&held)));
        Ok(Arc::new(config))
    }

    fn read(&self) -> Result<CertifiedKey, CertificateError> {
        let text = |path: &Path| {
            fs::read(path).map_err(|source| CertificateError::Unreadable {
                path: path.to_owned(),
                source,
            })
        };
        let (chain, key) = (text(&self.chain)?, text(&self.key)?);
        let chain: Result<Vec<_>, pem::Error> = CertificateDer::pem_slice_iter(&chain).collect();
        let chain = chain
            .ok()
            .filter(|chain| !chain.is_empty())
            .ok_or_else(|| CertificateError::NoCertificate(self.chain.clone()))?;
        let key = PrivateKeyDer::from_pem_slice(&key)
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
    fn stamp(&self) -> [Option<(SystemTime, u64)>; 2] {
        [&self.chain, &self.key].map(|path| {
            let facts = fs::metadata(path).ok()?;
            Some((facts.modified().ok()?, facts.len()))
        })
    }
}

/// A listener's certificate, as it is now.
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    held: Arc<Held>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Tls")
            .field("files", &self.held.files)
            .finish_non_exhaustive()
    }
}

/// What is read of the files, and of when.
#[derive(Debug)]
struct Held {
    files: Certificate,
    key: RwLock<Arc<CertifiedKey>>,
    stamp: Mutex<[Option<(SystemTime, u64)>; 2]>,
    /// Why the newer files are not in use.
    problem: Mutex<Option<String>>,
}

/// A connection whose first words were heard.
pub(crate) enum Greeted {
    /// It is sealed.
    Sealed(Box<TlsStream<TcpStream>>),
    /// It speaks plain HTTP.
    Plain(TcpStream),
}

impl Tls {
    /// Reads the files. Blocks.
    pub(crate) fn read(files: Certificate) -> Result<Self, CertificateError> {
        let (mut config, held) = hold(files)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            held,
        })
    }

    /// Hears the first words of a connection, for as long as `patience` lasts.
    pub(crate) async fn greet(&self, stream: TcpStream, patience: Duration) -> Option<Greeted> {
        let greeting = async {
            let mut first = [0];
            match stream.peek(&mut first).await {
                Err(_) | Ok(0) => None,
                Ok(_) if first == [HANDSHAKE] => {
                    let sealed = self.acceptor.accept(stream).await.ok()?;
                    Some(Greeted::Sealed(Box::new(sealed)))
                }
                Ok(_) => Some(Greeted::Plain(stream)),
            }
        };
        timeout(patience, greeting).await.ok().flatten()
    }

    /// Looks at the files now and then, for as long as it is asked.
    pub(crate) async fn follow(self: Arc<Self>) {
        look_after(Arc::downgrade(&self.held)).await;
    }

    /// Why the newer files are not in use.
    pub(crate) fn problem(&self) -> Option<String> {
        let problem = &self.held.problem;
        problem
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Looks at the files now and then, for as long as somebody holds them.
async fn look_after(held: Weak<Held>) {
    loop {
        sleep(LOOK).await;
        let Some(held) = held.upgrade() else {
            return;
        };
        // A look that broke off is made again.
        let _ = spawn_blocking(move || held.look()).await;
    }
}

/// Reads the files. Blocks.
fn hold(files: Certificate) -> Result<(ServerConfig, Arc<Held>), CertificateError> {
    let stamp = files.stamp();
    let unusable = |source| CertificateError::Unusable {
        path: files.chain.clone(),
        source,
    };
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_no_client_auth();
    let held = Arc::new(Held {
        key: RwLock::new(Arc::new(files.read()?)),
        stamp: Mutex::new(stamp),
        problem: Mutex::new(None),
        files,
    });
    let config = config.with_cert_resolver(Arc::clone(&held) as _);
    Ok((config, held))
}

impl Held {
    /// Takes up files that changed. Those that cannot be used leave the earlier
    /// certificate in its place.
    fn look(&self) {
        let stamp = self.files.stamp();
        let mut seen = self.stamp.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == stamp {
            return;
        }
        *seen = stamp;
        let problem = match self.files.read() {
            Ok(key) => {
                *self.key.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(key);
                None
            }
            Err(error) => Some(error.to_string()),
        };
        *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = problem;
    }
}

impl ResolvesServerCert for Held {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let key = self.key.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Files {
        folder: tempfile::TempDir,
        certificate: Certificate,
    }

    impl Files {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let at = |name| folder.path().join(name);
            let certificate = Certificate {
                chain: at("fullchain.pem"),
                key: at("privkey.pem"),
            };
            let files = Self {
                folder,
                certificate,
            };
            files.renew();
            files
        }

        /// Writes another certificate and its key.
        fn renew(&self) {
            let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
            fs::write(&self.certificate.chain, made.cert.pem()).unwrap();
            fs::write(&self.certificate.key, made.signing_key.serialize_pem()).unwrap();
        }

        fn said(&self) -> String {
            self.certificate.check().unwrap_err().to_string()
        }
    }

    #[test]
    fn what_is_wrong_with_a_certificate_is_said() {
        let files = Files::new();
        files.certificate.check().unwrap();
        let Certificate { chain, key } = &files.certificate;
        let other = Files::new();
        fs::copy(&other.certificate.key, key).unwrap();
        assert!(files.said().contains("is not the one of the certificate"));
        fs::write(key, "no key").unwrap();
        assert!(files.said().contains("holds no private key"));
        fs::copy(chain, key).unwrap();
        assert!(files.said().contains("holds no private key"));
        fs::write(chain, "").unwrap();
        assert!(files.said().contains("holds no certificate"));
        fs::remove_file(chain).unwrap();
        let said = files.said();
        assert!(
            said.contains("fullchain.pem cannot be read") && said.contains("Check that"),
            "{said}"
        );
        assert!(files.folder.path().exists());
    }

    #[test]
    fn files_that_changed_are_taken_up() {
        let files = Files::new();
        let tls = Tls::read(files.certificate.clone()).unwrap();
        let now = || tls.held.key.read().unwrap().cert.clone();
        let first = now();
        tls.held.look();
        assert_eq!(now(), first);

        fs::write(&files.certificate.key, "half of it").unwrap();
        tls.held.look();
        assert_eq!(now(), first, "the earlier one stays");
        assert!(tls.problem().unwrap().contains("holds no private key"));

        files.renew();
        tls.held.look();
        assert_ne!(now(), first);
        assert_eq!(tls.problem(), None);
    }
}
