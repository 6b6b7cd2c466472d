//! Slowloris in its forms: each takes as much time as the node allows. Those whose
//! limit is short are waited for; what a connection may do longer is tried on shorter
//! limits by the tests of `web::serve`.

use super::{Siege, heard, statuses};
use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

/// Connections of each form.
const MANY: usize = 100;

/// The beginning of a TLS hello, to a port that speaks none.
const HELLO: &[u8] = &[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3];

fn opened(siege: &Siege, bytes: &[u8]) -> Vec<TcpStream> {
    let open = |_| {
        let mut stream = siege.connect();
        stream.write_all(bytes).unwrap();
        stream
    };
    (0..MANY).map(open).collect()
}

/// Sends a byte now and then until the node has had enough; returns what it said.
fn drip(stream: &mut TcpStream, bytes: &[u8]) -> Vec<u8> {
    for byte in bytes.iter().cycle() {
        if stream.write_all(&[*byte]).is_err() {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    heard(stream)
}

#[test]
fn slow_visitors_keep_nobody_waiting() {
    let siege = Siege::lay();
    let path = siege.path();
    let host = siege.host();
    let mute = opened(&siege, b"");
    let half = opened(&siege, b"GET / HTTP/1.1\r\nHost: localhost\r\nA:");
    let hello = opened(&siege, HELLO);
    let form = format!(
        "POST {}/unlock HTTP/1.1\r\nHost: {host}\r\nContent-Type: \
         application/x-www-form-urlencoded\r\nContent-Length: 4000\r\n\r\npass",
        siege.locked()
    );
    let forms = opened(&siege, form.as_bytes());
    let unread = format!("GET {path}/archive HTTP/1.1\r\nHost: {host}\r\n\r\n").repeat(20);
    let unread = opened(&siege, unread.as_bytes());
    siege.honest();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut stream = siege.connect();
            stream
                .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
                .unwrap();
            let said = drip(&mut stream, b"a: b\r\n");
            assert!(!statuses(&said).contains(&200));
        });
        scope.spawn(|| {
            let mut stream = siege.connect();
            stream.write_all(form.as_bytes()).unwrap();
            // A form has half a minute, however lively it drips.
            let said = drip(&mut stream, b"a");
            assert!(matches!(statuses(&said)[..], [] | [400]));
        });
        for mut stream in mute.into_iter().chain(half).chain(hello) {
            assert!(!statuses(&heard(&mut stream)).contains(&200));
        }
        siege.honest();
    });
    drop((forms, unread));
    siege.lifted();
}
