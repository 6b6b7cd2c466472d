//! seccomp: the few system calls that decoding needs, and no other.
//!
//! What is not listed fails with EPERM rather than ends the process: libraries
//! look for settings, clocks and memory sizes in passing and go on without, and
//! a file must not count as a crash because a library was curious. Nothing is
//! lost by it, for no call that reaches outside is on the list.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, apply_filter_all_threads,
};

/// Calls that touch nothing but this process's own memory, threads and clock,
/// or that take a descriptor and can only make it less.
const FREE: &[c_long] = &[
    // Memory; mapping it executable is refused below.
    libc::SYS_brk,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_munmap,
    // Threads: decoders of HEIC, AVIF and JPEG XL start some.
    libc::SYS_clone3,
    libc::SYS_futex,
    libc::SYS_getcpu,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_rseq,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    // Signals of this process to itself: a panic, an abort, a stack overflow.
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    // Clocks and chance.
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_getrandom,
    libc::SYS_gettimeofday,
    libc::SYS_nanosleep,
    libc::SYS_sysinfo,
    // The input. Only at a position: a `read` would move the caller's own.
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_pread64,
    // The end.
    libc::SYS_exit,
    libc::SYS_exit_group,
];

const INT: SeccompCmpArgLen = SeccompCmpArgLen::Dword;
const LONG: SeccompCmpArgLen = SeccompCmpArgLen::Qword;

/// Installs the filter on every thread of this process, for good.
///
/// # Errors
/// When the kernel was built without seccomp.
pub(super) fn restrict() -> Result<(), Error> {
    let threads_by_clone = compiled(
        [(libc::SYS_clone3, Vec::new())].into(),
        SeccompAction::Allow,
        errno(libc::ENOSYS),
    )?;
    let nothing_else = compiled(allowed()?, errno(libc::EPERM), SeccompAction::Allow)?;
    // `clone3` hides its flags behind a pointer that no filter can follow, so it
    // must seem to be missing: then the C library falls back to `clone`, whose
    // flags are seen. Of two filters the stricter answer counts.
    apply_filter_all_threads(&threads_by_clone)?;
    apply_filter_all_threads(&nothing_else)
}

fn errno(number: i32) -> SeccompAction {
    SeccompAction::Errno(number.unsigned_abs())
}

fn compiled(
    calls: BTreeMap<c_long, Vec<SeccompRule>>,
    otherwise: SeccompAction,
    matched: SeccompAction,
) -> Result<BpfProgram, Error> {
    let architecture = std::env::consts::ARCH.try_into()?;
    let program = SeccompFilter::new(calls, otherwise, matched, architecture)?.try_into()?;
    Ok(program)
}

/// The list: calls that are free, and calls that are only for some arguments.
fn allowed() -> Result<BTreeMap<c_long, Vec<SeccompRule>>, Error> {
    use SeccompCmpOp::{Eq, MaskedEq};

    let only = |argument, length, test, value: i64| {
        SeccompCondition::new(argument, length, test, value.cast_unsigned())
    };
    let flag = |bits: i32| MaskedEq(u64::from(bits.unsigned_abs()));
    let mut calls: BTreeMap<_, _> = FREE.iter().map(|call| (*call, Vec::new())).collect();
    let own = i64::from(std::process::id());
    let limited = [
        // Requests arrive on descriptor 0, answers leave by 1, last words by 2.
        (libc::SYS_read, vec![only(0, INT, Eq, 0)?]),
        (libc::SYS_recvmsg, vec![only(0, INT, Eq, 0)?]),
        (libc::SYS_write, vec![only(0, INT, Eq, 1)?]),
        (libc::SYS_write, vec![only(0, INT, Eq, 2)?]),
        (libc::SYS_writev, vec![only(0, INT, Eq, 1)?]),
        (libc::SYS_writev, vec![only(0, INT, Eq, 2)?]),
        // Asked in debug builds before a descriptor is closed.
        (
            libc::SYS_fcntl,
            vec![only(1, INT, Eq, i64::from(libc::F_GETFD))?],
        ),
        // Memory is never made executable: no decoder of ours compiles code.
        (
            libc::SYS_mmap,
            vec![only(2, INT, flag(libc::PROT_EXEC), 0)?],
        ),
        (
            libc::SYS_mprotect,
            vec![only(2, INT, flag(libc::PROT_EXEC), 0)?],
        ),
        // A thread, never a process.
        (
            libc::SYS_clone,
            vec![only(
                0,
                INT,
                flag(libc::CLONE_THREAD),
                i64::from(libc::CLONE_THREAD),
            )?],
        ),
        // Signals go to this process alone.
        (libc::SYS_tgkill, vec![only(0, INT, Eq, own)?]),
        // Its own limits: any may be read, only processor time set.
        (
            libc::SYS_prlimit64,
            vec![only(0, INT, Eq, 0)?, only(2, LONG, Eq, 0)?],
        ),
        (
            libc::SYS_prlimit64,
            vec![
                only(0, INT, Eq, 0)?,
                only(1, INT, Eq, i64::from(libc::RLIMIT_CPU))?,
            ],
        ),
        // A thread's name, for whoever looks at it from outside.
        (
            libc::SYS_prctl,
            vec![only(0, INT, Eq, i64::from(libc::PR_SET_NAME))?],
        ),
    ];
    for (call, conditions) in limited {
        calls
            .entry(call)
            .or_default()
            .push(SeccompRule::new(conditions)?);
    }
    Ok(calls)
}
