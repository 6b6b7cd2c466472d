//! Public links.

use std::sync::Arc;

use clap::Args;
use library::{LinkEdit, LinkKind, LinkOf, LinkState, NewLink, rfc3339};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Command, id, ids};
use crate::{Node, NodeError};

/// How long a link lives unless said otherwise.
const DEFAULT_EXPIRY: &str = "30d";

/// What visitors may download.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Download {
    /// Nothing.
    None,
    /// A copy at screen size.
    Screen,
    /// The original; while metadata is hidden, without its metadata.
    Original,
}

/// What a link allows: the options of `link create` and `link edit`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct LinkOptions {
    /// For whom it is; only you see this
    #[arg(long)]
    label: Option<String>,
    /// A few words to the visitors
    #[arg(long)]
    description: Option<String>,
    /// Ask visitors for this password; empty for none
    #[arg(long, conflicts_with = "password_stdin")]
    password: Option<String>,
    /// Read the password from standard input
    #[arg(long)]
    #[serde(skip)]
    #[ts(skip)]
    password_stdin: bool,
    /// When it ends: 30d, 12h, a time, or never
    #[arg(long)]
    expires: Option<String>,
    /// What visitors may download
    #[arg(long)]
    download: Option<Download>,
    /// Show names, times, places and cameras, or not
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    show_metadata: Option<bool>,
}

/// Arguments of `link create`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct CreateLink {
    /// Show this album, and follow it
    #[arg(long, conflicts_with = "assets", required_unless_present = "assets")]
    album: Option<String>,
    /// Show these photos
    #[arg(long, num_args = 1..)]
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    assets: Vec<String>,
    #[command(flatten)]
    #[serde(flatten)]
    #[ts(flatten)]
    options: LinkOptions,
    /// A readable address, /s/NAME; needs a password
    #[arg(long)]
    name: Option<String>,
}

/// Arguments of `link list`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct ListLinks {
    /// Only those of this album
    #[arg(long)]
    album: Option<String>,
}

/// Arguments of `link show`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ShowLink {
    /// The link's id
    id: String,
}

/// Arguments of `link edit`: what is absent stays as it is.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct EditLink {
    /// The link's id
    id: String,
    #[command(flatten)]
    #[serde(flatten)]
    #[ts(flatten)]
    options: LinkOptions,
}

/// Arguments of `link revoke`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct RevokeLink {
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
    /// The readable name.
    name: Option<String>,
    created_at: String,
    revoked_at: Option<String>,
    state: State,
    /// How many photos it shows.
    count: u64,
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

impl Link {
    fn new(link: library::Link, base: &str) -> Link {
        let path = link.key.as_ref().map(|key| format!("/share/{key}"));
        let readable = link.name.as_ref().map(|name| format!("/s/{name}"));
        Link {
            id: link.id.to_string(),
            url: path
                .as_ref()
                .map(|path| format!("{base}{}", readable.as_ref().unwrap_or(path))),
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
            download: match link.download {
                library::Download::None => Download::None,
                library::Download::Screen => Download::Screen,
                library::Download::Original => Download::Original,
            },
            show_metadata: link.show_metadata,
            name: link.name,
            created_at: rfc3339(link.created_at),
            revoked_at: link.revoked_at.map(rfc3339),
            state: match link.state {
                LinkState::Open => State::Open,
                LinkState::Expired => State::Expired,
                LinkState::Revoked => State::Revoked,
            },
            count: link.count,
        }
    }
}

impl From<Download> for library::Download {
    fn from(download: Download) -> library::Download {
        match download {
            Download::None => library::Download::None,
            Download::Screen => library::Download::Screen,
            Download::Original => library::Download::Original,
        }
    }
}

fn base(node: &Node) -> Result<String, NodeError> {
    node.runtime.block_on(node.listener.base_url(&node.library))
}

impl LinkOptions {
    /// Takes one line of standard input as the password, where that was asked.
    fn read_password(&mut self) -> Result<(), NodeError> {
        if self.password_stdin {
            let mut line = String::new();
            std::io::stdin().read_line(&mut line)?;
            let password = line.trim_end_matches(['\r', '\n']);
            if password.is_empty() {
                return Err(NodeError::new(
                    "usage",
                    "No password came on standard input; nothing was changed.",
                ));
            }
            self.password = Some(password.to_owned());
        }
        Ok(())
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
        let of = match self.album {
            Some(album) => LinkOf::Album(id(&album)?),
            None => LinkOf::Assets(ids(&self.assets)?),
        };
        let options = self.options;
        let expires = options.expires.as_deref().unwrap_or(DEFAULT_EXPIRY);
        let link = node.library.create_link(NewLink {
            of,
            label: options.label.unwrap_or_default(),
            description: options.description.unwrap_or_default(),
            password: options.password,
            expires_at: node.library.expiry(expires)?,
            download: options.download.unwrap_or(Download::Screen).into(),
            show_metadata: options.show_metadata.unwrap_or(false),
            name: self.name,
        })?;
        Ok(Link::new(link, &base(node)?))
    }

    fn text(reply: &Link) -> String {
        ShowLink::text(reply)
    }
}

impl Command for ListLinks {
    const NAME: &'static str = "link.list";
    const ABOUT: &'static str = "List the public links";
    type Reply = LinkList;

    fn run(self, node: &Arc<Node>) -> Result<LinkList, NodeError> {
        let album = self.album.as_deref().map(id).transpose()?;
        let base = base(node)?;
        Ok(LinkList {
            links: node
                .library
                .links(album)?
                .into_iter()
                .map(|link| Link::new(link, &base))
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
        Ok(Link::new(node.library.link(id(&self.id)?)?, &base(node)?))
    }

    fn text(reply: &Link) -> String {
        format!("{}\n{}", row(reply), reply.url.as_deref().unwrap_or("–"))
    }
}

impl Command for EditLink {
    const NAME: &'static str = "link.edit";
    const ABOUT: &'static str = "Change what a public link allows; what is not named stays";
    type Reply = Link;

    fn prepare(mut self) -> Result<Self, NodeError> {
        self.options.read_password()?;
        Ok(self)
    }

    fn run(self, node: &Arc<Node>) -> Result<Link, NodeError> {
        let options = self.options;
        let edit = LinkEdit {
            label: options.label,
            description: options.description,
            password: options.password,
            expires_at: options
                .expires
                .as_deref()
                .map(|text| node.library.expiry(text))
                .transpose()?,
            download: options.download.map(Into::into),
            show_metadata: options.show_metadata,
        };
        let link = node.library.edit_link(id(&self.id)?, edit)?;
        Ok(Link::new(link, &base(node)?))
    }

    fn text(reply: &Link) -> String {
        ShowLink::text(reply)
    }
}

impl Command for RevokeLink {
    const NAME: &'static str = "link.revoke";
    const ABOUT: &'static str = "End a public link for good";
    type Reply = Link;

    fn run(self, node: &Arc<Node>) -> Result<Link, NodeError> {
        let link = node.library.revoke_link(id(&self.id)?)?;
        Ok(Link::new(link, &base(node)?))
    }

    fn text(reply: &Link) -> String {
        row(reply)
    }
}

fn row(link: &Link) -> String {
    let state = match link.state {
        State::Open => "open",
        State::Expired => "expired",
        State::Revoked => "revoked",
    };
    let until = match &link.expires_at {
        Some(end) => format!("until {}", end.get(..16).unwrap_or(end).replace('T', " ")),
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
    format!(
        "{}  {state:<7}  {until:<22}  {lock:<11}  {}{label}",
        link.id, link.title
    )
}
