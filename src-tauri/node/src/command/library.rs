//! The library as a whole: who it belongs to, what it holds.

use std::sync::Arc;

use clap::Args;
use library::rfc3339;
use media::{Decoder, Losses};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Command;
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

/// Someone or something with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Its name; empty until given.
    pub name: String,
}

impl Named {
    pub(super) fn new(id: impl ToString, name: String) -> Named {
        Named {
            id: id.to_string(),
            name,
        }
    }

    /// The name, or words for one that was not given.
    pub(super) fn shown(&self) -> &str {
        match self.name.trim() {
            "" => "somebody",
            name => name,
        }
    }
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
    /// What visitors sent through links of other machines that are served here, and waits
    /// for those.
    passing: Vec<Passing>,
    jobs: Vec<Job>,
}

/// Files that wait for another machine.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Passing {
    /// The machine whose links they came through.
    home: Named,
    /// How many that visitors sent.
    uploads: u64,
    /// How many photos that members put into its albums.
    parcels: u64,
}

impl Passing {
    fn all(node: &Node) -> Result<Vec<Passing>, NodeError> {
        let hostings = node.library.hostings()?.into_iter();
        hostings
            .filter(|hosting| hosting.uploads + hosting.parcels > 0)
            .map(|hosting| {
                Ok(Passing {
                    home: Named::new(hosting.home, node.library.peer(hosting.home)?.name),
                    uploads: hosting.uploads,
                    parcels: hosting.parcels,
                })
            })
            .collect()
    }

    fn line(&self) -> String {
        let name = self.home.shown();
        let of = |count: u64, what: &str| match count {
            0 => String::new(),
            count => format!("\n{what} wait here for «{name}»: {count}"),
        };
        of(self.uploads, "Files that visitors sent") + &of(self.parcels, "Photos for albums")
    }
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

pub(super) fn named(identity: library::Identity) -> (Named, Named) {
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
            passing: Passing::all(node)?,
            jobs: node.jobs.list(),
        })
    }

    fn text(reply: &Status) -> String {
        let sharing = match &reply.sharing.address {
            Some(address) => format!("on, at {address}"),
            None => "off".to_owned(),
        };
        let wrong = match &reply.sharing.problem {
            Some(problem) => format!("\n         {problem}"),
            None => String::new(),
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
        let passing: String = reply.passing.iter().map(Passing::line).collect();
        format!(
            "Library  {}\nPhotos   {}{aside}\nAlbums   {}\nLinks    {}\nSharing  {sharing}{wrong}\n\
             Decoders {}{videos}\nBackup   {backup}{damaged}{passing}",
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
