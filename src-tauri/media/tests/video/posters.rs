//! The still picture that stands for a film.

use std::fs::File;
use std::path::Path;

use media::video::{Tools, poster};
use media::{Decoder, Input, Origin, Rendition};

use crate::Case;
use crate::films::{Films, PHONE, SILENT, WITH_SOUND, probed};
use crate::sight::{best_likeness, frames, likeness, mean, pixels};
use crate::this_program;

pub(crate) const CASES: &[Case] = &[
    (
        "a_poster_shows_what_the_film_does",
        a_poster_shows_what_the_film_does,
    ),
    ("a_poster_stands_upright", a_poster_stands_upright),
    ("a_poster_is_not_black", a_poster_is_not_black),
    (
        "a_black_film_has_a_black_poster",
        a_black_film_has_a_black_poster,
    ),
    (
        "a_film_of_one_frame_has_a_poster",
        a_film_of_one_frame_has_a_poster,
    ),
    (
        "a_large_film_has_a_small_poster",
        a_large_film_has_a_small_poster,
    ),
    (
        "bright_light_is_mapped_to_a_screen",
        bright_light_is_mapped_to_a_screen,
    ),
    (
        "two_fields_are_not_shown_as_one",
        two_fields_are_not_shown_as_one,
    ),
];

fn poster_of(tools: &Tools, film: &Path) -> Vec<u8> {
    let probed = probed(tools, film);
    let made = poster(tools, &File::open(film).unwrap(), &probed);
    made.unwrap_or_else(|error| panic!("{}: {error:?}", film.display()))
}

fn a_poster_shows_what_the_film_does(tools: &Tools) {
    let films = Films::new();
    let kinds: &[(&str, &[&str])] = &[
        ("a.mp4", PHONE),
        (
            "hevc.mp4",
            &[
                "-c:v",
                "libx265",
                "-preset",
                "ultrafast",
                "-x265-params",
                "log-level=none",
            ],
        ),
        ("prores.mov", &["-c:v", "prores_ks", "-profile:v", "0"]),
        (
            "deep.mkv",
            &[
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
                "-pix_fmt",
                "yuv422p10le",
            ],
        ),
        (
            "a.avi",
            &["-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p"],
        ),
        (
            "a.webm",
            &[
                "-c:v",
                "libvpx-vp9",
                "-deadline",
                "realtime",
                "-cpu-used",
                "8",
                "-an",
            ],
        ),
    ];
    for (name, codecs) in kinds {
        let film = films.record(name, WITH_SOUND, codecs);
        let bmp = poster_of(tools, &film);
        let seen = pixels(&bmp);
        assert_eq!(seen.dimensions(), (640, 360), "{name}");
        let alike = best_likeness(&seen, &frames(&film, (640, 360)));
        assert!(alike >= 0.95, "{name}: {alike}");

        let decoder = Decoder::new(this_program(), 1);
        let picture = decoder.picture(
            &Input::of_bytes(&bmp),
            &[Rendition::Thumbnail, Rendition::Preview],
            Origin::Owner,
        );
        assert_eq!(picture.unwrap().renditions.len(), 2, "{name}");
    }
}

fn a_poster_stands_upright(tools: &Tools) {
    let films = Films::new();
    let lying = films.record("lying.mp4", SILENT, PHONE);
    let scene = ["-i", lying.to_str().unwrap()];
    let copy = ["-c", "copy", "-metadata:s:v", "rotate=90"];
    let film = films.record("standing.mp4", &scene, &copy);
    let seen = pixels(&poster_of(tools, &film));
    assert_eq!(seen.dimensions(), (360, 640));
    // The first key frame within a tenth of the film is the very first.
    let plain = frames(&film, (360, 640));
    assert!(best_likeness(&seen, &plain) >= 0.95);
    let upside_down = image::imageops::rotate180(&seen);
    assert!(
        best_likeness(&upside_down, &plain) < 0.8,
        "the scene has an up"
    );
}

