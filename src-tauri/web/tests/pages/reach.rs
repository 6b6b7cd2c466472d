//! How visitors come to the listener: by https with the owner's certificate, through a
//! reverse proxy, over IPv4 and IPv6 alike; and the question that only it answers.

use std::fs;
use std::net::SocketAddr;

use axum::http::StatusCode;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Response, Url};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use web::{Listening, Settings, listen};

use crate::house::{House, PASSWORD};

crate::cases![
    https_is_served_with_the_owners_certificate,
    plain_http_is_led_to_https,
    a_handshake_with_nothing_behind_it_harms_nobody,
    a_certificate_that_cannot_be_used_stops_the_start,
    both_families_are_answered_at_once,
    only_a_configured_proxy_speaks_for_visitors,
    a_proxy_that_speaks_https_gets_strict_cookies,
    only_its_own_question_is_answered,
];

struct Pair {
    certificate: web::Certificate,
    pem: String,
    _folder: TempDir,
}

fn pair() -> Pair {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = web::Certificate {
        chain: folder.path().join("fullchain.pem"),
        key: folder.path().join("privkey.pem"),
    };
    fs::write(&certificate.chain, made.cert.pem()).unwrap();
    fs::write(&certificate.key, made.signing_key.serialize_pem()).unwrap();
    Pair {
        certificate,
        pem: made.cert.pem(),
        _folder: folder,
    }
}

