//! The places that tidy up: a watched folder that is followed, a duplicate that
//! goes, and photos that show themselves only after a PIN.

use super::{from_menu, headed, painted, shoot, window};
use crate::desk::{Desk, until};
use crate::driver::Driver;
use camera::{Exif, Scene, draw, jpeg};
use image::imageops::{self, FilterType};
use serde_json::json;

const PIN: &str = "482917";

/// Four photos, and what a messenger made of the first.
fn take_photos(desk: &Desk) {
    for (number, scene) in Scene::ALL.into_iter().take(4).enumerate() {
        let number = u64::try_from(number).unwrap();
        let photo = draw(scene, number + 40, 1600, 1200);
        let exif = Exif {
            taken: format!("2026:05:0{} 12:00:00", number + 1),
            ..Exif::default()
        };
        desk.put(
            &format!("IMG_{number}.jpg"),
            &jpeg(&photo, 92, &exif).unwrap(),
        );
        if number == 0 {
            let small = imageops::resize(&photo, 800, 600, FilterType::Triangle);
            let sent = camera::plain(&small, image::ImageFormat::Jpeg).unwrap();
            desk.put("IMG-20260503-WA0001.jpg", &sent);
        }
    }
}

#[test]
fn folders_duplicates_and_locked_photos() {
    let Some(window) = window("folders_duplicates_and_locked_photos") else {
        return;
    };
    let desk = Desk::new();
    take_photos(&desk);
    let (library, photos) = (desk.library(), desk.photos());
    let driver = Driver::start(
        &window,
        &library,
        &[("ALBUMEN_CHOOSE_FOLDERS", &photos), ("HOME", desk.path())],
    );
    driver.click("first-run-in-place");
    driver.click("first-run-choose");
    headed(&driver, "5 photos");

    a_folder_is_followed(&driver, &desk);
    a_duplicate_goes(&driver, &desk);
    a_photo_is_locked(&driver, &desk);
    for name in ["IMG_0.jpg", "IMG_1.jpg", "IMG-20260503-WA0001.jpg"] {
        assert!(photos.join(name).exists(), "{name} is the user's own");
    }
}

/// What is deleted in the folder goes to the trash, and comes out again with
/// the file.
fn a_folder_is_followed(driver: &Driver, desk: &Desk) {
    driver.click("nav-folders");
    says(driver, "folder-row", "Followed");
    says(driver, "folder-row", "5 photos");
    shoot(driver, "folders");
    let photo = desk.photos().join("IMG_3.jpg");
    let bytes = std::fs::read(&photo).unwrap();
    std::fs::remove_file(&photo).unwrap();
    says(driver, "folder-row", "4 photos");
    driver.click("nav-trash");
    headed(driver, "1 photo");
    desk.put("back.jpg", &bytes);
    until("the photo is found again", || {
        (desk.assets().len() == 5).then_some(())
    });
    driver.click("nav-timeline");
    headed(driver, "5 photos");
}

/// The smaller copy goes to the trash when the person keeps the larger.
fn a_duplicate_goes(driver: &Driver, desk: &Desk) {
    driver.click("nav-duplicates");
    let group = driver.one("duplicate-group");
    assert!(driver.text(&group).contains("It has more pixels"));
    shoot(driver, "duplicates");
    driver.click("keep");
    until("the group is settled", || {
        driver.all("duplicate-group").is_empty().then_some(())
    });
    let left: Vec<_> = desk
        .assets()
        .into_iter()
        .map(|asset| asset["name"].clone())
        .collect();
    assert_eq!(left.len(), 4, "{left:?}");
    assert!(!left.contains(&json!("IMG-20260503-WA0001.jpg")));
}

/// A PIN is chosen, a photo is locked, seen after the PIN, and not after closing.
fn a_photo_is_locked(driver: &Driver, desk: &Desk) {
    driver.click("nav-locked");
    driver.write("pin", PIN);
    driver.write("pin-again", PIN);
    driver.click("pin-go");
    driver.one("lock-close");
    driver.click("nav-timeline");
    headed(driver, "4 photos");
    painted(driver);
    from_menu(driver, "Lock");
    until("it has left the timeline", || {
        (driver.all("tile").len() == 3).then_some(())
    });
    assert_eq!(desk.assets().len(), 3);
    driver.click("nav-locked");
    headed(driver, "1 photo");
    painted(driver);
    shoot(driver, "locked");
    driver.click("lock-close");
    driver.one("pin");
    assert!(driver.all("tile").is_empty(), "closed, and still shown");
    driver.write("pin", "000000");
    driver.click("pin-go");
    until("the wrong PIN is refused", || {
        driver.select("[role=alert]").into_iter().next()
    });
    assert!(driver.all("tile").is_empty(), "shown after a wrong PIN");
}

/// Waits until the first element of that name holds these words.
fn says(driver: &Driver, name: &str, words: &str) {
    until(&format!("`{name}` says «{words}»"), || {
        let element = driver.all(name).into_iter().next()?;
        driver.text(&element).contains(words).then_some(())
    });
}
