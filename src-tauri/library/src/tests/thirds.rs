//! The library of one's own machine, handed on by the server while that is away: to the
//! other machines of its person, and to nobody else.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::feeds::{assert_same, projection, replica};
use super::household::talk;
use super::mirrors::{assert_not_backed_up, cut};
use super::partners::fetch;
use super::peers::{device, guest, join, meet, named};
use super::{DAY, START, Story};
use crate::*;

/// Anna's laptop with the server that stands in for it, and her tower.
struct House {
    laptop: Story,
    server: Story,
    tower: Story,
    home: DeviceId,
    mirror: DeviceId,
}

impl House {
    fn begin() -> House {
        let (laptop, server) = (named("Laptop"), named("Server"));
        let tower = named("Tower");
        join(&laptop, &server);
        join(&laptop, &tower);
        let house = House {
            home: device(&laptop).0,
            mirror: device(&server).0,
            laptop,
            server,
            tower,
        };
        house.laptop.library.set_server(house.mirror, true).unwrap();
        for (one, other) in [
            (&house.laptop, &house.server),
            (&house.server, &house.laptop),
            (&house.tower, &house.laptop),
            (&house.tower, &house.server),
        ] {
            talk(one, other);
        }
        house
            .tower
            .library
            .note_mirrors(house.home, &[house.mirror])
            .unwrap();
        house
    }

    /// The server hears all that the laptop tells, for itself and to hand it on.
    fn hear(&self) {
        talk(&self.server, &self.laptop);
        while !self.hear_page(None) {}
        self.server.library.renew_lease(self.home, false);
    }

    /// It hears one page to hand on, perhaps cut; true when that was all.
    fn hear_page(&self, random: Option<&mut StdRng>) -> bool {
        let library = &self.server.library;
        let from = library.mirror_cursor(self.home, Space::Library).unwrap();
        let right = guest(&self.laptop, &self.server);
        let page = right.feed_to_hand_on(Space::Library, from.epoch, from.revision);
        let mut page = page.unwrap();
        cut(&mut page, from.revision, random);
        for _ in 0..2 {
            library
                .mirror(self.home, Space::Library, page.clone())
                .unwrap();
        }
        page.complete
    }

    /// A page of the laptop's library as the server tells it to another machine.
    fn told(&self, who: &Story) -> Result<Page, LibraryError> {
        let from = who.library.feed_cursor(self.home, Space::Library).unwrap();
        guest(&self.server, who).feed_of(self.home, Space::Library, from.epoch, from.revision)
    }

    /// The tower hears all of it from the server.
    fn tell(&self) {
        while !self.tell_page(None) {}
    }

    fn tell_page(&self, random: Option<&mut StdRng>) -> bool {
        let library = &self.tower.library;
        let from = library.feed_cursor(self.home, Space::Library).unwrap();
        let Ok(mut page) = self.told(&self.tower) else {
            return true;
        };
        cut(&mut page, from.revision, random);
        let complete = page.complete;
        let taken = library.receive_by(self.mirror, self.home, Space::Library, page);
        assert_eq!(taken.unwrap(), 0);
        complete
    }

    /// The names of the laptop's photos as the tower sees them, newest first.
    fn seen(&self) -> Vec<String> {
        let library = &self.tower.library;
        let (seen, _) = library
            .remote_assets(self.home, RemoteWhich::default(), None, 100)
            .unwrap();
        seen.into_iter().map(|remote| remote.asset.name).collect()
    }

    /// How many rows the server has to hand on.
    fn held(&self) -> i64 {
        let count = |conn: &rusqlite::Connection| {
            Ok(conn.query_row("SELECT count(*) FROM mirrored", [], |row| row.get(0))?)
        };
        self.server.library.catalog.read(count).unwrap()
    }
}

