//! A library that an earlier Albumen made: it opens, all that was in it is there,
//! and it goes on as any other.

use std::fs;
use std::io::{Cursor, Read};

use flate2::Compression;
use flate2::read::DeflateEncoder;
use rusqlite::{Connection, params};

use super::order::ordered;
use super::*;
use crate::migration::{STEPS, VERSION};
use crate::{Brought, Restoring};

/// The tables as the first Albumen made them.
const FIRST: &str = include_str!("../migrations/1.sql");

/// A library of version 1: a person, a photo with its original, an album.
fn first_version(folder: &Path) -> (AssetId, AlbumId) {
    let (photo, album) = (AssetId::new(START), AlbumId::new(START));
    let (person, device) = (PersonId::new(START), DeviceId::new(START));
    let originals = folder.join("originals/2026/2026-05");
    fs::create_dir_all(&originals).unwrap();
    fs::write(originals.join("old.jpg"), b"old.jpg").unwrap();
    let conn = Connection::open(folder.join("albumen.sqlite")).unwrap();
    conn.pragma_update(None, "application_id", 0x416c_626d)
        .unwrap();
    conn.pragma_update(None, "user_version", 1).unwrap();
    conn.pragma_update(None, "journal_mode", "WAL").unwrap();
    conn.execute_batch(FIRST).unwrap();
    let add = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        assert_eq!(conn.execute(sql, values).unwrap(), 1, "{sql}");
    };
    add(
        "INSERT INTO person (id, name) VALUES (?1, 'Ada')",
        params![person],
    );
    add(
        "INSERT INTO device (id, person, name) VALUES (?1, ?2, 'desk')",
        params![device, person],
    );
    add(
        "INSERT INTO library (only, id, person, device, created_at) VALUES (1, ?1, ?2, ?3, ?4)",
        params![LibraryId::new(START), person, device, START],
    );
    let hash = *blake3::hash(b"old.jpg").as_bytes();
    add(
        "INSERT INTO asset (id, home, hash, kind, name, bytes, mime, width, height, taken_local,
             taken_offset, sorted_at, latitude, longitude, iso, rating, title, favorite, thumbhash,
             imported_at)
         VALUES (?1, ?2, ?3, 'photo', 'old.jpg', 7, 'image/jpeg', 400, 300, ?4, 120, ?4, 44.4, 8.9,
             200, 4, 'The old one', 1, x'0102', ?4)",
        params![photo, device, hash, START],
    );
    add(
        "INSERT INTO original (asset, in_place, path, modified_ms)
         VALUES (?1, 0, '2026/2026-05/old.jpg', 0)",
        params![photo],
    );
    add(
        "INSERT INTO album (id, home, title, created_at) VALUES (?1, ?2, 'Then', ?3)",
        params![album, device, START],
    );
    add(
        "INSERT INTO album_asset (album, asset, added_at) VALUES (?1, ?2, ?3)",
        params![album, photo, START],
    );
    (photo, album)
}

#[test]
fn a_library_of_the_first_version_opens_keeps_all_and_takes_more_in() {
    let folder = tempfile::tempdir().unwrap();
    let (photo, album) = first_version(folder.path());
    let now = Arc::new(AtomicI64::new(START + DAY));
    let story = Story {
        library: Arc::new(open(folder.path(), &now)),
        now,
        folder,
    };

    let old = story.library.asset(photo).unwrap();
    assert_eq!(old.name, "old.jpg");
    assert_eq!(old.title.as_deref(), Some("The old one"));
    assert_eq!(
        (old.rating, old.iso, old.favorite),
        (Some(4), Some(200), true)
    );
    assert_eq!(old.taken_at.map(|taken| taken.local_ms), Some(START));
    // What the first version did not know is unknown.
    assert_eq!((old.taken_from, old.motion, old.unseen), (None, None, None));
    assert!(old.tags.is_empty());
    assert_eq!(story.library.identity().unwrap().person_name, "Ada");
    let served = story.library.own(photo, What::Download).unwrap();
    assert_eq!(served.length, 7);

    // What it has is found, and by its place once that has its name.
    assert_eq!(story.found("the OLD"), ["old.jpg"]);
    assert!(story.found("genoa").is_empty());
    assert!(story.library.has_places_waiting().unwrap());
    story.library.name_places(&|_| true).unwrap();
    assert!(!story.library.has_places_waiting().unwrap());
    assert_eq!(story.found("genoa"), ["old.jpg"]);
    story.is_indexed_truly();

    let new = story.photo("new.jpg", START + 1);
    let shift = story.library.add_to_album(album, &[new]).unwrap();
    assert_eq!(shift.changed, [new]);
    assert_eq!(story.library.album_assets(album).unwrap(), [photo, new]);
    assert_eq!(story.library.counts().unwrap().assets, 2);
    let months = story.library.months().unwrap();
    assert_eq!(months.iter().map(|month| month.count).sum::<u64>(), 2);

    // The next start finds it as it is now, and a backup of the catalog as it was.
    let Story {
        library,
        now,
        folder,
    } = story;
    drop(library);
    let library = open(folder.path(), &now);
    let backups = library.backups().unwrap();
    assert_eq!(backups.len(), 1);
    assert_eq!(backups[0].occasion, Occasion::BeforeUpdate(1));
    assert_eq!(library.counts().unwrap().assets, 2);
}

