//! The accept loop. `axum::serve` has no time limit for headers, so connections are
//! taken here, one task each, with a limit for every kind of slowness.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use library::Library;
use tokio::{
    net::TcpListener,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::{
    certificate::{CertificateError, Validity},
    connection::{self, Face, Peer},
    counts::{Answered, Counts},
    crowd::Crowd,
    pages::door,
    proxy::Network,
    pulse::{Limits, Pulse},
    reach::{Question, Reach},
    redirect,
    site::{Site, publishable},
    socket,
    tls::{Greeted, Seal, Tls},
};

/// Where and under which names to listen.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The address by which others reach this listener, such as
    /// `https://photos.example.org`; its host is allowed.
    pub public_url: Option<String>,
    /// Further host names and addresses to answer to.
    pub hosts: Vec<String>,
    /// Proxies that are believed what they say of the visitors they bring.
    pub proxies: Vec<Network>,
    /// What to serve https with.
    pub seal: Option<Seal>,
    /// Whether browsers are told to come by https alone for a month (HSTS), where the
    /// certificate is one that they believe; else they are told to forget that.
    pub strict: bool,
    /// Where plain HTTP is led to the listener and answered nothing else.
    pub redirect: Option<SocketAddr>,
}

impl Settings {
    /// Listens at `address`, without anything that can be left out.
    pub fn at(address: SocketAddr) -> Self {
        Self {
            listen: address,
            public_url: None,
            hosts: Vec::new(),
            proxies: Vec::new(),
            seal: None,
            strict: true,
            redirect: None,
        }
    }
}

/// Why nothing listens.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address could not be had.
    #[error("Cannot listen on {address}: {source}. Choose another address or port.")]
    Address {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The public address is none.
    #[error("“{0}” is not a public address; write it like https://photos.example.org.")]
    PublicUrl(String),
    /// Others would reach what is for this machine alone.
    #[error(
        "{0} can be reached by others; what tells of the node is for this machine alone. Choose \
         an address like 127.0.0.1:8479."
    )]
    NotAlone(SocketAddr),
    /// The certificate cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

/// What one too many hears, where nobody can make room.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\n\
      connection: close\r\n\r\n";

/// A listener that runs. Dropping it ends it and its connections at once.
#[derive(Debug)]
pub struct Listening {
    address: SocketAddr,
    stop: CancellationToken,
    crowd: Arc<Crowd>,
    reach: Arc<Reach>,
    counts: Arc<Counts>,
    tls: Option<Arc<Tls>>,
    task: AbortOnDropHandle<()>,
    _follows: Option<AbortOnDropHandle<()>>,
    /// What only leads here, or why it does not run.
    redirect: Option<Result<Box<Listening>, ListenError>>,
}

impl Listening {
    /// The address listened at, with the port that was taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.crowd.connections()
    }

    /// From how many addresses they come.
    pub fn visitors(&self) -> usize {
        self.crowd.visitors()
    }

    /// How many answers are on their way.
    pub fn answers(&self) -> usize {
        self.crowd.answers()
    }

    /// What was answered since it began, by route and by how it went.
    pub fn answered(&self) -> Vec<Answered> {
        self.counts.answers()
    }

    /// How many bytes were sent since it began.
    pub fn bytes_sent(&self) -> u64 {
        self.crowd.bytes_sent()
    }

    /// A question that only this listener answers, while it is held.
    pub fn ask(&self) -> Question {
        self.reach.ask()
    }

    /// Answers to the router's address on the internet as well, or no more.
    pub fn answer_to(&self, outside: Option<IpAddr>) {
        self.reach.set_outside(outside);
    }

    /// Whether it serves https.
    pub fn is_sealed(&self) -> bool {
        self.tls.is_some()
    }

    /// Why a certificate that was renewed is not in use.
    pub fn certificate_problem(&self) -> Option<String> {
        self.tls.as_ref()?.problem()
    }

    /// How long the certificate holds; of several, the first that ends.
    pub fn validity(&self) -> Option<Validity> {
        self.tls.as_ref()?.validity()
    }

    /// Where plain HTTP is led here, as it was wished; `None` when it was not.
    ///
    /// # Errors
    /// A sentence, when that address could not be had.
    pub fn redirect(&self) -> Option<Result<SocketAddr, String>> {
        let redirect = self.redirect.as_ref()?;
        Some(match redirect {
            Ok(listening) => Ok(listening.address),
            Err(error) => Err(error.to_string()),
        })
    }

    /// Takes no more connections, gives the open ones two seconds, and ends.
    pub async fn stop(self) {
        self.stop.cancel();
        let redirect = self.redirect.and_then(Result::ok);
        if let Some(redirect) = &redirect {
            redirect.stop.cancel();
        }
        // A task that ended by panic is ended, too.
        let _ = self.task.await;
        if let Some(redirect) = redirect {
            let _ = redirect.task.await;
        }
    }
}

