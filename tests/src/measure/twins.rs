//! How far apart copies of a photo look, and how far apart other photos do: what
//! the bound of `library::twin` was chosen by. `cargo xtask bench twins` prints the
//! table that stands in docs/performance.md.

use crate::corpus::fixtures;
use camera::{Exif, Scene, draw};
use image::imageops::{self, FilterType};
use image::{DynamicImage, RgbImage};
use media::{Decoder, Input, Likeness, Origin, Rendition, Turn};
use std::fs;
use std::path::{Path, PathBuf};

/// Photos are brought to this first: what is looked at is a thumbnail anyway.
const LONG: u32 = 1600;
/// Drawn ones beside the fixtures.
const DRAWN: u64 = 40;
/// The bounds that are tried, in thousandths.
const BOUNDS: [u32; 8] = [20, 40, 60, 80, 100, 120, 150, 200];

type Change = fn(&RgbImage) -> Result<Vec<u8>, String>;

/// What becomes of a photo that stays the same photo.
const COPIES: [(&str, Change); 16] = [
    ("JPEG, quality 95", |photo| jpeg(photo, 95)),
    ("JPEG, quality 80", |photo| jpeg(photo, 80)),
    ("JPEG, quality 60", |photo| jpeg(photo, 60)),
    ("JPEG, quality 40", |photo| jpeg(photo, 40)),
    ("half as large", |photo| jpeg(&scaled(photo, 0.5), 85)),
    ("a quarter as large", |photo| jpeg(&scaled(photo, 0.25), 85)),
    ("by a messenger: 0.8 as large, quality 60", |photo| {
        jpeg(&scaled(photo, 0.8), 60)
    }),
    ("by a messenger, twice", |photo| {
        let once = image::load_from_memory(&jpeg(&scaled(photo, 0.8), 60)?).map_err(said)?;
        jpeg(&scaled(&once.into_rgb8(), 0.8), 60)
    }),
    ("2 % brighter", |photo| jpeg(&brighter(photo, 1.02), 85)),
    ("15 % brighter", |photo| jpeg(&brighter(photo, 1.15), 85)),
    ("30 % brighter", |photo| jpeg(&brighter(photo, 1.3), 85)),
    ("grey", |photo| {
        jpeg(
            &DynamicImage::from(photo.clone()).grayscale().into_rgb8(),
            85,
        )
    }),
    ("cut by 1 % at each edge", |photo| {
        jpeg(&cut(photo, 0.01), 85)
    }),
    ("cut by 2 % at each edge", |photo| {
        jpeg(&cut(photo, 0.02), 85)
    }),
    ("cut by 2 %, at one side", |photo| {
        let (width, height) = photo.dimensions();
        jpeg(
            &imageops::crop_imm(
                photo,
                width / 50,
                height / 50,
                width * 98 / 100,
                height * 98 / 100,
            )
            .to_image(),
            85,
        )
    }),
    ("turned a quarter", |photo| {
        jpeg(&imageops::rotate90(photo), 85)
    }),
];

/// What the next photo of a burst is like.
const BURSTS: [(&str, Change); 7] = [
    ("the camera moved by 0.5 %", |photo| {
        jpeg(&moved(photo, 0.005), 90)
    }),
    ("the camera moved by 1 %", |photo| {
        jpeg(&moved(photo, 0.01), 90)
    }),
    ("the camera moved by 2 %", |photo| {
        jpeg(&moved(photo, 0.02), 90)
    }),
    ("the camera moved by 4 %", |photo| {
        jpeg(&moved(photo, 0.04), 90)
    }),
    ("something of 10 % × 10 % moved", |photo| {
        jpeg(&stirred(photo, 0.1), 90)
    }),
    ("something of 20 % × 20 % moved", |photo| {
        jpeg(&stirred(photo, 0.2), 90)
    }),
    ("something of 30 % × 30 % moved", |photo| {
        jpeg(&stirred(photo, 0.3), 90)
    }),
];

/// Prints the table.
///
/// # Errors
/// A sentence, when a photo cannot be made or read.
pub fn run() -> Result<(), String> {
    let own = std::env::current_exe().map_err(said)?;
    let decoder = Decoder::new(own, 2);
    let photos = photos()?;
    let look = |bytes: &[u8]| -> Result<Option<Likeness>, String> {
        let input = Input::of_bytes(bytes);
        let seen = decoder.examine(&input, &[Rendition::Thumbnail], Origin::Owner);
        Ok(seen.map_err(said)?.picture.likeness)
    };
    let mut known = Vec::new();
    let mut plain = 0;
    for photo in &photos {
        // Framed so that a burst's next photo has something to move into.
        match look(&jpeg(&moved(photo, 0.0), 92)?)? {
            Some(likeness) => known.push((photo, likeness)),
            None => plain += 1,
        }
    }
    println!(
        "{} photos, {plain} of them too plain to be compared.\n",
        photos.len()
    );
    println!(
        "| | median | worst | {} | found |",
        BOUNDS.map(|b| format!("≤ {b}")).join(" | ")
    );
    for (about, changes, is_framed) in [
        ("Copies", &COPIES[..], true),
        ("Bursts", &BURSTS[..], false),
    ] {
        println!("| **{about}** |");
        for (name, change) in changes {
            let (mut apart, mut found) = (Vec::new(), 0);
            for (photo, likeness) in &known {
                let framed = is_framed.then(|| moved(photo, 0.0));
                let changed = change(framed.as_ref().unwrap_or(photo))?;
                let (distance, is_found) = match look(&changed)? {
                    Some(other) => nearest(likeness, &other),
                    None => (1_000, false),
                };
                apart.push(distance);
                found += u32::from(is_found);
            }
            tell(name, apart, found);
        }
    }
    let mut others = Vec::new();
    for (place, (_, one)) in known.iter().enumerate() {
        for (_, other) in known.iter().skip(place + 1) {
            others.push(nearest(one, other).0);
        }
    }
    tell("other photos, in any turn", others, 0);
    Ok(())
}

