//! The listener under attack: raw sockets against a node on the loopback. After each
//! attack the node lives, answers an honest visitor as before, and holds no more
//! memory and sockets than before.

mod beside;
mod guess;
mod head;
mod multiplexed;
mod slow;
mod stream;

use crate::access::desk_with_album;
use crate::desk::{Desk, Serving, text, until};
use crate::visitor::Visitor;
use serde_json::Value;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

pub const PASSWORD: &str = "correct horse";

/// What an attack may leave behind: what the allocator keeps for each of the threads that
/// thousands of connections woke (80 to 102 MB were seen, whatever the attack), and what was
/// given to visitors a moment ago.
pub const LEFT: u64 = 128 * 1024 * 1024;
/// Sockets that come and go by themselves: those of decode workers.
const FEW: usize = 8;

/// A node with a link to three photos, before its first attacker.
pub struct Siege {
    desk: Desk,
    serving: Serving,
    link: Value,
    /// A link to the same photos with a password.
    locked: Value,
    memory: u64,
    sockets: usize,
}

impl Siege {
    pub fn lay() -> Self {
        let (desk, _, album) = desk_with_album();
        let link = desk.link(&["--album", &album, "--download", "original"]);
        let locked = desk.link(&["--album", &album, "--password", PASSWORD]);
        let serving = desk.serve();
        let mut siege = Self {
            desk,
            serving,
            link,
            locked,
            memory: 0,
            sockets: 0,
        };
        siege.honest();
        siege.memory = siege.held("VmRSS:");
        siege.sockets = siege.sockets();
        siege
    }

    /// The open link's address.
    pub fn path(&self) -> String {
        text(&self.link["path"])
    }

    /// The locked link's address.
    pub fn locked(&self) -> String {
        text(&self.locked["path"])
    }

    /// Host and port.
    pub fn host(&self) -> String {
        self.serving.url().replace("http://", "")
    }

    pub fn connect(&self) -> TcpStream {
        connect(&self.host())
    }

    /// Sends bytes and nothing more; returns all that comes back before the node
    /// closes.
    pub fn say(&self, bytes: &[u8]) -> Vec<u8> {
        say(&self.host(), bytes)
    }

    /// A friend looks at all photos.
    pub fn honest(&self) {
        let friend = Visitor::new(&self.serving.url());
        let page = friend.get(&self.path());
        assert_eq!(page.status, 200);
        assert!(page.text().contains("By the sea"));
        for route in friend.routes(&self.path()) {
            let reply = friend.get(&route);
            assert_eq!(reply.status, 200, "{route}");
        }
    }

    /// The attack is over: nothing of it is left.
    pub fn lifted(self) {
        self.lifted_but(LEFT);
    }

    /// As [`Siege::lifted`], with so much memory left behind.
    pub fn lifted_but(self, left: u64) {
        self.honest();
        // The owner is answered, too.
        self.desk.tell(&["status"]);
        until("its sockets are closed", || {
            (self.sockets() <= self.sockets + FEW).then_some(())
        });
        let memory = self.held("VmRSS:");
        let before = self.memory;
        assert!(memory <= before + left, "{before} bytes became {memory}");
    }

    /// Memory of the node: `VmRSS:` now, `VmHWM:` at most so far.
    pub fn held(&self, what: &str) -> u64 {
        let status = format!("/proc/{}/status", self.serving.process());
        let status = fs::read_to_string(status).unwrap();
        let line = status.lines().find(|line| line.starts_with(what)).unwrap();
        let kibibytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kibibytes * 1024
    }

    fn sockets(&self) -> usize {
        let folder = format!("/proc/{}/fd", self.serving.process());
        let open = fs::read_dir(folder).unwrap();
        open.filter_map(|entry| fs::read_link(entry.unwrap().path()).ok())
            .filter(|target| target.to_string_lossy().starts_with("socket:"))
            .count()
    }
}

pub fn connect(host: &str) -> TcpStream {
    let stream = TcpStream::connect(host).unwrap();
    let patience = Some(Duration::from_secs(60));
    stream.set_read_timeout(patience).unwrap();
    stream.set_write_timeout(patience).unwrap();
    stream
}

/// Sends bytes to a host and nothing more; returns all that comes back before it closes.
pub fn say(host: &str, bytes: &[u8]) -> Vec<u8> {
    let mut stream = connect(host);
    // One that has heard enough closes while we still speak.
    let _ = stream.write_all(bytes);
    heard(&mut stream)
}

/// All that comes before the other end closes, in whatever way it does.
pub fn heard(stream: &mut TcpStream) -> Vec<u8> {
    let (mut heard, mut piece) = (Vec::new(), vec![0; 1 << 16]);
    loop {
        match stream.read(&mut piece) {
            Ok(0) => return heard,
            Ok(count) => heard.extend(&piece[..count]),
            Err(error) => {
                let kept = error.kind() == std::io::ErrorKind::WouldBlock;
                assert!(!kept, "the node keeps the connection open");
                return heard;
            }
        }
    }
}

/// Says each of these to a host on a connection of its own, all at once, for it may wait
/// for more of some.
pub fn say_all(host: &str, all: &[String]) -> Vec<Vec<u16>> {
    std::thread::scope(|scope| {
        let saying: Vec<_> = all
            .iter()
            .map(|one| scope.spawn(move || statuses(&say(host, one.as_bytes()))))
            .collect();
        saying.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

/// The status of each answer in what was heard.
pub fn statuses(heard: &[u8]) -> Vec<u16> {
    String::from_utf8_lossy(heard)
        .split("HTTP/1.1 ")
        .skip(1)
        .map(|answer| answer[..3].parse().unwrap())
        .collect()
}
