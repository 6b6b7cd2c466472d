//! Clean copies of MP4 and MOV files.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::hold(media::Format::Mp4, bytes));
