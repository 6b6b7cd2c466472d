//! What must hold of a library after every fault (docs/security.md): the catalog
//! is sound, every row's original is there with its hash, every file has a row,
//! and nothing unfinished is left.

use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// All files under a folder, hidden ones too.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    // A folder may go while it is listed; then it holds nothing.
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// BLAKE3 of a file, hex.
///
/// # Errors
/// When it cannot be read.
pub fn hash(path: &Path) -> Result<String, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(blake3::hash(&bytes).to_hex().to_string())
}

/// The hashes of all files under a folder.
///
/// # Errors
/// When one cannot be read.
pub fn hashes(folder: &Path) -> Result<BTreeSet<String>, String> {
    files(folder).iter().map(|path| hash(path)).collect()
}

/// Checks a library that no process has open; answers with the hashes of its
/// photos, which must be among `sources`.
///
/// # Errors
/// The first thing that does not hold.
pub fn check(library: &Path, sources: &BTreeSet<String>) -> Result<BTreeSet<String>, String> {
    let (catalog, rows) = sound_catalog(library)?;
    let told = |error: rusqlite::Error| format!("the catalog: {error}");
    must(rows.is_subset(sources), || {
        "something was imported that was not there".to_owned()
    })?;
    let originals = library.join("originals");
    let mut known: BTreeSet<(PathBuf, String)> = catalog
        .prepare("SELECT path, lower(hex(hash)) FROM original WHERE in_place = 0")
        .and_then(|mut rows| {
            let file = |row: &rusqlite::Row<'_>| {
                let path: String = row.get(0)?;
                Ok((originals.join(path), row.get(1)?))
            };
            rows.query_map([], file)?.collect()
        })
        .map_err(told)?;
    let own: BTreeSet<String> = known.iter().map(|(_, hash)| hash.clone()).collect();
    must(rows.is_subset(&own), || {
        "a photo has no original".to_owned()
    })?;
    for path in files(&originals) {
        let hash = hash(&path)?;
        must(known.remove(&(path.clone(), hash)), || {
            format!("{} is no row's, or not as it was", path.display())
        })?;
    }
    must(known.is_empty(), || format!("these are gone: {known:?}"))?;
    Ok(rows)
}

/// The catalog in a folder, a library's or a backup's, and the hashes of its photos:
/// its pages and references are sound, and it intends nothing.
///
/// # Errors
/// The first thing that does not hold.
pub fn sound_catalog(folder: &Path) -> Result<(Connection, BTreeSet<String>), String> {
    let told = |error: rusqlite::Error| format!("the catalog in {}: {error}", folder.display());
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let catalog =
        Connection::open_with_flags(folder.join("albumen.sqlite"), flags).map_err(told)?;
    let number = |sql: &str| -> Result<i64, String> {
        catalog.query_row(sql, [], |row| row.get(0)).map_err(told)
    };
    let sound: String = catalog
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .map_err(told)?;
    must(sound == "ok", || format!("the catalog is unsound: {sound}"))?;
    let astray = number("SELECT count(*) FROM pragma_foreign_key_check")?;
    must(astray == 0, || "a row refers to nothing".to_owned())?;
    let intents = number("SELECT count(*) FROM intent")?;
    must(intents == 0, || {
        "what was intended was not replayed, or is in a backup".to_owned()
    })?;
    let rows = catalog
        .prepare("SELECT lower(hex(hash)) FROM asset")
        .and_then(|mut rows| rows.query_map([], |row| row.get(0))?.collect())
        .map_err(told)?;
    Ok((catalog, rows))
}

fn must(holds: bool, problem: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(problem()) }
}
