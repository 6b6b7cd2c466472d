//! The map of an album: where its photos were taken, for those who may know it.

use library::{AssetEdit, AssetId, PlaceEdit};

use crate::house::{Browser, House, items, path};

crate::cases![
    what_is_near_together_is_one_circle,
    a_link_that_hides_metadata_has_no_map,
    a_map_has_pages,
];

const KIEL: (f64, f64) = (54.32, 10.13);
const FIJI: (f64, f64) = (-17.8, 179.2);

fn taken(house: &House, ids: &[AssetId], (latitude, longitude): (f64, f64)) {
    let place = PlaceEdit::At {
        latitude,
        longitude,
    };
    let edit = AssetEdit {
        place: Some(place),
        ..AssetEdit::default()
    };
    house.library.edit_assets(ids, edit).unwrap();
}

/// What each circle counts, and where it leads.
fn circles(html: &str) -> Vec<(u64, String)> {
    let count = |part: &str| {
        let text = part.split("dy=\"4\">").nth(1).unwrap();
        text.split('<').next().unwrap().parse().unwrap()
    };
    html.split("<a href=\"")
        .skip(1)
        .filter(|part| {
            part.contains("<circle") && part.split("</a>").next().unwrap().contains("<circle")
        })
        .map(|part| (count(part), part.split('"').next().unwrap().to_owned()))
        .collect()
}

fn shown(house: &House) -> String {
    path(&house.link(|link| link.show_metadata = true))
}

fn what_is_near_together_is_one_circle() {
    let house = House::with(9);
    let ids = house.library.album_assets(house.album).unwrap();
    let browser = house.browser();
    let link = shown(&house);
    assert!(
        !browser.get(&link).text().contains("?map="),
        "there is nothing on it"
    );
    assert_eq!(
        browser.get(&format!("{link}?map=")).text(),
        browser.get(&link).text()
    );

    taken(&house, &ids[..5], KIEL);
    taken(&house, &ids[5..8], FIJI);
    assert!(
        browser
            .get(&link)
            .text()
            .contains(&format!("href=\"{link}?map=\">Map</a>"))
    );
    let map = browser.get(&format!("{link}?map=")).text();
    assert!(map.contains("<h1>Summer at the lake · Map</h1>") && map.contains("8 photos"));
    assert!(map.contains("aria-label=\"Kiel, 5 photos\""), "{map}");
    let found = circles(&map);
    assert_eq!(
        found.iter().map(|(count, _)| *count).collect::<Vec<_>>(),
        [5, 3]
    );
    assert_eq!(items(&map).len(), 8);

    // Each leads to its own photos, and to no circle but itself.
    let album = items(&browser.get(&link).text());
    for ((count, address), photos) in found.iter().zip([&album[..5], &album[5..8]]) {
        let part = browser.get(address).text();
        assert_eq!(items(&part), photos);
        assert!(part.contains(&format!("dy=\"4\">{count}<")) && circles(&part).is_empty());
        assert!(part.contains("Whole map"));
    }
    let german = browser.get_with(&format!("{link}?map="), &[("accept-language", "de")]);
    assert!(german.text().contains("Summer at the lake · Karte"));
    // Where nothing was taken there is no map of it, but all of them.
    for odd in ["0,0,1,1", "x", "1,2,3,4,5", "NaN,0,0,0", "%ff"] {
        let page = browser.get(&format!("{link}?map={odd}")).text();
        assert_eq!(items(&page).len(), 8, "{odd}");
    }
}

fn a_link_that_hides_metadata_has_no_map() {
    let house = House::with(4);
    let ids = house.library.album_assets(house.album).unwrap();
    taken(&house, &ids, KIEL);
    let browser: Browser = house.browser();
    let link = house.open_link();
    let page = browser.get(&link).text();
    assert!(!page.contains("map=") && !page.contains("Kiel"));
    for asked in ["", "185,30,195,40", "0,0,360,180"] {
        assert_eq!(browser.get(&format!("{link}?map={asked}")).text(), page);
    }
    let locked = path(&house.link(|link| {
        link.show_metadata = true;
        link.password = Some("sea and dunes".into());
    }));
    let door = browser.get(&format!("{locked}?map=")).text();
    assert!(!door.contains("<circle") && !door.contains("Kiel"));
}

fn a_map_has_pages() {
    let house = House::with(60);
    let ids = house.library.album_assets(house.album).unwrap();
    taken(&house, &ids, KIEL);
    let browser = house.browser();
    let link = shown(&house);
    let first = browser.get(&format!("{link}?map=")).text();
    assert_eq!(items(&first).len(), 48);
    assert!(
        first.contains(&format!("rel=\"next\" href=\"{link}?map=&#38;page=2\"")),
        "{first}"
    );
    let second = items(&browser.get(&format!("{link}?map=&page=2")).text());
    assert_eq!(second, items(&browser.get(&link).text())[48..]);
    assert_eq!(
        items(&browser.get(&format!("{link}?map=&page=9")).text()),
        second
    );
    assert!(first.len() < 30_000, "{} bytes", first.len());
}
