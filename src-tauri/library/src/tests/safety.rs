//! Where originals are among one's own machines, and what is known of it beforehand.

use super::household::talk;
use super::partners::fetch;
use super::peers::{device, join, named};
use super::{START, Story};
use crate::*;

/// Both tell each other everything.
fn settle(one: &Story, other: &Story) {
    for _ in 0..3 {
        talk(one, other);
        talk(other, one);
    }
}

/// How many photos a machine has, and how many of them are nowhere else.
fn of(story: &Story, machine: &Story) -> (u64, u64) {
    let device = device(machine).0;
    let safety = story.library.safety().unwrap();
    let mut machines = safety.machines.into_iter();
    let one = machines.find(|one| one.device == device).unwrap();
    (one.photos, one.alone)
}

#[test]
fn what_would_be_lost_is_known_on_each_machine() {
    let (desk, laptop) = (named("Desk"), named("Laptop"));
    let photos = ["one.jpg", "two.jpg", "three.jpg"].map(|name| desk.photo(name, START));
    let his = laptop.photo("his.jpg", START);
    join(&desk, &laptop);
    settle(&desk, &laptop);
    for story in [&desk, &laptop] {
        assert_eq!((of(story, &desk), of(story, &laptop)), ((3, 3), (1, 1)));
    }
    let home = device(&desk).0;
    let lacking = || laptop.library.lacking_by_promise(home, 9).unwrap().len();
    assert_eq!(lacking(), 0, "nothing was promised");
    // One machine promises, and the other hears of it.
    desk.library.set_promise(true).unwrap();
    settle(&desk, &laptop);
    assert!(laptop.library.safety().unwrap().promise);
    assert_eq!(lacking(), 3);
    for photo in &photos[..2] {
        fetch(&laptop, &desk, *photo, KeptWhat::Original);
    }
    // A picture is no original.
    settle(&desk, &laptop);
    assert_eq!(lacking(), 1);
    for story in [&desk, &laptop] {
        assert_eq!((of(story, &desk), of(story, &laptop)), ((3, 1), (1, 1)));
    }
    let alone = desk.library.alone(9).unwrap();
    assert_eq!(
        alone.iter().map(|asset| asset.id).collect::<Vec<_>>(),
        photos[2..]
    );
    let names = |id| -> Vec<String> {
        let holders = desk.library.holders(id).unwrap();
        holders.into_iter().map(|holder| holder.name).collect()
    };
    assert_eq!(names(photos[0]), ["Desk", "Laptop"]);
    assert_eq!(names(photos[2]), ["Desk"]);
    fetch(&desk, &laptop, his, KeptWhat::Original);
    settle(&desk, &laptop);
    assert_eq!(of(&laptop, &laptop), (1, 0));
    // Other bytes than are known now are no copy of it.
    desk.library
        .catalog
        .write(move |write| {
            write.conn().execute(
                "UPDATE asset SET hash = randomblob(32) WHERE id = ?1",
                [photos[0]],
            )?;
            Ok(())
        })
        .unwrap();
    assert_eq!(of(&desk, &desk), (3, 2));
    // Taken back, the copies go, and that is known, too; but not before their home is seen
    // alive, for they may be the last ones.
    laptop.library.set_promise(false).unwrap();
    settle(&desk, &laptop);
    assert!(!desk.library.has_promise().unwrap());
    laptop.library.sweep_kept().unwrap();
    assert_eq!(of(&laptop, &desk), (3, 1));
    desk.library.keep_as_wanted(device(&laptop).0).unwrap();
    laptop.library.keep_as_wanted(home).unwrap();
    settle(&desk, &laptop);
    for story in [&desk, &laptop] {
        assert_eq!((of(story, &desk), of(story, &laptop)), ((3, 3), (1, 1)));
    }
    let kept = laptop
        .library
        .open_kept(home, photos[1], KeptWhat::Original);
    assert!(kept.unwrap().is_none());
}

#[test]
fn what_was_only_looked_at_counts_for_nothing_and_others_hear_of_none() {
    let (desk, laptop, ben) = (named("Desk"), named("Laptop"), named("Ben's"));
    let photo = desk.photo("one.jpg", START);
    join(&desk, &laptop);
    settle(&desk, &laptop);
    fetch(&laptop, &desk, photo, KeptWhat::Original);
    settle(&desk, &laptop);
    assert_eq!(of(&desk, &desk), (1, 1));
    laptop
        .library
        .set_peer_keep(device(&desk).0, Keep::Originals)
        .unwrap();
    settle(&desk, &laptop);
    assert_eq!(of(&desk, &desk), (1, 0));
    super::peers::meet(&desk, &ben);
    settle(&desk, &ben);
    ben.library.set_promise(true).unwrap();
    assert_eq!(ben.library.safety().unwrap().machines.len(), 1);
    assert!(
        !desk.library.safety().unwrap().promise,
        "a promise is one's own"
    );
    let of_others = ben.library.lacking_by_promise(device(&desk).0, 9);
    assert!(of_others.unwrap().is_empty());
}

