//! Very many visitors at once: what each waits for, what the owner waits for
//! meanwhile, and what slow attackers add to it.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{Bench, Running, missing, told};
use crate::goal::Goals;

/// Photos of the album, unless told otherwise.
const PHOTOS: usize = 5_000;
/// Visitors at once, unless told otherwise.
const VISITORS: usize = 1_000;
/// Pixels of a side of each photo.
const SIDE: u32 = 480;
/// Thumbnails that each looks at.
const THUMBNAILS: usize = 20;
/// Milliseconds that 95 of 100 answers may not take.
const PATIENCE: f64 = 1_000.0;
/// Under attack, the same may not be this often the quiet run's.
const SLOWER: f64 = 2.0;
/// The four ways of slowhttptest to be slow.
const MODES: [(&str, &[&str]); 4] = [
    ("slow headers", &["-H", "-i", "5"]),
    ("slow bodies", &["-B", "-i", "5", "-s", "4096"]),
    ("a thousand ranges", &["-R", "-a", "5", "-b", "3000"]),
    (
        "slow reading",
        &["-X", "-w", "10", "-y", "20", "-n", "5", "-z", "32"],
    ),
];

/// Connections that say what no browser says, at once.
const SHOUTERS: usize = 64;
/// What they say in turn: smuggled, malformed, or no HTTP at all. `LINK` stands for
/// a link's path.
const RAW: [&[u8]; 12] = [
    b"POST LINK/note HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nContent-Length: 44\r\n\r\nGET ",
    b"POST LINK/note HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    b"POST LINK/note HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"POST LINK/note HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    b"GET LINK HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET LINK HTTP/1.1\r\nHost: localhost\r\nno colon here\r\n\r\n",
    b"GET LINK HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n",
    b"GET LINK HTTP/1.1\r\nHost: localhost\r\nX: a\r\n folded\r\n\r\n",
    b"GET LINK/../../../etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    b"GET LINK/photo/%ff%00%0d%0aX:%20y HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
];

/// What visitors met.
#[derive(Default)]
struct Met {
    /// Milliseconds of each answer, the connection included where it was made for it.
    times: Vec<f64>,
    /// Deliberate refusals for want of room.
    busy: usize,
    /// Whatever else was no answer, in words.
    errors: Vec<String>,
}

/// Makes the photos and the link, lets the visitors come, and prints what they met.
///
/// # Errors
/// A sentence, when something is missing or cannot be made, or a goal is missed.
pub fn run(scratch: &Path, albumen: &Path, options: &[&str]) -> Result<(), String> {
    let (mut photos, mut visitors) = (PHOTOS, VISITORS);
    for pair in options.chunks(2) {
        let [name, count] = pair else {
            return Err(format!("{} wants a count.", pair.join("")));
        };
        let count = count.parse().map_err(|_| format!("{count} is no count."))?;
        match *name {
            "--photos" => photos = count,
            "--visitors" => visitors = count,
            other => return Err(format!("`{other}` is not understood.")),
        }
    }
    missing(&[("slowhttptest", "slowhttptest")])?;
    let bench = Bench::begin(scratch, albumen, SIDE)?;
    bench.make(photos)?;
    let link = bench.share()?;
    let (node, origin) = bench.serve()?;
    let host = origin.trim_start_matches("http://");
    println!(
        "{visitors} visitors at once of {photos} photos: page, {THUMBNAILS} thumbnails, a preview each\n"
    );
    println!(
        "| | median | p95 | most | 503 | errors | `albumen status`, median and most |\n|---|---|---|---|---|---|---|"
    );
    let mut goals = Goals::default();
    let mut quiet = f64::NAN;
    for name in ["the first", "again"] {
        let p95 = bench.tell(name, host, &link, visitors, &mut goals)?;
        goals.below(&format!("{name}, p95 in ms"), p95, PATIENCE);
        quiet = p95;
    }
    for (name, words) in MODES {
        let attacker = attacker(words, &format!("{origin}{link}"))?;
        // Its connections first.
        thread::sleep(Duration::from_secs(6));
        let loud = bench.tell(name, host, &link, visitors, &mut goals)?;
        drop(attacker);
        beside(name, loud, quiet, &mut goals);
    }
    let name = "malformed";
    let over = AtomicBool::new(false);
    let loud = thread::scope(|scope| {
        for number in 0..SHOUTERS {
            let (link, over) = (&link, &over);
            scope.spawn(move || shout(host, link, number, over));
        }
        let loud = bench.tell(name, host, &link, visitors, &mut goals);
        over.store(true, Ordering::Relaxed);
        loud
    })?;
    beside(name, loud, quiet, &mut goals);
    drop(node);
    std::fs::remove_dir_all(scratch).map_err(told)?;
    goals.end()
}

