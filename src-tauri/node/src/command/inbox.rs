//! What visitors sent, and the owner's word on it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use library::{InboxGroup as Group, InboxUpload as Waiting, Rendition, TakenAt, What, rfc3339};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::asset::{Written, write_whole};
use super::{Command, Done, Outcome, id, ids};
use crate::{Node, NodeError};

/// Arguments of `inbox list`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct ListInbox {
    /// Only what came through this link
    #[arg(long)]
    link: Option<String>,
}

/// Arguments of `inbox accept`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct AcceptUploads {
    /// The ids of the files
    #[arg(required = true)]
    ids: Vec<String>,
    /// Take what is offered for a missing time or place
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    fill: bool,
}

/// Arguments of `inbox reject`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct RejectUploads {
    /// The ids of the files
    #[arg(required = true)]
    ids: Vec<String>,
}

/// Arguments of `inbox write`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct WriteUpload {
    /// The file's id
    id: String,
    /// What of it
    #[arg(long, value_enum, default_value = "original")]
    rendition: SentRendition,
    /// Where to; a new file
    #[arg(long)]
    #[ts(as = "String")]
    to: PathBuf,
}

/// What there is of a file in the inbox.
#[derive(Clone, Copy, Debug, clap::ValueEnum, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SentRendition {
    /// Its bytes as they came.
    Original,
    /// At screen size.
    Preview,
    /// As in a grid.
    Thumbnail,
}

/// Answer to `inbox list`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct InboxList {
    /// By link and visitor, the newest first.
    groups: Vec<InboxGroup>,
    /// How many files wait.
    waiting: u64,
    /// Their bytes.
    bytes: u64,
}

/// Files that one visitor sent through one link.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct InboxGroup {
    link: String,
    /// The title of its album; empty for a selection.
    title: String,
    /// For whom the link is.
    label: String,
    /// What the visitor is known by.
    visitor: String,
    /// The name they gave; may be empty.
    name: String,
    uploads: Vec<InboxUpload>,
}

/// A file that waits in the inbox.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct InboxUpload {
    id: String,
    /// Its name, as the visitor gave it.
    name: String,
    /// `photo` or `video`; null until it was looked at.
    kind: Option<String>,
    bytes: u64,
    width: u32,
    height: u32,
    duration_ms: Option<u64>,
    taken_at: Option<String>,
    /// Base64; may be empty.
    thumbhash: String,
    received_at: String,
    /// Why it cannot be previewed: a sentence; null when it can.
    unseen: Option<String>,
    /// The photo of the library that has the same bytes.
    known: Option<String>,
    /// Photos of the library that look the same.
    alike: Vec<String>,
    /// Where photos of that time were taken.
    offered_place: Option<OfferedPlace>,
    /// When the file beside it was taken.
    offered_time: Option<String>,
}

/// A place that could be filled in.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OfferedPlace {
    /// The town; may be empty.
    name: String,
    latitude: f64,
    longitude: f64,
}

/// Answer to `inbox accept`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Accepted {
    /// Files that are photos of the library now.
    accepted: u64,
    /// How many of them it had before.
    known: u64,
    /// The photos.
    assets: Vec<String>,
    /// What stays in the inbox, and why.
    failures: Vec<NotAccepted>,
}

/// A file that could not be taken in.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct NotAccepted {
    id: String,
    /// A sentence.
    message: String,
}

impl From<Group> for InboxGroup {
    fn from(group: Group) -> InboxGroup {
        InboxGroup {
            link: group.link.to_string(),
            title: group.title,
            label: group.label,
            visitor: library::hex(&group.visitor),
            name: group.name,
            uploads: group.uploads.into_iter().map(InboxUpload::from).collect(),
        }
    }
}

impl From<Waiting> for InboxUpload {
    fn from(upload: Waiting) -> InboxUpload {
        InboxUpload {
            id: upload.id.to_string(),
            name: upload.name,
            kind: upload
                .is_video
                .map(|video| if video { "video" } else { "photo" }.to_owned()),
            bytes: upload.bytes,
            width: upload.width,
            height: upload.height,
            duration_ms: upload.duration_ms,
            taken_at: upload.taken_at.map(TakenAt::format),
            thumbhash: STANDARD.encode(upload.thumbhash),
            received_at: rfc3339(upload.received_at),
            unseen: upload
                .unseen
                .map(|code| media::unseen_sentence(&code).to_owned()),
            known: upload.known.map(|id| id.to_string()),
            alike: upload.alike.iter().map(ToString::to_string).collect(),
            offered_place: upload.offer.place.map(|place| OfferedPlace {
                name: place.name,
                latitude: place.latitude,
                longitude: place.longitude,
            }),
            offered_time: upload.offer.taken_at.map(TakenAt::format),
        }
    }
}

