//! Beside libjpeg-turbo, and beside the definition of what is drawn.

mod codes;

use turbojpeg::{Compressor, Decompressor, PixelFormat, ScalingFactor, Subsamp, YuvImage};

use super::bits::Intervals;
use super::codes::Dc;
use super::{MOST_EIGHTHS, scaled};
use crate::container::jpeg::walk;
use crate::decode::jpeg::SHARED;
use pixels::plane_sizes;

fn decode(jpeg: &[u8], eighths: u32, block: (u32, u32)) -> Option<Vec<u8>> {
    let segments = walk(jpeg);
    super::decode(&segments.head, segments.scan, eighths, block)
}

/// A picture with soft slopes, fine waves, an edge, and noise as strong as asked.
fn scene(width: u32, height: u32, noise: u32) -> Vec<u8> {
    let mut seed = 1_u32;
    let mut rgb = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let slope = 60.0 + 80.0 * (x as f64 / 97.0).sin() * (y as f64 / 61.0).cos();
            let fine = 25.0 * (x as f64 * 1.3 + y as f64 * 0.7).sin();
            let edge = if x * 2 > y + width / 2 { 60.0 } else { 0.0 };
            for colour in 0..3 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let grain = f64::from((seed >> 16) % (noise + 1));
                let value = slope + fine * f64::from(colour - 1) + edge + grain;
                rgb.push((20.0 + value).clamp(0.0, 235.0) as u8);
            }
        }
    }
    rgb
}

fn compressor(quality: i32, subsamp: Subsamp) -> Compressor {
    let mut compressor = Compressor::new().unwrap();
    compressor.set_quality(quality).unwrap();
    compressor.set_subsamp(subsamp).unwrap();
    compressor
}

fn compressed(compressor: &mut Compressor, rgb: &[u8], width: u32) -> Vec<u8> {
    let image = turbojpeg::Image {
        pixels: rgb,
        width: width as usize,
        pitch: width as usize * 3,
        height: rgb.len() / (width as usize * 3),
        format: PixelFormat::RGB,
    };
    compressor.compress_to_vec(image).unwrap()
}

/// The planes that libjpeg-turbo decodes, whole blocks of colour, and their sizes.
fn by_libjpeg(jpeg: &[u8], scale: ScalingFactor, block: (u32, u32)) -> Vec<(Vec<u8>, usize)> {
    let mut decoder = Decompressor::new().unwrap();
    let header = decoder.read_header(jpeg).unwrap();
    decoder.set_scaling_factor(scale).unwrap();
    let header = header.scaled(scale);
    let (width, height) = (header.width, header.height);
    let length = turbojpeg::yuv_pixels_len(width, 1, height, header.subsamp).unwrap();
    let mut bytes = vec![0; length];
    let image = YuvImage {
        pixels: bytes.as_mut_slice(),
        width,
        align: 1,
        height,
        subsamp: header.subsamp,
    };
    decoder.decompress_to_yuv(jpeg, image).unwrap();
    let whole = (
        (width as u32).next_multiple_of(block.0),
        (height as u32).next_multiple_of(block.1),
    );
    let mut rest = bytes.as_slice();
    let planes = plane_sizes(whole, block).map(|(width, height)| {
        let (plane, after) = rest.split_at((width * height) as usize);
        rest = after;
        (plane.to_vec(), width as usize)
    });
    planes.to_vec()
}

/// The planes that [`super::decode`] gives, and their sizes.
fn by_us(jpeg: &[u8], eighths: u32, block: (u32, u32), size: (u32, u32)) -> Vec<(Vec<u8>, usize)> {
    let bytes = decode(jpeg, eighths, block).expect("a plain JPEG");
    let mut rest = bytes.as_slice();
    let planes = plane_sizes(scaled(size, eighths), block).map(|(width, height)| {
        let (plane, after) = rest.split_at((width * height) as usize);
        rest = after;
        (plane.to_vec(), width as usize)
    });
    assert!(rest.is_empty());
    planes.to_vec()
}

