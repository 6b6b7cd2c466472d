//! The page to add photos and the receipt: what they need, whom they tell what, and
//! who may take back what.

use axum::http::{Method, StatusCode};
use base64::{Engine, engine::general_purpose::STANDARD};
use library::{NewUpload, Uploads, Visit};

use crate::house::{Answer, Browser, House, path};

crate::cases![
    the_page_brings_all_that_its_script_needs,
    the_page_says_when_others_see_what_is_sent,
    a_drop_box_has_one_page_and_shows_nothing,
    a_link_that_takes_nothing_says_so,
    a_receipt_is_for_whoever_has_its_word,
    what_is_withdrawn_is_gone_and_only_for_its_sender,
    after_twelve_hours_nothing_is_withdrawn,
    the_text_of_a_receipt_is_one_line_a_file,
];

const ANNA: &str = "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a";
const BEN: &str = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b";
const HOUR_MS: i64 = 3_600_000;

fn link_for(house: &House, upload: Uploads) -> String {
    path(&house.link(|link| link.upload = upload))
}

/// Sends a GIF under this name; returns its item.
fn send(browser: &Browser, link: &str, visitor: &str, name: &str) -> String {
    let body = format!("GIF89a{name}");
    let encoded = |text: &str| STANDARD.encode(text);
    let metadata = format!("filename {},visitor {}", encoded(name), encoded(visitor));
    let begun = browser.ask(
        Method::POST,
        &format!("{link}/upload"),
        &[
            ("tus-resumable", "1.0.0"),
            ("upload-length", &body.len().to_string()),
            ("upload-metadata", &metadata),
        ],
        "",
    );
    assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.text());
    let address = begun.header("location").to_owned();
    let sent = browser.ask(
        Method::PATCH,
        &address,
        &[
            ("tus-resumable", "1.0.0"),
            ("upload-offset", "0"),
            ("content-type", "application/offset+octet-stream"),
        ],
        &body,
    );
    assert_eq!(sent.status, StatusCode::NO_CONTENT, "{}", sent.text());
    assert!(sent.header("repr-digest").starts_with("sha-256=:"));
    address.rsplit('/').next().unwrap().to_owned()
}

fn withdraw(browser: &Browser, link: &str, visitor: &str, form: &str) -> Answer {
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let path = format!("{link}/receipt/{visitor}/withdraw");
    browser.ask(Method::POST, &path, &[kind], form)
}

fn receipt(browser: &Browser, link: &str, visitor: &str) -> String {
    let page = browser.get(&format!("{link}/receipt/{visitor}"));
    assert_eq!(page.status, StatusCode::OK);
    page.text()
}

fn the_page_brings_all_that_its_script_needs() {
    let house = House::with(2);
    let browser = house.browser();
    let link = link_for(&house, Uploads::Add);
    let album = browser.get(&link).text();
    assert!(album.contains(&format!("href=\"{link}/add\"")));
    let page = browser.get(&format!("{link}/add"));
    assert_eq!(page.status, StatusCode::OK);
    let html = page.text();
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"));
    let files: Vec<&str> = html
        .split('"')
        .filter(|part| part.starts_with("/static/"))
        .collect();
    for kind in ["tus-", "add-", "hash-"] {
        let name = format!("/static/{kind}");
        let file = files.iter().find(|file| file.starts_with(&name));
        let answer = browser.get(file.unwrap());
        assert_eq!(answer.status, StatusCode::OK, "{kind}");
        assert!(answer.header("cache-control").contains("immutable"));
    }
    assert!(!album.contains("/static/tus-"), "on the album's page, too");
    for part in [
        "enctype=\"multipart/form-data\"",
        &format!("action=\"{link}/upload\""),
        "name=\"visitor\"",
        "name=\"token\"",
        "name=\"files\"",
        "data-files=\"2000\"",
        "2,000 files and 10\u{a0}GB",
    ] {
        assert!(html.contains(part), "{part}");
    }
    let german = browser.get_with(&format!("{link}/add"), &[("accept-language", "de")]);
    assert!(german.text().contains("Eigene Fotos hinzufügen"));
}

fn the_page_says_when_others_see_what_is_sent() {
    let house = House::with(1);
    let browser = house.browser();
    let page = |upload, auto_accept, language| {
        let link =
            path(&house.link(|link| (link.upload, link.auto_accept) = (upload, auto_accept)));
        let said = [("accept-language", language)];
        browser.get_with(&format!("{link}/add"), &said).text()
    };
    assert!(page(Uploads::Add, false, "en").contains("Others see them here once"));
    assert!(page(Uploads::Add, true, "en").contains("sees them as soon as they have arrived"));
    assert!(page(Uploads::Add, true, "de").contains("sieht sie, sobald sie angekommen sind"));
    assert!(page(Uploads::Only, true, "en").contains("without being looked at first"));
    assert!(!page(Uploads::Only, false, "en").contains("looked at first"));
}

fn a_drop_box_has_one_page_and_shows_nothing() {
    let house = House::with(3);
    let browser = house.browser();
    let link = link_for(&house, Uploads::Only);
    let page = browser.get(&link).text();
    assert!(page.contains("what others send is not shown here"));
    assert!(!page.contains("/photo/") && !page.contains("og:image\""));
    assert!(!page.contains("3 photos"));
    send(&browser, &link, ANNA, "sea.gif");
    assert!(!browser.get(&link).text().contains("sea.gif"));
    assert!(receipt(&browser, &link, ANNA).contains("sea.gif"));
}

