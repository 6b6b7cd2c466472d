//! The filter that pictures are resampled by.

use std::f64::consts::PI;
use std::sync::LazyLock;

use fast_image_resize::{CreateFilterError, Filter, FilterType};

/// Waves to each side of the middle.
const LOBES: f64 = 3.0;

/// Values from one sample to the next; read between them in a straight line, the
/// filter is off by less than 10⁻⁶.
const STEPS: usize = 1024;

/// Half the filter; sines take as long as the resampling of a small plane.
static VALUES: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let values = 0..=LOBES as usize * STEPS;
    values
        .map(|step| lanczos3(step as f64 / STEPS as f64))
        .collect()
});

/// Lanczos3, by a table.
pub(crate) fn filter() -> Result<FilterType, CreateFilterError> {
    Filter::new("Lanczos3", value, LOBES).map(FilterType::Custom)
}

/// The filter at a distance from its middle.
fn value(at: f64) -> f64 {
    let at = at.abs() * STEPS as f64;
    let step = at as usize;
    let around = VALUES.get(step..).and_then(|values| values.first_chunk());
    around.map_or(0.0, |&[before, after]| {
        before + (after - before) * (at - step as f64)
    })
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
    use crate::Plane;
    use fast_image_resize::images::{TypedImage, TypedImageRef};
    use fast_image_resize::pixels::U8;
    use fast_image_resize::{ResizeAlg, ResizeOptions, Resizer};

    #[test]
    fn values_between_steps_are_those_of_the_definition() {
        for number in 0..30_000 {
            let at = f64::from(number) / 9_973.0;
            let (found, wanted) = (value(-at), lanczos3(at));
            assert!((found - wanted).abs() < 1e-6, "{at}: {found} for {wanted}");
        }
    }

    #[test]
    fn planes_are_resampled_as_by_the_resamplers_own_filter() {
        let samples: Vec<u8> = (0..40_000_u32)
            .map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        for (from, to) in [
            ((200, 200), (192, 192)),
            ((200, 200), (144, 144)),
            ((200, 200), (100, 100)),
            ((200, 200), (33, 33)),
            ((200, 200), (3, 3)),
            ((200, 200), (300, 301)),
            ((200, 200), (199, 7)),
            ((200, 150), (200, 75)),
            ((200, 150), (77, 150)),
            ((150, 200), (144, 90)),
            ((1, 40), (1, 39)),
            ((40, 1), (11, 1)),
        ] {
            let source = samples.get(..(from.0 * from.1) as usize).unwrap();
            let blank = vec![0; (to.0 * to.1) as usize];
            let (mut ours, mut theirs) = (blank.clone(), blank);
            let plane = Plane {
                width: from.0,
                height: from.1,
                samples: source,
            };
            plane.resample(to, &mut ours).unwrap();
            let source = TypedImageRef::<U8>::from_buffer(from.0, from.1, source).unwrap();
            let mut target = TypedImage::<U8>::from_buffer(to.0, to.1, &mut theirs).unwrap();
            let algorithm = ResizeAlg::Convolution(FilterType::Lanczos3);
            let options = ResizeOptions::new().resize_alg(algorithm).use_alpha(false);
            Resizer::new()
                .resize_typed(&source, &mut target, &options)
                .unwrap();
            let apart = ours
                .iter()
                .zip(&theirs)
                .map(|(one, other)| one.abs_diff(*other));
            assert!(apart.max() <= Some(1), "{from:?} to {to:?}");
        }
    }
}
