//! Bytes on their way to a visitor: whole, in part, or only their headers. Every one
//! is read through the visitor's `Access`, and nothing is answered from a browser's
//! memory (304) before that right was checked.

use std::{
    io::{Cursor, Read, Seek, SeekFrom},
    sync::Arc,
};

use axum::{
    body::{self, Body},
    extract::Request,
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{
            ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
            CONTENT_TYPE, ETAG,
        },
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use library::{Access, ArchiveBody, LibraryError, Pixels, Reading};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    headers,
    notice::Refusal,
    pulse::Pulse,
    range::{self, Part},
    stream,
    visitor::{Visitor, blocking},
};

/// Up to here an answer is read as one piece, before it starts; beyond, it is
/// streamed and the right to it checked each second.
const WHOLE: u64 = 256 * 1024;

/// About so many headers an answer has, those that every one has included.
const HEADERS: usize = 14;

/// What stands bare in `filename*` (RFC 8187, attr-char).
const ATTRIBUTE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Where bytes are read from.
pub(crate) trait Source: Read + Seek + Send + 'static {
    /// All of them, where they are in memory: many answers then hold the same ones.
    fn held(&self) -> Option<body::Bytes> {
        None
    }
}

impl Source for Pixels {
    fn held(&self) -> Option<body::Bytes> {
        match self {
            Self::Held(held) => Some(body::Bytes::from_owner(Arc::clone(held.get_ref()))),
            Self::Stored(_) => None,
        }
    }
}

impl Source for ArchiveBody {}
impl Source for Reading {}
impl Source for Cursor<Vec<u8>> {}

/// What is sent.
pub(crate) struct Sent<B> {
    /// Open, at its start.
    pub(crate) body: B,
    /// Bytes.
    pub(crate) length: u64,
    /// Media type.
    pub(crate) mime: String,
    /// File name.
    pub(crate) name: String,
    /// Changes with the bytes; without quotes.
    pub(crate) etag: String,
    /// To be kept as a file, rather than shown.
    pub(crate) is_kept: bool,
}

/// The bytes of an answer, once the library gave them out.
enum Bytes {
    /// The browser holds them already, or asked for the headers alone.
    None,
    Whole(body::Bytes),
    /// Too many to be held: these, and the rest streamed from where the body stands.
    Long(body::Bytes),
}

/// What is answered, and with which of its bytes.
struct Chosen<B> {
    sent: Sent<B>,
    held: bool,
    part: Part,
    bytes: Bytes,
}

/// Answers with what is in memory `again`, or else with what `find` gives out for the
/// visitor's right; `None` is what the link does not show.
pub(crate) async fn answer<B: Source>(
    visitor: Visitor,
    request: Request,
    again: Option<Sent<B>>,
    find: impl FnOnce(&Access) -> Result<Option<Sent<B>>, LibraryError> + Send + 'static,
) -> Result<Response, Refusal> {
    let say = visitor.asked.say;
    let (asked, _) = request.into_parts();
    let pulse = visitor.asked.pulse;
    let chosen = match again {
        Some(sent) => Some(choose(sent, &asked).map_err(|error| Refusal::of(&error, say))?),
        None => {
            let access = visitor.access.clone();
            blocking(say, move || {
                find(&access)?.map(|sent| choose(sent, &asked)).transpose()
            })
            .await?
        }
    };
    match chosen {
        Some(chosen) => Ok(reply(visitor.access, chosen, pulse)),
        None => Err(Refusal::nothing(say)),
    }
}

fn choose<B: Source>(mut sent: Sent<B>, asked: &Parts) -> Result<Chosen<B>, LibraryError> {
    let head = asked.method == Method::HEAD;
    let held = range::is_held(&asked.headers, &sent.etag);
    let part = match head {
        true => Part::Whole,
        false => range::part(&asked.headers, sent.length, &sent.etag),
    };
    let bytes = match part.span(sent.length) {
        Some((start, length)) if !head && !held => open(&mut sent.body, start, length)?,
        _ => Bytes::None,
    };
    Ok(Chosen {
        sent,
        held,
        part,
        bytes,
    })
}

