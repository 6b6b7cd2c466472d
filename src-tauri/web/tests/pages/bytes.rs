//! Pictures as they leave: headers, ranges, what a browser may keep, names.

use std::io::{Cursor, Read};
use std::path::Path;

use axum::http::{Method, StatusCode};
use exif::experimental::Writer;
use exif::{Field, In, Tag, Value};
use library::Download;

use crate::house::{Answer, House, items, paint, path};

crate::cases![
    media_headers_are_exact,
    ranges_are_answered,
    a_browsers_copy_is_good_only_while_the_link_is,
    a_download_says_no_more_than_the_terms,
    a_hidden_original_is_its_clean_copy,
    head_is_get_without_a_body,
];

fn media_headers_are_exact() {
    let house = House::with(1);
    let browser = house.browser();
    let open = path(&house.link(|link| link.show_metadata = true));
    let hidden = house.open_link();
    for (link, kept) in [
        (&open, "private, max-age=300"),
        (&hidden, "private, no-cache"),
    ] {
        let item = &house.items(&browser, link)[0];
        for (tail, mime) in [
            (format!("photo/{item}/thumbnail"), "image/webp"),
            (format!("photo/{item}/preview"), "image/jpeg"),
            (format!("photo/{item}/download"), "image/jpeg"),
            ("card".into(), "image/jpeg"),
        ] {
            let answer = browser.get(&format!("{link}/{tail}"));
            assert_eq!(answer.status, StatusCode::OK, "{tail}");
            for (name, value) in [
                ("content-security-policy", "default-src 'none'; sandbox"),
                ("content-type", mime),
                ("cache-control", kept),
                ("accept-ranges", "bytes"),
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "no-referrer"),
                ("cross-origin-resource-policy", "same-origin"),
                ("x-robots-tag", "noindex, nofollow, noarchive"),
                ("last-modified", ""),
                // These are for pages.
                ("cross-origin-opener-policy", ""),
                ("permissions-policy", ""),
            ] {
                assert_eq!(answer.header(name), value, "{tail}: {name}");
            }
            assert_eq!(
                answer.header("content-length"),
                answer.body.len().to_string()
            );
            assert!(answer.header("etag").starts_with('"'));
        }
    }
    let etag = |link: &str| {
        let item = &house.items(&browser, link)[0];
        browser
            .get(&format!("{link}/photo/{item}/preview"))
            .header("etag")
            .to_owned()
    };
    assert_ne!(
        etag(&open),
        etag(&hidden),
        "tags of two links cannot be compared"
    );
}

fn ranges_are_answered() {
    // Large enough to be streamed: noise does not compress.
    let pictures = tempfile::tempdir().unwrap();
    let mut state = 1_u32;
    let file = pictures.path().join("noise.png");
    image::RgbImage::from_fn(900, 900, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [a, b, c, _] = state.to_be_bytes();
        image::Rgb([a, b, c])
    })
    .save(&file)
    .unwrap();
    let house = House::of(pictures.path());
    let browser = house.browser();
    let link = path(&house.link(|link| {
        link.download = Download::Original;
        link.show_metadata = true;
    }));
    let item = &house.items(&browser, &link)[0];
    let address = format!("{link}/photo/{item}/download");
    let whole = browser.get(&address);
    let original = std::fs::read(&file).unwrap();
    assert!(original.len() > 1_000_000);
    assert!(whole.body == original, "the original, byte by byte");
    let ask = |range: &str| browser.get_with(&address, &[("range", range)]);
    let length = original.len();

    let part = ask("bytes=1000-1999");
    assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(
        part.header("content-range"),
        format!("bytes 1000-1999/{length}")
    );
    assert_eq!(part.body, original[1000..2000]);
    let tail = ask("bytes=-500000");
    assert_eq!(tail.status, StatusCode::PARTIAL_CONTENT);
    assert!(tail.body == original[length - 500_000..]);
    let beyond = ask(&format!("bytes={length}-"));
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(beyond.header("content-range"), format!("bytes */{length}"));
    assert!(beyond.body.is_empty());
    let thousand: Vec<String> = (0..1_000).map(|n| format!("{n}-{n}")).collect();
    assert_eq!(
        ask(&format!("bytes={}", thousand.join(","))).status,
        StatusCode::OK
    );
    let stale = [("range", "bytes=0-1"), ("if-range", "\"other\"")];
    assert_eq!(browser.get_with(&address, &stale).status, StatusCode::OK);
}

fn a_browsers_copy_is_good_only_while_the_link_is() {
    let house = House::with(1);
    let browser = house.browser();
    let link = house.link(|_| ());
    let address = format!(
        "{}/photo/{}/preview",
        path(&link),
        house.items(&browser, &path(&link))[0]
    );
    let etag = browser.get(&address).header("etag").to_owned();
    let again = |tag: &str| browser.get_with(&address, &[("if-none-match", tag)]);
    let held = again(&etag);
    assert_eq!(held.status, StatusCode::NOT_MODIFIED);
    assert!(held.body.is_empty());
    assert_eq!(held.header("etag"), etag);
    assert_eq!(held.header("cache-control"), "private, no-cache");
    assert_eq!(again("\"other\"").status, StatusCode::OK);
    house.library.revoke_link(link.id).unwrap();
    for tag in [&etag, "*"] {
        let answer = again(tag);
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.header("etag"), "");
    }
}

