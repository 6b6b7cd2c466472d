//! A relay of one's own, served by this machine: it carries sealed packets between machines
//! that have no path to each other, and understands none of them. Whoever comes proves a key
//! first, and the library is asked anew whether it is known; somebody unknown comes in with
//! the token of an open invitation alone, to pair, and not for long. Everything is bounded:
//! sockets that have proved nothing yet, lines of one machine, and those who are invited.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper::{HeaderMap, Method, Request};
use hyper_util::rt::TokioIo;
use iroh::{EndpointId, RelayUrl};
use iroh_relay::KeyCache;
use iroh_relay::http::{RELAY_PATH, RELAY_PROBE_PATH};
use iroh_relay::server::clients::Clients;
use iroh_relay::server::http_server::{
    BytesBody, Handlers, HyperError, RelayService, RelayServiceWithNotify,
};
use iroh_relay::server::streams::MaybeTlsStream;
use iroh_relay::server::{
    Access, AccessControl, ClientRequest, ConnectionId, DynAccessControl, Metrics,
};
use library::Library;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use crate::gate::Gate;
use crate::{SyncError, blocking, locked};

/// How long a socket may take until it has proved a key.
const HELLO: Duration = Duration::from_secs(10);
/// How many sockets may have proved nothing yet, in all and from one place.
const GREETED: (usize, usize) = (256, 16);
/// How many lines one machine may have: a new one stands before a dead one is noticed.
const LINES: usize = 4;
/// How many who are invited may be here at once, and for how long: as an invitation lasts,
/// and people compare words.
const INVITED: (usize, Duration) = (8, Duration::from_secs(15 * 60));
/// How many keys are kept unpacked.
const KEYS: usize = 1_024;
/// How long it is waited after the system had no socket to give.
const BREATH: Duration = Duration::from_millis(200);
/// The header by which a line is known again; whatever a visitor writes there is written over.
const NUMBER: HeaderName = HeaderName::from_static("x-albumen-line");

/// Where a relay is served, and how.
#[derive(Clone, Debug)]
pub struct Serving {
    /// The address and the port.
    pub address: SocketAddr,
    /// With a certificate it is HTTPS, else plain HTTP: what is carried is sealed anyway.
    pub tls: Option<Arc<ServerConfig>>,
}

/// A relay that is served, until it is dropped.
pub(crate) struct Relay {
    /// Where it is served to others.
    pub at: SocketAddr,
    /// Whether by HTTPS.
    pub is_sealed: bool,
    /// Where this machine itself comes to it.
    pub own: RelayUrl,
    doorman: Arc<Doorman>,
    taking_in: JoinSet<()>,
}

impl Relay {
    /// Serves one to whom the library knows.
    ///
    /// # Errors
    /// [`SyncError::Relay`] when the address cannot be taken.
    pub async fn serve(
        serving: Serving,
        own: EndpointId,
        gate: Arc<Gate>,
        library: Arc<Library>,
    ) -> Result<Relay, SyncError> {
        let failed = |error| SyncError::Relay(serving.address, error);
        let far = TcpListener::bind(serving.address).await.map_err(failed)?;
        // The machine itself comes by a door of its own, whatever the certificate's name.
        let near = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(failed)?;
        let at = far.local_addr().map_err(failed)?;
        let door = near.local_addr().map_err(failed)?;
        let doorman = Arc::new(Doorman {
            own,
            gate,
            library,
            clients: OnceLock::new(),
            lines: Mutex::default(),
            greeted: Mutex::default(),
            coming: Mutex::default(),
            next: AtomicU64::new(0),
        });
        let access: Arc<dyn DynAccessControl> = Arc::new(AtDoor(Arc::clone(&doorman)));
        let service = RelayService::new(
            handlers(),
            HeaderMap::new(),
            None,
            KeyCache::new(KEYS),
            access,
            Arc::new(Metrics::default()),
        );
        let _ = doorman.clients.set(service.clients().clone());
        let is_sealed = serving.tls.is_some();
        let mut taking_in = JoinSet::new();
        let sealed = serving.tls.map(TlsAcceptor::from);
        taking_in.spawn(take_in(far, sealed, service.clone(), Arc::clone(&doorman)));
        taking_in.spawn(take_in(near, None, service, Arc::clone(&doorman)));
        Ok(Relay {
            at,
            is_sealed,
            own: format!("http://{door}")
                .parse()
                .map_err(|_| SyncError::Broken)?,
            doorman,
            taking_in,
        })
    }

    /// Gives its port back, and lets everyone go.
    pub async fn stop(mut self) {
        self.taking_in.shutdown().await;
    }

    /// Where it is served, as an address.
    pub fn url(&self) -> String {
        let scheme = if self.is_sealed { "https" } else { "http" };
        format!("{scheme}://{}", self.at)
    }

