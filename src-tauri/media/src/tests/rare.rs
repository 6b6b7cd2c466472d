//! Kinds of files that few programs write: TIFFs in lightness and colour
//! difference, bitmaps of OS/2, and a picture that much is cut from.

use std::io::Cursor;

use image::{Rgb, RgbImage};
use tiff::encoder::colortype::YCbCr8;
use tiff::encoder::{Rational, TiffEncoder};
use tiff::tags::Tag;

use super::camera::{BLUE, RED, jpeg_of, with_segment};
use super::clean::cleaned;
use super::fixtures::fixtures;
use super::{assert_colour, develop, developed, shown};
use crate::{Format, MediaError, Rendition};

fn at(bytes: &[u8], x: u32, y: u32) -> [u8; 3] {
    shown(&developed(bytes), Rendition::Preview)
        .get_pixel(x, y)
        .0
}

/// A TIFF of one colour, 64 × 64, with these of red, green and blue in the
/// lightness, each of ten thousand.
fn ycbcr(sample: [u8; 3], luma: Option<[u32; 3]>, range: Option<[u32; 6]>) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
    let mut image = encoder.new_image::<YCbCr8>(64, 64).unwrap();
    let share = |n, d| Rational { n, d };
    if let Some(luma) = luma {
        let luma = luma.map(|n| share(n, 10_000));
        image
            .encoder()
            .write_tag(Tag::Unknown(529), &luma[..])
            .unwrap();
    }
    if let Some(range) = range {
        let range = range.map(|n| share(n, 1));
        image
            .encoder()
            .write_tag(Tag::Unknown(532), &range[..])
            .unwrap();
    }
    image.write_data(&sample.repeat(64 * 64)).unwrap();
    bytes.into_inner()
}

#[test]
fn a_tiff_in_lightness_and_differences_is_shown_in_its_colours() {
    // By BT.601, of which these are the codes; black and white of studios next.
    assert_colour(at(&ycbcr([76, 85, 255], None, None), 9, 9), [254, 0, 0], 3);
    let studio = Some([16, 235, 128, 240, 128, 240]);
    assert_colour(at(&ycbcr([16, 128, 128], None, studio), 9, 9), [0; 3], 2);
    assert_colour(at(&ycbcr([235, 128, 128], None, studio), 9, 9), [255; 3], 2);
    // Green by BT.709, and by shares that are none.
    let green = [182, 30, 12];
    let hd = Some([2_126, 7_152, 722]);
    assert_colour(at(&ycbcr(green, hd, None), 9, 9), [0, 255, 0], 4);
    let plain = at(&ycbcr(green, None, None), 9, 9);
    for none in [[0; 3], [10_000, 0, 0], [5_000; 3]] {
        assert_eq!(at(&ycbcr(green, Some(none), None), 9, 9), plain);
    }
    assert_eq!(at(&ycbcr(green, None, Some([9; 6])), 9, 9), plain);
}

