//! What is measured: how fast and how well Albumen makes pictures beside other
//! programs (`speed`), how each format looks beside another decoder (`formats`),
//! how quick the library is at scale (`library`), what an import of very many files
//! takes (`import`), what a server takes that nobody asks anything (`idle`), how quickly a link's visitors are served (`links`), how a watched folder is followed through a storm (`storm`),
//! what machines of a household do on a network of their own (`lan`),
//! and how quick the window is at scale (`window`). `cargo xtask bench` and
//! `cargo xtask formats` build this, bring what it needs, and run it.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it speaks to the person who runs it"
)]

mod contender;
mod corpus;
#[path = "../journeys/driver.rs"]
#[allow(
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "it is written for the journeys, which do more with it and end where it fails"
)]
mod driver;
mod formats;
mod goal;
#[allow(
    clippy::indexing_slicing,
    reason = "what a JSON document lacks is null"
)]
mod idle;
mod import;
#[cfg(target_os = "linux")]
#[allow(
    clippy::indexing_slicing,
    reason = "what a JSON document lacks is null"
)]
mod lan;
mod library;
mod links;
mod reference;
mod speed;
mod ssim;
mod storm;
mod twins;
mod usage;
#[path = "../journeys/wait.rs"]
#[allow(
    clippy::panic,
    reason = "what is waited for in vain ends a measurement"
)]
mod wait;
#[allow(
    clippy::indexing_slicing,
    reason = "what a JSON document lacks is null"
)]
mod window;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "measure speed SCRATCH ALBUMEN [--photos DIR] [--count N] [--rounds N]
measure formats FIXTURES [--write FILE]
measure library SCRATCH [--count N]
measure links SCRATCH ALBUMEN [--photos N]
measure load SCRATCH ALBUMEN [--photos N] [--visitors N]
measure import SCRATCH ALBUMEN [--files N]
measure idle SCRATCH ALBUMEN [--count N]
measure watch SCRATCH ALBUMEN [--files N]
measure lan SCRATCH ALBUMEN [--megabytes N | --relay]
measure peers SCRATCH ALBUMEN [--assets N] [--pictures N] [--photos N] [--album N] [--partner N]
              [--beside SENDME]
measure twins
measure window SCRATCH WINDOW [--count N] [--merged]";

fn main() -> ExitCode {
    media::run_worker_if_asked();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["speed", scratch, albumen, options @ ..] => {
            speed::Order::read(Path::new(scratch), Path::new(albumen), options)
                .and_then(|order| speed::run(&order))
        }
        ["formats", fixtures] => formats::tell(Path::new(fixtures)),
        ["formats", fixtures, "--write", page] => {
            formats::write(Path::new(fixtures), Path::new(page))
        }
        ["twins"] => twins::run(),
        ["idle", scratch, albumen, options @ ..] => {
            idle::run(Path::new(scratch), Path::new(albumen), options)
        }
        ["import", scratch, albumen, options @ ..] => {
            import::run(Path::new(scratch), Path::new(albumen), options)
        }
        ["library", scratch, options @ ..] => library::run(Path::new(scratch), options),
        ["links", scratch, albumen, options @ ..] => {
            links::run(Path::new(scratch), Path::new(albumen), options)
        }
        ["load", scratch, albumen, options @ ..] => {
            links::load::run(Path::new(scratch), Path::new(albumen), options)
        }
        #[cfg(target_os = "linux")]
        ["lan", scratch, albumen, options @ ..] => {
            lan::run(Path::new(scratch), Path::new(albumen), options)
        }
        #[cfg(target_os = "linux")]
        ["peers", scratch, albumen, options @ ..] => {
            lan::speed::run(Path::new(scratch), Path::new(albumen), options)
        }
        ["watch", scratch, albumen, options @ ..] => {
            storm(Path::new(scratch), Path::new(albumen), options)
        }
        ["window", scratch, window, options @ ..] => {
            window::run(Path::new(scratch), Path::new(window), options)
        }
        [library::ASK, folder] => library::ask(Path::new(folder)),
        [contender::DEVELOP, list, folder] => {
            contender::develop(Path::new(list), Path::new(folder))
        }
        [contender::DECODE, list] => contender::decode(Path::new(list)),
        _ => Err(format!("what shall be measured?\n\n{USAGE}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("measure: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Runs a storm and prints what it did.
fn storm(scratch: &Path, albumen: &Path, options: &[&str]) -> Result<(), String> {
    let files = match options {
        [] => 10_000,
        ["--files", files] => files.parse().map_err(|_| format!("{files} is no count."))?,
        other => return Err(format!("`{}` is not understood.", other.join(" "))),
    };
    if scratch.exists() {
        std::fs::remove_dir_all(scratch).map_err(|error| error.to_string())?;
    }
    let outcome = storm::run(albumen, scratch, files, 0x5eed)?;
    for (what, times) in &outcome.done {
        println!("{times:>7}  {what}");
    }
    println!(
        "{:>7}  files at the end, {} photos: as a fresh look finds them\n{:>7}  photos looked at: \
         stars and album kept",
        outcome.files, outcome.photos, outcome.kept
    );
    Ok(())
}
