//! Real films beside the repository, when they are there: lengths and sizes
//! against ExifTool's, and damaged ones that must neither crash nor hang.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use media::video::{Tools, is_playable, playable, poster, probe};
use media::{Format, Kind, MediaError};
use serde_json::Value;

use crate::Case;
use crate::films::{Films, format_of, probed, try_probe};
use crate::renditions::verify;
use crate::sight::{best_likeness, frames, pixels};

pub(crate) const CASES: &[Case] = &[
    (
        "sizes_and_lengths_agree_with_exiftool",
        sizes_and_lengths_agree_with_exiftool,
    ),
    (
        "real_films_have_posters_and_renditions",
        real_films_have_posters_and_renditions,
    ),
    (
        "damaged_films_cost_at_most_themselves",
        damaged_films_cost_at_most_themselves,
    ),
    (
        "mutated_films_cost_at_most_themselves",
        mutated_films_cost_at_most_themselves,
    ),
];

fn fixtures(case: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: {case} needs the folder of fixtures beside the repository");
    None
}

/// The films that are whole, below `folder`.
fn films(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for below in ["video", "motion-live"] {
        for entry in std::fs::read_dir(folder.join(below)).unwrap().flatten() {
            let format = format_of(&entry.path());
            if format.is_some_and(|format| format.kind() == Kind::Video) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    assert!(found.len() >= 10, "{found:?}");
    found
}

fn expected(folder: &Path) -> BTreeMap<PathBuf, Value> {
    let text = std::fs::read_to_string(folder.join("EXPECTED.exiftool.json")).unwrap();
    let all: Vec<Value> = serde_json::from_str(&text).unwrap();
    let name = |entry: &Value| {
        entry["SourceFile"]
            .as_str()
            .unwrap()
            .trim_start_matches("./")
            .to_owned()
    };
    all.into_iter()
        .map(|entry| (folder.join(name(&entry)), entry))
        .collect()
}

/// ExifTool writes seconds, or Matroska's `00:00:30.543000000`.
fn seconds(duration: &Value) -> f64 {
    let text = duration.to_string();
    let parts = text.trim_matches('"').split(':');
    parts.fold(0.0, |sum, part| sum * 60.0 + part.parse::<f64>().unwrap())
}

fn sizes_and_lengths_agree_with_exiftool(tools: &Tools) {
    let Some(folder) = fixtures("sizes_and_lengths_agree_with_exiftool") else {
        return;
    };
    let expected = expected(&folder);
    for film in films(&folder) {
        let Some(theirs) = expected.get(&film) else {
            panic!("{} is not described", film.display());
        };
        let ours = probed(tools, &film);
        let name = film.file_name().unwrap().to_str().unwrap();
        let length = ours.duration_ms.unwrap() as f64 / 1000.0;
        assert!(
            (length - seconds(&theirs["Duration"])).abs() <= 0.1,
            "{name}: {length}"
        );
        let side = |key: &str| u32::try_from(theirs[key].as_u64().unwrap()).unwrap();
        let mut size = (side("ImageWidth"), side("ImageHeight"));
        if theirs["Rotation"]
            .as_i64()
            .is_some_and(|angle| angle % 180 != 0)
        {
            size = (size.1, size.0);
        }
        assert_eq!((ours.width, ours.height), size, "{name}");
        assert_eq!(
            ours.metadata.camera_model.as_deref(),
            theirs["Model"].as_str(),
            "{name}"
        );
        let place = ours.metadata.place;
        for (ours, theirs) in [
            (
                place.map(|place| place.latitude),
                theirs["GPSLatitude"].as_f64(),
            ),
            (
                place.map(|place| place.longitude),
                theirs["GPSLongitude"].as_f64(),
            ),
        ] {
            assert_eq!(ours.is_some(), theirs.is_some(), "{name}");
            assert!(
                (ours.unwrap_or(0.0) - theirs.unwrap_or(0.0)).abs() < 1e-5,
                "{name}"
            );
        }
        eprintln!(
            "{name}: {:?}x{:?} {length} s, plays {}",
            ours.width,
            ours.height,
            is_playable(&ours)
        );
    }
}

fn real_films_have_posters_and_renditions(tools: &Tools) {
    let Some(folder) = fixtures("real_films_have_posters_and_renditions") else {
        return;
    };
    let made = Films::new();
    for film in films(&folder) {
        let name = film.file_name().unwrap().to_str().unwrap();
        let (known, input) = (probed(tools, &film), File::open(&film).unwrap());
        let plain = frames(&film, (known.width, known.height));
        if plain.is_empty() {
            // Its pictures were cut away to make a small fixture.
            let refused = poster(tools, &input, &known);
            assert!(matches!(refused, Err(MediaError::Damaged(_))), "{name}");
            eprintln!("{name}: no pictures, and an error");
            continue;
        }
        let seen = pixels(&poster(tools, &input, &known).unwrap());
        let alike = best_likeness(&seen, &frames(&film, seen.dimensions()));
        assert!(alike >= 0.95, "{name}: {alike}");
        let output = made.path(name);
        let begun = Instant::now();
        playable(tools, &input, &known, &output, |_| true)
            .unwrap_or_else(|error| panic!("{name}: {error:?}"));
        verify(&output);
        eprintln!(
            "{name}: poster {alike:.3}, rendition in {:.1?}",
            begun.elapsed()
        );
    }
}

fn damaged_films_cost_at_most_themselves(tools: &Tools) {
    let Some(folder) = fixtures("damaged_films_cost_at_most_themselves") else {
        return;
    };
    let mut tried = 0;
    for entry in std::fs::read_dir(folder.join("damaged")).unwrap().flatten() {
        if !entry.path().is_file() {
            continue;
        }
        // Those that are no film by their first bytes are given as one all the same.
        let sniffed = format_of(&entry.path()).filter(|format| format.kind() == Kind::Video);
        for format in sniffed.map_or_else(
            || vec![Format::Mp4, Format::Mkv, Format::Avi],
            |one| vec![one],
        ) {
            let begun = Instant::now();
            let outcome = probe(tools, &File::open(entry.path()).unwrap(), format);
            assert!(outcome.is_err(), "{}: {outcome:?}", entry.path().display());
            assert!(begun.elapsed() < Duration::from_secs(31));
            tried += 1;
        }
    }
    eprintln!("{tried} damaged files refused");
    assert!(tried > 0);
}

/// Films cut off and with bytes changed: an answer or an error, in time, and
/// nothing left behind.
fn mutated_films_cost_at_most_themselves(tools: &Tools) {
    let Some(folder) = fixtures("mutated_films_cost_at_most_themselves") else {
        return;
    };
    let made = Films::new();
    let (mut shown, mut refused) = (0, 0);
    let mut state = 0x2545_f491_u32;
    for name in ["video.mp4", "meta.mov", "webm_480.webm", "mkv_640x360.mkv"] {
        let whole = std::fs::read(folder.join("video").join(name)).unwrap();
        for round in 0..6 {
            let mut bytes = whole.clone();
            for _ in 0..40 {
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                // Most of them in the headers, at either end.
                let reach = if state & 1 == 0 { 4096 } else { bytes.len() };
                let at = state as usize % reach.min(bytes.len());
                bytes[at] = state.to_le_bytes()[3];
            }
            if round % 2 == 1 {
                bytes.truncate(bytes.len() * (round + 1) / 8);
            }
            let path = made.path("mutated");
            std::fs::write(&path, &bytes).unwrap();
            let begun = Instant::now();
            let outcome = try_probe(tools, &path).and_then(|known| {
                let input = File::open(&path).unwrap();
                poster(tools, &input, &known)?;
                playable(tools, &input, &known, &made.path("rendition"), |_| true)
            });
            match outcome {
                Ok(()) => {
                    shown += 1;
                    std::fs::remove_file(made.path("rendition")).unwrap();
                }
                Err(_) => {
                    refused += 1;
                    assert!(!made.path("rendition").exists());
                }
            }
            assert!(begun.elapsed() < Duration::from_secs(90), "{name} {round}");
        }
    }
    eprintln!("{shown} shown, {refused} refused");
    assert!(refused > 0);
}
