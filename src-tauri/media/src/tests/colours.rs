//! Colours of other spaces arrive in sRGB, and profiles never harm a picture.

use std::io::Cursor;

use image::codecs::png::PngEncoder;
use image::codecs::tiff::TiffEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageFormat, Luma, Rgb, RgbImage};
use moxcms::ColorProfile;
use turbojpeg::{Compressor, Image, PixelFormat};

use super::camera::{exif, jpeg_of, text, with_exif, with_segment};
use super::{assert_colour, developed, shown};
use crate::Rendition;
use crate::container::png::checksum;

/// A colour in Display P3, and the same in sRGB by the matrices of both spaces
/// (CSS Color 4), rounded.
const IN_P3: [u8; 3] = [200, 100, 50];
const IN_SRGB: [u8; 3] = [216, 95, 30];

fn plain(colour: [u8; 3]) -> RgbImage {
    RgbImage::from_pixel(64, 64, Rgb(colour))
}

fn middle(bytes: &[u8]) -> [u8; 3] {
    shown(&developed(bytes), Rendition::Preview)
        .get_pixel(32, 32)
        .0
}

fn p3() -> Vec<u8> {
    ColorProfile::new_display_p3().encode().unwrap()
}

fn with_profile(jpeg: &[u8], icc: &[u8], chunks: usize) -> Vec<u8> {
    let count = u8::try_from(chunks).unwrap();
    let mut bytes = jpeg.to_vec();
    // Each new segment goes to the front, so the chunks end up in reverse.
    for (index, chunk) in icc.chunks(icc.len().div_ceil(chunks)).enumerate() {
        let number = u8::try_from(index).unwrap() + 1;
        let body = [b"ICC_PROFILE\0", [number, count].as_slice(), chunk].concat();
        bytes = with_segment(&bytes, 0xe2, &body);
    }
    bytes
}

#[test]
fn display_p3_becomes_srgb_in_every_format() {
    let image = plain(IN_P3);
    let jpeg = jpeg_of(&image);
    assert_colour(middle(&with_profile(&jpeg, &p3(), 1)), IN_SRGB, 4);
    assert_colour(middle(&with_profile(&jpeg, &p3(), 3)), IN_SRGB, 4);

    let kind = ExtendedColorType::Rgb8;
    let mut png = Cursor::new(Vec::new());
    let mut encoder = PngEncoder::new(&mut png);
    encoder.set_icc_profile(p3()).unwrap();
    encoder.write_image(&image, 64, 64, kind).unwrap();
    assert_colour(middle(png.get_ref()), IN_SRGB, 4);

    let mut webp = Cursor::new(Vec::new());
    let mut encoder = WebPEncoder::new_lossless(&mut webp);
    encoder.set_icc_profile(p3()).unwrap();
    encoder.write_image(&image, 64, 64, kind).unwrap();
    assert_colour(middle(webp.get_ref()), IN_SRGB, 4);

    let mut tiff = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut tiff);
    encoder.set_icc_profile(p3()).unwrap();
    encoder.write_image(&image, 64, 64, kind).unwrap();
    assert_colour(middle(tiff.get_ref()), IN_SRGB, 4);
}

#[test]
fn srgb_stays_as_it_is() {
    let jpeg = jpeg_of(&plain(IN_P3));
    let srgb = ColorProfile::new_srgb().encode().unwrap();
    assert_eq!(middle(&with_profile(&jpeg, &srgb, 1)), middle(&jpeg));
}

#[test]
fn a_bad_profile_is_ignored() {
    let jpeg = jpeg_of(&plain(IN_P3));
    let whole = p3();
    let cmyk_named = {
        let mut profile = whole.clone();
        profile[16..20].copy_from_slice(b"CMYK");
        profile
    };
    for profile in [&b"nonsense"[..], &whole[..200], &cmyk_named, &[0; 4000]] {
        assert_eq!(middle(&with_profile(&jpeg, profile, 1)), middle(&jpeg));
    }
    // A chunk is missing: of two, only the first came.
    let body = [b"ICC_PROFILE\0\x01\x02", whole.as_slice()].concat();
    assert_eq!(middle(&with_segment(&jpeg, 0xe2, &body)), middle(&jpeg));
}

#[test]
fn a_grey_profile_fits_grey_pixels() {
    let grey = image::GrayImage::from_pixel(64, 64, Luma([128]));
    let linear = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    let mut png = Cursor::new(Vec::new());
    let mut encoder = PngEncoder::new(&mut png);
    encoder.set_icc_profile(linear).unwrap();
    encoder
        .write_image(&grey, 64, 64, ExtendedColorType::L8)
        .unwrap();
    // Half of the light is 188 in sRGB.
    assert_colour(middle(png.get_ref()), [188; 3], 2);
}

