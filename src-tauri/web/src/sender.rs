//! Whether a form comes from our own page. Browsers say so in `Sec-Fetch-Site`, but
//! not to plain-http addresses of a home network, and `no-referrer` blanks `Origin`;
//! for these the form carries a token that only a page read from the same place has.

use std::{
    net::IpAddr,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::http::{HeaderMap, header::ORIGIN};

/// How long a token holds, at least (at most twice as long), in seconds.
const TERM: u64 = 6 * 3600;

/// Who sent a form, by its headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    /// Our own page, or no browser at all.
    Own,
    /// A page of another origin.
    Foreign,
    /// The browser does not tell: the token decides.
    Unsure,
}

/// Judges by `Sec-Fetch-Site`, then by `Origin` against our own `origin`.
pub(crate) fn of(headers: &HeaderMap, origin: &str) -> Sender {
    if let Some(site) = headers.get("sec-fetch-site") {
        return if site == "same-origin" {
            Sender::Own
        } else {
            Sender::Foreign
        };
    }
    let Some(from) = headers.get(ORIGIN) else {
        return Sender::Own;
    };
    let Ok(from) = from.to_str() else {
        return Sender::Foreign;
    };
    if from == "null" {
        return Sender::Unsure;
    }
    let authority = |origin: &str| {
        origin
            .split_once("://")
            .map(|(_, name)| name.to_ascii_lowercase())
    };
    match authority(from) {
        Some(name) if Some(&name) == authority(origin).as_ref() => Sender::Own,
        _ => Sender::Foreign,
    }
}

/// Whether the browser says at all whose page a form is from.
pub(crate) fn is_told(headers: &HeaderMap) -> bool {
    headers.contains_key("sec-fetch-site") || headers.contains_key(ORIGIN)
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// The token of a form on the page `base`, for a visitor's network, at a time in seconds.
pub(crate) fn token(seal: &[u8; 32], base: &str, from: IpAddr, now: u64) -> String {
    hash(seal, base, from, now / TERM)
        .to_hex()
        .as_str()
        .to_owned()
}

/// Whether `token` was given to this page and network within the last term or two.
pub(crate) fn token_holds(
    token: &str,
    seal: &[u8; 32],
    base: &str,
    from: IpAddr,
    now: u64,
) -> bool {
    let Ok(token) = blake3::Hash::from_hex(token) else {
        return false;
    };
    let term = now / TERM;
    // `Hash` compares in constant time.
    [term, term.saturating_sub(1)]
        .iter()
        .any(|term| token == hash(seal, base, from, *term))
}

fn hash(seal: &[u8; 32], base: &str, from: IpAddr, term: u64) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new_keyed(seal);
    match from {
        IpAddr::V4(address) => hasher.update(&address.octets()),
        // One network: a phone changes the rest of its address as it likes.
        IpAddr::V6(address) => hasher.update(&(address.to_bits() >> 64).to_be_bytes()),
    };
    hasher
        .update(&term.to_be_bytes())
        .update(base.as_bytes())
        .finalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn judged(pairs: &[(&'static str, &'static str)]) -> Sender {
        let headers = pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect();
        of(&headers, "http://192.168.1.4:2455")
    }

    #[test]
    fn another_origin_is_foreign() {
        assert_eq!(
            judged(&[("sec-fetch-site", "same-origin"), ("origin", "null")]),
            Sender::Own
        );
        assert_eq!(judged(&[("sec-fetch-site", "cross-site")]), Sender::Foreign);
        assert_eq!(judged(&[("sec-fetch-site", "same-site")]), Sender::Foreign);
        assert_eq!(
            judged(&[("origin", "http://192.168.1.4:2455")]),
            Sender::Own
        );
        assert_eq!(
            judged(&[("origin", "http://192.168.1.4:80")]),
            Sender::Foreign
        );
        assert_eq!(
            judged(&[("origin", "http://evil.example")]),
            Sender::Foreign
        );
        assert_eq!(judged(&[("origin", "null")]), Sender::Unsure);
        assert_eq!(judged(&[]), Sender::Own);
    }

    #[test]
    fn a_token_holds_for_its_page_network_and_term() {
        let seal = [7; 32];
        let here = "192.168.1.9".parse().unwrap();
        let given = token(&seal, "/share/a", here, 100 * TERM + 5);
        let holds =
            |base, from: &str, now| token_holds(&given, &seal, base, from.parse().unwrap(), now);
        assert!(holds("/share/a", "192.168.1.9", 100 * TERM));
        assert!(holds("/share/a", "192.168.1.9", 101 * TERM));
        assert!(!holds("/share/a", "192.168.1.9", 102 * TERM));
        assert!(!holds("/share/b", "192.168.1.9", 100 * TERM));
        assert!(!holds("/share/a", "192.168.1.8", 100 * TERM));
        assert!(!token_holds("", &seal, "/share/a", here, 100 * TERM));
    }
}
