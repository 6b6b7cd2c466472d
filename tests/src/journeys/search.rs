//! Search from the command line: photos are found by their words, their place,
//! and what is known of them.

use crate::desk::Desk;
use camera::{Exif, jpeg, quadrants};
use serde_json::{Value, json};

fn names(reply: &Value) -> Vec<&str> {
    let assets = reply["assets"].as_array().unwrap();
    assets
        .iter()
        .map(|asset| asset["name"].as_str().unwrap())
        .collect()
}

#[test]
fn photos_are_found_by_words_places_and_facts() {
    let desk = Desk::new();
    let photo = |caption: &str, taken: &str, place| {
        let exif = Exif {
            caption: caption.to_owned(),
            taken: taken.to_owned(),
            place,
            ..Exif::default()
        };
        jpeg(&quadrants(320, 240), 90, &exif).unwrap()
    };
    let harbour = photo(
        "The old harbour",
        "2026:05:03 14:22:10",
        Some((44.407, 8.934, 20.0)),
    );
    desk.put("IMG_20260503_1234.jpg", &harbour);
    desk.put(
        "hut.jpg",
        &photo("A mountain hut", "2025:08:01 09:00:00", None),
    );
    desk.import();

    for (query, found) in [
        (&["harbour"][..], &["IMG_20260503_1234.jpg"][..]),
        (&["HARB", "genoa"], &["IMG_20260503_1234.jpg"]),
        (&["1234"], &["IMG_20260503_1234.jpg"]),
        (&["\" OR *"], &[]),
        (&["jpg"], &["IMG_20260503_1234.jpg", "hut.jpg"]),
        (&["--without-place"], &["hut.jpg"]),
        (&["jpg", "--with-place"], &["IMG_20260503_1234.jpg"]),
        (
            &["--from", "2025-08-01", "--to", "2025-08-01"],
            &["hut.jpg"],
        ),
        (&["jpg", "--to", "2025-07-31"], &[]),
        (&["--type", "video"], &[]),
        (&["hut", "--rating-at-least", "1"], &[]),
    ] {
        let mut words = vec!["search"];
        words.extend(query);
        let reply = desk.tell(&words);
        assert_eq!(names(&reply), found, "{query:?}");
    }
    let reply = desk.tell(&["search", "harbour"]);
    assert_eq!(reply["assets"][0]["place"], "Genoa, Liguria, Italy");
    assert_eq!(
        desk.tell(&["suggest"])["places"],
        json!([{ "name": "Genoa, Liguria, Italy", "count": 1 }])
    );
    let grid = desk.tell(&["grid", "--query", "jpg", "--first", "1", "--count", "5"]);
    assert_eq!(grid["ids"].as_array().unwrap().len(), 1);
    let refused = desk.ask(&["search", "--with-place", "--without-place"]);
    assert_eq!(refused.error()["code"], "usage");
}
