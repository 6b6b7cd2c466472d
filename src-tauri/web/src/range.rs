//! What a browser holds already and which part it asks for: `If-None-Match`,
//! `Range` and `If-Range` (RFC 9110, 13 and 14), for one range at a time.

use axum::http::{
    HeaderMap,
    header::{IF_NONE_MATCH, IF_RANGE, RANGE},
};

/// The part of a file to answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it.
    Whole,
    /// From the first to the last byte, both included.
    Of {
        /// Counted from 0.
        first: u64,
        /// Within the file.
        last: u64,
    },
    /// Only bytes that are not there.
    Beyond,
}

impl Part {
    /// Where the part starts and how many bytes it has; `None` when it has none.
    pub(crate) fn span(self, length: u64) -> Option<(u64, u64)> {
        match self {
            Self::Whole => Some((0, length)),
            Self::Of { first, last } => Some((first, last - first + 1)),
            Self::Beyond => None,
        }
    }
}

/// Whether the browser names the bytes of `etag` (without quotes) as its own.
pub(crate) fn is_held(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .any(|held| held == "*" || quoted(held.strip_prefix("W/").unwrap_or(held)) == Some(etag))
}

/// The part asked for of a file of `length` bytes. Several ranges, and what is
/// no range, are answered with the whole, as the standard allows.
pub(crate) fn part(headers: &HeaderMap, length: u64, etag: &str) -> Part {
    let Some(asked) = headers.get(RANGE).and_then(|value| value.to_str().ok()) else {
        return Part::Whole;
    };
    if let Some(held) = headers.get(IF_RANGE)
        && held.to_str().ok().and_then(quoted) != Some(etag)
    {
        return Part::Whole;
    }
    parse(asked, length).unwrap_or(Part::Whole)
}

fn parse(asked: &str, length: u64) -> Option<Part> {
    let (unit, range) = asked.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = range.trim().split_once('-')?;
    let end = length.checked_sub(1);
    let (first, last) = match (first, last) {
        ("", last) => {
            let wanted = number(last)?;
            (
                length.saturating_sub(wanted),
                if wanted == 0 { None } else { end },
            )
        }
        (first, "") => (number(first)?, end),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            (first, end.map(|end| last.min(end)))
        }
    };
    Some(match last {
        Some(last) if first <= last => Part::Of { first, last },
        _ => Part::Beyond,
    })
}

/// Digits only (`parse` alone would take a sign); too large a number is the largest.
fn number(digits: &str) -> Option<u64> {
    let plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    plain.then(|| digits.parse().unwrap_or(u64::MAX))
}

fn quoted(text: &str) -> Option<&str> {
    text.trim().strip_prefix('"')?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn one_range_is_answered_with_its_bytes() {
        let of = |range| part(&headers(&[(RANGE, range)]), 100, "e");
        assert_eq!(of("bytes=0-0"), Part::Of { first: 0, last: 0 });
        assert_eq!(
            of("bytes=10-"),
            Part::Of {
                first: 10,
                last: 99
            }
        );
        assert_eq!(
            of("bytes=-10"),
            Part::Of {
                first: 90,
                last: 99
            }
        );
        assert_eq!(of("bytes=-1000"), Part::Of { first: 0, last: 99 });
        assert_eq!(
            of("bytes=90-99999999999999999999999"),
            Part::Of {
                first: 90,
                last: 99
            }
        );
        assert_eq!(of("bytes=100-"), Part::Beyond);
        assert_eq!(of("bytes=99999999999999999999999-"), Part::Beyond);
        assert_eq!(of("bytes=-0"), Part::Beyond);
        for whole in [
            "bytes=5-2",
            "bytes=+1-2",
            "lines=1-2",
            "bytes=0-1,3-4",
            "bytes",
            "bytes=-",
        ] {
            assert_eq!(of(whole), Part::Whole, "{whole}");
        }
        assert_eq!(
            part(&headers(&[(RANGE, "bytes=0-0")]), 0, "e"),
            Part::Beyond
        );
    }

    #[test]
    fn a_range_of_other_bytes_gets_the_whole() {
        let of = |held| part(&headers(&[(RANGE, "bytes=1-2"), (IF_RANGE, held)]), 9, "e");
        assert_eq!(of("\"e\""), Part::Of { first: 1, last: 2 });
        assert_eq!(of("\"f\""), Part::Whole);
        assert_eq!(of("W/\"e\""), Part::Whole);
        assert_eq!(of("Sun, 22 Nov 2026 10:00:00 GMT"), Part::Whole);
    }

    #[test]
    fn what_the_browser_holds_is_known_by_its_tag() {
        let held = |list| is_held(&headers(&[(IF_NONE_MATCH, list)]), "e");
        assert!(held("\"e\"") && held("W/\"e\"") && held("\"d\", \"e\"") && held("*"));
        assert!(!held("\"d\"") && !held("e") && !held(""));
    }
}
