//! What can go wrong between a file and its renditions, in words for the
//! photo's owner: each says what happened and what to do about it.

use std::path::PathBuf;

use crate::Confinement;
use crate::clean::Withheld;

/// Why a picture could not be made from some bytes.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The bytes are of no picture or video format we know.
    #[error("This is not a picture, whatever its name says; it was left alone.")]
    NotAPicture,
    /// The format is known, named here, and not read yet.
    #[error("Albumen cannot import this kind of file yet ({0}); it was left as it is.")]
    NotYet(&'static str),
    /// The file ends before its picture does.
    #[error("The file ends before the picture does; copy it again from where it came from.")]
    Truncated,
    /// More pixels than the memory of a worker holds.
    #[error(
        "The picture is {width} × {height} pixels, more than can be shown safely; save a smaller version of it."
    )]
    TooLarge {
        /// Stored width in pixels.
        width: u32,
        /// Stored height in pixels.
        height: u32,
    },
    /// More bytes than a worker accepts.
    #[error(
        "The file has {bytes} bytes, more than can be read safely; save the picture in a smaller file."
    )]
    TooManyBytes {
        /// Length of the file in bytes.
        bytes: u64,
    },
    /// The decoder refused the bytes; the text is the decoder's own reason.
    #[error("The picture is damaged; copy it again from where it came from.")]
    Damaged(String),
    /// The original cannot be given away without its metadata.
    #[error(
        "This original cannot be shared without its metadata, because {0}; its screen-size copy is offered instead."
    )]
    CannotClean(Withheld),
    /// A RAW picture without a preview, and of a camera we cannot develop.
    #[error(
        "The camera left no preview inside this RAW picture, and Albumen cannot develop it; it is kept, but cannot be previewed."
    )]
    NoPreview,
    /// The worker died twice over the same bytes.
    #[error("The picture made the decoder crash twice; it was left where it is.")]
    WorkerDied,
    /// The worker did not answer within the time limit.
    #[error("The picture kept the decoder busy for too long; it is kept, but cannot be previewed.")]
    TimedOut,
    /// A visitor's file, and not enough that would hold its decoder in.
    #[error(
        "A visitor's file is opened only where decoders are fully confined, and here they are {0}; it was not opened."
    )]
    NotConfined(Confinement),
    /// The programs that read videos are not there, or cannot write H.264.
    #[error(
        "Videos need the programs ffmpeg and ffprobe (with H.264), which are not installed here. Install them with «{install}»; Albumen notices by itself."
    )]
    NoFfmpeg {
        /// The line that installs them on this system.
        install: &'static str,
    },
    /// This system cannot hold the programs that read videos to their files.
    #[error(
        "This system cannot confine the programs that read videos, so nobody else's video is opened; Linux 5.13 or newer with Landlock can."
    )]
    FilmNotConfined,
    /// The caller did not want to wait for the rest of it.
    #[error("Making the video was stopped; it is made anew when it is asked for again.")]
    Cancelled,
    /// The program that should decode could not be started.
    #[error("The decoder {program} could not be started ({source}); install Albumen again.", program = program.display())]
    WorkerMissing {
        /// The program that was to be run.
        program: PathBuf,
        /// Why the system refused.
        source: std::io::Error,
    },
    /// The conversation with the worker failed.
    #[error("The decoder could not be reached ({0}); try again.")]
    Io(#[from] std::io::Error),
}

impl From<pixels::Malformed> for MediaError {
    fn from(malformed: pixels::Malformed) -> MediaError {
        MediaError::Damaged(malformed.to_string())
    }
}

impl MediaError {
    /// A short, stable name of the kind of error, for scripts and the catalog.
    pub fn code(&self) -> &'static str {
        match self {
            MediaError::NotAPicture => "not_a_picture",
            MediaError::NotYet(_) => "not_supported_yet",
            MediaError::Truncated => "truncated",
            MediaError::TooLarge { .. } | MediaError::TooManyBytes { .. } => "too_large",
            MediaError::Damaged(_) => "damaged",
            MediaError::CannotClean(_) => "cannot_clean",
            MediaError::NoPreview => "no_preview",
            MediaError::WorkerDied => "worker_died",
            MediaError::TimedOut => "timed_out",
            MediaError::NotConfined(_) => "not_confined",
            MediaError::NoFfmpeg { .. } => NO_FFMPEG,
            MediaError::FilmNotConfined => "not_confined",
            MediaError::Cancelled => "cancelled",
            MediaError::WorkerMissing { .. } => "worker_missing",
            MediaError::Io(_) => "io",
        }
    }
}

/// The code of [`MediaError::NoFfmpeg`], which a later installation undoes.
pub const NO_FFMPEG: &str = "no_ffmpeg";

/// Why something is kept but cannot be previewed, by the code of the error.
pub fn unseen_sentence(code: &str) -> &'static str {
    match code {
        "no_preview" => {
            "The camera left no preview inside this RAW picture, and Albumen cannot develop it. It is kept as it came, and can be downloaded."
        }
        "worker_died" => {
            "This file made the decoder crash twice. It is kept as it came, and can be downloaded."
        }
        "timed_out" => {
            "This file kept the decoder busy for too long. It is kept as it came, and can be downloaded."
        }
        NO_FFMPEG => {
            "Videos are shown with the programs ffmpeg and ffprobe, which are not installed here. Install them, and the video appears by itself."
        }
        _ => {
            "No picture could be made of this video. It is kept as it came, and can be downloaded."
        }
    }
}
