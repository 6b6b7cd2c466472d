//! The system calls a confined `ffmpeg` is refused, by seccomp.
//!
//! A list of refusals and not of permissions, because every distribution links
//! other libraries into it. What Landlock governs is not repeated, except where
//! older kernels' Landlock does not reach.

use std::collections::BTreeMap;

use libc::*;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Length, SeccompCmpOp as Op, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch, apply_filter,
};

/// Newer than some lists of names; such calls have one number everywhere.
const FCHMODAT2: c_long = 452;

/// Refused whatever their arguments are.
const REFUSED: &[c_long] = &[
    // The network, and every other process by a socket.
    SYS_socket,
    SYS_socketpair,
    SYS_connect,
    SYS_bind,
    SYS_listen,
    SYS_accept,
    SYS_accept4,
    SYS_sendto,
    SYS_sendmsg,
    SYS_sendmmsg,
    // Other processes.
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_process_madvise,
    SYS_pidfd_open,
    SYS_pidfd_getfd,
    SYS_pidfd_send_signal,
    SYS_kill,
    SYS_tkill,
    SYS_rt_sigqueueinfo,
    SYS_setpriority,
    SYS_ioprio_set,
    SYS_migrate_pages,
    SYS_move_pages,
    SYS_kcmp,
    // A file's mode, owner, dates and attributes, which Landlock leaves alone.
    SYS_fchmod,
    SYS_fchmodat,
    FCHMODAT2,
    SYS_fchown,
    SYS_fchownat,
    SYS_utimensat,
    SYS_setxattr,
    SYS_lsetxattr,
    SYS_fsetxattr,
    SYS_removexattr,
    SYS_lremovexattr,
    SYS_fremovexattr,
    SYS_truncate,
    // The machine.
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_move_mount,
    SYS_fsopen,
    SYS_fsmount,
    SYS_open_tree,
    SYS_mount_setattr,
    SYS_unshare,
    SYS_setns,
    SYS_kexec_load,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_acct,
    SYS_quotactl,
    SYS_syslog,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_clock_adjtime,
    SYS_adjtimex,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_personality,
    // Doors of the kernel that have been forced before.
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_name_to_handle_at,
    SYS_open_by_handle_at,
    SYS_fanotify_init,
];

/// Those that only the oldest architecture still has.
#[cfg(target_arch = "x86_64")]
const REFUSED_HERE: &[c_long] = &[
    SYS_fork,
    SYS_vfork,
    SYS_chmod,
    SYS_chown,
    SYS_lchown,
    SYS_utime,
    SYS_utimes,
    SYS_futimesat,
    SYS_iopl,
    SYS_ioperm,
    SYS_modify_ldt,
    SYS_kexec_file_load,
];
#[cfg(not(target_arch = "x86_64"))]
const REFUSED_HERE: &[c_long] = &[];

/// Refuses this process, and what it becomes, all of the above.
///
/// # Errors
/// Why the kernel, or this architecture, has no such filter.
pub(super) fn deny() -> Result<(), String> {
    let words = |error: seccompiler::Error| error.to_string();
    apply_filter(&refusals().map_err(words)?).map_err(words)?;
    apply_filter(&absences().map_err(words)?).map_err(words)
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// What is answered with «not permitted».
fn refusals() -> Result<BpfProgram, seccompiler::Error> {
    let mut rules: Rules = REFUSED
        .iter()
        .chain(REFUSED_HERE)
        .map(|call| (*call, Vec::new()))
        .collect();
    // A thread may be started, a process not.
    let thread = CLONE_THREAD as u64;
    let no_thread = SeccompCondition::new(0, Length::Qword, Op::MaskedEq(thread), 0)?;
    rules.insert(SYS_clone, vec![SeccompRule::new(vec![no_thread])?]);
    // A limit may be read and set, but only one's own.
    let other = SeccompCondition::new(0, Length::Dword, Op::Ne, 0)?;
    rules.insert(SYS_prlimit64, vec![SeccompRule::new(vec![other])?]);
    // Landlock before its third version lets a file be emptied that may be read.
    let flags = (O_ACCMODE | O_TRUNC) as u64;
    let emptying = Op::MaskedEq(flags);
    let at_directory = SeccompCondition::new(2, Length::Dword, emptying.clone(), O_TRUNC as u64)?;
    rules.insert(SYS_openat, vec![SeccompRule::new(vec![at_directory])?]);
    #[cfg(target_arch = "x86_64")]
    {
        let plain = SeccompCondition::new(1, Length::Dword, emptying, O_TRUNC as u64)?;
        rules.insert(SYS_open, vec![SeccompRule::new(vec![plain])?]);
        close_the_second_door(&mut rules);
    }
    compile(rules, EPERM)
}

/// The x32 interface numbers the same calls anew, which would pass a filter of
/// the usual numbers.
#[cfg(target_arch = "x86_64")]
fn close_the_second_door(rules: &mut Rules) {
    const X32: i64 = 0x4000_0000;
    let again: Vec<i64> = rules.keys().map(|call| call | X32).collect();
    let own = (512..=547).map(|call| call | X32);
    for call in again.into_iter().chain(own) {
        rules.insert(call, Vec::new());
    }
}

/// What is answered with «this kernel has no such call», so that the C library
/// uses the older one, whose arguments a filter can see.
fn absences() -> Result<BpfProgram, seccompiler::Error> {
    let calls = [SYS_clone3, SYS_openat2];
    compile(calls.map(|call| (call, Vec::new())).into(), ENOSYS)
}

fn compile(rules: Rules, answer: c_int) -> Result<BpfProgram, seccompiler::Error> {
    let here = TargetArch::try_from(std::env::consts::ARCH)?;
    let refused = SeccompAction::Errno(answer.unsigned_abs());
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refused, here)?;
    Ok(BpfProgram::try_from(filter)?)
}
