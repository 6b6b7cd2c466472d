//! What a home shows, handed on by its server while it is away: the same as the home
//! would, to the same people, and for as long as it may.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::household::{Household, person, seen};
use super::partners::{fetch, seen as seen_of};
use super::peers::{device, guest, join, meet, named};
use super::{DAY, START, Story};
use crate::*;

/// Anna's desk with its server, which Ben and Clara know, too.
pub(super) struct House {
    pub(super) all: Household,
    pub(super) server: Story,
    pub(super) desk: DeviceId,
}

impl House {
    pub(super) fn begin() -> House {
        let all = Household::begin();
        let server = named("Server");
        join(&all.anna, &server);
        for other in [&all.ben, &all.clara] {
            meet(&server, other);
        }
        let (desk, mirror) = (device(&all.anna).0, device(&server).0);
        all.anna.library.set_server(mirror, true).unwrap();
        let house = House { all, server, desk };
        super::household::talk(&house.all.anna, &house.server);
        for other in [&house.all.ben, &house.all.clara] {
            other.library.note_mirrors(desk, &[mirror]).unwrap();
        }
        house
    }

    /// The server hears all that the desk shows.
    pub(super) fn hear(&self) {
        super::household::talk(&self.server, &self.all.anna);
        for _ in 0..2 {
            for space in self.server.library.spaces_to_hand_on(self.desk).unwrap() {
                while !self.hear_page(space, None) {}
            }
        }
        self.server.library.renew_lease(self.desk, false);
    }

    /// The server hears one page, perhaps cut; true when that was all.
    fn hear_page(&self, space: Space, random: Option<&mut StdRng>) -> bool {
        let library = &self.server.library;
        let all = library.spaces_to_hand_on(self.desk).unwrap();
        if !all.contains(&space) {
            return true;
        }
        let from = library.mirror_cursor(self.desk, space).unwrap();
        let right = guest(&self.all.anna, &self.server);
        let page = right.feed_to_hand_on(space, from.epoch, from.revision);
        let Ok(mut page) = page else {
            return true;
        };
        cut(&mut page, from.revision, random);
        library.mirror(self.desk, space, page.clone()).unwrap();
        library.mirror(self.desk, space, page.clone()).unwrap();
        page.complete
    }

    /// Somebody hears all of it from the server.
    fn tell(&self, who: &Story) {
        for _ in 0..2 {
            for space in who.library.spaces_of(self.desk).unwrap() {
                while !self.tell_page(who, space, None) {}
            }
        }
    }

    fn tell_page(&self, who: &Story, space: Space, random: Option<&mut StdRng>) -> bool {
        let from = who.library.feed_cursor(self.desk, space).unwrap();
        let right = guest(&self.server, who);
        let Ok(mut page) = right.feed_of(self.desk, space, from.epoch, from.revision) else {
            return true;
        };
        cut(&mut page, from.revision, random);
        let mirror = device(&self.server).0;
        let taken = who
            .library
            .receive_by(mirror, self.desk, space, page.clone());
        assert_eq!(taken.unwrap(), 0);
        page.complete
    }

    /// Bytes that somebody has from the server of the desk's photo.
    fn fetched(&self, who: &Story, photo: AssetId, what: KeptWhat) -> Result<(), LibraryError> {
        guest(&self.server, who)
            .open(self.desk, photo, what)
            .map(drop)
    }
}

pub(super) fn cut(page: &mut Page, after: u64, random: Option<&mut StdRng>) {
    if let Some(random) = random
        && !page.rows.is_empty()
        && random.random_bool(0.5)
    {
        page.rows.truncate(random.random_range(0..page.rows.len()));
        page.revision = page.rows.last().map_or(after, |row| row.revision);
        page.complete = false;
    }
}

fn titled(story: &Story, album: AlbumId) -> Option<String> {
    Some(story.library.album(album).ok()?.title)
}

