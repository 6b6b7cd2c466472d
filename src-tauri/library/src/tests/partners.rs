//! Partners: what of a library they see, when, and what is left of it after the end.

use std::fs;
use std::io::{Read, Write};

use super::household::{Household, person, talk};
use super::peers::{device, guest, join, named};
use super::{DAY, START, Story};
use crate::*;

/// What one machine sees of somebody's library: names, newest first.
pub(super) fn seen(story: &Story, of: PersonId) -> Vec<String> {
    story.wanted(Filter {
        partner: Some(of),
        ..Filter::default()
    })
}

pub(super) fn timeline(story: &Story) -> Vec<String> {
    story.wanted(Filter::default())
}

pub(super) const WHOLE: PartnerRules = PartnerRules {
    since: None,
    captions: false,
    albums: false,
};

impl Household {
    /// Anna shows Ben her library, and he sees it.
    pub(super) fn partners(&self, rules: PartnerRules) -> (PersonId, PersonId) {
        let (anna, ben) = (person(&self.anna), person(&self.ben));
        self.anna.library.offer_library(ben, rules).unwrap();
        self.settle();
        self.ben.library.answer_library(anna, true).unwrap();
        self.settle();
        (anna, ben)
    }
}

/// Brings bytes as the network would, and keeps them.
pub(super) fn fetch(to: &Story, from: &Story, asset: AssetId, what: KeptWhat) -> Vec<u8> {
    fetch_of(to, from, device(from).0, asset, what)
}

/// The same of a photo that another told of.
pub(super) fn fetch_of(
    to: &Story,
    from: &Story,
    home: DeviceId,
    asset: AssetId,
    what: KeptWhat,
) -> Vec<u8> {
    let given = guest(from, to).open(home, asset, what).unwrap();
    let mut bytes = Vec::new();
    match given {
        Given::Original(mut original) => original.file.read_to_end(&mut bytes).unwrap(),
        Given::Rendition(mut served) => served.body.read_to_end(&mut bytes).unwrap(),
    };
    keep(to, home, asset, what, &bytes);
    bytes
}

/// Bytes have come that are kept.
pub(super) fn keep(to: &Story, home: DeviceId, asset: AssetId, what: KeptWhat, bytes: &[u8]) {
    let length = bytes.len() as u64;
    let part = to.library.open_arriving(home, asset, what, length).unwrap();
    (&part).write_all(bytes).unwrap();
    let hash = *blake3::hash(bytes).as_bytes();
    to.library
        .finish_arriving(home, asset, what, &part, hash)
        .unwrap();
}

/// Whether bytes stand in any file below a library's folder.
pub(super) fn holds(story: &Story, bytes: &[u8]) -> bool {
    let mut folders = vec![story.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else if let Ok(held) = fs::read(entry.path())
                && held.windows(bytes.len()).any(|some| some == bytes)
            {
                return true;
            }
        }
    }
    false
}

/// A picture of a photo, as if its renditions had been made.
fn render(story: &Story, asset: AssetId) -> Vec<u8> {
    let hash = story.library.asset(asset).unwrap().hash;
    let picture = [hash.as_slice(), b"a picture of its own"].concat();
    let length = u32::try_from(picture.len()).unwrap().to_le_bytes();
    let renditions = [Rendition::Thumbnail, Rendition::Preview].map(|one| {
        let bytes = match one {
            Rendition::Preview => [b"\xff\xd8".as_slice(), &picture, b"\xff\xd9"].concat(),
            _ => [b"RIFF".as_slice(), &length, &picture].concat(),
        };
        (one, bytes)
    });
    story
        .library
        .store_renditions(&hash, Turn::None, &renditions)
        .unwrap();
    picture
}

