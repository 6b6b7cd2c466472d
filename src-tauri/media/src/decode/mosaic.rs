//! A sensor sees one colour at each place. Here its readings become pixels of
//! all colours: by blocks where a smaller picture is enough, or else place by
//! place, by what `rawler` has for the two kinds of mosaic there are.

use rawler::cfa::PlaneColor;
use rawler::imgop::sensor::bayer::ppg::PPGDemosaic;
use rawler::imgop::sensor::xtrans::bilinear::XTransBilinearDemosaic;
use rawler::imgop::sensor::{Demosaic, SensorType};
use rawler::imgop::{Dim2, Point, Rect};
use rawler::pixarray::PixF32;
use rawler::rawimage::{CFAConfig, RawPhotometricInterpretation};
use rawler::{CFA, RawImage, RawImageData};

use crate::Format;

/// Less than this wide or high, [`PPGDemosaic`] reads beyond its ends.
const LEAST_SIDE: usize = 8;
/// Places after which nothing about a mosaic or its black is new, at most.
const MOST_PERIOD: usize = 96;

/// One reading: which filter it is behind, and where its black and white are.
#[derive(Clone, Copy)]
struct Place {
    filter: usize,
    black: f32,
    scale: f32,
}

/// What is known of the readings inside the camera's crop.
pub(super) struct Mosaic {
    crop: Rect,
    /// Readings of a whole row of the sensor.
    row: usize,
    /// Readings of a pixel: 1 behind a mosaic, 3 where it was undone already.
    samples: usize,
    /// The mosaic from the crop's corner on, and the colours of its filters.
    pattern: Option<(CFA, PlaneColor, SensorType)>,
    /// The places of rows, from the crop's first on; then it begins anew.
    places: Vec<Vec<Place>>,
}

impl Mosaic {
    /// How many filters there are, or `None` when that makes no sense.
    pub(super) fn filters(image: &RawImage) -> Option<usize> {
        let count = match &image.photometric {
            RawPhotometricInterpretation::Cfa(CFAConfig { colors, .. }) => colors.plane_count(),
            _ => image.cpp,
        };
        matches!(count, 1 | 3 | 4).then_some(count)
    }

    /// Of an image whose statements fit its readings.
    pub(super) fn of(format: Format, image: &RawImage) -> Option<Mosaic> {
        let (width, height, samples) = (image.width, image.height, image.cpp);
        let readings = match &image.data {
            RawImageData::Integer(readings) => readings.len(),
            RawImageData::Float(readings) => readings.len(),
        };
        let row = width.checked_mul(samples)?;
        let whole = Rect::new(Point::zero(), Dim2::new(width, height));
        let crop = image.crop_area.or(image.active_area).unwrap_or(whole);
        let fits = |start: usize, length: usize, end: usize| {
            length >= LEAST_SIDE && start.checked_add(length).is_some_and(|last| last <= end)
        };
        if readings < row.checked_mul(height)?
            || !fits(crop.p.x, crop.d.w, width)
            || !fits(crop.p.y, crop.d.h, height)
        {
            return None;
        }
        let pattern = match &image.photometric {
            RawPhotometricInterpretation::Cfa(config) => {
                if samples != 1 || !config.cfa.is_valid() {
                    return None;
                }
                let shifted = config.cfa.shift(crop.p.x % 48, crop.p.y % 48);
                Some((shifted, config.colors.clone(), config.sensor))
            }
            _ => None,
        };
        let mut mosaic = Mosaic {
            crop,
            row,
            samples,
            pattern,
            places: Vec::new(),
        };
        mosaic.places = mosaic.placed(format, image)?;
        Some(mosaic)
    }

    /// What is at each reading of as many rows as differ.
    fn placed(&self, format: Format, image: &RawImage) -> Option<Vec<Vec<Place>>> {
        let black = &image.blacklevel;
        let levels = black.as_vec();
        let whites = whites(image);
        if black.width == 0
            || black.height == 0
            || levels.len()
                != black
                    .width
                    .checked_mul(black.height)?
                    .checked_mul(black.cpp)?
        {
            return None;
        }
        // A DNG counts from the part of the sensor that sees light (DNG 1.7,
        // BlackLevelRepeatDim), makers from its corner.
        let corner = match (format, image.active_area) {
            (Format::Dng, Some(active)) => active.p,
            _ => Point::zero(),
        };
        let from = |start: usize, corner: usize, period: usize| {
            (start % period + period - corner % period) % period
        };
        let (left, top) = (
            from(self.crop.p.x, corner.x, black.width),
            from(self.crop.p.y, corner.y, black.height),
        );
        let filters = self.pattern.as_ref().map(|(cfa, colours, _)| {
            let table = colours.plane_lookup_table();
            move |y, x| table.get(cfa.color_at(y, x)).copied()
        });
        let tall = self.pattern.as_ref().map_or(1, |(cfa, ..)| cfa.height);
        let period = tall.checked_mul(black.height)?;
        if period > MOST_PERIOD {
            return None;
        }
        let place = |y: usize, x: usize, sample: usize| {
            let filter = match &filters {
                Some(filter_at) => filter_at(y % 48, x % 48)?,
                None => sample,
            };
            let (row, column) = ((top + y) % black.height, (left + x) % black.width);
            let level = (row * black.width + column) * black.cpp + sample % black.cpp.max(1);
            let white = match whites.as_slice() {
                [white] => *white,
                // Of a mosaic in the order of its places, or else of samples.
                several if filters.is_some() => {
                    let (y, x) = (self.crop.p.y + y, self.crop.p.x + x);
                    *several.get(y % 2 * 2 + x % 2).or(several.first())?
                }
                several => *several.get(sample)?,
            };
            let black = *levels.get(level)?;
            let scale = 1.0 / (white - black);
            (filter < 4 && scale.is_finite() && scale > 0.0).then_some(Place {
                filter,
                black,
                scale,
            })
        };
        (0..period)
            .map(|y| {
                (0..self.crop.d.w * self.samples)
                    .map(|n| place(y, n / self.samples, n % self.samples))
                    .collect()
            })
            .collect()
    }

