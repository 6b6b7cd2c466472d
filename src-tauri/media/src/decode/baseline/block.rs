//! One block of 8 × 8 samples as coefficients, read only as far as a block of
//! N × N shows them.

use super::bits::Bits;
use super::codes::{Ac, Dc, END, Pair, SEEN, extended};
use super::headers::Component;
use super::samples::{KEPT, Place};

/// Where the coefficients of a block stand in the order of the file (ITU T.81,
/// figure A.6): eight times the row, and the column.
const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// A block's coefficients, eight a row and column.
const COEFFICIENTS: usize = 64;

/// Where the coefficients that N × N samples are made of are kept, by the order of
/// the file: four times the column, and the row; [`KEPT`] for all others, also
/// past the end of the block.
pub(super) struct Order<const N: usize>;

impl<const N: usize> Order<N> {
    pub(super) const PLACES: [u8; 256] = {
        let mut places = [KEPT as u8; 256];
        let mut number = 0;
        while number < ZIGZAG.len() {
            #[expect(clippy::indexing_slicing, reason = "at compile time")]
            {
                let (row, column) = (ZIGZAG[number] / 8, ZIGZAG[number] % 8);
                if row < N as u8 && column < N as u8 {
                    places[number] = 4 * column + row;
                }
            }
            number += 1;
        }
        places
    };

    /// The place of a coefficient by the order of the file.
    #[inline(always)]
    fn place(number: usize) -> usize {
        let places = const { &Self::PLACES };
        places
            .get(number & 255)
            .map_or(KEPT, |place| usize::from(*place))
    }
}

/// Reads a block, and adds its DC difference to `mean`. `None` for codes that mean
/// nothing.
#[inline(never)]
pub(super) fn read<const N: usize>(
    from: &mut Bits,
    component: &Component,
    mean: &mut i32,
    mut place: Place,
) -> Option<()> {
    // A copy stays in registers.
    let mut bits = *from;
    bits.refill();
    *mean = mean.wrapping_add(component.dc.difference(&mut bits)?);
    place.set(0, *mean as i16);
    let ac = &component.ac;
    let mut next = 1;
    'pairs: loop {
        bits.refill();
        // Four looks of 12 bits are what is ready for sure.
        for _ in 0..4 {
            let pair = ac.pair(&bits);
            let (first, after) = (next + pair.zeros(), next + pair.advance());
            if after < COEFFICIENTS {
                bits.pass(pair.bits());
                place.set(Order::<N>::place(first), pair.first());
                place.set(Order::<N>::place(after - 1), pair.second());
                next = after;
                continue;
            }
            // The end of the block, unless the second code is of the next one.
            if pair.is_whole() && first + 1 < COEFFICIENTS && ends(after) {
                bits.pass(pair.bits());
                place.set(Order::<N>::place(first), pair.first());
                place.set(Order::<N>::place(after - 1), pair.second());
                break 'pairs;
            }
            bits.refill();
            let (advance, coefficient) = ac.coefficient(&mut bits, pair)?;
            next += advance as usize;
            place.set(Order::<N>::place(next - 1), coefficient);
            match next {
                ..COEFFICIENTS => continue 'pairs,
                next if ends(next) => break 'pairs,
                _ => return None,
            }
        }
    }
    *from = bits;
    Some(())
}

/// Whether a block may end there: no end is stated after its last coefficient.
#[inline(always)]
fn ends(next: usize) -> bool {
    next == COEFFICIENTS || next > END as usize
}

impl Dc {
    /// Reads a difference.
    #[inline(always)]
    fn difference(&self, bits: &mut Bits) -> Option<i32> {
        let seen = (bits.next >> 55) as usize;
        let mut entry = u32::from(self.table.get(seen).copied()?);
        if entry == 0 {
            let (size, length) = self.codes.find((bits.next >> 48) as u32)?;
            entry = u32::from(size) << 6 | (length + u32::from(size));
        }
        let size = entry >> 6;
        let number = bits.after((entry & 63) - size, size);
        bits.pass(entry);
        Some(extended(number, size))
    }
}

impl Ac {
    #[inline(always)]
    fn pair(&self, bits: &Bits) -> Pair {
        let seen = (bits.next >> (64 - SEEN)) as usize;
        self.pairs.get(seen).copied().unwrap_or(Pair::UNSEEN)
    }

    /// Reads one coefficient: how far it advances, and its number. `pair` may know
    /// the code.
    #[inline(always)]
    fn coefficient(&self, bits: &mut Bits, pair: Pair) -> Option<(u32, i16)> {
        let (symbol, length) = match pair.large_code() {
            Some(code) => code,
            None => self.codes.find((bits.next >> 48) as u32)?,
        };
        let (zeros, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        let number = bits.after(length, size);
        bits.pass(length + size);
        let ends = size == 0 && zeros < 15;
        let advance = if ends { END } else { zeros + 1 };
        Some((advance, extended(number, size) as i16))
    }
}
