//! Whether and where links are served. The listener stays off until someone
//! turns sharing on; then it takes the whole local network.

mod acme;
mod address;
mod follow;
mod mapping;
mod probe;
mod wished;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use library::{Library, Setting};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, Notify, watch};
use tokio_util::task::AbortOnDropHandle;
use tracing::{info, warn};
use ts_rs::TS;

use crate::config::PORT;
use crate::{EVENTS, NodeError};

use acme::Standing;
use address::Address;
use mapping::{Mapper, Whereabouts};
use wished::{certificate, is_mapping_wanted, is_strict, redirect, scheme, set};

pub use acme::Acme;
pub(crate) use acme::{check_contact, check_directory, directory, read_names};
pub(crate) use address::Scope;
pub(crate) use follow::begin as follow;
pub(crate) use mapping::{Mapping, MappingState};
pub use probe::{Finding, Outcome, Probe};
pub(crate) use wished::{check_certificate, check_listen, check_public_url, parsed, proxies};

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
    /// Every address the listener can be reached at, that of the links first.
    pub addresses: Vec<Address>,
    /// Why the listener does not run though it should, or why not as it was set.
    pub problem: Option<String>,
    /// From how many addresses visitors are connected now.
    pub visitors: u32,
    /// The address and port that were set to listen at.
    pub listen: Option<String>,
    /// The address that links were set to begin with.
    pub public_url: Option<String>,
    /// The proxies that are believed what they say of visitors, with commas between.
    pub trusted_proxies: Option<String>,
    /// The file of the certificate that links are served with.
    pub certificate: Option<String>,
    /// The file of its key.
    pub key: Option<String>,
    /// The names of this machine, and the certificates that Albumen gets for them.
    pub acme: Acme,
    /// The address and port that were set for leading plain HTTP to the listener.
    pub redirect: Option<String>,
    /// Whether browsers are told to come by https alone.
    pub hsts: bool,
    /// Where it was set that programs of this machine may look how the node is.
    pub metrics: Option<String>,
    /// The port of the router's that leads here.
    pub mapping: Mapping,
    /// What asking the address of links told, since something changed last.
    pub probe: Option<Probe>,
}

/// What a listener counted since it began.
pub(crate) struct Figures {
    /// Addresses that visitors are connected from.
    pub visitors: u64,
    pub connections: u64,
    pub bytes_sent: u64,
    pub answered: Vec<web::Answered>,
    /// Of the certificate that ends first, where there is one.
    pub certificate: Option<web::Validity>,
}

/// The listener of a node, running or not.
pub(crate) struct Listener {
    /// Wins over the settings.
    listen: Option<SocketAddr>,
    public_url: Option<String>,
    state: Mutex<State>,
    mapping: watch::Sender<Mapping>,
    /// How it stands with the certificates that Albumen gets.
    standing: watch::Sender<Vec<Standing>>,
    /// Something of it changed.
    stirred: Arc<Notify>,
}

#[derive(Default)]
struct State {
    running: Option<web::Listening>,
    /// The certificates that Albumen gets, and what gets and renews them.
    keyring: Option<Arc<web::Keyring>>,
    _renewal: Option<AbortOnDropHandle<()>>,
    mapper: Option<Mapper>,
    problem: Option<String>,
    /// This machine's name on the local network.
    name: Option<String>,
    probe: Option<Probe>,
}

impl State {
    fn visitors(&self) -> usize {
        self.running.as_ref().map_or(0, web::Listening::visitors)
    }

    fn taken(&self) -> Option<SocketAddr> {
        self.running.as_ref().map(web::Listening::address)
    }
}

impl Listener {
    pub fn new(listen: Option<SocketAddr>, public_url: Option<String>) -> Listener {
        Listener {
            listen,
            public_url,
            state: Mutex::default(),
            mapping: watch::Sender::default(),
            standing: watch::Sender::default(),
            stirred: Arc::default(),
        }
    }

