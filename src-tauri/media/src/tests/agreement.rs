//! What is read of real files, field by field, against what ExifTool reads.
//!
//! Every picture, video and sidecar of the fixtures is compared; a disagreement
//! passes only when `accepted.rs` names it, with its reason.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use serde_json::Value;

use super::accepted::{ACCEPTED, Reason};
use super::develop;
use super::fixtures::fixtures;
use crate::metadata::read;
use crate::metadata::taken::read_iso;
use crate::{Format, Kind, Metadata, Sniff, Taken, TakenFrom, read_video, sidecar, sniff};

/// What we say of a file; sizes only where this crate knows them.
#[derive(Default)]
struct Said {
    metadata: Metadata,
    size: Option<(u32, u32)>,
    duration: Option<f64>,
}

/// Agreements by field, and the disagreements by file.
#[derive(Default)]
struct Table(BTreeMap<&'static str, Row>);

#[derive(Default)]
struct Row {
    agree: u32,
    disagree: Vec<Disagreement>,
}

struct Disagreement {
    file: String,
    story: String,
}

impl Table {
    fn enter(&mut self, field: &'static str, file: &str, agree: bool, story: String) {
        let row = self.0.entry(field).or_default();
        match agree {
            true => row.agree += 1,
            false => row.disagree.push(Disagreement {
                file: file.to_owned(),
                story,
            }),
        }
    }

    fn numbers(
        &mut self,
        field: &'static str,
        file: &str,
        (ours, theirs): (Option<f64>, Option<f64>),
        near: impl Fn(f64, f64) -> bool,
    ) {
        let agree = match (ours, theirs) {
            (Some(ours), Some(theirs)) => near(ours, theirs),
            (ours, theirs) => ours.is_none() && theirs.is_none(),
        };
        self.enter(field, file, agree, format!("{ours:?}, ExifTool {theirs:?}"));
    }

    fn texts(
        &mut self,
        field: &'static str,
        file: &str,
        ours: &Option<String>,
        theirs: Option<String>,
    ) {
        let theirs = theirs
            .map(|text| one_line(&text))
            .filter(|text| !text.is_empty());
        let agree = ours.as_deref().map(one_line) == theirs;
        self.enter(field, file, agree, format!("{ours:?}, ExifTool {theirs:?}"));
    }
}

fn one_line(text: &str) -> String {
    text.split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn metadata_agrees_with_exiftool() {
    let Some(folder) = fixtures("metadata_agrees_with_exiftool") else {
        return;
    };
    let expected = std::fs::read_to_string(folder.join("EXPECTED.exiftool.json")).unwrap();
    let expected: Vec<Value> = serde_json::from_str(&expected).unwrap();
    let mut table = Table::default();
    let mut compared = 0;
    for entry in &expected {
        let file = entry["SourceFile"]
            .as_str()
            .unwrap()
            .trim_start_matches("./");
        let path = folder.join(file);
        if !path.is_file() {
            eprintln!("skipped: {file} is not there");
            continue;
        }
        if let Some(said) = said(&path) {
            compare(&mut table, file, &said, entry);
            compared += 1;
        }
    }
    eprintln!("{compared} files\nfield          agree disagree");
    for (field, row) in &table.0 {
        eprintln!("{field:<14} {:>5} {:>8}", row.agree, row.disagree.len());
    }
    let reason = |field: &str, file: &str| -> Option<Reason> {
        let mut accepted = ACCEPTED.iter();
        let found = accepted.find(|(name, what, _)| *name == file && *what == field);
        found.map(|(_, _, reason)| *reason)
    };
    let mut unexplained = Vec::new();
    for (field, row) in &table.0 {
        for Disagreement { file, story } in &row.disagree {
            match reason(field, file) {
                Some(reason) => eprintln!("{field}: {file}: {story} ({reason:?})"),
                None => unexplained.push(format!("{field}: {file}: {story}")),
            }
        }
    }
    assert!(compared > 200, "only {compared} files were compared");
    assert!(unexplained.is_empty(), "{unexplained:#?}");
    let mut stale = ACCEPTED.to_vec();
    stale.retain(|(file, field, _)| {
        let row = table.0.get(field);
        !row.is_some_and(|row| row.disagree.iter().any(|found| found.file == *file))
    });
    assert!(stale.is_empty(), "these agree by now: {stale:#?}");
}

/// What we say of a file, or `None` when it is none for a photo library.
fn said(path: &Path) -> Option<Said> {
    if path.extension().is_some_and(|extension| extension == "xmp") {
        return Some(Said {
            metadata: sidecar(&std::fs::read(path).unwrap()).unwrap(),
            ..Said::default()
        });
    }
    let bytes = std::fs::read(path).unwrap();
    let Sniff::Media(format) = sniff(&bytes) else {
        return None;
    };
    // Matroska and AVI have no such header; `video` asks a program about them.
    if matches!(format, Format::Mkv | Format::WebM | Format::Avi) {
        return None;
    }
    if format.kind() == Kind::Video {
        let video = read_video(format, File::open(path).unwrap());
        return Some(Said {
            metadata: video.metadata,
            size: video.width.zip(video.height),
            duration: video.duration_ms.map(|ms| ms as f64 / 1000.0),
        });
    }
    let size = develop(&bytes, &[]).ok();
    Some(Said {
        metadata: read(format, &bytes).metadata,
        size: size.map(|picture| (picture.facts.width, picture.facts.height)),
        duration: None,
    })
}

fn compare(table: &mut Table, file: &str, ours: &Said, theirs: &Value) {
    let metadata = &ours.metadata;
    compare_time(table, file, metadata.taken, theirs);
    let number = |key: &str| match &theirs[key] {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let relative = |ours: f64, theirs: f64| (ours - theirs).abs() <= 1e-6 * theirs.abs().max(1.0);
    let place = metadata.place;
    for (field, ours, key) in [
        ("latitude", place.map(|place| place.latitude), "GPSLatitude"),
        (
            "longitude",
            place.map(|place| place.longitude),
            "GPSLongitude",
        ),
    ] {
        table.numbers(field, file, (ours, number(key)), |a, b| {
            (a - b).abs() < 1e-5
        });
    }
    for (field, ours, key) in [
        (
            "altitude",
            place.and_then(|place| place.altitude),
            "GPSAltitude",
        ),
        ("aperture", metadata.f_number, "FNumber"),
        ("exposure", metadata.exposure_time, "ExposureTime"),
        ("iso", metadata.iso.map(f64::from), "ISO"),
        ("focal length", metadata.focal_length, "FocalLength"),
        ("rating", metadata.rating.map(f64::from), "Rating"),
    ] {
        table.numbers(field, file, (ours, number(key)), relative);
    }
    let text = |key: &str| match &theirs[key] {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let some = |key: &str| text(key).filter(|text| !one_line(text).is_empty());
    table.texts("make", file, &metadata.camera_make, text("Make"));
    table.texts("model", file, &metadata.camera_model, text("Model"));
    table.texts("lens", file, &metadata.lens, text("LensModel"));
    table.texts("title", file, &metadata.title, text("Title"));
    let described = some("Description")
        .or_else(|| some("Caption-Abstract"))
        .or_else(|| some("ImageDescription"));
    table.texts("description", file, &metadata.description, described);

    let mut tags: Vec<String> = list(&theirs["Subject"]);
    for keyword in list(&theirs["Keywords"]) {
        if !tags.contains(&keyword) {
            tags.push(keyword);
        }
    }
    let story = format!("{:?}, ExifTool {tags:?}", metadata.tags);
    table.enter("tags", file, metadata.tags == tags, story);

    if let Some((width, height)) = ours.size {
        let by_exif = (5.0..=8.0).contains(&number("Orientation").unwrap_or(1.0));
        let by_box = matches!(number("Rotation"), Some(90.0 | 270.0));
        let (wide, high) = match by_exif || by_box {
            true => ("ImageHeight", "ImageWidth"),
            false => ("ImageWidth", "ImageHeight"),
        };
        let exact = |ours: f64, theirs: f64| ours == theirs;
        table.numbers("width", file, (Some(f64::from(width)), number(wide)), exact);
        table.numbers(
            "height",
            file,
            (Some(f64::from(height)), number(high)),
            exact,
        );
    }
    if ours.duration.is_some() {
        table.numbers(
            "duration",
            file,
            (ours.duration, number("Duration")),
            |a, b| (a - b).abs() <= 0.1,
        );
    }
}

/// ExifTool's best moment: of the exposure, as the phone showed it, of the scan
/// or the file, of the GPS fix.
fn compare_time(table: &mut Table, file: &str, ours: Option<Taken>, theirs: &Value) {
    let text = |key: &str| theirs[key].as_str();
    let moment = |key: &str| {
        let (date, time) = text(key)?.split_once(' ')?;
        read_iso(&format!("{date} {time}"), TakenFrom::Exif)
    };
    let is_film = text("MIMEType").is_some_and(|kind| kind.starts_with("video/"));
    let best = [
        "DateTimeOriginal",
        "CreationDate",
        "CreateDate",
        "GPSDateTime",
    ]
    .into_iter()
    .filter(|key| *key != "CreationDate" || is_film)
    .find_map(|key| Some((key, moment(key)?)));
    let second = |taken: Taken| taken.local_ms.div_euclid(1000) as f64;
    let pair = (ours.map(second), best.map(|best| second(best.1)));
    table.numbers("taken", file, pair, |ours, theirs| ours == theirs);

    let stated = text("OffsetTimeOriginal")
        .and_then(|zone| read_iso(&format!("2000-01-01 00:00:00{zone}"), TakenFrom::Exif))
        .and_then(|taken| taken.offset_minutes);
    let zone = best.and_then(|(key, taken)| match key {
        "DateTimeOriginal" => taken.offset_minutes.or(stated),
        // A film's header counts in UTC (ISO/IEC 14496-12, 8.2.2.3).
        "CreateDate" if is_film => Some(taken.offset_minutes.unwrap_or(0)),
        _ => taken.offset_minutes,
    });
    let ours = ours.and_then(|taken| taken.offset_minutes);
    table.numbers(
        "zone",
        file,
        (ours.map(f64::from), zone.map(f64::from)),
        |a, b| a == b,
    );
}

fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().flat_map(list).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        _ => Vec::new(),
    }
}

#[test]
fn live_and_motion_photos_are_known() {
    let Some(folder) = fixtures("live_and_motion_photos_are_known") else {
        return;
    };
    let folder = folder.join("motion-live");
    let photo = std::fs::read(folder.join("train.jpg")).unwrap();
    let film = File::open(folder.join("train.mov")).unwrap();
    let photo = read(Format::Jpeg, &photo);
    let film = read_video(Format::Mov, film);
    assert!(film.metadata.live.is_some());
    assert_eq!(photo.metadata.live, film.metadata.live);
    assert_eq!(photo.motion, None);
    let bytes = std::fs::read(folder.join("motion_photo_pixel_synth.jpg")).unwrap();
    let span = read(Format::Jpeg, &bytes).motion.unwrap();
    assert_eq!((span.start, span.length), (18_263, 2_745));
    let cut = &bytes[..bytes.len() - 1];
    assert_eq!(read(Format::Jpeg, cut).motion, None);
}
