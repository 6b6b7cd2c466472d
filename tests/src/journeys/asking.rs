//! Two machines of one person: each kind of change that is asked on the second arrives at
//! the first, at once when that is there, and from the outbox when it comes back.

use crate::desk::{Desk, text, texts, until};
use crate::household::{machine, photo};
use serde_json::{Value, json};

/// What the second knows of the first one's photo.
fn seen(laptop: &Desk, home: &str, id: &str) -> Value {
    let list = laptop.tell(&["peer", "assets", home]);
    let all = list["assets"].as_array().unwrap();
    let found = all.iter().find(|one| one["asset"]["id"] == id);
    found.cloned().unwrap_or_default()
}

fn albums(laptop: &Desk, home: &str) -> Vec<Value> {
    let list = laptop.tell(&["peer", "albums", home]);
    list["albums"].as_array().unwrap().clone()
}

fn of_album(laptop: &Desk, home: &str, album: &str) -> Vec<String> {
    let list = laptop.tell(&["peer", "assets", home, "--album", album]);
    let all = list["assets"].as_array().unwrap();
    all.iter().map(|one| text(&one["asset"]["id"])).collect()
}

/// All that was asked is answered, and nothing of it was refused.
fn done(laptop: &Desk) {
    until("all of it is done", || {
        let outbox = laptop.tell(&["outbox"]);
        let requests = outbox["requests"].as_array().unwrap().clone();
        assert!(
            requests.iter().all(|one| one["state"] != "refused"),
            "{requests:#?}"
        );
        requests
            .iter()
            .all(|one| one["state"] == "done")
            .then_some(())
    });
}

/// The first with three photos, the second, and their ids.
fn two() -> (Desk, Desk, Vec<String>) {
    let (desk, laptop) = (machine("Anna", "Desk"), machine("Nobody yet", "Laptop"));
    for number in 0..3 {
        desk.put(&format!("{number}.jpg"), &photo(700 + number));
    }
    let photos = desk.import();
    (desk, laptop, photos)
}

/// Both run, and the second joins the first, whose photos it knows then; the first one's id.
fn pair(desk: &Desk, laptop: &Desk) -> String {
    let invite = desk.tell(&["peer", "invite", "--own", "--yes"]);
    let ticket = text(&invite["ticket"]);
    let joined = laptop.tell(&["peer", "join", &ticket, "--own", "--yes"]);
    assert_eq!(joined["state"], "done");
    let list = laptop.tell(&["peer", "list"]);
    let home = text(&list["people"][0]["machines"][0]["id"]);
    until("the photos are known", || {
        let list = laptop.tell(&["peer", "assets", &home]);
        (list["assets"].as_array().unwrap().len() == 3).then_some(())
    });
    home
}

/// Asks for a change of each kind; the id of the album that is asked for.
fn ask_all(laptop: &Desk, home: &str, photos: &[String], album: &str) -> String {
    let [first, second, third] = [&photos[0], &photos[1], &photos[2]];
    let edits: [&[&str]; 5] = [
        &["--title", "By the lake", "--description", "Three days"],
        &["--rating", "4", "--favorite", "true"],
        &["--taken-at", "2025-06-01T10:00:00-03:30"],
        &["--place", "munich"],
        &["--add-tag", "sea", "--add-tag", "ship", "--turn", "1"],
    ];
    for edit in edits {
        laptop.tell(&[&["peer", "edit", home, first], edit].concat());
    }
    laptop.tell(&["peer", "edit", home, first, "--remove-tag", "ship"]);
    laptop.tell(&["peer", "edit", home, first, "--shift", "1h"]);
    laptop.tell(&["peer", "archive", home, second]);
    laptop.tell(&["peer", "trash", home, third]);
    let made = laptop.tell(&["peer", "album", "create", home, "Summer"]);
    let made = text(&made["album"]);
    laptop.tell(&["peer", "album", "add", home, &made, first, second]);
    laptop.tell(&["peer", "album", "remove", home, &made, second]);
    let words = ["--title", "The lake", "--description", "All of it"];
    let edit = ["peer", "album", "edit", home, &made, "--cover", first];
    laptop.tell(&[&edit, &words[..]].concat());
    laptop.tell(&["peer", "album", "delete", home, album]);
    made
}

