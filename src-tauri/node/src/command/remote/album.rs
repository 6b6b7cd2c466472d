//! Albums whose home is another machine of one's own: listed, and changed by asking for it.

use std::sync::Arc;

use clap::Args;
use library::{DeviceId, TakenAt, rfc3339};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Request, asked, told};
use crate::command::album::AlbumOrder;
use crate::command::{Command, id, ids};
use crate::{Node, NodeError};

/// Arguments of `peer albums`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ListRemoteAlbums {
    /// The machine's id
    machine: String,
}

/// Arguments of `peer album create`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct CreateRemoteAlbum {
    /// The machine's id
    machine: String,
    /// The album's title
    title: String,
}

/// Arguments of `peer album edit`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct EditRemoteAlbum {
    /// The machine's id
    machine: String,
    /// The album's id
    album: String,
    /// Title
    #[arg(long)]
    title: Option<String>,
    /// Description; empty for none
    #[arg(long)]
    description: Option<String>,
    /// The photo shown for the album; one of its own
    #[arg(long)]
    cover: Option<String>,
    /// Which photos come first, there and behind links
    #[arg(long)]
    order: Option<AlbumOrder>,
}

/// Arguments of `peer album delete`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct DeleteRemoteAlbum {
    /// The machine's id
    machine: String,
    /// The album's id
    album: String,
}

/// Arguments of `peer album add`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct AddToRemoteAlbum {
    /// The machine's id
    machine: String,
    /// The album's id
    album: String,
    /// The ids of photos of that machine
    #[arg(required = true)]
    assets: Vec<String>,
}

/// Arguments of `peer album remove`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct RemoveFromRemoteAlbum {
    /// The machine's id
    machine: String,
    /// The album's id
    album: String,
    /// The photos' ids
    #[arg(required = true)]
    assets: Vec<String>,
}

/// An album of another machine.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RemoteAlbum {
    id: String,
    title: String,
    description: String,
    count: u64,
    /// Which photos come first, there and behind its links.
    order: AlbumOrder,
    /// The photo shown for it.
    cover: Option<String>,
    created_at: String,
    /// When its earliest photo was taken.
    first_at: Option<String>,
    /// When its latest photo was taken.
    last_at: Option<String>,
    /// Whether something asked of its home waits.
    waits: bool,
}

/// Answer to `peer albums`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RemoteAlbums {
    /// Newest first.
    albums: Vec<RemoteAlbum>,
}

/// Answer to `peer album create`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RemoteAlbumAsked {
    /// The id that the album has, or will have.
    album: String,
    request: Request,
}

impl From<library::RemoteAlbum> for RemoteAlbum {
    fn from(album: library::RemoteAlbum) -> RemoteAlbum {
        RemoteAlbum {
            id: album.id.to_string(),
            title: album.title,
            description: album.description,
            count: album.count,
            order: album.order.into(),
            cover: album.cover.map(|cover| cover.to_string()),
            created_at: rfc3339(album.created_at),
            first_at: album.first_at.map(TakenAt::format),
            last_at: album.last_at.map(TakenAt::format),
            waits: album.waits,
        }
    }
}

impl Command for ListRemoteAlbums {
    const NAME: &'static str = "peer.albums";
    const ABOUT: &'static str = "List the albums of another machine of yours";
    type Reply = RemoteAlbums;

    fn run(self, node: &Arc<Node>) -> Result<RemoteAlbums, NodeError> {
        let home: DeviceId = id(&self.machine)?;
        node.library.peer(home)?;
        let albums = node.library.remote_albums(home)?;
        Ok(RemoteAlbums {
            albums: albums.into_iter().map(RemoteAlbum::from).collect(),
        })
    }

    fn text(reply: &RemoteAlbums) -> String {
        if reply.albums.is_empty() {
            return "No albums of that machine are known here.".to_owned();
        }
        let rows = reply.albums.iter().map(|album| {
            let mark = if album.waits { "  …" } else { "" };
            format!("{}  {:>6}  {}{mark}", album.id, album.count, album.title)
        });
        rows.collect::<Vec<_>>().join("\n")
    }
}

impl Command for CreateRemoteAlbum {
    const NAME: &'static str = "peer.album.create";
    const ABOUT: &'static str = "Ask another machine of yours to make an album";
    type Reply = RemoteAlbumAsked;

    fn run(self, node: &Arc<Node>) -> Result<RemoteAlbumAsked, NodeError> {
        let (album, request) = node
            .library
            .ask_new_album(id(&self.machine)?, &self.title)?;
        Ok(RemoteAlbumAsked {
            album: album.to_string(),
            request: asked(node, request)?,
        })
    }

    fn text(reply: &RemoteAlbumAsked) -> String {
        format!("{}\n{}", reply.album, told(&reply.request))
    }
}

impl Command for EditRemoteAlbum {
    const NAME: &'static str = "peer.album.edit";
    const ABOUT: &'static str = "Ask another machine of yours to edit an album of its own";
    type Reply = Request;

    fn run(self, node: &Arc<Node>) -> Result<Request, NodeError> {
        let edit = library::AlbumEdit {
            title: self.title,
            description: self.description,
            cover: self.cover.as_deref().map(id).transpose()?,
            order: self.order.map(library::AlbumOrder::from),
        };
        let (home, album) = (id(&self.machine)?, id(&self.album)?);
        asked(node, node.library.ask_edit_album(home, album, edit)?)
    }

    fn text(reply: &Request) -> String {
        told(reply)
    }
}

impl Command for DeleteRemoteAlbum {
    const NAME: &'static str = "peer.album.delete";
    const ABOUT: &'static str =
        "Ask another machine of yours to delete an album and its links; its photos stay";
    type Reply = Request;

    fn run(self, node: &Arc<Node>) -> Result<Request, NodeError> {
        let (home, album) = (id(&self.machine)?, id(&self.album)?);
        asked(node, node.library.ask_delete_album(home, album)?)
    }

    fn text(reply: &Request) -> String {
        told(reply)
    }
}

impl Command for AddToRemoteAlbum {
    const NAME: &'static str = "peer.album.add";
    const ABOUT: &'static str = "Ask another machine of yours to put its photos into its album";
    type Reply = Request;

    fn run(self, node: &Arc<Node>) -> Result<Request, NodeError> {
        let (home, album) = (id(&self.machine)?, id(&self.album)?);
        let assets = ids(&self.assets)?;
        asked(node, node.library.ask_add_to_album(home, album, &assets)?)
    }

    fn text(reply: &Request) -> String {
        told(reply)
    }
}

impl Command for RemoveFromRemoteAlbum {
    const NAME: &'static str = "peer.album.remove";
    const ABOUT: &'static str =
        "Ask another machine of yours to take photos out of its album; they stay in its library";
    type Reply = Request;

    fn run(self, node: &Arc<Node>) -> Result<Request, NodeError> {
        let (home, album) = (id(&self.machine)?, id(&self.album)?);
        let assets = ids(&self.assets)?;
        let id = node.library.ask_remove_from_album(home, album, &assets)?;
        asked(node, id)
    }

    fn text(reply: &Request) -> String {
        told(reply)
    }
}
