//! A library that has outgrown its machine: a store has all originals, and this machine only
//! some of them. Everything is readable all the same, and whatever is killed, nothing is lost.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::desk::{Desk, text, until};
use crate::household::photo;
use crate::invariant::files;
use crate::offsite::{answer, restoring, set};
use crate::store::Store;
use crate::visitor::Visitor;

const PHOTOS: usize = 40;
/// Bytes after each picture's end, which belong to it.
const MORE: usize = 200_000;
/// How much stays here: some six of them.
const FEW: &str = "1.5MB";
const FEW_BYTES: u64 = 1_500_000;

/// A photo as large as those of old cameras.
fn large(number: usize) -> Vec<u8> {
    let mut bytes = photo(number);
    let mut byte = number as u8;
    bytes.extend(
        std::iter::repeat_with(|| {
            byte = byte.wrapping_mul(181).wrapping_add(7);
            byte
        })
        .take(MORE),
    );
    bytes
}

/// The bytes under `originals/` now.
fn here(desk: &Desk) -> u64 {
    let all = files(&desk.library().join("originals"));
    all.iter()
        .filter_map(|path| std::fs::metadata(path).ok())
        .map(|file| file.len())
        .sum()
}

fn status(desk: &Desk) -> Value {
    desk.ask(&["offsite", "status"]).said
}

/// Photos by their names.
fn fill(desk: &Desk) -> BTreeMap<String, Vec<u8>> {
    let photos: BTreeMap<String, Vec<u8>> = (0..PHOTOS)
        .map(|number| (format!("{number:03}.jpg"), large(number)))
        .collect();
    for (name, bytes) in &photos {
        desk.put(name, bytes);
    }
    desk.import();
    photos
}

/// That every photo is what was imported.
fn check_all(desk: &Desk, photos: &BTreeMap<String, Vec<u8>>) {
    let assets = desk.assets();
    assert_eq!(assets.len(), photos.len());
    for asset in assets {
        let bytes = desk.bytes_of(&asset, "original");
        assert!(bytes == photos[&text(&asset["name"])], "{}", asset["name"]);
    }
}

