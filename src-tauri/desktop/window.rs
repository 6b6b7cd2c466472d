//! The one window: it shows Albumen's own page and never leaves it.

use tauri::{AppHandle, DragDropEvent, Manager, Runtime, WebviewUrl, WindowEvent};
use tauri::{Url, WebviewWindowBuilder};

use crate::grants::Grants;

const LABEL: &str = "main";

/// Opens the window.
pub fn open<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Albumen")
        .inner_size(1280.0, 820.0)
        .min_inner_size(480.0, 420.0)
        .on_navigation(is_own_page)
        .build()?;
    let app = app.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::DragDrop(DragDropEvent::Drop { paths, .. }) = event {
            app.state::<Grants>().allow(paths.iter().cloned());
        }
    });
    Ok(())
}

/// Brings the window forward.
pub fn focus<R: Runtime>(app: &AppHandle<R>) {
    if let Some(window) = app.get_webview_window(LABEL) {
        // A window that is closing needs no focus.
        let _ = window.unminimize();
        let _ = window.set_focus();
    }
}

/// The page that is built in, or the development server's.
fn is_own_page(url: &Url) -> bool {
    url.scheme() == "tauri"
        || url.host_str() == Some("tauri.localhost")
        || (cfg!(not(feature = "custom-protocol")) && url.host_str() == Some("localhost"))
}
