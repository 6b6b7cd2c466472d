//! IPTC-IIM records (IPTC "Information Interchange Model", version 4), and the
//! Photoshop resources that JPEG and PNG wrap them in.

use crate::metadata::taken::read_taken;
use crate::metadata::text;
use crate::{Metadata, Taken, TakenFrom};

/// Records more than this are not looked at.
const MOST_RECORDS: usize = 4_096;

/// What names UTF-8 in record 1:90 (ISO 2022, 15.4.1).
const UTF8: &[u8] = b"\x1b%G";

/// The IPTC-IIM records among Photoshop's image resources: number 0x0404.
pub(crate) fn in_photoshop(resources: &[u8]) -> Option<&[u8]> {
    let mut rest = resources;
    loop {
        let (kind, after) = rest.strip_prefix(b"8BIM")?.split_first_chunk::<2>()?;
        // A Pascal string padded to an even number of bytes, then a length.
        let name = 1 + usize::from(*after.first()?);
        let after = after.get(name + name % 2..)?;
        let (length, after) = after.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let body = after.get(..length)?;
        if kind == &[0x04, 0x04] {
            return Some(body);
        }
        rest = after.get(length.checked_add(length % 2)?..)?;
    }
}

/// What the records say.
pub(crate) fn metadata(records: &[u8]) -> Metadata {
    let mut found = Metadata::default();
    let mut utf8 = false;
    let (mut created, mut scanned) = (Moment::default(), Moment::default());
    for (record, number, value) in walk(records) {
        let decoded = || match utf8 {
            true => String::from_utf8_lossy(value).into_owned(),
            false => text::of_bytes(value),
        };
        match (record, number) {
            (1, 90) => utf8 = value == UTF8,
            (2, 5) => found.title = found.title.or_else(|| text::line(&decoded())),
            (2, 25) => text::add_tags(&mut found.tags, [decoded()]),
            (2, 55) => created.date = Some(value),
            (2, 60) => created.time = Some(value),
            (2, 62) => scanned.date = Some(value),
            (2, 63) => scanned.time = Some(value),
            (2, 120) => found.description = found.description.or_else(|| text::lines(&decoded())),
            _ => {}
        }
    }
    found.taken = created.read().or_else(|| scanned.read());
    found
}

/// A date `CCYYMMDD` and a time `HHMMSS±HHMM`, which are records of their own.
#[derive(Default)]
struct Moment<'a> {
    date: Option<&'a [u8]>,
    time: Option<&'a [u8]>,
}

impl Moment<'_> {
    fn read(&self) -> Option<Taken> {
        let date = std::str::from_utf8(self.date?).ok()?;
        let time = std::str::from_utf8(self.time?).ok()?;
        let part = |text: &str, from: usize, to: usize| text.get(from..to).map(str::to_owned);
        let moment = [
            part(date, 0, 4)?,
            part(date, 4, 6)?,
            part(date, 6, 8)?,
            part(time, 0, 2)?,
            part(time, 2, 4)?,
            part(time, 4, 6)?,
        ];
        // The model demands a zone, so that those who know none write zero.
        let zone = time.get(6..).filter(|zone| *zone != "+0000");
        read_taken(&moment.join(":"), None, zone, TakenFrom::Xmp)
    }
}

/// The records as `(record, number, value)`, up to the first that is none.
fn walk(records: &[u8]) -> impl Iterator<Item = (u8, u8, &[u8])> {
    let mut rest = records;
    std::iter::from_fn(move || {
        let (&[marker, record, number, high, low], after) = rest.split_first_chunk()?;
        // The top bit means a longer length follows: for pictures within.
        let length = usize::from(u16::from_be_bytes([high, low]));
        if marker != 0x1c || length > 0x7fff {
            return None;
        }
        let value = after.get(..length)?;
        rest = after.get(length..)?;
        Some((record, number, value))
    })
    .take(MOST_RECORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(record: u8, number: u8, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(value.len()).unwrap().to_be_bytes();
        [&[0x1c, record, number], &length[..], value].concat()
    }

    #[test]
    fn records_are_read_in_their_charset() {
        let plain = [
            record(2, 5, b"Caf\xe9"),
            record(2, 25, b"V\xc3\xbdlet"),
            record(2, 25, b"sea"),
            record(2, 25, b"sea"),
            record(2, 120, b"Two\rlines"),
            record(2, 55, b"20220110"),
            record(2, 60, b"151544-0400"),
        ];
        let found = metadata(&plain.concat());
        assert_eq!(found.title.as_deref(), Some("Café"));
        assert_eq!(found.tags, ["Výlet", "sea"]);
        assert_eq!(found.description.as_deref(), Some("Two\nlines"));
        let taken = found.taken.unwrap();
        assert_eq!(
            (taken.local_ms, taken.offset_minutes),
            (1_641_827_744_000, Some(-240))
        );
        let stated = [record(1, 90, UTF8), record(2, 5, b"Caf\xe9")].concat();
        assert_eq!(metadata(&stated).title.as_deref(), Some("Caf\u{fffd}"));
        let zero = [record(2, 55, b"20220110"), record(2, 60, b"151544+0000")].concat();
        assert_eq!(metadata(&zero).taken.unwrap().offset_minutes, None);
        let date_alone = record(2, 55, b"20220110");
        assert_eq!(metadata(&date_alone), Metadata::default());
    }

    #[test]
    fn resources_are_walked_to_the_records() {
        let resource = |kind: [u8; 2], body: &[u8]| {
            let length = u32::try_from(body.len()).unwrap().to_be_bytes();
            let padding: &[u8] = if body.len() % 2 == 1 { b"\0" } else { b"" };
            [b"8BIM", &kind[..], b"\0\0", &length, body, padding].concat()
        };
        let all = [
            resource([4, 0x0c], b"odd"),
            resource([4, 4], b"\x1c\x02"),
            resource([4, 5], b""),
        ]
        .concat();
        assert_eq!(in_photoshop(&all), Some(&b"\x1c\x02"[..]));
        for length in 0..all.len() {
            in_photoshop(&all[..length]);
        }
    }
}
