//! Comments and likes of visitors: forms that need no script, words that are only ever
//! text, and who may not.

use axum::http::{Method, StatusCode};
use library::{ActivityOf, ActivityQuery, Conversation, LinkEdit};

use crate::house::{Answer, Browser, House, PASSWORD, path};

crate::cases![
    a_visitor_comments_and_likes_without_scripts,
    words_and_names_are_inert,
    a_link_without_comments_shows_and_takes_none,
    a_locked_link_takes_nothing_before_its_password,
    a_foreign_page_says_nothing,
    fetching_says_nothing,
    a_visitor_takes_back_only_their_own,
    what_cannot_be_kept_is_said_in_a_sentence,
    who_says_too_much_waits,
    a_long_conversation_has_pages,
    a_page_with_comments_stays_small_and_hides_the_photos_times,
    pages_speak_german,
];

const PROOF: &str = "00112233445566778899aabbccddeeff0011223344556677";
const OTHER: &str = "ff112233445566778899aabbccddeeff0011223344556677";

fn talking(house: &House) -> String {
    path(&house.link(|link| link.comments = true))
}

fn post(browser: &Browser, address: &str, form: &str) -> Answer {
    let plain = ("content-type", "application/x-www-form-urlencoded");
    browser.ask(Method::POST, address, &[plain], form)
}

fn said(house: &House) -> Conversation {
    let query = ActivityQuery {
        of: Some(ActivityOf::Album(house.album)),
        limit: 100,
        ..ActivityQuery::default()
    };
    house.library.conversation(&query).unwrap()
}

/// The value of a hidden field of a page.
fn hidden(html: &str, name: &str) -> String {
    let field = html.split(&format!("name=\"{name}\" value=\"")).nth(1);
    field.unwrap().split('"').next().unwrap().to_owned()
}

