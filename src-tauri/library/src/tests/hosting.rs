//! Links that another machine serves: what it serves is what its home shows, for as long
//! as it may, and nothing is left of it afterwards.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::household::talk;
use super::order::ordered;
use super::partner_feed::follow_cut;
use super::partners::{fetch, timeline};
use super::peers::{device, guest, join, meet, named};
use super::{DAY, START, Story, is_nothing};
use crate::*;

const MINUTE: i64 = 60 * 1_000;

/// A desk, and a server that serves its links.
pub(super) struct Served {
    pub(super) desk: Story,
    pub(super) server: Story,
}

impl Served {
    pub(super) fn begin() -> Served {
        let served = Served {
            desk: named("Desk"),
            server: named("Server"),
        };
        join(&served.desk, &served.server);
        let server = device(&served.server).0;
        served.desk.library.set_server(server, true).unwrap();
        served.talk();
        served
    }

    /// Both are in contact until nothing is new.
    pub(super) fn talk(&self) {
        for _ in 0..2 {
            talk(&self.desk, &self.server);
            talk(&self.server, &self.desk);
        }
        self.server.library.renew_lease(device(&self.desk).0, false);
    }

    /// All that a link shows at a machine, in its order; `None` where it opens nothing.
    fn shown(at: &Story, link: &Link) -> Option<Vec<(String, u32)>> {
        match at.visit(link, None) {
            Visit::Open(access) => {
                let entries = access.entries(0, 100).unwrap();
                Some(
                    entries
                        .iter()
                        .map(|entry| (entry.item.clone(), entry.width))
                        .collect(),
                )
            }
            _ => None,
        }
    }

    pub(super) fn is_same(&self, link: &Link) -> bool {
        Served::shown(&self.desk, link) == Served::shown(&self.server, link)
    }
}

#[test]
fn a_link_opens_at_the_server_with_the_same_address_and_names() {
    let served = Served::begin();
    let photos = [
        served.desk.photo("lake.jpg", START),
        served.desk.photo("hill.jpg", START - DAY),
    ];
    let album = served.desk.album(&photos);
    let link = served
        .desk
        .link(album, |new| new.description = "For all".into());
    let chosen = Story::new_link(LinkOf::Assets(photos.to_vec()));
    let chosen = served.desk.library.create_link(chosen).unwrap();
    served.talk();
    for link in [&link, &chosen] {
        let shown = Served::shown(&served.server, link).unwrap();
        assert_eq!(shown.len(), 2);
        assert_eq!(Some(shown), Served::shown(&served.desk, link));
    }
    let access = served.server.access(&link);
    let (terms, at_home) = (access.terms().clone(), served.desk.access(&link));
    assert_eq!(&terms, at_home.terms());
    assert_eq!(
        (terms.title.as_str(), terms.from.as_str()),
        ("Summer", "Anna")
    );
    // It is the desk's, and nobody's else to list, change or end.
    let library = &served.server.library;
    assert!(library.links(None).unwrap().is_empty());
    assert_eq!(library.counts().unwrap().links, 0);
    assert_eq!(
        library.revoke_link(link.id).unwrap_err().code(),
        "not_found"
    );
    assert_eq!(library.revoke_all_links().unwrap(), 0);
    assert!(
        timeline(&served.server).is_empty(),
        "the photos are in no timeline"
    );
    let hosting = library.hostings().unwrap();
    assert_eq!((hosting[0].links, hosting[0].photos), (2, 2));
}

