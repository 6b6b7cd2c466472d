//! Thousands of changes to each kind of file: cleaning neither panics nor
//! hangs, what it promises is what is read, and cleaning again changes nothing.

use super::Chance;
use super::clean::cleaned;
use super::clean_boxes::{heic, mp4};
use super::clean_pictures::stuffed_pictures;
use super::fixtures::{files_below, fixtures};
use crate::clean::{CleanReader, MOST_PARTS, clean};
use crate::{Format, MediaError, Sniff, sniff};

fn mutated(bytes: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=chance.below(3) {
        let at = chance.below(bytes.len());
        let Some(byte) = bytes.get_mut(at) else {
            return bytes;
        };
        match chance.below(6) {
            0 => *byte ^= 1 << chance.below(8),
            1 => *byte = [0, 1, 0x7f, 0x80, 0xff][chance.below(5)],
            2 => bytes.truncate(at),
            3 => {
                let to = bytes.len().min(at + 1 + chance.below(40));
                bytes.drain(at..to);
            }
            4 => {
                let to = bytes.len().min(at + 4);
                bytes[at..to].fill(0xff);
            }
            _ => {
                let to = bytes.len().min(at + 1 + chance.below(40));
                let again = bytes[at..to].to_vec();
                bytes.splice(at..at, again);
            }
        }
    }
    bytes
}

/// Cleans `bytes` and holds the copy to its promises. Gives whether there is one.
#[track_caller]
fn assert_promises(format: Format, bytes: &[u8]) -> bool {
    let recipe = match clean(format, &mut std::io::Cursor::new(bytes)) {
        Ok(recipe) => recipe,
        Err(MediaError::CannotClean(_)) => return false,
        Err(error) => panic!("{format:?}: {error}"),
    };
    assert!(recipe.parts().len() <= MOST_PARTS);
    assert!(CleanReader::new(std::io::Cursor::new(bytes), recipe.clone()).is_ok());
    let copy = super::clean::read(bytes, recipe);
    let again = cleaned(format, &copy).unwrap_or_else(|error| {
        panic!(
            "{format:?}: {error} in {} of {}",
            copy.escape_ascii(),
            bytes.escape_ascii()
        )
    });
    assert!(again == copy, "{format:?}: {}", bytes.escape_ascii());
    true
}

#[test]
fn thousands_of_mutations_of_each_format_cost_at_most_a_refusal() {
    let mut files = stuffed_pictures();
    files.push((Format::Heif, heic().0));
    files.push((Format::Mp4, mp4()));
    let mut chance = Chance(0x2545_f491_4f6c_dd1d);
    for (format, bytes) in files {
        let count = 3_000;
        let kept = (0..count).filter(|_| assert_promises(format, &mutated(&bytes, &mut chance)));
        let kept = kept.count();
        eprintln!("{format:?}: {kept} of {count} mutations have a clean copy");
        assert!(kept > 0 && kept < count, "{format:?}");
    }
}

#[test]
fn damaged_fixtures_and_their_mutations_cost_at_most_a_refusal() {
    let Some(folder) = fixtures("damaged_fixtures_and_their_mutations_cost_at_most_a_refusal")
    else {
        return;
    };
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let mut files = files_below(&folder.join("damaged"));
    files.extend(files_below(&folder.join("formats")));
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let Sniff::Media(format) = sniff(&bytes) else {
            continue;
        };
        assert_promises(format, &bytes);
        if bytes.len() < 64 << 10 {
            for _ in 0..20 {
                assert_promises(format, &mutated(&bytes, &mut chance));
            }
        }
    }
}
