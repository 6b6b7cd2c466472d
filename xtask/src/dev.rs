//! `cargo xtask dev`: the window on the UI's development server, which reloads
//! on each change; Tauri's own tool watches the Rust side.

use crate::packages::{self, Purpose};
use crate::process::{self, Done};
use crate::ui;
use std::process::Command;

/// Starts the window and the development server until the window is closed.
///
/// # Errors
/// A sentence with what to install or what failed.
pub fn dev() -> Done {
    packages::ensure(Purpose::Window)?;
    ui::packages()?;
    let script = if cfg!(windows) { "tauri.cmd" } else { "tauri" };
    let tauri = process::root()
        .join("ui")
        .join("node_modules")
        .join(".bin")
        .join(script);
    // It leaves out the default features, so the window asks the development
    // server and embeds nothing.
    process::run(Command::new(tauri).arg("dev").current_dir(process::root()))
}
