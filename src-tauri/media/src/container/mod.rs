//! Files as they are laid out: markers, chunks, boxes and directories, without
//! knowing what their contents mean. What `metadata`, `decode` and `clean` all
//! walk over is walked here, once.

pub(crate) mod bmff;
pub(crate) mod gif;
pub(crate) mod heif;
pub(crate) mod jpeg;
pub(crate) mod png;
pub(crate) mod riff;
pub(crate) mod tiff;
