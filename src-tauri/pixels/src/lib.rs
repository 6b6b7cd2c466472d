//! Eight-bit pixels in memory, and making them fewer: the ground of `media`. A
//! crate of its own, because the generic code of the resampler takes minutes to
//! optimise; here that happens once.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use fast_image_resize as fir;

/// Pixels whose bytes do not fit their size.
#[derive(Debug)]
pub struct Malformed(String);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Malformed {}

/// What the bytes of a pixel mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Three bytes: red, green, blue.
    Rgb,
    /// Four bytes: cyan, magenta, yellow, black; 255 is full ink.
    Cmyk,
}

/// A picture in memory, rows from the top without padding.
#[derive(Clone, Debug)]
pub struct Pixels {
    /// Width in pixels, at least 1.
    pub width: u32,
    /// Height in pixels, at least 1.
    pub height: u32,
    /// `width × height ×` [`Pixels::channels`] bytes.
    pub bytes: Vec<u8>,
    /// What the bytes mean.
    pub ink: Ink,
}

impl Pixels {
    /// Bytes per pixel.
    pub fn channels(&self) -> usize {
        match self.ink {
            Ink::Rgb => 3,
            Ink::Cmyk => 4,
        }
    }

    /// The same picture at `width × height`, by Lanczos3; itself when it has
    /// that size already.
    ///
    /// # Errors
    /// When `bytes` is not as long as the size says.
    pub fn at(&self, (width, height): (u32, u32)) -> Result<Cow<'_, Pixels>, Malformed> {
        if (self.width, self.height) == (width, height) {
            return Ok(Cow::Borrowed(self));
        }
        let bytes = match self.ink {
            Ink::Rgb => self.resample::<fir::pixels::U8x3>(width, height),
            Ink::Cmyk => self.resample::<fir::pixels::U8x4>(width, height),
        }
        .map_err(|error| Malformed(error.to_string()))?;
        Ok(Cow::Owned(Pixels {
            width,
            height,
            bytes,
            ink: self.ink,
        }))
    }

    /// One pixel type at a time: `Resizer::resize` would bring in the code of
    /// all thirteen, and with it minutes of compilation.
    fn resample<P: fir::PixelTrait>(
        &self,
        width: u32,
        height: u32,
    ) -> Result<Vec<u8>, Box<dyn Error>> {
        use fir::images::{TypedImage, TypedImageRef};
        let mut bytes = vec![0; width as usize * height as usize * self.channels()];
        let source = TypedImageRef::<P>::from_buffer(self.width, self.height, &self.bytes)?;
        let mut target = TypedImage::<P>::from_buffer(width, height, &mut bytes)?;
        let filter = fir::ResizeAlg::Convolution(fir::FilterType::Lanczos3);
        let options = fir::ResizeOptions::new()
            .resize_alg(filter)
            .use_alpha(false);
        fir::Resizer::new().resize_typed(&source, &mut target, &options)?;
        Ok(bytes)
    }
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
