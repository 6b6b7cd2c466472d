//! The library at scale: a synthetic catalog (`synthetic`), and how long a person
//! waits for what they do with it. Asked in a process of its own, so that what is
//! told of memory is the asking's alone.

pub mod synthetic;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use library::{
    Area, AssetEdit, AssetKind, AssetQuery, Clock, Cursor, Filter, GridQuery, Library, Shelf,
};

/// The word that this program starts itself with to ask a catalog it has made.
pub const ASK: &str = "ask-library";
/// What is measured unless told otherwise.
const COUNTS: [u64; 2] = [100_000, 1_000_000];
/// Rows of a page.
const PAGE: u32 = 500;

/// Makes a catalog of each size in the scratch folder and asks it.
///
/// # Errors
/// A sentence, when one cannot be made or opened.
pub fn run(scratch: &Path, options: &[&str]) -> Result<(), String> {
    let counts = match options {
        [] => COUNTS.to_vec(),
        ["--count", count] => vec![count.parse().map_err(|_| format!("{count} is no count."))?],
        other => return Err(format!("`{}` is not understood.", other.join(" "))),
    };
    for count in counts {
        let folder = scratch.join(count.to_string());
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
        }
        let began = Instant::now();
        drop(open(&folder)?);
        let busiest =
            synthetic::fill(&catalog(&folder), count).map_err(|error| error.to_string())?;
        let seconds = began.elapsed().as_secs_f64();
        let bytes = fs::metadata(catalog(&folder)).map_or(0, |file| file.len());
        println!(
            "\n{count} assets, {busiest} of them in one month: made in {seconds:.0} s, {} MB\n",
            bytes >> 20
        );
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let asked = Command::new(program)
            .arg(ASK)
            .arg(&folder)
            .status()
            .map_err(|error| error.to_string())?;
        if !asked.success() {
            return Err(format!("the catalog of {count} could not be asked."));
        }
        fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Where a library's catalog is.
pub fn catalog(folder: &Path) -> PathBuf {
    folder.join("albumen.sqlite")
}

/// Opens a library, or makes it.
///
/// # Errors
/// A sentence, when the library fails.
pub fn open(folder: &Path) -> Result<Library, String> {
    let decoder = media::Decoder::new("no-worker-is-needed".into(), 1);
    Library::open(folder, decoder, Clock::system()).map_err(|error| error.to_string())
}

/// Asks a catalog all that a person would, and prints how long each took.
///
/// # Errors
/// A sentence, when the library fails.
pub fn ask(folder: &Path) -> Result<(), String> {
    forget(&catalog(folder));
    println!("| What | Median | Worst | Limit |\n|---|---|---|---|");
    let began = Instant::now();
    let library = open(folder)?;
    let page = library.assets(&AssetQuery::default()).map_err(told)?;
    tell(
        "cold open to the first rows",
        vec![millis(began)],
        Some(1_000.0),
    );
    let newest = page.assets.first().ok_or("the catalog is empty.")?.id;

    let months = library.months().map_err(told)?;
    let count: u64 = months.iter().map(|month| month.count).sum();
    let busiest = months.iter().map(|month| month.count).max().unwrap_or(0);
    let before: u64 = months
        .iter()
        .take_while(|month| month.count < busiest)
        .map(|month| month.count)
        .sum();
    time("months", Some(100.0), 20, |_| library.months().map(|_| ()))?;
    let page_at = |first: u64| {
        let query = GridQuery {
            first,
            count: Some(PAGE),
            ..GridQuery::default()
        };
        library.grid(&query).map(|_| ())
    };
    time("a page of 500 rows, anywhere", Some(30.0), 40, |n| {
        page_at(count * n / 40)
    })?;
    time(
        "a page of 500 rows, late in the busiest month",
        Some(30.0),
        10,
        |n| page_at(before + busiest * (90 + n) / 100),
    )?;
    search(&library)?;
    map(&library)?;
    time("one edit, to the disk", None, 20, |n| {
        let edit = AssetEdit {
            title: Some(format!("Edited {n}")),
            ..AssetEdit::default()
        };
        library.edit_assets(&[newest], edit).map(|_| ())
    })?;
    time("cameras, places and tags to choose from", None, 3, |_| {
        library.suggestions(20).map(|_| ())
    })?;
    println!("\nMemory of the process: {}", memory());
    let began = Instant::now();
    library.find_twins(&|_| true).map_err(told)?;
    println!(
        "All compared with all: {:.0} s",
        began.elapsed().as_secs_f64()
    );
    time("a page of duplicates", None, 3, |_| {
        library.twins(100, None).map(|_| ())
    })?;
    println!("Memory after it: {}", memory());
    time_whole_grid(&library)?;
    println!("Memory after it: {}", memory());
    Ok(())
}

/// The map as a screen asks for it, from the world to a town, and the photos of a spot.
fn map(library: &Library) -> Result<(), String> {
    for (name, area, zoom) in [
        ("the world on the map", "-85,-180,85,180", 2),
        ("Europe on the map", "35,-12,62,30", 5),
        ("Liguria on the map", "43.8,7.8,44.8,10", 9),
        ("a town on the map", "44.38,8.9,44.46,9.02", 13),
        ("a street on the map", "44.408,8.93,44.418,8.95", 16),
    ] {
        let area: Area = area.parse().map_err(told)?;
        time(name, Some(100.0), 10, |_| {
            library.map(area, zoom, None).map(|_| ())
        })?;
    }
    let world: Area = "-85,-180,85,180".parse().map_err(told)?;
    let spot = library.map(world, 6, None).map_err(told)?.clusters.pop();
    let area = spot.map(|cluster| cluster.area);
    let filter = Filter {
        shelf: Some(Shelf::Timeline),
        area,
        ..Filter::default()
    };
    ask_both(library, "the photos of one spot", &filter)
}

/// Every search is asked as a list of a hundred and as a page of a grid.
fn search(library: &Library) -> Result<(), String> {
    let text = |text: &str| Filter {
        text: Some(text.to_owned()),
        ..Filter::default()
    };
    let album = library
        .albums()
        .map_err(told)?
        .first()
        .map(|album| album.id);
    for word in [
        "i",
        "im",
        "img",
        "img_",
        "img_2",
        "img_2019",
        "jpg",
        "canon",
        "canon eos",
        "genoa",
        "g",
        "ge",
        "gen",
        "geno",
        "italy liguria",
        "canon genoa 2019",
        "beach",
        "nowhere",
    ] {
        ask_both(library, &format!("search «{word}»"), &text(word))?;
    }
    let any = Filter::default;
    let year = |year: i64| (year - 1970) * 31_556_952_000;
    for (name, filter) in [
        (
            "favourites",
            Filter {
                favorite: true,
                ..any()
            },
        ),
        (
            "five stars",
            Filter {
                rating_at_least: Some(5),
                ..any()
            },
        ),
        (
            "videos of 2008",
            Filter {
                kind: Some(AssetKind::Video),
                from: Some(year(2008)),
                before: Some(year(2009)),
                ..any()
            },
        ),
        (
            "all of 2008",
            Filter {
                from: Some(year(2008)),
                before: Some(year(2009)),
                ..any()
            },
        ),
        (
            "raw, by Canon, with a place",
            Filter {
                kind: Some(AssetKind::Raw),
                camera: Some("canon".to_owned()),
                placed: Some(true),
                ..any()
            },
        ),
        (
            "five stars and «jpg»",
            Filter {
                rating_at_least: Some(5),
                ..text("jpg")
            },
        ),
        ("an album", Filter { album, ..any() }),
        (
            "«img» in an album",
            Filter {
                album,
                ..text("img")
            },
        ),
        (
            "«canon» in the archive",
            Filter {
                shelf: Some(Shelf::Archive),
                ..text("canon")
            },
        ),
    ] {
        ask_both(library, name, &filter)?;
    }
    // Far down the list.
    let deep: Cursor = format!("{}:1", year(2009)).parse().map_err(told)?;
    time("search «canon», far down", Some(100.0), 5, |_| {
        let query = AssetQuery {
            filter: text("canon"),
            limit: None,
            after: Some(deep),
        };
        library.assets(&query).map(|_| ())
    })
}

fn ask_both(library: &Library, name: &str, filter: &Filter) -> Result<(), String> {
    time(name, Some(100.0), 6, |n| {
        if n % 2 == 0 {
            let query = AssetQuery {
                filter: filter.clone(),
                ..AssetQuery::default()
            };
            library.assets(&query).map(|_| ())
        } else {
            let query = GridQuery {
                filter: filter.clone(),
                first: 0,
                count: Some(PAGE),
            };
            library.grid(&query).map(|_| ())
        }
    })
}

fn time_whole_grid(library: &Library) -> Result<(), String> {
    let began = Instant::now();
    let rows = library.grid(&GridQuery::default()).map_err(told)?.ids.len();
    println!(
        "The whole timeline as one grid, {rows} rows: {:.0} ms",
        millis(began)
    );
    Ok(())
}

/// Does something several times and prints how long it took.
fn time<E: std::fmt::Display>(
    what: &str,
    limit: Option<f64>,
    times: u64,
    mut act: impl FnMut(u64) -> Result<(), E>,
) -> Result<(), String> {
    let mut took = Vec::new();
    for n in 0..times {
        let began = Instant::now();
        act(n).map_err(told)?;
        took.push(millis(began));
    }
    tell(what, took, limit);
    Ok(())
}

fn tell(what: &str, mut took: Vec<f64>, limit: Option<f64>) {
    took.sort_by(f64::total_cmp);
    let median = took.get(took.len() / 2).copied().unwrap_or_default();
    let worst = took.last().copied().unwrap_or_default();
    let limit = match limit {
        Some(limit) if worst > limit => format!("**over {limit} ms**"),
        Some(limit) => format!("{limit} ms"),
        None => "–".to_owned(),
    };
    println!("| {what} | {median:.1} ms | {worst:.1} ms | {limit} |");
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1_000.0
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Has the system forget what it keeps of a file in memory (coreutils' way).
fn forget(file: &Path) {
    let forgotten = Command::new("dd")
        .arg(format!("if={}", file.display()))
        .args(["iflag=nocache", "count=0", "status=none"])
        .status();
    if !forgotten.is_ok_and(|status| status.success()) {
        println!("note: the catalog is still in the system's memory, for dd could not be run");
    }
}

/// Resident memory now and at its highest (proc(5)).
fn memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .and_then(|rest| rest.trim_end_matches("kB").trim().parse::<u64>().ok())
            .map_or("unknown".to_owned(), |kilobytes| {
                format!("{} MB", kilobytes >> 10)
            })
    };
    format!("{} now, {} at most", field("VmRSS:"), field("VmHWM:"))
}
