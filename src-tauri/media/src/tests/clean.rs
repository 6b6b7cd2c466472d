//! What the journeys of clean copies share: forty strings to look for, ways to
//! decode, and other programs where they are installed.

use std::io::{Cursor, Read};
use std::path::PathBuf;
use std::process::Command;

use crate::clean::{CleanReader, Recipe, clean};
use crate::{Format, MediaError};

/// What all seeds begin with, so that a piece of one is found, too.
const MARK: &str = "Qx7Seed";

/// Forty strings that must not be in a clean copy.
pub(super) fn seeds() -> Vec<String> {
    (0..40).map(|number| format!("{MARK}{number:02}")).collect()
}

/// How many of the seeds are in `bytes`, as ASCII or as UTF-16.
pub(super) fn seeds_in(bytes: &[u8]) -> usize {
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    let wide = |seed: &str, high: bool| -> Vec<u8> {
        let units = seed.encode_utf16();
        let bytes = units.flat_map(|unit| match high {
            true => unit.to_be_bytes(),
            false => unit.to_le_bytes(),
        });
        bytes.collect()
    };
    let mark = [
        MARK.as_bytes().to_vec(),
        wide(MARK, true),
        wide(MARK, false),
    ];
    if !mark.iter().any(|mark| holds(mark)) {
        return 0;
    }
    let found = seeds().into_iter().filter(|seed| {
        holds(seed.as_bytes()) || holds(&wide(seed, true)) || holds(&wide(seed, false))
    });
    found.count().max(1)
}

/// The clean copy of `bytes`, read whole.
pub(super) fn cleaned(format: Format, bytes: &[u8]) -> Result<Vec<u8>, MediaError> {
    let recipe = clean(format, &mut Cursor::new(bytes))?;
    Ok(read(bytes, recipe))
}

/// The bytes of a clean copy.
pub(super) fn read(original: &[u8], recipe: Recipe) -> Vec<u8> {
    let length = recipe.length();
    let mut reader = CleanReader::new(Cursor::new(original), recipe).unwrap();
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes.len() as u64, length);
    bytes
}

/// The clean copy of a file with seeds, of which none is left; and cleaning it
/// once more changes nothing.
#[track_caller]
pub(super) fn without_seeds(format: Format, bytes: &[u8], at_least: usize) -> Vec<u8> {
    let before = seeds_in(bytes);
    assert!(before >= at_least, "{format:?} was given {before} seeds");
    let clean = cleaned(format, bytes).unwrap_or_else(|error| panic!("{format:?}: {error}"));
    assert_eq!(seeds_in(&clean), 0, "{format:?}");
    assert_eq!(cleaned(format, &clean).unwrap(), clean, "{format:?}");
    clean
}

/// Asserts that the `image` crate decodes both to the same pixels.
#[track_caller]
pub(super) fn assert_same_pixels(original: &[u8], clean: &[u8]) {
    let decode = |bytes: &[u8]| image::load_from_memory(bytes).unwrap();
    assert!(decode(original) == decode(clean));
}

/// A file for other programs, gone with the value.
pub(super) struct OnDisk(pub(super) PathBuf);

impl OnDisk {
    pub(super) fn new(bytes: &[u8], format: Format) -> OnDisk {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "albumen-clean-{}-{}.{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed),
            format.extension()
        );
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, bytes).unwrap();
        OnDisk(path)
    }
}

impl Drop for OnDisk {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).ok();
    }
}

/// Whether a program is installed; if not, says that `test` goes without it.
pub(super) fn has(program: &str, test: &str) -> bool {
    let version = if program.starts_with("ff") {
        "-version"
    } else {
        "-ver"
    };
    let found = Command::new(program).arg(version).output().is_ok();
    if !found {
        eprintln!("skipped: {test} needs {program}");
    }
    found
}

/// What a program prints about a file, or nothing when it refuses the file.
pub(super) fn output(program: &str, before: &[&str], file: &OnDisk, after: &[&str]) -> Vec<u8> {
    let mut command = Command::new(program);
    command.args(before).arg(&file.0).args(after);
    let output = command.output().unwrap();
    if output.status.success() {
        output.stdout
    } else {
        Vec::new()
    }
}

/// What of a picture or a video is seen and heard, by ImageMagick or ffmpeg:
/// a checksum for each frame. Empty when the program cannot decode it.
pub(super) fn shown_by_others(bytes: &[u8], format: Format) -> String {
    use crate::Kind;
    let file = OnDisk::new(bytes, format);
    let found = match format.kind() {
        Kind::Video => {
            let options = ["-v", "error", "-i"];
            let maps = ["-map", "0:v?", "-map", "0:a?", "-f", "framemd5", "-"];
            output("ffmpeg", &options, &file, &maps)
        }
        _ => output("identify", &["-quiet", "-format", "%w %h %#\n"], &file, &[]),
    };
    String::from_utf8_lossy(&found).into_owned()
}

/// What ExifTool says of a file, its own words about the file left out.
pub(super) fn told_by_exiftool(bytes: &[u8], format: Format) -> String {
    let file = OnDisk::new(bytes, format);
    let options = [
        "-ee",
        "-a",
        "-u",
        "-G3",
        "-json",
        "--System:all",
        "--ExifTool:all",
    ];
    String::from_utf8(output("exiftool", &options, &file, &[])).unwrap()
}

/// One field of a file by ExifTool, as bytes.
pub(super) fn field(bytes: &[u8], format: Format, name: &str) -> Vec<u8> {
    let file = OnDisk::new(bytes, format);
    output("exiftool", &["-b", "-n", name], &file, &[])
}
