//! What a server shows over TLS, as browsers and authorities look at it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    StreamOwned,
};
use x509_parser::parse_x509_certificate;
use x509_parser::prelude::GeneralName;

pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// What an answer over TLS was, and by which certificate.
pub struct Seen {
    /// Status line and headers.
    pub head: String,
    pub certificate: CertificateDer<'static>,
}

impl Seen {
    /// The certificate's number.
    pub fn serial(&self) -> String {
        let (_, parsed) = parse_x509_certificate(&self.certificate).unwrap();
        parsed.raw_serial_as_string()
    }
}

/// Asks `address` for a page of `name`, as a browser that believes `root` alone; `None`
/// where no connection comes about.
pub fn page(address: SocketAddr, name: &str, path: &str, root: &Path) -> Option<Seen> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(root).unwrap())
        .unwrap();
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut stream = begun(address, name, config)?;
    let asked = format!("GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n");
    stream.write_all(asked.as_bytes()).ok()?;
    let mut answer = Vec::new();
    // The other end may close without a word.
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let certificate = stream
        .conn
        .peer_certificates()?
        .first()?
        .clone()
        .into_owned();
    Some(Seen {
        head: answer.split("\r\n\r\n").next()?.to_owned(),
        certificate,
    })
}

fn begun(
    address: SocketAddr,
    name: &str,
    config: ClientConfig,
) -> Option<StreamOwned<ClientConnection, TcpStream>> {
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = TcpStream::connect(address).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    while connection.is_handshaking() {
        connection.complete_io(&mut stream).ok()?;
    }
    Some(StreamOwned::new(connection, stream))
}

/// The digest by which the server of `name` proves that it leads there (RFC 8737, section 3);
/// `None` where it does not as told there.
pub fn proof(address: SocketAddr, name: &str) -> Option<Vec<u8>> {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Trusting))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"acme-tls/1".to_vec()];
    let stream = begun(address, name, config)?;
    (stream.conn.alpn_protocol() == Some(b"acme-tls/1")).then_some(())?;
    let certificate = stream.conn.peer_certificates()?.first()?;
    let (_, parsed) = parse_x509_certificate(certificate).ok()?;
    let names = parsed.subject_alternative_name().ok()??;
    (names.value.general_names == [GeneralName::DNSName(name)]).then_some(())?;
    let mark = parsed.extensions().iter().find(|one| {
        // id-pe-acmeIdentifier
        one.critical && one.oid.to_id_string() == "1.3.6.1.5.5.7.1.31"
    })?;
    // An octet string of 32 bytes.
    mark.value.strip_prefix(&[4, 32]).map(<[u8]>::to_vec)
}

/// An authority that looks for a proof believes what it is shown, and looks at it itself.
#[derive(Debug)]
struct Trusting;

impl ServerCertVerifier for Trusting {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}
