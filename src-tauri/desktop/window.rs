//! The one window: it shows Albumen's own page and never leaves it.

use std::sync::Arc;

use node::Node;
use tauri::{AppHandle, DragDropEvent, Manager, Runtime, WebviewUrl, WindowEvent};
use tauri::{Url, WebviewWindowBuilder};

use crate::closing;
use crate::grants::Grants;
use crate::pages;

const LABEL: &str = "main";

/// Makes the window; `hidden`, it waits in the tray.
pub fn open(app: &AppHandle, hidden: bool) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Albumen")
        .inner_size(1280.0, 820.0)
        .min_inner_size(480.0, 420.0)
        .visible(!hidden)
        .on_navigation(|url| is_own_page(url) || is_seen_page(url))
        .build()?;
    let shown = window.as_ref().window();
    window.on_window_event(move |event| match event {
        WindowEvent::DragDrop(DragDropEvent::Drop { paths, .. }) => {
            shown.state::<Grants>().allow(paths.iter().cloned());
        }
        WindowEvent::CloseRequested { api, .. } => closing::asked(&shown, api),
        _ => {}
    });
    Ok(())
}

/// Scripts clear their memory up as on a machine with this much, in bytes: on a large one they
/// let more than a hundred megabytes of what nobody needs stand, to clear up less often. Said
/// by the variable through which JavaScriptCore hears its options, unless it is set already,
/// and before there is a second thread.
#[cfg(target_os = "linux")]
pub fn keep_scripts_small() {
    const ROOM: &str = "1073741824";
    // Without it the window needs more memory, and works.
    let _ = gtk::glib::setenv("JSC_forceRAMSize", ROOM, false);
}

/// After so many pictures were shown, WebKit lets go of those that are out of sight.
#[cfg(target_os = "linux")]
const PICTURES: usize = 40;

/// Pictures that are out of sight are on the disk already, but WebKit keeps as many of
/// them in memory as of the pages of a browser. Going over to a viewer of one document
/// and back makes it let go of them, at once and only then.
#[cfg(target_os = "linux")]
pub fn count_picture<R: Runtime>(app: &AppHandle<R>) {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use webkit2gtk::{CacheModel, WebContextExt, WebViewExt};

    static SHOWN: AtomicUsize = AtomicUsize::new(0);
    if !(SHOWN.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(PICTURES) {
        return;
    }
    let Some(window) = app.get_webview_window(LABEL) else {
        return;
    };
    // A window that is being closed keeps nothing.
    let _ = window.with_webview(|view| {
        if let Some(context) = view.inner().context() {
            let usual = context.cache_model();
            context.set_cache_model(CacheModel::DocumentViewer);
            context.set_cache_model(usual);
        }
    });
}

/// The node of this window; none while its library could not be opened.
pub fn node_of<R: Runtime>(app: &AppHandle<R>) -> Option<Arc<Node>> {
    app.try_state::<Arc<Node>>().map(|node| Arc::clone(&node))
}

/// Shows the window if it is hidden, where it is.
pub fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL) {
        let _ = window.show();
    }
}

/// Brings the window forward.
pub fn focus<R: Runtime>(app: &AppHandle<R>) {
    if let Some(window) = app.get_webview_window(LABEL) {
        // A window that is closing needs no focus.
        let _ = window.show();
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

/// A page of a link in a frame; the system tells of frames as of the window itself. It runs
/// nothing, wherever it comes to stand.
fn is_seen_page(url: &Url) -> bool {
    url.scheme() == pages::SCHEME || url.host_str() == Some("page.localhost")
}
