//! What the library takes of its disk.

use std::sync::Arc;

use clap::Args;
use library::{Files, size};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Command, counted};
use crate::{Node, NodeError};

/// Arguments of `storage`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ShowStorage {}

/// Some files.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StoredFiles {
    /// How many.
    count: u64,
    /// Their bytes together.
    bytes: u64,
}

/// Answer to `storage`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StorageUse {
    /// The library's folder.
    library: String,
    /// What was copied into the library.
    originals: StoredFiles,
    /// What stays where it is.
    in_place: StoredFiles,
    /// Bytes of the catalog.
    catalog: u64,
    /// Bytes that are free on the library's disk.
    free: u64,
    /// Bytes of that disk.
    total: u64,
}

impl From<Files> for StoredFiles {
    fn from(files: Files) -> StoredFiles {
        StoredFiles {
            count: files.count,
            bytes: files.bytes,
        }
    }
}

impl Command for ShowStorage {
    const NAME: &'static str = "storage";
    const ABOUT: &'static str = "Show what the library takes of its disk";
    type Reply = StorageUse;

    fn run(self, node: &Arc<Node>) -> Result<StorageUse, NodeError> {
        let storage = node.library.storage()?;
        Ok(StorageUse {
            library: node.folder().display().to_string(),
            originals: storage.originals.into(),
            in_place: storage.in_place.into(),
            catalog: storage.catalog,
            free: storage.free,
            total: storage.total,
        })
    }

    fn text(reply: &StorageUse) -> String {
        let files = |of: &StoredFiles| {
            let files = counted(of.count, "file", "files");
            format!("{} in {files}", size(of.bytes))
        };
        format!(
            "{}\n  originals  {}\n  in place   {}\n  catalog    {}\n  free       {} of {}",
            reply.library,
            files(&reply.originals),
            files(&reply.in_place),
            size(reply.catalog),
            size(reply.free),
            size(reply.total),
        )
    }
}
