//! Disks that are full: an import waits, says for what, and goes on by itself.
//! Each has a small file system of its own, which only the superuser can make.

use crate::desk::{Desk, is_sentence, text, until};
use crate::durability::originals;
use crate::household::{machine, named, of, pair, seen};
use crate::intake::{age, photo};
use crate::invariant::{self, hashes};
use camera::{Exif, Scene, draw, jpeg};
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const PHOTOS: usize = 40;

/// A small file system for as long as it lives.
struct Mount(PathBuf);

impl Mount {
    /// `None`, said by name, where none can be made.
    fn new(test: &str, at: PathBuf, options: &str) -> Option<Mount> {
        fs::create_dir_all(&at).unwrap();
        let words = ["-t", "tmpfs", "-o", options, "tmpfs"];
        let mounted = Command::new("mount")
            .args(words)
            .arg(&at)
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        if !mounted {
            eprintln!("skipped {test}: only the superuser can mount a file system");
            return None;
        }
        Some(Mount(at))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(&self.0).status().ok();
    }
}

/// A photo that no compression makes small: 300 kB.
fn heavy(number: usize) -> Vec<u8> {
    let mut bytes = photo(number);
    let mut state = number as u64 + 1;
    bytes.extend(
        std::iter::repeat_with(|| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 56) as u8
        })
        .take(300_000),
    );
    bytes
}

fn desk_with_photos() -> Desk {
    let desk = Desk::new();
    for number in 0..PHOTOS {
        let path = desk.put(&format!("IMG_{number:04}.jpg"), &heavy(number));
        age(&path, 3_600);
    }
    desk
}

fn begin(desk: &Desk, options: &[&str]) -> Child {
    let photos = desk.photos();
    let mut words = vec![OsStr::new("import"), photos.as_os_str()];
    words.extend(options.iter().map(OsStr::new));
    let mut command = desk.command(&words);
    let streams = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    streams.spawn().unwrap()
}

/// The import once it waits.
fn waiting(desk: &Desk, import: &mut Child) -> Value {
    until("the import waits for room", || {
        assert!(import.try_wait().unwrap().is_none(), "it ended");
        let jobs = desk.tell(&["jobs"]);
        let mut all = jobs["jobs"].as_array().unwrap().iter();
        all.find(|job| job["state"] == "paused").cloned()
    })
}

fn end(import: Child) -> Value {
    let output = import.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Nothing half-written stays while it waits.
fn no_temporary_file_in(desk: &Desk) {
    let temporary = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(".albumen-")
    };
    until("nothing half-written is left", || {
        (!originals(desk).iter().any(|path| temporary(path))).then_some(())
    });
}

fn check_whole(desk: &Desk) {
    assert_eq!(desk.tell(&["verify", "--read-data"])["findings"], json!([]));
    let sources = hashes(&desk.photos()).unwrap();
    let kept = invariant::check(&desk.library(), &sources).unwrap();
    assert_eq!(kept, sources);
}

#[test]
fn an_import_to_a_full_disk_waits_for_room_and_goes_on() {
    let desk = desk_with_photos();
    let Some(_disk) = Mount::new(
        "an_import_to_a_full_disk_waits",
        desk.library(),
        "size=60m,mode=700",
    ) else {
        return;
    };
    desk.tell(&["status"]);
    let ballast = desk.library().join("ballast");
    fs::write(&ballast, vec![7; 48 << 20]).unwrap();
    let serving = desk.serve();
    let mut import = begin(&desk, &[]);
    let job = waiting(&desk, &mut import);
    let why = job["why"].clone();
    assert!(is_sentence(&why), "{why}");
    assert!(text(&why).contains("more are needed"), "{why}");
    assert_eq!(job["resumable"], false, "{job}");
    no_temporary_file_in(&desk);
    assert!(desk.assets().len() < PHOTOS);
    // What is left free stays free: a twentieth.
    fs::write(desk.library().join("small"), vec![7; 2 << 20]).unwrap();
    fs::remove_file(desk.library().join("small")).unwrap();

    fs::remove_file(&ballast).unwrap();
    let report = end(import);
    assert_eq!(report["imported"], PHOTOS, "{report}");
    assert_eq!(report["read"], PHOTOS, "no file was read twice: {report}");
    drop(serving);
    check_whole(&desk);
}

#[test]
fn a_waiting_import_ends_at_once_when_it_is_stopped() {
    let desk = desk_with_photos();
    let Some(_disk) = Mount::new(
        "a_waiting_import_ends_at_once",
        desk.library(),
        "size=60m,mode=700",
    ) else {
        return;
    };
    desk.tell(&["status"]);
    fs::write(desk.library().join("ballast"), vec![7; 48 << 20]).unwrap();
    let _serving = desk.serve();
    let mut import = begin(&desk, &[]);
    let job = waiting(&desk, &mut import);
    desk.tell(&["job", "cancel", &text(&job["id"])]);
    let output = import.wait_with_output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["cancelled"], true, "{report}");
    assert_eq!(report["failed"], json!([]), "{report}");
    no_temporary_file_in(&desk);
}

