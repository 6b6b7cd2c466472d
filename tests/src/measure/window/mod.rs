//! The window on a very large library: how long until it shows photos, what a jump
//! by the scrubber takes, what blocks its main thread, how many elements it makes,
//! and how much memory its web process holds in the end. Measured in the real
//! window, by a script inside its page (`probe.js`), through WebKitGTK's driver.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use library::{AssetId, DeviceId};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::driver::Driver;
use crate::library::{catalog, open, synthetic};

/// What is measured unless told otherwise.
const COUNTS: [u64; 2] = [100_000, 1_000_000];
const PROBE: &str = include_str!("probe.js");
/// How far down the scrubber it is pressed; photos there have thumbnails.
const SHARES: [f64; 12] = [
    0.5, 0.13, 0.92, 0.31, 0.77, 0.05, 0.64, 0.22, 0.85, 0.4, 0.71, 0.58,
];
/// How many photos around each of those, and at the beginning, have thumbnails.
const PICTURED: u64 = 400;
/// The longest that one measurement may take.
const PATIENCE: Duration = Duration::from_secs(1_500);

/// Measures this window on a library of each size.
///
/// # Errors
/// A sentence, when a library cannot be made or the window does not answer.
pub fn run(scratch: &Path, window: &Path, options: &[&str]) -> Result<(), String> {
    let (options, is_merged) = match options {
        [options @ .., "--merged"] => (options, true),
        options => (options, false),
    };
    let counts = match options {
        [] => COUNTS.to_vec(),
        ["--count", count] => vec![count.parse().map_err(|_| format!("{count} is no count."))?],
        other => return Err(format!("`{}` is not understood.", other.join(" "))),
    };
    for count in counts {
        let folder = scratch.join(format!("window-{count}"));
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(told)?;
        }
        make(&folder, count, is_merged)?;
        measure(&folder, window, count)?;
        fs::remove_dir_all(&folder).map_err(told)?;
    }
    Ok(())
}

