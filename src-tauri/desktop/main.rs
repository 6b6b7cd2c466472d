//! The desktop shell: a node with a window. It opens the library, shows the
//! window at once, and passes commands, events and pictures between the two.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod grants;
mod ipc;
mod protocol;
mod window;

use std::process::ExitCode;
use std::sync::Arc;

use node::config::Config;
use node::{Event, Node, NodeError};
use tauri::async_runtime;
use tauri::{AppHandle, Emitter, Manager, RunEvent};
use tauri_plugin_dialog::{DialogExt, MessageDialogKind};
use tokio::sync::broadcast::error::RecvError;

use grants::Grants;

fn main() -> ExitCode {
    media::run_worker_if_asked();
    let built = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, _, _| {
            window::focus(app);
        }))
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_clipboard_manager::init())
        .plugin(tauri_plugin_opener::init())
        .plugin(tauri_plugin_window_state::Builder::new().build())
        .register_asynchronous_uri_scheme_protocol("photo", protocol::answer)
        .invoke_handler(tauri::generate_handler![
            ipc::call,
            ipc::chunk,
            ipc::choose_folders,
            ipc::choose_files,
            ipc::save_as
        ])
        .setup(|app| {
            match open_node() {
                Ok(node) => {
                    app.manage(Arc::clone(&node));
                    app.manage(Grants::default());
                    window::open(app.handle())?;
                    tell_window(app.handle().clone(), &node);
                    async_runtime::spawn(async move {
                        // What could not start says so in its own place.
                        let _ = node.start().await;
                    });
                }
                Err(error) => explain_and_quit(app.handle().clone(), &error),
            }
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            app.run(|app, event| {
                if let RunEvent::Exit = event
                    && let Some(node) = app.try_state::<Arc<Node>>()
                {
                    async_runtime::block_on(node.stop());
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            use std::io::Write;
            let _ = writeln!(
                std::io::stderr(),
                "The window could not be opened: {error}. Without a display, use `albumen serve`."
            );
            ExitCode::FAILURE
        }
    }
}

fn open_node() -> Result<Arc<Node>, NodeError> {
    let config = Config::new(None)?;
    async_runtime::block_on(async { Node::open(&config) })
}

/// Passes the node's events on to the window.
fn tell_window(app: AppHandle, node: &Node) {
    let mut events = node.events();
    async_runtime::spawn(async move {
        loop {
            // A window that is closing hears no more.
            let _ = match events.recv().await {
                Ok(Event::Job(job)) => app.emit("job", job),
                Ok(Event::Change { noun, id }) => {
                    app.emit("change", serde_json::json!({ "noun": noun, "id": id }))
                }
                Err(RecvError::Lagged(_)) => app.emit(
                    "change",
                    serde_json::json!({ "noun": "everything", "id": null }),
                ),
                Err(RecvError::Closed) => return,
            };
        }
    });
}

fn explain_and_quit(app: AppHandle, error: &NodeError) {
    app.clone()
        .dialog()
        .message(&error.message)
        .title("Albumen cannot open its library")
        .kind(MessageDialogKind::Error)
        .show(move |_| app.exit(1));
}
