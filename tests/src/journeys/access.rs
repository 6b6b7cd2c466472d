//! A link is one door for all bytes: what opens it, what closes it, and that a
//! closed one says the same whatever the reason.

use crate::desk::{Desk, text, until};
use crate::visitor::{Reply, Visitor};
use camera::{Exif, Scene, draw, jpeg};
use std::collections::BTreeSet;

/// A desk with three photos in an album; returns their ids and the album's.
pub fn desk_with_album() -> (Desk, Vec<String>, String) {
    let desk = Desk::new();
    for number in 0..3 {
        let picture = draw(
            Scene::ALL[usize::try_from(number).unwrap()],
            number,
            900,
            600,
        );
        desk.put(
            &format!("{number}.jpg"),
            &jpeg(&picture, 88, &Exif::default()).unwrap(),
        );
    }
    let ids = desk.import();
    assert_eq!(ids.len(), 3);
    let album = desk.album("By the sea", &ids);
    (desk, ids, album)
}

/// By every method that reads, the whole and a part.
fn by_every_means(visitor: &Visitor, route: &str) -> Vec<Reply> {
    vec![
        visitor.get(route),
        visitor.send("HEAD", route, &[], &[]),
        visitor.send("GET", route, &[("range", "bytes=0-99")], &[]),
        visitor.send("GET", route, &[("if-none-match", "*")], &[]),
    ]
}

fn opens_nothing(visitor: &Visitor, routes: &BTreeSet<String>, nothing: &Reply) {
    for route in routes {
        for (number, reply) in by_every_means(visitor, route).into_iter().enumerate() {
            assert_eq!(reply.status, nothing.status, "{route} by means {number}");
            if number != 1 {
                assert_eq!(
                    reply.without_date(),
                    *nothing,
                    "{route} says something of its own by means {number}"
                );
            }
        }
    }
}

