//! What browsers get to play.

use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use media::MediaError;
use media::video::{Tools, is_playable, playable};
use serde_json::Value;

use crate::Case;
use crate::films::{Films, PHONE, SILENT, WITH_SOUND, probed};
use crate::sight::{best_likeness, frames};

pub(crate) const CASES: &[Case] = &[
    (
        "what_browsers_cannot_play_is_converted",
        what_browsers_cannot_play_is_converted,
    ),
    (
        "what_fits_is_not_encoded_again",
        what_fits_is_not_encoded_again,
    ),
    ("a_large_film_is_made_to_fit", a_large_film_is_made_to_fit),
    (
        "a_converted_film_stands_upright",
        a_converted_film_stands_upright,
    ),
    (
        "nothing_of_the_camera_is_left",
        nothing_of_the_camera_is_left,
    ),
    ("a_film_can_be_stopped", a_film_can_be_stopped),
    ("a_file_that_is_there_stays", a_file_that_is_there_stays),
];

const HEVC: &[&str] = &[
    "-c:v",
    "libx265",
    "-preset",
    "ultrafast",
    "-pix_fmt",
    "yuv420p10le",
    "-x265-params",
    "log-level=none",
    "-c:a",
    "aac",
];

#[track_caller]
fn make(tools: &Tools, film: &Path, output: &Path) -> Value {
    let known = probed(tools, film);
    let mut told = Vec::new();
    playable(tools, &File::open(film).unwrap(), &known, output, |done| {
        told.push(done);
        true
    })
    .unwrap_or_else(|error| panic!("{}: {error:?}", film.display()));
    assert!(
        told.is_sorted() && told.iter().all(|done| (0.0..=1.0).contains(done)),
        "{told:?}"
    );
    let said = verify(output);
    let made = probed(tools, output);
    assert!(is_playable(&made), "{made:?}");
    let lengths = (made.duration_ms.unwrap(), known.duration_ms.unwrap());
    assert!(
        lengths.0.abs_diff(lengths.1) <= 150,
        "{}: {lengths:?}",
        film.display()
    );
    said
}

/// Asserts what every rendition is, as a plain `ffprobe` sees it.
#[track_caller]
pub(crate) fn verify(rendition: &Path) -> Value {
    let mut command = Command::new("ffprobe");
    command.args([
        "-v",
        "error",
        "-print_format",
        "json",
        "-show_format",
        "-show_streams",
    ]);
    let said = command.arg(rendition).output().unwrap().stdout;
    let said: Value = serde_json::from_slice(&said).unwrap();
    let streams = said["streams"].as_array().unwrap();
    assert!(streams.len() <= 2, "{said}");
    assert_eq!(streams[0]["codec_name"], "h264");
    let layout = streams[0]["pix_fmt"].as_str().unwrap();
    assert!(matches!(layout, "yuv420p" | "yuvj420p"), "{layout}");
    let size = ["width", "height"].map(|side| streams[0][side].as_u64().unwrap());
    assert!(
        size.iter().max() <= Some(&1920) && size.iter().min() <= Some(&1080),
        "{size:?}"
    );
    if let Some(sound) = streams.get(1) {
        assert!(
            sound["codec_name"] == "aac" || sound["codec_name"] == "mp3",
            "{sound}"
        );
    }
    let structural = [
        "major_brand",
        "minor_version",
        "compatible_brands",
        "language",
        "handler_name",
        "vendor_id",
    ];
    for tags in streams
        .iter()
        .map(|stream| &stream["tags"])
        .chain([&said["format"]["tags"]])
    {
        for (name, value) in tags.as_object().into_iter().flatten() {
            let ours = name == "encoder" && value == "Lavc libx264";
            assert!(
                structural.contains(&name.as_str()) || ours,
                "{name}: {value}"
            );
        }
    }
    let bytes = std::fs::read(rendition).unwrap();
    let at = |kind: &[u8]| bytes.windows(4).position(|four| four == kind).unwrap();
    assert!(at(b"moov") < at(b"mdat"), "it does not start at once");
    said
}

fn what_browsers_cannot_play_is_converted(tools: &Tools) {
    let films = Films::new();
    let kinds: &[(&str, &[&str])] = &[
        ("hevc.mp4", HEVC),
        (
            "prores.mov",
            &["-c:v", "prores_ks", "-profile:v", "0", "-c:a", "pcm_s16le"],
        ),
        (
            "deep.mkv",
            &[
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
                "-pix_fmt",
                "yuv420p10le",
                "-c:a",
                "ac3",
            ],
        ),
        (
            "mjpeg.avi",
            &["-c:v", "mjpeg", "-pix_fmt", "yuvj422p", "-c:a", "pcm_u8"],
        ),
        ("old.3gp", &["-c:v", "h263", "-s", "352x288", "-an"]),
        (
            "h264.avi",
            &[
                "-c:v",
                "libx264",
                "-preset",
                "fast",
                "-bf",
                "3",
                "-c:a",
                "libmp3lame",
            ],
        ),
        (
            "odd.mkv",
            &[
                "-vf",
                "scale=321:241",
                "-pix_fmt",
                "yuv444p",
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
                "-an",
            ],
        ),
    ];
    for (name, codecs) in kinds {
        let film = films.record(name, WITH_SOUND, codecs);
        let output = films.path(&format!("{name}.made"));
        make(tools, &film, &output);
        let made = probed(tools, &output);
        let size = (made.width, made.height);
        let (seen, wanted) = (frames(&output, size), frames(&film, size));
        let alike = best_likeness(&seen[0], &wanted);
        assert!(alike >= 0.9, "{name}: {alike}");
    }
}

