//! Moments in the names that cameras, phones and programs give to files.

use crate::metadata::taken::{of_utc, read_taken};
use crate::{Taken, TakenFrom};

/// Unix times in milliseconds that a name may hold: from 2001 to 2100, which is
/// also where they have thirteen digits.
const UNIX_MS: std::ops::Range<i64> = 1_000_000_000_000..4_102_444_800_000;

/// The moment that a file's name states, such as `IMG_20240413_203800.jpg`,
/// `2024-04-13 20.38.00.png`, `Screenshot 2024-04-13 at 8.38.00 PM.png`,
/// `signal-2024-04-13-203800.jpg` or `1713040680000.jpg`.
///
/// A date alone, as WhatsApp's `IMG-20240413-WA0001.jpg` has it, is not a
/// moment: `None`, rather than an hour that nobody wrote down.
pub fn moment_in_name(name: &str) -> Option<Taken> {
    let stem = name.rsplit(['/', '\\']).next()?;
    let runs = digits(stem);
    (0..runs.len())
        .find_map(|first| dated(stem, runs.get(first..)?))
        .or_else(|| unix(stem, &runs))
}

/// A run of digits of a name.
#[derive(Clone, Copy)]
struct Run<'a> {
    start: usize,
    digits: &'a str,
}

impl Run<'_> {
    fn end(&self) -> usize {
        self.start + self.digits.len()
    }
}

fn digits(name: &str) -> Vec<Run<'_>> {
    let mut runs: Vec<Run> = Vec::new();
    for (start, letter) in name
        .char_indices()
        .filter(|(_, letter)| letter.is_ascii_digit())
    {
        match runs.last_mut() {
            Some(run) if run.end() == start => {
                run.digits = name.get(run.start..start + 1).unwrap_or(run.digits);
            }
            _ => runs.push(Run {
                start,
                digits: name
                    .get(start..start + letter.len_utf8())
                    .unwrap_or_default(),
            }),
        }
    }
    runs
}

/// A date and a time that begin with the first of `runs`.
fn dated(name: &str, runs: &[Run]) -> Option<Taken> {
    let first = runs.first()?;
    let lengths = |from: usize, count: usize| -> Option<Vec<usize>> {
        let some = runs.get(from..from + count)?;
        Some(some.iter().map(|run| run.digits.len()).collect())
    };
    let (date, time_at) = match lengths(0, 3).as_deref() {
        Some([4, 2, 2]) if joined(name, runs.get(..3)?) => {
            let parts: Vec<&str> = runs.iter().take(3).map(|run| run.digits).collect();
            (parts.concat(), 3)
        }
        _ => match first.digits.len() {
            8 => (first.digits.to_owned(), 1),
            // All fourteen digits in a row, perhaps with milliseconds.
            14 | 17 => {
                let (moment, fraction) = first.digits.split_at_checked(14)?;
                return moment_of(name, moment, fraction, "");
            }
            _ => return None,
        },
    };
    let rest = runs.get(time_at..)?;
    let time_run = rest.first()?;
    let before = runs.get(time_at.checked_sub(1)?)?;
    let between = name.get(before.end()..time_run.start)?;
    let (time, fraction, end) = match time_run.digits.len() {
        // Pixel phones write milliseconds right after the seconds.
        6 | 9 if is_separator(between) => {
            let (time, fraction) = time_run.digits.split_at_checked(6)?;
            (time.to_owned(), fraction, time_run.end())
        }
        // macOS and WhatsApp write a word between: " at ", " um ", " a las ".
        1 | 2 if is_separator(between) || is_word(between) => {
            let parts = rest.get(..3)?;
            let pairs = parts.iter().skip(1).all(|run| run.digits.len() == 2);
            if !pairs || !joined(name, parts) {
                return None;
            }
            let [hour, minute, second] = parts else {
                return None;
            };
            let hour: u32 = hour.digits.parse().ok()?;
            let hour = half_day(hour, name.get(second.end()..)?)?;
            let time = format!("{hour:02}{}{}", minute.digits, second.digits);
            (time, "", second.end())
        }
        _ => return None,
    };
    let after = name.get(end..).unwrap_or_default();
    moment_of(name, &format!("{date}{time}"), fraction, after)
}

/// Whether nothing but one mark stands between each two of the runs.
fn joined(name: &str, runs: &[Run]) -> bool {
    runs.windows(2).all(|pair| match pair {
        [before, after] => name
            .get(before.end()..after.start)
            .is_some_and(is_separator),
        _ => false,
    })
}

fn is_separator(between: &str) -> bool {
    matches!(between, "_" | "-" | "." | ":" | " " | "T" | ", ")
}

fn is_word(between: &str) -> bool {
    between.starts_with(' ') && between.ends_with(' ') && between.chars().count() <= 10
}

