//! Albums.

use std::sync::Arc;

use clap::Args;
use library::{AlbumId, TakenAt, rfc3339};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::share::AlbumSharing;
use super::{Command, Done, id, ids};
use crate::{Node, NodeError};

/// Where an album begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AlbumOrder {
    /// With its oldest photo.
    Oldest,
    /// With its newest photo.
    Newest,
}

impl From<library::AlbumOrder> for AlbumOrder {
    fn from(order: library::AlbumOrder) -> AlbumOrder {
        match order {
            library::AlbumOrder::Oldest => AlbumOrder::Oldest,
            library::AlbumOrder::Newest => AlbumOrder::Newest,
        }
    }
}

impl From<AlbumOrder> for library::AlbumOrder {
    fn from(order: AlbumOrder) -> library::AlbumOrder {
        match order {
            AlbumOrder::Oldest => library::AlbumOrder::Oldest,
            AlbumOrder::Newest => library::AlbumOrder::Newest,
        }
    }
}

/// Arguments of `album create`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct CreateAlbum {
    /// The album's title
    title: String,
}

/// Arguments of `album list`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ListAlbums {}

/// Arguments of `album show`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ShowAlbum {
    /// The album's id
    id: String,
}

/// Arguments of `album edit`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct EditAlbum {
    /// The album's id
    id: String,
    /// Title
    #[arg(long)]
    title: Option<String>,
    /// Description
    #[arg(long)]
    description: Option<String>,
    /// The photo shown for the album; one of its own
    #[arg(long)]
    cover: Option<String>,
    /// Which photos come first, here and behind links
    #[arg(long)]
    order: Option<AlbumOrder>,
}

/// Arguments of `album delete`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct DeleteAlbum {
    /// The album's id
    id: String,
}

/// Arguments of `album add`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct AddToAlbum {
    /// The album's id
    album: String,
    /// The photos' ids
    #[arg(required = true)]
    assets: Vec<String>,
}

/// Arguments of `album remove`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct RemoveFromAlbum {
    /// The album's id
    album: String,
    /// The photos' ids
    #[arg(required = true)]
    assets: Vec<String>,
}

/// An album.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Album {
    id: String,
    title: String,
    description: String,
    count: u64,
    /// Which photos come first, here and behind its links.
    order: AlbumOrder,
    /// The photo shown for it.
    cover: Option<String>,
    created_at: String,
    /// When its earliest photo was taken.
    first_at: Option<String>,
    /// When its latest photo was taken.
    last_at: Option<String>,
    /// How many open links show it.
    links: u64,
    /// How many comments there are of it and of its photos.
    comment_count: u64,
    /// How many likes.
    like_count: u64,
    /// How many of both the owner has not seen yet.
    unread: u64,
    /// How it is shared with people.
    sharing: AlbumSharing,
}

/// Answer to `album list`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AlbumList {
    /// Newest first.
    albums: Vec<Album>,
}

/// Answer to `album show`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AlbumWithAssets {
    album: Album,
    /// In the album's order.
    assets: Vec<String>,
}

/// Which photos were put somewhere, or taken away from there.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Shift {
    /// Added, or removed.
    changed: Vec<String>,
    /// Were there already, or were not there.
    unchanged: Vec<String>,
}

impl Shift {
    /// How many changed.
    pub(super) fn changed(&self) -> usize {
        self.changed.len()
    }

    /// `3 added, 1 were there.`
    pub(super) fn added(&self) -> String {
        format!(
            "{} added, {} were there.",
            self.changed.len(),
            self.unchanged.len()
        )
    }

    /// `3 removed, 1 were not there.`
    pub(super) fn removed(&self) -> String {
        format!(
            "{} removed, {} were not there.",
            self.changed.len(),
            self.unchanged.len()
        )
    }
}

impl From<library::Album> for Album {
    fn from(album: library::Album) -> Album {
        Album {
            id: album.id.to_string(),
            title: album.title,
            description: album.description,
            count: album.count,
            order: album.order.into(),
            cover: album.cover.map(|cover| cover.to_string()),
            created_at: rfc3339(album.created_at),
            first_at: album.first_at.map(TakenAt::format),
            last_at: album.last_at.map(TakenAt::format),
            links: album.links,
            comment_count: album.said.comments,
            like_count: album.said.likes,
            unread: album.said.unread,
            sharing: album.sharing.into(),
        }
    }
}

