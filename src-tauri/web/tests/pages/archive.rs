//! All photos of a link as one ZIP: its bytes whole and in parts, what it holds, and
//! what is said where it cannot be had.

use std::fs;

use axum::http::{Method, StatusCode};
use library::{AlbumEdit, AlbumOrder, AssetQuery, Download, LinkEdit};

use crate::house::{Answer, Browser, House, paint, path};

crate::cases![
    every_part_is_a_part_of_the_whole,
    the_manifest_tells_what_is_in_it,
    some_photos_are_chosen_by_a_form,
    a_choice_out_of_bounds_is_told,
    sizes_are_as_the_terms_allow,
    names_and_times_are_those_of_shown_metadata,
    what_cannot_be_had_is_no_shorter_archive,
    a_changed_album_is_another_archive,
    an_archive_has_the_albums_order,
];

fn link(house: &House, download: Download, show_metadata: bool) -> String {
    path(&house.link(|link| {
        link.download = download;
        link.show_metadata = show_metadata;
    }))
}

/// A member of a ZIP as its directory tells it: name, time and date, and bytes.
struct Member {
    name: String,
    moment: [u8; 4],
    bytes: Vec<u8>,
}

fn number<const N: usize>(zip: &[u8], at: usize) -> usize {
    let mut bytes = [0; 8];
    bytes[..N].copy_from_slice(&zip[at..at + N]);
    usize::try_from(u64::from_le_bytes(bytes)).unwrap()
}

/// Reads a small ZIP from its end, as programs do, and checks what it says twice.
fn members(zip: &[u8]) -> Vec<Member> {
    let end = zip.len() - 22;
    assert_eq!(&zip[end..end + 4], b"PK\x05\x06");
    let count = number::<2>(zip, end + 10);
    let mut at = number::<4>(zip, end + 16);
    assert_eq!(at + number::<4>(zip, end + 12), end);
    let members = (0..count)
        .map(|_| {
            assert_eq!(&zip[at..at + 4], b"PK\x01\x02");
            assert_eq!(number::<2>(zip, at + 8), 1 << 11, "UTF-8");
            assert_eq!(number::<2>(zip, at + 10), 0, "stored");
            let (length, name) = (number::<4>(zip, at + 24), number::<2>(zip, at + 28));
            let header = number::<4>(zip, at + 42);
            // From the version to the length of the name it stands before the bytes, too.
            assert_eq!(zip[header + 4..header + 28], zip[at + 6..at + 30]);
            let data = header + 30 + name;
            assert_eq!(zip[header + 30..data], zip[at + 46..at + 46 + name]);
            let bytes = zip[data..data + length].to_vec();
            let member = Member {
                name: String::from_utf8(zip[header + 30..data].to_vec()).unwrap(),
                moment: zip[at + 12..at + 16].try_into().unwrap(),
                bytes,
            };
            at += 46 + name;
            member
        })
        .collect();
    assert_eq!(at, end);
    members
}

fn names(zip: &[u8]) -> Vec<String> {
    members(zip).into_iter().map(|member| member.name).collect()
}

fn choose(browser: &Browser, path: &str, form: &str) -> Answer {
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    browser.ask(Method::POST, &format!("{path}/choose"), &headers, form)
}

