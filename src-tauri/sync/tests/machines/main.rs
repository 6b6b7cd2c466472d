//! Real machines on one computer: libraries with real pictures, real endpoints, real
//! connections. This program is its own decode worker, so it has a `main` of its own,
//! and libtest-mimic lists its cases.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking; cases of libtest-mimic are no #[test]"
)]

mod attack;
mod bytes;
mod following;
mod house;
mod lanes;
mod pairing;
mod parts;
mod relay;

use libtest_mimic::{Arguments, Failed, Trial};

type Case = (&'static str, fn());

fn main() {
    media::run_worker_if_asked();
    attack::run_if_asked();
    let groups: [(&str, &[Case]); 7] = [
        ("attack", attack::CASES),
        ("bytes", bytes::CASES),
        ("following", following::CASES),
        ("lanes", lanes::CASES),
        ("pairing", pairing::CASES),
        ("parts", parts::CASES),
        ("relay", relay::CASES),
    ];
    let trials = groups
        .into_iter()
        .flat_map(|(group, cases)| cases.iter().map(move |case| (group, *case)))
        .map(|(group, (name, case))| {
            Trial::test(format!("{group}::{name}"), move || {
                std::panic::catch_unwind(case).map_err(|_| Failed::without_message())
            })
        })
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Lists functions as cases under their own names.
macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        pub const CASES: &[crate::Case] = &[$((stringify!($name), $name)),*];
    };
}
pub(crate) use cases;