/// The hour of 24, when " AM" or " PM" follows the time.
fn half_day(hour: u32, after: &str) -> Option<u32> {
    let after = after.trim_start().to_ascii_uppercase();
    match (after.get(..2), hour) {
        (Some("AM"), 1..=12) => Some(hour % 12),
        (Some("PM"), 1..=12) => Some(hour % 12 + 12),
        (Some("AM" | "PM"), _) => None,
        _ => Some(hour),
    }
}

/// Fourteen digits as a moment, in the years since there is photography.
fn moment_of(name: &str, digits: &str, fraction: &str, after: &str) -> Option<Taken> {
    let part = |from: usize, to: usize| digits.get(from..to);
    let year: u32 = part(0, 4)?.parse().ok()?;
    if !(1826..2100).contains(&year) || after.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let moment = [
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?,
    ];
    // Google's camera names its files by UTC, all others by the wall clock.
    let offset = name.starts_with("PXL_").then_some("Z");
    read_taken(&moment.join(":"), Some(fraction), offset, TakenFrom::Name)
}

/// A Unix time in milliseconds: thirteen digits, with only a word before them
/// (`FB_IMG_`, `mmexport`), so that no article number is taken for one.
fn unix(name: &str, runs: &[Run]) -> Option<Taken> {
    let run = runs.first().filter(|run| run.digits.len() == 13)?;
    let before = name.get(..run.start)?;
    let words = before
        .chars()
        .all(|letter| letter.is_ascii_alphabetic() || matches!(letter, '_' | '-'));
    let ms = run.digits.parse().ok().filter(|ms| UNIX_MS.contains(ms))?;
    words.then(|| of_utc(ms, TakenFrom::Name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-04-13T20:38:00 as if it were UTC.
    const EVENING: i64 = 1_713_040_680_000;

    fn read(name: &str) -> Option<(i64, Option<i16>)> {
        moment_in_name(name).map(|taken| (taken.local_ms, taken.offset_minutes))
    }

    #[test]
    fn moments_are_found_in_the_names_of_phones_and_programs() {
        for name in [
            "IMG_20240413_203800.jpg",
            "VID_20240413_203800.mp4",
            "20240413_203800.heic",
            "20240413_203800(0).jpg",
            "20240413-203800-Unknown.jpg",
            "2024-04-13 20.38.00.jpg",
            "2024-04-13 20.38.00-2.jpg",
            "2024-04-13_20-38-00_holiday.jpg",
            "Screenshot_20240413-203800.png",
            "Screenshot_20240413-203800_Chrome.jpg",
            "Screenshot_2024-04-13-20-38-00-123_com.app.jpg",
            "Screenshot 2024-04-13 at 20.38.00.png",
            "Screenshot 2024-04-13 at 8.38.00\u{202f}PM.png",
            "Bildschirmfoto 2024-04-13 um 20.38.00.png",
            "WhatsApp Image 2024-04-13 at 20.38.00.jpeg",
            "WhatsApp Image 2024-04-13 at 8.38.00 PM (1).jpeg",
            "signal-2024-04-13-203800.jpg",
            "signal-2024-04-13-20-38-00-123.jpg",
            "WP_20240413_20_38_00_Pro.jpg",
            "20240413203800.jpg",
            "MVIMG_20240413_203800.jpg",
            "IMG_20240413_203800_BURST001_COVER.jpg",
            "photo_2024-04-13_20-38-00.jpg",
            "album 12/IMG_20240413_203800.jpg",
        ] {
            assert_eq!(read(name), Some((EVENING, None)), "{name}");
        }
        let pixel = read("PXL_20240413_203800123.MP.jpg");
        assert_eq!(pixel, Some((EVENING + 123, Some(0))));
        for name in [
            "1713040680000.jpg",
            "FB_IMG_1713040680000.jpg",
            "mmexport1713040680000.jpg",
        ] {
            assert_eq!(read(name), Some((EVENING, Some(0))), "{name}");
        }
        let morning = read("Screenshot 2024-04-13 at 12.38.00 AM.png");
        assert_eq!(morning, Some((EVENING - 20 * 3_600_000, None)));
    }

    #[test]
    fn other_numbers_are_no_moments() {
        for name in [
            "",
            "IMG_1234.jpg",
            "DSC01234.JPG",
            "IMG-20240413-WA0001.jpg",
            "2024-04-13.jpg",
            "20241341_203800.jpg",
            "20240413_253800.jpg",
            "20240413_2038001.jpg",
            "Screenshot 2024-04-13 at 13.38.00 PM.png",
            "12345678_123456.jpg",
            "9713040680000.jpg",
            "item 12 1713040680000.jpg",
            "17130406800001.jpg",
            "received_1713040680000123.jpeg",
            "photo 20240413 of 203800 people.jpg",
            "四月十三日 2024.jpg",
        ] {
            assert_eq!(read(name), None, "{name}");
        }
    }
}