fn every_part_is_a_part_of_the_whole() {
    let house = House::with(3);
    let browser = house.browser();
    let path = link(&house, Download::Original, false);
    let archive = format!("{path}/archive");
    let whole = browser.get(&archive);
    assert_eq!(whole.status, StatusCode::OK);
    assert_eq!(whole.header("content-type"), "application/zip");
    assert_eq!(whole.header("accept-ranges"), "bytes");
    assert_eq!(whole.header("content-length"), whole.body.len().to_string());
    assert_eq!(
        whole.header("content-disposition"),
        "attachment; filename=\"Summer at the lake.zip\""
    );
    let etag = whole.header("etag").to_owned();
    assert!(
        etag.starts_with('"') && etag.ends_with("-archive\""),
        "{etag}"
    );

    // Every file is what a visitor gets alone, under the same name.
    let files = members(&whole.body);
    assert_eq!(files.len(), 4);
    for (item, member) in house.items(&browser, &path).iter().zip(&files) {
        let alone = browser.get(&format!("{path}/photo/{item}/download"));
        assert_eq!(alone.body, member.bytes);
        let name = format!("attachment; filename=\"{}\"", member.name);
        assert_eq!(alone.header("content-disposition"), name);
        assert_eq!(member.moment, [0, 0, 0x21, 0], "1 January 1980");
    }
    assert_eq!(files[3].name, "SHA256SUMS");

    let length = whole.body.len();
    let odd = [
        0,
        1,
        29,
        30,
        31,
        44,
        length / 3,
        length / 2,
        length - 23,
        length - 1,
    ];
    for first in odd {
        for last in [first, (first + 700).min(length - 1), length - 1] {
            let range = format!("bytes={first}-{last}");
            let part = browser.get_with(&archive, &[("range", &range), ("if-range", &etag)]);
            assert_eq!(part.status, StatusCode::PARTIAL_CONTENT, "{range}");
            assert_eq!(part.body, whole.body[first..=last], "{range}");
            let of = format!("bytes {first}-{last}/{length}");
            assert_eq!(part.header("content-range"), of);
        }
    }
    let other = [("range", "bytes=5-"), ("if-range", "\"another\"")];
    assert_eq!(browser.get_with(&archive, &other).body, whole.body);
    let held = browser.get_with(&archive, &[("if-none-match", &etag)]);
    assert_eq!(held.status, StatusCode::NOT_MODIFIED);
    let head = browser.ask(Method::HEAD, &archive, &[], "");
    assert_eq!(head.header("content-length"), length.to_string());
    assert!(head.body.is_empty());
    // Another link's tag of the same bytes is another.
    let other = link(&house, Download::Original, false);
    let other = browser.get(&format!("{other}/archive"));
    assert_eq!(other.body, whole.body);
    assert_ne!(other.header("etag"), etag);
}

fn the_manifest_tells_what_is_in_it() {
    let house = House::with(3);
    let browser = house.browser();
    let path = link(&house, Download::Original, false);
    let whole = browser.get(&format!("{path}/archive"));
    let answer = browser.get(&format!("{path}/manifest.json"));
    assert_eq!(answer.header("content-type"), "application/json");
    let manifest: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(manifest["bytes"], whole.body.len());
    assert_eq!(manifest["size"], "original");
    let files = members(&whole.body);
    let mut sums = String::new();
    for (told, file) in manifest["files"].as_array().unwrap().iter().zip(&files) {
        assert_eq!(told["name"], *file.name);
        assert_eq!(told["bytes"], file.bytes.len());
        assert_eq!(told["kind"], "photo");
        assert_eq!(told.as_object().unwrap().len(), 4, "{told}");
        sums += &format!("{}  {}\n", told["sha256"].as_str().unwrap(), file.name);
    }
    assert_eq!(String::from_utf8(files[3].bytes.clone()).unwrap(), sums);
    assert_eq!(manifest["files"].as_array().unwrap().len(), 3);
}

fn some_photos_are_chosen_by_a_form() {
    let house = House::with(5);
    let browser = house.browser();
    let path = link(&house, Download::Original, false);
    let items = house.items(&browser, &path);
    let form = format!(
        "item={}&item={}&item={}&size=screen",
        items[3], items[1], items[1]
    );
    let led = choose(&browser, &path, &form);
    assert_eq!(led.status, StatusCode::SEE_OTHER);
    let archive = led.header("location");
    assert!(archive.starts_with(&format!("{path}/archive?size=screen&items=")));
    let some = browser.get(archive);
    assert_eq!(
        names(&some.body),
        ["photo-0002.jpg", "photo-0004.jpg", "SHA256SUMS"]
    );
    assert_eq!(
        some.header("content-disposition"),
        "attachment; filename=\"Summer at the lake (2).zip\""
    );
    let manifest = browser.get(&archive.replace("/archive?", "/manifest.json?"));
    assert!(manifest.text().contains("photo-0004.jpg"));
    assert!(!manifest.text().contains("photo-0003.jpg"));
}

