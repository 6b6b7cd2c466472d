//! Every public address, in one table. What is asked is looked up in it and in nothing
//! else, and so is the test that tries each route with each kind of access.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{Arc, LazyLock},
};

use axum::{
    extract::{DefaultBodyLimit, Request},
    handler::Handler,
    http::Method,
    response::Response,
};
use percent_encoding::percent_decode_str;

use crate::{
    add, album, archive, files, locked, note, photo, picture, reach, receipt, site::Site, talk,
    upload,
};

/// The largest form, in bytes, where nothing else is said.
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
    /// `GET` (which answers `HEAD` as well), `POST`, or what else HTTP knows.
    pub method: &'static str,
    /// The path, `{…}` standing for one segment.
    pub path: &'static str,
    /// What it serves, in words.
    pub serves: &'static str,
    /// What a visitor needs for it.
    pub needs: Rights,
    handler: fn(Request, Arc<Site>) -> Serving,
}

/// An answer that is being made.
pub(crate) type Serving = Pin<Box<dyn Future<Output = Response> + Send>>;

macro_rules! routes {
    ($($method:literal $path:literal $serves:literal $needs:ident $handler:expr;)*) => {
        &[$(Route {
            method: $method,
            path: $path,
            serves: $serves,
            needs: Rights::$needs,
            handler: |request, site| Handler::call($handler, request, site),
        }),*]
    };
}

/// The table.
pub const ROUTES: &[Route] = routes! {
    "GET" "/share/{key}" "the album's page" Look album::album;
    "GET" "/share/{key}/photo/{item}" "a photo's page" Look photo::photo;
    "GET" "/share/{key}/photo/{item}/thumbnail" "a photo, small" Bytes picture::thumbnail;
    "GET" "/share/{key}/photo/{item}/preview" "a photo, screen size" Bytes picture::preview;
    "GET" "/share/{key}/photo/{item}/video" "a video, to watch" Bytes picture::video;
    "GET" "/share/{key}/photo/{item}/motion" "the moving part of a photo" Bytes picture::motion;
    "GET" "/share/{key}/photo/{item}/download" "a photo, to keep" Download picture::download;
    "GET" "/share/{key}/archive" "all photos, or chosen ones, as one ZIP" Download archive::archive;
    "GET" "/share/{key}/manifest.json" "what the archive holds, to verify by" Download archive::manifest;
    "POST" "/share/{key}/choose" "the way to the archive of chosen photos" Download archive::choose;
    "GET" "/share/{key}/card" "the picture of a messenger's card" Bytes picture::card;
    "POST" "/share/{key}/note" "that someone was here, for the owner's numbers" Bytes note::note;
    "GET" "/share/{key}/add" "the page to add photos" Add add::add;
    "OPTIONS" "/share/{key}/upload" "what is understood of resumable uploads" Upload upload::options;
    "POST" "/share/{key}/upload" "the announcement of a file, or a form with files" Upload upload::create;
    "HEAD" "/share/{key}/upload/{item}" "how far an upload is" Upload upload::state;
    "PATCH" "/share/{key}/upload/{item}" "the next bytes of an upload" Upload upload::proceed;
    "DELETE" "/share/{key}/upload/{item}" "the end of an upload" Upload upload::withdraw;
    "GET" "/share/{key}/receipt/{visitor}" "what a visitor sent" Add receipt::receipt;
    "GET" "/share/{key}/receipt/{visitor}/receipt.txt" "the same as text, to keep" Upload receipt::text;
    "POST" "/share/{key}/receipt/{visitor}/withdraw" "the end of what a visitor sent" Upload receipt::withdraw;
    "POST" "/share/{key}/comment" "a visitor's comment" Comment talk::comment;
    "POST" "/share/{key}/like" "a visitor's like" Comment talk::like;
    "POST" "/share/{key}/withdraw" "what a visitor takes back" Comment talk::withdraw;
    "POST" "/share/{key}/unlock" "the answer at the door: a password, a seat" Door locked::unlock;
    "GET" "/s/{name}" "the album's page" Look album::album;
    "GET" "/s/{name}/photo/{item}" "a photo's page" Look photo::photo;
    "GET" "/s/{name}/photo/{item}/thumbnail" "a photo, small" Bytes picture::thumbnail;
    "GET" "/s/{name}/photo/{item}/preview" "a photo, screen size" Bytes picture::preview;
    "GET" "/s/{name}/photo/{item}/video" "a video, to watch" Bytes picture::video;
    "GET" "/s/{name}/photo/{item}/motion" "the moving part of a photo" Bytes picture::motion;
    "GET" "/s/{name}/photo/{item}/download" "a photo, to keep" Download picture::download;
    "GET" "/s/{name}/archive" "all photos, or chosen ones, as one ZIP" Download archive::archive;
    "GET" "/s/{name}/manifest.json" "what the archive holds, to verify by" Download archive::manifest;
    "POST" "/s/{name}/choose" "the way to the archive of chosen photos" Download archive::choose;
    "GET" "/s/{name}/card" "the picture of a messenger's card" Bytes picture::card;
    "POST" "/s/{name}/note" "that someone was here, for the owner's numbers" Bytes note::note;
    "GET" "/s/{name}/add" "the page to add photos" Add add::add;
    "OPTIONS" "/s/{name}/upload" "what is understood of resumable uploads" Upload upload::options;
    "POST" "/s/{name}/upload" "the announcement of a file, or a form with files" Upload upload::create;
    "HEAD" "/s/{name}/upload/{item}" "how far an upload is" Upload upload::state;
    "PATCH" "/s/{name}/upload/{item}" "the next bytes of an upload" Upload upload::proceed;
    "DELETE" "/s/{name}/upload/{item}" "the end of an upload" Upload upload::withdraw;
    "GET" "/s/{name}/receipt/{visitor}" "what a visitor sent" Add receipt::receipt;
    "GET" "/s/{name}/receipt/{visitor}/receipt.txt" "the same as text, to keep" Upload receipt::text;
    "POST" "/s/{name}/receipt/{visitor}/withdraw" "the end of what a visitor sent" Upload receipt::withdraw;
    "POST" "/s/{name}/comment" "a visitor's comment" Comment talk::comment;
    "POST" "/s/{name}/like" "a visitor's like" Comment talk::like;
    "POST" "/s/{name}/withdraw" "what a visitor takes back" Comment talk::withdraw;
    "POST" "/s/{name}/unlock" "the answer at the door: a password, a seat" Door locked::unlock;
    "GET" "/reach/{nonce}" "the answer to a question of the listener's own" Nobody reach::answer;
    "GET" "/static/{file}" "the page's own files" Nobody files::file;
    "GET" "/favicon.ico" "the icon for old browsers" Nobody files::favicon;
    "GET" "/robots.txt" "the word to search engines" Nobody files::robots;
};

