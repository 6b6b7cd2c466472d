//! EXIF's tags as [`Facts`](crate::Facts) (CIPA DC-008, "EXIF 2.32").
//!
//! Nothing here can fail a picture: what is broken or absurd is unknown. The
//! time is that of the exposure or of the scan; tag 306 (`DateTime`) is the time
//! of the last change and never stands in for it, for every editor rewrites it.

use exif::{Context, Exif, Field, In, Reader, Tag, Value};

use crate::decode::orientation::Orientation;
use crate::metadata::taken::read_taken;
use crate::{Place, Taken, TakenFrom};

/// The longest text taken from a tag, in characters.
const LONGEST_TEXT: usize = 256;

/// What EXIF says, or nothing.
pub(crate) struct ExifFacts {
    exif: Option<Exif>,
}

impl ExifFacts {
    /// Reads the TIFF structure of an Exif segment.
    pub(crate) fn from_segment(tiff: Option<&[u8]>) -> ExifFacts {
        ExifFacts {
            exif: tiff.and_then(|tiff| keep_readable(tolerant().read_raw(tiff.to_vec()))),
        }
    }

    /// Finds and reads EXIF inside a whole PNG, WebP or TIFF file.
    pub(crate) fn from_file(bytes: &[u8]) -> ExifFacts {
        let mut file = std::io::Cursor::new(bytes);
        ExifFacts {
            exif: keep_readable(tolerant().read_from_container(&mut file)),
        }
    }

    /// How the stored pixels are to be turned.
    pub(crate) fn orientation(&self) -> Orientation {
        self.field(Tag::Orientation)
            .and_then(|field| field.value.get_uint(0))
            .map_or(Orientation::UPRIGHT, Orientation::from_exif)
    }

    /// Whether the camera says its pixels are Adobe RGB without a profile.
    pub(crate) fn is_adobe_rgb(&self) -> bool {
        self.text(Tag::InteroperabilityIndex)
            .is_some_and(|index| index == "R03")
    }

    /// The colour profile that a TIFF holds in its tag 34675 (ICC.1, annex B.2).
    pub(crate) fn tiff_profile(&self) -> Option<Vec<u8>> {
        match &self.field(Tag(Context::Tiff, 34675))?.value {
            Value::Undefined(icc, _) | Value::Byte(icc) => Some(icc.clone()),
            _ => None,
        }
    }

    /// The time of the exposure, or else of the scan.
    pub(crate) fn taken(&self) -> Option<Taken> {
        let of = |moment, fraction, offset| {
            read_taken(
                &self.text(moment)?,
                self.text(fraction).as_deref(),
                self.text(offset).as_deref(),
                TakenFrom::Exif,
            )
        };
        of(
            Tag::DateTimeOriginal,
            Tag::SubSecTimeOriginal,
            Tag::OffsetTimeOriginal,
        )
        .or_else(|| {
            of(
                Tag::DateTimeDigitized,
                Tag::SubSecTimeDigitized,
                Tag::OffsetTimeDigitized,
            )
        })
    }

    /// The camera's position; 0°, 0° is what a receiver without a fix writes.
    pub(crate) fn place(&self) -> Option<Place> {
        let latitude = self.degrees(Tag::GPSLatitude, Tag::GPSLatitudeRef, ["N", "S"], 90.0)?;
        let longitude = self.degrees(Tag::GPSLongitude, Tag::GPSLongitudeRef, ["E", "W"], 180.0)?;
        if latitude == 0.0 && longitude == 0.0 {
            return None;
        }
        let below_sea = self
            .field(Tag::GPSAltitudeRef)
            .and_then(|field| match &field.value {
                Value::Byte(bytes) => bytes.first().copied(),
                _ => None,
            })
            .is_some_and(|reference| reference == 1);
        let altitude = self
            .number(Tag::GPSAltitude)
            .filter(|metres| metres.abs() < 100_000.0)
            .map(|metres| if below_sea { -metres } else { metres });
        Some(Place {
            latitude,
            longitude,
            altitude,
        })
    }

