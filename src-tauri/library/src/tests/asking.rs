//! Changes asked of another machine of one's own: what each shows while it waits, what it
//! does there, and what is left of one that is refused.

use super::household::talk;
use super::peers::{device, join, named};
use super::{DAY, START, Story};
use crate::*;

/// Two machines of one person, of which the second knows what the first has.
pub(super) struct Both {
    pub(super) desk: Story,
    pub(super) laptop: Story,
    pub(super) photo: AssetId,
}

impl Both {
    pub(super) fn begin() -> Both {
        let (desk, laptop) = (named("Desk"), named("Laptop"));
        let photo = desk.photo_of("lake.jpg", START, |facts| {
            facts.metadata.tags = ["sea", "ship"].map(str::to_owned).to_vec();
        });
        join(&desk, &laptop);
        talk(&laptop, &desk);
        Both {
            desk,
            laptop,
            photo,
        }
    }

    fn home(&self) -> DeviceId {
        device(&self.desk).0
    }

    fn edit(&self, edit: AssetEdit) {
        let asked = self
            .laptop
            .library
            .ask_edit(self.home(), &[self.photo], edit);
        asked.unwrap();
    }

    /// The photo as the laptop shows it.
    fn seen(&self) -> RemoteAsset {
        let library = &self.laptop.library;
        library.remote_asset(self.home(), self.photo).unwrap()
    }

    /// The photo as the desk has it.
    pub(super) fn had(&self) -> Asset {
        self.desk.library.asset(self.photo).unwrap()
    }

    pub(super) fn talk(&self) {
        talk(&self.laptop, &self.desk);
    }

    pub(super) fn albums(&self) -> Vec<RemoteAlbum> {
        self.laptop.library.remote_albums(self.home()).unwrap()
    }

    /// Ids of the photos that the laptop shows of these.
    fn listed(&self, which: RemoteWhich) -> Vec<AssetId> {
        let library = &self.laptop.library;
        let (assets, _) = library.remote_assets(self.home(), which, None, 9).unwrap();
        assets.into_iter().map(|remote| remote.asset.id).collect()
    }

    fn on(&self, shelf: Shelf) -> Vec<AssetId> {
        self.listed(RemoteWhich {
            shelf: Some(shelf),
            ..RemoteWhich::default()
        })
    }

    fn of(&self, album: AlbumId) -> Vec<AssetId> {
        self.listed(RemoteWhich {
            album: Some(album),
            ..RemoteWhich::default()
        })
    }

    /// Why the desk does not do what waits; the laptop hears of it.
    fn refused(&self) -> String {
        let library = &self.laptop.library;
        let id = library.outgoing(self.home()).unwrap()[0].id;
        self.talk();
        match library.request(id).unwrap().state {
            RequestState::Refused(reason) => reason,
            state => panic!("it is {state:?}"),
        }
    }
}

/// What of a photo an edit can change.
fn said(
    asset: &Asset,
) -> (
    Option<TakenAt>,
    i64,
    Option<f64>,
    Option<String>,
    Vec<String>,
) {
    (
        asset.taken_at,
        asset.sorted_at,
        asset.latitude,
        asset.place.clone(),
        asset.tags.clone(),
    )
}

#[test]
fn each_edit_is_shown_at_once_as_it_will_be_and_is_so_afterwards() {
    let both = Both::begin();
    let plain = AssetEdit::default;
    let zoned = TakenAt {
        local_ms: START - 3 * DAY,
        offset_minutes: Some(-210),
    };
    let munich = PlaceEdit::parse("munich").unwrap();
    let edits = [
        AssetEdit {
            taken_at: Some(zoned),
            ..plain()
        },
        AssetEdit {
            shift_ms: Some(-3_600_000),
            ..plain()
        },
        AssetEdit {
            place: Some(munich),
            ..plain()
        },
        AssetEdit {
            add_tags: vec![" gull ".to_owned(), "sea".to_owned()],
            remove_tags: vec!["ship".to_owned()],
            ..plain()
        },
        AssetEdit {
            place: Some(PlaceEdit::Nowhere),
            ..plain()
        },
    ];
    let mut before = said(&both.had());
    for edit in edits {
        both.edit(edit.clone());
        let seen = both.seen();
        assert!(seen.waits, "{edit:?}");
        assert_ne!(said(&seen.asset), before, "{edit:?} is shown");
        assert_eq!(said(&both.had()), before, "{edit:?} waits");
        both.talk();
        assert_eq!(said(&both.had()), said(&seen.asset), "{edit:?}");
        let after = both.seen();
        assert_eq!(
            (said(&after.asset), after.waits),
            (said(&seen.asset), false)
        );
        before = said(&seen.asset);
    }
    let local_ms = zoned.local_ms - 3_600_000;
    let at = TakenAt { local_ms, ..zoned };
    assert_eq!(
        before,
        (
            Some(at),
            local_ms,
            None,
            None,
            vec!["sea".to_owned(), "gull".to_owned()]
        )
    );
    let undone = both.desk.library.undo().unwrap();
    assert_eq!(undone.command, "1 photo edited");
    assert_eq!(
        both.had().place.as_deref(),
        Some("Munich, Bavaria, Germany"),
        "the owner undoes it at home"
    );
}

