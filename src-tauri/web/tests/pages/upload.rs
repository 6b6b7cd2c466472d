//! Photos that visitors send: by the protocol of resumable uploads and by a plain form;
//! what is refused and how that is told; and that nothing tells what the library has.

use std::collections::BTreeSet;
use std::path::PathBuf;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header::HOST};
use base64::{Engine, engine::general_purpose::STANDARD};
use library::{Link, LinkEdit, Uploads};
use sha2::{Digest, Sha256};
use tower::ServiceExt;

use crate::house::{Answer, Browser, House, paint, path};

crate::cases![
    a_file_comes_in_pieces,
    a_lie_does_not_count,
    what_is_no_photo_leaves_nothing,
    a_link_takes_so_much_and_says_so,
    an_upload_belongs_to_its_link,
    a_link_that_ends_takes_no_more,
    visitors_may_withdraw_for_half_a_day,
    a_form_brings_many_files,
    a_form_of_another_page_brings_none,
    a_drop_box_shows_nothing,
    nothing_tells_what_the_library_has,
    the_owner_takes_in_what_came,
    what_is_rejected_can_be_had_back,
    what_nobody_goes_on_with_is_reaped,
    a_link_may_take_in_unasked,
];

const VISITOR: &str = "00112233445566778899aabbccddeeff";

fn uploading(house: &House) -> Link {
    house.link(|link| link.upload = Uploads::Add)
}

/// A PNG of its own.
fn picture(seed: u32) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.png");
    paint(&file, 90, 60, 1_000 + seed);
    std::fs::read(file).unwrap()
}

fn send(
    browser: &Browser,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut request = Request::builder()
        .method(Method::from_bytes(method.as_bytes()).unwrap())
        .uri(path)
        .header(HOST, "localhost:2455");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_vec())).unwrap();
    browser.runtime.block_on(async {
        let response = browser.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        Answer {
            status: head.status,
            headers: head.headers,
            body: axum::body::to_bytes(body, usize::MAX).await.unwrap(),
        }
    })
}

fn announce(browser: &Browser, base: &str, name: &str, bytes: usize) -> Answer {
    let metadata = format!(
        "filename {},visitor {},name {}",
        STANDARD.encode(name),
        STANDARD.encode(VISITOR),
        STANDARD.encode("Ben")
    );
    let length = bytes.to_string();
    let headers = [
        ("tus-resumable", "1.0.0"),
        ("upload-length", &length),
        ("upload-metadata", &metadata),
    ];
    send(browser, "POST", &format!("{base}/upload"), &headers, b"")
}

fn patch(
    browser: &Browser,
    at: &str,
    offset: usize,
    more: &[(&str, &str)],
    bytes: &[u8],
) -> Answer {
    let offset = offset.to_string();
    let plain = [
        ("tus-resumable", "1.0.0"),
        ("content-type", "application/offset+octet-stream"),
        ("upload-offset", &offset),
    ];
    send(browser, "PATCH", at, &[&plain, more].concat(), bytes)
}

fn ask(browser: &Browser, method: &str, at: &str) -> Answer {
    send(browser, method, at, &[("tus-resumable", "1.0.0")], b"")
}

/// Sends a whole file; answers with its address.
fn sent(browser: &Browser, base: &str, name: &str, bytes: &[u8]) -> String {
    let answer = announce(browser, base, name, bytes.len());
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let at = answer.header("location").to_owned();
    let answer = patch(browser, &at, 0, &[], bytes);
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text());
    at
}

/// The files in quarantine.
fn quarantined(house: &House) -> Vec<PathBuf> {
    let folder = house.library.folder().join("inbox");
    let files = std::fs::read_dir(folder).into_iter().flatten();
    files.map(|file| file.unwrap().path()).collect()
}

fn waiting(house: &House) -> Vec<library::InboxUpload> {
    let groups = house.library.inbox(None).unwrap();
    groups.into_iter().flat_map(|group| group.uploads).collect()
}

fn look(house: &House) {
    house.library.look_at_uploads(&|_| true).unwrap();
}

