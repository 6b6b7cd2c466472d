//! The node among other machines: it speaks to them once it knows one or is about to,
//! tells them what changes here, and brings what somebody wants to see of theirs.

use std::fs::File;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use library::{
    AssetId, Change, DeviceId, KeptWhat, Library, LibraryError, Rendition, Served, Setting, What,
};
use sync::{Options, Peers, Serving, Wanted};

use crate::{Event, Node, NodeError, Noun, sharing};

/// How long a machine whose library has moved goes on answering: whom it has moved to may
/// not have heard that this is known here.
const FAREWELL: Duration = Duration::from_secs(600);

/// The address at which a relay is to be served, as it was typed.
pub(crate) fn relay_address(text: &str) -> Result<SocketAddr, NodeError> {
    let address = text.parse().ok();
    address
        .filter(|address: &SocketAddr| address.port() != 0)
        .ok_or_else(|| {
            NodeError::new(
                "wrong",
                "A relay is served at an address of this machine and a port, like 0.0.0.0:3340; \
                 `off` ends it.",
            )
        })
}

async fn serve_relay(
    library: &Library,
    listener: &sharing::Listener,
    peers: &Peers,
) -> Result<(), NodeError> {
    let wanted = serving(library, listener).await.inspect_err(|error| {
        peers.cannot_serve_relay(error.message.clone());
    })?;
    Ok(peers.serve_relay(wanted).await?)
}

/// Where a relay is to be served; with the certificate that links are served with.
async fn serving(
    library: &Library,
    listener: &sharing::Listener,
) -> Result<Option<Serving>, NodeError> {
    let address = library.setting(Setting::PeerServeRelay)?;
    let Some(address) = address.filter(|address| !address.is_empty()) else {
        return Ok(None);
    };
    let tls = listener
        .seal(library)
        .await?
        .map(|seal| seal.server_config())
        .transpose()
        .map_err(|error| NodeError::new("certificate", error.to_string()))?;
    Ok(Some(Serving {
        address: relay_address(&address)?,
        tls,
    }))
}

/// Fails with a sentence when the library lives on another machine now.
pub(crate) fn check_lives_here(library: &Library) -> Result<(), NodeError> {
    match library.moved_to()? {
        None => Ok(()),
        Some(name) => Err(NodeError::new(
            "moved",
            format!(
                "This library has moved to «{name}» and lives there; here nothing was deleted. \
                 `albumen move stay` lets it live here again, if it has not been used there."
            ),
        )),
    }
}

impl Node {
    /// Speaks to other machines where any is known.
    pub(crate) async fn meet_peers(self: &Arc<Node>) {
        if self.library.peers().is_ok_and(|peers| !peers.is_empty()) {
            // Without a network the rest works; `peer list` tells.
            let _ = self.peers().await;
        }
    }

    /// Other machines; begins to speak to them where it has not.
    ///
    /// # Errors
    /// When the network cannot be used.
    pub(crate) async fn peers(self: &Arc<Node>) -> Result<&Peers, NodeError> {
        self.peers
            .get_or_try_init(|| async {
                check_lives_here(&self.library)?;
                let setting = |setting| self.library.setting(setting);
                let relay = setting(Setting::PeerRelay)?.filter(|relay| !relay.is_empty());
                let options = Options {
                    port: self.peer_port,
                    lan: setting(Setting::PeerLan)?.as_deref() != Some("off"),
                    relay: relay.and_then(|relay| relay.parse().ok()),
                    only_relayed: false,
                };
                let node = Arc::downgrade(self);
                let tell = move || {
                    if let Some(node) = node.upgrade() {
                        node.tell(Event::of(Noun::Peers));
                        if node.library.is_host() {
                            // What came of others' links is to be downloaded, too.
                            node.sum_waiting();
                        }
                    }
                };
                let peers = Peers::start(Arc::clone(&self.library), options, tell).await?;
                // Why none is served can be asked; all else works without it.
                let _ = serve_relay(&self.library, &self.listener, &peers).await;
                peers.serves_links_at(self.listener.base_for_others(&self.library).await);
                Ok(peers)
            })
            .await
    }

    /// Serves a relay as it is set now, where other machines are spoken to.
    ///
    /// # Errors
    /// When the address cannot be taken, or the certificate cannot be used.
    pub(crate) async fn serve_relay(&self) -> Result<(), NodeError> {
        match self.peers.get() {
            Some(peers) => serve_relay(&self.library, &self.listener, peers).await,
            None => Ok(()),
        }
    }

