//! The pages themselves: their weight, their words, their headers, and that names
//! and captions are only ever text.

use axum::http::{Method, StatusCode};

use crate::house::{Browser, House, NOON, items, path};

crate::cases![
    a_first_view_stays_below_fifty_kilobytes,
    long_captions_keep_the_first_view_below_fifty_kilobytes,
    page_headers_are_exact,
    a_photo_has_its_own_page_with_neighbours,
    words_are_never_markup,
    pages_speak_the_visitors_language,
    the_card_of_an_open_link_has_its_picture,
    an_empty_album_says_so,
    other_methods_are_refused,
    the_pages_own_files_are_kept_for_ever,
];

fn linked_files(html: &str) -> Vec<String> {
    html.split('"')
        .filter(|part| part.starts_with("/static/"))
        .map(str::to_owned)
        .collect()
}

fn a_first_view_stays_below_fifty_kilobytes() {
    let house = House::with(180);
    let browser = house.browser();
    let link = path(&house.link(|link| link.expires_at = Some(NOON + 30 * 86_400_000)));
    let page = browser.get(&link);
    let html = page.text();
    let style = linked_files(&html)
        .into_iter()
        .find(|file| file.ends_with(".css"))
        .unwrap();
    let weight = page.body.len() + browser.get(&style).body.len();
    eprintln!("html {} B, with style {weight} B", page.body.len());
    assert!(weight <= 50 * 1024, "{weight} bytes");
    // A video's tile says its length twice: how a page of videos alone would weigh.
    let longer = " data-length=\"10:14\"".len() + "Video, 10:14, ".len();
    assert!(weight + 96 * longer <= 50 * 1024, "{weight} bytes");
    assert!(html.contains("180 photos") && html.contains("from Anna"));
    assert!(html.contains("until 22 December 2026"));

    let second = browser.get(&format!("{link}?page=2")).text();
    let (first_items, second_items) = (items(&html), items(&second));
    assert_eq!((first_items.len(), second_items.len()), (96, 84));
    assert!(first_items.iter().all(|item| !second_items.contains(item)));
    assert!(html.contains("?page=2\"") && second.contains("?page=1\""));
    let on_second = browser
        .get(&format!("{link}/photo/{}", second_items[0]))
        .text();
    assert!(on_second.contains(&format!("{link}?page=2#p-{}", second_items[0])));
    assert!(on_second.contains("Photo 97 of 180"));
    for odd in [
        "?page=0",
        "?page=x",
        "?page=-1",
        "?page=",
        "?x=%ff&page=99999999999999999999",
    ] {
        assert_eq!(
            items(&browser.get(&format!("{link}{odd}")).text()),
            first_items,
            "{odd}"
        );
    }
    assert_eq!(
        items(&browser.get(&format!("{link}?page=9")).text()),
        second_items
    );
    // Shape and colour are two classes, and both are in the stylesheet.
    let classes = html.split("<li class=\"r").nth(1).unwrap();
    let (shape, colour) = classes.split('"').next().unwrap().split_once(' ').unwrap();
    let style = browser.get(&style).text();
    assert!(style.contains(&format!(".r{shape}{{--r:")), "{shape}");
    assert!(style.contains(&format!(".{colour}{{--c:")), "{colour}");
    assert!(
        html.contains("computer with <b>Albumen</b>. No account"),
        "spaces are kept"
    );
    // Every picture reserves its place before it arrives.
    assert_eq!(html.matches("<img ").count(), 96);
    assert_eq!(html.matches("\" width=\"").count(), 96);
}

