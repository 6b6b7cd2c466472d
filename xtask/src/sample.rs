//! A small sample library under the target folder: photos drawn by the test
//! camera, imported by the node's own commands, with an album and a link.

use crate::process::{self, built};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Makes the sample library with the node of `profile`, or finds it made, and
/// returns its folder.
///
/// # Errors
/// A sentence with the command that failed.
pub fn make(profile: &str) -> Result<PathBuf, String> {
    let folder = process::target().join("sample");
    let library = folder.join("library");
    let mark = folder.join("complete");
    if mark.exists() {
        println!("The sample library is {}.", library.display());
        return Ok(library);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| {
            format!(
                "the unfinished sample in {} cannot be removed: {error}.",
                folder.display()
            )
        })?;
    }
    let photos = folder.join("photos");
    process::run(
        process::cargo(&[
            "run",
            "--quiet",
            "-p",
            "albumen-tests",
            "--bin",
            "camera",
            "--",
        ])
        .arg(&photos),
    )?;

    let albumen = |arguments: &[&str]| {
        let mut command = Command::new(built(profile, "albumen"));
        command.arg("--library").arg(&library).args(arguments);
        command
    };
    process::run(&mut albumen(&[
        "init", "--person", "Anna", "--device", "Desk",
    ]))?;
    process::run(albumen(&["import"]).arg(&photos))?;
    let album = make_album(&albumen, &library)?;
    process::run(&mut albumen(&[
        "link",
        "create",
        "--album",
        &album,
        "--label",
        "Friends",
        "--expires",
        "30d",
    ]))?;
    fs::write(&mark, "")
        .map_err(|error| format!("{} cannot be written: {error}.", mark.display()))?;
    Ok(library)
}

/// An album of the newest photos; returns its id.
fn make_album(albumen: &impl Fn(&[&str]) -> Command, library: &Path) -> Result<String, String> {
    let answer = process::output(&mut albumen(&["--json", "album", "create", "By the sea"]))?;
    let album = ids(&answer).into_iter().next().ok_or_else(|| {
        format!(
            "the node made no album in {}; it answered: {answer}",
            library.display()
        )
    })?;
    let listed = process::output(&mut albumen(&["--json", "assets", "--limit", "24"]))?;
    process::run(albumen(&["album", "add", &album]).args(ids(&listed)))?;
    Ok(album)
}

/// The values of every `"id"` field in a JSON document. Ids hold no quote and
/// no escape, so finding them needs no parser.
fn ids(json: &str) -> Vec<String> {
    json.split("\"id\"")
        .skip(1)
        .filter_map(|rest| {
            rest.trim_start()
                .strip_prefix(':')?
                .trim_start()
                .strip_prefix('"')
        })
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::ids;

    #[test]
    fn every_id_of_a_document_is_found() {
        let document = r#"{"assets":[{"id":"a1","name":"b"},{"id" : "a2"}],"next":null}"#;
        assert_eq!(ids(document), ["a1", "a2"]);
        assert!(ids("{}").is_empty());
    }
}
