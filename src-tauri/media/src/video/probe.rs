//! What `ffprobe` says of a video: size as seen, length, codecs, words.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Seek;
use std::process::Command;

use serde::Deserialize;

use super::codecs;
use super::limits::{PROBE, WALL_TIME};
use super::playable::is_playable;
use super::run::run;
use super::tags;
use super::tools::{Tool, Tools};
use crate::worker::limits::check_size;
use crate::{Facts, Format, MediaError, Metadata};

/// What a video is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Probed {
    /// The container, as sniffed.
    pub format: Format,
    /// Width in square pixels, upright.
    pub width: u32,
    /// Height in square pixels, upright.
    pub height: u32,
    /// Length in milliseconds, when the container says so.
    pub duration_ms: Option<u64>,
    /// The moving pictures that are shown: the first that are no cover art.
    pub video: VideoTrack,
    /// The sound that is heard: the first whose codec is known.
    pub audio: Option<AudioTrack>,
    /// What the container's tags say.
    pub metadata: Metadata,
}

/// The track of moving pictures; names are as `ffprobe` spells them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VideoTrack {
    /// Its number in the file, from 0.
    pub index: u32,
    /// The codec, such as `h264`.
    pub codec: String,
    /// The layout of pixels, such as `yuv420p10le`; empty when unknown.
    pub pixel_format: String,
    /// The transfer of light, such as `smpte2084` (PQ); empty when unknown.
    pub transfer: String,
    /// The colours of the primaries, such as `bt2020`; empty when unknown.
    pub primaries: String,
    /// The matrix of luma and chroma, such as `bt709`; empty when unknown.
    pub matrix: String,
    /// Whether a frame holds two fields, taken one after the other.
    pub interlaced: bool,
    /// Whether the pixels are square.
    pub square: bool,
}

/// The track of sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudioTrack {
    /// Its number in the file, from 0.
    pub index: u32,
    /// The codec, such as `aac`.
    pub codec: String,
}

impl Probed {
    /// The same as facts of the library.
    pub fn facts(&self) -> Facts {
        Facts {
            format: self.format,
            width: self.width,
            height: self.height,
            duration_ms: self.duration_ms,
            metadata: self.metadata.clone(),
            motion: None,
            plays: is_playable(self),
        }
    }
}

/// Reads what a video is made of, without decoding it. Blocks for at most 30
/// seconds.
///
/// `input` is open for reading; `format` is what [`sniff`](crate::sniff) said.
///
/// # Errors
/// [`MediaError::NotAPicture`] when `format` is no video's,
/// [`MediaError::Damaged`] and [`MediaError::Truncated`] when there are no
/// moving pictures to be read in it, [`MediaError::TooLarge`],
/// [`MediaError::TimedOut`].
pub fn probe(tools: &Tools, input: &File, format: Format) -> Result<Probed, MediaError> {
    let mut command = tools.command(Tool::Ffprobe, PROBE);
    command.args(["-v", "error", "-print_format", "json"]);
    command.args(["-show_format", "-show_streams"]);
    read_from(&mut command, input, format)?;
    let said = run(command, WALL_TIME, &mut |_| true)?;
    let report: Report = serde_json::from_slice(&said)
        .map_err(|error| MediaError::Damaged(format!("ffprobe's report: {error}")))?;
    understand(report, format)
}

/// Adds `input`, as stdin, to a `command` of either tool: with the demuxer that
/// our sniff demands, and no way to name another file.
pub(super) fn read_from(
    command: &mut Command,
    input: &File,
    format: Format,
) -> Result<(), MediaError> {
    let demuxer = match format {
        Format::Mp4 | Format::Mov | Format::ThreeGp => "mov",
        Format::WebM | Format::Mkv => "matroska",
        Format::Avi => "avi",
        _ => return Err(MediaError::NotAPicture),
    };
    command.args(["-f", demuxer, "-format_whitelist", demuxer]);
    if demuxer == "mov" {
        // An MP4 may name other files that hold its pictures.
        command.args(["-enable_drefs", "0", "-use_absolute_path", "0"]);
    }
    command.args(["-protocol_whitelist", PROTOCOLS, "-i", STDIN]);
    let mut input = input.try_clone()?;
    // Linux opens the file anew; elsewhere the position is shared with us.
    if !cfg!(target_os = "linux") {
        input.rewind()?;
    }
    command.stdin(input);
    Ok(())
}

/// Stdin, by a name under which a file that it is can be sought in.
#[cfg(target_os = "linux")]
const STDIN: &str = "/proc/self/fd/0";
#[cfg(all(unix, not(target_os = "linux")))]
const STDIN: &str = "/dev/fd/0";
#[cfg(unix)]
const PROTOCOLS: &str = "file,pipe";
/// Windows has no such name; `ffmpeg` 6 and newer know this one instead.
#[cfg(windows)]
const STDIN: &str = "fd:";
#[cfg(windows)]
const PROTOCOLS: &str = "file,pipe,fd";

type Tags = BTreeMap<String, String>;

