//! The headless node as people install it: a Debian package and a tarball, both
//! from the files in `packaging/server` and the program.

use super::archive::{self, Tree};
use super::{libraries, moment, read, unwritable};
use crate::process;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The package's name; `albumen` is the window's.
const NAME: &str = "albumen-server";
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Where Debian has programs, and where those are put that no package brought.
const PACKAGED: &str = "/usr/bin/albumen";
const LOCAL: &str = "/usr/local/bin/albumen";

/// What packages are made from.
pub struct Node {
    /// The program's own file.
    binary: PathBuf,
    program: Vec<u8>,
    moment: u64,
    written: Written,
}

/// The files of the repository that go along.
struct Written {
    unit: String,
    users: String,
    manual: String,
    copyright: String,
    install: String,
    mit: String,
    apache: String,
    changes: String,
    postinst: String,
    prerm: String,
    postrm: String,
    overrides: String,
}

impl Node {
    /// Reads the program and what goes along with it.
    ///
    /// # Errors
    /// A sentence with the file that cannot be read.
    pub fn read(binary: &Path) -> Result<Node, String> {
        Ok(Node {
            binary: binary.to_owned(),
            program: read(binary)?,
            moment: moment()?,
            written: Written::read()?,
        })
    }

    /// Makes `albumen-<version>-<target>.tar.gz` in `folder`.
    ///
    /// # Errors
    /// A sentence with what is missing or cannot be written.
    pub fn tarball(&self, folder: &Path) -> Result<PathBuf, String> {
        let name = format!("albumen-{VERSION}-{}", host()?);
        let tar = self.for_any_linux().tar(&format!("{name}/"), self.moment)?;
        let path = folder.join(format!("{name}.tar.gz"));
        fs::write(&path, archive::gzip(&tar)?).map_err(unwritable(&path))?;
        Ok(path)
    }

    /// Makes `albumen-server_<version>_<architecture>.deb` in `folder`.
    ///
    /// # Errors
    /// A sentence with what is missing or cannot be written.
    pub fn debian(&self, folder: &Path) -> Result<PathBuf, String> {
        let architecture = process::output(Command::new("dpkg").arg("--print-architecture"))?;
        let architecture = architecture.trim();
        let contents = self.for_debian(&self.debian_changes()?)?;
        let libraries = libraries(&self.binary)?.join(", ");
        let mut control = Tree::default();
        control.file(
            "control",
            described(architecture, contents.kibibytes(), &libraries),
        );
        control.program("postinst", self.written.postinst.as_str());
        control.program("prerm", self.written.prerm.as_str());
        control.program("postrm", self.written.postrm.as_str());
        let members = [
            ("debian-binary", b"2.0\n".to_vec()),
            (
                "control.tar.xz",
                archive::xz(&control.tar("./", self.moment)?)?,
            ),
            (
                "data.tar.xz",
                archive::xz(&contents.tar("./", self.moment)?)?,
            ),
        ];
        let path = folder.join(format!("{NAME}_{VERSION}_{architecture}.deb"));
        fs::write(&path, archive::ar(&members, self.moment)).map_err(unwritable(&path))?;
        Ok(path)
    }

    fn for_any_linux(&self) -> Tree {
        let written = &self.written;
        let mut tree = Tree::default();
        tree.program("albumen", self.program.as_slice());
        tree.file("albumen.service", written.unit.replace(PACKAGED, LOCAL));
        tree.file("albumen.sysusers", written.users.as_str());
        tree.file("albumen.1", written.manual.as_str());
        tree.file("INSTALL.md", written.install.as_str());
        tree.file("CHANGELOG.md", written.changes.as_str());
        tree.file("copyright", written.copyright.as_str());
        tree.file("LICENSE-MIT", written.mit.as_str());
        tree.file("LICENSE-APACHE", written.apache.as_str());
        tree
    }

