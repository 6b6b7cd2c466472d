//! Public links.

mod change;
mod numbers;
mod qr;
mod terms;

use std::sync::Arc;

use clap::Args;
use library::{LinkKind, LinkOf, LinkState, rfc3339};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Command, id, ids};

use crate::hosting::{Bases, Place};
use crate::{Node, NodeError};
pub use change::{
    AddToLink, EditLink, FreeSeats, RemoveFromLink, RenewLink, RevokeAllLinks, RevokeLink,
};
pub use numbers::LinkNumbers;
pub use qr::LinkQr;
pub(super) use qr::plain as plain_qr;
pub use terms::{DefaultTerms, Download, LinkOptions, Uploads};

/// What is shared: an album, or photos.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(rename = "SharedPhotos", optional_fields)]
pub struct Shown {
    /// This album, as it is at any time
    #[arg(long, conflicts_with = "assets", required_unless_present = "assets")]
    album: Option<String>,
    /// These photos
    #[arg(long, num_args = 1..)]
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    assets: Vec<String>,
}

/// Arguments of `link create`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct CreateLink {
    #[command(flatten)]
    #[serde(flatten)]
    #[ts(flatten)]
    shown: Shown,
    #[command(flatten)]
    #[serde(flatten)]
    #[ts(flatten)]
    options: LinkOptions,
}

/// Arguments of `link each`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct CreateLinks {
    #[command(flatten)]
    #[serde(flatten)]
    #[ts(flatten)]
    shown: Shown,
    #[command(flatten)]
    #[serde(flatten)]
    #[ts(flatten)]
    options: LinkOptions,
    /// The people, one link each
    #[arg(long = "for", required = true, num_args = 1.., value_name = "NAME")]
    people: Vec<String>,
}

/// Arguments of `link list`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct ListLinks {
    /// Only those of this album
    #[arg(long)]
    album: Option<String>,
    /// Only those that show this photo and are not ended
    #[arg(long, conflicts_with = "album")]
    asset: Option<String>,
}

/// Arguments of `link show`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ShowLink {
    /// The link's id
    id: String,
}

/// A public link.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Link {
    id: String,
    /// The secret in its address; null when the library's secret was replaced.
    key: Option<String>,
    /// `/share/<key>`
    path: Option<String>,
    /// The whole address to hand out; by its readable name where it has one.
    url: Option<String>,
    /// The machine that serves it while this one is away, by name; null: none does.
    server: Option<String>,
    kind: Kind,
    /// The album it follows.
    album: Option<String>,
    /// The album's title, or «3 photos».
    title: String,
    /// For whom it is.
    label: String,
    description: String,
    has_password: bool,
    /// Null: never.
    expires_at: Option<String>,
    download: Download,
    show_metadata: bool,
    /// Whether visitors may comment and like.
    comments: bool,
    /// The readable name.
    name: Option<String>,
    /// Whether that may go without a password, though it can be guessed.
    guessable: bool,
    /// For how many people it is; null: any number.
    people_at_most: Option<u32>,
    /// How many of them have come.
    people: u32,
    /// When more than a hundred passwords were wrong within an hour, the last time.
    guessed_at: Option<String>,
    /// The name of the editor of the album who made it; null when it was you.
    maker: Option<String>,
    created_at: String,
    revoked_at: Option<String>,
    state: State,
    /// How many photos it shows.
    count: u64,
    /// How often people opened it; what fetches pages by itself is not counted.
    visits: u64,
    /// How many files they downloaded.
    downloads: u64,
    /// When someone was there last.
    visited_at: Option<String>,
    upload: Uploads,
    /// Whether what visitors send is taken in without asking.
    auto_accept: bool,
    /// The most files they may send.
    upload_files: u64,
    /// The most bytes of them together.
    upload_bytes: u64,
    /// How many of their files wait in the inbox.
    waiting: u64,
    /// How many comments came by it.
    comment_count: u64,
    /// How many likes came by it.
    like_count: u64,
    /// How many of both the owner has not seen yet.
    unread: u64,
}

/// Whether a link follows an album or shows a fixed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "LinkKind")]
pub enum Kind {
    /// It follows an album.
    Album,
    /// A fixed list.
    Selection,
}

/// What happens when a link is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "LinkState")]
pub enum State {
    /// It opens.
    Open,
    /// It rests.
    Paused,
    /// Its time is over.
    Expired,
    /// It was ended.
    Revoked,
}

/// Answer to `link list`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LinkList {
    /// Newest first.
    links: Vec<Link>,
}

impl Shown {
    pub(super) fn link_of(&self) -> Result<LinkOf, NodeError> {
        Ok(match &self.album {
            Some(album) => LinkOf::Album(id(album)?),
            None => LinkOf::Assets(ids(&self.assets)?),
        })
    }
}

