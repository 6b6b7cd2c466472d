//! What a link's visitors get, and how quickly: the archive of thousands of photos
//! beside nginx serving the same bytes as one file, and thumbnails and previews
//! beside nginx serving the same files, in the same run. The archive is read by the
//! programs that people have, and interrupted and resumed by those that resume.

pub mod load;

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use camera::{Exif, jpeg, with_exif};
use image::RgbImage;
use serde_json::Value;

use crate::goal::Goals;
use crate::usage::{memory, resident};

/// Photos of the album, unless told otherwise.
const PHOTOS: usize = 2_000;
/// Pixels of a side of each, unless told otherwise: about a megabyte of noise.
const SIDE: u32 = 800;
/// Seconds that checksums of all photos may take.
const PATIENCE: u32 = 1_800;
/// How often each is measured, in turns.
const ROUNDS: usize = 3;
/// Photos whose renditions are asked for.
const SHOWN: usize = 100;
/// Connections at once.
const CONNECTIONS: usize = 64;
/// How long requests are counted, as `wrk` takes it.
const SPELL: &str = "8s";
/// To be reached of nginx's throughput with the archive as one file.
const ARCHIVE: f64 = 0.8;
/// To be reached of nginx's requests for thumbnails, and for previews.
const PICTURES: f64 = 0.6;
/// Megabytes that the node's memory may not grow by while archives are read.
const GROWTH: f64 = 32.0;
/// The programs beside ours, each from the Debian package beside it.
const PROGRAMS: [(&str, &str); 7] = [
    ("7z", "p7zip-full"),
    ("aria2c", "aria2"),
    ("curl", "curl"),
    ("nginx", "nginx-light"),
    ("python3", "python3"),
    ("unzip", "unzip"),
    ("wrk", "wrk"),
];

