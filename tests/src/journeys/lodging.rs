//! An album that lives on the household's server: its owner moves it there by the command,
//! people add to it while the desk sleeps, and it comes back with all that came there.

use serde_json::Value;

use crate::desk::{Desk, text, texts, until};
use crate::household::{machine, of, pair, photo, until_stood_in};

/// An album as a desk shows it, null where it knows none: it is away for a moment while it
/// comes from another machine than before.
fn show(desk: &Desk, album: &str) -> Value {
    desk.ask(&["album", "show", album]).said
}

/// How an album is shared, as a desk says.
fn sharing(desk: &Desk, album: &str) -> Value {
    show(desk, album)["album"]["sharing"].clone()
}

fn shown(desk: &Desk, album: &str) -> Vec<String> {
    match &show(desk, album)["assets"] {
        Value::Null => Vec::new(),
        assets => texts(assets),
    }
}

fn original(desk: &Desk, id: &str) -> Option<Vec<u8>> {
    let to = desk.path().join("written");
    let words = ["asset", "write", id, "--rendition", "original", "--replace"];
    let words: Vec<&str> = words
        .into_iter()
        .chain(["--to", to.to_str().unwrap()])
        .collect();
    (desk.ask(&words).code == Some(0)).then(|| std::fs::read(to).unwrap())
}

fn id_of_new(desk: &Desk, seed: usize) -> String {
    desk.put(&format!("{seed}.jpg"), &photo(seed));
    desk.import();
    let assets = desk.assets();
    let name = format!("{seed}.jpg");
    let new = assets.iter().find(|asset| asset["name"] == name.as_str());
    text(&new.unwrap()["id"])
}

#[test]
fn an_album_lives_on_a_server_while_the_desk_sleeps_and_comes_back() {
    let (desk, ben) = (machine("Anna", "Desk"), machine("Ben", "Laptop"));
    let attic = machine("Household", "Attic");
    let _always_on = attic.serve();
    let (at_desk, at_ben) = (desk.serve(), ben.serve());
    pair(&desk, &ben);
    pair(&desk, &attic);
    pair(&attic, &ben);
    let (home, server) = (
        text(&of(&attic, "Desk")["id"]),
        text(&of(&desk, "Attic")["id"]),
    );
    attic.tell(&["peer", "host", &home, "originals"]);
    desk.tell(&["peer", "serve", &server, "on"]);

    let first = [id_of_new(&desk, 1), id_of_new(&desk, 2)];
    let album = desk.album("The lake", &first);
    desk.tell(&["album", "share", &album, "Ben", "--role", "editor"]);
    until("the album is offered", || {
        let offers = ben.tell(&["album", "offers"]);
        (offers["offers"][0]["album"] == album.as_str()).then_some(())
    });
    ben.tell(&["album", "accept", &album]);
    until("the album is there", || {
        (shown(&ben, &album).len() == 2).then_some(())
    });
    let moving = desk.tell(&["album", "move", &album, &server]);
    assert_eq!(moving["sharing"]["moving_to"]["name"], "Attic");
    until("it lives on the server", || {
        (sharing(&desk, &album)["lives_on"]["name"] == "Attic").then_some(())
    });
    assert!(sharing(&desk, &album)["owner"].is_null(), "it stays hers");
    until("Ben's machine has followed", || {
        let now = sharing(&ben, &album);
        (now["lives_on"]["name"] == "Attic" && now["owner"]["name"] == "Anna").then_some(())
    });
    until("the server has its originals", || {
        first
            .iter()
            .all(|id| original(&attic, id).is_some())
            .then_some(())
    });

    // The desk sleeps; Ben adds, and is away, too. They meet at other addresses than before,
    // so that Ben hears of the album's return by the server.
    until_stood_in(&ben, "Desk", "Attic");
    drop(at_desk);
    let third = id_of_new(&ben, 3);
    ben.tell(&["album", "add", &album, &third]);
    until("the server has taken it in", || {
        (sharing(&ben, &album)["waiting"] == 0 && shown(&attic, &album).len() == 3).then_some(())
    });
    until("with its bytes", || {
        original(&attic, &third).filter(|bytes| *bytes == photo(3))
    });
    let refused = attic.ask(&["album", "edit", &album, "--title", "Ours"]);
    assert_ne!(
        refused.code,
        Some(0),
        "the server's own people decide nothing"
    );
    drop(at_ben);

    // Anna decides from her desk what holds there.
    let _at_desk = desk.serve();
    until("the desk hears of it", || {
        (shown(&desk, &album).len() == 3).then_some(())
    });
    desk.tell(&["album", "role", &album, "Ben", "viewer"]);
    until("the server has done so", || {
        let members = attic.tell(&["album", "members", &album])["members"].clone();
        (members[0]["role"] == "viewer").then_some(())
    });

    // And brings it back, with what came there.
    desk.tell(&["album", "move", &album, "--here"]);
    until("it lives here again", || {
        sharing(&desk, &album)["lives_on"].is_null().then_some(())
    });
    until("the server has let go of it", || {
        sharing(&attic, &album).is_null().then_some(())
    });
    assert_eq!(original(&desk, &third).unwrap(), photo(3));

    // Ben's machine was away all the while.
    let _at_ben = ben.serve();
    until("Ben's machine follows it home", || {
        let now = sharing(&ben, &album);
        (now["lives_on"].is_null() && now["role"] == "viewer").then_some(())
    });
    until("with all that is in it", || {
        (shown(&ben, &album).len() == 3).then_some(())
    });
}
