//! Partners' photos beside one's own: once in the timeline, for looking at and saving
//! alone, and kept as is said at each machine.

use super::household::{Household, person, talk};
use super::partners::{WHOLE, fetch, seen, timeline};
use super::peers::{device, guest, join, meet, named};
use super::{START, Story};
use crate::*;

#[test]
fn identical_photos_are_in_the_timeline_once() {
    let house = Household::begin();
    let same = house.ben.photo("same.jpg", START);
    house.anna.photo("same.jpg", START);
    house.anna.photo("hers.jpg", START + 1);
    house.clara.photo("hers.jpg", START + 1);
    let (anna, _) = house.partners(WHOLE);
    let (clara, ben) = (person(&house.clara), person(&house.ben));
    house.clara.library.offer_library(ben, WHOLE).unwrap();
    house.settle();
    house.ben.library.answer_library(clara, true).unwrap();
    house.settle();
    assert_eq!(timeline(&house.ben), ["same.jpg"]);
    for whose in [anna, clara] {
        house.ben.library.show_library(whose, true).unwrap();
    }
    assert_eq!(timeline(&house.ben), ["hers.jpg", "same.jpg"]);
    assert_eq!(house.ben.found("hers"), ["hers.jpg"]);
    assert_eq!(house.ben.library.months().unwrap()[0].count, 2);
    assert_eq!(
        (seen(&house.ben, anna).len(), seen(&house.ben, clara).len()),
        (2, 1)
    );
    // Whichever of the copies goes, one is seen.
    house.ben.library.trash(&[same]).unwrap();
    assert_eq!(timeline(&house.ben), ["hers.jpg", "same.jpg"]);
    house.ben.library.restore(&[same]).unwrap();
    house.anna.library.end_partner(ben).unwrap();
    house.settle();
    assert_eq!(
        timeline(&house.ben),
        ["hers.jpg", "same.jpg"],
        "Clara's copy"
    );
    house.ben.library.show_library(clara, false).unwrap();
    assert_eq!(timeline(&house.ben), ["same.jpg"]);
    house.ben.is_indexed_truly();
}

#[test]
fn a_partners_photos_are_seen_saved_and_nothing_else_62() {
    let house = Household::begin();
    let lake = house.anna.photo("lake.jpg", START);
    let (anna, ben) = house.partners(WHOLE);
    let library = &house.ben.library;
    library.show_library(anna, true).unwrap();
    let code = |error: LibraryError| error.code();
    let edit = AssetEdit {
        favorite: Some(true),
        ..AssetEdit::default()
    };
    assert_eq!(
        library
            .edit_assets(&[lake], edit)
            .map_err(code)
            .unwrap_err(),
        "others"
    );
    assert_eq!(library.trash(&[lake]).map_err(code).unwrap_err(), "others");
    assert_eq!(
        library.archive(&[lake], true).map_err(code).unwrap_err(),
        "others"
    );
    let album = library.create_album("Mine").unwrap().id;
    assert!(library.add_to_album(album, &[lake]).is_err());
    let link = library.create_link(Story::new_link(LinkOf::Assets(vec![lake])));
    assert!(
        link.is_err(),
        "nobody makes public links of what is not theirs"
    );
    assert_eq!(library.owner_of(lake).unwrap().as_deref(), Some("Anna"));
    // Nor does one's own partner see it.
    let clara = person(&house.clara);
    library.offer_library(clara, WHOLE).unwrap();
    house.settle();
    house.clara.library.answer_library(ben, true).unwrap();
    house.settle();
    assert!(seen(&house.clara, ben).is_empty());
    let right = guest(&house.ben, &house.clara);
    fetch(&house.ben, &house.anna, lake, KeptWhat::Original);
    for home in [device(&house.ben).0, device(&house.anna).0] {
        assert!(right.open(home, lake, KeptWhat::Original).is_err());
    }
}

