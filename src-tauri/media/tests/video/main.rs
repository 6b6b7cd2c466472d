//! Videos with real programs: this test program is its own launcher, so it has
//! a `main` of its own, and libtest-mimic lists its cases.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "clippy does not see a test in a test without a harness"
)]

mod confinement;
mod films;
mod fixtures;
mod posters;
mod probes;
mod renditions;
mod sight;
mod tricks;

use std::path::PathBuf;

use libtest_mimic::{Arguments, Failed, Trial};
use media::MediaError;
use media::video::Tools;

/// A story, told by name whether the programs it needs are there.
type Case = (&'static str, fn(&Tools));

fn main() {
    media::run_worker_if_asked();
    let cases: Vec<Case> = [
        confinement::CASES,
        fixtures::CASES,
        posters::CASES,
        probes::CASES,
        renditions::CASES,
        tricks::CASES,
    ]
    .concat();
    let trials = cases
        .into_iter()
        .map(|(name, case)| {
            Trial::test(name, move || {
                std::panic::catch_unwind(|| run(name, case)).map_err(|_| Failed::without_message())
            })
        })
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn run(name: &str, case: fn(&Tools)) {
    match Tools::find(&this_program()) {
        Ok(tools) => case(&tools),
        Err(error @ MediaError::NoFfmpeg { .. }) => {
            assert!(error.to_string().contains("install"), "{error}");
            eprintln!("skipped: {name} needs ffmpeg and ffprobe");
        }
        Err(error) => panic!("{error}"),
    }
}

fn this_program() -> PathBuf {
    std::env::current_exe().unwrap()
}