#[test]
fn an_open_link_shows_everything_it_leads_to() {
    let (desk, _, album) = desk_with_album();
    let link = desk.link(&["--album", &album, "--expires", "30d"]);
    assert_eq!(link["state"], "open", "{link}");
    assert_eq!(
        text(&link["path"]),
        format!("/share/{}", text(&link["key"]))
    );
    let path = text(&link["path"]);
    let serving = desk.serve();
    let visitor = Visitor::new(&serving.url());
    let routes = visitor.routes(&path);
    // The page, the card, and for each photo its page and three pictures.
    assert!(routes.len() >= 2 + 3 * 4, "{routes:?}");
    for route in &routes {
        let reply = visitor.get(route);
        assert_eq!(reply.status, 200, "{route}");
        assert!(reply.suits(route), "{route}");
        assert!(
            reply.header("set-cookie").is_none(),
            "{route} sets a cookie"
        );
        assert!(reply.header("last-modified").is_none(), "{route}");
        let head = visitor.send("HEAD", route, &[], &[]);
        assert_eq!((head.status, head.body.len()), (200, 0), "{route}");
    }
    let page = visitor.get(&path);
    assert!(page.text().contains("By the sea"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .contains("default-src 'none'")
    );
    let preview = routes
        .iter()
        .find(|route| route.ends_with("/preview"))
        .unwrap();
    let whole = visitor.get(preview);
    let part = visitor.send("GET", preview, &[("range", "bytes=10-19")], &[]);
    assert_eq!((part.status, &part.body[..]), (206, &whole.body[10..20]));
    let beyond = visitor.send("GET", preview, &[("range", "bytes=99999999-")], &[]);
    assert_eq!(beyond.status, 416);
}

#[test]
fn wrong_keys_of_every_shape_open_nothing_and_say_the_same() {
    let (desk, ids, album) = desk_with_album();
    let link = text(&desk.link(&["--album", &album])["path"]);
    let serving = desk.serve();
    let visitor = Visitor::new(&serving.url());
    let item = visitor
        .routes(&link)
        .into_iter()
        .find_map(|route| Some(route.split_once("/photo/")?.1.to_owned()))
        .unwrap();
    let mut other = link.clone();
    let last = other.pop().unwrap();
    other.push(if last == 'A' { 'B' } else { 'A' });
    let nothing = visitor.get(&other).without_date();
    assert_eq!(nothing.status, 404);
    let mut wrong = BTreeSet::new();
    for key in [
        other.as_str(),
        "/share/",
        "/share/x",
        "/share/..%2F..%2Fetc%2Fpasswd",
        "/share/%00",
        "/share/%FF%FE",
        "/s/summer",
        "/s/<script>",
    ] {
        let key = key.replace('<', "%3C").replace('>', "%3E");
        wrong.insert(key.clone());
        for rest in [
            "card",
            &format!("photo/{item}"),
            &format!("photo/{item}/preview"),
        ] {
            wrong.insert(format!("{}/{rest}", key.trim_end_matches('/')));
        }
    }
    // Not in this link: another's address, the library's own id, garbage.
    for photo in [ids[0].as_str(), "AAAAAAAAAAAAAAAAAAAAAA", "1", "%2e%2e"] {
        for rest in ["", "/thumbnail", "/preview", "/download"] {
            wrong.insert(format!("{link}/photo/{photo}{rest}"));
        }
    }
    opens_nothing(&visitor, &wrong, &nothing);
}

#[test]
fn a_revoked_link_opens_nothing_from_that_moment() {
    let (desk, _, album) = desk_with_album();
    let link = desk.link(&["--album", &album]);
    let path = text(&link["path"]);
    let serving = desk.serve();
    let visitor = Visitor::new(&serving.url());
    let routes = visitor.routes(&path);
    let nothing = visitor.get("/share/x").without_date();
    let preview = routes
        .iter()
        .find(|route| route.ends_with("/preview"))
        .unwrap();
    let tag = visitor.get(preview).header("etag").unwrap().to_owned();

    let revoked = desk.tell(&["link", "revoke", &text(&link["id"])]);
    assert_eq!(revoked["state"], "revoked", "{revoked}");
    opens_nothing(&visitor, &routes, &nothing);
    let remembered = visitor.send("GET", preview, &[("if-none-match", &tag)], &[]);
    assert_eq!(
        remembered.without_date(),
        nothing,
        "no 304 of a revoked link"
    );
    // A revoked link stays listed, for its owner alone.
    assert_eq!(
        desk.tell(&["link", "show", &text(&link["id"])])["state"],
        "revoked"
    );
}

#[test]
fn an_expired_link_opens_nothing() {
    let (desk, _, album) = desk_with_album();
    let link = desk.link(&["--album", &album, "--expires", "never"]);
    let path = text(&link["path"]);
    let serving = desk.serve();
    let visitor = Visitor::new(&serving.url());
    let routes = visitor.routes(&path);
    let nothing = visitor.get("/share/x").without_date();
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(1);
    desk.tell(&[
        "link",
        "edit",
        &text(&link["id"]),
        "--expires",
        &soon.to_string(),
    ]);
    until("the link has expired", || {
        (visitor.get(&path).status == 404).then_some(())
    });
    opens_nothing(&visitor, &routes, &nothing);
    assert_eq!(
        desk.tell(&["link", "show", &text(&link["id"])])["state"],
        "expired"
    );
}

#[test]
fn what_may_be_downloaded_is_what_the_link_says() {
    let (desk, _, album) = desk_with_album();
    let link = desk.link(&["--album", &album, "--download", "none", "--show-metadata"]);
    let (id, path) = (text(&link["id"]), text(&link["path"]));
    let serving = desk.serve();
    let visitor = Visitor::new(&serving.url());
    let routes = visitor.routes(&path);
    let downloads: Vec<&String> = routes
        .iter()
        .filter(|route| route.ends_with("/download"))
        .collect();
    for download in &downloads {
        let refused = visitor.get(download);
        assert!(
            !refused.is_picture() && refused.status >= 400,
            "{download}: {}",
            refused.status
        );
    }
    assert!(
        !visitor.get(&path).text().contains("/download"),
        "a dead button"
    );

    let originals: BTreeSet<String> = desk
        .assets()
        .iter()
        .map(|asset| text(&asset["hash"]))
        .collect();
    let served = |visitor: &Visitor| -> BTreeSet<String> {
        let hashed = |route: &&String| blake3::hash(&visitor.get(route).body).to_hex().to_string();
        downloads.iter().map(hashed).collect()
    };
    desk.tell(&["link", "edit", &id, "--download", "screen"]);
    assert!(served(&visitor).is_disjoint(&originals));
    for download in &downloads {
        let reply = visitor.get(download);
        assert!(reply.is_picture(), "{download}: {}", reply.status);
        assert!(
            reply
                .header("content-disposition")
                .unwrap()
                .starts_with("attachment")
        );
    }
    desk.tell(&["link", "edit", &id, "--download", "original"]);
    assert_eq!(served(&visitor), originals);
}

#[test]
fn a_selection_is_what_was_selected_and_an_album_follows() {
    let (desk, ids, album) = desk_with_album();
    let selection = text(&desk.link(&["--assets", &ids[0]])["path"]);
    let following = text(&desk.link(&["--album", &album])["path"]);
    let serving = desk.serve();
    let visitor = Visitor::new(&serving.url());
    let photos = |link: &str| {
        let routes = visitor.routes(link);
        routes
            .iter()
            .filter(|route| route.ends_with("/preview"))
            .count()
    };
    assert_eq!((photos(&selection), photos(&following)), (1, 3));
    let before = visitor.routes(&following);
    desk.tell(&["album", "remove", &album, &ids[1]]);
    assert_eq!((photos(&selection), photos(&following)), (1, 2));
    let gone: Vec<&String> = before
        .iter()
        .filter(|route| visitor.get(route).status == 404)
        .collect();
    assert_eq!(gone.len(), 4, "one photo's page and pictures: {gone:?}");
}
