//! All photos of a link as one file: read by the programs that people have, begun
//! anew where it was interrupted, and never shorter than it says.

use crate::desk::{Desk, Serving, text};
use crate::programs::{have, run};
use crate::visitor::Visitor;
use camera::{Exif, Scene, draw, jpeg, seeded};
use image::{Rgb, RgbImage};
use serde_json::Value;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;

/// A picture that no format makes small.
fn noise(seed: u32, side: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let picture = RgbImage::from_fn(side, side, |_, _| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let [red, green, blue, _] = state.to_le_bytes();
        Rgb([red, green, blue])
    });
    jpeg(&picture, 95, &Exif::default()).unwrap()
}

/// A link to an album of some pictures of this size, served.
pub fn served(count: u32, side: u32) -> (Desk, Serving, Value) {
    let desk = Desk::new();
    for number in 0..count {
        desk.put(&format!("Käse {number}.jpg"), &noise(number + 1, side));
    }
    let ids = desk.import();
    let album = desk.album("Noise", &ids);
    let link = desk.link(&["--album", &album, "--download", "original"]);
    let serving = desk.serve();
    (desk, serving, link)
}

/// Where the archive is, once its checksums are known.
fn address(serving: &Serving, link: &Value) -> String {
    format!("{}{}/archive", serving.url(), text(&link["path"]))
}

/// Saves the archive as a visitor gets it, and returns it.
fn saved(desk: &Desk, serving: &Serving, link: &Value) -> (PathBuf, Vec<u8>) {
    let visitor = Visitor::new(&serving.url());
    let reply = visitor.get(&format!("{}/archive", text(&link["path"])));
    assert_eq!(reply.status, 200, "{}", reply.text());
    let file = desk.path().join("whole.zip");
    fs::write(&file, &reply.body).unwrap();
    (file, reply.body)
}

#[test]
fn the_programs_that_people_have_read_it() {
    let (desk, serving, link) = served(5, 300);
    let (file, _) = saved(&desk, &serving, &link);
    let file = file.to_str().unwrap();
    let test = "the_programs_that_people_have_read_it";
    if have(test, &["unzip"]) {
        let said = String::from_utf8(run("unzip", &["-t", file])).unwrap();
        assert!(said.contains("No errors detected"), "{said}");
        assert!(said.contains("photo-0005.jpg"), "{said}");
    }
    if have(test, &["7z"]) {
        let said = String::from_utf8(run("7z", &["t", file])).unwrap();
        assert!(said.contains("Everything is Ok"), "{said}");
    }
    if have(test, &["python3"]) {
        let script = "
import hashlib, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    sums = archive.read('SHA256SUMS').decode().splitlines()
    assert len(sums) == len(archive.namelist()) - 1 == 5, sums
    for line in sums:
        digest, name = line.split('  ')
        assert hashlib.sha256(archive.read(name)).hexdigest() == digest, name
        assert archive.getinfo(name).date_time == (1980, 1, 1, 0, 0, 0)
";
        run("python3", &["-c", script, file]);
    }
}

#[test]
fn what_was_interrupted_goes_on_where_it_was() {
    let (desk, serving, link) = served(5, 300);
    let (_, whole) = saved(&desk, &serving, &link);
    let url = address(&serving, &link);
    let test = "what_was_interrupted_goes_on_where_it_was";
    let part = desk.path().join("part.zip");
    let name = part.to_str().unwrap();
    if have(test, &["curl"]) {
        for at in [1, 31, whole.len() / 3, whole.len() - 40] {
            fs::write(&part, &whole[..at]).unwrap();
            run("curl", &["-sS", "--fail", "-C", "-", "-o", name, &url]);
            assert!(fs::read(&part).unwrap() == whole, "from {at}");
        }
    }
    if have(test, &["aria2c"]) {
        fs::write(&part, &whole[..whole.len() / 2]).unwrap();
        let folder = desk.path().to_str().unwrap().to_owned();
        let words = [
            "--quiet",
            "--continue=true",
            "--split=4",
            "--min-split-size=1M",
        ];
        let words = words.map(str::to_owned).into_iter();
        let words: Vec<String> = words
            .chain([format!("--dir={folder}"), "--out=part.zip".to_owned(), url])
            .collect();
        run("aria2c", &words);
        assert!(fs::read(&part).unwrap() == whole);
    }
}

/// Asks for an archive and takes only the beginning of the answer: its length, and
/// the connection.
pub fn begun(serving: &Serving, link: &Value) -> (u64, TcpStream) {
    // Checksums first, as no answer waits for them when it has begun.
    let visitor = Visitor::new(&serving.url());
    let path = format!("{}/archive", text(&link["path"]));
    assert_eq!(visitor.send("HEAD", &path, &[], &[]).status, 200);
    let url = serving.url();
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 200"), "{head}");
    let length = head.split("content-length: ").nth(1).unwrap();
    let length = length.split("\r\n").next().unwrap().parse().unwrap();
    (length, stream)
}

/// How much more comes before the connection ends, however it ends.
pub fn rest(mut stream: TcpStream) -> u64 {
    let mut piece = vec![0; 1 << 16];
    let mut came = 0;
    while let Ok(read @ 1..) = stream.read(&mut piece) {
        came += read as u64;
    }
    came
}

