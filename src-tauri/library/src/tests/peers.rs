//! Who is known, who may ask for what, and what is left of whom was removed.

use super::household::talk;
use super::{START, Story};
use crate::wire::{EditAssets, Wish, WishOf};
use crate::*;
use prost::Message;
use std::io::Write;

pub(super) fn card(story: &Story) -> Introduction {
    Introduction::read(&story.library.card().unwrap()).unwrap()
}

pub(super) fn device(story: &Story) -> (DeviceId, [u8; 32]) {
    let card = card(story);
    let own = story.library.identity().unwrap().device;
    let device = card.devices.iter().find(|device| device.id == own).unwrap();
    (own, device.key)
}

/// Both come to know each other, as two persons.
pub(super) fn meet(one: &Story, other: &Story) -> Guest {
    one.library.meet(card(other), &device(other).1).unwrap();
    other.library.meet(card(one), &device(one).1).unwrap();
    guest(one, other)
}

/// The second becomes a machine of the first one's person.
pub(super) fn join(one: &Story, other: &Story) -> Guest {
    let key = one.library.person_key().unwrap();
    other.library.join_person(card(one), &key).unwrap();
    one.library.meet(card(other), &device(other).1).unwrap();
    guest(one, other)
}

pub(super) fn guest(one: &Story, other: &Story) -> Guest {
    one.library.admit_peer(&device(other).1).unwrap().unwrap()
}

fn wish_title(asset: AssetId, title: &str) -> Vec<u8> {
    let wish = EditAssets {
        assets: vec![asset.bytes().to_vec()],
        title: Some(title.to_owned()),
        ..EditAssets::default()
    };
    Wish {
        of: Some(WishOf::EditAssets(wish)),
    }
    .encode_to_vec()
}

fn title(story: &Story, asset: AssetId) -> Option<String> {
    story.library.asset(asset).unwrap().title
}

/// The first hears what the second tells, and asks nothing.
pub(super) fn follow(one: &Story, other: &Story) {
    let home = device(other).0;
    let Ok(Some(guest)) = other.library.admit_peer(&device(one).1) else {
        return;
    };
    // A machine that is not known yet is not followed.
    for space in one.library.spaces_of(home).unwrap_or_default() {
        // What was told of one may end another.
        let still = one.library.spaces_of(home).unwrap_or_default();
        while still.contains(&space) {
            let from = one.library.feed_cursor(home, space).unwrap();
            let Ok(page) = guest.feed(space, from.epoch, from.revision) else {
                break;
            };
            let complete = page.complete;
            match one.library.receive(home, space, page) {
                Ok(refused) => {
                    let names =
                        [one, other].map(|story| story.library.identity().unwrap().device_name);
                    assert_eq!(refused, 0, "{names:?} {space:?}");
                }
                // It is asked again when its home of before has told.
                Err(LibraryError::NotShared) => break,
                Err(error) => panic!("{error}"),
            }
            if complete {
                break;
            }
        }
    }
}

pub(super) fn names(story: &Story) -> Vec<(bool, String)> {
    let peers = story.library.peers().unwrap();
    peers
        .into_iter()
        .map(|peer| (peer.is_own, peer.name))
        .collect()
}

pub(super) fn named(device: &str) -> Story {
    let story = Story::begin();
    story
        .library
        .rename(Some("Anna".into()), Some(device.into()))
        .unwrap();
    story
}

#[test]
fn another_machine_of_ones_own_becomes_the_same_person() {
    let (desk, laptop) = (named("Desk"), named("Laptop"));
    laptop
        .library
        .rename(Some("Nobody yet".into()), None)
        .unwrap();
    join(&desk, &laptop);
    let (one, other) = (
        desk.library.identity().unwrap(),
        laptop.library.identity().unwrap(),
    );
    assert_eq!(one.person, other.person);
    assert_eq!(other.person_name, "Anna");
    assert_eq!(names(&desk), [(true, "Laptop".to_owned())]);
    assert_eq!(names(&laptop), [(true, "Desk".to_owned())]);
    assert_eq!(laptop.library.card().unwrap(), desk.library.card().unwrap());
}

#[test]
fn a_library_that_knows_people_does_not_become_somebody_else() {
    let (desk, laptop, ben) = (named("Desk"), named("Laptop"), named("Ben's"));
    meet(&laptop, &ben);
    let key = desk.library.person_key().unwrap();
    let refused = laptop.library.join_person(card(&desk), &key);
    assert_eq!(refused.unwrap_err().code(), "wrong");
    assert_eq!(names(&laptop), [(false, "Ben's".to_owned())]);
}

