//! What a file is, by its first bytes: an answer for any, the same each time.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    assert_eq!(media::sniff(bytes), media::sniff(bytes));
});
