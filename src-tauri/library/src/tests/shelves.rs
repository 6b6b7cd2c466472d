//! The trash, the archive, and undo.

use super::*;

impl Story {
    fn names(&self, shelf: Option<Shelf>) -> Vec<String> {
        let filter = Filter {
            shelf,
            ..Filter::default()
        };
        let query = AssetQuery {
            filter,
            ..AssetQuery::default()
        };
        let page = self.library.assets(&query).unwrap();
        page.assets.into_iter().map(|asset| asset.name).collect()
    }

    fn months(&self) -> u64 {
        let months = self.library.months().unwrap();
        months.iter().map(|month| month.count).sum()
    }

    fn on_disk(&self) -> usize {
        let all = walkdir::WalkDir::new(self.library.originals());
        all.into_iter()
            .filter(|entry| entry.as_ref().unwrap().file_type().is_file())
            .count()
    }
}

#[test]
fn what_is_in_the_trash_is_seen_nowhere_else_and_comes_back_whole() {
    let story = Story::begin();
    let (a, b) = (story.photo("a.jpg", START), story.photo("b.jpg", START + 1));
    let album = story.album(&[a, b]);
    let link = story.link(album, |_| {});
    let cover = AlbumEdit {
        cover: Some(a),
        ..AlbumEdit::default()
    };
    story.library.edit_album(album, cover).unwrap();
    let access = story.access(&link);
    let entry = access.entries(0, 10).unwrap().remove(0);

    let shift = story.library.trash(&[a]).unwrap();
    assert_eq!(shift.changed, [a]);
    assert_eq!(story.library.trash(&[a]).unwrap().unchanged, [a]);

    assert_eq!(story.names(None), ["b.jpg"]);
    assert_eq!(story.names(Some(Shelf::Trash)), ["a.jpg"]);
    assert_eq!(story.months(), 1);
    let grid = story.library.grid(&GridQuery::default()).unwrap();
    assert_eq!(grid.ids, [b]);
    let seen = story.library.album(album).unwrap();
    assert_eq!((seen.count, seen.cover), (1, Some(b)));
    assert_eq!(story.library.album_assets(album).unwrap(), [b]);
    assert_eq!(access.totals().unwrap().files, 1);
    assert_eq!(access.entries(0, 10).unwrap().len(), 1);
    assert!(access.entry(&entry.item).unwrap().is_none());
    let refused = access.read(&entry, What::Download).err().unwrap();
    assert_eq!(refused.code(), "refused");
    let counts = story.library.counts().unwrap();
    assert_eq!((counts.assets, counts.trashed), (1, 1));

    assert_eq!(story.library.restore(&[a]).unwrap().changed, [a]);
    let seen = story.library.album(album).unwrap();
    assert_eq!((seen.count, seen.cover), (2, Some(a)));
    assert_eq!(access.totals().unwrap().files, 2);
    assert_eq!(story.months(), 2);
}

#[test]
fn emptying_the_trash_deletes_for_good_and_nothing_else() {
    let story = Story::begin();
    let (a, b) = (story.photo("a.jpg", START), story.photo("b.jpg", START));
    let hash = story.library.asset(a).unwrap().hash;
    let made = [(Rendition::Thumbnail, vec![1])];
    story
        .library
        .store_renditions(&hash, Turn::None, &made)
        .unwrap();
    let kept = story.library.empty_trash(Some(&[b]), false).err().unwrap();
    assert!(kept.to_string().contains("not in the trash"));
    story.library.trash(&[a]).unwrap();

    let emptied = story.library.empty_trash(None, false).unwrap();
    assert_eq!((emptied.assets, emptied.bytes), (1, 5));
    assert!(emptied.left.is_empty());
    assert_eq!(story.library.asset(a).err().unwrap().code(), "not_found");
    assert_eq!(story.on_disk(), 1);
    let served = story.library.own(b, What::Download).unwrap();
    assert_eq!(served.length, 5);
    let thumbnail = story.library.derived_path(&hash, "thumbnail", "webp");
    assert!(!thumbnail.exists());
    let intents: i64 = story
        .library
        .catalog
        .read(|conn| Ok(conn.query_row("SELECT count(*) FROM intent", [], |row| row.get(0))?))
        .unwrap();
    assert_eq!(intents, 0);
    // The same bytes may come again.
    story.photo("a.jpg", START);
    assert_eq!(story.on_disk(), 2);
}

