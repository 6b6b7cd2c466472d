//! A stream outlives no change of its link: whatever the owner changes ends it within
//! a second, visibly cut, for whoever reads and for whoever does not.

use crate::archive::{begun, rest, served};
use crate::desk::{Desk, text};
use serde_json::Value;

/// The link as it is listed.
fn link_now(desk: &Desk, id: &str) -> Value {
    let list = desk.tell(&["link", "list"]);
    let links = list["links"].as_array().unwrap();
    let found = links.iter().find(|link| link["id"] == id);
    found.unwrap().clone()
}

#[test]
fn every_change_of_a_link_ends_its_streams() {
    let (desk, serving, first) = served(10, 1_500);
    let album = text(&desk.tell(&["album", "list"])["albums"][0]["id"]);
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(4);
    for change in [
        &["--password", "another horse"][..],
        &["--expires", &soon.to_string()],
        &["--download", "none"],
        &["--download", "screen"],
        &["--show-metadata"],
        &["--description", "All of it"],
    ] {
        let link = desk.link(&["--album", &album, "--download", "original"]);
        let id = text(&link["id"]);
        let (length, stream) = begun(&serving, &link);
        let edit: Vec<&str> = ["link", "edit", &id]
            .into_iter()
            .chain(change.iter().copied())
            .collect();
        desk.tell(&edit);
        let came = rest(stream);
        assert!(came < length, "{change:?}: {came} of {length}");
        assert_eq!(link_now(&desk, &id)["id"], id.as_str());
    }
    // A stream of another link goes on meanwhile.
    let (length, stream) = begun(&serving, &first);
    let other = desk.link(&["--album", &album]);
    desk.tell(&["link", "revoke", &text(&other["id"])]);
    assert_eq!(rest(stream), length);
}

#[test]
fn a_photo_that_leaves_the_album_ends_the_archive() {
    let (desk, serving, link) = served(10, 1_500);
    let album = text(&desk.tell(&["album", "list"])["albums"][0]["id"]);
    let (length, stream) = begun(&serving, &link);
    let last = desk
        .assets()
        .first()
        .map(|asset| text(&asset["id"]))
        .unwrap();
    desk.tell(&["album", "remove", &album, &last]);
    let came = rest(stream);
    assert!(came < length, "{came} of {length}");
}
