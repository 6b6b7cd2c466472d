//! A port of the router's, mapped to the listener while the user wants it: asked for by
//! PCP or NAT-PMP, or else by UPnP, for an hour at most, renewed at half, given back.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::Duration;

use crab_nat::{
    InternetProtocol, MappingFailure, PortMapping, PortMappingOptions, PortMappingType,
    TimeoutConfig, natpmp, pcp,
};
use igd_next::aio::Gateway;
use igd_next::aio::tokio::{Tokio, search_gateway};
use igd_next::{AddAnyPortError, AddPortError, PortMappingProtocol, SearchOptions};
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use super::address::{self, Scope};

/// How long a mapping is asked for, in seconds.
const LEASE: u32 = 3_600;
/// How soon it is renewed at the earliest, whatever the router grants.
const SOON: Duration = Duration::from_secs(20);
/// How long after a refusal it is asked for again.
const AGAIN: Duration = Duration::from_secs(300);
/// How long a router may take to take a mapping back.
const FAREWELL: Duration = Duration::from_secs(5);

const PATIENCE: TimeoutConfig = TimeoutConfig {
    initial_timeout: Duration::from_millis(250),
    max_retries: 2,
    max_retry_timeout: None,
};

/// How it is with the port of the router's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MappingState {
    /// None is wanted, or nothing listens.
    #[default]
    Off,
    /// The router is being asked.
    Asking,
    /// The router leads visitors here.
    Held,
    /// The router does, but it has no address of the internet itself.
    Shared,
    /// A router answered and would not.
    Refused,
    /// No router answered.
    Absent,
}

/// The port of the router's that leads here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Mapping {
    /// Whether it is meant to be asked for while links are served.
    pub wanted: bool,
    /// How it is.
    pub state: MappingState,
    /// The router's address and port, as others see them.
    pub outside: Option<String>,
    /// How it was asked: `PCP`, `NAT-PMP` or `UPnP`.
    pub by: Option<String>,
    /// Why there is none, and what to do.
    pub problem: Option<String>,
}

/// Where a router is to be found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whereabouts {
    /// The way out of this network, which answers to PCP and NAT-PMP.
    pub gateway: Option<Ipv4Addr>,
    /// Where UPnP's question goes.
    pub search: SocketAddr,
    /// The address it is asked from, when not any.
    pub from: Ipv4Addr,
}

/// Asks for a mapping, and asks again, until it is stopped.
pub(crate) struct Mapper {
    stop: CancellationToken,
    wake: Arc<Notify>,
    task: JoinHandle<()>,
}

/// A mapping that a router granted.
struct Lease {
    way: Way,
    outside: SocketAddr,
    lasts: Duration,
}

enum Way {
    Direct(Box<PortMapping>),
    Upnp {
        gateway: Box<Gateway<Tokio>>,
        local: SocketAddr,
    },
}

/// Why a router did not grant one.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    /// None answered.
    Absent,
    /// It does not let programs ask for ports.
    NotAllowed,
    /// It has none left.
    Full,
    /// It grants them only for ever.
    ForGood,
    /// Something else, in its words.
    Other(String),
}

impl Whereabouts {
    /// The router of this network.
    pub fn here() -> Whereabouts {
        let gateway = netdev::get_default_gateway().ok();
        Whereabouts {
            gateway: gateway.and_then(|gateway| gateway.ipv4.first().copied()),
            search: SocketAddr::from(([239, 255, 255, 250], 1_900)),
            from: Ipv4Addr::UNSPECIFIED,
        }
    }
}

impl Mapper {
    /// Begins to ask for a way to `taken`, and tells how it is with it.
    pub fn begin(
        taken: SocketAddr,
        find: impl Fn() -> Whereabouts + Send + Sync + 'static,
        tell: watch::Sender<Mapping>,
    ) -> Mapper {
        let stop = CancellationToken::new();
        let wake = Arc::new(Notify::new());
        let task = tokio::spawn(keep(taken, find, tell, stop.clone(), Arc::clone(&wake)));
        Mapper { stop, wake, task }
    }

    /// The network changed: asks again now.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Gives the mapping back.
    pub async fn stop(self) {
        self.stop.cancel();
        // What a router does not take back in time ends with its lease.
        let _ = timeout(FAREWELL, self.task).await;
    }
}

