//! Friends add their photos: through a link, over a connection that breaks, to a
//! program that is killed; the owner takes them in by the command.

use crate::desk::{Desk, Serving, text, until};
use crate::visitor::{Reply, Visitor};
use camera::{Exif, jpeg};
use image::RgbImage;
use serde_json::Value;
use std::collections::BTreeSet;

pub const VISITOR: &str = "00112233445566778899aabbccddeeff";

pub fn photo(seed: u8) -> Vec<u8> {
    let picture = RgbImage::from_fn(640, 480, |x, y| {
        let wave = (f64::from(x) / f64::from(20 + seed)).sin() + (f64::from(y) / 31.0).cos();
        image::Rgb([
            (wave * 60.0 + 120.0) as u8,
            seed.wrapping_mul(37),
            (x / 3) as u8,
        ])
    });
    jpeg(&picture, 90, &Exif::default()).unwrap()
}

/// An album with a photo of the owner's, and a link that takes uploads.
fn party(options: &[&str]) -> (Desk, String, Value) {
    let desk = Desk::new();
    desk.put("own.jpg", &photo(1));
    let ids = desk.import();
    let album = desk.album("Party", &ids);
    let link = desk.link(&[&["--album", &album, "--upload"], options].concat());
    (desk, album, link)
}

/// Announces a file as tus has it; answers with its address.
pub fn announce(visitor: &Visitor, link: &Value, name: &str, bytes: usize) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let told = [("filename", name), ("visitor", VISITOR), ("name", "Ben")];
    let told: Vec<String> = told
        .iter()
        .map(|(key, value)| format!("{key} {}", STANDARD.encode(value)))
        .collect();
    let (told, length) = (told.join(","), bytes.to_string());
    let headers = [
        ("tus-resumable", "1.0.0"),
        ("upload-length", &*length),
        ("upload-metadata", &*told),
    ];
    let path = format!("{}/upload", text(&link["path"]));
    let reply = visitor.send("POST", &path, &headers, b"");
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.header("location").unwrap().to_owned()
}

pub fn patch(visitor: &Visitor, at: &str, offset: usize, bytes: &[u8]) -> Reply {
    let offset = offset.to_string();
    let headers = [
        ("tus-resumable", "1.0.0"),
        ("content-type", "application/offset+octet-stream"),
        ("upload-offset", &*offset),
    ];
    visitor.send("PATCH", at, &headers, bytes)
}

pub fn offset(visitor: &Visitor, at: &str) -> usize {
    let reply = visitor.send("HEAD", at, &[("tus-resumable", "1.0.0")], b"");
    assert_eq!(reply.status, 200);
    reply.header("upload-offset").unwrap().parse().unwrap()
}

/// What waits, once all of it was looked at.
pub fn looked_at(desk: &Desk, count: usize) -> Vec<Value> {
    until("what came was looked at", || {
        let inbox = desk.tell(&["inbox", "list"]);
        let groups = inbox["groups"].as_array().unwrap().iter();
        let uploads: Vec<Value> = groups
            .flat_map(|group| group["uploads"].as_array().unwrap().clone())
            .collect();
        let whole = uploads.len() == count && uploads.iter().all(|one| one["kind"].is_string());
        whole.then_some(uploads)
    })
}

#[test]
fn a_friends_photos_survive_a_kill_and_join_the_album() {
    let (desk, album, link) = party(&[]);
    let sent: Vec<Vec<u8>> = (2..8).map(photo).collect();
    let mut serving: Serving = desk.serve();
    for (number, bytes) in sent.iter().enumerate() {
        let visitor = Visitor::new(&serving.url());
        let at = announce(&visitor, &link, &format!("{number}.jpg"), bytes.len());
        let half = bytes.len() / 2;
        assert_eq!(patch(&visitor, &at, 0, &bytes[..half]).status, 204);
        // The program dies between the halves; what was acknowledged is there.
        drop(serving);
        serving = desk.serve();
        let visitor = Visitor::new(&serving.url());
        let from = offset(&visitor, &at);
        assert_eq!(from, half);
        let reply = patch(&visitor, &at, from, &bytes[from..]);
        assert_eq!(reply.status, 204, "{}", reply.text());
        assert!(reply.header("repr-digest").is_some());
    }
    let uploads = looked_at(&desk, sent.len());
    assert_eq!(desk.assets().len(), 1, "nothing is in the library yet");
    let ids: Vec<String> = uploads.iter().map(|one| text(&one["id"])).collect();

    let out = desk.path().join("look.jpg");
    let written = ["inbox", "write", &ids[0], "--to", out.to_str().unwrap()];
    desk.tell(&written);
    assert!(sent.contains(&std::fs::read(&out).unwrap()), "bit by bit");

    let (reject, accept) = ids.split_first().unwrap();
    desk.tell(&["inbox", "reject", reject]);
    let words: Vec<&str> = ["inbox", "accept"]
        .into_iter()
        .chain(accept.iter().map(String::as_str))
        .collect();
    let report = desk.tell(&words);
    assert_eq!(report["accepted"], 5, "{report}");
    assert_eq!(desk.tell(&["album", "show", &album])["album"]["count"], 6);
    let assets = desk.assets();
    let from_ben = assets.iter().filter(|one| one["contributor"] == "Ben");
    let through = from_ben.map(|one| desk.tell(&["asset", "show", &text(&one["id"])]));
    let through: Vec<Value> = through.map(|shown| shown["through"].clone()).collect();
    assert_eq!(through, ["Party"; 5]);
    let kept: BTreeSet<Vec<u8>> = assets
        .iter()
        .map(|asset| desk.bytes_of(asset, "original"))
        .collect();
    assert_eq!(sent.iter().filter(|bytes| kept.contains(*bytes)).count(), 5);
    // What was rejected is had back by an undo, and taken in after all.
    desk.tell(&["undo"]);
    desk.tell(&["undo"]);
    assert_eq!(looked_at(&desk, 6).len(), 6);
    let again = desk.tell(&words);
    assert_eq!(again["accepted"], 5, "{again}");
    assert_eq!(desk.tell(&["verify"])["findings"], serde_json::json!([]));
    assert_eq!(
        desk.tell(&["link", "numbers", &text(&link["id"])])["days"][0]["uploads"],
        6
    );
}

#[test]
fn what_comes_through_a_trusting_link_is_in_the_album_at_once() {
    let (desk, album, link) = party(&["--auto-accept"]);
    let serving = desk.serve();
    let visitor = Visitor::new(&serving.url());
    let bytes = photo(9);
    let at = announce(&visitor, &link, "a.jpg", bytes.len());
    assert_eq!(patch(&visitor, &at, 0, &bytes).status, 204);
    until("it is in the album", || {
        let shown = desk.tell(&["album", "show", &album]);
        (shown["album"]["count"] == 2).then_some(())
    });
    assert_eq!(desk.tell(&["inbox", "list"])["waiting"], 0);
}
