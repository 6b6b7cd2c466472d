//! Passwords of links, and what the catalog alone gives away.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};

use super::*;

const MINUTE: i64 = 60_000;

fn visitor(last: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, last))
}

#[test]
fn a_password_opens_its_own_link_until_it_changes() {
    let story = Story::begin();
    let album = story.album(&[story.photo("a.jpg", 0)]);
    let with_password = |new: &mut NewLink| new.password = Some("Käsekuchen".to_owned());
    let (link, other) = (
        story.link(album, with_password),
        story.link(album, with_password),
    );
    let Visit::Locked(locked) = story.visit(&link, None) else {
        panic!("it must be locked");
    };
    let try_it = |password: &str| story.library.unlock(&locked, password, visitor(1)).unwrap();
    assert_eq!(try_it("Kasekuchen"), Unlock::Wrong);
    // The same letters, composed by another keyboard.
    let Unlock::Opened(pass) = try_it("Ka\u{308}sekuchen") else {
        panic!("the password is right");
    };
    opened(story.visit(&link, Some(&pass.value)));
    assert!(matches!(
        story.visit(&other, Some(&pass.value)),
        Visit::Locked(_)
    ));
    for forged in ["", "AAAA", &pass.value[1..]] {
        assert!(matches!(story.visit(&link, Some(forged)), Visit::Locked(_)));
    }

    let edit = LinkEdit {
        password: Some("another one".to_owned()),
        ..LinkEdit::default()
    };
    story.library.edit_link(link.id, edit).unwrap();
    assert!(matches!(
        story.visit(&link, Some(&pass.value)),
        Visit::Locked(_)
    ));
    let edit = LinkEdit {
        password: Some(String::new()),
        ..LinkEdit::default()
    };
    assert!(!story.library.edit_link(link.id, edit).unwrap().has_password);
    story.access(&link);
}

#[test]
fn a_pass_ends_after_twelve_hours() {
    let story = Story::begin();
    let album = story.album(&[]);
    let link = story.link(album, |new| new.password = Some("long enough".to_owned()));
    let Visit::Locked(locked) = story.visit(&link, None) else {
        panic!("it must be locked");
    };
    let Unlock::Opened(pass) = story
        .library
        .unlock(&locked, "long enough", visitor(1))
        .unwrap()
    else {
        panic!("the password is right");
    };
    assert_eq!(pass.max_age_seconds, 12 * 60 * 60);
    story.later(DAY / 2 - 1);
    opened(story.visit(&link, Some(&pass.value)));
    story.later(1);
    assert!(matches!(
        story.visit(&link, Some(&pass.value)),
        Visit::Locked(_)
    ));
}

#[test]
fn wrong_passwords_make_their_own_network_wait() {
    let story = Story::begin();
    let album = story.album(&[]);
    let link = story.link(album, |new| new.password = Some("long enough".to_owned()));
    let Visit::Locked(locked) = story.visit(&link, None) else {
        panic!("it must be locked");
    };
    let guess = |from| story.library.unlock(&locked, "wrong guess", from).unwrap();
    for _ in 0..10 {
        assert_eq!(guess(visitor(1)), Unlock::Wrong);
    }
    for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
        assert_eq!(guess(visitor(1)), Unlock::Wait { seconds });
        assert_eq!(
            guess(visitor(2)),
            Unlock::Wrong,
            "others are not kept waiting"
        );
        story.later(seconds.cast_signed() * 1_000);
        assert_eq!(guess(visitor(1)), Unlock::Wrong);
        // The other's free tries come back after an hour, as ours do.
        story
            .library
            .catalog
            .write(|write| {
                write
                    .conn()
                    .execute("DELETE FROM wrong_password WHERE network = '192.0.2.2'", [])?;
                Ok(())
            })
            .unwrap();
    }
    story.later(60 * 60 * 1_000);
    assert_eq!(guess(visitor(1)), Unlock::Wrong);
    assert!(matches!(
        story
            .library
            .unlock(&locked, "long enough", visitor(1))
            .unwrap(),
        Unlock::Opened(_)
    ));
}

