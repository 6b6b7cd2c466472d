//! TLS between two machines by the keys that they have anyway: each shows its raw Ed25519
//! key (RFC 7250) and signs by it, as on the line.

use std::fmt;
use std::sync::Arc;

use tokio_rustls::rustls::client::AlwaysResolvesClientRawPublicKeys;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls13_signature_with_raw_key,
};
use tokio_rustls::rustls::pki_types::{
    CertificateDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime, alg_id,
};
use tokio_rustls::rustls::server::AlwaysResolvesServerRawPublicKeys;
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::sign::{CertifiedKey, public_key_to_spki};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, ServerConfig,
    SignatureScheme, version::TLS13,
};

use crate::gate::Gate;

/// What is spoken on a lane.
const ALPN: &[u8] = b"albumen-lane/1";
/// What precedes the 32 bytes of a private key in PKCS #8 (RFC 8410).
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// How this machine takes in those whom the gate knows.
pub(super) fn server(key: &[u8; 32], gate: Arc<Gate>) -> Result<ServerConfig, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let own = own(key)?;
    let verifier = Arc::new(Whom::new(&provider, Expected::Known(gate)));
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(own)));
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// How this machine calls one other.
pub(super) fn client(key: &[u8; 32], whom: &[u8; 32]) -> Result<ClientConfig, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let own = own(key)?;
    let verifier = Arc::new(Whom::new(&provider, Expected::One(*whom)));
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(own)));
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.enable_sni = false;
    Ok(config)
}

fn own(key: &[u8; 32]) -> Result<Arc<CertifiedKey>, Error> {
    let der = PrivatePkcs8KeyDer::from([PKCS8.as_slice(), key].concat());
    let key = aws_lc_rs::sign::any_eddsa_type(&der)?;
    let public = key.public_key().ok_or(Error::General(
        "a key that has no public part cannot be shown".to_owned(),
    ))?;
    let public = CertificateDer::from(public.as_ref().to_vec());
    Ok(Arc::new(CertifiedKey::new(vec![public], key)))
}

/// The key that was shown.
pub(super) fn shown(certificates: Option<&[CertificateDer<'_>]>) -> Option<[u8; 32]> {
    let [shown] = certificates? else {
        return None;
    };
    let key: [u8; 32] = *shown.last_chunk()?;
    let whole = public_key_to_spki(&alg_id::ED25519, key);
    (whole.as_ref() == shown.as_ref()).then_some(key)
}

/// Who may be on the other side.
enum Expected {
    One([u8; 32]),
    Known(Arc<Gate>),
}

struct Whom {
    expected: Expected,
    algorithms: WebPkiSupportedAlgorithms,
}

impl fmt::Debug for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Whom")
    }
}

impl Whom {
    fn new(provider: &CryptoProvider, expected: Expected) -> Whom {
        Whom {
            expected,
            algorithms: provider.signature_verification_algorithms,
        }
    }

    fn check(
        &self,
        end: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
    ) -> Result<(), CertificateError> {
        let key = shown(Some(std::slice::from_ref(end))).filter(|_| others.is_empty());
        let is_expected = key.is_some_and(|key| match &self.expected {
            Expected::One(expected) => key == *expected,
            Expected::Known(gate) => gate.knows(&key),
        });
        match is_expected {
            true => Ok(()),
            false => Err(CertificateError::ApplicationVerificationFailure),
        }
    }

    fn signed(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = SubjectPublicKeyInfoDer::from(certificate.as_ref());
        verify_tls13_signature_with_raw_key(message, &key, signature, &self.algorithms)
    }
}

/// Nothing older is offered.
fn too_old() -> Result<HandshakeSignatureValid, Error> {
    Err(Error::General("lanes are of TLS 1.3 alone".to_owned()))
}

impl ServerCertVerifier for Whom {
    fn verify_server_cert(
        &self,
        end: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.check(end, others)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        too_old()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signed(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

impl ClientCertVerifier for Whom {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.check(end, others)?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        too_old()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signed(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use tokio_rustls::rustls::{ClientConnection, ServerConnection};

    use super::*;

    const HOME: [u8; 32] = [7; 32];
    const GUEST: [u8; 32] = [8; 32];

    fn public(key: &[u8; 32]) -> [u8; 32] {
        *iroh::SecretKey::from_bytes(key).public().as_bytes()
    }

    /// Who each side says the other is, once they shook hands.
    fn met(known: &[[u8; 32]], called: [u8; 32]) -> Result<[Option<[u8; 32]>; 2], Error> {
        let gate = Arc::new(Gate::default());
        gate.let_in(known.iter().map(public).collect::<HashSet<_>>());
        let server = Arc::new(server(&HOME, gate)?);
        let client = Arc::new(client(&GUEST, &public(&called))?);
        let name = ServerName::try_from("machine").unwrap();
        let mut server = ServerConnection::new(server)?;
        let mut client = ClientConnection::new(client, name)?;
        while server.is_handshaking() || client.is_handshaking() {
            let mut sent = Vec::new();
            client.write_tls(&mut sent).unwrap();
            server.read_tls(&mut sent.as_slice()).unwrap();
            server.process_new_packets()?;
            let mut sent = Vec::new();
            server.write_tls(&mut sent).unwrap();
            client.read_tls(&mut sent.as_slice()).unwrap();
            client.process_new_packets()?;
        }
        Ok([
            shown(client.peer_certificates()),
            shown(server.peer_certificates()),
        ])
    }

    #[test]
    fn two_that_know_each_other_meet_by_their_keys() {
        let keys = met(&[GUEST], HOME).unwrap();
        assert_eq!(keys, [Some(public(&HOME)), Some(public(&GUEST))]);
    }

    #[test]
    fn nobody_else_is_let_in_and_nobody_else_is_believed() {
        let refused = Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure);
        assert_eq!(met(&[], HOME).unwrap_err(), refused);
        assert_eq!(met(&[HOME], HOME).unwrap_err(), refused);
        assert_eq!(met(&[GUEST], GUEST).unwrap_err(), refused);
    }
}
