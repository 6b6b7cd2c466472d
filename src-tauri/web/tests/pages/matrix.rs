//! Every route of the table with every kind of access: what a visitor may not have
//! is refused everywhere alike, and nothing of a photo is in the refusal.

use axum::http::{Method, StatusCode};
use library::{Download, Link, LinkEdit, NewLink, Uploads};
use web::{ROUTES, Rights, Route};

use crate::house::{
    Answer, Browser, House, NOON, PASSWORD, PHONE, films, items, live, moving, paint, path, record,
};

crate::cases![
    every_route_is_of_a_link_and_both_addresses_have_the_same,
    every_route_asks_for_its_right,
    what_opens_nothing_is_told_alike,
    a_readable_name_opens_the_same_doors,
];

/// Someone at an address of a link.
struct Stranger {
    /// `/share/<key>` or `/s/<name>`.
    path: String,
    cookie: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Standing {
    Open,
    Locked,
    /// For so many people, of whom this is none.
    Seatless,
    Nothing,
}

/// Photos of a link, so that each route has bytes of one of them.
struct Items {
    /// A film where there is ffmpeg, or else a photo.
    any: String,
    /// A photo that moves.
    live: String,
}

fn ask(browser: &Browser, route: &Route, stranger: &Stranger, items: &Items) -> Answer {
    let item = match route.path.ends_with("/motion") {
        true => &items.live,
        false => &items.any,
    };
    let tail = route
        .path
        .splitn(4, '/')
        .nth(3)
        .map_or(String::new(), |tail| format!("/{tail}"));
    let tail = tail
        .replace("{item}", item)
        .replace("{visitor}", &"0a".repeat(16));
    let path = format!("{}{tail}", stranger.path);
    let method: Method = route.method.parse().unwrap();
    let headers = [
        ("cookie", stranger.cookie.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let form = match route.path.ends_with("/choose") {
        true => format!("item={item}"),
        // A form has the fields of all, and each way reads its own.
        false => format!("password=not+the+password&item={item}&name=Ben&text=Hello"),
    };
    browser.ask(method, &path, &headers, &form)
}

fn expected(route: &Route, standing: Standing) -> StatusCode {
    match (route.needs, standing) {
        (Rights::Nobody, _) => unreachable!("not of a link"),
        (_, Standing::Nothing) => StatusCode::NOT_FOUND,
        (Rights::Door, Standing::Open) => StatusCode::SEE_OTHER,
        (Rights::Door, Standing::Locked) => StatusCode::FORBIDDEN,
        // The matrix has read no page, so it has no token.
        (Rights::Door, Standing::Seatless) => StatusCode::FORBIDDEN,
        (Rights::Look | Rights::Add, Standing::Locked | Standing::Seatless) => StatusCode::OK,
        (Rights::Comment, Standing::Open) => StatusCode::SEE_OTHER,
        (
            Rights::Bytes | Rights::Download | Rights::Comment | Rights::Upload,
            Standing::Locked | Standing::Seatless,
        ) => StatusCode::UNAUTHORIZED,
        // What is asked here says nothing, of an upload that there is not.
        (Rights::Upload, Standing::Open) if route.path.ends_with("/withdraw") => {
            StatusCode::SEE_OTHER
        }
        (Rights::Upload, Standing::Open) => match route.method {
            "GET" => StatusCode::OK,
            "OPTIONS" => StatusCode::NO_CONTENT,
            "HEAD" => StatusCode::GONE,
            "POST" => StatusCode::BAD_REQUEST,
            _ => StatusCode::PRECONDITION_FAILED,
        },
        (Rights::Bytes, Standing::Open) if route.method == "POST" => StatusCode::NO_CONTENT,
        // A form leads on.
        (Rights::Download, Standing::Open) if route.method == "POST" => StatusCode::SEE_OTHER,
        (Rights::Look | Rights::Add | Rights::Bytes | Rights::Download, Standing::Open) => {
            StatusCode::OK
        }
    }
}

fn of_links(prefix: &str, filmed: bool) -> impl Iterator<Item = &'static Route> {
    let prefix = prefix.to_owned();
    ROUTES
        .iter()
        .filter(move |route| route.path.starts_with(&prefix))
        .filter(move |route| {
            filmed || !(route.path.ends_with("/video") || route.path.ends_with("/motion"))
        })
}

/// Two photos and, where there is ffmpeg, a film: of a film every route has bytes.
fn with_film(test: &str) -> (House, bool) {
    let pictures = tempfile::tempdir().unwrap();
    paint(&pictures.path().join("IMG_0001.png"), 60, 40, 1);
    paint(&pictures.path().join("IMG_0002.png"), 40, 60, 2);
    let film = pictures.path().join("IMG_0003.mp4");
    let filmed = record(&film, PHONE, &format!("{test}, the video's route of it,"));
    if filmed {
        live(&pictures.path().join("IMG_0004.jpg"), &film);
    }
    (House::of(pictures.path()), filmed)
}

fn items_of(browser: &Browser, path: &str, cookie: &str, filmed: bool) -> Items {
    let page = browser.get_as(path, cookie).text();
    let any = match filmed {
        true => films(&page).remove(0),
        false => items(&page).remove(0),
    };
    let live = moving(browser, path, cookie).pop();
    assert_eq!(live.is_some(), filmed);
    Items {
        live: live.unwrap_or_else(|| any.clone()),
        any,
    }
}

/// What is not of a link, and is tried elsewhere.
const OF_NOBODY: [&str; 4] = [
    "/reach/{nonce}",
    "/static/{file}",
    "/favicon.ico",
    "/robots.txt",
];

fn every_route_is_of_a_link_and_both_addresses_have_the_same() {
    let of = |prefix: &str| -> Vec<_> {
        let routes = ROUTES.iter().filter_map(|route| {
            let rest = route.path.strip_prefix(prefix)?;
            Some((route.method, rest, route.needs))
        });
        routes.collect()
    };
    let (keyed, named) = (of("/share/{key}"), of("/s/{name}"));
    assert_eq!(keyed, named);
    let others = ROUTES.iter().filter(|route| {
        !route.path.starts_with("/share/{key}") && !route.path.starts_with("/s/{name}")
    });
    for route in others {
        assert!(OF_NOBODY.contains(&route.path), "{}", route.path);
        assert_eq!(route.needs, Rights::Nobody, "{}", route.path);
    }
}

fn every_route_asks_for_its_right() {
    let (house, filmed) = with_film("every_route_asks_for_its_right");
    let browser = house.browser();
    let with = |wish: fn(&mut NewLink)| {
        house.link(|link| {
            link.upload = Uploads::Add;
            link.comments = true;
            wish(link);
        })
    };
    let open = path(&with(|_| ()));
    let locked = path(&with(|link| link.password = Some(PASSWORD.into())));
    let other = house.locked_link();
    let expired = path(&with(|link| link.expires_at = Some(NOON + 1_000)));
    let revoked = with(|_| ());
    let gone = path(&revoked);
    let resting = with(|link| {
        link.name = Some("resting-2026".into());
        link.guessable = true;
    });
    let paused = path(&resting);
    let made_up = format!("/share/{}", "A".repeat(43));
    let pass = browser.pass(&locked);
    let foreign_pass = browser.pass(&other);
    let for_few = |people| {
        path(&house.link(|link| {
            link.upload = Uploads::Add;
            link.comments = true;
            link.people = Some(people);
        }))
    };
    let (seated, full) = (for_few(2), for_few(1));
    let (seat, last) = (browser.seat(&seated), browser.seat(&full));
    let first = |path: &str, pass: &str| items_of(&browser, path, pass, filmed);
    // Items that do exist at each link, so that only the right can refuse them.
    let (open_item, locked_item) = (first(&open, ""), first(&locked, &pass));
    let (seated_item, full_item) = (first(&seated, &seat), first(&full, &last));
    let (expired_item, gone_item) = (first(&expired, ""), first(&gone, ""));
    let paused_item = first(&paused, "");
    house.library.revoke_link(revoked.id).unwrap();
    pause(&house, &resting);
    house.sleep(2_000);

    use Standing::{Locked, Nothing, Open, Seatless};
    for (who, path, item, cookie, standing) in [
        ("open", &*open, &open_item, "", Open),
        ("unlocked", &locked, &locked_item, &*pass, Open),
        ("locked", &locked, &locked_item, "", Locked),
        (
            "a made-up pass",
            &locked,
            &locked_item,
            "albumen=AAAA",
            Locked,
        ),
        (
            "another link's pass",
            &locked,
            &locked_item,
            &foreign_pass,
            Locked,
        ),
        ("seated", &seated, &seated_item, &seat, Open),
        ("seatless", &seated, &seated_item, "albumen=-", Seatless),
        ("another's seat", &seated, &seated_item, &last, Seatless),
        ("too late", &full, &full_item, "albumen=-", Seatless),
        ("the last", &full, &full_item, &last, Open),
        ("a wrong key", &made_up, &open_item, "", Nothing),
        ("a short key", "/share/abc", &open_item, "", Nothing),
        ("no UTF-8", "/share/%ff%fe", &open_item, "", Nothing),
        ("expired", &expired, &expired_item, "", Nothing),
        ("revoked", &gone, &gone_item, &pass, Nothing),
        ("paused", &paused, &paused_item, "", Nothing),
        (
            "paused, by its name",
            "/s/resting-2026",
            &paused_item,
            "",
            Nothing,
        ),
        ("no such name", "/s/nobody-2026", &open_item, "", Nothing),
    ] {
        let stranger = Stranger {
            path: path.into(),
            cookie: cookie.into(),
        };
        for route in of_links("/share/", filmed) {
            let answer = ask(&browser, route, &stranger, item);
            let case = format!("{} {} as {who}", route.method, route.path);
            assert_eq!(answer.status, expected(route, standing), "{case}");
            if standing != Open {
                tells_nothing(&answer, &case);
            }
        }
    }
}

fn pause(house: &House, link: &Link) {
    let rest = LinkEdit {
        paused: Some(true),
        ..LinkEdit::default()
    };
    house.library.edit_link(link.id, rest).unwrap();
}

/// Neither name nor count nor picture, and nothing a browser may keep.
fn tells_nothing(answer: &Answer, case: &str) {
    let text = answer.text();
    for secret in [
        "Summer",
        "Anna",
        "IMG_",
        "2 photos",
        "3 photos",
        "/thumbnail",
        "/card",
        "id=\"p-",
    ] {
        assert!(!text.contains(secret), "{case} tells {secret}");
    }
    assert_eq!(
        answer.header("content-type"),
        "text/html; charset=utf-8",
        "{case}"
    );
    assert_eq!(answer.header("cache-control"), "no-store", "{case}");
    assert_eq!(answer.header("etag"), "", "{case}");
    assert_eq!(answer.header("content-disposition"), "", "{case}");
    assert!(!answer.headers.contains_key("set-cookie"), "{case}");
}

fn what_opens_nothing_is_told_alike() {
    let house = House::with(1);
    let browser = house.browser();
    let expired = house.link(|link| link.expires_at = Some(NOON + 1_000));
    let revoked = house.link(|link: &mut NewLink| link.password = Some(PASSWORD.into()));
    house.library.revoke_link(revoked.id).unwrap();
    let open = house.open_link();
    let paused = house.link(|_| ());
    pause(&house, &paused);
    house.sleep(2_000);
    let wrong = format!("/share/{}", "A".repeat(43));
    let first = browser.get(&wrong);
    assert_eq!(first.status, StatusCode::NOT_FOUND);
    assert!(first.text().contains("does not open anything"));
    assert!(first.text().contains("ask the person who sent it"));
    for elsewhere in [
        path(&expired),
        path(&revoked),
        path(&paused),
        "/share/x".into(),
        "/share/%ff".into(),
        "/share/%00".into(),
        "/share/".into(),
        "/share".into(),
        "/s/nobody".into(),
        "/".into(),
        "/static/page.css".into(),
        "/api/assets".into(),
        format!("{open}/photo/AAAAAAAAAAAAAAAAAAAAAA"),
        format!("{open}/photo/AAAAAAAAAAAAAAAAAAAAAA/preview"),
        format!("{open}/photo/%2e%2e%2fcard"),
        format!("{}/card", path(&expired)),
        format!("{}/photo/AAAAAAAAAAAAAAAAAAAAAA/download", path(&revoked)),
    ] {
        let answer = browser.get(&elsewhere);
        assert_eq!(answer.status, first.status, "{elsewhere}");
        assert_eq!(answer.headers, first.headers, "{elsewhere}");
        assert_eq!(answer.body, first.body, "{elsewhere}");
    }
}

fn a_readable_name_opens_the_same_doors() {
    let (house, filmed) = with_film("a_readable_name_opens_the_same_doors");
    let browser = house.browser();
    house.link(|link| {
        link.name = Some("summer-2026".into());
        link.password = Some(PASSWORD.into());
        link.download = Download::None;
        link.upload = Uploads::Add;
    });
    let named = "/s/summer-2026";
    assert!(browser.get(named).text().contains("type=\"password\""));
    let pass = browser.pass(named);
    let page = browser.get_as(named, &pass);
    assert!(page.text().contains("Summer at the lake"));
    let item = &items_of(&browser, named, &pass, filmed);
    for route in of_links("/s/", filmed) {
        let stranger = Stranger {
            path: named.into(),
            cookie: pass.clone(),
        };
        let want = match route.needs {
            Rights::Download | Rights::Comment => StatusCode::FORBIDDEN,
            _ => expected(route, Standing::Open),
        };
        assert_eq!(
            ask(&browser, route, &stranger, item).status,
            want,
            "{}",
            route.path
        );
    }
}
