//! Backups: made while the library is in use, kept for so long, restored on a
//! machine that has nothing else.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use rusqlite::Connection;

use super::*;
use crate::backup;

fn restore_into(backup: &Backup, library: &Path, originals: Option<PathBuf>) -> Restored {
    let order = RestoreOrder {
        backup: backup.folder.clone(),
        library: library.to_owned(),
        over: false,
        originals,
    };
    restore(&order, &Clock::new(|| START + DAY), &|_| true).unwrap()
}

/// Every row of every table, as text.
fn rows(path: &Path) -> Vec<String> {
    let conn = Connection::open(path).unwrap();
    let tables: Vec<String> = conn
        // Each copy of a catalog begins another life of its feed.
        .prepare(
            "SELECT name FROM sqlite_schema
              WHERE type = 'table' AND name <> 'feed_state' ORDER BY name",
        )
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let mut all = Vec::new();
    for table in tables {
        let mut statement = conn.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let mut found = statement.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let values: Vec<String> = (0..columns)
                .map(|column| format!("{:?}", row.get_ref(column).unwrap()))
                .collect();
            all.push(format!("{table}: {}", values.join(", ")));
        }
    }
    all
}

#[test]
fn a_backup_made_while_photos_come_in_is_of_one_moment_and_restored_equal() {
    let story = Story::begin();
    for number in 0..50 {
        story.photo(&format!("before-{number}.jpg"), START);
    }
    let stop = AtomicBool::new(false);
    let came = AtomicI64::new(0);
    let backups: Vec<Backup> = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let number = came.fetch_add(1, Ordering::Relaxed);
                story.photo(&format!("during-{number}.jpg"), START);
            }
        });
        let made = (0..5)
            .map(|_| {
                let before = came.load(Ordering::Relaxed);
                while came.load(Ordering::Relaxed) < before + 3 {
                    std::thread::yield_now();
                }
                story.later(DAY);
                story.library.back_up().unwrap().backup
            })
            .collect();
        stop.store(true, Ordering::Relaxed);
        made
    });
    let mut before = 0;
    for backup in &backups {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("library");
        let restored = restore_into(backup, &target, Some(story.library.originals()));
        assert!(restored.lacking.is_empty(), "{:?}", restored.lacking);
        assert!(restored.files >= 50 && restored.files > before);
        before = restored.files;
        let same = rows(&target.join(CATALOG)) == rows(&backup.folder.join(CATALOG));
        assert!(same, "another catalog came back than was kept");
        let library = open(&target, &story.now);
        assert_eq!(library.counts().unwrap().assets, restored.files);
        let check = library.verify(Verify::ReadAll, &|_| true).unwrap();
        assert_eq!(check.findings, []);
        assert_eq!(check.read, restored.files);
    }
}

#[test]
fn a_backup_that_was_killed_is_not_listed_and_the_next_one_clears_it_up() {
    let story = Story::begin();
    story.photo("a.jpg", START);
    let whole = story.library.back_up().unwrap().backup;
    let place = backup::own_place(story.library.folder());
    // Killed while it copied: pages are there, the name is not.
    let half = place.join(".unfinished-2026-05-03T12-00-01Z");
    fs::create_dir(&half).unwrap();
    let bytes = fs::read(whole.folder.join(CATALOG)).unwrap();
    fs::write(half.join(CATALOG), &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(story.library.backups().unwrap(), [whole]);
    story.later(DAY);
    story.library.back_up().unwrap();
    assert!(!half.exists());
    assert_eq!(story.library.backups().unwrap().len(), 2);
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_a_backup() {
    use std::os::unix::fs::PermissionsExt;
    let story = Story::begin();
    let backup = story.library.back_up().unwrap().backup;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&backup.folder), 0o700);
    assert_eq!(mode(&backup.folder.join(CATALOG)), 0o600);
    assert_eq!(mode(&backup.folder.join("secret")), 0o600);
    assert_eq!(fs::read_dir(&backup.folder).unwrap().count(), 2);
}

#[test]
fn the_second_backup_of_a_day_takes_the_place_of_the_first() {
    let story = Story::begin();
    story.photo("a.jpg", START);
    assert!(story.library.back_up_if_due().unwrap());
    assert!(!story.library.back_up_if_due().unwrap());
    story.later(1);
    // Of one second, they have names of their own.
    let second = story.library.back_up().unwrap().backup;
    assert_eq!(
        story.library.backups().unwrap(),
        std::slice::from_ref(&second)
    );
    story.later(DAY);
    assert!(story.library.back_up_if_due().unwrap());
    let kept = story.library.backups().unwrap();
    assert_eq!(kept.len(), 2);
    assert_eq!(kept[1], second);
}

