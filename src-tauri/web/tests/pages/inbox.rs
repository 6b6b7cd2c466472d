//! What becomes of what visitors sent: it waits unseen, nothing tells what the library
//! has, and its owner decides, or nobody does.

use std::path::PathBuf;

use axum::http::StatusCode;
use library::{Change, Uploads};

use crate::house::{Answer, House, paint, path};
use crate::sending::{announce, ask, look, patch, picture, quarantined, sent, uploading, waiting};

crate::cases![
    visitors_may_withdraw_for_half_a_day,
    a_drop_box_shows_nothing,
    nothing_tells_what_the_library_has,
    the_owner_takes_in_what_came,
    what_is_rejected_can_be_had_back,
    what_nobody_goes_on_with_is_reaped,
    a_link_may_take_in_unasked,
];

fn visitors_may_withdraw_for_half_a_day() {
    let house = House::with(1);
    let (browser, base) = (house.browser(), path(&uploading(&house)));
    let early = sent(&browser, &base, "a.png", &picture(1));
    let late = sent(&browser, &base, "b.png", &picture(2));
    assert_eq!(
        ask(&browser, "DELETE", &early).status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(quarantined(&house).len(), 1);
    assert_eq!(ask(&browser, "HEAD", &early).status, StatusCode::GONE);
    // Also what its owner took in: then it goes to the trash there.
    let third = sent(&browser, &base, "c.png", &picture(3));
    let id = waiting(&house).last().unwrap().id;
    let accepted = house.library.accept(&[id], false, &|_| true).unwrap();
    assert_eq!(accepted.failures, []);
    assert_eq!(house.library.album(house.album).unwrap().count, 2);
    let changes = house.library.changes();
    assert_eq!(
        ask(&browser, "DELETE", &third).status,
        StatusCode::NO_CONTENT
    );
    let withdrawn = Change::Withdrawn(accepted.assets[0]);
    assert!(changes.try_iter().any(|change| change == withdrawn));
    assert_eq!(house.library.album(house.album).unwrap().count, 1);
    house.sleep(12 * 3_600 * 1_000 + 1);
    let answer = ask(&browser, "DELETE", &late);
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("twelve hours"), "{}", answer.text());
    assert_eq!(waiting(&house).len(), 1);
}

fn a_drop_box_shows_nothing() {
    let house = House::with(3);
    let browser = house.browser();
    let open = house.open_link();
    let link = house.link(|link| link.upload = Uploads::Only);
    let base = path(&link);
    let page = browser.get(&base);
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(house.items(&browser, &base), Vec::<String>::new());
    assert!(!page.text().contains("/thumbnail"));
    assert_eq!(house.items(&browser, &open).len(), 3);
    for tail in ["archive", "manifest.json", "card"] {
        let answer = browser.get(&format!("{base}/{tail}"));
        let told = answer.text();
        assert!(
            !told.contains("IMG_") && !told.contains("photo-0001"),
            "{tail}: {told}"
        );
    }
    sent(&browser, &base, "a.png", &picture(1));
    assert_eq!(waiting(&house).len(), 1);
}

fn nothing_tells_what_the_library_has() {
    let house = House::with(1);
    let (browser, base) = (house.browser(), path(&uploading(&house)));
    let folder = tempfile::tempdir().unwrap();
    let known = folder.path().join("known.png");
    paint(&known, 60, 40, 0);
    let known = std::fs::read(known).unwrap();
    let strange = picture(9);
    let shape = |bytes: &[u8]| {
        let created = announce(&browser, &base, "a.png", bytes.len());
        let at = created.header("location").to_owned();
        let done = patch(&browser, &at, 0, &[], bytes);
        look(&house);
        let head = ask(&browser, "HEAD", &at);
        let names = |answer: &Answer| {
            let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
            names.sort();
            (answer.status, names, answer.body.len())
        };
        (names(&created), names(&done), names(&head), at.len())
    };
    assert_eq!(shape(&known), shape(&strange));
    let known: Vec<bool> = waiting(&house)
        .iter()
        .map(|upload| upload.known.is_some())
        .collect();
    assert_eq!(known.iter().filter(|known| **known).count(), 1);
    assert_eq!(known.len(), 2, "only the owner is told");
    let told = browser.get(&base).text();
    assert!(
        !told.contains("a.png"),
        "and no other visitor sees what waits"
    );
}