#[test]
fn bytes_are_given_out_once_they_are_there() {
    let served = Served::begin();
    let (photo, home) = (served.desk.photo("lake.jpg", START), device(&served.desk).0);
    let link = served
        .desk
        .link(served.desk.album(&[photo]), |new| new.show_metadata = true);
    served.talk();
    let lacking = served.server.library.lacking_of_links(home, 10).unwrap();
    let kinds: Vec<_> = lacking
        .iter()
        .map(|(_, what)| what.name().into_owned())
        .collect();
    assert_eq!(kinds, ["thumbnail", "preview", "original"]);
    let access = served.server.access(&link);
    let entry = access.entry_at(0).unwrap().unwrap();
    let refused = access.read(&entry, What::Download).err().unwrap();
    assert_eq!(refused.code(), "not_here");
    let bytes = fetch(&served.server, &served.desk, photo, KeptWhat::Original);
    let mut read = Vec::new();
    let mut given = access.read(&entry, What::Download).unwrap();
    std::io::Read::read_to_end(&mut given.body, &mut read).unwrap();
    assert_eq!(read, bytes);
    // What is kept for links is kept for good, until they end.
    served.server.library.sweep_kept().unwrap();
    assert!(
        served
            .server
            .library
            .is_kept(home, photo, KeptWhat::Original)
            .unwrap()
    );
    served.desk.library.revoke_link(link.id).unwrap();
    served.talk();
    assert!(is_nothing(&served.server.visit(&link, None)));
    assert!(!access.is_current().unwrap(), "who has it open is cut off");
    assert!(
        !served
            .server
            .library
            .is_kept(home, photo, KeptWhat::Original)
            .unwrap()
    );
    assert_eq!(
        served.server.library.any_asset(photo).unwrap_err().code(),
        "not_found"
    );
}

#[test]
fn what_the_server_keeps_of_the_library_outlives_a_link() {
    let served = Served::begin();
    let (photo, home) = (served.desk.photo("lake.jpg", START), device(&served.desk).0);
    let library = &served.server.library;
    library.set_peer_keep(home, Keep::Originals).unwrap();
    let link = served.desk.link(served.desk.album(&[photo]), |_| {});
    served.talk();
    fetch(&served.server, &served.desk, photo, KeptWhat::Original);
    served.desk.library.revoke_link(link.id).unwrap();
    served.talk();
    assert!(library.is_kept(home, photo, KeptWhat::Original).unwrap());
    let server = device(&served.server).0;
    served.desk.library.set_server(server, false).unwrap();
    served.talk();
    assert!(library.is_kept(home, photo, KeptWhat::Original).unwrap());
}

#[test]
fn what_was_looked_at_is_kept_for_a_link_and_goes_with_it() {
    let served = Served::begin();
    let (photo, home) = (served.desk.photo("lake.jpg", START), device(&served.desk).0);
    let library = &served.server.library;
    let wanted = || -> Option<bool> {
        let asked = "SELECT max(wanted) FROM kept WHERE home = ?1 AND what = 'original'";
        let read =
            |conn: &rusqlite::Connection| Ok(conn.query_row(asked, [home], |row| row.get(0))?);
        library.catalog.read(read).unwrap()
    };
    served.talk();
    fetch(&served.server, &served.desk, photo, KeptWhat::Original);
    assert_eq!(wanted(), Some(false));
    let link = served.desk.link(served.desk.album(&[photo]), |_| {});
    served.talk();
    assert_eq!(wanted(), Some(true), "the link needs it");
    // The photo is still known here, as one of the library's.
    served.desk.library.revoke_link(link.id).unwrap();
    served.talk();
    assert_eq!(wanted(), None);
}

#[test]
fn without_a_word_a_link_is_served_until_the_lease_ends() {
    let served = Served::begin();
    let link = served.desk.link(
        served.desk.album(&[served.desk.photo("a.jpg", START)]),
        |new| {
            new.expires_at = None;
        },
    );
    let server = device(&served.server).0;
    served
        .desk
        .library
        .set_lease(server, Some(3 * MINUTE), None)
        .unwrap();
    served.talk();
    let access = served.server.access(&link);
    served.server.later(3 * MINUTE - 1);
    assert!(access.is_current().unwrap());
    served.server.later(1);
    assert!(!access.is_current().unwrap());
    assert!(is_nothing(&served.server.visit(&link, None)));
    // A restart knows no more than was heard.
    served
        .server
        .library
        .keep_lease(device(&served.desk).0)
        .unwrap();
    assert!(is_nothing(&served.server.visit(&link, None)));
    served.talk();
    assert!(
        Served::shown(&served.server, &link).is_some(),
        "its home is back"
    );
    assert_eq!(
        served
            .desk
            .library
            .set_lease(server, Some(400 * DAY), None)
            .unwrap_err()
            .code(),
        "wrong"
    );
}

