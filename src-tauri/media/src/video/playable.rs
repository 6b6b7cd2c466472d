//! What browsers play as it is, and a rendition that they play of the rest.

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::codecs::{allowed, plays_in_mp4, plays_in_webm};
use super::filters::{fit, to_screen};
use super::limits::rendition;
use super::probe::{Probed, read_from};
use super::run::run;
use super::tools::{Tool, Tools};
use crate::{Format, MediaError};

/// The box that a rendition fits in, lying or standing.
const LONG_SIDE: u32 = 1920;
const SHORT_SIDE: u32 = 1080;
/// More threads than this make a rendition little faster, and much larger in
/// memory.
const MAX_THREADS: usize = 4;

/// How a rendition comes to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Pictures, and sound where it fits, as they are in another container.
    Remux,
    /// Everything decoded and encoded anew.
    Convert,
}

/// Whether browsers play the file as it is: H.264 of eight bits with AAC, MP3
/// or no sound in an MP4, or VP8, VP9 or AV1 with Opus, Vorbis or none in a WebM.
///
/// QuickTime's and 3GPP's containers are not among them, whatever is inside;
/// [`playable`] changes them in a moment.
pub fn is_playable(probed: &Probed) -> bool {
    let sounds = |plays: fn(&str) -> bool| {
        let audio = probed.audio.as_ref();
        audio.is_none_or(|audio| plays(&audio.codec))
    };
    match probed.format {
        Format::Mp4 => is_ordinary_h264(probed) && sounds(plays_in_mp4),
        Format::WebM => {
            let video = &probed.video;
            matches!(video.codec.as_str(), "vp8" | "vp9" | "av1")
                && matches!(video.pixel_format.as_str(), "yuv420p" | "yuva420p")
                && sounds(plays_in_webm)
        }
        _ => false,
    }
}

/// Eight bits in 4:2:0, the only H.264 that every browser plays.
fn is_ordinary_h264(probed: &Probed) -> bool {
    let layout = probed.video.pixel_format.as_str();
    probed.video.codec == "h264" && matches!(layout, "yuv420p" | "yuvj420p")
}

/// Makes a rendition that browsers play: an MP4 that starts at once, of H.264
/// and stereo AAC, within 1920 × 1080 or 1080 × 1920, of ordinary tones and
/// colours, and without metadata. What fits already is not encoded again.
///
/// Blocks: a moment for another container, about the video's length otherwise.
/// Writes to `output`, which must not exist yet; give it a temporary name. It
/// is removed again when anything fails. `progress` is told how far it is, from
/// 0 to 1, at least five times a second, and answers whether to go on.
///
/// # Errors
/// [`MediaError::Cancelled`] when `progress` says so, [`MediaError::Damaged`]
/// when nothing can be decoded, [`MediaError::TimedOut`] when a minute of
/// processor time for each second of the video was not enough,
/// [`MediaError::Io`] when `output` exists or cannot be written.
pub fn playable(
    tools: &Tools,
    input: &File,
    probed: &Probed,
    output: &Path,
    mut progress: impl FnMut(f32) -> bool,
) -> Result<(), MediaError> {
    let mut made = Err(MediaError::Damaged(String::new()));
    if can_be_remuxed(probed) {
        made = make(tools, input, probed, output, Way::Remux, &mut progress);
    }
    // Its pictures may be in order where its time stamps are not.
    if matches!(made, Err(MediaError::Damaged(_))) {
        made = make(tools, input, probed, output, Way::Convert, &mut progress);
    }
    made
}

/// AVI's frames have no time stamps of their own, so H.264 in it must be
/// decoded to be put in order.
fn can_be_remuxed(probed: &Probed) -> bool {
    let size = (probed.width, probed.height);
    is_ordinary_h264(probed)
        && probed.format != Format::Avi
        && probed.video.square
        && !probed.video.interlaced
        && fit(size, LONG_SIDE, SHORT_SIDE) == size
}

fn make(
    tools: &Tools,
    input: &File,
    probed: &Probed,
    output: &Path,
    way: Way,
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<(), MediaError> {
    let written = create(output)?;
    let made = write(tools, input, probed, (output, written), way, progress);
    if made.is_err() {
        // What is left of it is of no use; its own error matters more.
        let _still_there = std::fs::remove_file(output);
    }
    made
}

fn create(output: &Path) -> Result<File, MediaError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    Ok(options.open(output)?)
}

