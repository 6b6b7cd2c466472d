//! A display for the window: the person's own, or a virtual one that is started
//! on a free number and ended with the value that holds it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// Whether a window can be shown to a person here.
pub fn present() -> bool {
    if cfg!(any(windows, target_os = "macos")) {
        return true;
    }
    ["WAYLAND_DISPLAY", "DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// A virtual X server of our own; dropping it ends it.
pub struct Virtual {
    server: Child,
    name: String,
}

impl Virtual {
    /// Starts Xvfb; it picks a free number itself and writes it to its standard
    /// output when it is ready.
    ///
    /// # Errors
    /// A sentence, when Xvfb is missing or ends at once.
    pub fn start() -> Result<Self, String> {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x800x24"])
            .args(["-nolisten", "tcp", "-noreset"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("Xvfb could not be started: {error}."))?;
        let mut number = String::new();
        if let Some(output) = server.stdout.take() {
            // An unreadable answer is an empty one, refused below.
            BufReader::new(output).read_line(&mut number).ok();
        }
        let name = format!(":{}", number.trim());
        let started = Self { server, name };
        if number.trim().is_empty() {
            return Err("Xvfb ended before it was ready.".to_owned());
        }
        Ok(started)
    }

    /// What `DISPLAY` has to be for its clients, such as `:99`.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Virtual {
    fn drop(&mut self) {
        // It may have ended by itself; either way nothing of it is left.
        self.server.kill().ok();
        self.server.wait().ok();
    }
}
