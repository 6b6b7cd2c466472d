//! Further files of photos among machines: told, kept with the original, counted, and gone
//! with it.

use std::fs;

use super::household::{Household, talk};
use super::partners::{WHOLE, fetch};
use super::peers::{device, guest, join, named};
use super::{START, Story};
use crate::original::{self, Incoming, Location, Original, Part};
use crate::*;

const LIVE: &str = "lake.mov";
const SIDE: &str = "lake.jpg.xmp";

/// Gives a photo a further file, its bytes being its name.
fn give(story: &Story, asset: AssetId, part: Part, name: &str) -> KeptWhat {
    let hash = *blake3::hash(name.as_bytes()).as_bytes();
    let places = story.library.places(asset).unwrap();
    let folder = places[0].path.parent().unwrap();
    let folder = folder
        .strip_prefix(story.library.originals())
        .unwrap()
        .to_str()
        .unwrap();
    let bytes = Incoming::Bytes(name.as_bytes(), hash);
    let placed = story.library.place_original(bytes, folder, name).unwrap();
    let name = name.to_owned();
    story
        .library
        .catalog
        .write(move |write| {
            if part == Part::Live {
                write.conn().execute(
                    "INSERT INTO motion (asset, id, hash, name, start, bytes, mime, plays)
                     VALUES (?1, ?2, ?3, ?4, 0, ?5, 'video/quicktime', 0)",
                    (asset, MotionId::new(write.now_ms), hash, &name, name.len()),
                )?;
            }
            let file = Original {
                location: Location::Copied(placed.target.clone()),
                hash,
                bytes: placed.bytes,
                modified_ms: 0,
                inode: None,
            };
            original::record(write, asset, part, &file, Some(&placed))
        })
        .unwrap();
    KeptWhat::Part(hash)
}

/// A live photo with a sidecar.
pub(super) fn live(story: &Story) -> (AssetId, KeptWhat, KeptWhat) {
    let photo = story.photo("lake.jpg", START);
    let moving = give(story, photo, Part::Live, LIVE);
    let side = give(story, photo, Part::Side, SIDE);
    (photo, moving, side)
}

fn settle(one: &Story, other: &Story) {
    for _ in 0..3 {
        talk(one, other);
        talk(other, one);
    }
}

/// How many photos of a machine are nowhere else, as another sees it.
fn alone(story: &Story, machine: &Story) -> (u64, u64) {
    let machines = story.library.safety().unwrap().machines;
    let of = device(machine).0;
    let found = machines.into_iter().find(|one| one.device == of).unwrap();
    (found.alone, found.alone_bytes)
}

/// The files that a machine keeps of others.
fn kept(story: &Story, home: &Story) -> usize {
    fs::read_dir(story.library.kept_of(device(home).0)).map_or(0, Iterator::count)
}

#[test]
fn a_photo_is_safe_only_with_all_of_its_files() {
    let (desk, laptop) = (named("Desk"), named("Laptop"));
    let (photo, moving, side) = live(&desk);
    let all = ("lake.jpg".len() + LIVE.len() + SIDE.len()) as u64;
    join(&desk, &laptop);
    laptop.library.set_promise(true).unwrap();
    settle(&desk, &laptop);
    let home = device(&desk).0;
    let lacking = || laptop.library.lacking_parts(home, 9).unwrap();
    assert_eq!(laptop.library.lacking_by_promise(home, 9).unwrap(), [photo]);
    assert_eq!(lacking(), [], "they come after their photo's original");
    fetch(&laptop, &desk, photo, KeptWhat::Original);
    settle(&desk, &laptop);
    assert_eq!(lacking().len(), 2);
    for what in [moving, side] {
        for story in [&desk, &laptop] {
            assert_eq!(alone(story, &desk), (1, all), "before {what:?}");
        }
        assert_eq!(desk.library.holders(photo).unwrap().len(), 1);
        assert!(lacking().contains(&(photo, what)));
        fetch(&laptop, &desk, photo, what);
        settle(&desk, &laptop);
    }
    assert_eq!(lacking(), []);
    for story in [&desk, &laptop] {
        assert_eq!(alone(story, &desk), (0, 0));
    }
    assert_eq!(desk.library.holders(photo).unwrap().len(), 2);
    assert_eq!(desk.library.alone(9).unwrap(), []);

    // One that comes later is counted at once, and asked for as soon as it is told.
    let late = give(&desk, photo, Part::Side, "lake.xmp");
    assert_eq!(alone(&desk, &desk).0, 1);
    settle(&desk, &laptop);
    assert_eq!(alone(&laptop, &desk).0, 1);
    assert_eq!(lacking(), [(photo, late)]);
    fetch(&laptop, &desk, photo, late);
    settle(&desk, &laptop);
    assert_eq!((alone(&desk, &desk).0, kept(&laptop, &desk)), (0, 4));

    // What its home has no more goes, and all of it with the photo.
    desk.library
        .catalog
        .write(move |write| original::forget(write, photo, Part::Side, false))
        .unwrap();
    settle(&desk, &laptop);
    assert_eq!((alone(&desk, &desk).0, kept(&laptop, &desk)), (0, 2));
    desk.library.trash(&[photo]).unwrap();
    desk.library.empty_trash(None, false).unwrap();
    settle(&desk, &laptop);
    assert_eq!(kept(&laptop, &desk), 0);
}

