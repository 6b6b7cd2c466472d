//! What a photo's pictures should look like: decoded whole by libjpeg-turbo,
//! turned upright, brought to sRGB, and made smaller by Lanczos3 in 32-bit
//! floats on the stored (gamma) values, which is the space all contenders
//! scale in. Another implementation than Albumen's own.

use crate::ssim::{Likeness, likeness};
use image::codecs::jpeg::JpegDecoder;
use image::imageops::{self, FilterType};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, RgbImage};
use moxcms::{ColorProfile, Layout, TransformOptions};
use std::collections::HashMap;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

/// A photo that is measured.
pub struct Photo {
    /// Its file.
    pub path: PathBuf,
    /// Width and height as seen.
    pub size: (u32, u32),
    /// Length of its file in bytes.
    pub bytes: u64,
}

impl Photo {
    /// Reads a JPEG's header.
    ///
    /// # Errors
    /// A sentence with its path.
    pub fn open(path: &Path) -> Result<Self, String> {
        let problem = |error: String| format!("{}: {error}", path.display());
        let bytes = fs::read(path).map_err(|error| problem(error.to_string()))?;
        let mut header =
            JpegDecoder::new(Cursor::new(&bytes)).map_err(|error| problem(error.to_string()))?;
        let (width, height) = header.dimensions();
        let turned = matches!(
            header.orientation(),
            Ok(Orientation::Rotate90
                | Orientation::Rotate270
                | Orientation::Rotate90FlipH
                | Orientation::Rotate270FlipH)
        );
        Ok(Self {
            path: path.to_owned(),
            size: if turned {
                (height, width)
            } else {
                (width, height)
            },
            bytes: bytes.len() as u64,
        })
    }

    /// The reference for its pictures.
    ///
    /// # Errors
    /// A sentence with its path.
    pub fn reference(&self) -> Result<Reference, String> {
        let problem = |error: String| format!("{}: {error}", self.path.display());
        let bytes = fs::read(&self.path).map_err(|error| problem(error.to_string()))?;
        let whole = whole(&bytes).map_err(|error| problem(error.to_string()))?;
        Ok(Reference::new(whole))
    }
}

/// A picture that others are compared with, at each size that was asked for.
pub struct Reference {
    whole: RgbImage,
    smaller: HashMap<(u32, u32), RgbImage>,
}

impl Reference {
    /// From upright pixels in sRGB at full size.
    pub fn new(whole: RgbImage) -> Self {
        Self {
            whole,
            smaller: HashMap::new(),
        }
    }

    /// How alike an encoded picture is to the reference made to its size.
    ///
    /// # Errors
    /// A sentence, when the bytes are no picture.
    pub fn likeness_of(&mut self, bytes: &[u8]) -> Result<Likeness, String> {
        let made = image::load_from_memory(bytes)
            .map_err(|error| error.to_string())?
            .into_rgb8();
        let (width, height) = made.dimensions();
        let reference = self
            .smaller
            .entry((width, height))
            .or_insert_with(|| imageops::resize(&self.whole, width, height, FilterType::Lanczos3));
        likeness(&made, reference).ok_or_else(|| "It has no pixels.".to_owned())
    }
}

/// A JPEG's pixels, upright and in sRGB.
fn whole(bytes: &[u8]) -> Result<RgbImage, Box<dyn std::error::Error>> {
    let mut header = JpegDecoder::new(Cursor::new(bytes))?;
    let orientation = header.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = header.icc_profile()?;
    let decoded = turbojpeg::decompress(bytes, turbojpeg::PixelFormat::RGB)?;
    let (width, height) = (
        u32::try_from(decoded.width)?,
        u32::try_from(decoded.height)?,
    );
    let mut pixels = decoded.pixels;
    if let Some(profile) = profile {
        let profile = ColorProfile::new_from_slice(&profile)?;
        let transform = profile.create_transform_8bit(
            Layout::Rgb,
            &ColorProfile::new_srgb(),
            Layout::Rgb,
            TransformOptions::default(),
        )?;
        let mut converted = vec![0; pixels.len()];
        transform.transform(&pixels, &mut converted)?;
        pixels = converted;
    }
    let stored = RgbImage::from_raw(width, height, pixels).ok_or("the pixels do not fit")?;
    let mut upright = DynamicImage::ImageRgb8(stored);
    upright.apply_orientation(orientation);
    Ok(upright.into_rgb8())
}
