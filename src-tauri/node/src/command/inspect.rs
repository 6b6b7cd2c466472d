//! What a link gives away, and what to think of before something is shared.

use std::sync::Arc;

use clap::Args;
use library::{Concerns, Inspection, LinkOf, Pages};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use web::Reader;

use super::{Command, Outcome, counted, id, ids};
use crate::{Node, NodeError};

/// Arguments of `link check`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct CheckLink {
    /// The link's id
    id: String,
}

/// Arguments of `link concerns`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[group(required = true, multiple = false)]
#[ts(optional_fields)]
pub struct LinkConcerns {
    /// What this album shows
    #[arg(long)]
    album: Option<String>,
    /// These photos
    #[arg(long, num_args = 1..)]
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    assets: Vec<String>,
    /// What this link shows
    #[arg(long)]
    link: Option<String>,
}

/// A photo that tells something.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TellingPhoto {
    asset: String,
    /// Its file name.
    name: String,
    /// `location`, `serial`, `camera`, `name`, `time`, `caption`.
    what: Vec<String>,
}

/// Answer to `link check`. All but the first five and the last three count files and
/// pages that tell such a thing.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LinkCheck {
    /// Whether the link is to hide all that.
    hides: bool,
    /// Photos and videos looked at.
    photos: u64,
    /// Files that were read of them, as visitors get them.
    files: u64,
    /// Pages that were read, as visitors read them.
    pages: u64,
    /// Bytes that were read.
    bytes: u64,
    locations: u64,
    serials: u64,
    cameras: u64,
    names: u64,
    times: u64,
    captions: u64,
    /// Files that could not be read now.
    unread: u64,
    /// Up to twenty photos that tell something.
    telling: Vec<TellingPhoto>,
    /// It was stopped before its end.
    cancelled: bool,
}

/// Answer to `link concerns`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SharingConcerns {
    /// The album's title; empty for photos.
    title: String,
    /// Photos and videos that would be shown.
    photos: u64,
    /// How many of them are videos.
    videos: u64,
    /// The first of them, in the order in which visitors see them.
    first: Vec<String>,
    /// How many of them were taken where most of the library's were: at home.
    at_home: u64,
    /// How many of them look like writing or are pictures of a screen: a hint, no more.
    documents: u64,
    /// How many of them are archived.
    archived: u64,
    /// How many further ones are locked and so not shown; 0 while locked photos are
    /// closed.
    locked: u64,
}

impl LinkCheck {
    fn of(found: Inspection, hides: bool) -> LinkCheck {
        LinkCheck {
            hides,
            photos: found.photos,
            files: found.files,
            pages: found.pages,
            bytes: found.bytes,
            locations: found.locations,
            serials: found.serials,
            cameras: found.cameras,
            names: found.names,
            times: found.times,
            captions: found.captions,
            unread: found.unread,
            telling: found
                .telling
                .into_iter()
                .map(|photo| TellingPhoto {
                    asset: photo.asset.to_string(),
                    name: photo.name,
                    what: photo.what.into_iter().map(str::to_owned).collect(),
                })
                .collect(),
            cancelled: found.cancelled,
        }
    }
}

impl Command for CheckLink {
    const NAME: &'static str = "link.check";
    const ABOUT: &'static str =
        "Read all that a link's visitors get, and count what it tells beside the pictures";
    type Reply = LinkCheck;

    fn run(self, node: &Arc<Node>) -> Result<LinkCheck, NodeError> {
        let link = node.library.link(id(&self.id)?)?;
        let reader = Reader::new(&node.library, link.id)?;
        let pages = Pages {
            read: &|rest| node.runtime.block_on(reader.read(rest)),
            day: &Reader::day,
            at_once: Reader::AT_ONCE,
        };
        let job = node.jobs.begin("inspect");
        let found = node
            .library
            .inspect_link(link.id, &pages, &|progress| job.go_on(progress));
        node.jobs.finish(&job, None);
        Ok(LinkCheck::of(found?, !link.show_metadata))
    }

    fn text(reply: &LinkCheck) -> String {
        let counts = [
            (reply.locations, "location"),
            (reply.serials, "serial"),
            (reply.cameras, "camera"),
            (reply.names, "name"),
            (reply.times, "time"),
            (reply.captions, "caption"),
        ]
        .map(|(count, one)| counted(count, one, &format!("{one}s")));
        let mut lines = vec![format!(
            "{} and {} of {} checked: {}.",
            counted(reply.files, "file", "files"),
            counted(reply.pages, "page", "pages"),
            counted(reply.photos, "photo", "photos"),
            counts.join(", ")
        )];
        let telling = reply.telling.iter();
        lines.extend(telling.map(|photo| format!("  {}: {}", photo.name, photo.what.join(", "))));
        if reply.unread > 0 {
            lines.push(match reply.unread {
                1 => "1 file or page could not be read now.".to_owned(),
                unread => format!("{unread} files or pages could not be read now."),
            });
        }
        if reply.cancelled {
            lines.push("It was stopped before its end.".to_owned());
        }
        lines.join("\n")
    }

    fn outcome(reply: &LinkCheck) -> Outcome {
        match reply.cancelled || reply.unread > 0 || (reply.hides && !reply.telling.is_empty()) {
            true => Outcome::InPart,
            false => Outcome::Done,
        }
    }
}

impl Command for LinkConcerns {
    const NAME: &'static str = "link.concerns";
    const ABOUT: &'static str =
        "Tell what to think of before an album or photos are shared, or a link shows more";
    type Reply = SharingConcerns;

    fn run(self, node: &Arc<Node>) -> Result<SharingConcerns, NodeError> {
        let of = match (&self.link, &self.album) {
            (Some(link), _) => node.library.link_of(id(link)?)?,
            (None, Some(album)) => LinkOf::Album(id(album)?),
            (None, None) => LinkOf::Assets(ids(&self.assets)?),
        };
        let Concerns {
            title,
            photos,
            videos,
            first,
            at_home,
            documents,
            archived,
            locked,
        } = node.library.sharing_concerns(&of)?;
        Ok(SharingConcerns {
            title,
            photos,
            videos,
            first: first.iter().map(ToString::to_string).collect(),
            at_home,
            documents,
            archived,
            locked,
        })
    }

    fn text(reply: &SharingConcerns) -> String {
        let mut lines = vec![format!(
            "{} would be shown.",
            counted(reply.photos, "photo", "photos")
        )];
        for (count, what) in [
            (reply.at_home, "taken where most of your photos were taken"),
            (reply.documents, "perhaps documents or pictures of a screen"),
            (reply.archived, "archived"),
            (reply.locked, "locked, and not shown"),
        ] {
            if count > 0 {
                lines.push(format!("{}: {what}.", counted(count, "photo", "photos")));
            }
        }
        lines.join("\n")
    }
}
