//! From the first start to a link that a friend opens, and to the end of that
//! link.

use super::{address_shown, headed, painted, screenshots, shoot, turn_sharing_on, window};
use crate::desk::{Desk, until};
use crate::driver::{CONTROL, Driver, ENTER, ESCAPE};
use crate::visitor::Visitor;
use camera::{Exif, Scene, draw, jpeg, turned};

const PASSWORD: &str = "sea and dunes";

fn take_photos(desk: &Desk) -> usize {
    // Pictures for the documents want a full window; a test needs a few rows.
    let count: u16 = if screenshots().is_some() { 48 } else { 12 };
    let sizes = [
        (1200, 800),
        (800, 1200),
        (1400, 800),
        (1000, 1000),
        (1200, 900),
    ];
    for number in 0..count {
        let index = usize::from(number);
        let (width, height) = sizes[index * 3 / 2 % sizes.len()];
        let orientation = [1, 6, 1, 8, 3][index % 5];
        let picture = draw(
            Scene::ALL[index * 2 % 5],
            u64::from(number) + 300,
            width,
            height,
        );
        let exif = Exif {
            orientation,
            taken: format!(
                "2026:{:02}:{:02} 1{}:20:00",
                9 - number / 16,
                20 - number / 5,
                number % 9
            ),
            offset: "+02:00".to_owned(),
            place: Some((54.32, 10.13, 3.0)),
            make: "Albumen".to_owned(),
            model: "Field camera 35".to_owned(),
            lens: "35 mm f/2".to_owned(),
            aperture_tenths: Some(28),
            exposure_per_second: Some(250),
            iso: Some(200),
            focal_length: Some(35),
            ..Exif::default()
        };
        let bytes = jpeg(&turned(&picture, orientation), 88, &exif).unwrap();
        desk.put(&format!("IMG_{:04}.jpg", 2001 + number), &bytes);
    }
    usize::from(count)
}

#[test]
fn from_the_first_start_to_a_link_that_a_friend_opens() {
    let Some(window) = window("from_the_first_start_to_a_link") else {
        return;
    };
    let desk = Desk::new();
    let count = take_photos(&desk);
    let (library, photos) = (desk.library(), desk.photos());
    let driver = Driver::start(
        &window,
        &library,
        &[("ALBUMEN_CHOOSE_FOLDERS", &photos), ("HOME", desk.path())],
    );

    driver.one("first-run-choose");
    shoot(&driver, "first-run");
    driver.click("first-run-choose");
    until("the photos are shown", || {
        (driver.all("tile").len() >= count.min(12)).then_some(())
    });
    until("the import is through", || {
        driver.all("import-progress").is_empty().then_some(())
    });
    headed(&driver, &format!("{count} photos"));
    painted(&driver);
    shoot(&driver, "timeline");
    assert_eq!(desk.assets().len(), count, "through the window's own node");

    look_at_one(&driver);
    album_of_all(&driver, count);
    let url = share(&driver);
    let link = a_friend_opens(&url);
    revoke(&driver);
    let (base, path) = split(&url);
    assert_eq!(link, path);
    assert_eq!(
        Visitor::new(base).get(path).status,
        404,
        "a revoked link is open"
    );
}

fn look_at_one(driver: &Driver) {
    let tile = driver.one("tile");
    assert!(driver.press(&tile));
    assert!(driver.keys(&tile, ENTER));
    driver.one("viewer");
    until("the photo is painted", || {
        let painted = "const image = document.querySelector('[data-testid=viewer] img.picture');
            return Boolean(image && image.complete && image.naturalWidth > 0);";
        (driver.run(painted) == true).then_some(())
    });
    shoot(driver, "viewer");
    assert!(driver.keys(&driver.one("viewer"), ESCAPE));
    until("the viewer is closed", || {
        driver.all("viewer").is_empty().then_some(())
    });
}

