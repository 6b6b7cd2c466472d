//! How much one picture may cost: bytes, pixels, memory, time.
//!
//! Checked before anything is allocated; on Linux the worker also asks the
//! kernel to hold it to them, so a decoder that lies is stopped all the same.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::MediaError;

/// The longest file a worker accepts, in bytes.
pub const MAX_INPUT: u64 = 512 << 20;
/// The most memory one decoded picture may take, in bytes.
pub(crate) const MAX_DECODED: u64 = 1 << 30;
/// The longest a caller waits for one picture.
pub(crate) const WALL_TIME: Duration = Duration::from_secs(30);

/// Whose file it is, and so how far it is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// From the library's owner or their household: up to 600 megapixels.
    Owner,
    /// From someone with a link: up to 200 megapixels, decoded only where the
    /// worker is fully confined, and in a worker that sees no other file.
    Visitor,
}

impl Origin {
    /// The most pixels a picture of this origin may have.
    pub(crate) const fn most_pixels(self) -> u64 {
        match self {
            Origin::Owner => 600_000_000,
            Origin::Visitor => 200_000_000,
        }
    }
}

/// The most pixels that the request at hand may have. A limit of the process,
/// as the kernel's are, so that no decoder can forget to pass it on; a worker
/// has one request at a time.
static MOST_PIXELS: AtomicU64 = AtomicU64::new(Origin::Owner.most_pixels());

/// Holds decoding, from now on, to what files of this origin may have.
pub(crate) fn hold_to(origin: Origin) {
    MOST_PIXELS.store(origin.most_pixels(), Ordering::Relaxed);
}

/// Refuses a picture of more pixels than its [`Origin`] allows, or whose
/// decoding would take more than [`MAX_DECODED`] bytes.
pub(crate) fn check_size(width: u32, height: u32, decoded_bytes: u64) -> Result<(), MediaError> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MOST_PIXELS.load(Ordering::Relaxed) || decoded_bytes > MAX_DECODED {
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
