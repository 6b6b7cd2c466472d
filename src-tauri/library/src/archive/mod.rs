//! All of a link, or some photos of it, as one file: a ZIP that stores them as they
//! are. It is a pure function of names, times, lengths and checksums, all known
//! before its first byte; so it has a length, a tag and ranges like any other file,
//! and nothing of it is ever held but its directory.

mod body;
mod choice;
mod size;
mod zip;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub use body::ArchiveBody;
pub use size::ArchiveSize;

use crate::asset::find as find_asset;
use crate::checksum::{Checksum, Gathered};
use crate::original::safe_name;
use crate::served::Form;
use crate::{Access, Asset, AssetId, Download, LibraryError, Reading, Turn, hex};
use choice::Choice;
use zip::{Member, Moment};

/// Photos that can be chosen one by one; who wants more takes the whole.
pub const MOST_CHOSEN: usize = 500;
/// The file in an archive by which the others are verified.
const SUMS: &str = "SHA256SUMS";
/// Lacking photos of which it is said where they stand.
const MOST_PLACES: usize = 20;
/// How long a visitor waits for checksums that are not known yet, before being told
/// to come again.
const PATIENCE: Duration = Duration::from_secs(4);

/// Whether an archive may do without what cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    /// It may not: what is lacking is told instead.
    All,
    /// It has what can be had, and says in its name that this is not all.
    WhatThereIs,
}

/// A file of an archive, as a visitor gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchiveFile<'a> {
    /// Its name within the archive.
    pub name: &'a str,
    /// How many bytes it has.
    pub bytes: u64,
    /// Its checksum.
    pub sha256: [u8; 32],
    /// Whether it is a video.
    pub is_video: bool,
}

/// An archive whose every byte is known.
#[derive(Clone)]
pub struct Archive {
    access: Access,
    name: String,
    etag: String,
    files: Vec<File>,
    /// The files, and last the list of their checksums.
    members: Vec<Member>,
    /// Where each member begins.
    starts: Vec<u64>,
    sums: Vec<u8>,
    directory: Vec<u8>,
    directory_at: u64,
}

/// Where a file of an archive is from.
#[derive(Clone)]
struct File {
    asset: AssetId,
    turn: Turn,
    form: Form,
    sum: Checksum,
    is_video: bool,
}

/// What an archive is to hold, gathered file by file.
#[derive(Default)]
struct Plan {
    files: Vec<(u64, Asset, Form, Checksum)>,
    unknown: Vec<(u64, Asset, &'static [Form])>,
    lacking: u64,
    converting: u64,
    places: Vec<u64>,
}

impl Access {
    /// The text by which an address names some of the link's photos; `None` when
    /// the link does not show one of them.
    ///
    /// # Errors
    /// [`LibraryError::Wrong`] for none and for more than [`MOST_CHOSEN`].
    pub fn choose<'a>(
        &self,
        items: impl IntoIterator<Item = &'a str>,
    ) -> Result<Option<String>, LibraryError> {
        let all = self.item_names()?;
        let mut sorted = all.clone();
        sorted.sort_unstable();
        let mut chosen: Vec<[u8; 16]> = Vec::new();
        for item in items {
            let name = URL_SAFE_NO_PAD.decode(item).ok();
            let name = name.and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
            match name.filter(|name| sorted.binary_search(name).is_ok()) {
                Some(name) => chosen.push(name),
                None => return Ok(None),
            }
        }
        let choice = Choice::of(&chosen, &all);
        match choice.count() {
            0 => Err(LibraryError::wrong("Choose at least one photo.")),
            1..=MOST_CHOSEN => Ok(Some(choice.token())),
            _ => Err(LibraryError::wrong(format!(
                "Up to {MOST_CHOSEN} photos can be chosen; take the whole album instead."
            ))),
        }
    }

