//! How alike two pictures are: SSIM (Wang, Bovik, Sheikh and Simoncelli 2004),
//! with the paper's Gaussian window of 11 × 11 and σ 1.5, on eight-bit values
//! as they are stored. Written out, because the crates that offer it use a box
//! window or another scale, and figures shall be comparable with the paper's.

use image::RgbImage;

const WINDOW: usize = 11;
const SIGMA: f32 = 1.5;
/// (K₁L)² and (K₂L)² with K₁ = 0.01, K₂ = 0.03 and L = 255.
const C1: f32 = 6.5025;
const C2: f32 = 58.5225;

/// The mean SSIM of two pictures; 1 is the same picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    /// Of luma (ITU-R BT.601), what the paper measures.
    pub luma: f64,
    /// The mean of red, green and blue, each by itself.
    pub colour: f64,
}

/// Compares two pictures of one size, or says nothing when sizes differ. A
/// picture smaller than the window is measured with a window of its size.
pub fn likeness(one: &RgbImage, other: &RgbImage) -> Option<Likeness> {
    if one.dimensions() != other.dimensions() || one.is_empty() {
        return None;
    }
    let of = |value: fn([u8; 3]) -> f32| similarity(&plane(one, value), &plane(other, value));
    let red = of(|[red, _, _]| f32::from(red));
    let green = of(|[_, green, _]| f32::from(green));
    let blue = of(|[_, _, blue]| f32::from(blue));
    Some(Likeness {
        luma: of(|[red, green, blue]| {
            0.299 * f32::from(red) + 0.587 * f32::from(green) + 0.114 * f32::from(blue)
        }),
        colour: (red + green + blue) / 3.0,
    })
}

/// One value per pixel, rows from the top.
struct Plane {
    width: usize,
    values: Vec<f32>,
}

fn plane(picture: &RgbImage, value: fn([u8; 3]) -> f32) -> Plane {
    Plane {
        width: picture.width() as usize,
        values: picture.pixels().map(|pixel| value(pixel.0)).collect(),
    }
}

fn similarity(one: &Plane, other: &Plane) -> f64 {
    let product = |a: &Plane, b: &Plane| Plane {
        width: a.width,
        values: a.values.iter().zip(&b.values).map(|(a, b)| a * b).collect(),
    };
    let (mean_one, mean_other) = (blurred(one), blurred(other));
    let squares_one = blurred(&product(one, one));
    let squares_other = blurred(&product(other, other));
    let products = blurred(&product(one, other));
    let places = mean_one
        .iter()
        .zip(&mean_other)
        .zip(squares_one.iter().zip(&squares_other))
        .zip(&products);
    let (mut sum, mut count) = (0.0, 0.0);
    for (((a, b), (aa, bb)), ab) in places {
        let (variance_one, variance_other) = (aa - a * a, bb - b * b);
        let covariance = ab - a * b;
        let above = (2.0 * a * b + C1) * (2.0 * covariance + C2);
        let below = (a * a + b * b + C1) * (variance_one + variance_other + C2);
        sum += f64::from(above / below);
        count += 1.0;
    }
    sum / count
}

/// The Gaussian mean around every pixel whose window lies inside the picture.
fn blurred(plane: &Plane) -> Vec<f32> {
    let height = plane.values.len() / plane.width;
    let (across, down) = (window(plane.width), window(height));
    let width = plane.width + 1 - across.len();
    let mut rows = Vec::with_capacity(width * height);
    for row in plane.values.chunks_exact(plane.width) {
        let mut sums = vec![0.0; width];
        for (at, weight) in across.iter().enumerate() {
            add(&mut sums, row.get(at..).unwrap_or_default(), *weight);
        }
        rows.extend(sums);
    }
    let mut means = Vec::with_capacity(width * (height + 1 - down.len()));
    for top in 0..=height - down.len() {
        let mut sums = vec![0.0; width];
        for (at, weight) in down.iter().enumerate() {
            let row = rows.get((top + at) * width..).unwrap_or_default();
            add(&mut sums, row, *weight);
        }
        means.extend(sums);
    }
    means
}

