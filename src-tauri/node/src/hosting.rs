//! Where links are served: at this machine, and at one that is always on, whose address
//! they then begin with.

use crate::{Node, NodeError};

/// What addresses of links begin with.
pub(crate) struct Bases {
    /// At this machine.
    own: String,
    /// At the machine that serves them, too: its name, and what they begin with there.
    server: Option<(String, String)>,
}

/// Where one link is to be opened.
pub(crate) struct Place {
    /// What its address begins with.
    pub base: String,
    /// The name of the machine that serves it while this one is away.
    pub server: Option<String>,
}

impl Bases {
    /// Where links are to be opened.
    pub fn place(&self) -> Place {
        match &self.server {
            Some((name, base)) => Place {
                base: base.clone(),
                server: Some(name.clone()),
            },
            None => Place {
                base: self.own.clone(),
                server: None,
            },
        }
    }
}

impl Node {
    /// What addresses of links begin with now. Blocks.
    pub(crate) fn link_bases(&self) -> Result<Bases, NodeError> {
        let own = self
            .runtime
            .block_on(self.listener.base_url(&self.library))?;
        self.note_link_base(&own)?;
        let servers = self.library.servers()?.into_iter();
        let mut served = servers.filter_map(|server| Some((server.name, server.address?)));
        Ok(Bases {
            own,
            server: served.next(),
        })
    }

    /// Tells those whose links are served here where that is; nowhere while the listener
    /// is off, or answers this machine alone.
    pub(crate) fn tell_hosted(&self, base: Option<String>) {
        if let Some(peers) = self.peers_now() {
            peers.serves_links_at(base);
        }
    }

    /// Says to the machines that serve this one's links that it rests, so that they go on.
    pub async fn rest(&self) {
        if let Some(peers) = self.peers_now() {
            peers.rest().await;
        }
    }

    /// Rests no more.
    pub fn wake(&self) {
        if let Some(peers) = self.peers_now() {
            peers.wake();
        }
    }
}
