//! Time as a library keeps it: instants in milliseconds since 1970, and the
//! moment a photo was taken as the wall clock beside the photographer, with
//! the zone's offset only where the camera knew it.

use std::sync::Arc;
use std::time::SystemTime;

use jiff::civil::{DateTime, Time};
use jiff::fmt::temporal::{Pieces, PiecesOffset};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, SpanRelativeTo, Unit};

use crate::LibraryError;

pub(crate) const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Tells the time. Passed in, so that a test decides what time it is.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// The computer's clock.
    pub fn system() -> Clock {
        Clock::new(|| {
            SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .map_or(0, |since| {
                    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
                })
        })
    }

    /// A clock that asks `now`, which answers in milliseconds since 1970.
    pub fn new(now: impl Fn() -> i64 + Send + Sync + 'static) -> Clock {
        Clock(Arc::new(now))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn now_ms(&self) -> i64 {
        (self.0)()
    }
}

/// When a photo was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenAt {
    /// The wall clock, in milliseconds since 1970 as if it stood in UTC.
    pub local_ms: i64,
    /// Minutes east of UTC, where known.
    pub offset_minutes: Option<i16>,
}

impl TakenAt {
    /// Reads RFC 3339, or the same without an offset.
    ///
    /// # Errors
    /// [`LibraryError::Wrong`] with an example of what is understood.
    pub fn parse(text: &str) -> Result<TakenAt, LibraryError> {
        let wrong = || {
            LibraryError::wrong(format!(
                "«{text}» is no time; write it like 2026-05-03T14:30:00 or 2026-05-03T14:30:00+02:00."
            ))
        };
        let pieces = Pieces::parse(text).map_err(|_| wrong())?;
        if !(1800..=9999).contains(&pieces.date().year()) {
            return Err(wrong());
        }
        let time = pieces.time().unwrap_or(Time::midnight());
        let offset_minutes = match pieces.offset() {
            None => None,
            Some(PiecesOffset::Zulu) => Some(0),
            Some(PiecesOffset::Numeric(numeric)) => {
                Some(i16::try_from(numeric.offset().seconds() / 60).map_err(|_| wrong())?)
            }
            Some(_) => return Err(wrong()),
        };
        let local = DateTime::from_parts(pieces.date(), time)
            .to_zoned(TimeZone::UTC)
            .map_err(|_| wrong())?;
        Ok(TakenAt {
            local_ms: local.timestamp().as_millisecond(),
            offset_minutes,
        })
    }

    /// The wall clock just after what a text names, in milliseconds as if it stood
    /// in UTC: a date alone is the whole of that day.
    ///
    /// # Errors
    /// As [`TakenAt::parse`].
    pub fn parse_end(text: &str) -> Result<i64, LibraryError> {
        let last = TakenAt::parse(text)?.local_ms;
        let day = Pieces::parse(text).is_ok_and(|pieces| pieces.time().is_none());
        Ok(last + if day { DAY_MS } else { 1 })
    }

    /// RFC 3339; the offset is left out when it is not known.
    pub fn format(self) -> String {
        let local = civil(self.local_ms).to_string();
        match self.offset_minutes {
            None => local,
            Some(minutes) => {
                let sign = if minutes < 0 { '-' } else { '+' };
                let minutes = minutes.unsigned_abs();
                format!("{local}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

/// Reads by how much a clock was wrong, in milliseconds: `1h 30m`, `-2d`, `PT90M`.
///
/// # Errors
/// [`LibraryError::Wrong`] with examples of what is understood.
pub fn parse_shift(text: &str) -> Result<i64, LibraryError> {
    text.parse::<Span>()
        .and_then(|span| span.total((Unit::Millisecond, SpanRelativeTo::days_are_24_hours())))
        .map(|total| total.round() as i64)
        .map_err(|_| {
            LibraryError::wrong(format!(
                "«{text}» is no length of time; write it like 1h 30m, -2d or PT90M."
            ))
        })
}

/// An instant in milliseconds since 1970, as RFC 3339 in UTC.
pub fn rfc3339(ms: i64) -> String {
    format!("{}Z", civil(ms))
}

/// Reads when something ends from RFC 3339; a time without an offset is this
/// computer's local time, and a date alone means the end of that day.
pub(crate) fn parse_end(text: &str) -> Option<i64> {
    let mut taken = TakenAt::parse(text).ok()?;
    if Pieces::parse(text).is_ok_and(|pieces| pieces.time().is_none()) {
        taken.local_ms += DAY_MS;
    }
    match taken.offset_minutes {
        Some(minutes) => Some(taken.local_ms - i64::from(minutes) * 60_000),
        None => civil(taken.local_ms)
            .to_zoned(TimeZone::system())
            .ok()
            .map(|zoned| zoned.timestamp().as_millisecond()),
    }
}

/// The calendar's date and time at these milliseconds since 1970.
pub(crate) fn civil(ms: i64) -> DateTime {
    jiff::Timestamp::from_millisecond(ms)
        .map(|instant| Offset::UTC.to_datetime(instant))
        .unwrap_or(DateTime::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_comes_back_as_it_was_written() {
        for text in [
            "2026-05-03T14:30:00",
            "2026-05-03T14:30:00+02:00",
            "2026-05-03T14:30:00.25-03:30",
        ] {
            assert_eq!(TakenAt::parse(text).unwrap().format(), text);
        }
        let zulu = TakenAt::parse("1970-01-01T00:00:01Z").unwrap();
        assert_eq!((zulu.local_ms, zulu.offset_minutes), (1_000, Some(0)));
        assert!(TakenAt::parse("last summer").is_err());
    }

    #[test]
    fn a_shift_is_read_as_people_write_it() {
        assert_eq!(parse_shift("1h 30m").unwrap(), 90 * 60_000);
        assert_eq!(parse_shift("-2d").unwrap(), -2 * DAY_MS);
        assert_eq!(parse_shift("PT90M").unwrap(), 90 * 60_000);
        assert_eq!(
            parse_shift("1 day 2 hours 3 seconds").unwrap(),
            DAY_MS + 7_203_000
        );
        for wrong in ["", "soon", "90", "1 month"] {
            let error = parse_shift(wrong).unwrap_err();
            assert!(error.to_string().contains("1h 30m"), "{wrong}: {error}");
        }
    }

    #[test]
    fn an_instant_minds_its_offset() {
        assert_eq!(parse_end("1970-01-01T02:00:00+02:00"), Some(0));
        let (day, midnight) = (parse_end("2026-12-31"), parse_end("2027-01-01T00:00:00"));
        assert_eq!(day, midnight);
        assert!(TakenAt::parse("-000500-01-01T00:00:00").is_err());
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
    }
}