    fn for_debian(&self, changes: &str) -> Result<Tree, String> {
        let written = &self.written;
        let documents = format!("usr/share/doc/{NAME}");
        let mut tree = Tree::default();
        tree.program("usr/bin/albumen", self.program.as_slice());
        tree.file(
            "usr/lib/systemd/system/albumen.service",
            written.unit.as_str(),
        );
        tree.file("usr/lib/sysusers.d/albumen.conf", written.users.as_str());
        tree.file(
            "usr/share/man/man1/albumen.1.gz",
            archive::gzip(written.manual.as_bytes())?,
        );
        tree.file(format!("{documents}/copyright"), written.copyright.as_str());
        tree.file(
            format!("{documents}/changelog.gz"),
            archive::gzip(changes.as_bytes())?,
        );
        tree.file(
            format!("usr/share/lintian/overrides/{NAME}"),
            written.overrides.as_str(),
        );
        Ok(tree)
    }

    /// Debian's own form of a list of changes, which leads to ours.
    fn debian_changes(&self) -> Result<String, String> {
        let date = process::output(
            Command::new("date")
                .env("LC_ALL", "C")
                .args(["--utc", "--rfc-email", "--date"])
                .arg(format!("@{}", self.moment)),
        )?;
        Ok(format!(
            "{NAME} ({VERSION}) stable; urgency=medium\n\n  \
             * What changed is told in CHANGELOG.md of the sources.\n\n \
             -- {MAINTAINER}  {}\n",
            date.trim()
        ))
    }
}

/// Nobody has a mailbox for it yet, and the name of its host says so.
const MAINTAINER: &str = "The Albumen authors <authors@albumen.invalid>";

impl Written {
    fn read() -> Result<Written, String> {
        let text = |path: &str| {
            let bytes = read(&process::root().join(path))?;
            String::from_utf8(bytes).map_err(|_| format!("{path} is not UTF-8."))
        };
        Ok(Written {
            unit: text("packaging/server/albumen.service")?,
            users: text("packaging/server/albumen.sysusers")?,
            manual: text("packaging/server/albumen.1")?,
            copyright: text("packaging/linux/copyright")?,
            install: text("packaging/server/INSTALL.md")?,
            mit: text("LICENSE-MIT")?,
            apache: text("LICENSE-APACHE")?,
            changes: text("CHANGELOG.md")?,
            postinst: text("packaging/server/debian/postinst")?,
            prerm: text("packaging/server/debian/prerm")?,
            postrm: text("packaging/server/debian/postrm")?,
            overrides: text("packaging/server/debian/lintian-overrides")?,
        })
    }
}

/// The package's control file (deb-control(5)).
fn described(architecture: &str, kibibytes: usize, libraries: &str) -> String {
    format!(
        "Package: {NAME}\n\
         Version: {VERSION}\n\
         Architecture: {architecture}\n\
         Maintainer: {MAINTAINER}\n\
         Installed-Size: {kibibytes}\n\
         Depends: {libraries}, systemd-standalone-sysusers | systemd\n\
         Recommends: ffmpeg\n\
         Section: graphics\n\
         Priority: optional\n\
         Description: photo library without a window, as a service\n \
         Albumen keeps photos in a folder and shares albums by links that this\n \
         computer serves itself: no account, no upload, no third party.\n \
         .\n \
         This package has the command `albumen` and a systemd unit for a machine\n \
         that is always on. The unit is neither enabled nor started by itself.\n \
         Videos need ffmpeg.\n"
    )
}

