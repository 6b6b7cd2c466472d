//! The bytes of photos and videos: thumbnail, preview, the video to watch, download,
//! and the messenger's card.
//! Every one is read through the visitor's `Access`, and nothing is answered from a
//! browser's memory (304) before that right was checked.

use std::{
    io::{Read, Seek, SeekFrom},
    sync::Arc,
};

use axum::{
    body::Body,
    extract::Request,
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{
            ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
            CONTENT_TYPE, ETAG,
        },
    },
    response::{IntoResponse, Response},
};
use library::{Access, Download, LibraryError, Reading, Rendition, Served, What};
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

/// `…/photo/{item}/thumbnail`
pub(crate) async fn thumbnail(visitor: Visitor, request: Request) -> Result<Response, Refusal> {
    answer(visitor, request, What::Rendition(Rendition::Thumbnail)).await
}

/// `…/photo/{item}/preview`
pub(crate) async fn preview(visitor: Visitor, request: Request) -> Result<Response, Refusal> {
    answer(visitor, request, What::Rendition(Rendition::Preview)).await
}

/// `…/photo/{item}/download`: the best copy that the link allows, or with
/// `?size=screen` the one at screen size.
pub(crate) async fn download(visitor: Visitor, request: Request) -> Result<Response, Refusal> {
    let what = match request.uri().query() {
        Some("size=screen") => What::Screen,
        _ => What::Download,
    };
    answer(visitor, request, what).await
}

/// `…/photo/{item}/video`: a video to be watched, never with its metadata.
pub(crate) async fn video(visitor: Visitor, request: Request) -> Result<Response, Refusal> {
    answer(visitor, request, What::Film).await
}

/// `…/photo/{item}/motion`: the moving part of a photo, never with its metadata.
pub(crate) async fn motion(visitor: Visitor, request: Request) -> Result<Response, Refusal> {
    answer(visitor, request, What::Motion).await
}

/// `…/card`: the first photo or video that can be seen, as a messenger shows it.
pub(crate) async fn card(visitor: Visitor, request: Request) -> Result<Response, Refusal> {
    answer(visitor, request, What::Rendition(Rendition::Card)).await
}

/// The bytes of an answer, once the library gave them out.
enum Bytes {
    /// The browser holds them already, or asked for the headers alone.
    None,
    Whole(Vec<u8>),
    /// Too many to be held: streamed from where the body stands.
    Long,
}

async fn answer(visitor: Visitor, request: Request, what: What) -> Result<Response, Refusal> {
    let say = visitor.asked.say;
    if matches!(what, What::Download | What::Screen)
        && visitor.access.terms().download == Download::None
    {
        return Err(Refusal::not_allowed(say));
    }
    let pulse = request.extensions().get::<Arc<Pulse>>().cloned();
    let head = request.method() == Method::HEAD;
    let asked = request.headers().clone();
    drop(request);
    let access = visitor.access.clone();
    let item = visitor.place.item.clone();
    let read = blocking(say, move || {
        let entry = match item {
            Some(item) => access.entry(&item)?,
            None => access.first_seen()?,
        };
        let Some(entry) = entry else {
            return Ok(None);
        };
        let mut served = access.read(&entry, what)?;
        let held = range::is_held(&asked, &served.etag);
        let part = match head {
            true => Part::Whole,
            false => range::part(&asked, served.length, &served.etag),
        };
        let bytes = match part.span(served.length) {
            Some((start, length)) if !head && !held => open(&mut served.body, start, length)?,
            _ => Bytes::None,
        };
        Ok(Some((served, held, part, bytes)))
    })
    .await?;
    let Some((served, held, part, bytes)) = read else {
        return Err(Refusal::nothing(say));
    };
    Ok(reply(
        visitor.access,
        what,
        served,
        held,
        part,
        bytes,
        pulse,
    ))
}

fn open(body: &mut Reading, start: u64, length: u64) -> Result<Bytes, LibraryError> {
    body.seek(SeekFrom::Start(start))?;
    if length > WHOLE {
        return Ok(Bytes::Long);
    }
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    body.read_exact(&mut bytes)?;
    Ok(Bytes::Whole(bytes))
}

fn reply(
    access: Access,
    what: What,
    served: Served,
    held: bool,
    part: Part,
    bytes: Bytes,
    pulse: Option<Arc<Pulse>>,
) -> Response {
    let mut response = match (held, part) {
        (true, _) => StatusCode::NOT_MODIFIED.into_response(),
        (_, Part::Whole) => StatusCode::OK.into_response(),
        (_, Part::Of { .. }) => StatusCode::PARTIAL_CONTENT.into_response(),
        (_, Part::Beyond) => StatusCode::RANGE_NOT_SATISFIABLE.into_response(),
    };
    describe(response.headers_mut(), &access, &served);
    let headers = response.headers_mut();
    if held {
        return response;
    }
    match part {
        Part::Whole => {}
        Part::Of { first, last } => {
            let range = format!("bytes {first}-{last}/{}", served.length);
            set(headers, CONTENT_RANGE, &range);
        }
        Part::Beyond => set(
            headers,
            CONTENT_RANGE,
            &format!("bytes */{}", served.length),
        ),
    }
    let Some((_, length)) = part.span(served.length) else {
        return response;
    };
    set(headers, CONTENT_TYPE, &served.mime);
    set(
        headers,
        CONTENT_DISPOSITION,
        &disposition(what, &served.name),
    );
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    *response.body_mut() = match bytes {
        Bytes::None => Body::empty(),
        Bytes::Whole(bytes) => Body::from(bytes),
        Bytes::Long => Body::new(stream::Stream::new(served.body, length, access, pulse)),
    };
    response
}

/// What every answer about these bytes says, whether it carries them or not.
fn describe(headers: &mut HeaderMap, access: &Access, served: &Served) {
    let terms = access.terms();
    // A link that hides something is asked about each time; an open one may be
    // shown again for five minutes.
    let kept = match terms.has_password || !terms.show_metadata {
        true => "private, no-cache",
        false => "private, max-age=300",
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    set(headers, ETAG, &format!("\"{}\"", served.etag));
    headers::media(headers);
}

/// Sets a header whose text is ours; were it not a header's text, it stays away.
fn set(headers: &mut HeaderMap, name: axum::http::HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

/// `Content-Disposition` with the name in ASCII and, where that loses something,
/// in UTF-8 (RFC 6266).
fn disposition(what: What, name: &str) -> String {
    let kind = match what {
        What::Download | What::Screen => "attachment",
        _ => "inline",
    };
    let plain: String = name
        .chars()
        .map(|sign| match sign {
            '"' | '\\' | '%' => '_',
            ' '..='~' => sign,
            _ => '_',
        })
        .collect();
    if plain == name {
        return format!("{kind}; filename=\"{plain}\"");
    }
    let encoded = utf8_percent_encode(name, ATTRIBUTE);
    format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_data_in_the_header() {
        assert_eq!(
            disposition(What::Download, "photo-0001.jpg"),
            "attachment; filename=\"photo-0001.jpg\""
        );
        assert_eq!(
            disposition(
                What::Rendition(Rendition::Preview),
                "Käse \"1\"\r\nX: y.jpg"
            ),
            "inline; filename=\"K_se _1___X: y.jpg\"; \
             filename*=UTF-8''K%C3%A4se%20%221%22%0D%0AX%3A%20y.jpg"
        );
    }
}