/// The largest difference of two planes, and the mean one, where both have samples.
fn difference(ours: &(Vec<u8>, usize), theirs: &(Vec<u8>, usize)) -> (u8, f64) {
    let (mut largest, mut sum, mut count) = (0, 0_u64, 0_u32);
    let rows = ours
        .0
        .chunks_exact(ours.1)
        .zip(theirs.0.chunks_exact(theirs.1));
    for (one, other) in rows {
        for (one, other) in one.iter().zip(other) {
            let apart = one.abs_diff(*other);
            largest = largest.max(apart);
            sum += u64::from(apart);
            count += 1;
        }
    }
    (largest, sum as f64 / f64::from(count))
}

#[test]
fn every_shape_is_read_as_libjpeg_reads_it() {
    let sizes = [(640, 400), (301, 203), (35, 17), (9, 8), (1, 1)];
    for (block, subsamp) in SHARED {
        for (width, height) in sizes {
            for (quality, noise, optimised) in [(35, 4, false), (90, 9, true), (100, 20, true)] {
                let rgb = scene(width, height, noise);
                let mut compressor = compressor(quality, subsamp);
                compressor.set_optimize(optimised).unwrap();
                let jpeg = compressed(&mut compressor, &rgb, width);
                for (eighths, scale, largest, mean) in [
                    (1, ScalingFactor::ONE_EIGHTH, 1, 1.0),
                    (2, ScalingFactor::ONE_QUARTER, 255, 4.0),
                    (4, ScalingFactor::ONE_HALF, 255, 4.0),
                ] {
                    let ours = by_us(&jpeg, eighths, block, (width, height));
                    let theirs = by_libjpeg(&jpeg, scale, block);
                    for (ours, theirs) in ours.iter().zip(&theirs) {
                        let found = difference(ours, theirs);
                        let of = format!("{block:?} {width}x{height} {quality} {eighths}/8");
                        assert!(found.0 <= largest && found.1 <= mean, "{of}: {found:?}");
                    }
                }
            }
        }
    }
}

/// A block of `points` × `points` samples by the definition: the waves of 8 × 8
/// samples, the finer ones left out.
fn reduced(block: &[[f64; 8]; 8], points: usize) -> Vec<Vec<f64>> {
    let size = |wave: usize| if wave == 0 { 0.5_f64.sqrt() } else { 1.0 } / 2.0;
    let wave = |wave: usize, at: usize, of: usize| {
        let turn = (2 * at + 1) as f64 * wave as f64 / (2 * of) as f64;
        size(wave) * (std::f64::consts::PI * turn).cos()
    };
    let mut samples = vec![vec![0.0; points]; points];
    for v in 0..points {
        for u in 0..points {
            let mut coefficient = 0.0;
            for (y, row) in block.iter().enumerate() {
                for (x, sample) in row.iter().enumerate() {
                    coefficient += sample * wave(v, y, 8) * wave(u, x, 8);
                }
            }
            for (y, row) in samples.iter_mut().enumerate() {
                for (x, sample) in row.iter_mut().enumerate() {
                    *sample += coefficient * wave(v, y, points) * wave(u, x, points);
                }
            }
        }
    }
    samples
}

#[test]
fn samples_are_those_of_the_coarse_waves() {
    let (width, height) = (160_u32, 96_u32);
    let rgb = scene(width, height, 9);
    let jpeg = compressed(&mut compressor(95, Subsamp::None), &rgb, width);
    let whole = by_libjpeg(&jpeg, ScalingFactor::ONE, (1, 1));
    for eighths in 1..=MOST_EIGHTHS {
        let ours = by_us(&jpeg, eighths, (1, 1), (width, height));
        let points = eighths as usize;
        for ((ours, across), (whole, full)) in ours.iter().zip(&whole) {
            for top in 0..height as usize / 8 {
                for left in 0..width as usize / 8 {
                    let block = std::array::from_fn(|y| {
                        std::array::from_fn(|x| {
                            f64::from(whole[(top * 8 + y) * full + left * 8 + x])
                        })
                    });
                    for (y, row) in reduced(&block, points).iter().enumerate() {
                        for (x, wanted) in row.iter().enumerate() {
                            let found = ours[(top * points + y) * across + left * points + x];
                            let apart = (f64::from(found) - wanted.clamp(0.0, 255.0)).abs();
                            assert!(apart < 2.0, "{eighths}/8: {found} for {wanted:.2}");
                        }
                    }
                }
            }
        }
    }
}

