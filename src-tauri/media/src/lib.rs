//! Bytes to facts and renditions.
//!
//! A picture's bytes come from outside, so nothing here decodes them inside the
//! caller's process: [`Decoder`] hands them to a worker process that may die,
//! and gets back [`Facts`] and finished [`Rendition`]s. No catalog, no network.

pub mod clean;
mod container;
mod decode;
mod error;
mod examine;
mod facts;
mod format;
mod likeness;
mod metadata;
mod motion;
mod picture;
mod rendition;
mod sniff;
#[cfg(test)]
mod tests;
mod turn;
pub mod video;
mod worker;
mod writing;

pub use clean::{CleanReader, Recipe};
pub use error::{MediaError, NO_FFMPEG, unseen_sentence};
pub use examine::Examined;
pub use facts::{Facts, Metadata, Place, Span, Taken, TakenFrom};
pub use format::{Format, Kind, extension_of};
pub use likeness::Likeness;
pub use metadata::movie::{VideoMetadata, read_video};
pub use metadata::name::moment_in_name;
pub use metadata::xmp::sidecar;
pub use picture::Picture;
pub use rendition::Rendition;
pub use sniff::{Sniff, sniff};
pub use turn::{Turn, turned_thumbhash};
pub use worker::limits::MAX_INPUT;
pub use worker::{
    Confinement, Decoder, Input, Losses, Origin, WORKER_ARGUMENT, run_probed_worker_if_asked,
    run_worker_if_asked,
};
pub use writing::may_be_written;

/// What a picture says about itself, and where the video of a motion photo lies
/// in it. In programs a worker reads this, so that only fuzz targets have it.
#[cfg(fuzzing)]
pub fn read_picture(format: Format, bytes: &[u8]) -> (Metadata, Option<Span>) {
    let said = metadata::read(format, bytes);
    if let Some(span) = said.motion {
        motion::plays_as_it_is(bytes, span);
    }
    (said.metadata, said.motion)
}

/// The samples of a JPEG at an eighth of its size by our own decoder, where it
/// takes the picture, and by libjpeg-turbo.
#[cfg(fuzzing)]
pub fn decode_eighth(bytes: &[u8]) -> Option<[Vec<u8>; 2]> {
    let (ours, theirs) = decode::jpeg::by_both(&container::jpeg::walk(bytes))?;
    Some([
        ours.bytes,
        theirs.map(|pixels| pixels.bytes).unwrap_or_default(),
    ])
}
