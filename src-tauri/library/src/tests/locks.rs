//! Locked photos: seen nowhere but on their shelf, and there only while it is open.

use super::*;

const PIN: &str = "2718";

impl Story {
    /// A story in which one photo is locked and the shelf is closed, with an album and
    /// a link that showed it before.
    fn locked() -> (Story, AssetId, AlbumId, Link) {
        let story = Story::begin();
        let locked = story.photo_of("secret.jpg", START, |facts| {
            facts.metadata.tags = vec!["whisper".to_owned()];
            facts.metadata.camera_model = Some("Hidden camera".to_owned());
        });
        let open = story.photo("open.jpg", START - DAY);
        let album = story.album(&[locked, open]);
        let link = story.link(album, |new| new.of = LinkOf::Assets(vec![locked, open]));
        story.library.set_pin(None, PIN).unwrap();
        assert_eq!(
            story.library.set_locked(&[locked], true).unwrap().changed,
            [locked]
        );
        story.library.close_locked();
        (story, locked, album, link)
    }

    fn on_shelf(&self, shelf: Shelf) -> Result<Vec<String>, LibraryError> {
        let query = AssetQuery {
            filter: Filter {
                shelf: Some(shelf),
                ..Filter::default()
            },
            ..AssetQuery::default()
        };
        let page = self.library.assets(&query)?;
        Ok(page.assets.into_iter().map(|asset| asset.name).collect())
    }
}

fn is_unknown<T>(result: Result<T, LibraryError>) -> bool {
    matches!(result, Err(LibraryError::Unknown { .. }))
}

#[test]
fn a_locked_photo_is_seen_nowhere() {
    let (story, locked, album, link) = Story::locked();
    let library = &story.library;
    assert!(is_unknown(library.asset(locked)));
    for what in [
        What::Rendition(Rendition::Thumbnail),
        What::Rendition(Rendition::Preview),
        What::Download,
        What::Clean,
        What::Film,
        What::Motion,
    ] {
        assert!(is_unknown(library.own(locked, what)), "{what:?}");
    }
    for shelf in [Shelf::Timeline, Shelf::Archive, Shelf::Trash] {
        assert!(
            !story
                .on_shelf(shelf)
                .unwrap()
                .contains(&"secret.jpg".to_owned())
        );
    }
    assert!(matches!(
        story.on_shelf(Shelf::Locked),
        Err(LibraryError::Locked)
    ));
    for text in ["secret", "whisper", "hidden"] {
        let filter = Filter {
            text: Some(text.to_owned()),
            ..Filter::default()
        };
        let query = GridQuery {
            filter,
            ..GridQuery::default()
        };
        assert!(library.grid(&query).unwrap().ids.is_empty(), "{text}");
        assert!(library.grid_ids(&query).unwrap().is_empty(), "{text}");
        assert!(library.months_of(&query.filter).unwrap().is_empty());
    }
    let closed = Filter {
        shelf: Some(Shelf::Locked),
        ..Filter::default()
    };
    assert!(matches!(
        library.months_of(&closed),
        Err(LibraryError::Locked)
    ));
    let query = GridQuery {
        filter: closed,
        ..GridQuery::default()
    };
    assert!(matches!(
        library.grid_ids(&query),
        Err(LibraryError::Locked)
    ));
    let suggested = library.suggestions(50).unwrap();
    assert!(suggested.tags.is_empty());
    assert!(suggested.cameras.iter().all(|c| c.name != "Hidden camera"));
    assert_eq!(library.counts().unwrap().assets, 1);
    assert_eq!(library.months().unwrap().len(), 1);

    let seen = library.album(album).unwrap();
    assert_eq!(seen.count, 1);
    assert_ne!(seen.cover, Some(locked));
    assert!(!library.album_assets(album).unwrap().contains(&locked));
    assert_eq!(library.link(link.id).unwrap().count, 1);
    let access = story.access(&link);
    assert_eq!(access.totals().unwrap().files, 1);
    assert_eq!(access.entries(0, 9).unwrap().len(), 1);
}

#[test]
fn no_command_on_its_id_finds_it_or_changes_it() {
    let (story, locked, album, _) = Story::locked();
    let library = &story.library;
    let edit = AssetEdit {
        favorite: Some(true),
        ..AssetEdit::default()
    };
    let cover = AlbumEdit {
        cover: Some(locked),
        ..AlbumEdit::default()
    };
    assert!(is_unknown(library.edit_assets(&[locked], edit)));
    assert!(is_unknown(library.trash(&[locked])));
    assert!(is_unknown(library.restore(&[locked])));
    assert!(is_unknown(library.archive(&[locked], true)));
    assert!(is_unknown(library.set_locked(&[locked], true)));
    assert!(is_unknown(library.add_to_album(album, &[locked])));
    assert!(is_unknown(library.empty_trash(Some(&[locked]), false)));
    assert!(is_unknown(
        library.merge_twins(locked, &[AssetId::from_bytes([1; 16])])
    ));
    assert!(is_unknown(library.tell_apart(&[locked, locked])));
    assert!(library.edit_album(album, cover).is_err());
    let shift = library.remove_from_album(album, &[locked]).unwrap();
    assert_eq!(shift.unchanged, [locked]);
    assert!(matches!(
        library.set_locked(&[locked], false),
        Err(LibraryError::Locked)
    ));

    library.open_locked(PIN).unwrap();
    let kept = library.asset(locked).unwrap();
    assert_eq!((kept.favorite, kept.shelf), (false, Shelf::Locked));
    library.set_locked(&[locked], false).unwrap();
    assert_eq!(library.album(album).unwrap().count, 2, "nothing was lost");
}

