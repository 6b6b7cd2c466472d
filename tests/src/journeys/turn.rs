//! A photo that its camera left lying is turned: everything that shows it follows,
//! its file stays as it was, and it can be undone.

use crate::desk::{Desk, text};
use crate::programs::{film, have, played};
use crate::visitor::Visitor;
use camera::{Exif, is_upright, jpeg, quadrants, turned};
use image::{DynamicImage, ImageDecoder, ImageReader, RgbImage};
use serde_json::Value;
use std::io::Cursor;

/// A picture as whoever opens it sees it: after what it says of its orientation.
fn seen(bytes: &[u8]) -> RgbImage {
    let reader = ImageReader::new(Cursor::new(bytes));
    let mut decoder = reader
        .with_guessed_format()
        .unwrap()
        .into_decoder()
        .unwrap();
    let way = decoder.orientation().unwrap();
    let mut picture = DynamicImage::from_decoder(decoder).unwrap();
    picture.apply_orientation(way);
    picture.to_rgb8()
}

fn turn(desk: &Desk, id: &str, quarters: &str) -> Value {
    let edited = desk.tell(&["asset", "edit", id, "--turn", quarters]);
    edited["assets"][0].clone()
}

#[test]
fn a_turned_photo_is_upright_wherever_it_is_shown_and_its_file_stays() {
    let desk = Desk::new();
    // Lies on its side, and nothing in it says so.
    let lying = turned(&quadrants(900, 600), 6);
    let bytes = jpeg(&lying, 92, &Exif::default()).unwrap();
    let file = desk.put("lying.jpg", &bytes);
    let ids = desk.import();
    let id = ids[0].as_str();
    let album = desk.album("Upright", &ids);
    let link = desk.link(&["--album", &album, "--download", "original"]);
    let before = desk.tell(&["asset", "show", id]);
    assert_eq!(
        (&before["width"], &before["turn"]),
        (&600.into(), &0.into())
    );
    let small = desk.bytes_of(&before, "thumbnail");
    assert!(is_upright(&seen(&small)).is_err(), "it was upright before");
    let hash = |desk: &Desk| text(&desk.tell(&["grid"])["thumbhashes"][0]);
    let lying_hash = hash(&desk);

    let asset = turn(&desk, id, "1");
    assert_eq!(
        (&asset["width"], &asset["height"]),
        (&900.into(), &600.into())
    );
    assert_eq!(
        (&asset["turn"], &asset["hash"]),
        (&1.into(), &before["hash"])
    );
    assert_eq!(desk.tell(&["grid"])["ratios"][0], 1.5);
    assert_ne!(hash(&desk), lying_hash, "the thumbhash was not turned");
    for rendition in ["thumbnail", "preview", "clean"] {
        is_upright(&seen(&desk.bytes_of(&asset, rendition)))
            .unwrap_or_else(|problem| panic!("{rendition}: {problem}"));
    }
    assert_eq!(desk.bytes_of(&asset, "original"), bytes);
    assert_eq!(std::fs::read(file).unwrap(), bytes);

    let serving = desk.serve();
    let visitor = Visitor::new(&serving.url());
    let mut shown = 0;
    for route in visitor.routes(&text(&link["path"])) {
        let size = route.rsplit('/').next().unwrap();
        if ["thumbnail", "preview", "download"].contains(&size) {
            let reply = visitor.get(&route);
            is_upright(&seen(&reply.body)).unwrap_or_else(|problem| panic!("{route}: {problem}"));
            shown += 1;
        }
    }
    assert_eq!(shown, 3);
    drop(serving);

    desk.tell(&["undo"]);
    let back = desk.tell(&["asset", "show", id]);
    assert_eq!((&back["width"], &back["turn"]), (&600.into(), &0.into()));
    assert_eq!(desk.bytes_of(&back, "thumbnail"), small);
    assert_eq!(hash(&desk), lying_hash);
}

#[test]
fn a_turned_photo_is_still_a_duplicate_of_its_copy() {
    let desk = Desk::new();
    let scene = camera::draw(camera::Scene::Hills, 5, 900, 600);
    desk.put("one.jpg", &jpeg(&scene, 92, &Exif::default()).unwrap());
    let smaller = image::imageops::thumbnail(&scene, 600, 400);
    let first = desk.import().remove(0);
    turn(&desk, &first, "-1");
    desk.put("copy.jpg", &jpeg(&smaller, 80, &Exif::default()).unwrap());
    desk.import();
    let serving = desk.serve();
    let groups = crate::desk::until("the copy is found", || {
        let groups = desk.tell(&["duplicates", "list"])["groups"].clone();
        (!groups.as_array().unwrap().is_empty()).then_some(groups)
    });
    assert_eq!(groups[0]["assets"].as_array().unwrap().len(), 2, "{groups}");
    drop(serving);
}

#[test]
fn a_turned_film_plays_turned_and_is_not_encoded_anew() {
    if !have("a_turned_film_plays_turned", &["ffmpeg", "ffprobe"]) {
        return;
    }
    let desk = Desk::new();
    let words = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"];
    film(&desk.photos().join("lying.mp4"), "320x240", 1.0, &words);
    let id = desk.import().remove(0);
    let asset = turn(&desk, &id, "1");
    assert_eq!(
        (&asset["width"], &asset["height"]),
        (&240.into(), &320.into())
    );
    let poster = seen(&desk.bytes_of(&asset, "preview"));
    assert!(poster.height() > poster.width());
    let original = desk.bytes_of(&asset, "original");
    for rendition in ["video", "clean"] {
        let bytes = desk.bytes_of(&asset, rendition);
        assert_eq!(bytes.len(), original.len(), "{rendition}");
        let file = desk.path().join("turned.mp4");
        std::fs::write(&file, &bytes).unwrap();
        let told = played(&file)["streams"].to_string();
        assert!(told.contains("\"rotation\":-90"), "{rendition}: {told}");
    }
}
