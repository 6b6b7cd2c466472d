//! Links for so many people: who takes a seat, and who keeps it.

use std::net::{IpAddr, Ipv4Addr};

use super::*;

const PASSWORD: &str = "long enough";

fn from() -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1))
}

fn for_people(people: u32) -> (Story, Link) {
    let story = Story::begin();
    let album = story.album(&[story.photo("a.jpg", 0)]);
    let link = story.link(album, |new| new.people = Some(people));
    (story, link)
}

/// What pressing the button at the door does for someone who carries this.
fn press(story: &Story, link: &Link, carried: Option<&str>) -> Unlock {
    let Visit::Locked(door) = story.visit(link, carried) else {
        panic!("there must be a door");
    };
    assert!(door.wants_seat() && !door.asks_password());
    story.library.unlock(&door, "", from()).unwrap()
}

fn seat(story: &Story, link: &Link) -> String {
    match press(story, link, None) {
        Unlock::Opened(pass) => pass.value,
        other => panic!("a seat must be free: {other:?}"),
    }
}

#[test]
fn a_seat_is_taken_at_the_door_and_kept() {
    let (story, link) = for_people(2);
    for _ in 0..20 {
        assert!(matches!(story.visit(&link, None), Visit::Locked(_)));
    }
    assert_eq!(story.library.link(link.id).unwrap().seats, 0);
    let first = seat(&story, &link);
    for _ in 0..3 {
        opened(story.visit(&link, Some(&first)));
    }
    assert_eq!(story.library.link(link.id).unwrap().seats, 1);
    let second = seat(&story, &link);
    assert_eq!(press(&story, &link, None), Unlock::Full);
    let Visit::Locked(door) = story.visit(&link, None) else {
        panic!("there must be a door");
    };
    assert!(door.is_full());

    // Another link's, another number, or nothing at all is no seat.
    let other = story.link(link.album.unwrap(), |new| new.people = Some(2));
    let foreign = seat(&story, &other);
    let mut forged = first.clone().into_bytes();
    forged[2] ^= 1;
    for wrong in [
        foreign.as_str(),
        "",
        ".",
        "-",
        &first[1..],
        &String::from_utf8(forged).unwrap(),
    ] {
        assert_eq!(
            press(&story, &link, Some(wrong)),
            Unlock::Full,
            "{wrong} is no seat"
        );
    }
    // A right that is in hand does not end when another takes a seat.
    let access = opened(story.visit(&link, Some(&second)));
    seat(&story, &other);
    assert!(access.is_current().unwrap());

    story.later(180 * DAY);
    assert!(matches!(
        story.visit(&other, Some(&foreign)),
        Visit::Nothing
    ));
    let edit = LinkEdit {
        expires_at: Some(None),
        ..LinkEdit::default()
    };
    story.library.edit_link(link.id, edit).unwrap();
    assert!(
        matches!(story.visit(&link, Some(&first)), Visit::Locked(_)),
        "half a year at most"
    );
}

#[test]
fn of_two_who_want_the_last_seat_one_gets_it() {
    let (story, link) = for_people(5);
    let taken: usize = std::thread::scope(|scope| {
        let all: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| matches!(press(&story, &link, None), Unlock::Opened(_))))
            .collect();
        all.into_iter()
            .map(|one| usize::from(one.join().unwrap()))
            .sum()
    });
    assert_eq!(taken, 5);
    assert_eq!(story.library.link(link.id).unwrap().seats, 5);
}

#[test]
fn the_owner_changes_how_many_there_are_and_frees_them() {
    let (story, link) = for_people(3);
    let people = |people| {
        let edit = LinkEdit {
            people: Some(people),
            ..LinkEdit::default()
        };
        story.library.edit_link(link.id, edit)
    };
    let first = seat(&story, &link);
    let second = seat(&story, &link);
    // Fewer than have come: those stay, and nobody else comes.
    assert_eq!(people(Some(1)).unwrap().seats, 2);
    opened(story.visit(&link, Some(&first)));
    opened(story.visit(&link, Some(&second)));
    assert_eq!(press(&story, &link, None), Unlock::Full);
    people(Some(3)).unwrap();
    let third = seat(&story, &link);
    people(None).unwrap();
    opened(story.visit(&link, None));
    people(Some(3)).unwrap();
    opened(story.visit(&link, Some(&third)));

    let access = opened(story.visit(&link, Some(&first)));
    assert_eq!(story.library.free_seats(link.id).unwrap().seats, 0);
    assert!(!access.is_current().unwrap());
    for seat in [&first, &second, &third] {
        assert!(matches!(story.visit(&link, Some(seat)), Visit::Locked(_)));
    }
    let again = seat(&story, &link);
    opened(story.visit(&link, Some(&again)));
    let renewed = story.library.renew_link(link.id).unwrap();
    assert_eq!(renewed.seats, 0, "a new address has its seats anew");
    assert!(matches!(
        story.visit(&renewed, Some(&again)),
        Visit::Locked(_)
    ));
    for wrong in [Some(0), Some(10_001)] {
        assert!(people(wrong).is_err());
    }
}

#[test]
fn with_a_password_a_seat_is_taken_at_the_right_one() {
    let (story, link) = for_people(1);
    let edit = LinkEdit {
        password: Some(PASSWORD.to_owned()),
        ..LinkEdit::default()
    };
    story.library.edit_link(link.id, edit).unwrap();
    let door = |carried: Option<&str>| match story.visit(&link, carried) {
        Visit::Locked(door) => door,
        _ => panic!("there must be a door"),
    };
    let answer = |carried: Option<&str>, password: &str| {
        story
            .library
            .unlock(&door(carried), password, from())
            .unwrap()
    };
    assert_eq!(answer(None, "not the password"), Unlock::Wrong);
    assert_eq!(story.library.link(link.id).unwrap().seats, 0);
    let Unlock::Opened(pass) = answer(None, PASSWORD) else {
        panic!("the password is right and a seat is free");
    };
    assert_eq!(pass.max_age_seconds, 180 * 24 * 60 * 60);
    opened(story.visit(&link, Some(&pass.value)));
    assert_eq!(answer(None, PASSWORD), Unlock::Full);

    // The password is asked for again after half a day; the seat is the same.
    story.later(DAY);
    let own = door(Some(&pass.value));
    assert!(own.asks_password() && !own.wants_seat());
    let Unlock::Opened(again) = answer(Some(&pass.value), PASSWORD) else {
        panic!("the seat is kept");
    };
    opened(story.visit(&link, Some(&again.value)));
    assert_eq!(story.library.link(link.id).unwrap().seats, 1);
    // And after the seats were freed, the password need not be given again.
    story.library.free_seats(link.id).unwrap();
    let Unlock::Opened(seated) = press(&story, &link, Some(&again.value)) else {
        panic!("a seat is free");
    };
    opened(story.visit(&link, Some(&seated.value)));
}
