//! An album and a library that are seen while their home sleeps, by the command alone: the
//! server of their owner hands them on, and carries back what is asked. So it does among
//! the machines of one person.

use std::net::UdpSocket;
use std::time::Duration;

use crate::desk::{Desk, Serving, text, texts, until};
use crate::household::{machine, of, pair, photo, until_stood_in};
use crate::partners::seen as shown;
use crate::peers::photos;

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
    until_stood_in(&ben, "Desk", "Server");
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

/// How many files of this name are among the copies that a machine keeps of others.
fn files(desk: &Desk, name: &str) -> usize {
    let homes = std::fs::read_dir(desk.library().join("kept"));
    let homes = homes.into_iter().flatten().flatten();
    homes.filter(|home| home.path().join(name).exists()).count()
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
    // What Ben asks is carried back, though the two never meet, and so is a photo of his.
    house
        .ben
        .tell(&["album", "edit", &album, "--title", "By the lake"]);
    house.ben.put("his.jpg", &photo(7));
    house.ben.import();
    let his = text(&house.ben.assets()[0]["id"]);
    house.ben.tell(&["album", "add", &album, &his]);
    until("it is left at the server, with the photo", || {
        let kept = files(&house.server, &format!("{his}-original"));
        let waits = of(&house.server, "Desk")["hosts"]["parcels"] == 1;
        (waits && kept == 1).then_some(())
    });
    house.running[1] = None;
    house.running[0] = Some(house.desk.serve());
    until("the desk has heard", || {
        let title = house.desk.tell(&["album", "show", &album])["album"]["title"].clone();
        (title == "By the lake").then_some(())
    });
    until("the desk has the photo", || {
        let shown = house.desk.ask(&["asset", "show", &his]).said;
        let path = shown["places"][0]["path"].as_str().unwrap_or_default();
        path.contains("originals/shared").then_some(())
    });
    assert_eq!(written(&house.desk, &his, "original"), photo(7));
    until("the server holds it no more for the desk", || {
        let waits = of(&house.server, "Desk")["hosts"]["parcels"].clone();
        // What remains is its copy of the album's.
        let kept = files(&house.server, &format!("{his}-original"));
        (waits == 0 && kept == 1).then_some(())
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

/// Anna's laptop, the server that stands in for it, and her tower.
struct Own {
    laptop: Desk,
    server: Desk,
    tower: Desk,
    /// The nodes of the laptop and of the tower.
    running: [Option<Serving>; 2],
    /// The server's, which is always on.
    _serving: Serving,
    /// Where the laptop calls the tower.
    port: u16,
    /// The laptop, as the others name it.
    home: String,
}

fn own() -> Own {
    let (laptop, server) = (machine("Anna", "Laptop"), machine("Anna", "Server"));
    let tower = machine("Anna", "Tower");
    let free = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let (first, serving) = (laptop.serve(), server.serve());
    let second = begin(&tower, port);
    for (one, other) in [(&laptop, &server), (&server, &tower)] {
        let invite = one.tell(&["peer", "invite", "--yes", "--own"]);
        other.tell(&["peer", "join", &text(&invite["ticket"]), "--yes", "--own"]);
    }
    let home = text(&of(&server, "Laptop")["id"]);
    server.tell(&["peer", "keep", &home, "originals"]);
    let at = text(&of(&laptop, "Server")["id"]);
    laptop.tell(&["peer", "serve", &at, "on"]);
    let at = until("the laptop hears of the tower", || {
        of(&laptop, "Tower")["id"].as_str().map(str::to_owned)
    });
    laptop.tell(&["peer", "address", &at, &format!("127.0.0.1:{port}")]);
    until("all are in contact", || {
        let hosts = of(&server, "Laptop")["hosts"]["asked"] == true;
        (hosts && of(&tower, "Laptop")["is_online"] == true).then_some(())
    });
    until_stood_in(&tower, "Laptop", "Server");
    Own {
        laptop,
        server,
        tower,
        running: [Some(first), Some(second)],
        _serving: serving,
        port,
        home,
    }
}

/// Starts a node that other machines call at this port.
fn begin(desk: &Desk, port: u16) -> Serving {
    desk.serve_with(|command| {
        command.env("ALBUMEN_PEER_PORT", port.to_string());
    })
}

impl Own {
    /// Photos that are new at the laptop, once the server has their originals and `all`.
    fn add(&self, seeds: &[usize], all: u64) {
        for seed in seeds {
            self.laptop.put(&format!("{seed}.jpg"), &photo(*seed));
        }
        self.laptop.import();
        until("all of it is at the server", || {
            (of(&self.server, "Laptop")["originals"] == all).then_some(())
        });
        // The rows to hand on come beside those that it sees itself.
        std::thread::sleep(Duration::from_secs(2));
    }

    /// The names and titles of the laptop's photos as the tower sees them.
    fn seen(&self) -> Vec<(String, Option<String>)> {
        let named = photos(&self.tower, &self.home).into_iter().map(|seen| {
            let title = seen["asset"]["title"].as_str().map(str::to_owned);
            (text(&seen["asset"]["name"]), title)
        });
        let mut named: Vec<_> = named.collect();
        named.sort();
        named
    }

    /// Whether a machine writes out this photo of the laptop's as it is.
    fn writes(&self, desk: &Desk, id: &str, whole: &[u8]) -> bool {
        let to = desk.path().join("written");
        let path = to.to_str().unwrap();
        let words = ["peer", "write", &self.home, id, "--rendition", "original"];
        let written = desk.ask(&[&words[..], &["--to", path, "--replace"]].concat());
        written.code == Some(0) && std::fs::read(to).unwrap() == whole
    }
}

#[test]
fn ones_own_machines_see_each_other_by_the_server_while_one_sleeps() {
    let mut own = own();
    own.add(&[1], 1);
    until("the tower sees it", || {
        (own.seen().len() == 1).then_some(())
    });
    // The tower is off while more comes, and then the laptop is.
    own.running[1] = None;
    own.add(&[2, 3], 3);
    own.running[0] = None;
    own.running[1] = Some(begin(&own.tower, own.port));
    until("what is new comes by the server", || {
        (own.seen().len() == 3).then_some(())
    });
    let laptop = of(&own.tower, "Laptop");
    assert_eq!(laptop["is_online"], false);
    assert_eq!(laptop["spoken_for"], "Server");
    let id = |name: &str| {
        let all = photos(&own.tower, &own.home);
        let found = all.iter().find(|seen| seen["asset"]["name"] == name);
        text(&found.unwrap()["asset"]["id"])
    };
    let ids = [id("1.jpg"), id("2.jpg"), id("3.jpg")];
    until("an original that the server keeps is opened", || {
        own.writes(&own.tower, &ids[2], &photo(3)).then_some(())
    });
    // Somebody else who knows the server sees and has nothing of it.
    let ben = machine("Ben", "Desk");
    let _ben = ben.serve();
    pair(&own.server, &ben);
    until("the server is in contact with Ben", || {
        (of(&ben, "Server")["is_online"] == true).then_some(())
    });
    assert!(!own.writes(&ben, &ids[2], &photo(3)));
    assert!(
        ben.ask(&["peer", "assets", &own.home]).said["assets"]
            .as_array()
            .is_none_or(Vec::is_empty)
    );

    // What the tower asks meanwhile is carried there; the laptop edits and throws away.
    let title = ["--title", "By the lake"];
    own.tower
        .tell(&[&["peer", "edit", &own.home, &ids[0]], &title[..]].concat());
    own.running[0] = Some(own.laptop.serve());
    own.laptop
        .tell(&["asset", "edit", &ids[1], "--title", "On the hill"]);
    own.laptop.tell(&["trash", &ids[2]]);
    let expected = [
        ("1.jpg".to_owned(), Some("By the lake".to_owned())),
        ("2.jpg".to_owned(), Some("On the hill".to_owned())),
    ];
    until("the tower sees it as the laptop does", || {
        let is_done = own.tower.tell(&["outbox"])["requests"][0]["state"] == "done";
        (is_done && own.seen() == expected).then_some(())
    });

    // A tower that was removed hears nothing more, by the server either.
    let tower = text(&of(&own.laptop, "Tower")["id"]);
    own.laptop.tell(&["peer", "remove", &tower]);
    until("the server has heard", || {
        of(&own.server, "Tower")["id"].is_null().then_some(())
    });
    own.add(&[4], 4);
    own.running[0] = None;
    until("the tower is cut off", || {
        (of(&own.tower, "Server")["is_online"] == false).then_some(())
    });
    assert_eq!(own.seen(), expected);
    assert!(!own.writes(&own.tower, &ids[1], &photo(2)));
}
