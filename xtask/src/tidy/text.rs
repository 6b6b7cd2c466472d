//! Rules that one file can break by itself: its opening, its length, its name,
//! and words that do not belong in it.

use super::File;

const LONGEST: usize = 500;
const SOURCES: &[&str] = &["rs", "ts", "svelte", "css", "html", "mjs", "js"];
/// Names that say nothing of what is inside.
const EMPTY_NAMES: &[&str] = &[
    "manager",
    "service",
    "helper",
    "helpers",
    "util",
    "utils",
    "processor",
    "core",
    "data",
    "info",
];
/// Spelled in two halves, or this file would break its own rule.
const UNFINISHED: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
    concat!("to", "do!("),
    concat!("unimple", "mented!("),
    concat!("db", "g!("),
    concat!("#[ig", "nore"),
    concat!("test.on", "ly("),
    concat!("it.on", "ly("),
    concat!("describe.on", "ly("),
];

/// What the files break of these rules.
pub fn problems(files: &[File]) -> Vec<String> {
    files
        .iter()
        .filter(|file| SOURCES.contains(&file.extension()) && file.is_written())
        .flat_map(of_one)
        .collect()
}

fn of_one(file: &File) -> Vec<String> {
    let mut problems = Vec::new();
    let path = &file.path;
    if file.is_rust() && !file.text.starts_with("//!") {
        problems.push(format!(
            "{path} does not open with a `//!` that says what it is"
        ));
    }
    let lines = file.text.lines().count();
    if lines > LONGEST {
        problems.push(format!(
            "{path} has {lines} lines; split it by concept below {LONGEST}"
        ));
    }
    for part in path.split('/') {
        let name = part.split('.').next().unwrap_or(part);
        if EMPTY_NAMES.contains(&name) {
            problems.push(format!(
                "{path} is named `{name}`, which says nothing of what is inside"
            ));
        }
    }
    for (number, line) in file.text.lines().enumerate() {
        for word in UNFINISHED {
            if line.contains(word) {
                problems.push(format!(
                    "{path}:{} leaves something unfinished: {word}",
                    number + 1
                ));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn each_rule_finds_what_breaks_it() {
        let long = format!("//! Long.\n{}", "\n".repeat(LONGEST));
        let broken = [
            file("src/a.rs", "use std::fs;\n"),
            file("src/b.rs", &long),
            file("src/helper.rs", "//! Named badly.\n"),
            file("src/core/c.rs", "//! In a folder named badly.\n"),
            file("ui/d.ts", concat!("// TO", "DO later\n")),
        ];
        assert_eq!(
            problems(&broken).len(),
            broken.len(),
            "{:?}",
            problems(&broken)
        );
    }

    #[test]
    fn good_files_generated_ones_and_pictures_are_left_alone() {
        let fine = [
            file("src/album.rs", "//! An album.\n"),
            file("ui/src/bindings/Asset.ts", &"\n".repeat(LONGEST * 2)),
            file("docs/data.md", &"\n".repeat(LONGEST * 2)),
        ];
        assert!(problems(&fine).is_empty());
    }
}