/// Shows the links of `library` at the address of `settings`.
///
/// # Errors
/// [`ListenError`] when the address cannot be had, the public one is none, or the
/// certificate cannot be used.
pub async fn listen(library: Arc<Library>, settings: Settings) -> Result<Listening, ListenError> {
    if let Some(url) = settings.public_url.as_ref().filter(|url| !publishable(url)) {
        return Err(ListenError::PublicUrl(url.clone()));
    }
    let tls = settings.seal.clone().map(Tls::of).transpose()?;
    let tls = tls.map(Arc::new);
    let site = Arc::new(Site::new(library, &settings));
    let (reach, counts) = (Arc::clone(&site.reach), Arc::clone(&site.counts));
    let face = {
        let site = Arc::clone(&site);
        move |request, line| door(Arc::clone(&site), request, Some(line))
    };
    let limits = Limits {
        connections: Limits::PUBLIC.connections.min(socket::most_connections()),
        ..Limits::PUBLIC
    };
    let mut listening = start(face, settings.listen, limits, reach, tls).await?;
    listening.counts = counts;
    if let Some(address) = settings.redirect {
        let face = redirect::face(site, listening.address.port());
        let begun = start(face, address, limits, Arc::default(), None).await;
        listening.redirect = Some(begun.map(Box::new));
    }
    Ok(listening)
}

/// Serves `face` at an address; it counts what it answers itself.
pub(crate) async fn start(
    face: impl Face,
    address: SocketAddr,
    limits: Limits,
    reach: Arc<Reach>,
    tls: Option<Arc<Tls>>,
) -> Result<Listening, ListenError> {
    let refused = |source| ListenError::Address { address, source };
    let listener = socket::bind(address).map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let stop = CancellationToken::new();
    let crowd = Arc::new(Crowd::default());
    let task = tokio::spawn(accept(
        listener,
        face,
        limits,
        stop.clone(),
        Arc::clone(&crowd),
        tls.clone(),
    ));
    let follows = tls.clone().map(|tls| tokio::spawn(tls.follow()));
    Ok(Listening {
        address,
        stop,
        crowd,
        reach,
        counts: Arc::default(),
        tls,
        task: AbortOnDropHandle::new(task),
        _follows: follows.map(AbortOnDropHandle::new),
        redirect: None,
    })
}

