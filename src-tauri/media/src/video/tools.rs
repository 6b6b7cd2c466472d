//! The programs `ffmpeg` and `ffprobe`: where they are, what they can do, and
//! the line that installs them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use super::limits::{Limits, PROBE, WALL_TIME};
use super::run::run;
use crate::MediaError;

/// Where package managers put programs that a desktop's `PATH` may not name.
const USUAL_PLACES: &[&str] = &["/usr/local/bin", "/opt/homebrew/bin", "/usr/bin"];

/// The two programs that read and write videos. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tools {
    /// The program of ours that confines them and then becomes them.
    launcher: PathBuf,
    ffmpeg: PathBuf,
    ffprobe: PathBuf,
    /// When both were last changed, so that an update is noticed.
    changed: [Option<SystemTime>; 2],
    confined: bool,
    maps_tones: bool,
}

/// The last answer of [`Tools::find`].
static FOUND: Mutex<Option<Tools>> = Mutex::new(None);

/// Which of the two programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    Ffmpeg,
    Ffprobe,
}

impl Tools {
    /// Looks for the programs on `PATH` and in the usual places.
    ///
    /// `launcher` is a program of ours whose `main` begins with
    /// [`run_worker_if_asked`](crate::run_worker_if_asked). The answer is
    /// remembered until the programs change; their absence is not, so that an
    /// installation is noticed at the next call.
    ///
    /// # Errors
    /// [`MediaError::NoFfmpeg`] when one of them is missing or does not run.
    pub fn find(launcher: &Path) -> Result<Tools, MediaError> {
        let missing = || MediaError::NoFfmpeg {
            install: install_line(),
        };
        let ffmpeg = locate("ffmpeg").ok_or_else(missing)?;
        let ffprobe = locate("ffprobe").ok_or_else(missing)?;
        let mut tools = Tools {
            launcher: launcher.to_owned(),
            changed: [last_changed(&ffmpeg), last_changed(&ffprobe)],
            ffmpeg,
            ffprobe,
            confined: cfg!(target_os = "linux"),
            maps_tones: false,
        };
        let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = found.as_ref().filter(|known| known.same_as(&tools)) {
            return Ok(known.clone());
        }
        let version = match tools.version() {
            Err(MediaError::FilmNotConfined) => {
                tools.confined = false;
                tools.version()
            }
            answer => answer,
        };
        let version = match version {
            Ok(version) => version,
            Err(error @ MediaError::WorkerMissing { .. }) => return Err(error),
            Err(_) => return Err(missing()),
        };
        if !version.contains("--enable-libx264") {
            return Err(missing());
        }
        tools.maps_tones = version.contains("--enable-libzimg");
        *found = Some(tools.clone());
        Ok(tools)
    }

    /// Whether the system holds the programs to their own files and off the
    /// network. Where it does not, a stranger's video must not be given to them.
    pub fn is_confined(&self) -> bool {
        self.confined
    }

    /// Whether HDR can be mapped to the tones of an ordinary screen.
    pub(super) fn maps_tones(&self) -> bool {
        self.maps_tones
    }

    /// A command that runs `tool` within `limits`; its arguments are still to
    /// be added, its input and output to be set.
    pub(super) fn command(&self, tool: Tool, limits: Limits) -> Command {
        let program = match tool {
            Tool::Ffmpeg => &self.ffmpeg,
            Tool::Ffprobe => &self.ffprobe,
        };
        let mut command = self.launch(program, limits);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command
    }

    #[cfg(target_os = "linux")]
    fn launch(&self, program: &Path, limits: Limits) -> Command {
        use super::confine::{Demand, arguments};
        let demand = if self.confined {
            Demand::Enforced
        } else {
            Demand::Attempted
        };
        let mut command = Command::new(&self.launcher);
        command.args(arguments(demand, limits, program));
        command
    }

    /// Only Linux has a confinement that a program can give itself.
    #[cfg(not(target_os = "linux"))]
    fn launch(&self, program: &Path, _limits: Limits) -> Command {
        let mut command = Command::new(program);
        #[cfg(windows)]
        {
            use std::os::windows::process::CommandExt;
            const CREATE_NO_WINDOW: u32 = 0x0800_0000;
            const BELOW_NORMAL_PRIORITY_CLASS: u32 = 0x0000_4000;
            command.creation_flags(CREATE_NO_WINDOW | BELOW_NORMAL_PRIORITY_CLASS);
        }
        command
    }

    /// What `ffmpeg -version` says, which names the libraries it was built with.
    fn version(&self) -> Result<String, MediaError> {
        let mut command = self.command(Tool::Ffmpeg, PROBE);
        command.arg("-version");
        let said = run(command, WALL_TIME, &mut |_| true)?;
        Ok(String::from_utf8_lossy(&said).into_owned())
    }

    fn same_as(&self, other: &Tools) -> bool {
        let files = |tools: &Tools| {
            let paths = [&tools.launcher, &tools.ffmpeg, &tools.ffprobe];
            (paths.map(PathBuf::clone), tools.changed)
        };
        files(self) == files(other)
    }
}

fn locate(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(USUAL_PLACES.iter().map(PathBuf::from))
        // A relative entry would find whatever lies in the current folder.
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&file))
        .find(|program| program.is_file())
}

fn last_changed(program: &Path) -> Option<SystemTime> {
    program.metadata().ok()?.modified().ok()
}

/// The line that installs both programs on this system.
fn install_line() -> &'static str {
    if cfg!(target_os = "macos") {
        return "brew install ffmpeg";
    }
    if cfg!(windows) {
        return "winget install Gyan.FFmpeg";
    }
    let has = |program: &str| locate(program).is_some();
    if has("dnf") {
        "sudo dnf install ffmpeg --allowerasing"
    } else if has("pacman") {
        "sudo pacman -S ffmpeg"
    } else if has("zypper") {
        "sudo zypper install ffmpeg"
    } else if has("apk") {
        "sudo apk add ffmpeg"
    } else {
        "sudo apt install ffmpeg"
    }
}
