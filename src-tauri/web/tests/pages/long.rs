//! Albums of many pages and days, choosing from them, photos that move, and the
//! weight of a messenger's card.

use axum::http::StatusCode;
use image::{Rgb, RgbImage};
use library::{AlbumEdit, AlbumOrder, Download};

use crate::house::{House, PHONE, items, live, moving, paint, path, record};

crate::cases![
    days_are_headings_where_dates_are_shown,
    an_album_that_begins_with_its_newest_has_its_headings_so,
    photos_are_chosen_by_a_form,
    all_is_downloaded_where_that_is_allowed,
    pages_lead_to_the_first_and_the_last,
    a_photo_moves_without_its_metadata,
    a_large_photo_has_a_light_card,
];

/// Eight photos of two days.
fn journey() -> House {
    let pictures = tempfile::tempdir().unwrap();
    for number in 0..8 {
        let day = 3 + number / 4;
        let name = format!("IMG_202605{day:02}_1015{number:02}.png");
        paint(&pictures.path().join(name), 60, 40, number);
    }
    House::of(pictures.path())
}

fn days_are_headings_where_dates_are_shown() {
    let house = journey();
    let browser = house.browser();
    let open = path(&house.link(|link| link.show_metadata = true));
    let page = browser.get(&open).text();
    let (_, days) = page.split_once("<h2>3 May 2026</h2>").unwrap();
    let (third, fourth) = days.split_once("<h2>4 May 2026</h2>").unwrap();
    assert_eq!((items(third).len(), items(fourth).len()), (4, 4));
    let photo = browser.get(&format!("{open}/photo/{}", items(fourth)[0]));
    assert!(
        photo
            .text()
            .contains("<h1>Photo 5 of 8, <span>4 May 2026</span></h1>")
    );
    let german = browser.get_with(&open, &[("accept-language", "de")]).text();
    assert!(german.contains("<h2>3. Mai 2026</h2>"));

    let hidden = browser.get(&house.open_link()).text();
    assert!(!hidden.contains("<h2>") && !hidden.contains("2026</"));
}

fn an_album_that_begins_with_its_newest_has_its_headings_so() {
    let house = journey();
    let browser = house.browser();
    let link = path(&house.link(|link| link.show_metadata = true));
    let before = house.items(&browser, &link);
    let card = browser.get(&format!("{link}/card"));
    let edit = AlbumEdit {
        order: Some(AlbumOrder::Newest),
        ..AlbumEdit::default()
    };
    house.library.edit_album(house.album, edit).unwrap();
    let page = browser.get(&link).text();
    assert_eq!(page.matches("<h2>").count(), 2, "each day once");
    let (_, days) = page.split_once("<h2>4 May 2026</h2>").unwrap();
    let (fourth, third) = days.split_once("<h2>3 May 2026</h2>").unwrap();
    assert_eq!((items(fourth).len(), items(third).len()), (4, 4));
    let (mut turned, after) = (before.clone(), items(&page));
    turned.reverse();
    assert_eq!(after, turned);
    let first = browser.get(&format!("{link}/photo/{}", after[0])).text();
    assert!(first.contains("<h1>Photo 1 of 8, <span>4 May 2026</span></h1>"));
    assert!(!first.contains("rel=\"prev\""));
    assert!(first.contains(&format!("rel=\"next\" href=\"{link}/photo/{}\"", after[1])));
    let last = browser.get(&format!("{link}/photo/{}", after[7])).text();
    assert!(last.contains(&format!("rel=\"prev\" href=\"{link}/photo/{}\"", after[6])));
    assert!(!last.contains("rel=\"next\""));
    let other = browser.get(&format!("{link}/card"));
    assert_eq!(other.status, StatusCode::OK);
    assert_ne!(other.body, card.body, "messengers show what comes first");
}

fn photos_are_chosen_by_a_form() {
    let house = journey();
    let browser = house.browser();
    let link = path(&house.link(|link| link.download = Download::Original));
    let page = browser.get(&format!("{link}?select=1&page=1")).text();
    assert!(page.contains(&format!("method=\"post\" action=\"{link}/choose\"")));
    let chosen = items(&page);
    assert_eq!(chosen.len(), 8);
    for item in &chosen {
        assert!(page.contains(&format!("name=\"item\" value=\"{item}\"")));
    }
    for size in ["original", "screen"] {
        assert!(page.contains(&format!("name=\"size\" value=\"{size}\"")));
    }
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let form = format!("item={}&item={}&size=screen", chosen[0], chosen[3]);
    let address = format!("{link}/choose");
    let answer = browser.ask(axum::http::Method::POST, &address, &[kind], &form);
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(
        answer
            .header("location")
            .starts_with(&format!("{link}/archive?size=screen"))
    );

    let looking = path(&house.link(|link| link.download = Download::None));
    let page = browser.get(&format!("{looking}?select=1")).text();
    assert!(!page.contains("<form") && !page.contains("/archive") && !page.contains("select=1"));
}

