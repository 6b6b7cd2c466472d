//! Every parser of metadata over cut and changed copies of every real file: none
//! may panic, hang, or take memory that the file does not.

use std::io::Cursor;
use std::path::Path;
use std::time::{Duration, Instant};

use super::Chance;
use super::fixtures::{files_below, fixtures};
use crate::metadata::read;
use crate::{Format, Kind, Sniff, moment_in_name, read_video, sidecar, sniff};

/// Longer than any of them takes on a busy machine, and shorter than a hang.
const LONGEST: Duration = Duration::from_secs(10);
/// Metadata stands at the head of pictures; films keep it at the end.
const HEAD: usize = 96 * 1024;

/// Reads `bytes` by whatever their head says they are, and as `known`.
fn read_all(bytes: &[u8], known: Option<Format>, path: &Path) {
    let begun = Instant::now();
    let now = match sniff(bytes) {
        Sniff::Media(format) => Some(format),
        _ => None,
    };
    for format in [now, known.filter(|known| now != Some(*known))]
        .into_iter()
        .flatten()
    {
        match format.kind() {
            Kind::Video => drop(read_video(format, Cursor::new(bytes))),
            _ => drop(read(format, bytes)),
        }
    }
    if known.is_none() {
        sidecar(bytes);
    }
    assert!(begun.elapsed() < LONGEST, "{}", path.display());
}

#[test]
fn no_cut_or_changed_file_ends_or_hangs_a_parser() {
    let Some(folder) = fixtures("no_cut_or_changed_file_ends_or_hangs_a_parser") else {
        return;
    };
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let mut mutations = 0;
    for path in files_below(&folder) {
        let mut bytes = std::fs::read(&path).unwrap();
        let known = match sniff(&bytes) {
            Sniff::Media(format) => Some(format),
            _ if path.extension().is_some_and(|extension| extension == "xmp") => None,
            _ => continue,
        };
        if known.is_some_and(|format| format.kind() != Kind::Video) {
            bytes.truncate(HEAD);
        } else if bytes.len() > HEAD {
            // Keep the header of a film, whose pictures stand before it.
            let header = bytes.split_off(bytes.len() - 16 * 1024);
            let start = header.windows(4).position(|window| window == b"moov");
            let start = start.and_then(|at| at.checked_sub(4)).unwrap_or(0);
            bytes = header[start..].to_vec();
        }
        read_all(&bytes, known, &path);
        for _ in 0..12 {
            let end = chance.below(bytes.len());
            read_all(&bytes[..end], known, &path);
        }
        for round in 0..24 {
            let mut changed = bytes.clone();
            let reach = if round % 2 == 0 {
                changed.len().min(2048)
            } else {
                changed.len()
            };
            for _ in 0..=chance.below(8) {
                let at = chance.below(reach);
                let value = [
                    0,
                    0xff,
                    0x7f,
                    0x80,
                    1,
                    u8::try_from(chance.below(256)).unwrap(),
                ];
                changed[at] = value[chance.below(value.len())];
            }
            read_all(&changed, known, &path);
            mutations += 1;
        }
    }
    eprintln!("{mutations} mutations");
    assert!(mutations > 5_000);
}

#[test]
fn names_of_any_letters_are_read() {
    let letters = [
        '0', '1', '2', '9', '-', '_', '.', ' ', ':', 'é', '四', 'P', 'M', '/', '\0',
    ];
    let mut chance = Chance(42);
    for _ in 0..20_000 {
        let length = chance.below(40);
        let name: String = (0..length)
            .map(|_| letters[chance.below(letters.len())])
            .collect();
        moment_in_name(&name);
    }
}
