//! What the dependencies are allowed to be, by deny.toml: their licences, those
//! that are banned, and where they come from. cargo-deny checks it; where it is
//! not installed it is built once under the target folder.

use crate::process::{self, Done, cargo};
use std::path::PathBuf;
use std::process::Command;

/// The release that deny.toml is written for.
const VERSION: &str = "0.20.2";

/// Checks licences, bans and sources.
///
/// # Errors
/// What cargo-deny found, or that it cannot be had.
pub fn check() -> Done {
    // The advisories need a database from the network; they have a run of
    // their own where there is one.
    println!("skipped: cargo-deny's advisories, which need their database from the network.");
    process::run(
        Command::new(tool()?)
            .current_dir(process::root())
            .args(["check", "licenses", "bans", "sources"]),
    )
}

/// The program: the one on the path, else one of our own.
fn tool() -> Result<PathBuf, String> {
    let name = format!("cargo-deny{}", std::env::consts::EXE_SUFFIX);
    if process::output(Command::new(&name).arg("--version")).is_ok() {
        return Ok(name.into());
    }
    let folder = process::target().join("tools");
    let own = folder.join("bin").join(name);
    if !own.exists() {
        println!("Building cargo-deny {VERSION} once; this takes a few minutes.");
        process::run(
            cargo(&["install", "cargo-deny", "--locked", "--debug"])
                .args(["--version", VERSION, "--root"])
                .arg(&folder),
        )?;
    }
    Ok(own)
}
