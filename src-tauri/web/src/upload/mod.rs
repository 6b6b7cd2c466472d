//! Photos that visitors send, by the protocol of resumable uploads, tus 1.0.0
//! (<https://tus.io/protocols/resumable-upload>): creation, checksums, expiration
//! and termination. Plain forms are in `form`.

mod arrivals;
mod form;
#[cfg(test)]
mod slow;

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{CONTENT_TYPE, LOCATION},
    },
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{Timestamp, fmt::rfc2822::DateTimePrinter};
use library::{NewUpload, Sum, Upload, UploadError, from_hex};

pub(crate) use arrivals::Arrivals;

use crate::{
    notice::Refusal,
    sender::{self, Sender},
    site::Site,
    visitor::{Visitor, blocking},
};

/// The version of the protocol.
pub(crate) const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
/// Says that a request is one of the protocol, and its version.
pub(crate) const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
/// RFC 9530.
const DIGEST: HeaderName = HeaderName::from_static("repr-digest");
/// Bytes of a header that says what is sent.
const LONGEST_METADATA: usize = 8 * 1024;

/// `OPTIONS …/upload`: what is understood.
pub(crate) async fn options(visitor: Visitor) -> Result<Response, Refusal> {
    let say = visitor.asked.say;
    let access = visitor.access;
    let room = blocking(say, move || access.upload_room()).await?;
    let most = HeaderValue::from(room.video);
    Ok((
        StatusCode::NO_CONTENT,
        [
            (HeaderName::from_static("tus-version"), VERSION),
            (
                HeaderName::from_static("tus-extension"),
                HeaderValue::from_static("creation,checksum,expiration,termination"),
            ),
            (
                HeaderName::from_static("tus-checksum-algorithm"),
                HeaderValue::from_static("sha1,sha256,crc32"),
            ),
            (HeaderName::from_static("tus-max-size"), most),
        ],
    )
        .into_response())
}

