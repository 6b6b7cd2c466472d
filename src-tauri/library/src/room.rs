//! Room on a disk: how much is free, how much of that stays free, so that an
//! import never takes the last of it, and what a library takes.

use std::fs;
use std::io;
use std::path::Path;

use crate::{CATALOG, Library, LibraryError};

/// The most that is kept free, in bytes.
const MOST_KEPT: u64 = 1 << 30;

/// What visitors' files leave free, in bytes, and as a part of the disk.
const KEPT_OF_VISITORS: (u64, u64) = (2 << 30, 20);

/// What a library takes of its disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Storage {
    /// Files under `originals/`, and their bytes.
    pub originals: Files,
    /// Files that stay where they are, and their bytes.
    pub in_place: Files,
    /// Bytes of the catalog.
    pub catalog: u64,
    /// Bytes that are free on the disk of the library.
    pub free: u64,
    /// Bytes of that disk.
    pub total: u64,
}

/// Some files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// How many.
    pub count: u64,
    /// Their bytes together.
    pub bytes: u64,
}

impl Library {
    /// What this library takes of its disk. It reads the row of every file.
    ///
    /// # Errors
    /// When the catalog or the disk cannot be read.
    pub fn storage(&self) -> Result<Storage, LibraryError> {
        let (originals, in_place) = self.catalog.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT count(*), coalesce(sum(bytes), 0) FROM original
                  WHERE in_place = ?1
                    AND (?1 OR NOT EXISTS (SELECT 1 FROM offsite_copy
                                            WHERE offsite_copy.hash = original.hash
                                              AND place = 'away'))",
            )?;
            let mut files = |in_place: bool| {
                statement.query_row([in_place], |row| {
                    Ok(Files {
                        count: row.get(0)?,
                        bytes: row.get(1)?,
                    })
                })
            };
            Ok((files(false)?, files(true)?))
        })?;
        let room = Room::of(&self.folder)?;
        Ok(Storage {
            originals,
            in_place,
            catalog: fs::metadata(self.folder.join(CATALOG))?.len(),
            free: room.free,
            total: room.total,
        })
    }
}

/// What a disk still takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// Bytes that are free to this user.
    free: u64,
    /// Bytes of the whole disk.
    total: u64,
    /// Whether it takes another file, however small: it may have no inode left.
    takes_files: bool,
}

impl Room {
    /// On the disk that a folder lies on.
    #[cfg(unix)]
    pub(crate) fn of(folder: &Path) -> io::Result<Room> {
        let disk = rustix::fs::statvfs(folder)?;
        Ok(Room {
            free: disk.f_bavail.saturating_mul(disk.f_frsize),
            total: disk.f_blocks.saturating_mul(disk.f_frsize),
            // Some file systems make inodes as they need them and count none.
            takes_files: disk.f_files == 0 || disk.f_favail > 0,
        })
    }

    #[cfg(not(unix))]
    pub(crate) fn of(folder: &Path) -> io::Result<Room> {
        Ok(Room {
            free: fs4::available_space(folder)?,
            total: fs4::total_space(folder)?,
            takes_files: true,
        })
    }

    /// What stays free: a gibibyte, or a twentieth of a small disk.
    fn kept(self) -> u64 {
        MOST_KEPT.min(self.total / 20)
    }

    /// How many bytes are missing before this many can be written.
    pub(crate) fn lacks(self, bytes: u64) -> u64 {
        bytes.saturating_add(self.kept()).saturating_sub(self.free)
    }

    /// Whether visitors may have sent this many bytes.
    pub(crate) fn takes_of_visitors(self, bytes: u64) -> bool {
        let (kept, part) = KEPT_OF_VISITORS;
        let kept = kept.max(self.total / part);
        self.takes_files && bytes.saturating_add(kept) <= self.free
    }

    /// Whether a file of this many bytes can be written.
    pub(crate) fn takes(self, bytes: u64) -> bool {
        self.takes_files && self.lacks(bytes) == 0
    }

    /// Why it does not take that, and what to do.
    pub(crate) fn complaint(self, folder: &Path, bytes: u64) -> String {
        let folder = folder.display();
        let missing = self.lacks(bytes);
        if missing > 0 {
            let (missing, kept) = (size(missing), size(self.kept()));
            format!(
                "The disk of {folder} is full: {missing} more are needed so that {kept} stay \
                 free. Make room there."
            )
        } else if !self.takes_files {
            format!("The disk of {folder} takes no more files. Remove some there.")
        } else {
            format!("The disk of {folder} takes no more, by a quota perhaps. Make room there.")
        }
    }
}

/// Bytes as people say them: «23 MB».
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        1_000_000..1_000_000_000 => format!("{} MB", bytes.div_ceil(1_000_000)),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_of_every_disk_stays_free() {
        let disk = |free, total| Room {
            free,
            total,
            takes_files: true,
        };
        let large = disk(3 << 30, 1 << 40);
        assert_eq!(large.kept(), 1 << 30);
        assert!(large.takes(2 << 30) && !large.takes((2 << 30) + 1));
        let small = disk(1_500_000, 20_000_000);
        assert_eq!(small.kept(), 1_000_000);
        assert_eq!((small.lacks(500_000), small.lacks(700_000)), (0, 200_000));
        let told = small.complaint(Path::new("/l"), 700_000);
        assert!(
            told.contains("200 kB more") && told.contains("1 MB stay"),
            "{told}"
        );
        let crowded = Room {
            takes_files: false,
            ..large
        };
        assert!(!crowded.takes(1));
        assert!(
            crowded
                .complaint(Path::new("/l"), 1)
                .contains("no more files")
        );
        assert!(!large.takes(u64::MAX));
        let kept = (1 << 40) / 20;
        let large = disk(kept + 100, 1 << 40);
        assert!(large.takes_of_visitors(100) && !large.takes_of_visitors(101));
    }

    #[test]
    fn a_real_disk_tells_its_room() {
        let folder = tempfile::tempdir().unwrap();
        let room = Room::of(folder.path()).unwrap();
        assert!(room.total > 0 && room.free <= room.total);
    }
}
