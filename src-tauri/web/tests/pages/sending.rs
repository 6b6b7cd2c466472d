//! Sends files as visitors do, and looks at what came of them.

use std::path::PathBuf;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header::HOST};
use base64::{Engine, engine::general_purpose::STANDARD};
use library::{Link, Uploads};

use crate::house::{Answer, Browser, House, paint};

pub const VISITOR: &str = "00112233445566778899aabbccddeeff";

pub fn uploading(house: &House) -> Link {
    house.link(|link| link.upload = Uploads::Add)
}

/// A PNG of its own.
pub fn picture(seed: u32) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.png");
    paint(&file, 90, 60, 1_000 + seed);
    std::fs::read(file).unwrap()
}

pub fn send(
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
        let response = browser.pages.answer(request).await;
        let (head, body) = response.into_parts();
        Answer {
            status: head.status,
            headers: head.headers,
            body: axum::body::to_bytes(body, usize::MAX).await.unwrap(),
        }
    })
}

pub fn announce(browser: &Browser, base: &str, name: &str, bytes: usize) -> Answer {
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

pub fn patch(
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

pub fn ask(browser: &Browser, method: &str, at: &str) -> Answer {
    send(browser, method, at, &[("tus-resumable", "1.0.0")], b"")
}

/// Sends a whole file; answers with its address.
pub fn sent(browser: &Browser, base: &str, name: &str, bytes: &[u8]) -> String {
    let answer = announce(browser, base, name, bytes.len());
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let at = answer.header("location").to_owned();
    let answer = patch(browser, &at, 0, &[], bytes);
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text());
    at
}

/// The files in quarantine.
pub fn quarantined(house: &House) -> Vec<PathBuf> {
    let folder = house.library.folder().join("inbox");
    let files = std::fs::read_dir(folder).into_iter().flatten();
    files.map(|file| file.unwrap().path()).collect()
}

pub fn waiting(house: &House) -> Vec<library::InboxUpload> {
    let groups = house.library.inbox(None).unwrap();
    groups.into_iter().flat_map(|group| group.uploads).collect()
}

pub fn look(house: &House) {
    house.library.look_at_uploads(&|_| true).unwrap();
}

/// A form as browsers send it.
pub fn form(
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
