//! Files on the disk: after a crash, of one name, held by one process.

use std::fs::{self, File};
use std::io::{self, Write as _};

use rusqlite::OptionalExtension;

use super::*;
use crate::original::Incoming;

#[test]
fn hidden_metadata_tells_nothing_and_withholds_originals() {
    let story = Story::begin();
    let album = story.album(&[story.photo("secret-place.jpg", 0)]);
    let access = story.access(&story.link(album, |_| {}));
    let entry = access.entry_at(0).unwrap().unwrap();
    assert!(entry.shown.is_none());
    // The original would be readable; the preview has no worker to make it.
    assert!(matches!(
        access.read(&entry, What::Download),
        Err(LibraryError::Media(_))
    ));
}

#[test]
fn a_start_after_a_crash_removes_what_was_half_done_and_nothing_else() {
    let story = Story::begin();
    let kept = story.photo("kept.jpg", 0);
    let hash = |bytes: &[u8]| *blake3::hash(bytes).as_bytes();
    let originals = story.library.originals();
    // Crashed after the rename: whole on disk, in no row.
    let whole = story
        .library
        .place_original(
            Incoming::Bytes(b"whole", hash(b"whole")),
            "undated",
            "whole.jpg",
        )
        .unwrap();
    // Crashed while writing, and a file of someone else's under the target.
    fs::write(originals.join("undated/.albumen-1"), b"ha").unwrap();
    fs::write(originals.join("undated/theirs.jpg"), b"theirs").unwrap();
    story
        .library
        .catalog
        .write(move |write| {
            write.conn().execute(
                "INSERT INTO intent (temp, target, hash)
                 VALUES ('undated/.albumen-1', 'undated/theirs.jpg', ?1)",
                [hash(b"half")],
            )?;
            Ok(())
        })
        .unwrap();
    let unfinished = story.library.renditions().join("unfinished/.tmp1");
    fs::write(&unfinished, b"ha").unwrap();
    let Story {
        library,
        now,
        folder,
    } = story;
    drop(library);

    let library = open(folder.path(), &now);
    assert!(!originals.join(&whole.target).exists());
    assert!(!originals.join("undated/.albumen-1").exists());
    assert!(!unfinished.exists());
    assert_eq!(
        fs::read(originals.join("undated/theirs.jpg")).unwrap(),
        b"theirs"
    );
    let kept = library.asset(kept).unwrap();
    assert!(library.open_original(&kept).is_ok());
    let intents = library
        .catalog
        .read(|conn| {
            Ok(conn
                .query_row("SELECT id FROM intent", [], |row| row.get::<_, i64>(0))
                .optional()?)
        })
        .unwrap();
    assert_eq!(intents, None);
}

#[test]
fn originals_of_one_name_stand_side_by_side() {
    let story = Story::begin();
    let place = |bytes: &[u8]| {
        story
            .library
            .place_original(
                Incoming::Bytes(bytes, *blake3::hash(bytes).as_bytes()),
                "1970/1970-01",
                "a.jpg",
            )
            .unwrap()
            .target
    };
    assert_eq!(place(b"one"), "1970/1970-01/a.jpg");
    assert_eq!(place(b"two"), "1970/1970-01/a (2).jpg");
}

#[test]
fn one_process_holds_a_library() {
    let story = Story::begin();
    let second = Library::open(
        story.folder.path(),
        media::Decoder::new("no-worker-is-needed".into(), 1),
        Clock::system(),
    );
    assert_eq!(second.err().unwrap().code(), "held");
}

#[cfg(unix)]
#[test]
fn what_is_being_written_stays_while_files_of_others_are_removed() {
    let story = Story::begin();
    let (reader, mut writer) = io::pipe().unwrap();
    let placed = std::thread::scope(|scope| {
        let placing = scope.spawn(|| {
            let mut incoming = File::from(std::os::fd::OwnedFd::from(reader));
            let incoming = Incoming::File(&mut incoming);
            story.library.place_original(incoming, "shared", "long.mp4")
        });
        writer.write_all(b"one half, ").unwrap();
        // Its file stands, and its hash is not known.
        let folder = story.library.originals().join("shared");
        while fs::read_dir(&folder).map_or(0, Iterator::count) == 0 && !placing.is_finished() {
            std::thread::yield_now();
        }
        story.library.remove_doomed().unwrap();
        writer.write_all(b"and the other").unwrap();
        drop(writer);
        placing.join().unwrap()
    });
    let placed = placed.unwrap();
    let written = fs::read(story.library.originals().join(&placed.target)).unwrap();
    assert_eq!(written, b"one half, and the other");
}
