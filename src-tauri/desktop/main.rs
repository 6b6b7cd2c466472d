//! The desktop shell: a node with a window. It opens the library, shows the
//! window at once, and passes commands, events and pictures between the two.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod asked;
#[cfg(target_os = "linux")]
mod asleep;
mod awake;
mod closing;
mod drag;
mod grants;
mod ipc;
mod pages;
mod protocol;
mod tiles;
mod tray;
mod window;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use node::config::Config;
use node::{Event, Node, NodeError, Noun};
use tauri::async_runtime;
use tauri::{AppHandle, Emitter, Manager, RunEvent};
use tauri_plugin_autostart::MacosLauncher;
use tauri_plugin_deep_link::DeepLinkExt;
use tauri_plugin_dialog::{DialogExt, MessageDialogKind};
use tauri_plugin_window_state::StateFlags;
use tokio::sync::broadcast::error::RecvError;

use asked::Waiting;
use grants::Grants;
use tray::Tray;

fn main() -> ExitCode {
    media::run_worker_if_asked();
    #[cfg(target_os = "linux")]
    window::keep_scripts_small();
    let built = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(
            |app, arguments, folder| {
                window::focus(app);
                asked::by_arguments(app, &arguments, Path::new(&folder));
            },
        ))
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_autostart::init(
            MacosLauncher::LaunchAgent,
            Some(vec![asked::HIDDEN]),
        ))
        .plugin(tauri_plugin_notification::init())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_clipboard_manager::init())
        .plugin(tauri_plugin_opener::init())
        .plugin(
            tauri_plugin_window_state::Builder::new()
                // One that was closed into the tray is shown when Albumen is started again.
                .with_state_flags(StateFlags::all() - StateFlags::VISIBLE)
                .build(),
        )
        .register_asynchronous_uri_scheme_protocol("photo", protocol::answer)
        .register_asynchronous_uri_scheme_protocol("tile", tiles::answer)
        .register_asynchronous_uri_scheme_protocol(pages::SCHEME, pages::answer)
        .invoke_handler(tauri::generate_handler![
            ipc::call,
            ipc::chunk,
            ipc::choose_folders,
            ipc::choose_files,
            ipc::save_as,
            ipc::tell_words,
            ipc::notify,
            ipc::starts_at_login,
            ipc::start_at_login,
            ipc::quit,
            asked::take_asked,
            drag::drag_out
        ])
        .setup(|app| {
            match open_node() {
                Ok(node) => {
                    app.manage(Arc::clone(&node));
                    app.manage(Grants::default());
                    app.manage(Waiting::default());
                    app.manage(Tray::default());
                    window::open(
                        app.handle(),
                        std::env::args().any(|one| one == asked::HIDDEN),
                    )?;
                    hear_wishes(app.handle());
                    tell_window(app.handle().clone(), &node);
                    #[cfg(target_os = "linux")]
                    asleep::begin(&node);
                    awake::begin(&node);
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
            app.run(|app, event| match event {
                RunEvent::Exit => {
                    if let Some(node) = window::node_of(app) {
                        async_runtime::block_on(node.stop());
                    }
                }
                #[cfg(target_os = "macos")]
                RunEvent::Opened { urls } => asked::by_addresses(app, &urls),
                #[cfg(target_os = "macos")]
                RunEvent::Reopen { .. } => window::focus(app),
                _ => {}
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

/// Takes note of what Albumen was started with, and of addresses that come later.
fn hear_wishes(app: &AppHandle) {
    let arguments: Vec<String> = std::env::args().collect();
    // Without a folder of its own, a relative path means nothing.
    let folder = std::env::current_dir().unwrap_or_default();
    asked::by_arguments(app, &arguments, &folder);
    let heard = app.clone();
    app.deep_link()
        .on_open_url(move |event| asked::by_addresses(&heard, &event.urls()));
}

/// Passes the node's events on to the window and the tray.
fn tell_window(app: AppHandle, node: &Node) {
    let mut events = node.events();
    async_runtime::spawn(async move {
        loop {
            let event = match events.recv().await {
                Ok(event) => event,
                Err(RecvError::Lagged(_)) => Event::Change {
                    noun: Noun::Everything,
                    id: None,
                },
                Err(RecvError::Closed) => return,
            };
            tray::follow(&app, &event);
            // A window that is closing hears no more.
            let _ = match event {
                Event::Job(job) => app.emit("job", job),
                Event::Change { noun, id } => {
                    app.emit("change", serde_json::json!({ "noun": noun, "id": id }))
                }
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
