//! What is kept of imports: orders from their beginning to their end, and the
//! files that need not be read again.

use std::path::PathBuf;

use super::*;
use crate::seen;

fn order(paths: &[&str]) -> Order {
    Order {
        paths: paths.iter().map(PathBuf::from).collect(),
        ..Order::default()
    }
}

#[test]
fn an_order_is_kept_until_its_import_ends() {
    let story = Story::begin();
    let album = story.album(&[]);
    let whole = Order {
        in_place: true,
        album: Some(album),
        template: Some("{camera}/{year}".parse().unwrap()),
        ..order(&["/card/DCIM", "/home/mira/Pictures"])
    };
    let first = story.library.begin_import(&whole).unwrap();
    story.later(1);
    let second = story.library.begin_import(&order(&["/other"])).unwrap();
    let Story {
        library,
        now,
        folder,
    } = story;
    // A crash, as far as the catalog can tell.
    drop(library);
    let library = open(folder.path(), &now);
    let begun = library.begun_imports().unwrap();
    assert_eq!(begun, [(first, whole), (second, order(&["/other"]))]);
    library.end_import(first).unwrap();
    assert_eq!(library.begun_import(first).unwrap(), None);
    assert_eq!(library.begun_imports().unwrap().len(), 1);
}

#[test]
fn an_order_outlives_its_album_and_holds_any_path() {
    let story = Story::begin();
    let album = story.album(&[]);
    #[cfg(unix)]
    let odd: PathBuf = {
        let bytes = b"/card/not \xff Unicode".to_vec();
        <std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes).into()
    };
    #[cfg(not(unix))]
    let odd = PathBuf::from("C:\\card");
    let wish = Order {
        paths: vec![odd],
        album: Some(album),
        ..Order::default()
    };
    let id = story.library.begin_import(&wish).unwrap();
    story.library.delete_album(album).unwrap();
    let kept = story.library.begun_import(id).unwrap().unwrap();
    assert_eq!(kept.album, None);
    assert_eq!(kept.paths, wish.paths);
    assert_eq!(kept.missing(), Some(wish.paths[0].as_path()));
    assert_eq!(order(&["/"]).missing(), None);
}

#[test]
fn what_was_begun_before_a_backup_does_not_go_on_where_it_is_restored() {
    let story = Story::begin();
    story.library.begin_import(&order(&["/card"])).unwrap();
    let backup = story.library.back_up().unwrap().backup;
    let copy = rusqlite::Connection::open(backup.folder.join(CATALOG)).unwrap();
    let count = |table: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        copy.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!((count("import"), count("import_path")), (0, 0));
    assert_eq!(story.library.begun_imports().unwrap().len(), 1);
}

#[test]
fn a_file_is_known_again_while_it_is_as_it_was() {
    let story = Story::begin();
    let hash = [7; 32];
    let note = |path: &'static str, like: (u64, i64)| {
        story
            .library
            .catalog
            .write(move |write| seen::note_held(write, path, like, hash))
            .unwrap();
    };
    let held = |path: &str, like: (u64, i64)| {
        story
            .library
            .catalog
            .read(|conn| seen::held(conn, path, like))
            .unwrap()
    };
    note("/a.jpg", (10, START - DAY));
    assert_eq!(held("/a.jpg", (10, START - DAY)), Some(hash));
    assert_eq!(held("/a.jpg", (11, START - DAY)), None);
    assert_eq!(held("/a.jpg", (10, START - DAY + 1)), None);
    assert_eq!(held("/b.jpg", (10, START - DAY)), None);
    // It may still be written to, and its clock is coarse.
    note("/young.jpg", (10, START - 1_000));
    assert_eq!(held("/young.jpg", (10, START - 1_000)), None);
    // To a watched folder it is a file that was not looked at.
    let code = story
        .library
        .catalog
        .read(|conn| seen::code_of(conn, "/a.jpg", (10, START - DAY)))
        .unwrap();
    assert_eq!(code, None);

    // After a year it is read again.
    let forget = || story.library.catalog.write(seen::forget_held).unwrap();
    story.later(300 * DAY);
    note("/later.jpg", (10, START));
    forget();
    assert!(held("/a.jpg", (10, START - DAY)).is_some());
    story.later(100 * DAY);
    forget();
    assert_eq!(held("/a.jpg", (10, START - DAY)), None);
    assert!(held("/later.jpg", (10, START)).is_some());
}

#[test]
fn a_file_that_could_not_be_written_leaves_nothing_to_clear_up() {
    let story = Story::begin();
    let broken = story.library.place_original(
        Incoming::Bytes(b"x", [1; 32]),
        // A file is in the way of the folder.
        "2026",
        "a.jpg",
    );
    assert!(broken.is_ok());
    let target = broken.unwrap().target;
    let inside = format!("{target}/deeper");
    let refused = story
        .library
        .place_original(Incoming::Bytes(b"y", [2; 32]), &inside, "b.jpg");
    assert!(refused.is_err());
    let intents: i64 = story
        .library
        .catalog
        .read(|conn| Ok(conn.query_row("SELECT count(*) FROM intent", [], |row| row.get(0))?))
        .unwrap();
    assert_eq!(intents, 1, "only that of the one that was written");
}
