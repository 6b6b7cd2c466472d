//! A clean copy in which no byte moves: the original with stretches written
//! over, so that offsets into a file of gigabytes stay true.

use super::{MOST_PARTS, Recipe, Withheld};
use crate::Span;

/// What is written over a stretch.
#[derive(Debug)]
enum Over {
    Zeros(u64),
    Bytes(Vec<u8>),
}

impl Over {
    fn length(&self) -> u64 {
        match self {
            Over::Zeros(length) => *length,
            Over::Bytes(bytes) => bytes.len() as u64,
        }
    }
}

/// Stretches of a file to write over, in any order.
#[derive(Debug, Default)]
pub(super) struct Patches {
    list: Vec<(u64, Over)>,
    /// Whether there were more than a recipe can have, so that none can be made.
    too_many: bool,
}

impl Patches {
    /// Writes zeros over `length` bytes from `start` on.
    pub(super) fn zero(&mut self, start: u64, length: u64) {
        if length > 0 {
            self.push(start, Over::Zeros(length));
        }
    }

    /// Writes `bytes` over as many from `start` on.
    pub(super) fn write(&mut self, start: u64, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.push(start, Over::Bytes(bytes.to_vec()));
        }
    }

    fn push(&mut self, start: u64, over: Over) {
        // Neighbouring zeros become one part, so that there may be more patches.
        self.too_many |= self.list.len() >= 4 * MOST_PARTS;
        if !self.too_many {
            self.list.push((start, over));
        }
    }

    /// Makes a box of 8 or 16 bytes of header a `free` one that holds zeros.
    pub(super) fn free(&mut self, start: u64, header: u64, length: u64) {
        self.write(start + 4, b"free");
        self.zero(start + header, length.saturating_sub(header));
    }

    /// Writes zeros over what of a stretch is not in `kept`, which is sorted
    /// and does not overlap.
    pub(super) fn zero_between(&mut self, stretch: Span, kept: &[Span]) {
        let end = stretch.start + stretch.length;
        let mut at = stretch.start;
        let first = kept.partition_point(|span| span.start + span.length <= stretch.start);
        for span in kept.iter().skip(first) {
            if span.start >= end {
                break;
            }
            self.zero(at, span.start.saturating_sub(at));
            at = at.max(span.start + span.length);
        }
        self.zero(at, end.saturating_sub(at));
    }

    /// `bytes`, which begin at 0, with everything written over.
    pub(super) fn onto(self, bytes: &[u8]) -> Result<Vec<u8>, Withheld> {
        if self.too_many {
            return Err(Withheld::TooIntricate);
        }
        let mut bytes = bytes.to_vec();
        for (start, over) in self.list {
            let place = usize::try_from(start).unwrap_or(usize::MAX);
            let rest = bytes.get_mut(place..).unwrap_or_default();
            match over {
                Over::Zeros(length) => {
                    let length = usize::try_from(length).unwrap_or(usize::MAX);
                    rest.iter_mut().take(length).for_each(|byte| *byte = 0);
                }
                Over::Bytes(new) => rest.iter_mut().zip(new).for_each(|(old, new)| *old = new),
            }
        }
        Ok(bytes)
    }

    /// The file's first `length` bytes with everything written over.
    pub(super) fn over(mut self, length: u64) -> Result<Recipe, Withheld> {
        if self.too_many {
            return Err(Withheld::TooIntricate);
        }
        self.list.sort_by_key(|(start, _)| *start);
        let mut recipe = Recipe::default();
        let mut at = 0;
        for (start, over) in self.list.iter().take_while(|(start, _)| *start < length) {
            let gap = start.checked_sub(at).ok_or(Withheld::Malformed)?;
            recipe.keep(at, gap)?;
            match over {
                Over::Zeros(length) => recipe.zeros(*length)?,
                Over::Bytes(bytes) => recipe.put(bytes)?,
            }
            at = start + over.length();
        }
        recipe.keep(at, length.checked_sub(at).ok_or(Withheld::Malformed)?)?;
        Ok(recipe)
    }
}

/// The same stretches sorted, each byte in one of them.
pub(super) fn united(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| span.length > 0);
    spans.sort_by_key(|span| span.start);
    let mut united: Vec<Span> = Vec::new();
    for span in spans {
        match united.last_mut() {
            Some(last) if last.start + last.length >= span.start => {
                let end = (span.start + span.length).max(last.start + last.length);
                last.length = end - last.start;
            }
            _ => united.push(span),
        }
    }
    united
}

/// Whether a stretch has a byte in common with one of `united` ones.
pub(super) fn touches(span: &Span, united: &[Span]) -> bool {
    let first = united.partition_point(|other| other.start + other.length <= span.start);
    span.length > 0
        && united
            .get(first)
            .is_some_and(|other| other.start < span.start + span.length)
}

/// Whether a stretch lies within one of `united` ones.
pub(super) fn lies_within(span: &Span, united: &[Span]) -> bool {
    let first = united.partition_point(|other| other.start + other.length <= span.start);
    united.get(first).is_some_and(|other| {
        other.start <= span.start && span.start + span.length <= other.start + other.length
    })
}
