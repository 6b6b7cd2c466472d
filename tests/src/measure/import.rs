//! An import of very many files into a node that runs: stopped half-way and begun
//! again. Told are how many files were read, how many twice, and the most memory
//! that the node and its workers held.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use camera::{Exif, jpeg, quadrants};
use serde_json::Value;

use crate::usage::memory;

/// Files of the import, unless told otherwise.
const FILES: usize = 20_000;
/// How many are in one folder.
const IN_FOLDER: usize = 250;
/// How often memory is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// What is measured, and with what.
struct Bench {
    albumen: PathBuf,
    library: PathBuf,
    photos: PathBuf,
}

/// The node that the imports are handed to; it ends with this.
struct Node(Child);

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What one import came to.
#[derive(Default)]
struct Run {
    read: u64,
    imported: u64,
    duplicates: u64,
    seconds: f64,
    /// Bytes at most, of the node and of it with its workers.
    node: u64,
    family: u64,
}

/// Makes the photos and imports them.
///
/// # Errors
/// A sentence, when something cannot be made or run, or a file was read twice.
pub fn run(scratch: &Path, albumen: &Path, options: &[&str]) -> Result<(), String> {
    let count = match options {
        [] => FILES,
        ["--files", count] => count.parse().map_err(|_| format!("{count} is no count."))?,
        other => return Err(format!("`{}` is not understood.", other.join(" "))),
    };
    if scratch.exists() {
        fs::remove_dir_all(scratch).map_err(told)?;
    }
    let bench = Bench {
        albumen: albumen.to_owned(),
        library: scratch.join("library"),
        photos: scratch.join("photos"),
    };
    bench.make(count)?;
    let node = bench.serve()?;
    let first = bench.import(&node, Some(count as u64 / 2))?;
    let second = bench.import(&node, None)?;
    let third = bench.import(&node, None)?;
    drop(node);
    println!("| {count} files | Read | Imported | Already there | Seconds | Node | With workers |");
    println!("|---|---|---|---|---|---|---|");
    for (name, run) in [
        ("stopped half-way", &first),
        ("again", &second),
        ("once more", &third),
    ] {
        println!(
            "| {name} | {} | {} | {} | {:.0} | {} MB | {} MB |",
            run.read,
            run.imported,
            run.duplicates,
            run.seconds,
            run.node >> 20,
            run.family >> 20
        );
    }
    let twice = (first.read + second.read + third.read).saturating_sub(count as u64);
    println!("\nFiles read twice: {twice}");
    fs::remove_dir_all(scratch).map_err(told)?;
    match twice {
        0 => Ok(()),
        _ => Err(format!("{twice} files were read twice.")),
    }
}

impl Bench {
    /// Small photos, each of its own bytes, last written to an hour ago.
    fn make(&self, count: usize) -> Result<(), String> {
        let picture = quadrants(64, 48);
        let then = SystemTime::now() - Duration::from_secs(3_600);
        for number in 0..count {
            let folder = self.photos.join(format!("{:04}", number / IN_FOLDER));
            if number % IN_FOLDER == 0 {
                fs::create_dir_all(&folder).map_err(told)?;
            }
            let exif = Exif {
                taken: format!(
                    "20{:02}:{:02}:{:02} 10:00:00",
                    number % 20,
                    number % 12 + 1,
                    number % 28 + 1
                ),
                caption: format!("number {number}"),
                ..Exif::default()
            };
            let bytes = jpeg(&picture, 70, &exif).map_err(told)?;
            let path = folder.join(format!("IMG_{number:06}.jpg"));
            fs::write(&path, bytes).map_err(told)?;
            let file = File::options().write(true).open(&path).map_err(told)?;
            file.set_modified(then).map_err(told)?;
        }
        Ok(())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.albumen);
        command.arg("--library").arg(&self.library).arg("--json");
        command.stdin(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn ask(&self, words: &[&str]) -> Result<Value, String> {
        let output = self.command().args(words).output().map_err(told)?;
        serde_json::from_slice(&output.stdout).map_err(told)
    }

    fn serve(&self) -> Result<Node, String> {
        let mut command = self.command();
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        let mut node = Node(command.stdout(Stdio::piped()).spawn().map_err(told)?);
        // Its first line says that it runs.
        let mut line = [0];
        let output = node.0.stdout.as_mut().ok_or("the node says nothing.")?;
        std::io::Read::read_exact(output, &mut line).map_err(told)?;
        Ok(node)
    }

    /// Imports all photos, or until so many are done.
    fn import(&self, node: &Node, stop_at: Option<u64>) -> Result<Run, String> {
        let began = Instant::now();
        let mut command = self.command();
        command.arg("import").arg(&self.photos);
        let mut import = command.stdout(Stdio::piped()).spawn().map_err(told)?;
        let mut output = import.stdout.take().ok_or("the import says nothing.")?;
        let said = thread::spawn(move || {
            let mut text = String::new();
            std::io::Read::read_to_string(&mut output, &mut text).map(|_| text)
        });
        let mut run = Run::default();
        let mut looks = 0_u64;
        let mut stopped = false;
        while import.try_wait().map_err(told)?.is_none() {
            let (own, family) = memory(node.0.id());
            run.node = run.node.max(own);
            run.family = run.family.max(family);
            looks += 1;
            if let Some(stop_at) = stop_at.filter(|_| !stopped && looks.is_multiple_of(5)) {
                stopped = self.stop_import(stop_at)?;
            }
            thread::sleep(LOOK);
        }
        run.seconds = began.elapsed().as_secs_f64();
        let text = said.join().map_err(|_| "the import was lost.")?;
        let report: Value = serde_json::from_str(&text.map_err(told)?).map_err(told)?;
        let count = |name: &str| {
            let count = report.get(name).and_then(Value::as_u64);
            count.ok_or(format!("the report has no {name}: {report}"))
        };
        run.read = count("read")?;
        run.imported = count("imported")?;
        run.duplicates = count("duplicates")?;
        Ok(run)
    }

    /// Stops the import if it has come that far.
    fn stop_import(&self, at: u64) -> Result<bool, String> {
        let jobs = self.ask(&["jobs"])?;
        let all = jobs.get("jobs").and_then(Value::as_array);
        let far = |job: &&Value| {
            let is_import = job.get("kind").and_then(Value::as_str) == Some("import");
            is_import && job.get("done").and_then(Value::as_u64).unwrap_or(0) >= at
        };
        let Some(job) = all.into_iter().flatten().find(far) else {
            return Ok(false);
        };
        let id = job.get("id").and_then(Value::as_str).unwrap_or_default();
        self.ask(&["job", "cancel", id])?;
        Ok(true)
    }
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}
