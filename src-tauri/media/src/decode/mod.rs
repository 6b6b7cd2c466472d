//! Bytes to pixels: one module for each decoder, and what is done to pixels
//! afterwards so that they stand upright in sRGB.

pub(crate) mod colour;
pub(crate) mod jpeg;
pub(crate) mod orientation;
pub(crate) mod raster;