fn add(sums: &mut [f32], values: &[f32], weight: f32) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += weight * value;
    }
}

/// Gaussian weights that add up to one, at most as many as `side` has pixels.
fn window(side: usize) -> Vec<f32> {
    let length = WINDOW.min(side);
    let middle = (length - 1) as f32 / 2.0;
    let mut weights: Vec<f32> = (0..length)
        .map(|at| {
            let away = (at as f32 - middle) / SIGMA;
            (-away * away / 2.0).exp()
        })
        .collect();
    let sum: f32 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= sum);
    weights
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it is not as told")]
mod tests {
    use super::*;
    use image::Rgb;

    fn waves() -> RgbImage {
        RgbImage::from_fn(96, 64, |x, y| {
            let value = 128.0 + 60.0 * (x as f32 * 0.31).sin() + 40.0 * (y as f32 * 0.17).cos();
            Rgb([value as u8, (255.0 - value) as u8, (x * 2) as u8])
        })
    }

    fn changed(change: impl Fn(u32, u32, u8) -> u8) -> RgbImage {
        let mut picture = waves();
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            pixel.0 = pixel.0.map(|value| change(x, y, value));
        }
        picture
    }

    #[test]
    fn a_picture_is_exactly_like_itself() {
        let same = likeness(&waves(), &waves()).unwrap();
        assert!((same.luma - 1.0).abs() < 1e-6, "{same:?}");
        assert!((same.colour - 1.0).abs() < 1e-6, "{same:?}");
    }

    /// Between two flat pictures only the term of the means is left, which the
    /// paper gives as a formula.
    #[test]
    fn flat_pictures_have_the_likeness_of_the_formula() {
        let flat = |value| RgbImage::from_pixel(40, 30, Rgb([value; 3]));
        let found = likeness(&flat(100), &flat(140)).unwrap().luma;
        let c1 = (0.01_f64 * 255.0).powi(2);
        let wanted = (2.0 * 100.0 * 140.0 + c1) / (100.0 * 100.0 + 140.0 * 140.0 + c1);
        assert!((found - wanted).abs() < 2e-3, "{found} {wanted}");
    }

    /// A shift of brightness hurts little, noise of the same size much, and an
    /// inverted picture is unlike: the order the paper is about.
    #[test]
    fn the_eye_forgives_brightness_and_not_noise() {
        let picture = waves();
        let of = |other: &RgbImage| likeness(&picture, other).unwrap().luma;
        let brighter = of(&changed(|_, _, value| value.saturating_add(10)));
        let noisy = of(&changed(|x, y, value| {
            let up = (x * 7 + y * 13 + x * y) % 2 == 0;
            if up {
                value.saturating_add(10)
            } else {
                value.saturating_sub(10)
            }
        }));
        let inverted = of(&changed(|_, _, value| 255 - value));
        assert!(brighter > 0.97, "{brighter}");
        assert!(noisy < 0.93 && noisy > 0.3, "{noisy}");
        // Where the picture is flat, only brightness tells the two apart.
        assert!(inverted < 0.1, "{inverted}");
    }

    #[test]
    fn a_mirrored_picture_is_not_like_the_first() {
        let mirrored = image::imageops::flip_horizontal(&waves());
        assert!(likeness(&waves(), &mirrored).unwrap().luma < 0.9);
    }

    #[test]
    fn small_pictures_are_measured_and_other_sizes_are_not() {
        let dot = RgbImage::from_pixel(1, 3, Rgb([9, 9, 9]));
        assert!((likeness(&dot, &dot).unwrap().luma - 1.0).abs() < 1e-4);
        assert_eq!(likeness(&dot, &waves()), None);
        assert_eq!(likeness(&RgbImage::new(0, 0), &RgbImage::new(0, 0)), None);
    }
}
