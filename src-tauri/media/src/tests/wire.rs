//! The protocol between a caller and its worker, over pipes and sockets inside
//! one process.

use std::io::{Cursor, ErrorKind};

use super::ALL;
use super::camera::{jpeg_of, quadrants};
use super::develop;
use crate::worker::limits::{MAX_INPUT, check_size, hold_to};
use crate::worker::protocol::{
    Answer, Ask, read_answer, read_hello, read_request, write_answer, write_hello, write_request,
};
use crate::worker::requests::Pipe;
use crate::worker::serve;
use crate::{Confinement, MediaError, Origin, Rendition, Turn};

fn ask(want: &[Rendition]) -> Ask {
    Ask::Picture {
        want: want.to_vec(),
        turn: Turn::None,
    }
}

#[test]
fn a_worker_answers_each_request_in_turn() {
    let photo = jpeg_of(&quadrants(640, 480));
    let (mut requests, mut asker) = std::io::pipe().unwrap();
    let (mut answers, answerer) = std::io::pipe().unwrap();
    std::thread::scope(|scope| {
        let worker = scope.spawn(move || serve(Pipe(&mut requests), answerer, |_| None));
        for want in [&ALL[..], &[Rendition::Preview], &[]] {
            let ask = ask(want);
            write_request(&mut asker, &ask, Origin::Owner, &photo).unwrap();
            let answer = read_answer(&mut answers, &ask).unwrap().unwrap();
            assert_eq!(answer, Answer::Picture(develop(&photo, want).unwrap()));

            write_request(&mut asker, &ask, Origin::Owner, b"no picture").unwrap();
            let refused = read_answer(&mut answers, &ask).unwrap().unwrap_err();
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
        MediaError::TooManyBytes { bytes: 1 << 40 },
        MediaError::Damaged("bad Huffman table".into()),
        MediaError::Io(std::io::Error::other("the drive is gone")),
    ];
    for error in errors {
        let words = error.to_string();
        let mut pipe = Cursor::new(Vec::new());
        write_answer(&mut pipe, &Err(error)).unwrap();
        pipe.set_position(0);
        let received = read_answer(&mut pipe, &ask(&ALL)).unwrap().unwrap_err();
        assert_eq!(received.to_string(), words);
    }
}

#[test]
fn no_length_is_believed() {
    let mut request = Vec::new();
    write_request(&mut request, &ask(&ALL), Origin::Owner, &[7; 1000]).unwrap();
    for length in 1..request.len() {
        let error = read_request(&mut Pipe(&request[..length])).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    }
    assert!(read_request(&mut Pipe(&request[..0])).unwrap().is_none());

    let endless_header = [b"ALB4".as_slice(), &[0xff; 4]].concat();
    let kind = |bytes: &[u8]| read_request(&mut Pipe(bytes)).err().unwrap().kind();
    assert_eq!(kind(&endless_header), ErrorKind::InvalidData);
    assert_eq!(kind(b"Usage: some-program"), ErrorKind::InvalidData);
    // A header that announces 2^63 bytes: a picture, no renditions, the owner's,
    // by a body, then its length.
    let mut endless_body = b"ALB4\x0e\0\0\0\0\0\0\x01".to_vec();
    endless_body.extend([0xff; 8]);
    endless_body.extend([0x7f, 0]);
    assert_eq!(kind(&endless_body), ErrorKind::InvalidData);
}

#[test]
fn an_answer_to_another_question_is_refused() {
    let photo = jpeg_of(&quadrants(64, 48));
    let picture = develop(&photo, &[Rendition::Preview]).map(Answer::Picture);
    let mut pipe = Cursor::new(Vec::new());
    write_answer(&mut pipe, &picture).unwrap();
    pipe.set_position(0);
    let error = read_answer(&mut pipe, &ask(&ALL)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
}

#[test]
fn the_worker_says_first_what_holds_it() {
    for landlock in [None, Some(7)] {
        let confinement = Confinement {
            landlock,
            seccomp: true,
        };
        let mut pipe = Vec::new();
        write_hello(&mut pipe, &confinement).unwrap();
        assert_eq!(read_hello(&mut pipe.as_slice()).unwrap(), confinement);
        assert_eq!(confinement.is_full(), landlock.is_some());
    }
    assert_eq!(
        read_hello(&mut &b""[..]).unwrap_err().kind(),
        ErrorKind::UnexpectedEof
    );
}

#[test]
fn a_visitor_may_bring_fewer_pixels_than_the_owner() {
    let megapixels = |count: u32| check_size(count * 1_000, 1_000, 0).is_ok();
    hold_to(Origin::Visitor);
    assert!(megapixels(200) && !megapixels(201));
    hold_to(Origin::Owner);
    assert!(megapixels(600) && !megapixels(601));
}

/// What only a system with sockets that carry descriptors can do.
#[cfg(unix)]
mod by_descriptor {
    use std::fs::File;
    use std::io::{Seek, SeekFrom, Write};
    use std::os::unix::net::UnixStream;

    use super::*;
    use crate::Input;
    use crate::worker::requests::{Socket, send};

    /// Sends `input` and receives it at the other end of the line.
    fn received(input: &Input) -> std::io::Result<Vec<u8>> {
        let (mut line, end) = UnixStream::pair().unwrap();
        std::thread::scope(|scope| {
            scope.spawn(move || send(&mut line, &ask(&ALL), Origin::Visitor, input).unwrap());
            let asked = read_request(&mut Socket::new(end)).unwrap().unwrap();
            assert_eq!((asked.ask, asked.origin), (ask(&ALL), Origin::Visitor));
            asked.file
        })
    }

    #[test]
    fn a_file_arrives_whole_and_its_position_stays() {
        for length in [0, 1, 4096, 3 << 20] {
            let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&bytes).unwrap();
            file.seek(SeekFrom::Start(7)).unwrap();
            let input = Input::of_file(file.try_clone().unwrap());
            for _ in 0..2 {
                assert!(received(&input).unwrap() == bytes);
                assert_eq!(file.stream_position().unwrap(), 7);
            }
            assert!(received(&Input::of_bytes(&bytes)).unwrap() == bytes);
        }
    }

    #[test]
    fn a_file_longer_than_allowed_is_an_error_of_that_file_alone() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(MAX_INPUT + 1).unwrap();
        let error = received(&Input::of_file(file)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FileTooLarge);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_an_error_of_that_file_alone() {
        let folder = tempfile::tempdir().unwrap();
        received(&Input::of_file(File::open(folder.path()).unwrap())).unwrap_err();
    }

    #[test]
    fn a_request_without_its_descriptor_is_broken() {
        let (mut line, end) = UnixStream::pair().unwrap();
        let frame = crate::worker::protocol::described(&ask(&ALL), Origin::Owner).unwrap();
        line.write_all(&frame).unwrap();
        let error = read_request(&mut Socket::new(end)).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
    }
}
