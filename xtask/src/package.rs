//! `cargo xtask package`: what people install. Three things are made: the
//! window's packages, by Tauri's bundler; `albumen-server`, a Debian package of
//! the headless node with its unit; and a tarball of the same for any Linux.

mod archive;
mod headless;
mod window;

use crate::packages::{self, Purpose};
use crate::process::{self, Done};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What can be made, as it is named on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Window,
    Server,
    Tarball,
}

const KINDS: &[(&str, Kind)] = &[
    ("window", Kind::Window),
    ("server", Kind::Server),
    ("tarball", Kind::Tarball),
];

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Order {
    kinds: Vec<Kind>,
    /// A headless node that is built already.
    binary: Option<PathBuf>,
    /// A window that is built already.
    window_binary: Option<PathBuf>,
    /// The bundles that Tauri makes, when not the system's usual ones.
    bundles: Option<String>,
    /// Where packages go.
    to: Option<PathBuf>,
}

/// Makes packages, all that this system can make or those that are named.
///
/// # Errors
/// A sentence with what is missing or what failed.
pub fn package(words: &[&str]) -> Done {
    let order = Order::read(words)?;
    let folder = order
        .to
        .clone()
        .unwrap_or_else(|| process::target().join("packages"));
    fs::create_dir_all(&folder).map_err(unwritable(&folder))?;
    build(&order)?;
    let mut made = Vec::new();
    if order.wants(Kind::Window) {
        made.extend(window::bundle(&order, &folder)?);
    }
    if order.wants(Kind::Server) || order.wants(Kind::Tarball) {
        let node = headless::Node::read(&order.node())?;
        if order.wants(Kind::Server) {
            made.push(node.debian(&folder)?);
        }
        if order.wants(Kind::Tarball) {
            made.push(node.tarball(&folder)?);
        }
    }
    for path in made {
        let bytes = fs::metadata(&path).map_or(0, |found| found.len());
        let size = bytes.div_ceil(100_000);
        println!("{}  {}.{} MB", path.display(), size / 10, size % 10);
    }
    Ok(())
}

impl Order {
    fn read(words: &[&str]) -> Result<Order, String> {
        let mut order = Order::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if let Some((_, kind)) = KINDS.iter().find(|(name, _)| name == word) {
                order.kinds.push(*kind);
                continue;
            }
            let mut value = || {
                words
                    .next()
                    .ok_or_else(|| format!("`{word}` needs something after it."))
            };
            match *word {
                "--binary" => order.binary = Some(value()?.into()),
                "--window-binary" => order.window_binary = Some(value()?.into()),
                "--bundles" => order.bundles = Some((*value()?).to_owned()),
                "--to" => order.to = Some(value()?.into()),
                unknown => {
                    return Err(format!(
                        "`{unknown}` is nothing that `cargo xtask package` knows; it takes \
                         window, server, tarball, --binary, --window-binary, --bundles and --to."
                    ));
                }
            }
        }
        if order.kinds.is_empty() {
            order.kinds = usual();
        }
        Ok(order)
    }

    fn wants(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }

    /// The headless node that goes into packages.
    fn node(&self) -> PathBuf {
        match &self.binary {
            Some(binary) => binary.clone(),
            None => process::built("release", "albumen"),
        }
    }
}

/// What this system can make: the unit and its package are Linux's, and a Debian
/// package needs Debian's tools.
fn usual() -> Vec<Kind> {
    let mut kinds = vec![Kind::Window];
    if cfg!(target_os = "linux") {
        if process::answers("dpkg-shlibdeps", &["--version"]) {
            kinds.push(Kind::Server);
        }
        kinds.push(Kind::Tarball);
    }
    kinds
}

/// Builds what was not handed over, in one go, so that crates are shared.
fn build(order: &Order) -> Done {
    let window = order.wants(Kind::Window) && order.window_binary.is_none();
    let headless = order.wants(Kind::Server) || order.wants(Kind::Tarball);
    let node = headless && order.binary.is_none();
    if !window && !node {
        return Ok(());
    }
    packages::ensure(if window {
        Purpose::Window
    } else {
        Purpose::Node
    })?;
    let mut wanted = vec!["build", "--release", "--locked"];
    if node {
        wanted.extend(["-p", "albumen-node"]);
    }
    if window {
        crate::ui::packages()?;
        crate::ui::build()?;
        wanted.extend(["-p", "albumen-desktop"]);
    }
    process::run(&mut process::cargo(&wanted))
}

/// The moment that packages say they are of, in seconds since 1970: what
/// `SOURCE_DATE_EPOCH` says, else when the commit was made.
fn moment() -> Result<u64, String> {
    let told = match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(told) => told,
        Err(_) => process::output(
            Command::new("git")
                .args(["log", "-1", "--format=%ct"])
                .current_dir(process::root()),
        )?,
    };
    told.trim()
        .parse()
        .map_err(|_| format!("{told} is no time; SOURCE_DATE_EPOCH is seconds since 1970."))
}

/// The Debian packages that a program's libraries are in, with the least versions.
///
/// # Errors
/// A sentence, when a library belongs to no package, or Debian's tool is missing.
fn libraries(binary: &Path) -> Result<Vec<String>, String> {
    let folder = process::target().join("packages").join("libraries");
    let manifest = folder.join("debian").join("control");
    fs::create_dir_all(folder.join("debian")).map_err(unwritable(&folder))?;
    // The tool looks for a source package around it, and reads no more than names.
    fs::write(
        &manifest,
        "Source: albumen\n\nPackage: albumen\nArchitecture: any\n",
    )
    .map_err(unwritable(&manifest))?;
    let binary = std::path::absolute(binary)
        .map_err(|error| format!("{} cannot be found: {error}.", binary.display()))?;
    let told = process::output(
        Command::new("dpkg-shlibdeps")
            .arg("-O")
            .arg(binary)
            .current_dir(&folder),
    );
    let gone = fs::remove_dir_all(&folder).map_err(unwritable(&folder));
    let told = told?;
    gone?;
    let listed = told
        .trim()
        .strip_prefix("shlibs:Depends=")
        .ok_or_else(|| format!("`dpkg-shlibdeps` answered «{}».", told.trim()))?;
    Ok(listed.split(", ").map(str::to_owned).collect())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{} cannot be read: {error}.", path.display()))
}

fn unwritable(path: &Path) -> impl Fn(std::io::Error) -> String {
    move |error| format!("{} cannot be written: {error}.", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_read_in_any_order() {
        assert_eq!(
            Order::read(&["tarball", "--binary", "a", "server", "--to", "b"]),
            Ok(Order {
                kinds: vec![Kind::Tarball, Kind::Server],
                binary: Some("a".into()),
                to: Some("b".into()),
                ..Order::default()
            })
        );
    }

    #[test]
    fn without_a_name_the_window_is_among_what_is_made() {
        assert!(Order::read(&[]).unwrap().wants(Kind::Window));
    }

    #[test]
    fn what_is_not_known_or_not_whole_is_refused() {
        assert!(Order::read(&["flatpak"]).is_err());
        assert!(Order::read(&["--binary"]).is_err());
    }
}
