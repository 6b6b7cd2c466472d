//! What visitors do with a link at a server, while the desk sleeps, reaches the desk: photos
//! bit by bit, through a kill of the server, and numbers.

use crate::desk::{text, until};
use crate::outlive::{other, two};
use crate::partners::holding;
use crate::uploads::{VISITOR, announce, looked_at, offset, patch, photo};
use crate::visitor::Visitor;

/// Tells what a page tells after a gesture.
fn gesture(friend: &Visitor, path: &str, deed: &str) {
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "same-origin"),
        ("user-agent", "Mozilla/5.0 (iPhone) Safari"),
    ];
    let body = format!("visit={VISITOR}&deed={deed}");
    friend.send("POST", &format!("{path}/note"), &headers, body.as_bytes());
}

#[test]
fn a_friends_photos_wait_at_the_server_and_go_home_bit_by_bit() {
    let mut two = two();
    let (link, path) = two.link(&["--upload", "--comments"]);
    assert_eq!(link["url"], format!("https://photos.example.org{path}"));
    two.rest();
    let sent = [photo(30), photo(31)];
    for (number, bytes) in sent.iter().enumerate() {
        let name = format!("{number}.jpg");
        let at = announce(&two.friend(), &link, &name, bytes.len());
        let half = bytes.len() / 2;
        assert_eq!(patch(&two.friend(), &at, 0, &bytes[..half]).status, 204);
        // The server dies between the halves, while the desk sleeps.
        two.kill_server();
        assert_eq!(offset(&two.friend(), &at), half);
        let reply = patch(&two.friend(), &at, half, &bytes[half..]);
        assert_eq!(reply.status, 204, "{}", reply.text());
        assert!(reply.header("repr-digest").is_some());
    }
    let friend = two.friend();
    for deed in ["open", "photo", "photo"] {
        gesture(&friend, &path, deed);
    }
    let form = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "same-origin"),
    ];
    let said = "name=Ben&text=How+lovely";
    let reply = friend.send("POST", &format!("{path}/comment"), &form, said.as_bytes());
    assert_eq!(reply.status, 303, "{}", reply.text());
    let page = friend.get(&path).text();
    assert!(page.contains("How lovely"), "{page}");
    assert!(page.contains("waits here for the computer"), "{page}");
    let receipt = format!("{path}/receipt/{VISITOR}");
    let page = friend.get(&receipt).text();
    assert!(page.contains("2 of 2 received"), "{page}");
    assert_eq!(page.matches("waits here until").count(), 2, "{page}");
    // Whose server it is sees how many wait, and for whom, and nothing of them.
    let (server, desk) = (&two.server, &two.desk);
    assert_eq!(server.tell(&["inbox", "list"])["waiting"], 0);
    let comments = server.tell(&["comment", "list"])["comments"].clone();
    assert_eq!(comments, serde_json::json!([]));
    assert_eq!(server.tell(&["outbox"])["requests"], serde_json::json!([]));
    assert_eq!(other(server)["hosts"]["uploads"], 2);
    let passing = server.tell(&["status"])["passing"].clone();
    assert_eq!(passing[0]["home"]["name"], "Desk");
    assert_eq!(passing[0]["uploads"], 2);
    assert!(server.assets().is_empty());
    let part = &sent[0][sent[0].len() / 2..][..64];
    assert_eq!(holding(server, part), 1);

    two.running = Some(desk.serve());
    for upload in looked_at(desk, 2) {
        let id = text(&upload["id"]);
        let out = desk.path().join(format!("{id}.jpg"));
        desk.tell(&["inbox", "write", &id, "--to", out.to_str().unwrap()]);
        let number = usize::from(upload["name"] == "1.jpg");
        assert!(std::fs::read(&out).unwrap() == sent[number], "bit by bit");
    }
    until("the server has heard, and lets go of them", || {
        (other(server)["hosts"]["uploads"] == 0 && holding(server, part) == 0).then_some(())
    });
    let page = friend.get(&receipt).text();
    assert!(page.contains("2 of 2 received"), "{page}");
    assert!(!page.contains("waits here"), "{page}");
    let groups = desk.tell(&["inbox", "list"])["groups"].clone();
    assert_eq!(groups.as_array().unwrap().len(), 1);
    assert_eq!(groups[0]["name"], "Ben");
    let id = text(&link["id"]);
    until("what the friend did is counted at the desk", || {
        let numbers = desk.tell(&["link", "numbers", &id]);
        let day = &numbers["days"][0];
        (day["visits"] == 1 && day["photos"] == 2 && day["uploads"] == 2).then_some(())
    });

    until("the desk has heard what was said", || {
        let heard = desk.tell(&["comment", "list"])["comments"].clone();
        (heard[0]["text"] == "How lovely").then_some(())
    });
    until("the comment is one as any other", || {
        let page = friend.get(&path).text();
        (page.contains("How lovely") && !page.contains("waits here for")).then_some(())
    });

    // All is withdrawn at the server, after the desk has it.
    let reply = friend.send("POST", &format!("{receipt}/withdraw"), &form, b"all=1");
    assert_eq!(reply.status, 303, "{}", reply.text());
    until("they are gone from the desk", || {
        let waiting = desk.tell(&["inbox", "list"])["waiting"].clone();
        (waiting == 0 && holding(desk, part) == 0).then_some(())
    });
}
