//! People in an album whose programs say what is not so, to get what is not theirs.

use prost::Message;

use super::START;
use super::household::{Household, person};
use super::partners::{WHOLE, fetch};
use super::peers::{device, guest};
use super::roles::{ask, told};
use crate::wire::{Contribute, WishOf};
use crate::*;

/// A contributor who names the hash of a photo they have not got is shown nothing made
/// of it.
#[test]
fn a_hash_alone_opens_nothing() {
    let house = Household::begin();
    let (album, _) = house.album();
    let private = house.anna.photo("private.jpg", START + 9);
    let hash = house.anna.library.asset(private).unwrap().hash;
    house
        .anna
        .library
        .store_renditions(
            &hash,
            Turn::None,
            &[(Rendition::Preview, b"\xff\xd8\xff\xd9".to_vec())],
        )
        .unwrap();
    let hut = house.ben.photo("hut.jpg", START + 1);
    let mut claim = told(&house.ben, hut);
    if let Some(row) = &mut claim.row {
        row.hash = hash.to_vec();
    }
    let wish = WishOf::Contribute(Contribute {
        album: album.bytes().to_vec(),
        assets: vec![claim],
        anew: false,
    });
    assert_eq!(ask(&house.ben, &house.anna, 7, wish), None);
    let what = What::Rendition(Rendition::Preview);
    assert!(house.anna.library.own(private, what).is_ok());
    let shown = house.anna.library.own(hut, what);
    assert_eq!(shown.err().map(|error| error.code()), Some("not_here"));
    let guest = guest(&house.anna, &house.ben);
    for what in [KeptWhat::Thumbnail, KeptWhat::Preview, KeptWhat::Original] {
        assert!(guest.open(device(&house.anna).0, hut, what).is_err());
    }
}

/// The home of an album names a photo of a member's that the member never put there.
#[test]
fn what_an_albums_home_names_it_does_not_get() {
    let house = Household::begin();
    let (album, _) = house.album();
    let private = house.ben.photo("private.jpg", START + 9);
    let home = device(&house.anna).0;
    let row = told(&house.ben, private).row.unwrap();
    let page = Page {
        epoch: 1,
        revision: 1 << 40,
        complete: true,
        rows: vec![Row {
            kind: 1,
            row: private.bytes().to_vec(),
            revision: 1 << 40,
            body: Some(row.encode_to_vec()),
        }],
    };
    house
        .ben
        .library
        .receive(home, Space::Album(album), page)
        .unwrap();
    let anna = guest(&house.ben, &house.anna);
    for what in [KeptWhat::Thumbnail, KeptWhat::Preview, KeptWhat::Original] {
        assert!(anna.open(home, private, what).is_err());
    }
    let before = house.ben.library.outbox().unwrap().len();
    let edit = AssetEdit {
        title: Some("Nobody's business".to_owned()),
        ..AssetEdit::default()
    };
    house.ben.library.edit_assets(&[private], edit).unwrap();
    let after = house.ben.library.outbox().unwrap().len();
    assert_eq!(before, after, "nothing of it is told");
    // Put there by its owner, it may be had.
    house.ben.library.add_to_album(album, &[private]).unwrap();
    assert!(anna.open(home, private, KeptWhat::Original).is_ok());
}

/// The home of an album names a photo that a member sees as somebody else's partner.
#[test]
fn an_albums_home_does_not_get_what_partners_see() {
    let house = Household::begin();
    let (album, _) = house.album();
    let hers = house.clara.photo("hers.jpg", START + 9);
    let (ben, clara) = (person(&house.ben), person(&house.clara));
    house.clara.library.offer_library(ben, WHOLE).unwrap();
    house.settle();
    house.ben.library.answer_library(clara, true).unwrap();
    house.settle();
    fetch(&house.ben, &house.clara, hers, KeptWhat::Original);
    let row = told(&house.clara, hers).row.unwrap();
    let page = Page {
        epoch: 1,
        revision: 1 << 40,
        complete: true,
        rows: vec![Row {
            kind: 1,
            row: hers.bytes().to_vec(),
            revision: 1 << 40,
            body: Some(row.encode_to_vec()),
        }],
    };
    let home = device(&house.anna).0;
    house
        .ben
        .library
        .receive(home, Space::Album(album), page)
        .unwrap();
    let of_album = house.ben.library.album_assets(album).unwrap();
    assert!(of_album.contains(&hers), "it is told, and that is all");
    let anna = guest(&house.ben, &house.anna);
    for (of, what) in [&house.ben, &house.clara].into_iter().flat_map(|of| {
        [KeptWhat::Thumbnail, KeptWhat::Preview, KeptWhat::Original].map(|what| (of, what))
    }) {
        assert!(anna.open(device(of).0, hers, what).is_err(), "{what:?}");
    }
}
