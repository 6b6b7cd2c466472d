//! Copying to the store: what is not there yet, several at a time, then the catalog, then
//! what need not be there any more is removed. Memory is bounded by parts on their way,
//! however large a video is.

use std::collections::{HashSet, VecDeque};
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use library::{
    Library, LibraryError, OffsiteFile, OffsiteKeys, Progress, Sealing, outlived, sealed_length,
    snapshot_moment,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::store::{Sending, Store};
use crate::NodeError;

/// Bytes of a part: what is longer goes in several.
const PART: u64 = 8 << 20;
/// How many parts a store takes at most is 10,000; a few are left to spare.
const MOST_PARTS: u64 = 9_000;
/// How many files are sent at once.
const LANES: usize = 4;
/// How many parts are in memory at once, of all files together.
const PARTS_AT_ONCE: usize = 8;
/// How many files are looked up at once.
const PAGE: u64 = 256;

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Copied {
    /// Originals.
    pub files: u64,
    /// Bytes of those, as the store holds them.
    pub bytes: u64,
    /// Originals that could not be read here: gone, away, or damaged.
    pub failed: u64,
    /// Not all was looked at.
    pub cancelled: bool,
}

/// A library and the store that it is copied to.
pub(crate) struct Copying<'a> {
    pub library: &'a Library,
    pub store: &'a Store,
    pub keys: &'a OffsiteKeys,
    /// Hears how many files are dealt with, and answers whether to go on.
    pub go_on: &'a (dyn Fn(&Progress) -> bool + Sync),
    /// What that heard last.
    pub told: Mutex<Progress>,
}

/// The files that are still to be copied.
#[derive(Default)]
struct Queue {
    page: VecDeque<OffsiteFile>,
    last: Option<OffsiteFile>,
    ended: bool,
    /// Being copied now: the same bytes may lie in several places.
    begun: HashSet<[u8; 32]>,
}

/// Why a file was not copied.
enum Trouble {
    /// This one alone.
    File,
    /// It would be the same with the next.
    All(NodeError),
    /// Someone stopped it.
    Cancelled,
}

impl From<NodeError> for Trouble {
    fn from(error: NodeError) -> Trouble {
        Trouble::All(error)
    }
}

impl From<LibraryError> for Trouble {
    fn from(error: LibraryError) -> Trouble {
        match error {
            LibraryError::OriginalMissing { .. }
            | LibraryError::OriginalDamaged { .. }
            | LibraryError::Io(_) => Trouble::File,
            error => Trouble::All(error.into()),
        }
    }
}

/// What is shared by the lanes.
struct Shared {
    queue: Mutex<Queue>,
    permits: Arc<Semaphore>,
    total: u64,
    files: AtomicU64,
    bytes: AtomicU64,
    failed: AtomicU64,
    ended: Mutex<Option<Trouble>>,
}

