//! Photos that look the same: found after an import, and merged only when a person
//! says so.

use crate::desk::{Desk, text, texts};
use crate::fixtures::{files, fixtures};
use camera::{Exif, Scene, draw, jpeg};
use image::imageops::{self, FilterType};
use serde_json::{Value, json};

/// The names in each group, the one to keep first.
fn groups(desk: &Desk) -> Vec<Vec<String>> {
    let list = desk.tell(&["duplicates", "list"]);
    assert_eq!(list["waiting"], 0, "all are compared");
    let names = |group: &Value| {
        let assets = group["assets"].as_array().unwrap();
        assets.iter().map(|asset| text(&asset["name"])).collect()
    };
    list["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(names)
        .collect()
}

/// A desk with a photo, what a messenger made of it, and another photo.
fn sent_around() -> Desk {
    let desk = Desk::new();
    let photo = draw(Scene::Hills, 7, 1600, 1200);
    let exif = Exif {
        caption: "The pier".to_owned(),
        ..Exif::default()
    };
    desk.put("IMG_1.jpg", &jpeg(&photo, 92, &exif).unwrap());
    let small = imageops::resize(&photo, 800, 600, FilterType::Triangle);
    let plain = camera::plain(&small, image::ImageFormat::Jpeg).unwrap();
    desk.put("IMG-20260503-WA0001.jpg", &plain);
    let other = draw(Scene::Sea, 8, 1600, 1200);
    desk.put("IMG_2.jpg", &jpeg(&other, 92, &Exif::default()).unwrap());
    desk.import();
    desk
}

#[test]
fn copies_are_found_and_merged_and_that_can_be_undone() {
    let desk = sent_around();
    assert_eq!(groups(&desk), [["IMG_1.jpg", "IMG-20260503-WA0001.jpg"]]);
    let list = desk.tell(&["duplicates", "list"]);
    let group = &list["groups"][0];
    assert_eq!(group["why"], "It has more pixels.");
    let [keep, copy] = [0, 1].map(|place| text(&group["assets"][place]["id"]));
    desk.tell(&[
        "asset",
        "edit",
        &copy,
        "--rating",
        "5",
        "--favorite",
        "true",
    ]);
    let album = desk.album("Summer", std::slice::from_ref(&copy));

    let kept = desk.tell(&["duplicates", "merge", "--keep", &keep, &copy]);
    assert_eq!(
        (&kept["rating"], &kept["favorite"]),
        (&json!(5), &json!(true))
    );
    let shown = desk.tell(&["album", "show", &album]);
    assert_eq!(texts(&shown["assets"]), [keep.as_str()]);
    assert_eq!(desk.tell(&["asset", "show", &copy])["state"], "trashed");
    assert!(groups(&desk).is_empty());

    let undone = desk.tell(&["undo"]);
    assert_eq!(undone["command"], "2 photos merged into one");
    assert_eq!(desk.tell(&["asset", "show", &keep])["rating"], Value::Null);
    let shown = desk.tell(&["album", "show", &album]);
    assert_eq!(texts(&shown["assets"]), [copy.as_str()]);

    desk.tell(&["duplicates", "dismiss", &keep, &copy]);
    assert!(groups(&desk).is_empty());
    let refused = desk.ask(&["duplicates", "merge", "--keep", &keep, &keep]);
    assert_eq!(refused.error()["code"], "wrong");
}

#[test]
fn real_photos_are_no_copies_of_each_other() {
    let Some(fixtures) = fixtures("real_photos_are_no_copies") else {
        return;
    };
    let desk = Desk::new();
    for path in files(&fixtures.join("photos")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let photo = image::open(&path).unwrap().into_rgb8();
        desk.put(&name, &std::fs::read(&path).unwrap());
        let (width, height) = (photo.width() / 2, photo.height() / 2);
        let half = imageops::resize(&photo, width, height, FilterType::Lanczos3);
        let sent = jpeg(&half, 60, &Exif::default()).unwrap();
        desk.put(&format!("sent-{name}"), &sent);
    }
    let count = desk.import().len() / 2;
    let groups = groups(&desk);
    assert_eq!(groups.len(), count, "{groups:?}");
    for group in groups {
        assert_eq!(group.len(), 2, "{group:?}");
        assert_eq!(group[1], format!("sent-{}", group[0]));
    }
}
