//! Locked photos: while they are closed no command and no page tells anything of
//! them, not even one that is given their ids.

use crate::desk::{Answer, Desk, text, texts};
use crate::visitor::Visitor;
use camera::{Exif, Scene, draw, jpeg};
use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

const PIN: &str = "2718";
/// What nothing may tell: its name, its caption, its camera.
const SECRETS: [&str; 3] = ["quiet-cove", "Whispered", "Hidden camera"];

/// A desk with two photos in an album and a link to each, of which one is locked; the
/// locked one, the other, the album, and the links.
struct Hidden {
    desk: Desk,
    locked: Value,
    open: String,
    album: String,
    links: [Value; 2],
}

fn photo(scene: Scene, exif: &Exif) -> Vec<u8> {
    jpeg(&draw(scene, 3, 800, 600), 90, exif).unwrap()
}

fn hidden() -> Hidden {
    let desk = Desk::new();
    let exif = Exif {
        caption: "Whispered words".to_owned(),
        model: "Hidden camera".to_owned(),
        place: Some((44.407, 8.934, 20.0)),
        ..Exif::default()
    };
    desk.put("quiet-cove.jpg", &photo(Scene::Sea, &exif));
    let locked = desk.import().remove(0);
    let plain = Exif {
        model: "Camera".to_owned(),
        ..Exif::default()
    };
    desk.put("open.jpg", &photo(Scene::Hills, &plain));
    let open = desk.import().remove(0);
    let album = desk.album("Summer", &[locked.clone(), open.clone()]);
    let links = [
        desk.link(&[
            "--album",
            &album,
            "--show-metadata",
            "--download",
            "original",
        ]),
        desk.link(&["--assets", &locked, "--assets", &open, "--show-metadata"]),
    ];
    let locked = desk.tell(&["asset", "show", &locked]);
    let pinned = with_stdin(&desk, &["lock", "pin", "--pin-stdin"], PIN);
    assert_eq!(pinned.code, Some(0), "{pinned:?}");
    Hidden {
        desk,
        locked,
        open,
        album,
        links,
    }
}