#[test]
fn a_member_sees_what_is_new_though_its_home_sleeps() {
    let house = House::begin();
    let (album, _) = house.all.album();
    let library = &house.all.anna.library;
    let new = house.all.anna.photo("hill.jpg", START + DAY);
    library.add_to_album(album, &[new]).unwrap();
    let edit = AlbumEdit {
        title: Some("By the lake".to_owned()),
        ..AlbumEdit::default()
    };
    library.edit_album(album, edit).unwrap();
    house.hear();
    let lacking = house
        .server
        .library
        .lacking_of_links(house.desk, 10)
        .unwrap();
    let of_new = lacking.iter().filter(|(id, _)| *id == new);
    assert_eq!(of_new.count(), 3, "pictures and original are to be kept");
    let bytes = fetch(&house.server, &house.all.anna, new, KeptWhat::Original);
    house.server.library.sweep_kept().unwrap();
    house.tell(&house.all.ben);
    assert_eq!(seen(&house.all.ben, album), seen(&house.all.anna, album));
    assert_eq!(
        titled(&house.all.ben, album).as_deref(),
        Some("By the lake")
    );
    let given = guest(&house.server, &house.all.ben)
        .open(house.desk, new, KeptWhat::Original)
        .unwrap();
    let Given::Original(mut given) = given else {
        panic!("an original was asked for");
    };
    let mut read = Vec::new();
    std::io::Read::read_to_end(&mut given.file, &mut read).unwrap();
    assert_eq!(read, bytes);
    // What its home tells later goes on from there, and tells nothing twice.
    super::household::talk(&house.all.ben, &house.all.anna);
    assert_eq!(seen(&house.all.ben, album), seen(&house.all.anna, album));
    // It is in nobody's sight at the server.
    assert!(house.server.library.album(album).is_err());
    assert!(super::partners::timeline(&house.server).is_empty());
}

#[test]
fn what_moves_is_kept_to_be_handed_on_too() {
    let house = House::begin();
    let (anna, ben) = (&house.all.anna, &house.all.ben);
    let (live, ..) = super::parts::live(anna);
    let album = anna.album(&[live]);
    let library = &anna.library;
    library
        .share_album(album, &[person(ben)], Role::Viewer)
        .unwrap();
    house.all.settle();
    ben.library.answer_offer(album, true).unwrap();
    house.all.settle();
    house.hear();
    let server = &house.server.library;
    let moving = (live, KeptWhat::Motion);
    let lacking = |home| server.lacking_of_links(home, 20).unwrap();
    assert!(lacking(house.desk).contains(&moving));
    // Where no originals are kept, it is asked of its home.
    server.set_hosting(house.desk, Keep::Previews).unwrap();
    assert!(!lacking(house.desk).contains(&moving));
}

#[test]
fn only_who_is_shown_something_hears_of_it() {
    let house = House::begin();
    let (album, photo) = house.all.album();
    let library = &house.all.anna.library;
    let dora = named("Dora's");
    dora.library.rename(Some("Dora".into()), None).unwrap();
    meet(&house.server, &dora);
    meet(&house.all.anna, &dora);
    library
        .unshare_album(album, person(&house.all.clara), false)
        .unwrap();
    house.hear();
    fetch(&house.server, &house.all.anna, photo, KeptWhat::Original);
    house.tell(&house.all.clara);
    assert!(
        house.all.clara.library.album(album).is_err(),
        "she was removed"
    );
    for other in [&dora, &house.all.clara] {
        let right = guest(&house.server, other);
        for space in [
            Space::Album(album),
            Space::Shared(person(&house.all.ben)),
            Space::Partner(person(&house.all.ben)),
            Space::Library,
            Space::Links,
        ] {
            let refused = right.feed_of(house.desk, space, 0, 0).unwrap_err();
            assert_eq!(refused.code(), "not_shared");
        }
        assert!(house.fetched(other, photo, KeptWhat::Original).is_err());
        // Nor may they follow the desk to hand on what others are shown.
        let right = guest(&house.all.anna, other);
        let refused = right.feed_to_hand_on(Space::Album(album), 0, 0);
        assert_eq!(refused.unwrap_err().code(), "not_shared");
    }
    house
        .fetched(&house.all.ben, photo, KeptWhat::Original)
        .unwrap();
}

