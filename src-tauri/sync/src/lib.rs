//! The machines of a household: how they come to know each other, stay in contact on
//! one network or through a relay of one's own, follow each other's rows, ask for
//! changes, and bring each other bytes. Rules of who may what are `library`'s; here is
//! only how it travels.

mod asking;
mod contact;
mod detour;
mod error;
mod gate;
mod give;
mod hosting;
mod invitation;
mod keeping;
mod lane;
mod nearby;
mod pairing;
mod pairings;
mod presence;
mod protocol;
mod relay;
mod secret;
mod serve;
mod transfer;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use iroh::endpoint::{Connection, NetReportConfig, VarInt, WeakConnectionHandle, presets};
use iroh::{Endpoint, EndpointId, RelayMode, RelayUrl, SecretKey};
use library::{DeviceId, Library, Peer};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::AbortHandle;

pub use detour::RelayServed;
pub use error::SyncError;
pub use invitation::{Invitation, LASTS, SCHEME};
pub use pairing::{Pairing, PairingState};
pub use presence::{Presence, Route};
pub use relay::Serving;
pub use transfer::Wanted;

use detour::Detour;
use gate::{Doorkeeper, Gate};
use lane::{Lanes, Served};
use nearby::Nearby;
use pairing::Open;

/// The port that other machines call, where it is free.
pub const PORT: u16 = 8_478;
/// How much of what is looked at comes at once.
const LOOKING: usize = 16;
/// The code by which a line is closed that another has followed.
const OLDER: u32 = 6;
/// The code by which a machine that was removed is cut off.
const REMOVED: u32 = 5;

/// How this machine speaks to others.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port it is called at; 0 for any.
    pub port: u16,
    /// Whether it tells of itself on its network, and listens for others.
    pub lan: bool,
    /// A relay of one's own, where this machine is met.
    pub relay: Option<RelayUrl>,
    /// Whether it goes by relays alone, as where a network lets no packets of UDP through.
    pub only_relayed: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            port: PORT,
            lan: true,
            relay: None,
            only_relayed: false,
        }
    }
}

/// Other machines, spoken to. Dropping it lets them go; [`Peers::stop`] says goodbye.
pub struct Peers {
    inner: Arc<Inner>,
    /// What it does until then.
    tasks: Vec<AbortHandle>,
}

pub(crate) struct Inner {
    library: Arc<Library>,
    endpoint: Endpoint,
    options: Options,
    nearby: Arc<Nearby>,
    gate: Arc<Gate>,
    detour: Detour,
    /// Raised by each change of the library.
    changed: watch::Sender<u64>,
    invitation: Mutex<Option<Invitation>>,
    /// One proof of an invitation at a time.
    proving: tokio::sync::Mutex<()>,
    pairings: Mutex<BTreeMap<u64, Open>>,
    contacts: Mutex<HashMap<DeviceId, Contact>>,
    /// Lines by which others called.
    hosted: Mutex<HashMap<DeviceId, Hosted>>,
    /// What addresses of links begin with here.
    links_at: Mutex<Option<String>>,
    /// This machine is about to rest, or does.
    rests: AtomicBool,
    fetching: Mutex<HashMap<Wanted, Arc<tokio::sync::Mutex<()>>>>,
    /// Turns of what is looked at now.
    looking: Semaphore,
    /// One look at who is known at a time, so that the last one holds.
    reconciling: tokio::sync::Mutex<()>,
    /// Bytes of photos that others were sent.
    sent: AtomicU64,
    /// The port at which lanes are let in; 0 for none.
    lane_port: u16,
    /// Lanes that others opened.
    served: Served,
    tell: Box<dyn Fn() + Send + Sync>,
}

/// What is had of a machine that calls.
struct Hosted {
    line: Option<WeakConnectionHandle>,
    /// When it last asked anything.
    heard: Instant,
}

impl Hosted {
    fn close(&self, why: u32) {
        if let Some(conn) = self.line.as_ref().and_then(WeakConnectionHandle::upgrade) {
            conn.close(VarInt::from_u32(why), b"closed");
        }
    }
}

/// What is had of a machine that is called.
struct Contact {
    task: AbortHandle,
    wake: Arc<Notify>,
    keeping: Arc<Notify>,
    conn: Option<Connection>,
    /// Lanes beside that line.
    lanes: Option<Arc<Lanes>>,
    trouble: Option<String>,
    /// Why what it tells cannot be taken over here, until it can.
    untaken: Option<String>,
    /// Whether it is the library's own person's.
    is_own: bool,
    /// Whether all that it tells of its links is known, over this line.
    knows_links: bool,
}

/// Whether this is written as the address of a relay.
pub fn is_relay(text: &str) -> bool {
    text.starts_with("http") && text.parse::<RelayUrl>().is_ok()
}

/// What a lock holds, also after somebody panicked with it.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs what waits for a disk where it holds nobody up.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SyncError> + Send + 'static,
) -> Result<T, SyncError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or(Err(SyncError::Broken))
}

