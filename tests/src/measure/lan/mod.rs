//! A household on a network of its own: hosts in network namespaces on one bridge, each
//! with a node, and what happens to real networks: no configuration, cables pulled,
//! other addresses, lost packets, a slow line, a program that is killed.

mod album;
mod beside;
mod bytes;
mod links;
mod network;
mod partner;
mod relay;
pub mod speed;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use camera::{Exif, jpeg};
use image::RgbImage;
use serde_json::Value;

use network::Network;

/// Where each host serves links: they share no address.
const LISTEN: &str = "0.0.0.0:8477";
/// How long something may take that has to happen.
const PATIENCE: Duration = Duration::from_secs(90);

/// A host, and what runs on it.
struct Host<'a> {
    network: &'a Network,
    number: u8,
    albumen: &'a Path,
    folder: PathBuf,
    node: Option<Child>,
}

impl Host<'_> {
    fn command(&self) -> Command {
        let mut command = self.network.on(self.number, self.albumen);
        command
            .args(["--json", "--library"])
            .arg(self.folder.join("library"))
            .env("HOME", &self.folder)
            .stdin(Stdio::null());
        command
    }

    /// Runs a command that has to succeed.
    fn tell(&self, words: &[&str]) -> Result<Value, String> {
        let output = self.command().args(words).output();
        let output = output.map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(format!(
                "`albumen {}` on host {}: {}",
                words.join(" "),
                self.number,
                String::from_utf8_lossy(&output.stderr).trim()
            ));
        }
        serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
    }

    /// Starts the node.
    fn serve(&mut self) -> Result<(), String> {
        let mut node = self
            .command()
            .args(["serve", "--listen", LISTEN])
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut line = String::new();
        if let Some(output) = node.stdout.take() {
            let read = BufReader::new(output).read_line(&mut line);
            read.map_err(|error| error.to_string())?;
        }
        self.node = Some(node);
        match line.contains("listen") {
            true => Ok(()),
            false => Err(format!("host {} does not serve: {line}", self.number)),
        }
    }

    /// Its node's process.
    fn process(&self) -> Option<u32> {
        self.node.as_ref().map(Child::id)
    }

    /// `kill -9`.
    fn kill(&mut self) {
        if let Some(mut node) = self.node.take() {
            let _ = node.kill();
            let _ = node.wait();
        }
    }

    /// The first other machine that it knows.
    fn other(&self) -> Result<Value, String> {
        let list = self.tell(&["peer", "list"])?;
        Ok(list["people"][0]["machines"][0].clone())
    }

    /// Imports a picture of noise, and answers with its id.
    fn photo(&self, seed: u32, side: u32) -> Result<String, String> {
        let path = draw(&self.folder, seed, side)?.display().to_string();
        let report = self.tell(&["import", &path])?;
        report["assets"][0]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| format!("nothing was imported: {report}"))
    }
}

impl Drop for Host<'_> {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Draws noise of so many pixels each way into a folder.
fn draw(folder: &Path, seed: u32, side: u32) -> Result<PathBuf, String> {
    let picture = RgbImage::from_fn(side, side, |x, y| {
        let noise = (x * 7 + y * 131 + seed * 7_919).wrapping_mul(2_654_435_761);
        let [red, green, blue, _] = noise.to_le_bytes();
        image::Rgb([red, green, blue])
    });
    let bytes = jpeg(&picture, 95, &Exif::default()).map_err(|error| error.to_string())?;
    fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let path = folder.join(format!("IMG_{seed:04}.jpg"));
    fs::write(&path, bytes).map_err(|error| error.to_string())?;
    Ok(path)
}