fn a_choice_out_of_bounds_is_told() {
    let house = House::with(2);
    let browser = house.browser();
    let path = link(&house, Download::Screen, false);
    let item = house.items(&browser, &path).remove(0);
    for (form, status, words) in [
        (String::new(), StatusCode::BAD_REQUEST, "at least one photo"),
        (
            format!("item={item}&").repeat(501),
            StatusCode::PAYLOAD_TOO_LARGE,
            "Up to 500 photos",
        ),
        (
            format!("item={item}&").repeat(9_000),
            StatusCode::PAYLOAD_TOO_LARGE,
            "Up to 500 photos",
        ),
        (
            "item=AAAAAAAAAAAAAAAAAAAAAA".into(),
            StatusCode::NOT_FOUND,
            "does not open",
        ),
        (
            format!("item={item}&size=original"),
            StatusCode::FORBIDDEN,
            "does not allow",
        ),
    ] {
        let answer = choose(&browser, &path, &form);
        assert_eq!(answer.status, status, "{}", form.len());
        assert!(answer.text().contains(words), "{}", answer.text());
    }
    let foreign = [("sec-fetch-site", "cross-site")];
    let form = format!("item={item}");
    let answer = browser.ask(Method::POST, &format!("{path}/choose"), &foreign, &form);
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    for bad in ["items=AAAA", "items=", "size=huge", "items=a%20b"] {
        let answer = browser.get(&format!("{path}/archive?{bad}"));
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{bad}");
    }
}

fn sizes_are_as_the_terms_allow() {
    let house = House::with(2);
    let browser = house.browser();
    let path = link(&house, Download::Screen, false);
    let best = browser.get(&format!("{path}/archive"));
    assert_eq!(names(&best.body)[0], "photo-0001.jpg");
    let same = browser.get(&format!("{path}/archive?size=screen"));
    assert_eq!(same.body, best.body);
    let original = browser.get(&format!("{path}/archive?size=original"));
    assert_eq!(original.status, StatusCode::FORBIDDEN);
    let none = link(&house, Download::None, false);
    for address in [
        "archive",
        "archive?size=none",
        "archive?size=screen",
        "manifest.json",
    ] {
        let answer = browser.get(&format!("{none}/{address}"));
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{address}");
    }
}

fn names_and_times_are_those_of_shown_metadata() {
    let pictures = tempfile::tempdir().unwrap();
    for (number, folder) in (0..).zip(["a", "b"]) {
        fs::create_dir(pictures.path().join(folder)).unwrap();
        paint(
            &pictures.path().join(folder).join("Käse.png"),
            60,
            40,
            number,
        );
    }
    paint(&pictures.path().join("IMG_20240102_030405.png"), 60, 40, 9);
    let house = House::of(pictures.path());
    let browser = house.browser();
    let path = link(&house, Download::Original, true);
    let files = members(&browser.get(&format!("{path}/archive")).body);
    let mut names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
    names.sort_unstable();
    let known = [
        "IMG_20240102_030405.png",
        "Käse (2).png",
        "Käse.png",
        "SHA256SUMS",
    ];
    assert_eq!(names, known);
    let dated = files
        .iter()
        .find(|file| file.name.starts_with("IMG"))
        .unwrap();
    let time: u16 = (3 << 11) | (4 << 5) | 2;
    let date: u16 = (44 << 9) | (1 << 5) | 2;
    assert_eq!(
        dated.moment,
        [time.to_le_bytes(), date.to_le_bytes()].concat()[..]
    );
}

