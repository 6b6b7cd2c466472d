//! Request heads that no honest browser sends: too large, ambiguous, for another
//! host, or asking for a thousand parts.

use super::{Siege, say_all, statuses};

fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n")
}

#[test]
fn a_head_that_bursts_is_refused() {
    let siege = Siege::lay();
    let path = siege.path();
    let host = format!("Host: {}\r\n", siege.host());
    let bombs = [
        get(&path, &(host.clone() + &"a: b\r\n".repeat(1_000))),
        get(&path, &format!("{host}a: {}\r\n", "b".repeat(1 << 20))),
        get(&path, &format!("{host}{}: b\r\n", "a".repeat(1 << 20))),
        get(&format!("{path}?{}", "a".repeat(1 << 20)), &host),
        "A".repeat(1 << 20),
        format!("GET {path} HTTP/1.1\r\n{host}{}", "\r".repeat(1 << 20)),
    ];
    for (bomb, statuses) in bombs.iter().zip(say_all(&siege.host(), &bombs)) {
        assert!(
            statuses.iter().all(|status| (400..500).contains(status)),
            "{}…: {statuses:?}",
            &bomb[..60]
        );
    }
    siege.lifted();
}

/// Requests whose length can be read in two ways, each with another behind it.
pub fn ambiguous(siege: &Siege) -> Vec<String> {
    let path = siege.path();
    let host = format!("Host: {}\r\n", siege.host());
    let hidden = get("/hidden", &host);
    let chunked = "Transfer-Encoding: chunked\r\n";
    let ambiguous = [
        format!("Content-Length: 5\r\n{chunked}"),
        format!("{chunked}Content-Length: 5\r\n"),
        format!("Content-Length: 5\r\nContent-Length: 6\r\n{chunked}"),
        format!("{chunked}{chunked}"),
        "Transfer-Encoding: chunked, identity\r\n".to_owned(),
        "Transfer-Encoding: xchunked\r\n".to_owned(),
        "Transfer-Encoding:\u{b}chunked\r\n".to_owned(),
        "Transfer-Encoding : chunked\r\n".to_owned(),
        "Content-Length: 5\r\nContent-Length: 0\r\n".to_owned(),
        "Content-Length: 5, 0\r\n".to_owned(),
        "Content-Length: +5\r\n".to_owned(),
        "Content-Length: 0x5\r\n".to_owned(),
        "Content-Length: 5\r\n 0\r\n".to_owned(),
    ];
    ["GET", "POST"]
        .iter()
        .flat_map(|method| ambiguous.iter().map(move |headers| (method, headers)))
        .map(|(method, headers)| {
            let first = format!("{method} {path} HTTP/1.1\r\n{host}{headers}\r\n");
            format!("{first}0\r\n\r\n{hidden}")
        })
        .collect()
}

#[test]
fn a_head_that_can_be_read_in_two_ways_hides_no_request() {
    let siege = Siege::lay();
    let path = siege.path();
    let host = format!("Host: {}\r\n", siege.host());
    let requests = ambiguous(&siege);
    for (request, statuses) in requests.iter().zip(say_all(&siege.host(), &requests)) {
        assert!(statuses.len() <= 1, "{request:?}: {statuses:?}");
    }
    let broken = [
        get(&path, ""),
        get(&path, &(host.clone() + &host)),
        get(&path, &format!("{host}Host: evil.example\r\n")),
        get(&path, &host.replace(':', " :")),
        get(&path, &format!("{host}a: b\0c\r\n")),
        get(&path, &format!("{host}a: b\rc: d\r\n")),
        get(&path, &format!(" {host}")),
        format!("GET {path}\r\n\r\n"),
        format!("GET {path} HTTP/9.9\r\n{host}\r\n"),
        format!("GET {path} HTTP/1.0\r\n\r\n"),
        format!("GET\t{path}\tHTTP/1.1\r\n{host}\r\n"),
        format!("CONNECT {} HTTP/1.1\r\n{host}\r\n", siege.host()),
        format!("OPTIONS * HTTP/1.1\r\n{host}Connection: close\r\n\r\n"),
        format!("TRACE {path} HTTP/1.1\r\n{host}Connection: close\r\n\r\n"),
    ];
    for (broken, statuses) in broken.iter().zip(say_all(&siege.host(), &broken)) {
        let refused = statuses.iter().all(|status| (400..600).contains(status));
        assert!(refused && statuses.len() <= 1, "{broken:?}: {statuses:?}");
    }
    siege.lifted();
}

#[test]
fn another_hosts_requests_are_turned_away() {
    let siege = Siege::lay();
    let (path, host) = (siege.path(), siege.host());
    let port = host.rsplit(':').next().unwrap();
    // A page of evil.example that makes its name point here is no page of ours.
    for (target, name) in [
        (path.clone(), format!("evil.example:{port}")),
        (path.clone(), format!("127.0.0.1.evil.example:{port}")),
        (path.clone(), format!("localhost@evil.example:{port}")),
        (path.clone(), "203.0.113.9".to_owned()),
        (format!("http://evil.example{path}"), host.clone()),
        (format!("http://localhost@evil.example{path}"), host.clone()),
        (format!("//evil.example{path}"), host.clone()),
    ] {
        let said = siege.say(get(&target, &format!("Host: {name}\r\n")).as_bytes());
        let statuses = statuses(&said);
        let refused = statuses.iter().all(|status| (400..500).contains(status));
        assert!(refused, "{target} of {name}: {statuses:?}");
        assert!(!String::from_utf8_lossy(&said).contains("By the sea"));
    }
    // An absolute address of our own is one, whatever Host says (RFC 9112, 3.2.2).
    for (target, name) in [
        (format!("http://{host}{path}"), host.clone()),
        (format!("http://{host}{path}"), "evil.example".to_owned()),
        (path, format!("localhost:{port}")),
    ] {
        let said = siege.say(get(&target, &format!("Host: {name}\r\n")).as_bytes());
        assert_eq!(statuses(&said), [200], "{target} of {name}");
    }
    siege.lifted();
}

#[test]
fn a_thousand_parts_are_the_whole_once() {
    let siege = Siege::lay();
    let host = format!("Host: {}\r\n", siege.host());
    let archive = format!("{}/archive", siege.path());
    let whole = siege.say(get(&archive, &host).as_bytes());
    assert_eq!(statuses(&whole), [200]);
    let apart: Vec<String> = (0..1_000).map(|at| format!("{at}-{at}")).collect();
    let overlapping = vec!["0-"; 1_000];
    for parts in [apart.join(","), overlapping.join(",")] {
        let asked = get(&archive, &format!("{host}Range: bytes={parts}\r\n"));
        let said = siege.say(asked.as_bytes());
        assert_eq!(statuses(&said), [200]);
        assert!(said.len().abs_diff(whole.len()) < 100, "{}", said.len());
        assert!(!String::from_utf8_lossy(&said).contains("multipart"));
    }
    siege.lifted();
}
