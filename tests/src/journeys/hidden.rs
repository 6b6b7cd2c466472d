//! A link with hidden metadata: no byte a visitor gets, by any route, carries a
//! telling word, a name, a time or a place.

use crate::desk::{Desk, text};
use crate::visitor::Visitor;
use camera::seeded;

/// The desk's photos with words in every place, and all of the words.
fn seeded_desk() -> (Desk, String, Vec<String>) {
    let desk = Desk::new();
    let mut words = Vec::new();
    for number in 1..=3 {
        let photo = seeded(number).unwrap();
        let name = format!("SeedNameQ{number:04}");
        desk.put(&format!("{name}.jpg"), &photo.bytes);
        words.push(name);
        words.extend(photo.words);
    }
    let ids = desk.import();
    for id in &ids {
        desk.tell(&[
            "asset",
            "edit",
            id,
            "--title",
            "SeedTitleQ",
            "--description",
            "SeedTextQ",
            "--rating",
            "4",
        ]);
        words.push(id.clone());
    }
    words.extend(["SeedTitleQ", "SeedTextQ", "SeedLabelQ"].map(str::to_owned));
    // The time of day and the place, as the page might write them.
    words.extend(
        [
            "04:53",
            "2021-07-19",
            "2021:07:19",
            "19 July 2021",
            "19. Juli 2021",
        ]
        .map(str::to_owned),
    );
    words.extend(["27.717", "85.323", "27,43.03"].map(str::to_owned));
    words.extend(desk.assets().iter().map(|asset| text(&asset["hash"])));
    let album = desk.album("Kathmandu", &ids);
    (desk, album, words)
}

fn found(bytes: &[u8], word: &str) -> bool {
    bytes
        .windows(word.len())
        .any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

#[test]
fn no_seeded_word_reaches_a_visitor_by_any_route() {
    let (desk, album, words) = seeded_desk();
    for download in ["none", "screen", "original"] {
        let link = desk.link(&[
            "--album",
            &album,
            "--download",
            download,
            "--label",
            "SeedLabelQ",
        ]);
        assert_eq!(link["show_metadata"], false, "{link}");
        let serving = desk.serve();
        let visitor = Visitor::new(&serving.url());
        let path = text(&link["path"]);
        let routes = visitor.every_route(&path);
        assert!(routes.len() >= 2 + 3 * 5 + 6, "{routes:?}");
        for route in &routes {
            for language in ["en", "de"] {
                let reply = visitor.send("GET", route, &[("accept-language", language)], &[]);
                let everything = reply.everything();
                for word in &words {
                    assert!(
                        !found(&everything, word),
                        "{route} ({download}) tells {word}"
                    );
                }
                // EXIF and XMP at all would be too much, whatever is in them.
                for marker in ["Exif\0\0", "ns.adobe.com", "8BIM"] {
                    assert!(
                        !found(&reply.body, marker),
                        "{route} ({download}) has {marker:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn shown_metadata_is_shown() {
    let (desk, album, _) = seeded_desk();
    let link = desk.link(&[
        "--album",
        &album,
        "--show-metadata",
        "--download",
        "original",
    ]);
    let serving = desk.serve();
    let visitor = Visitor::new(&serving.url());
    let all: Vec<u8> = visitor
        .routes(&text(&link["path"]))
        .iter()
        .flat_map(|route| visitor.get(route).everything())
        .collect();
    for word in ["SeedModelQ0001", "SeedSerialQ0002", "SeedNameQ0003"] {
        assert!(found(&all, word), "{word}");
    }
    assert!(
        !found(&all, "SeedLabelQ"),
        "a label is the owner's own note"
    );
}
