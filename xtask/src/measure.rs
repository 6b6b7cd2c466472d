//! What is measured: `cargo xtask bench …` and `cargo xtask formats`. Here is only what brings the other programs and builds ours; the
//! measuring itself is the `measure` program of the tests' package.

use crate::display::Virtual;
use crate::packages::{self, Purpose};
use crate::process::{self, Done, built, cargo, npm, root, run};
use crate::ui;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The versions that figures were taken with.
const SHARP: &[&str] = &["sharp@0.34", "thumbhash@0.1"];
const LIGHTHOUSE: &[&str] = &["lighthouse@13.5"];
const TUS_JS: &[&str] = &["tus-js-client@4.3"];
const TUSPY: &str = "tuspy==1.1";
const SENDME: &str = "0.37.1";

/// Albumen's pictures beside sharp's, vipsthumbnail's and decoding alone.
///
/// # Errors
/// A sentence, when something cannot be installed, built or measured.
pub fn media(options: &[&str]) -> Done {
    packages::ensure(Purpose::Bench)?;
    let scratch = process::target().join("bench-media");
    bring(&scratch.join("sharp"), "sharp", SHARP)?;
    build_for_release()?;
    let mut command = Command::new(built("release", "measure"));
    command.arg("speed").arg(&scratch);
    command.arg(built("release", "albumen")).args(options);
    run(&mut command)
}

/// The library with a hundred thousand assets, and with a million.
///
/// # Errors
/// A sentence, when something cannot be built or measured.
pub fn library(options: &[&str]) -> Done {
    build_for_release()?;
    let scratch = process::target().join("bench-library");
    let mut command = Command::new(built("release", "measure"));
    run(command.arg("library").arg(scratch).args(options))
}

/// How far apart copies of a photo look, and how far apart other photos do.
///
/// # Errors
/// A sentence, when something cannot be built or measured.
pub fn twins() -> Done {
    build_for_release()?;
    run(Command::new(built("release", "measure")).arg("twins"))
}

/// An import of twenty thousand files, stopped half-way and begun again.
///
/// # Errors
/// A sentence, when something cannot be built or measured, or a file was read
/// twice.
pub fn import(options: &[&str]) -> Done {
    build_for_release()?;
    let mut command = Command::new(built("release", "measure"));
    command.arg("import");
    command.arg(process::target().join("bench-import"));
    run(command.arg(built("release", "albumen")).args(options))
}

/// What a server with a hundred thousand photos takes while nobody asks anything of it.
///
/// # Errors
/// A sentence, when it cannot be built, or takes more than it may.
pub fn idle(options: &[&str]) -> Done {
    build_for_release()?;
    let mut command = Command::new(built("release", "measure"));
    command
        .arg("idle")
        .arg(process::target().join("bench-idle"));
    run(command.arg(built("release", "albumen")).args(options))
}

/// A storm over a watched folder, and what the library has afterwards.
///
/// # Errors
/// What does not hold, or cannot be built.
pub fn watch(options: &[&str]) -> Done {
    build_for_release()?;
    let mut command = Command::new(built("release", "measure"));
    command
        .arg("watch")
        .arg(process::target().join("bench-watch"));
    run(command.arg(built("release", "albumen")).args(options))
}

/// What Lighthouse says of the page of a link to 300 photos, and of one of them.
///
/// # Errors
/// A sentence, when something cannot be installed or built, or a score is below 95.
pub fn page() -> Done {
    let folder = process::target().join("lighthouse");
    bring(&folder, "lighthouse", LIGHTHOUSE)?;
    build_for_tests()?;
    let mut command = Command::new("node");
    command.arg("e2e/lighthouse.mjs").arg(folder);
    command
        .env("ALBUMEN_BIN", built("debug", "albumen"))
        .current_dir(root().join("ui"));
    run(&mut command)
}

/// Uploads by other clients of the protocol, killed and cut, and whether they tell what the library has.
///
/// # Errors
/// A sentence, when something cannot be installed or built, or does not hold.
pub fn uploads(options: &[&str]) -> Done {
    packages::ensure(Purpose::Bench)?;
    let folder = process::target().join("bench-uploads");
    bring(&folder, "tus-js-client", TUS_JS)?;
    bring_tuspy(&folder.join("python"))?;
    build_for_release_with(&["--bin", "camera"])?;
    let mut command = Command::new("node");
    command.arg("e2e/uploads.mjs").arg(folder).args(options);
    command
        .env("ALBUMEN_BIN", built("release", "albumen"))
        .current_dir(root().join("ui"));
    run(&mut command)
}

/// An archive of two thousand photos, and renditions, beside nginx.
///
/// # Errors
/// A sentence, when something is missing, cannot be built or is not as it should be.
pub fn links(options: &[&str]) -> Done {
    packages::ensure(Purpose::Bench)?;
    build_for_release()?;
    let mut command = Command::new(built("release", "measure"));
    command.arg("links");
    command.arg(process::target().join("bench-links"));
    run(command.arg(built("release", "albumen")).args(options))
}

