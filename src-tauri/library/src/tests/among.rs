//! Photos of another machine of one's own among those of this one: each once, changed
//! where they are, and as their home has them.

use super::asking::Both;
use super::household::{person, talk};
use super::partners::{WHOLE, fetch, timeline};
use super::peers::{device, meet, named};
use super::{DAY, START};
use crate::*;
use media::Turn;

/// Both, with the desk's photos among the laptop's.
fn among() -> (Both, AssetId) {
    let both = Both::begin();
    let hill = both.laptop.photo("hill.jpg", START - DAY);
    let desk = device(&both.desk).0;
    both.laptop.library.show_machine(desk, true).unwrap();
    (both, hill)
}

fn titled(title: &str) -> AssetEdit {
    AssetEdit {
        title: Some(title.to_owned()),
        favorite: Some(true),
        rating: Some(4),
        ..AssetEdit::default()
    }
}

#[test]
fn they_are_in_timeline_search_and_map_each_once() {
    let (both, _) = among();
    assert_eq!(timeline(&both.laptop), ["lake.jpg", "hill.jpg"]);
    assert_eq!(both.laptop.found("ship"), ["lake.jpg"]);
    let seen = both.laptop.library.asset(both.photo).unwrap();
    assert!(seen.is_mine && seen.via.is_some());
    // The same bytes on both are one photo: this machine's.
    both.desk.photo("hill.jpg", START - DAY);
    both.desk.photo("new.jpg", START + DAY);
    both.talk();
    assert_eq!(timeline(&both.laptop), ["new.jpg", "lake.jpg", "hill.jpg"]);
    both.laptop.is_indexed_truly();
    assert!(both.laptop.library.partner_libraries().unwrap().is_empty());
}

#[test]
fn what_is_done_to_them_is_shown_at_once_and_done_where_they_are() {
    let (both, _) = among();
    let library = &both.laptop.library;
    let edited = library
        .edit_assets(&[both.photo], titled("The lake"))
        .unwrap();
    let said = |asset: Asset| (asset.title, asset.favorite, asset.rating);
    let wanted = (Some("The lake".to_owned()), true, Some(4));
    assert_eq!(said(edited[0].clone()), wanted);
    assert_eq!(said(library.asset(both.photo).unwrap()), wanted);
    assert_eq!(
        said(both.had()),
        (None, false, None),
        "it was not asked yet"
    );
    let whole = GridQuery::default();
    let marks = || {
        let grid = library.grid(&whole).unwrap();
        (grid.away, grid.waiting, grid.others)
    };
    assert_eq!(marks(), (vec![0], vec![0], Vec::new()));
    both.talk();
    assert_eq!(marks(), (vec![0], Vec::new(), Vec::new()));
    assert_eq!(said(both.had()), wanted);
    assert_eq!(said(library.asset(both.photo).unwrap()), wanted);
    library.trash(&[both.photo]).unwrap();
    assert_eq!(timeline(&both.laptop), ["hill.jpg"]);
    both.talk();
    assert_eq!(both.had().shelf, Shelf::Trash);
    assert_eq!(timeline(&both.laptop), ["hill.jpg"]);
    library.restore(&[both.photo]).unwrap();
    assert_eq!(timeline(&both.laptop), ["lake.jpg", "hill.jpg"]);
    both.talk();
    assert_eq!(both.had().shelf, Shelf::Timeline);
    library.archive(&[both.photo], true).unwrap();
    both.talk();
    assert_eq!(both.had().shelf, Shelf::Archive);
    assert_eq!(timeline(&both.laptop), ["hill.jpg"]);
}

/// What can be undone of a photo.
fn said(asset: &Asset) -> (Option<String>, bool, u8, Turn, Vec<String>) {
    (
        asset.title.clone(),
        asset.favorite,
        asset.rating.unwrap_or(0),
        asset.turn,
        asset.tags.clone(),
    )
}

#[test]
fn one_command_for_photos_of_both_is_undone_at_both() {
    let (both, hill) = among();
    let library = &both.laptop.library;
    let all = [hill, both.photo];
    let before = both.had();
    // While it waits, and after it was done.
    for is_done in [false, true] {
        let shift = library.trash(&all).unwrap();
        assert_eq!(shift.changed.len(), 2);
        assert!(timeline(&both.laptop).is_empty());
        if is_done {
            both.talk();
            assert_eq!(both.had().shelf, Shelf::Trash);
        }
        let undone = library.undo().unwrap();
        assert_eq!(undone.command, "2 photos moved to the trash");
        assert_eq!(timeline(&both.laptop), ["lake.jpg", "hill.jpg"]);
        both.talk();
        assert_eq!(both.had().shelf, Shelf::Timeline);
        let edit = AssetEdit {
            turn: Turn::Quarter,
            add_tags: vec!["gull".to_owned(), "sea".to_owned()],
            remove_tags: vec!["ship".to_owned()],
            ..titled("Both")
        };
        library.edit_assets(&all, edit).unwrap();
        if is_done {
            both.talk();
            assert_eq!(both.had().title.as_deref(), Some("Both"));
        }
        library.undo().unwrap();
        both.talk();
        assert_eq!(said(&both.had()), said(&before));
        assert_eq!(said(&library.asset(both.photo).unwrap()), said(&before));
        assert_eq!(library.asset(hill).unwrap().title, None);
        assert_eq!(timeline(&both.laptop), ["lake.jpg", "hill.jpg"]);
    }
}

