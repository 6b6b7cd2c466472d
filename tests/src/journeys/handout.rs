//! Links by the command alone: for many people at once, as a code, and all of them ended.

use crate::desk::{Desk, text, texts};
use crate::visitor::Visitor;
use camera::{Exif, Scene, draw, jpeg};
use serde_json::Value;

fn desk() -> (Desk, String) {
    let desk = Desk::new();
    for number in 0..2 {
        let picture = draw(Scene::ALL[number], number as u64, 300, 200);
        let bytes = jpeg(&picture, 88, &Exif::default()).unwrap();
        desk.put(&format!("IMG_{number}.jpg"), &bytes);
    }
    let photos = desk.import();
    let album = desk.album("By the sea", &photos);
    (desk, album)
}

fn each(links: &Value, field: &str) -> Vec<String> {
    let links = links["links"].as_array().unwrap();
    links.iter().map(|link| text(&link[field])).collect()
}

#[test]
fn a_link_for_each_person_and_all_of_them_ended() {
    let (desk, album) = desk();
    let usual = [
        "link",
        "defaults",
        "--download",
        "original",
        "--expires",
        "90d",
    ];
    let usual = desk.tell(&usual);
    assert_eq!(
        [text(&usual["download"]), text(&usual["expires"])],
        ["original", "90d"]
    );

    let people = ["Anna", "Ben", "Cem"];
    let words = ["link", "each", "--album", &album, "--for"];
    let made = desk.tell(&[&words[..], &people[..]].concat());
    assert_eq!(each(&made, "label"), people);
    assert_eq!(
        each(&made, "download"),
        ["original"; 3],
        "as links usually are"
    );
    let mut keys = each(&made, "key");
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 3, "each has its own address");
    let named = desk.ask(&[&words[..], &["Ida", "Jo", "--name", "summer"]].concat());
    assert_ne!(named.code, Some(0), "one name is not for two");

    let serving = desk.serve();
    let base = serving.url();
    let paths = each(&made, "path");
    for path in &paths {
        assert_eq!(Visitor::new(&base).get(path).status, 200);
    }
    let ben = &each(&made, "id")[1];
    desk.tell(&["link", "edit", ben, "--people", "1"]);
    assert_eq!(desk.tell(&["link", "show", ben])["people_at_most"], 1);
    assert_eq!(desk.tell(&["link", "free", ben])["people"], 0);

    let ended = desk.tell(&["link", "revoke-all"]);
    assert_eq!(ended["revoked"], 3, "{ended}");
    for path in &paths {
        assert_eq!(Visitor::new(&base).get(path).status, 404);
    }
    assert_eq!(each(&desk.tell(&["link", "list"]), "state"), ["revoked"; 3]);
    assert_eq!(desk.tell(&["link", "revoke-all"])["revoked"], 0);
}

/// The words in a code that is drawn of squares of one module, as `link qr` draws it.
fn read(svg: &str) -> String {
    let size = svg.split("viewBox=\"0 0 ").nth(1).unwrap();
    let size: usize = size.split(' ').next().unwrap().parse().unwrap();
    let mut dark = vec![false; size * size];
    for square in svg
        .split('M')
        .skip(1)
        .filter(|part| part.contains("h1v1h-1z"))
    {
        let (x, y) = square.split('h').next().unwrap().split_once(' ').unwrap();
        dark[y.parse::<usize>().unwrap() * size + x.parse::<usize>().unwrap()] = true;
    }
    const SCALE: usize = 6;
    let shade = |x: usize, y: usize| match dark[y / SCALE * size + x / SCALE] {
        true => 0,
        false => 255,
    };
    let mut picture =
        rqrr::PreparedImage::prepare_from_greyscale(size * SCALE, size * SCALE, shade);
    picture.detect_grids()[0].decode().unwrap().1
}

#[test]
fn a_code_leads_to_its_link_and_a_card_tells_of_it() {
    let (desk, album) = desk();
    let link = desk.link(&["--album", &album]);
    let id = text(&link["id"]);
    let code = desk.tell(&["link", "qr", &id]);
    assert_eq!(read(&text(&code["svg"])), text(&link["url"]));
    assert_eq!(code["url"], link["url"]);

    desk.tell(&["init", "--person", "Mira"]);
    let to = desk.path().join("card.svg");
    let words = ["link", "qr", &id, "--card", "--to", to.to_str().unwrap()];
    desk.tell(&words);
    let card = std::fs::read_to_string(&to).unwrap();
    assert!(
        card.contains(">By the sea<") && card.contains(">from Mira<"),
        "{card}"
    );
    desk.tell(&[&words[..], &["--language", "de"]].concat());
    assert!(std::fs::read_to_string(&to).unwrap().contains(">von Mira<"));

    let photos = texts(&desk.tell(&["grid"])["ids"]);
    let chosen = desk.link(&["--assets", &photos[0], &photos[1]]);
    let words = [
        "link",
        "qr",
        &text(&chosen["id"]),
        "--card",
        "--language",
        "de",
    ];
    let card = text(&desk.tell(&words)["svg"]);
    assert!(card.contains(">2 Fotos<"), "{card}");
}

#[test]
fn wrong_passwords_are_remembered_when_the_node_begins_anew() {
    let (desk, album) = desk();
    let link = desk.link(&["--album", &album, "--password", "sea and dunes"]);
    let path = text(&link["path"]);
    let serving = desk.serve();
    let base = serving.url();
    let refused = (0..20).any(|_| Visitor::new(&base).unlock(&path, "guess").status == 429);
    assert!(refused, "twenty guesses in a row");
    drop(serving);
    let serving = desk.serve();
    let answer = Visitor::new(&serving.url()).unlock(&path, "another guess");
    assert_eq!(answer.status, 429);
}
