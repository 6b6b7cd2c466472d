//! The proof that a worker can do nothing but compute and answer: confined by
//! the same steps as every worker, it tries, and each try must be refused.

use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use media::{Decoder, Origin};
use nix::sys::ptrace;
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::process::{Resource, Signal, getrlimit, setrlimit};

use crate::probe::{ask, told};
use crate::{png, pool};

/// What is tried, in words, and how.
type Attempt = (&'static str, fn(&Ground) -> io::Result<()>);

/// Every way out that a decoder gone wrong would look for.
const ATTEMPTS: &[Attempt] = &[
    ("read a file", |_| File::open("/etc/passwd").map(drop)),
    ("create a file", |ground| {
        File::create(ground.folder.join("new")).map(drop)
    }),
    ("remove a file", |ground| {
        std::fs::remove_file(ground.folder.join("kept"))
    }),
    ("see whether a file is there", |_| {
        std::fs::metadata("/etc/passwd").map(drop)
    }),
    ("list a folder", |_| std::fs::read_dir("/").map(drop)),
    ("open its own input by path", |_| {
        File::open("/proc/self/fd/2").map(drop)
    }),
    ("make a file of memory", |_| {
        rustix::fs::memfd_create("x", rustix::fs::MemfdFlags::empty())?;
        Ok(())
    }),
    ("connect over TCP", |ground| {
        TcpStream::connect(loopback(ground.tcp)).map(drop)
    }),
    ("listen on TCP", |_| {
        TcpListener::bind(loopback(0)).map(drop)
    }),
    ("send over UDP", |ground| {
        let socket = UdpSocket::bind(loopback(0))?;
        socket.send_to(b"x", loopback(ground.tcp)).map(drop)
    }),
    ("connect to a local socket", |ground| {
        UnixStream::connect(ground.folder.join("socket")).map(drop)
    }),
    ("listen on a local socket", |ground| {
        UnixListener::bind(ground.folder.join("another")).map(drop)
    }),
    ("make a pair of sockets", |_| UnixDatagram::pair().map(drop)),
    ("start a process", |_| {
        Command::new("/bin/true").spawn()?.wait().map(drop)
    }),
    ("signal its parent", |ground| {
        let parent = rustix::process::Pid::from_raw(ground.parent);
        let parent = parent.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(rustix::process::kill_process(parent, Signal::CONT)?)
    }),
    ("read its parent's memory", |ground| {
        let mut byte = [0];
        let mut here = [io::IoSliceMut::new(&mut byte)];
        let there = [RemoteIoVec {
            base: ground.address,
            len: 1,
        }];
        process_vm_readv(Pid::from_raw(ground.parent), &mut here, &there)?;
        Ok(())
    }),
    ("set its memory limit anew", |_| {
        Ok(setrlimit(Resource::As, getrlimit(Resource::As))?)
    }),
];

/// The same, for what this process cannot try itself without harm.
const HARMFUL: &[Attempt] = &[
    ("become another program", |_| {
        Err(Command::new("/bin/true").exec())
    }),
    ("trace its parent", |ground| {
        Ok(ptrace::attach(Pid::from_raw(ground.parent))?)
    }),
    ("write to the line of its requests", |_| {
        rustix::io::write(io::stdin(), b"x")?;
        Ok(())
    }),
];

/// What the attempts are aimed at.
struct Ground {
    /// A folder with a file `kept` and a listening `socket` in it.
    folder: PathBuf,
    /// A port of this machine that is listened on.
    tcp: u16,
    /// The process that started the worker.
    parent: i32,
    /// Where that process has a byte of memory.
    address: usize,
}

impl Ground {
    fn words(&self) -> String {
        let folder = self.folder.display();
        format!("{} {} {} {folder}", self.tcp, self.parent, self.address)
    }

    fn of_words(words: &str) -> Option<Ground> {
        let mut parts = words.splitn(4, ' ');
        Some(Ground {
            tcp: parts.next()?.parse().ok()?,
            parent: parts.next()?.parse().ok()?,
            address: parts.next()?.parse().ok()?,
            folder: parts.next()?.into(),
        })
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// In the worker: does what is attempted, and says how it went.
pub fn attempt(name: &str, words: &str) -> Option<String> {
    let ground = Ground::of_words(words)?;
    let mut all = ATTEMPTS.iter().chain(HARMFUL);
    let (_, attempt) = all.find(|(known, _)| *known == name)?;
    Some(outcome(attempt(&ground)))
}

fn outcome(tried: io::Result<()>) -> String {
    match tried {
        Ok(()) => "allowed".to_owned(),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => "refused".to_owned(),
        Err(error) => format!("failed for another reason: {error}"),
    }
}

/// In the worker: how many descriptors beyond the first three were open.
pub fn close_all() -> String {
    let closed = (3..256).filter(|file| nix::unistd::close(*file).is_ok());
    closed.count().to_string()
}

/// In the worker: the seconds of processor time after which the kernel ends it.
pub fn processor_limit() -> String {
    let limit = getrlimit(Resource::Cpu).current;
    limit.map_or("none".to_owned(), |seconds| seconds.to_string())
}

/// By the clock a busy machine may be quicker to end one that spins; so here
/// the kernel's own limit is read.
pub fn a_worker_has_twenty_seconds_of_processor_time() {
    let seconds: u64 = told(&pool(1), "processor limit", Origin::Owner)
        .parse()
        .unwrap();
    assert!((20..=22).contains(&seconds), "{seconds}");
}

pub fn a_worker_can_only_compute_and_answer() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    std::fs::write(&kept, "x").unwrap();
    let _local = UnixListener::bind(folder.path().join("socket")).unwrap();
    let tcp = TcpListener::bind(loopback(0)).unwrap();
    let byte = Box::new(1_u8);
    let ground = Ground {
        folder: folder.path().to_owned(),
        tcp: tcp.local_addr().unwrap().port(),
        parent: i32::try_from(std::process::id()).unwrap(),
        address: std::ptr::from_ref(&*byte).addr(),
    };

    let pool = pool(1);
    let confinement = pool.confinement().unwrap();
    assert!(
        confinement.is_full(),
        "on Linux workers must be confined, and these are {confinement}"
    );
    let mut escapes = Vec::new();
    for (name, _) in ATTEMPTS.iter().chain(HARMFUL) {
        let outcome = told(&pool, &format!("{name}\n{}", ground.words()), Origin::Owner);
        eprintln!("{outcome:>8}  to {name}");
        if outcome != "refused" {
            escapes.push(format!("{name}: {outcome}"));
        }
    }
    assert!(escapes.is_empty(), "{escapes:#?}");
    assert!(kept.exists() && !folder.path().join("new").exists());
    assert_eq!(pool.losses().died, 0, "it was refused, not ended");
    pool.picture(&media::Input::of_bytes(&png(64, 48)), &[], Origin::Owner)
        .unwrap();

    // The attempts are real: unconfined, as this process is, each succeeds.
    for (name, attempt) in ATTEMPTS {
        attempt(&ground).unwrap_or_else(|error| panic!("{name} proves nothing: {error}"));
    }
}

pub fn a_worker_holds_nothing_that_its_parent_left_open() {
    let secret = tempfile::tempfile().unwrap();
    fcntl_setfd(&secret, FdFlags::empty()).unwrap();
    let pool = pool(1);
    assert_eq!(told(&pool, "close all", Origin::Owner), "0");
    drop(secret);
}

pub fn a_visitors_file_shares_a_worker_with_no_other() {
    let pool = pool(1);
    let worker = |origin| told(&pool, "which process", origin);
    let first = worker(Origin::Owner);
    assert_eq!(worker(Origin::Owner), first, "workers are reused");
    let visitors = [worker(Origin::Visitor), worker(Origin::Visitor)];
    let last = worker(Origin::Owner);
    assert_ne!(visitors[0], visitors[1]);
    assert!(!visitors.contains(&first) && !visitors.contains(&last));
    assert_eq!(pool.losses(), media::Losses::default());
}

/// A program that speaks the protocol but has no confinement to tell of.
pub fn a_visitors_file_is_refused_where_nothing_confines() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("unconfined");
    let hello = "#!/bin/sh\nprintf 'ALB4\\002\\000\\000\\000\\000\\000'\nexec cat >/dev/null\n";
    std::fs::write(&program, hello).unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o700)).unwrap();
    let pool = Decoder::new(program, 1);
    assert!(!pool.confinement().unwrap().is_full());
    let error = ask(&pool, &png(8, 8), Origin::Visitor).unwrap_err();
    assert_eq!(error.code(), "not_confined", "{error}");
}
