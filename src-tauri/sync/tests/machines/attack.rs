//! What machines do that mean no good: very many that are unknown, and one that is known and
//! reads nothing of what it asks for. They run in a process of their own, so that what this
//! one takes of memory is the attacked machine's.

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::cases;
use crate::house::{Machine, pair, story, until};
use iroh::endpoint::{Connection, QuicTransportConfig, RecvStream, VarInt, presets};
use iroh::{Endpoint, EndpointAddr, EndpointId, SecretKey};
use library::AssetEdit;
use tokio::sync::Semaphore;

cases![
    the_unknown_in_their_thousands_leave_no_trace,
    what_nobody_reads_is_not_kept_ready,
];

/// How many unknown machines come; `ALBUMEN_UNKNOWN` says another number.
const UNKNOWN: usize = 500;
/// How many of them at once.
const AT_ONCE: usize = 16;
/// The protocol between machines that know each other.
const PROTOCOL: &[u8] = b"albumen/1";
/// How many questions a line may have open.
const QUESTIONS: usize = 64;
/// Photos whose rows are more than a page may hold.
const PHOTOS: u32 = 50;
/// Asks whether somebody is there, and to follow the whole library from its beginning.
const PING: &[u8] = &[0, 0, 0, 2, 0x0a, 0];
const FOLLOW: &[u8] = b"\0\0\0\x0b\x12\x09\x0a\x07library";
/// What a process may come to take more without anything having piled up.
const SLACK: u64 = 24 << 20;

/// Is one of those, when this program was started to be.
pub fn run_if_asked() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["attack", "unknown", port, id, count] => {
            story(unknown(at(port, id), count.parse().unwrap()));
        }
        ["attack", "unread", port, id, key] => {
            story(unread(at(port, id), key.parse().unwrap()));
        }
        _ => return,
    }
    std::process::exit(0);
}

fn at(port: &str, id: &str) -> EndpointAddr {
    let address = format!("127.0.0.1:{port}").parse().unwrap();
    EndpointAddr::new(id.parse().unwrap()).with_ip_addr(address)
}

/// Ends with whoever started it.
struct Attack(Child);

impl Attack {
    fn on(machine: &Machine, kind: &str, more: &str) -> Attack {
        let port = machine.peers.addresses()[0].port().to_string();
        let id: EndpointId = SecretKey::from_bytes(&machine.library.device_key()).public();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["attack", kind, &port, &id.to_string(), more])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Attack(child)
    }

    /// Waits for what it says.
    async fn says(&mut self) -> String {
        let out = self.0.stdout.take().unwrap();
        let read = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).unwrap();
            line
        });
        read.await.unwrap().trim().to_owned()
    }
}

impl Drop for Attack {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What this process has of the machine's memory; `None` where the system does not tell.
fn resident() -> Option<u64> {
    let told = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = told.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4_096)
}

fn assert_flat(before: Option<u64>, what: &str) {
    if let (Some(before), Some(now)) = (before, resident()) {
        let grown = now.saturating_sub(before);
        assert!(grown < SLACK, "{what}: memory grew by {grown} bytes");
    }
}

async fn knows(machine: &Machine, home: &Machine, count: usize) {
    until("a machine that is known is served", || {
        let (assets, _) = machine
            .library
            .remote_assets(home.device(), library::RemoteWhich::default(), None, 1_000)
            .ok()?;
        (assets.len() == count).then_some(())
    })
    .await;
}

async fn endpoint(key: SecretKey) -> Endpoint {
    let built = Endpoint::builder(presets::Minimal).secret_key(key);
    built.bind().await.unwrap()
}