    /// Other machines where they are spoken to already.
    pub(crate) fn peers_now(&self) -> Option<&Peers> {
        self.peers.get()
    }

    /// Keeps what the addresses of links begin with, for editors of albums, who are told
    /// the addresses of the links they made.
    pub(crate) fn note_link_base(&self, base: &str) -> Result<(), NodeError> {
        if self.library.setting(Setting::LinkBase)?.as_deref() != Some(base) {
            self.library.set_setting(Setting::LinkBase, base)?;
        }
        Ok(())
    }

    /// Passes a change of the library on.
    pub(crate) fn tell_peers(self: &Arc<Node>, change: Change) {
        let Some(peers) = self.peers.get() else {
            return;
        };
        peers.changed();
        if let Change::Contributions(device) = change {
            peers.wake_keeping(device);
        }
        if let Change::Moved = change
            && self.library.moved_to().is_ok_and(|to| to.is_some())
        {
            self.retire();
        }
        if let Change::Safety = change {
            let own = self.library.peers().unwrap_or_default().into_iter();
            for peer in own.filter(|peer| peer.is_own) {
                peers.wake_keeping(peer.device);
            }
        }
        if let Change::Peers | Change::Everything = change {
            let node = Arc::clone(self);
            self.runtime.spawn(async move {
                if let Some(peers) = node.peers.get() {
                    // What could not be read now is by the next change.
                    let _ = peers.known_changed().await;
                }
            });
        }
    }

    /// A picture of another machine's photo, brought here if it is not. Blocks.
    ///
    /// # Errors
    /// Why it cannot be had now.
    pub fn remote_picture(
        self: &Arc<Node>,
        home: DeviceId,
        asset: AssetId,
        rendition: Rendition,
    ) -> Result<Served, NodeError> {
        let what = match rendition {
            Rendition::Thumbnail => KeptWhat::Thumbnail,
            _ => KeptWhat::Preview,
        };
        let file = self.bring(Wanted { home, asset, what })?;
        let length = file.metadata()?.len();
        Ok(Served::whole(
            (file, length),
            rendition.mime().to_owned(),
            String::new(),
            String::new(),
        )?)
    }

    /// Bytes of a photo for the owner at this machine, brought from another where they
    /// are not here. Blocks.
    ///
    /// # Errors
    /// As [`library::Library::own`]; why they cannot be had now.
    pub fn own(self: &Arc<Node>, asset: AssetId, what: What) -> Result<Served, NodeError> {
        let (home, lacking) = match self.library.own(asset, what) {
            Err(LibraryError::NotHere { via, what, .. }) => (via, what),
            served => return Ok(served?),
        };
        let brought = self.bring(Wanted {
            home,
            asset,
            what: lacking,
        });
        match brought {
            Ok(_) => Ok(self.library.own(asset, what)?),
            Err(error) => self.library.own_meanwhile(asset, what)?.ok_or(error),
        }
    }

    /// A file of this length and hash, brought from another machine of one's own. Blocks.
    pub(crate) fn fetch(
        self: &Arc<Node>,
        wanted: Wanted,
        expected: (u64, [u8; 32]),
    ) -> Result<(), NodeError> {
        self.runtime.block_on(async {
            let peers = self.peers().await?;
            Ok(peers.fetch(wanted, expected).await?)
        })
    }

    /// Ends what this machine is to others, once its library lives on another.
    fn retire(self: &Arc<Node>) {
        let node = Arc::clone(self);
        self.runtime.spawn(async move {
            node.listener.stop().await;
            tokio::time::sleep(FAREWELL).await;
            if let Some(peers) = node.peers.get() {
                peers.stop().await;
            }
        });
    }

    /// Bytes of another machine's photo, brought here if they are not. Blocks.
    pub(crate) fn bring(self: &Arc<Node>, wanted: Wanted) -> Result<File, NodeError> {
        if let Some(file) = self
            .library
            .open_kept(wanted.home, wanted.asset, wanted.what)?
        {
            return Ok(file);
        }
        self.runtime.block_on(async {
            let peers = self.peers().await?;
            Ok(peers.open(wanted).await?)
        })
    }
}
