//! Photos and videos: list, show, edit, write out.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use library::{AssetEdit, PlaceEdit, Rendition, Shelf, TakenAt, Turn, What, parse_shift};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::library::Named;
use super::{Command, id, ids};
use crate::{Node, NodeError};

/// Arguments of `asset show`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ShowAsset {
    /// The photo's id
    id: String,
}

/// Arguments of `asset edit`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct EditAsset {
    /// The photos' ids; all are edited alike
    #[arg(required = true)]
    ids: Vec<String>,
    #[command(flatten)]
    #[serde(flatten)]
    edits: Edits,
}

/// What can be said of photos.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct Edits {
    /// Mark as a favourite, or not
    #[arg(long)]
    favorite: Option<bool>,
    /// 0 to 5 stars
    #[arg(long)]
    rating: Option<u8>,
    /// Title; empty for none
    #[arg(long)]
    title: Option<String>,
    /// Description; empty for none
    #[arg(long)]
    description: Option<String>,
    /// When it was taken, like 2026-05-03T14:30:00+02:00
    #[arg(long)]
    taken_at: Option<String>,
    /// Move when each was taken, like «1h 30m» or «-2d»
    #[arg(
        long,
        value_name = "BY",
        allow_hyphen_values = true,
        conflicts_with = "taken_at"
    )]
    shift: Option<String>,
    /// Where it was taken: a town, or degrees north and east like 48.137,11.575;
    /// empty for nowhere
    #[arg(long, allow_hyphen_values = true)]
    place: Option<String>,
    /// Give it this tag; may be said again
    #[arg(long = "add-tag", value_name = "TAG")]
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    add_tags: Vec<String>,
    /// Take this tag away; may be said again
    #[arg(long = "remove-tag", value_name = "TAG")]
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    remove_tags: Vec<String>,
    /// Turn it by so many quarters, clockwise; below zero the other way
    #[arg(long, value_name = "QUARTERS", allow_negative_numbers = true)]
    turn: Option<i8>,
}

impl Edits {
    pub(super) fn read(self) -> Result<AssetEdit, NodeError> {
        Ok(AssetEdit {
            favorite: self.favorite,
            rating: self.rating,
            title: self.title,
            description: self.description,
            taken_at: self.taken_at.as_deref().map(TakenAt::parse).transpose()?,
            shift_ms: self.shift.as_deref().map(parse_shift).transpose()?,
            place: self.place.as_deref().map(PlaceEdit::parse).transpose()?,
            add_tags: self.add_tags,
            remove_tags: self.remove_tags,
            turn: Turn::of_quarters(self.turn.unwrap_or(0).into()),
        })
    }
}

/// Which bytes of an asset to write out.
#[derive(Clone, Copy, Debug, clap::ValueEnum, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RenditionName {
    /// 250 pixels on the short side.
    Thumbnail,
    /// 1440 pixels on the long side.
    Preview,
    /// As it was imported.
    Original,
    /// The original without place, serials, names, times and captions.
    Clean,
    /// A video as browsers play it.
    Video,
    /// The live part of a photo, as browsers play it.
    Motion,
}

/// Arguments of `asset write`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct WriteAsset {
    /// The photo's id
    id: String,
    /// Which bytes
    #[arg(long)]
    rendition: RenditionName,
    /// The file to write
    #[arg(long)]
    #[ts(as = "String")]
    to: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    replace: bool,
    /// With the original, write its sidecars beside it
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    with_sidecars: bool,
}

