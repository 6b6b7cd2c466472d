//! A worker that can be told to misbehave: a "picture" that begins `GIF89a` and
//! `probe:` holds a word of what to do instead of pixels.

use std::time::Duration;

use media::{Decoder, Input, MediaError, Origin, Picture};

const PROBE: &[u8] = b"GIF89aprobe:";

/// In the worker: does what the bytes say, or leaves them to the decoder.
pub fn probe(bytes: &[u8]) -> Option<MediaError> {
    let words = std::str::from_utf8(bytes.strip_prefix(PROBE)?).ok()?;
    let (word, rest) = words.split_once('\n').unwrap_or((words, ""));
    let said = match word {
        "eat memory" => {
            for _ in 0.. {
                std::mem::forget(std::hint::black_box(Vec::<u8>::with_capacity(64 << 20)));
            }
            None
        }
        "spin" => loop {
            std::hint::black_box(());
        },
        "sleep" => loop {
            std::thread::sleep(Duration::from_secs(1));
        },
        "abort" => std::process::abort(),
        "overflow" => Some(deep(0).to_string()),
        "panic" => panic!("a decoder met what it did not expect"),
        "start threads" => Some(threads().to_string()),
        "which process" => Some(std::process::id().to_string()),
        #[cfg(target_os = "linux")]
        "processor limit" => Some(crate::proof::processor_limit()),
        #[cfg(target_os = "linux")]
        "close all" => Some(crate::proof::close_all()),
        #[cfg(target_os = "linux")]
        _ => crate::proof::attempt(word, rest),
        #[cfg(not(target_os = "linux"))]
        _ => Some(rest.to_owned()),
    };
    Some(MediaError::Damaged(
        said.unwrap_or_else(|| "there is no such probe".to_owned()),
    ))
}

/// Uses more stack than there is.
fn deep(level: u64) -> u64 {
    let frame = std::hint::black_box([level; 512]);
    if level == u64::MAX {
        return level;
    }
    deep(level + 1) + frame.iter().sum::<u64>()
}

/// How many of eight threads came to their end.
fn threads() -> usize {
    let started = (0..8_u64).map(|n| std::thread::spawn(move || vec![n; 1 << 16].len()));
    let started: Vec<_> = started.collect();
    started
        .into_iter()
        .filter_map(|thread| thread.join().ok())
        .count()
}

/// The bytes that have a worker do what `words` say.
pub fn order(words: &str) -> Vec<u8> {
    [PROBE, words.as_bytes()].concat()
}

/// Asks about bytes in memory.
pub fn ask(pool: &Decoder, bytes: &[u8], origin: Origin) -> Result<Picture, MediaError> {
    pool.picture(&Input::of_bytes(bytes), &[], origin)
}

/// Has a worker do what `words` say, and returns what it said.
#[track_caller]
pub fn told(pool: &Decoder, words: &str, origin: Origin) -> String {
    match ask(pool, &order(words), origin) {
        Err(MediaError::Damaged(said)) => said,
        other => panic!("{words}: {other:?}"),
    }
}
