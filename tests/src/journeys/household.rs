//! Three people of a household and one album, by the command alone: its owner, an
//! editor, and somebody who looks. Machines sleep and wake, and in the end everybody
//! sees the same.

use crate::desk::{Desk, Serving, text, texts, until};
use crate::programs::{film, have};
use camera::{Exif, jpeg};
use image::RgbImage;
use serde_json::Value;

/// Photos that are added at once; very many are tried by `ALBUMEN_MANY=500`.
fn many() -> usize {
    let asked = std::env::var("ALBUMEN_MANY").ok();
    asked.and_then(|many| many.parse().ok()).unwrap_or(40)
}

pub(crate) fn machine(person: &str, device: &str) -> Desk {
    let desk = Desk::new();
    named(&desk, person, device);
    desk
}

pub(crate) fn named(desk: &Desk, person: &str, device: &str) {
    desk.tell(&["init", "--person", person, "--device", device]);
    // Other programs on this machine's network are none of the test's business.
    desk.tell(&["peer", "set", "--lan", "off"]);
}

pub(crate) fn photo(seed: usize) -> Vec<u8> {
    let (blue, shade) = ((seed % 256) as u8, (seed / 256 * 32) as u8);
    let picture = RgbImage::from_fn(160, 120, |x, y| {
        image::Rgb([(x as u8).wrapping_add(shade), y as u8, blue])
    });
    jpeg(&picture, 90, &Exif::default()).unwrap()
}

/// A machine that a desk knows, by its name.
pub(crate) fn of(desk: &Desk, name: &str) -> Value {
    let list = desk.tell(&["peer", "list"]);
    let people = list["people"].as_array().unwrap();
    let mut machines = people
        .iter()
        .flat_map(|person| person["machines"].as_array().unwrap());
    machines
        .find(|machine| machine["name"] == name)
        .cloned()
        .unwrap_or_default()
}

pub(crate) fn pair(one: &Desk, other: &Desk) {
    let invite = one.tell(&["peer", "invite", "--yes"]);
    let joined = other.tell(&["peer", "join", &text(&invite["ticket"]), "--yes"]);
    assert_eq!(joined["state"], "done");
}

/// A desk has heard of a machine who stands in for it while it is away: each says so every
/// two seconds, and nobody else does.
pub(crate) fn until_stood_in(desk: &Desk, machine: &str, mirror: &str) {
    until("it is told who stands in for it", || {
        let mirrors = texts(&of(desk, machine)["mirrors"]);
        mirrors.iter().any(|name| name == mirror).then_some(())
    });
}

fn album(desk: &Desk, id: &str) -> Value {
    let list = desk.tell(&["album", "list"]);
    let albums = list["albums"].as_array().unwrap();
    let found = albums.iter().find(|album| album["id"] == id);
    found.cloned().unwrap_or_default()
}

/// How many photos of an album a desk sees, and how many of them wait.
pub(crate) fn seen(desk: &Desk, id: &str) -> (u64, u64) {
    let album = album(desk, id);
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    (
        number(&album["count"]),
        number(&album["sharing"]["waiting"]),
    )
}

fn ids(desk: &Desk, album: &str) -> Vec<String> {
    texts(&desk.tell(&["album", "show", album])["assets"])
}

/// The picture of each photo of an album, written out.
fn opens(desk: &Desk, album: &str, rendition: &str) -> usize {
    let to = desk.path().join("seen");
    let to = to.to_str().unwrap();
    let opened = ids(desk, album).into_iter().filter(|id| {
        let words = [
            "asset",
            "write",
            id,
            "--rendition",
            rendition,
            "--to",
            to,
            "--replace",
        ];
        let answer = desk.ask(&words);
        answer.code == Some(0) && std::fs::metadata(to).unwrap().len() > 0
    });
    opened.count()
}

pub(crate) struct House {
    pub anna: Desk,
    pub ben: Desk,
    pub clara: Desk,
    pub running: [Option<Serving>; 3],
    pub album: String,
}

