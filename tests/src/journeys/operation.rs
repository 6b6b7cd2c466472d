//! What an operator sees of a node that serves: whether it is well, its figures, and a log
//! that tells nothing of anyone.

use crate::desk::{Desk, Serving, is_sentence, text, until};
use crate::uploads::{announce, patch};
use crate::visitor::Visitor;
use camera::{Exif, jpeg};
use image::RgbImage;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

const PASSWORD: &str = "Quittenmus & Honig";
const WRONG: &str = "Quittenmus ohne Honig";

fn photo(seed: u8) -> Vec<u8> {
    let picture = RgbImage::from_fn(320, 240, |x, y| image::Rgb([x as u8, y as u8, seed]));
    jpeg(&picture, 90, &Exif::default()).unwrap()
}

fn serve(desk: &Desk, words: &[&str], log: &Path) -> Serving {
    desk.serve_with(|command| {
        let log = File::create(log).unwrap();
        command.args(words).stderr(Stdio::from(log));
    })
}

/// Where the node tells how it is, as its log has it.
fn lookout(log: &Path) -> String {
    until("the log says where to look", || {
        let text = std::fs::read_to_string(log).unwrap();
        let line = text.lines().find(|line| line.contains("may look how"))?;
        let address = line.split("127.0.0.1:").nth(1)?;
        let port: String = address.chars().take_while(char::is_ascii_digit).collect();
        Some(format!("http://127.0.0.1:{port}"))
    })
}

/// Every sample of a page of figures, by its name with its labels.
fn samples(page: &str) -> BTreeMap<String, f64> {
    assert!(page.ends_with("# EOF\n"), "{page}");
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    let sample = |line: &str| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        let bare = name.split('{').next().unwrap();
        assert!(bare.starts_with("albumen_"), "{line}");
        (name.to_owned(), value.parse().unwrap())
    };
    lines.map(sample).collect()
}

#[test]
fn figures_are_told_to_this_machine_alone() {
    let desk = Desk::new();
    desk.put("one.jpg", &photo(1));
    desk.put("two.jpg", &photo(2));
    let ids = desk.import();
    let album = desk.album("Party", &ids);
    let path = text(&desk.link(&["--album", &album])["path"]);
    desk.tell(&["backup", "create"]);
    let log = desk.path().join("log");
    let serving = serve(&desk, &["--metrics", "127.0.0.1:0"], &log);
    let (operator, friend) = (Visitor::new(&lookout(&log)), Visitor::new(&serving.url()));

    assert_eq!(friend.get(&path).status, 200);
    assert_eq!(friend.get("/share/nothing").status, 404);
    assert_eq!(friend.get("/metrics").status, 404, "not to the world");
    let health = operator.get("/healthz");
    assert_eq!((health.status, &*health.text()), (200, "All is well.\n"));
    let page = operator.get("/metrics");
    let kind = page.header("content-type").unwrap();
    assert!(
        kind.starts_with("application/openmetrics-text; version=1.0.0"),
        "{kind}"
    );
    let page = page.text();
    let all = samples(&page);
    let is = |name: &str| *all.get(name).unwrap_or_else(|| panic!("no {name}: {page}"));
    assert_eq!(is("albumen_assets{shelf=\"timeline\"}"), 2.0);
    assert_eq!(is("albumen_links_open"), 1.0);
    let originals = f64::from(u32::try_from(photo(1).len() + photo(2).len()).unwrap());
    assert_eq!(is("albumen_originals_bytes"), originals);
    let requests = "albumen_requests_total{route=\"/share/{key}\",class=";
    assert_eq!(is(&format!("{requests}\"2xx\"}}")), 1.0);
    assert_eq!(is(&format!("{requests}\"4xx\"}}")), 1.0);
    assert_eq!(
        is("albumen_requests_total{route=\"other\",class=\"4xx\"}"),
        1.0
    );
    assert!(is("albumen_sent_bytes_total") > 1_000.0);
    assert!(is("albumen_backup_age_seconds") < 600.0);
    assert!(is("albumen_disk_free_bytes") > 0.0);
    assert_eq!(is("albumen_damaged_originals"), 0.0);
    assert_eq!(is("albumen_machines_known"), 0.0);
    if cfg!(target_os = "linux") {
        assert!(is("albumen_resident_memory_bytes") > 1e6);
    }
    let key = path.trim_start_matches("/share/");
    assert!(!page.contains(key) && !page.contains("Party"), "{page}");

    let evil = operator.send("GET", "/metrics", &[("host", "evil.example")], b"");
    assert_eq!(evil.status, 421);
    assert_eq!(operator.send("POST", "/metrics", &[], b"").status, 405);
    assert_eq!(operator.get("/").status, 404);
}

#[test]
fn what_is_not_well_is_said_and_others_are_not_told() {
    let desk = Desk::new();
    let refused = desk.ask(&["sharing", "set", "--metrics", "0.0.0.0:8479"]);
    assert_eq!(refused.error()["code"], "metrics");
    assert!(is_sentence(&refused.error()["message"]), "{refused:?}");

    desk.tell(&["sharing", "set", "on", "--metrics", "127.0.0.1:0"]);
    let log = desk.path().join("log");
    let serving = serve(&desk, &[], &log);
    let operator = Visitor::new(&lookout(&log));
    assert_eq!(operator.get("/healthz").status, 200);
    // A certificate whose files are gone when the listener begins anew.
    let [chain, key] = desk.self_made("localhost");
    desk.tell(&["sharing", "set", "--certificate", &chain, "--key", &key]);
    assert_eq!(operator.get("/healthz").status, 200);
    std::fs::remove_file(&key).unwrap();
    let refused = desk.ask(&["sharing", "set", "--hsts", "off"]);
    assert_eq!(refused.error()["code"], "listen", "{refused:?}");
    let health = operator.get("/healthz");
    assert_eq!(health.status, 503);
    assert!(
        health.text().contains("key.pem cannot be read"),
        "{}",
        health.text()
    );
    assert!(
        std::fs::read_to_string(&log)
            .unwrap()
            .contains("links are not served")
    );
    drop(serving);
}

