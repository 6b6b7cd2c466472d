//! What a member adds to an album while its home sleeps: the photos go with the word of
//! them, so that the two machines need never be there at once.

use prost::Message;

use super::errands::{hand_on, leave};
use super::household::{person, seen, talk};
use super::mirrors::House;
use super::partners::{fetch, fetch_of, keep};
use super::peers::{device, guest};
use super::{DAY, START, Story};
use crate::wire::{Contribute, Contributed, Wish, WishOf};
use crate::*;

/// Ben adds a photo of his while Anna's desk sleeps, and leaves word of it at the server.
fn added(house: &House, album: AlbumId) -> AssetId {
    let hut = house.all.ben.photo("hut.jpg", START + DAY);
    add(house, album, hut);
    hut
}

fn add(house: &House, album: AlbumId, photo: AssetId) {
    let ben = &house.all.ben;
    ben.later(1);
    ben.library.add_to_album(album, &[photo]).unwrap();
    leave(ben, &house.server);
}

/// One fetches something of another's photo, of which no picture is made in these tests.
fn carry(to: &Story, from: &Story, photo: AssetId, what: KeptWhat) {
    match what.is_picture() {
        true => keep(to, device(from).0, photo, what, b"a picture"),
        false => drop(fetch(to, from, photo, what)),
    }
}

/// The server fetches what goes with errands of Ben's.
fn take_along(house: &House) -> usize {
    let ben = device(&house.all.ben).0;
    let lacking = house.server.library.lacking_parcels(ben, 10).unwrap();
    for (photo, what) in &lacking {
        carry(&house.server, &house.all.ben, *photo, *what);
    }
    lacking.len()
}

fn is_held(house: &House, photo: AssetId) -> bool {
    let ben = device(&house.all.ben).0;
    let library = &house.server.library;
    library.sweep_kept().unwrap();
    library.is_kept(ben, photo, KeptWhat::Original).unwrap()
}

/// The desk fetches from the server what that carried.
fn unpack(house: &House) -> usize {
    let (desk, server) = (&house.all.anna, &house.server);
    let lacking = desk.library.lacking_carried(device(server).0, 10).unwrap();
    for (home, photo, what) in &lacking {
        fetch_of(desk, server, *home, *photo, *what);
        if *what == KeptWhat::Original {
            desk.library.adopt_contribution(*home, *photo).unwrap();
        }
    }
    desk.library.settle_carried(device(server).0).unwrap();
    lacking.len()
}

#[test]
fn a_photo_reaches_the_albums_home_though_its_machine_and_that_never_meet() {
    let house = House::begin();
    let (album, lake) = house.all.album();
    house.hear();
    let hut = added(&house, album);
    assert_eq!(take_along(&house), 3, "pictures and original");
    assert_eq!(take_along(&house), 0);
    assert!(is_held(&house, hut), "it is kept while it waits");
    // It is in nobody's sight meanwhile.
    let library = &house.server.library;
    assert!(library.asset(hut).is_err());
    let ben = device(&house.all.ben).0;
    let refused = guest(&house.server, &house.all.clara).open(ben, hut, KeptWhat::Thumbnail);
    assert_eq!(refused.err().unwrap().code(), "not_shared");
    super::mirrors::assert_not_backed_up(library);
    // Ben's machine sleeps now, and the desk wakes.
    let desk = &house.all.anna;
    hand_on(&house.server, desk);
    assert_eq!(seen(desk, album), [(lake, false), (hut, false)]);
    assert_eq!(unpack(&house), 3);
    assert_eq!(unpack(&house), 0);
    let places = desk.library.places(hut).unwrap();
    let shared = desk.library.folder().join("originals/shared");
    assert!(places[0].path.starts_with(shared));
    // What the server is to keep of the album, too, it has by then.
    house.hear();
    let hash = library.known_elsewhere(house.desk, hut).unwrap().hash;
    assert!(library.keep_of_parcel(house.desk, hut, hash).unwrap());
    talk(desk, &house.server);
    assert!(!is_held(&house, hut), "the desk has it");
    assert!(!library.is_kept(ben, hut, KeptWhat::Preview).unwrap());
    let kept = library.open_kept(house.desk, hut, KeptWhat::Original);
    assert!(kept.unwrap().is_some());
    assert!(!library.keep_of_parcel(house.desk, hut, hash).unwrap());
}

#[test]
fn what_comes_from_its_own_machine_first_is_let_go_of_too() {
    let house = House::begin();
    let (album, _) = house.all.album();
    house.hear();
    let hut = added(&house, album);
    take_along(&house);
    let (desk, ben) = (&house.all.anna, &house.all.ben);
    hand_on(&house.server, desk);
    for what in [KeptWhat::Thumbnail, KeptWhat::Preview, KeptWhat::Original] {
        carry(desk, ben, hut, what);
    }
    desk.library.adopt_contribution(device(ben).0, hut).unwrap();
    assert_eq!(unpack(&house), 0);
    talk(desk, &house.server);
    assert!(!is_held(&house, hut));
}

