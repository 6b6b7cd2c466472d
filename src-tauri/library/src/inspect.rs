//! What a link gives away: every byte that its visitors would get is read as they
//! get it and looked through for places, serial numbers, cameras, names, times and
//! captions. And what to think of before something is shared.

use std::collections::HashSet;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use media::{Format, Input, Kind, MAX_INPUT, Metadata, Origin, Rendition, read_video};
use memchr::memmem;

use crate::lock::SEEN;
use crate::served::{What, stem};
use crate::{
    Access, Asset, AssetId, Download, Entry, Library, LibraryError, LinkId, LinkOf, Progress,
    Served, Shelf, album, asset, map,
};

/// Bytes looked through at once.
const PIECE: usize = 1 << 20;
/// Shorter words stand in compressed bytes by chance.
const SHORTEST: usize = 6;
/// Photos of which it is said what they tell.
const MOST_TOLD: usize = 20;
/// Photos asked for at once.
const PAGE: u64 = 500;

/// What was found in the files of a link; each counts the files that tell such a
/// thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// Photos and videos looked at.
    pub photos: u64,
    /// Files that were read of them: small, screen size, download, card, video.
    pub files: u64,
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

/// What to think of before something is shared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Concerns {
    /// Photos and videos that would be shown.
    pub photos: u64,
    /// How many of them were taken where most of the library's were: at home.
    pub at_home: u64,
    /// How many of them are archived.
    pub archived: u64,
    /// How many further ones are locked, so that they are not shown; none are told
    /// of while locked photos are closed.
    pub locked: u64,
}

/// Kinds of things that a file may tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Told {
    location: bool,
    serial: bool,
    camera: bool,
    name: bool,
    time: bool,
    caption: bool,
}

impl Told {
    fn of(metadata: &Metadata) -> Told {
        let camera = [
            &metadata.camera_make,
            &metadata.camera_model,
            &metadata.lens,
        ];
        Told {
            location: metadata.place.is_some(),
            serial: !metadata.serials.is_empty(),
            camera: camera.into_iter().any(Option::is_some),
            name: false,
            time: metadata.taken.is_some(),
            caption: metadata.title.is_some()
                || metadata.description.is_some()
                || !metadata.tags.is_empty(),
        }
    }

    fn or(self, other: Told) -> Told {
        Told {
            location: self.location | other.location,
            serial: self.serial | other.serial,
            camera: self.camera | other.camera,
            name: self.name | other.name,
            time: self.time | other.time,
            caption: self.caption | other.caption,
        }
    }

    fn words(self) -> Vec<&'static str> {
        [
            (self.location, "location"),
            (self.serial, "serial"),
            (self.camera, "camera"),
            (self.name, "name"),
            (self.time, "time"),
            (self.caption, "caption"),
        ]
        .into_iter()
        .filter_map(|(is_told, word)| is_told.then_some(word))
        .collect()
    }
}

/// What is known of a photo and must not stand in what is given of it.
struct Secrets(Vec<(Vec<u8>, Told)>);

impl Secrets {
    fn of(asset: &Asset, serials: Vec<String>) -> Secrets {
        let none = Told::default();
        let camera = [&asset.camera_make, &asset.camera_model, &asset.lens];
        let captions = [&asset.title, &asset.description];
        let degrees = [asset.latitude, asset.longitude].into_iter().flatten();
        let told = |word: String, told| (word.into_bytes(), told);
        let all = serials
            .into_iter()
            .map(|word| {
                told(
                    word,
                    Told {
                        serial: true,
                        ..none
                    },
                )
            })
            .chain(camera.into_iter().flatten().cloned().map(|word| {
                told(
                    word,
                    Told {
                        camera: true,
                        ..none
                    },
                )
            }))
            .chain(
                captions
                    .into_iter()
                    .flatten()
                    .chain(&asset.tags)
                    .cloned()
                    .map(|word| {
                        told(
                            word,
                            Told {
                                caption: true,
                                ..none
                            },
                        )
                    }),
            )
            .chain(degrees.map(|number| {
                told(
                    format!("{number:.4}"),
                    Told {
                        location: true,
                        ..none
                    },
                )
            }))
            .chain([told(stem(asset).to_owned(), Told { name: true, ..none })])
            .filter(|(word, _)| word.len() >= SHORTEST);
        Secrets(all.collect())
    }