fn a_file_comes_in_pieces() {
    let house = House::with(1);
    let (browser, link) = (house.browser(), uploading(&house));
    let base = path(&link);
    let options = ask(&browser, "OPTIONS", &format!("{base}/upload"));
    assert_eq!(options.status, StatusCode::NO_CONTENT);
    assert_eq!(options.header("tus-version"), "1.0.0");
    assert!(options.header("tus-extension").contains("creation"));

    let bytes = picture(1);
    let answer = announce(&browser, &base, "Füße am See.png", bytes.len());
    assert_eq!(answer.status, StatusCode::CREATED);
    assert!(answer.header("upload-expires").ends_with("GMT"));
    let at = answer.header("location").to_owned();
    assert!(at.starts_with(&format!("{base}/upload/")), "{at}");
    let (first, rest) = bytes.split_at(5_000.min(bytes.len() / 2));
    let sum = format!("sha256 {}", STANDARD.encode(Sha256::digest(first)));
    let answer = patch(&browser, &at, 0, &[("upload-checksum", &sum)], first);
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text());
    let head = ask(&browser, "HEAD", &at);
    assert_eq!(head.status, StatusCode::OK);
    assert_eq!(head.header("upload-offset"), first.len().to_string());
    assert_eq!(head.header("upload-length"), bytes.len().to_string());
    assert_eq!(head.header("cache-control"), "no-store");
    assert_eq!(waiting(&house), [], "nothing waits before it is whole");

    // Another listener: the program was restarted.
    let browser = house.browser();
    let answer = patch(&browser, &at, first.len(), &[], rest);
    let digest = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(&bytes)));
    assert_eq!(answer.header("repr-digest"), digest);
    assert_eq!(ask(&browser, "HEAD", &at).header("repr-digest"), digest);
    let [file] = &quarantined(&house)[..] else {
        panic!("one file")
    };
    assert!(std::fs::read(file).unwrap() == bytes, "bit by bit");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let [upload] = &waiting(&house)[..] else {
        panic!("one upload")
    };
    assert_eq!(upload.name, "Füße am See.png");
    assert_eq!(house.library.counts().unwrap().assets, 1);
    let numbers = house.library.tally(link.id).unwrap();
    assert_eq!(numbers.days[0].uploads, 1);
}

fn a_lie_does_not_count() {
    let house = House::with(1);
    let (browser, base) = (house.browser(), path(&uploading(&house)));
    let bytes = picture(1);
    let at = announce(&browser, &base, "a.png", bytes.len());
    let at = at.header("location").to_owned();
    let wrong = format!("sha1 {}", STANDARD.encode([0; 20]));
    let answer = patch(&browser, &at, 0, &[("upload-checksum", &wrong)], &bytes);
    assert_eq!(answer.status.as_u16(), 460);
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.header("tus-resumable"), "1.0.0");
    assert_eq!(ask(&browser, "HEAD", &at).header("upload-offset"), "0");
    for (offset, sent, status) in [
        (7, &bytes[..], StatusCode::CONFLICT),
        (0, &[&bytes[..], b"more"].concat(), StatusCode::CONFLICT),
    ] {
        assert_eq!(patch(&browser, &at, offset, &[], sent).status, status);
    }
    let bad_name = patch(&browser, &at, 0, &[("upload-checksum", "md5 AAAA")], &bytes);
    assert_eq!(bad_name.status, StatusCode::BAD_REQUEST);
    let no_version = send(
        &browser,
        "PATCH",
        &at,
        &[("tus-resumable", "0.2.2")],
        &bytes,
    );
    assert_eq!(no_version.status, StatusCode::PRECONDITION_FAILED);
    // A hash that was told before is held against the whole.
    let metadata = format!("sha256 {}", STANDARD.encode("00".repeat(32)));
    let length = bytes.len().to_string();
    let answer = send(
        &browser,
        "POST",
        &format!("{base}/upload"),
        &[
            ("tus-resumable", "1.0.0"),
            ("upload-length", &length),
            ("upload-metadata", &metadata),
        ],
        b"",
    );
    let at = answer.header("location").to_owned();
    assert_eq!(patch(&browser, &at, 0, &[], &bytes).status.as_u16(), 460);
    assert_eq!(ask(&browser, "HEAD", &at).header("upload-offset"), "0");
    assert_eq!(waiting(&house), []);
}