impl Copying<'_> {
    /// Copies every original that is not at the store.
    ///
    /// # Errors
    /// What the store complains of, and what hinders the library as a whole. What was copied
    /// until then stays copied.
    pub fn originals(&self) -> Result<Copied, NodeError> {
        self.give_up_begun()?;
        let counts = self.library.offsite_counts()?;
        let shared = Shared {
            queue: Mutex::default(),
            permits: Arc::new(Semaphore::new(PARTS_AT_ONCE)),
            total: counts.files - counts.copied,
            files: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            ended: Mutex::default(),
        };
        std::thread::scope(|scope| {
            for _ in 0..LANES.min(usize::try_from(shared.total).unwrap_or(LANES)) {
                scope.spawn(|| self.lane(&shared));
            }
        });
        let mut copied = Copied {
            files: shared.files.into_inner(),
            bytes: shared.bytes.into_inner(),
            failed: shared.failed.into_inner(),
            cancelled: false,
        };
        match shared.ended.into_inner().unwrap_or_default() {
            Some(Trouble::All(error)) => return Err(error),
            Some(_) => copied.cancelled = true,
            None => {}
        }
        Ok(copied)
    }

    /// Copies the catalog as it is now.
    pub fn catalog(&self) -> Result<u64, NodeError> {
        let snapshot = self.library.offsite_snapshot()?;
        let mut sealed = self.keys.seal(&snapshot.name, snapshot.read()?);
        let permits = Arc::new(Semaphore::new(2));
        let sent = self.send(
            &snapshot.name,
            snapshot.bytes + snapshot.bytes / 64 + 4096,
            &mut sealed,
            &permits,
            None,
        );
        let (bytes, _) = sent.map_err(|trouble| match trouble {
            Trouble::All(error) => error,
            _ => NodeError::new("offsite", "The catalog could not be read; try again."),
        })?;
        self.library.note_offsite_catalog(snapshot.made_at)?;
        let mut names = Vec::new();
        self.store.list("catalogs/", |held| names.push(held.name))?;
        names.retain(|name| snapshot_moment(name).is_some());
        for name in outlived(&names) {
            self.store.remove(&name)?;
        }
        Ok(bytes)
    }

    /// Removes originals from the store that no photo has had for a month.
    pub fn sweep(&self) -> Result<(), NodeError> {
        for hash in self.library.offsite_outlived()? {
            self.store.remove(&self.keys.name_of(&hash))?;
            self.library.unnote_offsite(vec![hash])?;
        }
        Ok(())
    }

    /// Gives up at the store what an earlier run could not end.
    fn give_up_begun(&self) -> Result<(), NodeError> {
        for (upload, name) in self.library.offsite_begun()? {
            self.store.give_up(&name, &upload)?;
            self.library.end_offsite_upload(&upload)?;
        }
        Ok(())
    }

    /// Copies one file after another until none is left, or something ends it for all.
    fn lane(&self, shared: &Shared) {
        loop {
            let done = self.next(shared).map_err(Trouble::from).and_then(|file| {
                let Some(file) = file else { return Ok(false) };
                let copied = self.one(&file, shared);
                if let Ok(mut queue) = shared.queue.lock() {
                    queue.begun.remove(&file.hash());
                }
                match copied {
                    Ok(bytes) => {
                        shared.files.fetch_add(1, Ordering::Relaxed);
                        shared.bytes.fetch_add(bytes, Ordering::Relaxed);
                    }
                    Err(Trouble::File) => {
                        shared.failed.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(trouble) => return Err(trouble),
                }
                match self.goes_on(shared) {
                    true => Ok(true),
                    false => Err(Trouble::Cancelled),
                }
            });
            let Ok(mut ended) = shared.ended.lock() else {
                return;
            };
            match done {
                Ok(true) if ended.is_none() => {}
                Ok(_) => return,
                Err(trouble) => {
                    ended.get_or_insert(trouble);
                    return;
                }
            }
        }
    }

    fn goes_on(&self, shared: &Shared) -> bool {
        let failed = shared.failed.load(Ordering::Relaxed);
        let done = shared.files.load(Ordering::Relaxed) + failed;
        let progress = Progress {
            found: shared.total.max(done),
            done,
            failed,
            ..Progress::default()
        };
        if let Ok(mut told) = self.told.lock() {
            told.clone_from(&progress);
        }
        (self.go_on)(&progress)
    }

    fn next(&self, shared: &Shared) -> Result<Option<OffsiteFile>, NodeError> {
        let Ok(mut queue) = shared.queue.lock() else {
            return Ok(None);
        };
        loop {
            if let Some(file) = queue.page.pop_front() {
                // It may have been copied from another place since the page was read.
                let known = self.library.is_offsite(file.hash())?;
                if !known && queue.begun.insert(file.hash()) {
                    return Ok(Some(file));
                }
                continue;
            }
            if queue.ended {
                return Ok(None);
            }
            let page = self.library.offsite_waiting(queue.last.as_ref(), PAGE)?;
            queue.ended = (page.len() as u64) < PAGE;
            queue.last = page.last().cloned();
            queue.page = page.into();
        }
    }

    /// Copies one file; answers with its bytes at the store.
    fn one(&self, file: &OffsiteFile, shared: &Shared) -> Result<u64, Trouble> {
        let name = self.keys.name_of(&file.hash());
        let length = sealed_length(file.bytes());
        // A long one may be there already, and only the note of it lost.
        if length > PART
            && let Some(held) = self.store.look(&name)?
            && held.bytes == length
        {
            self.library.note_offsite(file.hash(), length, held.tag)?;
            return Ok(length);
        }
        let body = match self.library.open_offsite(file) {
            Err(error @ LibraryError::OriginalMissing { .. }) => {
                // A restored catalog may not know that it went to the store alone.
                let held = self.store.look(&name)?;
                let held = held.filter(|held| held.bytes == length).ok_or(error)?;
                self.library.note_offsite(file.hash(), length, held.tag)?;
                return Ok(length);
            }
            body => body?,
        };
        let mut sealed = self.keys.seal(&name, body);
        let hash = Some(file.hash());
        let (bytes, tag) = self.send(&name, length, &mut sealed, &shared.permits, hash)?;
        self.library.note_offsite(file.hash(), bytes, tag)?;
        Ok(bytes)
    }

    /// Sends a body, whole or in parts; answers with its bytes and the store's mark. A body
    /// that turns out not to have this hash is not completed.
    fn send<R: Read>(
        &self,
        name: &str,
        about: u64,
        body: &mut Sealing<R>,
        permits: &Arc<Semaphore>,
        hash: Option<[u8; 32]>,
    ) -> Result<(u64, Option<String>), Trouble> {
        let size = PART.max(about.div_ceil(MOST_PARTS));
        let (first, permit) = self.part(body, size.min(about + 1), permits)?;
        if (first.len() as u64) < size {
            check(body, hash)?;
            let bytes = first.len() as u64;
            let tag = self.store.put(name, first)?;
            drop(permit);
            return Ok((bytes, tag));
        }
        let upload = self.store.begin(name)?;
        self.library.begin_offsite(&upload, name)?;
        let whole = Parts {
            name,
            upload: &upload,
            size,
            hash,
        };
        let sent = self.send_parts(&whole, (first, permit), body, permits);
        // What cannot be given up now is at the next run.
        if sent.is_ok() || self.store.give_up(name, &upload).is_ok() {
            self.library.end_offsite_upload(&upload)?;
        }
        sent
    }

    fn send_parts<R: Read>(
        &self,
        whole: &Parts<'_>,
        first: (Vec<u8>, OwnedSemaphorePermit),
        body: &mut Sealing<R>,
        permits: &Arc<Semaphore>,
    ) -> Result<(u64, Option<String>), Trouble> {
        let (name, upload) = (whole.name, whole.upload);
        let mut on_the_way: VecDeque<Sending> = VecDeque::new();
        let mut parts = Vec::new();
        let (mut bytes, mut number) = (0, 0);
        let (mut part, mut permit) = first;
        while !part.is_empty() {
            bytes += part.len() as u64;
            on_the_way.push_back(self.store.send(name, upload, number, part, permit));
            number += 1;
            while let Some(sending) = on_the_way.pop_front_if(|sending| sending.is_finished()) {
                parts.push(self.store.sent(sending)?);
            }
            if !(self.go_on)(
                &self
                    .told
                    .lock()
                    .map(|told| told.clone())
                    .unwrap_or_default(),
            ) {
                return Err(Trouble::Cancelled);
            }
            (part, permit) = self.part(body, whole.size, permits)?;
        }
        check(body, whole.hash)?;
        for sending in on_the_way {
            parts.push(self.store.sent(sending)?);
        }
        Ok((bytes, self.store.complete(name, upload, parts)?))
    }

    /// Reads the next part, when there is room in memory for it.
    fn part(
        &self,
        body: &mut impl Read,
        size: u64,
        permits: &Arc<Semaphore>,
    ) -> Result<(Vec<u8>, OwnedSemaphorePermit), Trouble> {
        let permit = self.store.permit(permits)?;
        let mut part = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        body.take(size)
            .read_to_end(&mut part)
            .map_err(|_| Trouble::File)?;
        Ok((part, permit))
    }
}

/// An upload in parts.
struct Parts<'a> {
    name: &'a str,
    upload: &'a str,
    size: u64,
    hash: Option<[u8; 32]>,
}

/// Fails for a body that was read to its end and is not what it was to be.
fn check<R: Read>(body: &Sealing<R>, hash: Option<[u8; 32]>) -> Result<(), Trouble> {
    match hash.is_none_or(|hash| hash == body.hash()) {
        true => Ok(()),
        false => Err(Trouble::File),
    }
}
