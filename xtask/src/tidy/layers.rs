//! Rules about who may see whom: the layers of ARCHITECTURE.md, by the crates'
//! manifests, by what cargo resolves, and by the few words only one place uses.

use super::File;
use crate::process;

/// Crates of the network, of async and of the window: never below `node`.
const OUTSIDE: &[&str] = &[
    "async-std",
    "axum",
    "hyper",
    "iroh",
    "mio",
    "reqwest",
    "smol",
    "tauri",
    "tokio",
];
/// What only one manifest names, by the name's beginning.
const ONE_HOME: &[(&str, &str)] = &[
    ("rusqlite", "src-tauri/library/Cargo.toml"),
    ("ts-rs", "src-tauri/node/Cargo.toml"),
    ("tauri", "Cargo.toml"),
];
/// What a crate's manifest must never name, and why.
const NEVER: &[(&str, &str, &str)] = &[
    (
        "src-tauri/library/Cargo.toml",
        "serde",
        "the library's types are not the UI's",
    ),
    (
        "src-tauri/sync/Cargo.toml",
        "albumen-web",
        "peers and visitors never know each other",
    ),
    (
        "src-tauri/web/Cargo.toml",
        "albumen-sync",
        "peers and visitors never know each other",
    ),
    (
        "src-tauri/media/Cargo.toml",
        "albumen-library",
        "a layer sees only those below it",
    ),
    (
        "src-tauri/media/Cargo.toml",
        "albumen-sync",
        "a layer sees only those below it",
    ),
    (
        "src-tauri/media/Cargo.toml",
        "albumen-web",
        "a layer sees only those below it",
    ),
    (
        "src-tauri/media/Cargo.toml",
        "albumen-node",
        "a layer sees only those below it",
    ),
    (
        "src-tauri/library/Cargo.toml",
        "albumen-web",
        "a layer sees only those below it",
    ),
    (
        "src-tauri/library/Cargo.toml",
        "albumen-sync",
        "a layer sees only those below it",
    ),
    (
        "src-tauri/library/Cargo.toml",
        "albumen-node",
        "a layer sees only those below it",
    ),
    (
        "src-tauri/web/Cargo.toml",
        "albumen-node",
        "a layer sees only those below it",
    ),
    (
        "src-tauri/sync/Cargo.toml",
        "albumen-node",
        "a layer sees only those below it",
    ),
];
const STATEMENTS: &[&str] = &[
    "\"SELECT ",
    "\"INSERT ",
    "\"UPDATE ",
    "\"DELETE FROM ",
    "\"CREATE TABLE ",
    "\"PRAGMA ",
];

/// What the tree breaks of these rules.
///
/// # Errors
/// A sentence, when cargo cannot resolve the workspace.
pub fn problems(files: &[File]) -> Result<Vec<String>, String> {
    let mut problems = written(files);
    for package in ["albumen-media", "albumen-library"] {
        let tree = process::output(&mut process::cargo(&[
            "tree",
            "--package",
            package,
            "--edges",
            "normal",
            "--prefix",
            "none",
        ]))?;
        problems.extend(reached(package, &tree));
    }
    Ok(problems)
}

/// The crates of `OUTSIDE` in what cargo resolved for a package.
fn reached(package: &str, tree: &str) -> Vec<String> {
    OUTSIDE
        .iter()
        .filter(|outside| {
            tree.lines()
                .any(|line| line.split(' ').next() == Some(**outside))
        })
        .map(|outside| format!("{package} depends on {outside}; it knows no network and no async"))
        .collect()
}

fn written(files: &[File]) -> Vec<String> {
    let mut problems = Vec::new();
    for file in files {
        let path = file.path.as_str();
        if path == "Cargo.toml" {
            problems.extend(unannotated(&file.text));
        }
        if path.ends_with("Cargo.toml") {
            problems.extend(manifest(path, &file.text));
        }
        if path.starts_with("ui/src/")
            && path != "ui/src/host.ts"
            && file.text.contains("@tauri-apps")
        {
            problems.push(format!(
                "{path} names @tauri-apps; only ui/src/host.ts does"
            ));
        }
        if file.is_rust()
            && path.starts_with("src-tauri/")
            && !path.starts_with("src-tauri/library/")
        {
            for statement in STATEMENTS {
                if file.text.contains(statement) {
                    problems.push(format!(
                        "{path} holds SQL ({}…); only the library does",
                        statement.trim_start_matches('"')
                    ));
                }
            }
        }
    }
    problems
}

