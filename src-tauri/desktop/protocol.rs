//! The window's pictures: `photo://localhost/<rendition>/<asset id>`. By id
//! only; no path is ever spoken of.

use std::io::Read;
use std::sync::Arc;

use library::{AssetId, LibraryError, Rendition, Served, What};
use node::Node;
use tauri::http::{Request, Response, StatusCode, header};
use tauri::{Manager, Runtime, UriSchemeContext, UriSchemeResponder, async_runtime};

/// Answers the window's wish for a picture, off its threads.
pub fn answer<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let node = context
        .app_handle()
        .try_state::<Arc<Node>>()
        .map(|node| Arc::clone(&node));
    async_runtime::spawn_blocking(move || {
        let served = wish(request.uri().path())
            .zip(node)
            .map(|((id, what), node)| node.library().own(id, what));
        responder.respond(match served {
            Some(Ok(served)) => picture(served).unwrap_or_else(|_| nothing()),
            Some(Err(_)) | None => nothing(),
        });
    });
}

/// Reads `/thumbnail/<id>`; the slash between may come escaped.
fn wish(path: &str) -> Option<(AssetId, What)> {
    let path = path.trim_start_matches('/').replace("%2F", "/");
    let (rendition, id) = path.split_once('/')?;
    let what = match rendition {
        "thumbnail" => What::Rendition(Rendition::Thumbnail),
        "preview" => What::Rendition(Rendition::Preview),
        "original" => What::Download,
        "video" => What::Film,
        "motion" => What::Motion,
        _ => return None,
    };
    Some((id.parse().ok()?, what))
}

fn picture(mut served: Served) -> Result<Response<Vec<u8>>, LibraryError> {
    let mut bytes = Vec::with_capacity(usize::try_from(served.length).unwrap_or(0));
    served.body.read_to_end(&mut bytes)?;
    // An id's bytes never change, and only this window can ask.
    let kept = match served.is_for_now {
        true => "no-store",
        false => "private, max-age=86400",
    };
    Response::builder()
        .header(header::CONTENT_TYPE, served.mime)
        .header(header::CACHE_CONTROL, kept)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .body(bytes)
        .map_err(|error| LibraryError::Wrong(error.to_string()))
}

fn nothing() -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = StatusCode::NOT_FOUND;
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
        for refused in ["/", "/thumbnail/../secret", "/etc/passwd", "/secret/0190"] {
            assert!(wish(refused).is_none(), "{refused}");
        }
    }
}
