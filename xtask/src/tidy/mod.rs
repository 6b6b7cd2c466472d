//! The house rules that no compiler holds (ARCHITECTURE.md, «Invariants»). Each
//! rule is a function from the tree to the sentences it has to complain about.

mod docs;
mod layers;
mod text;

use crate::process::{self, Done};
use std::path::Path;
use std::process::Command;

/// A file of the repository as git sees it: tracked, or new and not ignored.
struct File {
    /// From the root, with `/` on every system.
    path: String,
    text: String,
}

impl File {
    fn extension(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(_, last)| last)
    }

    fn is_rust(&self) -> bool {
        self.extension() == "rs"
    }

    /// Whether people of this house wrote it, rather than a generator.
    fn is_written(&self) -> bool {
        !self.path.starts_with("ui/src/bindings/")
    }
}

/// Checks every rule.
///
/// # Errors
/// One line for each place that breaks one.
pub fn tidy() -> Done {
    let files = files(&process::root())?;
    let mut problems = Vec::new();
    problems.extend(text::problems(&files));
    problems.extend(docs::problems(&files));
    problems.extend(layers::problems(&files)?);
    if problems.is_empty() {
        println!("{} files keep the house rules.", files.len());
        return Ok(());
    }
    Err(format!(
        "{} places break a house rule:\n  {}",
        problems.len(),
        problems.join("\n  ")
    ))
}

/// Every file with text in it; a deleted one and a picture are left out.
fn files(root: &Path) -> Result<Vec<File>, String> {
    let listed = process::output(
        Command::new("git")
            .args([
                "ls-files",
                "--cached",
                "--others",
                "--exclude-standard",
                "-z",
            ])
            .current_dir(root),
    )?;
    let mut files: Vec<File> = listed
        .split('\0')
        .filter(|path| !path.is_empty())
        .filter_map(|path| {
            let text = std::fs::read_to_string(root.join(path)).ok()?;
            Some(File {
                path: path.to_owned(),
                text,
            })
        })
        .collect();
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files.dedup_by(|one, other| one.path == other.path);
    Ok(files)
}

#[cfg(test)]
fn file(path: &str, text: &str) -> File {
    File {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}