#[test]
fn links_open_again_where_a_backup_is_restored() {
    let story = Story::begin();
    let photo = story.photo("a.jpg", START);
    let away = story.photo("away.jpg", START);
    let album = story.album(&[photo, away]);
    let link = story.link(album, |new| new.show_metadata = true);
    let backup = story.library.back_up().unwrap().backup;
    let originals = story.library.originals();
    let path = |name: &str| originals.join("2026/2026-05").join(name);
    fs::remove_file(path("away.jpg")).unwrap();

    // A new machine: nothing of the old library but the backup and its photos.
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("new/library");
    let restored = restore_into(&backup, &target, Some(originals.clone()));
    assert_eq!((restored.files, restored.copied), (2, 1));
    assert_eq!(restored.lacking.len(), 1);
    assert_eq!(restored.lacking[0].name, "away.jpg");
    assert!(restored.secret);
    assert!(
        restored
            .of_links()
            .unwrap()
            .contains("2026-05-03T12:00:00Z")
    );
    let now = Arc::clone(&story.now);
    drop(story);
    let again = Story {
        library: Arc::new(open(&target, &now)),
        now,
        folder,
    };
    let access = again.access(&link);
    let entry = access.entry_at(0).unwrap().unwrap();
    assert!(access.read(&entry, What::Download).is_ok());
    // What is not there is not forgotten.
    assert_eq!(again.library.counts().unwrap().assets, 2);
    let check = again.library.verify(Verify::Structure, &|_| true).unwrap();
    assert_eq!(check.findings.len(), 1);
    assert_eq!(check.findings[0].problem, Problem::Missing);
    assert_eq!(check.findings[0].asset, Some(away));
}

#[test]
fn damaged_originals_are_not_copied_by_a_restore() {
    let story = Story::begin();
    story.photo("good.jpg", START);
    story.photo("flipped.jpg", START);
    let backup = story.library.back_up().unwrap().backup;
    let path = story.library.originals().join("2026/2026-05/flipped.jpg");
    fs::write(&path, b"flopped.jpg").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("library");
    let restored = restore_into(&backup, &target, Some(story.library.originals()));
    assert_eq!(restored.copied, 1);
    assert_eq!(restored.lacking[0].name, "flipped.jpg");
    let copied = target.join("originals/2026/2026-05");
    let names: Vec<_> = fs::read_dir(copied)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["good.jpg"]);
}

#[test]
fn a_photo_imported_since_the_backup_outlives_a_restore_and_is_taken_in_again() {
    let story = Story::begin();
    story.photo("a.jpg", START);
    // The backup is made in the middle of an import: the intent is in it.
    let hash = *blake3::hash(b"b.jpg").as_bytes();
    let placed = story
        .library
        .place_original(Incoming::Bytes(b"b.jpg", hash), "2026/2026-05", "b.jpg")
        .unwrap();
    let backup = story.library.back_up().unwrap().backup;
    let target = story.library.originals().join(&placed.target);
    let Story {
        library,
        now,
        folder,
    } = story;
    drop(library);
    let order = RestoreOrder {
        backup: backup.folder,
        library: folder.path().to_owned(),
        over: true,
        originals: None,
    };
    let restored = restore(&order, &Clock::new(|| START), &|_| true).unwrap();
    assert!(restored.aside.unwrap().join(CATALOG).exists());
    let library = open(folder.path(), &now);
    assert_eq!(fs::read(&target).unwrap(), b"b.jpg");
    let check = library.check_up(&|_| true).unwrap();
    let found: Vec<_> = check
        .verification
        .findings
        .iter()
        .map(|finding| (finding.problem, finding.path.clone()))
        .collect();
    assert_eq!(
        found,
        [(Problem::Unknown, fs::canonicalize(target).unwrap())]
    );
}

#[test]
fn copies_go_to_the_other_drive_whenever_it_is_there() {
    let story = Story::begin();
    let drive = tempfile::tempdir().unwrap();
    story
        .library
        .choose_backup_place(Some(drive.path()))
        .unwrap();
    let place = story.library.backup_place().unwrap().unwrap();
    let made = story.library.back_up().unwrap();
    let copy = made.copy.unwrap().unwrap();
    assert_eq!(copy.name, made.backup.name);
    assert!(
        copy.folder
            .starts_with(fs::canonicalize(drive.path()).unwrap())
    );

    // The drive is away: its mount point is there, and empty.
    let unplugged = drive.path().join("unplugged");
    fs::rename(&place.own, &unplugged).unwrap();
    story.later(DAY);
    let made = story.library.back_up().unwrap();
    let complaint = made.copy.unwrap().unwrap_err().to_string();
    assert!(complaint.contains("connect its drive"), "{complaint}");
    assert!(!place.own.exists());
    fs::rename(&unplugged, &place.own).unwrap();
    assert!(story.library.back_up_if_due().unwrap());
    assert!(!story.library.back_up_if_due().unwrap());
    assert_eq!(backup::list(&place.own).unwrap().len(), 2);

    let inside = story.library.choose_backup_place(Some(story.folder.path()));
    assert_eq!(inside.unwrap_err().code(), "wrong");
    story.library.choose_backup_place(None).unwrap();
    assert_eq!(story.library.backup_place().unwrap(), None);
}