/// A photo or a video. What is not known is null.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Asset {
    id: String,
    /// `photo` or `video`.
    kind: String,
    name: String,
    /// BLAKE3 of the original, hex.
    hash: String,
    bytes: u64,
    mime: String,
    /// As seen upright.
    width: u32,
    /// As seen upright.
    height: u32,
    duration_ms: Option<u64>,
    /// RFC 3339; without an offset where that is not known.
    taken_at: Option<String>,
    /// What that is known from: `exif`, `xmp`, `quicktime`, `gps`, `name`, or
    /// `owner` when you said so.
    taken_from: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    altitude: Option<f64>,
    /// The nearest town, its region and country.
    place: Option<String>,
    camera_make: Option<String>,
    camera_model: Option<String>,
    lens: Option<String>,
    f_number: Option<f64>,
    /// Seconds.
    exposure_time: Option<f64>,
    iso: Option<u32>,
    /// Millimetres.
    focal_length: Option<f64>,
    rating: Option<u8>,
    title: Option<String>,
    description: Option<String>,
    tags: Vec<String>,
    favorite: bool,
    /// The name of the visitor who sent it through a link.
    contributor: Option<String>,
    /// By how many quarters, clockwise, it was turned after its file's own orientation.
    turn: u8,
    /// The id of its live part.
    motion: Option<String>,
    /// The device whose library it is in.
    home: String,
    /// Whether it is your own, not another person's in a shared album.
    is_mine: bool,
    /// Where it lies: `present` in the timeline, `archived`, `trashed` or `locked`, or
    /// `shared` when it is another person's and seen in albums alone.
    state: String,
    /// Why it cannot be previewed: a sentence; null when it can.
    unseen: Option<String>,
}

/// Answer to `asset show`: the photo, and where its files are.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ShownAsset {
    #[serde(flatten)]
    asset: Asset,
    /// The library's own files first.
    places: Vec<AssetPlace>,
    /// Whose it is, where it is another person's.
    owner: Option<String>,
    /// What a visitor sent it through: the title of the link's album, or for whom the link is.
    through: Option<String>,
    /// The machines of yours that have its original, this one first; of another person's
    /// photo none.
    originals_on: Vec<Named>,
}

/// Where a file of a photo is.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AssetPlace {
    path: String,
    /// Your own file, rather than the library's copy.
    in_place: bool,
    /// `whole`, `live` for a live part, or `side` for a sidecar.
    part: String,
}

/// Answer to `assets`, `search` and `asset edit`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AssetList {
    /// Newest first, or as they were named.
    pub(super) assets: Vec<Asset>,
    /// What to give as `after` for the next page.
    pub(super) next: Option<String>,
}

/// Answer to `asset write`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Written {
    path: String,
    bytes: u64,
    /// Media type of what was written.
    mime: String,
    /// The sidecars written beside it.
    sidecars: Vec<String>,
}

impl Written {
    pub(super) fn new(path: &Path, bytes: u64, mime: String) -> Written {
        Written {
            path: path.display().to_string(),
            bytes,
            mime,
            sidecars: Vec::new(),
        }
    }

    pub(super) fn line(&self) -> String {
        format!(
            "{} bytes of {} are in {}.",
            self.bytes, self.mime, self.path
        )
    }
}

impl From<library::Asset> for Asset {
    fn from(asset: library::Asset) -> Asset {
        Asset {
            id: asset.id.to_string(),
            kind: asset.kind,
            name: asset.name,
            hash: library::hex(&asset.hash),
            bytes: asset.bytes,
            mime: asset.mime,
            width: asset.width,
            height: asset.height,
            duration_ms: asset.duration_ms,
            taken_at: asset.taken_at.map(TakenAt::format),
            taken_from: asset.taken_from,
            latitude: asset.latitude,
            longitude: asset.longitude,
            altitude: asset.altitude,
            place: asset.place,
            camera_make: asset.camera_make,
            camera_model: asset.camera_model,
            lens: asset.lens,
            f_number: asset.f_number,
            exposure_time: asset.exposure_time,
            iso: asset.iso,
            focal_length: asset.focal_length,
            rating: asset.rating,
            title: asset.title,
            description: asset.description,
            tags: asset.tags,
            favorite: asset.favorite,
            contributor: asset.contributor,
            turn: asset.turn.quarters(),
            motion: asset.motion.map(|id| id.to_string()),
            home: asset.home.to_string(),
            is_mine: asset.is_mine,
            state: match asset.shelf {
                Shelf::Timeline => "present",
                Shelf::Archive => "archived",
                Shelf::Trash => "trashed",
                Shelf::Locked => "locked",
                Shelf::Album => "shared",
            }
            .to_owned(),
            unseen: asset
                .unseen
                .map(|code| media::unseen_sentence(&code).to_owned()),
        }
    }
}

impl Command for ShowAsset {
    const NAME: &'static str = "asset.show";
    const ABOUT: &'static str = "Show all that is known of one photo";
    type Reply = ShownAsset;