#[test]
fn a_turn_waits_and_is_made_where_the_picture_is() {
    let both = Both::begin();
    let turned = |asset: &Asset| (asset.turn.quarters(), asset.width, asset.height);
    both.edit(AssetEdit {
        turn: Turn::of_quarters(-1),
        ..AssetEdit::default()
    });
    let seen = both.seen();
    assert_eq!(turned(&seen.asset), (0, 400, 300), "as its picture is");
    assert!(seen.waits);
    both.talk();
    assert_eq!(turned(&both.had()), (3, 300, 400));
    assert_eq!(turned(&both.seen().asset), (3, 300, 400));
    assert_eq!(both.desk.library.undo().unwrap().command, "1 photo turned");
}

#[test]
fn the_archive_and_the_trash_of_another_machine_are_asked_and_shown() {
    let both = Both::begin();
    let (library, home, photo) = (&both.laptop.library, both.home(), both.photo);
    library.ask_archive(home, &[photo], true).unwrap();
    assert_eq!(both.on(Shelf::Archive), [photo]);
    assert_eq!(both.on(Shelf::Timeline), []);
    both.talk();
    assert_eq!(both.had().shelf, Shelf::Archive);
    library.ask_trash(home, &[photo], true).unwrap();
    both.talk();
    assert_eq!(both.had().shelf, Shelf::Trash);
    assert_eq!(both.on(Shelf::Trash), [photo]);
    assert_eq!(both.listed(RemoteWhich::default()), []);
    library.ask_trash(home, &[photo], false).unwrap();
    library.ask_archive(home, &[photo], false).unwrap();
    assert_eq!(both.on(Shelf::Timeline), [photo]);
    both.talk();
    assert_eq!(both.had().shelf, Shelf::Timeline);
}

#[test]
fn a_time_that_waits_breaks_no_list_in_two() {
    let both = Both::begin();
    let older = both.desk.photo("older.jpg", START - DAY);
    let oldest = both.desk.photo("oldest.jpg", START - 2 * DAY);
    both.talk();
    both.edit(AssetEdit {
        shift_ms: Some(-9 * DAY),
        ..AssetEdit::default()
    });
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let which = RemoteWhich::default();
        let library = &both.laptop.library;
        let (assets, next) = library.remote_assets(both.home(), which, after, 1).unwrap();
        seen.extend(assets.into_iter().map(|remote| remote.asset.id));
        after = next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, [both.photo, older, oldest]);
    both.talk();
    assert_eq!(
        both.listed(RemoteWhich::default()),
        [older, oldest, both.photo]
    );
}

