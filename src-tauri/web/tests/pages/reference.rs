//! What the specs of a well-known photo server assert of its shared links, in our words and
//! numbered as in the design: each is held by a case, or named as a difference.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use axum::http::{Method, StatusCode};
use library::{AssetQuery, Filter, LibraryError, LinkEdit, LinkId, LinkOf, LinkState, NewLink};
use web::ROUTES;

use crate::house::{House, PASSWORD, items, path};

type Sentence = (&'static [u8], &'static str, fn(&House));

/// What holds.
const HELD: &[Sentence] = &[
    (
        &[1],
        "a card tells how many photos there are, of an album, an empty one and a selection",
        counts,
    ),
    (
        &[2],
        "a card's picture has a whole address, by the host that was asked",
        whole_address,
    ),
    (
        &[4, 11, 38],
        "a wrong key gives 404, a page in words, and no card",
        wrong_key,
    ),
    (
        &[5],
        "a readable name shows the same page and card",
        readable,
    ),
    (&[6], "no address lists links", unlisted),
    (
        &[8],
        "an album's links are those alone; an unknown album has none",
        by_album,
    ),
    (
        &[10],
        "a right key shows the album's title and whom it is from",
        titled,
    ),
    (
        &[13, 25, 28],
        "a password guards the page, and each byte, and the card",
        guarded,
    ),
    (
        &[14, 37],
        "the right password opens; the form can show what was typed",
        opened,
    ),
    (
        &[15],
        "a selection shows its photos and no album",
        selection,
    ),
    (
        &[16],
        "hidden metadata hides names, times and places",
        hidden,
    ),
    (
        &[17, 19, 24],
        "an unknown link cannot be shown, edited or ended; one's own can",
        unknown,
    ),
    (&[18], "a link needs something to show", needs_something),
    (
        &[20],
        "photos are not added to a link that follows an album",
        follows,
    ),
    (
        &[21, 23],
        "the owner adds to a selection and takes out of it",
        edited,
    ),
    (
        &[22, 63],
        "no address lets a visitor remove a photo, or anything but what they said themselves",
        harmless,
    ),
    (&[30], "an album's days are those of its photos", days),
    (
        &[31],
        "links made at the same moment are all listed, whatever their kind",
        same_moment,
    ),
    (
        &[32, 33],
        "photos in the trash are in no link, on no card, and not counted",
        trashed,
    ),
    (
        &[34],
        "an album that is gone has no link that opens, and none is listed",
        gone,
    ),
    (
        &[35],
        "a photo taken out of the album is out of the visitor's view, and its bytes too",
        taken_out,
    ),
    (
        &[36],
        "one photo, chosen ones, or all can be downloaded",
        downloads,
    ),
    (
        &[41],
        "a photo's page tells of it where metadata is shown",
        told,
    ),
];

/// What differs, and why.
const DIFFERENT: &[(&[u8], &str, &str)] = &[
    (
        &[3],
        "without a Host header the card's address is the maker's own site",
        "a request without a known host is refused: no third party's name is ever written",
    ),
    (
        &[7, 26],
        "each user sees their own links; others' photos cannot be shared",
        "a library has one owner; albums with others come with peers",
    ),
    (
        &[9, 29, 39],
        "a login, keys in hexadecimal, a way from the link's page to one's timeline",
        "the owner's side has no address on this port at all, and a key has one spelling",
    ),
    (
        &[12],
        "a link of a deleted account says that its key is invalid",
        "there are no accounts",
    ),
    (
        &[27],
        "hidden metadata switches downloads off",
        "downloads stay, as copies without metadata",
    ),
    (
        &[40],
        "the owner removes photos on the link's page",
        "the owner does that in the window or by command",
    ),
    (
        &[42],
        "data about people is not sent",
        "there is none in the library yet",
    ),
];

crate::cases![each_sentence_holds, every_sentence_is_named_once];

fn each_sentence_holds() {
    let mut broken: Vec<&str> = Vec::new();
    for (_, sentence, hold) in HELD {
        let house = House::with(2);
        let held = catch_unwind(AssertUnwindSafe(|| hold(&house)));
        broken.extend(held.is_err().then_some(sentence));
    }
    assert!(broken.is_empty(), "does not hold: {broken:#?}");
}

fn every_sentence_is_named_once() {
    let held = HELD.iter().map(|(numbers, ..)| *numbers);
    let different = DIFFERENT.iter().map(|(numbers, ..)| *numbers);
    let mut times: BTreeMap<u8, u32> = BTreeMap::new();
    for number in held.chain(different).flatten() {
        *times.entry(*number).or_default() += 1;
    }
    let links = (1..=42).chain([63]);
    let expected: BTreeMap<u8, u32> = links.map(|number| (number, 1)).collect();
    assert_eq!(times, expected);
    assert!(
        DIFFERENT
            .iter()
            .all(|(_, theirs, why)| theirs != why && !why.is_empty())
    );
}

fn all(house: &House) -> Vec<library::AssetId> {
    let found = house.library.assets(&AssetQuery::default()).unwrap();
    found.assets.into_iter().map(|asset| asset.id).collect()
}

