//! What each may who is in an album, also one who lies.

use prost::Message;

use super::household::{Household, person, seen};
use super::peers::{device, guest, meet, named};
use super::{START, Story};
use crate::wire::{
    AlbumAssets, AnswerOffer, AssetRow, Contribute, Contributed, DeleteAlbum, EditAlbum,
    EditAssets, LeaveAlbum, MakeLink, Say, Switch, TakeOver, Unsay, Wish, WishOf,
};
use crate::*;

pub(super) fn ask(from: &Story, of: &Story, number: u8, wish: WishOf) -> Option<String> {
    let wish = Wish { of: Some(wish) }.encode_to_vec();
    let id = RequestId::from_bytes([number; 16]);
    guest(of, from).ask(id, &wish).unwrap()
}

pub(super) fn told(from: &Story, asset: AssetId) -> Contributed {
    Contributed {
        id: asset.bytes().to_vec(),
        row: Some(feed::shared_row(&from.library.asset(asset).unwrap())),
    }
}

/// Every cell of the table of roles, asked by whoever wants to, without the manners of
/// an honest program.
#[test]
fn each_role_may_what_the_table_says_and_a_liar_no_more() {
    let house = Household::begin();
    let (album, lake) = house.album();
    let mine = |story: &Story, name: &str| story.photo(name, START + 5);
    let (hut, boat) = (mine(&house.ben, "hut.jpg"), mine(&house.clara, "boat.jpg"));
    let private = house.anna.photo("private.jpg", START + 9);
    let a = album.bytes().to_vec();
    let contribute = |told: Contributed| {
        WishOf::Contribute(Contribute {
            album: a.clone(),
            assets: vec![told],
            anew: false,
        })
    };
    let take_out = |asset: AssetId| {
        WishOf::RemoveFromAlbum(AlbumAssets {
            album: a.clone(),
            assets: vec![asset.bytes().to_vec()],
            withdraws: None,
        })
    };
    let retitle = || {
        WishOf::EditAlbum(EditAlbum {
            album: a.clone(),
            title: Some("Ours".to_owned()),
            ..EditAlbum::default()
        })
    };
    let say = |number: u8, text: &str| {
        WishOf::Say(Say {
            album: a.clone(),
            id: vec![number; 16],
            asset: Some(lake.bytes().to_vec()),
            text: Some(text.to_owned()),
        })
    };
    let stolen = Contributed {
        id: private.bytes().to_vec(),
        row: Some(feed::shared_row(
            &house.anna.library.asset(private).unwrap(),
        )),
    };
    let forged = Contributed {
        row: Some(AssetRow {
            home: Some(device(&house.clara).0.bytes().to_vec()),
            ..told(&house.ben, hut).row.unwrap()
        }),
        ..told(&house.ben, hut)
    };
    let of_owner = |asset: AssetId| {
        [
            WishOf::EditAssets(EditAssets {
                assets: vec![asset.bytes().to_vec()],
                favorite: Some(true),
                ..EditAssets::default()
            }),
            WishOf::Trash(Switch {
                assets: vec![asset.bytes().to_vec()],
                on: true,
            }),
            WishOf::Archive(Switch {
                assets: vec![asset.bytes().to_vec()],
                on: true,
            }),
            WishOf::AddToAlbum(AlbumAssets {
                album: a.clone(),
                assets: vec![private.bytes().to_vec()],
                withdraws: None,
            }),
            WishOf::DeleteAlbum(DeleteAlbum { album: a.clone() }),
        ]
    };
    let stranger = named("Stranger");
    meet(&house.anna, &stranger);
    // Who asks, for what, and whether it is done.
    let mut cases: Vec<(&str, &Story, WishOf, bool)> = vec![
        (
            "a viewer adds",
            &house.clara,
            contribute(told(&house.clara, boat)),
            false,
        ),
        (
            "an editor adds",
            &house.ben,
            contribute(told(&house.ben, hut)),
            true,
        ),
        (
            "an editor adds another's",
            &house.ben,
            contribute(stolen.clone()),
            false,
        ),
        (
            "an editor adds under another's name",
            &house.ben,
            contribute(forged),
            false,
        ),
        (
            "a stranger adds",
            &stranger,
            contribute(told(&house.ben, hut)),
            false,
        ),
        (
            "an editor takes out another's",
            &house.ben,
            take_out(lake),
            false,
        ),
        (
            "a viewer takes out another's",
            &house.clara,
            take_out(hut),
            false,
        ),
        ("a viewer retitles", &house.clara, retitle(), false),
        ("an editor retitles", &house.ben, retitle(), true),
        ("a viewer comments", &house.clara, say(1, "lovely"), true),
        (
            "an editor changes another's words",
            &house.ben,
            say(1, "ugly"),
            false,
        ),
        (
            "a viewer changes their own",
            &house.clara,
            say(1, "lovelier"),
            true,
        ),
        ("a stranger comments", &stranger, say(2, "hello"), false),
        (
            "an editor deletes another's comment",
            &house.ben,
            WishOf::Unsay(Unsay {
                album: a.clone(),
                ids: vec![vec![1; 16]],
            }),
            false,
        ),
        (
            "a stranger accepts",
            &stranger,
            WishOf::AnswerOffer(AnswerOffer {
                album: a.clone(),
                accept: true,
            }),
            false,
        ),
        (
            "a stranger leaves",
            &stranger,
            WishOf::LeaveAlbum(LeaveAlbum {
                album: a.clone(),
                take: true,
            }),
            false,
        ),
        (
            "an editor takes out their own",
            &house.ben,
            take_out(hut),
            true,
        ),
        (
            "a viewer deletes their comment",
            &house.clara,
            WishOf::Unsay(Unsay {
                album: a.clone(),
                ids: vec![vec![1; 16]],
            }),
            true,
        ),
    ];
    let link = |number: u8| {
        WishOf::MakeLink(MakeLink {
            album: a.clone(),
            id: vec![number; 16],
            label: String::new(),
            expires_at: None,
            download: "screen".to_owned(),
            show_metadata: false,
        })
    };
    let take_over = || {
        WishOf::TakeOver(TakeOver {
            album: a.clone(),
            ..TakeOver::default()
        })
    };
    for (who, number) in [(&house.ben, 1), (&house.clara, 2), (&stranger, 3)] {
        cases.push((
            "a link that the owner lets nobody make",
            who,
            link(number),
            false,
        ));
        cases.push(("an album that is not handed over", who, take_over(), false));
    }
    for who in [&house.ben, &house.clara, &stranger] {
        for wish in of_owner(lake) {
            cases.push(("an owner's wish", who, wish, false));
        }
    }
    let before = |story: &Story| {
        (
            seen(story, album),
            story.library.album(album).unwrap().title,
            story.library.asset(lake).unwrap(),
        )
    };
    for (number, (case, who, wish, done)) in (10_u8..).zip(cases) {
        let was = before(&house.anna);
        let refusal = ask(who, &house.anna, number, wish);
        assert_eq!(refusal.is_none(), done, "{case}: {refusal:?}");
        if let Some(refusal) = refusal {
            assert!(
                refusal.ends_with('.') && refusal.contains(' '),
                "{case}: {refusal}"
            );
            assert!(before(&house.anna) == was, "{case} changed something");
        }
    }

    // The honest client says no before it asks.
    assert!(house.clara.library.add_to_album(album, &[boat]).is_err());
    assert!(
        house
            .clara
            .library
            .remove_from_album(album, &[lake])
            .is_err()
    );
    assert!(house.ben.library.remove_from_album(album, &[lake]).is_err());
    let title = AlbumEdit {
        title: Some("Mine".to_owned()),
        ..AlbumEdit::default()
    };
    assert!(house.clara.library.edit_album(album, title).is_err());
    for who in [&house.ben, &house.clara] {
        let library = &who.library;
        let ben = person(&house.ben);
        assert!(library.share_album(album, &[ben], Role::Editor).is_err());
        assert!(library.set_role(album, ben, Role::Editor).is_err());
        assert!(library.unshare_album(album, ben, true).is_err());
        assert!(library.delete_album(album).is_err());
        let link = Story::new_link(LinkOf::Album(album));
        assert!(library.create_link(link).is_err());
        let link = Story::new_link(LinkOf::Assets(vec![lake]));
        assert_eq!(library.create_link(link).unwrap_err().code(), "others");
        let edit = SharingEdit {
            originals: Some(false),
            ..SharingEdit::default()
        };
        assert!(library.edit_sharing(album, edit).is_err());
    }

    // Originals for viewers are as the album says, also for a remembered id.
    let home = device(&house.anna).0;
    let clara = guest(&house.anna, &house.clara);
    assert!(clara.open(home, lake, KeptWhat::Original).is_ok());
    let edit = SharingEdit {
        originals: Some(false),
        ..SharingEdit::default()
    };
    house.anna.library.edit_sharing(album, edit).unwrap();
    assert!(clara.open(home, lake, KeptWhat::Original).is_err());
    assert!(!clara.holds(home, lake, KeptWhat::Original));
    assert!(
        guest(&house.anna, &house.ben)
            .open(home, lake, KeptWhat::Original)
            .is_ok()
    );
    for who in [&house.ben, &house.clara, &stranger] {
        let guest = guest(&house.anna, who);
        assert!(guest.open(home, private, KeptWhat::Thumbnail).is_err());
    }
    house
        .anna
        .library
        .set_role(album, person(&house.clara), Role::Editor)
        .unwrap();
    assert!(clara.open(home, lake, KeptWhat::Original).is_ok());
}

