//! The same bytes for a node and for nginx: where nginx takes them for one request, none
//! is hidden in them for the node, alone and behind it.

use super::head::ambiguous;
use super::{Siege, say, say_all, statuses};
use crate::programs::have;
use std::fmt::Write as _;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// How often a head is spoilt at random.
const SPOILT: u32 = 300;
/// What stands at odd places of spoilt heads.
const ODD: [&str; 14] = [
    "\r\n", "\n", "\r", " ", "\t", "\0", ":", ",", "\u{b}", "\r\n ", "\n\n", "\r\r\n", "0", "é",
];

/// An nginx of the test's own.
struct Nginx {
    child: Child,
    /// Host and port of what answers by itself, and of what asks the node.
    alone: String,
    before: String,
}

impl Nginx {
    fn begin(folder: &Path, node: &str) -> Self {
        let free = || {
            let free = TcpListener::bind("127.0.0.1:0").unwrap();
            free.local_addr().unwrap().to_string()
        };
        let (alone, before) = (free(), free());
        let mut text = format!("pid {}/pid;\nerror_log /dev/null;\n", folder.display());
        if rustix::process::geteuid().is_root() {
            text.push_str("user root;\n");
        }
        text.push_str("daemon off;\nworker_processes 1;\nevents {}\nhttp {\naccess_log off;\n");
        for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
            writeln!(text, "{kind}_temp_path {}/{kind};", folder.display()).unwrap();
        }
        // One connection to the node, used again: what hides in it would be answered next.
        write!(
            text,
            "client_header_timeout 2s;\nclient_body_timeout 2s;\n\
             upstream node {{ server {node}; keepalive 1; }}\n\
             server {{ listen {alone}; location / {{ return 200 here; }} }}\n\
             server {{ listen {before}; location / {{ proxy_pass http://node;\n\
             proxy_http_version 1.1; proxy_set_header Connection \"\";\n\
             proxy_set_header Host {node}; proxy_buffering off; proxy_request_buffering off; }} }}\n}}\n"
        )
        .unwrap();
        let config = folder.join("nginx.conf");
        fs::write(&config, text).unwrap();
        let mut command = Command::new("nginx");
        command.arg("-p").arg(folder).arg("-c").arg(config);
        let child = command.stderr(Stdio::null()).spawn().unwrap();
        let nginx = Self {
            child,
            alone,
            before,
        };
        crate::desk::until("nginx listens", || {
            TcpStream::connect(&nginx.before).ok().map(drop)
        });
        nginx
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Told to end, it ends its worker, too; killed, it would leave that behind.
        let id = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}

#[test]
fn a_node_finds_no_more_requests_than_nginx_does() {
    if !have("a_node_finds_no_more_requests_than_nginx_does", &["nginx"]) {
        return;
    }
    let siege = Siege::lay();
    let folder = tempfile::tempdir().unwrap();
    let nginx = Nginx::begin(folder.path(), &siege.host());
    let requests: Vec<String> = ambiguous(&siege)
        .into_iter()
        .chain(spoilt(&siege))
        .collect();
    let theirs = say_all(&nginx.alone, &requests);
    let host = siege.host();
    let ours = requests.chunks(64).flat_map(|some| say_all(&host, some));
    // What nginx refuses it hands on to nobody.
    let taken: Vec<_> = requests
        .iter()
        .zip(ours.zip(theirs))
        .filter(|(_, (_, theirs))| theirs.first() == Some(&200))
        .collect();
    assert!(taken.len() > 60, "nginx took only {}", taken.len());
    for (request, (ours, theirs)) in taken {
        let hidden = ours.len() > theirs.len();
        assert!(!hidden, "{request:?}: {ours:?}, nginx {theirs:?}");
    }
    siege.lifted();
}

#[test]
fn what_comes_through_nginx_answers_nobody_else() {
    if !have("what_comes_through_nginx_answers_nobody_else", &["nginx"]) {
        return;
    }
    let siege = Siege::lay();
    let folder = tempfile::tempdir().unwrap();
    let nginx = Nginx::begin(folder.path(), &siege.host());
    let friend = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        siege.path(),
        nginx.before
    );
    for request in ambiguous(&siege).iter().chain(&spoilt(&siege)[..60]) {
        say(&nginx.before, request.as_bytes());
        let seen = say(&nginx.before, friend.as_bytes());
        assert_eq!(statuses(&seen), [200], "after {request:?}");
        assert!(String::from_utf8_lossy(&seen).contains("By the sea"));
    }
    drop(nginx);
    siege.lifted();
}

/// A form with something odd at a place that a generator of fixed numbers names, and a
/// request behind it.
fn spoilt(siege: &Siege) -> Vec<String> {
    let (path, host) = (siege.path(), siege.host());
    let whole = format!(
        "POST {path}/note HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nAccept: */*\r\n\r\n"
    );
    let line = whole.find('\n').unwrap_or_default();
    let mut number = 0x2026_u32;
    let mut next = |below: usize| {
        // xorshift, 32 bits (Marsaglia 2003)
        number ^= number << 13;
        number ^= number >> 17;
        number ^= number << 5;
        number as usize % below
    };
    (0..SPOILT)
        .map(|_| {
            let mut head = whole.clone();
            for _ in 0..=next(2) {
                // Seldom in the request's first line, most of which both refuse.
                let from = if next(8) == 0 { 0 } else { line };
                let mut at = from + next(head.len() - from);
                while !head.is_char_boundary(at) {
                    at -= 1;
                }
                head.insert_str(at, ODD[next(ODD.len())]);
            }
            format!("{head}a=b&cGET /hidden HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
        })
        .collect()
}