fn long_captions_keep_the_first_view_below_fifty_kilobytes() {
    let house = House::with(180);
    let browser = house.browser();
    let link = path(&house.link(|link| link.show_metadata = true));
    let photos = house.library.album_assets(house.album).unwrap();
    for words in [
        "Dunes and sea ",
        "Дюны и море ",
        "海辺の夕暮れ",
        "\"Rock\" & <Roll> ",
    ] {
        let edit = library::AssetEdit {
            description: Some(words.repeat(40)),
            ..Default::default()
        };
        house.library.edit_assets(&photos, edit).unwrap();
        let page = browser.get(&link);
        let html = page.text();
        assert!(
            html.contains("…\" width="),
            "{words}: captions are sent, and cut"
        );
        let styles = linked_files(&html);
        let styles = styles.iter().filter(|file| file.ends_with(".css"));
        let weight = page.body.len()
            + styles
                .map(|file| browser.get(file).body.len())
                .sum::<usize>();
        assert!(weight <= 50 * 1024, "{words}: {weight} bytes");
    }
}

fn page_headers_are_exact() {
    let house = House::with(1);
    let browser = house.browser();
    let link = house.open_link();
    let item = &house.items(&browser, &link)[0];
    let locked = house.locked_link();
    for address in [
        link.clone(),
        format!("{link}/photo/{item}"),
        locked,
        "/nothing".into(),
    ] {
        let answer = browser.get(&address);
        for (name, value) in [
            (
                "content-security-policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; \
                 media-src 'self' blob:; connect-src 'self'; font-src 'self'; form-action 'self'; \
                 base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
            ),
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-robots-tag", "noindex, nofollow, noarchive"),
            ("last-modified", ""),
            ("etag", ""),
            ("access-control-allow-origin", ""),
        ] {
            assert_eq!(answer.header(name), value, "{address}: {name}");
        }
        assert!(
            answer
                .header("permissions-policy")
                .contains("geolocation=()")
        );
        let html = answer.text();
        assert!(html.contains("content=\"noindex, nofollow, noarchive\""));
        assert!(
            !html.contains(" style=\"") && !html.contains("<style"),
            "{address}"
        );
        assert_eq!(
            html.matches("<script").count(),
            html.matches("<script src=\"/static/").count()
        );
    }
}

fn a_photo_has_its_own_page_with_neighbours() {
    let house = House::with(3);
    let browser = house.browser();
    let link = house.open_link();
    let items = house.items(&browser, &link);
    let page = |place: usize| {
        browser
            .get(&format!("{link}/photo/{}", items[place]))
            .text()
    };
    let (first, middle, last) = (page(0), page(1), page(2));
    let way = |rel: &str, to: &str| format!("rel=\"{rel}\" href=\"{link}/photo/{to}\"");
    assert!(!first.contains("rel=\"prev\"") && first.contains(&way("next", &items[1])));
    assert!(middle.contains(&way("prev", &items[0])) && middle.contains(&way("next", &items[2])));
    assert!(last.contains(&way("prev", &items[1])) && !last.contains("rel=\"next\""));
    assert!(middle.contains("<h1>Photo 2 of 3</h1>"));
    assert!(middle.contains(&format!("href=\"{link}#p-{}\"", items[1])));
    assert!(middle.contains(&format!("{link}/photo/{}/download\"", items[1])));
    assert!(!middle.contains("IMG_"), "metadata is hidden");
    let open = path(&house.link(|link| link.show_metadata = true));
    let item = &house.items(&browser, &open)[0];
    assert!(
        browser
            .get(&format!("{open}/photo/{item}"))
            .text()
            .contains("<dd>IMG_000")
    );
}

