//! Films: what browsers do not play is converted while the node runs, a job that
//! can be seen and stopped; and a library without ffmpeg keeps films and says so.

use crate::desk::{Desk, is_sentence, text, until};
use crate::programs::{codecs, film, have, played};
use crate::visitor::Visitor;
use camera::{Exif, jpeg, quadrants};
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

/// An editor's film, which no browser plays; `seconds` of it take a while.
const PRORES: &[&str] = &["-c:v", "prores_ks", "-profile:v", "0", "-c:a", "pcm_s16le"];
/// What phones write, and every browser plays.
const H264: &[&str] = &["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"];

fn import(desk: &Desk) -> Value {
    desk.tell(&[OsStr::new("import"), desk.photos().as_os_str()])
}

fn named(desk: &Desk, name: &str) -> Value {
    let assets = desk.assets();
    let found = assets.iter().find(|asset| asset["name"] == name);
    found.unwrap_or_else(|| panic!("no {name}")).clone()
}

fn jobs(desk: &Desk) -> Vec<Value> {
    desk.tell(&["jobs"])["jobs"].as_array().unwrap().clone()
}

fn converting(desk: &Desk) -> Value {
    until("a film is being converted", || {
        jobs(desk).into_iter().find(|job| job["kind"] == "convert")
    })
}

fn at_rest(desk: &Desk) {
    until("no job is left", || jobs(desk).is_empty().then_some(()));
}

/// Whether the film's own rendition is H.264 in an MP4 that plays; its size.
fn plays_in_browsers(desk: &Desk, asset: &Value) -> (u64, u64) {
    let file = desk.path().join("video.mp4");
    std::fs::write(&file, desk.bytes_of(asset, "video")).unwrap();
    let played = played(&file);
    std::fs::remove_file(&file).unwrap();
    assert!(
        text(&played["format"]["format_name"]).contains("mp4"),
        "{played}"
    );
    let (picture, sound) = codecs(&played);
    assert_eq!((picture.as_str(), sound.as_deref()), ("h264", Some("aac")));
    let seconds: f64 = text(&played["format"]["duration"]).parse().unwrap();
    let told = asset["duration_ms"].as_f64().unwrap() / 1_000.0;
    assert!(
        (seconds - told).abs() < 0.2,
        "{seconds} s instead of {told} s"
    );
    let streams = played["streams"].as_array().unwrap();
    let picture = streams
        .iter()
        .find(|stream| stream["codec_type"] == "video")
        .unwrap();
    (
        picture["width"].as_u64().unwrap(),
        picture["height"].as_u64().unwrap(),
    )
}

#[test]
fn a_film_that_browsers_do_not_play_is_converted_while_the_node_runs() {
    if !have("a_film_that_browsers_do_not_play", &["ffmpeg", "ffprobe"]) {
        return;
    }
    let desk = Desk::new();
    film(&desk.photos().join("cut.mov"), "1280x720", 5.0, PRORES);
    film(&desk.photos().join("phone.mp4"), "320x240", 1.0, H264);
    assert_eq!(import(&desk)["imported"], 2);
    let cut = named(&desk, "cut.mov");
    assert_eq!(cut["kind"], "video", "{cut}");
    assert_eq!(cut["unseen"], Value::Null, "{cut}");
    image::load_from_memory(&desk.bytes_of(&cut, "thumbnail")).unwrap();
    // Before, it is told that it is not yet so far; the other plays as it is.
    assert_eq!(desk.refusal_of(&cut, "video")["code"], "converting");
    let phone = named(&desk, "phone.mp4");
    assert_eq!(
        desk.bytes_of(&phone, "video"),
        desk.bytes_of(&phone, "original")
    );

    let ids = [text(&cut["id"])];
    let album = desk.album("Films", &ids);
    let link = text(&desk.link(&["--album", &album])["path"]);
    let serving = desk.serve();
    let job = converting(&desk);
    assert_eq!(
        (&job["total"], &job["failed"]),
        (&json!(1), &json!(0)),
        "{job}"
    );
    assert_eq!(job["current"], "cut.mov", "{job}");
    let watched = |visitor: &Visitor| {
        let routes = visitor.routes(&link);
        let preview = routes
            .iter()
            .find(|route| route.ends_with("/preview"))
            .unwrap();
        visitor.get(&preview.replace("/preview", "/video"))
    };
    let visitor = Visitor::new(&serving.url());
    let early = watched(&visitor);
    assert!(
        early.status >= 400 || !jobs(&desk).is_empty(),
        "{}",
        early.status
    );
    at_rest(&desk);
    assert_eq!(plays_in_browsers(&desk, &cut), (1280, 720));
    let reply = watched(&visitor);
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (200, Some("video/mp4"))
    );

    // What arrives while the node runs is converted, too.
    film(&desk.photos().join("later.mkv"), "320x240", 1.0, H264);
    assert_eq!(import(&desk)["imported"], 1);
    until("the later film is converted", || {
        let later = named(&desk, "later.mkv");
        let file = desk.path().join("later.mp4");
        let words = [
            "asset",
            "write",
            &text(&later["id"]),
            "--rendition",
            "video",
            "--to",
        ];
        let words = [&words[..], &[file.to_str().unwrap()]].concat();
        (desk.ask(&words).code == Some(0)).then_some(())
    });
    assert_eq!(
        plays_in_browsers(&desk, &named(&desk, "later.mkv")),
        (320, 240)
    );
}