#[test]
fn what_is_refused_is_as_it_was() {
    let (both, _) = among();
    let library = &both.laptop.library;
    both.desk.library.trash(&[both.photo]).unwrap();
    both.desk.library.empty_trash(None, false).unwrap();
    library.edit_assets(&[both.photo], titled("Gone")).unwrap();
    let asked = library.outgoing(device(&both.desk).0).unwrap().remove(0);
    let seen = library.asset(both.photo).unwrap();
    assert_eq!(seen.title.as_deref(), Some("Gone"));
    let refusal = "There is no such photo.".to_owned();
    library.note_answer(asked.id, Some(refusal)).unwrap();
    assert_eq!(library.asset(both.photo).unwrap().title, None);
    library.archive(&[both.photo], true).unwrap();
    assert_eq!(timeline(&both.laptop), ["hill.jpg"]);
    let asked = library.outgoing(device(&both.desk).0).unwrap().remove(0);
    assert!(library.withdraw(asked.id).unwrap());
    assert_eq!(timeline(&both.laptop), ["lake.jpg", "hill.jpg"]);
    both.talk();
    assert_eq!(timeline(&both.laptop), ["hill.jpg"]);
}

#[test]
fn what_is_done_only_where_they_are_says_where() {
    let (both, _) = among();
    let library = &both.laptop.library;
    let album = library.create_album("Mine").unwrap().id;
    let error = library.add_to_album(album, &[both.photo]).unwrap_err();
    assert_eq!(error.code(), "elsewhere");
    let told = error.to_string();
    assert!(
        told.contains("«lake.jpg» is on your machine «Desk»"),
        "{told}"
    );
    let link = library.create_link(super::Story::new_link(LinkOf::Assets(vec![both.photo])));
    assert_eq!(link.unwrap_err().code(), "elsewhere");
}

#[test]
fn partners_of_this_machine_are_told_of_its_own_photos_alone() {
    let (both, _) = among();
    let friend = named("Friend's");
    meet(&both.laptop, &friend);
    friend.library.rename(Some("Ida".into()), None).unwrap();
    let (anna, ida) = (person(&both.laptop), person(&friend));
    both.laptop.library.offer_library(ida, WHOLE).unwrap();
    talk(&friend, &both.laptop);
    friend.library.answer_library(anna, true).unwrap();
    talk(&friend, &both.laptop);
    talk(&friend, &both.laptop);
    assert_eq!(super::partners::seen(&friend, anna), ["hill.jpg"]);
}

#[test]
fn they_go_and_come_again_and_go_with_their_machine() {
    let (both, _) = among();
    let (library, desk) = (&both.laptop.library, device(&both.desk).0);
    fetch(&both.laptop, &both.desk, both.photo, KeptWhat::Original);
    library.set_peer_keep(desk, Keep::Originals).unwrap();
    for more in 0..40 {
        both.desk.photo(&format!("{more}.jpg"), START + more * DAY);
    }
    both.talk();
    assert_eq!(timeline(&both.laptop).len(), 42);
    library.show_machine(desk, false).unwrap();
    assert!(!library.shows_machine(desk).unwrap());
    assert_eq!(timeline(&both.laptop), ["hill.jpg"]);
    library.sweep_kept().unwrap();
    let kept = |id| library.is_kept(desk, id, KeptWhat::Original).unwrap();
    assert!(kept(both.photo), "what is kept is kept as before");
    both.talk();
    assert_eq!(timeline(&both.laptop), ["hill.jpg"]);
    library.show_machine(desk, true).unwrap();
    assert_eq!(timeline(&both.laptop).len(), 42);
    library.archive(&[both.photo], true).unwrap();
    library.sweep_kept().unwrap();
    both.talk();
    assert!(kept(both.photo), "what is archived there is kept here, too");
    both.laptop.is_indexed_truly();
    library.forget(&desk.to_string()).unwrap();
    assert_eq!(timeline(&both.laptop), ["hill.jpg"]);
    let error = library.show_machine(desk, true).unwrap_err();
    assert_eq!(error.code(), "not_found");
}
