//! What a file says about itself, besides its pixels.

pub(crate) mod exif;
pub(crate) mod taken;
pub(crate) mod xmp;