/// Asks for the paths of a file, one after the other.
const ASKING: &str = r#"
local paths = {}
for line in io.lines(os.getenv("PATHS")) do paths[#paths + 1] = line end
local at = 0
request = function()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end
"#;

/// A program that runs beside; it ends with this.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Told to end, nginx ends its workers, too; killed, it would leave them behind.
        let told = Command::new("kill").arg(self.0.id().to_string()).status();
        if !told.is_ok_and(|status| status.success()) {
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}

struct Bench {
    albumen: PathBuf,
    scratch: PathBuf,
    /// Pixels of a side of each photo.
    side: u32,
}

/// Makes the photos and the link, and measures.
///
/// # Errors
/// A sentence, when something is missing or cannot be made, bytes are not as they
/// should be, or a goal is missed.
pub fn run(scratch: &Path, albumen: &Path, options: &[&str]) -> Result<(), String> {
    let (mut count, mut side) = (PHOTOS, SIDE);
    for pair in options.chunks(2) {
        let read = |text: &str| text.parse().map_err(|_| format!("{text} is no count."));
        match pair {
            ["--photos", many] => count = read(many)? as usize,
            ["--pixels", many] => side = read(many)?,
            other => return Err(format!("`{}` is not understood.", other.join(" "))),
        }
    }
    missing(&PROGRAMS)?;
    let bench = Bench::begin(scratch, albumen, side)?;
    bench.make(count)?;
    let link = bench.share()?;
    let (node, origin) = bench.serve()?;
    let (beside, mirror) = bench.mirror()?;
    let archive = format!("{origin}{link}/archive");
    bench.prepare(&archive)?;
    bench.accept(&archive)?;
    bench.resume(&archive)?;
    let mut goals = Goals::default();
    bench.compare(&archive, &mirror, &node, &mut goals)?;
    bench.ask_often(&origin, &link, &mirror, &mut goals)?;
    drop((node, beside));
    fs::remove_dir_all(scratch).map_err(told)?;
    goals.end()
}

impl Bench {
    /// In an empty folder.
    fn begin(scratch: &Path, albumen: &Path, side: u32) -> Result<Self, String> {
        if scratch.exists() {
            fs::remove_dir_all(scratch).map_err(told)?;
        }
        Ok(Self {
            albumen: albumen.to_owned(),
            scratch: scratch.to_owned(),
            side,
        })
    }

    fn path(&self, name: &str) -> String {
        self.scratch.join(name).to_string_lossy().into_owned()
    }

    /// Photos of noise, each with a caption of its own.
    fn make(&self, count: usize) -> Result<(), String> {
        let mut state = 0x5eed_u32;
        let noise = RgbImage::from_fn(self.side, self.side, |_, _| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            let [red, green, blue, _] = state.to_le_bytes();
            image::Rgb([red, green, blue])
        });
        let plain = jpeg(&noise, 90, &Exif::default()).map_err(told)?;
        for folder in ["photos", "mirror"] {
            fs::create_dir_all(self.path(folder)).map_err(told)?;
        }
        for number in 0..count {
            let exif = Exif {
                caption: format!("number {number}"),
                ..Exif::default()
            };
            let path = self.path(&format!("photos/IMG_{number:06}.jpg"));
            fs::write(path, with_exif(&plain, &exif)).map_err(told)?;
        }
        Ok(())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.albumen);
        command.arg("--library").arg(self.path("library"));
        command.arg("--json").stdin(Stdio::null());
        command
    }

    fn ask(&self, words: &[&str]) -> Result<Value, String> {
        let said = output(self.command().args(words))?;
        serde_json::from_str(&said).map_err(told)
    }

    /// Imports the photos where they are and makes a link to all of them: its path.
    fn share(&self) -> Result<String, String> {
        let album = self.ask(&["album", "create", "Bench"])?;
        let album = said(&album, "id")?;
        let photos = self.path("photos");
        self.ask(&["import", "--in-place", "--album", &album, &photos])?;
        let link = self.ask(&[
            "link",
            "create",
            "--album",
            &album,
            "--download",
            "original",
        ])?;
        said(&link, "path")
    }

    fn serve(&self) -> Result<(Running, String), String> {
        let mut command = self.command();
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut node = Running(child.map_err(told)?);
        let output = node.0.stdout.as_mut().ok_or("the node says nothing.")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).map_err(told)?;
        let line: Value = serde_json::from_str(&line).map_err(told)?;
        Ok((node, format!("http://{}", said(&line, "listen")?)))
    }

    /// nginx over the folder `mirror`, as it is set up to be quick.
    fn mirror(&self) -> Result<(Running, String), String> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .map_err(told)?
            .port();
        let (root, pid) = (self.path("mirror"), self.path("nginx.pid"));
        let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let folders: String = folders
            .iter()
            .map(|kind| format!("  {kind}_temp_path {};\n", self.path("nginx-temporary")))
            .collect();
        let text = format!(
            "daemon off;\nuser root;\npid {pid};\nerror_log /dev/null;\nworker_processes auto;\n\
             events {{ worker_connections 1024; }}\nhttp {{\n  access_log off;\n  sendfile on;\n  \
             tcp_nopush on;\n  open_file_cache max=10000;\n  keepalive_requests 1000000;\n\
             {folders}  server {{ listen 127.0.0.1:{port}; root {root}; }}\n}}\n"
        );
        let config = self.path("nginx.conf");
        fs::write(&config, text).map_err(told)?;
        let mut command = Command::new("nginx");
        command.args(["-c", &config]).stderr(Stdio::null());
        let nginx = Running(command.spawn().map_err(told)?);
        thread::sleep(Duration::from_secs(1));
        Ok((nginx, format!("http://127.0.0.1:{port}")))
    }

    /// Waits until the archive can be had, and lets nginx have it, too.
    fn prepare(&self, archive: &str) -> Result<(), String> {
        let whole = self.path("mirror/archive.zip");
        for _ in 0..PATIENCE {
            let code = ["-s", "-I", "-o", "/dev/null", "-w", "%{http_code}", archive];
            if output(Command::new("curl").args(code))? == "200" {
                output(Command::new("curl").args(["-s", "--fail", "-o", &whole, archive]))?;
                return Ok(());
            }
            thread::sleep(Duration::from_secs(1));
        }
        Err(format!("the archive was not ready within {PATIENCE} s."))
    }

    /// The programs that people have read it.
    fn accept(&self, archive: &str) -> Result<(), String> {
        let whole = self.path("mirror/archive.zip");
        let script = "import sys, zipfile; assert zipfile.ZipFile(sys.argv[1]).testzip() is None";
        output(Command::new("unzip").args(["-tqq", &whole]))?;
        output(Command::new("python3").args(["-c", script, &whole]))?;
        output(Command::new("7z").args(["t", &whole]))?;
        let length = fs::metadata(&whole).map_err(told)?.len();
        println!("{archive}: {length} bytes; unzip, Python's zipfile and 7z accept them.");
        Ok(())
    }

    /// Interrupted somewhere, and resumed.
    fn resume(&self, archive: &str) -> Result<(), String> {
        let (whole, part) = (self.path("mirror/archive.zip"), self.path("part.zip"));
        let length = fs::metadata(&whole).map_err(told)?.len();
        let (out, folder) = ("--out=part.zip", format!("--dir={}", self.path("")));
        let resumers: [(&str, Vec<&str>); 2] = [
            (
                "curl",
                vec!["-s", "--fail", "-C", "-", "-o", &part, archive],
            ),
            (
                "aria2c",
                vec!["-q", "-c", "-s4", "-x4", out, &folder, archive],
            ),
        ];
        let mut at = u64::from(std::process::id()).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for (program, words) in resumers {
            at = at.rotate_left(17) % length.max(1);
            fs::copy(&whole, &part).map_err(told)?;
            let file = File::options().write(true).open(&part).map_err(told)?;
            file.set_len(at).map_err(told)?;
            output(Command::new(program).args(words))?;
            output(Command::new("cmp").args([&whole, &part]))?;
            println!("Interrupted after {at} bytes and resumed by {program}: identical.");
            fs::remove_file(&part).map_err(told)?;
        }
        Ok(())
    }

    /// Throughput, and what the node's memory grew by.
    fn compare(
        &self,
        archive: &str,
        mirror: &str,
        node: &Running,
        goals: &mut Goals,
    ) -> Result<(), String> {
        let same = format!("{mirror}/archive.zip");
        let speed = |url: &str| -> Result<f64, String> {
            let words = [
                "-s",
                "--fail",
                "-o",
                "/dev/null",
                "-w",
                "%{speed_download}",
                url,
            ];
            let speed = output(Command::new("curl").args(words))?;
            speed.trim().parse().map_err(told)
        };
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        speed(&same)?;
        let process = node.0.id();
        // From now on the mark is that of the measured downloads.
        fs::write(format!("/proc/{process}/clear_refs"), "5").map_err(told)?;
        let before = resident(process);
        for _ in 0..ROUNDS {
            ours.push(speed(archive)?);
            theirs.push(speed(&same)?);
        }
        let grown = memory(process).0.saturating_sub(before) as f64 / 1e6;
        let (ours, theirs) = (median(ours), median(theirs));
        println!(
            "\n| The archive as one file | MB/s |\n|---|---|\n| Albumen | {:.0} |\n| nginx | {:.0} \
             |\n| ratio | {:.2} |\n\nThe node's memory grew by {grown:.1} MB.",
            ours / 1e6,
            theirs / 1e6,
            ours / theirs
        );
        goals.at_least("the archive's speed beside nginx's", ours / theirs, ARCHIVE);
        goals.below("MB that the node's memory grew by", grown, GROWTH);
        Ok(())
    }

    /// Requests per second for thumbnails and previews.
    fn ask_often(
        &self,
        origin: &str,
        link: &str,
        mirror: &str,
        goals: &mut Goals,
    ) -> Result<(), String> {
        let page = output(Command::new("curl").args(["-s", &format!("{origin}{link}")]))?;
        let items: Vec<&str> = page
            .split("id=\"p-")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .take(SHOWN)
            .collect();
        let script = self.path("asking.lua");
        fs::write(&script, ASKING).map_err(told)?;
        println!("\n| {CONNECTIONS} connections | Albumen | nginx | ratio |\n|---|---|---|---|");
        for kind in ["thumbnail", "preview"] {
            let (mut ours, mut theirs) = (String::new(), String::new());
            for item in &items {
                let path = format!("{link}/photo/{item}/{kind}");
                let name = format!("{item}-{kind}");
                let copy = self.path(&format!("mirror/{name}"));
                let url = format!("{origin}{path}");
                output(Command::new("curl").args(["-s", "--fail", "-o", &copy, &url]))?;
                ours += &format!("{path}\n");
                theirs += &format!("/{name}\n");
            }
            let rate = |origin: &str, paths: &str| {
                let file = self.path("paths");
                fs::write(&file, paths).map_err(told)?;
                requests(origin, &script, &file)
            };
            let (mut our_rates, mut their_rates) = (Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                our_rates.push(rate(origin, &ours)?);
                their_rates.push(rate(mirror, &theirs)?);
            }
            let (ours, theirs) = (median(our_rates), median(their_rates));
            let ratio = ours / theirs;
            println!("| {kind}s a second | {ours:.0} | {theirs:.0} | {ratio:.2} |");
            goals.at_least(&format!("{kind}s a second beside nginx's"), ratio, PICTURES);
        }
        Ok(())
    }
}

