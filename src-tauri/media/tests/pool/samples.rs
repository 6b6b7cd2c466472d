//! Small files to damage: made here where a crate of ours writes the format,
//! and read from the folder `samples` where none does.

use std::io::Cursor;
use std::path::Path;

use exif::experimental::Writer;
use exif::{Field, In, Tag, Value};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use crate::dng::{Dng, Mosaic};

/// A whole file.
pub struct Sample {
    pub name: String,
    pub bytes: Vec<u8>,
    /// Whether its format must be decoded already.
    pub ours: bool,
}

/// A whole file of each format, at most 64 × 48 pixels.
pub fn samples() -> Vec<Sample> {
    let scene = DynamicImage::ImageRgb8(scene());
    let written = |image: DynamicImage, format| {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    };
    let deep = DynamicImage::ImageRgba16(scene.to_rgba16());
    let grey = DynamicImage::ImageLuma8(scene.to_luma8());
    let mut all: Vec<Sample> = [
        ("jpeg_baseline", jpeg(false)),
        ("jpeg_progressive", jpeg(true)),
        ("jpeg_with_exif", with_exif(&jpeg(false))),
        ("png", written(scene.clone(), ImageFormat::Png)),
        ("png_of_16_bits", written(deep, ImageFormat::Png)),
        ("webp_lossless", written(scene.clone(), ImageFormat::WebP)),
        ("webp_lossy", lossy_webp()),
        ("gif", written(scene.clone(), ImageFormat::Gif)),
        ("tiff", written(scene.clone(), ImageFormat::Tiff)),
        ("tiff_grey", written(grey, ImageFormat::Tiff)),
        ("bmp", written(scene, ImageFormat::Bmp)),
        ("dng", dng(Mosaic::Bayer([0, 1, 1, 2]), false)),
        ("dng_packed", dng(Mosaic::Bayer([0, 1, 1, 2]), true)),
        ("dng_undone", dng(Mosaic::Undone, false)),
        ("dng_grey", dng(Mosaic::Grey, true)),
    ]
    .into_iter()
    .map(|(name, bytes)| Sample {
        name: name.to_owned(),
        bytes,
        ours: true,
    })
    .collect();
    all.extend(kept());
    all
}

/// The files of the folder `samples`, by name. They are ffmpeg's test picture,
/// written by libheif (AVIF, HEIC) and libjxl.
fn kept() -> Vec<Sample> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pool/samples");
    let mut files: Vec<Sample> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            Sample {
                name: name.to_owned(),
                bytes: std::fs::read(&path).unwrap(),
                ours: false,
            }
        })
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

/// Slopes of colour with an edge in them.
fn scene() -> RgbImage {
    RgbImage::from_fn(64, 48, |x, y| {
        let [red, green] = [x * 4, y * 5].map(|part| part.min(255) as u8);
        Rgb([red, green, if x + y > 50 { 200 } else { 30 }])
    })
}

fn jpeg(progressive: bool) -> Vec<u8> {
    let scene = scene();
    let mut encoder = turbojpeg::Compressor::new().unwrap();
    encoder.set_progressive(progressive).unwrap();
    encoder
        .compress_to_vec(turbojpeg::Image {
            pixels: scene.as_raw().as_slice(),
            width: 64,
            pitch: 64 * 3,
            height: 48,
            format: turbojpeg::PixelFormat::RGB,
        })
        .unwrap()
}

/// The picture with an Exif segment right after its start.
fn with_exif(jpeg: &[u8]) -> Vec<u8> {
    let text = |text: &str| Value::Ascii(vec![text.as_bytes().to_vec()]);
    let degrees = |parts: [u32; 3]| {
        let parts = parts.map(|part| exif::Rational {
            num: part,
            denom: 1,
        });
        Value::Rational(parts.to_vec())
    };
    let fields = [
        (Tag::Orientation, Value::Short(vec![6])),
        (Tag::Make, text("Albumen")),
        (Tag::Model, text("A camera of our own")),
        (Tag::DateTimeOriginal, text("2026:05:04 03:02:01")),
        (Tag::GPSLatitudeRef, text("N")),
        (Tag::GPSLatitude, degrees([52, 31, 12])),
        (Tag::GPSLongitudeRef, text("E")),
        (Tag::GPSLongitude, degrees([13, 24, 18])),
    ]
    .map(|(tag, value)| Field {
        tag,
        ifd_num: In::PRIMARY,
        value,
    });
    let mut writer = Writer::new();
    for field in &fields {
        writer.push_field(field);
    }
    let mut tiff = Cursor::new(Vec::new());
    writer.write(&mut tiff, true).unwrap();
    let body = [b"Exif\0\0", tiff.into_inner().as_slice()].concat();
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    let (start, rest) = jpeg.split_at(2);
    [start, &[0xff, 0xe1], &length, &body, rest].concat()
}

/// A RAW picture that must be developed.
fn dng(mosaic: Mosaic, packed: bool) -> Vec<u8> {
    let scene = scene();
    let dng = Dng {
        mosaic,
        packed,
        ..Dng::of(&scene)
    };
    dng.bytes()
}

fn lossy_webp() -> Vec<u8> {
    let scene = scene();
    let encoder = webp::Encoder::from_rgb(scene.as_raw(), 64, 48);
    encoder.encode(75.0).to_vec()
}
