//! The names and addresses this computer answers to. A page elsewhere that makes
//! its own name point here (DNS rebinding) is turned away by its `Host`.

use std::{
    collections::HashSet,
    fmt,
    net::{IpAddr, SocketAddr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::http::uri::Authority;

/// How long a look at the network interfaces holds.
const FRESH: Duration = Duration::from_secs(10);

/// The allow-list.
pub(crate) struct Hosts {
    names: HashSet<String>,
    addresses: HashSet<IpAddr>,
    own: Mutex<(Option<Instant>, HashSet<IpAddr>)>,
}

impl Hosts {
    /// The address listened at, `localhost`, this computer's own addresses as they
    /// change, and `further` names or addresses (a port in them is ignored).
    pub(crate) fn new(listen: IpAddr, further: impl Iterator<Item = String>) -> Self {
        let mut hosts = Self {
            names: HashSet::from(["localhost".to_owned()]),
            addresses: HashSet::from([listen]),
            own: Mutex::new((None, HashSet::new())),
        };
        for text in further {
            let text = text.trim();
            match (text.parse::<IpAddr>(), Host::of(text)) {
                (Ok(address), _) | (_, Some(Host::Address(address))) => {
                    hosts.addresses.insert(address);
                }
                (_, Some(Host::Name(name))) => {
                    hosts.names.insert(name);
                }
                (_, None) => {}
            }
        }
        hosts
    }

    /// The host of `authority` (without its port), when this computer answers to it;
    /// `outside` is the router's address while that passes visitors on.
    pub(crate) fn allowed(&self, authority: &str, outside: Option<IpAddr>) -> Option<Host> {
        let host = Host::of(authority)?;
        let known = match &host {
            Host::Name(name) => self.names.contains(name),
            Host::Address(address) => {
                address.is_loopback()
                    || self.addresses.contains(address)
                    || outside == Some(*address)
                    || self.is_own(*address)
            }
        };
        known.then_some(host)
    }

    fn is_own(&self, address: IpAddr) -> bool {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if own.0.is_none_or(|seen| seen.elapsed() > FRESH) {
            let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
            own.1 = interfaces.into_iter().map(|one| one.ip()).collect();
            own.0 = Some(Instant::now());
        }
        own.1.contains(&address)
    }
}

/// A computer as an address of the web names it, without a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// In small letters, without a dot at its end.
    Name(String),
    /// As an address.
    Address(IpAddr),
}

impl Host {
    /// The host of `text`, with or without a port.
    pub(crate) fn of(text: &str) -> Option<Host> {
        // As most visitors of a home come.
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Some(Host::Address(address.ip().to_canonical()));
        }
        let authority: Authority = text.parse().ok()?;
        if authority.as_str().contains('@') {
            return None;
        }
        let host = authority.host().trim_end_matches('.').to_ascii_lowercase();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        match bare.parse::<IpAddr>() {
            Ok(address) => Some(Host::Address(address.to_canonical())),
            Err(_) if bare.is_empty() => None,
            Err(_) => Some(Host::Name(host)),
        }
    }

    /// Whether a browser may be told to come to it by https alone: to a name that is of the
    /// internet, for behind an address or a name of this network something else may be
    /// tomorrow.
    pub(crate) fn is_lasting(&self) -> bool {
        let Host::Name(name) = self else {
            return false;
        };
        let top = name.rsplit_once('.').map(|(_, top)| top);
        top.is_some_and(|top| !matches!(top, "local" | "localhost" | "internal"))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Name(name) => to.write_str(name),
            Host::Address(IpAddr::V4(address)) => address.fmt(to),
            Host::Address(IpAddr::V6(address)) => write!(to, "[{address}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_names_pass() {
        let further = ["Photos.Example.org:8443", "10.1.2.3", "fd00::7"].map(str::to_owned);
        let hosts = Hosts::new("192.0.2.5".parse().unwrap(), further.into_iter());
        for good in [
            "localhost:2455",
            "LOCALHOST",
            "127.0.0.1:1",
            "[::1]:80",
            "192.0.2.5",
            "photos.example.org",
            "photos.example.org.",
            "10.1.2.3:9",
            "[fd00::7]",
        ] {
            assert!(hosts.allowed(good, None).is_some(), "{good}");
        }
        for bad in [
            "evil.example",
            "localhost.evil.example",
            "192.0.2.6",
            "a@localhost",
            "",
            "/",
        ] {
            assert!(hosts.allowed(bad, None).is_none(), "{bad}");
        }
        let is_lasting = |text: &str| Host::of(text).unwrap().is_lasting();
        assert!(is_lasting("photos.example.org"));
        for fleeting in ["localhost", "desk.local", "nas", "192.0.2.5", "[fd00::7]"] {
            assert!(!is_lasting(fleeting), "{fleeting}");
        }
        let outside = "203.0.113.9".parse().ok();
        assert!(hosts.allowed("203.0.113.9:8477", outside).is_some());
        assert!(hosts.allowed("203.0.113.9:8477", None).is_none());
    }
}