    /// The camera's maker.
    pub(crate) fn camera_make(&self) -> Option<String> {
        self.text(Tag::Make)
    }

    /// The camera's model.
    pub(crate) fn camera_model(&self) -> Option<String> {
        self.text(Tag::Model)
    }

    /// The lens's model.
    pub(crate) fn lens(&self) -> Option<String> {
        self.text(Tag::LensModel)
            .filter(|lens| lens.chars().any(char::is_alphanumeric))
    }

    /// The aperture as an f-number.
    pub(crate) fn f_number(&self) -> Option<f64> {
        self.number(Tag::FNumber).filter(|f| *f > 0.0)
    }

    /// The exposure in seconds.
    pub(crate) fn exposure_time(&self) -> Option<f64> {
        self.number(Tag::ExposureTime).filter(|time| *time > 0.0)
    }

    /// The focal length in millimetres.
    pub(crate) fn focal_length(&self) -> Option<f64> {
        self.number(Tag::FocalLength).filter(|length| *length > 0.0)
    }

    /// The sensitivity; 65535 means "too high for this tag, see the others".
    pub(crate) fn iso(&self) -> Option<u32> {
        [
            Tag::PhotographicSensitivity,
            Tag::StandardOutputSensitivity,
            Tag::RecommendedExposureIndex,
            Tag::ISOSpeed,
        ]
        .into_iter()
        .filter_map(|tag| self.field(tag)?.value.get_uint(0))
        .find(|iso| *iso > 0 && *iso != 65_535 && *iso < 100_000_000)
    }

    fn field(&self, tag: Tag) -> Option<&Field> {
        self.exif.as_ref()?.get_field(tag, In::PRIMARY)
    }

    /// A text without its padding. EXIF says ASCII, cameras write UTF-8 or
    /// Latin-1.
    fn text(&self, tag: Tag) -> Option<String> {
        let Value::Ascii(parts) = &self.field(tag)?.value else {
            return None;
        };
        let bytes = parts.iter().find(|part| !part.is_empty())?;
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
        };
        let text: String = text
            .trim_matches(|letter: char| letter.is_whitespace() || letter.is_control())
            .chars()
            .filter(|letter| !letter.is_control())
            .take(LONGEST_TEXT)
            .collect();
        (!text.is_empty()).then_some(text)
    }

    fn number(&self, tag: Tag) -> Option<f64> {
        number_at(&self.field(tag)?.value, 0)
    }

    fn degrees(&self, tag: Tag, reference: Tag, signs: [&str; 2], most: f64) -> Option<f64> {
        let value = &self.field(tag)?.value;
        let [positive, negative] = signs;
        let sign = match self.text(reference)?.to_ascii_uppercase() {
            letter if letter.starts_with(positive) => 1.0,
            letter if letter.starts_with(negative) => -1.0,
            _ => return None,
        };
        let part = |index| number_at(value, index);
        // Some write whole degrees and leave minutes or seconds as 0/0.
        let degrees = part(0)? + part(1).unwrap_or(0.0) / 60.0 + part(2).unwrap_or(0.0) / 3600.0;
        (0.0..=most).contains(&degrees).then_some(sign * degrees)
    }
}

/// A number of whatever type the writer chose, if it is finite.
fn number_at(value: &Value, index: usize) -> Option<f64> {
    let number = match value {
        Value::Rational(numbers) => numbers.get(index)?.to_f64(),
        Value::SRational(numbers) => numbers.get(index)?.to_f64(),
        Value::Float(numbers) => f64::from(*numbers.get(index)?),
        Value::Double(numbers) => *numbers.get(index)?,
        other => f64::from(other.get_uint(index)?),
    };
    number.is_finite().then_some(number)
}

fn tolerant() -> Reader {
    let mut reader = Reader::new();
    reader.continue_on_error(true);
    reader
}

fn keep_readable(read: Result<Exif, exif::Error>) -> Option<Exif> {
    read.or_else(|error| error.distill_partial_result(|_| ()))
        .ok()
}
