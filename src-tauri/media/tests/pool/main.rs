//! The pool of decode workers with real processes: this test program is its own
//! worker, so it has a `main` of its own, and libtest-mimic lists its cases.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "clippy does not see a test in a test without a harness"
)]

#[path = "../../src/tests/dng.rs"]
mod dng;
mod limits;
mod mutations;
mod probe;
#[cfg(target_os = "linux")]
mod proof;
mod samples;

use std::fs::File;
use std::io::{Cursor, Seek};
use std::path::PathBuf;

use image::{ImageFormat, Rgb, RgbImage};
use libtest_mimic::{Arguments, Failed, Trial};
use media::{Decoder, Format, Input, Losses, MediaError, Origin, Picture, Rendition};

const ALL: [Rendition; 3] = [Rendition::Thumbnail, Rendition::Preview, Rendition::Card];

/// The cases by their names.
macro_rules! cases {
    ($($case:path),* $(,)?) => {
        [$((stringify!($case), $case as fn())),*]
    };
}

fn main() {
    media::run_probed_worker_if_asked(probe::probe);
    let everywhere = cases![
        a_picture_comes_back,
        a_file_is_read_by_the_worker_itself,
        a_raw_without_preview_is_developed,
        errors_cross_the_pipe,
        many_threads_share_two_workers,
        a_worker_killed_while_idle_is_replaced,
        workers_end_with_their_pool,
        a_program_that_dies_at_once_is_tried_twice,
        a_missing_program_is_named,
        limits::a_crash_is_tried_twice_and_counted,
        limits::a_panic_ends_no_worker,
        limits::a_decoder_may_start_threads,
        limits::a_worker_that_takes_too_long_is_ended,
    ];
    #[cfg(target_os = "linux")]
    let here = cases![
        proof::a_worker_can_only_compute_and_answer,
        proof::a_worker_holds_nothing_that_its_parent_left_open,
        proof::a_visitors_file_shares_a_worker_with_no_other,
        proof::a_visitors_file_is_refused_where_nothing_confines,
        proof::a_worker_has_twenty_seconds_of_processor_time,
        limits::a_worker_that_takes_too_much_memory_is_ended,
    ];
    #[cfg(not(target_os = "linux"))]
    let here = cases![a_system_without_locks_says_so];
    let cases = everywhere.into_iter().chain(here);
    let trials = cases
        .map(|(name, case)| trial(name.to_owned(), case))
        .chain(mutations::trials())
        .collect();
    let mut arguments = Arguments::from_args();
    // The cases count and kill this process's children.
    arguments.test_threads = Some(1);
    libtest_mimic::run(&arguments, trials).exit();
}

fn trial(name: String, case: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(case))
            .map_err(|_| Failed::without_message())
    })
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

/// Asks about the owner's bytes.
fn picture(pool: &Decoder, bytes: &[u8], want: &[Rendition]) -> Result<Picture, MediaError> {
    pool.picture(&Input::of_bytes(bytes), want, Origin::Owner)
}

fn a_picture_comes_back() {
    let made = picture(&pool(1), &png(600, 400), &ALL).unwrap();
    assert_eq!(made.facts.format, Format::Png);
    assert_eq!((made.facts.width, made.facts.height), (600, 400));
    assert!(!made.thumbhash.is_empty());
    let renditions: Vec<Rendition> = made.renditions.iter().map(|made| made.0).collect();
    assert_eq!(renditions, ALL);

    let facts_alone = picture(&pool(1), &png(600, 400), &[]).unwrap();
    assert_eq!(facts_alone.facts, made.facts);
    assert!(facts_alone.thumbhash.is_empty() && facts_alone.renditions.is_empty());
}

