//! `cargo xtask test`: every check of the repository, each step announced by
//! its name and timed, ending at the first that fails.
//!
//! Every cargo step uses the same packages and targets (`--workspace
//! --all-targets`): with others cargo picks other features for shared crates,
//! and everything compiles twice.

use crate::display::Virtual;
use crate::packages::{self, Purpose};
use crate::process::{self, Done, built, cargo, npm, root, run};
use crate::{bindings, faults, licences, measure, tidy, ui};
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

/// A step: what it is called on the command line, what it checks, and how.
struct Step {
    name: &'static str,
    about: &'static str,
    check: fn() -> Done,
}

const fn step(name: &'static str, about: &'static str, check: fn() -> Done) -> Step {
    Step { name, about, check }
}

/// In order: quick answers first, and the UI before the window embeds it.
const STEPS: &[Step] = &[
    step("packages", "the system's packages", || {
        packages::ensure(Purpose::Tests)
    }),
    step("ui-packages", "the UI's packages", ui::packages),
    step("format", "rustfmt and prettier", format),
    step("tidy", "the house rules", tidy::tidy),
    step(
        "licences",
        "licences, bans and sources of dependencies",
        licences::check,
    ),
    step("ui-build", "the UI, before the window embeds it", ui::build),
    step("ui-check", "the UI's types", || {
        run(&mut npm(&["run", "check"]))
    }),
    step("ui-test", "the UI's unit tests", || {
        run(&mut npm(&["test"]))
    }),
    step(
        "views",
        "the window's views: what axe finds, and what they look like",
        || run(&mut npm(&["run", "views"])),
    ),
    step("clippy", "clippy, warnings as errors", clippy),
    step("build", "every program and test", || {
        run(&mut cargo(&["build", "--workspace", "--all-targets"]))
    }),
    step(
        "bindings",
        "the UI's types against the node's",
        bindings::compare,
    ),
    step("rust", "the Rust tests", rust),
    step(
        "formats",
        "every format beside another decoder",
        measure::check_formats,
    ),
    step(
        "faults",
        "a few faults at the node's system calls",
        faults::a_few,
    ),
    step("page", "the link's page in each browser that is here", page),
    step("window", "the window, driven under Xvfb", window),
];

/// Runs every step, or the one called `only`.
///
/// # Errors
/// The failed step's name and what it said.
pub fn test(only: Option<&str>) -> Done {
    let chosen: Vec<&Step> = STEPS
        .iter()
        .filter(|step| only.is_none_or(|name| name == step.name))
        .collect();
    if chosen.is_empty() {
        let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        return Err(format!(
            "there is no such step. The steps are {}.",
            names.join(", ")
        ));
    }
    let mut passed = 0;
    for step in &chosen {
        println!("\n== {}: {}", step.name, step.about);
        let started = Instant::now();
        let done = (step.check)();
        let seconds = started.elapsed().as_secs_f32();
        if let Err(problem) = done {
            println!("== {} failed after {seconds:.1} s", step.name);
            println!("\nsteps: {passed} passed, 1 failed");
            return Err(format!("the step `{}` failed: {problem}", step.name));
        }
        println!("== {} passed in {seconds:.1} s", step.name);
        passed += 1;
    }
    println!("\nsteps: {passed} passed, 0 failed");
    Ok(())
}

fn format() -> Done {
    run(&mut cargo(&["fmt", "--all", "--check"]))?;
    run(&mut npm(&["run", "format:check"]))
}

fn clippy() -> Done {
    run(&mut cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

/// What the tests' own files take, at most, in bytes.
const TESTS_TAKE: u64 = 2 << 30;

/// Fails where the tests would fail for want of room: Albumen takes nothing of visitors
/// where less than a twentieth of a disk would stay free, or two gibibytes.
fn room() -> Done {
    let folder = std::env::temp_dir();
    let mut df = Command::new("df");
    let Ok(told) = process::output(df.arg("-Pk").arg(&folder)) else {
        // No such program here: then they say it.
        return Ok(());
    };
    let numbers: Vec<u64> = told
        .lines()
        .last()
        .into_iter()
        .flat_map(str::split_whitespace)
        .filter_map(|word| word.parse().ok())
        .collect();
    let [total, _, free, ..] = numbers[..] else {
        return Ok(());
    };
    let needed = (total * 1024 / 20).max(2 << 30) + TESTS_TAKE;
    match free * 1024 < needed {
        true => Err(format!(
            "{} needs {} GB free for the tests, and has {}; make room there, or name another \
             folder by TMPDIR",
            folder.display(),
            needed / 1_000_000_000,
            free * 1024 / 1_000_000_000
        )),
        false => Ok(()),
    }
}

/// All but the window's journeys, which have a step and a display of their own.
fn rust() -> Done {
    room()?;
    if nextest() {
        let mut command = cargo(&["nextest", "run", "--workspace", "--all-targets"]);
        return run(command.args(["-E", "not test(/^window::/)"]));
    }
    let mut command = cargo(&["test", "--workspace", "--all-targets"]);
    run(command.args(["--", "--skip", "window::"]))
}

/// Node's own test runner; the browser is the system's.
fn page() -> Done {
    let mut command = Command::new("node");
    command
        .args(["--test", "--test-concurrency=1"])
        .args(
            ["page", "slow", "add", "talk", "long", "engines"]
                .map(|name| format!("e2e/{name}.test.mjs")),
        )
        .env("ALBUMEN_BIN", built("debug", "albumen"))
        .current_dir(root().join("ui"));
    // Node's runner changes its output where it thinks it runs inside another.
    run(command.env_remove("NODE_TEST_CONTEXT"))
}

/// The window's journeys; what they miss is a failure here, not a skip.
fn window() -> Done {
    let display = if cfg!(target_os = "linux") {
        Some(Virtual::start()?)
    } else {
        None
    };
    let mut command = if nextest() {
        let mut command = cargo(&["nextest", "run", "--workspace", "--all-targets"]);
        command.args(["-E", "test(/^window::/)"]);
        command
    } else {
        let mut command = cargo(&["test", "--workspace", "--all-targets"]);
        command.args(["--", "window::", "--nocapture"]);
        command
    };
    if let Some(display) = &display {
        command
            .env("DISPLAY", display.name())
            .env_remove("WAYLAND_DISPLAY");
    }
    if cfg!(target_os = "linux") {
        command.env("ALBUMEN_REQUIRE_WINDOW", "1");
    }
    if std::env::var_os("ALBUMEN_SCREENSHOTS").is_some() {
        command.env("ALBUMEN_SCREENSHOTS", images());
    }
    run(&mut command)
}

fn images() -> PathBuf {
    root().join("docs").join("images")
}

/// Whether the quicker runner is there; plain `cargo test` does the same work.
fn nextest() -> bool {
    process::output(&mut cargo(&["nextest", "--version"])).is_ok()
}
