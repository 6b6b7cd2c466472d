//! Clean copies of PNG files.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::hold(media::Format::Png, bytes));
