//! The password form: the way in, wrong tries, other sites' forms; and the hosts
//! this computer answers to.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Bytes;
use axum::http::{Method, Request, StatusCode};
use hyper::body::{Body, Frame};
use web::Settings;

use crate::house::{Browser, House, PASSWORD};

crate::cases![
    the_right_password_opens,
    a_wrong_password_is_told_and_then_waits,
    a_photo_behind_a_password_is_led_on_to,
    a_pass_ends_with_its_password,
    another_sites_form_is_refused,
    a_form_without_an_origin_needs_its_token,
    a_form_that_never_arrives_is_given_up,
    a_published_address_gets_a_strict_cookie,
    foreign_hosts_are_turned_away,
];

fn the_right_password_opens() {
    let house = House::with(2);
    let browser = house.browser();
    let path = house.locked_link();
    let form = browser.get(&path);
    assert_eq!(form.status, StatusCode::OK);
    let text = form.text();
    assert!(text.contains("<title>A shared album · Albumen</title>"));
    assert!(text.contains("og:title\" content=\"A shared album · Albumen\""));
    assert!(!text.contains("og:image") && !text.contains("og:description"));

    let answer = browser.unlock(&path, PASSWORD);
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("location"), path);
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("albumen=") && cookie.contains(&format!("; Path={path};")));
    assert!(
        cookie.ends_with("; Max-Age=43200; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );

    let page = browser.get_as(&path, &answer.cookie()).text();
    assert!(page.contains("Summer at the lake") && page.contains("2 photos"));
    assert!(
        !page.contains("og:image"),
        "a messenger's card stays generic"
    );
    assert!(page.contains("og:title\" content=\"A shared album · Albumen\""));
}

fn a_wrong_password_is_told_and_then_waits() {
    let house = House::with(1);
    let browser = house.browser();
    let path = house.locked_link();
    let other = house.locked_link();
    let wrong = browser.unlock(&path, "not the password");
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    assert!(wrong.text().contains("That is not the password"));
    assert!(wrong.text().contains("type=\"password\""));
    let waits = (0..20)
        .map(|_| browser.unlock(&path, "not the password"))
        .find(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS)
        .expect("a wait after some tries");
    let seconds: i64 = waits.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds));
    assert!(waits.text().contains("Too many wrong passwords"));
    assert_eq!(
        browser.unlock(&path, PASSWORD).status,
        StatusCode::TOO_MANY_REQUESTS
    );
    assert_eq!(
        browser.unlock(&other, PASSWORD).status,
        StatusCode::SEE_OTHER
    );
    house.sleep(seconds * 1_000);
    assert_eq!(
        browser.unlock(&path, PASSWORD).status,
        StatusCode::SEE_OTHER,
        "never a lock-out"
    );
}

fn a_photo_behind_a_password_is_led_on_to() {
    let house = House::with(1);
    let browser = house.browser();
    let path = house.locked_link();
    let pass = browser.pass(&path);
    let item = &crate::house::items(&browser.get_as(&path, &pass).text())[0];
    let photo = format!("{path}/photo/{item}");
    assert!(
        browser
            .get(&photo)
            .text()
            .contains(&format!("name=\"photo\" value=\"{item}\""))
    );
    let answer = post(
        &browser,
        &path,
        &[],
        &format!("password=correct+horse&photo={item}"),
    );
    assert_eq!(answer.header("location"), photo);
    for bad in ["..%2F..%2Fs%2Fx", "%2F%2Fevil.example", "a%0d%0aX:y"] {
        let answer = post(
            &browser,
            &path,
            &[],
            &format!("password=correct+horse&photo={bad}"),
        );
        assert_eq!(answer.header("location"), path, "{bad}");
    }
}

fn a_pass_ends_with_its_password() {
    let house = House::with(1);
    let browser = house.browser();
    let link = house.link(|link| link.password = Some(PASSWORD.into()));
    let path = crate::house::path(&link);
    let pass = browser.pass(&path);
    assert!(browser.get_as(&path, &pass).text().contains("Summer"));
    let edit = library::LinkEdit {
        password: Some("another horse".into()),
        ..Default::default()
    };
    house.library.edit_link(link.id, edit).unwrap();
    assert!(!browser.get_as(&path, &pass).text().contains("Summer"));
    let pass = browser.unlock(&path, "another horse").cookie();
    assert!(browser.get_as(&path, &pass).text().contains("Summer"));
    house.sleep(12 * 3_600_000 + 1);
    assert!(
        !browser.get_as(&path, &pass).text().contains("Summer"),
        "twelve hours at most"
    );
}