/// Rules about one manifest. The tests' own package is a visitor from outside
/// and may look into a catalog; the workspace's list of versions binds nobody.
fn manifest(path: &str, text: &str) -> Vec<String> {
    let named = dependencies(text);
    let names = |beginning: &str| named.iter().any(|name| name.starts_with(beginning));
    let mut problems = Vec::new();
    for (beginning, home) in ONE_HOME {
        if path != *home && !path.starts_with("tests/") && names(beginning) {
            problems.push(format!("{path} names {beginning}; only {home} does"));
        }
    }
    for (place, beginning, why) in NEVER {
        if path == *place && names(beginning) {
            problems.push(format!("{path} names {beginning}: {why}"));
        }
    }
    if !text.contains("[lints]\nworkspace = true") {
        problems.push(format!("{path} does not take the workspace's lints"));
    }
    problems
}

/// The names in every table of dependencies of a package, development's aside.
fn dependencies(manifest: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]")
                && line != "[workspace.dependencies]"
                && !line.contains("dev-dependencies");
        } else if inside && !line.starts_with('#') {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
            if !name.is_empty() {
                names.push(name);
            }
        }
    }
    names
}

/// Members of the workspace without a word on what they are.
fn unannotated(root: &str) -> Vec<String> {
    root.split_once("members = [")
        .and_then(|(_, rest)| rest.split_once("\n]"))
        .map_or("", |(members, _)| members)
        .lines()
        .filter(|line| line.contains('"') && !line.contains('#'))
        .map(|line| format!("Cargo.toml does not say what the member {} is", line.trim()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    const LINTS: &str = "\n[lints]\nworkspace = true\n";

    #[test]
    fn a_manifest_that_looks_up_or_sideways_is_named() {
        let library =
            format!("[dependencies]\nserde = \"1\"\nalbumen-web.workspace = true\n{LINTS}");
        let web = format!(
            "[dependencies]\nrusqlite.workspace = true\nalbumen-sync.workspace = true\n{LINTS}"
        );
        let files = [
            file("src-tauri/library/Cargo.toml", &library),
            file("src-tauri/web/Cargo.toml", &web),
        ];
        assert_eq!(written(&files).len(), 4, "{:?}", written(&files));
    }

    #[test]
    fn the_list_of_versions_and_development_dependencies_bind_nobody() {
        let root = format!(
            "[workspace.dependencies]\nrusqlite = \"1\"\n[dependencies]\ntauri = \"2\"\n{LINTS}"
        );
        let web =
            format!("[dependencies]\naxum = \"0\"\n[dev-dependencies]\nrusqlite = \"1\"\n{LINTS}");
        let files = [
            file("Cargo.toml", &root),
            file("src-tauri/web/Cargo.toml", &web),
        ];
        assert!(written(&files).is_empty(), "{:?}", written(&files));
    }

    #[test]
    fn words_of_one_place_are_found_elsewhere() {
        let files = [
            file(
                "ui/src/album/store.ts",
                "import { invoke } from '@tauri-apps/api';",
            ),
            file(
                "ui/src/host.ts",
                "import { invoke } from '@tauri-apps/api';",
            ),
            file(
                "src-tauri/node/src/a.rs",
                concat!("query(\"SEL", "ECT 1\")"),
            ),
            file(
                "src-tauri/library/src/a.rs",
                concat!("query(\"SEL", "ECT 1\")"),
            ),
        ];
        assert_eq!(written(&files).len(), 2, "{:?}", written(&files));
    }

    #[test]
    fn a_resolved_tree_is_read_by_whole_names() {
        assert!(reached("p", "p v1\ntokio-free v1\n").is_empty());
        assert_eq!(reached("p", "p v1\ntokio v1.4\n").len(), 1);
    }

    #[test]
    fn a_member_without_a_word_is_named() {
        assert_eq!(
            unannotated("members = [\n    \"a\", # fine\n    \"b\",\n]").len(),
            1
        );
    }
}