    /// Cuts everyone off who is not known any more.
    pub fn keep_only(&self, is_known: impl Fn(&[u8; 32]) -> bool) {
        let mut gone = Vec::new();
        for (id, lines) in locked(&self.doorman.lines).iter_mut() {
            match *id == self.doorman.own || is_known(id.as_bytes()) {
                true => lines.is_invited = false,
                false if lines.is_invited => {}
                false => gone.push(*id),
            }
        }
        for id in gone {
            self.doorman.cut(id);
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let here: Vec<EndpointId> = locked(&self.doorman.lines).keys().copied().collect();
        if let Some(clients) = self.doorman.clients.get() {
            for id in here {
                clients.disconnect(id, None);
            }
        }
    }
}

/// What is answered besides packets: whether anyone is there, which machines ask before
/// they come.
fn handlers() -> Handlers {
    let mut handlers = Handlers::default();
    handlers.insert(
        (Method::GET, RELAY_PROBE_PATH),
        Box::new(|_, response| {
            let body: BytesBody = Box::new(Empty::<Bytes>::new());
            response
                .body(body)
                .map_err(|error| Box::new(error) as HyperError)
        }),
    );
    handlers
}

/// Takes sockets in for as long as it is let run; those that have proved nothing end with it.
async fn take_in(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    service: RelayService,
    doorman: Arc<Doorman>,
) {
    let mut greetings = JoinSet::new();
    loop {
        while greetings.try_join_next().is_some() {}
        let Ok((stream, from)) = listener.accept().await else {
            sleep(BREATH).await;
            continue;
        };
        if let Some(place) = Place::take(&doorman, from.ip()) {
            greetings.spawn(greet(stream, tls.clone(), service.clone(), place));
        }
    }
}

/// Stays with a socket until it was decided on whoever it is; one that proves nothing in
/// time is shut, also in the midst of a handshake that the relay itself would wait for.
async fn greet(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    service: RelayService,
    place: Place,
) -> Option<()> {
    let stream = stream.into_std().ok()?;
    let spare = stream.try_clone().ok()?;
    let stream = TcpStream::from_std(stream).ok()?;
    let number = place.doorman.next.fetch_add(1, Ordering::Relaxed);
    let (decide, decided) = oneshot::channel();
    locked(&place.doorman.greeted).insert(number, decide);
    let comes_in = Arc::new(AtomicBool::new(false));
    let asks = Arc::clone(&comes_in);
    let service = RelayServiceWithNotify::new(service, Arc::new(Notify::new()));
    let answer = service_fn(move |mut request: Request<Incoming>| {
        if request.uri().path() == RELAY_PATH {
            asks.store(true, Ordering::Relaxed);
        }
        request
            .headers_mut()
            .insert(NUMBER, HeaderValue::from(number));
        std::future::ready(service.call(request).into_inner().map_err(io::Error::other))
    });
    let greeting = async {
        let io = match tls {
            Some(tls) => MaybeTlsStream::Tls(tls.accept(stream).await.ok()?),
            None => MaybeTlsStream::Plain(stream),
        };
        let serving = http1::Builder::new().serve_connection(TokioIo::new(io), answer);
        serving.with_upgrades().await.ok()?;
        match comes_in.load(Ordering::Relaxed) {
            true => decided.await.ok(),
            false => None,
        }
    };
    let came = timeout(HELLO, greeting).await.ok().flatten();
    locked(&place.doorman.greeted).remove(&number);
    if came.is_none() {
        // Whoever has ended already is shut twice.
        let _ = spare.shutdown(std::net::Shutdown::Both);
    }
    came
}

/// The place of a socket that has proved nothing yet.
struct Place {
    doorman: Arc<Doorman>,
    from: IpAddr,
}

impl Place {
    /// `None` when there is none left, or whoever is there has taken enough.
    fn take(doorman: &Arc<Doorman>, from: IpAddr) -> Option<Place> {
        let from = neighbourhood(from);
        let mut coming = locked(&doorman.coming);
        let (all, own) = (coming.values().sum::<usize>(), coming.get(&from));
        if all >= GREETED.0 || own.is_some_and(|own| *own >= GREETED.1) {
            return None;
        }
        *coming.entry(from).or_default() += 1;
        drop(coming);
        Some(Place {
            doorman: Arc::clone(doorman),
            from,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut coming = locked(&self.doorman.coming);
        if let Some(count) = coming.get_mut(&self.from) {
            *count -= 1;
            if *count == 0 {
                coming.remove(&self.from);
            }
        }
    }
}

/// Who has one address of IPv6 has all of its network.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address => address,
    }
}

/// Lines of one machine, the oldest first.
#[derive(Default)]
struct Lines {
    ids: Vec<ConnectionId>,
    /// Whether it came by an invitation, and is not known yet.
    is_invited: bool,
}

/// Who decides on those who come.
struct Doorman {
    own: EndpointId,
    gate: Arc<Gate>,
    library: Arc<Library>,
    clients: OnceLock<Clients>,
    lines: Mutex<HashMap<EndpointId, Lines>>,
    /// Sockets that have proved nothing yet, and how they hear that they have.
    greeted: Mutex<HashMap<u64, oneshot::Sender<()>>>,
    /// How many of those there are from each place.
    coming: Mutex<HashMap<IpAddr, usize>>,
    next: AtomicU64,
}

impl Doorman {
    /// Whether the library knows the machine now.
    async fn knows(&self, id: EndpointId) -> bool {
        let (library, key) = (Arc::clone(&self.library), *id.as_bytes());
        id == self.own
            || blocking(move || Ok(library.admit_peer(&key)?))
                .await
                .is_ok_and(|guest| guest.is_some())
    }

