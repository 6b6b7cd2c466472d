//! Codes and numbers of any kind, beside a reader to the letter of the standard.

use crate::decode::baseline::bits::Intervals;
use crate::decode::baseline::block;
use crate::decode::baseline::codes::{Ac, Dc};
use crate::decode::baseline::headers::Component;
use crate::decode::baseline::samples::Blocks;
use crate::tests::Chance;

impl Chance {
    /// A Huffman table of any lengths, as in a file, and its codes: bits, length and
    /// symbol.
    fn table(&mut self, symbols: &[u8]) -> (Vec<u8>, Vec<(u32, u32, u8)>) {
        let (mut counts, mut codes, mut code) = ([0_u8; 16], Vec::new(), 0_u32);
        let mut symbols = symbols.to_vec();
        for length in 1..=16 {
            code <<= 1;
            // As many as leave room for the longer ones, and for that of all ones.
            let room = (1 << length) - 1 - code as usize;
            let most = if length == 16 { room } else { room / 2 };
            for _ in 0..self.below(most.min(24) + 1).min(symbols.len()) {
                let symbol = symbols.swap_remove(self.below(symbols.len()));
                codes.push((code, length, symbol));
                counts[length as usize - 1] += 1;
                code += 1;
            }
        }
        let symbols = codes.iter().map(|(_, _, symbol)| *symbol);
        (counts.into_iter().chain(symbols).collect(), codes)
    }

    /// Some blocks in these codes, and then bits of any kind.
    fn blocks(&mut self, dc: &[(u32, u32, u8)], ac: &[(u32, u32, u8)]) -> Vec<u8> {
        let mut bits = Vec::new();
        let mut write = |chance: &mut Chance, (code, length, symbol): (u32, u32, u8)| {
            bits.extend((0..length).rev().map(|bit| code >> bit & 1 == 1));
            bits.extend((0..symbol & 15).map(|_| chance.below(2) == 1));
        };
        for _ in 0..40 {
            let code = dc[self.below(dc.len())];
            write(self, code);
            let mut next = 1;
            while next < 64 {
                let after = |symbol: u8| match symbol {
                    0x00..=0xe0 if symbol & 15 == 0 => 64,
                    _ => next + u32::from(symbol >> 4) + 1,
                };
                let fitting = ac.iter().filter(|(_, _, symbol)| after(*symbol) <= 64);
                let fitting: Vec<_> = fitting.collect();
                if fitting.is_empty() {
                    break;
                }
                let code = *fitting[self.below(fitting.len())];
                write(self, code);
                next = after(code.2);
            }
        }
        bits.extend((0..4_800).map(|_| self.below(2) == 1));
        let byte = |bits: &[bool]| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
        bits.chunks(8).map(byte).collect()
    }
}

/// A reader by the letter of ITU T.81, F.2.2: bit after bit.
struct Plain<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Plain<'_> {
    fn bits(&mut self, count: u32) -> u32 {
        (0..count).fold(0, |bits, _| {
            let byte = self.bytes.get(self.at / 8).copied().unwrap_or(0);
            let bit = byte >> (7 - self.at % 8) & 1;
            self.at += 1;
            bits << 1 | u32::from(bit)
        })
    }

    fn symbol(&mut self, codes: &[(u32, u32, u8)]) -> Option<u8> {
        let mut bits = 0;
        for length in 1..=16 {
            bits = bits << 1 | self.bits(1);
            let found = codes.iter().find(|code| (code.0, code.1) == (bits, length));
            if let Some((_, _, symbol)) = found {
                return Some(*symbol);
            }
        }
        None
    }

    fn number(&mut self, size: u32) -> i32 {
        let bits = self.bits(size) as i32;
        match size > 0 && bits < 1 << (size - 1) {
            true => bits - (1 << size) + 1,
            false => bits,
        }
    }

    /// The difference, and the coefficients in the order of the file.
    fn block(&mut self, dc: &[(u32, u32, u8)], ac: &[(u32, u32, u8)]) -> Option<(i32, [i32; 64])> {
        let mut numbers = [0; 64];
        let size = self.symbol(dc)?;
        let difference = self.number(size.into());
        let mut next = 1;
        while next < 64 {
            let symbol = self.symbol(ac)?;
            let (zeros, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            match (zeros, size) {
                (15, 0) => next += 16,
                (_, 0) => break,
                _ => {
                    *numbers.get_mut(next + zeros)? = self.number(size);
                    next += zeros + 1;
                }
            }
        }
        (next <= 64).then_some((difference, numbers))
    }
}

#[test]
fn any_codes_are_read_to_the_letter() {
    let mut chance = Chance(88_172_645_463_325_252);
    let (mut read, mut refused) = (0, 0);
    for round in 0..400 {
        let (dc_table, dc) = chance.table(&(0..=11).collect::<Vec<u8>>());
        let (ac_table, ac) = match round % 2 {
            0 => chance.table(&(0..=255).collect::<Vec<u8>>()),
            // Short codes of small numbers, so that blocks get long.
            _ => chance.table(&[0x00, 0x01, 0x02, 0x11, 0x03, 0x21, 0x06, 0x07, 0x08, 0xf0]),
        };
        let bytes = chance.blocks(&dc, &ac);
        let component = Component {
            across: 1,
            down: 1,
            steps: [1; 64],
            dc: Dc::read(&dc_table).expect("a table"),
            ac: Ac::read(&ac_table).expect("a table"),
        };
        let stuffed: Vec<u8> = bytes
            .iter()
            .flat_map(|byte| [*byte, 0].into_iter().take(1 + usize::from(*byte == 0xff)))
            .collect();
        let intervals = Intervals::read(&stuffed, usize::MAX, 1).unwrap();
        let mut bits = intervals.iter().next().unwrap();
        let mut plain = Plain {
            bytes: &bytes,
            at: 0,
        };
        let (mut mean, mut wanted_mean) = (0, 0);
        let mut blocks = Blocks::new();
        while plain.at < bytes.len() * 8 - 4_096 {
            let Some(place) = blocks.next(0) else {
                blocks = Blocks::new();
                continue;
            };
            let found = block::read::<4>(&mut bits, &component, &mut mean, place);
            let Some((difference, numbers)) = plain.block(&dc, &ac) else {
                assert_eq!(found, None, "round {round}");
                refused += 1;
                break;
            };
            assert_eq!(found, Some(()), "round {round}");
            wanted_mean += difference;
            let mut wanted = [0; 16];
            for (number, place) in numbers.iter().zip(block::Order::<4>::PLACES).skip(1) {
                if let Some(kept) = wanted.get_mut(usize::from(place)) {
                    *kept = *number as i16;
                }
            }
            wanted[0] = wanted_mean as i16;
            assert_eq!((mean, blocks.newest()), (wanted_mean, wanted), "{round}");
            read += 1;
        }
    }
    assert!(
        read > 2_000 && refused > 100,
        "{read} read, {refused} refused"
    );
}