async fn keep(
    taken: SocketAddr,
    find: impl Fn() -> Whereabouts + Send + Sync,
    tell: watch::Sender<Mapping>,
    stop: CancellationToken,
    wake: Arc<Notify>,
) {
    let mut held: Option<Lease> = None;
    loop {
        let outcome = match held.take() {
            Some(lease) => match lease.renewed().await {
                Ok(lease) => Ok(lease),
                // The router may have begun anew, or be another one.
                Err(_) => take(&find(), taken).await,
            },
            None => {
                tell.send_replace(Mapping {
                    state: MappingState::Asking,
                    ..Mapping::default()
                });
                take(&find(), taken).await
            }
        };
        let wait = match outcome {
            Ok(lease) => {
                tell.send_replace(lease.told());
                let wait = (lease.lasts / 2).max(SOON);
                held = Some(lease);
                wait
            }
            Err(refusal) => {
                tell.send_replace(refusal.told(taken.port()));
                AGAIN
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            () = wake.notified() => {
                // A lease of another network's router is no use here.
                if let Some(lease) = held.take() {
                    lease.give_back().await;
                }
            }
            () = sleep(wait) => {}
        }
    }
    if let Some(lease) = held {
        lease.give_back().await;
    }
    tell.send_replace(Mapping::default());
}

/// Asks for a mapping in every way there is.
async fn take(router: &Whereabouts, taken: SocketAddr) -> Result<Lease, Refusal> {
    let direct = match router.gateway {
        Some(gateway) => directly(gateway, taken).await,
        None => Err(Refusal::Absent),
    };
    match direct {
        Ok(lease) => Ok(lease),
        Err(refusal) => match by_upnp(router, taken).await {
            // What a router said is worth more than that none was found.
            Err(Refusal::Absent) => Err(refusal),
            other => other,
        },
    }
}

/// The address at which the router finds the listener.
fn local(taken: SocketAddr, router: IpAddr) -> Option<SocketAddr> {
    let ip = match taken.ip().is_unspecified() {
        true => address::towards(router)?,
        false => taken.ip().to_canonical(),
    };
    Some(SocketAddr::new(ip, taken.port()))
}

/// By PCP, or NAT-PMP where the router knows no PCP.
async fn directly(gateway: Ipv4Addr, taken: SocketAddr) -> Result<Lease, Refusal> {
    let local = local(taken, gateway.into()).ok_or(Refusal::Absent)?;
    let port = NonZeroU16::new(local.port()).ok_or(Refusal::Absent)?;
    let options = PortMappingOptions {
        external_port: Some(port),
        lifetime_seconds: Some(LEASE),
        timeout_config: Some(PATIENCE),
    };
    let protocol = InternetProtocol::Tcp;
    let asked = PortMapping::new(gateway.into(), local.ip(), protocol, port, options).await;
    let mapping = match asked {
        // Old routers say nothing to what they do not know.
        Err(MappingFailure::Pcp(
            pcp::Failure::Timeout | pcp::Failure::Socket(_) | pcp::Failure::InvalidResponse(_),
        )) => natpmp::port_mapping(gateway.into(), protocol, port, options)
            .await
            .map_err(MappingFailure::from),
        asked => asked,
    }?;
    Lease::direct(mapping).await
}

async fn by_upnp(router: &Whereabouts, taken: SocketAddr) -> Result<Lease, Refusal> {
    let mut options = SearchOptions::default();
    options.bind_addr = SocketAddr::new(router.from.into(), 0);
    options.broadcast_address = router.search;
    options.timeout = Some(Duration::from_secs(3));
    // Whoever answers may name the way out of this network, and else only itself.
    options
        .allowed_gateway_ips
        .extend(router.gateway.map(IpAddr::from));
    options.single_search_timeout = Some(Duration::from_secs(3));
    let gateway = search_gateway(options).await.map_err(|_| Refusal::Absent)?;
    let local = local(taken, gateway.addr.ip()).ok_or(Refusal::Absent)?;
    let port = add_upnp(&gateway, local, local.port()).await?;
    let ip = gateway.get_external_ip().await;
    let ip = ip.map_err(|error| Refusal::Other(error.to_string()))?;
    Ok(Lease {
        outside: SocketAddr::new(ip, port),
        way: Way::Upnp {
            gateway: Box::new(gateway),
            local,
        },
        lasts: Duration::from_secs(LEASE.into()),
    })
}

/// Asks for `port`, or for any when that is another's; answers with the one granted.
async fn add_upnp(gateway: &Gateway<Tokio>, local: SocketAddr, port: u16) -> Result<u16, Refusal> {
    let protocol = PortMappingProtocol::TCP;
    match gateway
        .add_port(protocol, port, local, LEASE, "Albumen")
        .await
    {
        Ok(()) => Ok(port),
        Err(AddPortError::PortInUse) => {
            let any = gateway.add_any_port(protocol, local, LEASE, "Albumen");
            any.await.map_err(|error| match error {
                AddAnyPortError::ActionNotAuthorized => Refusal::NotAllowed,
                AddAnyPortError::OnlyPermanentLeasesSupported => Refusal::ForGood,
                AddAnyPortError::NoPortsAvailable | AddAnyPortError::ExternalPortInUse => {
                    Refusal::Full
                }
                error => Refusal::Other(error.to_string()),
            })
        }
        Err(AddPortError::ActionNotAuthorized) => Err(Refusal::NotAllowed),
        Err(AddPortError::OnlyPermanentLeasesSupported) => Err(Refusal::ForGood),
        Err(error) => Err(Refusal::Other(error.to_string())),
    }
}

impl Lease {
    async fn direct(mapping: PortMapping) -> Result<Lease, Refusal> {
        let ip = match mapping.mapping_type() {
            PortMappingType::Pcp { external_ip, .. } => external_ip.to_canonical(),
            PortMappingType::NatPmp => {
                let asked = natpmp::external_address(mapping.gateway(), Some(PATIENCE)).await;
                asked.map_err(MappingFailure::from)?.into()
            }
        };
        Ok(Lease {
            outside: SocketAddr::new(ip, mapping.external_port().get()),
            lasts: Duration::from_secs(mapping.lifetime().min(LEASE).into()),
            way: Way::Direct(Box::new(mapping)),
        })
    }

    async fn renewed(self) -> Result<Lease, Refusal> {
        match self.way {
            Way::Direct(mut mapping) => {
                mapping.renew().await?;
                Lease::direct(*mapping).await
            }
            Way::Upnp { gateway, local } => {
                let port = add_upnp(&gateway, local, self.outside.port()).await?;
                let ip = gateway.get_external_ip().await;
                let ip = ip.map_err(|error| Refusal::Other(error.to_string()))?;
                Ok(Lease {
                    outside: SocketAddr::new(ip, port),
                    way: Way::Upnp { gateway, local },
                    lasts: self.lasts,
                })
            }
        }
    }

    /// What is not taken back ends with its lease.
    async fn give_back(self) {
        match self.way {
            Way::Direct(mapping) => {
                let _ = mapping.try_drop().await;
            }
            Way::Upnp { gateway, .. } => {
                let port = self.outside.port();
                let _ = gateway.remove_port(PortMappingProtocol::TCP, port).await;
            }
        }
    }

    fn told(&self) -> Mapping {
        let by = match &self.way {
            Way::Direct(mapping) => match mapping.mapping_type() {
                PortMappingType::Pcp { .. } => "PCP",
                PortMappingType::NatPmp => "NAT-PMP",
            },
            Way::Upnp { .. } => "UPnP",
        };
        let shared = Scope::of(self.outside.ip()) != Scope::Internet;
        Mapping {
            wanted: true,
            state: match shared {
                true => MappingState::Shared,
                false => MappingState::Held,
            },
            outside: Some(self.outside.to_string()),
            by: Some(by.to_owned()),
            problem: shared.then(|| {
                format!(
                    "The router's own address, {}, is not one of the internet: your provider or \
                     a second router stands before it. Ask the provider for a public address, or \
                     use a server of yours as the way in.",
                    self.outside.ip()
                )
            }),
        }
    }
}

impl Refusal {
    fn told(&self, port: u16) -> Mapping {
        let by_hand = format!("or lead TCP port {port} to this computer there by hand");
        let problem = match self {
            Refusal::Absent => format!(
                "No router answered to PCP, NAT-PMP or UPnP. Turn one of them on in the router's \
                 settings, {by_hand}."
            ),
            Refusal::NotAllowed => format!(
                "The router does not let programs ask for ports. Allow it in the router's \
                 settings, {by_hand}."
            ),
            Refusal::Full => format!("The router has no port left; free one, {by_hand}."),
            Refusal::ForGood => format!(
                "The router grants ports only for good, which Albumen does not ask for; lead TCP \
                 port {port} to this computer in the router's settings by hand."
            ),
            Refusal::Other(words) => format!(
                "The router refused the port ({}). Try again later, {by_hand}.",
                words.trim_end_matches('.')
            ),
        };
        Mapping {
            wanted: true,
            state: match self {
                Refusal::Absent => MappingState::Absent,
                _ => MappingState::Refused,
            },
            problem: Some(problem),
            ..Mapping::default()
        }
    }
}

impl From<MappingFailure> for Refusal {
    fn from(failure: MappingFailure) -> Refusal {
        use natpmp::Failure as Old;
        use pcp::Failure as New;
        match failure {
            MappingFailure::Pcp(New::Timeout | New::Socket(_))
            | MappingFailure::NatPmp(Old::Timeout | Old::Socket(_)) => Refusal::Absent,
            MappingFailure::Pcp(New::NotAuthorized(_))
            | MappingFailure::NatPmp(Old::NotAuthorized) => Refusal::NotAllowed,
            MappingFailure::NatPmp(Old::OutOfResources) => Refusal::Full,
            other => Refusal::Other(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
