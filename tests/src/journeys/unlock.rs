//! A link with a password: nothing of any photo before it, everything after.

use crate::access::desk_with_album;
use crate::desk::text;
use crate::visitor::{Visitor, is_page};

const PASSWORD: &str = "Eier & Sälz 2026";

#[test]
fn before_the_password_nothing_and_after_it_everything() {
    let (desk, _, album) = desk_with_album();
    let link = desk.link(&[
        "--album",
        &album,
        "--password",
        PASSWORD,
        "--expires",
        "30d",
        "--label",
        "Grandma",
    ]);
    assert_eq!(link["has_password"], true, "{link}");
    let path = text(&link["path"]);
    let serving = desk.serve();
    let mut friend = Visitor::new(&serving.url());
    let answer = friend.unlock(&path, PASSWORD);
    assert_eq!(answer.status, 303, "{}", answer.text());
    let cookie = answer.header("set-cookie").unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    let routes = friend.routes(&path);
    assert!(routes.len() >= 2 + 3 * 4, "{routes:?}");

    let stranger = Visitor::new(&serving.url());
    for route in &routes {
        for method in ["GET", "HEAD"] {
            let reply = stranger.send(method, route, &[], &[]);
            let body = reply.text();
            for told in [
                "By the sea",
                "Grandma",
                "3 photos",
                "/preview",
                "/thumbnail",
            ] {
                assert!(!body.contains(told), "{method} {route} tells {told:?}");
            }
            let kind = reply.header("content-type").unwrap_or_default();
            assert!(!kind.starts_with("image/"), "{method} {route} is {kind}");
            assert!(reply.header("etag").is_none(), "{method} {route}");
            if !is_page(route) {
                assert_eq!(reply.status, 401, "{method} {route}");
            }
        }
        let reply = friend.get(route);
        assert_eq!(reply.status, 200, "{route}");
        assert!(reply.suits(route), "{route}");
        let kept = reply.header("cache-control").unwrap();
        assert!(
            ["no-store", "private, no-cache"].contains(&kept),
            "{route}: {kept}"
        );
    }

    // The cookie of one link is nothing to another, not even with the same password.
    let other = desk.link(&["--album", &album, "--password", PASSWORD]);
    assert!(
        !friend
            .get(&text(&other["path"]))
            .text()
            .contains("By the sea")
    );

    // A new password ends what the old one opened; a revoke ends all.
    desk.tell(&[
        "link",
        "edit",
        &text(&link["id"]),
        "--password",
        "another one entirely",
    ]);
    for route in routes.iter().filter(|route| !is_page(route)) {
        assert_eq!(friend.get(route).status, 401, "{route} with the old cookie");
    }
    assert_eq!(friend.unlock(&path, PASSWORD).status, 403);
    assert_eq!(friend.unlock(&path, "another one entirely").status, 303);
    assert_eq!(friend.get(&path).status, 200);
    desk.tell(&["link", "revoke", &text(&link["id"])]);
    let nothing = friend.get("/share/x").without_date();
    for route in &routes {
        assert_eq!(friend.get(route).without_date(), nothing, "{route}");
    }
    assert_eq!(friend.unlock(&path, "another one entirely").status, 404);
}

#[test]
fn wrong_passwords_are_told_so_and_then_have_to_wait() {
    let (desk, _, album) = desk_with_album();
    let link = desk.link(&["--album", &album, "--password", PASSWORD]);
    let path = text(&link["path"]);
    let serving = desk.serve();
    let mut guesser = Visitor::new(&serving.url());
    let refused = guesser.unlock(&path, "not this one");
    assert_eq!(refused.status, 403);
    assert!(refused.header("set-cookie").is_none());
    assert!(refused.text().contains("<form"), "the form again");
    let mut tries = 1;
    let told_to_wait = loop {
        let reply = guesser.unlock(&path, &format!("guess number {tries}"));
        tries += 1;
        if reply.status == 429 {
            break reply;
        }
        assert_eq!(reply.status, 403, "try {tries}");
        assert!(tries < 20, "no end to the guessing");
    };
    assert!(tries > 10, "ten tries are free, but {tries} was refused");
    let wait: u64 = told_to_wait.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    // Even the right one waits: a guesser must not learn by the answer's kind.
    assert_eq!(guesser.unlock(&path, PASSWORD).status, 429);
}

#[test]
fn a_password_from_another_site_is_refused() {
    let (desk, _, album) = desk_with_album();
    let link = text(&desk.link(&["--album", &album, "--password", PASSWORD])["path"]);
    let serving = desk.serve();
    let visitor = Visitor::new(&serving.url());
    let body = b"password=Eier+%26+S%C3%A4lz+2026";
    for foreign in [
        ("origin", "https://elsewhere.example"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let reply = visitor.send("POST", &format!("{link}/unlock"), &[kind, foreign], body);
        assert!(reply.status >= 400, "{foreign:?}: {}", reply.status);
        assert!(reply.header("set-cookie").is_none(), "{foreign:?}");
    }
}

#[test]
fn a_weak_password_and_a_date_that_is_none_are_refused() {
    let (desk, _, album) = desk_with_album();
    for options in [["--password", "short"], ["--expires", "soon"]] {
        let mut words = vec!["link", "create", "--album", &album];
        words.extend(options);
        let answer = desk.ask(&words);
        assert!(
            matches!(answer.code, Some(1 | 2)),
            "{options:?}: {answer:?}"
        );
        assert!(answer.said.is_null(), "{options:?}: {answer:?}");
    }
    assert_eq!(
        desk.tell(&["link", "list"])["links"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
}
