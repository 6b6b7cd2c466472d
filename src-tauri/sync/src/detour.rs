//! By which relays this machine is met, and meets others: the one it serves itself, the
//! one that was typed, or else the one of another machine of its person, which tells of it
//! with each answer that it is there. Where none is known, none is asked anything.

use std::sync::{Arc, Mutex};

use iroh::endpoint::Connection;
use iroh::{RelayConfig, RelayUrl, TransportAddr};
use library::{DeviceId, Peer};

use crate::relay::Relay;
use crate::{Inner, Peers, Serving, SyncError, blocking, is_relay, locked};

/// The longest address of a relay that is kept.
const LONGEST: usize = 255;

/// The relays of this machine.
#[derive(Default)]
pub(crate) struct Detour {
    served: Mutex<Served>,
    /// The one that its person typed.
    typed: Mutex<Option<RelayUrl>>,
    /// The one by which it is met now.
    used: Mutex<Option<RelayUrl>>,
    /// One change at a time.
    changing: tokio::sync::Mutex<()>,
}

/// The one that it serves.
#[derive(Default)]
struct Served {
    relay: Option<Relay>,
    trouble: Option<String>,
}

/// A relay as others are told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub url: RelayUrl,
    /// Whether this machine serves it.
    pub is_ours: bool,
}

/// Whether a relay is served here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RelayServed {
    /// Where, like `https://0.0.0.0:3340`.
    pub at: Option<String>,
    /// Why it is not.
    pub trouble: Option<String>,
}

/// The relay by which a line goes, or might, without what opened it to the invited.
pub(crate) fn relay_of(conn: &Connection) -> Option<String> {
    conn.paths()
        .iter()
        .find_map(|path| match path.remote_addr() {
            TransportAddr::Relay(url) => {
                let mut url = (**url).clone();
                url.set_query(None);
                Some(url.to_string())
            }
            _ => None,
        })
}

impl Told {
    /// With what lets somebody in who is invited.
    pub fn with_token(&self, token: &str) -> RelayUrl {
        let mut url = (*self.url).clone();
        url.set_query(Some(&format!("token={token}")));
        RelayUrl::from(url)
    }
}

impl Detour {
    /// With the relay that was typed.
    pub fn new(typed: Option<RelayUrl>) -> Detour {
        Detour {
            typed: Mutex::new(typed),
            ..Detour::default()
        }
    }

    /// What others are told: never the door of this machine's own.
    pub fn told(&self) -> Option<Told> {
        let is_ours = locked(&self.served).relay.is_some();
        let typed = locked(&self.typed).clone();
        let used = || locked(&self.used).clone().filter(|_| !is_ours);
        let url = typed.or_else(used)?;
        Some(Told { url, is_ours })
    }

    /// By which relays a machine is called.
    pub fn ways_to(&self, peer: &Peer) -> Vec<TransportAddr> {
        let used = locked(&self.used).clone();
        let ours = self.told().filter(|told| told.is_ours);
        let theirs = peer.relay().and_then(|relay| relay.parse().ok());
        // Ours, as others call it, is not asked from within.
        let theirs = theirs.filter(|url| ours.is_none_or(|ours| ours.url != *url));
        let ways: Vec<RelayUrl> = used.into_iter().chain(theirs).collect();
        ways.into_iter().map(TransportAddr::Relay).collect()
    }

    /// Cuts everyone off from the relay here who is not known any more.
    pub fn keep_only(&self, is_known: impl Fn(&[u8; 32]) -> bool) {
        if let Some(relay) = &locked(&self.served).relay {
            relay.keep_only(is_known);
        }
    }

    /// The one that is to be used.
    fn wanted(&self, peers: &[Peer]) -> Option<RelayUrl> {
        let served = locked(&self.served);
        let served = served.relay.as_ref().map(|relay| relay.own.clone());
        served.or_else(|| locked(&self.typed).clone()).or_else(|| {
            let mut own = peers.iter().filter(|peer| peer.is_own);
            own.find_map(|peer| peer.relay()?.parse().ok())
        })
    }
}

