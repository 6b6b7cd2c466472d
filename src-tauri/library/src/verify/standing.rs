//! Files under `originals/` that the catalog does not know.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use walkdir::WalkDir;

use super::{AT_ONCE, Finding, Problem};
use crate::original::TEMPORARY;
use crate::{Library, LibraryError};

impl Library {
    /// Hands over the files of which the catalog knows nothing, by their paths.
    pub(super) fn unknown_files(&self, found: &mut dyn FnMut(Finding)) -> Result<(), LibraryError> {
        let mut standing = Vec::new();
        for entry in WalkDir::new(self.originals()).sort_by_file_name() {
            let entry = match entry {
                Ok(entry) => entry,
                // A folder or file that went meanwhile.
                Err(error) if is_gone(&error) => continue,
                Err(error) => return Err(io::Error::from(error).into()),
            };
            if entry.file_type().is_dir() {
                continue;
            }
            standing.push(entry.into_path());
            if standing.len() == AT_ONCE {
                self.tell_unknown(&mut standing, found)?;
            }
        }
        self.tell_unknown(&mut standing, found)
    }

    /// Hands over those of the files; what is known is asked after they were seen, for an
    /// import at work adds files first, rows second.
    fn tell_unknown(
        &self,
        standing: &mut Vec<PathBuf>,
        found: &mut dyn FnMut(Finding),
    ) -> Result<(), LibraryError> {
        let originals = self.originals();
        let mut unknown = Vec::new();
        self.catalog.read(|conn| {
            for path in standing.drain(..) {
                if !is_known(conn, &inner_path(&originals, &path))? {
                    unknown.push(path);
                }
            }
            Ok(())
        })?;
        for path in unknown {
            // An import that was given up has taken its file away by now.
            if fs::symlink_metadata(&path).is_err() {
                continue;
            }
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let problem = match name.starts_with(TEMPORARY) {
                true => Problem::Unfinished,
                false => Problem::Unknown,
            };
            found(Finding::new(problem, path, "", ""));
        }
        Ok(())
    }
}

fn is_known(conn: &Connection, path: &str) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT 1 FROM original WHERE in_place = 0 AND path = ?1
             UNION ALL SELECT 1 FROM intent WHERE temp = ?1 OR target = ?1
             UNION ALL SELECT 1 FROM setting WHERE name = 'damaged: ' || ?1",
        )?
        .exists([path])?)
}

fn is_gone(error: &walkdir::Error) -> bool {
    error
        .io_error()
        .is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// A path under `originals/` with `/` between folders.
pub(crate) fn inner_path(originals: &Path, path: &Path) -> String {
    path.strip_prefix(originals)
        .unwrap_or(path)
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}