fn selected(house: &House, count: usize) -> library::Link {
    let shown = all(house).into_iter().take(count).collect();
    house.link(|new| new.of = LinkOf::Assets(shown))
}

fn page(house: &House, link: &library::Link) -> String {
    let answer = house.browser().get(&path(link));
    assert_eq!(answer.status, StatusCode::OK);
    answer.text()
}

fn counts(house: &House) {
    let card = |html: String| {
        let (_, rest) = html.split_once("og:description\" content=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    assert!(card(page(house, &house.link(|_| ()))).starts_with("2 photos"));
    assert!(card(page(house, &selected(house, 1))).starts_with("1 photo"));
    house.library.trash(&all(house)).unwrap();
    let empty = page(house, &house.link(|_| ()));
    assert!(card(empty.clone()).contains('0') || empty.contains("class=\"empty\""));
}

fn whole_address(house: &House) {
    let link = house.open_link();
    let html = house
        .browser()
        .get_with(&link, &[("host", "localhost:9999")])
        .text();
    let image = format!("og:image\" content=\"http://localhost:9999{link}/card\"");
    assert!(html.contains(&image), "{html}");
}

fn wrong_key(house: &House) {
    let answer = house.browser().get(&format!("/share/{}", "A".repeat(43)));
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.text().contains("<h1"));
    assert!(!answer.text().contains("og:"));
}

fn readable(house: &House) {
    house.link(|new| {
        new.name = Some("summer".into());
        new.guessable = true;
    });
    let html = house.browser().get("/s/summer").text();
    assert!(html.contains("Summer at the lake") && html.contains("/s/summer/card"));
}

fn unlisted(house: &House) {
    house.open_link();
    for address in [
        "/",
        "/share",
        "/share/",
        "/s",
        "/s/",
        "/links",
        "/api/shared-links",
    ] {
        let answer = house.browser().get(address);
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{address}");
    }
}

fn by_album(house: &House) {
    let link = house.link(|_| ());
    let other = house.library.create_album("Winter").unwrap().id;
    let of = |album| house.library.links(Some(album)).unwrap();
    assert_eq!(of(house.album), [house.library.link(link.id).unwrap()]);
    assert!(of(other).is_empty());
}

fn titled(house: &House) {
    let html = page(house, &house.link(|_| ()));
    assert!(html.contains("<h1>Summer at the lake") && html.contains("from Anna"));
}

fn guarded(house: &House) {
    let (browser, link) = (house.browser(), house.locked_link());
    let item = house.items(&browser, &house.open_link()).remove(0);
    let html = browser.get(&link).text();
    for secret in ["Summer", "Anna", "og:image", "2 photos"] {
        assert!(!html.contains(secret), "{secret}");
    }
    for tail in ["thumbnail", "preview", "download"] {
        let answer = browser.get(&format!("{link}/photo/{item}/{tail}"));
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    let wrong = browser.get_as(&link, "albumen=wrong").text();
    assert!(!wrong.contains("Summer"));
    assert!(
        browser
            .get_as(&link, &browser.pass(&link))
            .text()
            .contains("Summer")
    );
}

fn opened(house: &House) {
    let (browser, link) = (house.browser(), house.locked_link());
    let form = browser.get(&link).text();
    assert!(form.contains("type=\"password\"") && form.contains("reveal"));
    assert_eq!(
        browser.unlock(&link, PASSWORD).status,
        StatusCode::SEE_OTHER
    );
}

fn selection(house: &House) {
    let html = page(house, &selected(house, 1));
    assert_eq!(items(&html).len(), 1);
    assert!(!html.contains("Summer at the lake"));
}

fn hidden(house: &House) {
    let (browser, link) = (house.browser(), house.open_link());
    let item = house.items(&browser, &link).remove(0);
    for address in [
        link.clone(),
        format!("{link}/photo/{item}"),
        format!("{link}/manifest.json"),
    ] {
        let text = browser.get(&address).text();
        assert!(
            !text.contains("IMG_") && !text.contains("<time"),
            "{address}"
        );
    }
}

fn unknown(house: &House) {
    let nobody: LinkId = "01a21809-1114-7ef1-bb0a-bec91692829e".parse().unwrap();
    let wish = || LinkEdit {
        description: Some("Look!".into()),
        ..LinkEdit::default()
    };
    let library = &house.library;
    for answer in [
        library.link(nobody),
        library.edit_link(nobody, wish()),
        library.revoke_link(nobody),
    ] {
        assert!(matches!(answer, Err(LibraryError::Unknown { .. })));
    }
    let own = house.link(|_| ());
    assert_eq!(
        library.edit_link(own.id, wish()).unwrap().description,
        "Look!"
    );
    assert_eq!(
        library.revoke_link(own.id).unwrap().state,
        LinkState::Revoked
    );
}

fn needs_something(house: &House) {
    let new = |of| NewLink {
        of,
        ..house.new_link()
    };
    let nothing = house.library.create_link(new(LinkOf::Assets(Vec::new())));
    assert!(nothing.is_err());
    let gone = house.library.create_album("Gone").unwrap().id;
    house.library.delete_album(gone).unwrap();
    assert!(house.library.create_link(new(LinkOf::Album(gone))).is_err());
}

fn follows(house: &House) {
    let link = house.link(|_| ());
    assert!(house.library.add_to_link(link.id, all(house)).is_err());
    assert!(house.library.remove_from_link(link.id, all(house)).is_err());
}

fn edited(house: &House) {
    let link = selected(house, 1);
    let count = || items(&page(house, &link)).len();
    let added = house.library.add_to_link(link.id, all(house)).unwrap();
    assert_eq!((added.changed.len(), added.unchanged.len()), (1, 1));
    assert_eq!(count(), 2);
    house.library.remove_from_link(link.id, all(house)).unwrap();
    assert_eq!(count(), 0);
}

fn harmless(house: &House) {
    let changing = ROUTES.iter().filter(|route| route.method != "GET");
    let mut tails: Vec<_> = changing
        .map(|route| route.path.rsplit('/').next().unwrap())
        .collect();
    tails.sort_unstable();
    tails.dedup();
    assert_eq!(
        tails,
        [
            "choose", "comment", "like", "note", "unlock", "upload", "withdraw", "{item}"
        ]
    );
    let (browser, link) = (house.browser(), house.open_link());
    let item = house.items(&browser, &link).remove(0);
    for method in [Method::DELETE, Method::PUT, Method::PATCH] {
        let answer = browser.ask(method, &format!("{link}/photo/{item}"), &[], "");
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    }
    assert_eq!(house.items(&browser, &link).len(), 2);
}

fn days(house: &House) {
    let album = house.library.album(house.album).unwrap();
    let found = house.library.assets(&AssetQuery {
        filter: Filter {
            album: Some(house.album),
            ..Filter::default()
        },
        ..AssetQuery::default()
    });
    let taken: Vec<_> = found
        .unwrap()
        .assets
        .iter()
        .filter_map(|one| one.taken_at)
        .collect();
    let local = |one: &library::TakenAt| one.local_ms;
    assert_eq!(
        album.first_at.as_ref().map(local),
        taken.iter().map(local).min()
    );
    assert_eq!(
        album.last_at.as_ref().map(local),
        taken.iter().map(local).max()
    );
}

fn same_moment(house: &House) {
    let made = [house.link(|_| ()), selected(house, 1), house.link(|_| ())];
    assert!(
        made.iter()
            .all(|link| link.created_at == made[0].created_at)
    );
    let listed: Vec<_> = house.library.links(None).unwrap();
    assert_eq!(listed.len(), 3);
    assert!(
        made.iter()
            .all(|link| listed.iter().any(|one| one.id == link.id))
    );
}

fn trashed(house: &House) {
    let (browser, link) = (house.browser(), house.link(|_| ()));
    let chosen = selected(house, 2);
    house.library.trash(&all(house)[..1]).unwrap();
    assert_eq!(items(&page(house, &link)).len(), 1);
    assert_eq!(items(&page(house, &chosen)).len(), 1);
    house.library.trash(&all(house)).unwrap();
    assert_eq!(house.library.link(link.id).unwrap().count, 0);
    assert!(items(&page(house, &link)).is_empty());
    let card = browser.get(&format!("{}/card", path(&link)));
    assert_eq!(card.status, StatusCode::NOT_FOUND);
}

fn gone(house: &House) {
    let link = house.link(|_| ());
    house.library.delete_album(house.album).unwrap();
    assert_eq!(
        house.browser().get(&path(&link)).status,
        StatusCode::NOT_FOUND
    );
    assert!(house.library.links(None).unwrap().is_empty());
}

fn taken_out(house: &House) {
    let (browser, link) = (house.browser(), house.open_link());
    let before = house.items(&browser, &link);
    let assets = all(house);
    house
        .library
        .remove_from_album(house.album, &assets[..1])
        .unwrap();
    let after = house.items(&browser, &link);
    assert_eq!(after.len(), 1);
    let out = before.iter().find(|item| !after.contains(item)).unwrap();
    let bytes = browser.get(&format!("{link}/photo/{out}/preview"));
    assert_eq!(bytes.status, StatusCode::NOT_FOUND);
}

fn downloads(house: &House) {
    let (browser, link) = (house.browser(), house.open_link());
    let item = house.items(&browser, &link).remove(0);
    let one = browser.get(&format!("{link}/photo/{item}/download"));
    assert!(one.status == StatusCode::OK && !one.body.is_empty());
    let whole = browser.get(&format!("{link}/archive"));
    assert!(whole.body.starts_with(b"PK"));
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let form = format!("item={item}");
    let way = browser.ask(Method::POST, &format!("{link}/choose"), &kind, &form);
    let chosen = browser.get(way.header("location"));
    assert!(chosen.body.starts_with(b"PK") && chosen.body.len() < whole.body.len());
}

fn told(house: &House) {
    let link = path(&house.link(|new| new.show_metadata = true));
    let browser = house.browser();
    let item = house.items(&browser, &link).remove(0);
    let html = browser.get(&format!("{link}/photo/{item}")).text();
    assert!(html.contains("IMG_000"), "{html}");
}
