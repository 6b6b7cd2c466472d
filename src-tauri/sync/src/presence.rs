//! How other machines are reached now, told as it is.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use if_addrs::IfAddr;
use iroh::TransportAddr;
use iroh::endpoint::{Connection, WeakConnectionHandle};
use library::DeviceId;

use crate::{Inner, Peers, blocking, locked};

/// For how long a machine that called is there after it was heard: it asks every two
/// seconds.
const HEARD: Duration = Duration::from_secs(8);

/// By which way a machine is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// On this network.
    Local,
    /// Through the internet, without anyone between.
    Direct,
    /// Through a relay, which sees nothing of what is said.
    Relay,
}

/// Whether and how a machine is reached now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// By which way; `None` when it is not reached.
    pub route: Option<Route>,
    /// At which address, where it is no relay's.
    pub address: Option<String>,
    /// Whether what is long comes from it by lanes of TCP.
    pub lanes: bool,
    /// Why it is not reached, what it refused, or why what it tells cannot be taken over
    /// here.
    pub trouble: Option<String>,
}

impl Peers {
    /// How a machine is reached now.
    pub fn presence(&self, device: DeviceId) -> Presence {
        let (source, trouble, untaken) = match locked(&self.inner.contacts).get(&device) {
            Some(contact) => (
                contact.source(),
                contact.trouble.clone(),
                contact.untaken.clone(),
            ),
            None => (None, None, None),
        };
        let lanes = source.as_ref().and_then(|source| source.lanes.as_ref());
        let lanes = lanes.is_some_and(|lanes| lanes.are_tried());
        let called = source.map(|source| source.conn);
        let line = called.or_else(|| self.inner.hosted_line(device));
        match line {
            Some(conn) => {
                // A machine of this network may have an address that is good everywhere.
                let is_near = self.inner.nearby.has(&conn.remote_id());
                let (route, address) = route(&conn, is_near);
                Presence {
                    route: Some(route),
                    address,
                    lanes,
                    trouble: untaken,
                }
            }
            None => Presence {
                trouble,
                ..Presence::default()
            },
        }
    }
}

impl Inner {
    /// Where the other side of a line lets in lanes, at this port, where it is on this network.
    pub(crate) fn lanes_at(&self, conn: &Connection, port: u32) -> Option<SocketAddr> {
        let port = u16::try_from(port).ok().filter(|port| *port != 0)?;
        let mut at = chosen(conn)?;
        let is_near = self.nearby.has(&conn.remote_id()) || is_near(at.ip());
        // Of an address that is good on one interface alone, that stays.
        at.set_ip(at.ip().to_canonical());
        at.set_port(port);
        is_near.then_some(at)
    }

    /// A line by which the machine called, and on which it was heard just now.
    fn hosted_line(&self, device: DeviceId) -> Option<Connection> {
        let hosted = locked(&self.hosted);
        let hosted = hosted.get(&device)?;
        if hosted.heard.elapsed() > HEARD {
            return None;
        }
        let line = hosted.line.as_ref().and_then(WeakConnectionHandle::upgrade);
        line.filter(|conn| conn.close_reason().is_none())
    }

    /// Notes when and where a machine is in contact.
    pub(crate) async fn note_contact(&self, device: DeviceId, conn: &Connection) {
        let addresses = conn
            .paths()
            .iter()
            .filter_map(|path| match path.remote_addr() {
                TransportAddr::Ip(address) => Some(address.to_string()),
                _ => None,
            })
            .collect();
        self.note_seen(device, addresses).await;
    }

    /// Notes that a machine was in contact until now.
    pub(crate) async fn note_last_seen(&self, device: DeviceId) {
        self.note_seen(device, Vec::new()).await;
    }

    async fn note_seen(&self, device: DeviceId, addresses: Vec<String>) {
        let library = Arc::clone(&self.library);
        // What cannot be noted now is at the next contact.
        let _ = blocking(move || Ok(library.note_seen(device, &addresses)?)).await;
    }
}

/// Where the other side of a line is, unless a relay is between.
fn chosen(conn: &Connection) -> Option<SocketAddr> {
    let paths = conn.paths();
    let chosen = paths
        .iter()
        .find(|path| path.is_selected())
        .or_else(|| paths.iter().next())?;
    match chosen.remote_addr() {
        TransportAddr::Ip(address) => Some(*address),
        _ => None,
    }
}

fn route(conn: &Connection, is_near: bool) -> (Route, Option<String>) {
    match chosen(conn) {
        Some(address) => {
            let route = match is_near || self::is_near(address.ip()) {
                true => Route::Local,
                false => Route::Direct,
            };
            (route, Some(address.to_string()))
        }
        None => (Route::Relay, None),
    }
}

/// Whether a machine with this address is on a network that this one is on.
pub(crate) fn is_near(address: IpAddr) -> bool {
    is_local(address) || is_beside(address)
}

/// Whether it is an address of one's own network.
fn is_local(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_private() || address.is_loopback() || address.is_link_local()
        }
        IpAddr::V6(address) => {
            address.is_unique_local() || address.is_loopback() || address.is_unicast_link_local()
        }
    }
}

/// Whether it is an address of a network that this machine is on, whatever its kind:
/// those of IPv6 are often the internet's own.
fn is_beside(address: IpAddr) -> bool {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let address = address.to_canonical();
    interfaces.into_iter().any(|one| match (one.addr, address) {
        (IfAddr::V4(own), IpAddr::V4(address)) => {
            let [own, mask, address] = [own.ip, own.netmask, address].map(u32::from);
            is_within(own.into(), mask.into(), address.into())
        }
        (IfAddr::V6(own), IpAddr::V6(address)) => {
            let [own, mask, address] = [own.ip, own.netmask, address].map(u128::from);
            is_within(own, mask, address)
        }
        _ => false,
    })
}

fn is_within(own: u128, mask: u128, address: u128) -> bool {
    mask != 0 && own & mask == address & mask
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;

    #[test]
    fn addresses_of_a_network_that_this_machine_is_on_are_beside() {
        for own in if_addrs::get_if_addrs().unwrap() {
            assert!(is_beside(own.ip()), "{}", own.ip());
        }
        let [own, mask, other] = ["2001:db8:1::7", "ffff:ffff:ffff:ffff::", "2001:db8:1::8"]
            .map(|address| u128::from(address.parse::<Ipv6Addr>().unwrap()));
        assert!(is_within(own, mask, other));
        let elsewhere = "2001:db8:2::8".parse::<Ipv6Addr>().unwrap().into();
        assert!(!is_within(own, mask, elsewhere));
        assert!(!is_within(own, 0, elsewhere), "no mask is no network");
    }

    #[test]
    fn addresses_of_ones_own_network_are_local() {
        for local in [
            "192.168.1.7",
            "10.1.2.3",
            "127.0.0.1",
            "169.254.1.1",
            "fd00::1",
            "fe80::1",
            "::1",
            "::ffff:192.168.1.7",
        ] {
            assert!(is_local(local.parse().unwrap()), "{local}");
        }
        for far in ["203.0.113.7", "2001:db8::1", "::ffff:203.0.113.7"] {
            assert!(!is_local(far.parse().unwrap()), "{far}");
        }
    }
}