fn what_is_no_photo_leaves_nothing() {
    let house = House::with(1);
    let (browser, base) = (house.browser(), path(&uploading(&house)));
    let html = b"<!doctype html><script>alert(1)</script>".repeat(200);
    for bytes in [
        &html[..],
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7 and so on",
        b"PK\x03\x04 an archive",
        b"BM a bitmap that is one, but is not taken",
    ] {
        // A name and a type that lie change nothing.
        let at = announce(&browser, &base, "photo.jpg", bytes.len());
        let at = at.header("location").to_owned();
        let answer = patch(&browser, &at, 0, &[], bytes);
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert!(answer.text().contains("JPEG"), "{}", answer.text());
        assert_eq!(ask(&browser, "HEAD", &at).status, StatusCode::GONE);
    }
    assert_eq!(quarantined(&house), Vec::<PathBuf>::new());
    let photo = 201 << 20;
    let at = announce(&browser, &base, "a.png", photo);
    let at = at.header("location").to_owned();
    let answer = patch(
        &browser,
        &at,
        0,
        &[],
        &[&picture(1)[..], &[0; 8_000]].concat(),
    );
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let answer = announce(&browser, &base, "a.mp4", 5 << 30);
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(quarantined(&house), Vec::<PathBuf>::new());
}

fn a_link_takes_so_much_and_says_so() {
    let house = House::with(1);
    let link = house.link(|link| {
        link.upload = Uploads::Add;
        link.upload_files = 2;
        link.upload_bytes = 1_000_000;
    });
    let (browser, base) = (house.browser(), path(&link));
    let answer = announce(&browser, &base, "a.png", 1_000_001);
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("1.0\u{a0}MB"), "{}", answer.text());
    sent(&browser, &base, "a.png", &picture(1));
    let second = picture(2);
    let at = announce(&browser, &base, "b.png", second.len());
    let answer = announce(&browser, &base, "c.png", 100);
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(
        answer.text().contains("2\u{a0}files") || answer.text().contains("2 files"),
        "{}",
        answer.text()
    );
    // The owner wants less than was announced.
    let edit = LinkEdit {
        upload_files: Some(1),
        ..LinkEdit::default()
    };
    house.library.edit_link(link.id, edit).unwrap();
    let at = at.header("location").to_owned();
    assert_eq!(
        patch(&browser, &at, 0, &[], &second).status,
        StatusCode::FORBIDDEN
    );
}

fn an_upload_belongs_to_its_link() {
    let house = House::with(1);
    let browser = house.browser();
    let (one, other) = (path(&uploading(&house)), path(&uploading(&house)));
    let bytes = picture(1);
    let at = announce(&browser, &one, "a.png", bytes.len());
    let at = at.header("location").to_owned();
    let foreign = at.replace(&one, &other);
    for answer in [
        patch(&browser, &foreign, 0, &[], &bytes),
        ask(&browser, "HEAD", &foreign),
        ask(
            &browser,
            "HEAD",
            &format!("{one}/upload/AAAAAAAAAAAAAAAAAAAAAA"),
        ),
    ] {
        assert_eq!(answer.status, StatusCode::GONE);
    }
    assert_eq!(
        ask(&browser, "DELETE", &foreign).status,
        StatusCode::FORBIDDEN
    );
    // A link that takes no uploads takes none by any way.
    let closed = house.open_link();
    for (method, tail) in [
        ("OPTIONS", "upload"),
        ("POST", "upload"),
        ("HEAD", "upload/AAAAAAAAAAAAAAAAAAAAAA"),
        ("PATCH", "upload/AAAAAAAAAAAAAAAAAAAAAA"),
        ("DELETE", "upload/AAAAAAAAAAAAAAAAAAAAAA"),
    ] {
        let answer = ask(&browser, method, &format!("{closed}/{tail}"));
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {tail}");
    }
    let foreign = [
        ("tus-resumable", "1.0.0"),
        ("origin", "https://evil.example"),
    ];
    for method in ["POST", "PATCH", "DELETE"] {
        let at = if method == "POST" {
            format!("{one}/upload")
        } else {
            at.clone()
        };
        let answer = send(&browser, method, &at, &foreign, b"");
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method}");
    }
}

