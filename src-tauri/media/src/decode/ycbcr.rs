//! TIFFs whose colours are lightness and two differences (TIFF 6.0, section 21),
//! as scanners and JPEG compression write them. The `tiff` crate reads the samples
//! and `image` refuses them; here they become RGB.

use std::io::Cursor;

use image::error::{
    DecodingError, ImageFormatHint, LimitError, LimitErrorKind, UnsupportedError,
    UnsupportedErrorKind,
};
use image::{ColorType, ImageDecoder, ImageError, ImageFormat, ImageResult};
use tiff::decoder::ifd::Value;
use tiff::decoder::{Decoder, Limits};
use tiff::tags::Tag;
use tiff::{ColorType as Samples, TiffError};

use crate::worker::limits::MAX_DECODED;

/// `YCbCrCoefficients`.
const COEFFICIENTS: u16 = 529;
/// `ReferenceBlackWhite`.
const BLACK_AND_WHITE: u16 = 532;
/// What red, green and blue are of the lightness, unless the file says otherwise
/// (ITU-R BT.601).
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];
/// The codes of black and white, and of no and all colour, likewise.
const RANGE: [f32; 6] = [0.0, 255.0, 128.0, 255.0, 128.0, 255.0];

/// A TIFF of this kind, of which the directory has been read.
pub(super) struct YCbCr<'a> {
    tiff: Decoder<Cursor<&'a [u8]>>,
    size: (u32, u32),
    luma: [f32; 3],
    range: [f32; 6],
}

/// Reads the first directory, or `None` when the TIFF is of another kind.
pub(super) fn open(bytes: &[u8]) -> Option<YCbCr<'_>> {
    let mut limits = Limits::default();
    let most = usize::try_from(MAX_DECODED).unwrap_or(usize::MAX);
    limits.decoding_buffer_size = most;
    limits.intermediate_buffer_size = most;
    let mut tiff = Decoder::new(Cursor::new(bytes)).ok()?.with_limits(limits);
    if tiff.colortype().ok()? != Samples::YCbCr(8) {
        return None;
    }
    let size = tiff.dimensions().ok()?;
    let mut fractions = |tag| match tiff.find_tag(Tag::Unknown(tag)) {
        Ok(Some(Value::List(values))) => values.into_iter().filter_map(fraction).collect(),
        _ => Vec::new(),
    };
    let luma = fractions(COEFFICIENTS).try_into();
    let range = fractions(BLACK_AND_WHITE).try_into();
    Some(YCbCr {
        luma: luma.ok().filter(is_luma).unwrap_or(LUMA),
        range: range.ok().filter(is_range).unwrap_or(RANGE),
        tiff,
        size,
    })
}

/// A number of either tag; of nothing it is none that is used.
fn fraction(value: Value) -> Option<f32> {
    match value {
        Value::Rational(over, under) => Some(over as f32 / under as f32),
        _ => None,
    }
}

/// Shares of one, none of them nothing.
fn is_luma(shares: &[f32; 3]) -> bool {
    (shares.iter().sum::<f32>() - 1.0).abs() < 0.01 && shares.iter().all(|share| *share > 0.0)
}

fn is_range(range: &[f32; 6]) -> bool {
    let (pairs, _) = range.as_chunks::<2>();
    pairs
        .iter()
        .all(|[black, white]| (0.0..=255.0).contains(black) && white - black >= 1.0)
}

impl YCbCr<'_> {
    fn to_rgb(&self, sample: [u8; 3]) -> [u8; 3] {
        let [black, white, no_blue, all_blue, no_red, all_red] = self.range;
        let [of_red, of_green, of_blue] = self.luma;
        let [lightness, blue, red] = sample.map(f32::from);
        let lightness = (lightness - black) * 255.0 / (white - black);
        let blue = (blue - no_blue) * 127.0 / (all_blue - no_blue);
        let red = (red - no_red) * 127.0 / (all_red - no_red);
        let red = lightness + red * (2.0 - 2.0 * of_red);
        let blue = lightness + blue * (2.0 - 2.0 * of_blue);
        let green = (lightness - of_blue * blue - of_red * red) / of_green;
        // Casts of floats end at 0 and 255.
        [red, green, blue].map(|light| light.round() as u8)
    }
}

impl ImageDecoder for YCbCr<'_> {
    fn dimensions(&self) -> (u32, u32) {
        self.size
    }

    fn color_type(&self) -> ColorType {
        ColorType::Rgb8
    }

    fn read_image(mut self, into: &mut [u8]) -> ImageResult<()> {
        self.tiff.read_image_bytes(into).map_err(refusal)?;
        let (pixels, _) = into.as_chunks_mut::<3>();
        for pixel in pixels {
            *pixel = self.to_rgb(*pixel);
        }
        Ok(())
    }

    fn read_image_boxed(self: Box<Self>, into: &mut [u8]) -> ImageResult<()> {
        (*self).read_image(into)
    }
}

/// The same error as `image` would make of it.
fn refusal(error: TiffError) -> ImageError {
    let format = ImageFormatHint::Exact(ImageFormat::Tiff);
    match error {
        TiffError::IoError(error) => ImageError::IoError(error),
        TiffError::LimitsExceeded => {
            ImageError::Limits(LimitError::from_kind(LimitErrorKind::InsufficientMemory))
        }
        TiffError::UnsupportedError(error) => {
            let kind = UnsupportedErrorKind::GenericFeature(error.to_string());
            ImageError::Unsupported(UnsupportedError::from_format_and_kind(format, kind))
        }
        error => ImageError::Decoding(DecodingError::new(format, error)),
    }
}
