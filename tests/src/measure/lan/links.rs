//! A desk, a server and a friend, each on a host of its own: the friend opens what the
//! desk made at the server, whatever becomes of the desk.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::{Host, Network, house, until};

/// Where the server serves links.
const PORT: u16 = 8_477;
/// How long the server serves without a word of the desk.
const LEASE: &str = "20s";
const PHOTOS: u32 = 12;

/// A link outlives the desk's sleep, ends when that wakes and says so, and by itself when
/// it is cut off.
///
/// # Errors
/// What did not come about; and that a network of one's own needs root.
pub fn outlive(scratch: &Path, albumen: &Path) -> Result<(), String> {
    let network = Network::new(3)?;
    let [mut desk, server, friend] =
        house(&network, scratch, albumen, ["Desk", "Server", "Friend"])?;
    network.hold_little(friend.number)?;
    println!("| Links at a server | after |\n|---|---|");
    for seed in 0..PHOTOS {
        desk.photo(seed, 1_200)?;
    }
    let invite = desk.tell(&["peer", "invite", "--own", "--yes"])?;
    let ticket = invite["ticket"].as_str().unwrap_or_default();
    server.tell(&["peer", "join", ticket, "--own", "--yes"])?;
    let at = desk.other()?["id"].as_str().unwrap_or_default().to_owned();
    desk.tell(&["peer", "serve", &at, "on", "--lease", LEASE])?;
    let base = format!("http://{}:{PORT}", network.address_of(2));
    until("the server has said where it serves them", || {
        Ok(desk.other()?["serves"]["address"] == base)
    })?;
    let link = made(&desk)?;
    let url = link["url"].as_str().unwrap_or_default().to_owned();
    if !url.starts_with(&base) {
        return Err(format!(
            "the link does not begin with the server's address: {url}"
        ));
    }
    let all = |host: &Host<'_>| Ok(host.other()?["hosts"]["originals"] == PHOTOS);
    until("the server has the link and its originals", || all(&server))?;
    let archive = format!("{url}/archive");
    until("the server has their checksums", || {
        Ok(status(&friend, &archive)? == 200)
    })?;

    ended(&mut desk)?;
    let saved = scratch.join("all.zip");
    until("the desk stopped: the friend opens the link", || {
        Ok(status(&friend, &url)? == 200)
    })?;
    until("and has all originals in one archive", || {
        let done = get(&friend, &archive, &saved, None).status();
        Ok(done.is_ok_and(|done| done.success()))
    })?;
    let names = listed(&saved)?;
    if names != PHOTOS as usize {
        return Err(format!("the archive has {names} photos."));
    }

    desk.serve()?;
    until("the desk woke: in contact", || {
        Ok(desk.other()?["is_online"] == true)
    })?;
    let cut = scratch.join("cut.zip");
    let mut slow = begun(&friend, &archive, &cut)?;
    until("a slow download has begun", || {
        Ok(fs::metadata(&cut).is_ok_and(|file| file.len() > 100_000))
    })?;
    desk.tell(&["link", "revoke", link["id"].as_str().unwrap_or_default()])?;
    // The line itself is looked at: a program that reads slowly notices only at its next look.
    until("revoked: the friend's line was cut, within", || {
        Ok(!network.is_connected(friend.number, PORT)?)
    })?;
    if slow.wait().is_ok_and(|ended| ended.success()) {
        return Err("the download came to its end though the link was revoked.".to_owned());
    }
    if status(&friend, &url)? != 404 {
        return Err("a revoked link opens.".to_owned());
    }

    let link = made(&desk)?;
    let url = link["url"].as_str().unwrap_or_default().to_owned();
    until("another link is served", || {
        Ok(status(&friend, &url)? == 200)
    })?;
    network.pull(1)?;
    until(
        &format!("cut off without a word, a lease of {LEASE}: it ended"),
        || Ok(status(&friend, &url)? == 404),
    )?;
    network.plug(1)?;
    until("plugged in again: it is served", || {
        Ok(status(&friend, &url)? == 200)
    })?;
    Ok(())
}

/// A link to everything, with originals.
fn made(desk: &Host<'_>) -> Result<Value, String> {
    let album = desk.tell(&["album", "create", "Summer"])?;
    let album = album["id"].as_str().unwrap_or_default().to_owned();
    let assets = desk.tell(&["assets"])?;
    let ids = assets["assets"].as_array().into_iter().flatten();
    let ids: Vec<&str> = ids.filter_map(|asset| asset["id"].as_str()).collect();
    desk.tell(&[&["album", "add", &album][..], &ids].concat())?;
    desk.tell(&[
        "link",
        "create",
        "--album",
        &album,
        "--download",
        "original",
    ])
}

/// Ends a node in order.
fn ended(desk: &mut Host<'_>) -> Result<(), String> {
    let Some(mut node) = desk.node.take() else {
        return Ok(());
    };
    let told = Command::new("kill")
        .args(["-TERM", &node.id().to_string()])
        .status();
    told.map_err(|error| error.to_string())?;
    node.wait().map(|_| ()).map_err(|error| error.to_string())
}

fn curl(host: &Host<'_>) -> Command {
    let mut curl = host.network.on(host.number, Path::new("curl"));
    curl.args(["--silent", "--max-time", "60"])
        .stdin(Stdio::null());
    curl
}

/// What a page is answered with; 0 where nobody answers.
fn status(host: &Host<'_>, url: &str) -> Result<u16, String> {
    let words = [
        "--head",
        "--output",
        "/dev/null",
        "--write-out",
        "%{http_code}",
    ];
    let answered = curl(host).args(words).arg(url).output();
    let answered = answered.map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&answered.stdout)
        .trim()
        .parse()
        .unwrap_or_default())
}

fn get(host: &Host<'_>, url: &str, to: &Path, rate: Option<&str>) -> Command {
    let mut curl = curl(host);
    curl.arg("--fail").arg("--output").arg(to);
    if let Some(rate) = rate {
        curl.args(["--limit-rate", rate]);
    }
    curl.arg(url);
    curl
}

/// A download that takes its time.
fn begun(host: &Host<'_>, url: &str, to: &Path) -> Result<Child, String> {
    get(host, url, to, Some("200k"))
        .spawn()
        .map_err(|error| error.to_string())
}

/// How many photos a ZIP has, by `unzip`, which tests each.
fn listed(file: &Path) -> Result<usize, String> {
    let tested = Command::new("unzip").arg("-t").arg(file).output();
    let tested = tested.map_err(|error| format!("unzip: {error}"))?;
    let told = String::from_utf8_lossy(&tested.stdout).into_owned();
    match tested.status.success() {
        true => Ok(told.lines().filter(|line| line.contains(".jpg")).count()),
        false => Err(told),
    }
}
