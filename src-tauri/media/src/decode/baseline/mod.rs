//! The JPEG that cameras and phones write – baseline, one scan, three
//! components, Huffman codes (ITU T.81, annexes A to F) – decoded to planes at
//! one to four eighths of its size.
//!
//! libjpeg-turbo spends six sevenths of such a decoding on Huffman codes. Here one
//! look into a table reads two coefficients, and only those are kept that so small a
//! picture shows. Whatever is not plain – progressive, damaged, cut off, of any other
//! make – is left to libjpeg-turbo, which knows what to say.

mod bits;
mod block;
mod codes;
mod headers;
mod samples;
#[cfg(test)]
mod tests;

use bits::{Bits, Intervals};
use headers::{Component, Headers};
use pixels::plane_sizes;
use samples::{Blocks, Steps, Strip};

/// The largest scale, in eighths: a block is kept as 4 × 4 coefficients at most.
pub(crate) const MOST_EIGHTHS: u32 = 4;

/// The size of a picture at a few eighths, as libjpeg has it.
pub(crate) fn scaled(size: (u32, u32), eighths: u32) -> (u32, u32) {
    let scaled = |side: u32| (side * eighths).div_ceil(8);
    (scaled(size.0), scaled(size.1))
}

/// Decodes a JPEG, of which `head` is all to the header of its scan, and `scan` the
/// rest without the end marker, to the planes Y, Cb and Cr, one after the other, at
/// `eighths` of its [`scaled`] size; `block` pixels share a colour. `None` where
/// libjpeg-turbo should do it.
pub(crate) fn decode(head: &[u8], scan: &[u8], eighths: u32, block: (u32, u32)) -> Option<Vec<u8>> {
    let headers = Headers::read(head, block)?;
    match eighths {
        1 => planes::<1>(&headers, scan),
        2 => planes::<2>(&headers, scan),
        3 => planes::<3>(&headers, scan),
        MOST_EIGHTHS => planes::<4>(&headers, scan),
        _ => None,
    }
}

/// One component while it is decoded.
struct Channel<'a> {
    component: &'a Component,
    steps: Steps,
    /// The DC coefficient of the last block, from which the next one differs.
    mean: i32,
    blocks: Blocks,
    strip: Strip,
    plane: &'a mut [u8],
    width: usize,
}

fn planes<const N: usize>(headers: &Headers, scan: &[u8]) -> Option<Vec<u8>> {
    let (across, down) = headers.mcus();
    let intervals = Intervals::read(scan, headers.interval, across * down)?;
    let sizes = plane_sizes(scaled(headers.size, N as u32), headers.block);
    let sizes = sizes.map(|(width, height)| (width as usize, height as usize));
    let mut planes = vec![0; sizes.iter().map(|(width, height)| width * height).sum()];
    let mut rest = planes.as_mut_slice();
    let mut channels = Vec::new();
    for (component, (width, height)) in headers.components.iter().zip(sizes) {
        let (plane, after) = rest.split_at_mut(width * height);
        rest = after;
        channels.push(Channel {
            component,
            steps: Steps::of::<N>(&component.steps),
            mean: 0,
            blocks: Blocks::new(),
            strip: Strip::new(across * component.across * N, component.down * N),
            plane,
            width,
        });
    }
    let mut all = intervals.iter();
    let mut bits = all.next()?;
    let mut left = headers.interval;
    for row in 0..down {
        for column in 0..across {
            if left == 0 {
                bits.ended()?;
                bits = all.next()?;
                left = headers.interval;
                channels.iter_mut().for_each(|channel| channel.mean = 0);
            }
            left -= 1;
            for channel in &mut channels {
                channel.mcu::<N>(&mut bits, column)?;
            }
        }
        if bits.overran() {
            return None;
        }
        for channel in &mut channels {
            channel.row_ends::<N>(row)?;
        }
    }
    bits.ended()?;
    Some(planes)
}

impl Channel<'_> {
    /// Reads the blocks of one MCU.
    fn mcu<const N: usize>(&mut self, bits: &mut Bits, column: usize) -> Option<()> {
        let component = self.component;
        for y in 0..component.down {
            for x in 0..component.across {
                let left = (column * component.across + x) * N;
                let place = self.blocks.next(self.strip.at(left, y * N))?;
                block::read::<N>(bits, component, &mut self.mean, place)?;
                if self.blocks.are_full() {
                    self.blocks.draw::<N>(&self.steps, &mut self.strip)?;
                }
            }
        }
        Some(())
    }

    /// Puts a finished row of MCUs into the plane.
    fn row_ends<const N: usize>(&mut self, row: usize) -> Option<()> {
        let component = self.component;
        self.blocks.draw::<N>(&self.steps, &mut self.strip)?;
        let first = row * component.down * N * self.width;
        let rows = self.plane.get_mut(first..)?.chunks_exact_mut(self.width);
        for (target, source) in rows.zip(self.strip.rows()) {
            target.copy_from_slice(source.get(..self.width)?);
        }
        Some(())
    }
}
