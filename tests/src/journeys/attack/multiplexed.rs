//! HTTP/2 as no browser speaks it, frame by frame (RFC 9113), to a listener that takes
//! it without asking: floods of resets, continuations and pings, windows that never
//! open, and too many streams.

use super::{Siege, heard};
use std::io::{Read, Write};
use std::net::TcpStream;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// A setting (RFC 9113, 6.5.2): bytes that may be sent before the window is opened.
const WINDOW: u16 = 4;

/// `REFUSED_STREAM`
const REFUSED: u32 = 7;

fn frame(kind: u8, flags: u8, stream: u32, body: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&length[..], &[kind, flags], &stream.to_be_bytes(), body].concat()
}

fn hello(settings: &[(u16, u32)]) -> Vec<u8> {
    let settings: Vec<u8> = settings
        .iter()
        .flat_map(|(name, value)| [&name.to_be_bytes()[..], &value.to_be_bytes()].concat())
        .collect();
    [PREFACE, &frame(SETTINGS, 0, 0, &settings)].concat()
}

/// A header without Huffman coding and without indexing, by the number of its name in
/// the static table (RFC 7541, 6.2.2).
fn literal(name: u8, value: &str) -> Vec<u8> {
    let length = u8::try_from(value.len()).unwrap();
    assert!(length < 127);
    [&[name, length], value.as_bytes()].concat()
}

/// A request's head: `GET`, `http`, path and authority.
fn head(siege: &Siege, path: &str) -> Vec<u8> {
    [
        &[0x82, 0x86][..],
        &literal(4, path),
        &literal(1, &siege.host()),
    ]
    .concat()
}

fn get(siege: &Siege, stream: u32, path: &str) -> Vec<u8> {
    frame(
        HEADERS,
        END_STREAM | END_HEADERS,
        stream,
        &head(siege, path),
    )
}

/// The frames in what was heard: kind, stream, body.
fn frames(mut heard: &[u8]) -> Vec<(u8, u32, Vec<u8>)> {
    let mut frames = Vec::new();
    while heard.len() >= 9 {
        let length = u32::from_be_bytes([0, heard[0], heard[1], heard[2]]) as usize;
        let stream = u32::from_be_bytes(heard[5..9].try_into().unwrap());
        let Some(body) = heard.get(9..9 + length) else {
            break;
        };
        frames.push((heard[3], stream, body.to_vec()));
        heard = &heard[9 + length..];
    }
    frames
}

/// Sends a flood piece by piece until the node has had enough; what it said, and how
/// many bytes it took.
fn flood(siege: &Siege, start: &[u8], piece: &[u8], most: usize) -> (Vec<u8>, usize) {
    let mut stream = siege.connect();
    stream.write_all(start).unwrap();
    let mut listener = stream.try_clone().unwrap();
    std::thread::scope(|scope| {
        let listening = scope.spawn(move || heard(&mut listener));
        let mut sent = 0;
        while sent < most && stream.write_all(piece).is_ok() {
            sent += piece.len();
        }
        // Had it taken all of it, it would wait for more.
        let _ = stream.shutdown(std::net::Shutdown::Write);
        (listening.join().unwrap(), sent)
    })
}

/// Reads until a frame of this kind came.
fn until_frame(stream: &mut TcpStream, seen: &mut Vec<u8>, kind: u8) -> (u32, Vec<u8>) {
    let mut piece = [0; 16_384];
    loop {
        let found = frames(seen).into_iter().find(|frame| frame.0 == kind);
        if let Some((_, stream, body)) = found {
            return (stream, body);
        }
        let count = stream.read(&mut piece).unwrap();
        assert!(count > 0, "ended before frame {kind}");
        seen.extend(&piece[..count]);
    }
}

