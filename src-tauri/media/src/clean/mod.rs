//! Clean copies: originals without location, serials, names, times, captions,
//! thumbnails, trailers and maker notes, whose pictures are not encoded anew.
//!
//! Each format keeps what is known to be needed to show it, and nothing else;
//! what is not understood is a reason to withhold the original, never a guess.
//! What stays although it may name a program: text inside coded pictures (an
//! encoder's SEI or user data), the standard tags of a colour profile, and the
//! brands of an ISO file.

mod bmp;
mod exif;
mod gif;
mod iso;
mod items;
mod jpeg;
mod jxl;
mod movie;
mod patch;
mod png;
mod profile;
mod recipe;
mod samples;
mod tiff;
mod turned;
mod webp;

use std::io::{Read, Seek, SeekFrom};

use serde::{Deserialize, Serialize};

use crate::{Format, MAX_INPUT, MediaError, Turn};

pub use recipe::{CleanReader, MOST_PARTS, MOST_PUT, Part, Recipe};

/// Why an original cannot be given away without its metadata. Its words end
/// the sentence of [`MediaError::CannotClean`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Withheld {
    /// A RAW picture.
    #[error("a RAW picture needs its maker notes to be developed")]
    Raw,
    /// A video container whose metadata is not told apart.
    #[error("metadata is not taken out of videos of this format")]
    VideoContainer,
    /// A kind of the format that is not understood well enough.
    #[error("this kind of the format is too rare")]
    Rare,
    /// A video in fragments, or one that refers to other files.
    #[error("the video is in fragments or in several files")]
    Scattered,
    /// An encrypted file.
    #[error("the file is encrypted")]
    Protected,
    /// More parts than [`MOST_PARTS`] or more new bytes than [`MOST_PUT`].
    #[error("the file is too intricate")]
    TooIntricate,
    /// Bytes that are not as the format's specification has them.
    #[error("the file is not laid out as its format demands")]
    Malformed,
}

/// Plans the clean copy of `file`, which must be of this format.
///
/// Videos are read only where their boxes and tables are; pictures whole.
///
/// # Errors
/// [`MediaError::CannotClean`] when the original is to be withheld,
/// [`MediaError::TooManyBytes`] for a picture of more than [`MAX_INPUT`] bytes,
/// [`MediaError::Io`] when the file cannot be read.
pub fn clean<R: Read + Seek>(format: Format, file: &mut R) -> Result<Recipe, MediaError> {
    clean_turned(format, file, Turn::None)
}

/// The same of what its owner turned: a JPEG says so in its orientation, a film in the
/// matrices of its tracks. A copy in another format stands as its original does.
///
/// # Errors
/// As [`clean`].
pub fn clean_turned<R: Read + Seek>(
    format: Format,
    file: &mut R,
    turn: Turn,
) -> Result<Recipe, MediaError> {
    use Format::*;
    let recipe = match format {
        Jpeg => jpeg::clean(&whole(file)?, turn)?,
        Png => png::clean(&whole(file)?)?,
        WebP => webp::clean(&whole(file)?)?,
        Gif => gif::clean(&whole(file)?)?,
        Tiff => tiff::clean(&whole(file)?)?,
        Bmp => bmp::clean(&whole(file)?)?,
        Heif | Avif => iso::clean(format, file)?,
        Mp4 | Mov | ThreeGp => turned::film(iso::clean(format, file)?, file, turn)?,
        Jxl => jxl::clean(file)?,
        Dng | Cr2 | Cr3 | Nef | Arw | Raf | Orf | Rw2 | Pef | Srw => {
            return Err(Withheld::Raw.into());
        }
        WebM | Mkv | Avi => return Err(Withheld::VideoContainer.into()),
    };
    Ok(recipe)
}

/// The bytes of a picture's file, which has at most [`MAX_INPUT`] of them.
fn whole<R: Read + Seek>(file: &mut R) -> Result<Vec<u8>, MediaError> {
    let bytes = file.seek(SeekFrom::End(0))?;
    if bytes > MAX_INPUT {
        return Err(MediaError::TooManyBytes { bytes });
    }
    file.seek(SeekFrom::Start(0))?;
    let mut read = Vec::new();
    file.take(MAX_INPUT).read_to_end(&mut read)?;
    Ok(read)
}

impl From<Withheld> for MediaError {
    fn from(reason: Withheld) -> MediaError {
        MediaError::CannotClean(reason)
    }
}