fn what_fits_is_not_encoded_again(tools: &Tools) {
    let films = Films::new();
    let tall = films.record("tall.mov", SILENT, PHONE);
    let copy = ["-c", "copy", "-metadata:s:v", "rotate=90"];
    let turned = films.record("turned.mov", &["-i", tall.to_str().unwrap()], &copy);
    let with_pcm = [&PHONE[..PHONE.len() - 2], &["-c:a", "pcm_s16le"]].concat();
    let kinds = [
        films.record("a.mov", WITH_SOUND, PHONE),
        films.record("a.mkv", WITH_SOUND, PHONE),
        films.record("a.3gp", SILENT, PHONE),
        films.record("pcm.mov", WITH_SOUND, &with_pcm),
        turned,
    ];
    for film in kinds {
        let output = film.with_extension("made");
        make(tools, &film, &output);
        // The very same pictures, decoded.
        assert_eq!(
            picture_sum(&film),
            picture_sum(&output),
            "{}",
            film.display()
        );
        let (before, after) = (probed(tools, &film), probed(tools, &output));
        assert_eq!((after.width, after.height), (before.width, before.height));
        std::fs::remove_file(&output).unwrap();
    }
}

/// A hash of all decoded pictures, as they are stored.
fn picture_sum(film: &Path) -> String {
    let mut command = Command::new("ffmpeg");
    command
        .args(["-nostdin", "-v", "error", "-noautorotate", "-i"])
        .arg(film);
    command.args(["-map", "0:v:0", "-vsync", "passthrough", "-f", "md5", "-"]);
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

fn a_large_film_is_made_to_fit(tools: &Tools) {
    let films = Films::new();
    for (size, expected) in [("3840x2160", (1920, 1080)), ("1600x3000", (1024, 1920))] {
        let scene = format!("testsrc2=size={size}:rate=30:duration=0.3");
        let name = format!("{size}.mov");
        let film = films.record(&name, &["-f", "lavfi", "-i", &scene], PHONE);
        let output = film.with_extension("made");
        make(tools, &film, &output);
        let made = probed(tools, &output);
        assert_eq!((made.width, made.height), expected);
    }
}

fn a_converted_film_stands_upright(tools: &Tools) {
    let films = Films::new();
    let lying = films.record("lying.mp4", SILENT, HEVC);
    let copy = ["-c", "copy", "-metadata:s:v", "rotate=90"];
    let film = films.record("standing.mp4", &["-i", lying.to_str().unwrap()], &copy);
    let output = films.path("made.mp4");
    let said = make(tools, &film, &output);
    let stored = ["width", "height"].map(|side| said["streams"][0][side].as_u64());
    assert_eq!(
        stored,
        [Some(360), Some(640)],
        "pixels themselves are upright"
    );
    assert_eq!(said["streams"][0]["side_data_list"], Value::Null);
    let alike = best_likeness(&frames(&output, (360, 640))[0], &frames(&film, (360, 640)));
    assert!(alike >= 0.9, "{alike}");
}

fn nothing_of_the_camera_is_left(tools: &Tools) {
    let films = Films::new();
    let tags = [
        "-metadata",
        "title=SEEDtitle",
        "-metadata",
        "location=+52.2097-000.8955/",
        "-metadata",
        "creation_time=2021-06-01T10:00:00Z",
        "-metadata",
        "artist=SEEDartist",
        "-metadata:s:v",
        "handler_name=SEEDhandler",
        "-metadata:s:a",
        "title=SEEDsound",
        "-metadata:s:v",
        "creation_time=2021-06-01T10:00:00Z",
        "-movflags",
        "use_metadata_tags",
        // A note among the pictures themselves, as some camcorders leave it.
        "-bsf:v",
        "h264_metadata=sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+SEEDnote",
    ];
    let remuxed = films.record("a.mov", WITH_SOUND, &[PHONE, &tags].concat());
    let converted = films.record("b.mkv", WITH_SOUND, &[HEVC, &tags[..14]].concat());
    let seeded = |path: &Path| {
        let bytes = std::fs::read(path).unwrap();
        bytes
            .windows(4)
            .any(|four| four == b"SEED" || four == b"52.2")
    };
    for film in [remuxed, converted] {
        assert!(seeded(&film), "the camera has written them");
        let output = film.with_extension("made");
        make(tools, &film, &output);
        assert!(!seeded(&output), "{}", film.display());
        let bytes = std::fs::read(&output).unwrap();
        let header = bytes.windows(4).position(|four| four == b"mvhd").unwrap();
        assert_eq!(bytes[header + 8..header + 16], [0; 8], "no time of making");
    }
}

fn a_film_can_be_stopped(tools: &Tools) {
    let films = Films::new();
    let scene = [
        "-f",
        "lavfi",
        "-i",
        "testsrc2=size=1920x1080:rate=30:duration=20",
    ];
    let film = films.record("long.mkv", &scene, &["-c:v", "mjpeg", "-q:v", "8"]);
    let output = films.path("made.mp4");
    let known = probed(tools, &film);
    let begun = Instant::now();
    let mut asked = 0;
    let made = playable(tools, &File::open(&film).unwrap(), &known, &output, |_| {
        asked += 1;
        asked < 3
    });
    assert!(matches!(made, Err(MediaError::Cancelled)), "{made:?}");
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    assert!(!output.exists());
}

fn a_file_that_is_there_stays(tools: &Tools) {
    let films = Films::new();
    let film = films.record("a.mov", SILENT, PHONE);
    let output = films.path("precious");
    std::fs::write(&output, "precious").unwrap();
    let known = probed(tools, &film);
    let made = playable(tools, &File::open(&film).unwrap(), &known, &output, |_| {
        true
    });
    assert!(matches!(made, Err(MediaError::Io(_))), "{made:?}");
    assert_eq!(std::fs::read(&output).unwrap(), b"precious");
}