#[test]
fn nothing_is_seen_before_yes_and_then_the_timeline_alone_43_68() {
    let house = Household::begin();
    let lake = house.anna.photo("lake.jpg", START);
    let [old, gone, secret] =
        ["old.jpg", "gone.jpg", "secret.jpg"].map(|name| house.anna.photo(name, START + 1));
    house.anna.library.archive(&[old], true).unwrap();
    house.anna.library.trash(&[gone]).unwrap();
    house.anna.library.set_pin(None, "1234").unwrap();
    house.anna.library.set_locked(&[secret], true).unwrap();
    let (anna, ben) = (person(&house.anna), person(&house.ben));
    house.anna.library.offer_library(ben, WHOLE).unwrap();
    assert!(
        house.anna.library.offer_library(ben, WHOLE).is_err(),
        "twice"
    );
    let me = person(&house.anna);
    assert!(house.anna.library.offer_library(me, WHOLE).is_err());
    house.settle();

    let offered = house.ben.library.partner_library(anna).unwrap();
    assert_eq!((offered.state, offered.count), (PartnerState::Asked, 1));
    assert!(house.ben.library.show_library(anna, true).is_err());
    let right = guest(&house.anna, &house.ben);
    let space = Space::Partner(ben);
    assert!(right.feed(space, 0, 0).is_err());
    let home = device(&house.anna).0;
    assert!(right.open(home, lake, KeptWhat::Original).is_err());
    assert!(seen(&house.ben, anna).is_empty());

    house.ben.library.answer_library(anna, true).unwrap();
    house.settle();
    assert_eq!(seen(&house.ben, anna), ["lake.jpg"]);
    assert!(timeline(&house.ben).is_empty(), "only where he wishes it");
    assert!(right.open(home, lake, KeptWhat::Original).is_ok());
    for hidden in [old, gone, secret] {
        assert!(right.open(home, hidden, KeptWhat::Original).is_err());
        assert!(house.ben.library.asset(hidden).is_err());
    }
    // Not even that they are there is told.
    let rows = right.feed(space, 0, 0).unwrap().rows;
    assert_eq!(rows.len(), 1);
    let offers = house.anna.library.partners().unwrap();
    assert_eq!(offers[0].state, PartnerState::Accepted);
    assert_eq!(offers[0].copies.len(), 1);
    // One way, and to nobody else.
    assert!(house.anna.library.partner_libraries().unwrap().is_empty());
    assert!(
        guest(&house.ben, &house.anna)
            .feed(Space::Partner(anna), 0, 0)
            .is_err()
    );
    assert!(guest(&house.anna, &house.clara).feed(space, 0, 0).is_err());
    assert!(house.clara.library.partner_libraries().unwrap().is_empty());
    assert!(
        house
            .anna
            .library
            .end_partner(person(&house.clara))
            .is_err()
    );
}

#[test]
fn what_the_owner_takes_away_is_gone_with_every_byte() {
    let house = Household::begin();
    let names = ["one.jpg", "two.jpg", "three.jpg", "four.jpg", "five.jpg"];
    let photos: Vec<AssetId> = (0..)
        .zip(names)
        .map(|(number, name)| {
            house.anna.photo_of(name, START + number * DAY, |facts| {
                facts.metadata.place = Some(media::Place {
                    latitude: 44.4,
                    longitude: 8.9,
                    altitude: None,
                });
            })
        })
        .collect();
    let pictures: Vec<Vec<u8>> = photos.iter().map(|id| render(&house.anna, *id)).collect();
    let (anna, ben) = house.partners(WHOLE);
    house.ben.library.show_library(anna, true).unwrap();
    assert_eq!(timeline(&house.ben).len(), 5);
    for photo in &photos {
        for what in [KeptWhat::Thumbnail, KeptWhat::Preview, KeptWhat::Original] {
            fetch(&house.ben, &house.anna, *photo, what);
        }
    }
    for (picture, name) in pictures.iter().zip(names) {
        assert!(holds(&house.ben, picture), "{name} was kept");
    }
    let world = "-90,-180,90.0001,180.0001".parse().unwrap();
    let on_map = |partner| {
        let map = house.ben.library.map(world, 2, partner).unwrap();
        map.clusters
            .iter()
            .map(|cluster| cluster.count)
            .sum::<u64>()
    };
    assert_eq!((on_map(None), on_map(Some(anna))), (5, 5));
    let library = &house.anna.library;
    library.set_pin(None, "1234").unwrap();
    library.archive(&photos[4..], true).unwrap();
    library.set_locked(&photos[3..4], true).unwrap();
    library.trash(&photos[2..3]).unwrap();
    let since = PartnerEdit {
        since: Some(Some(START + DAY / 2)),
        ..PartnerEdit::default()
    };
    library.edit_partner(ben, since).unwrap();
    let right = guest(&house.anna, &house.ben);
    let home = device(&house.anna).0;
    for (number, photo) in photos.iter().enumerate() {
        let may = right.open(home, *photo, KeptWhat::Original).is_ok();
        assert_eq!(may, number == 1, "at once at the owner's");
    }
    house.settle();
    assert_eq!(seen(&house.ben, anna), ["two.jpg"]);
    assert_eq!(timeline(&house.ben), ["two.jpg"]);
    assert_eq!(house.ben.found("jpg"), ["two.jpg"]);
    assert_eq!((on_map(None), on_map(Some(anna))), (1, 1));
    for (number, picture) in pictures.iter().enumerate() {
        assert_eq!(holds(&house.ben, picture), number == 1, "{}", names[number]);
    }
    house.ben.is_indexed_truly();
    // What comes back is seen again.
    library.archive(&photos[4..], false).unwrap();
    library
        .edit_partner(
            ben,
            PartnerEdit {
                since: Some(None),
                ..PartnerEdit::default()
            },
        )
        .unwrap();
    house.settle();
    assert_eq!(seen(&house.ben, anna), ["five.jpg", "two.jpg", "one.jpg"]);
}

