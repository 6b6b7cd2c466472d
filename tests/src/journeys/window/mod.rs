//! The window, driven as a person drives it.

mod link;
#[cfg(target_os = "linux")]
mod live;
mod places;
mod round;
#[cfg(target_os = "linux")]
mod tray;

use crate::desk::{program, until};
use crate::driver::{Driver, PROGRAM};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The window's program; none where there cannot be a window, which fails or is
/// named, as the environment says.
fn window(test: &str) -> Option<PathBuf> {
    match found() {
        Ok(window) => Some(window),
        Err(missing) if std::env::var_os("ALBUMEN_REQUIRE_WINDOW").is_some() => {
            panic!("{missing}")
        }
        Err(missing) => {
            eprintln!("skipped {test}: {missing}");
            None
        }
    }
}

fn found() -> Result<PathBuf, String> {
    let window = program("albumen-desktop");
    if !window.exists() {
        return Err(format!("{} is not built", window.display()));
    }
    let driver = Command::new(PROGRAM)
        .arg("--help")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if driver.is_err() {
        return Err(format!("{PROGRAM} is not installed"));
    }
    if std::env::var_os("DISPLAY").is_none() && std::env::var_os("WAYLAND_DISPLAY").is_none() {
        return Err("there is no display".to_owned());
    }
    Ok(window)
}

/// Where pictures for the documents go, when they are asked for.
fn screenshots() -> Option<PathBuf> {
    std::env::var_os("ALBUMEN_SCREENSHOTS").map(PathBuf::from)
}

/// Keeps what the window shows, light and dark, when pictures are asked for.
fn shoot(driver: &Driver, name: &str) {
    let Some(folder) = screenshots() else {
        return;
    };
    std::fs::create_dir_all(&folder).unwrap();
    for (theme, suffix) in [("dark", "-dark"), ("light", "")] {
        themed(driver, theme);
        until("the window is at rest", || {
            let moving = "return document.getAnimations()
                .filter((animation) => animation.playState === 'running').length;";
            (driver.run(moving) == 0).then_some(())
        });
        let picture = image::load_from_memory(&driver.picture()).unwrap();
        let file = std::fs::File::create(folder.join(format!("window-{name}{suffix}.jpg")));
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(file.unwrap(), 88);
        picture.to_rgb8().write_with_encoder(encoder).unwrap();
    }
}

/// Has the system be light or dark.
fn themed(driver: &Driver, theme: &str) {
    driver.run(&format!(
        "window.__TAURI_INTERNALS__.invoke('plugin:window|set_theme', {{value: '{theme}'}});"
    ));
    until(&format!("the window is {theme}"), || {
        let asked = format!("return matchMedia('(prefers-color-scheme: {theme})').matches");
        (driver.run(&asked) == true).then_some(())
    });
}

/// The header's words, as soon as they hold these.
fn headed(driver: &Driver, words: &str) {
    until(&format!("the header says «{words}»"), || {
        let header = driver.run("return document.querySelector('header')?.textContent ?? ''");
        header.as_str()?.contains(words).then_some(())
    });
}

/// Turns sharing on in the sheet, and waits for what is told of it: the sheet grows by
/// that, and a click would miss.
fn turn_sharing_on(driver: &Driver) {
    driver.click("sharing-on");
    until("it is told whom links open for", || {
        driver.select("[role=dialog] .badge").into_iter().next()
    });
}

/// The address of the link that was just made.
fn address_shown(driver: &Driver) -> String {
    until("the link's address is shown", || {
        let url = driver.text(&driver.all("share-url").into_iter().next()?);
        url.contains("/share/").then_some(url)
    })
}

/// Chooses this verb in the menu of the first photo.
fn from_menu(driver: &Driver, verb: &str) {
    let menu = "document.querySelector('[data-testid=tile]').dispatchEvent(new MouseEvent(
        'contextmenu', {bubbles: true, cancelable: true, clientX: 400, clientY: 300}));";
    driver.run(menu);
    let item = until(&format!("the menu offers «{verb}»"), || {
        let place = format!(
            "return [...document.querySelectorAll('[role=menuitem]')]
                .findIndex((item) => item.textContent.trim() === '{verb}');"
        );
        let place = driver.run(&place).as_u64()?;
        driver
            .select("[role=menuitem]")
            .into_iter()
            .nth(usize::try_from(place).unwrap())
    });
    assert!(driver.press(&item));
}

/// Waits until the picture of every tile in view is there.
fn painted(driver: &Driver) {
    until("every picture in view is painted", || {
        let missing =
            "return [...document.querySelectorAll('[data-testid=tile]')].filter((tile) => {
            const image = tile.querySelector('img.picture');
            return !image || !image.complete || image.naturalWidth === 0;
        }).length;";
        (driver.run(missing) == 0).then_some(())
    });
}