    /// Starts to serve, unless it does; answers with the address it took.
    pub async fn listen(&self, library: &Arc<Library>) -> Result<SocketAddr, NodeError> {
        crate::peers::check_lives_here(library)?;
        let mut state = self.state.lock().await;
        if let Some(running) = &state.running {
            return Ok(running.address());
        }
        let wish = acme::wish(library)?;
        let keyring = wish.as_ref().map(|wish| wish.keyring(library));
        let names = acme::names(library)?;
        let mut settings = web::Settings {
            public_url: self.public_url(library)?,
            hosts: address::hosts().into_iter().chain(names).collect(),
            proxies: proxies(&set(library, Setting::TrustedProxies)?.unwrap_or_default())?,
            seal: match &keyring {
                Some(keyring) => Some(web::Seal::Keyring(Arc::clone(keyring))),
                None => certificate(library)?.map(web::Seal::Files),
            },
            strict: is_strict(library)?,
            redirect: redirect(library)?,
            ..web::Settings::at(self.address_to_take(library)?)
        };
        let usual = self.takes_usual_port(library)?;
        let mut begun = web::listen(Arc::clone(library), settings.clone()).await;
        // A system without IPv6 has IPv4 all the same.
        if usual && settings.listen.is_ipv6() && begun.as_ref().is_err_and(is_missing) {
            settings.listen.set_ip(Ipv4Addr::UNSPECIFIED.into());
            begun = web::listen(Arc::clone(library), settings.clone()).await;
        }
        // Nobody asked for our usual port, so its neighbours do as well.
        for port in PORT + 1..PORT + NEIGHBOURS {
            if !begun.as_ref().is_err_and(is_taken) || !usual {
                break;
            }
            settings.listen.set_port(port);
            begun = web::listen(Arc::clone(library), settings.clone()).await;
        }
        match begun {
            Ok(running) => {
                let address = running.address();
                let https = running.is_sealed();
                info!(target: EVENTS, %address, https, "links are served");
                if let Some(Err(problem)) = running.redirect() {
                    warn!(target: EVENTS, problem, "plain HTTP is led nowhere");
                }
                let renewal = wish.zip(keyring.clone()).map(|(wish, keyring)| {
                    wish.follow(library, keyring, address.port(), self.standing.clone())
                });
                *state = State {
                    running: Some(running),
                    keyring,
                    _renewal: renewal,
                    ..State::default()
                };
                drop(state);
                self.map(library).await?;
                Ok(address)
            }
            Err(error) => {
                warn!(target: EVENTS, problem = %error, "links are not served");
                state.problem = Some(error.to_string());
                Err(NodeError::new("listen", error.to_string()))
            }
        }
    }

    /// Asks the router for a port, or gives it back, as it is wished.
    pub async fn map(&self, library: &Library) -> Result<(), NodeError> {
        let wanted = is_mapping_wanted(library)?;
        let mut state = self.state.lock().await;
        let taken = state.taken().filter(|taken| !taken.ip().is_loopback());
        match (taken, state.mapper.take()) {
            (Some(_), Some(mapper)) if wanted => state.mapper = Some(mapper),
            (Some(taken), None) if wanted => {
                state.mapper = Some(Mapper::begin(
                    taken,
                    Whereabouts::here,
                    self.mapping.clone(),
                ));
            }
            (_, Some(mapper)) => {
                drop(state);
                mapper.stop().await;
            }
            (_, None) => {}
        }
        self.stirred.notify_one();
        Ok(())
    }

    pub async fn stop(&self) {
        let State {
            running, mapper, ..
        } = std::mem::take(&mut *self.state.lock().await);
        self.standing.send_replace(Vec::new());
        if let Some(mapper) = mapper {
            mapper.stop().await;
        }
        if let Some(running) = running {
            running.stop().await;
        }
        self.stirred.notify_one();
    }

