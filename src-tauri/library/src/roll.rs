//! What a link shows, in its order: read whole once, and again after any commit. So
//! a page of an album, a photo's neighbours and the counts cost the same at the
//! beginning and at the end of 20,000 photos. Bytes are never given out by a roll:
//! for those `access` asks the catalog itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::catalog::Catalog;
use crate::{AssetId, LibraryError, Spot, Totals};

/// So many are kept: one of 20,000 photos takes 640 kB.
const MOST: usize = 32;

/// All photos of an album or a selection that may be seen.
#[derive(Default)]
pub(crate) struct Roll {
    /// In the link's order.
    pub(crate) ids: Vec<AssetId>,
    /// How many.
    pub(crate) totals: Totals,
    /// The place of the first that can be previewed.
    pub(crate) first_seen: Option<usize>,
    /// When the earliest and the latest were taken, wall clock.
    pub(crate) span: Option<(i64, i64)>,
    /// Where they were taken, of those of which it is known.
    pub(crate) spots: Vec<Spot>,
}

/// A roll, and after how many commits it was read.
type Slot = Arc<Mutex<Option<(u64, Arc<Roll>)>>>;

/// The rolls of the links that were opened last.
#[derive(Default)]
pub(crate) struct Rolls(Mutex<HashMap<[u8; 16], Slot>>);

impl Rolls {
    /// The roll of an album or a selection; many who ask at once wait for one reading.
    pub(crate) fn of(
        &self,
        scope: [u8; 16],
        catalog: &Catalog,
        read: impl FnOnce(&Connection) -> Result<Roll, LibraryError>,
    ) -> Result<Arc<Roll>, LibraryError> {
        let slot = {
            let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if slots.len() >= MOST && !slots.contains_key(&scope) {
                slots.clear();
            }
            Arc::clone(slots.entry(scope).or_default())
        };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        // Asked before the reading: a commit in between makes the roll an old one.
        let commits = catalog.commits();
        match &*slot {
            Some((at, roll)) if *at == commits => return Ok(Arc::clone(roll)),
            _ => {}
        }
        let roll = Arc::new(catalog.read(read)?);
        *slot = Some((commits, Arc::clone(&roll)));
        Ok(roll)
    }
}

impl Roll {
    /// Adds the next photo in the order.
    pub(crate) fn push(&mut self, id: AssetId, row: &Part) {
        if !row.unseen && self.first_seen.is_none() {
            self.first_seen = Some(self.ids.len());
        }
        if let Some(taken) = row.taken_local {
            let (first, last) = self.span.unwrap_or((taken, taken));
            self.span = Some((first.min(taken), last.max(taken)));
        }
        if let (Some(latitude), Some(longitude)) = (row.latitude, row.longitude) {
            self.spots.push(Spot {
                index: u32::try_from(self.ids.len()).unwrap_or(u32::MAX),
                latitude,
                longitude,
                is_video: row.is_video,
            });
        }
        self.ids.push(id);
        self.totals.files += 1;
        self.totals.videos += u64::from(row.is_video);
        self.totals.unseen += u64::from(row.unseen);
        self.totals.bytes += row.bytes;
    }

    /// The place of a photo.
    pub(crate) fn index_of(&self, id: AssetId) -> Option<u64> {
        let index = self.ids.iter().position(|other| *other == id)?;
        Some(index as u64)
    }
}

/// What is counted of a photo.
pub(crate) struct Part {
    pub(crate) is_video: bool,
    pub(crate) unseen: bool,
    pub(crate) bytes: u64,
    pub(crate) taken_local: Option<i64>,
    pub(crate) latitude: Option<f32>,
    pub(crate) longitude: Option<f32>,
}