impl From<library::Shift> for Shift {
    fn from(shift: library::Shift) -> Shift {
        let texts = |ids: Vec<library::AssetId>| ids.iter().map(ToString::to_string).collect();
        Shift {
            changed: texts(shift.changed),
            unchanged: texts(shift.unchanged),
        }
    }
}

impl Command for CreateAlbum {
    const NAME: &'static str = "album.create";
    const ABOUT: &'static str = "Make an album";
    type Reply = Album;

    fn run(self, node: &Arc<Node>) -> Result<Album, NodeError> {
        Ok(node.library.create_album(&self.title)?.into())
    }

    fn text(reply: &Album) -> String {
        row(reply)
    }
}

impl Command for ListAlbums {
    const NAME: &'static str = "album.list";
    const ABOUT: &'static str = "List the albums";
    type Reply = AlbumList;

    fn run(self, node: &Arc<Node>) -> Result<AlbumList, NodeError> {
        let albums = node.library.albums()?;
        Ok(AlbumList {
            albums: albums.into_iter().map(Album::from).collect(),
        })
    }

    fn text(reply: &AlbumList) -> String {
        if reply.albums.is_empty() {
            return "There are no albums yet; make one with `albumen album create`.".to_owned();
        }
        let rows: Vec<String> = reply.albums.iter().map(row).collect();
        rows.join("\n")
    }
}

impl Command for ShowAlbum {
    const NAME: &'static str = "album.show";
    const ABOUT: &'static str = "Show an album and what is in it";
    type Reply = AlbumWithAssets;

    fn run(self, node: &Arc<Node>) -> Result<AlbumWithAssets, NodeError> {
        let id: AlbumId = id(&self.id)?;
        Ok(AlbumWithAssets {
            album: node.library.album(id)?.into(),
            assets: node
                .library
                .album_assets(id)?
                .iter()
                .map(ToString::to_string)
                .collect(),
        })
    }

    fn text(reply: &AlbumWithAssets) -> String {
        format!("{}\n{}", row(&reply.album), reply.assets.join("\n"))
    }
}

impl Command for EditAlbum {
    const NAME: &'static str = "album.edit";
    const ABOUT: &'static str = "Edit an album's title, description, cover or order";
    type Reply = Album;

    fn run(self, node: &Arc<Node>) -> Result<Album, NodeError> {
        let edit = library::AlbumEdit {
            title: self.title,
            description: self.description,
            cover: self.cover.as_deref().map(id).transpose()?,
            order: self.order.map(library::AlbumOrder::from),
        };
        Ok(node.library.edit_album(id(&self.id)?, edit)?.into())
    }

    fn text(reply: &Album) -> String {
        row(reply)
    }
}

impl Command for DeleteAlbum {
    const NAME: &'static str = "album.delete";
    const ABOUT: &'static str = "Delete an album and its links; its photos stay";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        node.library.delete_album(id(&self.id)?)?;
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        "The album is deleted; its photos stay in the library.".to_owned()
    }
}

impl Command for AddToAlbum {
    const NAME: &'static str = "album.add";
    const ABOUT: &'static str = "Put photos into an album";
    type Reply = Shift;

    fn run(self, node: &Arc<Node>) -> Result<Shift, NodeError> {
        let shift = node
            .library
            .add_to_album(id(&self.album)?, &ids(&self.assets)?)?;
        Ok(shift.into())
    }

    fn text(reply: &Shift) -> String {
        reply.added()
    }
}

impl Command for RemoveFromAlbum {
    const NAME: &'static str = "album.remove";
    const ABOUT: &'static str = "Take photos out of an album; they stay in the library";
    type Reply = Shift;

    fn run(self, node: &Arc<Node>) -> Result<Shift, NodeError> {
        let shift = node
            .library
            .remove_from_album(id(&self.album)?, &ids(&self.assets)?)?;
        Ok(shift.into())
    }

    fn text(reply: &Shift) -> String {
        reply.removed()
    }
}

pub(super) fn row(album: &Album) -> String {
    let of = album.sharing.line();
    format!("{}  {:>6}  {}{of}", album.id, album.count, album.title)
}