#[test]
fn others_follow_cards_alone_and_get_no_bytes() {
    let (desk, ben) = (named("Desk"), named("Ben's"));
    let photo = desk.photo("a.jpg", START);
    let guest = meet(&desk, &ben);
    assert!(guest.feed(Space::Cards, 0, 0).is_ok());
    let refused = guest.feed(Space::Library, 0, 0);
    assert_eq!(refused.unwrap_err().code(), "not_shared");
    for what in [KeptWhat::Thumbnail, KeptWhat::Preview, KeptWhat::Original] {
        let refused = guest.open(device(&desk).0, photo, what);
        assert!(matches!(refused, Err(LibraryError::NotShared)));
    }
    let refusal = guest.ask(
        RequestId::from_bytes([1; 16]),
        &wish_title(photo, "Ben was here"),
    );
    assert!(refusal.unwrap().unwrap().contains("not in an album"));
    assert_eq!(title(&desk, photo), None);
}

#[test]
fn a_wish_of_ones_own_machine_is_done_once_and_can_be_undone() {
    let (desk, laptop) = (named("Desk"), named("Laptop"));
    let photo = desk.photo("a.jpg", START);
    let guest = join(&desk, &laptop);
    let id = RequestId::from_bytes([1; 16]);
    assert_eq!(guest.ask(id, &wish_title(photo, "One")).unwrap(), None);
    desk.library
        .edit_assets(
            &[photo],
            AssetEdit {
                title: Some("Two".to_owned()),
                ..AssetEdit::default()
            },
        )
        .unwrap();
    assert_eq!(guest.ask(id, &wish_title(photo, "One")).unwrap(), None);
    assert_eq!(title(&desk, photo).as_deref(), Some("Two"), "not twice");
    desk.library.undo().unwrap();
    assert_eq!(title(&desk, photo).as_deref(), Some("One"));
    desk.library.undo().unwrap();
    assert_eq!(title(&desk, photo), None);
}

#[test]
fn a_wish_that_cannot_be_done_changes_nothing_and_says_why() {
    let (desk, laptop) = (named("Desk"), named("Laptop"));
    let photo = desk.photo("a.jpg", START);
    let guest = join(&desk, &laptop);
    let wishes = [
        (wish_title(photo, &"x".repeat(513)), "too long"),
        (wish_title(AssetId::from_bytes([9; 16]), "x"), "no photo"),
        (b"\xff\xff".to_vec(), "cannot be read"),
        // A wish of tomorrow: field 99.
        (vec![0x9a, 0x06, 0x00], "update"),
    ];
    for (number, (wish, why)) in (0..).zip(wishes) {
        let id = RequestId::from_bytes([number; 16]);
        let refusal = guest.ask(id, &wish).unwrap().unwrap();
        assert!(refusal.contains(why), "{refusal}");
        assert_eq!(
            guest.ask(id, &wish).unwrap(),
            Some(refusal),
            "the same again"
        );
    }
    assert_eq!(title(&desk, photo), None);
    assert_eq!(desk.library.undoable().unwrap().len(), 0);
}

#[test]
fn what_waits_is_seen_at_once_and_ends_with_the_answer() {
    let (desk, laptop) = (named("Desk"), named("Laptop"));
    let photo = desk.photo("a.jpg", START);
    let guest = join(&desk, &laptop);
    let home = device(&desk).0;
    let page = guest.feed(Space::Library, 0, 0).unwrap();
    laptop.library.receive(home, Space::Library, page).unwrap();
    let edit = AssetEdit {
        title: Some("Lake".to_owned()),
        ..AssetEdit::default()
    };
    laptop.library.ask_edit(home, &[photo], edit).unwrap();
    let seen = laptop.library.remote_asset(home, photo).unwrap();
    assert_eq!(
        (seen.asset.title.as_deref(), seen.waits),
        (Some("Lake"), true)
    );

    let outgoing = laptop.library.outgoing(home).unwrap();
    let refusal = guest.ask(outgoing[0].id, &outgoing[0].wish).unwrap();
    laptop.library.note_answer(outgoing[0].id, refusal).unwrap();
    assert_eq!(laptop.library.outgoing(home).unwrap(), []);
    assert_eq!(
        laptop.library.outbox().unwrap()[0].state,
        RequestState::Done
    );
    assert_eq!(title(&desk, photo).as_deref(), Some("Lake"));

    laptop.library.ask_trash(home, &[photo], true).unwrap();
    assert!(
        laptop
            .library
            .remote_assets(home, RemoteWhich::default(), None, 9)
            .unwrap()
            .0
            .is_empty()
    );
    let waiting = laptop.library.outgoing(home).unwrap();
    laptop
        .library
        .note_answer(waiting[0].id, Some("No.".to_owned()))
        .unwrap();
    assert_eq!(
        laptop
            .library
            .remote_assets(home, RemoteWhich::default(), None, 9)
            .unwrap()
            .0
            .len(),
        1
    );
}