    /// Takes a line in; false where there is no room for it.
    fn admit(self: &Arc<Self>, id: EndpointId, line: ConnectionId, is_invited: bool) -> bool {
        let mut lines = locked(&self.lines);
        let invited = lines.values().filter(|lines| lines.is_invited).count();
        let is_new = !lines.contains_key(&id);
        if is_invited && is_new && invited >= INVITED.0 {
            return false;
        }
        let own = lines.entry(id).or_default();
        own.ids.push(line);
        own.is_invited = is_invited;
        if own.ids.len() > LINES
            && let Some(clients) = self.clients.get()
        {
            clients.disconnect(id, own.ids.first().copied());
        }
        drop(lines);
        if is_invited && is_new {
            let doorman = Arc::downgrade(self);
            tokio::spawn(async move {
                sleep(INVITED.1).await;
                if let Some(doorman) = doorman.upgrade()
                    && !doorman.knows(id).await
                {
                    doorman.cut(id);
                }
            });
        }
        true
    }

    /// Ends the lines of a machine. One that was let in this moment is not registered yet,
    /// so it is looked for until all are gone.
    fn cut(self: &Arc<Self>, id: EndpointId) {
        let condemned: Vec<ConnectionId> = match locked(&self.lines).get(&id) {
            Some(lines) => lines.ids.clone(),
            None => return,
        };
        let doorman = Arc::clone(self);
        tokio::spawn(async move {
            loop {
                let here = locked(&doorman.lines)
                    .get(&id)
                    .map_or_else(Vec::new, |lines| lines.ids.clone());
                let left = condemned.iter().filter(|line| here.contains(line));
                let left: Vec<_> = left.copied().collect();
                let Some(clients) = doorman.clients.get().filter(|_| !left.is_empty()) else {
                    return;
                };
                for line in left {
                    clients.disconnect(id, Some(line));
                }
                sleep(BREATH).await;
            }
        });
    }
}

/// The doorman as the relay holds it.
struct AtDoor(Arc<Doorman>);

impl fmt::Debug for AtDoor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AtDoor").finish_non_exhaustive()
    }
}

impl AccessControl for AtDoor {
    async fn on_connect(&self, request: &ClientRequest) -> Access {
        let (doorman, id) = (&self.0, request.endpoint_id());
        let is_known = doorman.knows(id).await;
        let is_invited = !is_known
            && request
                .auth_token()
                .is_some_and(|token| doorman.gate.invites(&token));
        let comes_in =
            (is_known || is_invited) && doorman.admit(id, request.connection_id(), is_invited);
        let number = request.headers().get(NUMBER);
        let number = number.and_then(|number| number.to_str().ok()?.parse().ok());
        if let Some(decided) = number.and_then(|number| locked(&doorman.greeted).remove(&number)) {
            // Whoever waited for it was not patient.
            let _ = decided.send(());
        }
        match comes_in {
            true => Access::Allow,
            false => Access::Deny {
                reason: Some("unknown".to_owned()),
            },
        }
    }

    fn on_disconnect(&self, id: EndpointId, line: ConnectionId) {
        let mut lines = locked(&self.0.lines);
        if let Some(own) = lines.get_mut(&id) {
            own.ids.retain(|other| *other != line);
            if own.ids.is_empty() {
                lines.remove(&id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_is_one_place() {
        let place = |address: &str| neighbourhood(address.parse().unwrap());
        assert_eq!(place("2001:db8::1"), place("2001:db8::ffff:2"));
        assert_ne!(place("2001:db8::1"), place("2001:db8:0:1::1"));
        assert_eq!(place("::ffff:192.0.2.7"), place("192.0.2.7"));
        assert_ne!(place("192.0.2.7"), place("192.0.2.8"));
    }
}