/// Very many visitors of a link at once, and slow attackers among them.
///
/// # Errors
/// A sentence, when something is missing or cannot be built.
pub fn load(options: &[&str]) -> Done {
    packages::ensure(Purpose::Bench)?;
    build_for_release()?;
    let mut command = Command::new(built("release", "measure"));
    command.arg("load");
    command.arg(process::target().join("bench-load"));
    run(command.arg(built("release", "albumen")).args(options))
}

/// Machines of a household on a network of their own, and what happens to networks.
///
/// # Errors
/// A sentence, when something is missing, cannot be built, or did not come about.
pub fn lan(options: &[&str]) -> Done {
    packages::ensure(Purpose::Bench)?;
    build_for_tests()?;
    let mut command = Command::new(built("debug", "measure"));
    command.arg("lan").arg(process::target().join("lan"));
    run(command.arg(built("debug", "albumen")).args(options))
}

/// Rows and bytes between two machines on a line of a gigabit; with `--beside`, originals
/// by sendme and Syncthing on the same line, too.
///
/// # Errors
/// A sentence, when something is missing or cannot be built.
pub fn peers(options: &[&str]) -> Done {
    packages::ensure(Purpose::Bench)?;
    build_for_release()?;
    let others = process::target().join("beside");
    let mut command = Command::new(built("release", "measure"));
    command.arg("peers");
    command.arg(process::target().join("bench-peers"));
    command.arg(built("release", "albumen"));
    for option in options {
        command.arg(option);
        if *option == "--beside" {
            let mut install = Command::new("cargo");
            install.args(["install", "sendme", "--version", SENDME, "--locked"]);
            install
                .args(["--no-default-features", "--root"])
                .arg(&others);
            run(&mut install)?;
            command.arg(others.join("bin/sendme"));
        }
    }
    run(&mut command)
}

/// The real window on very large libraries, on a display of its own.
///
/// # Errors
/// A sentence, when something cannot be built or measured.
pub fn window(options: &[&str]) -> Done {
    ui::build()?;
    build_for_release_with(&["--bin", "albumen-desktop"])?;
    let display = Virtual::start()?;
    let mut command = Command::new(built("release", "measure"));
    command
        .arg("window")
        .arg(process::target().join("bench-window"));
    command
        .arg(built("release", "albumen-desktop"))
        .args(options);
    command
        .env("DISPLAY", display.name())
        .env_remove("WAYLAND_DISPLAY");
    run(&mut command)
}

/// Writes docs/formats.md from the fixtures beside the repository.
///
/// # Errors
/// A sentence, when there are none, or the page cannot be written.
pub fn formats() -> Done {
    packages::ensure(Purpose::Bench)?;
    let fixtures = fixtures().ok_or("there is no folder of fixtures beside the repository.")?;
    build_for_tests()?;
    let page = root().join("docs").join("formats.md");
    run(measure_formats(&fixtures).arg("--write").arg(page))
}

/// Fails when a fixture does not look as it should. Without fixtures, or where
/// the other programs are missing, it says so by name and passes.
///
/// # Errors
/// The files that are not as they should be.
pub fn check_formats() -> Done {
    let Some(fixtures) = fixtures() else {
        println!("skipped: `formats` needs the folder of fixtures beside the repository");
        return Ok(());
    };
    for (program, question) in [
        ("convert", "-version"),
        ("heif-convert", "--version"),
        ("exiftool", "-ver"),
        ("ffmpeg", "-version"),
    ] {
        if !process::answers(program, &[question]) {
            println!("note: `formats` compares less, for {program} is missing");
        }
    }
    build_for_tests()?;
    run(&mut measure_formats(&fixtures))
}

/// All members, as everywhere, or shared crates compile twice.
fn build_for_release() -> Done {
    build_for_release_with(&[])
}

fn build_for_release_with(more: &[&str]) -> Done {
    let all = ["build", "--release", "--workspace"];
    run(cargo(&all)
        .args(["--bin", "measure", "--bin", "albumen"])
        .args(more))
}

fn build_for_tests() -> Done {
    run(&mut cargo(&["build", "--workspace", "--all-targets"]))
}

fn measure_formats(fixtures: &Path) -> Command {
    let mut command = Command::new(built("debug", "measure"));
    command.arg("formats").arg(fixtures);
    command
}

fn fixtures() -> Option<PathBuf> {
    let folder = root().parent()?.join("shared").join("fixtures");
    folder.is_dir().then_some(folder)
}

/// Installs packages into a folder of their own, never among the UI's.
fn bring(folder: &Path, name: &str, packages: &[&str]) -> Done {
    if folder.join("node_modules").join(name).is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(folder.join("package.json"), "{\"private\":true}"))
        .map_err(|error| format!("{}: {error}.", folder.display()))?;
    let mut command = npm(&["install", "--no-audit", "--no-fund"]);
    run(command.args(packages).current_dir(folder))
}

/// Installs tuspy into an environment of its own.
fn bring_tuspy(folder: &Path) -> Done {
    let programs = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let python = programs.join("python");
    if !process::answers(&python.to_string_lossy(), &["-c", "import tusclient"]) {
        let outer = if cfg!(windows) { "python" } else { "python3" };
        run(Command::new(outer).args(["-m", "venv"]).arg(folder))?;
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", TUSPY]))?;
    }
    Ok(())
}
