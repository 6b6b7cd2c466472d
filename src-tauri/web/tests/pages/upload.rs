//! Photos that visitors send, by the protocol of resumable uploads and by a plain form:
//! what is received, what is refused, and how that is told.

use std::collections::BTreeSet;
use std::path::PathBuf;

use axum::http::StatusCode;
use base64::{Engine, engine::general_purpose::STANDARD};
use library::{Link, LinkEdit, Uploads};
use sha2::{Digest, Sha256};

use crate::house::{House, path};
use crate::sending::{
    VISITOR, announce, ask, form, patch, picture, quarantined, send, sent, uploading, waiting,
};

crate::cases![
    a_file_comes_in_pieces,
    a_lie_does_not_count,
    what_is_no_photo_leaves_nothing,
    a_link_takes_so_much_and_says_so,
    an_upload_belongs_to_its_link,
    a_link_that_ends_takes_no_more,
    a_form_brings_many_files,
    a_form_of_another_page_brings_none,
];

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