#[test]
fn another_machine_sees_what_is_new_though_its_home_sleeps() {
    let house = House::begin();
    let lake = house.laptop.photo("lake.jpg", START);
    house.hear();
    house.tell();
    assert_eq!(house.seen(), ["lake.jpg"]);
    let hill = house.laptop.photo("hill.jpg", START + DAY);
    house.laptop.album(&[lake, hill]);
    house.hear();
    let bytes = fetch(&house.server, &house.laptop, hill, KeptWhat::Original);
    // It is not the lease that ends what one sees of one's own.
    house.server.later(100 * DAY);
    house.tell();
    assert_eq!(house.seen(), ["hill.jpg", "lake.jpg"]);
    let right = guest(&house.server, &house.tower);
    let given = right.open(house.home, hill, KeptWhat::Original).unwrap();
    let Given::Original(mut given) = given else {
        panic!("an original was asked for");
    };
    let mut read = Vec::new();
    std::io::Read::read_to_end(&mut given.file, &mut read).unwrap();
    assert_eq!(read, bytes);
    // What the laptop tells later goes on from there, and tells nothing twice.
    let right = guest(&house.laptop, &house.tower);
    let from = house
        .tower
        .library
        .feed_cursor(house.home, Space::Library)
        .unwrap();
    let page = right
        .feed(Space::Library, from.epoch, from.revision)
        .unwrap();
    assert_eq!((page.rows.len(), page.complete), (0, true));
    assert_same(&replica(&house.tower, house.home), &projection(&right));
}

#[test]
fn what_is_gone_or_locked_is_gone_behind_the_server() {
    let house = House::begin();
    let library = &house.laptop.library;
    let photos = ["a.jpg", "b.jpg", "c.jpg"].map(|name| house.laptop.photo(name, START));
    let keeps = &house.server.library;
    keeps.set_peer_keep(house.home, Keep::Originals).unwrap();
    house.hear();
    house.tell();
    for photo in photos {
        for other in [&house.server, &house.tower] {
            fetch(other, &house.laptop, photo, KeptWhat::Original);
        }
    }
    library.set_pin(None, "4711").unwrap();
    library.set_locked(&photos[..1], true).unwrap();
    library.trash(&photos[1..2]).unwrap();
    library.empty_trash(None, false).unwrap();
    house.hear();
    house.tell();
    assert_eq!(house.seen(), ["c.jpg"]);
    for (photo, stays) in photos.into_iter().zip([false, false, true]) {
        for other in [&house.server, &house.tower] {
            let kept = other
                .library
                .is_kept(house.home, photo, KeptWhat::Original)
                .unwrap();
            assert_eq!(kept, stays);
        }
        let given = guest(&house.server, &house.tower).open(house.home, photo, KeptWhat::Original);
        assert_eq!(given.is_ok(), stays);
    }
}

#[test]
fn it_is_for_ones_own_machines_alone() {
    let house = House::begin();
    let ben = named("Ben's");
    ben.library.rename(Some("Ben".into()), None).unwrap();
    for own in [&house.laptop, &house.server, &house.tower] {
        meet(own, &ben);
    }
    let photo = house.laptop.photo("lake.jpg", START);
    house.hear();
    fetch(&house.server, &house.laptop, photo, KeptWhat::Original);
    let right = guest(&house.server, &ben);
    let refused = right.feed_of(house.home, Space::Library, 0, 0);
    assert_eq!(refused.unwrap_err().code(), "not_shared");
    for what in [KeptWhat::Preview, KeptWhat::Original] {
        assert!(right.open(house.home, photo, what).is_err());
    }
    // Who serves the links and is somebody else's hands on what others see, and no more.
    let other = device(&ben).0;
    ben.library
        .set_hosting(house.home, Keep::Originals)
        .unwrap();
    house.laptop.library.set_server(other, true).unwrap();
    talk(&house.laptop, &ben);
    let spaces = ben.library.spaces_to_hand_on(house.home).unwrap();
    assert!(!spaces.contains(&Space::Library));
    let right = guest(&house.laptop, &ben);
    let refused = right.feed_to_hand_on(Space::Library, 0, 0);
    assert_eq!(refused.unwrap_err().code(), "not_shared");
    // Nor is it believed about what is one's own.
    let library = &house.tower.library;
    library
        .note_mirrors(house.home, &[house.mirror, other])
        .unwrap();
    assert!(
        !library
            .note_mirrors(house.home, &[house.mirror, other])
            .unwrap(),
        "it is no news"
    );
    assert_eq!(library.mirrors_of(house.home).unwrap(), [house.mirror]);
    assert_eq!(library.mirrored_by(house.mirror).unwrap(), [house.home]);
    assert!(library.mirrored_by(other).unwrap().is_empty());
    let page = house.told(&house.tower).unwrap();
    assert!(!page.rows.is_empty());
    let refused = library.receive_by(other, house.home, Space::Library, page);
    assert_eq!(refused.unwrap_err().code(), "not_shared");
}

