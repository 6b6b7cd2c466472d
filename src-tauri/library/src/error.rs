//! What can go wrong in a library, each case named after what happened and told
//! in a sentence that a person can act on.

use std::io;
use std::path::PathBuf;

use rusqlite::ErrorCode;

use crate::{DeviceId, KeptWhat, Unsaid};

/// Any failure of the library. `Display` is for people, [`LibraryError::code`]
/// for programs.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The library's folder cannot be made or entered.
    #[error("The library folder {} cannot be used: {source}.", folder.display())]
    Folder {
        /// The folder asked for.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process holds the library.
    #[error(
        "The library in {} is open in another Albumen (process {process}); close that one, or \
         let it do the work.",
        folder.display()
    )]
    Held {
        /// The library's folder.
        folder: PathBuf,
        /// The other process's id, where it can be read.
        process: String,
    },
    /// The catalog file belongs to some other program.
    #[error(
        "{} is not an Albumen catalog; nothing was changed. Choose another library folder.",
        .0.display()
    )]
    ForeignCatalog(PathBuf),
    /// The catalog was written by a newer Albumen.
    #[error(
        "This library was made by a newer Albumen (catalog version {found}, this one knows \
         {known}); nothing was changed. Update Albumen to open it."
    )]
    NewerCatalog {
        /// The version in the file.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// The catalog is gone, or empty, where a library was.
    #[error(
        "The catalog of the library in {} is gone, but other files of the library are there; \
         nothing was changed. `albumen doctor` says what can be done.",
        .0.display()
    )]
    CatalogMissing(PathBuf),
    /// Pages of the catalog are not what SQLite wrote.
    #[error(
        "The catalog is damaged ({0}). The photos are files of their own and are not touched. \
         `albumen doctor` says which backup can be restored."
    )]
    CatalogDamaged(String),
    /// The catalog cannot be read or written.
    #[error("The catalog could not be used: {0}.")]
    Catalog(rusqlite::Error),
    /// A commit did not reach the disk; nothing of it is kept.
    #[error("The change could not be saved: {0}. Check the disk's free space and try again.")]
    Commit(String),
    /// The SQLite this program was built with is older than the one required.
    #[error("Albumen needs SQLite 3.53.2 or newer, and was built with {0}.")]
    OldSqlite(&'static str),
    /// The catalog's writer has ended; the library is closing.
    #[error("The library is closing; nothing was changed.")]
    Closing,
    /// The secret file does not hold a key.
    #[error(
        "The library's secret file {} is damaged; restore it from a backup, or links made so \
         far cannot be opened.",
        .0.display()
    )]
    Secret(PathBuf),
    /// The secret file is gone, though links were sealed with it.
    #[error(
        "The library's secret file {} is gone, and without it no link opens; nothing was \
         changed. `albumen doctor --repair` brings it back from a backup.",
        .0.display()
    )]
    SecretMissing(PathBuf),
    /// A file could not be read or written.
    #[error("A file of the library could not be used: {0}.")]
    Io(io::Error),
    /// There is no room left.
    #[error("The disk is full; make room and try again. What was done so far is kept.")]
    DiskFull,
    /// What is left free on a disk has to stay free.
    #[error("{complaint} What was done so far is kept.")]
    NoRoom {
        /// What is missing and where, in sentences.
        complaint: String,
    },
    /// A picture could not be read.
    #[error(transparent)]
    Media(#[from] media::MediaError),
    /// An id that is none, or that nothing has.
    #[error("There is no {noun} with the id {id}.")]
    Unknown {
        /// What was looked for: "photo", "album", "link".
        noun: &'static str,
        /// The id as it was given.
        id: String,
    },
    /// The asset's original is not where it was.
    #[error("The original of {name} is not in its place; it may be on a drive that is away.")]
    OriginalMissing {
        /// The asset's file name.
        name: String,
    },
    /// The asset is another person's.
    #[error("«{name}» is somebody else's; only they can change it. You can save a copy of it.")]
    Others {
        /// The asset's file name.
        name: String,
    },
    /// The asset is on another machine of one's own, and this is done there alone.
    #[error(
        "«{name}» is on your machine «{machine}»; do this there, or save a copy of it to the \
         library of this machine first."
    )]
    Elsewhere {
        /// The asset's file name.
        name: String,
        /// The machine's name.
        machine: String,
    },
    /// The bytes are on another machine.
    #[error("«{name}» is on another machine, which is not there now.")]
    NotHere {
        /// The machine that told of the asset.
        via: DeviceId,
        /// What of it.
        what: KeptWhat,
        /// The asset's file name.
        name: String,
    },
    /// The bytes are at the off-site store alone, and cannot be had from there now.
    #[error("The original of {name} is at the store {place} and not here. {why}")]
    AtStore {
        /// The asset's file name.
        name: String,
        /// The store and the bucket.
        place: String,
        /// Why it cannot be had, in a sentence.
        why: String,
    },
    /// The bytes are not here, and the off-site store does not give them back.
    #[error(
        "The store {place} does not give the original of {name} back as it was. Run `albumen \
         offsite verify`, then import another copy of it, and it is whole again."
    )]
    LostAtStore {
        /// The asset's file name.
        name: String,
        /// The store and the bucket.
        place: String,
    },
    /// The asset's original is not what was imported.
    #[error(
        "The original of {name} is damaged: its bytes are not those that were imported. Import \
         another copy of it, and it is whole again."
    )]
    OriginalDamaged {
        /// The asset's file name.
        name: String,
    },
    /// The asset cannot be previewed, for the reason of this code.
    #[error("{}", media::unseen_sentence(.0))]
    Unseen(String),
    /// The video is not yet in a form that browsers play.
    #[error("This video is still being converted so that it plays here; the original is safe.")]
    Converting,
    /// What is wished for is on its way.
    #[error("These files are being prepared: {done} of {files} are ready.")]
    Preparing {
        /// How many are ready.
        done: u64,
        /// How many there are.
        files: u64,
    },
    /// Not all of what is wished for can be had now.
    #[error("{lacking} of these {files} files cannot be had now.")]
    Lacking {
        /// How many cannot be had.
        lacking: u64,
        /// How many of those are videos that are still being converted.
        converting: u64,
        /// How many there are.
        files: u64,
        /// Where some of the lacking ones stand in the link's order, from 1.
        places: Vec<u64>,
    },
    /// A visitor's file does not come in.
    #[error(transparent)]
    Upload(#[from] crate::UploadError),
    /// The asker's right does not reach that far.
    #[error("This link does not allow that.")]
    Refused,
    /// A peer asked for what is not for it.
    #[error("That is not shared with this machine.")]
    NotShared,
    /// A comment or a like was not kept, and why.
    #[error("{0}")]
    Unsaid(Unsaid),
    /// Locked photos were asked for while they are not to be seen.
    #[error("Locked photos are closed; open them with your PIN first.")]
    Locked,
    /// The PIN is another.
    #[error("That is not the PIN.")]
    WrongPin,
    /// Too many PINs were wrong.
    #[error("Too many PINs were wrong; try again in {seconds} s.")]
    PinWait {
        /// Seconds, at least 1.
        seconds: u64,
    },
    /// A value given is not acceptable; the sentence says what would be.
    #[error("{0}")]
    Wrong(String),
    /// The work was cancelled by the user.
    #[error("Cancelled.")]
    Cancelled,
}

