//! Videos on a link's page, and files that nothing can be shown of.

use std::path::Path;

use axum::http::{Method, StatusCode};
use library::Download;
use tempfile::TempDir;

use crate::house::{Browser, House, OLD_CAMERA, PHONE, films, items, paint, path, record};

crate::cases![
    a_video_is_watched_in_ranges,
    a_link_without_downloads_still_plays,
    a_watched_video_never_has_its_metadata,
    a_locked_link_gives_nothing_of_a_video,
    a_video_in_the_making_says_so,
    a_video_has_its_length_and_its_words,
    what_cannot_be_previewed_has_a_calm_page,
];

/// A library with one film of a phone; `None` where there is no ffmpeg.
fn with_film(test: &str) -> Option<(House, TempDir)> {
    let folder = tempfile::tempdir().unwrap();
    record(&folder.path().join("IMG_0001.mp4"), PHONE, test)
        .then(|| (House::of(folder.path()), folder))
}

fn film_of(browser: &Browser, link: &str) -> String {
    format!("{link}/photo/{}", films(&browser.get(link).text())[0])
}

fn a_video_is_watched_in_ranges() {
    let Some((house, _folder)) = with_film("a_video_is_watched_in_ranges") else {
        return;
    };
    let browser = house.browser();
    let link = house.open_link();
    let address = format!("{}/video", film_of(&browser, &link));
    let whole = browser.get(&address);
    assert_eq!(whole.status, StatusCode::OK);
    for (name, value) in [
        ("content-type", "video/mp4"),
        ("content-disposition", "inline; filename=\"photo-0001.mp4\""),
        ("accept-ranges", "bytes"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cache-control", "private, no-cache"),
    ] {
        assert_eq!(whole.header(name), value, "{name}");
    }
    let (length, etag) = (whole.body.len(), whole.header("etag"));
    assert_eq!(whole.body[4..8], *b"ftyp");
    let ask = |range: &str, held: &str| {
        let headers = [("range", range), ("if-range", held)];
        browser.get_with(&address, &headers)
    };

    let probe = ask("bytes=0-1", etag);
    assert_eq!(probe.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(probe.header("content-range"), format!("bytes 0-1/{length}"));
    assert_eq!(probe.body, whole.body[..2]);
    let middle = ask("bytes=1000-", etag);
    assert_eq!(middle.status, StatusCode::PARTIAL_CONTENT);
    assert!(middle.body == whole.body[1000..]);
    let tail = ask("bytes=-500", etag);
    assert!(tail.body == whole.body[length - 500..]);
    let beyond = ask(&format!("bytes={length}-"), etag);
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(beyond.header("content-range"), format!("bytes */{length}"));
    let stale = ask("bytes=0-1", "\"other\"");
    assert_eq!(stale.status, StatusCode::OK);
    assert!(stale.body == whole.body, "what changed is sent whole");
    let head = browser.ask(Method::HEAD, &address, &[], "");
    assert_eq!(head.headers, whole.headers);
}

fn a_link_without_downloads_still_plays() {
    let Some((house, _folder)) = with_film("a_link_without_downloads_still_plays") else {
        return;
    };
    let browser = house.browser();
    let link = path(&house.link(|link| link.download = Download::None));
    let film = film_of(&browser, &link);
    let page = browser.get(&film).text();
    let player = format!(
        "<video controls playsinline preload=\"none\" poster=\"{film}/preview\" \
         width=\"320\" height=\"180\" aria-label=\"Video 1, 0:02\">\
         <source src=\"{film}/video\">"
    );
    assert!(page.contains(&player), "{page}");
    assert!(!page.contains("autoplay") && !page.contains("/download"));
    let poster = browser.get(&format!("{film}/preview"));
    assert_eq!(poster.header("content-type"), "image/jpeg");
    assert_eq!(browser.get(&format!("{film}/video")).status, StatusCode::OK);
    let download = browser.get(&format!("{film}/download"));
    assert_eq!(download.status, StatusCode::FORBIDDEN);
    let allowed = film_of(&browser, &house.open_link());
    assert!(
        browser
            .get(&allowed)
            .text()
            .contains(&format!("href=\"{allowed}/download\" download"))
    );
}

fn a_watched_video_never_has_its_metadata() {
    let Some((house, folder)) = with_film("a_watched_video_never_has_its_metadata") else {
        return;
    };
    let original = std::fs::read(folder.path().join("IMG_0001.mp4")).unwrap();
    let tells = |bytes: &[u8]| {
        [&b"+20.2114"[..], b"Tulum"]
            .iter()
            .any(|secret| bytes.windows(secret.len()).any(|part| part == *secret))
    };
    assert!(tells(&original), "the film was recorded with its secrets");
    let browser = house.browser();
    let link = |show_metadata| {
        path(&house.link(|link| {
            link.download = Download::Original;
            link.show_metadata = show_metadata;
        }))
    };
    let (shown, hidden) = (link(true), link(false));
    let get = |link: &str, tail: &str| browser.get(&format!("{}/{tail}", film_of(&browser, link)));

    let kept = get(&shown, "download");
    assert!(kept.body == original, "the terms give the original itself");
    assert_eq!(
        kept.header("content-disposition"),
        "attachment; filename=\"IMG_0001.mp4\""
    );
    let watched = get(&shown, "video");
    assert!(!tells(&watched.body), "watching is no download");
    assert_ne!(watched.header("etag"), kept.header("etag"));
    let clean = get(&hidden, "download");
    assert_eq!(
        clean.header("content-disposition"),
        "attachment; filename=\"photo-0001.mp4\""
    );
    assert!(!tells(&clean.body));
    assert!(clean.body == get(&hidden, "video").body);
    assert!(clean.body == watched.body);
}

fn a_locked_link_gives_nothing_of_a_video() {
    let Some((house, _folder)) = with_film("a_locked_link_gives_nothing_of_a_video") else {
        return;
    };
    let browser = house.browser();
    let link = house.locked_link();
    let pass = browser.pass(&link);
    let item = films(&browser.get_as(&link, &pass).text()).remove(0);
    let film = format!("{link}/photo/{item}");
    for tail in ["video", "download", "preview", "thumbnail"] {
        let range = [("range", "bytes=0-99")];
        let answer = browser.get_with(&format!("{film}/{tail}"), &range);
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{tail}");
        for header in ["etag", "content-range", "accept-ranges"] {
            assert_eq!(answer.header(header), "", "{tail}: {header}");
        }
        assert!(!answer.text().contains("ftyp"), "{tail}");
    }
    let page = browser.get(&film).text();
    assert!(page.contains("type=\"password\""));
    for secret in ["<video", "0:02", "/preview", "Video 1"] {
        assert!(!page.contains(secret), "{secret}");
    }
    let video = browser.get_as(&format!("{film}/video"), &pass);
    assert_eq!(video.status, StatusCode::OK);
}

fn a_video_in_the_making_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("MVI_0001.avi");
    if !record(&file, OLD_CAMERA, "a_video_in_the_making_says_so") {
        return;
    }
    let house = House::of(folder.path());
    let browser = house.browser();
    let link = house.open_link();
    let film = film_of(&browser, &link);
    let video = || browser.get(&format!("{film}/video"));
    let german = [("accept-language", "de")];

    let early = video();
    assert_eq!(early.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(early.header("retry-after"), "10");
    assert_eq!(early.header("cache-control"), "no-store");
    assert!(early.body.len() < 2_048, "{}", early.body.len());
    assert!(early.text().contains("This video is being prepared"));
    let page = browser.get(&film).text();
    assert!(!page.contains("<video") && page.contains(&format!("{film}/preview")));
    assert!(page.contains("role=\"status\"><p>This video is being prepared; it plays here"));
    assert!(page.contains(&format!("<a class=\"button\" href=\"{film}\"")));
    assert!(!page.contains("/download"), "there is nothing to keep yet");
    let page = browser.get_with(&film, &german).text();
    assert!(page.contains("Dieses Video wird vorbereitet; es läuft hier gleich."));

    house.library.convert_waiting(&|_| true).unwrap();
    let there = video();
    assert_eq!(there.status, StatusCode::OK);
    assert_eq!(there.header("content-type"), "video/mp4");
    assert_eq!(there.body[4..8], *b"ftyp");
    let page = browser.get(&film).text();
    assert!(page.contains("<video controls") && page.contains("/download\" download"));
    assert!(page.contains("role=\"status\" hidden><p>This video is being prepared"));
}

fn a_video_has_its_length_and_its_words() {
    let test = "a_video_has_its_length_and_its_words";
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    if !record(&file("VID_20260503_130500.mp4"), PHONE, test) {
        return;
    }
    paint(&file("a.png"), 60, 40, 1);
    paint(&file("b.png"), 40, 60, 2);
    let house = House::of(folder.path());
    let browser = house.browser();
    let link = house.open_link();
    let html = browser.get(&link).text();
    assert!(html.contains("<li>2 photos, 1 video</li>"));
    assert!(html.contains("\"2 photos, 1 video, from Anna\""));
    assert!(html.contains("\" data-length=\"0:02\"><img "));
    assert!(html.contains("alt=\"Video 1, 0:02\"") || html.contains("alt=\"Video 3, 0:02\""));
    let german = browser.get_with(&link, &[("accept-language", "de")]).text();
    assert!(german.contains("<li>2 Fotos, 1 Video</li>"));

    let film = films(&html).remove(0);
    let all = items(&html);
    let place = all.iter().position(|item| *item == film).unwrap();
    let page = browser.get(&format!("{link}/photo/{film}")).text();
    assert!(page.contains(&format!("<h1>{} of 3</h1>", place + 1)));
    let beside = all[if place == 0 { 1 } else { place - 1 }].clone();
    let page = browser.get(&format!("{link}/photo/{beside}")).text();
    assert!(page.contains("aria-label=\"Next video\"") || page.contains("\"Previous video\""));

    // Where metadata is shown, its day and title are among its words.
    let asset = house.library.album_assets(house.album).unwrap()[place];
    let told = path(&house.link(|link| link.show_metadata = true));
    let alt = |language| {
        let page = browser
            .get_with(&told, &[("accept-language", language)])
            .text();
        let tile = page
            .split("<li ")
            .find(|tile| tile.contains(" data-length="))
            .unwrap();
        tile.split("alt=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .to_owned()
    };
    let title = |title: &str| {
        let edit = library::AssetEdit {
            title: Some(title.into()),
            ..Default::default()
        };
        house.library.edit_assets(&[asset], edit).unwrap();
    };
    title("Dunes");
    assert_eq!(alt("en"), "Video, 0:02, Dunes, 3 May 2026");
    title("");
    assert_eq!(alt("en"), "Video, 0:02, 3 May 2026");
    assert_eq!(alt("de"), "Video, 0:02, 3. Mai 2026");
}

/// A DNG that says no more than that it is one.
fn draw_nothing(file: &Path) {
    let head = b"II*\0\x08\0\0\0";
    let version = b"\x01\0\x12\xc6\x01\0\x04\0\0\0\x01\x04\0\0";
    std::fs::write(file, [&head[..], version, &[0; 4]].concat()).unwrap();
}

fn what_cannot_be_previewed_has_a_calm_page() {
    let folder = tempfile::tempdir().unwrap();
    draw_nothing(&folder.path().join("IMG_20260501_100000.dng"));
    paint(&folder.path().join("IMG_20260502_100000.png"), 60, 40, 3);
    let house = House::of(folder.path());
    let browser = house.browser();
    let link = house.open_link();
    let html = browser.get(&link).text();
    let tile = html
        .split("<li ")
        .find(|tile| tile.contains("DNG"))
        .unwrap();
    assert!(tile.contains("aria-label=\"Photo 1, DNG, no preview\"><b>DNG</b></a>"));
    assert!(!tile.contains("<img"));
    let photo = format!("{link}/photo/{}", items(&html)[0]);
    for tail in ["thumbnail", "preview", "download"] {
        let answer = browser.get(&format!("{photo}/{tail}"));
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{tail}");
        assert!(answer.text().contains("There is no preview of this file"));
        assert_eq!(answer.header("etag"), "", "{tail}");
    }
    let page = browser.get(&photo).text();
    assert!(page.contains("There is no preview of this file.") && !page.contains("<img"));
    assert!(!page.contains("/download"), "there is nothing to give");
    // What can be seen stands on the messenger's card.
    assert!(html.contains("og:image\""));
    let card = browser.get(&format!("{link}/card"));
    assert!(card.body.starts_with(&[0xff, 0xd8]));

    let open = path(&house.link(|link| {
        link.download = Download::Original;
        link.show_metadata = true;
    }));
    let photo = format!("{open}/photo/{}", house.items(&browser, &open)[0]);
    assert!(browser.get(&photo).text().contains("You can download it"));
    let kept = browser.get(&format!("{photo}/download"));
    assert_eq!(kept.status, StatusCode::OK);
    assert_eq!(
        kept.header("content-disposition"),
        "attachment; filename=\"IMG_20260501_100000.dng\""
    );
}