/// Waits until something is so, and answers with how long it took.
fn until(what: &str, mut look: impl FnMut() -> Result<bool, String>) -> Result<Duration, String> {
    let began = Instant::now();
    while !look()? {
        if began.elapsed() > PATIENCE {
            return Err(format!("it never came about that {what}."));
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
    let took = began.elapsed();
    println!("| {what} | {:.2} s |", took.as_secs_f64());
    Ok(took)
}

/// Takes the whole way, and prints how long each step took.
///
/// # Errors
/// What did not come about; and that a network of one's own needs root.
pub fn run(scratch: &Path, albumen: &Path, options: &[&str]) -> Result<(), String> {
    let megabytes: u64 = match options {
        [] => 256,
        ["--megabytes", count] => count.parse().map_err(|_| format!("{count} is no count."))?,
        ["--relay"] => return relay::met(scratch, albumen),
        ["--links"] => return links::outlive(scratch, albumen),
        other => return Err(format!("`{}` is not understood.", other.join(" "))),
    };
    let network = Network::new(3)?;
    let mut hosts = house(&network, scratch, albumen, ["Desk", "Laptop", "Ben's"])?;
    println!("| What | after |\n|---|---|");
    let [desk, laptop, ben] = &mut hosts;
    meet(desk, laptop, ben)?;
    trouble(&network, desk, laptop)?;
    large(&network, desk, laptop, megabytes)?;
    late(&network, laptop, ben)?;
    drop(hosts);
    drop(network);
    relay::met(scratch, albumen)?;
    links::outlive(scratch, albumen)
}

/// Three hosts with a node on each.
fn house<'a>(
    network: &'a Network,
    scratch: &Path,
    albumen: &'a Path,
    names: [&str; 3],
) -> Result<[Host<'a>; 3], String> {
    if scratch.exists() {
        fs::remove_dir_all(scratch).map_err(|error| error.to_string())?;
    }
    let mut hosts = Vec::new();
    for (number, name) in (1..).zip(names) {
        let folder = scratch.join(name);
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let mut host = Host {
            network,
            number,
            albumen,
            folder,
            node: None,
        };
        host.tell(&["init", "--person", name, "--device", name])?;
        host.serve()?;
        hosts.push(host);
    }
    hosts
        .try_into()
        .map_err(|_| "three hosts are needed.".to_owned())
}

/// No configuration: by a code alone they find each other, and follow.
fn meet(desk: &Host<'_>, laptop: &Host<'_>, ben: &Host<'_>) -> Result<(), String> {
    for seed in 0..5 {
        desk.photo(seed, 300)?;
    }
    for (guest, kind, what) in [
        (
            laptop,
            Some("--own"),
            "another machine of one's own found it by the code, and paired",
        ),
        (ben, None, "somebody else's did"),
    ] {
        paired(desk, guest, kind, what)?;
    }
    let home = id(&laptop.other()?);
    until("the second shows the first one's five photos", || {
        Ok(count(laptop, &home)? == 5)
    })?;
    let late = desk.photo(9, 300)?;
    until("a sixth is there, once its import had ended", || {
        Ok(first(laptop, &home)? == late || count(laptop, &home)? == 6)
    })?;
    let seen = ben.tell(&["peer", "assets", &id(&ben.other()?)])?;
    match seen["assets"].as_array().is_some_and(Vec::is_empty) {
        true => Ok(()),
        false => Err("somebody else sees photos that nobody shared.".to_owned()),
    }
}

/// Two machines come to know each other by a code alone.
fn paired(host: &Host<'_>, guest: &Host<'_>, kind: Option<&str>, what: &str) -> Result<(), String> {
    let words = ["peer", "invite", "--code", "--yes"]
        .into_iter()
        .chain(kind);
    let invite = host.tell(&words.collect::<Vec<&str>>())?;
    let code = invite["code"].as_str().unwrap_or_default().to_owned();
    until(what, || {
        let words = ["peer", "join", &code, "--yes"].into_iter().chain(kind);
        let joined = guest.tell(&words.collect::<Vec<&str>>())?;
        Ok(joined["state"] == "done")
    })
    .map(|_| ())
}

/// What networks do.
fn trouble(network: &Network, desk: &Host<'_>, laptop: &Host<'_>) -> Result<(), String> {
    let home = id(&laptop.other()?);
    let is_online = |host: &Host<'_>| Ok(host.other()?["is_online"] == true);
    network.pull(1)?;
    until("a pulled cable was noticed", || Ok(!is_online(laptop)?))?;
    let asset = first(laptop, &home)?;
    laptop.tell(&["peer", "edit", &home, &asset, "--title", "Asked meanwhile"])?;
    desk.photo(20, 300)?;
    network.plug(1)?;
    until("plugged in again: in contact", || is_online(laptop))?;
    until("and what was asked meanwhile is done", || {
        Ok(desk.tell(&["asset", "show", &asset])?["title"] == "Asked meanwhile")
    })?;
    until("and what came meanwhile is known", || {
        Ok(count(laptop, &home)? == 7)
    })?;

    network.readdress(1)?;
    let late = desk.photo(21, 300)?;
    until("another address: what came since is known", || {
        Ok(first(laptop, &home)? == late || count(laptop, &home)? == 8)
    })?;
    network.lose(1, 30)?;
    desk.photo(22, 300)?;
    until("a third of all packets lost: a photo is known", || {
        Ok(count(laptop, &home)? == 9)
    })?;
    let photo = first(laptop, &home)?;
    until("and its original came", || copy(laptop, &home, &photo))?;
    network.lose(1, 0)
}

/// A node that begins before its machine has a network.
fn late(network: &Network, laptop: &mut Host<'_>, ben: &Host<'_>) -> Result<(), String> {
    laptop.kill();
    network.unaddress(laptop.number)?;
    laptop.serve()?;
    network.address_again(laptop.number)?;
    paired(
        ben,
        laptop,
        None,
        "begun without a network: it found a code all the same, and paired",
    )
}

/// A large video on a slow line, and both sides killed on the way.
fn large<'a>(
    network: &Network,
    desk: &mut Host<'a>,
    laptop: &mut Host<'a>,
    megabytes: u64,
) -> Result<(), String> {
    let home = id(&laptop.other()?);
    let film = desk.folder.join("film.mp4");
    network::film(&film, megabytes)?;
    let report = desk.tell(&["import", "--in-place", &film.display().to_string()])?;
    let asset = report["assets"][0].as_str().unwrap_or_default().to_owned();
    until("a large video is known", || {
        Ok(laptop
            .tell(&["peer", "assets", &home])?
            .to_string()
            .contains(&asset))
    })?;
    // A tenth of a gigabit, or a whole one for much; where the system can slow a line.
    let rate = if megabytes > 512 { "1gbit" } else { "100mbit" };
    if let Err(why) = network.slow(1, rate) {
        println!("| note: the line is not slowed | {why} |");
    }
    let copy = laptop
        .folder
        .join("library/kept")
        .join(&home)
        .join(format!("{asset}-original"));
    let part = copy.with_extension("part");
    let arrived = || fs::metadata(&part).map_or(0, |part| part.len());
    let whole = megabytes << 20;
    let before = network.received(2)?;
    laptop.tell(&["peer", "keep", &home, "originals"])?;
    for (eighths, is_home) in [(2, false), (4, true)] {
        let mark = whole / 8 * eighths;
        until(&format!("{eighths} eighths of it came"), || {
            Ok(arrived() >= mark)
        })?;
        let host = if is_home { &mut *desk } else { &mut *laptop };
        host.kill();
        let had = arrived();
        host.serve()?;
        until("one side was killed and started: it goes on", || {
            Ok(arrived() > had)
        })?;
    }
    until("all of it came", || Ok(copy.exists()))?;
    let killed = network.received(2)?.saturating_sub(before);
    if fs::read(&copy).map_err(|error| error.to_string())?
        != fs::read(&film).map_err(|error| error.to_string())?
    {
        return Err("the copy is not the original.".to_owned());
    }
    // The same once more, undisturbed: what the wire takes beside the bytes themselves.
    fs::remove_file(&copy).map_err(|error| error.to_string())?;
    let before = network.received(2)?;
    until("all of it came again, undisturbed", || {
        if !copy.exists() {
            self::copy(laptop, &home, &asset)?;
        }
        Ok(copy.exists())
    })?;
    let undisturbed = network.received(2)?.saturating_sub(before);
    #[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
    let ratio = killed as f64 / undisturbed.max(1) as f64;
    println!("| bytes on the wire with both struck, for each without | {ratio:.4} |");
    Ok(())
}

fn id(machine: &Value) -> String {
    machine["id"].as_str().unwrap_or_default().to_owned()
}

fn count(host: &Host<'_>, home: &str) -> Result<usize, String> {
    let list = host.tell(&["peer", "assets", home])?;
    Ok(list["assets"].as_array().map_or(0, Vec::len))
}

fn first(host: &Host<'_>, home: &str) -> Result<String, String> {
    let list = host.tell(&["peer", "assets", home, "--limit", "1"])?;
    Ok(list["assets"][0]["asset"]["id"]
        .as_str()
        .unwrap_or_default()
        .to_owned())
}

/// Copies an original out; false while it cannot be had.
fn copy(host: &Host<'_>, home: &str, asset: &str) -> Result<bool, String> {
    let to = host.folder.join("copy.jpg");
    let words = [
        "peer",
        "write",
        home,
        asset,
        "--rendition",
        "original",
        "--replace",
        "--to",
    ];
    let done = host.command().args(words).arg(&to).output();
    done.map(|done| done.status.success())
        .map_err(|error| error.to_string())
}
