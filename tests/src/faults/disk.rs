//! Faults of whole disks: power cuts while photos come in, disks that are full or
//! take no more files, and photos from disks that other systems formatted. Each
//! has a file system of its own, which only the superuser can mount; what is
//! missing is said by name.

use crate::invariant::{check, files, hashes};
use crate::work::Bench;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Power cuts of each file system, when all are tried.
const CUTS: usize = 12;
/// Sizes of full disks, in KiB, and of those that take only so many files.
const SIZES: [usize; 6] = [800, 1_100, 1_400, 1_700, 2_000, 2_400];
const INODES: [usize; 5] = [24, 40, 64, 90, 120];
/// How many photos one command imports.
const AT_ONCE: usize = 5;
/// How long a program may go on after its disk is gone.
const PATIENCE: Duration = Duration::from_secs(20);

/// Names that are unusual, or impossible elsewhere.
const ODD: [&str; 9] = [
    "plain.jpg",
    "夏の海 🌊.jpg",
    "cafe\u{301}.jpg",
    "café.jpg",
    "CON.jpg",
    "two  spaces.JPG",
    "no ending",
    "a.b.c..jpg",
    "'quoted' & (bracketed) #1 %20.jpg",
];

/// A mounted file system; it goes when this does.
struct Mount {
    at: PathBuf,
    /// The loop device that stands for its image.
    device: Option<String>,
}

impl Drop for Mount {
    fn drop(&mut self) {
        // A decoder that has not noticed yet may hold it; the next run needs the folder.
        let _ = quiet("umount", &[OsStr::new("--lazy"), self.at.as_os_str()]);
        if let Some(device) = &self.device {
            let _ = quiet("losetup", &[OsStr::new("-d"), OsStr::new(device)]);
        }
    }
}

/// Tries the faults of disks, or a few of them; answers with the rows of a table.
///
/// # Errors
/// What does not hold after one.
pub fn run(bench: &Bench, few: bool) -> Result<Vec<String>, String> {
    let mut rows = Vec::new();
    let cuts = if few { 2 } else { CUTS };
    for kind in ["ext4", "xfs"] {
        let mut struck = 0;
        for cut in 0..cuts {
            match power_cut(bench, kind, cut * 30 / cuts)? {
                Some(true) => struck += 1,
                Some(false) => {}
                None => break,
            }
        }
        rows.push(format!("| power cut on {kind} | {struck} |"));
    }
    let step = if few { 3 } else { 1 };
    let (mut full, mut crowded) = (0, 0);
    for size in SIZES.iter().step_by(step) {
        let options = format!("size={size}k,mode=700");
        full += usize::from(full_disk(bench, &options, "size=200m")?);
    }
    for count in INODES.iter().step_by(step) {
        let options = format!("nr_inodes={count},size=200m,mode=700");
        crowded += usize::from(full_disk(bench, &options, "nr_inodes=0")?);
    }
    rows.push(format!("| full disk | {full} |"));
    rows.push(format!("| no more files | {crowded} |"));
    for kind in ["exfat", "ntfs"] {
        let names = foreign(bench, kind)?;
        rows.push(format!("| photos with odd names from {kind} | {names} |"));
    }
    Ok(rows)
}