fn a_link_that_takes_nothing_says_so() {
    let house = House::with(1);
    let browser = house.browser();
    let link = house.open_link();
    assert!(!browser.get(&link).text().contains(&format!("{link}/add")));
    for page in ["add", &format!("receipt/{ANNA}")] {
        let answer = browser.get(&format!("{link}/{page}"));
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{page}");
    }
}

fn a_receipt_is_for_whoever_has_its_word() {
    let house = House::with(1);
    let browser = house.browser();
    let link = link_for(&house, Uploads::Add);
    let other = link_for(&house, Uploads::Add);
    let item = send(&browser, &link, ANNA, "<b>sea</b>.gif");
    let page = receipt(&browser, &link, ANNA);
    assert!(page.contains("1 of 1 received and verified") && page.contains(&item));
    assert!(page.contains("&#60;b&#62;sea") && !page.contains("<b>sea"));
    for (link, visitor) in [(&link, BEN), (&other, ANNA)] {
        let page = receipt(&browser, link, visitor);
        assert!(page.contains("Nothing has arrived yet.") && !page.contains(&item));
    }
    for word in ["", "0a", "zz", &ANNA[1..], &format!("+{}", &ANNA[1..])] {
        let answer = browser.get(&format!("{link}/receipt/{word}"));
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{word}");
    }
    // One that is not whole is told as such.
    let Ok(Visit::Open(access)) = house.library.visit(
        library::Address::Key(link.rsplit('/').next().unwrap()),
        None,
    ) else {
        panic!("the link does not open");
    };
    let begun = access.begin_upload(NewUpload {
        name: "late.gif".into(),
        bytes: 4000,
        visitor: [0x0a; 16],
        visitor_name: String::new(),
        sha256: None,
    });
    assert!(begun.is_ok());
    let page = receipt(&browser, &link, ANNA);
    assert!(page.contains("1 of 2 received and verified") && page.contains("late.gif"));
}

fn what_is_withdrawn_is_gone_and_only_for_its_sender() {
    let house = House::with(1);
    let browser = house.browser();
    let link = link_for(&house, Uploads::Add);
    let sea = send(&browser, &link, ANNA, "sea.gif");
    let dune = send(&browser, &link, ANNA, "dune.gif");
    let theirs = send(&browser, &link, BEN, "theirs.gif");

    let foreign = browser.ask(
        Method::POST,
        &format!("{link}/receipt/{ANNA}/withdraw"),
        &[("origin", "http://evil.example")],
        "all=1",
    );
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let blank = browser.ask(
        Method::POST,
        &format!("{link}/receipt/{ANNA}/withdraw"),
        &[("origin", "null")],
        "all=1",
    );
    assert!(blank.header("location").ends_with("?stale=1"));
    assert!(receipt(&browser, &link, ANNA).contains("2 of 2"));

    let answer = withdraw(&browser, &link, ANNA, &format!("item={sea}&item={theirs}"));
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let back = answer.header("location").to_owned();
    assert!(
        back.ends_with(&format!("{ANNA}?withdrawn=1&late=0")),
        "{back}"
    );
    assert!(browser.get(&back).text().contains("1 file is withdrawn"));
    let page = receipt(&browser, &link, ANNA);
    assert!(!page.contains(&sea) && page.contains(&dune));
    assert!(receipt(&browser, &link, BEN).contains(&theirs));

    withdraw(&browser, &link, ANNA, "all=1");
    assert!(receipt(&browser, &link, ANNA).contains("Nothing has arrived yet."));
    assert!(receipt(&browser, &link, BEN).contains(&theirs));
}

fn after_twelve_hours_nothing_is_withdrawn() {
    let house = House::with(1);
    let browser = house.browser();
    let link = link_for(&house, Uploads::Add);
    let item = send(&browser, &link, ANNA, "sea.gif");
    house.sleep(12 * HOUR_MS - 1);
    assert!(receipt(&browser, &link, ANNA).contains("name=\"item\""));
    house.sleep(1);
    let page = receipt(&browser, &link, ANNA);
    assert!(
        page.contains(&item) && !page.contains("name=\"item\"") && !page.contains("name=\"all\"")
    );
    let back = withdraw(&browser, &link, ANNA, &format!("item={item}"));
    let page = browser.get(back.header("location")).text();
    assert!(page.contains("possible for 12 hours") && page.contains(&item));
}

fn the_text_of_a_receipt_is_one_line_a_file() {
    let house = House::with(1);
    let browser = house.browser();
    let link = link_for(&house, Uploads::Add);
    send(&browser, &link, ANNA, "sea.gif");
    send(&browser, &link, ANNA, "dune\\two.gif");
    let text = browser.get(&format!("{link}/receipt/{ANNA}/receipt.txt"));
    assert_eq!(text.status, StatusCode::OK);
    assert!(text.header("content-type").starts_with("text/plain"));
    assert!(text.header("content-disposition").starts_with("attachment"));
    let text = text.text();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines.len(), 2, "{text}");
    for line in lines {
        let (sum, name) = line.split_once("  ").unwrap();
        assert_eq!(sum.len(), 64);
        assert!(["sea.gif", "dune_two.gif"].contains(&name), "{name}");
    }
    assert!(text.starts_with("# Receipt for what was sent to «Summer at the lake», from Anna\n"));
}
