//! Hosts on one bridge, as network namespaces: only root can make them, and nothing of
//! them reaches the machine's own network.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// Names of it all begin so; a process's number makes them its own.
const PREFIX: &str = "alb";

/// The hosts, until it is dropped.
pub struct Network {
    tag: String,
    hosts: u8,
}

impl Network {
    /// So many hosts, numbered from 1.
    ///
    /// # Errors
    /// That only root may, or that the system cannot.
    pub fn new(hosts: u8) -> Result<Network, String> {
        let tag = format!("{PREFIX}{}", std::process::id() % 10_000);
        let network = Network { tag, hosts };
        let hub = network.name(0);
        ip(&["netns", "add", &hub]).map_err(|error| {
            format!("a network of one's own needs root and network namespaces: {error}")
        })?;
        network.run(
            0,
            "ip",
            &["link", "add", "name", "bridge0", "type", "bridge"],
        )?;
        network.run(0, "ip", &["link", "set", "bridge0", "up"])?;
        for host in 1..=hosts {
            let (name, port) = (network.name(host), format!("port{host}"));
            ip(&["netns", "add", &name])?;
            network.run(host, "ip", &["link", "set", "lo", "up"])?;
            network.run(
                0,
                "ip",
                &[
                    "link", "add", &port, "type", "veth", "peer", "name", "eth", "netns", &name,
                ],
            )?;
            network.run(0, "ip", &["link", "set", &port, "master", "bridge0", "up"])?;
            network.address(host, &network.ip(host, 0))?;
        }
        Ok(network)
    }

    fn name(&self, host: u8) -> String {
        format!("{}n{host}", self.tag)
    }

    fn ip(&self, host: u8, more: u8) -> String {
        format!("10.77.0.{}", host + more)
    }

    fn address(&self, host: u8, ip: &str) -> Result<(), String> {
        self.run(
            host,
            "ip",
            &["addr", "add", &format!("{ip}/24"), "dev", "eth"],
        )?;
        self.run(host, "ip", &["link", "set", "eth", "up"])?;
        // Multicast needs a way out; there is no gateway, as there is no internet.
        self.run(host, "ip", &["route", "replace", "default", "dev", "eth"])
    }

    /// A program on a host.
    pub fn on(&self, host: u8, program: &Path) -> Command {
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", &self.name(host)])
            .arg(program);
        command
    }

    fn run(&self, host: u8, program: &str, words: &[&str]) -> Result<(), String> {
        let mut command = self.on(host, Path::new(program));
        done(command.args(words))
    }

    /// Keeps hosts from each other that are kept so: nothing passes between two of them,
    /// and everything between one and any other host.
    pub fn isolate(&self, host: u8, isolated: &str) -> Result<(), String> {
        let port = format!("port{host}");
        let words = ["link", "set", &port, "type", "bridge_slave", "isolated"];
        let words: Vec<&str> = words.into_iter().chain([isolated]).collect();
        self.run(0, "ip", &words)
    }

    /// A host's address, at first.
    pub fn address_of(&self, host: u8) -> String {
        self.ip(host, 0)
    }

    /// Whether one host reaches what listens at another's port.
    pub fn reaches(&self, host: u8, other: u8, port: u16) -> bool {
        let socket = format!("exec 3<>/dev/tcp/{}/{port}", self.ip(other, 0));
        self.run(host, "timeout", &["5", "bash", "-c", &socket])
            .is_ok()
    }

    /// Pulls a host's cable.
    pub fn pull(&self, host: u8) -> Result<(), String> {
        self.run(0, "ip", &["link", "set", &format!("port{host}"), "down"])
    }

    /// Plugs it in again.
    pub fn plug(&self, host: u8) -> Result<(), String> {
        self.run(0, "ip", &["link", "set", &format!("port{host}"), "up"])
    }

    /// Gives a host another address, and takes the old one away.
    pub fn readdress(&self, host: u8) -> Result<(), String> {
        self.unaddress(host)?;
        self.address(host, &self.ip(host, 100))
    }

    /// Takes a host's addresses away, and with them its way to the others.
    pub fn unaddress(&self, host: u8) -> Result<(), String> {
        let words = ["addr", "flush", "dev", "eth", "scope", "global"];
        self.run(host, "ip", &words)?;
        self.run(host, "ip", &["link", "set", "eth", "down"])
    }

