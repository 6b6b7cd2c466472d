//! Requests that are left with a machine that is there, for one that is not.

use super::household::{person, talk};
use super::peers::{device, guest, join, meet, named};
use super::{START, Story};
use crate::*;

/// Anna's desk and server, and Ben, an editor of an album at the desk.
fn house() -> (Story, Story, Story, AlbumId) {
    let (desk, server, ben) = (named("Desk"), named("Server"), named("Ben's"));
    ben.library.rename(Some("Ben".into()), None).unwrap();
    join(&desk, &server);
    meet(&desk, &ben);
    meet(&server, &ben);
    let album = desk.album(&[desk.photo("lake.jpg", START)]);
    let library = &desk.library;
    library
        .share_album(album, &[person(&ben)], Role::Editor)
        .unwrap();
    let both = || {
        talk(&ben, &desk);
        talk(&desk, &ben);
    };
    both();
    ben.library.answer_offer(album, true).unwrap();
    (0..3).for_each(|_| both());
    (desk, server, ben, album)
}

fn retitle(ben: &Story, album: AlbumId, title: &str) {
    let edit = AlbumEdit {
        title: Some(title.to_owned()),
        ..AlbumEdit::default()
    };
    ben.later(1);
    ben.library.edit_album(album, edit).unwrap();
}

/// One leaves with the other what waits for machines of that one's person.
pub(super) fn leave(one: &Story, other: &Story) {
    let right = guest(other, one);
    for (home, request) in one.library.outgoing_by(device(other).0).unwrap() {
        let signature = one.library.sign_errand(home, request.id, &request.wish);
        let left = right.leave(request.id, home, &request.wish, &signature);
        if let ErrandState::Decided(refusal) = left.unwrap() {
            one.library.note_answer(request.id, refusal).unwrap();
        }
    }
}

/// One hands on to the other what was left with it.
pub(super) fn hand_on(one: &Story, other: &Story) {
    let right = guest(other, one);
    for errand in one.library.errands(device(other).0).unwrap() {
        let refusal = right.ask_for(errand.from, errand.id, &errand.wish, &errand.signature);
        one.library
            .note_errand(errand.id, refusal.unwrap())
            .unwrap();
    }
}

fn state(ben: &Story) -> RequestState {
    ben.library.outbox().unwrap()[0].state.clone()
}

#[test]
fn a_request_reaches_its_home_though_the_two_never_meet() {
    let (desk, server, ben, album) = house();
    retitle(&ben, album, "By the lake");
    leave(&ben, &server);
    leave(&ben, &server);
    assert_eq!(state(&ben), RequestState::Waiting);
    assert_eq!(server.library.errands(device(&desk).0).unwrap().len(), 1);
    hand_on(&server, &desk);
    assert_eq!(desk.library.album(album).unwrap().title, "By the lake");
    leave(&ben, &server);
    assert_eq!(state(&ben), RequestState::Done);
    // It is handed on once, and nothing of the wish stays.
    assert!(server.library.errands(device(&desk).0).unwrap().is_empty());
}

#[test]
fn it_is_decided_as_whoever_asked() {
    let (desk, server, ben, album) = house();
    let library = &desk.library;
    library.unshare_album(album, person(&ben), false).unwrap();
    retitle(&ben, album, "Mine now");
    leave(&ben, &server);
    hand_on(&server, &desk);
    leave(&ben, &server);
    assert!(matches!(state(&ben), RequestState::Refused(_)));
    assert_eq!(library.album(album).unwrap().title, "Summer");
    // Whoever is not known at the home is told so.
    let stranger = named("Clara's");
    let refusal = guest(&desk, &server).ask_for(
        device(&stranger).0,
        RequestId::from_bytes([7; 16]),
        b"anything",
        b"",
    );
    assert!(refusal.unwrap().unwrap().contains("not known"));
}

#[test]
fn nobody_speaks_for_others_but_ones_own_machines_and_servers() {
    let (desk, server, ben, album) = house();
    retitle(&ben, album, "By the lake");
    let (home, request) = ben.library.outgoing_by(device(&server).0).unwrap()[0].clone();
    assert_eq!(home, device(&desk).0);
    let mark = ben.library.sign_errand(home, request.id, &request.wish);
    let refused = guest(&desk, &ben).ask_for(device(&server).0, request.id, &request.wish, &mark);
    assert_eq!(refused.unwrap_err().code(), "not_shared");
    // Ben's machine keeps nothing for Anna's, nor is another's request told.
    let clara = named("Clara's");
    meet(&server, &clara);
    leave(&ben, &server);
    let hers = clara.library.sign_errand(home, request.id, &request.wish);
    let refused = guest(&server, &clara).leave(request.id, home, &request.wish, &hers);
    assert_eq!(refused.unwrap_err().code(), "not_shared");
    let refused = guest(&ben, &server).leave(request.id, home, &request.wish, &mark);
    assert_eq!(refused.unwrap_err().code(), "not_shared");
}

#[test]
fn who_carries_an_errand_can_change_nothing_of_it() {
    let (desk, server, ben, album) = house();
    retitle(&ben, album, "By the lake");
    let (home, request) = ben.library.outgoing_by(device(&server).0).unwrap()[0].clone();
    let mark = ben.library.sign_errand(home, request.id, &request.wish);
    let (right, from) = (guest(&desk, &server), device(&ben).0);
    let other = RequestId::from_bytes([9; 16]);
    let forged = server.library.sign_errand(home, request.id, &request.wish);
    for (id, mark) in [(request.id, &forged), (other, &mark), (other, &Vec::new())] {
        let refusal = right.ask_for(from, id, &request.wish, mark).unwrap();
        assert!(refusal.unwrap().contains("not what that machine asked for"));
    }
    assert_eq!(desk.library.album(album).unwrap().title, "Summer");
    let done = right.ask_for(from, request.id, &request.wish, &mark);
    assert_eq!(done.unwrap(), None);
    assert_eq!(desk.library.album(album).unwrap().title, "By the lake");
}

#[test]
fn another_persons_machine_carries_errands_for_a_home_that_it_stands_in_for() {
    let (desk, _, ben, album) = house();
    let attic = named("Dora's attic");
    attic.library.rename(Some("Dora".into()), None).unwrap();
    meet(&desk, &attic);
    meet(&ben, &attic);
    let (home, there) = (device(&desk).0, device(&attic).0);
    retitle(&ben, album, "By the lake");
    assert!(ben.library.outgoing_by(there).unwrap().is_empty());
    attic.library.set_hosting(home, Keep::Previews).unwrap();
    desk.library.set_server(there, true).unwrap();
    talk(&desk, &attic);
    ben.library.note_mirrors(home, &[there]).unwrap();
    leave(&ben, &attic);
    assert_eq!(state(&ben), RequestState::Waiting);
    hand_on(&attic, &desk);
    leave(&ben, &attic);
    assert_eq!(state(&ben), RequestState::Done);
    assert_eq!(desk.library.album(album).unwrap().title, "By the lake");
}