#[test]
fn the_trash_keeps_thirty_days() {
    let story = Story::begin();
    let (a, b) = (story.photo("a.jpg", START), story.photo("b.jpg", START));
    story.library.trash(&[a]).unwrap();
    story.later(29 * DAY);
    story.library.trash(&[b]).unwrap();
    assert_eq!(story.library.sweep_trash().unwrap(), Emptied::default());
    story.later(DAY + 1);
    assert_eq!(story.library.sweep_trash().unwrap().assets, 1);
    assert_eq!(story.names(Some(Shelf::Trash)), ["b.jpg"]);
}

#[test]
fn a_file_in_place_is_deleted_only_by_its_own_word_and_only_unchanged() {
    let story = Story::begin();
    let place = |name: &str| {
        let id = story.photo(name, START);
        let path = story.folder.path().join("theirs").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, name).unwrap();
        let file = Original {
            location: Location::InPlace(path.to_str().unwrap().to_owned()),
            hash: *blake3::hash(name.as_bytes()).as_bytes(),
            bytes: name.len() as u64,
            modified_ms: original::modified_ms(&fs::metadata(&path).unwrap()),
            inode: None,
        };
        story
            .library
            .catalog
            .write(move |write| {
                original::forget(write, id, Part::Whole, false)?;
                original::record(write, id, Part::Whole, &file, None)
            })
            .unwrap();
        story.library.trash(&[id]).unwrap();
        (id, path)
    };
    let (kept, kept_path) = place("kept.jpg");
    let emptied = story.library.empty_trash(Some(&[kept]), false).unwrap();
    assert_eq!(emptied.left, std::slice::from_ref(&kept_path));
    assert!(kept_path.exists());

    let (gone, gone_path) = place("gone.jpg");
    let emptied = story.library.empty_trash(Some(&[gone]), true).unwrap();
    assert_eq!((emptied.left.len(), emptied.bytes), (0, 8));
    assert!(!gone_path.exists());

    let (changed, changed_path) = place("changed.jpg");
    fs::write(&changed_path, "something new").unwrap();
    let emptied = story.library.empty_trash(Some(&[changed]), true).unwrap();
    assert_eq!(emptied.left, std::slice::from_ref(&changed_path));
    assert!(changed_path.exists());
}

#[test]
fn a_crash_while_deleting_is_finished_at_the_next_start() {
    let story = Story::begin();
    let a = story.photo("a.jpg", START);
    story.library.trash(&[a]).unwrap();
    // Killed between the commit and the removal of the file.
    story
        .library
        .catalog
        .write(move |write| trash::delete_rows(write, a).map(|_| ()))
        .unwrap();
    assert_eq!(story.on_disk(), 1);
    // Meanwhile a file of the same name may come; it has another place.
    let again = story.photo("a.jpg", START);
    let Story {
        library,
        now,
        folder,
    } = story;
    drop(library);
    let library = Arc::new(open(folder.path(), &now));
    let story = Story {
        library,
        now,
        folder,
    };
    assert_eq!(story.on_disk(), 1);
    let served = story.library.own(again, What::Download).unwrap();
    assert_eq!(served.length, 5);
}

