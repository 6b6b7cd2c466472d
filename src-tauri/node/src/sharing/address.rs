//! The addresses of this machine, and how far each of them reaches.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How long the system may take to say whether it knows a name.
const PATIENCE: Duration = Duration::from_secs(3);

/// How far an address reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "AddressScope")]
pub enum Scope {
    /// This machine alone.
    #[serde(rename = "this machine")]
    Machine,
    /// The network this machine is in.
    #[serde(rename = "this network")]
    Network,
    /// The internet, as far as routers and firewalls let it.
    #[serde(rename = "internet")]
    Internet,
}

/// An address that the listener answers at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "SharingAddress")]
pub struct Address {
    /// What a link at it begins with.
    pub url: String,
    /// How far it reaches.
    pub scope: Scope,
}

impl Scope {
    /// How far `ip` reaches by its kind.
    pub(crate) fn of(ip: IpAddr) -> Scope {
        let global = match ip.to_canonical() {
            IpAddr::V4(v4) => {
                let [first, second, third, _] = v4.octets();
                let shared = first == 100 && (64..128).contains(&second);
                let reserved = matches!((first, second, third), (198, 18 | 19, _) | (192, 0, 0));
                !(v4.is_private()
                    || v4.is_link_local()
                    || v4.is_multicast()
                    || v4.is_broadcast()
                    || v4.is_documentation()
                    || first == 0
                    || first >= 240
                    || reserved
                    || shared)
            }
            IpAddr::V6(v6) => {
                let [top, second, ..] = v6.segments();
                top >> 13 == 1 && (top, second) != (0x2001, 0xdb8)
            }
        };
        match global {
            _ if ip.to_canonical().is_loopback() => Scope::Machine,
            true => Scope::Internet,
            false => Scope::Network,
        }
    }
}

/// The addresses of this machine that others may know, the usual one first.
pub(crate) fn own() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let mut own: Vec<IpAddr> = interfaces
        .into_iter()
        .filter(|interface| !interface.is_loopback() && !interface.is_link_local())
        .map(|interface| interface.ip())
        .collect();
    let usual = towards(Ipv4Addr::new(192, 0, 2, 1).into());
    // Stable: interfaces stay in the system's order within each kind.
    own.sort_by_key(|ip| match ip {
        _ if Some(*ip) == usual => 0,
        IpAddr::V4(v4) if v4.is_private() => 1,
        IpAddr::V4(_) => 2,
        IpAddr::V6(_) => 3,
    });
    own.dedup();
    own
}

/// The address from which this machine would speak to `other`; nothing is sent.
pub(crate) fn towards(other: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = match other {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect((other, 9)).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_unspecified())
}

/// The addresses at which a listener at `taken` answers, the usual one first.
pub(crate) fn answering(taken: SocketAddr, own: &[IpAddr]) -> Vec<IpAddr> {
    let only_v4 = taken.is_ipv4();
    match taken.ip().is_unspecified() {
        false => vec![taken.ip()],
        true => own
            .iter()
            .filter(|ip| ip.is_ipv4() || !only_v4)
            .copied()
            .collect(),
    }
}

/// This machine's name on the local network, where the system has one for it (mDNS).
pub(crate) async fn local_name() -> Option<String> {
    let name = dotted();
    let asked = tokio::net::lookup_host((name.clone(), 0));
    let found = tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()?;
    let own: HashSet<IpAddr> = own().into_iter().collect();
    let mut found = found.map(|address| address.ip().to_canonical());
    found.any(|ip| own.contains(&ip)).then_some(name)
}

fn dotted() -> String {
    let name = crate::config::device_name().to_lowercase();
    match name.strip_suffix(".local") {
        Some(_) => name,
        None => format!("{name}.local"),
    }
}

/// The names and addresses under which visitors may ask for this machine.
pub(crate) fn hosts() -> Vec<String> {
    let addresses = own().into_iter().map(|ip| ip.to_string());
    let names = [dotted(), crate::config::device_name()];
    addresses.chain(names).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_address_reaches_as_far_as_it_does() {
        let far = |text: &str| Scope::of(text.parse().unwrap());
        for here in ["127.0.0.1", "::1", "127.8.9.1"] {
            assert_eq!(far(here), Scope::Machine, "{here}");
        }
        for near in [
            "10.0.0.1",
            "172.31.9.9",
            "192.168.1.5",
            "169.254.7.7",
            "100.64.0.1",
            "100.127.255.255",
            "0.0.0.0",
            "192.0.2.7",
            "198.19.0.1",
            "2001:db8::1",
            "fd00::1",
            "fe80::1",
            "ff02::1",
            "::ffff:192.168.1.5",
        ] {
            assert_eq!(far(near), Scope::Network, "{near}");
        }
        for open in ["8.8.8.8", "100.128.0.1", "172.32.0.1", "2606:4700::1111"] {
            assert_eq!(far(open), Scope::Internet, "{open}");
        }
    }

    #[test]
    fn a_listener_answers_where_it_was_told_to() {
        let own: Vec<IpAddr> = ["192.168.1.5", "fd00::5"]
            .map(|text| text.parse().unwrap())
            .into();
        let at = |taken: &str| answering(taken.parse().unwrap(), &own);
        assert_eq!(at("[::]:8477"), own);
        assert_eq!(at("0.0.0.0:8477"), own[..1]);
        assert_eq!(at("10.0.0.9:8477"), ["10.0.0.9".parse::<IpAddr>().unwrap()]);
    }
}