fn post(
    browser: &Browser,
    path: &str,
    headers: &[(&str, &str)],
    form: &str,
) -> crate::house::Answer {
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let headers = [&kind, headers].concat();
    browser.ask(Method::POST, &format!("{path}/unlock"), &headers, form)
}

fn another_sites_form_is_refused() {
    let house = House::with(1);
    let browser = house.browser();
    let path = house.locked_link();
    let right = "password=correct+horse";
    for foreign in [
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
        [("origin", "https://evil.example")],
        [("origin", "http://localhost:1")],
    ] {
        let answer = post(&browser, &path, &foreign, right);
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{foreign:?}");
        assert!(!answer.headers.contains_key("set-cookie"), "{foreign:?}");
    }
    for own in [
        [("sec-fetch-site", "same-origin")],
        [("origin", "http://localhost:2455")],
    ] {
        assert_eq!(
            post(&browser, &path, &own, right).status,
            StatusCode::SEE_OTHER,
            "{own:?}"
        );
    }
    let unreadable = browser.ask(Method::POST, &format!("{path}/unlock"), &[], "{}");
    assert_eq!(unreadable.status, StatusCode::BAD_REQUEST);
    let long = format!("password={}", "a".repeat(10_000));
    assert_eq!(
        post(&browser, &path, &[], &long).status,
        StatusCode::BAD_REQUEST
    );
}

fn a_form_without_an_origin_needs_its_token() {
    let house = House::with(1);
    let browser = house.browser();
    let path = house.locked_link();
    let blank = [("origin", "null")];
    let answer = post(&browser, &path, &blank, "password=correct+horse");
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(!answer.headers.contains_key("set-cookie"));
    let page = answer.text();
    let token = page
        .split("name=\"form\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let answer = post(
        &browser,
        &path,
        &blank,
        &format!("password=correct+horse&form={token}"),
    );
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

/// A body of which nothing ever comes.
struct Silent;

impl Body for Silent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

fn a_form_that_never_arrives_is_given_up() {
    let house = House::with(1);
    let browser = house.browser();
    let path = house.locked_link();
    let request = Request::post(format!("{path}/unlock"))
        .header("host", "localhost")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::new(Silent))
        .unwrap();
    // The clock of this runtime jumps to the next timer whenever all else waits.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let response = runtime.block_on(browser.pages.answer(request));
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

fn a_published_address_gets_a_strict_cookie() {
    let house = House::with(1);
    let path = house.locked_link();
    let browser = house.browser_at(&Settings {
        public_url: Some("https://photos.example.org".into()),
        ..House::settings()
    });
    let host = [("host", "photos.example.org")];
    let answer = post(&browser, &path, &host, "password=correct+horse");
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.starts_with("__Host-albumen-") && cookie.contains("; Path=/; "),
        "{cookie}"
    );
    assert!(cookie.ends_with("; Secure"), "{cookie}");
    let pass = answer.cookie();
    let page = browser.get_with(&path, &[host[0], ("cookie", &pass)]);
    assert!(page.text().contains("Summer"));

    let open = house.open_link();
    let page = browser.get_with(&open, &host).text();
    assert!(page.contains(&format!(
        "og:image\" content=\"https://photos.example.org{open}/card\""
    )));
    let page = browser.get_with(&open, &[("host", "localhost:7")]).text();
    assert!(page.contains(&format!(
        "og:image\" content=\"http://localhost:7{open}/card\""
    )));
}

fn foreign_hosts_are_turned_away() {
    let house = House::with(1);
    let browser = house.browser();
    let path = house.open_link();
    for host in [
        "evil.example",
        "localhost.evil.example",
        "203.0.113.9",
        "a b",
    ] {
        let answer = browser.get_with(&path, &[("host", host)]);
        assert!(answer.status.is_client_error(), "{host}");
        assert!(!answer.text().contains("Summer"), "{host}");
    }
    assert_eq!(
        browser.get_with(&path, &[("host", "evil.example")]).status,
        StatusCode::MISDIRECTED_REQUEST
    );
    assert_eq!(
        browser.get_with(&path, &[("host", "")]).status,
        StatusCode::MISDIRECTED_REQUEST
    );
    let forwarded = [("host", "evil.example"), ("x-forwarded-host", "localhost")];
    assert_eq!(
        browser.get_with(&path, &forwarded).status,
        StatusCode::MISDIRECTED_REQUEST
    );
}
