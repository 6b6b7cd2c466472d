//! All photos of a link, or those that were chosen, as one ZIP; and what it holds,
//! to verify by. A choice stands in the address alone: the form that makes one
//! changes nothing here.

use std::{io::Cursor, time::Duration};

use axum::{
    body::to_bytes,
    extract::{Query, Request, rejection::QueryRejection},
    http::{StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
};
use library::{Access, Archive, Download, LibraryError, MOST_CHOSEN, Whole, hex};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use crate::{
    bytes::{self, Sent},
    notice::Refusal,
    phrases::Language,
    sender::{self, Sender},
    visitor::{Visitor, blocking},
};

/// The largest form of chosen photos, in bytes: four times what may be chosen, so
/// that who chose too many is told so.
const FORM: usize = 64 * 1024;
/// How long it may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// The query of an archive's address.
#[derive(Deserialize)]
pub(crate) struct Asking {
    size: Option<String>,
    items: Option<String>,
    /// Without what cannot be had now.
    rest: Option<String>,
}

/// What `manifest.json` says.
#[derive(Serialize)]
struct Manifest<'a> {
    /// The archive's name.
    name: &'a str,
    /// Its length.
    bytes: u64,
    /// `screen` or `original`.
    size: &'static str,
    files: Vec<File<'a>>,
}

#[derive(Serialize)]
struct File<'a> {
    name: &'a str,
    bytes: u64,
    sha256: String,
    /// `photo` or `video`.
    kind: &'static str,
}

/// What is asked for, once it is known to be allowed.
struct Wish {
    size: Download,
    items: Option<String>,
    whole: Whole,
}

impl Wish {
    fn of(
        visitor: &Visitor,
        asking: Result<Query<Asking>, QueryRejection>,
    ) -> Result<Self, Refusal> {
        let say = visitor.asked.say;
        let Query(asking) = asking.map_err(|_| Refusal::nothing(say))?;
        Ok(Self {
            size: size(visitor, asking.size.as_deref())?,
            items: asking.items,
            whole: match asking.rest {
                None => Whole::All,
                Some(_) => Whole::WhatThereIs,
            },
        })
    }

    fn archive(&self, access: &Access) -> Result<Archive, LibraryError> {
        access.archive(self.size, self.items.as_deref(), self.whole)
    }
}

/// The size of this name; the best that the link allows where none is named.
fn size(visitor: &Visitor, named: Option<&str>) -> Result<Download, Refusal> {
    let say = visitor.asked.say;
    let allowed = visitor.access.terms().download;
    let size = match named.unwrap_or_default() {
        "" => allowed,
        name => Download::from_name(name).ok_or(Refusal::nothing(say))?,
    };
    match size != Download::None && size <= allowed {
        true => Ok(size),
        false => Err(Refusal::not_allowed(say)),
    }
}

/// `…/archive?size=…&items=…&rest=1`
pub(crate) async fn archive(
    visitor: Visitor,
    asking: Result<Query<Asking>, QueryRejection>,
    request: Request,
) -> Result<Response, Refusal> {
    let wish = Wish::of(&visitor, asking)?;
    let query = request.uri().query();
    let query = query.map(|query| format!("{query}&")).unwrap_or_default();
    let rest = format!("{}/archive?{query}rest=1", visitor.place.base());
    bytes::answer(visitor, request, None, move |access| {
        let archive = wish.archive(access)?;
        Ok(Some(Sent {
            length: archive.length(),
            mime: "application/zip".to_owned(),
            name: archive.name().to_owned(),
            etag: archive.etag().to_owned(),
            is_kept: true,
            body: archive.into_body(),
        }))
    })
    .await
    .map_err(|refusal| refusal.or_rest(rest))
}

/// `…/manifest.json?size=…&items=…&rest=1`
pub(crate) async fn manifest(
    visitor: Visitor,
    asking: Result<Query<Asking>, QueryRejection>,
    request: Request,
) -> Result<Response, Refusal> {
    let wish = Wish::of(&visitor, asking)?;
    bytes::answer(visitor, request, None, move |access| {
        let archive = wish.archive(access)?;
        let files = archive.files().map(|file| File {
            name: file.name,
            bytes: file.bytes,
            sha256: hex(&file.sha256),
            kind: match file.is_video {
                true => "video",
                false => "photo",
            },
        });
        let manifest = Manifest {
            name: archive.name(),
            bytes: archive.length(),
            size: wish.size.name(),
            files: files.collect(),
        };
        // Text and numbers have no form that JSON lacks.
        let text = serde_json::to_vec(&manifest).unwrap_or_default();
        Ok(Some(Sent {
            length: text.len() as u64,
            mime: "application/json".to_owned(),
            name: "manifest.json".to_owned(),
            etag: format!("{}-manifest", archive.etag()),
            is_kept: false,
            body: Cursor::new(text),
        }))
    })
    .await
}

/// `POST …/choose`: leads to the archive of the photos that a form names: `item=…` for each, and
/// perhaps `size=…`.
pub(crate) async fn choose(visitor: Visitor, request: Request) -> Result<Response, Refusal> {
    let say = visitor.asked.say;
    // A form that changes nothing needs no token: who may not be told from our own
    // page gets what the address would give them.
    if sender::of(request.headers(), &visitor.asked.origin()) == Sender::Foreign {
        return Err(Refusal::foreign(say));
    }
    let form = match timeout(PATIENCE, to_bytes(request.into_body(), FORM)).await {
        Ok(Ok(form)) => form,
        Ok(Err(_)) => return Err(Refusal::too_many_chosen(say)),
        Err(_) => return Err(Refusal::none_chosen(say)),
    };
    let (named, items) = fields(&form, say)?;
    let size = size(&visitor, named.as_deref())?;
    let access = visitor.access.clone();
    let chosen = blocking(say, move || access.choose(items.iter().map(String::as_str))).await?;
    let chosen = chosen.ok_or(Refusal::nothing(say))?;
    let (base, size) = (&visitor.place.base(), size.name());
    let target = format!("{base}/archive?size={size}&items={chosen}");
    Ok((StatusCode::SEE_OTHER, [(LOCATION, target)]).into_response())
}

/// The size and the photos of a form. All values that matter are bare in it.
fn fields(form: &[u8], say: Language) -> Result<(Option<String>, Vec<String>), Refusal> {
    let form = std::str::from_utf8(form).map_err(|_| Refusal::none_chosen(say))?;
    let (mut size, mut items) = (None, Vec::new());
    for (name, value) in form
        .trim()
        .split('&')
        .filter_map(|pair| pair.split_once('='))
    {
        match name {
            "item" => items.push(value.to_owned()),
            "size" => size = Some(value.to_owned()),
            _ => {}
        }
    }
    match items.len() {
        0 => Err(Refusal::none_chosen(say)),
        1..=MOST_CHOSEN => Ok((size, items)),
        _ => Err(Refusal::too_many_chosen(say)),
    }
}
