//! A camera for tests: films in the codecs and containers that people have,
//! made by `ffmpeg` itself without any confinement.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use media::video::{Probed, Tools, probe};
use media::{Format, MediaError, Sniff, sniff};
use tempfile::TempDir;

/// A film of three seconds with sound.
pub(crate) const WITH_SOUND: &[&str] = &[
    "-f",
    "lavfi",
    "-i",
    "testsrc2=size=640x360:rate=30:duration=3",
    "-f",
    "lavfi",
    "-i",
    "sine=frequency=440:duration=3",
    "-shortest",
];
/// The same without sound.
pub(crate) const SILENT: &[&str] = &[
    "-f",
    "lavfi",
    "-i",
    "testsrc2=size=640x360:rate=30:duration=3",
];
/// What most phones record.
pub(crate) const PHONE: &[&str] = &[
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-g",
    "15",
    "-pix_fmt",
    "yuv420p",
    "-c:a",
    "aac",
];

/// A folder of films that is gone with this value.
pub(crate) struct Films(TempDir);

impl Films {
    pub(crate) fn new() -> Films {
        Films(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Records `scene` with `codecs` into the file `name`.
    pub(crate) fn record(&self, name: &str, scene: &[&str], codecs: &[&str]) -> PathBuf {
        let path = self.path(name);
        let mut command = Command::new("ffmpeg");
        command.args(["-nostdin", "-v", "error", "-y"]);
        command.args(scene).args(codecs).arg(&path);
        let output = command.output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {complaint}");
        path
    }
}

/// What the first bytes of a file say it is.
pub(crate) fn format_of(path: &Path) -> Option<Format> {
    let bytes = std::fs::read(path).unwrap();
    match sniff(&bytes[..bytes.len().min(4096)]) {
        Sniff::Media(format) => Some(format),
        _ => None,
    }
}

pub(crate) fn try_probe(tools: &Tools, path: &Path) -> Result<Probed, MediaError> {
    let format = format_of(path).ok_or(MediaError::NotAPicture)?;
    probe(tools, &File::open(path).unwrap(), format)
}

#[track_caller]
pub(crate) fn probed(tools: &Tools, path: &Path) -> Probed {
    try_probe(tools, path).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()))
}
