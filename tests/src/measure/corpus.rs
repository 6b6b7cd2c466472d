//! The photos that are measured: 12-megapixel camera JPEGs. By default a fixed
//! list, the same on every machine that has the fixtures: two real ones as
//! they are, and photos composed of real ones at the size, compression and
//! orientation of a phone's, with a sensor's noise. Without the fixtures the
//! composed ones are of drawn scenes.

use camera::{Exif, Scene, draw, turned, with_exif};
use image::imageops::{self, FilterType};
use image::{ImageReader, RgbImage};
use std::fs;
use std::path::{Path, PathBuf};
use turbojpeg::{PixelFormat, Subsamp};

/// Photos of whole cameras among the fixtures; the rest there are smaller.
const REAL: [&str; 2] = ["motion-live/train.jpg", "exif/jolla.jpg"];
/// How phones hold what they take: mostly as it is, often turned.
const ORIENTATIONS: [u16; 8] = [1, 6, 1, 8, 1, 3, 1, 6];
/// What phones write: 4:2:0 at about 2.2 bits a pixel, 3.3 MB.
const QUALITY: i32 = 90;

/// What is measured, and what it is.
pub struct Corpus {
    /// One sentence for the report.
    pub about: String,
    /// The files.
    pub photos: Vec<PathBuf>,
}

/// The folder of fixtures beside the repository, when it is there.
pub fn fixtures() -> Option<PathBuf> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let folder = repository.parent()?.join("shared").join("fixtures");
    folder.is_dir().then_some(folder)
}

/// The JPEGs of a folder, by name, at most `count`.
///
/// # Errors
/// When there is none.
pub fn chosen(folder: &Path, count: usize) -> Result<Corpus, String> {
    let mut photos = jpegs(folder)?;
    photos.truncate(count);
    if photos.is_empty() {
        return Err(format!("{} holds no JPEG.", folder.display()));
    }
    Ok(Corpus {
        about: format!("{} JPEGs of {}", photos.len(), folder.display()),
        photos,
    })
}

/// The default list: the real photos where they are, and then composed ones up
/// to `count`, made once and kept in `folder`.
///
/// # Errors
/// A sentence, when a photo cannot be made or written.
pub fn usual(folder: &Path, count: usize) -> Result<Corpus, String> {
    let fixtures = fixtures();
    let mut photos: Vec<PathBuf> = fixtures
        .iter()
        .flat_map(|fixtures| REAL.map(|name| fixtures.join(name)))
        .filter(|path| path.is_file())
        .take(count)
        .collect();
    let real = photos.len();
    let of = if real > 0 { "real" } else { "drawn" };
    let folder = folder.join(of);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut sources = Vec::new();
    for number in 0..count - real {
        let path = folder.join(format!("IMG_{:04}.jpg", number + 1));
        if !path.is_file() {
            if sources.is_empty() {
                sources = pictures(fixtures.as_deref())?;
            }
            let bytes = composed(number, &sources)?;
            fs::write(&path, bytes).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        photos.push(path);
    }
    Ok(Corpus {
        about: format!(
            "{real} JPEGs of real cameras and {} of 4000 × 3000 pixels composed of {of} pictures",
            photos.len() - real
        ),
        photos,
    })
}

fn jpegs(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let extension = path.extension().unwrap_or_default();
            extension.eq_ignore_ascii_case("jpg") || extension.eq_ignore_ascii_case("jpeg")
        })
        .collect();
    found.sort();
    Ok(found)
}

fn pictures(fixtures: Option<&Path>) -> Result<Vec<RgbImage>, String> {
    let Some(fixtures) = fixtures else {
        let scenes = Scene::ALL.into_iter().zip(1..);
        return Ok(scenes
            .map(|(scene, seed)| draw(scene, seed, 1600, 1200))
            .collect());
    };
    let mut pictures = Vec::new();
    for path in jpegs(&fixtures.join("photos"))? {
        let picture = ImageReader::open(&path)
            .map_err(|error| error.to_string())
            .and_then(|reader| reader.decode().map_err(|error| error.to_string()))
            .map_err(|error| format!("{}: {error}", path.display()))?;
        pictures.push(picture.into_rgb8());
    }
    Ok(pictures)
}

/// Four pictures, each enlarged a little to fill a quarter, as a camera stores
/// what it saw.
fn composed(number: usize, sources: &[RgbImage]) -> Result<Vec<u8>, String> {
    let orientation = ORIENTATIONS
        .get(number % ORIENTATIONS.len())
        .copied()
        .unwrap_or(1);
    let (width, height) = if orientation >= 5 {
        (3000, 4000)
    } else {
        (4000, 3000)
    };
    let mut photo = RgbImage::new(width, height);
    let corners = [(0, 0), (1, 0), (0, 1), (1, 1)];
    for (quarter, (x, y)) in corners.into_iter().enumerate() {
        let source = sources
            .get((number * 5 + quarter * 3) % sources.len().max(1))
            .ok_or("there is no picture to compose a photo of.")?;
        let filled = filling(source, width / 2, height / 2);
        let (left, top) = (i64::from(x * width / 2), i64::from(y * height / 2));
        imageops::replace(&mut photo, &filled, left, top);
    }
    let mut grain = Grain(number as u64 + 1);
    for pixel in photo.pixels_mut() {
        let noise = grain.next();
        pixel.0 = pixel.0.map(|value| value.saturating_add_signed(noise));
    }
    let stored = turned(&photo, orientation);
    let image = turbojpeg::Image {
        pixels: stored.as_raw().as_slice(),
        width: stored.width() as usize,
        pitch: stored.width() as usize * 3,
        height: stored.height() as usize,
        format: PixelFormat::RGB,
    };
    let jpeg = turbojpeg::compress(image, QUALITY, Subsamp::Sub2x2)
        .map_err(|error| format!("a photo could not be composed: {error}"))?;
    let exif = Exif {
        orientation,
        taken: format!("2024:06:{:02} 12:00:00", number % 28 + 1),
        make: "Albumen".to_owned(),
        model: "Composing camera".to_owned(),
        ..Exif::default()
    };
    Ok(with_exif(&jpeg, &exif))
}

/// A picture at the size that fills `width` × `height`, its overhang cut.
fn filling(source: &RgbImage, width: u32, height: u32) -> RgbImage {
    let (across, down) = source.dimensions();
    // Cut to the wanted shape first, around the middle.
    let (cut_width, cut_height) = if across * height > down * width {
        (down * width / height, down)
    } else {
        (across, across * height / width)
    };
    let left = (across - cut_width) / 2;
    let top = (down - cut_height) / 2;
    let cut = imageops::crop_imm(source, left, top, cut_width, cut_height).to_image();
    imageops::resize(&cut, width, height, FilterType::CatmullRom)
}

/// A sensor's noise: triangular, at most three steps, the same on every machine.
struct Grain(u64);

impl Grain {
    fn next(&mut self) -> i8 {
        // xorshift64 (Marsaglia 2003).
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let [one, other, ..] = self.0.to_le_bytes();
        let noise = i16::from(one % 4) + i16::from(other % 4) - 3;
        i8::try_from(noise).unwrap_or(0)
    }
}
