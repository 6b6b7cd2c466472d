//! Every public address, in one table. The router is built from it and from nothing
//! else, and so is the test that tries each route with each kind of access.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{MethodRouter, delete, get, head, options, patch, post},
};
use library::Library;

use crate::{
    Settings, add, album, archive, files, locked, note, notice, photo, picture, reach, receipt,
    site::{self, Site},
    talk, upload,
};

/// The largest form, in bytes.
const FORM: usize = 8 * 1024;

/// What a visitor needs for a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// Nothing: it holds nothing of anyone.
    Nobody,
    /// A link that exists, locked or open.
    Door,
    /// An open link; a locked one shows its password form instead (200).
    Look,
    /// An open link; a locked one gives nothing (401).
    Bytes,
    /// An open link whose terms allow downloads (else 403); a locked one 401.
    Download,
    /// An open link whose terms allow uploads (else 403); a locked one 401.
    Upload,
    /// An open link whose terms let visitors comment (else 403); a locked one 401.
    Comment,
    /// The same for a page: a locked link shows its password form instead (200).
    Add,
}

/// One public address.
pub struct Route {
    /// `GET` (which answers `HEAD` as well) or `POST`.
    pub method: &'static str,
    /// The path, `{…}` standing for one segment.
    pub path: &'static str,
    /// What it serves, in words.
    pub serves: &'static str,
    /// What a visitor needs for it.
    pub needs: Rights,
    handler: fn() -> MethodRouter<Arc<Site>>,
}

macro_rules! routes {
    ($($method:literal $path:literal $serves:literal $needs:ident $handler:expr;)*) => {
        &[$(Route {
            method: $method,
            path: $path,
            serves: $serves,
            needs: Rights::$needs,
            handler: || $handler,
        }),*]
    };
}