    /// Gives it the address that it had at first.
    pub fn address_again(&self, host: u8) -> Result<(), String> {
        self.address(host, &self.ip(host, 0))
    }

    /// Loses so many in a hundred of the packets that come to a host.
    pub fn lose(&self, host: u8, percent: u8) -> Result<(), String> {
        let _ = self.run(host, "nft", &["delete", "table", "inet", "loss"]);
        if percent == 0 {
            return Ok(());
        }
        self.run(host, "nft", &["add", "table", "inet", "loss"])?;
        let chain = "{ type filter hook input priority 0 ; }";
        self.run(host, "nft", &["add", "chain", "inet", "loss", "in", chain])?;
        let rule = format!("meta iifname eth numgen random mod 100 < {percent} drop");
        self.run(host, "nft", &["add", "rule", "inet", "loss", "in", &rule])
    }

    /// Slows what a host sends.
    pub fn slow(&self, host: u8, rate: &str) -> Result<(), String> {
        let words = "qdisc replace dev eth root tbf burst 256kb latency 50ms rate";
        let words: Vec<&str> = words.split(' ').chain([rate]).collect();
        self.run(host, "tc", &words)
    }

    /// Whether a host has a line to this port of another.
    pub fn is_connected(&self, host: u8, port: u16) -> Result<bool, String> {
        let read = self
            .on(host, Path::new("cat"))
            .arg("/proc/net/tcp")
            .output()
            .map_err(|error| error.to_string())?;
        // Local and remote address, then the state: 01 is a line that stands.
        let line = format!(":{port:04X} 01 ");
        Ok(String::from_utf8_lossy(&read.stdout).contains(&line))
    }

    /// Has a host take no more than this ahead of its programs, so that what they read is
    /// what is sent now.
    pub fn hold_little(&self, host: u8) -> Result<(), String> {
        let held = "net.ipv4.tcp_rmem=4096 16384 65536";
        self.run(host, "sysctl", &["-qw", held])
    }

    /// Bytes that came to a host over its cable since its beginning.
    pub fn received(&self, host: u8) -> Result<u64, String> {
        let read = self
            .on(host, Path::new("cat"))
            .arg("/sys/class/net/eth/statistics/rx_bytes")
            .output()
            .map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&read.stdout).trim().to_owned();
        text.parse().map_err(|_| format!("{text:?} is no count"))
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for host in 0..=self.hosts {
            let _ = ip(&["netns", "delete", &self.name(host)]);
        }
    }
}

fn ip(words: &[&str]) -> Result<(), String> {
    done(Command::new("ip").args(words))
}

fn done(command: &mut Command) -> Result<(), String> {
    let told = command.get_program().to_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{}: {error}", OsStr::display(&told)))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}

/// A video of so many megabytes: a second of a real one, and then a box that says
/// nothing.
pub fn film(path: &Path, megabytes: u64) -> Result<(), String> {
    let told = |error: io::Error| error.to_string();
    let second = "testsrc=duration=1:size=320x240:rate=10";
    let mut command = Command::new("ffmpeg");
    command
        .args(["-loglevel", "error", "-y", "-f", "lavfi", "-i", second])
        .args(["-pix_fmt", "yuv420p"])
        .arg(path);
    done(&mut command)?;
    let file = File::options().append(true).open(path).map_err(told)?;
    let mut left = (megabytes << 20).saturating_sub(file.metadata().map_err(told)?.len());
    let mut file = BufWriter::new(file);
    // A box of 64 bits' length, for all that follows.
    file.write_all(&[0, 0, 0, 1]).map_err(told)?;
    file.write_all(b"free").map_err(told)?;
    file.write_all(&left.to_be_bytes()).map_err(told)?;
    left = left.saturating_sub(16);
    let mut noise = 1_u64;
    while left > 0 {
        // xorshift64: cheap, and no two parts alike.
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        let bytes = noise.to_le_bytes();
        let some = usize::try_from(left.min(8)).unwrap_or(8);
        file.write_all(bytes.get(..some).unwrap_or(&bytes))
            .map_err(told)?;
        left -= some as u64;
    }
    file.flush().map_err(told)
}