#[test]
fn a_photo_that_an_album_shows_too_stays_in_it() {
    let house = Household::begin();
    let (album, lake) = house.album();
    let edit = AssetEdit {
        title: Some("The lake".to_owned()),
        ..AssetEdit::default()
    };
    house.anna.library.edit_assets(&[lake], edit).unwrap();
    let (anna, ben) = house.partners(WHOLE);
    let title = || house.ben.library.asset(lake).unwrap().title;
    assert_eq!(title().as_deref(), Some("The lake"), "as the album has it");
    assert_eq!(seen(&house.ben, anna), ["lake.jpg"]);
    house
        .anna
        .library
        .remove_from_album(album, &[lake])
        .unwrap();
    house.settle();
    assert_eq!(title(), None, "as the library has it, without captions");
    house.anna.library.add_to_album(album, &[lake]).unwrap();
    house.settle();
    house.anna.library.end_partner(ben).unwrap();
    house.settle();
    assert!(seen(&house.ben, anna).is_empty());
    assert_eq!(house.ben.library.album_assets(album).unwrap(), [lake]);
}

#[test]
fn another_machine_of_the_owner_shows_its_photos_too() {
    let house = Household::begin();
    let laptop = named("Laptop");
    join(&house.anna, &laptop);
    let settle = || {
        let all = [&house.anna, &laptop, &house.ben];
        for _ in 0..4 {
            for one in all {
                for other in all {
                    if !std::ptr::eq(one, other) {
                        talk(one, other);
                    }
                }
            }
        }
    };
    settle();
    house.anna.photo("desk.jpg", START);
    laptop.photo("laptop.jpg", START + 1);
    let (anna, ben) = (person(&house.anna), person(&house.ben));
    house.anna.library.offer_library(ben, WHOLE).unwrap();
    settle();
    let offered = house.ben.library.partner_library(anna).unwrap();
    assert_eq!((offered.count, offered.homes.len()), (2, 2));
    house.ben.library.answer_library(anna, true).unwrap();
    settle();
    assert_eq!(seen(&house.ben, anna), ["laptop.jpg", "desk.jpg"]);
    // It is decided where it was offered.
    let there = laptop.library.partners().unwrap();
    assert_eq!(
        there[0].decided_on.as_ref().map(|(_, name)| name.as_str()),
        Some("Desk")
    );
    assert!(laptop.library.end_partner(ben).is_err());
    house.anna.library.end_partner(ben).unwrap();
    settle();
    assert!(seen(&house.ben, anna).is_empty());
    for story in [&house.anna, &laptop] {
        let copies = &story.library.partners().unwrap()[0].copies;
        assert!(copies.iter().all(|copy| copy.dropped_at.is_some()) && copies.len() == 1);
    }
}

#[test]
fn what_is_kept_of_a_library_is_said_for_each_machine() {
    let house = Household::begin();
    let (_, lake) = house.album();
    house.anna.photo("hut.jpg", START + 1);
    let (anna, _) = house.partners(WHOLE);
    let home = device(&house.anna).0;
    let lacking = |keep| house.ben.library.lacking(home, keep, 100).unwrap();
    assert!(lacking(Keep::Nothing).is_empty());
    // What is kept of her machine concerns what her albums show.
    assert_eq!(lacking(Keep::Originals).len(), 3);
    house
        .ben
        .library
        .keep_library(anna, Keep::Previews)
        .unwrap();
    assert_eq!(lacking(Keep::Nothing).len(), 4);
    house
        .ben
        .library
        .keep_library(anna, Keep::Originals)
        .unwrap();
    assert_eq!(lacking(Keep::Nothing).len(), 6);
    let bytes = fetch(&house.ben, &house.anna, lake, KeptWhat::Original);
    assert_eq!(lacking(Keep::Nothing).len(), 5);
    let library = house.ben.library.partner_library(anna).unwrap();
    assert_eq!(
        (library.count, library.originals, library.bytes),
        (2, 1, 15)
    );
    assert!(library.is_complete && library.preview_bytes > 0);
    house.ben.library.keep_library(anna, Keep::Nothing).unwrap();
    assert_eq!(
        house.ben.library.partner_library(anna).unwrap().originals,
        0
    );
    let kept = house.ben.library.open_kept(home, lake, KeptWhat::Original);
    assert!(kept.unwrap().is_none());
    assert!(!bytes.is_empty());
}