impl Peers {
    /// Begins to speak to the machines that the library knows. `tell` is called when
    /// something of them or of a pairing has changed that is in no row.
    ///
    /// # Errors
    /// [`SyncError::Network`].
    pub async fn start(
        library: Arc<Library>,
        options: Options,
        tell: impl Fn() + Send + Sync + 'static,
    ) -> Result<Peers, SyncError> {
        let gate = Arc::new(Gate::default());
        let endpoint = bind(&library, &options, &gate).await?;
        let nearby = Arc::new(Nearby::default());
        let doors = match options.only_relayed {
            true => Vec::new(),
            false => lane::listen(&endpoint).await,
        };
        let lane_port = doors.first().and_then(|door| door.local_addr().ok());
        let inner = Arc::new(Inner {
            endpoint: endpoint.clone(),
            nearby: Arc::clone(&nearby),
            gate,
            detour: Detour::new(options.relay.clone()),
            changed: watch::channel(0).0,
            invitation: Mutex::default(),
            proving: tokio::sync::Mutex::default(),
            pairings: Mutex::default(),
            contacts: Mutex::default(),
            hosted: Mutex::default(),
            links_at: Mutex::default(),
            rests: AtomicBool::default(),
            fetching: Mutex::default(),
            looking: Semaphore::new(LOOKING),
            reconciling: tokio::sync::Mutex::default(),
            sent: AtomicU64::new(0),
            lane_port: lane_port.map_or(0, |bound| bound.port()),
            served: Served::default(),
            tell: Box::new(tell),
            library,
            options,
        });
        inner.reconcile().await?;
        let mut tasks = vec![tokio::spawn(serve::take_in(Arc::clone(&inner))).abort_handle()];
        for door in doors {
            let taking = lane::take_in(Arc::clone(&inner), door);
            tasks.push(tokio::spawn(taking).abort_handle());
        }
        if inner.options.lan {
            let known = Arc::downgrade(&inner);
            let came = move |id: EndpointId| {
                if let Some(inner) = known.upgrade() {
                    inner.wake(id.as_bytes());
                }
            };
            tasks.push(tokio::spawn(nearby::look(endpoint, nearby, came)).abort_handle());
        }
        Ok(Peers { inner, tasks })
    }

    /// Is told of every change of the library.
    pub fn changed(&self) {
        self.inner.changed.send_modify(|changes| *changes += 1);
    }

    /// Is told that there is more to keep of a machine's photos.
    pub fn wake_keeping(&self, device: DeviceId) {
        self.inner.wake_keeping(device);
    }

    /// Is told that other machines are known now than before.
    ///
    /// # Errors
    /// When the library cannot be read.
    pub async fn known_changed(&self) -> Result<(), SyncError> {
        self.inner.reconcile().await
    }

    /// The addresses at which this machine is called, on its own networks.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.inner.endpoint.addr().ip_addrs().copied().collect()
    }

    /// How many machines with this program are on the network, known or not.
    pub fn nearby(&self) -> usize {
        self.inner.nearby.count()
    }

    /// How many bytes of photos others were sent since the start.
    pub fn sent(&self) -> u64 {
        self.inner.sent.load(Ordering::Relaxed)
    }

    /// Says goodbye to everyone, and ends.
    pub async fn stop(&self) {
        self.break_off();
        let _ = self.inner.serve_relay(None).await;
        self.inner.endpoint.close().await;
    }

    fn break_off(&self) {
        for task in &self.tasks {
            task.abort();
        }
        for contact in locked(&self.inner.contacts).values() {
            contact.task.abort();
        }
        self.inner.served.close();
    }
}

impl Drop for Peers {
    fn drop(&mut self) {
        self.break_off();
    }
}

/// Takes the port that is wished for, or any other when that is taken.
async fn bind(
    library: &Library,
    options: &Options,
    gate: &Arc<Gate>,
) -> Result<Endpoint, SyncError> {
    let failed = |error: String| SyncError::Network(error);
    // Nothing of a relay is asked that is not needed to choose one.
    let mut quiet = NetReportConfig::default();
    quiet.captive_portal_check = false;
    let mut trouble = String::new();
    for port in [options.port, 0] {
        let mut builder = Endpoint::builder(presets::Minimal)
            .secret_key(SecretKey::from_bytes(&library.device_key()))
            .alpns(vec![protocol::ALPN.to_vec(), protocol::PAIRING.to_vec()])
            // Those that are used are put in as they are known.
            .relay_mode(RelayMode::custom([]))
            .net_report_config(quiet.clone())
            .hooks(Doorkeeper(Arc::clone(gate)))
            .bind_addr((Ipv4Addr::UNSPECIFIED, port))
            .and_then(|builder| builder.bind_addr((Ipv6Addr::UNSPECIFIED, port)))
            .map_err(|error| failed(error.to_string()))?;
        if options.only_relayed {
            builder = builder.clear_ip_transports();
        }
        let bound = builder.bind().await;
        match bound {
            Ok(endpoint) => return Ok(endpoint),
            Err(error) => trouble = error.to_string(),
        }
    }
    Err(failed(trouble))
}

impl Inner {
    /// Tells that something changed that is in no row.
    pub(crate) fn tell(&self) {
        (self.tell)();
    }

