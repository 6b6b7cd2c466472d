//! A frame whose four quarters have colours of their own, so that any turn or
//! mirroring shows, and the eight ways a camera may store it.

use image::{Rgb, RgbImage, imageops};

/// Top left, top right, bottom left, bottom right of an upright frame.
pub const QUADRANTS: [[u8; 3]; 4] = [[200, 40, 40], [40, 160, 60], [40, 70, 200], [220, 200, 40]];

/// An upright frame of `width` × `height` pixels with the four colours.
pub fn quadrants(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let [top_left, top_right, bottom_left, bottom_right] = QUADRANTS;
        Rgb(match (x * 2 < width, y * 2 < height) {
            (true, true) => top_left,
            (false, true) => top_right,
            (true, false) => bottom_left,
            (false, false) => bottom_right,
        })
    })
}

/// An upright picture as a camera with this EXIF orientation stores it, so that
/// applying the orientation gives the upright picture again. Anything but 2 to
/// 8 stores it as it is.
pub fn turned(upright: &RgbImage, orientation: u16) -> RgbImage {
    match orientation {
        2 => imageops::flip_horizontal(upright),
        3 => imageops::rotate180(upright),
        4 => imageops::flip_vertical(upright),
        5 => imageops::flip_horizontal(&imageops::rotate90(upright)),
        6 => imageops::rotate270(upright),
        7 => imageops::flip_horizontal(&imageops::rotate270(upright)),
        8 => imageops::rotate90(upright),
        _ => upright.clone(),
    }
}

/// Whether a picture made from [`quadrants`] still lies as it was drawn, by the
/// middle of each quarter; compression and scaling may shift colours a little.
///
/// # Errors
/// Which quarter shows what instead.
pub fn is_upright(picture: &RgbImage) -> Result<(), String> {
    let (width, height) = picture.dimensions();
    let places = [(1, 1), (3, 1), (1, 3), (3, 3)];
    for ((across, down), wanted) in places.into_iter().zip(QUADRANTS) {
        let Rgb(seen) = *picture.get_pixel(width * across / 4, height * down / 4);
        let far = seen
            .iter()
            .zip(wanted)
            .any(|(one, other)| one.abs_diff(other) > 40);
        if far {
            return Err(format!(
                "the quarter at {across}/4, {down}/4 is {seen:?} instead of {wanted:?}"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_upright_frame_is_upright() {
        let upright = quadrants(60, 40);
        is_upright(&upright).unwrap();
        for orientation in 2..=8 {
            is_upright(&turned(&upright, orientation)).unwrap_err();
        }
    }

    /// By the specification's words: 6 means that the stored picture's first
    /// row is the right side of the upright one.
    #[test]
    fn orientation_six_stores_the_right_side_as_the_first_row() {
        let stored = turned(&quadrants(60, 40), 6);
        assert_eq!(stored.dimensions(), (40, 60));
        let [_, top_right, _, bottom_right] = QUADRANTS;
        assert_eq!(stored.get_pixel(0, 0).0, top_right);
        assert_eq!(stored.get_pixel(39, 0).0, bottom_right);
    }
}
