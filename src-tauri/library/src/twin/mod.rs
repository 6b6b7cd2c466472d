//! Twins: assets that look the same though their bytes differ, as copies do that a
//! messenger made smaller. They are found by their likeness (`compare`), listed in
//! groups with the one to keep, and become one only when the owner says so (`merge`).

mod compare;
mod merge;

use std::collections::HashMap;

use rusqlite::Connection;

use crate::asset::{self, Asset};
use crate::catalog::Write;
use crate::shelf::AT_HAND;
use crate::undo::photos;
use crate::{AssetId, Change, Cursor, Library, LibraryError};

pub(crate) use compare::{Known, forget, liken, turn};

/// Sizes that differ by less are the same: a program that cuts a few pixels off
/// makes no smaller picture of it.
const SAME_SIZE: f64 = 0.03;

/// Why one of a group is the one to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It has more pixels.
    Pixels,
    /// It is what the camera's sensor saw, in a RAW format.
    Raw,
    /// It has a live part.
    Live,
    /// It says when it was taken.
    Time,
    /// It says where it was taken.
    Place,
    /// Its file is larger, so less of it was lost to compression.
    Bytes,
    /// It came first; nothing else tells them apart.
    First,
}

/// Assets that look the same.
#[derive(Clone, Debug, PartialEq)]
pub struct TwinGroup {
    /// The one to keep first, the others as good as they are.
    pub assets: Vec<Asset>,
    /// Why the first is the one to keep.
    pub reason: Reason,
}

/// Some of the groups.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TwinPage {
    /// Those with the newest photos first.
    pub groups: Vec<TwinGroup>,
    /// Where the next page begins.
    pub next: Option<Cursor>,
}

/// A pair of twins, and the newest of the two.
struct Pair {
    one: AssetId,
    other: AssetId,
    newest: Cursor,
}

impl Library {
    /// A page of groups of assets that look the same, newest first. What lies in the
    /// trash or is locked is in none, and neither is what the owner told apart.
    pub fn twins(&self, limit: u32, after: Option<Cursor>) -> Result<TwinPage, LibraryError> {
        let limit = limit.clamp(1, 500) as usize;
        self.catalog.read(|conn| {
            // Pairs and what is known of them are of one moment.
            let conn = conn.unchecked_transaction()?;
            let families: Vec<(Cursor, Vec<Pair>)> = families(pairs(&conn)?)
                .into_iter()
                .filter(|(newest, _)| after.is_none_or(|after| place(newest) < place(&after)))
                .take(limit + 1)
                .collect();
            let mut page = TwinPage::default();
            if families.len() > limit {
                page.next = families.get(limit - 1).map(|(newest, _)| *newest);
            }
            for (_, pairs) in families.iter().take(limit) {
                page.groups.extend(groups(&conn, pairs)?);
            }
            Ok(page)
        })
    }

    /// Notes for good that these assets are no copies of each other.
    ///
    /// # Errors
    /// [`LibraryError::Wrong`] when no two of them look the same.
    pub fn tell_apart(&self, assets: &[AssetId]) -> Result<(), LibraryError> {
        let assets = assets.to_vec();
        self.catalog.write(move |write| {
            write.record_undo(&format!("{} told apart", photos(assets.len())))?;
            for asset in &assets {
                asset::check_known(write.conn(), *asset)?;
            }
            let mut told = 0;
            for (one, other) in each_pair(&assets) {
                told += write
                    .conn()
                    .prepare_cached(
                        "UPDATE twin SET apart_for_good = 1 WHERE one = ?1 AND other = ?2",
                    )?
                    .execute((one, other))?;
            }
            if told == 0 {
                return Err(LibraryError::wrong(
                    "No two of these photos are listed as duplicates.",
                ));
            }
            write.announce(Change::Twins);
            Ok(())
        })
    }
}

fn place(cursor: &Cursor) -> (i64, i64) {
    (cursor.sorted_at, cursor.seq)
}

/// All pairs of what is at hand, but those that were told apart.
fn pairs(conn: &Connection) -> Result<Vec<Pair>, LibraryError> {
    let at_hand = |name: &str| AT_HAND.replace("asset.", &format!("{name}."));
    Ok(conn
        .prepare_cached(&format!(
            "SELECT twin.one, twin.other, a.sorted_at, a.seq, b.sorted_at, b.seq
               FROM twin JOIN asset AS a ON a.id = twin.one JOIN asset AS b ON b.id = twin.other
              WHERE NOT twin.apart_for_good AND {} AND {}",
            at_hand("a"),
            at_hand("b"),
        ))?
        .query_map([], |row| {
            let cursor = |sorted_at, seq| -> rusqlite::Result<Cursor> {
                Ok(Cursor {
                    sorted_at: row.get(sorted_at)?,
                    seq: row.get(seq)?,
                })
            };
            let (one, other) = (cursor(2, 3)?, cursor(4, 5)?);
            Ok(Pair {
                one: row.get(0)?,
                other: row.get(1)?,
                newest: if place(&one) > place(&other) {
                    one
                } else {
                    other
                },
            })
        })?
        .collect::<Result<_, _>>()?)
}

