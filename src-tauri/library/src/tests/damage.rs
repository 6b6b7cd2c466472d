//! What breaks by itself: pages of the catalog, bytes of photos, files that go.
//! Each has words of its own, and nothing is overwritten.

use std::fs::{self, File};
use std::path::PathBuf;

use super::*;

/// A library with a photo, a link and a backup, closed again.
fn closed() -> (tempfile::TempDir, Arc<AtomicI64>, Backup, Link) {
    let story = Story::begin();
    for number in 0..50 {
        story.photo(&format!("{number}.jpg"), START);
    }
    let album = story.album(&[story.photo("a.jpg", START)]);
    let link = story.link(album, |_| {});
    let backup = story.library.back_up().unwrap().backup;
    (story.folder, story.now, backup, link)
}

fn try_open(folder: &Path) -> LibraryError {
    let decoder = media::Decoder::new("no-worker-is-needed".into(), 1);
    let library = Library::open(folder, decoder, Clock::new(|| START));
    library.err().unwrap()
}

fn restored(folder: &Path, backup: &Backup) -> Restored {
    let order = RestoreOrder {
        backup: backup.folder.clone(),
        library: folder.to_owned(),
        over: true,
        originals: None,
    };
    restore(&order, &Clock::new(|| START), &|_| true).unwrap()
}

#[test]
fn a_catalog_that_is_overwritten_deleted_foreign_or_newer_has_its_own_words() {
    type Harm = fn(&Path);
    let harms: [(&str, &str, Harm); 5] = [
        ("catalog_damaged", "is damaged", |path| {
            let mut bytes = fs::read(path).unwrap();
            bytes[..4_096].fill(0xa5);
            fs::write(path, bytes).unwrap();
        }),
        ("catalog_missing", "is gone", |path| {
            fs::remove_file(path).unwrap();
        }),
        ("catalog_missing", "is gone", |path| {
            fs::write(path, b"").unwrap();
        }),
        ("foreign_catalog", "another program", |path| {
            fs::remove_file(path).unwrap();
            rusqlite::Connection::open(path)
                .unwrap()
                .execute_batch("CREATE TABLE theirs (x)")
                .unwrap();
        }),
        ("newer_catalog", "newer Albumen", |path| {
            rusqlite::Connection::open(path)
                .unwrap()
                .pragma_update(None, "user_version", 99)
                .unwrap();
        }),
    ];
    for (code, words, harm) in harms {
        let (folder, now, backup, link) = closed();
        let path = folder.path().join(CATALOG);
        harm(&path);
        let before = fs::read(&path).ok();
        assert_eq!(try_open(folder.path()).code(), code);
        let found = diagnose(folder.path()).unwrap().unwrap();
        let said = found.wrong.join(" ");
        assert!(said.contains(words), "{code}: {said}");
        assert!(
            said.contains(&format!("albumen backup restore {}", backup.name)),
            "{said}"
        );
        assert_eq!(found.backup.as_ref(), Some(&backup));
        assert_eq!(
            fs::read(&path).ok(),
            before,
            "{code}: nothing is overwritten"
        );

        let restored = restored(folder.path(), &backup);
        if let Some(before) = before {
            let aside = restored.aside.unwrap().join(CATALOG);
            assert_eq!(fs::read(aside).unwrap(), before);
        }
        assert!(restored.lacking.is_empty());
        assert_eq!(diagnose(folder.path()).unwrap(), None);
        let again = Story {
            library: Arc::new(open(folder.path(), &now)),
            now,
            folder,
        };
        assert_eq!(again.library.counts().unwrap().assets, 51);
        again.access(&link);
    }
}