/// Anna shares an album of two photos: Ben may add, Clara may look.
pub(crate) fn house() -> House {
    let anna = machine("Anna", "Desk");
    let (ben, clara) = (machine("Ben", "Laptop"), machine("Clara", "Tower"));
    anna.put("one.jpg", &photo(1));
    anna.put("two.jpg", &photo(2));
    let photos = anna.import();
    let album = anna.album("The lake", &photos);
    let running = [&anna, &ben, &clara].map(|desk| Some(desk.serve()));
    pair(&anna, &ben);
    pair(&anna, &clara);
    pair(&ben, &clara);
    anna.tell(&["album", "share", &album, "Ben", "--role", "editor"]);
    anna.tell(&["album", "share", &album, "clara"]);
    for desk in [&ben, &clara] {
        until("the album is offered", || {
            let offers = desk.tell(&["album", "offers"]);
            (offers["offers"][0]["album"] == album.as_str()).then_some(())
        });
        assert_eq!(
            desk.tell(&["notice", "list"])["notices"][0]["kind"],
            "asked"
        );
        assert_eq!(seen(desk, &album), (0, 0), "nothing comes unasked");
        desk.tell(&["album", "accept", &album]);
    }
    for desk in [&ben, &clara] {
        until("the album is there", || {
            (seen(desk, &album) == (2, 0)).then_some(())
        });
        assert_eq!(opens(desk, &album, "thumbnail"), 2);
    }
    House {
        anna,
        ben,
        clara,
        running,
        album,
    }
}

#[test]
fn what_an_editor_adds_while_the_owner_sleeps_comes_once_and_stays() {
    let mut house = house();
    let (many, album) = (many(), house.album.clone());
    house.running[0] = None;
    for number in 0..many {
        house
            .ben
            .put(&format!("{number}.jpg"), &photo(1_000 + number));
    }
    let mut films = 0;
    if have("films among what an editor adds", &["ffmpeg"]) {
        films = many.div_ceil(25);
        for number in 0..films {
            let at = house.ben.put(&format!("{number}.mp4"), &[]);
            let tone = format!("volume=0.{}", 10 + number);
            let words = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-af", &tone];
            film(&at, "160x120", 1.0, &words);
        }
    }
    let mine = house.ben.import();
    let added = (many + films) as u64;
    assert_eq!(mine.len() as u64, added);
    for some in mine.chunks(100) {
        let words: Vec<&str> = ["album", "add", &album]
            .into_iter()
            .chain(some.iter().map(String::as_str))
            .collect();
        house.ben.tell(&words);
    }
    assert_eq!(seen(&house.ben, &album), (2 + added, added));
    until("who looks sees that they wait", || {
        (seen(&house.clara, &album) == (2 + added, added)).then_some(())
    });

    house.running[0] = Some(house.anna.serve());
    for desk in [&house.anna, &house.ben, &house.clara] {
        until("all are there, once", || {
            (seen(desk, &album) == (2 + added, 0)).then_some(())
        });
    }
    // Those of one moment stand in the order in which each machine heard of them.
    let sorted = |desk: &Desk| {
        let mut all = ids(desk, &album);
        all.sort();
        all
    };
    let all = sorted(&house.anna);
    assert!(all == sorted(&house.clara), "the albums differ");
    assert!(mine.iter().all(|id| all.contains(id)));
    let added_by = house.anna.tell(&["album", "members", &album]);
    assert_eq!(added_by["members"][0]["name"], "Ben");
    assert_eq!(added_by["members"][0]["count"], added);
    until(
        "the originals are with the owner, each as it should be",
        || {
            let verified = house.anna.tell(&["verify", "--read-data"]);
            let findings = verified["findings"].as_array().unwrap();
            (verified["read"] == 2 + added && findings.is_empty()).then_some(())
        },
    );
    assert_eq!(house.anna.assets().len(), 2, "they are Ben's");

    // The editor sleeps: who looks still opens every picture, and the original.
    house.running[1] = None;
    assert_eq!(opens(&house.clara, &album, "preview") as u64, 2 + added);
    let chosen = &mine[0];
    let theirs = house.clara.tell(&["asset", "show", chosen]);
    assert_eq!(theirs["owner"], "Ben");
    let saved = house.clara.tell(&["asset", "save", chosen]);
    let own = house
        .clara
        .tell(&["asset", "show", &text(&saved["ids"][0])]);
    assert_eq!(own["is_mine"], true);
    assert_eq!(
        (&own["name"], &own["hash"]),
        (&theirs["name"], &theirs["hash"])
    );

    // What was done is told once, gathered.
    let notices = house.anna.tell(&["notice", "list"]);
    let told = notices["notices"].as_array().unwrap();
    let added_notices = told.iter().filter(|notice| notice["kind"] == "added");
    let counts: Vec<u64> = added_notices
        .map(|notice| notice["count"].as_u64().unwrap())
        .collect();
    assert_eq!(counts, [added]);
    house
        .anna
        .tell(&["notice", "read", &told[0]["id"].to_string()]);
    assert_eq!(house.anna.tell(&["notice", "list"])["unseen"], 0);
}

