//! Certificates that the program gets by itself: asked for, proven, served, renewed, kept.

use std::net::SocketAddr;

use crate::authority::Authority;
use crate::desk::{Desk, Serving, is_sentence, text, until};
use crate::sealed::{Seen, page};

const ANNA: &str = "anna.example.org";
const BEN: &str = "ben.example.org";

/// A desk whose two names an authority may certify.
fn named(authority: &Authority) -> Desk {
    let desk = Desk::new();
    let names = format!("{ANNA}, {BEN}");
    let directory = authority.directory();
    desk.tell(&[
        "sharing",
        "set",
        "--names",
        &names,
        "--acme-directory",
        &directory,
        "--acme-contact",
        "anna@example.org",
    ]);
    desk
}

/// A node that believes the authority, and where it listens.
fn serve(desk: &Desk, authority: &Authority) -> (Serving, SocketAddr) {
    let serving = desk.serve_with(|command| {
        command
            .env("SSL_CERT_FILE", authority.root())
            .env("NO_PROXY", "localhost");
    });
    let address = serving.url().trim_start_matches("http://").parse().unwrap();
    authority.lead_to(address);
    (serving, address)
}

fn seen(address: SocketAddr, name: &str, authority: &Authority) -> Seen {
    until(&format!("{name} has a certificate"), || {
        page(address, name, "/", &authority.root())
    })
}

#[test]
fn certificates_are_got_by_name_renewed_and_kept() {
    let authority = Authority::new(12);
    let desk = named(&authority);
    let shown = desk.tell(&["sharing", "show"]);
    assert_eq!(shown["acme"]["accepted"], false);
    drop(serve(&desk, &authority));
    assert_eq!(
        authority.requests(),
        0,
        "nothing before the terms were accepted"
    );

    desk.tell(&["sharing", "set", "--accept-acme-terms"]);
    let (serving, address) = serve(&desk, &authority);
    let (anna, ben) = (
        seen(address, ANNA, &authority),
        seen(address, BEN, &authority),
    );
    assert_ne!(anna.serial(), ben.serial());
    assert!(
        anna.head.contains("strict-transport-security: max-age="),
        "{}",
        anna.head
    );
    assert!(page(address, "carl.example.org", "/", &authority.root()).is_none());
    assert_eq!(authority.contacts().len(), 1, "one account for both");
    assert_eq!(authority.contacts()[0][0], "mailto:anna@example.org");
    let shown = desk.tell(&["sharing", "show"]);
    assert_eq!(shown["address"], format!("https://{ANNA}"));
    assert_eq!(shown["acme"]["certificates"][1]["name"], BEN);
    assert!(shown["problem"].is_null(), "{shown}");

    let again = until("it is renewed before it ends", || {
        let now = seen(address, ANNA, &authority);
        (now.serial() != anna.serial()).then_some(now)
    });
    assert!(
        authority.orders(ANNA).1 > 0,
        "the authority hears what it takes the place of"
    );
    authority.set_lifetime(3_600);
    let lasting = until("one that lasts takes its place", || {
        let now = seen(address, ANNA, &authority);
        let (_, parsed) = x509_parser::parse_x509_certificate(&now.certificate).unwrap();
        let left = parsed.validity().time_to_expiration()?;
        (left.whole_seconds() > 1_000).then(|| now.serial())
    });
    assert_ne!(again.serial(), lasting);
    drop(serving);

    let asked = authority.orders(ANNA).0;
    let (_serving, address) = serve(&desk, &authority);
    assert_eq!(
        seen(address, ANNA, &authority).serial(),
        lasting,
        "kept over a start"
    );
    assert_eq!(authority.orders(ANNA).0, asked);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let folder = desk.library().join("certificates");
        let files = crate::fixtures::files(&folder);
        assert_eq!(files.len(), 3, "{files:?}");
        for file in files {
            let mode = file.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", file.display());
        }
    }
}

#[test]
fn what_an_authority_refuses_is_said_with_what_to_do() {
    let authority = Authority::new(3_600);
    authority.lose(BEN);
    let desk = named(&authority);
    desk.tell(&["sharing", "set", "--accept-acme-terms"]);
    let (_serving, address) = serve(&desk, &authority);
    // One name that leads nowhere holds up no other.
    seen(address, ANNA, &authority);
    let problem = until("it is said", || {
        let shown = desk.tell(&["sharing", "show"]);
        let problem = &shown["acme"]["certificates"][1]["problem"];
        (!problem.is_null()).then(|| problem.clone())
    });
    assert!(is_sentence(&problem), "{problem}");
    assert!(
        text(&problem).contains("A or AAAA record of ben.example.org"),
        "{problem}"
    );
    assert_eq!(desk.tell(&["status"])["sharing"]["problem"], problem);
    assert_eq!(authority.orders(BEN), (1, 0), "not asked again at once");

    // Who mended it asks again by setting it again.
    authority.find(BEN);
    let shown = desk.tell(&["sharing", "set", "on", "--names", BEN]);
    assert_eq!(shown["address"], format!("https://{BEN}"));
    let own = shown["addresses"].as_array().unwrap().last().unwrap();
    let own = text(&own["url"]).trim_start_matches("https://").parse();
    let address: SocketAddr = own.unwrap();
    authority.lead_to(address);
    seen(address, BEN, &authority);
    assert!(page(address, ANNA, "/", &authority.root()).is_none());
}

#[test]
fn an_own_certificate_comes_first_and_other_terms_are_other_terms() {
    let authority = Authority::new(3_600);
    let desk = named(&authority);
    desk.tell(&["sharing", "set", "--accept-acme-terms"]);
    let [chain, key] = desk.self_made(ANNA);
    desk.tell(&["sharing", "set", "--certificate", &chain, "--key", &key]);
    let (serving, address) = serve(&desk, &authority);
    let own = page(address, ANNA, "/", chain.as_ref()).unwrap();
    assert!(
        !own.head.contains("strict-transport-security"),
        "{}",
        own.head
    );
    drop(serving);

    desk.tell(&["sharing", "set", "--certificate", "", "--key", ""]);
    desk.tell(&[
        "sharing",
        "set",
        "--acme-directory",
        "https://other.example/directory",
    ]);
    let shown = desk.tell(&["sharing", "show"]);
    assert_eq!(shown["acme"]["accepted"], false, "{shown}");
    drop(serve(&desk, &authority));
    assert_eq!(authority.requests(), 0);

    for (words, code) in [
        (["--names", "*.example.org"], "names"),
        (["--acme-directory", "http://ca.example"], "acme"),
        (["--acme-contact", "anna"], "acme"),
        (["--http", "port 80"], "listen"),
    ] {
        let words: Vec<&str> = ["sharing", "set"].into_iter().chain(words).collect();
        let refused = desk.ask(&words);
        assert_eq!(refused.error()["code"], code, "{words:?}");
        assert!(is_sentence(&refused.error()["message"]), "{refused:?}");
    }
}
