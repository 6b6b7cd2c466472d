//! WebDriver, the few requests of it that a journey through the window needs,
//! spoken directly to WebKitGTK's own driver (W3C WebDriver, §13).

use crate::wait::until;
use serde_json::{Value, json};
use std::cell::Cell;
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The name under which an element's reference travels (WebDriver, §12.2).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

pub const PROGRAM: &str = "WebKitWebDriver";
pub const CONTROL: &str = "\u{E009}";
pub const ENTER: &str = "\u{E007}";
pub const ESCAPE: &str = "\u{E00C}";

/// A running window under the driver's hand; dropping it closes both.
pub struct Driver {
    child: Child,
    agent: ureq::Agent,
    base: String,
    session: String,
    library: PathBuf,
    clicks: Cell<u32>,
}

impl Driver {
    /// Starts the driver with what the window shall find in its environment,
    /// and through it the window on this library.
    pub fn start(window: &Path, library: &Path, environment: &[(&str, &Path)]) -> Self {
        let port = free_port();
        let child = Command::new(PROGRAM)
            .arg(format!("--port={port}"))
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("WEBKIT_SKIA_ENABLE_CPU_RENDERING", "1")
            .env("ALBUMEN_LIBRARY", library)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .new_agent();
        let mut driver = Self {
            child,
            agent,
            base: format!("http://127.0.0.1:{port}"),
            session: String::new(),
            library: library.to_owned(),
            clicks: Cell::new(0),
        };
        until("the driver listens", || {
            driver
                .agent
                .get(format!("{}/status", driver.base))
                .call()
                .ok()
        });
        let started = driver.ask(
            "session",
            &json!({"capabilities": {"alwaysMatch": {
                "webkitgtk:browserOptions": {"binary": window, "args": []}
            }}}),
        );
        driver.session = started["sessionId"]
            .as_str()
            .unwrap_or_else(|| panic!("no session: {started}"))
            .to_owned();
        driver
    }