/// Cuts the power when so many files are there; answers whether that was in the
/// middle of the import, and with nothing where no such disk can be made.
fn power_cut(bench: &Bench, kind: &str, after: usize) -> Result<Option<bool>, String> {
    let Some(mount) = image(bench, kind)? else {
        return Ok(None);
    };
    let library = mount.at.join("library");
    bench.tell(
        &library,
        &[OsStr::new("import"), bench.photos("before").as_os_str()],
    )?;
    let before = check(&library, bench.sources())?;
    let there = || files(&library.join("originals")).len();
    // What is told after the cut counts for nothing: a machine without power tells
    // nothing, while here the program lives on, and what it was about to hear from the
    // disk is no promise any more.
    let (is_cut, told) = (AtomicBool::new(false), AtomicUsize::new(0));
    let is_over = AtomicBool::new(false);
    let coming = files(&bench.photos("coming"));
    let middle = std::thread::scope(|scope| -> Result<bool, String> {
        scope.spawn(|| {
            for some in coming.chunks(AT_ONCE) {
                let said = import_some(bench, &library, some).unwrap_or(0);
                if is_cut.load(Ordering::SeqCst) {
                    break;
                }
                told.fetch_add(said, Ordering::SeqCst);
            }
            is_over.store(true, Ordering::SeqCst);
        });
        while there() < before.len() + after && !is_over.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
        let middle = !is_over.load(Ordering::SeqCst);
        is_cut.store(true, Ordering::SeqCst);
        let words = ["-x", "-c", "shutdown"].map(OsStr::new);
        quiet("xfs_io", &[&words[..], &[mount.at.as_os_str()]].concat())?;
        Ok(middle)
    })?;
    let said = told.into_inner();
    remount(&mount)?;
    // The next start clears up.
    bench.tell(&library, &[OsStr::new("status")])?;
    let kept = check(&library, bench.sources())?;
    if !before.is_subset(&kept) || kept.len() < before.len() + said {
        return Err(format!(
            "{kind}, cut after {after}: {said} were reported as imported, and {} are there",
            kept.len() - before.len()
        ));
    }
    complete(bench, &library)?;
    Ok(Some(middle))
}

/// Imports to a disk without room, and again when there is; answers whether it was
/// full.
fn full_disk(bench: &Bench, small: &str, large: &str) -> Result<bool, String> {
    let at = fresh(bench)?;
    let options = ["-t", "tmpfs", "-o", small, "tmpfs"].map(OsStr::new);
    if quiet("mount", &[&options[..], &[at.as_os_str()]].concat()).is_err() {
        println!("skipped: a full disk needs leave to mount one");
        return Ok(false);
    }
    let mount = Mount { at, device: None };
    let library = mount.at.join("library");
    let mut import = bench.albumen(&library);
    import.arg("import").arg(bench.photos("coming"));
    let output = import
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    let said = imported(&output.stdout);
    let larger = format!("remount,{large}");
    let larger = OsStr::new(&larger);
    quiet("mount", &[OsStr::new("-o"), larger, mount.at.as_os_str()])?;
    bench.tell(&library, &[OsStr::new("status")])?;
    let kept = check(&library, bench.sources())?;
    if kept.len() < said {
        return Err(format!(
            "{small}: {said} were reported as imported, and are not there"
        ));
    }
    complete(bench, &library)?;
    Ok(!output.status.success())
}

/// Imports photos of odd names from another system's file system; answers with how
/// many there were.
fn foreign(bench: &Bench, kind: &str) -> Result<usize, String> {
    let Some(mount) = image(bench, kind)? else {
        return Ok(0);
    };
    let coming = files(&bench.photos("coming"));
    let long = format!("{}.jpg", "n".repeat(251));
    let mut names = 0;
    let mut theirs = BTreeSet::new();
    for (name, photo) in ODD.into_iter().chain([long.as_str()]).zip(&coming) {
        // Some it refuses, or takes for another of them: those do not exist there.
        if !mount.at.join(name).exists() && fs::copy(photo, mount.at.join(name)).is_ok() {
            names += 1;
            theirs.insert(crate::invariant::hash(photo)?);
        }
    }
    let library = bench.photos("foreign-library");
    if library.exists() {
        fs::remove_dir_all(&library).map_err(|error| error.to_string())?;
    }
    let report = bench.tell(&library, &[OsStr::new("import"), mount.at.as_os_str()])?;
    let kept = check(&library, bench.sources())?;
    if kept != theirs || names < ODD.len() - 2 {
        return Err(format!("{kind}: not all photos came in: {report}"));
    }
    if hashes(&mount.at)?.intersection(&theirs).count() != names {
        return Err(format!("{kind}: a file on the card was changed"));
    }
    Ok(names)
}