fn a_download_says_no_more_than_the_terms() {
    let pictures = tempfile::tempdir().unwrap();
    paint(&pictures.path().join("Käse am See.png"), 60, 40, 7);
    let house = House::of(pictures.path());
    let browser = house.browser();
    let get = |download, show_metadata| -> Answer {
        let link = path(&house.link(|link| {
            link.download = download;
            link.show_metadata = show_metadata;
        }));
        let page = browser.get(&link);
        let item = &items(&page.text())[0];
        let photo = browser.get(&format!("{link}/photo/{item}")).text();
        assert_eq!(photo.contains("/download\""), download != Download::None);
        assert_eq!(photo.contains("Käse"), show_metadata);
        browser.get(&format!("{link}/photo/{item}/download"))
    };
    let none = get(Download::None, true);
    assert_eq!(none.status, StatusCode::FORBIDDEN);
    assert!(none.text().contains("does not allow that"));
    let hidden = get(Download::Original, false);
    assert_eq!(
        hidden.header("content-disposition"),
        "attachment; filename=\"photo-0001.png\""
    );
    let shown = get(Download::Original, true);
    assert_eq!(
        shown.header("content-disposition"),
        "attachment; filename=\"K_se am See.png\"; filename*=UTF-8''K%C3%A4se%20am%20See.png"
    );
    assert_eq!(shown.header("content-type"), "image/png");
}

/// A JPEG as a phone writes it: a camera, a place and a moment in its EXIF.
fn located_jpeg(file: &Path) {
    let mut jpeg = Vec::new();
    let picture = image::RgbImage::from_pixel(64, 48, image::Rgb([90, 120, 60]));
    image::codecs::jpeg::JpegEncoder::new(&mut jpeg)
        .encode_image(&picture)
        .unwrap();
    let angle = |parts: [u32; 3]| Value::Rational(parts.map(|part| (part, 1).into()).to_vec());
    let fields = [
        (Tag::Model, Value::Ascii(vec![b"Pixel 42".to_vec()])),
        (
            Tag::DateTime,
            Value::Ascii(vec![b"2026:05:03 13:05:00".to_vec()]),
        ),
        (Tag::GPSLatitudeRef, Value::Ascii(vec![b"N".to_vec()])),
        (Tag::GPSLatitude, angle([20, 12, 41])),
        (Tag::GPSLongitudeRef, Value::Ascii(vec![b"W".to_vec()])),
        (Tag::GPSLongitude, angle([87, 27, 55])),
    ]
    .map(|(tag, value)| Field {
        tag,
        ifd_num: In::PRIMARY,
        value,
    });
    let mut writer = Writer::new();
    for field in &fields {
        writer.push_field(field);
    }
    let mut body = Cursor::new(Vec::new());
    writer.write(&mut body, true).unwrap();
    let body = [&b"Exif\0\0"[..], body.get_ref()].concat();
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    let whole = [&jpeg[..2], &[0xff, 0xe1], &length, &body, &jpeg[2..]].concat();
    std::fs::write(file, whole).unwrap();
}

fn a_hidden_original_is_its_clean_copy() {
    let pictures = tempfile::tempdir().unwrap();
    let file = pictures.path().join("PXL_20260503_130500.jpg");
    located_jpeg(&file);
    let house = House::of(pictures.path());
    let browser = house.browser();
    let get = |show_metadata| -> Answer {
        let link = path(&house.link(|link| {
            link.download = Download::Original;
            link.show_metadata = show_metadata;
        }));
        let item = &house.items(&browser, &link)[0];
        browser.get(&format!("{link}/photo/{item}/download"))
    };
    let tells_place = |bytes: &[u8]| {
        let exif = exif::Reader::new().read_from_container(&mut Cursor::new(bytes));
        exif.is_ok_and(|exif| exif.get_field(Tag::GPSLatitude, In::PRIMARY).is_some())
    };
    let (shown, hidden) = (get(true), get(false));
    let original = std::fs::read(&file).unwrap();
    assert!(shown.body == original && tells_place(&original));

    let recipe = media::clean::clean(media::Format::Jpeg, &mut Cursor::new(&original)).unwrap();
    let mut clean = Vec::new();
    media::CleanReader::new(Cursor::new(&original), recipe)
        .unwrap()
        .read_to_end(&mut clean)
        .unwrap();
    assert!(hidden.body == clean, "the recipe, byte by byte");
    assert!(!tells_place(&hidden.body));
    for secret in ["Pixel 42", "2026:05:03"] {
        let holds = |bytes: &[u8]| {
            bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes())
        };
        assert!(holds(&original) && !holds(&hidden.body), "{secret}");
    }
    assert_eq!(hidden.header("content-type"), "image/jpeg");
    assert_eq!(
        hidden.header("content-disposition"),
        "attachment; filename=\"photo-0001.jpg\""
    );
    assert_eq!(
        shown.header("content-disposition"),
        "attachment; filename=\"PXL_20260503_130500.jpg\""
    );
    let kind = |answer: &Answer| {
        answer
            .header("etag")
            .trim_matches('"')
            .get(32..)
            .map(str::to_owned)
    };
    assert_eq!(kind(&hidden).as_deref(), Some("-clean"));
    assert_eq!(kind(&shown).as_deref(), Some("-original"));
}

fn head_is_get_without_a_body() {
    let house = House::with(1);
    let browser = house.browser();
    let link = house.open_link();
    let item = &house.items(&browser, &link)[0];
    for tail in [
        "".into(),
        format!("/photo/{item}"),
        format!("/photo/{item}/thumbnail"),
        format!("/photo/{item}/preview"),
        "/card".into(),
        "/nothing".into(),
    ] {
        let address = format!("{link}{tail}");
        let got = browser.get(&address);
        let head = browser.ask(Method::HEAD, &address, &[], "");
        assert_eq!(head.status, got.status, "{tail}");
        assert_eq!(head.headers, got.headers, "{tail}");
        assert!(head.body.is_empty(), "{tail}");
    }
}
