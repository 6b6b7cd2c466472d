//! Two machines of one household, by the command alone: they come to know each other,
//! the second shows the first one's photos and copies them, asks for a change while the
//! first is killed, and is cut off when it is removed.

use crate::desk::{Desk, Serving, text, until};
use camera::{Exif, jpeg};
use image::RgbImage;
use serde_json::Value;

fn machine(person: &str, device: &str) -> Desk {
    let desk = Desk::new();
    desk.tell(&["init", "--person", person, "--device", device]);
    // Other programs on this machine's network are none of the test's business.
    desk.tell(&["peer", "set", "--lan", "off"]);
    desk
}

fn photo(seed: u8) -> Vec<u8> {
    let picture = RgbImage::from_fn(320, 240, |x, y| image::Rgb([x as u8, y as u8, seed]));
    jpeg(&picture, 90, &Exif::default()).unwrap()
}

/// Both run, and the second joins the first.
fn household(own: bool) -> (Desk, Desk, Serving, Serving) {
    let (desk, laptop) = (machine("Anna", "Desk"), machine("Anna", "Laptop"));
    desk.put("one.jpg", &photo(1));
    desk.import();
    let (one, other) = (desk.serve(), laptop.serve());
    let kind: &[&str] = if own { &["--own"] } else { &[] };
    let invite = desk.tell(&[&["peer", "invite", "--yes"], kind].concat());
    let ticket = text(&invite["ticket"]);
    let join = ["peer", "join", &ticket, "--yes"];
    if own {
        // A yes that was meant for less is not taken for more.
        let refused = laptop.ask(&join);
        assert_eq!(refused.error()["code"], "own");
    }
    let invite = desk.tell(&[&["peer", "invite", "--yes"], kind].concat());
    let ticket = text(&invite["ticket"]);
    let join = ["peer", "join", &ticket, "--yes"];
    let joined = laptop.tell(&[&join, kind].concat());
    assert_eq!(joined["state"], "done");
    assert_eq!(joined["words"].as_array().unwrap().len(), 4);
    (desk, laptop, one, other)
}

/// The one other machine that a desk knows.
fn other(desk: &Desk) -> Value {
    let list = desk.tell(&["peer", "list"]);
    list["people"][0]["machines"][0].clone()
}

pub(crate) fn photos(desk: &Desk, machine: &str) -> Vec<Value> {
    let list = desk.tell(&["peer", "assets", machine]);
    list["assets"].as_array().unwrap().clone()
}

#[test]
fn the_second_machine_has_the_first_ones_photos_and_asks_for_changes() {
    let (desk, laptop, serving, _other) = household(true);
    assert_eq!(
        desk.tell(&["status"])["person"]["id"],
        laptop.tell(&["status"])["person"]["id"]
    );
    let home = text(&other(&laptop)["id"]);
    let seen = until("the photo is known", || {
        photos(&laptop, &home).first().cloned()
    });
    assert_eq!(seen["asset"]["name"], "one.jpg");
    let id = text(&seen["asset"]["id"]);
    for (rendition, there) in [
        ("original", photo(1)),
        ("preview", desk.bytes_of(&seen["asset"], "preview")),
    ] {
        let to = laptop.path().join(rendition);
        let to = to.to_str().unwrap();
        laptop.tell(&[
            "peer",
            "write",
            &home,
            &id,
            "--rendition",
            rendition,
            "--to",
            to,
        ]);
        assert!(std::fs::read(to).unwrap() == there, "{rendition}");
    }

    // The first dies; what is asked meanwhile waits, and is seen at once.
    drop(serving);
    let asked = laptop.tell(&["peer", "edit", &home, &id, "--title", "By the lake"]);
    assert_eq!(asked["state"], "waiting");
    let waits = &photos(&laptop, &home)[0];
    assert_eq!(
        (&waits["asset"]["title"], &waits["waits"]),
        (&"By the lake".into(), &true.into())
    );
    let _serving = desk.serve();
    until("it is done", || {
        (laptop.tell(&["outbox"])["requests"][0]["state"] == "done").then_some(())
    });
    assert_eq!(desk.tell(&["asset", "show", &id])["title"], "By the lake");

    let kept = laptop.tell(&["peer", "keep", &home, "originals"]);
    assert_eq!(kept["keep"], "originals");
    desk.put("two.jpg", &photo(2));
    desk.import();
    until("the new one is here without a question", || {
        let machine = other(&laptop);
        (machine["originals"] == 2 && machine["previews"] == 2).then_some(())
    });

    let removed = desk.tell(&["peer", "remove", &text(&other(&desk)["id"])]);
    assert_eq!(removed["machines"][0], "Laptop");
    until("the laptop is cut off", || {
        (other(&laptop)["is_online"] == false).then_some(())
    });
    desk.put("three.jpg", &photo(3));
    desk.import();
    let list = desk.tell(&["peer", "list"]);
    assert_eq!(list["people"].as_array().unwrap().len(), 0);
    assert_eq!(photos(&laptop, &home).len(), 2, "nothing comes any more");
    laptop.tell(&["peer", "remove", &home]);
    let folder = laptop.library().join("kept").join(&home);
    assert!(!folder.exists(), "nothing is left of its copies");
}

#[test]
fn somebody_elses_machine_is_known_and_sees_nothing() {
    let (desk, ben, _one, _other) = household(false);
    let home = other(&ben);
    until("they are in contact", || {
        (other(&ben)["is_online"] == true).then_some(())
    });
    let id = text(&home["id"]);
    assert_eq!(photos(&ben, &id), Vec::<Value>::new());
    let asset = text(&desk.assets()[0]["id"]);
    let to = ben.path().join("stolen");
    let to = to.to_str().unwrap();
    let refused = ben.ask(&[
        "peer",
        "write",
        &id,
        &asset,
        "--rendition",
        "original",
        "--to",
        to,
    ]);
    assert_eq!(refused.code, Some(1));
    assert!(!std::path::Path::new(to).exists());
}

#[test]
fn what_is_no_invitation_is_told_in_a_sentence() {
    let (desk, laptop) = (machine("Anna", "Desk"), machine("Ben", "Laptop"));
    let refused = desk.ask(&["peer", "invite"]);
    assert_eq!(refused.error()["code"], "not_running");
    for wrong in ["hello", "123-4567"] {
        let refused = laptop.ask(&["peer", "join", wrong, "--yes"]);
        assert_eq!(refused.error()["code"], "no_invitation", "{wrong}");
    }
    let _serving = desk.serve();
    let invite = desk.tell(&["peer", "invite", "--code"]);
    assert_eq!(text(&invite["code"]).len(), "123-4567-8901".len());
    assert!(text(&invite["qr"]).starts_with("<svg"));
    desk.tell(&["peer", "uninvite"]);
    let late = laptop.ask(&["peer", "join", &text(&invite["ticket"]), "--yes"]);
    assert_eq!(late.code, Some(1));
    assert!(
        crate::desk::is_sentence(&late.error()["message"]),
        "{late:?}"
    );
}