/// The catalog in a folder as each later version would have made it.
fn grow(catalog: &Path, version: i64) {
    let conn = Connection::open(catalog).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON")
        .unwrap();
    for (step, _) in STEPS.iter().zip(2..=version) {
        conn.execute_batch(step).unwrap();
    }
    conn.pragma_update(None, "user_version", version).unwrap();
}

#[test]
fn a_backup_of_each_earlier_version_is_restored() {
    for version in 1..=VERSION {
        let old = tempfile::tempdir().unwrap();
        let (photo, album) = first_version(old.path());
        grow(&old.path().join(CATALOG), version);
        let folder = tempfile::tempdir().unwrap();
        let order = RestoreOrder {
            backup: old.path().to_owned(),
            library: folder.path().to_owned(),
            over: false,
            originals: Some(old.path().join("originals")),
        };

        let stopped = restore(&order, &Clock::new(|| START), &|_| false);
        assert_eq!(stopped.unwrap_err().code(), "cancelled", "{version}");
        let left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert!(
            !left
                .iter()
                .any(|name| name.to_string_lossy().contains("sqlite")),
            "{version}: {left:?}"
        );

        let restored = restore(&order, &Clock::new(|| START), &|_| true).unwrap();
        assert_eq!((restored.files, restored.copied), (1, 1), "{version}");
        let library = open(folder.path(), &Arc::new(AtomicI64::new(START)));
        assert_eq!(library.album_assets(album).unwrap(), [photo], "{version}");
        assert_eq!(library.own(photo, What::Download).unwrap().length, 7);
        // An album begins with its oldest photo, as it did, and can be turned round.
        let was = library.album(album).unwrap().order;
        let now = library
            .edit_album(album, ordered(AlbumOrder::Newest))
            .unwrap();
        assert_eq!(
            (was, now.order),
            (AlbumOrder::Oldest, AlbumOrder::Newest),
            "{version}"
        );
    }
}

#[test]
fn a_snapshot_of_each_earlier_version_comes_back_from_the_store() {
    for version in 1..=VERSION {
        let old = tempfile::tempdir().unwrap();
        let (photo, album) = first_version(old.path());
        grow(&old.path().join(CATALOG), version);
        // What a program of then would have sent: a whole catalog in one file.
        Connection::open(old.path().join(CATALOG))
            .unwrap()
            .pragma_update(None, "journal_mode", "DELETE")
            .unwrap();
        let catalog = File::open(old.path().join(CATALOG)).unwrap();
        let sent = Cursor::new([7; 32]).chain(DeflateEncoder::new(catalog, Compression::fast()));

        let folder = tempfile::tempdir().unwrap();
        let mut restoring = Restoring::begin(folder.path(), "copy").unwrap();
        restoring.take_snapshot("catalogs/then", sent).unwrap();
        let files = restoring.files(None).unwrap();
        assert_eq!(files.len(), 1, "{version}");
        let brought = restoring.take(&files[0], &b"old.jpg"[..]).unwrap();
        assert_eq!(brought, Brought::Here, "{version}");
        restoring.finish().unwrap();
        let library = open(folder.path(), &Arc::new(AtomicI64::new(START)));
        assert_eq!(library.album_assets(album).unwrap(), [photo], "{version}");
        assert_eq!(library.own(photo, What::Download).unwrap().length, 7);
    }
}