fn a_link_that_ends_takes_no_more() {
    let house = House::with(1);
    let browser = house.browser();
    let bytes = picture(1);
    let ends: [fn(&House, &Link); 4] = [
        |house, link| {
            house.library.revoke_link(link.id).unwrap();
        },
        |house, link| {
            let paused = Some(true);
            let edit = LinkEdit {
                paused,
                ..LinkEdit::default()
            };
            house.library.edit_link(link.id, edit).unwrap();
        },
        |house, link| {
            let expires_at = Some(Some(0));
            let edit = LinkEdit {
                expires_at,
                ..LinkEdit::default()
            };
            house.library.edit_link(link.id, edit).unwrap();
        },
        |house, link| {
            house.library.renew_link(link.id).unwrap();
        },
    ];
    for (number, end) in ends.iter().enumerate() {
        let link = uploading(&house);
        let at = announce(&browser, &path(&link), "a.png", bytes.len());
        let at = at.header("location").to_owned();
        patch(&browser, &at, 0, &[], &bytes[..100]);
        end(&house, &link);
        let answer = patch(&browser, &at, 0, &[], &bytes);
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{number}");
        assert!(
            answer.text().ends_with('.'),
            "a sentence: {}",
            answer.text()
        );
    }
    house.library.reap_uploads().unwrap();
    // One link only rests, and one has a new address: theirs may go on.
    assert_eq!(waiting(&house), []);
    assert!(quarantined(&house).len() <= 2, "{:?}", quarantined(&house));
}

