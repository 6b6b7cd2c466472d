//! Which machines are on this network: those that tell of themselves by mDNS.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use iroh::address_lookup::{AddrFilter, EndpointInfo, UserData};
use iroh::{EndpointAddr, EndpointId};
use iroh_mdns_address_lookup::{DiscoveryEvent, MdnsAddressLookup};
use n0_future::StreamExt;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::SyncError;

/// Under which name machines tell of themselves.
const SERVICE: &str = "albumen";
/// What an inviting machine tells besides, before its number.
const INVITES: &str = "invites:";
/// How long an inviting machine is looked for.
const LOOKING: Duration = Duration::from_secs(10);

/// The machines on this network.
#[derive(Debug, Default)]
pub(crate) struct Nearby {
    found: Mutex<HashMap<EndpointId, EndpointInfo>>,
    news: Notify,
}

/// Begins to tell of this machine, and to listen; `None` where the network has no
/// multicast. Hears of the known ones that come through `came`.
pub(crate) async fn look(
    id: EndpointId,
    nearby: Arc<Nearby>,
    came: impl Fn(EndpointId) + Send + 'static,
) -> Option<MdnsAddressLookup> {
    let mdns = MdnsAddressLookup::builder()
        .service_name(SERVICE)
        // Of a relay others hear from the machine itself.
        .addr_filter(AddrFilter::ip_only())
        .build(id)
        .ok()?;
    let mut events = mdns.subscribe().await;
    tokio::spawn(async move {
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
    });
    Some(mdns)
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