#[test]
fn the_owner_is_told_once_an_hour_that_a_password_is_being_guessed() {
    let story = Story::begin();
    let album = story.album(&[]);
    let link = story.link(album, |new| new.password = Some("long enough".to_owned()));
    let Visit::Locked(locked) = story.visit(&link, None) else {
        panic!("it must be locked");
    };
    // A hundred wrong ones from ten places, without the time that hashing them takes.
    let guessed_from = |network: &'static str| {
        let link = link.id;
        story.library.catalog.write(move |write| {
            for place in 0..10 {
                write.conn().execute(
                    "INSERT INTO wrong_password (link, network, tries, since, wait_to)
                     VALUES (?1, ?2 || ?3, 10, ?4, 0)",
                    (link, network, place, write.now_ms),
                )?;
            }
            Ok(())
        })
    };
    let told = |heard: &crossbeam_channel::Receiver<Change>| {
        let changes = heard.try_iter();
        changes.filter(|one| *one == Change::Link(link.id)).count()
    };
    let guess = |last| {
        let password = "wrong guess";
        story.library.unlock(&locked, password, visitor(last))
    };
    let at = || story.library.link(link.id).unwrap().guessed_at;
    let heard = story.library.changes();
    assert_eq!(guess(1).unwrap(), Unlock::Wrong);
    guessed_from("198.51.100.").unwrap();
    story.later(MINUTE);
    for _ in 0..3 {
        assert_eq!(guess(1).unwrap(), Unlock::Wrong);
    }
    assert_eq!((told(&heard), at()), (1, Some(START + MINUTE)));
    story.later(60 * MINUTE);
    guess(1).unwrap();
    assert_eq!(told(&heard), 0, "the hour begins anew with its count");
    guessed_from("203.0.113.").unwrap();
    story.later(MINUTE);
    guess(1).unwrap();
    assert_eq!((told(&heard), at()), (1, Some(START + 62 * MINUTE)));
    story.library.renew_link(link.id).unwrap();
    assert_eq!(at(), None, "a new address is not being guessed at");
}

#[test]
fn the_catalog_alone_opens_no_link() {
    let story = Story::begin();
    let album = story.album(&[]);
    let link = story.link(album, |new| new.password = Some("long enough".to_owned()));
    let key = link.key.clone().unwrap();
    let stolen = fs::read(story.folder.path().join("albumen.sqlite-wal")).unwrap();
    assert!(!stolen.is_empty());
    let holds = |text: &[u8]| stolen.windows(text.len()).any(|part| part == text);
    assert!(!holds(key.as_bytes()));
    assert!(!holds(b"long enough"));
}

#[test]
fn a_readable_name_needs_a_password() {
    let story = Story::begin();
    let album = story.album(&[]);
    let make = |name: &str, password: Option<&str>| {
        story.library.create_link(NewLink {
            of: LinkOf::Album(album),
            label: String::new(),
            description: String::new(),
            password: password.map(str::to_owned),
            expires_at: None,
            download: Download::Screen,
            show_metadata: false,
            name: Some(name.to_owned()),
            guessable: false,
            upload: Uploads::None,
            auto_accept: false,
            upload_files: UPLOAD_FILES,
            upload_bytes: UPLOAD_BYTES,
            comments: false,
            people: None,
        })
    };
    assert!(make("summer-2026", None).is_err());
    assert!(make("Summer!", Some("long enough")).is_err());
    assert!(make("summer-2026", Some("short")).is_err());
    let link = make("summer-2026", Some("long enough")).unwrap();
    assert!(make("summer-2026", Some("long enough")).is_err());
    let visit = story.library.visit(Address::Name("summer-2026"), None);
    assert!(matches!(visit.unwrap(), Visit::Locked(_)));
    let edit = LinkEdit {
        password: Some(String::new()),
        ..LinkEdit::default()
    };
    assert!(story.library.edit_link(link.id, edit).is_err());
}