#[test]
fn an_album_of_another_machine_is_made_filled_edited_and_deleted_from_here() {
    let both = Both::begin();
    let (library, home, photo) = (&both.laptop.library, both.home(), both.photo);
    let second = both.desk.photo("hut.jpg", START + DAY);
    both.talk();
    let (album, _) = library.ask_new_album(home, "  Summer ").unwrap();
    library
        .ask_add_to_album(home, album, &[second, photo])
        .unwrap();
    let edit = AlbumEdit {
        title: Some("By the lake".to_owned()),
        description: Some("Three days".to_owned()),
        cover: Some(second),
        order: Some(AlbumOrder::Newest),
    };
    library.ask_edit_album(home, album, edit).unwrap();
    library
        .ask_remove_from_album(home, album, &[photo])
        .unwrap();
    let waiting = both.albums().remove(0);
    assert_eq!(both.of(album), [second]);
    assert!(waiting.waits && both.desk.library.albums().unwrap().is_empty());

    both.desk.later(5);
    both.talk();
    let there = both.desk.library.album(album).unwrap();
    let known = both.albums().remove(0);
    assert_eq!(
        (&*there.title, &*there.description, there.count, there.cover),
        ("By the lake", "Three days", 1, Some(second))
    );
    assert_eq!(
        (known.order, there.order),
        (AlbumOrder::Newest, AlbumOrder::Newest)
    );
    assert_eq!(known.created_at, there.created_at);
    assert_eq!(
        RemoteAlbum {
            waits: false,
            created_at: there.created_at,
            ..waiting
        },
        known
    );
    assert_eq!(
        (known.first_at, known.last_at),
        (there.first_at, there.last_at)
    );
    // What lies in the trash is in no album, here as there.
    library.ask_trash(home, &[second], true).unwrap();
    assert_eq!((both.albums()[0].count, both.of(album)), (0, vec![]));
    library.ask_delete_album(home, album).unwrap();
    assert_eq!(both.albums(), []);
    both.talk();
    assert_eq!(both.desk.library.albums().unwrap(), []);
    assert_eq!(both.albums(), []);
    both.desk.library.undo().unwrap();
    both.talk();
    assert_eq!(both.albums().len(), 1, "undone at home, it is known again");
}

#[test]
fn what_is_refused_is_shown_as_it_was() {
    let both = Both::begin();
    let (library, home, photo) = (&both.laptop.library, both.home(), both.photo);
    let album = both.desk.album(&[photo]);
    both.talk();
    let before = (both.seen(), both.albums(), both.of(album));
    // The album is gone before the desk hears what is asked of it.
    let gone = || {
        both.desk.library.delete_album(album).unwrap();
        let reason = both.refused();
        both.desk.library.undo().unwrap();
        both.talk();
        assert_eq!((both.seen(), both.albums(), both.of(album)), before);
        reason
    };
    library
        .ask_remove_from_album(home, album, &[photo])
        .unwrap();
    assert_eq!(both.of(album), []);
    assert!(gone().contains("no album"));
    let edit = AlbumEdit {
        title: Some("Winter".to_owned()),
        ..AlbumEdit::default()
    };
    library.ask_edit_album(home, album, edit).unwrap();
    assert_eq!(both.albums()[0].title, "Winter");
    assert!(gone().contains("no album"));
    library.ask_delete_album(home, album).unwrap();
    assert_eq!(both.albums(), []);
    assert!(gone().contains("no album"));
    assert!(
        library.notices(None, 9).unwrap().is_empty(),
        "the outbox says it"
    );

    let unknown = AssetId::from_bytes([9; 16]);
    library.ask_add_to_album(home, album, &[unknown]).unwrap();
    assert!(both.refused().contains("no photo"));
    assert_eq!(both.of(album), [photo]);
    library.ask_archive(home, &[photo, unknown], true).unwrap();
    assert!(both.refused().contains("no photo"));
    assert_eq!(both.had().shelf, Shelf::Timeline, "all of it or nothing");
    let taken_back = library.ask_archive(home, &[photo], true).unwrap();
    assert!(library.withdraw(taken_back).unwrap());
    assert_eq!((both.seen(), both.albums(), both.of(album)), before);
}

#[test]
fn what_cannot_be_is_not_even_asked() {
    let both = Both::begin();
    let (library, home) = (&both.laptop.library, both.home());
    let nowhere = AlbumId::from_bytes([9; 16]);
    let long = AssetEdit {
        add_tags: vec!["x".repeat(300)],
        ..AssetEdit::default()
    };
    let refused = [
        library.ask_edit(home, &[both.photo], long).unwrap_err(),
        library.ask_new_album(home, "  ").unwrap_err(),
        library
            .ask_add_to_album(home, nowhere, &[both.photo])
            .unwrap_err(),
        library
            .ask_edit_album(home, nowhere, AlbumEdit::default())
            .unwrap_err(),
        library.ask_delete_album(home, nowhere).unwrap_err(),
    ];
    for error in refused {
        assert!(["wrong", "not_found"].contains(&error.code()), "{error}");
    }
    assert_eq!(library.outbox().unwrap(), []);
}
