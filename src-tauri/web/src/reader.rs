//! The pages of one link as its visitors read them, without a listener: for the
//! owner's look at what they tell, and how they look.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    body::{Body, to_bytes},
    http::{
        HeaderMap, Request, Response, StatusCode,
        header::{COOKIE, HOST},
    },
};
use library::{Library, LibraryError, LinkId};

use crate::{Pages, Settings, album, phrases::Language, visitor::cookie_name};

/// No page is larger, and no picture on one.
const LARGEST: usize = 64 << 20;

/// Reads the pages of a link.
pub struct Reader {
    pages: Pages,
    base: String,
    cookie: String,
}

impl Reader {
    /// How many photos a page of the album has.
    pub const AT_ONCE: u64 = album::PAGE;

    /// A reader of this link who was let in at its door.
    pub fn new(library: &Arc<Library>, link: LinkId) -> Result<Self, LibraryError> {
        let key = library.link(link)?.key.unwrap_or_default();
        let base = format!("/share/{key}");
        let settings = Settings::at(SocketAddr::from(([127, 0, 0, 1], 0)));
        let pass = library.own_pass(link)?;
        Ok(Self {
            pages: Pages::new(Arc::clone(library), &settings),
            cookie: format!("{}={}", cookie_name(&base, false), pass.value),
            base,
        })
    }

    /// What the addresses of the link's pages begin with: `/share/<key>`.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Headers and body of an address below the link's; `None` when there is no answer
    /// but a refusal.
    pub async fn read(&self, rest: &str) -> Option<Vec<u8>> {
        let answer = self
            .answer(&format!("{}{rest}", self.base), HeaderMap::new())
            .await?;
        if answer.status() != StatusCode::OK {
            return None;
        }
        let mut all = Vec::new();
        for (name, value) in answer.headers() {
            all.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].concat());
        }
        all.extend(answer.into_body());
        Some(all)
    }

    /// What a visitor's browser gets that asks for an address with these headers; `None`
    /// when it is none, or the answer is larger than any page. It is counted nowhere.
    pub async fn answer(&self, address: &str, headers: HeaderMap) -> Option<Response<Vec<u8>>> {
        let mut request = Request::get(address).body(Body::empty()).ok()?;
        *request.headers_mut() = headers;
        let own = [(HOST, "localhost"), (COOKIE, &self.cookie)];
        for (name, value) in own {
            request.headers_mut().insert(name, value.parse().ok()?);
        }
        let (head, body) = self.pages.answer(request).await.into_parts();
        let body = to_bytes(body, LARGEST).await.ok()?;
        Some(Response::from_parts(head, body.into()))
    }

    /// A day as the pages write it, by wall clock in milliseconds since 1970 as if UTC.
    pub fn day(milliseconds: i64) -> Option<String> {
        Language::English.day_of_camera(milliseconds)
    }
}
