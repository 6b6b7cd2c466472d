//! Thousands of damaged files of each format, given to real workers: each must
//! come to a picture or to an error, and the pool must outlive them all.
//!
//! Ten thousand of each, or as many as `ALBUMEN_MUTATIONS` says. The n-th
//! mutation of a sample is always the same. To add a format, put a small file of
//! it into the folder `samples`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use libtest_mimic::Trial;
use media::{Input, Losses, MediaError, Origin, Rendition};

use crate::samples::{Sample, samples};
use crate::{pool, trial};

const VARIABLE: &str = "ALBUMEN_MUTATIONS";
/// Where the numbers begin; another gives other mutations.
const SEED: u64 = 0x05ee_d0fa_1b0e_2000;
/// Numbers that lengths and counts must not be.
const EXTREMES: [u32; 10] = [
    0,
    1,
    0x7f,
    0xff,
    0x7fff,
    0xffff,
    0x10000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
];

/// One case per sample.
pub fn trials() -> Vec<Trial> {
    samples()
        .into_iter()
        .map(|sample| {
            let name = format!("mutations::of_{}", sample.name);
            trial(name, move || mutations_of(&sample))
        })
        .collect()
}

fn mutations_of(sample: &Sample) {
    let count: u64 = std::env::var(VARIABLE).map_or(10_000, |count| count.parse().unwrap());
    let name = &sample.name;
    let workers = 2;
    let pool = pool(workers);
    let want = [Rendition::Thumbnail];
    let ask = |bytes: &[u8]| pool.picture(&Input::of_bytes(bytes), &want, Origin::Owner);
    match ask(&sample.bytes) {
        Ok(_) => {}
        Err(MediaError::NotYet(_)) if !sample.ours => {
            eprintln!("skipped: mutations of {name}, which is not decoded yet");
            return;
        }
        Err(error) => panic!("{name} is whole, and yet: {error}"),
    }
    let started = Instant::now();
    let (next, outcomes) = (AtomicU64::new(0), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    let bytes = mutated(sample, number);
                    let outcome = match ask(&bytes) {
                        Ok(_) => "picture",
                        Err(error) => error.code(),
                    };
                    if matches!(outcome, "worker_died" | "timed_out" | "io") {
                        keep(name, number, outcome, &bytes);
                    }
                    *outcomes.lock().unwrap().entry(outcome).or_insert(0_u64) += 1;
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().unwrap();
    let Losses { died, timed_out } = pool.losses();
    eprintln!(
        "{count} mutations of {name} ({} bytes, seed {SEED:#x}) in {:.1} s: {outcomes:?}; \
         {died} workers died, {timed_out} took too long",
        sample.bytes.len(),
        started.elapsed().as_secs_f32(),
    );
    assert_eq!(outcomes.values().sum::<u64>(), count);
    for broken in ["io", "worker_missing", "not_confined"] {
        assert!(!outcomes.contains_key(broken), "the pool itself failed");
    }
    ask(&sample.bytes).unwrap();
}

/// Leaves what a decoder could not bear for whoever looks into it.
fn keep(name: &str, number: u64, outcome: &str, bytes: &[u8]) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{number}-{outcome}"));
    std::fs::write(&path, bytes).unwrap();
    eprintln!("mutation {number} of {name}: {outcome}; {}", path.display());
}

/// The sample with one thing wrong with it, or up to five.
fn mutated(sample: &Sample, number: u64) -> Vec<u8> {
    let mut chance = Chance::of(&sample.name, number);
    let mut bytes = sample.bytes.clone();
    let more = chance.below(2) * chance.below(5);
    for _ in 0..=more {
        mutate(&mut bytes, &mut chance);
    }
    // PNG's checksums would keep most of it from ever reaching the decoder.
    if sample.name.starts_with("png") && chance.below(4) > 0 {
        mend_checksums(&mut bytes);
    }
    bytes
}

/// Gives each chunk of a PNG, as far as they can be told, the checksum it
/// should have (ISO 3309 over its name and body).
fn mend_checksums(bytes: &mut [u8]) {
    let mut at = 8;
    while let Some(length) = bytes.get(at..at + 4) {
        let length = u32::from_be_bytes(length.try_into().unwrap()) as usize;
        let end = at + 8 + length;
        let Some(summed) = bytes.get(at + 4..end) else {
            return;
        };
        let sum = !summed.iter().fold(!0_u32, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
                (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg())
            })
        });
        if let Some(stored) = bytes.get_mut(end..end + 4) {
            stored.copy_from_slice(&sum.to_be_bytes());
        }
        at = end + 4;
    }
}

fn mutate(bytes: &mut Vec<u8>, chance: &mut Chance) {
    // Headers are short and matter most: half of all happens there.
    let reach = match chance.below(2) {
        0 => bytes.len().min(256),
        _ => bytes.len(),
    };
    let at = chance.below(reach.max(1)).min(bytes.len());
    let length = (1 + chance.below(64)).min(bytes.len() - at);
    match chance.below(8) {
        0 | 1 => {
            for _ in 0..=chance.below(8) {
                let at = chance.below(reach.max(1));
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << chance.below(8);
                }
            }
        }
        2 => bytes.truncate(at),
        3 => {
            let copied = bytes[at..at + length].to_vec();
            let to = chance.below(bytes.len() + 1);
            bytes.splice(to..to, copied);
        }
        4 => {
            bytes.drain(at..at + length);
        }
        5 => {
            let noise: Vec<u8> = (0..length).map(|_| chance.below(256) as u8).collect();
            bytes[at..at + length].copy_from_slice(&noise);
        }
        _ => {
            let value = EXTREMES[chance.below(EXTREMES.len())];
            let (big, little) = (value.to_be_bytes(), value.to_le_bytes());
            let field: &[u8] = match chance.below(4) {
                0 => &big,
                1 => &little,
                2 => &big[2..],
                _ => &little[..2],
            };
            for (byte, new) in bytes.iter_mut().skip(at).zip(field) {
                *byte = *new;
            }
        }
    }
}

/// Numbers that look random and are always the same (xorshift64*).
struct Chance(u64);

impl Chance {
    fn of(name: &str, number: u64) -> Chance {
        let mut chance = Chance(SEED ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for letter in name.bytes() {
            chance.0 ^= u64::from(letter);
            chance.below(1);
        }
        chance
    }

    /// A number below `limit`.
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(drawn).unwrap() % limit
    }
}