fn what_cannot_be_had_is_no_shorter_archive() {
    let house = House::with(3);
    let browser = house.browser();
    let path = link(&house, Download::Original, false);
    let archive = format!("{path}/archive");
    assert_eq!(browser.get(&archive).status, StatusCode::OK);
    let originals = house.library.folder().join("originals");
    let mut files: Vec<_> = walk(&originals);
    fs::remove_file(files.remove(0)).unwrap();
    let answer = browser.get(&archive);
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(
        answer.text().contains("1 of 3 files cannot be had"),
        "{}",
        answer.text()
    );
    assert_eq!(answer.header("etag"), "");
    assert!(answer.text().contains("at the moment: number "));
    // The others are offered, and what is not all of it says so.
    let address = answer.text();
    let (_, address) = address.split_once("class=\"button\" href=\"").unwrap();
    let address = address.split('"').next().unwrap();
    assert_eq!(address, format!("{archive}?rest=1"));
    let rest = browser.get(address);
    assert_eq!(rest.status, StatusCode::OK);
    assert_eq!(
        rest.header("content-disposition"),
        "attachment; filename=\"Summer at the lake (2 of 3).zip\""
    );
    assert_eq!(names(&rest.body).len(), 3);
    let german = browser.get_with(&archive, &[("accept-language", "de")]);
    assert!(
        german
            .text()
            .contains("Die anderen 2 Dateien herunterladen")
    );
    let manifest = browser.get(&format!("{path}/manifest.json?rest=1"));
    assert!(manifest.text().contains("(2 of 3).zip"));
    for file in files {
        fs::remove_file(file).unwrap();
    }
    let none = browser.get(&format!("{archive}?rest=1"));
    assert_eq!(none.status, StatusCode::CONFLICT);
    assert!(none.text().contains("3 of 3 files") && !none.text().contains("rest=1"));
    // At screen size all is there.
    let screen = browser.get(&format!("{archive}?size=screen"));
    assert_eq!(names(&screen.body).len(), 4);
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        match entry.path().is_dir() {
            true => found.extend(walk(&entry.path())),
            false => found.push(entry.path()),
        }
    }
    found
}

fn a_changed_album_is_another_archive() {
    let house = House::with(3);
    let browser = house.browser();
    let made = house.link(|link| link.download = Download::Original);
    let path = path(&made);
    let items = house.items(&browser, &path);
    let all = browser.get(&format!("{path}/archive"));
    let led = choose(
        &browser,
        &path,
        &format!("item={}&item={}", items[0], items[1]),
    );
    let some = led.header("location").to_owned();
    assert_eq!(browser.get(&some).status, StatusCode::OK);
    let assets = house.library.assets(&AssetQuery::default()).unwrap().assets;
    let gone = [assets[0].id, assets[1].id];
    house.library.remove_from_album(house.album, &gone).unwrap();
    let fewer = browser.get(&format!("{path}/archive"));
    assert_eq!(names(&fewer.body).len(), 2);
    assert_ne!(fewer.header("etag"), all.header("etag"));
    let part = [("range", "bytes=10-20"), ("if-range", all.header("etag"))];
    let whole = browser.get_with(&format!("{path}/archive"), &part);
    assert_eq!(whole.status, StatusCode::OK, "what was begun begins anew");
    // A choice of what is gone is lacking it, not shorter.
    assert_eq!(browser.get(&some).status, StatusCode::CONFLICT);
    let edit = LinkEdit {
        download: Some(Download::None),
        ..LinkEdit::default()
    };
    house.library.edit_link(made.id, edit).unwrap();
    let held = [("if-none-match", fewer.header("etag"))];
    let answer = browser.get_with(&format!("{path}/archive"), &held);
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

fn an_archive_has_the_albums_order() {
    let house = House::with(4);
    let browser = house.browser();
    let path = link(&house, Download::Original, false);
    let archive = format!("{path}/archive");
    let before = browser.get(&archive);
    let edit = |order| AlbumEdit {
        order: Some(order),
        ..AlbumEdit::default()
    };
    let newest = edit(AlbumOrder::Newest);
    house.library.edit_album(house.album, newest).unwrap();
    let after = browser.get(&archive);
    assert_ne!(before.header("etag"), after.header("etag"));
    assert_eq!(after.body, browser.get(&archive).body, "the same each time");
    assert_eq!(names(&before.body), names(&after.body), "numbered anew");
    let files = |answer: &Answer| -> Vec<Vec<u8>> {
        let all = members(&answer.body).into_iter();
        let photos = all.filter(|member| member.name != "SHA256SUMS");
        photos.map(|member| member.bytes).collect()
    };
    let (mut turned, now) = (files(&before), files(&after));
    turned.reverse();
    assert_eq!((now.len(), &now), (4, &turned));
    let oldest = edit(AlbumOrder::Oldest);
    house.library.edit_album(house.album, oldest).unwrap();
    let again = browser.get(&archive);
    assert_eq!(again.header("etag"), before.header("etag"));
    assert_eq!(again.body, before.body);
}
