//! What the window may call: the node's commands, and the dialogs by which a
//! person points at files.

use std::path::PathBuf;
use std::sync::Arc;

use node::{Node, NodeError, command};
use serde_json::Value;
use tauri::ipc::Response;
use tauri::{AppHandle, State, async_runtime};
use tauri_plugin_autostart::ManagerExt;
use tauri_plugin_dialog::{DialogExt, FilePath};
use tauri_plugin_notification::NotificationExt;

use crate::grants::Grants;
use crate::tray::{Tray, Words};
use crate::{tray, window};

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

/// Gives the tray its words. Where there is none, a window that waits in it is
/// shown.
#[tauri::command]
pub fn tell_words(app: AppHandle, words: Words, tray: State<'_, Tray>) {
    // A test closes the window and expects it to end.
    let is_driven = std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some();
    if is_driven || tray.raise(&app, &words).is_err() {
        window::show(&app);
    }
    tray::show_sharing(&app);
}

/// Tells the user something while the window is out of sight.
#[tauri::command]
pub fn notify(app: AppHandle, title: String, body: String) {
    // Where the system has no notifications, the window says it, too.
    let _ = app.notification().builder().title(title).body(body).show();
}

/// Whether Albumen starts when the user logs in.
#[tauri::command]
pub fn starts_at_login(app: AppHandle) -> Result<bool, NodeError> {
    app.autolaunch().is_enabled().map_err(login)
}

/// Whether it shall.
#[tauri::command]
pub fn start_at_login(app: AppHandle, on: bool) -> Result<(), NodeError> {
    let autolaunch = app.autolaunch();
    let done = match on {
        true => autolaunch.enable(),
        false => autolaunch.disable(),
    };
    done.map_err(login)
}

fn login(error: tauri_plugin_autostart::Error) -> NodeError {
    NodeError::new(
        "login",
        format!("The system does not let Albumen start at login: {error}."),
    )
}

/// Ends Albumen; whoever asks has made sure.
#[tauri::command]
pub fn quit(app: AppHandle) {
    app.exit(0);
}

fn paths(chosen: impl IntoIterator<Item = FilePath>) -> Vec<PathBuf> {
    chosen
        .into_iter()
        .filter_map(|path| path.into_path().ok())
        .collect()
}
