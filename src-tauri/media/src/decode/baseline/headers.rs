//! What stands before the scan: sizes, tables, and which component uses which.

use super::codes::{Ac, Dc};
use crate::container::jpeg;

/// A JPEG that is plain enough, up to its scan.
pub(super) struct Headers {
    /// Width and height in pixels.
    pub(super) size: (u32, u32),
    /// Pixels that share a colour, across and down.
    pub(super) block: (u32, u32),
    /// Y, Cb and Cr.
    pub(super) components: Vec<Component>,
    /// MCUs from one restart marker to the next; without any, as many as can be.
    pub(super) interval: usize,
}

/// One component, and how it is coded.
pub(super) struct Component {
    /// Blocks in an MCU, across and down.
    pub(super) across: usize,
    pub(super) down: usize,
    /// The quantisation table, in zigzag order.
    pub(super) steps: [u8; 64],
    pub(super) dc: Dc,
    pub(super) ac: Ac,
}

/// The tables that a file has defined so far, by their number.
#[derive(Default)]
struct Tables<'a> {
    steps: [Option<[u8; 64]>; 4],
    dc: [Option<&'a [u8]>; 4],
    ac: [Option<&'a [u8]>; 4],
}

impl Headers {
    /// Reads them, or finds something that is not plain.
    pub(super) fn read(bytes: &[u8], block: (u32, u32)) -> Option<Headers> {
        let (mut tables, mut frame, mut interval) = (Tables::default(), None, 0);
        for (marker, body) in jpeg::segments(bytes) {
            match marker {
                0xdb => tables.add_steps(body)?,
                0xc4 => tables.add_codes(body)?,
                0xdd => interval = usize::from(u16::from_be_bytes(body.try_into().ok()?)),
                0xc0 | 0xc1 if frame.is_none() => frame = Some(body),
                0xe0 | 0xee => {}
                _ => return None,
            }
        }
        let (&[8, h1, h0, w1, w0, 3], shapes) = frame?.split_first_chunk()? else {
            return None;
        };
        let (width, height) = (u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0]));
        if width == 0 || height == 0 {
            return None;
        }
        let (&[3], users) = jpeg::scan_header(bytes)?.split_first_chunk()? else {
            return None;
        };
        let (users, &[0, 63, 0]) = users.split_last_chunk()? else {
            return None;
        };
        let (shapes, users) = (shapes.as_chunks::<3>(), users.as_chunks::<2>());
        if shapes.0.len() != 3 || users.0.len() != 3 {
            return None;
        }
        // Sampling factors: how often Y is stated for each Cb and Cr.
        let wanted = [block.0 << 4 | block.1, 0x11, 0x11];
        let mut components = Vec::new();
        for ((&[id, shape, steps], &[user, codes]), wanted) in
            shapes.0.iter().zip(users.0).zip(wanted)
        {
            if id != user || u32::from(shape) != wanted {
                return None;
            }
            components.push(Component {
                across: usize::from(shape >> 4),
                down: usize::from(shape & 15),
                steps: (*tables.steps.get(usize::from(steps))?)?,
                dc: Dc::read((*tables.dc.get(usize::from(codes >> 4))?)?)?,
                ac: Ac::read((*tables.ac.get(usize::from(codes & 15))?)?)?,
            });
        }
        Some(Headers {
            size: (u32::from(width), u32::from(height)),
            block,
            components,
            interval: if interval == 0 { usize::MAX } else { interval },
        })
    }

    /// How many MCUs there are, across and down.
    pub(super) fn mcus(&self) -> (usize, usize) {
        let across = self.size.0.div_ceil(8 * self.block.0);
        let down = self.size.1.div_ceil(8 * self.block.1);
        (across as usize, down as usize)
    }
}

impl<'a> Tables<'a> {
    /// A segment of quantisation tables of eight bits (DQT).
    fn add_steps(&mut self, mut body: &[u8]) -> Option<()> {
        while let Some((number, rest)) = body.split_first() {
            let (steps, rest) = rest.split_first_chunk::<64>()?;
            *self.steps.get_mut(usize::from(*number))? = Some(*steps);
            body = rest;
        }
        Some(())
    }

    /// A segment of Huffman tables (DHT): how many there are of each length,
    /// and what they stand for.
    fn add_codes(&mut self, mut body: &'a [u8]) -> Option<()> {
        while let Some((number, rest)) = body.split_first() {
            let counts = rest.first_chunk::<16>()?;
            let codes = counts.iter().copied().map(usize::from).sum::<usize>();
            let (table, rest) = rest.split_at_checked(counts.len() + codes)?;
            let kind = match number >> 4 {
                0 => &mut self.dc,
                1 => &mut self.ac,
                _ => return None,
            };
            *kind.get_mut(usize::from(number & 15))? = Some(table);
            body = rest;
        }
        Some(())
    }
}
