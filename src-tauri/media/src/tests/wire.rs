//! The protocol between a caller and its worker, over pipes inside one process.

use std::io::{Cursor, ErrorKind};

use super::ALL;
use super::camera::{jpeg_of, quadrants};
use crate::picture::develop;
use crate::worker::protocol::{read_answer, read_request, write_answer, write_request};
use crate::worker::serve;
use crate::{MediaError, Rendition};

#[test]
fn a_worker_answers_each_request_in_turn() {
    let photo = jpeg_of(&quadrants(640, 480));
    let (mut requests, mut asker) = std::io::pipe().unwrap();
    let (mut answers, answerer) = std::io::pipe().unwrap();
    std::thread::scope(|scope| {
        let worker = scope.spawn(move || serve(&mut requests, answerer));
        for want in [&ALL[..], &[Rendition::Preview], &[]] {
            write_request(&mut asker, &photo, want).unwrap();
            let answer = read_answer(&mut answers, want).unwrap().unwrap();
            assert_eq!(answer, develop(&photo, want).unwrap());

            write_request(&mut asker, b"no picture", want).unwrap();
            let refused = read_answer(&mut answers, want).unwrap().unwrap_err();
            assert!(matches!(refused, MediaError::NotAPicture));
        }
        drop(asker);
        worker.join().unwrap().unwrap();
    });
}

#[test]
fn errors_keep_their_words_across_the_pipe() {
    let errors = [
        MediaError::NotAPicture,
        MediaError::NotYet(crate::sniff::DEEP_JPEG),
        MediaError::NotYet(crate::sniff::RARE_TIFF),
        MediaError::Truncated,
        MediaError::TooLarge {
            width: 60_000,
            height: 50_000,
        },
        MediaError::Damaged("bad Huffman table".into()),
    ];
    for error in errors {
        let words = error.to_string();
        let mut pipe = Cursor::new(Vec::new());
        write_answer(&mut pipe, &Err(error)).unwrap();
        pipe.set_position(0);
        let received = read_answer(&mut pipe, &ALL).unwrap().unwrap_err();
        assert_eq!(received.to_string(), words);
    }
}

#[test]
fn no_length_is_believed() {
    let mut request = Vec::new();
    write_request(&mut request, &[7; 1000], &ALL).unwrap();
    for length in 1..request.len() {
        let error = read_request(&mut &request[..length]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    }
    assert!(read_request(&mut &request[..0]).unwrap().is_none());

    let endless_header = [b"ALB1".as_slice(), &[0xff; 4]].concat();
    let kind = |bytes: &[u8]| read_request(&mut &bytes[..]).unwrap_err().kind();
    assert_eq!(kind(&endless_header), ErrorKind::InvalidData);
    assert_eq!(kind(b"Usage: some-program"), ErrorKind::InvalidData);
    // A header that announces 2^63 bytes: no renditions, then the length.
    let mut endless_body = b"ALB1\x0a\0\0\0\x00".to_vec();
    endless_body.extend([0xff; 8]);
    endless_body.push(0x7f);
    assert_eq!(kind(&endless_body), ErrorKind::InvalidData);
}

#[test]
fn an_answer_to_another_question_is_refused() {
    let photo = jpeg_of(&quadrants(64, 48));
    let picture = develop(&photo, &[Rendition::Preview]);
    let mut pipe = Cursor::new(Vec::new());
    write_answer(&mut pipe, &picture).unwrap();
    pipe.set_position(0);
    let error = read_answer(&mut pipe, &ALL).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
}
