//! Lanes that other machines open here: the other half.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use iroh::Endpoint;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ServerConnection, StreamOwned};

use super::{IDLE, Socket, keys};
use crate::protocol::{PATIENCE, Question, QuestionOf, read_now};
use crate::{Inner, Peers, SyncError, give, locked, presence};

/// How many handshakes may be under way.
const HANDSHAKES: usize = 16;
/// How many lanes one machine may have here, and all together: each has a thread.
const OF_ONE: usize = 10;
const OF_ALL: usize = 64;
/// How long it takes until a network that takes in nobody is tried again.
const ANEW: Duration = Duration::from_secs(1);

/// Takes a port for lanes: that of the line where it is free, for a firewall's sake. Where all of IPv6
/// takes all of IPv4 with it, one listener is all there is.
pub(crate) async fn listen(endpoint: &Endpoint) -> Vec<TcpListener> {
    let line = endpoint.bound_sockets().first().map(SocketAddr::port);
    for mut port in [line.unwrap_or_default(), 0] {
        let mut listeners = Vec::new();
        let all: [IpAddr; 2] = [Ipv6Addr::UNSPECIFIED.into(), Ipv4Addr::UNSPECIFIED.into()];
        for ip in all {
            if let Ok(listener) = TcpListener::bind((ip, port)).await {
                port = listener.local_addr().map_or(port, |bound| bound.port());
                listeners.push(listener);
            }
        }
        if !listeners.is_empty() {
            return listeners;
        }
    }
    Vec::new()
}

impl Peers {
    /// The port of TCP at which lanes are let in; 0 for none.
    pub fn lane_port(&self) -> u16 {
        self.inner.lane_port
    }

    /// How many bytes of photos others were sent by lanes since the start.
    pub fn sent_by_lanes(&self) -> u64 {
        self.inner.served.sent.load(Ordering::Relaxed)
    }
}

/// Lanes that are open here.
#[derive(Default)]
pub(crate) struct Served {
    open: Mutex<HashMap<u64, Open>>,
    next: AtomicU64,
    /// Bytes that were sent by them.
    pub sent: AtomicU64,
    is_over: AtomicBool,
}

struct Open {
    key: [u8; 32],
    stream: Arc<TcpStream>,
}

impl Served {
    /// Closes those of all others.
    pub fn keep_only(&self, is_kept: impl Fn(&[u8; 32]) -> bool) {
        locked(&self.open).retain(|_, open| {
            let stays = is_kept(&open.key);
            if !stays {
                let _ = open.stream.shutdown(Shutdown::Both);
            }
            stays
        });
    }

    /// Closes all, for good.
    pub fn close(&self) {
        self.is_over.store(true, Ordering::SeqCst);
        self.keep_only(|_| false);
    }

    /// Notes one, where there is room for it.
    fn open(&self, key: [u8; 32], stream: Arc<TcpStream>) -> Option<u64> {
        let mut open = locked(&self.open);
        let its = open.values().filter(|open| open.key == key).count();
        let is_over = self.is_over.load(Ordering::SeqCst);
        if is_over || its >= OF_ONE || open.len() >= OF_ALL {
            return None;
        }
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        open.insert(id, Open { key, stream });
        Some(id)
    }
}

/// Takes in whoever comes, for as long as it is not ended.
pub(crate) async fn take_in(inner: Arc<Inner>, listener: TcpListener) {
    let Ok(config) = keys::server(&inner.library.device_key(), Arc::clone(&inner.gate)) else {
        return;
    };
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let handshakes = Arc::new(Semaphore::new(HANDSHAKES));
    loop {
        let Ok((stream, from)) = listener.accept().await else {
            sleep(ANEW).await;
            continue;
        };
        // Who comes from elsewhere has the line.
        if !presence::is_near(from.ip()) || inner.gate.is_weary_of(from.ip()) {
            continue;
        }
        let Ok(turn) = Arc::clone(&handshakes).try_acquire_owned() else {
            continue;
        };
        let (inner, acceptor) = (Arc::clone(&inner), acceptor.clone());
        tokio::spawn(async move {
            let Ok(Ok(lane)) = timeout(PATIENCE, acceptor.accept(stream)).await else {
                inner.gate.note_unknown(from.ip());
                return;
            };
            drop(turn);
            let (stream, tls) = lane.into_inner();
            let Some(key) = keys::shown(tls.peer_certificates()) else {
                return;
            };
            if let Ok(stream) = stream.into_std() {
                // One that breaks off ends with its thread.
                tokio::task::spawn_blocking(move || drop(answer(&inner, key, stream, tls)));
            }
        });
    }
}

fn answer(
    inner: &Inner,
    key: [u8; 32],
    stream: TcpStream,
    mut tls: ServerConnection,
) -> Result<(), SyncError> {
    let socket = (stream.set_nonblocking(false)).and_then(|()| Socket::new(stream, 2 * IDLE));
    let socket = socket.map_err(|_: io::Error| SyncError::Broken)?;
    let Some(id) = inner.served.open(key, socket.stream()) else {
        return Ok(());
    };
    tls.set_buffer_limit(Some(give::AT_ONCE));
    let mut lane = StreamOwned::new(tls, socket);
    let end = reply(inner, &key, &mut lane);
    locked(&inner.served.open).remove(&id);
    end
}

/// Answers one question after the other, each by the right that the machine has then.
fn reply(
    inner: &Inner,
    key: &[u8; 32],
    lane: &mut StreamOwned<ServerConnection, Socket>,
) -> Result<(), SyncError> {
    loop {
        let question: Question = read_now(lane)?;
        let Some(guest) = inner.library.admit_peer(key)? else {
            return Ok(());
        };
        inner.hear(guest.device());
        // All else is said on the line.
        let Some(QuestionOf::Fetch(fetch)) = question.of else {
            return Ok(());
        };
        give::give_by_lane(inner, &guest, &fetch, lane)?;
    }
}
