//! Live parts and sidecars that are files of their own: they go where their photo goes.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Command;

use crate::cases;
use crate::house::{Machine, pair, reached, story, until};
use image::{Rgb, RgbImage};
use library::{AssetId, GridQuery, Keep, KeptWhat, Library, What};
use sync::Wanted;

cases![a_live_photo_of_a_machine_that_is_lost_plays_where_it_was_kept];

const SIDECAR: &str = "<x:xmpmeta xmlns:x='adobe:ns:meta/' \
    xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><r:RDF><r:Description \
    xmlns:exif='http://ns.adobe.com/exif/1.0/' \
    exif:DateTimeOriginal='2026-05-03T14:22:10+02:00'/></r:RDF></x:xmpmeta>";

/// Films two seconds; false where there is no ffmpeg.
fn film(to: &Path) -> bool {
    let picture = "testsrc2=size=320x240:rate=25:duration=2";
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", picture])
        .args(["-c:v", "libx264", "-pix_fmt", "yuv420p"])
        .args(["-metadata", "creation_time=2026-05-03T12:22:11Z"])
        .arg(to)
        .status();
    made.is_ok_and(|status| status.success())
}

/// The files of a photo, by what they hold.
fn files(library: &Library, id: AssetId) -> BTreeMap<&'static str, Vec<u8>> {
    let places = library.places(id).unwrap();
    let read = |place: library::Place| (place.part, fs::read(place.path).unwrap());
    places.into_iter().map(read).collect()
}

fn a_live_photo_of_a_machine_that_is_lost_plays_where_it_was_kept() {
    story(async {
        let folder = tempfile::tempdir().unwrap();
        let of = |name: &str| folder.path().join(name);
        if !film(&of("IMG_0001.mp4")) {
            return;
        }
        let picture = RgbImage::from_fn(320, 240, |x, y| Rgb([x as u8, y as u8, 7]));
        picture.save(of("IMG_0001.png")).unwrap();
        fs::write(of("IMG_0001.png.xmp"), SIDECAR).unwrap();

        let (desk, laptop) = (Machine::new("Desk").await, Machine::new("Laptop").await);
        let id = desk.import(folder.path());
        assert!(desk.library.asset(id).unwrap().motion.is_some());
        let had = files(&desk.library, id);
        assert_eq!(
            had.keys().copied().collect::<Vec<_>>(),
            ["live", "side", "whole"]
        );
        pair(&desk, &laptop, true).await;
        reached(&laptop, desk.device()).await;
        let home = desk.device();
        until("the photo's files are known", || {
            let further = laptop.library.further_files(home, id).unwrap();
            (further.len() == 2).then_some(())
        })
        .await;
        // One can be had by itself, and what is none of them cannot.
        let further = laptop.library.further_files(home, id).unwrap();
        let wanted = |what| Wanted {
            home,
            asset: id,
            what,
        };
        let mut bytes = Vec::new();
        let mut file = laptop.peers.open(wanted(further[0])).await.unwrap();
        file.read_to_end(&mut bytes).unwrap();
        assert!(had.values().any(|held| *held == bytes));
        let refused = laptop.peers.open(wanted(KeptWhat::Part([7; 32]))).await;
        assert!(refused.is_err());

        laptop.library.set_peer_keep(home, Keep::Originals).unwrap();
        until("all of it is on both", || {
            let machines = desk.library.safety().unwrap().machines;
            (machines[0].is_here && machines[0].alone == 0).then_some(())
        })
        .await;
        desk.peers.stop().await;
        drop(desk);

        let adopted = laptop.library.adopt_machine(home, &|_| true).unwrap();
        assert_eq!((adopted.photos, adopted.lacking), (1, 0));
        let own = laptop.library.grid_ids(&GridQuery::default()).unwrap()[0];
        assert!(files(&laptop.library, own) == had, "bit for bit");
        let mut moving = laptop.library.own(own, What::Motion).unwrap();
        let mut bytes = Vec::new();
        moving.body.read_to_end(&mut bytes).unwrap();
        assert!(bytes == had["live"], "it plays");
        // Begun again, nothing comes twice.
        let again = laptop.library.adopt_machine(home, &|_| true).unwrap();
        assert_eq!(again.photos, 1);
        assert_eq!(laptop.library.counts().unwrap().assets, 1);
        assert_eq!(laptop.library.places(own).unwrap().len(), 3);
    });
}