#[test]
fn an_editor_makes_links_where_the_owner_lets_them() {
    let house = Household::begin();
    let (album, _) = house.album();
    let terms = EditorTerms {
        label: "Oma".to_owned(),
        expires_at: None,
        download: Download::Screen,
        show_metadata: false,
    };
    assert!(house.ben.library.ask_link(album, terms.clone()).is_err());
    let edit = SharingEdit {
        linking: Some(true),
        ..SharingEdit::default()
    };
    house.anna.library.edit_sharing(album, edit).unwrap();
    house
        .anna
        .library
        .set_setting(Setting::LinkBase, "https://photos.example.org")
        .unwrap();
    house.settle();
    assert!(house.clara.library.ask_link(album, terms.clone()).is_err());
    house.ben.library.ask_link(album, terms).unwrap();
    assert_eq!(
        house.ben.library.editor_links(album).unwrap()[0].address,
        None
    );
    house.settle();
    let links = house.anna.library.links(None).unwrap();
    assert_eq!(links[0].maker.as_deref(), Some("Ben"));
    let told = house.ben.library.editor_links(album).unwrap();
    let address = told[0].address.clone().unwrap();
    let key = address
        .strip_prefix("https://photos.example.org/share/")
        .unwrap();
    let open = |key: &str| house.anna.library.visit(Address::Key(key), None).unwrap();
    assert!(matches!(open(key), Visit::Open(_)));
    // Nobody else is told of it.
    assert!(house.clara.library.editor_links(album).unwrap().is_empty());
    house.ben.library.end_editor_link(told[0].id).unwrap();
    house.settle();
    assert!(super::is_nothing(&open(key)));
    assert!(house.ben.library.editor_links(album).unwrap().is_empty());
}

