//! Workers that crash, or take too much memory or time: each is that file's
//! error and is counted, and the next picture is made.

use media::{Decoder, Losses, Origin};

use crate::probe::{ask, order, told};
use crate::{png, pool};

/// Orders what ends a worker, and returns the error's code, having seen that
/// the pool still works.
fn code_of(pool: &Decoder, words: &str) -> &'static str {
    let code = ask(pool, &order(words), Origin::Owner).unwrap_err().code();
    ask(pool, &png(8, 8), Origin::Owner).unwrap();
    code
}

pub fn a_crash_is_tried_twice_and_counted() {
    let pool = pool(1);
    for (count, words) in (1..).zip(["abort", "overflow", "abort"]) {
        assert_eq!(code_of(&pool, words), "worker_died", "{words}");
        let died = 2 * count;
        assert_eq!(pool.losses(), Losses { died, timed_out: 0 });
    }
}

pub fn a_panic_ends_no_worker() {
    let pool = pool(1);
    let before = told(&pool, "which process", Origin::Owner);
    assert_eq!(code_of(&pool, "panic"), "damaged");
    assert_eq!(told(&pool, "which process", Origin::Owner), before);
}

/// libheif, dav1d and libjxl start some.
pub fn a_decoder_may_start_threads() {
    assert_eq!(told(&pool(1), "start threads", Origin::Owner), "8");
}

#[cfg(target_os = "linux")]
pub fn a_worker_that_takes_too_much_memory_is_ended() {
    let pool = pool(1);
    assert_eq!(code_of(&pool, "eat memory"), "worker_died");
    assert_eq!(pool.losses().died, 2);
}

/// The kernel ends the one that spins, its caller the one that sleeps.
pub fn a_worker_that_takes_too_long_is_ended() {
    std::thread::scope(|scope| {
        for words in ["spin", "sleep"] {
            scope.spawn(move || {
                let pool = pool(1);
                let started = std::time::Instant::now();
                assert_eq!(code_of(&pool, words), "timed_out", "{words}");
                eprintln!("to {words} ended after {:?}", started.elapsed());
                let timed_out = 1;
                assert_eq!(pool.losses(), Losses { died: 0, timed_out });
            });
        }
    });
}
