//! RAW pictures by their sensor's readings, for files whose camera left no
//! preview worth showing.
//!
//! The `rawler` crate knows the cameras: it unpacks the readings, and says where
//! black and white are, how the camera balanced white, and what its colours
//! mean. What is made of that is no smaller than what is wanted, and seldom
//! larger: readings are averaged by blocks, as JPEG is decoded at a fraction.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rawler::decoders::RawDecodeParams;
use rawler::imgop::matrix::{IDENTITY_MATRIX_3, multiply, normalize, pseudo_inverse};
use rawler::imgop::srgb::srgb_apply_gamma;
use rawler::imgop::xyz::{Illuminant, SRGB_TO_XYZ_D65};
use rawler::rawsource::RawSource;
use rawler::{RawImage, RawImageData};

use super::Decoded;
use super::colour::Colour;
use super::mosaic::Mosaic;
use super::raw::check_readings;
use crate::worker::limits::check_size;
use crate::{Format, MediaError};
use pixels::{Ink, Pixels};

/// What a pixel costs on its way from readings to eight bits, at most: one
/// reading, its colours before and after they are mixed, and three bytes.
const BYTES_A_PIXEL: u64 = 4 + 12 + 16 + 3;

/// Develops a RAW picture by the camera's crop, stored as the sensor lies in the
/// camera; no smaller than what `target` makes of the whole size.
///
/// # Errors
/// Whatever is wrong, it is [`MediaError::NoPreview`]: an unknown camera, a way
/// of packing that nobody wrote down, damage, more pixels than are allowed.
pub(crate) fn develop(
    format: Format,
    bytes: &[u8],
    target: impl Fn((u32, u32)) -> (u32, u32),
) -> Result<Decoded, MediaError> {
    check_readings(format, bytes).map_err(|_| MediaError::NoPreview)?;
    // Its decoders index what a damaged file says, and panic.
    catch_unwind(AssertUnwindSafe(|| attempt(format, bytes, target)))
        .ok()
        .flatten()
        .ok_or(MediaError::NoPreview)
}

fn attempt(
    format: Format,
    bytes: &[u8],
    target: impl Fn((u32, u32)) -> (u32, u32),
) -> Option<Decoded> {
    let source = RawSource::new_from_slice(bytes);
    let image = rawler::decode(&source, &RawDecodeParams::default()).ok()?;
    drop(source);
    if is_blank(&image.data) || image.fuji_rotation_width.is_some() {
        return None;
    }
    let to_srgb = Mix::of(&image)?;
    let mosaic = Mosaic::of(format, &image)?;
    let size_by = |step| {
        let (width, height) = mosaic.size_by(step);
        Some((u32::try_from(width).ok()?, u32::try_from(height).ok()?))
    };
    let whole = size_by(1)?;
    let step = mosaic.step_for(target(whole));
    let size = size_by(step)?;
    check_size(
        size.0,
        size.1,
        u64::from(size.0) * u64::from(size.1) * BYTES_A_PIXEL,
    )
    .ok()?;
    let mut colours = mosaic.colours(&image.data, step)?;
    drop(image);
    for colour in &mut colours {
        *colour = to_srgb.mixed(*colour);
    }
    Some(Decoded {
        pixels: Pixels {
            width: size.0,
            height: size.1,
            bytes: in_eight_bits(&colours),
            ink: Ink::Rgb,
        },
        colour: Colour::Srgb,
        whole,
    })
}

/// Whether no two readings differ: where a file lacks its readings, `rawler`
/// goes on with zeros.
fn is_blank(data: &RawImageData) -> bool {
    fn same<T: PartialEq>(readings: &[T]) -> bool {
        readings.windows(2).all(|pair| pair.first() == pair.last())
    }
    match data {
        RawImageData::Integer(readings) => same(readings),
        RawImageData::Float(readings) => same(readings),
    }
}

/// From what a camera's filters let through to linear sRGB.
enum Mix {
    /// One reading a pixel, behind no filter.
    Grey,
    /// Factors that make white of what the camera took for white, of up to four
    /// filters, and how much of each is in red, green and blue.
    Filters([f32; 4], [[f32; 4]; 3]),
}

