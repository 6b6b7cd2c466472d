//! The work that faults strike, each beginning from a library of its own: an
//! import, emptying the trash, bringing an old catalog up to date, and a backup.

use crate::fault::{self, Calls, Fault};
use crate::invariant::{check, hashes, sound_catalog};
use camera::{Exif, jpeg, quadrants};
use rusqlite::Connection;
use serde_json::Value;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the node is doing when the fault comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// It takes photos in.
    Import,
    /// It deletes photos for good.
    Empty,
    /// It opens a library of the first version.
    Migrate,
    /// It backs the catalog up.
    Backup,
}

/// The photos that are in the library before, and those that come.
const BEFORE: usize = 3;
const COMING: usize = 30;

/// The tables as the first Albumen made them.
const FIRST: &str = include_str!("../../../src-tauri/library/src/migrations/1.sql");

/// Where it all happens.
pub struct Bench {
    albumen: PathBuf,
    scratch: PathBuf,
    /// All photos there are.
    sources: BTreeSet<String>,
    /// Those that every library has from the start.
    before: BTreeSet<String>,
}

impl Work {
    pub const ALL: [Work; 4] = [Work::Import, Work::Empty, Work::Migrate, Work::Backup];

    pub fn name(self) -> &'static str {
        match self {
            Work::Import => "import",
            Work::Empty => "empty the trash",
            Work::Migrate => "migrate",
            Work::Backup => "back up",
        }
    }

    /// The folder of the library that it begins from.
    fn start(self) -> &'static str {
        match self {
            Work::Import | Work::Backup => "start-import",
            Work::Empty => "start-empty",
            Work::Migrate => "start-migrate",
        }
    }
}