    /// The archive of everything, or of what [`Access::choose`] named. Checksums
    /// that are not known yet are found out, for a few seconds.
    ///
    /// # Errors
    /// [`LibraryError::Refused`] for a size that the terms do not allow and for a
    /// choice of what the link does not show; [`LibraryError::Preparing`] when
    /// more is to be read than a visitor waits for; [`LibraryError::Lacking`] when
    /// something cannot be had and all is wished for, or nothing can be had: an archive
    /// is never silently shorter.
    pub fn archive(
        &self,
        size: Download,
        chosen: Option<&str>,
        whole: Whole,
    ) -> Result<Archive, LibraryError> {
        self.check_size(size)?;
        if !self.is_current()? {
            return Err(LibraryError::Refused);
        }
        let choice = match chosen {
            None => None,
            Some(token) => Some(Choice::parse(token).ok_or(LibraryError::Refused)?),
        };
        let mut plan = Plan::default();
        let mut found = 0;
        for (index, id) in (0..).zip(self.assets()?) {
            if choice
                .as_ref()
                .is_some_and(|choice| !choice.has(&self.item_bytes(id)))
            {
                continue;
            }
            found += 1;
            let asset = self.library().catalog.read(|conn| find_asset(conn, id))?;
            let forms = Form::of_download(&asset, size, self.terms().show_metadata);
            match self.library().known_copy(&asset, forms) {
                Ok(Some((form, sum))) => plan.files.push((index, asset, form, sum)),
                Ok(None) => plan.unknown.push((index, asset, forms)),
                Err(error) => plan.lack(index, error)?,
            }
        }
        if let Some(choice) = choice {
            // What was removed since is lacking, like what cannot be read.
            plan.lacking += (choice.count() as u64).saturating_sub(found);
        }
        self.complete(&mut plan)?;
        plan.files.sort_unstable_by_key(|(index, ..)| *index);
        let all = plan.files.len() as u64 + plan.lacking;
        if plan.lacking > 0 && (whole == Whole::All || plan.files.is_empty()) {
            plan.places.sort_unstable();
            plan.places.truncate(MOST_PLACES);
            return Err(LibraryError::Lacking {
                files: all,
                lacking: plan.lacking,
                converting: plan.converting,
                places: plan.places,
            });
        }
        Ok(self.lay_out(plan.files, all, chosen.is_some()))
    }

    /// Finds out what is not known, for as long as a visitor waits.
    fn complete(&self, plan: &mut Plan) -> Result<(), LibraryError> {
        let unknown = std::mem::take(&mut plan.unknown);
        if unknown.is_empty() {
            return Ok(());
        }
        let known = plan.files.len() as u64 + plan.lacking;
        let files = known + unknown.len() as u64;
        let until = Instant::now() + PATIENCE;
        // Who comes second is told at once: their photos are read next.
        let Ok(_alone) = self.library().summing.try_lock() else {
            return Err(LibraryError::Preparing { done: known, files });
        };
        let mut gathered = Gathered::default();
        for (done, (index, asset, forms)) in (known..).zip(unknown) {
            if Instant::now() > until {
                self.library().keep_sums(&mut gathered)?;
                return Err(LibraryError::Preparing { done, files });
            }
            match self.library().sum(&asset, forms, &mut gathered) {
                Ok((form, sum)) => plan.files.push((index, asset, form, sum)),
                Err(error) => plan.lack(index, error)?,
            }
        }
        self.library().keep_sums(&mut gathered)
    }

    /// The archive of what was planned, `all` of which were wished for.
    fn lay_out(
        &self,
        planned: Vec<(u64, Asset, Form, Checksum)>,
        all: u64,
        is_choice: bool,
    ) -> Archive {
        let shows = self.terms().show_metadata;
        let count = planned.len() as u64;
        let title = match self.terms().title.trim() {
            "" => "photos",
            title => title,
        };
        let title = match is_choice {
            _ if count < all => format!("{title} ({count} of {all})"),
            true => format!("{title} ({count})"),
            false => title.to_owned(),
        };
        let mut archive = Archive {
            access: self.clone(),
            name: safe_name(&format!("{title}.zip")),
            etag: String::new(),
            files: Vec::with_capacity(planned.len()),
            members: Vec::with_capacity(planned.len() + 1),
            starts: Vec::with_capacity(planned.len() + 1),
            sums: Vec::new(),
            directory: Vec::new(),
            directory_at: 0,
        };
        let mut names = Names::default();
        for (index, asset, form, sum) in planned {
            let name = names.unused(form.name(&asset, (!shows).then_some(index)));
            let line = format!("{}  {name}\n", hex(&sum.sha256));
            archive.sums.extend(line.bytes());
            let taken = asset.taken_at.filter(|_| shows);
            archive.add(Member {
                name,
                moment: taken.map_or(Moment::NONE, |taken| Moment::of(taken.local_ms)),
                bytes: sum.bytes,
                crc32: sum.crc32,
            });
            archive.files.push(File {
                asset: asset.id,
                turn: asset.turn,
                form,
                sum,
                is_video: asset.kind == "video",
            });
        }
        archive.add(Member {
            name: SUMS.to_owned(),
            moment: Moment::NONE,
            bytes: archive.sums.len() as u64,
            crc32: crc32fast::hash(&archive.sums),
        });
        for (member, start) in archive.members.iter().zip(&archive.starts) {
            member.record(*start, &mut archive.directory);
        }
        // The directory names all that the bytes before it depend on.
        archive.etag = format!("{}-archive", self.etag(&archive.directory));
        zip::end(
            archive.members.len() as u64,
            archive.directory_at,
            archive.directory.len() as u64,
            &mut archive.directory,
        );
        archive
    }

