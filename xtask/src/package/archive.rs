//! Archives that depend on nothing but what is put into them: entries in order,
//! owned by root, all of one moment. The same sources and program make the same
//! bytes on any machine, whatever its clock, its users and their masks.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

/// Bytes of a block of tar; everything begins at one.
const BLOCK: usize = 512;
/// The longest path that fits a header without extensions.
const LONGEST_PATH: usize = 100;

/// Files by their path, and the folders that these need. Paths have no slash at
/// their beginning.
#[derive(Default)]
pub struct Tree {
    files: BTreeMap<String, File>,
}

struct File {
    mode: u32,
    bytes: Vec<u8>,
}

impl Tree {
    /// Adds a file that is read by everyone.
    pub fn file(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.put(path, 0o644, bytes);
    }

    /// Adds a file that is run by everyone.
    pub fn program(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.put(path, 0o755, bytes);
    }

    fn put(&mut self, path: impl Into<String>, mode: u32, bytes: impl Into<Vec<u8>>) {
        let bytes = bytes.into();
        self.files.insert(path.into(), File { mode, bytes });
    }

    /// How many KiB its files take on a disk, each counted up.
    pub fn kibibytes(&self) -> usize {
        self.files
            .values()
            .map(|file| file.bytes.len().div_ceil(1024))
            .sum()
    }

    /// All of it as a tar archive (POSIX ustar), each path after `prefix`, of the
    /// moment `time`, in seconds since 1970.
    ///
    /// # Errors
    /// A sentence, when a path is longer than the format's header holds.
    pub fn tar(&self, prefix: &str, time: u64) -> Result<Vec<u8>, String> {
        let mut paths: BTreeMap<String, Option<&File>> = BTreeMap::new();
        for (path, file) in &self.files {
            let whole = format!("{prefix}{path}");
            for (at, _) in whole.match_indices('/') {
                paths.insert(whole[..=at].to_owned(), None);
            }
            paths.insert(whole, Some(file));
        }
        let mut tar = Vec::new();
        for (path, file) in paths {
            let bytes = file.map_or(&[][..], |file| &file.bytes);
            let mode = file.map_or(0o755, |file| file.mode);
            let kind = if file.is_some() { b'0' } else { b'5' };
            tar.extend(header(&path, mode, bytes.len(), time, kind)?);
            tar.extend_from_slice(bytes);
            tar.resize(tar.len().next_multiple_of(BLOCK), 0);
        }
        tar.resize(tar.len() + 2 * BLOCK, 0);
        Ok(tar)
    }
}

fn header(path: &str, mode: u32, size: usize, time: u64, kind: u8) -> Result<Vec<u8>, String> {
    if path.len() > LONGEST_PATH {
        return Err(format!("{path} is too long for an archive."));
    }
    let mut block = vec![0; BLOCK];
    let mut put = |at: usize, field: &[u8]| {
        block
            .iter_mut()
            .skip(at)
            .zip(field)
            .for_each(|(to, from)| *to = *from);
    };
    put(0, path.as_bytes());
    put(100, format!("{mode:07o}").as_bytes());
    put(108, b"0000000"); // root
    put(116, b"0000000");
    put(124, format!("{size:011o}").as_bytes());
    put(136, format!("{time:011o}").as_bytes());
    put(148, b"        "); // the sum counts its own place as spaces
    put(156, &[kind]);
    put(257, b"ustar\x0000");
    put(265, b"root");
    put(297, b"root");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    let sum = format!("{sum:06o}\0 ");
    block.splice(148..156, sum.into_bytes());
    Ok(block)
}

/// A Debian package's outer archive (deb(5): the common format of ar(5)).
pub fn ar(members: &[(&str, Vec<u8>)], time: u64) -> Vec<u8> {
    let mut ar = b"!<arch>\n".to_vec();
    for (name, bytes) in members {
        let size = bytes.len();
        ar.extend(
            format!(
                "{name:<16}{time:<12}{:<6}{:<6}{:<8}{size:<10}`\n",
                0, 0, 100_644
            )
            .bytes(),
        );
        ar.extend_from_slice(bytes);
        if size % 2 == 1 {
            ar.push(b'\n');
        }
    }
    ar
}

/// Compressed without a name and a time of its own.
///
/// # Errors
/// A sentence, when there is no `gzip`.
pub fn gzip(bytes: &[u8]) -> Result<Vec<u8>, String> {
    through(Command::new("gzip").args(["-9", "-n"]), bytes)
}

