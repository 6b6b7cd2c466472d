//! Every chore of the repository, in Rust: `cargo xtask <chore>`. It depends on
//! nothing but the standard library, so it starts on a fresh machine within
//! seconds and can then install what the other crates need.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a chore speaks to the person who runs it"
)]

mod bindings;
mod dev;
mod display;
mod faults;
mod licences;
mod measure;
mod package;
mod packages;
mod places;
mod process;
mod run;
mod sample;
mod test;
mod tidy;
mod ui;
mod world;

use std::process::ExitCode;

const USAGE: &str = "cargo xtask <chore>

  run [--sample] [--release] [-- ARGS]  install what is missing, build, open the window;
                                        without a display, start the headless node.
                                        --sample makes a small sample library first
  test [--only STEP]                    every check of the repository, in order
  bench media [--photos DIR] [--count N] [--rounds N]
                                        Albumen's pictures beside sharp's and others'
  bench library [--count N]             the library with 100,000 assets, and with 1,000,000
  bench twins                           how far apart copies of a photo look, and others
  bench import [--files N]              an import of 20,000 files, stopped half-way and begun again
  bench links [--photos N] [--pixels N] an archive of 2,000 photos, and renditions, beside nginx
  bench idle [--count N]                what a server takes while nobody asks anything
  bench load [--photos N]               1,000 visitors of a link at once, and slow attackers
  bench peers [--assets N] [--pictures N] [--photos N] [--album N] [--partner N]
              [--line RATE|free] [--beside]
                                        rows and bytes between two machines (root), originals
                                        on a line of a gigabit or RATE; with --beside, sendme
                                        and Syncthing on the same line
  bench window [--count N] [--merged]   the window on 100,000 assets, and on 1,000,000;
                                        merged: half of them a partner's
  bench page                            Lighthouse on a link's page, as a phone sees it
  bench uploads [--clients | --asked | --big]
                                        other clients' uploads, killed; what answers tell; 10 GB
  bench watch [--files N]               a storm over a watched folder of 10,000 files
  lan [--megabytes N | --relay]         machines of a household on a network of their own (root):
                                        pairing, cut cables, lost packets, kill -9; a relay
  formats                               write docs/formats.md from the fixtures
  faults [--points N | --disks]         strike the node at its system calls, and check
                                        that nothing is lost
  places                                make the packaged table of places anew
  world                                 draw the world's outline of a photo's page anew
  package [window|server|tarball]... [--binary PATH] [--window-binary PATH]
          [--bundles LIST] [--to FOLDER]
                                        what people install; all that this system can
                                        make unless something is named. Of programs that
                                        are built already where their paths are given
  dev                                   the window with the UI's development server
  bindings [--check]                    write ui/src/bindings from the node's types
  tidy                                  the house rules that no compiler holds";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["run", rest @ ..] => run::run(rest),
        ["test"] => test::test(None),
        ["test", "--only", step] => test::test(Some(step)),
        ["bench", "media", options @ ..] => measure::media(options),
        ["bench", "library", options @ ..] => measure::library(options),
        ["bench", "twins"] => measure::twins(),
        ["bench", "import", options @ ..] => measure::import(options),
        ["bench", "window", options @ ..] => measure::window(options),
        ["bench", "page"] => measure::page(),
        ["bench", "uploads", options @ ..] => measure::uploads(options),
        ["bench", "watch", options @ ..] => measure::watch(options),
        ["bench", "links", options @ ..] => measure::links(options),
        ["bench", "peers", options @ ..] => measure::peers(options),
        ["bench", "idle", options @ ..] => measure::idle(options),
        ["bench", "load", options @ ..] => measure::load(options),
        ["lan", options @ ..] => measure::lan(options),
        ["places"] => places::make(),
        ["world"] => world::draw(),
        ["formats"] => measure::formats(),
        ["faults", options @ ..] => faults::faults(options),
        ["package", options @ ..] => package::package(options),
        ["dev"] => dev::dev(),
        ["bindings"] => bindings::write(),
        ["bindings", "--check"] => bindings::check(),
        ["tidy"] => tidy::tidy(),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!(
                "`cargo xtask {}` is not a chore.\n\n{USAGE}",
                words.join(" ")
            );
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask: {problem}");
            ExitCode::FAILURE
        }
    }
}
