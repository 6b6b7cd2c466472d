//! `camera FOLDER [COUNT]`: the sample library's photos, landscapes at a few
//! places over two years, as `cargo xtask run --sample` imports them.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it speaks to the person who runs it"
)]

use camera::{Exif, Scene, draw, jpeg, turned};
use std::path::Path;
use std::process::ExitCode;

/// Sizes as they appear upright.
const SIZES: [(u32, u32); 6] = [
    (1500, 1000),
    (1000, 1500),
    (1600, 1200),
    (1200, 1200),
    (1200, 1600),
    (2000, 900),
];
const PLACES: [(f64, f64, f64); 5] = [
    (54.3233, 10.1394, 3.0),
    (36.9990, -6.5481, 20.0),
    (28.7569, -17.8850, 2350.0),
    (46.5588, 11.6730, 1900.0),
    (69.2289, 18.4440, 410.0),
];
const CAMERAS: [(&str, &str, &str); 2] = [
    ("Albumen", "Field camera 35", "35 mm f/2"),
    ("Albumen", "Pocket camera", "26 mm f/1.8"),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wanted = match arguments.as_slice() {
        [folder] => Some((folder, 60)),
        [folder, count] => count.parse().ok().map(|count| (folder, count)),
        _ => None,
    };
    let Some((folder, count)) = wanted else {
        eprintln!("camera FOLDER [COUNT]: where shall the photos go, and how many?");
        return ExitCode::from(2);
    };
    match photograph(Path::new(folder), count) {
        Ok(()) => {
            println!("{count} photos are in {folder}.");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{folder}: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn photograph(folder: &Path, count: u32) -> Result<(), Box<dyn std::error::Error>> {
    std::fs::create_dir_all(folder)?;
    for number in 0..count {
        // A trip is ten photos at one place on a few days.
        let trip = number / 10;
        let scene = one_of(&Scene::ALL, number / 2);
        let (width, height) = one_of(&SIZES, number * 7 / 3);
        let (make, model, lens) = one_of(&CAMERAS, trip);
        let (latitude, longitude, altitude) = one_of(&PLACES, trip);
        let step = f64::from(number % 10) * 0.004;
        let orientation = one_of(&[1, 1, 1, 6, 1, 8, 1, 3], number);
        let exif = Exif {
            orientation,
            taken: format!(
                "{}:{:02}:{:02} {:02}:{:02}:{:02}",
                2024 + (trip * 4 + 5) / 12,
                (trip * 4 + 5) % 12 + 1,
                8 + number % 10 / 4,
                8 + number * 5 % 12,
                number * 17 % 60,
                number * 29 % 60
            ),
            offset: "+02:00".to_owned(),
            place: Some((latitude + step, longitude - step, altitude)),
            make: make.to_owned(),
            model: model.to_owned(),
            lens: lens.to_owned(),
            aperture_tenths: Some(one_of(&[20, 28, 40, 56], number)),
            exposure_per_second: Some(one_of(&[60, 125, 250, 500, 1000], number)),
            iso: Some(one_of(&[100, 200, 400, 800], number / 3)),
            focal_length: Some(one_of(&[35, 26], trip)),
            ..Exif::default()
        };
        let picture = draw(scene, u64::from(number), width, height);
        let bytes = jpeg(&turned(&picture, orientation), 88, &exif)?;
        std::fs::write(folder.join(format!("IMG_{:04}.jpg", 1001 + number)), bytes)?;
    }
    Ok(())
}

/// The list, over and over; it has at least one entry.
#[expect(
    clippy::indexing_slicing,
    reason = "the remainder is within the list, and every list here has entries"
)]
fn one_of<T: Copy>(list: &[T], number: u32) -> T {
    list[usize::try_from(number).unwrap_or_default() % list.len()]
}