/// What the table says of a request.
pub(crate) struct Found {
    /// Where in the table its path stands, the first time; what a visitor needs for a path is
    /// the same by every method.
    pub(crate) place: usize,
    /// How it is answered; `None` where its method is not one of the path's.
    pub(crate) route: Option<&'static Route>,
    /// What stands for the `{…}` of the path.
    pub(crate) pieces: Pieces,
}

/// What stands for the `{…}` of a path, in its order, decoded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pieces(Vec<(&'static str, String)>);

impl Pieces {
    /// What stands for the one of this name; nothing where the path has none.
    pub(crate) fn get(&self, name: &str) -> &str {
        let piece = self.0.iter().find(|(known, _)| *known == name);
        piece.map_or("", |(_, piece)| piece)
    }

    /// The same, and it is gone from here.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let place = self.0.iter().position(|(known, _)| *known == name)?;
        Some(self.0.swap_remove(place).1)
    }
}

/// A segment of a path in the table.
enum Segment {
    Word(&'static str),
    /// Any that is not empty, under this name.
    Any(&'static str),
}

impl Segment {
    fn of(text: &'static str) -> Self {
        let name = text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'));
        name.map_or(Self::Word(text), Self::Any)
    }

    fn matches(&self, segment: &str) -> bool {
        match self {
            Self::Word(word) => *word == segment,
            Self::Any(_) => !segment.is_empty(),
        }
    }
}

/// No path of the table has more segments.
const LONGEST: usize = 6;

/// A path of the table.
struct Known {
    segments: Vec<Segment>,
    /// Where it stands there.
    places: Vec<usize>,
}

/// The table by how many segments a path has.
static PATHS: LazyLock<[Vec<Known>; LONGEST + 1]> = LazyLock::new(|| {
    let mut paths: [Vec<Known>; LONGEST + 1] = Default::default();
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, route) in ROUTES.iter().enumerate() {
        places.entry(route.path).or_default().push(place);
    }
    for (path, places) in places {
        let segments: Vec<Segment> = path.split('/').skip(1).map(Segment::of).collect();
        if let Some(alike) = paths.get_mut(segments.len()) {
            alike.push(Known { segments, places });
        }
    }
    paths
});

/// Looks a path up in the table.
pub(crate) fn find(method: &Method, path: &str) -> Option<Found> {
    let mut segments = [""; LONGEST];
    let mut count = 0;
    for segment in path.strip_prefix('/')?.split('/') {
        *segments.get_mut(count)? = segment;
        count += 1;
    }
    let segments = segments.get(..count)?;
    let mut alike = PATHS.get(count)?.iter();
    let Known {
        segments: known,
        places,
    } = alike.find(|known| {
        let mut pairs = known.segments.iter().zip(segments);
        pairs.all(|(known, segment)| known.matches(segment))
    })?;
    let mut pieces = Vec::new();
    for (known, segment) in known.iter().zip(segments) {
        if let Segment::Any(name) = known {
            let piece = match segment.contains('%') {
                true => percent_decode_str(segment).decode_utf8().ok()?.into_owned(),
                false => (*segment).to_owned(),
            };
            pieces.push((*name, piece));
        }
    }
    let mut routes = places.iter().filter_map(|place| ROUTES.get(*place));
    Some(Found {
        place: *places.first()?,
        route: routes.find(|route| route.answers(method)),
        pieces: Pieces(pieces),
    })
}

impl Found {
    /// The methods of its path, as `Allow` names them.
    pub(crate) fn allowed(&self) -> String {
        let path = ROUTES.get(self.place).map(|route| route.path);
        let routes = ROUTES.iter().filter(|route| Some(route.path) == path);
        let methods: Vec<&str> = routes
            .map(|route| match route.method {
                "GET" => "GET, HEAD",
                method => method,
            })
            .collect();
        methods.join(", ")
    }
}

impl Route {
    fn answers(&self, method: &Method) -> bool {
        self.method == method.as_str() || (self.method == "GET" && method == Method::HEAD)
    }

