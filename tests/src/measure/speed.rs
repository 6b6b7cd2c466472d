//! The race: every contender over one list of photos, in rounds, so that a busy
//! machine is busy for all of them. What counts are ratios within a round, and
//! their median over the rounds; beside each stands how good its pictures are.

use crate::contender::{Contender, Places};
use crate::corpus;
use crate::reference::Photo;
use crate::ssim::Likeness;
use crate::usage::{Usage, measured};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// What to measure.
pub struct Order {
    scratch: PathBuf,
    albumen: PathBuf,
    photos: Option<PathBuf>,
    count: usize,
    rounds: usize,
}

impl Order {
    /// From the words of the command line.
    ///
    /// # Errors
    /// The word that is not understood.
    pub fn read(scratch: &Path, albumen: &Path, options: &[&str]) -> Result<Self, String> {
        let mut order = Self {
            scratch: scratch.to_owned(),
            albumen: albumen.to_owned(),
            photos: None,
            count: 24,
            rounds: 5,
        };
        for option in options.chunks(2) {
            let number = option.last().and_then(|word| word.parse().ok());
            match (option, number) {
                (["--photos", folder], _) => order.photos = Some(PathBuf::from(folder)),
                (["--count", _], Some(count @ 1..)) => order.count = count,
                (["--rounds", _], Some(rounds @ 1..)) => order.rounds = rounds,
                _ => return Err(format!("`{}` is not understood.", option.join(" "))),
            }
        }
        Ok(order)
    }
}

/// The likeness of all pictures of one kind.
#[derive(Clone, Copy, Default)]
struct Quality {
    mean: f64,
    worst: f64,
    colour: f64,
}

/// What a contender's runs cost, one entry a round, and how its pictures look.
struct Row {
    contender: Contender,
    runs: Vec<Usage>,
    preview: Option<Quality>,
    thumbnail: Option<Quality>,
}

/// Runs the race and prints its table.
///
/// # Errors
/// A sentence, when a contender is missing or fails.
pub fn run(order: &Order) -> Result<(), String> {
    let corpus = match &order.photos {
        Some(folder) => corpus::chosen(folder, order.count)?,
        None => corpus::usual(&order.scratch.join("photos"), order.count)?,
    };
    let photos: Vec<Photo> = corpus
        .photos
        .iter()
        .map(|path| Photo::open(path))
        .collect::<Result<_, _>>()?;
    let list = order.scratch.join("list");
    prepare(&order.scratch, &list, &photos)?;
    let places = Places {
        scratch: &order.scratch,
        list: &list,
        photos: &photos,
    };
    let megapixels: f64 = photos.iter().map(megapixels).sum();
    let bytes: u64 = photos.iter().map(|photo| photo.bytes).sum();
    let count = photos.len() as f64;
    println!(
        "{}: {:.1} megapixels and {:.1} MB on average.",
        corpus.about,
        megapixels / count,
        bytes as f64 / count / 1e6
    );

    let mut rows = Contender::ALL.map(|contender| Row {
        contender,
        runs: Vec::new(),
        preview: None,
        thumbnail: None,
    });
    // The first round fills the caches of the system and is not counted.
    for round in 0..=order.rounds {
        for row in &mut rows {
            let mut usage = Usage::default();
            for command in &mut row.contender.commands(&places)? {
                usage = usage.then(measured(command)?);
            }
            if round > 0 {
                row.runs.push(usage);
            }
        }
    }
    judge(&mut rows, &photos, &order.scratch)?;
    print_table(&rows, count);
    let import = import(order, &photos)?;
    println!(
        "\n`albumen import` of the same photos, into a new library: {:.0} ms of CPU a photo, peak memory {} MB \
         (node and workers).",
        import.cpu_ms / count,
        import.peak >> 20
    );
    print_targets(&rows, import.peak);
    Ok(())
}

fn megapixels(photo: &Photo) -> f64 {
    f64::from(photo.size.0) * f64::from(photo.size.1) / 1e6
}

