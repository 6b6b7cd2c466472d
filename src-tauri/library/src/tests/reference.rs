//! What the reference product's specs say of albums and of what is said in them, by
//! their numbers, as far as no other test holds it. The differences that are meant
//! stand in docs/household.md.

use super::household::{Household, person};
use super::peers::named;
use super::{START, Story};
use crate::*;

#[test]
fn an_album_begins_empty_unshared_and_with_talk_45_48_52_64() {
    let anna = named("Desk");
    let album = anna.library.create_album("Lake").unwrap();
    assert_eq!((album.count, album.cover), (0, None));
    assert_eq!(album.description, "");
    assert!(album.sharing.talking);
    assert_eq!(album.sharing.members + album.sharing.asked, 0);
    assert_eq!(album.said, Counted::default());
    assert_eq!(anna.library.albums().unwrap(), [album]);
}

#[test]
fn nobody_shares_with_themselves_a_stranger_or_twice_53_58_59() {
    let house = Household::begin();
    let album = house.anna.album(&[]);
    let library = &house.anna.library;
    let me = person(&house.anna);
    assert!(library.share_album(album, &[me], Role::Viewer).is_err());
    let ben = person(&house.ben);
    let nobody = PersonId::from_bytes([7; 16]);
    let both = library.share_album(album, &[ben, nobody], Role::Viewer);
    assert!(both.is_err());
    assert!(library.members(album).unwrap().is_empty(), "all or none");
    library.share_album(album, &[ben], Role::Viewer).unwrap();
    assert!(library.share_album(album, &[ben], Role::Editor).is_err());
    assert!(library.set_role(album, nobody, Role::Editor).is_err());
    assert!(library.unshare_album(album, nobody, false).is_err());
    // Its owner cannot leave (61), and is in no list of members to be taken out of.
    assert!(library.leave_album(album, false).is_err());
}

#[test]
fn a_photo_named_twice_is_added_once_54_55() {
    let house = Household::begin();
    let (album, _) = house.album();
    let mine = house.anna.photo("a.jpg", START);
    let twice = house
        .anna
        .library
        .add_to_album(album, &[mine, mine])
        .unwrap();
    assert_eq!((twice.changed.len(), twice.unchanged.len()), (1, 1));
    let his = house.ben.photo("b.jpg", START);
    let twice = house.ben.library.add_to_album(album, &[his, his]).unwrap();
    assert_eq!((twice.changed.len(), twice.unchanged.len()), (1, 1));
    house.settle();
    let count = |story: &Story| story.library.album(album).unwrap().count;
    assert_eq!([&house.anna, &house.ben, &house.clara].map(count), [3; 3]);
    // The same bytes from two people are there once.
    let same = house.clara.photo("a.jpg", START);
    let clara = person(&house.clara);
    house
        .anna
        .library
        .set_role(album, clara, Role::Editor)
        .unwrap();
    house.settle();
    house.clara.library.add_to_album(album, &[same]).unwrap();
    house.settle();
    assert_eq!([&house.anna, &house.ben, &house.clara].map(count), [3; 3]);
}

#[test]
fn the_trash_is_in_no_count_and_a_cover_goes_with_its_photo_50_60() {
    let house = Household::begin();
    let (album, lake) = house.album();
    let hut = house.anna.photo("hut.jpg", START + 1);
    house.anna.library.add_to_album(album, &[hut]).unwrap();
    let edit = AlbumEdit {
        cover: Some(hut),
        ..AlbumEdit::default()
    };
    house.anna.library.edit_album(album, edit).unwrap();
    house.settle();
    let seen = |story: &Story| {
        let album = story.library.album(album).unwrap();
        (album.count, album.cover)
    };
    assert_eq!(seen(&house.clara), (2, Some(hut)));
    house.anna.library.trash(&[hut]).unwrap();
    house.settle();
    assert_eq!(seen(&house.clara), (1, Some(lake)));
    house.anna.library.restore(&[hut]).unwrap();
    house.settle();
    assert_eq!(seen(&house.clara).0, 2);
}

#[test]
fn albums_of_somebody_who_is_not_known_any_more_are_gone_46() {
    let house = Household::begin();
    let (album, lake) = house.album();
    let anna = person(&house.anna).to_string();
    house.ben.library.forget(&anna).unwrap();
    assert!(house.ben.library.albums().unwrap().is_empty());
    assert!(house.ben.library.offers().unwrap().is_empty());
    assert!(house.ben.library.asset(lake).is_err());
    assert!(house.ben.library.album(album).is_err());
}
