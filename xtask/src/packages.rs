//! The system's packages. On Debian and its kin they are asked for by name and,
//! for root, installed; everywhere else the one line to type is printed.

use crate::process::{self, Done};
use std::process::Command;

/// What the caller is about to do; each includes the ones before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Build the headless node, and let it read videos.
    Node,
    /// Build and open the window.
    Window,
    /// Run every test, those of the window and of the browser too.
    Tests,
    /// Compare with other programs.
    Bench,
}

const DEBIAN: &[(Purpose, &[&str])] = &[
    (
        Purpose::Node,
        &[
            "build-essential",
            "cmake",
            "ffmpeg",
            "libdav1d-dev", // AVIF, for libheif
            "libde265-dev", // HEIC, for libheif
            "nasm",
            "pkg-config",
        ],
    ),
    (
        Purpose::Window,
        &[
            "libayatana-appindicator3-dev",
            "libgtk-3-dev",
            "librsvg2-dev",
            "libwebkit2gtk-4.1-dev",
            "libxdo-dev",
        ],
    ),
    (
        Purpose::Tests,
        &[
            "chromium",
            "dbus",
            "firefox-esr",
            "fonts-dejavu-core",
            "imagemagick",
            "libheif-examples",
            "libimage-exiftool-perl",
            "strace",
            "webkit2gtk-driver",
            "xvfb",
        ],
    ),
    (
        Purpose::Bench,
        &[
            "aria2",
            "iproute2",
            "libjxl-tools",
            "libvips-tools",
            "nftables",
            "nginx-light",
            "p7zip-full",
            "python3-venv",
            "slowhttptest",
            "syncthing",
            "wrk",
        ],
    ),
];

/// Makes sure that what `purpose` needs is there.
///
/// # Errors
/// The exact line to type, when this program may not install packages itself.
pub fn ensure(purpose: Purpose) -> Done {
    if cfg!(target_os = "macos") {
        return tools(
            &[
                ("cmake", "--version"),
                ("ffmpeg", "-version"),
                ("nasm", "--version"),
            ],
            "brew install cmake dav1d ffmpeg libde265 nasm",
        );
    }
    if cfg!(windows) {
        return tools(
            &[
                ("cmake", "--version"),
                ("ffmpeg", "-version"),
                ("nasm", "--version"),
            ],
            "winget install Kitware.CMake Gyan.FFmpeg NASM.NASM",
        );
    }
    let wanted: Vec<&str> = DEBIAN
        .iter()
        .filter(|(level, _)| *level <= purpose)
        .flat_map(|(_, names)| names.iter().copied())
        .collect();
    if !process::answers("dpkg-query", &["--version"]) {
        println!(
            "This system has no dpkg. If the build misses something, these are Debian's names of it: {}.",
            wanted.join(" ")
        );
        return Ok(());
    }
    let missing: Vec<&str> = wanted.into_iter().filter(|name| !installed(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !is_root() {
        return Err(format!(
            "some system packages are missing. Install them, then try again:\n\n  sudo apt-get install -y --no-install-recommends {}\n",
            missing.join(" ")
        ));
    }
    process::run(apt().arg("update"))?;
    process::run(
        apt()
            .args(["install", "-y", "--no-install-recommends"])
            .args(missing),
    )
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.arg("-qq").env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// `dpkg-query` also knows packages that were removed; only `installed` counts.
/// A package built for several architectures answers with one line each.
fn installed(name: &str) -> bool {
    process::output(Command::new("dpkg-query").args(["-W", "-f=${db:Status-Status}\n", name]))
        .is_ok_and(|status| status.lines().any(|line| line == "installed"))
}

fn is_root() -> bool {
    process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

fn tools(wanted: &[(&str, &str)], line: &str) -> Done {
    let missing: Vec<&str> = wanted
        .iter()
        .filter(|(program, question)| !process::answers(program, &[question]))
        .map(|(program, _)| *program)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} missing. Install with\n\n  {line}\n",
        missing.join(" and ")
    ))
}
