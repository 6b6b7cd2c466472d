//! Facts and rules of a photo library: the catalog, assets, albums, links, and
//! the rights by which bytes leave. It knows no network and no async; its
//! functions block, and `node` calls them off the async threads.

mod access;
mod activity;
mod album;
mod archive;
mod asset;
mod backup;
mod card;
mod catalog;
mod change;
mod checksum;
mod clean;
mod concerns;
mod damage;
mod doctor;
mod edit;
mod elsewhere;
mod errand;
mod error;
mod feed;
mod film;
mod grid;
mod hex;
mod hosting;
mod id;
mod identity;
mod import;
mod inbox;
mod inspect;
mod kept;
mod link;
mod lock;
mod map;
mod migration;
mod mirror;
mod motion;
mod moving;
mod notice;
mod offsite;
mod original;
mod parcel;
mod partner;
mod peer;
mod place;
mod recent;
mod remote;
mod rendition;
mod replica;
mod request;
mod restore;
mod roll;
mod room;
mod safe;
mod search;
mod seat;
mod secret;
mod seen;
mod served;
mod setting;
mod share;
mod shelf;
mod shown;
mod sidecar;
mod sight;
mod source;
mod spots;
mod suggest;
mod tally;
mod template;
mod time;
mod trash;
mod twin;
mod undo;
mod unlock;
mod upload;
mod verify;
mod visit;
mod watch;
mod wire;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

pub use access::{Access, Entry, Terms, Totals};
pub use activity::{
    ActivityOf, ActivityQuery, Author, Comment, Conversation, Counted, LONGEST_NAME, LONGEST_TEXT,
    Proof, Speaker, Unsaid,
};
pub use album::{Album, AlbumEdit, AlbumOrder, Shift};
pub use archive::{Archive, ArchiveBody, ArchiveFile, ArchiveSize, MOST_CHOSEN, Whole};
pub use asset::Asset;
pub use backup::{BackedUp, Backup, BackupPlace, Occasion, find_backup};
pub use card::{IntroducedDevice, Introduction};
pub use catalog::{Condition, Counts};
pub use change::Change;
pub use concerns::Concerns;
pub use doctor::{CheckUp, Diagnosis, Repaired, diagnose, mend};
pub use edit::{AssetEdit, PlaceEdit};
pub use elsewhere::Elsewhere;
pub use errand::{Errand, ErrandState};
pub use error::LibraryError;
pub use feed::{Page, Space};
pub use grid::{Grid, GridQuery, Month};
pub use hex::{from_hex, hex};
pub use hosting::{Awaited, Hosting, LEASE_MS, REST_MS, Server};
pub use id::{
    ActivityId, AlbumId, AssetId, DeviceId, ImportId, LibraryId, LinkId, MotionId, PersonId,
    RequestId, UploadId, WatchId,
};
pub use identity::Identity;
pub use import::{Failure, Order, Progress, Report};
pub use inbox::{Accepted, InboxGroup, InboxUpload, Offer, OfferedPlace};
pub use inspect::{Inspection, Pages, Telling};
pub use kept::{Given, GivenOriginal, KeptWhat};
pub use link::{Download, Link, LinkEdit, LinkKind, LinkOf, LinkState, NewLink};
pub use lock::LockState;
pub use map::{Area, Cluster, Map};
pub use media::{Rendition, Turn};
pub use moving::{MovedFile, Moving, fetched_as};
pub use notice::{Notice, NoticeKind};
pub use offsite::{
    Brought, Excess, Offsite, OffsiteCopy, OffsiteCounts, OffsiteFile, OffsiteKeys, OffsiteLogin,
    OffsitePlace, Opening, RecoveryKey, Restoring, Returning, Sealing, Snapshot, outlived,
    sealed_length, snapshot_moment,
};
pub use original::Place;
pub use partner::{
    PartnerAlbum, PartnerCopy, PartnerEdit, PartnerLibrary, PartnerOffer, PartnerRules,
    PartnerState,
};
pub use peer::{Guest, Keep, Peer};
pub use place::Town;
pub use remote::{RemoteAlbum, RemoteAsset, RemoteCursor, RemoteWhich};
pub use replica::{FeedCursor, ReplicaTotals};
pub use request::{LARGEST_WISH, Outgoing, Request, RequestState};
pub use restore::{Lacking, RestoreOrder, Restored, restore};
pub use room::{Files, Storage, size};
pub use safe::{Adopted, Holder, MachineSafety, Missing, Safety};
pub use search::{AssetKind, AssetPage, AssetQuery, Cursor, Filter};
pub use seat::MOST_PEOPLE;
pub use seen::Refused;
pub use served::{Reading, Served, What};
pub use setting::Setting;
pub use share::{
    AlbumOffer, EditorLink, EditorTerms, Member, MemberState, Role, Sharing, SharingEdit,
};
pub use shelf::Shelf;
pub use shown::Shown;
pub use sidecar::Sidecar;
pub use sight::{Pixels, Sight};
pub use source::{Source, SourceKind, sources, sources_under};
pub use spots::Spot;
pub use suggest::{Suggestion, Suggestions};
pub use tally::{Day, Deed, Seen, Tally};
pub use template::Template;
pub use time::{Clock, TakenAt, parse_shift, rfc3339};
pub use trash::{Emptied, TRASH_DAYS};
pub use twin::{Reason, TwinGroup, TwinPage};
pub use undo::Undo;
pub use unlock::{Pass, Unlock};
pub use upload::{
    NewUpload, Onward, Receiving, Sum, UPLOAD_BYTES, UPLOAD_FILES, Upload, UploadError, UploadRoom,
    Uploads,
};
pub use verify::{Finding, Problem, Verification, Verify};
pub use visit::{Address, LockedLink, Visit};
pub use watch::{Look, Looking, WatchState, WatchedFolder};
pub use wire::Row;

