//! A whole library that moves to another of one's own machines: its catalog, its secret
//! and every file of its photos, so that it goes on there as the same library, with its
//! albums, links, members and partners. The machine of before keeps what it has and says
//! that it has moved.
//!
//! The old machine bundles catalog and secret and tells the new one of it (`out`). That
//! fetches the bundle and then each file by its hash, checked on the way as originals are,
//! into a folder beside its own library (`into`); at its next start the two change places
//! (`settle`), and what was there before lies in `aside/`.

mod into;
mod out;
mod settle;

use std::path::{Path, PathBuf};

use crate::{AssetId, DeviceId, Library};

pub(crate) use into::{greet, plan};
pub(crate) use out::{Files, is_leaving, moved, told_moving};
pub(crate) use settle::settle;

/// The file of the bundle: the secret's 32 bytes, then the catalog.
const BUNDLE: &str = "bundle";
/// Where a library that arrives is gathered.
const ARRIVING: &str = "arriving";
/// In it, once nothing is lacking.
const COMPLETE: &str = "complete";
/// In it, the hash of the bundle that it is gathered by.
const OF: &str = "of";
/// In it, the request by which the old machine was told that all is here.
const ASKED: &str = "asked";

/// Where files go that lay in folders of the user's on the old machine, with a mark before
/// their name.
const IN_PLACE: &str = "moved";

/// A library that is about to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moving {
    /// To or from this machine.
    pub device: DeviceId,
    /// Files of photos.
    pub files: u64,
    /// Bytes of those.
    pub bytes: u64,
    /// Length of the bundle.
    pub length: u64,
    /// BLAKE3 of the bundle.
    pub hash: [u8; 32],
}

/// A file that is to be moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedFile {
    /// BLAKE3 of it.
    pub hash: [u8; 32],
    /// Bytes.
    pub bytes: u64,
    /// Where it goes, under `originals/`.
    pub(crate) path: String,
}

impl MovedFile {
    /// Its name, as it was on the old machine.
    pub fn name(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        match self.path.starts_with(IN_PLACE) {
            true => name.split_once('-').map_or(name, |(_, name)| name),
            false => name,
        }
    }
}

/// By which id a file is fetched: the beginning of its hash.
pub fn fetched_as(hash: &[u8; 32]) -> AssetId {
    AssetId::from_bytes(hash.first_chunk().copied().unwrap_or_default())
}

impl Library {
    fn arriving(&self) -> PathBuf {
        self.folder.join(ARRIVING)
    }
}

/// Where the bundle of a library that moves out lies.
fn bundle(folder: &Path) -> PathBuf {
    folder.join("moving").join(BUNDLE)
}