impl Link {
    fn new(link: library::Link, bases: &Bases) -> Link {
        let Place { base, server } = bases.place();
        let path = link.key.as_ref().map(|key| format!("/share/{key}"));
        let readable = link.name.as_ref().map(|name| format!("/s/{name}"));
        Link {
            id: link.id.to_string(),
            url: path
                .as_ref()
                .map(|path| format!("{base}{}", readable.as_ref().unwrap_or(path))),
            server,
            key: link.key,
            path,
            kind: match link.kind {
                LinkKind::Album => Kind::Album,
                LinkKind::Selection => Kind::Selection,
            },
            album: link.album.map(|album| album.to_string()),
            title: match (link.kind, link.count) {
                (LinkKind::Album, _) => link.title,
                (LinkKind::Selection, 1) => "1 photo".to_owned(),
                (LinkKind::Selection, count) => format!("{count} photos"),
            },
            label: link.label,
            description: link.description,
            has_password: link.has_password,
            expires_at: link.expires_at.map(rfc3339),
            download: link.download.into(),
            show_metadata: link.show_metadata,
            comments: link.comments,
            name: link.name,
            guessable: link.guessable,
            people_at_most: link.people,
            people: link.seats,
            guessed_at: link.guessed_at.map(rfc3339),
            maker: link.maker,
            created_at: rfc3339(link.created_at),
            revoked_at: link.revoked_at.map(rfc3339),
            state: match link.state {
                LinkState::Open => State::Open,
                LinkState::Paused => State::Paused,
                LinkState::Expired => State::Expired,
                LinkState::Revoked => State::Revoked,
            },
            count: link.count,
            visits: link.visits,
            downloads: link.downloads,
            visited_at: link.visited_at.map(rfc3339),
            upload: link.upload.into(),
            auto_accept: link.auto_accept,
            upload_files: link.upload_files,
            upload_bytes: link.upload_bytes,
            waiting: link.waiting,
            comment_count: link.said.comments,
            like_count: link.said.likes,
            unread: link.said.unread,
        }
    }
}

impl Command for CreateLink {
    const NAME: &'static str = "link.create";
    const ABOUT: &'static str = "Make a public link to an album or to some photos";
    type Reply = Link;

    fn prepare(mut self) -> Result<Self, NodeError> {
        self.options.read_password()?;
        Ok(self)
    }

    fn run(self, node: &Arc<Node>) -> Result<Link, NodeError> {
        let new = self.options.new_link(node, self.shown.link_of()?)?;
        Ok(Link::new(
            node.library.create_link(new)?,
            &node.link_bases()?,
        ))
    }

    fn text(reply: &Link) -> String {
        ShowLink::text(reply)
    }
}

impl Command for CreateLinks {
    const NAME: &'static str = "link.each";
    const ABOUT: &'static str = "Make a link for each of several people, to be ended one by one";
    type Reply = LinkList;

    fn prepare(mut self) -> Result<Self, NodeError> {
        self.options.read_password()?;
        Ok(self)
    }

    fn run(self, node: &Arc<Node>) -> Result<LinkList, NodeError> {
        let new = self.options.new_link(node, self.shown.link_of()?)?;
        let people = self.people.iter().map(|name| name.trim().to_owned());
        let people = people.filter(|name| !name.is_empty()).collect();
        let bases = node.link_bases()?;
        let made = node.library.create_links(new, people)?;
        Ok(LinkList {
            links: made
                .into_iter()
                .map(|link| Link::new(link, &bases))
                .collect(),
        })
    }

    fn text(reply: &LinkList) -> String {
        let links = reply.links.iter();
        let rows =
            links.map(|link| format!("{}: {}", link.label, link.url.as_deref().unwrap_or("–")));
        rows.collect::<Vec<_>>().join("\n")
    }
}

impl Command for ListLinks {
    const NAME: &'static str = "link.list";
    const ABOUT: &'static str = "List the public links";
    type Reply = LinkList;

    fn run(self, node: &Arc<Node>) -> Result<LinkList, NodeError> {
        let bases = node.link_bases()?;
        let links = match self.asset {
            Some(asset) => node.library.links_showing(id(&asset)?)?,
            None => node
                .library
                .links(self.album.as_deref().map(id).transpose()?)?,
        };
        Ok(LinkList {
            links: links
                .into_iter()
                .map(|link| Link::new(link, &bases))
                .collect(),
        })
    }

    fn text(reply: &LinkList) -> String {
        if reply.links.is_empty() {
            return "There are no links yet; make one with `albumen link create`.".to_owned();
        }
        let rows: Vec<String> = reply.links.iter().map(row).collect();
        rows.join("\n")
    }
}

impl Command for ShowLink {
    const NAME: &'static str = "link.show";
    const ABOUT: &'static str = "Show one public link";
    type Reply = Link;

    fn run(self, node: &Arc<Node>) -> Result<Link, NodeError> {
        Ok(Link::new(
            node.library.link(id(&self.id)?)?,
            &node.link_bases()?,
        ))
    }

    fn text(reply: &Link) -> String {
        format!("{}\n{}", row(reply), reply.url.as_deref().unwrap_or("–"))
    }
}

fn row(link: &Link) -> String {
    let state = match link.state {
        State::Open => "open",
        State::Paused => "paused",
        State::Expired => "expired",
        State::Revoked => "revoked",
    };
    let until = match &link.expires_at {
        Some(end) => format!("until {}", minute(end)),
        None => "never ends".to_owned(),
    };
    let lock = if link.has_password {
        "password"
    } else {
        "no password"
    };
    let label = if link.label.is_empty() {
        String::new()
    } else {
        format!("  for {}", link.label)
    };
    let people = match link.people_at_most {
        Some(most) => format!("  {} of {most} people", link.people),
        None => String::new(),
    };
    let guessed = match &link.guessed_at {
        Some(at) => format!(
            "  someone guesses its password (more than 100 wrong ones in an hour, {})",
            minute(at)
        ),
        None => String::new(),
    };
    let visits = match link.visits {
        1 => "opened once".to_owned(),
        times => format!("opened {times} times"),
    };
    format!(
        "{}  {state:<7}  {until:<22}  {lock:<11}  {visits:<15}  {}{label}{people}{guessed}",
        link.id, link.title
    )
}

/// `2026-12-24 18:00`
fn minute(time: &str) -> String {
    time.get(..16).unwrap_or(time).replace('T', " ")
}
