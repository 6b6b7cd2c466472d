//! A storm over a watched folder: files are copied, renamed, edited, deleted,
//! brought back and moved with their folders, and the folder itself is
//! unmounted and mounted, while a node follows. Afterwards the library must equal
//! a fresh one that looks through the same folder once, and every photo must
//! have the stars and the album it was given before.

mod things;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use camera::{Exif, quadrants, with_exif};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

/// How long a node may take to follow the last of it.
const PATIENCE: Duration = Duration::from_secs(120);
/// Files of a folder.
const OF_A_FOLDER: usize = 100;

/// What a storm did, and what was seen afterwards.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How often each kind of thing happened.
    pub done: BTreeMap<&'static str, usize>,
    /// Files that stand in the folder at the end.
    pub files: usize,
    /// Photos of the library at the end, in the timeline.
    pub photos: usize,
    /// Photos whose stars and album were looked at.
    pub kept: usize,
}

/// A photo by what became of it: where its copies are, and what was said of it.
struct Photo {
    number: usize,
    edits: usize,
    paths: BTreeSet<PathBuf>,
    /// It was in the library when the stars were given.
    rated: bool,
    /// It is not edited any more: its copies would be two photos, and what came
    /// back and is edited before a look is known by nothing.
    fixed: bool,
}

struct Storm<'a> {
    albumen: &'a Path,
    library: PathBuf,
    /// Where the files are whether or not they are mounted.
    drive: PathBuf,
    /// What is watched.
    watched: PathBuf,
    mounted: bool,
    plain: Vec<u8>,
    photos: Vec<Photo>,
    deleted: Vec<usize>,
    dice: u64,
    folders: usize,
    outcome: Outcome,
}

/// Lets a storm of as many things as there are files go over `files` files, and
/// checks what must hold.
///
/// # Errors
/// The first thing that does not hold, as a sentence.
pub fn run(albumen: &Path, scratch: &Path, files: usize, seed: u64) -> Result<Outcome, String> {
    let mut storm = Storm::prepare(albumen, scratch, files, seed)?;
    let mut node = storm.serve()?;
    let ended = storm.blow(files);
    let followed = ended.and_then(|()| storm.wait_until_followed());
    node.kill().ok();
    node.wait().ok();
    let checked = followed.and_then(|()| storm.check());
    storm.unmount();
    checked.map(|()| storm.outcome)
}

