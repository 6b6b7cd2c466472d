//! What a link gives away: every byte that its visitors would get is read as they
//! get it and looked through for places, serial numbers, cameras, names, times and
//! captions; and so are the pages, by whoever makes them.

mod secrets;

use std::collections::HashSet;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use media::{Format, Input, Kind, MAX_INPUT, Origin, Rendition, read_video};
use memchr::memmem;

use crate::served::What;
use crate::{
    Access, Asset, AssetId, Download, Entry, Library, LibraryError, LinkId, Progress, Served, Whole,
};
use secrets::{Secrets, Told};

/// Bytes looked through at once.
const PIECE: usize = 1 << 20;
/// Photos of which it is said what they tell.
const MOST_TOLD: usize = 20;
/// What begins a file in the list of an archive, after the archive itself.
const FILE: &[u8] = b"{\"name\":";
/// Photos asked for at once.
const PAGE: u64 = 500;

/// What was found in the files and pages of a link; each counts those that tell such
/// a thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// Photos and videos looked at.
    pub photos: u64,
    /// Files that were read of them: small, screen size, downloads, card, video, live
    /// part.
    pub files: u64,
    /// Pages that were read: of the album, of each photo, and the list of what an
    /// archive holds.
    pub pages: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// Files that tell where it was taken.
    pub locations: u64,
    /// Files that tell a serial number of a camera or a lens.
    pub serials: u64,
    /// Files that tell a camera or a lens.
    pub cameras: u64,
    /// Files that tell what the original is called.
    pub names: u64,
    /// Files that tell when it was taken.
    pub times: u64,
    /// Files that tell a title, a description or a keyword.
    pub captions: u64,
    /// Files that could not be read now.
    pub unread: u64,
    /// Up to twenty photos that tell something.
    pub telling: Vec<Telling>,
    /// It was stopped before its end.
    pub cancelled: bool,
}

/// How the pages of a link are read that its visitors read.
pub struct Pages<'a> {
    /// Headers and body of an address below the link's, such as `/photo/{item}`; `None`
    /// when they cannot be had.
    pub read: &'a dyn Fn(&str) -> Option<Vec<u8>>,
    /// A day as they write it, by wall clock in milliseconds since 1970 as if UTC.
    pub day: &'a dyn Fn(i64) -> Option<String>,
    /// How many photos a page of the album has.
    pub at_once: u64,
}

/// A page of the album, and what it was found to tell so far.
#[derive(Default)]
struct Leaf {
    number: u64,
    bytes: Vec<u8>,
    told: Told,
}

/// A photo that tells something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// The photo.
    pub asset: AssetId,
    /// Its file name, for its owner.
    pub name: String,
    /// What it tells: `location`, `serial`, `camera`, `name`, `time`, `caption`.
    pub what: Vec<&'static str>,
}

impl Inspection {
    fn tell(&mut self, asset: &Asset, told: Told) {
        if told != Told::default() && self.telling.len() < MOST_TOLD {
            self.telling.push(Telling {
                asset: asset.id,
                name: asset.name.clone(),
                what: told.words(),
            });
        }
    }

    fn count(&mut self, told: Told) {
        for (is_told, count) in [
            (told.location, &mut self.locations),
            (told.serial, &mut self.serials),
            (told.camera, &mut self.cameras),
            (told.name, &mut self.names),
            (told.time, &mut self.times),
            (told.caption, &mut self.captions),
        ] {
            *count += u64::from(is_told);
        }
    }
}

/// What the pages tell on which a photo stands: the album's, and its own.
fn inspect_pages(
    pages: &Pages<'_>,
    entry: &Entry,
    secrets: &Secrets,
    leaf: &mut Leaf,
    found: &mut Inspection,
) -> Told {
    let mut read = |address: &str| match (pages.read)(address) {
        Some(bytes) => {
            found.pages += 1;
            found.bytes += bytes.len() as u64;
            bytes
        }
        None => {
            found.unread += 1;
            Vec::new()
        }
    };
    let mut told_before = Told::default();
    let number = entry.index / pages.at_once + 1;
    if leaf.number != number {
        let before = std::mem::take(leaf);
        leaf.number = number;
        leaf.bytes = read(&format!("?page={number}"));
        told_before = before.told;
    }
    let own = secrets.found_in(&read(&format!("/photo/{}", entry.item)));
    found.count(told_before);
    found.count(own);
    let beside = secrets.found_in(&leaf.bytes);
    leaf.told = leaf.told.or(beside);
    own.or(beside)
}

impl Library {
    /// Reads all that visitors of a link would get, files and pages, for as long as
    /// `watch` says so, and counts what it tells.
    ///
    /// # Errors
    /// When the link opens nothing, and what hinders them all.
    pub fn inspect_link(
        self: &Arc<Self>,
        link: LinkId,
        pages: &Pages<'_>,
        watch: &dyn Fn(&Progress) -> bool,
    ) -> Result<Inspection, LibraryError> {
        let access = self.visit_own(link)?;
        let mut found = Inspection::default();
        let mut leaf = Leaf::default();
        let listed = self.listed(&access, pages, &mut found, watch)?;
        let mut progress = Progress {
            found: access.totals()?.files,
            ..Progress::default()
        };
        loop {
            let entries = access.entries(found.photos, PAGE)?;
            if entries.is_empty() {
                break;
            }
            for entry in entries {
                let asset = self.asset(entry.asset)?;
                progress.current = Some(PathBuf::from(&asset.name));
                if !watch(&progress) {
                    found.cancelled = true;
                    return Ok(found);
                }
                let secrets = Secrets::of(&asset, self.serials(&asset));
                let told = self.inspect(&access, &entry, &secrets, &mut found)?;
                let day = asset.taken_at.and_then(|taken| (pages.day)(taken.local_ms));
                let secrets = secrets.on_page(day, access.terms());
                let told = told.or(inspect_pages(
                    pages, &entry, &secrets, &mut leaf, &mut found,
                ));
                let line = usize::try_from(entry.index)
                    .ok()
                    .and_then(|at| listed.get(at));
                let told_there = line.map(|line| secrets.found_in(line)).unwrap_or_default();
                found.count(told_there);
                found.tell(&asset, told.or(told_there));
                found.photos += 1;
                progress.done += 1;
                progress.failed = found.unread;
            }
        }
        found.count(leaf.told);
        watch(&progress);
        Ok(found)
    }