/// Writes the list, and empties the folders for what is made.
fn prepare(scratch: &Path, list: &Path, photos: &[Photo]) -> Result<(), String> {
    let problem = |error: std::io::Error| format!("{}: {error}", scratch.display());
    let lines: Vec<String> = photos
        .iter()
        .map(|photo| format!("{}\n", photo.path.display()))
        .collect();
    let made = scratch.join("made");
    if made.exists() {
        fs::remove_dir_all(&made).map_err(problem)?;
    }
    for contender in Contender::ALL {
        if let Some(folder) = contender.folder(scratch) {
            fs::create_dir_all(folder).map_err(problem)?;
        }
    }
    // vipsthumbnail names what it makes after what it reads.
    let originals = made.join("vipsthumbnail").join("originals");
    fs::create_dir_all(&originals).map_err(problem)?;
    for (number, photo) in photos.iter().enumerate() {
        fs::copy(&photo.path, originals.join(format!("{number}.jpg"))).map_err(problem)?;
    }
    fs::write(list, lines.concat()).map_err(problem)
}

/// Compares what was made with the references, two photos at a time.
fn judge(rows: &mut [Row], photos: &[Photo], scratch: &Path) -> Result<(), String> {
    let kinds = ["preview.jpg", "thumbnail.webp"];
    let waiting = Mutex::new(photos.iter().enumerate());
    let found: Mutex<Vec<(Contender, &str, Likeness)>> = Mutex::default();
    let judges = || -> Result<(), String> {
        let next = || waiting.lock().ok()?.next();
        while let Some((number, photo)) = next() {
            let mut reference = photo.reference()?;
            for contender in Contender::ALL {
                let Some(folder) = contender.folder(scratch) else {
                    continue;
                };
                for kind in kinds {
                    let path = folder.join(format!("{number}.{kind}"));
                    let likeness = fs::read(&path)
                        .map_err(|error| error.to_string())
                        .and_then(|bytes| reference.likeness_of(&bytes))
                        .map_err(|error| format!("{}: {error}", path.display()))?;
                    if let Ok(mut found) = found.lock() {
                        found.push((contender, kind, likeness));
                    }
                }
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(judges);
        judges().and(
            other
                .join()
                .unwrap_or_else(|_| Err("a judge fell ill.".to_owned())),
        )
    })?;
    let found = found.into_inner().map_err(|error| error.to_string())?;
    for row in rows {
        let of = |wanted: &str| {
            let all: Vec<Likeness> = found
                .iter()
                .filter(|(contender, kind, _)| *contender == row.contender && *kind == wanted)
                .map(|(_, _, likeness)| *likeness)
                .collect();
            quality(&all)
        };
        let [preview, thumbnail] = kinds.map(of);
        (row.preview, row.thumbnail) = (preview, thumbnail);
    }
    Ok(())
}

fn quality(all: &[Likeness]) -> Option<Quality> {
    if all.is_empty() {
        return None;
    }
    let count = all.len() as f64;
    Some(Quality {
        mean: all.iter().map(|one| one.luma).sum::<f64>() / count,
        worst: all.iter().map(|one| one.luma).fold(1.0, f64::min),
        colour: all.iter().map(|one| one.colour).sum::<f64>() / count,
    })
}

/// Imports the photos into a new library with the node itself.
fn import(order: &Order, photos: &[Photo]) -> Result<Usage, String> {
    let library = order.scratch.join("library");
    if library.exists() {
        fs::remove_dir_all(&library).map_err(|error| error.to_string())?;
    }
    let mut command = Command::new(&order.albumen);
    command.arg("--library").arg(&library).arg("import");
    measured(command.args(photos.iter().map(|photo| &photo.path)))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The median over the rounds of a contender's cost as a multiple of another's
/// in the same round.
fn ratio(row: &Row, to: &Row, cost: fn(&Usage) -> f64) -> f64 {
    let pairs = row.runs.iter().zip(&to.runs);
    median(pairs.map(|(one, other)| cost(one) / cost(other)).collect())
}

fn print_table(rows: &[Row], count: f64) {
    let Some(albumen) = rows.first() else {
        return;
    };
    println!(
        "Medians of {} rounds; «×» is the multiple of Albumen's in the same round. SSIM of luma, mean / worst,\n\
         and in brackets the mean over red, green and blue.\n",
        albumen.runs.len()
    );
    println!(
        "| | CPU a photo | × | Wall a photo | × | Peak memory | Preview SSIM | Thumbnail SSIM |\n\
         |---|---|---|---|---|---|---|---|"
    );
    for row in rows {
        let cpu = median(row.runs.iter().map(|run| run.cpu_ms / count).collect());
        let wall = median(row.runs.iter().map(|run| run.wall_ms / count).collect());
        let peak = row.runs.iter().map(|run| run.peak).max().unwrap_or(0);
        println!(
            "| {} | {cpu:.0} ms | {:.2} | {wall:.0} ms | {:.2} | {} MB | {} | {} |",
            row.contender.name(),
            ratio(row, albumen, |run| run.cpu_ms),
            ratio(row, albumen, |run| run.wall_ms),
            peak >> 20,
            quality_text(row.preview),
            quality_text(row.thumbnail),
        );
    }
}

fn quality_text(quality: Option<Quality>) -> String {
    quality.map_or_else(
        || "–".to_owned(),
        |quality| {
            format!(
                "{:.4} / {:.4} ({:.4})",
                quality.mean, quality.worst, quality.colour
            )
        },
    )
}

/// What was promised, and whether it holds here.
fn print_targets(rows: &[Row], import_peak: u64) {
    let of = |contender| rows.iter().find(|row| row.contender == contender);
    let (Some(albumen), Some(sharp), Some(large), Some(vips), Some(floor)) = (
        of(Contender::Albumen),
        of(Contender::Sharp),
        of(Contender::SharpLarge),
        of(Contender::Vipsthumbnail),
        of(Contender::Floor),
    ) else {
        return;
    };
    let cpu = |row: &Row, to: &Row| ratio(row, to, |run| run.cpu_ms);
    println!();
    for (theirs, what) in [
        (
            large,
            "CPU at least 4 times lower than sharp's at Immich's size",
        ),
        (
            sharp,
            "CPU at least 4 times lower than sharp's at equal sizes",
        ),
    ] {
        let over = cpu(theirs, albumen);
        told(what, over, over >= 4.0);
    }
    let over_vips = cpu(vips, albumen);
    told("CPU lower than vipsthumbnail's", over_vips, over_vips > 1.0);
    let over_floor = cpu(albumen, floor);
    told(
        "CPU within 1.7 times of decoding alone",
        over_floor,
        over_floor <= 1.7,
    );
    for (name, of) in [
        (
            "preview",
            (|row| row.preview) as fn(&Row) -> Option<Quality>,
        ),
        ("thumbnail", |row| row.thumbnail),
    ] {
        if let (Some(ours), Some(theirs)) = (of(albumen), of(sharp)) {
            let behind = (theirs.mean - ours.mean).max(theirs.worst - ours.worst);
            told(
                &format!("SSIM of the {name} behind sharp's by at most 0.005, mean and worst"),
                behind,
                behind <= 0.005,
            );
        }
    }
    let megabytes = import_peak as f64 / (1 << 20) as f64;
    told(
        "peak memory of import at most 400 MB",
        megabytes,
        megabytes <= 400.0,
    );
}

fn told(target: &str, found: f64, met: bool) {
    let word = if met { "met" } else { "missed" };
    let digits = if found.abs() < 0.1 { 4 } else { 2 };
    println!("{word}: {target} ({found:.digits$})");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cpu: &[f64]) -> Row {
        Row {
            contender: Contender::Albumen,
            runs: cpu
                .iter()
                .map(|cpu_ms| Usage {
                    cpu_ms: *cpu_ms,
                    ..Usage::default()
                })
                .collect(),
            preview: None,
            thumbnail: None,
        }
    }

    /// A round in which the whole machine was slow changes no ratio.
    #[test]
    fn ratios_are_taken_within_a_round() {
        let (ours, theirs) = (row(&[10.0, 100.0, 10.0]), row(&[40.0, 400.0, 50.0]));
        let found = ratio(&theirs, &ours, |run| run.cpu_ms);
        assert!((found - 4.0).abs() < 1e-9, "{found}");
    }

    #[test]
    fn options_are_read_and_others_refused() {
        let read = |words: &[&str]| Order::read(Path::new("a"), Path::new("b"), words);
        let order = read(&["--count", "3", "--photos", "p", "--rounds", "7"]);
        assert!(order.is_ok_and(|order| {
            order.count == 3 && order.rounds == 7 && order.photos == Some(PathBuf::from("p"))
        }));
        for wrong in [&["--count", "0"][..], &["--count"], &["--fast", "1"]] {
            assert!(read(wrong).is_err());
        }
    }
}
