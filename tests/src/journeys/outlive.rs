//! Links that outlive their machine's sleep, by the command alone: a machine that is
//! always on serves them from its own copy, for as long as it may.

use std::net::UdpSocket;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::desk::{Desk, Serving, text, until};
use crate::household::{machine, photo};
use crate::visitor::Visitor;

pub struct Two {
    pub desk: Desk,
    pub server: Desk,
    /// The desk's node.
    pub running: Option<Serving>,
    /// The server's.
    pub serving: Option<Serving>,
    /// The desk's photos.
    pub photos: Vec<String>,
    /// Where other machines call the server, also when it begins anew.
    port: u16,
}

/// Starts a server's node, which other machines call at this port.
fn begin(server: &Desk, port: u16) -> Serving {
    server.serve_with(|command| {
        command.env("ALBUMEN_PEER_PORT", port.to_string());
    })
}

/// The server as one other machine of the desk's person, which serves its links.
pub fn two() -> Two {
    let (desk, server) = (machine("Anna", "Desk"), machine("Anna", "Server"));
    for number in 0..3 {
        desk.put(&format!("{number}.jpg"), &photo(500 + number));
    }
    let photos = desk.import();
    server.tell(&[
        "sharing",
        "set",
        "--public-url",
        "https://photos.example.org",
    ]);
    let free = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let (running, serving) = (desk.serve(), begin(&server, port));
    let invite = desk.tell(&["peer", "invite", "--yes", "--own"]);
    server.tell(&["peer", "join", &text(&invite["ticket"]), "--yes", "--own"]);
    let at = text(&other(&desk)["id"]);
    desk.tell(&["peer", "serve", &at, "on", "--lease", "10s"]);
    until("the server says where", || {
        other(&desk)["serves"]["address"].is_string().then_some(())
    });
    Two {
        desk,
        server,
        running: Some(running),
        serving: Some(serving),
        photos,
        port,
    }
}

/// The one other machine that a desk knows.
pub fn other(desk: &Desk) -> Value {
    desk.tell(&["peer", "list"])["people"][0]["machines"][0].clone()
}

impl Two {
    /// A link to all photos, once the server has all of it; its path.
    pub fn link(&self, options: &[&str]) -> (Value, String) {
        let album = self.desk.album("Summer", &self.photos);
        let words = ["--album", &album, "--download", "original"];
        let link = self.desk.link(&[&words, options].concat());
        until("all of it is at the server", || {
            let hosts = other(&self.server)["hosts"].clone();
            (hosts["links"] == 1 && hosts["originals"] == 3).then_some(())
        });
        let path = text(&link["path"]);
        (link, path)
    }

    pub fn friend(&self) -> Visitor {
        Visitor::new(&self.serving.as_ref().unwrap().url())
    }

    /// The server's node is killed, and begins anew.
    pub fn kill_server(&mut self) {
        drop(self.serving.take());
        self.serving = Some(begin(&self.server, self.port));
    }

    /// The desk's node ends in order.
    pub fn rest(&mut self) {
        let node = self.running.take().unwrap();
        let ended = Command::new("kill")
            .args(["-TERM", &node.process().to_string()])
            .status();
        assert!(ended.unwrap().success());
        until("the node has ended", || {
            let there = std::path::Path::new("/proc").join(node.process().to_string());
            let state = std::fs::read_to_string(there.join("stat")).unwrap_or_default();
            (state.is_empty() || state.contains(") Z ")).then_some(())
        });
    }
}

#[test]
fn a_friend_opens_and_downloads_while_the_desk_rests_until_it_wakes_and_ends_it() {
    let mut two = two();
    let (link, path) = two.link(&[]);
    assert_eq!(link["url"], format!("https://photos.example.org{path}"));
    assert_eq!(link["server"], "Server");
    two.rest();
    // Longer than without a word.
    std::thread::sleep(Duration::from_secs(15));
    let friend = two.friend();
    let page = friend.get(&path);
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.text().contains("Summer"));
    for route in friend.routes(&path) {
        let reply = friend.get(&route);
        assert!(
            reply.suits(&route),
            "{route}: {} {}",
            reply.status,
            reply.text()
        );
    }
    let archive = friend.get(&format!("{path}/archive"));
    assert_eq!(archive.status, 200, "{}", archive.text());
    let photos: usize = (0..3)
        .map(|number| photo(500 + number))
        .filter(|whole| {
            // Stored as they are, but for what is hidden: the picture's own data is there.
            let data = &whole[whole.len() / 2..whole.len() - 2];
            archive.body.windows(data.len()).any(|some| some == data)
        })
        .count();
    assert_eq!(photos, 3, "the archive holds the originals");
    // It is nobody's else to end.
    let refused = two.server.ask(&["link", "revoke", &text(&link["id"])]);
    assert_eq!(refused.error()["code"], "not_found");
    two.running = Some(two.desk.serve());
    two.desk.tell(&["link", "revoke", &text(&link["id"])]);
    until("the server has heard", || {
        (friend.get(&path).status == 404).then_some(())
    });
    until("and lets go of it", || {
        let hosts = other(&two.server)["hosts"].clone();
        (hosts["links"] == 0 && hosts["photos"] == 0).then_some(())
    });
}

#[test]
fn a_desk_that_is_cut_off_without_a_word_is_served_until_the_lease_ends() {
    let mut two = two();
    let (_, path) = two.link(&[]);
    let friend = two.friend();
    assert_eq!(friend.get(&path).status, 200);
    // Killed: nothing is said.
    drop(two.running.take());
    let since = Instant::now();
    assert_eq!(friend.get(&path).status, 200, "the lease has just begun");
    until("the lease has ended", || {
        (friend.get(&path).status == 404).then_some(())
    });
    assert!(
        since.elapsed() > Duration::from_secs(7),
        "it ends with the lease, not before"
    );
    two.running = Some(two.desk.serve());
    until("it is served again", || {
        (friend.get(&path).status == 200).then_some(())
    });
}

#[test]
fn what_the_server_lacks_is_brought_or_said_to_be_away() {
    let mut two = two();
    let at = text(&other(&two.server)["id"]);
    two.server.tell(&["peer", "host", &at, "previews"]);
    let album = two.desk.album("Summer", &two.photos);
    let link = two
        .desk
        .link(&["--album", &album, "--download", "original"]);
    let path = text(&link["path"]);
    until("the pictures are there", || {
        let machine = other(&two.server);
        (machine["hosts"]["links"] == 1 && machine["previews"] == 3).then_some(())
    });
    let friend = two.friend();
    let page = friend.get(&path);
    let photos: Vec<String> = friend
        .routes(&path)
        .into_iter()
        .filter(|route| route.ends_with("/download"))
        .collect();
    assert_eq!(page.status, 200);
    assert!(!photos.is_empty(), "{:?}", friend.routes(&path));
    // While the desk is awake, a file comes from there.
    assert_eq!(friend.get(&photos[0]).status, 200);
    two.rest();
    let last = photos.last().unwrap();
    let reply = friend.get(last);
    assert_eq!(reply.status, 503, "{last}: {}", reply.text());
    assert!(reply.text().contains("asleep"), "{}", reply.text());
    assert_eq!(
        friend.get(&path).status,
        200,
        "pictures are seen all the same"
    );
}
