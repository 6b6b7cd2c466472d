//! In which order an album stands: here, behind its links, at whoever is in it.

use super::hosting::Served;
use super::household::{Household, person};
use super::partners::WHOLE;
use super::*;

pub(super) fn ordered(order: AlbumOrder) -> AlbumEdit {
    AlbumEdit {
        order: Some(order),
        ..AlbumEdit::default()
    }
}

/// An album of four, put into it in no order; two were taken at the same moment, or so far
/// apart. Answers with the photos, oldest first.
fn mixed(story: &Story, apart: i64) -> (AlbumId, [AssetId; 4]) {
    let late = story.photo("late.jpg", START + 2 * DAY);
    let early = story.photo("early.jpg", START - DAY);
    let first = story.photo("first.jpg", START);
    let second = story.photo("second.jpg", START + apart);
    let album = story.album(&[second, late, first, early]);
    (album, [early, first, second, late])
}

fn turned(mut photos: [AssetId; 4]) -> [AssetId; 4] {
    photos.reverse();
    photos
}

#[test]
fn an_album_begins_with_its_oldest_or_its_newest_and_that_is_undone() {
    let story = Story::begin();
    let (album, photos) = mixed(&story, 0);
    let library = &story.library;
    let grid = || {
        let query = GridQuery {
            filter: Filter {
                album: Some(album),
                ..Filter::default()
            },
            ..GridQuery::default()
        };
        library.grid_ids(&query).unwrap()
    };
    let stands = |order, photos: [AssetId; 4]| {
        let now = library.album(album).unwrap();
        assert_eq!((now.order, now.cover), (order, Some(photos[0])));
        assert_eq!(library.albums().unwrap(), [now]);
        assert_eq!(library.album_assets(album).unwrap(), photos);
        assert_eq!(grid(), photos);
        let concerns = library.sharing_concerns(&LinkOf::Album(album)).unwrap();
        assert_eq!(concerns.first, photos);
    };
    stands(AlbumOrder::Oldest, photos);
    let edited = library.edit_album(album, ordered(AlbumOrder::Newest));
    assert_eq!(edited.unwrap().title, "Summer", "nothing else is changed");
    stands(AlbumOrder::Newest, turned(photos));
    // What says nothing of the order leaves it.
    let title = AlbumEdit {
        title: Some("Winter".to_owned()),
        ..AlbumEdit::default()
    };
    library.edit_album(album, title).unwrap();
    stands(AlbumOrder::Newest, turned(photos));
    library.undo().unwrap();
    library.undo().unwrap();
    stands(AlbumOrder::Oldest, photos);

    // A chosen cover stays, whatever comes first.
    let cover = AlbumEdit {
        cover: Some(photos[1]),
        ..ordered(AlbumOrder::Newest)
    };
    library.edit_album(album, cover).unwrap();
    assert_eq!(library.album(album).unwrap().cover, Some(photos[1]));
    // An album that was deleted comes back as it was.
    library.delete_album(album).unwrap();
    library.undo().unwrap();
    assert_eq!(library.album(album).unwrap().order, AlbumOrder::Newest);
    assert_eq!(library.album_assets(album).unwrap(), turned(photos));
}

#[test]
fn a_part_of_an_albums_grid_is_a_part_of_its_order() {
    let story = Story::begin();
    let (album, photos) = mixed(&story, 0);
    let edit = ordered(AlbumOrder::Newest);
    story.library.edit_album(album, edit).unwrap();
    let query = GridQuery {
        filter: Filter {
            album: Some(album),
            ..Filter::default()
        },
        first: 1,
        count: Some(2),
    };
    let part = story.library.grid(&query).unwrap();
    assert_eq!(part.ids, [photos[2], photos[1]]);
    assert_eq!(part.times, [START, START]);
    // The timeline is none of its business.
    let all = GridQuery {
        filter: Filter {
            shelf: Some(Shelf::Timeline),
            ..Filter::default()
        },
        ..GridQuery::default()
    };
    assert_eq!(story.library.grid_ids(&all).unwrap(), turned(photos));
}