/// All of that is so at the first machine.
fn is_so(desk: &Desk, photos: &[String], made: &str, deleted: &str) {
    let shown = desk.tell(&["asset", "show", &photos[0]]);
    let told = [
        ("title", json!("By the lake")),
        ("description", json!("Three days")),
        ("rating", json!(4)),
        ("favorite", json!(true)),
        ("taken_at", json!("2025-06-01T11:00:00-03:30")),
        ("taken_from", json!("owner")),
        ("place", json!("Munich, Bavaria, Germany")),
        ("tags", json!(["sea"])),
        ("turn", json!(1)),
        ("width", json!(120)),
    ];
    for (name, value) in told {
        assert_eq!(shown[name], value, "{name}");
    }
    for (id, state) in [(&photos[1], "archived"), (&photos[2], "trashed")] {
        assert_eq!(desk.tell(&["asset", "show", id])["state"], state);
    }
    let album = desk.tell(&["album", "show", made]);
    assert_eq!(album["album"]["title"], "The lake");
    assert_eq!(album["album"]["description"], "All of it");
    assert_eq!(album["album"]["cover"], photos[0].as_str());
    assert_eq!(texts(&album["assets"]), photos[..1]);
    assert_eq!(desk.ask(&["album", "show", deleted]).code, Some(1));
}

#[test]
fn each_kind_of_change_asked_on_the_second_machine_arrives_at_the_first() {
    let (desk, laptop, photos) = two();
    let old = desk.album("Winter", &photos);
    let (_one, _other) = (desk.serve(), laptop.serve());
    let home = pair(&desk, &laptop);
    until("the album is known", || {
        let known = albums(&laptop, &home);
        (known.len() == 1 && known[0]["count"] == 3).then_some(())
    });
    assert_eq!(of_album(&laptop, &home, &old).len(), 3);
    let made = ask_all(&laptop, &home, &photos, &old);
    done(&laptop);
    is_so(&desk, &photos, &made, &old);
    until("the laptop shows it as it is", || {
        let of = seen(&laptop, &home, &photos[0]);
        (of["asset"]["turn"] == 1 && of["waits"] == false).then_some(())
    });

    // And back.
    let third = &photos[2];
    let trash = laptop.tell(&["peer", "assets", &home, "--shelf", "trash"]);
    assert_eq!(trash["assets"][0]["asset"]["id"], third.as_str());
    laptop.tell(&["peer", "trash", &home, third, "--restore"]);
    laptop.tell(&["peer", "archive", &home, &photos[1], "--restore"]);
    laptop.tell(&["peer", "edit", &home, &photos[0], "--place", ""]);
    done(&laptop);
    for id in &photos {
        assert_eq!(desk.tell(&["asset", "show", id])["state"], "present");
    }
    assert_eq!(
        desk.tell(&["asset", "show", &photos[0]])["place"],
        Value::Null
    );
}

#[test]
fn what_is_asked_while_the_first_machine_is_away_waits_and_is_done_when_it_returns() {
    let (desk, laptop, photos) = two();
    let old = desk.album("Winter", &photos);
    let (running, _awake) = (desk.serve(), laptop.serve());
    let home = pair(&desk, &laptop);
    until("the album is known", || {
        (albums(&laptop, &home).first()?["count"] == 3).then_some(())
    });
    drop(running);
    let made = ask_all(&laptop, &home, &photos, &old);
    let outbox = laptop.tell(&["outbox"]);
    let requests = outbox["requests"].as_array().unwrap();
    assert_eq!(requests.len(), 14);
    assert!(requests.iter().all(|one| one["state"] == "waiting"));

    // It is shown as it will be.
    let first = seen(&laptop, &home, &photos[0]);
    assert_eq!(first["waits"], true);
    let told = [
        ("title", json!("By the lake")),
        ("rating", json!(4)),
        ("favorite", json!(true)),
        ("taken_at", json!("2025-06-01T11:00:00-03:30")),
        ("place", json!("Munich, Bavaria, Germany")),
        ("tags", json!(["sea"])),
    ];
    for (name, value) in told {
        assert_eq!(first["asset"][name], value, "{name}");
    }
    let second = seen(&laptop, &home, &photos[1]);
    assert_eq!(second["asset"]["state"], "archived");
    assert_eq!(seen(&laptop, &home, &photos[2]), Value::Null);
    let known = albums(&laptop, &home);
    assert_eq!(known.len(), 1, "one is deleted, one is made");
    assert_eq!(
        (&known[0]["id"], &known[0]["title"], &known[0]["waits"]),
        (&json!(made), &json!("The lake"), &json!(true))
    );
    assert_eq!(of_album(&laptop, &home, &made), photos[..1]);

    // Meanwhile the first does something itself.
    let late = desk.album("Late", &photos[..1]);
    let running = desk.serve();
    done(&laptop);
    is_so(&desk, &photos, &made, &old);
    until("nothing waits any more", || {
        let all = albums(&laptop, &home);
        (all.len() == 2 && all.iter().all(|one| one["waits"] == false)).then_some(())
    });
    // A wish that comes too late.
    drop(running);
    laptop.tell(&["peer", "album", "edit", &home, &late, "--title", "Later"]);
    desk.tell(&["album", "delete", &late]);
    let _running = desk.serve();
    let refused = until("it is refused", || {
        let outbox = laptop.tell(&["outbox"]);
        let request = outbox["requests"][0].clone();
        (request["state"] == "refused").then_some(request)
    });
    assert!(text(&refused["reason"]).contains("no album"), "{refused}");
    until("the album is gone here, too", || {
        (albums(&laptop, &home).len() == 1).then_some(())
    });
}