#[test]
fn a_machine_that_comes_later_hears_of_the_promise() {
    let (desk, laptop) = (named("Desk"), named("Laptop"));
    desk.photo("one.jpg", START);
    desk.library.set_promise(true).unwrap();
    join(&desk, &laptop);
    settle(&desk, &laptop);
    assert!(laptop.library.safety().unwrap().promise);
    let lacking = laptop.library.lacking_by_promise(device(&desk).0, 9);
    assert_eq!(lacking.unwrap().len(), 1);
}

/// A machine that was restored from a backup of yesterday does not know today's photos:
/// where they are kept, they stay.
#[test]
fn what_came_after_the_backup_of_a_home_is_not_lost_with_it() {
    let (desk, laptop) = (named("Desk"), named("Laptop"));
    let old = desk.photo("old.jpg", START);
    let new = desk.photo("new.jpg", START + 1);
    join(&desk, &laptop);
    settle(&desk, &laptop);
    laptop.library.set_promise(true).unwrap();
    for photo in [old, new] {
        fetch(&laptop, &desk, photo, KeptWhat::Original);
    }
    settle(&desk, &laptop);
    desk.library
        .catalog
        .write(move |write| {
            let conn = write.conn();
            conn.execute("DELETE FROM asset WHERE id = ?1", [new])?;
            conn.execute("DELETE FROM feed WHERE row = ?1", [new])?;
            catalog::begin_anew(conn)?;
            Ok(())
        })
        .unwrap();
    settle(&desk, &laptop);
    let home = device(&desk).0;
    let there = laptop
        .library
        .remote_assets(home, RemoteWhich::default(), None, 9)
        .unwrap()
        .0;
    assert_eq!(there.len(), 2);
    let kept = laptop.library.open_kept(home, new, KeptWhat::Original);
    assert!(kept.unwrap().is_some());
    // Nor when nothing is promised any more: its home could not give it again.
    laptop.library.set_promise(false).unwrap();
    laptop.library.keep_as_wanted(home).unwrap();
    let kept = |id| laptop.library.is_kept(home, id, KeptWhat::Original);
    assert_eq!((kept(old).unwrap(), kept(new).unwrap()), (false, true));
}

#[test]
fn an_original_that_is_missing_comes_back_from_where_it_is_kept() {
    let (desk, laptop) = (named("Desk"), named("Laptop"));
    let photos = ["one.jpg", "two.jpg"].map(|name| desk.photo(name, START));
    join(&desk, &laptop);
    settle(&desk, &laptop);
    laptop.library.set_promise(true).unwrap();
    for photo in photos {
        fetch(&laptop, &desk, photo, KeptWhat::Original);
    }
    assert!(desk.library.missing_originals().unwrap().is_empty());
    let gone = desk.library.places(photos[0]).unwrap()[0].path.clone();
    fs::remove_file(&gone).unwrap();
    let missing = desk.library.missing_originals().unwrap();
    assert_eq!(missing.len(), 1);
    assert_eq!(missing[0].asset.id, photos[0]);
    // As the network would: the laptop gives what it keeps of the desk's.
    let home = device(&desk).0;
    let guest = super::peers::guest(&laptop, &desk);
    let Given::Original(mut given) = guest.open(home, photos[0], KeptWhat::Original).unwrap()
    else {
        panic!("an original was asked for");
    };
    let what = KeptWhat::Original;
    let mut part = desk
        .library
        .open_arriving(home, photos[0], what, given.length)
        .unwrap();
    std::io::copy(&mut given.file, &mut part).unwrap();
    desk.library
        .finish_arriving(home, photos[0], what, &part, given.hash)
        .unwrap();
    desk.library.put_back(photos[0], what).unwrap();
    assert!(desk.library.missing_originals().unwrap().is_empty());
    assert_eq!(fs::read(gone).unwrap(), b"one.jpg");
    assert!(
        desk.library.put_back(photos[1], what).is_err(),
        "nothing was brought"
    );
    assert_eq!(
        desk.library.own(photos[1], What::Download).unwrap().length,
        7
    );
}