/// How far apart two are in the turn in which they are nearest, and whether one band
/// is the same in both but for one bit, so that the library finds them.
fn nearest(one: &Likeness, other: &Likeness) -> (u32, bool) {
    let turns = [Turn::None, Turn::Quarter, Turn::Half, Turn::ThreeQuarters];
    let (mut nearest, mut is_found) = (1_000, false);
    for turned in turns.map(|turn| other.turned(turn)) {
        let mut bands = one.bands().into_iter().zip(turned.bands());
        nearest = nearest.min(one.apart(&turned));
        is_found |= bands.any(|(ours, theirs)| (ours ^ theirs).count_ones() <= 1);
    }
    (nearest, is_found)
}

fn tell(name: &str, mut apart: Vec<u32>, found: u32) {
    apart.sort_unstable();
    let count = apart.len().max(1);
    let shares = BOUNDS.map(|bound| {
        let within = apart.iter().filter(|apart| **apart <= bound).count();
        format!("{} %", within * 100 / count)
    });
    println!(
        "| {name} | {} | {} | {} | {} % |",
        apart.get(count / 2).copied().unwrap_or_default(),
        apart.last().copied().unwrap_or_default(),
        shares.join(" | "),
        found as usize * 100 / count,
    );
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Photos that are no copies of each other.
fn photos() -> Result<Vec<RgbImage>, String> {
    let mut photos = Vec::new();
    for path in fixtures().iter().flat_map(|fixtures| files(fixtures)) {
        if let Ok(photo) = image::open(&path) {
            let photo = photo.into_rgb8();
            if photo.width().min(photo.height()) >= 200 {
                let large = f64::from(LONG) / f64::from(photo.width().max(photo.height()));
                photos.push(scaled(&photo, large.min(1.0)));
            }
        }
    }
    for (seed, scene) in (0..DRAWN).zip(Scene::ALL.into_iter().cycle()) {
        photos.push(draw(scene, seed, 1200, 800));
    }
    Ok(photos)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = [
        "photos",
        "motion-live",
        "exif",
        "gps",
        "captions-tags",
        "albums",
    ]
    .iter()
    .flat_map(|part| fs::read_dir(folder.join(part)).into_iter().flatten())
    .filter_map(|entry| Some(entry.ok()?.path()))
    .filter(|path| path.is_file())
    .collect();
    files.sort();
    files
}

fn jpeg(photo: &RgbImage, quality: u8) -> Result<Vec<u8>, String> {
    camera::jpeg(photo, quality, &Exif::default()).map_err(said)
}

fn scaled(photo: &RgbImage, by: f64) -> RgbImage {
    let side = |length: u32| ((f64::from(length) * by).round() as u32).max(1);
    imageops::resize(
        photo,
        side(photo.width()),
        side(photo.height()),
        FilterType::Lanczos3,
    )
}

fn brighter(photo: &RgbImage, by: f64) -> RgbImage {
    let mut photo = photo.clone();
    for channel in photo.iter_mut() {
        *channel = (f64::from(*channel) * by).min(255.0) as u8;
    }
    photo
}

/// Without this share of its width and height at each edge.
fn cut(photo: &RgbImage, by: f64) -> RgbImage {
    let (width, height) = (f64::from(photo.width()), f64::from(photo.height()));
    let (left, top) = ((width * by) as u32, (height * by) as u32);
    imageops::crop_imm(
        photo,
        left,
        top,
        photo.width() - 2 * left,
        photo.height() - 2 * top,
    )
    .to_image()
}

/// Nine tenths of the photo, seen from a little farther right and down.
fn moved(photo: &RgbImage, by: f64) -> RgbImage {
    let (width, height) = (f64::from(photo.width()), f64::from(photo.height()));
    let at = |length: f64| (length * (0.05 + by * 0.9 * 0.7)) as u32;
    imageops::crop_imm(
        photo,
        at(width),
        at(height),
        (width * 0.9) as u32,
        (height * 0.9) as u32,
    )
    .to_image()
}

/// The photo with a part of it elsewhere.
fn stirred(photo: &RgbImage, part: f64) -> RgbImage {
    let mut photo = moved(photo, 0.0);
    let (width, height) = (f64::from(photo.width()), f64::from(photo.height()));
    let piece = imageops::crop_imm(
        &photo,
        (width * 0.3) as u32,
        (height * 0.4) as u32,
        (width * part) as u32,
        (height * part) as u32,
    )
    .to_image();
    imageops::replace(
        &mut photo,
        &piece,
        (width * 0.42) as i64,
        (height * 0.46) as i64,
    );
    photo
}
