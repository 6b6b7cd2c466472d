//! Photos whose home is another machine: seen, copied, and changed by asking for it.

mod album;

use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use library::{DeviceId, KeptWhat, RemoteCursor, RemoteWhich, RequestState, rfc3339};
use serde::{Deserialize, Serialize};
use sync::Wanted;
use ts_rs::TS;

use super::asset::{Asset, Edits, Written, row, write_whole};
use super::shelf::ShelfName;
use super::{Command, Done, id, ids};
use crate::{Node, NodeError};
pub use album::{
    AddToRemoteAlbum, CreateRemoteAlbum, DeleteRemoteAlbum, EditRemoteAlbum, ListRemoteAlbums,
    RemoveFromRemoteAlbum,
};

/// How many photos are listed unless said otherwise.
const USUAL: u32 = 100;

/// Arguments of `peer assets`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct ListRemote {
    /// The machine's id
    machine: String,
    /// Only those in this album of it
    #[arg(long)]
    album: Option<String>,
    /// Only those on this shelf of it; else all that are not in its trash
    #[arg(long)]
    shelf: Option<ShelfName>,
    /// How many at most
    #[arg(long)]
    limit: Option<u32>,
    /// After which, as the last answer said
    #[arg(long)]
    after: Option<String>,
}

/// Which bytes of a photo of another machine.
#[derive(Clone, Copy, Debug, clap::ValueEnum, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RemoteRendition {
    /// 250 pixels on the short side.
    Thumbnail,
    /// 1440 pixels on the long side.
    Preview,
    /// As it was imported.
    Original,
}

/// Arguments of `peer write`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct WriteRemote {
    /// The machine's id
    machine: String,
    /// The photo's id
    asset: String,
    /// Which bytes
    #[arg(long)]
    rendition: RemoteRendition,
    /// The file to write
    #[arg(long)]
    #[ts(as = "String")]
    to: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    replace: bool,
}

/// Arguments of `peer edit`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct EditRemote {
    /// The machine's id
    machine: String,
    /// The photos' ids; all are edited alike
    #[arg(required = true)]
    assets: Vec<String>,
    #[command(flatten)]
    #[serde(flatten)]
    edits: Edits,
}

/// Arguments of `peer trash`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct TrashRemote {
    /// The machine's id
    machine: String,
    /// The photos' ids
    #[arg(required = true)]
    assets: Vec<String>,
    /// Take them back out of it
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    restore: bool,
}

/// Arguments of `peer archive`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct ArchiveRemote {
    /// The machine's id
    machine: String,
    /// The photos' ids
    #[arg(required = true)]
    assets: Vec<String>,
    /// Bring them back into the timeline
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    restore: bool,
}

/// Arguments of `outbox`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ShowOutbox {}

/// Arguments of `request withdraw`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct WithdrawRequest {
    /// The request's id
    id: String,
}

/// A photo of another machine.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RemoteAsset {
    /// As its home tells, with what waits for that.
    asset: Asset,
    /// Whether something asked of its home waits.
    waits: bool,
    /// Whether its original is kept on this machine.
    is_here: bool,
    /// Stands for it until its picture is here; base64, empty where there is none.
    thumbhash: String,
}

/// Answer to `peer assets`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RemoteAssets {
    /// Newest first.
    assets: Vec<RemoteAsset>,
    /// What to say as `after` for more; null when that was all.
    next: Option<String>,
}

/// How a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "RequestState")]
pub enum RequestStateName {
    /// Its home has not answered.
    Waiting,
    /// It was done.
    Done,
    /// It was refused.
    Refused,
}

/// Something asked of another machine.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Request {
    id: String,
    machine: String,
    machine_name: String,
    /// What was asked, in words.
    told: String,
    state: RequestStateName,
    /// Why it was refused.
    reason: Option<String>,
    made_at: String,
    decided_at: Option<String>,
}

/// Answer to `outbox`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Outbox {
    /// Newest first.
    requests: Vec<Request>,
}

fn request(node: &Node, request: library::Request) -> Result<Request, NodeError> {
    let (state, reason) = match request.state {
        RequestState::Waiting => (RequestStateName::Waiting, None),
        RequestState::Done => (RequestStateName::Done, None),
        RequestState::Refused(reason) => (RequestStateName::Refused, Some(reason)),
    };
    Ok(Request {
        id: request.id.to_string(),
        machine: request.home.to_string(),
        machine_name: node.library.peer(request.home)?.name,
        told: request.told,
        state,
        reason,
        made_at: rfc3339(request.made_at),
        decided_at: request.decided_at.map(rfc3339),
    })
}

fn asked(node: &Node, id: library::RequestId) -> Result<Request, NodeError> {
    request(node, node.library.request(id)?)
}

fn told(request: &Request) -> String {
    let state = match request.state {
        RequestStateName::Waiting => format!("waits for «{}»", request.machine_name),
        RequestStateName::Done => "done".to_owned(),
        RequestStateName::Refused => {
            format!("refused: {}", request.reason.as_deref().unwrap_or_default())
        }
    };
    format!("{}  {}: {state}", request.id, request.told)
}

impl Command for ListRemote {
    const NAME: &'static str = "peer.assets";
    const ABOUT: &'static str = "List the photos of another machine of yours, newest first";
    type Reply = RemoteAssets;

