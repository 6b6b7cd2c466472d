//! The still picture that stands for a video.

use std::fs::File;
use std::time::Instant;

use super::codecs::allowed;
use super::filters::{bits, fit, to_screen};
use super::limits::{POSTER, WALL_TIME};
use super::probe::{Probed, read_from};
use super::run::run;
use super::tools::{Tool, Tools};
use crate::MediaError;

/// The longest side of a poster, in pixels: that of a preview.
const LONG_SIDE: u32 = 1440;
/// Where a poster is looked for: late enough for the hand to be still.
const AT_MS: u64 = 1000;
/// How far beyond, in seconds, a frame that is not black is looked for.
const SEARCH: &str = "10";
/// A frame is black when nine tenths of it are darker than this, of 255; video
/// black is 16.
const BLACK: u32 = 32;

/// Which frames are good enough.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    /// A key frame about a second in that is not black.
    Telling,
    /// The first that can be decoded.
    First,
}

/// Makes a poster: a BMP, upright, of ordinary tones and colours, whose longer
/// side has at most 1440 pixels. It is a picture like any other to the decoder,
/// which makes the renditions of it. Blocks for at most 30 seconds.
///
/// # Errors
/// [`MediaError::Damaged`] when no frame can be decoded,
/// [`MediaError::TimedOut`].
pub fn poster(tools: &Tools, input: &File, probed: &Probed) -> Result<Vec<u8>, MediaError> {
    let begun = Instant::now();
    let mut last = None;
    for choice in [Choice::Telling, Choice::First] {
        match decode(tools, input, probed, choice, begun) {
            Ok(picture) if !picture.is_empty() => return Ok(picture),
            Ok(_) => {}
            Err(error @ (MediaError::Damaged(_) | MediaError::WorkerDied)) => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| MediaError::Damaged("no frame of it can be decoded".into())))
}

fn decode(
    tools: &Tools,
    input: &File,
    probed: &Probed,
    choice: Choice,
    begun: Instant,
) -> Result<Vec<u8>, MediaError> {
    let mut command = tools.command(Tool::Ffmpeg, POSTER);
    command.args(["-nostdin", "-v", "error", "-threads", "1"]);
    let mut chosen = String::new();
    if choice == Choice::Telling {
        let at = AT_MS.min(probed.duration_ms.unwrap_or(u64::MAX) / 10);
        command.args(["-ss", &format!("{at}ms"), "-noaccurate_seek", "-t", SEARCH]);
        command.args(["-skip_frame", "nokey"]);
        let black = BLACK << (bits(&probed.video.pixel_format) - 8);
        chosen = format!(
            "signalstats,metadata=select:key=lavfi.signalstats.YHIGH:value={black}:function=greater"
        );
    }
    command.args(["-codec_whitelist", &allowed()]);
    read_from(&mut command, input, probed.format)?;
    command.args(["-map", &format!("0:{}", probed.video.index)]);
    command.args(["-frames:v", "1", "-vf", &filters(tools, probed, &chosen)]);
    command.args(["-c:v", "bmp", "-f", "image2pipe", "pipe:1"]);
    run(
        command,
        WALL_TIME.saturating_sub(begun.elapsed()),
        &mut |_| true,
    )
}

fn filters(tools: &Tools, probed: &Probed, chosen: &str) -> String {
    let size = fit((probed.width, probed.height), LONG_SIDE, LONG_SIDE);
    let screen = to_screen(tools, probed, size, chosen);
    // The two fields of one frame show what moved in two places.
    let field = if probed.video.interlaced {
        "field,"
    } else {
        ""
    };
    // Browsers take what does not say its matrix for Rec. 709 when it is large.
    let guessed = probed.video.matrix.is_empty() && probed.width.min(probed.height) >= 720;
    let matrix = if guessed {
        "setparams=colorspace=bt709,"
    } else {
        ""
    };
    format!("{matrix}{field}{screen},scale=flags=bicubic+accurate_rnd+full_chroma_int,format=bgr24")
}
