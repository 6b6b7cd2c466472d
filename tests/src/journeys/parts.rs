//! A live photo of two files and a sidecar, on its way to other machines: all of it is
//! there in the end, byte for byte.

use crate::desk::{Desk, Serving, text, until};
use crate::durability::originals;
use crate::fixtures::files;
use crate::household::{house, machine, seen};
use crate::live::{is_one_that_moves, moves, pair};
use crate::programs::have;
use crate::safety::of;
use crate::visitor::Visitor;
use serde_json::{Value, json};

const SIDECAR: &[u8] = b"<x:xmpmeta xmlns:x='adobe:ns:meta/' \
    xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><r:RDF><r:Description \
    xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Rating='4'/></r:RDF></x:xmpmeta>";

/// Two machines, the first with a live photo and its sidecar; and all of its files.
fn two(first: [&str; 2], second: [&str; 2]) -> (Desk, Desk, Vec<Vec<u8>>) {
    let desk = machine(first[0], first[1]);
    pair(&desk);
    desk.put("IMG_0001.JPG.xmp", SIDECAR);
    assert_eq!(desk.import().len(), 1);
    let had = contents(&desk);
    assert_eq!(had.len(), 3);
    (desk, machine(second[0], second[1]), had)
}

/// What the originals of a desk hold, in an order of their own.
fn contents(desk: &Desk) -> Vec<Vec<u8>> {
    let paths = originals(desk);
    let mut all: Vec<Vec<u8>> = paths
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    all.sort();
    all
}

/// How many files of a desk's library hold these bytes.
pub(crate) fn holders(desk: &Desk, bytes: &[u8]) -> usize {
    let all = files(&desk.library());
    let holds = |file: &&std::path::PathBuf| std::fs::read(file).is_ok_and(|had| had == bytes);
    all.iter().filter(holds).count()
}

/// A visitor of a link has these bytes at one of the addresses that end so.
pub(crate) fn is_served(friend: &Visitor, link: &Value, end: &str, bytes: &[u8]) {
    let routes = friend.every_route(&text(&link["path"]));
    let mut found = routes.iter().filter(|route| route.ends_with(end));
    assert!(
        found.any(|route| friend.get(route).body == bytes),
        "{routes:?}"
    );
}

/// Its one photo is all that the other had, and whole.
fn is_whole(desk: &Desk, had: &[Vec<u8>]) {
    assert!(contents(desk) == had, "{:?}", originals(desk));
    let asset = is_one_that_moves(desk, "IMG_0001.JPG");
    assert_eq!(asset["rating"], 4);
    let report = desk.tell(&["verify", "--read-data"]);
    assert_eq!(report["findings"], json!([]));
}

pub(crate) fn both(one: &Desk, other: &Desk, is_own: bool) -> [Serving; 2] {
    let serving = [one.serve(), other.serve()];
    let own: &[&str] = if is_own { &["--own"] } else { &[] };
    let invite = one.tell(&[&["peer", "invite", "--yes"], own].concat());
    let ticket = text(&invite["ticket"]);
    let joined = other.tell(&[&["peer", "join", &ticket, "--yes"], own].concat());
    assert_eq!(joined["state"], "done");
    serving
}

#[test]
fn a_live_photo_of_a_lost_machine_is_whole_on_the_other() {
    if !have("a_live_photo_of_a_lost_machine", &["ffmpeg", "ffprobe"]) {
        return;
    }
    let (desk, laptop, had) = two(["Anna", "Desk"], ["Nobody yet", "Laptop"]);
    let [running, awake] = both(&desk, &laptop, true);
    assert_eq!(of(&desk, true)["alone"], 1);
    desk.tell(&["safety", "promise", "on"]);
    until("all of it is on both", || {
        (of(&desk, true)["alone"] == 0).then_some(())
    });
    drop(running);
    std::fs::remove_dir_all(desk.library()).unwrap();
    let id = text(&of(&laptop, false)["machine"]["id"]);
    let adopted = until("the desk is away", || {
        let answer = laptop.ask(&["safety", "adopt", &id]);
        (answer.code == Some(0)).then_some(answer.said)
    });
    assert_eq!(
        (&adopted["photos"], &adopted["lacking"]),
        (&1.into(), &0.into())
    );
    laptop.tell(&["safety", "adopt", &id]);
    laptop.tell(&["peer", "remove", &id]);
    drop(awake);
    is_whole(&laptop, &had);
}

/// Anna's library is Ben's to see; the one photo or video of it, as it came to him.
pub(crate) fn seen_by(anna: &Desk, ben: &Desk) -> String {
    anna.tell(&["partner", "offer", "Ben", "--captions"]);
    until("her library is offered", || {
        let list = ben.tell(&["partner", "list"]);
        (list["libraries"][0]["state"] == "asked").then_some(())
    });
    ben.tell(&["partner", "accept", "Anna"]);
    until("her photo is there", || {
        let list = ben.tell(&["partner", "list"]);
        let person = text(&list["libraries"][0]["person"]["id"]);
        let seen: Value = ben.tell(&["assets", "--partner", &person]);
        seen["assets"][0]["id"].as_str().map(str::to_owned)
    })
}