    pub async fn show(&self, library: &Library) -> Result<Sharing, NodeError> {
        let state = self.state.lock().await;
        let taken = state.taken();
        let mapping = Mapping {
            wanted: is_mapping_wanted(library)?,
            ..self.mapping.borrow().clone()
        };
        let late = state.running.as_ref();
        let late = late.and_then(web::Listening::certificate_problem);
        let standing = self.standing.borrow().clone();
        let lacking = standing.iter().find_map(|one| one.problem.clone());
        let redirect = state.running.as_ref().and_then(web::Listening::redirect);
        let late = late.or(lacking).or(redirect.and_then(Result::err));
        Ok(Sharing {
            on: taken.is_some(),
            wanted: library.setting(Setting::Sharing)?.as_deref() == Some("on"),
            reach: match taken {
                None => Reach::Off,
                Some(_) if self.public_url(library)?.is_some() => Reach::Public,
                Some(address) if address.ip().is_loopback() => Reach::Machine,
                Some(_) if mapping.state == MappingState::Held => Reach::Public,
                Some(_) => Reach::Network,
            },
            address: match taken {
                None => None,
                Some(_) => Some(self.base(library, taken)?),
            },
            addresses: match taken {
                None => Vec::new(),
                Some(taken) => self.addresses(library, taken, state.name.as_deref())?,
            },
            problem: state.problem.clone().or(late),
            visitors: u32::try_from(state.visitors()).unwrap_or(u32::MAX),
            listen: set(library, Setting::Listen)?,
            public_url: set(library, Setting::PublicUrl)?,
            trusted_proxies: set(library, Setting::TrustedProxies)?,
            certificate: set(library, Setting::TlsCertificate)?,
            key: set(library, Setting::TlsKey)?,
            acme: acme::show(library, standing)?,
            redirect: set(library, Setting::RedirectListen)?,
            hsts: is_strict(library)?,
            metrics: set(library, Setting::MetricsListen)?,
            mapping,
            probe: state.probe.clone(),
        })
    }

    /// What other servers of this machine seal their connections with, if anything.
    pub async fn seal(&self, library: &Library) -> Result<Option<web::Seal>, NodeError> {
        let running = self.state.lock().await.keyring.clone();
        Ok(match (running, acme::wish(library)?) {
            (Some(keyring), Some(_)) => Some(web::Seal::Keyring(keyring)),
            (None, Some(wish)) => Some(web::Seal::Keyring(wish.keyring(library))),
            (_, None) => certificate(library)?.map(web::Seal::Files),
        })
    }

    /// From how many addresses visitors are connected.
    pub async fn visitors(&self) -> usize {
        self.state.lock().await.visitors()
    }

    /// The figures of the listener; `None` while it does not run.
    pub async fn figures(&self) -> Option<Figures> {
        let state = self.state.lock().await;
        let running = state.running.as_ref()?;
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        Some(Figures {
            visitors: count(running.visitors()),
            connections: count(running.connections()),
            bytes_sent: running.bytes_sent(),
            answered: running.answered(),
            certificate: running.validity(),
        })
    }

    /// Whether something is on its way to a visitor.
    pub async fn is_sending(&self) -> bool {
        let state = self.state.lock().await;
        state
            .running
            .as_ref()
            .is_some_and(|running| running.answers() > 0)
    }

    /// What links begin with: the public address, else the router's while it leads
    /// here, else this machine's own.
    pub async fn base_url(&self, library: &Library) -> Result<String, NodeError> {
        let taken = self.state.lock().await.taken();
        self.base(library, taken)
    }

    /// As [`Listener::base_url`], where others can open it; `None` while nothing is
    /// served, or to this machine alone.
    pub async fn base_for_others(&self, library: &Library) -> Option<String> {
        let taken = self.state.lock().await.taken()?;
        let is_published = self.public_url(library).is_ok_and(|url| url.is_some());
        let reaches = is_published || !taken.ip().is_loopback();
        reaches.then(|| self.base(library, Some(taken)).ok())?
    }