#[test]
fn http_2_shows_the_same_page() {
    let siege = Siege::lay();
    let mut stream = siege.connect();
    let asked = [hello(&[]), get(&siege, 1, &siege.path())].concat();
    stream.write_all(&asked).unwrap();
    let mut seen = Vec::new();
    let (_, head) = until_frame(&mut stream, &mut seen, HEADERS);
    assert_eq!(head[0], 0x88, ":status 200");
    until_frame(&mut stream, &mut seen, DATA);
    // The host is looked at here, too.
    let mut foreign = [&[0x82, 0x86][..], &literal(4, &siege.path())].concat();
    foreign.extend(literal(1, "evil.example"));
    let asked = frame(HEADERS, END_STREAM | END_HEADERS, 3, &foreign);
    stream.write_all(&asked).unwrap();
    let mut later = Vec::new();
    let (_, head) = until_frame(&mut stream, &mut later, HEADERS);
    assert_ne!(head[0], 0x88, "not for evil.example");
    drop(stream);
    siege.lifted();
}

#[test]
fn rapid_resets_end_the_connection() {
    let siege = Siege::lay();
    let path = format!("{}/archive", siege.path());
    let cancel = 8_u32.to_be_bytes();
    let resets: Vec<u8> = (0..10_000)
        .flat_map(|number| {
            let stream = 2 * number + 1;
            [get(&siege, stream, &path), frame(RESET, 0, stream, &cancel)].concat()
        })
        .collect();
    let (said, _) = flood(&siege, &hello(&[]), &resets, resets.len());
    assert!(frames(&said).iter().any(|frame| frame.0 == GOAWAY));
    siege.lifted();
}

#[test]
fn endless_continuations_end_the_connection() {
    let siege = Siege::lay();
    let start = [
        hello(&[]),
        frame(HEADERS, END_STREAM, 1, &head(&siege, "/")),
    ]
    .concat();
    let more = literal(0, "a");
    // `a: …`, a name that is told and never indexed, again and again.
    let one = [&more[..], &[100], &[b'b'; 100]].concat();
    for body in [one.repeat(100), Vec::new()] {
        let piece = frame(CONTINUATION, 0, 1, &body);
        let most = 64 << 20;
        let (_, sent) = flood(&siege, &start, &piece, most);
        assert!(sent < most, "all {sent} bytes were taken");
    }
    siege.lifted();
}

#[test]
fn pings_and_settings_without_end_hold_nothing() {
    let siege = Siege::lay();
    for piece in [frame(PING, 0, 0, &[7; 8]), frame(SETTINGS, 0, 0, &[])] {
        // Nobody reads the answers.
        let mut stream = siege.connect();
        let wait = Some(std::time::Duration::from_secs(2));
        stream.set_write_timeout(wait).unwrap();
        stream.write_all(&hello(&[])).unwrap();
        let pieces = piece.repeat(4_096);
        let mut sent = 0;
        while sent < 64 << 20 && stream.write_all(&pieces).is_ok() {
            sent += pieces.len();
        }
        siege.honest();
    }
    siege.lifted();
}

#[test]
fn windows_that_never_open_hold_little() {
    let siege = Siege::lay();
    let path = siege.path();
    let before = siege.held("VmRSS:");
    let shut: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut stream = siege.connect();
            let asked: Vec<u8> = (0..64)
                .flat_map(|number| get(&siege, 2 * number + 1, &path))
                .collect();
            let start = [hello(&[(WINDOW, 0)]), asked].concat();
            stream.write_all(&start).unwrap();
            until_frame(&mut stream, &mut Vec::new(), HEADERS);
            stream
        })
        .collect();
    siege.honest();
    let grown = siege.held("VmRSS:").saturating_sub(before);
    assert!(grown < 256 << 20, "{grown} bytes for 20 connections");
    drop(shut);
    siege.lifted();
}

#[test]
fn a_sixty_fifth_stream_is_refused() {
    let siege = Siege::lay();
    let path = siege.path();
    let mut stream = siege.connect();
    let asked: Vec<u8> = (0..100)
        .flat_map(|number| get(&siege, 2 * number + 1, &path))
        .collect();
    // Windows are shut, so that no answer ends and makes room.
    let start = [hello(&[(WINDOW, 0)]), asked].concat();
    stream.write_all(&start).unwrap();
    let mut seen = Vec::new();
    let (refused, why) = until_frame(&mut stream, &mut seen, RESET);
    assert!(refused > 2 * 63, "stream {refused}");
    assert_eq!(why, REFUSED.to_be_bytes());
    drop(stream);
    siege.lifted();
}