    /// How many readings a side are made one pixel, so that the picture is still
    /// at least `target` in width and height.
    pub(super) fn step_for(&self, target: (u32, u32)) -> usize {
        let (width, height) = (target.0.max(1) as usize, target.1.max(1) as usize);
        let fits = (self.crop.d.w / width).min(self.crop.d.h / height);
        // All filters are in two by two places of Bayer's mosaic, and in three by
        // three of X-Trans.
        let (unit, least) = match &self.pattern {
            None => (1, 1),
            Some((cfa, _, SensorType::Bayer)) => (2, if cfa.is_rgb() { 1 } else { 2 }),
            Some((_, _, SensorType::Xtrans)) => (3, 1),
        };
        (fits / unit * unit).max(least)
    }

    /// Width and height of the picture when `step` readings a side are one pixel.
    pub(super) fn size_by(&self, step: usize) -> (usize, usize) {
        (self.crop.d.w / step, self.crop.d.h / step)
    }

    /// The picture's pixels by their filters; 0 is black, and 1 white.
    pub(super) fn colours(&self, data: &RawImageData, step: usize) -> Option<Vec<[f32; 4]>> {
        match data {
            RawImageData::Integer(readings) => self.developed(readings, step),
            RawImageData::Float(readings) => self.developed(readings, step),
        }
    }

    fn developed<T: Copy + Into<f32>>(&self, readings: &[T], step: usize) -> Option<Vec<[f32; 4]>> {
        match (&self.pattern, step) {
            (Some((cfa, colours, sensor)), 1) => {
                let light = self.rows(readings).flat_map(|(row, places)| {
                    let pairs = row.iter().zip(places);
                    pairs.map(|(reading, place)| place.light(*reading))
                });
                let pixels = PixF32::new_with(light.collect(), self.crop.d.w, self.crop.d.h);
                let whole = pixels.rect();
                let undone = match sensor {
                    SensorType::Bayer => PPGDemosaic::new().demosaic(&pixels, cfa, colours, whole),
                    SensorType::Xtrans => {
                        XTransBilinearDemosaic::new().demosaic(&pixels, cfa, colours, whole)
                    }
                };
                let four = |[red, green, blue]: &[f32; 3]| [*red, *green, *blue, 0.0];
                Some(undone.pixels().iter().map(four).collect())
            }
            _ => self.averaged(readings, step),
        }
    }

    /// Averages of blocks of `step × step` pixels, each filter for itself.
    fn averaged<T: Copy + Into<f32>>(&self, readings: &[T], step: usize) -> Option<Vec<[f32; 4]>> {
        let (width, height) = self.size_by(step);
        let mut averages = Vec::with_capacity(width.checked_mul(height)?);
        let mut rows = self.rows(readings);
        let mut blocks = vec![[(0.0_f32, 0.0_f32); 4]; width];
        for _ in 0..height {
            blocks.fill([(0.0, 0.0); 4]);
            for (row, places) in rows.by_ref().take(step) {
                let across = step * self.samples;
                let parts = row.chunks_exact(across).zip(places.chunks_exact(across));
                for (block, (readings, places)) in blocks.iter_mut().zip(parts) {
                    for (reading, place) in readings.iter().zip(places) {
                        if let Some((sum, count)) = block.get_mut(place.filter) {
                            *sum += place.light(*reading);
                            *count += 1.0;
                        }
                    }
                }
            }
            averages.extend(blocks.iter().map(|block| {
                block.map(|(sum, count)| if count > 0.0 { sum / count } else { 0.0 })
            }));
        }
        Some(averages)
    }

    /// The rows of the crop, each with its places.
    fn rows<'a, T>(
        &'a self,
        readings: &'a [T],
    ) -> impl Iterator<Item = (&'a [T], &'a [Place])> + 'a {
        let start = self.crop.p.x * self.samples;
        let end = start + self.crop.d.w * self.samples;
        readings
            .chunks_exact(self.row)
            .skip(self.crop.p.y)
            .take(self.crop.d.h)
            .filter_map(move |row| row.get(start..end))
            .zip(self.places.iter().cycle().map(Vec::as_slice))
    }
}

impl Place {
    /// How much light was there, from 0 for black to 1 for white.
    fn light<T: Into<f32>>(self, reading: T) -> f32 {
        (reading.into() - self.black).max(0.0) * self.scale
    }
}

/// Where white is. Readings with a fraction are white at 1 (DNG 1.7, WhiteLevel),
/// where `rawler` has the largest whole number unless the file says better.
fn whites(image: &RawImage) -> Vec<f32> {
    let unsaid = 2_f64.powi(i32::try_from(image.bps).unwrap_or(16)) - 1.0;
    let white = |level: &u32| match image.data {
        RawImageData::Float(_) if f64::from(*level) >= unsaid => 1.0,
        _ => *level as f32,
    };
    image.whitelevel.0.iter().map(white).collect()
}
