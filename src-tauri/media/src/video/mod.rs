//! Videos, by the programs `ffmpeg` and `ffprobe`.
//!
//! They are programs and not libraries, so that a video's bytes never come near
//! this process, and so that whoever packages Albumen need not build them. They
//! get the file as an open descriptor and no path of the user's; on Linux they
//! run confined. Without them a library works, and says what to install.

mod codecs;
#[cfg(target_os = "linux")]
pub(crate) mod confine;
mod filters;
mod limits;
mod playable;
mod poster;
mod probe;
mod run;
#[cfg(target_os = "linux")]
mod syscalls;
mod tags;
mod tools;

pub use playable::{is_playable, playable};
pub use poster::poster;
pub use probe::{AudioTrack, Probed, VideoTrack, probe};
pub use tools::Tools;

/// Call this first in every `main`, with the program's arguments after its own
/// name: when they ask for it, the process becomes `ffmpeg` or `ffprobe`, and
/// does not come back.
#[cfg(target_os = "linux")]
pub(crate) fn become_tool_if_asked(mut arguments: impl Iterator<Item = std::ffi::OsString>) {
    if arguments
        .next()
        .is_some_and(|first| first == confine::VIDEO_WORKER_ARGUMENT)
    {
        confine::become_tool(arguments);
    }
}

/// Elsewhere the tools are started without a launcher.
#[cfg(not(target_os = "linux"))]
pub(crate) fn become_tool_if_asked(_arguments: impl Iterator<Item = std::ffi::OsString>) {}
