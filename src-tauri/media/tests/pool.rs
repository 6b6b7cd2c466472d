//! The pool of decode workers with real processes: this test program is its own
//! worker, so it has a `main` of its own, and libtest-mimic lists its cases.
#![allow(
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "clippy does not see a test in a test without a harness"
)]

use std::io::Cursor;
use std::path::PathBuf;

use image::{ImageFormat, Rgb, RgbImage};
use libtest_mimic::{Arguments, Failed, Trial};
use media::{Decoder, Format, MediaError, Rendition};

const ALL: [Rendition; 3] = [Rendition::Thumbnail, Rendition::Preview, Rendition::Card];

fn main() {
    media::run_worker_if_asked();
    let cases: [(&str, fn()); 7] = [
        ("a_picture_comes_back", a_picture_comes_back),
        ("errors_cross_the_pipe", errors_cross_the_pipe),
        (
            "many_threads_share_two_workers",
            many_threads_share_two_workers,
        ),
        (
            "a_worker_killed_while_idle_is_replaced",
            a_worker_killed_while_idle_is_replaced,
        ),
        ("workers_end_with_their_pool", workers_end_with_their_pool),
        (
            "a_program_that_dies_at_once_is_tried_twice",
            a_program_that_dies_at_once_is_tried_twice,
        ),
        ("a_missing_program_is_named", a_missing_program_is_named),
    ];
    let trials = cases
        .into_iter()
        .map(|(name, case)| {
            Trial::test(name, move || {
                std::panic::catch_unwind(case).map_err(|_| Failed::without_message())
            })
        })
        .collect();
    let mut arguments = Arguments::from_args();
    // The cases count and kill this process's children.
    arguments.test_threads = Some(1);
    libtest_mimic::run(&arguments, trials).exit();
}

fn pool(workers: usize) -> Decoder {
    Decoder::new(std::env::current_exe().unwrap(), workers)
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::from_pixel(width, height, Rgb([10, 120, 230]))
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

fn a_picture_comes_back() {
    let picture = pool(1).picture(&png(600, 400), &ALL).unwrap();
    assert_eq!(picture.facts.format, Format::Png);
    assert_eq!((picture.facts.width, picture.facts.height), (600, 400));
    assert!(!picture.thumbhash.is_empty());
    let made: Vec<Rendition> = picture.renditions.iter().map(|made| made.0).collect();
    assert_eq!(made, ALL);

    let facts_alone = pool(1).picture(&png(600, 400), &[]).unwrap();
    assert_eq!(facts_alone.facts, picture.facts);
    assert!(facts_alone.thumbhash.is_empty() && facts_alone.renditions.is_empty());
}

fn errors_cross_the_pipe() {
    let pool = pool(1);
    let code = |bytes: &[u8]| pool.picture(bytes, &ALL).unwrap_err().code();
    let whole = png(600, 400);
    assert_eq!(code(b"Dear diary"), "not_a_picture");
    assert_eq!(
        code(b"\0MRM a RAW of a maker that is gone"),
        "not_supported_yet"
    );
    assert_eq!(code(whole.get(..whole.len() / 2).unwrap()), "truncated");
    let mut huge = whole.clone();
    huge.splice(16..24, [0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    assert_eq!(code(&huge), "damaged", "the header's checksum is wrong");
    // The same worker still serves after all of these.
    pool.picture(&whole, &ALL).unwrap();
}

fn many_threads_share_two_workers() {
    let pool = pool(2);
    let bytes = png(64, 48);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let pool = pool.clone();
            let bytes = &bytes;
            scope.spawn(move || {
                for _ in 0..4 {
                    let picture = pool.picture(bytes, &[Rendition::Thumbnail]).unwrap();
                    assert_eq!(picture.renditions.len(), 1);
                }
            });
        }
    });
    if let Some(workers) = workers_of_this_test() {
        assert!(workers.len() <= 2 + 2, "{workers:?}");
    }
}

fn a_worker_killed_while_idle_is_replaced() {
    let before = workers_of_this_test();
    let pool = pool(1);
    pool.picture(&png(8, 8), &ALL).unwrap();
    let Some((before, after)) = before.zip(workers_of_this_test()) else {
        eprintln!("skipped: a_worker_killed_while_idle_is_replaced needs /proc");
        return;
    };
    for worker in after.iter().filter(|worker| !before.contains(worker)) {
        let killed = std::process::Command::new("kill")
            .args(["-9", worker])
            .status();
        assert!(killed.unwrap().success());
    }
    pool.picture(&png(8, 8), &ALL).unwrap();
}

fn workers_end_with_their_pool() {
    let pool = pool(1);
    pool.picture(&png(8, 8), &ALL).unwrap();
    let Some(running) = workers_of_this_test() else {
        eprintln!("skipped: workers_end_with_their_pool needs /proc");
        return;
    };
    assert!(!running.is_empty());
    drop(pool);
    let left = workers_of_this_test().unwrap();
    assert!(running.iter().any(|worker| !left.contains(worker)));
}

fn a_program_that_dies_at_once_is_tried_twice() {
    let liar = PathBuf::from("/bin/false");
    if !liar.exists() {
        eprintln!("skipped: a_program_that_dies_at_once_is_tried_twice needs /bin/false");
        return;
    }
    let error = Decoder::new(liar, 1).picture(&png(8, 8), &ALL).unwrap_err();
    assert!(matches!(error, MediaError::WorkerDied), "{error}");
}

fn a_missing_program_is_named() {
    let nowhere = PathBuf::from("no-such-folder/no-such-program");
    let pool = Decoder::new(nowhere.clone(), 1);
    for _ in 0..3 {
        let error = pool.picture(&png(8, 8), &ALL).unwrap_err();
        assert!(matches!(&error, MediaError::WorkerMissing { program, .. } if *program == nowhere));
        assert!(error.to_string().contains("no-such-program"));
    }
}

/// The process ids of this process's workers, where /proc shows them.
fn workers_of_this_test() -> Option<Vec<String>> {
    let this = std::process::id().to_string();
    let processes = std::fs::read_dir("/proc").ok()?;
    let found = processes
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|id| id.bytes().all(|letter| letter.is_ascii_digit()))
        .filter(|id| {
            std::fs::read_to_string(format!("/proc/{id}/stat"))
                .ok()
                .and_then(|stat| Some(stat.rsplit_once(") ")?.1.split(' ').nth(1)? == this))
                .unwrap_or(false)
        });
    Some(found.collect())
}