/// A library of so many, half of them a partner's where that is wished, with thumbnails
/// where the window will be looked at.
fn make(folder: &Path, count: u64, is_merged: bool) -> Result<(), String> {
    drop(open(folder)?);
    synthetic::fill(&catalog(folder), count).map_err(told)?;
    if is_merged {
        synthetic::merge(&catalog(folder)).map_err(told)?;
    }
    let conn = Connection::open(catalog(folder)).map_err(told)?;
    // Comparing them all would take the machine from what is measured.
    conn.execute("DELETE FROM likeness", []).map_err(told)?;
    let shown: u64 = conn
        .query_row("SELECT sum(count) FROM month_count", [], |row| row.get(0))
        .map_err(told)?;
    let mut photos = conn
        .prepare(
            "SELECT hash, via, id FROM asset WHERE shelf = 'timeline' AND trashed_at IS NULL
              ORDER BY sorted_at DESC, seq DESC LIMIT ?1 OFFSET ?2",
        )
        .map_err(told)?;
    let pictures: Vec<Vec<u8>> = (0..8).map(thumbnail).collect::<Result<_, _>>()?;
    for share in SHARES.iter().chain(&[0.0]) {
        let row = (share * shown as f64) as u64;
        let rows = photos
            .query_map((PICTURED, row.saturating_sub(PICTURED / 2)), |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .map_err(told)?;
        for (photo, picture) in rows.zip(pictures.iter().cycle()) {
            let photo: ([u8; 32], Option<[u8; 16]>, [u8; 16]) = photo.map_err(told)?;
            let hex = blake3::Hash::from_bytes(photo.0).to_hex();
            let path = match photo.1 {
                None => folder
                    .join("renditions")
                    .join(hex.get(..2).unwrap_or("00"))
                    .join(format!("{hex}.thumbnail.webp")),
                Some(via) => {
                    conn.execute(
                        "INSERT OR IGNORE INTO kept VALUES (?1, ?2, 'thumbnail', ?3, ?4, 0, 1)",
                        (via, photo.2, [0; 32], picture.len()),
                    )
                    .map_err(told)?;
                    let of = folder
                        .join("kept")
                        .join(DeviceId::from_bytes(via).to_string());
                    of.join(format!("{}-thumbnail", AssetId::from_bytes(photo.2)))
                }
            };
            fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(told)?;
            fs::write(path, picture).map_err(told)?;
        }
    }
    Ok(())
}

/// A picture of the size that thumbnails have, as lossless WebP.
fn thumbnail(number: u32) -> Result<Vec<u8>, String> {
    let drawn = image::RgbImage::from_fn(333, 250, |x, y| {
        let wave = |by: u32| u8::try_from((x * (by + number) / 3 + y * by) % 256).unwrap_or(0);
        image::Rgb([wave(1), wave(2), wave(3)])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    drawn
        .write_to(&mut bytes, image::ImageFormat::WebP)
        .map_err(told)?;
    Ok(bytes.into_inner())
}

fn measure(folder: &Path, window: &Path, count: u64) -> Result<(), String> {
    println!("\n{count} assets\n\n| What | Measured |\n|---|---|");
    let began = Instant::now();
    let driver = Driver::start(window, folder, &[]);
    driver.run(PROBE);
    let first = wait("the first rows", || {
        let first = driver.run("return probe.first()");
        first.is_object().then_some(first)
    })?;
    tell(
        "from the page's beginning to its first rows, ms",
        &first["first"],
    );
    let started = json!(began.elapsed().as_millis() as u64);
    tell(
        "the same, with the programs' start and the driver's, ms",
        &started,
    );
    let idle = ask(&driver, "begin('idle')")?;
    tell("idle: longest gap of the event loop, ms", &idle["gap"]);

    let web = web_process(std::process::id()).ok_or("the web process was not found.")?;
    tell("web process with its first rows, MB", &json!(memory(&web)));

    let jumps = ask(&driver, &format!("begin('jumps', {SHARES:?})"))?;
    tell("jump to its thumbhashes, ms", &jumps["thumbhashes"]);
    tell("jump to its thumbnails, ms", &jumps["thumbnails"]);
    ask(&driver, "begin('jumps', [0])")?;
    for (what, step, frames) in [
        ("scrolling, 60 px a frame", 60, 600),
        ("a fling, 1,500 px a frame", 1_500, 300),
    ] {
        let scrolled = ask(&driver, &format!("begin('scroll', {step}, {frames})"))?;
        tell(
            &format!("{what}: our own work in a frame, ms"),
            &scrolled["script"],
        );
        tell(
            &format!("{what}: longest gap of the event loop, ms"),
            &scrolled["gap"],
        );
        tell(
            &format!("{what}: the same once it stands still"),
            &scrolled["landing"],
        );
        tell(&format!("{what}: most elements"), &scrolled["nodes"]);
        tell(
            &format!("{what}: frames with empty rows in sight"),
            &scrolled["empty"],
        );
    }
    tell(
        "web process before it saw everything, MB",
        &json!(memory(&web)),
    );
    let all = ask(&driver, "begin('everything')")?;
    tell("the last photo that it then showed", &all["last"]);
    tell("web process after it, MB", &json!(memory(&web)));
    Ok(())
}

fn tell(what: &str, figure: &Value) {
    let text = match figure {
        Value::Object(parts) => {
            let named = parts
                .iter()
                .map(|(name, part)| format!("{name} {}", rounded(part)));
            named.collect::<Vec<_>>().join(", ")
        }
        other => rounded(other),
    };
    println!("| {what} | {text} |");
}

fn rounded(figure: &Value) -> String {
    match figure.as_f64() {
        Some(number) => format!("{number:.0}"),
        None => figure
            .as_str()
            .map_or_else(|| figure.to_string(), str::to_owned),
    }
}

/// Begins a measurement in the page and waits for what it tells.
fn ask(driver: &Driver, call: &str) -> Result<Value, String> {
    driver.run(&format!("probe.{call}"));
    let answer = wait(call, || {
        let answer = driver.run("return probe.answer");
        answer.is_object().then_some(answer)
    })?;
    match answer["error"].as_str() {
        Some(error) => Err(format!("{call}: {error}")),
        None => Ok(answer),
    }
}

fn wait<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> Result<T, String> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if let Some(answer) = ask() {
            return Ok(answer);
        }
        thread::sleep(Duration::from_millis(100));
    }
    Err(format!("waited in vain for {what}."))
}

/// The process that draws the page, among those that this one started.
fn web_process(parent: u32) -> Option<PathBuf> {
    let tasks = fs::read_dir(format!("/proc/{parent}/task")).ok()?;
    let children = tasks.flatten().flat_map(|task| {
        let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
        let ids = children.split_whitespace().filter_map(|id| id.parse().ok());
        ids.collect::<Vec<u32>>()
    });
    children.into_iter().find_map(|child| {
        let process = PathBuf::from(format!("/proc/{child}"));
        let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
        match name.starts_with("WebKitWebProces") {
            true => Some(process),
            false => web_process(child),
        }
    })
}

/// Its proportional share of memory (proc(5), `smaps_rollup`), in megabytes.
fn memory(process: &Path) -> u64 {
    let maps = fs::read_to_string(process.join("smaps_rollup")).unwrap_or_default();
    let line = maps.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}
