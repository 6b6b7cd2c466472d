//! Coefficients to samples: the inverse DCT of N × N points, of many blocks at a
//! time.

use super::block::Order;

/// Blocks that become samples together: enough for the compiler to make one loop
/// over vectors of them.
const LANES: usize = 32;
/// Coefficients that are kept of a block, at most.
pub(super) const KEPT: usize = 16;
/// Those, and places for all others: a power of two, which is cheap to stay within.
const PLACES: usize = 2 * KEPT;

/// Blocks of one component that are not drawn yet.
pub(super) struct Blocks {
    /// By place, as [`Order::PLACES`] has it, and by block.
    coefficients: [[i16; LANES]; PLACES],
    /// Where in the strip each block belongs.
    at: [usize; LANES],
    count: usize,
}

/// A block that is being read.
pub(super) struct Place<'a> {
    coefficients: &'a mut [i16; LANES * PLACES],
    lane: usize,
}

impl Place<'_> {
    /// Notes the coefficient of a place below [`PLACES`].
    #[inline(always)]
    pub(super) fn set(&mut self, place: usize, number: i16) {
        let at = (place * LANES + self.lane) & (LANES * PLACES - 1);
        if let Some(coefficient) = self.coefficients.get_mut(at) {
            *coefficient = number;
        }
    }
}

impl Blocks {
    pub(super) fn new() -> Blocks {
        Blocks {
            coefficients: [[0; LANES]; PLACES],
            at: [0; LANES],
            count: 0,
        }
    }

    /// A new block of zeros, to be drawn `at` a place of the strip.
    #[inline(always)]
    pub(super) fn next(&mut self, at: usize) -> Option<Place<'_>> {
        let lane = self.count;
        *self.at.get_mut(lane)? = at;
        self.count += 1;
        let coefficients = self.coefficients.as_flattened_mut().first_chunk_mut()?;
        Some(Place { coefficients, lane })
    }

    /// The coefficients of the newest block, by place.
    #[cfg(test)]
    pub(super) fn newest(&self) -> [i16; KEPT] {
        let lane = self.count - 1;
        std::array::from_fn(|place| self.coefficients[place][lane])
    }

    #[inline(always)]
    pub(super) fn are_full(&self) -> bool {
        self.count == LANES
    }

    /// The samples of all, by row and block. One loop over lanes without a branch,
    /// which the compiler makes one over vectors.
    #[expect(
        clippy::indexing_slicing,
        clippy::needless_range_loop,
        reason = "all arrays are as long as their loops"
    )]
    #[inline(never)]
    fn inverse<const N: usize>(&self, steps: &Steps) -> [[u32; LANES]; N] {
        let mut rows = [[0; LANES]; N];
        for lane in 0..LANES {
            let mut columns = [[0.0; N]; N];
            for column in 0..N {
                columns[column] = inverse(std::array::from_fn(|row| {
                    let place = 4 * column + row;
                    f32::from(self.coefficients[place][lane]) * steps.0[place]
                }));
            }
            for row in 0..N {
                let samples: [f32; N] = inverse(std::array::from_fn(|column| columns[column][row]));
                rows[row][lane] = pack(samples);
            }
        }
        rows
    }

    /// Draws them all, and forgets them.
    pub(super) fn draw<const N: usize>(&mut self, steps: &Steps, strip: &mut Strip) -> Option<()> {
        let rows = self.inverse::<N>(steps);
        for (lane, at) in self.at.iter().take(self.count).enumerate() {
            for (row, samples) in rows.iter().enumerate() {
                strip.put(at + row * strip.width, *samples.get(lane)?)?;
            }
        }
        self.coefficients
            .first_chunk_mut::<KEPT>()?
            .fill([0; LANES]);
        self.count = 0;
        Some(())
    }
}