#[test]
fn pages_overwritten_in_the_middle_are_found_and_never_backed_up() {
    let (folder, now, backup, _) = closed();
    let path = folder.path().join(CATALOG);
    let mut bytes = fs::read(&path).unwrap();
    let pages = bytes.len() / 4_096;
    bytes[4_096 * (pages / 4)..4_096 * (pages / 2)].fill(0xa5);
    fs::write(&path, &bytes).unwrap();
    let found = diagnose(folder.path()).unwrap().unwrap();
    assert!(matches!(found.catalog, Condition::Damaged(_)));
    let decoder = media::Decoder::new("no-worker-is-needed".into(), 1);
    let clock = Clock::new({
        let now = Arc::clone(&now);
        move || now.load(Ordering::Relaxed)
    });
    now.fetch_add(DAY, Ordering::Relaxed);
    match Library::open(folder.path(), decoder, clock) {
        Err(error) => assert_eq!(error.code(), "catalog_damaged"),
        Ok(library) => {
            let refused = library.back_up().unwrap_err();
            assert_eq!(refused.code(), "catalog_damaged");
            let check = library.verify(Verify::Structure, &|_| true).unwrap();
            assert_eq!(check.findings[0].problem, Problem::Catalog);
        }
    }
    let found = diagnose(folder.path()).unwrap().unwrap();
    assert_eq!(found.backup, Some(backup));
}

#[test]
fn a_secret_that_is_gone_is_told_and_brought_back() {
    let (folder, now, _, link) = closed();
    fs::remove_file(folder.path().join("secret")).unwrap();
    assert_eq!(try_open(folder.path()).code(), "secret_missing");
    assert!(!folder.path().join("secret").exists());
    let found = diagnose(folder.path()).unwrap().unwrap();
    assert!(found.wrong[0].contains("doctor --repair"), "{found:?}");
    let clock = Clock::new(|| START);
    let mended = mend(folder.path(), &clock).unwrap().unwrap();
    assert_eq!((mended.wrong.len(), mended.repaired.len()), (0, 1));
    assert_eq!(diagnose(folder.path()).unwrap(), None);
    let again = Story {
        library: Arc::new(open(folder.path(), &now)),
        now,
        folder,
    };
    again.access(&link);
}

#[test]
fn doctor_makes_nothing_where_no_library_is() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere");
    let found = diagnose(&nowhere).unwrap().unwrap();
    assert!(found.wrong[0].contains("no library"));
    assert!(!nowhere.exists());
}

fn original(story: &Story, name: &str) -> PathBuf {
    story.library.originals().join("2026/2026-05").join(name)
}

/// Flips a byte and leaves the file's length and time as they were.
fn flip(path: &Path) {
    let modified = fs::metadata(path).unwrap().modified().unwrap();
    let mut bytes = fs::read(path).unwrap();
    bytes[0] ^= 1;
    fs::write(path, bytes).unwrap();
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(modified).unwrap();
}

fn problems(check: &Verification) -> Vec<(Problem, Option<AssetId>)> {
    check
        .findings
        .iter()
        .map(|finding| (finding.problem, finding.asset))
        .collect()
}

#[test]
fn a_flipped_byte_is_found_by_reading_and_goes_nowhere_from_then_on() {
    let story = Story::begin();
    let photo = story.photo("a.jpg", START);
    story.photo("b.jpg", START);
    let album = story.album(&[photo]);
    let access = story.access(&story.link(album, |new| new.show_metadata = true));
    let entry = access.entry_at(0).unwrap().unwrap();
    flip(&original(&story, "a.jpg"));
    let verify = |what| story.library.verify(what, &|_| true).unwrap();
    assert_eq!(verify(Verify::Structure).findings, []);
    let check = verify(Verify::ReadAll);
    assert_eq!(problems(&check), [(Problem::Damaged, Some(photo))]);
    assert_eq!((check.files, check.read), (2, 2));
    assert_eq!(story.library.damaged_files().unwrap(), 1);
    // Known now without reading it again.
    let check = verify(Verify::Structure);
    assert_eq!(problems(&check), [(Problem::Damaged, Some(photo))]);

    let refused = story.library.own(photo, What::Download).err().unwrap();
    assert_eq!(refused.code(), "original_damaged");
    assert!(access.read(&entry, What::Download).is_err());
    assert!(!story.library.holds(photo, Part::Whole, true).unwrap());
    let backup = story.library.back_up().unwrap().backup;
    assert_eq!(fs::read_dir(backup.folder).unwrap().count(), 2);

    // The right bytes are back: read, and trusted again.
    flip(&original(&story, "a.jpg"));
    assert_eq!(verify(Verify::ReadAll).findings, []);
    assert_eq!(story.library.damaged_files().unwrap(), 0);
    assert!(story.library.own(photo, What::Download).is_ok());
}

