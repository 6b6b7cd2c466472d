//! What a sidecar, a file's name and a video's header say: nothing may panic,
//! hang, or be longer than it is allowed to be.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use media::{Format, moment_in_name, read_video, sidecar};

fuzz_target!(|bytes: &[u8]| {
    if let Some(words) = sidecar(bytes) {
        assert!(words.tags.len() <= 256);
    }
    if let Ok(name) = std::str::from_utf8(bytes) {
        moment_in_name(name);
    }
    for format in [Format::Mp4, Format::Mov, Format::ThreeGp] {
        read_video(format, Cursor::new(bytes));
    }
});