#[test]
fn originals_and_links_are_for_those_whom_the_home_gives_them() {
    let house = House::begin();
    let (album, photo) = house.all.album();
    let (ben, clara) = (&house.all.ben, &house.all.clara);
    let edit = SharingEdit {
        originals: Some(false),
        linking: Some(true),
        ..SharingEdit::default()
    };
    house.all.anna.library.edit_sharing(album, edit).unwrap();
    house.all.settle();
    let terms = EditorTerms {
        label: "Grandma".to_owned(),
        expires_at: None,
        download: Download::None,
        show_metadata: false,
    };
    ben.library.ask_link(album, terms).unwrap();
    super::household::talk(ben, &house.all.anna);
    house.hear();
    fetch(&house.server, &house.all.anna, photo, KeptWhat::Original);
    house.fetched(ben, photo, KeptWhat::Original).unwrap();
    let refused = house.fetched(clara, photo, KeptWhat::Original);
    assert_eq!(refused.unwrap_err().code(), "not_shared");
    house.tell(ben);
    house.tell(clara);
    let links = ben.library.editor_links(album).unwrap();
    assert!(links[0].address.is_some(), "its editor hears where it is");
    assert!(clara.library.editor_links(album).unwrap().is_empty());
}

#[test]
fn nothing_is_handed_on_once_the_lease_ends_or_the_home_ends_it() {
    let house = House::begin();
    let (album, photo) = house.all.album();
    house.hear();
    fetch(&house.server, &house.all.anna, photo, KeptWhat::Original);
    house
        .fetched(&house.all.ben, photo, KeptWhat::Original)
        .unwrap();
    house.server.later(LEASE_MS);
    assert!(
        house
            .fetched(&house.all.ben, photo, KeptWhat::Original)
            .is_err()
    );
    let right = guest(&house.server, &house.all.ben);
    assert!(
        right
            .feed_of(house.desk, Space::Album(album), 0, 0)
            .is_err()
    );
    house.hear();
    assert!(right.feed_of(house.desk, Space::Album(album), 0, 0).is_ok());
    let mirror = device(&house.server).0;
    house.all.anna.library.set_server(mirror, false).unwrap();
    super::household::talk(&house.all.anna, &house.server);
    assert!(
        right
            .feed_of(house.desk, Space::Album(album), 0, 0)
            .is_err()
    );
    let library = &house.server.library;
    assert!(library.spaces_to_hand_on(house.desk).unwrap().is_empty());
    assert!(
        !library
            .is_kept(house.desk, photo, KeptWhat::Original)
            .unwrap()
    );
}

#[test]
fn a_library_is_handed_on_to_the_partner_alone_until_it_ends() {
    let house = House::begin();
    let photo = house.all.anna.photo("lake.jpg", START);
    let (anna, ben) = house.all.partners(PartnerRules::default());
    let new = house.all.anna.photo("hill.jpg", START + DAY);
    house.hear();
    house.tell(&house.all.ben);
    assert_eq!(seen_of(&house.all.ben, anna), ["hill.jpg", "lake.jpg"]);
    let lacking = house
        .server
        .library
        .lacking_of_links(house.desk, 10)
        .unwrap();
    assert!(lacking.iter().all(|(_, what)| what.is_picture()));
    fetch(&house.server, &house.all.anna, new, KeptWhat::Original);
    house
        .fetched(&house.all.ben, new, KeptWhat::Original)
        .unwrap();
    assert!(
        house
            .fetched(&house.all.clara, new, KeptWhat::Original)
            .is_err()
    );
    // What is archived is theirs no more, at the server either.
    house.all.anna.library.archive(&[new], true).unwrap();
    house.hear();
    assert!(
        house
            .fetched(&house.all.ben, new, KeptWhat::Original)
            .is_err()
    );
    assert!(
        !house
            .server
            .library
            .is_kept(house.desk, new, KeptWhat::Original)
            .unwrap()
    );
    house.all.anna.library.end_partner(ben).unwrap();
    house.hear();
    let right = guest(&house.server, &house.all.ben);
    assert!(
        right
            .feed_of(house.desk, Space::Partner(ben), 0, 0)
            .is_err()
    );
    house.tell(&house.all.ben);
    assert!(
        seen_of(&house.all.ben, anna).is_empty(),
        "it hears so there"
    );
    let rows: i64 = house
        .server
        .library
        .catalog
        .read(|conn| {
            Ok(conn.query_row(
                "SELECT count(*) FROM mirrored WHERE row = ?1 AND body IS NOT NULL",
                [photo],
                |row| row.get(0),
            )?)
        })
        .unwrap();
    assert_eq!(rows, 0);
}

