//! Every file beside the repository, cleaned: the copy shows the same, or the
//! original is withheld in words. Damaged files and mutations cost a refusal.

use std::collections::BTreeMap;

use super::clean::{cleaned, field, has, shown_by_others, told_by_exiftool};
use super::fixtures::{files_below, fixtures};
use crate::{Format, Kind, MediaError, Sniff, sniff};

/// Files that are not as their format demands, which ImageMagick forgives.
const WITHHELD: &[&str] = &[];

#[test]
fn every_fixture_shows_the_same_or_is_withheld() {
    let test = "every_fixture_shows_the_same_or_is_withheld";
    let Some(folder) = fixtures(test) else {
        return;
    };
    if !has("identify", test) || !has("ffmpeg", test) || !has("exiftool", test) {
        return;
    }
    let mut outcomes: BTreeMap<String, u32> = BTreeMap::new();
    let mut wrong = Vec::new();
    for file in files_below(&folder) {
        let name = file.strip_prefix(&folder).unwrap().display().to_string();
        let bytes = std::fs::read(&file).unwrap();
        let Sniff::Media(format) = sniff(&bytes) else {
            continue;
        };
        let clean = match cleaned(format, &bytes) {
            Ok(clean) => clean,
            Err(MediaError::CannotClean(reason)) => {
                let whole = !name.starts_with("damaged");
                let known = matches!(format.kind(), Kind::Raw)
                    || matches!(format, Format::Mkv | Format::WebM | Format::Avi);
                if whole && !known && !WITHHELD.contains(&name.as_str()) {
                    wrong.push(format!("{name}: {reason}"));
                }
                *outcomes
                    .entry(format!("{} withheld", format.name()))
                    .or_default() += 1;
                continue;
            }
            Err(error) => panic!("{name}: {error}"),
        };
        if cleaned(format, &clean).ok().as_ref() != Some(&clean) {
            wrong.push(format!("{name}: cleaning it again changes it"));
        }
        if shown_by_others(&bytes, format) != shown_by_others(&clean, format) {
            wrong.push(format!("{name}: it is shown otherwise"));
        }
        let told = told_by_exiftool(&clean, format);
        for telling in [
            "GPS",
            "Serial",
            "DateTimeOriginal",
            "XMP",
            "Thumbnail",
            "MakerNote",
        ] {
            if told.contains(telling) {
                wrong.push(format!("{name}: still tells {telling}"));
            }
        }
        let rotation = ["-Orientation", "-Rotation"];
        for name_of_field in rotation {
            let [before, after] = [&bytes, &clean].map(|bytes| field(bytes, format, name_of_field));
            if before != after && !matches!(before.as_slice(), b"1" | b"0") {
                wrong.push(format!(
                    "{name}: {name_of_field} was {before:?}, is {after:?}"
                ));
            }
        }
        *outcomes
            .entry(format!("{} clean", format.name()))
            .or_default() += 1;
    }
    eprintln!("{outcomes:#?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
