//! Two machines of one person, of which one is erased: what was lost was said before.

use crate::desk::{Desk, text, texts, until};
use crate::household::{machine, photo};
use serde_json::Value;

pub(crate) fn of(desk: &Desk, is_here: bool) -> Value {
    let safety = desk.tell(&["safety", "show"]);
    let machines = safety["machines"].as_array().unwrap();
    let found = machines.iter().find(|one| one["is_here"] == is_here);
    found.cloned().unwrap_or_default()
}

#[test]
fn one_machine_of_two_is_erased_and_the_rest_is_as_was_said() {
    let (desk, laptop) = (machine("Anna", "Desk"), machine("Nobody yet", "Laptop"));
    for number in 0..6 {
        desk.put(&format!("{number}.jpg"), &photo(500 + number));
    }
    let photos = desk.import();
    desk.tell(&[
        "asset",
        "edit",
        &photos[0],
        "--title",
        "The first",
        "--favorite",
        "true",
    ]);
    desk.tell(&["archive", "add", &photos[1]]);
    let album = desk.album("The lake", &photos[..3]);
    let running = desk.serve();
    let awake = laptop.serve();
    let invite = desk.tell(&["peer", "invite", "--own", "--yes"]);
    let ticket = text(&invite["ticket"]);
    let joined = laptop.tell(&["peer", "join", &ticket, "--own", "--yes"]);
    assert_eq!(joined["state"], "done");
    assert_eq!(of(&desk, true)["alone"], 6);
    desk.tell(&["safety", "promise", "on"]);
    until("each original is on both", || {
        let here = of(&desk, true);
        (here["photos"] == 6 && here["alone"] == 0).then_some(())
    });
    let shown = desk.tell(&["asset", "show", &photos[0]]);
    assert_eq!(shown["originals_on"].as_array().unwrap().len(), 2);

    // The same picture lies in the laptop's trash, which is about to delete it.
    laptop.put("same.jpg", &photo(504));
    let same = laptop.import();
    laptop.tell(&["trash", &same[0]]);

    // The laptop sleeps while two more come: these would be lost.
    drop(awake);
    for number in 6..8 {
        desk.put(&format!("{number}.jpg"), &photo(500 + number));
    }
    desk.import();
    let would_be_lost = of(&desk, true)["alone"].as_u64().unwrap();
    assert_eq!(would_be_lost, 2);
    let alone = desk.tell(&["safety", "alone"]);
    assert_eq!(alone["assets"].as_array().unwrap().len(), 2);
    let had = of(&desk, true)["photos"].as_u64().unwrap();
    drop(running);
    std::fs::remove_dir_all(desk.library()).unwrap();

    // What the laptop has is all but those.
    let _laptop = laptop.serve();
    let there = of(&laptop, false);
    assert_eq!((&there["photos"], &there["alone"]), (&6.into(), &0.into()));
    let id = text(&there["machine"]["id"]);
    // A copy that has rotted meanwhile is not taken over, and keeps no other back.
    let rotten = laptop.library().join("kept").join(&id);
    let rotten = rotten.join(format!("{}-original", photos[3]));
    let whole = std::fs::read(&rotten).unwrap();
    let mut bytes = whole.clone();
    bytes[whole.len() / 2] ^= 1;
    std::fs::write(&rotten, bytes).unwrap();
    let adopted = laptop.ask(&["safety", "adopt", &id]).said;
    assert_eq!(
        (&adopted["photos"], &adopted["lacking"]),
        (&5.into(), &1.into())
    );
    std::fs::write(&rotten, whole).unwrap();
    let adopted = laptop.tell(&["safety", "adopt", &id]);
    assert_eq!(adopted["photos"].as_u64().unwrap(), had - would_be_lost);
    assert_eq!(
        (&adopted["lacking"], &adopted["albums"]),
        (&0.into(), &1.into())
    );
    let again = laptop.tell(&["safety", "adopt", &id]);
    assert_eq!((&again["photos"], &again["albums"]), (&6.into(), &1.into()));
    assert_eq!(laptop.assets().len(), 5, "one is in the archive, as it was");
    let found = laptop.tell(&["search", "first"]);
    assert_eq!(found["assets"].as_array().unwrap().len(), 1);
    assert_eq!(found["assets"][0]["favorite"], true);
    let of_album = texts(&laptop.tell(&["album", "show", &album])["assets"]);
    assert_eq!(of_album.len(), 3);
    laptop.tell(&["peer", "remove", &id]);
    assert_eq!(of(&laptop, true)["photos"], 6);
    let to = laptop.path().join("whole.jpg");
    let path = to.to_str().unwrap();
    for (number, asset) in laptop.assets().iter().enumerate() {
        let id = text(&asset["id"]);
        laptop.tell(&[
            "asset",
            "write",
            &id,
            "--rendition",
            "original",
            "--to",
            path,
            "--replace",
        ]);
        let bytes = std::fs::read(&to).unwrap();
        let is_one = (0..6).any(|seed| photo(500 + seed) == bytes);
        assert!(is_one, "photo {number} is as it was taken");
    }
}