impl<'a> Storm<'a> {
    fn prepare(albumen: &'a Path, scratch: &Path, files: usize, seed: u64) -> Result<Self, String> {
        let (drive, watched) = (scratch.join("drive"), scratch.join("watched"));
        for folder in [&drive, &watched] {
            fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        }
        let mut plain = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut plain, 80)
            .encode_image(&quadrants(48, 36))
            .map_err(|error| error.to_string())?;
        let mut storm = Storm {
            albumen,
            library: scratch.join("library"),
            drive,
            watched,
            mounted: false,
            plain,
            photos: Vec::new(),
            deleted: Vec::new(),
            dice: seed,
            folders: 0,
            outcome: Outcome::default(),
        };
        for number in 0..files {
            if number % OF_A_FOLDER == 0 {
                storm.folders += 1;
            }
            let inner = PathBuf::from(format!("{}/IMG_{number:05}.jpg", storm.folders));
            storm.write(&inner, &storm.picture(number, 0))?;
            storm.photos.push(Photo {
                number,
                edits: 0,
                paths: BTreeSet::from([inner]),
                rated: true,
                fixed: false,
            });
        }
        storm.mount();
        let report = storm.tell(&["watch", "add", &storm.watched.to_string_lossy()])?;
        let came = report.get("imported").and_then(Value::as_u64);
        if came != Some(files as u64) {
            return Err(format!("the first look brought {came:?} of {files}."));
        }
        storm.speak_of_all()?;
        Ok(storm)
    }

    /// Gives each photo stars that tell it from the next, and puts it into an
    /// album.
    fn speak_of_all(&self) -> Result<(), String> {
        let album = self.tell(&["album", "create", "Storm"])?;
        let album = album.get("id").and_then(Value::as_str).unwrap_or_default();
        let catalog = self.catalog(&self.library)?;
        let ids: Vec<(String, usize)> = catalog
            .prepare("SELECT lower(hex(id)), substr(name, 5, 5) FROM asset")
            .and_then(|mut rows| {
                rows.query_map([], |row| {
                    let number: String = row.get(1)?;
                    Ok((row.get(0)?, number.parse().unwrap_or_default()))
                })?
                .collect()
            })
            .map_err(|error| error.to_string())?;
        for stars in 0..5 {
            let some: Vec<&str> = ids
                .iter()
                .filter(|(_, number)| number % 5 == stars)
                .map(|(id, _)| id.as_str())
                .collect();
            for some in some.chunks(2_000) {
                let stars = (stars + 1).to_string();
                let mut words = vec!["asset", "edit", "--rating", &stars];
                words.extend(some);
                self.tell(&words)?;
                let mut words = vec!["album", "add", album];
                words.extend(some);
                self.tell(&words)?;
            }
        }
        Ok(())
    }

    /// The bytes of a photo; an edit keeps the moment it was taken.
    fn picture(&self, number: usize, edits: usize) -> Vec<u8> {
        let (day, rest) = (number / 86_400 + 1, number % 86_400);
        let exif = Exif {
            taken: format!(
                "2024:05:{day:02} {:02}:{:02}:{:02}",
                rest / 3_600,
                rest / 60 % 60,
                rest % 60
            ),
            caption: format!("photo {number}, edit {edits}"),
            ..Exif::default()
        };
        with_exif(&self.plain, &exif)
    }

    /// Writes a file that was last written a while ago, later with each edit.
    fn write(&self, inner: &Path, bytes: &[u8]) -> Result<(), String> {
        let path = self.drive.join(inner);
        let told = |error: std::io::Error| format!("{}: {error}", path.display());
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(told)?;
        }
        fs::write(&path, bytes).map_err(told)?;
        let then = SystemTime::now() - Duration::from_secs(30);
        let file = File::options().write(true).open(&path).map_err(told)?;
        file.set_modified(then).map_err(told)
    }

    /// Takes the drive away, lets the node see it, and brings it back.
    fn unplug(&mut self) -> Result<(), String> {
        if !self.mounted {
            return Ok(());
        }
        self.unmount();
        self.wait_for_state("away")?;
        self.mount();
        self.wait_for_state("here")?;
        self.note("unmounted and mounted");
        Ok(())
    }

    /// Mounts the drive where it is watched; where that is not allowed, a link
    /// stands in, and nothing is unplugged.
    fn mount(&mut self) {
        let done = Command::new("mount")
            .arg("--bind")
            .args([&self.drive, &self.watched])
            .stderr(Stdio::null())
            .status();
        self.mounted = done.is_ok_and(|status| status.success());
        if !self.mounted {
            self.watched = self.drive.clone();
        }
    }

    fn unmount(&mut self) {
        if std::mem::take(&mut self.mounted) {
            Command::new("umount")
                .arg("-l")
                .arg(&self.watched)
                .status()
                .ok();
        }
    }

    fn wait_for_state(&self, wanted: &str) -> Result<(), String> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let list = self.tell(&["watch", "list"])?;
            let state = list.pointer("/folders/0/state").and_then(Value::as_str);
            // What is held is told so again by the next whole look.
            if state == Some(wanted) || (wanted == "here" && state == Some("held")) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Err(format!("the folder did not become «{wanted}»."))
    }

    /// Until the library has what stands in the folder, or patience ends. So much
    /// may have gone at once that a person's word is wanted: it is given.
    fn wait_until_followed(&self) -> Result<(), String> {
        let wanted = self.standing()?;
        let began = Instant::now();
        loop {
            let list = self.tell(&["watch", "list"])?;
            if list.pointer("/folders/0/state").and_then(Value::as_str) == Some("held") {
                self.tell(&["watch", "confirm", &self.watched.to_string_lossy()])?;
            }
            let have = self.rows(&self.library)?;
            if have == wanted {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                let lacking = wanted.difference(&have).count();
                let over = have.difference(&wanted).count();
                return Err(format!(
                    "the node did not follow: {lacking} files are lacking and {over} are too many."
                ));
            }
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    /// Every file that stands in the folder, with its bytes' hash.
    fn standing(&self) -> Result<BTreeSet<(String, String)>, String> {
        let mut all = BTreeSet::new();
        for photo in &self.photos {
            let hash = blake3::hash(&self.picture(photo.number, photo.edits)).to_hex();
            for path in &photo.paths {
                let path = self.watched.join(path);
                all.insert((path.to_string_lossy().into_owned(), hash.to_string()));
            }
        }
        Ok(all)
    }

    fn catalog(&self, library: &Path) -> Result<Connection, String> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        Connection::open_with_flags(library.join("albumen.sqlite"), flags)
            .map_err(|error| format!("the catalog: {error}"))
    }

    /// Every file that a library knows in place, with its photo's hash.
    fn rows(&self, library: &Path) -> Result<BTreeSet<(String, String)>, String> {
        self.catalog(library)?
            .prepare(
                "SELECT path, lower(hex(asset.hash)) FROM original
                   JOIN asset ON asset.id = original.asset
                  WHERE in_place = 1 AND trashed_at IS NULL",
            )
            .and_then(|mut rows| {
                rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect()
            })
            .map_err(|error| format!("the catalog: {error}"))
    }

    /// The library equals a fresh one, and what was said of each photo is kept.
    fn check(&mut self) -> Result<(), String> {
        let fresh = self.library.with_file_name("fresh");
        let command = Command::new(self.albumen)
            .args(["--json", "--library"])
            .arg(&fresh)
            .args(["watch", "add"])
            .arg(&self.watched)
            .output()
            .map_err(|error| error.to_string())?;
        if !command.status.success() {
            return Err(String::from_utf8_lossy(&command.stderr).into_owned());
        }
        let (have, anew) = (self.rows(&self.library)?, self.rows(&fresh)?);
        if have != anew {
            return Err("the library is not what a fresh look finds.".to_owned());
        }
        self.outcome.files = have.len();
        let catalog = self.catalog(&self.library)?;
        let told = |error: rusqlite::Error| format!("the catalog: {error}");
        self.outcome.photos = catalog
            .query_row(
                "SELECT count(*) FROM asset WHERE trashed_at IS NULL",
                [],
                |row| row.get(0),
            )
            .map_err(told)?;
        let sound: String = catalog
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .map_err(told)?;
        if sound != "ok" {
            return Err(format!("the catalog is unsound: {sound}."));
        }
        let mut said = catalog
            .prepare(
                "SELECT coalesce(rating, 0), EXISTS (SELECT 1 FROM album_asset
                          WHERE album_asset.asset = asset.id)
                   FROM asset WHERE hash = ?1",
            )
            .map_err(told)?;
        for photo in self.photos.iter().filter(|photo| photo.rated) {
            if photo.paths.is_empty() {
                continue;
            }
            let hash = blake3::hash(&self.picture(photo.number, photo.edits));
            let (stars, in_album): (usize, bool) = said
                .query_row([hash.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
                .map_err(told)?;
            if stars != photo.number % 5 + 1 || !in_album {
                return Err(format!(
                    "photo {} (edited {} times, at {:?}) has {stars} stars and {} in its album.",
                    photo.number,
                    photo.edits,
                    photo.paths,
                    if in_album { "is" } else { "is not" }
                ));
            }
            self.outcome.kept += 1;
        }
        Ok(())
    }

    fn tell(&self, words: &[&str]) -> Result<Value, String> {
        let output = Command::new(self.albumen)
            .args(["--json", "--library"])
            .arg(&self.library)
            .args(words)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| error.to_string())?;
        // Done in part is an answer, too.
        if !matches!(output.status.code(), Some(0 | 3)) {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
    }

    fn serve(&self) -> Result<Child, String> {
        let mut child = Command::new(self.albumen)
            .args(["--json", "--library"])
            .arg(&self.library)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        if let Some(output) = child.stdout.take() {
            let mut line = String::new();
            BufReader::new(output)
                .read_line(&mut line)
                .map_err(|error| error.to_string())?;
        }
        Ok(child)
    }
}
