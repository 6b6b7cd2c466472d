//! One process owns a library. A second one hands its command to it, and a
//! second listener learns who holds it.

use crate::access::desk_with_album;
use crate::desk::{is_sentence, text};
use crate::visitor::Visitor;
use std::ffi::OsStr;
use std::process::Stdio;

#[test]
fn a_command_beside_a_running_node_answers_the_same_and_is_seen_at_once() {
    let (desk, ids, album) = desk_with_album();
    let alone = desk.tell(&["assets"]);
    let serving = desk.serve();
    assert_eq!(desk.tell(&["assets"]), alone);

    let link = desk.link(&["--album", &album]);
    let visitor = Visitor::new(&serving.url());
    let path = text(&link["path"]);
    assert!(visitor.get(&path).text().contains("By the sea"));
    desk.put(
        "new.jpg",
        &std::fs::read(desk.photos().join("0.jpg")).unwrap(),
    );
    let report = desk.tell(&[OsStr::new("import"), desk.photos().as_os_str()]);
    assert_eq!(report["duplicates"], 4, "{report}");

    // Wrong usage and absence keep their codes on the way through the node.
    assert_eq!(desk.ask(&["album", "create"]).code, Some(2));
    let absent = desk.ask(&["album", "show", "0198c000-0000-7000-8000-000000000000"]);
    assert_eq!(absent.code, Some(1), "{absent:?}");
    assert!(is_sentence(&absent.error()["message"]), "{absent:?}");
    // A path is the asker's, wherever the node was started.
    let answer = desk
        .command(&[
            "asset",
            "write",
            &ids[0],
            "--rendition",
            "thumbnail",
            "--to",
            "here.webp",
        ])
        .current_dir(desk.path())
        .output()
        .unwrap();
    assert!(answer.status.success(), "{answer:?}");
    assert!(desk.path().join("here.webp").exists());
}

#[test]
fn a_second_listener_is_told_who_holds_the_library() {
    let (desk, _, _) = desk_with_album();
    let serving = desk.serve();
    let second = desk.ask(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.code, Some(1), "{second:?}");
    let message = text(&second.error()["message"]);
    assert!(
        message.contains(&serving.process().to_string()),
        "{message}"
    );
}

#[test]
fn a_library_is_free_again_after_its_holder_was_killed() {
    let (desk, ids, _) = desk_with_album();
    drop(desk.serve());
    assert_eq!(desk.assets().len(), ids.len());
    drop(desk.serve());
}

#[test]
fn a_listener_that_is_told_to_stop_stops_with_success() {
    let (desk, _, _) = desk_with_album();
    if cfg!(not(unix)) {
        eprintln!("skipped a_listener_that_is_told_to_stop: this system has no signals");
        return;
    }
    let mut child = desk
        .command(&["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(
        &mut std::io::BufReader::new(child.stdout.take().unwrap()),
        &mut line,
    )
    .unwrap();
    let told = std::process::Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(told.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
