//! The world's outline on the page of a photo, drawn by `world.mjs` from the UI's
//! package of Natural Earth's land.

use crate::process::{Done, root, run};
use std::process::Command;

/// Draws src-tauri/web/static/world.svg anew.
///
/// # Errors
/// A sentence, when node or the UI's packages are missing.
pub fn draw() -> Done {
    run(Command::new("node")
        .arg(root().join("xtask/src/world.mjs"))
        .arg(root().join("ui"))
        .arg(root().join("src-tauri/web/static/world.svg")))
}
