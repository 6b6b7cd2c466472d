//! Landscapes that are pleasant to look at: a sky, a light in it, and ranges
//! before it, each drawn by columns so that drawing stays quick without an
//! optimiser.

use image::{Rgb, RgbImage};

/// What the camera looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// A calm sea under a low sun.
    Sea,
    /// Sand in warm light.
    Dunes,
    /// Stars over a dark ridge.
    Night,
    /// Green hills, the far ones blue.
    Hills,
    /// Snow at noon.
    Snow,
}

impl Scene {
    /// Every scene, in the order samples are drawn.
    pub const ALL: [Self; 5] = [Self::Sea, Self::Dunes, Self::Night, Self::Hills, Self::Snow];

    /// The sky's top and horizon, the farthest and the nearest range.
    fn palette(self) -> [Colour; 4] {
        match self {
            Self::Sea => [
                [86, 128, 178],
                [250, 205, 160],
                [96, 142, 170],
                [16, 56, 88],
            ],
            Self::Dunes => [
                [120, 168, 206],
                [246, 222, 190],
                [222, 170, 120],
                [150, 88, 48],
            ],
            Self::Night => [[10, 14, 40], [60, 62, 110], [34, 38, 72], [8, 10, 22]],
            Self::Hills => [
                [98, 160, 216],
                [226, 236, 236],
                [140, 176, 186],
                [44, 92, 48],
            ],
            Self::Snow => [
                [58, 118, 190],
                [206, 226, 242],
                [176, 200, 224],
                [240, 244, 250],
            ],
        }
    }
}

type Colour = [u8; 3];

/// Draws a scene of `width` × `height` pixels; the same seed draws the same.
pub fn draw(scene: Scene, seed: u64, width: u32, height: u32) -> RgbImage {
    let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03);
    let [top, horizon, far, near] = scene.palette().map(|colour| tinted(colour, &mut chance));
    let (wide, high) = (f64::from(width), f64::from(height));
    let line = high * chance.between(0.42, 0.6);
    let light = (
        wide * chance.between(0.15, 0.85),
        line * chance.between(0.35, 0.9),
    );
    let glow = wide.max(high) * chance.between(0.12, 0.22);

    let mut picture = RgbImage::new(width, height);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let (x, y) = (f64::from(x), f64::from(y));
        let sky = mixed(top, horizon, (y / line).min(1.0).powf(1.4));
        let distance = (x - light.0).hypot(y - light.1) / glow;
        let shine = if distance < 0.22 {
            0.95
        } else {
            0.5 / (1.0 + 5.0 * distance * distance)
        };
        *pixel = Rgb(mixed(sky, [255, 246, 224], shine));
    }
    if scene == Scene::Night {
        stars(&mut picture, line, &mut chance);
    }
    let ranges = if scene == Scene::Sea { 9 } else { 4 };
    for range in 0..ranges {
        let depth = f64::from(range) / f64::from(ranges - 1);
        // The sea's waves stay low and crowd the horizon; hills rise.
        let (base, rise) = if scene == Scene::Sea {
            (
                line + (high - line) * depth * depth,
                high * 0.004 * (1.0 + 6.0 * depth),
            )
        } else {
            (
                line + (high - line) * 0.72 * depth,
                high * (0.11 - 0.03 * depth),
            )
        };
        let colour = mixed(far, near, depth);
        ridge(&mut picture, base, rise, colour, scene, &mut chance);
    }
    picture
}

/// One range: a sum of three waves, filled to the bottom and darker downwards.
fn ridge(
    picture: &mut RgbImage,
    base: f64,
    rise: f64,
    colour: Colour,
    scene: Scene,
    chance: &mut Chance,
) {
    let (width, height) = picture.dimensions();
    let spread = if scene == Scene::Sea { 4.0 } else { 1.0 };
    let waves = [(1.3, 1.0), (3.1, 0.42), (7.7, 0.12)].map(|(pace, weight)| {
        let pace = pace * spread * chance.between(0.7, 1.4);
        (pace, chance.between(0.0, std::f64::consts::TAU), weight)
    });
    for x in 0..width {
        let across = f64::from(x) / f64::from(width) * std::f64::consts::TAU;
        let wave: f64 = waves
            .iter()
            .map(|(pace, shift, weight)| (across * pace * 0.5 + shift).sin() * weight)
            .sum();
        let edge = row(base - wave * rise, height);
        for y in edge..height {
            let below = f64::from(y - edge) / f64::from(height);
            // The light grazes the edge itself, then the slope falls into shade.
            let shade = if below < 0.006 {
                0.0
            } else {
                (0.08 + below * 1.1).min(0.5)
            };
            let lit = if below < 0.006 {
                mixed(colour, [255, 250, 235], 0.22)
            } else {
                colour
            };
            picture.put_pixel(x, y, Rgb(mixed(lit, [12, 16, 26], shade)));
        }
    }
}

fn stars(picture: &mut RgbImage, line: f64, chance: &mut Chance) {
    let (width, height) = picture.dimensions();
    for _ in 0..(width / 3) {
        let x = row(chance.between(0.0, f64::from(width)), width - 1);
        let y = row(chance.between(0.0, line), height - 1);
        let glint = chance.between(0.3, 1.0);
        let Rgb(sky) = *picture.get_pixel(x, y);
        picture.put_pixel(x, y, Rgb(mixed(sky, [255, 255, 255], glint)));
    }
}

/// A palette's colour, moved a little, so that no two photos are the same.
fn tinted(colour: Colour, chance: &mut Chance) -> Colour {
    colour.map(|part| byte(f64::from(part) + chance.between(-14.0, 14.0)))
}

fn mixed(one: Colour, other: Colour, part: f64) -> Colour {
    let mut mixed = one;
    for (into, other) in mixed.iter_mut().zip(other) {
        *into = byte(f64::from(*into) + (f64::from(other) - f64::from(*into)) * part);
    }
    mixed
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the type's range just before"
)]
fn byte(number: f64) -> u8 {
    number.clamp(0.0, 255.0) as u8
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the picture just before"
)]
fn row(number: f64, last: u32) -> u32 {
    number.clamp(0.0, f64::from(last)) as u32
}

/// SplitMix64: chance that is the same on every machine and needs no crate.
struct Chance(u64);

impl Chance {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let part = u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap_or_default();
        low + (high - low) * f64::from(part) / f64::from(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_and_another_draws_another() {
        let one = draw(Scene::Sea, 1, 60, 40);
        assert_eq!(one, draw(Scene::Sea, 1, 60, 40));
        assert_ne!(one, draw(Scene::Sea, 2, 60, 40));
    }
}