    /// Every element with this `data-testid`, in the document's order.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.select(&format!("[data-testid=\"{name}\"]"))
    }

    /// Every element of a CSS selector.
    pub fn select(&self, selector: &str) -> Vec<String> {
        let query = json!({"using": "css selector", "value": selector});
        let found = self.ask(&format!("session/{}/elements", self.session), &query);
        // A page that is just being drawn anew answers that it has no elements yet.
        let elements = found.as_array().into_iter().flatten();
        elements
            .map(|element| element[ELEMENT].as_str().unwrap().to_owned())
            .collect()
    }

    /// The first element of that name, as soon as it is there.
    pub fn one(&self, name: &str) -> String {
        until(&format!("`{name}` is there"), || {
            self.all(name).into_iter().next()
        })
    }

    /// Clicks the first element of that name, as soon as that is possible.
    pub fn click(&self, name: &str) {
        until(&format!("`{name}` can be clicked"), || {
            let element = self.all(name).into_iter().next()?;
            self.press(&element).then_some(())
        });
    }

    /// Clicks an element; false when it cannot be clicked now.
    pub fn press(&self, element: &str) -> bool {
        let answer = self.ask(&self.on(element, "click"), &json!({}));
        let clicked = answer["error"].is_null();
        self.clicks.set(self.clicks.get() + u32::from(clicked));
        clicked
    }

    /// How often something was clicked so far.
    pub fn clicks(&self) -> u32 {
        self.clicks.get()
    }

    /// Types into the first element of that name.
    pub fn write(&self, name: &str, text: &str) {
        until(&format!("`{name}` can be written to"), || {
            let element = self.all(name).into_iter().next()?;
            self.keys(&element, text).then_some(())
        });
    }

    /// Sends keys to whatever has the focus, as soon as the page takes them.
    pub fn press_keys(&self, text: &str) {
        until("the page takes keys", || {
            let body = self.select("body").into_iter().next()?;
            self.keys(&body, text).then_some(())
        });
    }

    /// Sends keys to an element; false when it does not take them now.
    pub fn keys(&self, element: &str, text: &str) -> bool {
        let answer = self.ask(&self.on(element, "value"), &json!({ "text": text }));
        answer["error"].is_null()
    }

    /// An element's text as it is shown.
    pub fn text(&self, element: &str) -> String {
        let text = self.get(&self.on(element, "text"));
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Runs a function's body in the page and returns what it returns.
    pub fn run(&self, script: &str) -> Value {
        self.ask(
            &format!("session/{}/execute/sync", self.session),
            &json!({"script": script, "args": []}),
        )
    }

    /// What the window shows, as a PNG, once every picture in it is painted.
    pub fn picture(&self) -> Vec<u8> {
        let painted = self.ask(
            &format!("session/{}/execute/async", self.session),
            &json!({"args": [], "script": "
                const done = arguments[arguments.length - 1];
                const seen = [...document.images].filter((image) => image.complete);
                Promise.allSettled(seen.map((image) => image.decode())).then(() =>
                    requestAnimationFrame(() => requestAnimationFrame(() => done(true))));
            "}),
        );
        assert_eq!(painted, true);
        let shot = self.get(&format!("session/{}/screenshot", self.session));
        decoded(shot.as_str().unwrap())
    }

    /// What the window showed when the test failed, for whoever looks into it.
    fn keep_last_sight(&self) {
        let url = format!("{}/session/{}/screenshot", self.base, self.session);
        let Ok(mut answer) = self.agent.get(url).call() else {
            return;
        };
        let text = answer
            .body_mut()
            .with_config()
            .limit(1 << 27)
            .read_to_string();
        let document: Value = serde_json::from_str(&text.unwrap_or_default()).unwrap_or_default();
        let path = std::env::temp_dir().join("albumen-window-failed.png");
        if let Some(shot) = document["value"].as_str()
            && std::fs::write(&path, decoded(shot)).is_ok()
        {
            eprintln!("the window's last sight is {}", path.display());
        }
    }

    fn on(&self, element: &str, what: &str) -> String {
        format!("session/{}/element/{element}/{what}", self.session)
    }

    fn get(&self, path: &str) -> Value {
        let url = format!("{}/{path}", self.base);
        let mut answer = self.agent.get(url).call().unwrap();
        let text = answer
            .body_mut()
            .with_config()
            .limit(1 << 27)
            .read_to_string();
        value(&text.unwrap())
    }

    fn ask(&self, path: &str, document: &Value) -> Value {
        let url = format!("{}/{path}", self.base);
        let mut answer = self
            .agent
            .post(url)
            .header("content-type", "application/json")
            .send(document.to_string())
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        value(&answer.body_mut().read_to_string().unwrap())
    }
}

impl Drop for Driver {
    /// The session first: it closes the window, which would outlive the driver.
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.keep_last_sight();
        }
        if !self.session.is_empty() {
            let session = format!("{}/session/{}", self.base, self.session);
            self.agent.delete(session).call().ok();
            // The window ends only while its driver stays.
            let ended = (0..200).any(|_| {
                std::thread::sleep(Duration::from_millis(50));
                let lock = File::options().write(true).open(self.library.join("lock"));
                lock.is_ok_and(|lock| lock.try_lock().is_ok())
            });
            assert!(
                ended || std::thread::panicking(),
                "the window has not ended"
            );
        }
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn value(answer: &str) -> Value {
    let document: Value = serde_json::from_str(answer)
        .unwrap_or_else(|error| panic!("no WebDriver answer ({error}): {answer}"));
    document["value"].clone()
}

/// A port that was free a moment ago; the driver takes a number, not a socket.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Base64 as WebDriver sends screenshots (RFC 4648, §4).
fn decoded(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0);
    for letter in text.bytes() {
        let Some(number) = alphabet.iter().position(|known| *known == letter) else {
            continue;
        };
        bits = (bits << 6) | u32::try_from(number).unwrap();
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xFF).unwrap());
        }
    }
    bytes
}
