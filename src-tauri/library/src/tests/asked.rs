//! What another machine of one's own asks and does not get: what cannot be, and what is
//! another person's.

use super::START;
use super::asking::Both;
use super::household::talk;
use super::peers::{guest, meet, named};
use crate::wire::{AlbumAssets, EditAlbum, EditAssets, Spot, Switch, Taken, Wish, WishOf};
use crate::*;
use prost::Message;

/// Another program's wishes, which no check of ours has seen.
#[test]
fn a_machine_that_asks_for_what_cannot_be_is_refused() {
    let both = Both::begin();
    let album = both.desk.album(&[both.photo]);
    let assets = vec![both.photo.bytes().to_vec()];
    let edit = |change: fn(&mut EditAssets)| {
        let mut wish = EditAssets {
            assets: assets.clone(),
            ..EditAssets::default()
        };
        change(&mut wish);
        WishOf::EditAssets(wish)
    };
    let wishes = [
        edit(|wish| {
            wish.taken = Some(Taken {
                local: i64::MAX,
                offset: None,
            });
        }),
        edit(|wish| {
            wish.taken = Some(Taken {
                local: 0,
                offset: Some(100_000),
            });
        }),
        edit(|wish| {
            wish.spot = Some(Spot {
                latitude: Some(1.0),
                longitude: None,
            });
        }),
        edit(|wish| {
            wish.spot = Some(Spot {
                latitude: Some(f64::NAN),
                longitude: Some(0.0),
            });
        }),
        edit(|wish| wish.shift_ms = Some(i64::MIN)),
        edit(|wish| wish.rating = Some(300)),
        edit(|wish| wish.add_tags = vec!["x".repeat(300)]),
        edit(|wish| wish.assets = vec![vec![1, 2]]),
        WishOf::EditAlbum(EditAlbum {
            album: album.bytes().to_vec(),
            title: Some("Another".to_owned()),
            make: true,
            ..EditAlbum::default()
        }),
        WishOf::EditAlbum(EditAlbum {
            album: vec![9; 16],
            title: Some("   ".to_owned()),
            make: true,
            ..EditAlbum::default()
        }),
    ];
    let guest = guest(&both.desk, &both.laptop);
    let before = both.had();
    for (number, wish) in (1..).zip(wishes) {
        let id = RequestId::from_bytes([number; 16]);
        let wish = Wish { of: Some(wish) };
        let refusal = guest.ask(id, &wish.encode_to_vec()).unwrap();
        let refusal = refusal.unwrap_or_else(|| panic!("{wish:?} was done"));
        assert!(refusal.ends_with('.'), "{refusal}");
    }
    assert_eq!(both.had(), before);
    assert_eq!(both.desk.library.albums().unwrap().len(), 1);
}

#[test]
fn another_persons_album_is_not_changed_behind_its_home() {
    let both = Both::begin();
    let ben = named("Ben's");
    meet(&both.desk, &ben);
    let album = ben.album(&[ben.photo("hut.jpg", START)]);
    let anna = both.desk.library.identity().unwrap().person;
    ben.library
        .share_album(album, &[anna], Role::Editor)
        .unwrap();
    talk(&both.desk, &ben);
    both.desk.library.answer_offer(album, true).unwrap();
    talk(&both.desk, &ben);
    talk(&both.desk, &ben);
    let before = both.desk.library.album(album).unwrap();
    assert_eq!(before.count, 1);
    both.talk();
    assert_eq!(both.albums(), [], "it is not the desk's to tell of");
    let of_photo = || AlbumAssets {
        album: album.bytes().to_vec(),
        assets: vec![both.photo.bytes().to_vec()],
        withdraws: None,
    };
    let wishes = [
        WishOf::EditAlbum(EditAlbum {
            album: album.bytes().to_vec(),
            title: Some("Mine".to_owned()),
            ..EditAlbum::default()
        }),
        WishOf::AddToAlbum(of_photo()),
        WishOf::RemoveFromAlbum(of_photo()),
    ];
    let guest = guest(&both.desk, &both.laptop);
    for (number, wish) in (1..).zip(wishes) {
        let id = RequestId::from_bytes([number; 16]);
        let wish = Wish { of: Some(wish) }.encode_to_vec();
        let refusal = guest.ask(id, &wish).unwrap().unwrap();
        assert!(refusal.contains("Only its owner"), "{refusal}");
    }
    assert_eq!(both.desk.library.album(album).unwrap(), before);
    let one = WishOf::Archive(Switch {
        assets: both
            .desk
            .library
            .album_assets(album)
            .unwrap()
            .iter()
            .map(|id| id.bytes().to_vec())
            .collect(),
        on: true,
    });
    let wish = Wish { of: Some(one) }.encode_to_vec();
    let refusal = guest.ask(RequestId::from_bytes([9; 16]), &wish).unwrap();
    assert!(refusal.is_some(), "nor is another's photo");
}