fn the_owner_takes_in_what_came() {
    let house = House::with(1);
    let (browser, base) = (house.browser(), path(&uploading(&house)));
    for (name, seed) in [("../../etc/passwd.png", 1), ("b.png", 2), ("again.png", 1)] {
        sent(&browser, &base, name, &picture(seed));
    }
    look(&house);
    let all = waiting(&house);
    assert!(
        all.iter()
            .all(|one| one.is_video == Some(false) && !one.thumbhash.is_empty())
    );
    let shown = house.library.inbox_bytes(
        all[0].id,
        library::What::Rendition(library::Rendition::Preview),
    );
    assert!(shown.unwrap().length > 0);
    let ids: Vec<_> = all.iter().map(|one| one.id).collect();
    let accepted = house.library.accept(&ids, false, &|_| true).unwrap();
    assert_eq!((accepted.accepted, accepted.known), (3, 1), "{accepted:?}");
    assert_eq!(accepted.failures, []);
    assert_eq!(house.library.album(house.album).unwrap().count, 3);
    let asset = house.library.asset(accepted.assets[0]).unwrap();
    assert_eq!(asset.contributor.as_deref(), Some("Ben"));
    assert_eq!(quarantined(&house), Vec::<PathBuf>::new());
    let verified = house.library.verify(library::Verify::Structure, &|_| true);
    assert_eq!(verified.unwrap().findings, []);
    // All of it at once is undone at once, and done again.
    house.library.undo().unwrap();
    assert_eq!(house.library.album(house.album).unwrap().count, 1);
    assert_eq!(waiting(&house).len(), 3);
    let again = house.library.accept(&ids, false, &|_| true).unwrap();
    assert_eq!((again.accepted, again.failures.len()), (3, 0));
    assert_eq!(house.library.album(house.album).unwrap().count, 3);
}

fn what_is_rejected_can_be_had_back() {
    let house = House::with(1);
    let (browser, base) = (house.browser(), path(&uploading(&house)));
    sent(&browser, &base, "a.png", &picture(1));
    look(&house);
    let id = waiting(&house)[0].id;
    house.library.reject(&[id]).unwrap();
    assert_eq!(waiting(&house), []);
    assert!(house.library.accept(&[id], false, &|_| true).is_err());
    house.library.undo().unwrap();
    assert_eq!(waiting(&house).len(), 1);
    house.library.reject(&[id]).unwrap();
    house.sleep(7 * 86_400_000 + 1);
    assert_eq!(house.library.reap_uploads().unwrap(), 1);
    assert_eq!(quarantined(&house), Vec::<PathBuf>::new());
    assert!(house.library.undo().is_err(), "it is gone for good");
}

fn what_nobody_goes_on_with_is_reaped() {
    let house = House::with(1);
    let (browser, link) = (house.browser(), uploading(&house));
    let bytes = picture(1);
    let at = announce(&browser, &path(&link), "a.png", bytes.len());
    let at = at.header("location").to_owned();
    patch(&browser, &at, 0, &[], &bytes[..bytes.len() - 1]);
    std::fs::write(
        house.library.folder().join("inbox").join("ab".repeat(16)),
        "an orphan",
    )
    .unwrap();
    std::fs::write(house.library.folder().join("inbox/notes.txt"), "not ours").unwrap();
    assert_eq!(house.library.reap_uploads().unwrap(), 1);
    house.sleep(3 * 86_400_000 + 1);
    assert_eq!(
        patch(
            &browser,
            &at,
            bytes.len() - 1,
            &[],
            &bytes[bytes.len() - 1..]
        )
        .status,
        StatusCode::GONE
    );
    assert_eq!(house.library.reap_uploads().unwrap(), 1);
    let [left] = &quarantined(&house)[..] else {
        panic!("what is not ours stays")
    };
    assert!(left.ends_with("notes.txt"));
    assert_eq!(ask(&browser, "HEAD", &at).status, StatusCode::GONE);
}

fn a_link_may_take_in_unasked() {
    let house = House::with(1);
    let link = house.link(|link| {
        link.upload = Uploads::Add;
        link.auto_accept = true;
    });
    let (browser, base) = (house.browser(), path(&link));
    sent(&browser, &base, "a.png", &picture(1));
    // A file that begins like a picture and is none waits all the same.
    sent(
        &browser,
        &base,
        "b.png",
        b"\x89PNG\r\n\x1a\n and then nothing that is one",
    );
    look(&house);
    assert_eq!(house.library.album(house.album).unwrap().count, 2);
    let [broken] = &waiting(&house)[..] else {
        panic!("one waits")
    };
    assert_eq!(broken.name, "b.png");
    assert!(broken.unseen.is_some());
    assert_eq!(house.items(&browser, &base).len(), 2);
}
