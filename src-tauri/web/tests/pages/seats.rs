//! A link for so many people: its door, who takes a seat there, and who takes none.

use axum::http::{Method, StatusCode};
use library::LinkEdit;

use crate::house::{Answer, Browser, House, PASSWORD, items, path};

crate::cases![
    a_seat_is_taken_by_a_gesture,
    fetching_takes_no_seat,
    what_keeps_no_cookie_takes_no_seat,
    what_did_not_read_the_page_takes_no_seat,
    when_all_have_come_it_is_said,
    a_photo_at_the_door_is_led_on_to,
    a_password_and_a_seat_are_one_form,
];

/// A link for so many people, and where it stands.
fn for_people(house: &House, people: u32) -> (library::Link, String) {
    let link = house.link(|link| link.people = Some(people));
    let base = path(&link);
    (link, base)
}

fn taken(house: &House, link: &library::Link) -> u32 {
    house.library.link(link.id).unwrap().seats
}

fn press(browser: &Browser, address: &str, headers: &[(&str, &str)], form: &str) -> Answer {
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    browser.ask(Method::POST, address, &[&kind, headers].concat(), form)
}

fn a_seat_is_taken_by_a_gesture() {
    let house = House::with(2);
    let browser = house.browser();
    let (link, base) = for_people(&house, 3);
    let door = browser.get(&base);
    assert_eq!(door.status, StatusCode::OK);
    let text = door.text();
    assert!(text.contains("This album is for a few people") && !text.contains("type=\"password\""));
    assert!(text.contains("og:title\" content=\"A shared album · Albumen\""));
    assert!(!text.contains("og:image") && !text.contains("Summer"));
    assert_eq!(door.header("set-cookie"), "", "no cookie before a gesture");
    let german = browser.get_with(&base, &[("accept-language", "de")]).text();
    assert!(german.contains("Dieses Album ist für wenige Leute"));

    let own = [("sec-fetch-site", "same-origin")];
    let first = press(&browser, &format!("{base}/unlock"), &own, "");
    assert_eq!(first.status, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(taken(&house, &link), 0);
    let headers = [own[0], ("cookie", &first.cookie())];
    let second = press(&browser, first.header("location"), &headers, "");
    assert_eq!(second.status, StatusCode::SEE_OTHER);
    assert_eq!(second.header("location"), base);
    let cookie = second.header("set-cookie");
    assert!(cookie.contains(&format!(
        "; Path={base}; Max-Age=15552000; HttpOnly; SameSite=Lax"
    )));
    let seat = second.cookie();
    let page = browser.get_as(&base, &seat).text();
    assert!(page.contains("Summer at the lake") && !page.contains("og:image"));
    for _ in 0..3 {
        browser.get_as(&base, &seat);
    }
    assert_eq!(taken(&house, &link), 1);
    let again = press(
        &browser,
        &format!("{base}/unlock"),
        &[own[0], ("cookie", &seat)],
        "",
    );
    assert_eq!(again.status, StatusCode::SEE_OTHER, "who is in is led on");
    assert_eq!(taken(&house, &link), 1);
    // Pictures behind a door are asked for each time.
    let item = &items(&browser.get_as(&base, &seat).text())[0];
    let picture = browser.get_as(&format!("{base}/photo/{item}/preview"), &seat);
    assert_eq!(picture.status, StatusCode::OK);
    assert_eq!(picture.header("cache-control"), "private, no-cache");

    house.library.free_seats(link.id).unwrap();
    assert!(!browser.get_as(&base, &seat).text().contains("Summer"));
    assert_eq!(
        browser
            .get_as(&format!("{base}/photo/{item}/preview"), &seat)
            .status,
        StatusCode::UNAUTHORIZED
    );
}

fn fetching_takes_no_seat() {
    let house = House::with(1);
    let browser = house.browser();
    let (link, base) = for_people(&house, 1);
    for agent in ["WhatsApp/2.23", "Googlebot/2.1", "curl/8.0", "Mozilla/5.0"] {
        for method in [Method::GET, Method::HEAD] {
            for tail in ["", "/card", "/unlock", "/archive"] {
                let address = format!("{base}{tail}");
                browser.ask(method.clone(), &address, &[("user-agent", agent)], "");
            }
        }
    }
    assert_eq!(taken(&house, &link), 0);
    assert!(house.library.tally(link.id).unwrap().days.is_empty());
    assert!(browser.seat(&base).starts_with("albumen="));
}

fn what_keeps_no_cookie_takes_no_seat() {
    let house = House::with(1);
    let browser = house.browser();
    let (link, base) = for_people(&house, 1);
    let own = [("sec-fetch-site", "same-origin")];
    let first = press(&browser, &format!("{base}/unlock"), &own, "");
    let second = press(&browser, first.header("location"), &own, "");
    assert_eq!(second.status, StatusCode::FORBIDDEN);
    assert!(second.text().contains("This browser keeps no cookies"));
    assert_eq!(second.header("set-cookie"), "");
    assert_eq!(taken(&house, &link), 0);
}

fn what_did_not_read_the_page_takes_no_seat() {
    let house = House::with(1);
    let browser = house.browser();
    let (link, base) = for_people(&house, 1);
    let address = format!("{base}/unlock");
    let cookie = ("cookie", "albumen=-");
    for headers in [
        &[cookie][..],
        &[cookie, ("origin", "null")],
        &[cookie, ("sec-fetch-site", "cross-site")],
        &[cookie, ("origin", "https://evil.example")],
    ] {
        let answer = press(&browser, &address, headers, "");
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
        assert_eq!(answer.header("set-cookie"), "", "{headers:?}");
    }
    assert_eq!(taken(&house, &link), 0);
    // A plain-http page has its token, where a browser says nothing.
    let page = browser.get(&base).text();
    let token = page.split("name=\"form\" value=\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap();
    let answer = press(
        &browser,
        &address,
        &[cookie, ("origin", "null")],
        &format!("form={token}"),
    );
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(taken(&house, &link), 1);
}

fn when_all_have_come_it_is_said() {
    let house = House::with(1);
    let browser = house.browser();
    let (link, base) = for_people(&house, 1);
    let seat = browser.seat(&base);
    let full = browser.get(&base);
    assert_eq!(full.status, StatusCode::OK);
    let text = full.text();
    assert!(text.contains("opened by as many people as its owner allows"));
    assert!(!text.contains("<form") && !text.contains("Summer"));
    let own = [("sec-fetch-site", "same-origin"), ("cookie", "albumen=-")];
    let refused = press(&browser, &format!("{base}/unlock"), &own, "");
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text().contains("Ask them for a link of your own"));
    assert!(browser.get_as(&base, &seat).text().contains("Summer"));
    let edit = LinkEdit {
        people: Some(Some(2)),
        ..LinkEdit::default()
    };
    house.library.edit_link(link.id, edit).unwrap();
    browser.seat(&base);
    assert_eq!(taken(&house, &link), 2);
}

fn a_photo_at_the_door_is_led_on_to() {
    let house = House::with(1);
    let browser = house.browser();
    let (_, base) = for_people(&house, 2);
    let seat = browser.seat(&base);
    let item = &items(&browser.get_as(&base, &seat).text())[0];
    let photo = format!("{base}/photo/{item}");
    let door = browser.get(&photo).text();
    assert!(door.contains(&format!("name=\"photo\" value=\"{item}\"")));
    let own = [("sec-fetch-site", "same-origin"), ("cookie", "albumen=-")];
    let form = format!("photo={item}");
    let answer = press(&browser, &format!("{base}/unlock"), &own, &form);
    assert_eq!(answer.header("location"), photo);
}

fn a_password_and_a_seat_are_one_form() {
    let house = House::with(1);
    let browser = house.browser();
    let link = house.link(|link| {
        link.people = Some(1);
        link.password = Some(PASSWORD.into());
    });
    let base = path(&link);
    let text = browser.get(&base).text();
    assert!(text.contains("This album has a password") && text.contains("Opening it takes one"));
    let own = [("sec-fetch-site", "same-origin"), ("cookie", "albumen=-")];
    let address = format!("{base}/unlock");
    let wrong = press(&browser, &address, &own, "password=not+it");
    assert!(wrong.text().contains("That is not the password"));
    assert_eq!(taken(&house, &link), 0);
    let right = press(&browser, &address, &own, "password=correct+horse");
    assert_eq!(right.status, StatusCode::SEE_OTHER);
    assert!(
        browser
            .get_as(&base, &right.cookie())
            .text()
            .contains("Summer")
    );
    assert_eq!(taken(&house, &link), 1);
    // Whether there is room is for those who know the password.
    assert!(!browser.get(&base).text().contains("as many people"));
    let late = press(&browser, &address, &own, "password=correct+horse");
    assert_eq!(late.status, StatusCode::FORBIDDEN);
    assert!(late.text().contains("as many people"));
}