#[test]
fn a_command_alone_ends_where_the_disk_is_full_unless_it_is_told_to_wait() {
    let desk = desk_with_photos();
    let Some(_disk) = Mount::new(
        "a_command_alone_ends_where_the_disk_is_full",
        desk.library(),
        "size=60m,mode=700",
    ) else {
        return;
    };
    desk.tell(&["status"]);
    let ballast = desk.library().join("ballast");
    fs::write(&ballast, vec![7; 48 << 20]).unwrap();
    let ended = desk.ask(&[OsStr::new("import"), desk.photos().as_os_str()]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    let failed = ended.said["failed"].as_array().unwrap();
    assert!(!failed.is_empty());
    for failure in failed {
        assert_eq!(failure["code"], "disk_full", "{failure}");
        assert!(is_sentence(&failure["message"]), "{failure}");
    }
    // Nobody is there to wait: it is not taken up again.
    assert_eq!(desk.tell(&["jobs"])["jobs"], json!([]));

    let mut import = begin(&desk, &["--wait-for-room"]);
    until("it has come to where there is no room", || {
        (import.try_wait().unwrap().is_none()).then_some(())
    });
    fs::remove_file(&ballast).unwrap();
    let report = end(import);
    assert_eq!(report["failed"], json!([]), "{report}");
    check_whole(&desk);
}

#[test]
fn a_disk_that_takes_no_more_files_is_waited_for() {
    let desk = desk_with_photos();
    let Some(_disk) = Mount::new(
        "a_disk_that_takes_no_more_files",
        desk.library(),
        "size=200m,nr_inodes=400,mode=700",
    ) else {
        return;
    };
    desk.tell(&["status"]);
    let ballast = desk.library().join("ballast");
    fs::create_dir(&ballast).unwrap();
    for number in 0..300 {
        fs::write(ballast.join(number.to_string()), b"").unwrap();
    }
    let serving = desk.serve();
    let mut import = begin(&desk, &[]);
    let job = waiting(&desk, &mut import);
    let why = text(&job["why"]);
    assert!(why.contains("takes no more files"), "{why}");
    fs::remove_dir_all(&ballast).unwrap();
    let report = end(import);
    assert_eq!(report["imported"], PHOTOS, "{report}");
    assert_eq!(report["failed"], json!([]), "{report}");
    drop(serving);
    check_whole(&desk);
}

#[test]
fn photos_left_in_place_wait_for_room_for_their_pictures() {
    let desk = desk_with_photos();
    // What is written is the pictures made of them, and the catalog.
    let Some(_disk) = Mount::new(
        "photos_left_in_place_wait_for_room",
        desk.library(),
        "size=24m,mode=700",
    ) else {
        return;
    };
    desk.tell(&["status"]);
    let ballast = desk.library().join("ballast");
    let mut left = 24 << 20;
    for part in files_of(&desk.library()) {
        left -= fs::metadata(part).unwrap().len() as usize;
    }
    fs::write(&ballast, vec![7; left - (200 << 10)]).unwrap();
    let serving = desk.serve();
    let mut import = begin(&desk, &["--in-place"]);
    let job = waiting(&desk, &mut import);
    assert!(is_sentence(&job["why"]), "{job}");
    fs::remove_file(&ballast).unwrap();
    let report = end(import);
    assert_eq!(report["failed"], json!([]), "{report}");
    assert_eq!(desk.assets().len(), PHOTOS);
    drop(serving);
    assert_eq!(desk.tell(&["verify", "--read-data"])["findings"], json!([]));
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    invariant::files(folder)
}

/// Small photos with much to say.
fn told_of(desk: &Desk, numbers: std::ops::Range<usize>) {
    for number in numbers {
        let exif = Exif {
            caption: format!("{number} {}", "words ".repeat(300)),
            ..Exif::default()
        };
        let picture = draw(Scene::ALL[0], number as u64, 64, 48);
        desk.put(
            &format!("{number}.jpg"),
            &jpeg(&picture, 90, &exif).unwrap(),
        );
    }
}

/// The machines stay in contact meanwhile, and nobody has to do anything but make room.
#[test]
fn what_a_full_disk_cannot_take_over_is_told_and_comes_once_there_is_room() {
    let (anna, ben) = (machine("Anna", "Desk"), Desk::new());
    let test = "what_a_full_disk_cannot_take_over_is_told";
    let Some(_disk) = Mount::new(test, ben.library(), "size=40m,mode=700") else {
        return;
    };
    named(&ben, "Ben", "Laptop");
    let _running = [&anna, &ben].map(Desk::serve);
    pair(&anna, &ben);
    told_of(&anna, 0..1);
    let album = anna.album("The lake", &anna.import());
    anna.tell(&["album", "share", &album, "Ben"]);
    until("the album is offered", || {
        let offers = ben.tell(&["album", "offers"]);
        (offers["offers"][0]["album"] == album.as_str()).then_some(())
    });
    ben.tell(&["album", "accept", &album]);
    until("the album is there", || {
        (seen(&ben, &album).0 == 1).then_some(())
    });

    let filler = ben.library().join("filler");
    let mut file = fs::File::create(&filler).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
    told_of(&anna, 1..121);
    for some in anna.import().chunks(60) {
        let words = ["album", "add", &album].into_iter();
        let words: Vec<&str> = words.chain(some.iter().map(String::as_str)).collect();
        anna.tell(&words);
    }
    until("it is told why nothing comes", || {
        let machine = of(&ben, "Desk");
        let is_told = text(&machine["trouble"]).starts_with("The disk is full");
        (is_told && machine["is_online"] == true && is_sentence(&machine["trouble"])).then_some(())
    });
    drop(file);
    fs::remove_file(filler).unwrap();
    until("all have come", || {
        let is_told = of(&ben, "Desk")["trouble"] != Value::Null;
        (seen(&ben, &album).0 == 121 && !is_told).then_some(())
    });
}
