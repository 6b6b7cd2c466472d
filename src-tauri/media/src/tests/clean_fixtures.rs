//! Every file beside the repository, cleaned: the copy shows the same, or the
//! original is withheld in words.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::clean::{cleaned, has, shown_by_others};
use super::fixtures::{files_below, fixtures};
use crate::{Format, Kind, MediaError, Sniff, sniff};

/// Files that are rightly withheld: a bitmap of OS/2, a JPEG without a picture,
/// and tables of a video without the video.
const WITHHELD: &[&str] = &[
    "formats/bmp/rgb24rle24.bmp",
    "motion-live/motion_photo_pixel_synth.jpg",
    "video/sony-a7-xavc.MP4",
];

/// Parts of names that ExifTool has for what a clean copy does not tell.
const TELLING: &[&str] = &[
    "GPS",
    "Serial",
    "DateTimeOriginal",
    "XMP",
    "Thumbnail",
    "MakerNote",
];

/// A file, its format, and its clean copy or why there is none.
struct Case {
    name: String,
    format: Format,
    original: Vec<u8>,
    clean: Result<Vec<u8>, MediaError>,
}

fn cases(folder: &Path) -> Vec<Case> {
    let media = files_below(folder).into_iter().filter_map(|file| {
        let original = std::fs::read(&file).unwrap();
        let Sniff::Media(format) = sniff(&original) else {
            return None;
        };
        Some(Case {
            name: file.strip_prefix(folder).unwrap().display().to_string(),
            format,
            clean: cleaned(format, &original),
            original,
        })
    });
    media.collect()
}

/// What is wrong with a case, by looking at the bytes and the pixels.
fn wrong(case: &Case) -> Vec<String> {
    let Case { name, format, .. } = case;
    let mut wrong = Vec::new();
    match &case.clean {
        Ok(clean) => {
            if cleaned(*format, clean).ok().as_ref() != Some(clean) {
                wrong.push(format!("{name}: cleaning it again changes it"));
            }
            let shown = shown_by_others(&case.original, *format);
            if !shown.is_empty() && shown != shown_by_others(clean, *format) {
                wrong.push(format!("{name}: it is shown otherwise"));
            }
        }
        Err(MediaError::CannotClean(reason)) => {
            let damaged = name.starts_with("damaged") || WITHHELD.contains(&name.as_str());
            let never = format.kind() == Kind::Raw
                || matches!(format, Format::Mkv | Format::WebM | Format::Avi);
            if !damaged && !never {
                wrong.push(format!("{name}: {reason}"));
            }
        }
        Err(error) => wrong.push(format!("{name}: {error}")),
    }
    wrong
}

#[test]
fn every_fixture_shows_the_same_or_is_withheld() {
    let test = "every_fixture_shows_the_same_or_is_withheld";
    let Some(folder) = fixtures(test) else {
        return;
    };
    if !has("identify", test) || !has("ffmpeg", test) {
        return;
    }
    let cases = cases(&folder);
    let mut tally: BTreeMap<String, u32> = BTreeMap::new();
    for case in &cases {
        let outcome = if case.clean.is_ok() {
            "clean"
        } else {
            "withheld"
        };
        *tally
            .entry(format!("{} {outcome}", case.format.name()))
            .or_default() += 1;
    }
    eprintln!("{tally:#?}");
    let found: Vec<String> = std::thread::scope(|scope| {
        let halves = cases.chunks(cases.len().div_ceil(2));
        let running: Vec<_> = halves
            .map(|half| scope.spawn(|| half.iter().flat_map(wrong).collect::<Vec<_>>()))
            .collect();
        running
            .into_iter()
            .flat_map(|half| half.join().unwrap())
            .collect()
    });
    assert!(found.is_empty(), "{found:#?}");
}

/// A folder of files for ExifTool, gone with the value.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// What ExifTool says of all files of a folder, by file name.
fn told(folder: &Folder, options: &[&str]) -> BTreeMap<String, Value> {
    let output = Command::new("exiftool")
        .args(options)
        .arg(&folder.0)
        .output()
        .unwrap();
    let told: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let name = |value: &Value| {
        let path = Path::new(value["SourceFile"].as_str().unwrap());
        path.file_name().unwrap().to_string_lossy().into_owned()
    };
    told.into_iter()
        .map(|value| (name(&value), value))
        .collect()
}

#[test]
fn no_fixture_tells_more_than_its_way_up() {
    let test = "no_fixture_tells_more_than_its_way_up";
    let Some(folder) = fixtures(test) else {
        return;
    };
    if !has("exiftool", test) {
        return;
    }
    let new = |name: &str| {
        let name = format!("albumen-{name}-{}", std::process::id());
        let folder = Folder(std::env::temp_dir().join(name));
        std::fs::create_dir_all(&folder.0).unwrap();
        folder
    };
    let (originals, copies) = (new("originals"), new("copies"));
    let mut names = BTreeMap::new();
    for (number, case) in cases(&folder).into_iter().enumerate() {
        let Ok(clean) = case.clean else {
            continue;
        };
        let file = format!("{number}.{}", case.format.extension());
        std::fs::write(originals.0.join(&file), case.original).unwrap();
        std::fs::write(copies.0.join(&file), clean).unwrap();
        names.insert(file, (case.name, case.format));
    }
    let all = [
        "-q",
        "-ee",
        "-a",
        "-u",
        "-G3",
        "-json",
        "--System:all",
        "--ExifTool:all",
    ];
    let way_up = ["-q", "-n", "-json", "-Orientation", "-Rotation"];
    let everything = told(&copies, &all);
    let before = told(&originals, &way_up);
    let after = told(&copies, &way_up);
    let mut wrong = Vec::new();
    for (file, (name, format)) in names {
        let fields = everything[&file].as_object().unwrap().keys();
        let telling = fields.filter(|key| TELLING.iter().any(|word| key.contains(word)));
        wrong.extend(telling.map(|key| format!("{name}: {key}")));
        let field = match format.kind() {
            Kind::Video => "Rotation",
            _ => "Orientation",
        };
        // 1 and 0 say that nothing is to be turned, as does their absence; a
        // profile of ImageMagick's in PNG is read by nobody but ExifTool.
        let way = |of: &BTreeMap<String, Value>| of[&file][field].as_u64().filter(|way| *way > 1);
        if way(&before) != way(&after) {
            wrong.push(format!("{name}: {field} {:?}", before[&file][field]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