impl Mix {
    fn of(image: &RawImage) -> Option<Mix> {
        let filters = Mosaic::filters(image)?;
        if filters == 1 {
            return Some(Mix::Grey);
        }
        // Daylight's matrix, or the first there is. Its rows are made to say
        // that white is white, for the balance of white is a matter of its own.
        let matrix = image
            .color_matrix
            .iter()
            .filter(|(_, matrix)| matrix.len() == filters * 3)
            .min_by_key(|(light, _)| (**light != Illuminant::D65, **light))
            .map(|(_, matrix)| matrix.as_slice());
        let (rows, _) = matrix.unwrap_or_default().as_chunks::<3>();
        let rgb_to_camera: Vec<[f32; 3]> = match rows {
            [] if filters == 3 => IDENTITY_MATRIX_3.to_vec(),
            [] => return None,
            rows => rows
                .iter()
                .flat_map(|row| multiply(&[*row], &SRGB_TO_XYZ_D65))
                .collect(),
        };
        let balance = balance(&image.wb_coeffs, &rgb_to_camera)?;
        let mix = match *rgb_to_camera.as_slice() {
            [red, green, blue] => {
                let mix = pseudo_inverse(normalize([red, green, blue]));
                mix.map(|[red, green, blue]| [red, green, blue, 0.0])
            }
            [a, b, c, d] => pseudo_inverse(normalize([a, b, c, d])),
            _ => return None,
        };
        let finite = mix.iter().flatten().all(|part| part.is_finite());
        finite.then_some(Mix::Filters(balance, mix))
    }

    /// Linear sRGB in the first three numbers. What is brighter than white in
    /// one filter is white, or clouds would be pink.
    fn mixed(&self, colour: [f32; 4]) -> [f32; 4] {
        let [red, green, blue] = match self {
            Mix::Grey => [colour[0]; 3],
            Mix::Filters(balance, mix) => {
                let mut light = colour;
                for (light, factor) in light.iter_mut().zip(balance) {
                    *light = (*light * factor).min(1.0);
                }
                mix.map(|part| {
                    part.iter()
                        .zip(light)
                        .map(|(part, light)| part * light)
                        .sum()
                })
            }
        };
        [red, green, blue, 0.0]
    }
}

/// The camera's balance of white, and where it says none, daylight's; no factor
/// is less than 1, so that what saturates all filters is white.
fn balance(stated: &[f32; 4], rgb_to_camera: &[[f32; 3]]) -> Option<[f32; 4]> {
    let count = rgb_to_camera.len();
    let is_usable = |factors: &[f32]| factors.iter().all(|part| part.is_finite() && *part > 0.0);
    let mut factors = *stated;
    if count == 4 && !factors[3].is_finite() {
        factors[3] = factors[1];
    }
    let mut factors: Vec<f32> = factors.into_iter().take(count).collect();
    if !is_usable(&factors) {
        factors = rgb_to_camera
            .iter()
            .map(|row| 1.0 / row.iter().sum::<f32>())
            .collect();
    }
    let least = factors.iter().copied().reduce(f32::min)?;
    let mut balance = [0.0; 4];
    for (to, factor) in balance.iter_mut().zip(&factors) {
        *to = factor / least;
    }
    is_usable(&factors).then_some(balance)
}

/// The brightest hundredth may be white: sensors are exposed for the lights, and
/// their readings are a stop or so darker than the camera's own picture.
const WHITE_PART: usize = 100;
/// But a night stays one: at most two stops.
const MOST_GAIN: f32 = 4.0;

/// Linear sRGB made as bright as cameras do, with the curve of sRGB.
fn in_eight_bits(colours: &[[f32; 4]]) -> Vec<u8> {
    /// As fine as eight bits of sRGB need near black.
    const LEVELS: usize = 1 << 14;
    let level = |light: f32| {
        // A NaN becomes 0, and what is beyond an end that end.
        ((light * LEVELS as f32) as usize).min(LEVELS - 1)
    };
    let mut histogram = vec![0_usize; LEVELS];
    for colour in colours {
        let brightest = colour[0].max(colour[1]).max(colour[2]);
        if let Some(count) = histogram.get_mut(level(brightest)) {
            *count += 1;
        }
    }
    let mut brighter = 0;
    let white = histogram
        .iter()
        .rposition(|count| {
            brighter += count;
            brighter > colours.len() / WHITE_PART
        })
        .unwrap_or(LEVELS);
    let gain = (LEVELS as f32 / (white + 1) as f32).clamp(1.0, MOST_GAIN);
    let curve: Vec<u8> = (0..LEVELS)
        .map(|level| {
            let light = (level as f32 + 0.5) / LEVELS as f32;
            (srgb_apply_gamma(light) * 255.0).round() as u8
        })
        .collect();
    colours
        .iter()
        .flat_map(|[red, green, blue, _]| [red, green, blue])
        .map(|light| curve.get(level(light * gain)).copied().unwrap_or(u8::MAX))
        .collect()
}