    fn check_size(&self, size: Download) -> Result<(), LibraryError> {
        match size != Download::None && size <= self.terms().download {
            true => Ok(()),
            false => Err(LibraryError::Refused),
        }
    }

    /// The names of all photos within the link.
    fn item_names(&self) -> Result<Vec<[u8; 16]>, LibraryError> {
        let assets = self.assets()?;
        Ok(assets.into_iter().map(|id| self.item_bytes(id)).collect())
    }
}

impl Plan {
    /// Counts a file that cannot be had.
    ///
    /// # Errors
    /// What hinders them all.
    fn lack(&mut self, index: u64, error: LibraryError) -> Result<(), LibraryError> {
        if error.concerns_all() {
            return Err(error);
        }
        self.lacking += 1;
        self.places.push(index + 1);
        self.converting += u64::from(matches!(error, LibraryError::Converting));
        Ok(())
    }
}

impl Archive {
    /// A file name, of the album's title.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Changes with the bytes; keyed by the link. Without quotes.
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// Bytes of all of it.
    pub fn length(&self) -> u64 {
        self.directory_at + self.directory.len() as u64
    }

    /// What is in it, but for the list of checksums.
    pub fn files(&self) -> impl ExactSizeIterator<Item = ArchiveFile<'_>> {
        self.files
            .iter()
            .zip(&self.members)
            .map(|(file, member)| ArchiveFile {
                name: &member.name,
                bytes: member.bytes,
                sha256: file.sum.sha256,
                is_video: file.is_video,
            })
    }

    /// Its bytes, at their start. Reading fails where a file is not any more what
    /// it was, and where the right to it has ended.
    pub fn into_body(self) -> ArchiveBody {
        ArchiveBody::new(self)
    }

    fn add(&mut self, member: Member) {
        self.starts.push(self.directory_at);
        self.directory_at += member.header_length() as u64 + member.bytes;
        self.members.push(member);
    }

    /// Opens a file, if it still is what was announced.
    fn open(&self, number: usize) -> Result<Reading, LibraryError> {
        let file = self.files.get(number).ok_or(LibraryError::Refused)?;
        let asset = self.access.shown_asset(file.asset)?;
        let name = || LibraryError::OriginalMissing {
            name: asset.name.clone(),
        };
        if asset.turn != file.turn {
            return Err(name());
        }
        let served = self
            .access
            .library()
            .open_form(&asset, file.form, String::new(), "")?;
        let same = served.length == file.sum.bytes && served.modified_ns()? == file.sum.modified_ns;
        same.then_some(served.body).ok_or_else(name)
    }
}

/// Names within an archive, each once whatever their case.
struct Names {
    taken: HashMap<String, u64>,
}

impl Default for Names {
    fn default() -> Names {
        Names {
            taken: HashMap::from([(SUMS.to_lowercase(), 1)]),
        }
    }
}

impl Names {
    /// The first of `a.jpg`, `a (2).jpg`, `a (3).jpg` … that is not taken.
    fn unused(&mut self, name: String) -> String {
        let (stem, extension) = match name.rfind('.') {
            Some(dot) if dot > 0 => name.split_at(dot),
            _ => (name.as_str(), ""),
        };
        let mut count = self.taken.get(&name.to_lowercase()).copied().unwrap_or(0) + 1;
        let unused = loop {
            let unused = match count {
                1 => name.clone(),
                count => format!("{stem} ({count}){extension}"),
            };
            if count == 1 || !self.taken.contains_key(&unused.to_lowercase()) {
                break unused;
            }
            count += 1;
        };
        self.taken.insert(name.to_lowercase(), count);
        self.taken.entry(unused.to_lowercase()).or_insert(1);
        unused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_given_twice() {
        let mut names = Names::default();
        let given: Vec<_> = [
            "a.jpg",
            "A.JPG",
            "a.jpg",
            "a (2).jpg",
            "a (4).jpg",
            "a.jpg",
            "sha256sums",
        ]
        .map(|name| names.unused(name.to_owned()))
        .into();
        assert_eq!(
            given,
            [
                "a.jpg",
                "A (2).JPG",
                "a (3).jpg",
                "a (2) (2).jpg",
                "a (4).jpg",
                "a (5).jpg",
                "sha256sums (2)",
            ]
        );
    }
}