#[test]
fn a_thirtieth_a_day_reads_every_original_in_thirty_days() {
    let story = Story::begin();
    let photos: Vec<String> = (0..120).map(|number| format!("{number}.jpg")).collect();
    for name in &photos {
        story.photo(name, START);
    }
    for name in &photos {
        flip(&original(&story, name));
    }
    let mut read = 0;
    for _ in 0..30 {
        story.later(DAY);
        let check = story.library.verify_if_due(&|_| true).unwrap().unwrap();
        read += check.read;
        assert!(check.read < 40, "{}", check.read);
        assert_eq!(story.library.verify_if_due(&|_| true).unwrap(), None);
    }
    assert_eq!(read, 120);
    assert_eq!(story.library.damaged_files().unwrap(), 120);
    // One that is stopped is not counted as done.
    story.later(DAY);
    let stopped = story.library.verify_if_due(&|_| false).unwrap().unwrap();
    assert!(stopped.cancelled);
    assert!(story.library.verify_if_due(&|_| true).unwrap().is_some());
}

#[test]
fn files_that_went_changed_or_came_are_told_apart_and_none_is_deleted() {
    let story = Story::begin();
    let gone = story.photo("gone.jpg", START);
    let cut = story.photo("cut.jpg", START);
    fs::remove_file(original(&story, "gone.jpg")).unwrap();
    fs::write(original(&story, "cut.jpg"), b"cut").unwrap();
    fs::write(original(&story, "stranger.jpg"), b"theirs").unwrap();
    let half = original(&story, ".albumen-0123456789abcdef");
    fs::write(&half, b"ha").unwrap();
    let check = story.library.check_up(&|_| true).unwrap();
    assert_eq!(
        problems(&check.verification),
        [
            (Problem::Unfinished, None),
            (Problem::Unknown, None),
            (Problem::Changed, Some(cut)),
            (Problem::Missing, Some(gone)),
        ]
    );
    for finding in &check.verification.findings {
        assert!(finding.message.ends_with('.'), "{}", finding.message);
    }
    // Two assets were seen once, and their thumbnails are not there.
    assert_eq!(check.lost_renditions, 2);
    let done = story.library.repair(&check, &|_| true).unwrap();
    assert_eq!(done.removed, 1);
    assert!(!half.exists());
    // It is no picture, so it cannot be taken in, and stays.
    assert_eq!(done.taken_in, 0);
    assert_eq!(
        fs::read(original(&story, "stranger.jpg")).unwrap(),
        b"theirs"
    );
    assert_eq!(fs::read(original(&story, "cut.jpg")).unwrap(), b"cut");
    assert_eq!(story.library.counts().unwrap().assets, 2);
}

#[test]
fn a_sound_catalog_is_found_so_whatever_was_looked_for_meanwhile() {
    let story = Story::begin();
    let looked_for = AssetQuery {
        filter: Filter {
            text: Some("jpg".to_owned()),
            ..Filter::default()
        },
        ..AssetQuery::default()
    };
    for number in 0..60 {
        // The index of words is merged now and then as photos come.
        story.library.assets(&looked_for).unwrap();
        story.photo(&format!("{number}.jpg"), START + number);
        let checked = story.library.verify(Verify::Structure, &|_| true).unwrap();
        let damage = problems(&checked);
        let damage = damage.iter().find(|(kind, _)| *kind == Problem::Catalog);
        assert_eq!(damage, None, "{checked:?}");
    }
}
