//! A short storm over a watched folder; the long one is `cargo xtask bench
//! watch`.

use crate::desk::{Desk, program};

#[path = "../measure/storm/mod.rs"]
mod weather;

#[test]
fn a_storm_over_a_watched_folder_ends_as_a_fresh_look_would() {
    let desk = Desk::new();
    let outcome = weather::run(&program("albumen"), desk.path(), 300, 0xa1b).unwrap();
    if !outcome.done.contains_key("unmounted and mounted") {
        eprintln!("skipped the unmounting in a_storm…: mounting needs root");
    }
    assert!(outcome.kept > 150, "{outcome:?}");
    assert!(outcome.photos <= outcome.files, "{outcome:?}");
}