fn album_of_all(driver: &Driver, count: usize) {
    let tile = driver.one("tile");
    assert!(driver.press(&tile));
    assert!(driver.keys(&tile, &format!("{CONTROL}a")));
    until("all are selected", || {
        let words =
            driver.run("return document.querySelector('header .chosen')?.textContent ?? ''");
        words.as_str()?.contains(&count.to_string()).then_some(())
    });
    shoot(driver, "selection");
    driver.click("new-album");
    driver.write("album-title-input", "By the sea");
    driver.click("album-create");
    until("the album is open", || {
        let title = driver.all("album-title").into_iter().next()?;
        let words =
            driver.run("return document.querySelector('[data-testid=album-title]').value ?? ''");
        (driver.text(&title).contains("By the sea") || words == "By the sea").then_some(())
    });
    until("the album's photos are painted", || {
        let painted = "return [...document.querySelectorAll('[data-testid=tile] img.picture')]
            .filter((image) => image.complete && image.naturalWidth > 0).length;";
        driver.run(painted).as_u64().filter(|painted| *painted >= 4)
    });
    shoot(driver, "album");
}

fn share(driver: &Driver) -> String {
    driver.click("share");
    driver.write("share-label", "Everyone at the sea");
    driver.write("share-password", PASSWORD);
    turn_sharing_on(driver);
    shoot(driver, "share");
    driver.click("share-create");
    let url = address_shown(driver);
    shoot(driver, "link");
    see_as_visitors(driver);
    driver.click("share-done");
    url.trim().to_owned()
}

/// The page as its visitors get it, past the password: its photos are painted in the frame.
/// No script runs in there, so what it shows is read from the screen.
fn see_as_visitors(driver: &Driver) {
    driver.click("link-see");
    driver.one("link-page");
    until("the page's photos are painted", || {
        let frame = driver.run(
            "const {left, top, width, height} = document
                .querySelector('[data-testid=link-page]').getBoundingClientRect();
            return [left, top, width, height];",
        );
        let at = |index: usize| frame[index].as_f64().unwrap() as u32;
        let picture = image::load_from_memory(&driver.picture()).unwrap();
        let page = picture.crop_imm(at(0), at(1), at(2), at(3)).to_rgb8();
        let coloured = |pixel: &&image::Rgb<u8>| {
            let [red, green, blue] = pixel.0;
            red.max(green).max(blue) - red.min(green).min(blue) > 40
        };
        let seen = page.pixels().filter(coloured).count();
        (seen * 20 > page.pixels().len()).then_some(())
    });
    shoot(driver, "visitors");
    let crosses = driver.select("[role=dialog] button[aria-label=Close]");
    assert!(driver.press(crosses.last().unwrap()));
    until("the page is closed, and only it", || {
        let gone = driver.all("link-page").is_empty();
        (gone && !driver.all("share-done").is_empty()).then_some(())
    });
}

/// `http://host:port` and the rest.
fn split(url: &str) -> (&str, &str) {
    url.split_at(url.find("/share/").unwrap())
}

/// Opens the link as a friend on the same network; returns its path.
fn a_friend_opens(url: &str) -> &str {
    let (base, path) = split(url);
    let mut friend = Visitor::new(base);
    let before = friend.get(path);
    assert_eq!(before.status, 200);
    assert!(!before.text().contains("By the sea"), "before the password");
    assert_eq!(friend.unlock(path, PASSWORD).status, 303);
    assert!(friend.get(path).text().contains("By the sea"));
    let routes = friend.routes(path);
    let preview = routes
        .iter()
        .find(|route| route.ends_with("/preview"))
        .unwrap();
    assert!(friend.get(preview).is_picture());
    path
}

fn revoke(driver: &Driver) {
    driver.click("nav-links");
    driver.one("link-row");
    shoot(driver, "links");
    driver.click("link-revoke");
    driver.click("confirm");
    until("the link is revoked", || {
        driver.all("link-revoke").is_empty().then_some(())
    });
}
