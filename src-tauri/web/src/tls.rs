//! HTTPS: with a certificate of the owner's, two PEM files that are read at the start and
//! again whenever they change, or with those of a [`Keyring`]. Who speaks plain HTTP to the
//! same port is led to https.

use std::{
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
        ServerConfig,
        crypto::aws_lc_rs,
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
    server::TlsStream,
};

use crate::{
    certificate::{Certificate, CertificateError, Validity},
    keyring::{Keyring, PROVING},
};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(10);

/// The first byte of a TLS connection: a record of the handshake.
const HANDSHAKE: u8 = 22;

/// What connections are sealed with.
#[derive(Clone, Debug)]
pub enum Seal {
    /// The owner's certificate, for whatever name is asked for.
    Files(Certificate),
    /// A certificate for each name.
    Keyring(Arc<Keyring>),
}

impl Seal {
    /// What another server of this machine seals its connections by. Must be called in a
    /// runtime, where files are looked at now and then for as long as it is used.
    ///
    /// # Errors
    /// [`CertificateError`]
    pub fn server_config(&self) -> Result<Arc<ServerConfig>, CertificateError> {
        Ok(Arc::new(match self {
            Self::Files(files) => {
                let held = Held::read(files.clone())?;
                tokio::spawn(look_after(Arc::downgrade(&held)));
                config(held)?
            }
            Self::Keyring(keyring) => config(Arc::clone(keyring) as _)?,
        }))
    }
}

/// A server by what `resolver` gives.
fn config(resolver: Arc<dyn ResolvesServerCert>) -> Result<ServerConfig, CertificateError> {
    Ok(
        ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(CertificateError::Tls)?
            .with_no_client_auth()
            .with_cert_resolver(resolver),
    )
}

/// What a listener's connections are sealed with, as it is now.
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    held: Source,
}

/// Where its certificates come from.
enum Source {
    Files(Arc<Held>),
    Keyring(Arc<Keyring>),
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut tls = formatter.debug_struct("Tls");
        match &self.held {
            Source::Files(held) => tls.field("files", &held.files),
            Source::Keyring(keyring) => tls.field("names", &keyring.names()),
        };
        tls.finish_non_exhaustive()
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
    /// It is sealed, by a certificate that a browser may believe or by a `self_made` one.
    Sealed {
        stream: Box<TlsStream<TcpStream>>,
        self_made: bool,
    },
    /// It speaks plain HTTP.
    Plain(TcpStream),
}

impl Tls {
    /// Reads the files, where it is files. Blocks.
    pub(crate) fn of(seal: Seal) -> Result<Self, CertificateError> {
        let (mut config, held) = match seal {
            Seal::Files(files) => {
                let held = Held::read(files)?;
                (config(Arc::clone(&held) as _)?, Source::Files(held))
            }
            Seal::Keyring(keyring) => {
                (config(Arc::clone(&keyring) as _)?, Source::Keyring(keyring))
            }
        };
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        if let Source::Keyring(_) = held {
            config.alpn_protocols.push(PROVING.to_vec());
        }
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
                    let stream = self.acceptor.accept(stream).await.ok()?;
                    // The handshake was the proof that was asked for.
                    let proves = stream.get_ref().1.alpn_protocol() == Some(PROVING);
                    (!proves).then(|| Greeted::Sealed {
                        stream: Box::new(stream),
                        self_made: self.is_self_made(),
                    })
                }
                Ok(_) => Some(Greeted::Plain(stream)),
            }
        };
        timeout(patience, greeting).await.ok().flatten()
    }

    /// Looks at the files now and then, for as long as it is asked.
    pub(crate) async fn follow(self: Arc<Self>) {
        if let Source::Files(held) = &self.held {
            let held = Arc::downgrade(held);
            drop(self);
            look_after(held).await;
        }
    }

    /// Why the newer files are not in use.
    pub(crate) fn problem(&self) -> Option<String> {
        match &self.held {
            Source::Files(held) => held.problem(),
            Source::Keyring(_) => None,
        }
    }

    /// How long the certificate holds; of several, the first that ends.
    pub(crate) fn validity(&self) -> Option<Validity> {
        match &self.held {
            Source::Files(held) => held.validity(),
            Source::Keyring(keyring) => {
                let all = keyring.names().iter();
                all.filter_map(|name| keyring.validity(name))
                    .min_by_key(|validity| validity.until)
            }
        }
    }

    /// Whether no browser believes the certificate. Those of an authority that was asked
    /// for them are believed.
    fn is_self_made(&self) -> bool {
        match &self.held {
            Source::Files(held) => held.validity().is_none_or(|validity| validity.self_made),
            Source::Keyring(_) => false,
        }
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

impl Held {
    /// Reads the files. Blocks.
    fn read(files: Certificate) -> Result<Arc<Self>, CertificateError> {
        let stamp = files.stamp();
        Ok(Arc::new(Self {
            key: RwLock::new(Arc::new(files.read()?)),
            stamp: Mutex::new(stamp),
            problem: Mutex::new(None),
            files,
        }))
    }

    fn problem(&self) -> Option<String> {
        let problem = self.problem.lock();
        problem.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn validity(&self) -> Option<Validity> {
        let key = self.key.read().unwrap_or_else(PoisonError::into_inner);
        Validity::of(key.cert.first()?)
    }

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
    use std::fs;

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
        let held = Held::read(files.certificate.clone()).unwrap();
        let now = || held.key.read().unwrap().cert.clone();
        let first = now();
        held.look();
        assert_eq!(now(), first);

        fs::write(&files.certificate.key, "half of it").unwrap();
        held.look();
        assert_eq!(now(), first, "the earlier one stays");
        assert!(held.problem().unwrap().contains("holds no private key"));

        files.renew();
        held.look();
        assert_ne!(now(), first);
        assert_eq!(held.problem(), None);
    }
}