fn a_file_is_read_by_the_worker_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photo");
    std::fs::write(&path, png(600, 400)).unwrap();
    let file = File::open(&path).unwrap();
    let input = Input::of_file(file.try_clone().unwrap());
    let pool = pool(1);
    let wanted = picture(&pool, &png(600, 400), &ALL).unwrap();
    for origin in [Origin::Owner, Origin::Owner] {
        assert_eq!(pool.picture(&input, &ALL, origin).unwrap(), wanted);
    }
    if cfg!(unix) {
        assert_eq!((&file).stream_position().unwrap(), 0);
    }
    let code = |input: Input| {
        pool.picture(&input, &ALL, Origin::Owner)
            .unwrap_err()
            .code()
    };
    let endless = File::create_new(folder.path().join("endless")).unwrap();
    endless.set_len(media::MAX_INPUT + 1).unwrap();
    assert_eq!(code(Input::of_file(endless)), "too_large");
    if cfg!(unix) {
        assert_eq!(code(Input::of_file(File::open(folder).unwrap())), "io");
    }
}

/// Confined as every other, where this system can: its decoder shares out its
/// work, and reads a table of cameras.
fn a_raw_without_preview_is_developed() {
    let scene = RgbImage::from_fn(240, 160, |x, _| {
        Rgb(if x < 120 {
            [250, 250, 250]
        } else {
            [180, 40, 50]
        })
    });
    let bytes = dng::Dng::of(&scene).bytes();
    let pool = pool(1);
    let made = picture(&pool, &bytes, &[Rendition::Preview]).unwrap();
    assert_eq!(made.facts.format, Format::Dng);
    let shown = image::load_from_memory(&made.renditions[0].1).unwrap();
    let shown = shown.into_rgb8();
    assert_eq!(shown.dimensions(), (240, 160));
    let red = shown.get_pixel(180, 80).0;
    let close = |(found, wanted): (&u8, u8)| found.abs_diff(wanted) < 10;
    assert!(red.iter().zip([180, 40, 50]).all(close), "{red:?}");
    // A visitor's worker is fully confined, or there is none.
    match pool.picture(&Input::of_bytes(&bytes), &ALL, Origin::Visitor) {
        Ok(made) => assert_eq!(made.renditions.len(), ALL.len()),
        Err(error) => assert_eq!(error.code(), "not_confined"),
    }
    assert_eq!(
        pool.losses(),
        Losses {
            died: 0,
            timed_out: 0
        }
    );
}

fn errors_cross_the_pipe() {
    let pool = pool(1);
    let code = |bytes: &[u8]| picture(&pool, bytes, &ALL).unwrap_err().code();
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
    picture(&pool, &whole, &ALL).unwrap();
    assert_eq!(pool.losses(), Losses::default());
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
                    let made = picture(&pool, bytes, &[Rendition::Thumbnail]).unwrap();
                    assert_eq!(made.renditions.len(), 1);
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
    picture(&pool, &png(8, 8), &ALL).unwrap();
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
    picture(&pool, &png(8, 8), &ALL).unwrap();
}

fn workers_end_with_their_pool() {
    let pool = pool(1);
    picture(&pool, &png(8, 8), &ALL).unwrap();
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
    let pool = Decoder::new(liar, 1);
    let error = picture(&pool, &png(8, 8), &ALL).unwrap_err();
    assert!(matches!(error, MediaError::WorkerDied), "{error}");
    assert_eq!(pool.losses().died, 2);
}

fn a_missing_program_is_named() {
    let nowhere = PathBuf::from("no-such-folder/no-such-program");
    let pool = Decoder::new(nowhere.clone(), 1);
    for _ in 0..3 {
        let error = picture(&pool, &png(8, 8), &ALL).unwrap_err();
        assert!(matches!(&error, MediaError::WorkerMissing { program, .. } if *program == nowhere));
        assert!(error.to_string().contains("no-such-program"));
    }
}

/// Honest where there is nothing to be proud of.
#[cfg(not(target_os = "linux"))]
fn a_system_without_locks_says_so() {
    let pool = pool(1);
    assert!(!pool.confinement().unwrap().is_full());
    let bytes = png(8, 8);
    let visited = pool.picture(&Input::of_bytes(&bytes), &ALL, Origin::Visitor);
    assert_eq!(visited.unwrap_err().code(), "not_confined");
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