#[test]
fn a_live_photo_of_a_partners_is_whole_when_it_was_saved() {
    if !have("a_live_photo_of_a_partners", &["ffmpeg", "ffprobe"]) {
        return;
    }
    let (anna, ben, had) = two(["Anna", "Desk"], ["Ben", "Laptop"]);
    let [running, awake] = both(&anna, &ben, false);
    let photo = seen_by(&anna, &ben);
    ben.tell(&["asset", "save", &photo]);
    ben.tell(&["partner", "decline", "Anna"]);
    drop((running, awake));
    // Stars are hers alone; her sidecar is beside his copy all the same.
    let asset = ben.assets()[0].clone();
    ben.tell(&["asset", "edit", &text(&asset["id"]), "--rating", "4"]);
    is_whole(&ben, &had);
}

#[test]
fn a_live_photo_of_a_partners_moves_before_it_is_saved_and_goes_with_the_rest() {
    if !have("a_live_photo_of_a_partners_moves", &["ffmpeg", "ffprobe"]) {
        return;
    }
    let (anna, ben, had) = two(["Anna", "Desk"], ["Ben", "Laptop"]);
    let [running, _awake] = both(&anna, &ben, false);
    let offered = |desk: &Desk, who: &str| {
        let list = desk.tell(&["partner", "list"]);
        list[who][0]["bytes"].as_u64()
    };
    let photo = seen_by(&anna, &ben);
    // All that comes with it is told of.
    let all: usize = had.iter().map(Vec::len).sum();
    assert_eq!(offered(&anna, "offered"), Some(all as u64));
    assert_eq!(offered(&ben, "libraries"), Some(all as u64));
    ben.tell(&["partner", "timeline", "Anna", "on"]);
    assert_eq!(ben.tell(&["grid"])["motions"], json!([0]));
    let found = ben.tell(&["search", "--type", "live"]);
    assert_eq!(found["assets"][0]["id"], photo.as_str(), "{found}");
    let film = moves(&ben, &photo);
    // It comes as it plays at hers, turned as she turned it.
    assert_eq!(film, moves(&anna, &photo));
    anna.tell(&["asset", "edit", &photo, "--turn", "1"]);
    let turned = until("hers is turned", || {
        let now = moves(&ben, &photo);
        (now != film).then_some(now)
    });
    // What was seen plays also while nothing of hers is there.
    drop(running);
    assert_eq!(moves(&ben, &photo), turned);
    let copies = || holders(&ben, &turned);
    assert_eq!(copies(), 1);
    ben.tell(&["partner", "decline", "Anna"]);
    assert_eq!(copies(), 0);
}

#[test]
fn a_live_photo_that_is_kept_moves_while_its_owner_sleeps() {
    if !have("a_live_photo_that_is_kept", &["ffmpeg", "ffprobe"]) {
        return;
    }
    let (anna, ben, _) = two(["Anna", "Desk"], ["Ben", "Laptop"]);
    let [running, _awake] = both(&anna, &ben, false);
    let photo = seen_by(&anna, &ben);
    ben.tell(&["partner", "keep", "Anna", "originals"]);
    let film = std::fs::read(anna.photos().join("IMG_0001.MOV")).unwrap();
    until("all of it is kept", || {
        (holders(&ben, &film) > 0).then_some(())
    });
    drop(running);
    // As its file came: what plays everywhere is made at hers.
    assert_eq!(moves(&ben, &photo), film);
}

#[test]
fn a_live_photo_of_a_link_moves_while_its_home_rests() {
    if !have("a_live_photo_of_a_link", &["ffmpeg", "ffprobe"]) {
        return;
    }
    let mut two = crate::outlive::two();
    pair(&two.desk);
    let id = two.desk.import()[0].clone();
    let film = moves(&two.desk, &id);
    let album = two.desk.album("Summer", &[id]);
    let link = two.desk.link(&["--album", &album]);
    until("what moves is at the server", || {
        (holders(&two.server, &film) > 0).then_some(())
    });
    two.rest();
    is_served(&two.friend(), &link, "/motion", &film);
}

#[test]
fn a_live_photo_that_an_editor_adds_moves_for_everybody_while_they_sleep() {
    if !have("a_live_photo_that_an_editor_adds", &["ffmpeg", "ffprobe"]) {
        return;
    }
    let mut house = house();
    let album = house.album.clone();
    pair(&house.ben);
    let id = house.ben.import()[0].clone();
    // It moves at theirs.
    let film = moves(&house.ben, &id);
    house.ben.tell(&["album", "add", &album, &id]);
    until("the owner has what moves", || {
        (holders(&house.anna, &film) > 0).then_some(())
    });
    until("who looks sees it", || {
        (seen(&house.clara, &album) == (3, 0)).then_some(())
    });
    house.running[1] = None;
    assert_eq!(moves(&house.anna, &id), film);
    assert_eq!(moves(&house.clara, &id), film);
    // So it does for whoever has a link to the album.
    let link = house.anna.link(&["--album", &album]);
    let friend = Visitor::new(&house.running[0].as_ref().unwrap().url());
    is_served(&friend, &link, "/motion", &film);
}