#[test]
fn it_ends_with_the_machine_and_with_the_role() {
    let house = House::begin();
    house.laptop.photo("lake.jpg", START);
    house.hear();
    assert!(house.held() > 0);
    let right = guest(&house.server, &house.tower);
    assert!(house.told(&house.tower).is_ok());
    house
        .laptop
        .library
        .set_server(house.mirror, false)
        .unwrap();
    talk(&house.laptop, &house.server);
    assert_eq!(house.held(), 0);
    let refused = house.told(&house.tower).unwrap_err();
    assert_eq!(refused.code(), "not_shared");
    house.laptop.library.set_server(house.mirror, true).unwrap();
    talk(&house.laptop, &house.server);
    house.hear();
    assert!(house.told(&house.tower).is_ok());
    // The laptop removes the tower; the server hears so from there.
    let tower = device(&house.tower);
    house.laptop.later(1);
    house.laptop.library.forget(&tower.0.to_string()).unwrap();
    talk(&house.server, &house.laptop);
    assert!(right.feed_of(house.home, Space::Library, 0, 0).is_err());
    assert!(house.server.library.admit_peer(&tower.1).unwrap().is_none());
    // For nobody it is not followed any more, either.
    let spaces = house.server.library.spaces_to_hand_on(house.home).unwrap();
    assert!(!spaces.contains(&Space::Library));
}

#[test]
fn the_server_keeps_no_more_for_it_and_backs_none_of_it_up() {
    let house = House::begin();
    let [photo, other] = ["lake.jpg", "hill.jpg"].map(|name| house.laptop.photo(name, START));
    house.hear();
    let library = &house.server.library;
    assert!(library.lacking_of_links(house.home, 10).unwrap().is_empty());
    assert_eq!(library.hostings().unwrap()[0].photos, 0);
    // What is kept is as is said of the laptop, whether it is handed on or not.
    fetch(&house.server, &house.laptop, photo, KeptWhat::Original);
    let is_kept = || library.is_kept(house.home, photo, KeptWhat::Original);
    let home = &house.laptop.library;
    home.trash(&[other]).unwrap();
    home.empty_trash(None, false).unwrap();
    while !house.hear_page(None) {}
    assert!(is_kept().unwrap(), "what goes takes nothing else along");
    library.set_peer_keep(house.home, Keep::Originals).unwrap();
    assert!(is_kept().unwrap());
    library.set_peer_keep(house.home, Keep::Nothing).unwrap();
    assert!(!is_kept().unwrap());
    assert_not_backed_up(library);
}

#[test]
fn of_two_machines_nothing_is_handed_on() {
    let (laptop, server) = (named("Laptop"), named("Server"));
    join(&laptop, &server);
    laptop.library.set_server(device(&server).0, true).unwrap();
    talk(&laptop, &server);
    let spaces = server.library.spaces_to_hand_on(device(&laptop).0);
    assert!(spaces.unwrap().is_empty());
}

