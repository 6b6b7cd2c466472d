//! The off-site copy at a store that speaks S3: filled, struck in the middle, checked, brought
//! back onto an empty machine. The store learns nothing by it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::desk::{Answer, Desk, is_sentence, text, until};
use crate::household::photo;
use crate::invariant::{files, hashes};
use crate::store::{ACCESS_KEY, BUCKET, Store};

const PHOTOS: usize = 60;
/// Files that are longer than a part.
const LONG: u8 = 2;

pub(crate) fn answer(mut command: Command) -> Answer {
    let output = command.output().unwrap();
    Answer {
        code: output.status.code(),
        said: serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
        complained: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Sets the off-site copy; answers with the recovery key.
pub(crate) fn set(store: &Store, desk: &Desk) -> String {
    let url = store.url();
    let words = ["offsite", "set", "--endpoint", &url, "--bucket", BUCKET];
    let set = answer(store.command(desk, &words));
    assert_eq!(set.code, Some(0), "{set:?}");
    text(&set.said["words"])
}

pub(crate) fn restoring(store: &Store, desk: &Desk, words: &str) -> Command {
    let (url, into) = (store.url(), desk.library());
    let into = into.to_str().unwrap();
    let words_of = [
        "offsite",
        "restore",
        "--into",
        into,
        "--endpoint",
        &url,
        "--bucket",
        BUCKET,
    ];
    let mut command = store.command(desk, &words_of);
    command.env("ALBUMEN_RECOVERY_KEY", words);
    command
}

/// Photos, and files that are longer than a part: bytes after a picture's end belong to it.
fn fill(desk: &Desk) {
    for number in 0..PHOTOS {
        desk.put(&format!("quiet-cove-{number:03}.jpg"), &photo(number));
    }
    for number in 0..LONG {
        let mut long = photo(900 + usize::from(number));
        let mut byte = number;
        long.extend(
            std::iter::repeat_with(|| {
                byte = byte.wrapping_mul(181).wrapping_add(7);
                byte
            })
            .take((9 << 20) + usize::from(number)),
        );
        desk.put(&format!("quiet-cove-long-{number}.jpg"), &long);
    }
    let photos = desk.import();
    assert_eq!(photos.len(), PHOTOS + LONG as usize);
    let album = desk.album("Whispered summer", &photos[..5]);
    desk.link(&["--album", &album, "--label", "for Ida"]);
}

pub(crate) fn library_hashes(desk: &Desk) -> BTreeSet<String> {
    hashes(&desk.library().join("originals")).unwrap()
}

/// That the store holds no name, no hash and no run of bytes of the library.
fn check_that_the_store_learns_nothing(store: &Store, desk: &Desk, words: &str) {
    let mut secrets: Vec<Vec<u8>> = vec![
        b"quiet-cove".to_vec(),
        b"Whispered".to_vec(),
        b"SQLite format".to_vec(),
        std::fs::read(desk.library().join("secret")).unwrap(),
        words.as_bytes().to_vec(),
    ];
    for path in files(&desk.library().join("originals")) {
        let bytes = std::fs::read(&path).unwrap();
        let hash = blake3::hash(&bytes);
        secrets.push(hash.as_bytes()[..8].to_vec());
        secrets.push(hash.to_hex().as_bytes()[..16].to_vec());
        // A run from its middle: beginnings are alike in every JPEG.
        let middle = bytes.len() / 2;
        secrets.push(bytes[middle..middle + 24].to_vec());
    }
    let held = files(store.folder());
    assert!(held.len() > PHOTOS);
    for path in held {
        let name = path.to_str().unwrap().as_bytes().to_vec();
        let bytes = std::fs::read(&path).unwrap();
        // One pass for all: what a run begins with is looked up.
        let beginnings: std::collections::HashMap<[u8; 8], &Vec<u8>> = secrets
            .iter()
            .map(|secret| (*secret.first_chunk().unwrap(), secret))
            .collect();
        for hay in [name, bytes] {
            for (at, start) in hay.windows(8).enumerate() {
                if let Some(secret) = beginnings.get(start) {
                    assert!(!hay[at..].starts_with(secret), "{} tells", path.display());
                }
            }
        }
    }
}

#[test]
fn a_copy_struck_twice_comes_back_whole_and_the_store_learns_nothing() {
    let (store, desk, new) = (Store::new(), Desk::new(), Desk::new());
    fill(&desk);
    let words = set(&store, &desk);
    assert_eq!(words.split(' ').count(), 12);

    // The node is killed while it copies by itself.
    store.delay(40);
    let running = desk.serve();
    until("some of it is there", || {
        (store.held("originals/").len() > 10).then_some(())
    });
    drop(running);
    let before = store.held("originals/").len();
    assert!(
        before < PHOTOS + LONG as usize,
        "{before}: it was struck too late"
    );
    store.delay(0);
    let ran = desk.tell(&["offsite", "run"]);
    assert_eq!(ran["failed"], 0);
    assert!(
        ran["copied"].as_u64().unwrap() < (PHOTOS + LONG as usize) as u64,
        "it went on: {ran}"
    );
    let status = desk.tell(&["offsite", "status"]);
    assert_eq!(
        (&status["copied"], &status["files"]),
        (&status["files"], &Value::from(PHOTOS + LONG as usize))
    );
    assert!(status["catalog_at"].is_string());
    let checked = desk.tell(&["offsite", "verify", "--read-data"]);
    for list in ["missing", "wrong", "wrong_catalogs", "foreign"] {
        assert_eq!(checked[list], serde_json::json!([]), "{list}: {checked}");
    }
    assert_eq!(checked["files"], PHOTOS + LONG as usize);
    check_that_the_store_learns_nothing(&store, &desk, &words);

    // The machine is lost; its restoring is killed, too.
    store.delay(40);
    let mut first = restoring(&store, &new, &words)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("some of it is back", || {
        let here = files(&new.library().join("originals"));
        (here.len() > 10).then_some(())
    });
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(!new.library().join("albumen.sqlite").exists());
    store.delay(0);
    let restored = answer(restoring(&store, &new, &words));
    assert_eq!(restored.code, Some(0), "{restored:?}");
    assert_eq!(restored.said["files"], PHOTOS + LONG as usize);
    assert!(
        restored.said["before"].as_u64().unwrap() > 0,
        "{restored:?}"
    );
    assert_eq!(library_hashes(&new), library_hashes(&desk));
    let verified = new.tell(&["verify", "--read-data"]);
    assert_eq!(verified["findings"], serde_json::json!([]), "{verified}");
    for asked in [["album", "list"], ["link", "list"]] {
        assert_eq!(new.tell(&asked), desk.tell(&asked));
    }
    let left: Vec<PathBuf> = files(&new.library())
        .into_iter()
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            name.starts_with(".albumen-") || name.starts_with(".restoring")
        })
        .collect();
    assert!(left.is_empty(), "{left:?}");

    // It goes on with its copy there, and nothing is copied twice.
    new.put("after.jpg", &photo(2_000));
    new.import();
    assert_eq!(new.tell(&["offsite", "run"])["copied"], 1);
    let again = answer(restoring(&store, &new, &words));
    assert_eq!(again.code, Some(1), "a library is there");
}