fn with_stdin(desk: &Desk, words: &[&str], typed: &str) -> Answer {
    let mut command = desk.command(words);
    command.stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that is refused before it reads closes its end.
    let _ = writeln!(stdin, "{typed}");
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    Answer {
        code: output.status.code(),
        said: serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
        complained: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Every command of the node, by the file that is made from their list.
fn all_commands() -> Vec<String> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let list = repository.join("ui/src/bindings/commands.ts");
    let list = std::fs::read_to_string(list).unwrap();
    list.lines()
        .filter_map(|line| Some(line.strip_prefix("  '")?.split_once("':")?.0.to_owned()))
        .collect()
}

#[test]
fn no_command_tells_anything_of_a_locked_photo() {
    let Hidden {
        desk,
        locked,
        open,
        album,
        links,
    } = hidden();
    let id = text(&locked["id"]);
    let id = id.as_str();
    let words = "Whispered, too";
    let said = desk.tell(&["comment", "add", "--album", &album, "--asset", id, words]);
    desk.tell(&["lock", "add", id]);
    let link = text(&links[0]["id"]);
    let said = text(&said["id"]);
    let out = desk.path().join("out.jpg");
    let out = out.to_str().unwrap();
    let away = desk.path().join("away");
    std::fs::create_dir(&away).unwrap();
    let away = away.to_str().unwrap();
    let other = desk.photos().join("open.jpg");
    let other = other.to_str().unwrap();

    let mut matrix: Vec<(&str, Vec<&str>)> = vec![
        ("status", vec![]),
        ("init", vec![]),
        ("storage", vec![]),
        ("import", vec![other]),
        ("import.template", vec![]),
        ("sources", vec!["--under", away]),
        ("jobs", vec![]),
        ("job.pause", vec![id]),
        ("job.resume", vec![id]),
        ("job.cancel", vec![id]),
        ("assets", vec![]),
        ("assets", vec!["--locked"]),
        ("assets", vec!["--shelf", "locked"]),
        ("assets", vec!["--album", &album]),
        ("assets", vec!["--query", "quiet"]),
        ("assets", vec!["--trash"]),
        ("search", vec!["whispered"]),
        ("search", vec!["--camera", "hidden"]),
        ("search", vec!["--with-place"]),
        ("suggest", vec![]),
        ("asset.show", vec![id]),
        ("asset.edit", vec![id, "--rating", "5"]),
        ("asset.edit", vec![id, "--turn", "1", "--add-tag", "x"]),
        ("places.map", vec![]),
        (
            "places.map",
            vec!["--zoom", "7", "--area", "44.3,8.8,44.5,9"],
        ),
        ("places.find", vec!["no such town"]),
        ("places.tiles", vec![]),
        ("grid", vec!["--area", "44,8,45,9"]),
        ("assets", vec!["--area", "44,8,45,9"]),
        ("grid", vec![]),
        ("grid", vec!["--shelf", "locked"]),
        ("grid", vec!["--query", "quiet"]),
        ("timeline", vec![]),
        ("timeline", vec!["--shelf", "locked"]),
        ("album.create", vec!["Another"]),
        ("album.list", vec![]),
        ("album.show", vec![&album]),
        ("album.edit", vec![&album, "--cover", id]),
        ("album.add", vec![&album, id]),
        ("album.remove", vec![&album, id]),
        ("album.share", vec![&album, "nobody"]),
        ("album.members", vec![&album]),
        ("album.role", vec![&album, id, "viewer"]),
        ("album.unshare", vec![&album, id]),
        ("album.sharing", vec![&album, "--everyone", "viewer"]),
        ("album.leave", vec![&album]),
        ("album.handover", vec![&album]),
        ("album.takeover", vec![&album]),
        ("album.move", vec![&album, "--here"]),
        ("album.offers", vec![]),
        ("album.accept", vec![&album]),
        ("album.decline", vec![&album]),
        ("album.link", vec![&album]),
        ("album.links", vec![&album]),
        ("album.unlink", vec![&link]),
        ("asset.save", vec![id]),
        ("person.picture", vec![id]),
        ("notice.list", vec![]),
        ("notice.read", vec!["1"]),
        ("partner.list", vec![]),
        ("partner.offer", vec!["nobody"]),
        ("partner.edit", vec!["nobody"]),
        ("partner.end", vec!["nobody"]),
        ("partner.forget", vec!["nobody"]),
        ("partner.accept", vec!["nobody"]),
        ("partner.decline", vec!["nobody"]),
        ("partner.timeline", vec!["nobody", "on"]),
        ("partner.keep", vec!["nobody", "nothing"]),
        ("partner.albums", vec!["nobody"]),
        ("safety.show", vec![]),
        ("safety.alone", vec![]),
        ("safety.promise", vec!["off"]),
        ("safety.adopt", vec![id]),
        ("safety.fetch", vec![]),
        ("move.show", vec![]),
        ("move.out", vec![id]),
        ("move.stay", vec![]),
        ("move.in", vec![]),
        ("trash", vec![id]),
        ("restore", vec![id]),
        ("trash.empty", vec![id]),
        ("trash.empty", vec![]),
        ("archive.add", vec![id]),
        ("archive.remove", vec![id]),
        ("undo.list", vec![]),
        ("lock.show", vec![]),
        ("lock.pin", vec![]),
        ("lock.open", vec![]),
        ("lock.close", vec![]),
        ("lock.add", vec![id]),
        ("lock.remove", vec![id]),
        ("duplicates.list", vec![]),
        ("duplicates.merge", vec!["--keep", id, &open]),
        ("duplicates.merge", vec!["--keep", &open, id]),
        ("duplicates.dismiss", vec![id, &open]),
        ("watch.add", vec![away]),
        ("watch.list", vec![]),
        ("watch.show", vec![id]),
        ("watch.look", vec![id]),
        ("watch.confirm", vec![id]),
        ("watch.remove", vec![id]),
        ("inbox.list", vec![]),
        ("inbox.accept", vec![id]),
        ("inbox.reject", vec![id]),
        ("inbox.write", vec![id, "--to", out]),
        ("link.create", vec!["--assets", id]),
        ("link.create", vec!["--album", &album]),
        ("link.list", vec![]),
        ("link.show", vec![&link]),
        ("link.check", vec![&link]),
        ("comment.list", vec![]),
        ("comment.list", vec!["--album", &album]),
        ("comment.list", vec!["--link", &link]),
        ("comment.list", vec!["--asset", id]),
        ("comment.list", vec!["--album", &album, "--asset", id]),
        ("comment.add", vec!["--album", &album, "--asset", id, "Aha"]),
        ("comment.like", vec!["--album", &album, "--asset", id]),
        ("comment.read", vec!["--asset", id]),
        ("comment.edit", vec![&said, "Aha"]),
        ("comment.remove", vec![&said]),
        ("link.concerns", vec!["--album", &album]),
        ("link.concerns", vec!["--assets", id]),
        ("link.edit", vec![&link, "--label", "Ben"]),
        ("link.probe", vec![&link]),
        ("link.each", vec!["--assets", id, "--for", "Ben"]),
        ("link.list", vec!["--asset", id]),
        ("link.add", vec![&link, id]),
        ("link.remove", vec![&link, id]),
        ("link.defaults", vec![]),
        ("link.numbers", vec![&link]),
        ("link.qr", vec![&link]),
        ("link.renew", vec![&link]),
        ("link.free", vec![&link]),
        ("peer.list", vec![]),
        ("peer.set", vec!["--lan", "off"]),
        ("peer.invite", vec![]),
        ("peer.uninvite", vec![]),
        ("peer.join", vec!["no invitation"]),
        ("peer.confirm", vec!["1"]),
        ("peer.decline", vec!["1"]),
        ("peer.remove", vec![id]),
        ("peer.keep", vec![id, "originals"]),
        ("peer.timeline", vec![id, "on"]),
        ("peer.serve", vec![id, "on"]),
        ("peer.host", vec![id, "previews"]),
        ("peer.address", vec![id, "localhost:1"]),
        ("peer.assets", vec![id]),
        ("peer.edit", vec![id, id, "--rating", "5"]),
        ("peer.trash", vec![id, id]),
        ("peer.archive", vec![id, id]),
        ("peer.albums", vec![id]),
        ("peer.album.create", vec![id, "Another"]),
        ("peer.album.edit", vec![id, &album, "--cover", id]),
        ("peer.album.delete", vec![id, &album]),
        ("peer.album.add", vec![id, &album, id]),
        ("peer.album.remove", vec![id, &album, id]),
        (
            "peer.write",
            vec![id, id, "--rendition", "original", "--to", out],
        ),
        ("outbox", vec![]),
        ("request.withdraw", vec![id]),
        ("sharing.show", vec![]),
        ("sharing.set", vec!["off"]),
        ("backup.create", vec![]),
        ("backup.list", vec![]),
        ("backup.place", vec![away]),
        ("backup.restore", vec!["no such backup"]),
        ("offsite.set", vec!["--bucket", "photos"]),
        ("offsite.status", vec![]),
        ("offsite.run", vec![]),
        ("offsite.keep-local", vec!["all"]),
        ("offsite.verify", vec!["--read-data"]),
        ("offsite.recovery-key", vec![]),
        ("offsite.end", vec![]),
        ("offsite.restore", vec!["--into", away]),
        ("verify", vec!["--read-data"]),
        ("doctor", vec![]),
        ("undo", vec![]),
        ("link.revoke", vec![&link]),
        ("link.revoke-all", vec![]),
        ("album.delete", vec![&album]),
    ];
    let renditions = [
        "thumbnail",
        "preview",
        "original",
        "clean",
        "video",
        "motion",
    ];
    for rendition in renditions {
        let words = vec![id, "--rendition", rendition, "--to", out];
        matrix.push(("asset.write", words));
        let words = vec![id, "--rendition", rendition, "--to", out, "--with-sidecars"];
        matrix.push(("asset.write", words));
    }
    for name in all_commands() {
        assert!(
            matrix.iter().any(|(asked, _)| *asked == name),
            "{name} is not asked about a locked photo; add it to this matrix"
        );
    }

    let hash = text(&locked["hash"]);
    for (name, arguments) in &matrix {
        let mut words: Vec<&str> = name.split('.').collect();
        words.extend(arguments);
        let answer = desk.ask(&words);
        let told = format!("{} {}", answer.said, answer.complained);
        let asks_for_a_pin = ["lock.pin", "lock.open"].contains(name);
        assert_eq!(answer.code == Some(2), asks_for_a_pin, "{words:?}: {told}");
        let secrets = SECRETS.iter().copied().chain([hash.as_str(), "Genoa"]);
        for secret in secrets {
            assert!(!told.contains(secret), "{words:?} tells {secret}: {told}");
        }
        assert!(
            !answer.said.to_string().contains(id) || *name == "album.remove",
            "{words:?}: {told}"
        );
        assert!(!Path::new(out).exists(), "{words:?} wrote it");
    }
    let count = |words: &[&str], field: &str| desk.tell(words)[field].as_array().unwrap().len();
    assert_eq!(count(&["assets"], "assets"), 1);
    assert_eq!(desk.tell(&["status"])["assets"], 1);

    // By the PIN all of it is there, as it was.
    let shown = with_stdin(&desk, &["assets", "--locked", "--pin-stdin"], PIN);
    assert_eq!(
        shown.said["assets"][0]["name"], "quiet-cove.jpg",
        "{shown:?}"
    );
    assert_eq!(shown.said["assets"][0]["rating"], Value::Null);
    let wrong = with_stdin(&desk, &["asset", "show", id, "--pin-stdin"], "0000");
    assert_eq!(wrong.error()["code"], "wrong_pin");
}

#[test]
fn a_link_made_before_shows_a_locked_photo_no_more() {
    let Hidden {
        desk,
        locked,
        links,
        ..
    } = hidden();
    let id = text(&locked["id"]);
    let serving = desk.serve();
    let friend = Visitor::new(&serving.url());
    let pages = links.each_ref().map(|link| text(&link["path"]));
    let before: Vec<String> = pages.iter().flat_map(|page| friend.routes(page)).collect();
    desk.tell(&["lock", "add", &id]);
    let after: Vec<String> = pages.iter().flat_map(|page| friend.routes(page)).collect();
    assert!(before.len() > after.len(), "{before:?} {after:?}");
    // A page is still there, however it is asked for.
    let stays = |route: &String| {
        let page = route.split('?').next().unwrap_or_default();
        after.iter().any(|left| left == route || left == page)
    };
    for route in before.iter().filter(|route| !stays(route)) {
        let reply = friend.get(route);
        assert_ne!(reply.status, 200, "{route}");
        assert!(!reply.is_picture(), "{route}");
    }
    for route in &after {
        let told = friend.get(route).text();
        for secret in SECRETS {
            assert!(!told.contains(secret), "{route} tells {secret}");
        }
    }
    assert_eq!(
        desk.tell(&["link", "show", &text(&links[1]["id"])])["count"],
        1
    );
}

#[test]
fn a_node_opens_and_closes_them_for_all_who_ask_it() {
    let Hidden { desk, locked, .. } = hidden();
    let id = text(&locked["id"]);
    desk.tell(&["lock", "add", &id]);
    let _serving = desk.serve();
    assert_eq!(
        desk.ask(&["asset", "show", &id]).error()["code"],
        "not_found"
    );
    let opened = with_stdin(&desk, &["lock", "open", "--pin-stdin"], PIN);
    assert_eq!(opened.said["open"], true, "{opened:?}");
    assert_eq!(desk.tell(&["asset", "show", &id])["state"], "locked");
    let refused = desk.ask(&["link", "create", "--assets", &id]).error();
    assert_eq!(
        refused["message"],
        "Locked photos are shown by no link; unlock them first."
    );
    assert_eq!(desk.tell(&["lock", "close"])["open"], false);
    assert_eq!(
        desk.ask(&["asset", "show", &id]).error()["code"],
        "not_found"
    );
    // One command alone opens them only for itself.
    let shown = with_stdin(&desk, &["asset", "show", &id, "--pin-stdin"], PIN);
    assert_eq!(shown.said["id"], locked["id"], "{shown:?}");
    assert_eq!(desk.tell(&["lock", "show"])["open"], false);

    with_stdin(&desk, &["lock", "open", "--pin-stdin"], PIN);
    desk.tell(&["lock", "remove", &id]);
    desk.tell(&["lock", "close"]);
    assert_eq!(desk.tell(&["asset", "show", &id])["state"], "present");
    assert!(texts(&desk.tell(&["grid"])["ids"]).contains(&id));
}

#[test]
fn a_watched_folder_counts_no_locked_photo_and_lets_go_of_none() {
    let desk = Desk::new();
    let exif = Exif::default();
    desk.put("quiet-cove.jpg", &photo(Scene::Sea, &exif));
    desk.put("open.jpg", &photo(Scene::Hills, &exif));
    let photos = desk.photos();
    let photos = photos.to_str().unwrap();
    desk.tell(&["watch", "add", photos]);
    let found = desk.tell(&["search", "quiet"]);
    let id = text(&found["assets"][0]["id"]);
    with_stdin(&desk, &["lock", "pin", "--pin-stdin"], PIN);
    desk.tell(&["lock", "add", &id]);
    assert_eq!(desk.tell(&["watch", "list"])["folders"][0]["assets"], 1);
    desk.tell(&["watch", "remove", photos, "--trash"]);
    let locked = with_stdin(&desk, &["assets", "--locked", "--pin-stdin"], PIN);
    assert_eq!(locked.said["assets"][0]["id"], id.as_str(), "{locked:?}");
    assert_eq!(desk.tell(&["status"])["trashed"], 1);
}
