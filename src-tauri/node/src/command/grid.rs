//! Grids: how many photos each month has, their columns for scripts, and for the
//! window parts of them, laid out and packed (`packed`).

mod packed;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use library::{Filter, GridQuery};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use super::Command;
use super::search::Wanted;
use crate::geometry::{self, Part, Shape};
use crate::{Node, NodeError};

/// Which photos a grid has.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct Gathered {
    /// Only the photos found by these words
    #[arg(long)]
    query: Option<String>,
    #[command(flatten)]
    #[serde(flatten)]
    #[ts(flatten)]
    wanted: Wanted,
}

/// Arguments of `timeline`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ShowTimeline {
    #[command(flatten)]
    #[serde(flatten)]
    #[ts(flatten)]
    gathered: Gathered,
}

/// Arguments of `grid`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct ShowGrid {
    #[command(flatten)]
    #[serde(flatten)]
    #[ts(flatten)]
    gathered: Gathered,
    /// The first row, counted from 0
    #[arg(long)]
    first: Option<u64>,
    /// At most this many rows
    #[arg(long)]
    count: Option<u32>,
}

/// What the window asks for: some rows of a grid, packed.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct ShowChunk {
    #[serde(flatten)]
    #[ts(flatten)]
    gathered: Gathered,
    /// The first row, counted from 0.
    first: u64,
    /// At most this many rows.
    count: u32,
    /// How they are laid out; null to be told their ids alone.
    shape: Option<Shape>,
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

impl Gathered {
    fn filter(self, node: &Node) -> Result<Filter, NodeError> {
        let is_search = self.query.is_some();
        let mut filter = self.wanted.filter(node, self.query)?;
        let of_partner = filter.partner.is_some() || filter.partner_album.is_some();
        if filter.album.is_none() && filter.link.is_none() && !of_partner && !is_search {
            filter.shelf.get_or_insert_default();
        }
        Ok(filter)
    }
}

impl Command for ShowTimeline {
    const NAME: &'static str = "timeline";
    const ABOUT: &'static str = "Count the photos of each month";
    type Reply = Timeline;

    fn run(self, node: &Arc<Node>) -> Result<Timeline, NodeError> {
        let months = node.library.months_of(&self.gathered.filter(node)?)?;
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
        let grid = node.library.grid(&GridQuery {
            filter: self.gathered.filter(node)?,
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

/// Some rows of a grid, laid out and packed, or their ids alone: the one question
/// whose answer is not JSON. Blocks.
///
/// # Errors
/// The library's; `usage` for a payload that is none.
pub fn chunk(node: &Arc<Node>, payload: Value) -> Result<Vec<u8>, NodeError> {
    let asked: ShowChunk = serde_json::from_value(payload)
        .map_err(|error| NodeError::new("usage", format!("chunk: {error}.")))?;
    let filter = asked.gathered.filter(node)?;
    let Some(shape) = asked.shape else {
        let ids = node.library.grid_ids(&GridQuery {
            filter,
            first: asked.first,
            count: Some(asked.count),
        })?;
        return Ok(packed::ids(&ids));
    };
    // One row more at each end tells how the part joins its neighbours.
    let lead = asked.first.min(1);
    let mut grid = node.library.grid(&GridQuery {
        filter,
        first: asked.first - lead,
        count: Some(asked.count.saturating_add(1).saturating_add(lead as u32)),
    })?;
    let times = std::mem::take(&mut grid.times);
    let rows = packed::rows_between(times.len(), lead, asked.count);
    let before = rows.start.checked_sub(1).and_then(|row| times.get(row));
    let part = Part {
        ratios: grid.ratios.get(rows.clone()).unwrap_or_default(),
        times: times.get(rows.clone()).unwrap_or_default(),
        before: before.copied(),
        after: times.get(rows.end).copied(),
    };
    let layout = geometry::lay_out(part, &shape);
    Ok(packed::rows(&grid, part, rows, &layout))
}
