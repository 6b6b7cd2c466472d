//! Lanes beside the line: what goes by them, who is let in, and what happens where there is
//! none.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use iroh::SecretKey;
use library::{AssetId, DeviceId, KeptWhat};
use tokio::task::spawn_blocking;
use tokio_rustls::rustls::client::AlwaysResolvesClientRawPublicKeys;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{
    CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime, alg_id,
};
use tokio_rustls::rustls::sign::{CertifiedKey, public_key_to_spki};
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme, StreamOwned,
};

use crate::bytes::{read, two, wanted};
use crate::cases;
use crate::house::{Machine, story, until};

cases![
    what_is_long_comes_by_a_lane_and_what_is_short_by_the_line,
    where_there_is_no_room_for_a_lane_the_line_carries_all,
    a_lane_lets_in_nobody_unknown,
    a_machine_that_is_removed_loses_its_lanes,
    only_bytes_are_asked_for_on_a_lane,
];

/// How many lanes a machine may have.
const OF_ONE: usize = 10;
/// Asks whether somebody is there, which is said on the line.
const PING: &[u8] = &[0, 0, 0, 2, 0x0a, 0];
/// How long a test waits for an answer on a lane.
const PATIENCE: Duration = Duration::from_secs(30);

/// Believes whoever answers.
#[derive(Debug)]
struct Anyone;

impl ServerCertVerifier for Anyone {
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
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

/// A lane by this key, as any program could open one.
struct Lane(StreamOwned<ClientConnection, TcpStream>);

impl Lane {
    async fn open(port: u16, key: &SecretKey) -> Lane {
        let prefix = *b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
        let der = PrivatePkcs8KeyDer::from([prefix.as_slice(), &key.to_bytes()].concat());
        let signing = aws_lc_rs::sign::any_eddsa_type(&der).unwrap();
        let public = public_key_to_spki(&alg_id::ED25519, key.public().as_bytes());
        let shown = CertifiedKey::new(vec![public.as_ref().to_vec().into()], signing);
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anyone))
            .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(Arc::new(
                shown,
            ))));
        config.alpn_protocols = vec![b"albumen-lane/1".to_vec()];
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let name = ServerName::try_from("machine").unwrap();
        let tls = ClientConnection::new(Arc::new(config), name).unwrap();
        Lane(StreamOwned::new(tls, stream))
    }

    /// Says something, and hears so many bytes of what is answered: fewer, where it is closed
    /// before.
    async fn asks(mut self, frame: Vec<u8>, length: usize) -> (Lane, Vec<u8>) {
        spawn_blocking(move || {
            let mut heard = vec![0; length];
            let mut have = 0;
            // A lane that is closed may not even take the question.
            let mut open = self.0.write_all(&frame).is_ok();
            while open && have < length {
                match self.0.read(&mut heard[have..]) {
                    Ok(0) => open = false,
                    Ok(more) => have += more,
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        panic!("a lane was left open without an answer");
                    }
                    Err(_) => open = false,
                }
            }
            heard.truncate(have);
            (self, heard)
        })
        .await
        .unwrap()
    }
}

/// The question for an original, as a frame.
fn fetch(home: DeviceId, asset: AssetId) -> Vec<u8> {
    let mut fetch = vec![0x0a, 16];
    fetch.extend(home.bytes());
    fetch.extend([0x12, 16]);
    fetch.extend(asset.bytes());
    fetch.extend([0x18, 3]);
    let length = u8::try_from(fetch.len()).unwrap();
    [&[0, 0, 0, length + 2, 0x22, length], fetch.as_slice()].concat()
}

fn key_of(machine: &Machine) -> SecretKey {
    SecretKey::from_bytes(&machine.library.device_key())
}

async fn by_lanes(machine: &Machine, home: &Machine) {
    until("lanes are tried", || {
        let presence = machine.peers.presence(home.device());
        presence.lanes.then_some(())
    })
    .await;
}

fn what_is_long_comes_by_a_lane_and_what_is_short_by_the_line() {
    story(async {
        let (desk, laptop, ids) = two(3).await;
        by_lanes(&laptop, &desk).await;
        let mut before = desk.peers.sent_by_lanes();
        for id in &ids {
            let there = fs::read(desk.original(*id)).unwrap();
            assert!(read(&laptop, wanted(&desk, *id, KeptWhat::Original)).await == there);
            let sent = desk.peers.sent_by_lanes() - before;
            assert!(sent >= there.len() as u64, "{sent} bytes by a lane");
            before += sent;
        }
        read(&laptop, wanted(&desk, ids[0], KeptWhat::Preview)).await;
        assert_eq!(desk.peers.sent_by_lanes(), before);
        assert!(laptop.peers.presence(desk.device()).lanes);
    });
}

