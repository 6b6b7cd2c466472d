//! A camera for tests that stores its sensor's readings in a DNG (1.7), without a
//! preview. Its filters are those of a real one, its light is not daylight, and
//! what lies outside its crop is the brightest there is, so that it is noticed.
//!
//! Included by the tests of the pool, too, which are a program of their own.

use image::{Rgb, RgbImage};
use rawler::ljpeg92::LjpegCompressor;

/// From XYZ to what the filters let through: Canon EOS 350D, by Adobe.
const COLOUR_MATRIX: [[f32; 3]; 3] = [
    [0.6018, -0.0617, -0.0965],
    [-0.8645, 1.5881, 0.2975],
    [-0.1530, 0.1719, 0.7642],
];
/// From linear sRGB to XYZ (IEC 61966-2-1).
const SRGB_TO_XYZ: [[f32; 3]; 3] = [
    [0.4124, 0.3576, 0.1805],
    [0.2126, 0.7152, 0.0722],
    [0.0193, 0.1192, 0.9505],
];
/// What white is read as, for its light.
const NEUTRAL: [f32; 3] = [0.5, 1.0, 0.625];
/// Where black is, in each of two by two places; and white everywhere.
const BLACK: [u16; 4] = [256, 264, 260, 280];
const WHITE: u16 = 16_000;
/// Columns and rows that see no light, and more that the crop leaves out.
const DARK: (u32, u32) = (6, 4);
const MARGIN: (u32, u32) = (5, 3);

/// What is in front of the sensor.
#[derive(Clone, Copy)]
pub enum Mosaic {
    /// Two by two filters: 0 is red, 1 green, 2 blue.
    Bayer([u8; 4]),
    /// Every place has all three, as after the mosaic was undone.
    Undone,
    /// Nothing: brightness alone.
    Grey,
}

/// What the camera is told.
pub struct Dng<'a> {
    /// The scene as the sensor sees it.
    pub scene: &'a RgbImage,
    /// How the camera says that it was held.
    pub orientation: u16,
    pub mosaic: Mosaic,
    /// How much light there is; at 1, white is as bright as can be read.
    pub light: f32,
    /// Whether readings are packed as lossless JPEG.
    pub packed: bool,
}

