//! Pixels as JPEG keeps them: brightness apart from colour, and colour in fewer
//! samples. What is decoded, made smaller and encoded again in this shape costs
//! half of what it costs in red, green and blue.

use std::borrow::Cow;

use fast_image_resize::pixels::U8;

use crate::transpose::{transpose, transposed};
use crate::{Ink, Malformed, Pixels, resample};

/// One plane of a picture.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plane<'a> {
    /// Samples a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `width × height` samples, rows from the top without padding.
    pub samples: &'a [u8],
}

impl Plane<'_> {
    /// The same plane at `size`, by Lanczos3, into as many samples.
    ///
    /// The resampler weighs samples of one column several times as quickly as samples of one
    /// row, for it works on many columns at once. So rows are made columns for it.
    pub(crate) fn resample(&self, size: (u32, u32), target: &mut [u8]) -> Result<(), Malformed> {
        let from = (self.width, self.height);
        if from.0 == size.0 {
            return resample::<U8>(self.samples, from, target, size);
        }
        let lower = match from.1 == size.1 {
            true => Cow::Borrowed(self.samples),
            false => {
                let size = (from.0, size.1);
                let mut lower = vec![0; samples(size)];
                resample::<U8>(self.samples, from, &mut lower, size)?;
                Cow::Owned(lower)
            }
        };
        let (lower, _) = lower.as_chunks::<1>();
        let columns = transposed(lower, from.0 as usize);
        let mut narrower = vec![0; samples(size)];
        let (from, to) = ((size.1, from.0), (size.1, size.0));
        resample::<U8>(columns.as_flattened(), from, &mut narrower, to)?;
        if target.len() != narrower.len() {
            return Err(Malformed::length());
        }
        let (narrower, _) = narrower.as_chunks::<1>();
        let (target, _) = target.as_chunks_mut::<1>();
        transpose(narrower, size.1 as usize, target);
        Ok(())
    }
}

/// Width and height of the planes Y, Cb and Cr of a picture of `size` pixels
/// whose colour is stated for every block of `block` pixels.
pub fn plane_sizes((width, height): (u32, u32), block: (u32, u32)) -> [(u32, u32); 3] {
    let colour = (width.div_ceil(block.0), height.div_ceil(block.1));
    [(width, height), colour, colour]
}

fn samples((width, height): (u32, u32)) -> usize {
    width as usize * height as usize
}

impl Pixels {
    /// The planes Y, Cb and Cr of a picture that is kept so.
    pub fn planes(&self) -> Option<[Plane<'_>; 3]> {
        let Ink::Ycbcr { block } = self.ink else {
            return None;
        };
        let mut rest = self.bytes.as_slice();
        let sizes = plane_sizes((self.width, self.height), block);
        let mut planes = [Plane::default(); 3];
        for (plane, (width, height)) in planes.iter_mut().zip(sizes) {
            let (samples, after) = rest.split_at_checked(samples((width, height)))?;
            *plane = Plane {
                width,
                height,
                samples,
            };
            rest = after;
        }
        Some(planes)
    }

    /// The same picture in red, green and blue at `size`, by Lanczos3.
    ///
    /// # Errors
    /// When `bytes` is not as long as the size says, or they are inks of a
    /// printer, which have no colours without a profile.
    pub fn rgb_at(&self, size: (u32, u32)) -> Result<Cow<'_, Pixels>, Malformed> {
        match self.ink {
            Ink::Rgb => self.at(size),
            Ink::Ycbcr { .. } => {
                let whole = self.planes_at(size, (1, 1))?;
                let planes = whole.planes().ok_or_else(Malformed::length)?;
                Ok(Cow::Owned(Pixels {
                    width: size.0,
                    height: size.1,
                    bytes: rgb(planes.map(|plane| plane.samples)),
                    ink: Ink::Rgb,
                }))
            }
            Ink::Cmyk => Err(Malformed("printing inks are not light".to_owned())),
        }
    }

    pub(crate) fn planes_at(
        &self,
        size: (u32, u32),
        block: (u32, u32),
    ) -> Result<Pixels, Malformed> {
        let planes = self.planes().ok_or_else(Malformed::length)?;
        let sizes = plane_sizes(size, block);
        let mut bytes = vec![0; sizes.into_iter().map(samples).sum()];
        let mut rest = bytes.as_mut_slice();
        for (plane, size) in planes.into_iter().zip(sizes) {
            let (target, after) = rest.split_at_mut(samples(size));
            let from = (plane.width, plane.height);
            if from == size {
                target.copy_from_slice(plane.samples);
            } else {
                plane.resample(size, target)?;
            }
            rest = after;
        }
        Ok(Pixels {
            width: size.0,
            height: size.1,
            bytes,
            ink: Ink::Ycbcr { block },
        })
    }
}

