//! The eight ways a camera can have been held (EXIF 2.32, tag 274).

use pixels::Pixels;

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
        let channels = stored.channels();
        let (width, height) = self.upright_size((stored.width, stored.height));
        let row = stored.width as usize;
        let (last_x, last_y) = (stored.width as usize - 1, stored.height as usize - 1);
        let mut bytes = Vec::with_capacity(stored.bytes.len());
        for y in 0..height as usize {
            for x in 0..width as usize {
                let (from_x, from_y) = match self.0 {
                    2 => (last_x - x, y),
                    3 => (last_x - x, last_y - y),
                    4 => (x, last_y - y),
                    5 => (y, x),
                    6 => (y, last_y - x),
                    7 => (last_x - y, last_y - x),
                    8 => (last_x - y, x),
                    _ => (x, y),
                };
                let at = (from_y * row + from_x) * channels;
                bytes.extend_from_slice(stored.bytes.get(at..at + channels).unwrap_or(&[]));
            }
        }
        Pixels {
            width,
            height,
            bytes,
            ink: stored.ink,
        }
    }
}
