//! What a reverse proxy says of the visitors it brings: where they come from, by which
//! scheme, and which host they asked for. Only configured ones are believed, and of what
//! they pass on only as much as configured ones have added, read from the right.

use std::{net::IpAddr, net::SocketAddr, str::FromStr};

use axum::http::HeaderMap;

/// Addresses that begin alike: `10.0.0.0/8`, `fd00::/8`, or one alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    length: u8,
}

/// A text that is no [`Network`].
#[derive(Debug, thiserror::Error)]
#[error(
    "“{0}” is no address of a proxy; write one like 127.0.0.1, or a network like 172.16.0.0/12."
)]
pub struct NoNetwork(String);

/// What is believed of a request that a proxy passed on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Forwarded {
    /// Where the visitor comes from: the first address from the right that is no proxy's.
    pub(crate) from: IpAddr,
    /// Whether they came by https, when the proxy says.
    pub(crate) https: Option<bool>,
    /// The host they asked for, when the proxy says.
    pub(crate) host: Option<String>,
}

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let refused = || NoNetwork(text.to_owned());
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().map_err(|_| refused())?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let length = match length {
            Some(length) => length.trim().parse().map_err(|_| refused())?,
            None => whole,
        };
        match length <= whole {
            true => Ok(Self { address, length }),
            false => Err(refused()),
        }
    }
}

impl Network {
    /// Whether `address` is one of these.
    pub fn holds(&self, address: IpAddr) -> bool {
        let bits = |address: IpAddr| match address {
            IpAddr::V4(address) => (u128::from(u32::from(address)) << 96, true),
            IpAddr::V6(address) => (u128::from(address), false),
        };
        let ((own, own_kind), (other, kind)) = (bits(self.address), bits(address));
        let apart = (own ^ other).leading_zeros();
        own_kind == kind && apart >= u32::from(self.length)
    }
}

/// What `headers` say, when `peer` is one of the `trusted`.
pub(crate) fn forwarded(
    trusted: &[Network],
    peer: IpAddr,
    headers: &HeaderMap,
) -> Option<Forwarded> {
    let is_trusted = |address| trusted.iter().any(|network| network.holds(address));
    if !is_trusted(peer) {
        return None;
    }
    let mut from = peer;
    for hop in values(headers, "x-forwarded-for") {
        match hop.and_then(address) {
            Some(hop) if is_trusted(from) => from = hop,
            _ => break,
        }
    }
    let last = |name| values(headers, name).next().flatten();
    Some(Forwarded {
        from,
        https: last("x-forwarded-proto").map(|scheme| scheme.eq_ignore_ascii_case("https")),
        host: last("x-forwarded-host").map(str::to_owned),
    })
}

/// The values of a header that may be a list and may stand more than once, from the
/// right; `None` for one that is no text.
fn values<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = Option<&'a str>> {
    let all: Vec<_> = headers.get_all(name).iter().collect();
    all.into_iter().rev().flat_map(|value| {
        let words = value.to_str().ok();
        let several = words.map(|text| text.rsplit(',').map(|one| Some(one.trim())));
        let unreadable = words.is_none().then_some(None);
        several.into_iter().flatten().chain(unreadable)
    })
}

/// An address as proxies write it: bare, in brackets, with a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let alone = bare.unwrap_or(text).parse::<IpAddr>().ok();
    alone
        .or_else(|| text.parse().ok().map(|one: SocketAddr| one.ip()))
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn asked(peer: &str, headers: &[(&'static str, &str)]) -> Option<Forwarded> {
        let trusted: Vec<Network> = ["127.0.0.1", "10.0.0.0/8", "fd00::/8"]
            .map(|text| text.parse().unwrap())
            .into();
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        forwarded(&trusted, ip(peer), &headers)
    }

    #[test]
    fn networks_hold_their_own() {
        let holds = |network: &str, address: &str| {
            network
                .parse::<Network>()
                .is_ok_and(|network| network.holds(ip(address)))
        };
        assert!(holds("10.0.0.0/8", "10.200.3.4") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("172.16.0.0/12", "172.31.255.255") && !holds("172.16.0.0/12", "172.32.0.0"));
        assert!(holds("fd00::/8", "fdff::1") && !holds("fd00::/8", "fe80::1"));
        assert!(holds("127.0.0.1", "127.0.0.1") && !holds("127.0.0.1", "127.0.0.2"));
        assert!(holds("0.0.0.0/0", "203.0.113.9") && !holds("0.0.0.0/0", "2001:db8::1"));
        for bad in [
            "",
            "proxy",
            "10.0.0.0/33",
            "fd00::/129",
            "10.0.0.0/-1",
            "10.0.0.0/",
        ] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }

    #[test]
    fn only_configured_proxies_are_believed() {
        let headers = [
            ("x-forwarded-for", "203.0.113.9"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "photos.example.org"),
        ];
        assert_eq!(asked("192.0.2.1", &headers), None);
        assert_eq!(
            asked("127.0.0.1", &headers),
            Some(Forwarded {
                from: ip("203.0.113.9"),
                https: Some(true),
                host: Some("photos.example.org".into()),
            })
        );
    }

    #[test]
    fn hops_are_read_from_the_right() {
        let from = |peer, hops: &[&str]| {
            let headers: Vec<_> = hops.iter().map(|hop| ("x-forwarded-for", *hop)).collect();
            asked(peer, &headers).unwrap().from
        };
        // What a visitor wrote stands to the left of what the proxies added.
        assert_eq!(
            from("127.0.0.1", &["1.1.1.1, 203.0.113.9"]),
            ip("203.0.113.9")
        );
        assert_eq!(
            from("127.0.0.1", &["1.1.1.1", "203.0.113.9, 10.0.0.7"]),
            ip("203.0.113.9")
        );
        assert_eq!(
            from("127.0.0.1", &["203.0.113.9, nonsense"]),
            ip("127.0.0.1")
        );
        assert_eq!(from("10.1.1.1", &["unknown, 10.0.0.7"]), ip("10.0.0.7"));
        assert_eq!(from("127.0.0.1", &[]), ip("127.0.0.1"));
        assert_eq!(from("fd00::1", &["203.0.113.9:4711"]), ip("203.0.113.9"));
        assert_eq!(from("fd00::1", &["[2001:db8::7]:4711"]), ip("2001:db8::7"));
        assert_eq!(from("fd00::1", &["[2001:db8::7]"]), ip("2001:db8::7"));
        assert_eq!(from("fd00::1", &["::ffff:203.0.113.9"]), ip("203.0.113.9"));
    }
}
