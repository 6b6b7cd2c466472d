//! The page on which visitors add photos: a form that works by itself, and all that its
//! script needs to make more of it. A link that only collects has no other page.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use library::{UploadRoom, Uploads, hex};

use crate::{
    album::title_of,
    card::Card,
    files::{FILES, Files},
    notice::Refusal,
    phrases::Language,
    sender,
    site::Site,
    visitor::{Visitor, blocking},
};

#[derive(Template)]
#[template(path = "add.html", whitespace = "minimize")]
struct AddPage<'a> {
    say: Language,
    files: &'a Files,
    card: Card,
    heading: String,
    title: String,
    base: &'a str,
    from: &'a str,
    description: &'a str,
    until: Option<String>,
    /// Visitors see nothing of others.
    collects: bool,
    who_sees: Option<String>,
    room: UploadRoom,
    /// A new one, for browsers that keep none.
    visitor: String,
    token: String,
}

impl AddPage<'_> {
    fn has_room(&self) -> bool {
        self.room.files > 0 && self.room.bytes > 0
    }
}

/// `…/add`
pub(crate) async fn add(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    page(&site, &visitor).await
}

/// The page, wherever it stands.
pub(crate) async fn page(site: &Site, visitor: &Visitor) -> Result<Response, Refusal> {
    let say = visitor.asked.say;
    let (terms, base) = (visitor.access.terms(), &visitor.place.base());
    let access = visitor.access.clone();
    let room = blocking(say, move || access.upload_room()).await?;
    let until = terms.expires_at_ms;
    let collects = terms.upload == Uploads::Only;
    let title = title_of(terms, say);
    let page = AddPage {
        say,
        files: &FILES,
        card: Card::of_adding(visitor),
        heading: match collects {
            true => title.clone(),
            false => format!("{} · {title}", say.add_photos()),
        },
        title,
        base,
        from: &terms.from,
        description: terms.description.trim(),
        until: until.and_then(|end| say.last_day(end)),
        collects,
        who_sees: say.who_sees(terms),
        room,
        visitor: hex(&rand::random::<[u8; 16]>()),
        token: sender::token(&site.seal, base, visitor.asked.from, sender::now()),
    };
    let html = page.render().map_err(|_| Refusal::failed(say))?;
    Ok(Html(html).into_response())
}
