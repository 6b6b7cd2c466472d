//! What the window may call: the node's commands, and the dialogs by which a
//! person points at files.

use std::path::PathBuf;
use std::sync::Arc;

use node::{Node, NodeError, command};
use serde_json::Value;
use tauri::ipc::Response;
use tauri::{AppHandle, State, async_runtime};
use tauri_plugin_dialog::{DialogExt, FilePath};

use crate::grants::Grants;

/// Names folders to choose without a dialog; heeded only while the window is
/// driven by an automated test.
const CHOSEN: &str = "ALBUMEN_CHOOSE_FOLDERS";

/// Runs one of the node's commands.
#[tauri::command]
pub async fn call(
    name: String,
    payload: Value,
    node: State<'_, Arc<Node>>,
    grants: State<'_, Grants>,
) -> Result<Value, NodeError> {
    grants.check(&name, &payload)?;
    let (node, asked) = (Arc::clone(&node), name.clone());
    let reply = async_runtime::spawn_blocking(move || command::run(&node, &asked, payload))
        .await
        .map_err(|error| NodeError::new("stopped", format!("{error}.")))??;
    grants.allow_found(&name, &reply);
    Ok(reply)
}

/// Some rows of a grid, laid out and packed.
#[tauri::command]
pub async fn chunk(payload: Value, node: State<'_, Arc<Node>>) -> Result<Response, NodeError> {
    let node = Arc::clone(&node);
    let bytes = async_runtime::spawn_blocking(move || command::chunk(&node, payload))
        .await
        .map_err(|error| NodeError::new("stopped", format!("{error}.")))??;
    Ok(Response::new(bytes))
}

/// Lets the user choose folders; none when they changed their mind.
#[tauri::command]
pub async fn choose_folders(app: AppHandle, grants: State<'_, Grants>) -> Result<Vec<PathBuf>, ()> {
    let chosen = match std::env::var_os(CHOSEN) {
        Some(folders) if std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some() => {
            std::env::split_paths(&folders).collect()
        }
        _ => {
            let (answer, answered) = tokio::sync::oneshot::channel();
            app.dialog().file().pick_folders(|chosen| {
                let _ = answer.send(chosen);
            });
            paths(answered.await.ok().flatten().unwrap_or_default())
        }
    };
    grants.allow(chosen.iter().cloned());
    Ok(chosen)
}

/// Lets the user choose files; none when they changed their mind.
#[tauri::command]
pub async fn choose_files(app: AppHandle, grants: State<'_, Grants>) -> Result<Vec<PathBuf>, ()> {
    let (answer, answered) = tokio::sync::oneshot::channel();
    app.dialog().file().pick_files(|chosen| {
        let _ = answer.send(chosen);
    });
    let chosen = paths(answered.await.ok().flatten().unwrap_or_default());
    grants.allow(chosen.iter().cloned());
    Ok(chosen)
}

/// Lets the user say where a copy shall be written.
#[tauri::command]
pub async fn save_as(
    app: AppHandle,
    default_name: String,
    grants: State<'_, Grants>,
) -> Result<Option<PathBuf>, ()> {
    let (answer, answered) = tokio::sync::oneshot::channel();
    app.dialog()
        .file()
        .set_file_name(default_name)
        .save_file(|chosen| {
            let _ = answer.send(chosen);
        });
    let chosen = paths(answered.await.ok().flatten()).pop();
    grants.allow(chosen.iter().cloned());
    Ok(chosen)
}

fn paths(chosen: impl IntoIterator<Item = FilePath>) -> Vec<PathBuf> {
    chosen
        .into_iter()
        .filter_map(|path| path.into_path().ok())
        .collect()
}
