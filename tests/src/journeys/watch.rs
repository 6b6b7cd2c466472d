//! Watched folders: what happens there happens in the library, and nothing is
//! lost that was said of a photo. By the command, and by a node that follows.

use crate::desk::{Desk, is_sentence, text, until};
use camera::{Exif, jpeg, quadrants};
use serde_json::Value;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// A photo that was taken in this second of a day; `look` makes its bytes others.
fn photo(second: u32, look: &str) -> Vec<u8> {
    let exif = Exif {
        taken: format!("2026:05:03 14:{:02}:{:02}", second / 60, second % 60),
        caption: look.to_owned(),
        ..Exif::default()
    };
    jpeg(&quadrants(64, 48), 90, &exif).unwrap()
}

impl Desk {
    /// Puts a file that has come to rest: it was last written an hour ago, and
    /// `age` seconds before that.
    fn rest(&self, name: &str, bytes: &[u8], age: u64) -> PathBuf {
        let path = self.put(name, bytes);
        let then = SystemTime::now() - Duration::from_secs(3_600 + age);
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(then)
            .unwrap();
        path
    }

    fn watch(&self, word: &str) -> Value {
        let photos = self.photos();
        let answer = self.ask(&["watch", word, photos.to_str().unwrap()]);
        assert!(matches!(answer.code, Some(0 | 3)), "{answer:?}");
        answer.said
    }

    fn watched(&self) -> Value {
        self.tell(&["watch", "list"])["folders"][0].clone()
    }

    /// The names of the timeline's photos, sorted.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .assets()
            .iter()
            .map(|asset| text(&asset["name"]))
            .collect();
        names.sort();
        names
    }

    fn trashed(&self) -> Vec<String> {
        let page = self.tell(&["assets", "--trash"]);
        let assets = page["assets"].as_array().unwrap();
        assets.iter().map(|asset| text(&asset["name"])).collect()
    }

    fn id_of(&self, name: &str) -> String {
        let assets = self.assets();
        let found = assets.iter().find(|asset| asset["name"] == name);
        text(&found.unwrap_or_else(|| panic!("no {name}"))["id"])
    }
}

/// Every file below a folder with its bytes' hash and time.
fn state_of(folder: &Path) -> Vec<(PathBuf, String, SystemTime)> {
    let mut all: Vec<_> = crate::invariant::files(folder)
        .into_iter()
        .map(|path| {
            let hash = crate::invariant::hash(&path).unwrap();
            let time = fs::metadata(&path).unwrap().modified().unwrap();
            (path, hash, time)
        })
        .collect();
    all.sort();
    all
}

#[test]
fn what_happens_in_a_watched_folder_keeps_what_was_said_of_a_photo() {
    let desk = Desk::new();
    for (second, name) in (0..).zip(["a.jpg", "sub/b.jpg", "c.jpg", "d.jpg"]) {
        desk.rest(name, &photo(second, name), 0);
    }
    desk.rest("notes.txt", b"nothing to see", 0);
    let before = state_of(&desk.photos());
    let report = desk.watch("add");
    assert_eq!(report["imported"], 4, "{report}");
    assert_eq!(report["folder"]["state"], "here", "{report}");
    assert_eq!(
        report["folder"]["failed"].as_array().unwrap().len(),
        0,
        "a text is no photo that failed: {report}"
    );
    assert_eq!(state_of(&desk.photos()), before, "nothing is written there");
    assert_eq!(crate::durability::originals(&desk).len(), 0);

    let ids: Vec<String> = ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
        .iter()
        .map(|name| desk.id_of(name))
        .collect();
    let album = desk.album("Kept", &ids);
    for id in &ids {
        desk.tell(&["asset", "edit", id, "--rating", "4", "--title", "Ours"]);
    }

    // Renamed, moved with its folder, edited where it is, and copied.
    let photos = desk.photos();
    fs::rename(photos.join("a.jpg"), photos.join("renamed.jpg")).unwrap();
    fs::rename(photos.join("sub"), photos.join("moved")).unwrap();
    let edited = photo(2, "edited");
    desk.rest("c.jpg", &edited, 7);
    fs::copy(photos.join("d.jpg"), photos.join("moved/d again.jpg")).unwrap();
    let report = desk.watch("look");
    assert_eq!(report["imported"], 0, "{report}");
    assert_eq!(report["edited"], 1, "{report}");
    assert_eq!(report["gone"], 0, "{report}");
    assert_eq!(desk.names(), ["b.jpg", "c.jpg", "d.jpg", "renamed.jpg"]);
    for id in &ids {
        let asset = desk.tell(&["asset", "show", id]);
        assert_eq!(asset["rating"], 4, "{asset}");
        assert_eq!(asset["title"], "Ours", "{asset}");
    }
    let shown = desk.tell(&["album", "show", &album]);
    assert_eq!(shown["album"]["count"], 4, "{shown}");
    let c = desk.tell(&["asset", "show", &ids[2]]);
    assert_eq!(c["hash"], blake3::hash(&edited).to_hex().as_str());
    assert_eq!(desk.bytes_of(&c, "original"), edited);
    assert!(!desk.bytes_of(&c, "preview").is_empty());

    // One of two places goes: nothing happens. The other: the photo is lost, and
    // found again with all that was said of it.
    let kept = fs::read(photos.join("d.jpg")).unwrap();
    fs::remove_file(photos.join("d.jpg")).unwrap();
    assert_eq!(desk.watch("look")["gone"], 1);
    assert_eq!(desk.names().len(), 4);
    let d = desk.tell(&["asset", "show", &ids[3]]);
    assert_eq!(desk.bytes_of(&d, "original"), kept);
    fs::remove_file(photos.join("moved/d again.jpg")).unwrap();
    assert_eq!(desk.watch("look")["gone"], 1);
    assert_eq!(desk.trashed(), ["d.jpg"]);
    desk.rest("back/d.jpg", &kept, 1);
    desk.watch("look");
    assert_eq!(desk.trashed().len(), 0);
    assert_eq!(desk.id_of("d.jpg"), ids[3]);
    let shown = desk.tell(&["album", "show", &album]);
    assert_eq!(shown["album"]["count"], 4, "{shown}");

    // Another photo under an old name is another photo.
    desk.rest("renamed.jpg", &photo(50, "a stranger"), 3);
    let report = desk.watch("look");
    assert_eq!(report["imported"], 1, "{report}");
    assert_eq!(desk.trashed(), ["renamed.jpg"]);
    assert_ne!(desk.id_of("renamed.jpg"), ids[0]);
}

