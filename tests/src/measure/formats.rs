//! How each format looks beside another decoder's picture of the same file: a
//! row a file, a table for `docs/formats.md`, and a check that fails where a
//! picture is less alike than it must be.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use image::{RgbImage, imageops};
use media::{Decoder, Format, Input, Kind, Origin, Rendition, Sniff};
use serde_json::Value;

use crate::ssim::likeness;

/// What a picture must reach, of luma.
const ENOUGH: f64 = 0.95;

/// Words before and after the table, written by hand.
const PAGE: &str = include_str!("formats.md");

/// Files that are not shown, or differ from the other decoder, and why.
const EXPLAINED: &[(&str, &str)] = &[
    (
        "formats/avif/kimono.crop.avif",
        "it begins at half a pixel, which heif-convert 1.15 rounds down; the picture that comes with it begins where Albumen's does",
    ),
    (
        "motion-live/motion_photo_pixel_synth.jpg",
        "it holds no picture, only what says where a video would be",
    ),
    (
        "formats/raw/CanonRaw.cr2",
        "its pixels were taken out; kept, with its facts",
    ),
    (
        "formats/raw/DNG.dng",
        "its pixels were taken out; kept, with its facts",
    ),
    (
        "formats/raw/Nikon.nef",
        "its pixels were taken out; kept, with its facts",
    ),
    (
        "video/sony-a7-xavc.MP4",
        "its pictures were taken out; kept, with its facts",
    ),
];

/// What became of one file.
struct Row {
    file: String,
    format: &'static str,
    size: (u32, u32),
    outcome: Outcome,
}

enum Outcome {
    /// Shown; how alike it is, where the other decoder shows it too.
    Shown(Option<f64>),
    /// Not shown, and the reason.
    Unseen(String),
}

impl Row {
    fn explained(&self) -> Option<&'static str> {
        EXPLAINED
            .iter()
            .find(|(file, _)| *file == self.file)
            .map(|(_, why)| *why)
    }

    /// Whether it is as it must be.
    fn is_well(&self) -> bool {
        match self.outcome {
            Outcome::Shown(Some(alike)) => alike >= ENOUGH,
            Outcome::Shown(None) => true,
            Outcome::Unseen(_) => false,
        }
    }
}

/// Prints a row a file, and fails when one is neither well nor explained.
///
/// # Errors
/// The files that are not well, a line each.
pub fn tell(fixtures: &Path) -> Result<(), String> {
    let rows = rows(fixtures)?;
    let mut wrong = String::new();
    for row in &rows {
        let said = match &row.outcome {
            Outcome::Shown(Some(alike)) => format!("SSIM {alike:.4}"),
            Outcome::Shown(None) => "shown; the other decoder does not show it".to_owned(),
            Outcome::Unseen(reason) => reason.clone(),
        };
        let line = format!(
            "{:8} {:5}×{:<5} {}  {said}",
            row.format, row.size.0, row.size.1, row.file
        );
        println!("{line}");
        if !row.is_well() && row.explained().is_none() {
            let _ = writeln!(wrong, "{line}");
        }
    }
    println!("\n{}", table(&rows));
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!("not as they should look:\n{wrong}")),
    }
}

/// Writes the page with its table.
///
/// # Errors
/// When files cannot be read or the page not be written.
pub fn write(fixtures: &Path, page: &Path) -> Result<(), String> {
    let rows = rows(fixtures)?;
    let text = PAGE.replace("{table}", table(&rows).trim_end());
    fs::write(page, text).map_err(|error| format!("{}: {error}", page.display()))
}

