//! Dates as cameras and editors write them, in many almost right ways.

use crate::{Taken, TakenFrom};

const MS_PER_MINUTE: i64 = 60_000;
/// Milliseconds of a day without a leap second.
pub(crate) const MS_PER_DAY: i64 = 86_400_000;

/// Reads `YYYY:MM:DD HH:MM:SS` with any separators, and the text of the tags
/// for fractions of a second and for the offset from UTC. A date that no
/// calendar has, such as the zeros of an unset clock, is `None`.
pub(crate) fn read_taken(
    moment: &str,
    fraction: Option<&str>,
    offset: Option<&str>,
    from: TakenFrom,
) -> Option<Taken> {
    let mut numbers = moment
        .split(|letter: char| !letter.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(|part| part.parse::<i64>().ok());
    let mut next = || numbers.next().flatten();
    let (year, month, day) = (next()?, next()?, next()?);
    let (hour, minute, second) = (next()?, next()?, next().unwrap_or(0));
    // A leap second is shown as the second after.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let days = days_since_1970(year, month, day)?;
    let in_day = ((hour * 60 + minute) * 60 + second) * 1000;
    Some(Taken {
        local_ms: days * MS_PER_DAY + in_day + fraction.map_or(0, milliseconds),
        offset_minutes: offset.and_then(offset_minutes),
        from,
    })
}

/// Reads an ISO 8601 date with a time, `YYYY-MM-DDThh:mm[:ss[.s]][zone]`; also
/// with a space for the `T` and without the zone's colon, as QuickTime has it.
/// A date without a time is not a moment.
pub(crate) fn read_iso(text: &str, from: TakenFrom) -> Option<Taken> {
    let text = text.trim();
    let (date, time) = text.split_once(['T', ' '])?;
    let zone_at = time.find(['+', '-', 'Z', 'z']).unwrap_or(time.len());
    let (clock, zone) = time.split_at_checked(zone_at)?;
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (clock, None),
    };
    let zone = (!zone.is_empty()).then_some(zone);
    read_taken(&format!("{date} {clock}"), fraction, zone, from)
}

/// A moment of which the instant is known, and not the wall clock there: seconds
/// since 1970 in UTC.
pub(crate) fn of_utc(local_ms: i64, from: TakenFrom) -> Taken {
    Taken {
        local_ms,
        offset_minutes: Some(0),
        from,
    }
}

/// The minutes that a wall clock is ahead of UTC, when it shows `local_ms` at
/// the instant `utc_ms` of a GPS fix. `None` unless the two differ by an offset
/// that some country has, give or take a minute: the fix of a receiver without a
/// view of the sky can be hours old.
pub(crate) fn offset_between(local_ms: i64, utc_ms: i64) -> Option<i16> {
    const QUARTER: i64 = 15;
    let ahead = local_ms.checked_sub(utc_ms)?;
    let quarters = ahead.checked_add(QUARTER * MS_PER_MINUTE / 2)?;
    let minutes = quarters.div_euclid(QUARTER * MS_PER_MINUTE) * QUARTER;
    let off_by = ahead - minutes * MS_PER_MINUTE;
    let minutes = i16::try_from(minutes).ok()?;
    let exists = match minutes % 60 {
        0 => (-12..=14).contains(&(minutes / 60)),
        _ => UNEVEN_OFFSETS.contains(&minutes),
    };
    (exists && off_by.abs() <= MS_PER_MINUTE).then_some(minutes)
}

/// The offsets from UTC in use that are no whole hours, in minutes: from the
/// Marquesas and Newfoundland by Iran, India and Nepal to the Chatham Islands.
const UNEVEN_OFFSETS: [i16; 13] = [
    -570, -210, -150, 210, 270, 330, 345, 390, 525, 570, 630, 765, 825,
];

/// Days from 1970-01-01 in the Gregorian calendar, by Howard Hinnant's
/// `days_from_civil`; `None` for a day that does not exist.
pub(crate) fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    if !(1800..=9999).contains(&year) || !(1..=length).contains(&day) {
        return None;
    }
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// The digits of a decimal fraction of a second, in milliseconds.
fn milliseconds(fraction: &str) -> i64 {
    let digits = fraction.trim().bytes().take_while(u8::is_ascii_digit);
    digits
        .chain([b'0'; 3])
        .take(3)
        .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'))
}

