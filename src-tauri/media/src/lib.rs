//! Bytes to facts and renditions.
//!
//! A picture's bytes come from outside, so nothing here decodes them inside the
//! caller's process: [`Decoder`] hands them to a worker process that may die,
//! and gets back [`Facts`] and finished [`Rendition`]s. No catalog, no network.

mod colour;
mod decoder;
mod error;
mod exif_reader;
mod facts;
mod jpeg;
mod limits;
mod orientation;
mod picture;
mod protocol;
mod raster;
mod rendition;
mod segments;
mod sniff;
mod taken;
#[cfg(test)]
mod tests;
mod tiff;
mod worker;
mod xmp;

pub use decoder::Decoder;
pub use error::MediaError;
pub use facts::{Facts, Place, Taken};
pub use limits::MAX_INPUT;
pub use picture::Picture;
pub use rendition::Rendition;
pub use sniff::{Format, Sniff, sniff};
pub use worker::{WORKER_ARGUMENT, run_worker_if_asked};
