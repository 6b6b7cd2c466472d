//! Lanes: what is long comes beside the line, over TCP, where both machines are on one
//! network. The system carries TCP for a fraction of what QUIC costs a program, so a lane is
//! as fast as the cable, or as the disks are. It is sealed by TLS 1.3, each side by the key
//! that it has on the line (`keys`), and what is said on it is what is said on a stream of
//! the line: a question, its answer, and the bytes; one after the other. Where none comes to
//! stand, or one breaks, the line carries all, as it does everything else.

mod keys;
mod serve;

use std::io::{self, BufReader, IoSlice, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use iroh::endpoint::Connection;
use library::Peer;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, StreamOwned};

use crate::protocol::{Fetch, PATIENCE, Question, QuestionOf, Sending, frame, read_now};
use crate::transfer::STALLED;
use crate::{Contact, Inner, SyncError, blocking, locked};

pub(crate) use serve::{Served, listen, take_in};

/// How long the other side may take to be there at all: it is on this network.
const DIALING: Duration = Duration::from_secs(2);
/// For how long no lane is tried once one did not come to stand: a firewall is not opened
/// every minute.
const RESTS: Duration = Duration::from_secs(300);
/// How many are used at once to one machine: what is kept comes by some, and what is looked
/// at by the others.
const AT_ONCE: usize = 8;
/// For how long a lane that nobody uses is kept. The other side waits for twice as long.
const IDLE: Duration = Duration::from_secs(10);
/// What is read from the system at a time.
const READ: usize = 256 * 1024;

/// A machine that bytes come from: by its line, and what is long by lanes beside it.
#[derive(Clone)]
pub(crate) struct Source {
    pub conn: Connection,
    /// Where it is on this network, and lets in lanes.
    pub lanes: Option<Arc<Lanes>>,
}

/// Lanes to one machine.
pub(crate) struct Lanes {
    address: SocketAddr,
    config: Arc<ClientConfig>,
    turns: Arc<Semaphore>,
    idle: Mutex<Vec<(Lane, Instant)>>,
    rests_until: Mutex<Option<Instant>>,
}

/// One of them. It is spoken on by whoever holds it, who waits for the network.
pub(crate) struct Lane {
    stream: StreamOwned<ClientConnection, Socket>,
    /// Its place among those that are used.
    turn: Option<OwnedSemaphorePermit>,
}

impl Read for Lane {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.stream.read(into)
    }
}

/// A socket of TCP that is read in large pieces.
pub(crate) struct Socket(BufReader<Both>);

/// The socket, which can be closed while it is used.
struct Both(Arc<TcpStream>);

impl Read for Both {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.as_ref().read(into)
    }
}

impl Socket {
    pub fn new(stream: TcpStream, waits: Duration) -> io::Result<Socket> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(waits))?;
        stream.set_write_timeout(Some(waits))?;
        let both = Both(Arc::new(stream));
        Ok(Socket(BufReader::with_capacity(READ, both)))
    }

    pub fn stream(&self) -> Arc<TcpStream> {
        Arc::clone(&self.0.get_ref().0)
    }
}

impl Read for Socket {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.get_ref().0.as_ref().write(bytes)
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.get_ref().0.as_ref().write_vectored(slices)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Closes a lane unless whoever waits for it waits to the end: what waits for the network
/// ends at once then.
pub(crate) struct Closing(Option<Arc<TcpStream>>);

impl Closing {
    pub fn of(lane: &Lane) -> Closing {
        Closing(Some(lane.stream.sock.stream()))
    }

