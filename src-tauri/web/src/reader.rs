//! The pages of one link as its visitors read them, without a listener: for the
//! owner's look at what they tell.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    body::{Body, to_bytes},
    http::{
        Request, StatusCode,
        header::{COOKIE, HOST},
    },
};
use library::{Library, LibraryError, LinkId};

use crate::{Pages, Settings, album, phrases::Language, visitor::cookie_name};

/// No page is larger.
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

    /// Headers and body of an address below the link's; `None` when there is no answer
    /// but a refusal.
    pub async fn read(&self, rest: &str) -> Option<Vec<u8>> {
        let request = Request::get(format!("{}{rest}", self.base))
            .header(HOST, "localhost")
            .header(COOKIE, &self.cookie)
            .body(Body::empty())
            .ok()?;
        let (head, body) = self.pages.answer(request).await.into_parts();
        if head.status != StatusCode::OK {
            return None;
        }
        let mut all = Vec::new();
        for (name, value) in &head.headers {
            all.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].concat());
        }
        all.extend(to_bytes(body, LARGEST).await.ok()?);
        Some(all)
    }

    /// A day as the pages write it, by wall clock in milliseconds since 1970 as if UTC.
    pub fn day(milliseconds: i64) -> Option<String> {
        Language::English.day_of_camera(milliseconds)
    }
}