    /// Answers a request to it.
    pub(crate) fn serve(&self, mut request: Request, site: Arc<Site>) -> Serving {
        match (self.method, self.needs) {
            // Nothing reads what is sent along.
            ("GET" | "HEAD" | "OPTIONS", _) => {}
            // Its files have limits of their own.
            (_, Rights::Upload) => DefaultBodyLimit::disable().apply(&mut request),
            (_, Rights::Comment) => DefaultBodyLimit::max(talk::FORM).apply(&mut request),
            _ => DefaultBodyLimit::max(FORM).apply(&mut request),
        }
        (self.handler)(request, site)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_found_and_nothing_else() {
        for (place, route) in ROUTES.iter().enumerate() {
            let path = route.path.replace('{', "a%20").replace('}', "%C3%A4");
            let mut found = find(&route.method.parse().unwrap(), &path).unwrap();
            let known = found.route.unwrap();
            assert_eq!((known.method, known.path), (route.method, route.path));
            assert_eq!(ROUTES[found.place].path, route.path);
            assert!(found.place <= place);
            for (name, piece) in &found.pieces.0 {
                assert_eq!(*piece, format!("a {name}ä"));
            }
            let key = found.pieces.take("key").or(found.pieces.take("name"));
            assert_eq!(
                key.is_some(),
                path.starts_with("/s/") || path.starts_with("/share/")
            );
            assert!(find(&Method::GET, &format!("{path}/")).is_none(), "{path}/");
            let strange = find(&Method::TRACE, &path).unwrap();
            assert!(strange.route.is_none());
            let methods = strange.allowed();
            assert!(methods.split(", ").any(|known| known == route.method));
        }
        for none in [
            "",
            "*",
            "/",
            "//",
            "/share",
            "/share/",
            "/share//photo/a",
            "/s/a/b",
            "/share/%ff",
            "/share/a/b/c/d/e/f",
        ] {
            assert!(find(&Method::GET, none).is_none(), "{none}");
        }
        let head = find(&Method::HEAD, "/share/a").unwrap();
        assert_eq!(head.route.unwrap().method, "GET");
    }
}
