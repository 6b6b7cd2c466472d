//! Names of files under `originals/`: such that every file system of a household
//! takes them, and that none is taken twice.

use std::fs;
use std::path::Path;

use unicode_normalization::UnicodeNormalization;

/// A name that every file system of a household takes: no separators, no
/// control characters, no reserved Windows names, at most 200 bytes.
pub(crate) fn safe_name(name: &str) -> String {
    const RESERVED: [&str; 22] = [
        "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
        "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
    ];
    let name: String = name
        .nfc()
        .map(|c| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            c if c.is_control() => '_',
            c => c,
        })
        .collect();
    let name = name.trim_matches([' ', '.']);
    let (stem, extension) = split_name(name);
    let extension = cut(extension, 20);
    let stem = cut(stem, 200 - extension.len());
    let stem = match stem.trim_end_matches([' ', '.']) {
        "" => "photo",
        stem => stem,
    };
    let reserved = stem
        .split('.')
        .next()
        .is_some_and(|first| RESERVED.contains(&first.to_lowercase().as_str()));
    let mark = if reserved { "_" } else { "" };
    format!("{mark}{stem}{extension}")
}

/// The stem, and the extension with its dot.
fn split_name(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 => name.split_at(dot),
        _ => (name, ""),
    }
}

/// At most so many bytes of a text, whole characters.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

/// The first of `a.jpg`, `a (2).jpg`, `a (3).jpg` … that is not taken.
pub(super) fn free_target(directory: &Path, folder: &str, name: &str) -> String {
    let (stem, extension) = split_name(name);
    (1..)
        .map(|count| match count {
            1 => name.to_owned(),
            count => format!("{stem} ({count}){extension}"),
        })
        .find(|name| fs::symlink_metadata(directory.join(name)).is_err())
        .map(|name| format!("{folder}/{name}"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_every_file_system() {
        assert_eq!(safe_name("IMG_1.JPG"), "IMG_1.JPG");
        assert_eq!(safe_name("../../etc/passwd"), "_._etc_passwd");
        assert_eq!(safe_name("a:b?.jpg"), "a_b_.jpg");
        assert_eq!(safe_name("con.jpg"), "_con.jpg");
        assert_eq!(safe_name(" .. "), "photo");
        assert_eq!(safe_name(".jpg"), "jpg");
        let long = safe_name(&format!("{}.jpeg", "ü".repeat(300)));
        assert!(long.len() <= 200 && long.ends_with(".jpeg"));
    }
}