    fn longest(&self) -> usize {
        let lengths = self.0.iter().map(|(word, _)| word.len());
        lengths.max().unwrap_or_default()
    }

    fn found_in(&self, bytes: &[u8]) -> Told {
        self.0
            .iter()
            .filter(|(word, _)| memmem::find(bytes, word).is_some())
            .fold(Told::default(), |all, (_, told)| all.or(*told))
    }
}

impl Inspection {
    fn count(&mut self, told: Told) {
        self.files += 1;
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

impl Library {
    /// Reads all that visitors of a link would get of its photos, for as long as
    /// `watch` says so, and counts what it tells.
    ///
    /// # Errors
    /// When the link opens nothing, and what hinders them all.
    pub fn inspect_link(
        self: &Arc<Self>,
        link: LinkId,
        watch: &dyn Fn(&Progress) -> bool,
    ) -> Result<Inspection, LibraryError> {
        let access = self.visit_own(link)?;
        let mut found = Inspection::default();
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
                self.inspect(&access, &entry, &asset, &mut found)?;
                found.photos += 1;
                progress.done += 1;
                progress.failed = found.unread;
            }
        }
        watch(&progress);
        Ok(found)
    }

    fn inspect(
        &self,
        access: &Access,
        entry: &Entry,
        asset: &Asset,
        found: &mut Inspection,
    ) -> Result<(), LibraryError> {
        let secrets = Secrets::of(asset, self.serials(asset));
        let renditions = [Rendition::Thumbnail, Rendition::Preview, Rendition::Card];
        let mut all: Vec<What> = match asset.unseen {
            None => renditions.map(What::Rendition).into(),
            Some(_) => Vec::new(),
        };
        if entry.is_video {
            all.push(What::Film);
        }
        if access.terms().download != Download::None {
            all.push(What::Download);
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
                Ok(Some((length, self.told(served, &secrets)?)))
            });
            match told {
                Ok(None) => {}
                Ok(Some((length, told))) => {
                    found.bytes += length;
                    found.count(told);
                    telling = telling.or(told);
                }
                Err(error) if error.concerns_all() => return Err(error),
                Err(_) => found.unread += 1,
            }
        }
        if telling != Told::default() && found.telling.len() < MOST_TOLD {
            found.telling.push(Telling {
                asset: asset.id,
                name: asset.name.clone(),
                what: telling.words(),
            });
        }
        Ok(())
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

    /// What to think of before an album or some photos are shared.
    pub fn sharing_concerns(&self, of: &LinkOf) -> Result<Concerns, LibraryError> {
        self.catalog.read(|conn| {
            let ids: Vec<AssetId> = match of {
                LinkOf::Assets(assets) => assets.clone(),
                LinkOf::Album(album) => {
                    album::check_known(conn, *album)?;
                    conn.prepare_cached(&format!(
                        "SELECT asset.id FROM album_asset AS part
                           JOIN asset ON asset.id = part.asset
                          WHERE part.album = ?1 AND asset.trashed_at IS NULL AND {SEEN}"
                    ))?
                    .query_map([album], |row| row.get(0))?
                    .collect::<Result<_, _>>()?
                }
            };
            let home = map::home(conn)?;
            let mut concerns = Concerns::default();
            for id in ids {
                let asset = asset::find(conn, id)?;
                if asset.is_locked {
                    concerns.locked += 1;
                    continue;
                }
                concerns.photos += 1;
                concerns.archived += u64::from(asset.shelf == Shelf::Archive);
                if let (Some(home), Some(latitude), Some(longitude)) =
                    (home, asset.latitude, asset.longitude)
                {
                    concerns.at_home += u64::from(home.is_near(latitude, longitude));
                }
            }
            Ok(concerns)
        })
    }
}