#[test]
fn who_is_taken_out_while_away_keeps_and_changes_nothing() {
    let mut house = house();
    let album = house.album.clone();
    let comment = ["comment", "add", "--album", &album, "How calm!"];
    house.ben.tell(&comment);
    until("it is read elsewhere", || {
        let said = house.clara.tell(&["comment", "list", "--album", &album]);
        (said["comments"][0]["by"] == "Ben").then_some(())
    });
    let shown = ids(&house.ben, &album);
    assert_eq!(opens(&house.ben, &album, "original"), 2);
    // Ben's machine is off the network, and he goes on.
    house.running[0] = None;
    for number in 0..10 {
        house.ben.put(&format!("{number}.jpg"), &photo(50 + number));
    }
    let mine = house.ben.import();
    for id in &mine {
        house.ben.tell(&["album", "add", &album, id]);
    }
    house.anna.tell(&["album", "unshare", &album, "Ben"]);
    house.running[0] = Some(house.anna.serve());
    until("his machine knows", || {
        let notices = house.ben.tell(&["notice", "list"]);
        let told = notices["notices"].as_array().unwrap();
        told.iter()
            .any(|notice| notice["kind"] == "removed")
            .then_some(())
    });
    assert!(album_is_gone(&house.ben, &album));
    until("what he asked was answered", || {
        let outbox = house.ben.tell(&["outbox"]);
        let requests = outbox["requests"].as_array().unwrap();
        let waits = |request: &&Value| request["state"] == "waiting";
        requests.iter().find(waits).is_none().then_some(())
    });
    assert_eq!(seen(&house.anna, &album), (2, 0));
    assert_eq!(house.ben.assets().len(), 10, "his own are his");
    for id in shown {
        assert_eq!(house.ben.ask(&["asset", "show", &id]).code, Some(1));
    }
    let kept = house.ben.library().join("kept");
    let left = crate::invariant::files(&kept);
    assert!(left.is_empty(), "{left:?}");
}

fn album_is_gone(desk: &Desk, album: &str) -> bool {
    desk.ask(&["album", "show", album]).code == Some(1)
}

#[test]
fn a_viewer_may_look_and_leave() {
    let house = house();
    let album = house.album.clone();
    house.clara.put("boat.jpg", &photo(77));
    let boat = house.clara.import();
    let refused = house.clara.ask(&["album", "add", &album, &boat[0]]);
    assert_eq!(refused.code, Some(1));
    assert!(crate::desk::is_sentence(&refused.error()["message"]));
    let first = &ids(&house.clara, &album)[0];
    for words in [
        vec!["asset", "edit", first, "--favorite", "true"],
        vec!["trash", first],
        vec!["link", "create", "--album", &album],
        vec!["album", "delete", &album],
        vec!["album", "edit", &album, "--title", "Mine"],
        vec!["album", "share", &album, "Ben"],
    ] {
        let refused = house.clara.ask(&words);
        assert_eq!(refused.code, Some(1), "{words:?}");
        assert!(crate::desk::is_sentence(&refused.error()["message"]));
    }
    house.clara.tell(&["album", "leave", &album]);
    assert!(album_is_gone(&house.clara, &album));
    until("the owner knows", || {
        let members = house.anna.tell(&["album", "members", &album]);
        (members["members"].as_array().unwrap().len() == 1).then_some(())
    });
}