#[test]
fn the_end_is_confirmed_by_each_machine_that_was_told() {
    let house = Household::begin();
    let [tablet, phone] = ["Tablet", "Phone"].map(named);
    join(&house.ben, &tablet);
    join(&house.ben, &phone);
    // The card that Ben's machines signed goes round.
    let settle = |away: Option<&Story>| {
        let all = [&house.anna, &house.ben, &tablet, &phone];
        for _ in 0..4 {
            for one in all {
                for other in all {
                    let is_away =
                        |story: &Story| away.is_some_and(|away| std::ptr::eq(away, story));
                    if !std::ptr::eq(one, other) && !is_away(one) && !is_away(other) {
                        talk(one, other);
                    }
                }
            }
        }
    };
    settle(None);
    let lake = house.anna.photo("lake.jpg", START);
    let picture = render(&house.anna, lake);
    let (anna, ben) = (person(&house.anna), person(&house.ben));
    house.anna.library.offer_library(ben, WHOLE).unwrap();
    settle(None);
    let theirs = [&house.ben, &tablet, &phone];
    for story in theirs {
        assert!(seen(story, anna).is_empty(), "each machine is asked");
        story.library.answer_library(anna, true).unwrap();
    }
    settle(None);
    for story in theirs {
        assert_eq!(seen(story, anna), ["lake.jpg"]);
        fetch(story, &house.anna, lake, KeptWhat::Preview);
        assert!(holds(story, &picture));
    }
    house.anna.library.end_partner(ben).unwrap();
    assert!(
        guest(&house.anna, &phone)
            .feed(Space::Partner(ben), 0, 0)
            .is_err()
    );
    settle(Some(&phone));
    let confirmed = || {
        let offer = &house.anna.library.partners().unwrap()[0];
        assert_eq!(offer.state, PartnerState::Ended);
        let copies = &offer.copies;
        (
            copies
                .iter()
                .filter(|copy| copy.dropped_at.is_some())
                .count(),
            copies.len(),
        )
    };
    assert_eq!(confirmed(), (2, 3));
    assert_eq!(
        seen(&phone, anna),
        ["lake.jpg"],
        "it knows nothing of it yet"
    );
    settle(None);
    assert_eq!(confirmed(), (3, 3));
    for story in theirs {
        assert!(seen(story, anna).is_empty());
        assert!(!holds(story, &picture));
        assert!(story.library.partner_libraries().unwrap().is_empty());
        assert!(
            story
                .library
                .spaces_of(device(&house.anna).0)
                .unwrap()
                .iter()
                .all(|space| !matches!(space, Space::Partner(_)))
        );
    }
    // It begins anew, and nobody is told before they said yes again.
    house.anna.library.offer_library(ben, WHOLE).unwrap();
    settle(None);
    assert!(seen(&house.ben, anna).is_empty());
    house.ben.library.answer_library(anna, true).unwrap();
    settle(None);
    assert_eq!(seen(&house.ben, anna), ["lake.jpg"]);
    assert!(seen(&tablet, anna).is_empty());
    // He does not want to any more: all of it goes, and she is told.
    house.ben.library.answer_library(anna, false).unwrap();
    assert!(seen(&house.ben, anna).is_empty());
    settle(None);
    let offer = &house.anna.library.partners().unwrap()[0];
    assert_eq!(offer.state, PartnerState::Declined);
    assert!(offer.copies[0].dropped_at.is_some());
}

#[test]
fn captions_and_albums_travel_where_the_owner_says_so() {
    let house = Household::begin();
    let lake = house.anna.photo("lake.jpg", START);
    let hut = house.anna.photo("hut.jpg", START + 1);
    let edit = AssetEdit {
        title: Some("The lake".to_owned()),
        favorite: Some(true),
        rating: Some(5),
        ..AssetEdit::default()
    };
    house.anna.library.edit_assets(&[lake], edit).unwrap();
    house.anna.album(&[lake]);
    let hidden = house
        .anna
        .library
        .create_album("Nobody's business")
        .unwrap()
        .id;
    let (anna, ben) = house.partners(WHOLE);
    let theirs = || house.ben.library.asset(lake).unwrap();
    assert_eq!(
        (theirs().title, theirs().favorite, theirs().rating),
        (None, false, None)
    );
    assert!(house.ben.library.partner_albums(anna).unwrap().is_empty());
    let edit = |captions, albums| {
        let edit = PartnerEdit {
            captions: Some(captions),
            albums: Some(albums),
            since: None,
        };
        house.anna.library.edit_partner(ben, edit).unwrap();
        house.settle();
    };
    edit(true, true);
    assert_eq!(theirs().title.as_deref(), Some("The lake"));
    assert!(!theirs().favorite, "what is hers alone is not told (44)");
    assert_eq!(house.ben.found("the lake"), Vec::<String>::new());
    let albums = house.ben.library.partner_albums(anna).unwrap();
    assert_eq!(
        albums.len(),
        1,
        "an album without a photo for him is not told"
    );
    assert_eq!(
        (albums[0].title.as_str(), albums[0].count, albums[0].cover),
        ("Summer", 1, Some(lake))
    );
    let of_album = |album| {
        house.ben.wanted(Filter {
            partner_album: Some(album),
            ..Filter::default()
        })
    };
    assert_eq!(of_album(albums[0].id), ["lake.jpg"]);
    house
        .anna
        .library
        .add_to_album(albums[0].id, &[hut])
        .unwrap();
    house.anna.library.add_to_album(hidden, &[hut]).unwrap();
    house.settle();
    assert_eq!(house.ben.library.partner_albums(anna).unwrap().len(), 2);
    assert_eq!(of_album(albums[0].id), ["hut.jpg", "lake.jpg"]);
    // The album of what he does not see any more is gone with it.
    house.anna.library.archive(&[hut], true).unwrap();
    house.settle();
    assert_eq!(house.ben.library.partner_albums(anna).unwrap().len(), 1);
    edit(false, false);
    assert_eq!(theirs().title, None);
    assert!(house.ben.library.partner_albums(anna).unwrap().is_empty());
}

