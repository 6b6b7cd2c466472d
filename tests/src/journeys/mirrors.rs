//! An album and a library that are seen while their home sleeps, by the command alone: the
//! server of their owner hands them on, and carries back what is asked.

use crate::desk::{Desk, Serving, text, texts, until};
use crate::household::{machine, of, pair, photo};
use crate::partners::seen as shown;

/// Anna's desk and her server, which stands in for it; and Ben, who knows both.
struct House {
    desk: Desk,
    server: Desk,
    ben: Desk,
    /// The nodes of the desk and of Ben.
    running: [Option<Serving>; 2],
    /// The server's, which is always on.
    _serving: Serving,
}

fn house() -> House {
    let (desk, server) = (machine("Anna", "Desk"), machine("Anna", "Server"));
    let ben = machine("Ben", "Laptop");
    let running = [&desk, &ben].map(|desk| Some(desk.serve()));
    let serving = server.serve();
    let invite = desk.tell(&["peer", "invite", "--yes", "--own"]);
    server.tell(&["peer", "join", &text(&invite["ticket"]), "--yes", "--own"]);
    pair(&desk, &ben);
    pair(&server, &ben);
    let at = text(&of(&desk, "Server")["id"]);
    desk.tell(&["peer", "serve", &at, "on"]);
    until("the server hears of it", || {
        (of(&server, "Desk")["hosts"]["asked"] == true).then_some(())
    });
    // Every two seconds a machine says that it is there, and who may speak for it.
    std::thread::sleep(std::time::Duration::from_secs(5));
    House {
        desk,
        server,
        ben,
        running,
        _serving: serving,
    }
}

fn seen(desk: &Desk, album: &str) -> Vec<String> {
    let answer = desk.ask(&["album", "show", album]);
    match answer.code {
        Some(0) => texts(&desk.tell(&["album", "show", album])["assets"]),
        _ => Vec::new(),
    }
}

impl House {
    /// Photos that are new at the desk.
    fn add(&self, seeds: &[usize]) -> Vec<String> {
        let ids = || -> Vec<String> {
            let assets = self.desk.assets();
            assets.iter().map(|asset| text(&asset["id"])).collect()
        };
        let before = ids();
        for seed in seeds {
            self.desk.put(&format!("{seed}.jpg"), &photo(*seed));
        }
        self.desk.import();
        let mut after = ids();
        after.retain(|id| !before.contains(id));
        after
    }

    /// The server has this many photos and originals of what it hands on.
    fn until_there(&self, photos: u64, originals: u64) {
        until("all of it is at the server", || {
            let hosts = of(&self.server, "Desk")["hosts"].clone();
            (hosts["photos"] == photos && hosts["originals"] == originals).then_some(())
        });
    }
}

/// The bytes of a photo as a desk writes them out.
fn written(desk: &Desk, id: &str, rendition: &str) -> Vec<u8> {
    let to = desk.path().join("written");
    let words = ["asset", "write", id, "--rendition", rendition, "--to"];
    let words: Vec<&str> = words
        .into_iter()
        .chain([to.to_str().unwrap(), "--replace"])
        .collect();
    until("it can be written", || {
        (desk.ask(&words).code == Some(0)).then_some(())
    });
    std::fs::read(to).unwrap()
}

#[test]
fn a_member_sees_and_asks_though_the_albums_home_sleeps() {
    let mut house = house();
    let first = house.add(&[1, 2]);
    let album = house.desk.album("The lake", &first);
    house
        .desk
        .tell(&["album", "share", &album, "Ben", "--role", "editor"]);
    until("the album is offered", || {
        let offers = house.ben.tell(&["album", "offers"]);
        (offers["offers"][0]["album"] == album.as_str()).then_some(())
    });
    house.ben.tell(&["album", "accept", &album]);
    until("the album is there", || {
        (seen(&house.ben, &album).len() == 2).then_some(())
    });
    // Ben is away while there is more.
    house.running[1] = None;
    let more = house.add(&[3, 4]);
    let words = ["album", "add", &album];
    let words: Vec<&str> = words
        .into_iter()
        .chain(more.iter().map(String::as_str))
        .collect();
    house.desk.tell(&words);
    house.until_there(4, 4);
    // Now the desk is.
    house.running[0] = None;
    house.running[1] = Some(house.ben.serve());
    until("what is new comes by the server", || {
        (seen(&house.ben, &album).len() == 4).then_some(())
    });
    let desk = of(&house.ben, "Desk");
    assert_eq!(desk["is_online"], false);
    assert_eq!(desk["spoken_for"], "Server");
    for id in &more {
        assert!(!written(&house.ben, id, "preview").is_empty());
        let original = written(&house.ben, id, "original");
        assert!([3, 4].map(photo).contains(&original));
    }
    // What Ben asks is carried back, though the two never meet.
    house
        .ben
        .tell(&["album", "edit", &album, "--title", "By the lake"]);
    until("it is left at the server", || {
        let waiting = of(&house.ben, "Desk")["waiting"].clone();
        (waiting == 1).then_some(())
    });
    std::thread::sleep(std::time::Duration::from_secs(2));
    house.running[1] = None;
    house.running[0] = Some(house.desk.serve());
    until("the desk has heard", || {
        let title = house.desk.tell(&["album", "show", &album])["album"]["title"].clone();
        (title == "By the lake").then_some(())
    });
    // The server's own window shows nothing of it.
    assert!(
        house.server.tell(&["album", "list"])["albums"]
            .as_array()
            .unwrap()
            .iter()
            .all(|other| other["id"] != album.as_str())
    );
}

#[test]
fn a_partner_hears_of_a_photo_and_of_its_end_though_the_library_sleeps() {
    let mut house = house();
    house.add(&[1, 2]);
    house.desk.tell(&["partner", "offer", "Ben"]);
    until("the library is offered", || {
        let list = house.ben.tell(&["partner", "list"]);
        (list["libraries"][0]["state"] == "asked").then_some(())
    });
    house.ben.tell(&["partner", "accept", "Anna"]);
    let anna = text(&house.ben.tell(&["partner", "list"])["libraries"][0]["person"]["id"]);
    until("the library is there", || {
        (shown(&house.ben, &anna).len() == 2).then_some(())
    });
    house.running[1] = None;
    let more = house.add(&[3]);
    house.until_there(3, 0);
    house.running[0] = None;
    house.running[1] = Some(house.ben.serve());
    until("the new photo comes by the server", || {
        shown(&house.ben, &anna).contains(&more[0]).then_some(())
    });
    assert!(!written(&house.ben, &more[0], "preview").is_empty());
    house.running[1] = None;
    house.running[0] = Some(house.desk.serve());
    house.desk.tell(&["archive", "add", &more[0]]);
    house.until_there(2, 0);
    house.running[0] = None;
    house.running[1] = Some(house.ben.serve());
    until("it is gone at Ben's", || {
        (shown(&house.ben, &anna).len() == 2).then_some(())
    });
}
