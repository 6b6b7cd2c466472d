//! Assets and albums in the catalog.

use super::*;

#[test]
fn months_are_counted_as_photos_come_and_move() {
    let story = Story::begin();
    let photo = story.photo("a.jpg", 0);
    story.photo("b.jpg", DAY);
    story.photo("c.jpg", 40 * DAY);
    let months = |library: &Library| -> Vec<(u16, u8, u64)> {
        let months = library.months().unwrap();
        months.iter().map(|m| (m.year, m.month, m.count)).collect()
    };
    assert_eq!(months(&story.library), [(1970, 2, 1), (1970, 1, 2)]);
    let edit = AssetEdit {
        taken_at: Some(TakenAt::parse("2020-12-24T18:00:00").unwrap()),
        ..AssetEdit::default()
    };
    story.library.edit_assets(&[photo], edit).unwrap();
    assert_eq!(
        months(&story.library),
        [(2020, 12, 1), (1970, 2, 1), (1970, 1, 1)]
    );
    assert_eq!(story.library.counts().unwrap().assets, 3);
}

#[test]
fn a_grid_tells_its_months_and_its_ids_alone_for_whatever_is_wanted() {
    let story = Story::begin();
    let photos: Vec<AssetId> = (0..30)
        .map(|n| story.photo(&format!("{n}.jpg"), n * 9 * DAY))
        .collect();
    let edit = AssetEdit {
        favorite: Some(true),
        ..AssetEdit::default()
    };
    story.library.edit_assets(&photos[10..20], edit).unwrap();
    let album = story.album(&photos[3..9]);
    let library = &story.library;
    assert_eq!(
        library.months_of(&Filter::default()).unwrap(),
        library.months().unwrap()
    );
    for (filter, wanted) in [
        (Filter::default(), 30),
        (
            Filter {
                favorite: true,
                ..Filter::default()
            },
            10,
        ),
        (
            Filter {
                album: Some(album),
                ..Filter::default()
            },
            6,
        ),
    ] {
        let months = library.months_of(&filter).unwrap();
        assert_eq!(months.iter().map(|month| month.count).sum::<u64>(), wanted);
        assert!(months.is_sorted_by_key(|month| std::cmp::Reverse((month.year, month.month))));
        let query = GridQuery {
            filter,
            first: 2,
            count: Some(3),
        };
        let ids = library.grid_ids(&query).unwrap();
        assert_eq!(ids.len(), 3);
        assert_eq!(ids, library.grid(&query).unwrap().ids);
    }
}

#[test]
fn a_list_goes_on_where_its_page_ended() {
    let story = Story::begin();
    for n in 0..7 {
        story.photo(&format!("{n}.jpg"), (n / 2) * DAY);
    }
    let mut query = AssetQuery {
        limit: Some(3),
        ..AssetQuery::default()
    };
    let mut names = Vec::new();
    loop {
        let page = story.library.assets(&query).unwrap();
        names.extend(page.assets.into_iter().map(|asset| asset.name));
        match page.next {
            Some(next) => query.after = Some(next.to_string().parse().unwrap()),
            None => break,
        }
    }
    assert_eq!(
        names,
        [
            "6.jpg", "5.jpg", "4.jpg", "3.jpg", "2.jpg", "1.jpg", "0.jpg"
        ]
    );
}

#[test]
fn an_album_shows_its_cover_and_its_span() {
    let story = Story::begin();
    let (a, b) = (story.photo("a.jpg", 2 * DAY), story.photo("b.jpg", DAY));
    let stranger = story.photo("c.jpg", 0);
    let id = story.album(&[a, b]);
    let again = story.library.add_to_album(id, &[a, b]).unwrap();
    assert_eq!(again.unchanged.len(), 2);
    let album = story.library.album(id).unwrap();
    assert_eq!((album.count, album.cover), (2, Some(b)));
    assert_eq!(album.first_at.unwrap().local_ms, DAY);
    let cover = |cover| AlbumEdit {
        cover: Some(cover),
        ..AlbumEdit::default()
    };
    assert!(story.library.edit_album(id, cover(stranger)).is_err());
    story.library.edit_album(id, cover(a)).unwrap();
    story.library.remove_from_album(id, &[a]).unwrap();
    assert_eq!(story.library.album(id).unwrap().cover, Some(b));
    story.link(id, |_| {});
    assert_eq!(story.library.album(id).unwrap().links, 1);
    story.library.delete_album(id).unwrap();
    assert!(story.library.album(id).is_err());
    assert!(story.library.links(None).unwrap().is_empty());
    assert_eq!(story.library.counts().unwrap().assets, 3);
}