#[test]
fn what_a_store_loses_or_changes_is_found_and_copied_again() {
    let (store, desk) = (Store::new(), Desk::new());
    for number in 0..6 {
        desk.put(&format!("{number}.jpg"), &photo(number));
    }
    desk.import();
    set(&store, &desk);
    desk.tell(&["offsite", "run"]);
    let held = store.held("originals/");
    std::fs::remove_file(&held[0]).unwrap();
    let cut = std::fs::read(&held[1]).unwrap();
    std::fs::write(&held[1], &cut[..cut.len() - 1]).unwrap();
    let mut flipped = std::fs::read(&held[2]).unwrap();
    *flipped.last_mut().unwrap() ^= 1;
    std::fs::write(&held[2], flipped).unwrap();
    // One photo in another's place: as long, and sealed by the same key.
    std::fs::copy(&held[3], &held[4]).unwrap();
    std::fs::write(held[5].with_file_name("something"), "else").unwrap();

    let listed = desk.ask(&["offsite", "verify"]);
    assert_eq!(listed.code, Some(1), "{listed:?}");
    assert_eq!(listed.said["missing"].as_array().unwrap().len(), 1);
    assert!(!listed.said["wrong"].as_array().unwrap().is_empty());
    assert_eq!(
        listed.said["foreign"],
        serde_json::json!(["originals/something"])
    );
    let read = desk.ask(&["offsite", "verify", "--read-data"]);
    let wrong = |answer: &Answer| answer.said["wrong"].as_array().unwrap().len();
    assert_eq!(wrong(&listed) + wrong(&read), 3, "{listed:?} {read:?}");
    assert_eq!(desk.tell(&["offsite", "run"])["copied"], 4);
    let right = desk.ask(&["offsite", "verify", "--read-data"]);
    assert_eq!(right.code, Some(0), "{right:?}");
}

