//! How fast rows and bytes travel between two machines on a network of their own.

use std::fs;
use std::path::Path;

use super::network::Network;
use super::{Host, bytes, first, id, until};
use crate::library::{catalog, open, synthetic};
use crate::usage::{memory, resident};

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
    let (mut pictures, mut sendme) = (1_000, None);
    let mut line = Some("1gbit");
    for option in options.chunks(2) {
        match option {
            ["--assets", count] => assets = number(count)?.into(),
            ["--photos", count] => photos = number(count)?,
            ["--album", count] => album = number(count)?.into(),
            ["--partner", count] => partner = number(count)?.into(),
            ["--pictures", count] => pictures = number(count)?,
            ["--line", "free"] => line = None,
            ["--line", rate] => line = Some(rate),
            ["--beside", program] => sendme = Some(Path::new(*program)),
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
    if pictures > 0 {
        bytes::pictures(scratch, albumen, pictures)?;
    }
    if photos > 0 {
        bytes::originals(scratch, albumen, photos, line, sendme)?;
    }
    Ok(())
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

pub(super) fn pair(desk: &Host<'_>, laptop: &Host<'_>) -> Result<String, String> {
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

pub(super) fn mega(bytes: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let bytes = bytes as f64;
    bytes / 1e6
}
