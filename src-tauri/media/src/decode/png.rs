//! How a PNG says its colours are meant (PNG, third edition, section 4.3): by
//! code points, a profile, sRGB, or by a gamma and the primaries it was made for;
//! the first of these counts.

use super::colour::{Chromaticities, Colour};
use crate::container::png::{Chunk, chunks};

/// What gAMA and cHRM count in.
const HUNDRED_THOUSANDTH: f32 = 100_000.0;

/// Where the colours of a PNG are defined, of which the decoder found `icc`.
pub(super) fn colour(bytes: &[u8], icc: Option<Vec<u8>>) -> Colour {
    let before: Vec<Chunk> = chunks(bytes)
        .take_while(|chunk| chunk.kind != *b"IDAT")
        .collect();
    let body = |kind: &[u8; 4]| before.iter().find(|chunk| chunk.kind == *kind);
    if let Some(coded) = body(b"cICP").and_then(|chunk| code_points(chunk.body)) {
        return coded;
    }
    if icc.is_some() || body(b"sRGB").is_some() {
        return Colour::of_profile(icc);
    }
    let gamma = body(b"gAMA").and_then(|chunk| gamma(chunk.body));
    let primaries = body(b"cHRM").and_then(|chunk| chromaticities(chunk.body));
    match (gamma, primaries) {
        (None, None) => Colour::Unstated,
        (gamma, primaries) => Colour::Measured { gamma, primaries },
    }
}

/// The code points of RGB; others are not allowed in a PNG.
fn code_points(body: &[u8]) -> Option<Colour> {
    match body {
        [primaries, transfer, 0, _] => Some(Colour::Coded {
            primaries: u32::from(*primaries),
            transfer: u32::from(*transfer),
        }),
        _ => None,
    }
}

/// The power that light is of the stored values, or `None` for sRGB's curve: 1/2.2
/// is what programs write that mean sRGB and do not say so.
fn gamma(body: &[u8]) -> Option<f32> {
    const SRGB: std::ops::RangeInclusive<u32> = 45_000..=46_000;
    const SENSIBLE: std::ops::RangeInclusive<u32> = 10_000..=1_000_000;
    let stored = u32::from_be_bytes(*body.first_chunk()?);
    let own = SENSIBLE.contains(&stored) && !SRGB.contains(&stored);
    own.then(|| HUNDRED_THOUSANDTH / stored as f32)
}

fn chromaticities(body: &[u8]) -> Option<Chromaticities> {
    let (numbers, _) = body.as_chunks::<4>();
    let place = |index: usize| {
        let number = |index| numbers.get(index).map(|number| u32::from_be_bytes(*number));
        let coordinate = |number: u32| number as f32 / HUNDRED_THOUSANDTH;
        Some((coordinate(number(index)?), coordinate(number(index + 1)?)))
    };
    Some(Chromaticities {
        white: place(0)?,
        red: place(2)?,
        green: place(4)?,
        blue: place(6)?,
    })
}
