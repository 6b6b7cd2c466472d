//! A person's desk in a test: a folder of photos, a library, and the `albumen`
//! program to work on it with, all of it gone when the test ends.

use serde_json::Value;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

pub use crate::wait::until;

/// A program of this workspace, beside the folder that this test runs from.
pub fn program(name: &str) -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let folder = here.parent().and_then(Path::parent).unwrap();
    folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// What a command answered.
#[derive(Debug)]
pub struct Answer {
    pub code: Option<i32>,
    /// The one document of standard output; null when there was none.
    pub said: Value,
    /// Standard error as it came.
    pub complained: String,
}

impl Answer {
    /// The `error` of standard error's document.
    pub fn error(&self) -> Value {
        let document: Value = serde_json::from_str(self.complained.trim())
            .unwrap_or_else(|_| panic!("not an error's document: {:?}", self.complained));
        document["error"].clone()
    }
}

pub struct Desk {
    folder: TempDir,
}

impl Desk {
    pub fn new() -> Self {
        let desk = Self {
            folder: tempfile::Builder::new().prefix("desk").tempdir().unwrap(),
        };
        std::fs::create_dir(desk.photos()).unwrap();
        desk
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn library(&self) -> PathBuf {
        self.path().join("library")
    }

    pub fn photos(&self) -> PathBuf {
        self.path().join("photos")
    }

    /// Puts a file into the folder of photos.
    pub fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.photos().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// The program on this desk's library, knowing nothing of the machine's own.
    pub fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let albumen = program("albumen");
        assert!(
            albumen.exists(),
            "{} is not built; run `cargo build --workspace --all-targets` first",
            albumen.display()
        );
        let mut command = Command::new(albumen);
        command
            .arg("--json")
            .arg("--library")
            .arg(self.library())
            .args(arguments)
            .env("HOME", self.path())
            .env_remove("ALBUMEN_LIBRARY")
            .env("ALBUMEN_PEER_PORT", "0")
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end, whatever that is.
    pub fn ask(&self, arguments: &[impl AsRef<OsStr>]) -> Answer {
        let output = self.command(arguments).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        Answer {
            code: output.status.code(),
            said: if said.trim().is_empty() {
                Value::Null
            } else {
                serde_json::from_str(&said)
                    .unwrap_or_else(|error| panic!("not one document ({error}): {said}"))
            },
            complained: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs a command that must succeed, and returns what it said.
    pub fn tell(&self, arguments: &[impl AsRef<OsStr>]) -> Value {
        let words: Vec<_> = arguments.iter().map(AsRef::as_ref).collect();
        let answer = self.ask(arguments);
        let Answer {
            code,
            said,
            complained,
        } = answer;
        assert_eq!(code, Some(0), "{words:?}: {complained}{said}");
        said
    }

    /// Imports the whole folder of photos; returns the assets' ids.
    pub fn import(&self) -> Vec<String> {
        let report = self.tell(&[OsStr::new("import"), self.photos().as_os_str()]);
        texts(&report["assets"])
    }

    /// An album of these assets; returns its id.
    pub fn album(&self, title: &str, assets: &[String]) -> String {
        let album = text(&self.tell(&["album", "create", title])["id"]);
        let mut words = vec!["album", "add", &album];
        words.extend(assets.iter().map(String::as_str));
        self.tell(&words);
        album
    }

    /// A link as `link create` makes it with these options.
    pub fn link(&self, options: &[&str]) -> Value {
        let words: Vec<&str> = ["link", "create"].iter().chain(options).copied().collect();
        self.tell(&words)
    }

    /// Every asset of the library, page after page.
    pub fn assets(&self) -> Vec<Value> {
        let mut all = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let mut words = vec!["assets", "--limit", "150"];
            if let Some(cursor) = &after {
                words.extend(["--after", cursor]);
            }
            let page = self.tell(&words);
            all.extend(page["assets"].as_array().unwrap().iter().cloned());
            match page["next"].as_str() {
                Some(cursor) => after = Some(cursor.to_owned()),
                None => return all,
            }
        }
    }

    /// Writes a rendition of an asset out; returns its bytes.
    pub fn bytes_of(&self, asset: &Value, rendition: &str) -> Vec<u8> {
        let file = self.path().join(format!("written-{rendition}"));
        self.tell(&write_words(asset, rendition, &file));
        let bytes = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        bytes
    }

    /// Asks for a rendition that may not be had; nothing may be written then.
    pub fn refusal_of(&self, asset: &Value, rendition: &str) -> Value {
        let file = self.path().join(format!("refused-{rendition}"));
        let answer = self.ask(&write_words(asset, rendition, &file));
        assert_eq!(answer.code, Some(1), "{answer:?}");
        assert!(!file.exists(), "{answer:?}");
        assert!(is_sentence(&answer.error()["message"]), "{answer:?}");
        answer.error()
    }

    /// Starts the listener on a free port of this machine.
    pub fn serve(&self) -> Serving {
        self.serve_with(|_| {})
    }

    /// A certificate for this name that nobody has signed: the files of its chain and its key.
    pub fn self_made(&self, name: &str) -> [String; 2] {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        [("chain.pem", chain), ("key.pem", key)].map(|(file, text)| {
            let path = self.path().join(file);
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        })
    }

    /// As [`Desk::serve`], after a change to the command.
    pub fn serve_with(&self, change: impl FnOnce(&mut Command)) -> Serving {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.stderr(Stdio::inherit());
        change(&mut command);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let serving = Serving { child, line };
        assert!(!serving.url().is_empty(), "no address: {}", serving.line);
        serving
    }
}

/// A node that listens until it is dropped.
pub struct Serving {
    child: Child,
    line: String,
}

impl Serving {
    /// `http://127.0.0.1:<port>`, without a slash at its end.
    pub fn url(&self) -> String {
        let line: Value = serde_json::from_str(&self.line).unwrap_or_default();
        let listen = line["listen"].as_str().unwrap_or_default();
        if listen.is_empty() {
            return String::new();
        }
        format!("http://{listen}")
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn write_words(asset: &Value, rendition: &str, to: &Path) -> [String; 7] {
    let to = to.to_str().unwrap().to_owned();
    [
        "asset",
        "write",
        &text(&asset["id"]),
        "--rendition",
        rendition,
        "--to",
        &to,
    ]
    .map(str::to_owned)
}

/// A JSON string's text.
pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// A JSON array's texts.
pub fn texts(value: &Value) -> Vec<String> {
    value
        .as_array()
        .unwrap_or_else(|| panic!("{value} is no list"))
        .iter()
        .map(text)
        .collect()
}

/// A sentence a person can act on: words, a full stop, nothing of a debugger.
pub fn is_sentence(message: &Value) -> bool {
    let message = message.as_str().unwrap_or_default();
    message.split(' ').count() >= 4
        && message.ends_with(['.', ')'])
        && !message.contains("Error {")
        && !message.contains("Err(")
        && !message.contains("Some(")
}
