//! Cards: who is known by what they say of themselves, and who is not.

use super::Story;
use super::peers::{card, device, guest, join, meet, named, names};
use crate::wire::RowKind;
use crate::*;

#[test]
fn a_new_machine_of_somebody_is_known_by_the_card_alone() {
    let (desk, laptop, ben) = (named("Desk"), named("Laptop"), named("Ben's"));
    let guest_of_desk = meet(&desk, &ben);
    desk.later(1_000);
    laptop.later(1_000);
    join(&desk, &laptop);
    let page = guest_of_desk.feed(Space::Cards, 0, 0).unwrap();
    assert_eq!(page.rows.iter().filter(|row| row.body.is_some()).count(), 1);
    let home = device(&desk).0;
    assert_eq!(ben.library.receive(home, Space::Cards, page).unwrap(), 0);
    let known: Vec<String> = names(&ben).into_iter().map(|(_, name)| name).collect();
    assert_eq!(known, ["Desk", "Laptop"]);
    assert!(
        ben.library
            .admit_peer(&device(&laptop).1)
            .unwrap()
            .is_some()
    );
}

#[test]
fn only_ones_own_machines_introduce_somebody_and_take_somebody_away() {
    let (desk, laptop) = (named("Desk"), named("Laptop"));
    let (ben, eve) = (named("Ben's"), named("Eve's"));
    meet(&ben, &eve);
    meet(&desk, &ben);
    // Ben, who knows Eve, tells of her as if he were a machine of Anna's.
    let page = Page {
        epoch: 1,
        rows: vec![Row {
            kind: RowKind::Card as u32,
            row: eve.library.identity().unwrap().person.bytes().to_vec(),
            revision: 1,
            body: Some(eve.library.card().unwrap()),
        }],
        revision: 1,
        complete: true,
    };
    let from_ben = device(&ben).0;
    assert_eq!(
        desk.library.receive(from_ben, Space::Cards, page).unwrap(),
        1
    );
    assert!(desk.library.admit_peer(&device(&eve).1).unwrap().is_none());

    let guest_of_desk = join(&desk, &laptop);
    let tell = |after| guest_of_desk.feed(Space::Cards, after, 0).unwrap();
    let home = device(&desk).0;
    laptop.library.receive(home, Space::Cards, tell(0)).unwrap();
    assert!(
        laptop
            .library
            .admit_peer(&device(&ben).1)
            .unwrap()
            .is_some()
    );
    desk.library.forget(&device(&ben).0.to_string()).unwrap();
    laptop.library.receive(home, Space::Cards, tell(0)).unwrap();
    assert!(
        laptop
            .library
            .admit_peer(&device(&ben).1)
            .unwrap()
            .is_none()
    );
    assert_eq!(names(&laptop), [(true, "Desk".to_owned())]);
}

#[test]
fn a_card_that_lies_changes_nothing() {
    let (desk, ben, eve) = (named("Desk"), named("Ben's"), named("Eve's"));
    meet(&desk, &ben);
    let before = desk.library.peers().unwrap();
    // Not signed by whom it names.
    let mut bytes = eve.library.card().unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    assert!(Introduction::read(&bytes).is_err());
    // Proved with another key than it names.
    let refused = desk.library.meet(card(&eve), &device(&ben).1);
    assert_eq!(refused.unwrap_err().code(), "wrong");
    // An old one, after a newer.
    let old = card(&ben);
    ben.later(1_000);
    ben.library.rename(None, Some("Ben's new".into())).unwrap();
    desk.library.meet(card(&ben), &device(&ben).1).unwrap();
    desk.library.meet(old, &device(&ben).1).unwrap();
    assert_eq!(names(&desk), [(false, "Ben's new".to_owned())]);
    assert_eq!(desk.library.peers().unwrap().len(), before.len());
}

/// Tells one's own machine what another says of people.
fn tell(from: &Story, to: &Story) {
    let Some(guest) = from.library.admit_peer(&device(to).1).unwrap() else {
        return;
    };
    let page = guest.feed(Space::Cards, 0, 0).unwrap();
    // As if never heard before: what matters is what the cards say.
    let home = device(from).0;
    to.library
        .catalog
        .write(move |write| {
            write
                .conn()
                .execute("DELETE FROM cursor WHERE home = ?1", [home])?;
            Ok(())
        })
        .unwrap();
    to.library.receive(home, Space::Cards, page).unwrap();
}

