//! Whether and where links are served. The listener stays off until someone
//! turns sharing on; then it takes the whole local network.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use library::{Library, Setting};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use ts_rs::TS;

use crate::NodeError;
use crate::config::PORT;

/// How many ports are tried, from the usual one up.
const NEIGHBOURS: u16 = 10;

/// From where links can be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub enum Reach {
    /// From nowhere: the listener is off.
    #[serde(rename = "off")]
    Off,
    /// From this machine alone.
    #[serde(rename = "this machine")]
    Machine,
    /// From the local network.
    #[serde(rename = "this network")]
    Network,
    /// From wherever the public address leads.
    #[serde(rename = "public")]
    Public,
}

/// Whether and where links are served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Sharing {
    /// Whether the listener runs.
    pub on: bool,
    /// Whether it is meant to run whenever Albumen does.
    pub wanted: bool,
    /// From where links can be opened.
    pub reach: Reach,
    /// The address links begin with.
    pub address: Option<String>,
    /// Why the listener does not run though it should.
    pub problem: Option<String>,
    /// From how many addresses visitors are connected now.
    pub visitors: u32,
    /// The address and port that were set to listen at.
    pub listen: Option<String>,
    /// The address that links were set to begin with.
    pub public_url: Option<String>,
}

/// The listener of a node, running or not.
pub(crate) struct Listener {
    /// Wins over the settings.
    listen: Option<SocketAddr>,
    public_url: Option<String>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: Option<web::Listening>,
    problem: Option<String>,
}

impl State {
    fn visitors(&self) -> usize {
        self.running.as_ref().map_or(0, web::Listening::visitors)
    }
}

impl Listener {
    pub fn new(listen: Option<SocketAddr>, public_url: Option<String>) -> Listener {
        Listener {
            listen,
            public_url,
            state: Mutex::default(),
        }
    }

    /// Starts to serve, unless it does; answers with the address it took.
    pub async fn listen(&self, library: &Arc<Library>) -> Result<SocketAddr, NodeError> {
        let mut state = self.state.lock().await;
        if let Some(running) = &state.running {
            return Ok(running.address());
        }
        let mut settings = web::Settings {
            listen: self.address_to_take(library)?,
            public_url: self.public_url(library)?,
            hosts: own_hosts(),
        };
        let mut begun = web::listen(Arc::clone(library), settings.clone()).await;
        // Nobody asked for our usual port, so its neighbours do as well.
        for port in PORT + 1..PORT + NEIGHBOURS {
            if !begun.as_ref().is_err_and(is_taken) || !self.takes_usual_port(library)? {
                break;
            }
            settings.listen.set_port(port);
            begun = web::listen(Arc::clone(library), settings.clone()).await;
        }
        match begun {
            Ok(running) => {
                let address = running.address();
                *state = State {
                    running: Some(running),
                    problem: None,
                };
                Ok(address)
            }
            Err(error) => {
                state.problem = Some(error.to_string());
                Err(NodeError::new("listen", error.to_string()))
            }
        }
    }

    pub async fn stop(&self) {
        let running = std::mem::take(&mut *self.state.lock().await).running;
        if let Some(running) = running {
            running.stop().await;
        }
    }

    pub async fn show(&self, library: &Library) -> Result<Sharing, NodeError> {
        let state = self.state.lock().await;
        let taken = state.running.as_ref().map(web::Listening::address);
        Ok(Sharing {
            on: taken.is_some(),
            wanted: library.setting(Setting::Sharing)?.as_deref() == Some("on"),
            reach: match taken {
                None => Reach::Off,
                Some(_) if self.public_url(library)?.is_some() => Reach::Public,
                Some(address) if address.ip().is_loopback() => Reach::Machine,
                Some(_) => Reach::Network,
            },
            address: match taken {
                None => None,
                Some(_) => Some(self.base(library, taken)?),
            },
            problem: state.problem.clone(),
            visitors: u32::try_from(state.visitors()).unwrap_or(u32::MAX),
            listen: set(library, Setting::Listen)?,
            public_url: set(library, Setting::PublicUrl)?,
        })
    }

    /// From how many addresses visitors are connected.
    pub async fn visitors(&self) -> usize {
        self.state.lock().await.visitors()
    }

