//! What a picture or a video says about itself: size, time, place, camera, words.
//!
//! Unknown is `None`, never a guess; sizes are as seen, after orientation.

use serde::{Deserialize, Serialize};

use crate::Format;

/// What is known of a file without looking at its pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The format its bytes have, whatever the file is called.
    pub format: Format,
    /// Width in pixels, upright.
    pub width: u32,
    /// Height in pixels, upright.
    pub height: u32,
    /// Length of a video in milliseconds.
    pub duration_ms: Option<u64>,
    /// What its metadata says.
    pub metadata: Metadata,
    /// The video inside a motion photo.
    pub motion: Option<Span>,
    /// Whether browsers play the video, or the one inside, as it is.
    pub plays: bool,
}

/// What a file's metadata says: its own, or a sidecar's beside it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// When the picture was taken.
    pub taken: Option<Taken>,
    /// Where the picture was taken.
    pub place: Option<Place>,
    /// The camera's maker, as the camera spells it.
    pub camera_make: Option<String>,
    /// The camera's model, as the camera spells it.
    pub camera_model: Option<String>,
    /// The lens's model.
    pub lens: Option<String>,
    /// The aperture as an f-number.
    pub f_number: Option<f64>,
    /// The exposure in seconds.
    pub exposure_time: Option<f64>,
    /// The sensitivity in ISO units.
    pub iso: Option<u32>,
    /// The focal length in millimetres, as the lens has it.
    pub focal_length: Option<f64>,
    /// 0 to 5 stars.
    pub rating: Option<u8>,
    /// A short title.
    pub title: Option<String>,
    /// A caption.
    pub description: Option<String>,
    /// Keywords, each once, in the order of the file.
    pub tags: Vec<String>,
    /// Apple's content identifier, which a Live Photo's picture and video share.
    pub live: Option<String>,
    /// Serial numbers of the camera and the lens.
    pub serials: Vec<String>,
}

impl Metadata {
    /// This, and what it lacks from `other`. Tags are lacking when there are
    /// none; a zone, when `other` shows the same wall clock and knows it.
    pub fn or(self, other: Metadata) -> Metadata {
        let taken = match (self.taken, other.taken) {
            (Some(own), Some(others)) if own.same_second(others) => Some(Taken {
                offset_minutes: own.offset_minutes.or(others.offset_minutes),
                ..own
            }),
            (own, others) => own.or(others),
        };
        Metadata {
            taken,
            place: self.place.or(other.place),
            camera_make: self.camera_make.or(other.camera_make),
            camera_model: self.camera_model.or(other.camera_model),
            lens: self.lens.or(other.lens),
            f_number: self.f_number.or(other.f_number),
            exposure_time: self.exposure_time.or(other.exposure_time),
            iso: self.iso.or(other.iso),
            focal_length: self.focal_length.or(other.focal_length),
            rating: self.rating.or(other.rating),
            title: self.title.or(other.title),
            description: self.description.or(other.description),
            tags: match self.tags.is_empty() {
                true => other.tags,
                false => self.tags,
            },
            live: self.live.or(other.live),
            serials: match self.serials.is_empty() {
                true => other.serials,
                false => self.serials,
            },
        }
    }
}

/// A moment as the camera's clock showed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Wall clock in milliseconds since 1970-01-01T00:00:00, as if it were UTC.
    pub local_ms: i64,
    /// Minutes the wall clock is ahead of UTC, when the camera says so.
    pub offset_minutes: Option<i16>,
    /// What it is known from.
    pub from: TakenFrom,
}

impl Taken {
    fn same_second(self, other: Taken) -> bool {
        self.local_ms.div_euclid(1000) == other.local_ms.div_euclid(1000)
    }
}

/// What a moment is known from, most trustworthy first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TakenFrom {
    /// EXIF's time of the exposure.
    Exif,
    /// XMP or IPTC, where EXIF has none.
    Xmp,
    /// A video's creation date.
    QuickTime,
    /// The time of the GPS fix.
    Gps,
    /// A pattern in the file's name.
    Name,
}

impl TakenFrom {
    /// Its name in the catalog and for programs.
    pub fn name(self) -> &'static str {
        match self {
            TakenFrom::Exif => "exif",
            TakenFrom::Xmp => "xmp",
            TakenFrom::QuickTime => "quicktime",
            TakenFrom::Gps => "gps",
            TakenFrom::Name => "name",
        }
    }
}

/// A point on the Earth (WGS 84, as EXIF's GPS tags have it).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Degrees, north positive, −90 to 90.
    pub latitude: f64,
    /// Degrees, east positive, −180 to 180.
    pub longitude: f64,
    /// Metres above sea level.
    pub altitude: Option<f64>,
}

/// A run of bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Where it begins, from the start of the file.
    pub start: u64,
    /// How many bytes it has.
    pub length: u64,
}