#[test]
fn a_home_that_said_that_it_rests_is_served_for_longer() {
    let served = Served::begin();
    let link = served.desk.link(
        served.desk.album(&[served.desk.photo("a.jpg", START)]),
        |new| {
            new.expires_at = None;
        },
    );
    served.talk();
    guest(&served.server, &served.desk).rests().unwrap();
    // It is still there for a moment, and says the same.
    served
        .server
        .library
        .renew_lease(device(&served.desk).0, true);
    served.server.later(29 * DAY);
    assert!(Served::shown(&served.server, &link).is_some());
    served.server.later(2 * DAY);
    assert!(is_nothing(&served.server.visit(&link, None)));
    served.talk();
    served.server.later(11 * MINUTE);
    assert!(
        is_nothing(&served.server.visit(&link, None)),
        "it rests no more"
    );
}

#[test]
fn another_persons_machine_serves_nothing_unless_it_was_told_to() {
    let (desk, ben) = (named("Desk"), named("Ben's"));
    ben.library.rename(Some("Ben".into()), None).unwrap();
    meet(&desk, &ben);
    let (photo, hidden) = (desk.photo("a.jpg", START), desk.photo("b.jpg", START));
    let link = desk.link(desk.album(&[photo]), |_| {});
    let (home, server) = (device(&desk).0, device(&ben).0);
    desk.library.set_server(server, true).unwrap();
    talk(&desk, &ben);
    assert!(desk.library.servers().unwrap().is_empty(), "it refused");
    assert!(guest(&desk, &ben).feed(Space::Links, 0, 0).is_err());
    ben.library.set_hosting(home, Keep::Previews).unwrap();
    desk.library.set_server(server, true).unwrap();
    for _ in 0..2 {
        talk(&desk, &ben);
        talk(&ben, &desk);
    }
    ben.library.renew_lease(home, false);
    assert_eq!(Served::shown(&ben, &link), Served::shown(&desk, &link));
    let lacking = ben.library.lacking_of_links(home, 10).unwrap();
    assert!(lacking.iter().all(|(_, what)| what.is_picture()));
    let right = guest(&desk, &ben);
    assert!(right.open(home, photo, KeptWhat::Original).is_ok());
    assert!(right.open(home, hidden, KeptWhat::Original).is_err());
    assert!(right.feed(Space::Library, 0, 0).is_err());
    // Ben has enough of it.
    ben.library.set_hosting(home, Keep::Nothing).unwrap();
    assert!(is_nothing(&ben.visit(&link, None)));
    assert!(ben.library.hostings().unwrap().is_empty());
}

#[test]
fn a_drop_box_opens_at_the_server_on_the_same_terms() {
    let served = Served::begin();
    let album = served.desk.album(&[served.desk.photo("a.jpg", START)]);
    let link = served.desk.link(album, |new| {
        new.upload = Uploads::Only;
        new.upload_files = 7;
    });
    served.talk();
    let (at_home, access) = (served.desk.access(&link), served.server.access(&link));
    assert_eq!(access.terms(), at_home.terms());
    assert_eq!(access.upload_room().unwrap().files, 7);
    let edit = LinkEdit {
        upload_files: Some(3),
        ..LinkEdit::default()
    };
    served.desk.library.edit_link(link.id, edit).unwrap();
    served.talk();
    assert!(!access.is_current().unwrap(), "who has it open asks anew");
    let access = served.server.access(&link);
    assert_eq!(access.upload_room().unwrap().files, 3);
}

