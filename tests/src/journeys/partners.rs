//! Partners, by the command alone: a whole library shown one way, until it is not.

use std::time::Duration;

use crate::desk::{Desk, Serving, text, texts, until};
use crate::household::{machine, pair, photo};
use serde_json::Value;

struct Two {
    anna: Desk,
    ben: Desk,
    /// Anna's node and Ben's.
    running: [Option<Serving>; 2],
    /// Anna's photos.
    photos: Vec<String>,
    /// Anna's id.
    person: String,
}

/// Anna shows Ben her library of five photos, and he sees it.
fn two() -> Two {
    let (anna, ben) = (machine("Anna", "Desk"), machine("Ben", "Laptop"));
    for number in 0..5 {
        anna.put(&format!("{number}.jpg"), &photo(300 + number));
    }
    let photos = anna.import();
    let running = [&anna, &ben].map(|desk| Some(desk.serve()));
    pair(&anna, &ben);
    anna.tell(&["partner", "offer", "Ben", "--albums", "--captions"]);
    let offered = until("her library is offered", || {
        let list = ben.tell(&["partner", "list"]);
        let offered = list["libraries"][0].clone();
        (offered["state"] == "asked").then_some(offered)
    });
    assert_eq!(offered["count"], 5, "how much it is, before he says yes");
    assert!(offered["bytes"].as_u64().unwrap() > 1_000);
    assert!(ben.assets().is_empty());
    ben.tell(&["partner", "accept", "Anna"]);
    let person = text(&offered["person"]["id"]);
    until("her library is there", || {
        (seen(&ben, &person).len() == 5).then_some(())
    });
    Two {
        anna,
        ben,
        running,
        photos,
        person,
    }
}

/// Ids of a partner's photos, newest first.
pub(crate) fn seen(desk: &Desk, person: &str) -> Vec<String> {
    let list = desk.tell(&["assets", "--partner", person]);
    let rows = list["assets"].as_array().unwrap();
    rows.iter().map(|row| text(&row["id"])).collect()
}

fn library(desk: &Desk) -> Value {
    desk.tell(&["partner", "list"])["libraries"][0].clone()
}

/// Writes bytes of a photo out, where it may be seen.
fn write(desk: &Desk, id: &str, rendition: &str) -> Option<Vec<u8>> {
    let to = desk.path().join("written");
    let path = to.to_str().unwrap();
    let words = [
        "asset",
        "write",
        id,
        "--rendition",
        rendition,
        "--to",
        path,
        "--replace",
    ];
    let answer = desk.ask(&words);
    let bytes = (answer.code == Some(0)).then(|| std::fs::read(&to).unwrap());
    let _ = std::fs::remove_file(to);
    bytes
}

/// Files of a desk that hold these bytes.
pub fn holding(desk: &Desk, bytes: &[u8]) -> usize {
    let files = crate::invariant::files(&desk.library());
    files
        .iter()
        .filter_map(|file| std::fs::read(file).ok())
        .filter(|held| held.windows(bytes.len()).any(|some| some == bytes))
        .count()
}

