//! Photos dragged out of the window: a file manager or a chat gets the files
//! themselves, to copy.

use std::path::PathBuf;
use std::sync::Arc;

use node::{Node, NodeError, command};
use serde_json::{Value, json};
use tauri::{State, WebviewWindow, async_runtime};
use tokio::sync::oneshot;

/// What is under the pointer meanwhile.
const ICON: &[u8] = include_bytes!("../../icons/32x32.png");
/// So many photos are enough for one hand.
const MOST: usize = 1_000;

/// Begins to drag these photos' files and waits until they are let go of.
#[tauri::command]
pub async fn drag_out(
    ids: Vec<String>,
    window: WebviewWindow,
    node: State<'_, Arc<Node>>,
) -> Result<(), NodeError> {
    if ids.len() > MOST {
        return Err(NodeError::new(
            "too_many",
            format!(
                "At most {MOST} photos can be dragged at once; save the others with a link or `albumen asset write`."
            ),
        ));
    }
    let node = Arc::clone(&node);
    let files = async_runtime::spawn_blocking(move || files_of(&node, &ids))
        .await
        .map_err(|error| failed(&error))??;
    let (tell, told) = oneshot::channel();
    let dragged = window.clone();
    window
        .run_on_main_thread(move || platform::drag(&dragged, &files, tell))
        .map_err(|error| failed(&error))?;
    told.await
        .map_err(|error| failed(&error))?
        .map_err(|error| failed(&error))
}

/// The files that hold these photos, each of its parts once.
fn files_of(node: &Arc<Node>, ids: &[String]) -> Result<Vec<PathBuf>, NodeError> {
    let mut files = Vec::new();
    for id in ids {
        let shown = command::run(node, "asset.show", json!({ "id": id }))?;
        let places = shown.get("places").and_then(Value::as_array);
        for part in ["whole", "live"] {
            let at_hand = places
                .into_iter()
                .flatten()
                .filter(|place| place.get("part").and_then(Value::as_str) == Some(part))
                .filter_map(|place| Some(PathBuf::from(place.get("path")?.as_str()?)))
                .find(|path| path.is_file());
            files.extend(at_hand);
        }
    }
    if files.is_empty() {
        return Err(NodeError::new(
            "offline",
            "The files of these photos are not at hand now; connect the drive they are on.",
        ));
    }
    Ok(files)
}

/// Tells how it ended: nothing when the files were let go of, wherever that was.
type Ended = oneshot::Sender<Result<(), String>>;

/// By GTK itself, for it asks for the files after they were let go of, which the
/// `drag` library (2.1.1) does not wait for.
#[cfg(target_os = "linux")]
mod platform {
    use std::cell::RefCell;
    use std::path::PathBuf;
    use std::rc::Rc;

    use gtk::gdk::{DragAction, ModifierType};
    use gtk::gdk_pixbuf::Pixbuf;
    use gtk::glib::{Bytes, Error, SignalHandlerId};
    use gtk::prelude::*;
    use tauri::{Url, WebviewWindow};

    use super::{Ended, ICON};

    /// The mouse's first button, as GTK counts.
    const FIRST: i32 = 1;

    pub(super) fn drag(window: &WebviewWindow, files: &[PathBuf], tell: Ended) {
        let addresses = files
            .iter()
            .filter_map(|file| Url::from_file_path(file).ok());
        let addresses = addresses.map(String::from).collect();
        let tell = Rc::new(RefCell::new(Some(tell)));
        let said = Rc::clone(&tell);
        let ended = move |result: Result<(), String>| {
            // A window that is closing hears no more.
            let _ = said.take().map(|tell| tell.send(result));
        };
        let window = match window.gtk_window() {
            Ok(window) => window,
            Err(error) => return ended(Err(error.to_string())),
        };
        begin(&window, addresses, ended);
    }

    fn begin(
        window: &gtk::ApplicationWindow,
        addresses: Vec<String>,
        ended: impl Fn(Result<(), String>) + Clone + 'static,
    ) {
        // Only copies are offered: nobody may move an original away.
        let action = DragAction::COPY;
        window.drag_source_set(ModifierType::BUTTON1_MASK, &[], action);
        window.drag_source_add_uri_targets();
        let handlers: Rc<RefCell<Vec<SignalHandlerId>>> = Rc::default();
        let given = window.connect_drag_data_get(move |_, _, data, _, _| {
            let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
            data.set_uris(&addresses);
        });
        let held = Rc::clone(&handlers);
        let end = move |window: &gtk::ApplicationWindow, result| {
            for handler in held.take() {
                window.disconnect(handler);
            }
            window.drag_source_unset();
            ended(result);
        };
        let over = window.connect_drag_end({
            let end = end.clone();
            move |window, _| end(window, Ok(()))
        });
        handlers.borrow_mut().extend([given, over]);
        let targets = window.drag_source_get_target_list();
        let begun = targets.and_then(|targets| {
            window.drag_begin_with_coordinates(&targets, action, FIRST, None, -1, -1)
        });
        match begun {
            Some(context) => {
                if let Ok(icon) = icon() {
                    context.drag_set_icon_pixbuf(&icon, 0, 0);
                }
            }
            None => end(window, Err("GTK began no drag".to_owned())),
        }
    }

    fn icon() -> Result<Pixbuf, Error> {
        let stream = gtk::gio::MemoryInputStream::from_bytes(&Bytes::from_static(ICON));
        Pixbuf::from_stream(&stream, gtk::gio::Cancellable::NONE)
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use std::path::PathBuf;
    use std::sync::{Arc, Mutex};

    use drag::{DragItem, Image, Options, start_drag};
    use tauri::WebviewWindow;

    use super::{Ended, ICON};

    pub(super) fn drag(window: &WebviewWindow, files: &[PathBuf], tell: Ended) {
        let tell = Arc::new(Mutex::new(Some(tell)));
        let said = Arc::clone(&tell);
        let ended = move |result: Result<(), String>| {
            let tell = said.lock().ok().and_then(|mut tell| tell.take());
            // A window that is closing hears no more.
            let _ = tell.map(|tell| tell.send(result));
        };
        let over = ended.clone();
        let begun = start_drag(
            window,
            DragItem::Files(files.to_vec()),
            Image::Raw(ICON.to_vec()),
            move |_, _| over(Ok(())),
            // Only copies are offered, as is the default.
            Options::default(),
        );
        if let Err(error) = begun {
            ended(Err(error.to_string()));
        }
    }
}

fn failed(error: &dyn std::fmt::Display) -> NodeError {
    NodeError::new(
        "drag",
        format!("The photos could not be dragged out of the window: {error}."),
    )
}