fn visitors_may_withdraw_for_half_a_day() {
    let house = House::with(1);
    let (browser, base) = (house.browser(), path(&uploading(&house)));
    let early = sent(&browser, &base, "a.png", &picture(1));
    let late = sent(&browser, &base, "b.png", &picture(2));
    assert_eq!(
        ask(&browser, "DELETE", &early).status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(quarantined(&house).len(), 1);
    assert_eq!(ask(&browser, "HEAD", &early).status, StatusCode::GONE);
    // Also what its owner took in: then it goes to the trash there.
    let third = sent(&browser, &base, "c.png", &picture(3));
    let id = waiting(&house).last().unwrap().id;
    let accepted = house.library.accept(&[id], false, &|_| true).unwrap();
    assert_eq!(accepted.failures, []);
    assert_eq!(house.library.album(house.album).unwrap().count, 2);
    assert_eq!(
        ask(&browser, "DELETE", &third).status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(house.library.album(house.album).unwrap().count, 1);
    house.sleep(12 * 3_600 * 1_000 + 1);
    let answer = ask(&browser, "DELETE", &late);
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("twelve hours"), "{}", answer.text());
    assert_eq!(waiting(&house).len(), 1);
}

/// A form as browsers send it.
fn form(
    browser: &Browser,
    base: &str,
    parts: &[(&str, Option<&str>, &[u8])],
    more: &[(&str, &str)],
) -> Answer {
    let mut body = Vec::new();
    for (name, file, bytes) in parts {
        let file = file.map_or(String::new(), |file| format!("; filename=\"{file}\""));
        body.extend(
            format!("--XX\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n")
                .bytes(),
        );
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--XX--\r\n");
    let length = body.len().to_string();
    let plain = [
        ("content-type", "multipart/form-data; boundary=XX"),
        ("content-length", &length),
    ];
    send(
        browser,
        "POST",
        &format!("{base}/upload"),
        &[&plain, more].concat(),
        &body,
    )
}

fn a_form_brings_many_files() {
    let house = House::with(1);
    let (browser, base) = (house.browser(), path(&uploading(&house)));
    let (one, other) = (picture(1), picture(2));
    let parts: [(&str, Option<&str>, &[u8]); 4] = [
        ("visitor", None, VISITOR.as_bytes()),
        ("name", None, b"Ben"),
        ("files", Some("one.png"), &one),
        ("files", Some("other.png"), &other),
    ];
    let answer = form(&browser, &base, &parts, &[]);
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    assert_eq!(
        answer.header("location"),
        format!("{base}/receipt/{VISITOR}")
    );
    let [group] = &house.library.inbox(None).unwrap()[..] else {
        panic!("one group")
    };
    assert_eq!(group.name, "Ben");
    let names: Vec<_> = group
        .uploads
        .iter()
        .map(|upload| (&*upload.name, upload.bytes))
        .collect();
    assert_eq!(
        names,
        [
            ("one.png", one.len() as u64),
            ("other.png", other.len() as u64)
        ]
    );
    let kept: BTreeSet<Vec<u8>> = quarantined(&house)
        .iter()
        .map(|file| std::fs::read(file).unwrap())
        .collect();
    assert!(kept == BTreeSet::from([one, other]), "bit by bit");

    let none: [(&str, Option<&str>, &[u8]); 1] = [("files", Some(""), b"")];
    assert_eq!(
        form(&browser, &base, &none, &[]).status,
        StatusCode::BAD_REQUEST
    );
    let wrong: [(&str, Option<&str>, &[u8]); 1] = [("files", Some("a.jpg"), b"no picture")];
    assert_eq!(
        form(&browser, &base, &wrong, &[]).status,
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    );
    assert_eq!(
        quarantined(&house).len(),
        2,
        "nothing is left of what was refused"
    );
    assert_eq!(waiting(&house).len(), 2);
}

fn a_form_of_another_page_brings_none() {
    let house = House::with(1);
    let (browser, base) = (house.browser(), path(&uploading(&house)));
    let one = picture(1);
    let parts: [(&str, Option<&str>, &[u8]); 1] = [("files", Some("one.png"), &one)];
    for header in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("origin", "null"),
    ] {
        let answer = form(&browser, &base, &parts, &[header]);
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{header:?}");
    }
    assert_eq!(quarantined(&house), Vec::<PathBuf>::new());
}

fn a_drop_box_shows_nothing() {
    let house = House::with(3);
    let browser = house.browser();
    let open = house.open_link();
    let link = house.link(|link| link.upload = Uploads::Only);
    let base = path(&link);
    let page = browser.get(&base);
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(house.items(&browser, &base), Vec::<String>::new());
    assert!(!page.text().contains("/thumbnail"));
    assert_eq!(house.items(&browser, &open).len(), 3);
    for tail in ["archive", "manifest.json", "card"] {
        let answer = browser.get(&format!("{base}/{tail}"));
        let told = answer.text();
        assert!(
            !told.contains("IMG_") && !told.contains("photo-0001"),
            "{tail}: {told}"
        );
    }
    sent(&browser, &base, "a.png", &picture(1));
    assert_eq!(waiting(&house).len(), 1);
}

fn nothing_tells_what_the_library_has() {
    let house = House::with(1);
    let (browser, base) = (house.browser(), path(&uploading(&house)));
    let folder = tempfile::tempdir().unwrap();
    let known = folder.path().join("known.png");
    paint(&known, 60, 40, 0);
    let known = std::fs::read(known).unwrap();
    let strange = picture(9);
    let shape = |bytes: &[u8]| {
        let created = announce(&browser, &base, "a.png", bytes.len());
        let at = created.header("location").to_owned();
        let done = patch(&browser, &at, 0, &[], bytes);
        look(&house);
        let head = ask(&browser, "HEAD", &at);
        let names = |answer: &Answer| {
            let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
            names.sort();
            (answer.status, names, answer.body.len())
        };
        (names(&created), names(&done), names(&head), at.len())
    };
    assert_eq!(shape(&known), shape(&strange));
    let known: Vec<bool> = waiting(&house)
        .iter()
        .map(|upload| upload.known.is_some())
        .collect();
    assert_eq!(known.iter().filter(|known| **known).count(), 1);
    assert_eq!(known.len(), 2, "only the owner is told");
    let told = browser.get(&base).text();
    assert!(
        !told.contains("a.png"),
        "and no other visitor sees what waits"
    );
}

fn the_owner_takes_in_what_came() {
    let house = House::with(1);
    let (browser, base) = (house.browser(), path(&uploading(&house)));
    for (name, seed) in [("../../etc/passwd.png", 1), ("b.png", 2), ("again.png", 1)] {
        sent(&browser, &base, name, &picture(seed));
    }
    look(&house);
    let all = waiting(&house);
    assert!(
        all.iter()
            .all(|one| one.is_video == Some(false) && !one.thumbhash.is_empty())
    );
    let shown = house.library.inbox_bytes(
        all[0].id,
        library::What::Rendition(library::Rendition::Preview),
    );
    assert!(shown.unwrap().length > 0);
    let ids: Vec<_> = all.iter().map(|one| one.id).collect();
    let accepted = house.library.accept(&ids, false, &|_| true).unwrap();
    assert_eq!((accepted.accepted, accepted.known), (3, 1), "{accepted:?}");
    assert_eq!(accepted.failures, []);
    assert_eq!(house.library.album(house.album).unwrap().count, 3);
    let asset = house.library.asset(accepted.assets[0]).unwrap();
    assert_eq!(asset.contributor.as_deref(), Some("Ben"));
    assert_eq!(quarantined(&house), Vec::<PathBuf>::new());
    let verified = house.library.verify(library::Verify::Structure, &|_| true);
    assert_eq!(verified.unwrap().findings, []);
    // All of it at once is undone at once, and done again.
    house.library.undo().unwrap();
    assert_eq!(house.library.album(house.album).unwrap().count, 1);
    assert_eq!(waiting(&house).len(), 3);
    let again = house.library.accept(&ids, false, &|_| true).unwrap();
    assert_eq!((again.accepted, again.failures.len()), (3, 0));
    assert_eq!(house.library.album(house.album).unwrap().count, 3);
}

fn what_is_rejected_can_be_had_back() {
    let house = House::with(1);
    let (browser, base) = (house.browser(), path(&uploading(&house)));
    sent(&browser, &base, "a.png", &picture(1));
    look(&house);
    let id = waiting(&house)[0].id;
    house.library.reject(&[id]).unwrap();
    assert_eq!(waiting(&house), []);
    assert!(house.library.accept(&[id], false, &|_| true).is_err());
    house.library.undo().unwrap();
    assert_eq!(waiting(&house).len(), 1);
    house.library.reject(&[id]).unwrap();
    house.sleep(7 * 86_400_000 + 1);
    assert_eq!(house.library.reap_uploads().unwrap(), 1);
    assert_eq!(quarantined(&house), Vec::<PathBuf>::new());
    assert!(house.library.undo().is_err(), "it is gone for good");
}

fn what_nobody_goes_on_with_is_reaped() {
    let house = House::with(1);
    let (browser, link) = (house.browser(), uploading(&house));
    let bytes = picture(1);
    let at = announce(&browser, &path(&link), "a.png", bytes.len());
    let at = at.header("location").to_owned();
    patch(&browser, &at, 0, &[], &bytes[..bytes.len() - 1]);
    std::fs::write(
        house.library.folder().join("inbox").join("ab".repeat(16)),
        "an orphan",
    )
    .unwrap();
    std::fs::write(house.library.folder().join("inbox/notes.txt"), "not ours").unwrap();
    assert_eq!(house.library.reap_uploads().unwrap(), 1);
    house.sleep(3 * 86_400_000 + 1);
    assert_eq!(
        patch(
            &browser,
            &at,
            bytes.len() - 1,
            &[],
            &bytes[bytes.len() - 1..]
        )
        .status,
        StatusCode::GONE
    );
    assert_eq!(house.library.reap_uploads().unwrap(), 1);
    let [left] = &quarantined(&house)[..] else {
        panic!("what is not ours stays")
    };
    assert!(left.ends_with("notes.txt"));
    assert_eq!(ask(&browser, "HEAD", &at).status, StatusCode::GONE);
}

fn a_link_may_take_in_unasked() {
    let house = House::with(1);
    let link = house.link(|link| {
        link.upload = Uploads::Add;
        link.auto_accept = true;
    });
    let (browser, base) = (house.browser(), path(&link));
    sent(&browser, &base, "a.png", &picture(1));
    // A file that begins like a picture and is none waits all the same.
    sent(
        &browser,
        &base,
        "b.png",
        b"\x89PNG\r\n\x1a\n and then nothing that is one",
    );
    look(&house);
    assert_eq!(house.library.album(house.album).unwrap().count, 2);
    let [broken] = &waiting(&house)[..] else {
        panic!("one waits")
    };
    assert_eq!(broken.name, "b.png");
    assert!(broken.unseen.is_some());
    assert_eq!(house.items(&browser, &base).len(), 2);
}
