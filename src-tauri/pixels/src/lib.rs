//! Eight-bit pixels in memory, and making them fewer: the ground of `media`. A
//! crate of its own, because the generic code of the resampler takes minutes to
//! optimise; here that happens once.

mod lanczos;
mod planes;
mod transpose;

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use fast_image_resize as fir;

pub use planes::{Plane, plane_sizes};
pub use transpose::transposed;

/// Pixels whose bytes do not fit their size.
#[derive(Debug)]
pub struct Malformed(String);

impl Malformed {
    fn length() -> Malformed {
        Malformed("the pixels are not as many as their size says".to_owned())
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Malformed {}

/// What the bytes of a picture mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Three bytes: red, green, blue.
    Rgb,
    /// Four bytes: cyan, magenta, yellow, black; 255 is full ink.
    Cmyk,
    /// Three planes, one after the other: brightness (Y) of every pixel, then
    /// what it has of blue (Cb) and red (Cr) for every `block` of pixels, those
    /// at the right and lower edge perhaps cut. Full range (JFIF 1.02).
    Ycbcr {
        /// Pixels that share a colour, across and down: 1 or 2.
        block: (u32, u32),
    },
}

/// A picture in memory, rows from the top without padding.
#[derive(Clone, Debug)]
pub struct Pixels {
    /// Width in pixels, at least 1.
    pub width: u32,
    /// Height in pixels, at least 1.
    pub height: u32,
    /// As [`Ink`] says: pixel by pixel, or plane by plane.
    pub bytes: Vec<u8>,
    /// What the bytes mean.
    pub ink: Ink,
}

impl Pixels {
    /// The same picture at `size`, by Lanczos3; itself when it has that size
    /// already. Planes then have one colour for every block of 2 × 2 pixels.
    ///
    /// # Errors
    /// When `bytes` is not as long as the size says.
    pub fn at(&self, size: (u32, u32)) -> Result<Cow<'_, Pixels>, Malformed> {
        let from = (self.width, self.height);
        if from == size {
            return Ok(Cow::Borrowed(self));
        }
        let blank = |channels| vec![0; size.0 as usize * size.1 as usize * channels];
        let bytes = match self.ink {
            Ink::Rgb => {
                let mut bytes = blank(3);
                resample::<fir::pixels::U8x3>(&self.bytes, from, &mut bytes, size)?;
                bytes
            }
            Ink::Cmyk => {
                let mut bytes = blank(4);
                resample::<fir::pixels::U8x4>(&self.bytes, from, &mut bytes, size)?;
                bytes
            }
            Ink::Ycbcr { .. } => return self.planes_at(size, (2, 2)).map(Cow::Owned),
        };
        Ok(Cow::Owned(Pixels {
            width: size.0,
            height: size.1,
            bytes,
            ink: self.ink,
        }))
    }
}

/// One pixel type at a time: `Resizer::resize` would bring in the code of all
/// thirteen, and with it minutes of compilation.
fn resample<P: fir::PixelTrait>(
    source: &[u8],
    from: (u32, u32),
    target: &mut [u8],
    to: (u32, u32),
) -> Result<(), Malformed> {
    use fir::images::{TypedImage, TypedImageRef};
    let malformed = |_| Malformed::length();
    let source = TypedImageRef::<P>::from_buffer(from.0, from.1, source).map_err(malformed)?;
    let mut target = TypedImage::<P>::from_buffer(to.0, to.1, target).map_err(malformed)?;
    let filter = lanczos::filter().map_err(|error| Malformed(error.to_string()))?;
    let filter = fir::ResizeAlg::Convolution(filter);
    let options = fir::ResizeOptions::new()
        .resize_alg(filter)
        .use_alpha(false);
    fir::Resizer::new()
        .resize_typed(&source, &mut target, &options)
        .map_err(|error| Malformed(error.to_string()))
}

/// The size of a picture whose longer side is at most `long`; never enlarged.
pub fn within((width, height): (u32, u32), long: u32) -> (u32, u32) {
    scaled((width, height), long, width.max(height))
}

/// The size of a picture whose shorter side is at most `short`; never enlarged.
pub fn short_side((width, height): (u32, u32), short: u32) -> (u32, u32) {
    scaled((width, height), short, width.min(height))
}

fn scaled((width, height): (u32, u32), wanted: u32, has: u32) -> (u32, u32) {
    if has <= wanted {
        return (width, height);
    }
    let side = |length: u32| {
        let exact = (u64::from(length) * u64::from(wanted) + u64::from(has / 2)) / u64::from(has);
        u32::try_from(exact).unwrap_or(length).max(1)
    };
    (side(width), side(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_shrink_and_never_grow() {
        assert_eq!(within((4000, 3000), 1440), (1440, 1080));
        assert_eq!(within((3000, 4000), 1440), (1080, 1440));
        assert_eq!(within((1440, 10), 1440), (1440, 10));
        assert_eq!(within((100_000, 1), 1440), (1440, 1));
        assert_eq!(short_side((1440, 1080), 250), (333, 250));
        assert_eq!(short_side((200, 4000), 250), (200, 4000));
    }
}