/// What somebody asks of the desk, left at the server in their name.
fn left(house: &House, who: &Story, id: u8, album: AlbumId, photo: AssetId) {
    let asset = who.library.asset(photo).unwrap();
    let of = WishOf::Contribute(Contribute {
        album: album.bytes().to_vec(),
        assets: vec![Contributed {
            id: photo.bytes().to_vec(),
            row: Some(feed::shared_row(&asset)),
        }],
        anew: false,
    });
    let wish = Wish { of: Some(of) }.encode_to_vec();
    let id = RequestId::from_bytes([id; 16]);
    let mark = who.library.sign_errand(house.desk, id, &wish);
    guest(&house.server, who)
        .leave(id, house.desk, &wish, &mark)
        .unwrap();
}

#[test]
fn only_what_an_editor_adds_to_an_album_that_is_handed_on_is_taken_along() {
    let house = House::begin();
    let (album, _) = house.all.album();
    house.hear();
    let (ben, clara) = (&house.all.ben, &house.all.clara);
    let taken = |who: &Story| {
        let library = &house.server.library;
        library.lacking_parcels(device(who).0, 10).unwrap().len()
    };
    left(&house, clara, 1, album, clara.photo("hers.jpg", START));
    assert_eq!(taken(clara), 0, "she may only look");
    let other = AlbumId::from_bytes([9; 16]);
    let his = ben.photo("his.jpg", START);
    left(&house, ben, 2, other, his);
    assert_eq!(taken(ben), 0, "no such album is known");
    left(&house, ben, 3, album, his);
    assert_eq!(taken(ben), 3);
    // His machine gives it to whom the album's home named alone.
    let ask = || guest(ben, &house.server).open(device(ben).0, his, KeptWhat::Original);
    assert!(ask().is_err(), "he has put it nowhere");
    ben.library.add_to_album(album, &[his]).unwrap();
    assert!(ask().is_ok());
    ben.library.note_mirrors(house.desk, &[]).unwrap();
    assert!(ask().is_err());
}

#[test]
fn what_is_taken_back_refused_or_not_to_be_served_is_gone() {
    let house = House::begin();
    let (album, _) = house.all.album();
    house.hear();
    let (desk, ben) = (&house.all.anna, &house.all.ben);
    let hut = added(&house, album);
    take_along(&house);
    ben.later(1);
    ben.library.remove_from_album(album, &[hut]).unwrap();
    leave(ben, &house.server);
    assert!(!is_held(&house, hut), "Ben took it out again");

    add(&house, album, hut);
    take_along(&house);
    desk.library
        .unshare_album(album, person(ben), false)
        .unwrap();
    hand_on(&house.server, desk);
    assert!(!is_held(&house, hut), "he is no member any more");

    let house = House::begin();
    let (album, _) = house.all.album();
    house.hear();
    let hut = added(&house, album);
    take_along(&house);
    assert!(is_held(&house, hut));
    let server = device(&house.server).0;
    house.all.anna.library.set_server(server, false).unwrap();
    talk(&house.all.anna, &house.server);
    let library = &house.server.library;
    let ben = device(&house.all.ben).0;
    assert!(!library.is_kept(ben, hut, KeptWhat::Original).unwrap());
}

#[test]
fn what_looks_otherwise_meanwhile_is_fetched_anew() {
    let house = House::begin();
    let (album, lake) = house.all.album();
    let quarter = || AssetEdit {
        turn: Turn::Quarter,
        ..AssetEdit::default()
    };
    house.hear();
    let library = &house.server.library;
    carry(&house.server, &house.all.anna, lake, KeptWhat::Preview);
    let hut = added(&house, album);
    take_along(&house);
    let ben = &house.all.ben;
    ben.later(1);
    ben.library.edit_assets(&[hut], quarter()).unwrap();
    leave(ben, &house.server);
    assert_eq!(take_along(&house), 2, "its pictures");
    // So it is with what the home itself shows.
    house
        .all
        .anna
        .library
        .edit_assets(&[lake], quarter())
        .unwrap();
    house.hear();
    assert!(
        !library
            .is_kept(house.desk, lake, KeptWhat::Preview)
            .unwrap()
    );
}

fn files(story: &Story, photo: AssetId) -> usize {
    story.library.places(photo).unwrap().len()
}

/// An album that lives at the server, too, in which Ben is an editor.
fn album_at_server(house: &House) -> AlbumId {
    let (server, ben) = (&house.server, &house.all.ben);
    let other = server.album(&[server.photo("gate.jpg", START)]);
    let library = &server.library;
    library
        .share_album(other, &[person(ben)], Role::Editor)
        .unwrap();
    talk(ben, server);
    ben.library.answer_offer(other, true).unwrap();
    talk(ben, server);
    other
}

/// The server fetches what Ben put into its own albums, and adopts it; how much that was.
fn adopt_at_server(house: &House) -> usize {
    let (server, ben) = (&house.server, device(&house.all.ben).0);
    let lacking = server.library.lacking_contributions(ben, 10).unwrap();
    for (photo, what) in &lacking {
        if !server.library.has_come(ben, *photo, *what).unwrap() {
            carry(server, &house.all.ben, *photo, *what);
        }
        if *what == KeptWhat::Original {
            server.library.adopt_contribution(ben, *photo).unwrap();
        }
    }
    lacking.len()
}