fn open(body: &mut impl Source, start: u64, length: u64) -> Result<Bytes, LibraryError> {
    let count = usize::try_from(length).unwrap_or_default();
    if let Some(held) = body.held() {
        let start = usize::try_from(start).unwrap_or_default();
        return Ok(Bytes::Whole(held.slice(start..start + count)));
    }
    body.seek(SeekFrom::Start(start))?;
    if length > WHOLE {
        return Ok(Bytes::Long(stream::first(body, length)?));
    }
    let mut bytes = vec![0; count];
    body.read_exact(&mut bytes)?;
    Ok(Bytes::Whole(bytes.into()))
}

fn reply<B: Source>(access: Access, chosen: Chosen<B>, pulse: Option<Arc<Pulse>>) -> Response {
    let Chosen {
        sent,
        held,
        part,
        bytes,
    } = chosen;
    let mut response = match (held, part) {
        (true, _) => StatusCode::NOT_MODIFIED.into_response(),
        (_, Part::Whole) => StatusCode::OK.into_response(),
        (_, Part::Of { .. }) => StatusCode::PARTIAL_CONTENT.into_response(),
        (_, Part::Beyond) => StatusCode::RANGE_NOT_SATISFIABLE.into_response(),
    };
    let headers = response.headers_mut();
    headers.reserve(HEADERS);
    describe(headers, &access, &sent.etag);
    if held {
        return response;
    }
    match part {
        Part::Whole => {}
        Part::Of { first, last } => {
            let range = format!("bytes {first}-{last}/{}", sent.length);
            set(headers, CONTENT_RANGE, range);
        }
        Part::Beyond => set(headers, CONTENT_RANGE, format!("bytes */{}", sent.length)),
    }
    let Some((_, length)) = part.span(sent.length) else {
        return response;
    };
    set(headers, CONTENT_TYPE, sent.mime);
    set(
        headers,
        CONTENT_DISPOSITION,
        disposition(sent.is_kept, &sent.name),
    );
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    *response.body_mut() = match bytes {
        Bytes::None => Body::empty(),
        Bytes::Whole(bytes) => Body::from(bytes),
        Bytes::Long(first) => {
            Body::new(stream::Stream::new(first, sent.body, length, access, pulse))
        }
    };
    response
}

/// What every answer about these bytes says, whether it carries them or not.
fn describe(headers: &mut HeaderMap, access: &Access, etag: &str) {
    let terms = access.terms();
    // A link that hides something is asked about each time; an open one may be
    // shown again for five minutes.
    let kept = match terms.has_door || !terms.show_metadata {
        true => "private, no-cache",
        false => "private, max-age=300",
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    set(headers, ETAG, ["\"", etag, "\""].concat());
    headers::media(headers);
}

/// Sets a header whose text is ours; were it not a header's text, it stays away.
fn set(headers: &mut HeaderMap, name: axum::http::HeaderName, text: String) {
    if let Ok(value) = HeaderValue::try_from(text) {
        headers.insert(name, value);
    }
}

/// `Content-Disposition` with the name in ASCII and, where that loses something,
/// in UTF-8 (RFC 6266).
fn disposition(is_kept: bool, name: &str) -> String {
    let kind = match is_kept {
        true => "attachment",
        false => "inline",
    };
    let as_it_is = |sign: char| matches!(sign, ' '..='~') && !matches!(sign, '"' | '\\' | '%');
    if name.chars().all(as_it_is) {
        return [kind, "; filename=\"", name, "\""].concat();
    }
    let plain = name.replace(|sign| !as_it_is(sign), "_");
    let encoded = utf8_percent_encode(name, ATTRIBUTE);
    format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_data_in_the_header() {
        assert_eq!(
            disposition(true, "photo-0001.jpg"),
            "attachment; filename=\"photo-0001.jpg\""
        );
        assert_eq!(
            disposition(false, "Käse \"1\"\r\nX: y.jpg"),
            "inline; filename=\"K_se _1___X: y.jpg\"; \
             filename*=UTF-8''K%C3%A4se%20%221%22%0D%0AX%3A%20y.jpg"
        );
    }
}
