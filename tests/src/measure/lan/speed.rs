//! How fast rows and bytes travel between two machines on a line of a gigabit, and
//! beside them the same photos as a link's archive, over plain HTTP on the same line.

use std::fs;
use std::path::Path;
use std::time::Instant;

use super::network::Network;
use super::{Host, first, id, until};
use crate::library::{catalog, open, synthetic};
use crate::usage::{memory, resident};

/// Pixels of a side of each photo: about three megabytes of noise.
const SIDE: u32 = 1_400;
/// The line.
const RATE: &str = "1gbit";

/// Measures, and prints.
///
/// # Errors
/// What did not come about; and that a network of one's own needs root.
pub fn run(scratch: &Path, albumen: &Path, options: &[&str]) -> Result<(), String> {
    let number = |text: &str| -> Result<u32, String> {
        text.parse().map_err(|_| format!("{text} is no count."))
    };
    let (mut assets, mut photos, mut album) = (100_000_u64, 300, 50_000_u64);
    let mut partner = 100_000_u64;
    for option in options.chunks(2) {
        match option {
            ["--assets", count] => assets = number(count)?.into(),
            ["--photos", count] => photos = number(count)?,
            ["--album", count] => album = number(count)?.into(),
            ["--partner", count] => partner = number(count)?.into(),
            other => return Err(format!("`{}` is not understood.", other.join(" "))),
        }
    }
    println!("| What | |\n|---|---|");
    if album > 0 {
        super::album::shared(scratch, albumen, album)?;
    }
    if partner > 0 {
        super::partner::shown(scratch, albumen, partner)?;
    }
    if assets > 0 {
        rows(scratch, albumen, assets)?;
    }
    if photos == 0 {
        return Ok(());
    }
    bytes(scratch, albumen, photos)
}

pub(super) fn two<'a>(
    network: &'a Network,
    scratch: &Path,
    albumen: &'a Path,
) -> Result<[Host<'a>; 2], String> {
    let mut hosts = [(1, "Desk"), (2, "Laptop")].map(|(number, name)| Host {
        network,
        number,
        albumen,
        folder: scratch.join(name),
        node: None,
    });
    for host in &mut hosts {
        fs::create_dir_all(&host.folder).map_err(|error| error.to_string())?;
        host.serve()?;
    }
    Ok(hosts)
}

fn pair(desk: &Host<'_>, laptop: &Host<'_>) -> Result<String, String> {
    let invite = desk.tell(&["peer", "invite", "--own", "--yes"])?;
    let ticket = invite["ticket"].as_str().unwrap_or_default().to_owned();
    laptop.tell(&["peer", "join", &ticket, "--own", "--yes"])?;
    Ok(id(&laptop.other()?))
}

pub(super) fn emptied(scratch: &Path) -> Result<(), String> {
    match fs::remove_dir_all(scratch) {
        Err(error) if scratch.exists() => Err(error.to_string()),
        _ => Ok(()),
    }
}

/// The rows of a large library, from nothing, and then one change.
fn rows(scratch: &Path, albumen: &Path, assets: u64) -> Result<(), String> {
    emptied(scratch)?;
    let library = scratch.join("Desk/library");
    fs::create_dir_all(&library).map_err(|error| error.to_string())?;
    drop(open(&library)?);
    synthetic::fill(&catalog(&library), assets).map_err(|error| error.to_string())?;
    let network = Network::new(2)?;
    let [desk, laptop] = two(&network, scratch, albumen)?;
    let ids: Vec<u32> = [&desk, &laptop]
        .iter()
        .filter_map(|host| host.process())
        .collect();
    let before: Vec<u64> = ids.iter().map(|id| resident(*id)).collect();
    let came = network.received(2)?;
    let home = pair(&desk, &laptop)?;
    until(&format!("{assets} photos known after pairing"), || {
        let machine = laptop.other()?;
        Ok(machine["assets"] == assets && machine["complete_at"].is_string())
    })?;
    let came = network.received(2)?.saturating_sub(came);
    println!("| over the wire | {:.1} MB |", mega(came));
    for (name, (id, before)) in ["home", "follower"].iter().zip(ids.iter().zip(before)) {
        let grown = memory(*id).0.saturating_sub(before);
        println!(
            "| the {name}'s memory grew at most by | {:.0} MB |",
            mega(grown)
        );
    }
    let asset = first(&laptop, &home)?;
    for round in 0..3 {
        let title = format!("Round {round}");
        desk.tell(&["asset", "edit", &asset, "--title", &title])?;
        until("a change known, with the command that asks", || {
            let seen = laptop.tell(&["peer", "assets", &home, "--limit", "1"])?;
            Ok(seen["assets"][0]["asset"]["title"] == title.as_str())
        })?;
    }
    Ok(())
}

/// Previews and originals from nothing, and the same originals over HTTP.
fn bytes(scratch: &Path, albumen: &Path, photos: u32) -> Result<(), String> {
    emptied(scratch)?;
    let network = Network::new(2)?;
    let [desk, laptop] = two(&network, scratch, albumen)?;
    for seed in 0..photos {
        super::draw(&desk.folder.join("photos"), seed, SIDE)?;
    }
    let folder = desk.folder.join("photos").display().to_string();
    let album = desk.tell(&["album", "create", "All"])?;
    let album = album["id"].as_str().unwrap_or_default().to_owned();
    desk.tell(&["import", "--in-place", "--album", &album, &folder])?;
    let words = [
        "link",
        "create",
        "--album",
        &album,
        "--download",
        "original",
    ];
    let link = desk.tell(&[&words[..], &["--show-metadata"]].concat())?;
    for host in [1, 2] {
        network.slow(host, RATE)?;
    }
    let path = link["path"].as_str().unwrap_or_default();
    let url = format!("http://10.77.0.1:8477{path}/archive");
    let archive = scratch.join("archive.zip");
    let mut http = Vec::new();
    let home = pair(&desk, &laptop)?;
    until("the photos are known", || {
        Ok(laptop.other()?["assets"] == photos)
    })?;
    laptop.tell(&["peer", "keep", &home, "previews"])?;
    let took = until("all previews are here", || {
        Ok(laptop.other()?["previews"] == photos)
    })?;
    // A thumbnail comes with each.
    let each = 2.0 * f64::from(photos) / took.as_secs_f64();
    println!("| pictures a second | {each:.0} |");
    for _ in 0..2 {
        let began = Instant::now();
        let done = network
            .on(2, Path::new("curl"))
            .args(["--silent", "--fail", "--output"])
            .arg(&archive)
            .arg(&url)
            .status()
            .map_err(|error| error.to_string())?;
        if !done.success() {
            return Err(format!("{url} cannot be had."));
        }
        http.push(began.elapsed().as_secs_f64());
    }
    let size = fs::metadata(&archive).map_or(0, |file| file.len());
    let quickest = http.iter().copied().fold(f64::INFINITY, f64::min);
    laptop.tell(&["peer", "keep", &home, "originals"])?;
    let took = until("all originals are here", || {
        Ok(laptop.other()?["originals"] == photos)
    })?;
    let (ours, theirs) = (mega(size) / took.as_secs_f64(), mega(size) / quickest);
    println!("| originals, MB/s | {ours:.0} |");
    println!("| the same as an archive over HTTP, MB/s | {theirs:.0} |");
    println!("| ratio | {:.2} |", ours / theirs);
    Ok(())
}

pub(super) fn mega(bytes: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let bytes = bytes as f64;
    bytes / 1e6
}
