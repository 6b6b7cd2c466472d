//! Faults at system calls, as strace injects them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What happens at the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The process is killed before the call is made.
    Kill,
    /// The call fails once with EIO.
    Broken,
    /// It and all calls of its kind after it fail with ENOSPC.
    Full,
}

/// One fault: the n-th call of a name that any one thread makes.
#[derive(Clone, Debug)]
pub struct Fault {
    pub kind: Kind,
    pub call: &'static str,
    pub nth: usize,
}

/// Calls that change what is on the disk, or promise that it is there.
const CALLS: [&str; 12] = [
    "openat",
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "ftruncate",
    "renameat2",
    "rename",
    "link",
    "unlink",
    "unlinkat",
    "mkdir",
];
/// Those of them that a disk lets fail.
const FAILING: [&str; 9] = [
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "ftruncate",
    "renameat2",
    "rename",
    "unlink",
    "mkdir",
];
/// Those that need room.
const GROWING: [&str; 3] = ["write", "pwrite64", "mkdir"];

/// How often each call is made by the thread that makes it most.
pub type Calls = BTreeMap<&'static str, usize>;

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            Kind::Kill => "killed at",
            Kind::Broken => "EIO from",
            Kind::Full => "ENOSPC since",
        };
        write!(f, "{what} {} {}", self.call, self.nth)
    }
}

/// Every fault that can strike work that makes these calls.
pub fn faults(calls: &Calls) -> Vec<Fault> {
    let mut all = Vec::new();
    for (call, count) in calls {
        for nth in 1..=*count {
            let kinds = [
                (Kind::Kill, true),
                (Kind::Broken, FAILING.contains(call)),
                (Kind::Full, GROWING.contains(call)),
            ];
            for (kind, fits) in kinds {
                if fits {
                    all.push(Fault { kind, call, nth });
                }
            }
        }
    }
    all
}

/// Whether strace is here and may trace.
pub fn can_inject() -> bool {
    Command::new("strace")
        .args(["-qq", "-o", "/dev/null", "true"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The command that runs a program under strace, which writes to `log`.
fn traced(log: &Path) -> Command {
    let mut command = Command::new("strace");
    command.args(["-f", "-q", "-o"]).arg(log);
    command
}

/// How long a struck program may take. A fault may also hit what is no disk, a
/// pipe or an event, and leave it waiting for ever; then it is ended as by a
/// power cut.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs a program with a fault in it, and says whether it struck. How the
/// program ends is its own affair; what it printed comes back, too.
///
/// # Errors
/// When strace cannot be run.
pub fn strike(fault: &Fault, log: &Path, program: &Command) -> Result<(bool, Vec<u8>), String> {
    let Fault { kind, call, nth } = fault;
    let effect = match kind {
        Kind::Kill => format!("signal=KILL:when={nth}"),
        Kind::Broken => format!("error=EIO:when={nth}"),
        Kind::Full => format!("error=ENOSPC:when={nth}+"),
    };
    let mut command = traced(log);
    command
        .args(["-e", &format!("trace={call}")])
        .args(["-e", &format!("inject={call}:{effect}")])
        .arg(program.get_program())
        .args(program.get_args())
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let told = |error: std::io::Error| error.to_string();
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(told)?;
    let began = Instant::now();
    while child.try_wait().map_err(told)?.is_none() {
        if began.elapsed() > PATIENCE {
            let group = format!("-{}", child.id());
            Command::new("kill")
                .args(["-KILL", "--", &group])
                .status()
                .map_err(told)?;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().map_err(told)?;
    let text = std::fs::read_to_string(log).map_err(told)?;
    let struck = match kind {
        Kind::Kill => text.contains("+++ killed by SIGKILL"),
        _ => text.contains("(INJECTED)"),
    };
    Ok((struck, output.stdout))
}

/// Runs a program whole, and counts its calls by thread.
///
/// # Errors
/// When it fails.
pub fn count(log: &Path, program: &Command) -> Result<Calls, String> {
    let mut command = traced(log);
    let output = command
        .args(["-e", &format!("trace={}", CALLS.join(","))])
        .arg(program.get_program())
        .args(program.get_args())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let text = std::fs::read_to_string(log).map_err(|error| error.to_string())?;
    let mut by_thread: BTreeMap<(&str, &'static str), usize> = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let (Some(thread), Some(rest)) = (words.next(), words.next()) else {
            continue;
        };
        let name = rest.split('(').next().unwrap_or_default();
        if let Some(call) = CALLS.into_iter().find(|call| *call == name) {
            *by_thread.entry((thread, call)).or_default() += 1;
        }
    }
    let mut calls = Calls::new();
    for ((_, call), made) in by_thread {
        let most = calls.entry(call).or_default();
        *most = made.max(*most);
    }
    Ok(calls)
}
