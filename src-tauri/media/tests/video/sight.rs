//! Looking at posters and frames: how alike two pictures are.

use std::path::Path;
use std::process::Command;

use image::{GrayImage, RgbImage, imageops};

/// The pixels of a poster.
pub(crate) fn pixels(bmp: &[u8]) -> RgbImage {
    image::load_from_memory(bmp).unwrap().into_rgb8()
}

/// The key frames of the first twelve seconds and the very first frame, upright,
/// as a plain `ffmpeg` decodes them, at `size`.
pub(crate) fn frames(film: &Path, size: (u32, u32)) -> Vec<RgbImage> {
    let folder = tempfile::tempdir().unwrap();
    let scale = format!("scale={}:{}:flags=bicubic", size.0, size.1);
    let ways: [&[&str]; 2] = [&["-skip_frame", "nokey", "-t", "12"], &["-t", "0.01"]];
    for (which, way) in ways.iter().enumerate() {
        let mut command = Command::new("ffmpeg");
        command.args(["-nostdin", "-v", "quiet", "-y"]).args(*way);
        command.arg("-i").arg(film).args(["-vf", &scale]);
        command.args(["-vsync", "passthrough", "-frames:v", "40"]);
        command.arg(folder.path().join(format!("{which}-%03d.png")));
        // A damaged film has no frames either way.
        let _status = command.status().unwrap();
    }
    let files = std::fs::read_dir(folder.path()).unwrap().flatten();
    files
        .map(|file| image::open(file.path()).unwrap().into_rgb8())
        .collect()
}

/// How like `picture` the most similar of `frames` is.
pub(crate) fn best_likeness(picture: &RgbImage, frames: &[RgbImage]) -> f64 {
    let likenesses = frames.iter().map(|frame| likeness(picture, frame));
    likenesses.fold(0.0, f64::max)
}

/// The mean structural similarity (Wang et al. 2004) of the luma of two pictures
/// of one size, over blocks of 8 by 8; 1 when they are the same.
pub(crate) fn likeness(one: &RgbImage, other: &RgbImage) -> f64 {
    assert_eq!(one.dimensions(), other.dimensions());
    let (one, other) = (imageops::grayscale(one), imageops::grayscale(other));
    let (width, height) = one.dimensions();
    let mut sum = 0.0;
    let mut blocks = 0.0;
    for y in (0..height.saturating_sub(7)).step_by(8) {
        for x in (0..width.saturating_sub(7)).step_by(8) {
            sum += block_likeness(&one, &other, x, y);
            blocks += 1.0;
        }
    }
    sum / blocks
}

fn block_likeness(one: &GrayImage, other: &GrayImage, x: u32, y: u32) -> f64 {
    let (mut a, mut b, mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for dy in 0..8 {
        for dx in 0..8 {
            let p = f64::from(one.get_pixel(x + dx, y + dy)[0]);
            let q = f64::from(other.get_pixel(x + dx, y + dy)[0]);
            a += p / 64.0;
            b += q / 64.0;
            aa += p * p / 64.0;
            bb += q * q / 64.0;
            ab += p * q / 64.0;
        }
    }
    let (c1, c2) = (6.5025, 58.5225);
    let structure = (2.0 * (ab - a * b) + c2) / (aa - a * a + bb - b * b + c2);
    (2.0 * a * b + c1) / (a * a + b * b + c1) * structure
}

/// The mean of each channel.
pub(crate) fn mean(picture: &RgbImage) -> [f64; 3] {
    let count = f64::from(picture.width() * picture.height());
    let mut sums = [0.0; 3];
    for pixel in picture.pixels() {
        for (sum, value) in sums.iter_mut().zip(pixel.0) {
            *sum += f64::from(value) / count;
        }
    }
    sums
}
