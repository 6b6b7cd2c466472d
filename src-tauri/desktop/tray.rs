//! Albumen's place in the system's tray: there it goes on while its window is
//! closed. A desktop without a tray has none of this; closing the window quits.

use std::sync::{Arc, Mutex, PoisonError};

use node::{Event, Job, JobState, Node, Noun, command};
use serde::Deserialize;
use serde_json::{Value, json};
use tauri::menu::{CheckMenuItem, Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Wry, async_runtime};

use crate::{closing, window};

const OPEN: &str = "open";
const SHARING: &str = "sharing";
const PAUSE: &str = "pause";
const QUIT: &str = "quit";

/// What the menu says. The window tells it, which has every language.
#[derive(Clone, Debug, Deserialize)]
pub struct Words {
    open: String,
    sharing: String,
    pause: String,
    quit: String,
}

/// The tray, once the window has given it its words.
#[derive(Default)]
pub struct Tray(Mutex<Option<Raised>>);

struct Raised {
    open: MenuItem<Wry>,
    sharing: CheckMenuItem<Wry>,
    pause: CheckMenuItem<Wry>,
    quit: MenuItem<Wry>,
    /// It is in the tray as long as this is kept.
    _icon: TrayIcon<Wry>,
}

impl Tray {
    /// Whether Albumen can be found in the tray.
    pub fn is_raised(&self) -> bool {
        self.lock().is_some()
    }

    /// Puts Albumen into the tray, or gives what is there other words.
    ///
    /// # Errors
    /// When the system has no tray.
    pub fn raise(&self, app: &AppHandle, words: &Words) -> tauri::Result<()> {
        let mut raised = self.lock();
        match &*raised {
            Some(raised) => raised.say(words),
            None => {
                *raised = Some(Raised::new(app, words)?);
                Ok(())
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Raised>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Raised {
    fn new(app: &AppHandle, words: &Words) -> tauri::Result<Raised> {
        let open = MenuItem::with_id(app, OPEN, &words.open, true, None::<&str>)?;
        let sharing =
            CheckMenuItem::with_id(app, SHARING, &words.sharing, true, false, None::<&str>)?;
        let pause = CheckMenuItem::with_id(app, PAUSE, &words.pause, false, false, None::<&str>)?;
        let quit = MenuItem::with_id(app, QUIT, &words.quit, true, None::<&str>)?;
        let (first, second) = (
            PredefinedMenuItem::separator(app)?,
            PredefinedMenuItem::separator(app)?,
        );
        let menu = Menu::with_items(app, &[&open, &first, &sharing, &pause, &second, &quit])?;
        let mut icon = TrayIconBuilder::with_id("albumen")
            .tooltip("Albumen")
            .menu(&menu)
            .show_menu_on_left_click(cfg!(target_os = "macos"))
            .on_menu_event(|app, event| chosen(app, event.id().as_ref()))
            .on_tray_icon_event(|tray, event| {
                let is_click = matches!(
                    event,
                    TrayIconEvent::Click {
                        button: MouseButton::Left,
                        button_state: MouseButtonState::Up,
                        ..
                    }
                );
                if is_click && !cfg!(target_os = "macos") {
                    window::focus(tray.app_handle());
                }
            });
        if let Some(picture) = app.default_window_icon() {
            icon = icon.icon(picture.clone());
        }
        let icon = icon.build(app)?;
        Ok(Raised {
            open,
            sharing,
            pause,
            quit,
            _icon: icon,
        })
    }

    fn say(&self, words: &Words) -> tauri::Result<()> {
        self.open.set_text(&words.open)?;
        self.sharing.set_text(&words.sharing)?;
        self.pause.set_text(&words.pause)?;
        self.quit.set_text(&words.quit)
    }

    /// Shows how the import stands that was heard of last.
    fn show_import(&self, job: &Job) {
        let waits = job.state == JobState::Paused && job.resumable;
        // A menu that is being taken down needs no marks.
        let _ = self.pause.set_checked(waits);
        let _ = self
            .pause
            .set_enabled(waits || job.state == JobState::Running);
    }
}

/// Does what was chosen in the menu.
fn chosen(app: &AppHandle, id: &str) {
    match id {
        OPEN => window::focus(app),
        QUIT => closing::quit(app),
        SHARING => in_background(app, |node| {
            let on = !is_sharing(node);
            // A taken port is told in the window.
            let _ = command::run(node, "sharing.set", json!({ "on": on }));
        }),
        PAUSE => in_background(app, |node| pause_or_resume(node).unwrap_or_default()),
        _ => {}
    }
    // A click turns the mark by itself; it shows what is so.
    show_sharing(app);
}

/// Keeps the menu's marks true.
pub fn follow(app: &AppHandle, event: &Event) {
    match event {
        Event::Job(job) if job.kind == "import" => {
            if let Some(raised) = &*app.state::<Tray>().lock() {
                raised.show_import(job);
            }
        }
        Event::Change {
            noun: Noun::Sharing | Noun::Everything,
            ..
        } => show_sharing(app),
        Event::Job(_) | Event::Change { .. } => {}
    }
}

/// Marks whether links are served.
pub fn show_sharing(app: &AppHandle) {
    let tray = app.clone();
    in_background(app, move |node| {
        let on = is_sharing(node);
        if let Some(raised) = &*tray.state::<Tray>().lock() {
            let _ = raised.sharing.set_checked(on);
        }
    });
}

fn in_background(app: &AppHandle, act: impl FnOnce(&Arc<Node>) + Send + 'static) {
    if let Some(node) = window::node_of(app) {
        async_runtime::spawn_blocking(move || act(&node));
    }
}

fn is_sharing(node: &Arc<Node>) -> bool {
    command::run(node, "sharing.show", json!({}))
        .is_ok_and(|sharing| sharing.get("on") == Some(&Value::Bool(true)))
}

/// Lets the imports wait that go on; when none does, those that wait go on.
fn pause_or_resume(node: &Arc<Node>) -> Option<()> {
    let reply = command::run(node, "jobs", json!({})).ok()?;
    let jobs: Vec<Job> = serde_json::from_value(reply.get("jobs")?.clone()).ok()?;
    let imports = |state| {
        let is = move |job: &&Job| job.kind == "import" && job.state == state;
        jobs.iter().filter(is).map(|job| job.id.clone())
    };
    let going: Vec<String> = imports(JobState::Running).collect();
    let (verb, ids) = match going.is_empty() {
        true => ("job.resume", imports(JobState::Paused).collect()),
        false => ("job.pause", going),
    };
    for id in ids {
        // One that has just ended needs no word.
        let _ = command::run(node, verb, json!({ "id": id }));
    }
    Some(())
}