#[test]
fn only_machines_that_the_home_named_speak_for_it() {
    let house = House::begin();
    let (album, _) = house.all.album();
    house.hear();
    let (ben, space) = (&house.all.ben, Space::Album(album));
    let right = guest(&house.server, ben);
    let page = right.feed_of(house.desk, space, 0, 0).unwrap();
    let stranger = device(&house.all.clara).0;
    let refused = ben
        .library
        .receive_by(stranger, house.desk, space, page.clone());
    assert_eq!(refused.unwrap_err().code(), "not_shared");
    // Another life of the home begins with a word of itself.
    let mirror = device(&house.server).0;
    let other = Page {
        epoch: page.epoch ^ 1,
        ..page.clone()
    };
    let refused = ben.library.receive_by(mirror, house.desk, space, other);
    assert_eq!(refused.unwrap_err().code(), "not_shared");
    // Who people are is told by themselves.
    let refused = ben
        .library
        .receive_by(mirror, house.desk, Space::Cards, Page::default());
    assert_eq!(refused.unwrap_err().code(), "not_shared");
    ben.library.note_mirrors(house.desk, &[]).unwrap();
    let refused = ben.library.receive_by(mirror, house.desk, space, page);
    assert_eq!(refused.unwrap_err().code(), "not_shared");
    assert_not_backed_up(&house.server.library);
}

/// A backup holds nothing that is handed on.
pub(super) fn assert_not_backed_up(library: &Library) {
    let backup = library.back_up().unwrap();
    let copy = rusqlite::Connection::open(backup.backup.folder.join("albumen.sqlite")).unwrap();
    let held: i64 = copy
        .query_row(
            "SELECT (SELECT count(*) FROM mirrored) + (SELECT count(*) FROM parcel)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(held, 0);
}

/// After any changes, cuts, repeats and turns between the two, a member sees what the
/// home shows.
#[test]
fn after_any_cuts_a_member_sees_what_the_home_shows() {
    for seed in 0..6 {
        let mut random = StdRng::seed_from_u64(seed);
        let house = House::begin();
        let (album, _) = house.all.album();
        let (anna, ben) = (&house.all.anna, &house.all.ben);
        let photos: Vec<AssetId> = (0..8)
            .map(|number| anna.photo(&format!("{number}.jpg"), START + number * DAY))
            .collect();
        let library = &anna.library;
        for step in 0..50 {
            let pick = photos[random.random_range(0..photos.len())];
            let on = random.random_bool(0.5);
            let done = match random.random_range(0..6) {
                0 if on => library.add_to_album(album, &[pick]).map(|_| ()),
                0 => library.remove_from_album(album, &[pick]).map(|_| ()),
                1 if on => library.trash(&[pick]).map(|_| ()),
                1 => library.restore(&[pick]).map(|_| ()),
                2 => library
                    .edit_album(
                        album,
                        AlbumEdit {
                            title: Some(format!("Title {step}")),
                            order: Some([AlbumOrder::Oldest, AlbumOrder::Newest][usize::from(on)]),
                            ..AlbumEdit::default()
                        },
                    )
                    .map(|_| ()),
                3 => library
                    .set_role(
                        album,
                        person(ben),
                        if on { Role::Editor } else { Role::Viewer },
                    )
                    .map(|_| ()),
                _ => Ok(()),
            };
            // A photo in the trash cannot be put into an album: nothing is changed then.
            let _ = done;
            let spaces = [Space::Shared(person(ben)), Space::Album(album)];
            let space = spaces[random.random_range(0..2)];
            match random.random_range(0..4) {
                0 => drop(house.hear_page(space, Some(&mut random))),
                1 => house.hear(),
                2 => drop(house.tell_page(ben, space, Some(&mut random))),
                _ if on => super::household::talk(ben, anna),
                _ => {}
            }
        }
        house.hear();
        house.tell(ben);
        assert_eq!(seen(ben, album), seen(anna, album), "seed {seed}");
        assert_eq!(titled(ben, album), titled(anna, album), "seed {seed}");
        assert_eq!(
            ben.library.members(album).unwrap().len(),
            library.members(album).unwrap().len(),
            "seed {seed}"
        );
        ben.is_indexed_truly();
    }
}