#[test]
fn a_move_is_told_to_the_machine_alone_that_it_is_to() {
    let house = House::begin();
    let other = named("Other");
    join(&house.laptop, &other);
    house.laptop.photo("lake.jpg", START);
    house.hear();
    house
        .laptop
        .library
        .move_out(device(&house.tower).0)
        .unwrap();
    house.hear();
    house.tell();
    let moving = house.tower.library.moving_here().unwrap();
    assert_eq!(moving[0].device, house.home);
    let bodies = |who: &Story| -> Vec<bool> {
        let page = guest(&house.server, who).feed_of(house.home, Space::Library, 0, 0);
        let rows = page.unwrap().rows.into_iter();
        rows.filter(|row| row.kind == 11)
            .map(|row| row.body.is_some())
            .collect()
    };
    assert_eq!(bodies(&house.tower), [true]);
    assert_eq!(bodies(&other), [false]);
}

/// What is asked of a laptop that sleeps is carried there by the server, and what came of
/// it comes back.
#[test]
fn what_one_asks_goes_and_comes_by_the_server() {
    let house = House::begin();
    let photo = house.laptop.photo("lake.jpg", START);
    house.hear();
    house.tell();
    let edit = AssetEdit {
        title: Some("By the lake".to_owned()),
        ..AssetEdit::default()
    };
    let tower = &house.tower.library;
    tower.ask_edit(house.home, &[photo], edit).unwrap();
    super::errands::leave(&house.tower, &house.server);
    super::errands::hand_on(&house.server, &house.laptop);
    house.hear();
    super::errands::leave(&house.tower, &house.server);
    house.tell();
    assert_eq!(tower.outbox().unwrap()[0].state, RequestState::Done);
    let seen = tower.remote_asset(house.home, photo).unwrap();
    assert_eq!(
        (seen.asset.title.as_deref(), seen.waits),
        (Some("By the lake"), false)
    );
}

/// After any changes, cuts, repeats and turns between the two, another machine sees what
/// the home tells.
#[test]
fn after_any_cuts_another_machine_sees_what_the_home_tells() {
    for seed in 0..6 {
        let mut random = StdRng::seed_from_u64(seed);
        let house = House::begin();
        let library = &house.laptop.library;
        library.set_pin(None, "4711").unwrap();
        let mut photos = vec![house.laptop.photo("lake.jpg", START)];
        let album = house.laptop.album(&photos);
        for step in 0..60_i64 {
            let pick = photos[random.random_range(0..photos.len())];
            let on = random.random_bool(0.5);
            // What cannot be done now changes nothing.
            match random.random_range(0..7) {
                0 => photos.push(house.laptop.photo(&format!("{step}.jpg"), START + step)),
                1 if on => drop(library.trash(&[pick])),
                1 => drop(library.restore(&[pick])),
                2 if on => drop(library.add_to_album(album, &[pick])),
                2 => drop(library.remove_from_album(album, &[pick])),
                3 => drop(library.archive(&[pick], on)),
                4 => drop(library.set_locked(&[pick], on)),
                5 if on => drop(library.empty_trash(None, false)),
                _ => {
                    let edit = AssetEdit {
                        title: Some(format!("Title {step}")),
                        ..AssetEdit::default()
                    };
                    drop(library.edit_assets(&[pick], edit));
                }
            }
            match random.random_range(0..4) {
                0 => drop(house.hear_page(Some(&mut random))),
                1 => house.hear(),
                2 => drop(house.tell_page(Some(&mut random))),
                _ if on => talk(&house.tower, &house.laptop),
                _ => {}
            }
        }
        house.hear();
        house.tell();
        let shown = projection(&guest(&house.laptop, &house.tower));
        assert!(!shown.is_empty(), "seed {seed}");
        assert_same(&replica(&house.tower, house.home), &shown);
        house.tower.is_indexed_truly();
    }
}
