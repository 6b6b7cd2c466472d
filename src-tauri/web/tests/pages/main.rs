//! The public listener over a real library, in real pictures. This program is its
//! own decode worker, so it has a `main` of its own, and libtest-mimic lists its cases.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking; cases of libtest-mimic are no #[test]"
)]

mod add;
mod archive;
mod bytes;
mod doors;
mod film;
mod house;
mod inbox;
mod long;
mod map;
mod matrix;
mod note;
mod page;
mod reach;
mod reference;
mod seats;
mod sending;
mod talk;
mod upload;
mod wire;

use libtest_mimic::{Arguments, Failed, Trial};

type Case = (&'static str, fn());

fn main() {
    media::run_worker_if_asked();
    let groups: [(&str, &[Case]); 17] = [
        ("add", add::CASES),
        ("archive", archive::CASES),
        ("bytes", bytes::CASES),
        ("doors", doors::CASES),
        ("film", film::CASES),
        ("inbox", inbox::CASES),
        ("long", long::CASES),
        ("map", map::CASES),
        ("matrix", matrix::CASES),
        ("note", note::CASES),
        ("page", page::CASES),
        ("reach", reach::CASES),
        ("reference", reference::CASES),
        ("upload", upload::CASES),
        ("talk", talk::CASES),
        ("seats", seats::CASES),
        ("wire", wire::CASES),
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