    /// Asks the address of links for an answer that only this listener gives, and
    /// keeps what came of it.
    pub async fn probe(&self, library: &Library) -> Result<Probe, NodeError> {
        let mapping = self.mapping.borrow().clone();
        let (base, question) = {
            let state = self.state.lock().await;
            let Some(running) = &state.running else {
                return Ok(Finding::Off.told(None, &mapping));
            };
            (self.base(library, state.taken())?, running.ask())
        };
        let asked = probe::Asked {
            base,
            mapping,
            published: self.public_url(library)?.is_some(),
        };
        let finding = probe::ask(&asked, &question).await;
        let told = finding.told(Some(&asked.base), &asked.mapping);
        let mut state = self.state.lock().await;
        // Meanwhile links may have come to begin otherwise.
        if state.running.is_some() && self.base(library, state.taken())? == asked.base {
            state.probe = Some(told.clone());
        }
        Ok(told)
    }

    fn base(&self, library: &Library, taken: Option<SocketAddr>) -> Result<String, NodeError> {
        if let Some(public) = self.public_url(library)? {
            return Ok(public.trim_end_matches('/').to_owned());
        }
        let mut address = taken.map_or_else(|| self.address_to_take(library), Ok)?;
        if let Some(outside) = self.outside().filter(|_| taken.is_some()) {
            address = outside;
        } else if address.ip().is_unspecified() {
            let own = address::answering(address, &address::own());
            let usual = own.first().copied();
            address.set_ip(usual.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        }
        Ok(format!("{}://{address}", scheme(library)?))
    }

    /// The router's address and port, while they lead here.
    fn outside(&self) -> Option<SocketAddr> {
        let mapping = self.mapping.borrow();
        let held = mapping.state == MappingState::Held;
        mapping.outside.as_ref().filter(|_| held)?.parse().ok()
    }

    fn addresses(
        &self,
        library: &Library,
        taken: SocketAddr,
        name: Option<&str>,
    ) -> Result<Vec<Address>, NodeError> {
        let scheme = scheme(library)?;
        let public = self.public_url(library)?.map(|url| Address {
            url: url.trim_end_matches('/').to_owned(),
            scope: Scope::Internet,
        });
        let at = |address: SocketAddr| Address {
            url: format!("{scheme}://{address}"),
            scope: Scope::of(address.ip()),
        };
        let own = address::answering(taken, &address::own());
        let own = own
            .into_iter()
            .map(|ip| at(SocketAddr::new(ip, taken.port())));
        let name = name.filter(|_| taken.ip().is_unspecified());
        let named = name.map(|name| Address {
            url: format!("{scheme}://{name}:{}", taken.port()),
            scope: Scope::Network,
        });
        let outside = self.outside().map(at);
        Ok(public
            .into_iter()
            .chain(outside)
            .chain(own)
            .chain(named)
            .collect())
    }

    fn public_url(&self, library: &Library) -> Result<Option<String>, NodeError> {
        match &self.public_url {
            Some(given) => Ok(Some(given.clone())),
            None => {
                let public = set(library, Setting::PublicUrl)?;
                // Names that have certificates lead to the usual port.
                let named = acme::wish(library)?;
                let named = named.as_ref().and_then(acme::Wish::first);
                Ok(public.or(named.map(|name| format!("https://{name}"))))
            }
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
        let ip: IpAddr = match on {
            true => Ipv6Addr::UNSPECIFIED.into(),
            false => Ipv4Addr::LOCALHOST.into(),
        };
        Ok(SocketAddr::new(ip, PORT))
    }
}

fn is_taken(error: &web::ListenError) -> bool {
    matches!(error, web::ListenError::Address { source, .. }
        if source.kind() == io::ErrorKind::AddrInUse)
}

/// Whether the system has no such address to listen at.
fn is_missing(error: &web::ListenError) -> bool {
    matches!(error, web::ListenError::Address { source, .. }
        if !matches!(source.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied))
}
