//! The eight ways a camera can have been held (EXIF 2.32, tag 274).

use pixels::{Ink, Pixels, transposed};

use crate::Turn;

/// How stored pixels are turned to stand upright.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Orientation(u8);

impl Orientation {
    /// Pixels are stored as they are seen.
    pub(crate) const UPRIGHT: Orientation = Orientation(1);

    /// The orientation of an EXIF value; anything but 1 to 8 means upright.
    pub(crate) fn from_exif(value: u32) -> Orientation {
        match u8::try_from(value) {
            Ok(value @ 1..=8) => Orientation(value),
            _ => Orientation::UPRIGHT,
        }
    }

    /// The same, and after that turned by the owner.
    pub(crate) fn then(self, turn: Turn) -> Orientation {
        (0..turn.quarters()).fold(self, |Orientation(way), _| {
            Orientation(match way {
                1 => 6,
                6 => 3,
                3 => 8,
                8 => 1,
                2 => 7,
                7 => 4,
                4 => 5,
                _ => 2,
            })
        })
    }

    /// As EXIF has it, 1 to 8.
    pub(crate) fn exif(self) -> u16 {
        u16::from(self.0)
    }

    /// Width and height as seen, of a stored width and height.
    pub(crate) fn upright_size(self, (width, height): (u32, u32)) -> (u32, u32) {
        if self.0 >= 5 {
            (height, width)
        } else {
            (width, height)
        }
    }

    /// Turns stored pixels upright.
    pub(crate) fn apply(self, stored: Pixels) -> Pixels {
        if self == Orientation::UPRIGHT {
            return stored;
        }
        let (width, height) = self.upright_size((stored.width, stored.height));
        let row = stored.width as usize;
        let (bytes, ink) = match stored.ink {
            Ink::Rgb => (self.turned::<3>(&stored.bytes, row), Ink::Rgb),
            Ink::Cmyk => (self.turned::<4>(&stored.bytes, row), Ink::Cmyk),
            Ink::Ycbcr { block } => {
                let planes = stored.planes().unwrap_or_default();
                let turned =
                    planes.map(|plane| self.turned::<1>(plane.samples, plane.width as usize));
                let block = self.upright_size(block);
                (turned.concat(), Ink::Ycbcr { block })
            }
        };
        Pixels {
            width,
            height,
            bytes,
            ink,
        }
    }

    /// Every way is a transposition or none, then a mirroring of rows or none,
    /// then of their order or none. `row` is the stored width in pixels.
    fn turned<const N: usize>(self, bytes: &[u8], row: usize) -> Vec<u8> {
        let (stored, _) = bytes.as_chunks::<N>();
        if stored.len() < row.max(1) {
            return bytes.to_vec();
        }
        let (mut pixels, row) = if self.0 >= 5 {
            (transposed(stored, row), stored.len() / row)
        } else {
            (stored.to_vec(), row)
        };
        match self.0 {
            2 | 6 => pixels.chunks_exact_mut(row).for_each(<[_]>::reverse),
            3 | 7 => pixels.reverse(),
            4 | 8 => pixels = pixels.rchunks_exact(row).collect::<Vec<_>>().concat(),
            _ => {}
        }
        pixels.into_flattened()
    }
}