/// A line for each format, and one for each file that is not shown or differs.
fn table(rows: &[Row]) -> String {
    let mut formats: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        formats.entry(row.format).or_default().push(row);
    }
    let mut text = String::from(
        "| Format | Files | Shown | SSIM, worst | SSIM, mean |\n|---|---|---|---|---|\n",
    );
    for (format, rows) in &formats {
        let shown = rows
            .iter()
            .filter(|row| matches!(row.outcome, Outcome::Shown(_)))
            .count();
        let alike: Vec<f64> = rows
            .iter()
            .filter_map(|row| match row.outcome {
                Outcome::Shown(alike) => alike,
                Outcome::Unseen(_) => None,
            })
            .collect();
        let figure = |value: Option<f64>| value.map_or("–".to_owned(), |v| format!("{v:.3}"));
        let worst = alike.iter().copied().reduce(f64::min);
        let mean = (!alike.is_empty()).then(|| alike.iter().sum::<f64>() / alike.len() as f64);
        let _ = writeln!(
            text,
            "| {format} | {} | {shown} | {} | {} |",
            rows.len(),
            figure(worst),
            figure(mean)
        );
    }
    let explained: Vec<&Row> = rows.iter().filter(|row| !row.is_well()).collect();
    if !explained.is_empty() {
        text.push_str("\nNot shown, or not alike:\n\n");
    }
    for row in explained {
        let said = match &row.outcome {
            Outcome::Shown(Some(alike)) => format!("SSIM {alike:.3}"),
            _ => "not shown".to_owned(),
        };
        let why = row.explained().unwrap_or("not explained");
        let _ = writeln!(text, "- `{}`: {said}; {why}.", row.file);
    }
    text
}

/// Every picture and video among the fixtures.
fn rows(fixtures: &Path) -> Result<Vec<Row>, String> {
    let list = fixtures.join("EXPECTED.exiftool.json");
    let problem = |error: String| format!("{}: {error}", list.display());
    let text = fs::read_to_string(&list).map_err(|error| problem(error.to_string()))?;
    let entries: Vec<Value> =
        serde_json::from_str(&text).map_err(|error| problem(error.to_string()))?;
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let decoder = Decoder::new(program, 2);
    let scratch = std::env::temp_dir().join(format!("albumen-formats-{}", std::process::id()));
    fs::create_dir_all(&scratch).map_err(|error| error.to_string())?;
    let profile = scratch.join("srgb.icc");
    let srgb = moxcms::ColorProfile::new_srgb()
        .encode()
        .map_err(|error| format!("{error:?}"))?;
    fs::write(&profile, srgb).map_err(|error| error.to_string())?;
    let mut rows = Vec::new();
    for entry in &entries {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
        let mime = text("MIMEType");
        let file = text("SourceFile").trim_start_matches("./");
        let is_media = mime.starts_with("image/") || mime.starts_with("video/");
        let is_here = fixtures.join(file).is_file();
        if is_media && is_here && !file.starts_with("damaged/") {
            rows.push(row(&decoder, fixtures, file, &scratch, &profile)?);
        }
    }
    let _left = fs::remove_dir_all(&scratch);
    rows.sort_by(|a, b| (a.format, &a.file).cmp(&(b.format, &b.file)));
    Ok(rows)
}

fn row(
    decoder: &Decoder,
    fixtures: &Path,
    file: &str,
    scratch: &Path,
    profile: &Path,
) -> Result<Row, String> {
    let path = fixtures.join(file);
    let problem = |error: std::io::Error| format!("{file}: {error}");
    let input = Input::of_file(File::open(&path).map_err(problem)?);
    let row = |format, size, outcome| Row {
        file: file.to_owned(),
        format,
        size,
        outcome,
    };
    let examined = match decoder.examine(&input, &[Rendition::Preview], Origin::Owner) {
        Ok(examined) => examined,
        Err(error) => {
            let format = match media::sniff(&fs::read(&path).map_err(problem)?) {
                Sniff::Media(format) => format.name(),
                _ => "other",
            };
            return Ok(row(format, (0, 0), Outcome::Unseen(error.to_string())));
        }
    };
    let facts = &examined.picture.facts;
    let size = (facts.width, facts.height);
    let format = facts.format;
    let Some((_, preview)) = examined.picture.renditions.first() else {
        let why = examined.unseen.map_or("", media::unseen_sentence);
        return Ok(row(format.name(), size, Outcome::Unseen(why.to_owned())));
    };
    let ours = image::load_from_memory(preview)
        .map_err(|error| format!("{file}: {error}"))?
        .into_rgb8();
    let alike = reference(format, &path, ours.dimensions(), scratch, profile)
        .iter()
        .filter_map(|theirs| Some(likeness(&at_distance(&ours), &at_distance(theirs))?.luma))
        .reduce(f64::max);
    Ok(row(format.name(), size, Outcome::Shown(alike)))
}