/// `+HH:MM`, `-HHMM`, `+HH` or `Z`, in minutes; within the offsets that exist.
fn offset_minutes(text: &str) -> Option<i16> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match rest.split_once(':') {
        Some(parts) => parts,
        None => rest.split_at_checked(2)?,
    };
    let digits = |text: &str| match text.len() {
        1 | 2 if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse::<i16>().ok(),
        _ => None,
    };
    let minutes = match minutes {
        "" => 0,
        minutes => digits(minutes)?,
    };
    let hours = digits(hours)?;
    (hours <= 14 && minutes <= 59).then_some(sign * (hours * 60 + minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(moment: &str) -> Option<i64> {
        read_taken(moment, None, None, TakenFrom::Exif).map(|taken| taken.local_ms)
    }

    #[test]
    fn moments_are_counted_from_1970() {
        assert_eq!(ms("1970:01:01 00:00:00"), Some(0));
        assert_eq!(ms("2000:02:29 12:00:01"), Some(951_825_601_000));
        assert_eq!(ms("2026-11-22T18:00:00"), Some(1_795_370_400_000));
        assert_eq!(ms("1969:12:31 23:59:59"), Some(-1000));
    }

    #[test]
    fn days_that_never_were_are_unknown() {
        for moment in [
            "",
            "    :  :     :  :  ",
            "0000:00:00 00:00:00",
            "2001:02:29 00:00:00",
            "2001:13:01 00:00:00",
            "2001:01:01 24:00:00",
            "2001:01:01",
            "99999999999999999999:01:01 00:00:00",
        ] {
            assert_eq!(ms(moment), None, "{moment:?}");
        }
    }

    #[test]
    fn fractions_and_offsets_are_kept() {
        let taken = |fraction, offset| {
            read_taken("1970:01:01 00:00:00", fraction, offset, TakenFrom::Exif).unwrap()
        };
        assert_eq!(taken(Some("5"), None).local_ms, 500);
        assert_eq!(taken(Some("574922"), None).local_ms, 574);
        assert_eq!(taken(Some("  "), None).local_ms, 0);
        assert_eq!(taken(None, Some("+05:45")).offset_minutes, Some(345));
        assert_eq!(taken(None, Some("-03:30")).offset_minutes, Some(-210));
        assert_eq!(taken(None, Some("Z")).offset_minutes, Some(0));
        assert_eq!(taken(None, Some("   :  ")).offset_minutes, None);
        assert_eq!(taken(None, Some("+99:00")).offset_minutes, None);
    }

    #[test]
    fn iso_dates_are_read_with_their_zone() {
        let read = |text| {
            read_iso(text, TakenFrom::Xmp).map(|taken| (taken.local_ms, taken.offset_minutes))
        };
        let wanted = 1_435_608_526_000;
        assert_eq!(read("2015-06-29T20:08:46"), Some((wanted, None)));
        assert_eq!(
            read("2015-06-29 20:08:46.61Z"),
            Some((wanted + 610, Some(0)))
        );
        assert_eq!(read("2015-06-29T20:08:46-0700"), Some((wanted, Some(-420))));
        assert_eq!(
            read("2015-06-29T20:08:46.5+05:45"),
            Some((wanted + 500, Some(345)))
        );
        assert_eq!(
            read("2015-06-29T20:08+01"),
            Some((wanted - 46_000, Some(60)))
        );
        for text in [
            "2015-06-29",
            "2015-06-29T",
            "",
            "T",
            "2015-06-29T20:08:46+1é",
        ] {
            assert_eq!(read(text).and_then(|read| read.1), None, "{text:?}");
        }
    }

    #[test]
    fn the_zone_is_told_from_a_fresh_fix_only() {
        let hour = 60 * MS_PER_MINUTE;
        assert_eq!(offset_between(hour, 0), Some(60));
        assert_eq!(offset_between(hour - 54_000, 0), Some(60));
        assert_eq!(offset_between(-5 * hour + 59_000, 0), Some(-300));
        assert_eq!(offset_between(5 * hour + 45 * MS_PER_MINUTE, 0), Some(345));
        assert_eq!(offset_between(hour + 61_000, 0), None, "the fix is old");
        assert_eq!(
            offset_between(hour + 15 * MS_PER_MINUTE, 0),
            None,
            "nobody has +01:15"
        );
        assert_eq!(offset_between(15 * hour, 0), None);
        assert_eq!(offset_between(-13 * hour, 0), None);
        assert_eq!(offset_between(i64::MAX, -1), None);
        assert_eq!(offset_between(i64::MAX, 0), None);
    }
}