async fn sealed(house: &House, pair: &Pair) -> (Listening, Client, String) {
    let settings = Settings {
        certificate: Some(pair.certificate.clone()),
        ..House::settings()
    };
    let listening = listen(house.library.clone(), settings).await.unwrap();
    let client = Client::builder()
        .tls_certs_only([Certificate::from_pem(pair.pem.as_bytes()).unwrap()])
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .unwrap();
    let base = format!("localhost:{}", listening.address().port());
    (listening, client, base)
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

fn https_is_served_with_the_owners_certificate() {
    let house = House::with(1);
    let (link, locked) = (house.open_link(), house.locked_link());
    let pair = pair();
    Runtime::new().unwrap().block_on(async {
        let (listening, client, base) = sealed(&house, &pair).await;
        let page = client.get(format!("https://{base}{link}"));
        let page = page.send().await.unwrap();
        assert_eq!(page.status(), StatusCode::OK);
        assert_eq!(page.version(), reqwest::Version::HTTP_2);
        assert!(header(&page, "strict-transport-security").starts_with("max-age="));
        let text = page.text().await.unwrap();
        let card = format!("og:image\" content=\"https://{base}{link}/card\"");
        assert!(text.contains(&card), "{text}");
        let unlock = client
            .post(format!("https://{base}{locked}/unlock"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("password={}", PASSWORD.replace(' ', "+")));
        let cookie = header(&unlock.send().await.unwrap(), "set-cookie").to_owned();
        assert!(
            cookie.starts_with("__Host-") && cookie.ends_with("; Secure"),
            "{cookie}"
        );
        listening.stop().await;
    });
    let plain = house.browser().get(&link);
    assert_eq!(plain.header("strict-transport-security"), "");
}

fn plain_http_is_led_to_https() {
    let house = House::with(1);
    let link = house.open_link();
    let pair = pair();
    Runtime::new().unwrap().block_on(async {
        let (listening, client, base) = sealed(&house, &pair).await;
        let answer = client.get(format!("http://{base}{link}?a=b"));
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::TEMPORARY_REDIRECT);
        assert_eq!(
            header(&answer, "location"),
            format!("https://{base}{link}?a=b")
        );
        assert_eq!(header(&answer, "strict-transport-security"), "");
        assert!(!answer.text().await.unwrap().contains("Summer"));
        let foreign = client
            .get(format!("http://{base}{link}"))
            .header("host", "evil.example");
        let foreign = foreign.send().await.unwrap();
        assert_eq!(foreign.status(), StatusCode::MISDIRECTED_REQUEST);
        listening.stop().await;
    });
}

fn a_handshake_with_nothing_behind_it_harms_nobody() {
    let house = House::with(1);
    let link = house.open_link();
    let pair = pair();
    Runtime::new().unwrap().block_on(async {
        let (listening, client, base) = sealed(&house, &pair).await;
        let mut torn = TcpStream::connect(listening.address()).await.unwrap();
        torn.write_all(&[22, 3, 1, 2]).await.unwrap();
        torn.shutdown().await.unwrap();
        let mut heard = Vec::new();
        let _ = torn.read_to_end(&mut heard).await;
        assert!(!heard.starts_with(b"HTTP"), "an alert, and the end");
        let _silent = TcpStream::connect(listening.address()).await.unwrap();
        let page = client.get(format!("https://{base}{link}")).send().await;
        assert_eq!(page.unwrap().status(), StatusCode::OK);
        listening.stop().await;
    });
}

fn a_certificate_that_cannot_be_used_stops_the_start() {
    let house = House::with(1);
    let pair = pair();
    fs::write(&pair.certificate.key, "").unwrap();
    let settings = Settings {
        certificate: Some(pair.certificate.clone()),
        ..House::settings()
    };
    let runtime = Runtime::new().unwrap();
    let refused = runtime.block_on(listen(house.library.clone(), settings));
    let said = refused.err().unwrap().to_string();
    assert!(said.contains("holds no private key"), "{said}");
}

fn both_families_are_answered_at_once() {
    let house = House::with(1);
    let link = house.open_link();
    Runtime::new().unwrap().block_on(async {
        let settings = Settings {
            listen: "[::]:0".parse().unwrap(),
            ..House::settings()
        };
        let Ok(listening) = listen(house.library.clone(), settings).await else {
            eprintln!("skipped: both_families_are_answered_at_once needs IPv6");
            return;
        };
        let port = listening.address().port();
        for host in ["127.0.0.1", "[::1]"] {
            let client = Client::builder().no_proxy().build().unwrap();
            let page = client.get(format!("http://{host}:{port}{link}"));
            assert_eq!(
                page.send().await.unwrap().status(),
                StatusCode::OK,
                "{host}"
            );
        }
        listening.stop().await;
    });
}

/// Asks over a real socket, from 127.0.0.1.
async fn ask(house: &House, proxies: &[&str], path: &str, headers: &[(&str, &str)]) -> Response {
    let settings = Settings {
        public_url: Some("https://photos.example.org".into()),
        proxies: proxies.iter().map(|text| text.parse().unwrap()).collect(),
        ..House::settings()
    };
    let listening = listen(house.library.clone(), settings).await.unwrap();
    let client = Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .unwrap();
    let address: SocketAddr = listening.address();
    let url = Url::parse(&format!("http://{address}{path}")).unwrap();
    let mut request = client.get(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    listening.stop().await;
    answer
}

fn only_a_configured_proxy_speaks_for_visitors() {
    let house = House::with(1);
    let link = house.open_link();
    Runtime::new().unwrap().block_on(async {
        let says = [
            ("x-forwarded-host", "photos.example.org"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-for", "203.0.113.9"),
        ];
        let believed = ask(&house, &["127.0.0.0/8"], &link, &says).await;
        let text = believed.text().await.unwrap();
        assert!(text.contains("content=\"https://photos.example.org/share/"));
        let stranger = ask(&house, &["10.0.0.0/8"], &link, &says).await;
        let text = stranger.text().await.unwrap();
        assert!(!text.contains("photos.example.org"));
        assert!(text.contains("content=\"http://127.0.0.1:"));
        // Believed, but it names a host that is not ours.
        let evil = [("x-forwarded-host", "evil.example")];
        let answer = ask(&house, &["127.0.0.1"], &link, &evil).await;
        assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST);
    });
}

fn a_proxy_that_speaks_https_gets_strict_cookies() {
    let house = House::with(1);
    let link = house.open_link();
    Runtime::new().unwrap().block_on(async {
        let says = [("x-forwarded-proto", "https")];
        let answer = ask(&house, &["127.0.0.1"], &link, &says).await;
        assert_eq!(header(&answer, "strict-transport-security"), "");
        let text = answer.text().await.unwrap();
        assert!(text.contains("content=\"https://127.0.0.1:"), "{text}");
    });
}

fn only_its_own_question_is_answered() {
    let house = House::with(1);
    Runtime::new().unwrap().block_on(async {
        let listening = listen(house.library.clone(), House::settings())
            .await
            .unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        let base = format!("http://{}", listening.address());
        let get = async |path: &str| {
            let answer = client.get(format!("{base}{path}")).send().await.unwrap();
            (answer.status(), answer.text().await.unwrap())
        };
        let nothing = get("/share/nothing").await;
        assert_eq!(nothing.0, StatusCode::NOT_FOUND);
        let question = listening.ask();
        let path = question.path.clone();
        assert_eq!(get(&path).await, (StatusCode::OK, question.answer.clone()));
        assert!(!path.contains(&question.answer));
        assert_eq!(
            get("/reach/00000000000000000000000000000000").await,
            nothing
        );
        drop(question);
        assert_eq!(get(&path).await, nothing, "no longer");
        listening.stop().await;
    });
}
