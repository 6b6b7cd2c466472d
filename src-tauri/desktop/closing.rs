//! Closing the window and quitting. Where there is a tray, the window closes into
//! it and links stay open; where visitors are connected, quitting asks first.

use tauri::{AppHandle, CloseRequestApi, Emitter, Manager, Window, async_runtime};

use crate::tray::Tray;
use crate::window;

/// What becomes of the window that its user closes.
pub fn asked(window: &Window, request: &CloseRequestApi) {
    let app = window.app_handle();
    if app.state::<Tray>().is_raised() && window.hide().is_ok() {
        request.prevent_close();
        // It says where Albumen went, the first time.
        let _ = app.emit("hidden", ());
    } else if ask_first(app) {
        request.prevent_close();
    }
}

/// Quits, unless visitors are connected: then the window asks.
pub fn quit(app: &AppHandle) {
    if !ask_first(app) {
        app.exit(0);
    }
}

fn ask_first(app: &AppHandle) -> bool {
    let visitors = window::node_of(app).map_or(0, |node| async_runtime::block_on(node.visitors()));
    if visitors > 0 {
        window::focus(app);
        // A window that hears nothing cannot ask.
        return app.emit("quitting", visitors).is_ok();
    }
    false
}
