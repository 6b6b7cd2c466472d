//! What is known of films of our own.

use std::time::{Duration, Instant};

use media::Format;
use media::video::{Tools, is_playable};

use crate::Case;
use crate::films::{Films, PHONE, SILENT, WITH_SOUND, probed};
use crate::this_program;

pub(crate) const CASES: &[Case] = &[
    (
        "codecs_and_lengths_of_every_container_are_known",
        codecs_and_lengths_of_every_container_are_known,
    ),
    (
        "films_of_upright_phones_stand",
        films_of_upright_phones_stand,
    ),
    (
        "stretched_pixels_are_made_square",
        stretched_pixels_are_made_square,
    ),
    (
        "tags_of_every_container_are_read",
        tags_of_every_container_are_read,
    ),
    ("cover_art_is_no_film", cover_art_is_no_film),
    (
        "the_programs_are_looked_for_once",
        the_programs_are_looked_for_once,
    ),
];

/// A file's name and how it is made; its container, its codecs, and whether
/// browsers play it as it is.
type Made = (
    &'static str,
    &'static [&'static str],
    Format,
    &'static str,
    Option<&'static str>,
    bool,
);

const KINDS: &[Made] = &[
    ("a.mp4", PHONE, Format::Mp4, "h264", Some("aac"), true),
    ("a.mov", PHONE, Format::Mov, "h264", Some("aac"), false),
    ("a.mkv", PHONE, Format::Mkv, "h264", Some("aac"), false),
    (
        "hevc.mp4",
        &[
            "-c:v",
            "libx265",
            "-preset",
            "ultrafast",
            "-x265-params",
            "log-level=none",
            "-c:a",
            "aac",
        ],
        Format::Mp4,
        "hevc",
        Some("aac"),
        false,
    ),
    (
        "deep.mp4",
        &[
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-pix_fmt",
            "yuv420p10le",
            "-c:a",
            "aac",
        ],
        Format::Mp4,
        "h264",
        Some("aac"),
        false,
    ),
    (
        "prores.mov",
        &["-c:v", "prores_ks", "-profile:v", "0", "-c:a", "pcm_s16le"],
        Format::Mov,
        "prores",
        Some("pcm_s16le"),
        false,
    ),
    (
        "mjpeg.avi",
        &["-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "pcm_u8"],
        Format::Avi,
        "mjpeg",
        Some("pcm_u8"),
        false,
    ),
    (
        "divx.avi",
        &["-c:v", "mpeg4", "-c:a", "libmp3lame"],
        Format::Avi,
        "mpeg4",
        Some("mp3"),
        false,
    ),
    (
        "old.3gp",
        &["-c:v", "h263", "-s", "352x288", "-an"],
        Format::ThreeGp,
        "h263",
        None,
        false,
    ),
    (
        "vp8.webm",
        &[
            "-c:v",
            "libvpx",
            "-deadline",
            "realtime",
            "-c:a",
            "libvorbis",
        ],
        Format::WebM,
        "vp8",
        Some("vorbis"),
        true,
    ),
    (
        "vp9.webm",
        &[
            "-c:v",
            "libvpx-vp9",
            "-deadline",
            "realtime",
            "-cpu-used",
            "8",
            "-c:a",
            "libopus",
        ],
        Format::WebM,
        "vp9",
        Some("opus"),
        true,
    ),
];

fn codecs_and_lengths_of_every_container_are_known(tools: &Tools) {
    let films = Films::new();
    for (name, codecs, format, video, audio, plays) in KINDS {
        let film = probed(tools, &films.record(name, WITH_SOUND, codecs));
        assert_eq!(film.format, *format, "{name}");
        assert_eq!(film.video.codec, *video, "{name}");
        let heard = film.audio.as_ref().map(|audio| audio.codec.as_str());
        assert_eq!(heard, *audio, "{name}");
        // H.263 has few sizes, so its pixels are stretched.
        let size = if *video == "h263" {
            (512, 288)
        } else {
            (640, 360)
        };
        assert_eq!((film.width, film.height), size, "{name}");
        let length = film.duration_ms.unwrap();
        assert!(length.abs_diff(3000) <= 100, "{name}: {length} ms");
        assert_eq!(is_playable(&film), *plays, "{name}");
        let facts = film.facts();
        assert_eq!((facts.format, facts.duration_ms), (*format, Some(length)));
    }
}

fn films_of_upright_phones_stand(tools: &Tools) {
    let films = Films::new();
    let lying = films.record("lying.mp4", SILENT, PHONE);
    for (angle, stands) in [("90", true), ("180", false), ("270", true)] {
        let copy = ["-c", "copy", "-metadata:s:v", &format!("rotate={angle}")];
        let scene = ["-i", lying.to_str().unwrap()];
        let film = probed(tools, &films.record(&format!("{angle}.mp4"), &scene, &copy));
        let size = if stands { (360, 640) } else { (640, 360) };
        assert_eq!((film.width, film.height), size, "{angle}");
        assert!(is_playable(&film), "browsers turn it themselves");
    }
}

fn stretched_pixels_are_made_square(tools: &Tools) {
    let films = Films::new();
    let wide = [PHONE, &["-vf", "scale=480:360,setsar=4/3"]].concat();
    let film = probed(tools, &films.record("wide.mkv", SILENT, &wide));
    assert_eq!((film.width, film.height), (640, 360));
    assert!(!film.video.square);
}

fn tags_of_every_container_are_read(tools: &Tools) {
    let films = Films::new();
    let tags = [
        "-metadata",
        "title=Summer",
        "-metadata",
        "creation_time=2021-06-01T10:00:00Z",
    ];
    for name in ["a.mkv", "a.mp4", "a.mov"] {
        let film = films.record(name, SILENT, &[PHONE, &tags].concat());
        let said = probed(tools, &film).metadata;
        assert_eq!(said.title.as_deref(), Some("Summer"), "{name}");
        let taken = said.taken.unwrap();
        assert_eq!(taken.local_ms, 1_622_541_600_000, "{name}");
        assert_eq!(taken.offset_minutes, Some(0), "{name}");
    }
}

fn cover_art_is_no_film(tools: &Tools) {
    let films = Films::new();
    let cover = films.record("cover.png", SILENT, &["-frames:v", "1"]);
    let film = films.record("film.mp4", WITH_SOUND, PHONE);
    let (film, cover) = (film.to_str().unwrap(), cover.to_str().unwrap());
    let both = ["-i", cover, "-i", film];
    let dressed = [
        "-map",
        "0",
        "-map",
        "1",
        "-c",
        "copy",
        "-disposition:v:0",
        "attached_pic",
    ];
    let dressed = films.record("dressed.mp4", &both, &dressed);
    assert_eq!(probed(tools, &dressed).video.codec, "h264");
}

fn the_programs_are_looked_for_once(tools: &Tools) {
    let begun = Instant::now();
    for _ in 0..100 {
        assert_eq!(Tools::find(&this_program()).unwrap(), *tools);
    }
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
}
