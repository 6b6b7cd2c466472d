//! Which machines are on this network: those that tell of themselves by mDNS.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use iroh::address_lookup::{
    AddrFilter, AddressLookup, EndpointData, EndpointInfo, Error, Item, UserData,
};
use iroh::{Endpoint, EndpointAddr, EndpointId, Watcher};
use iroh_mdns_address_lookup::{DiscoveryEvent, MdnsAddressLookup, NAME as MDNS};
use n0_future::boxed::BoxStream;
use n0_future::stream::unfold;
use n0_future::{Stream, StreamExt};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::SyncError;

/// Under which name machines tell of themselves.
const SERVICE: &str = "albumen";
/// What an inviting machine tells besides, before its number.
const INVITES: &str = "invites:";
/// How long an inviting machine is looked for.
const LOOKING: Duration = Duration::from_secs(10);
/// Where they tell it (RFC 6762).
const MULTICAST: (Ipv4Addr, u16) = (Ipv4Addr::new(224, 0, 0, 251), 5_353);
/// How often it is looked whether this machine is on other networks than before.
const LOOK: Duration = Duration::from_secs(5);
/// How long a network that changes is left to itself.
const SETTLING: Duration = Duration::from_secs(1);

/// The machines on this network.
#[derive(Debug, Default)]
pub(crate) struct Nearby {
    found: Mutex<HashMap<EndpointId, EndpointInfo>>,
    news: Notify,
}

/// Where this machine's endpoint tells its addresses, and looks for others'. What is looked
/// for at [`MdnsAddressLookup`] itself is told to nobody who listens there, so it is looked
/// for among what was heard.
#[derive(Debug)]
struct Lan(MdnsAddressLookup, Arc<Nearby>);

impl AddressLookup for Lan {
    fn publish(&self, data: &EndpointData) {
        self.0.publish(data);
    }

    /// What is known, and what is new, for a while.
    fn resolve(&self, id: EndpointId) -> Option<BoxStream<Result<Item, Error>>> {
        let end = Instant::now() + LOOKING;
        let nearby = Arc::clone(&self.1);
        let told = unfold((nearby, None), move |(nearby, last)| async move {
            loop {
                let news = nearby.news.notified();
                let found = nearby.found.lock().ok()?.get(&id).cloned();
                match found {
                    Some(info) if last.as_ref() != Some(&info) => {
                        let item = Item::new(info.clone(), MDNS, None);
                        drop(news);
                        return Some((Ok(item), (nearby, Some(info))));
                    }
                    _ => timeout_at(end, news).await.ok()?,
                }
            }
        });
        Some(Box::pin(told))
    }
}

/// Tells of this machine, listens, and calls `came` with each machine that is found, until
/// the endpoint closes. Multicast is joined on the network that is there at that moment, so
/// it is joined anew when this machine's networks change: it may have begun without any.
pub(crate) async fn look(endpoint: Endpoint, nearby: Arc<Nearby>, came: impl Fn(EndpointId)) {
    let mut addresses = endpoint.watch_addr();
    if addresses.get().is_empty() {
        // They are found out within a moment of the start, if there are any.
        let _ = timeout(SETTLING, addresses.updated()).await;
    }
    let mut here = Networks::of(&addresses.get());
    loop {
        let mdns = MdnsAddressLookup::builder()
            .service_name(SERVICE)
            // Of a relay others hear from the machine itself.
            .addr_filter(AddrFilter::ip_only())
            .build(endpoint.id());
        nearby.forget_all();
        let Ok(lookup) = endpoint.address_lookup() else {
            return;
        };
        // What it knew was of the networks of before.
        lookup.clear();
        let heard = async {
            // A network without multicast has typed and remembered addresses.
            if let Ok(mdns) = mdns {
                let mut events = mdns.subscribe().await;
                lookup.add(Lan(mdns, Arc::clone(&nearby)));
                hear(&mut events, &nearby, &came).await;
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = heard => {}
            () = endpoint.closed() => return,
            moved = moved(&mut addresses, &here) => match moved {
                Some(now) => here = now,
                None => return,
            },
        }
    }
}

/// Notes who comes and goes.
async fn hear(
    events: &mut (impl Stream<Item = DiscoveryEvent> + Unpin),
    nearby: &Nearby,
    came: &impl Fn(EndpointId),
) {
    while let Some(event) = events.next().await {
        match event {
            DiscoveryEvent::Discovered { endpoint_info, .. } => {
                let id = endpoint_info.endpoint_id;
                nearby.note(endpoint_info);
                came(id);
            }
            DiscoveryEvent::Expired { endpoint_id } => nearby.forget(endpoint_id),
            _ => {}
        }
    }
}

/// The networks of a machine: its addresses, and the one of them from which multicast goes.
#[derive(PartialEq)]
struct Networks(BTreeSet<IpAddr>, Option<IpAddr>);

impl Networks {
    fn of(address: &EndpointAddr) -> Networks {
        let own = address.ip_addrs().map(SocketAddr::ip).collect();
        // The system says which way it would go; nothing is sent.
        let way = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| {
            socket.connect(MULTICAST)?;
            Ok(socket.local_addr()?.ip())
        });
        Networks(own, way.ok())
    }
}

/// Waits until this machine has other networks than `before`, and for a moment more: they
/// come in parts. `None` when it speaks to others no more.
async fn moved(
    addresses: &mut impl Watcher<Value = EndpointAddr>,
    before: &Networks,
) -> Option<Networks> {
    loop {
        // Of addresses we are told; of ways we are not.
        if let Ok(told) = timeout(LOOK, addresses.updated()).await {
            told.ok()?;
        }
        if Networks::of(addresses.peek()) != *before {
            sleep(SETTLING).await;
            return Some(Networks::of(&addresses.get()));
        }
    }
}

/// What an inviting machine tells besides its addresses.
pub(crate) fn told(number: &str) -> Option<UserData> {
    UserData::try_from(format!("{INVITES}{number}")).ok()
}

impl Nearby {
    fn note(&self, info: EndpointInfo) {
        if let Ok(mut found) = self.found.lock()
            && (found.len() < 1_000 || found.contains_key(&info.endpoint_id))
        {
            found.insert(info.endpoint_id, info);
        }
        self.news.notify_waiters();
    }

    fn forget(&self, id: EndpointId) {
        if let Ok(mut found) = self.found.lock() {
            found.remove(&id);
        }
    }

    fn forget_all(&self) {
        if let Ok(mut found) = self.found.lock() {
            found.clear();
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.found.lock().map_or(0, |found| found.len())
    }

    /// Whether this one is among them.
    pub fn has(&self, id: &EndpointId) -> bool {
        self.found.lock().is_ok_and(|found| found.contains_key(id))
    }

    /// The machine that invites under this number; waits for it a while.
    ///
    /// # Errors
    /// [`SyncError::NobodyInvites`].
    pub async fn inviting(&self, number: &str) -> Result<EndpointAddr, SyncError> {
        let wanted = format!("{INVITES}{number}");
        let end = Instant::now() + LOOKING;
        loop {
            let news = self.news.notified();
            let found = self.found.lock().ok().and_then(|found| {
                found
                    .values()
                    .find(|info| info.user_data().is_some_and(|said| said.as_ref() == wanted))
                    .map(|info| info.to_endpoint_addr())
            });
            match found {
                Some(address) => return Ok(address),
                None => timeout_at(end, news)
                    .await
                    .map_err(|_| SyncError::NobodyInvites)?,
            }
        }
    }
}
