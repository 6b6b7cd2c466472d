//! Huffman codes (ITU T.81, annexes C and F), as tables for looking up.

/// Bits that one look into a table of [`Ac`] sees: with more, the tables fill the
/// nearest cache.
pub(super) const SEEN: u32 = 12;
/// How far the end of a block (EOB) advances: past every coefficient.
pub(super) const END: u32 = 127;

/// The codes of a table as they are defined.
pub(super) struct Codes {
    /// How many there are of one bit, of two, to sixteen.
    counts: [u8; 16],
    /// What they stand for, the shortest first.
    symbols: Vec<u8>,
}

impl Codes {
    fn read(table: &[u8]) -> Option<Codes> {
        let (counts, symbols) = table.split_first_chunk()?;
        let codes = Codes {
            counts: *counts,
            symbols: symbols.to_vec(),
        };
        codes.fit().then_some(codes)
    }

    /// Whether there is room for so many codes of these lengths, and for the code of
    /// all ones, which stands for nothing.
    fn fit(&self) -> bool {
        let taken = self.counts.iter().zip(1..);
        taken
            .map(|(count, length)| u32::from(*count) << (16 - length))
            .sum::<u32>()
            < 1 << 16
    }

    /// The symbol and the length of the code that the 16 bits begin with.
    #[cold]
    pub(super) fn find(&self, bits: u32) -> Option<(u8, u32)> {
        let (mut first, mut passed) = (0, 0);
        for (count, length) in self.counts.iter().zip(1..) {
            let code = bits >> (16 - length);
            let number = code.wrapping_sub(first);
            if number < u32::from(*count) {
                let symbol = self.symbols.get((passed + number) as usize)?;
                return Some((*symbol, length));
            }
            passed += u32::from(*count);
            first = (first + u32::from(*count)) << 1;
        }
        None
    }
}

/// A number by its `size` lowest bits (ITU T.81, F.2.2.1: EXTEND).
#[inline(always)]
pub(super) fn extended(bits: u32, size: u32) -> i32 {
    let (value, half) = (bits as i32, (1 << size) >> 1);
    value + (((value - half) >> 31) & (1 - (1 << size)))
}

/// The codes of DC differences.
pub(super) struct Dc {
    /// By the next 9 bits: in bits 0 to 5 those of the code and its number, from 6
    /// on those of the number alone; 0 where the code is longer.
    pub(super) table: Box<[u16; 1 << 9]>,
    pub(super) codes: Codes,
}

/// The most bits of a difference with eight bits a sample.
pub(super) const LARGEST_DIFFERENCE: u8 = 11;

impl Dc {
    pub(super) fn read(table: &[u8]) -> Option<Dc> {
        let codes = Codes::read(table)?;
        if codes.symbols.iter().any(|size| *size > LARGEST_DIFFERENCE) {
            return None;
        }
        let mut table = Box::new([0; 1 << 9]);
        for (entry, bits) in table.iter_mut().zip(0..) {
            if let Some((size, length)) = codes.find(bits << 7)
                && length <= 9
            {
                *entry = u16::from(size) << 6 | (length as u16 + u16::from(size));
            }
        }
        Some(Dc { table, codes })
    }
}

/// The codes of AC coefficients: each stands for a run of zeros, and for how many
/// bits of a number follow.
pub(super) struct Ac {
    /// By the next [`SEEN`] bits.
    pub(super) pairs: Box<[Pair; 1 << SEEN]>,
    pub(super) codes: Codes,
}

/// What one code and its number say.
struct One {
    /// Bits of both.
    bits: u32,
    /// From the last coefficient to this one, or [`END`].
    advance: u32,
    /// Bits of the number.
    size: u32,
    number: i32,
}

impl Ac {
    pub(super) fn read(table: &[u8]) -> Option<Ac> {
        let codes = Codes::read(table)?;
        let firsts = codes.firsts();
        let mut pairs = Box::new([Pair::UNSEEN; 1 << SEEN]);
        for (pair, bits) in pairs.iter_mut().zip(0..) {
            *pair = Pair::seen(&firsts, bits);
        }
        Some(Ac { pairs, codes })
    }
}

