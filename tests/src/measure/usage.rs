//! What a program costs: processor time, wall time, and the most memory that it
//! and everything it started held at once. Read from `/proc`, so Linux alone.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How often memory is looked at; a program's own high-water mark fills the gaps.
const LOOK: Duration = Duration::from_millis(10);

/// The cost of one run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Processor time of all its processes, user and system, in milliseconds.
    pub cpu_ms: f64,
    /// Time on the clock, in milliseconds.
    pub wall_ms: f64,
    /// The largest sum of the high-water marks of resident memory of processes
    /// that lived together, in bytes: never less than what was held at once.
    pub peak: u64,
}

impl Usage {
    /// The cost of this run and then another.
    pub fn then(self, next: Self) -> Self {
        Self {
            cpu_ms: self.cpu_ms + next.cpu_ms,
            wall_ms: self.wall_ms + next.wall_ms,
            peak: self.peak.max(next.peak),
        }
    }
}

/// Runs a program in silence to its end, and says what it cost.
///
/// # Errors
/// What it wrote to its standard error, when it fails.
pub fn measured(command: &mut Command) -> Result<Usage, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let before = children_ms()?;
    let started = Instant::now();
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{name} could not be started: {error}."))?;
    let ended = AtomicBool::new(false);
    let id = child.id();
    let (output, peak) = thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut peak = 0;
            while !ended.load(Ordering::Relaxed) {
                peak = peak.max(memory_of_family(id));
                thread::sleep(LOOK);
            }
            peak
        });
        let output = child.wait_with_output();
        ended.store(true, Ordering::Relaxed);
        (output, watch.join().unwrap_or(0))
    });
    let wall_ms = started.elapsed().as_secs_f64() * 1000.0;
    let output = output.map_err(|error| format!("{name} was lost: {error}."))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{name} failed: {}.\n{said}", output.status));
    }
    Ok(Usage {
        cpu_ms: children_ms()? - before,
        wall_ms,
        peak,
    })
}

/// Processor time of all children of this process that have ended, and of
/// theirs (proc(5), fields `cutime` and `cstime`; a tick is 10 ms).
fn children_ms() -> Result<f64, String> {
    let stat = fs::read_to_string("/proc/self/stat")
        .map_err(|error| format!("costs are read from /proc, which is not there: {error}."))?;
    // The name, in parentheses, may hold anything.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 = fields
        .split_whitespace()
        .skip(13)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Ok(ticks as f64 * 10.0)
}

fn memory_of_family(id: u32) -> u64 {
    memory(id).1
}

/// The high-water marks of resident memory, in bytes: a process's own, and the sum
/// with those of all it started that still run.
pub fn memory(id: u32) -> (u64, u64) {
    let own = fs::read_to_string(format!("/proc/{id}/status"))
        .ok()
        .and_then(|status| high_water_mark(&status))
        .unwrap_or(0);
    let threads = fs::read_dir(format!("/proc/{id}/task"));
    let children = threads.into_iter().flatten().flatten().map(|thread| {
        let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        let ids = children.split_whitespace();
        ids.filter_map(|child| child.parse().ok())
            .map(memory_of_family)
            .sum::<u64>()
    });
    (own, own + children.sum::<u64>())
}

/// Resident memory of a process now, in bytes.
pub fn resident(id: u32) -> u64 {
    fs::read_to_string(format!("/proc/{id}/status"))
        .ok()
        .and_then(|status| bytes_of(&status, "VmRSS:"))
        .unwrap_or(0)
}

/// Memory of a process now, in bytes, where what it has in common with others is divided
/// among them (`Pss` of proc(5)).
pub fn share(id: u32) -> u64 {
    fs::read_to_string(format!("/proc/{id}/smaps_rollup"))
        .ok()
        .and_then(|rollup| bytes_of(&rollup, "Pss:"))
        .unwrap_or(0)
}

/// Processor time that a process has had so far, in milliseconds (proc(5), `utime` and
/// `stime`; a tick is 10 ms).
pub fn processor_ms(id: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields = fields.split_whitespace().skip(11).take(2);
    let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
    ticks as f64 * 10.0
}

/// `VmHWM` of a process's status, in bytes.
fn high_water_mark(status: &str) -> Option<u64> {
    bytes_of(status, "VmHWM:")
}

fn bytes_of(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it is not as told")]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn work_and_memory_of_a_grandchild_are_counted() {
        // The outer shell only waits; the inner one counts.
        let inner = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
        let mut command = Command::new("sh");
        command.args(["-c", &format!("sh -c '{inner}'; true")]);
        let usage = measured(&mut command).unwrap();
        assert!(usage.cpu_ms >= 20.0, "{usage:?}");
        assert!(usage.wall_ms > 0.0 && usage.peak > 100_000, "{usage:?}");
        let failure = measured(Command::new("sh").args(["-c", "echo why >&2; exit 3"]));
        assert!(failure.unwrap_err().contains("why"));
    }

    #[test]
    fn a_status_without_a_mark_says_nothing() {
        assert_eq!(high_water_mark("VmHWM:\t    2048 kB\n"), Some(2 << 20));
        assert_eq!(high_water_mark("Name:\tkthreadd\n"), None);
    }
}