impl Bench {
    /// Takes the photos and makes the libraries to begin from.
    ///
    /// # Errors
    /// When one cannot be made.
    pub fn prepare(albumen: &Path, scratch: &Path) -> Result<Bench, String> {
        let told = |error: std::io::Error| format!("{}: {error}", scratch.display());
        if scratch.exists() {
            fs::remove_dir_all(scratch).map_err(told)?;
        }
        for (folder, numbers) in [("before", 0..BEFORE), ("coming", BEFORE..BEFORE + COMING)] {
            let folder = scratch.join(folder);
            fs::create_dir_all(&folder).map_err(told)?;
            for number in numbers {
                let path = folder.join(format!("IMG_{number:04}.jpg"));
                fs::write(path, photo(number)?).map_err(told)?;
            }
        }
        let (before, coming) = (
            hashes(&scratch.join("before"))?,
            hashes(&scratch.join("coming"))?,
        );
        let bench = Bench {
            albumen: albumen.to_owned(),
            scratch: scratch.to_owned(),
            sources: before.union(&coming).cloned().collect(),
            before,
        };
        let start = scratch.join(Work::Import.start());
        bench.tell(
            &start,
            &[OsStr::new("import"), bench.photos("before").as_os_str()],
        )?;
        let trash = scratch.join(Work::Empty.start());
        bench.tell(
            &trash,
            &[OsStr::new("import"), bench.photos("before").as_os_str()],
        )?;
        let more = bench.tell(
            &trash,
            &[OsStr::new("import"), bench.photos("coming").as_os_str()],
        )?;
        let ids: Vec<String> = more
            .get("assets")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|id| id.as_str().map(str::to_owned))
            .collect();
        let mut words = vec![OsStr::new("trash")];
        words.extend(ids.iter().map(OsStr::new));
        bench.tell(&trash, &words)?;
        bench.make_first_version()?;
        Ok(bench)
    }

    /// A library of the first version with the photos that were there before.
    fn make_first_version(&self) -> Result<(), String> {
        let told = |error: rusqlite::Error| format!("the first catalog: {error}");
        let folder = self.scratch.join(Work::Migrate.start());
        let originals = folder.join("originals").join("undated");
        fs::create_dir_all(&originals).map_err(|error| error.to_string())?;
        let catalog = Connection::open(folder.join("albumen.sqlite")).map_err(told)?;
        catalog
            .execute_batch(&format!(
                "PRAGMA journal_mode = WAL; PRAGMA application_id = 0x416c626d;
                 PRAGMA user_version = 1; {FIRST}
                 INSERT INTO person (id, name) VALUES (zeroblob(16), 'Ada');
                 INSERT INTO device (id, person, name) VALUES (zeroblob(16), zeroblob(16), 'desk');
                 INSERT INTO library (only, id, person, device, created_at)
                 VALUES (1, zeroblob(16), zeroblob(16), zeroblob(16), 0);"
            ))
            .map_err(told)?;
        for path in crate::invariant::files(&self.photos("before")) {
            let bytes = fs::read(&path).map_err(|error| error.to_string())?;
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            fs::write(originals.join(&name), &bytes).map_err(|error| error.to_string())?;
            let hash = blake3::hash(&bytes);
            let id = hash.as_bytes().get(..16).unwrap_or_default();
            catalog
                .execute(
                    "INSERT INTO asset (id, home, hash, kind, name, bytes, mime, width, height,
                         sorted_at, thumbhash, imported_at)
                     VALUES (?1, zeroblob(16), ?2, 'photo', ?3, ?4, 'image/jpeg', 1, 1, 0, x'01', 0)",
                    (id, hash.as_bytes(), &name, bytes.len()),
                )
                .map_err(told)?;
            catalog
                .execute(
                    "INSERT INTO original (asset, in_place, path, modified_ms)
                     VALUES (?1, 0, 'undated/' || ?2, 0)",
                    (id, &name),
                )
                .map_err(told)?;
        }
        Ok(())
    }

    /// The calls that a work makes when nothing is wrong.
    ///
    /// # Errors
    /// When it fails even so.
    pub fn calls(&self, work: Work) -> Result<Calls, String> {
        let library = self.fresh(work)?;
        fault::count(&self.scratch.join("log"), &self.command_of(work, &library))
    }

    /// Lets a fault strike, and checks what must hold; answers whether it struck.
    ///
    /// # Errors
    /// What does not hold.
    pub fn try_out(&self, work: Work, fault: &Fault) -> Result<bool, String> {
        let library = self.fresh(work)?;
        let program = self.command_of(work, &library);
        let (struck, said) = fault::strike(fault, &self.scratch.join("log"), &program)?;
        // The next start clears up.
        self.tell(&library, &[OsStr::new("status")])?;
        let kept = check(&library, &self.sources)?;
        let lost = |of: &BTreeSet<String>| of.difference(&kept).count();
        if lost(&self.before) > 0 {
            return Err("a photo that was there before is lost".to_owned());
        }
        if work == Work::Import {
            let told: Value = serde_json::from_slice(&said).unwrap_or_default();
            let reported = told.get("imported").and_then(Value::as_u64).unwrap_or(0) as usize;
            if kept.len() < self.before.len() + reported {
                return Err(format!(
                    "{reported} were reported as imported, and are not there"
                ));
            }
            let rest = self.tell(
                &library,
                &[
                    OsStr::new("import"),
                    OsStr::new("--no-wait"),
                    self.photos("coming").as_os_str(),
                ],
            )?;
            if rest.get("failed") != Some(&serde_json::json!([]))
                || check(&library, &self.sources)? != self.sources
            {
                return Err(format!("importing again did not complete the rest: {rest}"));
            }
        }
        if work == Work::Empty {
            self.tell(&library, &[OsStr::new("trash"), OsStr::new("empty")])?;
            if check(&library, &self.sources)? != self.before {
                return Err("emptying again did not delete the rest".to_owned());
            }
        }
        if work == Work::Backup {
            self.check_backups(&library, &said)?;
        }
        let untouched: BTreeSet<String> = hashes(&self.photos("before"))?
            .union(&hashes(&self.photos("coming"))?)
            .cloned()
            .collect();
        if untouched != self.sources {
            return Err("a file of the user's was changed".to_owned());
        }
        Ok(struck)
    }

    /// What was named a backup is one, what was reported is there, and another one
    /// can be made, after which nothing unfinished is left.
    fn check_backups(&self, library: &Path, said: &[u8]) -> Result<(), String> {
        let listed = self.backups(library)?;
        for folder in &listed {
            check_backup(folder, &self.before)?;
        }
        let told: Value = serde_json::from_slice(said).unwrap_or_default();
        let reported = told.pointer("/backup/path").and_then(Value::as_str);
        if reported.is_some_and(|path| !listed.contains(Path::new(path))) {
            return Err("a backup was reported, and is not there".to_owned());
        }
        self.tell(library, &[OsStr::new("backup"), OsStr::new("create")])?;
        let listed = self.backups(library)?;
        let standing: BTreeSet<PathBuf> = fs::read_dir(library.join("backups"))
            .map_err(|error| error.to_string())?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        if listed.is_empty() || listed != standing {
            return Err(format!("{standing:?} stand where {listed:?} are backups"));
        }
        listed
            .iter()
            .try_for_each(|folder| check_backup(folder, &self.before))
    }

    /// The folders of the library's backups.
    fn backups(&self, library: &Path) -> Result<BTreeSet<PathBuf>, String> {
        let list = self.tell(library, &[OsStr::new("backup"), OsStr::new("list")])?;
        let backups = list.get("backups").and_then(Value::as_array);
        Ok(backups
            .into_iter()
            .flatten()
            .filter_map(|backup| backup.get("path")?.as_str().map(PathBuf::from))
            .collect())
    }

    /// All photos there are, by their hashes.
    pub fn sources(&self) -> &BTreeSet<String> {
        &self.sources
    }

    /// A folder of the bench's own.
    pub fn photos(&self, folder: &str) -> PathBuf {
        self.scratch.join(folder)
    }

    /// A copy of the library that a work begins from.
    fn fresh(&self, work: Work) -> Result<PathBuf, String> {
        let library = self.scratch.join("library");
        let told = |error: std::io::Error| format!("{}: {error}", library.display());
        if library.exists() {
            fs::remove_dir_all(&library).map_err(told)?;
        }
        copy(&self.scratch.join(work.start()), &library).map_err(told)?;
        Ok(library)
    }

    fn command_of(&self, work: Work, library: &Path) -> Command {
        let mut command = self.albumen(library);
        match work {
            Work::Import => command
                .args(["import", "--no-wait"])
                .arg(self.photos("coming")),
            Work::Empty => command.args(["trash", "empty"]),
            Work::Migrate => command.arg("status"),
            Work::Backup => command.args(["backup", "create"]),
        };
        command
    }

    /// The program on a library.
    pub fn albumen(&self, library: &Path) -> Command {
        let mut command = Command::new(&self.albumen);
        command.arg("--library").arg(library).arg("--json");
        command
    }

    /// Runs a command that must succeed; answers with its reply.
    ///
    /// # Errors
    /// What it complained of.
    pub fn tell(&self, library: &Path, words: &[&OsStr]) -> Result<Value, String> {
        let output = self
            .albumen(library)
            .args(words)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| error.to_string())?;
        if !output.status.success() {
            let complaint = String::from_utf8_lossy(&output.stderr);
            return Err(format!(
                "{:?} failed afterwards: {complaint}",
                words.first()
            ));
        }
        serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
    }
}

/// Checks a backup: its catalog is sound, names the photos that there were, and
/// intends nothing.
fn check_backup(folder: &Path, photos: &BTreeSet<String>) -> Result<(), String> {
    let (_, rows) = sound_catalog(folder)?;
    if rows != *photos || !folder.join("secret").is_file() {
        return Err("a backup has not the photos and the secret that there were".to_owned());
    }
    Ok(())
}

fn photo(number: usize) -> Result<Vec<u8>, String> {
    let exif = Exif {
        taken: format!("2026:{:02}:{:02} 10:00:00", number % 3 + 1, number % 28 + 1),
        caption: format!("number {number}"),
        ..Exif::default()
    };
    jpeg(&quadrants(96, 64), 80, &exif).map_err(|error| error.to_string())
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