impl Bench {
    /// Lets visitors come, prints what they met, and answers with their p95.
    fn tell(
        &self,
        name: &str,
        host: &str,
        link: &str,
        visitors: usize,
        goals: &mut Goals,
    ) -> Result<f64, String> {
        let over = AtomicBool::new(false);
        let (met, owner) = thread::scope(|scope| {
            let owner = scope.spawn(|| self.ask_meanwhile(&over));
            let coming: Vec<_> = (0..visitors)
                .map(|number| {
                    thread::Builder::new()
                        .stack_size(256 * 1024)
                        .spawn_scoped(scope, move || visit(host, link, number))
                })
                .collect();
            let mut all = Met::default();
            for visitor in coming {
                let met = visitor.map(|visitor| visitor.join());
                let Ok(Ok(met)) = met else {
                    all.errors.push("a visitor was lost".to_owned());
                    continue;
                };
                all.times.extend(met.times);
                all.busy += met.busy;
                all.errors.extend(met.errors);
            }
            over.store(true, Ordering::Relaxed);
            (all, owner.join())
        });
        let mut owner = owner.map_err(|_| "the owner was lost.".to_owned())??;
        let Met {
            mut times,
            busy,
            errors,
        } = met;
        let p95 = at(&mut times, 0.95);
        println!(
            "| {name} | {:.0} ms | {p95:.0} ms | {:.0} ms | {busy} | {} | {:.0} ms, {:.0} ms |",
            at(&mut times, 0.5),
            at(&mut times, 1.0),
            errors.len(),
            at(&mut owner, 0.5),
            at(&mut owner, 1.0)
        );
        for error in errors.iter().take(3) {
            println!("{error}");
        }
        goals.below(&format!("{name}, errors"), errors.len() as f64, 1.0);
        Ok(p95)
    }

    /// How many milliseconds the owner's own command took each time, start of the program included.
    fn ask_meanwhile(&self, over: &AtomicBool) -> Result<Vec<f64>, String> {
        let mut times = Vec::new();
        while !over.load(Ordering::Relaxed) {
            let began = Instant::now();
            self.ask(&["status"])?;
            times.push(began.elapsed().as_secs_f64() * 1000.0);
            thread::sleep(Duration::from_millis(100));
        }
        Ok(times)
    }
}

/// What this share of some times stays below.
fn at(times: &mut [f64], share: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    let index = (times.len() as f64 * share) as usize;
    let last = times.len().saturating_sub(1);
    times.get(index.min(last)).copied().unwrap_or_default()
}

/// Tells how much longer visitors waited under an attack.
fn beside(name: &str, loud: f64, quiet: f64, goals: &mut Goals) {
    let slower = loud / quiet;
    println!("| | | × {slower:.2} | | | | |");
    goals.below(
        &format!("{name}, p95 beside the quiet run's"),
        slower,
        SLOWER,
    );
}

/// slowhttptest with as many connections as it may have.
fn attacker(words: &[&str], url: &str) -> Result<Running, String> {
    let mut command = Command::new("slowhttptest");
    command
        .args(["-c", "1000", "-r", "500", "-l", "600", "-p", "5", "-u", url])
        .args(words);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Ok(Running(command.spawn().map_err(told)?))
}

/// Says what no browser says, each on a connection of its own, until it is over. Whatever is
/// answered, or whether it is, is the business of the journeys.
fn shout(host: &str, link: &str, first: usize, over: &AtomicBool) {
    for raw in RAW.iter().cycle().skip(first) {
        if over.load(Ordering::Relaxed) {
            return;
        }
        let Ok(mut stream) = TcpStream::connect(host) else {
            continue;
        };
        let _ = stream.set_read_timeout(Some(Duration::from_secs(1)));
        let end = raw.windows(4).position(|part| part == b"LINK");
        let said = match end {
            Some(at) => {
                let (before, after) = raw.split_at(at);
                [before, link.as_bytes(), after.get(4..).unwrap_or_default()].concat()
            }
            None => raw.to_vec(),
        };
        let _ = stream.write_all(&said);
        let _ = stream.read_to_end(&mut Vec::new());
    }
}

/// One visitor, over one connection, as long as it is kept.
fn visit(host: &str, link: &str, number: usize) -> Met {
    let mut met = Met::default();
    let mut stream = None;
    let Some(page) = met.see(&mut stream, host, link) else {
        return met;
    };
    let page = String::from_utf8_lossy(&page).into_owned();
    let items: Vec<&str> = page
        .split("id=\"p-")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let first = number % items.len().max(1);
    for item in items.iter().cycle().skip(first).take(THUMBNAILS) {
        met.see(&mut stream, host, &format!("{link}/photo/{item}/thumbnail"));
    }
    if let Some(item) = items.get(first) {
        met.see(&mut stream, host, &format!("{link}/photo/{item}/preview"));
    }
    met
}

impl Met {
    /// Asks for a path, and notes how it went; its bytes, where it went well.
    fn see(
        &mut self,
        stream: &mut Option<BufReader<TcpStream>>,
        host: &str,
        path: &str,
    ) -> Option<Vec<u8>> {
        let began = Instant::now();
        let answer = answer(stream, host, path);
        self.times.push(began.elapsed().as_secs_f64() * 1000.0);
        match answer {
            Ok((200, bytes)) => return Some(bytes),
            Ok((503, _)) => self.busy += 1,
            Ok((status, _)) => self.errors.push(format!("{status} for {path}")),
            Err(error) => self.errors.push(format!("{error} at {path}")),
        }
        *stream = None;
        None
    }
}

/// Status and bytes, over the connection that is there, or a new one.
fn answer(
    stream: &mut Option<BufReader<TcpStream>>,
    host: &str,
    path: &str,
) -> io::Result<(u16, Vec<u8>)> {
    let stream = match stream {
        Some(stream) => stream,
        None => {
            let made = TcpStream::connect(host)?;
            made.set_read_timeout(Some(Duration::from_secs(30)))?;
            stream.insert(BufReader::new(made))
        }
    };
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    stream.get_mut().write_all(request.as_bytes())?;
    let (mut status, mut length) = (0, 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(rest) = line.strip_prefix("http/1.1 ") {
            status = rest
                .get(..3)
                .and_then(|code| code.parse().ok())
                .unwrap_or_default();
        }
        if let Some(count) = line.strip_prefix("content-length: ") {
            length = count.parse().unwrap_or_default();
        }
    }
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes)?;
    Ok((status, bytes))
}