/// The table.
pub const ROUTES: &[Route] = routes! {
    "GET" "/share/{key}" "the album's page" Look get(album::album);
    "GET" "/share/{key}/photo/{item}" "a photo's page" Look get(photo::photo);
    "GET" "/share/{key}/photo/{item}/thumbnail" "a photo, small" Bytes get(picture::thumbnail);
    "GET" "/share/{key}/photo/{item}/preview" "a photo, screen size" Bytes get(picture::preview);
    "GET" "/share/{key}/photo/{item}/video" "a video, to watch" Bytes get(picture::video);
    "GET" "/share/{key}/photo/{item}/motion" "the moving part of a photo" Bytes get(picture::motion);
    "GET" "/share/{key}/photo/{item}/download" "a photo, to keep" Download get(picture::download);
    "GET" "/share/{key}/archive" "all photos, or chosen ones, as one ZIP" Download get(archive::archive);
    "GET" "/share/{key}/manifest.json" "what the archive holds, to verify by" Download get(archive::manifest);
    "POST" "/share/{key}/choose" "the way to the archive of chosen photos" Download post(archive::choose);
    "GET" "/share/{key}/card" "the picture of a messenger's card" Bytes get(picture::card);
    "POST" "/share/{key}/note" "that someone was here, for the owner's numbers" Bytes post(note::note);
    "GET" "/share/{key}/add" "the page to add photos" Add get(add::add);
    "OPTIONS" "/share/{key}/upload" "what is understood of resumable uploads" Upload options(upload::options);
    "POST" "/share/{key}/upload" "the announcement of a file, or a form with files" Upload post(upload::create);
    "HEAD" "/share/{key}/upload/{item}" "how far an upload is" Upload head(upload::state);
    "PATCH" "/share/{key}/upload/{item}" "the next bytes of an upload" Upload patch(upload::proceed);
    "DELETE" "/share/{key}/upload/{item}" "the end of an upload" Upload delete(upload::withdraw);
    "GET" "/share/{key}/receipt/{visitor}" "what a visitor sent" Add get(receipt::receipt);
    "GET" "/share/{key}/receipt/{visitor}/receipt.txt" "the same as text, to keep" Upload get(receipt::text);
    "POST" "/share/{key}/receipt/{visitor}/withdraw" "the end of what a visitor sent" Upload post(receipt::withdraw);
    "POST" "/share/{key}/comment" "a visitor's comment" Comment post(talk::comment).layer(DefaultBodyLimit::max(talk::FORM));
    "POST" "/share/{key}/like" "a visitor's like" Comment post(talk::like);
    "POST" "/share/{key}/withdraw" "what a visitor takes back" Comment post(talk::withdraw);
    "POST" "/share/{key}/unlock" "the answer at the door: a password, a seat" Door post(locked::unlock);
    "GET" "/s/{name}" "the album's page" Look get(album::album);
    "GET" "/s/{name}/photo/{item}" "a photo's page" Look get(photo::photo);
    "GET" "/s/{name}/photo/{item}/thumbnail" "a photo, small" Bytes get(picture::thumbnail);
    "GET" "/s/{name}/photo/{item}/preview" "a photo, screen size" Bytes get(picture::preview);
    "GET" "/s/{name}/photo/{item}/video" "a video, to watch" Bytes get(picture::video);
    "GET" "/s/{name}/photo/{item}/motion" "the moving part of a photo" Bytes get(picture::motion);
    "GET" "/s/{name}/photo/{item}/download" "a photo, to keep" Download get(picture::download);
    "GET" "/s/{name}/archive" "all photos, or chosen ones, as one ZIP" Download get(archive::archive);
    "GET" "/s/{name}/manifest.json" "what the archive holds, to verify by" Download get(archive::manifest);
    "POST" "/s/{name}/choose" "the way to the archive of chosen photos" Download post(archive::choose);
    "GET" "/s/{name}/card" "the picture of a messenger's card" Bytes get(picture::card);
    "POST" "/s/{name}/note" "that someone was here, for the owner's numbers" Bytes post(note::note);
    "GET" "/s/{name}/add" "the page to add photos" Add get(add::add);
    "OPTIONS" "/s/{name}/upload" "what is understood of resumable uploads" Upload options(upload::options);
    "POST" "/s/{name}/upload" "the announcement of a file, or a form with files" Upload post(upload::create);
    "HEAD" "/s/{name}/upload/{item}" "how far an upload is" Upload head(upload::state);
    "PATCH" "/s/{name}/upload/{item}" "the next bytes of an upload" Upload patch(upload::proceed);
    "DELETE" "/s/{name}/upload/{item}" "the end of an upload" Upload delete(upload::withdraw);
    "GET" "/s/{name}/receipt/{visitor}" "what a visitor sent" Add get(receipt::receipt);
    "GET" "/s/{name}/receipt/{visitor}/receipt.txt" "the same as text, to keep" Upload get(receipt::text);
    "POST" "/s/{name}/receipt/{visitor}/withdraw" "the end of what a visitor sent" Upload post(receipt::withdraw);
    "POST" "/s/{name}/comment" "a visitor's comment" Comment post(talk::comment).layer(DefaultBodyLimit::max(talk::FORM));
    "POST" "/s/{name}/like" "a visitor's like" Comment post(talk::like);
    "POST" "/s/{name}/withdraw" "what a visitor takes back" Comment post(talk::withdraw);
    "POST" "/s/{name}/unlock" "the answer at the door: a password, a seat" Door post(locked::unlock);
    "GET" "/reach/{nonce}" "the answer to a question of the listener's own" Nobody get(reach::answer);
    "GET" "/static/{file}" "the page's own files" Nobody get(files::file);
    "GET" "/favicon.ico" "the icon for old browsers" Nobody get(files::favicon);
    "GET" "/robots.txt" "the word to search engines" Nobody get(files::robots);
};

/// Where in the table each path stands, the first time; what a visitor needs for a path is
/// the same by every method.
pub(crate) fn places() -> HashMap<&'static str, usize> {
    let mut places = HashMap::new();
    for (place, route) in ROUTES.iter().enumerate() {
        places.entry(route.path).or_insert(place);
    }
    places
}

/// The whole public face of `library`, as one service.
pub fn router(library: Arc<Library>, settings: &Settings) -> Router {
    of(Arc::new(Site::new(library, settings)))
}

/// The same, of a site that is known.
pub(crate) fn of(site: Arc<Site>) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        let mut handler = (route.handler)();
        handler = match (route.method, route.needs) {
            // Nothing reads what is sent along.
            ("GET" | "HEAD" | "OPTIONS", _) => handler,
            // Its files have limits of their own.
            (_, Rights::Upload) => handler.layer(DefaultBodyLimit::disable()),
            _ => handler.layer(DefaultBodyLimit::max(FORM)),
        };
        router = router.route(route.path, handler);
    }
    router
        .fallback(notice::nowhere)
        .method_not_allowed_fallback(notice::not_a_way)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&site),
            site::door,
        ))
        .with_state(site)
}
