//! How fast pictures and originals come from another machine, and beside them the same
//! originals by other ways over the same line.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use camera::{Exif, Scene, draw, jpeg};

use super::beside;
use super::network::Network;
use super::speed::{emptied, mega, pair, two};
use super::{Host, until};

/// Pixels of a side of each photo: three megabytes of noise.
const SIDE: u32 = 1_155;
/// How long all originals may take before their number is asked for.
const PATIENCE: Duration = Duration::from_secs(600);
/// Pixels of each scene: a preview of it is as large as previews are.
const SCENE: (u32, u32) = (1_800, 1_350);

/// Asked more often, counting would be what is measured.
fn wait_for(laptop: &Host<'_>, what: &str, field: &str, count: u32) -> Result<Duration, String> {
    until(what, || {
        std::thread::park_timeout(Duration::from_millis(250));
        Ok(laptop.other()?[field] == count)
    })
}

/// Previews and thumbnails of so many photos, as those that people take are, on a line
/// that nothing slows.
pub fn pictures(scratch: &Path, albumen: &Path, photos: u32) -> Result<(), String> {
    emptied(scratch)?;
    let network = Network::new(2)?;
    let [desk, laptop] = two(&network, scratch, albumen)?;
    let folder = desk.folder.join("photos");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    for (seed, scene) in (0..photos).zip(Scene::ALL.into_iter().cycle()) {
        let picture = draw(scene, seed.into(), SCENE.0, SCENE.1);
        let bytes = jpeg(&picture, 90, &Exif::default()).map_err(|error| error.to_string())?;
        let path = folder.join(format!("IMG_{seed:05}.jpg"));
        fs::write(path, bytes).map_err(|error| error.to_string())?;
    }
    desk.tell(&["import", "--in-place", &folder.display().to_string()])?;
    let home = pair(&desk, &laptop)?;
    wait_for(&laptop, "the pictures are known", "assets", photos)?;
    let came = network.received(2)?;
    laptop.tell(&["peer", "keep", &home, "previews"])?;
    let took = wait_for(&laptop, "all pictures are here", "previews", photos)?;
    let came = network.received(2)?.saturating_sub(came);
    // A thumbnail comes with each preview.
    let each = f64::from(photos) / took.as_secs_f64();
    println!("| previews a second, each with its thumbnail | {each:.0} |");
    println!(
        "| kB of both | {:.0} |",
        mega(came) * 1e3 / f64::from(photos)
    );
    Ok(())
}

/// Originals of three megabytes from nothing: here, over plain HTTP, and by others; on a line
/// of this rate, or one that nothing slows.
pub fn originals(
    scratch: &Path,
    albumen: &Path,
    photos: u32,
    line: Option<&str>,
    sendme: Option<&Path>,
) -> Result<(), String> {
    emptied(scratch)?;
    let network = Network::new(2)?;
    let [desk, laptop] = two(&network, scratch, albumen)?;
    let folder = desk.folder.join("photos");
    for seed in 0..photos {
        super::draw(&folder, seed, SIDE)?;
    }
    let album = desk.tell(&["album", "create", "All"])?;
    let album = album["id"].as_str().unwrap_or_default().to_owned();
    let path = folder.display().to_string();
    desk.tell(&["import", "--in-place", "--album", &album, &path])?;
    let words = [
        "link",
        "create",
        "--album",
        &album,
        "--download",
        "original",
    ];
    let link = desk.tell(&[&words[..], &["--show-metadata"]].concat())?;
    let home = pair(&desk, &laptop)?;
    wait_for(&laptop, "the photos are known", "assets", photos)?;
    // What is measured is originals: their pictures are here before.
    laptop.tell(&["peer", "keep", &home, "previews"])?;
    wait_for(&laptop, "their pictures are here", "previews", photos)?;
    if let Some(rate) = line {
        for host in [1, 2] {
            network.slow(host, rate)?;
        }
    }

    let size: u64 = fs::read_dir(&folder)
        .map_err(|error| error.to_string())?
        .filter_map(|entry| entry.ok()?.metadata().ok())
        .map(|file| file.len())
        .sum();
    let speed = |took: Duration| mega(size) / took.as_secs_f64();
    let path = link["path"].as_str().unwrap_or_default();
    let url = format!("http://10.77.0.1:8477{path}/archive");
    // The first time, checksums are found out.
    over_http(&network, &url, scratch)?;
    let http = speed(over_http(&network, &url, scratch)?);
    let began = Instant::now();
    laptop.tell(&["peer", "keep", &home, "originals"])?;
    // As with the others, files are counted; that all are known as kept is asked at the end.
    let kept = laptop.folder.join("library/kept").join(&home);
    while beside::files(&kept, "-original") < photos as usize && began.elapsed() < PATIENCE {
        std::thread::park_timeout(Duration::from_millis(100));
    }
    wait_for(&laptop, "all originals are here", "originals", photos)?;
    let took = began.elapsed();
    let ours = speed(took);
    println!("| originals, MB/s | {ours:.0} |");
    println!(
        "| the same as an archive over HTTP, MB/s; ratio | {http:.0}; {:.2} |",
        ours / http
    );
    let Some(sendme) = sendme else {
        return Ok(());
    };
    drop((desk, laptop));
    let beside = |name: &str, took: Duration| {
        let theirs = speed(took);
        let ratio = ours / theirs;
        println!("| {name}, MB/s; ratio | {theirs:.0}; {ratio:.2} |");
    };
    beside("Syncthing", beside::syncthing(&network, &folder, scratch)?);
    beside(
        "sendme",
        beside::sendme(&network, sendme, &folder, scratch)?,
    );
    Ok(())
}

fn over_http(network: &Network, url: &str, scratch: &Path) -> Result<Duration, String> {
    let archive = scratch.join("archive.zip");
    let began = Instant::now();
    let done = network
        .on(2, Path::new("curl"))
        .args(["--silent", "--fail", "--output"])
        .arg(&archive)
        .arg(url)
        .status()
        .map_err(|error| error.to_string())?;
    let took = began.elapsed();
    fs::remove_file(&archive).map_err(|error| error.to_string())?;
    match done.success() {
        true => Ok(took),
        false => Err(format!("{url} cannot be had.")),
    }
}
