//! What Albumen was started with: files to open or to share, or an address of
//! its own. Each waits until the window takes it up.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use tauri::{AppHandle, Emitter, Manager, State, Url};

use crate::grants::Grants;
use crate::window;

/// Albumen's own addresses begin with this.
const SCHEME: &str = "albumen";
/// Start in the tray.
pub const HIDDEN: &str = "--hidden";
/// The files are to be shared.
const SHARE: &str = "--share";

/// A wish from outside the window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Asked {
    /// Import these files.
    Open {
        /// Where they are.
        paths: Vec<PathBuf>,
    },
    /// Import these files, and share them.
    Share {
        /// Where they are.
        paths: Vec<PathBuf>,
    },
    /// Show this place.
    Visit {
        /// `albumen://…`
        address: String,
    },
}

/// Wishes that the window has not taken up yet.
#[derive(Default)]
pub struct Waiting(Mutex<Vec<Asked>>);

impl Waiting {
    fn add(&self, asked: Asked) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(asked);
    }
}

/// Understands a command line; what it names is relative to `folder`.
fn understood<'a>(arguments: impl IntoIterator<Item = &'a str>, folder: &Path) -> Vec<Asked> {
    let (mut paths, mut asked, mut shares) = (Vec::new(), Vec::new(), false);
    for argument in arguments {
        match argument {
            SHARE => shares = true,
            HIDDEN => {}
            _ => match Url::parse(argument) {
                Ok(url) if url.scheme() == SCHEME => asked.push(Asked::Visit {
                    address: url.into(),
                }),
                Ok(url) if url.scheme() == "file" => paths.extend(url.to_file_path()),
                _ if !argument.starts_with('-') => paths.push(folder.join(argument)),
                _ => {}
            },
        }
    }
    if !paths.is_empty() {
        asked.push(match shares {
            true => Asked::Share { paths },
            false => Asked::Open { paths },
        });
    }
    asked
}

/// Takes note of a command line, of this start or of a second one.
pub fn by_arguments(app: &AppHandle, arguments: &[String], folder: &Path) {
    let arguments = arguments.iter().skip(1).map(String::as_str);
    take_note(app, understood(arguments, folder));
}

/// Takes note of addresses that the system hands over.
pub fn by_addresses(app: &AppHandle, addresses: &[Url]) {
    let addresses = addresses.iter().map(Url::as_str);
    take_note(app, understood(addresses, Path::new("/")));
}

fn take_note(app: &AppHandle, all: Vec<Asked>) {
    if all.is_empty() {
        return;
    }
    for asked in all {
        if let Asked::Open { paths } | Asked::Share { paths } = &asked {
            // The user has pointed at them, in the file manager.
            app.state::<Grants>().allow(paths.iter().cloned());
        }
        app.state::<Waiting>().add(asked);
    }
    window::focus(app);
    // A window that is not there yet asks when it is.
    let _ = app.emit("asked", ());
}

/// What was wished for since the window last asked.
#[tauri::command]
pub fn take_asked(waiting: State<'_, Waiting>) -> Vec<Asked> {
    std::mem::take(&mut *waiting.0.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_addresses_and_flags_are_told_apart() {
        let folder = Path::new("/home/anna");
        let path = |text: &str| PathBuf::from(text);
        assert_eq!(
            understood(["--hidden", "a.jpg", "/b/c.heic"], folder),
            [Asked::Open {
                paths: vec![path("/home/anna/a.jpg"), path("/b/c.heic")]
            }]
        );
        assert_eq!(
            understood(["--share", "file:///b/c%20d.jpg"], folder),
            [Asked::Share {
                paths: vec![path("/b/c d.jpg")]
            }]
        );
        assert_eq!(
            understood(["albumen://album/7"], folder),
            [Asked::Visit {
                address: "albumen://album/7".to_owned()
            }]
        );
        assert_eq!(understood(["--unknown"], folder), []);
    }
}