fn words_are_never_markup() {
    let house = House::with(1);
    let attack = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'";
    let album = library::AlbumEdit {
        title: Some(attack.into()),
        ..Default::default()
    };
    house.library.edit_album(house.album, album).unwrap();
    house.library.rename(Some(attack.into()), None).unwrap();
    let asset = house.library.album_assets(house.album).unwrap()[0];
    let edit = library::AssetEdit {
        title: Some(attack.into()),
        description: Some(attack.into()),
        ..Default::default()
    };
    house.library.edit_assets(&[asset], edit).unwrap();
    let browser = house.browser();
    let link = path(&house.link(|link| {
        link.description = attack.into();
        link.show_metadata = true;
    }));
    let item = &house.items(&browser, &link)[0];
    for address in [link.clone(), format!("{link}/photo/{item}")] {
        let html = browser.get(&address).text();
        assert!(
            html.contains("&#60;script&#62;alert(1)"),
            "it is shown as text"
        );
        assert!(
            !html.contains("<script>") && !html.contains("<img src=x"),
            "{address}"
        );
        assert_eq!(html.matches("<script").count(), 1, "{address}");
    }
}

fn pages_speak_the_visitors_language() {
    let house = House::with(2);
    let browser = house.browser();
    let link = path(&house.link(|link| link.expires_at = Some(NOON + 86_400_000)));
    let german = browser
        .get_with(&link, &[("accept-language", "de-DE,de;q=0.9")])
        .text();
    for words in [
        "lang=\"de\"",
        "von Anna",
        "2 Fotos",
        "bis 23. November 2026",
        "Annas eigenem",
    ] {
        assert!(german.contains(words), "{words}");
    }
    let english = browser.get(&link).text();
    for words in [
        "lang=\"en\"",
        "Anna’s own computer",
        "No account, no tracking.",
    ] {
        assert!(english.contains(words), "{words}");
    }
    let nothing = browser.get_with("/share/x", &[("accept-language", "de")]);
    assert!(nothing.text().contains("Dieser Link öffnet nichts"));
}

fn the_card_of_an_open_link_has_its_picture() {
    let house = House::with(2);
    let browser = house.browser();
    let link = path(&house.link(|link| link.description = "Three days in June".into()));
    let html = browser.get(&link).text();
    for tag in [
        "og:title\" content=\"Summer at the lake\"".to_owned(),
        "og:description\" content=\"Three days in June\"".into(),
        format!("og:image\" content=\"http://localhost:2455{link}/card\""),
        "twitter:card\" content=\"summary_large_image\"".into(),
    ] {
        assert!(html.contains(&tag), "{tag}");
    }
    let card = browser.get(&format!("{link}/card"));
    assert_eq!(card.header("content-type"), "image/jpeg");
    assert!(card.body.starts_with(&[0xff, 0xd8]) && card.body.len() < 300_000);
}

fn an_empty_album_says_so() {
    let house = House::with(1);
    let asset = house.library.album_assets(house.album).unwrap();
    house
        .library
        .remove_from_album(house.album, &asset)
        .unwrap();
    let browser = house.browser();
    let link = house.open_link();
    let html = browser.get(&link).text();
    assert!(html.contains("There is no photo in this album yet.") && html.contains("0 photos"));
    assert!(!html.contains("og:image"));
    assert_eq!(
        browser.get(&format!("{link}/card")).status,
        StatusCode::NOT_FOUND
    );
}

fn other_methods_are_refused() {
    let house = House::with(1);
    let browser = house.browser();
    let link = house.open_link();
    for method in [
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
        Method::POST,
        Method::OPTIONS,
    ] {
        let answer = browser.ask(method.clone(), &link, &[], "");
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let unlock = format!("{link}/unlock");
    assert_eq!(browser.get(&unlock).status, StatusCode::METHOD_NOT_ALLOWED);
}

fn the_pages_own_files_are_kept_for_ever() {
    let house = House::with(1);
    let browser: Browser = house.browser();
    let files = linked_files(&browser.get("/nothing").text());
    assert_eq!(files.len(), 3);
    for file in files {
        let answer = browser.get(&file);
        assert_eq!(answer.status, StatusCode::OK, "{file}");
        assert_eq!(
            answer.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
    }
    assert_eq!(
        browser.get("/favicon.ico").header("content-type"),
        "image/x-icon"
    );
    assert!(browser.get("/robots.txt").text().contains("Disallow: /"));
}