    fn run(self, node: &Arc<Node>) -> Result<RemoteAssets, NodeError> {
        let home: DeviceId = id(&self.machine)?;
        let after = self.after.as_deref().map(cursor).transpose()?;
        let limit = usize::try_from(self.limit.unwrap_or(USUAL).clamp(1, 1_000)).unwrap_or(1);
        let which = RemoteWhich {
            album: self.album.as_deref().map(id).transpose()?,
            shelf: self.shelf.map(Into::into),
        };
        let (assets, next) = node.library.remote_assets(home, which, after, limit)?;
        let assets = assets
            .into_iter()
            .map(|remote| {
                let asset = remote.asset.id;
                Ok(RemoteAsset {
                    is_here: node.library.is_kept(home, asset, KeptWhat::Original)?,
                    waits: remote.waits,
                    thumbhash: STANDARD.encode(&remote.asset.thumbhash),
                    asset: Asset::from(remote.asset),
                })
            })
            .collect::<Result<_, NodeError>>()?;
        Ok(RemoteAssets {
            assets,
            next: next.map(|next| format!("{}.{}", next.sorted_at, next.id)),
        })
    }

    fn text(reply: &RemoteAssets) -> String {
        if reply.assets.is_empty() {
            return "No photos of that machine are known here yet.".to_owned();
        }
        let rows = reply.assets.iter().map(|remote| {
            let mark = if remote.waits { "  …" } else { "" };
            format!("{}{mark}", row(&remote.asset))
        });
        rows.collect::<Vec<_>>().join("\n")
    }
}

fn cursor(text: &str) -> Result<RemoteCursor, NodeError> {
    let wrong = || {
        NodeError::new(
            "usage",
            "Say as `after` what the last answer said as `next`.",
        )
    };
    let (sorted_at, asset) = text.rsplit_once('.').ok_or_else(wrong)?;
    Ok(RemoteCursor {
        sorted_at: sorted_at.parse().map_err(|_| wrong())?,
        id: id(asset)?,
    })
}

impl Command for WriteRemote {
    const NAME: &'static str = "peer.write";
    const ABOUT: &'static str = "Copy a photo of another machine into a file";
    type Reply = Written;

    fn run(self, node: &Arc<Node>) -> Result<Written, NodeError> {
        let (home, asset) = (id(&self.machine)?, id(&self.asset)?);
        let (what, mime) = match self.rendition {
            RemoteRendition::Thumbnail => {
                (KeptWhat::Thumbnail, library::Rendition::Thumbnail.mime())
            }
            RemoteRendition::Preview => (KeptWhat::Preview, library::Rendition::Preview.mime()),
            RemoteRendition::Original => (KeptWhat::Original, ""),
        };
        let mime = match mime {
            "" => node.library.remote_asset(home, asset)?.asset.mime,
            mime => mime.to_owned(),
        };
        let mut file = node.bring(Wanted { home, asset, what })?;
        let bytes = write_whole(&mut file, &self.to, self.replace)?;
        Ok(Written::new(&self.to, bytes, mime))
    }

    fn text(reply: &Written) -> String {
        reply.line()
    }
}

impl Command for EditRemote {
    const NAME: &'static str = "peer.edit";
    const ABOUT: &'static str = "Ask another machine of yours to edit its photos";
    type Reply = Request;

    fn run(self, node: &Arc<Node>) -> Result<Request, NodeError> {
        let home = id(&self.machine)?;
        let assets = ids(&self.assets)?;
        let id = node.library.ask_edit(home, &assets, self.edits.read()?)?;
        asked(node, id)
    }

    fn text(reply: &Request) -> String {
        told(reply)
    }
}

impl Command for TrashRemote {
    const NAME: &'static str = "peer.trash";
    const ABOUT: &'static str =
        "Ask another machine of yours to move its photos to its trash, or back";
    type Reply = Request;

    fn run(self, node: &Arc<Node>) -> Result<Request, NodeError> {
        let home = id(&self.machine)?;
        let assets = ids(&self.assets)?;
        let id = node.library.ask_trash(home, &assets, !self.restore)?;
        asked(node, id)
    }

    fn text(reply: &Request) -> String {
        told(reply)
    }
}

impl Command for ArchiveRemote {
    const NAME: &'static str = "peer.archive";
    const ABOUT: &'static str =
        "Ask another machine of yours to move its photos out of its timeline, or back";
    type Reply = Request;

    fn run(self, node: &Arc<Node>) -> Result<Request, NodeError> {
        let home = id(&self.machine)?;
        let assets = ids(&self.assets)?;
        let id = node.library.ask_archive(home, &assets, !self.restore)?;
        asked(node, id)
    }

    fn text(reply: &Request) -> String {
        told(reply)
    }
}

impl Command for ShowOutbox {
    const NAME: &'static str = "outbox";
    const ABOUT: &'static str = "Show what was asked of other machines, and how they answered";
    type Reply = Outbox;

    fn run(self, node: &Arc<Node>) -> Result<Outbox, NodeError> {
        let requests = node.library.outbox()?;
        Ok(Outbox {
            requests: requests
                .into_iter()
                .map(|one| request(node, one))
                .collect::<Result<_, _>>()?,
        })
    }

    fn text(reply: &Outbox) -> String {
        if reply.requests.is_empty() {
            return "Nothing was asked of other machines.".to_owned();
        }
        reply
            .requests
            .iter()
            .map(told)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

impl Command for WithdrawRequest {
    const NAME: &'static str = "request.withdraw";
    const ABOUT: &'static str =
        "Take back what another machine has not answered, or put away what it refused";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        match node.library.withdraw(id(&self.id)?)? {
            true => Ok(Done {}),
            false => Err(NodeError::new(
                "answered",
                "That was done already, or never asked.",
            )),
        }
    }

    fn text(_: &Done) -> String {
        "It is not asked any more.".to_owned()
    }
}
