//! Columns become rows, and rows columns.

use std::ops::Range;

/// Bytes of a word: columns it has of a row, and rows that are turned at once.
const WORD: usize = 8;
/// Words of a row that are: as much as a cache fetches, and instructions change several
/// of them together.
const WORDS: usize = 8;
/// Columns of as many words.
const COLUMNS: usize = WORDS * WORD;
/// What is turned at once of a plane.
type Block = [[u64; WORDS]; WORD];
/// Pixels across and down of a square of others, so that both sides of the copy stay in
/// the processor's first cache; pixel by pixel it takes five times as long.
const SQUARE: usize = 16;

/// The columns of pixels of `N` bytes as rows. A row that is given has `row` of them.
pub fn transposed<const N: usize>(pixels: &[[u8; N]], row: usize) -> Vec<[u8; N]> {
    let mut columns = vec![[0; N]; pixels.len()];
    transpose(pixels, row, &mut columns);
    columns
}

/// As [`transposed`], into as many pixels.
pub(crate) fn transpose<const N: usize>(pixels: &[[u8; N]], row: usize, columns: &mut [[u8; N]]) {
    let Some(height @ 1..) = pixels.len().checked_div(row) else {
        return;
    };
    let (across, down) = match N {
        1 => by_blocks(pixels.as_flattened(), row, columns.as_flattened_mut()),
        _ => (0, 0),
    };
    by_squares(pixels, row, columns, 0..across, down..height);
    by_squares(pixels, row, columns, across..row, 0..height);
}

/// What of a plane is whole blocks; answers with how far those go across and down.
fn by_blocks(samples: &[u8], row: usize, columns: &mut [u8]) -> (usize, usize) {
    let height = samples.len() / row;
    let (across, down) = (row / COLUMNS * COLUMNS, height / WORD * WORD);
    for left in (0..across).step_by(COLUMNS) {
        for top in (0..down).step_by(WORD) {
            let mut block = Block::default();
            for (words, y) in block.iter_mut().zip(top..) {
                let bytes = samples.get(y * row + left..);
                if let Some(bytes) = bytes.and_then(<[u8]>::first_chunk::<COLUMNS>) {
                    let (bytes, _) = bytes.as_chunks();
                    for (word, bytes) in words.iter_mut().zip(bytes) {
                        *word = u64::from_le_bytes(*bytes);
                    }
                }
            }
            turn(&mut block);
            for (words, x) in block.iter().zip(left..) {
                for (word, x) in words.iter().zip((x..).step_by(WORD)) {
                    let to = columns.get_mut(x * height + top..);
                    if let Some(to) = to.and_then(<[u8]>::first_chunk_mut) {
                        *to = word.to_le_bytes();
                    }
                }
            }
        }
    }
    (across, down)
}

/// Of each word and row the first byte becomes a row, then the second, and so on: halves
/// change places, then quarters, then bytes (Warren, Hacker's Delight, 7-3). Only apart
/// from its caller do its loops become vectors.
#[inline(never)]
fn turn(block: &mut Block) {
    swap::<4>(block, 0x0000_0000_ffff_ffff);
    swap::<2>(block, 0x0000_ffff_0000_ffff);
    swap::<1>(block, 0x00ff_00ff_00ff_00ff);
}

#[inline(always)]
fn swap<const APART: usize>(block: &mut Block, mask: u64) {
    for rows in block.chunks_exact_mut(2 * APART) {
        let (upper, lower) = rows.split_at_mut(APART);
        let pairs = upper.as_flattened_mut().iter_mut();
        for (one, other) in pairs.zip(lower.as_flattened_mut()) {
            let differ = ((*one >> (8 * APART)) ^ *other) & mask;
            *other ^= differ;
            *one ^= differ << (8 * APART);
        }
    }
}

fn by_squares<const N: usize>(
    pixels: &[[u8; N]],
    row: usize,
    columns: &mut [[u8; N]],
    across: Range<usize>,
    down: Range<usize>,
) {
    let height = pixels.len() / row;
    for top in down.clone().step_by(SQUARE) {
        for left in across.clone().step_by(SQUARE) {
            let bottom = (top + SQUARE).min(down.end);
            for x in left..(left + SQUARE).min(across.end) {
                let column = pixels.iter().skip(top * row + x).step_by(row);
                let into = columns.get_mut(x * height + top..x * height + bottom);
                for (to, from) in into.unwrap_or_default().iter_mut().zip(column) {
                    *to = *from;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<const N: usize>(row: usize, height: usize) {
        let pixels: Vec<[u8; N]> = (0..row * height)
            .map(|number| [((number as u32).wrapping_mul(2_654_435_761) >> 24) as u8; N])
            .collect();
        let columns = transposed(&pixels, row);
        let expected: Vec<[u8; N]> = (0..row)
            .flat_map(|x| pixels.iter().skip(x).step_by(row).copied())
            .collect();
        assert_eq!(columns, expected, "{row} × {height} of {N}");
    }

    #[test]
    fn columns_of_any_size_become_rows() {
        for row in [1, 7, 8, 17, 63, 64, 65, 130] {
            for height in [1, 7, 8, 9, 16, 41] {
                check::<1>(row, height);
                check::<3>(row, height);
            }
        }
        assert!(transposed::<1>(&[], 0).is_empty());
        assert_eq!(
            transposed(&[[1], [2], [3], [4], [5]], 2),
            [[1], [3], [2], [4], [0]]
        );
        for row in [0, 3] {
            assert_eq!(transposed(&[[7]; 2], row), [[0]; 2], "no whole row");
        }
    }
}