#[test]
fn a_machine_restored_from_its_backup_gets_its_originals_from_the_other() {
    let (desk, laptop) = (machine("Anna", "Desk"), machine("Nobody yet", "Laptop"));
    for number in 0..4 {
        desk.put(&format!("{number}.jpg"), &photo(600 + number));
    }
    let photos = desk.import();
    let album = desk.album("The lake", &photos);
    let link = desk.tell(&["link", "create", "--album", &album]);
    let running = desk.serve();
    let _laptop = laptop.serve();
    let invite = desk.tell(&["peer", "invite", "--own", "--yes"]);
    let ticket = text(&invite["ticket"]);
    laptop.tell(&["peer", "join", &ticket, "--own", "--yes"]);
    desk.tell(&["safety", "promise", "on"]);
    until("each original is on both", || {
        (of(&desk, true)["alone"] == 0).then_some(())
    });
    let backup = desk.tell(&["backup", "create"]);
    let folder = text(&backup["backup"]["path"]);
    let aside = desk.path().join("backup");
    let copied = std::process::Command::new("cp")
        .args(["-r", &folder])
        .arg(&aside)
        .status();
    assert!(copied.unwrap().success());
    drop(running);
    std::fs::remove_dir_all(desk.library()).unwrap();

    // A new disk: the catalog comes from the backup, the originals from the laptop.
    let restored = desk.ask(&["backup", "restore", aside.to_str().unwrap()]);
    assert_eq!(restored.code, Some(3), "the catalog, and no photo");
    let _running = desk.serve();
    let mut fetched = 0;
    until("its originals are back", || {
        // The laptop may be found again in the middle of one attempt.
        let answer = desk.ask(&["safety", "fetch"]);
        fetched += answer.said["fetched"].as_u64().unwrap_or_default();
        (fetched == 4 && answer.said["lacking"] == serde_json::json!([])).then_some(())
    });
    assert_eq!(desk.tell(&["safety", "fetch"])["fetched"], 0);
    let verified = desk.tell(&["verify", "--read-data"]);
    assert_eq!(verified["findings"].as_array().unwrap().len(), 0);
    let to = desk.path().join("whole.jpg");
    let path = to.to_str().unwrap();
    for (number, id) in photos.iter().enumerate() {
        desk.tell(&[
            "asset",
            "write",
            id,
            "--rendition",
            "original",
            "--to",
            path,
            "--replace",
        ]);
        let bytes = std::fs::read(&to).unwrap();
        let is_one = (0..4).any(|seed| photo(600 + seed) == bytes);
        assert!(is_one, "photo {number} is as it was taken");
    }
    // Its links are what they were.
    let links = desk.tell(&["link", "list"]);
    let key = |url: &Value| text(url).rsplit_once('/').map(|(_, key)| key.to_owned());
    assert_eq!(key(&links["links"][0]["url"]), key(&link["url"]));
    assert_eq!(of(&laptop, false)["photos"], 4);
}
