//! The bytes of photos and videos: thumbnail, preview, the video to watch, download,
//! and the messenger's card.

use axum::{extract::Request, response::Response};
use library::{Download, Rendition, Sight, What};

use crate::{
    bytes::{self, Sent},
    notice::Refusal,
    visitor::Visitor,
};

/// `…/photo/{item}/thumbnail`
pub(crate) async fn thumbnail(visitor: Visitor, request: Request) -> Result<Response, Refusal> {
    rendition(visitor, request, Rendition::Thumbnail).await
}

/// `…/photo/{item}/preview`
pub(crate) async fn preview(visitor: Visitor, request: Request) -> Result<Response, Refusal> {
    rendition(visitor, request, Rendition::Preview).await
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
    rendition(visitor, request, Rendition::Card).await
}

async fn rendition(
    visitor: Visitor,
    request: Request,
    rendition: Rendition,
) -> Result<Response, Refusal> {
    let sent = |sight: Sight| Sent {
        body: sight.pixels,
        length: sight.length,
        mime: sight.mime,
        name: sight.name,
        etag: sight.etag,
        is_kept: false,
    };
    let item = visitor.place.item.as_deref();
    let again = item.and_then(|item| visitor.access.sight_again(item, rendition));
    let item = again
        .is_none()
        .then(|| visitor.place.item.clone())
        .flatten();
    bytes::answer(visitor, request, again.map(sent), move |access| {
        Ok(access.sight(item.as_deref(), rendition)?.map(sent))
    })
    .await
}

async fn answer(visitor: Visitor, request: Request, what: What) -> Result<Response, Refusal> {
    if matches!(what, What::Download | What::Screen)
        && visitor.access.terms().download == Download::None
    {
        return Err(Refusal::not_allowed(visitor.asked.say));
    }
    let item = visitor.place.item.clone().unwrap_or_default();
    bytes::answer(visitor, request, None, move |access| {
        let Some(entry) = access.entry(&item)? else {
            return Ok(None);
        };
        let served = access.read(&entry, what)?;
        Ok(Some(Sent {
            body: served.body,
            length: served.length,
            mime: served.mime,
            name: served.name,
            etag: served.etag,
            is_kept: matches!(what, What::Download | What::Screen),
        }))
    })
    .await
}
