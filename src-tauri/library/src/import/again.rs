//! Importing again: a file that is as it was when it was imported, and whose
//! bytes the library still has, is known without being read.

use std::fs;
use std::path::Path;

use super::file::find_twin;
use super::{From, Outcome, Run};
use crate::original::{self, Location, modified_ms};
use crate::{AssetId, LibraryError, seen};

/// How many files are noted in one write.
const AT_ONCE: usize = 200;

/// A file whose bytes the library has, to be noted.
pub(super) struct Held {
    path: String,
    like: (u64, i64),
    hash: [u8; 32],
}

impl Run<'_> {
    /// The outcome for a file that was imported before and is as it was then.
    pub(super) fn known_again(&self, path: &Path) -> Result<Option<Outcome>, LibraryError> {
        let (Ok(file), Some(text)) = (fs::symlink_metadata(path), path.to_str()) else {
            return Ok(None);
        };
        let like = (file.len(), modified_ms(&file));
        let known = match (&self.from, self.stays_in_place()) {
            (From::Originals | From::Watched(_) | From::Inbox(_), _) => None,
            (From::Outside, true) => self.in_its_place(text, like)?,
            (From::Outside, false) => self.held_as_copy(text, like)?,
        };
        let Some(id) = known else { return Ok(None) };
        self.add_to_album(id)?;
        Ok(Some(Outcome::Duplicate(id)))
    }

    /// The asset that has this very file as one of its places.
    fn in_its_place(&self, path: &str, like: (u64, i64)) -> Result<Option<AssetId>, LibraryError> {
        let place = Location::InPlace(path.to_owned());
        self.library.catalog.read(|conn| {
            let same = |file: &original::Original| (file.bytes, file.modified_ms) == like;
            Ok(original::file_at(conn, &place)?
                .filter(|(_, file)| same(file))
                .map(|(asset, _)| asset))
        })
    }

    /// The asset that has a copy of this file's bytes.
    fn held_as_copy(&self, path: &str, like: (u64, i64)) -> Result<Option<AssetId>, LibraryError> {
        let twin = self.library.catalog.read(|conn| {
            let hash = seen::held(conn, path, like)?;
            hash.map_or(Ok(None), |hash| find_twin(conn, &hash))
        })?;
        match twin {
            Some((id, part)) if self.library.holds(id, part, true)? => Ok(Some(id)),
            _ => Ok(None),
        }
    }

    /// Notes a file that needed no write of its own, with others in one.
    pub(super) fn note_held(
        &self,
        path: &Path,
        like: (u64, i64),
        hash: [u8; 32],
    ) -> Result<(), LibraryError> {
        let (From::Outside, false, Some(path)) = (&self.from, self.stays_in_place(), path.to_str())
        else {
            return Ok(());
        };
        let path = path.to_owned();
        let enough = self.held.lock().is_ok_and(|mut held| {
            held.push(Held { path, like, hash });
            held.len() >= AT_ONCE
        });
        if enough { self.keep_held() } else { Ok(()) }
    }

    /// Writes down what was noted since the last time.
    fn keep_held(&self) -> Result<(), LibraryError> {
        let some = match self.held.lock() {
            Ok(mut held) => std::mem::take(&mut *held),
            Err(_) => return Ok(()),
        };
        if some.is_empty() {
            return Ok(());
        }
        self.library.catalog.write(move |write| {
            some.iter()
                .try_for_each(|held| seen::note_held(write, &held.path, held.like, held.hash))
        })
    }

    /// Writes down the rest at the end, and forgets what is long ago.
    pub(super) fn end_noting(&self) -> Result<(), LibraryError> {
        if self.from != From::Outside {
            return Ok(());
        }
        self.keep_held()?;
        self.library.catalog.write(seen::forget_held)
    }
}