/// Ids of the photos in the timeline.
fn timeline(machine: &Desk) -> Vec<String> {
    machine
        .assets()
        .iter()
        .map(|one| text(&one["id"]))
        .collect()
}

/// One library over two machines: what is on the other shows among one's own, looks as it
/// is, is changed as one's own is, and comes over whole where that is wished.
#[test]
fn photos_of_another_machine_show_among_ones_own_and_are_changed_there() {
    let (desk, laptop, photos) = two();
    let (serving, listening) = (desk.serve(), laptop.serve());
    let home = pair(&desk, &laptop);
    laptop.put("own.jpg", &photo(720));
    let own = laptop.import().remove(0);
    let own = own.as_str();
    assert_eq!(timeline(&laptop), [own]);
    let machine = laptop.tell(&["peer", "timeline", &home, "on"]);
    assert_eq!(machine["in_timeline"], true);
    assert_eq!(timeline(&laptop).len(), 4);
    let shown = laptop.tell(&["asset", "show", &photos[0]]);
    assert_eq!(shown["is_mine"], true);
    assert_eq!(shown["owner"], Value::Null);
    assert_eq!(shown["originals_on"][0]["name"], "Desk");
    let [here, there] = [&laptop, &desk].map(|machine| machine.bytes_of(&shown, "original"));
    assert!(here == there && !here.is_empty());
    assert!(!laptop.bytes_of(&shown, "preview").is_empty());
    // While it is there, and while it is away.
    laptop.tell(&[
        "asset",
        "edit",
        &photos[0],
        own,
        "--title",
        "Both",
        "--favorite",
        "true",
    ]);
    until("the desk has edited it", || {
        let shown = desk.tell(&["asset", "show", &photos[0]]);
        (shown["title"] == "Both").then_some(())
    });
    drop(serving);
    laptop.tell(&["trash", &photos[1]]);
    laptop.tell(&["archive", "add", &photos[2]]);
    assert_eq!(timeline(&laptop).len(), 2);
    laptop.tell(&["undo"]);
    assert_eq!(timeline(&laptop).len(), 3);
    let serving = desk.serve();
    done(&laptop);
    assert_eq!(
        desk.tell(&["asset", "show", &photos[1]])["state"],
        "trashed"
    );
    assert_eq!(
        desk.tell(&["asset", "show", &photos[2]])["state"],
        "present"
    );
    // What is done only there says so; a copy is this machine's own.
    let album = text(&laptop.tell(&["album", "create", "Mine"])["id"]);
    let refused = laptop.ask(&["album", "add", &album, &photos[2]]).error();
    let told = text(&refused["message"]);
    assert!(told.contains("on your machine «Desk»"), "{told}");
    let saved = laptop.tell(&["asset", "save", &photos[2]]);
    let saved = text(&saved["ids"][0]);
    laptop.tell(&["album", "add", &album, &saved]);
    let listed = timeline(&laptop);
    assert_eq!(listed.len(), 3, "the same bytes once");
    assert!(listed.contains(&saved));
    laptop.tell(&["peer", "timeline", &home, "off"]);
    assert_eq!(timeline(&laptop).len(), 2);
    drop((serving, listening));
}
