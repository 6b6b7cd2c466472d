//! A container's tags, as `ffprobe` names them, in the library's words.
//!
//! The only source for Matroska, WebM and AVI. QuickTime's keys come with their
//! full names, Matroska's in capitals.

use std::collections::BTreeMap;

use crate::metadata::taken::read_taken;
use crate::{Metadata, Place, Taken, TakenFrom};

/// Names of one fact, most telling first.
const RECORDED: &[&str] = &["com.apple.quicktime.creationdate", "date_recorded"];
const CREATED: &[&str] = &["creation_time", "date_digitized", "date"];
const LOCATION: &[&str] = &["com.apple.quicktime.location.ISO6709", "location"];
const MAKE: &[&str] = &[
    "com.apple.quicktime.make",
    "com.android.manufacturer",
    "make",
];
const MODEL: &[&str] = &["com.apple.quicktime.model", "com.android.model", "model"];
const TITLE: &[&str] = &["com.apple.quicktime.title", "title"];
const DESCRIPTION: &[&str] = &["com.apple.quicktime.description", "description", "comment"];
const KEYWORDS: &[&str] = &["com.apple.quicktime.keywords", "keywords"];
const LIVE: &[&str] = &["com.apple.quicktime.content.identifier"];

/// Reads what `tags` say; of a fact that several hold, the first is believed.
pub(super) fn read(tags: &[&BTreeMap<String, String>]) -> Metadata {
    let find = |names: &[&str]| {
        names.iter().find_map(|name| {
            let all = tags.iter().flat_map(|tags| tags.iter());
            let mut values = all
                .filter(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.trim())
                .filter(|value| !value.is_empty());
            values.next().map(str::to_owned)
        })
    };
    let recorded = find(RECORDED).and_then(|text| moment(&text));
    // The container's clock starts at 1904 or 1970 when nobody set it.
    let created = find(CREATED)
        .and_then(|text| moment(&text))
        .filter(|taken| taken.local_ms > MS_PER_DAY);
    Metadata {
        taken: recorded.or(created),
        place: find(LOCATION).and_then(|text| place(&text)),
        camera_make: find(MAKE),
        camera_model: find(MODEL),
        title: find(TITLE),
        description: find(DESCRIPTION),
        tags: find(KEYWORDS).map_or_else(Vec::new, |words| keywords(&words)),
        live: find(LIVE),
        ..Metadata::default()
    }
}

const MS_PER_DAY: i64 = 86_400_000;

fn keywords(words: &str) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for word in words.split([',', ';']).map(str::trim) {
        if !word.is_empty() && !kept.iter().any(|known| known == word) {
            kept.push(word.to_owned());
        }
    }
    kept
}

/// An ISO 8601 moment, such as `2021-04-10T11:43:59.5+0100`.
fn moment(text: &str) -> Option<Taken> {
    let (date, clock) = text.split_at_checked(10)?;
    let clock = clock.trim_start_matches(['T', ' ']);
    let zone_at = clock.find(['Z', '+', '-']).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at_checked(zone_at)?;
    let zone = match zone.as_bytes() {
        // The colon is optional in ISO 8601, and Apple leaves it out.
        [_, _, _, _, _] => {
            let (hours, minutes) = zone.split_at_checked(3)?;
            format!("{hours}:{minutes}")
        }
        _ => zone.to_owned(),
    };
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (clock, None),
    };
    let zone = (!zone.is_empty()).then_some(zone.as_str());
    read_taken(
        &format!("{date} {clock}"),
        fraction,
        zone,
        TakenFrom::QuickTime,
    )
}

/// A point of ISO 6709 Annex H, in degrees: `+52.2097-000.8955+103.640/`.
fn place(text: &str) -> Option<Place> {
    let text = text.split(['/', 'C']).next()?;
    let starts = text.match_indices(['+', '-']).map(|(at, _)| at);
    let ends = starts.clone().skip(1).chain([text.len()]);
    let mut numbers = starts
        .zip(ends)
        .map(|(start, end)| text.get(start..end)?.parse::<f64>().ok());
    let (latitude, longitude) = (numbers.next()??, numbers.next()??);
    let altitude = numbers.next().flatten();
    let on_earth = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
    on_earth.then_some(Place {
        latitude,
        longitude,
        altitude,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Metadata {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        read(&[&pairs.iter().map(owned).collect()])
    }

    #[test]
    fn the_moment_of_recording_goes_before_that_of_the_file() {
        let found = tags(&[
            ("creation_time", "2021-04-10T10:44:00.000000Z"),
            (
                "com.apple.quicktime.creationdate",
                "2021-04-10T11:43:59+0100",
            ),
        ]);
        let taken = found.taken.unwrap();
        assert_eq!(taken.local_ms, 1_618_055_039_000);
        assert_eq!(taken.offset_minutes, Some(60));

        let taken = tags(&[("creation_time", "2021-04-10T10:44:00.250000Z")]).taken;
        let taken = taken.unwrap();
        assert_eq!(
            (taken.local_ms, taken.offset_minutes),
            (1_618_051_440_250, Some(0))
        );
        let taken = tags(&[("DATE_RECORDED", "2009-09-09 09:09:09")])
            .taken
            .unwrap();
        assert_eq!(taken.offset_minutes, None);
    }

    #[test]
    fn a_clock_that_nobody_set_says_nothing() {
        for unset in [
            "1970-01-01T00:00:00.000000Z",
            "1904-01-01T00:00:00Z",
            "",
            "2021",
            "é2021-04-10",
        ] {
            assert_eq!(tags(&[("creation_time", unset)]).taken, None, "{unset}");
        }
    }

    #[test]
    fn places_are_read_with_and_without_a_height() {
        let at = |text| {
            tags(&[("location", text)])
                .place
                .map(|at| (at.latitude, at.longitude, at.altitude))
        };
        assert_eq!(
            at("+52.2097-000.8955+103.640/"),
            Some((52.2097, -0.8955, Some(103.64)))
        );
        assert_eq!(at("+27.2939+112.6932/"), Some((27.2939, 112.6932, None)));
        assert_eq!(
            at("-33.8688+151.2093CRSWGS_84/"),
            Some((-33.8688, 151.2093, None))
        );
        for odd in ["", "/", "+", "+95.0+000.0/", "north", "+1.2"] {
            assert_eq!(at(odd), None, "{odd}");
        }
    }

    #[test]
    fn words_are_found_whatever_their_case() {
        let found = tags(&[
            ("TITLE", " Summer "),
            ("Comment", "At the lake"),
            ("make", "Sony"),
            ("KEYWORDS", "lake, sun;lake,,"),
        ]);
        assert_eq!(found.title.as_deref(), Some("Summer"));
        assert_eq!(found.description.as_deref(), Some("At the lake"));
        assert_eq!(found.camera_make.as_deref(), Some("Sony"));
        assert_eq!(found.tags, ["lake", "sun"]);
    }
}