fn all_is_downloaded_where_that_is_allowed() {
    let house = journey();
    let browser = house.browser();
    let originals = path(&house.link(|link| link.download = Download::Original));
    let page = browser.get(&originals).text();
    assert!(page.contains(&format!(
        "href=\"{originals}/archive?size=original\" data-files="
    )));
    assert!(page.contains(&format!(
        "href=\"{originals}/archive?size=screen\" data-files="
    )));
    assert!(page.contains("Download all <small>(") && page.contains("8 files)</small>"));
    // A choice for one photo, too.
    let item = &items(&page)[0];
    let photo = browser.get(&format!("{originals}/photo/{item}")).text();
    assert!(photo.contains("/download?size=screen\" download>Screen size</a>"));
    let screen = browser.get(&format!("{originals}/photo/{item}/download?size=screen"));
    assert_eq!(screen.header("content-type"), "image/jpeg");
    assert!(
        screen
            .header("content-disposition")
            .starts_with("attachment")
    );
    let best = browser.get(&format!("{originals}/photo/{item}/download"));
    assert_eq!(best.header("content-type"), "image/png");

    let screen = house.open_link();
    let german = browser
        .get_with(&screen, &[("accept-language", "de")])
        .text();
    assert!(german.contains("Alle herunterladen <small>(") && german.contains("8 Dateien)"));
    assert!(!german.contains("size=original"));
}

fn pages_lead_to_the_first_and_the_last() {
    let house = House::with(200);
    let browser = house.browser();
    let link = house.open_link();
    let all: Vec<String> = (1..=3)
        .flat_map(|page| items(&browser.get(&format!("{link}?page={page}")).text()))
        .collect();
    let mut different = all.clone();
    different.sort();
    different.dedup();
    assert_eq!((all.len(), different.len()), (200, 200), "each photo once");
    let middle = browser.get(&format!("{link}?page=2")).text();
    assert!(middle.contains(&format!("href=\"{link}?page=1\">First")));
    assert!(middle.contains(&format!("href=\"{link}?page=3\">Last")));
    assert!(middle.contains("data-page=\"2\""));
    // What leaves the album is gone from all pages at once.
    let first = house.library.album_assets(house.album).unwrap()[0];
    house
        .library
        .remove_from_album(house.album, &[first])
        .unwrap();
    let page = browser.get(&link).text();
    assert!(page.contains("199 photos"));
    assert!(
        items(&page).contains(&all[96]),
        "the next page's first moved up"
    );
}

fn a_photo_moves_without_its_metadata() {
    let pictures = tempfile::tempdir().unwrap();
    let film = tempfile::tempdir().unwrap().path().with_extension("mp4");
    if !record(&film, PHONE, "a_photo_moves_without_its_metadata") {
        return;
    }
    let original = std::fs::read(&film).unwrap();
    let has = |bytes: &[u8], word: &str| {
        bytes
            .windows(word.len())
            .any(|part| part == word.as_bytes())
    };
    assert!(has(&original, "Tulum"), "the test's own film names a place");
    live(&pictures.path().join("IMG_0001.jpg"), &film);
    paint(&pictures.path().join("IMG_0002.png"), 40, 60, 2);
    std::fs::remove_file(&film).unwrap();
    let house = House::of(pictures.path());
    let browser = house.browser();
    for show_metadata in [false, true] {
        let link = path(&house.link(|link| link.show_metadata = show_metadata));
        let live = moving(&browser, &link, "");
        assert_eq!(live.len(), 1);
        let address = format!("{link}/photo/{}/motion", live[0]);
        let motion = browser.get(&address);
        assert_eq!(motion.status, StatusCode::OK);
        assert_eq!(motion.header("content-type"), "video/mp4");
        assert!(has(&motion.body, "ftyp") && has(&motion.body, "moov"));
        assert!(!has(&motion.body, "Tulum") && !has(&motion.body, "+20.2114"));
        let part = browser.get_with(&address, &[("range", "bytes=4-7")]);
        assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
        assert_eq!(&part.body[..], b"ftyp");
        let still = items(&browser.get(&link).text());
        let still = still.iter().find(|item| **item != live[0]).unwrap();
        let none = browser.get(&format!("{link}/photo/{still}/motion"));
        assert_eq!(none.status, StatusCode::NOT_FOUND);
    }
}

fn a_large_photo_has_a_light_card() {
    let pictures = tempfile::tempdir().unwrap();
    // Noise is what no codec makes small.
    let mut seed = 1_u32;
    let noise = RgbImage::from_fn(2400, 1600, |_, _| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [red, green, blue, _] = seed.to_be_bytes();
        Rgb([red, green, blue])
    });
    noise.save(pictures.path().join("IMG_0001.jpg")).unwrap();
    let house = House::of(pictures.path());
    let browser = house.browser();
    let link = house.open_link();
    let card = browser.get(&format!("{link}/card"));
    assert_eq!(card.header("content-type"), "image/jpeg");
    let shown = image::load_from_memory(&card.body).unwrap();
    eprintln!(
        "the card: {} x {}, {} B",
        shown.width(),
        shown.height(),
        card.body.len()
    );
    assert!(card.body.len() < 300_000 && shown.width() >= 600);
    let page = browser.get(&link).text();
    for tag in [
        "og:image:alt\" content=\"Summer at the lake",
        "og:locale\" content=\"en_GB",
    ] {
        assert!(page.contains(tag), "{tag}");
    }

    let locked = house.locked_link();
    let page = browser.get(&locked).text();
    assert!(page.contains("twitter:card\" content=\"summary\"") && !page.contains("og:image"));
    assert!(page.contains("noindex") && !page.contains("Summer"));
}