impl Peers {
    /// Is met at another relay from now on; a last one is let go at the next start.
    ///
    /// # Errors
    /// When the library cannot be read.
    pub async fn use_relay(&self, relay: Option<RelayUrl>) -> Result<(), SyncError> {
        *locked(&self.inner.detour.typed) = relay;
        self.inner.settle_relays().await
    }

    /// Serves a relay from now on, elsewhere than before, or none.
    ///
    /// # Errors
    /// [`SyncError::Relay`] when the address cannot be taken; it is remembered.
    pub async fn serve_relay(&self, serving: Option<Serving>) -> Result<(), SyncError> {
        self.inner.serve_relay(serving).await
    }

    /// Notes why a relay is not even tried to be served.
    pub fn cannot_serve_relay(&self, trouble: String) {
        locked(&self.inner.detour.served).trouble = Some(trouble);
    }

    /// Whether a relay is served here, or why it is not.
    pub fn relay_served(&self) -> RelayServed {
        let served = locked(&self.inner.detour.served);
        RelayServed {
            at: served.relay.as_ref().map(Relay::url),
            trouble: served.trouble.clone(),
        }
    }
}

impl Inner {
    pub(crate) async fn serve_relay(&self, serving: Option<Serving>) -> Result<(), SyncError> {
        // The earlier one gives its port back first.
        let earlier = std::mem::take(&mut *locked(&self.detour.served));
        if let Some(relay) = earlier.relay {
            relay.stop().await;
        }
        let begun = match serving {
            Some(serving) => {
                let (gate, library) = (Arc::clone(&self.gate), Arc::clone(&self.library));
                Relay::serve(serving, self.endpoint.id(), gate, library)
                    .await
                    .map(Some)
            }
            None => Ok(None),
        };
        let trouble = begun.as_ref().err().map(ToString::to_string);
        let (relay, end) = match begun {
            Ok(relay) => (relay, Ok(())),
            Err(error) => (None, Err(error)),
        };
        *locked(&self.detour.served) = Served { relay, trouble };
        self.settle_relays().await?;
        self.tell();
        end
    }

    /// Uses the relay that is to be used.
    pub(crate) async fn settle_relays(&self) -> Result<(), SyncError> {
        let _turn = self.detour.changing.lock().await;
        let library = Arc::clone(&self.library);
        let peers = blocking(move || Ok(library.peers()?)).await?;
        let wanted = self.detour.wanted(&peers);
        let used = locked(&self.detour.used).clone();
        if wanted == used {
            return Ok(());
        }
        if let Some(url) = &wanted {
            let config = match locked(&self.detour.served).relay.is_some() {
                true => RelayConfig::new(url.clone(), None),
                false => RelayConfig::from(url.clone()),
            };
            self.endpoint
                .insert_relay(url.clone(), Arc::new(config))
                .await;
        }
        if let Some(url) = &used {
            self.endpoint.remove_relay(url).await;
        }
        *locked(&self.detour.used) = wanted;
        Ok(())
    }

    /// Another machine tells at which relay it is met.
    pub(crate) async fn learn_relay(
        &self,
        device: DeviceId,
        told: Option<String>,
    ) -> Result<(), SyncError> {
        let told = told.filter(|url| url.len() <= LONGEST && is_relay(url));
        // As it is read here, so that it is one line whatever was sent.
        let told = told.and_then(|url| url.parse::<RelayUrl>().ok());
        let told = told.map(|url| url.to_string());
        let library = Arc::clone(&self.library);
        let is_news = blocking(move || Ok(library.note_relay(device, told.as_deref())?)).await?;
        match is_news {
            true => self.settle_relays().await,
            false => Ok(()),
        }
    }
}
