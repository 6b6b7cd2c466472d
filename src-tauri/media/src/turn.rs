//! Quarter turns: what an owner gives a photo that its camera left lying.

use serde::{Deserialize, Serialize};

use crate::decode::orientation::Orientation;
use crate::rendition::thumbhash;
use pixels::{Ink, Pixels};

/// A quarter turn, or none, or two, or three; clockwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Turn {
    /// As it is.
    #[default]
    None,
    /// A quarter turn.
    Quarter,
    /// Upside down.
    Half,
    /// A quarter turn the other way.
    ThreeQuarters,
}

impl Turn {
    /// So many quarter turns clockwise; below zero the other way.
    pub fn of_quarters(quarters: i64) -> Turn {
        match quarters.rem_euclid(4) {
            1 => Turn::Quarter,
            2 => Turn::Half,
            3 => Turn::ThreeQuarters,
            _ => Turn::None,
        }
    }

    /// How many quarter turns clockwise: 0 to 3.
    pub fn quarters(self) -> u8 {
        match self {
            Turn::None => 0,
            Turn::Quarter => 1,
            Turn::Half => 2,
            Turn::ThreeQuarters => 3,
        }
    }

    /// Whether width becomes height.
    pub fn is_sideways(self) -> bool {
        matches!(self, Turn::Quarter | Turn::ThreeQuarters)
    }
}

/// The thumbhash of the same picture, turned; one that cannot be read stays as it is.
pub fn turned_thumbhash(hash: &[u8], turn: Turn) -> Vec<u8> {
    let turned = || {
        let (width, height, rgba) = thumbhash::thumb_hash_to_rgba(hash).ok()?;
        let (pixels, _) = rgba.as_chunks::<4>();
        let upright = Orientation::UPRIGHT.then(turn).apply(Pixels {
            width: u32::try_from(width).ok()?,
            height: u32::try_from(height).ok()?,
            bytes: pixels
                .iter()
                .flat_map(|[r, g, b, _]| [*r, *g, *b])
                .collect(),
            ink: Ink::Rgb,
        });
        thumbhash(&upright).ok()
    };
    match turn {
        Turn::None => hash.to_vec(),
        _ => turned().unwrap_or_else(|| hash.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A wide picture, red at its left and blue at its right.
    fn two_halves() -> Vec<u8> {
        let row: Vec<u8> = (0..64)
            .flat_map(|x| if x < 32 { [220, 30, 30] } else { [30, 30, 220] })
            .collect();
        let wide = Pixels {
            width: 64,
            height: 40,
            bytes: row.repeat(40),
            ink: Ink::Rgb,
        };
        thumbhash(&wide).unwrap()
    }

    fn at(hash: &[u8], across: f64, down: f64) -> [u8; 3] {
        let (width, height, rgba) = thumbhash::thumb_hash_to_rgba(hash).unwrap();
        let (x, y) = (
            (across * width as f64) as usize,
            (down * height as f64) as usize,
        );
        let start = (y * width + x) * 4;
        [rgba[start], rgba[start + 1], rgba[start + 2]]
    }

    #[test]
    fn a_thumbhash_is_turned_with_its_picture() {
        let is_red = |[red, _, blue]: [u8; 3]| red > blue;
        let lying = two_halves();
        assert!(is_red(at(&lying, 0.1, 0.5)) && !is_red(at(&lying, 0.9, 0.5)));
        let standing = turned_thumbhash(&lying, Turn::Quarter);
        assert!(is_red(at(&standing, 0.5, 0.1)) && !is_red(at(&standing, 0.5, 0.9)));
        let (width, height, _) = thumbhash::thumb_hash_to_rgba(&standing).unwrap();
        assert!(width < height, "{width} × {height}");
        let other = turned_thumbhash(&lying, Turn::ThreeQuarters);
        assert!(!is_red(at(&other, 0.5, 0.1)) && is_red(at(&other, 0.5, 0.9)));
        assert_eq!(turned_thumbhash(&lying, Turn::None), lying);
        assert_eq!(turned_thumbhash(b"", Turn::Half), b"");
    }

    #[test]
    fn turns_go_round() {
        for quarters in -5..=5 {
            let turn = Turn::of_quarters(quarters);
            assert_eq!(i64::from(turn.quarters()), quarters.rem_euclid(4));
            for way in 1..=8 {
                let stored = Orientation::from_exif(way);
                let back = Turn::of_quarters(-quarters);
                assert_eq!(stored.then(turn).then(back), stored);
            }
        }
    }
}
