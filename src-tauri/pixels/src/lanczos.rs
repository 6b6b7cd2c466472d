//! The resampling filter, in the shape that `fast_image_resize` is quick with.

use std::f64::consts::PI;
use std::sync::LazyLock;

use fast_image_resize::{CreateFilterError, Filter, FilterType};

/// Waves to each side of the middle.
const LOBES: f64 = 3.0;

/// Values from one sample to the next; read between them in a straight line, the
/// filter is off by less than 10⁻⁶.
const STEPS: usize = 1024;

/// Half the filter, and two values of nothing; sines take as long as the
/// resampling of a small plane.
static VALUES: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let values = 0..=LOBES as usize * STEPS + 1;
    values
        .map(|step| lanczos3(step as f64 / STEPS as f64))
        .collect()
});

/// Weighs so little that nothing is added, but is not left out.
const NOTHING: f64 = 1e-30;

/// Samples that are weighed by one instruction.
const AT_ONCE: f64 = 8.0;

/// Lanczos3 to make `from` samples `to`.
///
/// The resampler weighs 16 and 8 samples at a time, and the rest of a window one
/// by one: a window of 7, which a picture needs that shrinks by a tenth, would
/// take twice as long as one of 8. Windows that fill more than half of their last
/// eight are widened to it.
pub(crate) fn filter(from: u32, to: u32) -> Result<FilterType, CreateFilterError> {
    let scale = (f64::from(from) / f64::from(to)).max(1.0);
    let window = 2.0 * LOBES * scale;
    // A window of a width that is not whole covers up to one sample more.
    let filled = (window / AT_ONCE).ceil() * AT_ONCE - 1.0;
    let widened = window % AT_ONCE > AT_ONCE / 2.0 && filled > window;
    let window = if widened { filled } else { window };
    Filter::new("Lanczos3", value, window / 2.0 / scale).map(FilterType::Custom)
}

fn value(at: f64) -> f64 {
    let at = at.abs() * STEPS as f64;
    let step = at as usize;
    match VALUES.get(step..step + 2) {
        Some(&[before, after]) => before + (after - before) * (at - step as f64),
        _ => NOTHING,
    }
}

/// The filter by its definition.
fn lanczos3(at: f64) -> f64 {
    match at {
        0.0 => 1.0,
        at if at >= LOBES => 0.0,
        at => LOBES * (PI * at).sin() * (PI * at / LOBES).sin() / (PI * at).powi(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_between_steps_are_those_of_the_definition() {
        for number in 0..30_000 {
            let at = f64::from(number) / 9_973.0;
            let (found, wanted) = (value(-at), lanczos3(at));
            assert!((found - wanted).abs() < 1e-6, "{at}: {found} for {wanted}");
        }
        assert_eq!(value(LOBES + 0.5), NOTHING);
    }
}
