//! How much one picture may cost: bytes, pixels, memory, time.
//!
//! Checked before anything is allocated; on Linux the worker also asks the
//! kernel to hold it to them, so a decoder that lies is stopped all the same.

use std::time::Duration;

use crate::MediaError;

/// The longest file a worker accepts, in bytes.
pub const MAX_INPUT: u64 = 512 << 20;
/// The most pixels a picture may have.
pub(crate) const MAX_PIXELS: u64 = 600_000_000;
/// The most memory one decoded picture may take, in bytes.
pub(crate) const MAX_DECODED: u64 = 1 << 30;
/// The longest a caller waits for one picture.
pub(crate) const WALL_TIME: Duration = Duration::from_secs(30);

/// Refuses a picture of more than [`MAX_PIXELS`], or whose decoding would take
/// more than [`MAX_DECODED`] bytes.
pub(crate) fn check_size(width: u32, height: u32, decoded_bytes: u64) -> Result<(), MediaError> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_PIXELS || decoded_bytes > MAX_DECODED {
        return Err(MediaError::TooLarge { width, height });
    }
    Ok(())
}

/// Holds this process to the memory that decoding may take, by the kernel.
///
/// The limit is set on top of what is mapped already, because a desktop binary
/// maps a browser engine's libraries before `main`. Room is left for the file
/// itself, one decoded picture, and its conversion to eight-bit RGB.
#[cfg(target_os = "linux")]
pub(crate) fn confine_memory() {
    use rustix::process::{Resource, Rlimit, setrlimit};

    let mapped_pages = std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|statm| statm.split(' ').next()?.parse::<u64>().ok())
        .unwrap_or(0);
    let page = u64::try_from(rustix::param::page_size()).unwrap_or(4096);
    let room = MAX_INPUT + 2 * MAX_DECODED;
    let limit = |bytes: u64| Rlimit {
        current: Some(bytes),
        maximum: Some(bytes),
    };
    // A system that refuses has its own, stricter limit; the worker still works.
    let _refused = setrlimit(Resource::As, limit(mapped_pages * page + room));
    let _refused = setrlimit(Resource::Core, limit(0));
}

/// Gives this process 20 more seconds of processor time.
///
/// Called before each request, so that a worker whose parent was killed while
/// it hangs does not spin for ever: the kernel ends it with SIGXCPU.
#[cfg(target_os = "linux")]
pub(crate) fn grant_processor_time() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    use rustix::time::{ClockId, clock_gettime};

    let used = u64::try_from(clock_gettime(ClockId::ProcessCPUTime).tv_sec).unwrap_or(0);
    let maximum = getrlimit(Resource::Cpu).maximum;
    let _refused = setrlimit(
        Resource::Cpu,
        Rlimit {
            current: Some(used + 21),
            maximum,
        },
    );
}

/// Elsewhere the parent's clock and [`check_size`] are the only limits.
#[cfg(not(target_os = "linux"))]
pub(crate) fn confine_memory() {}

/// Elsewhere the parent's clock is the only limit of time.
#[cfg(not(target_os = "linux"))]
pub(crate) fn grant_processor_time() {}
