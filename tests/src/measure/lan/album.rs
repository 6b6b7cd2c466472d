//! How a large album reaches somebody of the household with whom it is shared, and how
//! soon it opens there.

use std::fs;
use std::path::Path;

use super::network::Network;
use super::speed::{emptied, mega, two};
use super::until;
use crate::library::{catalog, open, synthetic};
use crate::usage::{memory, resident};

/// Shares an album of so many photos, measures and prints.
///
/// # Errors
/// What did not come about.
pub fn shared(scratch: &Path, albumen: &Path, photos: u64) -> Result<(), String> {
    emptied(scratch)?;
    let library = scratch.join("Desk/library");
    fs::create_dir_all(&library).map_err(|error| error.to_string())?;
    drop(open(&library)?);
    synthetic::fill(&catalog(&library), photos).map_err(|error| error.to_string())?;
    let network = Network::new(2)?;
    let [desk, laptop] = two(&network, scratch, albumen)?;
    let album = desk.tell(&["album", "create", "All"])?;
    let album = album["id"].as_str().unwrap_or_default().to_owned();
    synthetic::gather(&catalog(&library)).map_err(|error| error.to_string())?;
    laptop.tell(&["init", "--person", "Ben"])?;
    let invite = desk.tell(&["peer", "invite", "--yes"])?;
    let ticket = invite["ticket"].as_str().unwrap_or_default().to_owned();
    laptop.tell(&["peer", "join", &ticket, "--yes"])?;
    desk.tell(&["album", "share", &album, "Ben", "--role", "editor"])?;
    until("an album is offered", || {
        let offers = laptop.tell(&["album", "offers"])?;
        Ok(offers["offers"][0]["album"] == album.as_str())
    })?;
    let nodes: Vec<u32> = [&desk, &laptop]
        .iter()
        .filter_map(|host| host.process())
        .collect();
    let before: Vec<u64> = nodes.iter().map(|id| resident(*id)).collect();
    laptop.tell(&["album", "accept", &album])?;
    let shown = desk.tell(&["album", "list"])?["albums"][0]["count"].clone();
    until(&format!("all {shown} photos of it are known"), || {
        let albums = laptop.tell(&["album", "list"])?;
        Ok(albums["albums"][0]["count"] == shown)
    })?;
    for (name, (id, before)) in ["home", "member"].iter().zip(nodes.iter().zip(before)) {
        let grown = memory(*id).0.saturating_sub(before);
        println!(
            "| the {name}'s memory grew at most by | {:.0} MB |",
            mega(grown)
        );
    }
    for words in [
        vec!["album", "list"],
        vec!["timeline", "--album", &album],
        vec![
            "grid", "--album", &album, "--first", "25000", "--count", "500",
        ],
    ] {
        let what = format!("`{}` at the member, as a command", words[0]);
        until(&what, || laptop.tell(&words).map(|_| true))?;
    }
    Ok(())
}