/// Who declined is shown nothing again by their own word alone.
#[test]
fn what_was_declined_is_to_be_offered_anew() {
    let house = Household::begin();
    let (anna, ben) = house.partners(WHOLE);
    house.anna.photo("lake.jpg", START);
    house.ben.library.answer_library(anna, false).unwrap();
    house.settle();
    let _refused = house.ben.library.answer_library(anna, true);
    house.settle();
    let offer = || house.anna.library.partners().unwrap()[0].state;
    assert_eq!(offer(), PartnerState::Declined);
    assert!(seen(&house.ben, anna).is_empty());
    house.anna.library.offer_library(ben, WHOLE).unwrap();
    house.settle();
    house.ben.library.answer_library(anna, true).unwrap();
    house.settle();
    assert_eq!(seen(&house.ben, anna), ["lake.jpg"]);
}

/// A photo that somebody else's album shows, too, comes from there after the end.
#[test]
fn what_an_album_shows_comes_from_where_the_album_lives() {
    let house = Household::begin();
    let (album, _) = house.album();
    let (ben, clara) = (person(&house.ben), person(&house.clara));
    let boat = house.ben.photo("boat.jpg", START + 1);
    house.ben.library.add_to_album(album, &[boat]).unwrap();
    house.ben.library.offer_library(clara, WHOLE).unwrap();
    house.settle();
    house.clara.library.answer_library(ben, true).unwrap();
    house.settle();
    let via = || house.clara.library.asset(boat).unwrap().via;
    assert_eq!(via(), Some(device(&house.ben).0));
    fetch(&house.clara, &house.ben, boat, KeptWhat::Original);
    house.ben.library.end_partner(clara).unwrap();
    house.settle();
    assert_eq!(via(), Some(device(&house.anna).0));
    let kept = house
        .clara
        .library
        .is_kept(device(&house.ben).0, boat, KeptWhat::Original);
    assert!(!kept.unwrap());
}

/// A backup knows nothing of what partners show, and one that is brought back is told it
/// anew.
#[test]
fn backups_hold_nothing_of_partners() {
    let house = Household::begin();
    let lake = house.anna.photo("lakeside.jpg", START);
    house.ben.photo("harbour.jpg", START);
    let (anna, _) = house.partners(WHOLE);
    fetch(&house.ben, &house.anna, lake, KeptWhat::Original);
    let backup = house.ben.library.back_up().unwrap().backup;
    let bytes = fs::read(backup.folder.join(CATALOG)).unwrap();
    let has = |word: &[u8]| bytes.windows(word.len()).any(|some| some == word);
    assert!(has(b"harbour") && has(b"Laptop"));
    assert!(!has(b"lakeside"));
    assert_eq!(
        seen(&house.ben, anna),
        ["lakeside.jpg"],
        "here nothing is gone"
    );
}

#[test]
fn an_original_that_was_looked_at_goes_with_the_library_though_an_album_shows_the_photo() {
    let house = Household::begin();
    let (_, lake) = house.album();
    let (_, ben) = house.partners(WHOLE);
    fetch(&house.ben, &house.anna, lake, KeptWhat::Original);
    let (library, home) = (&house.ben.library, device(&house.anna).0);
    let is_kept = || library.is_kept(home, lake, KeptWhat::Original).unwrap();
    assert!(is_kept());
    house.anna.library.end_partner(ben).unwrap();
    house.settle();
    assert!(library.asset(lake).is_ok(), "the album shows it");
    assert!(!is_kept());
}