use catalog::Catalog;
use recent::Recent;
use secret::Secret;

/// The catalog's file name, in a library's folder and in a backup.
const CATALOG: &str = "albumen.sqlite";

/// An open library: one folder with its catalog, originals and renditions. One
/// process holds it at a time; share it between threads behind an `Arc`.
pub struct Library {
    folder: PathBuf,
    catalog: Catalog,
    secret: Arc<Secret>,
    decoder: media::Decoder,
    clock: Clock,
    /// What visitors were given a moment ago.
    recent: Recent,
    /// Lanes in which missing renditions are made on demand.
    rendering: [Mutex<()>; 4],
    /// Folders of originals whose entries are on the disk.
    synced: Mutex<HashSet<String>>,
    /// One visitor at a time finds out checksums that an archive lacks.
    summing: Mutex<()>,
    /// One visitor at a time counts how much an archive is.
    sizing: Mutex<()>,
    /// One search for twins at a time.
    comparing: Mutex<()>,
    /// Intents of files that could not be written, to be ended with the next.
    given_up: Mutex<Vec<i64>>,
    /// One backup at a time.
    backing_up: Mutex<()>,
    /// One look at what visitors sent, or decision on it, at a time.
    deciding: Mutex<()>,
    /// Held while a watched folder is looked through.
    looking: Mutex<()>,
    /// The files of a library that moves out, once they are asked for.
    moving: Mutex<Option<moving::Files>>,
    /// What the links show that were opened last.
    rolls: roll::Rolls,
    /// For how long links of other homes are served.
    leases: hosting::Leases,
    /// How bytes are brought that are elsewhere.
    bringer: elsewhere::Bringer,
    /// Held while an original goes from here, or gets its name here again.
    letting_go: Mutex<()>,
    /// Held for as long as the library is open; the system frees it on a crash.
    _lock: File,
}

impl Library {
    /// Opens the library in `folder`, making it (0700) where there is none, and
    /// finishes or undoes what a crash left behind.
    ///
    /// # Errors
    /// [`LibraryError::Held`] when another process has it open; distinct errors
    /// when the catalog is foreign, newer than this program, or unreadable.
    pub fn open(
        folder: &Path,
        decoder: media::Decoder,
        clock: Clock,
    ) -> Result<Library, LibraryError> {
        make_private_folder(folder)?;
        let folder = fs::canonicalize(folder)?;
        let lock = take_lock(&folder)?;
        moving::settle(&folder)?;
        let secret = Secret::open(&folder)?;
        if doctor::lost_its_catalog(&folder)? {
            return Err(LibraryError::CatalogMissing(folder));
        }
        let catalog = Catalog::open(&folder.join(CATALOG), clock.clone())?;
        let secret = match secret {
            Some(secret) => secret,
            None if catalog.read(catalog::any_sealed_key)?.is_some() => {
                return Err(LibraryError::SecretMissing(folder.join(secret::FILE)));
            }
            None => Secret::make(&folder)?,
        };
        let leases = catalog.read(hosting::Leases::read)?;
        let library = Library {
            folder,
            catalog,
            secret: Arc::new(secret),
            decoder,
            clock,
            recent: Recent::default(),
            rendering: Default::default(),
            synced: Mutex::default(),
            summing: Mutex::default(),
            sizing: Mutex::default(),
            comparing: Mutex::default(),
            given_up: Mutex::default(),
            backing_up: Mutex::default(),
            deciding: Mutex::default(),
            looking: Mutex::default(),
            moving: Mutex::default(),
            rolls: roll::Rolls::default(),
            leases,
            bringer: elsewhere::Bringer::default(),
            letting_go: Mutex::default(),
            _lock: lock,
        };
        make_private_folder(&library.originals())?;
        original::sync_folder(&library.folder)?;
        library.clear_unfinished()?;
        library.ensure_identity()?;
        library.ensure_keys()?;
        moving::greet(&library)?;
        library.replay_intents()?;
        Ok(library)
    }

    /// The library's folder, absolute.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How many assets, albums and links the library holds.
    pub fn counts(&self) -> Result<Counts, LibraryError> {
        self.catalog.counts()
    }

    /// Hears of every committed change from now on. A receiver that falls
    /// behind by more than a thousand changes gets [`Change::Everything`].
    pub fn changes(&self) -> crossbeam_channel::Receiver<Change> {
        self.catalog.changes()
    }

    fn originals(&self) -> PathBuf {
        self.folder.join("originals")
    }

    fn renditions(&self) -> PathBuf {
        self.folder.join("renditions")
    }
}

/// Creates a folder and its parents so that only its owner may look inside.
fn make_private_folder(folder: &Path) -> Result<(), LibraryError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|source| match LibraryError::from(source) {
            LibraryError::Io(source) => LibraryError::Folder {
                folder: folder.to_owned(),
                source,
            },
            full => full,
        })
}

/// Takes the library's lock, which the system frees when the process ends, and
/// notes in it who holds it.
fn take_lock(folder: &Path) -> Result<File, LibraryError> {
    let path = folder.join("lock");
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut lock = options.open(&path)?;
    match lock.try_lock() {
        Ok(()) => {
            lock.set_len(0)?;
            write!(lock, "{}", std::process::id())?;
            Ok(lock)
        }
        Err(fs::TryLockError::WouldBlock) => Err(LibraryError::Held {
            folder: folder.to_owned(),
            process: fs::read_to_string(path).unwrap_or_default(),
        }),
        Err(fs::TryLockError::Error(source)) => Err(source.into()),
    }
}