#[test]
fn a_library_is_seen_kept_offline_and_gone_with_every_byte() {
    let mut two = two();
    let (anna, ben) = (&two.anna, &two.ben);
    ben.tell(&["partner", "timeline", "Anna", "on"]);
    assert_eq!(ben.assets().len(), 5);
    ben.tell(&["partner", "keep", "Anna", "originals"]);
    until("all of it is kept", || {
        let library = library(ben);
        (library["originals"] == 5 && library["previews"] == 5).then_some(())
    });
    let originals: Vec<Vec<u8>> = two
        .photos
        .iter()
        .map(|id| write(ben, id, "original").unwrap())
        .collect();
    let previews: Vec<Vec<u8>> = two
        .photos
        .iter()
        .map(|id| write(ben, id, "preview").unwrap())
        .collect();
    // Her machine sleeps: what is kept is seen all the same.
    two.running[0] = None;
    for id in &two.photos {
        assert!(write(ben, id, "preview").is_some());
    }
    two.running[0] = Some(anna.serve());
    until("they meet again", || {
        (library(ben)["is_online"] == true).then_some(())
    });

    // She archives, locks and deletes, and shows only what was taken later.
    let [one, other, third, ..] = &two.photos[..] else {
        panic!("five photos");
    };
    anna.tell(&["archive", "add", one]);
    anna.tell(&["trash", other]);
    until("two are gone", || {
        (seen(ben, &two.person).len() == 3 && ben.assets().len() == 3).then_some(())
    });
    anna.tell(&["partner", "edit", "Ben", "--since", "2099-01-01"]);
    until("all are gone", || {
        (seen(ben, &two.person).is_empty() && ben.assets().is_empty()).then_some(())
    });
    until("nothing is left of their bytes", || {
        let left: usize = originals
            .iter()
            .chain(&previews)
            .map(|bytes| holding(ben, &bytes[bytes.len() / 3..bytes.len() / 3 + 64]))
            .sum();
        (left == 0).then_some(())
    });
    anna.tell(&["partner", "edit", "Ben", "--since", ""]);
    until("three are back", || {
        (seen(ben, &two.person).len() == 3).then_some(())
    });

    // He saves one as his own, which is his when hers are gone.
    let saved = ben.tell(&["asset", "save", third]);
    assert_eq!(texts(&saved["ids"]).len(), 1);
    assert_eq!(ben.assets().len(), 3, "the same bytes once");
    // Away while she ends it; told when he is back.
    two.running[1] = None;
    let ended = anna.tell(&["partner", "end", "Ben"]);
    assert_eq!(ended["state"], "ended");
    assert_eq!(ended["copies"][0]["dropped_at"], Value::Null);
    two.running[1] = Some(ben.serve());
    until("his machine has confirmed", || {
        let list = anna.tell(&["partner", "list"]);
        let copies = list["offered"][0]["copies"].as_array().unwrap().clone();
        copies[0]["dropped_at"].is_string().then_some(())
    });
    assert!(seen(ben, &two.person).is_empty());
    let own: Vec<String> = ben
        .assets()
        .iter()
        .map(|asset| text(&asset["id"]))
        .collect();
    assert_eq!(own, texts(&saved["ids"]));
    let left = crate::invariant::files(&ben.library().join("kept"));
    assert!(left.is_empty(), "{left:?}");
    for (number, original) in originals.iter().enumerate() {
        let is_saved = two.photos[number] == *third;
        let some = &original[original.len() / 3..original.len() / 3 + 64];
        assert_eq!(holding(ben, some) > 0, is_saved, "photo {number}");
    }
}

#[test]
fn a_partner_may_look_and_not_more() {
    let two = two();
    let (anna, ben) = (&two.anna, &two.ben);
    let first = &two.photos[0];
    let album = text(&ben.tell(&["album", "create", "Mine"])["id"]);
    for words in [
        vec!["asset", "edit", first, "--favorite", "true"],
        vec!["trash", first],
        vec!["archive", "add", first],
        vec!["album", "add", &album, first],
        vec!["link", "create", "--assets", first],
        vec!["assets", "--partner", &two.person, "--favorites"],
        vec!["partner", "offer", "Ben"],
        vec!["partner", "timeline", "nobody", "on"],
        vec!["partner", "edit", "Anna", "--albums", "true"],
    ] {
        let refused = ben.ask(&words);
        assert!(matches!(refused.code, Some(1 | 2)), "{words:?}");
        assert!(crate::desk::is_sentence(&refused.error()["message"]));
    }
    assert_eq!(
        anna.ask(&["partner", "offer", "Ben"]).code,
        Some(1),
        "twice"
    );
    let shown = ben.tell(&["asset", "show", first]);
    assert_eq!(shown["is_mine"], false);
    // Album and words travel, for she says so.
    let lake = anna.album("The lake", &two.photos[..2]);
    let albums = until("her album is there", || {
        let list = ben.tell(&["partner", "albums", "Anna"]);
        let albums = list["albums"].as_array().unwrap().clone();
        (albums.len() == 1 && albums[0]["count"] == 2).then_some(albums)
    });
    assert_eq!(albums[0]["id"], lake.as_str());
    let of_album = ben.tell(&["assets", "--partner-album", &lake]);
    assert_eq!(of_album["assets"].as_array().unwrap().len(), 2);
    anna.tell(&["asset", "edit", first, "--title", "Calm water"]);
    until("its title is there", || {
        let found = ben.tell(&["search", "calm", "--partner", &two.person]);
        (found["assets"][0]["id"] == first.as_str()).then_some(())
    });
    // He does not want to any more.
    ben.tell(&["partner", "decline", "Anna"]);
    assert!(seen(ben, &two.person).is_empty());
    until("she knows, and that nothing is left", || {
        let list = anna.tell(&["partner", "list"]);
        let offer = &list["offered"][0];
        let is_gone = offer["copies"][0]["dropped_at"].is_string();
        (offer["state"] == "declined" && is_gone).then_some(())
    });
    // A quiet second: nothing comes after it.
    std::thread::park_timeout(Duration::from_secs(1));
    assert!(seen(ben, &two.person).is_empty());
}
