//! A whole library moves to a new machine, and goes on there as the same one.

use crate::desk::{Desk, is_sentence, text, texts, until};
use crate::household::{machine, photo};
use crate::programs::{film, have};
use serde_json::Value;

/// What one has of a library, to be compared.
fn all(desk: &Desk) -> Value {
    let mut assets = desk.assets();
    assets.sort_by_key(|asset| text(&asset["id"]));
    let key = |url: &Value| text(url).rsplit_once('/').map(|(_, key)| key.to_owned());
    let links = desk.tell(&["link", "list"]);
    let links: Vec<Value> = links["links"]
        .as_array()
        .unwrap()
        .iter()
        .map(|link| serde_json::json!([link["id"], link["label"], key(&link["url"])]))
        .collect();
    let albums = desk.tell(&["album", "list"]);
    serde_json::json!({
        "assets": assets,
        "albums": albums["albums"],
        "links": links,
        "people": desk.tell(&["status"])["person"],
    })
}

#[test]
fn a_library_moves_whole_and_the_old_machine_says_so() {
    let (old, new) = (machine("Anna", "Old"), machine("Nobody yet", "New"));
    for number in 0..6 {
        old.put(&format!("{number}.jpg"), &photo(700 + number));
    }
    if have("a library moves", &["ffmpeg"]) {
        film(&old.photos().join("film.mp4"), "320x240", 1.0, &[]);
    }
    let photos = old.import();
    // One in a folder of her own, which stays there.
    let beside = old.path().join("beside.jpg");
    std::fs::write(&beside, photo(790)).unwrap();
    old.tell(&["import", "--in-place", beside.to_str().unwrap()]);
    old.tell(&[
        "asset",
        "edit",
        &photos[0],
        "--title",
        "The first",
        "--favorite",
        "true",
    ]);
    old.tell(&["archive", "add", &photos[1]]);
    old.tell(&["trash", &photos[2]]);
    let album = old.album("The lake", &photos[3..]);
    old.tell(&["link", "create", "--album", &album, "--label", "for Ida"]);
    let running = old.serve();
    let arriving = new.serve();
    let invite = old.tell(&["peer", "invite", "--own", "--yes"]);
    let ticket = text(&invite["ticket"]);
    new.tell(&["peer", "join", &ticket, "--own", "--yes"]);

    let refused = new.ask(&["move", "in"]);
    assert_eq!(refused.code, Some(1));
    assert!(is_sentence(&refused.error()["message"]));
    let list = old.tell(&["peer", "list"]);
    let to = text(&list["people"][0]["machines"][0]["id"]);
    old.tell(&["move", "out", &to]);
    until("the new machine is told", || {
        let here = new.tell(&["move", "show"]);
        (!here["here"].as_array().unwrap().is_empty()).then_some(())
    });
    // A drive that is away is no reason to go without what is on it.
    let away = old.path().join("away.jpg");
    std::fs::rename(&beside, &away).unwrap();
    let moved = new.ask(&["move", "in"]);
    assert_eq!(
        (moved.code, &moved.said["complete"]),
        (Some(3), &false.into())
    );
    assert_eq!(moved.said["lacking"], serde_json::json!(["beside.jpg"]));
    assert_eq!(old.tell(&["move", "show"])["moved_to"], Value::Null);
    std::fs::rename(&away, &beside).unwrap();

    // Changed and made ready anew, it is that which moves.
    old.tell(&["asset", "edit", &photos[3], "--title", "Said since"]);
    let before = all(&old);
    let moving = old.tell(&["move", "out", &to]);
    assert!(moving["files"].as_u64().unwrap() >= 7);
    let moved = until("all of it is here", || {
        let moved = new.ask(&["move", "in"]);
        (moved.said["complete"] == true).then_some(moved.said)
    });
    assert_eq!(moved["files"], moving["files"]);
    assert!(moved["lacking"].as_array().unwrap().is_empty());

    // The new one opens it at its next start.
    drop(arriving);
    let _running = new.serve();
    assert_eq!(all(&new), before);
    let verified = new.tell(&["verify", "--read-data"]);
    assert_eq!(
        verified["findings"].as_array().unwrap().len(),
        0,
        "{verified}"
    );
    // Pictures are a cache: they are made again there.
    let doctor = new.ask(&["doctor", "--repair"]);
    assert_eq!(doctor.said["well"], true, "{}", doctor.said);
    let shown = new.tell(&["asset", "show", &photos[0]]);
    assert_eq!(shown["title"], "The first");
    let names = texts(&new.tell(&["album", "show", &album])["assets"]);
    assert_eq!(names.len(), photos.len() - 3);
    // It is the machine that the old one was, and no second one of hers.
    let list = new.tell(&["peer", "list"]);
    assert_eq!(list["people"].as_array().unwrap().len(), 0, "{list}");
    assert_eq!(list["device"]["name"], "Old");

    // The old one deletes nothing, and serves nothing.
    until("the old machine knows", || {
        let moves = old.tell(&["move", "show"]);
        (moves["moved_to"] == "New").then_some(())
    });
    drop(running);
    let refused = old.ask(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.code, Some(1));
    assert!(is_sentence(&refused.error()["message"]));
    assert_eq!(
        old.assets().len(),
        before["assets"].as_array().unwrap().len()
    );
    assert_eq!(std::fs::read(&beside).unwrap(), photo(790));
    old.tell(&["move", "stay"]);
    let _again = old.serve();
}