/// Importing once more must complete all.
fn complete(bench: &Bench, library: &Path) -> Result<(), String> {
    for folder in ["before", "coming"] {
        bench.tell(
            library,
            &[OsStr::new("import"), bench.photos(folder).as_os_str()],
        )?;
    }
    if check(library, bench.sources())? == *bench.sources() {
        Ok(())
    } else {
        Err("importing again did not complete the rest".to_owned())
    }
}

/// An empty folder to mount at.
fn fresh(bench: &Bench) -> Result<PathBuf, String> {
    let at = bench.photos("disk");
    fs::create_dir_all(&at).map_err(|error| error.to_string())?;
    Ok(at)
}

/// A new file system of a kind, in a file; `None`, said by name, where none can be
/// made.
fn image(bench: &Bench, kind: &str) -> Result<Option<Mount>, String> {
    let at = fresh(bench)?;
    let file = bench.photos("image");
    let told = |error: std::io::Error| error.to_string();
    let image = fs::File::create(&file).map_err(told)?;
    image.set_len(400 << 20).map_err(told)?;
    let (maker, options, mounter): (&str, &[&str], &str) = match kind {
        "ext4" => ("mkfs.ext4", &["-q"], "mount"),
        "xfs" => ("mkfs.xfs", &["-q"], "mount"),
        "exfat" => ("mkfs.exfat", &[], "mount.exfat-fuse"),
        _ => ("mkfs.ntfs", &["-q", "-f"], "ntfs-3g"),
    };
    let mut device = Command::new("losetup");
    let device = device.args(["-f", "--show"]).arg(&file).output();
    let device = match device {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        }
        _ => {
            println!("skipped: a disk with {kind} needs the superuser and a loop device");
            return Ok(None);
        }
    };
    let mount = Mount {
        at,
        device: Some(device.clone()),
    };
    let device = OsStr::new(&device);
    let made = options.iter().map(OsStr::new).chain([device]);
    let made = quiet(maker, &made.collect::<Vec<_>>())
        .and_then(|()| quiet(mounter, &[device, mount.at.as_os_str()]))
        .and_then(|()| match mounter {
            "mount" => quiet("xfs_io", &[OsStr::new("-V")]),
            _ => Ok(()),
        });
    if let Err(problem) = made {
        println!("skipped: a disk with {kind}: {problem}");
        return Ok(None);
    }
    Ok(Some(mount))
}

fn remount(mount: &Mount) -> Result<(), String> {
    let device = mount.device.as_deref().unwrap_or_default();
    quiet("umount", &[mount.at.as_os_str()])?;
    quiet("mount", &[OsStr::new(device), mount.at.as_os_str()])
}

/// Imports some photos with a command of their own; answers with how many it
/// reported. A command that does not end when its disk is gone is ended.
fn import_some(bench: &Bench, library: &Path, photos: &[PathBuf]) -> Result<usize, String> {
    let told = |error: std::io::Error| error.to_string();
    let mut import = bench.albumen(library);
    import.args(["import", "--no-wait"]).args(photos);
    let streams = import.stdin(Stdio::null()).stderr(Stdio::null());
    let mut import = streams.stdout(Stdio::piped()).spawn().map_err(told)?;
    let began = Instant::now();
    while import.try_wait().map_err(told)?.is_none() {
        if began.elapsed() > PATIENCE {
            import.kill().map_err(told)?;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(imported(&import.wait_with_output().map_err(told)?.stdout))
}

fn imported(said: &[u8]) -> usize {
    let report: serde_json::Value = serde_json::from_slice(said).unwrap_or_default();
    let count = report.get("imported").and_then(serde_json::Value::as_u64);
    usize::try_from(count.unwrap_or(0)).unwrap_or(0)
}

fn quiet(program: &str, words: &[&OsStr]) -> Result<(), String> {
    let output = Command::new(program)
        .args(words)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{program} failed: {}", said.trim()))
}