impl Codes {
    /// Symbol and length of the code that [`SEEN`] bits begin with, by these bits;
    /// no length where it is longer.
    fn firsts(&self) -> Vec<(u8, u32)> {
        let mut firsts = Vec::with_capacity(1 << SEEN);
        let mut symbols = self.symbols.iter();
        for (count, length) in self.counts.iter().zip(1..=SEEN) {
            for symbol in symbols.by_ref().take(usize::from(*count)) {
                firsts.resize(firsts.len() + (1 << (SEEN - length)), (*symbol, length));
            }
        }
        firsts.resize(1 << SEEN, (0, 0));
        firsts
    }
}

impl One {
    /// What `bits` begin with, when it ends within the first `seen` of [`SEEN`].
    fn seen(firsts: &[(u8, u32)], bits: u32, seen: u32) -> Option<One> {
        let (symbol, length) = *firsts.get(bits as usize)?;
        let (zeros, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        let ends = size == 0 && zeros < 15;
        if length == 0 || length + size > seen {
            return None;
        }
        let number = (bits >> (SEEN - length - size)) & ((1 << size) - 1);
        Some(One {
            bits: length + size,
            advance: if ends { END } else { zeros + 1 },
            size,
            number: extended(number, size),
        })
    }
}

/// Two coefficients, or one twice, packed: bits 0 to 5 the bits of both, 6 to 9
/// the zeros before the first, 10 to 16 the advance of both, from 17 on the first
/// number and from 24 on the second, which counts where both are one. Without any
/// bits, and with the advance [`END`]: a code whose number was not seen or is larger,
/// its length from 17 on, the bits of its number from 21 on; or no length, for a code
/// that was not seen.
#[derive(Clone, Copy)]
pub(super) struct Pair(u32);

impl Pair {
    /// A code that is longer than what was seen.
    pub(super) const UNSEEN: Pair = Pair(END << 10);

    /// What `bits` begin with.
    fn seen(firsts: &[(u8, u32)], bits: u32) -> Pair {
        let Some(one) = One::seen(firsts, bits, SEEN).filter(|one| one.size <= 7) else {
            return match firsts.get(bits as usize) {
                Some(&(symbol, length)) if symbol & 15 > 0 => Pair::large(symbol, length),
                _ => Pair::UNSEEN,
            };
        };
        if one.advance == END {
            return Pair(one.bits | END << 10);
        }
        let rest = bits << one.bits & ((1 << SEEN) - 1);
        let other = One::seen(firsts, rest, SEEN - one.bits)
            .filter(|other| one.size <= 6 && other.size <= 7);
        let (bits, advance, second) = match other {
            Some(other) => (
                one.bits + other.bits,
                (one.advance + other.advance).min(END),
                other.number,
            ),
            None => (one.bits, one.advance, one.number),
        };
        let zeros = one.advance - 1;
        let numbers = (one.number as u32 & 127) << 17 | (second as u32) << 24;
        Pair(bits | zeros << 6 | advance << 10 | numbers)
    }

    fn large(symbol: u8, length: u32) -> Pair {
        let (zeros, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        Pair(zeros << 6 | END << 10 | length << 17 | size << 21)
    }

    /// Its bits, in the six lowest, for [`super::bits::Bits::pass`].
    #[inline(always)]
    pub(super) fn bits(self) -> u32 {
        self.0
    }

    /// Whether it has its numbers.
    #[inline(always)]
    pub(super) fn is_whole(self) -> bool {
        self.0 & 63 != 0
    }

    /// Zeros before the first.
    #[inline(always)]
    pub(super) fn zeros(self) -> usize {
        (self.0 >> 6 & 15) as usize
    }

    /// From the last coefficient before them to the second, or [`END`].
    #[inline(always)]
    pub(super) fn advance(self) -> usize {
        (self.0 >> 10 & 127) as usize
    }

    #[inline(always)]
    pub(super) fn first(self) -> i16 {
        ((self.0 << 8) as i32 >> 25) as i16
    }

    #[inline(always)]
    pub(super) fn second(self) -> i16 {
        (self.0 as i32 >> 24) as i16
    }

    /// Of a code without its number: its symbol and length.
    pub(super) fn large_code(self) -> Option<(u8, u32)> {
        let symbol = (self.0 >> 6 & 15) << 4 | self.0 >> 21;
        let length = self.0 >> 17 & 15;
        (!self.is_whole() && length > 0).then_some((symbol as u8, length))
    }
}