/// A PNG of one colour with these chunks before its pixels.
fn png_with(colour: [u8; 3], chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut png = Cursor::new(Vec::new());
    plain(colour).write_to(&mut png, ImageFormat::Png).unwrap();
    let png = png.into_inner();
    let (head, pixels) = png.split_at(33);
    let mut bytes = head.to_vec();
    for (kind, body) in chunks {
        bytes.extend((body.len() as u32).to_be_bytes());
        bytes.extend([kind.as_slice(), body].concat());
        bytes.extend(checksum(&[kind.as_slice(), body]));
    }
    [&bytes, pixels].concat()
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().copied().flat_map(u32::to_be_bytes).collect()
}

#[test]
fn a_pngs_gamma_is_applied_unless_it_says_more() {
    let half = [128; 3];
    let shown = |chunks: &[(&[u8; 4], &[u8])]| middle(&png_with(half, chunks));
    let gamma = |gamma| numbers(&[gamma]);
    // Half of the light is 188 in sRGB.
    let linear = gamma(100_000);
    assert_colour(shown(&[(b"gAMA", &linear)]), [188; 3], 2);
    // 0.502^1.8 of the light, as old Macintoshes had it.
    assert_colour(shown(&[(b"gAMA", &gamma(55_556))]), [147; 3], 2);
    for srgb in [45_455, 45_500, 0, 1, u32::MAX] {
        assert_eq!(shown(&[(b"gAMA", &gamma(srgb))]), shown(&[]), "{srgb}");
    }
    let with_srgb = shown(&[(b"sRGB", &[0]), (b"gAMA", &linear)]);
    assert_eq!(with_srgb, shown(&[]));
    // sRGB by code points (ITU-T H.273) counts before the gamma, and so does linear.
    let coded = |transfer| shown(&[(b"cICP", &[1, transfer, 0, 1]), (b"gAMA", &gamma(55_556))]);
    assert_eq!(coded(13), shown(&[]));
    assert_colour(coded(8), [188; 3], 2);
}

#[test]
fn a_pngs_primaries_are_applied_when_they_make_white() {
    let p3 = [
        31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000,
    ];
    let shown = |places: &[u32]| middle(&png_with(IN_P3, &[(b"cHRM", &numbers(places))]));
    assert_colour(shown(&p3), IN_SRGB, 4);
    assert_colour(
        middle(&png_with(IN_P3, &[(b"cICP", &[12, 13, 0, 1])])),
        IN_SRGB,
        4,
    );
    let srgb = [
        31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000,
    ];
    assert_eq!(shown(&srgb), middle(&png_with(IN_P3, &[])));
    let outside = [90_000, 1_000, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000];
    for places in [[0; 8], [33_333; 8], [u32::MAX; 8], outside] {
        assert_eq!(shown(&places), middle(&png_with(IN_P3, &[])), "{places:?}");
    }
    let both = [(b"cHRM", numbers(&outside)), (b"gAMA", numbers(&[100_000]))];
    let both = both.each_ref().map(|(kind, body)| (*kind, body.as_slice()));
    assert_colour(middle(&png_with([128; 3], &both)), [188; 3], 2);
    assert_eq!(shown(&p3[..7]), middle(&png_with(IN_P3, &[])));
}

#[test]
fn adobe_rgb_without_a_profile_is_known_by_exif() {
    let jpeg = jpeg_of(&plain([100, 200, 100]));
    let index = |index| {
        let tags = exif(vec![(exif::Tag::InteroperabilityIndex, text(index))]);
        middle(&with_exif(&jpeg, &tags))
    };
    assert_eq!(index("R98"), middle(&jpeg));
    let [red, green, _] = index("R03");
    assert!(red < 30 && green >= 200, "{red} {green}");
}

#[test]
fn cmyk_jpegs_are_shown_with_and_without_a_profile() {
    // Adobe stores ink inverted: this is full cyan and a little yellow.
    let pixels = [0, 255, 235, 255].repeat(64 * 64);
    let image = Image {
        pixels: pixels.as_slice(),
        width: 64,
        pitch: 256,
        height: 64,
        format: PixelFormat::CMYK,
    };
    let mut encoder = Compressor::new().unwrap();
    encoder.set_quality(95).unwrap();
    let jpeg = encoder.compress_to_vec(image).unwrap();
    assert!(jpeg.windows(5).any(|window| window == b"Adobe"));
    assert_colour(middle(&jpeg), [0, 255, 235], 4);
    // A profile for other inks than these is ignored.
    assert_colour(middle(&with_profile(&jpeg, &p3(), 1)), [0, 255, 235], 4);
}
