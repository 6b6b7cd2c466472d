//! Lists of photos and videos, and search.

use std::sync::Arc;

use clap::Args;
use library::{AssetKind, AssetQuery, Filter, Shelf, TakenAt};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::asset::{Asset, AssetList, row};
use super::share::person;
use super::shelf::ShelfName;
use super::{Command, id};
use crate::{Node, NodeError};

/// What kind of photo or video.
#[derive(Clone, Copy, Debug, clap::ValueEnum, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KindName {
    /// A still picture, live or not.
    Photo,
    /// A film of its own.
    Video,
    /// What the camera's sensor saw.
    Raw,
    /// A photo with a moving part.
    Live,
}

/// Which photos are wanted; all that is said must hold.
#[derive(Debug, Default, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct Wanted {
    /// Only those in this album; a grid has them in its order
    #[arg(long)]
    album: Option<String>,
    /// Only those that this link shows
    #[arg(long, value_name = "ID", conflicts_with_all = ["album", "shelf", "trash", "locked"])]
    link: Option<String>,
    /// Only the library that this partner shows you: their name or id
    #[arg(long, value_name = "PERSON", conflicts_with_all = ["album", "shelf", "trash", "locked"])]
    partner: Option<String>,
    /// Only those in this album of a partner's library
    #[arg(long, value_name = "ALBUM", conflicts_with_all = ["album", "shelf", "trash", "locked"])]
    partner_album: Option<String>,
    /// Only those on this shelf; the timeline's when nothing narrows the list
    #[arg(long)]
    shelf: Option<ShelfName>,
    /// Only those in the trash: the same as `--shelf trash`
    #[arg(long, conflicts_with = "shelf")]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    trash: bool,
    /// Only those that are locked; the PIN must have been given
    #[arg(long, conflicts_with_all = ["shelf", "trash"])]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    locked: bool,
    /// Taken on this day or later, like 2026-05-03
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// Taken on this day or earlier
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// Only of this kind
    #[arg(long = "type", value_name = "TYPE")]
    #[serde(rename = "type")]
    kind: Option<KindName>,
    /// Only by a camera whose maker and model have these words
    #[arg(long)]
    camera: Option<String>,
    /// Only those with this many stars or more
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=5))]
    rating_at_least: Option<u8>,
    /// Only favourites
    #[arg(long = "favorite", visible_alias = "favorites")]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    favorites: bool,
    /// Only those whose place is known
    #[arg(long, conflicts_with = "without_place")]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    with_place: bool,
    /// Only those whose place is not known
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    without_place: bool,
    /// Only those taken within these degrees: south, west, north, east
    #[arg(long, value_name = "S,W,N,E", allow_hyphen_values = true)]
    area: Option<String>,
}

/// Arguments of `assets`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct ListAssets {
    /// Only those found by these words
    #[arg(long)]
    query: Option<String>,
    #[command(flatten)]
    #[serde(flatten)]
    #[ts(flatten)]
    wanted: Wanted,
    /// At most this many, up to 1000
    #[arg(long)]
    limit: Option<u32>,
    /// Go on after the page that gave this as «next»
    #[arg(long)]
    after: Option<String>,
}

/// Arguments of `search`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct Search {
    /// Beginnings of words in names, titles, descriptions, tags, cameras and
    /// places; all must be found
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    text: Vec<String>,
    #[command(flatten)]
    #[serde(flatten)]
    #[ts(flatten)]
    wanted: Wanted,
    /// At most this many, up to 1000
    #[arg(long)]
    limit: Option<u32>,
    /// Go on after the page that gave this as «next»
    #[arg(long)]
    after: Option<String>,
}

/// Arguments of `suggest`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct Suggest {
    /// At most this many of each
    #[arg(long)]
    limit: Option<u32>,
}

/// Something to search for, and how many photos have it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Suggestion {
    name: String,
    count: u64,
}

/// Answer to `suggest`: the most frequent first.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Suggestions {
    cameras: Vec<Suggestion>,
    places: Vec<Suggestion>,
    tags: Vec<Suggestion>,
}

