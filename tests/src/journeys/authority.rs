//! An authority that gives certificates by ACME (RFC 8555), small and strict: every request
//! is signed, its nonce used once, and a name is certified only after its server proved
//! over TLS that it leads there (tls-alpn-01, RFC 8737). All names lead to one server.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, CertifiedIssuer, DnType,
    IsCa, KeyPair,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use time::OffsetDateTime;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::desk::until;
use crate::sealed;

/// What it knows.
#[derive(Default)]
struct Known {
    nonces: HashSet<String>,
    /// Points of the accounts' keys, by their addresses.
    accounts: HashMap<String, Value>,
    contacts: Vec<Value>,
    orders: Vec<Order>,
    /// Where all names lead.
    target: Option<SocketAddr>,
    /// Names that it finds no address of.
    lost: HashSet<String>,
    /// How long its certificates hold, in seconds.
    lifetime: i64,
    requests: u32,
}

struct Order {
    name: String,
    token: String,
    /// The thumbprint of the account's key.
    thumb: String,
    status: &'static str,
    error: Option<Value>,
    replaces: Option<String>,
    certificate: Option<String>,
}

/// A running authority; dropping it ends it.
pub struct Authority {
    address: SocketAddr,
    known: Arc<Mutex<Known>>,
    folder: TempDir,
    ends: Arc<std::sync::atomic::AtomicBool>,
}

struct Office {
    base: String,
    issuer: CertifiedIssuer<'static, KeyPair>,
    known: Arc<Mutex<Known>>,
}

impl Authority {
    /// Its certificates hold for so many seconds.
    pub fn new(lifetime: i64) -> Self {
        let mut wanted = CertificateParams::new(Vec::new()).unwrap();
        wanted.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        wanted
            .distinguished_name
            .push(DnType::CommonName, "Test authority");
        let issuer = CertifiedIssuer::self_signed(wanted, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("root.pem"), issuer.pem()).unwrap();

        let key = KeyPair::generate().unwrap();
        let own = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let own = own.signed_by(&key, &issuer).unwrap();
        let config = ServerConfig::builder_with_provider(sealed::provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![own.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let known = Arc::new(Mutex::new(Known {
            lifetime,
            ..Known::default()
        }));
        let office = Arc::new(Office {
            base: format!("https://localhost:{}", address.port()),
            issuer,
            known: Arc::clone(&known),
        });
        let ends = Arc::<std::sync::atomic::AtomicBool>::default();
        let (config, ending) = (Arc::new(config), Arc::clone(&ends));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ending.load(std::sync::atomic::Ordering::Relaxed) {
                    return;
                }
                let (office, config) = (Arc::clone(&office), Arc::clone(&config));
                std::thread::spawn(move || {
                    let connection = ServerConnection::new(config).unwrap();
                    // Who leaves in the middle has to ask again.
                    let _ = office.serve(StreamOwned::new(connection, stream.ok()?));
                    Some(())
                });
            }
        });
        Self {
            address,
            known,
            folder,
            ends,
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap()
    }

    /// The address of its directory.
    pub fn directory(&self) -> String {
        format!("https://localhost:{}/directory", self.address.port())
    }

    /// The certificate that vouches for all of its.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("root.pem")
    }

    /// All names lead there from now on.
    pub fn lead_to(&self, target: SocketAddr) {
        self.known().target = Some(target);
    }

    /// It finds no address of this name.
    pub fn lose(&self, name: &str) {
        self.known().lost.insert(name.to_owned());
    }

    pub fn find(&self, name: &str) {
        self.known().lost.remove(name);
    }

    /// Certificates hold for so many seconds from now on.
    pub fn set_lifetime(&self, seconds: i64) {
        self.known().lifetime = seconds;
    }

    pub fn requests(&self) -> u32 {
        self.known().requests
    }

    pub fn contacts(&self) -> Vec<Value> {
        self.known().contacts.clone()
    }

    /// How often this name was asked for, and how often as a renewal.
    pub fn orders(&self, name: &str) -> (usize, usize) {
        let known = self.known();
        let all: Vec<_> = known.orders.iter().filter(|one| one.name == name).collect();
        let renewed = all.iter().filter(|one| one.replaces.is_some()).count();
        (all.len(), renewed)
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        self.ends.store(true, std::sync::atomic::Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
    }
}

fn random() -> String {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    BASE64.encode(bytes)
}

fn problem(kind: &str, detail: &str) -> Value {
    json!({"type": format!("urn:ietf:params:acme:error:{kind}"), "detail": detail, "status": 400})
}

