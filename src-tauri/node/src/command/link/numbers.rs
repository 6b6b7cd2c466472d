//! What visitors did with a link.

use std::sync::Arc;

use clap::Args;
use library::rfc3339;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::command::{Command, id};
use crate::{Node, NodeError};

/// Arguments of `link numbers`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct LinkNumbers {
    /// The link's id
    id: String,
}

/// What visitors did on one day.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(rename = "LinkDay")]
pub struct Day {
    /// `2026-05-03`, by Greenwich.
    day: String,
    /// Openings by people.
    visits: u64,
    /// Photos and videos looked at.
    photos: u64,
    /// Files downloaded.
    downloads: u64,
    /// Files sent.
    uploads: u64,
    /// Comments written that still stand.
    comments: u64,
    /// Likes given that were not taken back.
    likes: u64,
}

/// One visit; no address is kept.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(rename = "LinkVisit")]
pub struct Visit {
    began_at: String,
    last_at: String,
    /// «Safari on an iPhone», as far as the browser tells.
    device: String,
    photos: u64,
    downloads: u64,
    uploads: u64,
}

/// Answer to `link numbers`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Numbers {
    /// Oldest first; days on which nothing was done are left out.
    days: Vec<Day>,
    /// The last two hundred, newest first.
    visits: Vec<Visit>,
}

impl Command for LinkNumbers {
    const NAME: &'static str = "link.numbers";
    const ABOUT: &'static str = "Show how often a link was opened, by day, and the last visits";
    type Reply = Numbers;

    fn run(self, node: &Arc<Node>) -> Result<Numbers, NodeError> {
        let tally = node.library.tally(id(&self.id)?)?;
        let day = |day: library::Day| Day {
            day: rfc3339(day.begins_at)
                .get(..10)
                .unwrap_or_default()
                .to_owned(),
            visits: day.visits,
            photos: day.photos,
            downloads: day.downloads,
            uploads: day.uploads,
            comments: day.comments,
            likes: day.likes,
        };
        let visit = |seen: library::Seen| Visit {
            began_at: rfc3339(seen.began_at),
            last_at: rfc3339(seen.last_at),
            device: seen.device,
            photos: seen.photos,
            downloads: seen.downloads,
            uploads: seen.uploads,
        };
        Ok(Numbers {
            days: tally.days.into_iter().map(day).collect(),
            visits: tally.visits.into_iter().map(visit).collect(),
        })
    }

    fn text(reply: &Numbers) -> String {
        if reply.days.is_empty() {
            return "Nobody has opened this link yet.".to_owned();
        }
        let days = reply.days.iter().map(|day| {
            format!(
                "{}  {:>5} visits  {:>6} photos seen  {:>5} downloads  {:>5} uploads  \
                 {:>4} comments  {:>4} likes",
                day.day,
                day.visits,
                day.photos,
                day.downloads,
                day.uploads,
                day.comments,
                day.likes
            )
        });
        let visits = reply.visits.iter().map(|visit| {
            format!(
                "{}  {}: {} photos seen, {} downloads, {} uploads",
                visit
                    .last_at
                    .get(..16)
                    .unwrap_or_default()
                    .replace('T', " "),
                visit.device,
                visit.photos,
                visit.downloads,
                visit.uploads
            )
        });
        let rows: Vec<String> = days.chain([String::new()]).chain(visits).collect();
        rows.join("\n")
    }
}