impl Wanted {
    /// The library's filter for it, and for these words.
    pub(super) fn filter(self, node: &Node, text: Option<String>) -> Result<Filter, NodeError> {
        let day = |date: Option<String>| date.as_deref().map(TakenAt::parse).transpose();
        if self.with_place && self.without_place {
            return Err(NodeError::new(
                "usage",
                "Photos with a place, or without one: choose one of the two.",
            ));
        }
        let of_partner = self.partner.is_some() || self.partner_album.is_some();
        let of_owner = self.trash || self.locked || self.favorites || self.shelf.is_some();
        if of_partner && (of_owner || self.rating_at_least.is_some()) {
            return Err(NodeError::new(
                "usage",
                "A partner's archive, trash, favourites and stars are theirs alone; ask for their \
                 library without those.",
            ));
        }
        if self.rating_at_least > Some(5) {
            return Err(NodeError::new("usage", "A rating is 0 to 5 stars."));
        }
        let link = self.link.as_deref().map(id).transpose()?;
        let followed = match link {
            Some(link) => node.library.link(link)?.album,
            None => None,
        };
        Ok(Filter {
            text,
            album: match &self.album {
                Some(album) => Some(id(album)?),
                None => followed,
            },
            link: link.filter(|_| followed.is_none()),
            partner: match &self.partner {
                Some(text) => Some(person(node, text)?),
                None => None,
            },
            partner_album: self.partner_album.as_deref().map(id).transpose()?,
            shelf: match (self.trash, self.locked) {
                (true, _) => Some(Shelf::Trash),
                (_, true) => Some(Shelf::Locked),
                _ => self.shelf.map(Shelf::from),
            },
            from: day(self.from)?.map(|from| from.local_ms),
            before: self.to.as_deref().map(TakenAt::parse_end).transpose()?,
            kind: self.kind.map(|kind| match kind {
                KindName::Photo => AssetKind::Photo,
                KindName::Video => AssetKind::Video,
                KindName::Raw => AssetKind::Raw,
                KindName::Live => AssetKind::Live,
            }),
            camera: self.camera,
            rating_at_least: self.rating_at_least,
            favorite: self.favorites,
            placed: match (self.with_place, self.without_place) {
                (true, _) => Some(true),
                (_, true) => Some(false),
                _ => None,
            },
            area: self.area.as_deref().map(str::parse).transpose()?,
        })
    }
}

fn list(
    node: &Node,
    filter: Filter,
    limit: Option<u32>,
    after: Option<String>,
) -> Result<AssetList, NodeError> {
    let page = node.library.assets(&AssetQuery {
        filter,
        limit,
        after: after.as_deref().map(str::parse).transpose()?,
    })?;
    Ok(AssetList {
        assets: page.assets.into_iter().map(Asset::from).collect(),
        next: page.next.map(|next| next.to_string()),
    })
}

fn text_of(list: &AssetList) -> String {
    let mut rows: Vec<String> = list.assets.iter().map(row).collect();
    if let Some(next) = &list.next {
        rows.push(format!("More with --after {next}"));
    }
    rows.join("\n")
}

impl Command for ListAssets {
    const NAME: &'static str = "assets";
    const ABOUT: &'static str = "List photos and videos, newest first";
    type Reply = AssetList;

    fn run(self, node: &Arc<Node>) -> Result<AssetList, NodeError> {
        let filter = self.wanted.filter(node, self.query)?;
        list(node, filter, self.limit, self.after)
    }

    fn text(reply: &AssetList) -> String {
        text_of(reply)
    }
}

impl Command for Search {
    const NAME: &'static str = "search";
    const ABOUT: &'static str = "Find photos and videos by words and facts, newest first";
    type Reply = AssetList;

    fn run(self, node: &Arc<Node>) -> Result<AssetList, NodeError> {
        let filter = self.wanted.filter(node, Some(self.text.join(" ")))?;
        list(node, filter, self.limit, self.after)
    }

    fn text(reply: &AssetList) -> String {
        match reply.assets.is_empty() {
            true => "Nothing was found.".to_owned(),
            false => text_of(reply),
        }
    }
}

impl Command for Suggest {
    const NAME: &'static str = "suggest";
    const ABOUT: &'static str = "List cameras, places and tags to search for";
    type Reply = Suggestions;

    fn run(self, node: &Arc<Node>) -> Result<Suggestions, NodeError> {
        let named = |rows: Vec<library::Suggestion>| {
            rows.into_iter()
                .map(|row| Suggestion {
                    name: row.name,
                    count: row.count,
                })
                .collect()
        };
        let found = node.library.suggestions(self.limit.unwrap_or(20))?;
        Ok(Suggestions {
            cameras: named(found.cameras),
            places: named(found.places),
            tags: named(found.tags),
        })
    }

    fn text(reply: &Suggestions) -> String {
        let rows = |noun: &str, rows: &[Suggestion]| {
            let rows: String = rows
                .iter()
                .map(|row| format!("\n  {:>7}  {}", row.count, row.name))
                .collect();
            format!("{noun}{rows}")
        };
        [
            rows("Cameras", &reply.cameras),
            rows("Places", &reply.places),
            rows("Tags", &reply.tags),
        ]
        .join("\n")
    }
}
