//! The window's pictures: `photo://localhost/<rendition>/<asset id>`, and
//! `…/inbox/<rendition>/<upload id>` of what visitors sent, and
//! `…/remote/<machine id>/<asset id>/<rendition>` of another machine's. By id
//! only; no path is ever spoken of. Videos are asked for in ranges (RFC 9110),
//! and one answer holds no more than a few megabytes of one.

use std::io::{Read, Seek, SeekFrom};

use library::{AssetId, DeviceId, LibraryError, Rendition, Served, UploadId, What};
use node::NodeError;
use tauri::http::{Request, Response, StatusCode, header};
use tauri::{Runtime, UriSchemeContext, UriSchemeResponder, async_runtime};

use crate::window;

/// The longest slice of a range that one answer holds.
const SLICE: u64 = 4 << 20;
/// The longest answer without a range.
const WHOLE: u64 = 512 << 20;
/// The window's own page, the only one that may read what comes.
pub const PAGE: &str = if cfg!(windows) {
    "http://tauri.localhost"
} else {
    "tauri://localhost"
};

/// Answers the window's wish for a picture, off its threads.
pub fn answer<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let node = window::node_of(context.app_handle());
    #[cfg(target_os = "linux")]
    window::count_picture(context.app_handle());
    async_runtime::spawn_blocking(move || {
        let versioned = request
            .uri()
            .query()
            .is_some_and(|query| query.starts_with("v="));
        let served: Option<Result<Served, NodeError>> =
            wish(request.uri().path())
                .zip(node)
                .map(|(wish, node)| match wish {
                    Wish::Asset(id, what) => node.own(id, what),
                    Wish::Upload(id, what) => Ok(node.library().inbox_bytes(id, what)?),
                    Wish::Remote(home, id, rendition) => node.remote_picture(home, id, rendition),
                });
        let range = request
            .headers()
            .get(header::RANGE)
            .and_then(|range| range.to_str().ok());
        responder.respond(match served {
            Some(Ok(served)) => picture(served, range, versioned).unwrap_or_else(|_| nothing()),
            Some(Err(error)) if error.code != "converting" => cannot(error),
            Some(Err(_)) | None => nothing(),
        });
    });
}

/// What the window wishes to see.
enum Wish {
    Asset(AssetId, What),
    Upload(UploadId, What),
    Remote(DeviceId, AssetId, Rendition),
}

/// Reads `/thumbnail/<id>`; the slashes between may come escaped.
fn wish(path: &str) -> Option<Wish> {
    let path = path.trim_start_matches('/').replace("%2F", "/");
    if let Some(path) = path.strip_prefix("remote/") {
        let (home, path) = path.split_once('/')?;
        let (asset, rendition) = path.split_once('/')?;
        let rendition = match rendition {
            "thumbnail" => Rendition::Thumbnail,
            "preview" => Rendition::Preview,
            _ => return None,
        };
        return Some(Wish::Remote(
            home.parse().ok()?,
            asset.parse().ok()?,
            rendition,
        ));
    }
    let (sent, path) = match path.strip_prefix("inbox/") {
        Some(path) => (true, path),
        None => (false, path.as_str()),
    };
    let (rendition, id) = path.split_once('/')?;
    let what = match rendition {
        "thumbnail" => What::Rendition(Rendition::Thumbnail),
        "preview" => What::Rendition(Rendition::Preview),
        "original" => What::Download,
        "video" => What::Film,
        "motion" => What::Motion,
        _ => return None,
    };
    Some(match sent {
        true => Wish::Upload(id.parse().ok()?, what),
        false => Wish::Asset(id.parse().ok()?, what),
    })
}