#[test]
fn a_file_that_vanishes_meanwhile_breaks_it_off() {
    let (desk, serving, link) = served(10, 1_500);
    let (length, stream) = begun(&serving, &link);
    fs::remove_dir_all(desk.library().join("originals")).unwrap();
    let came = rest(stream);
    assert!(came < length, "{came} of {length}");
    // Whoever comes now is told before the first byte.
    let reply = Visitor::new(&serving.url()).get(&format!("{}/archive", text(&link["path"])));
    assert_eq!(reply.status, 409, "{}", reply.text());
    assert!(reply.text().contains("10 of 10 files"), "{}", reply.text());
    assert!(!reply.text().contains("rest=1"), "there is no rest");
}

#[test]
fn a_link_that_ends_ends_it() {
    let (desk, serving, link) = served(10, 1_500);
    let (length, stream) = begun(&serving, &link);
    desk.tell(&["link", "revoke", &text(&link["id"])]);
    let came = rest(stream);
    assert!(came < length, "{came} of {length}");
}

#[test]
fn a_check_reads_what_visitors_get() {
    let desk = Desk::new();
    for number in 1..=3 {
        let name = format!("SeedNameQ{number:04}.jpg");
        desk.put(&name, &seeded(number).unwrap().bytes);
    }
    let ids = desk.import();
    let album = desk.album("Kathmandu", &ids);
    let hidden = desk.link(&["--album", &album, "--download", "original"]);
    let found = desk.tell(&["link", "check", &text(&hidden["id"])]);
    assert_eq!(found["photos"], 3, "{found}");
    assert_eq!(found["files"], 12, "{found}");
    // The album's, one for each photo, and the list of the archive.
    assert_eq!(found["pages"], 5, "{found}");
    for what in [
        "locations",
        "serials",
        "cameras",
        "names",
        "times",
        "captions",
        "unread",
    ] {
        assert_eq!(found[what], 0, "{what}: {found}");
    }
    let options = [
        "--album",
        &album,
        "--download",
        "original",
        "--show-metadata",
    ];
    let shown = desk.link(&options);
    let found = desk.tell(&["link", "check", &text(&shown["id"])]);
    // In the downloads, on the photos' pages, and in the list of the archive.
    for (what, count) in [
        ("locations", 6),
        ("serials", 3),
        ("cameras", 6),
        ("names", 12 + 3 + 3),
    ] {
        assert_eq!(found[what], count, "{what}: {found}");
    }
    for what in ["times", "captions"] {
        assert!(found[what].as_u64().unwrap() >= 6, "{what}: {found}");
    }
    assert_eq!(found["telling"].as_array().unwrap().len(), 3);
    desk.tell(&["link", "revoke", &text(&shown["id"])]);
    let refused = desk.ask(&["link", "check", &text(&shown["id"])]).error();
    assert_eq!(refused["code"], "wrong", "{refused}");

    desk.tell(&["archive", "add", &ids[0]]);
    let told = desk.tell(&["link", "concerns", "--album", &album]);
    assert_eq!(told["photos"], 3, "{told}");
    assert_eq!(told["archived"], 1, "{told}");
    assert_eq!(told["at_home"], 0, "three photos make no home: {told}");
    assert_eq!(told["documents"], 0, "{told}");
    assert_eq!(told["title"], "Kathmandu", "{told}");
    assert_eq!(told["first"].as_array().unwrap().len(), 3, "{told}");
    let link = text(&shown["id"]);
    assert_eq!(desk.tell(&["link", "concerns", "--link", &link]), told);
    let chosen = desk.tell(&["link", "create", "--assets", &ids[0]]);
    let link = text(&chosen["id"]);
    let told = desk.tell(&["link", "concerns", "--link", &link]);
    assert_eq!((&told["photos"], &told["archived"]), (&1.into(), &1.into()));
}

/// A letter: lines of short dark strokes on white paper.
fn letter(seed: u32) -> RgbImage {
    RgbImage::from_fn(1_240, 1_754, |x, y| {
        let is_text = (110..1_130).contains(&x) && (140..1_500).contains(&y) && y % 32 < 18;
        let stroke = (x / 7).wrapping_mul(2_654_435_761) ^ (y / 9).wrapping_mul(40_503) ^ seed;
        match is_text && stroke.wrapping_mul(2_246_822_519) >> 30 == 0 {
            true => Rgb([30, 30, 34]),
            false => Rgb([250, 250, 247]),
        }
    })
}

#[test]
fn what_looks_like_a_document_is_told_of_before_it_is_shared() {
    let desk = Desk::new();
    for number in 0..3 {
        let bytes = jpeg(&letter(number), 88, &Exif::default()).unwrap();
        desk.put(&format!("scan{number}.jpg"), &bytes);
        let scene = Scene::ALL[number as usize];
        let picture = draw(scene, number.into(), 900, 600);
        let bytes = jpeg(&picture, 88, &Exif::default()).unwrap();
        desk.put(&format!("photo{number}.jpg"), &bytes);
    }
    desk.put(
        "Screenshot_20260503-101500.jpg",
        &jpeg(&draw(Scene::ALL[0], 9, 400, 800), 88, &Exif::default()).unwrap(),
    );
    let ids = desk.import();
    let album = desk.album("Kitchen table", &ids);
    let told = desk.tell(&["link", "concerns", "--album", &album]);
    assert_eq!(told["photos"], 7, "{told}");
    assert_eq!(told["documents"], 4, "{told}");
}