    /// The list of what the link's archive holds, by its photos, where there is one.
    fn listed(
        &self,
        access: &Access,
        pages: &Pages<'_>,
        found: &mut Inspection,
        watch: &dyn Fn(&Progress) -> bool,
    ) -> Result<Vec<Vec<u8>>, LibraryError> {
        let size = access.terms().download;
        if size == Download::None || access.totals()?.files == 0 {
            return Ok(Vec::new());
        }
        // Each time, more of its checksums are known.
        while let Err(error) = access.archive(size, None, Whole::All) {
            let goes_on = watch(&Progress::default());
            match error {
                LibraryError::Preparing { .. } if goes_on => {}
                error if error.concerns_all() => return Err(error),
                _ => break,
            }
        }
        let Some(bytes) = (pages.read)("/manifest.json") else {
            found.unread += 1;
            return Ok(Vec::new());
        };
        found.pages += 1;
        found.bytes += bytes.len() as u64;
        // First what is said of all of them, headers included.
        let parts = memmem::find_iter(&bytes, FILE).collect::<Vec<_>>();
        let ends = parts.iter().skip(1).copied().chain([bytes.len()]);
        let lines = parts.iter().zip(ends);
        Ok(lines
            .skip(1)
            .map(|(start, end)| bytes.get(*start..end).unwrap_or_default().to_vec())
            .collect())
    }

    /// What the files tell that are given of a photo.
    fn inspect(
        &self,
        access: &Access,
        entry: &Entry,
        secrets: &Secrets,
        found: &mut Inspection,
    ) -> Result<Told, LibraryError> {
        let renditions = [Rendition::Thumbnail, Rendition::Preview, Rendition::Card];
        let mut all: Vec<What> = match entry.unseen {
            false => renditions.map(What::Rendition).into(),
            true => Vec::new(),
        };
        if entry.is_video {
            all.push(What::Film);
        }
        if entry.moves {
            all.push(What::Motion);
        }
        if access.terms().download != Download::None {
            all.extend([What::Download, What::Screen]);
        }
        let mut seen = HashSet::new();
        let mut telling = Told::default();
        for what in all {
            let told = access.read(entry, what).and_then(|served| {
                // The same bytes may come by several ways.
                if !seen.insert(served.etag.clone()) {
                    return Ok(None);
                }
                let length = served.length;
                Ok(Some((length, self.told(served, secrets)?)))
            });
            match told {
                Ok(None) => {}
                Ok(Some((length, told))) => {
                    found.files += 1;
                    found.bytes += length;
                    found.count(told);
                    telling = telling.or(told);
                }
                Err(error) if error.concerns_all() => return Err(error),
                Err(_) => found.unread += 1,
            }
        }
        Ok(telling)
    }

    /// What a file tells as it is served: by its metadata, by its name, and by
    /// words that are known of the photo.
    fn told(&self, mut served: Served, secrets: &Secrets) -> Result<Told, LibraryError> {
        let mut told = secrets.found_in(served.name.as_bytes());
        let format = Format::of_mime(&served.mime);
        let is_picture = format.is_some_and(|format| format.kind() != Kind::Video);
        if let (Some(format), false) = (format, is_picture) {
            let said = read_video(format, &mut served.body);
            told = told.or(Told::of(&said.metadata));
            served.body.seek(SeekFrom::Start(0))?;
        }
        let mut whole = Vec::new();
        let (longest, mut window) = (secrets.longest(), Vec::new());
        loop {
            let kept = window.len().min(longest);
            window.drain(..window.len() - kept);
            let read = served
                .body
                .by_ref()
                .take(PIECE as u64)
                .read_to_end(&mut window)?;
            if read == 0 {
                break;
            }
            told = told.or(secrets.found_in(&window));
            if is_picture && served.length <= MAX_INPUT {
                whole.extend(window.get(kept..).unwrap_or_default());
            }
        }
        if !whole.is_empty() {
            // In the worker that reads pictures at import, and by the same reader.
            let input = Input::of_bytes(&whole);
            let said = self.decoder.examine(&input, &[], Origin::Owner)?;
            told = told.or(Told::of(&said.picture.facts.metadata));
        }
        Ok(told)
    }

    /// The serial numbers in an original, where it can be read now.
    fn serials(&self, asset: &Asset) -> Vec<String> {
        if asset.kind == "video" {
            return Vec::new();
        }
        let original = self.open_original(asset).map(Input::of_file);
        let said = original.and_then(|input| {
            let examined = self.decoder.examine(&input, &[], Origin::Owner)?;
            Ok(examined.picture.facts.metadata.serials)
        });
        said.unwrap_or_default()
    }
}