#[test]
fn a_conversion_that_is_stopped_leaves_nothing_and_is_made_at_the_next_start() {
    if !have("a_conversion_that_is_stopped", &["ffmpeg", "ffprobe"]) {
        return;
    }
    let desk = Desk::new();
    film(&desk.photos().join("cut.mov"), "1280x720", 5.0, PRORES);
    import(&desk);
    let cut = named(&desk, "cut.mov");
    {
        let _serving = desk.serve();
        let job = converting(&desk);
        desk.tell(&["job", "cancel", &text(&job["id"])]);
        at_rest(&desk);
        assert_eq!(desk.refusal_of(&cut, "video")["code"], "converting");
        assert_eq!(left_unfinished(&desk), Vec::<PathBuf>::new());
        assert_eq!(desk.tell(&["status"])["assets"], 1);
        // Once more, and this time the node itself is killed over it.
        desk.put(
            "photo.jpg",
            &jpeg(&quadrants(320, 240), 90, &Exif::default()).unwrap(),
        );
        import(&desk);
        converting(&desk);
    }
    let _serving = desk.serve();
    converting(&desk);
    at_rest(&desk);
    assert_eq!(plays_in_browsers(&desk, &cut), (1280, 720));
    assert_eq!(left_unfinished(&desk), Vec::<PathBuf>::new());
}

/// What lies where the library keeps renditions that are being made.
fn left_unfinished(desk: &Desk) -> Vec<PathBuf> {
    let folder = desk.library().join("renditions/unfinished");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// A folder that hides ffmpeg from a program whose `PATH` begins with it: what
/// it finds there does not run.
fn hiding_ffmpeg(desk: &Desk) -> impl Fn(&mut Command) + use<> {
    let folder = desk.path().join("hiding");
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["ffmpeg", "ffprobe"] {
        let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        std::fs::write(folder.join(name), b"gone").unwrap();
    }
    move |command| {
        command.env("PATH", &folder);
    }
}

#[test]
fn without_ffmpeg_films_are_kept_and_with_it_they_appear() {
    if !have("without_ffmpeg_films_are_kept", &["ffmpeg", "ffprobe"]) {
        return;
    }
    let desk = Desk::new();
    desk.put(
        "photo.jpg",
        &jpeg(&quadrants(320, 240), 90, &Exif::default()).unwrap(),
    );
    film(&desk.photos().join("phone.mp4"), "320x240", 2.0, H264);
    film(&desk.photos().join("disc.mkv"), "640x360", 2.0, H264);
    let hide = hiding_ffmpeg(&desk);
    let photos = desk.photos();
    let mut command = desk.command(&[OsStr::new("import"), photos.as_os_str()]);
    hide(&mut command);
    let output = command.output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["imported"], 3, "{report}");
    assert_eq!(report["failed"], json!([]), "{report}");

    let photo = named(&desk, "photo.jpg");
    assert_eq!(photo["unseen"], Value::Null, "{photo}");
    for name in ["phone.mp4", "disc.mkv"] {
        let asset = named(&desk, name);
        assert_eq!(asset["kind"], "video", "{asset}");
        assert!(is_sentence(&asset["unseen"]), "{asset}");
        assert!(text(&asset["unseen"]).contains("ffmpeg"), "{asset}");
        let source = std::fs::read(desk.photos().join(name)).unwrap();
        assert_eq!(desk.bytes_of(&asset, "original"), source);
    }
    {
        let _serving = desk.serve_with(&hide);
        let said = desk.tell(&["status"]);
        let sentence = text(&said["videos"]);
        assert!(
            is_sentence(&said["videos"]) && sentence.contains("ffmpeg"),
            "{said}"
        );
        assert!(
            sentence.contains('«'),
            "it names the line that installs them: {said}"
        );
        let disc = named(&desk, "disc.mkv");
        assert_eq!(desk.refusal_of(&disc, "video")["code"], "no_ffmpeg");
        let phone = named(&desk, "phone.mp4");
        assert_eq!(
            desk.refusal_of(&phone, "thumbnail")["code"],
            "cannot_be_previewed"
        );
    }

    // ffmpeg is back: the next start shows what was kept.
    let _serving = desk.serve();
    assert_eq!(desk.tell(&["status"])["videos"], Value::Null);
    until("every film is shown", || {
        let assets = desk.assets();
        assets
            .iter()
            .all(|asset| asset["unseen"].is_null())
            .then_some(())
    });
    for (name, width, height) in [("phone.mp4", 320, 240), ("disc.mkv", 640, 360)] {
        let asset = named(&desk, name);
        assert_eq!(
            (&asset["width"], &asset["height"]),
            (&json!(width), &json!(height))
        );
        let length = asset["duration_ms"].as_u64().unwrap();
        assert!((1_900..=2_100).contains(&length), "{asset}");
        let thumbnail = image::load_from_memory(&desk.bytes_of(&asset, "thumbnail")).unwrap();
        assert!(thumbnail.width() > thumbnail.height(), "{name}");
    }
    at_rest(&desk);
    plays_in_browsers(&desk, &named(&desk, "disc.mkv"));
}