/// So many that are unknown come, each with a key of its own, ask, and say how many were
/// answered.
async fn unknown(home: EndpointAddr, count: usize) {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let answered = Arc::new(AtomicUsize::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..count {
        let turn = Arc::clone(&turns).acquire_owned().await.unwrap();
        let (home, answered) = (home.clone(), Arc::clone(&answered));
        tasks.spawn(async move {
            let endpoint = endpoint(SecretKey::generate()).await;
            if let Ok(line) = endpoint.connect(home, PROTOCOL).await
                && is_answered(&line).await
            {
                answered.fetch_add(1, Ordering::Relaxed);
            }
            endpoint.close().await;
            drop(turn);
        });
    }
    while tasks.join_next().await.is_some() {}
    let answered = answered.load(Ordering::Relaxed);
    let mut out = std::io::stdout();
    writeln!(out, "{count} came, {answered} answered").unwrap();
}

/// Whether the other side answers that it is there.
async fn is_answered(line: &Connection) -> bool {
    let Ok((mut send, mut recv)) = line.open_bi().await else {
        return false;
    };
    let _ = send.write_all(PING).await;
    matches!(recv.read_chunk(100).await, Ok(Some(_)))
}

/// Follows a library in all streams that it has, and reads none; and says so.
async fn unread(home: EndpointAddr, key: SecretKey) {
    let narrow = QuicTransportConfig::builder().stream_receive_window(VarInt::from_u32(1_024));
    let built = Endpoint::builder(presets::Minimal).secret_key(key);
    let endpoint = built.transport_config(narrow.build()).bind().await.unwrap();
    let line = endpoint.connect(home, PROTOCOL).await.unwrap();
    assert!(is_answered(&line).await);
    let mut streams = Vec::new();
    for _ in 0..QUESTIONS {
        streams.push(asked(&line, FOLLOW).await);
    }
    let mut out = std::io::stdout();
    writeln!(out, "{} are followed", streams.len()).unwrap();
    line.closed().await;
}

async fn asked(line: &Connection, question: &[u8]) -> RecvStream {
    let (mut send, recv) = line.open_bi().await.unwrap();
    send.write_all(question).await.unwrap();
    send.finish().unwrap();
    recv
}

/// Reads a page of rows.
async fn page(recv: &mut RecvStream) -> usize {
    let mut length = [0; 4];
    recv.read_exact(&mut length).await.unwrap();
    let mut body = vec![0; u32::from_be_bytes(length) as usize];
    recv.read_exact(&mut body).await.unwrap();
    body.len()
}

fn the_unknown_in_their_thousands_leave_no_trace() {
    story(async {
        let (desk, laptop) = (Machine::new("Desk").await, Machine::new("Laptop").await);
        desk.photo(1, 60);
        pair(&desk, &laptop, true).await;
        knows(&laptop, &desk, 1).await;
        // What the first ones leave is had once.
        let warm = Attack::on(&desk, "unknown", "50").says().await;
        assert_eq!(warm, "50 came, 0 answered");
        let before = resident();
        let count = std::env::var("ALBUMEN_UNKNOWN").map_or(UNKNOWN, |said| said.parse().unwrap());
        let mut attack = Attack::on(&desk, "unknown", &count.to_string());
        // In their midst.
        desk.photo(2, 60);
        knows(&laptop, &desk, 2).await;
        assert_eq!(attack.says().await, format!("{count} came, 0 answered"));
        assert_flat(before, "after all of them");
        assert_eq!(desk.library.peers().unwrap().len(), 1);
        desk.photo(3, 60);
        knows(&laptop, &desk, 3).await;
    });
}

/// Text that does not become smaller by much.
fn noise(seed: u32) -> String {
    let mut state = u64::from(seed) + 1;
    let letters = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        char::from(b'0' + u8::try_from((state >> 33) % 75).unwrap())
    });
    letters.take(16 * 1_024).collect()
}

fn what_nobody_reads_is_not_kept_ready() {
    story(async {
        let (desk, laptop) = (Machine::new("Desk").await, Machine::new("Laptop").await);
        let other = Machine::new("Other").await;
        for seed in 0..PHOTOS {
            let id = desk.photo(seed, 8);
            let edit = AssetEdit {
                description: Some(noise(seed)),
                ..AssetEdit::default()
            };
            desk.library.edit_assets(&[id], edit).unwrap();
        }
        for machine in [&laptop, &other] {
            pair(&desk, machine, true).await;
            knows(machine, &desk, PHOTOS as usize).await;
        }
        let key = SecretKey::from_bytes(&laptop.library.device_key());
        laptop.peers.stop().await;

        // Some unread streams hold up no other of their line.
        let line = {
            let port = desk.peers.addresses()[0].port().to_string();
            let id = SecretKey::from_bytes(&desk.library.device_key()).public();
            let endpoint = endpoint(key.clone()).await;
            let home = at(&port, &id.to_string());
            (endpoint.connect(home, PROTOCOL).await.unwrap(), endpoint)
        };
        let mut unread = Vec::new();
        for _ in 0..3 {
            unread.push(asked(&line.0, FOLLOW).await);
        }
        let mut read = asked(&line.0, FOLLOW).await;
        let first = page(&mut read).await;
        assert!(first > 400_000, "a page is as large as pages are: {first}");
        assert!(page(&mut read).await > 0, "and the rest comes, too");
        drop((line, unread, read));

        let before = resident();
        let key: String = key
            .to_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let mut attack = Attack::on(&desk, "unread", &key);
        assert_eq!(attack.says().await, format!("{QUESTIONS} are followed"));
        for round in 0..5 {
            // Another machine is served meanwhile.
            desk.photo(PHOTOS + round, 8);
            knows(&other, &desk, (PHOTOS + round + 1) as usize).await;
            assert_flat(before, "while nothing is read");
        }
    });
}
