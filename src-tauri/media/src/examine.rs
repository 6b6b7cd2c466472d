//! The one question a library asks of a new file: what is it, and what does it
//! look like. Pictures are answered by a decode worker alone; of a video, a
//! confined `ffmpeg` makes one frame, and the worker the renditions of that.

use std::fs::File;
use std::path::Path;

use crate::metadata::movie::read_video;
use crate::video::{self, Tools};
use crate::worker::Input;
use crate::{
    Decoder, Facts, Format, Kind, MediaError, Metadata, Origin, Picture, Rendition, Sniff, sniff,
};

/// What is known of a file after a look at it.
#[derive(Clone, Debug, PartialEq)]
pub struct Examined {
    /// Its facts, and the renditions that were asked for; none of them when the
    /// file cannot be previewed.
    pub picture: Picture,
    /// Why it cannot be previewed, as [`MediaError::code`] has it.
    pub unseen: Option<&'static str>,
}

impl Decoder {
    /// Reads the facts of a picture or a video, and makes the renditions in
    /// `want`. Blocks for at most about a minute of work.
    ///
    /// A file that is kept but cannot be previewed is no error: the decoder died
    /// over it twice or took too long, a RAW without a preview, a video that
    /// cannot be decoded or without the programs for it.
    ///
    /// # Errors
    /// What speaks against taking the file in at all: it is no picture, is
    /// damaged or cut short, or too large.
    pub fn examine(
        &self,
        input: &Input,
        want: &[Rendition],
        origin: Origin,
    ) -> Result<Examined, MediaError> {
        match sniff(&input.head()?) {
            Sniff::Media(format) if format.kind() == Kind::Video => {
                self.examine_video(input, format, want, origin)
            }
            Sniff::Media(format) => self.examine_picture(input, format, want, origin),
            Sniff::NotYet(name) => Err(MediaError::NotYet(name)),
            Sniff::Unknown => Err(MediaError::NotAPicture),
        }
    }

    /// Whether videos can be read here.
    ///
    /// # Errors
    /// [`MediaError::NoFfmpeg`], with the line that installs what is missing.
    pub fn reads_videos(&self) -> Result<(), MediaError> {
        Tools::find(self.program()).map(|_| ())
    }

    /// Makes a rendition of a video that browsers play, at `output`, which must
    /// not exist yet; see [`video::playable`].
    ///
    /// # Errors
    /// As [`video::probe`] and [`video::playable`], and [`MediaError::NoFfmpeg`].
    pub fn playable(
        &self,
        video: &File,
        output: &Path,
        progress: &mut dyn FnMut(f32) -> bool,
    ) -> Result<(), MediaError> {
        let tools = Tools::find(self.program())?;
        let input = Input::of_file(video.try_clone()?);
        let Sniff::Media(format) = sniff(&input.head()?) else {
            return Err(MediaError::NotAPicture);
        };
        let probed = video::probe(&tools, video, format)?;
        video::playable(&tools, video, &probed, output, progress)
    }

    fn examine_picture(
        &self,
        input: &Input,
        format: Format,
        want: &[Rendition],
        origin: Origin,
    ) -> Result<Examined, MediaError> {
        let (picture, unseen) = match self.picture(input, want, origin) {
            Ok(picture) => (picture, None),
            Err(
                error @ (MediaError::NoPreview | MediaError::WorkerDied | MediaError::TimedOut),
            ) => {
                // Its facts may be had without its pixels.
                let facts = self.picture(input, &[], origin);
                let picture = facts.unwrap_or_else(|_| only_facts(nothing_but(format)));
                (picture, Some(error.code()))
            }
            Err(error) => return Err(error),
        };
        Ok(Examined { picture, unseen })
    }

    fn examine_video(
        &self,
        input: &Input,
        format: Format,
        want: &[Rendition],
        origin: Origin,
    ) -> Result<Examined, MediaError> {
        let file = input.file()?;
        let boxes = read_video(format, file);
        let without_tools = |error: MediaError| {
            Ok(Examined {
                picture: only_facts(boxes.clone().facts(format)),
                unseen: Some(error.code()),
            })
        };
        let tools = match Tools::find(self.program()) {
            Ok(tools) => tools,
            Err(error @ MediaError::NoFfmpeg { .. }) => return without_tools(error),
            Err(error) => return Err(error),
        };
        if origin == Origin::Visitor && !tools.is_confined() {
            return Err(MediaError::FilmNotConfined);
        }
        let probed = match video::probe(&tools, file, format) {
            Ok(probed) => probed,
            Err(error @ MediaError::TimedOut) => return without_tools(error),
            Err(error) => return Err(error),
        };
        let mut facts = probed.facts();
        if input.turn().is_sideways() {
            (facts.width, facts.height) = (facts.height, facts.width);
        }
        facts.metadata = boxes.metadata.or(facts.metadata);
        let mut examined = Examined {
            picture: only_facts(facts),
            unseen: None,
        };
        // Of a video nothing is seen at once: its poster takes a while.
        if want.iter().all(|rendition| *rendition == Rendition::First) {
            return Ok(examined);
        }
        let shown = video::poster(&tools, file, &probed).and_then(|poster| {
            self.picture(&Input::of_bytes(&poster).turned(input.turn()), want, origin)
        });
        match shown {
            Ok(poster) => {
                examined.picture.thumbhash = poster.thumbhash;
                examined.picture.likeness = poster.likeness;
                examined.picture.renditions = poster.renditions;
            }
            Err(error @ MediaError::WorkerMissing { .. }) => return Err(error),
            Err(error) => examined.unseen = Some(error.code()),
        }
        Ok(examined)
    }
}

fn only_facts(facts: Facts) -> Picture {
    Picture {
        facts,
        thumbhash: Vec::new(),
        likeness: None,
        is_written: false,
        renditions: Vec::new(),
    }
}

/// Of a file that no decoder survives, only its format is known.
fn nothing_but(format: Format) -> Facts {
    Facts {
        format,
        width: 0,
        height: 0,
        duration_ms: None,
        metadata: Metadata::default(),
        motion: None,
        plays: false,
    }
}
