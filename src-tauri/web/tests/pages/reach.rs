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
use web::{Keyring, Listening, Seal, Settings, listen};

use crate::house::{House, PASSWORD};

crate::cases![
    https_is_served_with_the_owners_certificate,
    plain_http_is_led_to_https,
    a_name_is_served_by_its_own_certificate_alone,
    browsers_are_told_to_come_by_https_where_they_can,
    a_second_port_leads_to_the_listener_and_does_nothing_else,
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
        seal: Some(Seal::Files(pair.certificate.clone())),
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
        // No browser believes it, and «localhost» is anybody's.
        assert_eq!(header(&page, "strict-transport-security"), "");
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

const NAMES: [&str; 2] = ["anna.example.org", "ben.example.org"];

/// A listener with a certificate for each of two names, by an authority that `client`
/// believes; both names lead there.
struct Named {
    listening: Listening,
    client: Client,
    port: u16,
}

impl Named {
    async fn with(house: &House, change: impl FnOnce(&mut Settings)) -> Self {
        let (root, root_pem) = authority();
        let keyring = Keyring::new(NAMES.map(str::to_owned).into());
        for name in NAMES {
            let pem = root.certificate(name);
            keyring.put(name, pem.as_bytes(), "kept".as_ref()).unwrap();
        }
        let mut settings = Settings {
            seal: Some(Seal::Keyring(keyring)),
            ..House::settings()
        };
        change(&mut settings);
        let listening = listen(house.library.clone(), settings).await.unwrap();
        let client = NAMES
            .into_iter()
            .fold(Client::builder(), |client, name| {
                client.resolve(name, listening.address())
            })
            .tls_certs_only([Certificate::from_pem(root_pem.as_bytes()).unwrap()])
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        let port = listening.address().port();
        Self {
            listening,
            client,
            port,
        }
    }
}

/// Signs certificates.
struct Authority(rcgen::CertifiedIssuer<'static, rcgen::KeyPair>);

fn authority() -> (Authority, String) {
    let mut wanted = rcgen::CertificateParams::new(Vec::new()).unwrap();
    wanted.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    wanted
        .distinguished_name
        .push(rcgen::DnType::CommonName, "Test authority");
    let key = rcgen::KeyPair::generate().unwrap();
    let issuer = rcgen::CertifiedIssuer::self_signed(wanted, key).unwrap();
    let pem = issuer.pem();
    (Authority(issuer), pem)
}

impl Authority {
    /// A certificate of `name` and its key.
    fn certificate(&self, name: &str) -> String {
        let key = rcgen::KeyPair::generate().unwrap();
        let wanted = rcgen::CertificateParams::new([name.to_owned()]).unwrap();
        key.serialize_pem() + &wanted.signed_by(&key, &self.0).unwrap().pem()
    }
}

fn a_name_is_served_by_its_own_certificate_alone() {
    let house = House::with(1);
    let link = house.open_link();
    Runtime::new().unwrap().block_on(async {
        let Named {
            listening,
            client,
            port,
        } = Named::with(&house, |_| ()).await;
        for name in NAMES {
            let page = client.get(format!("https://{name}:{port}{link}"));
            let page = page.send().await.unwrap();
            assert_eq!(page.status(), StatusCode::OK);
            let text = page.text().await.unwrap();
            let card = format!("og:image\" content=\"https://{name}:{port}{link}/card\"");
            assert!(text.contains(&card), "{text}");
        }
        // Whoever tries addresses learns no name.
        let address = listening.address();
        let blind = Client::builder()
            .tls_danger_accept_invalid_certs(true)
            .no_proxy();
        let blind = blind.build().unwrap();
        assert!(
            blind
                .get(format!("https://{address}{link}"))
                .send()
                .await
                .is_err()
        );
        let led = client
            .get(format!("http://{address}{link}"))
            .send()
            .await
            .unwrap();
        assert_eq!(led.status(), StatusCode::TEMPORARY_REDIRECT);
        assert_eq!(
            header(&led, "location"),
            format!("https://{}{link}", NAMES[0])
        );
        listening.stop().await;
    });
}

fn browsers_are_told_to_come_by_https_where_they_can() {
    let house = House::with(1);
    let link = house.open_link();
    Runtime::new().unwrap().block_on(async {
        for (strict, said) in [(true, "max-age=2592000"), (false, "max-age=0")] {
            let named = Named::with(&house, |settings| settings.strict = strict).await;
            let page = format!("{}:{}{link}", NAMES[1], named.port);
            let sealed = named.client.get(format!("https://{page}"));
            let sealed = sealed.send().await.unwrap();
            assert_eq!(header(&sealed, "strict-transport-security"), said);
            let plain = named.client.get(format!("http://{page}"));
            let plain = plain.send().await.unwrap();
            assert_eq!(header(&plain, "strict-transport-security"), "");
            assert_eq!(header(&plain, "location"), format!("https://{page}"));
            named.listening.stop().await;
        }
    });
}

fn a_second_port_leads_to_the_listener_and_does_nothing_else() {
    let house = House::with(1);
    let link = house.open_link();
    Runtime::new().unwrap().block_on(async {
        let redirect = Some("127.0.0.1:0".parse().unwrap());
        let named = Named::with(&house, |settings| settings.redirect = redirect).await;
        let second = named.listening.redirect().unwrap().unwrap();
        let ask = async |host: &str| {
            let asked = named.client.get(format!("http://{second}{link}?a=b"));
            asked.header("host", host).send().await.unwrap()
        };
        let led = ask(NAMES[1]).await;
        assert_eq!(led.status(), StatusCode::TEMPORARY_REDIRECT);
        assert_eq!(
            header(&led, "location"),
            format!("https://{}{link}?a=b", NAMES[1])
        );
        assert!(!led.text().await.unwrap().contains("Summer"));
        let led = ask(&second.to_string()).await;
        let port = named.port;
        assert_eq!(
            header(&led, "location"),
            format!("https://127.0.0.1:{port}{link}?a=b")
        );
        let foreign = ask("evil.example").await;
        assert_eq!(foreign.status(), StatusCode::MISDIRECTED_REQUEST);
        let taken = Named::with(&house, |settings| settings.redirect = Some(second)).await;
        let said = taken.listening.redirect().unwrap().unwrap_err();
        assert!(said.contains("Choose another address"), "{said}");
        taken.listening.stop().await;
        named.listening.stop().await;
        assert!(
            named
                .client
                .get(format!("http://{second}/"))
                .send()
                .await
                .is_err()
        );
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
        seal: Some(Seal::Files(pair.certificate.clone())),
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
