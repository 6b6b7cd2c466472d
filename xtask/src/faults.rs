//! `cargo xtask faults`: the node struck by faults at its system calls, and what
//! must hold checked after each. The bench itself is the `faults` program of the
//! tests' package.

use crate::packages::{self, Purpose};
use crate::process::{self, Done, built, cargo, run};
use std::process::Command;

/// How many faults `cargo xtask test` tries.
const A_FEW: &str = "60";

/// Every fault, or about as many as `--points` says.
///
/// # Errors
/// What a fault left that must not be.
pub fn faults(options: &[&str]) -> Done {
    packages::ensure(Purpose::Tests)?;
    run(&mut cargo(&["build", "--workspace", "--all-targets"]))?;
    run(bench().args(options))
}

/// A few of them, of programs that are built already.
///
/// # Errors
/// As [`faults`].
pub fn a_few() -> Done {
    run(bench().args(["--points", A_FEW]))
}

fn bench() -> Command {
    let mut command = Command::new(built("debug", "faults"));
    command
        .arg(built("debug", "albumen"))
        .arg(process::target().join("faults"));
    command
}