/// The target that this system's compiler builds for, such as
/// `x86_64-unknown-linux-gnu`.
fn host() -> Result<String, String> {
    let told = process::output(Command::new("rustc").arg("-vV"))?;
    told.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or_else(|| "`rustc -vV` does not say what it builds for.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn node() -> Node {
        Node {
            binary: "albumen".into(),
            program: b"program".to_vec(),
            moment: 1_790_000_000,
            written: Written::read().unwrap(),
        }
    }

    /// What an archive of ours holds, by the paths in its headers.
    fn paths(tar: &[u8]) -> BTreeSet<String> {
        let headers = tar.chunks(512).filter(|block| &block[257..262] == b"ustar");
        let name = |block: &[u8]| {
            block
                .iter()
                .copied()
                .take_while(|byte| *byte != 0)
                .collect()
        };
        headers
            .map(|block| String::from_utf8(name(block)).unwrap())
            .collect()
    }

    #[test]
    fn a_tarball_has_all_that_its_instructions_name() {
        let node = node();
        let held = paths(&node.for_any_linux().tar("", 0).unwrap());
        let named = [
            "albumen",
            "albumen.service",
            "albumen.sysusers",
            "albumen.1",
        ];
        for name in named {
            assert!(held.contains(name), "{name} is not in {held:?}");
            assert!(
                node.written.install.contains(&format!(" {name} ")),
                "INSTALL.md installs no {name}"
            );
        }
        for licence in ["LICENSE-MIT", "LICENSE-APACHE", "copyright"] {
            assert!(held.contains(licence), "{licence} is not in {held:?}");
        }
    }

    #[test]
    #[cfg(unix)] // for gzip
    fn each_unit_starts_the_program_where_it_is_put() {
        let node = node();
        let starts = |unit: &[u8], program: &str| {
            String::from_utf8_lossy(unit).contains(&format!("\nExecStart={program} serve "))
        };
        let local = node.for_any_linux().tar("", 0).unwrap();
        let debian = node.for_debian("").unwrap().tar("./", 0).unwrap();
        assert!(starts(&local, LOCAL) && !starts(&local, PACKAGED));
        assert!(starts(&debian, PACKAGED) && !starts(&debian, LOCAL));
        assert!(node.written.install.contains(LOCAL));
        assert!(paths(&debian).contains(&format!(".{PACKAGED}")));
    }

    /// The value of each setting of a unit, in order; a setting may come twice.
    fn settings(unit: &str) -> Vec<(&str, &str)> {
        unit.lines()
            .filter(|line| !line.starts_with(['#', '[']) && !line.is_empty())
            .map(|line| line.split_once('=').unwrap())
            .collect()
    }

    #[test]
    fn the_unit_runs_as_the_user_that_is_made_with_the_library_in_its_own_folder() {
        let written = node().written;
        let unit = settings(&written.unit);
        let value = |name| {
            let found = unit.iter().find(|(setting, _)| *setting == name);
            found.map_or_else(|| panic!("no {name}"), |(_, value)| *value)
        };
        let made = format!("u {} ", value("User"));
        assert!(written.users.lines().any(|line| line.starts_with(&made)));
        let folder = format!("/var/lib/{}", value("StateDirectory"));
        assert_eq!(value("Environment"), format!("ALBUMEN_LIBRARY={folder}"));
        assert!(written.install.contains(&format!("--library {folder} ")));
    }

    #[test]
    fn the_unit_lets_decoders_lock_themselves_in() {
        let written = node().written;
        let allowed: Vec<&str> = settings(&written.unit)
            .into_iter()
            .filter(|(name, value)| *name == "SystemCallFilter" && !value.starts_with('~'))
            .flat_map(|(_, value)| value.split(' '))
            .collect();
        for call in [
            "landlock_create_ruleset",
            "landlock_add_rule",
            "landlock_restrict_self",
            "seccomp",
        ] {
            assert!(allowed.contains(&call), "{call} is not allowed");
        }
    }

    #[test]
    fn a_control_file_has_no_empty_line_and_no_line_too_many() {
        let control = described("amd64", 7, "libc6 (>= 2.36)");
        assert!(control.ends_with('\n') && !control.contains("\n\n"));
        let fields: Vec<&str> = control
            .lines()
            .filter(|line| !line.starts_with(' '))
            .map(|line| line.split_once(": ").unwrap().0)
            .collect();
        assert_eq!(fields.first(), Some(&"Package"));
        assert_eq!(fields.last(), Some(&"Description"));
        assert!(control.contains("Depends: libc6 (>= 2.36), systemd"));
    }
}
