//! The off-site copy: where it is, how it stands, and running it.

mod local;
mod restore;
mod store;
mod verify;

use std::sync::Arc;

use clap::Args;
use library::{OffsitePlace, RecoveryKey, rfc3339, size};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Command, Done, Outcome};
use crate::offsite::{needed, store_at};
use crate::{Node, NodeError};
pub use local::KeepLocal;
pub use restore::RestoreOffsite;
use store::OffsiteStore;
pub use verify::VerifyOffsite;

/// How many names are listed to a person.
const NAMED: usize = 20;

/// Arguments of `offsite set`.
#[derive(Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct SetOffsite {
    #[command(flatten)]
    #[serde(flatten)]
    store: OffsiteStore,
    /// Minutes between two copies of a catalog that changes; 15 unless it is said
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    minutes: Option<u64>,
}

/// Arguments of `offsite status`: none.
#[derive(Args, Serialize, Deserialize, TS)]
pub struct ShowOffsite {}

/// Arguments of `offsite run`: none.
#[derive(Args, Serialize, Deserialize, TS)]
pub struct RunOffsite {}

/// Arguments of `offsite recovery-key`.
#[derive(Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct ShowRecoveryKey {
    /// Say that it is written down
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    noted: bool,
}

/// Arguments of `offsite end`: none.
#[derive(Args, Serialize, Deserialize, TS)]
pub struct EndOffsite {}

/// Answer to `offsite status`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OffsiteStatus {
    /// Whether there is an off-site copy.
    set: bool,
    endpoint: Option<String>,
    bucket: Option<String>,
    region: Option<String>,
    prefix: Option<String>,
    /// Minutes between two copies of a catalog that changes.
    minutes: Option<u64>,
    /// Whether the recovery key was said to be written down.
    noted: bool,
    /// Originals of the library, each once.
    files: u64,
    bytes: u64,
    /// Those that are at the store.
    copied: u64,
    copied_bytes: u64,
    /// Bytes that the store holds of originals.
    stored: u64,
    /// How many bytes of originals stay on this machine once the store has them; null for all.
    keep_local: Option<u64>,
    /// Originals that are on this machine.
    here: u64,
    here_bytes: u64,
    /// Those that are at the store alone.
    away: u64,
    away_bytes: u64,
    /// Those that are neither here nor, when it was looked, there.
    lost: u64,
    /// When the catalog was last copied (RFC 3339).
    catalog_at: Option<String>,
    /// Why the last run failed: a sentence.
    trouble: Option<String>,
}

/// Answer to `offsite set` and `offsite recovery-key`.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct RecoveryWords {
    /// The twelve words.
    words: String,
    /// Whether they were said to be written down.
    noted: bool,
}

/// Answer to `offsite run`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OffsiteRan {
    /// Originals that were copied.
    copied: u64,
    /// Bytes of those and of the catalog, as the store holds them.
    bytes: u64,
    /// Originals that could not be read here.
    failed: u64,
    cancelled: bool,
}

impl OffsiteStatus {
    fn read(node: &Node) -> Result<OffsiteStatus, NodeError> {
        let set = node.library.offsite()?;
        let counts = node.library.offsite_counts()?;
        let place = set.as_ref().map(|set| set.place.clone());
        let told = |of: fn(OffsitePlace) -> String| place.clone().map(of);
        Ok(OffsiteStatus {
            endpoint: told(|place| place.endpoint),
            bucket: told(|place| place.bucket),
            region: told(|place| place.region),
            prefix: told(|place| place.prefix),
            minutes: set.as_ref().map(|set| set.every),
            noted: set.as_ref().is_some_and(|set| set.noted),
            set: set.is_some(),
            files: counts.files,
            bytes: counts.bytes,
            copied: counts.copied,
            copied_bytes: counts.copied_bytes,
            stored: counts.stored,
            keep_local: node.library.keep_local()?,
            here: counts.files.saturating_sub(counts.away + counts.lost),
            here_bytes: counts.bytes.saturating_sub(counts.away_bytes),
            away: counts.away,
            away_bytes: counts.away_bytes,
            lost: counts.lost,
            catalog_at: node.library.offsite_catalog_at()?.map(rfc3339),
            trouble: node.offsite.trouble().map(|trouble| trouble.message),
        })
    }
}

impl OffsiteStatus {
    /// Where originals are, where not all are here.
    fn local_text(&self) -> Option<String> {
        let limit = match self.keep_local {
            Some(bytes) => format!("{} of originals stay on this machine", size(bytes)),
            None if self.away + self.lost == 0 => return None,
            None => "All originals are to be on this machine".to_owned(),
        };
        let lost = match self.lost {
            0 => String::new(),
            lost => {
                format!(" {lost} are neither here nor there; `albumen offsite verify` names them.")
            }
        };
        Some(format!(
            "{limit}: {} are here ({}), {} at the store alone ({}).{lost}",
            self.here,
            size(self.here_bytes),
            self.away,
            size(self.away_bytes)
        ))
    }
}

impl Command for SetOffsite {
    const NAME: &'static str = "offsite.set";
    const ABOUT: &'static str = "Keep an encrypted copy of the library at a store that speaks S3";
    type Reply = RecoveryWords;

    fn prepare(mut self) -> Result<Self, NodeError> {
        self.store = self.store.with_keys()?;
        Ok(self)
    }