#[test]
fn a_person_who_is_forgotten_is_a_partner_no_more() {
    let house = Household::begin();
    house.anna.photo("lake.jpg", START);
    let (anna, ben) = house.partners(WHOLE);
    house.ben.library.show_library(anna, true).unwrap();
    house.ben.library.forget(&anna.to_string()).unwrap();
    assert!(timeline(&house.ben).is_empty());
    assert!(house.ben.library.partner_libraries().unwrap().is_empty());
    house.anna.library.forget(&ben.to_string()).unwrap();
    assert!(house.anna.library.partners().unwrap().is_empty());

    // Known again, and a partner again: what came meanwhile is told, too.
    house.anna.photo("later.jpg", START + 1);
    meet(&house.anna, &house.ben);
    let (anna, _) = house.partners(WHOLE);
    assert_eq!(seen(&house.ben, anna), ["later.jpg", "lake.jpg"]);
}

/// What a machine was told of libraries, oldest first.
fn told(story: &Story) -> Vec<(NoticeKind, String)> {
    let notices = story.library.notices(None, 99).unwrap();
    let of_libraries = notices.into_iter().filter(|notice| notice.album.is_none());
    let mut told: Vec<_> = of_libraries
        .map(|notice| (notice.kind, notice.name))
        .collect();
    told.reverse();
    told
}

#[test]
fn who_offers_accepts_declines_and_ends_is_news_and_what_has_ended_is_put_away() {
    let house = Household::begin();
    house.anna.photo("lake.jpg", START);
    let (anna, ben) = house.partners(WHOLE);
    let offered = (NoticeKind::LibraryOffered, "Anna".to_owned());
    let accepted = (NoticeKind::LibraryAccepted, "Ben".to_owned());
    assert_eq!(told(&house.ben), std::slice::from_ref(&offered));
    assert_eq!(told(&house.anna), std::slice::from_ref(&accepted));
    let library = &house.anna.library;
    let error = library.forget_partner(ben).unwrap_err().to_string();
    assert!(error.contains("end that first"), "{error}");
    library.end_partner(ben).unwrap();
    let error = library.forget_partner(ben).unwrap_err().to_string();
    assert!(error.contains("has not confirmed yet"), "{error}");
    house.settle();
    house.settle();
    let ended = (NoticeKind::LibraryEnded, "Anna".to_owned());
    assert_eq!(told(&house.ben), [offered.clone(), ended.clone()]);
    library.forget_partner(ben).unwrap();
    house.settle();
    assert!(library.partners().unwrap().is_empty());
    // Offered anew, it is news again; and so is a no.
    library.offer_library(ben, WHOLE).unwrap();
    house.settle();
    house.ben.library.answer_library(anna, false).unwrap();
    house.settle();
    assert_eq!(told(&house.ben), [ended, offered], "both offers in one");
    let declined = (NoticeKind::LibraryDeclined, "Ben".to_owned());
    assert_eq!(told(&house.anna), [accepted, declined]);
}

#[test]
fn a_file_that_an_album_of_ones_own_had_of_theirs_goes_with_the_end() {
    let house = Household::begin();
    let lake = house.anna.photo("lake.jpg", START);
    let (_, ben) = house.partners(WHOLE);
    let anna = person(&house.anna);
    let library = &house.ben.library;
    let album = library.create_album("Ours").unwrap().id;
    library.share_album(album, &[anna], Role::Editor).unwrap();
    house.settle();
    house.anna.library.answer_offer(album, true).unwrap();
    house.settle();
    house.anna.library.add_to_album(album, &[lake]).unwrap();
    house.settle();
    let home = device(&house.anna).0;
    fetch(&house.ben, &house.anna, lake, KeptWhat::Original);
    library.adopt_contribution(home, lake).unwrap();
    let file = library.places(lake).unwrap().remove(0).path;
    library.delete_album(album).unwrap();
    assert!(file.exists(), "her library still shows it");
    house.anna.library.end_partner(ben).unwrap();
    house.settle();
    assert!(library.asset(lake).is_err());
    assert!(!file.exists());
}
