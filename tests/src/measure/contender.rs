//! The programs that are compared, each over the same list of photos: Albumen's
//! pipeline as import runs it, sharp as Immich runs it, `vipsthumbnail`, and
//! the decoding alone, which nobody can do without.

use crate::reference::Photo;
use media::{Decoder, Input, Origin, Rendition};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use turbojpeg::{Decompressor, Image, PixelFormat, ScalingFactor};

/// The word by which this program runs [`develop`].
pub const DEVELOP: &str = "develop";
/// The word by which this program runs [`decode`].
pub const DECODE: &str = "decode";

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contender {
    /// Hash, metadata, preview, thumbnail, thumbhash, in the pool of workers.
    Albumen,
    /// Preview, thumbnail, thumbhash.
    Sharp,
    /// The same after SHA-1 of the file, as Immich takes it at upload.
    SharpAndHash,
    /// The same as [`Contender::Sharp`] with Immich's own size of a preview, whose
    /// short side is 1440.
    SharpLarge,
    /// Preview and thumbnail, by one run for each, many photos a run.
    Vipsthumbnail,
    /// Decoding alone, at the scale that Albumen takes; one thread.
    Floor,
}

/// Where things are.
pub struct Places<'a> {
    /// The folder for everything that is made.
    pub scratch: &'a Path,
    /// A file with one photo's path a line.
    pub list: &'a Path,
    /// The photos of that list, in order.
    pub photos: &'a [Photo],
}

impl Contender {
    /// All of them, in the order of a round; Albumen is what the others are
    /// compared with.
    pub const ALL: [Self; 6] = [
        Self::Albumen,
        Self::Sharp,
        Self::SharpAndHash,
        Self::SharpLarge,
        Self::Vipsthumbnail,
        Self::Floor,
    ];

    /// What the table calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Albumen => "Albumen",
            Self::Sharp => "sharp",
            Self::SharpAndHash => "sharp and SHA-1",
            Self::SharpLarge => "sharp at Immich's size",
            Self::Vipsthumbnail => "vipsthumbnail",
            Self::Floor => "decoding alone",
        }
    }

    /// Its folder for pictures, or nothing when it makes none of its own.
    pub fn folder(self, scratch: &Path) -> Option<PathBuf> {
        let name = match self {
            Self::Albumen => "albumen",
            Self::Sharp | Self::SharpAndHash => "sharp",
            Self::SharpLarge => "sharp-large",
            Self::Vipsthumbnail => "vipsthumbnail",
            Self::Floor => return None,
        };
        Some(scratch.join("made").join(name))
    }

    /// The commands that do its work, one after the other.
    ///
    /// # Errors
    /// When this program does not know where it is itself.
    pub fn commands(self, places: &Places) -> Result<Vec<Command>, String> {
        let own = std::env::current_exe().map_err(|error| error.to_string())?;
        let folder = self.folder(places.scratch).unwrap_or_default();
        match self {
            Self::Albumen => {
                let mut command = Command::new(own);
                command.arg(DEVELOP).arg(places.list).arg(folder);
                Ok(vec![command])
            }
            Self::Floor => {
                let mut command = Command::new(own);
                command.arg(DECODE).arg(places.list);
                Ok(vec![command])
            }
            Self::Sharp | Self::SharpAndHash | Self::SharpLarge => {
                let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/measure/sharp.mjs");
                let mut command = Command::new("node");
                command.arg(script).arg(places.scratch.join("sharp"));
                command.arg(places.list).arg(folder);
                match self {
                    Self::SharpAndHash => command.arg("--hash"),
                    Self::SharpLarge => command.arg("--large"),
                    _ => &mut command,
                };
                Ok(vec![command])
            }
            Self::Vipsthumbnail => Ok(vipsthumbnail(places.photos, &folder)),
        }
    }
}

