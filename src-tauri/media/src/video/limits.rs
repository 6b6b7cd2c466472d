//! How much one run of `ffmpeg` or `ffprobe` may cost, by its task.
//!
//! On Linux the kernel holds the program to all of it; elsewhere the caller's
//! clock is the only limit.

use std::time::Duration;

/// What the kernel grants one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, reason = "only Linux holds a program to them")
)]
pub(crate) struct Limits {
    /// Seconds of processor time, of all its threads together.
    pub(crate) processor_seconds: u64,
    /// Bytes of address space; the libraries of a usual `ffmpeg` take 0.4 GiB.
    pub(crate) memory_bytes: u64,
    /// The longest file it may write, in bytes.
    pub(crate) file_bytes: u64,
}

/// Reading headers: what is longer is kept but not understood.
pub(crate) const PROBE: Limits = Limits {
    processor_seconds: 20,
    memory_bytes: 2 << 30,
    file_bytes: 0,
};

/// Decoding a few frames; HEVC of 8K in ten bits keeps sixteen of them.
pub(crate) const POSTER: Limits = Limits {
    processor_seconds: 20,
    memory_bytes: 4 << 30,
    file_bytes: 0,
};

/// The longest a caller waits for a probe or a poster.
pub(crate) const WALL_TIME: Duration = Duration::from_secs(30);

/// The longest a rendition may take, whatever its video claims to last.
const MAX_RENDITION: u64 = 24 * 3600;

/// The most bits a second that a converted rendition has, twice over.
const BYTES_PER_SECOND: u64 = 4 << 20;

/// A rendition's limits: a slow machine needs twenty seconds of processor time
/// for a second of 4K HEVC, and three times that is granted. A remuxed
/// rendition is as long as its `source_bytes`.
pub(crate) fn rendition(duration_ms: Option<u64>, source_bytes: u64) -> Limits {
    let seconds = duration_ms.map_or(MAX_RENDITION, |ms| ms / 1000 + 1);
    let processor_seconds = seconds.saturating_mul(60).saturating_add(120);
    let converted = seconds.min(MAX_RENDITION) * BYTES_PER_SECOND;
    Limits {
        processor_seconds: processor_seconds.min(MAX_RENDITION),
        memory_bytes: 4 << 30,
        file_bytes: converted.max(source_bytes).saturating_add(64 << 20),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_video_that_claims_to_last_for_ever_does_not() {
        let limits = rendition(Some(u64::MAX), u64::MAX);
        assert_eq!(limits.processor_seconds, MAX_RENDITION);
        assert_eq!(rendition(None, 0), rendition(Some(u64::MAX), 0));
        assert_eq!(rendition(Some(10_000), 0).processor_seconds, 11 * 60 + 120);
    }
}
