//! Whole journeys, as a person takes them: the `albumen` program on a library
//! of its own, its link's page over HTTP, and the window. One program, so that
//! it is linked once; a module is a part of the story.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test ends at the first thing that is not as told, and says so"
)]

mod abroad;
mod access;
mod archive;
mod asking;
#[cfg(target_os = "linux")]
mod attack;
mod authority;
mod certificates;
mod clean;
mod damage;
mod desk;
mod driver;
mod duplicates;
mod durability;
mod films;
mod fixtures;
mod formats;
mod handing;
mod handout;
mod hidden;
mod homeward;
mod household;
mod import;
mod intake;
#[path = "../faults/invariant.rs"]
mod invariant;
mod jobs;
mod keep;
mod live;
mod local;
mod locked;
mod lodging;
mod mirrors;
mod moving;
mod offsite;
mod operation;
mod outlive;
mod partners;
mod parts;
mod peers;
mod programs;
mod reach;
mod room;
mod safety;
mod sealed;
mod search;
mod sidecar;
mod store;
mod storm;
mod turn;
mod unlock;
mod uploads;
mod upright;
mod visitor;
mod wait;
mod watch;
mod window;
