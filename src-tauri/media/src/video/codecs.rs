//! Which codecs are opened, and which of them browsers play.
//!
//! `ffmpeg` has some five hundred decoders, most of them for formats that no
//! camera ever wrote and that nobody has looked after for years; only these
//! decode a stranger's frames. (`ffprobe` cannot be held to a list: one cover
//! in a rare format would make it refuse the whole film.)

/// Names of `ffmpeg`'s decoders for what cameras, phones and screens record.
const VIDEO: &[&str] = &[
    "av1",
    "cfhd",
    "cinepak",
    "dnxhd",
    "dvvideo",
    "ffv1",
    "flv",
    "h263",
    "h264",
    "hevc",
    "huffyuv",
    "libaom-av1",
    "libdav1d",
    "libvpx",
    "libvpx-vp9",
    "mjpeg",
    "mpeg1video",
    "mpeg2video",
    "mpeg4",
    "msmpeg4",
    "msmpeg4v1",
    "msmpeg4v2",
    "prores",
    "rawvideo",
    "svq1",
    "svq3",
    "theora",
    "vc1",
    "vp8",
    "vp9",
    "wmv1",
    "wmv2",
    "wmv3",
];

const AUDIO: &[&str] = &[
    "aac",
    "ac3",
    "adpcm_ima_qt",
    "adpcm_ima_wav",
    "adpcm_ms",
    "alac",
    "amrnb",
    "amrwb",
    "dca",
    "eac3",
    "flac",
    "gsm_ms",
    "libopencore_amrnb",
    "libopencore_amrwb",
    "libopus",
    "mp2",
    "mp2float",
    "mp3",
    "mp3float",
    "opus",
    "pcm_alaw",
    "pcm_f32be",
    "pcm_f32le",
    "pcm_mulaw",
    "pcm_s16be",
    "pcm_s16le",
    "pcm_s24be",
    "pcm_s24le",
    "pcm_s32be",
    "pcm_s32le",
    "pcm_s8",
    "pcm_u8",
    "qdm2",
    "vorbis",
    "wmav1",
    "wmav2",
];

/// All of them, as `-codec_whitelist` wants them.
pub(super) fn allowed() -> String {
    [VIDEO, AUDIO].concat().join(",")
}

/// Whether a sound of this codec's name can be decoded.
pub(super) fn is_audible(codec: &str) -> bool {
    let named_otherwise = matches!(codec, "amr_nb" | "amr_wb" | "dts");
    named_otherwise || AUDIO.contains(&codec)
}

/// Whether browsers play the sound in an MP4.
pub(super) fn plays_in_mp4(audio: &str) -> bool {
    matches!(audio, "aac" | "mp3")
}

/// Whether browsers play the sound in a WebM.
pub(super) fn plays_in_webm(audio: &str) -> bool {
    matches!(audio, "opus" | "vorbis")
}