#[test]
fn a_machine_that_was_removed_does_not_come_back_by_what_it_signs_later() {
    let (desk, laptop, lost) = (named("Desk"), named("Laptop"), named("Lost"));
    join(&desk, &laptop);
    join(&desk, &lost);
    tell(&desk, &laptop);
    tell(&desk, &lost);
    for story in [&desk, &laptop, &lost] {
        story.later(1_000);
    }
    desk.library.forget(&device(&lost).0.to_string()).unwrap();
    for story in [&desk, &laptop, &lost] {
        story.later(1_000);
    }
    // The lost one signs a later card, which the laptop hears of first.
    lost.library
        .rename(None, Some("Still here".into()))
        .unwrap();
    tell(&lost, &laptop);
    for _ in 0..3 {
        tell(&laptop, &desk);
        tell(&desk, &laptop);
    }
    for story in [&desk, &laptop] {
        assert!(
            story
                .library
                .admit_peer(&device(&lost).1)
                .unwrap()
                .is_none()
        );
        assert_eq!(names(story).len(), 1);
    }
    assert_eq!(desk.library.card().unwrap(), laptop.library.card().unwrap());

    // Unless its owner pairs it anew, after it has forgotten the others.
    for peer in lost.library.peers().unwrap() {
        let _ = lost.library.forget(&peer.device.to_string());
    }
    for story in [&desk, &laptop, &lost] {
        story.later(1_000);
    }
    join(&desk, &lost);
    tell(&desk, &laptop);
    for story in [&desk, &laptop] {
        assert!(
            story
                .library
                .admit_peer(&device(&lost).1)
                .unwrap()
                .is_some()
        );
        assert_eq!(names(story).len(), 2, "and nobody else was lost by it");
    }
    assert_eq!(names(&lost).len(), 2);
}

#[test]
fn what_two_machines_signed_at_the_same_time_is_put_together() {
    let (desk, laptop, new) = (named("Desk"), named("Laptop"), named("New"));
    join(&desk, &laptop);
    desk.later(1_000);
    join(&desk, &new);
    laptop.later(2_000);
    laptop.library.rename(Some("Anna B.".into()), None).unwrap();
    for story in [&desk, &laptop, &new] {
        story.later(3_000);
    }
    for _ in 0..2 {
        tell(&laptop, &desk);
        tell(&desk, &laptop);
        tell(&desk, &new);
    }
    for story in [&desk, &laptop, &new] {
        assert_eq!(names(story).len(), 2);
        assert_eq!(story.library.identity().unwrap().person_name, "Anna B.");
    }
}

#[test]
fn somebody_known_tells_of_themselves_once_and_of_nothing_else() {
    let (desk, ben) = (named("Desk"), named("Ben's"));
    meet(&desk, &ben);
    let row = |kind, row: Vec<u8>, revision, body: Vec<u8>| Row {
        kind,
        row,
        revision,
        body: Some(body),
    };
    let rows = vec![
        row(
            RowKind::Card as u32,
            vec![1; 16],
            1,
            ben.library.card().unwrap(),
        ),
        row(
            RowKind::Card as u32,
            vec![2; 16],
            2,
            ben.library.card().unwrap(),
        ),
        row(RowKind::Album as u32, vec![3; 16], 3, Vec::new()),
        row(99, vec![4; 16], 4, vec![0; 60_000]),
    ];
    let page = Page {
        epoch: 1,
        rows,
        revision: 4,
        complete: true,
    };
    let home = device(&ben).0;
    assert_eq!(desk.library.receive(home, Space::Cards, page).unwrap(), 4);
    let told = guest(&desk, &ben).feed(Space::Cards, 0, 0).unwrap();
    let own = desk.library.identity().unwrap().person.bytes();
    assert!(
        told.rows.iter().all(|row| row.row == own),
        "of nobody else, not even that they are"
    );
}