/// A TIFF of two strips, red and blue, each a JPEG with a word in it; what
/// `change` makes of the tags and types of its directory.
fn tiff_of_jpegs(change: impl Fn(u16, u16) -> (u16, u16)) -> Vec<u8> {
    let strips = [RED, BLUE].map(|colour| {
        let jpeg = jpeg_of(&RgbImage::from_pixel(64, 32, Rgb(colour)));
        with_segment(&jpeg, 0xfe, WORD)
    });
    let starts = [8, 8 + strips[0].len() as u32];
    let directory = starts[1] + strips[1].len() as u32;
    let lists = directory + 2 + 9 * 12 + 4;
    let mut bytes = [&b"II*\0"[..], &directory.to_le_bytes(), &strips.concat()].concat();
    bytes.extend(9_u16.to_le_bytes());
    for (tag, kind, count, value) in [
        (256, 3, 1_u32, 64),
        (257, 3, 1, 64),
        (258, 3, 3, lists + 16),
        (259, 3, 1, 7),
        (262, 3, 1, 6),
        (273, 4, 2, lists),
        (277, 3, 1, 3),
        (278, 3, 1, 32),
        (279, 4, 2, lists + 8),
    ] {
        let (tag, kind) = change(tag, kind);
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend([0; 4]);
    let lengths = strips.each_ref().map(|strip| strip.len() as u32);
    let numbers = [starts, lengths].concat();
    bytes.extend(numbers.iter().copied().flat_map(u32::to_le_bytes));
    bytes.extend([8, 0, 8, 0, 8, 0]);
    bytes
}

const WORD: &[u8] = b"a secret comment";

#[test]
fn a_tiff_of_jpegs_is_shown_and_cleaned() {
    let bytes = tiff_of_jpegs(|tag, kind| (tag, kind));
    let clean = cleaned(Format::Tiff, &bytes).unwrap();
    let tells = |bytes: &[u8]| bytes.windows(WORD.len()).any(|window| window == WORD);
    assert!(tells(&bytes) && !tells(&clean));
    for bytes in [&bytes, &clean] {
        assert_colour(at(bytes, 32, 10), RED, 8);
        assert_colour(at(bytes, 32, 54), BLUE, 8);
    }
    assert!(develop(&bytes[..bytes.len() / 2], &super::ALL).is_err());
}

#[test]
fn a_tiff_that_says_two_things_of_its_compression_is_withheld() {
    // An unknown type before the real entry, and types that only some read.
    let twice = tiff_of_jpegs(|tag, kind| match tag {
        258 => (259, 253),
        _ => (tag, kind),
    });
    assert!(cleaned(Format::Tiff, &twice).is_err());
    for odd in [0, 1, 8, 9, 253] {
        let once = tiff_of_jpegs(|tag, kind| (tag, if tag == 259 { odd } else { kind }));
        assert!(cleaned(Format::Tiff, &once).is_err(), "type {odd}");
    }
}

/// A bitmap of 8 × 4 pixels, with a header of OS/2.
fn bitmap(length: u32, bits: u16, compression: u32, colours: &[u8], pixels: &[u8]) -> Vec<u8> {
    let mut header = length.to_le_bytes().to_vec();
    if length == 12 {
        header.extend([8, 0, 4, 0]);
    } else {
        header.extend([8, 0, 0, 0, 4, 0, 0, 0]);
    }
    header.extend([1, 0]);
    header.extend(bits.to_le_bytes());
    if length > 16 {
        header.extend(compression.to_le_bytes());
    }
    header.resize(length as usize, 0);
    let start = 14 + length + colours.len() as u32;
    // A pointer's hot spot is where other files have zeros.
    let file = [b"BM\0\0\0\0\x05\0\x03\0", &start.to_le_bytes()[..]].concat();
    [&file, &header, colours, pixels].concat()
}

#[test]
fn bitmaps_of_os2_are_shown() {
    const RED_LAST: [u8; 3] = [0, 0, 200];
    let of_three = [[0; 3], RED_LAST].concat();
    let of_four = [[0; 4], [0, 0, 200, 0]].concat();
    let rows = [1; 32];
    let first = |bytes: &[u8]| at(bytes, 1, 1);
    let table = |one: &[u8]| [one, &vec![0; 256 * (one.len() / 2) - one.len()]].concat();
    let whole = RED_LAST.repeat(32);
    for bytes in [
        bitmap(12, 8, 0, &table(&of_three), &rows),
        bitmap(16, 8, 0, &table(&of_four), &rows),
        bitmap(64, 8, 0, &table(&of_four), &rows),
        bitmap(16, 24, 0, &[], &whole),
        bitmap(64, 24, 0, &[], &whole),
    ] {
        let picture = developed(&bytes);
        assert_eq!(picture.facts.format, Format::Bmp);
        assert_eq!((picture.facts.width, picture.facts.height), (8, 4));
        assert_colour(first(&bytes), [200, 0, 0], 6);
    }
}

#[test]
fn runs_of_an_os2_bitmap_are_unrolled() {
    // From the last row: eight red; three blue as they are, five red; a row and
    // five pixels are left out; the rest of the row, and more than it holds.
    let runs = b"\x08\0\0\xc8\0\0\0\x03\xc8\0\0\xc8\0\0\xc8\0\0\0\x05\0\0\xc8\0\0\
                 \0\x02\x05\x01\xff\xc8\0\0\0\x01";
    let bytes = bitmap(64, 24, 4, &[], runs);
    let preview = shown(&developed(&bytes), Rendition::Preview);
    let dark = |pixel: &Rgb<u8>| pixel.0.iter().all(|light| *light < 90);
    assert!(preview.get_pixel(3, 3).0[0] > 150);
    assert!(preview.get_pixel(1, 2).0[2] > 100 && preview.get_pixel(6, 2).0[0] > 100);
    assert!(dark(preview.get_pixel(1, 1)) && dark(preview.get_pixel(1, 0)));
    assert!(preview.get_pixel(7, 0).0[2] > 100);
    for end in 0..runs.len() {
        // Whatever the end is, it is at most the rest that is black.
        developed(&bitmap(64, 24, 4, &[], &runs[..end]));
    }
    let mut huge = bytes.clone();
    huge[18..26].fill(0x7f);
    let error = develop(&huge, &super::ALL).unwrap_err();
    assert!(matches!(error, MediaError::TooLarge { .. }), "{error}");
}

#[test]
fn a_crop_shows_what_others_show() {
    let Some(folder) = fixtures("a_crop_shows_what_others_show") else {
        return;
    };
    let folder = folder.join("formats/avif");
    let picture = developed(&std::fs::read(folder.join("kimono.crop.avif")).unwrap());
    let theirs = image::open(folder.join("reference/kimono.crop.png")).unwrap();
    let theirs = theirs.into_rgb8();
    let ours = shown(&picture, Rendition::Preview);
    assert_eq!(ours.dimensions(), theirs.dimensions());
    let squares = ours.as_raw().iter().zip(theirs.as_raw());
    let squares: u64 = squares.map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum();
    // It begins at half a pixel; a pixel beside it, this would be 8.
    let error = (squares as f64 / ours.as_raw().len() as f64).sqrt();
    assert!(error < 6.5, "{error} of 255");
}
