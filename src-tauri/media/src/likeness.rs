//! What a picture looks like, in 64 bytes that can be compared: made where the
//! thumbnail is, so that copies of a picture that were scaled, compressed again or
//! brightened have nearly the same.
//!
//! The way of pHash (C. Zauner, «Implementation and Benchmarking of Perceptual
//! Image Hash Functions», 2010): brightness at 32 × 32, its cosine transform, and of
//! the slow waves only whether each rises or falls. Two things are different. A sign
//! is compared with none, not with the median, so that the likeness of a turned
//! picture follows from that of the upright one. And waves too weak to have a sure
//! sign are marked, so that smooth pictures are not compared by their noise.

use std::f32::consts::PI;
use std::sync::LazyLock;

use pixels::Pixels;
use serde::{Deserialize, Serialize};

use crate::{MediaError, Turn};

/// Pixels across and down that are compared.
const SIDE: usize = 32;
/// Waves across and down that are kept.
const WAVES: usize = 16;
/// A wave below this (in 8-bit steps times 32) has no sure sign: compressing a
/// picture again moves it by as much.
const SURE: f32 = 6.0;
/// With fewer sure waves, a picture has too little in it to be told from others.
const FEWEST_SURE: u32 = 40;

/// What a picture looks like; see the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Likeness {
    /// A bit for each wave, `down * 16 + across` from the lowest: whether it begins
    /// bright. That of no wave at all is 0.
    signs: [u64; 4],
    /// Which of them are sure.
    sure: [u64; 4],
}

impl Likeness {
    /// Of a picture; `None` when it is too plain to be told from others.
    pub(crate) fn of(pixels: &Pixels) -> Result<Option<Likeness>, MediaError> {
        let side = u32::try_from(SIDE).unwrap_or(u32::MAX);
        let small = pixels.rgb_at((side, side))?;
        let bright: Vec<f32> = small
            .bytes
            .chunks_exact(3)
            .map(|pixel| match pixel {
                [r, g, b] => 0.299 * f32::from(*r) + 0.587 * f32::from(*g) + 0.114 * f32::from(*b),
                _ => 0.0,
            })
            .collect();
        let waves = transform(&transform(&bright));
        let mut likeness = Likeness {
            signs: [0; 4],
            sure: [0; 4],
        };
        for (number, wave) in waves.iter().enumerate().skip(1) {
            set(&mut likeness.signs, number, *wave > 0.0);
            set(&mut likeness.sure, number, wave.abs() >= SURE);
        }
        Ok((ones(likeness.sure) >= FEWEST_SURE).then_some(likeness))
    }

    /// How it is kept.
    pub fn to_bytes(self) -> Vec<u8> {
        let words = self.signs.iter().chain(&self.sure);
        words.flat_map(|word| word.to_le_bytes()).collect()
    }

    /// From how it was kept; `None` when these bytes are none.
    pub fn from_bytes(bytes: &[u8]) -> Option<Likeness> {
        let (words, rest) = bytes.as_chunks::<8>();
        let words: [u64; 8] = words
            .iter()
            .map(|word| u64::from_le_bytes(*word))
            .collect::<Vec<_>>()
            .try_into()
            .ok()?;
        let [a, b, c, d, e, f, g, h] = words;
        rest.is_empty().then_some(Likeness {
            signs: [a, b, c, d],
            sure: [e, f, g, h],
        })
    }

    /// How much two pictures differ, in thousandths: of the waves that are sure in
    /// both, how many go the other way. Pictures that have nothing to do with each
    /// other differ by about 500. 1,000 when too few are sure in both.
    pub fn apart(&self, other: &Likeness) -> u32 {
        let (mut both, mut unlike) = (0, 0);
        let ours = self.signs.iter().zip(&self.sure);
        let theirs = other.signs.iter().zip(&other.sure);
        for ((sign, sure), (their_sign, their_sure)) in ours.zip(theirs) {
            both += (sure & their_sure).count_ones();
            unlike += ((sign ^ their_sign) & sure & their_sure).count_ones();
        }
        if both < FEWEST_SURE {
            return 1_000;
        }
        unlike * 1_000 / both
    }

    /// That of the same picture, turned.
    pub fn turned(&self, turn: Turn) -> Likeness {
        // Turning upside down is a mirror each way; a mirror changes the sign of the
        // waves that have an odd number of halves that way.
        let (swapped, across, down) = match turn {
            Turn::None => return *self,
            Turn::Quarter => (true, true, false),
            Turn::Half => (false, true, true),
            Turn::ThreeQuarters => (true, false, true),
        };
        let mut turned = Likeness {
            signs: [0; 4],
            sure: [0; 4],
        };
        for number in 1..WAVES * WAVES {
            let (y, x) = (number / WAVES, number % WAVES);
            let from = if swapped { x * WAVES + y } else { number };
            let flipped = (across && x % 2 == 1) != (down && y % 2 == 1);
            set(&mut turned.signs, number, get(&self.signs, from) != flipped);
            set(&mut turned.sure, number, get(&self.sure, from));
        }
        turned
    }

