//! How a whole library reaches a partner: its rows, a picture on demand, and how soon
//! what its owner takes away is gone.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::speed::{emptied, mega, two};
use super::{Host, draw, network::Network, until};
use crate::library::{catalog, open, synthetic};
use crate::usage::{memory, resident};

/// Pictures that are asked for, one after the other.
const PICTURES: u32 = 60;

/// Shows a library of so many photos to somebody, measures and prints.
///
/// # Errors
/// What did not come about.
pub fn shown(scratch: &Path, albumen: &Path, photos: u64) -> Result<(), String> {
    emptied(scratch)?;
    let library = scratch.join("Desk/library");
    fs::create_dir_all(&library).map_err(|error| error.to_string())?;
    drop(open(&library)?);
    synthetic::fill(&catalog(&library), photos).map_err(|error| error.to_string())?;
    let network = Network::new(2)?;
    let [desk, laptop] = two(&network, scratch, albumen)?;
    let own = import(&desk, scratch)?;
    laptop.tell(&["init", "--person", "Ben"])?;
    desk.tell(&["init", "--person", "Anna"])?;
    let invite = desk.tell(&["peer", "invite", "--yes"])?;
    let ticket = invite["ticket"].as_str().unwrap_or_default().to_owned();
    laptop.tell(&["peer", "join", &ticket, "--yes"])?;
    desk.tell(&["partner", "offer", "Ben", "--captions"])?;
    let offer = || Ok::<_, String>(laptop.tell(&["partner", "list"])?["libraries"][0].clone());
    until("a library is offered", || Ok(offer()?["state"] == "asked"))?;
    let count = offer()?["count"].clone();
    let person = offer()?["person"]["id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let nodes: Vec<u32> = [&desk, &laptop]
        .iter()
        .filter_map(|host| host.process())
        .collect();
    let before: Vec<u64> = nodes.iter().map(|id| resident(*id)).collect();
    laptop.tell(&["partner", "accept", "Anna"])?;
    until(&format!("all {count} photos of it are known"), || {
        // Each question counts all that is known: asked too often, it is what is measured.
        std::thread::park_timeout(Duration::from_millis(250));
        let library = offer()?;
        Ok(library["count"] == count && library["is_complete"] == true)
    })?;
    for (name, (id, before)) in ["owner", "partner"].iter().zip(nodes.iter().zip(before)) {
        let grown = memory(*id).0.saturating_sub(before);
        println!(
            "| the {name}'s memory grew at most by | {:.0} MB |",
            mega(grown)
        );
    }
    pictures(&laptop, scratch, &own)?;
    until("all of it is in the partner's timeline", || {
        laptop
            .tell(&["partner", "timeline", "Anna", "on"])
            .map(|_| true)
    })?;
    for words in [
        vec!["timeline"],
        vec!["timeline", "--partner", &person],
        vec!["grid", "--first", "25000", "--count", "500"],
        vec![
            "grid",
            "--partner",
            &person,
            "--first",
            "25000",
            "--count",
            "500",
        ],
        vec!["places", "map", "--partner", &person],
    ] {
        let what = format!(
            "`{}` at the partner, as a command",
            words.join(" ").replace(&person, "Anna")
        );
        until(&what, || laptop.tell(&words).map(|_| true))?;
    }
    let gone = &own[0];
    desk.tell(&["archive", "add", gone])?;
    until(
        "what the owner archived is gone, with the command that asks",
        || Ok(laptop.tell(&["asset", "show", gone]).is_err()),
    )?;
    desk.tell(&["partner", "end", "Ben"])?;
    until("the end is confirmed, and nothing is left", || {
        let list = desk.tell(&["partner", "list"])?;
        Ok(list["offered"][0]["copies"][0]["dropped_at"].is_string())
    })?;
    Ok(())
}

/// Photos with pictures of their own, newest of the library.
fn import(desk: &Host<'_>, scratch: &Path) -> Result<Vec<String>, String> {
    let folder = scratch.join("drawn");
    for seed in 0..PICTURES {
        draw(&folder, seed, 1_200)?;
    }
    let report = desk.tell(&["import", &folder.display().to_string()])?;
    let ids = report["assets"].as_array().cloned().unwrap_or_default();
    Ok(ids
        .iter()
        .filter_map(|id| id.as_str().map(str::to_owned))
        .collect())
}

/// Asks for each preview once, as a command, and once more when it is here: what the
/// way over the network takes is what they differ by.
fn pictures(laptop: &Host<'_>, scratch: &Path, own: &[String]) -> Result<(), String> {
    let to = scratch.join("seen.webp").display().to_string();
    let mut took = [Vec::new(), Vec::new()];
    for id in own {
        for times in &mut took {
            let began = Instant::now();
            laptop.tell(&[
                "asset",
                "write",
                id,
                "--rendition",
                "preview",
                "--to",
                &to,
                "--replace",
            ])?;
            times.push(began.elapsed().as_secs_f64() * 1_000.0);
        }
    }
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times.get(times.len() / 2).copied().unwrap_or_default()
    };
    let [far, near] = &mut took;
    let (far, near) = (median(far), median(near));
    println!(
        "| a preview from the owner's machine, median of {PICTURES}, as a command | {far:.0} ms |"
    );
    println!("| the same once it is here | {near:.0} ms |");
    Ok(())
}
