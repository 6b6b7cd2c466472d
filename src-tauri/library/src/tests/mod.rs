//! Stories of a library: real catalogs in temporary folders, assets entered as
//! import would, and a clock that the test turns.

mod among;
mod asked;
mod asking;
mod backups;
mod cards;
mod damage;
mod disk;
mod earlier;
mod edits;
mod errands;
mod feeds;
mod hosting;
mod household;
mod imports;
mod liars;
mod links;
mod local;
mod locks;
mod lodged;
mod lodging;
mod map;
mod mirrors;
mod order;
mod parcels;
mod partner_feed;
mod partner_timeline;
mod partners;
mod parts;
mod passwords;
mod peers;
mod reference;
mod roles;
mod rows;
mod safety;
mod said;
mod search;
mod seats;
mod shelves;
mod talk;
mod thirds;
mod twins;
mod visitors;
mod words;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::asset::NewAsset;
use crate::original::{self, Incoming, Location, Original, Part};
use crate::template::Filling;
use crate::*;
use media::{Facts, Format, Metadata, Taken, TakenFrom};

const DAY: i64 = 24 * 60 * 60 * 1_000;
/// 2026-05-03T12:00:00Z
const START: i64 = 1_777_809_600_000;

struct Story {
    library: Arc<Library>,
    now: Arc<AtomicI64>,
    folder: tempfile::TempDir,
}

impl Story {
    fn begin() -> Story {
        let folder = tempfile::tempdir().unwrap();
        let now = Arc::new(AtomicI64::new(START));
        let library = Arc::new(open(folder.path(), &now));
        Story {
            library,
            now,
            folder,
        }
    }

    fn later(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::Relaxed);
    }

    /// Enters an asset taken at this time, its bytes being its name.
    fn photo(&self, name: &str, taken_local_ms: i64) -> AssetId {
        self.photo_of(name, taken_local_ms, |_| {})
    }

    /// The same, of which something else is known.
    fn photo_of(&self, name: &str, taken_local_ms: i64, know: impl FnOnce(&mut Facts)) -> AssetId {
        let hash = *blake3::hash(name.as_bytes()).as_bytes();
        let placed = self
            .library
            .place_original(
                Incoming::Bytes(name.as_bytes(), hash),
                &Template::default().folder(&Filling {
                    taken_local_ms: Some(taken_local_ms),
                    ..Filling::default()
                }),
                name,
            )
            .unwrap();
        let mut facts = plain_facts();
        facts.metadata.taken = Some(Taken {
            local_ms: taken_local_ms,
            offset_minutes: Some(120),
            from: TakenFrom::Exif,
        });
        know(&mut facts);
        let new = NewAsset {
            hash,
            name: name.to_owned(),
            bytes: name.len() as u64,
            facts,
            thumbhash: vec![1, 2, 3],
            likeness: None,
            unseen: None,
            modified_ms: 0,
        };
        self.library
            .catalog
            .write(move |write| {
                let id = asset::insert(write, &new)?;
                let file = Original {
                    location: Location::Copied(placed.target.clone()),
                    hash: placed.hash,
                    bytes: placed.bytes,
                    modified_ms: 0,
                    inode: None,
                };
                original::record(write, id, Part::Whole, &file, Some(&placed))?;
                Ok(id)
            })
            .unwrap()
    }

    fn album(&self, assets: &[AssetId]) -> AlbumId {
        let album = self.library.create_album("Summer").unwrap().id;
        self.library.add_to_album(album, assets).unwrap();
        album
    }

    fn link(&self, album: AlbumId, change: impl FnOnce(&mut NewLink)) -> Link {
        let mut new = Self::new_link(LinkOf::Album(album));
        change(&mut new);
        self.library.create_link(new).unwrap()
    }

    /// What a link to these begins with.
    fn new_link(of: LinkOf) -> NewLink {
        NewLink {
            of,
            label: "for Ben".to_owned(),
            description: String::new(),
            password: None,
            expires_at: Some(START + 30 * DAY),
            download: Download::Original,
            show_metadata: false,
            name: None,
            guessable: false,
            upload: Uploads::None,
            auto_accept: false,
            upload_files: UPLOAD_FILES,
            upload_bytes: UPLOAD_BYTES,
            comments: false,
            people: None,
        }
    }

    fn visit(&self, link: &Link, pass: Option<&str>) -> Visit {
        let key = link.key.clone().unwrap();
        self.library.visit(Address::Key(&key), pass).unwrap()
    }

    fn access(&self, link: &Link) -> Access {
        opened(self.visit(link, None))
    }
}

fn open(folder: &Path, now: &Arc<AtomicI64>) -> Library {
    let now = Arc::clone(now);
    Library::open(
        folder,
        media::Decoder::new("no-worker-is-needed".into(), 1),
        Clock::new(move || now.load(Ordering::Relaxed)),
    )
    .unwrap()
}

fn plain_facts() -> Facts {
    Facts {
        format: Format::Jpeg,
        width: 400,
        height: 300,
        duration_ms: None,
        metadata: Metadata {
            camera_make: Some("Canon".to_owned()),
            camera_model: Some("Canon EOS 5D".to_owned()),
            f_number: Some(2.8),
            exposure_time: Some(0.004),
            iso: Some(100),
            focal_length: Some(35.0),
            ..Metadata::default()
        },
        motion: None,
        plays: false,
    }
}

fn opened(visit: Visit) -> Access {
    match visit {
        Visit::Open(access) => access,
        Visit::Locked(_) => panic!("the link is locked"),
        Visit::Nothing => panic!("the link opens nothing"),
    }
}

fn is_nothing(visit: &Visit) -> bool {
    matches!(visit, Visit::Nothing)
}
