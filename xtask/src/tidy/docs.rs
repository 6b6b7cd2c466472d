//! Rules about what people read: links lead somewhere, and the map of the code
//! names every crate.

use super::File;
use std::collections::BTreeSet;

/// What the documents break of these rules.
pub fn problems(files: &[File]) -> Vec<String> {
    let mut problems = dead_links(files, &|path| crate::process::root().join(path).exists());
    problems.extend(unmapped(files));
    problems
}

/// Relative links of every document, which must lead to something.
fn dead_links(files: &[File], exists: &impl Fn(&str) -> bool) -> Vec<String> {
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.extension() == "md") {
        for target in links(&file.text) {
            let elsewhere = target.contains("://") || target.starts_with("mailto:");
            let place = target.split('#').next().unwrap_or_default();
            if elsewhere || place.is_empty() {
                continue;
            }
            let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            if !exists(&joined(folder, place)) {
                problems.push(format!(
                    "{} links to {target}, which is not there",
                    file.path
                ));
            }
        }
    }
    problems
}

/// The targets of `[text](target)` and `src="target"`, outside code blocks.
fn links(text: &str) -> Vec<&str> {
    let mut targets = Vec::new();
    for (number, part) in text.split("```").enumerate() {
        if number % 2 == 1 {
            continue;
        }
        for (opening, closing) in [("](", ')'), ("src=\"", '"'), ("srcset=\"", '"')] {
            for rest in part.split(opening).skip(1) {
                if let Some((target, _)) = rest.split_once(closing)
                    && !target.contains(char::is_whitespace)
                {
                    targets.push(target);
                }
            }
        }
    }
    targets
}

/// A path from the root, with `.` and `..` resolved by name.
fn joined(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// Every folder with a crate in it is named in ARCHITECTURE.md.
fn unmapped(files: &[File]) -> Vec<String> {
    let Some(map) = files.iter().find(|file| file.path == "ARCHITECTURE.md") else {
        return vec!["ARCHITECTURE.md is missing".to_owned()];
    };
    let mut folders: BTreeSet<&str> = files
        .iter()
        .filter_map(|file| file.path.strip_suffix("/Cargo.toml"))
        .collect();
    folders.extend(["src-tauri/desktop", "ui"]);
    folders
        .into_iter()
        .filter(|folder| {
            !map.text.contains(&format!("{folder}/")) && !map.text.contains(&format!("`{folder}`"))
        })
        .map(|folder| format!("ARCHITECTURE.md does not name {folder}/"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn a_dead_link_is_named_and_a_live_one_is_not() {
        let documents = [file(
            "docs/security.md",
            "[a](../README.md#top) [b](gone.md) [c](https://example.org) [d](#here)\n```\n[e](code.md)\n```\n<img src=\"images/x.png\">",
        )];
        let found = dead_links(&documents, &|path| {
            path == "README.md" || path == "docs/images/x.png"
        });
        assert_eq!(
            found,
            ["docs/security.md links to gone.md, which is not there"]
        );
    }

    #[test]
    fn a_crate_that_the_map_forgets_is_named() {
        let files = [
            file(
                "ARCHITECTURE.md",
                "`src-tauri/media/` `src-tauri/desktop/` `ui/`",
            ),
            file("src-tauri/media/Cargo.toml", ""),
            file("src-tauri/web/Cargo.toml", ""),
        ];
        assert_eq!(
            unmapped(&files),
            ["ARCHITECTURE.md does not name src-tauri/web/"]
        );
    }
}