fn where_there_is_no_room_for_a_lane_the_line_carries_all() {
    story(async {
        let (desk, laptop, ids) = two(1).await;
        by_lanes(&laptop, &desk).await;
        let key = key_of(&laptop);
        let port = desk.peers.lane_port();
        let ask = fetch(desk.device(), ids[0]);
        let mut taken = Vec::new();
        for _ in 0..OF_ONE {
            let (lane, heard) = Lane::open(port, &key).await.asks(ask.clone(), 4).await;
            assert_eq!(heard.len(), 4, "a lane that is let in answers");
            taken.push(lane);
        }
        let (_, heard) = Lane::open(port, &key).await.asks(ask, 1).await;
        assert!(heard.is_empty(), "one too many");
        let there = fs::read(desk.original(ids[0])).unwrap();
        let before = desk.peers.sent() - desk.peers.sent_by_lanes();
        assert!(read(&laptop, wanted(&desk, ids[0], KeptWhat::Original)).await == there);
        let by_the_line = desk.peers.sent() - desk.peers.sent_by_lanes() - before;
        assert!(by_the_line >= there.len() as u64);
        assert!(!laptop.peers.presence(desk.device()).lanes, "they rest");
    });
}

fn a_lane_lets_in_nobody_unknown() {
    story(async {
        let (desk, laptop, ids) = two(1).await;
        let port = desk.peers.lane_port();
        let ask = fetch(desk.device(), ids[0]);
        for _ in 0..20 {
            let stranger = SecretKey::generate();
            let (_, heard) = Lane::open(port, &stranger).await.asks(ask.clone(), 1).await;
            assert!(heard.is_empty(), "a stranger was answered");
        }
        for words in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0; 4_096], &ask] {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream.write_all(words).unwrap();
            let heard = spawn_blocking(move || {
                let mut heard = Vec::new();
                let _ = stream.read_to_end(&mut heard);
                heard
            });
            // An alert of TLS, and no more.
            assert!(heard.await.unwrap().len() <= 7);
        }
        let there = fs::read(desk.original(ids[0])).unwrap();
        assert!(read(&laptop, wanted(&desk, ids[0], KeptWhat::Original)).await == there);
    });
}

fn a_machine_that_is_removed_loses_its_lanes() {
    story(async {
        let (desk, laptop, ids) = two(1).await;
        let key = key_of(&laptop);
        let port = desk.peers.lane_port();
        let ask = fetch(desk.device(), ids[0]);
        let there = fs::metadata(desk.original(ids[0])).unwrap().len();
        let whole = usize::try_from(there).unwrap();
        let (lane, heard) = Lane::open(port, &key).await.asks(ask.clone(), whole).await;
        assert_eq!(heard.len(), whole, "and some more of it is under way");
        desk.library.forget(&laptop.device().to_string()).unwrap();
        // The rest of what was on its way may be heard, and then it is closed.
        let (_, heard) = lane.asks(ask.clone(), 2 * whole).await;
        assert!(heard.len() < whole, "asked by one that is removed");
        let (_, heard) = Lane::open(port, &key).await.asks(ask, 1).await;
        assert!(heard.is_empty(), "it comes in no more");
    });
}

fn only_bytes_are_asked_for_on_a_lane() {
    story(async {
        let (desk, laptop, ids) = two(1).await;
        let key = key_of(&laptop);
        let port = desk.peers.lane_port();
        let too_long = vec![0xff; 4];
        for frame in [PING.to_vec(), too_long, vec![0, 0, 0, 2, 0xff, 0xff]] {
            let (_, heard) = Lane::open(port, &key).await.asks(frame, 1).await;
            assert!(heard.is_empty());
        }
        // What is not there is refused in words, and the lane goes on.
        let nothing = fetch(desk.device(), AssetId::from_bytes([7; 16]));
        let (lane, heard) = Lane::open(port, &key).await.asks(nothing, 4).await;
        let length = u32::from_be_bytes(*heard.first_chunk().unwrap()) as usize;
        let (lane, refusal) = lane.asks(Vec::new(), length).await;
        assert!(refusal.len() > 10, "{refusal:?}");
        let (_, heard) = lane.asks(fetch(desk.device(), ids[0]), 100_000).await;
        assert_eq!(heard.len(), 100_000);
    });
}