/// An answer: status, further headers, body.
type Answer = (u16, Vec<(&'static str, String)>, String);

fn refusal(kind: &str, detail: &str) -> Answer {
    (400, Vec::new(), problem(kind, detail).to_string())
}

fn document(value: &Value) -> Answer {
    (200, Vec::new(), value.to_string())
}

impl Office {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap()
    }

    fn serve(&self, stream: StreamOwned<ServerConnection, TcpStream>) -> std::io::Result<()> {
        stream
            .sock
            .set_read_timeout(Some(Duration::from_secs(20)))?;
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            let header = header.trim().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(text) = header.strip_prefix("content-length:") {
                length = text.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let mut words = line.split(' ');
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let (status, headers, text) = self.answer(method, path, &body);
        let nonce = random();
        self.known().nonces.insert(nonce.clone());
        let mut head = format!(
            "HTTP/1.1 {status} So\r\nconnection: close\r\nreplay-nonce: {nonce}\r\n\
             content-length: {}\r\n",
            text.len()
        );
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        let mut stream = reader.into_inner();
        stream.write_all(head.as_bytes())?;
        stream.write_all(b"\r\n")?;
        if method != "HEAD" {
            stream.write_all(text.as_bytes())?;
        }
        stream.conn.send_close_notify();
        stream.flush()
    }

    fn answer(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        self.known().requests += 1;
        let at = |rest: &str| format!("{}/{rest}", self.base);
        if let Some(asked) = path.strip_prefix("/renewal/") {
            return self.renewal(asked);
        }
        match (method, path) {
            ("GET", "/directory") => document(&json!({
                "newNonce": at("nonce"), "newAccount": at("account"), "newOrder": at("order"),
                "renewalInfo": at("renewal"),
            })),
            ("HEAD", "/nonce") => document(&Value::Null),
            ("POST", path) => match self.heard(path, body) {
                Ok((account, payload)) => self.told(path, &account, &payload),
                Err(refused) => refused,
            },
            _ => (404, Vec::new(), String::new()),
        }
    }

    /// The account that signed, by its key, and what it says.
    fn heard(&self, path: &str, body: &[u8]) -> Result<(Value, Value), Answer> {
        let said: Value = serde_json::from_slice(body).unwrap();
        let text = |name: &str| said[name].as_str().unwrap().to_owned();
        let bytes = |text: &str| BASE64.decode(text).unwrap();
        let (protected, payload) = (text("protected"), text("payload"));
        let head: Value = serde_json::from_slice(&bytes(&protected)).unwrap();
        let nonce = head["nonce"].as_str().unwrap_or_default();
        if !self.known().nonces.remove(nonce) {
            return Err(refusal("badNonce", "That nonce was used, or never given."));
        }
        if head["url"] != format!("{}{path}", self.base) || head["alg"] != "ES256" {
            return Err(refusal("malformed", "Signed for another address."));
        }
        let known = head["kid"]
            .as_str()
            .map(|kid| self.known().accounts.get(kid).cloned());
        let key = match known {
            Some(Some(key)) => key,
            Some(None) => return Err(refusal("accountDoesNotExist", "Unknown account.")),
            None => head["jwk"].clone(),
        };
        let point = ["x", "y"].map(|part| bytes(key[part].as_str().unwrap()));
        let point = [&[4], point[0].as_slice(), &point[1]].concat();
        let signed = format!("{protected}.{payload}");
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            .verify(signed.as_bytes(), &bytes(&text("signature")))
            .map_err(|_| refusal("malformed", "The signature is wrong."))?;
        let payload = bytes(&payload);
        Ok((key, serde_json::from_slice(&payload).unwrap_or(Value::Null)))
    }

    fn told(&self, path: &str, account: &Value, payload: &Value) -> Answer {
        let mut parts = path.trim_start_matches('/').split('/');
        let (what, number) = (parts.next().unwrap(), parts.next());
        let number = number.map(|number| number.parse::<usize>().unwrap());
        match (what, number) {
            ("account", None) => {
                if payload["termsOfServiceAgreed"] != true {
                    return refusal("userActionRequired", "The terms were not accepted.");
                }
                let mut known = self.known();
                known.contacts.push(payload["contact"].clone());
                let at = format!("{}/account/{}", self.base, known.contacts.len());
                known.accounts.insert(at.clone(), account.clone());
                (
                    201,
                    vec![("location", at)],
                    json!({"status": "valid"}).to_string(),
                )
            }
            ("order", None) => self.order(account, payload),
            ("order", Some(number)) => document(&self.state(number)),
            ("authz", Some(number)) => document(&self.question(number)),
            ("challenge", Some(number)) => {
                self.look(number);
                document(&self.question(number)["challenges"][0])
            }
            ("finalize", Some(number)) => self.sign(number, payload),
            ("certificate", Some(number)) => {
                let certificate = self.known().orders[number].certificate.clone();
                (200, Vec::new(), certificate.unwrap())
            }
            _ => (404, Vec::new(), String::new()),
        }
    }

    fn order(&self, account: &Value, payload: &Value) -> Answer {
        let part = |name: &str| account[name].as_str().unwrap();
        // RFC 7638: the members in this order, and nothing else.
        let key = format!(
            r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#,
            part("x"),
            part("y")
        );
        let mut known = self.known();
        known.orders.push(Order {
            name: payload["identifiers"][0]["value"]
                .as_str()
                .unwrap()
                .to_owned(),
            token: random(),
            thumb: BASE64.encode(digest(&SHA256, key.as_bytes())),
            status: "pending",
            error: None,
            replaces: payload["replaces"].as_str().map(str::to_owned),
            certificate: None,
        });
        let number = known.orders.len() - 1;
        drop(known);
        let at = format!("{}/order/{number}", self.base);
        (201, vec![("location", at)], self.state(number).to_string())
    }

    fn state(&self, number: usize) -> Value {
        let known = self.known();
        let order = &known.orders[number];
        let at = |what: &str| format!("{}/{what}/{number}", self.base);
        json!({
            "status": order.status,
            "identifiers": [{"type": "dns", "value": order.name}],
            "authorizations": [at("authz")],
            "finalize": at("finalize"),
            "certificate": order.certificate.as_ref().map(|_| at("certificate")),
            "replaces": order.replaces,
        })
    }

    fn question(&self, number: usize) -> Value {
        let known = self.known();
        let order = &known.orders[number];
        let status = match order.status {
            "ready" => "valid",
            other => other,
        };
        json!({
            "status": status,
            "identifier": {"type": "dns", "value": order.name},
            "challenges": [{
                "type": "tls-alpn-01", "token": order.token, "status": status,
                "url": format!("{}/challenge/{number}", self.base), "error": order.error,
            }],
        })
    }

    /// Looks whether the name leads to a server that knows the account's key.
    fn look(&self, number: usize) {
        let (name, wanted, lost) = {
            let known = self.known();
            let order = &known.orders[number];
            let proof = format!("{}.{}", order.token, order.thumb);
            let lost = known.lost.contains(&order.name);
            (order.name.clone(), digest(&SHA256, proof.as_bytes()), lost)
        };
        let target = until("the names lead somewhere", || self.known().target);
        let found = match lost {
            true => Err(problem("dns", "No address was found.")),
            false => sealed::proof(target, &name)
                .filter(|found| found == wanted.as_ref())
                .ok_or_else(|| problem("unauthorized", "Another proof than the one wanted.")),
        };
        let mut known = self.known();
        let order = &mut known.orders[number];
        (order.status, order.error) = match found {
            Ok(_) => ("ready", None),
            Err(problem) => ("invalid", Some(problem)),
        };
    }

    fn sign(&self, number: usize, payload: &Value) -> Answer {
        let request = BASE64.decode(payload["csr"].as_str().unwrap()).unwrap();
        let mut wanted = CertificateSigningRequestParams::from_der(&request.into()).unwrap();
        let mut known = self.known();
        let lifetime = time::Duration::seconds(known.lifetime);
        let order = &mut known.orders[number];
        if order.status != "ready" {
            return refusal("orderNotReady", "Nobody proved anything yet.");
        }
        let names = &wanted.params.subject_alt_names;
        let asked = rcgen::SanType::DnsName(order.name.clone().try_into().unwrap());
        if names.as_slice() != [asked] {
            return refusal("badCSR", "Other names than those ordered.");
        }
        wanted.params.not_before = OffsetDateTime::now_utc();
        wanted.params.not_after = OffsetDateTime::now_utc() + lifetime;
        wanted.params.use_authority_key_identifier_extension = true;
        let made = wanted.signed_by(&self.issuer).unwrap();
        order.certificate = Some(made.pem() + &self.issuer.pem());
        order.status = "valid";
        drop(known);
        document(&self.state(number))
    }

    /// It would have every certificate renewed when half of its time has passed (RFC 9773).
    fn renewal(&self, _: &str) -> Answer {
        let half = time::Duration::seconds(self.known().lifetime / 2);
        let moment = OffsetDateTime::now_utc() + half;
        let written = |moment: OffsetDateTime| {
            let ms = moment.unix_timestamp() * 1_000;
            library::rfc3339(ms)
        };
        let window = json!({"start": written(moment), "end": written(moment + half)});
        let wait = ("retry-after", "3600".to_owned());
        (
            200,
            vec![wait],
            json!({"suggestedWindow": window}).to_string(),
        )
    }
}
