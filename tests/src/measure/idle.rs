//! What a server takes while nobody asks anything of it: memory and processor time of
//! `albumen serve` with a large library, on a network of its own doing.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::goal::Goals;
use crate::library::{catalog, open, synthetic};
use crate::usage::{processor_ms, resident, share};

/// For how long it is watched.
const MINUTE: Duration = Duration::from_secs(60);
/// To be reached: megabytes of memory, and hundredths of a core.
const MOST: (f64, f64) = (80.0, 1.0);

/// A node that runs until it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Makes a synthetic library, serves it, waits until all of its work is done, and watches
/// it for a minute.
///
/// # Errors
/// A sentence, when it cannot be made or served, or takes more than it may.
pub fn run(scratch: &Path, albumen: &Path, options: &[&str]) -> Result<(), String> {
    let count = match options {
        [] => 100_000,
        ["--count", count] => count.parse().map_err(|_| format!("{count} is no count."))?,
        other => return Err(format!("`{}` is not understood.", other.join(" "))),
    };
    let folder = scratch.join("library");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(told)?;
    }
    drop(open(&folder)?);
    synthetic::fill(&catalog(&folder), count).map_err(told)?;
    ask(albumen, &folder, &["sharing", "set", "on"])?;

    let mut command = command(albumen, &folder);
    command.args(["serve", "--metrics", "127.0.0.1:0", "--log", "json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut node = Running(child.map_err(told)?);
    let id = node.0.id();
    let output = node.0.stdout.as_mut().ok_or("the node says nothing.")?;
    BufReader::new(output)
        .read_line(&mut String::new())
        .map_err(told)?;
    let began = Instant::now();
    // Quiet once nothing goes on and a quarter of a minute costs what the next one does.
    loop {
        let before = processor_ms(id);
        thread::sleep(MINUTE / 4);
        let status = ask(albumen, &folder, &["status"])?;
        let idle = status["jobs"].as_array().is_some_and(Vec::is_empty);
        if idle && processor_ms(id) - before < 500.0 {
            break;
        }
        if began.elapsed() > MINUTE * 20 {
            return Err(format!(
                "it is not quiet after 20 minutes: {}.",
                status["jobs"]
            ));
        }
    }
    println!("quiet after {:.0} s", began.elapsed().as_secs_f64());
    let (before, began) = (processor_ms(id), Instant::now());
    thread::sleep(MINUTE);
    let wall_ms = began.elapsed().as_secs_f64() * 1_000.0;
    let core = (processor_ms(id) - before) / wall_ms;
    let (own, shared) = (resident(id), share(id));
    let mb = |bytes: u64| bytes as f64 / 1e6;
    println!(
        "{count} photos, a minute without a question: {:.1} MB resident, {:.1} MB its share (PSS), \
         {:.2} % of a core",
        mb(own),
        mb(shared),
        core * 100.0
    );
    drop(node);
    fs::remove_dir_all(&folder).map_err(told)?;
    let mut goals = Goals::default();
    goals.below("MB resident", mb(own), MOST.0);
    goals.below("% of a core", core * 100.0, MOST.1);
    goals.end()
}

fn command(albumen: &Path, library: &PathBuf) -> Command {
    let mut command = Command::new(albumen);
    command.arg("--json").arg("--library").arg(library);
    command.env("ALBUMEN_PEER_PORT", "0").stdin(Stdio::null());
    command
}

fn ask(albumen: &Path, library: &PathBuf, words: &[&str]) -> Result<Value, String> {
    let output = command(albumen, library)
        .args(words)
        .output()
        .map_err(told)?;
    match output.status.success() {
        true => serde_json::from_slice(&output.stdout).map_err(told),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}