#[test]
fn all_is_readable_though_few_of_it_is_here() {
    let (store, desk) = (Store::new(), Desk::new());
    let photos = fill(&desk);
    let ids: Vec<String> = desk.assets().iter().map(|one| text(&one["id"])).collect();
    let album = desk.album("Outgrown", &ids);
    let link = desk.link(&[
        "--album",
        &album,
        "--download",
        "original",
        "--show-metadata",
    ]);
    let path = text(&link["path"]);
    let serving = desk.serve();
    let visitor = Visitor::new(&serving.url());
    let archive = |visitor: &Visitor| {
        until("its checksums are known", || {
            let reply = visitor.get(&format!("{path}/archive"));
            (reply.status == 200).then_some(reply.body)
        })
    };
    let whole = archive(&visitor);

    let refused = desk.ask(&["offsite", "keep-local", FEW]).error();
    assert_eq!(refused["code"], "wrong", "there is no copy yet");
    set(&store, &desk);
    desk.tell(&["offsite", "run"]);
    desk.tell(&["offsite", "keep-local", FEW]);
    assert!(here(&desk) <= FEW_BYTES, "{}", here(&desk));
    let told = status(&desk);
    assert_eq!(told["keep_local"], FEW_BYTES);
    assert_eq!(told["files"], PHOTOS);
    let at_store = told["away"].as_u64().unwrap();
    assert!(at_store > 30, "{told}");
    assert_eq!(told["here"].as_u64().unwrap() + at_store, PHOTOS as u64);
    let verified = desk.tell(&["verify", "--read-data"]);
    assert_eq!(verified["findings"], serde_json::json!([]));
    assert_eq!(verified["away"], at_store);
    assert_eq!(desk.tell(&["doctor"])["well"], true);
    assert_eq!(
        desk.tell(&["safety", "show"])["machines"][0]["alone"],
        0,
        "the store is a place of its own"
    );

    // By a command, in an archive, and by a link.
    check_all(&desk, &photos);
    assert!(
        archive(&visitor) == whole,
        "the same archive, byte for byte"
    );
    until("it is few again", || {
        (here(&desk) <= FEW_BYTES && status(&desk)["here"].as_u64()? < 10).then_some(())
    });
    // What was imported once is not taken for another photo, nor copied again.
    desk.import();
    assert_eq!(desk.assets().len(), PHOTOS);
    assert!(status(&desk)["here"].as_u64().unwrap() < 10);
    assert_eq!(desk.tell(&["offsite", "run"])["copied"], 0);

    // The store is away: in words, and to visitors as what is not there now.
    store.be_away(true);
    let away: Vec<Value> = desk
        .assets()
        .into_iter()
        .filter(|asset| {
            let shown = desk.tell(&["asset", "show", &text(&asset["id"])]);
            let place = text(&shown["places"][0]["path"]);
            !std::path::Path::new(&place).exists()
        })
        .collect();
    assert!(away.len() > 30);
    let refused = desk.refusal_of(&away[0], "original");
    assert_eq!(refused["code"], "at_store");
    assert!(
        text(&refused["message"]).contains("s3://photos"),
        "{refused}"
    );
    assert!(
        text(&refused["message"]).contains("cannot be reached"),
        "{refused}"
    );
    let routes = visitor.routes(&path);
    let answers: Vec<u16> = routes
        .iter()
        .filter(|route| route.ends_with("/download"))
        .take(8)
        .map(|route| visitor.get(route).status)
        .collect();
    assert!(answers.contains(&503), "{answers:?}");
    assert!(
        answers.iter().all(|status| [200, 503].contains(status)),
        "{answers:?}"
    );
    assert_eq!(desk.tell(&["verify"])["findings"], serde_json::json!([]));
    let ended = desk.ask(&["offsite", "end"]).error();
    assert!(
        text(&ended["message"]).contains("keep-local all"),
        "{ended}"
    );
    store.be_away(false);
    assert!(desk.bytes_of(&away[0], "original") == photos[&text(&away[0]["name"])]);

    // What the store loses then is lost, and told loudly; another copy makes it whole.
    until("it is few again", || {
        (status(&desk)["away"].as_u64()? > 30).then_some(())
    });
    for one in store.held("originals/") {
        std::fs::remove_file(one).unwrap();
    }
    let checked = desk.ask(&["offsite", "verify"]);
    assert_eq!(checked.code, Some(1));
    assert!(checked.said["lost"].as_array().unwrap().len() > 30);
    assert_ne!(
        desk.ask(&["verify"]).said["findings"],
        serde_json::json!([])
    );
    desk.import();
    assert_eq!(desk.tell(&["verify"])["findings"], serde_json::json!([]));
    desk.tell(&["offsite", "run"]);
    assert_eq!(store.held("originals/").len(), PHOTOS);

    // And all of it comes back where it is wished so.
    desk.tell(&["offsite", "keep-local", FEW]);
    let back = desk.tell(&["offsite", "keep-local", "all"]);
    assert_eq!(back["status"]["away"], 0, "{back}");
    assert!(here(&desk) > (PHOTOS * MORE) as u64);
    desk.tell(&["offsite", "end"]);
    check_all(&desk, &photos);
}

#[test]
fn killed_while_originals_go_and_come_none_is_lost() {
    let (store, desk, new) = (Store::new(), Desk::new(), Desk::new());
    let photos = fill(&desk);
    let words = set(&store, &desk);
    desk.tell(&["offsite", "run"]);
    let whole = here(&desk);
    for round in 0_u64..3 {
        // On their way out…
        store.delay(15);
        let mut going = desk
            .command(&["offsite", "keep-local", FEW])
            .spawn()
            .unwrap();
        until("some of it has gone", || {
            (here(&desk) < whole - (2 + round * 3) * MORE as u64).then_some(())
        });
        going.kill().unwrap();
        going.wait().unwrap();
        store.delay(0);
        desk.tell(&["offsite", "keep-local", FEW]);
        assert!(here(&desk) <= FEW_BYTES);
        // … and on their way back.
        store.delay(15);
        let mut coming = desk
            .command(&["offsite", "keep-local", "all"])
            .spawn()
            .unwrap();
        until("some of it is back", || {
            (here(&desk) > (8 + round * 5) * MORE as u64).then_some(())
        });
        coming.kill().unwrap();
        coming.wait().unwrap();
        store.delay(0);
        assert_eq!(desk.tell(&["verify"])["findings"], serde_json::json!([]));
        check_all(&desk, &photos);
    }
    desk.tell(&["offsite", "keep-local", FEW]);
    assert!(here(&desk) <= FEW_BYTES);

    // On an empty machine whose disk is small, too.
    desk.tell(&["offsite", "run"]);
    let mut restore = restoring(&store, &new, &words);
    restore.args(["--keep-local", FEW]);
    let restored = answer(restore);
    assert_eq!(restored.code, Some(0), "{restored:?}");
    assert!(here(&new) <= FEW_BYTES);
    assert_eq!(status(&new)["keep_local"], FEW_BYTES);
    assert_eq!(new.tell(&["verify"])["findings"], serde_json::json!([]));
    check_all(&new, &photos);
}