fn a_poster_is_not_black(tools: &Tools) {
    let films = Films::new();
    let scene = [
        "-f",
        "lavfi",
        "-i",
        "color=black:size=640x360:rate=30:duration=3",
        "-f",
        "lavfi",
        "-i",
        "testsrc2=size=640x360:rate=30:duration=5",
        "-filter_complex",
        "concat=n=2",
    ];
    let deep = [
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-g",
        "30",
        "-pix_fmt",
        "yuv420p10le",
    ];
    for (name, codecs) in [("late.mp4", PHONE), ("deep.mp4", &deep)] {
        let seen = pixels(&poster_of(tools, &films.record(name, &scene, codecs)));
        assert!(
            mean(&seen).iter().sum::<f64>() > 150.0,
            "{name}: {:?}",
            mean(&seen)
        );
    }
}

fn a_black_film_has_a_black_poster(tools: &Tools) {
    let films = Films::new();
    let scene = [
        "-f",
        "lavfi",
        "-i",
        "color=black:size=320x180:rate=30:duration=2",
    ];
    let seen = pixels(&poster_of(tools, &films.record("night.mp4", &scene, PHONE)));
    assert!(mean(&seen).iter().sum::<f64>() < 10.0);
}

fn a_film_of_one_frame_has_a_poster(tools: &Tools) {
    let films = Films::new();
    let once = [PHONE, &["-frames:v", "1"]].concat();
    let seen = pixels(&poster_of(tools, &films.record("once.mp4", SILENT, &once)));
    assert_eq!(seen.dimensions(), (640, 360));
}

fn a_large_film_has_a_small_poster(tools: &Tools) {
    let films = Films::new();
    let scene = [
        "-f",
        "lavfi",
        "-i",
        "testsrc2=size=3840x2160:rate=30:duration=0.2",
    ];
    let film = films.record("large.mp4", &scene, PHONE);
    let seen = pixels(&poster_of(tools, &film));
    assert_eq!(seen.dimensions(), (1440, 810));
    let alike = best_likeness(&seen, &frames(&film, (1440, 810)));
    assert!(alike >= 0.95, "{alike}");
}

/// Grey of the PQ code for 203 candela, the white of a page in HDR (Rec. ITU-R
/// BT.2408), is a dull 58 % when it is taken for an ordinary code; and so for the
/// grey card of 36 candela.
fn bright_light_is_mapped_to_a_screen(tools: &Tools) {
    let films = Films::new();
    let film = |name: &str, grey: &str, transfer: &str| {
        let scene = format!("color={grey}:size=320x180:rate=30:duration=1,format=yuv420p10le");
        let marks =
            format!("log-level=none:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc");
        let codecs = [
            "-c:v",
            "libx265",
            "-preset",
            "ultrafast",
            "-x265-params",
            &marks,
        ];
        let film = films.record(name, &["-f", "lavfi", "-i", &scene], &codecs);
        mean(&pixels(&poster_of(tools, &film)))[1]
    };
    let white = film("white.mp4", "#949494", "smpte2084");
    let grey = film("grey.mp4", "#676767", "smpte2084");
    let hybrid = film("hybrid.mp4", "#bfbfbf", "arib-std-b67");
    eprintln!("PQ white {white:.0}, PQ grey {grey:.0}, HLG white {hybrid:.0}");
    assert!(white > 215.0 && white < 245.0, "{white}");
    assert!(hybrid > 215.0 && hybrid < 245.0, "{hybrid}");
    assert!(grey > 100.0 && grey < 140.0, "{grey}");
}

fn two_fields_are_not_shown_as_one(tools: &Tools) {
    let films = Films::new();
    // A bar that moves so fast that two fields show it in two places.
    let scene = [
        "-f",
        "lavfi",
        "-i",
        "color=gray:size=640x360:rate=50:duration=2",
        "-f",
        "lavfi",
        "-i",
        "color=white:size=60x360:rate=50:duration=2",
        "-filter_complex",
        "overlay=x='mod(n*37\\,580)',interlace=scan=tff",
    ];
    let codecs = [
        "-c:v",
        "libx264",
        "-flags",
        "+ilme+ildct",
        "-x264-params",
        "tff=1",
        "-g",
        "5",
    ];
    let film = films.record("fields.mkv", &scene, &codecs);
    assert!(probed(tools, &film).video.interlaced);
    let seen = pixels(&poster_of(tools, &film));
    // Moved down by one line, a picture without a comb is nearly the same.
    let below = image::imageops::crop_imm(&seen, 0, 1, 640, 352).to_image();
    let above = image::imageops::crop_imm(&seen, 0, 0, 640, 352).to_image();
    assert!(
        likeness(&above, &below) > 0.97,
        "{}",
        likeness(&above, &below)
    );
}