#[test]
fn the_archive_is_out_of_the_timeline_and_in_albums_and_links() {
    let story = Story::begin();
    let (a, b) = (story.photo("a.jpg", START), story.photo("b.jpg", START + 1));
    let album = story.album(&[a, b]);
    let link = story.link(album, |_| {});
    story.library.archive(&[a], true).unwrap();
    assert_eq!(story.names(None), ["b.jpg"]);
    assert_eq!(story.names(Some(Shelf::Archive)), ["a.jpg"]);
    assert_eq!(story.months(), 1);
    assert_eq!(story.library.album(album).unwrap().count, 2);
    assert_eq!(story.access(&link).totals().unwrap().files, 2);
    // From the archive to the trash and back to the archive.
    story.library.trash(&[a]).unwrap();
    assert!(story.names(Some(Shelf::Archive)).is_empty());
    story.library.restore(&[a]).unwrap();
    assert_eq!(story.names(Some(Shelf::Archive)), ["a.jpg"]);
    story.library.archive(&[a], false).unwrap();
    assert_eq!(story.names(None), ["b.jpg", "a.jpg"]);
}

#[test]
fn everything_bulk_is_undone_in_turn_also_after_a_restart() {
    let story = Story::begin();
    let (a, b) = (story.photo("a.jpg", START), story.photo("b.jpg", START + 1));
    let album = story.album(&[a]);
    let link = story.link(album, |link| link.password = Some("open sesame".to_owned()));
    let before = |library: &Library| {
        let albums = library.albums().unwrap();
        let assets = [a, b].map(|id| library.asset(id).unwrap());
        (albums, assets, library.months().unwrap())
    };
    let first = before(&story.library);
    let edit = AssetEdit {
        favorite: Some(true),
        rating: Some(5),
        title: Some("It's \"the\" sea; DROP TABLE asset".to_owned()),
        taken_at: Some(TakenAt::parse("2020-12-24T18:00:00").unwrap()),
        ..AssetEdit::default()
    };
    story.library.edit_assets(&[a, b], edit).unwrap();
    story.library.add_to_album(album, &[b]).unwrap();
    story.library.remove_from_album(album, &[a]).unwrap();
    story.library.trash(&[a, b]).unwrap();
    story.library.archive(&[b], true).unwrap();
    story.library.delete_album(album).unwrap();
    let nothing = story.library.add_to_album(album, &[a]);
    assert!(nothing.is_err());
    let said: Vec<String> = story
        .library
        .undoable()
        .unwrap()
        .into_iter()
        .map(|undo| undo.command)
        .collect();
    assert_eq!(
        said[..6],
        [
            "the album «Summer» deleted",
            "1 photo archived",
            "2 photos moved to the trash",
            "1 photo taken out of «Summer»",
            "1 photo added to «Summer»",
            "2 photos edited",
        ]
    );

    let Story {
        library,
        now,
        folder,
    } = story;
    drop(library);
    let library = Arc::new(open(folder.path(), &now));
    for command in &said[..6] {
        assert_eq!(&library.undo().unwrap().command, command);
    }
    assert_eq!(before(&library), first);
    // The link is open again, with its password.
    let key = link.key.clone().unwrap();
    let visit = library.visit(Address::Key(&key), None).unwrap();
    assert!(matches!(visit, Visit::Locked(_)));
}

#[test]
fn a_command_that_changes_nothing_or_fails_leaves_nothing_to_undo() {
    let story = Story::begin();
    let a = story.photo("a.jpg", START);
    assert!(story.library.undoable().unwrap().is_empty());
    let nothing = story.library.undo().err().unwrap();
    assert_eq!(nothing.to_string(), "There is nothing to undo.");
    story.library.restore(&[a]).unwrap();
    let unknown = AssetId::new(START + 9);
    assert!(story.library.trash(&[a, unknown]).is_err());
    assert!(story.library.undoable().unwrap().is_empty());
    assert_eq!(story.names(None), ["a.jpg"]);
    // What is deleted for good is passed over.
    let album = story.album(&[a]);
    story.library.remove_from_album(album, &[a]).unwrap();
    story.library.trash(&[a]).unwrap();
    story.library.empty_trash(None, false).unwrap();
    for _ in 0..2 {
        let gone = story.library.undo().err().unwrap();
        assert!(gone.to_string().contains("gone for good"), "{gone}");
    }
    assert_eq!(story.library.album(album).unwrap().count, 0);
}
