//! Programs that some stories need to make or judge a file: ffmpeg, ffprobe,
//! exiftool, those that read archives, those that resume. A story without its program is skipped by name.

use serde_json::Value;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// Whether all of these programs are here; otherwise says that `test` is skipped.
pub fn have(test: &str, programs: &[&str]) -> bool {
    for program in programs {
        let question = match *program {
            "exiftool" => "-ver",
            "nginx" | "unzip" => "-v",
            "7z" => "i",
            "aria2c" | "curl" | "python3" => "--version",
            _ => "-version",
        };
        let here = Command::new(program)
            .arg(question)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if !here.is_ok_and(|status| status.success()) {
            eprintln!("skipped {test}: {program} is not installed");
            return false;
        }
    }
    true
}

/// Runs a program, which must succeed; returns what it said.
pub fn run(program: &str, arguments: &[impl AsRef<OsStr>]) -> Vec<u8> {
    let output = Command::new(program).args(arguments).output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {complaint}");
    output.stdout
}

/// Runs exiftool, which must succeed; returns what it said.
pub fn exiftool(arguments: &[impl AsRef<OsStr>]) -> Vec<u8> {
    run("exiftool", arguments)
}

/// Films a moving test picture with a tone: `words` name the size, length,
/// codecs and whatever else `ffmpeg` takes for its output.
pub fn film(to: &Path, size: &str, seconds: f32, words: &[&str]) {
    let picture = format!("testsrc2=size={size}:rate=25:duration={seconds}");
    let tone = format!("sine=frequency=440:duration={seconds}");
    let mut arguments = vec!["-v", "error", "-y", "-f", "lavfi", "-i", &picture];
    arguments.extend(["-f", "lavfi", "-i", &tone, "-shortest"]);
    arguments.extend(words);
    arguments.push(to.to_str().unwrap());
    run("ffmpeg", &arguments);
}

/// What ffprobe says of a film, after ffmpeg decoded all of it without a
/// complaint: `format` and `streams`.
pub fn played(film: &Path) -> Value {
    let file = film.to_str().unwrap();
    let decoded = ["-v", "error", "-xerror", "-i", file, "-f", "null", "-"];
    run("ffmpeg", &decoded);
    let asked = [
        "-v",
        "error",
        "-of",
        "json",
        "-show_format",
        "-show_streams",
        file,
    ];
    serde_json::from_slice(&run("ffprobe", &asked)).unwrap()
}

/// The codec of a film's picture and, when it has one, of its sound.
pub fn codecs(played: &Value) -> (String, Option<String>) {
    let of = |kind: &str| {
        let streams = played["streams"].as_array().unwrap();
        let stream = streams.iter().find(|stream| stream["codec_type"] == kind)?;
        stream["codec_name"].as_str().map(str::to_owned)
    };
    (of("video").unwrap_or_default(), of("audio"))
}
