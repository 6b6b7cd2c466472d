//! What a probe says of each thing that may stand at the address of links.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use super::*;

/// A listener of a new library.
async fn listening(certificate: Option<web::Certificate>) -> (tempfile::TempDir, web::Listening) {
    let folder = tempfile::tempdir().unwrap();
    let decoder = media::Decoder::new("no such program".into(), 1);
    let library = library::Library::open(
        &folder.path().join("lib"),
        decoder,
        library::Clock::system(),
    );
    let settings = web::Settings {
        seal: certificate.map(web::Seal::Files),
        ..web::Settings::at(([127, 0, 0, 1], 0).into())
    };
    let listening = web::listen(Arc::new(library.unwrap()), settings).await;
    (folder, listening.unwrap())
}

fn published(base: String) -> Asked {
    Asked {
        base,
        mapping: Mapping::default(),
        published: true,
    }
}

/// Answers everything alike.
async fn stranger(answer: &'static str) -> (String, AbortOnDropHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 4_096];
            let _ = stream.read(&mut asked).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (base, AbortOnDropHandle::new(task))
}

#[tokio::test]
async fn what_else_stands_there_is_told_apart() {
    let (_folder, listening) = listening(None).await;
    let question = listening.ask();
    let found = async |base: String| ask(&published(base), &question).await;
    for (answer, finding) in [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            Finding::Elsewhere,
        ),
        (
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            Finding::Elsewhere,
        ),
        (
            "HTTP/1.1 421 Misdirected Request\r\nContent-Length: 0\r\n\r\n",
            Finding::WrongHost,
        ),
        (
            "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
            Finding::ProxyAlone,
        ),
        (
            "HTTP/1.1 301 Moved\r\nLocation: https://x.example/\r\nContent-Length: 0\r\n\r\n",
            Finding::LeadsOn,
        ),
    ] {
        let (base, _task) = stranger(answer).await;
        assert_eq!(found(base).await, finding, "{answer}");
    }
    let (base, task) = stranger("").await;
    drop(task);
    assert_eq!(found(base).await, Finding::Silent);
    let unknown = "http://no-such-name.invalid".to_owned();
    assert_eq!(found(unknown).await, Finding::NoName);
    let here = format!("http://{}", listening.address());
    assert_eq!(
        found(here.clone()).await,
        Finding::Alone,
        "this computer alone"
    );
    assert_eq!(
        found(here.replace("http:", "https:")).await,
        Finding::NoHttps
    );
    listening.stop().await;
}

#[tokio::test]
async fn a_certificate_that_does_not_fit_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["photos.example.org".to_owned()]).unwrap();
    let certificate = web::Certificate {
        chain: folder.path().join("fullchain.pem"),
        key: folder.path().join("privkey.pem"),
    };
    std::fs::write(&certificate.chain, made.cert.pem()).unwrap();
    std::fs::write(&certificate.key, made.signing_key.serialize_pem()).unwrap();
    let (_folder, listening) = listening(Some(certificate)).await;
    let base = format!("https://localhost:{}", listening.address().port());
    let finding = ask(&published(base.clone()), &listening.ask()).await;
    assert!(
        matches!(
            finding,
            Finding::CertificateUnknown | Finding::CertificateName
        ),
        "{finding:?}"
    );
    // Without a certificate of its own name, http leads on to https.
    let plain = base.replace("https:", "http:");
    let finding = ask(&published(plain), &listening.ask()).await;
    assert_eq!(finding, Finding::LeadsOn);
    listening.stop().await;
}

#[test]
fn only_what_was_seen_is_claimed() {
    let near = Reached {
        far: Scope::Network,
        own: true,
    };
    let outside = Reached {
        far: Scope::Internet,
        own: false,
    };
    let own = Reached {
        far: Scope::Internet,
        own: true,
    };
    let asked = |state| Asked {
        base: String::new(),
        mapping: Mapping {
            state,
            problem: Some("The router is silent.".to_owned()),
            ..Mapping::default()
        },
        published: false,
    };
    let outcome = |reached: &Reached, state| reached.reached(&asked(state)).outcome();
    assert_eq!(outcome(&near, MappingState::Off), Outcome::ThisNetwork);
    assert_eq!(outcome(&outside, MappingState::Held), Outcome::Internet);
    assert_eq!(outcome(&own, MappingState::Off), Outcome::Unsure);
    assert_eq!(
        near.reached(&asked(MappingState::Shared)),
        Finding::NearShared
    );
    assert_eq!(
        near.reached(&asked(MappingState::Absent)),
        Finding::NearUnmapped
    );

    let unmapped = asked(MappingState::Absent);
    let told = Finding::NearUnmapped.told(Some("http://192.168.1.5:8477"), &unmapped.mapping);
    assert!(
        told.says.ends_with("The router is silent."),
        "{}",
        told.says
    );
    let told = Finding::SilentOutside.told(Some("http://9.8.7.6:8477"), &Mapping::default());
    assert_eq!(told.outcome, Outcome::Unsure, "hairpin NAT may hide it");
    assert!(told.says.contains("phone whose Wi-Fi is off"));
    assert_eq!(
        Finding::Off.told(None, &Mapping::default()).says,
        "Sharing is off; turn it on."
    );
}