async fn accept(
    listener: TcpListener,
    face: impl Face,
    limits: Limits,
    stop: CancellationToken,
    crowd: Arc<Crowd>,
    tls: Option<Arc<Tls>>,
) {
    // Dropped with this task, and every connection with it.
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(_) => {
                // Out of descriptors, or a client that left already: the next
                // connection to end makes room.
                sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        if connections.len() >= limits.connections && !crowd.make_room() {
            // As much as fits at once: nobody waits for them.
            let _ = stream.try_write(FULL);
            continue;
        }
        let pulse = Pulse::new(Arc::clone(&crowd));
        let present = crowd.enter(peer.ip().to_canonical(), &pulse);
        let (face, stop) = (face.clone(), stop.clone());
        let tls = tls.clone();
        connections.spawn(async move {
            let _present = present;
            // Small answers should not wait for a full packet; a refusal costs only speed.
            let _ = stream.set_nodelay(true);
            let peer = |sealed, self_made| Peer {
                address: peer.ip(),
                sealed,
                self_made,
            };
            let greeted = match tls {
                None => Some(Greeted::Plain(stream)),
                Some(tls) => tls.greet(stream, limits.first).await,
            };
            match greeted {
                None => {}
                Some(Greeted::Plain(stream)) => {
                    connection::converse(stream, peer(false, false), pulse, face, limits, stop)
                        .await;
                }
                Some(Greeted::Sealed { stream, self_made }) => {
                    let peer = peer(true, self_made);
                    connection::converse(stream, peer, pulse, face, limits, stop).await;
                }
            }
        });
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    // What has not finished by then is dropped with the set.
    let _ = timeout(limits.farewell, all).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{
        body::Body,
        extract::Request,
        response::{IntoResponse, Response},
    };
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    /// Short limits: the tests wait for the end of a connection, however long.
    const SHORT: Limits = Limits {
        first: Duration::from_millis(60),
        stall: Duration::from_millis(60),
        idle: Duration::from_millis(60),
        look: Duration::from_millis(10),
        farewell: Duration::from_millis(60),
        connections: 2,
    };

    /// Says something, then never more.
    struct Endless;

    impl hyper::body::Body for Endless {
        type Data = axum::body::Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<hyper::body::Frame<Self::Data>, Self::Error>>> {
            let piece = axum::body::Bytes::from_static(&[0; 65_536]);
            std::task::Poll::Ready(Some(Ok(hyper::body::Frame::data(piece))))
        }
    }

    async fn listening(limits: Limits) -> Listening {
        let face = |request: Request, _| async move {
            match request.uri().path() {
                "/endless" => Response::new(Body::new(Endless)),
                _ => "here".into_response(),
            }
        };
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        start(face, address, limits, Arc::default(), None)
            .await
            .unwrap()
    }

    /// Sends `bytes`, then waits for the other end to close.
    async fn ends(address: SocketAddr, bytes: &[u8]) {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }

    #[tokio::test]
    async fn a_slow_start_ends() {
        let listening = listening(SHORT).await;
        for start in [
            "",
            "P",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ] {
            ends(listening.address(), start.as_bytes()).await;
        }
    }

    #[tokio::test]
    async fn an_answer_nobody_takes_ends() {
        let listening = listening(SHORT).await;
        let mut stream = TcpStream::connect(listening.address()).await.unwrap();
        stream
            .write_all(b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await
            .unwrap();
        stream.read_exact(&mut [0; 10]).await.unwrap();
        while listening.connections() > 0 {
            tokio::task::yield_now().await;
        }
    }

    const PATIENT: Limits = Limits {
        first: Duration::from_secs(3_600),
        stall: Duration::from_secs(3_600),
        ..SHORT
    };

    #[tokio::test]
    async fn one_connection_too_many_takes_the_place_of_a_quiet_one() {
        let listening = listening(PATIENT).await;
        let mut places = Vec::new();
        for _ in 0..SHORT.connections {
            let mut stream = TcpStream::connect(listening.address()).await.unwrap();
            stream.write_all(b"GET /").await.unwrap();
            places.push(stream);
        }
        let mut stream = TcpStream::connect(listening.address()).await.unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await
            .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200"));
        while listening.connections() >= SHORT.connections {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn where_all_are_busy_one_too_many_is_told() {
        let listening = listening(PATIENT).await;
        let mut places = Vec::new();
        for _ in 0..SHORT.connections {
            let mut stream = TcpStream::connect(listening.address()).await.unwrap();
            stream
                .write_all(b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .await
                .unwrap();
            stream.read_exact(&mut [0; 10]).await.unwrap();
            places.push(stream);
        }
        let mut stream = TcpStream::connect(listening.address()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, FULL);
        assert_eq!(listening.connections(), SHORT.connections);
    }

    #[tokio::test]
    async fn a_head_that_drips_ends_also_as_the_second_one() {
        let listening = listening(Limits {
            idle: Duration::from_secs(3_600),
            ..SHORT
        })
        .await;
        for before in ["", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"] {
            let mut stream = TcpStream::connect(listening.address()).await.unwrap();
            stream.write_all(before.as_bytes()).await.unwrap();
            let mut answer = [0; 4_096];
            if !before.is_empty() {
                assert!(stream.read(&mut answer).await.unwrap() > 0);
            }
            stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
            // However long it drips: the other end closes.
            while stream.write_all(b"a: b\r\n").await.is_ok() {
                sleep(Duration::from_millis(5)).await;
            }
        }
    }

    #[tokio::test]
    async fn too_many_headers_are_refused() {
        let listening = listening(SHORT).await;
        let mut stream = TcpStream::connect(listening.address()).await.unwrap();
        let bomb = "GET / HTTP/1.1\r\n".to_owned() + &"a: b\r\n".repeat(1_000) + "\r\n";
        stream.write_all(bomb.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP/1.1 200"));
    }
}