fn write(
    tools: &Tools,
    input: &File,
    probed: &Probed,
    (path, file): (&Path, File),
    way: Way,
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<(), MediaError> {
    let limits = rendition(probed.duration_ms, input.metadata()?.len());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.min(MAX_THREADS).to_string();
    let mut command = tools.command(Tool::Ffmpeg, limits);
    command.args(["-nostdin", "-v", "error", "-y", "-progress", "pipe:2"]);
    command.args(["-abort_on", "empty_output", "-filter_threads", "1"]);
    command.args(["-threads", &threads]);
    command.args(["-codec_whitelist", &allowed()]);
    read_from(&mut command, input, probed.format)?;
    choose_tracks(&mut command, probed);
    match way {
        // Supplemental information (NAL type 6) can hold places and dates.
        Way::Remux => command.args(["-c:v", "copy", "-bsf:v", "filter_units=remove_types=6"]),
        Way::Convert => encode(&mut command, tools, probed, &threads),
    };
    let copied = way == Way::Remux
        && probed
            .audio
            .as_ref()
            .is_some_and(|audio| plays_in_mp4(&audio.codec));
    if copied {
        command.args(["-c:a", "copy"]);
    } else {
        command.args(["-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000"]);
    }
    forget_everything(&mut command);
    command.args(["-f", "mp4", "-movflags", "+faststart"]);
    write_to(&mut command, path, file);

    let wall = Duration::from_secs(limits.processor_seconds);
    let length = probed.duration_ms.unwrap_or(0).max(1) as f32 * 1000.0;
    let mut done = 0.0;
    run(command, wall, &mut |position| {
        if let Some(position) = position {
            done = (position as f32 / length).clamp(done, 1.0);
        }
        progress(done)
    })?;
    Ok(())
}

fn choose_tracks(command: &mut Command, probed: &Probed) {
    command.args(["-map", &format!("0:{}", probed.video.index)]);
    if let Some(audio) = &probed.audio {
        command.args(["-map", &format!("0:{}", audio.index)]);
    }
    command.args(["-sn", "-dn"]);
}

/// H.264 that every browser plays. Its rate is bounded, because it leaves
/// through somebody's upstream at home.
fn encode<'a>(
    command: &'a mut Command,
    tools: &Tools,
    probed: &Probed,
    threads: &str,
) -> &'a mut Command {
    let (width, height) = fit((probed.width, probed.height), LONG_SIDE, SHORT_SIDE);
    // 4:2:0 shares its colours between two by two pixels.
    let even = |length: u32| (length & !1).max(2);
    let screen = to_screen(tools, probed, (even(width), even(height)), "");
    let fields = if probed.video.interlaced {
        "bwdif=mode=send_frame,"
    } else {
        ""
    };
    let filters = format!("{fields}{screen},scale=out_range=limited,format=yuv420p");
    command.args(["-vf", &filters, "-fpsmax", "60", "-threads", threads]);
    command.args(["-c:v", "libx264", "-preset", "veryfast", "-crf", "23"]);
    command.args(["-maxrate", "12M", "-bufsize", "24M", "-profile:v", "high"]);
    command.args(["-a53cc", "0", "-g", "120"])
}

/// Leaves nothing in the rendition that the pictures and the sound do not need.
fn forget_everything(command: &mut Command) {
    command.args(["-map_metadata", "-1", "-map_metadata:s", "-1"]);
    command.args(["-map_chapters", "-1", "-fflags", "+bitexact"]);
    command.args(["-flags:v", "+bitexact", "-flags:a", "+bitexact"]);
    command.args(["-metadata:s", "handler_name=", "-metadata:s", "vendor_id="]);
}

/// Hands over the file itself, as stdout; no path is needed to open it again.
#[cfg(target_os = "linux")]
fn write_to(command: &mut Command, _path: &Path, file: File) {
    command.stdout(file).arg("/proc/self/fd/1");
}

/// A fast start reads the file while it writes it, by two positions, which a
/// descriptor's name gives on Linux alone. The path is the caller's own.
#[cfg(not(target_os = "linux"))]
fn write_to(command: &mut Command, path: &Path, file: File) {
    drop(file);
    let mut name = std::ffi::OsString::from("file:");
    name.push(path);
    command.arg(name);
}