#[test]
fn a_folder_that_is_away_or_another_in_its_place_changes_nothing() {
    let desk = Desk::new();
    for second in 0..3 {
        desk.rest(&format!("{second}.jpg"), &photo(second, "here"), 0);
    }
    desk.watch("add");
    let aside = desk.path().join("aside");
    fs::rename(desk.photos(), &aside).unwrap();
    assert_eq!(desk.watch("look")["folder"]["state"], "away");
    assert_eq!(desk.names().len(), 3);
    let checked = desk.ask(&["verify"]).said;
    let findings = checked["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "one for the folder: {findings:?}");
    assert_eq!(findings[0]["problem"], "away");
    assert_eq!(
        findings[0]["path"],
        text(&Value::from(desk.photos().to_str()))
    );
    assert!(
        text(&findings[0]["message"]).contains("3 files"),
        "{findings:?}"
    );

    // A mount point without its drive, and then a stranger's drive.
    fs::create_dir(desk.photos()).unwrap();
    assert_eq!(desk.watch("look")["folder"]["state"], "away");
    desk.rest("0.jpg", &photo(40, "a stranger's"), 9);
    let report = desk.watch("look");
    assert_eq!(report["folder"]["state"], "away", "{report}");
    assert_eq!(report["imported"], 0, "{report}");
    assert_eq!(desk.names(), ["0.jpg", "1.jpg", "2.jpg"]);
    let asset = desk.tell(&["asset", "show", &desk.id_of("1.jpg")]);
    let refusal = desk.refusal_of(&asset, "original");
    assert_eq!(refusal["code"], "original_missing", "{refusal}");

    fs::remove_dir_all(desk.photos()).unwrap();
    fs::rename(&aside, desk.photos()).unwrap();
    let report = desk.watch("look");
    assert_eq!(report["folder"]["state"], "here", "{report}");
    assert_eq!(report["gone"], 0, "{report}");
    assert!(!desk.bytes_of(&asset, "original").is_empty());
}

#[test]
fn many_files_gone_at_once_wait_for_a_word() {
    let desk = Desk::new();
    for second in 0..40 {
        desk.rest(&format!("{second:02}.jpg"), &photo(second, "many"), 0);
    }
    desk.watch("add");
    let photos = desk.photos();
    let aside = desk.path().join("aside");
    fs::create_dir(&aside).unwrap();
    let shift = |from: &Path, to: &Path| {
        for second in 0..12 {
            let name = format!("{second:02}.jpg");
            fs::rename(from.join(&name), to.join(&name)).unwrap();
        }
    };
    shift(&photos, &aside);
    let report = desk.watch("look");
    assert_eq!(report["folder"]["state"], "held", "{report}");
    assert_eq!(report["folder"]["gone"], 12, "{report}");
    assert_eq!(desk.names().len(), 40);

    // They come back: nothing was lost. They go once more, and it is meant.
    shift(&aside, &photos);
    assert_eq!(desk.watch("look")["folder"]["state"], "here");
    shift(&photos, &aside);
    assert_eq!(desk.watch("look")["folder"]["state"], "held");
    let report = desk.watch("confirm");
    assert_eq!(report["gone"], 12, "{report}");
    assert_eq!(report["folder"]["state"], "here", "{report}");
    assert_eq!((desk.names().len(), desk.trashed().len()), (28, 12));
}

#[test]
fn what_was_deleted_for_good_does_not_come_back_by_itself() {
    let desk = Desk::new();
    let path = desk.rest("no.jpg", &photo(1, "no"), 0);
    desk.rest("yes.jpg", &photo(2, "yes"), 0);
    desk.watch("add");
    let id = desk.id_of("no.jpg");
    desk.tell(&["trash", &id]);
    let emptied = desk.tell(&["trash", "empty"]);
    assert_eq!(emptied["left"].as_array().unwrap().len(), 1, "{emptied}");
    assert!(path.exists());
    assert_eq!(desk.watch("look")["imported"], 0);
    // Not under another name either.
    fs::rename(&path, desk.photos().join("other.jpg")).unwrap();
    assert_eq!(desk.watch("look")["imported"], 0);
    assert_eq!(desk.names(), ["yes.jpg"]);

    let other = desk.photos().join("other.jpg");
    let report = desk.tell(&["import", "--in-place", other.to_str().unwrap()]);
    assert_eq!(report["imported"], 1, "{report}");
    assert_eq!(desk.watch("look")["gone"], 0);
    assert_eq!(desk.names(), ["other.jpg", "yes.jpg"]);
}

#[test]
fn a_folder_is_followed_no_longer_when_that_is_said() {
    let desk = Desk::new();
    desk.rest("a.jpg", &photo(1, "a"), 0);
    desk.rest("b.jpg", &photo(2, "b"), 0);
    desk.watch("add");
    let inside = desk.photos().join("inside");
    fs::create_dir(&inside).unwrap();
    let refused = desk.ask(&["watch", "add", inside.to_str().unwrap()]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(is_sentence(&refused.error()["message"]), "{refused:?}");
    let library = desk.library();
    let refused = desk.ask(&["watch", "add", library.to_str().unwrap()]);
    assert_eq!(refused.code, Some(1), "{refused:?}");

    desk.watch("remove");
    assert_eq!(desk.names().len(), 2);
    let gone = desk.ask(&["watch", "look", desk.photos().to_str().unwrap()]);
    assert_eq!(gone.error()["code"], "not_found", "{gone:?}");

    desk.watch("add");
    let photos = desk.photos();
    desk.tell(&["watch", "remove", photos.to_str().unwrap(), "--trash"]);
    assert_eq!((desk.names().len(), desk.trashed().len()), (0, 2));
    assert!(photos.join("a.jpg").exists());
}

#[test]
fn a_node_follows_by_itself_and_waits_for_files_that_are_on_their_way() {
    let desk = Desk::new();
    desk.rest("first.jpg", &photo(1, "first"), 0);
    let _serving = desk.serve();
    assert_eq!(desk.watch("add")["imported"], 1);
    let whole = photo(2, "slow");
    let path = desk.photos().join("new/slow.jpg");
    fs::create_dir(path.parent().unwrap()).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    desk.rest("new/quick.jpg", &photo(3, "quick"), 0);
    until("the whole file came", || {
        desk.names().contains(&"quick.jpg".to_owned()).then_some(())
    });
    fs::write(&path, &whole).unwrap();
    let hash = blake3::hash(&whole).to_hex().to_string();
    until("the slow file came, whole", || {
        let assets = desk.assets();
        assets
            .iter()
            .any(|asset| asset["hash"] == hash.as_str())
            .then_some(())
    });
    assert_eq!(desk.names(), ["first.jpg", "quick.jpg", "slow.jpg"]);
    fs::remove_file(&path).unwrap();
    until("the deleted file went", || {
        (desk.trashed() == ["slow.jpg"]).then_some(())
    });
    assert_eq!(desk.watched()["state"], "here");
}

/// A folder mounted somewhere else, until it is dropped.
struct Mount(PathBuf);

impl Mount {
    fn bind(from: &Path, at: &Path) -> Option<Mount> {
        let done = Command::new("mount")
            .arg("--bind")
            .args([from, at])
            .stderr(std::process::Stdio::null())
            .status();
        done.is_ok_and(|status| status.success())
            .then(|| Mount(at.to_owned()))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(&self.0).status().ok();
    }
}

#[test]
fn a_drive_that_is_unplugged_and_plugged_in_is_followed_again() {
    let desk = Desk::new();
    let drive = desk.path().join("drive");
    fs::create_dir(&drive).unwrap();
    let Some(mount) = Mount::bind(&drive, &desk.photos()) else {
        eprintln!("skipped a_drive_that_is_unplugged…: mounting needs root");
        return;
    };
    for second in 0..3 {
        desk.rest(&format!("{second}.jpg"), &photo(second, "drive"), 0);
    }
    let _serving = desk.serve();
    assert_eq!(desk.watch("add")["imported"], 3);
    drop(mount);
    until("the folder is away", || {
        (desk.watched()["state"] == "away").then_some(())
    });
    assert_eq!(desk.names().len(), 3);
    let mount = Mount::bind(&drive, &desk.photos());
    assert!(mount.is_some());
    until("the folder is back", || {
        (desk.watched()["state"] == "here").then_some(())
    });
    desk.rest("after.jpg", &photo(9, "after"), 0);
    until("what came after is seen", || {
        (desk.names().len() == 4).then_some(())
    });
    assert_eq!(desk.trashed().len(), 0);
}
