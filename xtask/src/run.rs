//! `cargo xtask run`: from a fresh clone to the open window, in one command.

use crate::packages::{self, Purpose};
use crate::process::{self, Done};
use crate::{display, sample, ui};

/// Installs, builds and starts; with a display the window, else the node.
///
/// # Errors
/// A sentence with what to install or what failed.
pub fn run(words: &[&str]) -> Done {
    let (own, passed) = match words.iter().position(|word| *word == "--") {
        Some(at) => (
            words.get(..at).unwrap_or_default(),
            words.get(at + 1..).unwrap_or_default(),
        ),
        None => (words, &[][..]),
    };
    if let Some(unknown) = own
        .iter()
        .find(|word| !["--sample", "--release"].contains(word))
    {
        return Err(format!(
            "`{unknown}` is not an option of `cargo xtask run`; write it after `--` to pass it on."
        ));
    }
    let profile: &[&str] = if own.contains(&"--release") {
        &["--release"]
    } else {
        &[]
    };
    let folder = if own.contains(&"--release") {
        "release"
    } else {
        "debug"
    };
    let window = display::present();
    packages::ensure(if window {
        Purpose::Window
    } else {
        Purpose::Node
    })?;

    // The sample is made by the headless node, so both are built in one go and
    // share what they compile.
    let mut wanted = vec!["build", "-p", "albumen-node"];
    if window {
        ui::packages()?;
        ui::build()?;
        wanted.extend(["-p", "albumen-desktop"]);
    }
    process::run(process::cargo(&wanted).args(profile))?;

    let mut command = std::process::Command::new(process::built(
        folder,
        if window { "albumen-desktop" } else { "albumen" },
    ));
    if own.contains(&"--sample") {
        command.env("ALBUMEN_LIBRARY", sample::make(folder)?);
    }
    if !window {
        println!(
            "There is no display here, so the headless node starts instead of the window; end it with Ctrl-C."
        );
        command.arg("serve");
    }
    process::run(command.args(passed))
}