#[test]
fn a_link_shows_an_album_in_its_order_at_once() {
    let story = Story::begin();
    let (album, photos) = mixed(&story, 0);
    let link = story.link(album, |new| new.show_metadata = true);
    let chosen = Story::new_link(LinkOf::Assets(vec![photos[2], photos[0]]));
    let chosen = story.access(&story.library.create_link(chosen).unwrap());
    let access = story.access(&link);
    let in_order = |photos: [AssetId; 4]| {
        let entries = access.entries(0, 10).unwrap();
        let assets: Vec<AssetId> = entries.iter().map(|entry| entry.asset).collect();
        assert_eq!(assets, photos);
        assert_eq!(access.first_seen().unwrap().unwrap().asset, photos[0]);
        for (index, entry) in (0..).zip(&entries) {
            assert_eq!(entry.index, index);
            // A photo's page knows its neighbours by its place.
            let found = access.entry(&entry.item).unwrap().unwrap();
            assert_eq!((found.index, found.asset), (index, entry.asset));
        }
        let some = access.entries(1, 2).unwrap();
        assert_eq!(some, entries[1..3]);
        assert_eq!(
            access.span().unwrap(),
            Some((START - DAY, START + 2 * DAY)),
            "the earliest and the latest"
        );
        assert_eq!(access.assets().unwrap(), photos, "as archives have them");
    };
    in_order(photos);
    let edit = ordered(AlbumOrder::Newest);
    story.library.edit_album(album, edit).unwrap();
    assert!(access.is_current().unwrap(), "no visitor is cut off");
    in_order(turned(photos));
    assert_eq!(chosen.assets().unwrap(), [photos[2], photos[0]]);
    story.library.undo().unwrap();
    in_order(photos);
}

#[test]
fn everyone_in_an_album_sees_its_order_and_editors_change_it() {
    let house = Household::begin();
    let (album, lake) = house.album();
    let hut = house.anna.photo("hut.jpg", START + 1);
    house.anna.library.add_to_album(album, &[hut]).unwrap();
    house.settle();
    let everyone = [&house.anna, &house.ben, &house.clara];
    let stands = |who: &Story, order, ids: [AssetId; 2]| {
        let seen = who.library.album(album).unwrap();
        assert_eq!((seen.order, seen.cover), (order, Some(ids[0])));
        assert_eq!(who.library.album_assets(album).unwrap(), ids);
    };
    for who in everyone {
        stands(who, AlbumOrder::Oldest, [lake, hut]);
    }
    let edit = || ordered(AlbumOrder::Newest);
    house.anna.library.edit_album(album, edit()).unwrap();
    house.settle();
    for who in everyone {
        stands(who, AlbumOrder::Newest, [hut, lake]);
    }
    // An editor sees it at once, and the others when its home has done it.
    let back = ordered(AlbumOrder::Oldest);
    house.ben.library.edit_album(album, back).unwrap();
    stands(&house.ben, AlbumOrder::Oldest, [lake, hut]);
    stands(&house.clara, AlbumOrder::Newest, [hut, lake]);
    house.settle();
    for who in everyone {
        stands(who, AlbumOrder::Oldest, [lake, hut]);
    }
    assert!(house.clara.library.edit_album(album, edit()).is_err());
    // What a home does not let happen does not stay at who asked for it.
    house.ben.library.edit_album(album, edit()).unwrap();
    let ben = person(&house.ben);
    let viewer = house.anna.library.set_role(album, ben, Role::Viewer);
    viewer.unwrap();
    house.settle();
    for who in everyone {
        stands(who, AlbumOrder::Oldest, [lake, hut]);
    }
}

#[test]
fn a_partner_sees_an_album_in_its_order() {
    let house = Household::begin();
    let (album, photos) = mixed(&house.anna, 1);
    let (anna, _) = house.partners(PartnerRules {
        albums: true,
        ..WHOLE
    });
    let seen = || {
        let filter = Filter {
            partner_album: Some(album),
            ..Filter::default()
        };
        let query = GridQuery {
            filter,
            ..GridQuery::default()
        };
        let cover = house.ben.library.partner_albums(anna).unwrap()[0].cover;
        (house.ben.library.grid_ids(&query).unwrap(), cover)
    };
    assert_eq!(seen(), (photos.to_vec(), Some(photos[0])));
    let edit = ordered(AlbumOrder::Newest);
    house.anna.library.edit_album(album, edit).unwrap();
    house.settle();
    assert_eq!(seen(), (turned(photos).to_vec(), Some(photos[3])));
}

#[test]
fn a_server_shows_the_links_of_another_home_in_their_albums_order() {
    let served = Served::begin();
    let (album, photos) = mixed(&served.desk, 1);
    let link = served.desk.link(album, |_| {});
    let chosen = Story::new_link(LinkOf::Assets(vec![photos[2], photos[0]]));
    let chosen = served.desk.library.create_link(chosen).unwrap();
    let stands = |photos: [AssetId; 4]| {
        served.talk();
        let access = served.server.access(&link);
        assert_eq!(access.assets().unwrap(), photos);
        assert_eq!(access.first_seen().unwrap().unwrap().asset, photos[0]);
        assert!(served.is_same(&link) && served.is_same(&chosen));
    };
    stands(photos);
    let library = &served.desk.library;
    let edit = ordered(AlbumOrder::Newest);
    library.edit_album(album, edit).unwrap();
    stands(turned(photos));
    // A link that is made afterwards, too.
    let later = served.desk.link(album, |_| {});
    served.talk();
    let shown = served.server.access(&later).assets().unwrap();
    assert_eq!(shown, turned(photos));
    library.undo().unwrap();
    stands(photos);
}