#[test]
fn an_album_that_is_handed_over_lives_on_elsewhere() {
    let house = Household::begin();
    let (album, lake) = house.album();
    let hut = house.ben.photo("hut.jpg", START + 1);
    house.ben.library.add_to_album(album, &[hut]).unwrap();
    let of = ActivityOf::Album(album);
    house
        .clara
        .library
        .comment(of, Some(lake), "How calm!")
        .unwrap();
    house.settle();
    let ben = person(&house.ben);
    assert!(house.ben.library.take_over_album(album).is_err());
    house.anna.library.hand_over(album, Some(ben)).unwrap();
    house.settle();
    assert!(house.ben.library.offers().unwrap()[0].heir);
    assert!(house.clara.library.take_over_album(album).is_err());
    house.ben.library.take_over_album(album).unwrap();
    house.settle();
    house.settle();
    assert_eq!(house.ben.library.album(album).unwrap().sharing.owner, None);
    for story in [&house.anna, &house.clara] {
        let album = story.library.album(album).unwrap();
        let owner = album.sharing.owner.map(|(_, name)| name);
        assert_eq!(owner.as_deref(), Some("Ben"));
    }
    for story in [&house.anna, &house.ben, &house.clara] {
        assert_eq!(seen(story, album), [(lake, false), (hut, false)]);
        let query = ActivityQuery {
            of: Some(of),
            asset: Some(lake),
            limit: 10,
            ..ActivityQuery::default()
        };
        let said = story.library.conversation(&query).unwrap();
        let texts: Vec<&str> = said.shown.iter().map(|one| one.text.as_str()).collect();
        let name = story.library.identity().unwrap().person_name;
        assert_eq!(texts, ["How calm!"], "{name}");
    }
    let members = house.ben.library.members(album).unwrap();
    let roles: Vec<(&str, Role, u64)> = members
        .iter()
        .map(|member| (member.name.as_str(), member.role, member.count))
        .collect();
    assert_eq!(
        roles,
        [("Anna", Role::Editor, 1), ("Clara", Role::Viewer, 0)]
    );
    // Anna's photo is Ben's album's to fetch and keep.
    let home = device(&house.anna).0;
    let lacking = house.ben.library.lacking_contributions(home, 9).unwrap();
    assert_eq!(lacking.len(), 3);
    let given = guest(&house.anna, &house.ben).open(home, lake, KeptWhat::Original);
    assert!(given.is_ok());
    // It is his to decide now, and Anna's to ask.
    let boat = house.anna.photo("boat.jpg", START + 2);
    house.anna.library.add_to_album(album, &[boat]).unwrap();
    house.settle();
    assert_eq!(house.clara.library.album_assets(album).unwrap().len(), 3);
    assert!(house.anna.library.delete_album(album).is_err());
    house
        .ben
        .library
        .unshare_album(album, person(&house.anna), false)
        .unwrap();
    house.settle();
    assert!(house.anna.library.album(album).is_err());
    assert!(house.anna.library.asset(lake).is_ok(), "her own stays hers");
}