    /// Whether something is on its way to a visitor.
    pub async fn is_sending(&self) -> bool {
        let state = self.state.lock().await;
        state
            .running
            .as_ref()
            .is_some_and(|running| running.answers() > 0)
    }

    /// What links begin with: the public address, else this machine's own.
    pub async fn base_url(&self, library: &Library) -> Result<String, NodeError> {
        let state = self.state.lock().await;
        self.base(library, state.running.as_ref().map(web::Listening::address))
    }

    fn base(&self, library: &Library, taken: Option<SocketAddr>) -> Result<String, NodeError> {
        if let Some(public) = self.public_url(library)? {
            return Ok(public.trim_end_matches('/').to_owned());
        }
        let mut address = taken.map_or_else(|| self.address_to_take(library), Ok)?;
        if address.ip().is_unspecified() {
            address.set_ip(network_address());
        }
        Ok(format!("http://{address}"))
    }

    fn public_url(&self, library: &Library) -> Result<Option<String>, NodeError> {
        match &self.public_url {
            Some(given) => Ok(Some(given.clone())),
            None => set(library, Setting::PublicUrl),
        }
    }

    fn takes_usual_port(&self, library: &Library) -> Result<bool, NodeError> {
        Ok(self.listen.is_none() && set(library, Setting::Listen)?.is_none())
    }

    /// The address given, else the one set, else the whole local network when
    /// sharing is on and this machine alone when it is not.
    fn address_to_take(&self, library: &Library) -> Result<SocketAddr, NodeError> {
        if let Some(given) = self.listen {
            return Ok(given);
        }
        if let Some(set) = set(library, Setting::Listen)? {
            return parsed(&set);
        }
        let on = library.setting(Setting::Sharing)?.as_deref() == Some("on");
        let ip = if on {
            Ipv4Addr::UNSPECIFIED
        } else {
            Ipv4Addr::LOCALHOST
        };
        Ok(SocketAddr::new(ip.into(), PORT))
    }
}

/// A setting that says something.
fn set(library: &Library, setting: Setting) -> Result<Option<String>, NodeError> {
    Ok(library.setting(setting)?.filter(|value| !value.is_empty()))
}

fn parsed(address: &str) -> Result<SocketAddr, NodeError> {
    address.parse().map_err(|_| {
        NodeError::new(
            "listen",
            format!(
                "«{address}» is no address to listen at; write an address of this machine and a \
                 port, like 0.0.0.0:{PORT}."
            ),
        )
    })
}

/// Fails for what cannot be listened at; nothing is the usual.
pub(crate) fn check_listen(address: &str) -> Result<(), NodeError> {
    match address.trim() {
        "" => Ok(()),
        address => parsed(address).map(|_| ()),
    }
}

/// Fails for what links cannot begin with; nothing is this machine's own.
pub(crate) fn check_public_url(url: &str) -> Result<(), NodeError> {
    match url.trim() {
        "" => Ok(()),
        url if web::publishable(url) => Ok(()),
        url => {
            let error = web::ListenError::PublicUrl(url.to_owned());
            Err(NodeError::new("public_url", error.to_string()))
        }
    }
}

fn is_taken(error: &web::ListenError) -> bool {
    matches!(error, web::ListenError::Address { source, .. }
        if source.kind() == io::ErrorKind::AddrInUse)
}

/// The address by which others on the local network find this machine.
fn network_address() -> IpAddr {
    let addresses = own_addresses();
    let private = addresses
        .iter()
        .find(|ip| matches!(ip, IpAddr::V4(v4) if v4.is_private()));
    let any = addresses.iter().find(|ip| ip.is_ipv4());
    *private.or(any).unwrap_or(&IpAddr::V4(Ipv4Addr::LOCALHOST))
}

fn own_addresses() -> Vec<IpAddr> {
    if_addrs::get_if_addrs()
        .unwrap_or_default()
        .into_iter()
        .filter(|interface| !interface.is_loopback() && !interface.is_link_local())
        .map(|interface| interface.ip())
        .collect()
}

/// The names and addresses under which visitors may ask for this machine.
fn own_hosts() -> Vec<String> {
    let name = crate::config::device_name();
    own_addresses()
        .iter()
        .map(IpAddr::to_string)
        .chain([format!("{name}.local"), name])
        .collect()
}