    /// Four times 16 signs of the slowest waves. Where copies differ, they differ
    /// in the weak waves first; so one of the four is the same, or nearly.
    pub fn bands(&self) -> [u16; 4] {
        let mut bands = [0; 4];
        for (place, numbers) in SLOWEST.chunks_exact(4).enumerate() {
            for (band, number) in bands.iter_mut().zip(numbers) {
                *band |= u16::from(get(&self.signs, *number)) << place;
            }
        }
        bands
    }
}

/// The 64 slowest waves, from the slowest.
static SLOWEST: LazyLock<Vec<usize>> = LazyLock::new(|| {
    let mut numbers: Vec<usize> = (1..WAVES * WAVES).collect();
    numbers.sort_by_key(|number| number / WAVES + number % WAVES);
    numbers.truncate(64);
    numbers
});

fn get(words: &[u64; 4], bit: usize) -> bool {
    words
        .get(bit / 64)
        .is_some_and(|word| word >> (bit % 64) & 1 == 1)
}

fn set(words: &mut [u64; 4], bit: usize, on: bool) {
    if let Some(word) = words.get_mut(bit / 64) {
        *word |= u64::from(on) << (bit % 64);
    }
}

fn ones(words: [u64; 4]) -> u32 {
    words.iter().map(|word| word.count_ones()).sum()
}

/// The slow cosine waves (DCT-II) of each row of 32, and rows made columns: twice
/// gives those of a picture.
fn transform(rows: &[f32]) -> Vec<f32> {
    let count = rows.len() / SIDE;
    let mut waves = vec![0.0; WAVES * count];
    for (y, row) in rows.chunks_exact(SIDE).enumerate() {
        for x in 0..WAVES {
            let step = PI / SIDE as f32 * x as f32;
            let weight = if x == 0 {
                (1.0 / SIDE as f32).sqrt()
            } else {
                (2.0 / SIDE as f32).sqrt()
            };
            let sum: f32 = row
                .iter()
                .enumerate()
                .map(|(at, bright)| bright * (step * (at as f32 + 0.5)).cos())
                .sum();
            if let Some(wave) = waves.get_mut(x * count + y) {
                *wave = sum * weight;
            }
        }
    }
    waves
}

#[cfg(test)]
mod tests {
    use super::*;
    use pixels::Ink;

    /// A picture of many waves, no two alike.
    fn picture(width: u32, height: u32, level: impl Fn(f32, f32) -> f32) -> Pixels {
        let mut bytes = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let (x, y) = (x as f32 + 0.5, y as f32 + 0.5);
                bytes.extend([level(x / width as f32, y / height as f32) as u8; 3]);
            }
        }
        Pixels {
            width,
            height,
            bytes,
            ink: Ink::Rgb,
        }
    }

    fn patches(x: f32, y: f32) -> f32 {
        let number = (x * 9.0).floor() * 31.0 + (y * 7.0).floor() * 17.0;
        30.0 + (number * number) % 190.0
    }

    fn likeness(pixels: &Pixels) -> Likeness {
        Likeness::of(pixels).unwrap().unwrap()
    }

    #[test]
    fn a_turned_picture_has_the_turned_likeness() {
        let upright = likeness(&picture(240, 180, patches));
        for (turn, turned) in [
            (Turn::Quarter, picture(180, 240, |x, y| patches(y, 1.0 - x))),
            (
                Turn::Half,
                picture(240, 180, |x, y| patches(1.0 - x, 1.0 - y)),
            ),
            (
                Turn::ThreeQuarters,
                picture(180, 240, |x, y| patches(1.0 - y, x)),
            ),
        ] {
            let turned = likeness(&turned);
            assert!(upright.turned(turn).apart(&turned) < 20, "{turn:?}");
            assert!(upright.apart(&turned) > 200, "{turn:?}");
        }
    }

    #[test]
    fn a_smaller_brighter_copy_is_alike_and_another_picture_is_not() {
        let one = likeness(&picture(240, 180, patches));
        let copy = likeness(&picture(120, 90, |x, y| patches(x, y) * 1.1));
        let other = likeness(&picture(240, 180, |x, y| patches(y * y, x)));
        assert!(one.apart(&copy) < 40, "{}", one.apart(&copy));
        assert!(one.apart(&other) > 200, "{}", one.apart(&other));
    }

    #[test]
    fn plain_pictures_have_none() {
        for level in [0.0, 255.0] {
            assert_eq!(
                Likeness::of(&picture(200, 100, |_, _| level)).unwrap(),
                None
            );
        }
        let sky = picture(200, 100, |_, y| 120.0 + 80.0 * y);
        assert_eq!(Likeness::of(&sky).unwrap(), None);
    }

    #[test]
    fn what_is_kept_is_read_again_and_nothing_else() {
        let one = likeness(&picture(240, 180, patches));
        assert_eq!(Likeness::from_bytes(&one.to_bytes()), Some(one));
        assert_eq!(Likeness::from_bytes(&[]), None);
        assert_eq!(Likeness::from_bytes(&[0; 65]), None);
    }
}
