//! Live photos of somebody else in the window.

use super::{headed, painted, shoot, window};
use crate::desk::until;
use crate::driver::Driver;
use crate::household::machine;
use crate::live::{moves, pair};
use crate::parts::{both, seen_by};
use crate::programs::have;

#[test]
fn a_partners_live_photo_moves_when_it_is_pressed() {
    let test = "a_partners_live_photo_moves_when_it_is_pressed";
    let Some(window) = window(test) else {
        return;
    };
    if !have(test, &["ffmpeg", "ffprobe"]) {
        return;
    }
    let (anna, ben) = (machine("Anna", "Desk"), machine("Ben", "Laptop"));
    pair(&anna);
    anna.import();
    let [_running, headless] = both(&anna, &ben, false);
    let photo = seen_by(&anna, &ben);
    ben.tell(&["partner", "timeline", "Anna", "on"]);
    moves(&anna, &photo);
    // From now on his node is the window.
    drop(headless);
    let driver = Driver::start(&window, &ben.library(), &[("HOME", ben.path())]);
    headed(&driver, "1 photo");
    painted(&driver);
    let tile = driver.one("tile");
    assert!(driver.press(&tile) && driver.keys(&tile, crate::driver::ENTER));
    driver.click("live-mark");
    until("its live part is there", || {
        let source = "return document.querySelector('[data-testid=live]')?.src ?? ''";
        let source = driver.run(source);
        source.as_str()?.starts_with("data:video/mp4").then_some(())
    });
    shoot(&driver, "partners-live");
}
