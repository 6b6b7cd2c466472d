//! A relay that a machine serves: who meets at it, and who does not come in.

use std::sync::Arc;

use crate::cases;
use crate::house::{Machine, pair, reached, story, until};
use iroh::dns::DnsResolver;
use iroh::{RelayUrl, SecretKey};
use iroh_relay::client::{Client, ClientBuilder};
use iroh_relay::tls::CaTlsConfig;
use n0_future::StreamExt;
use sync::{Route, Serving};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

cases![
    machines_without_a_path_meet_at_the_relay_of_a_third,
    a_relay_that_was_told_is_remembered,
    the_unknown_are_refused_by_a_relay,
    a_machine_that_was_removed_is_cut_off_the_relay_and_refused,
    an_invitation_opens_the_relay_and_closes_it_again,
    a_port_that_is_taken_is_told,
    who_proves_nothing_is_shut_out_and_keeps_nobody_out,
];

/// Serves a relay, and tells others of it.
async fn serving(machine: &Machine) -> RelayUrl {
    let serving = Serving {
        address: "127.0.0.1:0".parse().unwrap(),
        tls: None,
    };
    machine.peers.serve_relay(Some(serving)).await.unwrap();
    let url: RelayUrl = machine.peers.relay_served().at.unwrap().parse().unwrap();
    machine.peers.use_relay(Some(url.clone())).await.unwrap();
    url
}

/// Comes to a relay with a key, as a machine would.
async fn come(relay: &RelayUrl, key: &SecretKey) -> Result<Client, String> {
    let provider = Arc::new(rustls_provider());
    let tls = CaTlsConfig::default().client_config(provider).unwrap();
    ClientBuilder::new(relay.clone(), key.clone(), DnsResolver::new())
        .tls_client_config(tls)
        .connect()
        .await
        .map_err(|error| format!("{error:#}"))
}

fn rustls_provider() -> tokio_rustls::rustls::crypto::CryptoProvider {
    tokio_rustls::rustls::crypto::aws_lc_rs::default_provider()
}

fn key_of(machine: &Machine) -> SecretKey {
    SecretKey::from_bytes(&machine.library.device_key())
}

async fn assert_refused(relay: &RelayUrl, key: &SecretKey) {
    let refused = come(relay, key).await.map(drop).unwrap_err();
    assert!(refused.contains("unknown"), "{refused}");
}

/// Waits until a line to a relay has ended.
async fn ended(mut line: Client) {
    while let Some(Ok(_)) = line.next().await {}
}

async fn knows_photos(machine: &Machine, home: &Machine, count: usize) {
    until("the photos are known", || {
        let (assets, _) = machine
            .library
            .remote_assets(home.device(), library::RemoteWhich::default(), None, 9)
            .ok()?;
        (assets.len() == count).then_some(())
    })
    .await;
}

async fn met_at_the_relay(machine: &Machine, other: &Machine) {
    reached(machine, other.device()).await;
    let route = machine.peers.presence(other.device()).route;
    assert_eq!(route, Some(Route::Relay));
}

fn machines_without_a_path_meet_at_the_relay_of_a_third() {
    story(async {
        let nas = Machine::new("NAS").await;
        let relay = serving(&nas).await;
        // They know of the relay by the invitation alone.
        let laptop = Machine::behind("Laptop", None).await;
        let phone = Machine::behind("Phone", None).await;
        let photo = laptop.photo(1, 60);
        pair(&nas, &laptop, true).await;
        met_at_the_relay(&laptop, &nas).await;
        pair(&nas, &phone, true).await;
        met_at_the_relay(&phone, &nas).await;
        // The two know each other by the card, and have been told where.
        knows_photos(&phone, &laptop, 1).await;
        met_at_the_relay(&phone, &laptop).await;
        met_at_the_relay(&laptop, &phone).await;
        until("the relay is remembered of both", || {
            let known = phone.library.peers().ok()?;
            let all = known
                .iter()
                .all(|peer| peer.relay() == Some(relay.as_str()));
            (all && known.len() == 2).then_some(())
        })
        .await;
        let (seen, _) = phone
            .library
            .remote_assets(laptop.device(), library::RemoteWhich::default(), None, 9)
            .unwrap();
        assert_eq!(seen[0].asset.id, photo);
        // Whoever is served is served whatever becomes of the one who invited.
        laptop.photo(2, 60);
        knows_photos(&phone, &laptop, 2).await;
    });
}

