//! A photo's shape and colour as class names. The page's policy allows no
//! inline style, so ratios and placeholder colours are a small fixed set of
//! classes in the stylesheet: a ratio is off by 2.5 % at most (cropped, unseen).

use std::fmt::Write;

/// Width : height of what cameras make; between them and beyond them the ratios
/// stand at steps of 5 %.
const USUAL: [f64; 10] = [
    9.0 / 16.0,
    2.0 / 3.0,
    3.0 / 4.0,
    4.0 / 5.0,
    1.0,
    5.0 / 4.0,
    4.0 / 3.0,
    3.0 / 2.0,
    16.0 / 9.0,
    2.0,
];

/// Levels of lightness, of green–red and of blue–yellow (OKLab).
const LIGHT: [f32; 8] = [0.18, 0.29, 0.40, 0.51, 0.62, 0.73, 0.84, 0.95];
const CHROMA: [f32; 5] = [-0.11, -0.04, 0.0, 0.04, 0.11];

fn ratios() -> Vec<f64> {
    let mut ratios: Vec<f64> = (-19..=22)
        .map(|step| (f64::from(step) * 0.05).exp())
        .filter(|ratio| USUAL.iter().all(|usual| (ratio / usual).ln().abs() > 0.02))
        .chain(USUAL)
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios
}

/// The class of the ratio nearest to these sides (pixels; zero counts as one).
pub(crate) fn shape(width: u32, height: u32) -> String {
    let ratio = f64::from(width.max(1)) / f64::from(height.max(1));
    let nearest = ratios()
        .iter()
        .enumerate()
        .min_by(|(_, a), (_, b)| {
            (ratio / **a)
                .ln()
                .abs()
                .total_cmp(&(ratio / **b).ln().abs())
        })
        .map_or(0, |(place, _)| place);
    format!("r{nearest}")
}

/// The class of the colour nearest to a thumbhash's average; empty when the
/// hash is absent or malformed, which leaves the neutral grey.
pub(crate) fn colour(hash: &[u8]) -> String {
    // Five bytes hold the header and its constants; shorter is no thumbhash.
    if hash.len() < 5 {
        return String::new();
    }
    let Ok((red, green, blue, _)) = thumbhash::thumb_hash_to_average_rgba(hash) else {
        return String::new();
    };
    let [light, a, b] = to_oklab([red, green, blue]);
    let place = nearest(&LIGHT, light) * CHROMA.len() * CHROMA.len()
        + nearest(&CHROMA, a) * CHROMA.len()
        + nearest(&CHROMA, b);
    format!("c{place}")
}

/// The rules of all shapes and colours, to stand at the end of the stylesheet.
pub(crate) fn rules() -> String {
    let mut css = String::new();
    for (place, ratio) in ratios().iter().enumerate() {
        let _ = write!(css, ".r{place}{{--r:{ratio:.3}}}");
    }
    let mut place = 0;
    for light in LIGHT {
        for a in CHROMA {
            for b in CHROMA {
                let [red, green, blue] = to_nibbles([light, a, b]);
                let _ = write!(css, ".c{place}{{--c:#{red:x}{green:x}{blue:x}}}");
                place += 1;
            }
        }
    }
    css
}

fn nearest(levels: &[f32], value: f32) -> usize {
    levels
        .iter()
        .enumerate()
        .min_by(|(_, a), (_, b)| (value - **a).abs().total_cmp(&(value - **b).abs()))
        .map_or(0, |(place, _)| place)
}

/// sRGB (0–1) to OKLab (Björn Ottosson, 2020).
fn to_oklab(colour: [f32; 3]) -> [f32; 3] {
    let [r, g, b] = colour.map(|part| {
        let part = part.clamp(0.0, 1.0);
        if part <= 0.040_45 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    });
    let l = (0.412_221_46 * r + 0.536_332_55 * g + 0.051_445_995 * b).cbrt();
    let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b).cbrt();
    let s = (0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b).cbrt();
    [
        0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
        1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
        0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
    ]
}

/// OKLab to sRGB at sixteen steps a channel, as `#rgb` writes it.
fn to_nibbles([light, a, b]: [f32; 3]) -> [u8; 3] {
    let l = (light + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
    let m = (light - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
    let s = (light - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
    [
        4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s,
        -1.268_438 * l + 2.609_757_4 * m - 0.341_319_38 * s,
        -0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s,
    ]
    .map(|part: f32| {
        let part = if part <= 0.003_130_8 {
            part * 12.92
        } else {
            1.055 * part.powf(1.0 / 2.4) - 0.055
        };
        // Within 0–15 after the clamp, so the cast keeps the value.
        (part.clamp(0.0, 1.0) * 15.0).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ratio_is_near_a_class_and_usual_ones_are_exact() {
        let ratios = ratios();
        let of = |width, height| {
            let class = shape(width, height);
            ratios[class[1..].parse::<usize>().unwrap()]
        };
        assert!((of(4000, 3000) - 4.0 / 3.0).abs() < 1e-9);
        assert!((of(3024, 4032) - 0.75).abs() < 1e-9);
        for width in 400..3_000 {
            let ratio = f64::from(width) / 1000.0;
            assert!((ratio / of(width, 1000)).ln().abs() < 0.036, "{ratio}");
        }
        assert_eq!(of(0, 0), 1.0);
        assert!(of(60_000, 1) > 2.9);
    }

    #[test]
    fn a_grey_hash_stays_grey_and_nonsense_has_no_colour() {
        let grey = thumbhash::rgba_to_thumb_hash(8, 8, &[128; 256].map(|part| part as u8));
        let class = colour(&grey);
        let rules = rules();
        let rule = rules
            .split('}')
            .find(|rule| rule.starts_with(&format!(".{class}{{")))
            .unwrap();
        let hex = rule.split('#').nth(1).unwrap();
        assert!(
            hex.chars()
                .all(|digit| digit == hex.chars().next().unwrap()),
            "{hex}"
        );
        assert_eq!(colour(&[]), "");
        assert_eq!(colour(&[1, 2, 3]), "");
    }

    #[test]
    fn the_rules_stay_small() {
        assert!(rules().len() < 5_000, "{}", rules().len());
    }
}