/// Where a JPEG's scan begins, and where its end marker is.
fn scan_of(jpeg: &[u8]) -> (usize, usize) {
    let end = jpeg.len() - 2;
    (end - walk(jpeg).scan.len(), end)
}

/// A picture whose sides are multiples of 16, with a restart marker after every
/// `interval` MCUs: as many are coded like a picture of their own.
fn restarting(rgb: &[u8], width: usize, interval: usize) -> Vec<u8> {
    let mut compressor = compressor(90, Subsamp::Sub2x2);
    let mut mcus = Vec::new();
    for rows in rgb.chunks(width * 3 * 16) {
        for column in 0..width / 16 {
            let part = |row: &[u8]| row[column * 48..][..48].to_vec();
            mcus.push(rows.chunks(width * 3).map(part).collect::<Vec<_>>());
        }
    }
    let mut jpeg = Vec::new();
    for (number, mcus) in mcus.chunks(interval).enumerate() {
        let rows = (0..16).flat_map(|row| mcus.iter().flat_map(move |mcu| mcu[row].clone()));
        let across = mcus.len() as u32 * 16;
        let part = compressed(&mut compressor, &rows.collect::<Vec<_>>(), across);
        let (from, to) = scan_of(&part);
        if number == 0 {
            jpeg.extend_from_slice(&part[..from]);
            let frame = jpeg.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
            let height = rgb.len() / (width * 3);
            for (at, side) in [(frame + 5, height), (frame + 7, width)] {
                jpeg[at..at + 2].copy_from_slice(&(side as u16).to_be_bytes());
            }
            let [high, low] = (interval as u16).to_be_bytes();
            jpeg.splice(frame..frame, [0xff, 0xdd, 0, 4, high, low]);
        } else {
            jpeg.extend_from_slice(&[0xff, 0xd0 + ((number - 1) % 8) as u8]);
        }
        jpeg.extend_from_slice(&part[from..to]);
    }
    jpeg.extend_from_slice(&[0xff, 0xd9]);
    jpeg
}

#[test]
fn a_scan_that_restarts_is_the_same_picture() {
    let (width, height) = (208, 320);
    let rgb = scene(width, height, 9);
    let plain = compressed(&mut compressor(90, Subsamp::Sub2x2), &rgb, width);
    for interval in [1, 5, 13, 20, 259] {
        let restarts = restarting(&rgb, width as usize, interval);
        for eighths in 1..=MOST_EIGHTHS {
            let whole = decode(&plain, eighths, (2, 2));
            assert!(whole.is_some());
            assert!(decode(&restarts, eighths, (2, 2)) == whole, "{interval}");
        }
    }
    // Out of order, one too few, one too many.
    let restarts = restarting(&rgb, width as usize, 13);
    let (from, _) = scan_of(&restarts);
    let markers: Vec<usize> = (from..restarts.len() - 2)
        .filter(|at| restarts[*at] == 0xff && matches!(restarts[at + 1], 0xd0..=0xd7))
        .collect();
    assert_eq!(markers.len(), 19);
    let mut wrong = restarts.clone();
    wrong[markers[3] + 1] = 0xd5;
    assert_eq!(decode(&wrong, 2, (2, 2)), None);
    let mut wrong = restarts.clone();
    wrong.drain(markers[3]..markers[4]);
    assert_eq!(decode(&wrong, 2, (2, 2)), None);
    let mut wrong = restarts;
    wrong.splice(wrong.len() - 2.., [0xff, 0xd3, 0x7f, 0xff, 0xd9]);
    assert_eq!(decode(&wrong, 2, (2, 2)), None);
}

