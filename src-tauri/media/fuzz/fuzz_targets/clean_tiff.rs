//! Clean copies of TIFF files.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::hold(media::Format::Tiff, bytes));
