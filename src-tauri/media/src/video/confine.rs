//! The launcher of `ffmpeg` and `ffprobe` on Linux: this program, started with
//! [`VIDEO_WORKER_ARGUMENT`], gives up its rights and becomes the tool.
//!
//! Landlock leaves it the system's libraries and the two open files on its
//! stdin and stdout; seccomp takes away what Landlock does not know (sockets,
//! new processes, other people's modes and dates); limits are the kernel's. No
//! path of the user's is ever among the arguments.

use std::convert::Infallible;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd,
    RestrictionStatus, Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError,
    RulesetStatus, Scope,
};
use rustix::process::{Resource, Rlimit, Signal, nice, set_parent_process_death_signal, setrlimit};

use super::limits::Limits;
use super::syscalls;

/// The argument that makes a program of ours become `ffmpeg` or `ffprobe`.
pub(crate) const VIDEO_WORKER_ARGUMENT: &str = "video-worker";

/// What the launcher ends with when this system cannot confine it.
pub(crate) const NOT_CONFINED: i32 = 125;
/// What the launcher ends with when the tool could not be started.
pub(crate) const NOT_STARTED: i32 = 126;

/// Whether a tool may run where its confinement is not enforced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Demand {
    /// It may not; the launcher ends with [`NOT_CONFINED`].
    Enforced,
    /// It may: as much as this system can is still enforced.
    Attempted,
}

/// What libraries and programs are loaded from. `/nix`, `/gnu` and Linuxbrew
/// are where those distributions keep theirs; all are readable by everyone.
const LIBRARIES: &[&str] = &[
    "/usr",
    "/lib",
    "/lib32",
    "/lib64",
    "/bin",
    "/nix/store",
    "/gnu/store",
    "/home/linuxbrew/.linuxbrew",
    "/etc/ld.so.cache",
    "/etc/ld-musl-x86_64.path",
    "/etc/ld-musl-aarch64.path",
    "/etc/fonts",
    "/dev/null",
    "/dev/urandom",
    "/sys/devices/system/cpu",
];

/// Where the dynamic loader is, which the kernel starts with every program.
const LOADERS: &[&str] = &[
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-linux-aarch64.so.1",
    "/lib/ld-linux-riscv64-lp64d.so.1",
    "/lib/ld-musl-x86_64.so.1",
    "/lib/ld-musl-aarch64.so.1",
];

/// The newest rules asked for; older kernels enforce those that they know.
const NEWEST: ABI = ABI::V6;

/// The launcher's arguments before the tool's own.
pub(crate) fn arguments(demand: Demand, limits: Limits, tool: &Path) -> [OsString; 6] {
    let demand = match demand {
        Demand::Enforced => "enforced",
        Demand::Attempted => "attempted",
    };
    [
        VIDEO_WORKER_ARGUMENT.into(),
        demand.into(),
        limits.processor_seconds.to_string().into(),
        limits.memory_bytes.to_string().into(),
        limits.file_bytes.to_string().into(),
        tool.into(),
    ]
}

/// Becomes the tool that `asked` names, the arguments after
/// [`VIDEO_WORKER_ARGUMENT`]; ends the process when that fails.
pub(crate) fn become_tool(asked: impl Iterator<Item = OsString>) -> ! {
    let (code, reason) = match try_become_tool(asked) {
        Ok(never) => match never {},
        Err(Refusal::NotConfined(reason)) => (NOT_CONFINED, reason),
        Err(Refusal::NotStarted(reason)) => (NOT_STARTED, reason),
    };
    // Nobody may be listening; the exit code says enough.
    let _unheard = writeln!(io::stderr(), "{reason}");
    std::process::exit(code);
}

/// Why the launcher did not become the tool.
enum Refusal {
    NotConfined(String),
    NotStarted(String),
}

fn try_become_tool(mut asked: impl Iterator<Item = OsString>) -> Result<Infallible, Refusal> {
    let unknown = || Refusal::NotStarted("the launcher was asked for nothing it knows".into());
    let demand = asked.next().ok_or_else(unknown)?;
    let mut number = || asked.next()?.to_str()?.parse().ok();
    let limits = Limits {
        processor_seconds: number().ok_or_else(unknown)?,
        memory_bytes: number().ok_or_else(unknown)?,
        file_bytes: number().ok_or_else(unknown)?,
    };
    let tool = PathBuf::from(asked.next().ok_or_else(unknown)?);

    // Should the caller die, so does the tool; a rendition must not slow down
    // what a person is waiting for.
    let _not_linux_enough = set_parent_process_death_signal(Some(Signal::KILL));
    let _no_slower = nice(10);
    let confined = confine(&tool);
    if demand != OsStr::new("attempted") {
        confined.map_err(Refusal::NotConfined)?;
    }
    let mut command = Command::new(&tool);
    // One arena: the others reserve address space that the limit would count.
    command.args(asked).env_clear().env("MALLOC_ARENA_MAX", "1");
    hold_to(limits);
    let error = command.exec();
    Err(Refusal::NotStarted(error.to_string()))
}

fn hold_to(limits: Limits) {
    let held = [
        (Resource::Cpu, limits.processor_seconds),
        (Resource::Fsize, limits.file_bytes),
        (Resource::Core, 0),
        (Resource::Nofile, 64),
        (Resource::As, limits.memory_bytes),
    ];
    for (resource, most) in held {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        // A system that refuses has its own, stricter limit.
        let _stricter = setrlimit(resource, limit);
    }
}

/// Gives up every right that `tool` does not need.
///
/// # Errors
/// What this system does not enforce, as a sentence.
fn confine(tool: &Path) -> Result<(), String> {
    let landlock = restrict_files(tool).map_err(|error| error.to_string());
    let seccomp = syscalls::deny();
    let status = landlock?;
    if status.ruleset == RulesetStatus::NotEnforced || !status.no_new_privs {
        return Err("this kernel does not enforce Landlock".into());
    }
    seccomp
}

fn restrict_files(tool: &Path) -> Result<RestrictionStatus, RulesetError> {
    let read = AccessFs::from_read(NEWEST) & !BitFlags::from(AccessFs::Execute);
    let run = AccessFs::Execute | AccessFs::ReadFile;
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?;
    for path in LIBRARIES {
        rules = allow_path(rules, Path::new(path), read)?;
    }
    for loader in LOADERS {
        rules = allow_path(rules, Path::new(loader), run)?;
    }
    rules = allow_path(rules, tool, run)?;
    rules = allow_open_file(rules, io::stdin().as_fd(), AccessFs::ReadFile.into())?;
    // A fast-start MP4 is read once more while its index moves to the front.
    let rewrite = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::Truncate;
    let rules = allow_open_file(rules, io::stdout().as_fd(), rewrite)?;
    rules.restrict_self()
}

/// Allows `access` to `path` and below, where it exists.
fn allow_path(
    rules: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    let Ok(opened) = PathFd::new(path) else {
        return Ok(rules);
    };
    rules.add_rule(PathBeneath::new(opened, access))
}

/// Allows the file behind a descriptor to be opened again as `/proc/self/fd/N`,
/// with `access`; a pipe needs no right for what is open already.
fn allow_open_file(
    rules: RulesetCreated,
    descriptor: BorrowedFd,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    let regular = descriptor
        .try_clone_to_owned()
        .and_then(|copy| File::from(copy).metadata())
        .is_ok_and(|metadata| metadata.is_file());
    if !regular {
        return Ok(rules);
    }
    rules.add_rule(PathBeneath::new(descriptor, access))
}