#[test]
fn what_was_adopted_is_not_fetched_again_and_goes_along_all_the_same() {
    let house = House::begin();
    let (album, _) = house.all.album();
    let other = album_at_server(&house);
    house.hear();
    let ben = &house.all.ben;
    let hut = ben.photo("hut.jpg", START + DAY);
    ben.library.add_to_album(other, &[hut]).unwrap();
    talk(ben, &house.server);
    assert_eq!(adopt_at_server(&house), 3);
    assert_eq!((adopt_at_server(&house), files(&house.server, hut)), (0, 1));

    add(&house, album, hut);
    assert_eq!(take_along(&house), 0, "it is here");
    hand_on(&house.server, &house.all.anna);
    let lacking = house
        .all
        .anna
        .library
        .lacking_carried(device(&house.server).0, 10);
    assert!(
        lacking
            .unwrap()
            .iter()
            .any(|(_, _, what)| *what == KeptWhat::Original)
    );
    let desk = &house.all.anna;
    fetch_of(desk, &house.server, device(ben).0, hut, KeptWhat::Original);
    desk.library.adopt_contribution(device(ben).0, hut).unwrap();
    assert_eq!(files(desk, hut), 1);
    // Another line brings it once more.
    fetch(desk, ben, hut, KeptWhat::Original);
    desk.library.adopt_contribution(device(ben).0, hut).unwrap();
    assert_eq!(files(desk, hut), 1);
    let of_ben = device(ben).0;
    assert!(
        !desk
            .library
            .is_kept(of_ben, hut, KeptWhat::Original)
            .unwrap()
    );
}

#[test]
fn what_went_along_is_adopted_once_it_is_put_into_an_album_here() {
    let house = House::begin();
    let (album, _) = house.all.album();
    let other = album_at_server(&house);
    house.hear();
    let ben = &house.all.ben;
    let hut = added(&house, album);
    take_along(&house);
    ben.library.add_to_album(other, &[hut]).unwrap();
    talk(ben, &house.server);
    assert_eq!(adopt_at_server(&house), 1, "the original alone");
    assert_eq!((adopt_at_server(&house), files(&house.server, hut)), (0, 1));
}

#[test]
fn a_request_that_is_taken_back_takes_its_photos_back() {
    let house = House::begin();
    let (album, lake) = house.all.album();
    house.hear();
    let (desk, ben) = (&house.all.anna, &house.all.ben);
    let hut = added(&house, album);
    take_along(&house);
    let request = ben.library.outbox().unwrap()[0].id;
    ben.later(1);
    assert!(ben.library.withdraw(request).unwrap());
    assert_eq!(seen(ben, album), [(lake, false)]);
    assert!(
        ben.library.request(request).is_err(),
        "and nothing of it is told"
    );
    leave(ben, &house.server);
    assert!(!is_held(&house, hut));
    hand_on(&house.server, desk);
    assert_eq!(seen(desk, album), [(lake, false)]);

    // The desk may hear of that from Ben, before the server brings what he had asked.
    add(&house, album, hut);
    take_along(&house);
    let request = ben.library.outbox().unwrap()[0].id;
    ben.later(1);
    assert!(ben.library.withdraw(request).unwrap());
    talk(ben, desk);
    hand_on(&house.server, desk);
    assert_eq!(seen(desk, album), [(lake, false)]);
    assert!(!is_held(&house, hut));

    // A photo that is there already stays, though it was added again.
    ben.later(1);
    ben.library.add_to_album(album, &[hut]).unwrap();
    talk(ben, desk);
    talk(ben, desk);
    assert_eq!(seen(desk, album).len(), 2);
    let notices = ben.library.notices(None, 100).unwrap();
    let refused = |notice: &Notice| notice.kind == NoticeKind::Refused;
    assert!(!notices.iter().any(refused), "he asked for none of that");
}

#[test]
fn what_is_let_go_of_is_that_which_was_decided() {
    let house = House::begin();
    let (album, _) = house.all.album();
    house.hear();
    let (desk, ben, server) = (&house.all.anna, &house.all.ben, device(&house.server).0);
    let hut = added(&house, album);
    take_along(&house);
    hand_on(&house.server, desk);
    // The desk forgets him before his photo came: then nothing of it is waited for.
    assert!(!desk.library.lacking_carried(server, 10).unwrap().is_empty());
    let second = ben.photo("pass.jpg", START + 2 * DAY);
    add(&house, album, second);
    take_along(&house);
    desk.library.forget(&device(ben).0.to_string()).unwrap();
    assert!(desk.library.lacking_carried(server, 10).unwrap().is_empty());
    desk.library.settle_carried(server).unwrap();
    talk(desk, &house.server);
    assert!(!is_held(&house, hut));
    assert!(is_held(&house, second), "nobody has decided on it");
}
