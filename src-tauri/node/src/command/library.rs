//! The library as a whole: who it belongs to, what it holds, its timeline.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use library::{GridQuery, rfc3339};
use media::{Decoder, Losses};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Command;
use super::search::Wanted;
use crate::{Job, Node, NodeError, Sharing};

/// Arguments of `status`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ShowStatus {}

/// Arguments of `init`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct Init {
    /// Your name, as those you share with see it
    #[arg(long)]
    person: Option<String>,
    /// This machine's name
    #[arg(long)]
    device: Option<String>,
}

/// Arguments of `timeline`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ShowTimeline {}

/// Arguments of `grid`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct ShowGrid {
    /// Only the photos found by these words
    #[arg(long)]
    query: Option<String>,
    #[command(flatten)]
    #[serde(flatten)]
    #[ts(flatten)]
    wanted: Wanted,
    /// The first row, counted from 0
    #[arg(long)]
    first: Option<u64>,
    /// At most this many rows
    #[arg(long)]
    count: Option<u32>,
}

/// Someone or something with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Its name; empty until given.
    pub name: String,
}

/// Answer to `init`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Identity {
    /// The library's folder.
    library: String,
    person: Named,
    device: Named,
}

/// Answer to `status`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Status {
    /// Albumen's own version.
    version: String,
    /// The library's folder.
    library: String,
    person: Named,
    device: Named,
    /// Photos and videos of the timeline.
    assets: u64,
    archived: u64,
    trashed: u64,
    albums: u64,
    /// Links that open.
    links: u64,
    sharing: Sharing,
    decoders: Decoders,
    /// Why videos cannot be shown here, and what to do about it: a sentence;
    /// null when they can.
    videos: Option<String>,
    /// When the newest backup was made: RFC 3339; null when there is none.
    backed_up_at: Option<String>,
    /// Originals that were found damaged; `doctor` names them.
    damaged: u64,
    jobs: Vec<Job>,
}

/// The processes that open pictures, kept apart from everything else.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Decoders {
    /// Whether they are held well enough for visitors' files to be opened.
    confined: bool,
    /// What holds them, in words; or why none could be started.
    confinement: String,
    /// How many crashed since this node began.
    crashed: u64,
    /// How many took too long and were ended.
    too_long: u64,
}

impl Decoders {
    fn of(decoder: &Decoder) -> Decoders {
        let Losses { died, timed_out } = decoder.losses();
        let (confined, confinement) = match decoder.confinement() {
            Ok(confinement) => (confinement.is_full(), confinement.to_string()),
            Err(error) => (false, error.to_string()),
        };
        Decoders {
            confined,
            confinement,
            crashed: died,
            too_long: timed_out,
        }
    }

    fn line(&self) -> String {
        let mut line = self.confinement.clone();
        if !self.confined {
            line.push_str("; visitors' files are refused");
        }
        if self.crashed + self.too_long > 0 {
            let (crashed, too_long) = (self.crashed, self.too_long);
            line.push_str(&format!("; {crashed} crashed, {too_long} took too long"));
        }
        line
    }
}

/// A month and how many assets it has.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MonthCount {
    /// `2026-05`
    month: String,
    count: u64,
}

/// Answer to `timeline`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Timeline {
    /// Newest first.
    months: Vec<MonthCount>,
}

/// Answer to `grid`: columns of equal length.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Grid {
    ids: Vec<String>,
    /// Width over height, three decimals.
    ratios: Vec<f64>,
    /// What they are sorted by: wall clock, milliseconds as if UTC.
    times: Vec<i64>,
    /// Base64; empty until the thumbnail is made.
    thumbhashes: Vec<String>,
    /// Indices of favourites.
    favorites: Vec<u32>,
    /// Indices of videos.
    videos: Vec<u32>,
    /// Milliseconds, one for each of `videos`; 0 when unknown.
    durations: Vec<u32>,
    /// Indices of photos with a live part.
    motions: Vec<u32>,
    /// Indices of what cannot be previewed.
    unseen: Vec<u32>,
}

fn named(identity: library::Identity) -> (Named, Named) {
    (
        Named {
            id: identity.person.to_string(),
            name: identity.person_name,
        },
        Named {
            id: identity.device.to_string(),
            name: identity.device_name,
        },
    )
}

impl Command for ShowStatus {
    const NAME: &'static str = "status";
    const ABOUT: &'static str = "Show what the library holds and what is going on";
    type Reply = Status;