fn a_relay_that_was_told_is_remembered() {
    story(async {
        let nas = Machine::new("NAS").await;
        serving(&nas).await;
        let laptop = Machine::behind("Laptop", None).await;
        let phone = Machine::behind("Phone", None).await;
        pair(&nas, &laptop, true).await;
        pair(&nas, &phone, true).await;
        met_at_the_relay(&phone, &laptop).await;
        laptop.photo(1, 60);
        // Nobody types anything, and no invitation is open any more.
        let (laptop, phone) = (laptop.again().await, phone.again().await);
        knows_photos(&phone, &laptop, 1).await;
        met_at_the_relay(&phone, &laptop).await;
    });
}

fn the_unknown_are_refused_by_a_relay() {
    story(async {
        let nas = Machine::new("NAS").await;
        let relay = serving(&nas).await;
        let friend = Machine::new("Ben's").await;
        pair(&nas, &friend, false).await;
        for _ in 0..20 {
            assert_refused(&relay, &SecretKey::generate()).await;
        }
        drop(come(&relay, &key_of(&friend)).await.unwrap());
        drop(come(&relay, &key_of(&nas)).await.unwrap());
    });
}

fn a_machine_that_was_removed_is_cut_off_the_relay_and_refused() {
    story(async {
        let nas = Machine::new("NAS").await;
        let relay = serving(&nas).await;
        let friend = Machine::new("Ben's").await;
        pair(&nas, &friend, false).await;
        let key = key_of(&friend);
        let line = come(&relay, &key).await.unwrap();
        nas.library.forget(&friend.device().to_string()).unwrap();
        ended(line).await;
        assert_refused(&relay, &key).await;
    });
}

fn an_invitation_opens_the_relay_and_closes_it_again() {
    story(async {
        let nas = Machine::new("NAS").await;
        let relay = serving(&nas).await;
        let invitation = nas.peers.invite(false, false, false);
        assert_refused(&relay, &SecretKey::generate()).await;
        // Nothing but the ticket leads here, and no packet reaches it otherwise.
        let phone = Machine::behind("Phone", None).await;
        let joined = phone.peers.join(&invitation.ticket).await.unwrap();
        nas.peers.uninvite();
        phone.peers.answer(joined.id, false).unwrap();
        let late = Machine::behind("Late", None).await;
        late.peers.join(&invitation.ticket).await.unwrap_err();
        assert_refused(&relay, &key_of(&late)).await;
        assert_refused(&relay, &key_of(&phone)).await;
    });
}

fn a_port_that_is_taken_is_told() {
    story(async {
        let nas = Machine::new("NAS").await;
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let serving = Serving {
            address: taken.local_addr().unwrap(),
            tls: None,
        };
        let error = nas.peers.serve_relay(Some(serving.clone())).await;
        let error = error.unwrap_err();
        assert_eq!(error.code(), "relay");
        let told = error.to_string();
        assert!(told.contains("another program has the port"), "{told}");
        let served = nas.peers.relay_served();
        assert_eq!((served.at, served.trouble), (None, Some(told)));
        drop(taken);
        // Given back, it is taken; and given back by the relay, taken again.
        for _ in 0..3 {
            let again = nas.peers.serve_relay(Some(serving.clone())).await;
            again.unwrap();
        }
        nas.peers.serve_relay(None).await.unwrap();
        assert_eq!(nas.peers.relay_served().at, None);
        std::net::TcpListener::bind(serving.address).unwrap();
    });
}

/// Waits until the other side has ended a socket.
async fn shut(socket: &mut TcpStream) {
    let mut rest = Vec::new();
    let _ = socket.read_to_end(&mut rest).await;
}

fn who_proves_nothing_is_shut_out_and_keeps_nobody_out() {
    story(async {
        let nas = Machine::new("NAS").await;
        let relay = serving(&nas).await;
        let port = relay.port().unwrap();
        let open = || async { TcpStream::connect(("127.0.0.1", port)).await.unwrap() };
        // One says nothing; the other goes as far as it can without a key.
        let mut silent = open().await;
        let mut half = open().await;
        let question = "GET /relay HTTP/1.1\r\nHost: relay\r\nConnection: upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: iroh-relay-v2\r\nx-albumen-line: 0\r\n\r\n";
        half.write_all(question.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        half.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 101");
        // Of one place only so many may be here: the next is turned away before those.
        let mut more = Vec::new();
        for _ in 0..14 {
            more.push(open().await);
        }
        let mut last = open().await;
        tokio::select! {
            () = shut(&mut last) => {}
            () = shut(&mut silent) => panic!("the first ended before the last"),
        }
        shut(&mut silent).await;
        shut(&mut half).await;
        for socket in &mut more {
            shut(socket).await;
        }
        // And their places are free.
        drop(come(&relay, &key_of(&nas)).await.unwrap());
    });
}
