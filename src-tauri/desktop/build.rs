//! Makes the window's manifest: which commands it may call, and a placeholder
//! page on a fresh clone, where the UI is not built yet.

use std::error::Error;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=src-tauri/desktop/capabilities");
    println!("cargo:rerun-if-changed=ui/dist");
    let page = Path::new("ui/dist/index.html");
    if !page.exists() {
        fs::create_dir_all("ui/dist")?;
        fs::write(
            page,
            "<!doctype html><title>Albumen</title><p>Build the UI first: cargo xtask run</p>",
        )?;
    }
    const COMMANDS: &[&str] = &[
        "call",
        "chunk",
        "choose_folders",
        "choose_files",
        "save_as",
        "tell_words",
        "notify",
        "starts_at_login",
        "start_at_login",
        "quit",
        "take_asked",
        "drag_out",
    ];
    tauri_build::try_build(
        tauri_build::Attributes::new()
            .capabilities_path_pattern("./src-tauri/desktop/capabilities/**/*")
            .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS)),
    )?;
    Ok(())
}