    fn run(self, node: &Arc<Node>) -> Result<Status, NodeError> {
        let (person, device) = named(node.library.identity()?);
        let counts = node.library.counts()?;
        Ok(Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            library: node.folder().display().to_string(),
            person,
            device,
            assets: counts.assets,
            archived: counts.archived,
            trashed: counts.trashed,
            albums: counts.albums,
            links: counts.links,
            sharing: node.runtime.block_on(node.listener.show(&node.library))?,
            decoders: Decoders::of(&node.decoder),
            videos: node
                .decoder
                .reads_videos()
                .err()
                .map(|error| error.to_string()),
            backed_up_at: node
                .library
                .backups()?
                .first()
                .map(|backup| rfc3339(backup.made_at)),
            damaged: node.library.damaged_files()?,
            jobs: node.jobs.list(),
        })
    }

    fn text(reply: &Status) -> String {
        let sharing = match &reply.sharing.address {
            Some(address) => format!("on, at {address}"),
            None => "off".to_owned(),
        };
        let videos = match &reply.videos {
            Some(sentence) => format!("\nVideos   {sentence}"),
            None => String::new(),
        };
        let aside = match (reply.archived, reply.trashed) {
            (0, 0) => String::new(),
            (archived, trashed) => format!(", and {archived} archived, {trashed} in the trash"),
        };
        let backup = reply.backed_up_at.as_deref().unwrap_or("none yet");
        let damaged = match reply.damaged {
            0 => String::new(),
            count => format!("\nDamaged  {count} originals; `albumen doctor` names them"),
        };
        format!(
            "Library  {}\nPhotos   {}{aside}\nAlbums   {}\nLinks    {}\nSharing  {sharing}\n\
             Decoders {}{videos}\nBackup   {backup}{damaged}",
            reply.library,
            reply.assets,
            reply.albums,
            reply.links,
            reply.decoders.line()
        )
    }
}

impl Command for Init {
    const NAME: &'static str = "init";
    const ABOUT: &'static str = "Make the library, or name its person and this machine";
    type Reply = Identity;

    fn run(self, node: &Arc<Node>) -> Result<Identity, NodeError> {
        let (person, device) = named(node.library.rename(self.person, self.device)?);
        Ok(Identity {
            library: node.folder().display().to_string(),
            person,
            device,
        })
    }

    fn text(reply: &Identity) -> String {
        format!(
            "The library is in {}, on {}.",
            reply.library, reply.device.name
        )
    }
}

impl Command for ShowTimeline {
    const NAME: &'static str = "timeline";
    const ABOUT: &'static str = "Count the photos of each month";
    type Reply = Timeline;

    fn run(self, node: &Arc<Node>) -> Result<Timeline, NodeError> {
        let months = node.library.months()?;
        Ok(Timeline {
            months: months
                .into_iter()
                .map(|month| MonthCount {
                    month: format!("{:04}-{:02}", month.year, month.month),
                    count: month.count,
                })
                .collect(),
        })
    }

    fn text(reply: &Timeline) -> String {
        let rows: Vec<String> = reply
            .months
            .iter()
            .map(|row| format!("{}  {:>6}", row.month, row.count))
            .collect();
        rows.join("\n")
    }
}

impl Command for ShowGrid {
    const NAME: &'static str = "grid";
    const ABOUT: &'static str = "List the timeline, or an album, as columns for a grid";
    type Reply = Grid;

    fn run(self, node: &Arc<Node>) -> Result<Grid, NodeError> {
        let is_search = self.query.is_some();
        let mut filter = self.wanted.filter(self.query)?;
        if filter.album.is_none() && !is_search {
            filter.shelf.get_or_insert_default();
        }
        let grid = node.library.grid(&GridQuery {
            filter,
            first: self.first.unwrap_or(0),
            count: self.count,
        })?;
        Ok(Grid {
            ids: grid.ids.iter().map(ToString::to_string).collect(),
            ratios: grid
                .ratios
                .iter()
                .map(|ratio| (ratio * 1_000.0).round() / 1_000.0)
                .collect(),
            times: grid.times,
            thumbhashes: grid
                .thumbhashes
                .iter()
                .map(|hash| STANDARD.encode(hash))
                .collect(),
            favorites: grid.favorites,
            videos: grid.videos,
            durations: grid.durations,
            motions: grid.motions,
            unseen: grid.unseen,
        })
    }

    fn text(reply: &Grid) -> String {
        reply.ids.join("\n")
    }
}