#[test]
fn a_log_tells_nothing_of_anyone() {
    for form in ["human", "json"] {
        let (desk, laptop) = (Desk::new(), Desk::new());
        for (desk, device) in [(&desk, "Schreibtisch"), (&laptop, "Klapprechner")] {
            desk.tell(&["init", "--person", "Annegret", "--device", device]);
            desk.tell(&["peer", "set", "--lan", "off"]);
        }
        desk.put("zwetschgenkuchen.jpg", &photo(1));
        let ids = desk.import();
        let album = desk.album("Kaffeekränzchen", &ids);
        let options = [
            "--album",
            &album,
            "--upload",
            "--comments",
            "--password",
            PASSWORD,
        ];
        let link = desk.link(&[&options[..], &["--label", "Tantchen"]].concat());
        let path = text(&link["path"]);
        let logs = [desk.path().join("log"), laptop.path().join("log")];
        let words = [
            "--log",
            form,
            "--log-level",
            "debug",
            "--metrics",
            "127.0.0.1:0",
        ];
        let one = serve(&desk, &words, &logs[0]);
        let other = serve(&laptop, &words, &logs[1]);

        let mut friend = Visitor::new(&one.url());
        assert_eq!(friend.unlock(&path, WRONG).status, 403);
        let let_in = friend.unlock(&path, PASSWORD);
        assert_eq!(let_in.status, 303);
        let cookie = let_in.header("set-cookie").unwrap();
        let pass = cookie.split(['=', ';']).nth(1).unwrap().to_owned();
        for route in friend.routes(&path) {
            friend.get(&route);
        }
        let sent = photo(3);
        let at = announce(&friend, &link, "apfelstrudel.jpg", sent.len());
        assert_eq!(patch(&friend, &at, 0, &sent).status, 204);
        until("what was sent was looked at", || {
            let inbox = desk.tell(&["inbox", "list"]);
            inbox.to_string().contains("apfelstrudel").then_some(())
        });
        let invite = desk.tell(&["peer", "invite", "--yes", "--own"]);
        let ticket = text(&invite["ticket"]);
        let joined = laptop.tell(&["peer", "join", &ticket, "--yes", "--own"]);
        assert_eq!(joined["state"], "done");
        laptop.tell(&["peer", "invite"]);
        // Whatever is told at the end is told.
        for serving in [&one, &other] {
            let id = serving.process().to_string();
            crate::programs::run("kill", &["-TERM", &id]);
        }
        let mut written = String::new();
        for log in &logs {
            written += &until("the log ends", || {
                let text = std::fs::read_to_string(log).unwrap();
                text.contains("has ended").then_some(text)
            });
        }
        for told in [
            "Albumen begins",
            "serves links",
            "work ended",
            "Albumen ends",
        ] {
            assert!(written.contains(told), "{told}: {written}");
        }
        let machines = joined["words"].as_array().unwrap();
        let key = path.trim_start_matches("/share/");
        let secrets = [key, PASSWORD, WRONG, &pass, &ticket, &album, &ids[0]];
        let names = [
            "zwetschgen",
            "apfelstrudel",
            "Kaffee",
            "Tantchen",
            "Annegret",
        ];
        let machines = machines.iter().map(|word| word.as_str().unwrap());
        let devices = [
            "Schreibtisch",
            "Klapprechner",
            "/share/",
            "User-Agent",
            "cookie",
        ];
        for secret in secrets.into_iter().chain(names).chain(devices) {
            assert!(!written.contains(secret), "{secret} is told: {written}");
        }
        let four = machines.collect::<Vec<_>>().join(" ");
        assert!(!written.contains(&four), "{four} is told: {written}");
        // Only addresses that the node itself listens at.
        let own = written.matches("127.0.0.1:").count();
        assert_eq!(own, 4, "{written}");
        if form == "json" {
            for line in written.lines() {
                let line: serde_json::Value = serde_json::from_str(line).unwrap();
                assert!(
                    line["level"].is_string() && line["message"].is_string(),
                    "{line}"
                );
            }
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_system_hears_when_it_runs_and_commands_are_answered_from_its_first_moment() {
    use std::os::unix::net::UnixDatagram;
    let desk = Desk::new();
    desk.put("one.jpg", &photo(1));
    desk.import();
    let address = desk.path().join("notify");
    let system = UnixDatagram::bind(&address).unwrap();
    system
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let mut told = [0; 64];
    let mut heard = || {
        let length = system.recv(&mut told).unwrap();
        String::from_utf8_lossy(&told[..length]).trim().to_owned()
    };
    for _ in 0..5 {
        let mut command = desk.command(&["serve", "--listen", "127.0.0.1:0"]);
        let mut serving = command
            .env("NOTIFY_SOCKET", &address)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Whichever of the two has the library first, neither fails.
        for _ in 0..3 {
            assert_eq!(desk.assets().len(), 1);
        }
        assert_eq!(heard(), "READY=1");
        assert_eq!(desk.assets().len(), 1);
        let process = serving.id().to_string();
        let asked = std::process::Command::new("kill").arg(process).status();
        assert!(asked.unwrap().success());
        assert_eq!(heard(), "STOPPING=1");
        assert_eq!(serving.wait().unwrap().code(), Some(0));
    }
}