#[test]
fn who_is_removed_gets_nothing_and_nothing_of_them_is_left() {
    let (desk, laptop) = (named("Desk"), named("Laptop"));
    let photo = desk.photo("a.jpg", START);
    let guest = join(&desk, &laptop);
    let home = device(&desk).0;
    let page = guest.feed(Space::Library, 0, 0).unwrap();
    laptop.library.receive(home, Space::Library, page).unwrap();
    let hash = *blake3::hash(b"a.jpg").as_bytes();
    let part = laptop
        .library
        .open_arriving(home, photo, KeptWhat::Original, 5)
        .unwrap();
    (&part).write_all(b"a.jpg").unwrap();
    laptop
        .library
        .finish_arriving(home, photo, KeptWhat::Original, &part, hash)
        .unwrap();
    assert!(laptop.library.kept_of(home).exists());

    // The home forgets the guest: it gets no row, no byte, and no wish done.
    desk.library.forget(&device(&laptop).0.to_string()).unwrap();
    assert!(!guest.holds(home, photo, KeptWhat::Original));
    assert!(guest.feed(Space::Library, 0, 0).is_err());
    assert!(guest.open(home, photo, KeptWhat::Original).is_err());
    let id = RequestId::from_bytes([1; 16]);
    assert!(guest.ask(id, &wish_title(photo, "still here")).is_err());
    assert_eq!(title(&desk, photo), None);
    assert!(
        desk.library
            .admit_peer(&device(&laptop).1)
            .unwrap()
            .is_none()
    );

    // The guest forgets the home: rows and copies go.
    laptop.library.forget(&home.to_string()).unwrap();
    assert!(!laptop.library.kept_of(home).exists());
    assert!(
        laptop
            .library
            .remote_assets(home, RemoteWhich::default(), None, 9)
            .unwrap()
            .0
            .is_empty()
    );
    let left: i64 = laptop
        .library
        .catalog
        .read(|conn| {
            Ok(conn.query_row(
                "SELECT (SELECT count(*) FROM replica) + (SELECT count(*) FROM kept)
                      + (SELECT count(*) FROM cursor)",
                [],
                |row| row.get(0),
            )?)
        })
        .unwrap();
    assert_eq!(left, 0);
}

#[test]
fn copies_seen_longest_ago_make_room_and_wanted_ones_stay() {
    let (desk, laptop) = (named("Desk"), named("Laptop"));
    let ids = [desk.photo("a.jpg", START), desk.photo("b.jpg", START + 1)];
    join(&desk, &laptop);
    talk(&laptop, &desk);
    let home = device(&desk).0;
    let looked_at = |id| {
        let what = KeptWhat::Preview;
        let part = laptop.library.open_arriving(home, id, what, 0).unwrap();
        // More than may stay of what was only looked at: a hole takes no room.
        part.set_len(3 << 30).unwrap();
        laptop
            .library
            .finish_arriving(home, id, what, &part, [0; 32])
            .unwrap();
    };
    let is_kept = |id| {
        laptop.library.sweep_kept().unwrap();
        let kept = laptop.library.open_kept(home, id, KeptWhat::Preview);
        kept.unwrap().is_some()
    };
    looked_at(ids[0]);
    assert!(!is_kept(ids[0]));
    // What is here already when the user wants it stays, too.
    looked_at(ids[0]);
    laptop.library.set_peer_keep(home, Keep::Previews).unwrap();
    looked_at(ids[1]);
    assert!(is_kept(ids[0]) && is_kept(ids[1]));
    laptop.library.set_peer_keep(home, Keep::Nothing).unwrap();
    assert!(!is_kept(ids[0]) && !is_kept(ids[1]));
}
