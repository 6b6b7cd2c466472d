//! The one extractor by which a handler comes to a link's photos. It resolves the
//! address and the cookie into the library's `Access`; who has none gets no handler.

use std::{borrow::Cow, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header::COOKIE, request::Parts},
};
use library::{Access, Address, LibraryError, LockedLink, Uploads, Visit};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::task::spawn_blocking;

use crate::{
    locked::LockedPage,
    notice::Refusal,
    routes::{Pieces, Rights},
    site::{Asked, Site},
};

/// What stands bare in a path segment (RFC 3986, unreserved).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Someone who holds a right to a link's photos.
pub(crate) struct Visitor {
    /// The right.
    pub(crate) access: Access,
    /// What their address names.
    pub(crate) place: Place,
    /// How they ask.
    pub(crate) asked: Asked,
}

/// Someone at a link that exists, open or locked.
pub(crate) struct Door {
    /// The lock; `None` when the link stands open.
    pub(crate) lock: Option<LockedLink>,
    /// What their address names.
    pub(crate) place: Place,
    /// How they ask.
    pub(crate) asked: Asked,
}

/// What an address names: a link, and perhaps one of its photos.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The photo's id within the link, as it came: perhaps garbage.
    pub(crate) item: Option<String>,
    secret: String,
    named: bool,
}

impl Place {
    fn of(pieces: &mut Pieces) -> Option<Self> {
        let (secret, named) = match pieces.take("key") {
            Some(key) => (key, false),
            None => (pieces.take("name")?, true),
        };
        Some(Self {
            item: pieces.take("item"),
            secret,
            named,
        })
    }

    /// `/share/<key>` or `/s/<name>`, in its one canonical spelling.
    pub(crate) fn base(&self) -> String {
        let folder = if self.named { "/s" } else { "/share" };
        let segment: Cow<'_, str> = utf8_percent_encode(&self.secret, SEGMENT).into();
        [folder, "/", &*segment].concat()
    }

    fn address(&self) -> Address<'_> {
        match self.named {
            true => Address::Name(&self.secret),
            false => Address::Key(&self.secret),
        }
    }
}

/// The cookie that holds the pass and the seat of a link. Over plain http the path binds it to
/// the link; `__Host-` cookies have no path, so there the name does.
pub(crate) fn cookie_name(base: &str, https: bool) -> String {
    if !https {
        return "albumen".into();
    }
    let hash = blake3::hash(base.as_bytes()).to_hex();
    format!(
        "__Host-albumen-{}",
        hash.chars().take(16).collect::<String>()
    )
}

/// What a visitor's browser carries for a link.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

async fn resolve(parts: &mut Parts, site: &Arc<Site>) -> Result<(Visit, Place, Asked), Refusal> {
    let mut asked = Asked::from_request_parts(parts, site).await?;
    let nothing = Refusal::nothing(asked.say);
    let Some(place) = Place::of(&mut asked.pieces) else {
        return Err(nothing);
    };
    let has_any = parts.headers.contains_key(COOKIE);
    let pass = has_any.then(|| cookie(&parts.headers, &cookie_name(&place.base(), asked.https)));
    let pass = pass.flatten();
    let again = site.library.visit_again(place.address(), pass.as_deref());
    let (place, visit) = match again {
        Some(visit) => (place, visit),
        None => {
            let site = Arc::clone(site);
            let visit = move || {
                let visit = site.library.visit(place.address(), pass.as_deref());
                visit.map(|visit| (place, visit))
            };
            blocking(asked.say, visit).await?
        }
    };
    match visit {
        Visit::Nothing => Err(nothing),
        visit => Ok((visit, place, asked)),
    }
}

/// Runs a look into the library off the async threads.
///
/// # Errors
/// The page that tells the visitor what the library's error means to them.
pub(crate) async fn blocking<T: Send + 'static>(
    say: crate::phrases::Language,
    look: impl FnOnce() -> Result<T, LibraryError> + Send + 'static,
) -> Result<T, Refusal> {
    match spawn_blocking(look).await {
        Ok(Ok(seen)) => Ok(seen),
        Ok(Err(error)) => Err(Refusal::of(&error, say)),
        Err(_) => Err(Refusal::failed(say)),
    }
}

impl FromRequestParts<Arc<Site>> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Refusal> {
        match resolve(parts, site).await? {
            (Visit::Open(access), _, asked)
                if matches!(asked.needs, Some(Rights::Upload | Rights::Add))
                    && access.terms().upload == Uploads::None =>
            {
                Err(Refusal::not_allowed(asked.say))
            }
            (Visit::Open(access), place, asked) => Ok(Self {
                access,
                place,
                asked,
            }),
            (Visit::Locked(lock), place, asked) => Err(match asked.needs {
                Some(Rights::Look | Rights::Add) => Refusal::locked(LockedPage::fresh(
                    &lock,
                    &asked,
                    place.base(),
                    place.item,
                    &site.seal,
                )),
                _ if lock.asks_password() => Refusal::needs_password(asked.say),
                _ => Refusal::needs_seat(asked.say),
            }),
            (Visit::Nothing, _, asked) => Err(Refusal::nothing(asked.say)),
        }
    }
}

impl FromRequestParts<Arc<Site>> for Door {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Refusal> {
        match resolve(parts, site).await? {
            (Visit::Open(_), place, asked) => Ok(Self {
                lock: None,
                place,
                asked,
            }),
            (Visit::Locked(lock), place, asked) => Ok(Self {
                lock: Some(lock),
                place,
                asked,
            }),
            (Visit::Nothing, _, asked) => Err(Refusal::nothing(asked.say)),
        }
    }
}
