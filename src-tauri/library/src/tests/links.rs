//! What links show, to whom, and until when.

use super::*;
use std::collections::HashSet;

#[test]
fn a_link_opens_until_it_expires_or_is_revoked() {
    let story = Story::begin();
    let album = story.album(&[story.photo("a.jpg", 0)]);
    let link = story.link(album, |_| {});
    let access = story.access(&link);
    let totals = Totals {
        files: 1,
        bytes: 5,
        ..Totals::default()
    };
    assert_eq!(access.totals().unwrap(), totals);
    assert_eq!(access.terms().title, "Summer");

    let wrong = ["", "x", &"A".repeat(43), &"A".repeat(4_000), "ä/../"];
    for key in wrong {
        assert!(is_nothing(
            &story.library.visit(Address::Key(key), None).unwrap()
        ));
    }

    story.later(30 * DAY);
    assert!(is_nothing(&story.visit(&link, None)));
    assert!(!access.is_current().unwrap());

    let edit = LinkEdit {
        expires_at: Some(None),
        ..LinkEdit::default()
    };
    story.library.edit_link(link.id, edit).unwrap();
    story.access(&link);
    let revoked = story.library.revoke_link(link.id).unwrap();
    assert_eq!(revoked.state, LinkState::Revoked);
    assert!(is_nothing(&story.visit(&link, None)));
}

#[test]
fn a_right_ends_when_its_link_changes() {
    let story = Story::begin();
    let photo = story.photo("a.jpg", 0);
    let album = story.album(&[photo]);
    let link = story.link(album, |new| new.show_metadata = true);
    let access = story.access(&link);
    let entry = access.entry_at(0).unwrap().unwrap();
    assert_eq!(access.read(&entry, What::Download).unwrap().name, "a.jpg");

    let edit = LinkEdit {
        download: Some(Download::None),
        ..LinkEdit::default()
    };
    let edited = story.library.edit_link(link.id, edit).unwrap();
    assert_eq!(edited.label, "for Ben", "an absent field changes nothing");
    assert!(matches!(
        access.read(&entry, What::Download),
        Err(LibraryError::Refused)
    ));

    let fresh = story.access(&link);
    let entry = fresh.entry_at(0).unwrap().unwrap();
    assert!(matches!(
        fresh.read(&entry, What::Download),
        Err(LibraryError::Refused)
    ));
    story.library.remove_from_album(album, &[photo]).unwrap();
    assert!(fresh.entry(&entry.item).unwrap().is_none());
    assert!(matches!(
        fresh.read(&entry, What::Rendition(Rendition::Preview)),
        Err(LibraryError::Refused)
    ));
}

#[test]
fn photos_have_other_names_in_every_link() {
    let story = Story::begin();
    let photos: Vec<AssetId> = (0..5)
        .map(|n| story.photo(&format!("{n}.jpg"), n * DAY))
        .collect();
    let album = story.album(&photos);
    let (one, two) = (story.link(album, |_| {}), story.link(album, |_| {}));
    let (one, two) = (story.access(&one), story.access(&two));
    for (index, entry) in one.entries(0, 100).unwrap().iter().enumerate() {
        assert_eq!(entry.index, index as u64);
        assert_eq!(entry.item.len(), 22);
        assert_eq!(one.entry(&entry.item).unwrap().as_ref(), Some(entry));
        assert!(two.entry(&entry.item).unwrap().is_none());
        assert!(one.entry(&photos[index].to_string()).unwrap().is_none());
    }
    assert_eq!(one.entries(3, 100).unwrap().len(), 2);
    assert!(one.entry_at(5).unwrap().is_none());
}

#[test]
fn a_selection_keeps_its_order_and_follows_no_album() {
    let story = Story::begin();
    let (a, b, c) = (
        story.photo("a.jpg", 3 * DAY),
        story.photo("b.jpg", DAY),
        story.photo("c.jpg", 2 * DAY),
    );
    let album = story.album(&[a]);
    let link = story.link(album, |new| {
        new.of = LinkOf::Assets(vec![c, a, b, a]);
        new.show_metadata = true;
    });
    assert_eq!((link.kind, link.count), (LinkKind::Selection, 3));
    let names: Vec<String> = story
        .access(&link)
        .entries(0, 10)
        .unwrap()
        .into_iter()
        .filter_map(|entry| entry.shown.map(|shown| shown.name))
        .collect();
    assert_eq!(names, ["c.jpg", "a.jpg", "b.jpg"]);
}