    pub fn stays_open(mut self) {
        self.0 = None;
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        if let Some(stream) = &self.0 {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Contact {
    /// By what bytes come from it, where a line stands.
    pub fn source(&self) -> Option<Source> {
        Some(Source {
            conn: self.conn.clone()?,
            lanes: self.lanes.clone(),
        })
    }
}

impl Inner {
    /// A machine said at which port it lets in lanes: they are tried where the line says that
    /// it is on this network.
    pub(crate) fn learn_lanes(&self, peer: &Peer, conn: &Connection, port: u32) {
        let at = self.lanes_at(conn, port);
        if let Some(contact) = locked(&self.contacts).get_mut(&peer.device)
            && contact.lanes.as_ref().map(|lanes| lanes.address()) != at
        {
            let own = self.library.device_key();
            contact.lanes = at.and_then(|at| Lanes::to(at, &own, &peer.key).ok());
        }
    }
}

impl Lanes {
    /// Lanes from a machine with this key to another with that one.
    ///
    /// # Errors
    /// [`SyncError::Network`] for a key that cannot be shown.
    pub fn to(
        address: SocketAddr,
        key: &[u8; 32],
        whom: &[u8; 32],
    ) -> Result<Arc<Lanes>, SyncError> {
        let config = keys::client(key, whom).map_err(|why| SyncError::Network(why.to_string()))?;
        Ok(Arc::new(Lanes {
            address,
            config: Arc::new(config),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            idle: Mutex::default(),
            rests_until: Mutex::default(),
        }))
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether they are tried: none has failed lately.
    pub fn are_tried(&self) -> bool {
        locked(&self.rests_until).is_none_or(|until| Instant::now() >= until)
    }

    /// From now on the line carries all, for a while.
    pub fn rest(&self) {
        *locked(&self.rests_until) = Some(Instant::now() + RESTS);
        locked(&self.idle).clear();
    }

    /// Asks for bytes: the answer, and the lane that they come by. `None` where there is no
    /// lane, or all are in use.
    pub async fn ask(self: &Arc<Self>, fetch: Fetch) -> Option<(Sending, Lane)> {
        if !self.are_tried() {
            return None;
        }
        let turn = Arc::clone(&self.turns).try_acquire_owned().ok()?;
        let lanes = Arc::clone(self);
        let asked = blocking(move || {
            let question = frame(&Question {
                of: Some(QuestionOf::Fetch(fetch)),
            })?;
            // One that stood unused may be closed by now.
            if let Some(mut lane) = lanes.idle()
                && let Ok(sending) = ask(&mut lane, &question)
            {
                lane.turn = Some(turn);
                return Ok((sending, lane));
            }
            let mut lane = lanes.dial().map_err(|_| SyncError::Broken)?;
            let sending = ask(&mut lane, &question)?;
            lane.turn = Some(turn);
            Ok((sending, lane))
        })
        .await;
        if asked.is_err() {
            self.rest();
        }
        asked.ok()
    }

    /// Keeps a lane for what is asked next.
    pub fn keep(&self, mut lane: Lane) {
        lane.turn = None;
        locked(&self.idle).push((lane, Instant::now()));
    }

    fn idle(&self) -> Option<Lane> {
        let mut idle = locked(&self.idle);
        idle.retain(|(_, since)| since.elapsed() < IDLE);
        idle.pop().map(|(lane, _)| lane)
    }

    fn dial(&self) -> io::Result<Lane> {
        let stream = TcpStream::connect_timeout(&self.address, DIALING)?;
        let mut socket = Socket::new(stream, PATIENCE)?;
        // The name is not sent: the key says who it is.
        let name = ServerName::from(self.address.ip());
        let mut tls =
            ClientConnection::new(Arc::clone(&self.config), name).map_err(io::Error::other)?;
        while tls.is_handshaking() {
            tls.complete_io(&mut socket)?;
        }
        socket.stream().set_read_timeout(Some(STALLED))?;
        socket.stream().set_write_timeout(Some(STALLED))?;
        Ok(Lane {
            stream: StreamOwned::new(tls, socket),
            turn: None,
        })
    }
}

fn ask(lane: &mut Lane, question: &[u8]) -> Result<Sending, SyncError> {
    let asked = lane.stream.write_all(question);
    asked.map_err(|_| SyncError::Broken)?;
    read_now(lane)
}