/// `POST …/upload`: announces a file, or sends a plain form with all of them.
pub(crate) async fn create(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Refusal> {
    let headers = request.headers();
    let say = visitor.asked.say;
    let sender = sender::of(headers, &visitor.asked.origin());
    if sender == Sender::Foreign {
        return Err(Refusal::foreign(say));
    }
    if !headers.contains_key(RESUMABLE) {
        return form::receive(site, visitor, sender, request).await;
    }
    check_version(headers, &visitor)?;
    let bytes = number(headers, &LENGTH).ok_or(Refusal::unreadable(say))?;
    let told = Told::of(headers).ok_or(Refusal::unreadable(say))?;
    let new = NewUpload {
        name: told.name,
        bytes,
        visitor: told.visitor.unwrap_or_else(rand::random),
        visitor_name: told.visitor_name,
        sha256: told.sha256,
    };
    let access = visitor.access.clone();
    let upload = blocking(say, move || access.begin_upload(new)).await?;
    let address = format!("{}/upload/{}", visitor.place.base(), upload.item);
    let address = HeaderValue::from_str(&address).map_err(|_| Refusal::failed(say))?;
    let mut response = (StatusCode::CREATED, [(LOCATION, address)]).into_response();
    state_of(&upload, response.headers_mut());
    Ok(response)
}

/// `HEAD …/upload/{item}`: how far it is. What is still coming in is settled first.
pub(crate) async fn state(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    let say = visitor.asked.say;
    let item = visitor.place.item.unwrap_or_default();
    let _claim = site.arrivals.claim(&item).await.ok_or(Refusal::busy(say))?;
    let access = visitor.access;
    let upload = blocking(say, move || access.upload(&item)).await?;
    let upload = upload.ok_or(Refusal::upload(UploadError::Expired, say))?;
    let mut response = StatusCode::OK.into_response();
    state_of(&upload, response.headers_mut());
    Ok(response)
}

/// `PATCH …/upload/{item}`: the next bytes.
pub(crate) async fn proceed(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Refusal> {
    let say = visitor.asked.say;
    let headers = request.headers();
    if sender::of(headers, &visitor.asked.origin()) == Sender::Foreign {
        return Err(Refusal::foreign(say));
    }
    check_version(headers, &visitor)?;
    let is_bytes = headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind == "application/offset+octet-stream");
    let offset = number(headers, &OFFSET).filter(|_| is_bytes);
    let offset = offset.ok_or(Refusal::unreadable(say))?;
    let sum = match headers.get(CHECKSUM) {
        Some(sum) => Some(checksum(sum).ok_or(Refusal::unreadable(say))?),
        None => None,
    };
    let item = visitor.place.item.unwrap_or_default();
    let claim = site.arrivals.claim(&item).await.ok_or(Refusal::busy(say))?;
    let access = visitor.access.clone();
    let receiving = blocking(say, move || access.receive(&item, offset, sum)).await?;
    let body = request.into_body();
    let pulse = visitor.asked.pulse;
    let place = site
        .arrivals
        .place(receiving.visitor(), visitor.asked.from)
        .await
        .ok_or(Refusal::busy(say))?;
    let upload =
        arrivals::take(body, receiving, &visitor.access, (claim, place), pulse, say).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    state_of(&upload, response.headers_mut());
    Ok(response)
}

/// `DELETE …/upload/{item}`: it is withdrawn.
pub(crate) async fn withdraw(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let say = visitor.asked.say;
    if sender::of(&headers, &visitor.asked.origin()) == Sender::Foreign {
        return Err(Refusal::foreign(say));
    }
    check_version(&headers, &visitor)?;
    let item = visitor.place.item.unwrap_or_default();
    let _claim = site.arrivals.claim(&item).await.ok_or(Refusal::busy(say))?;
    let access = visitor.access;
    blocking(say, move || access.withdraw(&item)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What the headers of an announcement say.
struct Told {
    name: String,
    visitor: Option<[u8; 16]>,
    visitor_name: String,
    sha256: Option<[u8; 32]>,
}

impl Told {
    /// Reads `Upload-Metadata`: keys and base64 of their values, with commas between.
    fn of(headers: &HeaderMap) -> Option<Told> {
        let mut told = Told {
            name: String::new(),
            visitor: None,
            visitor_name: String::new(),
            sha256: None,
        };
        let Some(metadata) = headers.get(METADATA) else {
            return Some(told);
        };
        let metadata = metadata.to_str().ok()?;
        if metadata.len() > LONGEST_METADATA {
            return None;
        }
        for pair in metadata
            .split(',')
            .map(str::trim)
            .filter(|pair| !pair.is_empty())
        {
            let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
            let value = STANDARD.decode(value.trim()).ok()?;
            let text = String::from_utf8_lossy(&value).into_owned();
            match key {
                "filename" => told.name = text,
                "name" => told.visitor_name = text,
                "visitor" => told.visitor = Some(from_hex(&text)?),
                "sha256" => told.sha256 = Some(from_hex(&text)?),
                _ => {}
            }
        }
        Some(told)
    }
}

/// Reads `sha256 <base64>`.
fn checksum(value: &HeaderValue) -> Option<Sum> {
    let (name, sum) = value.to_str().ok()?.trim().split_once(' ')?;
    let sum = STANDARD.decode(sum.trim()).ok()?;
    match (name, sum.len()) {
        ("sha1", 20) => Some(Sum::Sha1(sum)),
        ("sha256", 32) => Some(Sum::Sha256(sum)),
        ("crc32", 4) => Some(Sum::Crc32(sum)),
        _ => None,
    }
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

fn check_version(headers: &HeaderMap, visitor: &Visitor) -> Result<(), Refusal> {
    match headers.get(RESUMABLE) == Some(&VERSION) {
        true => Ok(()),
        false => Err(Refusal::another_version(visitor.asked.say)),
    }
}

/// A time as headers have it (RFC 9110, 5.6.7), from milliseconds since 1970.
fn http_date(milliseconds: i64) -> Option<HeaderValue> {
    let time = Timestamp::from_millisecond(milliseconds).ok()?;
    let date = DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&time)
        .ok()?;
    HeaderValue::from_str(&date).ok()
}

/// How far an upload is, in an answer's headers.
fn state_of(upload: &Upload, headers: &mut HeaderMap) {
    headers.insert(OFFSET, HeaderValue::from(upload.received));
    headers.insert(LENGTH, HeaderValue::from(upload.bytes));
    if let Some(sum) = upload.sha256 {
        let digest = format!("sha-256=:{}:", STANDARD.encode(sum));
        if let Ok(digest) = HeaderValue::from_str(&digest) {
            headers.insert(DIGEST, digest);
        }
    } else if let Some(date) = http_date(upload.expires_at) {
        headers.insert(EXPIRES, date);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_told_in_base64() {
        let mut headers = HeaderMap::new();
        let visitor = "0a".repeat(16);
        let said = format!(
            "filename {}, visitor {},unknown,name {}",
            STANDARD.encode("Füße.jpg"),
            STANDARD.encode(&visitor),
            STANDARD.encode("Ben")
        );
        headers.insert(METADATA, said.parse().unwrap());
        let told = Told::of(&headers).unwrap();
        assert_eq!(
            (told.name.as_str(), told.visitor_name.as_str()),
            ("Füße.jpg", "Ben")
        );
        assert_eq!(told.visitor, Some([10; 16]));
        for bad in ["filename §", "visitor MGE=", "sha256 AAAA"] {
            headers.insert(METADATA, HeaderValue::from_bytes(bad.as_bytes()).unwrap());
            assert!(Told::of(&headers).is_none(), "{bad}");
        }
    }

    #[test]
    fn checksums_are_named_and_of_their_length() {
        let read = |text: &str| checksum(&text.parse().unwrap());
        assert_eq!(read("crc32 AAAAAA=="), Some(Sum::Crc32(vec![0; 4])));
        for bad in ["", "crc32", "crc32 AAAA", "md5 AAAAAA==", "sha1 AAAAAA=="] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