/// Red, green and blue of three planes of one size (JFIF 1.02), in fixed point.
fn rgb([brightness, blueness, redness]: [&[u8]; 3]) -> Vec<u8> {
    const BITS: u32 = 16;
    let mut bytes = vec![0; brightness.len() * 3];
    let (pixels, _) = bytes.as_chunks_mut::<3>();
    let colours = blueness.iter().zip(redness);
    for ((pixel, y), (cb, cr)) in pixels.iter_mut().zip(brightness).zip(colours) {
        let y = (i32::from(*y) << BITS) + (1 << (BITS - 1));
        let (cb, cr) = (i32::from(*cb) - 128, i32::from(*cr) - 128);
        *pixel = [
            y + 91_881 * cr,               // 1.402
            y - 22_554 * cb - 46_802 * cr, // 0.344136, 0.714136
            y + 116_130 * cb,              // 1.772
        ]
        .map(|value| (value >> BITS).clamp(0, 255) as u8);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of one colour, whose right and lower blocks are cut.
    fn plain(colour: [u8; 3]) -> Pixels {
        let block = (2, 2);
        let sizes = plane_sizes((41, 31), block);
        let planes = sizes.into_iter().zip(colour);
        Pixels {
            width: 41,
            height: 31,
            bytes: planes
                .flat_map(|(size, value)| vec![value; samples(size)])
                .collect(),
            ink: Ink::Ycbcr { block },
        }
    }

    #[test]
    fn colours_are_those_of_jfif() {
        let seen = |colour| -> Vec<u8> {
            let pixels = plain(colour);
            let rgb = pixels.rgb_at((41, 31)).unwrap();
            assert_eq!(rgb.bytes.len(), 41 * 31 * 3);
            rgb.bytes.iter().copied().take(3).collect()
        };
        assert_eq!(seen([0, 128, 128]), [0, 0, 0]);
        assert_eq!(seen([255, 128, 128]), [255, 255, 255]);
        assert_eq!(seen([76, 85, 255]), [254, 0, 0]);
        assert_eq!(seen([150, 44, 21]), [0, 255, 1]);
        assert_eq!(seen([29, 255, 107]), [0, 0, 254]);
    }

    #[test]
    fn smaller_planes_keep_their_colour_and_share_it_by_four() {
        let pixels = plain([150, 44, 21]);
        let small = pixels.at((21, 15)).unwrap();
        assert_eq!(small.ink, Ink::Ycbcr { block: (2, 2) });
        let planes = small.planes().unwrap();
        let sizes = planes.map(|plane| (plane.width, plane.height));
        assert_eq!(sizes, [(21, 15), (11, 8), (11, 8)]);
        for (plane, value) in planes.into_iter().zip([150, 44, 21]) {
            assert!(plane.samples.iter().all(|sample| *sample == value));
        }
    }

    #[test]
    fn bytes_that_are_too_few_are_refused() {
        let mut pixels = plain([150, 44, 21]);
        pixels.bytes.pop();
        assert!(pixels.at((10, 10)).is_err());
        assert!(pixels.rgb_at((41, 31)).is_err());
    }
}