/// A picture as it is seen from where it is looked at: SSIM's authors ask for
/// the shorter side to be brought to about 256 pixels by averaging before two
/// pictures are compared.
fn at_distance(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let factor = (f64::from(width.min(height)) / 256.0).round().max(1.0) as u32;
    imageops::thumbnail(picture, (width / factor).max(1), (height / factor).max(1))
}

/// The same picture by another program, upright, in sRGB and of this size; of a
/// video several frames, for whoever makes a poster chooses one.
fn reference(
    format: Format,
    path: &Path,
    size: (u32, u32),
    scratch: &Path,
    profile: &Path,
) -> Vec<RgbImage> {
    if format.kind() == Kind::Video {
        return frames(path, size);
    }
    let whole = scratch.join("whole.png");
    let _old = fs::remove_file(&whole);
    let source = match format {
        Format::Heif | Format::Avif => converted("heif-convert", path, &whole),
        Format::Jxl => converted("djxl", path, &whole),
        _ if format.kind() == Kind::Raw => preview_inside(path, scratch),
        _ => Some(path.to_owned()),
    };
    let Some(source) = source else {
        return Vec::new();
    };
    let mut command = Command::new("convert");
    let mut first = source.into_os_string();
    first.push("[0]");
    command.arg(first).arg("-auto-orient");
    // A turned picture keeps the canvas of the one before; a GIF's frame needs its own.
    if format != Format::Gif {
        command.arg("+repage");
    }
    command.args(["-background", "#f4f4f4", "-flatten", "-profile"]);
    command.arg(profile);
    command.args(["-colorspace", "sRGB", "-filter", "Lanczos", "-resize"]);
    command.arg(format!("{}x{}!", size.0, size.1));
    command.args(["-depth", "8", "rgb:-"]);
    pixels(&mut command, size)
}

fn converted(program: &str, path: &Path, to: &Path) -> Option<PathBuf> {
    Command::new(program).arg(path).arg(to).output().ok()?;
    // heif-convert numbers its files when there are several.
    let numbered = to.with_file_name("whole-1.png");
    [to.to_owned(), numbered].into_iter().find(|to| to.exists())
}

/// The largest JPEG that ExifTool finds in a RAW.
fn preview_inside(path: &Path, scratch: &Path) -> Option<PathBuf> {
    let found = ["-JpgFromRaw", "-PreviewImage", "-OtherImage"]
        .iter()
        .filter_map(|tag| {
            let said = Command::new("exiftool")
                .args(["-b", tag])
                .arg(path)
                .output();
            said.ok().map(|said| said.stdout)
        })
        .max_by_key(Vec::len)
        .filter(|jpeg| jpeg.len() > 1_000)?;
    let to = scratch.join("preview.jpg");
    fs::write(&to, found).ok()?;
    Some(to)
}

fn frames(path: &Path, (width, height): (u32, u32)) -> Vec<RgbImage> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-i"]).arg(path);
    command.args(["-t", "10", "-vf"]);
    command.arg(format!("scale={width}:{height}:flags=lanczos"));
    command.args(["-f", "rawvideo", "-pix_fmt", "rgb24", "-"]);
    pixels(&mut command, (width, height))
}

/// What a program writes, cut into pictures of this size.
fn pixels(command: &mut Command, (width, height): (u32, u32)) -> Vec<RgbImage> {
    let Ok(said) = command.output() else {
        return Vec::new();
    };
    said.stdout
        .chunks_exact(width as usize * height as usize * 3)
        .filter_map(|bytes| RgbImage::from_raw(width, height, bytes.to_vec()))
        .collect()
}