/// Compressed as packages are; on one thread, for more of them cut it otherwise.
///
/// # Errors
/// A sentence, when there is no `xz`.
pub fn xz(bytes: &[u8]) -> Result<Vec<u8>, String> {
    through(Command::new("xz").args(["-6", "--threads=1"]), bytes)
}

/// What a program makes of bytes.
fn through(command: &mut Command, bytes: &[u8]) -> Result<Vec<u8>, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let failed = |error: std::io::Error| format!("`{name}` could not be used: {error}.");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let input = child.stdin.take();
    // It answers before it has read all, so both are done at once.
    let output = std::thread::scope(|scope| {
        let writer = scope.spawn(|| input.map_or(Ok(()), |mut input| input.write_all(bytes)));
        let output = child.wait_with_output();
        let written = writer
            .join()
            .unwrap_or_else(|_| Err(std::io::Error::other("what it should read was not written")));
        written.and(output)
    })
    .map_err(failed)?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(format!("`{name}` failed: {}.", output.status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Path, mode, length and kind of every entry, as any reader of tar has them.
    fn listed(tar: &[u8]) -> Vec<(String, u32, usize, char)> {
        let mut entries = Vec::new();
        let mut rest = tar;
        while rest.len() >= BLOCK && rest[0] != 0 {
            let text = |from: usize, to: usize| {
                let field: Vec<u8> = rest[from..to]
                    .iter()
                    .copied()
                    .take_while(|byte| *byte != 0)
                    .collect();
                String::from_utf8(field).unwrap()
            };
            let number = |from, to| usize::from_str_radix(text(from, to).trim(), 8).unwrap();
            let mut blank = rest[..BLOCK].to_vec();
            blank[148..156].fill(b' ');
            let sum: usize = blank.iter().map(|byte| usize::from(*byte)).sum();
            assert_eq!(number(148, 156), sum, "the header's sum");
            assert_eq!(text(265, 297), "root");
            let size = number(124, 136);
            let mode = u32::try_from(number(100, 108)).unwrap();
            entries.push((text(0, 100), mode, size, char::from(rest[156])));
            rest = &rest[BLOCK + size.next_multiple_of(BLOCK)..];
        }
        assert_eq!(rest, [0; 2 * BLOCK], "two empty blocks end it");
        entries
    }

    #[test]
    fn a_tar_has_its_folders_first_and_in_order_of_names() {
        let mut tree = Tree::default();
        tree.program("usr/bin/albumen", "program");
        tree.file("usr/a", vec![1; BLOCK + 1]);
        let entry = |path: &str, mode, size, kind| (path.to_owned(), mode, size, kind);
        assert_eq!(
            listed(&tree.tar("./", 1_790_000_000).unwrap()),
            [
                entry("./", 0o755, 0, '5'),
                entry("./usr/", 0o755, 0, '5'),
                entry("./usr/a", 0o644, BLOCK + 1, '0'),
                entry("./usr/bin/", 0o755, 0, '5'),
                entry("./usr/bin/albumen", 0o755, 7, '0'),
            ]
        );
        assert_eq!(tree.kibibytes(), 2);
    }

    #[test]
    fn what_is_put_in_otherwise_comes_out_alike() {
        let tree = |paths: [&str; 2]| {
            let mut tree = Tree::default();
            paths.iter().for_each(|path| tree.file(*path, *path));
            tree.tar("", 7).unwrap()
        };
        assert_eq!(tree(["a", "b"]), tree(["b", "a"]));
    }

    #[test]
    fn a_path_that_does_not_fit_is_refused_rather_than_cut() {
        let mut tree = Tree::default();
        tree.file("a".repeat(LONGEST_PATH + 1), "");
        assert!(tree.tar("", 0).is_err());
    }

    #[test]
    fn an_odd_member_is_filled_up() {
        let ar = ar(&[("debian-binary", b"odd".to_vec()), ("b", Vec::new())], 5);
        let text = String::from_utf8(ar).unwrap();
        assert_eq!(
            text,
            "!<arch>\n\
             debian-binary   5           0     0     100644  3         `\nodd\n\
             b               5           0     0     100644  0         `\n"
        );
    }

    #[test]
    #[cfg(unix)]
    fn more_than_a_pipe_holds_comes_back_whole() {
        let bytes: Vec<u8> = (0..400_000_u32).flat_map(u32::to_le_bytes).collect();
        let packed = gzip(&bytes).unwrap();
        let back = through(Command::new("gzip").arg("-d"), &packed).unwrap();
        assert!(back == bytes && packed.len() < bytes.len());
    }
}
