//! Running other programs: each is named before it runs, inherits the terminal,
//! and its failure is a sentence with the command in it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A chore's end: nothing, or the sentence a person can act on.
pub type Done = Result<(), String>;

/// The repository's root folder: the parent of this package's.
pub fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package
        .parent()
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Cargo's target folder, whatever told cargo of it: this program lies there, in the folder
/// of its profile.
pub fn target() -> PathBuf {
    let here = std::env::current_exe().ok();
    let folder = here
        .as_deref()
        .and_then(Path::parent)
        .and_then(Path::parent);
    folder.map_or_else(|| root().join("target"), Path::to_path_buf)
}

/// A program that this repository builds, in the folder of `profile`
/// (`debug` or `release`).
pub fn built(profile: &str, name: &str) -> PathBuf {
    target()
        .join(profile)
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// The same cargo that started this program, at the repository's root.
pub fn cargo(arguments: &[&str]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(root());
    // Set by the outer `cargo run` for this package only; build scripts of the
    // others must not see it, or they run again.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_")
            || name == "CARGO_MANIFEST_DIR"
            || name == "CARGO_MANIFEST_PATH"
        {
            command.env_remove(name);
        }
    }
    command
}

/// npm in the UI's folder. On Windows it is a script with another name.
pub fn npm(arguments: &[&str]) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.args(arguments).current_dir(root().join("ui"));
    command
}

/// Says what runs, runs it, and waits for it.
///
/// # Errors
/// A sentence, when the program is missing or ends with a failure.
pub fn run(command: &mut Command) -> Done {
    let line = spelled(command);
    println!("$ {line}");
    match command.stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{line}` failed: {status}.")),
        Err(error) => Err(missing(command, &error)),
    }
}

/// Runs a program in silence and returns what it wrote to its standard output.
///
/// # Errors
/// A sentence with what it wrote to its standard error.
pub fn output(command: &mut Command) -> Result<String, String> {
    let line = spelled(command);
    match command.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Ok(output) => Err(format!(
            "`{line}` failed: {}.\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim_end()
        )),
        Err(error) => Err(missing(command, &error)),
    }
}

/// Whether a program answers, for tools that may be absent.
pub fn answers(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn missing(command: &Command, error: &std::io::Error) -> String {
    let program = command.get_program().to_string_lossy().into_owned();
    if error.kind() == std::io::ErrorKind::NotFound {
        format!("`{program}` is not on this machine's PATH; install it and try again.")
    } else {
        format!("`{program}` could not be started: {error}.")
    }
}

fn spelled(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(short)
        .collect::<Vec<_>>()
        .join(" ")
}

/// A program's own path is noise; its name is enough.
fn short(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let path = Path::new(word.as_ref());
    match path.strip_prefix(root()) {
        Ok(inside) if path.is_absolute() => inside.display().to_string(),
        _ if path.is_absolute() && path.file_stem().is_some_and(|stem| stem == "cargo") => {
            "cargo".to_owned()
        }
        _ => word.into_owned(),
    }
}
