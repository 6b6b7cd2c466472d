//! What the neighbours of a photo say of what it lacks: where photos were taken about
//! the same time, and when the files beside it were.

use rusqlite::{Connection, OptionalExtension};

use super::Waiting;
use crate::lock::SEEN;
use crate::{LibraryError, TakenAt, place};

/// Photos within this time were taken about where this one was.
const NEAR_MS: i64 = 2 * 60 * 60 * 1_000;

/// What could be filled in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offer {
    /// Where the photo nearest in time was taken.
    pub place: Option<OfferedPlace>,
    /// When the file beside it was taken.
    pub taken_at: Option<TakenAt>,
}

/// A place that could be filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct OfferedPlace {
    /// The town; may be empty.
    pub name: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

/// What is offered for each of these, in their order.
pub(super) fn offers(conn: &Connection, waiting: &[Waiting]) -> Result<Vec<Offer>, LibraryError> {
    waiting
        .iter()
        .map(|one| {
            let taken_at = match one.upload.taken_at {
                Some(_) => None,
                None => beside(one, waiting),
            };
            let place = match (one.placed, one.upload.taken_at.or(taken_at)) {
                (false, Some(at)) => place_near(conn, at.local_ms)?,
                _ => None,
            };
            Ok(Offer { place, taken_at })
        })
        .collect()
}

/// The time of the same visitor's file that is next to this one by name.
fn beside(one: &Waiting, waiting: &[Waiting]) -> Option<TakenAt> {
    let mut timed: Vec<(&str, TakenAt)> = waiting
        .iter()
        .filter(|other| (other.link, other.visitor) == (one.link, one.visitor))
        .filter_map(|other| Some((other.upload.name.as_str(), other.upload.taken_at?)))
        .collect();
    timed.sort_by_key(|(name, _)| *name);
    let after = timed.partition_point(|(name, _)| *name <= one.upload.name.as_str());
    timed
        .get(after.saturating_sub(1))
        .or_else(|| timed.first())
        .map(|(_, taken)| *taken)
}

/// Where the placed photo nearest to this time was taken, if that is near enough.
fn place_near(conn: &Connection, local_ms: i64) -> Result<Option<OfferedPlace>, LibraryError> {
    let mut nearest: Option<(i64, f64, f64)> = None;
    for (comparison, order) in [
        ("BETWEEN ?1 - ?2 AND ?1", "DESC"),
        ("BETWEEN ?1 AND ?1 + ?2", "ASC"),
    ] {
        let found = conn
            .prepare_cached(&format!(
                "SELECT abs(sorted_at - ?1), latitude, longitude FROM asset
                  WHERE shelf = 'timeline' AND trashed_at IS NULL AND {SEEN}
                    AND sorted_at {comparison} AND taken_local IS NOT NULL
                    AND latitude IS NOT NULL AND longitude IS NOT NULL
                  ORDER BY sorted_at {order} LIMIT 1"
            ))?
            .query_row((local_ms, NEAR_MS), |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        nearest = match (nearest, found) {
            (Some(one), Some(other)) => Some(if one.0 <= other.0 { one } else { other }),
            (one, other) => one.or(other),
        };
    }
    Ok(nearest.map(|(_, latitude, longitude)| OfferedPlace {
        name: place::name(latitude, longitude).unwrap_or_default(),
        latitude,
        longitude,
    }))
}