impl Command for ListInbox {
    const NAME: &'static str = "inbox.list";
    const ABOUT: &'static str = "List what visitors sent and what waits for your word";
    type Reply = InboxList;

    fn run(self, node: &Arc<Node>) -> Result<InboxList, NodeError> {
        let link = self.link.as_deref().map(id).transpose()?;
        let groups = node.library.inbox(link)?;
        let groups: Vec<InboxGroup> = groups.into_iter().map(InboxGroup::from).collect();
        let uploads = || groups.iter().flat_map(|group| &group.uploads);
        Ok(InboxList {
            waiting: uploads().count() as u64,
            bytes: uploads().map(|upload| upload.bytes).sum(),
            groups,
        })
    }

    fn text(reply: &InboxList) -> String {
        if reply.groups.is_empty() {
            return "Nothing waits in the inbox. Visitors may add photos through a link with \
                    --upload."
                .to_owned();
        }
        let mut lines = Vec::new();
        for group in &reply.groups {
            let who = match group.name.as_str() {
                "" => "someone",
                name => name,
            };
            let through = match group.title.as_str() {
                "" => "a link".to_owned(),
                title => format!("«{title}»"),
            };
            lines.push(format!("From {who}, through {through}:"));
            lines.extend(group.uploads.iter().map(row));
        }
        lines.join("\n")
    }
}

fn row(upload: &InboxUpload) -> String {
    let mut facts = vec![library::size(upload.bytes)];
    if upload.known.is_some() {
        facts.push("in the library already".to_owned());
    }
    if !upload.alike.is_empty() {
        facts.push("looks like a photo of the library".to_owned());
    }
    if upload.unseen.is_some() {
        facts.push("cannot be previewed".to_owned());
    }
    if let Some(place) = &upload.offered_place {
        facts.push(format!("perhaps taken at {}", place.name));
    }
    format!("  {}  {}  {}", upload.id, upload.name, facts.join(", "))
}

impl Command for AcceptUploads {
    const NAME: &'static str = "inbox.accept";
    const ABOUT: &'static str = "Take what visitors sent into the library and their link's album";
    type Reply = Accepted;

    fn run(self, node: &Arc<Node>) -> Result<Accepted, NodeError> {
        let ids = ids(&self.ids)?;
        let job = node.jobs.begin("accept");
        let done = node
            .library
            .accept(&ids, self.fill, &|progress| job.go_on(progress));
        node.jobs.finish(&job, None);
        let done = done?;
        node.render_waiting();
        Ok(Accepted {
            accepted: done.accepted,
            known: done.known,
            assets: done.assets.iter().map(ToString::to_string).collect(),
            failures: done
                .failures
                .into_iter()
                .map(|(id, message)| NotAccepted {
                    id: id.to_string(),
                    message,
                })
                .collect(),
        })
    }

    fn text(reply: &Accepted) -> String {
        let mut lines = vec![match (reply.accepted, reply.known) {
            (1, 0) => "1 file is in the library.".to_owned(),
            (files, 0) => format!("{files} files are in the library."),
            (files, known) => {
                format!("{files} files are in the library; {known} of them were there before.")
            }
        }];
        let failures = reply.failures.iter();
        lines.extend(failures.map(|failure| format!("  {}\n    {}", failure.id, failure.message)));
        lines.join("\n")
    }

    fn outcome(reply: &Accepted) -> Outcome {
        match (reply.failures.is_empty(), reply.accepted) {
            (true, _) => Outcome::Done,
            (false, 0) => Outcome::Failed,
            (false, _) => Outcome::InPart,
        }
    }
}

impl Command for RejectUploads {
    const NAME: &'static str = "inbox.reject";
    const ABOUT: &'static str = "Remove what visitors sent; for seven days that can be undone";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        node.library.reject(&ids(&self.ids)?)?;
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        "Rejected; `albumen undo` brings it back into the inbox.".to_owned()
    }
}

impl Command for WriteUpload {
    const NAME: &'static str = "inbox.write";
    const ABOUT: &'static str = "Write a file of the inbox, or a picture of it, to look at";
    type Reply = Written;

    fn prepare(mut self) -> Result<Self, NodeError> {
        self.to = std::path::absolute(&self.to)?;
        Ok(self)
    }

    fn run(self, node: &Arc<Node>) -> Result<Written, NodeError> {
        let what = match self.rendition {
            SentRendition::Original => What::Download,
            SentRendition::Preview => What::Rendition(Rendition::Preview),
            SentRendition::Thumbnail => What::Rendition(Rendition::Thumbnail),
        };
        let mut served = node.library.inbox_bytes(id(&self.id)?, what)?;
        let to: &Path = &self.to;
        let bytes = write_whole(&mut served.body, to, false)?;
        Ok(Written::new(to, bytes, served.mime))
    }

    fn text(reply: &Written) -> String {
        super::asset::WriteAsset::text(reply)
    }
}
