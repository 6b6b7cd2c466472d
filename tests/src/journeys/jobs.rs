//! Imports as work that goes on: paused and resumed, broken off by a kill and
//! taken up again, with no file read twice.

use crate::desk::{Desk, text, until};
use crate::durability::originals;
use crate::intake::{age, photo};
use serde_json::Value;
use std::ffi::OsStr;
use std::process::{Child, Stdio};

const PHOTOS: usize = 90;

fn desk_with_photos() -> Desk {
    let desk = Desk::new();
    for number in 0..PHOTOS {
        let path = desk.put(&format!("IMG_{number:04}.jpg"), &photo(number));
        age(&path, 3_600);
    }
    desk
}

fn begin(desk: &Desk) -> Child {
    desk.command(&[OsStr::new("import"), desk.photos().as_os_str()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn end(import: Child) -> Value {
    let output = import.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn import_job(desk: &Desk) -> Option<Value> {
    let jobs = desk.tell(&["jobs"]);
    let mut all = jobs["jobs"].as_array().unwrap().iter();
    all.find(|job| job["kind"] == "import").cloned()
}

#[test]
fn an_import_waits_when_it_is_paused_and_ends_when_it_is_resumed() {
    let desk = desk_with_photos();
    let _serving = desk.serve();
    let mut import = begin(&desk);
    let id = until("the import is under way", || {
        let job = import_job(&desk)?;
        (job["done"].as_u64()? > 0).then(|| text(&job["id"]))
    });
    desk.tell(&["job", "pause", &id]);
    let paused = until("nothing goes on", || {
        let before = import_job(&desk)?["done"].clone();
        let after = import_job(&desk)?;
        (before == after["done"]).then_some(after)
    });
    assert_eq!(paused["state"], "paused", "{paused}");
    assert_eq!(paused["resumable"], true, "{paused}");
    assert!(text(&paused["why"]).ends_with('.'), "{paused}");
    assert!(paused["done"].as_u64().unwrap() < PHOTOS as u64);
    assert!(import.try_wait().unwrap().is_none());

    desk.tell(&["job", "resume", &id]);
    let report = end(import);
    assert_eq!(report["imported"], PHOTOS, "{report}");
    assert_eq!(report["read"], PHOTOS, "{report}");
    assert_eq!(import_job(&desk), None);
    assert_eq!(desk.ask(&["job", "pause", &id]).code, Some(1));
}

#[test]
fn a_paused_import_can_be_stopped() {
    let desk = desk_with_photos();
    let _serving = desk.serve();
    let import = begin(&desk);
    let id = until("the import is under way", || {
        let job = import_job(&desk)?;
        (job["done"].as_u64()? > 0).then(|| text(&job["id"]))
    });
    desk.tell(&["job", "pause", &id]);
    desk.tell(&["job", "cancel", &id]);
    let output = import.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["cancelled"], true, "{report}");
    // Someone stopped it: it is not taken up again.
    assert_eq!(import_job(&desk), None);

    // No file is read twice, however often one begins.
    let rest = desk.tell(&[OsStr::new("import"), desk.photos().as_os_str()]);
    let read = |report: &Value| report["read"].as_u64().unwrap();
    assert_eq!(
        read(&report) + read(&rest),
        PHOTOS as u64,
        "{report} {rest}"
    );
    assert_eq!(desk.assets().len(), PHOTOS);
}

#[test]
fn an_import_that_a_kill_broke_off_is_taken_up_by_the_next_start() {
    let desk = desk_with_photos();
    let serving = desk.serve();
    let mut import = begin(&desk);
    until("the import is under way", || {
        (originals(&desk).len() > 5).then_some(())
    });
    drop(serving);
    import.wait().unwrap();
    let broken = import_job(&desk).unwrap();
    assert_eq!(broken["state"], "interrupted", "{broken}");
    assert_eq!(broken["resumable"], true, "{broken}");
    let before = desk.assets().len();
    assert!(before < PHOTOS);

    let _serving = desk.serve();
    until("it went on by itself", || {
        (import_job(&desk).is_none() && desk.assets().len() == PHOTOS).then_some(())
    });
}

#[test]
fn an_import_whose_card_is_away_waits_for_it() {
    let desk = desk_with_photos();
    let mut import = begin(&desk);
    until("the import is under way", || {
        (originals(&desk).len() > 5).then_some(())
    });
    import.kill().unwrap();
    import.wait().unwrap();
    let away = desk.path().join("away");
    std::fs::rename(desk.photos(), &away).unwrap();

    let serving = desk.serve();
    let broken = import_job(&desk).unwrap();
    let id = text(&broken["id"]);
    assert_eq!(broken["state"], "interrupted", "{broken}");
    let why = text(&broken["why"]);
    assert!(why.contains(desk.photos().to_str().unwrap()), "{why}");
    let refused = desk.ask(&["job", "resume", &id]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert_eq!(refused.error()["code"], "missing");
    drop(serving);

    // Without a running node it is done at once.
    std::fs::rename(&away, desk.photos()).unwrap();
    let resumed = desk.tell(&["job", "resume", &id]);
    let report = &resumed["report"];
    assert!(report["imported"].as_u64().unwrap() > 0, "{resumed}");
    assert_eq!(desk.assets().len(), PHOTOS);
    assert_eq!(import_job(&desk), None);
    assert_eq!(desk.ask(&["job", "resume", &id]).code, Some(1));
}

#[test]
fn an_import_that_was_broken_off_can_be_given_up() {
    let desk = desk_with_photos();
    let mut import = begin(&desk);
    until("the import is under way", || {
        (!originals(&desk).is_empty()).then_some(())
    });
    import.kill().unwrap();
    import.wait().unwrap();
    let id = text(&import_job(&desk).unwrap()["id"]);
    desk.tell(&["job", "cancel", &id]);
    assert_eq!(import_job(&desk), None);
    let _serving = desk.serve();
    assert_eq!(import_job(&desk), None);
    assert!(desk.assets().len() < PHOTOS);
}
