//! What a picture says about itself, and the video inside a motion photo: it lies
//! in the file, and a video begins there.
#![no_main]

use libfuzzer_sys::fuzz_target;
use media::{Kind, Sniff, read_picture, sniff};

fuzz_target!(|bytes: &[u8]| {
    let Sniff::Media(format) = sniff(bytes) else {
        return;
    };
    let (metadata, motion) = read_picture(format, bytes);
    assert!(metadata.tags.len() <= 256);
    if let Some(span) = motion {
        let start = usize::try_from(span.start).unwrap();
        let video = &bytes[start..][..usize::try_from(span.length).unwrap()];
        assert!(matches!(sniff(video), Sniff::Media(format) if format.kind() == Kind::Video));
    }
});