#[test]
fn shown_metadata_reads_like_a_caption() {
    let story = Story::begin();
    let album = story.album(&[story.photo("a.jpg", 0)]);
    let access = story.access(&story.link(album, |new| new.show_metadata = true));
    let shown = access.entry_at(0).unwrap().unwrap().shown.unwrap();
    assert_eq!(shown.camera.as_deref(), Some("Canon EOS 5D"));
    assert_eq!(
        shown.exposure.as_deref(),
        Some("f/2.8 · 1/250 s · ISO 100 · 35 mm")
    );
}

#[test]
fn expiries_are_written_as_people_do() {
    let story = Story::begin();
    let expiry = |text: &str| story.library.expiry(text);
    assert_eq!(expiry("never").unwrap(), None);
    assert_eq!(expiry("30d").unwrap(), Some(START + 30 * DAY));
    assert_eq!(expiry("12h").unwrap(), Some(START + DAY / 2));
    assert_eq!(expiry("2026-05-04T12:00:00Z").unwrap(), Some(START + DAY));
    for wrong in ["", "soon", "-1d", "99999999999999d"] {
        assert!(expiry(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_paused_link_opens_nothing_until_it_goes_on() {
    let story = Story::begin();
    let album = story.album(&[story.photo("a.jpg", 0)]);
    let link = story.link(album, |_| {});
    let access = story.access(&link);
    let pause = |paused| LinkEdit {
        paused: Some(paused),
        ..LinkEdit::default()
    };
    let paused = story.library.edit_link(link.id, pause(true)).unwrap();
    assert_eq!(paused.state, LinkState::Paused);
    assert!(!access.is_current().unwrap());
    assert!(is_nothing(&story.visit(&link, None)));
    assert_eq!(story.library.album(album).unwrap().links, 0);
    let again = story.library.edit_link(link.id, pause(false)).unwrap();
    assert_eq!(again.state, LinkState::Open);
    story.access(&link);
}

#[test]
fn a_new_key_closes_the_old_address() {
    let story = Story::begin();
    let album = story.album(&[story.photo("a.jpg", 0)]);
    let link = story.link(album, |_| {});
    let (access, item) = (story.access(&link), |access: &Access| {
        access.entry_at(0).unwrap().unwrap().item
    });
    let old_item = item(&access);
    let renewed = story.library.renew_link(link.id).unwrap();
    assert_ne!(renewed.key, link.key);
    assert!(is_nothing(&story.visit(&link, None)));
    assert!(!access.is_current().unwrap());
    let access = story.access(&renewed);
    assert_ne!(item(&access), old_item);
    assert!(access.entry(&old_item).unwrap().is_none());

    story.library.revoke_link(link.id).unwrap();
    assert!(story.library.renew_link(link.id).is_err());
}

#[test]
fn a_readable_name_asks_for_a_password_unless_it_may_be_guessed() {
    let story = Story::begin();
    let album = story.album(&[story.photo("a.jpg", 0)]);
    let link = story.link(album, |_| {});
    let named = |name: &str, guessable| LinkEdit {
        name: Some(Some(name.to_owned())),
        guessable,
        ..LinkEdit::default()
    };
    let edit = |edit| story.library.edit_link(link.id, edit);
    assert!(edit(named("summer", None)).is_err());
    assert_eq!(
        story.library.link(link.id).unwrap().name,
        None,
        "nothing was changed"
    );
    assert!(edit(named("Not A Name", Some(true))).is_err());
    let open = edit(named("summer", Some(true))).unwrap();
    assert_eq!(open.name.as_deref(), Some("summer"));
    assert!(matches!(
        story.library.visit(Address::Name("summer"), None).unwrap(),
        Visit::Open(_)
    ));
    assert!(
        edit(LinkEdit {
            guessable: Some(false),
            ..LinkEdit::default()
        })
        .is_err()
    );
    let plain = edit(LinkEdit {
        name: Some(None),
        ..LinkEdit::default()
    });
    assert_eq!(plain.unwrap().name, None);
    assert!(is_nothing(
        &story.library.visit(Address::Name("summer"), None).unwrap()
    ));
}

#[test]
fn each_person_gets_a_link_of_their_own() {
    let story = Story::begin();
    let photo = story.photo("a.jpg", 0);
    let album = story.album(&[photo]);
    let new = || Story::new_link(LinkOf::Album(album));
    let people = ["Anna", "Ben", "Cem"].map(str::to_owned).to_vec();
    let made = story.library.create_links(new(), people).unwrap();
    let labels: Vec<_> = made.iter().map(|link| &*link.label).collect();
    assert_eq!(labels, ["Anna", "Ben", "Cem"]);
    let keys: HashSet<_> = made.iter().map(|link| &link.key).collect();
    assert_eq!(keys.len(), 3);
    story.library.revoke_link(made[1].id).unwrap();
    story.access(&made[0]);
    assert!(is_nothing(&story.visit(&made[1], None)));

    let shown = story.library.links_showing(photo).unwrap();
    assert_eq!(shown.len(), 2);
    assert!(story.library.create_links(new(), Vec::new()).is_err());
    assert_eq!(story.library.revoke_all_links().unwrap(), 2);
    assert_eq!(story.library.revoke_all_links().unwrap(), 0);
    assert!(story.library.links_showing(photo).unwrap().is_empty());
    assert!(is_nothing(&story.visit(&made[0], None)));
}

#[test]
fn a_selection_is_edited_and_an_album_is_not() {
    let story = Story::begin();
    let [one, two] = ["a.jpg", "b.jpg"].map(|name| story.photo(name, 0));
    let link = story.link(story.album(&[one]), |new| {
        new.of = LinkOf::Assets(vec![one])
    });
    let added = story.library.add_to_link(link.id, vec![two, one]).unwrap();
    assert_eq!((added.changed, added.unchanged), (vec![two], vec![one]));
    assert_eq!(chosen(&story, &link), [one, two]);
    assert_eq!(story.access(&link).totals().unwrap().files, 2);
    let gone = story.library.remove_from_link(link.id, vec![one]).unwrap();
    assert_eq!((gone.changed, gone.unchanged), (vec![one], vec![]));
    assert_eq!(chosen(&story, &link), [two]);
    assert!(story.library.links_showing(one).unwrap().is_empty());
    let follows = story.link(story.album(&[one]), |_| {});
    assert!(story.library.add_to_link(follows.id, vec![two]).is_err());
    assert!(
        story
            .library
            .remove_from_link(follows.id, vec![one])
            .is_err()
    );
}

#[test]
fn what_is_chosen_for_a_link_is_changed_back() {
    let story = Story::begin();
    let photos = ["a.jpg", "b.jpg", "c.jpg"].map(|name| story.photo(name, 0));
    let link = story.link(story.album(&photos), |new| {
        new.of = LinkOf::Assets(photos.to_vec());
        new.label = "Ada".to_owned();
        new.comments = true;
    });
    let open = story.access(&link);
    let library = &story.library;
    library
        .remove_from_link(link.id, vec![photos[1], photos[1]])
        .unwrap();
    assert!(!open.is_current().unwrap());
    let taken = library.undo().unwrap();
    assert_eq!(taken.command, "2 photos taken out of the link for Ada");
    assert_eq!(chosen(&story, &link), photos);

    let open = story.access(&link);
    library.remove_from_link(link.id, photos.to_vec()).unwrap();
    library.add_to_link(link.id, vec![photos[2]]).unwrap();
    assert_eq!(chosen(&story, &link), [photos[2]]);
    assert_eq!(
        library.undo().unwrap().command,
        "1 photo added to the link for Ada"
    );
    assert!(chosen(&story, &link).is_empty());
    library.undo().unwrap();
    assert_eq!(chosen(&story, &link), photos);
    assert!(
        !open.is_current().unwrap(),
        "whoever has it open is asked again"
    );

    // Nothing was changed by this: what was done before is what can be undone.
    library.add_to_link(link.id, photos.to_vec()).unwrap();
    library.remove_from_link(link.id, vec![photos[0]]).unwrap();
    library.revoke_link(link.id).unwrap();
    let gone = library.undo().unwrap_err().to_string();
    assert!(gone.contains("gone for good"), "{gone}");
    assert_eq!(chosen(&story, &link), photos[1..]);
}

/// What was chosen for a link, in the order in which visitors see it.
fn chosen(story: &Story, link: &Link) -> Vec<AssetId> {
    match story.library.link_of(link.id).unwrap() {
        LinkOf::Assets(assets) => assets,
        LinkOf::Album(_) => panic!("it follows an album"),
    }
}

#[test]
fn what_visitors_do_is_counted_once_a_visit_and_by_day() {
    let story = Story::begin();
    let link = story.link(story.album(&[story.photo("a.jpg", 0)]), |_| {});
    let access = story.access(&link);
    let note = |token: u8, deed| access.note([token; 16], "Safari on an iPhone", deed);
    for _ in 0..3 {
        note(1, Deed::Opened).unwrap();
    }
    note(1, Deed::Photo).unwrap();
    note(1, Deed::Download(12)).unwrap();
    note(1, Deed::Download(u32::MAX)).unwrap();
    story.later(DAY);
    note(2, Deed::Opened).unwrap();
    let tally = story.library.tally(link.id).unwrap();
    let days: Vec<_> = tally
        .days
        .iter()
        .map(|day| (day.visits, day.photos, day.downloads))
        .collect();
    assert_eq!(days, [(1, 1, 10_000), (1, 0, 0)]);
    assert_eq!(tally.visits.len(), 2);
    assert_eq!(tally.visits[0].photos, 0, "newest first");
    let told = story.library.link(link.id).unwrap();
    assert_eq!((told.visits, told.downloads), (2, 10_000));
    assert_eq!(told.visited_at, Some(tally.visits[0].last_at));

    story.library.revoke_link(link.id).unwrap();
    assert!(matches!(note(3, Deed::Opened), Err(LibraryError::Refused)));
    assert_eq!(story.library.tally(link.id).unwrap().visits.len(), 2);
}

#[test]
fn what_a_link_shows_is_found_and_counted_without_what_lies_in_the_trash() {
    let story = Story::begin();
    let photos: [AssetId; 4] = std::array::from_fn(|at| {
        story.photo(&format!("{at}.jpg"), DAY * i64::try_from(at).unwrap())
    });
    let [early, gone, archived, late] = photos;
    let other = story.photo("other.jpg", 0);
    let link = story.link(story.album(&[other]), |new| {
        new.of = LinkOf::Assets(vec![late, gone, early, archived]);
    });
    let library = &story.library;
    library.trash(&[gone]).unwrap();
    library.archive(&[archived], true).unwrap();
    let of = |text: Option<&str>| Filter {
        link: Some(link.id),
        text: text.map(str::to_owned),
        ..Filter::default()
    };
    let found = |filter: Filter| {
        let query = AssetQuery {
            filter,
            ..AssetQuery::default()
        };
        let page = library.assets(&query).unwrap();
        page.assets.iter().map(|asset| asset.id).collect::<Vec<_>>()
    };
    assert_eq!(found(of(None)), [late, archived, early]);
    assert_eq!(found(of(Some("0"))), [early]);
    assert!(found(of(Some("other"))).is_empty());
    let months = library.months_of(&of(None)).unwrap();
    assert_eq!(months.iter().map(|month| month.count).sum::<u64>(), 3);
    let of = library.link_of(link.id).unwrap();
    let concerns = library.sharing_concerns(&of).unwrap();
    assert_eq!((concerns.photos, concerns.archived), (3, 1));
    assert_eq!(concerns.first, [late, early, archived]);
}