/// The factors of [`inverse`], for the first half of the samples: the waves of N
/// points (ITU T.81, A.3.3), with the size that 8 points give them.
const fn factors(points: usize) -> [[f32; 4]; 2] {
    const MEAN: f32 = 0.353_553_4; // cos(π/4) / 2
    match points {
        1 => [[MEAN, 0.0, 0.0, 0.0], [0.0; 4]],
        2 => [[MEAN, MEAN, 0.0, 0.0], [0.0; 4]],
        // cos(π/6) / 2, cos(π/3) / 2; the sample in the middle.
        3 => [[MEAN, 0.433_012_7, 0.25, 0.0], [MEAN, 0.0, -0.5, 0.0]],
        // cos(π/8) / 2, cos(3π/8) / 2
        _ => [
            [MEAN, 0.461_939_8, MEAN, 0.191_341_7],
            [MEAN, 0.191_341_7, -MEAN, -0.461_939_8],
        ],
    }
}

/// The inverse DCT of N points, of the first N of 8 coefficients: what is left of
/// a row when its finer waves are left out and N samples are taken.
#[expect(
    clippy::indexing_slicing,
    reason = "every number is below N, and N at most 4"
)]
#[inline(always)]
fn inverse<const N: usize>(waves: [f32; N]) -> [f32; N] {
    let mut samples = [0.0; N];
    for number in 0..N.div_ceil(2) {
        let factors = const { factors(N) }[number];
        let mut even = waves[0] * factors[0];
        if N > 2 {
            even += waves[2] * factors[2];
        }
        let mut odd = 0.0;
        if N > 1 {
            odd = waves[1] * factors[1];
        }
        if N > 3 {
            odd += waves[3] * factors[3];
        }
        samples[N - 1 - number] = even - odd;
        samples[number] = even + odd;
    }
    samples
}

/// Samples of eight bits side by side, the first in the lowest bits.
#[inline(always)]
fn pack<const N: usize>(samples: [f32; N]) -> u32 {
    /// Above it floats have no places after the point, so adding it rounds.
    const WHOLE: f32 = 12_582_912.0; // 1.5 · 2^23
    let mut packed = 0;
    for (number, sample) in samples.into_iter().enumerate() {
        let sample = sample + 128.0;
        // Not clamp(), which minds what is no number.
        let sample = if sample > 0.0 { sample } else { 0.0 };
        let sample = if sample < 255.0 { sample } else { 255.0 };
        packed |= ((sample + WHOLE).to_bits() & 255) << (8 * number);
    }
    packed
}

/// The steps of quantisation by place.
pub(super) struct Steps([f32; KEPT]);

impl Steps {
    /// Of a quantisation table in zigzag order.
    pub(super) fn of<const N: usize>(table: &[u8; 64]) -> Steps {
        let mut steps = [0.0; KEPT];
        for (step, place) in table.iter().zip(Order::<N>::PLACES) {
            if let Some(kept) = steps.get_mut(usize::from(place)) {
                *kept = f32::from(*step);
            }
        }
        Steps(steps)
    }
}

/// Samples of one component in one row of MCUs.
pub(super) struct Strip {
    samples: Vec<u8>,
    width: usize,
}

/// Samples that are put into a strip at once. Where a block has fewer, what
/// stands right of it is put later, or behind the row.
const AT_ONCE: usize = 4;

impl Strip {
    pub(super) fn new(width: usize, height: usize) -> Strip {
        let width = width + AT_ONCE;
        Strip {
            samples: vec![0; width * height],
            width,
        }
    }

    /// Where a sample is.
    pub(super) fn at(&self, left: usize, top: usize) -> usize {
        top * self.width + left
    }

    fn put(&mut self, at: usize, samples: u32) -> Option<()> {
        let target = self.samples.get_mut(at..at + AT_ONCE)?;
        target.copy_from_slice(&samples.to_le_bytes());
        Some(())
    }

    /// Its rows, a little longer than they should be.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.samples.chunks_exact(self.width)
    }
}