#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    streams: Vec<Stream>,
    #[serde(default)]
    format: Container,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Container {
    duration: Option<String>,
    tags: Tags,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Stream {
    index: u32,
    codec_type: String,
    codec_name: String,
    pix_fmt: String,
    width: u32,
    height: u32,
    sample_aspect_ratio: String,
    field_order: String,
    color_transfer: String,
    color_primaries: String,
    color_space: String,
    duration: Option<String>,
    disposition: BTreeMap<String, i64>,
    tags: Tags,
    side_data_list: Vec<SideData>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SideData {
    rotation: Option<f64>,
}

fn understand(report: Report, format: Format) -> Result<Probed, MediaError> {
    let of_kind = |kind: &'static str| {
        let all = report.streams.iter();
        all.filter(move |stream| stream.codec_type == kind)
    };
    let is_cover = |stream: &Stream| stream.disposition.get("attached_pic") == Some(&1);
    let video = of_kind("video")
        .find(|stream| !is_cover(stream))
        .ok_or_else(|| MediaError::Damaged("there are no moving pictures in it".into()))?;
    if video.width == 0 || video.height == 0 {
        return Err(MediaError::Damaged("its pictures have no size".into()));
    }
    check_size(video.width, video.height, 0)?;
    let (width, height) = upright_size(video);
    let audio = of_kind("audio")
        .find(|stream| codecs::is_audible(&stream.codec_name))
        .map(|stream| AudioTrack {
            index: stream.index,
            codec: stream.codec_name.clone(),
        });
    let lasts = [&report.format.duration, &video.duration];
    Ok(Probed {
        format,
        width,
        height,
        duration_ms: lasts
            .into_iter()
            .flatten()
            .find_map(|text| milliseconds(text)),
        video: VideoTrack {
            index: video.index,
            codec: video.codec_name.clone(),
            pixel_format: video.pix_fmt.clone(),
            transfer: known(&video.color_transfer),
            primaries: known(&video.color_primaries),
            matrix: known(&video.color_space),
            interlaced: matches!(video.field_order.as_str(), "tt" | "bb" | "tb" | "bt"),
            square: aspect(video).is_none(),
        },
        audio,
        metadata: tags::read(&[&report.format.tags, &video.tags]),
    })
}

fn known(colour: &str) -> String {
    match colour {
        "unknown" | "reserved" | "unspecified" => String::new(),
        colour => colour.to_owned(),
    }
}

/// The size on a screen: pixels made square, never by throwing some away, and
/// turned by the display matrix.
fn upright_size(video: &Stream) -> (u32, u32) {
    let stretch = |length: u32, by: u64, of: u64| {
        u32::try_from((u64::from(length) * by + of / 2) / of).unwrap_or(length)
    };
    let (width, height) = match aspect(video) {
        Some((across, down)) if across > down => (stretch(video.width, across, down), video.height),
        Some((across, down)) => (video.width, stretch(video.height, down, across)),
        None => (video.width, video.height),
    };
    let rotation = video.side_data_list.iter().find_map(|side| side.rotation);
    let on_its_side =
        rotation.is_some_and(|angle| (45.0..135.0).contains(&angle.rem_euclid(180.0)));
    if on_its_side {
        (height, width)
    } else {
        (width, height)
    }
}

/// How wide a pixel is to how high, when that is not the same, and likely.
fn aspect(video: &Stream) -> Option<(u64, u64)> {
    let (across, down) = video.sample_aspect_ratio.split_once(':')?;
    let (across, down) = (across.parse::<u32>().ok()?, down.parse::<u32>().ok()?);
    let (across, down) = (u64::from(across), u64::from(down));
    let likely = across <= down * 4 && down <= across * 4 && across > 0;
    (likely && across != down).then_some((across, down))
}

fn milliseconds(seconds: &str) -> Option<u64> {
    let seconds: f64 = seconds.parse().ok()?;
    // A negative or endless length is none; a hundred years is a lie.
    let likely = seconds.is_finite() && (0.0..3.2e9).contains(&seconds);
    likely.then(|| (seconds * 1000.0).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(width: u32, height: u32, aspect: &str, rotation: Option<f64>) -> Stream {
        Stream {
            width,
            height,
            sample_aspect_ratio: aspect.to_owned(),
            side_data_list: vec![SideData { rotation }],
            ..Stream::default()
        }
    }

    #[test]
    fn sizes_are_as_seen() {
        assert_eq!(upright_size(&stream(640, 360, "1:1", None)), (640, 360));
        assert_eq!(
            upright_size(&stream(640, 360, "0:1", Some(0.0))),
            (640, 360)
        );
        for quarter in [90.0, -90.0, 270.0] {
            let turned = stream(640, 360, "1:1", Some(quarter));
            assert_eq!(upright_size(&turned), (360, 640), "{quarter}");
        }
        assert_eq!(
            upright_size(&stream(640, 360, "", Some(-180.0))),
            (640, 360)
        );
        assert_eq!(upright_size(&stream(1440, 1080, "4:3", None)), (1920, 1080));
        assert_eq!(upright_size(&stream(720, 480, "8:9", None)), (720, 540));
        assert_eq!(
            upright_size(&stream(720, 480, "4000000000:1", None)),
            (720, 480)
        );
        assert_eq!(
            upright_size(&stream(1440, 1080, "4:3", Some(90.0))),
            (1080, 1920)
        );
    }

    #[test]
    fn lengths_are_believed_within_reason() {
        assert_eq!(milliseconds("13.722989"), Some(13_723));
        for odd in ["N/A", "-1", "inf", "NaN", "1e30", ""] {
            assert_eq!(milliseconds(odd), None, "{odd}");
        }
    }
}
