//! Clean copies of HEIC and AVIF files.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::hold(media::Format::Heif, bytes));
