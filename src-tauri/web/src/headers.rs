//! The headers of every answer (`trust.md`): what a browser may do with a page,
//! what with a picture, and what it may keep.

use axum::{
    body::HttpBody,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, LAST_MODIFIED, REFERRER_POLICY,
            STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::Response,
};

const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; font-src 'self'; \
     form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'";

const MEDIA_POLICY: &str = "default-src 'none'; sandbox";

const ALWAYS: [(HeaderName, HeaderValue); 4] = [
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("x-robots-tag"),
        HeaderValue::from_static("noindex, nofollow, noarchive"),
    ),
];

/// What means nothing to a picture.
const OF_PAGES: [(HeaderName, HeaderValue); 3] = [
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(PAGE_POLICY),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), \
             geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), \
             publickey-credentials-get=(), usb=(), xr-spatial-tracking=()",
        ),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// Marks a picture's answer: nothing in it may ever run as a page.
pub(crate) fn media(headers: &mut HeaderMap) {
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(MEDIA_POLICY),
    );
}

/// The answer as it leaves: whatever a handler did not say is said as for a page,
/// so that a forgotten header is a strict one. Where it is asked for, the browser is told to
/// come by https alone for a month (`strict`), or to forget that it was.
pub(crate) fn finished(response: Response, strict: Option<bool>) -> Response {
    let mut response = measured(response);
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    if !headers.contains_key(CONTENT_SECURITY_POLICY) {
        for (name, value) in OF_PAGES {
            headers.insert(name, value);
        }
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.remove(LAST_MODIFIED);
    if let Some(strict) = strict {
        headers.insert(
            STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static(match strict {
                true => "max-age=2592000",
                false => "max-age=0",
            }),
        );
    }
    response
}

/// The answer with the length of its body, which `HEAD` is told, too.
fn measured(mut response: Response) -> Response {
    let is_bare = matches!(
        response.status(),
        StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
    );
    let length = response.body().size_hint().exact();
    if let Some(length) = length.filter(|_| !is_bare) {
        let headers = response.headers_mut();
        headers
            .entry(CONTENT_LENGTH)
            .or_insert_with(|| HeaderValue::from(length));
    }
    response
}
