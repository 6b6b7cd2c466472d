//! The bits of a scan, without what was stuffed in between.

/// A scan's bytes with its stuffing (ITU T.81, F.1.2.3) taken out, cut at its
/// restart markers.
pub(super) struct Intervals {
    bytes: Vec<u8>,
    /// Where each interval ends; [`AFTER`] follows.
    ends: Vec<usize>,
}

/// Eight bytes of an interval's last bits can be read at once.
const AFTER: [u8; 8] = [0; 8];

impl Intervals {
    /// Those of a scan of `mcus` MCUs that restarts after every `interval` of them.
    /// They take three times the scan's bytes at most.
    pub(super) fn read(mut scan: &[u8], interval: usize, mcus: usize) -> Option<Intervals> {
        let intervals = mcus.div_ceil(interval);
        // What is added for each stays within what the scan has.
        if intervals > 1 && intervals * AFTER.len() > scan.len() {
            return None;
        }
        let mut bytes = Vec::with_capacity(scan.len() + AFTER.len());
        let mut ends = Vec::new();
        while let Some(plain) = memchr::memchr(0xff, scan) {
            let (plain, marker) = scan.split_at_checked(plain)?;
            bytes.extend_from_slice(plain);
            let code = *marker.get(1)?;
            scan = marker.get(2..)?;
            match code {
                0 => bytes.push(0xff),
                0xd0..=0xd7 if usize::from(code & 7) == ends.len() % 8 => {
                    ends.push(bytes.len());
                    bytes.extend_from_slice(&AFTER);
                }
                _ => return None,
            }
            if ends.len() >= intervals {
                return None;
            }
        }
        bytes.extend_from_slice(scan);
        ends.push(bytes.len());
        bytes.extend_from_slice(&AFTER);
        (ends.len() == intervals).then_some(Intervals { bytes, ends })
    }

    /// The bits of each.
    pub(super) fn iter(&self) -> impl Iterator<Item = Bits<'_>> {
        let mut from = 0;
        self.ends.iter().map(move |end| {
            let at = from;
            from = end + AFTER.len();
            Bits {
                bytes: &self.bytes,
                at,
                end: *end,
                next: 0,
                ready: 0,
            }
        })
    }
}

/// A place among the bits of an interval. Reading past its end gives other bits,
/// which [`Bits::ended`] tells.
#[derive(Clone, Copy)]
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// The first byte that is not wholly in `next`.
    at: usize,
    end: usize,
    /// The next bits, from the highest on.
    pub(super) next: u64,
    /// How many of them are there; only its six lowest bits count.
    ready: u32,
}

impl Bits<'_> {
    /// Makes at least 56 bits ready (Giesen, Reading bits in far too many ways,
    /// 2018: variant 4).
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        let rest = self
            .bytes
            .get(self.at..)
            .and_then(|rest| rest.first_chunk());
        let bytes = rest.map_or(0, |eight| u64::from_be_bytes(*eight));
        self.next |= bytes.wrapping_shr(self.ready);
        self.at += ((!self.ready & 63) >> 3) as usize;
        self.ready |= 56;
    }

    /// Leaves behind as many bits as the six lowest of `count` say.
    #[inline(always)]
    pub(super) fn pass(&mut self, count: u32) {
        self.next = self.next.wrapping_shl(count);
        self.ready = self.ready.wrapping_sub(count);
    }

    /// The `size` bits (15 at most) that come after `length` others (16 at most).
    #[inline(always)]
    pub(super) fn after(&self, length: u32, size: u32) -> u32 {
        (self.next.wrapping_shl(length) >> 1).wrapping_shr(63 - size) as u32
    }

    /// Whether more was read than there is.
    pub(super) fn overran(&self) -> bool {
        self.at >= self.end + AFTER.len()
    }

    /// Whether the interval was read to its last byte, and no further.
    pub(super) fn ended(&self) -> Option<()> {
        let read = (self.at * 8).checked_sub((self.ready & 63) as usize)?;
        (self.end * 8).checked_sub(read).filter(|left| *left < 8)?;
        Some(())
    }
}