    fn run(self, node: &Arc<Node>) -> Result<ShownAsset, NodeError> {
        let id = id(&self.id)?;
        let place = |place: library::Place| AssetPlace {
            path: place.path.display().to_string(),
            in_place: place.in_place,
            part: place.part.to_owned(),
        };
        Ok(ShownAsset {
            asset: node.library.asset(id)?.into(),
            places: node.library.places(id)?.into_iter().map(place).collect(),
            owner: node.library.owner_of(id)?,
            through: node.library.came_through(id)?,
            originals_on: node
                .library
                .holders(id)?
                .into_iter()
                .map(|holder| Named::new(holder.device, holder.name))
                .collect(),
        })
    }

    fn text(reply: &ShownAsset) -> String {
        serde_json::to_string_pretty(reply).unwrap_or_default()
    }
}

impl Command for EditAsset {
    const NAME: &'static str = "asset.edit";
    const ABOUT: &'static str = "Edit photos' own facts; the originals are not touched";
    type Reply = AssetList;

    fn run(self, node: &Arc<Node>) -> Result<AssetList, NodeError> {
        let edit = self.edits.read()?;
        let assets = node.library.edit_assets(&ids(&self.ids)?, edit)?;
        Ok(AssetList {
            assets: assets.into_iter().map(Asset::from).collect(),
            next: None,
        })
    }

    fn text(reply: &AssetList) -> String {
        let rows: Vec<String> = reply.assets.iter().map(row).collect();
        rows.join("\n")
    }
}

impl Command for WriteAsset {
    const NAME: &'static str = "asset.write";
    const ABOUT: &'static str = "Write a photo, or a rendition of it, to a file";
    type Reply = Written;

    fn prepare(mut self) -> Result<Self, NodeError> {
        self.to = std::path::absolute(&self.to)?;
        Ok(self)
    }

    fn run(self, node: &Arc<Node>) -> Result<Written, NodeError> {
        let what = match self.rendition {
            RenditionName::Thumbnail => What::Rendition(Rendition::Thumbnail),
            RenditionName::Preview => What::Rendition(Rendition::Preview),
            RenditionName::Original => What::Download,
            RenditionName::Clean => What::Clean,
            RenditionName::Video => What::Film,
            RenditionName::Motion => What::Motion,
        };
        let id = id(&self.id)?;
        let mut served = node.own(id, what)?;
        let bytes = write_whole(&mut served.body, &self.to, self.replace)?;
        let mut sidecars = Vec::new();
        if self.with_sidecars && matches!(self.rendition, RenditionName::Original) {
            for mut sidecar in node.library.sidecars(id)? {
                let to = sidecar.beside(&self.to);
                write_whole(&mut sidecar.body, &to, self.replace)?;
                sidecars.push(to.display().to_string());
            }
        }
        Ok(Written {
            sidecars,
            ..Written::new(&self.to, bytes, served.mime)
        })
    }

    fn text(reply: &Written) -> String {
        reply.line()
    }
}

/// Copies into a file: whole, or not at all.
pub(super) fn write_whole(
    from: &mut impl io::Read,
    path: &Path,
    replace: bool,
) -> Result<u64, NodeError> {
    let told = |error: io::Error| {
        let message = match error.kind() {
            io::ErrorKind::AlreadyExists => format!(
                "{} exists already; choose another name, or say --replace.",
                path.display()
            ),
            _ => format!("{} could not be written: {error}.", path.display()),
        };
        NodeError::new("write", message)
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // A copy for the user, so with the rights their other files have.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut to = builder.tempfile_in(folder).map_err(told)?;
    let bytes = io::copy(from, &mut to).map_err(told)?;
    to.as_file().sync_all().map_err(told)?;
    let kept = if replace {
        to.persist(path)
    } else {
        to.persist_noclobber(path)
    };
    kept.map_err(|error| told(error.error))?;
    Ok(bytes)
}

pub(super) fn row(asset: &Asset) -> String {
    format!(
        "{}  {:<25}  {:>5}×{:<5}  {}{}",
        asset.id,
        asset.taken_at.as_deref().unwrap_or("–"),
        asset.width,
        asset.height,
        asset.name,
        if asset.favorite { "  ♥" } else { "" }
    )
}
