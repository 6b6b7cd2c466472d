//! What our own JPEG decoder takes, it reads as libjpeg-turbo does: at an eighth,
//! where every sample is one coefficient, and each block follows from the last.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some([ours, theirs]) = media::decode_eighth(bytes) else {
        return;
    };
    assert_eq!(ours.len(), theirs.len(), "one of them refused it");
    for (ours, theirs) in ours.iter().zip(&theirs) {
        // libjpeg lets samples that are too dark or bright begin again.
        let cut = matches!(ours, 0 | 255);
        assert!(cut || ours.abs_diff(*theirs) <= 1, "{ours} for {theirs}");
    }
});
