//! The fault bench: the node is killed, or told of a disk error, at one system
//! call after the other of its work, and what must hold is checked after each
//! (`invariant`); then whole disks fail (`disk`). `cargo xtask faults` builds this and runs all of it; a part of
//! it is a step of `cargo xtask test`. The first are strace's.
//!
//!   faults ALBUMEN SCRATCH [--points N | --disks]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it speaks to the person who runs it"
)]

mod disk;
mod fault;
mod invariant;
mod work;

use fault::Fault;
use std::path::Path;
use std::process::ExitCode;
use work::{Bench, Work};

const USAGE: &str = "faults ALBUMEN SCRATCH [--points N | --disks]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [albumen, scratch, options @ ..] => {
            let (albumen, scratch) = (Path::new(albumen), Path::new(scratch));
            match options {
                [] => all(albumen, scratch, None),
                ["--points", points] => match points.parse() {
                    Ok(points) => all(albumen, scratch, Some(points)),
                    Err(_) => Err("--points wants a number.".to_owned()),
                },
                ["--disks"] => {
                    Bench::prepare(albumen, scratch).and_then(|bench| disks(&bench, false))
                }
                _ => Err(USAGE.to_owned()),
            }
        }
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("faults: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Tries every fault there is, or about `points` of those at system calls and a
/// few of those of disks.
fn all(albumen: &Path, scratch: &Path, points: Option<usize>) -> Result<(), String> {
    let bench = Bench::prepare(albumen, scratch)?;
    if fault::can_inject() {
        strike(&bench, points)?;
    } else {
        println!("skipped: faults at system calls need strace, and leave to trace");
    }
    disks(&bench, points.is_some())
}

/// Faults of whole disks.
fn disks(bench: &Bench, few: bool) -> Result<(), String> {
    let rows = disk::run(bench, few)?;
    println!("\n| Disks | Struck |\n|---|---|\n{}", rows.join("\n"));
    Ok(())
}

/// Faults at system calls: every one of every work, or about `points` of them,
/// evenly spread.
fn strike(bench: &Bench, points: Option<usize>) -> Result<(), String> {
    let mut all = Vec::new();
    for work in Work::ALL {
        let calls = bench.calls(work)?;
        all.extend(fault::faults(&calls).into_iter().map(|fault| (work, fault)));
    }
    let wanted = points.unwrap_or(all.len()).min(all.len()).max(1);
    let chosen = (0..wanted).filter_map(|n| all.get(n * all.len() / wanted));
    let (mut tried, mut struck, mut problems) = (0, Vec::new(), Vec::new());
    for (work, fault) in chosen {
        tried += 1;
        match bench.try_out(*work, fault) {
            Ok(true) => struck.push((*work, fault)),
            Ok(false) => {}
            Err(problem) => {
                println!("{}, {fault}: {problem}", work.name());
                problems.push(problem);
            }
        }
    }
    print(&struck, tried);
    match problems.len() {
        0 => Ok(()),
        count => Err(format!("{count} faults left something that must not be.")),
    }
}

fn print(struck: &[(Work, &Fault)], tried: usize) {
    println!("| Work | Killed | I/O error | Disk full |\n|---|---|---|---|");
    for work in Work::ALL {
        let of = |kind: fault::Kind| {
            let same = |(w, f): &&(Work, &Fault)| *w == work && f.kind == kind;
            struck.iter().filter(same).count()
        };
        println!(
            "| {} | {} | {} | {} |",
            work.name(),
            of(fault::Kind::Kill),
            of(fault::Kind::Broken),
            of(fault::Kind::Full)
        );
    }
    println!(
        "\n{} faults struck, of {tried} that were set; after each the catalog was sound, every photo that was \
         reported as imported was there, none of the user's files was changed, and nothing \
         unfinished was left.",
        struck.len()
    );
}
