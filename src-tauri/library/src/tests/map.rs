//! Stories of the map: what is on it, and what must never be.

use super::*;

const WORLD: Area = Area {
    south: -90.0,
    west: -180.0,
    north: 90.001,
    east: 180.001,
};

fn placed(story: &Story, name: &str, latitude: f64, longitude: f64) -> AssetId {
    story.photo_of(name, START, |facts| {
        facts.metadata.place = Some(media::Place {
            latitude,
            longitude,
            altitude: None,
        });
    })
}

fn counts(story: &Story, zoom: u8) -> Vec<u64> {
    let map = story.library.map(WORLD, zoom, None).unwrap();
    map.clusters.iter().map(|cluster| cluster.count).collect()
}

fn listed(story: &Story, area: Area) -> usize {
    let query = GridQuery {
        filter: Filter {
            shelf: Some(Shelf::Timeline),
            area: Some(area),
            ..Filter::default()
        },
        ..GridQuery::default()
    };
    story.library.grid(&query).unwrap().ids.len()
}

#[test]
fn near_photos_are_one_cluster_until_one_looks_closer() {
    let story = Story::begin();
    for (index, (latitude, longitude)) in [
        (44.407, 8.934),
        (44.41, 8.93),
        (48.137, 11.575),
        (-33.92, 18.42),
    ]
    .iter()
    .enumerate()
    {
        placed(&story, &format!("photo {index}"), *latitude, *longitude);
    }
    story.photo("nowhere", START);
    assert_eq!(counts(&story, 1), [3, 1]);
    assert_eq!(counts(&story, 5), [2, 1, 1]);
    for zoom in 0..=22 {
        for cluster in story.library.map(WORLD, zoom, None).unwrap().clusters {
            let area = cluster.area;
            assert_eq!(
                listed(&story, area) as u64,
                cluster.count,
                "{zoom}: {area:?}"
            );
            assert!((area.south..area.north).contains(&cluster.latitude));
            assert!((area.west..area.east).contains(&cluster.longitude));
        }
    }
    let near_genoa = "44.3,8.8,44.5,9.1".parse().unwrap();
    let map = story.library.map(near_genoa, 16, None).unwrap();
    assert_eq!(map.clusters.len(), 2, "seen from near they are apart");
    let map = story.library.map(near_genoa, 11, None).unwrap();
    assert_eq!(map.clusters.len(), 1);
    assert_eq!(
        map.clusters[0].place.as_deref(),
        Some("Genoa, Liguria, Italy")
    );
    assert!(
        map.towns
            .iter()
            .any(|town| town.full_name.contains("Liguria"))
    );
}

#[test]
fn what_left_the_timeline_is_on_no_map_until_it_is_back() {
    let story = Story::begin();
    let library = &story.library;
    let [shown, other] = ["shown", "other"].map(|name| placed(&story, name, 44.407, 8.934));
    let covers = || -> Vec<AssetId> {
        let map = library.map(WORLD, 3, None).unwrap();
        map.clusters.iter().map(|cluster| cluster.cover).collect()
    };
    library.trash(&[other]).unwrap();
    assert_eq!((counts(&story, 3), covers()), (vec![1], vec![shown]));
    library.undo().unwrap();
    assert_eq!(counts(&story, 3), [2]);
    library.archive(&[other], true).unwrap();
    assert_eq!((counts(&story, 3), covers()), (vec![1], vec![shown]));
    library.archive(&[other], false).unwrap();
    library.set_pin(None, "2718").unwrap();
    library.set_locked(&[other], true).unwrap();
    assert_eq!((counts(&story, 3), covers()), (vec![1], vec![shown]));
    // Open or not: the map is of the timeline.
    library.open_locked("2718").unwrap();
    assert_eq!((counts(&story, 3), covers()), (vec![1], vec![shown]));
    library.trash(&[shown]).unwrap();
    assert_eq!(counts(&story, 3), [0; 0]);
    library.empty_trash(None, false).unwrap();
    assert_eq!(counts(&story, 3), [0; 0]);
}

#[test]
fn a_photo_moves_on_the_map_with_its_place() {
    let story = Story::begin();
    let id = placed(&story, "moved", 44.407, 8.934);
    let edit = AssetEdit {
        place: Some(PlaceEdit::parse("-33.92,18.42").unwrap()),
        ..AssetEdit::default()
    };
    story.library.edit_assets(&[id], edit).unwrap();
    let map = story.library.map(WORLD, 9, None).unwrap();
    assert_eq!(map.clusters.len(), 1);
    assert!((map.clusters[0].latitude + 33.92).abs() < 1e-6);
    let edit = AssetEdit {
        place: Some(PlaceEdit::Nowhere),
        ..AssetEdit::default()
    };
    story.library.edit_assets(&[id], edit).unwrap();
    assert_eq!(counts(&story, 9), [0; 0]);
}

#[test]
fn the_edges_of_the_world_are_on_the_map() {
    let story = Story::begin();
    for (index, (latitude, longitude)) in
        [(90.0, 180.0), (-90.0, -180.0), (0.0, 0.0), (89.9, -180.0)]
            .iter()
            .enumerate()
    {
        placed(&story, &format!("edge {index}"), *latitude, *longitude);
    }
    for zoom in [0, 3, 10, 18] {
        assert_eq!(counts(&story, zoom).iter().sum::<u64>(), 4, "{zoom}");
    }
}

#[test]
fn an_area_and_an_address_of_tiles_must_make_sense() {
    let story = Story::begin();
    for wrong in ["", "1,2,3", "2,0,1,1", "0,2,1,1", "a,b,c,d", "0,0,inf,1"] {
        assert!(wrong.parse::<Area>().is_err(), "{wrong}");
    }
    let library = &story.library;
    assert_eq!(library.map_tiles().unwrap(), None);
    for wrong in ["https://tiles.example/", "ftp://x/{z}/{x}/{y}", "{z}{x}{y}"] {
        assert!(library.set_map_tiles(wrong, "").is_err(), "{wrong}");
    }
    let url = "https://tiles.example/{z}/{x}/{y}.png";
    library.set_map_tiles(url, "Us").unwrap();
    let kept = Some((url.to_owned(), "Us".to_owned()));
    assert_eq!(library.map_tiles().unwrap(), kept);
    library.set_map_tiles("", "").unwrap();
    assert_eq!(library.map_tiles().unwrap(), None);
}
