//! Where the photos of a link were taken, for the map of its page. A link that hides
//! metadata tells of none.

use crate::{Access, LibraryError};

/// Where a photo of a link was taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// The photo's place in the link's order, from 0.
    pub index: u32,
    /// Degrees north.
    pub latitude: f32,
    /// Degrees east.
    pub longitude: f32,
    /// Whether it is a video.
    pub is_video: bool,
}

impl Access {
    /// Where the link's photos were taken, in its order, as far as that is known; of none
    /// when it hides metadata.
    pub fn spots(&self) -> Result<Vec<Spot>, LibraryError> {
        match self.terms().show_metadata {
            true => Ok(self.roll()?.spots.clone()),
            false => Ok(Vec::new()),
        }
    }

    /// Whether it is told of any photo where it was taken.
    pub fn has_spots(&self) -> Result<bool, LibraryError> {
        Ok(self.terms().show_metadata && !self.roll()?.spots.is_empty())
    }
}