#[test]
fn a_machine_that_is_forgotten_takes_its_links_along() {
    let served = Served::begin();
    let link = served.desk.link(
        served.desk.album(&[served.desk.photo("a.jpg", START)]),
        |_| {},
    );
    served.talk();
    let desk = device(&served.desk).0;
    served.server.library.forget(&desk.to_string()).unwrap();
    assert!(is_nothing(&served.server.visit(&link, None)));
}

/// After any changes, cuts and repeats, the server serves what the desk shows.
#[test]
fn after_any_cuts_the_server_serves_what_its_home_shows() {
    for seed in 0..12 {
        let mut random = StdRng::seed_from_u64(seed);
        let served = Served::begin();
        let library = &served.desk.library;
        library.set_pin(None, "1234").unwrap();
        let photos: Vec<AssetId> = (0..10)
            .map(|number| {
                served
                    .desk
                    .photo(&format!("{number}.jpg"), START + number * DAY)
            })
            .collect();
        let albums = [
            served.desk.album(&photos[..3]),
            served.desk.album(&photos[2..5]),
        ];
        let mut links = vec![served.desk.link(albums[0], |_| {})];
        let (home, space) = (device(&served.desk).0, Space::Links);
        let right = guest(&served.desk, &served.server);
        for _ in 0..50 {
            let pick = photos[random.random_range(0..photos.len())];
            let album = albums[random.random_range(0..2)];
            let link = links[random.random_range(0..links.len())].clone();
            let on = random.random_bool(0.5);
            // A photo in the trash cannot be locked, and so on: nothing is changed then.
            let _ = match random.random_range(0..9) {
                0 if on => library.trash(&[pick]).map(|_| ()),
                0 => library.restore(&[pick]).map(|_| ()),
                1 => library.set_locked(&[pick], on).map(|_| ()),
                2 | 3 if on => library.add_to_album(album, &[pick]).map(|_| ()),
                2 | 3 => library.remove_from_album(album, &[pick]).map(|_| ()),
                4 if on => {
                    links.push(served.desk.link(album, |_| {}));
                    Ok(())
                }
                4 => {
                    let new = Story::new_link(LinkOf::Assets(vec![pick, photos[0]]));
                    library.create_link(new).map(|made| links.push(made))
                }
                5 => library.revoke_link(link.id).map(|_| ()),
                6 if on => library.add_to_link(link.id, vec![pick]).map(|_| ()),
                6 => library.remove_from_link(link.id, vec![pick]).map(|_| ()),
                7 => {
                    let order = [AlbumOrder::Oldest, AlbumOrder::Newest][usize::from(on)];
                    library.edit_album(album, ordered(order)).unwrap();
                    let edit = LinkEdit {
                        paused: Some(on),
                        show_metadata: Some(random.random_bool(0.5)),
                        ..LinkEdit::default()
                    };
                    library.edit_link(link.id, edit).map(|_| ())
                }
                _ => library
                    .edit_assets(
                        &[pick],
                        AssetEdit {
                            shift_ms: Some(random.random_range(-5..5) * DAY),
                            ..AssetEdit::default()
                        },
                    )
                    .map(|_| ()),
            };
            if random.random_bool(0.5) {
                follow_cut(&mut random, &right, &served.server, home, space);
            }
        }
        served.talk();
        for link in &links {
            assert!(served.is_same(link), "seed {seed}");
        }
        let hosted: u64 = served.server.library.hostings().unwrap()[0].links;
        let open = library.links(None).unwrap();
        let open = open.iter().filter(|link| link.revoked_at.is_none()).count();
        assert_eq!(hosted, open as u64, "seed {seed}");
        served.server.is_indexed_truly();
        // What no link shows any more is not known there.
        let untold: i64 = served
            .server
            .library
            .catalog
            .read(|conn| {
                Ok(conn.query_row(
                    "SELECT count(*) FROM asset WHERE id NOT IN (SELECT asset FROM link_asset)",
                    [],
                    |row| row.get(0),
                )?)
            })
            .unwrap();
        assert_eq!(untold, 0, "seed {seed}");
    }
}