fn a_visitor_comments_and_likes_without_scripts() {
    let house = House::with(2);
    let browser = house.browser();
    let link = talking(&house);
    let items = house.items(&browser, &link);
    let photo = format!("{link}/photo/{}", items[0]);
    let page = browser.get(&photo).text();
    let (item, proof, form) = (
        hidden(&page, "item"),
        hidden(&page, "proof"),
        hidden(&page, "form"),
    );
    assert_eq!(item, items[0]);
    let fields = format!("item={item}&proof={proof}&form={form}");

    // A double click is one comment, and one like.
    for _ in 0..2 {
        let words = "name=Oma+Inge&text=How+lovely!%0D%0ASee+you.";
        let answer = post(
            &browser,
            &format!("{link}/comment"),
            &format!("{fields}&{words}"),
        );
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert!(
            answer
                .header("location")
                .starts_with(&format!("{photo}#c-"))
        );
        let answer = post(&browser, &format!("{link}/like"), &fields);
        assert_eq!(answer.header("location"), format!("{photo}#t-{item}"));
        assert!(!answer.headers.contains_key("set-cookie"));
    }
    let page = browser.get(&photo).text();
    for words in [
        "<bdi>Oma Inge</bdi>",
        "dir=\"auto\">How lovely!\nSee you.</p>",
        "1 comment<",
        "aria-label=\"Like, 1 like\"",
        "<small>22 November 2026, ",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    // Of that photo, not of the other or the album.
    let other = browser.get(&format!("{link}/photo/{}", items[1])).text();
    assert!(!other.contains("Oma Inge"));
    let album = browser.get(&link).text();
    assert!(!album.contains("Oma Inge") && album.contains("aria-label=\"Like, 0 likes\""));

    let answer = post(
        &browser,
        &format!("{link}/comment"),
        "name=Ben&text=All+of+it!",
    );
    let to = answer.header("location");
    assert!(to.starts_with(&format!("{link}?talk=1#c-")), "{to}");
    let open = browser.get(to.split('#').next().unwrap()).text();
    assert!(open.contains("<details open>") && open.contains("All of it!"));
    assert!(browser.get(&link).text().contains("<details>"));

    house
        .library
        .comment(ActivityOf::Album(house.album), None, "Thank you!")
        .unwrap();
    let answered = browser.get(&link).text();
    assert!(answered.contains("<bdi>Anna</bdi> <b>shares this</b>"));
    assert_eq!((said(&house).comments, said(&house).likes), (3, 1));
}

fn words_and_names_are_inert() {
    let house = House::with(1);
    let browser = house.browser();
    let link = talking(&house);
    let item = &house.items(&browser, &link)[0];
    let attack =
        "%3C/textarea%3E%22%3E%3Cscript%3Ealert(1)%3C/script%3E%3Cimg+src=x+onerror=a%3E%27";
    for of in [format!("item={item}&"), String::new()] {
        let form = format!("{of}proof={PROOF}&name={attack}&text={attack}");
        let status = post(&browser, &format!("{link}/comment"), &form).status;
        assert_eq!(status, StatusCode::SEE_OTHER);
        let form = format!("{of}proof={PROOF}&name={attack}");
        post(&browser, &format!("{link}/like"), &form);
    }
    for address in [link.clone(), format!("{link}/photo/{item}")] {
        let html = browser.get(&address).text();
        assert!(
            html.contains("&#60;script&#62;alert(1)"),
            "it is shown as text"
        );
        assert!(!html.contains("<script>") && !html.contains("<img src=x"));
        assert_eq!(
            html.matches("<script").count(),
            html.matches("<script src=\"/static/").count()
        );
    }
}

fn a_link_without_comments_shows_and_takes_none() {
    let house = House::with(1);
    let browser = house.browser();
    let (silent, link) = (house.open_link(), house.link(|link| link.comments = true));
    let talking = path(&link);
    post(
        &browser,
        &format!("{talking}/comment"),
        "name=Ben&text=Hello",
    );
    let item = &house.items(&browser, &silent)[0];
    for address in [silent.clone(), format!("{silent}/photo/{item}")] {
        let html = browser.get(&address).text();
        assert!(!html.contains("Hello") && !html.contains("class=\"talk\""));
        assert!(!html.contains("/static/talk"), "{address}");
    }
    for way in ["comment", "like", "withdraw"] {
        let answer = post(&browser, &format!("{silent}/{way}"), "name=Ben&text=Hello");
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{way}");
        assert!(answer.text().contains("takes no comments"));
    }
    let off = LinkEdit {
        comments: Some(false),
        ..LinkEdit::default()
    };
    house.library.edit_link(link.id, off).unwrap();
    assert!(!browser.get(&talking).text().contains("Hello"));
    assert_eq!(said(&house).comments, 1, "the owner still has it");
}

fn a_locked_link_takes_nothing_before_its_password() {
    let house = House::with(1);
    let browser = house.browser();
    let link = path(&house.link(|link| {
        link.comments = true;
        link.password = Some(PASSWORD.into());
    }));
    let comment = format!("{link}/comment");
    let answer = post(&browser, &comment, "name=Ben&text=Hello");
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let pass = browser.pass(&link);
    let headers = [
        ("cookie", &*pass),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let answer = browser.ask(Method::POST, &comment, &headers, "name=Ben&text=Hello");
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(
        !browser.get(&link).text().contains("Hello"),
        "nobody reads it without"
    );
    assert!(browser.get_as(&link, &pass).text().contains("Hello"));
}

fn a_foreign_page_says_nothing() {
    let house = House::with(1);
    let browser = house.browser();
    let link = talking(&house);
    let token = hidden(&browser.get(&link).text(), "form");
    let send = |origin, form: &str| {
        let headers = [
            ("origin", origin),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let form = format!("name=Ben&text=Hello&proof={PROOF}&form={form}");
        browser.ask(Method::POST, &format!("{link}/comment"), &headers, &form)
    };
    let foreign = send("https://evil.example", &token);
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    // A browser that does not tell whose page it was needs what only ours has.
    let blank = send("null", "0123");
    assert_eq!(blank.status, StatusCode::FORBIDDEN);
    assert!(blank.text().contains("open for too long"));
    assert_eq!(said(&house).comments, 0);
    assert_eq!(send("null", &token).status, StatusCode::SEE_OTHER);
    assert_eq!(
        send("http://localhost:2455", "").status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(said(&house).comments, 1);
}

fn fetching_says_nothing() {
    let house = House::with(1);
    let browser = house.browser();
    let link = talking(&house);
    for way in ["comment", "like", "withdraw"] {
        for method in [Method::GET, Method::HEAD] {
            let address = format!("{link}/{way}?name=Ben&text=Hello");
            let answer = browser.ask(method, &address, &[], "");
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        }
    }
    let commits = house
        .library
        .link(house.library.links(None).unwrap()[0].id)
        .unwrap()
        .said;
    browser.get(&link);
    assert_eq!(commits, library::Counted::default());
    assert_eq!(said(&house), Conversation::default());
}

fn a_visitor_takes_back_only_their_own() {
    let house = House::with(1);
    let browser = house.browser();
    let link = talking(&house);
    let form = format!("name=Ben&text=Hello&proof={PROOF}");
    post(&browser, &format!("{link}/comment"), &form);
    post(&browser, &format!("{link}/like"), &format!("proof={PROOF}"));
    let id = said(&house).shown[0].id;
    // By its mark the browser knows it; by the secret it proves so.
    let html = browser.get(&link).text();
    assert!(html.contains("data-by=\"0011223344556677\""));
    assert!(!html.contains(PROOF));
    let mark_alone = format!("0011223344556677{}", "0".repeat(32));
    for proof in [OTHER, &mark_alone, "", "zz"] {
        for what in [format!("id={id}&"), String::new(), "id=garbage&".into()] {
            let form = format!("{what}proof={proof}");
            let answer = post(&browser, &format!("{link}/withdraw"), &form);
            assert_eq!(answer.status, StatusCode::SEE_OTHER);
        }
    }
    assert_eq!((said(&house).comments, said(&house).likes), (1, 1));
    let form = format!("id={id}&proof={PROOF}");
    post(&browser, &format!("{link}/withdraw"), &form);
    post(
        &browser,
        &format!("{link}/withdraw"),
        &format!("proof={PROOF}"),
    );
    assert_eq!((said(&house).comments, said(&house).likes), (0, 0));
}

fn what_cannot_be_kept_is_said_in_a_sentence() {
    let house = House::with(1);
    let browser = house.browser();
    let link = talking(&house);
    let long = "%E2%9D%A4".repeat(2_000);
    assert_eq!(
        post(
            &browser,
            &format!("{link}/comment"),
            &format!("name=Ben&text={long}")
        )
        .status,
        StatusCode::SEE_OTHER,
        "the longest of the widest letters"
    );
    let longer = format!("name=Ben&text={long}x");
    let longest = format!("name=Ben&text={}", "x".repeat(40_000));
    for (form, status, words) in [
        ("text=Hello", StatusCode::BAD_REQUEST, "write your name"),
        (
            "name=+&text=Hello",
            StatusCode::BAD_REQUEST,
            "write your name",
        ),
        (
            "name=Ben&text=%00%0A",
            StatusCode::BAD_REQUEST,
            "a few words",
        ),
        ("name=Ben", StatusCode::BAD_REQUEST, "a few words"),
        (&longer, StatusCode::BAD_REQUEST, "2000 characters"),
        (&longest, StatusCode::BAD_REQUEST, "did not arrive whole"),
        (
            "item=AAAAAAAAAAAAAAAAAAAAAA&name=Ben&text=Hello",
            StatusCode::NOT_FOUND,
            "open anything",
        ),
    ] {
        let answer = post(&browser, &format!("{link}/comment"), form);
        assert_eq!(answer.status, status, "{form:.60}");
        assert!(answer.text().contains(words), "{form:.60}");
    }
    assert_eq!(said(&house).comments, 1);
}

fn who_says_too_much_waits() {
    let house = House::with(1);
    let browser = house.browser();
    let link = talking(&house);
    let mut answers = (0..40).map(|number| {
        let form = format!("name=Ben&text=Number+{number}&proof={PROOF}");
        post(&browser, &format!("{link}/comment"), &form)
    });
    let held = answers
        .find(|answer| answer.status != StatusCode::SEE_OTHER)
        .unwrap();
    assert_eq!(held.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!held.header("retry-after").is_empty());
    assert!(held.text().contains("Too much was said at once"));
    // Looking is free, and so is liking.
    assert_eq!(browser.get(&link).status, StatusCode::OK);
    let like = post(&browser, &format!("{link}/like"), &format!("proof={PROOF}"));
    assert_eq!(like.status, StatusCode::SEE_OTHER);
}

fn a_long_conversation_has_pages() {
    let house = House::with(1);
    let browser = house.browser();
    let link = talking(&house);
    let item = &house.items(&browser, &link)[0];
    let asset = house.library.album_assets(house.album).unwrap()[0];
    for number in 0..25 {
        house.sleep(1);
        for of in [None, Some(asset)] {
            let album = ActivityOf::Album(house.album);
            house
                .library
                .comment(album, of, &format!("Number {number}."))
                .unwrap();
        }
    }
    for page in [link.clone(), format!("{link}/photo/{item}")] {
        let last = browser.get(&page).text();
        assert_eq!(last.matches("<li id=\"c-").count(), 20);
        assert!(last.contains("Number 24.") && !last.contains("Number 4."));
        let earlier = last.split("class=\"earlier\" href=\"").nth(1).unwrap();
        let earlier = earlier.split(['"', '#']).next().unwrap();
        let first = browser.get(earlier).text();
        assert_eq!(first.matches("<li id=\"c-").count(), 5);
        assert!(first.contains("Number 0.") && !first.contains("class=\"earlier\""));
        assert!(first.contains("<details open>"));
    }
}

fn a_page_with_comments_stays_small_and_hides_the_photos_times() {
    let house = House::with(180);
    let browser = house.browser();
    let link = talking(&house);
    for number in 0..3 {
        let form = format!("name=Ben&text=How+lovely+number+{number}+is");
        post(&browser, &format!("{link}/comment"), &form);
    }
    let page = browser.get(&link);
    let html = page.text();
    let styles: Vec<&str> = html
        .split('"')
        .filter(|part| part.starts_with("/static/") && part.ends_with(".css"))
        .collect();
    assert_eq!(styles.len(), 2);
    let weights = styles.iter().map(|style| browser.get(style).body.len());
    let weight = page.body.len() + weights.sum::<usize>();
    eprintln!("with comments: {weight} B");
    assert!(weight <= 50 * 1024, "{weight} bytes");
    // Choosing photos is about the photos.
    assert!(
        !browser
            .get(&format!("{link}?select=1"))
            .text()
            .contains("class=\"talk\"")
    );
    let item = &house.items(&browser, &link)[0];
    let photo = browser.get(&format!("{link}/photo/{item}")).text();
    assert!(photo.contains("class=\"talk\"") && !photo.contains("<dl>"));
}

fn pages_speak_german() {
    let house = House::with(1);
    let browser = house.browser();
    let link = talking(&house);
    let empty = browser.get_with(&link, &[("accept-language", "de")]).text();
    assert!(empty.contains("Kommentieren<") && empty.contains("Dein Name"));
    post(
        &browser,
        &format!("{link}/comment"),
        "name=Ben&text=Sch%C3%B6n",
    );
    post(
        &browser,
        &format!("{link}/like"),
        &format!("name=Ben&proof={PROOF}"),
    );
    let html = browser.get_with(&link, &[("accept-language", "de")]).text();
    for words in [
        "1 Kommentar<",
        "Das gefällt Ben",
        "aria-label=\"Gefällt mir, gefällt 1 Person\"",
        "22. November 2026, ",
    ] {
        assert!(html.contains(words), "{words}");
    }
}