impl From<rusqlite::Error> for LibraryError {
    fn from(error: rusqlite::Error) -> LibraryError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                LibraryError::CatalogDamaged(error.to_string())
            }
            Some(ErrorCode::DiskFull) => LibraryError::DiskFull,
            _ => LibraryError::Catalog(error),
        }
    }
}

impl From<io::Error> for LibraryError {
    fn from(error: io::Error) -> LibraryError {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => LibraryError::DiskFull,
            _ => LibraryError::Io(error),
        }
    }
}

impl LibraryError {
    /// A short stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            LibraryError::Folder { .. } => "folder",
            LibraryError::Held { .. } => "held",
            LibraryError::ForeignCatalog(_) => "foreign_catalog",
            LibraryError::NewerCatalog { .. } => "newer_catalog",
            LibraryError::CatalogMissing(_) => "catalog_missing",
            LibraryError::CatalogDamaged(_) => "catalog_damaged",
            LibraryError::Catalog(_) => "catalog",
            LibraryError::Commit(_) => "commit",
            LibraryError::OldSqlite(_) => "old_sqlite",
            LibraryError::Closing => "closing",
            LibraryError::Secret(_) => "secret",
            LibraryError::SecretMissing(_) => "secret_missing",
            LibraryError::Io(_) => "io",
            LibraryError::DiskFull | LibraryError::NoRoom { .. } => "disk_full",
            LibraryError::Media(error) => error.code(),
            LibraryError::Unknown { .. } => "not_found",
            LibraryError::OriginalMissing { .. } => "original_missing",
            LibraryError::OriginalDamaged { .. } => "original_damaged",
            LibraryError::Others { .. } => "others",
            LibraryError::Elsewhere { .. } => "elsewhere",
            LibraryError::NotHere { .. } => "not_here",
            LibraryError::AtStore { .. } => "at_store",
            LibraryError::LostAtStore { .. } => "lost_at_store",
            LibraryError::Unseen(_) => "cannot_be_previewed",
            LibraryError::Converting => "converting",
            LibraryError::Preparing { .. } => "preparing",
            LibraryError::Lacking { .. } => "lacking",
            LibraryError::Upload(_) => "upload",
            LibraryError::Refused => "refused",
            LibraryError::NotShared => "not_shared",
            LibraryError::Unsaid(_) => "unsaid",
            LibraryError::Locked => "locked",
            LibraryError::WrongPin => "wrong_pin",
            LibraryError::PinWait { .. } => "wait",
            LibraryError::Wrong(_) => "wrong",
            LibraryError::Cancelled => "cancelled",
        }
    }

    /// Whether it hinders all that is to be done, not one file alone.
    pub(crate) fn concerns_all(&self) -> bool {
        matches!(
            self,
            LibraryError::Catalog(_)
                | LibraryError::CatalogDamaged(_)
                | LibraryError::Commit(_)
                | LibraryError::Closing
                | LibraryError::DiskFull
        )
    }

    /// A value that was refused, with the sentence that says what would do.
    pub(crate) fn wrong(sentence: impl Into<String>) -> LibraryError {
        LibraryError::Wrong(sentence.into())
    }
}
