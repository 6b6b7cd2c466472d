//! Public links of another's album, made by an editor whom its owner lets.

use std::sync::Arc;

use clap::Args;
use library::{EditorTerms, rfc3339};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::link::Download;
use super::{Command, Done, id};
use crate::{Node, NodeError};

/// Arguments of `album link`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct MakeAlbumLink {
    /// The album's id; one of another's in which you are an editor
    album: String,
    /// For whom it is; the owner and you see it
    #[arg(long)]
    label: Option<String>,
    /// When it ends: 30d, 12h, a date, or never
    #[arg(long, default_value = "30d")]
    expires: Option<String>,
    /// What visitors may download
    #[arg(long, default_value = "screen")]
    download: Option<Download>,
    /// Show names, times, places and cameras
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    show_metadata: bool,
}

/// Arguments of `album links`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct AlbumLinks {
    /// The album's id; one of another's
    album: String,
}

/// Arguments of `album unlink`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct EndAlbumLink {
    /// The link's id, as `album links` tells it
    id: String,
}

/// A public link that you made of another's album.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AlbumLink {
    id: String,
    label: String,
    /// Null until the album's home has made it.
    url: Option<String>,
    /// Null: never.
    expires_at: Option<String>,
}

/// Answer to `album links` and `album link`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AlbumLinkList {
    /// Newest first.
    links: Vec<AlbumLink>,
}

fn links(node: &Node, album: library::AlbumId) -> Result<AlbumLinkList, NodeError> {
    let links = node.library.editor_links(album)?;
    Ok(AlbumLinkList {
        links: links
            .into_iter()
            .map(|link| AlbumLink {
                id: link.id.to_string(),
                label: link.label,
                url: link.address,
                expires_at: link.expires_at.map(rfc3339),
            })
            .collect(),
    })
}

fn told(reply: &AlbumLinkList) -> String {
    if reply.links.is_empty() {
        return "You made no link of this album.".to_owned();
    }
    let rows = reply.links.iter().map(|link| {
        let address = link
            .url
            .as_deref()
            .unwrap_or("waits for the owner's machine");
        format!("{}  {address}  {}", link.id, link.label)
    });
    rows.collect::<Vec<_>>().join("\n")
}

impl Command for MakeAlbumLink {
    const NAME: &'static str = "album.link";
    const ABOUT: &'static str = "Make a public link of another's album, where its owner lets you";
    type Reply = AlbumLinkList;

    fn run(self, node: &Arc<Node>) -> Result<AlbumLinkList, NodeError> {
        let album = id(&self.album)?;
        let terms = EditorTerms {
            label: self.label.unwrap_or_default(),
            expires_at: node
                .library
                .expiry(self.expires.as_deref().unwrap_or("30d"))?,
            download: self.download.unwrap_or(Download::Screen).into(),
            show_metadata: self.show_metadata,
        };
        node.library.ask_link(album, terms)?;
        links(node, album)
    }

    fn text(reply: &AlbumLinkList) -> String {
        told(reply)
    }
}

impl Command for AlbumLinks {
    const NAME: &'static str = "album.links";
    const ABOUT: &'static str = "List the public links that you made of another's album";
    type Reply = AlbumLinkList;

    fn run(self, node: &Arc<Node>) -> Result<AlbumLinkList, NodeError> {
        links(node, id(&self.album)?)
    }

    fn text(reply: &AlbumLinkList) -> String {
        told(reply)
    }
}

impl Command for EndAlbumLink {
    const NAME: &'static str = "album.unlink";
    const ABOUT: &'static str = "End a public link that you made of another's album";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        node.library.end_editor_link(id(&self.id)?)?;
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        "The link ends as soon as the owner's machine is there.".to_owned()
    }
}
