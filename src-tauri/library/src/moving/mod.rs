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

pub(crate) use into::greet;
pub(crate) use out::{Files, moved, told_moving};
pub(crate) use settle::settle;

/// The file of the bundle: the secret's 32 bytes, then the catalog.
const BUNDLE: &str = "bundle";
/// Where a library that arrives is gathered.
const ARRIVING: &str = "arriving";
/// In it, once nothing is lacking.
const COMPLETE: &str = "complete";

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
    path: String,
}

impl MovedFile {
    /// Its name.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
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