/// `vipsthumbnail` names its output after the input, so each photo is linked to
/// by its number; a short side of 250 is a height for some and a width for others.
fn vipsthumbnail(photos: &[Photo], folder: &Path) -> Vec<Command> {
    let names = |wanted: &dyn Fn(&Photo) -> bool| -> Vec<String> {
        let chosen = photos.iter().enumerate().filter(|(_, photo)| wanted(photo));
        chosen.map(|(number, _)| format!("{number}.jpg")).collect()
    };
    let wide: fn(&Photo) -> bool = |photo| photo.size.0 >= photo.size.1;
    let runs = [
        ("1440x1440", "preview.jpg[Q=80,strip]", names(&|_| true)),
        ("x250", "thumbnail.webp[Q=80,strip]", names(&wide)),
        (
            "250x",
            "thumbnail.webp[Q=80,strip]",
            names(&|photo| !wide(photo)),
        ),
    ];
    runs.into_iter()
        .filter(|(_, _, names)| !names.is_empty())
        .map(|(size, output, names)| {
            let mut command = Command::new("vipsthumbnail");
            command.current_dir(folder.join("originals"));
            command.args(["--size", size, "--eprofile", "srgb", "--output"]);
            command.arg(format!("{}/%s.{output}", folder.display()));
            command.args(names);
            command
        })
        .collect()
}

/// The photos of a list file.
///
/// # Errors
/// When the file cannot be read.
fn listed(list: &Path) -> Result<Vec<PathBuf>, String> {
    let text = fs::read_to_string(list).map_err(|error| format!("{}: {error}", list.display()))?;
    Ok(text.lines().map(PathBuf::from).collect())
}

/// Albumen's way with the photos of a list: each is read once, hashed, examined
/// in the pool of workers, and its preview and thumbnail written to `folder`.
///
/// # Errors
/// The first photo that could not be made.
pub fn develop(list: &Path, folder: &Path) -> Result<(), String> {
    let photos = listed(list)?;
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let decoder = Decoder::new(own, workers);
    let waiting = Mutex::new(photos.iter().enumerate());
    let problems = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        // As many as import starts: two more than can decode at once.
        for _ in 0..workers + 2 {
            scope.spawn(|| {
                while let Some((number, path)) = next(&waiting) {
                    if let Err(problem) = develop_one(&decoder, path, number, folder)
                        && let Ok(mut problems) = problems.lock()
                    {
                        problems.push(format!("{}: {problem}", path.display()));
                    }
                }
            });
        }
    });
    let problems = problems.into_inner().unwrap_or_default();
    problems.into_iter().next().map_or(Ok(()), Err)
}

fn next<T>(waiting: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    waiting.lock().ok()?.next()
}

fn develop_one(decoder: &Decoder, path: &Path, number: usize, folder: &Path) -> Result<(), String> {
    let mut file = fs::File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    std::hint::black_box(blake3::hash(&bytes));
    let picture = decoder
        .picture(
            &Input::of_file(file),
            &[Rendition::Preview, Rendition::Thumbnail],
            Origin::Owner,
        )
        .map_err(|error| error.to_string())?;
    for (rendition, bytes) in picture.renditions {
        let name = format!("{number}.{}.{}", rendition.name(), rendition.extension());
        fs::write(folder.join(name), bytes).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Decodes the photos of a list, one after the other, at the smallest of
/// libjpeg-turbo's quick scales that covers a long side of 1440 pixels.
///
/// # Errors
/// The first photo that could not be decoded.
pub fn decode(list: &Path) -> Result<(), String> {
    for path in listed(list)? {
        let problem = |error: String| format!("{}: {error}", path.display());
        let bytes = fs::read(&path).map_err(|error| problem(error.to_string()))?;
        decode_one(&bytes).map_err(|error| problem(error.to_string()))?;
    }
    Ok(())
}

fn decode_one(bytes: &[u8]) -> Result<(), turbojpeg::Error> {
    let mut decoder = Decompressor::new()?;
    let header = decoder.read_header(bytes)?;
    let long = header.width.max(header.height);
    let scale = [8, 4, 2]
        .map(|part| ScalingFactor::new(1, part))
        .into_iter()
        .find(|scale| scale.scale(long) >= long.min(1440))
        .unwrap_or(ScalingFactor::ONE);
    decoder.set_scaling_factor(scale)?;
    let scaled = header.scaled(scale);
    let pitch = scaled.width * 3;
    let mut pixels = vec![0; pitch * scaled.height];
    decoder.decompress(
        bytes,
        Image {
            pixels: pixels.as_mut_slice(),
            width: scaled.width,
            pitch,
            height: scaled.height,
            format: PixelFormat::RGB,
        },
    )?;
    std::hint::black_box(&pixels);
    Ok(())
}