#[test]
fn the_shelf_opens_with_the_pin_and_closes_by_itself() {
    let (story, locked, album, _) = Story::locked();
    let library = &story.library;
    assert!(matches!(
        library.open_locked("3141"),
        Err(LibraryError::WrongPin)
    ));
    library.open_locked(PIN).unwrap();
    assert_eq!(story.on_shelf(Shelf::Locked).unwrap(), ["secret.jpg"]);
    assert_eq!(library.asset(locked).unwrap().name, "secret.jpg");
    // Open, it is still on its own shelf alone.
    assert_eq!(story.on_shelf(Shelf::Timeline).unwrap(), ["open.jpg"]);
    assert_eq!(library.album(album).unwrap().count, 1);
    let refused = library.create_link(Story::new_link(LinkOf::Assets(vec![locked])));
    assert_eq!(
        refused.unwrap_err().to_string(),
        "Locked photos are shown by no link; unlock them first."
    );

    // Looking at it keeps it open.
    story.later(4 * 60_000);
    story.on_shelf(Shelf::Locked).unwrap();
    story.later(4 * 60_000);
    story.on_shelf(Shelf::Locked).unwrap();
    story.later(5 * 60_000);
    assert!(is_unknown(library.asset(locked)));
    library.open_locked(PIN).unwrap();
    // A clock that is set back does not hold it open.
    story.later(-DAY);
    assert!(is_unknown(library.asset(locked)));
}

#[test]
fn wrong_pins_are_slowed_down_also_after_a_restart() {
    let (story, ..) = Story::locked();
    let wrong = |library: &Library| library.open_locked("0000").unwrap_err().code();
    for _ in 0..5 {
        assert_eq!(wrong(&story.library), "wrong_pin");
    }
    assert_eq!(wrong(&story.library), "wait");
    let Story {
        library,
        now,
        folder,
    } = story;
    drop(library);
    let library = open(folder.path(), &now);
    assert_eq!(wrong(&library), "wait");
    let mut waits = Vec::new();
    for _ in 0..8 {
        let Err(LibraryError::PinWait { seconds }) = library.open_locked(PIN) else {
            panic!("it opened without a wait");
        };
        waits.push(seconds);
        now.fetch_add(seconds as i64 * 1_000, Ordering::Relaxed);
        assert_eq!(wrong(&library), "wrong_pin");
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    now.fetch_add(60_000, Ordering::Relaxed);
    library.open_locked(PIN).unwrap();
    assert_eq!(wrong(&library), "wrong_pin", "the right one ends the waits");
}

#[test]
fn a_pin_is_changed_only_by_who_knows_it() {
    let story = Story::begin();
    let photo = story.photo("a.jpg", START);
    assert!(story.library.set_locked(&[photo], true).is_err(), "no PIN");
    assert!(story.library.open_locked("1234").is_err());
    assert!(story.library.set_pin(None, "123").is_err());
    story.library.set_pin(None, "1234").unwrap();
    for old in [None, Some(""), Some("4321")] {
        assert_eq!(
            story.library.set_pin(old, "9999").unwrap_err().code(),
            "wrong_pin"
        );
    }
    story.library.set_pin(Some("1234"), "a longer one").unwrap();
    story.library.close_locked();
    assert!(story.library.open_locked("1234").is_err());
    story.library.open_locked("a longer one").unwrap();
}

#[test]
fn undo_shows_nothing_without_the_pin() {
    let (story, locked, ..) = Story::locked();
    let library = &story.library;
    let refused = library.undo().unwrap_err().to_string();
    assert!(
        refused.starts_with("This was done to locked photos"),
        "{refused}"
    );
    assert!(is_unknown(library.asset(locked)));
    library.open_locked(PIN).unwrap();
    assert_eq!(library.undo().unwrap().command, "1 photo locked");
    assert_eq!(library.asset(locked).unwrap().shelf, Shelf::Timeline);
}

#[test]
fn a_locked_photo_in_the_trash_is_seen_there_only_while_open() {
    let (story, locked, ..) = Story::locked();
    let library = &story.library;
    library.open_locked(PIN).unwrap();
    library.trash(&[locked]).unwrap();
    assert_eq!(story.on_shelf(Shelf::Trash).unwrap(), ["secret.jpg"]);
    assert_eq!(library.counts().unwrap().trashed, 1);
    library.close_locked();
    assert!(story.on_shelf(Shelf::Trash).unwrap().is_empty());
    assert_eq!(library.counts().unwrap().trashed, 0);
    assert_eq!(library.empty_trash(None, false).unwrap().assets, 0);
    story.later(31 * DAY);
    assert_eq!(
        library.sweep_trash().unwrap().assets,
        1,
        "its time was over"
    );
}

#[test]
fn damage_to_a_locked_photo_is_told_without_its_name() {
    let (story, ..) = Story::locked();
    for entry in walkdir::WalkDir::new(story.library.originals()) {
        let path = entry.unwrap().into_path();
        if path.to_string_lossy().contains("secret") {
            fs::remove_file(path).unwrap();
        }
    }
    let currents = Mutex::new(String::new());
    let watch = |progress: &Progress| {
        let mut all = currents.lock().unwrap();
        all.push_str(&format!("{:?}", progress.current));
        true
    };
    let found = story.library.verify(Verify::ReadAll, &watch).unwrap();
    assert_eq!(found.findings.len(), 1);
    assert!(!format!("{found:?}").contains("secret"), "{found:?}");
    assert!(!currents.lock().unwrap().contains("secret"));
}
