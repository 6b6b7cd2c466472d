//! All eight EXIF orientations appear upright, wherever a picture is shown.

use crate::desk::{Desk, text};
use crate::visitor::Visitor;
use camera::{Exif, is_upright, jpeg, quadrants, turned};

#[test]
fn the_eight_orientations_are_upright_in_every_size_and_on_the_page() {
    let desk = Desk::new();
    for orientation in 1..=8 {
        let exif = Exif {
            orientation,
            ..Exif::default()
        };
        let stored = turned(&quadrants(900, 600), orientation);
        desk.put(
            &format!("turned-{orientation}.jpg"),
            &jpeg(&stored, 92, &exif).unwrap(),
        );
    }
    let ids = desk.import();
    assert_eq!(ids.len(), 8);
    for asset in desk.assets() {
        assert_eq!(
            (&asset["width"], &asset["height"]),
            (&900.into(), &600.into())
        );
        for size in ["thumbnail", "preview"] {
            let file = desk.path().join(size);
            desk.tell(&[
                "asset",
                "write",
                &text(&asset["id"]),
                "--rendition",
                size,
                "--to",
                file.to_str().unwrap(),
            ]);
            let picture = image::load_from_memory(&std::fs::read(&file).unwrap()).unwrap();
            assert!(
                picture.width() > picture.height(),
                "{} {size}",
                asset["name"]
            );
            is_upright(&picture.to_rgb8())
                .unwrap_or_else(|problem| panic!("{} {size}: {problem}", asset["name"]));
            std::fs::remove_file(&file).unwrap();
        }
    }

    let album = desk.album("Upright", &ids);
    let link = text(&desk.link(&["--album", &album])["path"]);
    let serving = desk.serve();
    let visitor = Visitor::new(&serving.url());
    let mut seen = 0;
    for route in visitor.routes(&link) {
        let reply = visitor.get(&route);
        let size = route.rsplit('/').next().unwrap();
        if ["thumbnail", "preview", "download"].contains(&size) {
            assert!(reply.is_picture(), "{route}: {}", reply.status);
            let picture = image::load_from_memory(&reply.body).unwrap();
            is_upright(&picture.to_rgb8()).unwrap_or_else(|problem| panic!("{route}: {problem}"));
            seen += 1;
        }
    }
    assert_eq!(seen, 8 * 3, "a thumbnail, a preview and a download of each");
}