    fn run(self, node: &Arc<Node>) -> Result<RecoveryWords, NodeError> {
        let before = node.library.offsite()?;
        let was = before
            .as_ref()
            .map(|was| (was.place.clone(), was.login.clone()));
        let (place, login) = self.store.settle(was)?;
        let folder = match &before {
            Some(before) => before.key.keys().folder().to_owned(),
            None => RecoveryKey::make().keys().folder().to_owned(),
        };
        store_at(&place, &login, &folder, &node.runtime)?.try_out()?;
        let _turn = node.offsite.turn();
        let set = node.library.set_offsite(&place, &login, self.minutes)?;
        node.offsite.hear(library::Change::Everything);
        Ok(RecoveryWords {
            words: set.key.words()?,
            noted: set.noted,
        })
    }

    fn text(reply: &RecoveryWords) -> String {
        let tried = "The store takes the copy; it is kept up while Albumen runs.";
        match reply.noted {
            true => tried.to_owned(),
            false => format!("{tried}\n{}", words_text(reply)),
        }
    }
}

fn words_text(reply: &RecoveryWords) -> String {
    format!(
        "The recovery key:\n\n  {}\n\nWrite it down and keep it away from this machine. With it and \
         the store's keys the library comes back on an empty machine; whoever has both can do \
         that. Without it nobody can.",
        reply.words
    )
}

impl Command for ShowOffsite {
    const NAME: &'static str = "offsite.status";
    const ABOUT: &'static str = "Say how the off-site copy stands";
    type Reply = OffsiteStatus;

    fn run(self, node: &Arc<Node>) -> Result<OffsiteStatus, NodeError> {
        OffsiteStatus::read(node)
    }

    fn text(reply: &OffsiteStatus) -> String {
        let (Some(endpoint), Some(bucket)) = (&reply.endpoint, &reply.bucket) else {
            return "There is no off-site copy; `albumen offsite set` begins one.".to_owned();
        };
        let mut lines = vec![
            format!("The off-site copy is in the bucket «{bucket}» at {endpoint}."),
            format!(
                "{} of {} originals are there ({} of {}).",
                reply.copied,
                reply.files,
                size(reply.copied_bytes),
                size(reply.bytes)
            ),
        ];
        lines.extend(reply.local_text());
        lines.push(match &reply.catalog_at {
            Some(at) => format!("The catalog was copied at {at}."),
            None => "The catalog was not copied yet.".to_owned(),
        });
        lines.extend(reply.trouble.clone());
        if !reply.noted {
            lines.push(
                "The recovery key is not written down yet: `albumen offsite recovery-key` shows \
                 it, and with --noted you say that it is."
                    .to_owned(),
            );
        }
        lines.join("\n")
    }

    fn outcome(reply: &OffsiteStatus) -> Outcome {
        match (&reply.trouble, reply.lost) {
            (None, 0) => Outcome::Done,
            _ => Outcome::InPart,
        }
    }
}

impl Command for RunOffsite {
    const NAME: &'static str = "offsite.run";
    const ABOUT: &'static str = "Copy now what is not at the off-site store yet, and the catalog";
    type Reply = OffsiteRan;

    fn run(self, node: &Arc<Node>) -> Result<OffsiteRan, NodeError> {
        let ran = node.copy_offsite_now(&needed(&node.library)?)?;
        Ok(OffsiteRan {
            copied: ran.originals.files,
            bytes: ran.originals.bytes + ran.catalog.unwrap_or(0),
            failed: ran.originals.failed,
            cancelled: ran.originals.cancelled,
        })
    }

    fn text(reply: &OffsiteRan) -> String {
        let mut lines = vec![format!(
            "{} originals were copied; {} were sent.",
            reply.copied,
            size(reply.bytes)
        )];
        if reply.failed > 0 {
            lines.push(format!(
                "{} could not be read here: they are away, gone or damaged. `albumen verify \
                 --read-data` says which.",
                reply.failed
            ));
        }
        if reply.cancelled {
            lines.push("It was stopped before its end; `albumen offsite run` goes on.".to_owned());
        }
        lines.join("\n")
    }

    fn outcome(reply: &OffsiteRan) -> Outcome {
        match reply.failed == 0 && !reply.cancelled {
            true => Outcome::Done,
            false => Outcome::InPart,
        }
    }
}

/// Some names, and how many more.
fn named(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let mut shown: Vec<String> = names.take(NAMED).collect();
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    shown.join(", ")
}

impl Command for ShowRecoveryKey {
    const NAME: &'static str = "offsite.recovery-key";
    const ABOUT: &'static str = "Show the words that bring the library back from the off-site copy";
    type Reply = RecoveryWords;

    fn run(self, node: &Arc<Node>) -> Result<RecoveryWords, NodeError> {
        let set = needed(&node.library)?;
        if self.noted {
            node.library.note_recovery_key()?;
        }
        Ok(RecoveryWords {
            words: set.key.words()?,
            noted: set.noted || self.noted,
        })
    }

    fn text(reply: &RecoveryWords) -> String {
        words_text(reply)
    }
}

impl Command for EndOffsite {
    const NAME: &'static str = "offsite.end";
    const ABOUT: &'static str = "Copy nothing off site any more; what is at the store stays there";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        needed(&node.library)?;
        let _turn = node.offsite.turn();
        node.library.end_offsite()?;
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        "Nothing is copied off site any more. What is at the store stays there; only the recovery \
         key that you wrote down opens it."
            .to_owned()
    }
}
