//! What a picture says about itself: size, time, place, camera.
//!
//! Unknown is `None`, never a guess; sizes are as seen, after orientation.

use serde::{Deserialize, Serialize};

use crate::Format;

/// What is known of a picture without looking at its pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The format its bytes have, whatever the file is called.
    pub format: Format,
    /// Width in pixels, upright.
    pub width: u32,
    /// Height in pixels, upright.
    pub height: u32,
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
}

/// A moment as the camera's clock showed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Wall clock in milliseconds since 1970-01-01T00:00:00, as if it were UTC.
    pub local_ms: i64,
    /// Minutes the wall clock is ahead of UTC, when the camera says so.
    pub offset_minutes: Option<i16>,
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
