//! What visitors do is counted for the owner: by people, once a visit, and by
//! nobody else.

use axum::http::{Method, StatusCode};

use crate::house::{Browser, House, path};

crate::cases![
    a_visit_is_counted_once,
    fetching_counts_nothing,
    bots_and_strangers_count_nothing,
    a_locked_link_counts_nothing,
];

const VISIT: &str = "00112233445566778899aabbccddeeff";
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 \
                     (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";

fn note(browser: &Browser, path: &str, words: &str, more: &[(&str, &str)]) -> StatusCode {
    let plain = [("content-type", "application/x-www-form-urlencoded")];
    let headers = [&plain, more].concat();
    let body = format!("visit={VISIT}&{words}");
    let answer = browser.ask(Method::POST, &format!("{path}/note"), &headers, &body);
    answer.status
}

fn a_visit_is_counted_once() {
    let house = House::with(1);
    let (browser, link) = (house.browser(), house.link(|_| ()));
    let own = [("user-agent", PHONE), ("sec-fetch-site", "same-origin")];
    for words in [
        "deed=open",
        "deed=open",
        "deed=photo",
        "deed=download&count=5",
        "deed=dance",
        "",
    ] {
        assert_eq!(
            note(&browser, &path(&link), words, &own),
            StatusCode::NO_CONTENT
        );
    }
    let tally = house.library.tally(link.id).unwrap();
    assert_eq!(tally.visits.len(), 1);
    let [visit] = &tally.visits[..] else {
        panic!("one visit")
    };
    assert_eq!(visit.device, "Safari on an iPhone");
    assert_eq!((visit.photos, visit.downloads), (1, 5));
    assert_eq!(house.library.link(link.id).unwrap().visits, 1);
}

fn fetching_counts_nothing() {
    let house = House::with(1);
    let (browser, link) = (house.browser(), house.link(|_| ()));
    let base = path(&link);
    let [item] = &house.items(&browser, &base)[..] else {
        panic!("one photo")
    };
    for tail in [
        "",
        "/card",
        &format!("/photo/{item}"),
        &format!("/photo/{item}/download"),
    ] {
        browser.get(&format!("{base}{tail}"));
        browser.ask(Method::HEAD, &format!("{base}{tail}"), &[], "");
    }
    assert!(house.library.tally(link.id).unwrap().days.is_empty());
}

fn bots_and_strangers_count_nothing() {
    let house = House::with(1);
    let (browser, link) = (house.browser(), house.link(|_| ()));
    let base = path(&link);
    let none: &[(&str, &str)] = &[];
    let bot = [
        ("user-agent", "Googlebot/2.1"),
        ("sec-fetch-site", "same-origin"),
    ];
    let blank = [("user-agent", PHONE), ("origin", "null")];
    let foreign = [("user-agent", PHONE), ("origin", "https://evil.example")];
    for (headers, status) in [
        (none, StatusCode::NO_CONTENT),
        (&bot, StatusCode::NO_CONTENT),
        (&blank, StatusCode::NO_CONTENT),
        (&foreign, StatusCode::FORBIDDEN),
    ] {
        assert_eq!(note(&browser, &base, "deed=open", headers), status);
    }
    assert!(house.library.tally(link.id).unwrap().days.is_empty());
}

fn a_locked_link_counts_nothing() {
    let house = House::with(1);
    let browser = house.browser();
    let own = [("user-agent", PHONE), ("sec-fetch-site", "same-origin")];
    let locked = house.locked_link();
    let status = note(&browser, &locked, "deed=open", &own);
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        note(&browser, "/share/none", "deed=open", &own),
        StatusCode::NOT_FOUND
    );
    let links = house.library.links(None).unwrap();
    assert!(links.iter().all(|link| link.visits == 0));
}