/// Requests per second that were answered, all of them well.
fn requests(origin: &str, script: &str, paths: &str) -> Result<f64, String> {
    let connections = CONNECTIONS.to_string();
    let words = ["-t1", "-c", &connections, "-d", SPELL, "-s", script, origin];
    let said = output(Command::new("wrk").args(words).env("PATHS", paths))?;
    if said.contains("Non-2xx") || said.contains("Socket errors") {
        return Err(format!("not every answer was one:\n{said}"));
    }
    let rate = said.split("Requests/sec:").nth(1);
    let rate = rate.and_then(|rest| rest.split_whitespace().next());
    rate.ok_or("wrk told no rate.")?.parse().map_err(told)
}

/// What a program says, which must succeed.
fn output(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .map_err(|error| format!("{name} could not be started: {error}."))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{name}: {}.\n{complaint}", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Fails with the names of programs that are not here, and of their Debian packages.
fn missing(programs: &[(&str, &str)]) -> Result<(), String> {
    let missing: Vec<String> = programs
        .iter()
        .filter(|(program, _)| !is_here(program))
        .map(|(program, package)| format!("{program} (Debian: {package})"))
        .collect();
    match missing.as_slice() {
        [] => Ok(()),
        missing => Err(format!("missing: {}.", missing.join(", "))),
    }
}

/// Whether a program is on the path.
fn is_here(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

fn said(document: &Value, name: &str) -> Result<String, String> {
    let text = document.get(name).and_then(Value::as_str);
    Ok(text.ok_or(format!("no {name}: {document}"))?.to_owned())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}