fn picture(
    mut served: Served,
    range: Option<&str>,
    versioned: bool,
) -> Result<Response<Vec<u8>>, LibraryError> {
    // Only this window can ask. A photo that is turned has another thumbhash, which is
    // the version in its address; without one, what is kept may soon be another.
    let kept = match (served.is_for_now, versioned) {
        (true, _) => "no-store",
        (false, true) => "private, max-age=86400",
        (false, false) => "private, max-age=60",
    };
    let answer = Response::builder()
        .header(header::CONTENT_TYPE, served.mime)
        .header(header::CACHE_CONTROL, kept)
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::ACCESS_CONTROL_ALLOW_ORIGIN, PAGE)
        .header(header::ACCESS_CONTROL_EXPOSE_HEADERS, "content-range")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    let length = served.length;
    let (answer, first, wanted) = match range.map(|range| slice(range, length)) {
        None if length > WHOLE => (answer.status(StatusCode::PAYLOAD_TOO_LARGE), 0, 0),
        None => (answer, 0, length),
        Some(None) => (
            answer
                .status(StatusCode::RANGE_NOT_SATISFIABLE)
                .header(header::CONTENT_RANGE, format!("bytes */{length}")),
            0,
            0,
        ),
        Some(Some((first, last))) => (
            answer.status(StatusCode::PARTIAL_CONTENT).header(
                header::CONTENT_RANGE,
                format!("bytes {first}-{last}/{length}"),
            ),
            first,
            last - first + 1,
        ),
    };
    let mut bytes = vec![0; usize::try_from(wanted).unwrap_or(0)];
    served.body.seek(SeekFrom::Start(first))?;
    served.body.read_exact(&mut bytes)?;
    answer
        .body(bytes)
        .map_err(|error| LibraryError::Wrong(error.to_string()))
}

/// The first and the last byte that `bytes=…` asks for, at most [`SLICE`] of
/// them; `None` for what lies beyond, or for several ranges at once.
fn slice(range: &str, length: u64) -> Option<(u64, u64)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let end = length.checked_sub(1)?;
    let (first, last) = match (first.trim(), last.trim()) {
        ("", last) => (length.saturating_sub(last.parse().ok()?), end),
        (first, "") => (first.parse().ok()?, end),
        (first, last) => (first.parse().ok()?, last.parse::<u64>().ok()?.min(end)),
    };
    (first <= last).then(|| (first, last.min(first.saturating_add(SLICE - 1))))
}

pub fn nothing() -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = StatusCode::NOT_FOUND;
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, PAGE),
    ] {
        let value = tauri::http::HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

/// Why what is there cannot be had now, in words.
fn cannot(error: NodeError) -> Response<Vec<u8>> {
    let mut response = nothing();
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    *response.body_mut() = error.message.into_bytes();
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_renditions_by_id_are_served() {
        let id = "0190b6a0-0000-7000-8000-000000000000";
        assert!(wish(&format!("/thumbnail/{id}")).is_some());
        assert!(wish(&format!("/preview%2F{id}")).is_some());
        assert!(matches!(
            wish(&format!("/inbox/preview/{id}")),
            Some(Wish::Upload(..))
        ));
        assert!(matches!(
            wish(&format!("/remote/{id}/{id}/thumbnail")),
            Some(Wish::Remote(..))
        ));
        for refused in [
            "/",
            "/remote/../secret/thumbnail",
            "/thumbnail/../secret",
            "/etc/passwd",
            "/secret/0190",
            "/inbox/../secret",
        ] {
            assert!(wish(refused).is_none(), "{refused}");
        }
    }

    #[test]
    fn ranges_are_sliced_and_lies_are_refused() {
        assert_eq!(slice("bytes=0-0", 10), Some((0, 0)));
        assert_eq!(slice("bytes=2-", 10), Some((2, 9)));
        assert_eq!(slice("bytes=-3", 10), Some((7, 9)));
        assert_eq!(slice("bytes=5-99", 10), Some((5, 9)));
        assert_eq!(slice("bytes=0-", 9 << 20), Some((0, SLICE - 1)));
        for refused in [
            "bytes=10-",
            "bytes=5-4",
            "bytes=0-1,3-4",
            "items=0-1",
            "bytes=-0",
        ] {
            assert_eq!(slice(refused, 10), None, "{refused}");
        }
        assert_eq!(slice("bytes=0-", 0), None);
    }
}
