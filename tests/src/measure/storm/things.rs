//! What happens in a storm, one thing after another, and what it makes of each
//! photo.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Photo, Storm};

/// How many things happen between two pauses.
const BURST: usize = 200;

impl Storm<'_> {
    /// A number below `end`, the same for the same seed (xorshift).
    fn roll(&mut self, end: usize) -> usize {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        usize::try_from(self.dice % (end.max(1) as u64)).unwrap_or(0)
    }

    pub(super) fn note(&mut self, what: &'static str) {
        *self.outcome.done.entry(what).or_default() += 1;
    }

    pub(super) fn blow(&mut self, things: usize) -> Result<(), String> {
        for thing in 0..things {
            let photo = self.roll(self.photos.len());
            match self.roll(100) {
                0..30 => self.rename(photo)?,
                30..50 => self.edit(photo)?,
                50..65 => self.copy(photo)?,
                65..80 => self.delete(photo)?,
                80..92 => self.bring_back()?,
                92..98 => self.bring_new()?,
                _ => self.move_folder(photo)?,
            }
            if thing % BURST == BURST - 1 {
                // The next burst finds the node at work, or at rest, as it comes.
                std::thread::sleep(Duration::from_millis(700));
            }
            if thing == things / 3 || thing == things * 2 / 3 {
                self.unplug()?;
            }
        }
        Ok(())
    }

    /// One of a photo's files, when it has any.
    fn path_of(&self, photo: usize) -> Option<PathBuf> {
        self.photos.get(photo)?.paths.first().cloned()
    }

    fn fresh_path(&mut self, number: usize) -> PathBuf {
        let folder = self.roll(self.folders) + 1;
        let mark = self.roll(1_000_000);
        PathBuf::from(format!("{folder}/IMG_{number:05} {mark}.jpg"))
    }

    fn replace(&mut self, photo: usize, gone: Option<&Path>, new: Option<PathBuf>) {
        if let Some(photo) = self.photos.get_mut(photo) {
            if let Some(gone) = gone {
                photo.paths.remove(gone);
            }
            photo.paths.extend(new);
        }
    }

    fn fix(&mut self, photo: usize) {
        if let Some(photo) = self.photos.get_mut(photo) {
            photo.fixed = true;
        }
    }

    fn rename(&mut self, photo: usize) -> Result<(), String> {
        let Some(from) = self.path_of(photo) else {
            return Ok(());
        };
        let to = self.fresh_path(photo);
        self.shift(&from, &to)?;
        self.replace(photo, Some(&from), Some(to));
        self.note("renamed or moved");
        Ok(())
    }

    fn shift(&self, from: &Path, to: &Path) -> Result<(), String> {
        let to = self.drive.join(to);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        }
        fs::rename(self.drive.join(from), &to)
            .map_err(|error| format!("{} → {}: {error}", from.display(), to.display()))
    }

    fn edit(&mut self, photo: usize) -> Result<(), String> {
        let (Some(path), Some(found)) = (self.path_of(photo), self.photos.get_mut(photo)) else {
            return Ok(());
        };
        if found.fixed {
            return Ok(());
        }
        found.edits += 1;
        let (number, edits) = (found.number, found.edits);
        self.write(&path, &self.picture(number, edits))?;
        self.note("edited");
        Ok(())
    }

    fn copy(&mut self, photo: usize) -> Result<(), String> {
        let Some(from) = self.path_of(photo) else {
            return Ok(());
        };
        // Bytes that were edited and copied since the last look are told apart
        // by nothing.
        if self.photos.get(photo).is_some_and(|photo| photo.edits > 0) {
            return Ok(());
        }
        let to = self.fresh_path(photo);
        let bytes = fs::read(self.drive.join(&from)).map_err(|error| error.to_string())?;
        self.write(&to, &bytes)?;
        self.replace(photo, None, Some(to));
        self.fix(photo);
        self.note("copied");
        Ok(())
    }

    fn delete(&mut self, photo: usize) -> Result<(), String> {
        let Some(path) = self.path_of(photo) else {
            return Ok(());
        };
        fs::remove_file(self.drive.join(&path)).map_err(|error| error.to_string())?;
        self.replace(photo, Some(&path), None);
        if self.path_of(photo).is_none() {
            self.deleted.push(photo);
        }
        self.note("deleted");
        Ok(())
    }

    fn bring_back(&mut self) -> Result<(), String> {
        let at = self.roll(self.deleted.len());
        let Some(photo) = self.deleted.get(at).copied() else {
            return Ok(());
        };
        // Bytes that no look ever saw are a new photo.
        if self.photos.get(photo).is_some_and(|photo| photo.edits > 0) {
            return Ok(());
        }
        self.deleted.swap_remove(at);
        let to = self.fresh_path(photo);
        self.write(&to, &self.picture(photo, 0))?;
        self.replace(photo, None, Some(to));
        self.fix(photo);
        self.note("deleted and brought back");
        Ok(())
    }

    fn bring_new(&mut self) -> Result<(), String> {
        let number = self.photos.len();
        let path = self.fresh_path(number);
        self.write(&path, &self.picture(number, 0))?;
        self.photos.push(Photo {
            number,
            edits: 0,
            paths: BTreeSet::from([path]),
            rated: false,
            fixed: false,
        });
        self.note("new");
        Ok(())
    }

    fn move_folder(&mut self, photo: usize) -> Result<(), String> {
        let Some(path) = self.path_of(photo) else {
            return Ok(());
        };
        let Some(from) = path.parent().map(Path::to_owned) else {
            return Ok(());
        };
        self.folders += 1;
        let to = PathBuf::from(self.folders.to_string());
        self.shift(&from, &to)?;
        for photo in &mut self.photos {
            let moved: Vec<PathBuf> = photo
                .paths
                .iter()
                .filter(|path| path.parent() == Some(&from))
                .cloned()
                .collect();
            for path in moved {
                let name = path.file_name().unwrap_or_default().to_owned();
                photo.paths.remove(&path);
                photo.paths.insert(to.join(name));
            }
        }
        self.note("folder moved");
        Ok(())
    }
}