/// A picture of many blocks without a bit for any of them costs nothing.
#[test]
fn a_scan_of_nothing_ends_soon() {
    let rgb = scene(16, 16, 9);
    let mut jpeg = compressed(&mut compressor(90, Subsamp::None), &rgb, 16);
    let frame = jpeg.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x7f, 0xff, 0x7f, 0xff]);
    let segments = walk(&jpeg);
    let intervals = Intervals::read(segments.scan, usize::MAX, 1).unwrap();
    let mut bits = intervals.iter().next().unwrap();
    assert!(!bits.overran());
    let mut passed = 0;
    while !bits.overran() {
        bits.refill();
        bits.pass(50);
        passed += 50;
    }
    assert!(passed < segments.scan.len() * 8 + 256);
    assert_eq!(decode(&jpeg, 1, (1, 1)), None);
}

#[test]
fn what_is_not_plain_is_left_alone() {
    let (width, height) = (64, 48);
    let rgb = scene(width, height, 9);
    let plain = compressed(&mut compressor(90, Subsamp::Sub2x2), &rgb, width);
    assert!(decode(&plain, 4, (2, 2)).is_some());
    assert_eq!(
        decode(&plain, 4, (2, 1)),
        None,
        "colours are shared otherwise"
    );
    assert_eq!(decode(&plain, 5, (2, 2)), None);
    let mut progressive = compressor(90, Subsamp::Sub2x2);
    progressive.set_progressive(true).unwrap();
    let mut arithmetic = compressor(90, Subsamp::Sub2x2);
    arithmetic.set_arithmetic(true).unwrap();
    for mut other in [progressive, arithmetic, compressor(90, Subsamp::Gray)] {
        let jpeg = compressed(&mut other, &rgb, width);
        assert_eq!(decode(&jpeg, 4, (2, 2)), None);
    }
    let (from, to) = scan_of(&plain);
    for end in from..to {
        let cut = [&plain[..end], &[0xff, 0xd9]].concat();
        assert_eq!(decode(&cut, 4, (2, 2)), None, "cut at {end}");
        assert_eq!(decode(&plain[..end], 4, (2, 2)), None, "cut at {end}");
    }
    // A code of all ones stands for nothing.
    assert!(Dc::read(&[&[1; 1][..], &[0; 15], &[0]].concat()).is_some());
    assert!(Dc::read(&[&[2; 1][..], &[0; 15], &[0, 1]].concat()).is_none());
    let long = [&plain[..to], &[0x55, 0xff, 0xd9]].concat();
    assert_eq!(decode(&long, 4, (2, 2)), None, "bytes that no block needs");
}

/// Whatever one byte is, there are planes of the right length, or none.
#[test]
fn any_byte_may_be_wrong() {
    let (width, height) = (48, 32);
    let rgb = scene(width, height, 20);
    let mut compressor = compressor(97, Subsamp::Sub2x1);
    compressor.set_optimize(true).unwrap();
    let plain = compressed(&mut compressor, &rgb, width);
    let (mut drawn, mut left) = (0, 0);
    for at in 2..plain.len() {
        for value in [
            0,
            1,
            0x11,
            0x7f,
            0xd0,
            0xff,
            plain[at] ^ 1,
            plain[at] ^ 0x80,
        ] {
            let mut wrong = plain.clone();
            wrong[at] = value;
            match decode(&wrong, 3, (2, 1)) {
                Some(planes) => {
                    assert!(planes.len() < 1 << 24);
                    drawn += 1;
                }
                None => left += 1,
            }
        }
    }
    assert!(drawn > 0 && left > 0, "{drawn} drawn, {left} left");
}
