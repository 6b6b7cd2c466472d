//! Real photos beside the repository, when they are there: facts against
//! ExifTool's, and damaged files that must neither crash nor hang.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::ALL;
use crate::metadata::taken::read_taken;
use crate::picture::develop;
use crate::{Facts, MediaError, TakenFrom};

pub(super) fn fixtures(test: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: {test} needs the folder of fixtures beside the repository");
    None
}

pub(super) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// How often each field agreed, and where it did not.
#[derive(Default)]
struct Tally(BTreeMap<&'static str, (u32, Vec<String>)>);

impl Tally {
    fn compare(
        &mut self,
        field: &'static str,
        file: &str,
        ours: Option<f64>,
        theirs: Option<f64>,
        slack: f64,
    ) {
        let agree = match (ours, theirs) {
            (Some(ours), Some(theirs)) => (ours - theirs).abs() <= slack * theirs.abs().max(1.0),
            (ours, theirs) => ours.is_none() && theirs.is_none(),
        };
        self.count(
            field,
            agree,
            format!("{file}: {ours:?}, ExifTool {theirs:?}"),
        );
    }

    fn count(&mut self, field: &'static str, agree: bool, story: String) {
        let entry = self.0.entry(field).or_default();
        if agree {
            entry.0 += 1;
        } else {
            entry.1.push(story);
        }
    }
}

#[test]
fn facts_agree_with_exiftool() {
    let Some(folder) = fixtures("facts_agree_with_exiftool") else {
        return;
    };
    let expected = std::fs::read_to_string(folder.join("EXPECTED.exiftool.json")).unwrap();
    let expected: Vec<Value> = serde_json::from_str(&expected).unwrap();
    let mut tally = Tally::default();
    for entry in &expected {
        let file = entry["SourceFile"]
            .as_str()
            .unwrap()
            .trim_start_matches("./");
        let wanted = ["photos/", "orientation/", "exif/"];
        if !wanted.iter().any(|folder| file.starts_with(folder)) {
            continue;
        }
        let bytes = std::fs::read(folder.join(file)).unwrap();
        let picture = develop(&bytes, &ALL).unwrap_or_else(|error| panic!("{file}: {error}"));
        compare(&mut tally, file, &picture.facts, entry);
    }
    for (field, (agree, stories)) in &tally.0 {
        eprintln!("{field}: {agree} agree, {} do not", stories.len());
        for story in stories {
            eprintln!("    {story}");
        }
    }
    for (field, (_, stories)) in &tally.0 {
        let accepted = accepted_disagreements(field);
        assert!(stories.len() <= accepted, "{field}: {stories:#?}");
    }
}

/// Disagreements that are understood, by field. All come from what ExifTool
/// reads beside EXIF: maker notes (the ISO of old Canons and a Casio; the exact
/// aperture and time of a Kodak DC240, whose ISO 65535 is no ISO), Olympus's
/// APP12 segment (D-320L), Canon's CIFF (PowerShot A5), and Reconyx's notes.
fn accepted_disagreements(field: &str) -> usize {
    match field {
        "exposure" | "f-number" => 2,
        "focal length" | "make" | "model" => 1,
        "iso" => 6,
        "taken" => 3,
        _ => 0,
    }
}

fn compare(tally: &mut Tally, file: &str, ours: &Facts, theirs: &Value) {
    let number = |key: &str| theirs[key].as_f64();
    let text = |key: &str| theirs[key].as_str().map(str::to_owned);
    let turned = (5.0..=8.0).contains(&number("Orientation").unwrap_or(1.0));
    let (width, height) = if turned {
        ("ImageHeight", "ImageWidth")
    } else {
        ("ImageWidth", "ImageHeight")
    };
    tally.compare("width", file, Some(ours.width.into()), number(width), 0.0);
    tally.compare(
        "height",
        file,
        Some(ours.height.into()),
        number(height),
        0.0,
    );
    tally.compare(
        "f-number",
        file,
        ours.metadata.f_number,
        number("FNumber"),
        1e-6,
    );
    tally.compare(
        "exposure",
        file,
        ours.metadata.exposure_time,
        number("ExposureTime"),
        1e-6,
    );
    tally.compare(
        "focal length",
        file,
        ours.metadata.focal_length,
        number("FocalLength"),
        1e-6,
    );
    tally.compare(
        "iso",
        file,
        ours.metadata.iso.map(f64::from),
        number("ISO"),
        0.0,
    );
    let place = ours.metadata.place;
    let latitude = place.map(|place| place.latitude);
    let longitude = place.map(|place| place.longitude);
    let altitude = place.and_then(|place| place.altitude);
    tally.compare("latitude", file, latitude, number("GPSLatitude"), 1e-6);
    tally.compare("longitude", file, longitude, number("GPSLongitude"), 1e-6);
    tally.compare("altitude", file, altitude, number("GPSAltitude"), 1e-6);

    let moment = text("DateTimeOriginal").or_else(|| text("CreateDate"));
    let seconds = |ms: i64| ms.div_euclid(1000) as f64;
    let theirs_taken = moment.and_then(|moment| read_taken(&moment, None, None, TakenFrom::Exif));
    tally.compare(
        "taken",
        file,
        ours.metadata.taken.map(|taken| seconds(taken.local_ms)),
        theirs_taken.map(|taken| seconds(taken.local_ms)),
        0.0,
    );
    for (field, ours, key) in [
        ("make", &ours.metadata.camera_make, "Make"),
        ("model", &ours.metadata.camera_model, "Model"),
        ("lens", &ours.metadata.lens, "LensModel"),
    ] {
        let theirs = text(key);
        let story = format!("{file}: {ours:?}, ExifTool {theirs:?}");
        tally.count(field, *ours == theirs, story);
    }
}

#[test]
fn damaged_files_cost_at_most_themselves() {
    let Some(folder) = fixtures("damaged_files_cost_at_most_themselves") else {
        return;
    };
    let mut outcomes: BTreeMap<&'static str, u32> = BTreeMap::new();
    for file in files_below(&folder.join("damaged")) {
        let bytes = std::fs::read(&file).unwrap();
        let outcome = match develop(&bytes, &ALL) {
            Ok(_) => "shown",
            Err(error) => error.code(),
        };
        *outcomes.entry(outcome).or_default() += 1;
    }
    eprintln!("{outcomes:?}");
    assert!(outcomes.values().sum::<u32>() > 0);
}

#[test]
fn what_other_decoders_show_is_shown_or_named() {
    let Some(folder) = fixtures("what_other_decoders_show_is_shown_or_named") else {
        return;
    };
    let expected = std::fs::read_to_string(folder.join("DECODERS.json")).unwrap();
    let expected: BTreeMap<String, Value> = serde_json::from_str(&expected).unwrap();
    let mut refused = Vec::new();
    let mut shown = 0;
    for (file, others) in &expected {
        let Ok(bytes) = std::fs::read(folder.join(file)) else {
            continue;
        };
        let valid = others["pillow"] == true && others["vips"] == true;
        match develop(&bytes, &ALL) {
            Ok(_) => shown += 1,
            Err(MediaError::NotYet(_) | MediaError::NotAPicture) => {}
            Err(error) if valid => refused.push(format!("{file}: {error}")),
            Err(_) => {}
        }
    }
    eprintln!("{shown} of {} shown", expected.len());
    assert!(refused.is_empty(), "{refused:#?}");
}