#[test]
fn further_files_go_when_originals_are_not_to_be_kept_any_more() {
    let (desk, laptop) = (named("Desk"), named("Laptop"));
    let (photo, moving, side) = live(&desk);
    join(&desk, &laptop);
    settle(&desk, &laptop);
    let home = device(&desk).0;
    laptop.library.set_peer_keep(home, Keep::Originals).unwrap();
    for what in [KeptWhat::Original, moving, side] {
        fetch(&laptop, &desk, photo, what);
    }
    settle(&desk, &laptop);
    assert_eq!(alone(&desk, &desk).0, 0);
    let totals = laptop.library.replica_totals(home).unwrap();
    assert_eq!(totals.originals, 1);
    assert_eq!(
        totals.bytes,
        ("lake.jpg".len() + LIVE.len() + SIDE.len()) as u64
    );
    laptop.library.set_peer_keep(home, Keep::Previews).unwrap();
    laptop.library.keep_as_wanted(home).unwrap();
    settle(&desk, &laptop);
    assert_eq!((alone(&desk, &desk).0, kept(&laptop, &desk)), (1, 0));
}

#[test]
fn a_file_that_is_missing_comes_back_from_where_it_is_kept() {
    let (desk, laptop) = (named("Desk"), named("Laptop"));
    let (photo, moving, side) = live(&desk);
    join(&desk, &laptop);
    settle(&desk, &laptop);
    laptop.library.set_promise(true).unwrap();
    for what in [KeptWhat::Original, moving, side] {
        fetch(&laptop, &desk, photo, what);
    }
    assert!(desk.library.missing_originals().unwrap().is_empty());
    let places = desk.library.places(photo).unwrap();
    for place in &places {
        fs::remove_file(&place.path).unwrap();
    }
    let missing = desk.library.missing_originals().unwrap();
    assert_eq!(missing.len(), 3);
    let home = device(&desk).0;
    for one in missing {
        let right = guest(&laptop, &desk);
        let Given::Original(mut given) = right.open(home, photo, one.what).unwrap() else {
            panic!("a file was asked for");
        };
        assert_eq!((given.length, given.hash), (one.bytes, one.hash));
        let arriving = desk.library.open_arriving(home, photo, one.what, one.bytes);
        let mut part = arriving.unwrap();
        std::io::copy(&mut given.file, &mut part).unwrap();
        desk.library
            .finish_arriving(home, photo, one.what, &part, one.hash)
            .unwrap();
        desk.library.put_back(photo, one.what).unwrap();
    }
    assert!(desk.library.missing_originals().unwrap().is_empty());
    assert_eq!(desk.library.places(photo).unwrap(), places);
    assert_eq!(kept(&desk, &desk), 0);
    for place in places {
        let name = place.path.file_name().unwrap().to_str().unwrap();
        assert_eq!(fs::read(&place.path).unwrap(), name.as_bytes());
    }
}

#[test]
fn partners_have_live_parts_and_sidecars_only_with_captions() {
    let house = Household::begin();
    let (photo, moving, side) = live(&house.anna);
    let (_, ben) = house.partners(WHOLE);
    let home = device(&house.anna).0;
    let told = || house.ben.library.further_files(home, photo).unwrap();
    let may = |what| {
        let right = guest(&house.anna, &house.ben);
        right.open(home, photo, what).is_ok()
    };
    assert_eq!(told(), [moving]);
    assert_eq!((may(moving), may(side)), (true, false));
    assert!(!may(KeptWhat::Part([7; 32])), "what is none of its files");
    let right = guest(&house.anna, &house.clara);
    assert!(right.open(home, photo, moving).is_err());
    let captions = |captions| {
        let edit = PartnerEdit {
            captions: Some(captions),
            ..PartnerEdit::default()
        };
        house.anna.library.edit_partner(ben, edit).unwrap();
        house.settle();
    };
    captions(true);
    assert_eq!(told().len(), 2);
    for what in [moving, side] {
        fetch(&house.ben, &house.anna, photo, what);
    }
    captions(false);
    assert_eq!((told(), may(side)), (vec![moving], false));
    assert_eq!(
        kept(&house.ben, &house.anna),
        1,
        "the sidecar is gone there"
    );
    house.anna.library.end_partner(ben).unwrap();
    house.settle();
    assert_eq!((told(), kept(&house.ben, &house.anna)), (vec![], 0));
}
