//! The bytes of a ZIP that stores its members as they are: APPNOTE 6.3.10, with
//! ZIP64 where a number does not fit (4.5.3), and names in UTF-8.

use crate::time::civil;

/// What fits no field of 32 bits stands in a ZIP64 one.
const FULL: u64 = 0xffff_ffff;
/// The same for counts.
const FULL_COUNT: u64 = 0xffff;
/// Names are UTF-8 (general purpose bit 11).
const UTF8: u16 = 1 << 11;
/// Versions needed: 2.0, and 4.5 for ZIP64.
const PLAIN: u16 = 20;
const LARGE: u16 = 45;
/// Made on Unix, so that the mode below counts.
const UNIX: u16 = 3 << 8;
/// A regular file that everyone may read.
const MODE: u32 = 0o100_644 << 16;

/// A wall clock to two seconds, as ZIP has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    time: u16,
    date: u16,
}

impl Moment {
    /// The first one there is, for what has no time or does not tell it.
    pub(super) const NONE: Moment = Moment {
        time: 0,
        date: (1 << 5) | 1,
    };

    /// A wall clock in milliseconds, where ZIP knows its year.
    pub(super) fn of(local_ms: i64) -> Moment {
        let local = civil(local_ms);
        let part = |number: i8| u16::try_from(number).unwrap_or_default();
        match u16::try_from(i32::from(local.year()) - 1980) {
            Ok(years @ 0..=127) => Moment {
                time: (part(local.hour()) << 11)
                    | (part(local.minute()) << 5)
                    | (part(local.second()) / 2),
                date: (years << 9) | (part(local.month()) << 5) | part(local.day()),
            },
            _ => Moment::NONE,
        }
    }
}

/// A file within the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) moment: Moment,
    pub(super) bytes: u64,
    pub(super) crc32: u32,
}

impl Member {
    /// What stands before its bytes.
    pub(super) fn header(&self) -> Vec<u8> {
        let large = self.bytes >= FULL;
        let mut out = Vec::with_capacity(self.header_length());
        out.extend(0x0403_4b50_u32.to_le_bytes());
        self.common(&mut out, large);
        out.extend((if large { 20_u16 } else { 0 }).to_le_bytes());
        out.extend(self.name.as_bytes());
        if large {
            out.extend(1_u16.to_le_bytes());
            out.extend(16_u16.to_le_bytes());
            out.extend(self.bytes.to_le_bytes());
            out.extend(self.bytes.to_le_bytes());
        }
        out
    }

    /// How long [`Member::header`] is.
    pub(super) fn header_length(&self) -> usize {
        30 + self.name.len() + if self.bytes >= FULL { 20 } else { 0 }
    }

    /// Its entry in the directory; its header stands at `offset`.
    pub(super) fn record(&self, offset: u64, out: &mut Vec<u8>) {
        let mut extra = Vec::new();
        if self.bytes >= FULL {
            extra.extend(self.bytes.to_le_bytes());
            extra.extend(self.bytes.to_le_bytes());
        }
        if offset >= FULL {
            extra.extend(offset.to_le_bytes());
        }
        let large = !extra.is_empty();
        out.extend(0x0201_4b50_u32.to_le_bytes());
        out.extend((UNIX | LARGE).to_le_bytes());
        self.common(out, large);
        out.extend(short(if large { extra.len() as u64 + 4 } else { 0 }).to_le_bytes());
        // No comment, the first disk, no text.
        out.extend([0; 6]);
        out.extend(MODE.to_le_bytes());
        out.extend(long(offset).to_le_bytes());
        out.extend(self.name.as_bytes());
        if large {
            out.extend(1_u16.to_le_bytes());
            out.extend(short(extra.len() as u64).to_le_bytes());
            out.extend(extra);
        }
    }

    /// From the version needed to the length of the name.
    fn common(&self, out: &mut Vec<u8>, large: bool) {
        out.extend((if large { LARGE } else { PLAIN }).to_le_bytes());
        out.extend(UTF8.to_le_bytes());
        // Stored.
        out.extend(0_u16.to_le_bytes());
        out.extend(self.moment.time.to_le_bytes());
        out.extend(self.moment.date.to_le_bytes());
        out.extend(self.crc32.to_le_bytes());
        out.extend(long(self.bytes).to_le_bytes());
        out.extend(long(self.bytes).to_le_bytes());
        out.extend(short(self.name.len() as u64).to_le_bytes());
    }
}

/// What ends an archive of `count` members, whose directory of `length` bytes
/// stands at `start`.
pub(super) fn end(count: u64, start: u64, length: u64, out: &mut Vec<u8>) {
    if count >= FULL_COUNT || start >= FULL || length >= FULL {
        out.extend(0x0606_4b50_u32.to_le_bytes());
        out.extend(44_u64.to_le_bytes());
        out.extend((UNIX | LARGE).to_le_bytes());
        out.extend(LARGE.to_le_bytes());
        out.extend([0; 8]);
        for number in [count, count, length, start] {
            out.extend(number.to_le_bytes());
        }
        out.extend(0x0706_4b50_u32.to_le_bytes());
        out.extend(0_u32.to_le_bytes());
        out.extend((start + length).to_le_bytes());
        out.extend(1_u32.to_le_bytes());
    }
    out.extend(0x0605_4b50_u32.to_le_bytes());
    out.extend([0; 4]);
    out.extend(short(count).to_le_bytes());
    out.extend(short(count).to_le_bytes());
    out.extend(long(length).to_le_bytes());
    out.extend(long(start).to_le_bytes());
    out.extend([0; 2]);
}

/// A number, or the mark that it stands elsewhere.
fn long(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn short(number: u64) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, bytes: u64) -> Member {
        Member {
            name: name.into(),
            moment: Moment::NONE,
            bytes,
            crc32: 7,
        }
    }

    #[test]
    fn large_numbers_stand_in_fields_of_their_own() {
        let small = member("a.jpg", FULL - 1);
        assert_eq!(small.header().len(), small.header_length());
        assert_eq!(small.header().len(), 30 + 5);
        let large = member("a.mp4", FULL);
        assert_eq!(large.header().len(), large.header_length());
        assert_eq!(large.header().len(), 30 + 5 + 20);
        assert_eq!(large.header()[18..26], [0xff; 8]);
        assert_eq!(large.header()[39..47], FULL.to_le_bytes());

        let record = |member: &Member, offset| {
            let mut out = Vec::new();
            member.record(offset, &mut out);
            out
        };
        assert_eq!(record(&small, FULL - 1).len(), 46 + 5);
        assert_eq!(record(&small, FULL).len(), 46 + 5 + 4 + 8);
        assert_eq!(record(&large, FULL).len(), 46 + 5 + 4 + 24);

        let length_of = |count, start| {
            let mut out = Vec::new();
            end(count, start, 100, &mut out);
            out.len()
        };
        assert_eq!(length_of(0xfffe, 1), 22);
        assert_eq!(length_of(0xffff, 1), 22 + 76);
        assert_eq!(length_of(1, FULL), 22 + 76);
    }

    #[test]
    fn a_moment_is_the_wall_clock() {
        let at = |text: &str| Moment::of(crate::TakenAt::parse(text).unwrap().local_ms);
        let noon = at("2026-11-26T12:34:57");
        assert_eq!(noon.date, (46 << 9) | (11 << 5) | 26);
        assert_eq!(noon.time, (12 << 11) | (34 << 5) | 28);
        assert_eq!(at("1979-12-31T23:59:59"), Moment::NONE);
        assert_eq!(at("1980-01-01T00:00:00"), Moment::NONE);
    }
}
