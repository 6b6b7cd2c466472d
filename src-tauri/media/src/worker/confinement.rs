//! What a worker may still do once it is locked in: compute, and answer.
//!
//! Two locks of the Linux kernel, each good for its own reason. Landlock takes
//! away paths, ports and foreign processes whatever the system call; seccomp
//! takes away system calls whatever they name. Elsewhere there is neither, and
//! the worker says so in its first frame rather than pretend.

use std::fmt;

use serde::{Deserialize, Serialize};

#[cfg(target_os = "linux")]
mod landlock;
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod seccomp;

/// What holds a decode worker. Its `Display` is for
/// people: "fully confined (…)".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// The version of Landlock in force (1 to 10 so far): no path can be opened;
    /// from 4 no TCP port, from 6 no signal or abstract socket of others either.
    pub landlock: Option<u8>,
    /// Whether a seccomp filter lets through only what decoding needs.
    pub seccomp: bool,
}

impl Confinement {
    /// Whether both locks hold, so that a visitor's file may be opened.
    pub fn is_full(self) -> bool {
        self.landlock.is_some() && self.seccomp
    }
}

impl fmt::Display for Confinement {
    fn fmt(&self, line: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.landlock, self.seccomp) {
            (Some(version), true) => {
                write!(line, "fully confined (Landlock {version} and seccomp)")
            }
            (Some(version), false) => {
                write!(line, "partly confined (Landlock {version}, no seccomp)")
            }
            (None, true) => line.write_str("partly confined (seccomp, no Landlock)"),
            (None, false) => {
                line.write_str("not confined (this system has neither Landlock nor seccomp)")
            }
        }
    }
}

/// Locks this process in, for good, and says what holds.
///
/// What a kernel does not offer is left out: the owner's own photos are worth
/// showing on an old kernel, and whoever needs more asks [`Confinement::is_full`].
#[cfg(target_os = "linux")]
pub(crate) fn confine() -> Confinement {
    close_inherited();
    Confinement {
        landlock: landlock::restrict(),
        #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
        seccomp: seccomp::restrict().is_ok(),
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        seccomp: false,
    }
}

/// Nothing is known here that would confine a process from within.
#[cfg(not(target_os = "linux"))]
pub(crate) fn confine() -> Confinement {
    Confinement {
        landlock: None,
        seccomp: false,
    }
}

/// Closes what a careless library of the program that started us left open
/// across `exec`: locks take away new descriptors, not those already held.
#[cfg(target_os = "linux")]
fn close_inherited() {
    let Ok(listed) = std::fs::read_dir("/proc/self/fd") else {
        return;
    };
    // The listing is itself a descriptor, gone once it has been read to its end.
    let open: Vec<i32> = listed
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|descriptor| *descriptor > 2)
        .collect();
    for descriptor in open {
        let _closed_before = nix::unistd::close(descriptor);
    }
}

#[cfg(all(test, target_os = "linux"))]
pub(crate) use landlock::restrict as restrict_by_landlock;