    /// Calls those who are known and nobody else, and cuts off who is not known any
    /// more.
    pub(crate) async fn reconcile(self: &Arc<Self>) -> Result<(), SyncError> {
        let _turn = self.reconciling.lock().await;
        let library = Arc::clone(&self.library);
        let peers = blocking(move || Ok(library.peers()?)).await?;
        self.gate
            .let_in(peers.iter().map(|peer| peer.key).collect());
        self.served
            .keep_only(|key| peers.iter().any(|peer| peer.key == *key));
        self.detour
            .keep_only(|key| peers.iter().any(|peer| peer.key == *key));
        self.settle_relays().await?;
        let known: HashSet<DeviceId> = peers.iter().map(|peer| peer.device).collect();
        let mut contacts = locked(&self.contacts);
        contacts.retain(|device, contact| {
            let stays = known.contains(device);
            if !stays {
                contact.task.abort();
                if let Some(conn) = &contact.conn {
                    conn.close(VarInt::from_u32(REMOVED), b"removed");
                }
            }
            stays
        });
        locked(&self.hosted).retain(|device, hosted| {
            let stays = known.contains(device);
            if !stays {
                hosted.close(REMOVED);
            }
            stays
        });
        for peer in peers {
            match contacts.get(&peer.device) {
                // What is to be kept, or where it is looked for, may be new.
                Some(contact) => {
                    contact.keeping.notify_one();
                    if contact.conn.is_none() {
                        contact.wake.notify_one();
                    }
                }
                None => {
                    let wake = Arc::new(Notify::new());
                    let (device, is_own) = (peer.device, peer.is_own);
                    let staying = contact::stay(Arc::clone(self), peer, Arc::clone(&wake));
                    contacts.insert(
                        device,
                        Contact {
                            task: tokio::spawn(staying).abort_handle(),
                            wake,
                            keeping: Arc::default(),
                            conn: None,
                            lanes: None,
                            trouble: None,
                            untaken: None,
                            is_own,
                            knows_links: false,
                        },
                    );
                }
            }
        }
        drop(contacts);
        self.tell();
        Ok(())
    }

    /// A machine was seen on the network: it is called now rather than later.
    fn wake(&self, key: &[u8; 32]) {
        let Ok(Some(guest)) = self.library.admit_peer(key) else {
            return;
        };
        if let Some(contact) = locked(&self.contacts).get(&guest.device())
            && contact.conn.is_none()
        {
            contact.wake.notify_one();
        }
    }

    /// A line stands.
    pub(crate) fn reached(&self, peer: &Peer, conn: Connection) {
        if let Some(contact) = locked(&self.contacts).get_mut(&peer.device) {
            contact.conn = Some(conn);
            contact.lanes = None;
            contact.trouble = None;
        }
        // What a mirror of it told is told by itself now.
        self.changed.send_modify(|changes| *changes += 1);
        self.tell();
    }

    /// A line is gone, or did not come to stand.
    pub(crate) fn lost(&self, peer: &Peer, trouble: Option<SyncError>) {
        let mut contacts = locked(&self.contacts);
        let Some(contact) = contacts.get_mut(&peer.device) else {
            return;
        };
        let trouble = trouble.map(|error| error.to_string());
        contact.lanes = None;
        let is_news = contact.conn.take().is_some() || contact.trouble != trouble;
        contact.trouble = trouble;
        drop(contacts);
        if is_news {
            self.changed.send_modify(|changes| *changes += 1);
            self.tell();
        }
    }

    /// What a machine tells can be taken over here, or why it cannot.
    pub(crate) fn takes(&self, device: DeviceId, untaken: Option<String>) {
        let mut contacts = locked(&self.contacts);
        let Some(contact) = contacts.get_mut(&device) else {
            return;
        };
        let is_news = contact.untaken != untaken;
        contact.untaken = untaken;
        drop(contacts);
        if is_news {
            self.tell();
        }
    }

    /// Another machine called.
    pub(crate) fn host(&self, device: DeviceId, conn: &Connection) {
        let mut hosted = locked(&self.hosted);
        let known = hosted.entry(device).or_insert_with(|| Hosted {
            line: None,
            heard: Instant::now(),
        });
        // A machine calls by one line: an older one is dead, and as long as it stood, the
        // network would go on sending to where the machine was.
        known.close(OLDER);
        known.line = Some(conn.weak_handle());
        known.heard = Instant::now();
        drop(hosted);
        // Who calls can be called.
        if let Some(contact) = locked(&self.contacts).get(&device)
            && contact.conn.is_none()
        {
            contact.wake.notify_one();
        }
        self.tell();
    }

    /// The line by which a machine called is dead.
    pub(crate) fn close_hosted(&self, device: DeviceId) {
        if let Some(hosted) = locked(&self.hosted).get(&device) {
            hosted.close(OLDER);
        }
    }

    /// A machine that called asked something.
    pub(crate) fn hear(&self, device: DeviceId) {
        if let Some(hosted) = locked(&self.hosted).get_mut(&device) {
            hosted.heard = Instant::now();
        }
    }
}
