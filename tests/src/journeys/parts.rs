//! A live photo of two files and a sidecar, on its way to other machines: all of it is
//! there in the end, byte for byte.

use crate::desk::{Desk, Serving, text, until};
use crate::durability::originals;
use crate::household::machine;
use crate::live::{is_one_that_moves, pair};
use crate::programs::have;
use crate::safety::of;
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

/// Its one photo is all that the other had, and whole.
fn is_whole(desk: &Desk, had: &[Vec<u8>]) {
    assert!(contents(desk) == had, "{:?}", originals(desk));
    let asset = is_one_that_moves(desk, "IMG_0001.JPG");
    assert_eq!(asset["rating"], 4);
    let report = desk.tell(&["verify", "--read-data"]);
    assert_eq!(report["findings"], json!([]));
}

fn both(one: &Desk, other: &Desk, is_own: bool) -> [Serving; 2] {
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

#[test]
fn a_live_photo_of_a_partners_is_whole_when_it_was_saved() {
    if !have("a_live_photo_of_a_partners", &["ffmpeg", "ffprobe"]) {
        return;
    }
    let (anna, ben, had) = two(["Anna", "Desk"], ["Ben", "Laptop"]);
    let [running, awake] = both(&anna, &ben, false);
    anna.tell(&["partner", "offer", "Ben", "--captions"]);
    until("her library is offered", || {
        let list = ben.tell(&["partner", "list"]);
        (list["libraries"][0]["state"] == "asked").then_some(())
    });
    ben.tell(&["partner", "accept", "Anna"]);
    let photo = until("her photo is there", || {
        let list = ben.tell(&["partner", "list"]);
        let person = text(&list["libraries"][0]["person"]["id"]);
        let seen: Value = ben.tell(&["assets", "--partner", &person]);
        seen["assets"][0]["id"].as_str().map(str::to_owned)
    });
    ben.tell(&["asset", "save", &photo]);
    ben.tell(&["partner", "decline", "Anna"]);
    drop((running, awake));
    // Stars are hers alone; her sidecar is beside his copy all the same.
    let asset = ben.assets()[0].clone();
    ben.tell(&["asset", "edit", &text(&asset["id"]), "--rating", "4"]);
    is_whole(&ben, &had);
}
