//! A round through the places for finding: years, favourites, archive, search, the
//! map, the settings; and how few clicks it is from nothing to a copied link.

use super::{address_shown, from_menu, headed, painted, shoot, turn_sharing_on, window};
use crate::desk::{Desk, until};
use crate::driver::{CONTROL, Driver, ENTER, ESCAPE};
use crate::visitor::Visitor;
use camera::{Exif, Scene, draw, jpeg};

/// A photo each in six months of two years, two of them in Kiel.
fn take_photos(desk: &Desk) {
    for number in 0_u16..6 {
        let index = usize::from(number);
        let picture = draw(Scene::ALL[index % 5], u64::from(number) + 70, 1200, 900);
        let exif = Exif {
            taken: format!("202{}:0{}:11 12:00:00", 5 + number / 3, 1 + number),
            place: (number < 2).then_some((54.32, 10.13, 3.0)),
            make: "Albumen".to_owned(),
            model: if number == 5 {
                "Pocket"
            } else {
                "Field camera"
            }
            .to_owned(),
            ..Exif::default()
        };
        desk.put(
            &format!("IMG_{number}.jpg"),
            &jpeg(&picture, 90, &exif).unwrap(),
        );
    }
}

fn start(test: &str) -> Option<(Desk, Driver)> {
    let window = window(test)?;
    let desk = Desk::new();
    take_photos(&desk);
    let (library, photos) = (desk.library(), desk.photos());
    let found = [("ALBUMEN_CHOOSE_FOLDERS", &*photos), ("HOME", desk.path())];
    let driver = Driver::start(&window, &library, &found);
    Some((desk, driver))
}

#[test]
fn from_nothing_to_a_copied_link_in_six_clicks() {
    let Some((_desk, driver)) = start("from_nothing_to_a_copied_link_in_six_clicks") else {
        return;
    };
    driver.click("first-run-choose");
    headed(&driver, "6 photos");
    driver.click("tile");
    driver.click("share");
    turn_sharing_on(&driver);
    driver.click("share-create");
    let url = address_shown(&driver);
    until("it is said that the link was copied", || {
        let said = "return document.querySelector('[role=dialog] [role=status]')?.textContent";
        let said = driver.run(said);
        let said = said.as_str()?.to_lowercase();
        said.contains("copied").then_some(())
    });
    // The system's dialog takes one more, on «Open».
    assert!(driver.clicks() < 6, "{} clicks", driver.clicks());
    let (base, path) = url.split_at(url.find("/share/").unwrap());
    assert_eq!(Visitor::new(base).get(path.trim()).status, 200);
}

#[test]
fn a_round_through_the_places() {
    let Some((desk, driver)) = start("a_round_through_the_places") else {
        return;
    };
    driver.click("first-run-choose");
    headed(&driver, "6 photos");
    painted(&driver);

    years_lead_to_months(&driver);
    a_favourite_has_its_place(&driver, &desk);
    what_is_archived_leaves_the_timeline(&driver);
    words_find_photos(&driver);
    the_map_shows_where(&driver);
    settings_change_the_window(&driver);
}

/// All years at a glance, and from there into a month, with keys alone.
fn years_lead_to_months(driver: &Driver) {
    for _ in 0..3 {
        driver.press_keys(&format!("{CONTROL}-"));
    }
    until("two years of three months", || {
        let years = driver.run("return document.querySelectorAll('[data-testid=years] h2').length");
        (years == 2 && driver.all("month").len() == 6).then_some(())
    });
    until("the months have pictures", || {
        let painted = "return document.querySelectorAll('[data-testid=month] img.loaded').length";
        (driver.run(painted) == 6).then_some(())
    });
    shoot(driver, "years");
    let january = driver.select("[data-month='2025-01']").remove(0);
    assert!(driver.keys(&january, ENTER));
    until("the photos are back", || {
        (driver.all("tile").len() == 6).then_some(())
    });
    driver.press_keys(&format!("{CONTROL}0"));
}

fn a_favourite_has_its_place(driver: &Driver, desk: &Desk) {
    // The grid may still be drawn anew in its usual size.
    let tile = until("a photo is chosen and takes a key", || {
        let tile = driver.all("tile").into_iter().next()?;
        (driver.press(&tile) && driver.keys(&tile, ".")).then_some(tile)
    });
    until("it is a favourite", || {
        let mut all = desk.assets().into_iter();
        all.any(|asset| asset["favorite"] == true).then_some(())
    });
    assert!(driver.keys(&tile, ESCAPE));
    driver.click("nav-favourites");
    headed(driver, "1 photo");
    painted(driver);
    shoot(driver, "favourites");
    driver.click("nav-timeline");
    headed(driver, "6 photos");
}

fn what_is_archived_leaves_the_timeline(driver: &Driver) {
    from_menu(driver, "Archive");
    until("what took its place is chosen", || {
        let chosen = "return document.querySelector('[data-testid=tile][aria-selected=true]')
            ?.getAttribute('aria-setsize')";
        (driver.run(chosen) == "5").then_some(())
    });
    driver.press_keys(ESCAPE);
    headed(driver, "5 photos");
    driver.click("nav-archive");
    headed(driver, "1 photo");
    painted(driver);
    shoot(driver, "archive");
}

/// Typed words, then a fact that must hold as well.
fn words_find_photos(driver: &Driver) {
    driver.press_keys("/");
    driver.write("search", &format!("field{ENTER}"));
    headed(driver, "5 photos");
    painted(driver);
    shoot(driver, "search");
    driver.click("nav-timeline");
    headed(driver, "5 photos");
    driver.write("search", &format!("nowhere{ENTER}"));
    until("nothing is found, and said so", || {
        let words = driver.run("return document.querySelector('main')?.textContent ?? ''");
        words.as_str()?.contains("Nothing").then_some(())
    });
}

fn the_map_shows_where(driver: &Driver) {
    driver.click("nav-places");
    until("two photos stand in one place", || {
        let bubbles = driver.run(
            "return [...document.querySelectorAll('.bubble')].map((one) => one.textContent).join()",
        );
        bubbles.as_str()?.contains('2').then_some(())
    });
    driver.run("document.querySelector('.bubble').click()");
    until("the photos of the place are listed", || {
        let tiles = "return document.querySelectorAll(
            '[data-testid=place-photos] [data-testid=tile]').length";
        (driver.run(tiles) == 2).then_some(())
    });
    painted(driver);
    shoot(driver, "places");
}

/// The window is dark, and German, at once.
fn settings_change_the_window(driver: &Driver) {
    driver.click("nav-settings");
    driver.one("set-person");
    shoot(driver, "settings");
    let choose = |value: &str| {
        let script = format!("document.querySelector('input[type=radio][value={value}]').click()");
        driver.run(&script);
    };
    choose("dark");
    until("the window is dark", || {
        let dark = "return matchMedia('(prefers-color-scheme: dark)').matches";
        (driver.run(dark) == true).then_some(())
    });
    choose("de");
    until("the window speaks German", || {
        let language = driver.run("return document.documentElement.lang");
        language.as_str()?.starts_with("de").then_some(())
    });
    driver.click("nav-timeline");
    headed(driver, "5 Fotos");
}