impl<'a> Dng<'a> {
    /// By the most usual camera, held upright.
    pub fn of(scene: &'a RgbImage) -> Dng<'a> {
        Dng {
            scene,
            orientation: 1,
            mosaic: Mosaic::Bayer([0, 1, 1, 2]),
            light: 1.0,
            packed: false,
        }
    }

    /// Width and height of what the sensor reads.
    fn size(&self) -> (u32, u32) {
        let around = |dark: u32, margin: u32| dark + 2 * margin + 1;
        let (width, height) = self.scene.dimensions();
        (
            width + around(DARK.0, MARGIN.0),
            height + around(DARK.1, MARGIN.1),
        )
    }

    fn samples(&self) -> u32 {
        match self.mosaic {
            Mosaic::Undone => 3,
            Mosaic::Bayer(_) | Mosaic::Grey => 1,
        }
    }

    /// The sensor's readings, row by row.
    fn readings(&self) -> Vec<u16> {
        let (width, height) = self.size();
        let mut readings = Vec::new();
        for y in 0..height {
            for x in 0..width {
                // Places count from where there is light.
                let place = |x: u32, y: u32| ((y % 2) * 2 + x % 2) as usize;
                let lit = x.checked_sub(DARK.0).zip(y.checked_sub(DARK.1));
                let at = lit.map_or(0, |(x, y)| place(x, y));
                let seen = lit
                    .and_then(|(x, y)| x.checked_sub(MARGIN.0).zip(y.checked_sub(MARGIN.1)))
                    .and_then(|(x, y)| self.scene.get_pixel_checked(x, y))
                    .map(|pixel| filtered(*pixel));
                for sample in 0..self.samples() as usize {
                    let (black, light) = match (self.mosaic, seen) {
                        (_, None) => (0, f32::INFINITY),
                        (Mosaic::Bayer(filters), Some(seen)) => {
                            (BLACK[at], seen[filters[at] as usize])
                        }
                        (Mosaic::Undone, Some(seen)) => (BLACK[0], seen[sample]),
                        (Mosaic::Grey, Some(seen)) => (BLACK[0], seen[1]),
                    };
                    let range = f32::from(WHITE - black);
                    let reading = (light * self.light).clamp(0.0, 1.0) * range;
                    readings.push(black + reading.round() as u16);
                }
            }
        }
        readings
    }

    /// The whole file.
    pub fn bytes(&self) -> Vec<u8> {
        let (width, height) = self.size();
        let (samples, readings) = (self.samples(), self.readings());
        let data = if self.packed {
            let (width, height) = (width as usize, height as usize);
            let samples = samples as usize;
            LjpegCompressor::new(&readings, width, height, samples, 14, 1, 0, 0)
                .and_then(|packed| packed.encode())
                .unwrap()
        } else {
            readings
                .iter()
                .flat_map(|part| part.to_le_bytes())
                .collect()
        };
        let crop = self.scene.dimensions();
        let fractions = |parts: &[f32]| {
            let fraction = |part: &f32| {
                [
                    ((part * 10_000.0).round() as i32).to_le_bytes(),
                    10_000_i32.to_le_bytes(),
                ]
                .concat()
            };
            parts.iter().flat_map(fraction).collect::<Vec<u8>>()
        };
        let shorts = |parts: &[u16]| parts.iter().flat_map(|part| part.to_le_bytes()).collect();
        let longs = |parts: &[u32]| parts.iter().flat_map(|part| part.to_le_bytes()).collect();
        let text = |text: &str| [text.as_bytes(), b"\0"].concat();
        let bits: Vec<u16> = vec![16; samples as usize];
        let mut entries: Vec<(u16, u16, Vec<u8>)> = vec![
            (254, 4, longs(&[0])),
            (256, 4, longs(&[width])),
            (257, 4, longs(&[height])),
            (258, 3, shorts(&bits)),
            (259, 3, shorts(&[if self.packed { 7 } else { 1 }])),
            (
                262,
                3,
                shorts(&[if matches!(self.mosaic, Mosaic::Bayer(_)) {
                    32_803
                } else {
                    34_892
                }]),
            ),
            (271, 2, text("Albumen")),
            (272, 2, text("A camera of our own")),
            (273, 4, longs(&[0])), // known once the directory is
            (274, 3, shorts(&[self.orientation])),
            (277, 3, shorts(&[samples as u16])),
            (278, 4, longs(&[height])),
            (279, 4, longs(&[data.len() as u32])),
            (50_706, 1, vec![1, 7, 0, 0]),
            (50_708, 2, text("A camera of our own")),
        ];
        if let Mosaic::Bayer(filters) = self.mosaic {
            entries.push((33_421, 3, shorts(&[2, 2])));
            entries.push((33_422, 1, filters.to_vec()));
            entries.push((50_713, 3, shorts(&[2, 2])));
            entries.push((50_714, 3, shorts(&BLACK)));
            entries.push((50_717, 3, shorts(&[WHITE])));
        } else {
            entries.push((50_714, 3, shorts(&vec![BLACK[0]; samples as usize])));
            entries.push((50_717, 3, shorts(&vec![WHITE; samples as usize])));
        }
        if !matches!(self.mosaic, Mosaic::Grey) {
            entries.push((50_721, 10, fractions(COLOUR_MATRIX.as_flattened())));
            entries.push((50_728, 5, fractions(&NEUTRAL)));
            entries.push((50_778, 3, shorts(&[21])));
        }
        entries.push((50_719, 4, longs(&[MARGIN.0, MARGIN.1])));
        entries.push((50_720, 4, longs(&[crop.0, crop.1])));
        entries.push((50_829, 4, longs(&[DARK.1, DARK.0, height, width])));
        with_directory(entries, &data)
    }
}

/// What the three filters let through of a colour, where white is [`NEUTRAL`].
pub fn filtered(Rgb(colour): Rgb<u8>) -> [f32; 3] {
    let linear = colour.map(|part| {
        let part = f32::from(part) / 255.0;
        match part <= 0.040_45 {
            true => part / 12.92,
            false => ((part + 0.055) / 1.055).powf(2.4),
        }
    });
    std::array::from_fn(|filter| {
        let row: [f32; 3] = std::array::from_fn(|n| {
            (0..3)
                .map(|m| COLOUR_MATRIX[filter][m] * SRGB_TO_XYZ[m][n])
                .sum()
        });
        let light: f32 = row
            .iter()
            .zip(linear)
            .map(|(part, light)| part * light)
            .sum();
        NEUTRAL[filter] * light / row.iter().sum::<f32>()
    })
}

/// A TIFF of one directory, and `data` as its only strip.
fn with_directory(mut entries: Vec<(u16, u16, Vec<u8>)>, data: &[u8]) -> Vec<u8> {
    entries.sort_by_key(|entry| entry.0);
    let values_at = 8 + 2 + entries.len() * 12 + 4;
    let aside = |value: &[u8]| {
        if value.len() > 4 {
            value.len().next_multiple_of(2)
        } else {
            0
        }
    };
    let strip = values_at + entries.iter().map(|entry| aside(&entry.2)).sum::<usize>();
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    let mut values = Vec::new();
    bytes.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, mut value) in entries {
        let width = match kind {
            3 => 2,
            4 => 4,
            5 | 10 => 8,
            _ => 1,
        };
        if tag == 273 {
            value = (strip as u32).to_le_bytes().to_vec();
        }
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(((value.len() / width) as u32).to_le_bytes());
        if value.len() > 4 {
            bytes.extend(((values_at + values.len()) as u32).to_le_bytes());
            value.resize(value.len().next_multiple_of(2), 0);
            values.extend(value);
        } else {
            value.resize(4, 0);
            bytes.extend(value);
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(values);
    bytes.extend(data);
    bytes
}