#[test]
fn a_running_node_copies_what_comes_by_itself() {
    let (store, desk) = (Store::new(), Desk::new());
    desk.put("one.jpg", &photo(1));
    desk.import();
    let _running = desk.serve();
    set(&store, &desk);
    let copied = |files: u64| {
        until("it is copied", || {
            let status = desk.tell(&["offsite", "status"]);
            (status["copied"] == files && status["catalog_at"].is_string()).then_some(())
        });
    };
    copied(1);
    desk.put("two.jpg", &photo(2));
    desk.import();
    copied(2);
    assert_eq!(store.held("originals/").len(), 2);
    desk.tell(&["offsite", "end"]);
    assert_eq!(desk.tell(&["offsite", "status"])["set"], false);
}

#[test]
fn each_mistake_is_told_in_a_sentence() {
    let (store, desk, new) = (Store::new(), Desk::new(), Desk::new());
    desk.put("one.jpg", &photo(1));
    desk.import();
    let url = store.url();
    let refuse = |command: Command, code: &str| {
        let refused = answer(command);
        assert_eq!(refused.code, Some(1), "{refused:?}");
        let error = refused.error();
        assert_eq!(error["code"], code, "{error}");
        assert!(is_sentence(&error["message"]), "{error}");
        assert!(!refused.complained.contains(ACCESS_KEY));
    };
    let set_at = |url: &str, bucket: &str| {
        store.command(
            &desk,
            &["offsite", "set", "--endpoint", url, "--bucket", bucket],
        )
    };
    refuse(desk.command(&["offsite", "run"]), "wrong");
    refuse(
        desk.command(&["offsite", "set", "--endpoint", &url, "--bucket", BUCKET]),
        "wrong",
    );
    refuse(set_at(&url, "no-such-bucket"), "offsite_bucket");
    refuse(set_at("ftp://127.0.0.1", BUCKET), "wrong");
    refuse(set_at("http://127.0.0.1:9", BUCKET), "offsite_away");
    let mut other_secret = set_at(&url, BUCKET);
    other_secret.env("ALBUMEN_S3_SECRET_KEY", "another");
    refuse(other_secret, "offsite_login");
    assert_eq!(desk.tell(&["offsite", "status"])["set"], false);

    let words = set(&store, &desk);
    desk.tell(&["offsite", "run"]);
    assert_eq!(
        desk.tell(&["offsite", "recovery-key", "--noted"])["words"],
        words
    );
    assert_eq!(desk.tell(&["offsite", "status"])["noted"], true);
    refuse(restoring(&store, &new, "abandon ability"), "wrong");
    let another = ["abandon"; 11].join(" ") + " about";
    refuse(restoring(&store, &new, &another), "offsite_key");
    // Keys in a file that others can read are none.
    let keys = desk.path().join("keys");
    std::fs::write(&keys, "a\nb\n").unwrap();
    let keys = keys.to_str().unwrap();
    refuse(desk.command(&["offsite", "set", "--keys", keys]), "wrong");
}