/// Pairs that hang together by those they share, the newest first.
fn families(pairs: Vec<Pair>) -> Vec<(Cursor, Vec<Pair>)> {
    let mut above: HashMap<AssetId, AssetId> = HashMap::new();
    fn root(above: &mut HashMap<AssetId, AssetId>, of: AssetId) -> AssetId {
        let mut at = of;
        while let Some(next) = above.get(&at).copied().filter(|next| *next != at) {
            // Halving the way keeps it short.
            let farther = above.get(&next).copied().unwrap_or(next);
            above.insert(at, farther);
            at = farther;
        }
        at
    }
    for pair in &pairs {
        let (one, other) = (root(&mut above, pair.one), root(&mut above, pair.other));
        above.entry(one).or_insert(one);
        above.insert(other, one);
    }
    let mut families: HashMap<AssetId, Vec<Pair>> = HashMap::new();
    for pair in pairs {
        let root = root(&mut above, pair.one);
        families.entry(root).or_default().push(pair);
    }
    let mut families: Vec<(Cursor, Vec<Pair>)> = families
        .into_values()
        .filter_map(|pairs| {
            let newest = pairs.iter().map(|pair| pair.newest).max_by_key(place)?;
            Some((newest, pairs))
        })
        .collect();
    families.sort_by_key(|(newest, _)| std::cmp::Reverse(place(newest)));
    families
}

/// The groups of a family: the best asset and those that look like it, and the same
/// of what is left. So a row of photos, each a little unlike the last, is not one.
fn groups(conn: &Connection, pairs: &[Pair]) -> Result<Vec<TwinGroup>, LibraryError> {
    let mut left: Vec<AssetId> = pairs
        .iter()
        .flat_map(|pair| [pair.one, pair.other])
        .collect();
    left.sort();
    left.dedup();
    let mut left = left
        .into_iter()
        .map(|id| asset::find(conn, id))
        .collect::<Result<Vec<Asset>, _>>()?;
    left.sort_by(best_first);
    let are_twins = |a: AssetId, b: AssetId| {
        let (one, other) = (a.min(b), a.max(b));
        pairs
            .iter()
            .any(|pair| (pair.one, pair.other) == (one, other))
    };
    let mut groups = Vec::new();
    while !left.is_empty() {
        let best = left.remove(0);
        let (alike, others): (Vec<Asset>, Vec<Asset>) = left
            .into_iter()
            .partition(|asset| are_twins(best.id, asset.id));
        left = others;
        if let Some(second) = alike.first() {
            groups.push(TwinGroup {
                reason: reason(&best, second),
                assets: std::iter::once(best).chain(alike).collect(),
            });
        }
    }
    Ok(groups)
}

/// What speaks for an asset, the weightiest first.
fn merits(asset: &Asset) -> [(Reason, i64); 7] {
    let is_raw = asset.mime.starts_with("image/x-");
    [
        (Reason::Pixels, size_class(asset)),
        (Reason::Raw, is_raw.into()),
        (Reason::Live, asset.motion.is_some().into()),
        (Reason::Time, asset.taken_at.is_some().into()),
        (Reason::Place, asset.latitude.is_some().into()),
        (
            Reason::Bytes,
            i64::try_from(asset.bytes).unwrap_or(i64::MAX),
        ),
        (Reason::First, -asset.seq),
    ]
}

/// How large a picture is, in steps of [`SAME_SIZE`].
fn size_class(asset: &Asset) -> i64 {
    let pixels = f64::from(asset.width) * f64::from(asset.height);
    (pixels.max(1.0).ln() / SAME_SIZE.ln_1p()).round() as i64
}

fn best_first(one: &Asset, other: &Asset) -> std::cmp::Ordering {
    merits(other)
        .map(|(_, merit)| merit)
        .cmp(&merits(one).map(|(_, merit)| merit))
}

/// The first thing in which the best one is better than the next.
fn reason(best: &Asset, second: &Asset) -> Reason {
    merits(best)
        .into_iter()
        .zip(merits(second))
        .find(|((_, ours), (_, theirs))| ours != theirs)
        .map_or(Reason::First, |((reason, _), _)| reason)
}

/// Every two of these, as their row has them.
fn each_pair(assets: &[AssetId]) -> impl Iterator<Item = (AssetId, AssetId)> {
    assets.iter().enumerate().flat_map(move |(place, one)| {
        assets
            .iter()
            .skip(place + 1)
            .map(move |other| (*one.min(other), *one.max(other)))
    })
}

/// Whether an asset looks like any of these.
fn is_twin_of_any(write: &Write<'_>, one: AssetId, of: &[AssetId]) -> Result<bool, LibraryError> {
    let mut find = write
        .conn()
        .prepare_cached("SELECT 1 FROM twin WHERE one = ?1 AND other = ?2")?;
    for other in of {
        if find.exists((one.min(*other), one.max(*other)))? {
            return Ok(true);
        }
    }
    Ok(false)
}
