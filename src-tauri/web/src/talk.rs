//! What people say of a photo or of the whole: as a page shows it, and the forms by
//! which visitors comment, like, and take that back. Only where a link's terms let them.

use std::{sync::Arc, time::Duration};

use axum::{
    Form,
    extract::{FromRequest, Request, State},
    http::{StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
};
use library::{
    Access, Author, Comment, Conversation, Entry, LONGEST_NAME, LONGEST_TEXT, LibraryError, Proof,
    Speaker, hex,
};
use serde::Deserialize;
use tokio::time::timeout;

use crate::{
    notice::Refusal,
    pace::Kind,
    phrases::Language,
    sender::{self, Sender},
    site::Site,
    visitor::{Visitor, blocking},
};

/// The largest form, in bytes: two thousand characters, each of four bytes, and each of
/// those written as three.
pub(crate) const FORM: usize = 32 * 1024;
/// How long a form may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);
/// Comments on a page.
const PAGE: u64 = 20;
/// Names of those who like something.
const NAMES: usize = 3;

/// A conversation as a page shows it.
pub(crate) struct Talk {
    /// The photo it is of.
    pub(crate) item: Option<String>,
    /// Where it stands on its page.
    pub(crate) anchor: String,
    /// Whether it is to be seen at once.
    pub(crate) open: bool,
    /// Proves that a form is this page's.
    pub(crate) token: String,
    /// Proves that what is said is this page's, where a browser keeps nothing.
    pub(crate) proof: String,
    pub(crate) likes: u64,
    pub(crate) likers: Option<String>,
    pub(crate) count: u64,
    /// The way to what was said before.
    pub(crate) earlier: Option<String>,
    pub(crate) comments: Vec<Said>,
    pub(crate) longest_name: usize,
    pub(crate) longest_text: usize,
}

/// A comment on a page.
pub(crate) struct Said {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Whether it is by whom the link is from.
    pub(crate) is_owner: bool,
    /// By which the browser that wrote it knows it.
    pub(crate) mark: String,
    pub(crate) when: String,
    /// Whether it is not yet where the link is from.
    pub(crate) waits: bool,
    pub(crate) text: String,
}

/// What was said of a photo or of the whole before the comment of this id; `None` where
/// the link's terms keep visitors silent.
pub(crate) fn read(
    access: &Access,
    entry: Option<&Entry>,
    before: Option<&str>,
) -> Result<Option<Conversation>, LibraryError> {
    if !access.terms().comments {
        return Ok(None);
    }
    let before = before.and_then(|id| id.parse().ok());
    access.conversation(entry, before, PAGE).map(Some)
}

impl Talk {
    /// Of what was read; `open` when somebody comes to read it.
    pub(crate) fn of(
        site: &Site,
        visitor: &Visitor,
        item: Option<&str>,
        said: Conversation,
        open: bool,
    ) -> Self {
        let say = visitor.asked.say;
        let base = &visitor.place.base();
        let page = page_of(base, item);
        let first = said.shown.first().filter(|_| said.earlier);
        let anchor = anchor_of(item);
        Self {
            earlier: first.map(|first| format!("{page}?said={}#{anchor}", first.id)),
            open,
            token: sender::token(&site.seal, base, visitor.asked.from, sender::now()),
            proof: Proof::random().text(),
            likers: say.liked_by(&said.likers, said.likes, NAMES),
            likes: said.likes,
            count: said.comments,
            comments: said
                .shown
                .into_iter()
                .map(|comment| Said::of(comment, say))
                .collect(),
            item: item.map(str::to_owned),
            anchor,
            longest_name: LONGEST_NAME,
            longest_text: LONGEST_TEXT,
        }
    }
}

impl Said {
    fn of(comment: Comment, say: Language) -> Self {
        let (name, is_owner, mark) = match comment.by {
            Author::Owner(name) => (name, true, String::new()),
            Author::Member(_, name) => (name, false, String::new()),
            Author::Visitor { name, mark } => (name, false, hex(&mark)),
        };
        Self {
            id: comment.id.to_string(),
            name: match name.is_empty() {
                true => say.the_sender().to_owned(),
                false => name,
            },
            is_owner,
            mark,
            when: say.time_of_instant(comment.made_at).unwrap_or_default(),
            waits: comment.waits,
            text: comment.text,
        }
    }
}

fn page_of(base: &str, item: Option<&str>) -> String {
    match item {
        Some(item) => format!("{base}/photo/{item}"),
        None => base.to_owned(),
    }
}

fn anchor_of(item: Option<&str>) -> String {
    match item {
        Some(item) => format!("t-{item}"),
        None => "talk".to_owned(),
    }
}

#[derive(Deserialize)]
struct Fields {
    #[serde(default)]
    item: Option<String>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    text: String,
    /// A comment that is taken back.
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    proof: String,
    #[serde(default)]
    form: String,
}

impl Fields {
    fn proof(&self) -> Proof {
        Proof::parse(&self.proof).unwrap_or_else(Proof::random)
    }

    fn speaker(&self) -> Speaker {
        Speaker {
            name: self.name.clone(),
            proof: self.proof(),
        }
    }

    /// The photo it is of; `None` for the whole.
    fn entry(&self, access: &Access) -> Result<Option<Entry>, LibraryError> {
        match self.item.as_deref() {
            None => Ok(None),
            Some(item) => match access.entry(item)? {
                Some(entry) => Ok(Some(entry)),
                None => Err(LibraryError::Refused),
            },
        }
    }
}

/// Reads a form that may be believed: of a link that lets visitors speak, sent by its
/// own page, and not too fast.
async fn hear(
    site: &Site,
    visitor: &Visitor,
    request: Request,
    kind: Kind,
) -> Result<Fields, Refusal> {
    let (say, base, from) = (visitor.asked.say, &visitor.place.base(), visitor.asked.from);
    if !visitor.access.terms().comments {
        return Err(Refusal::silent(say));
    }
    let sender = sender::of(request.headers(), &visitor.asked.origin());
    if sender == Sender::Foreign {
        return Err(Refusal::foreign(say));
    }
    let form = timeout(PATIENCE, Form::<Fields>::from_request(request, &())).await;
    let Ok(Ok(Form(fields))) = form else {
        return Err(Refusal::unheard(say));
    };
    let held = sender::token_holds(&fields.form, &site.seal, base, from, sender::now());
    if sender == Sender::Unsure && !held {
        return Err(Refusal::stale(say));
    }
    site.pace
        .take(kind, base, from)
        .map_err(|wait| Refusal::flood(say, wait.as_secs() + 1))?;
    Ok(fields)
}

/// Back to where it was said.
fn back(base: &str, item: Option<&str>, to: &str) -> Response {
    let query = match item {
        Some(_) => "",
        None => "?talk=1",
    };
    let target = format!("{}{query}#{to}", page_of(base, item));
    (StatusCode::SEE_OTHER, [(LOCATION, target)]).into_response()
}

/// `POST …/comment`
pub(crate) async fn comment(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Refusal> {
    let fields = hear(&site, &visitor, request, Kind::Comment).await?;
    let access = visitor.access.clone();
    let (id, item) = blocking(visitor.asked.say, move || {
        let entry = fields.entry(&access)?;
        let id = access.comment(entry.as_ref(), &fields.speaker(), &fields.text)?;
        Ok((id, entry.map(|entry| entry.item)))
    })
    .await?;
    Ok(back(
        &visitor.place.base(),
        item.as_deref(),
        &format!("c-{id}"),
    ))
}

/// `POST …/like`
pub(crate) async fn like(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Refusal> {
    let fields = hear(&site, &visitor, request, Kind::Like).await?;
    let access = visitor.access.clone();
    let item = blocking(visitor.asked.say, move || {
        let entry = fields.entry(&access)?;
        access.like(entry.as_ref(), &fields.speaker())?;
        Ok(entry.map(|entry| entry.item))
    })
    .await?;
    let item = item.as_deref();
    Ok(back(&visitor.place.base(), item, &anchor_of(item)))
}

/// `POST …/withdraw`: a comment that is named, or else the like. What is not the
/// visitor's stays, and the page shows it.
pub(crate) async fn withdraw(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Refusal> {
    let fields = hear(&site, &visitor, request, Kind::Like).await?;
    let access = visitor.access.clone();
    let item = blocking(visitor.asked.say, move || {
        let entry = fields.entry(&access)?;
        let proof = fields.proof();
        match fields.id.as_deref().map(str::parse) {
            None => access.unlike(entry.as_ref(), &proof)?,
            Some(Ok(id)) => access.uncomment(id, &proof)?,
            Some(Err(_)) => false,
        };
        Ok(entry.map(|entry| entry.item))
    })
    .await?;
    let item = item.as_deref();
    Ok(back(&visitor.place.base(), item, &anchor_of(item)))
}
