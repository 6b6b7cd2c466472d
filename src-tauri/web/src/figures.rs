//! Numbers, dates, sizes and lengths as each language writes them.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use crate::phrases::Language;

use Language::{English, German};

impl Language {
    /// A whole number with the language's thousands mark.
    pub(crate) fn number(self, number: u64) -> String {
        let digits = number.to_string();
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(match self {
                    English => ',',
                    German => '.',
                });
            }
            text.push(digit);
        }
        text
    }

    /// `3 May 2027`, the last day of what ends at this instant, as the clock of this
    /// computer stands: what ends at midnight ends with the day before.
    pub(crate) fn last_day(self, end_ms: i64) -> Option<String> {
        let instant = Timestamp::from_millisecond(end_ms - 1).ok()?;
        Some(self.day(instant.to_zoned(TimeZone::system()).datetime()))
    }

    /// `3 May 2027, 14:05` of an instant, as the clock of this computer stands.
    pub(crate) fn time_of_instant(self, milliseconds: i64) -> Option<String> {
        let instant = Timestamp::from_millisecond(milliseconds).ok()?;
        Some(self.minute(instant.to_zoned(TimeZone::system()).datetime()))
    }

    /// `3 May 2027` of a camera's wall clock, in milliseconds since 1970 as if
    /// that clock had shown UTC.
    pub(crate) fn day_of_camera(self, milliseconds: i64) -> Option<String> {
        Some(self.day(camera_clock(milliseconds)?))
    }

    /// `3 May 2027, 14:05` of a camera's wall clock.
    pub(crate) fn time_of_camera(self, milliseconds: i64) -> Option<String> {
        Some(self.minute(camera_clock(milliseconds)?))
    }

    fn minute(self, clock: DateTime) -> String {
        let day = self.day(clock);
        format!("{day}, {:02}:{:02}", clock.hour(), clock.minute())
    }

    fn day(self, clock: DateTime) -> String {
        let mark = match self {
            English => "",
            German => ".",
        };
        format!(
            "{}{mark} {} {}",
            clock.day(),
            self.month(clock),
            clock.year()
        )
    }

    fn month(self, clock: DateTime) -> &'static str {
        let names = match self {
            English => [
                "January",
                "February",
                "March",
                "April",
                "May",
                "June",
                "July",
                "August",
                "September",
                "October",
                "November",
                "December",
            ],
            German => [
                "Januar",
                "Februar",
                "März",
                "April",
                "Mai",
                "Juni",
                "Juli",
                "August",
                "September",
                "Oktober",
                "November",
                "Dezember",
            ],
        };
        let index = usize::try_from(clock.month() - 1).unwrap_or(0);
        names.get(index).copied().unwrap_or_default()
    }

    /// `May 2026` of a camera's wall clock.
    pub(crate) fn month_of_camera(self, milliseconds: i64) -> Option<String> {
        let clock = camera_clock(milliseconds)?;
        Some(format!("{} {}", self.month(clock), clock.year()))
    }

    /// A coordinate, to ten metres.
    pub(crate) fn degrees(self, degrees: f64) -> String {
        let text = format!("{degrees:.4}");
        match self {
            English => text,
            German => text.replace('.', ","),
        }
    }

    /// `1.4 GB`: three digits at most, in powers of a thousand.
    pub(crate) fn size(self, bytes: u64) -> String {
        const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
        let mut amount = bytes as f64 / 1000.0;
        let mut unit = 0;
        // From here on it would be written as the next unit's 1.
        while amount >= 999.5 && unit + 1 < UNITS.len() {
            amount /= 1000.0;
            unit += 1;
        }
        let digits = usize::from(amount < 9.95 && unit > 0);
        let text = format!("{:.digits$}", amount.max(1.0));
        let text = match self {
            English => text,
            German => text.replace('.', ","),
        };
        format!(
            "{text}\u{a0}{}",
            UNITS.get(unit).copied().unwrap_or_default()
        )
    }
}

/// The length of a video as players write it: `0:14`, `1:02:03`. A part of a second
/// counts as a whole one only from its half, and no video is shown as `0:00`.
pub(crate) fn length_of(milliseconds: u64) -> String {
    let seconds = (milliseconds.saturating_add(500) / 1000).max(1);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// `2026` of a camera's wall clock.
pub(crate) fn year_of_camera(milliseconds: i64) -> Option<String> {
    Some(camera_clock(milliseconds)?.year().to_string())
}

fn camera_clock(milliseconds: i64) -> Option<DateTime> {
    let instant = Timestamp::from_millisecond(milliseconds).ok()?;
    Some(instant.to_zoned(TimeZone::UTC).datetime())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_numbers_read_as_people_write_them() {
        let clock = 1_777_813_500_000; // 2026-05-03 13:05
        assert_eq!(English.day_of_camera(clock).unwrap(), "3 May 2026");
        assert_eq!(German.time_of_camera(clock).unwrap(), "3. Mai 2026, 13:05");
        assert_eq!(English.count_of(12_345, 0), "12,345 photos");
        assert_eq!(English.count_of(12, 2), "12 photos, 2 videos");
        assert_eq!(German.count_of(1, 1), "1 Foto, 1 Video");
        assert_eq!(German.count_of(0, 2), "2 Videos");
        assert_eq!(English.count_of(0, 0), "0 photos");
        assert_eq!(
            German.place_of(1_200, 1_234_567, 0),
            "Foto 1.200 von 1.234.567"
        );
        assert_eq!(English.place_of(2, 0, 3), "Video 2 of 3");
        assert_eq!(English.place_of(2, 1, 2), "2 of 3");
        assert_eq!(English.day_of_camera(i64::MAX), None);
    }

    #[test]
    fn lengths_read_as_players_write_them() {
        assert_eq!(length_of(14_200), "0:14");
        assert_eq!(length_of(59_600), "1:00");
        assert_eq!(length_of(3_723_000), "1:02:03");
        assert_eq!(length_of(40), "0:01");
    }

    #[test]
    fn sizes_have_three_digits_at_most() {
        assert_eq!(English.size(1_437_000_000), "1.4\u{a0}GB");
        assert_eq!(German.size(1_437_000_000), "1,4\u{a0}GB");
        assert_eq!(English.size(312_400_000), "312\u{a0}MB");
        assert_eq!(English.size(999_700_000), "1.0\u{a0}GB");
        assert_eq!(English.size(48_000), "48\u{a0}kB");
        assert_eq!(English.size(12), "1\u{a0}kB");
    }
}
